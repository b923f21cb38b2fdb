"""What people ask beside a run: how far it is, why a file is stale, what is of no use, damaged or different, and
whether changed code gives the stored numbers."""

import sys
from pathlib import Path

import click

from survey.cli.options import SURVEY, echo_json, json_option, results_option, say
from survey.cli.quantities import known
from survey.errors import SurveyError


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


@click.command()
@click.argument("surveys", nargs=-1)
@json_option
@results_option
def status(surveys: tuple[str, ...], as_json: bool, results: Path) -> int:
    """Say how far SURVEYS are, names or files, the configured ones by default; also while a run goes on.

    Exit codes: 0 all is done, 1 something is not done yet, 3 something failed, or was interrupted and no run is
    alive to try again, or the code changed without a new version, 2 the request has a fault.
    """
    from survey.upkeep.status import status
    from survey.upkeep.status_text import describe

    found = status(_surveys(surveys, results), results)
    if as_json:
        echo_json(found)
    else:
        say(describe(found, bars=sys.stdout.isatty()))
    return found["exit_code"]


@click.command()
@click.argument("file", type=SURVEY)
@click.option("--survey", type=SURVEY, help="The survey file, if it is neither in config/surveys nor configured.")
@results_option
def why(file: Path, survey: Path | None, results: Path) -> int:
    """Say what made a FILE of the results stale, or that it is not.

    Exit codes: 0 it is up to date, 1 it is not, 2 the request has a fault.
    """
    from survey.upkeep.why import describe, why

    reasons = why(file, results, survey)
    say(describe(file, reasons))
    return int(bool(reasons))


@click.command()
@click.argument("files", nargs=-1, type=SURVEY)
@click.option("--yes", is_flag=True, help="Remove without asking.")
@click.option("--dry-run", is_flag=True, help="List, and remove nothing.")
@results_option
def gc(files: tuple[Path, ...], yes: bool, dry_run: bool, results: Path) -> None:
    """List what is of no use, and remove it once you agree: tiles that no survey refers to, cubes and diagrams that
    their survey no longer makes, and what killed jobs and damage left.

    Surveys are those of config/surveys, of the configuration, of jobs that run now, and the survey FILES given. The
    tiles of other cubes below the results stay, too.
    """
    from survey.upkeep.gc import cubes_of_others, describe, remove, surveys_in_use, useless

    surveys = surveys_in_use(files, results / "store")
    others = cubes_of_others(surveys, results)
    found = useless(surveys, results, others)
    say(describe(found, results, others))
    if found and not dry_run and (yes or click.confirm("Remove them?")):
        remove(found)
        say("removed")


@click.command()
@click.argument("surveys", nargs=-1)
@click.option("--delete", is_flag=True, help="Remove damaged files, so that the next run makes them again.")
@results_option
def verify(surveys: tuple[str, ...], delete: bool, results: Path) -> int:
    """Read every tile, cube and crossovers, of SURVEYS or all there are, and check checksums, seals and stamps.

    Exit codes: 0 all is sound, 3 something is damaged (removed or not), 2 the request has a fault.
    """
    from survey.run.progress import shown
    from survey.upkeep.verify import all_files, describe, files_of, remove, verify

    files = files_of(_surveys(surveys, results), results) if surveys else all_files(results)
    with shown("verify", len(files), "file") as show:
        damage = verify(files, results, show)
    removed = remove(damage) if delete else []
    say(describe(damage, removed, len(files)))
    return 3 if damage else 0


@click.command()
@click.argument("one", type=SURVEY)
@click.argument("other", type=SURVEY)
@click.option("--tolerance", type=click.FloatRange(min=0), default=0.0, show_default=True, help="Relative; 0: no bit.")
@json_option
def diff(one: Path, other: Path, tolerance: float, as_json: bool) -> int:
    """Say where and by how much two cubes, or two files of crossovers, differ.

    Exit codes: 0 they are equal, 1 they differ, 2 the request has a fault.
    """
    from survey.upkeep.diff import describe, difference

    found = difference(one, other, tolerance)
    if as_json:
        echo_json(found)
    else:
        say(describe(found))
    return int(not found["equal"])


@click.command()
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


def _surveys(names: tuple[str, ...], results: Path) -> list:
    """The surveys with these names or files, by default those of the configuration."""
    from survey.config.load import load_surveys, surveys_named
    from survey.run.jobs import SURVEYS
    from survey.store.owner import refuse_results_of_another

    found = surveys_named(list(names), SURVEYS) if names else load_surveys(SURVEYS.parent / "config.yaml")
    for survey in found:
        refuse_results_of_another(survey, results)
    return found


UPKEEP = (status, why, gc, verify, diff, restamp)
