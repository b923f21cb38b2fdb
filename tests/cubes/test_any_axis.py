"""Constants of a quantity as axes of a survey and axes as constants, from the file to cubes, crossovers and answers."""

import json

import numpy as np
import pytest

from physics import QUANTITIES
from survey.compute.tile import compute_tile
from survey.config.load import load_survey
from survey.cubes.assemble import assemble
from survey.cubes.crossovers import locate
from survey.cubes.read import open_cube
from survey.errors import SurveyError
from survey.query.answer import query
from survey.store.tiles import find_tile, tiles_of
from survey.upkeep.restamp import restamp

SURVEY = """
axes:
  T: {start: 10 mK, stop: 10 K, num: 9}
  Pd: {values: ["1e45 J^-1m^-3", "1e46 J^-1m^-3"]}
  Lambda0: {values: [1 mK, 10 mK]}
  kFl: {values: [5, 50, 500]}
  barrier_width: {values: [0.5, 2]}
constants:
  chi: 0.1
  Estar: 1 K
  sigma_in: 1e-19 m^2
  v_F: 1e6 m/s
  tau: 10 fs
  eps_F: 5 eV
  ee_prefactor: 1
quantities:
  dephasing: {variables: [tau_phi, tau_phi_relaxation, status], options: OPTIONS}
  dirty: {quantity: dephasing, variables: [tau_phi], options: OPTIONS, constants: {kFl: 5, Pd: "1e45 J^-1m^-3"}}
  background: {options: {background: bulk}}
crossovers:
  T_valid: {kind: thermal_limit, variable: tau_phi, quantity: dephasing}
  T_slope: {kind: exponent, variable: tau_phi_relaxation, value: 0.3, quantity: dephasing}
""".replace("OPTIONS", "{distribution: gaussian_barrier, background: bulk}")
ONE_AXIS = """
axes: {n: {values: [1, 2, 3]}}
constants: {T: 1 K, Lambda0: 0.1 K, Pd: "1e46 J^-1m^-3", Estar: 10 K, U0: 1e-49 J m^3}
quantities: {clusters: {cube: virtual}}
"""
OPTIONS = {"distribution": "gaussian_barrier", "background": "bulk"}


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """The survey with its tiles and cubes."""
    folder = tmp_path_factory.mktemp("any")
    (folder / "any.yaml").write_text(SURVEY, encoding="utf-8")
    survey = load_survey(folder / "any.yaml")
    for label in survey.quantities:
        for tile in tiles_of(survey, label):
            compute_tile(folder / "store", tile, cells=20)
            assert find_tile(survey, tile.digest) == tile
        assemble(survey, label, folder / "store", folder / "results")
    return survey, folder / "store", folder / "results" / "any"


def test_cubes_have_the_axes_of_the_file(made):
    survey, _, results = made
    with open_cube(results / "dephasing.nc") as cube:
        assert cube["tau_phi"].dimensions == ("T", "Lambda0", "Pd", "barrier_width", "kFl")
        assert cube["tau_phi"].shape == (9, 2, 2, 2, 3)
        T = cube["T"][:]
        for k, kFl in enumerate((5.0, 50.0, 500.0)):
            alone = QUANTITIES["dephasing"](
                T=T, Lambda0=0.01, Pd=1e45, barrier_width=2.0, kFl=kFl, **survey.constants, **OPTIONS
            )
            for name in ("tau_phi", "status"):
                np.testing.assert_array_equal(cube[name][:, 1, 0, 1, k], alone[name])
        assert len(np.unique(cube["tau_phi"][8, 0, 0].data)) == 6
    with open_cube(results / "background.nc") as cube:
        assert cube["tau_phi"].dimensions == ("T", "kFl") and cube["tau_phi"].shape == (9, 3)


def test_a_label_may_fix_what_the_survey_varies(made):
    _, _, results = made
    with open_cube(results / "dirty.nc") as cube, open_cube(results / "dephasing.nc") as whole:
        made_with = json.loads(cube.configuration)
        assert made_with["constants"]["kFl"] == 5.0 and list(made_with["axes"]) == ["Lambda0", "T", "barrier_width"]
        np.testing.assert_array_equal(cube["tau_phi"][:], whole["tau_phi"][:, :, 0, :, 0])


