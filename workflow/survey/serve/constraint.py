"""What of a dataset a DAP2 request asks for: `tau_phi[0:3][2][0:2:10],T`, held against what is there."""

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple
from urllib.parse import unquote

from survey.errors import SurveyError
from survey.words import count, nearest_name, quoted

_PROJECTION = re.compile(r"(?P<name>[^\[\],&()]+)(?P<slices>(?:\[[^\[\]]*\])*)")
_SLICE = re.compile(r"\[(\d{1,18})(?::(\d{1,18}))?(?::(\d{1,18}))?\]")
# More in one request are no question that a client asks.
MOST_PROJECTIONS = 1000


class Selection(NamedTuple):
    """Part of a variable: along each of its axes the cells start, start + step, ..., the last just below stop."""

    name: str
    region: tuple[slice, ...]

    @property
    def shape(self) -> tuple[int, ...]:
        return tuple(len(range(part.start, part.stop, part.step)) for part in self.region)


def selections(text: str, shapes: Mapping[str, Sequence[int]]) -> list[Selection]:
    """The selections of a constraint expression, as it stands in an address, of variables with these shapes; all of
    them whole if it is empty. SurveyError if it cannot be read, names what is not there, or leaves an axis.

    A DAP2 slice is [first], [first:last] or [first:step:last], its last cell included.
    """
    text = unquote(text).strip()
    if "&" in text or "(" in text:
        raise SurveyError(f"found {quoted(text)}; allowed: variables with slices, no selection by value, no function")
    if not text:
        return [Selection(name, tuple(slice(0, length, 1) for length in shape)) for name, shape in shapes.items()]
    parts = text.split(",")
    if len(parts) > MOST_PROJECTIONS:
        raise SurveyError(f"found {count(len(parts), 'variable')}; allowed: {MOST_PROJECTIONS:,} in one request")
    found = [_selection(part.strip(), shapes) for part in parts]
    twice = {one.name for one in found if [other.name for other in found].count(one.name) > 1}
    if twice:
        raise SurveyError(f"found {', '.join(sorted(twice))} twice; allowed: each variable once")
    return found


def _selection(text: str, shapes: Mapping[str, Sequence[int]]) -> Selection:
    match = _PROJECTION.fullmatch(text)
    if match is None:
        raise SurveyError(f"found {quoted(text)}; allowed: a variable, with [first:step:last] for each of its axes")
    name = match["name"]
    if name not in shapes:
        raise SurveyError(f"there is no variable {quoted(name)}; {nearest_name(name[:100], shapes)}")
    slices = re.findall(r"\[[^\[\]]*\]", match["slices"])
    if slices and len(slices) != len(shapes[name]):
        raise SurveyError(
            f"{name}: found {count(len(slices), 'slice')}; allowed: none, or one for each of its "
            f"{count(len(shapes[name]), 'axis')}".replace("axiss", "axes")
        )
    if not slices:
        return Selection(name, tuple(slice(0, length, 1) for length in shapes[name]))
    return Selection(name, tuple(_slice(name, one, length) for one, length in zip(slices, shapes[name], strict=True)))


def _slice(name: str, text: str, length: int) -> slice:
    match = _SLICE.fullmatch(text)
    allowed = f"allowed: [first], [first:last], [first:step:last] within 0 … {length - 1}"
    if match is None:
        raise SurveyError(f"{name}: found {quoted(text)}; {allowed}")
    numbers = [int(one) for one in match.groups() if one is not None]
    first, last, step = numbers[0], numbers[-1], numbers[1] if len(numbers) == 3 else 1
    if not first <= last < length or step < 1:
        raise SurveyError(f"{name}: found {quoted(text)}; {allowed}")
    return slice(first, range(first, last + 1, step)[-1] + 1, step)
