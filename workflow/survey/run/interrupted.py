"""Finished files that Snakemake takes for half written, because it was killed before it noted their end."""

import os
from base64 import urlsafe_b64decode
from binascii import Error
from collections.abc import Collection
from pathlib import Path

# Where Snakemake marks the outputs of jobs that it has started, until it notes that they ended. The name of a mark is
# the output's path in base64, cut into folders that begin with "@" where it is long.
MARKS = Path(".snakemake/incomplete")


def keep_finished(files: Collection[str], marks: Path = MARKS) -> None:
    """Take the marks from those of the files that are there: a file is put in its place when it is complete, so that
    there is no half one. Otherwise Snakemake would delete and make again what a killed run has finished."""
    for folder, _, names in os.walk(marks):
        for name in names:
            mark = Path(folder, name)
            parts = mark.relative_to(marks).parts
            try:
                path = urlsafe_b64decode("".join(part.removeprefix("@") for part in parts)).decode()
            except (Error, UnicodeDecodeError):
                continue
            if path in files and Path(path).exists():
                mark.unlink(missing_ok=True)
