"""Small results, an application on them in this process, and a server of its own for clients that are programs."""

import pytest

from helpers import served, toy
from survey.serve.app import application


@pytest.fixture(scope="session")
def results(tmp_path_factory):
    """A folder of results; not to be changed."""
    return served.results(tmp_path_factory.mktemp("served"))


@pytest.fixture
def client(results, monkeypatch):
    """What asks an application of these results."""
    toy.register(monkeypatch, kernel="helpers.served:dephasing")
    # One loop for all requests, those of several threads too, as a server has it.
    with served.client_of(application([results])) as client:
        yield client


@pytest.fixture(scope="session")
def address(results):
    """Where a server of these results listens."""
    with served.serving(results) as (address, _):
        yield address


@pytest.fixture(autouse=True)
def _files_closed():
    yield
    served.close_files()
