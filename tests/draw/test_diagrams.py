"""Diagrams: what is drawn, with which words, and what the files hold. The cube is made of power laws, not computed."""

import json
import re
from xml.etree import ElementTree

import matplotlib.mathtext
import netCDF4
import numpy as np
import pytest
from bokeh.models import HoverTool, Quad
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from physics import PARAMETERS, QUANTITIES
from physics.electrons import closed_forms
from survey import mathtext as diagram_text
from survey.config.load import load_survey
from survey.draw.curves import curves
from survey.draw.geometry import contour, edges, hatch, ticks
from survey.draw.maps import EXPONENTS, crossover_map, exponent_map, value_map
from survey.draw.picture.captions import mark_texts
from survey.draw.picture.scene import Axis, Line, Mark, Mesh, Points, Scene
from survey.draw.picture.screen import draw
from survey.draw.regimes import regime_map
from survey.draw.render import render
from survey.draw.slices import exponent, read_slice
from survey.errors import SurveyError
from survey.flags import REGIMES, flag_words

MEDIUM = {"sigma_in": 1e-19, "v_F": 1e6}
SURVEY = """
axes:
  T: {start: 1 mK, stop: 10 K, num: 25}
  Lambda0: {values: [10 mK, 30 mK]}
  Pd: {values: [3e45 J^-1 m^-3, 1e46 J^-1 m^-3, 1e47 J^-1 m^-3, 1e48 J^-1 m^-3]}
  chi: {values: [0.01, 0.1, 0.3, 1]}
  Estar: {values: [20 mK, 1 K, 10 K]}
constants: {sigma_in: 1e-15 cm^2, v_F: 1e8 cm/s, tau: 1e-14 s}
quantities: {dephasing: }
diagrams:
  regimes:
    {kind: regime_map, x: T, y: chi, crossovers: [T_alpha, saturation],
     at: {Lambda0: 10 mK, Pd: 1e47 J^-1 m^-3, Estar: 10 K}}
  upright: {kind: regime_map, x: Estar, y: T, crossovers: [T_alpha], at: {Lambda0: 30 mK, Pd: 1e47 J^-1 m^-3, chi: 1}}
  exponent: {kind: exponent_map, x: T, y: Pd, at: {Lambda0: 10 mK, chi: 0.1, Estar: 10 K}}
  fixed: {kind: exponent_map, x: chi, y: Pd, at: {Lambda0: 10 mK, T: 10 K, Estar: 10 K}}
  tau: {kind: value_map, variable: tau_phi, x: T, y: Estar, at: {Lambda0: 30 mK, Pd: 1e47 J^-1 m^-3, chi: 0.1}}
  family:
    {kind: curves, variables: [tau_phi], x: T, family: chi, closed_forms: true, title: "<$\\\\tau_\\\\varphi(T)$>",
     at: {Lambda0: 10 mK, Pd: 1e47 J^-1 m^-3, Estar: 10 K}}
  channels:
    {kind: curves, variables: [tau_phi_relaxation, tau_phi_resonant], x: T, family: chi, values: [1],
     closed_forms: true, at: {Lambda0: 10 mK, Pd: 3e45 J^-1 m^-3, Estar: 10 K}}
  scaled:
    {kind: curves, variables: [tau_phi_relaxation], x: T, family: chi, values: [1], laws: [relaxation], inverse: true,
     x_per: {value: 10 mK, symbol: '\\Lambda_0'}, y_per: {value: 1e9 s^-1, symbol: '2\\Gamma'},
     at: {Lambda0: 10 mK, Pd: 3e45 J^-1 m^-3, Estar: 10 K}}
  relaxation:
    {kind: curves, variables: [tau_phi_relaxation], x: T, family: chi, closed_forms: true,
     at: {Lambda0: 10 mK, Pd: 1e47 J^-1 m^-3, Estar: 10 K}}
  nothing:
    {kind: curves, variables: [tau_phi], x: T, family: chi, at: {Lambda0: 30 mK, Pd: 1e47 J^-1 m^-3, Estar: 20 mK}}
  where: {kind: crossover_map, crossover: T_alpha, x: chi, y: Pd, at: {Lambda0: 10 mK, Estar: 10 K}}
  nowhere: {kind: crossover_map, crossover: T_alpha, x: chi, y: Pd, at: {Lambda0: 30 mK, Estar: 20 mK}}
  window: {kind: crossover_map, crossover: saturation, x: chi, y: Pd, at: {Lambda0: 10 mK, Estar: 10 K}}
"""


