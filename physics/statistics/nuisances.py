"""Nuisances of measured dephasing times: what they do to the times of a rival, and where the data put them.

A time y_i = ln(tau_i) is Student-t (4 degrees of freedom) about ln(tau) + delta, with the scale sqrt(s_i^2 + s_m^2); a
limit counts with the probability beyond it. Nuisances u, each of them standard normal before the data: delta/sigma_0,
ln(ee_prefactor)/sigma_1, ln(ep_rate/its median)/sigma_2, (ep_exponent - its median)/sigma_3. The rate 1/tau of a rival
comes from a table over its temperatures, places of its other parameters, amplitudes, factors on the rate of electrons
and factors on that of phonons: cubic in the logarithms along the amplitude, and quadratic in the two factors, in which
it is nearly linear.

Where errors are not independent, residuals are mixed by the root of `physics.statistics.errors` into such that are.
"""

import math

import numpy as np

from physics.numerics.compiled import compiled

NUISANCES = ("delta", "ee_prefactor", "ep_rate", "ep_exponent")
COUNT = len(NUISANCES)
_LN_T4 = math.log(3.0 / 8.0)


@compiled
def _lagrange(nodes, at, weights, slopes):
    """Weights of the quadratic through three nodes at a place, and their derivatives."""
    for i in range(3):
        a, b = nodes[(i + 1) % 3], nodes[(i + 2) % 3]
        scale = 1.0 / ((nodes[i] - a) * (nodes[i] - b))
        weights[i] = (at - a) * (at - b) * scale
        slopes[i] = (2.0 * at - a - b) * scale


