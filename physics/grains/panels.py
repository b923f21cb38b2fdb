"""A table of the integral F(W) = sum_M <u_M^2 (W^2 - u_M^2)^(-1/2) theta(W - u_M)> of one coflip number, phase 0.

F is analytic but for logarithmic cusps at W = |J_M(j'_(M,s))| and for a square root of W - 1 above W = 1. Panels lie
between the cusps, and each is at least as far as it is wide from every cusp but the one where it begins. There it has
A(W) ln|W - cusp| + B(W) with two polynomials, elsewhere one; beyond W = 2 it has a polynomial in 1/W^2. A panel is made
from 18 or 22 values of the direct integral when it is first asked for, so that its bits depend on L alone.
"""

import math
from functools import cache, lru_cache
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from physics.numerics.bessel import bessel_landmarks, bessel_table, tabulated
from physics.numerics.compiled import compiled, compiled_entry

# Cusps at z with z^2/4L beyond have a weight that is not seen.
SEEN = 29.0
ORDINARY, AT_CUSP, ROOT, TAIL = 0, 1, 2, 3
TERMS, LOGARITHMIC, SMOOTH, SAMPLES = 18, 5, 13, 22
# How far, in widths of a panel, the cusps are that are not its own.
APART = 1.0
# Below 2^-LOWEST there is no panel.
LOWEST = 40


class Table(NamedTuple):
    """edges (ascending, the last is infinity); for each panel its kind, the cusp where it begins, its other end (both
    in the variable of the panel), its coefficients, and whether they are there."""

    edges: np.ndarray
    kinds: np.ndarray
    ends: np.ndarray
    coefficients: np.ndarray
    filled: np.ndarray


@compiled_entry
def _peaks(table, turning, end, found):
    count = 0
    for order in range(turning.shape[0]):
        for s in range(turning.shape[1]):
            if turning[order, s] > end:
                break
            found[count] = abs(tabulated(order, turning[order, s], table))
            count += 1
    return count


def cusps(Lambda: float) -> np.ndarray:
    """The cusps |J_M(j'_(M,s))| (1, ascending) whose weight is seen for L = `Lambda` (1, > 0)."""
    turning = np.array(bessel_landmarks()[1])
    found = np.empty(turning.size)
    count = _peaks(bessel_table(), turning, math.sqrt(4 * Lambda * SEEN), found)
    return np.unique(found[:count])


def _divided(low, high, singular):
    """Panels [a, b] of low ... high such that no cusp but a or b is nearer than b - a, and not both a and b are."""
    own = [point for point in (low, high) if point in singular]
    index = np.searchsorted(singular, [low, high])
    near = singular[max(0, index[0] - 2) : index[1] + 3]
    others = near[(near != low) & (near != high)]
    distance = np.maximum(low - others, others - high).min(initial=math.inf)
    if len(own) < 2 and distance >= APART * (high - low):
        return [(low, high)]
    middle = 0.5 * (low + high)
    return _divided(low, middle, singular) + _divided(middle, high, singular)


@lru_cache(maxsize=256)
def empty_table(Lambda: float) -> Table:
    """The panels for L = `Lambda` (1, > 0), still without coefficients (they are added in place)."""
    singular = cusps(Lambda)
    marks = {1.0, *singular, *(2.0**-n for n in range(1, LOWEST + 1))}
    # The edge at W = 1 is exp(-(1 - W)/L) wide.
    marks |= {1 - 6 * Lambda * n for n in range(1, 7) if 6 * Lambda * n < 0.5}
    marks = sorted(marks)
    panels = [p for a, b in pairwise(marks) for p in _divided(a, b, singular)]
    edges, kinds, ends = [], [], []
    for low, high in panels:
        edges.append(low)
        if low in singular or high in singular:
            kinds.append(AT_CUSP)
            ends.append((low, high) if low in singular else (high, low))
        else:
            kinds.append(ORDINARY)
            ends.append((low, high))
    roots = [0.0]
    # They double at least, from 1e-162 on.
    for _ in range(1000):
        if roots[-1] >= 1:
            break
        step = max(min(0.5, math.sqrt(Lambda)), roots[-1])
        roots.append(min(1.0, roots[-1] + step) if roots[-1] + 1.3 * step < 1 else 1.0)
    for low, high in pairwise(roots):
        edges.append(1 + low * low)
        kinds.append(ROOT)
        ends.append((low, high))
    edges.append(2.0)
    kinds.append(TAIL)
    ends.append((0.0, 0.25))
    count = len(kinds)
    return Table(
        np.array([*edges, math.inf]),
        np.array(kinds, dtype=np.float64),
        np.array(ends),
        np.zeros((count, LOGARITHMIC + SMOOTH)),
        np.zeros(count),
    )


