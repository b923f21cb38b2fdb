"""Programs that are no part of the environment: installed where they are missing, and used on a real server."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from helpers import debian, served

# What has to be there: a program, and the package of Debian that has it.
PROGRAMS = {
    "ncdump": "netcdf-bin",
    "Rscript": "r-cran-ncdf4",
    "curl": "curl",
    "nginx": "nginx-light",
    "openssl": "openssl",
}


def pytest_collection_modifyitems(items):
    """All tests of this folder need them."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.clients)


def missing() -> list[str]:
    """The packages whose programs are not there."""
    found = [package for program, package in PROGRAMS.items() if shutil.which(program, path=SEARCHED) is None]
    if shutil.which("Rscript"):
        done = subprocess.run(["Rscript", "-e", "library(ncdf4)"], capture_output=True)
        found += ["r-cran-ncdf4"] if done.returncode else []
    return found


SEARCHED = os.pathsep.join([os.environ["PATH"], "/usr/sbin"])


@pytest.fixture(scope="session", autouse=True)
def programs():
    """All of them, or no test."""
    debian.require(missing, "CLIENT_TESTS")


@pytest.fixture(scope="session")
def results(tmp_path_factory):
    """A folder of results; not to be changed."""
    return served.results(tmp_path_factory.mktemp("served"))


@pytest.fixture(scope="session")
def address(results):
    """Where a server of these results listens."""
    with served.serving(results) as (address, _):
        yield address
