"""Clusters of interacting defects as two-level systems: a ladder of amplitudes, each with its own density of states.

The excitations of n centres (paper 003) have one tunnelling amplitude and a density of states that is uniform in the
asymmetry Delta but for the logarithm in t,

    Delta0^(n) = Delta0* (Delta0*/W)^(n-1),   P(Delta, Delta0) = Pd sum_n P_n(t(E)) delta(Delta0 - Delta0^(n)),  E < W,
    t(E) = (chi_rg/3) ln(W/max(E, T)),        chi_rg = pi Pd U0,        E^2 = Delta^2 + Delta0^2,

eqs. (2.15), (6.23), (7.2), (7.4), with Delta0* = Lambda0 and W = E*. Derivation and limits: docs/theory-003-chain.md.
"""

import math
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from physics.clusters.densities import chi_rg, trajectory
from physics.levels.spectrum import TERMS as RATE_TERMS
from physics.levels.spectrum import THERMAL, Spectrum, at_points, gather, gathered
from physics.numerics.compiled import compiled, compiled_entry
from physics.numerics.quadrature import NODES, chebyshev_points, gauss_legendre

# The ladder needs Delta0* <= W/2: its steps are those of the logarithm of a large number.
SMALLEST_STEP = 2.0
# The trajectory of paper 003 is known up to here, and the theory holds for chi_rg below CHI_RG_MAX.
T_MAX = 30.0
CHI_RG_MAX = 1.0
# P_n(t(E)) as a Chebyshev series in ln(1 + 2t) from t = 0 to t(T).
TERMS = 40
# Coefficients below this, relative to the largest one, are only rounding.
ROUNDING = 1e-15
# Rungs below LOWEST W are never looked at; which of those above count is decided by `_count`.
LOWEST = 1e-60
NEGLIGIBLE = 1e-15
# Panel edges of a rung at most: from 1e-300 to 1e300 by sqrt(2) they are 4000.
EDGES = 5000
SLOWEST = 1e-17
# Rates below exp(-RATE_UNITS) of the fastest are not told apart: SLOWEST is that of amplitudes, whose squares they are.
RATE_UNITS = 100
# What depends on t(T) alone is kept for so many of them, for rungs in steps of STEP.
KEPT, STEP = 1024, 8


class Ladder(NamedTuple):
    """Amplitudes (K, descending) with the Chebyshev series of their densities of states in ln(1 + 2t).

    `at_T` is their value at t(T), that of all levels with E <= T. `total` is the series of sum_n P_n over all n, also
    those that the ladder leaves out; t(E) = slope ln(cut_off/max(E, T)), and `span` = ln(1 + 2 t(T)).
    """

    amplitudes: np.ndarray
    series: np.ndarray
    at_T: np.ndarray
    total: np.ndarray
    slope: float
    span: float
    T: float
    cut_off: float


def beyond_validity(T, Lambda0, Pd, Estar, *, U0):
    """Where the cluster distribution is beyond the theory: chi_rg >= 1, or as `undefined`. Arrays that broadcast."""
    return (chi_rg(Pd, U0) >= CHI_RG_MAX) | undefined(T, Lambda0, Pd, Estar, U0=U0)


def undefined(T, Lambda0, Pd, Estar, *, U0):
    """Where there is no value: Lambda0 > E*/2 (no ladder) or t(T) > 30 (no trajectory). Arrays that broadcast."""
    t = chi_rg(Pd, U0) / 3 * np.log(np.maximum(np.divide(Estar, T), 1.0))
    return (SMALLEST_STEP * np.asarray(Lambda0) > Estar) | (t > T_MAX)


