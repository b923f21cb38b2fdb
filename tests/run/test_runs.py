"""What a run of Snakemake will still make is queued as long as it is alive."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from helpers import wires
from helpers.wires import CUBE, FILE, RESULTS, STORE
from helpers.workspace import BIN, CUBE_ALONE, Workspace
from survey.config.load import load_survey
from survey.errors import SurveyError
from survey.run import marks
from survey.upkeep.gc import surveys_in_use
from survey.upkeep.status import status

ANNOUNCE = """
import json, sys, time
from pathlib import Path
from survey.run.marks import announce
announce(Path("results"), json.loads(sys.argv[1]), [Path("config/surveys/wires.yaml")], False)
print("announced", flush=True)
sys.stdin.read()
"""


class Run:
    """A process that is announced as a run and ends when told to."""

    def __init__(self, files):
        command = [sys.executable, "-c", ANNOUNCE, json.dumps([str(each) for each in files])]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout.readline() == "announced\n"

    def end(self, how=None):
        if how:
            self.process.send_signal(how)
        self.process.communicate()


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Begins a run that makes these files of the survey of wires, or all of them."""
    wires.enter(tmp_path, monkeypatch)
    begun = []

    def begin(*files):
        begun.append(Run(files or [*(tile.path(STORE) for tile in wires.tiles()), CUBE]))
        return begun[-1]

    yield begin
    for each in begun:
        each.end(signal.SIGKILL)


def found():
    everything = status([load_survey(FILE)], RESULTS)
    (survey,) = everything["surveys"]
    return survey, survey["quantities"][0], everything["exit_code"]


def states(survey):
    return [each["state"] for each in survey["outputs"]]


def far(key, silent=0.0, **said):
    """The mark of a job of another machine."""
    with marks.marked(STORE, key, what=f"tile {key}", cells=100, threads=1):
        (mark,) = marks.running(STORE, key)
    path = mark.path.with_name(f"{key}@elsewhere@1.json")
    path.write_text(json.dumps(mark.said | {"host": "elsewhere", "process": 1} | said))
    os.utime(path, (time.time() - silent,) * 2)
    return path


def test_what_a_living_run_makes_is_queued(run):
    alive = run()
    survey, quantity, code = found()
    assert (survey["state"], code) == ("queued", 1)
    assert (quantity["tiles_queued"], quantity["tiles_missing"]) == (2, 0)
    assert quantity["cells_per_second"] is None and quantity["seconds_left"] is None
    # Crossovers and the page were not asked of this run.
    assert states(survey) == ["queued", "missing", "missing"]
    assert [each["process"] for each in survey["runs"]] == [alive.process.pid]
    alive.end()
    survey, quantity, code = found()
    assert (survey["state"], code) == ("incomplete", 1) and not survey["runs"]
    assert (quantity["tiles_queued"], quantity["tiles_missing"]) == (0, 2)
    assert not list(STORE.glob(".*/*"))


def test_a_killed_run_misleads_nobody_and_the_next_one_removes_its_mark(run):
    run().end(signal.SIGKILL)
    (left,) = marks.running(STORE, marks.RUN)
    assert not left.alive
    survey, quantity, _ = found()
    assert survey["state"] == "incomplete" and quantity["tiles_queued"] == 0
    run()
    (mark,) = marks.running(STORE, marks.RUN)
    assert mark.alive and mark.path != left.path


def test_two_runs_at_once_each_queue_their_own(run):
    first, second = wires.tiles()
    one, other = run(first.path(STORE)), run(second.path(STORE))
    assert found()[1]["tiles_queued"] == 2 and len(found()[0]["runs"]) == 2
    one.end()
    assert found()[1]["tiles_queued"] == 1
    other.end()
    assert found()[1]["tiles_queued"] == 0


def test_of_another_survey_no_run_is_shown(run):
    run(STORE / "dephasing" / "another.nc")
    other = FILE.with_name("other.yaml")
    FILE.rename(other)
    (survey,) = status([load_survey(other)], RESULTS)["surveys"]
    assert survey["runs"] == [] and survey["quantities"][0]["tiles_queued"] == 0


