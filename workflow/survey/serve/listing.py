"""What each file that is served holds, as plain data: for the list of all, and for one of them."""

import json
from collections.abc import Mapping

import netCDF4
import numpy as np

from survey.cubes.read import read_region
from survey.errors import SurveyError
from survey.flags import flag_table
from survey.query.findings import askable
from survey.serve.cubes import Cubes
from survey.store.netcdf import is_virtual

_SAID = ("title", "survey", "label", "quantity", "quantity_version", "promised_accuracy", "source", "levels", "verdict")


def listing(cubes: Cubes) -> list[dict]:
    """Every file by its name; of one that cannot be read, why."""
    found = []
    for name in cubes.names():
        try:
            found.append(described(cubes, name))
        except SurveyError as error:
            found.append({"name": name, "error": cubes.public(str(error))})
    return found


def described(cubes: Cubes, name: str) -> dict:
    """What a file holds: kind, axes with their ends, variables with units and flags, groups, and where to ask."""
    return {"name": name, **cubes.keep(name, contents), "bytes": cubes.identity(name)[2], "links": links(name)}


def contents(cube: netCDF4.Dataset) -> dict:
    """What an open file holds."""
    found = {"kind": kind(cube)}
    found |= {each: plain(cube.getncattr(each)) for each in _SAID if each in cube.ncattrs()}
    found |= {"axes": axes(cube), "variables": variables(cube)}
    if cube.groups:
        found["groups"] = {
            name: {"axes": axes(group), "variables": variables(group)} for name, group in cube.groups.items()
        }
        found["askable"] = askable(cube)
    return found


def whole_attributes(cube: netCDF4.Dataset) -> dict:
    """All attributes of a file, those that are JSON as what they say."""
    return {name: _parsed(plain(cube.getncattr(name))) for name in cube.ncattrs()}


def _parsed(value):
    if isinstance(value, str) and value[:1] in "{[":
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value


def kind(cube: netCDF4.Dataset) -> str:
    """`cube`, `virtual cube`, `crossovers`, or `finding` (a file of groups)."""
    if cube.groups:
        return "finding"
    if "configuration" in cube.ncattrs():
        return "virtual cube" if is_virtual(cube) else "cube"
    return "crossovers" if any(name.endswith("_censoring") for name in cube.variables) else "other"


def axes(dataset: netCDF4.Dataset) -> list[dict]:
    """The axes of a file or a group: name, what it is, unit, number of values, and of numbers the ends."""
    found = []
    for name, dimension in dataset.dimensions.items():
        one = {"name": name, "size": len(dimension)}
        coordinate = dataset.variables.get(name)
        if coordinate is not None:
            one |= _about(coordinate)
            if isinstance(coordinate.dtype, np.dtype) and coordinate.dtype.kind in "fiu" and len(dimension):
                values = read_region(dataset, name, (slice(None),))
                one |= {"lowest": plain(values.min()), "highest": plain(values.max())}
        found.append(one)
    return found


def variables(dataset: netCDF4.Dataset) -> list[dict]:
    """The variables of a file or a group that are no axes."""
    found = []
    for name, variable in dataset.variables.items():
        if name not in dataset.dimensions:
            one = {"name": name, "axes": list(variable.dimensions)} | _about(variable)
            flags = flag_table({each: variable.getncattr(each) for each in variable.ncattrs()})
            found.append(one | ({"flags": flags} if flags else {}))
    return found


def _about(variable: netCDF4.Variable) -> dict:
    known = ("long_name", "units", "symbol")
    return {each: variable.getncattr(each) for each in known if each in variable.ncattrs()}


def links(name: str) -> dict[str, str]:
    """Where the file, its numbers and its answers are."""
    return {"file": f"/files/{name}.nc", "dap": f"/dap/{name}", "query": f"/query/{name}", "about": f"/cubes/{name}"}


def plain(value):
    """A number or text of a file as JSON has it: no NaN, no infinity."""
    if isinstance(value, Mapping):
        return {name: plain(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    if isinstance(value, np.ndarray | np.generic):
        return plain(value.tolist())
    if isinstance(value, float) and not np.isfinite(value):
        return None if np.isnan(value) else "inf" if value > 0 else "-inf"
    return value
