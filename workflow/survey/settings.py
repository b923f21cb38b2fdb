"""The survey file as models: which keys there are, what each means, and what it looks like.

The JSON schema and the documented template are generated from this page. What needs the vocabulary and the registry
(units, axes that a quantity depends on, values on the grid) is decided in `survey.resolve`.
"""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Discriminator, Field, StringConstraints, Tag
from pydantic import WithJsonSchema as JsonSchema

NAME = r"^[A-Za-z][A-Za-z0-9_-]{0,63}$"
RESERVED_LABELS = ("benchmarks", "crossovers", "diagrams", "logs", "store")
NAME_RULE = "a letter, then letters, digits, _ or -, 64 at most"
MAXIMUM_VALUES = 100_000
_CROSSOVER_KIND = "What is located along T: `equal`, `exponent`, `thermal_limit` or `window`."
_DIAGRAM_KIND = "What is drawn: `regime_map`, `exponent_map`, `value_map`, `curves` or `crossover_map`."


def _is_value(value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise ValueError(
            "must be a number with its unit, e.g. 10 mK, or a plain number where the parameter has no unit"
        )
    return value


Name = Annotated[str, StringConstraints(pattern=NAME)]
Value = Annotated[Any, AfterValidator(_is_value), JsonSchema({"type": ["string", "number"]})]
Colormap = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_]*$")]


class Settings(BaseModel):
    """What all parts of a survey file have in common: no unknown keys, no conversion of types, no change afterwards."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class AxisValues(Settings):
    """An axis given by its values."""

    values: list[Value] = Field(
        min_length=1, max_length=MAXIMUM_VALUES, description="The values, each with its unit, in any order, each once."
    )


class AxisRange(Settings):
    """An axis given by its ends and the number of values."""

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


def _kind_of_axis(axis: Any) -> str:
    return "values" if (isinstance(axis, AxisValues) or (isinstance(axis, dict) and "values" in axis)) else "range"


Axis = Annotated[
    Annotated[AxisValues, Tag("values")] | Annotated[AxisRange, Tag("range")], Discriminator(_kind_of_axis)
]


class QuantitySettings(Settings):
    """A quantity to compute, under a label of your choice."""

    quantity: str | None = Field(default=None, description="Which registered quantity; default: the label itself.")
    variables: list[str] | None = Field(
        default=None, min_length=1, description="Which of its variables are stored; default: all."
    )
    dtype: Literal["float64", "float32"] = Field(
        default="float64", description="How numbers are stored: float64 (default) or float32 (half the size, 7 digits)."
    )
    options: dict[str, str] = Field(default={}, description="Options of the quantity, e.g. its distribution.")


class Crossover(Settings):
    """What all crossovers have in common."""

    quantity: str | None = Field(
        default=None, description="Label of the quantity; default: the only one, or the only one that is dephasing."
    )


class EqualCrossover(Crossover):
    """The temperature at which two variables are equal."""

    kind: Literal["equal"] = Field(description=_CROSSOVER_KIND)
    variables: list[str] = Field(min_length=2, max_length=2, description="The two variables.")


class ExponentCrossover(Crossover):
    """The temperature at which the local exponent -dln(variable)/dlnT passes a value."""

    kind: Literal["exponent"] = Field(description=_CROSSOVER_KIND)
    variable: str = Field(description="Which variable.")
    value: float = Field(allow_inf_nan=False, description="The value of the exponent, between two of its classes.")
    closed_form: Literal["T_Lambda", "T_alpha", "T_beta"] | None = Field(
        default=None, description="The closed form of the paper that is stored beside the located temperature."
    )


class ThermalLimitCrossover(Crossover):
    """The temperature at which hbar/variable = k_B T, where the theory ends."""

    kind: Literal["thermal_limit"] = Field(description=_CROSSOVER_KIND)
    variable: str = Field(description="The variable, a time.")


class WindowCrossover(Crossover):
    """The widest window of temperatures in which |dln(variable)/dlnT| stays below a threshold: apparent saturation."""

    kind: Literal["window"] = Field(description=_CROSSOVER_KIND)
    variable: str = Field(description="Which variable.")
    threshold: float = Field(gt=0, allow_inf_nan=False, description="The threshold of the exponent.")


CrossoverSettings = Annotated[
    EqualCrossover | ExponentCrossover | ThermalLimitCrossover | WindowCrossover, Field(discriminator="kind")
]


class Diagram(Settings):
    """What all diagrams have in common."""

    title: str | None = Field(default=None, max_length=200, description="Heading; default: made from what is drawn.")
    quantity: str | None = Field(
        default=None, description="Label of the quantity; default: the only one, or the only one that is dephasing."
    )
    at: dict[str, Value] = Field(
        default={}, description="Where the grid is cut: a value, on the grid, for every axis that is not drawn."
    )
    colormap: Colormap | None = Field(default=None, description="Name of a colour map, e.g. viridis.")
    width: int = Field(default=800, ge=200, le=4000, description="Width in pixels; in print only the ratio counts.")
    height: int = Field(default=600, ge=200, le=4000, description="Height in pixels.")


class Map(Diagram):
    """A diagram over two axes."""

    x: str = Field(description="The horizontal axis.")
    y: str = Field(description="The vertical axis.")


class RegimeMap(Map):
    """The regimes of dephasing over two axes, with crossover lines if one of the axes is T."""

    kind: Literal["regime_map"] = Field(description=_DIAGRAM_KIND)
    crossovers: list[str] = Field(default=[], description="Crossovers drawn as lines; needs T as x or y.")


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


DiagramSettings = Annotated[RegimeMap | ExponentMap | ValueMap | Curves | CrossoverMap, Field(discriminator="kind")]


# The models by the word that tells them apart in a file.
MODELS: dict[str, type[Settings]] = {
    "values": AxisValues,
    "range": AxisRange,
    "quantities": QuantitySettings,
    "equal": EqualCrossover,
    "exponent": ExponentCrossover,
    "thermal_limit": ThermalLimitCrossover,
    "window": WindowCrossover,
    "regime_map": RegimeMap,
    "exponent_map": ExponentMap,
    "value_map": ValueMap,
    "curves": Curves,
    "crossover_map": CrossoverMap,
}


class SurveyFile(Settings):
    """A survey: which quantities on which grid, which crossovers are located and which diagrams drawn."""

    title: str | None = Field(default=None, max_length=200, description="One line that says what the survey is about.")
    axes: dict[Name, Axis] = Field(
        description="The grid: one entry for every axis that a quantity depends on. Units: K, eV, J, erg, GHz·h and so "
        "on for temperatures and energies, and their products, such as erg^-1 cm^-3; prefixes from f to T."
    )
    constants: dict[Name, Value] = Field(
        default={}, description="Parameters with one value for the whole survey, each with its unit."
    )
    quantities: dict[Name, QuantitySettings | None] = Field(
        description="What is computed: label and settings. The cube is results/<survey>/<label>.nc.",
        json_schema_extra={"minProperties": 1},
    )
    crossovers: dict[Name, CrossoverSettings] | None = Field(
        default=None,
        description="Temperatures to locate: name and settings. Default: a set for dephasing; {} for none.",
    )
    diagrams: dict[Name, DiagramSettings] = Field(default={}, description="Diagrams to draw: name and settings.")