def synthetic(T, Lambda0, Pd, chi, Estar):
    """Every variable of dephasing from the asymptotic laws, with all statuses but one and all classes of regimes."""
    scales = {"Lambda0": Lambda0, "Pd": Pd}
    warm = np.maximum(T, Lambda0)
    active = 1 / np.cosh(Lambda0 / (2 * T)) ** 2
    resonant = closed_forms.rate_resonant(warm, **scales, **MEDIUM) * active
    relaxation = closed_forms.rate_relaxation(warm, chi=chi, **scales, **MEDIUM) * active
    empty, frozen = Estar <= Lambda0, active < np.exp(-1)
    alpha = closed_forms.T_alpha(chi=chi, **scales, **MEDIUM)
    fast = T < closed_forms.T_beta(chi=chi, **scales, **MEDIUM)
    speed = np.where(T < alpha, 16, np.where(fast, 48, 32))
    wandering = closed_forms.T_Lambda(**scales, **MEDIUM) > Lambda0
    beyond = 7.638e-12 * (resonant + relaxation) > T
    return {
        "tau_phi": np.where(empty, np.inf, 1 / (resonant + relaxation)),
        "tau_phi_resonant": np.where(empty, np.inf, 1 / resonant),
        "tau_phi_relaxation": np.where(empty, np.inf, 1 / relaxation),
        "regime": 1 + (relaxation > resonant) + 4 * (1 + wandering) + speed + 64 * (1 + frozen),
        "status": np.select([empty, frozen, beyond], [3, 2, 1], 0),
    }


def write(path, axes, variables, **attributes):
    path.parent.mkdir(parents=True, exist_ok=True)
    with netCDF4.Dataset(path, "w") as dataset:
        for name, values in axes.items():
            dataset.createDimension(name, len(values))
            coordinate = dataset.createVariable(name, "f8", (name,))
            coordinate[:] = values
            known = PARAMETERS[name]
            coordinate.setncatts({"units": known.unit, "long_name": known.long_name, "symbol": known.symbol})
        for name, (values, attrs, *own) in variables.items():
            dtype = "u1" if "flag_meanings" in attrs else "f8"
            names = own[0] if own else tuple(axes)
            variable = dataset.createVariable(name, dtype, names)
            variable[:] = np.broadcast_to(values, [len(axes[each]) for each in names]).astype(dtype)
            variable.setncatts(attrs)
        dataset.setncatts(attributes)


def attributes_of(variable):
    attrs = {"units": variable.unit, "long_name": variable.long_name, "symbol": variable.symbol}
    if variable.flags:
        attrs |= {"flag_meanings": " ".join(variable.flags), "flag_values": np.array([*variable.flags.values()], "u1")}
    if variable.masks:
        attrs |= {"flag_masks": np.array([*variable.masks.values()], "u1")}
    return attrs


