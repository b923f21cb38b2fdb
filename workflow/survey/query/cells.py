"""What the cells of a cube say at some points of its axes: interpolated, and open about the cells used."""

from collections.abc import Mapping, Sequence
from itertools import product
from math import prod

import netCDF4
import numpy as np

from survey.cubes.read import attributes_of, read_region
from survey.errors import Damaged, TooLarge
from survey.flags import flag_bits, flag_names, flag_table
from survey.query.interpolation import Interpolated, Stencil, interpolate

# The status of a cell that holds a number which no flag of the cube means.
UNKNOWN = "unknown"
REFUSED_STATUSES = ("empty", "not_converged", UNKNOWN)
MOST_CELLS = 20_000_000


def interpolated(cube: netCDF4.Dataset, variable: str, used: Mapping, around: Mapping) -> dict:
    """The variable at all asked values, and what is said about each of them.

    `used` has the stencils of each axis that the value is made of, `around` those of the cells around the point, or
    None for a free axis, of which `used` then has consecutive cells."""
    dims, shape = tuple(used), tuple(len(stencils) for stencils in used.values())
    status, judged = status_of(cube, variable)
    names = [*flag_table(judged), UNKNOWN] if status else []
    refused = sum(1 << names.index(name) for name in REFUSED_STATUSES if name in names)
    attributes, smooth = attributes_of(cube[variable]), is_smooth(cube, variable)
    kind = np.float64 if smooth else object if cube[variable].dtype is str else cube[variable].dtype
    value, near = (np.empty(shape, dtype=kind) for _ in range(2))
    error, method = np.empty(shape), np.empty(shape, dtype=object)
    lowest, highest = (np.full(shape, np.nan) for _ in range(2))
    near_status, seen, cells = (np.zeros(shape, dtype=np.int64) for _ in range(3))

    free = {name: slice(each[0].cells.start, each[-1].cells.stop) for name, each in used.items() if not around[name]}
    for numbers in product(*(range(n) if around[name] else (None,) for name, n in zip(dims, shape, strict=True))):
        place = tuple(slice(None) if n is None else n for n in numbers)
        chosen = [None if n is None else used[name][n] for name, n in zip(dims, numbers, strict=True)]
        region = tuple(free[name] if one is None else one.cells for name, one in zip(dims, chosen, strict=True))
        block = read_cells(cube, variable, region)
        state, bits = (np.zeros(block.shape, dtype=np.int64) for _ in range(2))
        if status:
            state[...] = _of_status(cube, status, dims, region)
            bits = flag_bits(state, judged)
        usable = bits & refused == 0
        found = interpolate(block, usable & np.isfinite(block) if smooth else usable, bits, chosen)
        # A single text stays in an array of its own unless it is taken out.
        value[place], error[place], seen[place], cells[place] = found.value[()], found.error, found.seen, found.cells
        if smooth:
            lowest[place], highest[place] = _ends(block, chosen)
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
    if flag_table(attributes):
        meaning = np.array([" ".join(flag_names(one, attributes)) for one in value.flat]).reshape(shape)
        data["meaning"] = (meaning, {"long_name": f"meaning of {variable}"})
    if smooth:
        described = {"long_name": "relative difference of cubic and linear interpolation", "units": "1"}
        data["error_estimate"] = (error, described)
        for name, ends in {"lowest": lowest, "highest": highest}.items():
            own = {**attributes, "long_name": f"{name} value of the enclosing computed cells"}
            data[f"{name}_around"] = (ends, own)
    if status:
        masks = np.int64(1) << np.arange(len(names))
        described = {"long_name": "statuses of the cells used", "flag_masks": masks, "flag_meanings": " ".join(names)}
        data["statuses"] = (seen, described)
        named = {name: judged[name] for name in ("flag_values", "flag_masks", "flag_meanings") if name in judged}
        data["nearest_status"] = (near_status, {"long_name": "status of the nearest", **named})
    return {name: (dims, *described) for name, described in data.items()}


def _ends(block: np.ndarray, chosen: Sequence[Stencil | None]) -> tuple[np.ndarray, np.ndarray]:
    """The lowest and the highest value of the cells that enclose a point; NaN if any of them is NaN."""
    fixed = tuple(axis for axis, one in enumerate(chosen) if one is not None)
    corners = block[tuple(slice(None) if one is None else one.bracket for one in chosen)]
    return corners.min(axis=fixed), corners.max(axis=fixed)


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


def beside(variable: str, name: str) -> str:
    """Another variable of the same group: of "heat/C_ratio" and "T" it is "heat/T"."""
    group, divided, _ = variable.rpartition("/")
    return f"{group}{divided}{name}"


def dimensions_of(cube: netCDF4.Dataset, variable: str) -> tuple[str, ...]:
    return cube[variable].dimensions


def is_smooth(cube: netCDF4.Dataset, variable: str) -> bool:
    """Whether a variable has numbers between which others lie: no flags, counts or words."""
    kind = cube[variable].dtype
    return kind is not str and kind.kind == "f" and "flag_values" not in cube[variable].ncattrs()


def status_of(cube: netCDF4.Dataset, variable: str) -> tuple[str | None, dict]:
    """The flag variable that judges a variable, and its attributes: of a crossover `NAME`, `NAME_width`, ... its
    censoring, else the status, and None where neither is stored."""
    stems = (variable, variable.rpartition("_")[0])
    for name in (*(f"{stem}_censoring" for stem in stems), "status"):
        if name in cube.variables:
            return name, attributes_of(cube.variables[name])
    return None, {}


def _of_status(cube: netCDF4.Dataset, status: str, dims: tuple[str, ...], region: tuple) -> np.ndarray:
    """The flags that judge a region of a variable; they may depend on fewer axes than the variable does."""
    own = dimensions_of(cube, status)
    stored = read_cells(cube, status, tuple(part for name, part in zip(dims, region, strict=True) if name in own))
    return stored.reshape([stored.shape[own.index(name)] if name in own else 1 for name in dims])


def check_size(used: Mapping[str, Sequence[Stencil]], around: Mapping) -> None:
    """TooLarge if an answer needs too many cells."""
    cells = prod(
        sum(one.cells.stop - one.cells.start for one in stencils) if around[name] else len(stencils)
        for name, stencils in used.items()
    )
    if cells > MOST_CELLS:
        raise TooLarge(
            f"the answer needs {cells:.1e} cells; allowed: {MOST_CELLS:.1e}; fix more axes, or read it with xarray"
        )


def read_cells(cube: netCDF4.Dataset, variable: str, region: tuple[slice, ...]) -> np.ndarray:
    try:
        return np.asarray(read_region(cube, variable, region))
    except Damaged as error:
        raise Damaged(error.path, f"{variable}: {error.found}") from None
