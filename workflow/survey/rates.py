"""How fast tiles were computed: each one carries its cells, threads and seconds, and so the store its own rates."""

from collections.abc import Iterable
from pathlib import Path
from statistics import median

import netCDF4


def measured(paths: Iterable[Path], most: int) -> tuple[float, int]:
    """Cells per second and core, the median of so many of the newest of these tiles, and of how many it is; zeros if
    none of them can be read."""
    rates = []
    for path in sorted(paths, key=_written)[-most:]:
        try:
            with netCDF4.Dataset(path) as dataset:
                rates.append(float(dataset.cells / (dataset.compute_seconds * dataset.threads)))
        except (OSError, AttributeError, ZeroDivisionError):
            continue
    return (median(rates), len(rates)) if rates else (0.0, 0)


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
