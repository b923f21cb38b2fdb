"""The workflow: which jobs a run has, and a tiny survey from its file to its results."""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import toy
import xarray as xr

ROOT = Path(__file__).parents[1]
BIN = Path(sys.executable).parent
RULES = ("compute_tile", "assemble_cube", "locate_crossovers", "render_diagram")

SURVEY = """\
title: Tiny
axes:
  T: {start: 10 mK, stop: 1 K, num: 50, spacing: log}
  Lambda0: {values: [1 mK, 10 mK]}
  Pd: {start: 1e45 J^-1m^-3, stop: 1e47 J^-1m^-3, num: 4}
  chi: {values: [0.1, 0.3]}
  Estar: {values: [1 K, 10 K]}
constants: {sigma_in: 1e-15 cm^2, v_F: 1e8 cm/s, tau: 1e-14 s}
quantities:
  dephasing: {}
crossovers:
  T_equal: {kind: equal, variables: [tau_phi_resonant, tau_phi_relaxation]}
diagrams:
  tau: {kind: value_map, variable: tau_phi, x: T, y: Pd, at: {Lambda0: 1 mK, chi: 0.1, Estar: 1 K}}
  where: {kind: crossover_map, crossover: T_equal, x: Lambda0, y: Pd, at: {chi: 0.1, Estar: 1 K}}
"""
CUBE_ALONE = SURVEY.split("crossovers:")[0] + "crossovers: {}\n"


class Workspace:
    """A repository of its own to run a bare `snakemake` in: the same rules, other surveys, and a toy kernel."""

    def __init__(self, folder: Path):
        self.folder = folder
        skip = shutil.ignore_patterns("__pycache__", "survey")
        for name in ("physics", "workflow"):
            shutil.copytree(ROOT / name, folder / name, ignore=skip)
        for name in ("Snakefile", "environment.yml"):
            shutil.copy(ROOT / name, folder)
        shutil.copytree(ROOT / "profiles", folder / "profiles")
        self.surveys = folder / "config" / "surveys"
        self.surveys.mkdir(parents=True)
        (folder / "config" / "config.yaml").write_text("surveys: [tiny]\n")
        self.write("tiny", SURVEY)
        self.registry = folder / "physics" / "__init__.py"
        self.registry.write_text(self.registry.read_text().replace("physics.dephasing:", "physics.toy:"))
        self.kernel = folder / "physics" / "toy.py"
        self.kernel.write_text("import numpy as np\n\n" + toy.kernel_source())
        self.environment = os.environ | {"PYTHONPATH": str(folder)}
        self.results = folder / "results"

    def write(self, name: str, text: str) -> None:
        (self.surveys / f"{name}.yaml").write_text(text)

    def change(self, old: str, new: str, name: str = "tiny") -> None:
        path = self.surveys / f"{name}.yaml"
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new))

    def snakemake(self, *arguments: str) -> subprocess.CompletedProcess:
        command = [BIN / "snakemake", *arguments]
        return subprocess.run(
            command, cwd=self.folder, env=self.environment, capture_output=True, text=True, timeout=240
        )

    def run(self, *arguments: str) -> dict[str, int]:
        """How many jobs of each rule a run that succeeds has."""
        answer = self.snakemake(*arguments)
        assert answer.returncode == 0, answer.stdout + answer.stderr
        found = re.findall(rf"^({'|'.join(RULES)}) +(\d+)$", answer.stdout + answer.stderr, flags=re.MULTILINE)
        return {rule: int(count) for rule, count in found}


@pytest.fixture
def workspace(tmp_path):
    return Workspace(tmp_path)


def test_a_survey_from_its_file_to_its_diagrams_and_what_a_change_of_it_redoes(workspace):
    everything = {"compute_tile": 2, "assemble_cube": 1, "locate_crossovers": 1, "render_diagram": 2}
    assert workspace.run() == everything
    with xr.open_dataset(workspace.results / "tiny" / "dephasing.nc") as cube:
        assert dict(cube.sizes) == {"T": 50, "Lambda0": 2, "Pd": 4, "chi": 2, "Estar": 2}
        assert (cube["tau_phi"] > 0).all()
    with xr.open_dataset(workspace.results / "tiny" / "crossovers.nc") as crossovers:
        assert "T_equal" in crossovers
    for name in ("tau", "where"):
        for kind in ("html", "png", "svg"):
            assert (workspace.results / "tiny" / "diagrams" / f"{name}.{kind}").stat().st_size > 1000
    assert len(list((workspace.results / "tiny" / "logs").iterdir())) == 4
    assert len(list((workspace.results / "store" / "dephasing" / "benchmarks").iterdir())) == 2

    # A title and a comment redo nothing, a diagram's setting that diagram, and a survey that shares the tiles its cube.
    workspace.change("title: Tiny", "# a comment\ntitle: Another title")
    workspace.change("x: T, y: Pd", "x: T, y: Pd, colormap: magma")
    elsewhere = workspace.folder / "twin.yaml"
    elsewhere.write_text(CUBE_ALONE)
    both = workspace.run("--config", f"surveys=[tiny,{elsewhere}]")
    assert both == {"assemble_cube": 1, "render_diagram": 1}

    workspace.change("spacing: log}", "spacing: log, include: [900 mK]}")
    assert workspace.run("--dry-run") == everything | {"compute_tile": 1}


def test_changed_code_without_a_new_version_stops_before_any_job(workspace):
    workspace.write("tiny", CUBE_ALONE)
    assert workspace.run() == {"compute_tile": 2, "assemble_cube": 1}
    workspace.kernel.write_text(workspace.kernel.read_text().replace("1e-34", "2e-34"))
    answer = workspace.snakemake()
    said = answer.stdout + answer.stderr
    assert answer.returncode == 1
    assert "the code of dephasing changed" in said and "survey restamp dephasing" in said
    assert "Traceback" not in said
    workspace.registry.write_text(workspace.registry.read_text().replace("version=1", "version=2"))
    assert workspace.run("--dry-run") == {"compute_tile": 2, "assemble_cube": 1}


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
    assert workspace.run() == {"compute_tile": 2, "assemble_cube": 1}
    assert not list(workspace.results.rglob("*.tmp"))


def test_the_rules_are_formatted():
    command = [BIN / "snakefmt", "--check", "Snakefile", "workflow/rules"]
    answer = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert answer.returncode == 0, answer.stderr


def test_the_rules_are_without_lint(workspace):
    answer = workspace.snakemake("--lint")
    assert answer.returncode == 0, answer.stdout + answer.stderr
