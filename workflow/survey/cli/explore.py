"""The command `survey explore`: finished results in a browser."""

import webbrowser
from pathlib import Path
from threading import Timer

import click

from survey.cli.options import say
from survey.errors import SurveyError


@click.command()
@click.argument("files", nargs=-1, type=click.Path(path_type=Path))
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen at.")
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="The port to listen at; default: any free one.")
@click.option("--browser/--no-browser", default=True, help="Whether to open a browser.")
def explore(files: tuple[Path, ...], host: str, port: int, browser: bool) -> None:
    """Explore cubes FILES, or folders of results, in a browser until Ctrl-C; by default the folder `results`.

    All axes are sliders, a click gives the number with where it comes from, and a view may be computed exactly in place
    of being read. Files, queries and DAP2 are there, too, as `survey serve` has them.
    """
    try:
        from survey.serve.cubes import Cubes
        from survey.serve.server import listening, serve
    except ModuleNotFoundError as error:
        raise SurveyError(f"{error.name} is not installed; allowed: pip install 'tls-atlas[serve]'") from None
    places = files or (Path("results"),)
    Cubes(places).close()
    with listening(host, port) as listener:
        named = f"[{host}]" if ":" in host else host
        address = f"http://{named}:{listener.getsockname()[1]}/"
        say(f"{address} until Ctrl-C")
        if browser:
            Timer(1.0, webbrowser.open, [address]).start()
        serve(places, listener, routes="survey.explore.server:routes")
