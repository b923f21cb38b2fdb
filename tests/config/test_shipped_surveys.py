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
from survey.config.file import SurveyFile
from survey.config.inferred.figures import FIGURES
from survey.config.load import load_survey, load_surveys
from survey.grid import same
from survey.written.settings import Settings
from survey.written.validation import tagged

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
    # An inference adds figures that no file writes.
    for section, added in (("crossovers", set()), ("diagrams", FIGURES)):
        kinds = {tag for tag, _ in tagged(SurveyFile.model_fields[section].annotation)}
        assert {each.kind for each in getattr(survey, section).values()} == kinds | added and len(kinds) > 3
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
    names = [survey.name for survey in others]
    assert names == ["universality", "noise_and_saturation", "grain_coherence", "synthetic_wire"]
    assert cells(co) + cells(gold) >= 2_000_000
    assert all(len(axis) > 3 for survey in (co, gold) for axis in survey.axes.values())
    assert co.constants.items() >= {"sigma_in": 1e-19, "v_F": 1e6, "tau": 1e-14}.items()
    assert holds(co.axes["Pd"], 3e45, 5e45, 1e47, 3e47, 5e47)
    assert holds(co.axes["Lambda0"], 1e-3, 1e-2, 1e-1)
    assert holds(co.axes["chi"], 0.01, 0.03, 0.1, 0.3, 1.0)
    assert (co.axes["T"][0], co.axes["T"][-1]) == (1e-3, 100.0)
    assert holds(co.axes["Estar"], 10.0, 11.6045181215501)
    assert (gold.axes["T"][0], gold.axes["T"][-1]) == (0.01, 1.0)
    assert holds(gold.axes["T"], 0.04, 1.0)
    assert holds(gold.axes["chi"], 0.01, 0.03, 0.05, 0.1, 1.0)
    assert (gold.axes["Estar"][0], gold.axes["Estar"][-1]) == (0.002, 10.0) and holds(gold.axes["Estar"], 0.02)
    density = 1e6 / 1.380649e-23
    for chi in (0.01, 0.1, 1.0):
        assert holds(gold.axes["Pd"], 5e15 / chi * density, 5e16 / chi * density, 5e17 / chi * density)


def test_the_gold_wire_has_the_electrons_of_5_eV_and_the_resistance_of_its_size():
    from scipy.constants import e, hbar, m_e

    gold = load_survey(CONFIG / "surveys" / "gold_wire.yaml").constants
    wave_number = math.sqrt(2 * m_e * 5 * e) / hbar
    velocity = hbar * wave_number / m_e
    electrons = wave_number**3 / (3 * math.pi**2)
    density_of_states = 3 * electrons / (2 * 5 * e)
    diffusion = velocity * 30e-9 / 3
    large = load_survey(CONFIG / "surveys" / "gold_wire_large.yaml").constants
    for constants in (gold, large):
        assert math.isclose(constants["v_F"], velocity, rel_tol=1e-4)
        assert math.isclose(constants["eps_F"], 5 * e, rel_tol=1e-9)
    assert math.isclose(gold["n_e"], electrons, rel_tol=1e-3)
    assert math.isclose(gold["D"], diffusion, rel_tol=1e-3)
    assert math.isclose(gold["tau"], 3 * diffusion / velocity**2, rel_tol=1e-3)
    resistance = 1 / (e**2 * density_of_states * diffusion * 200e-9 * 100e-9)
    assert math.isclose(gold["R_per_length"], resistance, rel_tol=1e-3)
    # 1e16 per arccosh(1/sqrt(p_min)), which Pd of 001 counts all of.
    glass = 1e16 * 1e6 / 1.380649e-23 * math.acosh(1 / math.sqrt(gold["p_min_glass"]))
    assert math.isclose(gold["Pd_glass"], glass, rel_tol=1e-3)


def computed(survey, label: str, **parameters):
    request = survey.quantities[label]
    constants = {**survey.constants_of(label), **request.options}
    return QUANTITIES[request.quantity](**{**constants, **parameters, "variables": ("tau_phi",)})["tau_phi"]


