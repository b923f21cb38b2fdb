"""Compute one tile: in parallel over dask chunks, in bounded memory, each chunk written as it finishes."""

import time
from collections.abc import Callable
from functools import partial
from math import prod
from pathlib import Path

import numpy as np

from survey.compute.evaluate import CHUNK_CELLS, axes_of, chunk_shape, evaluate, place_of
from survey.compute.rates import expected_seconds
from survey.compute.workers import workers
from survey.store.known import Piece, contiguous, copy_known, on_dimensions
from survey.store.store import new_tile
from survey.store.tiles import Tile


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

    Numbers that other tiles of the store hold are copied. The values do not depend on threads, workers, chunks and
    other tiles. `progress` is called with the number of cells that are there, after each chunk. Raises whatever the
    kernel raises, with the chunk it happened in as a note; the store then is as it was.
    """
    with new_tile(store, tile, chunk_shape(tile, cells)) as dataset:
        pieces = copy_known(store, tile, dataset)
        chunks = [
            Piece(chunk, piece.variables)
            for piece in pieces
            for chunk in piece.part.regions(chunk_shape(tile, cells, piece.part))
        ]
        missing = sum(piece.part.cells for piece in pieces)
        done = prod(tile.shape) - missing

        def write(chunk: Piece, computed: dict[str, np.ndarray]) -> None:
            nonlocal done
            for name, values in computed.items():
                index = tuple(map(contiguous, on_dimensions(chunk.part, tile, name).places))
                dataset[name][index] = values
            done += chunk.part.cells
            progress(done)

        if chunks:
            # One cell first: kernels are imported and compiled once, before threads and the clock that plans rely on.
            evaluate(tile, {name: values[:1] for name, values in tile.axes.items()}, chunks[0].variables)
            expected = partial(expected_seconds, store, tile, missing)
            with workers(scheduler, threads, tile.quantity, expected) as each:
                started = time.perf_counter()
                each(partial(_compute, tile), chunks, write, partial(_name, tile))
                seconds = time.perf_counter() - started
            # Plans are made from the rates of threads alone: workers also start, and wait for this process.
            if scheduler is None:
                dataset.setncatts({"cells": missing, "threads": threads, "compute_seconds": seconds})
    return tile.path(store)


def _compute(tile: Tile, chunk: Piece) -> dict[str, np.ndarray]:
    return evaluate(tile, axes_of(tile, chunk.part), chunk.variables)


def _name(tile: Tile, chunk: Piece) -> str:
    return place_of(tile, axes_of(tile, chunk.part))
