"""What the cubes, crossovers and diagrams of a survey are made from, as the files say it themselves.

A cube carries its configuration, crossovers and diagrams carry their settings with the identities of the files that
they were made from. What such a file holds follows from that, so that it is what a survey asks for if both agree,
whatever the times of the files are.
"""

import hashlib
import html
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from functools import cache
from pathlib import Path

from physics import QUANTITIES
from physics.fingerprint import fingerprint
from survey.store.tiles import configuration
from survey.survey import Survey

# The attribute of crossovers, and the word in the metadata of diagrams.
MADE_FROM = "made_from"
DIAGRAM_FILES = ("html", "png", "svg")
INDEX = "index.html"
# Where the metadata of a diagram begin to name it, by the kind of file.
_MARKS = {
    ".html": f'<meta name="{MADE_FROM}" content="',
    ".png": f"tEXt{MADE_FROM}\0",
    ".svg": f"<dc:description>{MADE_FROM}: ",
}
# It stands near the beginning of the file.
_HEAD = 1_000_000


def cube_identity(attributes: Mapping) -> str:
    """What the attributes of a cube say that it was made from: configuration and promised accuracy, 16 hex digits."""
    accuracy = float(attributes.get("promised_accuracy", "nan"))
    return _digest(f"{attributes.get('configuration', '')} {accuracy!r}")


def of_crossovers(survey: Survey) -> dict:
    """What the crossovers of a survey are to be made from."""
    settings = {name: each.plain() for name, each in survey.crossovers.items()}
    return {"settings": settings, "cubes": _cubes(survey, {each.quantity for each in survey.crossovers.values()})}


def of_diagram(survey: Survey, name: str) -> dict:
    """What a diagram of a survey is to be made from."""
    diagram = survey.diagrams[name]
    made = {"settings": diagram.plain(), "cubes": _cubes(survey, diagram.labels)}
    made |= {"crossovers": identity(of_crossovers(survey))} if diagram.uses_crossovers else {}
    return made | ({"findings": _findings(survey, diagram.findings)} if diagram.findings else {})


def of_finding(survey: Survey, name: str) -> dict:
    """What a finding of the inference of a survey is to be made from: cubes, other findings, the measurements, what is
    believed before the data, and the code that weighs them."""
    inference, finding = survey.inference, survey.findings[name]
    assert inference is not None
    settings = {
        "measurements": {each.name: each.digest for each in inference.measurements},
        "nuisances": json.loads(json.dumps(asdict(inference.nuisances))),
        "seed": inference.seed,
        "code": [fingerprint(f"physics.statistics.{name}") for name in ("marginal", "errors", "scaled")],
        "rooms": _rooms(),
    }
    if finding.rival:
        settings["ranges"] = {key: list(ends) for key, ends in inference.rivals[finding.rival].ranges.items()}
    if finding.step in ("predict", "rank"):
        besides = inference.consequences
        assert besides is not None
        settings["consequences"] = json.loads(json.dumps({"axes": dict(besides.axes), "missing": besides.missing}))
    if finding.step == "rank":
        settings["experiments"] = {
            key: json.loads(json.dumps(asdict(each))) for key, each in besides.experiments.items()
        }
    made = {"settings": settings, "cubes": _cubes(survey, finding.labels)}
    return made | {"findings": _findings(survey, finding.findings)}


def labels_with_pages(survey: Survey) -> tuple[str, ...]:
    """The labels whose cubes have a page: all but those of single diagrams."""
    hidden = {getattr(each, "own", None) for each in survey.diagrams.values()}
    return tuple(label for label in survey.quantities if label not in hidden)


def findings_about(survey: Survey, label: str) -> dict[str, str]:
    """The posteriors that weigh the cube of a label, each with the measurement that it is about."""
    if survey.inference is None:
        return {}
    return {
        f"posterior_{rival}": measurement
        for rival, hypothesis in survey.inference.rivals.items()
        for measurement, table in hypothesis.tables.items()
        if table == label
    }


