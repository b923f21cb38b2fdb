"""Tiles and answers that workers of dask.distributed compute: the same bits as here, and clear words when it fails."""

import importlib.metadata
import logging
import socket
import sys
import time
from dataclasses import replace
from functools import partial
from pathlib import Path

import dask
import netCDF4
import numpy as np
import pytest
import xarray as xr
from click.testing import CliRunner

import physics
from helpers import toy
from helpers.on_workers import damaged, dying, raising
from helpers.small_cubes import AXES, crossover, emptied, empty_corner, write
from survey.cli import main
from survey.cli.query import query as command
from survey.compute import workers
from survey.compute.tile import compute_tile
from survey.errors import Damaged, SurveyError
from survey.query import parts as query_parts
from survey.query.answer import query

distributed = pytest.importorskip("distributed")
TESTS = Path(__file__).parents[1]
# What workers run first: they take the toy kernel, or have no such package.
TOY = f"""
import sys
sys.path.insert(0, {str(TESTS)!r})
from dataclasses import replace
import physics
from helpers.unlimited import unlimited
physics.QUANTITIES["dephasing"] = replace(unlimited("dephasing"), kernel="helpers.toy:dephasing")
"""
WITHOUT = "import sys\nsys.modules['survey'] = None\n"


@pytest.fixture(scope="module")
def start(tmp_path_factory):
    """A function that starts a scheduler with workers (processes, each with so many threads, which run a text first)
    and returns its address; all of them end with the tests."""
    clusters = []

    def started(preload=TOY, processes=2, threads=1):
        file = tmp_path_factory.mktemp("preload") / "first.py"
        file.write_text(preload)
        options = {"preload": [str(file)], "threads_per_worker": threads, "silence_logs": logging.CRITICAL}
        quiet = {"dashboard": False, "dashboard_address": ":0"}
        clusters.append(distributed.LocalCluster(n_workers=processes, scheduler_kwargs=quiet, **options))
        return clusters[-1].scheduler_address

    yield started
    for cluster in clusters:
        cluster.close()


@pytest.fixture(scope="module")
def address(start):
    return start()


@pytest.fixture(autouse=True)
def _toy(monkeypatch):
    forget = workers.code_here.cache_clear
    forget()
    toy.register(monkeypatch)
    yield
    forget()


def apply(scheduler, function, items, take=lambda item, result: None):
    with workers.workers(scheduler, 1, "dephasing") as each:
        each(function, items, take, "number {}".format)


def bits(path):
    with netCDF4.Dataset(path) as dataset:
        return {name: dataset[name][...].tobytes() for name in dataset.variables}


# The same bits


@pytest.mark.parametrize("cells", [500, 50, 7])
def test_a_tile_of_workers_is_that_of_threads(tmp_path, address, cells):
    tile, told = toy.one_tile(), []
    there = compute_tile(tmp_path / "there", tile, 1, cells, told.append, address)
    assert bits(there) == bits(compute_tile(tmp_path / "here", tile, 3, cells))
    assert told == sorted(told) and told[-1] == tile.cells
    # The rates that plans are made of are those of threads.
    with netCDF4.Dataset(there) as dataset:
        assert not hasattr(dataset, "compute_seconds")


def test_workers_of_several_threads(tmp_path, start):
    tile = toy.one_tile(dtype="float32")
    there = compute_tile(tmp_path / "there", tile, cells=12, scheduler=start(processes=1, threads=3))
    assert bits(there) == bits(compute_tile(tmp_path / "here", tile))


def test_known_cells_are_copied_here_and_need_no_workers(tmp_path):
    whole = toy.one_tile()
    compute_tile(tmp_path, whole)
    part = replace(whole, axes={**whole.axes, "chi": whole.axes["chi"][1:]})
    assert compute_tile(tmp_path, part, scheduler="tcp://127.0.0.1:1").exists()


FREE = {"Lambda0": [5e-4, 1e-2], "chi": 0.05}
MANY = {"T": np.geomspace(0.011, 0.99, 40).tolist(), "chi": [0.05, 0.2, 0.3], "Lambda0": 5e-4}
PLANE = {"Estar": 0.7, "chi": "0.05, 0.1"}


