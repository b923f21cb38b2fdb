"""The figures of an inference: what they are drawn from, that they show what the findings say, and few data."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import xarray
from PIL import Image

from survey.compute.tile import compute_tile
from survey.config.inferred.figures import figures
from survey.config.load import load_survey
from survey.cubes.assemble import assemble
from survey.draw.inference.densities import highest, over_prior, smooth
from survey.draw.inference.findings import SYNTHETIC
from survey.draw.picture.scene import Axis, Band, Line, Mesh, Points, Scene, Sheet, panels
from survey.draw.render import drawing_function, render
from survey.errors import SurveyError
from survey.explain.compare import compare
from survey.explain.levels import infer
from survey.run.freshness import Freshness
from survey.run.jobs import Jobs
from survey.store import origins
from survey.store.tiles import tiles_of
from survey.store.trees import read_tree, write_tree
from survey.written.faults import Faults

SAMPLE = """\
title: A wire
source: a test
synthetic: {synthetic}
geometry: wire
definition: wire
constants: {{eps_F: 5 eV, v_F: 1.3262e6 m/s, n_e: 5.08e22 cm^-3, tau: 2.262e-14 s, D: 132.6 cm^2/s,
  R_per_length: 1.545e6 ohm/m, ee_prefactor: 1, ep_rate: 6.9e7 s^-1, ep_exponent: 3}}
"""
SURVEY = """\
title: A test
inference:
  measurements: [wire]
  rivals: {rivals}
  predictions: null
