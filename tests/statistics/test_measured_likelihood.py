"""The compiled likelihood of measured times against scipy.stats, and without its nuisances against dense grids."""

import numpy as np
import pytest
from scipy.stats import t

from helpers import reference_inference as reference
from physics.numerics.compiled import compiled_entry
from physics.statistics import nuisances
from physics.statistics.errors import independent
from physics.statistics.marginal import MOMENTS, marginals, profiles, rule
from survey.explain.posterior import Data

SIGMA = np.array([0.1, 0.35, 0.7, 0.3])
T15 = np.geomspace(0.04, 1.0, 15)
X, A = 0.05, 1.0


@compiled_entry
def log_density(residual, scale, limit):
    return nuisances.log_density(residual, scale, limit)


def made(T=T15, s=0.1, seed=1, sigma=SIGMA, scale=1.0) -> Data:
    """Data from the closed form, with Student-t errors and a common factor."""
    rng = np.random.default_rng(seed)
    y = reference.log_tau(np.zeros(4), T, X, A, sigma) + scale * s * rng.standard_t(4, len(T)) + 0.07
    return Data(T, y, np.full(len(T), s), np.zeros(len(T), np.int64))


def limited(data: Data, limit) -> Data:
    return Data(data.T, data.y, data.s, np.array(limit, np.int64))


def own(data: Data, s_m=(0.05,), s_m_weights=(1.0,), x=X, a=A, sigma=SIGMA):
    """ln L, moments and means of 1/p of one cell at exact tables, without heating."""
    table = reference.table(data.T, (x,), (a,), sigma=sigma)
    out, moments, inverse = np.empty(1), np.empty((1, len(MOMENTS))), np.empty((1, len(data.T)))
    rows = np.searchsorted(table.T, data.T)[None]
    y, scale, roots = data.independent(np.array(s_m))
    marginals(
        table.log_rate, table.log_amplitudes, np.zeros(1, np.int64), table.log_amplitudes[:1], rows,
        np.log(table.T[rows]), table.ee_factors, table.ep_factors, sigma, y, scale, data.limit, roots,
        np.array(s_m), np.array(s_m_weights), np.zeros(1), np.ones(1), *rule(), out, moments, inverse,
    )  # fmt: skip
    return out[0], moments[0], inverse[0]


@pytest.mark.parametrize("scale", [1e-3, 0.1, 3.0])
def test_density_and_limits_are_those_of_a_student_t(scale):
    for x in (-40.0, -3.0, -0.2, 0.0, 0.7, 5.0, 60.0):
        residual = x * scale
        assert log_density(residual, scale, 0) == pytest.approx(t.logpdf(x, 4) - np.log(scale), rel=1e-12)
        # The value is a lower limit: what would have been measured without the limit is above it.
        assert log_density(residual, scale, 1) == pytest.approx(t.logsf(x, 4), rel=1e-9, abs=1e-12)
        assert log_density(residual, scale, 2) == pytest.approx(t.logcdf(x, 4), rel=1e-9, abs=1e-12)


def test_far_limits_say_what_the_tail_says():
    """The distribution function of t with 4 degrees falls as 3/x^4."""
    for x in (1e3, 1e5, 1e7):
        assert log_density(x, 1.0, 1) == pytest.approx(np.log(3.0) - 4 * np.log(x), rel=1e-5)


def test_the_rule_is_of_degree_five():
    points, weights = rule()
    assert weights.sum() == pytest.approx(1.0, rel=1e-14) and (weights > 0).all()
    double = {0: 1, 2: 1, 4: 3}
    for powers in np.ndindex(6, 6, 6, 6):
        if sum(powers) <= 5:
            exact = 0 if any(each % 2 for each in powers) else np.prod([double[each] for each in powers])
            assert weights @ np.prod(points ** np.array(powers), axis=1) == pytest.approx(exact, abs=1e-13)


@pytest.mark.parametrize("u", [(0, 0, 0, 0), (1.0, -2.0, 1.5, -1.0), (-2.0, 2.5, -2.5, 2.0)])
def test_times_and_their_derivatives(u):
    data = made()
    table = reference.table(data.T, (X,), (A,))
    rates = np.exp(table.log_rate[:, 0, 0])
    rows = np.arange(len(data.T))

    def predicted(u):
        eta, slopes = np.empty(len(rows)), np.empty((len(rows), 4))
        nuisances.predict(
            rates, rows, np.log(data.T), table.ee_factors, table.ep_factors, SIGMA, np.array(u, float),
            np.empty((0, 0)), eta, slopes,
        )  # fmt: skip
        return eta, slopes

    eta, slopes = predicted(u)
    np.testing.assert_allclose(eta, reference.log_tau(np.array(u), data.T, X, A, SIGMA), rtol=1e-12)
    for k in range(4):
        step = 1e-5 * np.eye(4)[k]
        np.testing.assert_allclose(
            slopes[:, k], (predicted(u + step)[0] - predicted(u - step)[0]) / 2e-5, rtol=1e-6, atol=1e-9
        )


