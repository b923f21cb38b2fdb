"""/query says what `survey query` says, within limits, and computes by the kernel where that is asked for."""

import json
from time import monotonic

import numpy as np
import pytest
from click.testing import CliRunner

from helpers import served, toy
from helpers.served import client_of
from survey.cli import commands
from survey.cubes.read import open_cube
from survey.query.answer import query
from survey.serve.app import application
from survey.serve.limits import Limits

POINT = {"T": "50mK", "Lambda0": "2mK", "Pd": "3e45J^-1m^-3", "chi": "0.2", "Estar": "1K"}
KELVIN = {"T": 0.05, "Lambda0": 2e-3, "Pd": 3e45, "chi": 0.2, "Estar": 1.0}
SIGMA = {"sigma_in": 1e-19, "v_F": 1e6, "tau": 1e-14}
# chi E* is below 0.006 in the corner of the grid alone.
CORNER = POINT | {"chi": "0.012", "Estar": "0.51K"}


def asked(client, variable: str, label: str = "dephasing", status: int = 200, **at):
    answer = client.get(f"/query/made/{label}/{variable}", params=at)
    assert answer.status_code == status, answer.text
    return answer.json()


@pytest.mark.parametrize("label", ["dephasing", "virtual"])
@pytest.mark.parametrize(
    "at",
    [
        POINT,
        {name: value for name, value in POINT.items() if name != "T"},
        {"chi": "0.05"},
        POINT | {"T": "20mK,50mK,1K", "chi": "0.1"},
        CORNER,
        POINT | {"nearest": "1"},
    ],
)
def test_the_answer_is_that_of_the_command(client, results, label, at):
    words = [f"{name}={value}" for name, value in at.items() if name != "nearest"]
    options = ["--nearest"] if "nearest" in at else []
    path = str(results / "made" / f"{label}.nc")
    said = CliRunner().invoke(commands, ["query", path, "tau_phi", *words, "--format", "json", *options])
    expected = json.loads(said.stdout)
    assert expected.pop("cube") == path
    found = asked(client, "tau_phi", label, **at)
    refused = found.pop("refused", "")
    assert found.pop("cube") == f"made/{label}" and found == expected
    assert bool(refused) == (said.exit_code == 3) == any(one["method"] == "refused" for one in found["points"])


def test_a_refused_value_is_null_with_its_reason(client):
    found = asked(client, "tau_phi", **CORNER)
    assert found["points"][0]["value"] is None and "empty" in found["points"][0]["statuses"]
    assert found["refused"].startswith("made/dephasing: 1 of 1 values of tau_phi refused")


def test_crossovers_answer_too(client, results):
    at = {"Lambda0": "10mK", "Pd": "3e45J^-1m^-3", "chi": "0.1", "Estar": "1K"}
    with open_cube(results / "made" / "crossovers.nc") as cube:
        expected = query(cube, "T_equal", **at)
    found = asked(client, "T_equal", "crossovers", **at)["points"][0]
    assert found["value"] == float(expected.T_equal) and found["statuses"] == ["found"]


def test_csv_is_that_of_the_command(client, results):
    words = [f"{name}={value}" for name, value in POINT.items()]
    path = str(results / "made" / "dephasing.nc")
    said = CliRunner().invoke(commands, ["query", path, "tau_phi", *words, "--format", "csv"])
    answer = client.get("/query/made/dephasing/tau_phi", params=POINT | {"format": "csv"})
    assert answer.text == said.stdout and answer.headers["content-type"].startswith("text/csv")


def test_exact_is_the_kernel_at_the_point(client):
    expected = toy.dephasing(**KELVIN, **SIGMA, variables=("tau_phi",))["tau_phi"]
    between, exact = (asked(client, "tau_phi", **POINT, exact=exact)["points"][0] for exact in "01")
    assert exact["value"] == pytest.approx(float(expected), rel=1e-14) and exact["method"] == "computed by the kernel"
    assert abs(between["value"] / exact["value"] - 1) > 1e-6
    assert exact["cells_used"] == 0 and exact["statuses"] == ["ok"] and exact["nearest"] == between["nearest"]


def test_an_exact_plane_is_the_kernel_on_its_grid(client):
    at = {"Lambda0": "2mK", "Estar": "1K", "T": "11mK,50mK,0.9K", "Pd": "2e45J^-1m^-3,3e46J^-1m^-3"}
    found = asked(client, "tau_phi", **at, exact="1")["points"]
    assert len(found) == 3 * 2 * 3
    for one in found:
        expected = toy.dephasing(**one["at"], **SIGMA, variables=("tau_phi",))["tau_phi"]
        assert one["value"] == pytest.approx(float(expected), rel=1e-14)


