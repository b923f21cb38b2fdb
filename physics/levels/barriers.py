"""Gaussian barriers, eq. (54) of paper 001: ln Lambda is Gaussian about ln Lambda0 with the width `barrier_width`.

In d = ln(Lambda0/E) and eta, Lambda = E sech(eta), a level has the density g(d + ln cosh(eta)), g the normal density of
that width. At one E that is largest at Lambda = min(E, Lambda0), so that the levels at E count as

    ln[E sech^2(E/2T)] - max(d, 0)^2/(2 barrier_width^2),

a concave function of d, whichever of E*, T and Lambda0 is the largest: the nodes lie where it is within DEPTH of its
maximum below E*, be that the peak of the Gaussian, the warm flank of a frozen one, or what E* leaves of its tail.
"""

import math

import numpy as np
from scipy.optimize import brentq

from physics.levels.spectrum import SLOWEST, TERMS, THERMAL, Spectrum, at_points, gather, gathered, log_thermal
from physics.numerics.compiled import compiled, compiled_entry
from physics.numerics.quadrature import NODES, composite, gauss_legendre

# Levels whose number per ln(E) is below exp(-DEPTH) of the largest one are left out.
DEPTH = 36.0
# The panels of `_edges`: those in which A oscillates, and those of all that is smooth.
OSCILLATING = 24, np.log(2) / 2, 0.5, 10.0
SMOOTH = 8, 1.5, 1.0, 16.0
# The least number of panels across eta, where levels below exp(-REACH) of the most are left out and none is longer
# than WIDEST.
ETA_PANELS = 4
REACH = 28.0
WIDEST = 2.5
# The greatest number of panels above Lambda0: a few dozen are needed.
MOST_PANELS = 10_000
# The sums over the levels resolve the oscillations of A until a panel is this wide, in rad.
RESOLVED = 20.0
# A spectrum whose weights are all below exp(-NOTHING) does not dephase within the range of doubles, whatever Pd is.
NOTHING = 3000.0


def gaussian_barrier(T: float, Lambda0: float, Estar: float, barrier_width: float) -> Spectrum | None:
    """The Spectrum of Gaussian barriers; None where no tau_phi within the range of doubles could come of it.

    T, Lambda0, Estar (K), barrier_width (1). Exact moment: <Lambda^2> = Lambda0^2 exp(2 barrier_width^2).
    """
    low, peak, high, top = _range(T, Lambda0, Estar, barrier_width)
    if _log_number(peak, T, Lambda0, barrier_width) + np.log(Lambda0) < -NOTHING:
        return None
    end = np.log(top / Lambda0) if top > Lambda0 else 0.0
    fine = _edges(low, high, end, barrier_width, Lambda0 / T, *OSCILLATING)
    coarse = _edges(low, high, end, barrier_width, Lambda0 / T, *SMOOTH)
    d1, dd1 = _nodes(fine)
    d3, dd3 = _nodes(coarse)
    E1, E3 = Lambda0 * np.exp(-d1), Lambda0 * np.exp(-d3)
    log_number = np.log(E3 * dd3) + log_thermal(E3, T)
    log_fastest = np.log(2 * E3 / np.tanh(E3 / (2 * T)))
    rule = gauss_legendre()
    log_sum, rates, relaxation, log_scale = _levels(d3, log_number, log_fastest, barrier_width, rule, *at_points())
    log_w1 = np.log(E1 * dd1) + log_thermal(E1, T) + _interpolated(d1, coarse, log_sum, rule)
    edges = Lambda0 * np.exp(-fine)
    narrowed = 1 / np.sqrt(barrier_width**-2 + Lambda0 * np.exp(-peak) / T)
    weight = -np.inf
    if peak > high or top > Lambda0:
        weight = -0.5 * (peak / barrier_width) ** 2 + log_thermal(Lambda0 * np.exp(-peak), T)
        weight += np.log(narrowed / barrier_width) - log_scale
    step, slope = 0.0, 0.0
    if top == Estar:
        log_step, barrier = _resonant(_distance(Lambda0, Estar), barrier_width, rule)
        slope = (barrier / barrier_width - 1) / Estar - np.tanh(Estar / (2 * T)) / T
        step = np.exp(log_step + log_thermal(Estar, T) - log_scale)
    return Spectrum(
        E1,
        np.exp(log_w1 - log_scale),
        rates,
        relaxation,
        log_scale,
        band_edges=np.array([min(Lambda0 * np.exp(-peak), Estar)]),
        edge_weights=np.array([np.exp(weight)]),
        cut_off=float(Estar) if top == Estar else 0.0,
        kink=0.0,
        smear=float(narrowed),
        step=float(step),
        slope=float(slope),
        resolved=float(RESOLVED / np.max(np.diff(edges))),
    )


