"""Files whole and in ranges, the list of them, the allow-list, files that change or are damaged, limits; no path of the
machine in any answer."""

import json
import os
import shutil
import subprocess
import threading

import httpx
import netCDF4
import numpy as np
import pytest

from helpers import served
from survey.errors import SurveyError
from survey.serve import numbers
from survey.serve.app import application
from survey.serve.cubes import OPEN, Cubes
from survey.serve.limits import Limits
from survey.serve.numbers import Answer

NAMES = ["made/crossovers", "made/dephasing", "made/evidence", "made/found", "made/virtual"]
POINT = {"T": "10mK", "Lambda0": "1mK", "Pd": "1e45J^-1m^-3", "chi": "0.3", "Estar": "5K"}


@pytest.fixture
def copied(results, tmp_path):
    """A folder of results to change."""
    return shutil.copytree(results, tmp_path / "results")


def value(client, label="dephasing") -> float | None:
    answer = client.get(f"/query/made/{label}/tau_phi", params=POINT)
    assert answer.status_code == 200, answer.text
    return answer.json()["points"][0]["value"]


def test_the_file_is_served_bit_by_bit(client, results):
    content = (results / "made" / "dephasing.nc").read_bytes()
    answer = client.get("/files/made/dephasing.nc")
    assert answer.content == content and answer.headers["accept-ranges"] == "bytes"
    head = client.head("/files/made/dephasing.nc")
    assert head.headers["content-length"] == str(len(content)) and not head.content
    for first, last in ((0, 0), (100, 199), (len(content) - 5, len(content) - 1)):
        part = client.get("/files/made/dephasing.nc", headers={"Range": f"bytes={first}-{last}"})
        assert part.status_code == 206 and part.content == content[first : last + 1]
        assert part.headers["content-range"] == f"bytes {first}-{last}/{len(content)}"
    tail = client.get("/files/made/dephasing.nc", headers={"Range": "bytes=-7"})
    assert tail.content == content[-7:]
    beyond = client.get("/files/made/dephasing.nc", headers={"Range": f"bytes={len(content)}-"})
    assert beyond.status_code == 416
    other = {"Range": "bytes=0-9", "If-Range": '"of another file"'}
    assert client.get("/files/made/dephasing.nc", headers=other).content == content


def test_the_list_says_what_each_file_holds(client):
    listed = {one["name"]: one for one in client.get("/cubes").json()["cubes"]}
    assert sorted(listed) == NAMES
    cube = listed["made/dephasing"]
    assert cube["kind"] == "cube" and listed["made/virtual"]["kind"] == "virtual cube"
    assert listed["made/crossovers"]["kind"] == "crossovers" and listed["made/evidence"]["kind"] == "finding"
    assert cube["axes"][0] | {"long_name": ""} == {
        "name": "T",
        "size": 7,
        "long_name": "",
        "units": "K",
        "symbol": "T",
        "lowest": 0.01,
        "highest": 1.0,
    }
    variables = {one["name"]: one for one in cube["variables"]}
    assert variables["tau_phi"]["units"] == "s" and variables["status"]["flags"]["empty"] == 3
    for asked in listed["made/found"]["askable"]:
        ranges = {"chi": "0.01..0.1"} if asked == "probability" else {}
        assert client.get(f"/query/made/found/{asked}", params=ranges).status_code == 200
    links = cube["links"]
    addresses = [links["file"], links["about"], f"{links['dap']}.dds", f"{links['query']}/tau_phi?T=50mK"]
    assert [client.get(address).status_code for address in addresses] == [200] * 4
    assert list(listed["made/evidence"]["groups"]) == ["evidence", "words", "prior", "huge"]


def test_one_file_says_all_its_attributes(client, results):
    found = client.get("/cubes/made/dephasing").json()["attributes"]
    with netCDF4.Dataset(results / "made" / "dephasing.nc") as cube:
        assert set(found) == set(cube.ncattrs())
        assert found["configuration"] == json.loads(cube.configuration)
        assert found["promised_accuracy"] == cube.promised_accuracy


