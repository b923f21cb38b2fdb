"""After a finished run something is edited: which jobs the next run has, and what it says."""

import shutil
from collections.abc import Callable
from pathlib import Path

from faults.extension import moved
from faults.table import Table
from helpers.workspace import SURVEY, Workspace
from physics import QUANTITIES

HELPER = '"""Helper of the toy kernel."""\n\n# One.\nUNIT = 1.0\n'
SAID = ("restamp", "version")
ALL = {"compute_tile": 2, "assemble_cube": 1, "locate_crossovers": 1, "render_diagram": 2, "build_page": 1}


def edit(path: str, old: str, new: str) -> Callable[[Workspace], None]:
    def apply(workspace: Workspace) -> None:
        file = workspace.folder / path
        text = file.read_text(encoding="utf-8")
        assert old in text, (path, old)
        file.write_text(text.replace(old, new, 1), encoding="utf-8")

    return apply


VERSION = QUANTITIES["dephasing"].version
KERNEL, REGISTRY, TINY = "physics/toy.py", "physics/electrons/quantities.py", "config/surveys/tiny.yaml"
STOPS = "the code of dephasing changed"
# What is edited, the edit, and what must follow: jobs, or a message that stops the run before any job.
EDITS: dict[str, tuple[Callable[[Workspace], None], dict[str, int] | str]] = {
    "nothing": (lambda workspace: None, {}),
    "a formula of the kernel": (edit(KERNEL, "1e-34", "2e-34"), STOPS),
    "a formula, and the version": (
        lambda workspace: (
            edit(KERNEL, "1e-34", "2e-34")(workspace),
            edit(REGISTRY, f"version={VERSION}", f"version={VERSION + 1}")(workspace),
        ),
        ALL,
    ),
    "a number in an imported module": (edit("physics/helper.py", "1.0", "2.0"), STOPS),
    "a comment of the kernel": (edit(KERNEL, "    shape =", "    # Why.\n    shape ="), {}),
    "the docstring of an imported module": (edit("physics/helper.py", "Helper", "A helper"), {}),
    "a comment of an imported module": (edit("physics/helper.py", "# One.", "# 1."), {}),
    "a module that the kernel does not import": (edit("physics/impurities/kondo_laws.py", '"""', '"""Edited. '), {}),
    "a constant of the survey": (edit(TINY, "1e-14 s", "2e-14 s"), ALL),
    "the digits in which a constant is written": (edit(TINY, "1e-14 s", "0.01 ps"), {}),
    "the title of the survey": (edit(TINY, "Tiny", "Small"), {}),
    "a comment of the survey": (edit(TINY, "axes:", "# a comment\naxes:"), {}),
    "the order of the survey's keys": (
        edit(TINY, "Lambda0: 1 mK, chi: 0.1, Estar: 1 K", "chi: 0.1, Estar: 1 K, Lambda0: 1 mK"),
        {},
    ),
    "a setting of a diagram": (edit(TINY, "x: T, y: Pd", "x: T, y: Pd, colormap: magma"), {"render_diagram": 1}),
    "a crossover": (
        edit(TINY, "[tau_phi_resonant, tau_phi_relaxation]", "[tau_phi_relaxation, tau_phi_resonant]"),
        {"locate_crossovers": 1, "render_diagram": 1, "build_page": 1},
    ),
    "the promised accuracy": (
        edit(REGISTRY, "accuracy=1e-8", "accuracy=1e-7"),
        {"assemble_cube": 1, "locate_crossovers": 1, "render_diagram": 2, "build_page": 1},
    ),
    "the text of a rule": (edit("workflow/rules/compute_tile.smk", "compute tile", "compute the tile"), {}),
    "the version of the package": (edit("pyproject.toml", 'version = "', 'version = "9.'), {}),
    "the time stamp of the survey's file": (lambda workspace: (workspace.folder / TINY).touch(), {}),
}


def attack(folder: Path, names: tuple[str, ...] = tuple(EDITS)) -> Table:
    """Make each edit in a finished workspace and ask Snakemake what it would do."""
    table = Table("What an edit makes the next run do", ("edited", "tiles", "cubes", "crossovers", "diagrams", "said"))
    workspace = finished(folder / "before")
    for number, name in enumerate(names):
        copy = Workspace.__new__(Workspace)
        copy.__dict__ = {
            key: moved(value, workspace.folder, folder / f"{number}") for key, value in vars(workspace).items()
        }
        shutil.copytree(workspace.folder, copy.folder, symlinks=True)
        apply, expected = EDITS[name]
        apply(copy)
        answer = copy.snakemake("--dry-run")
        said = answer.stdout + answer.stderr
        if isinstance(expected, str):
            stopped = answer.returncode == 1 and expected in said and "Traceback" not in said
            table.expect(stopped, f"{name}: the run was not stopped, or not in these words: {said[-600:]}")
            table.rows.append((name, *["-"] * 4, "stops: bump the version, or `survey restamp` if the numbers agree"))
            continue
        jobs = copy.jobs_of(said)
        table.expect(answer.returncode == 0 and jobs == expected, f"{name}: {jobs}, not {expected}: {said[-600:]}")
        rules = ("compute_tile", "assemble_cube", "locate_crossovers", "render_diagram")
        table.rows.append((name, *(jobs.get(rule, 0) for rule in rules), "" if jobs else "nothing to be done"))
    return table


def finished(folder: Path) -> Workspace:
    """A workspace after a complete run, with a kernel that imports a module."""
    folder.mkdir(parents=True)
    workspace = Workspace(folder)
    shutil.copy(Path(__file__).parents[2] / "pyproject.toml", folder)
    (folder / "physics" / "helper.py").write_text(HELPER, encoding="utf-8")
    kernel = workspace.kernel.read_text(encoding="utf-8")
    workspace.kernel.write_text(
        kernel.replace("import numpy as np\n", "import numpy as np\n\nfrom physics.helper import UNIT\n", 1).replace(
            "1e-34", "1e-34 * UNIT", 1
        )
    )
    workspace.write("tiny", SURVEY)
    assert workspace.run() == ALL
    return workspace
