"""Time and memory against the number of cells, job by job as the workflow runs them."""

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from shutil import disk_usage
from statistics import median
from tempfile import TemporaryDirectory, gettempdir
from time import perf_counter

import click
import netCDF4

from benchmarks.commands import run
from benchmarks.machine import cores
from benchmarks.report import duration, number, ratio, section, size
from benchmarks.surveys import cube_alone, resized, shipped
from survey.store.tiles import tiles_of
from survey.survey import Survey

LABEL = "dephasing"
SIZES = (100_000, 1_000_000, 10_000_000)
LARGE = "gold_wire_large"
LARGE_BYTES = 4e9


def report(sizes: Iterable[int] = SIZES, large: bool = False, repeats: int = 3) -> str:
    """Surveys between the ends of the axes of gold_wire_large on about so many cells; with `large`, itself too."""
    if large and disk_usage(gettempdir()).free < LARGE_BYTES:
        raise click.ClickException(
            f"found {size(disk_usage(gettempdir()).free)} of free disk in {gettempdir()}, --large needs "
            f"{size(LARGE_BYTES)}; set TMPDIR to another folder"
        )
    measured = []
    with TemporaryDirectory() as temporary:
        surveys = [resized(shipped(LARGE), cells, Path(temporary)) for cells in sizes]
        surveys += [cube_alone(shipped(LARGE), Path(temporary))] if large else []
    for survey in surveys:
        runs = [one_run(survey) for _ in range(1 if survey.name == LARGE else repeats)]
        measured.append(sorted(runs, key=lambda each: each["seconds"])[len(runs) // 2])
    first = measured[0]
    rows = []
    for each in measured:
        growth = (each["seconds"] / first["seconds"]) / (each["cells"] / first["cells"])
        core = each["core_seconds"] / each["cells"]
        rows.append(
            [
                ratio(growth),
                ratio(core / (first["core_seconds"] / first["cells"])),
                f"{each['cells']:,}",
                str(each["tiles"]),
                duration(each["seconds"]),
                number(each["cells"] / each["seconds"]),
                duration(core),
                duration(each["assemble"].seconds),
                duration(each["overhead"]),
                size(each["job_bytes"]),
                size(each["assemble"].bytes),
                size(each["all_bytes"]),
            ]
        )
    text = (
        f"Every variable in float32 on the axes of `{LARGE}` with fewer values: `survey tile` for each tile, {cores()} "
        "jobs at a time, then `survey assemble`, all of them processes of their own. The first two columns must not "
        "grow: time per cell, over all and in the kernel alone, relative to the smallest grid. Core time counts the "
        "cores held while chunks are computed and written. "
        f"`all jobs` adds the largest {cores()} jobs that can run at once. Runs: {repeats} each, the middle one"
        f"{'; the largest grid once' if large else ''}."
    )
    header = ["time per cell", "kernel per cell", "cells", "tiles", "wall", "cells/s", "core time per cell"]
    header += ["assemble", "overhead per tile job", "peak of a tile job", "peak of assemble", "peak of all jobs"]
    return section("Time and memory against cells", text, header, rows)


def one_run(survey: Survey) -> dict:
    """What a survey takes from nothing to its cube, its jobs run as the workflow does, in a temporary folder."""
    tiles = tiles_of(survey, LABEL)
    threads = max(1, cores() // len(tiles))
    with TemporaryDirectory() as temporary:
        results = Path(temporary) / "results"
        path = results.parent / f"{survey.name}.yaml"
        cube_alone(survey, results.parent)
        started = perf_counter()
        with ThreadPoolExecutor(cores()) as pool:
            jobs = list(
                pool.map(
                    lambda tile: run(
                        "survey", "tile", path, tile.digest, "--threads", str(threads), "--results", results
                    ),
                    tiles,
                )
            )
        assemble = run("survey", "assemble", path, LABEL, "--results", results)
        seconds = perf_counter() - started
        computing = [_compute_seconds(tile.path(results / "store")) for tile in tiles]
    peaks = sorted((job.bytes for job in jobs), reverse=True)
    return {
        "cells": sum(tile.cells for tile in tiles),
        "tiles": len(tiles),
        "seconds": seconds,
        "core_seconds": sum(computing) * threads,
        "overhead": median(job.seconds - part for job, part in zip(jobs, computing, strict=True)),
        "job_bytes": peaks[0],
        "all_bytes": sum(peaks[: cores()]),
        "assemble": assemble,
    }


def _compute_seconds(path: Path) -> float:
    with netCDF4.Dataset(path) as dataset:
        return float(dataset.compute_seconds)
