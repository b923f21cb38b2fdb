"""Each fault of a cluster ends without a person: the run that it hits ends with everything in place."""

import os
import signal
import time

import pytest
from lab import Lab
from on_slurm import ClusterWorkspace

pytestmark = pytest.mark.slurm
TILES = 2
# After the tiles: the cube and its page, each a job.
AFTER = 2
# Each tile is a job of its own.
ALONE = ("--group-components", "tiles=1")


def states(workspace) -> list[str]:
    return [job["state"] for job in workspace.jobs()]


@pytest.fixture(params=["squeue", pytest.param("sacct", marks=pytest.mark.xdist_group("accounted"))])
def status_command(request):
    return request.param


@pytest.fixture
def either_workspace(tmp_path, request, status_command):
    """On a Slurm with accounting if states are asked of sacct, else on one without."""
    lab = request.getfixturevalue("plain" if status_command == "squeue" else "accounted")
    made = ClusterWorkspace(tmp_path, lab, "--slurm-status-command", status_command)
    yield made
    made.end()


def test_a_cancelled_job_is_submitted_again(either_workspace):
    workspace = either_workspace
    workspace.hold.touch()
    run = workspace.start()
    workspace.wait_computed(1)
    (job,) = workspace.jobs()
    workspace.lab.ask("scancel", job["id"])
    workspace.hold.unlink()
    workspace.finish(run)
    assert states(workspace) == ["CANCELLED"] + ["COMPLETED"] * (1 + AFTER)


def test_a_killed_process_of_a_job_is_run_again_and_the_tile_finished_before_it_is_kept(workspace):
    run = workspace.start()
    Lab.wait(lambda: list(workspace.results.glob("store/dephasing/*.nc")), "the first tile to be finished", 240)
    workspace.hold.touch()
    workspace.wait_computed(2)
    os.kill(int(workspace.computed()[-1][1]), signal.SIGKILL)
    workspace.hold.unlink()
    workspace.finish(run)
    assert states(workspace) == ["FAILED"] + ["COMPLETED"] * (1 + AFTER)
    begun = [line[0] for line in workspace.computed()]
    assert len(begun) == TILES + 1 and begun[1] == begun[2]


def test_a_node_that_dies_and_comes_back(either_workspace):
    workspace = either_workspace
    lab = workspace.lab
    workspace.hold.touch()
    run = workspace.start()
    workspace.wait_computed(1)
    (job,) = workspace.jobs()
    node = job["node"]
    lab.kill(f"slurmd.{node}")
    for process in lab.processes_of_job(job["id"]):
        os.kill(process, signal.SIGKILL)
    Lab.wait(lambda: lab.states()[node].startswith("down"), "the node to be down", 90)
    workspace.hold.unlink()
    workspace.finish(run)
    cube = workspace.jobs()[-1]
    assert cube["node"] != node and cube["state"] == "COMPLETED"
    lab.start_node(node)
    Lab.wait(
        lambda: not lab.jobs() and set(lab.states().values()) == {"idle"},
        "the node to be back and the old job to end",
        150,
    )


def test_a_node_that_is_drained_ends_its_job_and_gets_no_other(workspace):
    lab = workspace.lab
    workspace.hold.touch()
    run = workspace.start()
    workspace.wait_computed(1)
    node = workspace.jobs()[0]["node"]
    lab.ask("scontrol", "update", f"NodeName={node}", "State=DRAIN", "Reason=test")
    workspace.hold.unlink()
    try:
        workspace.finish(run)
        assert workspace.jobs()[-1]["node"] != node and states(workspace) == ["COMPLETED"] * (1 + AFTER)
    finally:
        lab.ask("scontrol", "update", f"NodeName={node}", "State=RESUME")


def test_a_time_limit_that_is_too_short_is_doubled(workspace):
    rule = workspace.folder / "workflow" / "rules" / "compute_tile.smk"
    asked = "requests.minutes_of_tile(wildcards.digest, attempt)"
    assert asked in rule.read_text()
    # The least that Slurm knows is a minute, and no tile of toys is estimated to take so little time that it gets that.
    text = rule.read_text().replace(asked, "minutes(-20.0, attempt)")
    rule.write_text(f"from survey.compute.cost import minutes\n\n\n{text}")
    workspace.hold.touch()
    run = workspace.start(*ALONE)
    workspace.wait_computed(TILES)
    Lab.wait(lambda: states(workspace)[:2] == ["TIMEOUT"] * TILES, "both tiles to be out of time", 150)
    workspace.hold.unlink()
    workspace.finish(run)
    assert states(workspace)[2:] == ["COMPLETED"] * (TILES + AFTER)
    assert [job["limit"] for job in workspace.jobs()[:4]] == ["1:00", "1:00", "2:00", "2:00"]


def test_a_memory_limit_that_is_too_low_is_doubled(workspace):
    (workspace.folder / "bytes").write_text(str(1_000_000_000))
    run = workspace.start()
    workspace.finish(run)
    assert states(workspace)[0] != "COMPLETED" and states(workspace)[-1 - AFTER :] == ["COMPLETED"] * (1 + AFTER)
    assert len(workspace.computed()) >= TILES + 1


def test_the_same_command_again_after_the_main_process_was_killed(workspace):
    workspace.hold.touch()
    run = workspace.start(*ALONE)
    workspace.wait_computed(2)
    os.killpg(run.pid, signal.SIGKILL)
    run.wait()
    old = workspace.lab.jobs()
    assert len(old) == TILES and {job["state"] for job in old} == {"RUNNING"}
    run = workspace.start(*ALONE)
    Lab.wait(
        lambda: [job["state"] for job in workspace.lab.jobs()] == ["RUNNING"] * 2 * TILES, "both runs to compute", 120
    )
    time.sleep(15)
    workspace.hold.unlink()
    workspace.finish(run)
    Lab.wait(lambda: not workspace.lab.jobs(), "the old jobs to end")
    # The new jobs waited for the old ones.
    assert len(workspace.computed()) == TILES
    assert states(workspace) == ["COMPLETED"] * (2 * TILES + AFTER)
    assert not list(workspace.results.rglob("*.tmp"))
    again = workspace.start("--dry-run")
    again.wait(60)
    assert "Nothing to be done" in workspace.said()


def test_jobs_that_end_while_the_controller_is_away(workspace):
    """For longer than Slurm's commands wait for it, so that questions for states fail."""
    lab = workspace.lab
    workspace.hold.touch()
    run = workspace.start(*ALONE)
    workspace.wait_computed(TILES)
    lab.kill("slurmctld")
    workspace.hold.unlink()
    time.sleep(30)
    lab.start_controller()
    workspace.finish(run)
    assert states(workspace) == ["COMPLETED"] * (TILES + AFTER)
    assert len(workspace.computed()) == TILES


def test_a_tile_that_fails_keeps_none_of_its_job_from_being_computed(workspace):
    first_fails = (
        f"    visit(T)\n    if np.size(T) > 1 and len(open('{workspace.folder}/computed').readlines()) == 1:\n"
    )
    first_fails += "        raise ArithmeticError('the first tile fails')\n"
    workspace.kernel.write_text(workspace.kernel.read_text().replace("    visit(T)\n", first_fails, 1))
    run = workspace.start("--retries", "0")
    assert run.wait(400) == 1
    assert len(workspace.computed()) == TILES and states(workspace) == ["FAILED"]
    assert len(list(workspace.results.glob("store/dephasing/*.nc"))) == TILES - 1
    assert "the first tile fails" in workspace.said()
