"""The likelihood of measured dephasing times, integrated over what belongs to the experiment and the background.

For each place and amplitude of a rival's table, each scatter s_m and each temperature of heating: the mode of the
nuisances of `physics.statistics.nuisances`, found by iteratively reweighted least squares (a Student-t is a mixture of
normal distributions), and there a rule of degree 5 in four dimensions on the scale of the curvature.
"""

import math

import numpy as np

from physics.numerics.compiled import compiled_entry
from physics.statistics.nuisances import (
    COUNT,
    NUISANCES,
    at_amplitude,
    densities,
    find_mode,
    predict,
    spread,
    target,
)

# Moments that are kept of each place and amplitude, before those of the points.
MOMENTS = ("s_m", "s_m_squared", "ln_T_heat", *NUISANCES, *(f"{name}_squared" for name in NUISANCES))
_STEPS = 12


def rule() -> tuple[np.ndarray, np.ndarray]:
    """Points (25, 4) and weights (25) of degree 5 for a standard normal in four dimensions: the middle, and all pairs
    of coordinates at plus and minus sqrt(3). Stroud's E_n^r2 5-2, whose points on the axes weigh nothing for n = 4."""
    points = [np.zeros(COUNT)]
    for i in range(COUNT):
        for j in range(i):
            for signs in ((1, 1), (1, -1), (-1, 1), (-1, -1)):
                point = np.zeros(COUNT)
                point[[i, j]] = np.sqrt(3.0) * np.array(signs)
                points.append(point)
    weights = np.full(len(points), 1 / 36)
    weights[0] = 1 / 3
    return np.array(points), weights


@compiled_entry
def profiles(
    log_rate, log_nodes, places, log_amplitudes, rows, log_T, ee_nodes, ep_nodes, sigma, y, scale, limit, root, out
):
    """The target at its mode without heating (h = 0): what tells the cells that matter from the others. `y` (n), mixed
    by `root`, and `scale` (n) are those of one s_m."""
    rates = np.empty((log_rate.shape[0], 3, 3))
    eta, slopes, matrix, u = np.empty(len(y)), np.empty((len(y), COUNT)), np.empty((COUNT, COUNT)), np.empty(COUNT)
    for p in range(len(places)):
        at_amplitude(log_rate, log_nodes, places[p], log_amplitudes[p], rates)
        u[:] = 0.0
        out[p] = find_mode(
            rates, rows[0], log_T[0], ee_nodes, ep_nodes, sigma, y, scale, limit, root, 3, u, eta, slopes, matrix
        )


@compiled_entry
def marginals(
    log_rate, log_nodes, places, log_amplitudes, rows, log_T, ee_nodes, ep_nodes, sigma, y, scale, limit, roots,
    s_m, s_m_weights, log_T_heat, heat_weights, points, weights, log_likelihood, moments, inverse,
):  # fmt: skip
    """For P cells, each a place and an amplitude: ln of the likelihood without the nuisances (P), the expectations
    MOMENTS (P, 11) under the nuisances' posterior, and those of 1/p(y_i) (P, n), which give what each point is worth
    when it is left out. `y` and `scale` (m, n) and `roots` (m, k, k) are those of each s_m (m), from
    `physics.statistics.errors.independent`."""
    n = y.shape[1]
    rates = np.empty((log_rate.shape[0], 3, 3))
    eta, slopes, matrix, u, v = (
        np.empty(n),
        np.empty((n, COUNT)),
        np.empty((COUNT, COUNT)),
        np.empty(COUNT),
        np.empty(COUNT),
    )
    own = np.empty(n)
    for p in range(len(places)):
        at_amplitude(log_rate, log_nodes, places[p], log_amplitudes[p], rates)
        top, total = -np.inf, 0.0
        moments[p] = 0.0
        inverse[p] = 0.0
        for h in range(len(rows)):
            u[:] = 0.0
            for m in range(len(s_m)):
                find_mode(
                    rates, rows[h], log_T[h], ee_nodes, ep_nodes, sigma, y[m], scale[m], limit, roots[m],
                    _STEPS, u, eta, slopes, matrix,
                )  # fmt: skip
                determinant = 0.0
                for k in range(COUNT):
                    determinant -= math.log(matrix[k, k])
                for q in range(len(weights)):
                    spread(matrix, points[q], u, v)
                    value = determinant + densities(
                        rates, rows[h], log_T[h], ee_nodes, ep_nodes, sigma, v, y[m], scale[m], limit, roots[m], own
                    )
                    for k in range(COUNT):
                        value += 0.5 * (points[q, k] ** 2 - v[k] ** 2)
                    if value > top:
                        factor = math.exp(top - value) if total > 0.0 else 0.0
                        total *= factor
                        moments[p] *= factor
                        inverse[p] *= factor
                        top = value
                    share = heat_weights[h] * s_m_weights[m] * weights[q] * math.exp(value - top)
                    total += share
                    moments[p, 0] += share * s_m[m]
                    moments[p, 1] += share * s_m[m] ** 2
                    moments[p, 2] += share * log_T_heat[h]
                    for k in range(COUNT):
                        moments[p, 3 + k] += share * v[k]
                        moments[p, 3 + COUNT + k] += share * v[k] * v[k]
                    for i in range(n):
                        inverse[p, i] += share * own[i]
        log_likelihood[p] = top + math.log(total)
        moments[p] /= total
        inverse[p] /= total


