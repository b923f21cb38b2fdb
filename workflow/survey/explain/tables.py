"""Tables of dephasing rates, read from the cubes of a survey, and the data that they are held against."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from survey.cubes.read import open_cube, read_region
from survey.explain.grid import Table
from survey.explain.posterior import Data
from survey.measurement import LIMITS, Measurement
from survey.measurement import Table as Measured
from survey.rivals import RIVALS
from survey.survey import Survey

_FACTORS = ("ee_prefactor", "ep_rate")


def read_table(survey: Survey, rival: str, measurement: Measurement, results: Path, label: str | None = None) -> Table:
    """The table of a rival in the wire of a measurement, from its cube; SurveyError if that is missing or damaged.
    `label`: another table of dephasing times of this rival."""
    label = label or survey.inference.rivals[rival].tables[measurement.name]
    with open_cube(results / survey.name / f"{label}.nc") as cube:
        variable = cube["tau_phi"]
        tau = read_region(cube, "tau_phi", (slice(None),) * variable.ndim)
        return arranged(rival, measurement, survey.grid(label), variable.dimensions, tau)


def arranged(
    rival: str, measurement: Measurement, grid: Mapping[str, np.ndarray], dimensions: Sequence[str], tau: np.ndarray
) -> Table:
    """The table that dephasing times (s) over the axes `dimensions` of a grid are."""
    kind = RIVALS[rival]
    amplitude = () if kind.amplitude is None else (kind.amplitude[0],)
    order = ("T", *kind.outer, *amplitude, *_FACTORS)
    tau = tau.transpose([dimensions.index(name) for name in order])
    tau = tau.reshape(len(grid["T"]), -1, len(grid[amplitude[0]]) if amplitude else 1, 3, 3)
    with np.errstate(divide="ignore", invalid="ignore"):
        log_rate = np.ascontiguousarray(-np.log(tau))
    return Table(
        kind,
        {name: grid[name] for name in kind.outer},
        grid["T"],
        np.log(grid[amplitude[0]]) if amplitude else np.zeros(1),
        *(grid[name] / measurement.constants.get(name, 1.0) for name in _FACTORS),
        log_rate,
    )


def data_of(table: Measured) -> Data:
    """Measured values as the likelihood takes them."""
    return Data(
        np.array(table.at["T"]),
        np.log(table.values),
        np.array(table.relative),
        np.array([LIMITS.index(limit) for limit in table.limits], np.int64),
        None if table.covariance is None else np.array(table.covariance),
    )
