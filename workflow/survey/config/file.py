"""The survey file as a model: which keys there are and what each means.

The JSON schema and the documented template are generated from the models. What needs the vocabulary and the registry
(units, axes that a quantity depends on, values on the grid) is decided beside the model of each section.
"""

from pydantic import ConfigDict, Field

from survey.config.axes import Axis
from survey.config.crossovers import CrossoverSettings
from survey.config.diagrams import DiagramSettings
from survey.config.inference import InferenceSettings
from survey.config.levels import LevelSettings
from survey.config.quantities import QuantitySettings
from survey.written.faults import Faults
from survey.written.settings import Line, Name, Settings, Value
from survey.written.validation import validated_as


def _or_inference(schema: dict) -> None:
    """What a file must have, of which an inference stands for all."""
    schema["anyOf"] = [{"required": schema.pop("required")}, {"required": ["inference"]}]


class SurveyFile(Settings):
    """A survey: which quantities on which grid, which crossovers are located and which diagrams drawn; and what
    measured dephasing times say of their cause."""

    model_config = ConfigDict(json_schema_extra=_or_inference)

    title: Line | None = Field(default=None, description="One line that says what the survey is about.")
    axes: dict[Name, Axis] = Field(
        description="The grid: any parameters that a quantity depends on, each with its values. Units: K, eV, J, erg, "
        "GHz·h and so on for temperatures and energies, and their products, such as erg^-1 cm^-3; prefixes from f to T."
    )
    constants: dict[Name, Value] = Field(
        default={}, description="The other parameters that the quantities depend on, each with one value and its unit."
    )
    levels: dict[Name, LevelSettings] = Field(
        default={},
        description="Two-level systems: name and settings. All quantities of the only ones are of them; with several "
        "(rivals) each quantity says which.",
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
    inference: InferenceSettings | None = Field(
        default=None,
        description="What measured dephasing times say of their cause. With it axes and quantities may be left out.",
    )
    most_cells: float = Field(
        default=1e10,
        gt=0,
        le=1e18,
        allow_inf_nan=False,
        description="A quantity with more cells than this is refused, lest a slip of the pen fills a disk.",
    )


def validated(data: dict, faults: Faults) -> SurveyFile:
    """The survey file as a model, without what is at fault (it is noted), so that the rest can be judged too."""
    left_out = {"axes": {}, "quantities": {}}
    return validated_as(SurveyFile, (left_out if "inference" in data else {}) | data, faults, left_out)
