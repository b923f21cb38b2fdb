"""The average over the topological phase of the table of `physics.grains.panels`.

u = |cos(phi) J_M| makes F(W) = int_0^(pi/2) dpsi rho(psi) cos(psi) F0(W/cos psi), F0 the table for phase 0 and rho the
density of psi as in `physics.grains.phases`. Each panel of F0 beyond W is integrated by itself; where it has a cusp,
the variable is ln|psi - psi_c|, which also resolves a cusp that lies just below W.
"""

import math

from physics.grains.averages import NORMAL_END
from physics.grains.panels import AT_CUSP, ROOT, in_panel, panel_of
from physics.grains.phases import density_of_phase
from physics.numerics.compiled import compiled, compiled_entry

# exp(-FAR) of the distance from a cusp is left out.
FAR = 30.0


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
