"""What a page says about a cube besides its numbers: axes, variables, statuses and crossovers in words and symbols,
where the numbers come from, and where a reader begins. All of it is plain data, ready for JSON."""

import json
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

import netCDF4
import numpy as np

from physics import PARAMETERS
from survey.cubes.read import attributes_of
from survey.explore.meanings import CENSORING, meaning
from survey.flags import classes_of, flag_names, flag_table
from survey.mathtext import crossover_symbol, unicode_text, unit_text, words

# The parts of a crossover in its file, by what is added to its name.
PARTS = ("", "_low", "_high", "_ratio", "_closed_form", "_censoring")
_PROVENANCE = (
    "survey", "label", "quantity", "quantity_version", "promised_accuracy", "source", "convention", "levels",
    "package_version", "git_commit", "date_created", "content_digest",
)  # fmt: skip


def describe(
    cube: netCDF4.Dataset,
    name: str,
    crossovers: netCDF4.Dataset | None = None,
    beginning: Mapping = MappingProxyType({}),
) -> dict:
    """The header of a page: all that is known of a cube but its numbers.

    `name` is the path of the cube that a reader asks by, `beginning` the view that a reader sees first (`v`, `x`, `y`,
    `at`), as far as the survey says it. Of the crossovers those are taken that were located in this cube.
    """
    attributes = attributes_of(cube)
    made = json.loads(attributes.get("configuration", "{}"))
    variables = {each: _variable(cube, each) for each in cube.variables if each not in cube.dimensions}
    header = {
        "file": name,
        "title": attributes.get("title", name).partition(", survey ")[0],
        "provenance": {each: plain(attributes[each]) for each in _PROVENANCE if each in attributes},
        "axes": {each: _axis(cube, each) for each in cube.dimensions},
        "variables": variables,
        "constants": {each: _constant(each, value) for each, value in made.get("constants", {}).items()},
        "options": made.get("options", {}),
        "dtype": made.get("dtype", "float64"),
        "crossovers": _crossovers(crossovers, str(attributes.get("label", ""))) if crossovers is not None else {},
    }
    return header | {"start": _start(header, beginning)}


def symbol_text(attributes: Mapping, name: str) -> str:
    """The paper's symbol in Unicode, or the name."""
    return unicode_text(f"${attributes['symbol']}$") if attributes.get("symbol") else words(name)


def plain(item):
    """Plain data without NaN and infinity, which JSON does not have."""
    if isinstance(item, Mapping):
        return {name: plain(each) for name, each in item.items()}
    if isinstance(item, list | tuple):
        return [plain(each) for each in item]
    if isinstance(item, np.generic):
        return plain(item.item())
    if isinstance(item, float) and not np.isfinite(item):
        return None if np.isnan(item) else f"{item:+}"
    return item


def _unit(unit: str) -> dict:
    return {"unit": unit, "shown": unicode_text(unit_text(unit))}


def _axis(cube: netCDF4.Dataset, name: str) -> dict:
    attributes = attributes_of(cube.variables[name])
    values = np.asarray(cube.variables[name][:], dtype=np.float64)
    return {
        "symbol": symbol_text(attributes, name),
        "long_name": attributes.get("long_name", words(name)),
        "values": values.tolist(),
        "log": bool((values > 0).all()),
    } | _unit(str(attributes.get("units", "1")))


def _constant(name: str, value: float) -> dict:
    known = PARAMETERS[name]
    said = {"symbol": unicode_text(f"${known.symbol}$"), "long_name": known.long_name, "value": value}
    return said | _unit(known.unit)


def _variable(cube: netCDF4.Dataset, name: str) -> dict:
    variable = cube.variables[name]
    attributes = attributes_of(variable)
    said = {
        "symbol": symbol_text(attributes, name),
        "long_name": str(attributes.get("long_name", words(name))),
        "dims": list(variable.dimensions),
    } | _unit(str(attributes.get("units", "1")))
    return said | ({"flags": _flags(name, attributes)} if flag_table(attributes) else {})


