"""Which two coordinates are the same, and what a grid of them looks like.

Two values are one coordinate if their canonical decimals of 12 significant digits agree: a relative criterion that
holds for 1e-9 as for 1e47, and for 0.1 + 0.2 and 0.3.
"""

import hashlib
from collections.abc import Collection, Iterable, Mapping

import numpy as np


def canonical(value: float) -> str:
    """The decimal of 12 significant digits that identifies a coordinate: canonical(0.1 + 0.2) == canonical(0.3)."""
    return format(float(value) + 0.0, ".11e")


def same(a: float, b: float) -> bool:
    """Whether two values are the same coordinate."""
    return canonical(a) == canonical(b)


def canonical_axis(values: Iterable[float]) -> np.ndarray:
    """The values as a coordinate axis: rounded to their canonical decimals, each once, ascending, float64."""
    return np.array(sorted({float(canonical(value)) for value in values}), dtype=np.float64)


def open_grid(axes: Mapping[str, Iterable[float]]) -> dict[str, np.ndarray]:
    """One array per axis, of the length of the axis along its own dimension and 1 along all others: they broadcast to
    the grid, in the order of `axes`, and the product itself is never formed."""
    arrays = {name: np.asarray(values, dtype=np.float64) for name, values in axes.items()}
    return {
        name: array.reshape([-1 if position == other else 1 for other in range(len(arrays))])
        for position, (name, array) in enumerate(arrays.items())
    }


def on_axes(array: np.ndarray, axes: Mapping[str, Collection[float]], dimensions: Iterable[str]) -> np.ndarray:
    """An array that broadcasts to the open grid of `axes`, over those of the axes that it depends on alone."""
    lengths = {name: len(values) for name, values in axes.items()}
    array = np.asarray(array)
    array = array.reshape((1,) * (len(lengths) - array.ndim) + array.shape)
    kept = array[tuple(slice(None) if name in dimensions else 0 for name in lengths)]
    return np.broadcast_to(kept, [length for name, length in lengths.items() if name in dimensions])


def blocks(values: Iterable[float], longest: int) -> list[np.ndarray]:
    """The axis cut into consecutive blocks of at most `longest` values, and at least `longest` // 4 if it is cut.

    Where to cut depends on the values alone, not on their positions or on other axes: an axis that is too long is cut
    before the value whose hash is lowest, and so on in both parts. A value inserted into the axis thus changes the
    block that it falls into and, seldom, a neighbour of it.
    """
    axis = np.asarray(values, dtype=np.float64)
    shortest = max(1, longest // 4)
    if axis.size <= longest:
        return [axis]
    candidates = range(shortest, axis.size - shortest + 1)
    cut = min(candidates, key=lambda position: _hash(float(axis[position])))
    return blocks(axis[:cut], longest) + blocks(axis[cut:], longest)


def _hash(value: float) -> str:
    return hashlib.sha256(canonical(value).encode()).hexdigest()
