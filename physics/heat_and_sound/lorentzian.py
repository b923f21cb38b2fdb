"""Averages over p of one two-level system's absorption, in closed form, and tables of them that compiled loops read.

With the weight 1/(2 p sqrt(1 - p)) of paper 004, eq. (2), and the width chi p E/(2 tanh(E/2T)), eq. (11),

    K(r) = (1/2) int_0^1 dp p (1 - p)^(-1/2)/(r^2 + p^2) = Re[artanh(1/c)/c]       resonant, eq. (15)
    J(r) = (r/2) int_0^1 dp (1 - p)^(1/2)/(r^2 + p^2)    = Im[c artanh(1/c)]       relaxation, eq. (16)

with c = sqrt(1 - i|r|) and artanh(1/c) = ln(1 + c) - ln(|r|)/2 + i pi/4.
"""

import math
from functools import cache

import numpy as np
from numpy.polynomial import chebyshev

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


def resonant_average(r):
    """K(r), eq. (15) averaged over p.

    `r` (1, any shape): twice the distance from resonance over the width at p = 1. Returns K, same shape, relative
    accuracy 1e-14; infinite at r = 0. Limits: ln(4/|r|)/2 for r -> 0, 2/(3 r^2) for r -> infinity.
    """
    r = np.abs(np.asarray(r, np.float64))
    with np.errstate(divide="ignore", over="ignore"):
        near = np.minimum(r, _SERIES_FROM)
        c = np.sqrt(1 - 1j * near)
        closed = ((np.log1p(c) + 0.25j * np.pi) / c).real - 0.5 * np.log(near) * (1 / c).real
        far = np.maximum(r, _SERIES_FROM) ** -2.0
    return np.where(r < _SERIES_FROM, closed, far * np.polynomial.polynomial.polyval(far, _SERIES_K))


def relaxation_average(r):
    """J(r), eq. (16) averaged over p.

    `r` (1, any shape): frequency over the relaxation rate at p = 1. Returns J, same shape, relative accuracy 1e-14.
    Limits: pi/4 for r -> 0, 1/(3|r|) for r -> infinity.
    """
    r = np.abs(np.asarray(r, np.float64))
    near = np.minimum(r, _SERIES_FROM)
    c = np.sqrt(1 - 1j * near)
    log = np.log(np.where(near > 0, near, 1.0))
    closed = (c * (np.log1p(c) + 0.25j * np.pi)).imag - 0.5 * log * c.imag
    far = 1 / np.maximum(r, _SERIES_FROM)
    return np.where(r < _SERIES_FROM, closed, far * np.polynomial.polynomial.polyval(far * far, _SERIES_J))


def _series(first, a, terms=18):
    """(1/2) (-1)^k B(2k + first, a), the coefficients of the series in 1/r^2."""
    coefficients = [0.5 * math.gamma(first) * math.gamma(a) / math.gamma(first + a)]
    for k in range(terms - 1):
        n = 2 * k + first
        coefficients.append(-coefficients[-1] * n * (n + 1) / ((n + a) * (n + a + 1)))
    return np.array(coefficients)


_SERIES_K = _series(2, 0.5)
_SERIES_J = _series(1, 1.5)
_K0, _K1, _K2, _K3 = (float(b) for b in _SERIES_K[:4])
_J0, _J1, _J2, _J3 = (float(b) for b in _SERIES_J[:4])


@cache
def resonant_table() -> np.ndarray:
    """Table of K for `tabulated_K` and `K_difference`."""
    return _table(resonant_average)


@cache
def relaxation_table() -> np.ndarray:
    """Table of J for `tabulated_J`."""
    return _table(relaxation_average)


def _table(function):
    """Row i holds the coefficients of sum_n c_n (r/r_i - 1)^n on a cell about r_i; relative error below 1e-13.

    The cells divide each octave evenly, so that exponent and mantissa of r give the row.
    """
    mantissa = 0.5 + (np.arange(CELLS_PER_OCTAVE) + 0.5) / (2 * CELLS_PER_OCTAVE)
    half = np.tile(0.25 / CELLS_PER_OCTAVE / mantissa, HIGHEST - LOWEST)[:, None]
    centres = (np.exp2(np.arange(LOWEST, HIGHEST) + 1.0)[:, None] * mantissa).reshape(-1, 1)
    points = np.cos(np.pi * (np.arange(DEGREE + 1) + 0.5) / (DEGREE + 1))
    series = chebyshev.chebfit(points, function(centres * (1 + half * points)).T, DEGREE)
    powers = np.array([chebyshev.cheb2poly(column) for column in series.T])
    return np.ascontiguousarray(powers / half ** np.arange(DEGREE + 1))


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
        return x * (_K0 + x * (_K1 + x * (_K2 + x * _K3)))
    if r < 2.0**LOWEST:
        return 0.5 * math.log(4.0 / r) - 0.125 * math.pi * r
    row, x = _row(r)
    return _polynomial(table[row], x)


@compiled
def tabulated_J(r, table):
    """J(r) for r > 0."""
    if r >= 2.0**HIGHEST:
        x = 1.0 / (r * r)
        return (_J0 + x * (_J1 + x * (_J2 + x * _J3))) / r
    if r < 2.0**LOWEST:
        return 0.25 * math.pi - 0.25 * r * (1.0 + math.log(4.0 / r))
    row, x = _row(r)
    return _polynomial(table[row], x)


@compiled
def K_difference(r, part, table):
    """K(r (1 - part)) - K(r (1 + part)) for 0 < part <= 1/64, with the factor `part` taken out before rounding."""
    if r >= 2.0**HIGHEST:
        low, high = 1.0 / (r * (1.0 + part)) ** 2, 1.0 / (r * (1.0 - part)) ** 2
        slope = _K0 + _K1 * (low + high) + _K2 * (low * low + low * high + high * high)
        slope += _K3 * (low + high) * (low * low + high * high)
        return 4.0 * part * r * r * low * high * slope
    if r < 2.0**LOWEST:
        square = part * part
        return part * (1.0 + square * (1.0 / 3.0 + square * 0.2) + 0.25 * math.pi * r)
    row, x = _row(r)
    low, high = x - part * (1.0 + x), x + part * (1.0 + x)
    # x_high^n - x_low^n = (x_high - x_low) (x_high^(n-1) + x_high^(n-2) x_low + ... + x_low^(n-1))
    total, quotient, power = 0.0, 0.0, 1.0
    for n in range(1, DEGREE + 1):
        quotient = quotient * high + power
        power *= low
        total += table[row, n] * quotient
    return -2.0 * part * (1.0 + x) * total
