"""Nodes of a grid over a range of a logarithmic parameter, and weights with which a sum over them is an integral."""

from math import ceil, log, log10

import numpy as np


def doubled(low: float, high: float, least: float, most: float) -> tuple[float, float]:
    """The range of twice the logarithmic length about the same middle, as far as the domain goes."""
    reach = np.sqrt(high / low)
    return max(low / reach, least), min(high * reach, most)


def halved(low: float, high: float) -> tuple[float, float]:
    """The range of half the logarithmic length about the same middle."""
    reach = (high / low) ** 0.25
    return low * reach, high / reach


def nodes(low: float, high: float, per_decade: float, least: float, most: float) -> tuple[float, ...]:
    """Equal ratios from `low` to `high`, at least so many nodes in a decade, an even number of steps; and from there to
    the ends of the doubled range steps about twice as long: what lies outside is needed to judge a wider prior."""
    half = max(1, ceil(log10(high / low) * per_decade / 2))
    inside = np.geomspace(low, high, 2 * half + 1)
    first, last = doubled(low, high, least, most)
    ratio = log(high / low) / half
    below = np.geomspace(first, low, _steps(first, low, ratio) + 1)[:-1]
    above = np.geomspace(high, last, _steps(high, last, ratio) + 1)[1:]
    return tuple(float(value) for value in (*below, *inside, *above))


def _steps(start: float, stop: float, ratio: float) -> int:
    """Steps between two values; none if they are one."""
    return ceil(log(stop / start) / ratio - 1e-9) if stop > start * (1 + 1e-12) else 0


def trapezoid(places: np.ndarray, low: float, high: float) -> np.ndarray:
    """The weights (n) with which values at ascending places (n) sum to the integral from `low` to `high` of the
    piecewise linear function through them; nothing is there beyond the first and the last. Exact for such functions."""
    if len(places) == 1:
        return np.ones(1)
    weights = np.zeros(len(places))
    for k in range(len(places) - 1):
        a, b = places[k], places[k + 1]
        start, stop = max(a, low), min(b, high)
        if stop > start:
            share = (stop - start) * ((start + stop) / 2 - a) / (b - a)
            weights[k + 1] += share
            weights[k] += stop - start - share
    return weights


def trapezoid_above(first: np.ndarray, second: np.ndarray, lows, highs, parts: int = 64) -> np.ndarray:
    """The weights (n, m) of the integral over the part of a rectangle in which the second coordinate exceeds the first,
    of the piecewise bilinear function through values at ascending places `first` (n) and `second` (m).

    lows, highs: the ends of the two ranges. By the midpoint rule along the second coordinate, `parts` points to a step,
    and exactly along the first: relative error about 1/parts^2 of the cells that the diagonal cuts.
    """
    weights = np.zeros((len(first), len(second)))
    for k in range(len(second) - 1):
        a, b = second[k], second[k + 1]
        start, stop = max(a, lows[1]), min(b, highs[1])
        if stop <= start:
            continue
        step = (stop - start) / parts
        for at in start + step * (np.arange(parts) + 0.5):
            along = step * trapezoid(first, lows[0], min(highs[0], at))
            weights[:, k] += along * (b - at) / (b - a)
            weights[:, k + 1] += along * (at - a) / (b - a)
    return weights
