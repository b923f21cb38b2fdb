"""What a cube says at a point, along a curve or on a plane: interpolated in logarithms, and open about the cells used.

`survey query FILE VARIABLE T=40mK chi=0.05 ...` in the shell; in Python

    with open_cube("results/gold_wire/dephasing.nc") as cube:
        point = query(cube, "tau_phi", T="40 mK", Lambda0=1e-3, Pd=1e46, chi=0.05, Estar="20 mK")

Only the cells that an answer needs are read.
"""

from collections.abc import Callable, Mapping
from pathlib import Path

import netCDF4
import numpy as np

from survey.cubes.read import attributes_of, open_cube
from survey.errors import SurveyError
from survey.query.axes import axes_of, place_on
from survey.query.cells import check_size, dimensions_of, interpolated, is_smooth
from survey.query.findings import columns_of, remarks
from survey.query.parts import interpolated_in_parts
from survey.query.posterior import is_summary, summary

_OF_FINDINGS = ("sample", "rival", "verdict", "summary")


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

    Of a finding, a file of groups, `variable` is GROUP/NAME, or a group that is a table: then the Dataset holds all its
    variables. Axes of labels (rivals, experiments, quantiles) take one to the letter. Beside a number stand what the
    file says of it (`<name>_error`, ...) and `remark`, why there is none. Of a posterior it may be a parameter, or
    `probability`: `survey.query.posterior.summary`.

    An answer that would need a cell that is not finite, or whose status is `empty` or `not_converged`, is refused.
    SurveyError for an unknown variable or axis, a value without or with a wrong unit, and a value outside its axis.
    """
    import xarray as xr

    if not isinstance(cube, netCDF4.Dataset):
        with open_cube(_path_of(cube)) as opened:
            return query(opened, variable, nearest=nearest, scheduler=scheduler, **at)
    result = xr.Dataset(*answer(cube, variable, at, nearest=nearest, scheduler=scheduler))
    return result.squeeze([name for name, given in at.items() if np.ndim(given) == 0 and result.sizes.get(name) == 1])


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
    if is_summary(cube, variable):
        if nearest or scheduler:
            raise SurveyError(f"{cube.filepath()}: {variable} is made of draws and has no cells; allowed: values alone")
        data, coordinates = summary(cube, variable, at, check)
        return data, coordinates, _provenance(cube)
    columns = columns_of(cube, variable)
    first, *others = columns
    axes = axes_of(cube, first)
    for name in at:
        if name not in axes:
            raise SurveyError(f"{cube.filepath()}: {variable} has no axis {name!r}; allowed: {', '.join(axes)}")
    places = {name: place_on(cube, axis, at) for name, axis in axes.items()}

    def found(own: str) -> dict:
        dims, between = dimensions_of(cube, own), nearest or not is_smooth(cube, own)
        used = {name: places[name].used(axes[name], between) for name in dims}
        around = {name: None if places[name].free else places[name].around for name in dims}
        if scheduler is not None:
            return interpolated_in_parts(cube, own, used, around, scheduler)
        check(used, around)
        return interpolated(cube, own, used, around)

    data = {} if variable != first else found(first)
    data |= {own.rpartition("/")[2]: found(own)[own] for own in (others if data else columns)}
    data |= remarks(cube, variable, places)
    coordinates = {}
    for name, axis in axes.items():
        coordinates[name] = ((name,), places[name].values, axis.attributes)
        around = places[name].around
        for suffix, where in {
            "nearest": [one.cells.start + one.nearest for one in around],
            "low": [one.cells.start + one.bracket.start for one in around],
            "high": [one.cells.start + one.bracket.stop - 1 for one in around],
        }.items():
            described = {**axis.attributes, "long_name": f"{suffix} computed value of {name}"}
            data[f"{name}_{suffix}"] = ((name,), axis.values[where], described)
    return data, coordinates, _provenance(cube)


def _provenance(cube: netCDF4.Dataset) -> dict:
    known = ("survey", "label", "quantity", "quantity_version", "promised_accuracy", "source", *_OF_FINDINGS)
    attributes = attributes_of(cube)
    return {"cube": cube.filepath()} | {name: attributes[name] for name in known if name in attributes}
