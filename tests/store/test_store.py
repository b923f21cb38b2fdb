"""The store: tiles are there whole or not at all, and are not read if they are not what they should be."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import netCDF4
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import physics
from helpers import toy
from helpers.toy import one_tile, read
from survey.compute.evaluate import chunk_shape
from survey.compute.tile import compute_tile
from survey.errors import SurveyError
from survey.grid import open_grid
from survey.store.known import whole
from survey.store.sealed import open_sealed
from survey.store.store import new_tile, open_tile, tile_in


@pytest.fixture(autouse=True)
def _toy(monkeypatch):
    toy.register(monkeypatch)


def direct(tile) -> dict[str, np.ndarray]:
    return physics.QUANTITIES["dephasing"](**open_grid(tile.axes), **tile.constants, variables=tile.variables)


def test_a_tile_holds_what_the_kernel_gives(tmp_path):
    tile = one_tile()
    assert compute_tile(tmp_path, tile) == tmp_path / "dephasing" / f"{tile.digest}.nc"
    values = read(tmp_path, tile)
    for name, expected in direct(tile).items():
        assert np.array_equal(values[name], expected) and values[name].dtype == expected.dtype
    with open_sealed(tile.path(tmp_path)) as dataset:
        assert tile_in(dataset) == tile


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cells=st.integers(1, 500), threads=st.integers(1, 4))
def test_chunks_and_threads_change_no_bit(tmp_path, cells, threads):
    tile = one_tile()
    compute_tile(tmp_path, tile, threads, cells)
    values = read(tmp_path, tile)
    assert all(np.array_equal(values[name], expected) for name, expected in direct(tile).items())


@given(lengths=st.lists(st.integers(1, 32), min_size=5, max_size=5), cells=st.integers(1, 10**6))
def test_chunks_are_small_enough_and_cover_the_tile(lengths, cells):
    axes = {name: tuple(range(1, length + 1)) for name, length in zip(toy.AXES, lengths, strict=True)}
    tile = replace(one_tile(), axes=axes)
    shape = chunk_shape(tile, cells)
    assert np.prod(shape) <= cells
    assert all(1 <= step <= length for step, length in zip(shape, lengths, strict=True))
    few = chunk_shape(tile, max(cells, 2000))
    covered = sum(part.cells for part in whole(tile).regions(few))
    assert covered == tile.cells


def test_axes_that_share_work_are_cut_last():
    axes = {name: tuple(range(1, 33)) for name in toy.AXES}
    lengths = dict(zip(axes, chunk_shape(replace(one_tile(), axes=axes)), strict=True))
    assert lengths["Pd"] == lengths["chi"] == 32
    assert lengths["Estar"] == 1


def failing(T, **others):
    if np.max(T) > 0.5:
        raise ZeroDivisionError("the kernel's own words")
    time.sleep(0.05)
    return toy.dephasing(T=T, **others)


def test_a_failing_chunk_is_named_and_leaves_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr(toy, "failing", failing, raising=False)
    toy.register(monkeypatch, "helpers.toy:failing")
    with pytest.raises(ZeroDivisionError, match="the kernel's own words") as failure:
        compute_tile(tmp_path, one_tile(), threads=2, cells=50)
    (note,) = failure.value.__notes__
    assert "T 0.4" in note or "... 1," in note
    assert not list((tmp_path / "dephasing").iterdir())


def enormous(**parameters):
    return {name: values * 1e60 for name, values in toy.dephasing(**parameters).items()}


def test_float32_holds_seven_digits_or_is_refused(tmp_path, monkeypatch):
    tile = one_tile(dtype="float32", variables=("tau_phi",))
    compute_tile(tmp_path, tile)
    values = read(tmp_path, tile)["tau_phi"]
    assert values.dtype == np.float32
    np.testing.assert_allclose(values, direct(tile)["tau_phi"], rtol=1e-7)
    monkeypatch.setattr(toy, "enormous", enormous, raising=False)
    toy.register(monkeypatch, "helpers.toy:enormous")
    with pytest.raises(SurveyError, match=r"tau_phi: found the value .*e\+.*use `dtype: float64`"):
        compute_tile(tmp_path / "other", tile)


def infinite(**parameters):
    results = toy.dephasing(**parameters)
    return results | {"tau_phi": np.where(results["regime"] == 1, np.inf, results["tau_phi"])}


def test_infinity_is_a_value(tmp_path, monkeypatch):
    monkeypatch.setattr(toy, "infinite", infinite, raising=False)
    toy.register(monkeypatch, "helpers.toy:infinite")
    tile = one_tile(dtype="float32")
    compute_tile(tmp_path, tile)
    values = read(tmp_path, tile)
    assert np.array_equal(np.isinf(values["tau_phi"]), values["regime"] == 1) and (values["regime"] == 1).any()


def test_a_killed_job_leaves_no_tile_and_the_next_one_clears_up(tmp_path):
    code = """
