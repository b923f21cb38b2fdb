"""The values of a tile, or of a chunk of it, as arrays: no file is read or written."""

import random
from collections.abc import Mapping
from math import ceil

import numpy as np

from physics import QUANTITIES
from survey.grid import on_axes, open_grid
from survey.store.known import Part
from survey.store.tiles import Tile, narrowed, shares_work, stored_dtype

# Of one chunk on one thread: a working set of some ten megabytes, and chunks enough for all threads.
CHUNK_CELLS = 120_000


def chunk_shape(tile: Tile, cells: int = CHUNK_CELLS, part: Part | None = None) -> tuple[int, ...]:
    """The largest extent of a chunk of a tile, or of part of it, along each axis: the axes are cut in parts of about
    equal length, the last axis first and those that share work last, until a chunk has at most `cells` cells."""
    lengths = dict(zip(tile.axes, part.shape if part else tile.shape, strict=True))
    return tuple(cut(tile.quantity, lengths, cells).values())


def cut(quantity: str, lengths: Mapping[str, int], cells: int) -> dict[str, int]:
    """The same of any axes with so many values: the extent of a chunk along each."""
    lengths = dict(lengths)
    order = [name for name in reversed(lengths) if not shares_work(quantity, name)]
    for name in order + [name for name in lengths if shares_work(quantity, name)]:
        others = int(np.prod([length for other, length in lengths.items() if other != name], dtype=np.int64))
        parts = min(lengths[name], ceil(lengths[name] * others / cells))
        lengths[name] = ceil(lengths[name] / parts)
    return lengths


def random_chunk(tile: Tile, rng: random.Random) -> Part:
    """One of the chunks in which the tile is computed."""
    places = []
    for length, step in zip(tile.shape, chunk_shape(tile), strict=True):
        start = step * rng.randrange(ceil(length / step))
        places.append(tuple(range(start, min(start + step, length))))
    return Part(tuple(places))


def axes_of(tile: Tile, part: Part) -> dict[str, tuple[float, ...]]:
    """The values of the axes at the cells of a part."""
    return {
        name: tuple(values[place] for place in along)
        for (name, values), along in zip(tile.axes.items(), part.places, strict=True)
    }


def evaluate(
    tile: Tile, axes: dict[str, tuple[float, ...]], variables: tuple[str, ...] | None = None
) -> dict[str, np.ndarray]:
    """The variables of a tile, or some of them, on part of its axes, in the types they are stored in."""
    quantity, variables = QUANTITIES[tile.quantity], variables or tile.variables
    try:
        computed = quantity(**open_grid(axes), **tile.constants, **tile.options, variables=variables)
        return {
            name: narrowed(
                on_axes(computed[name], axes, tile.dimensions(name)),
                name,
                stored_dtype(quantity.variable(name), tile.dtype),
            )
            for name in variables
        }
    except Exception as error:
        error.add_note(place_of(tile, axes))
        raise


def place_of(tile: Tile, axes: dict[str, tuple[float, ...]]) -> str:
    """What an error calls a part of a tile."""
    where = ", ".join(f"{name} {min(values):g} ... {max(values):g}" for name, values in axes.items())
    return f"{tile.quantity}, tile {tile.digest}, chunk {where}"
