"""What is answered under which address. The first line of each function is its summary in the OpenAPI document."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from itertools import chain, islice

from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, RedirectResponse, Response, StreamingResponse

from survey.serve import dap
from survey.serve.cubes import Cubes, group_of, parts_of
from survey.serve.limits import Limits
from survey.serve.listing import described, listing, whole_attributes
from survey.serve.numbers import Answer
from survey.serve.queries import WORDS, answered, as_document, as_lines, asked

JSON, TEXT, NETCDF, BYTES = "application/json", "text/plain", "application/x-netcdf", "application/octet-stream"
# A DAP answer of so many bytes is sent at once.
SMALL = 2**20


@dataclass(frozen=True)
class Endpoint:
    """An address, what answers it, the type of the answer, and what it takes beside its path, as OpenAPI says it."""

    path: str
    function: Callable[[Request], Response]
    answers: str
    parameters: tuple[dict, ...] = ()


def cubes_of(request: Request) -> Cubes:
    """The open files of the application that a request is for."""
    return request.app.state.cubes


def limits_of(request: Request) -> Limits:
    """The limits of the application that a request is for."""
    return request.app.state.limits


def as_plain_json(content: object, status: int = 200) -> Response:
    """Plain data as JSON, in which NaN and infinity do not exist."""
    text = json.dumps(content, ensure_ascii=False, allow_nan=False)
    return Response(text.encode("utf-8", "replace"), status, media_type=JSON)


def root(request: Request) -> Response:
    """The way to the list."""
    return RedirectResponse("/cubes")


def all_cubes(request: Request) -> Response:
    """All files that are served, and what each holds."""
    return as_plain_json({"cubes": listing(cubes_of(request))})


def one_cube(request: Request) -> Response:
    """What one file holds, and all its attributes."""
    cubes, name = cubes_of(request), _name(request)
    return as_plain_json(described(cubes, name) | {"attributes": cubes.keep(name, whole_attributes)})


def whole_file(request: Request) -> Response:
    """The file itself, whole or in ranges of bytes."""
    path = cubes_of(request).path(_name(request))
    return FileResponse(path, media_type=NETCDF, stat_result=path.stat())


def structure(request: Request) -> Response:
    """DAP2: the structure of a dataset, or of what is chosen of it by `?tau_phi[0:3][2],T`.

    A dataset is a file, gold_wire/dephasing, or one of the groups of a finding, synthetic_wire/evidence/evidence."""
    return PlainTextResponse(_numbers(request).structure, headers=_described("dods_dds"))


def attributes(request: Request) -> Response:
    """DAP2: the attributes of a dataset."""
    cubes, (name, group) = cubes_of(request), _dataset(request)
    with cubes.cube(name) as cube:
        text = dap.das(group_of(cube, name, group), cube)
    return PlainTextResponse(text, headers=_described("dods_das"))


def numbers(request: Request) -> Response:
    """DAP2: the numbers of a dataset, or of what is chosen of it by `?tau_phi[0:3][2],T`."""
    found = _numbers(request)
    found.check()
    headers = _described("dods_data") | {"Content-Length": str(found.length)}
    if request.method == "HEAD":
        return Response(headers=headers, media_type=BYTES)
    content = iter(found)
    if found.length <= SMALL:
        return Response(b"".join(content), headers=headers, media_type=BYTES)
    # The head and the first numbers are read before anything is sent, so that a fault is told as one.
    first = list(islice(content, 3))
    return StreamingResponse(chain(first, content), headers=headers, media_type=BYTES)


def query(request: Request) -> Response:
    """Values of a variable at T=40mK&chi=0.05..., as `survey query` gives them.

    Each axis is a parameter: a value with its unit, several separated by commas, or left out for all of the axis. Of a
    finding: GROUP/VARIABLE, a group that is a table, or of a posterior a parameter, or `probability?chi=0.05..0.1`.
    `nearest=1`: the nearest computed cells; `exact=1`: by the kernel; `format=csv`: a line for each point."""
    name, variable = _name(request), request.path_params["variable"]
    at, words = asked(request.query_params.multi_items())
    found = answered(cubes_of(request), name, variable, at, words, limits_of(request))
    if words["format"] == "csv":
        return PlainTextResponse(as_lines(variable, found), media_type="text/csv")
    return as_plain_json(as_document(variable, found))


def _name(request: Request) -> str:
    return f"{request.path_params['folder']}/{request.path_params['file']}"


def _dataset(request: Request) -> tuple[str, str | None]:
    return parts_of(request.path_params["dataset"])


def _numbers(request: Request) -> Answer:
    constraint = request.scope["query_string"].decode("latin-1")
    return Answer(cubes_of(request), *_dataset(request), constraint, limits_of(request))


def _described(kind: str) -> dict[str, str]:
    return {"XDODS-Server": "dods/3.2", "Content-Description": kind}


_VALUES = {"type": "object", "additionalProperties": {"type": "string"}, "example": {"T": "40mK,100mK", "chi": "0.05"}}
_ASKED = (
    {"name": "at", "in": "query", "style": "form", "explode": True, "schema": _VALUES},
    *({"name": name, "in": "query", "schema": {"enum": list(allowed)}} for name, allowed in WORDS.items()),
)
ENDPOINTS = (
    Endpoint("/", root, JSON),
    Endpoint("/cubes", all_cubes, JSON),
    Endpoint("/cubes/{folder}/{file}", one_cube, JSON),
    Endpoint("/files/{folder}/{file}.nc", whole_file, NETCDF),
    Endpoint("/dap/{dataset:path}.dds", structure, TEXT),
    Endpoint("/dap/{dataset:path}.das", attributes, TEXT),
    Endpoint("/dap/{dataset:path}.dods", numbers, BYTES),
    Endpoint("/query/{folder}/{file}/{variable:path}", query, JSON, _ASKED),
)
