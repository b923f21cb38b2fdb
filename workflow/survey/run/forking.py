"""The servers that fork for the steps of a run on this machine (`survey.cli.server`), started and held by Snakemake."""

import os
import secrets
import shlex
import socket
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from survey.run.client import DRAWING, DRAWS, SERVER

# A server may have one thread only, from its first import on.
ONE_THREAD = {f"{library}_NUM_THREADS": "1" for library in ("OMP", "OPENBLAS", "MKL", "NUMBA")}
# The steps of rules.
STEPS = {
    "compute_tile": "tile",
    "assemble_cube": "assemble",
    "locate_crossovers": "crossovers",
    "render_diagram": "diagram",
    "build_page": "page",
    "write_index": "index",
    "infer_levels": "infer",
    "compare_rivals": "compare",
    "predict_observables": "predict",
    "rank_experiments": "rank",
}
# Set to 0, it lets every step start as a process of its own.
FORK = "SURVEY_FORK"


def command() -> str:
    """The function of the shell, without braces, that a job runs as `survey`: where there are servers, their client;
    else the plain command. Either takes the shell's place, so that signals reach it."""
    script = Path(__file__).with_name("client.py")
    python = f"{shlex.quote(sys.executable)} -I -S {shlex.quote(str(script))}"
    return f'survey() if [ -v {SERVER} ]; then exec {python} "$@"; else exec survey "$@"; fi'


def start_servers(rules: Iterable[str], tiles: Iterable[tuple[str, str]] = ()) -> list[subprocess.Popen]:
    """Start a server for the jobs of these rules that compute, and one for those that draw, which this process's
    environment then names; none on systems other than Linux, or if SURVEY_FORK=0. `tiles` are a survey's file and the
    name of a tile for each kernel.

    The sockets listen before the servers do, so that a client that comes early waits. A server ends after this process,
    however that ends: it sees its standard input close.
    """
    os.environ.pop(SERVER, None)
    if sys.platform != "linux" or os.environ.get(FORK) == "0":
        return []
    steps = {STEPS[rule] for rule in rules if rule in STEPS}
    name = f"survey-{secrets.token_hex(16)}"
    kernels = [word for pair in tiles for word in pair]
    computes, draws = sorted(steps.difference(DRAWING)), sorted(steps.intersection(DRAWING))
    servers = [_start(name, [*computes, "--", *kernels])] if computes else []
    servers += [_start(name + DRAWS, draws)] if draws else []
    os.environ[SERVER] = name
    return servers


def _start(name: str, words: list[str]) -> subprocess.Popen:
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(f"\0{name}")
        listener.listen(1000)
        descriptor = listener.fileno()
        return subprocess.Popen(
            [sys.executable, "-P", "-m", "survey.cli.server", str(descriptor), *words],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            pass_fds=[descriptor],
            env=os.environ | ONE_THREAD,
        )
