"""The question of paper 004 as a diagram: where a measured dephasing time is matched, and what else must be seen there.

The three quantities are power laws, but where a test is about the kernels.
"""

import json
from inspect import signature
from itertools import pairwise
from pathlib import Path

import netCDF4
import numpy as np
import pytest
from PIL import Image
from scipy.optimize import brentq
from test_diagrams import write

from physics import QUANTITIES
from survey.config.load import load_survey
from survey.cubes import predictions as of_pictures
from survey.cubes.predictions import EVERY, POINTS, predictions
from survey.draw.geometry import outline
from survey.draw.observability import observability
from survey.draw.picture.scene import Line, Mesh, Points
from survey.draw.render import render
from survey.errors import SurveyError
from survey.run.jobs import Jobs
from survey.store.tiles import configuration

KELVIN = 1e6 / 1.380649e-23
SURVEY = """\
axes:
  T: {values: [20 mK, 40 mK, 100 mK, 200 mK, 500 mK, 1 K]}
  Lambda0: {values: [5 mK, 10 mK]}
  Pd: {values: [1e17 K^-1 cm^-3, 3e17 K^-1 cm^-3, 1e18 K^-1 cm^-3, 3e18 K^-1 cm^-3, 1e19 K^-1 cm^-3]}
  chi: {values: [0.03, 0.1]}
  Estar: {values: [20 mK, 50 mK, 100 mK, 1 K, 10 K]}
  omega: {values: [1e8 rad/s, 1e9 rad/s]}
constants:
  sigma_in: 9.5755e-21 m^2
  v_F: 1.3262e6 m/s
  tau: 1e-14 s
  n_e: 5.08e22 cm^-3
  eps_F: 5 eV
  t_exp: 1 s
  Pd_glass: 9.9035e16 K^-1 cm^-3
  p_min_glass: 1e-8
  Estar_glass: 10 K
quantities:
  dephasing: {}
  heat: {quantity: specific_heat, options: {distribution: tunnelling_states}}
  attenuation: {options: {distribution: tunnelling_states}}
diagrams:
  cut:
    kind: observability
    measured: {tau_phi: 3 ns, start: 40 mK, stop: 1 K, tolerance: 1.5, source: a test}
    x: Estar
    y: Pd
    at: {T: 40 mK, Lambda0: 10 mK, chi: 0.1, omega: 1e9 rad/s}
"""
FITTED = SURVEY.replace("y: Pd", "y: T\n    fitted: Pd\n    shown: sound").replace("at: {T: 40 mK, ", "at: {")


def tau_phi(T, Lambda0, Pd, Estar):
    """3 ns at Pd = 1e18 K^-1 cm^-3; independent of T up to E* = 100 mK, T^-1 above; none below E* = 30 mK."""
    times = 3e-9 * 1e18 * KELVIN / Pd * np.where(Estar > 0.1, 0.04 / T, 1.0) * np.where(Lambda0 < 0.01, 9.0, 1.0)
    return np.where(Estar < 0.03, np.nan, times), None


def heat_ratio(T, Pd, Estar):
    return 100 * Pd / (1e18 * KELVIN) * np.minimum(1, (Estar / T) ** 3), np.uint8(0)


def sound_ratio(T, Pd, chi, Estar, omega):
    ratio = 100 * Pd / (1e18 * KELVIN) * Estar / np.maximum(Estar, T) * (chi / 0.1) * (1e9 / omega)
    return ratio, np.where(Estar < 0.05, np.uint8(4), np.uint8(0))


LAWS = {"tau_phi": tau_phi, "C_ratio": heat_ratio, "W_over_glass": sound_ratio}


@pytest.fixture
def laws(monkeypatch):
    """Power laws in place of the kernels."""

    def computed(cube, at, variable):
        return LAWS[variable](**{name: at[name] for name in signature(LAWS[variable]).parameters})

    monkeypatch.setattr(of_pictures, "computed", computed)


