"""Diagrams of any quantity: variables with axes and signs of their own, linear axes, laws, marks, labels side by side.

The quantities are made up, see `assembly`; what they must look like follows from their formulas.
"""

import json
import re
from dataclasses import replace
from itertools import pairwise
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image
from test_diagrams import attributes_of, labels, write

from helpers import assembly
from physics import PARAMETERS, QUANTITIES
from survey.draw.comparison import comparison
from survey.draw.curves import curves
from survey.draw.geometry import contour, edges, hatch, ticks
from survey.draw.lines import Curve, apart, empty_frame, lines_of, value_axis
from survey.draw.maps import exponent_map, value_map
from survey.draw.picture import printed, screen
from survey.draw.picture.captions import mark_texts
from survey.draw.picture.scene import Axis, Line, Mark, Mesh, Points, Scene
from survey.draw.plane import STATUSES, overlays
from survey.draw.regimes import regime_map
from survey.draw.render import render
from survey.draw.slices import read_slice, spread
from survey.errors import SurveyError
from survey.flags import COLOURS, FLAGS, flag_text
from survey.mathtext import number, prefix_of, refuse_bad_formula, unicode_text, unit_text, value_text
from survey.run.jobs import Jobs

DOMINANT = ["none", "single centres", "pairs of centres", "clusters of more than 10 centres"]
KINDS = {each.__name__: each for each in (curves, comparison, exponent_map, value_map, regime_map)}


@pytest.fixture(scope="module", autouse=True)
def made_up():
    patch = pytest.MonkeyPatch()
    assembly.register(patch)
    yield
    patch.undo()


@pytest.fixture(scope="module")
def results(made_up, tmp_path_factory):
    folder = tmp_path_factory.mktemp("kinds")
    survey = assembly.survey_in(folder)
    assembly.write_results(survey, folder, write, attributes_of)
    return survey, folder


def scene(results, name):
    survey, folder = results
    settings, place = survey.diagrams[name], folder / survey.name
    return KINDS[settings.kind](settings, place / f"{settings.labels[0]}.nc", place / "crossovers.nc")


def of(scene, kind, **attributes):
    return [
        layer
        for layer in scene.layers
        if isinstance(layer, kind) and all(getattr(layer, name) == value for name, value in attributes.items())
    ]


def fault(folder, entry):
    with pytest.raises(SurveyError) as caught:
        assembly.survey_in(folder, {"d": entry})
    return str(caught.value)


# ---- axes and words


def test_a_linear_axis_has_even_cells_ticks_contours_and_hatching():
    centres = np.array([-1.0, 0.0, 1.0, 2.0])
    np.testing.assert_allclose(edges(centres, "linear"), [-1.5, -0.5, 0.5, 1.5, 2.5])
    assert ticks(-3.0, 3.0, "linear") == [-3.0, -2.0, -1.0, 0.0, 1.0, 2.0, 3.0]
    assert ticks(0.0, 0.3, "linear") == [0.0, 0.1, 0.2, 0.3]
    z = centres[None, :] + np.zeros((3, 1))
    x, _ = contour(centres, np.array([1.0, 10.0, 100.0]), z, 0.25, ("linear", "log"))
    np.testing.assert_allclose(x, 0.25)
    mask = np.array([[True, False, False]])
    x, y = hatch(np.array([-3.0, -1.0, 1.0, 3.0]), np.array([0.0, 1.0]), mask, 1, ("linear", "linear"))
    assert np.nanmax(x) <= -1 + 0.01 and np.nanmin(x) >= -3
    assert np.nanmin(y) >= 0


@pytest.mark.parametrize(("lower", "upper"), [(-1e-3, 7.0), (0.0, 1e-12), (2e46, 2.1e46), (-5.0, -4.9)])
def test_linear_ticks_are_evenly_spaced_and_inside(lower, upper):
    found = ticks(lower, upper, "linear")
    assert 3 <= len(found) <= 11
    assert lower <= found[0] <= found[-1] <= upper
    np.testing.assert_allclose(np.diff(found), found[1] - found[0], rtol=1e-6)


