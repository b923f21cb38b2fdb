"""Text in rows and columns: CSV files, and columns that a program hands over."""

import csv
import math
import re
from collections.abc import Sequence
from numbers import Real
from pathlib import Path
from typing import Any

from physics import Parameter
from survey.errors import SurveyError
from survey.units import parse
from survey.words import quoted
from survey.written import yaml as documents
from survey.written.faults import Faults

# The line of a row, from 1, and its cells.
Row = tuple[int, Sequence[str]]
# One standard deviation of ln(value): what a measurement may claim, and what still says something.
RELATIVE = Parameter("sigma", r"\sigma", "1", "relative standard deviation", lower=1e-7, upper=10.0)
_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_SEPARATORS = {",": "commas", ";": "semicolons", "\t": "tabs"}


class TableFaults(Faults):
    """What is wrong with a table: places are (line, header of the column), line 0 for none. Of what is no file `word`
    says what is counted."""

    def __init__(self, file: object, word: str = "line"):
        super().__init__(file, {})
        self.word = word

    def _line(self, where: tuple) -> int:
        return where[0] if where else 0

    def _place(self, where: tuple) -> str:
        line = [f"{self.word} {where[0]}"] if where and where[0] else []
        parts = [*line, *(f"column {quoted(header)}" for header in where[1:])]
        return f"{', '.join(parts)}: " if parts else ""


def read_rows(path: Path, faults: Faults) -> list[Row]:
    """The rows of a CSV file, without comments (#) and rows whose cells are all empty.

    Commas, semicolons or tabs stand between the cells, whichever the first row has. Raises SurveyError, beginning with
    the file's name, for a file that cannot be read; of a row that cannot, a fault is noted.
    """
    rows: list[Row] = []
    separator = None
    for line, text in enumerate(documents.text_of(path).split("\n"), start=1):
        if not text.strip() or text.lstrip().startswith("#"):
            continue
        if separator is None:
            found = [sign for sign in _SEPARATORS if sign in text]
            if len(found) > 1:
                names = " and ".join(_SEPARATORS[sign] for sign in found)
                faults.add((line,), f"found {names} in the first row; allowed: one of them, between the cells")
                return []
            separator = found[0] if found else ","
        try:
            cells = [
                cell.strip()
                for cell in next(csv.reader([text], delimiter=separator, skipinitialspace=True, strict=True))
            ]
        except csv.Error as error:
            faults.add((line,), f"found {quoted(text)}, cannot be cut into cells: {error}")
            continue
        if any(cells):
            rows.append((line, cells))
    return rows


def rows_of(columns: Any, faults: Faults) -> list[Row]:
    """The rows of a table of pandas, or of a dict from header to values; the header counts as row 0. What pandas holds
    for an empty cell (None, NaN) is empty. None, with a fault, of what is no such table."""
    try:
        found = [(str(header).strip(), list(values)) for header, values in columns.items()]
    except (AttributeError, TypeError, ValueError):
        faults.add((), f"found {quoted(columns)}; allowed: a table of pandas, or a dict of columns")
        return []
    lengths = {len(values) for _, values in found}
    if len(lengths) > 1:
        faults.add((), f"found columns of {min(lengths)} to {max(lengths)} values; allowed: as many in each")
        return []
    cells = zip(*(values for _, values in found), strict=True)
    return [(0, [header for header, _ in found]), *((row, list(map(_text, each))) for row, each in enumerate(cells, 1))]


def rows_of_square(matrix: Any, faults: Faults) -> list[Row]:
    """The rows of a matrix of numbers; none, with a fault, of what is no matrix."""
    try:
        return [(line, [repr(float(each)) for each in row]) for line, row in enumerate(matrix, start=1)]
    except (TypeError, ValueError, OverflowError):
        faults.add((), f"found {quoted(matrix)}; allowed: a square of numbers")
        return []


def number(cell: str) -> float:
    """The number in a cell; SurveyError if it is none."""
    if not _NUMBER.fullmatch(cell):
        found = quoted(cell) if cell else "nothing"
        raise SurveyError(f"found {found}, must be a number with a decimal point, e.g. 3.1 or 2e-3")
    return float(cell)


def relative(written: str | float) -> float:
    """An uncertainty relative to its value, `0.1` or `10 %`, as a part of 1; SurveyError if it is none."""
    try:
        if isinstance(written, str) and written.rstrip().endswith("%"):
            return parse(number(written.rstrip()[:-1].strip()) / 100, RELATIVE)
        return parse(written, RELATIVE)
    except SurveyError:
        least, most = f"{RELATIVE.lower:g}", f"{RELATIVE.upper:g}"
        allowed = f"one standard deviation relative to the value, e.g. 10 % or 0.1, above {least}, at most {most}"
        raise SurveyError(f"found {quoted(written)}; allowed: {allowed}") from None


def _text(cell: object) -> str:
    if cell is None or type(cell).__name__ == "NAType":
        return ""
    if isinstance(cell, Real) and not isinstance(cell, bool):
        try:
            return "" if math.isnan(cell) else repr(float(cell))
        except OverflowError:
            return "inf"
    return str(cell).strip()
