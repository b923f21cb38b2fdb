"""What an experiment is expected to tell, in bits, with the two sides between which it was found."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

# In bits: half of the draws may be so far off, in one dimension; the two sides may be so far apart, in more.
SHIFT, APART = 0.02, 0.1
# So many standard errors below the lower bound the neighbours contradict it.
CONTRADICTS = 2.0


@dataclass(frozen=True)
class Gain:
    """Expected information gain: `bits` with its standard error `error`.

    `lower` and `upper` are the two sides of an estimate in more dimensions, both equal to `bits` in one. `resolved`
    says whether the number can be relied on: in one dimension half of the draws give the same within 0.02 bit, in more
    the two sides are at most 0.1 bit apart.
    """

    bits: float
    error: float
    lower: float
    upper: float
    resolved: bool


NOTHING = Gain(0.0, 0.0, 0.0, 0.0, True)


def between(bound: tuple[float, float], neighbours: tuple[float, float], most: float) -> Gain:
    """The gain from a lower bound and an estimate from neighbours, with standard errors, and the most that it can be.

    It is the middle of the two, with half their distance in the error; both are of the same draws, so their errors are
    not taken as independent. Neighbours far below the bound are too sparse
    for the dimension: then the gain is the bound, the upper side `most`.
    """
    (lower, below), (upper, above) = bound, neighbours
    agree = upper >= lower - CONTRADICTS * np.hypot(below, above)
    lower = float(np.clip(lower, 0, most))
    upper = float(np.clip(upper, lower, most)) if agree else float(most)
    half = (upper - lower) / 2 if agree else 0.0
    error = float(np.hypot(half, (below + above) / 2 if agree else below))
    return Gain(lower + half, error, lower, upper, bool(upper - lower <= APART))


def averaged(gains: Sequence[Gain], prior: np.ndarray) -> Gain:
    """The mean of independent gains with the probabilities of their rivals."""
    bits, lower, upper = (
        float(sum(p * getattr(each, name) for p, each in zip(prior, gains, strict=True)))
        for name in ("bits", "lower", "upper")
    )
    error = float(np.sqrt(sum((p * each.error) ** 2 for p, each in zip(prior, gains, strict=True))))
    return Gain(bits, error, lower, upper, bool(upper - lower <= APART))


def mean(terms: np.ndarray) -> tuple[float, float]:
    """The mean of independent terms and its standard error."""
    return float(terms.mean()), float(terms.std(ddof=1) / np.sqrt(len(terms)))
