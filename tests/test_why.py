"""Every reason for which a file is stale is told, and none is told of a file that is not."""

import hashlib
import json
import os
from base64 import urlsafe_b64encode
from pathlib import Path

import pytest
import toy
import wires
from wires import CROSSOVERS, CUBE, FILE, STORE

import physics
from survey import stamps
from survey.config import load_survey
from survey.freshness import RECORDS

DIAGRAM = Path("results/wires/diagrams/times.png")


@pytest.fixture
def survey(tmp_path, monkeypatch, capsys):
    wires.enter(tmp_path, monkeypatch, wires.SURVEY)
    return lambda *arguments, code=0: wires.run(capsys, *arguments, code=code)


@pytest.fixture
def finished(survey, capsys):
    """Everything made, but the diagram, which is a stand-in: what is drawn is no matter here."""
    wires.everything(capsys)
    DIAGRAM.parent.mkdir()
    for kind in ("html", "png", "svg"):
        DIAGRAM.with_suffix(f".{kind}").write_text("drawn")
        record(DIAGRAM.with_suffix(f".{kind}"), settings())
    return survey


def settings() -> dict:
    return load_survey(FILE).diagrams["times"].model_dump(mode="json")


def record(path: Path, settings: dict, **facts) -> None:
    """What Snakemake writes of a job that made a file."""
    RECORDS.mkdir(parents=True, exist_ok=True)
    params = [repr(json.dumps(settings, sort_keys=True, separators=(",", ":")))]
    name = urlsafe_b64encode(str(path).encode()).decode()
    (RECORDS / name).write_text(json.dumps({"record_format_version": 6, "params": params} | facts))


def later(path: Path, *than: Path) -> None:
    time = max(each.stat().st_mtime for each in than) + 10
    os.utime(path, (time, time))


def test_what_is_up_to_date_is_said_to_be(finished):
    for path in (*(tile.path(STORE) for tile in wires.tiles()), CUBE, CROSSOVERS, DIAGRAM):
        assert finished("why", path) == f"{path}: up to date\n"
    assert "wires: done" in finished("status")


def test_what_is_not_there_is_said_to_be_missing(survey):
    tile = wires.tiles()[0]
    assert "it does not exist" in survey("why", tile.path(STORE), code=1)
    said = survey("why", CUBE, code=1)
    assert "it does not exist" in said and "2 of its 2 tiles are not in the store" in said
    assert f"its source {CUBE} is out of date (" in survey("why", CROSSOVERS, code=1)
    assert "times.html, times.png, times.svg: it does not exist" in survey("why", DIAGRAM, code=1)


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("tau: 1e-14 s", "tau: 2e-14 s", "constants.tau is 1e-14 in the cube and 2e-14 in the survey"),
        ("chi: {values: [0.1, 0.3]}", "chi: {values: [0.1, 0.2, 0.3]}", "axes.chi: only the survey has 0.2"),
        ("Estar: {values: [1 K, 10 K]}", "Estar: {values: [1 K]}", "axes.Estar: only the cube has 10"),
        ("dephasing: {}", "dephasing: {dtype: float32}", "dtype is float64 in the cube and float32 in the survey"),
        (
            "dephasing: {}",
            "dephasing: {options: {convention: consistent}}",
            "options.convention is published in the cube and consistent in the survey",
        ),
    ],
)
def test_a_change_of_the_survey_is_named(finished, old, new, reason):
    wires.change(old, new)
    said = finished("why", CUBE, code=1)
    assert reason in said and "tiles are not in the store" in said
    assert f"its source {CUBE} is out of date (" in finished("why", CROSSOVERS, code=1)
    for path in STORE.glob("*/*.nc"):
        said = finished("why", path, code=1)
        assert "no survey refers to it" in said and reason.split(":")[0].split(" is ")[0] in said
        assert "in this tile" in said or "only th" in said


def test_changes_that_no_number_depends_on_make_nothing_stale(finished):
    wires.change("title: Toy survey", "# a comment\ntitle: Another title")
    assert "up to date" in finished("why", CUBE) and "up to date" in finished("why", DIAGRAM)


def test_a_new_version_is_named(finished, monkeypatch):
    toy.register(monkeypatch, version=2)
    assert "version is 1 in the cube and 2 in the survey" in finished("why", CUBE, code=1)
    path = next(STORE.glob("*/*.nc"))
    assert "version is 1 in this tile and 2 in that one" in finished("why", path, code=1)


def test_changed_code_is_named(finished, monkeypatch):
    monkeypatch.setattr(physics.Quantity, "fingerprint", lambda quantity: "0123456789abcdef")
    for path in (CUBE, wires.tiles()[0].path(STORE)):
        said = finished("why", path, code=1)
        assert "the code of dephasing changed" in said and "survey restamp" in said