def _distance(Lambda0, E):
    """d = ln(Lambda0/E), to full accuracy where the two are close."""
    near = abs(E - Lambda0) < 0.5 * Lambda0
    return float(-np.log1p((E - Lambda0) / Lambda0) if near else np.log(Lambda0) - np.log(E))


def _log_number(d, T, Lambda0, width):
    """The largest number of levels per ln(E) at the distance d, as a logarithm, without ln(Lambda0); concave."""
    return -d - 0.5 * (max(d, 0.0) / width) ** 2 - Lambda0 * np.exp(-d) / T


def _range(T, Lambda0, Estar, width):
    """The distances d of the lowest level, of the peak and of the highest one that is not above Lambda0, and the
    energy of the highest one of all."""
    first = max(_distance(Lambda0, Estar), 0.0)

    def slope(d):
        return Lambda0 / T * np.exp(-d) - 1 - d / width**2

    def fallen(d, depth):
        return _log_number(d, T, Lambda0, width) - largest + depth

    peak = brentq(slope, first, max(first, np.log(Lambda0 / T)), xtol=1e-14) if slope(first) > 0 else first
    largest = _log_number(peak, T, Lambda0, width)
    low = brentq(fallen, peak, peak + DEPTH + 1, args=(DEPTH,))
    if fallen(first, THERMAL) < 0:
        high = brentq(fallen, first, peak, args=(THERMAL,))
        return low, peak, high, Lambda0 * np.exp(-high)
    return low, peak, first, min(Estar, max(T * (THERMAL - largest), Lambda0 * np.exp(-first)))


def _edges(low, high, end, width, ratio, least, longest, growth, folds):
    """Edges of the panels in d, descending from `low` by `high` to -`end`; `ratio` = Lambda0/T.

    Below `high` at `least` so many panels, none longer than `longest`; above, the first one as long as the edge at
    Lambda0 is smeared, each growing by `growth` times its distance from there, with at most `folds` e-folds of the
    thermal factor. NaN where MOST_PANELS do not get there."""
    below = np.linspace(low, high, max(least, int(np.ceil((low - high) / longest))) + 1)
    edges = [0.0]
    for _ in range(MOST_PANELS):
        here = edges[-1]
        if here >= end:
            return np.concatenate([below, -np.array(edges[1:])])
        step = min(growth * max(here, width), longest, folds / (ratio * np.exp(here)))
        edges.append(min(here + step, end))
    return np.append(below, np.nan)


def _nodes(edges):
    """Nodes and weights in d in the order of ascending energies: `edges` descend."""
    d, dd = composite(edges)
    return d, -dd


@compiled
def _reached(centre, width):
    """Where a normal density about `centre` of ln cosh(eta) >= 0 is within exp(-REACH) of its largest."""
    reach = math.sqrt(2.0 * REACH) * width
    if centre > 0.0:
        return max(centre - reach, 0.0), centre + reach
    return 0.0, reach * reach / (math.hypot(centre, reach) - centre)


@compiled
def _eta(log_cosh):
    """eta from its ln cosh."""
    return log_cosh + math.log1p(math.sqrt(-math.expm1(-2.0 * log_cosh)))


@compiled
def _functions(e):
    """ln cosh(eta), sech^2(eta) and tanh^2(eta) from exp(eta) - 1, without cancellation where eta is small."""
    if e > 1e15:
        return math.log(0.5 * e), 4.0 / e / e, 1.0
    s = 0.5 * e * e / (1.0 + e)
    sech2 = 1.0 / ((1.0 + s) * (1.0 + s))
    return math.log1p(s), sech2, s * (2.0 + s) * sech2


