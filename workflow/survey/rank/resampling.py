"""Halves and bootstrap samples of weighted draws, and what they say of a number computed from all of them."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

# Pairs of halves that are averaged, and bootstrap samples; so many are computed at once.
SPLITS, BOOTSTRAPS, BATCH = 20, 100, 20


class Estimate(NamedTuple):
    """A number of n draws without its first-order bias, its standard error, and how far half the draws are off."""

    value: float
    error: float
    shift: float


# Numbers (k, resamples) of weights of shape (resamples, n_r) by rival.
Numbers = Callable[[list[np.ndarray]], np.ndarray]


def unbiased(numbers: Numbers, weights: list[np.ndarray], rng: np.random.Generator) -> list[Estimate]:
    """2 I(n) - <I(n/2)> of each of k numbers I: a bias of order 1/n cancels. Without an error."""
    whole = numbers([each[None] for each in weights])[:, 0]
    halves = numbers([np.concatenate([_halves(each, rng) for _ in range(SPLITS)]) for each in weights]).mean(axis=1)
    return [Estimate(float(2 * a - b), np.nan, float(abs(a - b))) for a, b in zip(whole, halves, strict=True)]


def estimates(numbers: Numbers, weights: list[np.ndarray], rng: np.random.Generator) -> list[Estimate]:
    """2 I(n) - <I(n/2)> as `unbiased`, with the standard deviation of I(n) over bootstrap samples as its error."""
    found = unbiased(numbers, weights, rng)
    again = [numbers([_bootstrap(each, BATCH, rng) for each in weights]) for _ in range(BOOTSTRAPS // BATCH)]
    errors = np.std(np.concatenate(again, axis=1), axis=1, ddof=1)
    return [each._replace(error=float(error)) for each, error in zip(found, errors, strict=True)]


def _halves(weights: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A random half of the draws and the other half, each with weights that sum to 1."""
    chosen = np.zeros(len(weights), bool)
    chosen[rng.permutation(len(weights))[: len(weights) // 2]] = True
    return _normalised(np.stack([weights * chosen, weights * ~chosen]), weights)


def _bootstrap(weights: np.ndarray, count: int, rng: np.random.Generator) -> np.ndarray:
    size = len(weights)
    counts = rng.multinomial(size, np.full(size, 1 / size), size=count)
    return _normalised(weights * counts, weights)


def _normalised(rows: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Rows that sum to 1; a row that holds no weight is all of the draws."""
    sums = rows.sum(axis=1, keepdims=True)
    return np.where(sums > 0, rows / np.where(sums > 0, sums, 1), weights)