def test_a_file_a_survey_and_all_results_have_the_same_names(results, tmp_path):
    assert Cubes([results]).names() == Cubes([results / "made"]).names() == NAMES
    assert Cubes([results / "made" / "virtual.nc"]).names() == ["made/virtual"]
    assert Cubes([results, results / "made"]).names() == NAMES
    other = shutil.copytree(results / "made", tmp_path / "made")
    with pytest.raises(SurveyError, match=r"would both be served as made/crossovers; "):
        Cubes([results, other])


@pytest.mark.parametrize("place", ["nothing", "empty", "text.txt/in"])
def test_a_place_without_results_is_refused(tmp_path, place):
    (tmp_path / "empty").mkdir()
    with pytest.raises(SurveyError, match=r"allowed: "):
        Cubes([tmp_path / place])


OUTSIDE = [
    "/files/made/../made.yaml.nc",
    "/files/made/..%2f..%2fmade.nc",
    "/files/%2e%2e/made.nc",
    "/files/store/dephasing.nc",
    "/files/made/nothing.nc",
    "/files//etc/passwd",
    "/dap/..%2f..%2fetc/passwd.dds",
    "/dap/made/evidence/nothing.das",
    "/dap/made/dephasing/evidence.das",
    "/dap/made/evidence/evidence/evidence.das",
    "/dap/made.dds",
    "/dap/.dds",
    "/cubes/made/%00",
    "/query/made/nothing/tau_phi",
    "/nothing",
]


@pytest.mark.parametrize("path", OUTSIDE)
def test_what_is_not_on_the_list_is_not_there(client, path):
    for method in ("GET", "HEAD"):
        assert client.request(method, path).status_code == 404


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"])
@pytest.mark.parametrize("path", ["/cubes", "/files/made/dephasing.nc", "/dap/made/dephasing.dods", "/openapi.json"])
def test_nothing_but_reading_is_allowed(client, method, path):
    answer = client.request(method, path)
    assert answer.status_code == 405 and sorted(answer.headers["allow"].split(", ")) == ["GET", "HEAD"]


def test_the_size_of_an_answer_is_bounded_before_reading(results, monkeypatch):
    client = served.client_of(application([results], limits=Limits(bytes=420 * 8)))
    assert client.get("/dap/made/dephasing.dods?tau_phi").status_code == 200
    monkeypatch.setattr("survey.serve.numbers.read_region", None)
    answer = client.get("/dap/made/dephasing.dods?tau_phi,T[0]")
    assert answer.status_code == 413
    assert answer.text.startswith('Error {\n    code = 403;\n    message = "Request too big=3368, max=3360: ')
    assert client.get("/dap/made/dephasing.dds").status_code == 200


def test_what_lies_between_the_cells_of_a_step_counts_where_it_is_read(results):
    client = served.client_of(application([results], limits=Limits(bytes=100)))
    assert client.get("/dap/made/dephasing.dods?T[0:6:6]").status_code == 200
    answer = client.get("/dap/made/dephasing.dods?tau_phi[0:6:6][0:1][0:4:4][0][0]")
    assert answer.status_code == 413 and "have to be read" in answer.text


def test_an_answer_does_not_mix_two_files(copied, monkeypatch):
    monkeypatch.setattr(numbers, "PART_CELLS", 60)
    cubes = Cubes([copied])
    answer = Answer(cubes, "made/dephasing", None, "tau_phi", Limits())
    answer.check()
    parts = iter(answer)
    begun = [next(parts) for _ in range(4)]
    path = copied / "made" / "dephasing.nc"
    shutil.copy(path, path.with_name("same"))
    os.replace(path.with_name("same"), path)
    with pytest.raises(SurveyError, match="the file was replaced meanwhile; ask again"):
        list(parts)
    assert sum(map(len, begun)) < answer.length
    cubes.close()


def test_time_is_bounded_too(results):
    client = served.client_of(application([results], limits=Limits(seconds=0)))
    assert client.get("/dap/made/dephasing.dods?tau_phi").status_code == 413


