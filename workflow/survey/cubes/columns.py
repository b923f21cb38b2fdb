"""The crossovers of columns along an axis: brackets where a criterion changes sign on the grid, refined on the kernel.

An interval of the grid is refined for all columns at once that need it.
"""

import numpy as np

from physics import QUANTITIES
from survey.config.crossovers import Window
from survey.cubes.criteria import Criterion, criterion, on_grid, points, roots
from survey.grid import open_grid
from survey.survey import Survey

FOUND, BELOW, ABOVE, ABSENT, UNDEFINED, SEVERAL = range(6)
CENSORING = {"found": 0, "below": 1, "above": 2, "absent": 3, "undefined": 4, "several": 5}
WINDOW_CENSORING = {"found": 0, "open_below": 1, "open_above": 2, "open_at_both_ends": 3, "undefined": 4, "absent": 5}


def columns_along(
    axis: str, survey: Survey, label: str, part: dict, columns: dict, wanted: dict
) -> dict[str, np.ndarray]:
    """The crossovers of columns along an axis: columns[variable] is (axis, cells), each field of the result (cells)."""
    x = np.log(part[axis])
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
            rule = criterion(settings, _temperatures(axis, survey, label, part))
            good = good & ~frozen if rule.slopes else good
            plans[name] = _crossing(rule, rule(x[:, None], value, slope), good)
    requests = [request for own, _ in plans.values() for request in own]
    refined = iter(_refined(axis, survey, label, part, x, requests))
    fields = {}
    for name, (own, finish) in plans.items():
        fields |= {name + suffix: array for suffix, array in finish([next(refined) for _ in own]).items()}
    return fields


def _temperatures(axis: str, survey: Survey, label: str, part: dict) -> np.ndarray | None:
    """The temperature (K) of each cell of columns along another axis; None along T, and of what does not know any."""
    inner = {name: values for name, values in part.items() if name != axis}
    if "T" in inner:
        shape = tuple(map(len, inner.values()))
        return np.broadcast_to(open_grid(inner)["T"], shape).ravel()
    return None if axis == "T" else survey.constants_of(label).get("T")


def _filled(values: np.ndarray, good: np.ndarray) -> np.ndarray:
    """The values (x, cells), where they are not good the nearest good ones along x: a spline bends least there."""
    if good.all():
        return values
    place, end = np.arange(len(values))[:, None], len(values) - 1
    before = np.maximum.accumulate(np.where(good, place, -1), axis=0)
    after = np.minimum.accumulate(np.where(good, place, end)[::-1], axis=0)[::-1]
    return np.take_along_axis(values, np.where(before < 0, after, before), axis=0)


def _crossing(rule: Criterion, g: np.ndarray, good: np.ndarray):
    """Where g (x, cells) changes sign between good neighbours: the request to refine the highest, and what to make of
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


def _refined(axis: str, survey: Survey, label: str, part: dict, x: np.ndarray, requests: list) -> list[tuple]:
    """The root in x and its width (cells) for each request (interval of each cell or -1, criterion), NaN without one.

    The kernel is called once for each interval that any request needs, for the couplings and densities that need it.
    """
    request = survey.request(label)
    quantity = QUANTITIES[request.quantity]
    low, high = quantity.limits(axis)
    ends = (np.log(low) if low > 0 else -np.inf, np.log(high))
    if quantity.refuses:
        # Values beyond the grid may have no meaning beside those of other axes.
        ends = (x[0], x[-1])
    inner = {name: values for name, values in part.items() if name != axis}
    shape = tuple(len(values) for values in inner.values())
    cells = int(np.prod(shape))
    answers = [(np.full(cells, np.nan), np.full(cells, np.nan)) for _ in requests]
    for i in sorted({int(k) for interval, _ in requests for k in np.unique(interval)} - {-1}):
        names = tuple(sorted({v for interval, rule in requests if (interval == i).any() for v in rule.variables}))
        needed = np.any([interval == i for interval, _ in requests], axis=0)
        used = [np.unique(index) for index in np.argwhere(needed.reshape(shape)).T]
        along = np.exp(points(x[i], x[i + 1], ends))
        axes = {axis: along} | {name: values[k] for (name, values), k in zip(inner.items(), used, strict=True)}
        computed = quantity(**open_grid(axes), **survey.constants_of(label), **request.options, variables=names)
        logs = {name: np.full((len(along), cells), np.nan) for name in names}
        place = np.ravel_multi_index(np.ix_(*used), shape).ravel() if shape else np.zeros(1, int)
        reached = (len(along), *map(len, used))
        for name in names:
            values = np.broadcast_to(computed[name], reached).reshape(len(along), -1)
            logs[name][:, place] = np.log(values, where=values > 0, out=np.full(values.shape, np.nan))
        for (interval, rule), (root, width) in zip(requests, answers, strict=True):
            here = np.flatnonzero(interval == i)
            if here.size:
                some = {name: logs[name][:, here] for name in rule.variables}
                root[here], width[here] = roots(x[i], x[i + 1], some, rule.of_cells(here), quantity.accuracy, ends)
    return answers
