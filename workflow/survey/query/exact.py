"""What the kernel says at the points of a query, in place of what lies between the computed cells of a cube."""

import json
from collections.abc import Callable, Mapping, Sequence
from itertools import product
from math import prod
from time import monotonic
from typing import NamedTuple

import netCDF4
import numpy as np

from physics import QUANTITIES
from survey.compute.evaluate import CHUNK_CELLS, cut
from survey.errors import SurveyError, TooLarge
from survey.flags import flag_bits, flag_names, flag_table
from survey.grid import open_grid
from survey.query.cells import REFUSED_STATUSES, UNKNOWN, status_of
from survey.words import duration

METHOD = "computed by the kernel"
# Of the time that an answer may take, what a part of it takes.
PART = 0.25


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
    cells are those of the cube. TooLarge if it takes longer than so many seconds, where it can be told before it is
    computed; ParameterError outside the quantity's limits.
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
    """The variables on the grid of the axes, in parts: a kernel is not interrupted, so that each part takes no more
    than about a quarter of the time, and the time is looked at before it. The first part is that with the slowest of
    some cells: TooLarge after it if all parts would take too long."""
    quantity, shape = QUANTITIES[how.quantity], tuple(map(len, axes.values()))
    compute, cells, slowest, end, even = _kernel(how, names), CHUNK_CELLS, (0,) * len(shape), np.inf, 1.0
    if seconds < np.inf and prod(shape) > 1:
        # Compiled first, which takes as long as it takes.
        compute(_cell(axes, slowest))
        end = monotonic() + seconds
        cells, slowest, even = _affordable(compute, axes, seconds)
    values = {name: np.empty(shape, quantity.variable(name).dtype) for name in names}
    steps = tuple(cut(how.quantity, dict(zip(axes, shape, strict=True)), cells).values())
    first = tuple(place - place % step for place, step in zip(slowest, steps, strict=True))
    parts = product(*(range(0, length, step) for length, step in zip(shape, steps, strict=True)))
    for starts in sorted(parts, key=lambda starts: starts != first):
        if (now := monotonic()) > end:
            raise TooLarge(_too_long(how.quantity, f"longer than {seconds:g} s"))
        where = tuple(slice(start, start + step) for start, step in zip(starts, steps, strict=True))
        found = compute({name: each[part] for (name, each), part in zip(axes.items(), where, strict=True)})
        for name in names:
            values[name][where] = found[name]
        if starts == first:
            whole = (monotonic() - now) * even * prod(shape) / values[names[0]][where].size
            if whole > seconds:
                raise TooLarge(_too_long(how.quantity, f"about {duration(whole)}; allowed: {seconds:g} s"))
    return values


def _kernel(how: Recipe, names: list[str]) -> Callable[[Mapping[str, np.ndarray]], Mapping[str, np.ndarray]]:
    """What computes the variables on the grid of some axes."""
    quantity = QUANTITIES[how.quantity]
    own = [name for each in quantity.depends_on(how.options, names) for name in each]
    constants = {name: value for name, value in how.constants.items() if name in own}
    return lambda axes: quantity(**open_grid(axes), **constants, **how.options, variables=tuple(names))


def _affordable(compute: Callable, axes: Mapping, seconds: float) -> tuple[int, tuple[int, ...], float]:
    """How many cells a part may have, told from the slowest of three cells, at the ends and in the middle of the axes:
    cells that are computed together take less. And where that cell is, and the mean of their times over its own."""
    took = {}
    for part in (0.0, 0.5, 1.0):
        place = tuple(round(part * (len(values) - 1)) for values in axes.values())
        started = monotonic()
        compute(_cell(axes, place))
        took[place] = monotonic() - started
    slowest = max(took, key=lambda place: took[place])
    cells = int(min(CHUNK_CELLS, max(1, PART * seconds / took[slowest])))
    return cells, slowest, sum(took.values()) / len(took) / took[slowest]


def _cell(axes: Mapping[str, np.ndarray], place: Sequence[int]) -> dict[str, np.ndarray]:
    """The axes of a single cell."""
    return {name: values[at : at + 1] for (name, values), at in zip(axes.items(), place, strict=True)}


def _too_long(quantity: str, time: str) -> str:
    return f"the kernel of {quantity} takes {time}; ask for fewer points"
