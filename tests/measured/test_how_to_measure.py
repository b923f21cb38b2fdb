"""The page on measurements: its files are valid, and its command and its Python do what it says."""

import math
import re
from pathlib import Path

import numpy as np
import pytest
from scipy.special import gamma

from physics import QUANTITIES
from survey import cli
from survey.config.measured.load import load_measurement

PAGE = (Path(__file__).parents[2] / "docs" / "how-to-measure.md").read_text(encoding="utf-8")
FILES = {name: text for name, text in re.findall(r"^```\w+ (\S+)\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)}
(CONSOLE,) = re.findall(r"^```console\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
(PYTHON,) = re.findall(r"^```python\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    folder = Path("config/measurements")
    folder.mkdir(parents=True)
    for name, text in FILES.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def test_the_files_are_what_the_page_says(folder):
    found = load_measurement(folder / "my_wire.yaml")
    tau, heat = found.tables
    assert tau.at["T"] == (0.04, 0.06, 0.15, 0.4, 1.0) and tau.limits == ("lower", "", "", "", "")
    assert heat.at == {"T": (0.02, 0.2), "t_exp": (1.0, 1.0)} and heat.values == (71.0, 70.0)
    assert found.known == {"n_imp": (2e21, 0.5), "T_K": (0.001, 0.0), "spin": (2.5, 0.0)}


def test_the_command_says_what_the_page_says(folder, capsys):
    command, said = CONSOLE.split("\n", 1)
    with pytest.raises(SystemExit) as end:
        cli.main(command.removeprefix("$ survey ").split())
    assert (end.value.code, capsys.readouterr().out) == (0, said)


def test_the_python_runs(folder):
    found: dict = {}
    exec(PYTHON, found)
    assert found["film"].geometry == "film" and found["film"].tables[0].limits == ("lower", "")
    assert len(found["film"].digest) == 16


def test_the_definitions_are_as_far_apart_as_the_page_says():
    """The noise of a wire alone: exp(-2 gamma_E/3) in (34), pi/Gamma(2/3)^2 in a bulk metal."""
    (factor,) = re.findall(r"up to a factor of ([0-9.]+) apart", PAGE)
    assert math.isclose(math.pi / gamma(2 / 3) ** 2 * math.exp(2 * np.euler_gamma / 3), float(factor), rel_tol=0.01)
    wire = {"T": 1.0, "background": "wire", "R_per_length": 6e6, "D": 0.01, "ee_prefactor": 1.0}
    names = QUANTITIES["background"].options["definition"]
    times = [QUANTITIES["background"](definition=name, variables=("tau_phi",), **wire)["tau_phi"] for name in names]
    assert math.isclose(max(times) / min(times), float(factor), rel_tol=0.01)