@pytest.fixture(scope="module")
def drawn(tmp_path_factory):
    """A survey and the folder of its results, with a cube and crossovers."""
    folder = tmp_path_factory.mktemp("atlas")
    (folder / "wire.yaml").write_text(SURVEY)
    survey = load_survey(folder / "wire.yaml")
    axes = survey.grid("dephasing")
    grid = dict(zip(axes, np.meshgrid(*axes.values(), indexing="ij"), strict=True))
    quantity = QUANTITIES["dephasing"]
    values = synthetic(**grid)
    write(
        folder / "wire" / "dephasing.nc",
        axes,
        {name: (values[name], attributes_of(quantity.variable(name))) for name in values},
        quantity="dephasing",
        quantity_version=np.int32(7),
        quantity_fingerprint="0123456789abcdef",
        source=quantity.source,
        configuration=json.dumps({"constants": survey.constants_of("dephasing")}),
    )
    axes.pop("T")
    grid = dict(zip(axes, np.meshgrid(*axes.values(), indexing="ij"), strict=True))
    empty = grid["Estar"] <= grid["Lambda0"]
    alpha = closed_forms.T_alpha(*(grid[name] for name in ("Lambda0", "Pd", "chi")), **MEDIUM)
    censoring = np.select([empty, alpha < 1e-3, alpha > 10], [4, 1, 2], 0)
    kelvin = {"units": "K"}
    flags = {"flag_values": np.arange(6, dtype="u1"), "flag_meanings": "found below above absent undefined several"}
    ratio = np.where(empty, np.nan, 1 + grid["chi"])
    variables = {
        "T_alpha": (np.where(censoring == 0, 1.5 * alpha, np.nan), kelvin),
        "T_alpha_closed_form": (alpha, kelvin),
        "T_alpha_censoring": (censoring, flags),
        "saturation_low": (np.where(empty, np.nan, 0.1), kelvin),
        "saturation_high": (0.1 * ratio, kelvin),
        "saturation_ratio": (ratio, {"units": "1"}),
        "saturation_censoring": (
            np.where(empty, 4, 2 * (grid["chi"] < 0.05)),
            flags | {"flag_meanings": "found open_below open_above open_at_both_ends undefined absent"},
        ),
    }
    write(folder / "wire" / "crossovers.nc", axes, variables)
    return survey, folder


def scene(drawn, kind, name):
    survey, folder = drawn
    return kind(survey.diagrams[name], folder / "wire" / "dephasing.nc", folder / "wire" / "crossovers.nc")


def labels(scene):
    return [layer.label for layer in scene.layers if getattr(layer, "label", "")]


# ---- words


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (r"$\Lambda_0 = 10$ mK", "Λ₀ = 10 mK"),
        (r"$\tau_\varphi^{(1)}$ (ns)", "τφ⁽¹⁾ (ns)"),
        (r"$P_d = 3\times10^{47}$ $\mathrm{J}^{-1}\,\mathrm{m}^{-3}$", "Pd = 3×10⁴⁷ J⁻¹\u2009m⁻³"),
        (r"$\hbar/\tau_\varphi > k_\mathrm{B}T$", "ħ/τφ > kBT"),
        (r"$-\partial \ln \tau_\varphi/\partial \ln T$", "−∂ln τφ/∂ln T"),
        (r"no levels: $E^* \leq \Lambda$", "no levels: E* ≤ Λ"),
        (r"$p_\mathrm{min}$ costs 3 \$", r"p_min costs 3 $"),
    ],
)
def test_unicode_text(text, expected):
    assert diagram_text.unicode_text(text) == expected


def test_every_symbol_and_every_built_in_text_can_be_shown_in_both_ways():
    parser = matplotlib.mathtext.MathTextParser("path")
    symbols = [parameter.symbol for parameter in PARAMETERS.values()]
    symbols += [variable.symbol for each in QUANTITIES.values() for variable in each.variables if variable.symbol]
    symbols += [diagram_text.crossover_symbol(name) for name in ("T_equal", "T_Lambda", "T_alpha", "saturation")]
    texts = [f"${symbol}$" for symbol in symbols] + [text for _, text, _ in REGIMES]
    units = {parameter.unit for parameter in PARAMETERS.values()}
    for text in texts + [diagram_text.unit_text(unit) for unit in units]:
        parser.parse(text)
        assert not re.search(r"[\\${}^]", diagram_text.unicode_text(text)), text


@pytest.mark.parametrize(
    ("value", "unit", "expected"),
    [
        (0.01, "K", "x = 10 mK"),
        (10.0, "K", "x = 10 K"),
        (3e-9, "s", "x = 3 ns"),
        (2.0, "s", "x = 2 s"),
        (0.1 + 0.2, "1", "x = 0.3"),
        (1e47, "J-1 m-3", "x = 10⁴⁷ J⁻¹\u2009m⁻³"),
    ],
)
def test_value_text(value, unit, expected):
    assert diagram_text.unicode_text(diagram_text.value_text("x", value, unit)) == expected


