"""What a cube says at a point, along a curve or on a plane: interpolated in logarithms, and open about the cells used.

`survey query FILE VARIABLE T=40mK chi=0.05 ...` in the shell; in Python

    with open_cube("results/gold_wire/dephasing.nc") as cube:
        point = query(cube, "tau_phi", T="40 mK", Lambda0=1e-3, Pd=1e46, chi=0.05, Estar="20 mK")

Only the cells that an answer needs are read.
"""

from collections.abc import Mapping, Sequence
from itertools import product
from math import prod
from pathlib import Path

import netCDF4
import numpy as np

from physics import PARAMETERS
from survey import units
from survey.cubes.virtual import allow_many_files, refuse_unwritten
from survey.errors import Damaged, SurveyError
from survey.query.formats import flag_bits, flag_names, flag_table
from survey.query.interpolation import Interpolated, Stencil, grid_index, interpolate, nearest_cell, stencil
from survey.store.netcdf import SEAL, broken_seal, is_virtual
from survey.store.store import damage_of, read_region

# The status of a cell that holds a number which no flag of the cube means.
UNKNOWN = "unknown"
REFUSED_STATUSES = ("empty", "not_converged", UNKNOWN)
MOST_CELLS = 20_000_000


def open_cube(path: str | Path) -> netCDF4.Dataset:
    """Open a cube for queries, without reading it; close it, or use it in a `with`.

    SurveyError if the file is missing, is not netCDF, or is damaged. A cube opened with `xarray.open_dataset` can be
    queried too.
    """
    try:
        there = Path(path).is_file()
    except OSError as error:
        raise SurveyError(f"{path}: cannot be read ({error.strerror}); allowed: a cube") from None
    if not there:
        raise SurveyError(f"{path}: {_instead(Path(path))}; allowed: a cube that a survey has written")
    try:
        cube = netCDF4.Dataset(path)
    except OSError as error:
        raise SurveyError(f"{path}: cannot be read as netCDF ({error}); allowed: a cube") from None
    with damage_of(path):
        cube.set_auto_mask(False)
        if SEAL in cube.ncattrs() and broken_seal(cube):
            raise OSError("coordinates or attributes were altered")
    if is_virtual(cube):
        # For xarray in the same process, which reads it by HDF5 alone.
        allow_many_files()
    return cube


def _instead(path: Path) -> str:
    """What stands in the place of a file that is none."""
    if path.is_symlink():
        return f"a link to {path.readlink()}, which does not exist"
    return "a folder" if path.is_dir() else "no such file"


def query(cube, variable: str, *, nearest: bool = False, scheduler: str | None = None, **at):
    """The values of a variable of a cube, as an xarray Dataset.

    `cube` is what `open_cube` or `xarray.open_dataset` returns, or a path. Each keyword is an axis: a number in the
    unit of the vocabulary, a text with its unit ("40 mK"), several of them ("40 mK, 100 mK" or a list), which become
    a dimension of the answer, or left out, which gives all values of the axis: one free axis is a curve, two a plane.
    A value that is on the grid to 12 digits gives the stored numbers bit by bit; between the cells floats are
    interpolated as in `survey.query.interpolation`, while flag variables, and all variables with `nearest=True`, are
    those of the nearest cell.

    The Dataset holds the variable (in its own unit, NaN where it is refused), `meaning` (flag variables only),
    `error_estimate` (how far cubic and linear interpolation differ, relative, summed over the axes; 0 for a computed
    cell, NaN where there is none because an axis had to stay linear), `method`, `statuses` (of the cells used, a bit
    for each), `cells_used`, `nearest_<variable>` and `nearest_status` (the nearest computed cell), and for each axis
    `<axis>_nearest`, `<axis>_low` and `<axis>_high`, the nearest and the enclosing computed values.

    With `scheduler`, as in `survey.compute.workers`, a large answer is worked out by the workers of dask.distributed,
    which read the cube's file themselves.

    An answer that would need a cell that is not finite, or whose status is `empty` or `not_converged`, is refused.
    SurveyError for an unknown variable or axis, a value without or with a wrong unit, and a value outside its axis.
    """
    import xarray as xr

    if isinstance(cube, str | Path):
        with open_cube(cube) as opened:
            return query(opened, variable, nearest=nearest, scheduler=scheduler, **at)
    result = xr.Dataset(*answer(cube, variable, at, nearest=nearest, scheduler=scheduler))
    return result.squeeze([name for name, given in at.items() if np.ndim(given) == 0 and result.sizes[name] == 1])


