"""The command `survey serve`: finished results over HTTP."""

from pathlib import Path

import click

from survey.cli.options import say
from survey.errors import SurveyError
from survey.words import count


@click.command()
@click.argument("files", nargs=-1, type=click.Path(path_type=Path))
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen at; 0.0.0.0 for all.")
@click.option("--port", type=click.IntRange(0, 65535), default=8000, show_default=True, help="0: any free one.")
@click.option("--workers", type=click.IntRange(1, 64), default=1, show_default=True, help="Processes that answer.")
@click.option(
    "--megabytes", type=click.IntRange(1), default=500, show_default=True, help="The largest answer by DAP, in MB."
)
@click.option(
    "--points", type=click.IntRange(1), default=10_000, show_default=True, help="The most points of one query."
)
@click.option(
    "--seconds", type=click.FloatRange(0.1), default=60.0, show_default=True, help="How long an answer may take."
)
def serve(
    files: tuple[Path, ...], host: str, port: int, workers: int, megabytes: int, points: int, seconds: float
) -> None:
    """Serve FILES, or folders of results, read-only over HTTP until Ctrl-C; by default the folder `results`.

    Each file is there whole (/files), by DAP2 (/dap), and its variables answer queries (/query); /cubes lists them,
    /openapi.json describes it all. TLS and passwords are the matter of a reverse proxy.
    """
    try:
        from survey.serve.cubes import Cubes
        from survey.serve.limits import Limits
        from survey.serve.server import listening, serve
    except ModuleNotFoundError as error:
        raise SurveyError(f"{error.name} is not installed; allowed: pip install 'tls-atlas[serve]'") from None
    places = files or (Path("results"),)
    number = len(Cubes(places).names())
    with listening(host, port) as listener:
        named = f"[{host}]" if ":" in host else host
        say(f"{count(number, 'file')} at http://{named}:{listener.getsockname()[1]} until Ctrl-C")
        serve(places, listener, Limits(megabytes * 10**6, points, seconds), workers)
