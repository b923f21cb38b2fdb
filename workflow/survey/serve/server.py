"""The server: a socket, and one process or several that answer on it with the same files."""

import ctypes
import json
import os
import socket
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import asdict
from importlib import import_module
from pathlib import Path

from starlette.applications import Starlette

from survey.errors import SurveyError
from survey.serve.app import application
from survey.serve.limits import Limits

# Tells the processes what to serve.
SERVED = "SURVEY_SERVED"
# Requests at the same time, of one process; more are told to come again (503).
MOST_AT_ONCE = 200
# Seconds that answers may take to their end when the server is told to stop.
LAST_ANSWERS = 5
# Of malloc.h.
_ARENA_MAX = -8


def listening(host: str, port: int) -> socket.socket:
    """A socket at an address, any free port for 0; SurveyError if there is none to have."""
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        found = socket.create_server((host, port), family=family, backlog=2048)
    except (OSError, OverflowError) as error:
        said = getattr(error, "strerror", None) or error
        raise SurveyError(f"{host}:{port}: cannot be listened at ({said}); allowed: another --host or --port") from None
    # What is accepted here has it too; without it a small answer waits 40 ms for the client to confirm its head.
    found.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return found


def serve(
    files: Iterable[str | Path],
    listener: socket.socket,
    limits: Limits | None = None,
    workers: int = 1,
    routes: str | None = None,
) -> None:
    """Answer on a socket until the process is told to end.

    `routes` names a function, `module:function`, that returns further routes of Starlette, which come first.
    """
    import uvicorn

    said = {"files": [os.path.abspath(each) for each in files], "limits": asdict(limits or Limits()), "routes": routes}
    os.environ[SERVED] = json.dumps(said)
    uvicorn.run(
        "survey.serve.server:from_environment",
        factory=True,
        fd=listener.fileno(),
        workers=workers,
        log_level="warning",
        access_log=False,
        server_header=False,
        limit_concurrency=MOST_AT_ONCE,
        timeout_graceful_shutdown=LAST_ANSWERS,
    )


def _few_arenas() -> None:
    """Let the threads share memory that is free, where the C library is that of GNU: half as much in all."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).mallopt(_ARENA_MAX, 2)


def from_environment() -> Starlette:
    """The application of a process of the server."""
    _few_arenas()
    said = json.loads(os.environ[SERVED])
    routes = []
    if said["routes"]:
        module, _, function = said["routes"].partition(":")
        routes = getattr(import_module(module), function)()
    return application(said["files"], routes, Limits(**said["limits"]))
