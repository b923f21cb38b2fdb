"""The cluster distribution as two-level systems: accuracy, its limits (one rung, the glass model), counts, domain."""

from itertools import pairwise

import numpy as np
import pytest
from scipy.integrate import quad

from helpers import reference, reference_chain
from physics import QUANTITIES, ParameterError
from physics.clusters.densities import chi_rg, trajectory
from physics.electrons.dephasing import tau_phi
from physics.heat_and_sound.ladder_heat import cluster_heat, ladder_heat
from physics.heat_and_sound.specific_heat import gapped_heat_integral, heat_integral, tls_specific_heat
from physics.levels import clusters as cluster_levels
from physics.levels.averages import RELAXATION_TERMS, RESONANT_TERMS, relaxation, resonant, sums
from physics.levels.clusters import Ladder, amplitude_ladder, clusters, mixture
from physics.levels.distributions import glass, tunnelling_states
from physics.numerics.quadrature import windowed_kernel_table

METAL = {"sigma_in": 1e-19, "v_F": 1e6, "tau": 1e-14}
CHANNELS = ("both", "resonant", "relaxation")


def computed(*point, **options):
    return np.array([tau_phi(*point, **METAL, channel=channel, **options) for channel in CHANNELS])


@pytest.mark.parametrize(
    ("T", "Lambda0", "Pd", "chi", "W", "U0", "rungs"),
    [
        (0.5, 0.05, 2e48, 0.03, 0.8, 1e-49, 4),
        (0.05, 0.3, 3e48, 0.1, 30.0, 3e-50, 5),
        (0.0155, 0.0515, 1e46, 0.03, 0.131, 7e-49, None),
    ],
    ids=["cut-off near T", "primary centres frozen", "every amplitude near T"],
)
def test_dephasing_against_a_sum_of_tunnelling_states_models(T, Lambda0, Pd, chi, W, U0, rungs):
    averages, frequencies = reference_chain.clusters(chi, T, Lambda0, Pd, W, U0, rungs)
    expected = reference.dephasing_times(averages, Pd, **METAL, frequencies=frequencies)
    found = computed(T, Lambda0, Pd, chi, W, distribution="clusters", U0=U0)
    np.testing.assert_allclose(found, expected, rtol=QUANTITIES["dephasing"].accuracy)


@pytest.mark.parametrize(
    ("T", "Lambda0", "Pd", "W", "U0"),
    [(0.1, 0.01, 1e47, 10.0, 1e-48), (0.02, 0.3, 1e47, 30.0, 1e-48), (0.5, 0.01, 1e47, 0.8, 2e-48)],
)
def test_specific_heat_is_the_sum_over_single_levels(T, Lambda0, Pd, W, U0):
    expected = reference_chain.specific_heat(T, Lambda0, Pd, W, U0, rungs=4) / T
    assert cluster_heat(T, Lambda0, Pd, W, U0=U0) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("T", [0.003, 0.1, 1.0])
def test_without_interaction_there_are_the_primary_centres(T):
    """t -> 0: n = 1 alone, the tunnelling-states model to full accuracy."""
    point = (T, 0.02, 1e47, 0.1, 5.0)
    np.testing.assert_allclose(computed(*point, distribution="clusters", U0=1e-70), computed(*point), rtol=1e-10)
    assert cluster_heat(T, 0.02, 1e47, 5.0, U0=1e-70) == pytest.approx(
        gapped_heat_integral(5.0 / T, 0.02 / T), rel=1e-10
    )


def test_above_the_spread_of_the_levels_nothing_interacts():
    """T >= W: no distance at which the interaction exceeds T, t = 0, however strong it is."""
    point = (3.0, 0.02, 1e47, 0.1, 2.0)
    np.testing.assert_allclose(computed(*point, distribution="clusters", U0=1e-48), computed(*point), rtol=1e-10)


def glass_like(T, step, Estar, p_min, smallest):
    """Amplitudes that are `step` apart in the logarithm, with the uniform weight 2/ln(1/p_min) of the glass model."""
    amplitudes = Estar * np.exp(-step * (0.5 + np.arange(np.log(Estar / smallest) / step)))
    return mixture(T, amplitudes, np.full(len(amplitudes), 2 * step / np.log(1 / p_min)), Estar)


