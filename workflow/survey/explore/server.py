"""What `survey explore` answers beside the files: the list of cubes, the page of each, and its views."""

import json
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from threading import Lock, Thread

import netCDF4
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, Response
from starlette.routing import Route

from physics.parameters import ParameterError
from survey.config.load import load_survey
from survey.cubes.read import open_cube
from survey.errors import SurveyError
from survey.explore import exact, views
from survey.explore.describe import crossovers_beside, describe, plain
from survey.explore.index import listed, verdict
from survey.explore.overlays import overlays, predicted
from survey.explore.page import rendered
from survey.store import origins
from survey.store.owner import owner

_AT = "at."
_headers: dict[tuple, dict] = {}
_warm: set[str] = set()
_computing = Lock()


def routes() -> list[Route]:
    """The addresses of the explorer, for `survey.serve.app.application`."""
    return [
        Route("/", _all),
        Route("/explore/{folder}/{file}.json", _described),
        Route("/explore/{folder}/{file}", _page),
        Route("/view/{folder}/{file}", _view),
        Route("/view.nc/{folder}/{file}", _netcdf),
        Route("/pictures/{folder}/{picture}", _picture),
    ]


def _all(request: Request) -> Response:
    """The list of all cubes, with the pictures that lie beside them."""
    cubes = request.app.state.cubes
    folders: dict[str, dict] = {}
    for name in _names(cubes):
        header = _header(cubes, name)
        folder, file = name.split("/")
        path = cubes.path(name)
        entry = folders.setdefault(folder, _entry(folder, path.parent))
        numbers = [f"{one['symbol']} ({len(one['values'])})" for one in header["axes"].values()]
        entry["cubes"].append(
            {
                "label": file,
                "what": header["title"],
                "axes": numbers,
                "page": f"/explore/{name}",
                "file": f"/files/{name}.nc",
                "ask": "",
            }
        )
    return HTMLResponse(listed(list(folders.values()), served=True))


def _entry(folder: str, path: Path) -> dict:
    survey = _survey(path)
    titles = {name: each.title or name.replace("_", " ") for name, each in survey.diagrams.items()} if survey else {}
    pictures = [
        {"file": f"/pictures/{folder}/{name}", "title": title}
        for name, title in titles.items()
        if (path / "diagrams" / f"{name}.png").is_file()
    ]
    return {
        "name": folder,
        "title": survey.title if survey else folder,
        "pictures": pictures,
        "cubes": [],
        "files": {},
        "verdict": verdict(path / "evidence.nc"),
    }


def _picture(request: Request) -> Response:
    """A picture of a diagram, or its interactive page."""
    cubes, folder = request.app.state.cubes, request.path_params["folder"]
    beside = next((name for name in cubes.names() if name.startswith(f"{folder}/")), None)
    wanted = request.path_params["picture"]
    if beside is not None:
        for path in (cubes.path(beside).parent / "diagrams").glob("*.*"):
            if path.name == wanted and path.suffix in (".png", ".html", ".svg"):
                return FileResponse(path)
    raise SurveyError(f"found no picture {wanted!r}")


def _page(request: Request) -> Response:
    """The page of a cube, which asks this server for its numbers."""
    cubes, name = request.app.state.cubes, _name(request)
    header = _header(cubes, name)
    _warm_up(cubes, name)
    return HTMLResponse(rendered(_with_server(cubes, header), "", None))


def _described(request: Request) -> Response:
    """What the page of a cube knows beside its numbers."""
    cubes, name = request.app.state.cubes, _name(request)
    text = json.dumps(plain(_with_server(cubes, _header(cubes, name))), ensure_ascii=False, allow_nan=False)
    _warm_up(cubes, name)
    return Response(text.encode(), media_type="application/json")


def _view(request: Request) -> Response:
    """The cells of a view, with crossovers and the numbers at the cursor, in bytes."""
    cubes, name = request.app.state.cubes, _name(request)
    described = _header(cubes, name)["crossovers"]
    asked, arrays, head = _looked(cubes, name, request)
    with cubes.cube(name) as cube:
        if not asked.exact:
            head["point"] = views.point(cube, asked)
        lengths = {axis: len(dimension) for axis, dimension in cube.dimensions.items()}
        if described:
            with open_cube(crossovers_beside(cubes.path(name))) as file:
                head["crossovers"] = views.crossovers(file, described, asked, lengths)
    return Response(views.as_bytes(head, arrays), media_type="application/octet-stream")


