"""Estimates of what destroys the coherence of magnetic grains, and which of them fails first."""

import math

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import brentq

from helpers.unlimited import unlimited
from physics import ParameterError
from physics.constants import BOLTZMANN, HBAR
from physics.grains.environment import (
    bulk_coupling,
    coflip_number,
    diffusion_limit,
    largest_spin,
    level_coupling,
    level_splitting,
    ohmic_damping,
    phonon_damping,
    renormalised_splitting,
    sphere_form_factor,
    surface_coupling,
    tunnelling_amplitude,
)

COHERENCE = unlimited("grain_coherence")
CONSTANTS = {"Omega_bounce": 4e10, "g_kondo": 0.1, "bandwidth": 1e4, "K_anisotropy": 1.0, "Theta_D": 300.0}
GOOD = {"T": 1e-3, "S": 1e3, "N_nuclei": 1.0, "omega0": 1e5, "T2": 1.0, "Delta_tilde": 1e6}


def limit(changed, **options):
    value = int(COHERENCE(**(GOOD | changed), **CONSTANTS, **options, variables=("limit",))["limit"])
    return next(name for name, flag in COHERENCE.variable("limit").flags.items() if flag == value)


@pytest.mark.parametrize("kappa", [1e-3, 0.3, 0.999, 1.001, 5.0, 40.0])
def test_form_factor_of_a_sphere(kappa):
    """The distribution of the distance of two points in a sphere, (3 s^2)(1 - 3s/4 + s^3/16), s = r/R < 2."""
    with mpmath.workdps(25):
        exact = mpmath.quad(
            lambda s: 3 * s**2 * (1 - 0.75 * s + s**3 / 16) * mpmath.sinc(kappa * s) ** 2,
            mpmath.linspace(0, 2, 3 + int(kappa)),
        )
    assert sphere_form_factor(kappa) == pytest.approx(float(exact), rel=1e-11)


def test_distances_in_a_sphere():
    points = np.random.default_rng(0).normal(size=(2, 200_000, 3))
    points *= (np.random.default_rng(1).random((2, 200_000, 1)) ** (1 / 3)) / np.linalg.norm(points, axis=2)[..., None]
    r = np.linalg.norm(points[0] - points[1], axis=1)
    assert np.mean(np.sinc(2.0 * r / np.pi) ** 2) == pytest.approx(float(sphere_form_factor(2.0)), rel=1e-2)


def test_limits_of_the_form_factor():
    assert sphere_form_factor(1e-4) == pytest.approx(1 - 0.4e-8, abs=1e-12)
    assert sphere_form_factor(1e4) == pytest.approx(9 / 8e8, rel=1e-6)
    assert bulk_coupling(1e3, 0.1, 1e3) == pytest.approx(9 / 4 * (0.1 * 1e3 / 1e3) ** 2, rel=1e-5)


@pytest.mark.parametrize(("T", "Delta", "D"), [(1e-3, 1e6, 1e4), (0.1, 1e8, 2e4), (1.0, 1e3, 1e3)])
def test_largest_spin_solves_11(T, Delta, D):
    def logarithm(S):
        return math.log(2 * math.pi * 0.01 * S ** (2 / 3) * D * BOLTZMANN / (S * HBAR * Delta))

    S = brentq(lambda S: S * T / D * logarithm(S) - 1, 1.0, 1e9, rtol=1e-15)
    assert largest_spin(T, Delta, 0.1, D) == pytest.approx(S, rel=1e-11)


def test_no_largest_spin_where_the_logarithm_is_small():
    assert largest_spin(1e-9, 1e15, 0.1, 1e4) == np.inf


def test_tunnelling_amplitude():
    bounce, amplitude = tunnelling_amplitude(30.0, 0.01, 1.0)
    assert bounce == pytest.approx(0.2 * BOLTZMANN / HBAR, rel=1e-12)
    assert amplitude / bounce == pytest.approx(math.exp(-3), rel=1e-12)


def test_coflips_are_half_the_sum_of_squared_amplitudes():
    alpha = math.pi * 5e7 / (math.sqrt(2) * 4e10)
    assert coflip_number(5e7, 100, 4e10) == pytest.approx(0.5 * 100 * alpha**2, rel=1e-13)


def test_diffusion_limit_solves_its_condition():
    """The bias wanders by mu omega0 (T2 Delta)^(-1/2) in a time 1/Delta."""
    Delta = diffusion_limit(5000, 2e4, 1e-5)
    assert math.sqrt(5000) * 2e4 / math.sqrt(1e-5 * Delta) == pytest.approx(float(Delta), rel=1e-12)
    assert diffusion_limit(5000, 1e5, 1e-5) == pytest.approx(5000 ** (1 / 3) * 1e5, rel=1e-12)


def test_renormalised_splittings():
    assert renormalised_splitting(1e6, 4e10, 0.5) == pytest.approx(1e12 / 4e10, rel=1e-12)
    # Self-consistency: Delta_r = Delta (Delta_r/Omega)^alpha.
    found = renormalised_splitting(1e6, 4e10, 0.3)
    assert found == pytest.approx(1e6 * (found / 4e10) ** 0.3, rel=1e-12)
    assert renormalised_splitting(1e6, 4e10, 1.0) == 0
    assert level_splitting(1e6, 4e10, 5.0, 1e3, 1e4) == 1e6
    spacing = 1e4 / 1e5 * BOLTZMANN / HBAR
    assert level_splitting(1e6, 4e10, 2.0, 1e5, 1e4) == pytest.approx(1e6 * (spacing / 4e10) ** 2, rel=1e-12)


