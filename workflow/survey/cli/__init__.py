"""The command `survey`: each step of the workflow, and what people ask of a survey and its results.

Every command imports what it needs when it runs, so that `survey --help` and the small commands are quick.
"""

import gc
import os
import sys
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from io import StringIO
from pathlib import Path

import click

from physics.parameters import ParameterError
from survey.cli.options import SURVEY, complain, echo_json, json_option, results_option, say, scheduler_option
from survey.cli.quantities import WRITING, known
from survey.cli.query import query
from survey.cli.upkeep import UPKEEP
from survey.errors import Damaged, SurveyError, in_words
from survey.words import bounded

threads_option = click.option(
    "--threads", type=click.IntRange(min=1), default=1, show_default=True, help="How many threads compute."
)  # fmt: skip


class Fraction(click.ParamType):
    """A fraction given as 0.01 or 1%."""

    name = "fraction"

    def convert(self, value, param, ctx):
        if isinstance(value, float):
            return value
        try:
            fraction = float(value[:-1]) / 100 if value.endswith("%") else float(value)
        except ValueError:
            self.fail(f"found {value!r}; allowed: a fraction, as 1% or 0.01", param, ctx)
        if not 0 < fraction <= 1:
            self.fail(f"found {value!r}; allowed: above 0 and up to 100%", param, ctx)
        return fraction


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="tls-atlas", message="%(version)s")
def commands() -> None:
    """What two-level systems do: survey files in, labelled cubes and phase diagrams out."""


for command in (*UPKEEP, *WRITING, query):
    commands.add_command(command)


@commands.command()
@click.argument("files", nargs=-1, required=True, type=SURVEY)
def check(files: tuple[Path, ...]) -> None:
    """Say whether survey FILES are valid, or everything that is wrong with them."""
    from survey.config.load import surveys_named
    from survey.store.tiles import tiles_of

    for survey in surveys_named([str(file) for file in files], Path()):
        cells = sum(tile.cells for label in survey.quantities for tile in tiles_of(survey, label))
        counts = f"{cells:,} cells, {len(survey.crossovers)} crossovers, {len(survey.diagrams)} diagrams"
        say(f"{survey.path}: valid, {counts}")


@commands.command()
@click.argument("file", type=SURVEY)
@click.option("--cores", type=click.IntRange(min=1), default=os.cpu_count() or 1, help="Cores the time is given for.")
@click.option("--tiles", is_flag=True, help="List every tile by its name.")
@click.option("--measure", is_flag=True, help="Compute a sample of the missing cells, some 10 s, to know the rate.")
@json_option
@results_option
def plan(file: Path, cores: int, tiles: bool, measure: bool, as_json: bool, results: Path) -> None:
    """Say what a run of a survey FILE would compute, how long it takes, and whether disk and memory are enough."""
    _one_thread_each()
    from survey.config.load import load_survey
    from survey.run.plan import describe, plans

    survey = load_survey(file)
    if as_json:
        echo_json(plans(survey, results / "store", cores, measure))
    else:
        say(describe(survey, results / "store", cores, tiles, measure))


@commands.command()
@click.argument("file", type=SURVEY)
@click.argument("digest")
@threads_option
@scheduler_option
@results_option
def tile(file: Path, digest: str, threads: int, scheduler: str | None, results: Path) -> None:
    """Compute the tile DIGEST of the survey FILE and put it into the store, unless it is there."""
    _one_thread_each()
    from math import prod

    from survey.compute.tile import compute_tile
    from survey.run.progress import shown
    from survey.run.turns import wait_for_others
    from survey.store.store import open_tile
    from survey.store.tiles import find_tile

    wanted, store = find_tile(_survey_in_step(file, results), digest), results / "store"
    wait_for_others(store, digest, wanted.path(store))
    if wanted.path(store).exists():
        try:
            with open_tile(store, wanted):
                say(f"{wanted.path(store)}: already there")
            return
        except Damaged as damage:
            say(f"{damage.path}: damaged ({damage.found}); computed again")
    cells = prod(wanted.shape)
    about = {"cells": cells, "threads": threads}
    about["axes"] = {name: [values[0], values[-1]] for name, values in wanted.axes.items()}
    what, log = f"tile {digest} of {wanted.quantity}", store / wanted.quantity / "logs" / f"{digest}.log"
    with _marked(results, digest, what, file, log, **about) as tell, shown(f"tile {digest}", cells) as show:
        told = {"progress": lambda done: (tell(done), show(done)), "scheduler": scheduler}
        say(compute_tile(store, wanted, threads, **told))


@commands.command()
@click.argument("file", type=SURVEY)
@click.argument("label")
@results_option
def assemble(file: Path, label: str, results: Path) -> None:
    """Gather the tiles of LABEL of the survey FILE into its cube."""
    from survey.config.load import load_survey
    from survey.cubes.assemble import assemble
    from survey.run.marks import key_of
    from survey.store.owner import claim

    survey = load_survey(file)
    log = results / survey.name / "logs" / f"assemble_{label}.log"
    with _marked(results, key_of(survey.name, "cube", label), f"cube {label}", file, log):
        claim(survey, results)
        say(assemble(survey, label, results / "store", results))