def prepared(folder: Path, text: str):
    """A survey, the settings of its diagram, and cubes that say what they were computed with."""
    path = folder / "wire.yaml"
    path.write_text(text)
    survey = load_survey(path)
    for label in survey.quantities:
        said = {"quantity": survey.request(label).quantity, "configuration": configuration(survey, label)}
        write(folder / survey.name / f"{label}.nc", survey.grid(label), {}, **said)
    return survey, survey.diagrams["cut"]


def labels(scene):
    return [layer.label for layer in scene.layers if getattr(layer, "label", "")]


def test_points_match_that_have_the_measured_time_at_all_temperatures_of_the_measurement(tmp_path, laws):
    _, settings = prepared(tmp_path, SURVEY)
    found = predictions(settings, tmp_path / "wire")
    assert found["matches"].dims == ("Pd", "Estar") and found["matches"].shape == POINTS[::-1]
    np.testing.assert_allclose(np.diff(np.log(found["Pd"])), np.log(100) / 144, rtol=1e-9)
    # Between these points the logarithm of the time is linear, as the law is along Pd.
    found = found.isel(Estar=slice(None, None, EVERY))
    Estar, Pd = found["Estar"].values, found["Pd"].values[:, None] / KELVIN
    assert (Estar[0], Estar[-1]) == (0.02, 10.0)
    np.testing.assert_allclose(np.diff(np.log(Estar)), np.log(500) / 48, rtol=1e-9)
    # Above E* = 100 mK the time falls by a factor of 25 from 40 mK to 1 K.
    shortest = np.where(Estar > 0.1, 25, 1) * Pd / 1e18
    expected = np.where(Estar < 0.03, np.inf, np.maximum(shortest, 1e18 / Pd))
    np.testing.assert_allclose(found["mismatch"], expected, rtol=1e-9)
    np.testing.assert_array_equal(found["matches"], expected <= 1.5)
    assert found["matches"].any()
    inside = Estar >= 0.03
    np.testing.assert_allclose(found["C_ratio"][:, inside], (heat_ratio(0.04, Pd * KELVIN, Estar)[0])[:, inside])
    sound = sound_ratio(0.04, Pd * KELVIN, 0.1, Estar, 1e9)[0]
    np.testing.assert_allclose(found["W_over_glass"][:, inside], sound[:, inside])
    assert np.isnan(found["C_ratio"][:, ~inside]).all()


def test_the_tolerance_includes_its_end(tmp_path, laws):
    _, settings = prepared(tmp_path, SURVEY.replace("tolerance: 1.5", "tolerance: 10"))
    assert predictions(settings, tmp_path / "wire")["matches"].sel(Estar=0.05, method="nearest").all()


def test_along_a_fitted_axis_the_best_value_is_taken_for_all_predictions(tmp_path, laws):
    _, settings = prepared(tmp_path, FITTED.replace("chi: 0.1", "chi: 0.03"))
    found = predictions(settings, tmp_path / "wire")
    assert found["fitted"].dims == found["C_ratio"].dims == ("T", "Estar")
    assert found["fitted"].shape == POINTS[::-1]
    T, Estar, Pd = found["T"].values[:, None], found["Estar"].values, found["fitted"].values
    # As far above at 40 mK as below at 1 K: 1e18/sqrt(25).
    expected = np.broadcast_to(np.where(Estar < 0.03, np.nan, np.where(Estar > 0.1, 2e17, 1e18)), Pd.shape)
    np.testing.assert_allclose(Pd / KELVIN, expected, rtol=1e-9)
    np.testing.assert_allclose(found["mismatch"][0], np.where(Estar < 0.03, np.inf, np.where(Estar > 0.1, 5, 1)))
    assert not found["leans"].any()
    np.testing.assert_allclose(found["C_ratio"], heat_ratio(T, Pd, Estar)[0])
    np.testing.assert_allclose(found["W_over_glass"], sound_ratio(T, Pd, 0.03, Estar, 1e9)[0])


