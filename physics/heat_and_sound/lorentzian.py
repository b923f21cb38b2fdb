"""Averages over p of one two-level system's absorption, in closed form, and tables of them that compiled loops read.

With the weight 1/(2 p sqrt(1 - p)) of paper 004, eq. (2), and the width chi p E/(2 tanh(E/2T)), eq. (11),

    K(r) = (1/2) int_0^1 dp p (1 - p)^(-1/2)/(r^2 + p^2) = Re[artanh(1/c)/c]       resonant, eq. (15)
    J(r) = (r/2) int_0^1 dp (1 - p)^(1/2)/(r^2 + p^2)    = Im[c artanh(1/c)]       relaxation, eq. (16)

with c = sqrt(1 - i|r|) and artanh(1/c) = ln(1 + c) - ln(|r|)/2 + i pi/4. From p_min on, s = sqrt(1 - p_min)
takes the place of 1 in artanh(s/c) = ln(c + s) - ln(p_min - i|r|)/2.
"""

import math
from functools import lru_cache

import numpy as np
from numpy.polynomial import chebyshev
from scipy.special import betainc

from physics.numerics.compiled import compiled

# The tables reach from 2^LOWEST to 2^HIGHEST in |r|; below and above, two and four terms of the series are enough.
LOWEST = -26
HIGHEST = 5
CELLS_PER_OCTAVE = 16
DEGREE = 8
# A double has 52 bits of mantissa: without the last 48 it is a number of cells.
_CELL_BITS = 48
_FIRST_CELL = (1023 + LOWEST) * CELLS_PER_OCTAVE
# From here on the series in 1/r^2 replaces the closed form, whose real part is a small difference there.
_SERIES_FROM = 4.0


def resonant_average(r, p_min=0.0):
    """K(r), eq. (15) averaged over p from `p_min` on.

    `r` (1, any shape): twice the distance from resonance over the width at p = 1. Returns K, same shape, relative
    accuracy 1e-14; infinite at r = 0. Limits: ln(4/|r|)/2 for r -> 0, 2/(3 r^2) for r -> infinity.
    """
    r = np.abs(np.asarray(r, np.float64))
    with np.errstate(divide="ignore", over="ignore"):
        near = np.minimum(r, _SERIES_FROM)
        c, log, angle = _artanh(near, p_min)
        closed = ((log + 0.5j * angle) / c).real - 0.5 * np.log(np.hypot(p_min, near)) * (1 / c).real
        far = np.maximum(r, _SERIES_FROM) ** -2.0
    return np.where(r < _SERIES_FROM, closed, far * np.polynomial.polynomial.polyval(far, _series(2, 0.5, p_min)))


def relaxation_average(r, p_min=0.0):
    """J(r), eq. (16) averaged over p from `p_min` on.

    `r` (1, any shape): frequency over the relaxation rate at p = 1. Returns J, same shape, relative accuracy 1e-14.
    Limits: pi/4 for r -> 0, 1/(3|r|) for r -> infinity.
    """
    r = np.abs(np.asarray(r, np.float64))
    near = np.minimum(r, _SERIES_FROM)
    c, log, angle = _artanh(near, p_min)
    size = np.hypot(p_min, near)
    closed = (c * (log + 0.5j * angle)).imag - 0.5 * np.log(np.where(size > 0, size, 1.0)) * c.imag
    far = 1 / np.maximum(r, _SERIES_FROM)
    series = np.polynomial.polynomial.polyval(far * far, _series(1, 1.5, p_min))
    return np.where(r < _SERIES_FROM, closed, far * series)


def _artanh(r, p_min):
    """c, ln(c + s) and the angle of p_min + i r: artanh(s/c) is ln(c + s) - ln|p_min + i r|/2 + i angle/2."""
    c = np.sqrt(1 - 1j * r)
    # pi/2 also at r = p_min = 0.
    angle = np.arctan2(r, p_min) if p_min > 0 else np.full_like(r, 0.5 * np.pi)
    return c, np.log1p(c - 1 + np.sqrt(1 - p_min)), angle


def _series(first, a, p_min=0.0, terms=18):
    """(-1)^k/2 int dp p^(2k + first - 1) (1 - p)^(a - 1) from p_min to 1, the coefficients of the series in 1/r^2."""
    coefficients = [0.5 * math.gamma(first) * math.gamma(a) / math.gamma(first + a)]
    for k in range(terms - 1):
        n = 2 * k + first
        coefficients.append(-coefficients[-1] * n * (n + 1) / ((n + a) * (n + a + 1)))
    return np.array(coefficients) * betainc(a, 2.0 * np.arange(terms) + first, 1 - p_min)


@lru_cache(64)
def resonant_table(p_min: float = 0.0) -> np.ndarray:
    """Table of K for `tabulated_K` and `K_difference`."""
    return _table(resonant_average, _series(2, 0.5, p_min), p_min)


