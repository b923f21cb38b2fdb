"""Crossovers of a survey file: as they are written, held against what the survey stores, and as they are located.

A criterion is a model, the class that it becomes, and its entry in `CrossoverSettings`, all here, and what is located,
in `survey.cubes.criteria`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

import numpy as np
from pydantic import Field

from physics import PARAMETERS, QUANTITIES, ParameterError
from physics.laws import closed_forms
from survey.config.axes import Grid
from survey.config.quantities import Requests, axes_of_stored, label_of
from survey.errors import SurveyError
from survey.survey import Crossover, QuantityRequest
from survey.written.faults import Faults, Place
from survey.written.settings import LABEL, Settings

_KIND = "Which kind of crossover: what is located."
_ALONG = "The axis that it is located along, of positive values; default: T."
_FORM = "A place of the laws of the quantity on the axis `along`, or a parameter in its unit"


@dataclass(frozen=True, kw_only=True)
class Equal(Crossover):
    variables: tuple[str, str]


@dataclass(frozen=True, kw_only=True)
class OfOneVariable(Crossover):
    variable: str

    @property
    def variables(self) -> tuple[str]:
        return (self.variable,)


@dataclass(frozen=True, kw_only=True)
class Exponent(OfOneVariable):
    value: float
    exponent: Literal["falls", "rises"] = "falls"
    closed_form: str | None = None


@dataclass(frozen=True, kw_only=True)
class ThermalLimit(OfOneVariable):
    holds: Literal["above", "below"] = "above"

    unsaid: ClassVar[Mapping[str, str]] = Crossover.unsaid | {"holds": "above"}


@dataclass(frozen=True, kw_only=True)
class Window(OfOneVariable):
    threshold: float


@dataclass(frozen=True, kw_only=True)
class ClosedForm(Crossover):
    closed_form: str

    variables: ClassVar[tuple[str, ...]] = ()

    def axes(self, request: QuantityRequest) -> tuple[str, ...]:
        needed = closed_forms(request.quantity, self.along)[self.closed_form].parameters
        return tuple(name for name in request.axes if name in needed)


class WrittenCrossover(Settings):
    """What all crossovers have in common."""

    quantity: str | None = Field(default=None, description=LABEL)
    along: str = Field(default="T", description=_ALONG)

    key: ClassVar[str] = "variable"

    @property
    def used(self) -> list[str]:
        """The variables that it is located from, which stand under `key`."""
        return [self.variable]

    def axes(self, request: QuantityRequest) -> tuple[str, ...]:
        """The axes of its label that it can be located along."""
        return request.axes_of(*self.used)

    def refuse(self, request: QuantityRequest) -> None:
        """SurveyError if it has no meaning for its quantity."""


class EqualCrossover(WrittenCrossover):
    """Where two variables are equal."""

    becomes = Equal
    example = """
T_equal: {kind: equal, quantity: dephasing, variables: [tau_phi_resonant, tau_phi_relaxation]}
chi_equal: {kind: equal, quantity: dephasing, along: chi, variables: [tau_phi_resonant, tau_phi_relaxation]}
"""
    key = "variables"

    kind: Literal["equal"] = Field(description=_KIND)
    variables: list[str] = Field(
        min_length=2,
        max_length=2,
        description="The two variables, first the one that is the larger above the crossover: the order decides "
        "whether a crossover that is not on the grid is said to lie below or above it.",
    )

    @property
    def used(self) -> list[str]:
        return self.variables


class ExponentCrossover(WrittenCrossover):
    """Where the local exponent -dln(variable)/dln(axis) passes a value."""

    becomes = Exponent
    example = """
T_alpha: {kind: exponent, variable: tau_phi_relaxation, value: 0.41666666666667, closed_form: T_alpha}
T_cutoff: {kind: exponent, quantity: specific_heat, variable: C_tls, value: 0.5, exponent: rises}
"""

    kind: Literal["exponent"] = Field(description=_KIND)
    variable: str = Field(description="Which variable.")
    value: float = Field(allow_inf_nan=False, description="The value of the exponent, between two of its classes.")
    exponent: Literal["falls", "rises"] = Field(
        default="falls",
        description="Whether the exponent falls (default) or rises along the axis where it passes the value: this "
        "decides whether a crossover that is not on the grid is said to lie below or above it.",
    )
    closed_form: str | None = Field(default=None, description=f"{_FORM}, which is stored beside the located crossover.")

    def refuse(self, request: QuantityRequest) -> None:
        if self.closed_form is not None:
            _refuse_form(self.closed_form, self.along, request, request.axes_of(self.variable))


class ThermalLimitCrossover(WrittenCrossover):
    """Where hbar/variable = k_B T, the end of the theory; along other axes than T, at each T."""

    becomes = ThermalLimit
    example = """
