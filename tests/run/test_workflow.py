"""The workflow: which jobs a run has, and a tiny survey from its file to its results."""

import os
import signal
import subprocess
import time

import pytest
import xarray as xr

from helpers.workspace import BIN, CUBE_ALONE, ROOT, Workspace
from physics import QUANTITIES


@pytest.fixture
def workspace(tmp_path):
    return Workspace(tmp_path)


def test_a_survey_from_its_file_to_its_diagrams_and_what_a_change_of_it_redoes(workspace):
    everything = {"compute_tile": 2, "assemble_cube": 1, "locate_crossovers": 1, "render_diagram": 2, "build_page": 1}
    assert workspace.run() == everything
    with xr.open_dataset(workspace.results / "tiny" / "dephasing.nc") as cube:
        assert dict(cube.sizes) == {"T": 50, "Lambda0": 2, "Pd": 4, "chi": 2, "Estar": 2}
        assert (cube["tau_phi"] > 0).all()
    with xr.open_dataset(workspace.results / "tiny" / "crossovers.nc") as crossovers:
        assert "T_equal" in crossovers
    for name in ("tau", "where"):
        for kind in ("html", "png", "svg"):
            assert (workspace.results / "tiny" / "diagrams" / f"{name}.{kind}").stat().st_size > 1000
    assert len(list((workspace.results / "tiny" / "logs").iterdir())) == 5
    assert len(list((workspace.results / "store" / "dephasing" / "benchmarks").iterdir())) == 2

    # A title and a comment redo nothing, a diagram's setting that diagram, and a survey that shares the tiles its cube.
    workspace.change("title: Tiny", "# a comment\ntitle: Another title")
    workspace.change("x: T, y: Pd", "x: T, y: Pd, colormap: magma")
    elsewhere = workspace.folder / "twin.yaml"
    elsewhere.write_text(CUBE_ALONE)
    both = workspace.run("--config", f"surveys=[tiny,{elsewhere}]")
    assert both == {"assemble_cube": 1, "render_diagram": 1, "build_page": 1}

    workspace.change("spacing: log}", "spacing: log, include: [900 mK]}")
    assert workspace.run("--dry-run") == everything | {"compute_tile": 1}


def test_changed_code_without_a_new_version_stops_before_any_job(workspace):
    workspace.write("tiny", CUBE_ALONE)
    assert workspace.run() == {"compute_tile": 2, "assemble_cube": 1, "build_page": 1}
    workspace.kernel.write_text(workspace.kernel.read_text().replace("1e-34", "2e-34"))
    answer = workspace.snakemake()
    said = answer.stdout + answer.stderr
    assert answer.returncode == 1
    assert "the code of dephasing changed" in said and "survey restamp dephasing" in said
    assert "Traceback" not in said
    version = QUANTITIES["dephasing"].version
    newer = workspace.registry.read_text().replace(f"version={version}", f"version={version + 1}", 1)
    workspace.registry.write_text(newer)
    assert workspace.run("--dry-run") == {"compute_tile": 2, "assemble_cube": 1, "build_page": 1}


def test_a_fault_in_a_survey_stops_before_any_job_and_is_all_that_is_said(workspace):
    workspace.change("10 mK", "10")
    answer = workspace.snakemake()
    said = answer.stdout + answer.stderr
    assert answer.returncode == 1
    assert "config/surveys/tiny.yaml: axes.T.start" in said
    assert "Traceback" not in said and not workspace.results.exists()


def test_the_runs_after_a_killed_and_a_failed_one_go_on(workspace):
    workspace.write("tiny", CUBE_ALONE)
    good = workspace.kernel.read_text()
    workspace.kernel.write_text(good.replace("    shape =", "    __import__('time').sleep(60)\n    shape =", 1))
    run = subprocess.Popen(
        [BIN / "snakemake"],
        cwd=workspace.folder,
        env=workspace.environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    deadline = time.monotonic() + 60
    while not list(workspace.results.glob("store/dephasing/.*.tmp")) and time.monotonic() < deadline:
        time.sleep(0.05)
    os.killpg(run.pid, signal.SIGKILL)
    run.wait()
    assert list(workspace.results.glob("store/dephasing/.*.tmp"))

    workspace.kernel.write_text(good.replace("    shape =", "    1 / 0\n    shape =", 1))
    answer = workspace.snakemake()
    said = answer.stdout + answer.stderr
    assert answer.returncode == 1
    assert "ZeroDivisionError" in said and "chunk T 0.01" in said
    assert not list(workspace.results.glob("store/dephasing/*.nc"))

    workspace.kernel.write_text(good)
    assert workspace.run() == {"compute_tile": 2, "assemble_cube": 1, "build_page": 1}
    assert not list(workspace.results.rglob("*.tmp"))


def test_what_is_made_again_is_there_until_then(workspace):
    """Another run, or a reader, may need it."""
    workspace.run()
    paths = [workspace.results / "tiny" / "crossovers.nc", workspace.results / "tiny" / "diagrams" / "where.svg"]
    before = [path.stat().st_mtime_ns for path in paths]
    workspace.change(
        "variables: [tau_phi_resonant, tau_phi_relaxation]", "variables: [tau_phi_relaxation, tau_phi_resonant]"
    )
    run = subprocess.Popen(
        [BIN / "snakemake"], cwd=workspace.folder, env=workspace.environment, stderr=subprocess.DEVNULL
    )
    gone = set()
    while run.poll() is None:
        gone |= {path.name for path in paths if not path.exists()}
        time.sleep(0.002)
    assert run.returncode == 0 and not gone
    assert all(path.stat().st_mtime_ns > old for path, old in zip(paths, before, strict=True))


def test_the_rules_are_formatted():
    command = [BIN / "snakefmt", "--check", "Snakefile", "workflow/rules"]
    answer = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert answer.returncode == 0, answer.stderr


def test_the_rules_are_without_lint(workspace):
    answer = workspace.snakemake("--lint")
    assert answer.returncode == 0, answer.stdout + answer.stderr
