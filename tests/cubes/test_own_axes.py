"""Variables of one quantity on different axes: computed, stored, assembled, crossed and queried on their own."""

import numpy as np
import pytest

import physics
from helpers import toy
from physics import Quantity, Variable
from survey.compute.tile import compute_tile
from survey.config.load import load_survey
from survey.cubes.assemble import assemble
from survey.cubes.crossovers import locate
from survey.cubes.read import open_cube
from survey.query.answer import query
from survey.store.tiles import tiles_of

FLAGS = {"ok": 0, "hot": 1}
TOY = Quantity(
    name="toy",
    long_name="toy",
    kernel="test_own_axes:kernel",
    axes=("T", "chi", "omega"),
    constants=("tau",),
    variables=(
        Variable("rise", "r", "s", "rises with T", axes=("T", "chi")),
        Variable("fall", "f", "s", "falls with T", axes=("T", "chi")),
        Variable("spectrum", "S", "s", "over frequency", axes=("T", "omega")),
        Variable("status", "", "1", "status of the cell", flags=FLAGS, axes=("T",)),
    ),
    source="none",
    version=1,
    accuracy=1e-12,
    domain={"T": (0.01, 10.0), "chi": (1e-3, 1.0), "omega": (1.0, 1e9), "tau": (1.0, 1.0)},
)
SURVEY = """
axes:
  T: {start: 10 mK, stop: 10 K, num: 7}
  chi: {values: [0.02, 0.1, 0.3]}
  omega: {start: 1e3 rad/s, stop: 1e9 rad/s, num: 5}
constants: {tau: 1 s}
quantities: {toy: {variables: %s}}
crossovers: %s
"""
CROSSOVERS = "{T_same: {kind: equal, variables: [rise, fall]}}"


def kernel(T, chi, omega, *, tau, variables):
    results = {
        "rise": tau * T * chi,
        "fall": tau * chi**3 / T,
        "spectrum": tau * T / omega,
        "status": (T > 5.0).astype(np.uint8),
    }
    return {name: results[name] for name in variables}


@pytest.fixture
def made(tmp_path, monkeypatch):
    """A function that makes the survey of some variables: its cube, its tiles, and itself."""
    monkeypatch.setitem(physics.QUANTITIES, "toy", TOY)
    monkeypatch.setattr("survey.store.tiles.LONGEST_BLOCK", 3)

    def make(variables="[rise, fall, spectrum, status]", crossovers="{}", axes=SURVEY):
        path = tmp_path / "own.yaml"
        path.write_text(axes % (variables, crossovers), encoding="utf-8")
        survey = load_survey(path)
        tiles = tiles_of(survey, "toy")
        for tile in tiles:
            compute_tile(tmp_path / "store", tile, cells=4)
        return assemble(survey, "toy", tmp_path / "store", tmp_path / "results"), tiles, survey

    return make


def test_each_variable_of_the_cube_is_over_its_own_axes(made):
    cube, tiles, survey = made()
    assert len(tiles) > 4
    T, chi, omega = (survey.grid("toy")[name] for name in ("T", "chi", "omega"))
    with open_cube(cube) as dataset:
        assert dataset["rise"].dimensions == ("T", "chi") and dataset["status"].dimensions == ("T",)
        np.testing.assert_array_equal(dataset["rise"][:], T[:, None] * chi)
        np.testing.assert_array_equal(dataset["spectrum"][:], T[:, None] / omega)
        np.testing.assert_array_equal(dataset["status"][:], T > 5.0)
    assert toy.read(cube.parents[2] / "store", tiles[0])["fall"].shape == tiles[0].shape[:2]


def test_size_and_cells_are_those_of_the_variables(made):
    _, (tile, *_), _ = made()
    T, chi, omega = tile.shape
    assert tile.cells == T * max(chi, omega)
    assert tile.bytes == 8 * (2 * T * chi + T * omega) + T


def test_an_axis_that_no_stored_variable_has_is_not_needed(made):
    without_omega = "\n".join(line for line in SURVEY.splitlines() if "omega" not in line)
    cube, tiles, survey = made("[rise, fall]", axes=without_omega)
    assert list(survey.grid("toy")) == ["T", "chi"] == list(tiles[0].axes)
    with open_cube(cube) as dataset:
        assert list(dataset.dimensions) == ["T", "chi"]


def test_a_crossover_is_over_the_axes_of_its_variables(made):
    cube, _, survey = made(crossovers=CROSSOVERS)
    with open_cube(locate(survey, cube.parents[1], store=cube.parents[2] / "store")) as found:
        assert found["T_same"].dimensions == ("chi",)
        np.testing.assert_allclose(found["T_same"][:], survey.grid("toy")["chi"], rtol=1e-10)


def test_queries_take_the_status_along(made):
    cube, _, _ = made()
    point = query(cube, "spectrum", T=0.05, omega=1e6)
    assert float(point.spectrum) == pytest.approx(0.05 / 1e6, rel=1e-12)
    assert query(cube, "rise", T=10.0, chi=0.1).nearest_status == FLAGS["hot"]


def test_calls_need_only_the_axes_of_what_is_wanted(monkeypatch):
    monkeypatch.setitem(physics.QUANTITIES, "toy", TOY)
    assert TOY(T=0.5, chi=0.1, tau=1.0, variables=("rise",))["rise"] == pytest.approx(0.05)
    with pytest.raises(physics.ParameterError, match="toy needs omega"):
        TOY(T=0.5, chi=0.1, tau=1.0)
