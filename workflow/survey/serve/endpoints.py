"""What is answered under which address. Each function is one address; what it says of itself is in the table ENDPOINTS,
from which the routes and the OpenAPI document are made."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import chain, islice

from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, RedirectResponse, Response, StreamingResponse

from survey.errors import SurveyError
from survey.query.answer import answer
from survey.query.cells import check_size
from survey.query.formats import as_csv, as_json, refusals
from survey.query.parts import cost
from survey.serve import dap
from survey.serve.cubes import Cubes, group_of, parts_of
from survey.serve.faults import NotThere, TooLarge
from survey.serve.limits import Limits
from survey.serve.listing import described, listing, whole_attributes
from survey.serve.numbers import Answer
from survey.words import count

NETCDF = "application/x-netcdf"
# A part of a query that is no axis, and what it may be.
_WORDS = {"nearest": ("0", "1"), "exact": ("0", "1"), "format": ("json", "csv")}


@dataclass(frozen=True)
class Endpoint:
    """An address with what answers it, and what the OpenAPI document says of it."""

    path: str
    function: Callable[[Request], Response]
    summary: str
    answers: str
    parameters: Mapping[str, str] = field(default_factory=dict)


def cubes_of(request: Request) -> Cubes:
    return request.app.state.cubes


def limits_of(request: Request) -> Limits:
    return request.app.state.limits


def as_plain_json(content: object, status: int = 200) -> Response:
    """Plain data as JSON, in which NaN and infinity do not exist."""
    text = json.dumps(content, ensure_ascii=False, allow_nan=False, indent=1)
    return Response(text, status, media_type="application/json")


def root(request: Request) -> Response:
    return RedirectResponse("/cubes")


def all_cubes(request: Request) -> Response:
    return as_plain_json({"cubes": listing(cubes_of(request))})


def one_cube(request: Request) -> Response:
    cubes, name = cubes_of(request), _name(request)
    return as_plain_json(described(cubes, name) | {"attributes": cubes.keep(name, whole_attributes)})


def whole_file(request: Request) -> Response:
    path = cubes_of(request).path(_name(request))
    return FileResponse(path, media_type=NETCDF, stat_result=path.stat())


def structure(request: Request) -> Response:
    answer = _numbers(request)
    text = answer.head.decode().removesuffix("\nData:\n")
    return PlainTextResponse(text, headers=_described("dods_dds"))


def attributes(request: Request) -> Response:
    cubes, (name, group) = cubes_of(request), _dataset(request)
    with cubes.cube(name) as cube:
        text = dap.das(group_of(cube, name, group), cube)
    return PlainTextResponse(text, headers=_described("dods_das"))


def numbers(request: Request) -> Response:
    found = _numbers(request)
    headers = _described("dods_data") | {"Content-Length": str(found.length)}
    if request.method == "HEAD":
        return Response(headers=headers, media_type="application/octet-stream")
    # The head and the first numbers are read before anything is sent, so that a fault is told as one.
    content = iter(found)
    first = list(islice(content, 3))
    return StreamingResponse(chain(first, content), headers=headers, media_type="application/octet-stream")


def query(request: Request) -> Response:
    cubes, limits, name = cubes_of(request), limits_of(request), _name(request)
    variable = request.path_params["variable"]
    at, words = _asked(request)
    with cubes.cube(name) as cube:
        found = answer(
            cube, variable, at, nearest=words["nearest"] == "1", check=lambda *used: _check_points(limits, *used)
        )
    found[2]["cube"] = name
    if words["format"] == "csv":
        return PlainTextResponse(as_csv(variable, *found) + "\n", media_type="text/csv")
    content = json.loads(as_json(variable, *found))
    if refused := refusals(variable, *found):
        content["refused"] = refused
    return as_plain_json(content)


def _asked(request: Request) -> tuple[dict[str, str], dict[str, str]]:
    """The values of the axes as texts, and the words beside them."""
    at, words = {}, {name: allowed[0] for name, allowed in _WORDS.items()}
    for name, value in request.query_params.multi_items():
        if name in _WORDS:
            if value not in _WORDS[name]:
                raise SurveyError(f"{name}: found {value!r}; allowed: {' or '.join(_WORDS[name])}")
            words[name] = value
        elif name in at:
            raise SurveyError(f"{name} is given twice; allowed: once, several values as {name}={at[name]},{value}")
        elif not value:
            raise SurveyError(f"found {name!r} without a value; allowed: AXIS=VALUE, e.g. T=40mK")
        else:
            at[name] = value
    return at, words


def _check_points(limits: Limits, used: Mapping, around: Mapping) -> None:
    """TooLarge if a query has more points, or takes longer, than is allowed."""
    check_size(used, around)
    points = 1
    for stencils in used.values():
        points *= len(stencils)
    if points > limits.points:
        raise TooLarge(
            f"the answer has {count(points, 'point')}; allowed: {limits.points:,}; fix more axes, or use DAP"
        )
    if cost(used, around) > limits.seconds:
        raise TooLarge(f"the answer takes longer than {limits.seconds:g} s; ask for less at a time")


def _name(request: Request) -> str:
    return f"{request.path_params['folder']}/{request.path_params['file']}"


def _dataset(request: Request) -> tuple[str, str | None]:
    name, group = parts_of(request.path_params["dataset"])
    if group is not None and "/" in group:
        raise NotThere(f"{name}: it has no group {group!r}; allowed: the groups that /cubes/{name} lists")
    return name, group


def _numbers(request: Request) -> Answer:
    return Answer(
        cubes_of(request), *_dataset(request), request.scope["query_string"].decode("latin-1"), limits_of(request)
    )


def _described(kind: str) -> dict[str, str]:
    return {"XDODS-Server": "dods/3.2", "Content-Description": kind}


_CUBE = {"folder": "The survey.", "file": "The label of a quantity, or `crossovers`, `evidence`, ..."}
_DATASET = {"dataset": "A name, gold_wire/dephasing; of a finding with its group, gold_wire/evidence/evidence."}
ENDPOINTS = (
    Endpoint("/", root, "Leads to the list", "A redirection to /cubes"),
    Endpoint("/cubes", all_cubes, "All files that are served, and what each holds", "application/json"),
    Endpoint(
        "/cubes/{folder}/{file}", one_cube, "What one file holds, with all its attributes", "application/json", _CUBE
    ),
    Endpoint("/files/{folder}/{file}.nc", whole_file, "The file itself, whole or in ranges of bytes", NETCDF, _CUBE),
    Endpoint("/dap/{dataset:path}.dds", structure, "DAP2: the structure of a dataset", "text/plain", _DATASET),
    Endpoint("/dap/{dataset:path}.das", attributes, "DAP2: the attributes of a dataset", "text/plain", _DATASET),
    Endpoint(
        "/dap/{dataset:path}.dods",
        numbers,
        "DAP2: numbers, as of ?tau_phi[0:3][2],T",
        "application/octet-stream",
        _DATASET,
    ),
    Endpoint(
        "/query/{folder}/{file}/{variable}",
        query,
        "Values of a variable at T=40mK&chi=0.05..., interpolated as by `survey query`",
        "application/json",
        _CUBE | {"variable": "A variable of the cube."},
    ),
)
