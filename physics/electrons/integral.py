"""The integrals behind the dephasing time, for one spectrum of two-level systems and all couplings and densities.

With the time theta = k_B t/hbar (1/K) and B = hbar Pd sigma_in v_F, the exponent of paper 001, eq. (34), is

    Gamma(theta) = B f(theta),   f = (theta/4) [J1(theta) + J3(chi theta)],

with the averages J1 and J3 of `physics.levels.averages`. Each definition of tau_phi (`physics.electrons.definition`) is
an integral over du theta^power exp(-Gamma), u = ln(theta), power 0, 1/2 or -1/2, on the same kind of panels. The window
in J1 takes away oscillations whose average over u is nothing; what their square leaves is kept as q(theta): exp(-Gamma)
-> exp(-B f) I0(2 B sqrt(q)). The integral is a sum over Gauss-Legendre panels in u. B is but a factor of f, so the
panels with small Gamma are a power series in B, and beyond the panels f is linear and the rest is a closed form.

A background of other mechanisms, exp(-rate theta - (nyquist theta)^(3/2)), depends on neither B nor chi: it is part of
the weight du. With it the panels end where it has decayed, and nothing is left beyond them.
"""

import math

import numpy as np

from physics.electrons.panels import (
    EARLY,
    FIELD_END,
    GAMMA_END,
    MOMENTS,
    earliest,
    faded,
    first_linear,
    lost,
    make_panels,
    panel_moments,
    weigh_field,
)
from physics.levels.averages import (
    LINEAR_PHASE,
    RELAXATION_TERMS,
    RESONANT_TERMS,
    TABLE,
    V_HIGH,
    V_LOW,
    exp_minus,
    relaxation_part,
    relaxation_series,
    sums,
)
from physics.numerics.compiled import compiled, compiled_entry, ordered_sum
from physics.numerics.quadrature import NODES

# Below GAMMA_SERIES exp(-Gamma) is a power series with stored moments.
GAMMA_SERIES = 0.15


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
def _panel_sum(b, f, q, weight, p, room):
    """The integral of exp(-B f) I0(2 B sqrt(q)) over the panel p, with ln I0(x) = x^2/4 - x^4/64."""
    for j in range(NODES):
        y = b * b * q[p, j]
        room[j] = weight[p, j] * exp_minus(min(b * f[p, j] - y + 0.25 * y * y, 45.0))
    return ordered_sum(room, NODES)


@compiled
def _tail(log_x, excess, theta, power, alone):
    """int_theta^inf dt t^(power - 1) exp(excess - x t/theta), x from its logarithm; for power -1/2 and `alone`, with
    nothing before it, the integral over t^(-3/2) [exp(excess - x t/theta) - 1], free of cancellation."""
    if power == 0.0:
        return math.exp(excess) * _exponential_integral(log_x)
    x = math.exp(log_x)
    half = math.sqrt(math.pi) * math.erfc(math.exp(0.5 * log_x))
    if power > 0.0:
        return math.exp(excess) * math.sqrt(theta) * math.exp(-0.5 * log_x) * half if x < 700.0 else 0.0
    half *= 2.0 * math.exp(0.5 * log_x)
    if alone:
        return (math.expm1(excess) * (2.0 * math.exp(-x) - half) + 2.0 * math.expm1(-x) - half) / math.sqrt(theta)
    return math.exp(excess) * (2.0 * math.exp(-x) - half) / math.sqrt(theta)


