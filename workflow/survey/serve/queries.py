"""Answers of `survey query` over HTTP: the same values, units, refusals and words, within the limits of the server."""

import os
from collections.abc import Mapping
from math import prod
from threading import BoundedSemaphore
from time import monotonic

from survey.errors import SurveyError, TooLarge
from survey.query.answer import answer
from survey.query.cells import check_size
from survey.query.exact import exactly, recipe
from survey.query.formats import as_csv, document, refusals
from survey.query.parts import cost
from survey.serve.cubes import Cubes
from survey.serve.limits import Limits
from survey.words import count

# What a query may say beside the values of axes, the default first.
WORDS = {"nearest": ("0", "1"), "exact": ("0", "1"), "format": ("json", "csv")}
_computing = BoundedSemaphore(os.cpu_count() or 1)


def asked(items: list[tuple[str, str]]) -> tuple[dict[str, str], dict[str, str]]:
    """The values of the axes as texts, and the words beside them; SurveyError if one is given twice or says nothing."""
    at, words = {}, {}
    for name, value in items:
        known = words if name in WORDS else at
        if name in known:
            also = "" if name in WORDS else f", several values as {name}={at[name]},{value}"
            raise SurveyError(f"{name} is given twice; allowed: once{also}")
        if name in WORDS and value not in WORDS[name]:
            raise SurveyError(f"{name}: found {value!r}; allowed: {' or '.join(WORDS[name])}")
        if not value:
            raise SurveyError(f"found {name!r} without a value; allowed: AXIS=VALUE, e.g. T=40mK")
        known[name] = value
    return at, {name: allowed[0] for name, allowed in WORDS.items()} | words


def answered(cubes: Cubes, name: str, variable: str, at: Mapping, words: Mapping, limits: Limits) -> tuple:
    """Data variables, coordinates and attributes of the answer: between the cells, of the nearest, or by the kernel.

    TooLarge if it has more points, or takes longer, than the limits say: judged before cells are read, and of the
    kernel between its parts."""
    exact = words["exact"] == "1"

    def check(used: Mapping, around: Mapping) -> None:
        check_size(used, around)
        points = prod(len(stencils) for stencils in used.values())
        if points > limits.points:
            said = f"the answer has {count(points, 'point')}; allowed: {limits.points:,}"
            raise TooLarge(f"{said}; fix more axes, or read the numbers by DAP")
        if cost(used, around) > limits.seconds:
            raise TooLarge(f"the answer takes longer than {limits.seconds:g} s; ask for less at a time")

    with cubes.cube(name) as cube:
        how = recipe(cube, variable) if exact else None
        found = answer(cube, variable, at, nearest=exact or words["nearest"] == "1", check=check)
    if how is not None:
        end = monotonic() + limits.seconds
        if not _computing.acquire(timeout=limits.seconds):
            raise TooLarge(f"others compute, for longer than {limits.seconds:g} s; ask again")
        try:
            found = exactly(how, variable, found, end - monotonic())
        finally:
            _computing.release()
    return found[0], found[1], found[2] | {"cube": name}


def as_document(variable: str, found: tuple) -> dict:
    """An answer as plain data: what `survey query --format json` prints, and in `refused` what it complains of."""
    content = document(variable, *found)
    if refused := refusals(variable, *found):
        content["refused"] = refused
    return content


def as_lines(variable: str, found: tuple) -> str:
    """An answer as CSV."""
    return f"{as_csv(variable, *found)}\n"
