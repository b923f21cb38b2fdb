"""Crossovers: brackets on a grid, roots on the kernel, censoring; against functions whose crossings are known."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from physics import QUANTITIES
from physics.constants import BOLTZMANN, HBAR
from survey.compute.tile import compute_tile
from survey.config.crossovers import Window
from survey.config.load import load_survey
from survey.cubes.assemble import assemble
from survey.cubes.columns import ABOVE, ABSENT, BELOW, FOUND, SEVERAL, UNDEFINED, _crossing, _window
from survey.cubes.criteria import Criterion, on_grid, points, roots
from survey.cubes.crossovers import locate
from survey.store.tiles import tiles_of

SURVEY = """
axes:
  T: {start: 5 mK, stop: 10 K, num: 30}
  Lambda0: {values: [1 mK, 10 mK]}
  Pd: {values: [1e46 J^-1 m^-3, 1e48 J^-1 m^-3]}
  chi: {values: [0.01, 0.1, 1]}
  Estar: {values: [0.5 mK, 20 mK, 10 K]}
constants: {sigma_in: 1e-15 cm^2, v_F: 1e8 cm/s, tau: 1e-14 s}
quantities: {dephasing: {}}
"""
METAL = {"sigma_in": 1e-19, "v_F": 1e6, "tau": 1e-14}


@given(st.floats(-0.3, 0.3), st.floats(0.05, 2.0), st.floats(0.2, 3.0))
def test_a_root_is_where_the_function_vanishes(root, width, steepness):
    low, high = root - 0.37 * width, root + 0.63 * width
    nodes = points(low, high)
    logs = {"v": np.stack([np.tanh(steepness * (nodes - root)), -np.ones(len(nodes))], axis=1)}
    x, error = roots(low, high, logs, Criterion(values={"v": 1.0}), accuracy=1e-12)
    assert abs(x[0] - root) <= error[0] + 1e-12
    assert error[0] < 0.1
    assert np.isnan(x[1]) and np.isnan(error[1])


def test_a_root_of_the_slope_and_of_each_cell_s_own_constant():
    """v = exp(-x^2): dln v/dx = -2x passes -c at x = c/2."""
    nodes = points(0.2, 0.5)
    constant = np.array([0.5, 0.9])
    logs = {"v": np.repeat(-(nodes[:, None] ** 2), 2, axis=1)}
    x, _ = roots(0.2, 0.5, logs, Criterion(slopes={"v": 1.0}, constant=constant), accuracy=1e-12)
    np.testing.assert_allclose(x, constant / 2, rtol=1e-9)


def test_the_highest_of_several_roots():
    nodes = points(0.0, 1.0)
    logs = {"v": (nodes[:, None] - 0.3) * (nodes[:, None] - 0.6)}
    x, _ = roots(0.0, 1.0, logs, Criterion(values={"v": 1.0}), accuracy=1e-12)
    assert x[0] == pytest.approx(0.6, abs=1e-9)


def test_a_root_within_the_interval_goes_before_one_in_its_margins():
    nodes = points(0.0, 1.0)
    logs = {"v": (nodes[:, None] - 0.3) * (nodes[:, None] - 1.1)}
    x, _ = roots(0.0, 1.0, logs, Criterion(values={"v": 1.0}), accuracy=1e-12)
    assert x[0] == pytest.approx(0.3, abs=1e-9)
    logs = {"v": nodes[:, None] - 1.1}
    assert roots(0.0, 1.0, logs, Criterion(values={"v": 1.0}), accuracy=1e-12)[0][0] == pytest.approx(1.1, abs=1e-9)


def test_slopes_on_the_grid():
    x = np.linspace(-1, 2, 25)
    _, slope = on_grid(x, {"v": np.sin(x)[:, None]})
    np.testing.assert_allclose(slope("v")[:, 0], np.cos(x), atol=4e-4)


def test_censoring():
    """Columns: below, above, found, several, undefined, and a change only where a cell is not good."""
    g = np.array([[1, 1, 1, 1], [-1, -1, -1, -1], [-1, -1, 1, 1], [-1, 1, -1, 1], [1, 1, 1, 1], [-1, 1, 1, 1]], float).T
    good = np.ones_like(g, bool)
    good[1:, 4] = False
    good[0, 5] = False
    good[2, 5] = True
    ((interval, _),), finish = _crossing(Criterion(), g, good)
    assert interval.tolist() == [-1, -1, 1, 2, -1, -1]
    root = np.where(interval >= 0, 0.5, np.nan)
    assert finish([(root, root)])["_censoring"].tolist() == [BELOW, ABOVE, FOUND, SEVERAL, UNDEFINED, BELOW]
    nothing = np.full(6, np.nan)
    assert finish([(nothing, nothing)])["_censoring"][2] == ABSENT


def test_the_widest_window():
    x = np.log([1.0, 2.0, 4.0, 8.0, 16.0, 32.0])
    slope = np.array([[1, 0, 1, 0, 0, 1], [0, 0, 0, 0, 0, 0], [1, 1, 1, 1, 1, 1]], float).T
    settings = Window(kind="window", quantity="q", variable="v", threshold=0.5)
    requests, finish = _window(x, slope, np.ones_like(slope, bool), settings)
    assert [interval.tolist() for interval, _ in requests] == [[2, -1, -1], [4, -1, -1]]
    answers = [(np.array([np.log(6.0), np.nan, np.nan]), None), (np.array([np.log(20.0), np.nan, np.nan]), None)]
    found = finish(answers)
    np.testing.assert_allclose(found["_ratio"], [20 / 6, 32.0, np.nan])
    assert found["_censoring"].tolist() == [0, 3, 5]


@pytest.fixture(scope="module")
def located(tmp_path_factory):
    folder = tmp_path_factory.mktemp("crossovers")
    (folder / "small.yaml").write_text(SURVEY)
    survey = load_survey(folder / "small.yaml")
    for tile in tiles_of(survey, "dephasing"):
        compute_tile(folder / "results" / "store", tile, 2)
    assemble(survey, "dephasing", folder / "results" / "store", folder / "results")
    import xarray

    return xarray.load_dataset(locate(survey, folder / "results", 2))


def cells(located, name):
    """The parameters of the cells where a crossover was found, with its temperature."""
    table = located[name].stack(cell=located[name].dims).dropna("cell")
    return {axis: table[axis].values for axis in located[name].dims}, table.values


def test_the_channels_are_equal_where_they_cross(located):
    at, T = cells(located, "T_equal")
    times = QUANTITIES["dephasing"](T=T, **at, **METAL)
    assert len(T) >= 10
    np.testing.assert_allclose(times["tau_phi_resonant"], times["tau_phi_relaxation"], rtol=1e-7)


def test_the_rate_is_the_temperature_where_the_theory_ends(located):
    at, T = cells(located, "T_valid")
    times = QUANTITIES["dephasing"](T=T, **at, **METAL)
    assert len(T) >= 3
    np.testing.assert_allclose(HBAR / times["tau_phi"], BOLTZMANN * T, rtol=1e-7)


@pytest.mark.parametrize(
    ("name", "variable", "value"),
    [
        ("T_Lambda", "tau_phi_resonant", 1 / 6),
        ("T_alpha", "tau_phi_relaxation", 5 / 12),
        ("T_beta", "tau_phi_relaxation", 2 / 3),
    ],
)
def test_the_exponent_passes_its_class(located, name, variable, value):
    at, T = cells(located, name)
    step = 0.01
    up, down = (QUANTITIES["dephasing"](T=T * np.exp(sign * step), **at, **METAL)[variable] for sign in (1, -1))
    assert len(T) >= 6
    np.testing.assert_allclose(-np.log(up / down) / (2 * step), value, rtol=1e-3)


def test_widths_closed_forms_and_cells_without_levels(located):
    assert (located.T_equal_width / located.T_equal).max() < 1e-6
    assert located.T_alpha_closed_form.notnull().all()
    assert (located.T_equal_censoring.sel(Estar=5e-4) == UNDEFINED).all()
    assert located.T_equal.sel(Estar=5e-4).isnull().all()
