"""The command `survey`: each step of the workflow, and what people ask of a survey and its results.

Every command imports what it needs when it runs, so that `survey --help` and the small commands are quick.
"""

import gc
import os
import sys
import traceback
from collections.abc import Sequence
from io import StringIO

import click

from physics.parameters import ParameterError
from survey.cli import inference
from survey.cli.explore import explore
from survey.cli.options import complain
from survey.cli.publishing import PUBLISHING
from survey.cli.quantities import WRITING
from survey.cli.query import query
from survey.cli.serve import serve
from survey.cli.steps import STEPS
from survey.cli.upkeep import UPKEEP
from survey.errors import SurveyError, in_words
from survey.words import bounded


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="tls-atlas", message="%(version)s")
def commands() -> None:
    """What two-level systems do: survey files in, labelled cubes and phase diagrams out."""


for command in (*STEPS, *inference.STEPS, *UPKEEP, *WRITING, *PUBLISHING, query, serve, explore):
    commands.add_command(command)


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
