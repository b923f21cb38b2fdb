"""How far the surveys are: cells, tiles, cubes, crossovers, diagrams, what runs now, what is queued and what failed.

All of it is read from files, so that it can be asked from another terminal or machine while a run goes on, and no tile
is opened but for a few whose measured rate is needed. Where Slurm answers, it is asked, too.
"""

from dataclasses import dataclass
from heapq import nlargest
from pathlib import Path
from statistics import fmean

from physics import QUANTITIES
from survey.compute.rates import measured
from survey.run.freshness import Freshness
from survey.run.marks import RUN, Mark, failed, going_on, key_of, queue, running
from survey.run.slurm import asked
from survey.store.origins import labels_with_pages
from survey.survey import Survey

DONE, INCOMPLETE, FAILED = 0, 1, 3
# The rate is taken from so many of the newest tiles.
MEASURED_TILES = 5


@dataclass(frozen=True)
class Signs:
    """The marks in a store: of living runs, with what they make and since when, of jobs at work, of jobs that ended
    without a word, and of failures; the last three by their keys."""

    runs: list[Mark]
    queue: dict[str, float]
    at_work: dict[str, Mark]
    silent: dict[str, Mark]
    failures: dict[str, Mark]

    def stage(self, key: str, file: str, written: float | None = None) -> str:
        """Where the job `key` stands that makes a file (a path relative to the results) which is missing or, if it was
        `written`, out of date: running, failed, queued, interrupted, or "" if nobody has to do with it."""
        announced, made = self.queue.get(file, 0.0), written or 0.0
        if key in self.at_work:
            return "running"
        # A run that began after the failure tries it again.
        if key in self.failures and self.failures[key].written > max(announced, made):
            return "failed"
        if announced > made:
            return "queued"
        return "interrupted" if key in self.silent else ""


def status(surveys: list[Survey], results: Path) -> dict:
    """The state of some surveys as plain data, ready for JSON; `exit_code` is DONE, INCOMPLETE or FAILED."""
    store = Path(results) / "store"
    marks = running(store)
    jobs = [mark for mark in marks if mark.key != RUN]
    runs = going_on(marks)
    at_work = {mark.key: mark for mark in jobs if mark.alive}
    silent = {mark.key: mark for mark in jobs if not mark.alive}
    signs = Signs(runs, queue(runs), at_work, silent, failed(store))
    found = [_survey(survey, results, signs) for survey in surveys]
    slurm = _slurm(marks, found, Path(results).resolve().parent)
    code = DONE if all(each["state"] == "done" for each in found) else INCOMPLETE
    stuck = any(each["state"] in ("failed", "blocked") for each in found)
    return {"surveys": found, "slurm": slurm, "exit_code": FAILED if stuck else code}


def _slurm(marks: list[Mark], found: list[dict], folder: Path) -> dict | None:
    """What Slurm holds of the jobs of a folder, None if none goes to Slurm or nobody answers. Those that ended without
    a word get its word."""
    if not any(mark.said.get("cluster") or mark.said.get("slurm_job") for mark in marks):
        return None
    ended = [each for survey in found for each in survey["interrupted"]]
    answer = asked(folder, {each["slurm_job"] for each in ended if each["slurm_job"]})
    for each in ended:
        each["slurm_state"] = answer["states"].get(each["slurm_job"])
    return {name: answer[name] for name in ("pending", "running")} if answer["pending"] is not None else None


def _survey(survey: Survey, results: Path, signs: Signs) -> dict:
    fresh = Freshness(survey, results)
    steps = [("cube", label, fresh.cube_path(label), fresh.cube(label)) for label in survey.quantities]
    if survey.crossovers:
        steps.append(("crossovers", "", fresh.folder / "crossovers.nc", fresh.crossovers()))
    for name in survey.findings:
        steps.append(("finding", name, fresh.folder / f"{name}.nc", fresh.finding(name)))
    for name in survey.diagrams:
        steps.append(("diagram", name, fresh.folder / "diagrams" / f"{name}.html", fresh.diagram(name)))
    for label in labels_with_pages(survey):
        steps.append(("page", label, fresh.page_path(label), fresh.page(label)))
    quantities = [_quantity(fresh, label, signs) for label in survey.quantities]
    outputs = [_output(fresh, *step, signs) for step in steps]
    stages = {each["key"]: each["state"] for each in outputs if each["reasons"]}
    for each in quantities:
        stages |= each.pop("stages")
    broken = [_failure(signs.failures[key]) for key, stage in stages.items() if stage == "failed"]
    interrupted = [
        _running(mark) | {"queued": stages[key] == "queued", "slurm_state": None}
        for key, mark in signs.silent.items()
        if stages.get(key) in ("queued", "interrupted")
    ]
    found = {
        "survey": survey.name,
        "file": str(survey.path),
        "state": "incomplete",
        "quantities": quantities,
        "outputs": outputs,
        "runs": [_running(run) for run in signs.runs if str(Path(survey.path).resolve()) in run.said["surveys"]],
        "running": [_running(mark) for key, mark in signs.at_work.items() if key in stages],
        "interrupted": interrupted,
        "failures": broken,
    }
    if broken or "interrupted" in stages.values():
        found["state"] = "failed"
    elif any(each["blocked"] for each in quantities):
        found["state"] = "blocked"
    elif found["running"]:
        found["state"] = "running"
    elif "queued" in stages.values():
        found["state"] = "queued"
    elif all(each["state"] == "up to date" for each in outputs):
        found["state"] = "done"
    return found