@pytest.mark.parametrize("at", [FREE, MANY, PLANE])
@pytest.mark.parametrize(("formula", "status"), [(crossover, None), (emptied, empty_corner)])
@pytest.mark.parametrize("nearest", [False, True])
def test_an_answer_in_parts_is_the_answer(tmp_path, monkeypatch, at, formula, status, nearest):
    """On threads in place of workers: what is asked of each part, and how parts are joined."""
    path = write(tmp_path / "cube.nc", formula, status=status)
    monkeypatch.setattr(query_parts, "workers", lambda scheduler, threads, **how: workers.workers(None, 2))
    monkeypatch.setattr(query_parts, "PART", 1e-3)
    for variable in ("tau_phi", "status"):
        found = query(path, variable, nearest=nearest, scheduler="some", **at)
        xr.testing.assert_identical(found, query(path, variable, nearest=nearest, **at))


def test_workers_answer_a_query(tmp_path, address, monkeypatch):
    path = write(tmp_path / "cube.nc", emptied, status=empty_corner)
    at = (path, "tau_phi", "chi=0.05", "--format", "csv")
    asked = [str(one) for one in at]
    alone = CliRunner().invoke(command, asked)
    assert alone.exit_code == 3
    monkeypatch.setattr(query_parts, "PART", 1e-4)
    for how in ({"args": [*asked, "--scheduler", address]}, {"args": asked, "env": {"SURVEY_SCHEDULER": address}}):
        shared = CliRunner().invoke(command, **how)
        assert (shared.exit_code, shared.stdout, shared.stderr) == (3, alone.stdout, alone.stderr)


def test_a_small_answer_needs_no_workers(tmp_path):
    path = write(tmp_path / "cube.nc", crossover)
    point = {"T": 0.123, "Lambda0": 5e-4, "chi": 0.05, "Estar": 0.7}
    found = query(path, "tau_phi", scheduler="tcp://127.0.0.1:1", **point)
    xr.testing.assert_identical(found, query(path, "tau_phi", **point))


def test_the_limit_of_cells_holds_for_each_part(tmp_path, monkeypatch):
    path = write(tmp_path / "cube.nc", crossover)
    monkeypatch.setattr(query_parts, "workers", lambda scheduler, threads, **how: workers.workers(None, 2))
    monkeypatch.setattr(query_parts, "PART", 1e-5)
    monkeypatch.setattr("survey.query.cells.MOST_CELLS", 300)
    assert query(path, "tau_phi", scheduler="some").tau_phi.size == np.prod([len(axis) for axis in AXES.values()])
    monkeypatch.setattr("survey.query.cells.MOST_CELLS", 200)
    with pytest.raises(SurveyError, match=r"needs 2\.4e\+02 cells; allowed: 2\.0e\+02"):
        query(path, "tau_phi", scheduler="some")


def test_results_wait_with_their_workers(address):
    """Few items are on their way at a time, however many there are and however slowly they are taken."""
    drawn, most = [], []

    def take(item, result):
        most.append(len(drawn) - len(most))
        assert result == abs(item)

    apply(address, abs, (drawn.append(n) or n for n in range(40)), take)
    assert len(most) == 40 and max(most) <= workers.AHEAD * 2


# What can go wrong


def test_an_exception_of_a_worker_is_that_of_the_kernel(address):
    with pytest.raises(ZeroDivisionError, match="the kernel's own words") as failure:
        apply(address, raising, range(9))
    assert failure.value.__notes__ == ["where it was"]
    with pytest.raises(Damaged, match=r"cube.nc: damaged \(a bit\)") as failure:
        apply(address, damaged, range(9))
    assert failure.value.path == "cube.nc"


def test_a_failing_chunk_is_named_and_leaves_nothing(tmp_path, address, monkeypatch):
    tile = toy.one_tile(dtype="float32", variables=("tau_phi",))
    small = replace(tile, constants={**tile.constants, "sigma_in": 1e-65})
    # No first cell here, so that the fault is met on a worker.
    monkeypatch.setattr("survey.compute.tile.evaluate", lambda tile, axes, variables: None)
    with pytest.raises(SurveyError, match="float32 holds") as failure:
        compute_tile(tmp_path, small, cells=50, scheduler=address)
    assert "chunk T" in failure.value.__notes__[0]
    assert not list((tmp_path / "dephasing").iterdir())


