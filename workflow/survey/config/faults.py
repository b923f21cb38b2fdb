"""The faults of one survey file, gathered so that the user sees all of them at once."""

from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from inspect import isclass
from typing import Any

from pydantic import ValidationError

from physics.parameters import ParameterError
from survey.config.base import NAME_RULE, Settings
from survey.config.file import MODELS, SurveyFile
from survey.errors import SurveyError
from survey.words import nearest_name

# Of a message: what a person still reads; and of a file: what is looked for before the rest is left unread.
MOST_LINES = 30
MOST_FAULTS = 1_000


class Refused(SurveyError):
    """All that is wrong with a file."""


class Faults:
    """What is wrong with a file, and where: `lines` maps the path of an entry to its line."""

    def __init__(self, file, lines: dict[tuple, int]):
        self.file = file
        self.lines = lines
        # Each once, in the order in which they were found; and every place at or above one.
        self.found: dict[tuple[tuple, str], None] = {}
        self._above: set[tuple] = set()

    def add(self, where: tuple, message: str) -> None:
        """Note a fault; raises Refused once there are MOST_FAULTS."""
        self.found[where, message] = None
        self._above |= {where[:length] for length in range(len(where) + 1)}
        if len(self.found) >= MOST_FAULTS:
            self.raise_if_any()

    @contextmanager
    def at(self, *where) -> Iterator[None]:
        """Turns a SurveyError or ParameterError of the block into a fault at this place."""
        try:
            yield
        except Refused:
            raise
        except (SurveyError, ParameterError) as error:
            self.add(where, str(error))

    def below(self, *where) -> bool:
        """Whether anything at or below this place is at fault."""
        return where in self._above

    def raise_if_any(self) -> None:
        """Raises Refused with one line for each fault, in the order of the file; of very many the first ones."""
        if self.found:
            ordered = sorted(self.found, key=lambda fault: self._line(fault[0]))
            lines = [f"{self.file}: {self._place(where)}{text}" for where, text in ordered[:MOST_LINES]]
            if len(ordered) > MOST_LINES:
                least = "at least " if len(ordered) >= MOST_FAULTS else ""
                lines.append(f"{self.file}: found {least}{len(ordered) - MOST_LINES} faults more")
            raise Refused("\n".join(lines))

    def _line(self, where: tuple) -> int:
        while where and where not in self.lines:
            where = where[:-1]
        return self.lines.get(where, 0)

    def _place(self, where: tuple) -> str:
        line = self._line(where)
        key = ".".join(str(part) for part in where)
        return f"{key}{f' (line {line})' if line else ''}: " if key else ""


def validated(data: dict, faults: Faults) -> SurveyFile:
    """The survey file as a model, without what is at fault (it is noted), so that the rest can be judged too."""
    try:
        return SurveyFile.model_validate(data)
    except ValidationError as error:
        findings = error.errors(include_url=False)
    left = deepcopy(data)
    for finding in findings:
        _note(finding, faults)
        _remove(left, finding["loc"])
    return SurveyFile.model_validate({"axes": {}, "quantities": {}} | left)


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


def _note(finding: dict[str, Any], faults: Faults) -> None:
    """Adds one of Pydantic's findings, in the words of a survey file."""
    path = finding["loc"]
    tag = path[2] if len(path) > 2 and path[0] != "quantities" else None
    model = MODELS.get(tag) or {1: SurveyFile, 3: MODELS["quantities"]}.get(len(path))
    for part in path[3:-1]:
        model = _inside(model, part)
    where = path[:2] + path[3:] if tag in MODELS else tuple(part for part in path if part != "[key]")
    if finding["type"] == "missing" and model is MODELS["range"]:
        faults.add(where[:-1], "incomplete; allowed: `values`, or `start`, `stop` and `num`")
    else:
        faults.add(where, _in_words(finding, model))


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
        return f"unknown key; {nearest_name(name, [*known, 'values'] if model is MODELS['range'] else known)}"
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
