"""The diagrams of a survey file as models: which kinds there are, and what each draws."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from survey.models import LABEL, Settings, Value

_DIAGRAM_KIND = (
    "What is drawn: `regime_map`, `exponent_map`, `value_map`, `curves`, `crossover_map` or `observability`."
)
Colormap = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_]*$")]


class Diagram(Settings):
    """What all diagrams have in common."""

    title: str | None = Field(default=None, max_length=200, description="Heading; default: made from what is drawn.")
    quantity: str | None = Field(default=None, description=LABEL)
    at: dict[str, Value] = Field(
        default={}, description="Where the grid is cut: a value, on the grid, for every axis that is not drawn."
    )
    colormap: Colormap | None = Field(default=None, description="Name of a colour map, e.g. viridis.")
    width: int = Field(default=800, ge=200, le=4000, description="Width in pixels; in print only the ratio counts.")
    height: int = Field(default=600, ge=200, le=4000, description="Height in pixels.")

    @property
    def labels(self) -> list[str]:
        """The labels of the cubes that the diagram is drawn from, its own first."""
        return [self.quantity]

    @property
    def uses_crossovers(self) -> bool:
        """Whether the diagram shows crossovers."""
        return False


class Map(Diagram):
    """A diagram over two axes."""

    x: str = Field(description="The horizontal axis.")
    y: str = Field(description="The vertical axis.")


class RegimeMap(Map):
    """The regimes of dephasing over two axes, with crossover lines if one of the axes is T."""

    kind: Literal["regime_map"] = Field(description=_DIAGRAM_KIND)
    crossovers: list[str] = Field(default=[], description="Crossovers drawn as lines; needs T as x or y.")

    @property
    def uses_crossovers(self) -> bool:
        return bool(self.crossovers)


class ExponentMap(Map):
    """The local exponent -dln(variable)/dlnT over two axes."""

    kind: Literal["exponent_map"] = Field(description=_DIAGRAM_KIND)
    variable: str = Field(default="tau_phi", description="Which variable.")


class ValueMap(Map):
    """A variable over two axes, in a logarithmic colour scale."""

    kind: Literal["value_map"] = Field(description=_DIAGRAM_KIND)
    variable: str = Field(description="Which variable.")


class Curves(Diagram):
    """Variables along one axis, one curve for each value of another."""

    kind: Literal["curves"] = Field(description=_DIAGRAM_KIND)
    variables: list[str] = Field(min_length=1, description="Which variables.")
    x: str = Field(description="The horizontal axis.")
    family: str = Field(description="The axis that tells the curves apart.")
    values: list[Value] | None = Field(
        default=None,
        min_length=1,
        max_length=12,
        description="The curves' values, on the grid; default: the whole axis.",
    )
    closed_forms: bool = Field(
        default=False,
        description="Whether the asymptotic laws and their crossover temperatures are drawn in; needs x: T.",
    )


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
    source: str = Field(min_length=1, max_length=200, description="Who measured it, or who says so.")


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
    RegimeMap | ExponentMap | ValueMap | Curves | CrossoverMap | Observability, Field(discriminator="kind")
]
