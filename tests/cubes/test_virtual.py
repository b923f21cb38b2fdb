"""Virtual cubes: read as copied ones are, by us and by others, and never a number that no tile holds."""

import json
import os
import resource
import shutil
from contextlib import contextmanager
from pathlib import Path

import netCDF4
import numpy as np
import pytest
import test_own_axes
import xarray as xr

import physics
from helpers import toy, wires
from helpers.wires import CUBE, FILE, RESULTS, STORE
from helpers.workspace import CUBE_ALONE, Workspace
from survey.compute.tile import compute_tile
from survey.config.load import load_survey
from survey.cubes import assemble as cube
from survey.cubes import virtual
from survey.cubes.read import open_cube, read_region
from survey.draw.slices import read_slice
from survey.errors import Damaged, SurveyError
from survey.query.answer import query
from survey.store.netcdf import broken_seal
from survey.store.sealed import damage_of, open_sealed
from survey.store.tiles import kind_of_cube, tiles_of
from survey.upkeep.diff import difference

POINT = {"T": 0.05, "Lambda0": 2e-3, "Pd": 3e45, "chi": 0.05, "Estar": 1.0}
MAKING = {"survey", "title", "history", "date_created", "content_digest", "cube", "comment"}


def in_pieces(values, longest):
    """A block for every value of the longer axes: 35 tiles of the toy survey."""
    return np.array_split(values, len(values) if len(values) > 3 else 1)


def made(kind: str, results: Path, **request) -> Path:
    survey = toy.Survey(name=kind, quantities={"dephasing": toy.Request(cube=kind, **request)})
    for tile in tiles_of(survey, "dephasing"):
        if not tile.path(results / "store").exists():
            compute_tile(results / "store", tile)
    return cube.assemble(survey, "dephasing", results / "store", results)


@pytest.fixture(scope="module")
def both(tmp_path_factory):
    """A copied and a virtual cube over the same tiles; not to be changed."""
    with pytest.MonkeyPatch.context() as patch:
        toy.register(patch)
        patch.setattr("survey.store.tiles.blocks", in_pieces)
        results = tmp_path_factory.mktemp("results")
        return made("copied", results), made("virtual", results)


@pytest.fixture
def moved(both, tmp_path):
    """The virtual cube in a results folder of its own, with its store."""
    shutil.copytree(both[1].parents[1], tmp_path / "elsewhere" / "results")
    return tmp_path / "elsewhere" / "results" / "virtual" / "dephasing.nc"


def everything(path: Path) -> dict[str, np.ndarray]:
    with open_sealed(path) as dataset:
        return {name: read_region(dataset, name, (slice(None),) * dataset[name].ndim) for name in dataset.variables}


def one_tile(path: Path) -> Path:
    return virtual.tiles_of_cube(path)[5]