@compiled
def _panels(first, last, centre):
    """How many panels in eta a normal density about `centre` takes, of which eta >= 0 may leave but the half."""
    return max(ETA_PANELS if centre > 0.0 else ETA_PANELS // 2, math.ceil((last - first) / WIDEST))


@compiled_entry
def _resonant(d, width, rule):
    """ln of the integral of g sech^2(eta) over eta at d, and the mean barrier over it in units of its width."""
    centre = -d - 2.0 * width * width
    low, high = _reached(centre, width)
    first, last = _eta(low), _eta(high)
    count = _panels(first, last, centre)
    most = 0.5 * ((d + max(centre, 0.0)) / width) ** 2 + 2.0 * max(centre, 0.0)
    total, moment = 0.0, 0.0
    for p in range(count):
        for j in range(NODES):
            log_cosh, _, _ = _functions(math.expm1(first + (last - first) * (p + rule[0, j]) / count))
            barrier = (d + log_cosh) / width
            term = rule[1, j] * math.exp(most - 0.5 * barrier * barrier - 2.0 * log_cosh)
            total += term
            moment += term * barrier
    return math.log(total * (last - first) / (count * math.sqrt(2.0 * math.pi) * width)) - most, moment / total


@compiled_entry
def _levels(d, log_number, log_fastest, width, rule, points, fit):
    """The levels at each d: ln of the integral of g sech^2(eta) over eta, and gathered rates with their weights, those
    of g tanh^2(eta) d(eta) exp(log_number) but for the common factor exp(log_scale), which comes last.

    `log_fastest` is ln(nu) at eta = 0. As nu is in proportion to sech^2(eta), the nodes reach to where neither g nor
    g sech^2(eta) is anything."""
    most = np.empty(len(d))
    log_scale = -np.inf
    for i in range(len(d)):
        most[i] = -0.5 * (max(d[i], 0.0) / width) ** 2
        log_scale = max(log_scale, log_number[i] + most[i])
    log_sum = np.empty(len(d))
    slowest = np.floor(np.max(log_fastest)) - SLOWEST
    sums = np.zeros((SLOWEST + 1, TERMS))
    inside = np.empty(NODES)
    for i in range(len(d)):
        first = _eta(_reached(-d[i] - 2.0 * width * width, width)[0])
        last = _eta(_reached(-d[i], width)[1])
        count = _panels(first, last, -d[i])
        share = (last - first) / count
        norm = share / (math.sqrt(2.0 * math.pi) * width)
        number = math.exp(log_number[i] + most[i] - log_scale)
        for j in range(NODES):
            inside[j] = math.expm1(share * rule[0, j])
        total = 0.0
        for p in range(count):
            before = math.expm1(first + share * p)
            for j in range(NODES):
                log_cosh, sech2, tanh2 = _functions(before + inside[j] + before * inside[j])
                barrier = (d[i] + log_cosh) / width
                weight = norm * rule[1, j] * math.exp(-most[i] - 0.5 * barrier * barrier)
                total += weight * sech2
                gather(log_fastest[i] - 2.0 * log_cosh - slowest, number * weight * tanh2, sums)
        log_sum[i] = math.log(total) + most[i]
    rates, weights = gathered(slowest, sums, points, fit)
    return log_sum, rates, weights, log_scale


@compiled_entry
def _interpolated(d, edges, values, rule):
    """What has these values at the nodes of the panels between `edges`, at any d; all descend."""
    result = np.empty(len(d))
    p = 0
    for i in range(len(d)):
        for _ in range(len(edges)):
            if d[i] >= edges[p + 1] or p == len(edges) - 2:
                break
            p += 1
        x = (d[i] - edges[p]) / (edges[p + 1] - edges[p])
        above, below = 0.0, 0.0
        for j in range(NODES):
            distance = x - rule[0, j]
            if distance == 0.0:
                above, below = values[p * NODES + j], 1.0
                break
            # The barycentric formula, with the weights of the zeros of Legendre's polynomials.
            weight = math.sqrt(rule[0, j] * (1.0 - rule[0, j]) * rule[1, j]) / distance
            weight = -weight if j % 2 else weight
            above += weight * values[p * NODES + j]
            below += weight
        result[i] = above / below
    return result
