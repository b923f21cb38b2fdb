"""The rate of a kernel on a grid, from a sample of the grid itself: chunks of its tiles, computed and thrown away."""

import random
import time
from concurrent.futures import ThreadPoolExecutor
from math import ceil

from survey.compute.tile import axes_of, chunk_shape, evaluate
from survey.store.known import Part
from survey.store.tiles import Tile

# What a sample takes, once the kernel is compiled.
SECONDS = 10.0


def sampled_rate(tiles: list[Tile], threads: int) -> tuple[float, int]:
    """Cells per second and core, and of how many chunks it is: random ones of random tiles, so many at a time, each
    tile and chunk as likely as it is large. Seconds are those of the CPU, so that other work on the machine counts
    little. It raises whatever the kernel raises."""
    first = tiles[0]
    evaluate(first, {name: values[:1] for name, values in first.axes.items()})
    deadline = time.perf_counter() + SECONDS
    weights = [tile.cells for tile in tiles]

    def work(seed: int) -> tuple[int, int, float]:
        rng = random.Random(seed)
        cells = chunks = 0
        started = time.thread_time()
        while not chunks or time.perf_counter() < deadline:
            (tile,) = rng.choices(tiles, weights)
            part = random_chunk(tile, rng)
            evaluate(tile, axes_of(tile, part))
            cells, chunks = cells + part.cells, chunks + 1
        return cells, chunks, time.thread_time() - started

    with ThreadPoolExecutor(threads) as pool:
        found = list(pool.map(work, range(threads)))
    return sum(cells for cells, _, _ in found) / sum(spent for _, _, spent in found), sum(n for _, n, _ in found)


def random_chunk(tile: Tile, rng: random.Random) -> Part:
    """One of the chunks in which the tile is computed."""
    places = []
    for length, step in zip(tile.shape, chunk_shape(tile), strict=True):
        start = step * rng.randrange(ceil(length / step))
        places.append(tuple(range(start, min(start + step, length))))
    return Part(tuple(places))
