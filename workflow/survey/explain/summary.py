"""What the posterior of a rival says: evidence and what it hangs on, marginal distributions, and what is left open."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from survey.explain.grid import amplitude_log_density
from survey.explain.posterior import Cells
from survey.nodes import doubled, halved, trapezoid
from survey.rivals import Range

# A distribution that is at least so wide as the one before the data is not determined by them.
UNDETERMINED = 0.9
# Of a range, and of the probability: more than this share of it in so small a share at an end leans on the end.
_EDGE = 0.05


@dataclass(frozen=True)
class Evidence:
    """ln of the evidence, its error by quadrature, and ln of the evidence with the range of one parameter halved or
    doubled, by "parameter x 1/2" and "parameter x 2"; ranges that the domain of the theory cuts are named in `cut`."""

    value: float
    error: float
    variants: Mapping[str, float]
    cut: tuple[str, ...]


def evidence(cells: Cells, ranges: Mapping[str, Range], spread: float, limits: Mapping[str, Range]) -> Evidence:
    """The evidence of a rival. Its error: what half of the outer nodes, or of the amplitudes, change in it."""

    def value(ranges: Mapping[str, Range], **coarser) -> float:
        return cells.weigh(cells.log_prior(ranges, spread, **coarser) + cells.log_other(ranges, spread))[1]

    whole = value(ranges)
    errors = [abs(value(ranges, thinned=2) - whole)]
    if cells.table.outer:
        errors.append(abs(value(ranges, kept=cells.table.every_second()) - whole))
    variants, cut = {}, []
    for name, (low, high) in ranges.items():
        wide = doubled(low, high, *limits[name])
        if not np.isclose(np.log(wide[1] / wide[0]), 2 * np.log(high / low), rtol=1e-6):
            cut.append(name)
        variants[f"{name} x 1/2"] = value({**ranges, name: halved(low, high)})
        variants[f"{name} x 2"] = value({**ranges, name: wide})
    return Evidence(whole, max(errors), variants, tuple(cut))


@dataclass(frozen=True)
class Marginal:
    """The distribution of a parameter: its values, the probability of each before and after the data, and a word on it
    ("", "set by the prior" or "not determined by the data")."""

    values: np.ndarray
    prior: np.ndarray
    posterior: np.ndarray
    remark: str

    def quantile(self, share: float) -> float:
        """The value below which so much of the posterior lies, linear in the logarithm between nodes."""
        return float(np.exp(_quantile(np.log(self.values), self.posterior, share)))


def marginals(cells: Cells, log_prior: np.ndarray, weights: np.ndarray, ranges, spread: float) -> dict[str, Marginal]:
    """The marginal distribution of each parameter of a rival within its ranges."""
    found = {}
    axes = cells.table.places()
    for name, nodes in cells.table.outer.items():
        where = np.searchsorted(nodes, axes[name])
        prior = trapezoid(np.log(nodes), *np.log(ranges[name]))
        posterior = np.bincount(where[cells.place], weights, minlength=len(nodes))
        found[name] = _marginal(nodes, prior / prior.sum(), posterior, ranges[name])
    if cells.table.rival.amplitude is not None:
        name = cells.table.rival.amplitude[0]
        found[name] = density(cells, weights, ranges[name], spread)
    return found


def density(cells: Cells, weights: np.ndarray, ends: Range, spread: float, count: int = 81) -> Marginal:
    """The distribution of the density, without the factor on the cross-section, on `count` values of its range."""
    if cells.other is not None and spread > 0:
        return _joint_density(cells, weights, ends, spread)
    values = np.geomspace(*ends, count)
    log_a = cells.log_amplitudes
    effective = np.bincount(cells.amplitude, weights, minlength=len(log_a))
    step = trapezoid(np.log(values), *np.log(ends))
    if spread == 0:
        edges = np.concatenate([[0.0], np.cumsum(effective)])
        places = np.concatenate([[log_a[0] - (log_a[1] - log_a[0]) / 2], (log_a[1:] + log_a[:-1]) / 2, [log_a[-1]]])
        borders = np.concatenate([[-np.inf], np.log(values[1:] * values[:-1]) / 2, [np.inf]])
        posterior = np.diff(np.interp(borders, places, edges))
    else:
        given = np.exp(-0.5 * ((log_a[:, None] - np.log(values)) / spread) ** 2) * step
        given /= np.maximum(given.sum(axis=1, keepdims=True), 1e-300)
        posterior = effective @ given
    return _marginal(values, step / step.sum(), posterior / posterior.sum(), ends)


def _joint_density(cells: Cells, weights: np.ndarray, ends: Range, spread: float) -> Marginal:
    """The same where other tables know the density: at each place it is what they and the amplitude leave of it."""
    other = cells.other
    used, rows = np.unique(cells.place, return_inverse=True)
    own = np.zeros((len(used), len(cells.log_amplitudes)))
    own[rows, cells.amplitude] = weights
    given = other.given(cells.log_amplitudes, ends, spread)
    top = other.log_likelihood[used].max(axis=1, keepdims=True)
    likelihood = np.exp(other.log_likelihood[used] - top)
    mean = likelihood @ given.T
    share = np.where(own > 0, own / np.where(mean > 0, mean, 1.0), 0.0)
    posterior = (likelihood * (share @ given)).sum(axis=0)
    step = trapezoid(other.log_density, *np.log(ends))
    inside = step > 0
    return _marginal(np.exp(other.log_density[inside]), step[inside] / step.sum(), posterior[inside], ends)


def prior_of_effective(cells: Cells, ends: Range, spread: float) -> np.ndarray:
    """The probability, before the data, of each amplitude with the factor on its cross-section (A)."""
    p = np.exp(amplitude_log_density(cells.log_amplitudes, ends, spread))
    return p / p.sum()


def _marginal(values, prior, posterior, ends: Range) -> Marginal:
    log_values = np.log(values)

    def width(p):
        mean = (p * log_values).sum() / p.sum()
        return np.sqrt((p * (log_values - mean) ** 2).sum() / p.sum())

    low, high = np.log(ends)
    near = _EDGE * (high - low)
    below, above = _share_below(log_values, posterior, low + near), 1 - _share_below(log_values, posterior, high - near)
    leans = max(below, above) > 2 * _EDGE or min(below, above) > _EDGE
    if width(posterior) > UNDETERMINED * width(prior):
        return Marginal(values, prior, posterior, "not determined by the data")
    return Marginal(values, prior, posterior, "set by the prior" if leans else "")


def _borders(places: np.ndarray) -> np.ndarray:
    """The ends of the interval of each node, half way to the next, and at the first and the last node themselves."""
    return np.concatenate([places[:1], (places[1:] + places[:-1]) / 2, places[-1:]])


def _share_below(places: np.ndarray, p: np.ndarray, at: float) -> float:
    return float(np.interp(at, _borders(places), np.concatenate([[0.0], np.cumsum(p)])) / p.sum())


def _quantile(places: np.ndarray, p: np.ndarray, share: float) -> float:
    edges = np.concatenate([[0.0], np.cumsum(p)]) / p.sum()
    return float(np.interp(share, edges, _borders(places)))
