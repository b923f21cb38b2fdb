"""Several wires of one material: they share the parameters of their levels, and each has its own density."""

from dataclasses import replace

import numpy as np
from scipy.special import logsumexp

from survey.infer.posterior import Cells

# ln of the density differs from wire to wire by a normal number of this width: they are made in one way, not in one go.
BETWEEN_WIRES = 0.5
_REACH = 20.0


def joined(wires: list[Cells]) -> Cells:
    """The cells in which all wires are possible, with the likelihood of all, on the amplitudes of the first. One wire
    is as it is.

    Of several, the density of each is that of the material times a factor whose logarithm is normal: L(place, A) =
    prod_w int dln(a) N(ln a - ln A; BETWEEN_WIRES) L_w(place, a). Nuisances belong to the wires: moments and what a
    point is worth are left out here.
    """
    first = wires[0]
    if len(wires) == 1:
        return first
    places = np.array(sorted(set.intersection(*(set(each.place.tolist()) for each in wires))), int)
    total = np.zeros((len(places), len(first.log_amplitudes)))
    for each in wires:
        likelihood = dense(each, places)
        if len(first.log_amplitudes) > 1:
            top = likelihood.max(axis=1, keepdims=True)
            with np.errstate(divide="ignore"):
                given = np.exp(given_material(each, first.log_amplitudes)).T
                likelihood = np.log(np.exp(likelihood - top) @ given) + top
        total += likelihood
    place, amplitude = (each.ravel() for each in np.indices(total.shape))
    matters = total.ravel() > total.max() - _REACH if total.size else np.zeros(0, bool)
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
    """ln L of the cells at ascending places over all amplitudes, -inf elsewhere."""
    found = np.full((len(places), len(cells.log_amplitudes)), -np.inf)
    known = np.isin(cells.place, places)
    found[np.searchsorted(places, cells.place[known]), cells.amplitude[known]] = cells.log_likelihood[known]
    return found


def given_material(wire: Cells, log_amplitudes: np.ndarray) -> np.ndarray:
    """ln of the probabilities (A, a) of the amplitudes of a wire, given those of the material."""
    log_p = -0.5 * ((wire.log_amplitudes - log_amplitudes[:, None]) / BETWEEN_WIRES) ** 2
    return log_p - logsumexp(log_p, axis=1, keepdims=True)
