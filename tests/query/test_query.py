"""Queries: exact where they are on the grid, accurate between, and refused where the cells do not carry them."""

import csv
import io
import json
import subprocess
import sys

import netCDF4
import numpy as np
import pytest
import xarray as xr
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.small_cubes import (
    AXES,
    EMPTY,
    FROZEN,
    NOT_CONVERGED,
    OK,
    RATE,
    STATUS,
    crossover,
    emptied,
    empty_corner,
    write,
)
from physics import QUANTITIES
from survey.cli.query import query as command
from survey.cubes.read import open_cube
from survey.errors import SurveyError
from survey.flags import flag_names
from survey.grid import canonical_axis
from survey.query import cells as query_cells
from survey.query import interpolation
from survey.query.answer import query

POINT = {"T": 0.123, "Lambda0": 5e-4, "chi": 0.05, "Estar": 0.7}
REGIME = QUANTITIES["dephasing"].variable("regime")


def power_law(T, Lambda0, chi, Estar):
    return 3e-9 * T ** (-1 / 3) * Lambda0**-0.5 * chi**0.25 * Estar**0.1


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("cubes")


@pytest.fixture(scope="module")
def power(folder):
    return write(folder / "power.nc", power_law)


@pytest.fixture(scope="module")
def smooth(folder):
    regime = {
        "flag_values": np.array(list(REGIME.flags.values()), "u1"),
        "flag_masks": np.array(list(REGIME.masks.values()), "u1"),
        "flag_meanings": " ".join(REGIME.flags),
    }
    more = [
        ("regime", "u1", lambda T, Lambda0, chi, Estar: np.where(T > 0.1, 2 + 4 + 48 + 64, 1 + 8 + 32 + 64), regime),
        ("signed", "f8", lambda T, Lambda0, chi, Estar: np.log(T), {"units": "1"}),
        ("narrow", "f4", lambda T, Lambda0, chi, Estar: T / 3, {"units": "1"}),
    ]
    return write(folder / "smooth.nc", crossover, more=more)


@pytest.fixture(scope="module")
def cornered(folder):
    return write(folder / "cornered.nc", emptied, status=empty_corner)


def inside(axis):
    low, high = np.log(AXES[axis][[0, -1]])
    return st.floats(0.0, 1.0).map(lambda part: float(np.clip(np.exp(low + part * (high - low)), *AXES[axis][[0, -1]])))


points = st.fixed_dictionaries({axis: inside(axis) for axis in AXES})
few = settings(max_examples=40, deadline=None)


def run(*arguments):
    return CliRunner().invoke(command, [str(one) for one in arguments], catch_exceptions=False)


# Accuracy


@few
@given(point=points)
def test_power_law_is_exact(power, point):
    found = query(power, "tau_phi", **point)
    assert found.tau_phi.item() == pytest.approx(power_law(**point), rel=1e-12)
    assert not found.error_estimate > 1e-11


def test_errors_fall_with_the_fourth_power_of_the_step_and_the_estimate_covers_them(tmp_path):
    rng = np.random.default_rng(1)
    ends = {axis: np.log(values[[0, -1]]) for axis, values in AXES.items()}
    asked = [{axis: float(np.exp(rng.uniform(*pair))) for axis, pair in ends.items()} for _ in range(100)]
    true = np.array([crossover(**point) for point in asked])
    medians = []
    for count in (7, 13, 25):
        axes = {axis: canonical_axis(np.geomspace(values[0], values[-1], count)) for axis, values in AXES.items()}
        with open_cube(write(tmp_path / f"{count}.nc", crossover, axes=axes)) as cube:
            found = [query(cube, "tau_phi", **point) for point in asked]
        errors = np.abs(np.array([one.tau_phi.item() for one in found]) / true - 1)
        estimates = np.array([one.error_estimate.item() for one in found])
        assert np.mean(errors < estimates) > 0.9
        medians.append(np.median(errors))
    assert medians[0] > 8 * medians[1] > 64 * medians[2]
    assert medians[2] < 3e-4


