"""A process that has imported what steps need, and forks for each: the steps of a run on this machine then start in
some hundredths of a second, each still a process of its own.

A run of Snakemake starts it (`survey.run.forking`) and holds the other end of its standard input: when that closes, the
server begins no more jobs, and ends with the last one. There are two, one of them for the steps that draw, which import
most. Jobs come from `survey.run.client` over a socket in the abstract namespace, which leaves no file behind. A job
dies with its client and with the server. The server has one thread, and forks only as long as it has: a lock that
another thread holds would stay locked for ever in the forked process. It takes no job once the code has changed on the
disk: a process that starts anew finds the new code.
"""

import ctypes
import fcntl
import gc
import io
import json
import os
import select
import selectors
import signal
import socket
import struct
import sys
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

import physics
import survey
from survey.cli import main
from survey.cli.steps import one_thread_each
from survey.run.client import BEGUN
from survey.run.insides import name_of_forked

# What is imported, or called, for each step before its jobs come, in the order in which a run needs it.
_ALL = ["survey.config.load", "survey.run.marks", "survey.store.owner"]
_KERNELS = ["numba", "scipy.optimize", "dask"]
PREPARATIONS = {
    "tile": [*_ALL, "survey.compute.tile", "survey.run.progress", *_KERNELS],
    "assemble": [*_ALL, "survey.cubes.assemble"],
    "crossovers": [*_ALL, "survey.cubes.crossovers", *_KERNELS],
    "diagram": [
        *(*_ALL, "pandas", "xarray", "dask.array", "pint", "bokeh.plotting", "matplotlib.pyplot", "holoviews"),
        *("hvplot.xarray", "hvplot.pandas", "survey.draw.render:rehearse"),
    ],
    "page": [*_ALL, "survey.explore.page"],
    "index": [*_ALL, "survey.explore.index"],
    "infer": [*_ALL, *_KERNELS, "survey.explain.levels"],
    "compare": [*_ALL, "survey.explain.compare"],
    "predict": [*_ALL, *_KERNELS, "survey.explain.predict"],
    "rank": [*_ALL, *_KERNELS, "survey.explain.experiments"],
}
REHEARSAL = "survey.run.rehearsal:rehearse"
# Seconds for a client to say what it wants.
PATIENCE = 5.0
_LONGEST = 10_000_000
_PR_SET_PDEATHSIG = 1


@dataclass
class Job:
    """A forked process, the connection to its client, and the descriptor that tells its end."""

    process: int
    client: socket.socket
    ending: int


class Server:
    """It serves the listening socket `listener` until `lifeline`, a descriptor, is closed at its other end."""

    def __init__(self, listener: socket.socket, lifeline: int, preparations: Iterable[tuple[str, ...]]):
        self.listener: socket.socket | None = listener
        self.lifeline = lifeline
        self.preparations = list(dict.fromkeys(preparations))
        self.jobs: list[Job] = []
        self.code = code()
        self.selector = selectors.DefaultSelector()
        self.selector.register(listener, selectors.EVENT_READ, self._accept)
        self.selector.register(lifeline, selectors.EVENT_READ, self._close)

    def serve(self) -> None:
        """Fork for clients, and prepare between them for the next."""
        while self.listener is not None or self.jobs:
            events = self.selector.select(0 if self.preparations and self.listener else None)
            for key, _ in events:
                # What came later in the list may be gone by now.
                if key.fileobj in self.selector.get_map():
                    key.data()
            if not events and self.preparations:
                self._prepare(self.preparations[0])

    def _prepare(self, each: tuple[str, ...]) -> None:
        """Import a module, or call its function with arguments, unless that is done. A failure is the jobs' to tell."""
        if each not in self.preparations:
            return
        self.preparations.remove(each)
        module, _, function = each[0].partition(":")
        with suppress(Exception):
            found = import_module(module)
            if function:
                getattr(found, function)(*each[1:])
        gc.collect()
        gc.freeze()

    def _close(self) -> None:
        """The run is over."""
        self.selector.unregister(self.lifeline)
        if self.listener is not None:
            self.selector.unregister(self.listener)
            self.listener.close()
            self.listener = None

    def _accept(self) -> None:
        if self.listener is None:
            return
        client, _ = self.listener.accept()
        try:
            client.settimeout(PATIENCE)
            wanted, files = received(client)
            try:
                # What one job would do for itself the server does for all that follow.
                for each in PREPARATIONS.get(next(iter(wanted["arguments"]), ""), []):
                    self._prepare((each,))
                if threads() == 1 and code() == self.code:
                    self._fork(client, wanted, files)
                    return
            finally:
                for file in files:
                    os.close(file)
        except (OSError, ValueError, KeyError, TypeError):
            pass
        # The client helps itself.
        client.close()

    def _fork(self, client: socket.socket, wanted: dict, files: list[int]) -> None:
        server = os.getpid()
        process = os.fork()
        if process == 0:
            status = 1
            try:
                dies_with(server)
                self._leave(client)
                status = step(wanted, files)
            finally:
                os._exit(status)
        job = Job(process, client, os.pidfd_open(process))
        self.jobs.append(job)
        client.settimeout(None)
        self.selector.register(client, selectors.EVENT_READ, lambda: self._signalled(job))
        self.selector.register(job.ending, selectors.EVENT_READ, lambda: self._ended(job))
        with suppress(OSError):
            client.send(BEGUN)

    def _leave(self, client: socket.socket) -> None:
        """In the forked process: nothing of the server's stays open, or ends would not be seen."""
        self.selector.close()
        os.close(self.lifeline)
        if self.listener is not None:
            self.listener.close()
        client.close()
        for job in self.jobs:
            job.client.close()
            os.close(job.ending)

    def _signalled(self, job: Job) -> None:
        """A client forwards a signal. Where it is dead its job is, too."""
        try:
            numbers = job.client.recv(16)
        except OSError:
            numbers = b""
        if not numbers:
            self.selector.unregister(job.client)
        for number in numbers:
            with suppress(OSError):
                signal.pidfd_send_signal(job.ending, number)

    def _ended(self, job: Job) -> None:
        _, status = os.waitpid(job.process, 0)
        self.selector.unregister(job.ending)
        os.close(job.ending)
        if job.client in self.selector.get_map():
            self.selector.unregister(job.client)
        with suppress(OSError):
            job.client.send(status.to_bytes(4, "big"))
        job.client.close()
        self.jobs.remove(job)


