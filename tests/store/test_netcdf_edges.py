"""What the seal of a file covers, and what a file of ours says to readers that know CF alone."""

import netCDF4
import numpy as np
import pytest

from physics import PARAMETERS
from physics.quantity import Variable
from survey.errors import Damaged
from survey.store.netcdf import broken_seal, define_axes, define_variable, is_virtual, seal, unwritten
from survey.store.sealed import open_sealed

T, CHI = [0.01, 0.1, 1.0], [0.1, 0.3]
TIME = Variable("time_", r"\tau", "s", "a time")
PLAIN = Variable("plain", "", "1", "a number")
STATE = Variable("state", "", "1", "a state", flags={"ok": 0, "bad": 3})
BITS = Variable("bits", "", "1", "some bits", flags={"low": 1, "high": 2}, groups=(3,))


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "a.nc"
    with netCDF4.Dataset(path, "w") as dataset:
        define_axes(dataset, {"T": T, "chi": CHI})
        define_variable(dataset, TIME, ("T", "chi"), (2, 1), "float32")
        define_variable(dataset, PLAIN, ("chi",), (2,), "float64")
        define_variable(dataset, STATE, ("T",), (3,), "uint8")
        define_variable(dataset, BITS, ("T",), (3,), "uint8")
        dataset["time_"][...], dataset["plain"][...], dataset["state"][...], dataset["bits"][...] = 1, 2, 3, 0
        dataset.setncatts({"title": "a title", "number": 1.5, "list": np.array([1, 2])})
        seal(dataset)
    return path


def test_a_file_as_it_was_sealed_is_whole(path):
    with open_sealed(path) as dataset:
        assert not broken_seal(dataset)
    with netCDF4.Dataset(path, "a") as dataset:
        # Numbers are under a checksum of their own.
        dataset["time_"][0, 0] = 7.0
    with open_sealed(path) as dataset:
        assert not broken_seal(dataset) and dataset["time_"][0, 0] == 7.0


def test_the_order_of_attributes_is_no_content(path):
    with netCDF4.Dataset(path, "a") as dataset:
        for item in (dataset, dataset["T"], dataset["state"]):
            for name in ("title", "symbol", "long_name"):
                if name in item.ncattrs():
                    value = item.getncattr(name)
                    item.delncattr(name)
                    item.setncattr(name, value)
    with open_sealed(path) as dataset:
        assert dataset.ncattrs()[-1] == "title"


@pytest.mark.parametrize("value", [np.nan, 1.5, netCDF4.default_fillvals["f8"]])
def test_a_single_number_is_sealed_whatever_it_is(tmp_path, value):
    """NaN is its fill value: read with a mask it would be another number."""
    path = tmp_path / "a.nc"
    with netCDF4.Dataset(path, "w") as dataset:
        dataset.createVariable("a", "f8", (), fill_value=np.nan)[...] = value
        dataset.createVariable("b", "f8", ())[...] = value
        seal(dataset)
    with open_sealed(path) as dataset:
        assert not broken_seal(dataset) and np.array_equal(dataset["a"][...], value, equal_nan=True)
    for name in ("a", "b"):
        with netCDF4.Dataset(path, "a") as dataset:
            dataset[name][...] = 2.5
        with pytest.raises(Damaged):
            open_sealed(path)
        with netCDF4.Dataset(path, "a") as dataset:
            dataset[name][...] = value


def the_last_bit(name):
    def change(dataset):
        dataset[name][-1] = np.nextafter(dataset[name][-1], 2.0)

    return change


def two_coordinates_change_places(dataset):
    dataset["T"][:] = T[::-1]


CHANGES = {
    "last bit of T": the_last_bit("T"),
    "last bit of chi": the_last_bit("chi"),
    "order of T": two_coordinates_change_places,
    "title": lambda dataset: dataset.setncattr("title", "another"),
    "number": lambda dataset: dataset.setncattr("number", 1.25),
    "list": lambda dataset: dataset.setncattr("list", np.array([1, 3])),
    "attribute gone": lambda dataset: dataset.delncattr("number"),
    "attribute more": lambda dataset: dataset.setncattr("more", 1),
    "unit": lambda dataset: dataset["time_"].setncattr("units", "ms"),
    "unit of an axis": lambda dataset: dataset["T"].setncattr("units", "mK"),
    "meaning of a flag": lambda dataset: dataset["state"].setncattr("flag_values", np.array([3, 0], np.uint8)),
    "name": lambda dataset: dataset.renameVariable("plain", "plane"),
    "name of an axis": lambda dataset: dataset.renameDimension("chi", "psi"),
    "a variable more": lambda dataset: dataset.createVariable("more", "f8", ("T",)),
    "no seal": lambda dataset: dataset.delncattr("content_digest"),
    "another seal": lambda dataset: dataset.setncattr("content_digest", "0" * 64),
}


