"""What readings tell about parameters, against closed forms of linear normal laws and against integrals."""

import numpy as np
import pytest
from scipy import integrate, stats

from helpers.rivals_apart import even
from survey.errors import SurveyError
from survey.rank.measured import Measured
from survey.rank.parameters import gain_about_parameters
from survey.rank.search import best_next

COUNT = 8000


def linear(theta: np.ndarray, slopes: np.ndarray, common: np.ndarray | float = 0.0) -> list[Measured]:
    """Readings with noise 1 of theta slopes + what is common to all: slopes has shape (k, d)."""
    return [Measured({"a": 1000 + column + common}, 0.0, 1.0) for column in (theta @ slopes).T]


def exact(slopes: np.ndarray, common: float = 0.0) -> float:
    """1/2 log2 det(S + N)/det N, with standard normal theta and a common nuisance of standard deviation `common`."""
    noise = np.eye(slopes.shape[1]) + common**2
    return 0.5 * np.log2(np.linalg.det(slopes.T @ slopes + noise) / np.linalg.det(noise))


def about(measured: list[Measured], theta: np.ndarray, seed: int = 1):
    return gain_about_parameters(measured, even(len(theta), "a"), {"a": theta}, {"a": 1.0}, seed)


@pytest.mark.parametrize("size, common", [(0.5, 0), (2, 0), (2, 3), (10, 3)])
@pytest.mark.parametrize("shape", [(1, 1), (4, 1), (2, 2), (4, 3), (4, 4)])
def test_linear_normal_laws(size, common, shape, rng):
    """1/2 ln det(S + N)/det N in one to four dimensions; a nuisance that is common to the readings is marginalised."""
    slopes = size * (np.eye(*shape) + 0.4)
    theta, nuisance = rng.standard_normal((COUNT, shape[0])), common * rng.standard_normal(COUNT)
    gain = about(linear(theta, slopes, nuisance), theta)
    true = exact(slopes, common)
    assert gain.bits == pytest.approx(true, abs=3 * gain.error + 0.03)
    assert gain.lower < true + 0.08 and gain.upper > true - 0.08
    assert gain.resolved or gain.upper - gain.lower > 0.1


def test_nothing_to_be_learnt(rng):
    theta = rng.standard_normal((COUNT, 2))
    gain = about([Measured({"a": rng.lognormal(0, 1, COUNT)}, 0.1, 0.01)], theta)
    assert gain.bits < 0.03 and gain.resolved
    constant = about([Measured({"a": rng.lognormal(0, 1, COUNT)}, 0.1, 0.01)], np.ones((COUNT, 3)))
    assert (constant.bits, constant.error) == (0, 0)


def test_independent_measurements_add_up(rng):
    """Two readings of two parameters, one each."""
    theta = rng.standard_normal((COUNT, 2))
    one, two = linear(theta, np.diag([2.0, 4.0]))
    gains = [about(each, theta) for each in ([one], [two], [one, two])]
    error = np.sqrt(sum(gain.error**2 for gain in gains))
    assert gains[2].bits == pytest.approx(gains[0].bits + gains[1].bits, abs=3 * error)
    assert gains[2].bits > gains[1].bits > gains[0].bits


def test_a_bent_prediction_with_noise_that_grows(rng):
    """v = exp(theta), theta even between -2 and 3, noise 20 % and a floor: h(y) by quadrature less <h(noise)>."""
    theta = rng.uniform(-2, 3, (COUNT, 1))
    measured = Measured({"a": np.exp(theta[:, 0])}, 0.2, 0.3)
    nodes = np.linspace(-2, 3, 2001)
    values = np.exp(nodes)
    noise = np.hypot(0.2 * values, 0.3)
    readings = np.concatenate([np.linspace(-3, 5, 4001), np.linspace(5.01, 50, 6001)])
    density = np.array([integrate.trapezoid(stats.norm.pdf(y, values, noise), nodes) / 5 for y in readings])
    entropy = -integrate.trapezoid(density * np.log2(np.maximum(density, 1e-300)), readings)
    true = entropy - integrate.trapezoid(0.5 * np.log2(2 * np.pi * np.e * noise**2), nodes) / 5
    gain = about([measured], theta)
    assert gain.bits == pytest.approx(true, abs=3 * gain.error + 0.02)
    assert gain.lower <= true + 0.06 and gain.upper >= true - 0.06


