"""The grid of a rival: its table of dephasing rates, and what its places weigh before the data.

Places are the nodes of the outer parameters, one after the other, the last parameter fastest.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import reduce

import numpy as np
from scipy.special import log_ndtr, logsumexp

from survey.nodes import trapezoid, trapezoid_above
from survey.rivals import Range, Rival

# Of distributions without levels where E* <= Lambda0: they are asked given that there are levels.
_HAVE_LEVELS = ("tunnelling_states", "clusters")


@dataclass(frozen=True)
class Table:
    """Dephasing rates of a rival in a wire: ln of the rate (T, O, A, 3, 3) at temperatures (T), over places of its
    outer parameters (O), amplitudes (A, logarithms), and factors on the rates of electrons and of phonons (3 each)."""

    rival: Rival
    outer: Mapping[str, np.ndarray]
    T: np.ndarray
    log_amplitudes: np.ndarray
    ee_factors: np.ndarray
    ep_factors: np.ndarray
    log_rate: np.ndarray

    def defined(self, log_amplitudes: np.ndarray) -> np.ndarray:
        """Where the theory gives rates at all temperatures, by place and amplitude (O, B): where all nodes are between
        which the amplitude is interpolated."""
        nodes = self.log_amplitudes
        known = np.isfinite(self.log_rate).all(axis=(0, 3, 4))
        width = min(4, len(nodes))
        first = np.clip(np.searchsorted(nodes, log_amplitudes) - width // 2, 0, len(nodes) - width)
        return np.all([known[:, first + k] for k in range(width)], axis=0)

    def places(self) -> dict[str, np.ndarray]:
        """The value of each outer parameter at every place (O)."""
        grids = np.meshgrid(*self.outer.values(), indexing="ij")
        return {name: each.ravel() for name, each in zip(self.outer, grids, strict=True)}

    def every_second(self) -> np.ndarray:
        """The places of the grid with half as many nodes: every second one of each parameter, counted from the middle
        of its range, so that the ends of the range stay."""
        kept = [np.arange(len(nodes)) % 2 == (len(nodes) // 2) % 2 for nodes in self.outer.values()]
        return reduce(np.logical_and.outer, kept, np.array(True)).ravel()


def outer_weights(table: Table, ranges: Mapping[str, Range], kept: np.ndarray | None = None) -> np.ndarray:
    """The probability of each place (O) before the data: log-uniform in these ranges, given that there are levels.
    `kept`: the places of a coarser grid, all others have none."""
    names = list(table.outer)
    if kept is None:
        kept = np.ones(int(np.prod([len(nodes) for nodes in table.outer.values()])), bool)
    grid = kept.reshape([len(nodes) for nodes in table.outer.values()] or [1])
    chosen, used = {}, {}
    for axis, name in enumerate(names):
        others = tuple(other for other in range(len(names)) if other != axis)
        used[name] = np.flatnonzero(grid.any(axis=others))
        chosen[name] = np.log(table.outer[name][used[name]])
    ends = {name: tuple(np.log(ranges[name])) for name in names}
    paired = table.rival.options.get("distribution") in _HAVE_LEVELS
    parts: list[np.ndarray] = []
    for name in names:
        if paired and name in ("Lambda0", "Estar"):
            continue
        own = np.zeros(len(table.outer[name]))
        own[used[name]] = trapezoid(chosen[name], *ends[name])
        parts.append(own)
    weights = reduce(np.multiply.outer, parts, np.array(1.0))
    if paired:
        pair = trapezoid_above(chosen["Lambda0"], chosen["Estar"], *zip(ends["Lambda0"], ends["Estar"], strict=True))
        whole = np.zeros((len(table.outer["Lambda0"]), len(table.outer["Estar"])))
        whole[np.ix_(used["Lambda0"], used["Estar"])] = pair
        rest = [name for name in names if name not in ("Lambda0", "Estar")]
        weights = np.multiply.outer(whole, weights)
        order = ["Lambda0", "Estar", *rest]
        weights = weights.transpose([order.index(name) for name in names])
    return weights.ravel() / weights.sum()


def amplitude_log_density(log_amplitudes: np.ndarray, ends: Range, spread: float) -> np.ndarray:
    """ln of the density, before the data, of the logarithm of the effective amplitude (A): log-uniform between the
    ends, times a factor whose logarithm is normal with this spread (the cross-section; 0 for none).

    With B = hbar P_d sigma_in v_F and sigma_in = f sigma(chi), P_d log-uniform and ln f normal, independent of chi:
    p(ln P_d f) = [Phi((ln P_d f - ln low)/spread) - Phi((ln P_d f - ln high)/spread)]/ln(high/low), and the Jacobian of
    B to P_d f at given chi is 1.
    """
    low, high = np.log(ends)
    if spread == 0:
        inside = (log_amplitudes >= low - 1e-9) & (log_amplitudes <= high + 1e-9)
        return np.where(inside, -np.log(high - low), -np.inf)
    a, b = log_ndtr((log_amplitudes - low) / spread), log_ndtr((log_amplitudes - high) / spread)
    # For differences of tails on the other side.
    c, d = log_ndtr((high - log_amplitudes) / spread), log_ndtr((low - log_amplitudes) / spread)
    upper, lower = np.where(log_amplitudes < (low + high) / 2, a, c), np.where(log_amplitudes < (low + high) / 2, b, d)
    return upper + np.log1p(-np.exp(np.minimum(lower - upper, -1e-300))) - np.log(high - low)


@dataclass(frozen=True)
class Other:
    """What else was measured on a sample: ln of the likelihood (O, P) over the places of a rival and logarithms of the
    density (P). A cell, a place and an amplitude, has its mean over what the amplitude leaves of the density."""

    log_density: np.ndarray
    log_likelihood: np.ndarray

    def given(self, log_amplitudes: np.ndarray, ends: Range, spread: float) -> np.ndarray:
        """The probability of each density (A, P) within these ends, given the amplitude."""
        with np.errstate(divide="ignore"):
            log_p = np.log(trapezoid(self.log_density, *np.log(ends)))
        log_p = log_p - 0.5 * ((log_amplitudes[:, None] - self.log_density) / spread) ** 2
        return np.exp(log_p - logsumexp(log_p, axis=1, keepdims=True))

    def log_mean(self, log_amplitudes: np.ndarray, ends: Range | None, spread: float) -> np.ndarray:
        """ln of the likelihood (O, A) of the other tables at places and amplitudes. `ends`: those of the density, None
        for a rival without one; `spread`: of the factor on its cross-section, 0 where the amplitude is the density."""
        if ends is None:
            return self.log_likelihood
        top = np.maximum(self.log_likelihood.max(axis=1, keepdims=True), -1e300)
        likelihood = np.exp(self.log_likelihood - top)
        if spread == 0:
            mean = np.stack([np.interp(log_amplitudes, self.log_density, each) for each in likelihood])
        else:
            mean = likelihood @ self.given(log_amplitudes, ends, spread).T
        with np.errstate(divide="ignore"):
            return np.log(mean) + top

    def densities_drawn(
        self, places: np.ndarray, log_effective: np.ndarray, ends: Range, spread: float, rng: np.random.Generator
    ) -> tuple[np.ndarray, np.ndarray]:
        """ln of the density (D) and of the factor on its cross-section (D), given places and their product."""
        own = self.log_likelihood[places]
        p = self.given(log_effective, ends, spread) * np.exp(own - own.max(axis=1, keepdims=True))
        edges = np.cumsum(p, axis=1)
        chosen = (edges < rng.random((len(places), 1)) * edges[:, -1:]).sum(axis=1)
        nodes = self.log_density
        steps = np.concatenate([nodes[:1], (nodes[1:] + nodes[:-1]) / 2, nodes[-1:]])
        within = steps[chosen] + rng.random(len(places)) * (steps[chosen + 1] - steps[chosen])
        density = np.clip(within, *np.log(ends))
        return density, log_effective - density
