"""The page on diagrams: every kind has an example, and every example is valid in the survey at the top of the page."""

import re
from pathlib import Path

import pytest

from survey.config.file import SurveyFile
from survey.config.load import load_survey
from survey.draw.render import drawing_function
from survey.written.validation import tagged

PAGE = (Path(__file__).parents[2] / "docs" / "how-to-draw.md").read_text(encoding="utf-8")
KINDS = dict(tagged(SurveyFile.model_fields["diagrams"].annotation))
SURVEY, *EXAMPLES = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)


@pytest.fixture(scope="module")
def survey(tmp_path_factory):
    path = tmp_path_factory.mktemp("page") / "page.yaml"
    entries = "".join(f"  {line}\n" for example in EXAMPLES for line in example.splitlines())
    path.write_text(f"{SURVEY}diagrams:\n{entries}", encoding="utf-8")
    return load_survey(path)


def test_every_kind_has_a_section_and_a_valid_example(survey):
    assert {settings.kind for settings in survey.diagrams.values()} == set(KINDS)
    assert re.findall(r"^## (\w+): ", PAGE, re.MULTILINE) == [
        "regime_map",
        "value_map",
        "exponent_map",
        "curves",
        "comparison",
        "crossover_map",
        "observability",
    ]


def test_kinds_that_can_be_asked_for_can_be_drawn():
    for kind, model in KINDS.items():
        assert drawing_function(model.becomes).__name__ == kind


def test_the_page_names_every_key_of_curves(survey):
    keys = {"family", "values", "laws", "closed_forms", "marks", "crossovers", "regimes", "y_range", "y_scale"}
    keys |= {"inverse", "x_per", "y_per"}
    assert all(f"`{key}" in PAGE for key in keys)
