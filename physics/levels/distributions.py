"""Distributions of two-level systems as quadrature nodes over their energies and rates.

A two-level system has the splitting E and the tunnelling amplitude Lambda = E sech(eta). Averages over a distribution
w(E, eta), per unit of the density of states Pd, need it only through two lists (paper 001, eqs. (36), (37), (54)):

- resonant: energies E_i with weights rho1(E_i) dE, rho1(E) = int d(eta) w(E, eta) sech^2(eta);
- relaxation: rates nu_k = 2 E coth(E/2T) sech^2(eta), with weights w(E, eta) tanh^2(eta) dE d(eta).

Energies are in kelvin. The thermal factor sech^2(E/2T) is part of the weights.
"""

import math
from typing import NamedTuple

import numpy as np

from physics.numerics.compiled import compiled, compiled_entry
from physics.numerics.quadrature import NODES, composite, gauss_legendre

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


@compiled
def _panel_nodes(first, last, ratio, rule):
    """Nodes and weights in x = sqrt(E/Lambda0 - 1) on panels 0, first, first*ratio, ... last of x^2."""
    count = 1
    if last > first:
        count += math.ceil(math.log(last / first) / math.log(ratio) - 1e-9)
    x = np.empty(count * NODES)
    dx = np.empty(count * NODES)
    low, high = 0.0, first
    for p in range(count):
        if p == count - 1:
            high = last
        a, b = math.sqrt(low), math.sqrt(high)
        for j in range(NODES):
            x[p * NODES + j] = a + (b - a) * rule[0, j]
            dx[p * NODES + j] = (b - a) * rule[1, j]
        low, high = high, high * ratio
    return x, dx


@compiled_entry
def _tunnelling_states(T, Lambda0, Estar, rule):
    top = min(Estar - Lambda0, THERMAL * T) / Lambda0
    first = min(0.25, 2.0 * T / Lambda0)
    hot = 1.0 + math.exp(-Lambda0 / T)
    x, dx = _panel_nodes(first, top, math.sqrt(2.0), rule)
    energies = Lambda0 * (1.0 + x * x)
    resonant = np.empty(len(x))
    for i in range(len(x)):
        thermal = math.exp(-x[i] * x[i] * Lambda0 / T) * (hot / (1.0 + math.exp(-energies[i] / T))) ** 2
        resonant[i] = 2.0 * Lambda0 * dx[i] / ((1.0 + x[i] * x[i]) * math.sqrt(2.0 + x[i] * x[i])) * thermal
    x, dx = _panel_nodes(first, top, 2.0, rule)
    rates = np.empty(len(x))
    relaxation = np.empty(len(x))
    for i in range(len(x)):
        k = len(x) - 1 - i
        square = x[k] * x[k]
        E = Lambda0 * (1.0 + square)
        thermal = math.exp(-square * Lambda0 / T) * (hot / (1.0 + math.exp(-E / T))) ** 2
        rates[i] = 2.0 * Lambda0 / (1.0 + square) / math.tanh(0.5 * E / T)
        relaxation[i] = 2.0 * Lambda0 * dx[k] * square * math.sqrt(2.0 + square) / (1.0 + square) * thermal
    log_scale = math.log(4.0) - Lambda0 / T - 2.0 * math.log(hot)
    cut_off = Estar if Estar - Lambda0 < THERMAL * T else 0.0
    return energies, resonant, rates, relaxation, log_scale, np.array([Lambda0]), np.ones(1), cut_off, 0.0


def tunnelling_states(T: float, Lambda0: float, Estar: float) -> Spectrum | None:
    """Tunnelling-states model, eq. (37): one tunnelling amplitude Lambda0, E from Lambda0 to E*; None if E* <= Lambda0.

    rho1 = Lambda0^2/(E sqrt(E^2 - Lambda0^2)); the relaxation weight is sqrt(E^2 - Lambda0^2)/E, sech^2(eta) =
    (Lambda0/E)^2. With E = Lambda0 (1 + x^2) the inverse square root disappears. Depends on E* only while
    E* < Lambda0 + THERMAL T.
    """
    return Spectrum(*_tunnelling_states(T, Lambda0, Estar, gauss_legendre())) if Estar > Lambda0 else None


def glass(T: float, Estar: float, p_min: float, convention: str) -> Spectrum:
    """Glass model, eq. (36): P(E, p) dp = dp/(L p sqrt(1 - p)) = (2/L) d(eta), eta from 0 to arccosh(1/sqrt(p_min)).

    L = ln(1/p_min) as printed ("published"), or the exact norm 2 arccosh(1/sqrt(p_min)) ("consistent").
    """
    eta_max = np.arccosh(1 / np.sqrt(p_min))
    norm = np.log(1 / p_min) if convention == "published" else 2 * eta_max
    top = min(Estar, THERMAL * T)
    E1, dE1 = composite(np.concatenate([[0.0], top * 2 ** np.arange(-30, 0.5, 0.5)]))
    log_w1 = np.log(dE1 * 2 * np.sqrt(1 - p_min) / norm)
    E3, dE3 = composite(top * np.array([0, 1 / 64, 1 / 32, 1 / 16, 1 / 8, 1 / 4, 1 / 2, 1]))
    eta, deta = composite(np.linspace(0, eta_max, int(np.ceil(eta_max / 1.5)) + 1))
    log_w3 = np.log(2 / norm * dE3)[:, None] + np.log(deta * np.tanh(eta) ** 2)
    spectrum = smooth(T, E1, log_w1, E3, np.log(np.cosh(eta)), log_w3)
    return spectrum._replace(cut_off=float(Estar) if top == Estar else 0.0)


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
