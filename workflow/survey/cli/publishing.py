"""What a survey needs to be published: whom to cite, and all of it in one file."""

from pathlib import Path

import click

from survey.cli.options import echo_json, json_option, results_option, say
from survey.errors import SurveyError


@click.command()
@click.argument("survey")
@click.option("--bibtex", is_flag=True, help="Print a BibTeX file.")
@json_option
def cite(survey: str, bibtex: bool, as_json: bool) -> None:
    """Say what to cite for SURVEY, a name or a file: this software, and the works that its quantities rest on."""
    from survey.publish.cite import as_bibtex, as_data, as_text

    if bibtex and as_json:
        raise SurveyError("found --bibtex and --json; allowed: one of them")
    one = _survey(survey)
    if as_json:
        echo_json(as_data(one))
    else:
        say(as_bibtex(one) if bibtex else as_text(one))


@click.command()
@click.argument("survey")
@click.option("--to", "target", type=click.Path(dir_okay=False, path_type=Path), help="Default: SURVEY.crate.zip here.")
@results_option
def publish(survey: str, target: Path | None, results: Path) -> None:
    """Pack SURVEY, a name or a file, into a Workflow Run Crate: inputs, code, results with digests, what to cite."""
    one = _survey(survey)
    from survey.publish.crate import publish

    say(publish(one, results, target or Path(f"{one.name}.crate.zip")))


def _survey(name: str):
    from survey.config.load import surveys_named
    from survey.run.jobs import SURVEYS

    (one,) = surveys_named([name], SURVEYS)
    return one


PUBLISHING = (cite, publish)
