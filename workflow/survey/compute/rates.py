"""How fast cells are computed: as the store measured it, since each tile carries its cells, threads and seconds, or by
a sample of the grid itself."""

import json
import random
import time
from bisect import bisect_left
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from itertools import accumulate, combinations
from math import inf
from pathlib import Path
from statistics import median
from typing import NamedTuple

import netCDF4

from survey.compute.evaluate import axes_of, evaluate, random_chunk
from survey.store.tiles import Tile

# Rate and memory are taken from so many of the newest tiles.
MEASURED_TILES = 50
# What a sample takes at most, once the kernel is compiled.
SECONDS = 10.0
# Two tiles tell what a cell takes, apart from what a start takes, if one has so many times the cells of the other.
APART = 2.0
# A machine is as busy as it is: no rate is known better than this.
LEAST, MOST = 0.8, 1.25
# What one size of tiles leaves open: all of their time may be that of cells, or half of it that of the start.
UNKNOWN_START = 2.0


class Rate(NamedTuple):
    """Cells per second on one core, 0 if nothing was measured, of so many tiles, the largest of `largest` cells; the
    range within which it is expected, and the core-seconds that the start of a tile takes beside its cells."""

    value: float = 0.0
    tiles: int = 0
    low: float = 0.0
    high: float = 0.0
    start: float = 0.0
    largest: float = 0.0


def of_quantity(folder: Path, tile: Tile, most: int) -> Rate:
    """The rate of the tiles in the folder of a quantity: of those that differ from a tile in their axes alone if there
    are any, else of those with its options, on which the time depends most."""
    alike = measured(folder.glob(f"{tile.family}-*.nc"), most)
    return alike if alike.tiles else measured(folder.glob("*.nc"), most, tile.options)


def measured(paths: Iterable[Path], most: int, options: Mapping[str, str] | None = None) -> Rate:
    """The rate of so many of the newest of these tiles (those with the given options) that can be read."""
    times = []
    for path in sorted(paths, key=_written)[-most:]:
        try:
            with netCDF4.Dataset(path) as dataset:
                if options is None or json.loads(dataset.identity)["options"] == options:
                    times.append((float(dataset.cells), float(dataset.compute_seconds * dataset.threads)))
        except (OSError, RuntimeError, AttributeError, ValueError, LookupError, TypeError):
            continue
    return fitted([(cells, seconds) for cells, seconds in times if cells > 0 and seconds > 0])


def fitted(times: list[tuple[float, float]]) -> Rate:
    """The rate of tiles with so many cells that took so many core-seconds each: seconds = start + cells / rate, by the
    median of the slopes between tiles of different sizes, each counted by the cells of the larger. So neither a tiny
    tile, which is all start, nor one on a busy machine decides. The range holds 80 % of the slopes."""
    if not times:
        return Rate()
    slopes = [
        ((long - short) / (more - fewer), more)
        for (fewer, short), (more, long) in combinations(sorted(times), 2)
        if more >= APART * fewer and long > short
    ]
    per_cell = slopes or [(seconds / cells, cells) for cells, seconds in times]
    least, middle, most = (_quantile(per_cell, part) for part in (0.1, 0.5, 0.9))
    start = max(0.0, median(seconds - middle * cells for cells, seconds in times)) if slopes else 0.0
    spread = MOST if slopes else UNKNOWN_START
    return Rate(
        1 / middle,
        len(times),
        min(1 / most, LEAST / middle),
        max(1 / least, spread / middle),
        start,
        max(cells for cells, _ in times),
    )


def _quantile(weighted: list[tuple[float, float]], part: float) -> float:
    """The value below which this part of the weight lies."""
    values = sorted(weighted)
    weights = list(accumulate(weight for _, weight in values))
    return values[bisect_left(weights, part * weights[-1])][0]


def most_memory(folder: Path, most: int) -> float | None:
    """The most memory, in bytes, that one of the newest jobs took by Snakemake's own measurement in a folder of
    benchmarks; None where there is none."""
    found = []
    for path in sorted(folder.glob("*.tsv"), key=_written)[-most:]:
        try:
            names, values = path.read_text(encoding="utf-8").splitlines()[:2]
            found.append(float(dict(zip(names.split("\t"), values.split("\t"), strict=True))["max_rss"]) * 2**20)
        except (OSError, ValueError, KeyError):
            continue
    return max(found, default=None)


def _written(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except FileNotFoundError:
        return 0.0


def sampled_rate(tiles: list[Tile], threads: int, cells: float = inf) -> tuple[float, int]:
    """Cells per second and core, and of how many chunks it is: random ones of random tiles, so many at a time, each
    tile and chunk as likely as it is large, for SECONDS or until so many cells are computed. Seconds are those of the
    CPU, so that other work on the machine counts little. It raises whatever the kernel raises."""
    first = tiles[0]
    evaluate(first, {name: values[:1] for name, values in first.axes.items()})
    deadline = time.perf_counter() + SECONDS
    weights = [tile.cells for tile in tiles]

    def work(seed: int) -> tuple[int, int, float]:
        rng = random.Random(seed)
        done = chunks = 0
        started = time.thread_time()
        while not chunks or (time.perf_counter() < deadline and done * threads < cells):
            (tile,) = rng.choices(tiles, weights)
            part = random_chunk(tile, rng)
            evaluate(tile, axes_of(tile, part))
            done, chunks = done + part.cells, chunks + 1
        return done, chunks, time.thread_time() - started

    with ThreadPoolExecutor(threads) as pool:
        found = list(pool.map(work, range(threads)))
    return sum(cells for cells, _, _ in found) / sum(spent for _, _, spent in found), sum(n for _, n, _ in found)


def expected_seconds(store: Path, tile: Tile, cells: int) -> float:
    """How long so many cells of a tile should take on one core, by the store's rate or by that of a sample."""
    rate = of_quantity(Path(store) / tile.quantity, tile, MEASURED_TILES)
    return rate.start + cells / (rate.value or sampled_rate([tile], 1)[0])
