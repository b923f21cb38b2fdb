"""The direction of the code: config -> survey -> physics, nothing points back, and modules stay one idea long."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PHYSICS = sorted((ROOT / "physics").rglob("*.py"))
SURVEY = sorted((ROOT / "workflow" / "survey").glob("*.py"))


def imported(path):
    """The top-level packages that a module imports, anywhere in it."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            names.add(node.module.split(".")[0])
    return names


@pytest.mark.parametrize("path", PHYSICS, ids=lambda path: path.name)
def test_physics_knows_arrays_only(path):
    allowed = {"physics", "numpy", "scipy", "numba"} | set(sys.stdlib_module_names)
    assert imported(path) <= allowed


@pytest.mark.parametrize("path", SURVEY, ids=lambda path: path.name)
def test_survey_does_not_reach_into_the_workflow(path):
    assert not imported(path) & {"snakemake", "workflow", "tests", "benchmarks"}


@pytest.mark.parametrize("path", PHYSICS + SURVEY, ids=lambda path: path.name)
def test_modules_are_short(path):
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 320


def test_the_registry_is_quick_to_import():
    """Rules and the command line read it at every start, so the kernels and what they need come later."""
    code = "import sys, physics; print({'numba', 'scipy', 'physics.electrons.dephasing'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_rules_only_name_steps_of_the_command_line():
    for path in sorted((ROOT / "workflow" / "rules").glob("*.smk")):
        text = path.read_text(encoding="utf-8")
        if path.name == "common.smk":
            continue
        assert text.count("\nrule ") + text.startswith("rule ") == 1, path.name
        assert '"survey ' in text and "> {log} 2>&1" in text and "run:" not in text and "script:" not in text
