"""What measurements say, as steps of the workflow: one rival, all rivals against each other."""

from pathlib import Path

import click

from survey.cli.options import SURVEY, results_option, say
from survey.cli.steps import one_thread_each, output_of, survey_in_step, threads_option


@click.command()
@click.argument("file", type=SURVEY)
@click.argument("rival")
@threads_option
@results_option
def infer(file: Path, rival: str, threads: int, results: Path) -> None:
    """Weigh what the measurements of the survey FILE say of RIVAL, from the tables of its rates."""
    one_thread_each()
    from survey.infer.levels import infer

    survey = survey_in_step(file, results)
    with output_of(survey, results, "finding", f"posterior_{rival}", f"posterior_{rival}", threads=threads):
        say(infer(survey, rival, results, threads))


@click.command()
@click.argument("file", type=SURVEY)
@results_option
def compare(file: Path, results: Path) -> None:
    """Weigh the rivals of the survey FILE against each other."""
    from survey.infer.compare import compare

    survey = survey_in_step(file, results)
    with output_of(survey, results, "finding", "evidence", "evidence"):
        say(compare(survey, results))


STEPS = (infer, compare)
