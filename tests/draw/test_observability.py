"""The question of paper 004 as a diagram: which cells match a measured dephasing time, and what else they must show.

The three cubes are power laws, not computed.
"""

from itertools import pairwise
from pathlib import Path

import netCDF4
import numpy as np
import pytest
from PIL import Image
from test_diagrams import attributes_of, write

from physics import PARAMETERS, QUANTITIES
from survey.config.load import load_survey
from survey.draw import observability as diagram_observability
from survey.draw.geometry import outline
from survey.draw.observability import observability, predictions
from survey.draw.render import render
from survey.draw.scene import Line, Mesh, Points
from survey.errors import SurveyError
from survey.run.jobs import Jobs

KELVIN = 1e6 / 1.380649e-23
CONSTANTS = {
    name: PARAMETERS[name].text(QUANTITIES[quantity].limits(name)[0])
    for quantity, options in (
        ("dephasing", {}),
        ("specific_heat", {"distribution": "tunnelling_states", "logarithm": "exact"}),
        ("attenuation", {"distribution": "tunnelling_states"}),
    )
    for name in QUANTITIES[quantity].depends_on(options)[1]
}
SURVEY = f"""\
axes:
  T: {{values: [20 mK, 40 mK, 100 mK, 200 mK, 500 mK, 1 K]}}
  Lambda0: {{values: [5 mK, 10 mK]}}
  Pd: {{values: [1e17 K^-1 cm^-3, 3e17 K^-1 cm^-3, 1e18 K^-1 cm^-3, 3e18 K^-1 cm^-3, 1e19 K^-1 cm^-3]}}
  chi: {{values: [0.03, 0.1]}}
  Estar: {{values: [20 mK, 50 mK, 100 mK, 1 K, 10 K]}}
  omega: {{values: [1e8 rad/s, 1e9 rad/s]}}
constants:
{"".join(f"  {name}: {value}{chr(10)}" for name, value in CONSTANTS.items())}levels:
  tunnelling: {{distribution: tunnelling_states}}
quantities:
  dephasing: {{}}
  heat: {{quantity: specific_heat, options: {{logarithm: exact}}}}
  attenuation: {{}}
diagrams:
  cut:
    kind: observability
    measured: {{tau_phi: 3 ns, start: 40 mK, stop: 1 K, tolerance: 1.5, source: a test}}
    x: Estar
    y: Pd
    at: {{T: 40 mK, Lambda0: 10 mK, chi: 0.1, omega: 1e9 rad/s}}
"""
FITTED = SURVEY.replace("y: Pd", "y: T\n    fitted: Pd\n    shown: sound").replace("at: {T: 40 mK, ", "at: {")


def tau_phi(T, Lambda0, Pd, chi, Estar):
    """3 ns at Pd = 1e18 K^-1 cm^-3; independent of T below E* = 100 mK, T^-1 above."""
    return 3e-9 * 1e18 * KELVIN / Pd * np.where(Estar > 0.1, 0.04 / T, 1.0) * np.where(Lambda0 < 0.01, 9.0, 1.0)


def heat_ratio(T, Pd, Estar, Lambda0=0.01):
    return 100 * Pd / (1e18 * KELVIN) * np.minimum(1, (Estar / T) ** 3)


def sound_ratio(T, Pd, chi, Estar, omega, Lambda0=0.01):
    return 100 * Pd / (1e18 * KELVIN) * Estar / np.maximum(Estar, T) * (chi / 0.1) * (1e9 / omega)


def cubes(survey, folder):
    """Synthetic cubes of the three labels of a survey."""
    laws = {"dephasing": ("tau_phi", tau_phi), "heat": ("C_ratio", heat_ratio)}
    laws["attenuation"] = ("W_over_glass", sound_ratio)
    for label, (name, law) in laws.items():
        axes = survey.grid(label)
        grid = dict(zip(axes, np.meshgrid(*axes.values(), indexing="ij"), strict=True))
        quantity = QUANTITIES[survey.request(label).quantity]
        variables = {name: (law(**grid), attributes_of(quantity.variable(name)))}
        if label == "dephasing":
            status = np.where(np.isclose(grid["Estar"], 0.05) & np.isclose(grid["Pd"], 1e18 * KELVIN), 3, 0)
            variables["status"] = (status, attributes_of(quantity.variable("status")))
        write(folder / survey.name / f"{label}.nc", axes, variables, quantity=quantity.name, configuration="{}")


