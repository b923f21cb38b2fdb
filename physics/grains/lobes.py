"""F(W) = sum_M <u_M^2 (W^2 - u_M^2)^(-1/2) theta(W - u_M)> of one coflip number at many W, phase 0, a lobe at a time.

What one lobe of J_M gives is a function of r = W/peak, peak = |J_M| at its turning point, that is singular at r = 1
only: f/r^2 is analytic in r below, and so is r f in 1/r^2 above (a lobe between two zeros is a power series in u at
both). So each lobe has polynomials of its own on panels that halve towards r = 1, however many cusps of other lobes lie
between, and next to r = 1 it is integrated. The rise of J_M from z = 0 is a series in W^(2/M) instead and has a panel
for each octave. The fall of J_0 from z = 0, whose edge at W = 1 is as wide as L, is integrated everywhere.
"""

import math
from functools import cache, lru_cache
from typing import NamedTuple

import numpy as np
from numpy.polynomial import chebyshev
from scipy.special import jv

from physics.grains.averages import DEEP
from physics.grains.bias import FLAT
from physics.grains.spectrum import SPECTRUM, TAYLOR, UNSEEN, half_lobe
from physics.numerics.bessel import bessel_landmarks, bessel_table
from physics.numerics.compiled import compiled, compiled_entry
from physics.numerics.quadrature import chebyshev_points, gauss_legendre

TERMS = 20
# Panels on each side of the peak; within 2^-NEAR of it the lobe is integrated.
NEAR = 8
OCTAVES = 44
INTEGRATED = -1
# The fixed phase 0 and the flat bias, as `physics.grains.phases` and `physics.grains.bias` pack them.
PHASE = np.array([1.0, 0.0, 0.0])
BIAS = np.array([FLAT, 0, 0, 0, 0, 0, 0], dtype=np.float64)


class Lobes(NamedTuple):
    """Lobes by ascending order M: M, turning point, the zeros (or z = 0) where its halves end (NaN for a half that is
    not there), the peak and the largest |J_M| that is seen; for each lobe and panel the powers of a polynomial on
    [-1, 1], and whether they are there. What lies beyond z = `end` is left out."""

    Lambda: float
    end: float
    orders: np.ndarray
    turns: np.ndarray
    zeros: np.ndarray
    peaks: np.ndarray
    seen: np.ndarray
    powers: np.ndarray
    filled: np.ndarray


@lru_cache(maxsize=8)
def lobes(Lambda: float) -> Lobes:
    """The lobes of L = `Lambda` (1, > 0), still without polynomials (they are added in place)."""
    zeros, turns = bessel_landmarks()
    end = math.sqrt(4 * Lambda * DEEP)
    found = [(0, 0.0, math.nan, zeros[0, 0])]
    for M in range(min(int(end) + 42, len(turns))):
        ends = zeros[0] if M == 0 else np.concatenate([[0.0], zeros[M]])
        for s in range(np.count_nonzero(ends[:-1] < end)):
            low, high = ends[s], ends[s + 1] if turns[M, s] < end else math.nan
            if low == 0.0:
                found.append((M, turns[M, s], low, math.nan))
                low = math.nan
            if not math.isnan(low) or not math.isnan(high):
                found.append((M, turns[M, s], low, high))
    orders, at, low, high = np.array(found).T
    seen = np.abs(jv(orders, np.minimum(end, turns[orders.astype(int), 0])))
    shape = len(found), 2 * NEAR + OCTAVES
    return Lobes(
        Lambda,
        end,
        orders.astype(np.int64),
        at.copy(),
        np.stack([low, high], axis=1),
        np.abs(jv(orders, at)),
        np.where(orders == 0, 1.0, seen),
        np.zeros((*shape, TERMS)),
        np.zeros(shape, np.bool_),
    )


@cache
def _rule():
    """Chebyshev points on [0, 1], the matrix that makes a Chebyshev series of the values there, and the one that makes
    powers of the series: the numbers in it are large, and only a series that falls as fast makes up for them."""
    powers = np.zeros((TERMS, TERMS))
    for k in range(TERMS):
        powers[: k + 1, k] = chebyshev.cheb2poly(np.eye(TERMS)[k, : k + 1])
    return *chebyshev_points(TERMS), powers