@pytest.mark.parametrize("theta", [0.3, 2.0])
def test_uniform_weights_are_the_glass_model(theta):
    """A uniform ln(Delta0) gives the averages of the glass model, which is what dephasing and all else depend on."""
    T, Estar, p_min = 0.5, 40.0, 1e-24
    found, expected = glass_like(T, 0.125, Estar, p_min, 1e-11), glass(T, Estar, p_min, "published")
    averages = []
    for spectrum in (found, expected):
        energies, rates = (
            sums(spectrum.energies, spectrum.resonant, 2, RESONANT_TERMS),
            sums(spectrum.rates, spectrum.relaxation, 1, RELAXATION_TERMS),
        )
        room = np.empty(max(len(energies.x), len(rates.x)))
        first = resonant(theta, energies, windowed_kernel_table(), room)
        averages.append(np.exp(spectrum.log_scale) * np.array([first, relaxation(0.1 * theta, rates, room)]))
    np.testing.assert_allclose(*averages, rtol=1e-8)


def test_uniform_weights_heat_as_the_glass_model():
    """Each e-fold of amplitudes far below T adds the specific heat of a glass with L = 1."""
    T, Estar, step = 0.5, 3.0, 0.5

    def heat(count):
        amplitudes = Estar * np.exp(-step * (0.5 + np.arange(count)))
        series = np.full((count, 1), step)
        return ladder_heat(Ladder(amplitudes, series, series[:, 0].copy(), series.sum(axis=0), 0.0, 0.0, T, Estar))

    assert (heat(60) - heat(50)) / (10 * step) == pytest.approx(float(heat_integral(Estar / T)), rel=1e-9)


def test_one_rung_of_a_mixture_is_the_tunnelling_states_model():
    one, whole = mixture(0.1, [0.03], [0.5], 2.0), tunnelling_states(0.1, 0.03, 2.0)
    for moment in range(3):
        found = np.sum(one.resonant * one.energies**moment) * np.exp(one.log_scale)
        expected = 0.5 * np.sum(whole.resonant * whole.energies**moment) * np.exp(whole.log_scale)
        assert found == pytest.approx(expected, rel=1e-11)
        found = np.sum(one.relaxation * one.rates**moment) * np.exp(one.log_scale)
        expected = 0.5 * np.sum(whole.relaxation * whole.rates**moment) * np.exp(whole.log_scale)
        assert found == pytest.approx(expected, rel=1e-11)


def test_no_excitation_is_lost():
    """The rungs and the rest hold sum_n P_n = I_0(t) at every energy, and sum_n n P_n = 1."""
    T, Lambda0, Pd, W, U0 = 0.01, 0.5, 1e47, 50.0, 1e-48
    ladder = amplitude_ladder(T, Lambda0, Pd, W, U0)
    for E in (0.01, 0.3, 5.0, 49.0):
        t = chi_rg(Pd, U0) / 3 * np.log(W / E)
        x = 2 * np.log1p(2 * t) / ladder.span - 1
        rungs = np.polynomial.chebyshev.chebval(x, ladder.series.T)
        n = np.arange(1.0, len(rungs) + 1)
        np.testing.assert_allclose(rungs, trajectory("sqrt").P(n, t), rtol=1e-8, atol=1e-14)
        assert np.polynomial.chebyshev.chebval(x, ladder.total) == pytest.approx(
            trajectory("sqrt").moment(0, t), rel=1e-10
        )
        assert np.sum(np.arange(1.0, 301) * trajectory("sqrt").P(np.arange(1.0, 301), t)) == pytest.approx(1, rel=1e-9)


def test_all_levels_of_the_spectrum_are_counted():
    """rho1 + tanh^2 integrate to int dDelta sum_n P_n(t(E)) sech^2(E/2T)."""
    T, Lambda0, Pd, W, U0 = 0.2, 0.03, 1e47, 6.0, 1e-48
    spectrum = clusters(T, Lambda0, W, Pd, U0)
    found = (np.sum(spectrum.resonant) + np.sum(spectrum.relaxation)) * np.exp(spectrum.log_scale)
    ladder = reference_chain.Ladder(T, Lambda0, Pd, W, U0, len(spectrum.band_edges))

    def weight(Delta, n):
        E = np.hypot(Delta, ladder.amplitudes[n - 1])
        return float(ladder.density(n, np.array(E))) / np.cosh(E / (2 * T)) ** 2

    expected = 0.0
    for n, amplitude in enumerate(ladder.amplitudes, 1):
        edges = [0.0, np.sqrt(T**2 - amplitude**2), 1.0, np.sqrt(W**2 - amplitude**2)]
        expected += sum(quad(weight, *piece, args=(n,), epsabs=1e-15, epsrel=1e-12)[0] for piece in pairwise(edges))
    assert found == pytest.approx(expected, rel=1e-9)