def prepared(folder: Path, text: str):
    path = folder / "wire.yaml"
    path.write_text(text)
    survey = load_survey(path)
    cubes(survey, folder)
    return survey, survey.diagrams["cut"]


def labels(scene):
    return [layer.label for layer in scene.layers if getattr(layer, "label", "")]


def test_cells_match_that_have_the_measured_time_at_all_temperatures_of_the_measurement(tmp_path):
    _, settings = prepared(tmp_path, SURVEY)
    found = predictions(settings, tmp_path / "wire")
    assert found["matches"].dims == ("Pd", "Estar")
    # 1e18 matches for E* of 20 and 100 mK, not where the status says that there are no levels nor where tau_phi varies.
    expected = np.zeros((5, 5), bool)
    expected[2, [0, 2]] = True
    np.testing.assert_array_equal(found["matches"], expected)
    np.testing.assert_allclose(found["mismatch"][:, 0], [10, 10 / 3, 1, 3, 10], rtol=1e-9)
    assert found["mismatch"][2, 1] == np.inf
    np.testing.assert_allclose(found["mismatch"][2, 3], 25, rtol=1e-9)
    np.testing.assert_allclose(found["C_ratio"][2, [0, 2]], [100 / 8, 100], rtol=1e-9)
    np.testing.assert_allclose(found["W_over_glass"][2, [0, 2]], [50, 100], rtol=1e-9)


def test_the_tolerance_includes_its_end(tmp_path):
    _, settings = prepared(tmp_path, SURVEY.replace("tolerance: 1.5", "tolerance: 10"))
    assert predictions(settings, tmp_path / "wire")["matches"][:, 0].all()


def test_along_a_fitted_axis_the_best_value_is_taken_for_all_predictions(tmp_path):
    _, settings = prepared(tmp_path, FITTED.replace("chi: 0.1", "chi: 0.03"))
    found = predictions(settings, tmp_path / "wire")
    assert found["fitted"].dims == found["C_ratio"].dims == ("T", "Estar")
    # With no levels at 1e18 for E* = 50 mK the next best, 3 times as much or as little, is taken.
    best = found["fitted"].values[0] / KELVIN
    assert best[[0, 2]] == pytest.approx([1e18, 1e18]) and best[1] in (pytest.approx(3e17), pytest.approx(3e18))
    np.testing.assert_array_equal(found["matches"], np.broadcast_to([True, False, True, False, False], (6, 5)))
    T, Estar, Pd = found["T"].values[:, None], found["Estar"].values, found["fitted"].values
    np.testing.assert_allclose(found["C_ratio"], heat_ratio(T, Pd, Estar))
    np.testing.assert_allclose(found["W_over_glass"], sound_ratio(T, Pd, 0.03, Estar, 1e9))


def test_an_axis_of_one_quantity_alone_can_be_drawn(tmp_path):
    text = SURVEY.replace("y: Pd", "y: omega").replace("omega: 1e9 rad/s}", "Pd: 1e18 K^-1 cm^-3}")
    _, settings = prepared(tmp_path, text)
    found = predictions(settings, tmp_path / "wire")
    assert (found["C_ratio"][0] == found["C_ratio"][1]).all()
    np.testing.assert_allclose(found["W_over_glass"][0], 10 * found["W_over_glass"][1])
    assert observability(settings, tmp_path / "wire" / "dephasing.nc", None).y.label == "$\\omega$ (" + (
        "$\\mathrm{rad}\\,\\mathrm{s}^{-1}$)"
    )


