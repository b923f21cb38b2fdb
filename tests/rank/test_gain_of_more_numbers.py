"""What several numbers together tell about the rival, and which experiments are chosen."""

import numpy as np
import pytest
from scipy import stats

from helpers.rivals_apart import apart, even, fair, normals
from survey.errors import SurveyError
from survey.rank.gain import between
from survey.rank.measured import Measured
from survey.rank.rivals import gain_about_rival, wrong_rival
from survey.rank.search import best_next

COUNT = 4000


@pytest.mark.parametrize("numbers, spread, distance", [(2, 0, 1), (2, 30, 2), (4, 3, 0), (4, 3, 2), (4, 30, 4)])
def test_normal_laws(numbers, spread, distance, rng):
    """Readings whose distance is a given one in every direction tell as much as one number at that distance."""
    measured = apart(distance, spread, numbers, COUNT, rng)
    gain = gain_about_rival(measured, even(COUNT), fair(), 1)
    assert gain.bits == pytest.approx(normals(distance), abs=3 * gain.error + 0.005)
    assert gain.error < 0.05 and gain.resolved
    assert 0 <= gain.lower <= gain.bits <= gain.upper <= 1
    wrong, error = wrong_rival(measured, even(COUNT), fair(), 1)
    assert wrong == pytest.approx(stats.norm.cdf(-distance / 2), abs=3 * error + 0.01)


def together(count: int, rng: np.random.Generator) -> dict[str, Measured]:
    """Heat at two temperatures of which each is the same for both rivals: only their ratio tells, as an unknown scale
    is common to both."""
    scale, bend = rng.normal(0, 10, (2, count)), rng.normal(0, 2, (2, count)) + np.array([[-3], [3]])
    low, high = 500 + scale + bend, 500 + scale - bend
    return {
        "low": Measured({"a": low[0], "b": low[1]}, 0.0, 1.0),
        "high": Measured({"a": high[0], "b": high[1]}, 0.0, 1.0),
    }


def test_two_numbers_tell_what_neither_does(rng):
    """Each: normal laws at distance 6 in units of sqrt(105). Together: the difference is 2 bend + noise, at distance 12
    in units of sqrt(4*4 + 2), the sum is the same for both."""
    measured = together(8000, rng)
    one, two = (gain_about_rival([each], even(8000), fair(), 1) for each in measured.values())
    both = gain_about_rival([*measured.values()], even(8000), fair(), 1)
    assert one.bits == pytest.approx(normals(6 / np.sqrt(105)), abs=4 * one.error)
    assert both.bits == pytest.approx(normals(12 / np.sqrt(18)), abs=3 * both.error + 0.005)
    assert both.resolved and both.lower > 5 * max(one.bits, two.bits)


def heat(count: int, rng: np.random.Generator) -> np.ndarray:
    """C/C_e - 1 at 10 and 200 mK, (rival, number, draw): levels with a gap and levels without, of unknown density."""
    temperature = np.array([[0.01], [0.2]])
    gap, density = np.exp(rng.uniform(np.log(1e-3), np.log(0.1), count)), rng.lognormal(0, 1.2, (2, count))
    slope = np.exp(rng.uniform(np.log(0.01), np.log(0.3), count))
    gapped = density[0] * np.exp(-gap / temperature)
    return temperature * (1 + np.stack([gapped, density[1] * 0.4 * (1 + slope * np.log(temperature / 0.005))]))


def test_heat_at_two_temperatures(rng):
    """Bent bands with noise of 5 %: as much as the mixture of ten times as many draws says, added up draw by draw."""
    values = heat(40000, rng)
    noise = np.hypot(0.05 * values, 1e-4)
    logs = []
    for rival in (0, 1):
        readings = (values + noise * rng.standard_normal(values.shape))[rival, :, :1000]
        each = np.zeros((1000, 2))
        for number, reading in enumerate(readings.T):
            away = (reading[:, None] - values[:, :, 1000:]) / noise[:, :, 1000:]
            each[number] = (np.exp(-0.5 * (away**2).sum(axis=1)) / noise[:, :, 1000:].prod(axis=1)).sum(axis=1)
        logs.append(1 + np.log2(each[:, rival] / each.sum(axis=1)))
    reference, its_error = np.mean(logs), np.std(logs) / np.sqrt(2000)
    measured = [Measured({"a": draws[0], "b": draws[1]}, 0.05, 1e-4) for draws in heat(4000, rng).transpose(1, 0, 2)]
    gain = gain_about_rival(measured, even(4000), fair(), 1)
    assert gain.resolved and gain.bits == pytest.approx(reference, abs=3 * np.hypot(gain.error, its_error))
    assert gain.bits > 2 * max(gain_about_rival([each], even(4000), fair(), 1).bits for each in measured)


def test_more_numbers_never_tell_less(rng):
    """A number that says nothing beside one that does."""
    good = apart(2, 5, 1, COUNT, rng)
    useless = Measured({name: rng.lognormal(0, 3, COUNT) for name in "ab"}, 0.05, 0.01)
    alone = gain_about_rival(good, even(COUNT), fair(), 1)
    both = gain_about_rival([*good, useless], even(COUNT), fair(), 1)
    assert both.bits >= alone.bits - 2 * np.hypot(alone.error, both.error)
    assert both.lower >= alone.bits - 3 * alone.error


