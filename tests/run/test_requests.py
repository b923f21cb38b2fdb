"""What jobs ask of a cluster, and how answers of Slurm are read; without a cluster."""

import asyncio
import json
import os
from threading import Thread
from types import SimpleNamespace

import netCDF4
import pytest
from ruamel.yaml import YAML

from helpers import toy
from helpers.workspace import CUBE_ALONE, ROOT, Workspace
from survey.compute.cost import DEFAULT_RATE
from survey.compute.tile import compute_tile
from survey.run import marks
from survey.run.insides import patient
from survey.run.marks import marked, running
from survey.run.requests import (
    JOB,
    LONGEST,
    MOST_THREADS,
    Requests,
    gathered,
    megabytes,
    minutes,
    threads_given,
)
from survey.store.files import SCRATCH, on_scratch
from survey.store.tiles import tiles_of

SURVEY = toy.Survey(axes=toy.AXES | {"T": [0.01 + 0.001 * step for step in range(200)]})
TILES = tiles_of(SURVEY, "dephasing")


@pytest.fixture(autouse=True)
def toy_kernel(monkeypatch):
    toy.register(monkeypatch)


class Jobs:
    """What Requests uses of survey.jobs.Jobs."""

    def __init__(self, store):
        self.store, self.surveys = store, {SURVEY.name: SURVEY}
        self.tiles_of_cubes = {(SURVEY.name, "dephasing"): TILES}

    def tile(self, digest):
        return next(tile for tile in TILES if tile.digest == digest)

    def file_of_tile(self, digest):
        return SURVEY.path


def with_rate(monkeypatch, tmp_path, seconds_per_tile: float) -> Requests:
    """A cluster on which the largest tile takes so many seconds on one core."""
    largest = max(tile.cells for tile in TILES)
    monkeypatch.setattr("survey.run.requests.rate", lambda folder, tile: largest / seconds_per_tile)
    return Requests(Jobs(tmp_path))


def test_the_rate_is_measured_on_the_tiles_of_the_store(tmp_path):
    requests = Requests(Jobs(tmp_path))
    assert requests._rate(TILES[0]) == DEFAULT_RATE
    for tile, seconds in zip(TILES[:3], (10.0, 20.0, 40.0), strict=True):
        path = compute_tile(tmp_path, tile)
        with netCDF4.Dataset(path, "a") as dataset:
            dataset.setncatts({"cells": 1000, "threads": 2, "compute_seconds": seconds})
    assert Requests(Jobs(tmp_path))._rate(TILES[0]) == pytest.approx(1000 / (2 * 20.0))


@pytest.mark.parametrize(("seconds", "threads"), [(1.0, 1), (LONGEST - 5, 1), (2.5 * LONGEST, 3), (1e6, MOST_THREADS)])
def test_a_tile_gets_as_many_threads_as_keep_it_short(monkeypatch, tmp_path, seconds, threads):
    requests = with_rate(monkeypatch, tmp_path, seconds)
    largest = max(TILES, key=lambda tile: tile.cells)
    assert requests.threads_of_tile(largest.digest) == threads
    assert requests.minutes_of_tile(largest.digest, 1) >= 2 * seconds / 60 / threads


def test_tiles_are_gathered_to_jobs_of_about_ten_minutes(monkeypatch, tmp_path):
    assert len(TILES) > 4
    requests = with_rate(monkeypatch, tmp_path, JOB / 2.5)
    batches = {}
    for tile in TILES:
        batches.setdefault(requests.batch(tile.digest), []).append(requests._seconds(tile.digest))
    assert 1 < len(batches) < len(TILES)
    assert all(sum(seconds) <= JOB for seconds in batches.values())
    long = with_rate(monkeypatch, tmp_path, 5 * LONGEST)
    alone = [tile for tile in TILES if long.threads_of_tile(tile.digest) > 1]
    assert alone and len({long.batch(tile.digest) for tile in alone}) == len(alone)


def test_a_tile_of_the_store_is_in_no_batch(tmp_path):
    compute_tile(tmp_path, TILES[0])
    requests = Requests(Jobs(tmp_path))
    assert requests.batch(TILES[0].digest) is None and requests.batch(TILES[1].digest)


def test_names_are_gathered_in_order_and_none_is_lost():
    assert gathered([]) == []
    tiles = [("a", 0.4 * JOB), ("b", 0.6 * JOB), ("c", 0.1 * JOB), ("d", 2 * JOB), ("e", 1.0)]
    assert gathered(tiles) == [["a", "b"], ["c"], ["d"], ["e"]]


def test_each_attempt_asks_for_twice_as_much(tmp_path):
    requests, digest = Requests(Jobs(tmp_path)), TILES[0].digest
    for asked in (
        lambda attempt: requests.minutes_of_tile(digest, attempt),
        lambda attempt: requests.memory_of_tile(digest, attempt),
        lambda attempt: minutes(100.0, attempt),
        lambda attempt: megabytes(1e9, attempt),
    ):
        assert [asked(attempt) / asked(1) for attempt in (1, 2, 3)] == [1, 2, 4]


