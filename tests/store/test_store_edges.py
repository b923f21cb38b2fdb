"""The store at its edges: what is refused, in which words, what stays in place, and what float32 may hold."""

import os
from dataclasses import replace
from pathlib import Path

import netCDF4
import numpy as np
import pytest

import physics
from helpers import toy
from helpers.toy import one_tile, read
from survey.compute.tile import compute_tile
from survey.cubes.read import read_region
from survey.errors import Damaged, SurveyError
from survey.store.netcdf import seal
from survey.store.sealed import damage_of, open_sealed, set_aside_if_damaged
from survey.store.stamps import stamp_path
from survey.store.store import new_tile, open_tile, tile_in


@pytest.fixture(autouse=True)
def _toy(monkeypatch):
    toy.register(monkeypatch)


def scaled(monkeypatch, factor, name="tau_phi"):
    """A kernel that gives `factor` everywhere as one of its variables."""

    def kernel(**parameters):
        results = toy.dephasing(**parameters)
        return results | {name: np.full_like(results[name], factor)}

    monkeypatch.setattr(toy, "scaled", kernel, raising=False)
    toy.register(monkeypatch, "helpers.toy:scaled")


LARGEST, LEAST = 3.4028234663852886e38, 2.0**-126


@pytest.mark.parametrize("value", [1.001 * LARGEST, -1.001 * LARGEST, 0.999 * LEAST, -0.999 * LEAST, 1e-45, 5e-324])
def test_what_float32_cannot_hold_with_seven_digits_is_refused(tmp_path, monkeypatch, value):
    scaled(monkeypatch, value)
    with pytest.raises(SurveyError, match=r"tau_phi: found the value .*float32 holds 1\.2e-38 to 3\.4e\+38; use"):
        compute_tile(tmp_path, one_tile(dtype="float32"))
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]
    compute_tile(tmp_path, one_tile(dtype="float64"))


@pytest.mark.parametrize("value", [LARGEST, -LARGEST, LEAST, -LEAST, 0.0, np.inf, -np.inf, np.nan])
def test_what_float32_holds_is_stored(tmp_path, monkeypatch, value):
    scaled(monkeypatch, value)
    tile = one_tile(dtype="float32")
    compute_tile(tmp_path, tile)
    stored = read(tmp_path, tile)["tau_phi"]
    assert stored.dtype == np.float32 and np.array_equal(stored, np.full_like(stored, value), equal_nan=True)


def altered(path: Path, change) -> None:
    """A file written anew with other content, and a seal that fits it."""
    with netCDF4.Dataset(path, "a") as dataset:
        change(dataset)
        seal(dataset)


@pytest.mark.parametrize("axis", list(toy.AXES))
def test_a_tile_with_another_axis_than_its_name_says_is_refused(tmp_path, axis):
    tile = one_tile()
    path = compute_tile(tmp_path, tile)
    shift = dict(tile.axes)[axis][-1] * 1e-9

    def change(dataset):
        dataset[axis][-1] += shift

    altered(path, change)
    with pytest.raises(Damaged, match=f"axis {axis} is not that of the tile"), open_tile(tmp_path, tile):
        pass


@pytest.mark.parametrize("name", toy.VARIABLES)
def test_a_tile_with_a_variable_over_other_axes_is_refused(tmp_path, name):
    tile = one_tile()
    path = compute_tile(tmp_path, tile)

    def change(dataset):
        dataset.renameVariable(name, "before")
        turned = dataset.createVariable(name, dataset["before"].dtype, tuple(reversed(toy.AXES)), fletcher32=True)
        turned[...] = 0

    altered(path, change)
    with pytest.raises(Damaged, match=rf"{name} is over \('Estar', .*\), not \('T', "), open_tile(tmp_path, tile):
        pass


