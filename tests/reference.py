"""Slow and obvious values of the dephasing time, to hold the kernels against.

Nothing here is shared with `physics`: the averages are dense Gauss-Legendre sums, each oscillating integral is taken
along E0 + p/(1/T - i theta) into the complex plane, where exp(i E theta) decays, and the outer integral resolves every
oscillation up to a phase of PHASE_END and leaves it out beyond, where its effect on tau_phi is below 1e-9. Energies in kelvin, theta = k_B t/hbar.
"""

import numpy as np
from scipy.constants import hbar, k

# Narrow bands (E* - Lambda0 << Lambda0) need ten times more: their squared oscillation falls only as 1/phase^2.
PHASE_END = 3000.0


def panels(edges, n=24):
    x, w = np.polynomial.legendre.leggauss(n)
    edges = np.asarray(edges, float)
    half = np.diff(edges)[:, None] / 2
    return (edges[:-1, None] + half * (1 + x)).ravel(), (half * w).ravel()


def thermal(E, T):
    """sech^2(E/2T) for real or complex E."""
    return 4 * np.exp(-E / T) / (1 + np.exp(-E / T)) ** 2


def ray(E0, density, T, theta):
    """Im int_{E0}^{i inf} dE sech^2(E/2T) density(E)/E exp(i E theta), density analytic; for an array theta."""
    x, w = panels(np.linspace(0, 7.0, 5))
    direction = 1 / (1 / T - 1j * theta[:, None])
    E = E0[:, None] + x**2 * direction
    thermal_part = 4 * np.exp(-E0[:, None] / T + 1j * E0[:, None] * theta[:, None] - x**2) / (1 + np.exp(-E / T)) ** 2
    return np.sum(w * 2 * x * direction * thermal_part * density(E) / E, axis=1).imag


def resonant_tunnelling_states(theta, T, Lambda0, Estar):
    """int dE sech^2(E/2T) Lambda0^2/(E sqrt(E^2 - Lambda0^2)) [1 - sin(E theta)/(E theta)], E from Lambda0 to E*."""
    theta = np.asarray(theta, float)

    def density(E):
        return Lambda0**2 / (E * np.sqrt(E - Lambda0) * np.sqrt(E + Lambda0))

    def real_part(upper, theta):
        # E = Lambda0 + g^2 takes the inverse square root away; geometric panels in g.
        t, w = panels(np.concatenate([[0.0], np.geomspace(1e-3, 1, 20)]), 16)
        g = np.sqrt(upper - Lambda0)[:, None] * t
        E = Lambda0 + g**2
        weight = np.sqrt(upper - Lambda0)[:, None] * w * 2 * Lambda0**2 / (E * np.sqrt(E + Lambda0)) * thermal(E, T)
        x = E * theta[:, None]
        small = x**2 / 6 * (1 - x**2 / 20 * (1 - x**2 / 42 * (1 - x**2 / 72)))
        bracket = np.where(x < 0.05, small, 1 - np.sin(x) / x)
        bracket[Lambda0 * theta >= PHASE_END] = 1.0
        return (weight * bracket).sum(1)

    top = min(Estar, Lambda0 + 60 * T)
    middle = np.minimum(top, Lambda0 + 12.0 / theta)
    total = real_part(middle, theta)
    far = middle < top * (1 - 1e-12)
    if far.any():
        th, start = theta[far], middle[far]
        beyond = np.empty(th.size)
        for i, lower in enumerate(start):
            g, w = panels(np.geomspace(np.sqrt(lower - Lambda0), np.sqrt(top - Lambda0), 20), 16)
            E = Lambda0 + g**2
            beyond[i] = np.sum(w * 2 * Lambda0**2 / (E * np.sqrt(E + Lambda0)) * thermal(E, T))
        wave = np.where(Lambda0 * th < PHASE_END, ray(start, density, T, th), 0.0)
        if top == Estar:
            wave -= np.where(Estar * th < PHASE_END, ray(np.full(th.size, Estar), density, T, th), 0.0)
        total[far] += beyond - wave / th
    return total


def relaxation_bracket(v):
    small = v / 2 * (1 - v / 3 * (1 - v / 4 * (1 - v / 5 * (1 - v / 6))))
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        return np.where(v < 1e-3, small, 1 + np.expm1(-v) / v)


def relaxation_tunnelling_states(z, T, Lambda0, Estar):
    """int dE sech^2(E/2T) sqrt(E^2 - Lambda0^2)/E h(2 z coth(E/2T) Lambda0^2/E), z = chi theta."""
    top = min(Estar, Lambda0 + 60 * T)
    g, w = panels(np.sqrt(top - Lambda0) * np.concatenate([[0.0], np.geomspace(1e-4, 1, 40)]), 16)
    E = Lambda0 + g**2
    weight = w * 2 * g**2 * np.sqrt(E + Lambda0) / E * thermal(E, T)
    rate = 2 * Lambda0**2 / E / np.tanh(E / (2 * T))
    return np.array([np.sum(weight * relaxation_bracket(rate * value)) for value in np.atleast_1d(z)])


def log_ratio(gamma, theta_tau, frequencies):
    """ln(tau_phi/tau) = int_{ln theta_tau} du exp(-gamma(theta)), resolving each frequency up to PHASE_END."""
    u, total = np.log(theta_tau), 0.0
    while True:
        edges = [u]
        for _ in range(12):
            theta, width = np.exp(edges[-1]), 0.5
            for frequency in frequencies:
                if frequency * theta < PHASE_END:
                    width = min(width, np.log1p(6.0 / (frequency * theta)))
            edges.append(edges[-1] + width)
        nodes, weights = panels(edges, 16)
        exponent = gamma(np.exp(nodes))
        total += np.sum(weights * np.exp(-exponent))
        u = edges[-1]
        if exponent[-16:].min() > 45:
            return total


def tau_phi(T, Lambda0, Pd, chi, Estar, *, sigma_in, v_F, tau, channel="both"):
    """Dephasing time (s) of the tunnelling-states model, to about 1e-10 relative."""
    B = hbar * Pd * sigma_in * v_F

    def gamma(theta):
        total = np.zeros(theta.size)
        if channel != "relaxation":
            total += resonant_tunnelling_states(theta, T, Lambda0, Estar)
        if channel != "resonant":
            total += relaxation_tunnelling_states(chi * theta, T, Lambda0, Estar)
        return B * theta / 4 * total

    edges = [] if channel == "relaxation" else [Lambda0] + [Estar] * (Estar < Lambda0 + 40 * T)
    return tau * np.exp(log_ratio(gamma, k * tau / hbar, edges))