@pytest.mark.parametrize("count", [3, 4, 9])
def test_the_polynomial_of_the_cells_along_an_axis_is_exact_also_at_its_ends(count):
    axis = canonical_axis([0.01, 0.013, 0.02, 0.05, 0.06, 0.1, 0.3, 0.35, 1.0][:count])

    def formula(x):
        return np.exp(0.3 * np.log(x) ** 2 - (0.1 * np.log(x) ** 3 if count > 3 else 0.0))

    for x in np.sqrt(axis[1:] * axis[:-1]):
        one = interpolation.stencil(axis, x)
        cells = formula(axis[one.cells])
        found = interpolation.interpolate(cells, np.full(cells.shape, True), np.ones(cells.shape, np.int64), [one])
        assert found.value == pytest.approx(formula(x), rel=1e-12)
        assert found.cells == min(count, 4)


@few
@given(
    values=st.lists(st.floats(1e-12, 1e12), min_size=8, max_size=8),
    parts=st.tuples(*[st.floats(0.001, 0.999)] * 3),
)
def test_multilinear_interpolation_stays_within_its_cells(values, parts):
    block = np.array(values).reshape(2, 2, 2)
    stencils = [interpolation.stencil(np.array([1.0, 10.0]), 10**part) for part in parts]
    found = interpolation.interpolate(block, np.isfinite(block), np.ones(block.shape, np.int64), stencils)
    assert block.min() * (1 - 1e-12) <= found.value <= block.max() * (1 + 1e-12)
    assert found.cells == 8
    assert np.isnan(found.error)


def test_a_variable_that_is_not_positive_is_interpolated_in_its_value(smooth):
    found = query(smooth, "signed", **POINT)
    assert found.signed.item() == pytest.approx(np.log(POINT["T"]), rel=1e-12)
    assert found.method.item().startswith("value against log")


def test_the_sign_of_other_points_of_a_curve_does_not_matter(tmp_path):
    path = write(tmp_path / "signs.nc", lambda T, Lambda0, chi, Estar: np.log(T / 0.2) + chi + 0 * Lambda0 * Estar)
    fixed = {"Lambda0": 5e-4, "chi": 0.05, "Estar": 0.7}
    curve = query(path, "tau_phi", **fixed)
    assert {text.split(",")[0] for text in curve.method.values.tolist()} == {"log-log", "value against log"}
    for T in AXES["T"]:
        xr.testing.assert_allclose(query(path, "tau_phi", T=T, **fixed), curve.sel(T=T), rtol=1e-13)


# On the grid


def test_cells_come_back_bit_by_bit(smooth):
    with open_cube(smooth) as cube:
        stored = cube["tau_phi"][:]
        for index in ((0, 0, 0, 0), (12, 6, 4, 6), (5, 3, 2, 4)):
            point = {name: AXES[name][n] * (1 + 1e-14) for name, n in zip(AXES, index, strict=True)}
            found = query(cube, "tau_phi", **point)
            assert found.tau_phi.item() == stored[index]
            assert found.method == "computed cell"
            assert found.cells_used == 1
            assert found.error_estimate == 0


def test_the_same_coordinate_to_twelve_digits_is_a_hit(smooth):
    with open_cube(smooth) as cube:
        found = query(cube, "tau_phi", **(POINT | {"chi": 0.1 + 0.2}))
        assert found.chi.item() == 0.3
        assert "chi" not in found.method.item()
        beside = query(cube, "tau_phi", **(POINT | {"chi": 0.3 * (1 - 1e-9)}))
        assert "chi" in beside.method.item()