@pytest.mark.parametrize("label", ["dephasing", "virtual"])
def test_a_file_that_is_replaced_is_opened_anew(copied, label):
    path = copied / "made" / f"{label}.nc"
    client = served.client_of(application([copied]))
    before = value(client, label)
    with netCDF4.Dataset(copied / "made" / "dephasing.nc") as cube:
        other = cube["tau_phi"][1, 0, 0, 2, 1]
    with netCDF4.Dataset(path.with_name("other.nc"), "w") as cube, netCDF4.Dataset(path) as old:
        for name, dimension in old.dimensions.items():
            cube.createDimension(name, len(dimension) - (name == "T"))
        for name in (*old.dimensions, "tau_phi"):
            created = cube.createVariable(name, "f8", old[name].dimensions)
            created.units = old[name].units
            created[:] = old[name][1:] if "T" in old[name].dimensions else old[name][:]
        cube["T"][:] = old["T"][:-1]
    os.replace(path.with_name("other.nc"), path)
    assert before != other and value(client, label) == other
    assert "T[T = 6]" in client.get(f"/dap/made/{label}.dds").text
    described = next(one for one in client.get("/cubes").json()["cubes"] if one["name"] == f"made/{label}")
    assert described["axes"][0]["size"] == 6 and described["bytes"] == path.stat().st_size


def test_a_file_that_goes_is_gone_and_a_new_one_is_there(copied):
    client = served.client_of(application([copied]))
    assert value(client) is not None
    (copied / "made" / "dephasing.nc").rename(copied / "made" / "renamed.nc")
    assert client.get("/query/made/dephasing/tau_phi", params=POINT).status_code == 404
    assert value(client, "renamed") is not None
    assert "made/renamed" in [one["name"] for one in client.get("/cubes").json()["cubes"]]


def every_answer(client, label: str):
    for path in (f"/cubes/made/{label}", f"/dap/made/{label}.dds", f"/dap/made/{label}.das"):
        yield client.get(path)
    yield client.get(f"/dap/made/{label}.dods?tau_phi[0][0][0][0][0]")
    yield client.get(f"/query/made/{label}/tau_phi", params=POINT)


