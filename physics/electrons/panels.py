"""The panels in u = ln(theta) on which the integrals over exp(-Gamma) are sums: nodes, weights, averages, moments."""

import math

import numpy as np

from physics.levels.averages import EDGE_PHASE, LINEAR_PHASE, V_HIGH, relaxation, resonant, squared_oscillation
from physics.numerics.compiled import compiled, ordered_sum
from physics.numerics.quadrature import NODES, X_HIGH

# Width of a panel in ln(theta), and the largest phase across a panel where an edge of the spectrum oscillates. In a
# narrow band all levels oscillate together, so that Gamma oscillates strongly and exp(-Gamma) has harmonics.
PANEL = 1.25
PHASE = 12.0
PHASE_NARROW = 9.0
NARROW = 3.0
# Above GAMMA_END exp(-Gamma) is nothing, and so is the factor of a background beyond the exponent FADED.
GAMMA_END = 40.0
FADED = 45.0
MOMENTS = 7
MAX_PANELS = 600
# The integrals from t = 0 on start where every phase, every exponent and Gamma of densities up to B = B_TOP is EARLY.
EARLY = 1e-7
# Beyond this phase a magnetic field leaves no interference.
FIELD_END = 45.0
B_TOP = 1e7


@compiled
def earliest(energies, rates, background, log_scale):
    """The theta from which on the integrals that begin at t = 0 are summed."""
    fastest = max(energies.x[-1], rates.x[-1])
    steepest = B_TOP * 0.25 * math.exp(log_scale) * (energies.rest[0] + rates.rest[0])
    return EARLY / max(fastest, steepest, background[0], background[1])


@compiled
def make_panels(
    spectrum, energies, rates, backgrounds, T, theta_first, power, chi_min, b_min, alone, theta_field, rule, table, room
):
    """Nodes u = ln(theta), weights du theta^power, J1 and q on panels from theta_first until Gamma is large or linear
    for every cell, the theta at which each panel starts, and the number of panels that each background needs.

    With a background the panels end where it, or Gamma of every cell, is large, and where the channels are wanted
    `alone`, which is asked of the first, not before they have ended without it. Where Gamma is linear they go on to
    theta_field."""
    nodes = np.empty((MAX_PANELS, NODES))
    weight = np.empty((MAX_PANELS, NODES))
    j1 = np.empty((MAX_PANELS, NODES))
    q = np.empty((MAX_PANELS, NODES))
    start = np.empty(MAX_PANELS + 1)
    band_edges, cut_off = spectrum.band_edges, spectrum.cut_off
    phase = PHASE
    if len(band_edges) > 0 and 0.0 < cut_off < NARROW * band_edges[0]:
        phase = PHASE_NARROW
    frequencies = np.empty(len(band_edges) + 2)
    frequencies[0], frequencies[1] = cut_off, spectrum.kink
    frequencies[2:] = band_edges
    # The squared oscillation of an edge counts in the panels where its phase is neither small nor large.
    highest, lowest = 0.0, np.inf
    for frequency in band_edges:
        highest, lowest = max(highest, frequency), min(lowest, frequency)
    if spectrum.step > 0.0:
        highest, lowest = max(highest, cut_off), min(lowest, cut_off)
    u = math.log(theta_first)
    start[0] = theta_first
    count = 0
    counts = np.zeros(len(backgrounds), np.int64)
    for _ in range(MAX_PANELS):
        width = PANEL
        for frequency in frequencies:
            x = frequency * start[count]
            if 0.0 < x < X_HIGH:
                width = min(width, math.log1p(phase / x))
        oscillates = start[count] * highest * math.exp(width) > EDGE_PHASE and start[count] * lowest < LINEAR_PHASE
        t = 0.0
        for j in range(NODES):
            nodes[count, j] = u + width * rule[0, j]
            t = math.exp(nodes[count, j])
            weight[count, j] = width * rule[1, j]
            if power != 0.0:
                weight[count, j] *= math.exp(power * nodes[count, j])
            j1[count, j] = resonant(t, energies, table, room)
            q[count, j] = squared_oscillation(t, energies, spectrum, T) if oscillates else 0.0
        gamma1 = b_min * 0.25 * t * j1[count, NODES - 1]
        gamma3 = b_min * 0.25 * t * relaxation(chi_min * t, rates, room)
        u += width
        count += 1
        start[count] = math.exp(u)
        linear1 = start[count] * energies.x[0] > LINEAR_PHASE and start[count] > theta_field
        linear3 = linear1 and chi_min * start[count] * rates.x[0] > V_HIGH
        ended = (linear1 or gamma1 > 1.01 * GAMMA_END) and (linear3 or gamma3 > 1.01 * GAMMA_END)
        for k in range(len(backgrounds)):
            done = ended
            if backgrounds[k].max() > 0.0:
                faded = background_exponent(start[count], backgrounds[k]) > 1.05 * FADED
                done = (ended or not alone or k > 0) and (faded or gamma1 + gamma3 > 1.01 * GAMMA_END)
            if done and counts[k] == 0:
                counts[k] = count
        if counts.min() > 0:
            break
    for k in range(len(counts)):
        if counts[k] == 0:
            counts[k] = count
    return nodes[:count], weight[:count], j1[:count], q[:count], start[: count + 1], counts