# ---- geometry


def test_edges_lie_halfway_in_the_logarithm():
    np.testing.assert_allclose(edges(np.array([1.0, 10.0, 1000.0])), [10**-0.5, 10**0.5, 100.0, 1e4])


@given(st.floats(-30, 40), st.floats(0.05, 12))
def test_ticks_are_round_inside_the_range_and_enough(lower, decades):
    low, high = 10.0**lower, 10.0 ** (lower + decades)
    found = ticks(low, high)
    assert 2 <= len(found) <= 14
    assert all(low * 0.999 <= value <= high * 1.001 for value in found)
    assert found == sorted(set(found))
    assert all(float(f"{value:.3g}") == pytest.approx(value, rel=1e-9) for value in found)


def test_contour_is_a_power_law_between_cells_and_avoids_gaps():
    x, y = np.geomspace(1e-3, 10, 30), np.geomspace(1e45, 1e48, 20)
    z = np.log10(x[None, :] * y[:, None])
    z[:, :3] = np.nan
    line = contour(x, y, z, 45.0)
    np.testing.assert_allclose(np.log10(line[0] * line[1]), 45.0, rtol=1e-12)
    assert line[0].min() >= x[3] * (1 - 1e-12)
    assert contour(x, y, z, 99.0)[0].size == 0


@pytest.mark.parametrize("slope", [1, -1])
def test_hatching_covers_the_cells_of_the_mask_and_no_others(slope):
    x, y = np.geomspace(1e-3, 10, 41), np.geomspace(1e45, 1e48, 31)
    mask = np.zeros((30, 40), dtype=bool)
    mask[5:20, 10:30] = True
    across, up = hatch(x, y, mask, slope)
    gaps = np.flatnonzero(np.isnan(across))
    starts, ends = np.concatenate([[0], gaps + 1]), np.concatenate([gaps - 1, [across.size - 1]])
    assert len(starts) > 15
    middle_x, middle_y = np.sqrt(across[starts] * across[ends]), np.sqrt(up[starts] * up[ends])
    assert mask[np.searchsorted(y, middle_y) - 1, np.searchsorted(x, middle_x) - 1].all()
    assert np.all((up[ends] - up[starts]) * slope > 0)
    assert hatch(x, y, ~mask & mask, slope)[0].size == 0


# ---- data


@pytest.mark.parametrize("n", [0.0, 1 / 3, 1.0])
def test_exponent_of_a_power_law_is_exact_and_nan_beside_what_is_not_finite(n):
    T = np.array([0.01, 0.02, 0.03, 0.1, 0.2, 0.5])
    np.testing.assert_allclose(exponent(5e-9 * T**-n, T, 0), n, atol=1e-12)
    values = 5e-9 * T**-n
    values[3] = np.inf
    found = exponent(values, T, 0)
    assert np.isnan(found[[2, 3, 4]]).all()
    assert found[0] == pytest.approx(n, abs=1e-12)
    with pytest.raises(SurveyError, match="at least 2 coordinates; found 1"):
        exponent(values[:1], T[:1], 0)


def test_a_coordinate_is_found_by_its_canonical_decimal_alone(drawn):
    cube = drawn[1] / "wire" / "dephasing.nc"
    found = read_slice(cube, {"chi": 0.1 + 0.2}, ["tau_phi"])
    assert float(found["chi"]) == 0.3
    assert read_slice(cube, {"chi": (1.0, 0.1)}, ["status"])["chi"].values.tolist() == [1.0, 0.1]
    with pytest.raises(SurveyError, match=r"chi = 0\.29 is not on the grid; the nearest values are 0\.1, 0\.3"):
        read_slice(cube, {"chi": 0.29}, ["tau_phi"])
    with pytest.raises(SurveyError, match="no variable 'tau_psi'; allowed: tau_phi,"):
        read_slice(cube, {}, ["tau_psi"])
    with pytest.raises(SurveyError, match="does not exist"):
        read_slice(cube.with_name("other.nc"), {}, ["tau_phi"])


