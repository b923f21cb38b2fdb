"""Bessel functions J_M(z) and the integral of J_0 for compiled loops: tables, turning points and zeros."""

import math
from functools import cache

import numpy as np

from physics.numerics.compiled import compiled, compiled_entry

# Cells of width 1/2 with Taylor polynomials of degree 12: absolute error below 1e-15. The first turning point of every
# J_M that is seen for lambda <= 100 lies below Z_END.
HALF_CELL = 0.25
DEGREE = 12
Z_END = 184.0
ORDERS = 180
# Beyond LARGE the asymptotic series of J_0 and of its integral, with TERMS terms, error below 1e-15.
LARGE = 32.0
TERMS = 28


@compiled
def bessel_row(z, row):
    """J_M(z) for M = 0 ... len(row) - 1 by downward recurrence, z > 0; relative accuracy 1e-14 where J_M > 1e-290."""
    last = len(row) - 1
    start = 2 * ((max(last, int(z)) + 50) // 2)
    above, here, norm = 0.0, 1e-250, 0.0
    row[:] = 0.0
    for order in range(start, 0, -1):
        below = 2 * order / z * here - above
        above, here = here, below
        if order - 1 <= last:
            row[order - 1] = here
        if (order - 1) % 2 == 0:
            norm += here if order == 1 else 2 * here
        if abs(here) > 1e200:
            above, here, norm = above * 1e-200, here * 1e-200, norm * 1e-200
            row[order - 1 :] *= 1e-200
    row /= norm


@compiled_entry
def _tabulate(table, integrals):
    """Taylor's series about the centre of each cell, by J_M' = (J_(M-1) - J_(M+1))/2."""
    row = np.empty(ORDERS + DEGREE + 60)
    for cell in range(table.shape[1]):
        bessel_row((2 * cell + 1) * HALF_CELL, row)
        if cell < len(integrals):
            integrals[cell, 0] = 2 * np.sum(row[1::2])
        factorial = 1.0
        for k in range(DEGREE + 1):
            table[:, cell, k] = row[: table.shape[0]] / factorial
            before = row[0]
            row[0] = -row[1]
            for order in range(1, len(row) - 1 - k):
                before, row[order] = row[order], 0.5 * (before - row[order + 1])
            factorial *= k + 1
        if cell < len(integrals):
            for k in range(DEGREE):
                integrals[cell, k + 1] = table[0, cell, k] / (k + 1)


@cache
def _tables():
    table = np.empty((ORDERS + 1, round(Z_END / (2 * HALF_CELL)), DEGREE + 1))
    integrals = np.empty((round(LARGE / (2 * HALF_CELL)), DEGREE + 1))
    _tabulate(table, integrals)
    return table, integrals


def bessel_table() -> np.ndarray:
    """Powers of z - z_i on cells of width 1/2 about z_i: [M, cell, power], for `tabulated` with 0 <= z < Z_END."""
    return _tables()[0]


@cache
def integral_table() -> np.ndarray:
    """The table of `integral_of_J0`: polynomials up to LARGE, and then the asymptotic series of J_0 and its integral.

    J_0 = sqrt(2/(pi x)) Re[exp(i(x - pi/4)) sum h_k x^-k] and, by integration by parts, int_x^inf J_0 is the same with
    s_k = i [h_k - (k - 1/2) s_(k-1)].
    """
    h, s = np.empty(TERMS, complex), np.empty(TERMS, complex)
    coefficient = 1.0
    for k in range(TERMS):
        h[k] = coefficient * 1j**k
        s[k] = 1j * (h[k] - ((k - 0.5) * s[k - 1] if k else 0))
        coefficient *= -((2 * k + 1) ** 2) / (8 * (k + 1))
    rows = np.zeros((4, max(TERMS, DEGREE + 1)))
    rows[:, :TERMS] = h.real, h.imag, s.real, s.imag
    polynomials = np.zeros((len(_tables()[1]), rows.shape[1]))
    polynomials[:, : DEGREE + 1] = _tables()[1]
    return np.concatenate([polynomials, rows])


@compiled
def tabulated(order, z, table):
    """J_order(z) for 0 <= z < Z_END, order <= ORDERS; absolute error 1e-15."""
    cell = int(z / (2 * HALF_CELL))
    d = z - (2 * cell + 1) * HALF_CELL
    value = 0.0
    for k in range(DEGREE, -1, -1):
        value = value * d + table[order, cell, k]
    return value


@compiled
def with_slope(order, z, table):
    """J_order(z) as `tabulated` and its derivative, absolute error 1e-13."""
    cell = int(z / (2 * HALF_CELL))
    d = z - (2 * cell + 1) * HALF_CELL
    value, derivative = 0.0, 0.0
    for k in range(DEGREE, -1, -1):
        derivative = derivative * d + value
        value = value * d + table[order, cell, k]
    return value, derivative


@compiled
def slope(order, z, table):
    """The derivative of J_order at z."""
    if order == 0:
        return -tabulated(1, z, table)
    return 0.5 * (tabulated(order - 1, z, table) - tabulated(order + 1, z, table))


@compiled
def _series(x, real, imaginary):
    phase = x - 0.25 * math.pi
    a, b = 0.0, 0.0
    for k in range(TERMS - 1, -1, -1):
        a = a / x + real[k]
        b = b / x + imaginary[k]
    return math.sqrt(2 / (math.pi * x)) * (a * math.cos(phase) - b * math.sin(phase))


@compiled
def J0(x, table, integrals):
    """J_0(x) for x >= 0; absolute error 1e-15."""
    if x < LARGE:
        return tabulated(0, x, table)
    return _series(x, integrals[-4], integrals[-3])


@compiled
def integral_of_J0(x, integrals):
    """B(x) = int_0^x J_0 = 2 sum_k J_(2k+1)(x) for x >= 0; absolute error 1e-15, relative 1e-15 for small x."""
    if x >= LARGE:
        return 1 - _series(x, integrals[-2], integrals[-1])
    if x < 0.5:
        y = -0.25 * x * x
        return x * (1 + y * (1 / 3 + y * (1 / 20 + y * (1 / 252 + y * (1 / 5184 + y / 158400)))))
    cell = int(x / (2 * HALF_CELL))
    d = x - (2 * cell + 1) * HALF_CELL
    value = 0.0
    for k in range(DEGREE, -1, -1):
        value = value * d + integrals[cell, k]
    return value


@compiled
def _polished(order, z, of_slope, table):
    """Newton's iteration for a zero of J or of its slope near z."""
    for _ in range(6):
        J, dJ = tabulated(order, z, table), slope(order, z, table)
        z -= dJ / (-dJ / z - (1 - (order / z) ** 2) * J) if of_slope else J / dJ
    return z


@compiled_entry
def _find(table, zeros, turning):
    step = 0.125
    for order in range(table.shape[0] - 1):
        found_zeros, found_turning = 0, 0
        z = max(step, 0.9 * order)
        J, dJ = tabulated(order, z, table), slope(order, z, table)
        for _ in range(int(Z_END / step)):
            if z + step >= Z_END:
                break
            next_J, next_dJ = tabulated(order, z + step, table), slope(order, z + step, table)
            if (J < 0.0) != (next_J < 0.0):
                zeros[order, found_zeros] = _polished(order, z + 0.5 * step, False, table)
                found_zeros += 1
            if (dJ < 0.0) != (next_dJ < 0.0):
                turning[order, found_turning] = _polished(order, z + 0.5 * step, True, table)
                found_turning += 1
            z, J, dJ = z + step, next_J, next_dJ


@cache
def bessel_landmarks() -> np.ndarray:
    """Zeros ([0, M, s]) and turning points ([1, M, s]) of J_M in 0 < z < Z_END, ascending, then infinity."""
    found = np.full((2, ORDERS, 60), np.inf)
    _find(bessel_table(), found[0], found[1])
    return found
