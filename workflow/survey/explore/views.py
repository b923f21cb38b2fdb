"""A view of an open cube: the cells over two axes as they are stored, the crossovers that run through them, and what is
known at the cursor."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from math import prod

import netCDF4
import numpy as np

from survey.cubes.read import attributes_of, read_region
from survey.errors import SurveyError, TooLarge
from survey.explore.describe import plain
from survey.flags import flag_table
from survey.query.answer import answer
from survey.query.formats import records

# Cells of a view.
MOST_CELLS = 4_000_000


@dataclass(frozen=True)
class Asked:
    """What a view is to show: variables over x and y (empty: a curve alone), at these values of the axes."""

    variables: tuple[str, ...]
    x: str
    y: str
    at: Mapping[str, float]
    exact: bool = False


def checked(cube: netCDF4.Dataset, asked: Asked) -> Asked:
    """The same, with a value for every axis of the cube; SurveyError where it names what the cube does not have."""
    known = [name for name in cube.variables if name not in cube.dimensions]
    for name in asked.variables:
        if name not in known:
            raise SurveyError(f"found no variable {name!r}; allowed: {', '.join(known)}")
    dims = cube.variables[asked.variables[0]].dimensions
    for name in (asked.x, *([asked.y] if asked.y else []), *asked.at):
        if name not in cube.dimensions:
            raise SurveyError(f"found no axis {name!r}; allowed: {', '.join(cube.dimensions)}")
    if asked.x not in dims or asked.x == asked.y or (asked.y and asked.y not in dims):
        raise SurveyError(f"x = {asked.x!r}, y = {asked.y!r}; allowed: two of {', '.join(dims)}")
    at = {}
    for name, values in axes_of(cube).items():
        at[name] = float(asked.at.get(name, values[len(values) // 2]))
        if not values[0] <= at[name] <= values[-1]:
            raise SurveyError(f"{name} = {at[name]:g} was not computed; allowed: {values[0]:g} … {values[-1]:g}")
    return Asked(asked.variables, asked.x, asked.y, at, asked.exact)


def stored(cube: netCDF4.Dataset, asked: Asked) -> tuple[dict[str, np.ndarray], dict[str, float]]:
    """The variables of a checked view, each of shape (y, x), at the computed cells that are nearest to it, and the
    values of the axes there. TooLarge if it has more cells than MOST_CELLS."""
    free, shape = free_of(asked), tuple(len(cube.dimensions[name]) for name in free_of(asked))
    if prod(shape) > MOST_CELLS:
        raise TooLarge(f"the view has {prod(shape):,} cells; allowed: {MOST_CELLS:,}; choose shorter axes")
    axes = axes_of(cube)
    places = {name: nearest(values, asked.at[name]) for name, values in axes.items()}
    found = {}
    for name in asked.variables:
        dims = cube.variables[name].dimensions
        region = tuple(slice(None) if axis in free else slice(places[axis], places[axis] + 1) for axis in dims)
        found[name] = as_plane(read_region(cube, name, region), dims, free, shape)
    return found, {name: float(axes[name][place]) for name, place in places.items()}


def free_of(asked: Asked) -> list[str]:
    """The axes of the planes of a view, y first."""
    return [name for name in (asked.y, asked.x) if name]


def axes_of(cube: netCDF4.Dataset) -> dict[str, np.ndarray]:
    """The values of all axes of a cube."""
    return {name: np.asarray(cube.variables[name][:], dtype=np.float64) for name in cube.dimensions}


def nearest(values: np.ndarray, wanted: float) -> int:
    """The position of the value that is nearest, on a logarithmic axis in the logarithm."""
    log = np.log if (values > 0).all() and wanted > 0 else np.asarray
    return int(np.argmin(np.abs(log(values) - log(wanted))))


def as_plane(values: np.ndarray, dims, free: list[str], shape: tuple[int, ...]) -> np.ndarray:
    """Values over `dims`, of which all but the free ones have one value, over the free ones in their order."""
    own = [axis for axis in dims if axis in free]
    kept = values.reshape([values.shape[dims.index(axis)] for axis in own])
    kept = kept.transpose([own.index(axis) for axis in free if axis in own])
    return np.broadcast_to(kept[tuple(slice(None) if axis in own else None for axis in free)], shape)


def point(cube: netCDF4.Dataset, asked: Asked) -> dict[str, dict]:
    """All that is known of every variable at the point of a checked view, as `survey query` answers it."""
    found = {}
    for name in (each for each in cube.variables if each not in cube.dimensions):
        at = {axis: asked.at[axis] for axis in cube.variables[name].dimensions}
        (record,) = records(name, *answer(cube, name, at)[:2])
        near = record["nearest"]
        found[name] = {
            "value": record["value"],
            "method": record["method"],
            "error": record.get("error_estimate"),
            "cells": record["cells_used"],
            "statuses": record.get("statuses", []),
            "around": record.get("values_around"),
            "nearest": {
                "at": list(near["at"].values()),
                "value": near["value"],
                "statuses": near.get("status", "").split(),
            },
        }
    return found


def crossovers(file: netCDF4.Dataset, described: Mapping, asked: Asked, lengths: Mapping[str, int]) -> dict[str, dict]:
    """The parts of each crossover at the point (`here`), and where its own axis is x or y of the view, along the other
    one (`line`), which has so many values."""
    found = {}
    for name, one in described.items():
        over = {asked.x: asked.y, asked.y: asked.x}.get(one["along"], "")
        found[name] = {"here": _parts(file, one["parts"], "", asked.at)}
        if over:
            line = _parts(file, one["parts"], over, asked.at)
            found[name]["line"] = {
                part: values if over in one["dims"] else values * lengths[over] for part, values in line.items()
            }
    return found


def _parts(file: netCDF4.Dataset, parts: Mapping[str, str], over: str, at: Mapping[str, float]) -> dict[str, list]:
    found = {}
    for part, variable in parts.items():
        region = []
        for axis in file.variables[variable].dimensions:
            place = nearest(np.asarray(file.variables[axis][:], dtype=np.float64), at[axis])
            region.append(slice(None) if axis == over else slice(place, place + 1))
        found[part] = read_region(file, variable, tuple(region)).ravel().tolist()
    return found


def as_bytes(head: Mapping, arrays: Mapping[str, np.ndarray]) -> bytes:
    """A view as the page reads it: the length of the head, the head as JSON, then the numbers of each plane."""
    kinds = {name: ("uint8", "u1") if each.dtype.kind == "u" else ("float64", "<f8") for name, each in arrays.items()}
    numbers = [np.ascontiguousarray(each, kinds[name][1]).tobytes() for name, each in arrays.items()]
    said = {"planes": [(name, kind) for name, (kind, _) in kinds.items()], "cells": next(iter(arrays.values())).size}
    text = json.dumps(plain(dict(head) | said), ensure_ascii=False, allow_nan=False).encode()
    return b"".join([len(text).to_bytes(4, "little"), text, *numbers])


def as_netcdf(cube: netCDF4.Dataset, asked: Asked, arrays: Mapping, viewed: Mapping[str, float], note: str) -> bytes:
    """A view as a netCDF file: its variables over x and y, the other axes as scalars, and the cube's own attributes."""
    free = [name for name in (asked.y, asked.x) if name]
    file = netCDF4.Dataset("view", "w", memory=1_000_000)
    attributes = attributes_of(cube)
    kept = ("Conventions", "title", "survey", "label", "quantity", "quantity_version", "source", "content_digest")
    file.setncatts({name: attributes[name] for name in kept if name in attributes} | {"view": note})
    for name in cube.dimensions:
        if name in free:
            file.createDimension(name, len(cube.dimensions[name]))
        coordinate = file.createVariable(name, "f8", (name,) if name in free else ())
        coordinate.setncatts(attributes_of(cube.variables[name]))
        coordinate[...] = cube.variables[name][:] if name in free else viewed[name]
    for name, values in arrays.items():
        flags = flag_table(attributes_of(cube.variables[name]))
        variable = file.createVariable(name, "u1" if flags else "f8", tuple(free), fletcher32=True)
        fixed = " ".join(axis for axis in cube.dimensions if axis not in free)
        variable.setncatts(attributes_of(cube.variables[name]) | ({"coordinates": fixed} if fixed else {}))
        variable[...] = values
    return bytes(file.close())