def flip(path: Path, variable: str = "tau_phi") -> None:
    """Flip a bit in the numbers of a tile."""
    virtual.close_tiles()
    with netCDF4.Dataset(path) as dataset:
        numbers = dataset[variable][:].tobytes()
    content = bytearray(path.read_bytes())
    content[content.index(numbers) + len(numbers) // 2] ^= 4
    path.write_bytes(content)


@contextmanager
def open_files(more: int):
    """At most so many files more than now may be open."""
    free = os.dup(0)
    os.close(free)
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (free + more, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_a_virtual_cube_is_a_copied_one_bit_by_bit(both):
    with netCDF4.Dataset(both[0]) as copied, netCDF4.Dataset(both[1]) as linked:
        assert not broken_seal(linked) and linked.cube == "virtual"
        assert list(copied.variables) == list(linked.variables)
        for name in copied.variables:
            one, other = copied[name], linked[name]
            assert (one.dtype, one.dimensions) == (other.dtype, other.dimensions)
            assert one[:].tobytes() == other[:].tobytes()
            added = {"_FillValue"} if name.startswith("tau_phi") else set()
            assert set(other.ncattrs()) == set(one.ncattrs()) | added
            assert all(np.array_equal(one.getncattr(key), other.getncattr(key)) for key in one.ncattrs())
        assert {key for key in linked.ncattrs() if getattr(copied, key, None) != linked.getncattr(key)} <= MAKING
        assert set(copied.ncattrs()) <= set(linked.ncattrs())
    with xr.open_dataset(both[0]) as copied, xr.open_dataset(both[1]) as linked:
        xr.testing.assert_equal(copied, linked)
        assert dict(copied.dtypes) == dict(linked.dtypes)
    assert difference(*both)["equal"]
    assert both[1].stat().st_size < 100_000 and len(virtual.tiles_of_cube(both[1])) == 35


@pytest.mark.parametrize("given", [{}, {"T": [0.011, 0.9]}, {"nearest": True}, {"free": "T"}, {"free": "Pd"}])
def test_a_query_says_the_same(both, given):
    at = {name: value for name, value in POINT.items() if name != given.get("free")}
    at |= {name: value for name, value in given.items() if name != "free"}
    for variable in ("tau_phi", "regime"):
        one, other = (query(path, variable, **at) for path in both)
        xr.testing.assert_equal(one, other)
        with xr.open_dataset(both[1]) as opened:
            xr.testing.assert_equal(one, query(opened, variable, **at))


def test_variables_that_depend_on_fewer_axes(tmp_path, monkeypatch):
    monkeypatch.setitem(physics.QUANTITIES, "toy", test_own_axes.TOY)
    monkeypatch.setattr("survey.store.tiles.LONGEST_BLOCK", 3)
    paths = []
    for kind in ("copied", "virtual"):
        file = tmp_path / f"{kind}.yaml"
        text = test_own_axes.SURVEY % ("[rise, spectrum, status]", "{}")
        file.write_text(text.replace("{toy: {", f"{{toy: {{cube: {kind}, "))
        survey = load_survey(file)
        for tile in tiles_of(survey, "toy"):
            compute_tile(tmp_path / "store", tile)
        paths.append(cube.assemble(survey, "toy", tmp_path / "store", tmp_path))
    assert len(tiles_of(survey, "toy")) > 2
    one, other = map(everything, paths)
    assert one["status"].shape == (7,) and one["spectrum"].shape == (7, 5)
    assert {name: values.tobytes() for name, values in one.items()} == {
        name: values.tobytes() for name, values in other.items()
    }


def test_a_results_folder_can_be_moved_with_its_store(both, moved):
    expected = {name: values.tobytes() for name, values in everything(both[0]).items()}
    assert all(tile.is_relative_to(moved.parents[1]) for tile in virtual.tiles_of_cube(moved))
    assert {name: values.tobytes() for name, values in everything(moved).items()} == expected
    link = moved.with_name("link.nc")
    link.symlink_to(moved)
    assert query(link, "tau_phi", **POINT).tau_phi == query(both[0], "tau_phi", **POINT).tau_phi


def test_without_its_store_a_cube_has_no_numbers_and_says_so(moved):
    shutil.move(moved.parents[1] / "store", moved.parents[2] / "store")
    with pytest.raises(SurveyError, match=r"missing: .* more; run the workflow again, or copy the store along"):
        query(moved, "tau_phi", **POINT)


def test_a_missing_tile_is_named_by_every_reader(moved, monkeypatch):
    tile = one_tile(moved)
    with open_cube(moved) as before:
        axes = {name: float(values[0]) for name, values in netCDF4.Dataset(tile).variables.items() if values.ndim == 1}
        tile.unlink()
        with pytest.raises(SurveyError, match=f"missing: {tile};"):
            query(before, "tau_phi", **axes)
    for variable in ("tau_phi", "regime"):
        with pytest.raises(SurveyError, match=f"1 tile that it refers to is missing: {tile};"):
            query(moved, variable, **axes)
        with xr.open_dataset(moved) as opened, pytest.raises(SurveyError, match=f"missing: {tile};"):
            query(opened, variable, **axes)
        with pytest.raises(SurveyError, match=f"missing: {tile};"):
            read_slice(moved, {}, [variable])
    with pytest.raises(SurveyError, match=f"missing: {tile};"):
        everything(moved)
    with xr.open_dataset(moved) as opened:
        assert np.isnan(opened.tau_phi.sel(axes).item()) and np.isfinite(opened.tau_phi).sum() == 420 - 12
    elsewhere = {name: float(np.unique(netCDF4.Dataset(moved)[name][:])[-1]) for name in axes}
    assert np.isfinite(query(moved, "tau_phi", **elsewhere).tau_phi)


def test_a_damaged_tile_is_named_and_not_the_cube(moved):
    tile = one_tile(moved)
    flip(tile)
    with pytest.raises(Damaged, match="damaged") as said:
        everything(moved)
    assert Path(said.value.path) == tile
    with pytest.raises(SurveyError, match=rf"{tile}: damaged \(tau_phi: "):
        query(
            moved,
            "tau_phi",
            **{name: values[:] for name, values in netCDF4.Dataset(moved).variables.items() if values.ndim == 1},
        )


def test_another_tile_in_its_place_is_refused(moved):
    tile, other = virtual.tiles_of_cube(moved)[5:7]
    shutil.copy(other, tile)
    with pytest.raises(Damaged, match="it holds another tile than its name says") as said:
        everything(moved)
    assert Path(said.value.path) == tile


def test_few_open_files_are_enough_or_an_error_and_harm_no_tile(both, moved):
    expected = everything(both[0])["tau_phi"].tobytes()
    virtual.close_tiles()
    with open_files(virtual.OPEN_TILES + 8):
        assert everything(moved)["tau_phi"].tobytes() == expected
    virtual.close_tiles()
    with open_files(12):
        with pytest.raises(SurveyError, match=r"be open|Too many"):
            read_slice(moved, {}, ["tau_phi"])
        with xr.open_dataset(moved) as opened, pytest.raises(SurveyError, match=r"be open|Too many"):
            query(opened, "tau_phi", Lambda0=2e-3, chi=0.05, Estar=1.0)
    with open_files(0):
        with pytest.raises(SurveyError, match="Too many open files") as said:
            open_sealed(moved)
        with pytest.raises(SurveyError, match="Too many open files") as during, damage_of(moved):
            raise OSError("HDF error")
    assert not isinstance(said.value, Damaged) and not isinstance(during.value, Damaged)


def test_large_cubes_are_virtual_unless_the_survey_says_otherwise(monkeypatch):
    toy.register(monkeypatch)

    def kind(**request):
        return kind_of_cube(toy.Survey(quantities={"dephasing": toy.Request(**request)}), "dephasing")

    # Three times and two flags in each of 420 cells.
    monkeypatch.setattr("survey.store.tiles.MOST_COPIED", 420 * 26)
    assert kind() == "copied" and kind(cube="virtual") == "virtual"
    monkeypatch.setattr("survey.store.tiles.MOST_COPIED", 420 * 26 - 1)
    assert kind() == "virtual" and kind(cube="copied") == "copied"
    assert kind(dtype="float32") == "copied"


def test_assembly_holds_every_tile_against_what_is_asked_for(moved, monkeypatch):
    monkeypatch.setattr("survey.store.tiles.blocks", in_pieces)
    toy.register(monkeypatch)
    tile, before = one_tile(moved), moved.read_bytes()
    for damage, said in ((Path.unlink, "no such file"), (lambda path: path.write_bytes(b"x"), "damaged")):
        damage(tile)
        with pytest.raises(SurveyError, match=f"{tile}: .*{said}"):
            survey = toy.Survey(name="virtual", quantities={"dephasing": toy.Request(cube="virtual")})
            cube.assemble(survey, "dephasing", moved.parents[1] / "store", moved.parents[1])
    assert moved.read_bytes() == before and len(list(moved.parent.iterdir())) == 1


@pytest.fixture
def survey(tmp_path, monkeypatch, capsys):
    """The command line on a finished survey with a virtual cube of two tiles."""
    text = wires.NO_DIAGRAM.replace("dephasing: {}", "dephasing: {cube: virtual}")
    wires.enter(tmp_path, monkeypatch, text)
    wires.everything(capsys)
    return lambda *arguments, code=0: wires.run(capsys, *arguments, code=code)


def test_verify_names_missing_and_damaged_tiles(survey):
    assert "4 files checked, 0 damaged" in survey("verify", "wires") and "4 files" in survey("verify")
    first, second = (tile.path(STORE).resolve() for tile in wires.tiles())
    flip(first)
    said = survey("verify", "wires", code=3)
    assert f"{first.relative_to(Path.cwd())}: damaged" in said and "1 damaged" in said
    second.unlink()
    said = survey("verify", "wires", "--delete", code=3)
    assert f"{CUBE}: 1 tile that it refers to is missing: {second}" in said and "2 damaged" in said
    assert CUBE.exists() and not first.exists()


def test_verify_removes_no_cube_because_a_tile_is_missing(survey):
    wires.tiles()[0].path(STORE).unlink()
    said = survey("verify", "wires", "--delete", code=3)
    assert "run the workflow again" in said and "removed" not in said and CUBE.exists()


def test_verify_reads_the_tiles_of_a_cube_that_its_survey_has_left(survey):
    wires.change("tau: 1e-14 s", "tau: 2e-14 s")
    assert "4 files checked, 0 damaged" in survey("verify", "wires")


def test_gc_keeps_the_tiles_of_virtual_cubes(survey):
    wires.change("tau: 1e-14 s", "tau: 2e-14 s")
    assert "nothing to remove" in survey("gc", "--yes")
    assert len(list(STORE.glob("*/*.nc"))) == 2
    CUBE.unlink()
    assert "2 things to remove" in survey("gc", "--dry-run")
    CUBE.write_text("no netCDF file")
    assert "2 things to remove" in survey("gc", "--yes")


def test_a_damaged_tile_that_a_step_meets_is_set_aside_and_the_cube_stays(survey, capsys):
    tile = wires.tiles()[0].path(STORE).resolve()
    whole, right = tile.read_bytes(), everything(CUBE)["tau_phi"].tobytes()
    flip(tile, "tau_phi_resonant")
    said = survey("crossovers", FILE, code=2)
    assert f"{tile}: damaged" in said and f"set aside as {tile.name}.damaged" in said
    assert CUBE.exists() and not tile.exists() and len(whole) == Path(f"{tile}.damaged").stat().st_size
    assert f"missing: {tile}; run the workflow again" in survey("crossovers", FILE, code=2)
    assert CUBE.exists()
    assert "1 of its 2 tiles is not in the store" in survey("why", CUBE, code=1)
    wires.everything(capsys)
    assert everything(CUBE)["tau_phi"].tobytes() == right


def test_a_change_of_how_the_cube_is_made_is_why_it_is_made_again(survey):
    assert "up to date" in survey("why", CUBE)
    wires.change("cube: virtual", "cube: copied")
    assert "the cube is virtual, and the survey asks for a copied one" in survey("why", CUBE, code=1)
    survey("assemble", FILE, "dephasing")
    assert "up to date" in survey("why", CUBE)
    wires.change("cube: copied", "cube: virtual")
    assert "the cube is copied, and the survey asks for a virtual one" in survey("why", CUBE, code=1)


def test_a_virtual_cube_is_planned_without_numbers(survey):
    wires.change("tau: 1e-14 s", "tau: 2e-14 s")
    (quantity,) = json.loads(survey("plan", FILE, "--json"))["quantities"]
    assert quantity["virtual"] and quantity["bytes_tiles"] == 400 * 26 and quantity["bytes_cube"] == 2 * 5 * 200
    assert "2 kB for the virtual cube" in survey("plan", FILE)


def test_the_results_may_be_reached_by_another_path(survey, tmp_path):
    there = tmp_path / "there"
    there.symlink_to(RESULTS.resolve())
    assert np.array_equal(everything(there / "wires" / "dephasing.nc")["tau_phi"], everything(CUBE)["tau_phi"])


def test_a_run_extends_a_virtual_cube_and_mends_its_tiles(tmp_path):
    workspace = Workspace(tmp_path)
    workspace.write("tiny", CUBE_ALONE.replace("dephasing: {}", "dephasing: {cube: virtual}"))
    path = workspace.results / "tiny" / "dephasing.nc"
    assert workspace.run() == {"compute_tile": 2, "assemble_cube": 1, "build_page": 1}
    first = everything(path)["tau_phi"]

    # One more temperature: its cells alone are computed, in the one tile that they fall into.
    old = {tile: tile.read_bytes() for tile in virtual.tiles_of_cube(path)}
    workspace.change("spacing: log}", "spacing: log, include: [900 mK]}")
    assert workspace.run() == {"compute_tile": 1, "assemble_cube": 1, "build_page": 1}
    assert all(tile.read_bytes() == content for tile, content in old.items())
    (new,) = set(virtual.tiles_of_cube(path)) - set(old)
    with netCDF4.Dataset(new) as tile:
        assert tile.cells == 2 * 4 * 2 * 2
    extended = everything(path)
    inserted = int(np.searchsorted(extended["T"], 0.9))
    assert np.array_equal(np.delete(extended["tau_phi"], inserted, axis=0), first)

    # A change of how the cube is made makes the cube, and back.
    workspace.change("cube: virtual", "cube: copied")
    assert workspace.run() == {"assemble_cube": 1}
    copied = everything(path)
    workspace.change("cube: copied", "cube: virtual")
    assert workspace.run() == {"assemble_cube": 1}
    assert all(np.array_equal(copied[name], values) for name, values in everything(path).items())
    assert workspace.run() == {}

    # A step that meets a damaged tile sets it aside, and the next run computes it; a tile that is gone is missed.
    workspace.change(
        "crossovers: {}", "crossovers:\n  T_equal: {kind: equal, variables: [tau_phi_resonant, tau_phi_relaxation]}"
    )
    flip(new, "tau_phi_resonant")
    answer = workspace.snakemake()
    assert answer.returncode == 1
    assert "set aside" in (workspace.results / "tiny" / "logs" / "crossovers.log").read_text()
    assert workspace.run() == {"compute_tile": 1, "assemble_cube": 1, "locate_crossovers": 1, "build_page": 1}
    new.unlink()
    assert workspace.run() == {"compute_tile": 1, "assemble_cube": 1}
    assert np.array_equal(everything(path)["tau_phi"], copied["tau_phi"])
