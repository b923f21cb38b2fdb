"""A distribution of two-level systems as quadrature nodes over their energies and rates.

A two-level system has the splitting E and the tunnelling amplitude Lambda = E sech(eta). Averages over a distribution
w(E, eta), per unit of the density of states Pd, need it only through two lists (paper 001, eqs. (36), (37), (54)):

- resonant: energies E_i with weights rho1(E_i) dE, rho1(E) = int d(eta) w(E, eta) sech^2(eta);
- relaxation: rates nu_k = 2 E coth(E/2T) sech^2(eta), with weights w(E, eta) tanh^2(eta) dE d(eta).

Energies are in kelvin. The thermal factor sech^2(E/2T) is part of the weights.
"""

import math
from functools import cache
from typing import NamedTuple

import numpy as np

from physics.numerics.compiled import compiled, compiled_entry
from physics.numerics.quadrature import chebyshev_points

# Energies whose thermal factor is below exp(-THERMAL) of the lowest one's are left out.
THERMAL = 45.0
# Rates are gathered at TERMS Chebyshev points in each unit of their logarithm: the relaxation h(nu z) is a polynomial
# there to 2e-11 of itself. Slower rates than exp(-SLOWEST) of the fastest relax only when everything has long been
# dephased; the floor keeps powers in range.
TERMS = 12
SLOWEST = 50


class Spectrum(NamedTuple):
    """Energies (K, ascending) with resonant weights (K), rates (K, ascending) with relaxation weights (K); the rates
    are those of `gathered`, TERMS in each unit of their logarithm.

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
    is ln cosh(eta), a row for each E3 or one for all."""
    log_resonant = log_w1 + log_thermal(E1, T)
    log_relaxation = log_w3 + log_thermal(E3, T)[:, None]
    log_scale = max(log_resonant.max(), log_relaxation.max())
    rates, relaxation = _gathered(
        np.log(2 * E3 / np.tanh(E3 / (2 * T))),
        np.array(np.broadcast_to(log_cosh, log_relaxation.shape)),
        log_relaxation,
        log_scale,
        *at_points(),
    )
    return Spectrum(
        E1,
        np.exp(log_resonant - log_scale),
        rates,
        relaxation,
        float(log_scale),
        np.empty(0),
        np.empty(0),
        0.0,
        0.0,
    )


@cache
def at_points():
    """Chebyshev points on [0, 1], ascending, and the matrix from sums of w T_k(2x - 1) to weights at the points."""
    points, fit = chebyshev_points(TERMS)
    return points[::-1].copy(), np.ascontiguousarray(fit[:, ::-1])


@compiled_entry
def _gathered(log_fastest, log_cosh, log_weights, log_scale, points, fit):
    """Rates, ascending, with weights, as few as have the same relaxation as the rates exp(log_fastest - 2 log_cosh)
    with the weights exp(log_weights - log_scale), at all times."""
    slowest = np.floor(np.max(log_fastest)) - SLOWEST
    sums = np.zeros((SLOWEST + 1, TERMS))
    for i in range(len(log_fastest)):
        for j in range(log_cosh.shape[1]):
            x = log_fastest[i] - 2.0 * log_cosh[i, j] - slowest
            gather(x, math.exp(log_weights[i, j] - log_scale), sums)
    return gathered(slowest, sums, points, fit)


@compiled
def gather(x, weight, sums):
    """Adds a rate with ln(nu) = x, counted from the slowest, to the `sums` of weight T_k in each unit of x."""
    x = max(x, 0.0)
    unit = int(x) if x < len(sums) else len(sums) - 1
    row = sums[unit]
    y = 2.0 * (x - unit) - 1.0
    # T_(k+2) = 2 T_2 T_k - T_(k-2): two chains that a processor follows side by side.
    c = 2.0 * (2.0 * y * y - 1.0)
    even, odd = weight, weight * y
    even_before, odd_before = 0.5 * c * weight, odd
    for k in range(0, TERMS, 2):
        row[k] += even
        row[k + 1] += odd
        even_before, even = even, c * even - even_before
        odd_before, odd = odd, c * odd - odd_before


@compiled
def gathered(slowest, sums, points, fit):
    """The rates, ascending, and weights that have these sums, from the first unit to the last one that counts."""
    units = len(sums)
    number = sums[:, 0].copy()
    early = number * np.exp(np.arange(units) - units)
    # Systems count by their number when all of them are fast, and by number times rate when all are slow.
    nothing = math.exp(-THERMAL)
    counts = (number > nothing * number.max()) | (early > nothing * early.max())
    low = np.argmax(counts)
    high = units - np.argmax(counts[::-1])
    rates = np.empty((high - low) * TERMS)
    weights = np.zeros(len(rates))
    for unit in range(low, high):
        for j in range(TERMS):
            i = (unit - low) * TERMS + j
            rates[i] = math.exp(slowest + unit + points[j])
            for k in range(TERMS):
                weights[i] += fit[k, j] * sums[unit, k]
    return rates, weights


# No levels at all: what is beside them acts alone.
NO_LEVELS = Spectrum(
    np.ones(1), np.zeros(1), np.exp(at_points()[0]), np.zeros(TERMS), 0.0, np.empty(0), np.empty(0), 0.0, 0.0
)
