"""What the text of crossovers and diagrams becomes: frozen classes of numbers, of which every kind can be made."""

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import FrozenInstanceError, is_dataclass, replace
from pathlib import Path

import pytest
from pydantic import BaseModel
from test_config import AT, CURVES, GOOD, crossover, diagram, written

from survey.config.file import SurveyFile
from survey.config.inferred.figures import FIGURES
from survey.config.load import load_survey
from survey.cubes.criteria import MEANING, criterion
from survey.draw.render import drawing_function
from survey.survey import Crossover, Diagram
from survey.written.validation import tagged

TEMPLATE = Path(__file__).parents[2] / "config" / "template.yaml"


@pytest.fixture(scope="module")
def template():
    return load_survey(TEMPLATE)


def kinds(section: str) -> set[str]:
    return {kind for kind, _ in tagged(SurveyFile.model_fields[section].annotation)}


def inside(value) -> Iterator:
    """A value and all that it is made of."""
    yield value
    parts = vars(value).values() if is_dataclass(value) else value.values() if isinstance(value, dict) else ()
    for part in value if isinstance(value, tuple) else parts:
        yield from inside(part)


def test_nothing_of_the_written_file_is_left(template):
    for each, base in [(each, Crossover) for each in template.crossovers.values()] + [
        (each, Diagram) for each in template.diagrams.values()
    ]:
        assert isinstance(each, base) and type(each) is not base
        assert not [part for part in inside(each) if isinstance(part, BaseModel | list)]
        with pytest.raises(FrozenInstanceError):
            each.kind = "other"
    observable = template.diagrams["observable"]
    assert (observable.measured.tau_phi, observable.measured.start, observable.measured.stop) == (3e-9, 0.04, 1.0)
    assert observable.at == {"Lambda0": 0.01, "Estar": 10.0, "omega": 1e9}


def test_every_kind_can_be_located_or_drawn(template):
    assert kinds("crossovers") == set(MEANING) == {each.kind for each in template.crossovers.values()}
    for each in template.crossovers.values():
        if each.kind not in ("window", "closed_form"):
            assert criterion(each, T=1.0).variables == set(each.variables)
    assert kinds("diagrams") | FIGURES == {each.kind for each in template.diagrams.values()}
    for each in template.diagrams.values():
        assert drawing_function(each).__name__ == each.kind


def test_what_is_said_of_a_setting_is_what_json_gives_back(tmp_path):
    survey = load_survey(
        written(tmp_path, GOOD + crossover("kind: thermal_limit, variable: tau_phi") + diagram(CURVES))
    )
    assert survey.crossovers["c"].plain() == {"kind": "thermal_limit", "quantity": "dephasing", "variable": "tau_phi"}
    said = survey.diagrams["d"].plain()
    assert said == json.loads(json.dumps(said))
    assert said["at"] == {"Lambda0": 0.01, "Pd": 1e47, "Estar": 10.0} and said["values"] == [0.01, 0.3]
    assert replace(survey.diagrams["d"], values=(0.3,)).plain() == said | {"values": [0.3]}


def test_which_files_a_diagram_needs(tmp_path):
    marked = f"kind: curves, variables: [tau_phi], x: T, family: chi, {AT}, crossovers: [T_equal]"
    whole = f"kind: crossover_map, crossover: T_valid, x: Lambda0, y: chi, {AT.replace('Lambda0: 10 mK, ', '')}"
    text = GOOD + diagram(CURVES) + f"  e: {{{marked}}}\n  f: {{{whole}}}\n"
    found = load_survey(written(tmp_path, text)).diagrams
    assert {name: each.uses_crossovers for name, each in found.items()} == {"d": False, "e": True, "f": True}
    assert [name for name, each in found.items() if each.is_crossover] == ["f"]
    assert {each.labels for each in found.values()} == {("dephasing",)}


def test_a_survey_is_a_class_without_pydantic_and_files():
    code = "import sys, survey.survey; print({'pydantic', 'ruamel', 'netCDF4', 'click'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