@compiled_entry
def draws(
    log_rate, log_nodes, places, log_amplitudes, rows, log_T, ee_nodes, ep_nodes, sigma, y, scale, limit, roots,
    s_m_weights, heat_weights, normals, uniforms, which, found,
):  # fmt: skip
    """One draw of the nuisances for each of D cells: of s_m and heating by their weights (`which` (D, 2), places), and
    of u (D, 4) among G points of the normal distribution at the mode, normals (D, G, 4), by their importance; uniforms
    (D, 2) choose."""
    n, tries = y.shape[1], normals.shape[1]
    rates = np.empty((log_rate.shape[0], 3, 3))
    eta, slopes, matrix, u, v = (
        np.empty(n),
        np.empty((n, COUNT)),
        np.empty((COUNT, COUNT)),
        np.empty(COUNT),
        np.empty(COUNT),
    )
    count = len(s_m_weights)
    values, us = np.empty((len(rows), count, tries)), np.empty((len(rows), count, tries, COUNT))
    for p in range(len(places)):
        at_amplitude(log_rate, log_nodes, places[p], log_amplitudes[p], rates)
        for h in range(len(rows)):
            u[:] = 0.0
            for m in range(count):
                find_mode(
                    rates, rows[h], log_T[h], ee_nodes, ep_nodes, sigma, y[m], scale[m], limit, roots[m],
                    _STEPS, u, eta, slopes, matrix,
                )  # fmt: skip
                base = math.log(heat_weights[h] * s_m_weights[m] + 1e-300)
                for k in range(COUNT):
                    base -= math.log(matrix[k, k])
                for g in range(tries):
                    spread(matrix, normals[p, g], u, v)
                    predict(rates, rows[h], log_T[h], ee_nodes, ep_nodes, sigma, v, roots[m], eta, slopes)
                    squares = 0.0
                    for k in range(COUNT):
                        squares += normals[p, g, k] ** 2
                        us[h, m, g, k] = v[k]
                    values[h, m, g] = base + target(eta, y[m], scale[m], limit, v) + 0.5 * squares
        shares = np.exp(values - values.max()).ravel()
        chosen = min(np.searchsorted(np.cumsum(shares), uniforms[p] * shares.sum()), shares.size - 1)
        which[p, 0] = chosen // (tries * count)
        which[p, 1] = chosen // tries % count
        found[p] = us.reshape(-1, COUNT)[chosen]


@compiled_entry
def predictions(
    log_rate, log_nodes, places, log_amplitudes, rows, log_T, ee_nodes, ep_nodes, sigma, us, eta
):  # fmt: skip
    """ln(tau) with delta of every point (D, n) for D draws, each with its place, amplitude, rows of the table (D, n),
    temperatures of the electrons (D, n) and nuisances u (D, 4)."""
    rates, slopes = np.empty((log_rate.shape[0], 3, 3)), np.empty((rows.shape[1], COUNT))
    none = np.empty((0, 0))
    for p in range(len(places)):
        at_amplitude(log_rate, log_nodes, places[p], log_amplitudes[p], rates)
        predict(rates, rows[p], log_T[p], ee_nodes, ep_nodes, sigma, us[p], none, eta[p], slopes)
