"""Averages of dephasing by resonant transitions whose density has no inverse square root, at any phase.

int dE density(E) [1 - sin(E theta)/(E theta)]: the density over E is a Legendre series on each panel, and the integral
of a Legendre polynomial with a wave is a spherical Bessel function. Nothing is shared with `physics`. Energies in
kelvin, theta = k_B t/hbar.
"""

import numpy as np
from scipy.special import eval_legendre, spherical_jn

from helpers import reference

COUNT = 16
X, W = np.polynomial.legendre.leggauss(COUNT)
ORDER = np.arange(COUNT)
SERIES = (W * np.array([eval_legendre(n, X) for n in ORDER])).T * (ORDER + 0.5)


def resonant(edges, density, phase_end):
    """The integral as a function of an array theta; the wave of the last edge is left out beyond `phase_end`, where its
    effect on tau_phi averages to nothing."""
    middle, half = (edges[1:] + edges[:-1]) / 2, np.diff(edges) / 2
    E = middle[:, None] + half[:, None] * X
    weights = density(E) * half[:, None] * W
    series = density(E) / E @ SERIES
    at_end = series[-1].sum()
    slope_at_end = np.sum(series[-1] * ORDER * (ORDER + 1)) / 2 / half[-1]

    def one(theta):
        waves = half * theta > 3
        x = E[~waves] * theta
        y = x * x
        small = y / 6 * (1 - y / 20 * (1 - y / 42 * (1 - y / 72 * (1 - y / 110))))
        total = np.sum(weights[~waves] * np.where(x < 0.3, small, 1 - np.sinc(x / np.pi))) + weights[waves].sum()
        if waves.any():
            moments = 2 * 1j**ORDER * spherical_jn(ORDER, half[waves, None] * theta)
            sine = np.exp(1j * theta * middle[waves]) * np.sum(series[waves] * moments, axis=1)
            sine = np.sum(half[waves] * sine.imag)
            if edges[-1] * theta > phase_end:
                phase = edges[-1] * theta
                sine += at_end * np.cos(phase) / theta - slope_at_end * np.sin(phase) / theta**2
            total -= sine / theta
        return total

    return lambda theta: np.array([one(each) for each in theta])


def glass(chi, T, Estar, p_min, norm, phase_end=reference.PHASE_END):
    """The averages of the glass model, as `reference.glass`, and the frequencies at which the resonant one turns."""
    top = min(Estar, 60 * T)
    s, ds = reference.panels(np.linspace(0, np.sqrt(0.5), 12), 16)
    logp, dlogp = reference.panels(np.linspace(np.log(p_min), np.log(0.5), 14), 16)
    p = np.concatenate([1 - s**2, np.exp(logp)])
    weight = np.concatenate([2 * ds / (1 - s**2), dlogp / np.sqrt(1 - np.exp(logp))]) / norm
    edges = top * np.concatenate([[0.0], np.geomspace(1e-14, 1 / 30, 45)[:-1], np.linspace(1 / 30, 1, 30)])
    first = resonant(edges, lambda E: reference.thermal(E, T) * np.sum(weight * p), phase_end)
    E, dE = reference.panels(top * np.linspace(0, 1, 7), 16)
    rates = 2 * E / np.tanh(E / (2 * T)) * p[:, None]
    factor = dE * reference.thermal(E, T) * (weight * (1 - p))[:, None]
    third = reference.interpolated(lambda theta: np.sum(factor * reference.relaxation_bracket(rates * chi * theta)))
    return lambda theta: (first(theta), third(theta)), [Estar if Estar < 60 * T else T]
