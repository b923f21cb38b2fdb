"""How fast tiles were computed: each one carries its cells, threads and seconds, and so the store its own rates."""

import json
from bisect import bisect_left
from collections.abc import Iterable, Mapping
from itertools import accumulate
from pathlib import Path

import netCDF4

from survey.store.tiles import Tile


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