@commands.command()
@click.argument("file", type=SURVEY)
@threads_option
@results_option
def crossovers(file: Path, threads: int, results: Path) -> None:
    """Locate the crossovers of the survey FILE in its cubes."""
    _one_thread_each()
    from survey.cubes.crossovers import locate
    from survey.run.marks import key_of
    from survey.store.owner import claim

    survey = _survey_in_step(file, results)
    log = results / survey.name / "logs" / "crossovers.log"
    with _marked(results, key_of(survey.name, "crossovers"), "crossovers", file, log, threads=threads):
        claim(survey, results)
        locate(survey, results, threads)


@commands.command()
@click.argument("file", type=SURVEY)
@click.argument("name")
@results_option
def diagram(file: Path, name: str, results: Path) -> None:
    """Draw the diagram NAME of the survey FILE, as html, png and svg."""
    from survey.config.load import load_survey
    from survey.draw.render import render
    from survey.run.marks import key_of
    from survey.store.owner import claim

    survey = load_survey(file)
    log = results / survey.name / "logs" / f"diagram_{name}.log"
    with _marked(results, key_of(survey.name, "diagram", name), f"diagram {name}", file, log):
        claim(survey, results)
        render(survey, name, results)


@commands.command()
@click.argument("quantity", shell_complete=known)
@click.option("--sample", type=Fraction(), default=0.01, show_default="1%", help="The part of each tile recomputed.")
@results_option
def restamp(quantity: str, sample: float, results: Path) -> None:
    """Accept the changed code of QUANTITY without a new version, if it reproduces a sample of the stored cells.

    The sample is drawn from the code's own fingerprint, of each tile 1,000 to 20,000 cells, or all if it has fewer.
    """
    from physics import QUANTITIES
    from survey.upkeep.restamp import restamp

    if quantity not in QUANTITIES:
        raise SurveyError(f"found the quantity {quantity!r}; allowed: {', '.join(QUANTITIES)}")
    say(restamp(results / "store", quantity, sample))


def _survey_in_step(file: Path, results: Path):
    """The survey in a file, once the code of its quantities is seen to be that of their versions."""
    from survey.config.load import load_survey
    from survey.store.stamps import check_stamp, mend_stamp

    survey = load_survey(file)
    for request in survey.quantities.values():
        mend_stamp(results / "store", request.quantity)
        check_stamp(results / "store", request.quantity)
    return survey


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


def _one_thread_each() -> None:
    """Keep libraries from starting threads of their own: parallel are the chunks. Call it before they are imported."""
    for library in ("OMP", "OPENBLAS", "MKL", "NUMBA"):
        os.environ[f"{library}_NUM_THREADS"] = "1"


def main(arguments: Sequence[str] | None = None) -> None:
    """Run `survey` and exit: 0 done, 2 a fault of the user's input or a shortage, 3 not enough memory (of `status` and
    others, what they say), 130 interrupted, 1 anything else."""
    # Imports make a million objects that stay. To look through them for cycles is an eighth of the time of a diagram.
    gc.set_threshold(100_000, 50, 100)
    try:
        if any("\0" in argument for argument in arguments or ()):
            raise SurveyError("found an argument with the character NUL; allowed: text")
        code = commands.main(arguments, prog_name="survey", standalone_mode=False)
    except (click.Abort, KeyboardInterrupt):
        complain("survey: interrupted")
        code = 130
    except Exception as error:
        code = _told(error)
        if code is None:
            sys.excepthook = _show
            raise
    _give_up_what_cannot_be_said()
    sys.exit(code if isinstance(code, int) else 0)


def _told(error: Exception) -> int | None:
    """Say what went wrong, and return the exit code; None if it is a fault of ours."""
    notes = getattr(error, "__notes__", [])
    if isinstance(error, BrokenPipeError):
        # Whoever read the answer has enough of it.
        return 1
    if isinstance(error, click.ClickException):
        said = StringIO()
        error.show(said)
        complain(bounded(said.getvalue().rstrip()))
        return error.exit_code
    if isinstance(error, SurveyError | ParameterError):
        complain(bounded("\n".join([f"survey: {error}", *notes])))
        return 2
    if isinstance(error, MemoryError):
        said = f"survey: not enough memory ({error}); allow more, or use fewer --threads or --cores"
        complain(bounded("\n".join([said, *notes])))
        return 3
    if isinstance(error, OSError) and (shortage := in_words(error.errno)):
        place = "" if error.filename is None else f"{error.filename}: "
        complain(bounded("\n".join([f"survey: {place}{shortage}", *notes])))
        return 2
    return None


def _show(*error) -> None:
    """What Python does with an exception that nobody caught, where the log cannot be written, too."""
    complain("".join(traceback.format_exception(*error)).rstrip())
    _give_up_what_cannot_be_said()


def _give_up_what_cannot_be_said() -> None:
    """Python would try again at its end, and then exit with a code of its own."""
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