def test_a_tile_that_lacks_a_variable_or_its_identity_is_damaged(tmp_path):
    tile = one_tile()
    path = compute_tile(tmp_path, tile)
    original = path.read_bytes()
    altered(path, lambda dataset: dataset.renameVariable("status", "state"))
    with pytest.raises(Damaged, match="status"), open_tile(tmp_path, tile):
        pass
    for name in ("identity", "quantity_fingerprint"):
        path.write_bytes(original)
        altered(path, lambda dataset, name=name: dataset.delncattr(name))
        with pytest.raises(Damaged), open_tile(tmp_path, tile):
            pass


@pytest.mark.parametrize("identity", ["nonsense", "[]", "{}", '{"quantity": "none"}'])
def test_a_file_that_does_not_say_which_tile_it_is(tmp_path, identity):
    path = compute_tile(tmp_path, one_tile())
    altered(path, lambda dataset: dataset.setncattr("identity", identity))
    with open_sealed(path) as dataset, pytest.raises(Damaged) as error:
        tile_in(dataset)
    assert Path(error.value.path) == path


def opened(path: Path) -> bool:
    """Whether this process has a file open."""
    links = []
    for link in Path("/proc/self/fd").iterdir():
        try:
            links.append(os.readlink(link))
        except OSError:
            pass
    return str(path.resolve()) in links


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="only Linux tells which files are open")
def test_a_file_that_is_refused_is_closed(tmp_path):
    tile = one_tile()
    path = compute_tile(tmp_path, tile)
    with open_tile(tmp_path, tile):
        assert opened(path)
    assert not opened(path)
    with pytest.raises(SurveyError), open_tile(tmp_path, replace(tile, version=tile.version + 1)):
        pass
    with netCDF4.Dataset(path, "a") as dataset:
        dataset.title = "another"
    with pytest.raises(Damaged) as error:
        open_sealed(path)
    assert not opened(path) and error.value.found


def test_a_missing_file_is_no_damage(tmp_path):
    path = tmp_path / "none.nc"
    with pytest.raises(SurveyError, match=f"^{path}: there is no such file$") as error:
        open_sealed(path)
    assert not isinstance(error.value, Damaged)


def test_a_link_to_nothing_is_told(tmp_path):
    link = tmp_path / "link.nc"
    link.symlink_to(tmp_path / "none.nc")
    with pytest.raises(SurveyError, match=f"^{link}: a link to {tmp_path / 'none.nc'}, which does not exist$") as error:
        open_sealed(link)
    assert not isinstance(error.value, Damaged)


def test_what_cannot_be_opened_is_no_damage(tmp_path):
    folder = tmp_path / "folder.nc"
    folder.mkdir()
    with pytest.raises(
        SurveyError, match=f"^{folder}: a folder, where a file belongs; move it away, then run again$"
    ) as error:
        open_sealed(folder)
    assert not isinstance(error.value, Damaged)


@pytest.mark.parametrize(
    "failure", [OSError, RuntimeError, AttributeError, ValueError, KeyError, IndexError, TypeError, FileNotFoundError]
)
def test_whatever_fails_while_a_file_is_read_is_damage_if_it_can_be_opened(tmp_path, failure):
    path = tmp_path / "a.nc"
    path.touch()
    with pytest.raises(Damaged) as error, damage_of(path):
        raise failure("the cause")
    assert error.value.path == path and "the cause" in error.value.found
    path.unlink()
    with pytest.raises(SurveyError, match="there is no such file") as error, damage_of(path):
        raise failure("the cause")
    assert not isinstance(error.value, Damaged)


@pytest.mark.parametrize("failure", [ZeroDivisionError, MemoryError, KeyboardInterrupt])
def test_what_no_file_can_cause_is_no_damage(tmp_path, failure):
    path = tmp_path / "a.nc"
    path.touch()
    with pytest.raises(failure), damage_of(path):
        raise failure


def test_a_damaged_file_is_set_aside(tmp_path):
    path = tmp_path / "a.nc"
    path.write_text("nonsense")
    said = rf"^{path}: damaged \(.+\); set aside as a.nc.damaged: run the same command again$"
    with pytest.raises(SurveyError, match=said) as error, set_aside_if_damaged():
        open_sealed(path)
    assert not isinstance(error.value, Damaged)
    assert [each.name for each in tmp_path.iterdir()] == ["a.nc.damaged"]
    assert (tmp_path / "a.nc.damaged").read_text() == "nonsense"


