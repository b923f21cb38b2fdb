"""Weights, evidence, draws and what is left out of them, against integrals, closed forms and simulation."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import dblquad, quad
from scipy.special import logsumexp
from scipy.stats import kstest, norm

from helpers import reference_inference as reference
from survey.explain import posterior as module
from survey.explain.draws import cells_drawn, densities_drawn, misfit, wire_drawn
from survey.explain.grid import Table, amplitude_log_density, outer_weights
from survey.explain.posterior import Data, cells_of, setting
from survey.explain.summary import density, evidence, marginals
from survey.explain.wires import BETWEEN_WIRES, joined
from survey.inference import Nuisances, heated, heating_nodes
from survey.nodes import doubled, halved, nodes, trapezoid, trapezoid_above
from survey.rivals import Rival

T8 = np.geomspace(0.04, 1.0, 8)
RANGES = {"T_K": (0.01, 0.3), "n_imp": (0.3, 30.0)}
LIMITS = {"T_K": (1e-4, 10.0), "n_imp": (1e-4, 1e4)}
BELIEVED = Nuisances(T_heat=(1e-3, 5e-3))
PLAIN = setting(BELIEVED)


def grid(T=T8, per_decade=8.0, ranges=RANGES, believed=BELIEVED) -> Table:
    """The closed form over twice the ranges, at all temperatures that the electrons may have."""
    electrons = np.concatenate([T, heated(T, heating_nodes(believed)[0]).ravel()])
    xs = nodes(*ranges["T_K"], per_decade, *LIMITS["T_K"])
    amplitudes = nodes(*ranges["n_imp"], 3.0, *LIMITS["n_imp"])
    return reference.table(electrons, xs, amplitudes, (ranges["T_K"], ranges["n_imp"]))


def made(x=0.05, a=3.0, s=0.1, seed=1, T=T8, scatter=0.0) -> Data:
    rng = np.random.default_rng(seed)
    y = -np.log(reference.rate(T, x, a)) + np.hypot(s, scatter) * rng.standard_t(4, len(T))
    return Data(T, y, np.full(len(T), s), np.zeros(len(T), np.int64))


increasing = st.lists(st.floats(0.01, 3.0), min_size=1, max_size=7).map(lambda steps: np.cumsum([-2.0, *steps]))


@given(increasing, st.floats(-4, 6), st.floats(0.1, 8), st.floats(-2, 2), st.floats(-2, 2))
def test_trapezoid_is_the_integral_of_linear_functions(places, low, length, slope, height):
    weights = trapezoid(places, low, low + length)
    start, stop = np.clip([low, low + length], places[0], places[-1])
    assert weights.sum() == pytest.approx(stop - start, abs=1e-12) and (weights >= -1e-15).all()
    exact = slope * (stop**2 - start**2) / 2 + height * (stop - start)
    assert weights @ (slope * places + height) == pytest.approx(exact, abs=1e-10)


def test_trapezoid_of_a_kinked_function_between_nodes():
    places, values = np.array([0.0, 1.0, 1.5, 4.0]), np.array([1.0, 3.0, -2.0, 0.5])
    exact = quad(lambda x: np.interp(x, places, values), 0.3, 3.1, points=[1.0, 1.5])[0]
    assert trapezoid(places, 0.3, 3.1) @ values == pytest.approx(exact, rel=1e-12)


@pytest.mark.parametrize(
    "lows, highs", [((0, 0), (3, 3)), ((0.4, -1), (2.2, 2.7)), ((1, 0), (3, 1.5)), ((0, 2.5), (1, 3))]
)
def test_trapezoid_above_the_diagonal(lows, highs):
    first, second = np.array([0.0, 0.7, 1.1, 2.0, 3.0]), np.array([-1.0, 0.2, 0.9, 1.7, 2.4, 3.0])
    weights = trapezoid_above(first, second, lows, highs)

    def area(function):
        return dblquad(
            lambda x, y: function(x, y), lows[1], highs[1], lows[0], lambda y: min(max(y, lows[0]), highs[0])
        )[0]

    whole = (highs[0] - lows[0]) * (highs[1] - lows[1])
    assert weights.sum() == pytest.approx(area(lambda x, y: 1.0), abs=1e-3 * whole)
    values = 1 + 2 * first[:, None] - second + 0.5 * first[:, None] * second
    exact = area(lambda x, y: 1 + 2 * x - y + 0.5 * x * y)
    assert (weights * values).sum() == pytest.approx(exact, abs=3e-3 * whole)


@given(st.floats(1e-4, 1e3), st.floats(1.1, 1e4), st.floats(0.2, 20))
def test_nodes_of_a_range_and_beyond(low, ratio, per_decade):
    high, least, most = low * ratio, low / 3, low * ratio * 1e9
    found = np.array(nodes(low, high, per_decade, least, most))
    steps = np.diff(np.log(found))
    inside = (found > low * (1 - 1e-9)) & (found < high * (1 + 1e-9))
    assert (steps > 0).all() and inside.sum() % 2 == 1
    assert inside.sum() - 1 >= np.log10(ratio) * per_decade - 1e-9
    np.testing.assert_allclose(found[[0, -1]], doubled(low, high, least, most))
    assert np.isclose(found, low).any() and np.isclose(found, high).any()
    np.testing.assert_allclose(np.diff(np.log(found[inside])), np.log(ratio) / (inside.sum() - 1), rtol=1e-6)


def test_ranges_of_half_and_twice_the_length():
    low, high = 0.01, 0.3
    for other, factor in ((halved(low, high), 0.5), (doubled(low, high, 0, np.inf), 2.0)):
        assert np.log(other[1] / other[0]) == pytest.approx(factor * np.log(high / low))
        assert other[0] * other[1] == pytest.approx(low * high)
    assert doubled(low, high, 0.005, 0.4) == (0.005, 0.4)


@pytest.mark.parametrize("spread", [0.0, 0.05, 0.7, 3.0])
def test_amplitudes_before_the_data_are_a_product_of_two(spread):
    ends = (0.5, 40.0)
    log_a = np.linspace(np.log(ends[0]) - 8 * spread, np.log(ends[1]) + 8 * spread, 20001)
    p = np.exp(amplitude_log_density(log_a, ends, spread))
    assert trapezoid(log_a, log_a[0], log_a[-1]) @ p == pytest.approx(1.0, abs=1e-3)
    rng = np.random.default_rng(2)
    drawn = rng.uniform(*np.log(ends), 20_000) + spread * rng.standard_normal(20_000)
    below = np.concatenate([[0.0], np.cumsum((p[1:] + p[:-1]) / 2 * np.diff(log_a))])
    assert kstest(drawn, lambda at: np.interp(at, log_a, below)).pvalue > 0.01


def test_amplitudes_far_outside_have_logarithms():
    found = amplitude_log_density(np.array([-30.0, 30.0]), (np.exp(-1.0), np.exp(1.0)), 0.7)
    assert np.isfinite(found).all() and found[0] == pytest.approx(found[1], rel=1e-9)


def test_before_the_data_all_cells_are_one():
    table = grid()
    cells = cells_of(table, made(s=5.0), PLAIN)
    assert len(cells.place) == len(table.outer["T_K"]) * len(cells.log_amplitudes), "such data exclude nothing"
    for spread in (0.0, 0.5):
        # A factor that is normal reaches beyond the table.
        assert np.exp(cells.log_prior(RANGES, spread)).sum() == pytest.approx(1.0, abs=1e-6 if spread == 0 else 1e-3)
    narrow = {"T_K": (0.023, 0.11), "n_imp": (1.3, 9.7)}
    assert np.exp(cells.log_prior(narrow, 0.0)).sum() == pytest.approx(1.0, abs=1e-6)


def test_levels_are_asked_given_that_there_are_some():
    """E* below Lambda0 has no weight, and what is left is log-uniform."""
    rival = Rival(
        "levels",
        "dephasing",
        {"distribution": "tunnelling_states"},
        {"Lambda0": (1, 9), "chi": (1, 2), "Estar": (1, 9)},
    )
    outer = {"Lambda0": np.geomspace(1, 9, 41), "chi": np.array([1, 1.4, 2]), "Estar": np.geomspace(1, 9, 31)}
    table = Table(rival, outer, np.ones(1), np.zeros(1), np.ones(3), np.ones(3), np.zeros((1, 41 * 3 * 31, 1, 3, 3)))
    weights = outer_weights(table, rival.outer)
    places = table.places()
    assert weights.sum() == pytest.approx(1.0) and (weights[places["Lambda0"] > places["Estar"] * 1.2] == 0).all()
    # Of two log-uniform numbers the mean of the lower one is a third of the way.
    assert weights @ np.log(places["Lambda0"]) == pytest.approx(np.log(9) / 3, rel=2e-3)
    assert weights @ np.log(places["Estar"]) == pytest.approx(np.log(9) * 2 / 3, rel=2e-3)


def test_where_there_is_no_theory_there_is_no_weight():
    """One node of the amplitude without a rate: none between the nodes that need it, and the others share all."""
    table = grid()
    log_rate = table.log_rate.copy()
    log_rate[3, 5, 2] = np.nan
    cells = cells_of(replace(table, log_rate=log_rate), made(s=5.0), PLAIN)
    known = table.log_amplitudes
    assert cells.log_amplitudes[cells.amplitude[cells.place == 5]].min() >= known[3]
    assert np.isfinite(cells.log_likelihood).all()
    assert np.exp(cells.log_prior(RANGES, 0.0)).sum() == pytest.approx(1.0, abs=1e-9)


def power_table() -> Table:
    """Levels alone: the amplitude shifts ln(tau)."""
    table = grid()
    x, a = np.meshgrid(table.outer["T_K"], np.exp(table.log_amplitudes), indexing="ij")
    log_rate = np.log(reference.levels(x, table.T[:, None, None]) * a)[..., None, None]
    return replace(table, log_rate=np.ascontiguousarray(np.broadcast_to(log_rate, table.log_rate.shape)))


def test_evidence_in_closed_form():
    """Where the amplitude is a factor of the rate and nothing else makes dephasing, the likelihood of one point is a
    density of y - ln tau: over a log-uniform amplitude it integrates to 1/ln(high/low), whatever the errors and the
    nuisances are."""
    one = Data(T8[:1], np.array([-np.log(reference.levels(0.05, T8[0]) * 3.0)]), np.array([0.1]), np.zeros(1, np.int64))
    cells = cells_of(power_table(), one, PLAIN)
    ranges = {"T_K": (0.02, 0.06), "n_imp": RANGES["n_imp"]}
    found = evidence(cells, ranges, 0.0, LIMITS)
    exact = -np.log(np.log(100.0))
    assert found.value == pytest.approx(exact, abs=0.02)
    assert found.error < 0.02 and found.cut == ()
    for name, change in {"n_imp x 1/2": np.log(2), "n_imp x 2": -np.log(2), "T_K x 1/2": 0, "T_K x 2": 0}.items():
        assert found.variants[name] == pytest.approx(exact + change, abs=0.03)
    # A factor on the cross-section makes the prior wider, and flat inside it.
    assert evidence(cells, ranges, 0.3, LIMITS).value == pytest.approx(exact, abs=0.02)


def test_evidence_by_simulation():
    """The mean of the likelihood over parameters and nuisances drawn from what is believed: no cells and no rule."""
    data, believed = made(s=0.3, T=T8[::3]), Nuisances(T_heat=(1e-6, 2e-6))
    cells = cells_of(grid(T8[::3], believed=believed), data, setting(believed))
    found = evidence(cells, RANGES, 0.0, LIMITS)
    rng, count = np.random.default_rng(3), 400_000
    x, a = (np.exp(rng.uniform(*np.log(RANGES[name]), (count, 1))) for name in ("T_K", "n_imp"))
    u, s_m = rng.standard_normal((count, 4)), np.abs(rng.normal(0.0, 0.1, (count, 1)))
    log_p = reference.log_p(data, reference.log_tau(u, data.T, x, a, PLAIN.sigma), s_m).sum(axis=1)
    exact, error = logsumexp(log_p) - np.log(count), np.exp(log_p).std() / np.exp(log_p).mean() / np.sqrt(count)
    assert error < 0.01
    assert found.value == pytest.approx(exact, abs=0.05)
    assert found.error < 0.05


def test_a_range_that_the_domain_cuts_is_named():
    cells = cells_of(grid(), made(), PLAIN)
    assert evidence(cells, RANGES, 0.0, LIMITS | {"T_K": RANGES["T_K"]}).cut == ("T_K",)


def test_the_density_without_its_factor():
    """p(ln P_d) from the effective amplitude: simulated, of a cell with one amplitude the normal distribution."""
    cells = cells_of(grid(), made(s=5.0), PLAIN)
    weights = np.zeros(len(cells.place))
    at = int(np.argmin(np.abs(cells.log_amplitudes[cells.amplitude] - np.log(3.0))))
    weights[at] = 1.0
    found, middle = density(cells, weights, RANGES["n_imp"], 0.4), cells.log_amplitudes[cells.amplitude[at]]
    assert np.log(found.quantile(0.5)) == pytest.approx(middle, abs=0.02)
    assert np.log(found.quantile(0.84134)) - middle == pytest.approx(0.4, abs=0.02)
    drawn, factor = densities_drawn(np.full(20_000, middle), RANGES["n_imp"], 0.4, np.random.default_rng(0))
    np.testing.assert_allclose(drawn + factor, middle, atol=1e-12)
    assert kstest(drawn, norm(middle, 0.4).cdf).pvalue > 0.01
    # Near the end of the range the normal distribution is cut.
    cut, _ = densities_drawn(np.full(20_000, np.log(0.3)), RANGES["n_imp"], 0.4, np.random.default_rng(0))
    assert kstest((cut - np.log(0.3)) / 0.4, lambda at: 2 * norm.cdf(at) - 1).pvalue > 0.01


def test_draws_follow_the_weights():
    rng = np.random.default_rng(0)
    weights = rng.random(300) ** 8
    weights /= weights.sum()
    drawn = cells_drawn(weights, 5000, rng)
    assert (np.abs(np.bincount(drawn, minlength=300) - 5000 * weights) <= 1.0).all()


def test_draws_have_the_moments_of_the_cells():
    """Nuisances drawn by importance have the means that the rule gives."""
    data = made()
    cells = cells_of(grid(), data, PLAIN)
    weights, _ = cells.weigh(cells.log_prior(RANGES, 0.0))
    rng = np.random.default_rng(5)
    drawn = wire_drawn(cells, data, PLAIN, cells, cells_drawn(weights, 1000, rng), rng)
    means = weights @ cells.moments
    np.testing.assert_allclose(drawn.u.mean(axis=0), means[3:7], atol=0.15)
    np.testing.assert_allclose((drawn.u**2).mean(axis=0), means[7:], atol=0.25)
    assert drawn.s_m.mean() == pytest.approx(means[0], rel=0.1)
    assert np.log(drawn.T_heat).mean() == pytest.approx(means[2], abs=0.1)
    # Their times are those of the drawn parameters: of the data to within their errors.
    assert np.abs(np.median(drawn.log_tau, axis=0) - data.y).max() < 0.3


def test_misfit_of_data_from_the_model_is_even():
    """The truth in place of draws: p is uniform. With the posterior it is never smaller than it says."""
    rng, found = np.random.default_rng(6), []
    for seed in range(150):
        data = made(seed=seed)
        eta = np.tile(-np.log(reference.rate(T8, 0.05, 3.0)), (400, 1))
        draws = type("Draws", (), {"log_tau": eta, "s_m": np.zeros(400)})()
        found.append(misfit(data, draws, rng))
    assert kstest(found, "uniform").pvalue > 0.01


def test_misfit_with_the_posterior_is_seldom_small():
    table, found, rng = grid(per_decade=4.0), [], np.random.default_rng(7)
    for seed in range(30):
        data = made(seed=seed)
        cells = cells_of(table, data, PLAIN)
        weights, _ = cells.weigh(cells.log_prior(RANGES, 0.0))
        found.append(misfit(data, wire_drawn(cells, data, PLAIN, cells, cells_drawn(weights, 100, rng), rng), rng))
    assert np.mean(np.array(found) < 0.05) <= 0.1 and 0.3 < np.mean(found) < 0.8
    bad = replace(made(), y=made().y + 1.5 * (-1.0) ** np.arange(8))
    cells = cells_of(table, bad, PLAIN)
    weights, _ = cells.weigh(cells.log_prior(RANGES, 0.0))
    drawn = wire_drawn(cells, bad, PLAIN, cells, cells_drawn(weights, 100, rng), rng)
    assert misfit(bad, drawn, rng) < 0.05 or drawn.s_m.mean() > 0.2, "scattered by 1.5"


@pytest.mark.parametrize("left_out", [0, 4, 7])
def test_a_point_left_out_as_if_it_were_not_there(left_out):
    """p(y_i | all others) = Z/Z without i."""
    data, table = made(s=0.2), grid()
    cells = cells_of(table, data, PLAIN)
    weights, whole = cells.weigh(cells.log_prior(RANGES, 0.0))
    rest = np.arange(8) != left_out
    without = cells_of(table, Data(*(each[rest] for each in (data.T, data.y, data.s, data.limit))), PLAIN)
    _, other = without.weigh(without.log_prior(RANGES, 0.0))
    assert -np.log(weights @ cells.inverse)[left_out] == pytest.approx(whole - other, abs=0.1)


@pytest.mark.parametrize("s", [0.03, 0.1, 0.5])
def test_between_exact_cells_nothing_is_lost(s, monkeypatch):
    data, table = made(s=s), grid()
    thinned = cells_of(table, data, PLAIN)
    monkeypatch.setattr(module, "_FURTHEST", 1)
    every = cells_of(table, data, PLAIN)
    assert np.array_equal(thinned.place, every.place)
    near = every.log_likelihood > every.log_likelihood.max() - 8
    np.testing.assert_allclose(thinned.log_likelihood[near], every.log_likelihood[near], atol=0.06)
    first, second = (each.weigh(each.log_prior(RANGES, 0.0)) for each in (thinned, every))
    assert first[1] == pytest.approx(second[1], abs=2e-3)
    np.testing.assert_allclose(first[0] @ thinned.moments, second[0] @ every.moments, atol=0.02)


def test_threads_and_repeats_give_the_same_bits(monkeypatch):
    data, table = made(), grid()
    one, again, three = (cells_of(table, data, PLAIN, threads) for threads in (1, 1, 3))
    for name in ("place", "amplitude", "log_likelihood", "moments", "inverse"):
        assert np.array_equal(getattr(one, name), getattr(again, name)), name
        assert np.array_equal(getattr(one, name), getattr(three, name)), name
    weights, _ = one.weigh(one.log_prior(RANGES, 0.0))
    draws = []
    for _ in range(2):
        rng = np.random.default_rng(1)
        draws.append(wire_drawn(one, data, PLAIN, one, cells_drawn(weights, 50, rng), rng))
    for name in ("log_amplitude", "u", "s_m", "log_tau"):
        assert np.array_equal(getattr(draws[0], name), getattr(draws[1], name)), name


def test_a_truth_in_the_middle_is_found_and_one_outside_leans():
    data, table = made(s=0.03, T=np.geomspace(0.02, 1, 20)), grid(np.geomspace(0.02, 1, 20))
    cells = cells_of(table, data, PLAIN)
    log_prior = cells.log_prior(RANGES, 0.0)
    found = marginals(cells, log_prior, cells.weigh(log_prior)[0], RANGES, 0.0)
    assert {each.remark for each in found.values()} == {""}
    assert found["T_K"].quantile(0.01) < 0.05 < found["T_K"].quantile(0.99)
    assert found["n_imp"].quantile(0.01) < 3.0 < found["n_imp"].quantile(0.99)
    elsewhere = {"T_K": (0.01, 0.3), "n_imp": (20.0, 30.0)}
    assert cells.weigh(cells.log_prior(elsewhere, 0.0))[1] == -np.inf, "no cell there is near the best one"
    cells = cells_of(table, data, PLAIN, ranges=elsewhere)
    log_prior = cells.log_prior(elsewhere, 0.0)
    leans = marginals(cells, log_prior, cells.weigh(log_prior)[0], elsewhere, 0.0)
    assert leans["n_imp"].remark == "set by the prior"
    nothing = cells_of(grid(), made(s=5.0), PLAIN)
    log_prior = nothing.log_prior(RANGES, 0.0)
    remarks = marginals(nothing, log_prior, nothing.weigh(log_prior)[0], RANGES, 0.0)
    assert {each.remark for each in remarks.values()} == {"not determined by the data"}


def test_two_wires_by_integration():
    """L(x, A) = product over wires of the integral over ln a of N(ln a - ln A; BETWEEN_WIRES) L_w(x, a)."""
    first, second = made(a=3.0, seed=1), made(a=5.0, seed=2)
    table = grid(per_decade=3.0)
    wires = [cells_of(table, each, PLAIN) for each in (first, second)]
    joint = joined(wires)
    alone = [cells_of(table, each, PLAIN, step=0.02) for each in (first, second)]
    best = np.argsort(joint.log_likelihood)[-40::8]
    for at in best:
        exact = 0.0
        for wire in alone:
            own = wire.place == joint.place[at]
            log_a = wire.log_amplitudes[wire.amplitude[own]]
            given_a = norm.pdf(log_a, joint.log_amplitudes[joint.amplitude[at]], BETWEEN_WIRES)
            exact += np.log(np.trapezoid(given_a * np.exp(wire.log_likelihood[own]), log_a))
        assert joint.log_likelihood[at] == pytest.approx(exact, abs=0.05)
    assert joined(wires[:1]) is wires[0]


def test_wires_that_contradict_each_other_have_an_evidence():
    T = np.geomspace(0.02, 1, 20)
    table = grid(T, per_decade=4.0)
    wires = [cells_of(table, made(x, a, s=0.02, T=T), PLAIN) for x, a in ((0.02, 1.0), (0.28, 30.0))]
    assert not set(wires[0].place) & set(wires[1].place)
    joint = joined(wires, RANGES)
    weights, value = joint.weigh(joint.log_prior(RANGES, 0.0))
    alone = [each.weigh(each.log_prior(RANGES, 0.0))[1] for each in wires]
    assert weights.sum() == pytest.approx(1.0) and value < sum(alone) - 5