def amplitude_ladder(T: float, Lambda0: float, Pd: float, Estar: float, U0: float) -> Ladder:
    """The rungs that count at T, with their densities of states in units of Pd.

    T, Lambda0, Estar (K), Pd (1/(J m3)), U0 (J m3), within the range of `undefined`. A rung is left out where its
    density is below 1e-15 of that of the first one with Delta0^(n) <= T, or where its amplitude is so small that it
    relaxes only when everything has long been dephased (1e-17 of that one's, times sqrt(P Delta0/T)).
    """
    slope = float(chi_rg(Pd, U0)) / 3
    t_T = slope * max(math.log(Estar / T), 0.0)
    step = math.log(Estar / Lambda0)
    n = np.arange(1.0, 2.0 + math.ceil(-math.log(LOWEST) / step))
    amplitudes = Estar * np.exp(-n * step)
    amplitudes[0] = Lambda0
    count = _count(amplitudes, _densities(t_T)[: len(n)], T)
    span = math.log1p(2 * t_T)
    series, total = _series(t_T, STEP * math.ceil(count / STEP))
    series = series[:count]
    largest = np.max(np.abs(series), axis=1, keepdims=True)
    terms = 1 + int(np.flatnonzero((np.abs(series) > ROUNDING * largest).any(axis=0) | (np.abs(total) > ROUNDING))[-1])
    series = np.ascontiguousarray(series[:, :terms])
    return Ladder(
        amplitudes[:count].copy(), series, np.sum(series, axis=1), total[:terms].copy(), slope, span, T, Estar
    )


@lru_cache(maxsize=KEPT)
def _densities(t_T):
    """P_n(t_T) of as many rungs as any ladder has."""
    n = np.arange(1.0, 2.0 + math.ceil(-math.log(LOWEST) / math.log(SMALLEST_STEP)))
    return np.asarray(trajectory("sqrt").P(n, t_T), np.float64)


@lru_cache(maxsize=KEPT)
def _series(t_T, rungs):
    """The series of P_n(t) in ln(1 + 2t) up to t_T, a row for each n = 1 ... rungs, and that of sum_n P_n."""
    points, fit = chebyshev_points(TERMS)
    t = np.expm1(math.log1p(2 * t_T) * points) / 2
    values = np.asarray(trajectory("sqrt").P(np.arange(1.0, rungs + 1)[:, None], t), np.float64)
    total = np.asarray(trajectory("sqrt").moment(0, t), np.float64)
    # Sums over the last axis: their order does not depend on the number of rungs.
    return np.sum(values[:, None, :] * fit, axis=2), np.sum(total * fit, axis=1)


def _count(amplitudes, density, T):
    """How many rungs count: see `amplitude_ladder`."""
    active = min(int(np.searchsorted(-amplitudes, -T)), len(amplitudes) - 1)
    slowest = SLOWEST * amplitudes[active] * math.sqrt(density[active] * min(amplitudes[active] / T, 1.0))
    left_out = (density <= NEGLIGIBLE * density[active]) | (amplitudes < slowest)
    left_out[: active + 1] = density[: active + 1] == 0
    return int(np.argmax(left_out)) if left_out.any() else len(amplitudes)


@compiled
def position(E, T, cut_off, slope, span):
    """Where t(E) lies in the series, from -1 (t = 0) to 1 (t(T))."""
    if E <= T or span == 0.0:
        return 1.0
    return 2.0 * math.log1p(2.0 * slope * max(math.log(cut_off / E), 0.0)) / span - 1.0


@compiled
def density(series, at_T, x):
    """The density of states of one rung (units of Pd) from its Chebyshev series at the position x."""
    if x == 1.0:
        return at_T
    b1, b2 = 0.0, 0.0
    for k in range(len(series) - 1, 0, -1):
        b1, b2 = 2.0 * x * b1 - b2 + series[k], b1
    return x * b1 - b2 + series[0]


@compiled
def _log_thermal(E, T):
    return math.log(4.0) - E / T - 2.0 * math.log1p(math.exp(-E / T))


@compiled
def _thermal(E, T, log_scale):
    """sech^2(E/2T) exp(-log_scale), and tanh(E/2T)."""
    lost = math.expm1(-E / T)
    return 4.0 * math.exp(-E / T - log_scale) / (2.0 + lost) ** 2, -lost / (2.0 + lost)


