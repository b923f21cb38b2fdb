"""What benchmarks of the inference share: tables of rivals in memory, and data simulated from them."""

from pathlib import Path

import numpy as np

from physics import QUANTITIES
from survey.config.load import load_survey
from survey.explain.grid import Table
from survey.explain.tables import arranged
from survey.grid import open_grid
from survey.survey import Survey

SURVEY = """\
title: Rivals of a synthetic gold wire
inference:
  measurements: [{measurement}]
  rivals:
{rivals}
"""
MEASUREMENTS = Path(__file__).parents[1] / "config" / "measurements"


def survey_of(folder: Path, nodes_per_decade: dict[str, float | None], measurement: str | None = None) -> Survey:
    """A survey of these rivals, each with so many nodes in a decade (None: as many as it has by default), written into
    a folder."""
    rivals = [
        f"    {name}: {{nodes_per_decade: {each}}}" if each else f"    {name}:"
        for name, each in nodes_per_decade.items()
    ]
    path = folder / "rivals.yaml"
    measurement = measurement or str(MEASUREMENTS / "synthetic_gold_wire.yaml")
    path.write_text(SURVEY.format(measurement=measurement, rivals="\n".join(rivals)), encoding="utf-8")
    return load_survey(path)


def table_of(survey: Survey, rival: str) -> Table:
    """The table of a rival in the first wire, computed here and now."""
    measurement = survey.inference.measurements[0]
    label = survey.inference.rivals[rival].tables[measurement.name]
    request, grid = survey.quantities[label], survey.grid(label)
    constants = survey.constants_of(label)
    tau = QUANTITIES[request.quantity](**open_grid(grid), **constants, **request.options, variables=("tau_phi",))[
        "tau_phi"
    ]
    tau = np.broadcast_to(tau, [len(axis) for axis in grid.values()])
    return arranged(rival, measurement, grid, list(grid), tau)
