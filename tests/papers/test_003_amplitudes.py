"""Amplitudes and internal friction in paper 003: its laws (3.20)-(7.9) and claims, reproduced or refuted."""

import numpy as np
import pytest

from helpers import reference_amplitudes as reference
from helpers.unlimited import unlimited
from physics.clusters.amplitudes import asymptote, decay_length, self_consistent_end
from physics.clusters.densities import trajectory
from physics.clusters.fourier import narrow_distribution
from physics.clusters.frozen import exponential_clusters

W = 100.0
AMPLITUDES = unlimited("amplitude_distribution")
FRICTION = unlimited("internal_friction")
U0 = 1e-48


def friction(t, T=0.1, Lambda0=1.0):
    Pd = np.asarray(t) * 3 / np.log(W / T) / (np.pi * U0)
    return FRICTION(T=T, omega=1e3, Lambda0=Lambda0, Pd=Pd, Estar=W, U0=U0, A_phonon=1e8)


def test_5_17_has_a_decay_rate_that_is_right_to_order_1_over_t():
    """The pole of (5.13) over that of (5.17): (1 + t) ln(1 + 1/t) where the shifts 3t/chi are small."""
    ratio = [reference.decay_rate(t, 1.0, 1e4) * decay_length(t, 1.0, 1e4) for t in (1, 5, 10, 20)]
    assert ratio == pytest.approx([1.386, 1.094, 1.0485, 1.0246], rel=1e-3)
    strong = [reference.decay_rate(t, 1.0, 100) * decay_length(t, 1.0, 100) for t in (1, 5, 10, 20)]
    assert strong == pytest.approx([1.394, 1.100, 1.053, 1.028], rel=1e-3)


def test_5_17_is_an_average_over_peaks():
    """For a narrow primary distribution the clusters of n = 1, 2, ... are seen one by one."""
    t, chi, L = 5, 1.0, 30.0
    law = asymptote(np.array([50.0, 60.0]), t, chi, L)
    assert law == pytest.approx([7.5e-4, 7.1e-4], rel=6e-3)
    assert narrow_distribution(np.array([50.0, 60.0]), t, chi, L, 1.0) == pytest.approx([5.1e-4, 2.7e-3], rel=0.03)
    # Where peaks are as wide as |L_*|/2 the distribution is smooth and within 1/t of (5.17).
    magnitude = np.array([90.0, 105.0, 150.0])
    smooth = narrow_distribution(magnitude, t, chi, L, 15.0) / asymptote(magnitude, t, chi, L)
    assert np.all(np.abs(smooth - 1) < 0.2)


def test_slope_of_the_uniform_distribution():
    """(5.19) says 1; exactly 1 - 1/l for exponential primary amplitudes, 0.94 at t = 4."""
    point = {"T": W * np.exp(-12.0), "Lambda0": W * np.exp(-5.0), "Pd": 1e46, "Estar": W, "Delta0": W * np.exp(-20.0)}
    found = AMPLITUDES(**point, U0=1 / (np.pi * 1e46), kernel="constant")
    assert found["log_slope"] == pytest.approx(1 - 1 / 15.675, rel=1e-4)


@pytest.mark.parametrize(("chi", "L"), [(0.5, 12.0), (1.0, 5.0)])
def test_5_22_and_5_23(chi, L):
    """t_m = exp(chi |L_*|/3) - 1, where the mean |L| meets 3 xi; (5.23) leaves out the 1."""
    t_m = self_consistent_end(chi, L)
    assert decay_length(t_m, chi, L) == pytest.approx(3 * t_m / chi, rel=1e-12)
    assert t_m + 1 == pytest.approx(np.exp(chi * L / 3))


def test_5_24_claims_a_range_that_the_step_functions_have_removed():
    """Refuted: at t_m what is uniform lies at |L| < 3 xi, where all clusters are frozen with P ~ 1/L^2."""
    chi, L = 1.0, 5.0
    magnitude = np.array([12.0, 18.0, 30.0])
    N, length = exponential_clusters(chi * magnitude / 3, chi, L)
    assert N / length == pytest.approx([6.4e-3, 3.3e-3, 1.3e-3], rel=0.02)
    slope = np.diff(np.log(N / length)) / np.diff(np.log(magnitude))
    assert np.all((slope < -1.5) & (slope > -2))
    # The active clusters decrease exponentially beyond t_m, while (5.3) has 1/(1 + t).
    t_m = self_consistent_end(chi, L)
    N, _ = exponential_clusters(t_m * np.array([1, 4, 7, 10]), chi, L)
    assert np.all(np.diff(np.log(N)) < -0.5) and N[-1] < 0.2 / (1 + 10 * t_m)
    # l ends where (5.23) has |L|, up to the factor |L_*|.
    assert exponential_clusters(1e4, chi, L)[1] == pytest.approx(L * (1 + t_m), rel=1e-9)


