"""Two surveys of one name from different folders: the results are of one of them, and the other is refused."""

import json
import os
import shutil
from pathlib import Path

import pytest

from helpers import wires
from helpers.wires import CUBE, FILE, RESULTS
from helpers.workspace import CUBE_ALONE, Workspace
from survey.errors import SurveyError
from survey.run.jobs import Jobs

OTHER = Path("elsewhere/wires.yaml")
RECORD = RESULTS / "wires" / "survey.json"


@pytest.fixture
def survey(tmp_path, monkeypatch, capsys):
    """The command in a checkout of which the results are made, and another survey of the same name."""
    (tmp_path / "checkout").mkdir()
    wires.enter(tmp_path / "checkout", monkeypatch)
    wires.everything(capsys)
    OTHER.parent.mkdir()
    OTHER.write_text(FILE.read_text().replace("stop: 1 K", "stop: 2 K"))
    return lambda *arguments, code=0: wires.run(capsys, *arguments, code=code)


def steps(file: Path) -> list[tuple]:
    return [("assemble", file, "dephasing"), ("crossovers", file), ("diagram", file, "times")]


def test_results_name_their_survey(survey):
    assert json.loads(RECORD.read_text()) == {"file": "../config/surveys/wires.yaml"}


def test_every_step_refuses_another_survey_of_the_name(survey):
    before = {path: path.read_bytes() for path in (CUBE, RECORD, wires.CROSSOVERS)}
    OTHER.write_text(OTHER.read_text() + wires.SURVEY[wires.SURVEY.index("diagrams:") :])
    for step in (*steps(OTHER), ("status", OTHER), ("verify", OTHER), ("why", CUBE, "--survey", OTHER)):
        said = survey(*step, code=2)
        assert f"{OTHER}: {CUBE.parent} holds the results of another survey of this name" in said
        assert str(FILE.resolve()) in said
    assert {path: path.read_bytes() for path in before} == before
    with pytest.raises(SurveyError, match="holds the results of another survey of this name"):
        Jobs([str(OTHER)])
    Jobs(["wires"])
    survey(*steps(FILE)[0])


def test_its_own_survey_may_change(survey):
    wires.change("stop: 1 K", "stop: 2 K")
    for tile in wires.tiles():
        survey("tile", FILE, tile.digest)
    survey(*steps(FILE)[0])


def test_a_copy_of_the_survey_is_the_same(survey):
    shutil.copy(FILE, OTHER)
    survey(*steps(OTHER)[0])
    assert "config/surveys" in RECORD.read_text()


def test_a_checkout_can_be_moved_and_copied(survey, monkeypatch):
    here = Path.cwd()
    shutil.copytree(here, here.with_name("copy"))
    monkeypatch.chdir(here.with_name("copy"))
    wires.change("title: Toy survey", "title: Changed in the copy alone")
    survey(*steps(FILE)[0])
    monkeypatch.chdir(here.parent)
    here.rename("moved")
    monkeypatch.chdir("moved")
    survey(*steps(FILE)[0])


def test_results_of_a_survey_that_is_gone_are_taken_over(survey):
    moved = FILE.with_name("moved.yaml")
    FILE.rename(moved)
    wires_there = OTHER
    shutil.copy(moved, wires_there)
    survey(*steps(wires_there)[0])
    assert json.loads(RECORD.read_text()) == {"file": "../elsewhere/wires.yaml"}


@pytest.mark.parametrize("content", ["", "{}", "[1]", '{"file": 3}', '{"file": "\\ud800"}'])
def test_a_record_that_cannot_be_read_is_written_again(survey, content):
    RECORD.write_text(content)
    survey(*steps(FILE)[0])
    assert json.loads(RECORD.read_text()) == {"file": "../config/surveys/wires.yaml"}


def test_a_path_of_any_bytes_can_be_written_down(survey):
    RECORD.unlink()
    odd = Path(os.fsdecode(b"odd\xff"))
    odd.mkdir()
    shutil.copy(FILE, odd / "wires.yaml")
    survey(*steps(odd / "wires.yaml")[0])
    assert json.loads(RECORD.read_text()) == {"file": "../odd\udcff/wires.yaml"}


def test_a_run_refuses_the_survey_before_any_job(tmp_path):
    work = Workspace(tmp_path)
    work.write("tiny", CUBE_ALONE)
    work.run()
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "tiny.yaml").write_text(CUBE_ALONE.replace("num: 50", "num: 60"))
    answer = work.snakemake("--config", "surveys=elsewhere/tiny.yaml")
    said = answer.stdout + answer.stderr
    assert answer.returncode == 1 and "holds the results of another survey of this name" in said
    assert "Traceback" not in said and "compute_tile" not in said
