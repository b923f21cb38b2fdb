"""Integrals over the orthogonality blocking whose integrand is singular where the splitting meets the frequency.

With W = omega/(4 Delta), u = |cos(phi) J_M(z)|, L = lambda - lambda' and < > = int (z/2L) exp(-z^2/4L) dz,

    SPECTRUM:    sum_M <u^2 (W^2 - u^2)^(-1/2) theta(W - u)>
    CUMULATIVE:  sum_M <2 u arccos(u/W) theta(W - u)>

Each half of a lobe of J_M, from the turning point b to a zero, is integrated by itself. The root of u = W, an inverse
square root with a mirror image beyond the turning point, goes away with |z - root| = delta (cosh(eta) - 1), delta =
|b - root|. Where the lobe stays below W, at a distance |z - b| = delta sinh(eta) with the delta of its complex roots.
So nothing is integrated across the logarithmic cusps at W = |J_M(b)|, and nothing is lost beside them.
"""

import math

from physics.grains.bias import FLAT, mean_density
from physics.grains.phases import phase_average
from physics.numerics.bessel import slope, tabulated, with_slope
from physics.numerics.compiled import compiled

SPECTRUM, CUMULATIVE = 0, 1
TAYLOR = 14
# Orders whose |J_M| nowhere reaches this part of W are left out.
UNSEEN = 1e-9


