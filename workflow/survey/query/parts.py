"""A large answer of a query in parts, which the workers of a scheduler read from the cube's file and interpolate."""

import socket
from collections.abc import Mapping
from itertools import pairwise
from math import ceil, prod
from pathlib import Path
from threading import Lock

import netCDF4
import numpy as np

from survey.compute.workers import workers
from survey.cubes.read import open_cube
from survey.errors import SurveyError
from survey.query.cells import check_size, interpolated
from survey.store.netcdf import SEAL

# About what one value and one cell take (seconds), and how long a part should: a hundred times its way to a worker.
PER_VALUE, PER_CELL, PART = 5e-4, 1e-7, 1.0
# The netCDF library is not safe for several threads of a worker.
_reading = Lock()


def interpolated_in_parts(cube: netCDF4.Dataset, variable: str, used: Mapping, around: Mapping, scheduler: str) -> dict:
    """What `survey.query.cells.interpolated` says, cut along the axis with the most values; each part may need as many
    cells as else a whole answer. An answer that takes no longer than one part is worked out here."""
    seconds = cost(used, around)
    number = min(ceil(seconds / PART), max(map(len, used.values()), default=1))
    if number == 1:
        check_size(used, around)
        return interpolated(cube, variable, used, around)
    axis = max(used, key=lambda name: len(used[name]))
    ends = [round(len(used[axis]) * n / number) for n in range(number + 1)]
    parts = []
    for start, stop in pairwise(ends):
        cut = {axis: used[axis][start:stop]}
        near = {axis: around[axis] and around[axis][start:stop]}
        parts.append((start, {**used, **cut}, {**around, **near}))
        check_size(*parts[-1][1:])
    source = (str(Path(cube.filepath()).absolute()), _digest(cube), variable)
    found = {}
    with workers(scheduler, 1, seconds=lambda: seconds) as each:
        items = [(*source, *part) for part in parts]
        each(_part, items, lambda item, data: found.update({item[3]: data}), lambda item: f"{variable} of {item[0]}")
    joined = [found[start] for start in sorted(found)]
    return {
        name: (dims, np.concatenate([one[name][1] for one in joined], axis=dims.index(axis)), attributes)
        for name, (dims, _, attributes) in joined[0].items()
    }


def cost(used: Mapping, around: Mapping) -> float:
    """About how many seconds an answer takes on one core; the values along free axes are found together."""
    values = prod(len(stencils) for name, stencils in used.items() if around[name])
    cells = prod(sum(one.cells.stop - one.cells.start for one in stencils) for stencils in used.values())
    return values * PER_VALUE + cells * PER_CELL


def _part(item: tuple) -> dict:
    path, digest, variable, _, used, around = item
    if not Path(path).is_file():
        raise SurveyError(
            f"{path}: a worker on {socket.gethostname()} sees no such file; allowed: a cube in a folder that all "
            "workers see, or no --scheduler"
        )
    with _reading, open_cube(path) as cube:
        if _digest(cube) != digest:
            raise SurveyError(f"{path}: a worker on {socket.gethostname()} sees another cube there; ask again")
        return interpolated(cube, variable, used, around)


def _digest(cube: netCDF4.Dataset) -> str | None:
    return getattr(cube, SEAL, None)
