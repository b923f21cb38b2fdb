"""Where and by how much two cubes, or two files of crossovers, differ."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from math import prod
from pathlib import Path

import netCDF4
import numpy as np

from survey.cubes.read import read_region
from survey.flags import flag_names
from survey.grid import canonical
from survey.run.changes import Change, changes
from survey.store.sealed import open_sealed
from survey.words import count

# Read at a time from each file, of one variable: 16 MB of float64.
CELLS = 2_000_000
# What a file says of its making. It is told, but files whose numbers agree are equal whatever it says.
MAKING = ("quantity_fingerprint", "package_version", "git_commit", "date_created")


def difference(one: Path, other: Path, tolerance: float = 0.0) -> dict:
    """What distinguishes two files, as plain data, ready for JSON: `equal`, `settings` (quantity, version, options,
    constants, variables, values of the axes), `variables` (only in one, or with cells that differ) and `making`.

    A number differs if |a - b| > tolerance max(|a|, |b|), a flag if it is not the same, and NaN equals NaN. Cells are
    compared where both files have them, block by block, so that files of any size need little memory. SurveyError if a
    file is missing or damaged.
    """
    with open_sealed(one) as a, open_sealed(other) as b:
        found = {
            "files": [str(one), str(other)],
            "tolerance": tolerance,
            "settings": [asdict(each) for each in changes(_configuration(a), _configuration(b))],
            "variables": _variables(a, b, tolerance),
            "making": {name: [_attribute(a, name), _attribute(b, name)] for name in MAKING},
        }
    found["making"] = {name: sides for name, sides in found["making"].items() if sides[0] != sides[1]}
    found["equal"] = not found["settings"] and not any(_differs(each) for each in found["variables"])
    return found


def _configuration(dataset: netCDF4.Dataset) -> dict:
    """What the numbers of a file depend on; of crossovers, the settings of each are under `options`."""
    axes = {name: dataset[name][:].tolist() for name in dataset.dimensions}
    if "configuration" in dataset.ncattrs():
        return json.loads(dataset.configuration) | {"axes": axes}
    fields = {name: variable for name, variable in dataset.variables.items() if name not in dataset.dimensions}
    settings = {name: field.settings for name, field in fields.items() if "settings" in field.ncattrs()}
    return {"options": settings, "variables": sorted(fields), "axes": axes}


def _attribute(dataset: netCDF4.Dataset, name: str) -> str | None:
    return str(dataset.getncattr(name)) if name in dataset.ncattrs() else None


def _differs(variable: dict) -> bool:
    return bool(variable["cells_that_differ"] or variable["attributes"] or variable["dimensions"])


def _variables(a: netCDF4.Dataset, b: netCDF4.Dataset, tolerance: float) -> list[dict]:
    places = {name: _common(a[name][:], b[name][:]) for name in a.dimensions if name in b.dimensions}
    both = [name for name in a.variables if name in b.variables and name not in places]
    return [_variable(a, b, name, places, tolerance) for name in both if name not in b.dimensions]


def _common(one: np.ndarray, other: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Where the values that two axes have in common stand in each."""
    mine, theirs = ({canonical(value): place for place, value in enumerate(values)} for values in (one, other))
    shared = [value for value in mine if value in theirs]
    return np.array([mine[value] for value in shared], int), np.array([theirs[value] for value in shared], int)


def _variable(a: netCDF4.Dataset, b: netCDF4.Dataset, name: str, places: Mapping, tolerance: float) -> dict:
    mine, theirs = a[name], b[name]
    attributes = [
        {"attribute": key, "values": [_plain(mine, key), _plain(theirs, key)]}
        for key in ("units", "flag_values", "flag_masks", "flag_meanings")
        if _plain(mine, key) != _plain(theirs, key)
    ]
    found = {
        "variable": name,
        "attributes": attributes,
        "dimensions": None,
        "cells_compared": 0,
        "cells_that_differ": 0,
    }
    if mine.dimensions != theirs.dimensions:
        return found | {"dimensions": [list(mine.dimensions), list(theirs.dimensions)]}
    flags = {key: mine.getncattr(key) for key in mine.ncattrs()} if "flag_meanings" in mine.ncattrs() else {}
    positions = tuple(np.arange(len(places[axis][0])) for axis in mine.dimensions)
    worst, kinds = (-1.0, None), {}
    pending = [positions] if all(position.size for position in positions) else []
    while pending:
        part = pending.pop()
        indices = [[places[axis][side][p] for axis, p in zip(mine.dimensions, part, strict=True)] for side in (0, 1)]
        if _too_large(indices) and any(position.size > 1 for position in part):
            pending += _halves(part, indices)
            continue
        x, y = (_read(dataset, name, index) for dataset, index in zip((a, b), indices, strict=True))
        found["cells_compared"] += x.size
        size = np.where(x == y, 0.0, np.inf) if flags else _relative(x, y)
        bad = size > tolerance
        number = int(bad.sum())
        if not number:
            continue
        found["cells_that_differ"] += number
        at = np.unravel_index(int(np.argmax(size)), size.shape)
        if size[at] > worst[0]:
            where = {
                axis: float(a[axis][index[i]]) for axis, index, i in zip(mine.dimensions, indices[0], at, strict=True)
            }
            worst = (float(size[at]), {"at": where, "values": [_number(x[at]), _number(y[at])]})
        if flags:
            pairs, numbers = np.unique(np.stack([x[bad], y[bad]]), axis=1, return_counts=True)
            for (before, after), times in zip(pairs.T.tolist(), numbers.tolist(), strict=True):
                kinds[before, after] = kinds.get((before, after), 0) + times
    if worst[1]:
        found["worst"] = worst[1] if flags else {"relative": _number(worst[0]), **worst[1]}
    if kinds:
        found["flags"] = [
            {"from": flag_names(before, flags), "to": flag_names(after, flags), "cells": times}
            for (before, after), times in sorted(kinds.items(), key=lambda item: -item[1])
        ]
    return found


