"""What a diagram is drawn from: slices of cubes and of crossovers, flags in words, the local exponent."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from pathlib import Path

import netCDF4
import numpy as np
import xarray

from survey.cubes.read import attributes_of, open_cube, read_region
from survey.errors import SurveyError
from survey.flags import flag_words
from survey.grid import canonical, same

# To a diagram numbers beyond are infinite, or zero: its axes reach farther than its numbers.
LARGEST, SMALLEST = 1e280, 1e-250


def read_slice(path: Path, at: Mapping[str, float | Iterable[float]], variables: Iterable[str]) -> xarray.Dataset:
    """The variables of a cube at the given coordinates, read into memory; the axes not named in `at` stay free.

    A number in `at` removes its axis, a tuple of numbers keeps it with those values alone; axes that none of the
    variables depends on are ignored. Coordinates are identified by their canonical decimals, never by nearness; raises
    SurveyError if one is not on the grid.
    """
    if not path.is_file():
        raise SurveyError(f"{path} does not exist; it is computed before a diagram of it can be drawn")
    wanted = list(dict.fromkeys(variables))
    with open_cube(path) as cube:
        known = [name for name in cube.variables if name not in cube.dimensions]
        for name in wanted:
            if name not in known:
                raise SurveyError(f"{path}: found no variable {name!r}; allowed: {', '.join(known)}")
        grid = {axis: cube[axis][:] for name in wanted for axis in cube[name].dimensions}
        index = {axis: _positions(path, axis, grid[axis], values) for axis, values in at.items() if axis in grid}
        box = {axis: slice(np.min(places), np.max(places) + 1) for axis, places in index.items()}
        cells = xarray.Dataset(
            {name: _variable(cube, name, box) for name in wanted},
            {
                axis: (axis, values[box.get(axis, slice(None))], attributes_of(cube[axis]))
                for axis, values in grid.items()
            },
            attributes_of(cube),
        )
    return cells.isel({axis: np.subtract(places, box[axis].start).tolist() for axis, places in index.items()})


def _variable(cube: netCDF4.Dataset, name: str, box: Mapping[str, slice]) -> tuple[tuple[str, ...], np.ndarray, dict]:
    """Dimensions, values and attributes of a variable within a box."""
    dimensions = cube[name].dimensions
    values = read_region(cube, name, tuple(box.get(axis, slice(None)) for axis in dimensions))
    return dimensions, _within(values) if values.dtype.kind == "f" else values, attributes_of(cube[name])


def _within(values: np.ndarray) -> np.ndarray:
    sizes = np.abs(values.astype(np.float64))
    bounded = np.where(sizes > LARGEST, np.copysign(np.inf, values), values)
    return np.where(sizes < SMALLEST, 0.0, bounded).astype(values.dtype)


def axes_in(path: Path) -> dict[str, tuple[str, ...]]:
    """The axes of each variable of a file."""
    with open_cube(path) as cube:
        return {name: variable.dimensions for name, variable in cube.variables.items()}


def optional(path: Path, names: Iterable[str], axes: Iterable[str]) -> list[str]:
    """Those of the variables that a file has and that depend on no other axes than these."""
    known, found = set(axes), axes_in(path)
    return [name for name in names if name in found and known.issuperset(found[name])]


def spread(cells: xarray.Dataset, *axes: str) -> xarray.Dataset:
    """The variables over all of these axes, in this order; by repetition along those that a variable does not have."""
    lengths = {axis: cells.sizes[axis] for axis in axes}
    full = cells.assign(
        {
            name: variable.expand_dims({axis: size for axis, size in lengths.items() if axis not in variable.dims})
            for name, variable in cells.data_vars.items()
        }
    )
    return full.transpose(*axes)


def _positions(path: Path, axis: str, grid: np.ndarray, values):
    if np.ndim(values):
        return [_positions(path, axis, grid, value) for value in values]
    found = [position for position, value in enumerate(grid) if same(value, values)]
    if not found:
        nearest = ", ".join(f"{value:.6g}" for value in sorted(sorted(grid, key=lambda v: abs(np.log(v / values)))[:2]))
        raise SurveyError(f"{path}: {axis} = {float(values):.12g} is not on the grid; the nearest values are {nearest}")
    return found[0]


def exponent(values: np.ndarray, coordinates: np.ndarray, axis: int) -> np.ndarray:
    """The local exponent -d ln(values)/d ln x by central differences in ln x, one-sided at the two ends; x are the
    coordinates along `axis`.

    NaN where a value that enters is not finite or not positive. Raises SurveyError for fewer than two coordinates.
    """
    if coordinates.size < 2:
        raise SurveyError(f"an exponent needs at least 2 coordinates; found {coordinates.size}")
    logs = np.full(values.shape, np.nan)
    good = np.isfinite(values) & (values > 0)
    logs[good] = np.log(values[good])
    return -np.gradient(logs, np.log(coordinates), axis=axis)


def status_masks(cells: xarray.Dataset) -> dict[str, np.ndarray]:
    """For each status other than `ok` that occurs, the cells that have it; empty if the cube stores no status."""
    if "status" not in cells:
        return {}
    status = cells["status"]
    masks: dict[str, np.ndarray] = {}
    for value, meanings in flag_words(status.values, status.attrs).items():
        for meaning in meanings:
            if meaning != "ok":
                masks[meaning] = masks.get(meaning, False) | (status.values == value)
    return masks


def configuration_of(cells: xarray.Dataset) -> dict:
    """The configuration that a cube was computed with: quantity, options, constants, axes."""
    return json.loads(cells.attrs.get("configuration", "{}"))


def configuration_digest(attributes: Mapping) -> str:
    """Twelve hex digits that name the configuration that a cube with these attributes was computed with."""
    return hashlib.sha256(attributes.get("configuration", "").encode()).hexdigest()[:12]


def along(lines: xarray.Dataset, name: str, coordinate: xarray.DataArray) -> tuple[np.ndarray, np.ndarray]:
    """A crossover over the one axis that is left free: its own values of that axis, and the crossover there; all the
    same at the given coordinates if it does not depend on it."""
    values, axis = lines[name], coordinate.name
    if left := [str(dim) for dim in values.dims if dim != axis]:
        raise SurveyError(f"the crossover {name} still depends on {', '.join(left)}; give their values under `at`")
    own = lines[axis].values if axis in values.dims else coordinate.values
    return own, np.broadcast_to(values.values, own.shape)


def without(at: Mapping[str, float], axis: str) -> dict[str, float]:
    """The selection without one axis."""
    return {name: value for name, value in at.items() if name != axis}


def axis_of(crossover: xarray.DataArray) -> str:
    """The axis along which a crossover was located."""
    return json.loads(crossover.attrs.get("settings", "{}")).get("along", "T")


def describe(at: Mapping[str, float]) -> str:
    """A selection in canonical decimals, for the metadata of a file."""
    return ", ".join(f"{name}={canonical(value)}" for name, value in at.items())
