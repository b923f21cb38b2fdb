"""Crossovers over axes that share work and axes that do not, of a kernel whose crossings are known on paper."""

import json

import netCDF4
import numpy as np
import pytest
from numpy import exp, log
from scipy.constants import hbar, k

import physics
from physics import Quantity, Variable
from physics.laws import LAWS
from survey.compute.tile import compute_tile
from survey.config.crossovers import Window
from survey.config.load import load_survey
from survey.cubes.assemble import assemble
from survey.cubes.columns import CENSORING, WINDOW_CENSORING, _filled, _window
from survey.cubes.crossovers import locate
from survey.errors import SurveyError
from survey.store.netcdf import broken_seal
from survey.store.tiles import tiles_of

ACCURACY = 1e-6
FLAGS = {"ok": 0, "frozen": 3}
TOY = Quantity(
    name="toy",
    long_name="toy",
    kernel="test_crossovers_edges:kernel",
    axes=("T", "Lambda0", "Pd", "chi"),
    constants=("sigma_in", "v_F"),
    variables=(
        Variable("rise", "r", "s", "rises with T"),
        Variable("fall", "f", "s", "falls with T"),
        Variable("bump", "b", "s", "its exponent rises with T"),
        Variable("time", "t", "s", "constant", axes=("T", "Lambda0")),
        Variable("calm", "c", "s", "constant for a while", axes=("T", "Lambda0", "chi")),
        Variable("edge", "e", "s", "zero up to just below a value of T", axes=("T", "Lambda0")),
        Variable("status", "", "1", "status", flags=FLAGS, axes=("T", "Lambda0")),
    ),
    source="a toy",
    version=1,
    accuracy=ACCURACY,
    domain={"T": (1e-3, 100.0), "Lambda0": (1e-5, 10.0), "Pd": (1e43, 1e49), "chi": (1e-4, 1.0)},
)
SURVEY = """
axes:
  T: {start: 10 mK, stop: 10 K, num: NUM}
  Lambda0: {values: [1 mK, 20 mK, 300 mK]}
  Pd: {values: [1e46 J^-1 m^-3, 4e46 J^-1 m^-3]}
  chi: {values: [0.01, 0.1, 1]}
constants: {sigma_in: 1e-19 m^2, v_F: 1e6 m/s}
quantities: {toy: {quantity: toy}}
crossovers:
  same: {kind: equal, variables: [rise, fall]}
  power: {kind: exponent, variable: bump, value: 0.5, exponent: rises, closed_form: T_alpha}
  limit: {kind: thermal_limit, variable: time}
  flat: {kind: window, variable: calm, threshold: 0.2}
"""
# exp of the middle of the calm, and half its width in ln T at the threshold, by chi.
MIDDLE, HALF = {0.01: 0.02, 0.1: 0.3, 1.0: 20.0}, {0.01: 1.0, 0.1: 0.5, 1.0: 1.5}
# Frozen below so much, by Lambda0.
FROZEN = {1e-3: 0.0, 0.02: 0.05, 0.3: 0.5}
# Of 40 temperatures from 10 mK to 10 K the 20th, and what is 2 % of an interval below it.
NEXT = np.geomspace(0.01, 10, 40)[20]
EDGE = NEXT * exp(-0.02 * log(1000) / 39)
CALLS = []


def at(table, values):
    return np.vectorize(lambda value: table[min(table, key=lambda known: abs(log(known / value)))])(values)


def kernel(T, Lambda0, Pd, chi, *, sigma_in, v_F, variables):
    CALLS.append((np.asarray(T).ravel(), tuple(variables)))
    x, whole = log(T), 0 * (T * Lambda0 * Pd * chi)
    results = {
        "rise": T**2 * chi + whole,
        "fall": Lambda0**0.5 * (Pd / 1e46) ** 0.25 / T + whole,
        # -dln/dlnT = 2 (x - x0), x0 = ln(Lambda0)
        "bump": exp(-((x - log(Lambda0)) ** 2)) + whole,
        "time": hbar / k / (10 * Lambda0) + 0 * T,
        # dln/dlnT = 0.2 at the ends of the calm
        "calm": exp(0.2 / at(HALF, chi) ** 2 * (x - log(at(MIDDLE, chi))) ** 3 / 3) + 0 * Lambda0,
        "edge": np.maximum(T - EDGE, 0) / (NEXT - EDGE) / 30 * hbar / k / Lambda0 + 0 * T,
        "status": np.where(T < at(FROZEN, Lambda0), np.uint8(3), np.uint8(0)),
    }
    return {name: results[name] for name in variables}


