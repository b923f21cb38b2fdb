"""The two integrals of ultrasonic attenuation, over the energies of the two-level systems, by Gauss rules on panels.

With t = E/2T, tau = hbar omega/2T, q(t) = tanh(t)/t and chi of paper 004, its eqs. (15), (16) after the average over
p (`physics.heat_and_sound.lorentzian`) are integrals over one and the same t, and E* is only where they end:

    F_res = (2/chi) int_0^(E*/2T) dt t q^2 K((2/chi) |t - tau| q)        eq. (15)
    F_rel = int_0^(E*/2T) dt sech^2(t) J((tau/chi) q)                     eq. (16)

So one row (chi, tau) serves every E*: whole panels, which do not depend on E*, are summed once, and the panel in which
E* lies is integrated up to it. The logarithm of K at t = tau is integrated in the distance d = |t - tau|, which is
known exactly and not as a difference.
"""

import math

import numpy as np

from physics.heat_and_sound.lorentzian import K_difference, tabulated_J, tabulated_K
from physics.levels.averages import exp_minus
from physics.numerics.compiled import compiled, compiled_entry
from physics.numerics.quadrature import NODES

RWA, FULL, VAN_VLECK = range(3)
# Half-width of the core of the resonance in the argument of K; inside, d ~ s^POWER leaves nothing of the logarithm.
CORE = 0.5
POWER = 6
# Where p ends at p_min, K is smooth below that, and has its logarithm above; below SHARP that is as if p_min were 0.
SHARP = 1e-11
# Outside, the distance from the resonance changes at most by this factor in one panel ...
RATIO = 40.0
# ... and while tanh(t) still changes, t by this many times the distance from the pole of tanh at i pi/2.
REACH = 6.0
SATURATED = 18.0
# Panels whose ends are as close as this in ln(d) are even in d.
EVEN = 0.05
# Below this ratio of frequency and energy (or energy and frequency) K(-) - K(+) is taken as one difference.
SMALL_PART = 1.0 / 64.0
# Panels on one side of the resonance: each is longer than the one before by a factor of RATIO, once out of reach of the
# poles of tanh, so that numbers down to 1e-300 take fewer.
PANELS = 400
# The panels of F_rel: sech^2(t) is below 1e-16 beyond the last edge.
EDGES = (0.0, 2.0, 7.0, 20.0)


@compiled
def _tanh_ratio(t):
    """tanh(t)/t for t >= 0, without branches so that loops over it vectorise; relative error below 1e-12."""
    x = t * t
    series = 62 / 2835 - x * (1382 / 155925 - x * (21844 / 6081075 - x * (929569 / 638512875)))
    series = 1.0 - x * (1 / 3 - x * (2 / 15 - x * (17 / 315 - x * series)))
    e = exp_minus(min(2.0 * t, 40.0))
    closed = (1.0 - e) / ((1.0 + e) * max(t, 0.125))
    return series if t < 0.125 else closed


@compiled
def _resonant_sum(kind, inverse, tau, nodes, table):
    """Sum of the integrand of F_res over nodes: rows t, d = |t - tau|, weight and room for q; inverse = 2/chi."""
    t, d, weight, q = nodes
    for j in range(NODES):
        q[j] = _tanh_ratio(t[j])
    total = 0.0
    for j in range(NODES):
        near = tabulated_K(inverse * d[j] * q[j], table)
        square = inverse * weight[j] * q[j] * q[j]
        if kind == RWA:
            total += square * t[j] * near
        elif kind == VAN_VLECK:
            total += square * tau * (near + tabulated_K(inverse * (t[j] + tau) * q[j], table))
        else:
            larger = max(t[j], tau)
            part = min(t[j], tau) / larger
            if part <= SMALL_PART:
                total += square * t[j] * K_difference(inverse * larger * q[j], part, table)
            else:
                total += square * t[j] * (near - tabulated_K(inverse * (t[j] + tau) * q[j], table))
    return total


@compiled
def _below(kind, inverse, tau, start, distance, length, rule, table, nodes):
    """Integral over t from `start` to `start + length`, below the resonance by `distance` at the start."""
    t, d, weight, _ = nodes
    log = -math.log1p(-length / distance)
    if log < EVEN:
        for j in range(NODES):
            t[j] = start + length * rule[0, j]
            d[j] = distance - length * rule[0, j]
            weight[j] = length * rule[1, j]
    else:
        for j in range(NODES):
            shrunk = exp_minus(log * rule[0, j])
            t[j] = start + distance * (1.0 - shrunk)
            d[j] = distance * shrunk
            weight[j] = log * d[j] * rule[1, j]
    return _resonant_sum(kind, inverse, tau, nodes, table)


@compiled
def _above(kind, inverse, tau, distance, length, rule, table, nodes):
    """Integral over t from `tau + distance` to `tau + distance + length`."""
    t, d, weight, _ = nodes
    log = math.log1p(length / distance)
    for j in range(NODES):
        d[j] = (distance + length) * exp_minus(log * (1.0 - rule[0, j]))
        t[j] = tau + d[j]
        weight[j] = log * d[j] * rule[1, j]
    return _resonant_sum(kind, inverse, tau, nodes, table)


