"""A repository of its own to run Snakemake in: the real rules and steps, small surveys, and a toy kernel."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from helpers import toy

ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent
RULES = ("compute_tile", "assemble_cube", "locate_crossovers", "render_diagram", "build_page")

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
        self.registry = folder / "physics" / "electrons" / "quantities.py"
        self.registry.write_text(self.registry.read_text().replace("physics.electrons.dephasing:", "physics.toy:"))
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
        return self.jobs_of(answer.stdout + answer.stderr)

    def jobs_of(self, said: str) -> dict[str, int]:
        """How many jobs of each rule Snakemake says that a run has."""
        found = re.findall(rf"^({'|'.join(RULES)}) +(\d+)$", said, flags=re.MULTILINE)
        return {rule: int(count) for rule, count in found}