@pytest.mark.parametrize(("given", "expected"), [(None, 0), ("3", 3)])
def test_threads_are_those_that_slurm_gave(monkeypatch, given, expected):
    monkeypatch.delenv("SLURM_CPUS_PER_TASK", raising=False)
    if given:
        monkeypatch.setenv("SLURM_CPUS_PER_TASK", given)
    assert threads_given() == expected


def test_no_answer_of_slurm_is_no_news_and_a_job_that_was_ended_is_cancelled():
    async def answer(command, logger):
        return command

    ask = patient(answer)
    assert asyncio.run(ask((None, None), None)) == ({}, 0.0)
    states = {
        "1": "CANCELLED by 1000",
        "2": "RUNNING",
        "3": "PREEMPTED",
        "4": "OUT_OF_MEMORY",
        "5": "",
        "6": "NODE_FAIL",
    }
    cancelled = {"1": "CANCELLED", "3": "CANCELLED", "6": "CANCELLED"}
    assert asyncio.run(ask((states, 0.5), None)) == (states | cancelled, 0.5)


@pytest.fixture
def node(monkeypatch, tmp_path):
    """A scratch folder, named by another variable of the node, and what is written through it."""
    (tmp_path / "disk").mkdir()
    monkeypatch.setenv("NODE_DISK", str(tmp_path / "disk"))
    monkeypatch.setenv(SCRATCH, "$NODE_DISK")
    return tmp_path


def test_a_tile_is_written_on_the_scratch_of_the_node_and_put_in_its_place_whole(node, monkeypatch):
    used = []

    def dataset(path, *arguments, **options):
        used.append(os.fspath(path))
        return netCDF4.Dataset(path, *arguments, **options)

    monkeypatch.setattr("survey.store.store.netCDF4", SimpleNamespace(Dataset=dataset))
    path = compute_tile(node / "store", TILES[0])
    assert used[0].startswith(str(node / "disk"))
    monkeypatch.delenv(SCRATCH)
    other = compute_tile(node / "other", TILES[0])
    assert used[1].startswith(str(node / "other"))
    with netCDF4.Dataset(path) as mine, netCDF4.Dataset(other) as theirs:
        assert (mine["tau_phi"][:] == theirs["tau_phi"][:]).all()
    assert not list((node / "disk").iterdir()) and not list((node / "store").rglob("*.tmp"))


def test_without_a_scratch_folder_that_has_room_files_are_written_in_their_place(node, monkeypatch):
    target = node / "target"
    with on_scratch(target, size=int(1e18)) as path:
        assert path == target
    monkeypatch.setenv("NODE_DISK", str(node / "nowhere"))
    with on_scratch(target, size=1) as path:
        assert path == target


def test_what_fails_on_the_scratch_leaves_nothing(node):
    with pytest.raises(ZeroDivisionError), on_scratch(node / "target", 1) as path:
        path.write_text("half")
        raise ZeroDivisionError
    assert not (node / "target").exists() and not list((node / "disk").iterdir())


def test_both_profiles_run_the_same_workflow():
    """What says how a run treats files and failures is the same on a cluster as on one machine."""
    default, slurm = (
        YAML(typ="safe", pure=True).load(ROOT / "workflow" / "profiles" / name / "config.yaml")
        for name in ("default", "slurm")
    )
    assert default.keys() - slurm.keys() == {"cores"}
    assert {key: slurm[key] for key in default if key != "cores"} == {
        key: default[key] for key in default if key != "cores"
    }


def test_the_profile_reads_where_there_is_no_slurm(tmp_path):
    """A dry run with it, in which a batch is no job: two tiles and their cube."""
    workspace = Workspace(tmp_path)
    workspace.write("tiny", CUBE_ALONE)
    jobs = workspace.run("--workflow-profile", "profiles/slurm", "--dry-run")
    assert jobs == {"compute_tile": 2, "assemble_cube": 1, "build_page": 1}


def test_a_tile_that_another_job_computes_is_waited_for(tmp_path, monkeypatch):
    monkeypatch.setattr(marks, "PAUSE", 0.01)
    path = tmp_path / "tile.nc"
    with marked(tmp_path, "tile"):
        waiting = Thread(target=marks.wait_for_others, args=(tmp_path, "tile", path))
        waiting.start()
        waiting.join(0.1)
        assert waiting.is_alive()
        assert not marks.wait_for_others(tmp_path, "another", tmp_path / "another.nc")
        path.touch()
        waiting.join(10)
        assert not waiting.is_alive()


def test_a_job_that_was_killed_is_not_waited_for(tmp_path):
    with marked(tmp_path, "tile"):
        (mark,) = running(tmp_path)
    dead = mark.said | {"process": 2**22 + 1}
    mark.path.write_text(json.dumps(dead))
    assert [each.alive for each in running(tmp_path)] == [False]
    assert not marks.wait_for_others(tmp_path, "tile", tmp_path / "tile.nc")