@pytest.mark.parametrize(
    ("unit", "lower", "upper", "power"),
    [
        ("K", 1e-3, 1.0, -3),
        ("K", 1e-3, 10.0, 0),
        ("K", 1e-6, 9e-4, -6),
        ("K", -0.5, 0.1, -3),
        ("s", 1e-12, 1e-3, -9),
        ("s", 1e-12, 1e-10, -12),
        ("s", 1e-5, 1e-3, -3),
        ("s", 1e-3, 100.0, 0),
        ("rad s-1", 1e6, 1e9, 0),
        ("1", 1e-6, 1e-3, 0),
    ],
)
def test_prefixes(unit, lower, upper, power):
    assert prefix_of(unit, lower, upper) == power


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (value_text(r"\omega", 1e9, "rad s-1"), "ω = 10⁹ rad\u2009s⁻¹"),
        (value_text("n", 10.0, "1"), "n = 10"),
        (value_text("T", 1e-3, "K"), "T = 1 mK"),
        (value_text("t", 2e-5, "s"), "t = 20 µs"),
        (f"${number(10000.0)}$", "10000"),
        (unit_text("ohm m-1"), "Ω\u2009m⁻¹"),
        (r"$\chi''(\omega)$ of $\tilde{P}_n$, $\tilde\Delta$", "χ″(ω) of P̃n, Δ̃"),
    ],
)
def test_words_of_other_units_and_symbols(text, expected):
    assert unicode_text(text) == expected


def test_the_scale_of_an_axis_follows_its_spacing_and_can_be_chosen(results, tmp_path):
    diagrams = results[0].diagrams
    assert (diagrams["phases"].x_scale, diagrams["phases"].y_scale) == ("linear", "log")
    assert diagrams["sizes"].x_scale == "log"
    chosen = assembly.survey_in(tmp_path, {"d": "kind: value_map, variable: susceptibility, x: omega, y: Phi"}).diagrams
    assert (chosen["d"].x_scale, chosen["d"].y_scale) == ("log", "linear")
    text = fault(tmp_path, "kind: value_map, variable: susceptibility, x: omega, y: Phi, y_scale: log")
    assert "diagrams.d.y_scale (line 17): found 'log'; the axis Phi begins at -3; allowed: linear" in text


def test_marks_on_a_linear_axis_are_joined_by_their_distance():
    axis = Axis("x", -10.0, 10.0, (0.0,), "linear")
    layers = (Mark(-5.0, "a"), Mark(-4.9, "b"), Mark(5.0, "c"))
    found = mark_texts(Scene("", axis, axis, layers))
    assert [text for _, text in found] == ["a, b", "c"]
    assert found[0][0] == pytest.approx(-4.95)


# ---- variables with axes of their own


def test_a_slice_ignores_axes_that_its_variables_do_not_have(results):
    cube = results[1] / "made_up" / "assembly.nc"
    found = read_slice(cube, {"n": 10.0, "Pd": 1e47, "Estar": 10.0}, ["t", "n_half"])
    assert found["t"].dims == ("T",)
    assert float(found["n_half"]) == 2.0
    wide = spread(read_slice(cube, {"Pd": 1e47, "Estar": 10.0, "T": 0.001}, ["P_n", "n_half"]), "n")
    np.testing.assert_array_equal(wide["n_half"], np.full(17, 2.0))


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        (
            "kind: curves, variables: [t], quantity: assembly, x: T, family: Pd, at: {Estar: 10 K, n: 10}",
            "diagrams.d.at.n (line 17): t does not depend on 'n'; allowed: T, Pd, Estar",
        ),
        (
            "kind: value_map, variable: t, quantity: assembly, x: T, y: n, at: {Estar: 10 K}",
            "diagrams.d.y (line 17): t does not depend on 'n'; allowed: T, Pd, Estar",
        ),
        (
            "kind: regime_map, variable: dominant, quantity: assembly, x: T, y: Pd",
            "diagrams.d.at (line 17): gives no value for Estar",
        ),
        (
            "kind: regime_map, variable: P_n, quantity: assembly, x: T, y: Pd, at: {Estar: 10 K}",
            "assembly has no such variable 'P_n'; allowed: dominant, status",
        ),
        (
            "kind: exponent_map, variable: t, along: n, quantity: assembly, x: T, y: Pd, at: {Estar: 10 K}",
            "diagrams.d.along (line 17): t does not depend on 'n'; allowed: T, Pd, Estar",
        ),
        (
            "kind: exponent_map, variable: susceptibility, along: Phi, x: Phi, y: omega",
            "an exponent needs positive values of Phi; found -3",
        ),
    ],
)
def test_axes_that_the_variables_do_not_have_are_refused_with_the_reason(tmp_path, entry, message):
    assert message in fault(tmp_path, entry)


