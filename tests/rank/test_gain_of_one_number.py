"""What one number tells about the rival, against integrals and closed forms."""

import numpy as np
import pytest
from scipy import stats

from helpers.rivals_apart import apart, bits_between, even, fair, normals
from survey.errors import SurveyError
from survey.rank.measured import Measured
from survey.rank.rivals import gain_about_rival, wrong_rival

COUNT = 8000


def test_equal_rivals_are_not_told_apart(rng):
    draws = rng.exponential(3, COUNT)
    measured = [Measured({"a": draws, "b": draws}, 0.05, 0.01)]
    gain = gain_about_rival(measured, even(COUNT), fair(), 1)
    assert gain.bits < 2e-3 and gain.resolved
    wrong, error = wrong_rival(measured, even(COUNT), {"a": 0.7, "b": 0.3}, 1)
    assert wrong == pytest.approx(0.3, abs=1e-9 + 3 * error)


@pytest.mark.parametrize("distance", [0.1, 1.0, 2.0, 4.0])
@pytest.mark.parametrize("spread", [0, 5])
def test_two_normal_laws(distance, spread, rng):
    measured = apart(distance, spread, 1, COUNT, rng)
    gain = gain_about_rival(measured, even(COUNT), fair(), 1)
    assert gain.bits == pytest.approx(normals(distance), abs=3.5 * gain.error + 1e-4)
    assert gain.lower == gain.upper == gain.bits and gain.resolved and gain.error < 0.01
    wrong, error = wrong_rival(measured, even(COUNT), fair(), 1)
    assert wrong == pytest.approx(stats.norm.cdf(-distance / 2), abs=3.5 * error + 3e-4)


def test_well_separated_rivals_give_their_entropy():
    prior = {"a": 0.5, "b": 0.3, "c": 0.2, "never": 0.0}
    values = {name: np.full(50, 10.0**power) for power, name in enumerate(prior)}
    measured = [Measured(values, 0.05, 0.01)]
    gain = gain_about_rival(measured, even(50, [*prior]), prior, 1)
    assert gain.bits == pytest.approx(-sum(p * np.log2(p) for p in (0.5, 0.3, 0.2)), abs=1e-9)
    assert wrong_rival(measured, even(50, [*prior]), prior, 1)[0] == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize("relative, floor", [(0.3, 0.0), (0.3, 0.05), (0.02, 1.0), (1.0, 0.1)])
def test_noise_that_grows_with_the_value(relative, floor):
    """The noises of the two differ, readings below zero occur, and the sum over nodes is the integral to 1 %."""
    values, prior = (2.0, 2.5), (0.4, 0.6)
    densities = [stats.norm(v, np.hypot(relative * v, floor)).pdf for v in values]
    width = 9 * np.hypot(relative * 2.5, floor)
    exact = bits_between(densities, prior, 2 - width, 2.5 + width)
    measured = [Measured({"a": np.full(9, values[0]), "b": np.full(9, values[1])}, relative, floor)]
    gain = gain_about_rival(measured, even(9), dict(zip("ab", prior, strict=True)), 1)
    assert gain.bits == pytest.approx(exact, rel=0.01)


def test_a_prediction_of_zero_is_legal_with_a_floor():
    measured = Measured({"a": np.zeros(9), "b": np.full(9, 3.0)}, 0.5, 1.0)
    densities = [stats.norm(0, 1).pdf, stats.norm(3, np.hypot(1.5, 1)).pdf]
    exact = bits_between(densities, (0.5, 0.5), -15, 20)
    assert gain_about_rival([measured], even(9), fair(), 1).bits == pytest.approx(exact, abs=2e-4)
    with pytest.raises(SurveyError, match="without noise; give it a floor"):
        gain_about_rival([Measured(measured.values, 0.5, 0.0)], even(9), fair(), 1)


def test_units_do_not_matter(rng):
    draws = {"a": rng.lognormal(0, 1, 500), "b": rng.lognormal(0.5, 1.5, 500)}
    gains = [
        gain_about_rival(
            [Measured({r: unit * v for r, v in draws.items()}, 0.1, 0.05 * unit)], even(500), fair(), 1
        ).bits
        for unit in (1.0, 1e-34, 1e30)
    ]
    assert gains == pytest.approx([gains[0]] * 3, rel=1e-9) and gains[0] > 0.02


