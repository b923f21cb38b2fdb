"""Axes and constants of a survey file: as they are written, and as numbers on a grid in the vocabulary's units."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import Discriminator, Field, Tag

from physics import PARAMETERS
from survey.errors import SurveyError
from survey.grid import canonical, canonical_axis, same
from survey.units import parse
from survey.words import nearest_name
from survey.written.faults import Faults
from survey.written.settings import Settings, Value

MAXIMUM_VALUES = 100_000
Grid = Mapping[str, tuple[float, ...]]


class AxisValues(Settings):
    """An axis given by its values."""

    values: list[Value] = Field(
        min_length=1, max_length=MAXIMUM_VALUES, description="The values, each with its unit, in any order, each once."
    )

    def scale(self, values: tuple[float, ...]) -> str:
        """`linear` or `log`, as the values of the axis are spaced; four at least are needed to tell."""
        steps = np.diff(values)
        return "linear" if len(values) > 3 and np.allclose(steps, steps[0], rtol=1e-6) else "log"


class AxisRange(Settings):
    """An axis given by its ends and the number of values."""

    whole = "`values`, or `start`, `stop` and `num`"
    also_known = ("values",)

    start: Value = Field(description="The first value, with its unit; it is on the axis exactly.")
    stop: Value = Field(description="The last value, with its unit; it is on the axis exactly.")
    num: int = Field(
        ge=1, le=MAXIMUM_VALUES, description="How many values there are from start to stop, both included."
    )
    spacing: Literal["log", "linear"] = Field(
        default="log", description="`log` (equal ratios, the default) or `linear` (equal differences)."
    )
    include: list[Value] = Field(
        default=[], description="Further values that the axis shall hold, e.g. those of an experiment or of a diagram."
    )

    def scale(self, values: tuple[float, ...]) -> str:
        """`linear` or `log`, as it is written."""
        return self.spacing


def _kind_of_axis(axis: Any) -> str:
    return "values" if (isinstance(axis, AxisValues) or (isinstance(axis, dict) and "values" in axis)) else "range"


Axis = Annotated[
    Annotated[AxisValues, Tag("values")] | Annotated[AxisRange, Tag("range")], Discriminator(_kind_of_axis)
]


def axes(
    written: Mapping[str, Axis], faults: Faults, where: tuple[str, ...] = ("axes",)
) -> dict[str, tuple[float, ...]]:
    """The axes, written at this place of the file, in the vocabulary's units, ascending, canonical; without those at
    fault."""
    resolved = {}
    for name, axis in written.items():
        if name not in PARAMETERS:
            faults.add((*where, name), f"unknown axis; {nearest_name(name, PARAMETERS)}")
            continue
        found = axis_values(name, axis, faults, (*where, name))
        if found is not None:
            resolved[name] = found
    return resolved


def axis_values(name: str, axis: Axis, faults: Faults, where: tuple[str, ...]) -> tuple[float, ...] | None:
    """The values of an axis of this parameter, written at this place; None if it is at fault."""
    with faults.at(*where):
        values = _values(name, axis, faults, where)
        if not faults.below(*where):
            return tuple(float(value) for value in canonical_axis(values))
    return None


def _values(name: str, axis: Axis, faults: Faults, where: tuple[str, ...]) -> list[float]:
    parameter = PARAMETERS[name]

    def parsed(key: str, texts: list) -> list[float]:
        values = []
        for position, text in enumerate(texts):
            with faults.at(*where, key, position):
                values.append(parse(text, parameter))
        return values

    if isinstance(axis, AxisValues):
        values = parsed("values", axis.values)
        if len(values) == len(axis.values):
            refuse_repeated(values, axis.values)
        return values
    ends = []
    for key in ("start", "stop"):
        with faults.at(*where, key):
            ends.append(parse(getattr(axis, key), parameter))
    included = parsed("include", axis.include)
    return [*spaced(*ends, axis.num, axis.spacing), *included] if len(ends) == 2 else []


def spaced(start: float, stop: float, num: int, spacing: str) -> list[float]:
    """`num` values from `start` to `stop`, both exactly; `spacing` is "log" (equal ratios) or "linear"."""
    if (num == 1) != same(start, stop):
        raise SurveyError(
            f"found start {start:g}, stop {stop:g} and num {num}; one value needs start = stop, more need two"
        )
    if spacing == "log" and min(start, stop) <= 0:
        raise SurveyError(f"found start {start:g} and stop {stop:g}; logarithmic spacing needs positive values")
    between = np.geomspace(start, stop, num) if spacing == "log" else np.linspace(start, stop, num)
    values = [start, *(float(value) for value in between[1:-1]), stop][:num]
    if len(canonical_axis(values)) < num:
        raise SurveyError(f"{num} values from {start:.12g} to {stop:.12g} repeat themselves in 12 significant digits")
    return values


def on_grid(name: str, text: str | float, axis: tuple[float, ...]) -> float:
    """The value of the axis that the text means; SurveyError that names the nearest values if it is not on the axis."""
    value = parse(text, PARAMETERS[name])
    for known in axis:
        if same(known, value):
            return known
    unit = "" if PARAMETERS[name].unit == "1" else f" {PARAMETERS[name].unit}"
    near = sorted(sorted(axis, key=lambda known: abs(known - value))[:2])
    values = " and ".join(f"{known:.12g}{unit}" for known in near)
    raise SurveyError(
        f"found {text!r}, not on the grid; the nearest values of {name} are {values} ({len(axis)} values)"
    )


def refuse_repeated(values: list[float], texts: list) -> None:
    """SurveyError if two of the values are the same coordinate; names the two as they were written."""
    seen: dict[str, object] = {}
    for value, text in zip(values, texts, strict=True):
        if canonical(value) in seen:
            raise SurveyError(
                f"found {seen[canonical(value)]!r} and {text!r}: the same value; allowed: each value once"
            )
        seen[canonical(value)] = text


def constants_of(written: Mapping[str, str | float], where: tuple, faults: Faults) -> dict[str, float]:
    """Constants in the vocabulary's units, written at this place of the file; without those at fault."""
    resolved = {}
    for name, text in written.items():
        if name not in PARAMETERS:
            faults.add((*where, name), f"unknown constant; {nearest_name(name, PARAMETERS)}")
            continue
        with faults.at(*where, name):
            resolved[name] = parse(text, PARAMETERS[name])
    return resolved
