"""Who works on what, how far the surveys are, and what failed: all from files, and never in the way of a job."""

import errno
import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import netCDF4
import pytest

import physics
from helpers import toy, wires
from helpers.wires import CUBE, FILE, RESULTS, STORE
from survey.config.load import load_survey
from survey.run import marks, progress
from survey.store import stamps
from survey.store.files import alive, born
from survey.upkeep.status import status
from survey.words import bar


@pytest.fixture
def survey(tmp_path, monkeypatch, capsys):
    wires.enter(tmp_path, monkeypatch)
    return lambda *arguments, code=0: wires.run(capsys, *arguments, code=code)


def test_a_mark_lasts_as_long_as_its_job(tmp_path):
    with marks.marked(tmp_path, "a", cells=10) as tell:
        (mark,) = marks.running(tmp_path)
        assert mark.alive and mark.key == "a" and mark.said["cells"] == 10 and mark.rate == 0
        tell(3)
    assert not marks.running(tmp_path) and not marks.failed(tmp_path)


def test_a_sign_of_life_says_how_far_the_job_is(tmp_path, monkeypatch):
    monkeypatch.setattr(marks, "BEAT", 0.01)
    with marks.marked(tmp_path, "a") as tell:
        tell(100)
        time.sleep(0.05)
        tell(300)
        deadline = time.monotonic() + 10
        while marks.running(tmp_path)[0].said["done"] < 300 and time.monotonic() < deadline:
            time.sleep(0.01)
        (mark,) = marks.running(tmp_path)
    assert mark.said["done"] == 300
    # 200 cells in 0.05 s or, on a machine that is busy, somewhat more.
    assert 0 < mark.rate <= 200 / 0.05


def test_a_failure_is_kept_until_the_job_succeeds(tmp_path):
    with pytest.raises(ZeroDivisionError), marks.marked(tmp_path, "a", log="a.log"):
        try:
            raise ZeroDivisionError("nothing to divide by")
        except ZeroDivisionError as error:
            error.add_note("chunk T 1 ... 2")
            raise
    said = marks.failed(tmp_path)["a"].said
    assert (said["exception"], said["message"], said["notes"], said["log"]) == (
        "ZeroDivisionError",
        "nothing to divide by",
        ["chunk T 1 ... 2"],
        "a.log",
    )
    with pytest.raises(KeyboardInterrupt), marks.marked(tmp_path, "a"):
        raise KeyboardInterrupt
    assert list(marks.failed(tmp_path)) == ["a"] and not marks.running(tmp_path)
    with marks.marked(tmp_path, "a"):
        pass
    assert not marks.failed(tmp_path)


def test_a_killed_job_is_known_for_dead_and_the_next_one_removes_its_mark(tmp_path):
    code = """
import sys, time
from pathlib import Path
from survey.run.marks import marked
with marked(Path(sys.argv[1]), "a"):
    print("at work", flush=True)
    time.sleep(60)
"""
    job = subprocess.Popen([sys.executable, "-c", code, tmp_path], stdout=subprocess.PIPE, text=True)
    assert job.stdout.readline() == "at work\n"
    assert marks.running(tmp_path)[0].alive
    job.send_signal(signal.SIGKILL)
    job.communicate()
    (mark,) = marks.running(tmp_path)
    assert not mark.alive and mark.said["process"] == job.pid
    with marks.marked(tmp_path, "a"):
        assert [each.said["process"] for each in marks.running(tmp_path)] == [os.getpid()]
    assert not marks.running(tmp_path)


def test_a_number_that_another_process_has_now_is_not_the_job(tmp_path):
    assert alive(os.getpid()) and alive(os.getpid(), born(os.getpid()))
    if born(os.getpid()):
        assert not alive(os.getpid(), "1")


def test_a_job_of_another_machine_lives_as_long_as_it_writes(tmp_path):
    with marks.marked(tmp_path, "a"):
        (mark,) = marks.running(tmp_path)
        far = mark.path.with_name("b@elsewhere@1.json")
        far.write_text(json.dumps(mark.said | {"key": "b", "host": "elsewhere", "process": 1}))
        assert {each.key: each.alive for each in marks.running(tmp_path)} == {"a": True, "b": True}
        os.utime(far, (time.time() - 2 * marks.SILENCE,) * 2)
        assert {each.key: each.alive for each in marks.running(tmp_path)} == {"a": True, "b": False}


