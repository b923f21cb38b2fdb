"""Files of groups, the findings of an inference: which of their tables, numbers and words a query can ask for.

A variable is asked for as GROUP/NAME, a group all of whose variables hang on one axis also by its own name: a table.
"""

import json
from collections.abc import Mapping

import netCDF4
import numpy as np

from survey.errors import SurveyError
from survey.query.axes import Place
from survey.query.posterior import PROBABILITY, parameters

# What is said of a number NAME in variables NAME_error and so on of the same group.
BESIDE = ("error", "lower", "upper", "resolved", "defined", "width")


def askable(cube: netCDF4.Dataset) -> list[str]:
    """All that can be asked of an open file: variables, those of groups with their group, tables, and of a posterior
    its parameters and probabilities."""
    found = [*parameters(cube), PROBABILITY] if parameters(cube) else []
    found += [name for name in cube.variables if name not in cube.dimensions]
    tables = [name for name, group in cube.groups.items() if _is_table(group)]
    return found + tables + [f"{name}/{own}" for name, group in cube.groups.items() for own in _variables(group)]


def columns_of(cube: netCDF4.Dataset, variable: str) -> list[str]:
    """What is read for an answer: the variable and what is said of it beside, or all variables of a table, first one
    with its axis. SurveyError for what the file does not have."""
    group, _, name = variable.rpartition("/")
    if variable in cube.groups and _is_table(cube[variable]):
        found = [f"{variable}/{own}" for own in _variables(cube[variable])]
        return sorted(found, key=lambda own: not cube[own].dimensions)
    holder = cube if not group else cube.groups.get(group)
    if holder is None or name not in _variables(holder):
        raise SurveyError(f"{cube.filepath()}: no variable {variable!r}; allowed: {', '.join(askable(cube))}")
    own = holder.variables[name].dimensions
    beside = (f"{name}_{each}" for each in BESIDE)
    kept = [each for each in beside if each in holder.variables and set(holder.variables[each].dimensions) <= set(own)]
    return [variable, *(f"{group}/{each}" if group else each for each in kept)]


def remarks(cube: netCDF4.Dataset, variable: str, places: Mapping[str, Place]) -> dict:
    """Why predictions of some rivals are left out, where the file says so, as a variable of an answer."""
    if "rival" not in places:
        return {}
    try:
        why = json.loads(cube.getncattr("left_out")).get(variable.rpartition("/")[2], {})
    except (AttributeError, ValueError):
        return {}
    words = np.array([str(why.get(rival, "")) for rival in places["rival"].values.tolist()], dtype=object)
    return {"remark": (("rival",), words, {"long_name": "why there is no value"})} if any(words) else {}


def _variables(group: netCDF4.Dataset) -> list[str]:
    return [name for name in group.variables if name not in group.dimensions]


def _is_table(group: netCDF4.Dataset) -> bool:
    """Whether all variables of a group hang on one axis, or on none."""
    over = {each.dimensions for name, each in group.variables.items() if name not in group.dimensions}
    return len(over - {()}) == 1 and all(len(dims) <= 1 for dims in over)
