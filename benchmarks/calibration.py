"""Whether the inference is calibrated: data simulated with exact kernels from what is believed before the data.

For each data set: where the true value of each parameter falls in its posterior, as the probability below it, which is
uniform if all is right; how often credible intervals hold the truth; and which rival the evidence prefers.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from types import MappingProxyType

import numpy as np
from scipy.stats import kstest

from benchmarks.posteriors import survey_of, table_of
from benchmarks.report import section
from physics import QUANTITIES
from physics.statistics.nuisances import NUISANCES
from survey.explain.draws import cells_drawn, wire_drawn
from survey.explain.grid import Table
from survey.explain.posterior import Data, cells_of, setting
from survey.explain.summary import marginals
from survey.explain.tables import data_of
from survey.inference import heated
from survey.rivals import RIVALS
from survey.survey import Survey

# Nodes in a decade of the outer parameters: half as many as a survey has, more or less.
COARSE = {
    "background": None,
    "magnetic_impurities": 3,
    "one_over_f": 3,
    "kondo": 2,
    "glass": 2,
    "tunnelling_states": 1.5,
}
_DRAWS = 200


@dataclass(frozen=True)
class Simulated:
    """A data set, and what it was made with: parameters of the rival (the density without the factor on its
    cross-section) and nuisances by name, u in widths of their priors."""

    data: Data
    truth: Mapping[str, float]


def simulate(survey: Survey, rival: str, rng: np.random.Generator) -> Simulated:
    """Data at the temperatures and errors of the first wire, from a rival that is drawn from what is believed of it."""
    measurement = survey.inference.measurements[0]
    believed, like = survey.inference.nuisances.of(measurement), data_of(measurement.tables[0])
    hypothesis, kind = survey.inference.rivals[rival], RIVALS[rival]
    request = survey.quantities[hypothesis.tables[measurement.name]]
    constants = dict(survey.constants_of(hypothesis.tables[measurement.name]))
    own = _drawn(hypothesis.ranges, rng)
    while "Lambda0" in own and "Estar" in own and own["Estar"] <= own["Lambda0"]:
        own = _drawn(hypothesis.ranges, rng)
    u = rng.standard_normal(len(NUISANCES))
    s_m = abs(rng.normal(0.0, believed.s_m))
    heat = _drawn({"T_heat": believed.T_heat}, rng)["T_heat"]
    effective = dict(own)
    if kind.couples:
        effective[kind.amplitude[0]] *= np.exp(rng.normal(0.0, believed.cross_section))
    base = measurement.constants
    factors = {
        "ee_prefactor": base.get("ee_prefactor", 1.0) * np.exp(believed.ee_prefactor * u[1]),
        "ep_rate": base["ep_rate"] * np.exp(believed.ep_rate * u[2]),
    }
    constants["ep_exponent"] = base["ep_exponent"] + believed.ep_exponent * u[3]
    T = heated(like.T, np.array([heat]))[0]
    values = {**constants, **effective, **factors}
    tau = QUANTITIES[request.quantity](T=T, **values, **request.options, variables=("tau_phi",))["tau_phi"]
    noise = np.hypot(like.s, s_m) * rng.standard_t(4, len(T))
    y = np.log(tau) + believed.delta * u[0] + noise
    truth = {**own, **dict(zip(NUISANCES, map(float, u), strict=True)), "s_m": s_m, "T_heat": heat}
    return Simulated(Data(like.T, y, like.s, np.zeros(len(T), np.int64)), truth)


def _drawn(ranges: Mapping[str, tuple[float, float]], rng: np.random.Generator) -> dict[str, float]:
    return {name: float(np.exp(rng.uniform(*np.log(ends)))) for name, ends in ranges.items()}


def shares_below(survey: Survey, table: Table, rival: str, data: Data, truth: Mapping[str, float], seed: int):
    """The posterior probability below the true value of each parameter and nuisance by name, and ln of the evidence."""
    believed = survey.inference.nuisances.of(survey.inference.measurements[0])
    ranges, nodes, spread = survey.inference.rivals[rival].ranges, setting(believed), 0.0
    if RIVALS[rival].couples:
        spread = believed.cross_section
    cells = cells_of(table, data, nodes, ranges=ranges)
    log_prior = cells.log_prior(ranges, spread)
    weights, evidence = cells.weigh(log_prior)
    if not truth:
        return {}, evidence
    rng = np.random.Generator(np.random.PCG64(seed))
    found = {}
    for name, each in marginals(cells, log_prior, weights, ranges, spread).items():
        shares = np.linspace(0.0, 1.0, 401)
        places = np.log([each.quantile(share) for share in shares])
        found[name] = float(np.interp(np.log(truth[name]), places, shares))
    drawn = wire_drawn(cells, data, nodes, cells, cells_drawn(weights, _DRAWS, rng), rng)
    for position, name in enumerate(NUISANCES):
        found[name] = float((drawn.u[:, position] < truth[name]).mean())
    return found, evidence


def calibrated(survey: Survey, rival: str, table: Table, count: int, seed: int) -> dict[str, np.ndarray]:
    """For `count` simulated data sets, the posterior probability below each true value, by name."""
    rng = np.random.Generator(np.random.PCG64([seed, *rival.encode()]))
    rows = []
    for position in range(count):
        made = simulate(survey, rival, rng)
        rows.append(shares_below(survey, table, rival, made.data, made.truth, position)[0])
    return {name: np.array([row[name] for row in rows]) for name in rows[0]}


def coverage(shares: np.ndarray, level: float) -> float:
    """How often the central interval of this probability holds the truth."""
    return float((np.abs(shares - 0.5) <= level / 2).mean())


def confusion(survey: Survey, tables: Mapping[str, Table], count: int, seed: int) -> np.ndarray:
    """Mean probability of each rival (columns), all equal before the data, where each (rows) is the true one."""
    found = np.zeros((len(tables), len(tables)))
    for row, rival in enumerate(tables):
        rng = np.random.Generator(np.random.PCG64([seed, 1, *rival.encode()]))
        for _ in range(count):
            data = simulate(survey, rival, rng).data
            values = np.array([shares_below(survey, tables[each], each, data, {}, 0)[1] for each in tables])
            share = np.exp(values - values.max())
            found[row] += share / share.sum() / count
    return found


def report(large: bool = False, coarse: Mapping[str, float | None] = MappingProxyType(COARSE), count: int = 40) -> str:
    """Tables of what is covered and of what the evidence prefers; `count` data sets for each rival, a tenth of them for
    the evidence."""
    count *= 10 if large else 1
    with TemporaryDirectory() as folder:
        survey = survey_of(Path(folder), coarse)
        tables = {rival: table_of(survey, rival) for rival in coarse}
        rows = []
        for rival in list(coarse)[1:]:
            for name, shares in calibrated(survey, rival, tables[rival], count, 1).items():
                p = kstest(shares, "uniform").pvalue
                rows.append([rival, name, f"{p:.2f}", f"{coverage(shares, 0.68):.3f}", f"{coverage(shares, 0.95):.3f}"])
        preferred = confusion(survey, tables, max(1, count // 10), 1)
    covered = section(
        "Calibration",
        f"{count} data sets for each rival, simulated with the exact kernel: p that the probabilities below the truth "
        "are uniform (Kolmogorov and Smirnov), and how often central intervals hold it.",
        ["rival", "", "p", "68 %", "95 %"],
        rows,
    )
    return covered + section(
        "Confusion",
        "Mean probability of each rival (columns), equal before the data, for data of each (rows).",
        ["true", *coarse],
        [[rival, *(f"{each:.2f}" for each in row)] for rival, row in zip(coarse, preferred, strict=True)],
    )
