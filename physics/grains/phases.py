"""The average over the topological phase of an integrand that is singular where u = |cos(phi) J| meets W.

A phase is packed as (|cos(Phi)|, variance, Phi folded to 0 ... pi/2), variance = 2 lambda': 0 fixed, inf uniform.
The distance psi of phi from the next multiple of pi runs from 0 to pi/2. Where J < W the integrand is smooth on a scale
of its complex roots, psi = delta sinh(eta); where J > W it starts at the root of J cos(psi) = W as an inverse square
root with a mirror image, psi = root cosh(eta).

Over the table of `physics.grains.panels`, u = |cos(phi) J_M| makes F(W) = int_0^(pi/2) dpsi rho(psi) cos(psi)
F0(W/cos psi), F0 the table for phase 0 and rho the density of psi. Each panel of F0 beyond W is integrated by itself;
where it has a cusp, the variable is ln|psi - psi_c|, which also resolves a cusp that lies just below W.
"""

import math

import numpy as np

from physics.grains.averages import DEEP, NORMAL_END, WIDE, folded
from physics.grains.bias import mean_density
from physics.grains.panels import AT_CUSP, ROOT, in_panel, panel_of
from physics.numerics.compiled import compiled, compiled_entry

# exp(-FAR) of the distance from a cusp is left out.
FAR = 30.0


def packed_phase(Phi, variance):
    """The phase as `phase_average` wants it: Phi (1), variance = 2 lambda' (1), scalars."""
    return np.array([math.cos(folded(Phi)), variance, folded(Phi)])


@compiled
def density_of_phase(psi, phase):
    """The density of psi in 0 ... pi/2."""
    variance, centre = phase[1], phase[2]
    if math.isinf(variance):
        return 2 / math.pi
    total = 0.0
    if variance > WIDE:
        total = 2.0
        for nu in range(1, 1 + math.ceil(math.sqrt(DEEP / (2 * variance)))):
            total += 4 * math.exp(-2 * variance * nu * nu) * math.cos(2 * nu * psi) * math.cos(2 * nu * centre)
        return total / math.pi
    for image in range(-2, 3):
        for sign in (-1.0, 1.0):
            total += math.exp(-0.5 * (sign * psi - centre + image * math.pi) ** 2 / variance)
    return total / math.sqrt(2 * math.pi * variance)


@compiled
def phase_average(kind, order, J, missing, W, phase, bias, rule):
    """The average over the phase of u^2 (W^2 - u^2)^(-1/2) (kind 0, with the density of the bias) or of
    2 u arccos(u/W) (kind 1), u < W. `missing` = W - J, given for itself because it may be small."""
    if J == 0.0:
        return 0.0
    ratio = W / J
    excess = missing / J
    above = excess < 0.0
    if above:
        # 1 - cos(root) = -excess
        root = 2 * math.asin(math.sqrt(min(0.5, -0.5 * excess)))
        delta = max(root, 1e-14)
        stop = math.acosh(max(1.0, 0.5 * math.pi / delta))
    else:
        root = 0.0
        delta = max(1e-14, math.sqrt(max(excess, 0.0) * (ratio + 1)))
        stop = math.asinh(0.5 * math.pi / delta)
    edges = np.empty(12)
    edges[0], count = 0.0, 1
    narrow = phase[1] <= WIDE
    if narrow:
        deviation = math.sqrt(phase[1])
        for part in (-NORMAL_END, -5.0, -2.5, 0.0, 2.5, 5.0, NORMAL_END):
            psi = phase[2] + part * deviation
            if root < psi < 0.5 * math.pi:
                edge = math.acosh(max(1.0, psi / delta)) if above else math.asinh(psi / delta)
                if part == -NORMAL_END:
                    edges[0] = edge
                elif part == NORMAL_END:
                    stop = min(stop, edge)
                elif edge > edges[count - 1]:
                    edges[count] = edge
                    count += 1
        if phase[2] + NORMAL_END * deviation <= root:
            return 0.0
    edges[count] = stop
    total = 0.0
    for e in range(count):
        width = edges[e + 1] - edges[e]
        if width <= 0.0:
            continue
        panels = 1 + int(width / 1.5)
        for panel in range(panels):
            for i in range(rule.shape[1]):
                eta = edges[e] + width * (panel + rule[0, i]) / panels
                psi = delta * (math.cosh(eta) if above else math.sinh(eta))
                weight = rule[1, i] * width / panels * delta * (math.sinh(eta) if above else math.cosh(eta))
                # W - J cos(psi), from the root or from psi = 0
                if above:
                    half = math.sinh(0.5 * eta)
                    distance = 2 * delta * half * half
                    lacking = 2 * J * math.sin(0.5 * (psi + root)) * math.sin(0.5 * distance)
                else:
                    lacking = missing + 2 * J * math.sin(0.5 * psi) ** 2
                u = J * math.cos(psi)
                if u <= 0.0:
                    continue
                if kind == 1:
                    value = 2 * u * math.acos(min(1.0, u / W))
                else:
                    energy = math.sqrt(max(lacking, 1e-300) * (W + u))
                    value = u * (u / energy) * mean_density(energy, order, bias)
                total += weight * density_of_phase(psi, phase) * value
    return total


