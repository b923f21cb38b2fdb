"""Cubes: what the tiles hold, in one labelled file that other programs read."""

import json
import subprocess
import sys
from functools import partial
from pathlib import Path

import netCDF4
import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

import physics
from helpers import toy
from survey.compute.tile import compute_tile
from survey.cubes import assemble as cube
from survey.errors import SurveyError
from survey.grid import open_grid
from survey.store.netcdf import broken_seal
from survey.store.tiles import configuration, tiles_of

CHECKER = Path(sys.executable).with_name("compliance-checker")


@pytest.fixture(autouse=True)
def _toy(monkeypatch):
    toy.register(monkeypatch)


def make(survey, results: Path) -> Path:
    for tile in tiles_of(survey, "dephasing"):
        if not tile.path(results / "store").exists():
            compute_tile(results / "store", tile)
    return cube.assemble(survey, "dephasing", results / "store", results)


@pytest.mark.parametrize(("longest", "chunk", "box"), [(32, 100_000, 20_000_000), (3, 50, 100), (2, 20, 150)])
def test_a_cube_is_what_the_kernel_gives_however_it_is_cut(tmp_path, monkeypatch, longest, chunk, box):
    monkeypatch.setattr("survey.store.tiles.LONGEST_BLOCK", longest)
    monkeypatch.setattr(cube, "cube_chunks", partial(cube.cube_chunks, cells=chunk))
    monkeypatch.setattr(cube, "boxes", partial(cube.boxes, cells=box))
    survey = toy.Survey()
    path = make(survey, tmp_path)
    assert path == tmp_path / "toy" / "dephasing.nc"
    grid = survey.grid("dephasing")
    expected = physics.QUANTITIES["dephasing"](**open_grid(grid), **toy.CONSTANTS)
    with xr.open_dataset(path) as dataset:
        assert dict(dataset.sizes) == {name: len(values) for name, values in grid.items()}
        assert tuple(dataset["tau_phi"].dims) == tuple(grid) == physics.QUANTITIES["dephasing"].axes
        for name, values in grid.items():
            assert np.array_equal(dataset[name], values)
        for name, values in expected.items():
            assert np.array_equal(dataset[name], values) and dataset[name].dtype == values.dtype


def test_a_cube_says_what_it_is(tmp_path):
    survey = toy.Survey()
    quantity = physics.QUANTITIES["dephasing"]
    with netCDF4.Dataset(make(survey, tmp_path)) as dataset:
        assert dataset.Conventions == "CF-1.11"
        assert (dataset.survey, dataset.label, dataset.quantity) == ("toy", "dephasing", "dephasing")
        assert (dataset.quantity_version, dataset.quantity_fingerprint) == (1, quantity.fingerprint())
        assert (dataset.promised_accuracy, dataset.source) == (1e-8, "paper 001, eqs. (15), (34), (35), (37), (55)")
        assert json.loads(dataset.configuration) == json.loads(configuration(survey, "dephasing"))
        assert json.loads(dataset.configuration)["options"] == quantity.choices()
        for name in ("title", "package_version", "git_commit", "date_created", "history"):
            assert dataset.getncattr(name)
        assert not broken_seal(dataset)
        for name, variable in dataset.variables.items():
            assert variable.filters()["fletcher32"] and variable.long_name
            assert "_FillValue" not in variable.ncattrs()
            assert variable.filters()["zlib"] == (name in ("regime", "status"))
        assert (dataset["T"].units, dataset["Pd"].units, dataset["Lambda0"].symbol) == ("K", "J-1 m-3", r"\Lambda_0")
        assert (dataset["tau_phi"].units, dataset["tau_phi"].symbol) == ("s", r"\tau_\varphi")
        assert dataset["status"].flag_meanings.split() == list(quantity.variable("status").flags)
        assert dataset["regime"].flag_masks.dtype == dataset["regime"].flag_values.dtype == np.uint8


def test_a_cube_is_clean_by_the_compliance_checker(tmp_path):
    command = [CHECKER, "--test", "cf:1.11", "--criteria", "strict", make(toy.Survey(), tmp_path)]
    answer = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert "All tests passed!" in answer.stdout, answer.stdout + answer.stderr


def test_a_missing_tile_is_named_and_the_cube_stays(tmp_path, monkeypatch):
    monkeypatch.setattr("survey.store.tiles.LONGEST_BLOCK", 3)
    path = make(toy.Survey(), tmp_path)
    before = path.read_bytes()
    tile = tiles_of(toy.Survey(), "dephasing")[1]
    tile.path(tmp_path / "store").unlink()
    with pytest.raises(SurveyError, match=tile.digest):
        cube.assemble(toy.Survey(), "dephasing", tmp_path / "store", tmp_path)
    assert path.read_bytes() == before
    assert [each.name for each in path.parent.iterdir()] == ["dephasing.nc"]


def test_a_changed_kernel_stops_before_anything_is_read(tmp_path, monkeypatch):
    make(toy.Survey(), tmp_path)
    monkeypatch.setattr(physics.Quantity, "fingerprint", lambda quantity: "0" * 16)
    with pytest.raises(SurveyError, match="the code of dephasing changed"):
        cube.assemble(toy.Survey(), "dephasing", tmp_path / "store", tmp_path)


def test_an_axis_that_the_quantity_does_not_have_is_not_in_the_cube(tmp_path, monkeypatch):
    monkeypatch.setattr(toy, "glass", lambda p_min, **others: toy.dephasing(Lambda0=1e-3, **others), raising=False)
    toy.register(monkeypatch, "helpers.toy:glass")
    request = toy.Request(options={"distribution": "glass"})
    survey = toy.Survey(quantities={"dephasing": request}, constants=toy.CONSTANTS | {"p_min": 1e-3})
    with xr.open_dataset(make(survey, tmp_path)) as dataset:
        assert list(dataset.sizes) == ["T", "Pd", "chi", "Estar"]


def test_curves_along_temperature_and_planes_are_few_chunks():
    names, shape = tuple(toy.AXES), (100, 20, 50, 40, 25)
    chunks = cube.cube_chunks(names, shape)
    assert chunks[0] == 100
    assert 50_000 <= np.prod(chunks) <= 200_000
    planes = [np.ceil(shape[a] / chunks[a]) * np.ceil(shape[b] / chunks[b]) for a in range(5) for b in range(a)]
    assert max(planes) <= 100
    padded = [np.ceil(length / chunk) * chunk for length, chunk in zip(shape, chunks, strict=True)]
    assert np.prod(padded) < 1.1 * np.prod(shape)


@given(
    shape=st.lists(st.integers(1, 12), min_size=5, max_size=5), cells=st.integers(1, 500), limit=st.integers(1, 20_000)
)
def test_boxes_are_whole_chunks_and_cover_the_cube_once(shape, cells, limit):
    names = tuple(toy.AXES)
    chunks = cube.cube_chunks(names, tuple(shape), cells)
    assert np.prod(chunks) <= (4 / 3) ** 4 * max(cells, chunks[0])
    count = np.zeros(shape, dtype=int)
    for box in cube.boxes(names, tuple(shape), chunks, limit):
        extents = [part.stop - part.start for part in box]
        assert np.prod(extents) <= max(limit, np.prod(chunks))
        for part, chunk, length in zip(box, chunks, shape, strict=True):
            assert part.start % chunk == 0 and (part.stop % chunk == 0 or part.stop == length)
        count[box] += 1
    assert (count == 1).all()
