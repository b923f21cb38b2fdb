"""What Slurm is asked, and what it says when it does not answer as one would like."""

import json
import os
import sys
import time

import pytest

from helpers import wires
from helpers.wires import FILE, STORE
from survey.run import marks, slurm

HELD = """\
11|RUNNING|None|rule_compute_tile_wildcards_x|{here}
12|PENDING|Priority|rule_compute_tile_wildcards_x|{here}
13|PENDING|Resources|rule_compute_tile_wildcards_x|{here}
14|PENDING|Priority|rule_compute_tile_wildcards_x|{here}
15|TIMEOUT|TimeLimit|rule_compute_tile_wildcards_x|{here}
16|PENDING|Priority|(null)|{here}
17|PENDING|Priority|rule_compute_tile_wildcards_x|/elsewhere
"""


@pytest.fixture
def command(tmp_path, monkeypatch):
    """Puts a command of Slurm in the PATH, alone: a text that it prints, or lines of Python."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))

    def put(name, text="", code=""):
        path = folder / name
        path.write_text(f"#!{sys.executable}\nimport sys, time\nprint({text!r}, end='')\n{code}\n")
        path.chmod(0o755)

    return put


def test_the_jobs_of_the_folder_are_counted(tmp_path, command):
    command("squeue", HELD.format(here=tmp_path))
    said = slurm.asked(tmp_path, {"15"})
    assert said == {"pending": {"Priority": 2, "Resources": 1}, "running": 1, "states": {"15": "TIMEOUT"}}


def test_of_a_job_that_squeue_forgot_sacct_knows_the_end(tmp_path, command):
    command("squeue")
    command("sacct", "21|CANCELLED by 1000\n22|OUT_OF_MEMORY\n")
    said = slurm.asked(tmp_path, {"21", "22", "23"})
    assert said == {"pending": {}, "running": 0, "states": {"21": "CANCELLED", "22": "OUT_OF_MEMORY"}}


@pytest.mark.parametrize("code", [None, "sys.exit(1)", "time.sleep(20)"])
def test_without_an_answer_nothing_is_said(tmp_path, command, monkeypatch, code):
    monkeypatch.setattr(slurm, "PATIENCE", 0.5)
    if code:
        command("squeue", code=code)
    before = time.monotonic()
    assert slurm.asked(tmp_path, {"1"}) == {"pending": None, "running": None, "states": {}}
    assert time.monotonic() - before < 10


@pytest.fixture
def survey(tmp_path, monkeypatch, capsys):
    wires.enter(tmp_path, monkeypatch)
    return lambda *arguments, code: wires.run(capsys, "status", FILE, *arguments, code=code)


def killed(monkeypatch, job):
    """The mark of the first tile's job, which Slurm ended."""
    tile = wires.tiles()[0]
    monkeypatch.setenv("SLURM_JOB_ID", job)
    with marks.marked(STORE, tile.digest, what="tile x", cells=tile.cells):
        (mark,) = marks.running(STORE)
    mark.path.write_text(json.dumps(mark.said | {"host": "n1"}))
    os.utime(mark.path, (time.time() - 2 * marks.SILENCE,) * 2)


def test_a_job_that_slurm_killed_gets_its_word(survey, tmp_path, command, monkeypatch):
    killed(monkeypatch, "15")
    command("squeue", HELD.format(here=tmp_path))
    said = survey(code=3)
    assert "interrupted  tile x on n1" in said and "Slurm job 15: Slurm says TIMEOUT; no run is alive" in said
    assert "Slurm: 3 jobs pending (Priority 2, Resources 1), 1 running" in said
    found = json.loads(survey("--json", code=3))
    assert found["slurm"] == {"pending": {"Priority": 2, "Resources": 1}, "running": 1}
    (job,) = found["surveys"][0]["interrupted"]
    assert (job["slurm_job"], job["slurm_state"], job["queued"]) == ("15", "TIMEOUT", False)


def test_where_slurm_is_not_in_the_path_the_files_tell(survey, command, monkeypatch):
    killed(monkeypatch, "15")
    said = survey(code=3)
    assert "Slurm job 15: it ended without a word (killed?); no run is alive" in said and "Slurm:" not in said
    assert json.loads(survey("--json", code=3))["slurm"] is None


def test_a_run_on_one_machine_asks_no_slurm(survey, tmp_path, command):
    command("squeue", code=f"open('{tmp_path}/asked', 'w')")
    with marks.marked(STORE, wires.tiles()[0].digest, what="tile x", cells=1, threads=1):
        assert "1 running" in survey(code=1)
    assert not (tmp_path / "asked").exists()