@pytest.mark.parametrize("value", [1e3, 1e12])
def test_a_floor_alone_is_the_same_at_any_value(value):
    measured = [Measured({"a": np.full(9, value), "b": np.full(9, value + 2)}, 0.0, 1.0)]
    assert gain_about_rival(measured, even(9), fair(), 1).bits == pytest.approx(normals(2), abs=4e-4)


def test_one_draw_and_one_rival():
    measured = [Measured({"a": [1.0], "b": [2.0]}, 0.1, 0.0)]
    assert 0.9 < gain_about_rival(measured, even(1), fair(), 1).bits <= 1
    assert gain_about_rival(measured, even(1), {"a": 1.0, "b": 0.0}, 1).bits == 0
    assert wrong_rival(measured * 2, even(1), {"a": 1.0, "b": 0.0}, 1) == (0, 0)


def test_weights_are_those_of_the_draws(rng):
    """Cells of a grid with the weights of a normal law do as well as draws of it."""
    grid = np.linspace(-6, 6, 3001)
    weights = np.exp(-(grid**2) / 2) / np.exp(-(grid**2) / 2).sum()
    measured = [Measured({"a": 900 + 3 * grid, "b": 900 + 3 * grid + 2 * np.sqrt(10)}, 0.0, 1.0)]
    gain = gain_about_rival(measured, {"a": weights, "b": weights}, fair(), 1)
    assert gain.bits == pytest.approx(normals(2), abs=0.003)


def test_the_bias_of_few_draws_is_removed_and_the_error_is_honest():
    """60 sets of 300 draws: their mean is right within its scatter, and their errors cover as those of a normal law."""
    gains = [
        gain_about_rival(apart(1.5, 10, 1, 300, np.random.default_rng(seed)), even(300), fair(), seed)
        for seed in range(60)
    ]
    bits, errors = np.array([(gain.bits, gain.error) for gain in gains]).T
    away = bits - normals(1.5)
    assert abs(away.mean()) < 3 * bits.std() / np.sqrt(60) < 0.02
    assert 0.5 < np.mean(abs(away) < errors) < 0.85
    assert np.mean(abs(away) < 2 * errors) > 0.85


def test_too_few_draws_are_not_resolved(rng):
    """40 draws that lie far apart look like two rivals."""
    assert not gain_about_rival(apart(0, 100, 1, 40, rng), even(40), fair(), 1).resolved
    assert gain_about_rival(apart(0, 1, 1, 4000, rng), even(4000), fair(), 1).resolved


def test_same_seed_same_bits(rng):
    measured = apart(1, 3, 1, 500, rng)
    first, again, other = (gain_about_rival(measured, even(500), fair(), seed) for seed in (4, 4, 5))
    assert first == again != other


ONES = np.ones(3)
PAIR = {"a": ONES, "b": ONES}


@pytest.mark.parametrize(
    "measured, weights, prior, message",
    [
        ([], even(3), fair(), "measures nothing"),
        ([Measured({"a": ONES, "b": np.ones(2)}, 0.1, 0)], even(3), fair(), r"\(2,\); the weights have \(3,\)"),
        ([Measured({"a": ONES}, 0.1, 0)], even(3), fair(), "no draws of b"),
        ([Measured({"a": ONES, "b": -ONES}, 0.1, 0)], even(3), fair(), "draws of b have to be finite and >= 0"),
        ([Measured(PAIR, np.nan, 0)], even(3), fair(), "relative is nan"),
        ([Measured(PAIR, 1.5, 0)], even(3), fair(), "relative is 1.5; a number between 0 and 1"),
        ([Measured(PAIR, 0.1, -1)], even(3), fair(), "floor is -1"),
        ([Measured(PAIR, 0.1, 0)], even(3), {"a": 0.5, "b": 0.4}, "the sum is 0.9"),
        ([Measured(PAIR, 0.1, 0)], {"a": ONES / 3}, fair(), "weights: none of b"),
        ([Measured(PAIR, 0.1, 0)], even(3) | {"b": ONES}, fair(), "weights of b: the sum"),
    ],
)
def test_what_means_nothing_is_refused(measured, weights, prior, message):
    with pytest.raises(SurveyError, match=message):
        gain_about_rival(measured, weights, prior, 1)
