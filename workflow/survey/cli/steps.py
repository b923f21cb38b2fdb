"""A survey from its file to its diagrams: what may be asked of the file, and each step of the workflow."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from math import prod
from pathlib import Path

import click

from survey.cli.options import SURVEY, echo_json, json_option, results_option, say, scheduler_option
from survey.errors import Damaged, SurveyError
from survey.words import count

threads_option = click.option(
    "--threads", type=click.IntRange(min=1), default=1, show_default=True, help="How many threads compute."
)  # fmt: skip


@click.command()
@click.argument("files", nargs=-1, required=True, type=SURVEY)
def check(files: tuple[Path, ...]) -> None:
    """Say whether FILES, surveys or measurements, are valid, or everything that is wrong with them."""
    from survey.config.load import surveys_named
    from survey.config.measured.load import is_measurement, measurements_named

    measured = [str(file) for file in files if is_measurement(file)]
    surveys = [str(file) for file in files if str(file) not in measured]
    said, messages = [], []
    for names, named, counts in ((surveys, surveys_named, _of_survey), (measured, measurements_named, _of_measurement)):
        try:
            said += [f"{each.path}: valid, {counts(each)}" for each in (named(names, Path()) if names else ())]
        except SurveyError as error:
            messages.append(str(error))
    if messages:
        raise SurveyError("\n".join(messages))
    say("\n".join(said))


def _of_survey(survey) -> str:
    from survey.store.tiles import tiles_of

    cells = sum(tile.cells for label in survey.quantities for tile in tiles_of(survey, label))
    valid = f"{cells:,} cells, {len(survey.crossovers)} crossovers, {len(survey.diagrams)} diagrams"
    return "\n".join([valid, *(f"{survey.path}: {note}" for note in survey.notes)])


def _of_measurement(measurement) -> str:
    found = ", ".join(f"{count(len(table.values), 'point')} of {table.observable}" for table in measurement.tables)
    return f"{found}{' (synthetic)' if measurement.synthetic else ''}"


@click.command()
@click.argument("file", type=SURVEY)
@click.option("--cores", type=click.IntRange(min=1), default=os.cpu_count() or 1, help="Cores the time is given for.")
@click.option("--tiles", is_flag=True, help="List every tile by its name.")
@click.option(
    "--measure/--no-measure",
    default=None,
    help="Compute a sample of the missing cells, some 10 s, to know the rate, or none. By default where no tiles of "
    "the store tell it, and at most a tenth of the cells.",
)
@json_option
@results_option
def plan(file: Path, cores: int, tiles: bool, measure: bool | None, as_json: bool, results: Path) -> None:
    """Say what a run of a survey FILE would compute, how long it takes, and whether disk and memory are enough."""
    one_thread_each()
    from survey.config.load import load_survey
    from survey.run.plan import describe, plans

    survey = load_survey(file)
    if as_json:
        echo_json(plans(survey, results / "store", cores, measure))
    else:
        say(describe(survey, results / "store", cores, tiles, measure))


@click.command()
@click.argument("file", type=SURVEY)
@click.argument("digest")
@threads_option
@scheduler_option
@results_option
def tile(file: Path, digest: str, threads: int, scheduler: str | None, results: Path) -> None:
    """Compute the tile DIGEST of the survey FILE and put it into the store, unless it is there."""
    one_thread_each()
    from survey.run.progress import shown
    from survey.store.tiles import find_tile

    wanted = find_tile(survey_in_step(file, results), digest)
    show = partial(shown, f"tile {digest}", prod(wanted.shape))
    say(put_tile(file, wanted, results, threads, show, scheduler))


def put_tile(file: Path, wanted, results: Path, threads: int, show: Callable, scheduler: str | None = None) -> str:
    """Compute a tile of the survey in a file and put it into the store, unless it is there; returns what there is to
    say. `show()` is a context with a function to tell how many cells are done."""
    from survey.compute.tile import compute_tile
    from survey.run.marks import wait_for_others
    from survey.store.store import open_tile

    digest, store = wanted.digest, results / "store"
    wait_for_others(store, digest, wanted.path(store))
    damaged = ""
    if wanted.path(store).exists():
        try:
            with open_tile(store, wanted):
                return f"{wanted.path(store)}: already there"
        except Damaged as damage:
            damaged = f"{damage.path}: damaged ({damage.found}); computed again\n"
    about = {"cells": prod(wanted.shape), "threads": threads}
    about["axes"] = {name: [values[0], values[-1]] for name, values in wanted.axes.items()}
    what, log = f"tile {digest} of {wanted.quantity}", store / wanted.quantity / "logs" / f"{digest}.log"
    with _marked(results, digest, what, file, log, **about) as tell, show() as tell_people:
        told = {"progress": lambda done: (tell(done), tell_people(done)), "scheduler": scheduler}
        return f"{damaged}{compute_tile(store, wanted, threads, **told)}"


@click.command()
@click.argument("file", type=SURVEY)
@click.argument("label")
@results_option
def assemble(file: Path, label: str, results: Path) -> None:
    """Gather the tiles of LABEL of the survey FILE into its cube."""
    from survey.config.load import load_survey
    from survey.cubes.assemble import assemble

    survey = load_survey(file)
    with output_of(survey, results, "cube", label, f"assemble_{label}"):
        say(assemble(survey, label, results / "store", results))


@click.command()
@click.argument("file", type=SURVEY)
@threads_option
@results_option
def crossovers(file: Path, threads: int, results: Path) -> None:
    """Locate the crossovers of the survey FILE in its cubes."""
    one_thread_each()
    from survey.cubes.crossovers import locate

    survey = survey_in_step(file, results)
    with output_of(survey, results, "crossovers", "", "crossovers", threads=threads):
        locate(survey, results, threads)


@click.command()
@click.argument("file", type=SURVEY)
@click.argument("name")
@results_option
def diagram(file: Path, name: str, results: Path) -> None:
    """Draw the diagram NAME of the survey FILE, as html, png and svg."""
    from survey.config.load import load_survey
    from survey.draw.render import render

    survey = load_survey(file)
    with output_of(survey, results, "diagram", name, f"diagram_{name}"):
        render(survey, name, results)


@click.command()
@click.argument("file", type=SURVEY)
@click.argument("label")
@results_option
def page(file: Path, label: str, results: Path) -> None:
    """Write the page of the cube LABEL of the survey FILE: to explore it in a browser, without a server."""
    from survey.config.load import load_survey
    from survey.explore.page import write_page

    survey = load_survey(file)
    with output_of(survey, results, "page", label, f"page_{label}"):
        write_page(survey, label, results)


@click.command()
@click.argument("files", nargs=-1, required=True, type=SURVEY)
@results_option
def index(files: tuple[Path, ...], results: Path) -> None:
    """Write the index of the results: what the surveys FILES, and others whose results are there, have found."""
    from survey.config.load import load_survey
    from survey.explore.index import write_index

    write_index([load_survey(file) for file in files], results)


def survey_in_step(file: Path, results: Path):
    """The survey in a file, once the code of its quantities is seen to be that of their versions."""
    from survey.config.load import load_survey
    from survey.store.stamps import check_stamp, mend_stamp

    survey = load_survey(file)
    for request in survey.quantities.values():
        mend_stamp(results / "store", request.quantity)
        check_stamp(results / "store", request.quantity)
    return survey


@contextmanager
def output_of(survey, results: Path, step: str, name: str, log: str, **about) -> Iterator[None]:
    """A step that writes into the survey's own folder, which has to be its own."""
    from survey.run.marks import key_of
    from survey.store.owner import claim

    what, folder = f"{step} {name}".rstrip(), results / survey.name
    with _marked(results, key_of(survey.name, step, name), what, survey.path, folder / "logs" / f"{log}.log", **about):
        claim(survey, results)
        yield


@contextmanager
def _marked(results: Path, key: str, what: str, file: Path, log: Path, **about) -> Iterator:
    """Let `survey status` see the job, and its log if it writes there."""
    from survey.run.marks import marked
    from survey.store.sealed import set_aside_if_damaged

    try:
        logged = os.path.samestat(os.fstat(1), log.stat())
    except OSError:
        logged = False
    about |= {"what": what, "survey": str(file.resolve()), "log": str(log) if logged else None}
    with marked(results / "store", key, **about) as tell, set_aside_if_damaged():
        yield tell


def one_thread_each() -> None:
    """Keep libraries from starting threads of their own: parallel are the chunks. Call it before they are imported."""
    for library in ("OMP", "OPENBLAS", "MKL", "NUMBA"):
        os.environ[f"{library}_NUM_THREADS"] = "1"


STEPS = (check, plan, tile, assemble, crossovers, diagram, page, index)