def test_rivals_of_unequal_chances_and_a_prediction_of_zero(rng):
    """Two separate numbers that tell everything: the entropy of the rivals, and no wrong one."""
    prior = {"a": 0.6, "b": 0.3, "c": 0.1}
    ones = np.ones(COUNT)
    measured = [
        Measured({"a": 0 * ones, "b": 0 * ones, "c": 9 * ones}, 0.1, 0.1),
        Measured({"a": 0 * ones, "b": 9 * ones, "c": 9 * ones}, 0.1, 0.1),
    ]
    entropy = -sum(p * np.log2(p) for p in prior.values())
    gain = gain_about_rival(measured, even(COUNT, "abc"), prior, 1)
    assert gain.lower > entropy - 0.01 and gain.upper <= entropy + 1e-12 and gain.resolved
    assert wrong_rival(measured, even(COUNT, "abc"), prior, 1)[0] < 1e-6


def test_few_draws_in_four_dimensions_are_not_resolved(rng):
    """Rivals that differ only in the width of a thin band across four numbers, with 60 draws of each."""
    scale = rng.normal(0, 300, (2, 60))
    thin = rng.normal(0, 1, (2, 4, 60)) * np.array([1, 12])[:, None, None]
    measured = [
        Measured({"a": 3000 + scale[0] + thin[0, m], "b": 3000 + scale[1] + thin[1, m]}, 0, 1) for m in range(4)
    ]
    gain = gain_about_rival(measured, even(60), fair(), 1)
    assert not gain.resolved and gain.upper - gain.lower > 0.1


def test_the_two_sides():
    apart_ = between((0.30, 0.01), (0.45, 0.01), 1.0)
    assert apart_.bits == pytest.approx(0.375) and apart_.error > 0.07 and not apart_.resolved
    near = between((0.30, 0.01), (0.38, 0.01), 1.0)
    assert near.resolved and (near.lower, near.upper) == (0.30, 0.38)
    contradicted = between((0.30, 0.01), (0.10, 0.01), 1.0)
    assert (contradicted.bits, contradicted.upper, contradicted.resolved) == (0.30, 1.0, False)
    assert between((-0.01, 0.01), (-0.02, 0.01), 1.0).bits == 0
    assert between((1.01, 0.01), (1.02, 0.01), 1.0).upper == 1.0


def test_same_seed_same_bits(rng):
    measured = apart(1, 3, 2, 500, rng)
    first, again, other = (gain_about_rival(measured, even(500), fair(), seed) for seed in (4, 4, 5))
    assert first == again != other
    assert wrong_rival(measured, even(500), fair(), 4) == wrong_rival(measured, even(500), fair(), 4)


def test_the_best_experiment_is_a_union_or_what_is_cheap(rng):
    candidates = {name: [each] for name, each in together(2000, rng).items()}
    candidates["clear"] = apart(1.5, 5, 1, 2000, rng)
    singles = best_next(candidates, even(2000), fair(), 1, most=1)
    assert singles[0].names == ("clear",) and len(singles) == 3
    ranking = best_next(candidates, even(2000), fair(), 1, most=2)
    assert len(ranking) == 6 and set(ranking[0].names) == {"low", "high"}
    assert [choice.score for choice in ranking] == sorted((choice.gain.bits for choice in ranking), reverse=True)
    cheap = best_next(candidates, even(2000), fair(), 1, most=2, cost={"low": 30, "high": 30, "clear": 1})
    assert cheap[0].names == ("clear",) and cheap[0].score == pytest.approx(singles[0].gain.bits)
    assert {choice.names: choice.cost for choice in cheap}[("low", "high")] == 60


def test_many_candidates_extend_the_best(rng, monkeypatch):
    monkeypatch.setattr("survey.rank.search.FEW", 5)
    candidates = {f"{distance}": apart(distance, 0, 1, 300, rng) for distance in (0.1, 1.5, 0.5)}
    ranking = best_next(candidates, even(300), fair(), 1, most=2)
    assert sorted(choice.names for choice in ranking) == [("0.1",), ("0.1", "1.5"), ("0.5",), ("1.5",), ("1.5", "0.5")]
    assert ranking[0].names == ("1.5", "0.5")


def test_too_few_draws_are_refused(rng):
    measured = apart(1, 1, 2, 15, rng)
    with pytest.raises(SurveyError, match="draws of a: they count for 15 with equal weights; 20 are needed"):
        gain_about_rival(measured, even(15), fair(), 1)


def test_one_heavy_draw_and_a_rival_of_little_chance(rng):
    """Nothing breaks where weights are uneven and a rival is improbable: what is told is within 0 and the entropy."""
    weights = {"a": rng.lognormal(0, 1.5, COUNT), "b": np.full(COUNT, 1.0)}
    weights = {name: each / each.sum() for name, each in weights.items()}
    prior = {"a": 0.999, "b": 0.001}
    gain = gain_about_rival(apart(2, 3, 3, COUNT, rng), weights, prior, 1)
    entropy = -sum(p * np.log2(p) for p in prior.values())
    assert 0 <= gain.lower <= gain.bits <= gain.upper <= entropy + 1e-12
    assert wrong_rival(apart(2, 3, 3, COUNT, rng), weights, prior, 1)[0] <= 0.001 + 1e-12


def test_what_cannot_be_ranked_is_refused(rng):
    candidates = {"one": apart(1, 0, 1, 50, rng)}
    with pytest.raises(SurveyError, match="most: 2; a number between 1 and that of the candidates, 1"):
        best_next(candidates, even(50), fair(), 1, most=2)
    with pytest.raises(SurveyError, match="cost of one: 0; a number > 0"):
        best_next(candidates, even(50), fair(), 1, most=1, cost={"one": 0})
    with pytest.raises(SurveyError, match="cost of one: none"):
        best_next(candidates, even(50), fair(), 1, most=1, cost={})