def test_a_variable_and_its_axes_alone_are_drawn(results):
    evolution = results[0].diagrams["evolution"]
    assert evolution.at == {"Estar": 10.0}
    found = scene(results, "evolution")
    t = np.pi * 1e46 * assembly.U0 * np.log(10 / 0.001) / 3
    lines = [line for line in of(found, Line) if line.label.endswith(r"10^{46}$ $\mathrm{J}^{-1}\,\mathrm{m}^{-3}$")]
    assert lines[0].y[0] == pytest.approx(t, rel=1e-12)


def test_a_status_with_fewer_axes_is_spread_and_one_with_more_is_told(results):
    found = scene(results, "balance")
    assert "beyond the validity of the theory" in labels(found)
    mesh = of(found, Mesh)[0]
    np.testing.assert_array_equal(mesh.hover["status"][0], mesh.hover["status"][-1])
    survey, folder = results
    settings = replace(
        survey.diagrams["evolution"], variables=("n_half",), x="Pd", family=None, at={}, marks=(), crossovers=()
    )
    found = curves(settings, folder / "made_up" / "assembly.nc", folder / "made_up" / "crossovers.nc")
    assert found.notes == ("The status depends on further axes and is not shown.",)


# ---- maps


def test_every_flag_of_the_registry_has_words_in_a_legend():
    """Letters and abbreviations of the papers stand in formulas, or not at all."""
    flags = {name for each in QUANTITIES.values() for one in each.variables for name in one.flags or ()}
    assert flags > set(STATUSES) and len(flags) > 40 and FLAGS.keys() <= flags
    signs = {*PARAMETERS, "W", "rg", "eff"} - {"spin", "width", "bandwidth"}
    for name in flags:
        refuse_bad_formula(flag_text(name))
        plain = re.sub(r"\$[^$]*\$", "", flag_text(name))
        assert "_" not in plain and not set(plain.split()) & signs, name


def test_a_map_of_any_flag_variable_has_its_words_and_a_colour_for_each_value(results):
    found = scene(results, "who")
    assert found.title == "Who dominates"
    mesh = of(found, Mesh)[0]
    swatches = [layer for layer in of(found, Points, marker="s") if layer.label in DOMINANT]
    assert [layer.label for layer in swatches] == DOMINANT
    assert [layer.colour for layer in swatches] == [*COLOURS[:4]] == list(mesh.colours)
    assert mesh.hover["dominant"][-1][0] == DOMINANT[-1]
    (line,) = of(found, Line, label=r"$T_\mathrm{pair}$")
    np.testing.assert_allclose(line.x, 0.5 * np.sqrt(line.y / 1e47))
    # T_above_W and beyond_validity have no fixed hatching: they are hatched in different ways.
    hatched = {layer.label: layer.hatch for layer in of(found, Points) if layer.hatch}
    assert hatched == {"$T > E^*$": 1, "beyond the validity of the theory": -1}


def test_a_value_keeps_its_colour_whichever_others_occur(results):
    survey, folder = results
    settings = replace(survey.diagrams["states"], at={"Estar": 10.0})
    place = folder / "made_up"
    wide = {layer.label: layer.colour for layer in of(scene(results, "states"), Points)}
    narrow = {
        layer.label: layer.colour
        for layer in of(regime_map(settings, place / "assembly.nc", place / "crossovers.nc"), Points)
    }
    assert wide == narrow == {"ok": COLOURS[0], "$T > E^*$": COLOURS[1], FLAGS["beyond_validity"]: COLOURS[2]}