def beginning(survey: Survey, label: str) -> dict:
    """What a page of a cube shows first: variable, x, y and the cut of the first map of it in the survey, else of the
    first diagram."""
    drawn = [
        each
        for each in survey.diagrams.values()
        if label in (*getattr(each, "labels", ()), getattr(each, "quantity", None))
    ]
    maps = [each for each in drawn if getattr(each, "quantity", label) == label and hasattr(each, "y")]
    if not drawn:
        return {}
    said = json.loads(json.dumps(asdict((maps or drawn)[0])))
    names = {"v": "variable", "x": "x", "y": "y", "at": "at"}
    return {name: said[key] for name, key in names.items() if said.get(key)}


def of_page(survey: Survey, label: str) -> dict:
    """What the page of a cube is to be made from, the code of the page with it."""
    found = findings_about(survey, label)
    measurements = {each.name: each.digest for each in survey.inference.measurements} if found else {}
    settings = {"beginning": beginning(survey, label), "code": front(), "measurements": measurements}
    made = {"settings": settings, "cubes": _cubes(survey, [label])}
    located = label in {each.quantity for each in survey.crossovers.values()}
    made |= {"crossovers": identity(of_crossovers(survey))} if located else {}
    return made | ({"findings": _findings(survey, found)} if found else {})


def of_index(survey: Survey) -> dict:
    """What the part of a survey in the index is to be made from."""
    said = {
        "title": survey.title,
        "labels": list(survey.quantities),
        "pages": list(labels_with_pages(survey)),
        "crossovers": list(survey.crossovers),
        "diagrams": {name: each.title or each.kind for name, each in survey.diagrams.items()},
    }
    return said | {"findings": _findings(survey, survey.findings)}


def index_out_of_date(surveys: Iterable[Survey], results: Path) -> list[str]:
    """What makes the index of the results out of date, as far as these surveys are in it."""
    path = Path(results) / INDEX
    if not path.is_file():
        return ["it does not exist"]
    made = read_diagram(path)
    reasons = [] if made.get("code") == front() else ["it was written by other code"]
    for survey in surveys:
        if made.get("surveys", {}).get(survey.name) != identity(of_index(survey)):
            reasons.append(f"what it says of {survey.name} is not what the survey asks for now")
    return reasons


def identity(made: Mapping) -> str:
    """The name of what a file was made from, 16 hex digits."""
    return _digest(text(made))


def text(made: Mapping) -> str:
    """What a file was made from, as canonical JSON."""
    return json.dumps(made, sort_keys=True, separators=(",", ":"))


def read_diagram(path: Path) -> dict:
    """What a file of a diagram or a page says that it was made from; empty if it says nothing."""
    with path.open("rb") as file:
        head = file.read(_HEAD).decode("latin-1")
    written = head.partition(_MARKS[path.suffix])[2]
    if path.suffix != ".png":
        written = html.unescape(written.partition("\n")[0])
    try:
        made = json.JSONDecoder().raw_decode(written)[0]
    except ValueError:
        return {}
    return made if isinstance(made, dict) else {}


def _findings(survey: Survey, names) -> dict[str, str]:
    return {name: identity(of_finding(survey, name)) for name in names}


def _cubes(survey: Survey, labels) -> dict[str, str]:
    return {label: _cube(survey, label) for label in sorted(set(labels))}


def _cube(survey: Survey, label: str) -> str:
    accuracy = QUANTITIES[survey.request(label).quantity].accuracy
    return cube_identity({"configuration": configuration(survey, label), "promised_accuracy": accuracy})


@cache
def _rooms() -> str:
    """The name of the code that makes findings, whatever of it changes."""
    here = Path(__file__).parents[1]
    files = [path for room in ("explain", "rank") for path in sorted((here / room).glob("*.py"))]
    return _digest("\0".join(path.read_text(encoding="utf-8") for path in files))


@cache
def front() -> str:
    """The name of the code that makes pages, whatever of it changes."""
    here = Path(__file__).parents[1] / "explore"
    files = [path for pattern in ("*.py", "front/*.*") for path in sorted(here.glob(pattern))]
    return _digest("\0".join(path.read_text(encoding="utf-8") for path in files))


def _digest(content: str) -> str:
    return hashlib.sha256(content.encode()).hexdigest()[:16]
