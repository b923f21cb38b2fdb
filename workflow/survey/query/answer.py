"""What a cube says at a point, along a curve or on a plane: interpolated in logarithms, and open about the cells used.

`survey query FILE VARIABLE T=40mK chi=0.05 ...` in the shell; in Python

    with open_cube("results/gold_wire/dephasing.nc") as cube:
        point = query(cube, "tau_phi", T="40 mK", Lambda0=1e-3, Pd=1e46, chi=0.05, Estar="20 mK")

Only the cells that an answer needs are read.
"""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import netCDF4
import numpy as np

from physics import PARAMETERS
from survey import units
from survey.cubes.read import attributes_of, open_cube
from survey.errors import SurveyError
from survey.flags import flag_table
from survey.query.cells import check_size, dimensions_of, interpolated, read_cells
from survey.query.interpolation import grid_index, nearest_cell, stencil
from survey.query.parts import interpolated_in_parts


def query(cube, variable: str, *, nearest: bool = False, scheduler: str | None = None, **at):
    """The values of a variable of a cube, as an xarray Dataset.

    `cube` is what `open_cube` returns, a path, or what `xarray.open_dataset` returned, of which the file is read. Each
    keyword is an axis: a number in the unit of the vocabulary, a text with its unit ("40 mK"), several of them ("40 mK,
    100 mK" or a list), which become a dimension of the answer, or left out, which gives all values of the axis: one
    free axis is a curve, two a plane.
    A value that is on the grid to 12 digits gives the stored numbers bit by bit; between the cells floats are
    interpolated as in `survey.query.interpolation`, while flag variables, and all variables with `nearest=True`, are
    those of the nearest cell.

    The Dataset holds the variable (in its own unit, NaN where it is refused), `meaning` (flag variables only),
    `error_estimate` (how far cubic and linear interpolation differ, relative, summed over the axes; 0 for a computed
    cell, NaN where there is none because an axis had to stay linear), `lowest_around` and `highest_around` (of the
    enclosing computed cells; NaN if any is), `method`, `statuses` (of the cells used, a bit
    for each), `cells_used`, `nearest_<variable>` and `nearest_status` (the nearest computed cell), and for each axis
    `<axis>_nearest`, `<axis>_low` and `<axis>_high`, the nearest and the enclosing computed values.

    With `scheduler`, as in `survey.compute.workers`, a large answer is worked out by the workers of dask.distributed,
    which read the cube's file themselves.

    An answer that would need a cell that is not finite, or whose status is `empty` or `not_converged`, is refused.
    SurveyError for an unknown variable or axis, a value without or with a wrong unit, and a value outside its axis.
    """
    import xarray as xr

    if not isinstance(cube, netCDF4.Dataset):
        with open_cube(_path_of(cube)) as opened:
            return query(opened, variable, nearest=nearest, scheduler=scheduler, **at)
    result = xr.Dataset(*answer(cube, variable, at, nearest=nearest, scheduler=scheduler))
    return result.squeeze([name for name, given in at.items() if np.ndim(given) == 0 and result.sizes[name] == 1])


def _path_of(cube) -> str | Path:
    """The file of a cube: a path, or a Dataset of xarray."""
    path = cube if isinstance(cube, str | Path) else cube.encoding.get("source")
    if path is None:
        raise SurveyError("found a Dataset that was read from no file; allowed: a cube, or its path")
    return path


def answer(
    cube: netCDF4.Dataset,
    variable: str,
    at: Mapping,
    *,
    nearest: bool = False,
    scheduler: str | None = None,
    check: Callable[[Mapping, Mapping], None] = check_size,
) -> tuple[dict, dict, dict]:
    """Data variables, coordinates and attributes of an answer, as xarray.Dataset takes them but without xarray, whose
    import takes longer than the query. Every axis is a dimension of the answer, of length 1 if it has one value.

    `check` is asked, before cells are read, whether an answer without scheduler may be so large: it is given the
    stencils of the values and of the cells around them, as `survey.query.cells.interpolated` is."""
    dims = dimensions_of(cube, variable)
    axes = {name: np.asarray(read_cells(cube, name, (slice(None),)), dtype=np.float64) for name in dims}
    for name in at:
        if name not in axes:
            raise SurveyError(f"{cube.filepath()}: {variable} has no axis {name!r}; allowed: {', '.join(axes)}")
    wanted = {name: _values(name, given) for name, given in at.items()}
    asked = {name: _on_axis(cube, name, axis, wanted.get(name, axis)) for name, axis in axes.items()}
    around = {name: [stencil(axis, value) for value in asked[name]] for name, axis in axes.items()}
    used = around
    if nearest or flag_table(attributes_of(cube.variables[variable])):
        used = {name: [nearest_cell(axis, value) for value in asked[name]] for name, axis in axes.items()}
    placed = {name: around[name] if name in wanted else None for name in dims}
    if scheduler is None:
        check(used, placed)
        data = interpolated(cube, variable, used, placed)
    else:
        data = interpolated_in_parts(cube, variable, used, placed, scheduler)
    coordinates = {}
    for name, axis in axes.items():
        attributes = attributes_of(cube.variables[name])
        coordinates[name] = ((name,), np.array(asked[name]), attributes)
        for suffix, places in {
            "nearest": [one.cells.start + one.nearest for one in around[name]],
            "low": [one.cells.start + one.bracket.start for one in around[name]],
            "high": [one.cells.start + one.bracket.stop - 1 for one in around[name]],
        }.items():
            described = {**attributes, "long_name": f"{suffix} computed value of {name}"}
            data[f"{name}_{suffix}"] = ((name,), axis[places], described)
    return data, coordinates, _provenance(cube)


def _values(name: str, given) -> list[float]:
    """The values of one axis, in the unit of the vocabulary."""
    parts = given.split(",") if isinstance(given, str) else np.atleast_1d(np.asarray(given, dtype=object)).tolist()
    if not parts:
        raise SurveyError(f"{name}: no value; allowed: at least one, or leave {name} out for all of its axis")
    try:
        return [units.parse(part, PARAMETERS[name]) if isinstance(part, str) else float(part) for part in parts]
    except SurveyError as error:
        raise SurveyError(f"{name}: {error}") from None
    except (TypeError, ValueError, OverflowError):
        raise SurveyError(f"{name}: found {given!r}; allowed: a number, {PARAMETERS[name].valid_range}") from None


def _on_axis(cube: netCDF4.Dataset, name: str, axis: np.ndarray, values: Sequence[float]) -> list[float]:
    """The values, each replaced by the computed one if it is the same coordinate; SurveyError outside the axis."""
    unit = "" if PARAMETERS[name].unit == "1" else f" {PARAMETERS[name].unit}"
    places = [grid_index(axis, value) for value in values]
    for value, place in zip(values, places, strict=True):
        if place is None and not axis[0] < value < axis[-1]:
            computed = f"{axis[0]:.12g}" if len(axis) == 1 else f"{axis[0]:.12g} … {axis[-1]:.12g}"
            raise SurveyError(
                f"{cube.filepath()}: {name} = {value:.12g}{unit} was not computed, and nothing is extrapolated; "
                f"allowed: {computed}{unit}"
            )
    return [value if place is None else float(axis[place]) for value, place in zip(values, places, strict=True)]


def _provenance(cube: netCDF4.Dataset) -> dict:
    known = ("survey", "label", "quantity", "quantity_version", "promised_accuracy", "source")
    attributes = attributes_of(cube)
    return {"cube": cube.filepath()} | {name: attributes[name] for name in known if name in attributes}
