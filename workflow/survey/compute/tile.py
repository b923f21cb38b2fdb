"""Compute one tile: in parallel over dask chunks, in bounded memory, each chunk written as it finishes."""

import time
from collections.abc import Callable
from functools import partial
from math import ceil, prod
from pathlib import Path

import numpy as np

from physics import QUANTITIES
from survey.compute.workers import workers
from survey.errors import SurveyError
from survey.grid import on_axes, open_grid
from survey.store.known import Part, contiguous, copy_known, on_dimensions
from survey.store.store import new_tile
from survey.store.tiles import SHARED_AXES, Tile, stored_dtype

# Of one chunk on one thread: a working set of some ten megabytes, and chunks enough for all threads.
CHUNK_CELLS = 120_000


def chunk_shape(tile: Tile, cells: int = CHUNK_CELLS, part: Part | None = None) -> tuple[int, ...]:
    """The largest extent of a chunk of a tile, or of part of it, along each axis: the axes are cut in parts of about
    equal length, the last axis first and those that share work last, until a chunk has at most `cells` cells."""
    lengths = dict(zip(tile.axes, part.shape if part else tile.shape, strict=True))
    order = [name for name in reversed(lengths) if name not in SHARED_AXES]
    for name in order + [name for name in lengths if name in SHARED_AXES]:
        others = int(np.prod([length for other, length in lengths.items() if other != name], dtype=np.int64))
        parts = min(lengths[name], ceil(lengths[name] * others / cells))
        lengths[name] = ceil(lengths[name] / parts)
    return tuple(lengths.values())


def compute_tile(
    store: Path,
    tile: Tile,
    threads: int = 1,
    cells: int = CHUNK_CELLS,
    progress: Callable[[int], None] = lambda cells_done: None,
    scheduler: str | None = None,
) -> Path:
    """Compute a tile with so many threads, in chunks of at most so many cells, and put it into the store; with
    `scheduler` on the workers of dask.distributed that `survey.compute.workers` finds there.

    Cells that another tile of the store holds are copied from it. The values do not depend on threads, workers, chunks
    and other tiles. `progress` is called with the number of cells that are there, after each chunk. Raises whatever the
    kernel raises, with the chunk it happened in as a note; the store then is as it was.
    """
    with new_tile(store, tile, chunk_shape(tile, cells)) as dataset:
        # One cell first: kernels are imported and compiled once, before threads and the clock that plans rely on.
        evaluate(tile, {name: values[:1] for name, values in tile.axes.items()})
        parts = copy_known(store, tile, dataset)
        chunks = [chunk for part in parts for chunk in part.regions(chunk_shape(tile, cells, part))]
        missing = sum(part.cells for part in parts)
        done = prod(tile.shape) - missing

        def write(chunk: Part, computed: dict[str, np.ndarray]) -> None:
            nonlocal done
            for name, values in computed.items():
                index = tuple(map(contiguous, on_dimensions(chunk, tile, name).places))
                dataset[name][index] = values
            done += chunk.cells
            progress(done)

        if chunks:
            expected = partial(_expected_seconds, store, tile, missing)
            with workers(scheduler, threads, tile.quantity, expected) as each:
                started = time.perf_counter()
                each(partial(_compute, tile), chunks, write, partial(_name, tile))
                seconds = time.perf_counter() - started
            # Plans are made from the rates of threads alone: workers also start, and wait for this process.
            if scheduler is None:
                dataset.setncatts({"cells": missing, "threads": threads, "compute_seconds": seconds})
    return tile.path(store)


def _expected_seconds(store: Path, tile: Tile, cells: int) -> float:
    """How long so many cells of a tile should take on one core, by the store's rate or by that of a sample."""
    from survey.compute.rates import of_quantity
    from survey.compute.sample import sampled_rate
    from survey.run.plan import MEASURED_TILES

    rate, _ = of_quantity(Path(store) / tile.quantity, tile, MEASURED_TILES)
    return cells / (rate or sampled_rate([tile], 1)[0])


def _compute(tile: Tile, chunk: Part) -> dict[str, np.ndarray]:
    return evaluate(tile, axes_of(tile, chunk))


def _name(tile: Tile, chunk: Part) -> str:
    return _place(tile, axes_of(tile, chunk))


def axes_of(tile: Tile, part: Part) -> dict[str, tuple[float, ...]]:
    """The values of the axes at the cells of a part."""
    return {
        name: tuple(values[place] for place in along)
        for (name, values), along in zip(tile.axes.items(), part.places, strict=True)
    }


def evaluate(tile: Tile, axes: dict[str, tuple[float, ...]]) -> dict[str, np.ndarray]:
    """The variables of a tile on part of its axes, in the types they are stored in."""
    quantity = QUANTITIES[tile.quantity]
    try:
        computed = quantity(**open_grid(axes), **tile.constants, **tile.options, variables=tile.variables)
        return {
            name: _narrowed(
                on_axes(computed[name], axes, tile.dimensions(name)),
                name,
                stored_dtype(quantity.variable(name), tile.dtype),
            )
            for name in tile.variables
        }
    except Exception as error:
        error.add_note(_place(tile, axes))
        raise


def _place(tile: Tile, axes: dict[str, tuple[float, ...]]) -> str:
    where = ", ".join(f"{name} {min(values):g} ... {max(values):g}" for name, values in axes.items())
    return f"{tile.quantity}, tile {tile.digest}, chunk {where}"


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
