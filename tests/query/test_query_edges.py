"""What an answer says about itself and what is refused, on a cube of two axes whose interpolation is exact."""

import csv
import json

import netCDF4
import numpy as np
import pytest
import xarray as xr

from physics import PARAMETERS
from survey.cubes.read import open_cube
from survey.errors import SurveyError
from survey.query import cells as module
from survey.query.answer import answer, query
from survey.query.formats import FORMATS, flag_names
from survey.store.netcdf import seal

T, CHI = np.geomspace(0.01, 1.0, 5), np.array([0.01, 0.1, 1.0])
FLAGS = {"ok": 0, "frozen": 2, "empty": 3}
CENSORING = {"found": 0, "empty": 3}


def stored(cube, name, values, dimensions=("T", "chi"), flags=None, **attributes):
    created = cube.createVariable(name, "u1" if flags else "f8", dimensions)
    if flags:
        attributes |= {"flag_values": np.array(list(flags.values()), "u1"), "flag_meanings": " ".join(flags)}
    created.setncatts(attributes)
    created[...] = np.broadcast_to(values, created.shape)


def make(path, sealed=True):
    """tau = T chi/3, with a status that is empty in a corner and frozen in another."""
    with netCDF4.Dataset(path, "w") as cube:
        for name, values in {"T": T, "chi": CHI}.items():
            cube.createDimension(name, len(values))
            stored(cube, name, values, (name,), units=PARAMETERS[name].unit)
        number = {"units": "s", "long_name": "a time"}
        stored(cube, "tau", T[:, None] * CHI / 3, **number)
        state = np.where((T[:, None] > 0.5) & (CHI > 0.5), 3, 0)
        state[0, 0] = 2
        stored(cube, "status", state, flags=FLAGS, long_name="status")
        cube.setncatts(
            {"survey": "toy", "label": "toy", "quantity": "dephasing", "source": "a paper", "history": "now"}
        )
        cube.setncatts({"quantity_version": 3, "promised_accuracy": 1e-8})
        if sealed:
            seal(cube)
    return path


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    return make(tmp_path_factory.mktemp("cube") / "a.nc")


def statuses(found):
    return flag_names(int(found.statuses), found.statuses.attrs)


def test_values_of_a_crossover_are_judged_by_its_censoring(tmp_path):
    path = tmp_path / "crossovers.nc"
    with netCDF4.Dataset(path, "w") as cube:
        cube.createDimension("chi", 3)
        stored(cube, "chi", CHI, ("chi",))
        for name in ("T_x", "T_x_width", "T_x_closed_form"):
            stored(cube, name, [1.0, 2.0, 4.0], ("chi",), units="K")
        stored(cube, "T_x_censoring", [0, 0, 3], ("chi",), flags=CENSORING)
    for name in ("T_x", "T_x_width"):
        found = query(path, name, chi=0.5)
        assert found.method == "refused" and statuses(found) == ["found", "empty"]
        assert np.isfinite(query(path, name, chi=0.05)[name])
        assert query(path, name, chi=1.0).nearest_status == CENSORING["empty"]
    # A closed form is there whatever was found, and has no status.
    found = query(path, "T_x_closed_form", chi=0.5)
    assert np.isfinite(found.T_x_closed_form) and "statuses" not in found and "nearest_status" not in found


def test_a_point_between_cells(path):
    found = query(path, "tau", T=0.015, chi=0.03)
    assert float(found.tau) == pytest.approx(0.015 * 0.03 / 3, rel=1e-12)
    assert found.method == "log-log, cubic along T, quadratic along chi" and found.cells_used == 10
    assert statuses(found) == ["ok", "frozen"]
    for name, (nearest, low, high) in {"T": (T[0], T[0], T[1]), "chi": (CHI[0], CHI[0], CHI[1])}.items():
        assert [float(found[f"{name}_{end}"]) for end in ("nearest", "low", "high")] == [nearest, low, high]
        assert found[f"{name}_low"].long_name == f"low computed value of {name}"
        assert found[f"{name}_low"].units == PARAMETERS[name].unit
    assert float(found.nearest_tau) == T[0] * CHI[0] / 3 and found.nearest_status == FLAGS["frozen"]
    assert found.nearest_status.flag_meanings == "ok frozen empty"
    assert found.statuses.flag_meanings == "ok frozen empty unknown" and found.statuses.flag_masks.tolist() == [
        1,
        2,
        4,
        8,
    ]
    assert found.tau.units == "s" and found.nearest_tau.units == "s" and found.cells_used.units == "1"
    assert float(found.error_estimate) < 1e-12 and found.error_estimate.units == "1"
    assert "meaning" not in found and found.tau.dims == ()


def test_what_a_cell_says_on_the_grid(path):
    found = query(path, "tau", T=T[1], chi=CHI[1])
    assert found.method == "computed cell" and found.cells_used == 1 and found.error_estimate == 0
    assert [float(found[f"T_{end}"]) for end in ("nearest", "low", "high")] == [T[1]] * 3
    near = query(path, "tau", T=0.015, chi=0.03, nearest=True)
    assert near.method == "nearest computed cell" and float(near.tau) == T[0] * CHI[0] / 3
    assert [float(near[f"T_{end}"]) for end in ("low", "high")] == [T[0], T[1]]