def made(folder, text, threads=1):
    (folder / "toy.yaml").write_text(text)
    survey = load_survey(folder / "toy.yaml")
    for tile in tiles_of(survey, "toy"):
        compute_tile(folder / "results" / "store", tile)
    assemble(survey, "toy", folder / "results" / "store", folder / "results")
    CALLS.clear()
    return locate(survey, folder / "results", threads)


@pytest.fixture(autouse=True, scope="module")
def _toy():
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(physics.QUANTITIES, "toy", TOY)
        patch.setitem(LAWS, "toy", LAWS["dephasing"])
        yield


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    return made(tmp_path_factory.mktemp("toy"), SURVEY.replace("NUM", "40"), threads=2)


@pytest.fixture
def found(path):
    with netCDF4.Dataset(path) as dataset:
        dataset.set_auto_mask(False)
        yield dataset


def axes(found, name):
    return np.meshgrid(*(found[axis][:] for axis in found[name].dimensions), indexing="ij")


def held(found, name, T, inside, sides):
    """A crossover is T where that is `inside` the grid, and else NaN with the flag of its side."""
    T, inside, sides = (np.broadcast_to(each, found[name].shape) for each in (T, inside, sides))
    flags = np.where(inside, CENSORING["found"], sides)
    np.testing.assert_array_equal(found[f"{name}_censoring"][...], flags)
    np.testing.assert_allclose(found[name][...], np.where(inside, T, np.nan), rtol=1e-6)
    np.testing.assert_array_equal(np.isnan(found[f"{name}_width"][...]), ~inside)
    assert inside.any() and (~inside).any()


def test_two_variables_are_equal(found):
    assert found["same"].dimensions == ("Lambda0", "Pd", "chi")
    Lambda0, Pd, chi = axes(found, "same")
    T = (Lambda0**0.5 * (Pd / 1e46) ** 0.25 / chi) ** (1 / 3)
    np.testing.assert_allclose(found["same"][...], T, rtol=1e-9)
    assert (found["same_censoring"][...] == CENSORING["found"]).all()
    # Both values are known to ACCURACY, their ratio goes as T^3: a bracket of 4/3 ACCURACY, and a little for rounding.
    np.testing.assert_allclose(found["same_width"][...] / T, 4 / 3 * ACCURACY, rtol=1e-3)


def test_an_exponent_passes_a_value_where_no_cell_is_frozen(found):
    """The exponent is 1/2 at 1.284 Lambda0: below the grid, or below the cells that are not frozen."""
    Lambda0, _, _ = axes(found, "power")
    assert (Lambda0 * exp(0.25) < 0.5).all()
    assert (found["power_censoring"][...] == CENSORING["below"]).all() and np.isnan(found["power"][...]).all()
    # What is not located has its closed form all the same: Lambda0 B/chi.
    _, Pd, chi = axes(found, "power")
    np.testing.assert_allclose(found["power_closed_form"][...], Lambda0 * hbar * Pd * 1e-19 * 1e6 / chi, rtol=1e-12)


def test_without_frozen_cells_the_same_exponent_is_found(tmp_path, monkeypatch):
    monkeypatch.setitem(FROZEN, 0.02, 0.0)
    monkeypatch.setitem(FROZEN, 0.3, 0.01)
    with netCDF4.Dataset(made(tmp_path, SURVEY.replace("NUM", "40"))) as found:
        found.set_auto_mask(False)
        Lambda0, _, _ = axes(found, "power")
        held(found, "power", Lambda0 * exp(0.25), Lambda0 > 0.01, CENSORING["below"])


def test_a_thermal_limit(found):
    """hbar/time = k_B T at 10 Lambda0, of a variable over fewer axes than the others."""
    assert found["limit"].dimensions == ("Lambda0",)
    np.testing.assert_allclose(found["limit"][1:], [0.2, 3.0], rtol=1e-9)
    np.testing.assert_allclose(found["limit_width"][1:] / found["limit"][1:], 2 * ACCURACY, rtol=1e-3)


