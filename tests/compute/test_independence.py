"""What a registered quantity gives does not depend on how its grid is cut and computed, to the last bit."""

from functools import cache

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import physics
from helpers import toy
from physics import QUANTITIES
from survey.compute.evaluate import chunk_shape
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


def test_chunks_do_not_cut_what_the_kernel_takes_at_once():
    """Each part of a grid of backgrounds would compute the spectra of all levels again."""
    axes = {"T": tuple(range(1, 20)), "Lambda0": tuple(range(1, 20)), "Pd": tuple(range(1, 20)), "ep_rate": (1.0, 2.0)}
    tile = Tile(
        "dephasing", 1, QUANTITIES["dephasing"].choices({"phonons": "power"}), {}, ("tau_phi",), "float64", axes
    )
    shape = dict(zip(axes, chunk_shape(tile, 200), strict=True))
    assert shape["ep_rate"] == 2 and shape["Pd"] == 19 and shape["T"] * shape["Lambda0"] < 19**2