"""
HEADER = "T (mK), tau_phi (ns), sigma (ns), limit\n"
SOME = HEADER + "50, 3.4, 0.3,\n100, 3.0, 0.3,\n300, 2.6, 0.2,\n1000, 2.0, 0.5, lower\n"
LEVELS = ("Lambda0", "chi", "Estar", "Pd")


def written(folder: Path, rows: str = SOME, rivals: str = "{background: }", synthetic: bool = True):
    """A survey of an inference from these rows."""
    for name in ("surveys", "measurements"):
        (folder / name).mkdir(parents=True)
    (folder / "measurements" / "wire.csv").write_text(rows)
    (folder / "measurements" / "wire.yaml").write_text(SAMPLE.format(synthetic=str(synthetic).lower()))
    path = folder / "surveys" / "quick.yaml"
    path.write_text(SURVEY.format(rivals=rivals))
    return load_survey(path)


def made(survey, results: Path):
    """All findings of a survey, as a run makes them."""
    for label in survey.quantities:
        for tile in tiles_of(survey, label):
            compute_tile(results / "store", tile)
        assemble(survey, label, results / "store", results)
    for rival in survey.inference.rivals:
        infer(survey, rival, results)
    compare(survey, results)


def scene_of(survey, name: str, results: Path):
    settings = survey.diagrams[name]
    folder = results / survey.name
    return drawing_function(settings)(settings, folder / f"{settings.findings[0]}.nc", folder / "crossovers.nc")


@pytest.fixture(scope="module")
def wire(tmp_path_factory):
    """A survey with two rivals, with its findings."""
    folder = tmp_path_factory.mktemp("wire")
    survey = written(folder, rivals="{background: , magnetic_impurities: {nodes_per_decade: 2}}")
    made(survey, folder / "results")
    return survey, folder / "results"


def test_an_inference_has_its_figures(wire):
    survey, _ = wire
    # The background has no parameters of its own.
    assert list(survey.diagrams) == ["data_and_rivals", "allowed_region_magnetic_impurities"]
    assert survey.diagrams["data_and_rivals"].labels == ()
    findings = ("evidence", "posterior_background", "posterior_magnetic_impurities")
    assert survey.diagrams["data_and_rivals"].findings == findings


def test_a_diagram_of_the_file_cannot_have_the_name_of_a_figure(tmp_path):
    written(tmp_path)
    path = tmp_path / "surveys" / "both.yaml"
    own = "{kind: value_map, variable: rate_ep, x: T, y: ep_rate, at: {}}"
    path.write_text(SURVEY.format(rivals="{background: }") + f"diagrams: {{Data_and_rivals: {own}}}\n")
    with pytest.raises(SurveyError, match=r"diagrams.Data_and_rivals .*figure of the inference too; allowed: another"):
        load_survey(path)


def test_figures_are_made_from_the_findings_and_stay_fresh_until_these_change(wire):
    survey, results = wire
    tiles = {label: tiles_of(survey, label) for label in survey.quantities}
    for name in survey.diagrams:
        render(survey, name, results)
        files = [results / survey.name / "diagrams" / f"{name}.{kind}" for kind in origins.DIAGRAM_FILES]
        for path in files:
            assert origins.read_diagram(path) == origins.of_diagram(survey, name)
        with Image.open(files[1]) as image:
            assert image.width > 1000
        assert Freshness(survey, results, tiles).diagram(name) == []
        before = [path.read_bytes() for path in files]
        render(survey, name, results)
        assert [path.read_bytes() for path in files] == before
    other = replace(survey, inference=replace(survey.inference, seed=2))
    reasons = Freshness(other, results, tiles).diagram("data_and_rivals")
    assert len(reasons) == 3 and all("is out of date" in reason for reason in reasons)
    jobs = Jobs([str(survey.path)], results)
    sources = [Path(path).name for path in jobs.diagram_sources(survey.name, "data_and_rivals")]
    assert sources == ["evidence.nc", "posterior_background.nc", "posterior_magnetic_impurities.nc"]


def test_a_figure_whose_finding_is_missing_says_so(wire, tmp_path):
    with pytest.raises(SurveyError, match=r"evidence.nc does not exist"):
        render(wire[0], "data_and_rivals", tmp_path)


def test_data_and_rivals_show_the_numbers_of_the_findings(wire):
    survey, results = wire
    sheet = scene_of(survey, "data_and_rivals", results)
    (above,), (below,) = sheet.rows
    attributes, groups = read_tree(results / survey.name / "evidence.nc")
    assert sheet.subtitle.replace("\n", " ").replace("Δ\u00a0ln\u00a0Z", "Delta ln Z") == attributes["verdict"]
    assert sheet.title.startswith("Synthetic") and SYNTHETIC in sheet.notes
    lines = {each.label.split(":")[0]: each for each in above.layers if isinstance(each, Line) and each.label}
    evidence = groups["evidence"].ln_evidence.sel(rival="magnetic_impurities").item()
    assert f"{evidence:.2f}".replace("-", "−") in lines["magnetic impurities"].label
    assert lines["electrons and phonons alone"].dash == "dashed"
    _, groups = read_tree(results / survey.name / "posterior_magnetic_impurities.nc")
    data = groups["observed_data"]
    line = lines["magnetic impurities"]
    np.testing.assert_allclose(line.x, [50, 100, 300, 1000])
    np.testing.assert_allclose(line.y, data.tau_phi_posterior.sel(quantile=0.5) * 1e9)
    bands = [each for each in above.layers if isinstance(each, Band) and each.colour == line.colour]
    np.testing.assert_allclose(bands[0].lower, data.tau_phi_posterior.sel(quantile=0.025) * 1e9)
    np.testing.assert_allclose(bands[1].upper, data.tau_phi_posterior.sel(quantile=0.84) * 1e9)
    points = {each.label: each for each in above.layers if isinstance(each, Points)}
    np.testing.assert_allclose(points["data, 1σ"].y, [3.4, 3.0, 2.6])
    # The arrow of a lower limit begins at the limit and points up.
    np.testing.assert_allclose(points["lower limit"].x, [1000])
    assert points["lower limit"].marker == "^" and points["lower limit"].y[0] > 2.0
    off = [each for each in below.layers if isinstance(each, Points)][1]
    median = data.tau_phi_posterior.sel(quantile=0.5).values[:3] * 1e9
    expected = np.log([3.4, 3.0, 2.6] / median) / ([0.3, 0.3, 0.2] / np.array([3.4, 3.0, 2.6]))
    np.testing.assert_allclose(off.y, expected)


@pytest.mark.parametrize(
    ("rows", "shown"),
    [
        (HEADER + "100, 3.0, 0.3,\n", {"data, 1σ"}),
        (HEADER + "100, 3.0, 0.3, upper\n300, 2.0, 0.3, lower\n", {"lower limit", "upper limit"}),
    ],
    ids=["one point", "limits alone"],
)
def test_data_of_one_point_and_of_limits_alone_are_drawn(tmp_path, rows, shown):
    survey = written(tmp_path, rows, synthetic=False)
    results = tmp_path / "results"
    made(survey, results)
    render(survey, "data_and_rivals", results)
    sheet = scene_of(survey, "data_and_rivals", results)
    labels = {each.label for each in sheet.rows[0][0].layers if isinstance(each, Points) and each.label}
    assert labels - {r"$\hbar/\tau_\varphi > k_\mathrm{B}T$"} == shown
    assert sheet.title.startswith("Measured") and SYNTHETIC not in sheet.notes


def test_several_wires_have_their_own_panels_and_bands(tmp_path):
    """Two wires, of which the second has other temperatures: points, medians and distances are those of each."""
    survey = written(tmp_path, synthetic=False)
    first = survey.inference.measurements[0]
    table = replace(first.tables[0], at={"T": tuple(3 * T for T in first.tables[0].at["T"])})
    second = replace(first, name="other", title="Another wire", tables=(table,))
    both = replace(survey, inference=replace(survey.inference, measurements=(first, second)))
    drawn = figures(both.inference, (), Faults(tmp_path, {}))["data_and_rivals"]
    assert drawn.wires == (first.title, "Another wire")
    count, rng = len(table.values), np.random.default_rng(1)
    for name in both.inference.rivals:
        observed = []
        for number, sample in enumerate((first, second)):
            tau = np.array(sample.tables[0].values)
            band = tau * np.array([0.8, 0.9, 1.1, 1.2, 1.3])[:, None] * (1 + number)
            of_points = {
                "T": np.array(sample.tables[0].at["T"]), "tau_phi": tau, "relative": np.full(count, 0.1),
                "limit": np.zeros(count, int), "wire": np.full(count, number),
            }  # fmt: skip
            values = {key: ("point", each) for key, each in of_points.items()}
            observed.append(xarray.Dataset(values | {"tau_phi_posterior": (("quantile", "point"), band)},
                                           {"quantile": [0.025, 0.16, 0.5, 0.84, 0.975]}))  # fmt: skip
        groups = {"observed_data": xarray.concat(observed, "point")}
        write_tree(tmp_path / f"posterior_{name}.nc", groups, {})
    names = list(both.inference.rivals)
    numbers = ("ln_evidence", "ln_evidence_error", "lowest", "highest", "posterior_predictive_p", "mean_s_m")
    table_of = {each: ("rival", rng.random(len(names))) for each in (*numbers, "probability", "explains")}
    write_tree(tmp_path / "evidence.nc", {"evidence": xarray.Dataset(table_of, {"rival": names})}, {"verdict": "So."})
    sheet = drawing_function(drawn)(replace(drawn, predicted=False), tmp_path / "evidence.nc", tmp_path)
    assert len(sheet.rows) == 4 and [row[0].title for row in sheet.rows[::2]] == [first.title, "Another wire"]
    for number, sample in enumerate((first, second)):
        scene, below = sheet.rows[2 * number][0], sheet.rows[2 * number + 1][0]
        points = next(each for each in scene.layers if isinstance(each, Points) and each.label == "data, 1σ")
        kelvin = points.x[0] / sample.tables[0].at["T"][0]
        np.testing.assert_allclose(points.x, kelvin * np.array(sample.tables[0].at["T"]))
        distance = next(each for each in below.layers if isinstance(each, Points))
        np.testing.assert_allclose(distance.y, -np.log(1.1 * (1 + number)) / 0.1, rtol=1e-9)


def levels_found(folder: Path, survey, remarks: dict[str, str]) -> Path:
    """A posterior of levels whose draws have Lambda0 and P_d log-normal, chi and E* even in the logarithm."""
    rng = np.random.default_rng(3)
    ranges = survey.inference.rivals["tunnelling_states"].ranges
    even = {name: np.exp(rng.uniform(*np.log(ends), 2000)) for name, ends in ranges.items()}
    draws = even | {
        "Lambda0": 1e-3 * np.exp(rng.normal(0, 0.1, 2000)),
        "Pd": 1e46 * np.exp(rng.normal(0, 0.2, 2000)),
        "Estar": np.exp(rng.uniform(*np.log([0.01, 10]), 2000)),
    }
    draws["Pd_effective"] = draws["Pd"]
    nodes = {name: np.geomspace(*ends, 9) for name, ends in ranges.items()}
    prior = {f"{name}_prior": (name, np.r_[0.5, np.ones(7), 0.5] / 8) for name in nodes}
    after = {f"{name}_posterior": (name, np.r_[0, 0, 0, 0.25, 0.5, 0.25, 0, 0, 0]) for name in nodes}
    # ln L falls by 1 for each e-fold of chi off its middle, and does not care for the others.
    chi = np.repeat(nodes["chi"], 9)
    cells = {"chi": chi, "Estar": np.tile(nodes["Estar"], 9), "weight": np.ones(81) / 81}
    cells["log_likelihood"] = -np.abs(np.log(chi / nodes["chi"][4]))
    groups = {
        "draws": xarray.Dataset({name: ("draw", each) for name, each in draws.items()}),
        "posterior": xarray.Dataset({name: ("cell", each) for name, each in cells.items()}),
        "prior": xarray.Dataset(prior | after, coords=nodes),
    }
    path = folder / survey.name / "posterior_tunnelling_states.nc"
    path.parent.mkdir(parents=True)
    said = origins.text(origins.of_finding(survey, path.stem))
    write_tree(path, groups, {"remarks": json.dumps(remarks), origins.MADE_FROM: said})
    return path


def test_regions_of_levels_show_where_the_draws_are_and_what_is_not_determined(tmp_path):
    survey = written(tmp_path, rivals="{tunnelling_states: }")
    results = tmp_path / "results"
    remarks = dict.fromkeys(LEVELS, "") | {"chi": "not determined by the data", "Estar": "set by the prior"}
    levels_found(results, survey, remarks)
    sheet = scene_of(survey, "allowed_region_tunnelling_states", results)
    above, below = sheet.rows
    labels = [(scene.x.label.split(" ")[0], scene.y.label.split(" ")[0]) for scene in above]
    assert labels == [("$E^*$", r"$\Lambda_0$"), ("$E^*$", "$P_d"), (r"$\chi$", "$P_d$"), ("$B", r"$\chi$")]
    assert sheet.subtitle.startswith("Synthetic data.")
    assert r"$\chi$: not determined by the data" in sheet.subtitle
    titles = [scene.title for scene in below]
    assert titles == ["", r"$\chi$: not determined by the data", "$E^*$: set by the prior", ""]
    mesh = next(layer for layer in above[0].layers if isinstance(layer, Mesh))
    rows = np.isfinite(mesh.values).any(axis=1)
    # 95 % of a log-normal of 0.1 about 1 mK (in K or mK, as the axis has it), a little wider for the smoothing.
    middle = np.sqrt(mesh.y[rows][0] * mesh.y[rows][-1])
    assert np.log(mesh.y[rows][-1] / mesh.y[rows][0]) == pytest.approx(4 * 0.1, rel=0.4)
    assert middle == pytest.approx(0.001 if "(K)" in above[0].y.label else 1.0, rel=0.1)
    density = next(layer for layer in below[0].layers if isinstance(layer, Line) and layer.hover)
    np.testing.assert_allclose(density.y, [0, 0, 0, 2, 4, 2, 0, 0, 0])
    # Nodes of chi are 0.43 of an e-fold apart: within 0.5 of the best are three, within 1.92 nine.
    limits = [each for each in below[1].layers if isinstance(each, Line) and each.colour == "#cc3311"]
    nodes = np.geomspace(*survey.inference.rivals["tunnelling_states"].ranges["chi"], 9)
    ends = {each.width: each.x for each in limits if len(each.x) == 2}
    np.testing.assert_allclose(ends[5.0], nodes[[3, 5]])
    np.testing.assert_allclose(ends[2.0], nodes[[0, 8]])
    assert any("not calibrated" in note for note in sheet.notes)
    # 004 (5): at chi = 0.05 and E* tau/hbar > 1 the levels are k_F^2/(8 pi chi v_F tau).
    estimate = next(each for each in above[1].layers if isinstance(each, Line) and each.colour == "#228833")
    settings = survey.diagrams["allowed_region_tunnelling_states"]
    k_F = np.sqrt(2 * 9.1093837e-31 * settings.eps_F) / 1.054571817e-34
    chi = np.median(read_tree(results / survey.name / "posterior_tunnelling_states.nc")[1]["draws"].chi)
    number = 1e-6 * k_F**2 / (8 * np.pi * chi * settings.v_F * settings.tau_phi)
    assert estimate.y[np.isfinite(estimate.y)][-1] == pytest.approx(number, rel=1e-5)
    render(survey, "allowed_region_tunnelling_states", results)
    page = (results / survey.name / "diagrams" / "allowed_region_tunnelling_states.html").read_text()
    assert "Synthetic data" in page and "not determined by the data" in page


def test_nothing_lies_where_there_are_no_levels(tmp_path):
    survey = written(tmp_path, rivals="{tunnelling_states: }")
    path = levels_found(tmp_path / "results", survey, {})
    attributes, groups = read_tree(path)
    draws = groups["draws"]
    draws["Lambda0"].values[:] *= 10
    draws["Estar"].values[:] = draws["Lambda0"].values * 1.02
    write_tree(path, groups, {name: attributes[name] for name in ("remarks", origins.MADE_FROM)})
    scene = scene_of(survey, "allowed_region_tunnelling_states", tmp_path / "results").rows[0][0]
    mesh = next(layer for layer in scene.layers if isinstance(layer, Mesh))
    factor = (1e3 if "(mK)" in scene.x.label else 1.0) / (1e3 if "(mK)" in scene.y.label else 1.0)
    row, column = np.nonzero(np.isfinite(mesh.values))
    assert row.size and (mesh.x[column] > factor * mesh.y[row]).all()


def test_highest_density_regions_of_a_normal_distribution():
    x = np.linspace(-5, 5, 201)
    probability = np.exp(-0.5 * (x**2 + x[:, None] ** 2))
    levels = highest(probability / probability.sum())
    radius = np.hypot(x, x[:, None])
    # Of two normal numbers 68 % lie within sqrt(-2 ln 0.32).
    assert radius[levels == 2].max() == pytest.approx(np.sqrt(-2 * np.log(0.32)), abs=0.05)
    assert radius[np.isfinite(levels)].max() == pytest.approx(np.sqrt(-2 * np.log(0.05)), abs=0.05)


def test_a_smoothed_even_distribution_is_even_to_its_border():
    rng = np.random.default_rng(1)
    x, y = rng.random((2, 100_000))
    centres = (np.arange(20) + 0.5) / 20
    probability = smooth(x, y, centres, centres)
    assert probability.sum() == pytest.approx(1.0)
    np.testing.assert_allclose(probability * 400, 1.0, atol=0.15)


def test_over_the_prior_a_posterior_like_it_is_one():
    weights = np.array([0.0, 0.5, 1.0, 1.0, 0.5, 0.0])
    np.testing.assert_allclose(over_prior(weights, 3 * weights), [np.nan, 1, 1, 1, 1, np.nan])


def test_panels_do_not_overlap():
    axis = Axis("", 1.0, 10.0, ())
    scene = Scene("", axis, axis, ())
    frames = [frame for _, frame in panels(Sheet("", ((scene, scene), (scene,)), (2.0, 1.0)), 1000, 800)]
    for left, bottom, width, height in frames:
        assert width > 0.3 and height > 0.1 and left > 0 and bottom > 0 and left + width < 1 and bottom + height < 1
    assert frames[0][0] + frames[0][2] < frames[1][0] and frames[2][1] + frames[2][3] < frames[0][1]
