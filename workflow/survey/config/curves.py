"""Curves along one axis in a survey file: families with laws, marks and backgrounds, and labels side by side; as they
are written and as they are drawn."""

from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field

from physics import PARAMETERS
from physics.laws import LAWS, Law
from survey.config.axes import Grid, on_grid
from survey.config.drawing import (
    INVERSE,
    KIND,
    X_PER,
    Y_PER,
    Axes,
    Drawing,
    DrawingOfOne,
    Known,
    Parts,
    Per,
    Reference,
    Scale,
    WithCrossovers,
    references,
)
from survey.config.quantities import Requests, axes_of_stored
from survey.errors import SurveyError
from survey.survey import Diagram, QuantityRequest
from survey.words import nearest_name
from survey.written.faults import Place
from survey.written.settings import Value

_VALUE_SCALE = "Of the variables: `log` or `linear`; default: linear if any value is negative or none is positive."
_VALUE_RANGE = (
    "The lowest and the highest value shown, plain numbers in the SI unit of what is drawn (none with y_per)."
)
ValueRange = Annotated[list[Annotated[float, Field(allow_inf_nan=False)]], Field(min_length=2, max_length=2)]


@dataclass(frozen=True, kw_only=True)
class CurvesDiagram(WithCrossovers):
    """`values` are those of the family's curves, `laws` all that are drawn, `marks` name labels, too."""

    drawn_by = "survey.draw.curves:curves"

    variables: tuple[str, ...]
    family: str | None
    values: tuple[float, ...] | None
    closed_forms: bool
    laws: tuple[str, ...]
    marks: tuple[str, ...]
    regimes: str | None
    inverse: bool
    x_per: Reference | None
    y_per: Reference | None
    y_scale: Scale | None
    y_range: tuple[float, float] | None

    @property
    def labels(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys([*super().labels, *(label for label, _ in self.marked)]))

    @property
    def marked(self) -> list[tuple[str, str]]:
        """Label and variable of each mark."""
        return [tuple(mark.rsplit(".", 1)) for mark in self.marks]


@dataclass(frozen=True, kw_only=True)
class ComparisonDiagram(Diagram):
    drawn_by = "survey.draw.comparison:comparison"

    variable: str
    labels: tuple[str, ...]
    inverse: bool
    x_per: Reference | None
    y_per: Reference | None
    y_scale: Scale | None
    y_range: tuple[float, float] | None


