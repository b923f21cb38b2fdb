"""Locate the crossovers of a survey, each along its own axis: brackets on its cubes, refinement on the kernels, into
one netCDF file.

For every cell of the other axes each crossover has a value on its axis, the width of its bracket, and a flag that says
whether it was found or on which side of the grid it lies. Kernels share work between all values of some axes: these
are one block of columns along the axis of the crossover.
"""

import json
from itertools import product
from pathlib import Path
from threading import Lock

import netCDF4
import numpy as np

from physics import PARAMETERS
from physics.laws import closed_forms, value_of
from physics.references import joined
from survey.compute.workers import workers
from survey.cubes.assemble import open_cube_of
from survey.cubes.columns import CENSORING, UNDEFINED, WINDOW_CENSORING, columns_along
from survey.cubes.criteria import MEANING
from survey.cubes.read import read_region
from survey.grid import open_grid
from survey.provenance import now, provenance
from survey.store import origins
from survey.store.files import replacing
from survey.store.netcdf import define_axes, seal
from survey.store.stamps import check_stamp
from survey.store.tiles import shares_work
from survey.survey import Crossover, Survey, cited

CHUNK_CACHE = 256 * 2**20
_PARTS = {
    "": "",
    "_width": ", width of the bracket",
    "_closed_form": ", closed form",
    "_low": ", lower end",
    "_high": ", upper end",
    "_ratio": ", upper over lower end",
    "_censoring": ", whether it was found",
}


def locate(survey: Survey, results: Path, threads: int = 1, store: Path | None = None) -> Path:
    """Write results/<survey>/crossovers.nc with every crossover of the survey; returns its path.

    For a crossover NAME, in the unit of the axis that it lies along: NAME (NaN where it was not found), NAME_width (the
    bracket), NAME_censoring (flags) and, where it has one, NAME_closed_form. A window has NAME_low, NAME_high,
    NAME_ratio and NAME_censoring. One that is a closed form itself has NAME alone, also beyond the grid.
    """
    results = Path(results)
    path = results / survey.name / "crossovers.nc"
    axes, fields = {}, {}
    labels = sorted({settings.quantity for settings in survey.crossovers.values()})
    for label in labels:
        check_stamp(store or results / "store", survey.request(label).quantity)
    for (label, along, names), wanted in _groups(survey).items():
        grid = {name: np.array(survey.axes[name]) for name in names}
        over = {name: values for name, values in grid.items() if name != along}
        sought = {name: settings for name, settings in wanted.items() if settings.variables}
        located = _located(survey, label, along, grid, sought, results, threads) if sought else {}
        located |= _closed_forms(survey, label, over, wanted)
        axes |= over
        fields |= {name: (tuple(over), array) for name, array in located.items()}
    with replacing(path) as temporary, netCDF4.Dataset(temporary, "w", format="NETCDF4") as dataset:
        define_axes(dataset, axes)
        for name, (dimensions, array) in fields.items():
            _define(dataset, name, dimensions, array, survey.crossovers)
        dataset.setncatts(
            {
                "Conventions": "CF-1.11",
                "title": f"crossovers, survey {survey.name}",
                "survey": survey.name,
                "source": joined(cited(survey.request(label)) for label in labels),
                "history": f"{now()} survey crossovers {survey.name}",
                origins.MADE_FROM: origins.text(origins.of_crossovers(survey)),
            }
            | provenance()
        )
        seal(dataset)
    return path


def _groups(survey: Survey) -> dict[tuple[str, str, tuple[str, ...]], dict[str, Crossover]]:
    """The crossovers of a survey that are located together: those of one label along one axis over the same axes."""
    groups = {}
    for name, settings in survey.crossovers.items():
        axes = settings.axes(survey.request(settings.quantity))
        groups.setdefault((settings.quantity, settings.along, axes), {})[name] = settings
    return groups