import sys, time, physics
from helpers import toy
from dataclasses import replace
from pathlib import Path
from survey.compute.tile import compute_tile
def slow(**parameters):
    print("computing", flush=True)
    time.sleep(60)
toy.slow = slow
slowly = replace(physics.QUANTITIES["dephasing"], kernel="helpers.toy:slow", version=int(sys.argv[2]))
physics.QUANTITIES["dephasing"] = slowly
compute_tile(Path(sys.argv[1]), toy.one_tile())
"""
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[1])}
    version = str(physics.QUANTITIES["dephasing"].version)
    command = [sys.executable, "-c", code, tmp_path, version]
    job = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
    assert job.stdout.readline() == "computing\n"
    job.send_signal(signal.SIGKILL)
    job.communicate()
    tile = one_tile()
    (left,) = (tmp_path / "dephasing").glob(".*.tmp")
    assert not tile.path(tmp_path).exists()
    alive = left.with_name(left.name.replace(f".{job.pid}.", f".{os.getppid()}."))
    alive.touch()
    compute_tile(tmp_path, tile)
    assert sorted((tmp_path / "dephasing").glob(".*.tmp")) == [alive]
    assert socket.gethostname() in left.name


def test_an_existing_tile_stays_until_its_successor_is_whole(tmp_path):
    tile = one_tile()
    compute_tile(tmp_path, tile)
    before = tile.path(tmp_path).read_bytes()
    with pytest.raises(KeyboardInterrupt), new_tile(tmp_path, tile, tile.shape) as dataset:
        dataset["tau_phi"][0] = 1.0
        raise KeyboardInterrupt
    assert tile.path(tmp_path).read_bytes() == before


def test_every_flipped_bit_in_the_numbers_is_noticed(tmp_path):
    tile = one_tile()
    path = compute_tile(tmp_path, tile)
    original = path.read_bytes()
    random = np.random.default_rng(7)
    for name in ("T", "tau_phi", "tau_phi_relaxation"):
        with open_tile(tmp_path, tile) as dataset:
            numbers = dataset[name][...].tobytes()
        start = original.index(numbers)
        for position in start + random.integers(len(numbers), size=20):
            damaged = bytearray(original)
            damaged[position] ^= 1 << random.integers(8)
            path.write_bytes(damaged)
            with pytest.raises(SurveyError, match=f"{path}: damaged"):
                read(tmp_path, tile)
        path.write_bytes(original)


def alter_attribute(path):
    with netCDF4.Dataset(path, "a") as dataset:
        dataset["tau_phi"].units = "ns"


def alter_coordinate(path):
    with netCDF4.Dataset(path, "a") as dataset:
        dataset["T"][0] = 0.011


def cut_off(path):
    path.write_bytes(path.read_bytes()[:-200])


def write_garbage(path):
    path.write_text("not a netCDF file")


@pytest.mark.parametrize("damage", [alter_attribute, alter_coordinate, cut_off, write_garbage, Path.unlink])
def test_a_damaged_tile_is_refused(tmp_path, damage):
    tile = one_tile()
    path = compute_tile(tmp_path, tile)
    damage(path)
    with pytest.raises(SurveyError, match=tile.digest):
        read(tmp_path, tile)


def test_a_tile_under_the_name_of_another_is_refused(tmp_path):
    tile, other = one_tile(), one_tile(dtype="float32")
    shutil.copy(compute_tile(tmp_path, tile), other.path(tmp_path))
    with pytest.raises(SurveyError, match="holds another tile than its name says"):
        read(tmp_path, other)


def test_cells_that_were_never_written_are_refused(tmp_path):
    tile = one_tile()
    with new_tile(tmp_path, tile, tile.shape) as dataset:
        for name in tile.variables[:-1]:
            dataset[name][:] = 1.0
    with pytest.raises(SurveyError, match="status has cells that were never written"):
        read(tmp_path, tile)


def test_the_time_that_a_tile_took_is_in_it(tmp_path):
    started = time.perf_counter()
    tile = one_tile()
    compute_tile(tmp_path, tile, threads=2)
    with open_tile(tmp_path, tile) as dataset:
        assert dataset.cells == tile.cells and dataset.threads == 2
        assert 0 < dataset.compute_seconds < time.perf_counter() - started