def test_pairs_are_uniform_in_ln_Delta0():
    """(3.20), confirmed by a sum over pairs with any distribution of u: see also tests/test_amplitude_distribution."""
    for shape in (lambda v: np.exp(-v), lambda v: 2 / np.pi * np.exp(-(v**2) / np.pi)):
        density = [x * reference.pairs_at_rest(x, 1.0, 1.0, 1e8, 1e-8, shape) for x in (1e-4, 1e-3, 1e-2)]
        assert density == pytest.approx([np.pi / 3] * 3, rel=3e-3)


def test_6_23_is_several_times_too_small_and_not_uniform():
    """At t = 1, n_eff = 2 ... 10, (6.21) gives a tenth to 0.3 of the density, and the slope is far from 1."""
    n = np.array([2.0, 10.0])
    printed = 4e-2 * np.log(n) / n**2
    assert trajectory("sqrt").P(n, 1.0) / printed == pytest.approx([10.5, 3.1], rel=0.02)
    Delta0 = W * np.exp(-np.log(100) * np.array([2.0, 4.0, 6.0]))
    point = {"T": 1e-2, "Lambda0": 1.0, "Estar": W, "Delta0": Delta0, "U0": U0}
    slope = AMPLITUDES(**point, Pd=3 / np.log(1e4) / (np.pi * U0))["log_slope"]
    assert np.all((slope > 0.6) & (slope < 0.95))


def test_6_23_loses_a_third_or_more_of_the_excitations():
    """The sum over n has become int_1 dn: half of the single centres is missing, for t -> 0 nearly all of them."""
    x, w = np.polynomial.legendre.leggauss(16)
    edges = np.concatenate([np.arange(1.0, 60), 60 * 1.1 ** np.arange(200)])
    low, high = edges[:-1, None], edges[1:, None]
    P = trajectory("sqrt")
    kept = [
        np.sum(P.P(low + (high - low) * (x + 1) / 2, t) * (high - low) * w / 2) / P.moment(0, t)
        for t in (0.1, 1, 3, 10)
    ]
    assert kept == pytest.approx([0.363, 0.669, 0.719, 0.679], rel=5e-3)


def test_quasiuniform_over_eleven_decades():
    """P Delta0 of (6.23) with the accurate P_n is a power law rather than uniform."""
    Delta0 = np.geomspace(1e-12, 1e-1, 12)
    for chi, low, high, ratio in ((0.1, 0.62, 0.76, 1020), (0.3, 0.75, 0.90, 32)):
        found = AMPLITUDES(T=0.1, Lambda0=1.0, Pd=1e46, Estar=W, Delta0=Delta0, U0=chi / np.pi / 1e46)
        slope, weight = found["log_slope"], found["P_Delta0"] * Delta0
        assert (slope.min(), slope.max()) == pytest.approx((low, high), abs=5e-3)
        assert weight[-1] / weight[0] == pytest.approx(ratio, rel=0.01)


def test_6_25_is_no_limit_but_the_front_is():
    """(6.25) with (6.22) allows n up to exp(sqrt(50)) = 1180 at t = 1; beyond n ~ 100 there is nothing."""
    P = trajectory("sqrt").P(np.array([10.0, 100.0]), 1.0)
    assert P[1] < 1e-9 and np.exp(np.sqrt(50)) > 1000


def test_internal_friction_is_2_to_5_in_1000_whatever_the_coupling():
    """The universality holds, the coefficient of the paper is several times too small."""
    t = np.array([0.1, 0.3, 0.5, 1, 2, 5, 10])
    found = friction(t)
    assert found["n_eff"] == pytest.approx(2.0)
    assert found["Q_inverse"] == pytest.approx([4.3e-4, 2.1e-3, 3.4e-3, 4.4e-3, 3.6e-3, 2.4e-3, 2.3e-3], rel=0.02)
    low, high = friction(t[1:], Lambda0=0.3)["Q_inverse"], friction(t[1:], Lambda0=3.0)["Q_inverse"]
    assert (low.min(), low.max()) == pytest.approx((2.1e-3, 4.0e-3), rel=0.05)
    assert (high.min(), high.max()) == pytest.approx((1.6e-3, 4.8e-3), rel=0.03)
    assert np.all(found["Q_inverse"][1:] / found["Q_inverse_printed"][1:] > 3.3)


def test_printed_formula_is_5_to_8_in_10000_not_1_in_1000():
    T = np.array([0.01, 0.03, 0.1, 1.0])
    found = friction(1.0, T=T)
    assert found["Q_inverse_printed"] == pytest.approx([5.4e-4, 5.7e-4, 6.3e-4, 8.4e-4], rel=0.01)
    # At 10 mK omega tau = 1 would need Delta0 = 32 mK: the value is formal.
    assert (found["status"] & 1).tolist() == [1, 0, 0, 0]


def test_few_centres_absorb():
    """n_eff is 1.6 ... 2.6 for Delta0_* = 0.3 ... 3 K: pairs and triples, not large clusters."""
    assert [float(friction(1.0, Lambda0=x)["n_eff"]) for x in (0.3, 3.0)] == pytest.approx([1.6, 2.6], rel=0.02)
    # There the logarithm that the paper leaves out as "close to unity" can vanish: ln(n t^a) = 0.
    assert np.log(1.6 * 0.3**0.4) < 0