def test_values_of_both_signs_have_a_linear_scale_with_white_at_zero(results):
    found = scene(results, "phases")
    mesh = of(found, Mesh)[0]
    assert mesh.scales == ("linear", "log")
    assert mesh.limits == pytest.approx((-0.5 * np.cos(np.pi - 3), 0.5), rel=1e-9)
    values = np.linspace(*mesh.limits, 256)
    assert mesh.colours[int(np.argmin(np.abs(values)))] in ("#ffffff", "#fefefe", "#fffffe", "#fffefd", "#fefeff")
    assert [value for value, _ in mesh.bar_ticks][4] == 0.0
    np.testing.assert_allclose(np.diff(mesh.x_edges), 0.25)


def test_values_that_span_little_have_a_linear_scale_unless_told_otherwise(results):
    survey, folder = results
    settings = survey.diagrams["power_at"]
    little = settings.plain() | {"kind": "value_map", "x": "T", "y": "Estar", "at": {"Pd": 3e45}}
    fields = {"variable": "P_total", "scale": None, "colormap": None, "title": None}
    for scale, upper in ((None, 3e45), ("log", np.log10(3e45))):
        told = SimpleNamespace(**(little | fields | {"scale": scale}))
        mesh = of(value_map(told, folder / "made_up" / "assembly.nc", None), Mesh)[0]
        assert mesh.limits[1] == pytest.approx(upper, rel=0.05)


def test_a_logarithmic_scale_ends_at_thirty_decades_and_zero_lies_below(results):
    mesh = of(scene(results, "deep"), Mesh)[0]
    assert mesh.limits[1] - mesh.limits[0] == pytest.approx(30)
    assert mesh.extend == "min"
    assert np.isfinite(mesh.values[:, 0]).all()


def test_an_exponent_along_any_axis_is_that_of_the_power_law(results):
    found = scene(results, "power")
    mesh = of(found, Mesh)[0]
    assert mesh.bar == r"$-\partial \ln P_n/\partial \ln n$"
    # ln(1 + n) n^(-2 - 1/(3 + 10 t)), far up: the logarithm takes off about 1/ln n.
    t = np.pi * 1e47 * assembly.U0 * np.log(1e4) / 3
    assert mesh.values[-2, 0] == pytest.approx(2 + 1 / (3 + 10 * t) - 1 / np.log(1e10), abs=5e-3)
    finite = mesh.values[np.isfinite(mesh.values)]
    assert mesh.limits == (finite.min(), finite.max())
    assert 2 <= len([label for label in labels(found) if label.startswith("exponent")]) <= 4
    fixed = of(scene(results, "power_at"), Mesh)[0]
    t = np.pi * np.array([1e46, 1e47, 1e48]) * assembly.U0 * np.log(10 / 0.001) / 3
    logs = np.log(np.array([1e46, 1e47, 1e48]) / (1 + t))
    assert fixed.values[1, 0] == pytest.approx(-(logs[2] - logs[0]) / np.log(100), rel=1e-9)


def test_fills_and_hatching_follow_linear_axes(results):
    mesh = of(scene(results, "phases"), Mesh)[0]
    mask = np.zeros(mesh.values.shape, bool)
    mask[:, 0] = True
    line = of(SimpleNamespace(layers=overlays(mesh, {"odd": mask}, {})), Line)[-1]
    assert np.nanmax(line.x) <= mesh.x_edges[1] + 0.01


def test_a_status_of_all_cells_is_named_and_not_hatched(results):
    mesh = of(scene(results, "phases"), Mesh)[0]
    (entry,) = overlays(mesh, {"odd_one": np.ones(mesh.values.shape, bool)}, {})
    assert (entry.label, entry.hatch) == ("everywhere: odd one", 0)


# ---- curves