@compiled
def _angle(W, x):
    """psi with x cos(psi) = W."""
    return 0.5 * math.pi if math.isinf(x) else math.atan2(math.sqrt((x - W) * (x + W)), W)


@compiled
def _value(psi, W, panel, phase, kinds, ends, coefficients):
    cosine = math.cos(psi)
    if cosine <= 0.0:
        return 0.0
    x = W / cosine
    if kinds[panel] == ROOT:
        x = max(x, 1.0)
    return density_of_phase(psi, phase) * cosine * in_panel(x, panel, kinds, ends, coefficients)


@compiled
def _averaged(W, phase, edges, kinds, ends, coefficients, rule):
    deviation = math.sqrt(phase[1])
    total = 0.0
    for panel in range(panel_of(W, edges), len(kinds)):
        low, high = _angle(W, max(W, edges[panel])), _angle(W, edges[panel + 1])
        cusp, kind = low, kinds[panel]
        singular = kind == AT_CUSP or (kind == ROOT and ends[panel, 0] == 0.0)
        if kind == AT_CUSP and ends[panel, 0] > ends[panel, 1]:
            cusp = high
        if not math.isinf(deviation):
            low, high = max(low, phase[2] - NORMAL_END * deviation), min(high, phase[2] + NORMAL_END * deviation)
        if high <= low:
            continue
        steps = 1 if math.isinf(deviation) else 1 + int((high - low) / (2.5 * deviation))
        for step in range(steps):
            a, b = low + (high - low) * step / steps, low + (high - low) * (step + 1) / steps
            if not singular:
                for i in range(rule.shape[1]):
                    value = _value(a + (b - a) * rule[0, i], W, panel, phase, kinds, ends, coefficients)
                    total += rule[1, i] * (b - a) * value
                continue
            way = 1.0 if cusp <= a else -1.0
            near, far = (a - cusp, b - cusp) if way > 0 else (cusp - b, cusp - a)
            near = max(near, far * math.exp(-FAR))
            span = math.log(far / near)
            count = 1 + int(span / 3)
            for part in range(count):
                for i in range(rule.shape[1]):
                    d = far * math.exp(-span * (part + rule[0, i]) / count)
                    value = _value(cusp + way * d, W, panel, phase, kinds, ends, coefficients)
                    total += rule[1, i] * span / count * d * value
    return total


@compiled_entry
def average(W, phase, edges, kinds, ends, coefficients, rule, found):
    """found = F(W) (arrays) for a packed `phase`; all panels beyond the smallest W are filled. Accuracy 1e-9."""
    for i in range(len(W)):
        found[i] = _averaged(W[i], phase, edges, kinds, ends, coefficients, rule)