@compiled
def at_amplitude(log_rate, log_nodes, place, log_amplitude, rates):
    """The rates (T, 3, 3) at a place and an amplitude, cubic in the logarithms; the table is (T, O, A, 3, 3)."""
    count = len(log_nodes)
    if count == 1:
        for i in range(rates.shape[0]):
            for j in range(3):
                for k in range(3):
                    rates[i, j, k] = math.exp(log_rate[i, place, 0, j, k])
        return
    width = min(4, count)
    first = min(max(np.searchsorted(log_nodes, log_amplitude) - width // 2, 0), count - width)
    weights = np.ones(width)
    for m in range(width):
        for n in range(width):
            if n != m:
                weights[m] *= (log_amplitude - log_nodes[first + n]) / (log_nodes[first + m] - log_nodes[first + n])
    for i in range(rates.shape[0]):
        for j in range(3):
            for k in range(3):
                total = 0.0
                for m in range(width):
                    total += weights[m] * log_rate[i, place, first + m, j, k]
                rates[i, j, k] = math.exp(total)


@compiled
def mixed(root, values):
    """values = root values, in place; nothing where there is no root, (0, 0), for errors that are independent."""
    if root.shape[0] == 0:
        return
    own = values.copy()
    for i in range(len(values)):
        total = 0.0
        for j in range(len(values)):
            total += root[i, j] * own[j]
        values[i] = total


@compiled
def predict(rates, rows, log_T, ee_nodes, ep_nodes, sigma, u, root, eta, slopes):
    """ln(tau) with delta of each point (n), and its derivatives by u (n, 4), mixed by the root."""
    w_ee, d_ee, w_ep, d_ep = np.empty(3), np.empty(3), np.empty(3), np.empty(3)
    ee = math.exp(sigma[1] * u[1])
    _lagrange(ee_nodes, ee, w_ee, d_ee)
    for i in range(len(rows)):
        ep = math.exp(sigma[2] * u[2] + sigma[3] * u[3] * log_T[i])
        _lagrange(ep_nodes, ep, w_ep, d_ep)
        value, by_ee, by_ep = 0.0, 0.0, 0.0
        for j in range(3):
            inner, inner_slope = 0.0, 0.0
            for k in range(3):
                inner += w_ep[k] * rates[rows[i], j, k]
                inner_slope += d_ep[k] * rates[rows[i], j, k]
            value += w_ee[j] * inner
            by_ee += d_ee[j] * inner
            by_ep += w_ee[j] * inner_slope
        value = max(value, 1e-3 * rates[rows[i], 0, 0])
        eta[i] = -math.log(value) + sigma[0] * u[0]
        slopes[i, 0] = sigma[0]
        slopes[i, 1] = -sigma[1] * ee * by_ee / value
        slopes[i, 2] = -sigma[2] * ep * by_ep / value
        slopes[i, 3] = -sigma[3] * log_T[i] * ep * by_ep / value
    mixed(root, eta)
    for k in range(COUNT):
        mixed(root, slopes[:, k])


@compiled
def _survival(x):
    """The probability of a t with 4 degrees of freedom below x, and its density.

    With t = (|x|/2)/sqrt(1 + x^2/4) that of the tail is (1 - t)^2 (2 + t)/4, and 1 - t without a difference."""
    root = math.sqrt(1.0 + 0.25 * x * x)
    half = 0.5 * abs(x)
    rest = 1.0 / (root * (root + half))
    tail = 0.25 * rest * rest * (3.0 - rest)
    return max(tail if x < 0.0 else 1.0 - tail, 1e-300), 0.375 / root**5


@compiled
def log_density(residual, scale, limit):
    """ln of the likelihood of a point: residual y - eta; limit 0 for a value, 1 for a lower, 2 for an upper limit."""
    if limit == 0:
        x = residual / scale
        return _LN_T4 - math.log(scale) - 2.5 * math.log1p(0.25 * x * x)
    x = -residual / scale if limit == 1 else residual / scale
    return math.log(_survival(x)[0])


@compiled
def _pull(residual, scale, limit):
    """The derivative by eta of `log_density`, a weight with which least squares come nearer, and the curvature."""
    if limit == 0:
        square = residual * residual
        weight = 5.0 / (4.0 * scale * scale + square)
        return weight * residual, weight, 5.0 * (4.0 * scale * scale - square) / (4.0 * scale * scale + square) ** 2
    sign = 1.0 if limit == 1 else -1.0
    x = -sign * residual / scale
    below, density = _survival(x)
    ratio = density / below
    curvature = ratio * (ratio + 1.25 * x / (1.0 + 0.25 * x * x)) / (scale * scale)
    return sign * ratio / scale, max(curvature, 0.0) + 1e-12, curvature


@compiled
def _cholesky(matrix):
    for i in range(COUNT):
        for j in range(i + 1):
            total = matrix[i, j]
            for k in range(j):
                total -= matrix[i, k] * matrix[j, k]
            if i == j:
                matrix[i, i] = math.sqrt(total)
            else:
                matrix[i, j] = total / matrix[j, j]


@compiled
def target(eta, y, scale, limit, u):
    total = 0.0
    for i in range(len(y)):
        total += log_density(y[i] - eta[i], scale[i], limit[i])
    for k in range(COUNT):
        total -= 0.5 * u[k] * u[k]
    return total


@compiled
def _curvature(y, eta, slopes, scale, limit, exact, matrix, gradient, u):
    """Minus the Hessian of the target, with the weights of least squares or the positive part of the curvature."""
    matrix[:] = 0.0
    for k in range(COUNT):
        matrix[k, k] = 1.0
        gradient[k] = -u[k]
    for i in range(len(y)):
        pull, weight, curvature = _pull(y[i] - eta[i], scale[i], limit[i])
        w = max(curvature, 0.1 * weight) if exact else weight
        for k in range(COUNT):
            gradient[k] += pull * slopes[i, k]
            for m in range(k + 1):
                matrix[k, m] += w * slopes[i, k] * slopes[i, m]
    _cholesky(matrix)


@compiled
def find_mode(rates, rows, log_T, ee_nodes, ep_nodes, sigma, y, scale, limit, root, steps, u, eta, slopes, matrix):
    """Moves u to the mode; leaves the factor of the curvature there in `matrix`. Returns the target at the mode."""
    gradient, step, tried = np.empty(COUNT), np.empty(COUNT), np.empty(COUNT)
    predict(rates, rows, log_T, ee_nodes, ep_nodes, sigma, u, root, eta, slopes)
    best = target(eta, y, scale, limit, u)
    for _ in range(steps):
        _curvature(y, eta, slopes, scale, limit, False, matrix, gradient, u)
        for k in range(COUNT):
            total = gradient[k]
            for m in range(k):
                total -= matrix[k, m] * step[m]
            step[k] = total / matrix[k, k]
        for k in range(COUNT - 1, -1, -1):
            total = step[k]
            for m in range(k + 1, COUNT):
                total -= matrix[m, k] * step[m]
            step[k] = total / matrix[k, k]
        size, length = 0.0, 1.0
        for k in range(COUNT):
            size = max(size, abs(step[k]))
        for _ in range(6):
            for k in range(COUNT):
                tried[k] = min(max(u[k] + length * step[k], -5.0), 5.0)
            predict(rates, rows, log_T, ee_nodes, ep_nodes, sigma, tried, root, eta, slopes)
            found = target(eta, y, scale, limit, tried)
            if found >= best:
                break
            length *= 0.3
        if found < best:
            predict(rates, rows, log_T, ee_nodes, ep_nodes, sigma, u, root, eta, slopes)
            break
        u[:] = tried
        gained, best = found - best, found
        if size < 1e-2 or gained < 1e-4:
            break
    _curvature(y, eta, slopes, scale, limit, True, matrix, gradient, u)
    return best


@compiled
def densities(rates, rows, log_T, ee_nodes, ep_nodes, sigma, u, y, scale, limit, root, inverse):
    """ln of the likelihood of all points at u, and 1/p of each of them (n), of mixed ones of each mixture. As `predict`
    and `log_density`, with one logarithm for many points: a product of squares in place of a sum."""
    w_ee, w_ep, slopes = np.empty(3), np.empty(3), np.empty(3)
    _lagrange(ee_nodes, math.exp(sigma[1] * u[1]), w_ee, slopes)
    base, power = math.exp(sigma[2] * u[2]), sigma[3] * u[3]
    shift, total, product = sigma[0] * u[0], 0.0, 1.0
    for i in range(len(y)):
        _lagrange(ep_nodes, base * math.exp(power * log_T[i]), w_ep, slopes)
        value = 0.0
        for j in range(3):
            row = rates[rows[i], j]
            value += w_ee[j] * (w_ep[0] * row[0] + w_ep[1] * row[1] + w_ep[2] * row[2])
        inverse[i] = math.log(max(value, 1e-3 * rates[rows[i], 0, 0])) - shift
    mixed(root, inverse)
    for i in range(len(y)):
        residual = y[i] + inverse[i]
        if limit[i] != 0:
            log_p = log_density(residual, scale[i], limit[i])
            total += log_p
            inverse[i] = math.exp(-log_p)
            continue
        x = residual / scale[i]
        square = 1.0 + 0.25 * x * x
        # p = (3/8)/scale (1 + x^2/4)^(-5/2)
        inverse[i] = square * square * math.sqrt(square) * scale[i] * (8.0 / 3.0)
        product *= inverse[i]
        if product > 1e200 or product < 1e-200:
            total -= math.log(product)
            product = 1.0
    return total - math.log(product)


@compiled
def spread(matrix, xi, u, out):
    """out = u + L^-T xi for the factor L of the curvature; the points of a normal distribution with that curvature."""
    for k in range(COUNT - 1, -1, -1):
        total = xi[k]
        for m in range(k + 1, COUNT):
            total -= matrix[m, k] * (out[m] - u[m])
        out[k] = u[k] + total / matrix[k, k]
