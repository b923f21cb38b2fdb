"""Small results with a page of their cube."""

import pytest

from helpers import served
from helpers.explored import Page
from survey.config.load import load_survey
from survey.explore.page import write_page


@pytest.fixture(scope="session")
def results(tmp_path_factory):
    """A folder of results with the page of its cube; not to be changed."""
    made = served.results(tmp_path_factory.mktemp("explored"))
    write_page(load_survey(made.parent / "made.yaml"), "dephasing", made)
    return made


@pytest.fixture
def page(results):
    return Page(results / "made" / "explore" / "dephasing.html")
