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

from physics.compiled import compiled, compiled_entry
from physics.quadrature import NODES, composite, gauss_legendre

# Energies whose thermal factor is below exp(-THERMAL) of the lowest one's are left out.
THERMAL = 45.0


class Spectrum(NamedTuple):
    """Energies (K, ascending) with resonant weights (K), rates (K, ascending) with relaxation weights (K).

    All weights carry a common factor exp(log_scale), so that frozen-out systems do not underflow. The resonant average
    oscillates where its weight has an edge: `band_edges` are inverse-square-root edges like that at Lambda0, where the
    weight of the tunnelling states with the density of states 1 is `edge_weights` times exp(log_scale); `cut_off` is
    the step at E*, `kink` a jump of the slope (all in kelvin, 0 where there is no step or kink).
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


def _log_thermal(E, T):
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
    return _smooth(T, Estar, E1, log_w1, E3, eta, log_w3)


def gaussian_barrier(T: float, Lambda0: float, Estar: float, barrier_width: float) -> Spectrum:
    """Gaussian barriers, eq. (54): ln Lambda is Gaussian about ln Lambda0 with the width `barrier_width`.

    w(E, eta) = g(ln E - ln cosh(eta)) with the normalised Gaussian g about ln Lambda0. Exact moment:
    <Lambda^2> = Lambda0^2 exp(2 barrier_width^2).
    """
    top = min(Estar, Lambda0 + THERMAL * T)
    # Below `low` the Gaussian costs more than the thermal factor of Lambda0 can make up for.
    low = Lambda0 * np.exp(-barrier_width * np.sqrt(2 * THERMAL + 2 * Lambda0 / T))
    low = min(max(low, 1e-12 * min(T, Lambda0)), 0.5 * top)
    step = min(np.log(2) / 2, barrier_width)
    E, dE = composite(np.exp(np.linspace(np.log(low), np.log(top), int(np.ceil(np.log(top / low) / step)) + 1)))
    reach = np.log(2 * top / low) + 1
    eta, deta = composite(np.linspace(0, reach, int(np.ceil(reach / min(1.0, 2 * barrier_width))) + 1))
    barrier = (np.log(E / Lambda0)[:, None] - np.log(np.cosh(eta))) / barrier_width
    log_density = -0.5 * barrier**2 - np.log(np.sqrt(2 * np.pi) * barrier_width)
    log_w1 = np.log(dE) + np.logaddexp.reduce(log_density + np.log(deta) - 2 * np.log(np.cosh(eta)), axis=1)
    log_w3 = np.log(dE)[:, None] + log_density + np.log(deta * np.tanh(eta) ** 2)
    return _smooth(T, Estar, E, log_w1, E, eta, log_w3)


def _smooth(T, Estar, E1, log_w1, E3, eta, log_w3) -> Spectrum:
    """The Spectrum of a distribution without a band edge from its energies, (E3, eta) nodes and log weights."""
    log_resonant = log_w1 + _log_thermal(E1, T)
    log_relaxation = (log_w3 + _log_thermal(E3, T)[:, None]).ravel()
    rates = (2 * E3 / np.tanh(E3 / (2 * T)))[:, None] * np.cosh(eta) ** -2.0
    log_scale = max(log_resonant.max(), log_relaxation.max())
    keep = log_relaxation > log_relaxation.max() - THERMAL
    rates, log_relaxation = rates.ravel()[keep], log_relaxation[keep]
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
        Estar if np.max(E1) > Estar * (1 - 1e-2) else 0.0,
        0.0,
    )


# No levels at all: what is beside them acts alone.
NO_LEVELS = Spectrum(*(np.array([[1.0], [0.0], [1.0], [0.0]])), 0.0, np.empty(0), np.empty(0), 0.0, 0.0)