@compiled
def _taylor(order, z, table, series):
    """The Taylor series of J_order about z, from Bessel's equation."""
    if z == 0.0:
        series[:] = 0.0
        term = 1.0
        for k in range(0, TAYLOR, 2):
            series[k] = term
            term *= -0.25 / ((k // 2 + 1) * (k // 2 + 1))
        return
    series[0] = tabulated(order, z, table)
    series[1] = slope(order, z, table)
    for k in range(TAYLOR - 2):
        total = z * (k + 1) * (2 * k + 1) * series[k + 1] + (k * k + z * z - order * order) * series[k]
        if k >= 1:
            total += 2 * z * series[k - 1]
        if k >= 2:
            total += series[k - 2]
        series[k + 2] = -total / (z * z * (k + 2) * (k + 1))


@compiled
def _root(order, low, high, level, table):
    """The z between a zero `low` and a turning point `high` of J_order, in either order, with |J_order(z)| = level."""
    sign = 1.0 if tabulated(order, high, table) > 0 else -1.0
    zero, turn = low, high
    z = 0.5 * (low + high)
    for _ in range(200):
        J, dJ = with_slope(order, z, table)
        excess = sign * J - level
        if excess > 0:
            high = z
        else:
            low = z
        step = excess / (sign * dJ)
        # What a step leaves is its square, times the curvature over the slope: small against both distances.
        if step * step <= 1e-17 * abs(z - zero) * abs(turn - z):
            return z - step
        z -= step
        if not (min(low, high) < z < max(low, high)):
            z = 0.5 * (low + high)
    return z


@compiled
def half_lobe(kind, order, zero, turn, end, W, Lambda, phase, bias, table, rule, series):
    """The contribution of J_order between a zero (or z = 0) and a turning point, z below `end`."""
    peak = abs(tabulated(order, turn, table)) if turn > 0.0 else 1.0
    cosine = phase[0]
    level = W / cosine if cosine > 0.0 else math.inf
    fixed = phase[1] == 0.0
    if not fixed:
        level = W
    total = 0.0
    first = zero == 0.0
    if first:
        # Less than 1e-14 of the integral is left out, and 1e-19 where a bias may favour this order.
        unseen = 1e-14 if kind == CUMULATIVE else 1e-8 if bias[0] == FLAT else 1e-10
        small = unseen * min(level, peak)
        zero = 0.0 if order == 0 else _root(order, 0.0, turn, small, table)
    sign = 1.0 if zero > turn else -1.0
    curvature = 0.5 if turn == 0.0 else abs(1 - (order / turn) ** 2) * peak
    below = level < peak
    reference = _root(order, zero, turn, level, table) if below else turn
    _taylor(order, reference, table, series)
    upward = 1.0 if series[0] > 0 else -1.0
    gap = 0.0 if below else max(level - peak, 1e-15 * peak)
    delta = abs(turn - reference) if below else math.sqrt(2 * gap / curvature)
    radius = 0.5 if reference == 0.0 else min(0.5, 0.1 * reference)
    # From the reference towards the zero; for a phase that is not fixed also from the root up to the turning point.
    for side in range(2 if below and not fixed else 1):
        way = sign if side == 0 else -sign
        far = abs((zero if side == 0 else turn) - reference)
        near = 0.0
        if way > 0:
            far = min(far, end - reference)
        else:
            near = max(0.0, reference - end)
        if far <= near:
            continue
        if below and side == 0:
            start, stop = math.acosh(1 + near / delta), math.acosh(1 + far / delta)
        elif below:
            start, stop = near / far, 1.0
        else:
            start, stop = math.asinh(near / delta), math.asinh(far / delta)
        fall = (far - near) * abs(2 * reference + way * (far + near)) / (4 * Lambda)
        graded = below and not fixed
        count = 1 + int((stop - start) / 2) + int(fall / 10) + (1 + order // 12 if first and order > 0 else 0)
        if side == 1:
            count = 1
        if phase[1] > 0.0:
            # The average over a narrow phase is a step of its width.
            count *= 1 + int(min(12.0, 0.5 / math.sqrt(phase[1])))
        for panel in range(count):
            # Where the average over the phase has a logarithm, the first panel is graded towards it.
            steep = graded and panel == 0 and start == 0.0
            for i in range(rule.shape[1] if not steep else 2 * rule.shape[1]):
                t, weight = rule[0, i % rule.shape[1]], rule[1, i % rule.shape[1]] * (stop - start) / count
                if steep:
                    t = 0.5 * (t + i // rule.shape[1])
                    weight *= 2.5 * t**4
                    t = t**5
                eta = start + (stop - start) * (panel + t) / count
                if below and side == 0:
                    half = math.sinh(0.5 * eta)
                    d = 2 * delta * half * half
                    weight *= 2 * delta * half * math.sqrt(1 + half * half)
                elif below:
                    d = far * eta
                    weight *= far
                else:
                    slant = math.sinh(eta)
                    d = delta * slant
                    weight *= delta * math.sqrt(1 + slant * slant)
                z = reference + way * d
                if z <= 0.0:
                    continue
                if d < radius:
                    change = 0.0
                    for k in range(TAYLOR - 1, 0, -1):
                        change = (change + series[k]) * way * d
                    missing = gap - upward * change
                    J = abs(series[0] + change)
                else:
                    J = abs(tabulated(order, z, table))
                    missing = level - J
                weight *= z / (2 * Lambda) * math.exp(-z * z / (4 * Lambda))
                if not fixed:
                    value = phase_average(kind, order, J, missing, W, phase, bias, rule)
                elif kind == CUMULATIVE:
                    value = 2 * cosine * J * math.acos(min(1.0, J / level))
                else:
                    missing = max(missing, 1e-300)
                    energy = cosine * math.sqrt(missing * (level + J))
                    value = cosine * J * (cosine * J / energy) * mean_density(energy, order, bias)
                total += weight * value
    return total


@compiled
def spectrum_at(kind, W, Lambda, phase, bias, table, landmarks, rule, deep, series):
    """The integral of one `kind` at W (1, > 0) for L = `Lambda` (1, >= 0), phase and bias packed as their modules say.

    `deep`: exp(-deep) of the weight over y is left out. Relative accuracy 1e-9 where W is 1e-6 away from the cusps and
    the bias does not favour one order over another by more than exp(deep)/1e10.
    """
    copies, unseen = (2.0, UNSEEN) if bias[0] == FLAT else (1.0, 1e-11)
    if Lambda == 0.0:
        if phase[1] != 0.0:
            return phase_average(kind, 0, 1.0, W - 1.0, W, phase, bias, rule)
        if W <= phase[0] or phase[0] == 0.0:
            return 0.0
        if kind == CUMULATIVE:
            return 2 * phase[0] * math.acos(phase[0] / W)
        energy = math.sqrt((W - phase[0]) * (W + phase[0]))
        return phase[0] * phase[0] / energy * mean_density(energy, 0, bias)
    end = math.sqrt(4 * Lambda * deep)
    total = 0.0
    for order in range(min(int(end) + 42, landmarks.shape[1])):
        times = 1.0 if order == 0 else copies
        zeros, turning = landmarks[0, order], landmarks[1, order]
        part = 0.0
        if order == 0:
            part += half_lobe(kind, 0, zeros[0], 0.0, end, W, Lambda, phase, bias, table, rule, series)
        elif abs(tabulated(order, min(end, turning[0]), table)) < unseen * min(1.0, W):
            break
        for s in range(landmarks.shape[2] - 1):
            low = zeros[s] if order == 0 else (0.0 if s == 0 else zeros[s - 1])
            high = zeros[s + 1] if order == 0 else zeros[s]
            if low >= end:
                break
            part += half_lobe(kind, order, low, turning[s], end, W, Lambda, phase, bias, table, rule, series)
            if turning[s] < end:
                part += half_lobe(kind, order, high, turning[s], end, W, Lambda, phase, bias, table, rule, series)
        total += times * part
    return total
