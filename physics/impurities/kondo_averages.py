"""Averages over two-level systems with Kondo effect, eqs. (19)-(24) of paper 004: cross-section, heat, absorption.

They depend on t = T/T_K* and s = T/Delta* alone. For the box they are closed forms. For exp(-x-y) they are Laplace
transforms, analytic for Re t, Re s > 0: in ln t and ln s nothing is nearer to the real axis than pi/2, and Chebyshev
series on squares of a side of 1.5 have the integrals to 2e-10. A square is made when a cell needs it first.
"""

import math

import numpy as np

from physics.numerics.compiled import compiled, compiled_entry
from physics.numerics.exponential_integrals import exponential_integral_table, exponential_integrals
from physics.numerics.quadrature import gauss_legendre
from physics.parameters import ParameterError

DISTRIBUTIONS = ("exponential", "box")
INVERSE_E = math.exp(-1.0)
# Exponentials below exp(-DEEP) of their largest value are left out.
DEEP = 40.0
# Panels of an integral at most; each takes a quarter of the range of a logarithm or more, which is 700 for T/T_K* of
# 1e-300, where they are long.
PANELS = 1000
# Squares in ln t and ln s: their side, their number along each and the least logarithm, and the points of each side.
# Beyond them, which is beyond what the quantity promises, the integrals themselves are done.
SIDE, SQUARES, LEAST = 1.5, 18, -12.0
POINTS = 16
_SQUARES = {}


def averages(T, TKstar, Deltastar, *, distribution):
    """<cross-section>, <C/k_B>, <T/Gamma> (1) in the broadcast shape; NaN where an integral does not converge.

    T, TKstar, Deltastar (K, arrays that broadcast), distribution one of DISTRIBUTIONS. Relative accuracy 1e-9, see
    `physics.impurities.kondo`. Raises ParameterError for an unknown distribution.
    """
    if distribution not in DISTRIBUTIONS:
        raise ParameterError(f"distribution = {distribution!r} is unknown; allowed: {', '.join(DISTRIBUTIONS)}")
    ratios = np.divide(T, TKstar), np.divide(Deltastar, TKstar), np.subtract(TKstar, T) / T
    # Copies: for read-only arrays Numba would compile a second version.
    rows = [np.array(a) for a in np.broadcast_arrays(*ratios)]
    t, d, beyond = (a.ravel() for a in rows)
    if distribution == "box":
        values = _each_box(t, d, beyond, exponential_integral_table())
    else:
        values = _by_squares(t, d)
    return values.reshape(3, *rows[0].shape)


def _by_squares(t, d):
    """The averages with exp(-x - y), from the squares that these cells are in."""
    rules = exponential_integral_table(), gauss_legendre()
    squares = _square_of(t, d)
    places = np.full(SQUARES**2, -1)
    needed = np.flatnonzero(np.bincount(squares[squares >= 0], minlength=SQUARES**2))
    places[needed] = np.arange(len(needed))
    for square in needed.tolist():
        if square not in _SQUARES:
            _SQUARES[square] = _series(square, _nodes(), *rules)
    series = np.array([_SQUARES[square] for square in needed.tolist()]).reshape(-1, POINTS, 3 * POINTS)
    return _each_exponential(t, d, squares, places, series, *rules)


def _nodes():
    """The points of a side, from -1 to 1, and the matrix from the values there to the coefficients."""
    angles = np.pi * (np.arange(POINTS) + 0.5) / POINTS
    matrix = 2 / POINTS * np.cos(np.outer(np.arange(POINTS), angles))
    matrix[0] /= 2
    return np.cos(angles), matrix


@compiled_entry
def _square_of(temperatures, splittings):
    """The number of the square of each cell, -1 beyond all of them."""
    result = np.empty(len(temperatures), np.int64)
    for n in range(len(temperatures)):
        i = math.floor((math.log(temperatures[n]) - LEAST) / SIDE)
        j = math.floor((math.log(temperatures[n] / splittings[n]) - LEAST) / SIDE)
        inside = 0 <= i < SQUARES and 0 <= j < SQUARES
        result[n] = i * SQUARES + j if inside else -1
    return result


