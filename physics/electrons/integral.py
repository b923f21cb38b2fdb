"""The double integral behind the dephasing time, for one spectrum of two-level systems and all couplings and densities.

With the time theta = k_B t/hbar (1/K) and B = hbar Pd sigma_in v_F, the exponent of paper 001, eq. (34), is

    Gamma(theta) = B f(theta),   f = (theta/4) [J1(theta) + J3(chi theta)],

with the averages J1 and J3 of `physics.levels.averages`, and ln(tau_phi/tau) = int_{u_tau}^inf du exp(-Gamma), u =
ln(theta). The window in J1 takes away oscillations whose average over u is nothing; what their square leaves is kept as
q(theta): exp(-Gamma) -> exp(-B f) I0(2 B sqrt(q)). The integral is a sum over Gauss-Legendre panels in u. B is but a
factor of f, so the panels with small Gamma are a power series in B, and beyond the panels f is linear and the rest is
E1.

A background of other mechanisms, exp(-rate theta - (nyquist theta)^(3/2)), depends on neither B nor chi: it is part of
the weight du. With it the panels end where it has decayed, and nothing is left beyond them.
"""

import math

import numpy as np

from physics.levels.averages import (
    LINEAR_PHASE,
    RELAXATION_TERMS,
    RESONANT_TERMS,
    TABLE,
    V_HIGH,
    V_LOW,
    exp_minus,
    relaxation,
    relaxation_part,
    relaxation_series,
    resonant,
    squared_oscillation,
    sums,
)
from physics.numerics.compiled import compiled, compiled_entry, ordered_sum
from physics.numerics.quadrature import NODES, X_HIGH

# Width of a panel in ln(theta), and the largest phase across a panel where an edge of the spectrum oscillates. In a
# narrow band all levels oscillate together, so that Gamma oscillates strongly and exp(-Gamma) has harmonics.
PANEL = 1.25
PHASE = 12.0
PHASE_NARROW = 9.0
NARROW = 3.0
# Below GAMMA_SERIES exp(-Gamma) is a power series with stored moments; above GAMMA_END it is nothing.
GAMMA_SERIES = 0.15
GAMMA_END = 40.0
# Beyond this exponent of the background its factor is 0.
FADED = 45.0
MOMENTS = 7
MAX_PANELS = 600


@compiled
def _exponential_integral(log_x):
    """E1(x) from ln(x), so that an x below the range of doubles does no harm; relative error below 1e-14."""
    if log_x < -40.0:
        return -np.euler_gamma - log_x
    x = np.exp(log_x)
    if x > 700.0:
        return 0.0
    if x <= 1.0:
        term, total = -1.0, 0.0
        for k in range(1, 25):
            term *= -x / k
            total += term / k
        return -np.euler_gamma - log_x + total
    b = x + 1.0
    c = 1e300
    d = 1.0 / b
    h = d
    for k in range(1, 200):
        a = -1.0 * k * k
        b += 2.0
        d = 1.0 / (a * d + b)
        c = b + a / c
        h *= c * d
        if abs(c * d - 1.0) < 1e-15:
            break
    return h * np.exp(-x)


@compiled
def _panels(spectrum, energies, rates, background, T, theta_tau, chi_min, b_min, alone, rule, table, room):
    """Nodes u = ln(theta), weights, J1 and q on panels from theta_tau until Gamma is large or linear for every cell,
    and the theta at which each panel starts.

    With a background the panels end where it, or Gamma of every cell, is large, and where the channels are wanted
    `alone` not before they have ended without it."""
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
    u = math.log(theta_tau)
    start[0] = theta_tau
    count = 0
    for _ in range(MAX_PANELS):
        width = PANEL
        for frequency in frequencies:
            x = frequency * start[count]
            if 0.0 < x < X_HIGH:
                width = min(width, math.log1p(phase / x))
        t = 0.0
        for j in range(NODES):
            nodes[count, j] = u + width * rule[0, j]
            t = math.exp(nodes[count, j])
            weight[count, j] = width * rule[1, j]
            j1[count, j] = resonant(t, energies, table, room)
            q[count, j] = squared_oscillation(t, energies, spectrum, T)
        gamma1 = b_min * 0.25 * t * j1[count, NODES - 1]
        gamma3 = b_min * 0.25 * t * relaxation(chi_min * t, rates, room)
        u += width
        count += 1
        start[count] = math.exp(u)
        linear1 = start[count] * energies.x[0] > LINEAR_PHASE
        linear3 = linear1 and chi_min * start[count] * rates.x[0] > V_HIGH
        ended = (linear1 or gamma1 > 1.01 * GAMMA_END) and (linear3 or gamma3 > 1.01 * GAMMA_END)
        if background.max() > 0.0:
            faded = _background_exponent(start[count], background) > 1.05 * FADED
            ended = (ended or not alone) and (faded or gamma1 + gamma3 > 1.01 * GAMMA_END)
        if ended:
            break
    return nodes[:count], weight[:count], j1[:count], q[:count], start[: count + 1]


@compiled
def _background_exponent(theta, background):
    return background[0] * theta + (background[1] * theta) ** 1.5


@compiled
def _faded(weight, u, background):
    """The weights times the decay factor of the background (exactly 0 once it does not count any more)."""
    result = weight.copy()
    if background.max() > 0.0:
        for p in range(len(u)):
            for j in range(NODES):
                exponent = _background_exponent(math.exp(u[p, j]), background)
                result[p, j] *= math.exp(-exponent) if exponent < FADED else 0.0
    return result


