"""What a run would do: what is known, copied and new, from measured rates, and whether it fits."""

import dataclasses
import json
import math
import os
import random
import shutil
from itertools import product

import netCDF4
import pytest

from helpers import wires
from helpers.wires import FILE, STORE
from survey.compute import evaluate, rates
from survey.config.load import load_survey
from survey.run import plan
from survey.store.tiles import tiles_of
from survey.words import duration, size


@pytest.fixture
def survey(tmp_path, monkeypatch, capsys):
    wires.enter(tmp_path, monkeypatch)
    return lambda *arguments, code=0: wires.run(capsys, *arguments, code=code)


def planned(survey, *arguments) -> dict:
    return json.loads(survey("plan", FILE, "--json", "--cores", "2", "--no-measure", *arguments))


def test_the_plan_for_programs(survey):
    found = planned(survey)
    (quantity,) = found["quantities"]
    assert (quantity["cells"], quantity["cells_known"], quantity["cells_new"]) == (400, 0, 400)
    assert quantity["measured_tiles"] == 0 and quantity["cells_per_second_and_core"] == plan.DEFAULT_RATE
    assert found["core_hours"] == pytest.approx(400 / plan.DEFAULT_RATE / 3600)
    # Three times and two flags, in the tiles and in the cube.
    assert found["bytes_new"] == 2 * 400 * (3 * 8 + 2) and found["warnings"] == []
    assert [tile["state"] for tile in quantity["tiles"]] == ["new", "new"]
    survey("tile", FILE, quantity["tiles"][0]["digest"])
    (quantity,) = planned(survey)["quantities"]
    assert quantity["cells_new"] == 400 - quantity["cells_known"] > 0 and quantity["measured_tiles"] == 1


