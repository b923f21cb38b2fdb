"""The index of the results: for each survey its pictures, its cubes with a question to begin with, and its findings."""

import shlex
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from jinja2 import Template

from physics import PARAMETERS, QUANTITIES
from survey.config.load import load_survey
from survey.errors import SurveyError
from survey.explore.page import front
from survey.mathtext import unicode_text, words
from survey.store import origins
from survey.store.files import write_text
from survey.store.owner import owner
from survey.store.sealed import open_sealed
from survey.survey import Survey


def write_index(surveys: Iterable[Survey], results: Path) -> None:
    """Put results/index.html in place: these surveys, and others whose results lie there and whose file can be read.

    It leads to what is there when it is written. Equal results give equal bytes.
    """
    results = Path(results)
    known = {survey.name: survey for survey in surveys}
    for folder in sorted(path.parent for path in results.glob("*/survey.json")):
        file = owner(folder)
        if folder.name not in known and file is not None:
            with suppress(SurveyError, OSError):
                known[folder.name] = load_survey(file)
    entries = [_entry(survey, results) for survey in known.values()]
    identities = {name: origins.identity(origins.of_index(survey)) for name, survey in known.items()}
    made = {"code": origins.front(), "surveys": identities}
    write_text(results / origins.INDEX, listed(entries, origins.text(made)))


def listed(entries: list[dict], made: str = "", served: bool = False) -> str:
    """The page that lists these surveys; `served`: by a server."""
    words = {"made": made, "mark": origins.MADE_FROM, "surveys": entries, "served": served, "style": front("index.css")}
    return Template(front("index.html"), autoescape=True).render(**words) + "\n"


def _entry(survey: Survey, results: Path) -> dict:
    folder = results / survey.name
    links = {name: f"{survey.name}/{name}.nc" for name in ["crossovers", *survey.findings]}
    return {
        "name": survey.name,
        "title": unicode_text(survey.title),
        "pictures": [
            {"file": f"{survey.name}/diagrams/{name}", "title": said}
            for name, said in _titles(survey).items()
            if (folder / "diagrams" / f"{name}.png").is_file()
        ],
        "cubes": [_cube(survey, label, results) for label in origins.labels_with_pages(survey)],
        "files": {name: link for name, link in links.items() if (results / link).is_file()},
        "verdict": verdict(folder / "evidence.nc"),
    }


def _titles(survey: Survey) -> dict[str, str]:
    return {name: unicode_text(each.title) if each.title else words(name) for name, each in survey.diagrams.items()}


def _cube(survey: Survey, label: str, results: Path) -> dict:
    request = survey.request(label)
    page, file = f"{survey.name}/explore/{label}.html", f"{survey.name}/{label}.nc"
    axes = survey.grid(label)
    return {
        "label": label,
        "what": QUANTITIES[request.quantity].long_name,
        "axes": [f"{unicode_text(f'${PARAMETERS[name].symbol}$')} ({len(values)})" for name, values in axes.items()],
        "page": page if (results / page).is_file() else "",
        "file": file if (results / file).is_file() else "",
        "ask": question(survey, label, results),
    }


def question(survey: Survey, label: str, results: Path) -> str:
    """A line for the shell that asks a cube for a number, at the point where its page begins."""
    request, first = survey.request(label), origins.beginning(survey, label)
    numbers = [name for name in request.variables if QUANTITIES[request.quantity].variable(name).flags is None]
    variable = first.get("v") if first.get("v") in numbers else (numbers or list(request.variables))[0]
    at = {name: values[len(values) // 2] for name, values in survey.grid(label, variable).items()}
    at |= {name: value for name, value in first.get("at", {}).items() if name in at}
    values = [f"{name}={PARAMETERS[name].text(value).replace(' ', '', 1)}" for name, value in at.items()]
    return shlex.join(["survey", "query", f"{results}/{survey.name}/{label}.nc", variable, *values])


def verdict(evidence: Path) -> str:
    """What the rivals of an inference came to."""
    if not evidence.is_file():
        return ""
    with open_sealed(evidence) as file:
        return str(getattr(file, "verdict", ""))
