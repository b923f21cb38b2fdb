"""The site, built once for all that is asked of it, and a clone in which the lines of the pages are run."""

import shutil
import subprocess

import pytest

from helpers.docs import blocks
from helpers.workspace import BIN, ROOT, Workspace

STAND_IN = """\
title: A small gold wire
axes:
  T: {start: 10 mK, stop: 1 K, num: 11, include: [40 mK]}
  Lambda0: {values: [1 mK, 10 mK, 20 mK]}
  Pd: {start: 1e45 J^-1m^-3, stop: 1e48 J^-1m^-3, num: 6}
  chi: {values: [0.01, 0.02, 0.03, 0.05, 0.07, 0.1, 0.15, 0.2, 0.25, 0.3, 0.5]}
  Estar: {values: [20 mK, 25 mK, 0.1 K, 0.5 K, 1 K, 5 K, 10 K]}
constants: {sigma_in: 1e-15 cm^2, v_F: 1e8 cm/s, tau: 1e-14 s}
quantities:
  dephasing: {}
diagrams:
  tau: {kind: value_map, variable: tau_phi, x: T, y: Pd, at: {Lambda0: 1 mK, chi: 0.1, Estar: 1 K}}
"""


@pytest.fixture(scope="session")
def site(tmp_path_factory):
    """The site, its notebooks not run."""
    folder = tmp_path_factory.mktemp("site") / "html"
    # Which language a cell is in is said by the kernel, which is not asked here.
    settings = ["-D", "nb_execution_mode=off", "-D", "suppress_warnings=misc.highlighting_failure"]
    build = [BIN / "sphinx-build", "--fail-on-warning", "--quiet", "-d", folder.parent / "trees", *settings]
    done = subprocess.run([*build, ROOT / "docs", folder], capture_output=True, text=True, timeout=580)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


@pytest.fixture(scope="session")
def clone(tmp_path_factory):
    """A clone with the survey of the README and small ones with the names of the pages, all of them run."""
    workspace = Workspace(tmp_path_factory.mktemp("clone"))
    (film,) = (block for page, block in blocks("yaml") if block.startswith("# config/surveys/my_film.yaml"))
    workspace.write("my_film", film)
    for name in ("gold_wire", "gold_film"):
        workspace.write(name, STAND_IN)
    shutil.copytree(ROOT / "config" / "measurements", workspace.folder / "config" / "measurements")
    for name in ("gold_wire_large",):
        shutil.copy(ROOT / "config" / "surveys" / f"{name}.yaml", workspace.surveys)
    (wire,) = (block for page, block in blocks("yaml") if block.startswith("# config/surveys/my_wire.yaml"))
    workspace.write("my_wire", wire)
    (workspace.folder / "config" / "config.yaml").write_text("surveys: [gold_film]\n")
    workspace.run("--config", "surveys=my_film,gold_wire,gold_film")
    for name in ("A.nc", "B.nc", "before.nc"):
        shutil.copy(workspace.results / "gold_film" / "dephasing.nc", workspace.folder / name)
    return workspace