def test_a_failure_counts_until_a_run_tries_again(run):
    tile = wires.tiles()[0]
    with pytest.raises(ArithmeticError), marks.marked(STORE, tile.digest, what="tile x"):
        raise ArithmeticError
    assert found()[0]["state"] == "failed"
    time.sleep(0.05)
    run()
    survey, quantity, code = found()
    assert survey["state"] == "queued" and not survey["failures"] and code == 1 and quantity["tiles_queued"] == 2
    with pytest.raises(ArithmeticError), marks.marked(STORE, tile.digest, what="tile x"):
        raise ArithmeticError
    survey, quantity, code = found()
    assert survey["state"] == "failed" and len(survey["failures"]) == 1 and code == 3
    assert (quantity["tiles_queued"], quantity["tiles_failed"]) == (1, 1)


def test_what_the_run_has_made_is_not_queued_again(run, capsys):
    run()
    for tile in wires.tiles():
        wires.run(capsys, "tile", FILE, tile.digest)
    wires.run(capsys, "assemble", FILE, "dephasing")
    wires.change("num: 50", "num: 51")
    survey, quantity, _ = found()
    assert states(survey) == ["out of date", "missing", "missing"]
    assert quantity["tiles_queued"] == 0 and quantity["tiles_missing"] > 0


def test_a_killed_job_is_tried_again_while_a_run_is_alive(run, capsys):
    tile = wires.tiles()[0]
    alive = run()
    far(tile.digest, silent=2 * marks.SILENCE, slurm_job="12")
    survey, quantity, code = found()
    (job,) = survey["interrupted"]
    assert (survey["state"], code, job["queued"], job["slurm_job"]) == ("queued", 1, True, "12")
    assert (quantity["tiles_queued"], quantity["tiles_interrupted"]) == (2, 0)
    said = wires.run(capsys, "status", FILE, code=1)
    assert "Slurm job 12" in said and "tries again" in said and "2 queued; waits, none runs now" in said
    alive.end()
    survey, quantity, code = found()
    assert (survey["state"], code, survey["interrupted"][0]["queued"]) == ("failed", 3, False)
    assert (quantity["tiles_interrupted"], quantity["tiles_missing"]) == (1, 1)


def test_rates_of_all_nodes_add_up_and_a_new_job_counts_with_what_is_known(run, monkeypatch):
    wires.change("values: [0.1, 0.3]", "start: 0.1, stop: 0.3, num: 100, spacing: linear")
    first, second, *rest = wires.tiles()
    assert rest
    run()
    far(first.digest, done=50, told=10.0, first=[0, 0.0])
    _, quantity, _ = found()
    assert quantity["cells_per_second"] == pytest.approx(5.0)
    queued = second.cells + sum(tile.cells for tile in rest)
    assert quantity["seconds_left"] == pytest.approx((first.cells / 2 + queued) / 5.0)
    # Nothing is in the store, so that the rate of the other job is taken.
    far(second.digest, threads=2)
    _, quantity, _ = found()
    assert quantity["cells_per_second"] == pytest.approx(5.0 + 2 * 5.0)
    monkeypatch.setattr("survey.upkeep.status.measured", lambda paths, most: (40.0, 1))
    assert found()[1]["cells_per_second"] == pytest.approx(5.0 + 2 * 40.0)


def test_the_slowest_job_tells_when_it_is_over(run):
    first, second = wires.tiles()
    run()
    far(first.digest, done=50, told=1.0, first=[0, 0.0])
    far(second.digest, done=50, told=1000.0, first=[0, 0.0])
    _, quantity, _ = found()
    assert quantity["seconds_left"] == pytest.approx(second.cells / 2 / (50 / 1000))


def test_without_any_rate_no_time_is_told(run, capsys):
    run()
    far(wires.tiles()[0].digest, done=0)
    said = wires.run(capsys, "status", FILE, code=1)
    assert "1 running, 1 queued; no rate yet" in said and " left" not in said


def test_at_the_very_end_no_time_is_told(run, capsys):
    for tile in wires.tiles():
        far(tile.digest, done=100, told=10.0, first=[0, 0.0])
    assert "cells/s, about to be done" in wires.run(capsys, "status", FILE, code=1)


