"""Several wires of one material: they share the parameters of their levels, and each has its own density."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from scipy.special import logsumexp

from survey.explain.posterior import Cells, best_within
from survey.rivals import Range

# ln of the density differs from wire to wire by a normal number of this width: they are made in one way, not in one go.
BETWEEN_WIRES = 0.5
_REACH = 20.0


def joined(wires: list[Cells], ranges: Mapping[str, Range] | None = None) -> Cells:
    """The cells in which any wire is possible, with the likelihood of all, on the amplitudes of the first. One wire
    is as it is. `ranges` as in `cells_of`.

    Of several, the density of each is that of the material times a factor whose logarithm is normal: L(place, A) =
    prod_w int dln(a) N(ln a - ln A; BETWEEN_WIRES) L_w(place, a). Nuisances belong to the wires: moments and what a
    point is worth are left out here.
    """
    first = wires[0]
    if len(wires) == 1:
        return first
    places = np.unique(np.concatenate([each.place for each in wires]))
    total = np.zeros((len(places), len(first.log_amplitudes)))
    for each in wires:
        likelihood = dense(each, places)
        if len(first.log_amplitudes) > 1:
            top = likelihood.max(axis=1, keepdims=True)
            given = np.exp(given_material(each, first.log_amplitudes)).T
            likelihood = np.log(np.exp(likelihood - top) @ given) + top
        total += likelihood
    place, amplitude = (each.ravel() for each in np.indices(total.shape))
    best = best_within(first.table, first.log_amplitudes, places[place], amplitude, total.ravel(), ranges or {})
    matters = total.ravel() > best - _REACH
    empty = np.empty((int(matters.sum()), 0))
    return replace(
        first,
        place=places[place[matters]],
        amplitude=amplitude[matters],
        log_likelihood=total.ravel()[matters],
        moments=empty,
        inverse=empty,
    )


def dense(cells: Cells, places: np.ndarray) -> np.ndarray:
    """ln L of the cells at ascending places over all amplitudes. Elsewhere it is that at which the cells end: of wires
    that contradict each other it is an upper limit."""
    found = np.full((len(places), len(cells.log_amplitudes)), cells.log_likelihood.min())
    known = np.isin(cells.place, places)
    found[np.searchsorted(places, cells.place[known]), cells.amplitude[known]] = cells.log_likelihood[known]
    return found


def given_material(wire: Cells, log_amplitudes: np.ndarray) -> np.ndarray:
    """ln of the probabilities (A, a) of the amplitudes of a wire, given those of the material."""
    log_p = -0.5 * ((wire.log_amplitudes - log_amplitudes[:, None]) / BETWEEN_WIRES) ** 2
    return log_p - logsumexp(log_p, axis=1, keepdims=True)
