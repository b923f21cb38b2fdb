"""Maps over two axes in a survey file: flags, exponents, values and crossovers, as written and as drawn."""

from dataclasses import dataclass
from typing import ClassVar, Literal

from pydantic import Field

from survey.config.drawing import KIND, Axes, DiagramOfOne, DrawingOfOne, Known, Parts, Scale, WithCrossovers
from survey.words import nearest_name
from survey.written.faults import Place


@dataclass(frozen=True, kw_only=True)
class MapDiagram(DiagramOfOne):
    """A diagram over two axes."""

    y: str
    y_scale: Scale


@dataclass(frozen=True, kw_only=True)
class RegimeDiagram(MapDiagram, WithCrossovers):
    drawn_by = "survey.draw.regimes:regime_map"

    variable: str


@dataclass(frozen=True, kw_only=True)
class ExponentDiagram(MapDiagram):
    drawn_by = "survey.draw.maps:exponent_map"

    variable: str
    along: str


@dataclass(frozen=True, kw_only=True)
class ValueDiagram(MapDiagram):
    drawn_by = "survey.draw.maps:value_map"

    variable: str
    scale: Scale | None


@dataclass(frozen=True, kw_only=True)
class CrossoverDiagram(MapDiagram):
    drawn_by = "survey.draw.maps:crossover_map"
    is_crossover = True

    crossover: str


class Map(DrawingOfOne):
    """A diagram over two axes."""

    plane = along_keys = ("x", "y")

    x: str = Field(description="The horizontal axis.")
    y: str = Field(description="The vertical axis.")
    y_scale: Scale | None = Field(default=None, description="The same of the vertical axis.")


class RegimeMap(Map):
    """A flag variable over two axes, such as the regimes of dephasing, with lines of crossovers along x or y."""

    becomes = RegimeDiagram
    flags = True
    example = """
regimes: {kind: regime_map, title: Regimes of dephasing, quantity: dephasing, variable: regime, x: T, x_scale: log,
  y: chi, y_scale: log, at: {Lambda0: 10 mK, Pd: 1e34 erg^-1 cm^-3, Estar: 10 K}, crossovers: [T_equal, T_alpha],
  resolution: {T: 120, chi: 90}, width: 800, height: 600}
"""

    kind: Literal["regime_map"] = Field(description=KIND)
    variable: str = Field(default="regime", description="Which flag variable; default: regime.")
    crossovers: list[str] = Field(default=[], description="Crossovers along x or y, drawn as lines.")

    @property
    def shown_crossovers(self) -> list[str]:
        return self.crossovers


class ExponentMap(Map):
    """The local exponent -dln(variable)/dln(axis) over two axes."""

    becomes = ExponentDiagram
    example = """
exponent: {kind: exponent_map, variable: tau_phi, along: T, x: T, y: Lambda0,
  at: {chi: 0.1, Pd: 1e34 erg^-1 cm^-3, Estar: 10 K}, colormap: viridis}
"""

    kind: Literal["exponent_map"] = Field(description=KIND)
    variable: str = Field(default="tau_phi", description="Which variable.")
    along: str = Field(default="T", description="The axis of the exponent; default: T. It may be x, y or under `at`.")

    def own_parts(self, label: str, crossed: Axes, known: Known, place: Place) -> Parts:
        parts = super().own_parts(label, crossed, known, place)
        axis, values = self.along, known.grid.get(self.along, (1, 2))
        if axis not in parts.own:
            place.add("along", f"{self.variable} does not depend on {axis!r}; {nearest_name(axis, parts.own)}")
        elif len(values) < 2:
            place.add(f"an exponent needs an axis {axis} with at least two values")
        elif values[0] <= 0:
            place.add("along", f"an exponent needs positive values of {axis}; found {values[0]:g}")
        return parts


class ValueMap(Map):
    """A variable over two axes in colours."""

    becomes = ValueDiagram
    example = """
tau: {kind: value_map, variable: tau_phi, x: T, y: Pd, scale: log, at: {Lambda0: 10 mK, chi: 0.1, Estar: 10 K}}
"""

    kind: Literal["value_map"] = Field(description=KIND)
    variable: str = Field(description="Which variable.")
    scale: Scale | None = Field(
        default=None,
        description="Of the colours: `log` or `linear`; default: linear if the values are not positive or span less "
        "than a factor 2.",
    )


class CrossoverMap(Map):
    """A crossover over two axes other than its own."""

    becomes = CrossoverDiagram
    crossovers_key = "crossover"
    example = """
where: {kind: crossover_map, crossover: T_equal, x: Lambda0, y: chi, at: {Pd: 1e34 erg^-1 cm^-3, Estar: 10 K}}
"""
    used: ClassVar[list[str]] = []

    kind: Literal["crossover_map"] = Field(description=KIND)
    crossover: str = Field(description="Name of the crossover.")

    @property
    def shown_crossovers(self) -> list[str]:
        return [self.crossover]

    def given_label(self, known: Known) -> str | None:
        located = known.crossovers.get(self.crossover)
        return located.quantity if self.quantity is None and located else self.quantity

    def own_parts(self, label: str, crossed: Axes, known: Known, place: Place) -> Parts:
        if self.resolution:
            place.add("resolution", "crossovers are located on the grid; allowed: a map of another kind")
        return Parts({}, label, crossed, crossed, known.crossovers[self.crossover].along)


MapKinds = RegimeMap | ExponentMap | ValueMap | CrossoverMap
