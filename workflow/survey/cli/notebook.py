"""A whole survey in one process, for a notebook: the steps of the workflow one after the other, in the same store and
the same files."""

import json
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import nullcontext
from functools import partial
from math import prod
from pathlib import Path
from typing import Any

import xarray as xr
from ruamel.yaml import YAML

from survey.cli.steps import output_of, put_tile, survey_in_step
from survey.cubes.assemble import assemble, cube_path
from survey.errors import SurveyError
from survey.run.freshness import Freshness
from survey.run.progress import Course, followed
from survey.store.files import replacing
from survey.store.origins import index_out_of_date, labels_with_pages
from survey.store.owner import refuse_results_of_another
from survey.store.tiles import tiles_of
from survey.survey import Survey


def run(
    survey: str | Path | Mapping[str, Any],
    *,
    name: str = "survey",
    results: str | Path = "results",
    threads: int | None = None,
    diagrams: bool = True,
) -> dict[str, xr.Dataset]:
    """Compute what a survey asks for and is not there yet, in this process, and open its cubes.

    survey: the path of a YAML file, or what such a file says as a dict; the dict is written to
    <results>/<name>/<name>.yaml, which is a survey file like others. results: the folder of results. threads: that
    compute a tile, all cores by default. diagrams: whether they are drawn, too, as html, png and svg, and the pages of
    the cubes and the index made.

    Returns the cubes by their labels, and the crossovers, if there are any, as `crossovers`: datasets of xarray that
    read their numbers when they are asked for. Tiles, cubes, crossovers, findings and diagrams are those files that
    Snakemake makes, with the same provenance, and what is up to date is not made again, by either. An interrupt loses
    the step that is at work and nothing else: the same call goes on from there.

    Raises SurveyError that names everything that is wrong with the survey, or what a step needs and is not there.
    """
    results, threads = Path(results), threads or os.cpu_count() or 1
    path = _written(survey, name, results) if isinstance(survey, Mapping) else Path(survey)
    asked = survey_in_step(path, results)
    refuse_results_of_another(asked, results)
    missing = _missing(asked, results)
    others = list(_outputs(asked, diagrams))
    with followed(asked.name, Course(len(missing) + len(others), sum(prod(each.shape) for each in missing))) as course:
        for tile in missing:
            course.begin(f"tile of {tile.quantity}")
            put_tile(path, tile, results, threads, lambda: nullcontext(course.cells))
            course.end(prod(tile.shape))
        for step, each, log, work in others:
            course.begin(f"{step} {each}".rstrip())
            # What a file is to be made from may have come in a step before it.
            if _stale(Freshness(asked, results), step, each):
                with output_of(asked, results, step, each, log, threads=threads):
                    work(results, threads)
            course.end()
    if diagrams and index_out_of_date([asked], results):
        from survey.explore.index import write_index

        write_index([asked], results)
    found = {label: xr.open_dataset(cube_path(results, asked.name, label)) for label in asked.quantities}
    if asked.crossovers:
        found["crossovers"] = xr.open_dataset(results / asked.name / "crossovers.nc")
    return found


def _written(survey: Mapping[str, Any], name: str, results: Path) -> Path:
    """The file of a survey that is given as a dict."""
    path = results / name / f"{name}.yaml"
    try:
        # Numbers and arrays of NumPy become plain ones.
        plain = json.loads(json.dumps(survey, default=lambda value: value.tolist()))
    except (TypeError, ValueError, AttributeError) as error:
        raise SurveyError(f"the survey {name!r} holds what no YAML file can ({error}); allowed: plain values") from None
    yaml = YAML(typ="safe", pure=True)
    yaml.default_flow_style = False
    yaml.sort_base_mapping_type_on_output = False
    with replacing(path) as temporary, temporary.open("w", encoding="utf-8") as file:
        yaml.dump(plain, file)
    return path


def _missing(survey: Survey, results: Path) -> list:
    """The tiles of a survey that are not in the store, each once."""
    tiles = {tile.digest: tile for label in survey.quantities for tile in tiles_of(survey, label)}
    return [tile for tile in tiles.values() if not tile.path(results / "store").exists()]


def _outputs(survey: Survey, diagrams: bool) -> Iterator[tuple[str, str, str, Callable[[Path, int], object]]]:
    """Step, name, name of the log, and the work, of every file but the tiles, each after what it is made from."""
    for label in survey.quantities:
        yield "cube", label, f"assemble_{label}", partial(_assemble, survey, label)
    if survey.crossovers:
        yield "crossovers", "", "crossovers", partial(_locate, survey)
    for name in survey.findings:
        yield "finding", name, name, partial(_find, survey, name)
    if not diagrams:
        return
    for name in survey.diagrams:
        yield "diagram", name, f"diagram_{name}", partial(_draw, survey, name)
    for label in labels_with_pages(survey):
        yield "page", label, f"page_{label}", partial(_page, survey, label)


def _stale(fresh: Freshness, step: str, name: str) -> bool:
    judge = {"cube": fresh.cube, "finding": fresh.finding, "diagram": fresh.diagram, "page": fresh.page}
    return bool(judge[step](name) if name else fresh.crossovers())


def _assemble(survey: Survey, label: str, results: Path, threads: int) -> None:
    assemble(survey, label, results / "store", results)


def _locate(survey: Survey, results: Path, threads: int) -> None:
    from survey.cubes.crossovers import locate

    locate(survey, results, threads)


def _find(survey: Survey, name: str, results: Path, threads: int) -> None:
    from survey.explain.compare import compare
    from survey.explain.experiments import rank
    from survey.explain.levels import infer
    from survey.explain.predict import predict

    finding = survey.findings[name]
    if finding.rival:
        infer(survey, finding.rival, results, threads)
    else:
        {"compare": compare, "predict": predict, "rank": rank}[finding.step](survey, results)


def _draw(survey: Survey, name: str, results: Path, threads: int) -> None:
    from survey.draw.render import render

    render(survey, name, results)


def _page(survey: Survey, label: str, results: Path, threads: int) -> None:
    from survey.explore.page import write_page

    write_page(survey, label, results)