def test_damping_by_levels_is_activated():
    assert level_coupling(1e3, 0.1, 1e4, 2.0) == pytest.approx(1.0 / (1 + math.exp(5)), rel=1e-12)
    assert surface_coupling(1e3, 0.1) == pytest.approx(1.0, rel=1e-12)
    assert ohmic_damping(0.5, 0.1) == pytest.approx(math.pi * 0.1 * BOLTZMANN / HBAR, rel=1e-12)
    assert level_coupling(1.0, 0.1, 1e4, 20.0) == pytest.approx(0.01 * math.exp(-500), rel=1e-12)
    assert level_coupling(1.0, 0.1, 1e4, 1e-3) == 0


def test_phonons():
    common = (1e3, 1e6, 4e10, 1.0, 300.0)
    hot, hotter = phonon_damping(1.0, *common), phonon_damping(2.0, *common)
    assert hotter / hot == pytest.approx(2, rel=1e-6)
    cold = phonon_damping(1e-9, *common)
    quantum = HBAR * 1e6 / BOLTZMANN
    assert cold == pytest.approx((1e6 / 4e10) ** 2 * 1e6 / 300 * BOLTZMANN / HBAR * (quantum / 300) ** 3, rel=1e-12)
    assert phonon_damping(1.0, *common, diagonal=True) / hot == pytest.approx((4e10 / 1e6) ** 2, rel=1e-12)


@pytest.mark.parametrize(
    ("changed", "options", "expected"),
    [
        ({}, {}, "coherent"),
        ({"omega0": 1e7}, {}, "degeneracy"),
        ({"omega0": 1e7}, {"ensemble": "resonant"}, "coherent"),
        ({"omega0": 1e9, "N_nuclei": 1e5}, {"ensemble": "resonant"}, "coflips"),
        ({"T2": 1e-7}, {}, "nuclear_diffusion"),
        ({"T": 1.0, "S": 1e4}, {}, "electrons"),
        ({"T": 1.0, "S": 1e4}, {"electrons": "none"}, "coherent"),
        ({}, {"electrons": "surface"}, "electrons"),
        ({"S": 1e7, "T": 100.0, "Delta_tilde": 1e9}, {"electrons": "none"}, "phonons"),
    ],
)
def test_what_fails_first(changed, options, expected):
    assert limit(changed, **options) == expected


def test_margins_are_what_the_functions_give():
    found = COHERENCE(**GOOD, **CONSTANTS)
    assert found["margin_degeneracy"] == pytest.approx(10.0)
    assert found["margin_coflips"] == pytest.approx(1 / coflip_number(1e5, 1, 4e10))
    assert found["margin_diffusion"] == pytest.approx(1e6)
    assert found["margin_phonons"] == pytest.approx(1e6 / phonon_damping(1e-3, 1e3, 1e6, 4e10, 1.0, 300.0))
    assert found["S_max"] == largest_spin(1e-3, 1e6, 0.1, 1e4)
    assert found["A"] == pytest.approx(10 * math.sqrt(math.pi / 2))
    given = COHERENCE(**GOOD, **CONSTANTS, domega0=8.0, spread="given")
    assert given["margin_diffusion"] == pytest.approx(1e6 / 4)
    conducting = COHERENCE(**(GOOD | {"S": 8.0}), **CONSTANTS, electrons="conducting", kF_spacing=1.0)
    alpha = bulk_coupling(8.0, 0.1, 2.0)
    expected = renormalised_splitting(1e6, 4e10, alpha) / ohmic_damping(alpha, 1e-3)
    assert conducting["margin_electrons"] == pytest.approx(expected)
    assert COHERENCE(**GOOD, **CONSTANTS, convention="consistent")["margin_degeneracy"] == pytest.approx(20.0)


@settings(max_examples=50, deadline=None)
@given(T=st.floats(1e-4, 10), S=st.floats(1, 1e7), N=st.floats(1, 1e6), omega0=st.floats(1e3, 1e10))
def test_margins_are_finite_and_fall_with_their_cause(T, S, N, omega0):
    point = {"T": T, "S": S, "N_nuclei": N, "omega0": omega0, "T2": 1e-3, "Delta_tilde": 1e6}
    found = COHERENCE(**point, **CONSTANTS)
    worse = COHERENCE(
        **{name: 2 * value for name, value in point.items()} | {"T2": 5e-4, "Delta_tilde": 1e6}, **CONSTANTS
    )
    for name in ("margin_degeneracy", "margin_coflips", "margin_diffusion", "margin_electrons", "margin_phonons"):
        assert np.isfinite(found[name]) and found[name] >= worse[name] >= 0


def test_refusals():
    with pytest.raises(ParameterError, match="S = -1"):
        surface_coupling(-1.0, 0.1)
    with pytest.raises(ParameterError, match="kappa = 0"):
        sphere_form_factor(0.0)
    with pytest.raises(ParameterError, match="domega0 is missing"):
        diffusion_limit(1.0, None, 1.0)