def test_a_fit_that_leans_on_the_end_of_its_axis_says_so(tmp_path, laws):
    _, settings = prepared(tmp_path, FITTED.replace("3 ns", "100 ps").replace("tolerance: 1.5", "tolerance: 4"))
    found = predictions(settings, tmp_path / "wire")
    Estar = found["Estar"].values
    np.testing.assert_array_equal(found["leans"][0], (Estar >= 0.03) & (Estar <= 0.1))
    held = found["leans"].values
    np.testing.assert_allclose(found["fitted"].values[held], 1e19 * KELVIN)
    np.testing.assert_allclose(found["mismatch"].values[held], 3)
    scene = observability(settings, tmp_path / "wire" / "dephasing.nc", None)
    assert "leans on an end of its axis" in scene.notes[1] and "everywhere of what is coloured" in scene.notes[1]


def test_a_fit_goes_on_beside_values_without_a_time(tmp_path, laws, monkeypatch):
    """With levels only above Pd = 1e18 the best is the next value that has any."""

    def some(T, Lambda0, Pd, Estar):
        times, status = tau_phi(T, Lambda0, Pd, Estar)
        return np.where(Pd > 1.01e18 * KELVIN, times, np.nan), status

    monkeypatch.setitem(LAWS, "tau_phi", some)
    _, settings = prepared(tmp_path, FITTED)
    found = predictions(settings, tmp_path / "wire").sel(Estar=0.05, method="nearest").isel(T=0)
    assert 1.01e18 < found["fitted"] / KELVIN < 1.4e18
    assert float(found["mismatch"]) == pytest.approx(float(found["fitted"]) / KELVIN / 1e18)


def test_an_axis_of_one_quantity_alone_can_be_drawn(tmp_path, laws):
    text = SURVEY.replace("y: Pd", "y: omega").replace("omega: 1e9 rad/s}", "Pd: 1e18 K^-1 cm^-3}")
    _, settings = prepared(tmp_path, text)
    found = predictions(settings, tmp_path / "wire")
    np.testing.assert_array_equal(found["C_ratio"][0], found["C_ratio"][-1])
    np.testing.assert_allclose(found["W_over_glass"][0], 10 * found["W_over_glass"][-1])
    assert observability(settings, tmp_path / "wire" / "dephasing.nc", None).y.label == "$\\omega$ (" + (
        "$\\mathrm{rad}\\,\\mathrm{s}^{-1}$)"
    )


def test_cubes_that_disagree_on_an_axis_are_refused_and_never_joined(tmp_path, laws):
    _, settings = prepared(tmp_path, SURVEY)
    for factor, refused in ((1 + 1e-10, True), (1 + 1e-15, False)):
        with netCDF4.Dataset(tmp_path / "wire" / "heat.nc", "a") as cube:
            said = json.loads(cube.configuration)
            with netCDF4.Dataset(tmp_path / "wire" / "dephasing.nc") as other:
                said["axes"]["Pd"] = [value * factor for value in json.loads(other.configuration)["axes"]["Pd"]]
            cube.configuration = json.dumps(said)
        if refused:
            with pytest.raises(
                SurveyError, match=r"heat\.nc and .*dephasing\.nc have different values of Pd; assemble"
            ):
                predictions(settings, tmp_path / "wire")
        else:
            assert predictions(settings, tmp_path / "wire")["matches"].any()