@compiled
def integral(f, q, weight, moments, start, log_b, linear, log_slope, offset, power, room):
    """The integral for one B; NaN where Gamma neither ends nor becomes linear on the panels, nor the weight ends.

    From panel `linear` on f = slope theta - offset exactly (`log_slope` = ln(slope theta) there).
    """
    b = math.exp(log_b)
    panels = len(f)
    if power != 0.0 and b * f[0, 0] > 10.0 * EARLY:
        return np.nan
    p = 0
    for _ in range(min(panels, linear)):
        if not b * f[p, NODES - 1] < GAMMA_SERIES:
            break
        p += 1
    total, factor = 0.0, 1.0
    for k in range(MOMENTS):
        total += factor * moments[p, k]
        factor *= b
    alone = p == linear
    if power < 0.0 and not alone:
        # From here on exp(-Gamma) - 1: the integral over -t^(-3/2) up to infinity.
        total -= 2.0 / math.sqrt(start[p])
    ended = False
    for _ in range(p, min(panels, linear)):
        if b * f[p, 0] > GAMMA_END:
            ended = True
            break
        total += _panel_sum(b, f, q, weight, p, room)
        p += 1
    if p == linear and not ended:
        total += _tail(log_b + log_slope, b * offset, start[p], power, alone)
        ended = True
    elif panels > 0 and (b * f[panels - 1, NODES - 1] > GAMMA_END or weight[panels - 1, NODES - 1] == 0.0):
        ended = True
    if not ended:
        return np.nan
    return -total if power < 0.0 else total


@compiled_entry
def decay_integrals(
    spectrum,
    T,
    theta_tau,
    backgrounds,
    chi,
    log_B,
    power,
    field,
    rule,
    table,
    relaxing,
    nodes,
    fit,
    both,
    first,
    third,
):
    """The integrals of exp(-Gamma) over d(ln theta) theta^power of one spectrum for R couplings chi (R) and densities
    log_B (R or 1, C): from theta_tau on for power 0, from 0 on for 1/2, and of 1 - exp(-Gamma) from 0 on for -1/2.

    Fills the arrays `both` (K, R, C), for K backgrounds, `first` (resonant transitions alone) and `third` (relaxation
    alone), (R, C); one without rows is left alone. `field` (K), for powers 0 and 1/2: with the weight that a magnetic
    field takes away, its rate in kelvin; 0 for none. `backgrounds` (K, 2) (rate, nyquist, in kelvin) count in `both`
    only; zeros for none. Each value depends on its own cell and background alone, to the last bit.
    """
    energies = sums(spectrum.energies, spectrum.resonant, 2, RESONANT_TERMS)
    rates = sums(spectrum.rates, spectrum.relaxation, 1, RELAXATION_TERMS)
    theta_first = np.full(len(backgrounds), theta_tau)
    theta_field = 0.0
    if field > 0.0:
        theta_field = 1.01 * FIELD_END / field
    for k in range(len(backgrounds)):
        if power != 0.0:
            theta_first[k] = earliest(energies, rates, backgrounds[k], spectrum.log_scale)
            if field > 0.0:
                theta_first[k] = min(theta_first[k], EARLY / field)
    none = np.empty((0, log_B.shape[1]))
    for low in range(len(backgrounds)):
        # Backgrounds with the same first panel have the same panels, of which each needs so many.
        if low > 0 and theta_first[low] == theta_first[low - 1]:
            continue
        high = low + 1
        for k in range(low + 1, len(backgrounds)):
            if theta_first[k] != theta_first[low]:
                break
            high = k + 1
        _of_backgrounds(
            spectrum, energies, rates, T, theta_first[low], theta_field, backgrounds[low:high], chi, log_B, power,
            field, rule, table, relaxing, nodes, fit, both[low:high] if len(both) > 0 else both,
            first if low == 0 else none, third if low == 0 else none,
        )  # fmt: skip


