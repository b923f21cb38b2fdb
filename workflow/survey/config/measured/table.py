"""Tables of measured values: columns whose headers say name and unit, `T (mK), tau_phi (ns), sigma (ns), limit`."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from physics import PARAMETERS, Parameter
from survey.config.measured.cells import RELATIVE, Row, number
from survey.config.measured.covariance import covariance_of
from survey.errors import SurveyError
from survey.grid import canonical
from survey.measurement import LIMITS, OBSERVABLES, Table
from survey.units import in_unit, parse
from survey.words import count, nearest_name, quoted
from survey.written.faults import Faults

_HEADER = re.compile(r"(\w+)\s*(?:\((.*)\)|\[(.*)\])?")
# Of examples in messages.
_UNITS = {
    "T": "mK",
    "omega": "rad/s",
    "t_exp": "s",
    "tau_phi": "ns",
    "C_over_T": "J K^-2 m^-3",
    "C": "J K^-1 m^-3",
    "Q_inverse": "1",
}


@dataclass(frozen=True)
class _Column:
    """A column: its header as it is written, its position, the parameter that it holds and the unit; of a plain number
    the factor, 0.01 for %. A sigma that is a part of the value is one of `RELATIVE`."""

    header: str
    position: int
    parameter: Parameter
    unit: str
    factor: float = 1.0

    def number(self, cell: str) -> float:
        value = number(cell)
        return parse(f"{cell} {self.unit}" if self.unit else value * self.factor, self.parameter)


def table_of(
    observable: str,
    path: Path,
    rows: Sequence[Row],
    faults: Faults,
    at: Mapping[str, float],
    covariance: tuple[Sequence[Row], Faults] | None = None,
) -> Table | None:
    """The table that rows of text are, the first of them the header; None, with faults, if they are none.

    `at` are the values that say where all rows were measured, of those that are no column. With a covariance of
    ln(value), rows of numbers in the order of the table's, there is no sigma.
    """
    if not rows:
        if not faults.found:
            faults.add((), f"found no rows; allowed: a header, T (mK), {observable} ..., and a row for each value")
        return None
    columns, limit = _columns(observable, rows[0], faults, at, covariance is not None)
    if len(rows) == 1:
        faults.add((rows[0][0],), "found a header and no values; allowed: a row for each measured value")
        return None
    known = [_row(observable, columns, limit, len(rows[0][1]), row, faults) for row in rows[1:]]
    matrix = None if covariance is None else covariance_of(covariance[0], len(rows) - 1, covariance[1])
    if faults.found or (covariance is not None and matrix is None):
        return None
    where = ("T", *OBSERVABLES[observable].at)
    found = [{**at, **row} for row in known]
    if matrix is not None:
        for row, variance in zip(found, matrix.diagonal(), strict=True):
            row["sigma"] = float(variance) ** 0.5
    names = (*where, observable, "sigma", "limit")
    order = sorted(range(len(found)), key=lambda each: [found[each][name] for name in names])
    return Table(
        observable=observable,
        path=path,
        at={name: tuple(found[each][name] for each in order) for name in where},
        values=tuple(found[each][observable] for each in order),
        relative=tuple(float(canonical(found[each]["sigma"])) for each in order),
        limits=tuple(found[each]["limit"] for each in order),
        covariance=None if matrix is None else tuple(map(tuple, matrix[order][:, order].tolist())),
    )


def _columns(observable: str, header: Row, faults: Faults, at: Mapping, has_covariance: bool):
    """The columns of numbers by name, and the position of the limits, None if there are none."""
    line, cells = header
    needed = ["T", *(name for name in OBSERVABLES[observable].at if name not in at), observable]
    needed += [] if has_covariance else ["sigma"]
    columns: dict[str, _Column | None] = {}
    limit = None
    for position, text in enumerate(cells):
        match = _HEADER.fullmatch(text)
        name = match[1] if match else text
        unit = None if match is None else match[2] if match[2] is not None else match[3]
        if name in columns or (name == "limit" and limit is not None):
            faults.add((line, text), f"found a second column {name}; allowed: each once")
        elif name == "limit" and unit is None:
            limit = position
        elif name == "limit":
            faults.add((line, text), "limit has no unit; allowed: limit")
        elif name == "sigma" and has_covariance:
            faults.add((line, text), "the covariance says it already; allowed: one of them")
        elif name in at:
            faults.add((line, text), f"the measurement says {name} of all rows already; allowed: one of them")
        elif name not in needed:
            faults.add((line, text), f"unknown column; {nearest_name(name, [*needed, 'limit'])}")
        else:
            columns[name] = None
            with faults.at(line, text):
                columns[name] = _column(observable, name, text, position, (unit or "").strip())
    for name in needed:
        if name not in columns:
            faults.add((line,), f"found no column {name}; allowed: {', '.join([*needed, 'limit'])}, with their units")
    return {name: column for name, column in columns.items() if column}, limit


def _column(observable: str, name: str, header: str, position: int, unit: str) -> _Column:
    """A column of numbers; SurveyError if its unit is missing or none of it."""
    measured = OBSERVABLES[observable].parameter
    parameter = measured if name == observable else PARAMETERS.get(name) or _sigma(measured)
    if name == "sigma" and (unit == "%" or (unit == "1" and measured.unit != "1")):
        return _Column(header, position, RELATIVE, "", 0.01 if unit == "%" else 1.0)
    if parameter.unit == "1" and unit in ("", "1", "%"):
        return _Column(header, position, parameter, "", 0.01 if unit == "%" else 1.0)
    example = f"{name} ({_UNITS[observable if name == 'sigma' else name]})"
    more = ", 'sigma (%)'" if name == "sigma" else ""
    if not unit:
        raise SurveyError(f"found {quoted(header)} without a unit; allowed: e.g. {example!r}{more}")
    try:
        in_unit(1.0, unit, parameter)
    except (ValueError, ArithmeticError) as fault:
        raise SurveyError(f"found {quoted(header)}, {fault}; allowed: e.g. {example!r}{more}") from None
    return _Column(header, position, parameter, unit)


def _sigma(measured: Parameter) -> Parameter:
    """The standard deviation of a measured value, in its unit."""
    return Parameter("sigma", r"\sigma", measured.unit, "standard deviation")


def _row(observable: str, columns: Mapping[str, _Column], limit: int | None, width: int, row: Row, faults: Faults):
    """The numbers of a row by name, sigma relative to the value, and its limit; without those at fault."""
    line, cells = row
    if len(cells) != width:
        faults.add((line,), f"found {count(len(cells), 'cell')}; allowed: {width}, one for each column of the header")
        return {}
    measured = OBSERVABLES[observable]
    found: dict[str, Any] = {}
    for name, column in columns.items():
        with faults.at(line, column.header):
            value = column.number(cells[column.position])
            if name == observable:
                _within(measured.parameter, value)
            elif name != "sigma":
                measured.predicted_by.check(name, value)
            found[name] = value
    if "sigma" in found and observable in found and columns["sigma"].parameter is not RELATIVE:
        column = columns["sigma"]
        found["sigma"] /= found[observable]
        if not RELATIVE.lower < found["sigma"] <= RELATIVE.upper:
            text = f"found {cells[column.position]}, {found['sigma']:.3g} of the value"
            faults.add((line, column.header), f"{text}; allowed: > {RELATIVE.lower:g} and <= {RELATIVE.upper:g} of it")
    found["limit"] = "" if limit is None else cells[limit]
    if found["limit"] not in LIMITS:
        allowed = "allowed: lower (the true value is higher), upper (it is lower), or nothing where it was measured"
        faults.add((line, "limit"), f"found {quoted(found['limit'])}; {allowed}")
    return found


def _within(parameter: Parameter, value: float) -> None:
    low, high = parameter.domain
    if not low <= value <= high:
        name, found = parameter.name, parameter.text(value)
        raise SurveyError(f"found {name} = {found}; allowed: {parameter.text(low)} to {parameter.text(high)}")
