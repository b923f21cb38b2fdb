"""The files in config/measurements: in step with the script and the model, honest about what they are, and in reach."""

import importlib.util
from pathlib import Path

import numpy as np
import pytest
from jsonschema import Draft202012Validator
from ruamel.yaml import YAML
from scipy.stats import t as student

from physics import PARAMETERS, QUANTITIES
from survey.config.load import load_survey
from survey.config.measured.file import MeasurementFile, schema_text
from survey.config.measured.load import is_measurement, load_measurement
from survey.units import parse
from survey.written import yaml

CONFIG = Path(__file__).parents[2] / "config"
FOLDER = CONFIG / "measurements"
SHIPPED = sorted(FOLDER.glob("*.yaml"))


@pytest.fixture(scope="module")
def script():
    spec = importlib.util.spec_from_file_location("synthetic_gold_wire", FOLDER / "synthetic_gold_wire.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_schema_is_in_step_with_the_model():
    assert (CONFIG / "measurement.schema.json").read_text(encoding="utf-8") == schema_text()


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_shipped_measurements_are_valid_and_satisfy_the_schema(path):
    found = load_measurement(path)
    assert is_measurement(path) and not is_measurement(CONFIG / "surveys" / "gold_wire.yaml")
    data = YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))
    validator = Draft202012Validator(YAML(typ="safe", pure=True).load(schema_text()))
    assert not list(validator.iter_errors(data))
    assert list(validator.iter_errors({**data, "titel": "x"}))
    assert set(data) <= MeasurementFile.model_fields.keys()
    assert found.synthetic == path.stem.startswith("synthetic")


def test_the_synthetic_files_are_what_the_script_writes(script, tmp_path):
    script.write(tmp_path)
    for name in ("synthetic_gold_wire.csv", "synthetic_gold_wire.yaml"):
        assert (FOLDER / name).read_bytes() == (tmp_path / name).read_bytes()


def test_what_is_synthetic_says_so_in_each_file():
    for path in FOLDER.glob("synthetic*"):
        assert "computed, not measured" in path.read_text(encoding="utf-8") or path.suffix == ".py"


def test_the_synthetic_values_are_the_truth_of_the_file_within_its_errors():
    """From the files alone: levels and wire as the YAML has them, a common factor, and Student's t of the errors."""
    path = FOLDER / "synthetic_gold_wire.yaml"
    measured, truth = load_measurement(path), yaml.read(path)[0]["truth"]
    levels = {name: parse(truth[name], PARAMETERS[name]) for name in ("Lambda0", "Pd", "chi", "Estar")}
    options = {name: truth[name] for name in ("distribution", "cross_section", "background", "phonons", "definition")}
    assert (options["background"], options["definition"]) == (measured.geometry, measured.definition)
    wire = QUANTITIES["dephasing"].depends_on(options)[1]
    constants = {name: measured.constants[name] for name in wire}
    (table,) = measured.tables
    assert len(table.values) == 15 and (table.at["T"][0], table.at["T"][-1]) == (0.04, 1.0)
    assert set(table.limits) == {""} and np.allclose(table.relative, truth["relative"], rtol=1e-12)
    exact = QUANTITIES["dephasing"](T=np.array(table.at["T"]), **levels, **constants, **options)["tau_phi"]
    # About 3 ns, within a factor of 1.5, and falling weakly.
    assert np.abs(np.log(exact / 3e-9)).max() < np.log(1.5) and (np.diff(exact) < 0).all()
    scatter = (np.log(np.array(table.values) / exact) - float(truth["delta"])) / truth["relative"]
    assert np.abs(scatter).max() < student.isf(0.0005, truth["freedom"])
    assert 0.3 < np.median(np.abs(scatter)) < 1.5 and np.abs(np.mean(scatter)) < 1
    assert abs(float(truth["delta"])) < 0.3


def test_the_wires_of_the_measurements_are_that_of_the_survey():
    survey = load_survey(CONFIG / "surveys" / "gold_wire.yaml").constants
    for path in SHIPPED:
        for name, value in load_measurement(path).constants.items():
            assert survey[name] == value, name


def test_the_printed_facts_of_paper_004():
    (table,) = load_measurement(FOLDER / "gold_wire_004.yaml").tables
    assert set(table.values) == {3e-9} and (table.at["T"][0], table.at["T"][-1]) == (0.04, 1.0)
    # One digit is printed: 2 ns and 4 ns, the next ones, are one standard deviation away.
    assert np.allclose(table.relative, 1 / 3, rtol=1e-11)
