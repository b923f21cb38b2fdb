"""What made a file of the results stale, or that it is not."""

import json
from pathlib import Path

from physics import QUANTITIES
from survey.config.load import load_survey, load_surveys
from survey.errors import SurveyError
from survey.run.changes import changes
from survey.run.freshness import Freshness
from survey.run.jobs import SURVEYS
from survey.store.origins import DIAGRAM_FILES, INDEX, index_out_of_date, labels_with_pages
from survey.store.owner import refuse_results_of_another
from survey.store.sealed import open_sealed
from survey.store.stamps import check_stamp, strange
from survey.store.tiles import Tile, tiles_of
from survey.upkeep.gc import surveys_in_use


def why(file: Path, results: Path, given: Path | None = None) -> list[str]:
    """What makes a file of the results stale (tile, cube, crossovers, finding, diagram, page, index), one sentence
    each; nothing if it is up to date.

    The survey of a file is that of the name of its folder, from the folder of surveys or the configuration, or the
    `given` one. SurveyError if the path is none that a run makes.
    """
    results = Path(results)
    try:
        # The file itself may be a link that leads nowhere.
        parts = (Path(file).parent.resolve() / Path(file).name).relative_to(results.resolve()).parts
    except ValueError:
        raise SurveyError(f"{file}: not below {results}; allowed: a file of the results") from None
    if len(parts) == 3 and parts[0] == "store" and parts[2].endswith(".nc"):
        return _tile(results, parts[1], Path(parts[2]).stem, given)
    kind = Path(parts[-1]).suffix.removeprefix(".") if parts else ""
    name = Path(parts[-1]).stem if parts else ""
    if len(parts) == 2 and kind == "nc":
        fresh = _fresh(parts[0], results, given)
        if name == "crossovers" and fresh.survey.crossovers:
            return fresh.crossovers()
        if name in fresh.survey.findings:
            return fresh.finding(name)
        if name in fresh.survey.quantities:
            return fresh.cube(name)
        return [f"{fresh.survey.path} has no quantity {name!r}: nothing makes this file any more"]
    if len(parts) == 3 and parts[1] == "diagrams" and kind in DIAGRAM_FILES:
        fresh = _fresh(parts[0], results, given)
        if name in fresh.survey.diagrams:
            return fresh.diagram(name)
        return [f"{fresh.survey.path} has no diagram {name!r}: nothing makes this file any more"]
    if len(parts) == 3 and parts[1] == "explore" and kind == "html":
        fresh = _fresh(parts[0], results, given)
        if name in labels_with_pages(fresh.survey):
            return fresh.page(name)
        return [f"{fresh.survey.path} has no page {name!r}: nothing makes this file any more"]
    if parts == (INDEX,):
        return index_out_of_date(surveys_in_use([given] if given else [], results / "store"), results)
    raise SurveyError(
        f"{file}: found no tile, cube, crossovers, diagram or page by this path; allowed: a file that a run makes"
    )


def describe(file: Path, reasons: list[str]) -> str:
    """The answer for people."""
    return "\n".join(
        [f"{file}: out of date", *(f"  {each}" for each in reasons)] if reasons else [f"{file}: up to date"]
    )


def _fresh(name: str, results: Path, given: Path | None) -> Freshness:
    path = Path(given) if given else SURVEYS / f"{name}.yaml"
    if not path.exists() and not given:
        config = SURVEYS.parent / "config.yaml"
        named = [survey.path for survey in load_surveys(config) if survey.name == name] if config.exists() else []
        if not named:
            raise SurveyError(f"{path}: there is no such file; name the survey of {results / name} by --survey")
        path = named[0]
    survey = load_survey(path)
    if survey.name != name:
        raise SurveyError(f"{path}: is the survey {survey.name!r}, the file is one of {name!r}")
    refuse_results_of_another(survey, results)
    return Freshness(survey, results)


def _tile(results: Path, quantity: str, digest: str, given: Path | None) -> list[str]:
    store = results / "store"
    path = store / quantity / f"{digest}.nc"
    if quantity not in QUANTITIES:
        return [f"there is no quantity {quantity!r} any more; `survey gc` removes its tiles"]
    surveys = surveys_in_use([given] if given else [], store)
    tiles = [
        tile
        for survey in surveys
        for label in survey.quantities
        if survey.request(label).quantity == quantity
        for tile in tiles_of(survey, label)
    ]
    asked = any(tile.digest == digest for tile in tiles)
    if not path.exists():
        return ["it does not exist", *([] if asked else ["no survey refers to it, so that no run makes it"])]
    with open_sealed(path) as dataset:
        made, fingerprint = json.loads(dataset.identity), dataset.quantity_fingerprint
    reasons = [] if asked else _unasked(made, tiles)
    if strange(store, quantity, [fingerprint], made["version"]):
        reasons.append(
            f"its code (fingerprint {fingerprint}) is none of those accepted for version {made['version']}; "
            f"`survey restamp {quantity}` compares its tiles"
        )
    if made["version"] == QUANTITIES[quantity].version:
        try:
            check_stamp(store, quantity)
        except SurveyError as error:
            reasons.append(str(error))
    return reasons


def _unasked(made: dict, tiles: list[Tile]) -> list[str]:
    """Why no survey refers to a tile any more: how the tile that is nearest to it differs."""
    reasons = ["no survey refers to it"]
    near = min((changes(made, json.loads(tile.identity)) for tile in tiles), key=_distance, default=[])
    return reasons + [
        f"beside the nearest one that is asked for: {each.said('this tile', 'that one')}" for each in near
    ]


def _distance(found: list) -> tuple[int, int]:
    """How much differs: in how many entries, then in how many values of the axes."""
    return len(found), sum(len(side) for each in found if isinstance(each.one, list) for side in (each.one, each.other))
