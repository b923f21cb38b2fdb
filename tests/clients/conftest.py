"""Programs that are no part of the environment: installed where they are missing, and used on a real server."""

import fcntl
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

from helpers import served

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


def install() -> str:
    """Install what is missing; returns why that failed, "" if it did not."""
    packages = missing()
    if not packages:
        return ""
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        return f"{', '.join(packages)} not installed, and this is no Debian, or not root, to install it"
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    for command in (["update", "-qq"], ["install", "-y", "-qq", "--no-install-recommends", *packages]):
        done = subprocess.run(["apt-get", *command], env=environment, capture_output=True, text=True)
        if done.returncode:
            return f"apt-get {command[0]} failed: {(done.stderr or done.stdout).strip()[-300:]}"
    return ""


@pytest.fixture(scope="session", autouse=True)
def programs():
    """All of them, or no test."""
    with (Path(tempfile.gettempdir()) / "install-clients.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        reason = install()
    if reason and os.environ.get("CLIENT_TESTS") == "required":
        pytest.fail(reason)
    if reason:
        pytest.skip(reason)


@pytest.fixture(scope="session")
def results(tmp_path_factory):
    """A folder of results; not to be changed."""
    return served.results(tmp_path_factory.mktemp("served"))


@pytest.fixture(scope="session")
def address(results):
    """Where a server of these results listens."""
    with served.serving(results) as (address, _):
        yield address
