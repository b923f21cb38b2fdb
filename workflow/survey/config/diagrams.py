"""The diagrams of a survey file as models: which kinds there are, and what each draws."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from survey.config.base import LABEL, Line, Settings, Value

_DIAGRAM_KIND = (
    "What is drawn: `regime_map`, `exponent_map`, `value_map`, `curves`, `comparison`, `crossover_map` or "
    "`observability`."
)
Scale = Literal["log", "linear"]
Colormap = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_]*$")]


class Drawing(Settings):
    """What all diagrams have in common."""

    title: Line | None = Field(default=None, description="Heading; default: made from what is drawn.")
    at: dict[str, Value] = Field(
        default={},
        description="Where the grid is cut: a value, on the grid, for every axis, of the variables that are drawn, "
        "that is not drawn itself.",
    )
    x_scale: Scale | None = Field(
        default=None, description="`log` or `linear`; default: linear if the axis is spaced so or not positive."
    )
    colormap: Colormap | None = Field(default=None, description="Name of a colour map, e.g. viridis.")
    width: int = Field(default=800, ge=200, le=4000, description="Width in pixels; in print only the ratio counts.")
    height: int = Field(default=600, ge=200, le=4000, description="Height in pixels.")

    @property
    def uses_crossovers(self) -> bool:
        """Whether the diagram shows crossovers."""
        return False


class Diagram(Drawing):
    """A diagram of one quantity."""

    quantity: str | None = Field(default=None, description=LABEL)

    @property
    def labels(self) -> list[str]:
        """The labels of the cubes that the diagram is drawn from, its own first."""
        return [self.quantity]


class Map(Diagram):
    """A diagram over two axes."""

    x: str = Field(description="The horizontal axis.")
    y: str = Field(description="The vertical axis.")
    y_scale: Scale | None = Field(default=None, description="The same of the vertical axis.")


class RegimeMap(Map):
    """A flag variable over two axes, such as the regimes of dephasing, with crossover lines if one axis is T."""

    kind: Literal["regime_map"] = Field(description=_DIAGRAM_KIND)
    variable: str = Field(default="regime", description="Which flag variable; default: regime.")
    crossovers: list[str] = Field(default=[], description="Crossovers drawn as lines; needs T as x or y.")

    @property
    def uses_crossovers(self) -> bool:
        return bool(self.crossovers)


class ExponentMap(Map):
    """The local exponent -dln(variable)/dln(axis) over two axes."""

    kind: Literal["exponent_map"] = Field(description=_DIAGRAM_KIND)
    variable: str = Field(default="tau_phi", description="Which variable.")
    along: str = Field(default="T", description="The axis of the exponent; default: T. It may be x, y or under `at`.")


class ValueMap(Map):
    """A variable over two axes in colours."""

    kind: Literal["value_map"] = Field(description=_DIAGRAM_KIND)
    variable: str = Field(description="Which variable.")
    scale: Scale | None = Field(
        default=None,
        description="Of the colours: `log` or `linear`; default: linear if the values are not positive or span less "
        "than a factor 2.",
    )


_VALUE_SCALE = "Of the variables: `log` or `linear`; default: linear if any value is negative or none is positive."
_VALUE_RANGE = "The lowest and the highest value shown, plain numbers in the variable's own SI unit."
ValueRange = Annotated[list[Annotated[float, Field(allow_inf_nan=False)]], Field(min_length=2, max_length=2)]


class Curves(Diagram):
    """Variables along one axis, one curve for each value of another."""

    kind: Literal["curves"] = Field(description=_DIAGRAM_KIND)
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
    crossovers: list[str] = Field(default=[], description="Crossovers that are marked on the curves; needs x: T.")
    regimes: str | None = Field(
        default=None, description="A flag variable that colours the background, the same for all curves."
    )
    y_scale: Scale | None = Field(default=None, description=_VALUE_SCALE)
    y_range: ValueRange | None = Field(default=None, description=_VALUE_RANGE)

    @property
    def labels(self) -> list[str]:
        return list(dict.fromkeys([self.quantity, *(label for label, _ in self.marked)]))

    @property
    def marked(self) -> list[tuple[str, str]]:
        """Label and variable of each mark."""
        parts = [mark.rpartition(".") for mark in self.marks]
        return [(label or self.quantity, variable) for label, _, variable in parts]

    @property
    def uses_crossovers(self) -> bool:
        return bool(self.crossovers)


class Comparison(Drawing):
    """One variable of several labels side by side, one curve for each: what a choice of options changes."""

    kind: Literal["comparison"] = Field(description=_DIAGRAM_KIND)
    variable: str = Field(description="Which variable.")
    labels: list[str] = Field(min_length=2, max_length=12, description="The labels, each with this variable stored.")
    x: str = Field(description="The horizontal axis.")
    y_scale: Scale | None = Field(default=None, description=_VALUE_SCALE)
    y_range: ValueRange | None = Field(default=None, description=_VALUE_RANGE)


class CrossoverMap(Map):
    """A crossover temperature over two axes."""

    kind: Literal["crossover_map"] = Field(description=_DIAGRAM_KIND)
    crossover: str = Field(description="Name of the crossover.")

    @property
    def uses_crossovers(self) -> bool:
        return True


class Measured(Settings):
    """A measured dephasing time that hardly depends on temperature."""

    tau_phi: Value = Field(description="The dephasing time, with its unit.")
    start: Value = Field(description="The lowest temperature at which it was measured; it is on the grid.")
    stop: Value = Field(description="The highest temperature at which it was measured; it is on the grid.")
    tolerance: float = Field(
        gt=1, allow_inf_nan=False, description="A cell matches if tau_phi is within this factor at all temperatures."
    )
    source: Line = Field(min_length=1, description="Who measured it, or who says so.")


Claim = Annotated[list[Annotated[float, Field(gt=0, allow_inf_nan=False)]], Field(min_length=2, max_length=2)]


class Observability(Map):
    """What else must be seen if two-level systems cause a measured dephasing: the predicted C_T/C_e and W/W_g of the
    cells whose tau_phi matches the measurement, at one temperature or along T."""

    kind: Literal["observability"] = Field(description=_DIAGRAM_KIND)
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

    @property
    def labels(self) -> list[str]:
        return [self.quantity, self.heat, self.sound]


DiagramSettings = Annotated[
    RegimeMap | ExponentMap | ValueMap | Curves | Comparison | CrossoverMap | Observability,
    Field(discriminator="kind"),
]
