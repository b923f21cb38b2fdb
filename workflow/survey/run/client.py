"""Have a step of a run done by a process that a server forks for it: as the command `survey`, without its imports.

Run as a script by `python -I -S`, which starts in some ten milliseconds; it imports nothing of this package. It hands
its arguments, folder, environment and open files to its server (`survey.cli.server`), forwards signals, and ends as
the forked process ends. Where no server takes the job it becomes the plain command instead.
"""

import json
import os
import signal
import socket
import sys
from contextlib import suppress

SERVER = "SURVEY_SERVER"
# What imports most has a server of its own, so that no other step waits for that.
DRAWING = ("diagram", "page", "index")
DRAWS = "-draws"
SCREEN = "SURVEY_SCREEN"
# What the server answers: whether it has begun the job.
BEGUN = b"+"
# Seconds until the server has to have begun, which imports packages before the first job.
PATIENCE = 60.0
FORWARDED = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1, signal.SIGUSR2)


def descriptors(environment) -> list[int]:
    """The open files that a step may write to."""
    screen = environment.get(SCREEN, "")
    return [0, 1, 2, *([int(screen)] if screen.isdigit() and int(screen) > 2 else [])]


def name(step: str) -> bytes:
    """The name of the server of a step, in the abstract namespace of sockets."""
    return f"\0{os.environ[SERVER]}{DRAWS if step in DRAWING else ''}".encode()


def request(arguments: list[str]) -> bytes:
    """All that the forked process has to know, with its length before it."""
    mask = os.umask(0)
    os.umask(mask)
    environment = dict(os.environ)
    said = {"arguments": arguments, "folder": os.getcwd(), "environment": environment, "umask": mask}
    content = json.dumps(said | {"process": os.getpid(), "descriptors": descriptors(environment)}).encode()
    return len(content).to_bytes(4, "big") + content


def forked(arguments: list[str]) -> int | None:
    """The status, as `os.waitpid` gives it, of the process that the server forked; None if there is none, or if the
    server died before that process ended, which then is dead, too."""
    # Until the job has begun, a signal ends this process, and with it the job that the server may begin.
    with socket.socket(socket.AF_UNIX) as server:
        server.settimeout(PATIENCE)
        # The forked process ends with this one: it has the other end of a pipe that nobody writes to.
        ending, _ = os.pipe()
        try:
            server.connect(name(next(iter(arguments), "")))
            content = request(arguments)
            sent = socket.send_fds(server, [content], [*descriptors(os.environ), ending])
            os.close(ending)
            server.sendall(content[sent:])
            if server.recv(1) != BEGUN:
                return None
        except (OSError, ValueError):
            return None

        def forward(number, frame) -> None:
            with suppress(OSError):
                server.send(bytes([number]))

        for number in FORWARDED:
            if signal.getsignal(number) is not signal.SIG_IGN:
                signal.signal(number, forward)
        server.settimeout(None)
        try:
            status = server.recv(4, socket.MSG_WAITALL)
        except OSError:
            return None
        return int.from_bytes(status, "big") if len(status) == 4 else None


def main(arguments: list[str]) -> None:
    """End as the forked process ended, or become the plain command."""
    status = forked(arguments)
    for number in FORWARDED:
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, signal.SIG_DFL)
    if status is None:
        os.environ.pop(SERVER, None)
        os.execvp("survey", ["survey", *arguments])
    if os.WIFSIGNALED(status):
        os.kill(os.getpid(), os.WTERMSIG(status))
    os._exit(os.waitstatus_to_exitcode(status) if os.WIFEXITED(status) else 1)


if __name__ == "__main__":
    main(sys.argv[1:])
