"""How far a job is, while it runs: a bar in a terminal, now and then a line in a log."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import click

from survey.words import count, duration

# Seconds between two lines of a log.
PAUSE = 30.0


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
