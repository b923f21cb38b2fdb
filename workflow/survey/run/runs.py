"""Runs of Snakemake that are going on: each leaves a mark that says which files it will still make.

The mark is one like those of jobs, with a sign of life every few seconds, so that a killed run is not taken for a
living one. What no job of such a run has begun yet is queued, in Snakemake or in Slurm.
"""

import atexit
from collections.abc import Iterable
from contextlib import ExitStack
from pathlib import Path

from survey.run.marks import Mark, marked

RUN = "run"


def announce(results: Path, files: Iterable[str], surveys: Iterable[Path], cluster: bool) -> None:
    """Mark this process, until it ends, as a run that makes these files, below `results`, for these surveys; `cluster`
    says whether its jobs go to other machines. Where no mark can be written, nothing happens."""
    makes = sorted(str(Path(file).relative_to(results)) for file in files)
    read = sorted(str(Path(path).resolve()) for path in surveys)
    ending = ExitStack()
    ending.enter_context(marked(Path(results) / "store", RUN, makes=makes, surveys=read, cluster=cluster))
    # Snakemake tells a run's end in two ways, and not at all that of one that was interrupted.
    atexit.register(ending.close)


def going_on(marks: Iterable[Mark]) -> list[Mark]:
    """The runs, of all marks, that are alive."""
    return [mark for mark in marks if mark.key == RUN and mark.alive]


def queue(runs: Iterable[Mark]) -> dict[str, float]:
    """The files that these runs make or have made, relative to the results, with the start of the youngest such run."""
    started: dict[str, float] = {}
    for run in sorted(runs, key=lambda run: run.said["started"]):
        started |= dict.fromkeys(run.said["makes"], run.said["started"])
    return started