class Curves(DrawingOfOne):
    """Variables along one axis, one curve for each value of another."""

    becomes = CurvesDiagram
    along_keys = ("x", "family")
    key = "variables"
    example = r"""
family: {kind: curves, variables: [tau_phi], x: T, family: chi, values: [0.01, 0.1, 0.3], closed_forms: true,
  at: {Lambda0: 10 mK, Pd: 1e34 erg^-1 cm^-3, Estar: 10 K}}
one_curve: {kind: curves, variables: [tau_phi_relaxation], x: T, y_scale: log, y_range: [1e-12, 1e-6],
  laws: [relaxation], marks: [], crossovers: [T_alpha], regimes: regime, inverse: false,
  x_per: {value: 10 mK, symbol: '\Lambda_0'}, y_per: {value: 1 ns, symbol: '\tau_0'},
  at: {chi: 0.1, Lambda0: 10 mK, Pd: 1e34 erg^-1 cm^-3, Estar: 10 K}}
"""

    kind: Literal["curves"] = Field(description=KIND)
    variables: list[str] = Field(min_length=1, description="Which variables.")
    x: str = Field(description="The horizontal axis.")
    family: str | None = Field(default=None, description="The axis that tells the curves apart; default: one curve.")
    values: list[Value] | None = Field(
        default=None,
        min_length=1,
        max_length=12,
        description="The curves' values, on the grid; default: the whole axis.",
    )
    closed_forms: bool = Field(
        default=False,
        description="Whether all laws of the papers for these variables along x are drawn in, with the places where "
        "they change.",
    )
    laws: list[str] = Field(
        default=[], description="The same for those laws alone that are named, e.g. resonant, relaxation."
    )
    marks: list[str] = Field(
        default=[],
        description="Places on x that are marked: variables in the unit of x that do not depend on it, by their name, "
        "or as label.variable if they are of another label.",
    )
    crossovers: list[str] = Field(default=[], description="Crossovers along x that are marked on the curves.")
    regimes: str | None = Field(
        default=None, description="A flag variable that colours the background, the same for all curves."
    )
    inverse: bool = Field(default=False, description=INVERSE)
    x_per: Per | None = Field(default=None, description=X_PER)
    y_per: Per | None = Field(default=None, description=Y_PER)
    y_scale: Scale | None = Field(default=None, description=_VALUE_SCALE)
    y_range: ValueRange | None = Field(default=None, description=_VALUE_RANGE)

    @property
    def used(self) -> list[str]:
        return self.variables

    @property
    def shown_crossovers(self) -> list[str]:
        return self.crossovers

    def own_parts(self, label: str, crossed: Axes, known: Known, place: Place) -> Parts:
        parts, request = super().own_parts(label, crossed, known, place), known.requests[label]
        found = {"values": _family(self, known.grid, place), "laws": _laws(self, request, place), "marks": []}
        needed = [axis for name in found["laws"] for axis in LAWS[request.quantity][name].parameters]
        needed = [axis for axis in needed if axis in request.axes]
        for position, mark in enumerate(self.marks):
            with place.at("marks", position):
                of, _, variable = mark.rpartition(".")
                needed += _axes_of_mark(self, of or label, variable, known.requests)
                found["marks"].append(f"{of or label}.{variable}")
        if self.regimes is not None:
            with place.at("regimes"):
                needed += _axes_of_background(self, found["values"], label, known.requests)
        with place.at("variables"):
            _refuse_units(self, request)
        with place.at("y_range"):
            _refuse_range(self)
        found |= references(self, request.unit(self.variables[0]), place)
        return parts._replace(found=found, axes=(*parts.axes, *needed))


class Comparison(Drawing):
    """One variable of several labels side by side, one curve for each: what a choice of options changes."""

    becomes = ComparisonDiagram
    example = """
side_by_side: {kind: comparison, variable: C_tls, labels: [specific_heat, heat_tunnelling], x: T,
  at: {Lambda0: 10 mK, Pd: 1e34 erg^-1 cm^-3, chi: 0.1, Estar: 10 K}}
"""

    kind: Literal["comparison"] = Field(description=KIND)
    variable: str = Field(description="Which variable.")
    labels: list[str] = Field(min_length=2, max_length=12, description="The labels, each with this variable stored.")
    x: str = Field(description="The horizontal axis.")
    inverse: bool = Field(default=False, description=INVERSE)
    x_per: Per | None = Field(default=None, description=X_PER)
    y_per: Per | None = Field(default=None, description=Y_PER)
    y_scale: Scale | None = Field(default=None, description=_VALUE_SCALE)
    y_range: ValueRange | None = Field(default=None, description=_VALUE_RANGE)

    def parts(self, known: Known, place: Place) -> Parts | None:
        found: dict[str, Axes] = {}
        units = set()
        for position, label in enumerate(self.labels):
            with place.at("labels", position):
                if label in found:
                    raise SurveyError(f"found {label!r} again; allowed: each label once")
                found[label] = axes_of_stored(self.variable, label, known.requests)
                units.add(known.requests[label].unit(self.variable))
        if len(units) > 1:
            place.add("labels", f"{self.variable} has different units: {', '.join(sorted(units))}")
        with place.at("y_range"):
            _refuse_range(self)
        shared, any_of = (
            tuple(name for name in PARAMETERS if found and each(name in axes for axes in found.values()))
            for each in (all, any)
        )
        found_references = references(self, next(iter(units)), place) if units else {}
        return None if place.faulty else Parts(found_references, self.variable, shared, any_of)


CurveKinds = Curves | Comparison


def _refuse_range(settings: Curves | Comparison) -> None:
    """SurveyError unless a given range of values ascends, and is positive where the scale is logarithmic."""
    if settings.y_range is None:
        return
    lower, upper = settings.y_range
    if lower >= upper:
        raise SurveyError(f"found [{lower:g}, {upper:g}]; allowed: a lower, then a higher value")
    if lower <= 0 and settings.y_scale != "linear":
        raise SurveyError(f"found {lower:g}; allowed: positive values, or y_scale: linear")