def test_an_empty_cell_and_its_neighbour_give_what_is_stored(cornered):
    on_edge = {"T": 0.01, "Lambda0": 0.01, "chi": 0.01}
    found = query(cornered, "tau_phi", Estar=AXES["Estar"][0], **on_edge)
    assert np.isposinf(found.tau_phi)
    assert flag_names(found.statuses.item(), found.statuses.attrs) == ["empty"]
    first = int(np.searchsorted(AXES["Estar"], 0.01, side="right"))
    beside = query(cornered, "tau_phi", Estar=AXES["Estar"][first], **on_edge)
    assert beside.tau_phi.item() == crossover(0.01, 0.01, 0.01, AXES["Estar"][first])
    # between T and chi, on the grid along the axes that lead into the corner
    between = query(cornered, "tau_phi", T=0.02, chi=0.02, Lambda0=0.01, Estar=AXES["Estar"][first])
    assert between.tau_phi.item() == pytest.approx(crossover(0.02, 0.01, 0.02, AXES["Estar"][first]), rel=2e-2)


def test_single_precision_comes_back_as_stored(smooth):
    found = query(smooth, "narrow", T=AXES["T"][3], Lambda0=1e-4, chi=0.1, Estar=2e-3)
    assert found.narrow.item() == np.float32(AXES["T"][3] / 3)


# Refused


def test_interpolation_across_empty_cells_is_refused(cornered):
    found = query(cornered, "tau_phi", T=0.1, chi=0.1, Lambda0=9.9e-3, Estar=0.01)
    assert np.isnan(found.tau_phi)
    assert found.method == "refused"
    assert "empty" in flag_names(found.statuses.item(), found.statuses.attrs)
    assert found.Lambda0_low < 9.9e-3 < found.Lambda0_high
    assert np.isfinite(query(cornered, "tau_phi", T=0.1, chi=0.1, Lambda0=9.9e-3, Estar=0.05, nearest=True).tau_phi)


def test_near_an_empty_corner_the_axis_that_leads_into_it_is_quadratic(cornered):
    first = int(np.searchsorted(AXES["Estar"], 0.01, side="right"))
    estar = float(np.sqrt(AXES["Estar"][first] * AXES["Estar"][first + 1]))
    found = query(cornered, "tau_phi", T=0.123, chi=0.05, Lambda0=0.01, Estar=estar)
    assert found.method == "log-log, cubic along T chi, quadratic along Estar"
    assert found.cells_used == 8 + 8 + 8 + 4
    assert found.tau_phi.item() == pytest.approx(crossover(0.123, 0.01, 0.05, estar), rel=1e-2)


def test_without_three_usable_cells_an_axis_is_linear_and_there_is_no_estimate(tmp_path):
    wall = [OK, NOT_CONVERGED, OK, OK, NOT_CONVERGED, OK, OK]
    path = write(
        tmp_path / "wall.nc",
        power_law,
        status=lambda T, Lambda0, chi, Estar: np.array(wall)[np.searchsorted(AXES["Estar"], Estar)],
    )
    found = query(path, "tau_phi", **(POINT | {"Estar": AXES["Estar"][2] * 1.3}))
    assert found.method == "log-log, cubic along T Lambda0 chi, linear along Estar"
    assert found.tau_phi.item() == pytest.approx(power_law(**(POINT | {"Estar": AXES["Estar"][2] * 1.3})), rel=1e-12)
    assert np.isnan(found.error_estimate)


@pytest.mark.parametrize(
    ("state", "refused"), [(OK, False), (RATE, False), (FROZEN, False), (EMPTY, True), (NOT_CONVERGED, True)]
)
def test_status_of_one_cell_decides(tmp_path, state, refused):
    path = write(
        tmp_path / "one.nc",
        power_law,
        status=lambda T, *rest: np.where(T == AXES["T"][6], state, OK) + 0 * sum(rest),
    )
    found = query(path, "tau_phi", **(POINT | {"T": AXES["T"][6] * 1.01}))
    assert np.isnan(found.tau_phi.item()) == refused
    assert list(STATUS.flags)[state] in flag_names(found.statuses.item(), found.statuses.attrs)