def _quantity(fresh: Freshness, label: str, signs: Signs) -> dict:
    tiles = fresh.tiles[label]
    missing = {tile.digest: tile for tile in fresh.missing(label)}
    stages = {
        digest: signs.stage(digest, str(tile.path(fresh.store).relative_to(fresh.results)))
        for digest, tile in missing.items()
    }
    jobs = {digest: signs.at_work[digest] for digest, stage in stages.items() if stage == "running"}
    parts = {digest: mark.said["done"] / mark.said["cells"] for digest, mark in jobs.items()}
    cells = sum(tile.cells for tile in tiles)
    done = cells - sum(tile.cells for tile in missing.values())
    done += sum(int(part * missing[digest].cells) for digest, part in parts.items())
    quantity = QUANTITIES[tiles[0].quantity]
    rates = _rates(fresh, label, list(jobs.values()))
    ahead = [(1 - part) * missing[digest].cells for digest, part in parts.items()]
    queued = sum(missing[digest].cells for digest, stage in stages.items() if stage == "queued")
    counts = list(stages.values())
    return {
        "label": label,
        "quantity": quantity.name,
        "version": quantity.version,
        "cells": cells,
        "cells_done": done,
        "tiles": len(tiles),
        "tiles_done": len(tiles) - len(missing),
        "tiles_running": counts.count("running"),
        "tiles_queued": counts.count("queued"),
        "tiles_failed": counts.count("failed"),
        "tiles_interrupted": counts.count("interrupted"),
        "tiles_missing": counts.count(""),
        "cells_per_second": sum(rates) or None,
        "seconds_left": _seconds_left(ahead, rates, queued),
        "blocked": fresh.code(label),
        "stages": stages,
    }


def _rates(fresh: Freshness, label: str, jobs: list[Mark]) -> list[float]:
    """Cells per second of each job; of one that has told none yet, what the newest tiles of the store took, or the
    others take now; empty if nothing is known."""
    rates = [mark.rate for mark in jobs]
    if all(rates):
        return rates
    stored = {tile.path(fresh.store): fresh.time(tile.path(fresh.store)) for tile in fresh.tiles[label]}
    newest = nlargest(MEASURED_TILES, (path for path in stored if stored[path] is not None), key=stored.get)
    per_thread = measured(newest, MEASURED_TILES)[0]
    if not per_thread and any(rates):
        per_thread = fmean(rate / _threads(mark) for rate, mark in zip(rates, jobs, strict=True) if rate)
    if not per_thread:
        return []
    return [rate or per_thread * _threads(mark) for rate, mark in zip(rates, jobs, strict=True)]


def _threads(mark: Mark) -> int:
    return mark.said.get("threads", 1)


def _seconds_left(ahead: list[float], rates: list[float], queued: float) -> float | None:
    """Until the tiles that run, with so many cells ahead of each, and those that are queued are done, if as many go on
    to run; None if none runs or no rate is known."""
    if not rates:
        return None
    slowest = max(cells / rate for cells, rate in zip(ahead, rates, strict=True))
    return max(slowest, (sum(ahead) + queued) / sum(rates))


def _output(fresh: Freshness, step: str, name: str, path: Path, reasons: list[str], signs: Signs) -> dict:
    key = key_of(fresh.survey.name, step, name)
    found = {"key": key, "what": step, "name": name or fresh.survey.name, "file": str(path), "reasons": reasons}
    written = fresh.time(path)
    if not reasons:
        found["state"] = "up to date"
    else:
        stage = signs.stage(key, str(path.relative_to(fresh.results)), written)
        found["state"] = stage or ("missing" if written is None else "out of date")
    return found


def _running(mark: Mark) -> dict:
    names = ("key", "what", "axes", "host", "process", "slurm_job", "threads", "cells", "done", "log")
    seconds = mark.written + mark.silent - mark.said["started"]
    return {name: mark.said.get(name) for name in names} | {"seconds": seconds, "silent_seconds": mark.silent}


def _failure(mark: Mark) -> dict:
    names = ("key", "what", "axes", "exception", "message", "notes", "line", "log", "host", "slurm_job", "failed")
    return {name: mark.said.get(name) for name in names}
