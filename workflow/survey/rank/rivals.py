"""What an experiment is expected to tell about the rival, and how often it leaves a wrong one the most probable."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from scipy.special import xlogy

from survey.rank.gain import NOTHING, SHIFT, Gain, between, mean
from survey.rank.heldout import chosen, judged
from survey.rank.histogram import Histogram
from survey.rank.measured import Measured, Rivals, rivals
from survey.rank.neighbours import of_classes
from survey.rank.resampling import Estimate, estimate, unbiased

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
    found, rng = rivals(experiment, weights, prior), np.random.default_rng(seed)
    if len(found.names) == 1:
        return NOTHING
    if len(experiment) == 1:
        result = _single(found, 0, _information, rng)
        bits = float(np.clip(result.value, 0, found.entropy))
        return Gain(bits, result.error, bits, bits, result.shift < SHIFT)
    test = judged(found, rng)
    value, error = test.mean(found.prior, test.log_q)
    best = max(_unbiased(found, column, _information, rng) for column in range(len(experiment)))
    return between((max(found.entropy + value, best), error), _of_neighbours(found, rng), found.entropy)


def wrong_rival(
    experiment: Sequence[Measured], weights: Mapping[str, np.ndarray], prior: Mapping[str, float], seed: int
) -> tuple[float, float]:
    """The expected probability that the most probable rival is a wrong one after an experiment, and its standard error.

    E[1 - max_r P(r | y)]; arguments and errors as of `gain_about_rival`. One number: a sum over nodes (to 3e-4), bias
    removed by halves, bootstrap error. More numbers: the share of wrong decisions of a classifier on draws that it has
    not seen, or the least of a single number; no less than the least possible. At most 1 - max prior.
    """
    found, rng = rivals(experiment, weights, prior), np.random.default_rng(seed)
    most = 1 - float(found.prior.max())
    if len(experiment) == 1 or len(found.names) == 1:
        result = _single(found, 0, _wrong, rng)
        return float(np.clip(result.value, 0, most)), result.error
    test = judged(found, rng)
    value, error = test.mean(found.prior, test.wrong)
    least = min(_unbiased(found, column, _wrong, rng) for column in range(len(experiment)))
    return float(np.clip(min(value, least), 0, most)), error


def _single(found: Rivals, column: int, number: Callable, rng: np.random.Generator) -> Estimate:
    histogram = Histogram(found, column)
    return estimate(lambda weights: number(histogram, found.prior, weights), found.weights, rng)


def _unbiased(found: Rivals, column: int, number: Callable, rng: np.random.Generator) -> float:
    histogram = Histogram(found, column)
    return unbiased(lambda weights: number(histogram, found.prior, weights), found.weights, rng).value


def _information(histogram: Histogram, prior: np.ndarray, weights: list[np.ndarray]) -> np.ndarray:
    """I(rival; reading) in bits for weights of the draws, shape (resamples,)."""
    densities = [histogram.density(number, each) for number, each in enumerate(weights)]
    together = sum(p * each for p, each in zip(prior, densities, strict=True))
    terms = sum(p * xlogy(each, each) for p, each in zip(prior, densities, strict=True)) - xlogy(together, together)
    return terms.sum(axis=1) / np.log(2)


def _wrong(histogram: Histogram, prior: np.ndarray, weights: list[np.ndarray]) -> np.ndarray:
    """1 - sum over nodes of the largest prior x density, for weights of the draws, shape (resamples,)."""
    joint = [p * histogram.density(number, each) for number, (p, each) in enumerate(zip(prior, weights, strict=True))]
    return 1 - np.max(joint, axis=0).sum(axis=1)


def _of_neighbours(found: Rivals, rng: np.random.Generator) -> tuple[float, float]:
    """I(rival; readings) of readings as numerous as the rivals are probable."""
    sizes = np.array([len(each) for each in found.weights])
    total = min(NEIGHBOURS, (sizes / found.prior).min())
    counts = np.maximum(np.rint(found.prior * total).astype(int), 1)
    draws = [chosen(each, count, rng) for each, count in zip(found.weights, counts, strict=True)]
    readings = [found.read(number, each, rng) for number, each in enumerate(draws)]
    return mean(of_classes(found.stretched(np.concatenate(readings)), np.repeat(np.arange(len(counts)), counts)))
