"""The site, built once for all that is asked of it."""

import subprocess

import pytest

from helpers.workspace import BIN, ROOT


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
