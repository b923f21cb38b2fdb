"""What a step has written stays written when the machine loses its power: the order of write, fsync, rename, fsync."""

import os
from pathlib import Path

import pytest

from helpers import toy, wires
from helpers.recorder import Recorder, possible
from helpers.wires import FILE, RESULTS, STORE
from physics import QUANTITIES
from survey.store.files import replacing, write_text

pytestmark = pytest.mark.skipif(not possible(), reason="needs /proc, to tell the file of a descriptor")
# Marks of jobs and what Snakemake notes need not outlive the machine.
PASSING = (".running", ".failed")


@pytest.fixture
def recorder(monkeypatch):
    made = Recorder()
    made.install(monkeypatch)
    return made


def files() -> dict[Path, float]:
    found = [path for path in RESULTS.rglob("*") if path.is_file() and not set(PASSING) & set(path.parts)]
    return {path: path.stat().st_mtime_ns for path in found}


def test_every_file_of_the_results_is_durable(tmp_path, monkeypatch, capsys, recorder):
    wires.enter(tmp_path, monkeypatch, wires.SURVEY)
    steps = [("tile", FILE, tile.digest) for tile in wires.tiles()]
    steps += [("assemble", FILE, "dephasing"), ("crossovers", FILE), ("diagram", FILE, "times")]
    kinds = []
    for step in steps:
        before = files()
        recorder.calls.clear()
        wires.run(capsys, *step)
        new = [path for path, written in files().items() if before.get(path) != written]
        assert {str(path): fault for path in new if (fault := recorder.undurable(path))} == {}
        kinds += [path.suffix for path in new]
    assert sorted({*kinds}) == [".html", ".json", ".nc", ".png", ".svg"] and kinds.count(".nc") == 4


def test_a_tile_that_was_drafted_on_the_scratch_disk_is_durable(tmp_path, monkeypatch, recorder):
    toy.register(monkeypatch)
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setenv("SURVEY_SCRATCH", str(scratch))
    from survey.compute.tile import compute_tile

    path = compute_tile(tmp_path / "store", toy.one_tile())
    assert recorder.undurable(path) == ""


def test_an_accepted_code_is_durable(tmp_path, monkeypatch, capsys, recorder):
    wires.enter(tmp_path, monkeypatch)
    wires.run(capsys, "tile", FILE, wires.tiles()[0].digest)
    monkeypatch.setattr(type(QUANTITIES["dephasing"]), "fingerprint", lambda self: "a" * 16)
    wires.run(capsys, "restamp", "dephasing")
    (stamp,) = STORE.glob("dephasing/*.json")
    assert "a" * 16 in stamp.read_text() and recorder.undurable(stamp) == ""


def test_new_folders_are_durable(tmp_path, recorder):
    write_text(tmp_path / "a" / "b" / "c.txt", "text")
    synced = {call[1]: call[2] for call in recorder.calls if call[0] == "fsync"}
    assert "a" in synced[tmp_path.stat().st_ino] and "b" in synced[(tmp_path / "a").stat().st_ino]


def test_the_recorder_sees_each_fault(tmp_path, recorder):
    path = tmp_path / "file"
    path.write_text("in its place at once")
    assert "in its place" in recorder.undurable(path)
    with replacing(path) as temporary:
        temporary.write_text("durable")
    assert recorder.undurable(path) == ""
    draft = tmp_path / "draft"
    draft.write_text("never synced")
    os.replace(draft, path)
    assert "not synced between" in recorder.undurable(path)
    draft.write_text("synced, but")
    with draft.open("a") as file:
        os.fsync(file.fileno())
        file.write("then written to")
    os.replace(draft, path)
    assert "not synced between" in recorder.undurable(path)
    with draft.open("w") as file:
        file.write("synced, and its folder not")
        file.flush()
        os.fsync(file.fileno())
    os.replace(draft, path)
    assert "folder was not synced" in recorder.undurable(path)