def test_a_value_that_is_not_finite_is_refused_whatever_its_status(tmp_path):
    path = write(tmp_path / "nan.nc", lambda T, *rest: np.where(T > 0.5, np.nan, T) + 0 * sum(rest))
    assert query(path, "tau_phi", **(POINT | {"T": 0.9})).method == "refused"


def test_cells_with_a_status_that_means_nothing_are_refused(tmp_path):
    path = write(tmp_path / "meaningless.nc", power_law)
    with netCDF4.Dataset(path, "a") as cube:
        cube["status"][6, 0, 0, 0] = 200
    at = {name: values[0] for name, values in AXES.items()} | {"T": AXES["T"][6] * 1.01}
    found = query(path, "tau_phi", **at)
    assert found.method == "refused"
    assert flag_names(found.statuses.item(), found.statuses.attrs) == ["ok", "unknown"]


@pytest.mark.parametrize("opened", [open_cube, xr.open_dataset])
@pytest.mark.parametrize("variable", ["tau_phi", "status"])
def test_cells_that_were_never_written_are_an_error(tmp_path, opened, variable):
    path = write(tmp_path / "unwritten.nc", power_law)
    with netCDF4.Dataset(path, "a") as cube:
        cube[variable][6, 0, 0, 0] = netCDF4.default_fillvals[cube[variable].dtype.str[1:]]
    at = {name: values[0] for name, values in AXES.items()} | {"T": AXES["T"][6] * 1.01}
    with (
        opened(path) as cube,
        pytest.raises(SurveyError, match=rf"unwritten\.nc: .*{variable} has cells that were never"),
    ):
        query(cube, "tau_phi", **at)


def test_without_a_stored_status_only_what_is_not_finite_is_refused(tmp_path):
    path = write(tmp_path / "bare.nc", lambda T, *rest: np.where(T > 0.5, np.inf, T) + 0 * sum(rest))
    with netCDF4.Dataset(path, "a") as cube:
        cube.renameVariable("status", "other")
    found = query(path, "tau_phi", **POINT)
    assert found.tau_phi.item() == pytest.approx(POINT["T"], rel=1e-12)
    assert "statuses" not in found
    assert query(path, "tau_phi", **(POINT | {"T": 0.9})).method == "refused"
    for form in ("table", "json", "csv"):
        assert run(path, "tau_phi", *AT, "--format", form).exit_code == 0


@pytest.mark.parametrize("more", [(), ("--nearest",)])
def test_the_status_itself_is_an_answer_in_every_form(cornered, more):
    """What is nearest to a status is a status too: its number and its name."""
    at = ["T=0.1K", "chi=0.1", "Lambda0=9mK", "Estar=3mK"]
    for form in ("table", "json", "csv"):
        said = run(cornered, "status", *at, *more, "--format", form)
        assert said.exit_code == 0 and "empty" in said.stdout
        if form == "json":
            (point,) = json.loads(said.stdout)["points"]
            assert point["value"] == point["nearest"]["value"] == EMPTY
            assert point["meaning"] == point["statuses"] == ["empty"] and point["nearest"]["status"] == "empty"


def test_crossovers_are_judged_by_their_censoring(tmp_path):
    axes = {"chi": AXES["chi"]}
    flags = {"flag_values": np.arange(6, dtype="u1"), "flag_meanings": "found below above absent undefined several"}
    path = write(
        tmp_path / "crossovers.nc",
        lambda chi: np.where(chi > 0.2, np.nan, chi),
        axes=axes,
        name="T_equal",
        more=[("T_equal_censoring", "u1", lambda chi: np.where(chi > 0.2, 2, 0), flags)],
    )
    assert query(path, "T_equal", chi=0.05).T_equal.item() == pytest.approx(0.05, rel=1e-12)
    above = query(path, "T_equal", chi=0.5)
    assert above.method == "refused"
    assert flag_names(above.statuses.item(), above.statuses.attrs) == ["above"]