def test_flags_have_their_meaning_and_no_error(path):
    found = query(path, "status", T=0.99, chi=0.99)
    assert found.status == 3 and found.meaning == "empty" and "error_estimate" not in found
    assert found.meaning.long_name == "meaning of status" and found.status.dtype == np.uint8
    both = query(path, "status", chi=0.01)
    assert both.meaning.values.tolist() == ["frozen", "ok", "ok", "ok", "ok"]


def test_what_is_asked_for_is_what_has_a_dimension(path):
    assert query(path, "tau", T=0.1).tau.dims == ("chi",)
    assert query(path, "tau").tau.dims == ("T", "chi")
    assert query(path, "tau", T=[0.1], chi=0.1).tau.dims == ("T",)
    assert query(path, "tau", T="100 mK", chi="0.1").tau.dims == ()
    several = query(path, "tau", T="20 mK, 0.1 K", chi=0.1)
    assert several.tau.dims == ("T",) and several["T"].values.tolist() == [0.02, 0.1]
    assert several.method.values.tolist()[1] == "computed cell"
    # A free axis gives the cells as they are stored.
    plane = query(path, "tau")
    assert np.array_equal(plane.tau, T[:, None] * CHI / 3) and (plane.method == "computed cell").all()


def test_an_answer_says_where_it_comes_from(path):
    assert query(path, "tau", T=0.1, chi=0.1).attrs == {
        "cube": str(path),
        "survey": "toy",
        "label": "toy",
        "quantity": "dephasing",
        "quantity_version": 3,
        "promised_accuracy": 1e-8,
        "source": "a paper",
    }


def test_an_answer_of_too_many_cells_is_refused_before_it_is_read(path, monkeypatch):
    """A free axis needs its own cells once, a given value the cells around it."""
    monkeypatch.setattr(module, "MOST_CELLS", 15)
    assert query(path, "tau").tau.shape == (5, 3)
    monkeypatch.setattr(module, "MOST_CELLS", 14)
    with pytest.raises(SurveyError, match=r"the answer needs 1\.5e\+01 cells; allowed: 1\.4e\+01; fix more axes, or"):
        query(path, "tau")
    monkeypatch.setattr(module, "MOST_CELLS", 3)
    assert query(path, "tau", T=T[2]).tau.shape == (3,)
    with pytest.raises(SurveyError, match="the answer needs"):
        query(path, "tau", T=0.02)
    with pytest.raises(SurveyError, match="the answer needs"):
        query(path, "tau", T=[T[1], T[2]])


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"omega": 1.0}, "tau has no axis 'omega'; allowed: T, chi$"),
        ({"T": []}, "T: no value; allowed: at least one, or leave T out for all of its axis$"),
        ({"T": None}, "T: found None; allowed: a number, finite and > 0 K$"),
        ({"T": "0.1 m"}, "^T: "),
        ({"T": "cold"}, "^T: "),
        ({"T": 2.0}, r"T = 2 K was not computed, and nothing is extrapolated; allowed: 0.01 … 1 K$"),
        ({"T": 0.00999}, r"T = 0.00999 K was not computed"),
        ({"T": np.nan}, r"T = nan K was not computed"),
        ({"chi": 1.5}, r"chi = 1.5 was not computed, and nothing is extrapolated; allowed: 0.01 … 1$"),
    ],
)
def test_what_is_refused_about_an_axis(path, given, message):
    with pytest.raises(SurveyError, match=message):
        query(path, "tau", **given)


@pytest.mark.parametrize("name", ["none", "T", "chi", ""])
def test_what_is_no_variable(path, name):
    with pytest.raises(SurveyError, match=f"{path}: no variable '{name}'; allowed: tau, status$"):
        query(path, name, T=0.1)


def test_the_ends_of_an_axis_belong_to_it(path):
    for end in (T[0], T[-1] * (1 + 1e-14)):
        assert query(path, "tau", T=end, chi=0.01).method == "computed cell"
    ends = query(path, "tau", T=[T[0], T[-1]], chi=[0.01, 1.0])
    assert (ends.method == "computed cell").all() and ends.cells_used.values.tolist() == [[1, 1], [1, 1]]


def test_a_cube_is_opened_only_if_it_is_one_and_whole(tmp_path):
    path = tmp_path / "a.nc"
    with pytest.raises(SurveyError, match="no such file; allowed: a cube that a survey has written"):
        open_cube(path)
    with pytest.raises(SurveyError, match="a folder; allowed: a cube that a survey has written"):
        open_cube(tmp_path)
    with pytest.raises(SurveyError, match=r"cannot be read \(File name too long\); allowed: a cube$"):
        open_cube(tmp_path / ("a" * 300))
    link = tmp_path / "link.nc"
    link.symlink_to("none.nc")
    with pytest.raises(SurveyError, match=r"a link to none\.nc, which does not exist; allowed: a cube that"):
        open_cube(link)
    path.write_text("text")
    with pytest.raises(SurveyError, match=r"cannot be read as netCDF .*; allowed: a cube"):
        open_cube(path)
    make(path)
    with netCDF4.Dataset(path, "a") as cube:
        cube["T"][0] = 0.0101
    with pytest.raises(SurveyError, match="coordinates or attributes were altered"):
        open_cube(path)
    path.unlink()
    # Cubes of others have no seal.
    with open_cube(make(path, sealed=False)) as cube:
        assert not isinstance(cube["tau"][:], np.ma.MaskedArray)
        assert float(query(cube, "tau", T=T[1], chi=CHI[1]).tau) == T[1] * CHI[1] / 3


