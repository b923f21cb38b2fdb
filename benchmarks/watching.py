"""`survey status` of a survey of many tiles, half of them done, while many jobs run on other nodes."""

import json
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.commands import run
from benchmarks.report import duration, section, size
from survey.config.load import load_survey
from survey.run.marks import RUN, SILENCE, marked, running
from survey.store.tiles import tiles_of
from survey.upkeep.status import INCOMPLETE

# Values on two axes that are cut into blocks, and the jobs that run.
CASES = ((1000, 400, 500),)
SURVEY = """\
title: Many tiles
axes:
  T: {{start: 10 mK, stop: 1 K, num: {temperatures}}}
  Lambda0: {{start: 1 mK, stop: 10 mK, num: {splittings}}}
  Pd: {{values: [1e46 J^-1m^-3]}}
  chi: {{values: [0.1]}}
  Estar: {{start: 1 K, stop: 10 K, num: 200}}
constants: {{sigma_in: 1e-15 cm^2, v_F: 1e8 cm/s, tau: 1e-14 s}}
quantities:
  dephasing: {{}}
crossovers: {{}}
"""


def report(cases=CASES) -> str:
    """The command on empty files instead of tiles, and on marks as jobs and a run of Snakemake leave them."""
    rows = []
    for temperatures, splittings, jobs in cases:
        with TemporaryDirectory() as temporary:
            rows.append(_row(Path(temporary), SURVEY.format(temperatures=temperatures, splittings=splittings), jobs))
    text = (
        "`survey status` on a local disk, the start of the process included. Half of the tiles are there; of the rest "
        "some are computed by jobs of other nodes, the others are queued by a run."
    )
    return section("Watching", text, ["tiles", "jobs", "marks", "size of the run's", "status"], rows)


def _row(folder: Path, text: str, jobs: int) -> list[str]:
    file, store = folder / "many.yaml", folder / "results" / "store"
    file.write_text(text)
    tiles = tiles_of(load_survey(file), "dephasing")
    ready, missing = tiles[: len(tiles) // 2], tiles[len(tiles) // 2 :]
    (store / "dephasing").mkdir(parents=True)
    for tile in ready:
        tile.path(store).touch()
    with marked(store, "any", what="tile", cells=1000, threads=1, first=[0, 0.0], told=10.0):
        (mark,) = running(store)
    mark.path.parent.mkdir(exist_ok=True)
    for number, tile in enumerate(missing[:jobs]):
        said = mark.said | {"key": tile.digest, "host": f"node{number}", "done": 500 * (number % 2)}
        _put(mark.path.with_name(f"{tile.digest}@node{number}@1.json"), said)
    makes = [f"store/dephasing/{tile.digest}.nc" for tile in missing]
    run_mark = mark.path.with_name(f"{RUN}@login@1.json")
    _put(run_mark, mark.said | {"key": RUN, "host": "login", "makes": makes, "surveys": [], "cluster": False})
    began = time.monotonic()
    used = run("survey", "status", file, "--results", folder / "results", codes=(INCOMPLETE,))
    if time.monotonic() - began > SILENCE:
        raise RuntimeError("the marks were no longer those of living jobs")
    marks = len(list(mark.path.parent.iterdir()))
    return [f"{len(tiles):,}", f"{jobs:,}", f"{marks:,}", size(run_mark.stat().st_size), duration(used.seconds)]


def _put(path: Path, said: dict) -> None:
    path.write_text(json.dumps(said), encoding="utf-8")
