"""How fast cells are computed: as the store measured it, since each tile carries its cells, threads and seconds, or by
a sample of the grid itself."""

import json
import random
import time
from bisect import bisect_left
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from itertools import accumulate
from pathlib import Path

import netCDF4

from survey.compute.evaluate import axes_of, evaluate, random_chunk
from survey.store.tiles import Tile

# Rate and memory are taken from so many of the newest tiles.
MEASURED_TILES = 50
# What a sample takes, once the kernel is compiled.
SECONDS = 10.0


def of_quantity(folder: Path, tile: Tile, most: int) -> tuple[float, int]:
    """Cells per second and core of the tiles in the folder of a quantity, and of how many it is: of those that differ
    from a tile in their axes alone if there are any, else of those with its options, on which the time depends most."""
    alike = measured(folder.glob(f"{tile.family}-*.nc"), most)
    return alike if alike[1] else measured(folder.glob("*.nc"), most, tile.options)


def measured(paths: Iterable[Path], most: int, options: Mapping[str, str] | None = None) -> tuple[float, int]:
    """Cells per second and core of so many of the newest of these tiles (those with the given options), and of how many
    it is; zeros if none of them can be read. It is the median by cells: half of all cells were computed faster."""
    rates = []
    for path in sorted(paths, key=_written)[-most:]:
        try:
            with netCDF4.Dataset(path) as dataset:
                if options is None or json.loads(dataset.identity)["options"] == options:
                    cells = float(dataset.cells)
                    rates.append((cells / (dataset.compute_seconds * dataset.threads), cells))
        except (OSError, RuntimeError, AttributeError, ValueError, LookupError, TypeError, ZeroDivisionError):
            continue
    if not rates:
        return 0.0, 0
    rates.sort()
    cells = list(accumulate(cells for _, cells in rates))
    return rates[bisect_left(cells, cells[-1] / 2)][0], len(rates)


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


def sampled_rate(tiles: list[Tile], threads: int) -> tuple[float, int]:
    """Cells per second and core, and of how many chunks it is: random ones of random tiles, so many at a time, each
    tile and chunk as likely as it is large. Seconds are those of the CPU, so that other work on the machine counts
    little. It raises whatever the kernel raises."""
    first = tiles[0]
    evaluate(first, {name: values[:1] for name, values in first.axes.items()})
    deadline = time.perf_counter() + SECONDS
    weights = [tile.cells for tile in tiles]

    def work(seed: int) -> tuple[int, int, float]:
        rng = random.Random(seed)
        cells = chunks = 0
        started = time.thread_time()
        while not chunks or time.perf_counter() < deadline:
            (tile,) = rng.choices(tiles, weights)
            part = random_chunk(tile, rng)
            evaluate(tile, axes_of(tile, part))
            cells, chunks = cells + part.cells, chunks + 1
        return cells, chunks, time.thread_time() - started

    with ThreadPoolExecutor(threads) as pool:
        found = list(pool.map(work, range(threads)))
    return sum(cells for cells, _, _ in found) / sum(spent for _, _, spent in found), sum(n for _, n, _ in found)


def expected_seconds(store: Path, tile: Tile, cells: int) -> float:
    """How long so many cells of a tile should take on one core, by the store's rate or by that of a sample."""
    rate, _ = of_quantity(Path(store) / tile.quantity, tile, MEASURED_TILES)
    return cells / (rate or sampled_rate([tile], 1)[0])
