"""What runs now and what failed: small files that a job leaves in the store, for whoever asks from elsewhere.

While a job runs there is store/.running/<key>@<host>@<process>.json, touched every few seconds; when it fails,
store/.failed/<key>.json, until the same job succeeds. Nothing waits for these files: one that a killed job left is
recognised by its dead process, on another machine by its silence, and then says that the job was interrupted. Times are
those of the file system: the clocks of machines differ.

A run of Snakemake leaves such a mark too, which says which files it will still make. What no job of such a run has
begun yet is queued, in Snakemake or in Slurm.
"""

import atexit
import json
import os
import socket
import tempfile
import threading
import time
import traceback
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from glob import escape
from pathlib import Path

import physics
import survey
from survey.store.files import alive, born, temporary_of

# Seconds between two signs of life, and after how many without one a job on another machine counts as dead.
BEAT = 2.0
SILENCE = 120.0
# Seconds between two looks at a job that is waited for.
PAUSE = 2.0
# The key of the mark of a run.
RUN = "run"
# Where the lines of this repository stand.
_OWN = [Path(package.__file__).parent for package in (physics, survey)]


@dataclass(frozen=True)
class Mark:
    """A mark that was found: what it says, when (seconds since 1970) it was written, and how many seconds ago."""

    path: Path
    said: dict
    written: float
    silent: float

    @property
    def key(self) -> str:
        return self.said["key"]

    @property
    def rate(self) -> float:
        """Cells per second since the first of them were told; 0 before there are two times to go by. What was copied
        comes before the first."""
        done, since = self.said.get("first", [0, 0.0])
        return (self.said["done"] - done) / max(self.said["told"] - since, 1e-3) if self.said["done"] > done else 0.0

    @property
    def alive(self) -> bool:
        """Whether the job that wrote the mark still runs."""
        if self.said["host"] == socket.gethostname():
            return alive(self.said["process"], self.said["born"])
        return self.silent < SILENCE


@contextmanager
def marked(store: Path, key: str, **about) -> Iterator[Callable[[int], None]]:
    """Mark the job `key` as running while the block runs, and as failed if it raises; `about` is kept in both marks.

    Yields a function to tell how many cells are done: the first time counts as the start of the work. A store in which
    no mark can be written stops no job.
    """
    host, process = socket.gethostname(), os.getpid()
    path = Path(store) / ".running" / f"{key}@{host}@{process}.json"
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
    said = {"key": key, "host": host, "process": process, "born": born(process), "done": 0} | about
    said |= {"started": clock(path.parent), "slurm_job": os.environ.get("SLURM_JOB_ID")}
    over = threading.Event()

    def tell(done: int) -> None:
        now = time.time()
        said.update(first=said.get("first", [int(done), now]), done=int(done), told=now)

    def beat() -> None:
        last = None
        while not over.wait(BEAT):
            if said != last or not _touched(path):
                last = dict(said)
                _write(path, last)

    for left in running(store, key):
        if not left.alive:
            _remove(left.path)
    _write(path, said)
    heart = threading.Thread(target=beat, daemon=True)
    heart.start()
    failure = Path(store) / ".failed" / f"{key}.json"
    try:
        yield tell
        _remove(failure)
    except Exception as error:
        over.set()
        heart.join()
        _fail(path, failure, said | _told(error) | {"failed": time.time()})
        raise
    finally:
        over.set()
        heart.join()
        _remove(path)


def key_of(survey: str, step: str, name: str = "") -> str:
    """The key of a job that makes no tile: a `cube`, `crossovers` or a `diagram` of a survey. That of a tile is its
    digest."""
    return "-".join(part for part in (step, survey, name) if part)


def running(store: Path, key: str | None = None) -> list[Mark]:
    """The marks of jobs that run, and of those that ended without a word; only those of the job `key` if it is given.
    That of a run of Snakemake is among them, see `announce`."""
    return _marks(Path(store) / ".running", f"{escape(key)}@*.json" if key else "*.json")


