"""What the server of the explorer answers: cells as they are stored, exact ones, and the numbers of `survey query`."""

import json
import os
import signal
import urllib.request

import netCDF4
import numpy as np
import pytest

from helpers import served, toy
from survey.cubes.read import open_cube
from survey.explore import views
from survey.explore.server import routes
from survey.query.answer import query
from survey.serve.app import application

AT = {"T": 0.05, "Lambda0": 1e-3, "Pd": 1e46, "chi": 0.1, "Estar": 5.0}
ASKED = {"variables": "tau_phi,status", "x": "T", "y": "chi"} | {f"at.{name}": str(value) for name, value in AT.items()}


@pytest.fixture
def client(results, monkeypatch):
    toy.register(monkeypatch, kernel="helpers.served:dephasing")
    app = application([results], routes())
    yield served.client_of(app)
    app.state.cubes.close()


def look(client, **more) -> tuple[dict, dict[str, np.ndarray]]:
    answer = client.get("/view/made/dephasing", params=ASKED | more)
    assert answer.status_code == 200, answer.text
    length = int.from_bytes(answer.content[:4], "little")
    head, start, planes = json.loads(answer.content[4 : 4 + length]), 4 + length, {}
    for name, kind in head["planes"]:
        end = start + head["cells"] * np.dtype(kind).itemsize
        planes[name] = np.frombuffer(answer.content[start:end], kind)
        start = end
    assert start == len(answer.content)
    return head, planes


def test_a_view_is_the_cells_of_the_file(client, results):
    head, planes = look(client)
    assert head["at"] == AT | {"T": head["at"]["T"]}
    with open_cube(results / "made" / "dephasing.nc") as cube:
        cells = cube["tau_phi"][:, 0, 2, :, 1]
        assert head["at"]["T"] == cube["T"][np.argmin(np.abs(np.log(cube["T"][:] / 0.05)))]
        assert planes["tau_phi"].tobytes() == cells.T.tobytes()
        assert planes["status"].tobytes() == cube["status"][:, 0, 2, :, 1].T.tobytes()
    with open_cube(results / "made" / "crossovers.nc") as file:
        line = head["crossovers"]["T_equal"]["line"]["value"]
        assert np.array_equal(np.array(line, dtype=float), file["T_equal"][0, 2, :, 1], equal_nan=True)


def test_the_number_at_the_cursor_is_that_of_a_query(client, results):
    head, _ = look(client)
    said = query(results / "made" / "dephasing.nc", "tau_phi", **AT)
    found = head["point"]["tau_phi"]
    assert found["value"] == float(said["tau_phi"]) and found["error"] == float(said["error_estimate"])
    assert found["method"] == str(said["method"].values) and found["statuses"] == ["ok"]


def test_an_exact_view_is_computed(client, results):
    head, planes = look(client, exact="1", **{"at.Lambda0": "0.0033"})
    with open_cube(results / "made" / "dephasing.nc") as cube:
        T, chi = cube["T"][:], cube["chi"][:]
    expected = served.dephasing(
        T=T[None, :], Lambda0=0.0033, Pd=1e46, chi=chi[:, None], Estar=5.0, sigma_in=1e-19, v_F=1e6, tau=1e-14,
        variables=["tau_phi", "status"],
    )  # fmt: skip
    assert np.allclose(planes["tau_phi"], expected["tau_phi"].ravel(), rtol=1e-12)
    assert head["point"]["tau_phi"]["method"] == "exact" and "dephasing version 1" in head["computed_by"]
    at = served.dephasing(
        **{name: np.array(value) for name, value in (AT | {"Lambda0": 0.0033}).items()}, sigma_in=1e-19, v_F=1e6,
        tau=1e-14, variables=["tau_phi"],
    )  # fmt: skip
    assert head["point"]["tau_phi"]["value"] == pytest.approx(float(at["tau_phi"]), rel=1e-12)


def test_a_view_as_netcdf(client, results, tmp_path):
    answer = client.get("/view.nc/made/dephasing", params=ASKED)
    (tmp_path / "view.nc").write_bytes(answer.content)
    with netCDF4.Dataset(tmp_path / "view.nc") as view, open_cube(results / "made" / "dephasing.nc") as cube:
        assert view["tau_phi"].dimensions == ("chi", "T") and view["tau_phi"].coordinates == "Lambda0 Pd Estar"
        assert view["tau_phi"][:].filled().tobytes() == cube["tau_phi"][:, 0, 2, :, 1].T.tobytes()
        assert float(view["Pd"][...]) == 1e46 and view.content_digest == cube.content_digest
        assert np.array_equal(view["status"][:], cube["status"][:, 0, 2, :, 1].T)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"variables": "tau"}, "found no variable 'tau'; allowed: tau_phi"),
        ({"x": "temperature"}, "found no axis 'temperature'"),
        ({"y": "T"}, "allowed: two of T, Lambda0"),
        ({"at.T": "warm"}, "at.T: found 'warm'; allowed: a number"),
        ({"at.T": "2"}, "T = 2 was not computed; allowed: 0.01 … 1"),
        ({"at.T": "nan"}, "T = nan was not computed"),
        ({"at.kFl": "2"}, "found no axis 'kFl'"),
    ],
)
def test_what_cannot_be_shown_is_told(client, change, message):
    answer = client.get("/view/made/dephasing", params=ASKED | change)
    assert answer.status_code == 400 and message in answer.json()["error"]


def test_pages_and_the_list_of_them(client, results):
    listed = client.get("/")
    assert 'href="/explore/made/dephasing"' in listed.text and "evidence" not in listed.text
    page = client.get("/explore/made/dephasing")
    assert page.status_code == 200 and "connect-src 'self'" in page.text and str(results) not in page.text
    header = client.get("/explore/made/virtual.json").json()
    assert header["server"]["cubes"] == ["made/dephasing"] and header["file"] == "made/virtual"
    assert client.get("/explore/made/nothing").status_code == 404
    refused = client.get("/explore/made/evidence")
    assert refused.status_code == 400 and "not a cube" in refused.json()["error"]
    assert client.get("/pictures/made/../survey.json").status_code == 404
    assert client.get("/pictures/made/survey.json").status_code == 400


def test_an_interrupt_ends_the_server_cleanly(results):
    with served.serving(results, "--no-browser", command="explore") as (address, process):
        assert urllib.request.urlopen(f"{address}explore/made/dephasing").status == 200
        os.kill(process, signal.SIGINT)
        code = os.waitpid(process, 0)[1]
    assert os.waitstatus_to_exitcode(code) in (0, 130)


def test_a_view_of_too_many_cells_is_refused(client, monkeypatch):
    monkeypatch.setattr(views, "MOST_CELLS", 20)
    answer = client.get("/view/made/dephasing", params=ASKED)
    assert answer.status_code == 413 and "21 cells; allowed: 20" in answer.json()["error"]
