"""The page of a cube: one file with everything in it, which needs no server and no network."""

import html
import json
from importlib import resources
from pathlib import Path

import netCDF4
from bokeh.palettes import Viridis256
from bokeh.resources import Resources
from jinja2 import Template

from survey.cubes.read import attributes_of, open_cube
from survey.errors import SurveyError
from survey.explore.describe import crossovers_beside, describe, plain
from survey.explore.overlays import overlays
from survey.explore.payload import payload
from survey.store import origins
from survey.store.files import write_text
from survey.store.sealed import open_sealed
from survey.survey import Survey

EMBEDDED = "EmbeddedCube.open(readHeader(header), numbers)"
LIBRARY = ["bokeh", "bokeh-api"]
# In the order in which they are read.
SCRIPTS = (
    "numbers.js", "interpolation.js", "cube.js", "remote.js", "picture.js", "panel.js", "answer.js", "exports.js",
    "explorer.js",
)  # fmt: skip


def write_page(survey: Survey, label: str, results: Path) -> None:
    """Put the page of the cube of `label` in place, results/<survey>/explore/<label>.html, of at most 10 MB.

    Reads the cube and, where the survey has them, its crossovers and the findings about it. Equal inputs give equal
    bytes. SurveyError if one of the files does not exist or is damaged.
    """
    folder = Path(results) / survey.name
    path = folder / f"{label}.nc"
    with open_cube(path) as cube:
        crossovers = crossovers_beside(path)
        located = label in {each.quantity for each in survey.crossovers.values()}
        if located and not crossovers.is_file():
            raise SurveyError(f"{crossovers} does not exist; it is computed before the page of {label}")
        if located:
            with open_cube(crossovers) as file:
                content = _page(survey, label, path, cube, file)
        else:
            content = _page(survey, label, path, cube, None)
    write_text(folder / "explore" / f"{label}.html", content)


def _page(survey: Survey, label: str, path: Path, cube: netCDF4.Dataset, crossovers: netCDF4.Dataset | None) -> str:
    header = describe(cube, str(path), crossovers, origins.beginning(survey, label))
    parts = [part for one in header["crossovers"].values() for part in one["parts"].values()]
    numbers = payload(cube, header["variables"], {part: (crossovers, part) for part in parts if crossovers is not None})
    header["arrays"] = numbers.arrays
    header["overlays"] = overlays(survey, label, path.parent)
    header["thinned"] = _thin(header, numbers.kept)
    made = origins.of_page(survey, label) | {"cubes": {label: origins.cube_identity(attributes_of(cube))}}
    if crossovers is not None:
        made["crossovers"] = _identity(attributes_of(crossovers))
    if "findings" in made:
        made["findings"] = {name: _of_file(path.with_name(f"{name}.nc")) for name in made["findings"]}
    return rendered(header, origins.text(made), numbers.packed)


def _of_file(path: Path) -> str:
    with open_sealed(path) as file:
        return _identity(attributes_of(file))


def _identity(attributes: dict) -> str:
    """What the attributes of a file say that it was made from."""
    return origins.identity(json.loads(attributes.get(origins.MADE_FROM, "{}")))


def rendered(header: dict, made: str, numbers: str | None) -> str:
    """A page with this header; without `numbers` (None) it asks its server for them."""
    provenance = header["provenance"]
    heading = f"{header['title'][:1].upper()}{header['title'][1:]}"
    scripts = [*Resources(mode="inline", components=LIBRARY).js_raw[: len(LIBRARY)], *map(front, SCRIPTS)]
    return Template(front("explorer.html")).render(
        heading=html.escape(heading),
        subtitle=html.escape(f"{provenance.get('survey', '')} / {provenance.get('label', '')}"),
        facts=[(origins.MADE_FROM, html.escape(made))],
        style=front("explorer.css"),
        scripts=scripts,
        header=json.dumps(plain(header), ensure_ascii=False, allow_nan=False).replace("<", "\\u003c"),
        numbers=numbers or "",
        palette=json.dumps(list(Viridis256)),
        connect="'self'" if numbers is None else "'none'",
        opened="new RemoteCube(readHeader(header))" if numbers is None else EMBEDDED,
        openers="CUBES" if numbers is None else "FILES",
    )


def front(name: str) -> str:
    """A file of the front end."""
    return (resources.files("survey.explore") / "front" / name).read_text(encoding="utf-8")


def _thin(header: dict, kept: dict[str, list[int]]) -> str:
    """Leave the axes with the kept values alone, and say what was left out; empty if nothing was."""
    said = []
    for name, axis in header["axes"].items():
        values = axis["values"]
        if len(kept[name]) < len(values):
            said.append(f"{len(kept[name])} of {len(values)} values of {axis['symbol']}")
            axis["values"] = [values[place] for place in kept[name]]
    if not said:
        return ""
    return f"Thinned to fit into a page: it holds {', '.join(said)}; the cube itself has them all."