@pytest.mark.parametrize("cores", [1, 3, 9])
@pytest.mark.parametrize("kind", ["copied", "virtual"])
def test_the_time_counts_every_start(survey, cores, kind):
    """Of Snakemake, of each job in its turn and of the one that makes the cube beside the kernel's own time."""
    wires.change("  T: {start: 10 mK, stop: 1 K, num: 50}", "  T: {start: 10 mK, stop: 1 K, num: 100}")
    wires.change("dephasing: {}", f"dephasing: {{cube: {kind}}}")
    found = json.loads(survey("plan", FILE, "--json", "--no-measure", "--cores", cores))
    cells = [math.prod(tile["shape"]) for tile in found["quantities"][0]["tiles"]]
    assert sum(cells) == 800 and len(cells) == 4
    ends = [0.0] * cores
    for each in cells:
        # Tiles are begun in their order, each on the core that is free first; cores that are over help the kernel.
        first = ends.index(min(ends))
        ends[first] += 2.5 + each / 8e5 / max(1, cores // 4)
    # A virtual cube takes 4 ms for each tile, a copied one is written with 200 MB/s.
    cube = 4 * 4e-3 if kind == "virtual" else 800 * 26 / 2e8
    assert found["seconds"] == pytest.approx(2.0 + max(ends) + 2.5 + cube, rel=1e-12)
    assert found["quantities"][0]["seconds"] == pytest.approx(found["seconds"] - 2.0, rel=1e-12)
    for tile in found["quantities"][0]["tiles"]:
        survey("tile", FILE, tile["digest"])
    (quantity,) = planned(survey)["quantities"]
    assert quantity["seconds"] == 0


def test_cells_that_other_tiles_hold_are_not_new(survey, capsys):
    wires.everything(capsys)
    wires.change("Estar: {values: [1 K, 10 K]}", "Estar: {values: [1 K, 3 K, 10 K]}")
    found = planned(survey)
    (quantity,) = found["quantities"]
    assert (quantity["cells"], quantity["cells_known"]) == (600, 0)
    assert (quantity["cells_copied"], quantity["cells_new"]) == (400, 200)
    assert quantity["core_hours"] == pytest.approx(200 / quantity["cells_per_second_and_core"] / 3600)
    assert "to copy      400 of these cells, which other tiles hold" in survey("plan", FILE)


def test_a_full_disk_and_too_little_memory_are_told_before(survey, monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: shutil._ntuple_diskusage(100, 99, 1))
    monkeypatch.setattr("os.sysconf", lambda name: 1)
    said = survey("plan", FILE)
    assert "warning      the new files take up to 20.8 kB, and results/store has 1 bytes free" in said
    assert "give Snakemake fewer --cores" in said
    assert len(planned(survey)["warnings"]) == 2


def test_memory_is_that_of_measured_jobs(survey):
    before = planned(survey)["bytes_in_memory"]
    folder = STORE / "dephasing" / "benchmarks"
    folder.mkdir(parents=True)
    (folder / "a.tsv").write_text("s\th:m:s\tmax_rss\n1.0\t0:00:01\t1000.0\n")
    (folder / "b.tsv").write_text("s\th:m:s\tmax_rss\n1.0\t0:00:01\t-\n")
    (folder / "c.tsv").write_text("")
    assert planned(survey)["bytes_in_memory"] == 2 * 1000 * 2**20 != before


def timed(path, cells: int, seconds: float) -> None:
    with netCDF4.Dataset(path, "a") as dataset:
        dataset.setncatts({"cells": cells, "threads": 1, "compute_seconds": seconds})


def test_the_rate_is_that_of_cells_apart_from_the_start_of_the_newest(survey, capsys):
    wires.everything(capsys)
    one, other = sorted(STORE.glob("*/*.nc"), key=lambda path: path.stat().st_mtime)
    timed(one, 100, 1.0)
    timed(other, 5000, 10.8)
    os.utime(one, (1, 1))
    both = rates.measured([one, other], 5)
    assert both.value == pytest.approx(500) and both.start == pytest.approx(0.8) and both[1::4] == (2, 5000)
    assert rates.measured([one], 5)[:2] == (100.0, 1) and rates.measured([one, other], 1).tiles == 1
    assert rates.measured([STORE / "none.nc"], 5) == rates.Rate()


def test_a_rate_is_found_under_starts_and_busy_moments():
    """Tiles that took 2 s to start and 1 ms a cell, every fifth one on a machine three times as slow."""
    rng = random.Random(1)
    times = []
    for number, cells in enumerate(rng.choices([10, 50, 1000, 20_000, 30_000], k=50)):
        seconds = (2.0 + 1e-3 * cells) * rng.uniform(0.95, 1.05) * (3 if number % 5 == 4 else 1)
        times.append((cells, seconds))
    found = rates.fitted(times)
    assert found.value == pytest.approx(1000, rel=0.15) and found.start == pytest.approx(2, rel=0.3)
    assert found.low < 1000 < found.high and found.largest == 30_000


def test_tiles_of_one_size_leave_their_start_open():
    found = rates.fitted([(100.0, 1.0), (110.0, 1.1)])
    assert (found.value, found.start) == (pytest.approx(100), 0.0)
    assert found.high == pytest.approx(200) and found.low == pytest.approx(80)
    assert rates.fitted([(10.0, 0.002), (20.0, 0.002)]).value == pytest.approx(10_000)


def test_two_tiny_tiles_do_not_tell_what_a_large_one_takes(survey, capsys, monkeypatch):
    """The store has them; a sample of what is to be computed is taken, and says in passing how sure it is."""
    wires.everything(capsys)
    for path in STORE.glob("*/*.nc"):
        timed(path, 4, 4.0)
    monkeypatch.setattr("survey.run.plan.sampled_rate", lambda tiles, threads, cells: (1e3, 7))
    wires.change("chi: {values: [0.1, 0.3]}", "chi: {values: [0.2, 0.4]}")
    (quantity,) = json.loads(survey("plan", FILE, "--json"))["quantities"]
    assert (quantity["cells_per_second_and_core"], quantity["sampled_chunks"]) == (1e3, 7)
    assert quantity["cells_per_second_and_core_between"] == [750, 1250]
    assert planned(survey)["quantities"][0]["cells_per_second_and_core"] == 1
    for path in STORE.glob("*/*.nc"):
        timed(path, 200, 4.0)
    (quantity,) = json.loads(survey("plan", FILE, "--json"))["quantities"]
    assert (quantity["cells_per_second_and_core"], quantity["sampled_chunks"]) == (50, 0)
    least, most = quantity["seconds_between"]
    assert least < quantity["seconds"] < most
    assert "about" in survey("plan", FILE) and " to " in survey("plan", FILE)


def test_a_sample_that_fails_is_no_matter_of_the_plan(survey, monkeypatch):
    def fails(*arguments):
        raise ZeroDivisionError

    monkeypatch.setattr("survey.run.plan.sampled_rate", fails)
    (quantity,) = json.loads(survey("plan", FILE, "--json"))["quantities"]
    assert quantity["cells_per_second_and_core"] == plan.DEFAULT_RATE and quantity["sampled_chunks"] == 0


def test_the_rate_is_that_of_tiles_alike(survey, capsys):
    wires.everything(capsys)
    (tile, *_) = tiles_of(load_survey(FILE), "dephasing")
    folder = tile.path(STORE).parent
    assert rates.of_quantity(folder, tile, 5)[1] == 2
    narrower = dataclasses.replace(tile, variables=("tau_phi",))
    assert narrower.family != tile.family and rates.of_quantity(folder, narrower, 5)[1] == 2
    shutil.copy(tile.path(STORE), folder / f"{narrower.family}-other.nc")
    assert rates.of_quantity(folder, narrower, 5)[1] == 1
    glass = dataclasses.replace(tile, options=dict(tile.options) | {"distribution": "glass"})
    assert rates.of_quantity(folder, glass, 5) == rates.Rate()


def test_a_sample_tells_the_rate(survey, monkeypatch):
    monkeypatch.setattr(rates, "SECONDS", 0.1)
    (quantity,) = planned(survey, "--measure")["quantities"]
    assert quantity["sampled_chunks"] >= 2 and quantity["measured_tiles"] == 0
    assert 1e2 < quantity["cells_per_second_and_core"] < 1e7
    assert "of this grid" in survey("plan", FILE, "--measure")
    assert not STORE.exists()


def test_a_sample_takes_no_more_threads_than_there_are_cores(survey, monkeypatch):
    asked = []
    monkeypatch.setattr("survey.run.plan.sampled_rate", lambda tiles, threads, cells: (asked.append(threads) or 1e6, 1))
    monkeypatch.setattr("os.cpu_count", lambda: 3)
    for cores in ("1", "1000"):
        survey("plan", FILE, "--measure", "--cores", cores)
    assert asked == [1, 3]


def test_a_foreign_file_in_the_store_tells_no_rate(survey, capsys):
    wires.everything(capsys)
    (tile, *_) = tiles_of(load_survey(FILE), "dephasing")
    path = tile.path(STORE)
    glass = dataclasses.replace(tile, options=dict(tile.options) | {"distribution": "glass"})
    for identity in ("nonsense", "[]", "{}"):
        with netCDF4.Dataset(path, "a") as dataset:
            dataset.identity = identity
        assert rates.of_quantity(path.parent, glass, 5) == rates.Rate()


def test_every_chunk_of_a_tile_may_be_sampled(survey, monkeypatch):
    monkeypatch.setattr(
        "survey.compute.evaluate.chunk_shape", lambda tile: tuple(1 + (length > 3) for length in tile.shape)
    )
    tile = tiles_of(load_survey(FILE), "dephasing")[0]
    rng = random.Random(0)
    found = {place for _ in range(3000) for place in product(*evaluate.random_chunk(tile, rng).places)}
    assert found == set(product(*map(range, tile.shape)))


def test_numbers_in_words():
    assert [size(number) for number in (1, 1500, 2.5e9, 3e15)] == ["1 bytes", "1.5 kB", "2.5 GB", "3e+03 TB"]
    assert [duration(seconds) for seconds in (3, 600, 7200)] == ["3 s", "10 min", "2.0 h"]