def test_silence_is_measured_by_the_clock_of_the_file_system(run, monkeypatch):
    tile = wires.tiles()[0]
    far(tile.digest, done=0)
    monkeypatch.setattr(marks.time, "time", lambda: 1e10)
    assert found()[1]["tiles_running"] == 1


def test_a_silent_job_is_said_to_be_silent(run, capsys):
    far(wires.tiles()[0].digest, silent=60.0, done=0)
    assert "silent for 60 s" in wires.run(capsys, "status", FILE, code=1)


def test_of_many_jobs_a_few_are_shown(run, capsys):
    wires.change("values: [0.1, 0.3]", "start: 0.1, stop: 0.3, num: 300, spacing: linear")
    tiles = wires.tiles()
    assert len(tiles) > 11
    for tile in tiles:
        far(tile.digest, done=0)
    said = wires.run(capsys, "status", FILE, code=1)
    assert said.count("\n  running ") == 11 and f"{len(tiles) - 10} more (--json lists all)" in said


def test_tiles_of_a_living_run_are_in_use(run):
    alive = run()
    FILE.rename("elsewhere.yaml")
    mark = marks.running(STORE)[0].path
    mark.write_text(mark.read_text().replace(str(FILE.resolve()), str(Path("elsewhere.yaml").resolve())))
    Path("config/config.yaml").unlink()
    assert [survey.name for survey in surveys_in_use([], STORE)] == ["elsewhere"]
    alive.end()
    with pytest.raises(SurveyError, match="no survey file found"):
        surveys_in_use([], STORE)


def test_a_run_goes_on_where_no_mark_can_be_written(run):
    RESULTS.mkdir()
    STORE.write_text("a file where the folder should be")
    run(STORE / "dephasing" / "x.nc").end()
    assert STORE.read_text() == "a file where the folder should be"


class Live(Workspace):
    """A workspace of two tiles whose kernel waits as long as there is a file `hold`."""

    def __init__(self, folder: Path):
        super().__init__(folder)
        self.write("tiny", CUBE_ALONE)
        waits = f"    while np.size(T) > 1 and os.path.exists('{folder}/hold'):\n        time.sleep(0.05)\n    shape ="
        text = self.kernel.read_text().replace("    shape =", waits, 1)
        self.kernel.write_text("import os\nimport time\n\n" + text)
        self.hold, self.store = folder / "hold", self.results / "store"

    def status(self):
        """The survey, its tiles in each state, and the exit code, as another process is told."""
        command = [BIN / "survey", "status", "--json"]
        done = subprocess.run(command, cwd=self.folder, env=self.environment, capture_output=True, text=True)
        assert done.stdout, done.stderr
        (survey,) = json.loads(done.stdout)["surveys"]
        names = ("done", "running", "queued", "interrupted", "missing")
        return survey["state"], [survey["quantities"][0][f"tiles_{name}"] for name in names], done.returncode

    def start(self):
        """Begin a run, and wait until one of its tiles runs."""
        with (self.folder / "said").open("w") as said:
            command = [BIN / "snakemake", "--cores", "1"]
            options = {"cwd": self.folder, "env": self.environment, "stdout": said, "stderr": said}
            run = subprocess.Popen(command, **options, start_new_session=True)
        deadline = time.monotonic() + 60
        while not self.at_work():
            assert time.monotonic() < deadline, (self.folder / "said").read_text()
            time.sleep(0.05)
        return run

    def at_work(self):
        """The processes that compute a tile."""
        return [mark.said["process"] for mark in marks.running(self.store) if mark.alive and mark.key != marks.RUN]


def test_a_real_run_from_its_queue_to_its_end(tmp_path):
    workspace = Live(tmp_path)
    workspace.snakemake("--dry-run")
    assert not workspace.results.exists()
    workspace.hold.touch()
    killed = workspace.start()
    assert workspace.status() == ("running", [0, 1, 1, 0, 0], 1)
    for process in (killed.pid, *workspace.at_work()):
        os.kill(process, signal.SIGKILL)
    killed.wait()
    assert workspace.status() == ("failed", [0, 0, 0, 1, 1], 3)

    last = workspace.start()
    workspace.hold.unlink()
    assert last.wait(100) == 0
    assert workspace.status() == ("done", [2, 0, 0, 0, 0], 0)
    assert not list(workspace.store.glob(".*/*"))