def test_where_a_value_is_zero_within_reach_of_an_interval_nothing_is_located(tmp_path):
    """The two are equal within an interval of which both ends are good, but not all nodes of its polynomial are."""
    wanted = "  same: {kind: equal, variables: [edge, time]}\n"
    text = SURVEY.replace("NUM", "40").split("  same:")[0] + wanted
    with netCDF4.Dataset(made(tmp_path, text)) as found:
        assert (found["same_censoring"][...] == CENSORING["absent"]).all() and found["same"][...].mask.all()


def test_a_window(found):
    """Calm within HALF of MIDDLE: cut off by the ends of the grid and by frozen cells, at the last good value of T."""
    assert found["flat_low"].dimensions == ("Lambda0", "chi")
    T = np.geomspace(0.01, 10, 40)
    for i, Lambda0 in enumerate(found["Lambda0"][:]):
        for j, chi in enumerate(found["chi"][:]):
            good = T[at(FROZEN, Lambda0) <= T]
            low, high = (float(at(MIDDLE, chi) * exp(sign * at(HALF, chi))) for sign in (-1, 1))
            flag = int(found["flat_censoring"][i, j])
            inside = (good > low) & (good < high)
            if not inside.any():
                assert flag == WINDOW_CENSORING["absent"] and np.isnan(found["flat_ratio"][i, j])
                continue
            # An end needs a good value on both of its sides.
            opened = [good[0] > low, good[-1] < high]
            assert flag == opened[0] + 2 * opened[1]
            ends = [good[0] if opened[0] else low, good[-1] if opened[1] else high]
            ends_found = [float(found["flat_low"][i, j]), float(found["flat_high"][i, j])]
            assert ends_found == pytest.approx(ends, rel=1e-5)
            assert float(found["flat_ratio"][i, j]) == pytest.approx(ends_found[1] / ends_found[0], rel=1e-12)
    assert set(found["flat_censoring"][...].ravel()) == {0, 1, 2, 5}


def test_the_file_says_what_it_holds(found, path):
    assert not broken_seal(found)
    assert (found.Conventions, found.survey, found.source) == ("CF-1.11", "toy", "a toy")
    assert found.title == "crossovers, survey toy" and found.history.endswith("survey crossovers toy")
    assert set(found.variables) == {
        *("Lambda0", "Pd", "chi"),
        *("same", "same_width", "same_censoring"),
        *("power", "power_width", "power_censoring", "power_closed_form"),
        *("limit", "limit_width", "limit_censoring"),
        *("flat_low", "flat_high", "flat_ratio", "flat_censoring"),
    }
    names = {
        "same": "temperature at which two variables are equal",
        "same_width": "temperature at which two variables are equal, width of the bracket",
        "same_censoring": "temperature at which two variables are equal, whether it was found",
        "power_closed_form": "temperature at which the local exponent passes a value, closed form",
        "limit": "temperature at which hbar/tau equals k_B T",
        "flat_low": "widest window of the temperature with a small local exponent, lower end",
        "flat_high": "widest window of the temperature with a small local exponent, upper end",
        "flat_ratio": "widest window of the temperature with a small local exponent, upper over lower end",
    }
    assert {name: found[name].long_name for name in names} == names
    for name, variable in found.variables.items():
        assert variable.filters()["fletcher32"]
        if name.endswith("_censoring"):
            flags = WINDOW_CENSORING if name.startswith("flat") else CENSORING
            assert variable.flag_meanings.split() == list(flags)
            assert variable.flag_values.tolist() == list(flags.values()) and variable.dtype == np.uint8
            assert (
                variable.filters()["zlib"]
                and variable.filters()["complevel"] == 1
                and "units" not in variable.ncattrs()
            )
        elif name not in ("Lambda0", "Pd", "chi"):
            assert variable.units == ("1" if name == "flat_ratio" else "K") and variable.dtype == np.float64
            assert np.isnan(variable._FillValue) and not variable.filters()["zlib"]
    settings = json.loads(found["power_width"].settings)
    assert settings == {
        "quantity": "toy",
        "kind": "exponent",
        "variable": "bump",
        "value": 0.5,
        "exponent": "rises",
        "closed_form": "T_alpha",
    }
    # The flags of windows and of points share a number with another meaning: their names are what counts.
    assert CENSORING == {"found": 0, "below": 1, "above": 2, "absent": 3, "undefined": 4, "several": 5}
    assert WINDOW_CENSORING == dict(
        zip(("found", "open_below", "open_above", "open_at_both_ends", "undefined", "absent"), range(6), strict=True)
    )


