"""Criteria, nodes and brackets of crossovers, where each number is known on paper."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.polynomial.chebyshev import chebval

from physics.constants import BOLTZMANN, HBAR
from survey.config.crossovers import Equal, Exponent, ThermalLimit
from survey.cubes.criteria import Criterion, criterion, on_grid, points, roots

V = Criterion(values={"v": 1.0})


@pytest.mark.parametrize(
    ("width", "count"), [(1e-3, 6), (0.15, 6), (0.1501, 8), (0.35, 8), (0.3501, 18), (3.0, 18), (50.0, 18)]
)
def test_nodes_of_an_interval(width, count):
    """The zeros of a Chebyshev polynomial on the interval and 15 % of its width beyond both ends."""
    nodes = points(0.0, width)
    assert len(nodes) == count
    t = (nodes - width / 2) / (0.65 * width)
    np.testing.assert_allclose(chebval(t, [0] * count + [1]), 0, atol=1e-13)
    assert abs(t).max() < 1


def of(function, low, high):
    """The logarithms at the nodes of an interval, of one cell or of several."""
    values = np.asarray(function(points(low, high)), dtype=float)
    return {"v": values[:, None] if values.ndim == 1 else values}


@pytest.mark.parametrize("slope", [0.5, -0.5, 1e3, -1e-6])
def test_the_width_of_a_bracket_is_that_of_the_values_over_the_slope(slope):
    """g within +-accuracy of zero: 2 accuracy/|slope| in x; of two variables the sum."""
    x, width = roots(1.0, 1.4, of(lambda x: slope * (x - 1.25), 1.0, 1.4), V, accuracy=1e-3)
    assert x[0] == pytest.approx(1.25, rel=1e-12) and width[0] == pytest.approx(2e-3 / abs(slope), rel=1e-9)
    logs = of(lambda x: slope * (x - 1.25), 1.0, 1.4)
    logs["w"] = -logs["v"]
    x, width = roots(1.0, 1.4, logs, Criterion(values={"v": 1.0, "w": -3.0}), accuracy=1e-3)
    assert x[0] == pytest.approx(1.25, rel=1e-12)
    assert width[0] == pytest.approx(2 * 4e-3 / abs(4 * slope), rel=1e-9)


def test_the_width_of_a_bracket_of_slopes():
    """The slope of a polynomial of n points is known to n^2 accuracy over half its range."""
    for high, count in ((1.1, 6), (1.3, 8), (1.5, 18)):
        logs = of(lambda x: -(x**2), 1.0, high)
        rule = Criterion(slopes={"v": 2.0}, constant=4 * (1.0 + 0.4 * (high - 1.0)))
        x, width = roots(1.0, high, logs, rule, accuracy=1e-6)
        half = 0.65 * (high - 1.0)
        assert x[0] == pytest.approx(1.0 + 0.4 * (high - 1.0), rel=1e-9)
        # 4 is the steepness of g, 2 the factor of the slope in it.
        assert width[0] == pytest.approx(2 * 2 * 1e-6 * count**2 / half / 4, rel=1e-5)


def test_the_last_terms_of_the_polynomial_widen_the_bracket():
    """Six points: t + e T5 + d T4, zero near t = 0, has the last terms e and d."""
    low, high = 0.0, 0.1
    half = 0.65 * 0.1
    for terms in ([0, 1, 0, 0, 0, 0.01], [-0.01, 1, 0, 0, 0.01, 0]):
        logs = of(lambda x, terms=terms: chebval((x - 0.05) / half, terms), low, high)
        x, width = roots(low, high, logs, V, accuracy=1e-4)
        steepness = (1 + 5 * terms[5]) / half
        assert x[0] == pytest.approx(0.05, abs=1e-12) and width[0] == pytest.approx(2 * 0.0101 / steepness, rel=1e-9)
        # The term before is no measure of what is left out.
    logs = of(lambda x: chebval((x - 0.05) / half, [0, 1, 0, 0.01]), low, high)
    assert roots(low, high, logs, V, accuracy=1e-4)[1][0] == pytest.approx(2 * 1e-4 * half / (1 - 0.03), rel=1e-9)


def test_the_last_terms_of_a_slope_widen_its_bracket():
    """T2 + e T5 has the slope 4 t + e (10 T4 + 10 T2 + 5) over half the range: its last term is 10 e, with T4 8 e."""
    low, high = 0.0, 0.1
    half = 0.65 * 0.1
    for terms, last in (([0, 0, 1, 0, 0, 1e-3], 10e-3), ([0, 0, 1, 0, 1e-3], 8e-3), ([0, 0, 1, 1e-3], 0.0)):
        logs = of(lambda x, terms=terms: chebval((x - 0.05) / half, terms), low, high)
        x, width = roots(low, high, logs, Criterion(slopes={"v": 1.0}), accuracy=1e-9)
        # Five terms and a zero: the last three of them count.
        assert abs(x[0] - 0.05) < 2e-3 * half
        assert width[0] == pytest.approx(2 * (last + 36e-9) / half / (4 / half**2), rel=2e-2)


@pytest.mark.parametrize(("root", "found"), [(-0.14, True), (-0.16, False), (1.14, True), (1.16, False), (0.5, True)])
def test_a_root_may_lie_in_the_margins(root, found):
    for sign in (1, -1):
        x, width = roots(0.0, 1.0, of(lambda x, sign=sign: sign * (x - root), 0.0, 1.0), V, accuracy=1e-12)
        assert np.isfinite(x[0]) == np.isfinite(width[0]) == found
        assert not found or x[0] == pytest.approx(root, abs=1e-12)


def test_cells_do_not_see_each_other():
    roots_wanted = np.array([0.1, np.nan, 0.9, 0.35])
    logs = of(lambda x: np.where(np.isnan(roots_wanted), -2.0, np.sinh(x[:, None] - roots_wanted)), 0.0, 1.0)
    x, width = roots(0.0, 1.0, logs, V, accuracy=1e-12)
    np.testing.assert_allclose(x, roots_wanted, atol=1e-10)
    assert (np.isnan(width) == np.isnan(roots_wanted)).all()
    alone = [roots(0.0, 1.0, {"v": logs["v"][:, k : k + 1]}, V, accuracy=1e-12)[0][0] for k in range(4)]
    np.testing.assert_allclose(x, alone, atol=1e-14)


def test_the_highest_root_whatever_its_sign():
    for sign in (1, -1):
        logs = of(lambda x, sign=sign: sign * (x - 0.2) * (x - 0.55) * (x - 0.8), 0.0, 1.0)
        assert roots(0.0, 1.0, logs, V, accuracy=1e-12)[0][0] == pytest.approx(0.8, abs=1e-10)


def test_a_root_where_newton_s_step_leads_away():
    """The slope vanishes near the middle of the first bracket."""
    for root in (0.31, 0.52, 0.77):
        logs = of(lambda x, root=root: (x - root) ** 3 + 1e-4 * (x - root), 0.0, 1.0)
        assert roots(0.0, 1.0, logs, V, accuracy=1e-15)[0][0] == pytest.approx(root, abs=1e-10)


def test_x_and_a_constant_in_a_criterion():
    """v = exp(-x): ln v + 2 x + d vanishes at x = -d, whatever the interval."""
    for low, high in ((-0.8, -0.6), (2.0, 2.9), (10.0, 13.0)):
        constant = -np.array([low + 0.3 * (high - low), low + 0.9 * (high - low)])
        logs = {"v": np.repeat(-points(low, high)[:, None], 2, axis=1)}
        x, _ = roots(low, high, logs, Criterion(values={"v": 1.0}, x=2.0, constant=constant), accuracy=1e-12)
        np.testing.assert_allclose(x, -constant, rtol=1e-11)


def test_a_criterion_is_the_sum_of_its_terms():
    rule = Criterion(values={"a": 2.0, "b": -3.0}, slopes={"b": 5.0, "c": 0.5}, x=7.0, constant=11.0)
    value, slope = {"a": 0.1, "b": 0.2}.__getitem__, {"b": 0.3, "c": 0.4}.__getitem__
    assert rule(10.0, value, slope) == pytest.approx(11 + 70 + 0.2 - 0.6 + 1.5 + 0.2)
    assert rule.variables == {"a", "b", "c"} and V.variables == {"v"}
    assert rule.of_cells(np.array([1])) == rule
    several = Criterion(constant=np.array([1.0, 2.0, 3.0])).of_cells(np.array([2, 0]))
    assert several.constant.tolist() == [3.0, 1.0]


def test_the_criteria_of_the_settings():
    value, slope = {"a": 0.7, "b": 0.2}.__getitem__, {"a": -0.4}.__getitem__

    def g(settings, x=0.3):
        return criterion(settings)(x, value, slope)

    assert g(Equal(kind="equal", quantity="q", variables=("a", "b"))) == pytest.approx(0.5)
    assert g(Equal(kind="equal", quantity="q", variables=("b", "a"))) == pytest.approx(-0.5)
    falls = Exponent(kind="exponent", quantity="q", variable="a", value=0.15)
    assert g(falls) == pytest.approx(0.15 - 0.4)
    assert g(replace(falls, exponent="rises")) == pytest.approx(0.4 - 0.15)
    limit = g(ThermalLimit(kind="thermal_limit", quantity="q", variable="a"))
    assert limit == pytest.approx(np.log(np.exp(0.7) * BOLTZMANN * np.exp(0.3) / HBAR))


def test_the_criterion_of_a_limit_along_another_axis():
    """At each temperature; that the theory holds below turns the sign."""
    T = np.array([0.1, 2.0])
    settings = ThermalLimit(kind="thermal_limit", quantity="q", variable="a", along="omega")
    g = criterion(settings, T)(17.0, {"a": -24.0}.__getitem__, None)
    np.testing.assert_allclose(g, np.log(np.exp(-24.0) * BOLTZMANN * T / HBAR))
    below = criterion(replace(settings, holds="below"), T)
    np.testing.assert_allclose(below(17.0, {"a": -24.0}.__getitem__, None), -g)
    along_T = criterion(replace(settings, along="T", holds="below"))
    assert along_T(np.log(2.0), {"a": -24.0}.__getitem__, None) == pytest.approx(-g[1])


@pytest.mark.parametrize("count", [1, 2, 3, 4, 9])
def test_slopes_from_as_many_points_as_there_are(count):
    """Of a straight line exactly from two points on, of a parabola from three, of a cubic from four; of one point 0."""
    x = np.geomspace(1.0, 2.0, count) if count > 1 else np.array([1.0])
    for power in range(1, min(count, 4)):
        logs = {"v": np.stack([x**power, 2 - x**power], axis=1), "w": -(x[:, None] ** power)}
        value, slope = on_grid(x, logs)
        expected = power * x ** (power - 1)
        np.testing.assert_allclose(slope("v"), np.stack([expected, -expected], axis=1), rtol=1e-10)
        np.testing.assert_allclose(slope("w")[:, 0], -expected, rtol=1e-10)
        assert value("w") is logs["w"] and slope("v") is slope("v")
    assert on_grid(x[:1], {"v": np.ones((1, 2))})[1]("v").tolist() == [[0.0, 0.0]]