def test_crossovers_are_over_all_axes(made):
    survey, store, results = made
    with open_cube(locate(survey, results.parent, store=store)) as found:
        assert found["T_valid"].dimensions == ("Lambda0", "Pd", "barrier_width", "kFl")
        T = found["T_slope"][1, 0, 0, 0]
        point = {"Lambda0": 0.01, "Pd": 1e45, "barrier_width": 0.5, "kFl": 5.0} | survey.constants
        tau = QUANTITIES["dephasing"](T=T * np.array([0.999, 1.001]), **point, **OPTIONS)["tau_phi_relaxation"]
        assert -np.diff(np.log(tau))[0] / np.log(1.001 / 0.999) == pytest.approx(0.3, rel=1e-3)


def test_queries_interpolate_along_them(made):
    survey, _, results = made
    point = {"Lambda0": 0.01, "Pd": 1e45, "barrier_width": 2.0, "kFl": 50.0}
    with open_cube(results / "dephasing.nc") as cube:
        stored = query(cube, "tau_phi", T=cube["T"][3], **point)
        assert float(stored.tau_phi) == cube["tau_phi"][3, 1, 0, 1, 1]
        between = float(query(cube, "tau_phi", T="200 mK", **(point | {"kFl": 20.0})).tau_phi)
    near = QUANTITIES["dephasing"](T=0.2, **(point | {"kFl": 20.0}), **survey.constants, **OPTIONS)["tau_phi"]
    assert between == pytest.approx(near, rel=0.3)


def test_changed_code_is_compared_at_cells_of_all_axes(made, monkeypatch):
    _, store, _ = made
    monkeypatch.setattr(type(QUANTITIES["dephasing"]), "fingerprint", lambda self: "0" * 16)
    assert "now accepts the code" in restamp(store, "dephasing")


@pytest.mark.parametrize(
    "old, new, message",
    [
        ("  chi: 0.1\n", "  chi: 0.1\n  kFl: 5\n", r"constants.kFl \(line 10\): it is an axis too"),
        ("  chi: 0.1\n", "", r"the axis chi \(.*\) is missing; dephasing, dirty depend on it"),
        ("kFl: {values: [5, 50, 500]}", "tau: {values: [1 ps]}", r"the constant kFl \(.*\) is missing"),
        (
            "kFl: 5, Pd",
            "omega: 5 rad/s, Pd",
            r"dirty.constants.omega \(line 18\): dirty does not depend on it; allowed: ",
        ),
        ("kFl: 5, Pd", "kFl: 5 K, Pd", r"dirty.constants.kFl \(line 18\): found '5 K'"),
        ("kFl: 5, Pd", "kFl: 0.5, Pd", r"dirty.constants.kFl \(line 18\): kFl = 0.5 is outside the domain"),
        ("kFl: 5, Pd", "kFll: 5, Pd", r"dirty.constants.kFll \(line 18\): unknown constant; did you mean 'kFl'"),
        (
            "options: {background: bulk}",
            "options: {background: bulk}, constants: {T: 1 K, kFl: 5}",
            "background has no axis",
        ),
    ],
)
def test_what_cannot_be_is_refused(tmp_path, old, new, message):
    assert old in SURVEY
    path = tmp_path / "any.yaml"
    path.write_text(SURVEY.replace(old, new), encoding="utf-8")
    with pytest.raises(SurveyError, match=message):
        load_survey(path)


def test_a_variable_of_constants_alone_is_a_number(tmp_path):
    (tmp_path / "size.yaml").write_text(ONE_AXIS, encoding="utf-8")
    survey = load_survey(tmp_path / "size.yaml")
    (tile,) = tiles_of(survey, "clusters")
    compute_tile(tmp_path, tile)
    whole = QUANTITIES["clusters"](n=survey.grid("clusters")["n"], **survey.constants)
    path = assemble(survey, "clusters", tmp_path, tmp_path)
    with open_cube(path) as cube:
        assert cube["P_n"].dimensions == ("n",) and cube["chi_rg"].dimensions == ()
        for name, values in whole.items():
            np.testing.assert_array_equal(cube[name][...], values, name)
        assert float(query(cube, "chi_rg").chi_rg) == whole["chi_rg"]
        assert query(cube, "P_n", n=3).nearest_status == whole["status"]
    longer = tmp_path / "longer.yaml"
    longer.write_text(ONE_AXIS.replace("3]", "3, 4]"), encoding="utf-8")
    (tile,) = tiles_of(load_survey(longer), "clusters")
    compute_tile(tmp_path, tile)
    with open_cube(assemble(load_survey(longer), "clusters", tmp_path, tmp_path)) as cube:
        assert cube["P_n"].shape == (4,) and cube["t"][...] == whole["t"]
