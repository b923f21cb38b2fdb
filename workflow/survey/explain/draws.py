"""Draws from the posterior of a rival: parameters, and for each wire its density, nuisances and dephasing times."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy.special import logsumexp, ndtr, ndtri

from physics.statistics.marginal import draws as draw_nuisances
from physics.statistics.marginal import predictions
from survey.explain.posterior import Cells, Data, Setting, heatings
from survey.explain.wires import dense, given_material
from survey.rivals import Range

# Points at the mode of the nuisances among which one is drawn by importance.
_TRIES = 12


@dataclass(frozen=True)
class WireDraws:
    """Of each draw (D): ln of the amplitude of this wire, s_m, T_heat (K), the nuisances u (D, 4), ln of the electrons'
    temperatures (D, n) and ln(tau) with delta at the data (D, n)."""

    log_amplitude: np.ndarray
    s_m: np.ndarray
    T_heat: np.ndarray
    u: np.ndarray
    rows: np.ndarray
    log_tau: np.ndarray


def cells_drawn(weights: np.ndarray, count: int, rng: np.random.Generator) -> np.ndarray:
    """Cells (D) by their weights (P), systematically: each as often as its weight says, to less than one; in an order
    by chance, so that the first of them are draws, too."""
    edges = np.cumsum(weights)
    places = (np.arange(count) + rng.random()) / count * edges[-1]
    return rng.permutation(np.minimum(np.searchsorted(edges, places), len(weights) - 1))


def densities_drawn(
    log_effective: np.ndarray, ends: Range, spread: float, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """ln of the density (D) and of the factor on its cross-section (D), given their product: normal in the factor
    within what the range of the density leaves."""
    low, high = np.log(ends)
    if spread == 0:
        return log_effective, np.zeros_like(log_effective)
    a, b = ndtr((log_effective - high) / spread), ndtr((log_effective - low) / spread)
    factor = spread * ndtri(np.clip(a + (b - a) * rng.random(len(log_effective)), 1e-300, 1 - 1e-16))
    return np.clip(log_effective - factor, low, high), factor


def wire_drawn(
    wire: Cells, data: Data, nuisances: Setting, joint: Cells, drawn: np.ndarray, rng: np.random.Generator
) -> WireDraws:
    """The draws of a wire that belong to draws of the cells of all wires."""
    place, log_material = joint.place[drawn], joint.log_amplitudes[joint.amplitude[drawn]]
    if wire is joint:
        step = np.diff(joint.log_amplitudes[:2]).sum()
        within = step * (rng.random(len(drawn)) - 0.5)
        log_a = np.clip(log_material + within, joint.log_amplitudes[0], joint.log_amplitudes[-1])
    else:
        log_a = _amplitudes_of_wire(wire, joint, drawn, rng)
    table = wire.table
    rows, log_T, log_T_heat, heat_weights = heatings(table, data, nuisances)
    y, scale, roots = data.independent(nuisances.s_m)
    which, u = np.zeros((len(drawn), 2), np.int64), np.empty((len(drawn), 4))
    fixed = (table.log_rate, table.log_amplitudes, place, log_a)
    draw_nuisances(
        *fixed, rows, log_T, table.ee_factors, table.ep_factors, nuisances.sigma, y, scale, data.limit, roots,
        nuisances.s_m_weights, heat_weights, rng.standard_normal((len(drawn), _TRIES, 4)),
        rng.random(len(drawn)), which, u,
    )  # fmt: skip
    log_tau = np.empty((len(drawn), len(data.y)))
    predictions(
        *fixed, rows[which[:, 0]], log_T[which[:, 0]], table.ee_factors, table.ep_factors, nuisances.sigma, u, log_tau
    )
    return WireDraws(log_a, nuisances.s_m[which[:, 1]], np.exp(log_T_heat[which[:, 0]]), u, rows[which[:, 0]], log_tau)


def _amplitudes_of_wire(wire: Cells, joint: Cells, drawn: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    places, inverse = np.unique(joint.place[drawn], return_inverse=True)
    likelihood = dense(wire, places)
    log_p = likelihood[inverse] + given_material(wire, joint.log_amplitudes)[joint.amplitude[drawn]]
    edges = np.cumsum(np.exp(log_p - logsumexp(log_p, axis=1, keepdims=True)), axis=1)
    chosen = (edges < rng.random((len(drawn), 1)) * edges[:, -1:]).sum(axis=1)
    return wire.log_amplitudes[np.minimum(chosen, len(wire.log_amplitudes) - 1)]


def misfit(data: Data, draws: WireDraws, rng: np.random.Generator) -> float:
    """`unlike` of the dephasing times of a wire."""
    return unlike(data, draws.s_m, draws.log_tau, rng)


def unlike(data: Data, scatter: np.ndarray, log_values: np.ndarray, rng: np.random.Generator) -> float:
    """Posterior-predictive p: the probability that data drawn anew from the posterior are at least as unlikely, by
    their likelihood at the same draw, as the data. `scatter` (D) and ln of the values (D, n) are those of the draws.
    Limits are left out: they are not drawn."""
    measured = data.limit == 0
    # Of each scatter among the draws once: a root for every draw takes long.
    s_m, which = np.unique(scatter, return_inverse=True)
    y, scale, roots = data.independent(s_m)
    expected = np.einsum("dij,dj->di", roots[which], log_values) if roots.shape[1] else log_values
    seen = ((y[which] - expected) / scale[which])[:, measured]
    anew = rng.standard_t(4, seen.shape)
    worse = np.log1p(anew**2 / 4).sum(axis=1) >= np.log1p(seen**2 / 4).sum(axis=1)
    return float(worse.mean()) if measured.any() else 1.0


def parameters_drawn(cells: Cells, drawn: np.ndarray) -> Mapping[str, np.ndarray]:
    """The outer parameters of drawn cells, in the vocabulary's units."""
    return {name: values[cells.place[drawn]] for name, values in cells.table.places().items()}
