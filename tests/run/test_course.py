"""How far a whole run is: by its files and marks, in one line, now and then, and not after its end."""

import os
import threading
import time

import pytest

from helpers.workspace import CUBE_ALONE, Workspace
from survey.run import course
from survey.run.course import Course, Run, follow
from survey.run.marks import marked


@pytest.fixture
def run(tmp_path, monkeypatch):
    """A run of two tiles of 100 and 300 cells, a cube that is there and out of date, and two diagrams."""
    monkeypatch.chdir(tmp_path)
    tiles = {"results/store/dephasing/aa.nc": 100, "results/store/dephasing/bb.nc": 300}
    others = {"results/film/dephasing.nc": "cube", "results/film/diagrams/a.html": "diagram"}
    others["results/film/diagrams/b.html"] = "diagram"
    for file in (*tiles, *others):
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
    written("results/film/dephasing.nc", time.time() - 1000)
    made = [*tiles, *others, "results/film/diagrams/a.png", "results/film/unknown.nc"]
    found = Run("results/store", made, dict.fromkeys(tiles, "tile") | others, tiles)
    found.started -= 100.0
    return found


def written(file, when=None):
    with open(file, "w"):
        pass
    if when:
        os.utime(file, (when, when))


def test_it_counts_what_is_there_and_what_is_at_work(run):
    first = run.course()
    assert first.files == {"tile": (0, 2), "cube": (0, 1), "diagram": (0, 2)}
    assert first.cells == (0, 400) and first.seconds is None and not first.over
    assert first.said() == "0 % of 400 cells, tiles 0 of 2, cubes 0 of 1, diagrams 0 of 2"
    written("results/store/dephasing/aa.nc")
    with marked("results/store", "bb", cells=300) as tell, marked("results/store", "cc", cells=300) as other:
        tell(150)
        other(300)
        time.sleep(2.5)
        now = run.course()
    assert now.cells == (250, 400) and now.files["tile"] == (1, 2)
    # 250 cells in about 100 s, so that 150 are left for 60 s.
    assert now.seconds == pytest.approx(61.5, abs=3)
    assert "62 % of 400 cells, tiles 1 of 2" in now.said() and now.said().endswith("left of tiles")


def test_after_the_tiles_the_newest_files_tell_the_time_that_is_left(run):
    end = time.time()
    for file, ago in (("store/dephasing/aa.nc", 60), ("store/dephasing/bb.nc", 50), ("film/dephasing.nc", 40)):
        written(f"results/{file}", end - ago)
    now = run.course()
    assert (
        now.files["cube"] == (1, 1) and now.seconds == pytest.approx(2 * 10) and now.said().endswith("about 20 s left")
    )
    for name in ("a", "b"):
        written(f"results/film/diagrams/{name}.html")
    assert run.course().over


def test_it_is_told_until_the_run_is_over(run, monkeypatch):
    monkeypatch.setattr(course, "FIRST", 0.01)
    ends = []
    monkeypatch.setattr(course.atexit, "register", ends.append)
    said, three = [], threading.Event()

    def say(text):
        said.append(text)
        if len(said) == 3:
            three.set()

    states = iter([Course({"tile": (0, 1)}, (5, 10), 7.0)] * 3)
    monkeypatch.setattr(Run, "course", lambda self: next(states, Course({"tile": (1, 1)}, (10, 10), None)))
    follow(run, say)
    assert three.wait(20)
    ends[0]()
    assert said == ["50 % of 10 cells, tiles 0 of 1; about 7 s left of tiles"] * 3


def test_a_run_of_snakemake_tells_it(tmp_path):
    """Among Snakemake's own lines, as these."""
    workspace = Workspace(tmp_path)
    workspace.write("tiny", CUBE_ALONE)
    text = workspace.kernel.read_text()
    workspace.kernel.write_text(text.replace("    shape =", "    __import__('time').sleep(8)\n    shape =", 1))
    answer = workspace.snakemake()
    assert answer.returncode == 0
    assert "% of 1,600 cells, tiles 0 of 2, cubes 0 of 1" in answer.stdout + answer.stderr
    (log,) = (workspace.folder / ".snakemake" / "log").glob("*.log")
    assert "% of 1,600 cells, tiles 0 of 2, cubes 0 of 1" in log.read_text()
