"""What a run makes again and what `survey status` and `survey why` say is out of date is the same."""

import json
import os
import shutil
import subprocess

import netCDF4
import pytest

from helpers.workspace import BIN, SURVEY, Workspace
from survey.store.netcdf import seal

# One diagram, with a title that looks like what a file says of its origin.
ONE = SURVEY.replace("kind: crossover_map", "kind: crossover_map, title: 'A & B < C, \"made_from: {\" é'")
ONE = "".join(line for line in ONE.splitlines(keepends=True) if not line.startswith("  tau:"))
MADE = {
    "cube": "assemble_cube",
    "crossovers": "locate_crossovers",
    "diagram": "render_diagram",
    "page": "build_page",
}


@pytest.fixture
def workspace(tmp_path):
    workspace = Workspace(tmp_path)
    workspace.write("tiny", ONE)
    return workspace


def status(workspace):
    """The jobs that `survey status` misses, and its exit code."""
    command = [BIN / "survey", "status", "--json"]
    answer = subprocess.run(command, cwd=workspace.folder, env=workspace.environment, capture_output=True, text=True)
    assert answer.stdout, answer.stderr
    (survey,) = json.loads(answer.stdout)["surveys"]
    jobs = [MADE[each["what"]] for each in survey["outputs"] if each["reasons"]]
    jobs += ["compute_tile"] * sum(each["tiles_missing"] for each in survey["quantities"])
    return {job: jobs.count(job) for job in set(jobs)}, answer.returncode


def agreed(workspace, **jobs):
    """Both say that these jobs are to be done, and `status` that something is not done yet if there are any."""
    assert workspace.run("--dry-run") == jobs
    assert status(workspace) == (jobs, int(bool(jobs)))


def test_no_time_and_no_record_makes_a_file_stale_and_what_it_holds_does(workspace):
    workspace.run()
    folder = workspace.results / "tiny"

    # A copy without times and without what Snakemake recorded, whose sources are newer than what was made from them.
    copied = workspace.folder / "copied"
    shutil.copytree(workspace.results, copied, copy_function=shutil.copyfile)
    shutil.rmtree(workspace.results)
    shutil.rmtree(workspace.folder / ".snakemake")
    copied.rename(workspace.results)
    for number, pattern in enumerate(("*/diagrams/*", "*/crossovers.nc", "*/dephasing.nc", "store/*/*.nc")):
        for path in workspace.results.glob(pattern):
            os.utime(path, (1e9 + number, 1e9 + number))
    agreed(workspace)

    # The newest cube is that of another survey; damaged crossovers are no other ones for what was drawn from them.
    kept = {path: path.read_bytes() for path in (folder / "dephasing.nc", folder / "crossovers.nc")}
    with netCDF4.Dataset(folder / "dephasing.nc", "a") as cube:
        cube.configuration = cube.configuration.replace("1e-14", "2e-14")
        seal(cube)
    (folder / "crossovers.nc").write_text("no netCDF file")
    agreed(workspace, assemble_cube=1, locate_crossovers=1)
    assert workspace.run("--dry-run", "results/tiny/dephasing.nc") == {"assemble_cube": 1}

    # A lost tile is computed, and the cube, but nothing that was made from the cube; a part of a diagram is a lost one.
    for path, content in kept.items():
        path.write_bytes(content)
    lost = min(workspace.results.glob("store/*/*.nc"))
    content = lost.read_bytes()
    lost.unlink()
    drawn = folder / "diagrams" / "where.svg"
    drawn.write_text(drawn.read_text().replace("dephasing", "another"))
    agreed(workspace, compute_tile=1, assemble_cube=1, render_diagram=1)

    # What follows from a change of the survey is made again with it.
    lost.write_bytes(content)
    workspace.change("Estar: {values: [1 K, 10 K]}", "Estar: {values: [1 K]}")
    agreed(workspace, compute_tile=2, assemble_cube=1, locate_crossovers=1, render_diagram=1, build_page=1)