def failed(store: Path) -> dict[str, Mark]:
    """The marks of jobs that failed and did not succeed since, by their keys."""
    return {mark.key: mark for mark in _marks(Path(store) / ".failed", "*.json")}


def wait_for_others(store: Path, key: str, path: Path) -> bool:
    """Wait while another job that makes `path` shows signs of life, as one of an earlier run whose main process was
    killed; returns whether it was waited for. Two that begin within the same second both go on, which costs time and
    harms nothing: files are put in place at once."""
    waited = False
    while not path.exists() and any(mark.alive for mark in running(store, key)):
        waited = True
        time.sleep(PAUSE)
    return waited


def announce(results: Path, files: Iterable[str], surveys: Iterable[Path], cluster: bool) -> None:
    """Mark this process, until it ends, as a run that makes these files, below `results`, for these surveys; `cluster`
    says whether its jobs go to other machines. Where no mark can be written, nothing happens."""
    makes = sorted(str(Path(file).relative_to(results)) for file in files)
    read = sorted(str(Path(path).resolve()) for path in surveys)
    ending = ExitStack()
    ending.enter_context(marked(Path(results) / "store", RUN, makes=makes, surveys=read, cluster=cluster))
    # Snakemake tells a run's end in two ways, and not at all that of one that was interrupted.
    atexit.register(ending.close)


def going_on(marks: Iterable[Mark]) -> list[Mark]:
    """The runs, of all marks, that are alive."""
    return [mark for mark in marks if mark.key == RUN and mark.alive]


def queue(runs: Iterable[Mark]) -> dict[str, float]:
    """The files that these runs make or have made, relative to the results, with the start of the youngest such run."""
    started: dict[str, float] = {}
    for run in sorted(runs, key=lambda run: run.said["started"]):
        started |= dict.fromkeys(run.said["makes"], run.said["started"])
    return started


def clock(folder: Path) -> float:
    """The time of the file system of a folder, by a file that is made and removed; this machine's own where none can
    be made."""
    try:
        with tempfile.NamedTemporaryFile(prefix=".clock.", suffix=".tmp", dir=folder) as probe:
            return os.fstat(probe.fileno()).st_mtime
    except OSError:
        return time.time()


def _told(error: Exception) -> dict:
    # The last line of this repository: below it are the libraries.
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if any(root in Path(frame.filename).parents for root in _OWN)]
    last = (own or frames)[-1]
    return {
        "exception": type(error).__name__,
        "message": str(error),
        "notes": list(getattr(error, "__notes__", [])),
        "line": f"{last.filename}:{last.lineno}",
    }


def _marks(folder: Path, pattern: str) -> list[Mark]:
    found = []
    now = clock(folder)
    for path in sorted(folder.glob(pattern)):
        # A mark may go while it is looked at.
        with suppress(OSError, ValueError):
            said = json.loads(path.read_text(encoding="utf-8"))
            if isinstance(said, dict) and said.keys() >= {"key", "host", "process", "born"}:
                written = path.stat().st_mtime
                found.append(Mark(path, said, written, max(now - written, 0.0)))
    return found


def _fail(path: Path, failure: Path, said: dict) -> None:
    """On a full disk there is no room for another file, but for as much in the place of the mark that there is."""
    if not _write(failure, said):
        with suppress(OSError):
            with path.open("r+", encoding="utf-8") as mark:
                mark.write(json.dumps(said))
                mark.truncate()
            os.replace(path, failure)


def _write(path: Path, said: dict) -> bool:
    """Whether the mark is there now. It is not synced to the disk: it need not outlive the machine."""
    temporary = temporary_of(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary.write_text(json.dumps(said), encoding="utf-8")
        os.replace(temporary, path)
    except OSError:
        _remove(temporary)
        return False
    return True


def _touched(path: Path) -> bool:
    """Whether the mark was still there, now with a newer time."""
    try:
        os.utime(path)
    except OSError:
        return False
    return True


def _remove(path: Path) -> None:
    with suppress(OSError):
        path.unlink(missing_ok=True)
