"""What the jobs of a run ask of a cluster: threads, memory and time, and which tiles share one job.

All of it is an estimate from the size of a tile and from the rate at which the store's tiles were computed. An estimate
that proves too small costs one attempt: the next asks for twice as much.
"""

import os
from collections.abc import Callable, Iterable
from functools import cached_property
from math import ceil
from pathlib import Path

from survey.compute.cost import (
    BYTES_PER_JOB,
    BYTES_PER_THREAD,
    DEFAULT_RATE,
    SECONDS_PER_JOB,
    SECONDS_PER_REFERENCE,
    megabytes,
    minutes,
)
from survey.store.tiles import Tile

# Tiles are gathered to jobs of about this many seconds; one that alone takes longer than LONGEST gets more threads.
JOB, LONGEST = 600.0, 900.0
MOST_THREADS = 8
# Cells per second that are copied from tiles to a cube, and in which crossovers are looked for; both are slow guesses.
COPIED, SEARCHED = 1e7, 2e5
# Cells of tables per second that are weighed, another slow guess.
WEIGHED = 5e4
# Of a page: its numbers before they are packed, once as they are stored and once in its own type.
BYTES_PER_PAGE = 300e6
# Of the numbers of a tile or a cube, the part that a step holds at the same time.
HELD = 0.1


class Requests:
    """What is asked for each job of `jobs` (a survey.run.jobs.Jobs). Where `measures` says no, as in a run on one
    machine, which asks for nothing, rates are assumed and no file is opened."""

    def __init__(self, jobs, measures: Callable[[], bool] = lambda: True):
        self._jobs, self._measures = jobs, measures
        self._rates: dict[str, float] = {}

    def threads_of_tile(self, digest: str) -> int:
        """As few as keep the tile below LONGEST: threads wait for each other, jobs do not."""
        return min(MOST_THREADS, ceil(self._seconds(digest) / LONGEST))

    def batch(self, digest: str) -> str | None:
        """The name of the job that a tile which is not in the store shares with others: tiles of one quantity of one
        survey, in the order of the grid, until they take JOB seconds together. None for a tile of the store."""
        return self._batches.get(digest)

    def minutes_of_tile(self, digest: str, attempt: int) -> int:
        return minutes(self._seconds(digest) / self.threads_of_tile(digest), attempt)

    def memory_of_tile(self, digest: str, attempt: int) -> int:
        tile, threads = self._jobs.tile(digest), self.threads_of_tile(digest)
        return megabytes(BYTES_PER_JOB + threads * BYTES_PER_THREAD + HELD * tile.bytes, attempt)

    def minutes_of_cube(self, survey: str, label: str, attempt: int) -> int:
        if self._jobs.kind_of_cube(survey, label) == "virtual":
            return minutes(len(self._jobs.tiles(survey, label)) * SECONDS_PER_REFERENCE, attempt)
        return minutes(self._cells(survey, label) / COPIED, attempt)

    def memory_of_cube(self, survey: str, label: str, attempt: int) -> int:
        return megabytes(2 * BYTES_PER_JOB + HELD * self._bytes(survey, label), attempt, most=4e9)

    def minutes_of_crossovers(self, survey: str, attempt: int) -> int:
        return minutes(sum(self._cells(survey, label) for label in self._searched(survey)) / SEARCHED, attempt)

    def memory_of_crossovers(self, survey: str, attempt: int) -> int:
        numbers = sum(self._bytes(survey, label) for label in self._searched(survey))
        return megabytes(3 * BYTES_PER_JOB + HELD * numbers, attempt)

    def minutes_of_finding(self, survey: str, name: str, attempt: int) -> int:
        cells = sum(self._cells(survey, label) for label in self._jobs.surveys[survey].findings[name].labels)
        return minutes(120.0 + cells / WEIGHED, attempt)

    def memory_of_finding(self, survey: str, name: str, attempt: int) -> int:
        numbers = sum(self._bytes(survey, label) for label in self._jobs.surveys[survey].findings[name].labels)
        return megabytes(3 * BYTES_PER_JOB + 4 * numbers, attempt)

    def minutes_of_diagram(self, attempt: int) -> int:
        return minutes(60.0, attempt)

    def memory_of_diagram(self, attempt: int) -> int:
        return megabytes(3 * BYTES_PER_JOB, attempt)

    def minutes_of_page(self, attempt: int) -> int:
        return minutes(60.0, attempt)

    def memory_of_page(self, attempt: int) -> int:
        return megabytes(3 * BYTES_PER_JOB + BYTES_PER_PAGE, attempt)

    @cached_property
    def _batches(self) -> dict[str, str]:
        missing: dict[tuple[str, str], list[tuple[str, float]]] = {}
        tiles = {tile.digest: tile for tiles in self._jobs.tiles_of_cubes.values() for tile in tiles}
        for digest, tile in tiles.items():
            if not tile.path(self._jobs.store).exists():
                key = (self._jobs.file_of_tile(digest), tile.quantity)
                alone = self.threads_of_tile(digest) > 1
                missing.setdefault(key, []).append((digest, JOB if alone else self._seconds(digest)))
        return {
            digest: f"tiles{number}"
            for number, batch in enumerate(batch for tiles in missing.values() for batch in gathered(tiles))
            for digest in batch
        }

    def _seconds(self, digest: str) -> float:
        """How long a tile takes on one core."""
        tile = self._jobs.tile(digest)
        return SECONDS_PER_JOB + tile.cells / self._rate(tile)

    def _rate(self, tile: Tile) -> float:
        """Cells per second and core; looked up once for all tiles that differ in their axes alone."""
        if tile.family not in self._rates:
            folder = Path(self._jobs.store) / tile.quantity
            self._rates[tile.family] = rate(folder, tile) if self._measures() else DEFAULT_RATE
        return self._rates[tile.family]

    def _cells(self, survey: str, label: str) -> int:
        return sum(tile.cells for tile in self._jobs.tiles_of_cubes[survey, label])

    def _bytes(self, survey: str, label: str) -> int:
        return sum(tile.bytes for tile in self._jobs.tiles_of_cubes[survey, label])

    def _searched(self, survey: str) -> set[str]:
        return {settings.quantity for settings in self._jobs.surveys[survey].crossovers.values()}


def rate(folder: Path, tile: Tile) -> float:
    """Cells per second and core of the newest tiles like this one in the folder of its quantity, or an assumed rate."""
    if not any(folder.glob("*.nc")):
        return DEFAULT_RATE
    from survey.compute.rates import MEASURED_TILES, of_quantity

    return of_quantity(folder, tile, MEASURED_TILES).value or DEFAULT_RATE


def gathered(tiles: Iterable[tuple[str, float]]) -> list[list[str]]:
    """Names with their seconds, in order, cut into batches of at most JOB seconds (or of one name)."""
    batches: list[list[str]] = []
    total = JOB
    for name, seconds in tiles:
        if total + seconds > JOB:
            batches.append([])
            total = 0.0
        batches[-1].append(name)
        total += seconds
    return batches


def threads_given() -> int:
    """The threads that Slurm gave to the job that this process belongs to, 0 outside of one."""
    return int(os.environ.get("SLURM_CPUS_PER_TASK", 0))
