"""The server that forks for the steps of a run on this machine (`survey.cli.server`), started and held by Snakemake."""

import os
import secrets
import shlex
import socket
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from physics import QUANTITIES

# What a step's client looks for: the server's name in the abstract namespace of sockets.
SERVER = "SURVEY_SERVER"
# The server may have one thread only, from its first import on.
ONE_THREAD = {f"{library}_NUM_THREADS": "1" for library in ("OMP", "OPENBLAS", "MKL", "NUMBA")}
# The steps that a server prepares for, by their rules; it forks for all.
STEPS = {
    "compute_tile": "tile",
    "assemble_cube": "assemble",
    "locate_crossovers": "crossovers",
    "render_diagram": "diagram",
    "build_page": "page",
    "write_index": "index",
}
# Set to 0, it lets every step start as a process of its own.
FORK = "SURVEY_FORK"


def command() -> str:
    """The function of the shell, without braces, that a job runs as `survey`: where there is a server its client, else
    the plain command. Either takes the shell's place, so that signals reach it."""
    script = Path(__file__).parents[1] / "cli" / "client.py"
    python = f"{shlex.quote(sys.executable)} -I -S {shlex.quote(str(script))}"
    return f'survey() if [ -v {SERVER} ]; then exec {python} "$@"; else exec survey "$@"; fi'


def start_server(rules: Iterable[str], quantities: Iterable[str]) -> subprocess.Popen | None:
    """Start a server for jobs of these rules and quantities, which this process's environment then names; None where
    there is none: on systems other than Linux, or if SURVEY_FORK=0.

    The socket listens before the server does, so that a client that comes early waits for it. The server ends after
    this process, however that ends: it sees its standard input close.
    """
    os.environ.pop(SERVER, None)
    if sys.platform != "linux" or os.environ.get(FORK) == "0":
        return None
    steps = {STEPS[rule] for rule in rules if rule in STEPS}
    kernels = {QUANTITIES[name].kernel.split(":")[0] for name in quantities}
    name = f"survey-{secrets.token_hex(16)}"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(f"\0{name}")
        listener.listen(1000)
        descriptor = listener.fileno()
        server = subprocess.Popen(
            [sys.executable, "-P", "-m", "survey.cli.server", str(descriptor), *sorted(steps | kernels)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            pass_fds=[descriptor],
            env=os.environ | ONE_THREAD,
        )
    os.environ[SERVER] = name
    return server