T_valid: {kind: thermal_limit, variable: tau_phi}
Pd_valid: {kind: thermal_limit, variable: tau_phi, along: Pd, holds: below}
"""

    kind: Literal["thermal_limit"] = Field(description=_KIND)
    variable: str = Field(description="The variable, a time.")
    holds: Literal["above", "below"] = Field(
        default="above",
        description="On which side of the crossover the theory holds, hbar/variable < k_B T: `above` (default) or "
        "`below`. This decides whether a crossover that is not on the grid is said to lie below or above it.",
    )

    def refuse(self, request: QuantityRequest) -> None:
        if "T" not in (*request.axes_of(self.variable), *request.constants):
            raise SurveyError(f"hbar/{self.variable} is held against k_B T, but {request.quantity} depends on no T")
        unit = request.unit(self.variable)
        if unit != "s":
            raise SurveyError(f"{self.variable} has the unit {unit!r}; allowed: a time, in s")


class WindowCrossover(WrittenCrossover):
    """The widest window of the axis in which |dln(variable)/dln(axis)| stays below a threshold: apparent saturation."""

    becomes = Window
    example = "saturation: {kind: window, variable: tau_phi, threshold: 0.1}"

    kind: Literal["window"] = Field(description=_KIND)
    variable: str = Field(description="Which variable.")
    threshold: float = Field(gt=0, allow_inf_nan=False, description="The threshold of the exponent.")


class ClosedFormCrossover(WrittenCrossover):
    """What a closed form says, to be drawn as a line: hbar omega = 2 chi k_B T along omega, T = E* along T."""

    becomes = ClosedForm
    example = """
T_cut_off: {kind: closed_form, quantity: attenuation, closed_form: Estar}
T_fast: {kind: closed_form, quantity: attenuation, closed_form: T_chi}
"""
    key = "closed_form"

    kind: Literal["closed_form"] = Field(description=_KIND)
    closed_form: str = Field(description=f"{_FORM}.")

    used: ClassVar[list[str]] = []

    def axes(self, request: QuantityRequest) -> tuple[str, ...]:
        return request.axes

    def refuse(self, request: QuantityRequest) -> None:
        _refuse_form(self.closed_form, self.along, request, request.axes)


CrossoverSettings = Annotated[
    EqualCrossover | ExponentCrossover | ThermalLimitCrossover | WindowCrossover | ClosedFormCrossover,
    Field(discriminator="kind"),
]

# What a crossover is stored under beside its own name, and what an answer of a query holds beside its variable.
_PARTS = ("_width", "_censoring", "_closed_form", "_low", "_high", "_ratio")
_ANSWERS = (
    *("method", "cells_used", "error_estimate", "lowest_around", "highest_around"),
    *("meaning", "status", "statuses", "nearest_status"),
)


def crossovers(
    written: Mapping[str, CrossoverSettings], requests: Requests, grid: Grid, faults: Faults
) -> dict[str, Crossover]:
    """The crossovers with the label of their quantity."""
    located = {}
    for name, settings in written.items():
        place = Place(faults, "crossovers", name)
        with place.at():
            _refuse_name(name, written)
        label = label_of(settings.quantity, settings.used, requests, place)
        if label is None:
            continue
        for variable in settings.used:
            with place.at(settings.key):
                axes_of_stored(variable, label, requests)
        with place.at():
            if not place.faulty:
                _refuse_axis(settings, requests[label], grid)
                settings.refuse(requests[label])
        if not place.faulty:
            located[name] = settings.resolved(quantity=label)
    return located


def runs_along(settings: CrossoverSettings, request: QuantityRequest, grid: Grid) -> bool:
    """Whether a label has the axis of a crossover, with two values or more."""
    # An axis that is not in the grid is at fault itself.
    return settings.along in settings.axes(request) and len(grid.get(settings.along, (0, 0))) > 1


def _refuse_axis(settings: CrossoverSettings, request: QuantityRequest, grid: Grid) -> None:
    """SurveyError if nothing can be located along its axis: in its logarithm, between the values of the grid."""
    along, quantity = settings.along, QUANTITIES[request.quantity]
    if not runs_along(settings, request, grid):
        allowed = f"allowed: a quantity and an axis with at least two values of {along}"
        raise SurveyError(f"a crossover is located along {along}; {allowed}")
    values = np.array(grid.get(along, (1, 2)))
    if values[0] <= 0:
        raise SurveyError(f"a crossover needs positive values of {along}; found {values[0]:g}")
    try:
        quantity.check_together(request.options, {along: np.sqrt(values[1:] * values[:-1])})
    except ParameterError as error:
        raise SurveyError(f"a crossover along {along} is located between the values of the grid; {error}") from None


def _refuse_form(form: str, along: str, request: QuantityRequest, axes: Iterable[str]) -> None:
    """SurveyError if a label over these axes has no closed form of this name on the axis `along`."""
    forms = closed_forms(request.quantity, along, request.options.get("convention"))
    if form not in forms:
        known = [name for name in forms if not missing_of(name, along, request, axes)]
        raise SurveyError(f"{request.quantity} has no closed_form {form}; allowed: {', '.join(known) or 'none'}")
    if missing := missing_of(form, along, request, axes):
        raise SurveyError(f"closed_form {form} depends on {', '.join(missing)}, which the quantity has not")


def missing_of(form: str, along: str, request: QuantityRequest, axes: Iterable[str]) -> list[str]:
    """The parameters of a closed form of the quantity that a label over these axes does not depend on."""
    known = (*axes, *request.constants)
    return [name for name in closed_forms(request.quantity, along)[form].parameters if name not in known]


def _refuse_name(name: str, names: Iterable[str]) -> None:
    """SurveyError if a crossover of this name shares it with something else in its file or in an answer from it."""
    axes = {f"{axis}{part}" for axis in PARAMETERS for part in ("", "_nearest", "_low", "_high")}
    if name in axes or name in _ANSWERS or name.endswith("_censoring"):
        raise SurveyError(f"the name {name!r} means something else in the file of the crossovers; allowed: another one")
    for part in _PARTS:
        base = name.removesuffix(part)
        if base != name and base in names:
            raise SurveyError(f"the name {name!r} is that of a part of the crossover {base}; allowed: another one")
