"""The survey file as a model, which keys there are and what each means, and what Pydantic finds in it, in words.

The JSON schema and the documented template are generated from the models. What needs the vocabulary and the registry
(units, axes that a quantity depends on, values on the grid) is decided beside the model of each section.
"""

from collections.abc import Iterator
from copy import deepcopy
from inspect import isclass
from typing import Any, TypeVar, get_args

from pydantic import Field, Tag, ValidationError

from survey.config.axes import Axis, AxisRange
from survey.config.base import NAME_RULE, Line, Name, Settings, Value
from survey.config.crossovers import CrossoverSettings
from survey.config.diagrams import DiagramSettings
from survey.config.faults import Faults
from survey.config.levels import LevelSettings
from survey.config.quantities import QuantitySettings
from survey.words import nearest_name

File = TypeVar("File", bound=Settings)


class SurveyFile(Settings):
    """A survey: which quantities on which grid, which crossovers are located and which diagrams drawn."""

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
    most_cells: float = Field(
        default=1e10,
        gt=0,
        le=1e18,
        allow_inf_nan=False,
        description="A quantity with more cells than this is refused, lest a slip of the pen fills a disk.",
    )


def validated(data: dict, faults: Faults) -> SurveyFile:
    """The survey file as a model, without what is at fault (it is noted), so that the rest can be judged too."""
    return validated_as(SurveyFile, data, faults, {"axes": {}, "quantities": {}})


def validated_as(model: type[File], data: dict, faults: Faults, stand_ins: dict) -> File:
    """A file as this model, without what is at fault (it is noted); `stand_ins` are for the keys that it must have."""
    try:
        return model.model_validate(data)
    except ValidationError as error:
        findings = error.errors(include_url=False)
    left = deepcopy(data)
    for finding in findings:
        _note(model, finding, faults)
        _remove(left, finding["loc"])
    return model.model_validate(stand_ins | left)


def _remove(data: dict, path: tuple) -> None:
    """Removes the entry that a finding is about: of a quantity the one setting, otherwise the entry of its section."""
    section = data.get(path[0])
    if len(path) == 1 or not isinstance(section, dict):
        data.pop(path[0], None)
    elif path[0] == "quantities" and len(path) > 2 and path[2] not in ("quantity", "[key]"):
        if isinstance(section.get(path[1]), dict):
            section[path[1]].pop(path[2], None)
    else:
        section.pop(path[1], None)


def _note(file: type[Settings], finding: dict[str, Any], faults: Faults) -> None:
    """Adds one of Pydantic's findings, in the words of a survey file."""
    path = finding["loc"]
    section = file.model_fields.get(path[0])
    known = dict(tagged(section.annotation)) if section else {}
    is_tagged = len(path) > 2 and path[2] in known
    model = known[path[2]] if is_tagged else known.get(None) if len(path) > 1 else file
    for part in path[3:-1]:
        model = _inside(model, part)
    where = path[:2] + path[3:] if is_tagged else tuple(part for part in path if part != "[key]")
    if finding["type"] == "missing" and model is AxisRange:
        faults.add(where[:-1], "incomplete; allowed: `values`, or `start`, `stop` and `num`")
    else:
        faults.add(where, _in_words(finding, model))


def tagged(annotation, *tag: str) -> Iterator[tuple[str | None, type[Settings]]]:
    """The models that the type of a field consists of, each with the word by which a finding tells it from others."""
    if isclass(annotation) and issubclass(annotation, Settings):
        kind = annotation.model_fields.get("kind")
        yield (*tag, *(get_args(kind.annotation) if kind else ()), None)[0], annotation
        return
    tag = tuple(each.tag for each in get_args(annotation) if isinstance(each, Tag))
    for part in get_args(annotation):
        yield from tagged(part, *tag)


def _inside(model, part):
    """The model of an entry of a model, where it has one of its own."""
    field = getattr(model, "model_fields", {}).get(part)
    own = field is not None and isclass(field.annotation) and issubclass(field.annotation, Settings)
    return field.annotation if own else model


def _in_words(finding: dict[str, Any], model) -> str:
    found, context, name = finding["input"], finding.get("ctx", {}), finding["loc"][-1]
    kind = finding["type"]
    if kind == "extra_forbidden":
        known = list(model.model_fields)
        return f"unknown key; {nearest_name(name, [*known, 'values'] if model is AxisRange else known)}"
    if kind == "missing":
        return f"is missing: {model.model_fields[name].description}"
    if name == "[key]":
        return f"found the name {found!r}; allowed: {NAME_RULE}"
    if kind == "union_tag_invalid":
        known = context["expected_tags"].replace("'", "").split(", ")
        return f"found the kind {context['tag']!r}; {nearest_name(context['tag'], known)}"
    if kind == "union_tag_not_found":
        return "`kind` is missing: it says what this is"
    if kind == "literal_error":
        return f"found {found!r}; allowed: {context['expected']}"
    if kind == "too_short":
        return f"found {context['actual_length'] or 'no'} entries; allowed: at least {context['min_length']}"
    if kind == "too_long":
        return f"found more than {context['max_length']} entries; allowed: at most {context['max_length']}"
    if kind == "value_error":
        return f"found {found!r}, {context['error']}"
    if kind == "string_pattern_mismatch":
        return f"found {found!r}; allowed: {NAME_RULE}"
    rule = finding["msg"].replace("Input should be a valid", "must be a").replace("Input should be", "must be")
    rule = rule.replace("dictionary or instance of", "mapping:").replace("dictionary", "mapping")
    return f"found {found!r}, {rule.replace('a integer', 'a whole number')}"
