"""Gaussian barriers, eq. (54) of paper 001: ln Lambda is Gaussian about ln Lambda0 with the width `barrier_width`.

In d = ln(Lambda0/E) and eta, Lambda = E sech(eta), a level has the density g(d + ln cosh(eta)), g the normal density of
that width. At one E that is largest at Lambda = min(E, Lambda0), so that the levels at E count as

    ln[E sech^2(E/2T)] - max(d, 0)^2/(2 barrier_width^2),

a concave function of d, whichever of E*, T and Lambda0 is the largest: the nodes lie where it is within DEPTH of its
maximum below E*, be that the peak of the Gaussian, the warm flank of a frozen one, or what E* leaves of its tail.
"""

import numpy as np
from scipy.optimize import brentq

from physics.levels.spectrum import THERMAL, Spectrum, log_thermal, smooth
from physics.numerics.quadrature import composite

# Levels whose number per ln(E) is below exp(-DEPTH) of the largest one are left out.
DEPTH = 36.0
# The least number of panels across the energies below Lambda0, and across eta.
PANELS = 24
ETA_PANELS = 8
# ... and the greatest above Lambda0: a few dozen are needed.
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
    below = np.linspace(low, high, max(PANELS, int(np.ceil((low - high) / (np.log(2) / 2)))) + 1)
    above = np.log(top / Lambda0) if top > Lambda0 else 0.0
    fine = np.concatenate([below, -_above(above, barrier_width, Lambda0 / T, 1.0)[1:]])
    coarse = np.concatenate([below[: -1 : 1 if len(below) <= 2 * PANELS else 2], below[-1:]])
    coarse = np.concatenate([coarse, -_above(above, barrier_width, Lambda0 / T, 2.0)[1:]])
    d1, dd1 = _nodes(fine)
    d3, dd3 = _nodes(coarse)
    E1, E3 = Lambda0 * np.exp(-d1), Lambda0 * np.exp(-d3)
    log_w1 = np.log(E1 * dd1) + np.logaddexp.reduce(_resonant(d1, barrier_width)[0], axis=1)
    log_w3, log_cosh = _relaxation(d3, barrier_width)
    spectrum = smooth(T, E1, log_w1, E3, log_cosh, np.log(E3 * dd3)[:, None] + log_w3)
    edges = Lambda0 * np.exp(-fine)
    narrowed = 1 / np.sqrt(barrier_width**-2 + Lambda0 * np.exp(-peak) / T)
    weight = -np.inf
    if peak > high or top > Lambda0:
        weight = -0.5 * (peak / barrier_width) ** 2 + log_thermal(Lambda0 * np.exp(-peak), T)
        weight += np.log(narrowed / barrier_width) - spectrum.log_scale
    step, slope = 0.0, 0.0
    if top == Estar:
        log_terms, barrier = _resonant(np.array([_distance(Lambda0, Estar)]), barrier_width)
        log_step = np.logaddexp.reduce(log_terms[0])
        slope = (np.sum(np.exp(log_terms[0] - log_step) * barrier[0]) / barrier_width - 1) / Estar
        slope -= np.tanh(Estar / (2 * T)) / T
        step = np.exp(log_step + log_thermal(Estar, T) - spectrum.log_scale)
    return spectrum._replace(
        band_edges=np.array([min(Lambda0 * np.exp(-peak), Estar)]),
        edge_weights=np.array([np.exp(weight)]),
        cut_off=float(Estar) if top == Estar else 0.0,
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


def _above(end, width, ratio, scale):
    """Edges of the panels in ln(E/Lambda0) from 0 to `end`: as wide as the edge at Lambda0 is smeared, then growing,
    and with little of the thermal factor in each; `ratio` = Lambda0/T. NaN where MOST_PANELS do not get there."""
    edges = [0.0]
    for _ in range(MOST_PANELS):
        here = edges[-1]
        if here >= end:
            return np.array(edges)
        step = min(max(0.5 * here, 0.5 * width), scale * np.log(2) / 2, 10.0 / (ratio * np.exp(here)))
        edges.append(min(here + step, end))
    return np.array([0.0, np.nan])


def _nodes(edges):
    """Nodes and weights in d in the order of ascending energies: `edges` descend."""
    d, dd = composite(edges)
    return d, -dd


def _eta(d, width):
    """ln cosh(eta), ln d(eta), ln tanh(eta) and (d + ln cosh(eta))/width at the nodes in eta, a row for each d."""
    reach = np.sqrt(2 * THERMAL) * width
    lowest = np.maximum(-d - reach - 2 * width**2, 0.0)
    highest = np.sqrt(np.maximum(d, 0.0) ** 2 + reach**2) - d
    first, last = (y + np.log1p(np.sqrt(-np.expm1(-2 * y))) for y in (lowest, highest))
    count = max(ETA_PANELS, int(np.ceil(np.max(last - first) / 1.5)))
    t, dt = composite(np.linspace(0, 1, count + 1))
    eta = first[:, None] + (last - first)[:, None] * t
    # ln cosh by the half angle, which does not cancel where eta is small.
    log_cosh = np.log1p(2 * np.sinh(0.5 * eta) ** 2)
    return log_cosh, np.log((last - first)[:, None] * dt), np.log(np.tanh(eta)), (d[:, None] + log_cosh) / width


def _resonant(d, width):
    """ln[g sech^2(eta) d(eta)] and the barriers in units of their width, a row for each d."""
    log_cosh, log_deta, _, barrier = _eta(d, width)
    return -0.5 * barrier**2 - np.log(np.sqrt(2 * np.pi) * width) + log_deta - 2 * log_cosh, barrier


def _relaxation(d, width):
    """ln[g tanh^2(eta) d(eta)] and ln cosh(eta), a row for each d."""
    log_cosh, log_deta, log_tanh, barrier = _eta(d, width)
    return -0.5 * barrier**2 - np.log(np.sqrt(2 * np.pi) * width) + log_deta + 2 * log_tanh, log_cosh
