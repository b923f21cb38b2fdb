"""Coagulation with b = (k m)^s, eqs. (4.6), (4.8) of paper 003, on the sizes and octaves of `physics.clusters.panels`.

A state holds P_n for n = 1 ... N, then g = n^2 P at the nodes of the octaves 1, 2, ..., each without its first node,
which is the last one of the octave before. f = n^s P.
"""

import numpy as np

from physics.numerics.compiled import compiled, compiled_entry


@compiled_entry
def series(root, terms):
    """Coefficients c of P_n = t^(n-1) sum_j c_nj t^j, j < terms, order by order from eq. (4.6); root is n^s."""
    count = len(root)
    c = np.zeros((count, terms))
    f = np.zeros((count, terms))
    total = np.zeros(terms)
    for j in range(terms):
        for n in range(count):
            value = 0.0
            for k in range(n):
                for i in range(j + 1):
                    value += f[k, i] * f[n - 1 - k, j - i]
            for i in range(j):
                value -= 2 * f[n, i] * total[j - 1 - i]
            c[n, j] = value / (n + j) if n + j > 0 else 1.0
            f[n, j] = root[n] * c[n, j]
        for k in range(min(j + 1, count)):
            total[j] += f[k, j - k]
    return c


@compiled
def _dot(row, values, low, high):
    total = 0.0
    for i in range(low, high):
        total += row[i] * values[i]
    return total


@compiled
def _single_sizes(f, total, rate):
    """dP_n/dt of single sizes: -2 f_n sum f + sum_k f_k f_(n-k)."""
    count = len(f)
    for n in range(count):
        rate[n] = -2 * f[n] * total
    for k in range(count):
        for m in range(count - k - 1):
            rate[k + m + 1] += f[k] * f[m]


@compiled
def _octave(q, strengths, far, g, Z, tables, acc):
    """dg/dt at the nodes of octave q, above its first one, into acc, less the factor X_q^(2s - 1)."""
    nodes, points, depth = len(tables.nu), len(tables.strength), len(tables.levels)
    acc[:] = 0.0
    level = 2
    for k in range(points + len(far)):
        if k < points:
            if k == tables.levels[level - 1]:
                level += 1
            source = strengths[depth - 1 + q - level, k]
        else:
            source = far[k - points]
        for b in range(nodes):
            amount, row = source * g[q, b], tables.field[k, b]
            for i in range(nodes - 1):
                acc[i] += amount * row[i]
        reach = tables.reach[k]
        if reach > 0:
            for b in range(nodes):
                amount, row = source * g[q - 1, b], tables.field_below[k, b]
                for i in range(reach):
                    acc[i] += amount * row[i]
    for a in range(nodes):
        for b in range(nodes):
            own, below = g[q - 1, a] * g[q, b], g[q - 1, a] * g[q - 1, b]
            row, row_below = tables.near[a, b], tables.near_below[a, b]
            for i in range(nodes - 1):
                acc[i] += own * row[i] + below * row_below[i]
    for i in range(nodes - 1):
        acc[i] -= 2 * tables.nu[i + 1] ** tables.power * g[q, i + 1] * Z[q]


@compiled
def _rate(state, octaves, mass, tables, work, rate):
    """d(state)/dt with so many octaves in use, less what it would add to I_1, in proportion to the state.

    Returns that part of I_1 per unit of t, a measure of the error of the discretisation.
    """
    g, Z, f, strengths, moments, far, acc = work
    count, nodes, points, depth = len(tables.root), len(tables.nu), len(tables.strength), len(tables.levels)
    for n in range(count):
        f[n] = tables.root[n] * state[n]
    for i in range(nodes):
        g[0, i] = _dot(tables.first[i], state, 0, count)
    for q in range(1, octaves + 1):
        g[q, 0] = g[q - 1, nodes - 1]
        for i in range(nodes - 1):
            g[q, i + 1] = state[count + (q - 1) * (nodes - 1) + i]
    # Z_q = X_q^(1 - s) int_(X_q)^inf f dx
    Z[octaves + 1] = 0.0
    for q in range(octaves, -1, -1):
        Z[q] = _dot(tables.tail, g[q], 0, nodes) + Z[q + 1] * 0.5 ** (1 - tables.power)
    _single_sizes(f, _dot(tables.weight, f, 0, count) + Z[0] * tables.start ** (tables.power - 1), rate)
    if octaves > 0:
        for p in range(1, depth):
            low, high = tables.spans[p]
            for k in range(points):
                strengths[depth - 1 - p, k] = _dot(tables.strength_single[p, k], state, low, high)
    moments[:] = 0.0
    for q in range(1, octaves + 1):
        for k in range(points):
            strengths[depth - 2 + q, k] = _dot(tables.strength[k], g[q - 1], 0, nodes)
        for j in range(len(moments)):
            moments[j] *= 2.0 ** (1 - tables.power) * 0.5 ** (j + 1)
            if q <= depth:
                moments[j] += _dot(tables.moments_single[q - 1, j], state, 0, count)
            else:
                moments[j] += _dot(tables.moments[j], g[q - depth - 1], 0, nodes)
        for k in range(len(far)):
            far[k] = _dot(tables.far[k], moments, 0, len(moments))
        _octave(q, strengths, far, g, Z, tables, acc)
        scale = (tables.start * 2.0**q) ** (2 * tables.power - 1)
        for i in range(nodes - 1):
            rate[count + (q - 1) * (nodes - 1) + i] = scale * acc[i]
    used = count + octaves * (nodes - 1)
    gained = _dot(mass, rate, 0, used) / _dot(mass, state, 0, used)
    for i in range(used):
        rate[i] -= gained * state[i]
    return gained


@compiled_entry
def integrate(states, times, substeps, mass, tables, a, b, threshold):
    """Fill states[1:] at times[1:] from states[0] with the explicit Runge-Kutta scheme (a, b).

    Step i takes substeps[i] steps. One more octave comes into use when n^2 P at the end of the last exceeds the
    threshold. Returns the largest |dI_1/dt| that was taken out.
    """
    nodes, count, points, depth = len(tables.nu), len(tables.root), len(tables.strength), len(tables.levels)
    stages, size = len(b), states.shape[1]
    most = (size - count) // (nodes - 1)
    work = (
        np.zeros((most + 1, nodes)),
        np.zeros(most + 2),
        np.zeros(count),
        np.zeros((most + depth, points)),
        np.zeros(len(tables.far)),
        np.zeros(len(tables.far)),
        np.zeros(nodes - 1),
    )
    rates = np.zeros((stages, size))
    state, trial = states[0].copy(), np.zeros(size)
    use, worst = 0, 0.0
    for step in range(1, len(times)):
        h = (times[step] - times[step - 1]) / substeps[step]
        for _ in range(substeps[step]):
            for _ in range(use, most):
                edge = state[count + use * (nodes - 1) - 1] * (count**2 if use == 0 else 1)
                if abs(edge) < threshold:
                    break
                use += 1
            used = count + use * (nodes - 1)
            for stage in range(stages):
                trial[:used] = state[:used]
                for earlier in range(stage):
                    factor = h * a[stage, earlier]
                    if factor != 0.0:
                        for i in range(used):
                            trial[i] += factor * rates[earlier, i]
                worst = max(worst, abs(_rate(trial, use, mass, tables, work, rates[stage])))
            for stage in range(stages):
                factor = h * b[stage]
                for i in range(used):
                    state[i] += factor * rates[stage, i]
        states[step] = state
    return worst
