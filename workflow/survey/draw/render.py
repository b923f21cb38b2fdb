"""Draw one diagram of a survey: from its cubes to an interactive page and to two files for print."""

import dataclasses
import json
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from physics import PARAMETERS
from survey.cubes.read import open_cube
from survey.draw.picture.scene import Axis, Line, Mark, Mesh, Points, Scene, Sheet
from survey.draw.slices import configuration_digest, describe, read_slice
from survey.errors import SurveyError
from survey.mathtext import unicode_text, value_text
from survey.store import origins
from survey.survey import Diagram, Survey


def render(survey: Survey, name: str, results: Path) -> None:
    """Draw the diagram `name` of a survey as results/<survey>/diagrams/<name>.html, .png and .svg.

    Reads results/<survey>/<name>.nc of each of its labels and findings, and crossovers.nc where the diagram shows
    crossovers; computes nothing. Each file is put in place whole or not at all, and names its cubes, slice and
    configuration in a caption and in its metadata; equal inputs give equal bytes. Raises SurveyError for a diagram or
    an input that does not exist, and for a value that is not on the grid. A slice without a number that can be shown is
    an empty frame.
    """
    if name not in survey.diagrams:
        raise SurveyError(f"{survey.name} has no diagram {name!r}; allowed: {', '.join(survey.diagrams) or 'none'}")
    settings = survey.diagrams[name]
    folder = Path(results) / survey.name
    cubes, crossovers = [folder / f"{label}.nc" for label in settings.labels], folder / "crossovers.nc"
    findings = [folder / f"{finding}.nc" for finding in settings.findings]
    for path in [*cubes, *findings, *([crossovers] if settings.uses_crossovers else [])]:
        if not path.is_file():
            raise SurveyError(f"{path} does not exist; it is computed before a diagram of it can be drawn")
        open_cube(path).close()
    # Drawing needs packages that take seconds to import; a fault above is told at once.
    from survey.draw.picture.pages import write_page
    from survey.draw.picture.printed import write_print
    from survey.draw.picture.screen import draw

    scene = drawing_function(settings)(settings, [*cubes, *findings][0], crossovers)
    fixed = [
        value_text(PARAMETERS[name].symbol, value, PARAMETERS[name].unit)
        for name, value in (dict(settings.at) | _own(survey, settings)).items()
    ]
    scene = dataclasses.replace(scene, subtitle=scene.subtitle or ",   ".join(fixed))
    sources = [crossovers] if settings.is_crossover else [*cubes, *findings]
    origin_of = {label: read_slice(cube, {}, ()).attrs for label, cube in zip(settings.labels, cubes, strict=True)}
    attributes = list(origin_of.values())
    made = _made_from(settings, origin_of, findings, crossovers)
    facts = {
        origins.MADE_FROM: origins.text(made),
        "Title": unicode_text(scene.title),
        "Survey": survey.name,
        "Diagram": f"{name} ({settings.kind})",
        "Cube": _all(f"{survey.name}/{source.name}" for source in sources),
        "Slice": describe(settings.at),
        "Quantity": _all(
            f"{each.get('quantity', '')} version {each.get('quantity_version', '')}" for each in attributes
        ),
        "Fingerprint": _all(str(each.get("quantity_fingerprint", "")) for each in attributes),
        # That of findings is in what they were made from.
        "Configuration": _all(map(configuration_digest, attributes)) or origins.identity(made),
        "Source": _all(str(each.get("source", "")) for each in attributes),
    }
    width, height = settings.width, settings.height
    target = folder / "diagrams"
    write_page(draw(scene, width, height), scene, facts, target / f"{name}.html", width)
    write_print(scene, facts, target / f"{name}.png", target / f"{name}.svg", width, height)


def rehearse() -> None:
    """Draw a small scene into a folder that goes at once: what the first diagram of a process imports and looks up is
    then there for those that follow, and for those of processes that are forked."""
    from survey.draw.picture.pages import write_page
    from survey.draw.picture.printed import write_print
    from survey.draw.picture.screen import draw

    for diagram in _drawn():
        drawing_function(diagram)
    x = np.array([1.0, 2.0, 3.0])
    edges, values = np.array([0.5, 1.5, 2.5, 3.5]), np.arange(9.0).reshape(3, 3)
    told = {"value": values.astype(str)}
    mesh = Mesh(x, x, edges, edges, values, ("#000000", "#ffffff"), (0.0, 8.0), told, "$T$", ((1.0, "$10^{-3}$"),))
    layers = (mesh, Line(x, x, "#000000", label=r"$\tau_\varphi$"), Points(x, x, "#ff0000"), Mark(2.0, r"$\chi$"))
    axis = Axis(r"$P_d$ (J$^{-1}$ m$^{-3}$)", 0.5, 3.5, (1.0, 2.0))
    scene = Scene("Title", axis, axis, layers, subtitle="$T$ = 1 K")
    facts = dict.fromkeys(("Title", "Survey", "Cube", "Quantity", "Configuration", "Source"), "none")
    with TemporaryDirectory() as folder:
        write_page(draw(scene, 400, 300), scene, facts, Path(folder, "page.html"), 400)
        write_print(scene, facts, Path(folder, "print.png"), Path(folder, "print.svg"), 400, 300)


def _drawn() -> list[type[Diagram]]:
    """All kinds of diagrams."""
    found, left = [], [Diagram]
    while left:
        below = left.pop().__subclasses__()
        found += [kind for kind in below if hasattr(kind, "drawn_by")]
        left += below
    return found


def drawing_function(diagram: type[Diagram] | Diagram) -> Callable[[Diagram, Path, Path], Scene | Sheet]:
    """The function that makes a scene of a diagram of this class, from the first of its files and the crossovers."""
    module, name = diagram.drawn_by.split(":")
    return getattr(import_module(module), name)


def _own(survey: Survey, settings: Diagram) -> dict[str, float]:
    """The constants that labels of a diagram have for themselves, where all that depend on one have the same value."""
    requests = [survey.request(label) for label in settings.labels]
    found = {}
    for name in dict.fromkeys(name for request in requests for name in request.own_constants):
        values = {
            request.own_constants.get(name) for request in requests if name in (*request.axes, *request.constants)
        }
        if len(values) == 1 and None not in values:
            found[name] = values.pop()
    return found


def _made_from(settings: Diagram, attributes: dict, findings: list[Path], crossovers: Path) -> dict:
    """What a diagram is made from: its settings, and what its sources say of themselves."""
    made = {
        "settings": settings.plain(),
        "cubes": {label: origins.cube_identity(each) for label, each in attributes.items()},
    }
    if settings.uses_crossovers:
        made["crossovers"] = _identity(crossovers)
    if findings:
        made["findings"] = {path.stem: _identity(path) for path in findings}
    return made


def _identity(path: Path) -> str:
    """What a file says that it was made from."""
    return origins.identity(json.loads(read_slice(path, {}, ()).attrs.get(origins.MADE_FROM, "{}")))


def _all(texts) -> str:
    """The different texts, in their order."""
    return "; ".join(dict.fromkeys(texts))
