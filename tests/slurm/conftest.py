"""A private Slurm for the tests of this folder, and repositories that run on it."""

import fcntl
import os
import tempfile
from pathlib import Path

import pytest
from lab import Lab, install, reason_against
from on_slurm import ClusterWorkspace


def _lab(tmp_path_factory, accounting: bool):
    reason = reason_against()
    if not reason:
        with (Path(tempfile.gettempdir()) / "install-slurm.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            reason = install()
    if reason and os.environ.get("CLUSTER_TESTS") == "required":
        pytest.fail(reason)
    if reason:
        pytest.skip(reason)
    lab = Lab(tmp_path_factory.mktemp("slurm"), accounting)
    lab.start()
    try:
        yield lab
    finally:
        lab.stop()


@pytest.fixture(scope="session")
def plain(tmp_path_factory):
    """A Slurm of three nodes without accounting."""
    yield from _lab(tmp_path_factory, accounting=False)


@pytest.fixture(scope="session")
def accounted(tmp_path_factory):
    """A Slurm of three nodes with accounting."""
    yield from _lab(tmp_path_factory, accounting=True)


@pytest.fixture
def workspace(tmp_path, plain):
    made = ClusterWorkspace(tmp_path, plain)
    yield made
    made.end()
