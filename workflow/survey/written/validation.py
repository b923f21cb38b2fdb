"""What Pydantic finds in a file, noted as faults in the words of whoever wrote it."""

from collections.abc import Iterator
from copy import deepcopy
from inspect import isclass
from typing import Any, TypeVar, get_args, get_origin

from pydantic import Tag, ValidationError

from survey.words import nearest_name
from survey.written.faults import Faults
from survey.written.settings import NAME_RULE, Settings

File = TypeVar("File", bound=Settings)


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
    if is_tagged:
        model = known[path[2]]
        for part in path[3:-1]:
            model = _inside(model, part)
    else:
        model = _holding(file, path)
    where = path[:2] + path[3:] if is_tagged else tuple(part for part in path if part != "[key]")
    if finding["type"] == "missing" and model.whole:
        faults.add(where[:-1], f"incomplete; allowed: {model.whole}")
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


def _holding(model: type[Settings], path: tuple) -> type[Settings]:
    """The innermost model on the way to an entry, through fields, mappings and lists."""
    is_key = False
    for part in path[:-1]:
        field = None if is_key else model.model_fields.get(part)
        own = None if field is None else dict(tagged(field.annotation)).get(None)
        if not is_key and own is None:
            break
        model, is_key = own or model, field is not None and _gathers(field.annotation)
    return model


def _gathers(annotation) -> bool:
    """Whether a type is a mapping or a list, or one of several of which one is."""
    return any(get_origin(each) in (dict, list) for each in (annotation, *get_args(annotation)))


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
        return f"unknown key; {nearest_name(name, [*known, *model.also_known])}"
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