def test_what_the_ladder_leaves_out_does_not_matter(monkeypatch):
    points = [(0.05, 0.3, 1e47, 0.1, 30.0), (1.0, 1e-3, 3e47, 1.0, 10.0), (2e-3, 0.4, 1e44, 1e-3, 1.0)]
    usual = [computed(*point, distribution="clusters", U0=1e-48) for point in points]
    monkeypatch.setattr(cluster_levels, "NEGLIGIBLE", 1e-30)
    monkeypatch.setattr(cluster_levels, "SLOWEST", 1e-40)
    longer = [computed(*point, distribution="clusters", U0=1e-48) for point in points]
    np.testing.assert_allclose(usual, longer, rtol=1e-10)


def test_frozen_primary_centres_leave_the_pairs():
    """T << Delta0*: the primary centres are frozen out, the clusters are not, and dephasing stays finite."""
    T = np.array([0.01, 0.005])
    frozen = tau_phi(T, 1.0, 1e47, 0.1, 10.0, **METAL)
    times = tau_phi(T, 1.0, 1e47, 0.1, 10.0, **METAL, distribution="clusters", U0=1e-48)
    assert np.all(frozen > 1e30) and np.all(times < 1e-6)


def test_statuses_and_what_has_no_value():
    grid = {
        "T": 0.1,
        "Lambda0": [0.01, 0.4, 1.0, 0.01],
        "Pd": [1e46, 1e46, 1e46, 1e49],
        "chi": 0.1,
        "Estar": [10.0, 0.5, 0.5, 10.0],
    }
    result = QUANTITIES["dephasing"](**grid, **METAL, distribution="clusters", U0=1e-48)
    assert result["status"].tolist() == [0, 5, 3, 5]
    assert np.isnan(result["tau_phi"]).tolist() == [False, True, False, True]
    assert np.isinf(result["tau_phi"]).tolist() == [False, False, True, False]
    assert (result["regime"] == 0).tolist() == [False, True, True, True]
    del grid["chi"]
    heat = QUANTITIES["specific_heat"](
        **grid, n_e=6e28, eps_F=9e-19, distribution="clusters", U0=1e-48, logarithm="exact"
    )
    assert heat["status"].tolist() == [0, 1, 1, 1]
    assert np.isnan(heat["C_tls"]).tolist() == [False, True, False, True] and heat["C_tls"][2] == 0


def test_strong_interaction_is_computed_and_flagged():
    result = QUANTITIES["dephasing"](
        T=0.1, Lambda0=0.01, Pd=1e47, chi=0.1, Estar=10.0, **METAL, distribution="clusters", U0=1e-47
    )
    assert result["status"] == 5 and np.isfinite(result["tau_phi"])


def test_a_cell_does_not_depend_on_the_others_to_the_last_bit():
    axes = {
        "T": [0.02, 0.3],
        "Lambda0": [0.01, 0.2],
        "Pd": [1e45, 1e47, 3e47],
        "chi": [0.01, 0.5],
        "Estar": [1.0, 30.0],
    }
    for order in (list(axes), list(reversed(axes))):
        shape = {name: np.reshape(axes[name], [-1 if other == name else 1 for other in order]) for name in order}
        whole = QUANTITIES["dephasing"](**shape, **METAL, distribution="clusters", U0=1e-48)
        for point in ((0, 0, 0, 0, 0), (1, 0, 2, 1, 1), (0, 1, 1, 1, 0)):
            index = dict(zip(axes, point, strict=True))
            alone = {name: axes[name][index[name]] for name in axes}
            alone = QUANTITIES["dephasing"](**alone, **METAL, distribution="clusters", U0=1e-48)
            for name, array in whole.items():
                assert array[tuple(index[n] for n in order)] == alone[name]


def test_it_needs_the_interaction():
    with pytest.raises(ParameterError, match="U0"):
        tau_phi(0.1, 0.01, 1e47, 0.1, 10.0, **METAL, distribution="clusters")
    with pytest.raises(ParameterError, match="U0"):
        tls_specific_heat(0.1, 1e47, 10.0, Lambda0=0.01, distribution="clusters")


@pytest.mark.parametrize("apart", [2.3e-16, 1e-13, 1e-9, -1e-13, 0.0])
def test_a_temperature_next_to_an_edge_of_a_rung(apart):
    """Rungs end at twice their amplitude, where T, the kink of the density, may lie but for rounding."""
    given = {"Lambda0": 0.05, "Pd": 1e46, "chi": 0.1, "Estar": 5.0, "U0": 1e-48, "sigma_in": 1e-19, "v_F": 1e6}
    at, near = (
        QUANTITIES["dephasing"](T=T, tau=1e-14, distribution="clusters", variables=["tau_phi"], **given)["tau_phi"]
        for T in (0.1 * (1 + apart), 0.1 * (1 + 1e-6))
    )
    assert at == pytest.approx(near, rel=1e-5)