def test_laws_run_along_their_axis_and_are_named(results):
    found = scene(results, "exact")
    (law,) = [line for line in of(found, Line, dash="dotted") if line.x.size > 1]
    computed = of(found, Line, dash="solid")[0]
    assert "constant kernel, eq. (5.7)" in labels(found)
    strong = of(found, Line, hover=True)[-1]
    few = strong.x <= 10
    np.testing.assert_allclose(strong.y[few], np.interp(strong.x[few], law.x, law.y), rtol=0.02)
    assert (found.y.lower, found.y.upper) == (1e30, 1e48)
    assert computed.x[0] == law.x[0] == 1.0
    named = scene(results, "sizes")
    assert [label for label in labels(named) if "eq." in label] == [
        "large clusters, eq. (6.20)",
        "large clusters, eq. (6.21)",
    ]


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ("x: n, laws: [inverse]", ".laws.0 (line 17): assembly has no law 'inverse'; did you mean 'inverse_square'?"),
        ("x: n, laws: [constant_kernel]", ".laws.0 (line 17): the law constant_kernel holds for kernel: constant"),
        ("x: Pd, laws: [inverse_square]", ".laws.0 (line 17): the law inverse_square runs along x: n or T"),
        ("x: Pd, closed_forms: true", ".closed_forms (line 17): found true; the law constant_kernel runs along x: n"),
        ("x: n, marks: [T_freeze]", ".marks.0 (line 17): T_freeze is in K, the axis n in 1; allowed: the same unit"),
        ("x: n, marks: [balance]", ".marks.0 (line 17): balance depends on n; allowed: a variable that does not"),
        ("x: n, marks: [odd.t]", ".marks.0 (line 17): there is no quantity 'odd'"),
        ("x: n, crossovers: [T_pair]", ".crossovers (line 17): T_pair lies along T; it can be drawn only if x is T"),
        ("x: n, regimes: dominant", ".regimes (line 17): dominant does not depend on 'n'; allowed: one that does"),
        (
            "x: T, family: Pd, regimes: dominant",
            ".regimes (line 17): dominant differs from curve to curve; allowed: a single value of the family",
        ),
        ("x: n, values: [1 K]", ".values (line 17): needs `family`"),
        ("x: n, y_range: [2, 1]", ".y_range (line 17): found [2, 1]; allowed: a lower, then a higher value"),
        ("x: n, y_range: [-1, 1]", ".y_range (line 17): found -1; allowed: positive values, or y_scale: linear"),
    ],
)
def test_faults_of_curves(tmp_path, entry, message):
    fixed = {"T": "T: 1 mK", "n": "n: 10", "Pd": "Pd: 1e47 J^-1 m^-3"}
    at = ", ".join(text for name, text in fixed.items() if f"x: {name}" not in entry and f"family: {name}" not in entry)
    text = f"kind: curves, quantity: assembly, variables: [P_n], {entry}, at: {{{at}, Estar: 10 K}}"
    assert f"diagrams.d{message}" in fault(tmp_path, text)


def test_variables_of_different_units_are_refused(tmp_path):
    entry = "kind: curves, quantity: assembly, variables: [P_total, t], x: T, at: {Pd: 1e47 J^-1 m^-3, Estar: 10 K}"
    assert "found P_total in J-1 m-3, t in 1; allowed: variables of one unit" in fault(tmp_path, entry)


def test_stored_variables_and_crossovers_are_marked_on_their_curves(results):
    found = scene(results, "evolution")
    circles = {}
    for layer in of(found, Points):
        circles.setdefault(layer.marker, []).append(layer)
    assert [group[-1].label for group in circles.values()] == [
        r"$T_\mathrm{f}$",
        r"$T_\mathrm{f}$, even",
        r"$T_\mathrm{pair}$",
    ]
    own = circles["v"][:-1]
    Pd = np.array([3e45, 1e46, 1e47, 1e48])
    np.testing.assert_allclose([point.x[0] for point in own], 0.1 * np.sqrt(Pd / 1e47))
    expected = np.pi * Pd * assembly.U0 * np.log(10 / (0.1 * np.sqrt(Pd / 1e47))) / 3
    np.testing.assert_allclose([point.y[0] for point in own], expected, rtol=0.02)
    np.testing.assert_allclose([point.x[0] for point in circles["<"][:-1]], 0.5 * np.sqrt(Pd / 1e47))
    (mark,) = of(scene(results, "sizes"), Mark)
    assert (mark.x, mark.text) == (2.0, "$n_{1/2}$")