@pytest.mark.parametrize("change", CHANGES)
def test_whatever_describes_the_numbers_is_sealed(path, change):
    with netCDF4.Dataset(path, "a") as dataset:
        CHANGES[change](dataset)
    with pytest.raises(Damaged, match="coordinates or attributes were altered"):
        open_sealed(path)


@pytest.mark.parametrize("dimensions", [("chi", "T"), ("T",)])
@pytest.mark.parametrize("dtype", ["f4", "f8"])
def test_shape_and_type_of_a_variable_are_sealed(tmp_path, dimensions, dtype):
    def written(path, dimensions, dtype, digest=None):
        with netCDF4.Dataset(path, "w") as dataset:
            define_axes(dataset, {"T": T, "chi": CHI})
            dataset.createVariable("a", dtype, dimensions)
            if digest is None:
                seal(dataset)
            else:
                dataset.content_digest = digest
            return dataset.content_digest

    digest = written(tmp_path / "a.nc", ("T", "chi"), "f8")
    assert digest == written(tmp_path / "b.nc", ("T", "chi"), "f8")
    written(tmp_path / "c.nc", dimensions, dtype, digest)
    with pytest.raises(Damaged):
        open_sealed(tmp_path / "c.nc")


def test_how_axes_are_stored(path):
    with open_sealed(path) as dataset:
        for name, values in {"T": T, "chi": CHI}.items():
            axis, parameter = dataset[name], PARAMETERS[name]
            assert axis[:].tolist() == values and axis.dtype.str == "<f8" and axis.dimensions == (name,)
            assert (axis.long_name, axis.units, axis.symbol) == (parameter.long_name, parameter.unit, parameter.symbol)
            assert axis.chunking() == [len(values)] and axis.filters()["fletcher32"]
            assert "_FillValue" not in axis.ncattrs()
            assert not axis.filters()["zlib"]


def test_how_variables_are_stored(path):
    with open_sealed(path) as dataset:
        time, plain, state, bits = (dataset[name] for name in ("time_", "plain", "state", "bits"))
        assert all(each.filters()["fletcher32"] for each in (time, plain, state, bits))
        assert [each.filters()["zlib"] for each in (time, plain, state, bits)] == [False, False, True, True]
        assert state.filters()["complevel"] == 1
        assert time.chunking() == [2, 1] and time.dtype.str == "<f4" and plain.dtype.str == "<f8"
        assert time.__dict__ == {"long_name": "a time", "symbol": r"\tau", "units": "s"}
        assert plain.__dict__ == {"long_name": "a number", "units": "1"}
        assert set(state.ncattrs()) == {"long_name", "flag_values", "flag_meanings"}
        assert state.flag_values.tolist() == [0, 3] and state.flag_values.dtype == state.dtype == np.uint8
        assert state.flag_meanings == "ok bad"
        assert set(bits.ncattrs()) == {"long_name", "flag_values", "flag_masks", "flag_meanings"}
        assert bits.flag_masks.tolist() == [3, 3] and bits.flag_masks.dtype == np.uint8
        assert bits.flag_values.tolist() == [1, 2] and bits.flag_meanings == "low high"


def test_only_a_cube_that_says_so_is_virtual(path):
    for cube, virtual in ((None, False), ("copied", False), ("virtual", True)):
        with netCDF4.Dataset(path, "a") as dataset:
            if cube:
                dataset.cube = cube
            assert is_virtual(dataset) == virtual


@pytest.mark.parametrize("dtype", ["f4", "f8", "u1", "i8"])
def test_cells_that_were_never_written_are_known_by_the_fill_value_of_their_type(tmp_path, dtype):
    with netCDF4.Dataset(tmp_path / "a.nc", "w") as dataset:
        dataset.createDimension("n", 4)
        dataset.createVariable("a", dtype, ("n",))[1:3] = [0, 1]
        dataset.set_auto_mask(False)
        assert unwritten(dataset["a"][:]).tolist() == [True, False, False, True]