# Flags, curves and planes


def test_flags_are_those_of_the_nearest_cell(smooth):
    cold, hot = AXES["T"][6], AXES["T"][7]
    near_cold, near_hot = (query(smooth, "regime", **(POINT | {"T": T})) for T in (cold * 1.05, hot / 1.05))
    assert near_cold.regime.item() == 1 + 8 + 32 + 64
    assert near_hot.regime.item() == 2 + 4 + 48 + 64
    assert near_cold.meaning == "resonant_dominates phase_wandering slow_and_fast_defects thermally_active"
    assert near_hot.meaning == "relaxation_dominates phase_jump fast_defects thermally_active"
    assert near_hot.method == "nearest computed cell"
    assert near_hot.T_nearest == hot


@pytest.mark.parametrize("variable", ["tau_phi", "regime"])
def test_free_axes_and_several_values_are_many_single_answers(cornered, smooth, variable):
    path = smooth if variable == "regime" else cornered
    plane = query(path, variable, T=[0.02, 0.1, 0.5], chi=0.05)
    assert plane[variable].dims == ("T", "Lambda0", "Estar")
    for T in (0.02, 0.5):
        for n, m in ((0, 0), (6, 0), (6, 1), (6, 2), (6, 6), (3, 2)):
            cell = {"Lambda0": AXES["Lambda0"][n], "Estar": AXES["Estar"][m]}
            single = query(path, variable, T=T, chi=0.05, **cell)
            xr.testing.assert_allclose(single, plane.sel(T=T, **cell), rtol=1e-14)


def test_texts_numbers_and_lists_ask_for_the_same(smooth):
    fixed = {"Lambda0": "0.5 mK", "chi": "0.05", "Estar": 0.7}
    text = query(smooth, "tau_phi", T="20 mK, 100mK", **fixed)
    xr.testing.assert_identical(text, query(smooth, "tau_phi", T=np.array([0.02, 0.1]), **fixed))
    xr.testing.assert_identical(text.isel(T=0), query(smooth, "tau_phi", T=0.02, **fixed))
    assert text.sizes == {"T": 2}


@few
@given(point=points, order=st.permutations(list(AXES)))
def test_the_order_of_the_selectors_does_not_matter(smooth, point, order):
    found = query(smooth, "tau_phi", **point)
    xr.testing.assert_identical(found, query(smooth, "tau_phi", **{name: point[name] for name in order}))


def test_a_cube_opened_by_xarray_gives_the_same(smooth):
    with xr.open_dataset(smooth) as cube:
        xr.testing.assert_identical(query(cube, "tau_phi", **POINT), query(smooth, "tau_phi", **POINT))
        with pytest.raises(SurveyError, match="read from no file; allowed: a cube, or its path"):
            query(xr.Dataset(cube.variables), "tau_phi", **POINT)


def test_an_answer_can_be_saved(smooth, tmp_path):
    for variable in ("tau_phi", "regime"):
        curve = query(smooth, variable, chi=0.05, Lambda0=5e-4, Estar="70 mK")
        curve.to_netcdf(tmp_path / "curve.nc")
        with xr.open_dataset(tmp_path / "curve.nc") as back:
            xr.testing.assert_equal(curve, back)


def test_only_the_cells_that_are_needed_are_read(smooth, monkeypatch):
    sizes = []
    read = query_cells.read_cells

    def counted(*arguments):
        block = read(*arguments)
        sizes.append(block.size if block.ndim > 1 else 0)
        return block

    monkeypatch.setattr(query_cells, "read_cells", counted)
    query(smooth, "tau_phi", **POINT)
    assert sum(sizes) == 2 * 4 * 4**2 * 4
    sizes.clear()
    query(smooth, "tau_phi", **{name: values[2] for name, values in AXES.items()})
    assert sum(sizes) == 2


