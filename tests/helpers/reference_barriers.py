"""Slow and obvious averages of Gaussian barriers, eq. (54) of paper 001, at any width and cut-off.

Eq. (37) for every Lambda, averaged over z = ln(Lambda/Lambda0)/width with the normal density: at the energy E there are
the systems z < ln(E/Lambda0)/width, and z = ln(E/Lambda0)/width - s^2 takes the inverse square root of (37) away. Where
the systems are is looked for on a dense scan. Nothing is shared with `physics`. Energies in kelvin, theta = k_B t/hbar.
"""

import numpy as np
from scipy.constants import hbar, k

from helpers import reference

DROP = 42.0


def log_thermal(E, T):
    return np.log(4.0) - E / T - 2 * np.log1p(np.exp(-E / T))


def span(values, log_weights):
    """Where the weights are within exp(-DROP) of the largest one, a step more on both sides."""
    inside = np.flatnonzero(log_weights > np.max(log_weights) - DROP)
    return values[max(inside[0] - 1, 0)], values[min(inside[-1] + 1, len(values) - 1)]


def over_lambda(last, width, panels):
    """Nodes of one energy, whose largest z is `last`: (Lambda/E)^2, (Delta/E)^2, ln(2 s times the density of z, ds)."""

    def log_density(s):
        return -0.5 * (last - s * s) ** 2 - 0.5 * np.log(2 * np.pi) + np.log(2 * s)

    furthest = np.sqrt(max(last, 0.0) + 60.0)
    scan = furthest * np.linspace(1e-3, 1, 1000)
    low, _ = span(scan, log_density(scan) - 2 * width * scan**2)
    _, high = span(scan, log_density(scan))
    s, ds = reference.panels(np.linspace(low if low > 2e-3 * furthest else 0.0, high, panels + 1), 12)
    return np.exp(-2 * width * s * s), -np.expm1(-2 * width * s * s), log_density(s) + np.log(ds)


def averages_of(T, Lambda0, Estar, width, chi, phase_end, fine=(200, 24), coarse=(32, 16)):
    """The two averages as functions of theta, over exp(log_scale), and log_scale; a phase E theta > phase_end has no
    effect on tau_phi, and its sine is left out."""
    end = np.log(min(Estar, Lambda0 + 80 * T))
    scan = end - np.concatenate([[0.0], np.geomspace(1e-9, 60.0, 10000)])[::-1]
    scan = np.concatenate([scan, [end]])
    levels = scan + log_thermal(np.exp(scan), T)
    levels -= 0.5 * np.maximum((np.log(Lambda0) - scan) / width, 0.0) ** 2
    low, high = span(scan, levels)
    # Panels shrink towards Lambda0, where a narrow distribution has its edge; below the highest level they
    # are even in E.
    centre = np.log(Lambda0)
    shrink = np.geomspace(min(width, 0.3), 80.0, 30)
    marks = [centre - shrink, [centre], centre + shrink, high + np.log(np.arange(1, 60) / 60)]

    def rows(counts, marks):
        inside = [mark for mark in marks if low < mark < high]
        x, dx = reference.panels(np.unique(np.concatenate([np.linspace(low, high, counts[0] + 1), inside])), 12)
        for one, weight in zip(x, dx, strict=True):
            E = np.exp(one)
            p, q, log_weight = over_lambda((one - centre) / width, width, counts[1])
            yield E, p, q, log_weight + np.log(weight) + one + log_thermal(E, T)

    first = list(rows(fine, np.concatenate(marks)))
    log_scale = max(np.max(w) for _, _, _, w in first)
    E1 = np.array([E for E, _, _, _ in first])
    c1 = np.array([np.sum(np.exp(w - log_scale) * p / np.sqrt(q)) for _, p, q, w in first])
    rates, weights = [], []
    for E, p, q, w in rows(coarse, np.concatenate([centre - shrink[::5], centre + shrink[::5]])):
        rates.append(2 * E * p / np.tanh(E / (2 * T)))
        weights.append(np.exp(w - log_scale) * np.sqrt(q))
    rates, weights = np.concatenate(rates), np.concatenate(weights)
    kept = (weights > 1e-17 * weights.max()) | (weights * rates > 1e-17 * np.max(weights * rates))
    rates, weights = rates[kept], weights[kept]

    relaxation = reference.interpolated(
        lambda theta: np.sum(weights * reference.relaxation_bracket(rates * chi * theta))
    )

    def averages(theta):
        return np.array([np.sum(c1 * bracket(E1 * t, phase_end)) for t in theta]), relaxation(theta)

    return averages, log_scale


def bracket(x, phase_end):
    """1 - sin(x)/x for ascending x, 1 beyond phase_end."""
    few, many = np.searchsorted(x, [0.3, phase_end])
    y = x[:few] ** 2
    result = np.ones(len(x))
    result[:few] = y / 6 * (1 - y / 20 * (1 - y / 42 * (1 - y / 72 * (1 - y / 110))))
    result[few:many] -= np.sinc(x[few:many] / np.pi)
    return result


def dephasing_times(T, Lambda0, Pd, chi, Estar, width, *, sigma_in, v_F, tau, phase_end=1000.0, **counts):
    """The dephasing times (s): both channels, resonant, relaxation."""
    averages, log_scale = averages_of(T, Lambda0, Estar, width, chi, phase_end, **counts)
    B = hbar * Pd * sigma_in * v_F * np.exp(log_scale)
    frequencies = [min(Lambda0, Estar)] + [Estar] * bool(Estar < Lambda0 + 40 * T)
    return tau * np.exp(reference.log_ratios(averages, B, k * tau / hbar, frequencies, phase_end))
