"""A view computed by the kernel, in place of read: the file is asked once how, and is free for others meanwhile."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from math import prod

import netCDF4
import numpy as np

from physics import QUANTITIES
from survey.cubes.read import attributes_of
from survey.errors import TooLarge
from survey.explore.views import Asked, as_plane, axes_of, free_of, nearest
from survey.flags import flag_names
from survey.grid import on_axes, open_grid
from survey.query.exact import Recipe, recipe

MOST_CELLS = 20_000


@dataclass(frozen=True)
class Known:
    """What a kernel needs to know of a cube: its variables and axes, how they were computed and by which version."""

    variables: tuple[str, ...]
    axes: Mapping[str, np.ndarray]
    how: Recipe
    status: Mapping
    version: int


def known(cube: netCDF4.Dataset) -> Known:
    """What an open cube says of how it is computed; SurveyError if it does not say, or nothing computes it now."""
    names = tuple(name for name in cube.variables if name not in cube.dimensions)
    how = recipe(cube, names[0])
    status = attributes_of(cube.variables["status"]) if "status" in names else {}
    return Known(names, axes_of(cube), how, status, int(cube.getncattr("quantity_version")))


def computed(cube: Known, asked: Asked) -> tuple[dict[str, np.ndarray], dict[str, float]]:
    """The variables of a checked view, each of shape (y, x), where it asks for them, and the values of the axes that
    the cursor is drawn at. TooLarge if it has more cells than MOST_CELLS; ParameterError outside the quantity's
    limits."""
    free = free_of(asked)
    shape = tuple(len(cube.axes[name]) for name in free)
    if prod(shape) > MOST_CELLS:
        raise TooLarge(f"the view has {prod(shape):,} cells; allowed: {MOST_CELLS:,} of an exact one")
    grid = {name: values if name in free else np.array([asked.at[name]]) for name, values in cube.axes.items()}
    found = {name: as_plane(*each, free, shape) for name, each in _values(cube, asked.variables, grid).items()}
    seen = {name: float(cube.axes[name][nearest(cube.axes[name], asked.at[name])]) for name in free}
    return found, {**asked.at, **seen}


def exact_point(cube: Known, asked: Asked) -> dict[str, dict]:
    """The numbers of the kernel at the point of a checked view; the status judges them all."""
    grid = {name: np.array([value]) for name, value in asked.at.items()}
    values = {name: each.item() for name, (each, _) in _values(cube, cube.variables, grid).items()}
    statuses = flag_names(values["status"], cube.status) if "status" in values else []
    said = {"method": "exact", "error": QUANTITIES[cube.how.quantity].accuracy, "cells": 0, "statuses": statuses}
    return {name: {"value": value} | said for name, value in values.items()}


def computed_by(cube: Known) -> str:
    """Which code computes now what the cube holds, in words."""
    quantity = QUANTITIES[cube.how.quantity]
    other = "" if cube.version == quantity.version else f" (the cube is of version {cube.version})"
    return f"{quantity.name} version {quantity.version}{other}, code {_fingerprint(quantity.name)}"


@cache
def _fingerprint(quantity: str) -> str:
    return QUANTITIES[quantity].fingerprint()


def _values(cube: Known, variables: tuple[str, ...], grid: Mapping) -> dict[str, tuple[np.ndarray, tuple[str, ...]]]:
    """The variables on a grid, with the axes of their values."""
    quantity, options = QUANTITIES[cube.how.quantity], cube.how.options
    needed = {name for names in quantity.depends_on(options, variables) for name in names}
    own = {name: values for name, values in grid.items() if name in needed}
    constants = {name: value for name, value in cube.how.constants.items() if name in needed}
    found = quantity(**open_grid(own), **constants, **options, variables=variables)
    return {name: (on_axes(found[name], own, tuple(own)), tuple(own)) for name in variables}
