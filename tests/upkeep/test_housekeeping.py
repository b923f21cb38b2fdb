"""What is of no use is found and removed when one agrees; what is damaged is found, named, and mended by a rerun."""

import json
import os
import shutil
import socket
import subprocess
import time
from pathlib import Path

import netCDF4
import numpy as np
import pytest
from faults import resources
from hypothesis import given
from hypothesis import strategies as st

import physics
from helpers import toy, wires
from helpers.wires import CROSSOVERS, CUBE, FILE, RESULTS, STORE
from helpers.workspace import BIN
from survey.config.load import load_survey
from survey.cubes.read import regions
from survey.run import marks
from survey.store import stamps
from survey.store.tiles import tiles_of
from survey.upkeep.verify import all_files, verify


@pytest.fixture
def survey(tmp_path, monkeypatch, capsys):
    wires.enter(tmp_path, monkeypatch)
    return lambda *arguments, code=0: wires.run(capsys, *arguments, code=code)


@pytest.fixture
def finished(survey, capsys):
    wires.everything(capsys)
    return survey


def dead() -> int:
    """The number of a process that ended."""
    process = os.fork()
    if process == 0:
        os._exit(0)
    os.waitpid(process, 0)
    return process


def test_tiles_in_use_stay(finished):
    assert finished("gc", "--yes") == "results: nothing to remove\n"
    assert len(list(STORE.glob("*/*.nc"))) == 2


def test_tiles_that_no_survey_refers_to_go_with_their_logs(finished):
    tile = wires.tiles()[0]
    for folder, kind in (("logs", "log"), ("benchmarks", "tsv")):
        (STORE / "dephasing" / folder).mkdir()
        (STORE / "dephasing" / folder / f"{tile.digest}.{kind}").write_text("said")
    wires.change("tau: 1e-14 s", "tau: 2e-14 s")
    said = finished("gc", "--dry-run")
    assert (
        "tiles that no survey refers to: 2" in said and str(tile.path(STORE)) in said and "2 things to remove" in said
    )
    assert tile.path(STORE).exists()
    assert finished("gc", "--yes").endswith("removed\n")
    left = {path.name for path in STORE.rglob("*") if path.is_file()}
    assert left == {stamps.stamp_path(STORE, "dephasing").name}


def test_gc_asks_first(finished, monkeypatch):
    wires.change("tau: 1e-14 s", "tau: 2e-14 s")
    answers = iter(["n", "y"])
    monkeypatch.setattr("click.termui.visible_prompt_func", lambda prompt: next(answers))
    finished("gc")
    assert len(list(STORE.glob("*/*.nc"))) == 2
    finished("gc")
    assert not list(STORE.glob("*/*.nc"))


def test_a_given_survey_keeps_its_tiles(finished):
    Path("elsewhere").mkdir()
    shutil.copy(FILE, "elsewhere/mine.yaml")
    wires.change("tau: 1e-14 s", "tau: 2e-14 s")
    assert "nothing to remove" in finished("gc", "elsewhere/mine.yaml")
    assert "2 things" in finished("gc", "--dry-run")
    with marks.marked(STORE, "a", survey=str(Path("elsewhere/mine.yaml").resolve())):
        assert "nothing to remove" in finished("gc")


def test_tiles_that_an_extension_copies_from_stay_until_it_is_computed(finished, capsys):
    before = {path.name for path in STORE.glob("*/*.nc")}
    wires.change("num: 50}", "num: 50, include: [0.9 K]}")
    assert "nothing to remove" in finished("gc", "--yes")
    assert {path.name for path in STORE.glob("*/*.nc")} == before
    assert "of these cells, which other tiles hold" in finished("plan", FILE)
    wires.everything(capsys)
    assert "1 thing to remove" in finished("gc", "--yes")
    assert {path.name for path in STORE.glob("*/*.nc")} == {f"{tile.digest}.nc" for tile in wires.tiles()}


def test_nothing_goes_while_a_survey_cannot_be_read(finished):
    wires.change("10 mK, stop", "10, stop")
    said = finished("gc", "--yes", code=2)
    assert "axes.T.start" in said and "no tile can be said to be of no use" in said
    FILE.unlink()
    Path("config/config.yaml").unlink()
    assert "no survey file found" in finished("gc", "--yes", code=2)
    assert len(list(STORE.glob("*/*.nc"))) == 2