def test_the_saturation_diagram_encloses_the_measured_three_nanoseconds():
    survey = load_survey(CONFIG / "surveys" / "gold_wire.yaml")
    diagram = survey.diagrams["saturation_T"]
    assert (diagram.family, diagram.at["Estar"]) == ("Pd", 0.02)
    T, Pd = np.array([0.04, 1.0])[:, None], np.array(diagram.values)
    tau_phi = computed(survey, "dephasing", T=T, Pd=Pd, **diagram.at)
    assert (tau_phi.min(axis=1) < 3e-9).all() and (tau_phi.max(axis=1) > 3e-9).all()
    # The one that the other diagrams take fits within the tolerance of the measurement.
    fitted = survey.diagrams["cutoff_T"].at["Pd"]
    best = np.abs(np.log(tau_phi / 3e-9)).max(axis=0)
    assert same(Pd[best.argmin()], fitted) and best.min() < math.log(1.5)


def test_each_rival_fits_the_measured_three_nanoseconds_and_the_wire_alone_does_not_contradict_them():
    survey = load_survey(CONFIG / "surveys" / "gold_wire.yaml")
    rivals = survey.diagrams["rivals_T"]
    T = np.geomspace(0.04, 1.0, 9)
    for label in rivals.labels:
        names = set(survey.quantities[label].axes_of("tau_phi")) - {"T"}
        tau_phi = computed(survey, label, T=T, **{name: rivals.at[name] for name in names})
        if label == "background":
            assert tau_phi.min() > 3e-9 / 1.5 and tau_phi.max() > 10 * 3e-9
        else:
            assert (np.abs(np.log(tau_phi / 3e-9)) < math.log(1.6)).all(), label


def test_the_large_survey_has_a_hundred_million_cells():
    survey = load_survey(CONFIG / "surveys" / "gold_wire_large.yaml")
    assert cells(survey) >= 100_000_000
    assert {name: len(axis) for name, axis in survey.axes.items() if len(axis) < 20} == {}


def test_the_sketches_of_the_paper_lie_on_the_right_side_of_each_other():
    survey = load_survey(CONFIG / "surveys" / "co_nanoconstriction.yaml")
    for name, wanted in (("figure_5", True), ("figure_6", False)):
        diagram = survey.diagrams[name]
        known = {**survey.constants, **survey.quantities[diagram.quantity].own_constants, **diagram.at}
        strength = 1.054571817e-34 * known["Pd"] * known["sigma_in"] * known["v_F"]
        for chi in diagram.values or [known["chi"]]:
            T_alpha = strength * known["Lambda0"] / chi
            T_beta = known["Lambda0"] * math.sqrt(chi / strength)
            assert (T_alpha < T_beta) == wanted


def test_figure_5_has_the_three_segments_of_the_sketch():
    """B/chi = 3e-5: 1/tau falls off below Lambda0, grows as T up to T_beta and as T^(1/3) above it."""
    survey = load_survey(CONFIG / "surveys" / "co_nanoconstriction.yaml")
    known = {**survey.constants_of("dephasing_weak"), **survey.quantities["dephasing_weak"].options}
    strength = 1.054571817e-34 * known["Pd"] * known["sigma_in"] * known["v_F"]
    assert math.isclose(strength, 1.054571817e-34 * 3e42 * 1e-19 * 1e6)
    T_beta = known["Lambda0"] * math.sqrt(known["chi"] / strength)
    for T, exponent, tolerance in ((T_beta / 10, 1.0, 0.05), (50 * T_beta, 1 / 3, 0.02)):
        pair = {"T": T * np.array([0.99, 1.01]), "variables": ("tau_phi_relaxation",)}
        tau = QUANTITIES["dephasing"](**{**known, **pair})["tau_phi_relaxation"]
        assert math.isclose(-math.log(tau[1] / tau[0]) / math.log(1.01 / 0.99), exponent, abs_tol=tolerance)


def test_loading_imports_nothing_slow():
    # pint imports dask.base and the bare package scipy wherever they are installed; what is slow in them must stay out.
    slow = ("xarray", "dask.array", "numba", "matplotlib", "scipy.special", "hvplot", "netCDF4", "pandas")
    code = "import sys; from survey.config.load import load_surveys; load_surveys(sys.argv[1]); print(*sys.modules)"
    command = [sys.executable, "-c", code, str(CONFIG / "config.yaml")]
    loaded = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    assert not [name for name in slow if name in loaded]