def test_cubes_that_disagree_on_an_axis_are_refused_and_never_joined(tmp_path):
    _, settings = prepared(tmp_path, SURVEY)
    with netCDF4.Dataset(tmp_path / "wire" / "heat.nc", "a") as cube:
        cube["Pd"][0] *= 1 + 1e-10
    with pytest.raises(SurveyError, match=r"heat\.nc and .*dephasing\.nc have different values of Pd; assemble both"):
        predictions(settings, tmp_path / "wire")
    with netCDF4.Dataset(tmp_path / "wire" / "heat.nc", "a") as cube:
        cube["Pd"][0] /= (1 + 1e-10) * (1 + 1e-15)
    assert predictions(settings, tmp_path / "wire")["matches"].sum() == 2


def test_the_diagram_says_where_claims_hold_and_what_is_decisive(tmp_path):
    survey, settings = prepared(tmp_path, SURVEY.replace("tolerance: 1.5", "tolerance: 4"))
    scene = observability(settings, tmp_path / "wire" / "dephasing.nc", None)
    grey, mesh = (layer for layer in scene.layers if isinstance(layer, Mesh))
    found = predictions(settings, tmp_path / "wire")
    matches = found["matches"].values
    assert mesh.bar == "$C_T/C_e$" and matches.sum() == 8
    np.testing.assert_array_equal(np.isfinite(mesh.values), matches)
    assert np.isfinite(grey.values).all() and len(set(grey.colours)) == 1
    np.testing.assert_allclose(10 ** mesh.values[matches], found["C_ratio"].values[matches])
    ratio = found["C_ratio"].values
    counts = [(matches & (ratio >= 30) & (ratio <= 300)).sum(), (matches & (ratio < 30)).sum()]
    circles = [layer for layer in scene.layers if isinstance(layer, Points) and layer.marker == "o" and not layer.label]
    assert [layer.x.size for layer in circles] == counts and min(counts) > 0 and sum(counts) == 8
    assert [text for text in labels(scene) if "C_T/C_e" in text] == [
        "$C_T/C_e$ $30$ to $300$: as claimed",
        "$C_T/C_e$ below $30$",
    ]
    assert "$W/W_g$ above $100$" in labels(scene)
    outlines = [layer for layer in scene.layers if isinstance(layer, Line) and layer.x.size > 1]
    assert len(outlines) == 2
    assert labels(scene)[0] == "decisive: $C_T > C_e$ and $W > W_g$"
    assert any(text.startswith("8 of 25 cells have $\\tau_\\varphi = 3$ ns within a factor 4") for text in scene.notes)
    told = f"holds in {counts[0]} of 8 matching cells, is below in {counts[1]} and above in 0."
    assert f"Claim $C_T/C_e$ from $30$ to $300$: {told}" in scene.notes
    assert scene.notes[-1] == "Measured: a test."
    render(survey, "cut", tmp_path)
    with Image.open(tmp_path / "wire" / "diagrams" / "cut.png") as image:
        assert image.info["Cube"] == "wire/dephasing.nc; wire/heat.nc; wire/attenuation.nc"
        assert image.info["Quantity"].count("version") == 3
    assert "off by a factor" in (tmp_path / "wire" / "diagrams" / "cut.html").read_text(encoding="utf-8")


def test_rows_and_columns_far_from_every_match_are_left_out_and_named(tmp_path, monkeypatch):
    monkeypatch.setattr(diagram_observability, "MARGIN", 1)
    _, settings = prepared(tmp_path, SURVEY)
    scene = observability(settings, tmp_path / "wire" / "dephasing.nc", None)
    assert scene.layers[0].values.shape == (3, 4)
    assert "above $E^* = 1$ K" in scene.notes[1] and "below $P_d = 2.173" in scene.notes[1]


def test_where_nothing_matches_the_diagram_says_how_far_off_the_closest_cell_is(tmp_path):
    survey, settings = prepared(tmp_path, SURVEY.replace("3 ns", "1 ps"))
    scene = observability(settings, tmp_path / "wire" / "dephasing.nc", None)
    assert "No cell has" in scene.notes[0] and "the closest is off by a factor 300" in scene.notes[0]
    assert not [layer for layer in scene.layers if isinstance(layer, Points) and not layer.label]
    render(survey, "cut", tmp_path)


