"""The axes of a variable, and the places on them that a query names: numbers of the vocabulary, between which is
interpolated, and labels, of which one is chosen."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple
from weakref import WeakKeyDictionary

import netCDF4
import numpy as np

from physics import PARAMETERS
from survey import units
from survey.cubes.read import attributes_of
from survey.errors import SurveyError
from survey.grid import same
from survey.query.cells import beside, dimensions_of, read_cells
from survey.query.interpolation import Stencil, exact, grid_index, nearest_cell, stencil
from survey.words import quoted

_NAMED = 8
_read: WeakKeyDictionary[netCDF4.Dataset, dict[str, dict[str, "Axis"]]] = WeakKeyDictionary()


class Axis(NamedTuple):
    """An axis: its values, ascending numbers of a parameter of the vocabulary, or `labels`: names of rivals, quantiles,
    positions where the file has no other."""

    name: str
    values: np.ndarray
    labels: bool
    attributes: dict


class Place(NamedTuple):
    """What is asked for on an axis: the values, the cells around each, and whether all of the axis is, as it is."""

    values: np.ndarray
    around: list[Stencil]
    free: bool

    def used(self, axis: Axis, nearest: bool) -> list[Stencil]:
        """The cells that a value is made of."""
        if self.free or axis.labels or not nearest:
            return self.around
        return [nearest_cell(axis.values, value) for value in self.values]


def axes_of(cube: netCDF4.Dataset, variable: str) -> dict[str, Axis]:
    """The axes of a variable of an open file, by name; read once as long as the file is open."""
    known = _read.setdefault(cube, {})
    if variable not in known:
        known[variable] = {name: _axis(cube, variable, name) for name in dimensions_of(cube, variable)}
    return known[variable]


def _axis(cube: netCDF4.Dataset, variable: str, name: str) -> Axis:
    coordinate, holder = beside(variable, name), cube[variable].group()
    if name not in holder.variables:
        return Axis(name, np.arange(len(cube[variable].get_dims()[cube[variable].dimensions.index(name)])), True, {})
    values, attributes = read_cells(cube, coordinate, (slice(None),)), attributes_of(cube[coordinate])
    if name not in PARAMETERS:
        return Axis(name, values, True, attributes)
    return Axis(name, np.asarray(values, dtype=np.float64), False, attributes)


def place_on(cube: netCDF4.Dataset, axis: Axis, at: Mapping) -> Place:
    """Where on an axis the values lie that are asked for under its name, as numbers or texts; all of the axis if none
    is. SurveyError for a value that is none, or that lies beyond the axis."""
    if axis.name not in at:
        return Place(axis.values, [exact(number) for number in range(len(axis.values))], True)
    given = at[axis.name]
    if axis.labels:
        found = [_label(cube, axis, one) for one in _parts(axis.name, given)]
        return Place(axis.values[found], [exact(number) for number in found], False)
    values = _on_axis(cube, axis, values_of(axis.name, given))
    return Place(np.array(values), [stencil(axis.values, value) for value in values], False)


def values_of(name: str, given: object) -> list[float]:
    """The values of a parameter of the vocabulary, in its unit."""
    parts = _parts(name, given)
    try:
        return [units.parse(part, PARAMETERS[name]) if isinstance(part, str) else float(part) for part in parts]
    except SurveyError as error:
        raise SurveyError(f"{name}: {error}") from None
    except (TypeError, ValueError, OverflowError):
        raise SurveyError(f"{name}: found {given!r}; allowed: a number, {PARAMETERS[name].valid_range}") from None


def _parts(name: str, given: object) -> list:
    """Several values that are given as a list, or as one text with commas."""
    parts = given.split(",") if isinstance(given, str) else np.atleast_1d(np.asarray(given, dtype=object)).tolist()
    if not parts:
        raise SurveyError(f"{name}: no value; allowed: at least one, or leave {name} out for all of its axis")
    return parts


def _label(cube: netCDF4.Dataset, axis: Axis, asked: object) -> int:
    """The position of a label: the name to the letter, or the number to 12 digits."""
    named = axis.values.dtype.kind not in "iuf"
    try:
        wanted = str(asked).strip() if named else float(asked)
        for place, value in enumerate(axis.values):
            if value == wanted if named else same(value, wanted):
                return place
    except (TypeError, ValueError, OverflowError):
        pass
    some = ", ".join(value if named else f"{value:.12g}" for value in axis.values[:_NAMED])
    more = f", ... ({len(axis.values)} in all)" if len(axis.values) > _NAMED else ""
    raise SurveyError(f"{cube.filepath()}: {axis.name} has no {quoted(asked)}; allowed: {some}{more}")


def _on_axis(cube: netCDF4.Dataset, axis: Axis, values: Sequence[float]) -> list[float]:
    """The values, each replaced by the computed one if it is the same coordinate; SurveyError outside the axis."""
    unit = "" if PARAMETERS[axis.name].unit == "1" else f" {PARAMETERS[axis.name].unit}"
    ends, places = axis.values, [grid_index(axis.values, value) for value in values]
    for value, place in zip(values, places, strict=True):
        if place is None and not ends[0] < value < ends[-1]:
            computed = f"{ends[0]:.12g}" if len(ends) == 1 else f"{ends[0]:.12g} … {ends[-1]:.12g}"
            raise SurveyError(
                f"{cube.filepath()}: {axis.name} = {value:.12g}{unit} was not computed, and nothing is extrapolated; "
                f"allowed: {computed}{unit}"
            )
    return [value if place is None else float(ends[place]) for value, place in zip(values, places, strict=True)]
