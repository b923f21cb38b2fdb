"""Evidence on the grid against nested samplers, on likelihoods that both can evaluate.

`uv pip install --group samplers` installs them. On the exact kernel a sampler knows nothing of tables, nodes of
nuisances or rules; on the likelihood between the nodes of a grid it integrates what the grid integrates.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from types import MappingProxyType

import numpy as np
from scipy.interpolate import RegularGridInterpolator
from scipy.special import ndtri
from scipy.stats import t

from benchmarks.posteriors import survey_of, table_of
from benchmarks.report import duration, number, ratio, section
from physics import QUANTITIES
from survey.explain.grid import amplitude_log_density
from survey.explain.posterior import Cells, Data, cells_of, setting
from survey.explain.tables import data_of
from survey.explain.wires import dense
from survey.rivals import RIVALS
from survey.survey import Survey

# ln of a likelihood that is zero.
_NONE = -1e10


@dataclass(frozen=True)
class Problem:
    """What a sampler is given: the number of dimensions, what a point of the unit cube is worth (ln L of (N, d) points,
    uniform before the data), and what has to be added to ln Z."""

    dimensions: int
    log_likelihood: Callable[[np.ndarray], np.ndarray]
    offset: float = 0.0


def exact(survey: Survey, rival: str, data: Data) -> Problem:
    """Parameters, nuisances, scatter and heating of a rival without levels, by the kernel itself at every point."""
    measurement = survey.inference.measurements[0]
    believed, hypothesis = survey.inference.nuisances.of(measurement), survey.inference.rivals[rival]
    label = hypothesis.tables[measurement.name]
    request, constants = survey.quantities[label], survey.constants_of(label)
    names, base = list(hypothesis.ranges), measurement.constants
    quantity = QUANTITIES[request.quantity]

    def log_likelihood(cube: np.ndarray) -> np.ndarray:
        cube = np.atleast_2d(cube)
        own = {name: _between(cube[:, k], hypothesis.ranges[name]) for k, name in enumerate(names)}
        rest = cube[:, len(names) :]
        u = ndtri(rest[:, :4])
        s_m = believed.s_m * ndtri(0.5 + 0.5 * rest[:, 4])
        T = (data.T**5 + _between(rest[:, 5], believed.T_heat) ** 5) ** 0.2
        given = {
            **constants,
            "ee_prefactor": base.get("ee_prefactor", 1.0) * np.exp(believed.ee_prefactor * u[:, 1:2]),
            "ep_rate": base["ep_rate"] * np.exp(believed.ep_rate * u[:, 2:3]),
            "ep_exponent": base["ep_exponent"] + believed.ep_exponent * u[:, 3:4],
        }
        tau = quantity(T=T, **given, **own, **request.options, variables=("tau_phi",))["tau_phi"]
        scale = np.hypot(data.s, s_m[:, None])
        residual = data.y - np.log(tau) - believed.delta * u[:, :1]
        return (t.logpdf(residual / scale, 4) - np.log(scale)).sum(axis=1)

    return Problem(len(names) + 6, log_likelihood)


def _between(share: np.ndarray, ends: tuple[float, float]) -> np.ndarray:
    low, high = np.log(ends)
    return np.exp(low + (high - low) * share)[:, None]


def between_nodes(cells: Cells, ranges, spread: float) -> Problem:
    """The likelihood without nuisances of a rival with levels, linear between the nodes of its grid."""
    outer = cells.table.outer
    shape = tuple(len(nodes) for nodes in outer.values())
    places = np.unique(cells.place)
    log_value = np.full((int(np.prod(shape)), len(cells.log_amplitudes)), -np.inf)
    log_value[places] = dense(cells, places)
    top = log_value.max()
    axes = [*(np.log(nodes) for nodes in outer.values()), cells.log_amplitudes]
    value = RegularGridInterpolator(axes, np.exp(log_value - top).reshape(*shape, -1))
    ends = np.array([*(np.log(ranges[name]) for name in outer), cells.log_amplitudes[[0, -1]]])
    length, names = ends[-1, 1] - ends[-1, 0], list(outer)
    density = ranges[cells.table.rival.amplitude[0]]

    def log_likelihood(cube: np.ndarray) -> np.ndarray:
        at = ends[:, 0] + (ends[:, 1] - ends[:, 0]) * np.atleast_2d(cube)
        there = value(np.clip(at, ends[:, 0], ends[:, 1]))
        if "Lambda0" in names:
            there = np.where(at[:, names.index("Estar")] > at[:, names.index("Lambda0")], there, 0.0)
        prior = amplitude_log_density(at[:, -1], density, spread)
        with np.errstate(divide="ignore"):
            return np.maximum(np.log(there) + prior, _NONE)

    low, high = np.log(ranges["Lambda0"]), np.log(ranges["Estar"])
    places = np.random.default_rng(0).random((1_000_000, 2))
    have = (high[0] + (high[1] - high[0]) * places[:, 1] > low[0] + (low[1] - low[0]) * places[:, 0]).mean()
    return Problem(len(ends), log_likelihood, top + np.log(length) - np.log(have))


def nautilus(problem: Problem, points: int) -> tuple[float, float]:
    """ln Z and its error."""
    from nautilus import Sampler

    sampler = Sampler(
        lambda cube: cube, problem.log_likelihood, problem.dimensions, n_live=points, vectorized=True, seed=1
    )
    sampler.run(verbose=False)
    return float(sampler.log_z) + problem.offset, float(sampler.n_eff**-0.5)


def dynesty(problem: Problem, points: int) -> tuple[float, float]:
    """ln Z and its error."""
    from dynesty import NestedSampler

    sampler = NestedSampler(
        lambda at: float(problem.log_likelihood(at)[0]), lambda cube: cube, problem.dimensions, nlive=points,
        rstate=np.random.default_rng(1),
    )  # fmt: skip
    sampler.run_nested(print_progress=False)
    return float(sampler.results.logz[-1]) + problem.offset, float(sampler.results.logzerr[-1])


def ultranest(problem: Problem, points: int) -> tuple[float, float]:
    """ln Z and its error."""
    from ultranest import ReactiveNestedSampler

    names = [str(k) for k in range(problem.dimensions)]
    sampler = ReactiveNestedSampler(names, problem.log_likelihood, lambda cube: cube, vectorized=True)
    found = sampler.run(min_num_live_points=points, show_status=False, viz_callback=False)
    return float(found["logz"]) + problem.offset, float(found["logzerr"])


SAMPLERS = {"nautilus": (nautilus, 2000), "dynesty": (dynesty, 500), "ultranest": (ultranest, 400)}
CASES = {"magnetic_impurities": 6.0, "tunnelling_states": 1.5}


def compared(survey: Survey, rival: str, points: float = 1.0) -> Iterator[tuple[str, float, float, float, int]]:
    """Of the grid and of every sampler that is installed: name, ln Z, its error, seconds and likelihoods."""
    measurement = survey.inference.measurements[0]
    believed, data = survey.inference.nuisances.of(measurement), data_of(measurement.tables[0])
    ranges, kind = survey.inference.rivals[rival].ranges, RIVALS[rival]
    started = perf_counter()
    table = table_of(survey, rival)
    cells = cells_of(table, data, setting(believed))
    spread = believed.cross_section if kind.couples else 0.0
    value = cells.weigh(cells.log_prior(ranges, spread))[1]
    half = cells.weigh(cells.log_prior(ranges, spread, kept=table.every_second()))[1]
    yield "grid", value, abs(half - value), perf_counter() - started, len(cells.place)
    problem = between_nodes(cells, ranges, spread) if kind.couples else exact(survey, rival, data)
    calls = 0
    original = problem.log_likelihood

    def counted(at: np.ndarray) -> np.ndarray:
        nonlocal calls
        found = original(at)
        calls += len(found)
        return found

    problem = Problem(problem.dimensions, counted, problem.offset)
    for name, (sampler, live) in SAMPLERS.items():
        if find_spec(name) is not None:
            calls, started = 0, perf_counter()
            yield name, *sampler(problem, max(50, int(live * points))), perf_counter() - started, calls


def report(cases: Mapping[str, float] = MappingProxyType(CASES), points: float = 1.0) -> str:
    """A table of methods; `points`: part of the live points that samplers have."""
    with TemporaryDirectory() as folder:
        survey = survey_of(Path(folder), cases)
        rows = []
        for rival in cases:
            found = list(compared(survey, rival, points))
            for name, value, error, time, calls in found:
                cost = "" if name == "grid" else ratio(time / found[0][3])
                rows.append([rival, name, f"{value:.3f} ± {error:.3f}", duration(time), number(calls), cost])
    text = (
        "ln Z of the synthetic gold wire. Impurities: the exact kernel, 8 dimensions, samplers know no table. "
        "Tunnelling states: the likelihood between the nodes of a coarse grid, 4 dimensions. The grid's time includes "
        "that of its table."
    )
    return section("Samplers", text, ["rival", "method", "ln Z", "time", "likelihoods", "time/grid"], rows)
