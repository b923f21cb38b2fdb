"""An answer of a query as a table for people, as JSON for machines, and as CSV for spreadsheets and scripts.

Each takes the variable's name and the data variables, coordinates and attributes that `survey.query.answer.answer`
returns. JSON and CSV hold all digits; infinity is "inf" in them, and a refused value is null and empty.
"""

import csv
import io
import json
import re
from collections.abc import Mapping
from math import prod

import numpy as np

from survey.flags import flag_names
from survey.mathtext import unicode_text
from survey.words import count, table

_SAID = ("error_estimate", "method", "statuses", "cells_used")
_AROUND = ("lowest_around", "highest_around")
_SUPERSCRIPT = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")


def records(variable: str, data: Mapping, coordinates: Mapping) -> list[dict]:
    """The answer as one dict of plain Python values per point."""
    dims, shape = _shape(data)
    columns = {}
    for name, (own, array, _) in {**data, **coordinates}.items():
        spread = array[tuple(slice(None) if dim in own else None for dim in dims)]
        columns[name] = np.broadcast_to(spread, shape).ravel().tolist()
    # Apart from the numbers: of a query of the status itself, its nearest value is a column too.
    said = {}
    for name in {"statuses", "nearest_status"} & set(data):
        named = {value: flag_names(value, data[name][2]) for value in set(columns[name])}
        said[name] = [named[value] for value in columns[name]]
    others = beside(variable, data)
    found = []
    for n in range(prod(shape)):
        record = {"at": {name: columns[name][n] for name in dims}}
        if variable in data:
            record["value"] = columns[variable][n]
        if others:
            record["beside"] = {name: columns[name][n] for name in others}
        if "remark" in data and columns["remark"][n]:
            record["remark"] = columns["remark"][n]
        if "meaning" in data:
            record["meaning"] = columns["meaning"][n].split()
        record |= {name: said.get(name, columns[name])[n] for name in _SAID if name in data}
        if "lowest_around" in data:
            record["values_around"] = [columns[name][n] for name in _AROUND]
        if f"nearest_{variable}" in data:
            record["between"] = {name: [columns[f"{name}_low"][n], columns[f"{name}_high"][n]] for name in dims}
            nearest = {name: columns[f"{name}_nearest"][n] for name in dims}
            record["nearest"] = {"at": nearest, "value": columns[f"nearest_{variable}"][n]}
            if "meaning" in data:
                record["nearest"]["meaning"] = flag_names(record["nearest"]["value"], data[variable][2])
            if "nearest_status" in data:
                record["nearest"]["status"] = " ".join(said["nearest_status"][n]) or "unknown"
        found.append(record)
    return found


def _shape(data: Mapping) -> tuple[tuple[str, ...], tuple[int, ...]]:
    """The axes of an answer and their lengths; what comes first in it has all of them."""
    dims, values, _ = next(iter(data.values()))
    return dims, values.shape


def beside(variable: str, data: Mapping) -> list[str]:
    """The names in an answer that are neither the variable nor said of every answer: the columns of a table, or what a
    finding says of a number."""
    dims, _ = _shape(data)
    always = {variable, "meaning", "remark", f"nearest_{variable}", "nearest_status", *_SAID, *_AROUND}
    always |= {f"{name}_{end}" for name in dims for end in ("nearest", "low", "high")}
    return [name for name in data if name not in always]


def as_json(variable: str, data: Mapping, coordinates: Mapping, attributes: Mapping) -> str:
    """The answer as one JSON document."""
    content = document(variable, data, coordinates, attributes)
    return json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False)


def document(variable: str, data: Mapping, coordinates: Mapping, attributes: Mapping) -> dict:
    """The answer as plain data: `points`, and beside it the variable, its unit and the units of the axes."""
    content = {name: value.item() if isinstance(value, np.generic) else value for name, value in attributes.items()}
    content["variable"] = variable
    if variable in data:
        content["unit"] = data[variable][2].get("units", "1")
    content["units"] = {name: _unit_of(name, data, coordinates) for name in (*_shape(data)[0], *beside(variable, data))}
    content["points"] = [_plain(record) for record in records(variable, data, coordinates)]
    return content


def _unit_of(name: str, data: Mapping, coordinates: Mapping) -> str:
    return (coordinates[name] if name in coordinates else data[name])[2].get("units", "1")


