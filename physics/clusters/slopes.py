"""Reduced densities of states P_n(t) of clusters, b = sqrt(km), paper 003, with their logarithmic derivatives.

They are those of the interpolation of `physics.clusters.interpolation`, so that a slope is exactly that of the
values: up to n = 2 N0 + 1 the derivatives of its polynomials, above differences.
"""

from functools import cache

import numpy as np
from numpy.polynomial import Polynomial

from physics.clusters.coagulation import T_END
from physics.clusters.densities import trajectory
from physics.clusters.interpolation import INTEGERS, KNOTS
from physics.numerics.compiled import compiled, compiled_entry

STEP = 0.005
STENCIL = ((-2, 1 / 12), (-1, -8 / 12), (1, 8 / 12), (2, -1 / 12))


@cache
def _basis(count):
    """Coefficients of the polynomials that are 1 at one of the nodes 0 ... count - 1 and 0 at the others, in powers of
    the distance to the middle: row i, column power."""
    nodes = np.arange(count) - (count - 1) / 2
    rows = []
    for node in nodes:
        others = nodes[nodes != node]
        rows.append(Polynomial.fromroots(others).coef / np.prod(node - others))
    return np.array(rows)


@compiled
def _weights(x, basis, value, slope):
    """Values and derivatives at x of the polynomials of `_basis`."""
    count = len(basis)
    x -= 0.5 * (count - 1)
    for i in range(count):
        v, d = basis[i, count - 1], 0.0
        for k in range(count - 2, -1, -1):
            d = d * x + v
            v = v * x + basis[i, k]
        value[i] = v
        slope[i] = d


@compiled_entry
def _derivatives(n, t, solution, in_sizes, in_times):
    """ln P, d ln P/dn and d ln P/dt at pairs with n up to the last of the whole numbers."""
    result = np.empty((3, len(n)))
    count, terms = solution.series.shape
    size, size_slope = np.empty(INTEGERS), np.empty(INTEGERS)
    time, time_slope = np.empty(KNOTS), np.empty(KNOTS)
    for i in range(len(n)):
        low = min(max(int(n[i]) - INTEGERS // 2, 0), count - INTEGERS)
        _weights(n[i] - 1 - low, in_sizes, size, size_slope)
        log_P, by_n, by_t = (n[i] - 1) * np.log(t[i]), np.log(t[i]), (n[i] - 1) / t[i]
        if t[i] < solution.first:
            for j in range(INTEGERS):
                v, d = 0.0, 0.0
                for k in range(terms - 1, -1, -1):
                    d = d * t[i] + v
                    v = v * t[i] + solution.series[low + j, k]
                log_P += size[j] * np.log(v)
                by_n += size_slope[j] * np.log(v)
                by_t += size[j] * d / v
        else:
            relative = 1.0 / (solution.relative * t[i]) + 1.0 / solution.longest
            tau = np.log(t[i] / solution.first) / solution.relative + (t[i] - solution.first) / solution.longest
            knot = min(max(int(tau) - KNOTS // 2 + 1, 0), len(solution.logs) - KNOTS)
            _weights(tau - knot, in_times, time, time_slope)
            for j in range(INTEGERS):
                v, d = 0.0, 0.0
                for k in range(KNOTS):
                    v += time[k] * solution.logs[knot + k, low + j]
                    d += time_slope[k] * solution.logs[knot + k, low + j]
                log_P += size[j] * v
                by_n += size_slope[j] * v
                by_t += size[j] * d * relative
        result[0, i] = log_P
        result[1, i] = by_n
        result[2, i] = by_t
    return result


def log_densities_with_slopes(n, t):
    """ln P_n, d ln P_n/dn and d ln P_n/dt of `clusters.trajectory("sqrt")`, which interpolates between whole n.

    n (1, >= 1) and t (1, 0 < t <= 30), arrays that broadcast, unchecked. Returns an array of shape (3, ...):
    ln P as `log_P` within 1e-11 (n + 1), the derivatives with an absolute error of 1e-9 and 1e-9 n/t for n <= 129,
    1e-6/n and 1e-4/t from there to the front.
    """
    n, t = np.broadcast_arrays(np.asarray(n, dtype=np.float64), np.asarray(t, dtype=np.float64))
    solved = trajectory("sqrt")
    solution = solved._solution
    result = np.empty((3, *n.shape))
    few = n <= len(solution.series)
    result[:, few] = _derivatives(n[few], t[few], solution, _basis(INTEGERS), _basis(KNOTS))
    if not few.all():
        n, t = n[~few], t[~few]
        # Near the end of the table the middle of the stencil is moved inwards.
        middle = np.minimum(t, T_END / (1 + 2 * STEP))
        by_n = sum(weight * solved.log_P(n * (1 + STEP * j), t) for j, weight in STENCIL) / (STEP * n)
        times = {j: np.minimum(middle * (1 + STEP * j), T_END) for j, _ in STENCIL}
        by_t = sum(weight * solved.log_P(n, times[j]) for j, weight in STENCIL) / (STEP * middle)
        result[:, ~few] = solved.log_P(n, t), by_n, by_t
    return result
