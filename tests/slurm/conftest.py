"""A private Slurm for the tests of this folder, and repositories that run on it."""

import pytest
from lab import Lab, missing
from on_slurm import ClusterWorkspace

from helpers import debian


def _lab(tmp_path_factory, accounting: bool):
    debian.require(missing, "CLUSTER_TESTS", root=True)
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