def _refuse_units(settings: Curves, request: QuantityRequest) -> None:
    units = {name: request.unit(name) for name in settings.variables}
    if len(set(units.values())) > 1:
        found = ", ".join(f"{name} in {unit}" for name, unit in units.items())
        raise SurveyError(f"found {found}; allowed: variables of one unit")


def _family(settings: Curves, grid: Grid, place: Place) -> list[float] | None:
    """The values of the family's curves, on the grid; None without a family."""
    if settings.family not in grid:
        if settings.family is None and settings.values is not None:
            place.add("values", "needs `family`, the axis that they are values of")
        return None
    axis, values = grid[settings.family], []
    if settings.values is None:
        if len(axis) > 12:
            text = f"is missing: the axis {settings.family} has {len(axis)} values; allowed: at most 12"
            place.add("values", text)
        return list(axis)
    for position, text in enumerate(settings.values):
        with place.at("values", position):
            value = on_grid(settings.family, text, axis)
            if value in values:
                raise SurveyError(f"found {text!r} again; allowed: each value once")
            values.append(value)
    return values


def _laws(settings: Curves, request: QuantityRequest, place: Place) -> list[str]:
    """The laws that are drawn: those named, or all that apply."""
    known, wanted = LAWS.get(request.quantity, {}), []
    for position, name in enumerate(settings.laws):
        with place.at("laws", position):
            if name not in known:
                raise SurveyError(f"{request.quantity} has no law {name!r}; {nearest_name(name, known)}")
            reason = _objection(known[name], settings, request)
            if reason:
                raise SurveyError(f"the law {name} {reason}")
            wanted.append(name)
    if settings.closed_forms:
        wanted = [name for name, law in known.items() if name in wanted or not _objection(law, settings, request)]
        if not wanted:
            reasons = [f"the law {name} {_objection(law, settings, request)}" for name, law in known.items()]
            text = "; ".join(reasons) or f"no law of {request.quantity} is known"
            place.add("closed_forms", f"found true; {text}")
    return wanted


def _objection(law: Law, settings: Curves, request: QuantityRequest) -> str:
    """Why a law cannot be drawn over these curves; empty if it can."""
    if settings.x not in law.axes:
        return f"runs along x: {' or '.join(law.axes)}"
    if not law.functions.keys() & set(settings.variables):
        return f"is of {' and '.join(law.functions)}"
    known = (*request.axes, *request.constants)
    missing = [name for name in law.parameters if name not in known]
    if missing:
        return f"depends on {', '.join(missing)}, which the quantity has not"
    others = [f"{name}: {value}" for name, value in law.options.items() if request.options.get(name) != value]
    return f"holds for {', '.join(others)}" if others else ""


def _axes_of_mark(settings: Curves, label: str, variable: str, requests: Requests) -> list[str]:
    """The axes of a variable that is marked on x; SurveyError if it has no place there."""
    axes = axes_of_stored(variable, label, requests)
    unit, axis = requests[label].unit(variable), PARAMETERS.get(settings.x)
    if axis is not None and unit != axis.unit:
        raise SurveyError(f"{variable} is in {unit}, the axis {settings.x} in {axis.unit}; allowed: the same unit")
    if settings.x in axes:
        raise SurveyError(f"{variable} depends on {settings.x}; allowed: a variable that does not")
    return list(axes)


def _axes_of_background(settings: Curves, values, label: str, requests: Requests) -> list[str]:
    """The axes of the flag variable in the background; SurveyError if it cannot be drawn there."""
    axes = axes_of_stored(settings.regimes, label, requests, flags=True)
    if settings.x not in axes:
        raise SurveyError(f"{settings.regimes} does not depend on {settings.x!r}; allowed: one that does")
    if settings.family in axes and len(values or ()) > 1:
        raise SurveyError(f"{settings.regimes} differs from curve to curve; allowed: a single value of the family")
    return list(axes)