def test_marks_outside_the_frame_are_named_below_it(results):
    survey, folder = results
    settings = replace(survey.diagrams["evolution"], y_range=(20.0, 30.0))
    found = curves(settings, folder / "made_up" / "assembly.nc", folder / "made_up" / "crossovers.nc")
    assert found.notes[-1] == r"Not within the frame: $T_\mathrm{f}$; $T_\mathrm{f}$, even; $T_\mathrm{pair}$."
    assert not of(found, Points)
    assert "frame" not in "".join(scene(results, "evolution").notes)


def test_a_diagram_is_drawn_from_the_cubes_of_its_marks_too(results):
    survey, _ = results
    assert survey.diagrams["evolution"].labels == ("assembly", "even")
    assert survey.diagrams["side_by_side"].labels == ("assembly", "even")
    jobs = SimpleNamespace(
        surveys={survey.name: survey},
        cube=lambda name, label: f"{label}.nc",
        crossovers=lambda name: "crossovers.nc",
    )
    assert Jobs.diagram_sources(jobs, survey.name, "evolution") == ["assembly.nc", "even.nc", "crossovers.nc"]
    assert Jobs.diagram_sources(jobs, survey.name, "side_by_side") == ["assembly.nc", "even.nc"]


def test_values_of_both_signs_are_curves_on_a_linear_axis(results):
    found = scene(results, "both_signs")
    assert found.y.scale == "linear"
    assert found.y.lower < -1 < 1 < found.y.upper
    assert of(found, Line)[0].y.min() < 0
    assert scene(results, "lines").y.scale == "linear"


def test_the_vertical_axis_shows_thirty_decades_at_most_and_is_there_without_a_value():
    plain = {"y_range": None, "inverse": False, "y_per": None}
    settings = SimpleNamespace(y_scale=None, **plain)
    calm = np.zeros(3, bool)
    axis, factor = value_axis(settings, np.array([1e-200, 0.0, 1.0]), calm, "P", None, "1")
    assert (axis.scale, factor) == ("log", 1.0)
    assert axis.lower == pytest.approx(1e-30 / 1.6)
    axis, _ = value_axis(SimpleNamespace(y_scale="linear", **plain), np.array([2.0, 2.0, np.nan]), calm, "P", None, "1")
    assert axis.lower < 2 < axis.upper
    for scale, values, kind in (("linear", np.full(3, np.nan), "finite"), ("log", -np.ones(3), "finite positive")):
        settings = SimpleNamespace(y_scale=None if scale == "linear" else "log", **plain)
        axis, _ = value_axis(settings, values, calm, "P", None, "1")
        assert axis.scale == scale and axis.lower < axis.upper and (scale == "linear" or axis.lower > 0)
        (unseen,), (note,) = empty_frame(values, axis, axis)
        assert unseen.opacity == 0 and note == f"There is no {kind} value in this slice."
        assert empty_frame(np.append(values, 2.0), axis, axis) == ([], [])


def test_a_flag_variable_colours_the_background_of_a_single_curve(results):
    found = scene(results, "single")
    (bands,) = of(found, Mesh)
    assert bands.values.shape == (1, 31)
    assert [layer.label for layer in of(found, Points, marker="s")] == DOMINANT
    assert (bands.x_edges[0], bands.x_edges[-1]) == (found.x.lower, found.x.upper)
    np.testing.assert_array_equal(bands.y_edges, [found.y.lower, found.y.upper])
    t = np.pi * 1e47 * assembly.U0 * np.log(10 / bands.x) / 3
    expected = np.select([bands.x >= 10, t < 0.1, t < 0.5], [0, 1, 2], 3)
    np.testing.assert_array_equal(bands.values[0], expected)


