"""One survey on more and more cells, as a user runs it: planned, run, queried, extended by one temperature."""

import json
import subprocess
from collections.abc import Iterable
from pathlib import Path
from shutil import disk_usage
from statistics import median
from tempfile import TemporaryDirectory, gettempdir

import click
import netCDF4
import numpy as np
from ruamel.yaml import YAML

from benchmarks.commands import BIN, run
from benchmarks.machine import cores
from benchmarks.report import duration, number, section, size
from benchmarks.surveys import ROOT, with_unit
from survey.compute.rates import most_memory
from survey.config.load import load_survey
from survey.store.tiles import tiles_of

NAME, LABEL = "gold_wire_billion", "dephasing"
SIZES = (1e5, 1e6, 1e7)
LARGE = (1e8, 1e9)
BYTES_PER_CELL = 12
# Where on the axes queries go; where Lambda0 exceeds Estar there are no levels to interpolate between.
PLACE = {"Lambda0": 0.2, "Estar": 0.8}
QUERIES, MEASURE = 5, ("--measure",)


def report(sizes: Iterable[float] = SIZES, large: bool = False) -> str:
    """The survey of 1e9 cells on about so many cells; with `large`, on 1e8 and on all of its own too."""
    sizes = [*sizes, *(LARGE if large else ())]
    if disk_usage(gettempdir()).free < max(sizes) * BYTES_PER_CELL:
        raise click.ClickException(
            f"found {size(disk_usage(gettempdir()).free)} of free disk in {gettempdir()}, needed are "
            f"{size(max(sizes) * BYTES_PER_CELL)}; set TMPDIR to another folder"
        )
    rows = []
    for cells in sizes:
        with TemporaryDirectory() as temporary:
            rows.append(row(measured(Path(temporary), cells)))
        click.echo(" | ".join(rows[-1]), err=True)
    text = (
        f"`{NAME}` (tau_phi alone, float32, a virtual cube) with fewer values on its axes, and whole: `survey plan "
        f"--measure` on an empty store, `snakemake --cores {cores()}`, queries between the cells, then the same again "
        "with one more temperature inside the axis. `planned`: time and disk that the plan told, over what the run "
        "took; small surveys are mostly the start of processes. `query`: the command, median of 5."
    )
    header = ["cells", "tiles", "run", "cells/s", "time planned / run", "disk", "disk planned / used"]
    header += ["largest job", "query", "cells of one temperature"]
    header += ["run with one more", "computing it", "run with nothing to do"]
    return section("From 1e5 to 1e9 cells", text, header, rows)


def row(found: dict) -> list[str]:
    """What was measured of one survey, as cells of the table."""
    return [
        f"{found['cells']:,}",
        str(found["tiles"]),
        duration(found["run"].seconds),
        number(found["cells"] / found["run"].seconds),
        f"{found['planned_seconds'] / found['run'].seconds:.2f}",
        size(found["bytes"]),
        f"{found['planned_bytes'] / found['bytes']:.2f}",
        size(found["job_bytes"]),
        duration(found["query"]),
        f"{found['computed']:,}",
        duration(found["extension"].seconds),
        duration(found["extension_computing"]),
        duration(found["nothing"].seconds),
    ]


def measured(place: Path, cells: float) -> dict:
    """What the survey takes on about so many cells, from an empty folder to its extension."""
    path = place / "config" / "surveys" / f"{NAME}.yaml"
    path.parent.mkdir(parents=True)
    (place / "config" / "config.yaml").write_text(f"surveys: [{NAME}]\n")
    settings = resized(cells)
    write(settings, path)
    survey, store = load_survey(path), place / "results" / "store"
    grid = survey.grid(LABEL)
    plan = planned(place, path, *MEASURE)
    found = {
        "cells": plan["quantities"][0]["cells"],
        "tiles": len(tiles_of(survey, LABEL)),
        "planned_seconds": plan["seconds"],
        "planned_bytes": plan["bytes_new"],
        "run": snakemake(place),
    }
    files = [*store.glob(f"{LABEL}/*.nc"), *place.glob(f"results/{NAME}/*.nc")]
    found["bytes"] = sum(file.stat().st_size for file in files)
    found["job_bytes"] = most_memory(store / LABEL / "benchmarks", len(files)) or 0.0
    cube = place / "results" / NAME / f"{LABEL}.nc"
    point = [f"{name}={with_unit(name, between(axis, PLACE.get(name, 0.5)))}" for name, axis in grid.items()]
    found["query"] = median(run("survey", "query", cube, "tau_phi", *point).seconds for _ in range(QUERIES))
    found["nothing"] = snakemake(place)

    value = with_unit("T", between(grid["T"], 0.5))
    settings["axes"]["T"].setdefault("include", []).append(value)
    write(settings, path)
    before = set(store.glob(f"{LABEL}/*.nc"))
    found["computed"] = planned(place, path)["quantities"][0]["cells_new"]
    found["extension"] = snakemake(place)
    found["extension_computing"] = sum(_seconds(tile) for tile in set(store.glob(f"{LABEL}/*.nc")) - before)
    return found


def resized(cells: float) -> dict:
    """The settings of the survey, without diagrams, its axes shortened alike to about so many cells between the same
    ends; its own grid for the largest size."""
    settings = YAML(typ="safe", pure=True).load(ROOT / "config" / "surveys" / f"{NAME}.yaml")
    settings["diagrams"] = {}
    if cells < LARGE[-1]:
        for axis in settings["axes"].values():
            axis.pop("include", None)
        own = np.prod([axis["num"] for axis in settings["axes"].values()], dtype=float)
        for axis in settings["axes"].values():
            axis["num"] = max(2, round(axis["num"] * (cells / own) ** 0.2))
    return settings


def between(axis: np.ndarray, place: float) -> float:
    """A value that is not on the axis, about so far along it."""
    number = min(int(place * len(axis)), len(axis) - 2)
    return float(np.sqrt(axis[number] * axis[number + 1]))


def write(settings: dict, path: Path) -> None:
    with path.open("w", encoding="utf-8") as file:
        YAML(typ="safe", pure=True).dump(settings, file)


def planned(place: Path, path: Path, *options: str) -> dict:
    command = [BIN / "survey", "plan", path, "--json", "--cores", str(cores()), "--results", place / "results"]
    return json.loads(subprocess.run([*command, *options], check=True, capture_output=True, text=True).stdout)


def snakemake(place: Path):
    where = ("--snakefile", ROOT / "Snakefile", "--directory", place, "--profile", ROOT / "profiles" / "default")
    return run("snakemake", *where, "--cores", str(cores()), "--quiet", "all")


def _seconds(tile: Path) -> float:
    with netCDF4.Dataset(tile) as dataset:
        # A tile whose cells all lay in older ones was copied.
        return float(getattr(dataset, "compute_seconds", 0.0))