def test_flag_words_follow_masks(drawn):
    regime = read_slice(drawn[1] / "wire" / "dephasing.nc", {}, ["regime"])["regime"]
    meanings = flag_words(regime.values, regime.attrs)
    assert meanings[2 + 8 + 16 + 128] == ("relaxation_dominates", "phase_wandering", "slow_defects", "frozen_out")
    assert set(meanings) == set(np.unique(regime.values))


# ---- scenes


def test_regime_map_names_exactly_the_regimes_that_occur(drawn):
    found = scene(drawn, regime_map, "regimes")
    mesh = found.layers[0]
    classes = np.unique(mesh.values[np.isfinite(mesh.values)])
    assert classes.tolist() == list(range(len(mesh.colours)))
    named = [text for _, text, colour in REGIMES if colour in mesh.colours]
    assert [label for label in labels(found) if label in {text for _, text, _ in REGIMES}] == named
    assert len(named) >= 4
    regime = read_slice(
        drawn[1] / "wire" / "dephasing.nc", {"Lambda0": 0.01, "Pd": 1e47, "Estar": 10.0, "chi": 1.0}, ["regime"]
    )["regime"].values
    frozen = mesh.values[-1] == [text for _, text, _ in REGIMES].index(REGIMES[0][1])
    np.testing.assert_array_equal(frozen, regime >= 128)


def test_crossover_lines_lie_where_the_crossovers_are(drawn):
    found = scene(drawn, regime_map, "regimes")
    located = next(layer for layer in found.layers if getattr(layer, "label", "") == r"$T_\alpha$")
    closed = next(layer for layer in found.layers if getattr(layer, "label", "") == r"$T_\alpha$, closed form")
    alpha = closed_forms.T_alpha(0.01, 1e47, np.array([0.01, 0.1, 0.3, 1.0]), **MEDIUM)
    np.testing.assert_allclose(closed.x, alpha)
    np.testing.assert_allclose(located.x, 1.5 * alpha)
    np.testing.assert_allclose(located.y, [0.01, 0.1, 0.3, 1.0])
    assert (located.dash, closed.dash) == ("solid", "dashed")
    assert {"saturation, low end", "saturation, high end"} <= set(labels(found))
    upright = scene(drawn, regime_map, "upright")
    turned = next(layer for layer in upright.layers if getattr(layer, "label", "") == r"$T_\alpha$, closed form")
    np.testing.assert_allclose(turned.y, closed_forms.T_alpha(0.03, 1e47, 1.0, **MEDIUM))


def test_cells_without_a_value_are_filled_and_doubtful_cells_hatched_and_both_explained(drawn):
    found = scene(drawn, value_map, "tau")
    first, *others = [layer for layer in found.layers if isinstance(layer, Mesh)]
    assert np.isnan(first.values[0]).all()
    assert np.isfinite(first.values[1:]).all()
    (fill,) = others
    assert np.isfinite(fill.values[0]).all()
    assert np.isnan(fill.values[1:]).all()
    assert r"no levels: $E^* \leq \Lambda$" in labels(found)
    assert [layer.hatch for layer in found.layers if getattr(layer, "label", "").startswith("frozen")] == [-1]
    assert first.extend == "max"
    assert "no levels: E* ≤ Λ" in first.hover["status"][0]


def test_exponent_map_follows_the_laws_and_its_contours(drawn):
    found = scene(drawn, exponent_map, "exponent")
    mesh = found.layers[0]
    hot = mesh.values[0, -3:-1]
    np.testing.assert_allclose(hot, 1 / 3, atol=0.08)
    assert mesh.bar == r"$-\partial \ln \tau_\varphi/\partial \ln T$"
    assert [value for value, _ in mesh.bar_ticks] == [level for level, _, _ in EXPONENTS]
    assert "exponent $1$" in labels(found)
    fixed = scene(drawn, exponent_map, "fixed").layers[0].values
    np.testing.assert_allclose(fixed[:, 1], mesh.values[:, -1])


