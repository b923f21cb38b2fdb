"""Attenuation by clusters in the slow and obvious way: (10)-(12) of paper 004 for each amplitude, on dense panels.

hbar = k_B = 1, energies in kelvin. Nothing here is shared with `physics`.
"""

from functools import cache

import numpy as np
from numpy.polynomial import chebyshev
from scipy.integrate import solve_ivp

from helpers import reference
from helpers.reference_attenuation import width_of

HALVINGS = 2.0 ** np.arange(-60, 60)
COUNT, DEGREE = 160, 32


def _between(low, high, marks):
    """Nodes and weights on panels between low and high with edges at the marks."""
    return reference.panels(np.unique([low, *(mark for mark in marks if low < mark < high), high]))


def _nodes(w, L, T, cut_off, chi):
    """E, E - w and weights of dDelta. A narrow line needs E - w = (E^2 - w^2)/(E + w) from the distance d of Delta from
    the resonance itself; where Delta is small, that distance comes from Delta."""
    end = np.sqrt((cut_off - L) * (cut_off + L))
    origin = [*(L * HALVINGS), *(T * HALVINGS), np.sqrt(max(T**2 - L**2, 0.0))]
    if w <= L:
        Delta, weight = _between(0.0, end, origin)
        E = np.hypot(Delta, L)
        return E, ((L - w) * (L + w) + Delta**2) / (E + w), weight
    centre = np.sqrt((w - L) * (w + L))
    to_end = (cut_off - w) * (cut_off + w) / (end + centre)
    Delta, weight = _between(0.0, min(centre / 2, end), origin)
    d = Delta - centre
    if end > centre / 2:
        steps = width_of(w, (L / w) ** 2, T, chi) * HALVINGS
        marks = [0.0, *steps, *-steps, *(mark - centre for mark in origin), *(centre * HALVINGS), *(-centre * HALVINGS)]
        near, weights = _between(-centre / 2, to_end, marks)
        Delta, d = np.concatenate([Delta, centre + near]), np.concatenate([d, near])
        weight = np.concatenate([weight, weights])
    E = np.hypot(Delta, L)
    return E, d * (centre + Delta) / (E + w), weight


@cache
def densities():
    """Chebyshev coefficients of q_n(t), P_n = t^(n-1) q_n, on t = 0 ... 1: digits of P_n however small, from (4.6),

    dq_n/d(ln t) = sum_k sqrt(k (n - k)) q_k q_(n-k) - (n - 1) q_n - 2 t sqrt(n) q_n sum_k sqrt(k) P_k."""
    n = np.arange(1.0, COUNT + 1)

    def rate(log_t, q):
        t, f = np.exp(log_t), np.sqrt(n) * q
        gain = np.concatenate([[0.0], np.convolve(f, f)[: COUNT - 1]])
        return gain - (n - 1) * q - 2 * t * f * np.sum(f * t ** (n - 1))

    start = np.ones(COUNT)
    for size in range(2, COUNT + 1):
        f = np.sqrt(n[: size - 1]) * start[: size - 1]
        start[size - 1] = np.dot(f, f[::-1]) / (size - 1)
    points = np.cos(np.pi * (np.arange(DEGREE + 1) + 0.5) / (DEGREE + 1))[::-1]
    times = np.log((points + 1) / 2)
    solution = solve_ivp(rate, (-40.0, 0.0), start, "DOP853", t_eval=times, rtol=1e-13, atol=1e-290)
    return chebyshev.chebfit(points, solution.y.T, DEGREE)


def F(T, Lambda0, Pd, W, U0, chi, w, rungs=24):
    """F_res of each kind ("rwa", "full", "van_vleck") and, as "relaxation", F_rel as printed; t(T) <= 1."""
    slope = np.pi * Pd * U0 / 3
    found = dict.fromkeys(("rwa", "full", "van_vleck", "relaxation"), 0.0)
    for n in range(1, rungs + 1):
        L = Lambda0 * (Lambda0 / W) ** (n - 1)
        if L < 1e-40 * W:
            break
        E, distance, weight = _nodes(w, L, T, W, chi)
        t = slope * np.log(np.maximum(W / np.maximum(E, T), 1.0))
        levels = weight * t ** (n - 1) * chebyshev.chebval(2 * t - 1, densities()[:, n - 1])
        p = (L / E) ** 2
        width = width_of(E, p, T, chi)
        near = levels * p * np.tanh(E / (2 * T)) * width / (distance**2 + width**2)
        far = levels * p * np.tanh(E / (2 * T)) * width / ((E + w) ** 2 + width**2)
        # The difference of the two lines, without its cancellation for w << E.
        difference = near * 4 * w * E / ((E + w) ** 2 + width**2)
        rate = 2 * width
        slow = levels * (1 - p) * reference.thermal(E, T) / (2 * T) * w * rate / (w**2 + rate**2)
        lines = {"rwa": near, "full": difference, "van_vleck": w / E * (near + far), "relaxation": slow}
        for name, line in lines.items():
            found[name] += np.sum(line)
    return found
