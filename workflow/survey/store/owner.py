"""Whose results a folder holds: two surveys of one name, from different folders, would overwrite each other's files.

results/<survey>/survey.json names the survey's file, relative to the results, so that a checkout can be moved or copied
with them. Only a file that is still there and says something else is another survey.
"""

import json
import os
from pathlib import Path

from survey.errors import SurveyError
from survey.store.files import write_text
from survey.survey import Survey

OWNER = "survey.json"


def owner(folder: Path) -> Path | None:
    """The survey file that the results in a folder were made from; None if nobody wrote it down."""
    try:
        file = json.loads((folder / OWNER).read_text(encoding="utf-8"))["file"]
        os.fsencode(file)
        return Path(os.path.normpath(folder.parent.resolve() / file))
    except (FileNotFoundError, NotADirectoryError, ValueError, KeyError, TypeError):
        return None


def is_of(survey: Survey, results: Path) -> bool:
    """Whether the results under the name of a survey are its own, or nobody's: the file that they were made from is its
    file, a copy of it, or not there any more."""
    other = owner(Path(results) / survey.name)
    try:
        return other is None or other.samefile(survey.path) or other.read_bytes() == Path(survey.path).read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return True
    except OSError:
        return False


def refuse_results_of_another(survey: Survey, results: Path) -> None:
    """SurveyError if the results under the name of a survey are those of another file."""
    if not is_of(survey, results):
        folder = Path(results) / survey.name
        raise SurveyError(
            f"{survey.path}: {folder} holds the results of another survey of this name, {owner(folder)}; give one of "
            "the two files another name"
        )


def claim(survey: Survey, results: Path) -> None:
    """Write down that the results under the name of a survey are its own; SurveyError if they are those of another."""
    refuse_results_of_another(survey, results)
    folder, file = Path(results) / survey.name, Path(survey.path).resolve()
    before = owner(folder)
    if before is None or not before.exists():
        write_text(folder / OWNER, json.dumps({"file": os.path.relpath(file, Path(results).resolve())}) + "\n")