def test_curves_carry_their_laws_and_marks(drawn):
    found = scene(drawn, curves, "family")
    assert [mark.text for mark in found.layers if isinstance(mark, Mark)] == [r"$\Lambda_0$", r"$T_\Lambda$"]
    circles = [layer for layer in found.layers if isinstance(layer, Points) and layer.marker == "o" and not layer.label]
    expected = closed_forms.T_alpha(0.01, 1e47, np.array([0.01, 0.1, 0.3, 1.0]), **MEDIUM)
    np.testing.assert_allclose([point.x[0] for point in circles], expected)
    chi = [r"$\chi = 0.01$", r"$\chi = 0.1$", r"$\chi = 0.3$", r"$\chi = 1$"]
    laws = ["resonant law, eq. (44)", "relaxation law, eqs. (50)–(52)", "high temperatures, eq. (53), ζ = 1"]
    assert labels(found) == [*chi, *laws, r"$T_\alpha$", r"$T_\beta$"]
    dotted = [layer for layer in found.layers if isinstance(layer, Line) and layer.dash == "dotted" and not layer.label]
    assert len(dotted) == 1
    rate = closed_forms.rate_resonant(dotted[0].x, 0.01, 1e47, **MEDIUM)
    np.testing.assert_allclose(dotted[0].y, 1e9 / rate)
    assert found.notes


def test_curves_of_several_variables_differ_by_dash(drawn):
    found = scene(drawn, curves, "channels")
    assert labels(found)[1:3] == [r"$\tau_\varphi^{(3)}$", r"$\tau_\varphi^{(1)}$"]
    assert [mark.text for mark in found.layers if isinstance(mark, Mark)][-1] == r"$T_\beta$"
    assert found.y.label == r"$\tau_\varphi$ (ns)"


def test_a_channel_alone_is_drawn_with_its_own_law_and_marks(drawn):
    found = scene(drawn, curves, "relaxation")
    assert [mark.text for mark in found.layers if isinstance(mark, Mark)] == [r"$\Lambda_0$"]
    laws = [layer for layer in found.layers if isinstance(layer, Line) and layer.dash == "dashed" and not layer.label]
    assert len(laws) == 4
    named = [layer.colour for layer in found.layers if getattr(layer, "label", "").startswith(r"$\chi")]
    assert [layer.colour for layer in laws] == named
    rate = closed_forms.rate_relaxation(laws[1].x, 0.01, 1e47, 0.1, **MEDIUM)
    np.testing.assert_allclose(laws[1].y, 1e9 / rate)


def test_an_inverse_over_a_value_takes_laws_and_marks_with_it(drawn):
    """001 sketches 1/tau_phi; with 1e9 1/s and Lambda0 for units each curve, law and place is at its bare number."""
    plain, scaled = scene(drawn, curves, "channels"), scene(drawn, curves, "scaled")
    assert (scaled.x.label, scaled.y.label) == (r"$T/\Lambda_0$", r"$1/\tau_\varphi^{(3)}/(2\Gamma)$")
    assert scaled.title == "Inverse electron dephasing time, relaxation alone against $T$"
    for computed, dash in ((True, "solid"), (False, "dashed")):
        lines = [
            next(
                each for each in found.layers if isinstance(each, Line) and (each.hover, each.dash) == (computed, dash)
            )
            for found in (plain, scaled)
        ]
        np.testing.assert_allclose(lines[1].x, lines[0].x / 0.01)
        np.testing.assert_allclose(lines[1].y, 1 / lines[0].y)
    places = {layer.text: layer.x for layer in scaled.layers if isinstance(layer, Mark)}
    assert places[r"$\Lambda_0$"] == pytest.approx(1)


def test_marks_that_stand_close_share_their_text():
    axis = Axis("x", 1.0, 1e4, (1.0, 1e4))
    layers = (Mark(100.0, "b"), Mark(10.0, "a"), Mark(110.0, "c"))
    assert [text for _, text in mark_texts(Scene("", axis, axis, layers))] == ["a", "b, c"]


