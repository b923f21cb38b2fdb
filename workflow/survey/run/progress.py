"""How far a job is, or a whole survey, while it runs: a bar in a terminal or a notebook, now and then a line in a
log."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import click

from survey.words import bar, count, duration

# Seconds between two lines of a log, and between two looks of a bar.
PAUSE, LOOK = 30.0, 0.2


@contextmanager
def shown(label: str, total: int, noun: str = "cell") -> Iterator[Callable[[int], None]]:
    """Yields a function to tell how many of `total` cells, or other things, are done; standard error shows it."""
    if sys.stderr.isatty():
        with click.progressbar(length=total, label=label, file=sys.stderr) as bar:
            yield lambda done: bar.update(done - bar.pos)
        return
    started = time.monotonic()
    said = started

    def tell(done: int) -> None:
        nonlocal said
        now = time.monotonic()
        if 0 < done < total and now - said >= PAUSE:
            said = now
            left = (now - started) * (total - done) / done
            line = (
                f"{label}: {done:,} of {count(total, 'cell')} ({100 * done / total:.0f} %), about {duration(left)} left"
            )
            with suppress(OSError):
                click.echo(line, err=True)

    yield tell


class Course:
    """How far a survey is that runs in this process: `jobs` in all, of which those that compute have so many cells."""

    def __init__(self, jobs: int, cells: int, show: Callable[[str], None] = lambda text: None):
        self.jobs, self.all_cells, self.show = jobs, cells, show
        self.done = self.finished = self.now = 0
        self.what = ""
        self.started = time.monotonic()

    def begin(self, what: str) -> None:
        """A job begins."""
        self.what, self.now = what, 0
        self.show(self.said())

    def cells(self, done: int) -> None:
        """So many cells of the job are done."""
        self.now = done
        self.show(self.said())

    def end(self, cells: int = 0) -> None:
        """The job is done, with so many cells."""
        self.done, self.finished, self.now, self.what = self.done + cells, self.finished + 1, 0, ""
        self.show(self.said())

    def said(self) -> str:
        cells = self.done + self.now
        left = ""
        if 0 < cells < self.all_cells:
            seconds = (time.monotonic() - self.started) * (self.all_cells - cells) / cells
            left = f", about {duration(seconds)} of tiles left"
        computed = f", {cells:,} of {count(self.all_cells, 'cell')}{left}" if self.all_cells else ""
        return f"{self.finished} of {count(self.jobs, 'job')}{computed}  {self.what}".rstrip()


@contextmanager
def followed(name: str, course: Course) -> Iterator[Course]:
    """Show the course of a survey while the block runs."""
    moving = sys.stderr.isatty() or "ipykernel" in sys.modules
    last, width = -PAUSE if moving else time.monotonic(), 0

    def show(text: str) -> None:
        nonlocal last, width
        now = time.monotonic()
        over = course.finished == course.jobs
        if now - last < (LOOK if moving else PAUSE) and not (over and moving):
            return
        last = now
        part = course.finished / course.jobs if course.jobs else 1.0
        line = f"{name} {bar(part)} {text}" if moving else f"{name}: {text}"
        with suppress(OSError):
            click.echo(f"\r{line:<{width}}" if moving else line, err=True, nl=not moving)
        width = len(line)

    course.show = show
    try:
        yield course
    finally:
        if moving and width:
            with suppress(OSError):
                click.echo(err=True)