def answer(
    cube, variable: str, at: Mapping, *, nearest: bool = False, scheduler: str | None = None
) -> tuple[dict, dict, dict]:
    """Data variables, coordinates and attributes of an answer, as xarray.Dataset takes them but without xarray, whose
    import takes longer than the query. Every axis is a dimension of the answer, of length 1 if it has one value."""
    dims = _dimensions(cube, variable)
    axes = {name: np.asarray(_read(cube, name, (slice(None),)), dtype=np.float64) for name in dims}
    for name in at:
        if name not in axes:
            raise SurveyError(f"{_name(cube)}: {variable} has no axis {name!r}; allowed: {', '.join(axes)}")
    wanted = {name: _values(name, given) for name, given in at.items()}
    asked = {name: _on_axis(cube, name, axis, wanted.get(name, axis)) for name, axis in axes.items()}
    around = {name: [stencil(axis, value) for value in asked[name]] for name, axis in axes.items()}
    used = around
    if nearest or flag_table(_attributes(cube.variables[variable])):
        used = {name: [nearest_cell(axis, value) for value in asked[name]] for name, axis in axes.items()}
    placed = {name: around[name] if name in wanted else None for name in dims}
    if scheduler is None:
        check_size(used, placed)
        data = interpolated(cube, variable, used, placed)
    else:
        from survey.query.parts import interpolated_in_parts

        data = interpolated_in_parts(cube, _name(cube), variable, used, placed, scheduler)
    coordinates = {}
    for name, axis in axes.items():
        attributes = _attributes(cube.variables[name])
        coordinates[name] = ((name,), np.array(asked[name]), attributes)
        for suffix, places in {
            "nearest": [one.cells.start + one.nearest for one in around[name]],
            "low": [one.cells.start + one.bracket.start for one in around[name]],
            "high": [one.cells.start + one.bracket.stop - 1 for one in around[name]],
        }.items():
            described = {**attributes, "long_name": f"{suffix} computed value of {name}"}
            data[f"{name}_{suffix}"] = ((name,), axis[places], described)
    return data, coordinates, _provenance(cube)


def interpolated(cube, variable: str, used: Mapping, around: Mapping) -> dict:
    """The variable at all asked values, and what is said about each of them.

    `used` has the stencils of each axis that the value is made of, `around` those of the cells around the point, or
    None for a free axis, of which `used` then has consecutive cells."""
    dims, shape = tuple(used), tuple(len(stencils) for stencils in used.values())
    status, judged = _status_of(cube, variable)
    names = [*flag_table(judged), UNKNOWN] if status else []
    refused = sum(1 << names.index(name) for name in REFUSED_STATUSES if name in names)
    attributes = _attributes(cube.variables[variable])
    flags = flag_table(attributes)
    value, near = (np.empty(shape, dtype=cube.variables[variable].dtype if flags else np.float64) for _ in range(2))
    error, method = np.empty(shape), np.empty(shape, dtype=object)
    near_status, seen, cells = (np.zeros(shape, dtype=np.int64) for _ in range(3))

    free = {name: slice(each[0].cells.start, each[-1].cells.stop) for name, each in used.items() if not around[name]}
    for numbers in product(*(range(n) if around[name] else (None,) for name, n in zip(dims, shape, strict=True))):
        place = tuple(slice(None) if n is None else n for n in numbers)
        chosen = [None if n is None else used[name][n] for name, n in zip(dims, numbers, strict=True)]
        region = tuple(free[name] if one is None else one.cells for name, one in zip(dims, chosen, strict=True))
        block = _read(cube, variable, region)
        state, bits = (np.zeros(block.shape, dtype=np.int64) for _ in range(2))
        if status:
            state[...] = _of_status(cube, status, dims, region)
            bits = flag_bits(state, judged)
        found = interpolate(block, np.isfinite(block) & (bits & refused == 0), bits, chosen)
        value[place], error[place], seen[place], cells[place] = found.value, found.error, found.seen, found.cells
        centre = tuple(slice(None) if one is None else one.nearest for one in chosen)
        near[place], near_status[place] = block[centre], state[centre]
        on_grid = all(around[name][n].exact for name, n in zip(dims, numbers, strict=True) if n is not None)
        method[place] = _method(found, chosen, dims, on_grid)

    data = {
        variable: (value, attributes),
        "method": (method.astype(str), {"long_name": "how the value was found"}),
        "cells_used": (cells, {"long_name": "number of computed cells used", "units": "1"}),
        f"nearest_{variable}": (near, attributes),
    }
    if flags:
        meaning = np.array([" ".join(flag_names(one, attributes)) for one in value.flat]).reshape(shape)
        data["meaning"] = (meaning, {"long_name": f"meaning of {variable}"})
    else:
        described = {"long_name": "relative difference of cubic and linear interpolation", "units": "1"}
        data["error_estimate"] = (error, described)
    if status:
        masks = np.int64(1) << np.arange(len(names))
        described = {"long_name": "statuses of the cells used", "flag_masks": masks, "flag_meanings": " ".join(names)}
        data["statuses"] = (seen, described)
        named = {name: judged[name] for name in ("flag_values", "flag_masks", "flag_meanings") if name in judged}
        data["nearest_status"] = (near_status, {"long_name": "status of the nearest", **named})
    return {name: (dims, *described) for name, described in data.items()}


