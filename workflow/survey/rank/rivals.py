"""What an experiment is expected to tell about the rival, and how often it leaves a wrong one the most probable."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from scipy.special import xlogy

from survey.rank.gain import NOTHING, SHIFT, Gain, between, mean
from survey.rank.heldout import chosen, judged
from survey.rank.histogram import Histogram
from survey.rank.measured import Measured, Rivals, rivals
from survey.rank.neighbours import of_classes
from survey.rank.resampling import Numbers, estimates, unbiased

# The most readings whose neighbours are looked for.
NEIGHBOURS = 12_000


def gain_about_rival(
    experiment: Sequence[Measured], weights: Mapping[str, np.ndarray], prior: Mapping[str, float], seed: int
) -> Gain:
    """The information in bits that an experiment is expected to give about which rival is true.

        I(R; y) = H(R) - E H(R | y),    p(y | r) = sum_k w_rk prod_m N(y_m; v_mrk, (relative v_mrk)^2 + floor_m^2)

    `experiment`: the numbers that it reads; `weights`: by rival, those of the draws, shape (n_r,), sum 1; `prior`: the
    present probabilities of the rivals, sum 1; `seed`: the same gives the same bits.

    One number: p(y | r) is a histogram convolved with the noise, the integral a sum over nodes (to 1e-4 bit and 1 %),
    the bias of n draws is removed by halves, the error is that of the bootstrap. More numbers: from below a classifier
    on draws that it has not seen, or the best single number; from above nearest neighbours. The result is within 0 and
    H(R): a noisy estimate near an end is cut there. Raises SurveyError for input that means nothing. Structure of
    p(y | r) finer than the draws are dense is not seen, by either side.
    """
    return told(experiment, weights, prior, seed).gain


def wrong_rival(
    experiment: Sequence[Measured], weights: Mapping[str, np.ndarray], prior: Mapping[str, float], seed: int
) -> tuple[float, float]:
    """The expected probability that the most probable rival is a wrong one after an experiment, and its standard error.

    E[1 - max_r P(r | y)]; arguments and errors as of `gain_about_rival`. One number: a sum over nodes (to 3e-4), bias
    removed by halves, bootstrap error. More numbers: the share of wrong decisions of a classifier on draws that it has
    not seen, or the least of a single number; no less than the least possible. At most 1 - max prior.
    """
    return told(experiment, weights, prior, seed).wrong


class Told(NamedTuple):
    """What an experiment tells: `gain_about_rival` and `wrong_rival`."""

    gain: Gain
    wrong: tuple[float, float]


def told(
    experiment: Sequence[Measured], weights: Mapping[str, np.ndarray], prior: Mapping[str, float], seed: int
) -> Told:
    """Both numbers at once, which share histogram, resamples and classifier."""
    found, rng = rivals(experiment, weights, prior), np.random.default_rng(seed)
    most = 1 - float(found.prior.max())
    if len(found.names) == 1:
        return Told(NOTHING, (0.0, 0.0))
    if len(experiment) == 1:
        about, wrong = estimates(_numbers(found, 0), found.weights, rng)
        bits = float(np.clip(about.value, 0, found.entropy))
        one = Gain(bits, about.error, bits, bits, about.shift < SHIFT)
        return Told(one, (float(np.clip(wrong.value, 0, most)), wrong.error))
    test = judged(found, rng)
    value, error = test.mean(found.prior, test.log_q)
    share, share_error = test.mean(found.prior, test.wrong)
    alone = [unbiased(_numbers(found, column), found.weights, rng) for column in range(len(experiment))]
    best, least = max(each[0].value for each in alone), min(each[1].value for each in alone)
    gain = between((max(found.entropy + value, best), error), _of_neighbours(found, rng), found.entropy)
    return Told(gain, (float(np.clip(min(share, least), 0, most)), share_error))


def _numbers(found: Rivals, column: int) -> Numbers:
    """I(rival; reading) in bits, and 1 - sum over nodes of the largest prior x density, for weights of the draws: (2,
    resamples)."""
    histogram = Histogram(found, column)

    def numbers(weights: list[np.ndarray]) -> np.ndarray:
        densities = [histogram.density(number, each) for number, each in enumerate(weights)]
        joint = [p * each for p, each in zip(found.prior, densities, strict=True)]
        together = sum(joint)
        terms = sum(p * xlogy(each, each) for p, each in zip(found.prior, densities, strict=True))
        bits = (terms - xlogy(together, together)).sum(axis=1) / np.log(2)
        return np.stack([bits, 1 - np.max(joint, axis=0).sum(axis=1)])

    return numbers


def _of_neighbours(found: Rivals, rng: np.random.Generator) -> tuple[float, float]:
    """I(rival; readings) of readings as numerous as the rivals are probable."""
    sizes = np.array([len(each) for each in found.weights])
    total = min(NEIGHBOURS, (sizes / found.prior).min())
    counts = np.maximum(np.rint(found.prior * total).astype(int), 1)
    draws = [chosen(each, count, rng) for each, count in zip(found.weights, counts, strict=True)]
    readings = [found.read(number, each, rng) for number, each in enumerate(draws)]
    return mean(of_classes(found.stretched(np.concatenate(readings)), np.repeat(np.arange(len(counts)), counts)))