@pytest.mark.parametrize("threads", [1, 3])
def test_the_threads_change_no_bit(path, tmp_path, threads):
    again = made(tmp_path, SURVEY.replace("NUM", "40"), threads)
    with netCDF4.Dataset(path) as one, netCDF4.Dataset(again) as other:
        for name in one.variables:
            np.testing.assert_array_equal(one[name][...], other[name][...])


def test_the_kernel_is_asked_for_what_crosses_and_nothing_else(tmp_path):
    text = SURVEY.replace("NUM", "40").split("  power:")[0]
    with netCDF4.Dataset(made(tmp_path, text)) as found:
        T = np.sort(found["same"][...].ravel())
    grid = np.geomspace(0.01, 10, 40)
    assert {names for _, names in CALLS} == {("fall", "rise")}
    # Once for each interval that holds a crossover of a Lambda0, for all couplings and densities.
    intervals = [int(np.searchsorted(grid, np.median(nodes))) for nodes, _ in CALLS]
    assert sorted(set(intervals)) == sorted(set(np.searchsorted(grid, T).tolist()))
    assert len(CALLS) <= len(T)


@pytest.mark.parametrize("num", [2, 3])
def test_few_temperatures_are_enough(tmp_path, num):
    with netCDF4.Dataset(made(tmp_path, SURVEY.replace("NUM", str(num)).split("  power:")[0])) as found:
        found.set_auto_mask(False)
        Lambda0, Pd, chi = axes(found, "same")
        T = (Lambda0**0.5 * (Pd / 1e46) ** 0.25 / chi) ** (1 / 3)
        np.testing.assert_allclose(found["same"][...], T, rtol=1e-9)
        assert (found["same_censoring"][...] == CENSORING["found"]).all()


@pytest.mark.parametrize("column", ["11111", "01110", "10101", "00100", "00011", "10000", "01001"])
def test_where_a_value_is_not_good_the_one_before_stands_in(column):
    """At the cold end, where there is none before, the first good one: a spline through them bends least."""
    values = np.array([[3.0, 30.0], [1.0, 10.0], [4.0, 40.0], [1.5, 15.0], [9.0, 90.0]])
    good = np.array([[digit == "1", True] for digit in column])
    expected, last = [], values[column.index("1"), 0]
    for value, digit in zip(values[:, 0], column, strict=True):
        last = value if digit == "1" else last
        expected.append(last)
    filled = _filled(values.copy(), good)
    assert filled[:, 0].tolist() == expected and filled[:, 1].tolist() == values[:, 1].tolist()


def test_a_window_needs_two_good_values_and_ends_before_the_last_good_one():
    """Calm at the values 1 to 3 of 6; the next one, 4, ends it if it is good, whatever 5 is."""
    x = np.arange(6.0)
    slope = np.array([9.0, 0.1, -0.1, 0.1, 9.0, -9.0])[:, None] * np.ones(5)
    good = np.ones((6, 5), bool)
    good[5, 1] = good[4, 2] = good[0, 3] = False
    good[1:, 4] = False
    settings = Window(kind="window", quantity="q", variable="v", threshold=1.0)
    ((low, rule), (high, other)), finish = _window(x, slope, good, settings)
    assert low.tolist() == [0, 0, 0, -1, -1] and high.tolist() == [3, 3, -1, 3, -1]
    # The threshold has the sign of the slope outside.
    assert np.all(rule.constant[:3] == -1) and np.all(other.constant[[0, 1, 3]] == -1)
    ends = [np.where(each >= 0, each + 0.5, np.nan) for each in (low, high)]
    found = finish([(end, None) for end in ends])
    names = [next(word for word, value in WINDOW_CENSORING.items() if value == code) for code in found["_censoring"]]
    assert names == ["found", "found", "open_above", "open_below", "undefined"]
    np.testing.assert_allclose(log(found["_low"]), [0.5, 0.5, 0.5, 1.0, np.nan])
    np.testing.assert_allclose(log(found["_high"]), [3.5, 3.5, 3.0, 3.5, np.nan])


def test_code_that_changed_is_refused_before_anything_is_read(tmp_path, monkeypatch):
    path = made(tmp_path, SURVEY.replace("NUM", "5"))
    path.unlink()
    monkeypatch.setattr(Quantity, "fingerprint", lambda self: "another")
    with pytest.raises(SurveyError, match="the code of toy changed"):
        locate(load_survey(tmp_path / "toy.yaml"), tmp_path / "results")
    assert not path.exists()