@compiled
def background_exponent(theta, background):
    return background[0] * theta + (background[1] * theta) ** 1.5


@compiled
def faded(weight, u, background):
    """The weights times the decay factor of the background (exactly 0 once it does not count any more)."""
    result = weight.copy()
    if background.max() > 0.0:
        for p in range(len(u)):
            for j in range(NODES):
                exponent = background_exponent(math.exp(u[p, j]), background)
                result[p, j] *= math.exp(-exponent) if exponent < FADED else 0.0
    return result


@compiled
def weigh_field(weight, u, field, power):
    """Multiplies the weights by what a magnetic field takes from the interference, with x = field theta: 1 - x/sinh(x)
    of closed paths in a film (power 0), 1 - exp(-x) in a wire, without cancellation for small x."""
    for p in range(len(u)):
        for j in range(NODES):
            x = field * math.exp(u[p, j])
            if power != 0.0:
                weight[p, j] *= -math.expm1(-x)
            elif x < 1.0:
                y = x * x
                series = 1.0 + y / 72 * (1.0 + y / 110 * (1.0 + y / 156 * (1.0 + y / 210)))
                weight[p, j] *= x * y / 6 * (1.0 + y / 20 * (1.0 + y / 42 * series)) / math.sinh(x)
            elif x < FIELD_END:
                weight[p, j] *= 1.0 - x / math.sinh(x)


@compiled
def lost(weight, u, background):
    """The weights times what the background takes from 1, negative."""
    result = weight.copy()
    for p in range(len(u)):
        for j in range(NODES):
            result[p, j] *= math.expm1(-background_exponent(math.exp(u[p, j]), background))
    return result


@compiled
def panel_moments(f, q, weight, constant, head):
    """Sums over the first p panels of the coefficients of B^k in exp(-B f + B^2 q), for p = 0, 1, ...

    `constant` are the weights of the term with k = 0, `head` what there is of it before the first panel."""
    panels = len(f)
    moments = np.zeros((panels + 1, MOMENTS))
    term = np.empty(NODES)
    moments[0, 0] = head
    for p in range(panels):
        for j in range(NODES):
            term[j] = constant[p, j]
        moments[p + 1, 0] = moments[p, 0] + ordered_sum(term, NODES)
        for j in range(NODES):
            term[j] = weight[p, j]
        for k in range(1, MOMENTS):
            inverse = -1.0 / k
            for j in range(NODES):
                term[j] *= f[p, j] * inverse
            moments[p + 1, k] = moments[p, k] + ordered_sum(term, NODES)
        if q[p, NODES - 1] > 0.0:
            for j in range(NODES):
                moments[p + 1, 4] += 0.25 * weight[p, j] * q[p, j] ** 2
                y = weight[p, j] * q[p, j]
                for k in range(2, MOMENTS):
                    moments[p + 1, k] += y
                    y *= -f[p, j] / (k - 1)
    return moments


@compiled
def first_linear(start, slowest, phase):
    """The first panel from which on slowest theta > phase; one more than there can be where that is never so."""
    p = len(start)
    for _ in range(len(start)):
        if not start[p - 1] * slowest > phase:
            break
        p -= 1
    return p if p < len(start) else len(start) + 1