def test_where_no_mark_can_be_written_the_job_goes_on(tmp_path):
    store = tmp_path / "store"
    store.write_text("a file where the folder should be")
    with marks.marked(store, "a") as tell:
        tell(1)
    assert store.read_text() == "a file where the folder should be"


def test_a_failure_is_told_on_a_full_disk_too(tmp_path, monkeypatch):
    def full(path, *_, **__):
        path.touch()
        raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(ZeroDivisionError), marks.marked(tmp_path, "a"):
        monkeypatch.setattr(Path, "write_text", full)
        raise ZeroDivisionError("nothing to divide by")
    assert marks.failed(tmp_path)["a"].said["message"] == "nothing to divide by"
    assert [path.name for path in tmp_path.rglob("*.*")] == [".running", ".failed", "a.json"]


def test_what_is_no_mark_is_passed_over(tmp_path):
    folder = tmp_path / ".running"
    folder.mkdir()
    for name, text in {"a": "", "b": "{", "c": "[]", "d": "{}"}.items():
        (folder / f"{name}.json").write_text(text)
    assert marks.running(tmp_path) == []


def test_from_nothing_to_done(survey):
    said = survey("status", code=1)
    assert "wires: incomplete" in said and "0.0 %, 0 of 400 cells; 0 of 2 tiles, 2 missing" in said
    assert "missing      cube dephasing" in said and "missing      crossovers wires" in said
    first, second = wires.tiles()
    survey("tile", FILE, first.digest)
    found = json.loads(survey("status", "--json", code=1))
    (quantity,) = found["surveys"][0]["quantities"]
    assert (quantity["cells_done"], quantity["tiles_done"]) == (first.cells, 1)
    survey("tile", FILE, second.digest)
    survey("assemble", FILE, "dephasing")
    survey("crossovers", FILE)
    assert "missing      page dephasing" in survey("status", FILE, code=1)
    survey("page", FILE, "dephasing")
    said = survey("status", FILE)
    assert "wires: done" in said and "100.0 %, 400 of 400 cells; 2 of 2 tiles\n" in said
    assert "up to date   cube dephasing" in said and "up to date   crossovers wires" in said
    found = json.loads(survey("status", "wires", "--json"))
    assert found["exit_code"] == 0 and found["surveys"][0]["state"] == "done"
    assert not list(STORE.glob(".*/*"))

    wires.change("num: 50", "num: 51")
    said = survey("status", code=1)
    assert "out of date  cube dephasing: axes.T: only the cube has" in said
    assert f"out of date  crossovers wires: its source {CUBE} is out of date\n" in said


def test_a_running_tile_counts_with_the_part_that_is_done(survey, monkeypatch):
    tile = max(wires.tiles(), key=lambda tile: tile.cells)
    monkeypatch.setattr(marks, "BEAT", 0.01)
    about = {"what": "tile", "cells": 1000, "threads": 1}
    with marks.marked(STORE, tile.digest, **about) as tell:
        tell(250)
        time.sleep(0.02)
        tell(500)
        deadline = time.monotonic() + 10
        while marks.running(STORE)[0].said["done"] < 500 and time.monotonic() < deadline:
            time.sleep(0.01)
        (found,) = json.loads(survey("status", "--json", code=1))["surveys"]
        said = survey("status", code=1)
    (quantity,) = found["quantities"]
    assert found["state"] == "running" and quantity["tiles_running"] == 1 and quantity["tiles_missing"] == 1
    assert quantity["cells_done"] == tile.cells // 2
    # The other tile is not queued.
    assert quantity["seconds_left"] == pytest.approx(tile.cells / 2 / quantity["cells_per_second"])
    assert "1 running, 1 missing" in said and "cells/s, about " in said and "500 of 1,000 cells" in said


def test_a_failure_is_told_with_its_coordinates_until_it_is_mended(survey, monkeypatch):
    wires.fail(monkeypatch)
    last = max(wires.tiles(), key=lambda tile: tile.axes["T"])
    with pytest.raises(ZeroDivisionError):
        survey("tile", FILE, last.digest)
    said = survey("status", code=3)
    assert "wires: failed" in said and "1 failed, 1 missing" in said
    assert "ZeroDivisionError: the kernel's own words" in said
    assert f"dephasing, tile {last.digest}, chunk T" in said and "T " in said.split("    tile ")[1]
    (failure,) = json.loads(survey("status", "--json", code=3))["surveys"][0]["failures"]
    assert failure["axes"]["T"] == [last.axes["T"][0], last.axes["T"][-1]]
    assert failure["what"] == f"tile {last.digest} of dephasing" and failure["host"] == socket.gethostname()
    assert f"{last.cells} of these cells in 1 tile, when last tried" in survey("plan", FILE)

    toy.register(monkeypatch)
    survey("tile", FILE, last.digest)
    assert "failed" not in survey("status", code=1)