def _netcdf(request: Request) -> Response:
    """The cells of a view as a netCDF file."""
    cubes, name = request.app.state.cubes, _name(request)
    asked, arrays, head = _looked(cubes, name, request)
    note = f"computed by {head['computed_by']}" if asked.exact else f"cells of {name}"
    with cubes.cube(name) as cube:
        content = views.as_netcdf(cube, asked, arrays, head["at"], note)
    return Response(content, media_type="application/x-netcdf")


def _looked(cubes, name: str, request: Request) -> tuple[views.Asked, dict, dict]:
    """What is asked, the cells of the view, and what is said of them. Whoever computes does not hold the files."""
    with cubes.cube(name) as cube:
        asked = views.checked(cube, _asked(request))
        how = exact.known(cube) if asked.exact else None
        arrays, viewed = views.stored(cube, asked) if how is None else ({}, {})
    if how is None:
        return asked, arrays, {"at": viewed, "crossovers": {}}
    with _computing:
        arrays, viewed = exact.computed(how, asked)
        said = {"point": exact.exact_point(how, asked), "computed_by": exact.computed_by(how)}
    return asked, arrays, {"at": viewed, "crossovers": {}} | said


def _asked(request: Request) -> views.Asked:
    said = request.query_params
    at = {}
    for name, text in said.items():
        if name.startswith(_AT):
            try:
                at[name.removeprefix(_AT)] = float(text)
            except ValueError:
                raise SurveyError(f"{name}: found {text!r}; allowed: a number in the unit of the axis") from None
    if "variables" not in said or "x" not in said:
        raise SurveyError("found no variables, or no x; allowed: ?variables=tau_phi,status&x=T&y=chi&at.Pd=1e46...")
    variables = tuple(dict.fromkeys(said["variables"].split(",")))
    return views.Asked(variables, said["x"], said.get("y", ""), at, said.get("exact") == "1")


def _name(request: Request) -> str:
    return f"{request.path_params['folder']}/{request.path_params['file']}"


def _names(cubes) -> list[str]:
    """Those of the files that are cubes."""
    return [name for name in cubes.names() if _is_cube(cubes, name)]


def _is_cube(cubes, name: str) -> bool:
    try:
        return cubes.keep(name, _has_configuration)
    except SurveyError:
        return False


def _has_configuration(cube: netCDF4.Dataset) -> bool:
    return "configuration" in cube.ncattrs()


def _survey(folder: Path):
    """The survey whose results a folder holds, if its file is there and right."""
    file = owner(folder)
    with suppress(SurveyError, OSError):
        return _loaded(file, file.stat().st_mtime_ns) if file else None


@lru_cache(maxsize=64)
def _loaded(file: Path, written: int):
    """The survey of a file as it was written then: all cubes of a folder ask for it."""
    return load_survey(file)


def _header(cubes, name: str) -> dict:
    """What is known of a cube beside its numbers, as long as the file is not replaced."""
    key = name, cubes.identity(name)
    if key not in _headers:
        if not _is_cube(cubes, name):
            raise SurveyError(f"{name}: not a cube; allowed: {', '.join(_names(cubes))}")
        path = cubes.path(name)
        survey, label = _survey(path.parent), path.stem
        known = survey is not None and label in survey.quantities
        first = origins.beginning(survey, label) if known else {}
        beside = crossovers_beside(path)
        with cubes.cube(name) as cube:
            if beside.is_file():
                with open_cube(beside) as file:
                    header = describe(cube, name, file, first)
            else:
                header = describe(cube, name, None, first)
        header["overlays"] = _overlays(survey, label, path.parent) if known else []
        _headers[key] = header
    return _headers[key]


def _overlays(survey, label: str, folder: Path) -> list[dict]:
    """What lies over a cube, as far as it is there: findings may still be computed."""
    with suppress(SurveyError):
        return [*overlays(survey, label, folder), *predicted(survey, label, folder)]
    return []


def _with_server(cubes, header: dict) -> dict:
    return header | {"server": {"cubes": [name for name in _names(cubes) if name != header["file"]]}}


def _warm_up(cubes, name: str) -> None:
    """Compile the kernel of a cube in the background, so that the first exact view does not wait for it."""
    quantity = _header(cubes, name)["provenance"].get("quantity", "")
    if quantity not in _warm:
        _warm.add(quantity)
        Thread(target=_compute_one, args=(cubes, name), daemon=True).start()


def _compute_one(cubes, name: str) -> None:
    start = _header(cubes, name)["start"]
    with suppress(SurveyError, ParameterError):
        with cubes.cube(name) as cube:
            how = exact.known(cube)
            asked = views.checked(cube, views.Asked((start["v"],), start["x"], start["y"], start["at"]))
        with _computing:
            exact.exact_point(how, asked)
