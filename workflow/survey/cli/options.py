"""What the commands have in common: the types of their arguments, their options, and how they answer."""

import json
import os
from contextlib import suppress
from pathlib import Path

import click

from survey.words import plain

# Where a step's output goes to a log, the descriptor of the terminal behind it.
SCREEN = "SURVEY_SCREEN"
SURVEY = click.Path(dir_okay=False, path_type=Path)
results_option = click.option(
    "--results",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("results"),
    show_default=True,
    help="The folder of the results, with the store of tiles in it.",
)
scheduler_option = click.option(
    "--scheduler",
    envvar="SURVEY_SCHEDULER",
    show_envvar=True,
    help="Compute on the workers of a dask.distributed scheduler: its address (tcp://host:port), its scheduler file, "
    "or `slurm`, which starts workers on the cluster and ends them. Without it, on threads of this process.",
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON, for programs.")


def say(text: object, nl: bool = True) -> None:
    """Print text that may come from files, and with it nothing that a terminal obeys."""
    click.echo(plain(str(text)), nl=nl)


def complain(text: str) -> None:
    """Say on standard error what went wrong; on the screen where that is a log which cannot be written."""
    try:
        click.echo(plain(text), err=True)
    except OSError:
        with suppress(OSError, ValueError):
            os.write(int(os.environ.get(SCREEN, "")), f"{plain(text)}\n".encode())


def echo_json(content: dict) -> None:
    """Print plain data as JSON."""
    say(json.dumps(content, ensure_ascii=False, indent=2))