@compiled
def _panel_moments(f, q, weight):
    """Sums over the first p panels of the coefficients of B^k in exp(-B f + B^2 q), for p = 0, 1, ..."""
    panels = len(f)
    moments = np.zeros((panels + 1, MOMENTS))
    term = np.empty(NODES)
    for p in range(panels):
        for j in range(NODES):
            term[j] = weight[p, j]
        moments[p + 1, 0] = moments[p, 0] + ordered_sum(term, NODES)
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
def _panel_sum(b, f, q, weight, p, room):
    """The integral of exp(-B f) I0(2 B sqrt(q)) over the panel p, with ln I0(x) = x^2/4 - x^4/64."""
    for j in range(NODES):
        y = b * b * q[p, j]
        room[j] = weight[p, j] * exp_minus(min(b * f[p, j] - y + 0.25 * y * y, 45.0))
    return ordered_sum(room, NODES)


@compiled
def _integral(f, q, weight, moments, log_b, linear, log_slope, offset, room):
    """ln(tau_phi/tau) for one B; NaN where Gamma neither ends nor becomes linear on the panels, nor the weight ends.

    From panel `linear` on f = slope theta - offset exactly (`log_slope` = ln(slope theta) there).
    """
    b = math.exp(log_b)
    panels = len(f)
    p = 0
    for _ in range(min(panels, linear)):
        if not b * f[p, NODES - 1] < GAMMA_SERIES:
            break
        p += 1
    total, power = 0.0, 1.0
    for k in range(MOMENTS):
        total += power * moments[p, k]
        power *= b
    for _ in range(p, min(panels, linear)):
        if b * f[p, 0] > GAMMA_END:
            return total
        total += _panel_sum(b, f, q, weight, p, room)
        p += 1
    if p == linear:
        return total + math.exp(b * offset) * _exponential_integral(log_b + log_slope)
    if panels > 0 and (b * f[panels - 1, NODES - 1] > GAMMA_END or weight[panels - 1, NODES - 1] == 0.0):
        return total
    return np.nan


@compiled
def _first_linear(start, slowest, phase):
    """The first panel from which on slowest theta > phase; one more than there can be where that is never so."""
    p = len(start)
    for _ in range(len(start)):
        if not start[p - 1] * slowest > phase:
            break
        p -= 1
    return p if p < len(start) else len(start) + 1


@compiled_entry
def log_tau_phi(spectrum, T, theta_tau, background, chi, log_B, rule, table, nodes, fit, both, first, third):
    """ln(tau_phi/tau) of one spectrum for R couplings chi (R) and densities log_B (R or 1, C).

    Fills the (R, C) arrays `both`, `first` (resonant transitions alone) and `third` (relaxation alone); one without
    rows is left alone. `background` (rate, nyquist, in kelvin) counts in `both` only; zeros for none. Each value
    depends on its own cell alone, to the last bit.
    """
    energies = sums(spectrum.energies, spectrum.resonant, 2, RESONANT_TERMS)
    rates = sums(spectrum.rates, spectrum.relaxation, 1, RELAXATION_TERMS)
    log_scale = spectrum.log_scale
    b_min = math.exp(log_B.min() + log_scale)
    room = np.empty(max(len(energies.x), len(rates.x), NODES))
    alone = len(first) > 0 or len(third) > 0
    u, weight, j1, q, start = _panels(
        spectrum, energies, rates, background, T, theta_tau, chi.min(), b_min, alone, rule, table, room
    )
    panels = len(u)
    quarter = 0.25 * np.exp(u)
    f1 = quarter * j1
    linear1 = _first_linear(start, energies.x[0], LINEAR_PHASE)
    if len(first) > 0:
        moments = _panel_moments(f1, q, weight)
        log_slope = math.log(0.25 * energies.rest[0] * start[min(linear1, panels)])
        for i in range(len(log_B)):
            for k in range(log_B.shape[1]):
                first[i, k] = _integral(f1, q, weight, moments, log_B[i, k] + log_scale, linear1, log_slope, 0.0, room)
        for i in range(len(log_B), len(first)):
            first[i] = first[0]
    if len(both) == 0 and len(third) == 0:
        return
    z_first = max(math.log(chi.min() * theta_tau), math.log(V_LOW / rates.x[-1]))
    z_last = min(math.log(chi.max() * start[panels]), math.log(V_HIGH / rates.x[0]))
    panel = math.floor(z_first / TABLE)
    series = relaxation_series(panel, max(math.floor(z_last / TABLE), panel), rates, nodes, fit, room)
    f3 = np.empty((panels, NODES))
    none = np.zeros((panels, NODES))
    faded = _faded(weight, u, background)
    for i in range(len(chi)):
        row = log_B[min(i, len(log_B) - 1)]
        relaxation_part(chi[i], u, quarter, rates, series, panel, f3)
        linear = max(linear1, _first_linear(start, chi[i] * rates.x[0], V_HIGH))
        end = start[min(linear, panels)]
        offset = 0.25 * rates.inverse[0] / chi[i]
        if len(third) > 0:
            moments = _panel_moments(f3, none, weight)
            log_slope = math.log(0.25 * rates.rest[0] * end)
            for k in range(len(row)):
                third[i, k] = _integral(f3, none, weight, moments, row[k] + log_scale, linear, log_slope, offset, room)
        if len(both) > 0:
            f = f1 + f3
            moments = _panel_moments(f, q, faded)
            log_slope = math.log(0.25 * (energies.rest[0] + rates.rest[0]) * end)
            if background.max() > 0.0:
                linear = len(start) + 1
            for k in range(len(row)):
                both[i, k] = _integral(f, q, faded, moments, row[k] + log_scale, linear, log_slope, offset, room)