# What the user gets wrong


@pytest.mark.parametrize(
    ("variable", "at", "words"),
    [
        ("tau", {}, "no variable 'tau'; allowed: tau_phi, status"),
        ("tau_phi", {"Pd": 1e46}, "no axis 'Pd'; allowed: T, Lambda0, chi, Estar"),
        ("tau_phi", {"T": "40"}, "T: found '40', a temperature needs a unit"),
        ("tau_phi", {"T": "40 s"}, "T: found '40 s'"),
        ("tau_phi", {"T": None}, "T: found None; allowed: a number"),
        ("tau_phi", {"T": []}, "T: no value"),
        ("tau_phi", {"T": 1.001}, "T = 1.001 K was not computed, and nothing is extrapolated; allowed: 0.01 … 1 K"),
        ("tau_phi", {"T": "0.01 K, 9 mK"}, "T = 0.009 K was not computed"),
        ("tau_phi", {"T": float("nan")}, "T = nan K was not computed"),
        ("tau_phi", {"chi": 0.009}, "chi = 0.009 was not computed, and nothing is extrapolated; allowed: 0.01 … 1"),
    ],
)
def test_faults_of_the_user(power, variable, at, words):
    with pytest.raises(SurveyError) as fault:
        query(power, variable, **at)
    assert words in str(fault.value)
    assert "\n" not in str(fault.value)


def test_an_axis_of_one_value_takes_only_that_value(tmp_path):
    path = write(tmp_path / "thin.nc", power_law, axes=AXES | {"chi": np.array([0.05])})
    assert query(path, "tau_phi", **POINT).tau_phi.item() == pytest.approx(power_law(**POINT), rel=1e-12)
    with pytest.raises(SurveyError, match=r"chi = 0\.06 was not computed, .* allowed: 0\.05$"):
        query(path, "tau_phi", **(POINT | {"chi": 0.06}))


def test_files_that_are_no_cubes(tmp_path):
    with pytest.raises(SurveyError, match=r"absent\.nc: no such file"):
        open_cube(tmp_path / "absent.nc")
    (tmp_path / "text.nc").write_text("tau_phi")
    with pytest.raises(SurveyError, match=r"text\.nc: cannot be read as netCDF"):
        open_cube(tmp_path / "text.nc")


def test_a_flipped_bit_is_an_error(tmp_path):
    path = write(tmp_path / "damaged.nc", power_law)
    whole = bytearray(path.read_bytes())
    place = whole.find(np.float64(power_law(*(values[0] for values in AXES.values()))).tobytes())
    assert place > 0
    whole[place] ^= 1
    path.write_bytes(whole)
    with pytest.raises(SurveyError, match=r"damaged\.nc: damaged \(tau_phi: "):
        query(path, "tau_phi", **POINT)


def test_a_request_for_too_many_cells_is_refused(smooth, monkeypatch):
    monkeypatch.setattr(query_cells, "MOST_CELLS", 1000)
    with pytest.raises(SurveyError, match=r"needs 3\.2e\+03 cells; allowed: 1\.0e\+03"):
        query(smooth, "tau_phi")


# The command


AT = ("T=123mK", "Lambda0=0.5mK", "chi=0.05", "Estar=700mK")


def strict(text):
    return json.loads(text, parse_constant=lambda name: pytest.fail(f"{name} is not JSON"))


def test_json_says_everything(smooth):
    result = run(smooth, "tau_phi", *AT, "--format", "json")
    assert result.exit_code == 0
    said, found = strict(result.stdout), query(smooth, "tau_phi", **POINT)
    assert (said["variable"], said["unit"], said["units"]["T"]) == ("tau_phi", "s", "K")
    assert (said["cube"], said["survey"], said["quantity_version"]) == (str(smooth), "toy", 1)
    (point,) = said["points"]
    assert point["at"] == POINT
    assert point["value"] == found.tau_phi.item()
    assert point["error_estimate"] == found.error_estimate.item()
    assert point["method"] == "log-log, cubic along T Lambda0 chi Estar"
    assert point["statuses"] == ["ok"]
    assert point["cells_used"] == 16 + 4 * 16
    assert point["between"]["T"][0] < 0.123 < point["between"]["T"][1]
    nearest = {name: values[np.argmin(abs(np.log(values / POINT[name])))] for name, values in AXES.items()}
    assert point["nearest"]["at"] == nearest
    assert point["nearest"]["value"] == crossover(**nearest)


