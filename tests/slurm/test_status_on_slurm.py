"""How far a survey on Slurm is, asked from outside, with Slurm's commands and without them."""

import json
import subprocess

import pytest
from lab import Lab

from helpers.workspace import BIN

pytestmark = pytest.mark.slurm
# Each tile is a job of its own, and each job fills a node.
ALONE = ("--group-components", "tiles=1", "--set-threads", "compute_tile=2")


def status(workspace, **environment):
    """The survey, its only quantity, what Slurm said, and the exit code."""
    done = subprocess.run(
        [BIN / "survey", "status", "--json"],
        cwd=workspace.folder,
        env=workspace.environment | environment,
        capture_output=True,
        text=True,
    )
    assert done.stdout, done.stderr
    found = json.loads(done.stdout)
    (survey,) = found["surveys"]
    return survey, survey["quantities"][0], found["slurm"], done.returncode


def test_queued_running_killed_done(workspace):
    workspace.change("num: 50", "num: 120")
    workspace.hold.touch()
    run = workspace.start(*ALONE)
    nodes = workspace.lab.nodes
    workspace.wait_computed(nodes)
    survey, quantity, slurm, code = status(workspace)
    tiles = quantity["tiles"]
    assert (survey["state"], code) == ("running", 1) and tiles > nodes
    assert (quantity["tiles_running"], quantity["tiles_queued"]) == (nodes, tiles - nodes)
    assert slurm["running"] == nodes and sum(slurm["pending"].values()) == tiles - nodes
    jobs = {job["id"] for job in workspace.jobs() if job["state"] == "RUNNING"}
    assert {job["slurm_job"] for job in survey["running"]} == jobs
    assert [each["process"] for each in survey["runs"]] == [run.pid]
    assert [each["state"] for each in survey["outputs"]] == ["queued", "queued"]
    _, quantity, slurm, code = status(workspace, PATH=str(BIN))
    assert slurm is None and code == 1
    assert (quantity["tiles_running"], quantity["tiles_queued"]) == (nodes, tiles - nodes)

    first = workspace.jobs()[0]["id"]
    workspace.lab.ask("scontrol", "update", f"JobId={first}", "EndTime=now")
    Lab.wait(lambda: workspace.jobs()[0]["state"] == "TIMEOUT", "the job to be out of time")
    # Others waited for its node before it is submitted again.
    workspace.wait_computed(nodes + 1)
    survey, quantity, slurm, code = status(workspace)
    (job,) = survey["interrupted"]
    assert (job["slurm_job"], job["slurm_state"], job["queued"]) == (first, "TIMEOUT", True)
    assert set(job["axes"]) == {"T", "Lambda0", "Pd", "chi", "Estar"}
    assert (survey["state"], code) == ("running", 1)
    assert (quantity["tiles_running"], quantity["tiles_queued"]) == (nodes, tiles - nodes)

    workspace.hold.unlink()
    workspace.finish(run)
    survey, quantity, slurm, code = status(workspace)
    assert (survey["state"], code, quantity["tiles_done"]) == ("done", 0, tiles)
    assert slurm is None and not survey["runs"] and not survey["running"] and not survey["interrupted"]
