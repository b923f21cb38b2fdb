"""The distributions of two-level systems by their names, and the two that have closed forms.

A distribution makes a `physics.levels.spectrum.Spectrum`; all that a kernel knows of it stands in `DISTRIBUTIONS`.
"""

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from physics.levels.barriers import gaussian_barrier
from physics.levels.clusters import clusters, undefined
from physics.levels.spectrum import SLOWEST, TERMS, THERMAL, Spectrum, at_points, gather, gathered, smooth
from physics.numerics.compiled import compiled, compiled_entry
from physics.numerics.quadrature import NODES, composite, gauss_legendre


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
def _tunnelling_states(T, Lambda0, Estar, rule, points, fit):
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
    slowest = np.floor(math.log(2.0 * Lambda0 / math.tanh(0.5 * Lambda0 / T))) - SLOWEST
    sums = np.zeros((SLOWEST + 1, TERMS))
    for i in range(len(x)):
        square = x[i] * x[i]
        E = Lambda0 * (1.0 + square)
        thermal = math.exp(-square * Lambda0 / T) * (hot / (1.0 + math.exp(-E / T))) ** 2
        weight = 2.0 * Lambda0 * dx[i] * square * math.sqrt(2.0 + square) / (1.0 + square) * thermal
        gather(math.log(2.0 * Lambda0 / (1.0 + square) / math.tanh(0.5 * E / T)) - slowest, weight, sums)
    rates, relaxation = gathered(slowest, sums, points, fit)
    log_scale = math.log(4.0) - Lambda0 / T - 2.0 * math.log(hot)
    cut_off = Estar if Estar - Lambda0 < THERMAL * T else 0.0
    return energies, resonant, rates, relaxation, log_scale, np.array([Lambda0]), np.ones(1), cut_off, 0.0


def tunnelling_states(T: float, Lambda0: float, Estar: float) -> Spectrum | None:
    """Tunnelling-states model, eq. (37): one tunnelling amplitude Lambda0, E from Lambda0 to E*; None if E* <= Lambda0.

    rho1 = Lambda0^2/(E sqrt(E^2 - Lambda0^2)); the relaxation weight is sqrt(E^2 - Lambda0^2)/E, sech^2(eta) =
    (Lambda0/E)^2. With E = Lambda0 (1 + x^2) the inverse square root disappears. Depends on E* only while
    E* < Lambda0 + THERMAL T.
    """
    return Spectrum(*_tunnelling_states(T, Lambda0, Estar, gauss_legendre(), *at_points())) if Estar > Lambda0 else None


def glass(T: float, Estar: float, p_min: float, convention: str) -> Spectrum:
    """Glass model, eq. (36): P(E, p) dp = dp/(L p sqrt(1 - p)) = (2/L) d(eta), eta from 0 to arccosh(1/sqrt(p_min)).

    L = ln(1/p_min) as printed ("published"), or the exact norm 2 arccosh(1/sqrt(p_min)) ("consistent").
    """
    eta_max = np.arccosh(1 / np.sqrt(p_min))
    norm = np.log(1 / p_min) if convention == "published" else 2 * eta_max
    top = min(Estar, THERMAL * T)
    E1, dE1 = composite(np.concatenate([[0.0], top * 2 ** np.arange(-30, 0.5, 0.5)]))
    log_w1 = np.log(dE1 * 2 * np.sqrt(1 - p_min) / norm)
    E3, dE3 = composite(top * np.array([0, 1 / 16, 1 / 4, 1 / 2, 1]))
    eta, deta = composite(np.linspace(0, eta_max, int(np.ceil(eta_max / 2.0)) + 1))
    log_w3 = np.log(2 / norm * dE3)[:, None] + np.log(deta * np.tanh(eta) ** 2)
    spectrum = smooth(T, E1, log_w1, E3, np.log(np.cosh(eta)), log_w3)
    return spectrum._replace(cut_off=float(Estar) if top == Estar else 0.0)


class Distribution(NamedTuple):
    """A distribution of two-level systems: `spectrum(*axes, *constants)` makes its Spectrum, or None without levels.

    `bounded`: a cut-off E* beyond all thermally active levels does nothing. `norm`: the spectrum depends on the
    convention. `undefined(**axes, **constants)`: where there is no value.
    """

    spectrum: Callable
    axes: tuple[str, ...]
    constants: tuple[str, ...] = ()
    bounded: bool = True
    norm: bool = False
    undefined: Callable | None = None


DISTRIBUTIONS = {
    "tunnelling_states": Distribution(tunnelling_states, ("T", "Lambda0", "Estar")),
    "glass": Distribution(glass, ("T", "Estar"), ("p_min",), norm=True),
    "gaussian_barrier": Distribution(gaussian_barrier, ("T", "Lambda0", "Estar"), ("barrier_width",)),
    "clusters": Distribution(clusters, ("T", "Lambda0", "Estar", "Pd"), ("U0",), bounded=False, undefined=undefined),
}
