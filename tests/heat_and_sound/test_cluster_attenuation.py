"""Attenuation by clusters: each rung against the power of single two-level systems, the glass limit, the quantity."""

from itertools import product

import numpy as np
import pytest

from helpers import reference, reference_chain, reference_cluster_sound, sound_points
from helpers import reference_attenuation as single
from physics import QUANTITIES
from physics.constants import BOLTZMANN, HBAR
from physics.heat_and_sound.attenuation import F_relaxation, F_resonant
from physics.heat_and_sound.attenuation_integral import FULL, RWA, VAN_VLECK
from physics.heat_and_sound.ladder_attenuation import _ladder_attenuation, cluster_attenuation
from physics.levels.clusters import Ladder
from physics.numerics.quadrature import gauss_legendre

KINDS = {"rwa": RWA, "full": FULL, "van_vleck": VAN_VLECK}
PROMISED = QUANTITIES["attenuation"].accuracy
SOUND = {"Pd_glass": 7.2e44, "Estar_glass": 20.0}
IN_004 = {"distribution": "clusters", "U0": 1e-48, "convention": "published"}
POINTS = {
    "resonance inside": (0.1, 0.02, 1e47, 5.0, 2e-48, 0.3, 0.15),
    "resonance above T": (0.02, 0.01, 1e47, 5.0, 1e-48, 0.05, 0.2),
    "resonance below the primary amplitude": (0.05, 0.3, 1e47, 5.0, 1e-48, 0.2, 0.1),
    "frequency above the cut-off": (0.3, 0.05, 1e46, 0.8, 1e-48, 1.0, 1.1),
    "slow sound": (0.2, 0.05, 1e47, 3.0, 1e-48, 0.1, 1e-4),
}


def summed(T, Lambda0, Pd, W, U0, chi, w, power, rungs=9):
    """(2/omega) int dDelta sum_n P_n(t(E)) power, hbar = k_B = 1: F of eq. (14), on panels that shrink towards the
    resonance and towards Delta = 0."""
    ladder = reference_chain.Ladder(T, Lambda0, Pd, W, U0, rungs)
    total = 0.0
    for n, L in enumerate(ladder.amplitudes, 1):
        end = np.sqrt(W**2 - L**2)
        edges = [0.0, end, np.sqrt(max(T**2 - L**2, 0.0)), *(T * np.arange(1, 120, 2)), *(L * 2.0 ** np.arange(-2, 90))]
        if w > L:
            width = single.width_of(w, (L / w) ** 2, T, chi)
            centre = np.sqrt(w**2 - L**2)
            edges += [centre, *(centre + sign * width * 2.0**k for sign in (-1, 1) for k in range(-2, 90))]
        Delta, dDelta = reference.panels(np.unique([edge for edge in edges if 0 <= edge <= end]))
        E = np.hypot(Delta, L)
        p = (L / E) ** 2
        total += np.sum(dDelta * ladder.density(n, E) * power(w, E, p, T, single.width_of(E, p, T, chi)))
    return 2 / w * total


@pytest.mark.parametrize("name", POINTS)
def test_each_rung_against_single_two_level_systems(name):
    T, Lambda0, Pd, W, U0, chi, w = POINTS[name]
    found = cluster_attenuation([*KINDS.values(), None], T, Lambda0, Pd, W, chi, w, U0=U0)
    for kind, value in zip(KINDS, found[:3], strict=True):
        expected = summed(*POINTS[name], lambda *a, kind=kind: single.resonant_power(*a, kind))
        assert value == pytest.approx(expected, rel=1e-8), kind
    # Eq. (16) as printed is twice the average of (12).
    assert found[3] == pytest.approx(2 * summed(*POINTS[name], single.relaxation_power), rel=1e-8)


@pytest.mark.parametrize("resonance", sound_points.RESONANCES)
def test_accuracy_at_drawn_points_of_the_domain(resonance):
    axes = sound_points.drawn(resonance, 6, 11)
    T, Lambda0, Pd, chi, Estar, omega = (axes[name] for name in ("T", "Lambda0", "Pd", "chi", "Estar", "omega"))
    points = zip(T, Lambda0, Pd, Estar, [sound_points.U0] * 6, chi, HBAR * omega / BOLTZMANN, strict=True)
    expected = [reference_cluster_sound.F(*point) for point in points]
    for convention, factor in (("published", 1), ("consistent", 2)):
        relaxation = factor * np.array([F["relaxation"] for F in expected])
        for kind in sound_points.KINDS:
            resonant = np.array([F[kind] for F in expected])
            # chi of 004 is twice that of 001.
            given = axes | ({"chi": axes["chi"] / 2} if convention == "consistent" else {})
            found = sound_points.values(given, "clusters", kind, convention)
            np.testing.assert_allclose(found["F_resonant"], resonant, rtol=PROMISED)
            np.testing.assert_allclose(found["F_relaxation"], relaxation, rtol=PROMISED, atol=1e-290)
            np.testing.assert_allclose(found["W"], omega / 2 * (resonant + relaxation), rtol=PROMISED)
            assert (found["status"] == 0).all()