def test_what_killed_jobs_left_goes_and_what_others_write_stays(finished):
    host, folder = socket.gethostname(), STORE / "dephasing"
    gone, alive = folder / f".a.nc.{host}.{dead()}.tmp", folder / f".a.nc.{host}.{os.getppid()}.tmp"
    old, new = folder / ".b.nc.elsewhere.7.tmp", folder / ".c.nc.elsewhere.7.tmp"
    for path in (gone, alive, old, new):
        path.write_text("half a tile")
    os.utime(old, (time.time() - 2 * 86_400,) * 2)
    with marks.marked(STORE, "running"), marks.marked(STORE, "killed"):
        (said,) = [mark for mark in marks.running(STORE) if mark.key == "killed"]
        said.path.write_text(json.dumps(said.said | {"process": dead()}))
        text = finished("gc", "--yes")
        assert [mark.key for mark in marks.running(STORE)] == ["running"]
    assert "left by killed jobs: 2" in text and "marks of jobs that ended: 1" in text
    assert sorted(folder.glob(".*.tmp")) == sorted([alive, new])


def test_a_failure_of_a_tile_that_is_there_goes(finished):
    first = wires.tiles()[0]
    for key in (first.digest, "cube-wires-dephasing"):
        with pytest.raises(ZeroDivisionError), marks.marked(STORE, key):
            raise ZeroDivisionError
    finished("gc", "--yes")
    assert list(marks.failed(STORE)) == ["cube-wires-dephasing"]


def test_sound_files_are_sound(finished):
    assert "4 files checked, 0 damaged" in finished("verify")
    assert "4 files checked, 0 damaged" in finished("verify", "wires")
    (STORE / "dephasing" / "0-0-0.nc").write_text("of no survey")
    assert "4 files checked, 0 damaged" in finished("verify", FILE)
    assert "5 files checked, 1 damaged" in finished("verify", code=3)