def _plain(variable: netCDF4.Variable, key: str):
    return np.asarray(variable.getncattr(key)).tolist() if key in variable.ncattrs() else None


def _number(value) -> float | int | str:
    """A number for JSON, which has no infinity and no NaN: they are "inf" and "nan"."""
    plain = np.asarray(value).item()
    return plain if np.isfinite(plain) else str(plain)


def _too_large(indices: list) -> bool:
    return any(prod(int(index[-1]) - int(index[0]) + 1 for index in side) > CELLS for side in indices)


def _halves(part: tuple[np.ndarray, ...], indices: list) -> list[tuple[np.ndarray, ...]]:
    """A part cut across the axis along which it reaches farthest in a file."""
    reach = [
        max(int(side[axis][-1]) - int(side[axis][0]) for side in indices) if positions.size > 1 else -1
        for axis, positions in enumerate(part)
    ]
    axis = reach.index(max(reach))
    middle = part[axis].size // 2
    halves = (part[axis][:middle], part[axis][middle:])
    return [(*part[:axis], half, *part[axis + 1 :]) for half in reversed(halves)]


def _read(dataset: netCDF4.Dataset, name: str, index: list[np.ndarray]) -> np.ndarray:
    """The cells at the crossings of sorted positions: the box that holds them is read, which is one access."""
    box = tuple(slice(int(i[0]), int(i[-1]) + 1) for i in index)
    return np.asarray(read_region(dataset, name, box))[np.ix_(*(i - i[0] for i in index))]


def _relative(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """|x - y|/max(|x|, |y|), 0 where both are equal or NaN, infinite where only one of them is finite."""
    x, y = x.astype(np.float64), y.astype(np.float64)
    same = (x == y) | (np.isnan(x) & np.isnan(y))
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        size = np.abs(x - y) / np.maximum(np.abs(x), np.abs(y))
    return np.where(same, 0.0, np.where(np.isfinite(x) & np.isfinite(y), size, np.inf))


def describe(found: dict) -> str:
    """What distinguishes two files, for people; they are called A and B."""
    one, other = found["files"]
    lines = [f"A = {one}", f"B = {other}"]
    lines += [Change(**each).said("A", "B") for each in found["settings"]]
    for each in found["variables"]:
        lines += _lines(each, found["tolerance"])
    making = [f"{name} {sides[0]} and {sides[1]}" for name, sides in found["making"].items()]
    if making:
        lines += ["made differently, which does not count:", *(f"  {each}" for each in making)]
    lines.append("equal" if found["equal"] else "different")
    return "\n".join(lines)


def _lines(found: dict, tolerance: float) -> list[str]:
    name = found["variable"]
    lines = [
        f"{name}: {each['attribute']} is {each['values'][0]} in A, {each['values'][1]} in B"
        for each in found["attributes"]
    ]
    if found["dimensions"]:
        return [*lines, f"{name}: over {found['dimensions'][0]} in A, over {found['dimensions'][1]} in B; not compared"]
    compared = count(found["cells_compared"], "cell")
    if not found["cells_that_differ"]:
        within = f" within {tolerance:g}" if tolerance else ""
        return [*lines, f"{name}: the same{within} in all {compared} that both have"]
    lines.append(f"{name}: {found['cells_that_differ']:,} of the {compared} that both have differ")
    worst = found["worst"]
    at = ", ".join(f"{axis} = {value:.12g}" for axis, value in worst["at"].items())
    if "flags" in found:
        for each in found["flags"]:
            sides = [" ".join(names) or "no flag" for names in (each["from"], each["to"])]
            lines.append(f"  {count(each['cells'], 'cell')}: {sides[0]} in A, {sides[1]} in B")
        return [*lines, f"  the first at {at}"]
    size = f"by {worst['relative']:.3g} of its value, " if worst["relative"] != "inf" else ""
    return [*lines, f"  the worst, {size}at {at}: {worst['values'][0]} in A, {worst['values'][1]} in B"]
