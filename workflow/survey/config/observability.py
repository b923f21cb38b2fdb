"""Observability diagrams of a survey file: the three quantities that they join, and the measurement; as they are
written and as they are drawn."""

from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from physics import PARAMETERS, Parameter
from survey.config.axes import Grid, on_grid
from survey.config.drawing import KIND, Axes, Known, Parts
from survey.config.maps import Map, MapDiagram
from survey.config.quantities import Requests, axes_of_stored
from survey.errors import SurveyError
from survey.levels import refuse_unlike
from survey.units import parse
from survey.words import nearest_name
from survey.written.faults import Place
from survey.written.settings import Line, Settings, Value

# What a diagram takes from other quantities than its own: its key, the registered quantity, the variable.
PREDICTED = {"heat": ("specific_heat", "C_ratio"), "sound": ("attenuation", "W_over_glass")}
TAU_PHI = Parameter("tau_phi", r"\tau_\varphi", "s", "electron dephasing time")
Claim = Annotated[list[Annotated[float, Field(gt=0, allow_inf_nan=False)]], Field(min_length=2, max_length=2)]


@dataclass(frozen=True, kw_only=True)
class Measurement:
    """A dephasing time (s), measured from `start` to `stop` (K)."""

    tau_phi: float
    start: float
    stop: float
    tolerance: float
    source: str


@dataclass(frozen=True, kw_only=True)
class ObservabilityDiagram(MapDiagram):
    drawn_by = "survey.draw.observability:observability"

    measured: Measurement
    fitted: str | None
    shown: Literal["heat", "sound"]
    heat: str
    sound: str
    heat_claim: tuple[float, float]
    sound_claim: tuple[float, float]

    @property
    def labels(self) -> tuple[str, ...]:
        return (self.quantity, self.heat, self.sound)


class Measured(Settings):
    """A measured dephasing time that hardly depends on temperature."""

    becomes = Measurement

    tau_phi: Value = Field(description="The dephasing time, with its unit.")
    start: Value = Field(description="The lowest temperature at which it was measured; it is on the grid.")
    stop: Value = Field(description="The highest temperature at which it was measured; it is on the grid.")
    tolerance: float = Field(
        gt=1, allow_inf_nan=False, description="A cell matches if tau_phi is within this factor at all temperatures."
    )
    source: Line = Field(min_length=1, description="Who measured it, or who says so.")

    def checked(self, grid: Grid, place: Place) -> Measurement | None:
        """The measurement in the vocabulary's units, its temperatures on the grid."""
        numbers = {}
        with place.at("tau_phi"):
            numbers["tau_phi"] = parse(self.tau_phi, TAU_PHI)
        for key in ("start", "stop"):
            with place.at(key):
                numbers[key] = on_grid("T", getattr(self, key), grid.get("T", ()))
        if {"start", "stop"} <= numbers.keys() and numbers["start"] > numbers["stop"]:
            place.add("start", f"found {self.start!r} above stop, {self.stop!r}")
        return None if place.faulty else self.resolved(**numbers)


class Observability(Map):
    """What else must be seen if two-level systems cause a measured dephasing: the predicted C_T/C_e and W/W_g of the
    cells whose tau_phi matches the measurement, at one temperature or along T."""

    becomes = ObservabilityDiagram
    along_keys = ("x", "y", "fitted")
    key = "quantity"
    used: ClassVar[list[str]] = ["tau_phi"]
    example = """
observable: {kind: observability,
  measured: {tau_phi: 3 ns, start: 40 mK, stop: 1 K, tolerance: 1.5, source: paper 004}, x: T, y: chi, fitted: Pd,
  shown: heat, heat: heat_tunnelling, sound: attenuation, heat_claim: [30, 300], sound_claim: [10, 100],
  at: {Lambda0: 10 mK, Estar: 10 K, omega: 1e9 rad/s}}
"""

    kind: Literal["observability"] = Field(description=KIND)
    measured: Measured = Field(description="The measurement: tau_phi, start, stop, tolerance and source.")
    fitted: str | None = Field(
        default=None,
        description="An axis of tau_phi along which the value that matches best is taken, e.g. Pd, whatever it is.",
    )
    shown: Literal["heat", "sound"] = Field(
        default="heat", description="Which prediction is in colours: C_T/C_e (`heat`, the default) or W/W_g (`sound`)."
    )
    heat: str | None = Field(
        default=None, description="Label of the specific heat, with C_ratio stored; default: the only one."
    )
    sound: str | None = Field(
        default=None, description="Label of the attenuation, with W_over_glass stored; default: the only one."
    )
    heat_claim: Claim = Field(
        default=[30.0, 300.0], description="From where to where C_T/C_e counts as `about a hundred times` (004)."
    )
    sound_claim: Claim = Field(
        default=[10.0, 100.0], description="From where to where W/W_g counts as `10 to 100 times` a glass (004)."
    )

    def own_parts(self, label: str, crossed: Axes, known: Known, place: Place) -> Parts:
        requests, found = known.requests, {}
        fitted = own = requests[label].axes_of("tau_phi")
        for key, (quantity, variable) in PREDICTED.items():
            with place.at(key):
                found[key] = _label(getattr(self, key), quantity, requests)
                own += axes_of_stored(variable, found[key], requests)
            low, high = getattr(self, f"{key}_claim")
            if low >= high:
                place.add(f"{key}_claim", f"found [{low:g}, {high:g}]; allowed: a lower, then a higher value")
        if found.keys() == PREDICTED.keys():
            with place.at():
                refuse_unlike(requests, known.values, (label, *found.values()))
        found["measured"] = self.measured.checked(known.grid, place.inside("measured"))
        if self.fitted is not None and (self.fitted not in fitted or self.fitted == "T"):
            names = [name for name in fitted if name != "T"]
            place.add("fitted", f"tau_phi cannot be fitted along {self.fitted!r}; {nearest_name(self.fitted, names)}")
        own = tuple(name for name in PARAMETERS if name in own)
        return Parts(found, label, own, own)


def _label(given: str | None, quantity: str, requests: Requests) -> str:
    """The label of the quantity: as given, or the only one."""
    labels = [label for label, request in requests.items() if request.quantity == quantity]
    if given is None and len(labels) == 1:
        return labels[0]
    if given in labels:
        return given
    if not labels:
        raise SurveyError(f"needs the quantity {quantity}, which the survey does not compute; add it to `quantities`")
    found = "is missing" if given is None else f"{given!r} is no label of {quantity}"
    raise SurveyError(f"{found}; allowed: {', '.join(labels)}")
