"""Compute one tile: in parallel over dask chunks, in bounded memory, each chunk written as it finishes."""

import time
from concurrent.futures import ThreadPoolExecutor
from itertools import product
from math import ceil
from pathlib import Path
from threading import Lock

import dask
import netCDF4
import numpy as np

from physics import QUANTITIES
from survey.errors import SurveyError
from survey.grid import open_grid
from survey.store import new_tile
from survey.tiles import SHARED_AXES, Tile, stored_dtype

# Of one chunk on one thread: a working set of some ten megabytes, and chunks enough for all threads.
CHUNK_CELLS = 120_000


def chunk_shape(tile: Tile, cells: int = CHUNK_CELLS) -> tuple[int, ...]:
    """The largest extent of a chunk along each axis: the axes are cut in parts of about equal length, the last axis
    first and those that share work last, until a chunk has at most `cells` cells."""
    lengths = dict(zip(tile.axes, tile.shape, strict=True))
    order = [name for name in reversed(lengths) if name not in SHARED_AXES]
    for name in order + [name for name in lengths if name in SHARED_AXES]:
        others = int(np.prod([length for other, length in lengths.items() if other != name], dtype=np.int64))
        parts = min(lengths[name], ceil(lengths[name] * others / cells))
        lengths[name] = ceil(lengths[name] / parts)
    return tuple(lengths.values())


def chunks_of(tile: Tile, shape: tuple[int, ...]) -> list[tuple[slice, ...]]:
    """The chunks of a tile as regions of its grid."""
    cuts = [
        [slice(start, min(start + step, length)) for start in range(0, length, step)]
        for length, step in zip(tile.shape, shape, strict=True)
    ]
    return list(product(*cuts))


def compute_tile(store: Path, tile: Tile, threads: int = 1, cells: int = CHUNK_CELLS) -> Path:
    """Compute a tile with so many threads, in chunks of at most so many cells, and put it into the store.

    The values do not depend on threads and chunks. Raises whatever the kernel raises, with the chunk it happened in as
    a note; the store then is as it was.
    """
    shape = chunk_shape(tile, cells)
    lock = Lock()
    with new_tile(store, tile, shape) as dataset:
        # One cell first: kernels are imported and compiled once, before threads and the clock that plans rely on.
        _evaluate(tile, {name: values[:1] for name, values in tile.axes.items()})
        started = time.perf_counter()
        tasks = [dask.delayed(_compute_chunk)(tile, region, dataset, lock) for region in chunks_of(tile, shape)]
        # If a chunk fails, dask raises while others still run: leaving the pool waits for them before the file closes.
        with ThreadPoolExecutor(threads) as pool:
            dask.compute(*tasks, scheduler="threads", pool=pool)
        dataset.setncatts({"cells": tile.cells, "threads": threads, "compute_seconds": time.perf_counter() - started})
    return tile.path(store)


def _compute_chunk(tile: Tile, region: tuple[slice, ...], dataset: netCDF4.Dataset, lock: Lock) -> None:
    axes = {name: values[part] for (name, values), part in zip(tile.axes.items(), region, strict=True)}
    computed = _evaluate(tile, axes)
    with lock:
        for name, values in computed.items():
            dataset[name][region] = values


def _evaluate(tile: Tile, axes: dict[str, tuple[float, ...]]) -> dict[str, np.ndarray]:
    """The variables of a tile on part of its axes, in the types they are stored in."""
    quantity = QUANTITIES[tile.quantity]
    shape = tuple(len(values) for values in axes.values())
    try:
        computed = quantity(**open_grid(axes), **tile.constants, **tile.options, variables=tile.variables)
        return {
            name: _narrowed(
                np.broadcast_to(computed[name], shape), name, stored_dtype(quantity.variable(name), tile.dtype)
            )
            for name in tile.variables
        }
    except Exception as error:
        where = ", ".join(f"{name} {min(values):g} ... {max(values):g}" for name, values in axes.items())
        error.add_note(f"{tile.quantity}, tile {tile.digest}, chunk {where}")
        raise


def _narrowed(values: np.ndarray, name: str, dtype: str) -> np.ndarray:
    """The values in the stored type. A finite value that float32 holds as infinity, or without its seven digits,
    would be a wrong number that nothing marks, so it is refused."""
    if dtype != "float32":
        return values.astype(dtype, copy=False)
    size = np.abs(values)
    limits = np.finfo(np.float32)
    lost = np.isfinite(values) & (size > 0) & ((size > limits.max) | (size < limits.tiny))
    if lost.any():
        raise SurveyError(
            f"{name}: found the value {values[lost].flat[0]:g}, float32 holds {limits.tiny:.2g} to {limits.max:.2g}; "
            "use `dtype: float64`"
        )
    return values.astype(np.float32)
