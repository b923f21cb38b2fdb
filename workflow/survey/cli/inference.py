"""What measurements say, as steps of the workflow: one rival, all rivals against each other, what must be seen
besides, and which experiment would tell."""

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
    from survey.explain.levels import infer

    survey = survey_in_step(file, results)
    with output_of(survey, results, "finding", f"posterior_{rival}", f"posterior_{rival}", threads=threads):
        say(infer(survey, rival, results, threads))


@click.command()
@click.argument("file", type=SURVEY)
@results_option
def compare(file: Path, results: Path) -> None:
    """Weigh the rivals of the survey FILE against each other."""
    from survey.explain.compare import compare

    survey = survey_in_step(file, results)
    with output_of(survey, results, "finding", "evidence", "evidence"):
        say(compare(survey, results))


@click.command()
@click.argument("file", type=SURVEY)
@results_option
def predict(file: Path, results: Path) -> None:
    """Predict heat, sound, noise and dephasing of the rivals of the survey FILE."""
    one_thread_each()
    from survey.explain.predict import predict

    survey = survey_in_step(file, results)
    refuse_without(survey, "predictions")
    with output_of(survey, results, "finding", "predictions", "predictions"):
        say(predict(survey, results))


@click.command()
@click.argument("file", type=SURVEY)
@results_option
def rank(file: Path, results: Path) -> None:
    """Say which experiment would tell the rivals of the survey FILE apart."""
    one_thread_each()
    from survey.explain.experiments import rank
    from survey.store.trees import read_tree

    survey = survey_in_step(file, results)
    refuse_without(survey, "experiments")
    with output_of(survey, results, "finding", "experiments", "experiments"):
        path = rank(survey, results)
        say(path)
        say(read_tree(path)[0]["summary"])


def refuse_without(survey, name: str) -> None:
    """SurveyError if the survey makes no such finding."""
    from survey.errors import SurveyError

    if name not in survey.findings:
        wanted = "predictions" if name == "predictions" else "predictions and experiments"
        raise SurveyError(f"{survey.path}: it has no {name}; allowed: a survey whose `inference` has {wanted}")


STEPS = (infer, compare, predict, rank)