def test_crossover_map_shows_what_is_censored(drawn):
    found = scene(drawn, crossover_map, "where")
    assert found.title == r"Crossover temperature $T_\alpha$"
    assert "above the range of $T$" in labels(found)
    nowhere = scene(drawn, crossover_map, "nowhere")
    assert labels(nowhere) == ["no data"]
    assert not nowhere.layers[0].bar
    window = scene(drawn, crossover_map, "window")
    assert window.layers[0].bar == r"$T_\mathrm{high}/T_\mathrm{low}$"
    assert np.isfinite(window.layers[0].values).all()
    assert labels(window) == ["reaches the highest $T$"]


# ---- files


@pytest.mark.parametrize("name", ["regimes", "exponent", "tau", "family", "where"])
def test_the_files_name_their_origin_and_need_no_network(drawn, name):
    survey, folder = drawn
    render(survey, name, folder)
    target = folder / "wire" / "diagrams"
    facts = {"Survey": "wire", "Quantity": "dephasing version 7", "Fingerprint": "0123456789abcdef"}
    with Image.open(target / f"{name}.png") as image:
        assert {key: image.info[key] for key in facts} == facts
        assert "Lambda0=" in image.info["Slice"]
        assert image.info["dpi"][0] >= 199
        assert image.width > 1200
    description = "".join(ElementTree.parse(target / f"{name}.svg").getroot().itertext())
    page = (target / f"{name}.html").read_text(encoding="utf-8")
    for key, value in facts.items():
        assert f"{key}: {value}" in description
        assert f'<meta name="{key}" content="{value}">' in page
    assert len(page) < 3_000_000
    assert not re.search(r"<(script|link|img|iframe)[^>]*\s(src|href)=", page)
    assert "dephasing version 7 · configuration" in page
    assert sorted(path.name for path in target.glob(f"*{name}*")) == [f"{name}.{end}" for end in ("html", "png", "svg")]


def test_the_interactive_version_tells_each_cell_in_words(drawn):
    figure = draw(scene(drawn, value_map, "tau"), 800, 600)
    mesh = next(each for each in figure.renderers if isinstance(each.glyph, Quad))
    (hover,) = (tool for tool in figure.select(HoverTool) if mesh in np.atleast_1d(tool.renderers))
    told = {name: mesh.data_source.data[column.removeprefix("@")] for name, column in hover.tooltips}
    assert list(told) == ["T (K)", "E* (K)", "τφ (ps)", "status"]
    assert set(told["status"]) == {"ok", "no levels: E* ≤ Λ", "frozen out: T ≪ Λ", "ħ/τφ > kBT"}
    assert told["E* (K)"][0] == "0.02"
    assert told["T (K)"][-1] == "10"


def test_equal_inputs_give_equal_bytes(drawn):
    survey, folder = drawn
    target = folder / "wire" / "diagrams"
    contents = []
    for _ in range(2):
        render(survey, "family", folder)
        contents.append([(target / f"family.{end}").read_bytes() for end in ("html", "png", "svg")])
    assert contents[0] == contents[1]
    assert "<h1>&lt;τφ(T)&gt;</h1>" in contents[0][0].decode()


def test_a_diagram_that_does_not_exist_is_refused_with_those_that_do(drawn):
    survey, folder = drawn
    with pytest.raises(SurveyError, match="wire has no diagram 'other'; allowed: regimes, upright"):
        render(survey, "other", folder)
    assert not list((folder / "wire").glob("diagrams/*other*"))


def test_a_slice_without_a_value_is_an_empty_frame_that_says_so(drawn):
    survey, folder = drawn
    render(survey, "nothing", folder)
    assert "There is no finite value in this slice." in (folder / "wire" / "diagrams" / "nothing.html").read_text()


def test_a_missing_input_is_named(drawn, tmp_path):
    with pytest.raises(SurveyError, match=r"dephasing\.nc does not exist"):
        render(drawn[0], "tau", tmp_path)