@compiled
def _of_backgrounds(
    spectrum, energies, rates, T, theta_first, theta_field, backgrounds, chi, log_B, power, field, rule, table,
    relaxing, nodes, fit, both, first, third,
):  # fmt: skip
    log_scale = spectrum.log_scale
    b_min = math.exp(log_B.min() + log_scale)
    room = np.empty(max(len(energies.x), len(rates.x), NODES))
    alone = len(first) > 0 or len(third) > 0
    u, weight, j1, q, start, counts = make_panels(
        spectrum, energies, rates, backgrounds, T, theta_first, power, chi.min(), b_min, alone, theta_field, rule,
        table, room,
    )  # fmt: skip
    panels = len(u)
    if field > 0.0:
        weigh_field(weight, u, field, power)
    head = 2.0 * math.sqrt(theta_first) if power > 0.0 and field == 0.0 else 0.0
    constant = np.zeros((panels, NODES)) if power < 0.0 else weight
    quarter = 0.25 * np.exp(u)
    f1 = quarter * j1
    own = counts[0]
    linear1 = _first_linear(start[: own + 1], energies.x[0], field)
    if len(first) > 0:
        moments = panel_moments(f1[:own], q[:own], weight[:own], constant[:own], head)
        log_slope = math.log(0.25 * energies.rest[0] * start[min(linear1, own)])
        for i in range(len(log_B)):
            for k in range(log_B.shape[1]):
                log_b = log_B[i, k] + log_scale
                first[i, k] = integral(
                    f1[:own], q[:own], weight[:own], moments, start[: own + 1], log_b, linear1, log_slope, 0.0, power,
                    room,
                )  # fmt: skip
        for i in range(len(log_B), len(first)):
            first[i] = first[0]
    if len(both) == 0 and len(third) == 0:
        return
    z_first = max(math.log(chi.min() * theta_first), math.log(V_LOW / rates.x[-1]))
    z_last = min(math.log(chi.max() * start[panels]), math.log(V_HIGH / rates.x[0]))
    panel = math.floor(z_first / TABLE)
    series = relaxation_series(panel, max(math.floor(z_last / TABLE), panel), rates, relaxing, nodes, fit)
    f3 = np.empty((panels, NODES))
    none = np.zeros((panels, NODES))
    lasting, constants = np.empty((len(both), panels, NODES)), np.empty((len(both), panels, NODES))
    heads = np.full(len(both), head)
    for k in range(len(both)):
        lasting[k] = faded(weight, u, backgrounds[k])
        constants[k] = constant
        if backgrounds[k].max() > 0.0:
            constants[k] = lost(weight, u, backgrounds[k]) if power < 0.0 else lasting[k]
            if power < 0.0:
                rate, nyquist = backgrounds[k, 0], backgrounds[k, 1]
                heads[k] = -2.0 * rate * math.sqrt(theta_first) - nyquist**1.5 * theta_first
    for i in range(len(chi)):
        row = log_B[min(i, len(log_B) - 1)]
        relaxation_part(chi[i], u, quarter, rates, series, panel, f3)
        offset = 0.25 * rates.inverse[0] / chi[i]
        if len(third) > 0:
            linear = max(linear1, first_linear(start[: own + 1], chi[i] * rates.x[0], V_HIGH))
            moments = panel_moments(f3[:own], none[:own], weight[:own], constant[:own], head)
            log_slope = math.log(0.25 * rates.rest[0] * start[min(linear, own)])
            for j in range(len(row)):
                log_b = row[j] + log_scale
                third[i, j] = integral(
                    f3[:own], none[:own], weight[:own], moments, start[: own + 1], log_b, linear, log_slope, offset,
                    power, room,
                )  # fmt: skip
        f = f1 + f3
        for k in range(len(both)):
            n = counts[k]
            starts = start[: n + 1]
            moments = panel_moments(f[:n], q[:n], lasting[k, :n], constants[k, :n], heads[k])
            linear = _first_linear(starts, energies.x[0], field)
            linear = max(linear, first_linear(starts, chi[i] * rates.x[0], V_HIGH))
            log_slope = math.log(0.25 * (energies.rest[0] + rates.rest[0]) * starts[min(linear, n)])
            if backgrounds[k].max() > 0.0:
                linear = len(starts) + 1
            for j in range(len(row)):
                log_b = row[j] + log_scale
                both[k, i, j] = integral(
                    f[:n], q[:n], lasting[k, :n], moments, starts, log_b, linear, log_slope, offset, power, room
                )


@compiled
def _first_linear(start, slowest, field):
    """The first panel from which on direct transitions are linear in time and a magnetic field leaves nothing."""
    linear = first_linear(start, slowest, LINEAR_PHASE)
    return max(linear, first_linear(start, field, FIELD_END)) if field > 0.0 else linear
