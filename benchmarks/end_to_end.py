"""A survey from its file to its cube, against writing the same numbers with netCDF4."""

from collections.abc import Iterable
from pathlib import Path
from shutil import rmtree
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter

import netCDF4
import numpy as np

from benchmarks.commands import run
from benchmarks.machine import cores
from benchmarks.report import duration, median_seconds, ratio, section, size
from benchmarks.surveys import ROOT, cube_alone, shipped
from survey.compute.tile import compute_tile
from survey.cubes.assemble import assemble
from survey.store.tiles import tiles_of
from survey.survey import Survey

LABEL = "dephasing"


def report(
    names: Iterable[str] = ("co_nanoconstriction", "gold_wire"),
    repeats: int = 3,
    runs: int = 3,
    folder: Path | None = None,
) -> str:
    """Tiles and cube of surveys, in this process and as a run of Snakemake; the surveys of a `folder`, or the shipped
    ones."""
    rows = []
    for name in names:
        with TemporaryDirectory() as temporary:
            place = Path(temporary)
            original = shipped(name, folder)
            survey = cube_alone(original, place / "config" / "surveys")
            times = [in_process(survey, place / "results") for _ in range(repeats)]
            computing, gathering = (median(part) for part in zip(*times, strict=True))
            plain, count = written_plainly(place / "results" / name / f"{LABEL}.nc", place / "plain.nc", repeats)
            (place / "config" / "config.yaml").write_text(f"surveys: [{name}]\n")
            workflow = median(with_snakemake(place) for _ in range(runs))
        whole = computing + gathering
        rows.append(
            [ratio(whole / plain), ratio(workflow / plain)]
            + [duration(time) for time in (plain, computing, gathering, workflow)]
            + [name, f"{sum(tile.cells for tile in tiles_of(survey, LABEL)):,}", size(count)]
        )
    text = (
        "Tiles and cube of the shipped surveys, without crossovers and diagrams, against `netCDF4` alone that writes "
        "the cube's variables to one plain file (no chunks, no checksums, no compression, left in the page cache). "
        f"The survey computes them, writes them twice, as tiles and as cube, checksummed and synced to disk. {cores()} "
        f"cores; median of {repeats} runs in one process and of {runs} runs of `snakemake` from nothing."
    )
    header = ["in process / netCDF4", "snakemake / netCDF4", "netCDF4", "tiles", "cube", "snakemake", "survey"]
    return section("Survey end to end", text, [*header, "cells", "variables"], rows)


def in_process(survey: Survey, results: Path) -> tuple[float, float]:
    """Seconds for the tiles and for the cube of a survey, from an empty folder of results."""
    rmtree(results, ignore_errors=True)
    started = perf_counter()
    for tile in tiles_of(survey, LABEL):
        compute_tile(results / "store", tile, cores())
    computed = perf_counter()
    assemble(survey, LABEL, results / "store", results)
    return computed - started, perf_counter() - computed


def written_plainly(cube: Path, target: Path, repeats: int) -> tuple[float, int]:
    """Median seconds for writing the variables of a cube to a plain netCDF-4 file, and their size in bytes."""
    with netCDF4.Dataset(cube) as dataset:
        dataset.set_auto_mask(False)
        arrays = {name: (variable.dimensions, np.asarray(variable[:])) for name, variable in dataset.variables.items()}
        lengths = {name: len(dimension) for name, dimension in dataset.dimensions.items()}

    def write() -> None:
        with netCDF4.Dataset(target, "w", format="NETCDF4") as dataset:
            for name, length in lengths.items():
                dataset.createDimension(name, length)
            for name, (dimensions, values) in arrays.items():
                dataset.createVariable(name, values.dtype, dimensions)[...] = values

    return median_seconds(write, repeats), sum(values.nbytes for _, values in arrays.values())


def with_snakemake(place: Path) -> float:
    """Seconds for a run of Snakemake in a folder that holds nothing but config/."""
    rmtree(place / "results", ignore_errors=True)
    rmtree(place / ".snakemake", ignore_errors=True)
    where = ("--snakefile", ROOT / "Snakefile", "--directory", place, "--profile", ROOT / "profiles" / "default")
    return run("snakemake", *where, "--cores", str(cores()), "--quiet", "all").seconds
