"""What else must be seen where tau_phi matches a measurement: tau_phi, C_T/C_e and W/W_g on the points of a picture.

The kernels compute them where the picture needs them, with the constants and options of the cubes, so that borders and
lines are as fine as the picture, whatever the grid of the survey.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np
import xarray

from physics import PARAMETERS, QUANTITIES
from survey.cubes.read import open_cube
from survey.errors import SurveyError
from survey.grid import same

# Points along x and y, and the most temperatures at which tau_phi is held against the measurement, with both ends.
POINTS, TEMPERATURES_WITH_T = (193, 145), 9
# Where T is x or y the levels that dephase are the same along it; else each point costs a new integral over them: then
# tau_phi is computed at every so manyth point, at fewer temperatures, and its logarithm is linear between.
EVERY, TEMPERATURES = 4, 5
# Each interval of the fitted axis is cut into so many, for the search.
BETWEEN = 4
# The dimensions of every array: the fitted axis; the temperatures of the measurement; the axes of the picture.
FITTED, MEASURED, Y, X = range(4)


class Computed(NamedTuple):
    """What a cube was computed with, for its quantity to be computed anywhere else."""

    path: Path
    quantity: str
    options: Mapping[str, str]
    constants: Mapping[str, float]
    axes: Mapping[str, np.ndarray]


def predictions(settings, folder: Path) -> xarray.Dataset:
    """The two predictions over the axes (y, x) of an observability diagram, and how well tau_phi matches there.

    The cubes <folder>/<label>.nc of `settings.labels` say with which constants and options to compute, and between
    which ends. Returns `mismatch` (the largest factor, >= 1, between tau_phi and the measured value over the measured
    temperatures; infinite where there is no tau_phi), `matches` (mismatch within the tolerance), `C_ratio`,
    `W_over_glass`, each with its status where the quantity has one (`C_ratio_status`, `W_over_glass_status`), and, with
    a fitted axis, `fitted`: the value at which mismatch is smallest, where the predictions are taken, and `leans`,
    whether that is an end of the axis. The fitted value is found to about 1 % where neighbours on the axis differ by no
    more than a factor of 3. Raises SurveyError if the cubes do not agree on an axis that they share, or if the ends of
    the measurement are not on the grid.
    """
    cubes = [_described(Path(folder) / f"{label}.nc") for label in settings.labels]
    _refuse_unlike_axes(cubes)
    dephasing, heat, sound = cubes
    axes = {name: values for cube in reversed(cubes) for name, values in cube.axes.items()}
    picture = _points(settings, axes)
    at = {name: np.float64(value) for name, value in settings.at.items()} | picture
    every = 1 if "T" in (settings.x, settings.y) else EVERY
    some = {settings.y: picture[settings.y][:, :, ::every], settings.x: picture[settings.x][..., ::every]}
    fields, without = _matched(settings, dephasing, at | some | {"T": _measured(settings, dephasing)}, every)
    if settings.fitted is not None:
        at[settings.fitted] = fields["fitted"]
        fields["fitted"] = np.where(without, np.nan, fields["fitted"])
    fields["matches"] = fields["mismatch"] <= settings.measured.tolerance * (1 + 1e-12)
    flags = {}
    for cube, name in ((heat, "C_ratio"), (sound, "W_over_glass")):
        values, status = computed(cube, at, name)
        fields[name] = np.where(without, np.nan, values)
        if status is not None:
            fields[f"{name}_status"] = status
            flags[f"{name}_status"] = QUANTITIES[cube.quantity].variable("status").flags
    shape = (1, 1, picture[settings.y].size, picture[settings.x].size)
    cells = xarray.Dataset(
        {name: ((settings.y, settings.x), np.broadcast_to(each, shape)[0, 0]) for name, each in fields.items()},
        {name: picture[name].ravel() for name in (settings.y, settings.x)},
    )
    for axis in (settings.x, settings.y):
        cells[axis].attrs = {"units": PARAMETERS[axis].unit, "symbol": PARAMETERS[axis].symbol}
    for name, each in flags.items():
        cells[name].attrs = {"flag_meanings": " ".join(each), "flag_values": np.array([*each.values()], "u1")}
    return cells


def computed(cube: Computed, at: Mapping[str, np.ndarray], variable: str) -> tuple[np.ndarray, np.ndarray | None]:
    """A variable of the quantity of a cube at parameters that broadcast, NaN where its status says that it has none,
    and the status, if the quantity has one."""
    quantity = QUANTITIES[cube.quantity]
    wanted = [name for name in (variable, "status") if name in quantity.names]
    names = [name for names in quantity.depends_on(cube.options, wanted) for name in names]
    given = {name: at[name] if name in cube.axes else cube.constants[name] for name in names}
    found = quantity(**given, **cube.options, variables=tuple(wanted))
    values, status = np.asarray(found[variable], dtype=np.float64), found.get("status")
    if status is not None:
        flags = quantity.variable("status").flags
        nothing = [flags[name] for name in ("empty", "not_converged") if name in flags]
        values = np.where(np.isin(status, nothing), np.nan, values)
    return values, status


def _described(path: Path) -> Computed:
    with open_cube(path) as cube:
        said = json.loads(cube.configuration)
    axes = {name: np.array(values, np.float64) for name, values in said["axes"].items()}
    constants = {name: float(value) for name, value in said["constants"].items()}
    return Computed(path, said["quantity"], said["options"], constants, axes)


def _refuse_unlike_axes(cubes: list[Computed]) -> None:
    for place, first in enumerate(cubes):
        for second in cubes[place + 1 :]:
            for axis in first.axes.keys() & second.axes.keys():
                ours, theirs = first.axes[axis], second.axes[axis]
                if len(ours) != len(theirs) or not all(map(same, ours, theirs)):
                    raise SurveyError(
                        f"{second.path} and {first.path} have different values of {axis}; assemble both from one survey"
                    )


def _points(settings, axes: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """The points of the picture along y and x, from end to end of the axes, shaped to broadcast."""
    points = {}
    for name, scale, place, number in (
        (settings.x, settings.x_scale, X, POINTS[0]),
        (settings.y, settings.y_scale, Y, POINTS[1]),
    ):
        if axes[name].size < 2:
            raise SurveyError(f"a map needs at least 2 values of {name}; found {axes[name].size}")
        ends = axes[name][[0, -1]]
        values = (np.geomspace if scale == "log" else np.linspace)(*ends, number)
        points[name] = _along(values, place)
    return points


def _along(values: np.ndarray, place: int) -> np.ndarray:
    return np.reshape(values, tuple(-1 if each == place else 1 for each in range(4)))


def _measured(settings, cube: Computed) -> np.ndarray:
    """Temperatures of the grid within the measurement, with both of its ends; of many a few."""
    measured, grid = settings.measured, cube.axes["T"]
    inside = [
        T for T in grid if measured.start < T < measured.stop or same(T, measured.start) or same(T, measured.stop)
    ]
    if not inside or not (same(inside[0], measured.start) and same(inside[-1], measured.stop)):
        raise SurveyError(f"{cube.path}: {measured.start:g} K and {measured.stop:g} K are not both on the grid")
    most = TEMPERATURES_WITH_T if "T" in (settings.x, settings.y) else TEMPERATURES
    chosen = np.unique(np.linspace(0, len(inside) - 1, most).round().astype(int))
    return _along(np.array(inside)[chosen], MEASURED)


def _matched(
    settings, dephasing: Computed, at: Mapping[str, np.ndarray], every: int
) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """The mismatch and, if an axis is fitted, the fitted values and whether they lean on its end; and where there is no
    tau_phi (the fitted value there is one of the axis)."""
    name = settings.fitted
    grid = np.array([1.0]) if name is None else dephasing.axes[name]
    places = np.linspace(0, grid.size - 1, (grid.size - 1) * BETWEEN + 1)
    values = np.exp(np.interp(places, np.arange(grid.size), np.log(grid)))
    values[::BETWEEN] = grid
    if name is not None:
        at = {**at, name: _along(values, FITTED)}
    times, _ = computed(dephasing, at, "tau_phi")
    good = np.isfinite(times) & (times > 0)
    logs = np.where(good, np.log(np.where(good, times, 1.0) / settings.measured.tau_phi), np.nan)
    place, worst = _best(*(_finer(each(axis=MEASURED, keepdims=True), every) for each in (logs.max, logs.min)))
    with np.errstate(over="ignore"):
        found = {"mismatch": np.exp(worst)}
    if name is not None:
        between = np.exp(np.interp(place, np.arange(values.size), np.log(values)))
        found["fitted"] = np.clip(between, grid[0], grid[-1])
        found["leans"] = ((place == 0) | (place == values.size - 1)) & np.isfinite(worst)
    return found, ~np.isfinite(worst)


def _finer(values: np.ndarray, every: int) -> np.ndarray:
    """The values at every point of the picture, linear between those given, at every so manyth; NaN beside one that is
    NaN."""
    for axis in (Y, X) if every > 1 else ():
        places = np.arange((values.shape[axis] - 1) * every + 1) / every
        before = np.minimum(places.astype(int), values.shape[axis] - 2)
        share = _along(places - before, axis)
        lower, upper = np.take(values, before, axis), np.take(values, before + 1, axis)
        values = np.where(share == 0, lower, lower + share * (upper - lower))
    return values


def _best(highest: np.ndarray, lowest: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Where along the fitted axis, counted in its values, tau_phi is as far above the measured value as below, or else
    the best of the values; and ln of the factor there, infinite where there is no tau_phi at any of them."""
    middle, half = 0.5 * (highest + lowest), 0.5 * (highest - lowest)
    steps = _along(np.arange(len(middle), dtype=np.float64), FITTED)
    here, there = middle[:-1], middle[1:]
    crossed = (here < 0) & (there >= 0) | (here >= 0) & (there < 0)
    share = np.where(crossed, here / np.where(crossed, here - there, 1.0), 0.0)
    # A number for every value and for every interval in which the sum changes its sign.
    worst = np.concatenate(
        [np.abs(middle) + half, np.where(crossed, half[:-1] + share * np.diff(half, axis=0), np.inf)]
    )
    place = np.concatenate([np.broadcast_to(steps, middle.shape), steps[:-1] + share])
    worst = np.where(np.isnan(worst), np.inf, worst)
    best = worst.argmin(axis=FITTED, keepdims=True)
    return np.take_along_axis(place, best, axis=FITTED), np.take_along_axis(worst, best, axis=FITTED)