def _located(
    survey: Survey, label: str, along: str, grid: dict, wanted: dict, results: Path, threads: int
) -> dict[str, np.ndarray]:
    """The arrays of the wanted crossovers of one label along one axis, over the other axes of their variables."""
    others = [name for name in grid if name != along]
    shape = tuple(len(grid[name]) for name in others)
    fields = {}
    for name, settings in wanted.items():
        parts = ("_low", "_high", "_ratio") if settings.kind == "window" else ("", "_width")
        fields |= {name + part: np.full(shape, np.nan) for part in parts}
        fields[f"{name}_censoring"] = np.full(shape, UNDEFINED, np.uint8)
    outer = [name for name in others if not shares_work(survey.request(label).quantity, name)]
    reading = Lock()
    with open_cube_of(survey, label, results) as dataset:
        read = {v for settings in wanted.values() for v in settings.variables}
        read |= {"status"} & set(dataset.variables)
        for name in read:
            dataset[name].set_var_chunk_cache(size=CHUNK_CACHE // len(read))

        def region_of(position):
            return {name: slice(i, i + 1) for name, i in zip(outer, position, strict=True)}

        def columns_at(position):
            region = region_of(position)
            part = {name: grid[name][region.get(name, slice(None))] for name in grid}
            with reading:
                values = {name: _cells(dataset, name, region, grid) for name in read}
            first = list(grid).index(along)
            columns = {name: np.moveaxis(v, first, 0).reshape(len(grid[along]), -1) for name, v in values.items()}
            return columns_along(along, survey, label, part, columns, wanted)

        def take(position, found):
            where = tuple(region_of(position).get(name, slice(None)) for name in others)
            for name, array in found.items():
                fields[name][where] = array.reshape(fields[name][where].shape)

        with workers(None, threads) as each:
            each(columns_at, product(*(range(len(grid[name])) for name in outer)), take, str)
    return fields


def _cells(dataset: netCDF4.Dataset, name: str, region: dict, grid: dict) -> np.ndarray:
    """A region of a variable over the axes of the grid, those that it does not depend on by repetition."""
    own = dataset[name].dimensions
    values = read_region(dataset, name, tuple(region.get(axis, slice(None)) for axis in own))
    shape = [len(range(*region.get(axis, slice(None)).indices(len(grid[axis])))) for axis in grid]
    spread = values.reshape([length if axis in own else 1 for axis, length in zip(grid, shape, strict=True)])
    return np.broadcast_to(spread, shape)


def _closed_forms(survey: Survey, label: str, grid: dict, wanted: dict) -> dict[str, np.ndarray]:
    """The closed forms that the crossovers name or are, over the axes of the grid."""
    axes = open_grid(grid)
    shape = np.broadcast_shapes(*(values.shape for values in axes.values()))
    known = axes | survey.constants_of(label)
    fields = {}
    for name, settings in wanted.items():
        if settings.closed_form:
            place = closed_forms(survey.request(label).quantity, settings.along)[settings.closed_form]
            part = "_closed_form" if settings.variables else ""
            fields[f"{name}{part}"] = np.broadcast_to(value_of(place, known), shape)
    return fields


def _define(dataset: netCDF4.Dataset, name: str, dimensions: tuple, array: np.ndarray, crossovers: dict) -> None:
    """Add one field with its CF attributes."""
    crossover = max((c for c in crossovers if name == c or name.startswith(f"{c}_")), key=len)
    settings, part = crossovers[crossover], name[len(crossover) :]
    flags = part == "_censoring"
    options = {"compression": "zlib", "complevel": 1} if flags else {"fill_value": np.nan}
    created = dataset.createVariable(name, array.dtype, dimensions, fletcher32=True, **options)
    created.long_name = f"{MEANING[settings.kind].format(PARAMETERS[settings.along].long_name)}{_PARTS[part]}"
    created.setncattr("settings", json.dumps(settings.plain(), separators=(",", ":")))
    if flags:
        meanings = WINDOW_CENSORING if settings.kind == "window" else CENSORING
        created.flag_values = np.array(list(meanings.values()), np.uint8)
        created.flag_meanings = " ".join(meanings)
    else:
        created.units = "1" if part == "_ratio" else PARAMETERS[settings.along].unit
    created[...] = array