def test_a_resonance_far_beyond_the_cut_off_under_every_option():
    """The kernel did not return here: rounding left centre + d below the last level."""
    T, Lambda0, Pd, chi, Estar, omega = 1.0, 1e-3, 1e46, 0.1, 2.5e-3, 4e10
    point = {"T": T, "Lambda0": Lambda0, "Pd": Pd, "chi": chi, "Estar": Estar, "omega": omega}
    w = HBAR * omega / BOLTZMANN
    F = reference_cluster_sound.F(T, Lambda0, Pd, Estar, 1e-48, chi, w)
    in_glass = chi, w / SOUND["Estar_glass"], 2 * T / SOUND["Estar_glass"]
    glass = {kind: single.F_resonant(*in_glass, kind) for kind in KINDS}
    glass["relaxation"] = single.F_relaxation(*in_glass)
    parts = {"both": (1, 1), "resonant": (1, 0), "relaxation": (0, 1)}
    for kind, (convention, factor), (mechanism, (first, third)) in product(
        KINDS, {"published": 1, "consistent": 2}.items(), parts.items()
    ):
        options = {"counter_rotating": kind, "convention": convention, "mechanism": mechanism}
        given = dict(point)
        if convention == "consistent":
            # Letters of 001: half of chi, and P of the reference is Pd_glass/A(p_min_glass).
            given |= {"chi": chi / 2, "p_min_glass": 1e-12, "Pd_glass": SOUND["Pd_glass"] * np.arccosh(1e6)}
        found = QUANTITIES["attenuation"](**(SOUND | given), **options, distribution="clusters", U0=1e-48)
        total = first * F[kind] + third * factor * F["relaxation"]
        reference_total = first * glass[kind] + third * factor * glass["relaxation"]
        assert found["F_resonant"] == pytest.approx(F[kind], rel=PROMISED, abs=0)
        assert found["F_relaxation"] == pytest.approx(factor * F["relaxation"], rel=PROMISED, abs=0)
        assert found["W"] == pytest.approx(omega / 2 * total, rel=PROMISED, abs=0)
        ratio = Pd * total / (SOUND["Pd_glass"] * reference_total)
        assert found["W_over_glass"] == pytest.approx(ratio, rel=PROMISED, abs=0)
        assert found["status"] == 0


@pytest.mark.parametrize(("chi", "Omega", "theta"), [(0.3, 0.02, 0.1), (0.05, 1e-4, 0.5), (1.0, 0.3, 0.02)])
def test_uniform_weights_absorb_as_the_glass(chi, Omega, theta):
    """A uniform ln(Delta0), with the density 1 per e-fold, is the glass of paper 004, eq. (2)."""
    Estar, step = 1.0, 0.2
    amplitudes = Estar * np.exp(-step * (0.5 + np.arange(150)))
    series = np.full((len(amplitudes), 1), step)
    ladder = Ladder(amplitudes, series, series[:, 0].copy(), series.sum(axis=0), 0.0, 0.0, theta / 2, Estar)

    def found(kind, relaxation):
        return _ladder_attenuation(kind, relaxation, ladder, chi, Omega, gauss_legendre())

    # The ladder ends at E*, where the glass has levels with Delta0 up to E: the sum over ln(Delta0) is a midpoint rule.
    assert found(RWA, True) == pytest.approx(float(F_relaxation(chi, Omega, theta)), rel=1e-6)
    for name, kind in KINDS.items():
        expected = float(F_resonant(chi, Omega, theta, counter_rotating=name))
        assert found(kind, False) == pytest.approx(expected, rel=2e-2), name


def test_slow_sound_hits_the_resonance_of_one_rung():
    """An amplitude below omega: pi tanh(omega/2T) L^2/(omega sqrt(omega^2 - L^2)) for a narrow line."""
    T, L, w = 0.5, 1e-12, 1e-3
    ladder = Ladder(np.array([L]), np.ones((1, 1)), np.ones(1), np.ones(1), 0.0, 0.0, T, 5.0)
    found = _ladder_attenuation(FULL, False, ladder, 1e-3, w, gauss_legendre())
    assert found == pytest.approx(np.pi * np.tanh(w / (2 * T)) * L**2 / (w * np.sqrt(w**2 - L**2)), rel=1e-6)


def test_the_quantity():
    point = {"T": [0.05, 0.2], "Lambda0": 0.01, "Pd": 1e47, "chi": 0.1, "Estar": 5.0, "omega": 1e9}
    result = QUANTITIES["attenuation"](**point, **SOUND, **IN_004)
    w = HBAR * 1e9 / BOLTZMANN
    first, third = cluster_attenuation([RWA, None], [0.05, 0.2], 0.01, 1e47, 5.0, 0.1, w, U0=1e-48)
    np.testing.assert_allclose(result["F_resonant"], first, rtol=1e-13)
    np.testing.assert_allclose(result["F_relaxation"], third, rtol=1e-13)
    np.testing.assert_allclose(result["W"], 0.5e9 * (first + third), rtol=1e-14)
    glass = {"T": point["T"], "Pd": 7.2e44, "chi": 0.1, "Estar": 20.0, "omega": 1e9}
    W_glass = QUANTITIES["attenuation"](**glass, **SOUND, convention="published", variables=("W",))["W"]
    np.testing.assert_allclose(result["W_over_glass"], 1e47 * result["W"] / (7.2e44 * W_glass), rtol=1e-12)
    assert result["status"].tolist() == [0, 0]
    outside = QUANTITIES["attenuation"](**(point | {"Estar": 0.015}), **SOUND, **IN_004)
    assert np.isnan(outside["W"]).all() and outside["status"].tolist() == [1, 1]
