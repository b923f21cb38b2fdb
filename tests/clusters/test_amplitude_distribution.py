"""Amplitudes of cluster excitations: the step functions, the Fourier solution, pairs, b = sqrt(km), limits, status."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers import reference_amplitudes as reference
from helpers.unlimited import unlimited
from physics import ParameterError
from physics.clusters.amplitudes import (
    STATUS,
    amplitude_distribution,
    asymptote,
    decay_length,
    pair_density,
    pair_range,
    self_consistent_end,
    smallest_amplitude,
)
from physics.clusters.densities import trajectory
from physics.clusters.fourier import narrow_distribution
from physics.clusters.frozen import exponential_clusters
from physics.clusters.slopes import log_densities_with_slopes

QUANTITY = unlimited("amplitude_distribution")
W, PD = 100.0, 1e46


def distribution(magnitude, three_xi, L, chi, **options):
    """p(|L|), slope and status of the quantity, in the dimensionless variables of the theory."""
    Delta0 = W * np.exp(-np.asarray(magnitude))
    point = {"T": W * np.exp(-np.asarray(three_xi)), "Lambda0": W * np.exp(-np.asarray(L)), "Estar": W, "Pd": PD}
    found = QUANTITY(**point, Delta0=Delta0, U0=chi / (np.pi * PD), **options)
    return found["P_Delta0"] * Delta0 / PD, found["log_slope"], found["status"]


def has(status, name):
    return (status & STATUS[name]) != 0


# b = 1 with the step functions: exponential distributions


@pytest.mark.parametrize(("t", "chi", "L"), [(1e-3, 0.3, 3), (0.5, 0.1, 4), (3, 0.5, 40), (30, 1, 5), (12, 5, 500)])
def test_exponential_clusters_obey_their_equations(t, chi, L):
    assert exponential_clusters(t, chi, L) == pytest.approx(reference.exponential_family(t, chi, L), rel=1e-9)


def test_exponential_clusters_in_every_limit():
    t = np.array([1e-8, 1e-3, 0.7, 5.0, 100.0])
    N, length = exponential_clusters(t, 1.0, 1e9)
    np.testing.assert_allclose(N, 1 / (1 + t), rtol=1e-5)
    np.testing.assert_allclose(length, 1e9 * (1 + t), rtol=1e-5)
    # Nothing merges before it freezes: N is the part of exp(-|L|/L) beyond 3t/chi.
    N, length = exponential_clusters(1e-9 * t, 1e-9, 4.0)
    np.testing.assert_allclose(N, np.exp(-3 * t / 4), rtol=1e-7)
    np.testing.assert_allclose(length, 4.0, rtol=1e-7)
    # l ends at L exp(chi L/3), and N underflows without harm.
    N, length = exponential_clusters(1e6, [0.01, 1.0], 5.0)
    np.testing.assert_allclose(length, 5 * np.exp([0.05 / 3, 5 / 3]), rtol=1e-12)
    np.testing.assert_array_equal(N, 0.0)


def test_the_quantity_against_the_equation_on_a_grid():
    """The exponential distribution put on a grid and merged there by brute force, active and frozen clusters."""
    chi, L, t = 0.6, 5.0, 2.0

    def primary(magnitude):
        return np.exp(-magnitude / L) / L

    magnitude, frozen, later, active = reference.with_step_functions(primary, t, chi, 0.05, 250.0)
    p, _, _ = distribution(magnitude, 3 * t / chi, L, chi, kernel="constant")
    np.testing.assert_allclose(p, frozen, rtol=2e-5)
    p, _, status = distribution(later[:1500], 3 * t / chi, L, chi, kernel="constant")
    np.testing.assert_allclose(p, active[:1500], rtol=1e-4)
    assert not has(status, "amplitude_above_T").any()


def test_exponentials_attract_other_distributions():
    """A gamma distribution, <l^2>/<l>^2 = 1.2, on the grid: the ratio goes to 2, that of an exponential."""

    def primary(magnitude):
        return (magnitude / 1.2) ** 4 * np.exp(-magnitude / 1.2) / (24 * 1.2)

    ratios = []
    for t in (0.0, 2.0, 6.0):
        _, _, magnitude, p = reference.with_step_functions(primary, max(t, 0.05), 1.0, 0.1, 400.0)
        length = magnitude - 3 * max(t, 0.05)
        ratios.append((length**2 @ p) * p.sum() / (length @ p) ** 2)
    assert ratios[0] < 1.4 and ratios[1:] == pytest.approx([2.0, 2.0], abs=0.02)


def test_nothing_is_lost_but_by_merging():
    """Two become one at the rate N^2: active and frozen clusters together number 1 - int N^2 dt."""
    chi, L, t = 0.5, 6.0, 3.0
    times, weights = np.polynomial.legendre.leggauss(60)
    N, _ = exponential_clusters(t * (times + 1) / 2, chi, L)
    edges = np.concatenate([np.linspace(0, 3 * t / chi, 30), 3 * t / chi + np.linspace(0, 600, 300)[1:]])
    low, high = edges[:-1, None], edges[1:, None]
    x, w = np.polynomial.legendre.leggauss(16)
    p, _, _ = distribution((low + (high - low) * (x + 1) / 2).ravel(), 3 * t / chi, L, chi, kernel="constant")
    assert p @ ((high - low) * w / 2).ravel() == pytest.approx(1 - t / 2 * weights @ N**2, rel=1e-9)


# b = 1 without them: the Fourier solution


@pytest.mark.parametrize(
    ("t", "chi", "L", "width"), [(5, 1, 30, 3.0), (0.3, 0.5, 10, 1.5), (0.01, 0.1, 10, 0.5), (1, 1, 10, 1.0)]
)
def test_fourier_solution_is_the_sum_over_clusters(t, chi, L, width):
    magnitude, expected = reference.sum_over_clusters(t, chi, L, width)
    part = (magnitude > 0) & (magnitude < min(20 * L, 500))
    magnitude, expected = magnitude[part][::7], expected[part][::7]
    found = narrow_distribution(magnitude, t, chi, L, width)
    noise = 1e-13 / L * np.exp(-0.5 * magnitude / decay_length(t, chi, L)) + 1e-16
    assert np.all(np.abs(found - expected) <= noise + 1e-11 * expected)
    p, _, status = distribution(
        magnitude, 3 * t / chi, L, chi, kernel="constant", primary="gaussian", amplitude_width=width
    )
    seen = p > 0
    assert seen.sum() > 20 and np.array_equal(~seen, has(status, "outside_range"))
    np.testing.assert_allclose(p[seen], expected[seen], rtol=1e-7)


def test_independent_values_of_the_fourier_solution():
    """40 digits with mpmath: phi by complex exponential integrals, trapezoidal rule on the real axis."""
    values = {
        (50, 5, 1, 30, 3.0): 0.0007051593876945551,
        (35, 1, 1, 10, 1.5): 0.0036996563674139434,
        (14, 0.01, 0.1, 10, 1.0): 0.0001317354398410916,
        (5, 0.3, 0.5, 10, 1.5): 0.0006083940969307375,
    }
    found = [narrow_distribution(*point) for point in values]
    np.testing.assert_allclose(found, list(values.values()), rtol=1e-12)


@pytest.mark.parametrize(("t", "chi", "L"), [(0.1, 0.2, 5.0), (5, 1, 30.0), (2, 0.7, 12.0)])
def test_norm_and_mean_of_the_fourier_solution_are_exact(t, chi, L):
    length = decay_length(t, chi, L)
    magnitude = np.arange(0, 60 * length, L / 25)
    p = narrow_distribution(magnitude, t, chi, L, L / 8) * L / 25
    assert p.sum() == pytest.approx(1 / (1 + t), rel=1e-9)
    assert magnitude @ p == pytest.approx(length / (1 + t), rel=1e-9)


def test_primary_distribution_is_where_nothing_has_merged():
    magnitude = np.array([4.0, 5.0, 6.5])
    gauss = np.exp(-0.5 * ((magnitude - 5) / 0.5) ** 2) / (0.5 * np.sqrt(2 * np.pi))
    np.testing.assert_allclose(narrow_distribution(magnitude, 1e-9, 1.0, 5.0, 0.5), gauss, rtol=1e-7)
    p, slope, _ = distribution(magnitude, 1e-6, 5.0, 1e-4, kernel="constant", primary="gaussian", amplitude_width=0.5)
    np.testing.assert_allclose(p, gauss, rtol=1e-8)
    np.testing.assert_allclose(slope, 1 - (magnitude - 5) / 0.25, rtol=1e-6)


def test_fourier_solution_refuses_what_the_step_functions_forbid():
    with pytest.raises(ParameterError, match=r"allowed for 3t/chi < \|L_\*\|"):
        narrow_distribution(10.0, 2.0, 1.0, 5.0, 0.5)
    with pytest.raises(ParameterError, match="width"):
        narrow_distribution(10.0, 0.2, 1.0, 5.0, 0.001)
    p, slope, status = distribution(10.0, 5.1, 5.0, 0.5, kernel="constant", primary="gaussian", amplitude_width=0.5)
    assert np.isnan(p) and np.isnan(slope) and has(status, "no_solution")


# Pairs


@pytest.mark.parametrize("Delta0", [1e-4, 1e-2, 0.05])
def test_pair_law_is_the_integral_over_pairs(Delta0):
    """(3.9) summed over energies, distances and exponentially distributed u, far from the limits of the range."""
    expected = reference.pairs_at_rest(Delta0, 1.0, 2e-48, 1e8, 1e-8, lambda v: np.exp(-v))
    assert pair_density(Delta0, 1e46, np.pi * 1e46 * 2e-48) / 1e92 == pytest.approx(expected, rel=2e-3)


def test_pair_range_is_where_the_integral_ends():
    low, high = pair_range(1e-2, 1.0, 1e4)
    assert (low, high) == pytest.approx((1e-4, 1.0))
    law = [pair_density(x, 1.0, 3.0) for x in (low / 30, 4 * low)]
    sharp = [reference.pairs_at_rest(x, 1.0, 3 / np.pi, 1e4, 1e-2, lambda v: np.exp(-v)) for x in (low / 30, 4 * low)]
    assert sharp[0] < 0.01 * law[0] and sharp[1] > 0.5 * law[1]


def test_pairs_number_chi_xi():
    """(2.17): the integral of (3.20) over its range is Pd chi xi where T > Delta0_*."""
    T, Lambda0 = 2.0, 0.5
    low, high = pair_range(T, Lambda0, W)
    Delta0 = np.exp(np.linspace(np.log(low) + 1e-9, np.log(high) - 1e-9, 11))
    found = QUANTITY(T=T, Lambda0=Lambda0, Pd=PD, Estar=W, Delta0=Delta0, U0=1e-48, kernel="pairs")
    total = np.trapezoid(found["P_Delta0"] * Delta0, np.log(Delta0))
    assert total == pytest.approx(PD * np.pi * PD * 1e-48 * np.log(W / T) / 3, rel=1e-7)
    np.testing.assert_array_equal(found["log_slope"], 1.0)
    outside = QUANTITY(T=T, Lambda0=Lambda0, Pd=PD, Estar=W, Delta0=low * 0.9, U0=1e-48, kernel="pairs")
    assert outside["P_Delta0"] == 0 and np.isnan(outside["log_slope"]) and has(outside["status"], "outside_range")


def test_pairs_of_the_fourier_solution_are_the_pair_law():
    """To first order in t the clusters of (5.13) between 2|L_*| - 3 xi and 2|L_*| are the pairs of (3.20)."""
    chi, L, three_xi = 1e-5, 10.0, 8.0
    magnitude = np.array([14.0, 16.0, 18.0])
    p = narrow_distribution(magnitude, chi * three_xi / 3, chi, L, 0.1)
    np.testing.assert_allclose(p, chi / 3, rtol=1e-4)
    pairs, _, _ = distribution(magnitude, three_xi, L, chi, kernel="pairs")
    np.testing.assert_allclose(pairs, p, rtol=1e-4)


# b = sqrt(km)


@pytest.mark.parametrize(
    ("t", "n", "P"),
    [
        (0.3, 1, 0.57649621369),
        (0.3, 10, 4.7464183056e-5),
        (1, 1, 0.21686637994),
        (1, 10, 2.8292468451e-3),
        (1, 100, 3.28632633e-10),
        (5, 10, 4.9392684771e-4),
        (5, 100, 9.7480935045e-6),
    ],
)
def test_distribution_of_sqrt_clusters_at_whole_n(t, n, P):
    L, three_xi = 2.5, 3 * 0.8
    p, _, status = distribution(L * n * (1 + 1e-13), three_xi, L, 3 * t / three_xi)
    assert p == pytest.approx(P / L, rel=2e-8 if P > 1e-9 else 1e-6)
    assert not has(status, "amplitude_above_T") and not has(status, "outside_range")


def test_excitations_above_the_temperature_stopped_merging_earlier():
    """(7.4): an amplitude above T takes t = chi |L|/3, and no colder sample changes it."""
    L, chi = 4.0, 0.7
    magnitude = np.array([4.5, 7.0, 9.0])
    p, _, status = distribution(magnitude, [[12.0], [30.0]], L, chi)
    assert has(status, "amplitude_above_T").all()
    np.testing.assert_array_equal(p[0], p[1])
    np.testing.assert_allclose(p[0], trajectory("sqrt").P(magnitude / L, chi * magnitude / 3) / L, rtol=1e-12)


def test_slopes_are_those_of_the_interpolation():
    """Differences of ln P_n between neighbouring whole numbers, where it is one polynomial, and in t."""
    n = np.array([1.3, 2.5, 9.6, 40.5, 128.4, 500.0, 2e4])
    t = np.array([0.01, 0.4, 1.7, 6.0, 25.0, 12.0, 20.0])
    log_P, by_n, by_t = log_densities_with_slopes(n, t)
    P = trajectory("sqrt")
    np.testing.assert_allclose(log_P, P.log_P(n, t), rtol=1e-11)
    for found, change, step, part in (
        (by_n, lambda d: P.log_P(n + d, t), np.where(n < 130, 0.03, 0.02 * n), 1 / n),
        (by_t, lambda d: P.log_P(n, t + d), 2e-3 * t, n / t),
    ):
        expected = (change(-2 * step) - 8 * change(-step) + 8 * change(step) - change(2 * step)) / (12 * step)
        assert np.all(np.abs(found - expected) < 2e-6 * np.maximum(part, np.abs(expected)))


def test_slopes_go_on_to_the_end_of_the_table():
    """t = 30 is in it, and so is whatever is just below, where the middle of the stencil is moved inwards."""
    t = np.linspace(29.6, 30.0, 41)
    _, _, by_t = log_densities_with_slopes(300.0, t)
    inner = log_densities_with_slopes(300.0, t[:5] - 0.2)[2]
    assert np.all(np.abs(np.diff(by_t)) < 1e-3) and by_t == pytest.approx(inner.mean(), rel=0.05)
    assert np.isfinite(distribution(300 * 0.5, 3 * 0.8, 0.5, 30.0 / 0.8 * (1 - 1e-6))[0])


# Everything


CASES = [{}, {"kernel": "constant"}, {"kernel": "constant", "primary": "gaussian", "amplitude_width": 0.9}]


@pytest.mark.parametrize("options", CASES, ids=["sqrt", "exponential", "gaussian"])
@pytest.mark.parametrize("three_xi", [3.0, 6.0])
def test_slope_is_the_derivative(options, three_xi):
    L, chi = 8.0, 1.1
    magnitude = np.array([9.1, 10.3, 13.2, 17.9, 25.5, 41.3])
    magnitude = np.concatenate([magnitude, [2.2, 4.4]]) if options.get("primary", "") == "" and options else magnitude
    h = 2e-3
    values = [np.log(distribution(magnitude + j * h, three_xi, L, chi, **options)[0]) for j in (-2, -1, 1, 2)]
    expected = 1 + (values[0] - 8 * values[1] + 8 * values[2] - values[3]) / (12 * h)
    _, slope, _ = distribution(magnitude, three_xi, L, chi, **options)
    np.testing.assert_allclose(slope, expected, rtol=0, atol=2e-6)


def test_slope_of_frozen_sqrt_clusters_is_the_derivative():
    magnitude, h = np.array([8.3, 11.1, 19.7]), 2e-3
    values = [np.log(distribution(magnitude + j * h, 40.0, 4.0, 0.3)[0]) for j in (-2, -1, 1, 2)]
    expected = 1 + (values[0] - 8 * values[1] + 8 * values[2] - values[3]) / (12 * h)
    np.testing.assert_allclose(distribution(magnitude, 40.0, 4.0, 0.3)[1], expected, rtol=0, atol=2e-6)


@settings(max_examples=40, deadline=None)
@given(
    three_xi=st.floats(-1, 60),
    L=st.floats(-1, 60),
    log_chi=st.floats(-12, 4),
    magnitude=st.floats(-2, 690),
    case=st.sampled_from([*CASES, {"kernel": "pairs"}]),
)
def test_every_nan_and_every_zero_has_its_reason(three_xi, L, log_chi, magnitude, case):
    p, slope, status = distribution(magnitude, three_xi, L, np.exp(log_chi), **case)
    assert np.isnan(p) == (has(status, "W_not_largest") or has(status, "no_solution"))
    assert np.isnan(slope) == (np.isnan(p) or has(status, "outside_range"))
    assert (p == 0) == (has(status, "outside_range") and not np.isnan(p))
    assert np.isnan(p) or p >= 0


def test_the_order_of_magnitude_does_not_matter():
    """Only ratios of energies enter: all of them times 1000 leave P Delta0/Pd alone."""
    point = {"T": 0.1, "Lambda0": 0.4, "Estar": 70.0, "Delta0": 1e-4}
    for options in (*CASES, {"kernel": "pairs"}):
        options = options | {"amplitude_width": 0.9} if "primary" in options else options
        small = QUANTITY(**point, Pd=1e46, U0=1e-48, **options)
        large = QUANTITY(**{name: 1e3 * value for name, value in point.items()}, Pd=1e44, U0=1e-46, **options)
        assert large["P_Delta0"] * 1e5 == pytest.approx(small["P_Delta0"], rel=1e-9, nan_ok=True)
        assert large["status"] == small["status"]


@pytest.mark.parametrize("options", [*CASES, {"kernel": "pairs"}], ids=["sqrt", "exponential", "gaussian", "pairs"])
def test_a_cell_depends_on_itself_alone(options):
    axes = {
        "T": np.array([0.5, 2.0, 200.0]),
        "Lambda0": np.array([0.1, 0.3]),
        "Pd": np.array([1e45, 3e46]),
        "Estar": np.array([50.0, 120.0]),
        "Delta0": np.geomspace(1e-9, 0.2, 5),
    }
    rank = len(axes)
    grid = {name: a.reshape([-1 if i == k else 1 for i in range(rank)]) for k, (name, a) in enumerate(axes.items())}
    whole = QUANTITY(**grid, U0=1e-47, **options)
    shape = whole["status"].shape
    assert shape == (3, 2, 2, 2, 5)
    for index in [(0, 0, 0, 0, 0), (1, 1, 1, 1, 3), (1, 0, 1, 0, 4), (2, 1, 0, 0, 2)]:
        one = {name: a[i] for (name, a), i in zip(axes.items(), index, strict=True)}
        for name, value in QUANTITY(**one, U0=1e-47, **options).items():
            np.testing.assert_array_equal(whole[name][index], value)


def test_unknown_options_are_refused():
    point = {"T": 0.1, "Lambda0": 0.4, "Pd": PD, "Estar": 70.0, "Delta0": 1e-4, "U0": 1e-48}
    with pytest.raises(ParameterError, match="kernel = 'cube' is unknown; allowed: sqrt, constant, pairs"):
        amplitude_distribution(**point, variables=("P_Delta0",), kernel="cube")
    with pytest.raises(ParameterError, match="amplitude_width = -1"):
        QUANTITY(**point, kernel="constant", primary="gaussian", amplitude_width=-1.0)


def test_laws_agree_with_each_other():
    chi, L = 0.9, 11.0
    t_m = self_consistent_end(chi, L)
    assert decay_length(t_m, chi, L) == pytest.approx(3 * t_m / chi, rel=1e-12)
    # (5.20) with its f written out.
    t, Lambda0 = 2.0, W * np.exp(-L)
    f = np.exp(3 / chi * ((1 + t) * np.log(1 + t) - t))
    assert smallest_amplitude(t, chi, Lambda0, W) == pytest.approx(Lambda0 * (Lambda0 / W) ** t * f, rel=1e-12)
    # The integral of (5.17) is 1/(1 + t).
    magnitude = np.linspace(0, 50 * decay_length(t, chi, L), 200001)
    assert np.trapezoid(asymptote(magnitude, t, chi, L), magnitude) == pytest.approx(1 / (1 + t), rel=1e-6)
    with pytest.raises(ParameterError, match="chi_rg = -1"):
        decay_length(1.0, -1.0, L)
