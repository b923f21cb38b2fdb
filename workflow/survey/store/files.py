"""Files that are never half there: written under a temporary name beside the target, then put in its place at once."""

import errno
import os
import re
import shutil
import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from glob import escape
from pathlib import Path

from survey.errors import SurveyError, in_words

# Names the folder of the node's own disk, where the site has one.
SCRATCH = "SURVEY_SCRATCH"
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
    temporary = temporary_of(path)
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


@contextmanager
def on_scratch(target: Path, size: int) -> Iterator[Path]:
    """A path to write a file of about `size` bytes to, in many small pieces; it is copied to `target` in one stream
    when the block ends: in the folder that the environment variable SURVEY_SCRATCH names, where $NAME stands for other
    variables of the node. It is `target` itself if there is no such folder on this node, or not half as much again of
    room in it."""
    folder = Path(os.path.expandvars(os.environ.get(SCRATCH, "")))
    if not os.environ.get(SCRATCH) or not folder.is_dir() or shutil.disk_usage(folder).free < 1.5 * size:
        yield target
        return
    with tempfile.TemporaryDirectory(prefix="survey-", dir=folder) as own:
        draft = Path(own, target.name)
        yield draft
        shutil.copyfile(draft, target)


def temporary_of(path: Path, process: int | None = None) -> Path:
    """Where a process of this machine, by default this one, writes what will take the place of `path`."""
    return path.with_name(f".{path.name}.{socket.gethostname()}.{process or os.getpid()}.tmp")


def maker_of(temporary: Path) -> int | None:
    """The process of this machine that a temporary file is from; None if it is from elsewhere."""
    own = re.fullmatch(rf".*\.{re.escape(socket.gethostname())}\.(\d+)\.tmp", temporary.name)
    return int(own[1]) if own else None


def alive(process: int, since: str = "") -> bool:
    """Whether a process of this number runs; with `since`, what `born` said of it, only if it is still the same one.
    One that is dead, and of which who started it has not heard yet, runs no more."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return _stat(process)[:1] not in (["Z"], ["X"]) and (not since or born(process) in ("", since))


def born(process: int) -> str:
    """When a process started, in ticks since the machine did: numbers of processes are used again. Empty where the
    system does not tell."""
    return "".join(_stat(process)[19:20])


def _stat(process: int) -> list[str]:
    """What the system tells of a process, from its state on; nothing where it does not tell."""
    try:
        said = Path(f"/proc/{process}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return []
    return said.rpartition(")")[2].split()


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
        descriptor, probe = tempfile.mkstemp(prefix=".", suffix=".tmp", dir=folder)
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
    for other in path.parent.glob(f".{escape(path.name)}.*.tmp"):
        process = maker_of(other)
        if process and other == temporary_of(path, process) and not alive(process):
            other.unlink(missing_ok=True)