@compiled
def _place(r, rises, whole):
    """The panel of r = W/peak and the place of r in it, from -1 to 1; `whole`: the lobe is integrated everywhere."""
    if rises and r < 0.5:
        part, exponent = math.frexp(r)
        return 2 * NEAR - exponent - 1 if exponent >= -OCTAVES and not whole else INTEGRATED, 4 * part - 3
    rest = 1 - r if r < 1.0 else (r - 1) * (r + 1) / (r * r)
    if rest < 2.0**-NEAR or whole:
        return INTEGRATED, 0.0
    part, exponent = math.frexp(rest)
    if exponent > 0:
        part, exponent = 1.0, 0
    return (0 if r < 1.0 else NEAR) - exponent, 3 - 4 * part


@compiled
def _inverse(panel, t):
    """The r at the place t, from 0 to 1, of a panel."""
    if panel >= 2 * NEAR:
        return 2.0 ** (2 * NEAR - panel - 2) * (1 + t)
    x = 1 - 2.0 ** -(panel % NEAR) * (1 - 0.5 * t)
    return x if panel < NEAR else 1 / math.sqrt(x)


@compiled
def _scale(W, panel):
    return W if panel >= NEAR and panel < 2 * NEAR else 1 / (W * W)


@compiled
def _integrated(k, W, lobes, phase, bias, table, rule, series):
    total = 0.0
    for side in range(2):
        zero = lobes.zeros[k, side]
        if not math.isnan(zero):
            total += half_lobe(
                SPECTRUM, lobes.orders[k], zero, lobes.turns[k], lobes.end, W, lobes.Lambda, phase, bias, table, rule,
                series,
            )  # fmt: skip
    return total


@compiled_entry
def _wanted(W, lobes, wanted):
    """Marks the panels that the sums at W (array) need."""
    for k in range(len(lobes.orders)):
        for i in range(len(W)):
            if lobes.seen[k] >= UNSEEN * min(1.0, W[i]):
                panel, _ = _place(W[i] / lobes.peaks[k], lobes.zeros[k, 0] == 0.0, lobes.turns[k] == 0.0)
                if panel != INTEGRATED:
                    wanted[k, panel] = True


@compiled
def _product(matrix, values, found):
    for n in range(len(found)):
        total = 0.0
        for j in range(len(values)):
            total += matrix[n, j] * values[j]
        found[n] = total


@compiled_entry
def _fill(numbers, panels, lobes, phase, bias, table, rule, points, fit, powers):
    """Makes the polynomials of the lobes `numbers` on the panels `panels` (arrays of one length)."""
    series, values, terms = np.empty(TAYLOR), np.empty(TERMS), np.empty(TERMS)
    for i in range(len(numbers)):
        k, panel = numbers[i], panels[i]
        for j in range(TERMS):
            W = lobes.peaks[k] * _inverse(panel, points[j])
            values[j] = _scale(W, panel) * _integrated(k, W, lobes, phase, bias, table, rule, series)
        _product(fit, values, terms)
        _product(powers, terms, lobes.powers[k, panel])


@compiled_entry
def _sums(W, lobes, phase, bias, table, rule, found):
    series = np.empty(TAYLOR)
    for i in range(len(W)):
        total = 0.0
        for k in range(len(lobes.orders)):
            if lobes.seen[k] < UNSEEN * min(1.0, W[i]):
                break
            panel, place = _place(W[i] / lobes.peaks[k], lobes.zeros[k, 0] == 0.0, lobes.turns[k] == 0.0)
            if panel == INTEGRATED:
                value = _integrated(k, W[i], lobes, phase, bias, table, rule, series)
            else:
                value = 0.0
                for n in range(TERMS - 1, -1, -1):
                    value = value * place + lobes.powers[k, panel, n]
                value /= _scale(W[i], panel)
            total += value if lobes.orders[k] == 0 else 2.0 * value
        found[i] = total


def lobe_sums(W: np.ndarray, Lambda: float) -> np.ndarray:
    """F(W) (1-d array like W, 1, > 0) for L = `Lambda` (1, > 0), to 1e-11 of `spectrum.spectrum_at` and as accurate."""
    made = lobes(Lambda)
    wanted = np.zeros(made.filled.shape, np.bool_)
    W = np.array(W, dtype=np.float64)
    _wanted(W, made, wanted)
    numbers, panels = map(np.ascontiguousarray, np.nonzero(wanted & ~made.filled))
    tables = PHASE.copy(), BIAS.copy(), bessel_table(), gauss_legendre()
    _fill(numbers, panels, made, *tables, *_rule())
    made.filled[numbers, panels] = True
    found = np.empty(len(W))
    _sums(W, made, *tables, found)
    return found
