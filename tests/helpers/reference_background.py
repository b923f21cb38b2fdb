"""Backgrounds at drawn constants: their laws as they stand at the head of `physics.electrons.background`, written once
more."""

import numpy as np
from numpy import log, pi, sqrt
from scipy.constants import e, h, hbar, k


def electrons(name, T, rng):
    """The constants of a background, its quoted rate (1/s), and the decay exponent at the times t (s)."""
    factor = rng.uniform(0.5, 2)
    if name == "wire":
        R, D = 10 ** rng.uniform(5, 8), rng.uniform(1e-3, 0.1)
        nyquist = (hbar**2 / (e**2 * k * T * R * sqrt(D))) ** (2 / 3)
        constants = {"R_per_length": R, "D": D, "ee_prefactor": factor}
        return constants, factor / (2 * nyquist), lambda t: sqrt(pi) / 4 * (factor * t / nyquist) ** 1.5
    constants, rate = {}, 0.0
    if name == "film":
        R = 10 ** rng.uniform(0, 3)
        constants, rate = {"R_sq": R}, k * T / hbar * R * e**2 / h * log(h / (2 * e**2 * R))
    elif name == "bulk":
        energy, kFl = rng.uniform(2, 10) * 1.6e-19, rng.uniform(3, 100)
        rate = pi / 8 * (k * T) ** 2 / (hbar * energy) + sqrt(3) / 2 * (k * T) ** 1.5 / (hbar * sqrt(energy) * kFl**1.5)
        constants = {"eps_F": energy, "kFl": kFl}
    constants = constants | {"ee_prefactor": factor} if constants else {}
    return constants, factor * rate, lambda t: factor * rate * t


def phonons(name, T, rng):
    """The same for phonons."""
    if name == "none":
        return {}, 0.0, np.zeros_like
    rate, power = 10 ** rng.uniform(6, 9), rng.uniform(2, 4)
    return {"ep_rate": rate, "ep_exponent": power}, rate * T**power, lambda t: rate * T**power * t
