"""How far a whole run is, told by itself while it goes on: cells, tiles, diagrams and the time that is left.

All of it is read from the files that the run makes and from the marks of its jobs, so that it is the same on this
machine and on a cluster.
"""

import atexit
import os
import threading
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path

from survey.run.marks import clock, running
from survey.words import count, duration, plural

# Seconds until the run says how far it is, at first and at last; in between a part of the time that it has taken.
FIRST, LAST, PART = 10.0, 60.0, 0.05
KINDS = ("tile", "cube", "crossovers", "finding", "diagram", "page")
# The time that is left without tiles is told by the ends of so many of the newest files.
ENDS = 6


@dataclass(frozen=True)
class Course:
    """Of each kind of file how many there are and how many are to be made in all; the same of cells; and the seconds
    that are left, None if nothing tells."""

    files: dict[str, tuple[int, int]]
    cells: tuple[float, int]
    seconds: float | None

    @property
    def over(self) -> bool:
        return all(done == whole for done, whole in self.files.values())

    def said(self) -> str:
        """It in one line."""
        parts = [f"{plural(kind)} {done:,} of {whole:,}" for kind, (done, whole) in self.files.items()]
        cells, whole = self.cells
        if whole:
            parts.insert(0, f"{int(100 * cells / whole)} % of {count(whole, 'cell')}")
        left = "" if self.seconds is None else f"; about {duration(self.seconds)} left"
        return f"{', '.join(parts)}{left}{' of tiles' if left and cells < whole else ''}"


class Run:
    """A run that makes these `files`, begun now: `kinds` says what each is, `cells` how many a tile has. Of a diagram,
    which has several files, one is counted."""

    def __init__(self, store: Path, files: Collection[str], kinds: dict[str, str], cells: dict[str, int]):
        self.store = Path(store)
        self.kinds = {file: kinds[file] for file in files if file in kinds}
        self.cells = {file: cells[file] for file in self.kinds if file in cells}
        self.started = clock(self.store)

    def course(self) -> Course:
        """How far it is now."""
        ends = {file: _end(file) for file in self.kinds}
        # A tile that is there is finished, whoever made it; another file may be the old one.
        done = {file for file, end in ends.items() if end and (file in self.cells or end >= self.started)}
        files = {
            kind: (sum(self.kinds[file] == kind for file in done), list(self.kinds.values()).count(kind))
            for kind in KINDS
            if kind in self.kinds.values()
        }
        at_work = {Path(file).stem: number for file, number in self.cells.items() if file not in done}
        computed = sum(self.cells[file] for file in done if file in self.cells) + sum(
            at_work[mark.key] * mark.said["done"] / mark.said["cells"]
            for mark in running(self.store)
            if mark.key in at_work and mark.alive and mark.said.get("cells")
        )
        whole = sum(self.cells.values())
        now = clock(self.store)
        return Course(files, (computed, whole), self._left(computed, whole, [ends[file] for file in done], now))

    def _left(self, computed: float, whole: int, ends: list[float], now: float) -> float | None:
        """Of tiles as long as there are any to compute, by the cells of this run so far; then by the last files."""
        if computed < whole:
            return (now - self.started) * (whole - computed) / computed if computed else None
        newest = sorted(ends)[-ENDS:]
        left = len(self.kinds) - len(ends)
        return left * (newest[-1] - newest[0]) / (len(newest) - 1) if len(newest) > 1 else None


def _end(file: str) -> float:
    """When a file was written; 0 if there is none."""
    try:
        return os.stat(file).st_mtime
    except OSError:
        return 0.0


def follow(run: Run, say: Callable[[str], None]) -> None:
    """Say from time to time how far a run is, until it or this process is over."""
    over = threading.Event()

    def tell() -> None:
        started = time.monotonic()
        while not over.wait(min(LAST, max(FIRST, PART * (time.monotonic() - started)))):
            course = run.course()
            if course.over:
                return
            say(course.said())

    teller = threading.Thread(target=tell, daemon=True)

    def end() -> None:
        over.set()
        teller.join()

    teller.start()
    atexit.register(end)