@lru_cache(64)
def relaxation_table(p_min: float = 0.0) -> np.ndarray:
    """Table of J for `tabulated_J`."""
    return _table(relaxation_average, _series(1, 1.5, p_min), p_min)


def _table(function, series_far, p_min):
    """Row i holds the coefficients of sum_n c_n (r/r_i - 1)^n on a cell about r_i; relative error below 1e-13. The last
    row holds four coefficients of the series in 1/r^2, p_min and sqrt(1 - p_min).

    The cells divide each octave evenly, so that exponent and mantissa of r give the row.
    """
    mantissa = 0.5 + (np.arange(CELLS_PER_OCTAVE) + 0.5) / (2 * CELLS_PER_OCTAVE)
    half = np.tile(0.25 / CELLS_PER_OCTAVE / mantissa, HIGHEST - LOWEST)[:, None]
    centres = (np.exp2(np.arange(LOWEST, HIGHEST) + 1.0)[:, None] * mantissa).reshape(-1, 1)
    points = np.cos(np.pi * (np.arange(DEGREE + 1) + 0.5) / (DEGREE + 1))
    series = chebyshev.chebfit(points, function(centres * (1 + half * points), p_min).T, DEGREE)
    # A trailing 0 is trimmed.
    powers = np.array([np.resize(np.append(chebyshev.cheb2poly(c), np.zeros(DEGREE)), DEGREE + 1) for c in series.T])
    last = np.zeros((1, DEGREE + 1))
    last[0, :6] = *series_far[:4], p_min, math.sqrt(1 - p_min)
    return np.ascontiguousarray(np.concatenate([powers / half ** np.arange(DEGREE + 1), last]))


@compiled
def _row(r):
    """Row of the table and the distance r/r_i - 1 from its centre; the leading bits of r say which."""
    leading = np.float64(r).view(np.int64) >> _CELL_BITS
    centre = np.int64((leading << _CELL_BITS) | (1 << (_CELL_BITS - 1))).view(np.float64)
    return leading - _FIRST_CELL, (r - centre) / centre


@compiled
def _polynomial(row, x):
    even = row[0] + x * x * (row[2] + x * x * (row[4] + x * x * (row[6] + x * x * row[8])))
    return even + x * (row[1] + x * x * (row[3] + x * x * (row[5] + x * x * row[7])))


@compiled
def tabulated_K(r, table):
    """K(r) for r > 0."""
    if r >= 2.0**HIGHEST:
        x = 1.0 / (r * r)
        b = table[-1]
        return x * (b[0] + x * (b[1] + x * (b[2] + x * b[3])))
    if r < 2.0**LOWEST:
        p_min, s = table[-1, 4], table[-1, 5]
        return math.log1p(s) - 0.5 * math.log(math.hypot(p_min, r)) - 0.25 * r * math.atan2(r, p_min)
    row, x = _row(r)
    return _polynomial(table[row], x)


@compiled
def tabulated_J(r, table):
    """J(r) for r > 0."""
    if r >= 2.0**HIGHEST:
        x = 1.0 / (r * r)
        b = table[-1]
        return (b[0] + x * (b[1] + x * (b[2] + x * b[3]))) / r
    if r < 2.0**LOWEST:
        p_min, s = table[-1, 4], table[-1, 5]
        log = math.log1p(s) - 0.5 * math.log(math.hypot(p_min, r))
        return 0.5 * math.atan2(r, p_min) - 0.5 * r * (1.0 / (1.0 + s) + log)
    row, x = _row(r)
    return _polynomial(table[row], x)


@compiled
def K_difference(r, part, table):
    """K(r (1 - part)) - K(r (1 + part)) for 0 < part <= 1/64, with the factor `part` taken out before rounding."""
    if r >= 2.0**HIGHEST:
        low, high = 1.0 / (r * (1.0 + part)) ** 2, 1.0 / (r * (1.0 - part)) ** 2
        b = table[-1]
        slope = b[0] + b[1] * (low + high) + b[2] * (low * low + low * high + high * high)
        slope += b[3] * (low + high) * (low * low + high * high)
        return 4.0 * part * r * r * low * high * slope
    if r < 2.0**LOWEST:
        p_min = table[-1, 4]
        low, high = r * (1.0 - part), r * (1.0 + part)
        logarithms = 0.25 * math.log1p(4.0 * part * (r / math.hypot(p_min, low)) * (r / math.hypot(p_min, low)))
        return logarithms + 0.25 * (high * math.atan2(high, p_min) - low * math.atan2(low, p_min))
    row, x = _row(r)
    low, high = x - part * (1.0 + x), x + part * (1.0 + x)
    # x_high^n - x_low^n = (x_high - x_low) (x_high^(n-1) + x_high^(n-2) x_low + ... + x_low^(n-1))
    total, quotient, power = 0.0, 0.0, 1.0
    for n in range(1, DEGREE + 1):
        quotient = quotient * high + power
        power *= low
        total += table[row, n] * quotient
    return -2.0 * part * (1.0 + x) * total