def _plain(item):
    if isinstance(item, dict):
        return {name: _plain(value) for name, value in item.items()}
    if isinstance(item, list):
        return [_plain(each) for each in item]
    if isinstance(item, float) and not np.isfinite(item):
        return None if np.isnan(item) else "inf" if item > 0 else "-inf"
    return item


def as_csv(variable: str, data: Mapping, coordinates: Mapping, attributes: Mapping) -> str:
    """The answer as CSV, one line per point, the units in the first line."""
    named = (*_shape(data)[0], *beside(variable, data), *([variable] if variable in data else []))
    units = {name: _unit_of(name, data, coordinates) for name in named}
    rows = []
    for record in records(variable, data, coordinates):
        row = {_titled(name, units[name]): value for name, value in record["at"].items()}
        row |= {_titled(variable, units[variable]): record["value"]} if "value" in record else {}
        row |= {_titled(name, units[name]): value for name, value in record.get("beside", {}).items()}
        row |= {"remark": record.get("remark", "")} if "remark" in data else {}
        row |= {name: record[name] for name in ("error_estimate", "method", "cells_used") if name in record}
        around = zip(_AROUND, record.get("values_around", ()), strict=False)
        row |= {_titled(name, units[variable]): value for name, value in around}
        row |= {name: " ".join(record[name]) for name in ("meaning", "statuses") if name in record}
        if "nearest" in record:
            row |= {_titled(f"nearest_{name}", units[name]): value for name, value in record["nearest"]["at"].items()}
            row[_titled(f"nearest_{variable}", units[variable])] = record["nearest"]["value"]
        row |= {"nearest_meaning": " ".join(record["nearest"]["meaning"])} if "meaning" in record else {}
        row |= {"nearest_status": record["nearest"]["status"]} if "statuses" in record else {}
        rows.append({name: "" if value != value else value for name, value in row.items()})
    text = io.StringIO()
    writer = csv.DictWriter(text, rows[0], lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().rstrip("\n")


def _titled(name: str, unit: str) -> str:
    return name if unit == "1" else f"{name} ({unit})"


def as_table(variable: str, data: Mapping, coordinates: Mapping, attributes: Mapping) -> str:
    """The answer for people: everything about one point, or a line per point."""
    found, dims = records(variable, data, coordinates), _shape(data)[0]
    shown = [*([variable] if variable in data else []), *beside(variable, data)]
    described = {name: coordinates[name][2] for name in dims} | {name: data[name][2] for name in shown}
    symbols = {name: _symbol(name, one) for name, one in described.items()}
    units = {name: _unit(one.get("units", "1")) for name, one in described.items()}
    lines = [f"{attributes.get('verdict') or attributes.get('summary') or variable}; {attributes['cube']}"]
    if variable in data:
        title = dict.fromkeys([symbols[variable], described[variable].get("long_name", symbols[variable])])
        lines = [f"{', '.join(title)}; {attributes['cube']}"]
    fixed = [name for name in dims if len(coordinates[name][1]) == 1]
    if fixed:
        lines.append(_position({name: found[0]["at"][name] for name in fixed}, symbols, units))
    if len(found) == 1:
        return "\n".join([*lines, *_details(found[0], variable, symbols, units)])
    moving = [name for name in dims if name not in fixed]
    header = [f"{symbols[name]} ({units[name]})" if units[name] else symbols[name] for name in (*moving, *shown)]
    told = {"error": "error_estimate", "statuses": "statuses", "method": "method", "remark": "remark"}
    told = {title: name for title, name in told.items() if name in data or (title == "error" and "statuses" in data)}
    rows = [[*header, *told]]
    for one in found:
        values = [one["at"][name] for name in moving]
        cells = [_short(value) for value in values]
        if "value" in one:
            cells.append("" if one["method"] == "refused" else _value(one))
        cells += [_short(value) for value in one.get("beside", {}).values()]
        rows.append([*cells, *(_told(one, title) for title in told)])
    return "\n".join([*lines, *table(rows)])


def _told(record: Mapping, title: str) -> str:
    """What stands in one of the last columns of a table."""
    if title == "error":
        return f"{record['error_estimate']:.1e}" if _estimated(record) else _around(record)
    said = record.get(title, "")
    return said if isinstance(said, str) else " ".join(said)


def _details(record: Mapping, variable: str, symbols: Mapping, units: Mapping) -> list[str]:
    values = {}
    if "value" in record:
        refused = record["method"] == "refused"
        values[symbols[variable]] = "refused" if refused else f"{_value(record)} {units[variable]}".rstrip()
    for name, value in record.get("beside", {}).items():
        values[symbols[name]] = f"{_short(value)} {units[name]}".rstrip()
    values |= {name: record[name] for name in ("remark", "method") if name in record}
    if "cells_used" in record:
        statuses = " ".join(record.get("statuses", ["not stored"]))
        values["statuses"] = f"{statuses} ({count(record['cells_used'], 'cell')} used)"
    if "nearest" in record:
        nearest = record["nearest"]
        values["nearest cell"] = (
            f"{_value(nearest)} {units[variable]}".rstrip()
            + f", {nearest.get('status', 'status not stored')}"
            + (f", at {_position(nearest['at'], symbols, units)}" if nearest["at"] else "")
        )
    if _estimated(record) and record["cells_used"] > 1:
        values["error"] = f"{record['error_estimate']:.1e} relative, estimated: cubic against linear"
    elif around := _around(record):
        values["error"] = f"not known: an axis is linear; the cells around it have {around} {units[variable]}".rstrip()
    between = {name: ends for name, ends in record.get("between", {}).items() if ends[0] != ends[1]}
    if between:
        ends = [f"{symbols[n]} {low:.6g} and {high:.6g} {units[n]}".rstrip() for n, (low, high) in between.items()]
        values["between"] = "; ".join(ends)
    return [f"  {line}" for line in table(values.items())]


def _estimated(record: Mapping) -> bool:
    return not np.isnan(record.get("error_estimate", np.nan))


def _around(record: Mapping) -> str:
    """The values of the cells around an interpolated one; empty if it is none, or if it is refused."""
    low, high = record.get("values_around", (np.nan, np.nan))
    return "" if record.get("method") == "refused" or not low < high else f"{low:.3g} … {high:.3g}"


def _value(record: Mapping) -> str:
    return " ".join(record["meaning"]) if "meaning" in record else _short(record["value"], 9)


def _short(value: object, digits: int = 6) -> str:
    """A number with so many digits, or a word as it is."""
    return value if isinstance(value, str) else f"{value:.{digits}g}"


def _symbol(name: str, attributes: Mapping) -> str:
    return unicode_text(f"${attributes['symbol']}$") if attributes.get("symbol") else name.rpartition("/")[2]


def _unit(text: str) -> str:
    """A UDUNITS unit for people: "J-1 m-3" is J⁻¹ m⁻³, and a pure number has none."""
    return "" if text == "1" else re.sub(r"-?\d+", lambda power: power[0].translate(_SUPERSCRIPT), text)


def _position(at: Mapping[str, float], symbols: Mapping[str, str], units: Mapping[str, str]) -> str:
    return ", ".join(f"{symbols[name]} = {_short(value)} {units[name]}".rstrip() for name, value in at.items())


def refusals(variable: str, data: Mapping, coordinates: Mapping, attributes: Mapping) -> str:
    """What was refused and why, with the nearest cell of the first such point; an empty text if nothing was."""
    if "method" not in data or not (data["method"][1] == "refused").any():
        return ""
    found = [one for one in records(variable, data, coordinates) if one["method"] == "refused"]
    place = ", ".join(f"{name} = {_short(value)}" for name, value in found[0]["at"].items())
    near = found[0]["nearest"]
    nearest = ", ".join(f"{name} = {_short(value)}" for name, value in near["at"].items())
    statuses = " ".join(found[0].get("statuses", ["status not stored"]))
    why = found[0].get("remark") or f"not every cell that it needs has a finite value (statuses: {statuses})"
    return (
        f"{attributes['cube']}: {len(found)} of {data[variable][1].size} values of {variable} refused, the first at "
        f"{place}: {why}; the nearest computed cell, "
        f"at {nearest}, has {_value(near)} ({near.get('status', 'status not stored')}); "
        "allowed: a point between computed cells, or the nearest cell (--nearest, nearest=True)"
    )


FORMATS = {"table": as_table, "json": as_json, "csv": as_csv}