def flip(path: Path, numbers: bytes) -> None:
    """Flip a bit in the middle of some numbers in a file."""
    content = bytearray(path.read_bytes())
    content[content.index(numbers) + len(numbers) // 2] ^= 4
    path.write_bytes(content)


@pytest.mark.parametrize("which", ["tile", "cube", "crossovers"])
def test_a_flipped_bit_is_named_and_mended(finished, which):
    path = {"tile": wires.tiles()[1].path(STORE), "cube": CUBE, "crossovers": CROSSOVERS}[which]
    with netCDF4.Dataset(path) as dataset:
        dataset.set_auto_mask(False)
        numbers = dataset["T_equal" if which == "crossovers" else "tau_phi"][:].tobytes()
    before = path.read_bytes()
    flip(path, numbers[: 8 * 16])
    said = finished("verify", code=3)
    assert f"{path}: damaged" in said and "delete it" in said and "4 files checked, 1 damaged" in said
    assert "removed; the next run" in finished("verify", "wires", "--delete", code=3)
    assert not path.exists()
    step = {"tile": ("tile", FILE, wires.tiles()[1].digest), "cube": ("assemble", FILE, "dephasing")}
    finished(*step.get(which, ("crossovers", FILE)))
    assert "4 files checked, 0 damaged" in finished("verify")
    assert abs(len(path.read_bytes()) - len(before)) < 100


def empty(path):
    path.write_bytes(b"")


def cut_off(path):
    path.write_bytes(path.read_bytes()[:-300])


def write_garbage(path):
    path.write_text("no netCDF file")


def alter_attribute(path):
    with netCDF4.Dataset(path, "a") as dataset:
        dataset["tau_phi"].units = "ns"


def alter_coordinate(path):
    with netCDF4.Dataset(path, "a") as dataset:
        dataset["T"][0] = 0.011


@pytest.mark.parametrize("damage", [empty, cut_off, write_garbage, alter_attribute, alter_coordinate])
def test_every_kind_of_damage_is_named(finished, damage):
    for path in (wires.tiles()[0].path(STORE), CUBE):
        damage(path)
        assert f"{path}: damaged" in finished("verify", code=3)


def test_random_bits_are_found_or_harmless(finished):
    """A bit that no checksum covers lies in HDF5's own structures: then what is read is what was written."""
    path = wires.tiles()[0].path(STORE)
    original = path.read_bytes()
    with netCDF4.Dataset(path) as dataset:
        expected = {name: dataset[name][:].tobytes() for name in dataset.variables}
    random, found = np.random.default_rng(5), 0
    for position in random.integers(len(original), size=40):
        content = bytearray(original)
        content[position] ^= 1 << int(random.integers(8))
        path.write_bytes(content)
        if verify([path], RESULTS):
            found += 1
        else:
            with netCDF4.Dataset(path) as dataset:
                assert {name: dataset[name][:].tobytes() for name in expected} == expected
    assert found > 5


def test_a_tile_under_the_name_of_another_is_named(finished):
    first, second = (tile.path(STORE) for tile in wires.tiles())
    shutil.copy(first, second)
    first.unlink()
    said = finished("verify", "--delete", code=3)
    assert f"{second}: holds another tile than its name says" in said and first.name.rpartition("-")[2] in said
    assert second.exists()


def test_a_tile_of_code_that_was_never_accepted_is_named(finished):
    path = stamps.stamp_path(STORE, "dephasing")
    path.write_text(path.read_text().replace(physics.QUANTITIES["dephasing"].fingerprint(), "f" * 16))
    said = finished("verify", code=3)
    version = physics.QUANTITIES["dephasing"].version
    assert f"that is not known to give the numbers of version {version} of dephasing" in said and "3 damaged" in said
    assert "survey restamp dephasing" in said and "delete" not in said
    finished("verify", "--delete", code=3)
    assert len(list(RESULTS.rglob("*.nc"))) == 4


@pytest.mark.parametrize("damage", [Path.unlink, write_garbage])
def test_a_stamp_that_is_gone_or_damaged_costs_no_tile(finished, damage):
    path = stamps.stamp_path(STORE, "dephasing")
    damage(path)
    said = finished("verify", "--delete", code=3)
    assert f"{path}: " in said and "writes that of the present version again" in said and "1 damaged" in said
    assert "delete" not in said and len(list(STORE.glob("*/*.nc"))) == 2
    finished("tile", FILE, wires.tiles()[0].digest)
    assert "4 files checked, 0 damaged" in finished("verify")


def test_tiles_of_an_older_version_are_held_against_its_stamp(finished, monkeypatch):
    toy.register(monkeypatch, version=physics.QUANTITIES["dephasing"].version + 1)
    assert "4 files checked, 0 damaged" in finished("verify")


def test_a_file_that_may_not_be_read_is_not_damaged(finished, monkeypatch):
    monkeypatch.setattr(os, "access", lambda path, mode: Path(path).name != CUBE.name)
    assert "no permission to read it" in finished("verify", "--delete", code=3)
    assert CUBE.exists()


def test_progress_is_told(finished):
    told = []
    assert verify(all_files(RESULTS), RESULTS, told.append) == []
    assert told == [1, 2, 3, 4]


@given(
    shape=st.lists(st.integers(1, 9), max_size=4),
    chunks=st.lists(st.integers(1, 9), min_size=4, max_size=4),
    cells=st.integers(1, 300),
)
def test_regions_are_whole_chunks_and_cover_a_variable_once(shape, chunks, cells):
    chunks = [min(chunk, length) for chunk, length in zip(chunks, shape, strict=False)]
    times = np.zeros(shape, int)
    for region in regions(tuple(shape), chunks, cells):
        assert times[region].size <= max(cells, np.prod(chunks))
        assert all(part.start % chunk == 0 for part, chunk in zip(region, chunks, strict=True))
        times[region] += 1
    assert (times == 1).all()


def made_for(name: str, capsys, old: str = "", new: str = "") -> Path:
    """Another survey, changed, with its tiles, cube and crossovers in the same results; returns its file."""
    path = Path(f"elsewhere/{name}.yaml")
    path.parent.mkdir(exist_ok=True)
    text = FILE.read_text()
    assert old in text
    path.write_text(text.replace(old, new))
    for tile in tiles_of(load_survey(path), "dephasing"):
        wires.run(capsys, "tile", path, tile.digest)
    wires.run(capsys, "assemble", path, "dephasing")
    wires.run(capsys, "crossovers", path)
    return path


@pytest.mark.parametrize("cube", ["copied", "virtual"])
def test_tiles_of_the_cubes_of_others_stay_and_are_spoken_of(finished, capsys, cube):
    new = f"tau: 3e-14 s}}\nquantities:\n  dephasing: {{cube: {cube}}}\n"
    other = made_for("theirs", capsys, "tau: 1e-14 s}\nquantities:\n  dephasing: {}\n", new)
    theirs = RESULTS / "theirs" / "dephasing.nc"
    before = {path for path in RESULTS.rglob("*") if path.is_file()}
    said = finished("gc", "--yes")
    assert f"{theirs}: of no survey that is known here; the tiles it was made from stay" in said
    assert said.endswith("nothing to remove\n") and before == {path for path in RESULTS.rglob("*") if path.is_file()}
    assert "of no survey" not in finished("gc", other, "--yes")
    shutil.rmtree(theirs.parent)
    assert "2 things to remove" in finished("gc", "--dry-run")


def test_a_cube_of_others_that_cannot_be_read_is_spoken_of(finished, capsys):
    made_for("theirs", capsys, "tau: 1e-14 s", "tau: 3e-14 s")
    theirs = RESULTS / "theirs" / "dephasing.nc"
    cut_off(theirs)
    said = finished("gc", "--dry-run")
    assert f"{theirs}: of no survey that is known here, and damaged" in said and "may be listed" in said
    assert "2 things to remove" in said and "delete" not in said


def test_results_of_another_checkout_under_a_known_name_are_not_judged(finished, capsys):
    """A survey of the same name from another folder, which made what is there."""
    shutil.rmtree(RESULTS / "wires")
    made_for("wires", capsys, "tau: 1e-14 s", "tau: 3e-14 s")
    diagram = RESULTS / "wires" / "diagrams" / "theirs.svg"
    diagram.parent.mkdir()
    diagram.write_text("Diagram: theirs (value_map)")
    said = finished("gc", "--yes")
    assert "of no survey that is known here" in said and said.endswith("nothing to remove\n")
    assert diagram.exists()


def test_what_a_survey_no_longer_makes_goes(finished, capsys):
    FILE.write_text(FILE.read_text() + wires.SURVEY[wires.SURVEY.index("diagrams:") :])
    finished("diagram", FILE, "times")
    folder = RESULTS / "wires"
    (folder / "logs").mkdir()
    for name in ("diagram_times", "crossovers", "assemble_dephasing"):
        (folder / "logs" / f"{name}.log").write_text("said")
    (folder / "diagrams" / "mine.png").write_bytes(b"\x89PNG of somebody else")
    (folder / "mine.nc").write_bytes(b"of somebody else")
    assert "nothing to remove" in finished("gc", "--yes")
    wires.change("times:", "others:")
    said = finished("gc", "--yes")
    assert "diagrams that their survey no longer makes: 1" in said and "1 thing to remove" in said
    FILE.write_text(FILE.read_text().split("crossovers:")[0].replace("dephasing: {}", "other: {quantity: dephasing}"))
    FILE.write_text(FILE.read_text() + "crossovers: {}\n")
    said = finished("gc", "--yes")
    assert "3 things to remove" in said and str(CUBE) in said and str(CROSSOVERS) in said and str(wires.PAGE) in said
    left = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    assert left == {"survey.json", "mine.nc", "diagrams/mine.png"}
    assert len(list(STORE.glob("*/*.nc"))) == 2


def test_files_that_were_set_aside_go(finished):
    path = wires.tiles()[0].path(STORE)
    cut_off(path)
    finished("assemble", FILE, "dephasing", code=2)
    aside = path.with_name(f"{path.name}.damaged")
    assert aside.exists() and not path.exists()
    said = finished("gc", "--yes")
    assert "set aside because they were damaged: 1" in said and str(aside) in said
    assert not aside.exists()


def test_failures_of_what_a_survey_no_longer_makes_go(finished):
    for survey, name in ((FILE, "gone"), (Path("elsewhere/theirs.yaml"), "theirs")):
        with pytest.raises(ZeroDivisionError), marks.marked(STORE, f"diagram-{name}", survey=str(survey.resolve())):
            raise ZeroDivisionError
    finished("gc", "--yes")
    assert list(marks.failed(STORE)) == ["diagram-theirs"]


@pytest.mark.skipif(not resources.possible(), reason="needs root, to forbid a folder to itself")
def test_a_folder_that_may_not_be_looked_into_is_not_passed_over(finished):
    prefix = ["setpriv", "--bounding-set=-dac_override,-dac_read_search", "--", BIN / "survey"]
    for folder in (STORE / "dephasing", RESULTS / "wires"):
        folder.chmod(0)
        for command in (["verify"], ["gc", "--yes"], ["status"]):
            done = subprocess.run([*prefix, *command], capture_output=True, text=True, timeout=60)
            said = done.stdout + done.stderr
            if command[0] == "gc" and folder.parent == STORE:
                assert "nothing to remove" in said
            else:
                assert done.returncode == 2 and f"{folder}" in said and "Permission denied; let yourself" in said
        folder.chmod(0o755)