@cache
def _polynomial_rule():
    """Points on [0, 1] and the matrix that makes Chebyshev's coefficients of the values there."""
    angle = np.pi * (np.arange(TERMS) + 0.5) / TERMS
    matrix = 2 / TERMS * np.cos(np.arange(TERMS)[:, None] * angle)
    matrix[0] /= 2
    return 0.5 * (1 + np.cos(angle)), matrix


@cache
def _cusp_rule():
    """Points d on (0, 1] and the matrix that makes the coefficients of A(d) and B(d), least squares."""
    v = 0.5 * (1 + np.cos(np.pi * (np.arange(SAMPLES) + 0.5) / SAMPLES))
    d = v * v
    angle = np.arccos(2 * d - 1)[:, None]
    basis = [np.cos(angle * np.arange(LOGARITHMIC)) * np.log(d)[:, None], np.cos(angle * np.arange(SMOOTH))]
    return d, np.linalg.pinv(np.concatenate(basis, axis=1), rcond=1e-9)


def missing_panels(table: Table, W: np.ndarray, beyond: bool) -> list[int]:
    """The panels (numbers) for the W (1-d array, 1), or for all `beyond` the smallest, without coefficients as yet."""
    wanted = np.unique(np.searchsorted(table.edges, W, side="right") - 1)
    if beyond and len(wanted):
        wanted = range(wanted[0], len(table.kinds))
    return [int(k) for k in wanted if not table.filled[k]]


def points(table: Table, panel: int) -> np.ndarray:
    """The W (1) at which F is needed for a panel."""
    start, stop = table.ends[panel]
    kind = table.kinds[panel]
    if kind == AT_CUSP:
        return start + (stop - start) * _cusp_rule()[0]
    x = start + (stop - start) * _polynomial_rule()[0]
    return x if kind == ORDINARY else 1 + x * x if kind == ROOT else 1 / np.sqrt(x)


def fill(table: Table, panel: int, W: np.ndarray, values: np.ndarray) -> None:
    """Put the coefficients of a panel from the `values` of F at its `points` W."""
    if table.kinds[panel] == AT_CUSP:
        matrix = _cusp_rule()[1]
    else:
        matrix = _polynomial_rule()[1]
        if table.kinds[panel] == TAIL:
            values = values * W
    table.coefficients[panel, : len(matrix)] = (matrix * values).sum(axis=1)
    table.filled[panel] = 1.0


@compiled
def _chebyshev(y, coefficients, first, count):
    ahead, here = 0.0, 0.0
    for k in range(first + count - 1, first, -1):
        ahead, here = here, 2 * y * here - ahead + coefficients[k]
    return y * here - ahead + coefficients[first]


@compiled
def in_panel(W, panel, kinds, ends, coefficients):
    """F(W) from the coefficients of its panel."""
    start, stop = ends[panel, 0], ends[panel, 1]
    kind = kinds[panel]
    x = W
    if kind == ROOT:
        x = math.sqrt(W - 1)
    elif kind == TAIL:
        x = 1 / (W * W)
    part = (x - start) / (stop - start)
    y = 2 * part - 1
    row = coefficients[panel]
    if kind == AT_CUSP:
        amplitude = _chebyshev(y, row, 0, LOGARITHMIC)
        return amplitude * math.log(max(part, 1e-18)) + _chebyshev(y, row, LOGARITHMIC, SMOOTH)
    value = _chebyshev(y, row, 0, TERMS)
    return value / W if kind == TAIL else value


@compiled
def panel_of(W, edges):
    """The number of the panel of W."""
    low, high = 0, len(edges) - 1
    for _ in range(64):
        if high - low <= 1:
            break
        middle = (low + high) // 2
        if W >= edges[middle]:
            low = middle
        else:
            high = middle
    return low


@compiled_entry
def evaluate(W, edges, kinds, ends, coefficients, found):
    """found = F(W), arrays; all panels that are needed are filled."""
    for i in range(len(W)):
        found[i] = in_panel(W[i], panel_of(W[i], edges), kinds, ends, coefficients)
