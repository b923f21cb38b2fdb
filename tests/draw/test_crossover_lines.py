"""Crossovers of sound along T and along omega: located, drawn over each other in one map, marked and queried."""

import numpy as np
import pytest
from scipy.constants import hbar, k
from scipy.optimize import brentq

from physics import QUANTITIES
from survey.compute.tile import compute_tile
from survey.config.load import load_survey
from survey.cubes.assemble import assemble
from survey.cubes.crossovers import locate
from survey.draw.curves import curves
from survey.draw.maps import crossover_map
from survey.draw.picture.scene import Mark, Mesh, Points
from survey.draw.regimes import regime_map
from survey.draw.render import render
from survey.errors import SurveyError
from survey.query.answer import query
from survey.store.tiles import tiles_of

SURVEY = """
axes:
  T: {start: 10 mK, stop: 3 K, num: 8}
  chi: {values: [0.01, 0.1]}
  omega: {start: 1e5 rad/s, stop: 1e11 rad/s, num: 20}
constants:
  {Pd: "1e46 J^-1 m^-3", Estar: 1 K, Pd_glass: "1e45 J^-1 m^-3", Estar_glass: 10 K, p_min: 1e-6, p_min_glass: 1e-6}
quantities: {attenuation: {variables: [F_resonant, F_relaxation, status]}}
crossovers:
  omega_equal: {kind: equal, variables: [F_resonant, F_relaxation], along: omega}
  omega_chi: {kind: closed_form, closed_form: omega_chi, along: omega}
  T_fast: {kind: closed_form, closed_form: T_chi}
  T_cut: {kind: closed_form, closed_form: Estar}
diagrams:
  lines: {kind: regime_map, variable: status, x: omega, y: T, at: {chi: 0.1},
    crossovers: [omega_equal, omega_chi, T_fast, T_cut]}
  where: {kind: crossover_map, crossover: omega_equal, x: T, y: chi}
  formula: {kind: crossover_map, crossover: T_fast, x: omega, y: chi}
  spectra: {kind: curves, variables: [F_relaxation, F_resonant], x: omega, family: T, values: [10 mK, 3 K],
    at: {chi: 0.01}, crossovers: [omega_equal], laws: [relaxation_printed]}
"""
CHI_004 = 2.0


@pytest.fixture(scope="module")
def sound(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sound")
    (folder / "sound.yaml").write_text(SURVEY, encoding="utf-8")
    survey = load_survey(folder / "sound.yaml")
    for tile in tiles_of(survey, "attenuation"):
        compute_tile(folder / "store", tile)
    assemble(survey, "attenuation", folder / "store", folder)
    return survey, folder, locate(survey, folder)


def scene(sound, kind, name):
    survey, folder, crossovers = sound
    return kind(survey.diagrams[name], folder / "sound" / "attenuation.nc", crossovers)


def excess(omega, T, chi, constants):
    found = QUANTITIES["attenuation"](omega=omega, T=T, chi=chi, **constants, variables=("F_resonant", "F_relaxation"))
    return np.log(float(found["F_resonant"]) / float(found["F_relaxation"]))


def test_resonance_and_relaxation_are_equal_where_the_kernel_says_so(sound):
    survey, _, path = sound
    found = 0
    grid = survey.axes["omega"]
    for T in survey.axes["T"][::3]:
        for chi in survey.axes["chi"]:
            answer = query(path, "omega_equal", T=T, chi=chi)
            signs = np.sign([excess(omega, T, chi, survey.constants) for omega in grid])
            changes = np.flatnonzero(signs[1:] != signs[:-1])
            if changes.size == 0:
                assert np.isnan(float(answer.omega_equal))
                continue
            ends = grid[changes[-1]], grid[changes[-1] + 1]
            root = brentq(excess, *ends, (T, chi, survey.constants), rtol=1e-12)
            assert float(answer.omega_equal) == pytest.approx(root, rel=1e-6)
            assert answer.omega_equal.units == "rad s-1"
            found += 1
    assert found >= 3


def test_lines_along_both_axes_lie_in_one_map(sound):
    survey, _, path = sound
    found = scene(sound, regime_map, "lines")
    mesh = next(layer for layer in found.layers if isinstance(layer, Mesh))
    T, omega = np.array(survey.axes["T"]), np.array(survey.axes["omega"])
    x_factor, y_factor = mesh.x[0] / omega[0], mesh.y[0] / T[0]
    lines = {layer.label: layer for layer in found.layers if getattr(layer, "label", "").startswith("$")}
    width = next(line for label, line in lines.items() if "omega_" in label and "equal" not in label)
    np.testing.assert_allclose(width.y / y_factor, T)
    np.testing.assert_allclose(width.x / x_factor, 2 * CHI_004 * 0.1 * k * T / hbar, rtol=1e-12)
    fast = lines[r"$T_\mathrm{fast}$"]
    np.testing.assert_allclose(fast.x / x_factor, omega)
    np.testing.assert_allclose(fast.y / y_factor, hbar * omega / (2 * CHI_004 * 0.1 * k), rtol=1e-12)
    np.testing.assert_allclose(lines[r"$T_\mathrm{cut}$"].y / y_factor, 1.0)
    equal = lines[r"$\omega_\mathrm{equal}$"]
    stored = query(path, "omega_equal", T=T[2], chi=0.1)
    np.testing.assert_allclose(equal.x[2] / x_factor, float(stored.omega_equal))


def test_maps_of_crossovers_and_marks_name_the_frequency(sound):
    survey, folder, _ = sound
    where = scene(sound, crossover_map, "where")
    assert where.title == r"Crossover angular frequency $\omega_\mathrm{equal}$"
    assert "rad" in where.layers[0].bar and r"\omega" in where.layers[0].bar
    formula = scene(sound, crossover_map, "formula")
    assert formula.title == r"Crossover temperature $T_\mathrm{fast}$"
    assert np.isfinite(formula.layers[0].values).all()
    marks = [layer for layer in scene(sound, curves, "spectra").layers if isinstance(layer, Points | Mark)]
    # The place of the printed law that lies on omega, and no temperature.
    texts = {getattr(mark, "label", "") or getattr(mark, "text", "") for mark in marks} - {""}
    assert texts == {r"$4\chi k_\mathrm{B}T/\hbar$", r"$\omega_\mathrm{equal}$"}
    for name in survey.diagrams:
        render(survey, name, folder)
    assert {path.stem for path in (folder / "sound" / "diagrams").glob("*.png")} == set(survey.diagrams)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            "x: omega, y: T, at: {chi: 0.1}",
            "x: chi, y: T, at: {omega: 1e5 rad/s}",
            "omega_equal lies along omega; it can be",
        ),
        ("x: T, y: chi", "x: omega, y: chi, at: {T: 10 mK}", "attenuation is located along omega"),
        (
            "crossovers: [omega_equal], laws",
            "crossovers: [T_cut], laws",
            "T_cut lies along T; it can be drawn only if x is T",
        ),
        ("closed_form: omega_chi, along: omega", "closed_form: omega_chi", "attenuation has no closed_form omega_chi"),
    ],
)
def test_what_cannot_be_drawn_is_refused(tmp_path, old, new, message):
    assert old in SURVEY
    (tmp_path / "sound.yaml").write_text(SURVEY.replace(old, new), encoding="utf-8")
    with pytest.raises(SurveyError, match=message):
        load_survey(tmp_path / "sound.yaml")
