"""Slow and obvious values of the dephasing time, to hold the kernels against.

Nothing here is shared with `physics`: the averages are dense Gauss-Legendre sums, each oscillating integral is taken
along E0 + p/(1/T - i theta) into the complex plane, where exp(i E theta) decays, and the outer integral resolves every
oscillation up to a phase of PHASE_END and leaves it out beyond, where its effect on tau_phi is below 1e-9. Energies in
kelvin, theta = k_B t/hbar.
"""

import numpy as np
from scipy.constants import hbar, k

# Enough where Lambda0 tau_phi/hbar < 100; beyond that the oscillation counts up to 3000, in narrow bands up to 20000.
PHASE_END = 1000.0


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


def interpolated(function, width=1.5, count=20):
    """`function` of one theta, smooth in ln(theta), for arrays: by Chebyshev interpolation on panels of that width."""
    nodes = np.cos(np.pi * (np.arange(count) + 0.5) / count)
    series = {}

    def at(theta):
        position = np.log(theta) / width
        result = np.empty(len(theta))
        for number in np.unique(np.floor(position)):
            if number not in series:
                values = [function(np.exp(width * (number + (x + 1) / 2))) for x in nodes]
                series[number] = np.polynomial.chebyshev.chebfit(nodes, values, count - 1)
            inside = np.floor(position) == number
            x = 2 * (position[inside] - number) - 1
            result[inside] = np.polynomial.chebyshev.chebval(x, series[number])
        return result

    return at


def log_ratios(averages, B, theta_tau, frequencies, phase_end=PHASE_END, decay=np.zeros_like):
    """ln(tau_phi/tau) = int_{ln theta_tau} du exp(-Gamma) of both channels, the resonant and the relaxation one alone.

    averages(theta) gives the two of Gamma/(B theta/4); each frequency is resolved up to `phase_end`. decay(theta) is
    the exponent of a background, which counts in both channels together only.
    """
    return weighted(averages, B, theta_tau, frequencies, lambda theta, gamma: np.exp(-gamma), phase_end, decay)[0]


def wire_times(averages, B, frequencies, decay=np.zeros_like, start=1e-20):
    """theta_phi = (1/pi)[int_0^inf dt t^(-1/2) exp(-Gamma)]^2 (1/K) of both channels, and of each alone."""
    kernel = lambda theta, gamma: np.sqrt(theta) * np.exp(-gamma)  # noqa: E731
    return (2 * np.sqrt(start) + weighted(averages, B, start, frequencies, kernel, decay=decay)[0]) ** 2 / np.pi


def bulk_times(averages, B, frequencies, decay=np.zeros_like, start=1e-20):
    """theta_phi of 1/sqrt(theta_phi) = (1/(2 sqrt(pi))) int_0^inf dt t^(-3/2) (1 - exp(-Gamma)), the same."""
    kernel = lambda theta, gamma: -np.expm1(-gamma) / np.sqrt(theta)  # noqa: E731
    middle, end = weighted(averages, B, start, frequencies, kernel, decay=decay)
    return 4 * np.pi / (middle + 2 / np.sqrt(end)) ** 2


def weighted(averages, B, theta_first, frequencies, kernel, phase_end=PHASE_END, decay=np.zeros_like):
    """The integrals over u = ln(theta) of kernel(theta, Gamma) from theta_first on, and the theta where Gamma ends."""
    u, total, done = np.log(theta_first), np.zeros(3), False
    while not done:
        edges = [u]
        for _ in range(12):
            theta, width = np.exp(edges[-1]), 0.5
            for frequency in frequencies:
                if frequency * theta < phase_end:
                    width = min(width, np.log1p(6.0 / (frequency * theta)))
            edges.append(edges[-1] + width)
        nodes, weights = panels(edges, 16)
        theta = np.exp(nodes)
        resonant, relaxation = averages(theta)
        exponents = B * theta / 4 * np.array([resonant + relaxation, resonant, relaxation])
        exponents[0] += decay(theta)
        total += np.sum(weights * kernel(theta, exponents), axis=1)
        u = edges[-1]
        done = exponents[:, -16:].min() > 45
    return total, np.exp(u)