@pytest.mark.parametrize("damage", ["text", "half", "header", "cells"])
def test_a_damaged_file_is_named_without_its_path(copied, damage):
    path = copied / "made" / "dephasing.nc"
    content = bytearray(path.read_bytes())
    if damage == "cells":
        with netCDF4.Dataset(path) as cube:
            place = content.index(np.asarray(cube["tau_phi"][...]).tobytes()[:64])
        content[place + 3] ^= 1
    elif damage == "header":
        for place in range(600, len(content) // 2, 97):
            content[place] ^= 0x55
    path.write_bytes({"text": b"no cube", "half": content[: len(content) // 2]}.get(damage, content))
    client = served.client_of(application([copied]))
    answers = (
        list(every_answer(client, "dephasing"))[-2:] if damage == "cells" else list(every_answer(client, "dephasing"))
    )
    for answer in answers:
        assert answer.status_code == 500 and "made/dephasing" in answer.text and str(copied) not in answer.text
    listed = {one["name"]: one for one in client.get("/cubes").json()["cubes"]}
    assert sorted(listed) == NAMES and ("error" in listed["made/dephasing"]) == (damage != "cells")
    assert value(client, "virtual") is not None


@pytest.mark.parametrize("damage", ["missing", "text"])
def test_a_missing_or_damaged_tile_is_named_without_its_path(copied, damage):
    client = served.client_of(application([copied]))
    for tile in (copied / "store" / "dephasing").glob("*.nc"):
        tile.unlink() if damage == "missing" else tile.write_text("no tile")
    answers = list(every_answer(client, "virtual"))[-2:]
    for answer in answers:
        assert answer.status_code == 500, answer.text
        assert ".nc" in answer.text and str(copied.parent) not in answer.text and "/tmp" not in answer.text


def test_more_files_than_are_kept_open(results, tmp_path):
    for number in range(OPEN + 5):
        shutil.copy(results / "made" / "dephasing.nc", tmp_path / f"cube{number}.nc")
    client = served.client_of(application([tmp_path]))
    before = len(os.listdir("/proc/self/fd"))
    for name in [one["name"] for one in client.get("/cubes").json()["cubes"]] * 2:
        assert client.get(f"/dap/{name}.dods?tau_phi").status_code == 200
    assert len(os.listdir("/proc/self/fd")) - before <= OPEN + 2
    client.app.state.cubes.close()


def test_many_threads_read_what_one_reads(client):
    paths = ["/dap/made/dephasing.dods", "/dap/made/virtual.dods", "/cubes", "/dap/made/evidence/evidence.dods"]
    paths += [f"/query/made/{label}/tau_phi?T=50mK" for label in ("dephasing", "virtual")]
    expected = {path: client.get(path).content for path in paths}
    wrong = []

    def ask(turn: int) -> None:
        for place in range(12):
            path = paths[(turn + place) % len(paths)]
            answer = client.get(path)
            if answer.status_code != 200 or answer.content != expected[path]:
                wrong.append((path, answer.status_code))

    threads = [threading.Thread(target=ask, args=(turn,)) for turn in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_the_document_has_every_address_and_every_part_of_it(client):
    said = client.get("/openapi.json").json()
    assert said["openapi"].startswith("3.1") and said["info"]["version"]
    assert {"/cubes", "/dap/{dataset}.dods", "/files/{folder}/{file}.nc", "/query/{folder}/{file}/{variable}"} <= set(
        said["paths"]
    )
    for path, each in said["paths"].items():
        taken = {one["name"] for one in each["get"]["parameters"] if one["in"] == "path"}
        assert taken == {part.partition("}")[0] for part in path.split("{")[1:]}
        assert each["get"]["summary"] and set(each["get"]["responses"]) >= {"200", "400", "404"}
    names = [each["get"]["operationId"] for each in said["paths"].values()]
    assert len(set(names)) == len(names)
    asked = said["paths"]["/query/{folder}/{file}/{variable}"]["get"]["parameters"]
    assert {"nearest", "exact", "format", "at"} <= {one["name"] for one in asked}


def test_further_routes_come_first_and_find_the_cubes(results):
    from starlette.responses import PlainTextResponse
    from starlette.routing import Route

    def page(request):
        """A page."""
        if "fault" in request.query_params:
            raise SurveyError(f"{results}/made/dephasing.nc: wrong; allowed: right")
        with request.app.state.cubes.cube("made/dephasing") as cube:
            return PlainTextResponse(" ".join(cube.dimensions))

    client = served.client_of(application([results], routes=[Route("/", page)]))
    assert client.get("/").text == "T Lambda0 Pd chi Estar"
    fault = client.get("/?fault=1")
    assert fault.status_code == 400 and fault.json() == {"error": "made/dephasing: wrong; allowed: right"}
    assert client.get("/openapi.json").json()["paths"]["/"]["get"]["summary"] == "A page."


def test_the_command_refuses_what_it_cannot_serve(tmp_path, results):
    def said(*arguments):
        done = subprocess.run([served.BIN / "survey", "serve", *map(str, arguments)], capture_output=True, text=True)
        assert done.returncode == 2 and "Traceback" not in done.stderr
        return done.stderr

    assert "allowed: netCDF files, folders of results" in said(tmp_path / "nothing")
    with served.serving(results) as (address, _):
        port = address.rpartition(":")[2]
        assert f"127.0.0.1:{port}: cannot be listened at" in said(results, "--port", port)
    assert "cannot be listened at" in said(results, "--host", "no.such.host.invalid")


def test_several_processes_answer_on_one_port(results):
    with served.serving(results, "--workers", "2") as (address, _):
        for _ in range(20):
            answer = httpx.get(f"{address}/query/made/dephasing/tau_phi", params=POINT, timeout=60)
            assert answer.status_code == 200
