"""What the commands have in common: the types of their arguments, their options, and JSON as an answer."""

import json
from pathlib import Path

import click

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


def echo_json(content: dict) -> None:
    """Print plain data as JSON."""
    click.echo(json.dumps(content, ensure_ascii=False, indent=2))