def test_a_status_over_fewer_axes_judges_all_cells_along_the_others(tmp_path):
    path = tmp_path / "a.nc"
    make(path, sealed=False)
    with netCDF4.Dataset(path, "a") as cube:
        cube.renameVariable("status", "before")
        stored(cube, "status", [0, 3, 0], ("chi",), flags=FLAGS)
    assert statuses(query(path, "tau", T=0.02, chi=CHI[1])) == ["empty"]
    found = query(path, "tau", T=[0.02, 0.03])
    assert (found.method.sel(chi=CHI[1]) == "refused").all() and np.isnan(found.tau.sel(chi=CHI[1])).all()
    assert np.isfinite(found.tau.sel(chi=[CHI[0], CHI[2]])).all()


@pytest.mark.parametrize("opened", [open_cube, xr.open_dataset])
def test_damaged_numbers_are_an_error_that_names_the_file(tmp_path, opened):
    path = tmp_path / "a.nc"
    with netCDF4.Dataset(path, "w") as cube:
        cube.createDimension("T", len(T))
        cube.createVariable("T", "f8", ("T",))[:] = T
        cube.createVariable("tau", "f8", ("T",), chunksizes=(5,), fletcher32=True)[:] = 7 * T
    content = path.read_bytes()
    start = content.index((7 * T).tobytes())
    path.write_bytes(content[:start] + bytes([content[start] ^ 1]) + content[start + 1 :])
    with opened(path) as cube, pytest.raises(SurveyError, match=rf"{path}: .*(damaged|tau)"):
        query(cube, "tau", T=T[0])


@pytest.fixture(scope="module")
def coarse(tmp_path_factory):
    """tau = 3 chi^2 at two values of chi, a decade apart, with the regime of each."""
    path = tmp_path_factory.mktemp("coarse") / "a.nc"
    with netCDF4.Dataset(path, "w") as cube:
        for name, values in {"T": T, "chi": CHI[:2]}.items():
            cube.createDimension(name, len(values))
            stored(cube, name, values, (name,), units=PARAMETERS[name].unit)
        stored(cube, "tau", 3 * CHI[:2] ** 2, units="s", long_name="a time")
        stored(cube, "regime", [102, 7], flags={"slow_defects": 102, "fast_defects": 7}, long_name="regime")
        seal(cube)
    return path


def test_a_value_whose_error_is_not_known_has_the_values_of_the_cells_around_it(coarse):
    found = query(coarse, "tau", T=0.02, chi=[0.01, 0.03])
    assert np.isnan(found.error_estimate.values[1]) and found.lowest_around.attrs["units"] == "s"
    assert np.allclose(found.lowest_around, 3e-4, rtol=1e-12) and np.allclose(found.highest_around, [3e-4, 3e-2])
    table = FORMATS["table"]
    said = table("tau", *answer(open_cube(coarse), "tau", {"T": "20 mK", "chi": "0.03"}))
    assert "error         not known: an axis is linear; the cells around it have 0.0003 … 0.03 s\n" in said
    assert "0.0003 … 0.03  not" not in said
    rows = table("tau", *answer(open_cube(coarse), "tau", {"T": "20 mK", "chi": "0.03, 0.1"})).splitlines()[-2:]
    assert "  0.0003 … 0.03  " in rows[0] and "…" not in rows[1]
    (point,) = json.loads(FORMATS["json"]("tau", *answer(open_cube(coarse), "tau", {"T": 0.02, "chi": 0.03})))["points"]
    assert np.allclose(point["values_around"], [3e-4, 3e-2]) and point["error_estimate"] is None
    text = FORMATS["csv"]("tau", *answer(open_cube(coarse), "tau", {"T": 0.02, "chi": 0.03}))
    assert np.isclose(float(next(csv.DictReader(text.splitlines()))["highest_around (s)"]), 3e-2)


def test_a_flag_is_named_wherever_it_is_said(coarse):
    asked = {"T": "20 mK", "chi": "0.03"}
    for form in ("table", "csv"):
        said = FORMATS[form]("regime", *answer(open_cube(coarse), "regime", asked))
        assert said.count("slow_defects") + said.count("fast_defects") == 2
    assert "102" not in FORMATS["table"]("regime", *answer(open_cube(coarse), "regime", asked | {"chi": "0.01"}))
    (point,) = json.loads(FORMATS["json"]("regime", *answer(open_cube(coarse), "regime", asked)))["points"]
    assert point["meaning"] == point["nearest"]["meaning"] != []