def test_strong_dependence_in_four_dimensions_is_between_the_sides(rng):
    """9.9 bits: the bound saturates, and the number says that it is not resolved."""
    slopes = 12 * np.eye(4)
    theta = rng.standard_normal((COUNT, 4))
    gain = about(linear(theta, slopes), theta)
    assert not gain.resolved and gain.lower < exact(slopes) < gain.upper + 4 * gain.error


def test_a_mean_over_rivals_of_which_one_has_no_parameters(rng):
    theta = rng.standard_normal((COUNT, 1))
    draws = 1000 + 3 * theta[:, 0]
    weights, prior = even(COUNT), {"a": 0.3, "b": 0.7}
    measured = [Measured({"a": draws, "b": draws}, 0.0, 1.0)]
    parameters = {"a": theta, "b": np.empty((COUNT, 0))}
    gain = gain_about_parameters(measured, weights, parameters, prior, 1)
    assert gain.bits == pytest.approx(0.3 * 0.5 * np.log2(10), abs=3 * gain.error + 0.005)


def test_units_and_seeds(rng):
    theta = rng.standard_normal((1000, 2))
    values = np.exp(theta @ [0.5, 1.0])
    first, again, small = (
        about([Measured({"a": unit * values}, 0.1, 0.2 * unit)], theta * unit) for unit in (1.0, 1.0, 1e-24)
    )
    assert first == again
    assert small.bits == pytest.approx(first.bits, abs=0.02)
    assert about([Measured({"a": values}, 0.1, 0.2)], theta, 2) != first


def test_weights_are_those_of_the_draws(rng):
    """Draws of a wide law with the weights of a narrow one."""
    theta = rng.uniform(-5, 5, (COUNT, 1))
    weights = np.exp(-(theta[:, 0] ** 2) / 2)
    measured = linear(theta, np.array([[3.0]]))
    gain = gain_about_parameters(measured, {"a": weights / weights.sum()}, {"a": theta}, {"a": 1.0}, 1)
    assert gain.bits == pytest.approx(0.5 * np.log2(10), abs=3 * gain.error + 0.03)


def test_the_search_is_about_parameters_too(rng):
    theta = rng.standard_normal((2000, 2))
    one, two = linear(theta, np.diag([2.0, 6.0]))
    ranking = best_next({"1": [one], "2": [two]}, even(2000, "a"), {"a": 1.0}, 1, 2, parameters={"a": theta})
    assert [choice.names for choice in ranking] == [("1", "2"), ("2",), ("1",)]


@pytest.mark.parametrize(
    "parameters, message",
    [
        ({}, r"none of a; a rival without any has an array of shape \(500, 0\)"),
        ({"a": np.zeros(500)}, r"shape \(500,\); finite numbers of shape \(500, k\)"),
        ({"a": np.full((500, 1), np.nan)}, "finite numbers of shape"),
    ],
)
def test_what_means_nothing_is_refused(parameters, message):
    with pytest.raises(SurveyError, match=message):
        gain_about_parameters([Measured({"a": np.ones(500)}, 0.1, 0)], even(500, "a"), parameters, {"a": 1.0}, 1)


def test_too_few_draws_are_refused(rng):
    theta, heavy = rng.standard_normal((900, 1)), np.r_[np.full(300, 1.0), np.zeros(600)] / 300
    measured = [Measured({"a": np.exp(theta[:, 0])}, 0.1, 0)]
    with pytest.raises(SurveyError, match="draws of a: they count for 300 with equal weights; 400 are needed"):
        gain_about_parameters(measured, {"a": heavy}, {"a": theta}, {"a": 1.0}, 1)