def _flags(name: str, attributes: Mapping) -> dict:
    """Of each value that a flag variable may have: its meanings, and text and colour of its class."""
    table = flag_table(attributes)
    values = list(table.values())
    if "flag_masks" in attributes:
        values = [value for value in range(256) if _whole(value, attributes)]
    numbers, classes = classes_of(values, attributes)
    return {
        str(value): {
            "meanings": flag_names(value, attributes),
            "said": "; ".join(meaning(each) for each in flag_names(value, attributes)) if name == "status" else "",
            "class": numbers[value],
            "text": unicode_text(classes[numbers[value]][0]),
            "colour": classes[numbers[value]][1],
        }
        for value in values
    }


def _whole(value: int, attributes: Mapping) -> bool:
    """Whether a value is made of flags alone, with one of each group of flags of which one always stands."""
    table = flag_table(attributes)
    masks = Counter(int(mask) for mask in np.atleast_1d(attributes["flag_masks"]))
    found = [table[name] for name in flag_names(value, attributes)]
    if not found or int(np.bitwise_or.reduce(found)) != value:
        return False
    return all(value & mask for mask, flags in masks.items() if flags > 1)


def _crossovers(file: netCDF4.Dataset, label: str) -> dict:
    found: dict[str, dict] = {}
    for each, variable in file.variables.items():
        settings = json.loads(getattr(variable, "settings", "{}"))
        if settings.get("quantity") != label:
            continue
        name = next((each.removesuffix(part) for part in PARTS[1:] if each.endswith(part)), each)
        if each.endswith("_width"):
            continue
        one = found.setdefault(name, _crossover(name, variable, settings))
        one["parts"][each.removeprefix(name).removeprefix("_") or "value"] = each
        if table := flag_table(attributes_of(variable)):
            along = PARAMETERS[one["along"]].symbol
            one["censoring"] = {
                str(value): CENSORING.get(flag, words(flag)).format(along=unicode_text(f"${along}$"))
                for flag, value in table.items()
            }
    return found


def _crossover(name: str, variable: netCDF4.Variable, settings: Mapping) -> dict:
    said = str(variable.getncattr("long_name")).partition(",")[0]
    along = settings.get("along", "T")
    of = settings.get("variables") or [settings[each] for each in ("variable",) if each in settings]
    detail = f"{said} ({', '.join(of)})" if of else said
    return {
        "symbol": unicode_text(f"${crossover_symbol(name)}$"),
        "long_name": detail,
        "along": along,
        "dims": list(variable.dimensions),
        "parts": {},
    } | _unit(PARAMETERS[along].unit)


def _start(header: Mapping, beginning: Mapping) -> dict:
    """Where a reader begins: variable, x, y (empty if there is one axis alone) and a value of each axis. As `beginning`
    says, as far as it does, but with a number: flags are drawn over it; else along T, in the middle of the axes."""
    axes, variables = header["axes"], header["variables"]
    numbers = [each for each, one in variables.items() if "flags" not in one] or list(variables)
    variable = beginning.get("v") if beginning.get("v") in numbers else numbers[0]
    dims = variables[variable]["dims"]
    several = [name for name in dims if len(axes[name]["values"]) > 1] or dims
    x = next((name for name in (beginning.get("x"), "T") if name in several), several[0])
    others = [name for name in several if name != x]
    y = beginning.get("y") if beginning.get("y") in others else (others or [""])[0]
    middle = {name: one["values"][len(one["values"]) // 2] for name, one in axes.items()}
    at = {name: value for name, value in beginning.get("at", {}).items() if name in axes}
    return {"v": variable, "x": x, "y": y, "at": middle | at}


def crossovers_beside(path: Path) -> Path:
    """Where the crossovers of the survey of a cube are."""
    return Path(path).with_name("crossovers.nc")
