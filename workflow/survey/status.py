"""How far the surveys are: cells, tiles, cubes, crossovers, diagrams, what runs now and what failed.

All of it is read from files, so that it can be asked from another terminal or machine while a run goes on, and no tile
is opened but for a few whose measured rate is needed.
"""

import time
from pathlib import Path

from physics import QUANTITIES
from survey.freshness import Freshness
from survey.marks import Mark, failed, key_of, running
from survey.rates import measured

DONE, INCOMPLETE, FAILED = 0, 1, 3
# The rate is taken from so many of the newest tiles.
MEASURED_TILES = 5


def status(surveys: list, results: Path) -> dict:
    """The state of some surveys as plain data, ready for JSON; `exit_code` is DONE, INCOMPLETE or FAILED."""
    store = Path(results) / "store"
    marks, failures = running(store), failed(store)
    found = [_survey(survey, results, marks, failures) for survey in surveys]
    code = DONE if all(each["state"] == "done" for each in found) else INCOMPLETE
    stuck = any(each["state"] in ("failed", "blocked") for each in found)
    return {"surveys": found, "exit_code": FAILED if stuck else code}


def _survey(survey, results: Path, marks: list[Mark], failures: dict[str, Mark]) -> dict:
    fresh = Freshness(survey, results)
    steps = [("cube", label, fresh.cube_path(label), fresh.cube(label)) for label in survey.quantities]
    if survey.crossovers:
        steps.append(("crossovers", "", fresh.folder / "crossovers.nc", fresh.crossovers()))
    for name in survey.diagrams:
        steps.append(("diagram", name, fresh.folder / "diagrams" / f"{name}.html", fresh.diagram(name)))
    quantities = [_quantity(fresh, label, marks, failures) for label in survey.quantities]
    outputs = [_output(fresh, *step, marks, failures) for step in steps]
    keys = {each["key"] for each in outputs if each["reasons"]}
    keys |= {tile.digest for label in fresh.tiles for tile in fresh.missing(label)}
    own = [mark for mark in marks if mark.key in keys]
    broken = [_failure(failures[key]) for each in quantities for key in each.pop("failed")]
    broken += [each.pop("failure") for each in outputs if "failure" in each]
    found = {
        "survey": survey.name,
        "file": str(survey.path),
        "state": "incomplete",
        "quantities": quantities,
        "outputs": outputs,
        "running": [_running(mark) for mark in own if mark.alive],
        "interrupted": [_running(mark) for mark in own if not mark.alive],
        "failures": broken,
    }
    if broken:
        found["state"] = "failed"
    elif any(each["blocked"] for each in quantities):
        found["state"] = "blocked"
    elif found["running"]:
        found["state"] = "running"
    elif all(each["state"] == "up to date" for each in outputs):
        found["state"] = "done"
    return found


def _quantity(fresh: Freshness, label: str, marks: list[Mark], failures: dict[str, Mark]) -> dict:
    tiles = fresh.tiles[label]
    missing = {tile.digest: tile for tile in fresh.missing(label)}
    at_work = [mark for mark in marks if mark.key in missing and mark.alive]
    busy = {mark.key: mark.said["done"] / mark.said["cells"] for mark in at_work}
    broken = [digest for digest in missing if digest in failures and digest not in busy]
    cells = sum(tile.cells for tile in tiles)
    done = cells - sum(tile.cells for tile in missing.values())
    done += sum(int(part * missing[digest].cells) for digest, part in busy.items())
    quantity = QUANTITIES[tiles[0].quantity]
    rate = sum(mark.rate for mark in at_work)
    if at_work and not rate:
        stored = [tile.path(fresh.store) for tile in tiles if tile.digest not in missing]
        rate = measured(stored, MEASURED_TILES)[0] * sum(mark.said.get("threads", 1) for mark in at_work)
    return {
        "label": label,
        "quantity": quantity.name,
        "version": quantity.version,
        "cells": cells,
        "cells_done": done,
        "tiles": len(tiles),
        "tiles_done": len(tiles) - len(missing),
        "tiles_running": len(busy),
        "tiles_failed": len(broken),
        "tiles_missing": len(missing) - len(busy) - len(broken),
        "cells_per_second": rate or None,
        "seconds_left": (cells - done) / rate if rate else None,
        "blocked": fresh.code(label),
        "failed": broken,
    }


def _output(
    fresh: Freshness, step: str, name: str, path: Path, reasons: list[str], marks: list[Mark], failures: dict[str, Mark]
) -> dict:
    key = key_of(fresh.survey.name, step, name)
    found = {"key": key, "what": step, "name": name or fresh.survey.name, "file": str(path), "reasons": reasons}
    written = fresh.time(path)
    if not reasons:
        found["state"] = "up to date"
    elif any(mark.key == key and mark.alive for mark in marks):
        found["state"] = "running"
    elif key in failures and (written is None or failures[key].said["failed"] > written):
        found |= {"state": "failed", "failure": _failure(failures[key])}
    else:
        found["state"] = "missing" if written is None else "out of date"
    return found


def _running(mark: Mark) -> dict:
    said = mark.said
    facts = {name: said.get(name) for name in ("key", "what", "host", "process", "threads", "cells", "done", "log")}
    return facts | {"seconds": time.time() - said["started"], "silent_seconds": time.time() - mark.written}


def _failure(mark: Mark) -> dict:
    said = mark.said
    names = ("key", "what", "axes", "exception", "message", "notes", "line", "log", "host", "failed")
    return {name: said.get(name) for name in names}