@compiled
def _core(kind, inverse, tau, side, low, high, rule, table, nodes):
    """Integral over the distance d = low ... high from the resonance, below (side -1) or above (side 1) it."""
    t, d, weight, _ = nodes
    first = (low / high) ** (1.0 / POWER)
    for j in range(NODES):
        s = first + (1.0 - first) * rule[0, j]
        power = high * s ** (POWER - 1)
        d[j] = power * s
        t[j] = tau + side * d[j]
        weight[j] = POWER * (1.0 - first) * power * rule[1, j]
    return _resonant_sum(kind, inverse, tau, nodes, table)


@compiled
def _reach(t):
    return REACH * math.hypot(t, 0.5 * math.pi) if t < SATURATED else math.inf


@compiled
def _resonant_row(kind, chi, tau, ends, rule, table, nodes, out):
    """out[k] = F_res up to t = ends[k] (any order) for one chi and one tau; NaN where PANELS do not get there."""
    out[:] = math.nan
    inverse = 2.0 / chi
    last = ends.max()
    p_min = table[-1, 4]
    core = (CORE if p_min < SHARP else min(CORE, 0.5 * p_min)) / (inverse * _tanh_ratio(tau))
    if kind != RWA:
        # K(+) has its own logarithm, at t = -tau.
        core = min(core, 2.0 * tau)
    inner = min(core, 0.5 * tau)
    total, t, d = 0.0, 0.0, tau
    for _ in range(PANELS):
        if d <= inner or t >= last:
            break
        length = min(_reach(t), d * (1.0 - 1.0 / RATIO), d - inner)
        end = t + length
        for k in range(len(ends)):
            if t < ends[k] <= end:
                out[k] = total + _below(kind, inverse, tau, t, d, ends[k] - t, rule, table, nodes)
        if end < last:
            total += _below(kind, inverse, tau, t, d, length, rule, table, nodes)
        t, d = end, max(d - length, inner)
    if t >= last or d > inner:
        return
    for k in range(len(ends)):
        if t < ends[k] < tau:
            out[k] = total + _core(kind, inverse, tau, -1.0, tau - ends[k], inner, rule, table, nodes)
    total += _core(kind, inverse, tau, -1.0, 0.0, inner, rule, table, nodes)
    for k in range(len(ends)):
        if ends[k] == tau:
            out[k] = total
        elif tau < ends[k] <= tau + core:
            out[k] = total + _core(kind, inverse, tau, 1.0, 0.0, ends[k] - tau, rule, table, nodes)
    if last <= tau + core:
        return
    total += _core(kind, inverse, tau, 1.0, 0.0, core, rule, table, nodes)
    d = core
    for _ in range(PANELS):
        if tau + d >= last:
            return
        rest = d + min(_reach(tau + d), d * (RATIO - 1.0))
        for k in range(len(ends)):
            if tau + d < ends[k] <= tau + rest:
                out[k] = total + _above(kind, inverse, tau, d, ends[k] - (tau + d), rule, table, nodes)
        if tau + rest < last:
            total += _above(kind, inverse, tau, d, rest - d, rule, table, nodes)
        d = rest


@compiled
def _relaxation_panel(ratio, low, high, rule, table, nodes):
    weight, q = nodes[2], nodes[3]
    for j in range(NODES):
        t = low + (high - low) * rule[0, j]
        e = exp_minus(2.0 * t)
        weight[j] = rule[1, j] * 4.0 * e / ((1.0 + e) * (1.0 + e))
        q[j] = _tanh_ratio(t)
    total = 0.0
    for j in range(NODES):
        total += weight[j] * tabulated_J(ratio * q[j], table)
    return (high - low) * total


@compiled
def _relaxation_row(ratio, ends, rule, table, nodes, out):
    """out[k] = F_rel (as printed) up to t = ends[k] (any order) for one ratio = tau/chi."""
    last = ends.max()
    total = 0.0
    for panel in range(len(EDGES) - 1):
        low, high = EDGES[panel], EDGES[panel + 1]
        for k in range(len(ends)):
            if low < ends[k] <= high:
                out[k] = total + _relaxation_panel(ratio, low, ends[k], rule, table, nodes)
        if high >= last:
            return
        total += _relaxation_panel(ratio, low, high, rule, table, nodes)
    for k in range(len(ends)):
        if ends[k] > EDGES[len(EDGES) - 1]:
            out[k] = total


@compiled_entry
def resonant_rows(kind, chi, tau, ends, rule, table, out):
    """F_res of eq. (15) up to t = ends[i, k] for chi[i], tau[i] into out[i, k]; kind RWA, FULL or VAN_VLECK."""
    nodes = np.empty((4, NODES))
    for i in range(len(chi)):
        _resonant_row(kind, chi[i], tau[i], ends[i], rule, table, nodes, out[i])


@compiled_entry
def relaxation_rows(chi, tau, ends, rule, table, out):
    """F_rel of eq. (16), as printed, up to t = ends[i, k] for chi[i], tau[i] into out[i, k]."""
    nodes = np.empty((4, NODES))
    for i in range(len(chi)):
        _relaxation_row(tau[i] / chi[i], ends[i], rule, table, nodes, out[i])
