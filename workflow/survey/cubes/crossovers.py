"""Locate the crossovers of a survey along T: brackets on its cubes, refinement on the kernels, into one netCDF file.

For every cell of the other axes each crossover has a temperature, the width of its bracket, and a flag that says
whether it was found or on which side of the grid it lies. Kernels share work between all values of SHARED_AXES, so an
interval of the grid is refined for all of them at once.
"""

import json
from concurrent.futures import ThreadPoolExecutor
from inspect import signature
from itertools import product
from pathlib import Path
from threading import Lock

import dask
import netCDF4
import numpy as np

from physics import QUANTITIES
from physics.electrons import scales as dephasing_scales
from survey.config.crossovers import Window
from survey.cubes.assemble import open_cube_of
from survey.cubes.criteria import MEANING, Criterion, criterion, on_grid, points, roots
from survey.cubes.read import read_region
from survey.grid import open_grid
from survey.provenance import now, provenance
from survey.store import origins
from survey.store.files import replacing
from survey.store.netcdf import define_axes, seal
from survey.store.stamps import check_stamp
from survey.store.tiles import SHARED_AXES
from survey.survey import Crossover, Survey

FOUND, BELOW, ABOVE, ABSENT, UNDEFINED, SEVERAL = range(6)
CENSORING = {"found": 0, "below": 1, "above": 2, "absent": 3, "undefined": 4, "several": 5}
WINDOW_CENSORING = {"found": 0, "open_below": 1, "open_above": 2, "open_at_both_ends": 3, "undefined": 4, "absent": 5}
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

    For a crossover NAME: NAME (K; NaN where it was not found), NAME_width (K, the bracket), NAME_censoring (flags) and,
    where it has one, NAME_closed_form (K). A window has NAME_low, NAME_high (K), NAME_ratio and NAME_censoring.
    """
    results = Path(results)
    path = results / survey.name / "crossovers.nc"
    axes, fields = {}, {}
    labels = sorted({settings.quantity for settings in survey.crossovers.values()})
    for label in labels:
        check_stamp(store or results / "store", survey.request(label).quantity)
    for (label, names), wanted in _groups(survey).items():
        grid = {name: np.array(survey.axes[name]) for name in names}
        located = _located(survey, label, grid, wanted, results, threads)
        located |= _closed_forms(survey, label, grid, wanted)
        axes |= {name: values for name, values in grid.items() if name != "T"}
        dimensions = tuple(name for name in grid if name != "T")
        fields |= {name: (dimensions, array) for name, array in located.items()}
    with replacing(path) as temporary, netCDF4.Dataset(temporary, "w", format="NETCDF4") as dataset:
        define_axes(dataset, axes)
        for name, (dimensions, array) in fields.items():
            _define(dataset, name, dimensions, array, survey.crossovers)
        dataset.setncatts(
            {
                "Conventions": "CF-1.11",
                "title": f"crossover temperatures, survey {survey.name}",
                "survey": survey.name,
                "source": "; ".join(sorted({QUANTITIES[survey.request(label).quantity].source for label in labels})),
                "history": f"{now()} survey crossovers {survey.name}",
                origins.MADE_FROM: origins.text(origins.of_crossovers(survey)),
            }
            | provenance()
        )
        seal(dataset)
    return path


def _groups(survey: Survey) -> dict[tuple[str, tuple[str, ...]], dict[str, Crossover]]:
    """The crossovers of a survey that are located together: those of one label over the same axes."""
    groups = {}
    for name, settings in survey.crossovers.items():
        axes = survey.request(settings.quantity).axes_of(*settings.variables)
        groups.setdefault((settings.quantity, axes), {})[name] = settings
    return groups


def _located(
    survey: Survey, label: str, grid: dict, wanted: dict, results: Path, threads: int
) -> dict[str, np.ndarray]:
    """The arrays of the wanted crossovers of one label, over the axes of their variables other than T."""
    others = [name for name in grid if name != "T"]
    shape = tuple(len(grid[name]) for name in others)
    fields = {}
    for name, settings in wanted.items():
        parts = ("_low", "_high", "_ratio") if settings.kind == "window" else ("", "_width")
        fields |= {name + part: np.full(shape, np.nan) for part in parts}
        fields[f"{name}_censoring"] = np.full(shape, UNDEFINED, np.uint8)
    outer = [name for name in others if name not in SHARED_AXES]
    reading = Lock()
    with open_cube_of(survey, label, results) as dataset:
        read = {v for settings in wanted.values() for v in settings.variables}
        read |= {"status"} & set(dataset.variables)
        for name in read:
            dataset[name].set_var_chunk_cache(size=CHUNK_CACHE // len(read))

        def task(position):
            region = {name: slice(i, i + 1) for name, i in zip(outer, position, strict=True)}
            part = {name: grid[name][region.get(name, slice(None))] for name in grid}
            with reading:
                values = {name: _cells(dataset, name, region, grid) for name in read}
            columns = {name: array.reshape(len(grid["T"]), -1) for name, array in values.items()}
            where = tuple(region.get(name, slice(None)) for name in others)
            for name, array in _columns(survey, label, part, columns, wanted).items():
                fields[name][where] = array.reshape(fields[name][where].shape)

        positions = product(*(range(len(grid[name])) for name in outer))
        # The pool is left only when all its threads are done, so that none reads from a closed file after a failure.
        with ThreadPoolExecutor(threads) as pool:
            dask.compute(*(dask.delayed(task)(p) for p in positions), scheduler="threads", pool=pool)
    return fields


def _cells(dataset: netCDF4.Dataset, name: str, region: dict, grid: dict) -> np.ndarray:
    """A region of a variable over the axes of the grid, those that it does not depend on by repetition."""
    own = dataset[name].dimensions
    values = read_region(dataset, name, tuple(region.get(axis, slice(None)) for axis in own))
    shape = [len(range(*region.get(axis, slice(None)).indices(len(grid[axis])))) for axis in grid]
    spread = values.reshape([length if axis in own else 1 for axis, length in zip(grid, shape, strict=True)])
    return np.broadcast_to(spread, shape)


def _columns(survey: Survey, label: str, part: dict, columns: dict, wanted: dict) -> dict[str, np.ndarray]:
    """The crossovers of columns along T: columns[variable] is (T, cells), each field of the result is (cells)."""
    x = np.log(part["T"])
    frozen = np.zeros(next(iter(columns.values())).shape, bool)
    if "status" in columns:
        flags = QUANTITIES[survey.request(label).quantity].variable("status").flags
        frozen = columns["status"] == flags.get("frozen", -1)
    numbers = {name: values.astype(np.float64) for name, values in columns.items() if name != "status"}
    finite = {name: np.isfinite(values) & (values > 0) for name, values in numbers.items()}
    logs = {
        name: _filled(np.log(np.where(finite[name], values, 1.0)), finite[name]) for name, values in numbers.items()
    }
    value, slope = on_grid(x, logs)
    plans = {}
    for name, settings in wanted.items():
        good = np.all([finite[v] for v in settings.variables], axis=0)
        if settings.kind == "window":
            plans[name] = _window(x, slope(settings.variable), good & ~frozen, settings)
        else:
            rule = criterion(settings)
            good = good & ~frozen if rule.slopes else good
            plans[name] = _crossing(rule, rule(x[:, None], value, slope), good)
    requests = [request for own, _ in plans.values() for request in own]
    refined = iter(_refined(survey, label, part, x, requests))
    fields = {}
    for name, (own, finish) in plans.items():
        fields |= {name + suffix: array for suffix, array in finish([next(refined) for _ in own]).items()}
    return fields


def _filled(values: np.ndarray, good: np.ndarray) -> np.ndarray:
    """The values (T, cells), where they are not good the nearest good ones along T: a spline bends least there."""
    if good.all():
        return values
    place, end = np.arange(len(values))[:, None], len(values) - 1
    before = np.maximum.accumulate(np.where(good, place, -1), axis=0)
    after = np.minimum.accumulate(np.where(good, place, end)[::-1], axis=0)[::-1]
    return np.take_along_axis(values, np.where(before < 0, after, before), axis=0)


def _crossing(rule: Criterion, g: np.ndarray, good: np.ndarray):
    """Where g (T, cells) changes sign between good neighbours: the request to refine the highest, and what to make of
    the answer."""
    both = good[:-1] & good[1:]
    changes = ((g[:-1] > 0) != (g[1:] > 0)) & both
    count = changes.sum(axis=0)
    highest = len(changes) - 1 - np.argmax(changes[::-1], axis=0) if len(changes) else np.zeros(g.shape[1], int)
    interval = np.where(count > 0, highest, -1)
    above = (g > 0) | ~good
    below = (g <= 0) | ~good

    def finish(answers):
        ((root, width),) = answers
        censoring = np.full(g.shape[1], ABSENT, np.uint8)
        censoring[above.all(axis=0)] = BELOW
        censoring[below.all(axis=0)] = ABOVE
        censoring[good.sum(axis=0) < 2] = UNDEFINED
        censoring[np.isfinite(root)] = FOUND
        censoring[np.isfinite(root) & (count > 1)] = SEVERAL
        return {"": np.exp(root), "_width": np.exp(root) * width, "_censoring": censoring}

    return [(interval, rule)], finish


def _window(x: np.ndarray, slope: np.ndarray, good: np.ndarray, settings: Window):
    """The widest run of grid points with |slope| below the threshold: the requests to refine its two ends."""
    inside = (np.abs(slope) < settings.threshold) & good
    cells = np.arange(slope.shape[1])
    start = np.full(len(cells), -1)
    first, last = np.full(len(cells), -1), np.full(len(cells), -2)
    widest = np.full(len(cells), -1.0)
    for i in range(len(x)):
        start = np.where(inside[i], np.where(start < 0, i, start), -1)
        width = np.where(start >= 0, x[i] - x[np.maximum(start, 0)], -1.0)
        better = width > widest
        widest = np.where(better, width, widest)
        first, last = np.where(better, start, first), np.where(better, i, last)
    exists = widest >= 0

    def end(interval, outside):
        """The request for the end of the window between the grid points `interval` and `interval` + 1."""
        usable = exists & (interval >= 0) & (interval < len(x) - 1)
        outside = np.clip(outside, 0, len(x) - 1)
        usable &= good[outside, cells]
        target = settings.threshold * np.sign(slope[outside, cells])
        return np.where(usable, interval, -1), Criterion(slopes={settings.variable: 1.0}, constant=-target)

    def finish(answers):
        (low, _), (high, _) = answers
        open_low, open_high = ~np.isfinite(low), ~np.isfinite(high)
        low = np.where(open_low, x[np.maximum(first, 0)], low)
        high = np.where(open_high, x[np.maximum(last, 0)], high)
        censoring = (1 * open_low + 2 * open_high).astype(np.uint8)
        censoring[~exists] = WINDOW_CENSORING["absent"]
        censoring[good.sum(axis=0) < 2] = WINDOW_CENSORING["undefined"]
        low, high = np.where(exists, np.exp(low), np.nan), np.where(exists, np.exp(high), np.nan)
        return {"_low": low, "_high": high, "_ratio": high / low, "_censoring": censoring}

    return [end(first - 1, first - 1), end(last, last + 1)], finish


def _refined(survey: Survey, label: str, part: dict, x: np.ndarray, requests: list) -> list[tuple]:
    """The root in x and its width (cells) for each request (interval of each cell or -1, criterion), NaN without one.

    The kernel is called once for each interval that any request needs, for the couplings and densities that need it.
    """
    request = survey.request(label)
    quantity = QUANTITIES[request.quantity]
    ends = tuple(np.log(quantity.limits("T")))
    inner = {name: values for name, values in part.items() if name != "T"}
    shape = tuple(len(values) for values in inner.values())
    cells = int(np.prod(shape))
    answers = [(np.full(cells, np.nan), np.full(cells, np.nan)) for _ in requests]
    for i in sorted({int(k) for interval, _ in requests for k in np.unique(interval)} - {-1}):
        names = tuple(sorted({v for interval, rule in requests if (interval == i).any() for v in rule.variables}))
        needed = np.any([interval == i for interval, _ in requests], axis=0)
        used = [np.unique(index) for index in np.argwhere(needed.reshape(shape)).T]
        T = np.exp(points(x[i], x[i + 1], ends))
        axes = {"T": T} | {name: values[k] for (name, values), k in zip(inner.items(), used, strict=True)}
        computed = quantity(**open_grid(axes), **survey.constants_of(label), **request.options, variables=names)
        logs = {name: np.full((len(T), cells), np.nan) for name in names}
        place = np.ravel_multi_index(np.ix_(*used), shape).ravel() if shape else np.zeros(1, int)
        reached = (len(T), *map(len, used))
        for name in names:
            values = np.broadcast_to(computed[name], reached).reshape(len(T), -1)
            logs[name][:, place] = np.log(values, where=values > 0, out=np.full(values.shape, np.nan))
        for (interval, rule), (root, width) in zip(requests, answers, strict=True):
            here = np.flatnonzero(interval == i)
            if here.size:
                some = {name: logs[name][:, here] for name in rule.variables}
                root[here], width[here] = roots(x[i], x[i + 1], some, rule.of_cells(here), quantity.accuracy, ends)
    return answers


def _closed_forms(survey: Survey, label: str, grid: dict, wanted: dict) -> dict[str, np.ndarray]:
    """The closed forms (K) that the crossovers name, over the axes of the grid other than T."""
    axes = open_grid({name: values for name, values in grid.items() if name != "T"})
    shape = np.broadcast_shapes(*(values.shape for values in axes.values()))
    constants = survey.constants_of(label)
    fields = {}
    for name, settings in wanted.items():
        if settings.closed_form:
            function = getattr(dephasing_scales, settings.closed_form)
            accepted = signature(function).parameters
            given = {key: value for key, value in (axes | constants).items() if key in accepted}
            fields[f"{name}_closed_form"] = np.broadcast_to(function(**given), shape)
    return fields


def _define(dataset: netCDF4.Dataset, name: str, dimensions: tuple, array: np.ndarray, crossovers: dict) -> None:
    """Add one field with its CF attributes."""
    crossover = max((c for c in crossovers if name == c or name.startswith(f"{c}_")), key=len)
    settings, part = crossovers[crossover], name[len(crossover) :]
    flags = part == "_censoring"
    options = {"compression": "zlib", "complevel": 1} if flags else {"fill_value": np.nan}
    created = dataset.createVariable(name, array.dtype, dimensions, fletcher32=True, **options)
    created.long_name = f"{MEANING[settings.kind]}{_PARTS[part]}"
    created.setncattr("settings", json.dumps(settings.plain(), separators=(",", ":")))
    if flags:
        meanings = WINDOW_CENSORING if settings.kind == "window" else CENSORING
        created.flag_values = np.array(list(meanings.values()), np.uint8)
        created.flag_meanings = " ".join(meanings)
    else:
        created.units = "1" if part == "_ratio" else "K"
    created[...] = array
