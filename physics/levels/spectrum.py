"""A distribution of two-level systems as quadrature nodes over their energies and rates.

A two-level system has the splitting E and the tunnelling amplitude Lambda = E sech(eta). Averages over a distribution
w(E, eta), per unit of the density of states Pd, need it only through two lists (paper 001, eqs. (36), (37), (54)):

- resonant: energies E_i with weights rho1(E_i) dE, rho1(E) = int d(eta) w(E, eta) sech^2(eta);
- relaxation: rates nu_k = 2 E coth(E/2T) sech^2(eta), with weights w(E, eta) tanh^2(eta) dE d(eta).

Energies are in kelvin. The thermal factor sech^2(E/2T) is part of the weights.
"""

from typing import NamedTuple

import numpy as np

# Energies whose thermal factor is below exp(-THERMAL) of the lowest one's are left out.
THERMAL = 45.0


class Spectrum(NamedTuple):
    """Energies (K, ascending) with resonant weights (K), rates (K, ascending) with relaxation weights (K).

    All weights carry a common factor exp(log_scale), so that frozen-out systems do not underflow. The resonant average
    oscillates where its weight has an edge: `band_edges` are inverse-square-root edges like that at Lambda0, where the
    weight of the tunnelling states with the density of states 1 is `edge_weights` times exp(log_scale); `cut_off` is
    the step at E*, `kink` a jump of the slope (all in kelvin, 0 where there is no step or kink). `smear` is the
    relative width of the band edges; `step` and `slope` are the resonant weight per dE at E* and the logarithmic slope
    of its share of A (`physics.levels.averages.squared_oscillation`), and up to the time `resolved` (1/K) the sums over
    the levels are fine enough for A.
    """

    energies: np.ndarray
    resonant: np.ndarray
    rates: np.ndarray
    relaxation: np.ndarray
    log_scale: float
    band_edges: np.ndarray
    edge_weights: np.ndarray
    cut_off: float
    kink: float
    smear: float = 0.0
    step: float = 0.0
    slope: float = 0.0
    resolved: float = 0.0


def log_thermal(E, T):
    """ln sech^2(E/2T), without overflow."""
    return np.log(4.0) - E / T - 2 * np.log1p(np.exp(-E / T))


def smooth(T, E1, log_w1, E3, log_cosh, log_w3) -> Spectrum:
    """The Spectrum of a distribution without a band edge from its energies, (E3, eta) nodes and log weights; `log_cosh`
    is ln cosh(eta)."""
    log_resonant = log_w1 + log_thermal(E1, T)
    log_relaxation = (log_w3 + log_thermal(E3, T)[:, None]).ravel()
    log_rates = (np.log(2 * E3 / np.tanh(E3 / (2 * T)))[:, None] - 2 * log_cosh).ravel()
    log_scale = max(log_resonant.max(), log_relaxation.max())
    # Systems count by their number when all of them are fast, and by number times rate when all are slow.
    early = log_relaxation + log_rates
    keep = (log_relaxation > log_relaxation.max() - THERMAL) | (early > early.max() - THERMAL)
    rates, log_relaxation = np.exp(log_rates[keep]), log_relaxation[keep]
    order = np.argsort(rates, kind="stable")
    # Slower rates than this relax only when everything has long been dephased; the floor keeps powers in range.
    rates = np.maximum(rates[order], 1e-22 * rates.max())
    return Spectrum(
        E1,
        np.exp(log_resonant - log_scale),
        rates,
        np.exp(log_relaxation[order] - log_scale),
        float(log_scale),
        np.empty(0),
        np.empty(0),
        0.0,
        0.0,
    )


# No levels at all: what is beside them acts alone.
NO_LEVELS = Spectrum(*(np.array([[1.0], [0.0], [1.0], [0.0]])), 0.0, np.empty(0), np.empty(0), 0.0, 0.0)