def test_a_worker_that_dies_is_replaced_and_an_item_that_always_kills_is_named(tmp_path, start):
    # Twice is always, where thrice is not waited for.
    with dask.config.set({"distributed.scheduler.allowed-failures": 1}):
        scheduler, done = start(processes=1), []
    apply(scheduler, partial(dying, tmp_path), [1], lambda item, result: done.append(result))
    assert done == [1]
    with pytest.raises(SurveyError, match="number 3: 2 workers died while they computed it"):
        apply(scheduler, partial(dying, tmp_path), [3])


def test_other_code_and_no_code_on_a_worker(start, monkeypatch, address):
    monkeypatch.setattr(physics.Quantity, "fingerprint", lambda self: "mine")
    with pytest.raises(SurveyError, match=r"worker tcp://.*: found code of dephasing with .*; allowed: mine, which is"):
        apply(address, abs, [1])
    monkeypatch.undo()
    with pytest.raises(SurveyError, match=r"worker tcp://.* cannot use this package \(.*No module named 'survey"):
        apply(start(WITHOUT, 1), abs, [1])
    workers.code_here.cache_clear()
    monkeypatch.setattr(workers, "version", lambda name: "0.0.9")
    with pytest.raises(
        SurveyError, match=rf"found tls-atlas {importlib.metadata.version('tls-atlas')}; allowed: 0\.0\.9"
    ):
        apply(address, abs, [1])


def test_a_worker_that_comes_later_is_looked_at_too(address, monkeypatch):
    # The look at those that are there at the beginning.
    monkeypatch.setattr(workers, "_check", lambda found, code: None)
    code = workers.code_here("dephasing")._replace(fingerprint="mine")
    monkeypatch.setattr(workers, "code_here", lambda quantity: code)
    with pytest.raises(SurveyError, match=r"worker tcp://.*: found code of dephasing .*; allowed: mine"):
        apply(address, abs, [1])


def test_a_scheduler_that_is_not_there(monkeypatch):
    monkeypatch.setattr(workers, "CONNECT", 0.5)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        closed = f"tcp://127.0.0.1:{taken.getsockname()[1]}"
        started = time.monotonic()
        with pytest.raises(SurveyError, match=rf"no scheduler at {closed} within 0\.5 s"):
            apply(closed, abs, [1])
        assert time.monotonic() - started < 10
    for wrong in ("slrum", "localhost:8786"):
        with pytest.raises(
            SurveyError, match=rf"found the scheduler '{wrong}'; allowed: an address as tcp://host:port"
        ):
            apply(wrong, abs, [1])


def test_a_scheduler_without_workers_and_a_scheduler_file(tmp_path, start, monkeypatch):
    monkeypatch.setattr(workers, "ALONE", 0.2)
    file = tmp_path / "scheduler.json"
    file.write_text(f'{{"address": "{start(processes=0)}"}}')
    with pytest.raises(SurveyError, match=r"the scheduler at tcp://.* has had no workers for 0\.2 s"):
        apply(str(file), abs, [1])
    file.write_text("[]")
    with pytest.raises(SurveyError, match=r"scheduler\.json: not a scheduler file"):
        apply(str(file), abs, [1])


def test_workers_that_do_not_see_the_cube(tmp_path):
    with pytest.raises(SurveyError, match=rf"a worker on {socket.gethostname()} sees no such file"):
        query_parts._part((str(tmp_path / "cube.nc"), None, "tau_phi", 0, {}, {}))
    path = write(tmp_path / "cube.nc", crossover)
    with pytest.raises(SurveyError, match="sees another cube there"):
        query_parts._part((str(path), "other", "tau_phi", 0, {}, {}))


def test_without_distributed_it_says_what_to_install(monkeypatch, capsys, tmp_path):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(
        SurveyError, match=r"needs the package distributed.*allowed: `uv pip install tls-atlas\[cluster\]`"
    ):
        apply("tcp://127.0.0.1:1", abs, [1])
    monkeypatch.setitem(sys.modules, "dask_jobqueue", None)
    monkeypatch.delitem(sys.modules, "distributed")
    with pytest.raises(SurveyError, match=r"'slurm' needs dask_jobqueue"):
        apply("slurm", abs, [1])
    with pytest.raises(SystemExit) as ended:
        main(["tile", str(tmp_path / "absent.yaml"), "x", "--scheduler", "slurm"])
    assert ended.value.code == 2
