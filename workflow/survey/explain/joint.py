"""What else was measured on a sample: how likely it is where a rival is at a place of its grid with a density.

Heat and friction know the density P itself, dephasing times the product A = P f with the unknown factor f on the
cross-section. So the likelihood of the other tables is a table over places and P, and that of a cell, a place and an
amplitude, is its mean over what A leaves of P:

    <L(o, P)>_A = int dlnP p(lnP | A) L(o, P),    p(lnP | A) ~ p(lnP) N(lnA - lnP; spread)
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.special import logsumexp

from physics import QUANTITIES
from physics.heat_and_sound.electron_heat import electron_specific_heat
from physics.statistics.scaled import scale_nodes, scaled_terms
from survey.config.inferred.tables import reference
from survey.cubes.read import open_cube, read_region
from survey.explain.besides import between
from survey.explain.grid import Other
from survey.explain.posterior import Data, Setting
from survey.explain.tables import data_of
from survey.inference import other_scale
from survey.measurement import OBSERVABLES, Measurement, Table
from survey.nodes import doubled
from survey.rivals import RIVALS, Range
from survey.survey import Survey

# Nodes of the density are no further apart, in its logarithm, and so many predictions are weighed at once.
_STEP, _AT_ONCE = 0.1, 4096


@dataclass(frozen=True)
class Predicted:
    """What a rival predicts for a table of n values: a number at places (O) and nodes of the density (O, B, n); how it
    goes with the density, as `Law.amplitude` says, `log_nodes` (B) being the nodes or the reference; and what electrons
    add in units of which the number is given (n), None where they have no part."""

    table: Table
    values: np.ndarray
    amplitude: str
    log_nodes: np.ndarray
    electrons: np.ndarray | None

    def log_values(self, places: np.ndarray, log_density: np.ndarray) -> np.ndarray:
        """ln of what is to be measured (K, n) at places (K) and densities (K); -inf for none at all."""
        own = self.values[places if len(self.values) > 1 else np.zeros_like(places)]
        if self.amplitude == "axis":
            values = between(self.log_nodes, own, log_density)
        else:
            linear = self.amplitude == "linear"
            values = own[:, 0] * (np.exp(log_density - self.log_nodes[0])[:, None] if linear else 1.0)
        with np.errstate(divide="ignore"):
            return np.log(values if self.electrons is None else self.electrons * (1 + values))


@dataclass(frozen=True)
class Weighed:
    """A table of a sample with what is believed of its errors, ready for the likelihood."""

    predicted: Predicted
    data: Data
    nuisances: Setting
    width: float

    def terms(self, places: np.ndarray, log_density: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """ln of likelihood times weight (K, m, q) over scatter and common scale delta, and the values of delta (q)."""
        y, scale, roots = self.data.independent(self.nuisances.s_m)
        delta, weights = scale_nodes(self.width, scale, roots)
        found = np.empty((len(places), len(y), len(delta)))
        predicted = np.ascontiguousarray(self.predicted.log_values(places, log_density))
        scaled_terms(predicted, y, scale, self.data.limit, roots, delta, found)
        return found + np.log(self.nuisances.s_m_weights)[:, None] + np.log(weights), delta

    def drawn(self, places: np.ndarray, log_density: np.ndarray, rng: np.random.Generator):
        """Of draws (D): the scatter s_m (D), and ln of the values with the common scale (D, n)."""
        s_m, log_values = np.empty(len(places)), self.predicted.log_values(places, log_density)
        for some in np.array_split(np.arange(len(places)), -(-len(places) // _AT_ONCE)):
            terms, delta = self.terms(places[some], log_density[some])
            flat = terms.reshape(len(some), -1)
            edges = np.cumsum(np.exp(flat - flat.max(axis=1, keepdims=True)), axis=1)
            chosen = (edges < rng.random((len(some), 1)) * edges[:, -1:]).sum(axis=1)
            s_m[some] = self.nuisances.s_m[chosen // len(delta)]
            log_values[some] += delta[chosen % len(delta)][:, None]
        return s_m, log_values


def weighed(
    survey: Survey, rival: str, sample: Measurement, outer: Mapping[str, np.ndarray], nuisances: Setting, results: Path
) -> tuple[Weighed, ...]:
    """The other tables of a sample with what a rival predicts for them over the places of its grid."""
    hypothesis = survey.inference.rivals[rival]
    believed = survey.inference.nuisances.of(sample)
    tables = []
    for label, table in zip(hypothesis.others.get(sample.name, ()), sample.tables[1:], strict=True):
        path = results / survey.name / f"{label}.nc" if label else None
        predicted = predicted_of(rival, table, sample, path, outer, hypothesis.ranges)
        tables.append(Weighed(predicted, data_of(table), nuisances, other_scale(believed, sample, table)))
    return tuple(tables)


def other_of(rival: str, tables: tuple[Weighed, ...], outer: Mapping[str, np.ndarray], ranges) -> Other | None:
    """How likely the other tables of a sample are over the places of a rival's grid and densities; None if there are
    none."""
    if not tables:
        return None
    kind, log_density = RIVALS[rival], np.zeros(1)
    if kind.amplitude is not None:
        name = kind.amplitude[0]
        log_density = density_nodes(ranges[name], QUANTITIES[kind.quantity].limits(name))
    count = int(np.prod([len(nodes) for nodes in outer.values()]))
    places, densities = (each.ravel() for each in np.indices((count, len(log_density))))
    total = np.zeros(len(places))
    for each in tables:
        for start in range(0, len(total), _AT_ONCE):
            some = slice(start, start + _AT_ONCE)
            terms = each.terms(places[some], log_density[densities[some]])[0]
            total[some] += logsumexp(terms.reshape(len(terms), -1), axis=1)
    return Other(log_density, total.reshape(count, -1))


def density_nodes(ends: Range, limits: Range) -> np.ndarray:
    """Logarithms of densities over twice a range, with the ends of the range among them."""
    first, last = np.log(doubled(*ends, *limits))
    low, high = np.log(ends)
    parts = [
        np.linspace(start, stop, max(1, int(np.ceil((stop - start) / _STEP))) + 1)
        for start, stop in ((first, low), (low, high), (high, last))
        if stop > start + 1e-12
    ]
    return np.unique(np.concatenate([parts[0], *(each[1:] for each in parts[1:])]))


def predicted_of(
    rival: str, table: Table, sample: Measurement, path: Path | None, outer: Mapping, ranges: Mapping[str, Range]
) -> Predicted:
    """What a rival predicts for a table, from the cube at `path`; of a rival that does nothing there is none."""
    kind, observable, T = RIVALS[rival], OBSERVABLES[table.observable], np.array(table.at["T"])
    electrons = None
    if observable.law == "heat":
        electrons = electron_specific_heat(T, n_e=sample.constants["n_e"], eps_F=sample.constants["eps_F"])
        electrons = electrons / T if table.observable == "C_over_T" else electrons
    if path is None:
        return Predicted(table, np.zeros((1, 1, len(T))), "none", np.zeros(1), electrons)
    law = kind.laws[observable.law]
    varied = [kind.amplitude[0]] if law.amplitude == "axis" else []
    order = [*outer, *varied, "T", *observable.at]
    with open_cube(path) as cube:
        dimensions = cube[observable.variable].dimensions
        values = read_region(cube, observable.variable, (slice(None),) * len(dimensions))
        nodes = {name: np.array(cube[name][:]) for name in dimensions}
    known = [name for name in order if name in dimensions]
    values = values.transpose([dimensions.index(name) for name in known])
    values = values.reshape([len(nodes[name]) if name in nodes else 1 for name in order])
    where = tuple(
        np.abs(np.log(nodes[name][:, None] / np.array(table.at[name]))).argmin(axis=0)
        if name in nodes
        else np.zeros(len(T), int)
        for name in ("T", *observable.at)
    )
    values = values[(..., *where)]
    shape = [len(each) for each in outer.values()]
    values = np.broadcast_to(values, (*shape, *values.shape[len(shape) :])).reshape(int(np.prod(shape)), -1, len(T))
    log_nodes = np.zeros(1)
    if varied:
        log_nodes = np.log(nodes[varied[0]])
    elif law.amplitude == "linear":
        log_nodes = np.log([reference(ranges[kind.amplitude[0]])])
    return Predicted(table, values, law.amplitude, log_nodes, electrons)