def dephasing_times(averages, Pd, *, sigma_in, v_F, tau, frequencies=()):
    """The dephasing times (s): both channels, resonant, relaxation."""
    return tau * np.exp(log_ratios(averages, hbar * Pd * sigma_in * v_F, k * tau / hbar, frequencies))


def tunnelling_states(chi, T, Lambda0, Estar):
    """The averages of the tunnelling-states model and the frequencies at which the resonant one oscillates."""

    relaxation = interpolated(lambda theta: relaxation_tunnelling_states(chi * theta, T, Lambda0, Estar)[0])

    def averages(theta):
        return resonant_tunnelling_states(theta, T, Lambda0, Estar), relaxation(theta)

    return averages, [Lambda0] + [Estar] * bool(Estar < Lambda0 + 40 * T)


def glass(chi, T, Estar, p_min, norm, energies=120, coarse=24, asymmetries=40):
    """The averages of the glass model: the double sum over E and p itself, P(p) = 1/(norm p sqrt(1 - p))."""
    top = min(Estar, 60 * T)
    E, dE = panels(np.concatenate([[0.0], top * np.geomspace(1e-6, 1, energies)]), 16)
    # p = 1 - s^2 takes the inverse square root away; geometric panels in p beyond.
    s, ds = panels(np.linspace(0, np.sqrt(0.5), 12), 16)
    logp, dlogp = panels(np.linspace(np.log(p_min), np.log(0.5), asymmetries), 16)
    p = np.concatenate([1 - s**2, np.exp(logp)])
    weight = np.concatenate([2 * ds / (1 - s**2), dlogp / np.sqrt(1 - np.exp(logp))]) / norm
    E3, dE3 = panels(top * np.linspace(0, 1, coarse + 1), 16)
    density = dE * thermal(E, T) * np.sum(weight * p)
    rates = 2 * E3 / np.tanh(E3 / (2 * T)) * p[:, None]
    factor = dE3 * thermal(E3, T) * (weight * (1 - p))[:, None]
    relaxation = interpolated(lambda theta: np.sum(factor * relaxation_bracket(rates * chi * theta)))

    def averages(theta):
        resonant = [np.sum(density * (1 - np.sinc(E * t / np.pi))) for t in theta]
        return np.array(resonant), relaxation(theta)

    return averages, [Estar] * bool(Estar < 40 * T)


def gaussian_barrier(chi, T, Lambda0, Estar, width):
    """The averages of Gaussian barriers: the double sum over E and Lambda = E sin(phi), eq. (37) for each Lambda."""
    top = min(Estar, Lambda0 + 60 * T)
    phi, dphi = panels(np.concatenate([[0.0], np.pi / 2 * np.geomspace(1e-6, 1, 60)]), 16)

    def density(E):
        """dE E/sqrt(E^2 - Lambda^2) dLambda P(Lambda) = dE dphi E P(E sin(phi)), P(Lambda) = g(ln Lambda)/Lambda."""
        barrier = np.log(E[:, None] * np.sin(phi) / Lambda0) / width
        return np.exp(-0.5 * barrier**2) / (np.sqrt(2 * np.pi) * width) / np.sin(phi) * dphi

    E, dE = panels(np.concatenate([[0.0], top * np.geomspace(1e-5, 1, 500)]), 16)
    fine = dE * thermal(E, T) * np.concatenate([density(part) @ np.sin(phi) ** 2 for part in np.array_split(E, 50)])
    E3, dE3 = panels(np.concatenate([[0.0], top * np.geomspace(1e-5, 1, 60)]), 16)
    rates = 2 * E3[:, None] / np.tanh(E3[:, None] / (2 * T)) * np.sin(phi) ** 2
    coarse = (dE3 * thermal(E3, T))[:, None] * density(E3) * np.cos(phi) ** 2
    used = coarse > 1e-16 * coarse.max()
    rates, coarse = rates[used], coarse[used]
    relaxation = interpolated(lambda theta: np.sum(coarse * relaxation_bracket(rates * chi * theta)))

    def averages(theta):
        resonant = [np.sum(fine * (1 - np.sinc(E * t / np.pi))) for t in theta]
        return np.array(resonant), relaxation(theta)

    return averages, [Lambda0] + [Estar] * bool(Estar < Lambda0 + 40 * T)
