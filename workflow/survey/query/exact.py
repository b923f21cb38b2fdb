"""What the kernel says at the points of a query, in place of what lies between the computed cells of a cube."""

import json
from collections.abc import Mapping
from time import monotonic
from typing import NamedTuple

import netCDF4
import numpy as np

from physics import QUANTITIES
from survey.errors import SurveyError, TooLarge
from survey.flags import flag_bits, flag_names, flag_table
from survey.grid import open_grid
from survey.query.cells import REFUSED_STATUSES, UNKNOWN, status_of
from survey.store.tiles import shares_work

METHOD = "computed by the kernel"


class Recipe(NamedTuple):
    """How a variable of a cube is computed anywhere else: its quantity, with these options and constants; and the flag
    variable that judges it, with its attributes."""

    quantity: str
    options: Mapping[str, str]
    constants: Mapping[str, float]
    status: str | None
    judged: Mapping


def recipe(cube: netCDF4.Dataset, variable: str) -> Recipe:
    """How a variable of an open cube was computed; SurveyError if the file does not say, as crossovers do not."""
    try:
        said = json.loads(cube.configuration)
    except (AttributeError, ValueError):
        raise SurveyError(f"{cube.filepath()}: no kernel computes {variable}; allowed: a variable of a cube") from None
    quantity = QUANTITIES.get(said["quantity"])
    if quantity is None or variable not in quantity.names:
        raise SurveyError(f"{cube.filepath()}: this version computes no {variable} of {said['quantity']}")
    status, judged = status_of(cube, variable)
    constants = {name: float(value) for name, value in said["constants"].items()}
    return Recipe(quantity.name, said["options"], constants, status, judged)


def exactly(how: Recipe, variable: str, found: tuple[dict, dict, dict], seconds: float = np.inf) -> tuple:
    """An answer as `survey.query.answer.answer` gives it of the nearest cells, with the kernel's values in their place.

    `error_estimate` is the accuracy that the quantity promises; `statuses` are those that the kernel gives; the nearest
    cells are those of the cube. TooLarge if it takes longer than so many seconds; ParameterError outside the
    quantity's limits.
    """
    quantity = QUANTITIES[how.quantity]
    data, coordinates, attributes = dict(found[0]), found[1], dict(found[2])
    dims, nearest, described = data[variable]
    names = [variable] if how.status in (None, variable) else [variable, how.status]
    values = _computed(how, names, {name: coordinates[name][1] for name in dims}, seconds)
    value, refused = values[variable], np.zeros(nearest.shape, dtype=bool)
    if how.status:
        bits = flag_bits(values[how.status].astype(np.int64), how.judged)
        meanings = [*flag_table(how.judged), UNKNOWN]
        refused = bits & sum(1 << meanings.index(name) for name in REFUSED_STATUSES if name in meanings) != 0
        data["statuses"] = (dims, bits, data["statuses"][2])
    if flag_table(described):
        words = np.array([" ".join(flag_names(one, described)) for one in value.flat]).reshape(value.shape)
        data["meaning"] = (dims, words, data["meaning"][2])
        refused[...] = False
    else:
        refused |= ~np.isfinite(value)
        value = np.where(refused, np.nan, value)
        accuracy = np.where(refused, np.nan, quantity.accuracy)
        data["error_estimate"] = (dims, accuracy, {"long_name": "promised relative accuracy", "units": "1"})
    data[variable] = (dims, value, described)
    data["method"] = (dims, np.where(refused, "refused", METHOD), data["method"][2])
    data["cells_used"] = (dims, np.zeros(value.shape, dtype=np.int64), data["cells_used"][2])
    attributes["computed_by"] = f"{quantity.name} version {quantity.version}, code {quantity.fingerprint()}"
    return data, coordinates, attributes


def _computed(how: Recipe, names: list[str], axes: Mapping[str, np.ndarray], seconds: float) -> dict[str, np.ndarray]:
    """The variables on the grid of the axes; in slices along the longest axis for whose values a kernel does no work
    together, so that the time is looked at between them."""
    quantity, end = QUANTITIES[how.quantity], monotonic() + seconds
    own = [name for each in quantity.depends_on(how.options, names) for name in each]
    constants = {name: value for name, value in how.constants.items() if name in own}
    shape = tuple(map(len, axes.values()))
    values = {name: np.empty(shape, quantity.variable(name).dtype) for name in names}
    apart = [name for name in axes if not shares_work(how.quantity, name)]
    along = max(apart, key=lambda name: len(axes[name]), default=None)
    for place in range(len(axes[along])) if along else (None,):
        if monotonic() > end:
            raise TooLarge(f"the kernel of {how.quantity} takes longer than {seconds:g} s; ask for fewer points")
        part = {name: each[place : place + 1] if name == along else each for name, each in axes.items()}
        found = quantity(**open_grid(part), **constants, **how.options, variables=tuple(names))
        where = tuple(slice(place, place + 1) if name == along else slice(None) for name in axes)
        for name in names:
            values[name][where] = found[name]
    return values