# ---- labels side by side


def test_a_comparison_has_one_curve_for_each_label_with_its_options(results):
    found = scene(results, "side_by_side")
    assert labels(found) == ["assembly: sqrt", "even: constant"]
    first, second = (next(line for line in of(found, Line) if line.label == label) for label in labels(found))
    assert first.colour != second.colour
    t = np.pi * 1e47 * assembly.U0 * np.log(10 / second.x) / 3
    certain = np.isfinite(second.y)
    assert certain.sum() > 20
    np.testing.assert_allclose(second.y[certain], (1e47 * t**9 / (1 + t) ** 11)[certain], rtol=1e-9)
    assert found.notes == ("Pale: beyond the validity of the theory.",)


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ("labels: [assembly, odd], x: T, at: {}", ".labels.1 (line 17): there is no quantity 'odd'"),
        ("labels: [even, even], x: T, at: {}", ".labels.1 (line 17): found 'even' again; allowed: each label once"),
        ("labels: [even, response], x: T, at: {}", ".labels.1 (line 17): response has no such variable 'P_n'"),
        ("labels: [even], x: T", ".labels (line 17): found 1 entries; allowed: at least 2"),
        ("labels: [even, assembly], x: T, at: {n: 10, Estar: 1 K}", ".at (line 17): gives no value for Pd"),
        ("labels: [even, assembly], x: omega, at: {}", ".x (line 17): P_n does not depend on 'omega'"),
    ],
)
def test_faults_of_comparisons(tmp_path, entry, message):
    assert f"diagrams.d{message}" in fault(tmp_path, f"kind: comparison, variable: P_n, {entry}")


def test_a_label_without_an_axis_ignores_its_cut(tmp_path):
    text = assembly.SURVEY.replace(
        "  response:\n", "  response:\n  dephasing:\n  glass: {quantity: dephasing, options: {distribution: glass}}\n"
    )
    text = text.replace("  omega:", "  Lambda0: {values: [10 mK, 20 mK]}\n  chi: {values: [0.1]}\n  omega:")
    text = text.replace("constants: {", "constants: {sigma_in: 1e-15 cm^2, v_F: 1e8 cm/s, tau: 1e-14 s, p_min: 1e-8, ")
    text += "  d: {kind: comparison, variable: tau_phi, labels: [dephasing, glass], x: T, "
    path = tmp_path / "wire.yaml"
    path.write_text(text + "at: {Lambda0: 10 mK, Pd: 1e47 J^-1 m^-3, chi: 0.1, Estar: 10 K}}\n")
    settings = assembly.load_survey(path).diagrams["d"]
    assert settings.at == {"Lambda0": 0.01, "Pd": 1e47, "chi": 0.1, "Estar": 10.0}
    for label, axes, time in (("dephasing", ("T", "Lambda0"), 2e-9), ("glass", ("T",), 1e-9)):
        grid = {"T": [0.1, 1.0], "Lambda0": [0.01, 0.02]}
        values = time * np.ones([2] * len(axes))
        distribution = "glass" if label == "glass" else "tunnelling_states"
        write(
            tmp_path / "wire" / f"{label}.nc",
            {name: grid[name] for name in axes},
            {"tau_phi": (values, {"units": "s", "symbol": r"\tau_\varphi"})},
            quantity="dephasing",
            configuration=json.dumps({"options": {"distribution": distribution}}),
        )
    found = comparison(settings, tmp_path / "wire" / "dephasing.nc", None)
    assert labels(found) == ["dephasing: tunnelling states", "glass"]
    np.testing.assert_allclose([line.y[0] for line in of(found, Line)], [2.0, 1.0])


# ---- files


def test_a_background_and_the_origin_of_marks_reach_the_files(results):
    survey, folder = results
    settings = replace(survey.diagrams["single"], marks=("even.T_freeze",))
    changed = SimpleNamespace(name=survey.name, diagrams={"single": settings}, request=survey.request)
    render(changed, "single", folder)
    target = folder / "made_up" / "diagrams"
    with Image.open(target / "single.png") as image:
        assert image.width > 1200
        assert image.info["Cube"] == "made_up/assembly.nc; made_up/even.nc"
    assert (target / "single.html").stat().st_size > 10_000


