"""Interpolation on the cells of a cube, in the logarithm of every axis and of the value.

With x the logarithm of the axes, L(x) is the multilinear interpolation of ln f between the 2^d cells around x, and
C_i(x) the same with the cubic through four cells along axis i alone. The answer is

    ln f(x) = L(x) + sum_i [C_i(x) - L(x)],

exact for power laws (L) and for cubics along each axis (the corrections); its error falls with the fourth power of the
steps. It needs a cross of cells and not the 4^d of the product of cubics, which was no more accurate (tau_phi at 400
random points of the grid of the survey gold_wire: median error 2e-4 for both; L alone: 3e-3). Where a cell of a
correction cannot be used, as near an empty corner, that correction alone becomes quadratic through the three cells on
the good side, or is left out.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from survey.grid import same


class Stencil(NamedTuple):
    """The cells along one axis that a value needs.

    `cells`, the slice of the axis to read; `bracket`, where in it the cells around the value lie (one, if the value is
    on the grid); `linear`, the weights of the bracket; `curves`, the cubic and quadratic alternatives in order of
    preference, each the cells that it takes and their weights; `nearest`, where in it the nearest cell lies.
    """

    cells: slice
    bracket: slice
    linear: np.ndarray
    curves: tuple[tuple[slice, np.ndarray], ...]
    nearest: int

    @property
    def exact(self) -> bool:
        return len(self.linear) == 1


class Interpolated(NamedTuple):
    """The answers along the free axes: arrays of their shape.

    `value` is NaN where it is refused; `error` the relative size of the corrections, sum_i |C_i - L|, NaN where an axis
    has none; `cubic` and `quadratic` have a bit for each axis that was corrected so, `seen` one for each flag of the
    cells used; `cells` is their number; `logarithmic` says whether ln f was interpolated, or f as it is not positive.
    """

    value: np.ndarray
    error: np.ndarray
    cubic: np.ndarray
    quadratic: np.ndarray
    seen: np.ndarray
    cells: np.ndarray
    refused: np.ndarray
    logarithmic: np.ndarray


def scale(values: np.ndarray) -> np.ndarray:
    """The coordinate that is interpolated in: the logarithm, or the value itself on an axis that is not positive."""
    return np.log(values) if np.all(values > 0) else np.asarray(values, dtype=np.float64)


def grid_index(axis: np.ndarray, value: float) -> int | None:
    """The index of a value on an ascending axis if it is there to 12 digits, else None."""
    position = int(np.searchsorted(axis, value))
    for index in (position - 1, position):
        if 0 <= index < len(axis) and same(axis[index], value):
            return index
    return None


def exact(index: int) -> Stencil:
    """The stencil of one cell."""
    return Stencil(slice(index, index + 1), slice(0, 1), np.ones(1), (), 0)


def nearest_cell(axis: np.ndarray, value: float) -> Stencil:
    """The stencil of the one cell that is nearest to a value, in the logarithm."""
    scaled = scale(np.append(axis, value))
    return exact(int(np.argmin(np.abs(scaled[:-1] - scaled[-1]))))


def stencil(axis: np.ndarray, value: float) -> Stencil:
    """The cells and weights for a value strictly between the ends of an ascending axis, or on one of its points."""
    index = grid_index(axis, value)
    if index is not None:
        return exact(index)
    upper = int(np.searchsorted(axis, value))
    start = max(min(upper - 2, len(axis) - 4), 0)
    stop = min(start + 4, len(axis))
    low = upper - 1 - start
    scaled = scale(np.append(axis[start:stop], value))
    points, x = scaled[:-1], scaled[-1]
    weight = (x - points[low]) / (points[low + 1] - points[low])
    return Stencil(
        cells=slice(start, stop),
        bracket=slice(low, low + 2),
        linear=np.array([1.0 - weight, weight]),
        curves=tuple((part, _lagrange(points[part], x)) for part in _windows(len(points), low)),
        nearest=low + int(weight > 0.5),
    )


def _windows(count: int, low: int) -> list[slice]:
    """All four cells, if there are four, then each three neighbours that hold the bracket."""
    threes = [slice(start, start + 3) for start in (low - 1, low) if start >= 0 and start + 3 <= count]
    return [slice(0, 4), *threes] if count == 4 else threes


def _lagrange(points: np.ndarray, x: float) -> np.ndarray:
    ratios = (x - points[None, :]) / (points[:, None] - points[None, :] + np.eye(len(points)))
    np.fill_diagonal(ratios, 1.0)
    return ratios.prod(axis=1)


def interpolate(
    values: np.ndarray, usable: np.ndarray, bits: np.ndarray, stencils: Sequence[Stencil | None]
) -> Interpolated:
    """Interpolate a block of cells along the axes that have a stencil, and keep the free ones, whose stencil is None.

    `values`, `usable` (whether a cell may be used) and `bits` (its flag, as one bit) have one dimension per stencil.
    If every stencil is exact the values come back as they are, usable or not.
    """
    fixed = tuple(axis for axis, one in enumerate(stencils) if one is not None)
    if all(stencils[axis].exact for axis in fixed):
        value = values.reshape([n for axis, n in enumerate(values.shape) if axis not in fixed])
        none = np.zeros(value.shape, dtype=np.int64)
        seen = bits.reshape(value.shape)
        return Interpolated(
            value, none.astype(np.float64), none, none, seen, none + 1, none.astype(bool), none.astype(bool)
        )
    positive = np.all((values > 0) | ~usable, axis=fixed, keepdims=True)
    logarithmic = positive.reshape([n for axis, n in enumerate(values.shape) if axis not in fixed])
    scaled = np.where(usable, values, 1.0).astype(np.float64)
    scaled = np.where(positive, np.log(np.where(scaled > 0, scaled, 1.0)), scaled)
    brackets = [None if one is None else (one.bracket, one.linear) for one in stencils]
    linear, good, seen = _contract(scaled, usable, bits, brackets)
    corrections, sizes = np.zeros(linear.shape), np.zeros(linear.shape)
    degrees = {count: np.zeros(linear.shape, dtype=np.int64) for count in (3, 4)}
    corners = int(np.prod([len(stencils[axis].linear) for axis in fixed]))
    cells = np.full(linear.shape, corners, dtype=np.int64)
    between = [axis for axis in fixed if not stencils[axis].exact]
    for axis in between:
        missing = good
        for part, weights in stencils[axis].curves:
            if not missing.any():
                break
            along = [(part, weights) if other == axis else one for other, one in enumerate(brackets)]
            curved, complete, flags = _contract(scaled, usable, bits, along)
            apply = missing & complete
            correction = np.where(apply, curved - linear, 0.0)
            corrections, sizes = corrections + correction, sizes + np.abs(correction)
            degrees[len(weights)] |= np.where(apply, 1 << axis, 0)
            seen = np.where(apply, seen | flags, seen)
            cells = cells + np.where(apply, (len(weights) - 2) * corners // 2, 0)
            missing = missing & ~complete
    corrected = (degrees[3] | degrees[4]) == sum(1 << axis for axis in between)
    value = np.where(good, linear + corrections, np.nan)
    with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
        error = np.where(logarithmic, np.expm1(sizes), sizes / np.abs(value))
    error = np.where(good & corrected, error, np.nan)
    largest = np.log(np.finfo(np.float64).max)
    value = np.where(logarithmic, np.exp(np.minimum(value, largest)), value)
    return Interpolated(value, error, degrees[4], degrees[3], seen, cells, ~good, logarithmic)


def _contract(scaled: np.ndarray, usable: np.ndarray, bits: np.ndarray, weighted: Sequence) -> tuple:
    """The block summed with its weights, whether all cells in the sum are usable, and their flags. `weighted` has the
    cells to take along each axis with their weights, or None for a free axis."""
    part = tuple(slice(None) if one is None else one[0] for one in weighted)
    fixed = tuple(axis for axis, one in enumerate(weighted) if one is not None)
    total = scaled[part]
    # Term by term, and not as a matrix product, whose last bit depends on how much else is asked for.
    for axis in reversed(fixed):
        before = (slice(None),) * axis
        total = sum(weight * total[(*before, n)] for n, weight in enumerate(weighted[axis][1]))
    return total, usable[part].all(axis=fixed), np.bitwise_or.reduce(bits[part], axis=fixed)