def test_csv_is_the_curve(smooth):
    result = run(smooth, "tau_phi", *AT[1:], "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(result.stdout)))
    found = query(smooth, "tau_phi", **{name: POINT[name] for name in ("Lambda0", "chi", "Estar")})
    assert [float(row["T (K)"]) for row in rows] == AXES["T"].tolist()
    assert [float(row["tau_phi (s)"]) for row in rows] == found.tau_phi.values.tolist()
    assert {row["statuses"] for row in rows} == {"ok"}


def test_table_has_symbols_and_units(smooth):
    point = run(smooth, "tau_phi", *AT).stdout
    for words in ("τφ, electron dephasing time", "Λ₀ = 0.0005 K, χ = 0.05, E* = 0.7 K", "nearest cell", "between"):
        assert words in point
    curve = run(smooth, "tau_phi", *AT[1:]).stdout.splitlines()
    assert curve[2].split() == ["T", "(K)", "τφ", "(s)", "error", "statuses", "method"]
    assert len(curve) == 3 + len(AXES["T"])
    assert "fast_defects" in run(smooth, "regime", *AT).stdout


@pytest.mark.parametrize("form", ["table", "json", "csv"])
def test_a_refused_answer_exits_with_three_and_says_why(cornered, form):
    at = ("T=100mK", "chi=0.1", "Lambda0=1mK,9.9mK", "Estar=10mK")
    result = run(cornered, "tau_phi", *at, "--format", form)
    assert result.exit_code == 3
    assert "1 of 2 values of tau_phi refused" in result.stderr
    assert "empty" in result.stderr
    assert "refused" in result.stdout
    if form == "json":
        assert [one["value"] is None for one in strict(result.stdout)["points"]] == [False, True]
    if form == "csv":
        assert [row["tau_phi (s)"] == "" for row in csv.DictReader(io.StringIO(result.stdout))] == [False, True]


def test_infinity_of_an_empty_cell_is_an_answer(cornered):
    at = ("T=10mK", "Lambda0=10mK", "chi=0.01", "Estar=2mK")
    result = run(cornered, "tau_phi", *at, "--format", "json")
    assert result.exit_code == 0
    assert strict(result.stdout)["points"][0]["value"] == "inf"


def test_nearest_gives_the_cell_itself(smooth):
    said = strict(run(smooth, "tau_phi", *AT, "--nearest", "--format", "json").stdout)["points"][0]
    assert said["method"] == "nearest computed cell"
    assert said["value"] == said["nearest"]["value"]
    assert said["cells_used"] == 1


@pytest.mark.parametrize(
    ("words", "message"), [(["T"], "AXIS=VALUE"), (["T=1K", "T=2K"], "T is given twice"), (["T="], "AXIS=VALUE")]
)
def test_faults_of_the_command_line(smooth, words, message):
    with pytest.raises(SurveyError, match=message):
        run(smooth, "tau_phi", *words)


def test_the_command_needs_neither_xarray_nor_dask_arrays(smooth):
    code = (
        "import sys; from survey.cli.query import query as command\n"
        f"command([{str(smooth)!r}, 'tau_phi', *{AT!r}], standalone_mode=False)\n"
        # pint imports dask.base and the bare package scipy; what is slow in them must stay out.
        "print({'xarray', 'dask.array', 'pandas', 'scipy.special', 'pydantic'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "set()"