@pytest.mark.parametrize(("name", "x", "y"), [("lines", "log", "linear"), ("phases", "linear", "log")])
def test_both_backends_have_linear_axes_where_the_scene_has(results, name, x, y):
    drawn = scene(results, name)
    figure = screen.draw(drawn, 400, 300)
    assert [type(each).__name__ for each in (figure.x_scale, figure.y_scale)] == [
        {"log": "LogScale", "linear": "LinearScale"}[each] for each in (x, y)
    ]
    axes = printed.draw(drawn, 400, 300).axes[0]
    assert (axes.get_xscale(), axes.get_yscale()) == (x, y)


def test_no_marker_is_unknown_to_a_backend():
    from holoviews.plotting.bokeh.styles import markers

    from survey.draw import marks as diagram_marks

    assert {*diagram_marks.LAW_MARKERS, *diagram_marks.MARKERS} <= markers.keys()
    assert all(first != second for first, second in pairwise(diagram_marks.MARKERS))


# ---- lines that are seen


def test_contours_reach_the_frame():
    """z = ln x + 2 ln y is linear on the scales: its contours are straight from edge to edge."""
    x, y = np.array([1.0, 2.0, 5.0, 7.0]), np.array([1.0, 4.0, 8.0])
    z = np.log(x)[None, :] + 2 * np.log(y)[:, None]
    across, up = contour(x, y, z, np.log(20.0))
    np.testing.assert_allclose(np.log(across) + 2 * np.log(up), np.log(20.0), rtol=1e-12)
    assert np.isclose(across.min(), edges(x)[0]) and np.isclose(across.max(), edges(x)[-1])
    z[0, :] = np.nan
    assert np.isclose(contour(x, y, z, np.log(200.0))[0].max(), edges(x)[-1])
    # Beside a cell that is not finite there is no slope: the value goes on as it is, and the line is level.
    z = np.log(y)[:, None] + np.where(np.arange(4) == 2, np.nan, 5 * np.log(x))[None, :]
    across, up = contour(x, y, z, 5 * np.log(7.0) + np.log(2.0))
    assert across.size and np.allclose(up, 2.0) and np.isclose(across.max(), edges(x)[-1])


CURVE_X = np.geomspace(1, 10, 20)
CURVE_Y = Axis("y", 1.0, 100.0, ())


def line(values, colour="#000000", dash="solid"):
    return Curve(CURVE_X, values, np.zeros(20, bool), colour, dash)


def test_curves_on_each_other_are_told_apart():
    same, other = 5 * CURVE_X, 6 * CURVE_X
    drawn = [line(same, "#111111"), line(other, "#222222"), line(same * 1.001, "#333333"), line(same, "#444444")]
    found, notes = apart(drawn, ["a", "b", "c", "d"], CURVE_Y)
    assert notes == ["On each other: a, c, d."]
    widths = [each.width for each in found]
    assert widths[0] > widths[2] > widths[3] == widths[1] == drawn[1].width
    assert lines_of(found[0], CURVE_Y)[0].width == widths[0]


def test_of_curves_of_one_colour_the_dashed_one_shows_beside_the_solid_one():
    same = 5 * CURVE_X
    found, notes = apart([line(same), line(same, dash="dashed")], ["whole", "part"], CURVE_Y)
    assert found[1].width > found[0].width and notes == ["On each other: whole, part."]


def test_curves_that_part_somewhere_or_are_not_in_the_frame_are_left_as_they_are():
    same = 5 * CURVE_X
    parted = np.where(CURVE_X > 5, 1.1 * same, same)
    far = np.full(20, 1e9)
    drawn = [line(same), line(parted), line(far), line(far), line(np.full(20, np.nan))]
    found, notes = apart(drawn, "abcde", CURVE_Y)
    assert found == drawn and not notes
