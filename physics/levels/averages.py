"""Averages over two-level systems that the dephasing integral needs, at one time or one panel of times.

With theta = k_B t/hbar (1/K) and the weights of a `physics.levels.spectrum.Spectrum`,

    J1(theta) = sum_i c_i K(E_i theta),   K(x) = 1 - W(x) sin(x)/x         resonant transitions,
    J3(z)     = sum_k r_k h(nu_k z),      h(v) = 1 - (1 - exp(-v))/v       relaxation, z = chi theta.

The window W takes away the oscillation of each system once its phase x is large (see `dephasing_integral`). Energies
and rates ascend, so the systems far below and far above the present time enter by sums that are made once.
"""

import math
from functools import cache
from typing import NamedTuple

import numpy as np

from physics.levels.spectrum import TERMS, at_points
from physics.numerics.compiled import compiled, ordered_sum
from physics.numerics.quadrature import (
    CELLS_PER_UNIT,
    NODES,
    WINDOW_CENTRE,
    WINDOW_WIDTH,
    X_HIGH,
    chebyshev_points,
)

# J3 is tabulated by Chebyshev series of DEGREE terms on panels of width TABLE in ln(z).
TABLE = 2.0
DEGREE = 20
# h by its power series below V_LOW, h = 1 - 1/v above V_HIGH.
V_LOW = 0.3
V_HIGH = 37.0
RELAXATION_TERMS = 10
# K by its power series below X_SERIES, where the window is 1 and the largest term 7000: to 1e-12.
X_SERIES = 12.0
RESONANT_TERMS = 25
# Systems enter power series by so many at a time: rates by units of their logarithm.
BLOCK = TERMS
# The units, counted from z = 1 on, in which nu z may lie between V_LOW and V_HIGH within a panel of J3.
FIRST_UNIT = math.floor(math.log(V_LOW)) - math.ceil(TABLE)
MIDDLE = math.ceil(math.log(V_HIGH)) - FIRST_UNIT
# The squared oscillation of an edge counts from this phase on, and past the other it is below 1e-10 of tau_phi.
EDGE_PHASE = 10.0
LINEAR_PHASE = 3e4


class Sums(NamedTuple):
    """Ascending `x` with their `weights`; `moments`[m, n] = sum_k weights_k (x_k/x_last)^(step n) over the first m
    blocks, x_last the largest of them; `rest`[i] and `inverse`[i], the sums of weights_k and weights_k/x_k over
    k >= i."""

    x: np.ndarray
    weights: np.ndarray
    moments: np.ndarray
    rest: np.ndarray
    inverse: np.ndarray