@compiled
def _edges(first, last, ratio, kink):
    """Panel edges 0, first, first ratio, ... last, and `kink` where it lies between; NaN if EDGES do not reach it."""
    edges = [0.0]
    high = min(first, last)
    for _ in range(EDGES):
        if edges[-1] < kink < high:
            edges.append(kink)
        edges.append(high)
        if high >= last:
            return np.array(edges)
        high = min(high * ratio, last)
    return np.full(2, math.nan)


@compiled
def _rung(amplitude, T, end, ratio, rule):
    """Nodes x, dx with E = amplitude (1 + x^2) from the band edge to `end`; x^2 grows by `ratio` per panel."""
    last = end / amplitude - 1.0
    edges = np.sqrt(_edges(min(0.25, 2.0 * T / amplitude), last, ratio, T / amplitude - 1.0))
    x = np.empty((len(edges) - 1) * NODES)
    dx = np.empty(len(x))
    for p in range(len(edges) - 1):
        for j in range(NODES):
            x[p * NODES + j] = edges[p] + (edges[p + 1] - edges[p]) * rule[0, j]
            dx[p * NODES + j] = (edges[p + 1] - edges[p]) * rule[1, j]
    return x, dx


@compiled_entry
def _mixture(ladder, rule, points, fit):
    """Energies with resonant weights (unsorted), gathered rates with relaxation weights, log_scale, weights of the band
    edges, the highest energy.

    Every rung has nodes of its own up to twice its amplitude; beyond, all rungs share theirs. Rates are not shared.
    """
    T = ladder.T
    rungs = len(ladder.amplitudes)
    at_edge = np.empty(rungs)
    log_scale = -np.inf
    fastest = 0.0
    for n in range(rungs):
        amplitude = ladder.amplitudes[n]
        fastest = max(fastest, 2.0 * amplitude / math.tanh(0.5 * amplitude / T))
        x = position(amplitude, T, ladder.cut_off, ladder.slope, ladder.span)
        at_edge[n] = max(density(ladder.series[n], ladder.at_T[n], x), 1e-300)
        log_scale = max(log_scale, math.log(at_edge[n]) + _log_thermal(amplitude, T))
    top = min(ladder.cut_off, T * (THERMAL + math.log(4.0) - log_scale))
    energies, resonant = [np.empty(0)], [np.empty(0)]
    slowest = np.floor(math.log(fastest)) + 1.0 - RATE_UNITS
    sums = np.zeros((RATE_UNITS, RATE_TERMS))
    inner = [top]
    for n in range(rungs):
        amplitude = ladder.amplitudes[n]
        at_edge[n] *= math.exp(_log_thermal(amplitude, T) - log_scale)
        if amplitude >= top:
            at_edge[n] = 0.0
            continue
        x, dx = _rung(amplitude, T, min(2.0 * amplitude, top), math.sqrt(2.0), rule)
        E = amplitude * (1.0 + x * x)
        c = np.empty(len(x))
        for i in range(len(x)):
            w = density(ladder.series[n], ladder.at_T[n], position(E[i], T, ladder.cut_off, ladder.slope, ladder.span))
            c[i] = w * _thermal(E[i], T, log_scale)[0]
            c[i] *= 2.0 * amplitude * dx[i] / ((1.0 + x[i] * x[i]) * math.sqrt(2.0 + x[i] * x[i]))
        energies.append(E)
        resonant.append(c)
        if 2.0 * amplitude < top:
            inner.append(2.0 * amplitude)
        x, dx = _rung(amplitude, T, top, 4.0, rule)
        for i in range(len(x)):
            square = x[i] * x[i]
            level = amplitude * (1.0 + square)
            w = density(ladder.series[n], ladder.at_T[n], position(level, T, ladder.cut_off, ladder.slope, ladder.span))
            thermal, tanh = _thermal(level, T, log_scale)
            nu = 2.0 * amplitude / (1.0 + square) / tanh
            r = 2.0 * amplitude * dx[i] * square * math.sqrt(2.0 + square) / (1.0 + square) * w * thermal
            gather(math.log(nu) - slowest, r, sums)
    if len(inner) > 1 and inner[-1] < T < top:
        inner.append(T)
    edges = np.sort(np.array(inner))
    for p in range(len(edges) - 1):
        if edges[p] < edges[p + 1]:
            E, c = _shared(edges[p], edges[p + 1], ladder, log_scale, rule)
            energies.append(E)
            resonant.append(c)
    rates, relaxation = gathered(slowest, sums, points, fit)
    return _joined(energies), _joined(resonant), rates, relaxation, log_scale, at_edge, top