def _method(found: Interpolated, chosen: Sequence[Stencil | None], dims: Sequence[str], on_grid: bool) -> np.ndarray:
    """The method of each value in words."""
    between = [axis for axis, one in enumerate(chosen) if one is not None and not one.exact]
    if not between:
        return np.full(found.value.shape, "computed cell" if on_grid else "nearest computed cell", dtype=object)
    kinds = list(zip(found.cubic.flat, found.quadratic.flat, found.logarithmic.flat, strict=True))
    texts = {}
    for cubic, quadratic, logarithmic in set(kinds):
        named = {"cubic": [], "quadratic": [], "linear": []}
        for axis in between:
            kind = "cubic" if cubic >> axis & 1 else "quadratic" if quadratic >> axis & 1 else "linear"
            named[kind].append(dims[axis])
        along = ", ".join(f"{kind} along {' '.join(names)}" for kind, names in named.items() if names)
        texts[cubic, quadratic, logarithmic] = f"{'log-log' if logarithmic else 'value against log'}, {along}"
    words = np.array([texts[kind] for kind in kinds], dtype=object).reshape(found.value.shape)
    return np.where(found.refused, "refused", words)


def _dimensions(cube, variable: str) -> tuple[str, ...]:
    dims = {
        name: stored.dims if hasattr(stored, "dims") else stored.dimensions for name, stored in cube.variables.items()
    }
    known = [name for name in dims if dims[name] != (name,)]
    if variable not in known:
        raise SurveyError(f"{_name(cube)}: no variable {variable!r}; allowed: {', '.join(known)}")
    return dims[variable]


def _status_of(cube, variable: str) -> tuple[str | None, dict]:
    """The flag variable that judges a variable, and its attributes: of a crossover `NAME`, `NAME_width`, ... its
    censoring, else the status, and None where neither is stored."""
    stems = (variable, variable.rpartition("_")[0])
    for name in (*(f"{stem}_censoring" for stem in stems), "status"):
        if name in cube.variables:
            return name, _attributes(cube.variables[name])
    return None, {}


def _of_status(cube, status: str, dims: tuple[str, ...], region: tuple) -> np.ndarray:
    """The flags that judge a region of a variable; they may depend on fewer axes than the variable does."""
    own = _dimensions(cube, status)
    stored = _read(cube, status, tuple(part for name, part in zip(dims, region, strict=True) if name in own))
    return stored.reshape([stored.shape[own.index(name)] if name in own else 1 for name in dims])


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


def _on_axis(cube, name: str, axis: np.ndarray, values: Sequence[float]) -> list[float]:
    """The values, each replaced by the computed one if it is the same coordinate; SurveyError outside the axis."""
    unit = "" if PARAMETERS[name].unit == "1" else f" {PARAMETERS[name].unit}"
    places = [grid_index(axis, value) for value in values]
    for value, place in zip(values, places, strict=True):
        if place is None and not axis[0] < value < axis[-1]:
            computed = f"{axis[0]:.12g}" if len(axis) == 1 else f"{axis[0]:.12g} … {axis[-1]:.12g}"
            raise SurveyError(
                f"{_name(cube)}: {name} = {value:.12g}{unit} was not computed, and nothing is extrapolated; "
                f"allowed: {computed}{unit}"
            )
    return [value if place is None else float(axis[place]) for value, place in zip(values, places, strict=True)]


def check_size(used: Mapping[str, Sequence[Stencil]], around: Mapping) -> None:
    """SurveyError if an answer needs too many cells."""
    cells = prod(
        sum(one.cells.stop - one.cells.start for one in stencils) if around[name] else len(stencils)
        for name, stencils in used.items()
    )
    if cells > MOST_CELLS:
        raise SurveyError(
            f"the answer needs {cells:.1e} cells; allowed: {MOST_CELLS:.1e}; fix more axes, or read it with xarray"
        )


def _read(cube, variable: str, region: tuple[slice, ...]) -> np.ndarray:
    try:
        if isinstance(cube, netCDF4.Dataset):
            return read_region(cube, variable, region)
        values = np.asarray(cube.variables[variable][region])
    except Damaged as error:
        raise SurveyError(f"{error.path}: {variable} is damaged and cannot be read ({error.found})") from None
    except (OSError, RuntimeError) as error:
        raise SurveyError(f"{_name(cube)}: {variable} is damaged and cannot be read ({error})") from None
    refuse_unwritten(Path(_name(cube)), cube, variable, values)
    return values


def _attributes(item) -> dict:
    """The attributes of a cube or of one of its variables, opened by netCDF4 or by xarray, without those of HDF5."""
    if hasattr(item, "attrs"):
        return dict(item.attrs)
    return {name: item.getncattr(name) for name in item.ncattrs() if not name.startswith("_")}


def _name(cube) -> str:
    return cube.filepath() if hasattr(cube, "filepath") else str(cube.encoding.get("source", "cube"))


def _provenance(cube) -> dict:
    known = ("survey", "label", "quantity", "quantity_version", "promised_accuracy", "source")
    attributes = _attributes(cube)
    return {"cube": _name(cube)} | {name: attributes[name] for name in known if name in attributes}