@compiled
def sums(x, weights, step, terms):
    """The Sums of ascending x with their weights."""
    n = len(x)
    moments = np.zeros(((n + BLOCK - 1) // BLOCK + 1, terms + 1))
    rest = np.zeros(n + 1)
    inverse = np.zeros(n + 1)
    power, term = np.zeros(BLOCK), np.zeros(BLOCK)
    before = x[0]
    for m in range(len(moments) - 1):
        first = m * BLOCK
        count = min(BLOCK, n - first)
        last = x[first + count - 1]
        for i in range(BLOCK):
            power[i] = (x[first + i] / last) ** step if i < count else 0.0
            term[i] = weights[first + i] if i < count else 0.0
        shrunk = (before / last) ** step
        factor = 1.0
        for k in range(1, terms + 1):
            factor *= shrunk
            for i in range(BLOCK):
                term[i] *= power[i]
            moments[m + 1, k] = moments[m, k] * factor + ordered_sum(term, BLOCK)
        before = last
    for i in range(n - 1, -1, -1):
        rest[i] = rest[i + 1] + weights[i]
        inverse[i] = inverse[i + 1] + weights[i] / x[i]
    return Sums(x, weights, moments, rest, inverse)


@compiled
def _blocks(x, limit):
    """How many whole blocks (the last one may be short) lie below x = `limit`, and how many x they hold."""
    low = np.searchsorted(x, limit)
    if low == len(x):
        return (low + BLOCK - 1) // BLOCK, low
    return low // BLOCK, low // BLOCK * BLOCK


@compiled
def exp_minus(x):
    """exp(-x) for -1 <= x <= 45 without branches, so that loops over it vectorise; absolute error below 1e-13."""
    y = x * -0.015625
    e = 1.0 / 720 + y * (1.0 / 5040)
    e = 1.0 / 24 + y * (1.0 / 120 + y * e)
    e = 1.0 / 2 + y * (1.0 / 6 + y * e)
    e = 1.0 + y * (1.0 + y * e)
    e *= e
    e *= e
    e *= e
    e *= e
    e *= e
    return e * e


@compiled
def resonant(theta, energies, table, room):
    """J1(theta): power series where E theta < X_SERIES, the table of K between, and K = 1 beyond X_HIGH.

    `room` is an array for the terms, at least as long as the energies.
    """
    E, c = energies.x, energies.weights
    blocks, low = _blocks(E, X_SERIES / theta)
    high = np.searchsorted(E, X_HIGH / theta)
    total = energies.rest[high]
    if low > 0:
        y = -((theta * E[low - 1]) ** 2)
        series = 0.0
        for k in range(RESONANT_TERMS, 0, -1):
            series = (energies.moments[blocks, k] + series) * (y / (2 * k * (2 * k + 1)))
        total -= series
    for i in range(high - low):
        position = E[low + i] * theta * CELLS_PER_UNIT
        cell = min(int(position), len(table) - 1)
        d = (position - cell - 0.5) / CELLS_PER_UNIT
        k = table[cell, 3] + d * (table[cell, 4] + d * table[cell, 5])
        room[i] = c[low + i] * (table[cell, 0] + d * (table[cell, 1] + d * (table[cell, 2] + d * k)))
    return total + ordered_sum(room, high - low)


@compiled
def _window(x):
    return 0.5 * math.erfc((x - WINDOW_CENTRE) / (math.sqrt(2.0) * WINDOW_WIDTH))


@compiled
def squared_oscillation(theta, energies, spectrum, T):
    """(|A|^2 - |A_W|^2)/64 of the edges of a spectrum: what the removed oscillation leaves in second order.

    A = int dE c(E)/E exp(i E theta), A_W the same with the window W(E theta) inside. While the sums over the levels
    resolve it (a whole band within 40 rad, or as long as the spectrum says) they are A; beyond that the edges count,
    A_W = W(s) A. An inverse-square-root edge has |A|^2 = pi/(2 |s + i Lambda0/T|) with s = Lambda0 theta, whose
    relative error 1/s^2 is harmless in a correction of 1e-7, and exp(-(smear s)^2) of it where it is smeared. A step
    at E* has |A|^2 = (step/E*)^2/(theta^2 + slope^2); `step` is 0 where that is negligible. Two edges beat too fast to
    add anything to the sum of their squares.
    """
    E, c = energies.x, energies.weights
    edges = spectrum.band_edges
    total = 0.0
    for k in range(len(edges)):
        s = edges[k] * theta
        if s < EDGE_PHASE or s > LINEAR_PHASE:
            continue
        if (E[-1] - E[0]) * theta < 40.0 or theta < spectrum.resolved:
            cosine, sine, kept_cosine, kept_sine = 0.0, 0.0, 0.0, 0.0
            for i in range(len(E)):
                real = c[i] / E[i] * math.cos((E[i] - E[0]) * theta)
                imaginary = c[i] / E[i] * math.sin((E[i] - E[0]) * theta)
                w = _window(E[i] * theta)
                cosine += real
                sine += imaginary
                kept_cosine += w * real
                kept_sine += w * imaginary
            return (cosine * cosine + sine * sine - kept_cosine * kept_cosine - kept_sine * kept_sine) / 64.0
        w = _window(s)
        square = math.pi / (2.0 * math.hypot(s, edges[k] / T)) * (1.0 - w * w) / 64.0
        square *= math.exp(-((spectrum.smear * s) ** 2))
        total += spectrum.edge_weights[k] * spectrum.edge_weights[k] * square
    if spectrum.step > 0.0 and EDGE_PHASE < spectrum.cut_off * theta < LINEAR_PHASE:
        w = _window(spectrum.cut_off * theta)
        share = spectrum.step / spectrum.cut_off
        total += share * share / (theta * theta + spectrum.slope * spectrum.slope) * (1.0 - w * w) / 64.0
    return total


@compiled
def relaxation(z, rates, room):
    """J3(z): power series where nu z < V_LOW, exp between, and h = 1 - 1/v beyond V_HIGH; `room` as in `resonant`."""
    nu, r = rates.x, rates.weights
    blocks, low = _blocks(nu, V_LOW / z)
    high = np.searchsorted(nu, V_HIGH / z)
    total = rates.rest[high] - rates.inverse[high] / z
    if low > 0:
        total += _slow_relaxation(z * nu[low - 1], rates.moments[blocks])
    for i in range(high - low):
        v = nu[low + i] * z
        room[i] = r[low + i] * (1.0 - (1.0 - exp_minus(v)) / v)
    return total + ordered_sum(room, high - low)


@compiled
def _slow_relaxation(v, moments):
    """The power series of sum r_k h(nu_k z) from its moments, with v = nu_last z, the largest."""
    total, factor = 0.0, -1.0
    for k in range(1, RELAXATION_TERMS + 1):
        factor *= -v / (k + 1)
        total += factor * moments[k]
    return total


@cache
def relaxation_table() -> np.ndarray:
    """Chebyshev coefficients of h(exp(m + p_j + y)), y in 0 ... TABLE, for m = FIRST_UNIT, ..., at the points p_j of
    `physics.levels.spectrum` in a unit: [m - FIRST_UNIT, j, term]; absolute error 1e-15."""
    nodes, fit = chebyshev_points(DEGREE)
    m = np.arange(FIRST_UNIT, FIRST_UNIT + MIDDLE)
    v = np.exp(m[:, None, None] + at_points()[0][:, None] + TABLE * nodes)
    return np.ascontiguousarray((1 + np.expm1(-v) / v) @ fit.T)


@compiled
def relaxation_series(first, last, rates, table, nodes, fit):
    """Chebyshev coefficients of J3 on the panels first..last of width TABLE in ln(z), panel p from p TABLE on.

    The rates are those of whole units of their logarithm: nu z depends on unit + panel and the place in both, so that
    what lies between the power series and the law 1 - 1/v is a product with `relaxation_table`.
    """
    series = np.zeros((last - first + 1, DEGREE))
    units = len(rates.x) // TERMS
    lowest = math.floor(math.log(rates.x[0]))
    for p in range(last - first + 1):
        panel = int((first + p) * TABLE)
        # Units below `low` are slow throughout the panel, units from `high` on have relaxed.
        low = min(max(FIRST_UNIT - panel - lowest, 0), units)
        high = min(max(FIRST_UNIT + MIDDLE - panel - lowest, low), units)
        row = series[p]
        for i in range(low * TERMS, high * TERMS):
            terms = table[i // TERMS + lowest + panel - FIRST_UNIT, i % TERMS]
            for k in range(DEGREE):
                row[k] += rates.weights[i] * terms[k]
        for i in range(DEGREE):
            z = math.exp(panel + nodes[i] * TABLE)
            value = rates.rest[high * TERMS] - rates.inverse[high * TERMS] / z
            if low > 0:
                value += _slow_relaxation(z * rates.x[low * TERMS - 1], rates.moments[low])
            for k in range(DEGREE):
                row[k] += fit[k, i] * value
    return series


@compiled
def _clenshaw(row, x2, low, high, b1, b2):
    """b1 = the Chebyshev series `row` at x2/2 for the elements low ... high; b2 is to work in."""
    for j in range(low, high):
        b1[j] = 0.0
        b2[j] = 0.0
    for k in range(DEGREE - 1, 0, -1):
        c = row[k]
        for j in range(low, high):
            b = x2[j] * b1[j] - b2[j] + c
            b2[j] = b1[j]
            b1[j] = b
    for j in range(low, high):
        b1[j] = 0.5 * x2[j] * b1[j] - b2[j] + row[0]


@compiled
def relaxation_part(chi, u, quarter, rates, series, first, out):
    """out = (theta/4) J3(chi theta) at the nodes u = ln(theta), with quarter = theta/4.

    The power series and the linear law at the two ends, between them the Chebyshev series, a panel at a time.
    """
    b1 = np.empty(NODES)
    b2 = np.empty(NODES)
    x2 = np.empty(NODES)
    log_chi = math.log(chi)
    lowest = math.log(V_LOW / rates.x[-1])
    highest = math.log(V_HIGH / rates.x[0])
    for p in range(len(u)):
        if log_chi + u[p, NODES - 1] > lowest and log_chi + u[p, 0] < highest:
            row = math.floor(min(max(log_chi + u[p, 0], lowest), highest) / TABLE)
            # The nodes of a panel, which is narrower than TABLE, lie in one or two panels of the series.
            inside = NODES
            for j in range(NODES):
                position = min(max(log_chi + u[p, j], lowest), highest) / TABLE
                own = row
                if position >= row + 1:
                    own += 1
                    inside = min(inside, j)
                x2[j] = 4.0 * (position - own) - 2.0
            _clenshaw(series[row - first], x2, 0, inside, b1, b2)
            if inside < NODES:
                _clenshaw(series[row + 1 - first], x2, inside, NODES, b1, b2)
            for j in range(NODES):
                out[p, j] = quarter[p, j] * b1[j]
        if log_chi + u[p, 0] <= lowest or log_chi + u[p, NODES - 1] >= highest:
            for j in range(NODES):
                z = 4.0 * chi * quarter[p, j]
                if log_chi + u[p, j] <= lowest:
                    out[p, j] = quarter[p, j] * _slow_relaxation(z * rates.x[-1], rates.moments[-1])
                elif log_chi + u[p, j] >= highest:
                    out[p, j] = quarter[p, j] * (rates.rest[0] - rates.inverse[0] / z)