@compiled
def _shared(low, high, ladder, log_scale, rule):
    """Energies between two edges, with the resonant weights of all rungs up to low/2."""
    panels = max(1, math.ceil(math.log(high / low) / math.log(math.sqrt(2.0)) - 1e-9))
    ratio = (high / low) ** (1.0 / panels)
    E = np.empty(panels * NODES)
    c = np.zeros(panels * NODES)
    for p in range(panels):
        a = low * ratio**p
        b = high if p == panels - 1 else low * ratio ** (p + 1)
        for j in range(NODES):
            i = p * NODES + j
            E[i] = a + (b - a) * rule[0, j]
            x = position(E[i], ladder.T, ladder.cut_off, ladder.slope, ladder.span)
            for n in range(len(ladder.amplitudes)):
                if 2.0 * ladder.amplitudes[n] <= low:
                    s = ladder.amplitudes[n] / E[i]
                    c[i] += density(ladder.series[n], ladder.at_T[n], x) * s * s / math.sqrt((1.0 - s) * (1.0 + s))
            c[i] *= (b - a) * rule[1, j] * _thermal(E[i], ladder.T, log_scale)[0]
    return E, c


@compiled
def _joined(parts):
    total = 0
    for part in parts:
        total += len(part)
    whole = np.empty(total)
    start = 0
    for part in parts:
        whole[start : start + len(part)] = part
        start += len(part)
    return whole


def spectrum_of(ladder: Ladder) -> Spectrum:
    """The Spectrum of a ladder: a sum of tunnelling-states models (37) of paper 001, a rung each."""
    energies, resonant, rates, relaxation, log_scale, at_edge, top = _mixture(ladder, gauss_legendre(), *at_points())
    by_energy = np.argsort(energies, kind="stable")
    kept = at_edge > 0
    return Spectrum(
        energies[by_energy],
        resonant[by_energy],
        rates,
        relaxation,
        log_scale,
        ladder.amplitudes[kept],
        at_edge[kept],
        ladder.cut_off if top == ladder.cut_off else 0.0,
        ladder.T if ladder.span > 0 and ladder.T < top else 0.0,
    )


def clusters(T: float, Lambda0: float, Estar: float, Pd: float, U0: float) -> Spectrum | None:
    """The cluster distribution of paper 003 as a Spectrum; None where it has no levels (Lambda0 >= E*)."""
    return spectrum_of(amplitude_ladder(T, Lambda0, Pd, Estar, U0)) if Lambda0 < Estar else None


def mixture(T: float, amplitudes: np.ndarray, weights: np.ndarray, Estar: float) -> Spectrum:
    """A mixture of tunnelling-states models (37) with any amplitudes and weights: sum_n weights_n at amplitudes_n.

    T, Estar (K); amplitudes (K, below E*) and weights (units of Pd), one axis each. Uniform weights 2h/L at amplitudes
    that are h apart in ln(Lambda) go over into the glass model (36), with its norm L, for h -> 0.
    """
    order = np.argsort(-np.asarray(amplitudes, np.float64), kind="stable")
    amplitudes = np.asarray(amplitudes, np.float64)[order]
    series = np.ascontiguousarray(np.asarray(weights, np.float64)[order][:, None])
    at_T, total = series[:, 0].copy(), np.sum(series, axis=0)
    return spectrum_of(Ladder(amplitudes, series, at_T, total, 0.0, 0.0, float(T), float(Estar)))
