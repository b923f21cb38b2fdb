"""What a run of a survey would do: cells, tiles, bytes and about how long, before anything is computed."""

import os
import shutil
from dataclasses import dataclass
from heapq import heapreplace
from math import inf, prod
from pathlib import Path

from physics import QUANTITIES
from survey.compute.cost import (
    BYTES_PER_JOB,
    BYTES_PER_REFERENCE,
    BYTES_PER_SECOND,
    BYTES_PER_THREAD,
    DEFAULT_RATE,
    SECONDS_OF_SNAKEMAKE,
    SECONDS_PER_JOB,
    SECONDS_PER_REFERENCE,
)
from survey.compute.rates import MEASURED_TILES, Rate, most_memory, of_quantity, sampled_rate
from survey.run.marks import failed
from survey.store.known import Piece, families, known_cells, left_without, whole
from survey.store.stamps import check_stamp
from survey.store.tiles import Tile, kind_of_cube, tiles_of
from survey.survey import Survey
from survey.words import count, duration, size

# A store knows the rate if it has tiles of the tenth of what is to be computed; else so small a part of that tells.
KNOWN, SAMPLED = 0.1, 0.1
# How far from a sample the rate may be.
AROUND_SAMPLE = 0.25
# Of so many missing tiles it is looked up which of their cells older tiles hold.
MOST_EXTENDED = 50


