"""The faults of one survey file, gathered so that the user sees all of them at once."""

from collections.abc import Iterator
from contextlib import contextmanager

from physics.parameters import ParameterError
from survey.errors import SurveyError

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


class Place:
    """An entry of a file, below which faults are noted."""

    def __init__(self, faults: Faults, *where):
        self.faults, self.where = faults, where

    def add(self, *key_and_message) -> None:
        """Note a fault, its message last, below this place."""
        *key, message = key_and_message
        self.faults.add((*self.where, *key), message)

    def at(self, *key):
        """Turns a SurveyError or ParameterError of the block into a fault below this place."""
        return self.faults.at(*self.where, *key)

    def inside(self, *key) -> "Place":
        return Place(self.faults, *self.where, *key)

    @property
    def faulty(self) -> bool:
        """Whether anything at or below this place is at fault."""
        return self.faults.below(*self.where)