def test_code_that_was_never_accepted_is_named(finished, monkeypatch):
    path = stamps.stamp_path(STORE, "dephasing")
    path.write_text(path.read_text().replace(physics.QUANTITIES["dephasing"].fingerprint(), "f" * 16))
    monkeypatch.setattr(physics.Quantity, "fingerprint", lambda quantity: "f" * 16)
    for path in (CUBE, wires.tiles()[0].path(STORE)):
        assert "is none of those accepted for" in finished("why", path, code=1)


def test_newer_inputs_are_named(finished):
    tile = wires.tiles()[1].path(STORE)
    later(tile, CUBE)
    assert f"the tile {tile.stem} is newer than it" in finished("why", CUBE, code=1)
    assert "is newer" in finished("why", CROSSOVERS, code=1)
    later(CUBE, tile)
    assert finished("why", CUBE) and f"its source {CUBE} is newer than it" in finished("why", CROSSOVERS, code=1)
    checksum = "sha256:" + hashlib.sha256(CUBE.read_bytes()).hexdigest()
    record(CROSSOVERS, {}, input_checksums={str(CUBE): checksum})
    assert "up to date" in finished("why", CROSSOVERS)
    record(CROSSOVERS, {}, input_checksums={str(CUBE): "sha256:0"})
    assert "is newer" in finished("why", CROSSOVERS, code=1)


def test_settings_of_crossovers_are_named(finished):
    wires.change("  T_equal: {kind: equal", "  T_same: {kind: equal")
    said = finished("why", CROSSOVERS, code=1)
    assert "crossovers.T_same is new in the survey" in said and "crossovers.T_equal is no longer in the survey" in said
    wires.change("  T_same: {kind: equal, variables: [tau_phi_resonant, tau_phi_relaxation]}", "  T_equal: XX")
    wires.change("XX", "{kind: equal, variables: [tau_phi_relaxation, tau_phi_resonant]}")
    assert "crossovers.T_equal was {" in finished("why", CROSSOVERS, code=1)
    assert "up to date" in finished("why", CUBE)


def test_settings_of_a_diagram_are_named(finished):
    wires.change("x: T, y: chi", "x: T, y: chi, colormap: magma")
    assert 'diagrams.times.colormap was null, now "magma"' in finished("why", DIAGRAM, code=1)
    assert "out of date  diagram times" in finished("status", code=1)
    (RECORDS / urlsafe_b64encode(str(DIAGRAM).encode()).decode()).write_text("{")
    for kind in ("html", "svg"):
        later(DIAGRAM.with_suffix(f".{kind}"), DIAGRAM)
    assert "up to date" in finished("why", DIAGRAM)


def test_a_damaged_file_is_named(finished):
    for path in (CUBE, CROSSOVERS):
        path.write_text("no netCDF file")
        said = finished("why", path, code=1)
        assert "it is damaged" in said and "survey verify wires --delete" in said


def test_what_nothing_makes_any_more(finished):
    wires.change("times:", "other:")
    assert "has no diagram 'times': nothing makes this file" in finished("why", DIAGRAM, code=1)
    assert "has no quantity 'heat': nothing makes this file" in finished("why", "results/wires/heat.nc", code=1)
    assert "there is no quantity 'heat' any more" in finished("why", "results/store/heat/0-0-0.nc", code=1)
    assert "no survey refers to it" in finished("why", "results/store/dephasing/0-0-0.nc", code=1)


def test_a_survey_elsewhere(finished):
    FILE.rename("wires.yaml")
    assert "there is no survey 'wires'" in finished("why", CUBE, code=2)
    assert "up to date" in finished("why", CUBE, "--survey", "wires.yaml")
    Path("config/config.yaml").write_text("surveys: [wires.yaml]\n")
    assert "up to date" in finished("why", CUBE)
    Path("config/config.yaml").unlink()
    assert "name the survey of results/wires by --survey" in finished("why", CUBE, code=2)
    Path("other.yaml").write_text(Path("wires.yaml").read_text())
    assert "is the survey 'other', the file is one of 'wires'" in finished(
        "why", CUBE, "--survey", "other.yaml", code=2
    )


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("elsewhere.nc", "not below results"),
        ("results", "is a directory"),
        ("results/wires/times.pdf", "no tile, cube, crossovers or diagram by this path"),
        ("results/none/dephasing.nc", "none"),
    ],
)
def test_a_path_of_no_result_is_refused(finished, path, message):
    assert message in finished("why", path, code=2)
