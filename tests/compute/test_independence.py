"""What a registered quantity gives does not depend on how its grid is cut and computed, to the last bit."""

from functools import cache

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import physics
from helpers import toy
from survey.compute.tile import compute_tile
from survey.cubes.read import read_region
from survey.grid import open_grid
from survey.store.store import open_tile
from survey.store.tiles import Tile, request_of

GRID = toy.Survey().grid("dephasing")


@cache
def whole() -> dict[str, np.ndarray]:
    """The kernel's own answer, the whole grid at once."""
    return physics.QUANTITIES["dephasing"](**open_grid(GRID), **toy.CONSTANTS)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), cells=st.integers(10, 500), threads=st.integers(1, 3))
def test_tiles_chunks_and_threads_change_no_bit(tmp_path, data, cells, threads):
    part = {}
    for name, values in GRID.items():
        start = data.draw(st.integers(0, len(values) - 1))
        part[name] = slice(start, data.draw(st.integers(start + 1, len(values))))
    axes = {name: tuple(values[part[name]]) for name, values in GRID.items()}
    tile = Tile(**request_of(toy.Survey(), "dephasing"), axes=axes)
    compute_tile(tmp_path, tile, threads, cells)
    with open_tile(tmp_path, tile) as dataset:
        for name, expected in whole().items():
            values = read_region(dataset, name, (slice(None),) * len(axes))
            assert np.array_equal(values, expected[tuple(part.values())], equal_nan=True)
