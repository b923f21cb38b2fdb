"""A point read from a cube, and what a job of the workflow costs beside its numbers."""

from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import xarray as xr

from benchmarks.commands import run
from benchmarks.end_to_end import LABEL, in_process
from benchmarks.report import duration, median_seconds, ratio, section
from benchmarks.scaling import one_run
from benchmarks.surveys import cube_alone, resized, shipped, with_unit
from physics import QUANTITIES
from survey.cubes.read import open_cube
from survey.query.answer import query

# A step of an axis, in logarithms, from its first value: a point between the cells.
BETWEEN = 0.37


def report(name: str = "gold_wire", repeats: int = 50, runs: int = 5, folder: Path | None = None) -> str:
    """A point of the cube of a survey (of a `folder`, or a shipped one): by query, by xarray, by the kernel."""
    with TemporaryDirectory() as temporary:
        place = Path(temporary)
        survey = cube_alone(shipped(name, folder), place / "config")
        in_process(survey, place / "results")
        cube = place / "results" / name / f"{LABEL}.nc"
        at = {axis: _between(values) for axis, values in survey.grid(LABEL).items()}
        request = survey.request(LABEL)
        constants = survey.constants_of(LABEL) | dict(request.options)
        quantity = QUANTITIES[request.quantity]

        def opened() -> None:
            with open_cube(cube) as dataset:
                query(dataset, "tau_phi", **at)

        def with_xarray() -> None:
            with xr.open_dataset(cube) as dataset:
                float(dataset["tau_phi"].sel(at, method="nearest"))

        with open_cube(cube) as dataset:
            times = {
                "`query` of an open cube": median_seconds(lambda: query(dataset, "tau_phi", **at), repeats),
                "`query`, cube opened for it": median_seconds(opened, repeats),
                "`xarray`: open, nearest cell, no interpolation": median_seconds(with_xarray, repeats),
                "kernel, `tau_phi` at the point": median_seconds(
                    lambda: quantity(**at, **constants, variables=("tau_phi",)), repeats
                ),
            }
        words = [f"{axis}={with_unit(axis, value)}" for axis, value in at.items()]
        times["`survey query`, the command"] = median(
            run("survey", "query", cube, "tau_phi", *words).seconds for _ in range(runs)
        )
        smallest = resized(survey, 2 ** len(at), place)
        times["job of a tile, without computing"] = median(one_run(smallest)["overhead"] for _ in range(runs))
    times["`python -c pass`"] = median(run("python", "-c", "pass").seconds for _ in range(runs))
    base = times["`query` of an open cube"]
    rows = [[ratio(time / base), duration(time), what] for what, time in times.items()]
    text = (
        f"A point between the cells of the cube of `{name}`, interpolated, with its status and nearest cell; median of "
        f"{repeats} queries and of {runs} commands. Ratio to a query of an open cube."
    )
    return section("Query, and the overhead of a job", text, ["ratio", "time", "what"], rows)


def _between(values) -> float:
    """A value between two cells in the upper half of an axis; its only value if it has one."""
    low = max(0, min(len(values) * 3 // 4, len(values) - 2))
    return float(values[low] ** (1 - BETWEEN) * values[min(low + 1, len(values) - 1)] ** BETWEEN)
