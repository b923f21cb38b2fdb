"""Files that are never half there: written under a temporary name beside the target, then put in its place at once."""

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from survey.processes import alive

_SUFFIX = ".tmp"


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A temporary path to write to; when the block ends without an exception the file takes the place of `path`,
    durably. Otherwise it is removed, and whatever was at `path` stays. Temporaries that a killed process of this
    machine left for the same target are removed first."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    _remove_stale(path)
    temporary = path.with_name(f".{path.name}.{socket.gethostname()}.{os.getpid()}{_SUFFIX}")
    try:
        yield temporary
        _sync(temporary)
        os.replace(temporary, path)
        _sync(path.parent)
    finally:
        temporary.unlink(missing_ok=True)


def write_text(path: Path, text: str) -> None:
    """Put a small text file in place, whole or not at all."""
    with replacing(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _remove_stale(path: Path) -> None:
    prefix = f".{path.name}.{socket.gethostname()}."
    for other in path.parent.iterdir():
        if other.name.startswith(prefix) and other.name.endswith(_SUFFIX):
            process = other.name[len(prefix) : -len(_SUFFIX)]
            if process.isdigit() and not alive(int(process)):
                other.unlink(missing_ok=True)