def test_a_failed_step_is_told_too(survey):
    survey("assemble", FILE, "dephasing", code=2)
    said = survey("status", code=3)
    assert "failed       cube dephasing" in said and "SurveyError" in said and "there is no such file" in said


def test_a_job_that_was_killed_is_said_to_be_interrupted(survey):
    tile = wires.tiles()[0]
    with marks.marked(STORE, tile.digest, what="tile x", cells=tile.cells, axes={"T": [0.01, 1.0]}, log="x.log"):
        (mark,) = marks.running(STORE)
    mark.path.write_text(json.dumps(mark.said | {"born": "1"}))
    gone = json.loads(mark.path.read_text())["process"]
    said = survey("status", code=3)
    assert f"interrupted  tile x on {socket.gethostname()}, process {gone}: it ended without a word" in said
    assert "wires: failed" in said and "1 interrupted, 1 missing" in said and "no run is alive" in said
    assert "    tile T 0.01 ... 1\n    log x.log\n" in said
    survey("tile", FILE, tile.digest)
    assert "interrupted" not in survey("status", code=1)


def test_changed_code_blocks(survey, monkeypatch):
    survey("tile", FILE, wires.tiles()[0].digest)
    monkeypatch.setattr(physics.Quantity, "fingerprint", lambda quantity: "0123456789abcdef")
    said = survey("status", code=3)
    assert "wires: blocked" in said and "blocked: the code of dephasing changed" in said


def test_no_tile_is_opened(survey, monkeypatch):
    """Some 1,600 empty files beside a stamp, and nothing that opens netCDF files."""
    wires.change("values: [0.1, 0.3]", "start: 0.1, stop: 0.3, num: 1000, spacing: linear")
    wires.change("values: [1 mK, 10 mK]", "start: 1 mK, stop: 10 mK, num: 1000")
    wanted = load_survey(FILE)
    paths = [tile.path(STORE) for tile in wires.tiles()]
    assert len(paths) > 1000
    paths[0].parent.mkdir(parents=True)
    for path in paths[:-1]:
        path.touch()
    stamps.accept(STORE, "dephasing", physics.QUANTITIES["dephasing"].fingerprint(), "computed the first tile")
    monkeypatch.setattr(netCDF4, "Dataset", None)
    monkeypatch.setattr("survey.upkeep.status.measured", lambda paths, most: (0.0, 0))
    found = status([wanted], RESULTS)["surveys"][0]["quantities"][0]
    assert found["tiles_done"] == len(paths) - 1 and found["tiles_missing"] == 1


@pytest.mark.parametrize("arguments", [["status", "none"], ["status", "none.yaml"], ["status", "--watch"]])
def test_a_fault_of_the_user(survey, arguments):
    survey(*arguments, code=2)


def test_without_a_configuration_the_survey_has_to_be_named(survey):
    Path("config/config.yaml").unlink()
    assert "config/config.yaml" in survey("status", code=2)


def test_a_damaged_cube_is_out_of_date(survey, capsys):
    wires.everything(capsys)
    CUBE.write_text("no netCDF file")
    assert "out of date  cube dephasing: it is damaged" in survey("status", code=1)


def test_a_log_has_plain_lines_now_and_then(monkeypatch, capsys):
    monkeypatch.setattr(progress, "PAUSE", 0.0)
    with progress.shown("tile x", 200) as show:
        show(50)
        show(200)
    said = capsys.readouterr().err
    assert said.startswith("tile x: 50 of 200 cells (25 %), about ") and said.count("\n") == 1


def test_a_terminal_has_a_bar(monkeypatch, capsys):
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    with progress.shown("tile x", 200) as show:
        show(50)
        show(200)
    said = capsys.readouterr().err
    assert "tile x" in said and "100%" in said


def test_a_bar_is_full_at_the_end_only():
    assert bar(0.0, 4) == "░░░░" and bar(0.999, 4) == "███░" and bar(1.0, 4) == "████"
