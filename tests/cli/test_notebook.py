"""A survey in one process: the files are those of Snakemake, which finds nothing to do afterwards."""

import re
import subprocess
import sys

import netCDF4
import numpy as np
import pytest
import xarray as xr
from ruamel.yaml import YAML

from helpers.workspace import BIN, SURVEY, Workspace

FILE = "config/surveys/tiny.yaml"


@pytest.fixture(scope="module")
def workspace(tmp_path_factory):
    return Workspace(tmp_path_factory.mktemp("notebook"))


def python(workspace, code: str) -> subprocess.CompletedProcess:
    """What a notebook would do."""
    command = [BIN / "python", "-P", "-W", "error", "-c", f"from survey import run\n{code}"]
    return subprocess.run(
        command, cwd=workspace.folder, env=workspace.environment, capture_output=True, text=True, timeout=240
    )


def succeeds(workspace, code: str) -> str:
    done = python(workspace, code)
    assert done.returncode == 0, done.stderr
    return done.stdout


def files(workspace) -> dict:
    """What every file of the results holds, but for logs and times."""
    found = {}
    for path in sorted(workspace.results.rglob("*")):
        name = str(path.relative_to(workspace.results))
        if path.suffix == ".nc":
            with netCDF4.Dataset(path) as file:
                file.set_auto_mask(False)
                numbers = {each: np.asarray(file[each][...]).tobytes() for each in file.variables}
                said = set(file.ncattrs()) - {"cells", "compute_seconds", "threads"}
                changing = {"date_created", "history", "content_digest"}
                found[name] = numbers, {each: str(file.getncattr(each)) for each in said - changing}
        elif path.suffix in (".png", ".svg", ".html"):
            # Pages name when their cube was made, and its seal.
            found[name] = re.sub(rb"\d{4}-\d\d-\d\dT[\d:]{8}Z|\b[0-9a-f]{64}\b", b"", path.read_bytes())
    return found


def test_snakemake_finds_nothing_to_do_after_it_and_makes_the_same_files(workspace):
    said = succeeds(
        workspace,
        f"cubes = run('{FILE}'); print(*cubes, dict(cubes['dephasing'].sizes), cubes['crossovers'].T_equal.dims)",
    )
    assert said.startswith("dephasing crossovers {'T': 50, 'Lambda0': 2, 'Pd': 4, 'chi': 2, 'Estar': 2}")
    answer = workspace.snakemake()
    assert answer.returncode == 0 and "Nothing to be done" in answer.stdout + answer.stderr
    mine = files(workspace)
    subprocess.run(["rm", "-r", workspace.results], check=True)
    assert workspace.run()["render_diagram"] == 2
    theirs = files(workspace)
    assert mine.keys() == theirs.keys() and len(mine) == 2 + 2 + 6 + 2
    for name in mine:
        assert mine[name] == theirs[name], name


def test_it_makes_what_is_out_of_date_and_nothing_else(workspace):
    succeeds(workspace, f"run('{FILE}')")
    before = {path: path.stat().st_mtime_ns for path in workspace.results.rglob("*.*") if path.is_file()}
    succeeds(workspace, f"run('{FILE}')")
    workspace.change("x: T, y: Pd", "x: T, y: Pd, colormap: magma")
    succeeds(workspace, f"run('{FILE}')")
    after = {path: path.stat().st_mtime_ns for path in before}
    changed = {path.name for path in before if after[path] != before[path]}
    assert changed == {"tau.html", "tau.png", "tau.svg"}
    assert workspace.run() == {}


def test_a_dict_is_a_survey_too(workspace):
    settings = YAML(typ="safe", pure=True).load(SURVEY)
    settings["axes"]["T"] = {"values": ["10 mK", "20 mK", "40 mK", "80 mK"]}
    code = f"settings = {settings!r}\nprint(dict(run(settings, name='mine', diagrams=False)['dephasing'].sizes))"
    assert succeeds(workspace, code).startswith("{'T': 4")
    assert not (workspace.results / "mine" / "diagrams").exists()
    with xr.open_dataset(workspace.results / "mine" / "dephasing.nc") as cube:
        assert cube.attrs["survey"] == "mine"
    assert workspace.run("--config", "surveys=results/mine/mine.yaml") == {"render_diagram": 2, "build_page": 1}


def test_a_fault_is_told_and_nothing_is_begun(workspace):
    done = python(workspace, "run({'axes': {'T': {'values': ['10']}}, 'quantities': {'dephasing': {}}}, name='faulty')")
    assert done.returncode == 1
    assert (
        "results/faulty/faulty.yaml: axes.T.values.0 (line 4)" in done.stderr
        and "a temperature needs a unit" in done.stderr
    )
    assert not list(workspace.results.glob("faulty/*.nc"))


def test_an_interrupted_one_goes_on(workspace):
    """Ctrl-C within the second of two tiles: the first stays, the second leaves nothing, and the same call goes on."""
    workspace.write("other", SURVEY.replace("tau: 1e-14 s", "tau: 2e-14 s"))
    code = """
import signal, survey.compute.tile as tile
original, times = tile.evaluate, []
def evaluate(*arguments):
    times.append(1)
    if len(times) == 4:
        signal.raise_signal(signal.SIGINT)
    return original(*arguments)
tile.evaluate = evaluate
run('config/surveys/other.yaml', threads=1)
"""
    before = set(workspace.results.glob("store/dephasing/*.nc"))
    done = python(workspace, code)
    assert done.returncode != 0 and "KeyboardInterrupt" in done.stderr
    assert len(set(workspace.results.glob("store/dephasing/*.nc")) - before) == 1
    assert not list(workspace.results.rglob(".*.tmp")) and not list(workspace.results.glob("store/.running/*"))
    succeeds(workspace, "run('config/surveys/other.yaml')")
    assert workspace.run("--config", "surveys=other") == {}


def test_it_shows_its_course(monkeypatch, capsys):
    from survey.run import progress

    monkeypatch.setattr(progress, "LOOK", -1.0)
    monkeypatch.setitem(sys.modules, "ipykernel", progress)
    with progress.followed("film", progress.Course(2, 100)) as course:
        course.begin("tile of dephasing")
        course.cells(50)
        course.end(100)
        course.begin("cube dephasing")
        course.end()
    lines = capsys.readouterr().err.split("\r")
    assert "0 of 2 jobs, 50 of 100 cells, about 0 s of tiles left  tile of dephasing" in lines[2]
    assert lines[-1].strip().endswith("2 of 2 jobs, 100 of 100 cells")