def test_the_diagram_says_where_claims_hold_and_what_is_decisive(tmp_path, laws):
    survey, settings = prepared(tmp_path, SURVEY.replace("tolerance: 1.5", "tolerance: 4"))
    scene = observability(settings, tmp_path / "wire" / "dephasing.nc", None)
    grey, mesh = (layer for layer in scene.layers if isinstance(layer, Mesh))
    assert "mK" in scene.x.label
    found = predictions(settings, tmp_path / "wire").sel(Pd=mesh.y, Estar=1e-3 * mesh.x, method="nearest")
    matches, ratio = found["matches"].values, found["C_ratio"].values
    np.testing.assert_array_equal(np.isfinite(mesh.values), matches)
    np.testing.assert_allclose(10 ** mesh.values[matches], ratio[matches])
    assert mesh.bar == "$C_T/C_e$" and np.isfinite(grey.values).all() and len(set(grey.colours)) == 1
    assert not [layer for layer in scene.layers if isinstance(layer, Points) and not layer.label]
    assert {
        "$C_T/C_e$ = $30$ (claimed: about a hundred times)",
        "$C_T/C_e$ = $300$ (claimed: about a hundred times)",
        "$W/W_g$ = $100$ (claimed: 10 to 100 times a glass)",
        "decisive: $C_T > C_e$ and $W > W_g$",
    } <= set(labels(scene))
    assert not any("$W/W_g$ = $10$" in text for text in labels(scene))
    # C_T/C_e = 300 at Pd = 3e18 wherever the levels are not frozen out (E* > T).
    solid = [layer for layer in scene.layers if isinstance(layer, Line) and layer.colour == "#000000"]
    upper = next(layer for layer in solid if layer.dash == "solid" and layer.x.size > 1)
    np.testing.assert_allclose(upper.y[upper.x > 45], 3e18 * KELVIN, rtol=1e-6)
    parts = [ratio[matches] < 30, ratio[matches] > 300]
    below, above = (f"{100 * part.mean():.0f} %" for part in parts)
    right = f"{100 * (~parts[0] & ~parts[1]).mean():.0f} %"
    (told,) = [note for note in scene.notes if note.startswith("Claimed: $C_T/C_e$ from $30$ to $300$")]
    assert f"as claimed in {right}, below in {below}, above in {above}." in told
    assert any(note.startswith("Decisive, $C_T > C_e$ and $W > W_g$, everywhere") for note in scene.notes)
    flagged = (
        f"$W/W_g$ with care in {100 * (np.broadcast_to(found['Estar'] < 0.05, matches.shape))[matches].mean():.0f} %"
    )
    assert any(note.startswith(flagged) and "resonance" in note for note in scene.notes)
    assert scene.notes[-1] == "Measured: a test."
    assert {"off resonance", "ok"} <= set(grey.hover["W over glass status"].ravel())
    render(survey, "cut", tmp_path)
    with Image.open(tmp_path / "wire" / "diagrams" / "cut.png") as image:
        assert image.info["Cube"] == "wire/dephasing.nc; wire/heat.nc; wire/attenuation.nc"
    assert "off by a factor" in (tmp_path / "wire" / "diagrams" / "cut.html").read_text(encoding="utf-8")


def test_a_diagram_says_that_nothing_is_decisive(tmp_path, laws, monkeypatch):
    monkeypatch.setitem(LAWS, "C_ratio", lambda T, Pd, Estar: (0.5 + 0 * Pd * Estar, np.uint8(0)))
    _, settings = prepared(tmp_path, FITTED)
    scene = observability(settings, tmp_path / "wire" / "dephasing.nc", None)
    assert any(note.startswith("No point is decisive") and "$C_T > C_e$ nowhere" in note for note in scene.notes)
    assert any("as claimed nowhere, below everywhere, above nowhere" in note for note in scene.notes)
    assert not any("decisive" in text for text in labels(scene))


def test_a_fine_picture_tells_numbers_at_some_of_its_points(tmp_path, laws):
    survey, settings = prepared(tmp_path, FITTED)
    scene = observability(settings, tmp_path / "wire" / "dephasing.nc", None)
    grey, mesh = (layer for layer in scene.layers if isinstance(layer, Mesh))
    assert not mesh.hover and grey.values.size * 3 < mesh.values.size
    np.testing.assert_allclose([grey.x[0], grey.x[-1], grey.y[0], grey.y[-1]], [*mesh.x[[0, -1]], *mesh.y[[0, -1]]])
    render(survey, "cut", tmp_path)
    assert (tmp_path / "wire" / "diagrams" / "cut.html").stat().st_size < 5e6


