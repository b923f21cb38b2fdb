"""Every reason for which a file is stale is told, and none is told of a file that is not."""

import html
import json
import os
from pathlib import Path

import netCDF4
import pytest

import physics
from helpers import toy, wires
from helpers.wires import CROSSOVERS, CUBE, FILE, STORE
from survey.config.load import load_survey
from survey.store import origins, stamps
from survey.store.netcdf import seal

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
    draw(origins.of_diagram(load_survey(FILE), "times"))
    return survey


def draw(made):
    """Stand-ins for the files of a diagram, with what they say that they were made from."""
    text = json.dumps(made)
    DIAGRAM.write_bytes(b"\x89PNG tEXtmade_from\0" + text.encode() + b"\x07\xffIDAT")
    DIAGRAM.with_suffix(".html").write_text(f'<meta name="made_from" content="{html.escape(text)}">\n<body>')
    DIAGRAM.with_suffix(".svg").write_text(f"<dc:description>made_from: {html.escape(text, quote=False)}\nSlice: none")


def later(path: Path, *than: Path) -> None:
    time = max(each.stat().st_mtime for each in than) + 10
    os.utime(path, (time, time))


def test_what_is_up_to_date_is_said_to_be(finished):
    for path in (*(tile.path(STORE) for tile in wires.tiles()), CUBE, CROSSOVERS, DIAGRAM, wires.PAGE):
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
            "dephasing: {options: {convention: published}}",
            "options.convention is consistent in the cube and published in the survey",
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


def test_times_say_nothing(finished):
    tile = wires.tiles()[1].path(STORE)
    for one, other in ((tile, CUBE), (CUBE, CROSSOVERS), (CROSSOVERS, DIAGRAM), (DIAGRAM, tile), (CROSSOVERS, CUBE)):
        later(one, other)
        assert all("up to date" in finished("why", path) for path in (tile, CUBE, CROSSOVERS, DIAGRAM))
        assert "wires: done" in finished("status")


def test_an_older_file_in_its_place_is_named(finished):
    old = {path: path.read_bytes() for path in (CUBE, CROSSOVERS)}
    wires.change("Estar: {values: [1 K, 10 K]}", "Estar: {values: [1 K]}")
    for tile in wires.tiles():
        finished("tile", FILE, tile.digest)
    finished("assemble", FILE, "dephasing")
    assert f"it was made from another {CUBE}" in finished("why", CROSSOVERS, code=1)
    assert f"it was made from another {CUBE}" in finished("why", DIAGRAM, code=1)
    finished("crossovers", FILE)
    finished("page", FILE, "dephasing")
    draw(origins.of_diagram(load_survey(FILE), "times"))
    assert "wires: done" in finished("status")
    new = CUBE.read_bytes()
    CUBE.write_bytes(old[CUBE])
    assert "axes.Estar: only the cube has 10" in finished("why", CUBE, code=1)
    assert "up to date" in finished("why", CROSSOVERS)
    CUBE.write_bytes(new)
    CROSSOVERS.write_bytes(old[CROSSOVERS])
    later(CROSSOVERS, CUBE)
    assert f"it was made from another {CUBE}" in finished("why", CROSSOVERS, code=1)


def test_files_that_do_not_say_what_they_were_made_from_are_out_of_date(finished):
    with netCDF4.Dataset(CROSSOVERS, "a") as dataset:
        dataset.delncattr(origins.MADE_FROM)
        seal(dataset)
    for suffix in (".png", ".html", ".svg"):
        draw(origins.of_diagram(load_survey(FILE), "times"))
        DIAGRAM.with_suffix(suffix).write_bytes(b"made_from: {")
        for path in (CROSSOVERS, DIAGRAM):
            assert "it does not say what it was made from" in finished("why", path, code=1)


def test_another_promised_accuracy_is_named(finished, monkeypatch):
    toy.register(monkeypatch, accuracy=1e-7)
    assert "the promised accuracy is 1e-08 in the cube and 1e-07 in the code" in finished("why", CUBE, code=1)
    for path in (CROSSOVERS, DIAGRAM):
        assert f"its source {CUBE} is out of date (the promised accuracy" in finished("why", path, code=1)


def test_without_a_tile_the_cube_is_made_again_and_nothing_from_it(finished):
    wires.tiles()[0].path(STORE).unlink()
    assert "1 of its 2 tiles is not in the store" in finished("why", CUBE, code=1)
    assert "up to date" in finished("why", CROSSOVERS) and "up to date" in finished("why", DIAGRAM)


def test_without_its_cube_a_file_is_out_of_date(finished):
    CUBE.unlink()
    for path in (CROSSOVERS, DIAGRAM):
        assert f"its source {CUBE} is out of date (it does not exist)" in finished("why", path, code=1)


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
    draw(origins.of_diagram(load_survey(FILE), "times"))
    assert "up to date" in finished("why", DIAGRAM)


def test_a_damaged_file_is_named(finished):
    for path in (CUBE, CROSSOVERS):
        path.write_text("no netCDF file")
        said = finished("why", path, code=1)
        assert "it is damaged" in said and "delete" not in said


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
        ("results/wires/times.pdf", "no tile, cube, crossovers, diagram or page by this path"),
        ("results/none/dephasing.nc", "none"),
    ],
)
def test_a_path_of_no_result_is_refused(finished, path, message):
    assert message in finished("why", path, code=2)


def test_a_page_says_what_it_was_made_from(finished):
    page = wires.PAGE
    wires.change("x: T, y: chi", "x: chi, y: T")
    assert "page.beginning was" in finished("why", page, code=1)
    finished("page", FILE, "dephasing")
    assert finished("why", page) == f"{page}: up to date\n"
    wires.change("[tau_phi_resonant, tau_phi_relaxation]", "[tau_phi_relaxation, tau_phi_resonant]")
    assert f"its source {CROSSOVERS} is out of date" in finished("why", page, code=1)
    page.write_text("<html>")
    assert "it does not say what it was made from" in finished("why", page, code=1)
    assert "nothing makes this file" in finished("why", page.with_name("others.html"), code=1)


def test_the_index_is_out_of_date_if_a_survey_in_it_changed(finished):
    index = Path("results/index.html")
    assert "it does not exist" in finished("why", index, code=1)
    finished("index", FILE)
    assert finished("why", index) == f"{index}: up to date\n"
    wires.change("title: Toy survey", "title: Another survey")
    assert "what it says of wires" in finished("why", index, code=1)
