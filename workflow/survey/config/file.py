"""The survey file as models: which keys there are, what each means, and what it looks like.

The JSON schema and the documented template are generated from this page. What needs the vocabulary and the registry
(units, axes that a quantity depends on, values on the grid) is decided in `survey.config.quantities`.
"""

from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag

from survey.config.base import LABEL, Line, Name, Settings, Value
from survey.config.diagrams import (
    Comparison,
    CrossoverMap,
    Curves,
    DiagramSettings,
    ExponentMap,
    Measured,
    Observability,
    RegimeMap,
    ValueMap,
)

RESERVED_LABELS = ("benchmarks", "crossovers", "diagrams", "logs", "store")
MAXIMUM_VALUES = 100_000
_CROSSOVER_KIND = "What is located along T: `equal`, `exponent`, `thermal_limit` or `window`."


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
        default=None,
        min_length=1,
        description="Which of its variables are stored; default: all whose constants are given.",
    )
    dtype: Literal["float64", "float32"] = Field(
        default="float64", description="How numbers are stored: float64 (default) or float32 (half the size, 7 digits)."
    )
    cube: Literal["auto", "copied", "virtual"] = Field(
        default="auto",
        description="How the cube is made: `copied` together from its tiles, `virtual`, which refers to the tiles and "
        "needs the store beside it, or `auto` (default), virtual above 50 GB of numbers.",
    )
    options: dict[str, str] = Field(default={}, description="Options of the quantity, e.g. its distribution.")


class Crossover(Settings):
    """What all crossovers have in common."""

    quantity: str | None = Field(default=None, description=LABEL)


class EqualCrossover(Crossover):
    """The temperature at which two variables are equal."""

    kind: Literal["equal"] = Field(description=_CROSSOVER_KIND)
    variables: list[str] = Field(
        min_length=2,
        max_length=2,
        description="The two variables, first the one that is the larger above the crossover: the order decides "
        "whether a crossover that is not on the grid is said to lie below or above it.",
    )


class ExponentCrossover(Crossover):
    """The temperature at which the local exponent -dln(variable)/dlnT passes a value."""

    kind: Literal["exponent"] = Field(description=_CROSSOVER_KIND)
    variable: str = Field(description="Which variable.")
    value: float = Field(allow_inf_nan=False, description="The value of the exponent, between two of its classes.")
    exponent: Literal["falls", "rises"] = Field(
        default="falls",
        description="Whether the exponent falls (default) or rises with temperature where it passes the value: this "
        "decides whether a crossover that is not on the grid is said to lie below or above it.",
    )
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
    "comparison": Comparison,
    "crossover_map": CrossoverMap,
    "observability": Observability,
    "measured": Measured,
}


class SurveyFile(Settings):
    """A survey: which quantities on which grid, which crossovers are located and which diagrams drawn."""

    title: Line | None = Field(default=None, description="One line that says what the survey is about.")
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
        description="Temperatures to locate: name and settings. Default: a set for each quantity; {} for none.",
    )
    diagrams: dict[Name, DiagramSettings] = Field(default={}, description="Diagrams to draw: name and settings.")
    most_cells: float = Field(
        default=1e10,
        gt=0,
        le=1e18,
        allow_inf_nan=False,
        description="A quantity with more cells than this is refused, lest a slip of the pen fills a disk.",
    )