def test_what_is_far_from_every_match_is_left_out_and_named(tmp_path, laws):
    _, settings = prepared(tmp_path, SURVEY)
    scene = observability(settings, tmp_path / "wire" / "dephasing.nc", None)
    found = predictions(settings, tmp_path / "wire")
    shown = scene.layers[0]
    last = found["Estar"].values[found["matches"].any("Pd")].max()
    assert "mK" in scene.x.label and last < shown.x[-1] * 1e-3 < 3 * last
    assert "above $E^* = " in scene.notes[1] and "below $P_d = " in scene.notes[1]


def test_where_nothing_matches_the_diagram_says_how_far_off_the_closest_point_is(tmp_path, laws):
    survey, settings = prepared(tmp_path, SURVEY.replace("3 ns", "1 ps"))
    scene = observability(settings, tmp_path / "wire" / "dephasing.nc", None)
    assert "Nowhere" in scene.notes[0] and "the closest is off by a factor 300" in scene.notes[0]
    render(survey, "cut", tmp_path)


def test_the_points_of_a_picture_are_those_of_the_kernels(tmp_path, monkeypatch):
    """At points between those of the grid: the predictions, and the fitted value as a root of the kernel itself."""
    monkeypatch.setattr(of_pictures, "POINTS", (5, 4))
    survey, settings = prepared(tmp_path, FITTED)
    found = predictions(settings, tmp_path / "wire")
    assert found["matches"].any() and not found["matches"].all()
    fixed = {"Lambda0": 0.01, "chi": 0.1}

    def direct(label, variable, **parameters):
        quantity, options = QUANTITIES[survey.request(label).quantity], survey.request(label).options
        needed = [name for names in quantity.depends_on(options, [variable]) for name in names]
        given = {**survey.constants_of(label), **fixed, "omega": 1e9} | parameters
        return quantity(**{name: given[name] for name in needed}, **options, variables=(variable,))[variable]

    measured = np.array([0.04, 0.1, 0.2, 0.5, 1.0])
    for y, x in ((0, 0), (3, 0), (1, 1), (2, 3)):
        here = found.isel(T=y, Estar=x)
        T, Estar, Pd = (float(here[name]) for name in ("T", "Estar", "fitted"))
        np.testing.assert_allclose(here["C_ratio"], direct("heat", "C_ratio", T=T, Estar=Estar, Pd=Pd), rtol=1e-9)
        sound = direct("attenuation", "W_over_glass", T=T, Estar=Estar, Pd=Pd)
        np.testing.assert_allclose(here["W_over_glass"], sound, rtol=1e-9)

        def logs(log_Pd, Estar=Estar):
            times = direct("dephasing", "tau_phi", T=measured, Estar=Estar, Pd=np.exp(log_Pd))
            return np.log(times / 3e-9)

        root = brentq(lambda log_Pd: logs(log_Pd).max() + logs(log_Pd).min(), *np.log([1e17 * KELVIN, 1e19 * KELVIN]))
        assert Pd == pytest.approx(np.exp(root), rel=1e-2)
        assert float(here["mismatch"]) == pytest.approx(np.exp(logs(root).max()), rel=1e-2)


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
    ("attenuation: {", "attenuation: {variables: [W], ", r"cut.sound .*: needs 'W_over_glass', which the survey does"),
    (
        "  attenuation: {",
        "  more: {quantity: attenuation, options: {distribution: tunnelling_states}}\n  attenuation: {",
        r"cut.sound .*: is missing; allowed: more, attenuation",
    ),
    (
        "  attenuation: {options: {distribution: tunnelling_states}}\n",
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