def test_amplitudes_between_nodes():
    """Cubic in logarithms, three nodes in a decade: rates of a sum of two powers to 3e-4."""
    nodes = np.geomspace(0.01, 100.0, 13)
    table = reference.table(T15, (X,), nodes)
    for a in np.geomspace(0.011, 95.0, 40):
        rates = np.empty((15, 3, 3))
        nuisances.at_amplitude(table.log_rate, table.log_amplitudes, 0, np.log(a), rates)
        exact = np.exp(reference.table(T15, (X,), (a,)).log_rate[:, 0, 0])
        np.testing.assert_allclose(rates, exact, rtol=3e-3)


CASES = {
    "values": made(),
    "accurate values": made(s=0.02),
    "rough values": made(s=0.5),
    "one point": made(T15[:1]),
    "two points": made(T15[[0, -1]]),
    "an outlier": Data(T15, made().y + 2.0 * (np.arange(15) == 7), made().s, np.zeros(15, np.int64)),
    "all too long by a factor": Data(T15, made().y + 1.0, made().s, np.zeros(15, np.int64)),
    "some limits": limited(made(), [1] * 4 + [0] * 9 + [2] * 2),
    "limits alone": limited(made(), [1] * 8 + [2] * 7),
}
# What the rule of degree 5 at the mode is worth: in ln L, in the means of u, in those of u^2 and in ln of the means of
# 1/p. Of data of the model it is 0.05 too low in ln L, for heavy tails reach further than its points, and 0.2 where
# the nuisances are drawn far from what was believed.
USUAL = (0.06, 0.03, 0.15, 0.03)
ACCURACY = {
    "accurate values": (0.1, 0.06, 0.2, 0.1),
    "one point": (0.02, 0.02, 0.06, 0.2),
    "two points": (0.08, 0.05, 0.2, 0.2),
    "all too long by a factor": (0.25, 0.2, 2.0, 0.3),
    "some limits": (0.08, 0.1, 0.15, 0.12),
    "limits alone": (0.15, 0.05, 0.5, 0.12),
}


@pytest.mark.parametrize("name", CASES)
def test_integrals_over_the_nuisances(name):
    data, s_m = CASES[name], 0.05
    exact, means = reference.log_marginal(data, data.T, X, A, SIGMA, s_m)
    coarser = reference.log_marginal(data, data.T, X, A, SIGMA, s_m, points=15, reach=6.0)[0]
    assert coarser == pytest.approx(exact, abs=0.01), "the reference"
    found, moments, inverse = own(data, (s_m,))
    log_value, first, second, left_out = ACCURACY.get(name, USUAL)
    assert found == pytest.approx(exact, abs=log_value)
    np.testing.assert_allclose(moments[3:7], means[:4], atol=first)
    np.testing.assert_allclose(moments[7:], means[4:8], atol=second)
    np.testing.assert_allclose(np.log(inverse), np.log(means[8:]), atol=left_out)


def test_several_scatters_are_a_sum():
    """With weights that sum to 1: of each scatter alone, and the means weighted with the likelihood."""
    data, s_m, weights = made(), np.array([0.01, 0.1, 0.3]), np.array([0.2, 0.5, 0.3])
    alone = [own(data, (each,)) for each in s_m]
    likelihood = weights * np.exp([each[0] for each in alone])
    found, moments, inverse = own(data, s_m, weights)
    share = likelihood / likelihood.sum()
    assert found == pytest.approx(np.log(likelihood.sum()), abs=1e-3)
    np.testing.assert_allclose(moments[0], share @ s_m, rtol=2e-3)
    np.testing.assert_allclose(moments[3:], share @ [each[1][3:] for each in alone], atol=5e-3)
    np.testing.assert_allclose(inverse, share @ [each[2] for each in alone], rtol=5e-3)


def test_without_nuisances_the_likelihood_is_a_product():
    data, none = CASES["some limits"], np.full(4, 1e-9)
    eta = reference.log_tau(np.zeros(4), data.T, X, A, none)
    exact = reference.log_p(data, eta, 0.05).sum()
    assert own(data, sigma=none)[0] == pytest.approx(exact, abs=1e-6)


def test_one_exact_point_is_as_probable_as_the_common_scale():
    """With delta alone, and an error far below its width, y is normal about ln(tau)."""
    sigma = np.array([0.1, 1e-9, 1e-9, 1e-9])
    one = Data(T15[:1], made().y[:1], np.array([2e-3]), np.zeros(1, np.int64))
    eta = reference.log_tau(np.zeros(4), one.T, X, A, sigma)
    exact = -0.5 * ((one.y - eta) / 0.1) ** 2 - np.log(0.1 * np.sqrt(2 * np.pi))
    # Around an exact point the likelihood is a Student-t, of which the rule sees all but the tails.
    assert own(one, (1e-9,), sigma=sigma)[0] == pytest.approx(exact[0], abs=0.12)


