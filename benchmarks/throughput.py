"""Cells per second of the kernel on all cores, in the chunks that the workflow computes."""

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from statistics import median

from benchmarks.machine import cores
from benchmarks.report import number, ratio, seconds, section
from benchmarks.surveys import SHIPPED, shipped
from physics import QUANTITIES
from survey.compute.evaluate import axes_of, chunk_shape
from survey.grid import open_grid
from survey.store.known import Part, whole
from survey.store.tiles import Tile, tiles_of

AIM = 1e6
MOST_CELLS = 5_000_000


def report(names: Iterable[str] = SHIPPED, repeats: int = 5, most: int = MOST_CELLS) -> str:
    """Cells per second on the grids of surveys, tau_phi alone and all variables; of a survey of more than `most` cells
    one tile in the middle of the sizes is computed."""
    rows = []
    for name in names:
        tiles = sorted(tiles_of(shipped(name), "dephasing"), key=lambda tile: tile.cells)
        if sum(tile.cells for tile in tiles) > most:
            tiles = [tiles[len(tiles) // 2]]
        cells = sum(tile.cells for tile in tiles)
        for variables, label in ((("tau_phi",), "`tau_phi`"), (tiles[0].variables, "all")):
            times = seconds(lambda tiles=tiles, variables=variables: compute(tiles, variables, cores()), repeats)
            rates = [cells / time for time in times]
            shapes = " and ".join(" x ".join(map(str, tile.shape)) for tile in tiles)
            numbers = [ratio(median(rates) / AIM), number(median(rates)), number(max(rates))]
            rows.append([*numbers, label, name, f"{cells:,}", shapes])
    text = (
        f"Cells per second on all {cores()} cores at the promised {QUANTITIES['dephasing'].accuracy:g}: the tiles of "
        f"each shipped survey (one tile where they exceed {number(most)} cells) in the chunks of the workflow, nothing "
        f"written; {repeats} runs each. `all` is the three times, the regime and the status of each cell. Ratio to "
        f"{number(AIM)} cells per second."
    )
    header = ["ratio", "median, 1/s", "best, 1/s", "variables", "survey", "cells", "T x Lambda0 x Pd x chi x Estar"]
    return section("Throughput", text, header, rows)


def compute(tiles: Iterable[Tile], variables: tuple[str, ...], threads: int) -> None:
    """Compute variables of tiles, chunk by chunk on so many threads, and drop them."""

    def chunk(tile: Tile, part: Part) -> None:
        QUANTITIES[tile.quantity](
            **open_grid(axes_of(tile, part)), **tile.constants, **tile.options, variables=variables
        )

    with ThreadPoolExecutor(threads) as pool:
        jobs = [pool.submit(chunk, tile, part) for tile in tiles for part in whole(tile).regions(chunk_shape(tile))]
        for job in jobs:
            job.result()