@dataclass(frozen=True)
class Plan:
    """One quantity of a survey: the tiles it consists of, those not yet in the store, those of them that failed, and
    how long they take. `copied` are cells of the missing tiles that other tiles hold; a `virtual` cube refers to its
    tiles. `rate` is in cells per second and core, from tiles of the store or `sampled` chunks computed for the plan, or
    assumed if it is of neither; `memory`, of one job, in bytes, None if no job was measured."""

    label: str
    quantity: str
    shape: dict[str, int]
    tiles: list[Tile]
    missing: list[Tile]
    failed: list[Tile]
    copied: int
    virtual: bool
    rate: Rate
    sampled: int
    memory: float | None

    @property
    def cells(self) -> int:
        return sum(tile.cells for tile in self.tiles)

    @property
    def cells_missing(self) -> int:
        return sum(tile.cells for tile in self.missing)

    @property
    def cube_bytes(self) -> int:
        if self.virtual:
            return BYTES_PER_REFERENCE * sum(len(tile.variables) for tile in self.tiles)
        return sum(tile.bytes for tile in self.tiles)

    @property
    def cube_seconds(self) -> float:
        return len(self.tiles) * SECONDS_PER_REFERENCE if self.virtual else self.cube_bytes / BYTES_PER_SECOND

    @property
    def tile_bytes(self) -> int:
        return sum(tile.bytes for tile in self.missing)

    @property
    def core_seconds(self) -> float:
        """Of the kernel alone, for the cells that no tile holds."""
        return self._core_seconds(self.rate.value)

    def _core_seconds(self, rate: float) -> float:
        new = self.cells_missing - self.copied
        return new / rate + (self.rate.start * len(self.missing) if new else 0.0)

    def seconds_between(self, cores: int) -> tuple[float, float]:
        """The range of `seconds`, as the rate is known."""
        return self.seconds(cores, self.rate.high), self.seconds(cores, self.rate.low)

    def seconds(self, cores: int, rate: float | None = None) -> float:
        """About how long the missing tiles and the cube take on so many cores; 0 if none is missing."""
        if not self.missing:
            return 0.0
        core_seconds = self._core_seconds(rate or self.rate.value)
        threads = max(1, cores // len(self.missing))
        copying = self.copied / self.cells_missing * self.tile_bytes / BYTES_PER_SECOND
        per_cell = (core_seconds / threads + copying) / self.cells_missing
        ends = [0.0] * min(cores, len(self.missing))
        for tile in self.missing:
            heapreplace(ends, ends[0] + SECONDS_PER_JOB + tile.cells * per_cell)
        return max(ends) + SECONDS_PER_JOB + self.cube_seconds

    def bytes_in_memory(self, cores: int) -> float:
        """About how much memory the jobs that run at the same time on so many cores take together."""
        jobs = min(cores, max(1, len(self.missing)))
        return jobs * self.memory if self.memory else jobs * BYTES_PER_JOB + cores * BYTES_PER_THREAD


def plan(survey: Survey, label: str, store: Path, cores: int = 1, measure: bool | None = False) -> Plan:
    """Hold the quantity `label` of a survey against the store; SurveyError if its code changed without its version.

    With `measure`, a sample of the missing cells is computed to learn the rate, on so many cores or all that are here;
    with None if the store does not know it.
    """
    name = survey.quantities[label].quantity
    check_stamp(store, name)
    tiles = tiles_of(survey, label)
    folder = Path(store) / name
    failures = failed(store)
    missing = [tile for tile in tiles if not tile.path(store).exists()]
    rate, sampled = of_quantity(folder, tiles[0], MEASURED_TILES), 0
    if missing and measure is not False:
        rate, sampled = _sampled(rate, missing, cores, measure)
    return Plan(
        label=label,
        quantity=name,
        shape={axis: len(values) for axis, values in survey.grid(label).items()},
        tiles=tiles,
        missing=missing,
        failed=[tile for tile in missing if tile.digest in failures],
        copied=_copied(Path(store), missing),
        virtual=kind_of_cube(survey, label) == "virtual",
        rate=rate if rate.value else Rate(DEFAULT_RATE, 0, DEFAULT_RATE, DEFAULT_RATE),
        sampled=sampled,
        memory=most_memory(folder / "benchmarks", MEASURED_TILES),
    )


def _sampled(rate: Rate, missing: list[Tile], cores: int, measure: bool | None) -> tuple[Rate, int]:
    """The rate by a sample, and of how many chunks; without `measure` the given one if it comes from tiles that are
    large enough, or if the sample fails, as the run will."""
    if not measure and rate.largest >= KNOWN * max(tile.cells for tile in missing):
        return rate, 0
    most = inf if measure else SAMPLED * sum(tile.cells for tile in missing)
    try:
        value, chunks = sampled_rate(missing, min(cores, os.cpu_count() or 1), most)
    except Exception:
        if measure:
            raise
        return rate, 0
    return Rate(value, 0, value * (1 - AROUND_SAMPLE), value * (1 + AROUND_SAMPLE)), chunks


def _copied(store: Path, missing: list[Tile]) -> int:
    """How many cells of the missing tiles older tiles hold, which a run copies."""
    if not missing:
        return 0
    fingerprint = QUANTITIES[missing[0].quantity].fingerprint()
    found = 0
    for tile in missing[:MOST_EXTENDED] if families(store, missing[0]) else []:
        left = [Piece(whole(tile), tile.variables)]
        for known in known_cells(store, tile, fingerprint):
            left = left_without(left, known)
        found += tile.cells - tile.cells * sum(piece.part.cells for piece in left) // prod(tile.shape)
    return found


def plans(survey: Survey, store: Path, cores: int, measure: bool | None = False) -> dict:
    """The plan of a survey as plain data, ready for JSON; `warnings` says what does not fit on this machine."""
    planned = [plan(survey, label, store, cores, measure) for label in survey.quantities]
    needed = sum(each.tile_bytes + each.cube_bytes for each in planned if each.missing)
    free = _free(Path(store))
    memory = max((each.bytes_in_memory(cores) for each in planned if each.missing), default=0.0)
    installed = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    warnings = []
    if needed > free:
        warnings.append(f"the new files take up to {size(needed)}, and {store} has {size(free)} free")
    if memory > installed:
        warnings.append(
            f"{count(cores, 'core')} need about {size(memory)} of memory, and this machine has {size(installed)}: give "
            "Snakemake fewer --cores"
        )
    return {
        "survey": survey.name,
        "title": survey.title,
        "file": str(survey.path),
        "cores": cores,
        "quantities": [_data(each, cores) for each in planned],
        "core_hours": sum(each.core_seconds for each in planned) / 3600,
        "seconds": sum(each.seconds(cores) for each in planned) + SECONDS_OF_SNAKEMAKE,
        "seconds_between": [
            sum(ends) + SECONDS_OF_SNAKEMAKE
            for ends in zip(*(each.seconds_between(cores) for each in planned), strict=True)
        ],
        "bytes_new": needed,
        "bytes_free": free,
        "bytes_in_memory": memory,
        "bytes_of_memory": installed,
        "warnings": warnings,
    }


def _data(planned: Plan, cores: int) -> dict:
    absent, broken = ({tile.digest for tile in tiles} for tiles in (planned.missing, planned.failed))
    return {
        "label": planned.label,
        "quantity": planned.quantity,
        "version": QUANTITIES[planned.quantity].version,
        "shape": planned.shape,
        "cells": planned.cells,
        "cells_known": planned.cells - planned.cells_missing,
        "cells_copied": planned.copied,
        "cells_new": planned.cells_missing - planned.copied,
        "cells_failed": sum(tile.cells for tile in planned.failed),
        "bytes_tiles": planned.tile_bytes,
        "bytes_cube": planned.cube_bytes,
        "virtual": planned.virtual,
        "core_hours": planned.core_seconds / 3600,
        "seconds": planned.seconds(cores),
        "seconds_between": list(planned.seconds_between(cores)),
        "cells_per_second_and_core": planned.rate.value,
        "cells_per_second_and_core_between": [planned.rate.low, planned.rate.high],
        "measured_tiles": planned.rate.tiles,
        "sampled_chunks": planned.sampled,
        "tiles": [
            {
                "digest": tile.digest,
                "shape": list(tile.shape),
                "state": "known" if tile.digest not in absent else "failed" if tile.digest in broken else "new",
            }
            for tile in planned.tiles
        ],
    }


def describe(survey: Survey, store: Path, cores: int, names: bool = False, measure: bool | None = False) -> str:
    """The plan of a survey as text for people; with `names`, every tile by its name."""
    found = plans(survey, store, cores, measure)
    lines = [survey.name if survey.title == survey.name else f"{survey.name}: {survey.title}"]
    for each in found["quantities"]:
        lines += _lines(each, cores)
        lines += [_line(tile) for tile in each["tiles"] if names]
    if found["bytes_new"]:
        lines.append(f"  time         {_about(found)} in all, without crossovers and diagrams")
        lines.append(f"  disk         up to {size(found['bytes_new'])} of new files, {size(found['bytes_free'])} free")
        lines.append(f"  memory       about {size(found['bytes_in_memory'])} of {size(found['bytes_of_memory'])}")
    lines += [f"  warning      {warning}" for warning in found["warnings"]]
    lines += [f"  note         {note}" for note in survey.notes]
    return "\n".join(lines)


def _line(tile: dict) -> str:
    state = {"known": "in the store", "new": "to compute", "failed": "failed, to compute again"}[tile["state"]]
    return f"    tile {tile['digest']}  {state:12}  {' x '.join(str(length) for length in tile['shape'])}"


def _lines(found: dict, cores: int) -> list[str]:
    extent = " x ".join(f"{length} {name}" for name, length in found["shape"].items())
    number = {state: sum(tile["state"] == state for tile in found["tiles"]) for state in ("known", "new", "failed")}
    new = number["new"] + number["failed"]
    if found["sampled_chunks"]:
        source = f"measured now, on {count(found['sampled_chunks'], 'chunk')} of this grid"
    elif found["measured_tiles"]:
        source = f"measured, from {count(found['measured_tiles'], 'tile')} in the store"
    else:
        source = "assumed, since the store holds no such tile that was measured; `--measure` computes a sample"
    lines = [
        f"  {found['label']}: {QUANTITIES[found['quantity']].long_name}, version {found['version']}",
        f"    grid         {extent} = {found['cells']:,} cells",
        f"    in the store {found['cells_known']:,} cells in {count(number['known'], 'tile')}",
        f"    to compute   {found['cells_new'] + found['cells_copied']:,} cells in {count(new, 'tile')}",
    ]
    if found["cells_copied"]:
        lines.append(f"    to copy      {found['cells_copied']:,} of these cells, which other tiles hold")
    if number["failed"]:
        failures = f"{found['cells_failed']:,} of these cells in {count(number['failed'], 'tile')}"
        lines.append(f"    failed       {failures}, when last tried; `survey status` says why")
    cube = "virtual cube" if found["virtual"] else "cube"
    lines.append(
        f"    on disk      {size(found['bytes_tiles'])} of new tiles, {size(found['bytes_cube'])} for the {cube}"
    )
    if new:
        rate = f"{found['cells_per_second_and_core']:.2g} cells per second and core"
        time = f"{_about(found)} on {count(cores, 'core')}, the cube included"
        lines.append(f"    time         {time}; {found['core_hours']:.2g} core-hours ({rate}: {source})")
    return lines


def _about(found: dict) -> str:
    """About how long, and the range where words tell it apart."""
    least, most = map(duration, found["seconds_between"])
    return f"about {duration(found['seconds'])}" + (f" ({least} to {most})" if least != most else "")


def _free(folder: Path) -> int:
    """Bytes that are free where a folder is, or will be."""
    while not folder.exists():
        folder = folder.absolute().parent
    return shutil.disk_usage(folder).free
