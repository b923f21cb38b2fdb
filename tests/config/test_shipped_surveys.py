"""The files in config/: schema and template are in step with the models, and the surveys have the papers' values."""

import math
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from jsonschema import Draft202012Validator
from ruamel.yaml import YAML

from physics import QUANTITIES
from survey.config import template as schema
from survey.config.base import Settings
from survey.config.file import SurveyFile, tagged
from survey.config.load import load_survey, load_surveys
from survey.grid import same

CONFIG = Path(__file__).parents[2] / "config"


def test_schema_and_template_are_in_step_with_the_models():
    assert (CONFIG / "survey.schema.json").read_text(encoding="utf-8") == schema.schema_text()
    assert (CONFIG / "template.yaml").read_text(encoding="utf-8") == schema.template_text()


def models(model: type[Settings] = SurveyFile) -> set[type[Settings]]:
    """All models that a survey file consists of."""
    below = {each for field in model.model_fields.values() for _, each in tagged(field.annotation)}
    return {model}.union(*(models(each) for each in below))


def test_the_template_is_a_valid_survey_with_every_quantity_and_kind_that_explains_every_key():
    survey = load_survey(CONFIG / "template.yaml")
    assert {request.quantity for request in survey.quantities.values()} == set(QUANTITIES)
    for section in ("crossovers", "diagrams"):
        kinds = {tag for tag, _ in tagged(SurveyFile.model_fields[section].annotation)}
        assert {each.kind for each in getattr(survey, section).values()} == kinds and len(kinds) > 3
    comments = " ".join(
        line.strip().removeprefix("# ")
        for line in (CONFIG / "template.yaml").read_text(encoding="utf-8").splitlines()
        if line.strip().startswith("#")
    )
    assert len(models()) > 15
    for model in models():
        for field in model.model_fields.values():
            assert field.description in comments


@pytest.mark.parametrize(
    "path", [*sorted((CONFIG / "surveys").glob("*.yaml")), CONFIG / "template.yaml"], ids=lambda path: path.stem
)
def test_shipped_surveys_satisfy_the_schema(path):
    with path.open(encoding="utf-8") as file:
        data = YAML(typ="safe", pure=True).load(file)
    validator = Draft202012Validator(YAML(typ="safe", pure=True).load(schema.schema_text()))
    assert not list(validator.iter_errors(data))
    assert list(validator.iter_errors({**data, "titel": "x"}))


def cells(survey) -> int:
    return math.prod(len(axis) for axis in survey.axes.values())


def holds(axis: tuple[float, ...], *values: float) -> bool:
    return all(any(same(value, known) for known in axis) for value in values)


def test_the_default_surveys_have_the_papers_values_and_two_million_cells():
    co, gold, *others = load_surveys(CONFIG / "config.yaml")
    assert (co.name, gold.name) == ("co_nanoconstriction", "gold_wire")
    assert [survey.name for survey in others] == ["universality", "noise_and_saturation", "grain_coherence"]
    assert cells(co) + cells(gold) >= 2_000_000
    assert all(len(axis) > 3 for survey in (co, gold) for axis in survey.axes.values())
    assert co.constants == {"sigma_in": 1e-19, "v_F": 1e6, "tau": 1e-14}
    assert holds(co.axes["Pd"], 3e45, 5e45, 1e47, 3e47, 5e47)
    assert holds(co.axes["Lambda0"], 1e-3, 1e-2, 1e-1)
    assert holds(co.axes["chi"], 0.01, 0.03, 0.1, 0.3, 1.0)
    assert (co.axes["T"][0], co.axes["T"][-1]) == (1e-3, 10.0)
    assert holds(co.axes["Estar"], 10.0, 11.6045181215501)
    assert (gold.axes["T"][0], gold.axes["T"][-1]) == (0.01, 1.0)
    assert holds(gold.axes["T"], 0.04, 1.0)
    assert holds(gold.axes["chi"], 0.01, 0.03, 0.05, 0.1, 1.0)
    assert (gold.axes["Estar"][0], gold.axes["Estar"][-1]) == (0.02, 10.0)
    density = 1e6 / 1.380649e-23
    for chi in (0.01, 0.1, 1.0):
        assert holds(gold.axes["Pd"], 5e15 / chi * density, 5e16 / chi * density, 5e17 / chi * density)


def test_the_gold_wire_has_the_electrons_of_5_eV():
    from scipy.constants import e, hbar, m_e

    gold = load_survey(CONFIG / "surveys" / "gold_wire.yaml")
    wave_number = math.sqrt(2 * m_e * 5 * e) / hbar
    assert math.isclose(gold.constants["v_F"], math.sqrt(2 * 5 * e / m_e), rel_tol=1e-4)
    assert math.isclose(gold.constants["sigma_in"], 4 * math.pi * 0.1 / wave_number**2, rel_tol=1e-4)
    large = load_survey(CONFIG / "surveys" / "gold_wire_large.yaml")
    assert large.constants.items() <= gold.constants.items()
    electrons = wave_number**3 / (3 * math.pi**2)
    assert math.isclose(gold.constants["n_e"], electrons, rel_tol=1e-3)
    assert math.isclose(gold.constants["eps_F"], 5 * e, rel_tol=1e-9)


def test_the_saturation_diagram_encloses_the_measured_three_nanoseconds():
    survey = load_survey(CONFIG / "surveys" / "gold_wire.yaml")
    diagram = survey.diagrams["saturation_T"]
    assert (diagram.family, diagram.at["Estar"]) == ("Pd", 0.02)
    T, Pd = np.array([0.04, 1.0])[:, None], np.array(diagram.values)
    call = {"T": T, "Pd": Pd, **diagram.at, **survey.constants_of("dephasing"), "variables": ("tau_phi",)}
    tau_phi = QUANTITIES["dephasing"](**call)["tau_phi"]
    assert (tau_phi.min(axis=1) < 3e-9).all() and (tau_phi.max(axis=1) > 3e-9).all()
    flattest = np.abs(np.log(tau_phi / 3e-9)).sum(axis=0).argmin()
    assert tau_phi[0, flattest] / tau_phi[1, flattest] < 1.3


def test_the_large_survey_has_a_hundred_million_cells():
    survey = load_survey(CONFIG / "surveys" / "gold_wire_large.yaml")
    assert cells(survey) >= 100_000_000
    assert {name: len(axis) for name, axis in survey.axes.items() if len(axis) < 20} == {}


def test_the_sketches_of_the_paper_lie_on_the_right_side_of_each_other():
    survey = load_survey(CONFIG / "surveys" / "co_nanoconstriction.yaml")
    for name, wanted in (("figure_5", True), ("figure_6", False)):
        diagram = survey.diagrams[name]
        strength = 1.054571817e-34 * diagram.at["Pd"] * survey.constants["sigma_in"] * survey.constants["v_F"]
        for chi in diagram.values:
            T_alpha = strength * diagram.at["Lambda0"] / chi
            T_beta = diagram.at["Lambda0"] * math.sqrt(chi / strength)
            assert (T_alpha < T_beta) == wanted


def test_loading_imports_nothing_slow():
    # pint imports dask.base and the bare package scipy wherever they are installed; what is slow in them must stay out.
    slow = ("xarray", "dask.array", "numba", "matplotlib", "scipy.special", "hvplot", "netCDF4", "pandas")
    code = "import sys; from survey.config.load import load_surveys; load_surveys(sys.argv[1]); print(*sys.modules)"
    command = [sys.executable, "-c", code, str(CONFIG / "config.yaml")]
    loaded = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    assert not [name for name in slow if name in loaded]
