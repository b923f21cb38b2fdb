"""The posterior of a rival on its grid: the likelihood without the nuisances where it matters, evidence and weights."""

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from scipy.special import logsumexp

from physics.statistics.errors import independent
from physics.statistics.marginal import MOMENTS, marginals, profiles, rule
from survey.errors import SurveyError
from survey.explain.grid import Other, Table, amplitude_log_density, outer_weights
from survey.inference import SAME_T, Nuisances, heated, heating_nodes
from survey.nodes import trapezoid
from survey.rivals import Range

# Below the best cell by more than this, in ln L: what such cells have in common is nothing.
_REACH = 16.0
# Along the amplitude the nuisances are integrated at cells that are at most so many apart and between which the largest
# term of the integral changes by no more; between them the integral over its largest term is linear.
_FURTHEST, _CHANGE = 12, 0.25
_S_M_NODES = 6


@dataclass(frozen=True)
class Data:
    """Measured dephasing times of a wire, logarithms: T (K), y = ln(tau/s), s, and 0 for a value, 1 for a lower, 2 for
    an upper limit (n each); `covariance` of y (n, n) where errors are not independent."""

    T: np.ndarray
    y: np.ndarray
    s: np.ndarray
    limit: np.ndarray
    covariance: np.ndarray | None = None

    def independent(self, s_m: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """What of the errors is independent for each scatter s_m (m): values, scales and roots."""
        return independent(self.y, self.s, self.limit, self.covariance, s_m)


@dataclass(frozen=True)
class Setting:
    """The nuisances as nodes: s_m, temperature of heating, with their weights, and what the compiled code takes."""

    s_m: np.ndarray
    s_m_weights: np.ndarray
    T_heat: np.ndarray
    heat_weights: np.ndarray
    sigma: np.ndarray


def setting(nuisances: Nuisances) -> Setting:
    """The nodes of the nuisances; of s_m Gauss-Legendre to 3.5 of the width of its half-normal distribution."""
    x, w = np.polynomial.legendre.leggauss(_S_M_NODES)
    s_m = 1.75 * nuisances.s_m * (x + 1)
    weights = w * np.exp(-0.5 * (s_m / nuisances.s_m) ** 2)
    sigma = np.array([nuisances.delta, nuisances.ee_prefactor, nuisances.ep_rate, nuisances.ep_exponent])
    return Setting(s_m, weights / weights.sum(), *heating_nodes(nuisances), sigma)


def rows_of(table: Table, electrons: np.ndarray) -> np.ndarray:
    """The places, in the table's temperatures, of those of the electrons (h, n): the nearest, as near as the table was
    asked for."""
    distance = np.abs(np.log(electrons[..., None] / table.T))
    if distance.min(axis=-1).max() > SAME_T:
        raise SurveyError(f"a table over {len(table.T)} temperatures has not all that the electrons may have")
    return distance.argmin(axis=-1)


def heatings(table: Table, data: Data, nuisances: Setting) -> tuple[np.ndarray, ...]:
    """What the compiled code takes of the heating: rows of the table (h, n) and ln of the electrons' temperatures
    (h, n), the mean of ln(T_heat) and the weight (h); heatings that no point feels are one."""
    electrons = heated(data.T, nuisances.T_heat)
    rows, which = np.unique(rows_of(table, electrons), axis=0, return_inverse=True)
    weights = np.bincount(which.ravel(), nuisances.heat_weights)
    means = np.bincount(which.ravel(), nuisances.heat_weights * np.log(nuisances.T_heat)) / weights
    return rows, np.log(table.T[rows]), means, weights


@dataclass(frozen=True)
class Cells:
    """The cells of a rival's grid that matter: place (P) of the outer parameters and of the amplitude (P, in
    `log_amplitudes`), ln L without the nuisances (P), the expectations `MOMENTS` (P, 11) and of 1/p(y_i) (P, n); and
    what else was measured on the sample."""

    table: Table
    log_amplitudes: np.ndarray
    place: np.ndarray
    amplitude: np.ndarray
    log_likelihood: np.ndarray
    moments: np.ndarray
    inverse: np.ndarray
    other: Other | None = None

    def log_other(self, ranges: Mapping[str, Range], spread: float) -> np.ndarray:
        """ln of the likelihood of what else was measured on the sample (P), within these ranges; 0 for nothing."""
        if self.other is None:
            return np.zeros(len(self.place))
        amplitude = self.table.rival.amplitude
        ends = None if amplitude is None else ranges[amplitude[0]]
        return self.other.log_mean(self.log_amplitudes, ends, spread)[self.place, self.amplitude]

    def log_prior(
        self, ranges: Mapping[str, Range], spread: float, kept: np.ndarray | None = None, thinned: int = 1
    ) -> np.ndarray:
        """ln of the weight of each cell before the data (P), within these ranges; the weights of all cells of the grid
        in which the theory is defined sum to 1. `kept`: places of a coarser grid; `thinned`: of amplitudes, one in so
        many."""
        outer = outer_weights(self.table, ranges, kept)
        along = np.ones(1)
        if self.table.rival.amplitude is not None:
            ends, log_a = ranges[self.table.rival.amplitude[0]], self.log_amplitudes
            thin = log_a[::thinned]
            along = np.zeros(len(log_a))
            along[::thinned] = trapezoid(thin, *((thin[0], thin[-1]) if spread else np.log(ends)))
            # Of a range that ends between two nodes the trapezoid has the part inside, whose density is that of inside.
            inside = log_a if spread else np.clip(log_a, *np.log(ends))
            along *= np.exp(amplitude_log_density(inside, ends, spread))
        total = outer @ self.table.defined(self.log_amplitudes) @ along
        with np.errstate(divide="ignore"):
            return np.log(outer)[self.place] + np.log(along)[self.amplitude] - np.log(total)

    def weigh(self, log_prior: np.ndarray) -> tuple[np.ndarray, float]:
        """The probability of each cell after the data (P), and ln of the evidence."""
        joint = log_prior + self.log_likelihood
        if not np.isfinite(joint).any():
            return np.zeros(len(joint)), -np.inf
        evidence = float(logsumexp(joint))
        return np.exp(joint - evidence), evidence


def cells_of(
    table: Table,
    data: Data,
    nuisances: Setting,
    threads: int = 1,
    step: float | None = None,
    ranges: Mapping[str, Range] | None = None,
    other: Other | None = None,
    spread: float = 0.0,
) -> Cells:
    """The cells of a rival's grid that matter for these data, with their likelihoods.

    `ranges`: of the parameters; where the data want others, what matters is judged by the best cell within them.
    `step`: of the logarithm of the amplitude; by default so fine that the sum over it is the integral: the width that
    the common scale of the data leaves, and at most 0.25. `other`: what else was measured on the sample, which has its
    say in what matters; for that it takes ranges and the spread of the factor on the cross-section.
    """
    rows, log_T, log_T_heat, heat_weights = heatings(table, data, nuisances)
    fixed = (rows, log_T, table.ee_factors, table.ep_factors, nuisances.sigma)
    y, scale, roots = data.independent(nuisances.s_m)
    nodes = table.log_amplitudes
    if step is None:
        step = float(np.clip(np.hypot(nuisances.sigma[0], data.s.min() / np.sqrt(len(data.s))), 0.02, 0.25))
    fine = np.linspace(nodes[0], nodes[-1], max(1, int(np.ceil((nodes[-1] - nodes[0]) / step))) + 1)
    fine = nodes if len(nodes) == 1 else fine
    # Copies: what nonzero gives lies in memory in steps, for which a second version would be compiled.
    place, amplitude = (np.ascontiguousarray(each) for each in np.nonzero(table.defined(fine)))
    if not len(place):
        raise SurveyError(f"{table.rival.title}: the theory is defined nowhere in the ranges of its parameters")

    def profiled(place: np.ndarray, amplitude: np.ndarray) -> np.ndarray:
        def part(some: slice) -> np.ndarray:
            out = np.empty(len(place[some]))
            profiles(table.log_rate, nodes, place[some], fine[amplitude[some]], *fixed, *middle, out)
            return out

        return np.concatenate(_shared(part, len(place), threads))

    usual = int(np.searchsorted(np.cumsum(nuisances.s_m_weights), 0.7))
    middle = (y[usual], scale[usual], data.limit, roots[usual])
    best = profiled(place, amplitude)
    whole = best
    if other is not None:
        ends = None if table.rival.amplitude is None else (ranges or {})[table.rival.amplitude[0]]
        whole = best + other.log_mean(fine, ends, spread)[place, amplitude]
    matters = whole > best_within(table, fine, place, amplitude, whole, ranges or {}) - _REACH
    place, amplitude, best = place[matters], amplitude[matters], best[matters]
    exact = _thinned(place, amplitude, best)
    count, points, weights = len(exact), *rule()

    def part(some: slice) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        own = exact[some]
        likelihood = np.empty(len(own))
        moments, inverse = np.empty((len(own), len(MOMENTS))), np.empty((len(own), len(data.y)))
        marginals(
            table.log_rate, nodes, place[own], fine[amplitude[own]], *fixed, y, scale, data.limit, roots,
            nuisances.s_m, nuisances.s_m_weights, log_T_heat, heat_weights, points, weights,
            likelihood, moments, inverse,
        )  # fmt: skip
        return likelihood, moments, inverse

    found = [np.concatenate(each) for each in zip(*_shared(part, count, threads), strict=True)]
    # One line over all cells, on which no two cells of different places meet between two exact ones.
    line = np.arange(len(place), dtype=float)
    log_likelihood = best + np.interp(line, line[exact], found[0] - best[exact])
    moments, inverse = (
        np.stack([np.interp(line, line[exact], each) for each in values.T], axis=1) for values in found[1:]
    )
    return Cells(table, fine, place, amplitude, log_likelihood, moments, inverse, other)


def best_within(table: Table, log_amplitudes: np.ndarray, place, amplitude, best: np.ndarray, ranges) -> float:
    """The best of the cells within these ranges. Of levels the range of the density is none of its product with the
    cross-section."""
    values = {name: np.log(each)[place] for name, each in table.places().items()}
    if table.rival.amplitude is not None and not table.rival.couples:
        values[table.rival.amplitude[0]] = log_amplitudes[amplitude]
    inside = np.ones(len(place), bool)
    for name in values.keys() & ranges.keys():
        low, high = np.log(ranges[name])
        inside &= (values[name] > low - 1e-9) & (values[name] < high + 1e-9)
    return float(best[inside].max() if inside.any() else best.max())


def _thinned(place: np.ndarray, amplitude: np.ndarray, best: np.ndarray) -> np.ndarray:
    """Of cells in order, the first and the last of every run along the amplitude, and between them as few as
    `_FURTHEST` and `_CHANGE` allow."""
    starts = np.flatnonzero(np.r_[True, (np.diff(place) != 0) | (np.diff(amplitude) != 1)])
    chosen = []
    for start, end in zip(starts, np.r_[starts[1:], len(place)] - 1, strict=True):
        at = int(start)
        while at < end:
            chosen.append(at)
            # Up and down again is a change too: a maximum lies between no two exact cells that are far apart.
            changes = np.cumsum(np.abs(np.diff(best[at : min(at + _FURTHEST, end) + 1])))
            at += max(1, int(np.searchsorted(changes, _CHANGE)))
        chosen.append(int(end))
    return np.array(chosen)


def _shared(part: Callable, count: int, threads: int) -> list:
    """A function of slices of a range, called for parts of it at once; the parts do not depend on the threads."""
    size = max(1, min(2048, count))
    slices = [slice(start, min(start + size, count)) for start in range(0, count, size)]
    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(part, slices))