def received(client: socket.socket) -> tuple[dict, list[int]]:
    """What a client wants, and the files that it sends, the last of which ends with it; ValueError if that is not
    understood or comes from another user."""
    _, user, _ = struct.unpack("3i", client.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i")))
    content, files, _, _ = socket.recv_fds(client, 65536, 8)
    try:
        length = int.from_bytes(content[:4], "big")
        if user != os.getuid() or len(content) < 4 or length > _LONGEST:
            raise ValueError
        while len(content) < 4 + length:
            more = client.recv(65536)
            if not more:
                raise ValueError
            content += more
        wanted = json.loads(content[4:])
        if len(wanted["descriptors"]) + 1 != len(files):
            raise ValueError
    except (ValueError, OSError, TypeError, KeyError):
        for file in files:
            os.close(file)
        raise ValueError from None
    return wanted, files


def step(wanted: dict, files: list[int]) -> int:
    """In the forked process: become what the client would be as the plain command, and return the exit code."""
    *files, ending = files
    dies_with_client(ending)
    # Of a group of its own: a Ctrl-C reaches it once, through its client.
    os.setpgid(0, 0)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    # By this name a benchmark finds the process that works for a client (`survey.run.insides`).
    with suppress(OSError):
        Path("/proc/self/comm").write_text(name_of_forked(wanted["process"]), encoding="utf-8")
    high = [fcntl.fcntl(file, fcntl.F_DUPFD, 100) for file in files]
    for file in files:
        os.close(file)
    for file, place in zip(high, wanted["descriptors"], strict=True):
        os.dup2(file, place)
        os.close(file)
    os.chdir(wanted["folder"])
    os.umask(wanted["umask"])
    os.environ.clear()
    os.environ.update(wanted["environment"])
    one_thread_each()
    for name, place in (("stdin", 0), ("stdout", 1), ("stderr", 2)):
        setattr(sys, name, _text(place, getattr(sys, name)))
    sys.argv = ["survey", *wanted["arguments"]]
    code: object = 0
    try:
        main(wanted["arguments"])
    except SystemExit as end:
        code = end.code
    except BaseException:
        sys.excepthook(*sys.exc_info())
        code = 1
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):
            stream.flush()
    return code if isinstance(code, int) else int(code is not None)


def _text(place: int, like) -> io.TextIOWrapper:
    """A standard stream, as Python opens it at its start."""
    raw = io.FileIO(place, "r" if place == 0 else "w", closefd=False)
    buffered = io.BufferedReader(raw) if place == 0 else io.BufferedWriter(raw)
    lines = place == 2 or os.isatty(place)
    errors = "backslashreplace" if place == 2 else like.errors
    return io.TextIOWrapper(buffered, encoding=like.encoding, errors=errors, line_buffering=lines)


def dies_with(server: int) -> None:
    """Let the kernel kill this process when its parent, the server, dies."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != server:
        os._exit(1)


def dies_with_client(ending: int) -> None:
    """Let the kernel kill this process when the pipe that ends in `ending` loses its other end, also while the server,
    which imports or compiles, hears nothing."""
    fcntl.fcntl(ending, fcntl.F_SETOWN, os.getpid())
    fcntl.fcntl(ending, fcntl.F_SETSIG, signal.SIGKILL)
    fcntl.fcntl(ending, fcntl.F_SETFL, fcntl.fcntl(ending, fcntl.F_GETFL) | os.O_ASYNC)
    if select.select([ending], [], [], 0)[0]:
        os._exit(1)


def threads() -> int:
    """How many threads this process has, also those that Python does not know."""
    return len(os.listdir("/proc/self/task"))


def code() -> dict[str, tuple[int, int]]:
    """The sources of both packages with their times and sizes."""
    return dict(_sources())


def _sources() -> Iterator[tuple[str, tuple[int, int]]]:
    folders = [os.path.dirname(str(package.__file__)) for package in (physics, survey)]
    while folders:
        with os.scandir(folders.pop()) as entries:
            for entry in entries:
                if entry.name.endswith(".py"):
                    about = entry.stat()
                    yield entry.path, (about.st_mtime_ns, about.st_size)
                elif entry.name != "__pycache__" and entry.is_dir():
                    folders.append(entry.path)


def run(descriptor: int, wanted: list[str]) -> None:
    """Serve the listening socket of this descriptor, until standard input is closed; `wanted` are the steps whose jobs
    will come, and, behind "--", file of the survey and name of tiles whose kernels will be used."""
    for number in (signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    listener = socket.socket(fileno=descriptor)
    end = wanted.index("--") if "--" in wanted else len(wanted)
    steps = [(each,) for step, names in PREPARATIONS.items() if step in wanted[:end] for each in names]
    kernels = [(REHEARSAL, file, tile) for file, tile in zip(wanted[end + 1 :: 2], wanted[end + 2 :: 2], strict=True)]
    Server(listener, 0, [*steps, *kernels]).serve()


if __name__ == "__main__":
    run(int(sys.argv[1]), sys.argv[2:])