def test_a_damaged_file_that_cannot_be_set_aside_stays_and_is_told(tmp_path):
    path = tmp_path / "a.nc"
    path.write_text("nonsense")
    (tmp_path / "a.nc.damaged").mkdir()
    with pytest.raises(SurveyError) as error, set_aside_if_damaged():
        open_sealed(path)
    assert "set aside as" not in str(error.value) and str(path) in str(error.value)
    assert path.read_text() == "nonsense"


def test_other_errors_set_nothing_aside(tmp_path):
    with pytest.raises(SurveyError, match="there is no such file"), set_aside_if_damaged():
        open_sealed(tmp_path / "none.nc")
    path = tmp_path / "a.nc"
    path.touch()
    with pytest.raises(KeyError), set_aside_if_damaged():
        raise KeyError(path)
    assert path.exists()


def test_a_tile_that_was_not_finished_leaves_no_stamp(tmp_path):
    tile = one_tile()
    with pytest.raises(KeyboardInterrupt), new_tile(tmp_path, tile, tile.shape):
        raise KeyboardInterrupt
    assert not stamp_path(tmp_path, "dephasing").exists() and not tile.path(tmp_path).exists()
    compute_tile(tmp_path, tile)
    assert stamp_path(tmp_path, "dephasing").exists()


def test_a_tile_says_what_it_is(tmp_path):
    tile = one_tile(dtype="float32")
    compute_tile(tmp_path, tile)
    quantity = physics.QUANTITIES["dephasing"]
    with open_tile(tmp_path, tile) as dataset:
        assert (dataset.Conventions, dataset.source) == ("CF-1.11", "paper 001, eqs. (15), (34), (35), (37), (55)")
        assert dataset.title == f"{quantity.long_name}, one tile"
        assert (dataset.identity, dataset.quantity_fingerprint) == (tile.identity, quantity.fingerprint())
        assert list(dataset.dimensions) == list(toy.AXES) and set(dataset.variables) >= set(toy.VARIABLES)
        for name, values in tile.axes.items():
            assert dataset[name].dtype == np.float64 and dataset[name][:].tolist() == list(values)
        assert {name: dataset[name].dtype.str for name in toy.VARIABLES} == dict.fromkeys(
            toy.VARIABLES[:3], "<f4"
        ) | dict.fromkeys(toy.VARIABLES[3:], "|u1")


def test_a_tile_is_stored_in_the_chunks_that_were_asked_for(tmp_path):
    tile = one_tile()
    with new_tile(tmp_path, tile, (2, 1, 5, 3, 1)) as dataset:
        for name in tile.variables:
            dataset[name][...] = 0
    with open_tile(tmp_path, tile) as dataset:
        assert {tuple(dataset[name].chunking()) for name in tile.variables} == {(2, 1, 5, 3, 1)}


def test_a_region_is_what_was_written_there(tmp_path):
    tile = one_tile()
    compute_tile(tmp_path, tile)
    region = (slice(1, 3), slice(0, 1), slice(2, 5), slice(None), slice(1, 2))
    with open_tile(tmp_path, tile) as dataset:
        part = read_region(dataset, "tau_phi", region)
        assert type(part) is np.ndarray and part.shape == (2, 1, 3, 3, 1)
        assert np.array_equal(part, read(tmp_path, tile)["tau_phi"][region])


def test_a_cell_that_was_never_written_is_noticed_where_it_is(tmp_path):
    tile = one_tile()
    with new_tile(tmp_path, tile, (1, 1, 1, 1, 1)) as dataset:
        for name in tile.variables:
            dataset[name][:6] = 1
    with open_tile(tmp_path, tile) as dataset:
        rest = (slice(None),) * 4
        for name in tile.variables:
            assert (read_region(dataset, name, (slice(0, 6), *rest)) == 1).all()
            with pytest.raises(Damaged, match=f"{name} has cells that were never written"):
                read_region(dataset, name, (slice(0, 7), *rest))
