"""Files that are never half there: written under a temporary name beside the target, then put in its place at once."""

import errno
import os
import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from survey.errors import SurveyError, in_words
from survey.store.processes import alive

_SUFFIX = ".tmp"
# A disk with less room than this is full.
_LITTLE = 256 * 1024


@contextmanager
def replacing(path: Path, keep: bool = False) -> Iterator[Path]:
    """A temporary path to write to; when the block ends without an exception the file takes the place of `path`,
    durably; with `keep`, only if nothing is there. Otherwise it is removed, and whatever was at `path` stays.
    Temporaries that a killed process of this machine left for the same target are removed first."""
    path = Path(path)
    if path.is_dir():
        raise SurveyError(f"{path}: a folder, where a file belongs; move it away, then run the same command again")
    temporary = path.with_name(f".{path.name}.{socket.gethostname()}.{os.getpid()}{_SUFFIX}")
    try:
        _make(path.parent)
        _remove_stale(path)
        yield temporary
        _sync(temporary)
        if keep:
            with suppress(FileExistsError):
                os.link(temporary, path)
        else:
            os.replace(temporary, path)
        _sync(path.parent)
    except (OSError, RuntimeError) as error:
        reason = _why_not_written(path.parent, error)
        if reason is None:
            raise
        raise SurveyError(f"{path}: cannot be written: {reason}") from error
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)


def write_text(path: Path, text: str, keep: bool = False) -> None:
    """Put a small text file in place, whole or not at all; with `keep`, only if nothing is there."""
    with replacing(path, keep) as temporary:
        temporary.write_text(text, encoding="utf-8")


def _why_not_written(folder: Path, error: Exception) -> str | None:
    """What keeps a file from being written and what to do about it; None if it is none of the machine's shortages.
    HDF5 says "HDF error" or "Permission denied" to many of them, so the disk and the process are asked first."""
    return in_words(_shortage(folder) or getattr(error, "errno", None))


def _shortage(folder: Path) -> int | None:
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    try:
        disk = os.statvfs(folder)
        if disk.f_bavail * disk.f_frsize < _LITTLE:
            return errno.ENOSPC
        descriptor, probe = tempfile.mkstemp(prefix=".", suffix=_SUFFIX, dir=folder)
        os.close(descriptor)
        os.unlink(probe)
    except OSError as error:
        return error.errno
    return None


def _make(folder: Path) -> None:
    """Make a folder, durably: that it is there stands in the folder above."""
    if not folder.is_dir():
        _make(folder.parent)
        folder.mkdir(exist_ok=True)
        _sync(folder.parent)


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