def test_a_diagram_depends_on_every_cube_that_it_reads(tmp_path):
    (tmp_path / "wire.yaml").write_text(SURVEY)
    jobs = Jobs([str(tmp_path / "wire.yaml")], tmp_path / "results")
    names = [Path(path).name for path in jobs.diagram_sources("wire", "cut")]
    assert names == ["dephasing.nc", "heat.nc", "attenuation.nc"]


FAULTS = [
    ("tau_phi: 3 ns", "tau_phi: 3", r"cut.measured.tau_phi \(line \d+\): found 3, an electron dephasing time needs"),
    ("start: 40 mK", "start: 45 mK", r"cut.measured.start .*: found '45 mK', not on the grid; the nearest values of T"),
    ("start: 40 mK, stop: 1 K", "start: 1 K, stop: 40 mK", r"cut.measured.start .*: found '1 K' above stop, '40 mK'"),
    ("tolerance: 1.5", "tolerance: 1", r"cut.measured.tolerance .*: found 1, must be greater than 1"),
    ("tolerance: 1.5, ", "", r"cut.measured.tolerance .*: is missing: A cell matches if"),
    ("tolerance: 1.5", "tolerance: 1.5, values: 2", r"cut.measured.values .*: unknown key; allowed: tau_phi, start"),
    ("y: Pd", "y: Pd\n    fitted: omega", r"cut.fitted .*: tau_phi cannot be fitted along 'omega'; allowed: Lambda0"),
    ("y: Pd", "y: Pd\n    fitted: Pd", r"cut.fitted .*: the axis Pd is already given by y"),
    ("y: Pd", "y: Pd\n    heat: dephasing", r"cut.heat .*: 'dephasing' is no label of specific_heat; allowed: heat"),
    ("y: Pd", "y: Pd\n    heat_claim: [300, 30]", r"cut.heat_claim .*: found \[300, 30\]; allowed: a lower, then"),
    ("y: Pd", "y: Pd\n    sound_claim: [3]", r"cut.sound_claim .*: found 1 entries; allowed: at least 2"),
    (", omega: 1e9 rad/s}", "}", r"cut.at .*: gives no value for omega; allowed: e.g. \{omega: 100000000 rad s-1\}"),
    ("attenuation: {", "attenuation: {variables: [W]", r"cut.sound .*: needs 'W_over_glass', which the survey does"),
    (
        "  attenuation: {",
        "  more: {quantity: attenuation}\n  attenuation: {",
        r"cut.sound .*: is missing; allowed: more, attenuation",
    ),
    (
        "  attenuation: {}\n",
        "",
        r"cut.sound .*: needs the quantity attenuation, which the survey does not compute",
    ),
]


@pytest.mark.parametrize(("old", "new", "message"), FAULTS)
def test_faults_of_an_observability_diagram(tmp_path, old, new, message):
    path = tmp_path / "wire.yaml"
    assert old in SURVEY
    path.write_text(SURVEY.replace(old, new))
    with pytest.raises(SurveyError, match=message):
        load_survey(path)


def test_an_outline_runs_along_the_border_of_the_cells():
    mask = np.zeros((3, 4), bool)
    mask[1, 1:3] = True
    x, y = outline(np.arange(5.0), np.arange(4.0) * 10, mask)
    segments = {
        frozenset(zip(x[start : start + 2].tolist(), y[start : start + 2].tolist(), strict=True))
        for start in range(0, x.size, 3)
    }
    border = [(1, 10), (2, 10), (3, 10), (3, 20), (2, 20), (1, 20), (1, 10)]
    assert segments == {frozenset(pair) for pair in pairwise(border)}
    assert outline(np.arange(5.0), np.arange(4.0), mask & ~mask)[0].size == 0
