"""Reading a YAML file: a mapping of plain values, and the line on which each key stands.

YAML 1.2, plain values only. Duplicate keys, anchors, tags, dates, control characters, files above 1 MB and above 5,000
keys are refused: a survey has no use for them, and each has a way to do harm.
"""

from pathlib import Path

from ruamel.yaml import YAML
from ruamel.yaml.composer import Composer
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, SequenceNode

from survey.errors import SurveyError
from survey.words import plain

MAXIMUM_BYTES = 1_000_000
MAXIMUM_KEYS = 5_000
_TAGS = {f"tag:yaml.org,2002:{kind}" for kind in ("map", "seq", "str", "int", "float", "bool", "null")}


def read(path: Path) -> tuple[dict, dict[tuple, int]]:
    """The mapping in a YAML file, and a dict from the path of each entry, ("axes", "T", "start"), to its line from 1.

    Raises SurveyError, beginning with the file's name, if the file cannot be read or is not such a mapping.
    """
    text = text_of(Path(path))
    yaml = YAML(typ="safe", pure=True)
    yaml.Composer = _Composer
    lines: dict[tuple, int] = {}
    try:
        node = yaml.compose(text)
        if node is not None:
            _walk(node, (), lines)
        data = None if node is None else yaml.constructor.construct_document(node)
    except SurveyError as refusal:
        raise SurveyError(f"{path}: {refusal}") from None
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise SurveyError(f"{path}: {_place(mark)}not valid YAML: {error.problem or error.context}") from None
    except (YAMLError, ValueError) as error:
        raise SurveyError(f"{path}: not valid YAML: {str(error).splitlines()[0]}") from None
    except RecursionError:
        raise SurveyError(f"{path}: not valid YAML: nested too deeply") from None
    if not isinstance(data, dict):
        found = {type(None): "nothing", list: "a list"}.get(type(data), "a single value")
        raise SurveyError(f"{path}: found {found}, must be a mapping, lines of `key: value`")
    return data, lines


class _Composer(Composer):
    """Reads no further than the keys that a survey may have: the rest would take minutes to read and to judge."""

    keys = 0

    def compose_node(self, parent, index):
        if isinstance(parent, MappingNode) and index is None:
            self.keys += 1
            if self.keys > MAXIMUM_KEYS:
                where = _place(self.parser.peek_event().start_mark)
                raise SurveyError(f"{where}found more than {MAXIMUM_KEYS:,} keys; allowed: at most as many")
        return super().compose_node(parent, index)


def text_of(path: Path) -> str:
    """The text of a file in UTF-8, with line feeds; SurveyError, beginning with the file's name, if it is none."""
    try:
        if not path.is_file():
            raise SurveyError(f"{path}: {'not a file' if path.exists() else 'there is no such file'}")
        if path.stat().st_size > MAXIMUM_BYTES:
            raise SurveyError(f"{path}: larger than 1 MB; such a file is a few kilobytes")
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise SurveyError(f"{path}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise SurveyError(f"{path}: not a text file in UTF-8") from None


def _place(mark) -> str:
    return "" if mark is None else f"line {mark.line + 1}, column {mark.column + 1}: "


def _walk(node: Node, path: tuple, lines: dict[tuple, int]) -> None:
    """Notes the line of every entry below `node`; refuses what a survey must not hold."""
    where = _place(node.start_mark)
    if node.anchor:
        raise SurveyError(f"{where}anchors and aliases (&{node.anchor}) are not allowed; write the value again")
    if node.tag not in _TAGS:
        kind = str(node.tag).removeprefix("tag:yaml.org,2002:")
        raise SurveyError(f"{where}a value of the kind {kind!r} is not allowed; if it is text, put it in quotes")
    if isinstance(node.value, str) and plain(node.value) != node.value:
        raise SurveyError(f"{where}found a control character in {node.value!r}; allowed: text that can be printed")
    if isinstance(node, MappingNode):
        for key, value in node.value:
            if key.tag != "tag:yaml.org,2002:str":
                raise SurveyError(f"{_place(key.start_mark)}found the key {key.value!r}, a key must be text")
            _walk(key, path, {})
            lines[(*path, key.value)] = key.start_mark.line + 1
            _walk(value, (*path, key.value), lines)
    elif isinstance(node, SequenceNode):
        for position, value in enumerate(node.value):
            lines[(*path, position)] = value.start_mark.line + 1
            _walk(value, (*path, position), lines)