@compiled_entry
def _series(square, nodes, table, rule):
    """Chebyshev coefficients on a square, [of ln s, average and of ln t]; those of the heat have exp(t) in front."""
    points, matrix = nodes
    values = np.empty((POINTS, POINTS, 3))
    for i in range(POINTS):
        t = math.exp(LEAST + SIDE * (square // SQUARES + 0.5 + 0.5 * points[i]))
        for j in range(POINTS):
            s = math.exp(LEAST + SIDE * (square % SQUARES + 0.5 + 0.5 * points[j]))
            values[i, j, 0], values[i, j, 1], values[i, j, 2] = _exponential(t, s, table, rule)
    result = np.zeros((POINTS, 3 * POINTS))
    for n in range(POINTS):
        for m in range(POINTS):
            for k in range(3):
                total = 0.0
                for i in range(POINTS):
                    part = 0.0
                    for j in range(POINTS):
                        part += matrix[n, j] * values[i, j, k]
                    total += matrix[m, i] * part
                result[n, k * POINTS + m] = total
    return result


@compiled_entry
def _each_exponential(temperatures, splittings, squares, places, series, table, rule):
    result = np.empty((3, len(temperatures)))
    along_t, along_s = np.empty(POINTS), np.empty(POINTS)
    sums = np.empty(3 * POINTS)
    for n in range(len(temperatures)):
        t = temperatures[n]
        s = t / splittings[n]
        square = squares[n]
        if square < 0:
            rate, heat, absorption = _exponential(t, s, table, rule)
        else:
            _polynomials(2 * ((math.log(t) - LEAST) / SIDE - square // SQUARES) - 1, along_t)
            _polynomials(2 * ((math.log(s) - LEAST) / SIDE - square % SQUARES) - 1, along_s)
            own = series[places[square]]
            sums[:] = 0.0
            for j in range(POINTS):
                for i in range(3 * POINTS):
                    sums[i] += along_s[j] * own[j, i]
            rate, heat, absorption = 0.0, 0.0, 0.0
            for i in range(POINTS):
                rate += along_t[i] * sums[i]
                heat += along_t[i] * sums[POINTS + i]
                absorption += along_t[i] * sums[2 * POINTS + i]
        result[0, n], result[1, n], result[2, n] = rate, heat * math.exp(-t), absorption
    return result


@compiled
def _polynomials(x, out):
    """Chebyshev polynomials T_0(x) ..."""
    out[0], out[1] = 1.0, x
    for i in range(2, len(out)):
        out[i] = 2 * x * out[i - 1] - out[i - 2]


@compiled_entry
def _each_box(temperatures, splittings, beyond, table):
    result = np.empty((3, len(temperatures)))
    for i in range(len(temperatures)):
        result[:, i] = _box(temperatures[i], splittings[i], beyond[i], table)
    return result


@compiled
def _tails(u, table):
    """int_u^inf exp(-v) v^-n dv for n = 2, 3, 4."""
    _, _, second, third, fourth = exponential_integrals(u, table)
    return second / u, third / u**2, fourth / u**3


@compiled
def _weak(A, B, log_A, table):
    """The integral of the cross-section over X < A, Y < B outside 1 < X, Y < X."""
    log_B = math.log(B)
    # X = exp(-u) < 1/e, Y < 1: u^-2 up to Y = 1/u, (Y u^2)^-2 beyond.
    c = max(1.0, -log_A)
    width = min(B, 1.0)
    second, third, fourth = _tails(c, table)
    if width * c >= 1.0:
        total = 2 * third - fourth / width
    else:
        second_end, third, fourth = _tails(1 / B, table)
        total = B * (second - second_end) + 2 * third - fourth / B
    if A > INVERSE_E:
        total += (min(A, 1.0) - INVERSE_E) * width
    if B > 1.0:
        # Y = exp(v) > 1, X = Y w < Y: dw dv l(w)^-4.
        edge = _tails(1.0, table)[2]
        v1 = min(max(log_A, 0.0), log_B)
        v2 = min(max(log_A + 1, 0.0), log_B)
        total += (edge + 1 - INVERSE_E) * v1
        total += (edge - INVERSE_E) * (v2 - v1) + A * (math.exp(-v1) - math.exp(-v2))
        if v2 < log_B:
            low, high = v2 - log_A, log_B - log_A
            _, third, fourth = _tails(low, table)
            _, third_end, fourth_end = _tails(high, table)
            total += high * fourth_end - low * fourth + third - third_end
    return total


@compiled
def _box(t, d, beyond, table):
    """The averages with 1 for x, y < 1; `beyond` = (T_K* - T)/T = A - 1 has the digits that A has lost near 1."""
    A, B = 1 / t, d / t
    log_A = math.log1p(beyond) if beyond > 0.0 else math.log(A)
    rate = _weak(A, B, log_A, table)
    heat = 0.0
    reach = min(A, INVERSE_E)
    u = -math.log(reach)
    absorption = reach * (u * u + 2 * u + 2) + max(0.0, min(A, 1.0) - INVERSE_E)
    absorption *= min(B, 1.0)
    if beyond > 0.0:
        # Y^2 < X: up to X = m the bound is sqrt(X), above it is B.
        m = min(A, max(B, 1.0) ** 2)
        log_m = log_A if m == A else math.log(m)
        rate += B * (A - m)
        # Sums may be reordered, and for B < 1 nothing that is not small may stand in them.
        if B > 1.0:
            # X < Y^2 < X^2, Y < B
            k = min(A, B)
            rate += 2 / 3 * (m**1.5 - 1) + (2 / 3 * (k**1.5 - 1) - math.log(k)) / 3
            rate += (2 / 3 * (m**1.5 - k**1.5) - (m**3 - k**3) / (3 * B**3)) / 3
        # int_1^m ln X/sqrt(X) dX = 4 int_0^(ln(m)/2) z exp(z) dz
        z = 0.5 * log_m
        heat = 4 * _first_moment(z) + 0.5 * B * (log_A - log_m) * (log_A + log_m)
        absorption += 2 * math.expm1(z) + B * (log_A - log_m)
    return rate / (A * B), heat / (A * B), absorption / (A * B)


@compiled
def _first_moment(z):
    """int_0^z v exp(v) dv = 1 + (z - 1) exp(z), without cancellation."""
    if z > 0.5:
        return 1 + (z - 1) * math.exp(z)
    total, power = 0.0, z * z
    for k in range(14):
        total += power / (k + 2)
        power *= z / (k + 1)
    return total


@compiled
def _exponential(t, s, table, rule):
    """The averages with exp(-x - y), the heat times exp(t); NaN where PANELS do not get to the end."""
    # 1/e < X < 1, Y < 1
    between = math.exp(-t * INVERSE_E) * -math.expm1(-t * (1 - INVERSE_E))
    below = -math.expm1(-s)
    rate, heat, absorption = between * below, 0.0, between * below
    end = exponential_integrals(s, table)[2]
    # Y > 1, 1/e < X/Y < 1
    if t > 1.0:
        part = exponential_integrals(t * INVERSE_E + s, table)[2] - exponential_integrals(t + s, table)[2]
        rate += s * part
    else:
        # the same without the cancellation
        for j in range(rule.shape[1]):
            X = INVERSE_E + (1 - INVERSE_E) * rule[0, j]
            rate += t * s * (1 - INVERSE_E) * rule[1, j] * exponential_integrals(t * X + s, table)[1]
    # X = exp(-u) < 1/e, Y < 1; and Y > 1, X/Y = exp(-u) < 1/e
    low = max(1.0, math.log(t / DEEP))
    last = max(1.0, math.log(t)) + 27.0
    for _ in range(PANELS):
        if low >= last:
            break
        high = low + min(0.75 * low, 3.5)
        z = t * math.exp(-low)
        if z > 12.0:
            high = min(high, low - math.log1p(-12.0 / z))
        for j in range(rule.shape[1]):
            u = low + (high - low) * rule[0, j]
            X = math.exp(-u)
            weight = (high - low) * rule[1, j] * t * X
            fast = math.exp(-t * X)
            inner = -math.expm1(-s / u)
            outer = s * (u * exponential_integrals(s / u, table)[2] - end)
            both = s * exponential_integrals(t * X + s, table)[1]
            rate += weight * (fast * (inner + outer / (u * u)) + both / (u * u)) / (u * u)
            absorption += weight * fast * below * u * u
        low = high
    if low < last:
        return math.nan, math.nan, math.nan
    # X = exp(v) > 1, Y < X, in units of exp(-t)
    low = 0.0
    last = math.log1p(DEEP / t)
    frozen = math.exp(-t)
    for _ in range(PANELS):
        if low >= last:
            return rate, heat, absorption
        high = low + min(1.8, math.log1p(12.0 / t * math.exp(-low)))
        for j in range(rule.shape[1]):
            v = low + (high - low) * rule[0, j]
            X = math.exp(v)
            root = math.exp(0.5 * v)
            weight = (high - low) * rule[1, j] * t * math.exp(-t * math.expm1(v))
            inner = -math.expm1(-s * root)
            fourth = root * exponential_integrals(s * root, table)[4] - exponential_integrals(s * X, table)[4] / X
            rate += frozen * weight * X * (inner + s * fourth)
            heat += weight * v * inner
            absorption += frozen * weight * inner
        low = high
    return math.nan, math.nan, math.nan