def test_an_exact_answer_is_refused_by_the_kernel_s_own_status(client):
    inside = asked(client, "tau_phi", **CORNER, exact="1")["points"][0]
    assert inside["value"] is not None and inside["statuses"] == ["ok"]
    empty = asked(client, "tau_phi", **CORNER | {"chi": "0.0101"}, exact="1")
    assert empty["points"][0]["value"] is None and empty["points"][0]["statuses"] == ["empty"]
    assert "refused" in empty


def test_an_exact_flag_is_said_in_words(client):
    found = asked(client, "regime", **POINT, exact="1")["points"][0]
    assert found["value"] == 102 and found["meaning"][0] == "relaxation_dominates"


def test_the_command_computes_exactly_too(client, results):
    words = [f"{name}={value}" for name, value in POINT.items()]
    path = str(results / "made" / "dephasing.nc")
    said = CliRunner().invoke(commands, ["query", path, "tau_phi", *words, "--exact", "--format", "json"])
    found = asked(client, "tau_phi", **POINT, exact="1")
    assert json.loads(said.stdout)["points"] == found["points"] and "computed_by" in found


@pytest.mark.parametrize(
    ("variable", "at", "said"),
    [
        ("tau_phi", {"T": "40"}, "needs a unit"),
        ("tau_phi", {"T": "5K"}, "was not computed"),
        ("tau_phi", {"mass": "1kg"}, "has no axis 'mass'"),
        ("tau_phi", {"T": ""}, "without a value"),
        ("tau_phi", {"nearest": "yes"}, "found 'yes'"),
        ("tau_phi", {"T": ["1K", "0.1K"]}, "given twice"),
        ("tau", POINT, "no variable 'tau'"),
        ("T_equal", {"exact": "1"}, "no kernel computes T_equal"),
    ],
)
def test_a_fault_is_told_with_what_is_allowed(client, variable, at, said):
    label = "crossovers" if variable == "T_equal" else "dephasing"
    found = asked(client, variable, label, status=400, **at)
    assert said in found["error"] and "allowed" in found["error"]


@pytest.mark.parametrize("limits", [Limits(points=419), Limits(seconds=1e-9)])
def test_an_answer_beyond_a_limit_is_refused_before_a_cell_is_read(results, monkeypatch, limits):
    app = application([results], limits=limits)
    monkeypatch.setattr("survey.query.answer.interpolated", None)
    found = asked(client_of(app), "tau_phi", status=413)
    assert ("has 420 points; allowed: 419" in found["error"]) == (limits.points == 419)


@pytest.mark.parametrize("kernel", ["slow", "slow_cells"])
def test_a_kernel_that_takes_long_is_stopped_near_its_limit(results, monkeypatch, kernel):
    """420 points: with `slow` each call takes 0.2 s; with `slow_cells` all of them 0.7 s, most of it the hottest."""
    limit, compiled = 0.4, 0.2
    toy.register(monkeypatch, kernel=f"helpers.served:{kernel}")
    client = client_of(application([results], limits=Limits(seconds=limit)))
    started = monotonic()
    found = asked(client, "tau_phi", status=413, exact="1")
    assert monotonic() - started < 2 * limit + compiled + 0.5
    assert "the kernel of dephasing takes" in found["error"] and "ask for fewer points" in found["error"]


def test_a_plane_that_takes_too_long_is_refused_after_its_first_part(results, monkeypatch):
    toy.register(monkeypatch, kernel="helpers.served:slow_cells")
    calls = []
    kernel = served.slow_cells
    monkeypatch.setattr(served, "slow_cells", lambda **given: calls.append(given["T"].size) or kernel(**given))
    client = client_of(application([results], limits=Limits(seconds=0.3)))
    assert "takes about" in asked(client, "tau_phi", status=413, exact="1", T="0.95K")["error"]
    # To compile, three cells to tell how large a part may be, and a part.
    assert len(calls) == 5


def test_the_parts_of_an_exact_answer_are_the_answer(client, results, monkeypatch):
    at = {"Lambda0": "2mK", "T": "11mK,50mK,0.9K", "Estar": "1K"}
    whole = asked(client, "tau_phi", **at, exact="1")
    toy.register(monkeypatch, kernel="helpers.served:slow_cells")
    parts = asked(client_of(application([results], limits=Limits(seconds=1.0))), "tau_phi", **at, exact="1")
    assert parts["points"] == whole["points"]


def test_numbers_of_an_exact_answer_have_no_nan(client):
    text = client.get("/query/made/dephasing/tau_phi", params={"exact": "1", "T": "50mK"}).text
    assert "NaN" not in text and "Infinity" not in text and np.isfinite(json.loads(text)["points"][-1]["value"])