def correlated(data: Data, common: float, near: float) -> Data:
    """The same data with errors that have a part in common, and one that neighbours share."""
    n = len(data.y)
    distance = np.abs(np.subtract.outer(np.arange(n), np.arange(n)))
    covariance = np.outer(data.s, data.s) * ((1 - common) * near**distance + common)
    return Data(data.T, data.y, data.s, data.limit, covariance)


@pytest.mark.parametrize("common, near", [(0.5, 0.0), (0.0, 0.6), (0.3, 0.5)])
def test_errors_that_are_not_independent(common, near):
    data = correlated(made(T15[::3]), common, near)
    exact, means = reference.log_marginal(data, data.T, X, A, SIGMA, 0.05)
    found, moments, _ = own(data)
    assert found == pytest.approx(exact, abs=0.08)
    np.testing.assert_allclose(moments[3:7], means[:4], atol=0.08)
    assert abs(found - own(made(T15[::3]))[0]) > 0.2, "the covariance matters"


def test_a_diagonal_covariance_is_independent_errors():
    data = made()
    diagonal = Data(data.T, data.y, data.s, data.limit, np.diag(data.s**2))
    for one, other in zip(own(data), own(diagonal), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-9, atol=1e-12)


def test_limits_stay_apart_from_what_is_mixed():
    """Two limits beside values with a covariance: each limit counts by itself with its own error."""
    data = correlated(made(T15[::3]), 0.4, 0.0)
    covariance = data.covariance.copy()
    covariance[[0, 4], :] = covariance[:, [0, 4]] = 0.0
    covariance[[0, 4], [0, 4]] = 0.3**2
    s = np.sqrt(np.diag(covariance))
    none, limit = np.full(4, 1e-9), np.array([1, 0, 0, 0, 2])
    found = own(Data(data.T, data.y, s, limit, covariance), sigma=none)[0]
    eta = reference.log_tau(np.zeros(4), data.T, X, A, none)
    middle = slice(1, 4)
    values = Data(data.T[middle], data.y[middle], s[middle], limit[middle], covariance[middle, middle])
    exact = reference.log_p(values, eta[middle], 0.05).sum()
    alone = Data(data.T, data.y, s, limit)
    exact += reference.log_p(alone, eta, 0.05)[[0, 4]].sum()
    assert found == pytest.approx(exact, abs=1e-6)


@pytest.mark.parametrize("seed", range(3))
def test_the_order_of_correlated_points_does_not_matter(seed):
    rng = np.random.default_rng(seed)
    root = rng.standard_normal((6, 6))
    covariance, y, s_m = 0.01 * root @ root.T, rng.standard_normal(6), np.array([0.02, 0.1])
    order, none = rng.permutation(6), np.zeros(6, np.int64)
    s = np.sqrt(np.diag(covariance))
    first = independent(y, s, none, covariance, s_m)
    again = independent(y[order], s[order], none, covariance[np.ix_(order, order)], s_m)
    np.testing.assert_allclose(again[0], first[0][:, order], rtol=1e-8)
    np.testing.assert_allclose(again[1], first[1], rtol=1e-8)
    for number, scatter in enumerate(s_m):
        mixed = first[2][number] @ (covariance + scatter**2 * np.eye(6)) @ first[2][number].T
        np.testing.assert_allclose(mixed, first[1][number, 0] ** 2 * np.eye(6), atol=1e-12)
        assert np.linalg.det(first[2][number]) == pytest.approx(1.0)


@pytest.mark.parametrize("name", CASES)
def test_the_profile_is_the_largest_term(name):
    """At the mode of the nuisances: no place on a dense random search is higher."""
    data, table = CASES[name], reference.table(CASES[name].T, (X,), (A,))
    rows, out = np.searchsorted(table.T, data.T)[None], np.empty(1)
    y, scale, roots = data.independent(np.array([0.05]))
    profiles(
        table.log_rate, table.log_amplitudes, np.zeros(1, np.int64), table.log_amplitudes[:1], rows,
        np.log(table.T[rows]), table.ee_factors, table.ep_factors, SIGMA, y[0], scale[0], data.limit, roots[0], out,
    )  # fmt: skip
    u = np.random.default_rng(0).uniform(-4, 4, (200_000, 4))
    eta = reference.log_tau(u, data.T, X, A, SIGMA)
    highest = (reference.log_p(data, eta, 0.05).sum(axis=-1) - 0.5 * (u**2).sum(axis=-1)).max()
    assert out[0] > highest - 0.1
