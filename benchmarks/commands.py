"""Commands run as the workflow runs them, with their wall time and peak memory."""

import json
import os
import subprocess
import sys
from collections.abc import Container, Mapping
from dataclasses import dataclass
from pathlib import Path

BIN = Path(sys.executable).parent
LAUNCHER = Path(__file__).with_name("launcher.py")


@dataclass(frozen=True)
class Usage:
    """What a command took: wall time in seconds, peak resident memory in bytes of it or of a process that it started,
    and CPU time in seconds of all of them."""

    seconds: float
    bytes: int
    cpu: float


def run(*command: str | Path, codes: Container[int] = (0,), environment: Mapping[str, str] = os.environ) -> Usage:
    """Run a command of this environment, `survey` for example; RuntimeError if its exit code is another than these."""
    program, *arguments = (str(part) for part in command)
    line = [sys.executable, "-I", "-S", str(LAUNCHER), str(BIN / program), *arguments]
    environment = {**environment, "PATH": f"{BIN}{os.pathsep}{environment['PATH']}"}
    done = subprocess.run(line, capture_output=True, text=True, env=environment, check=True)
    answer = json.loads(done.stdout)
    if answer["code"] not in codes:
        raise RuntimeError(f"{program} {' '.join(arguments)}: exit code {answer['code']}\n{done.stderr}")
    return Usage(answer["seconds"], answer["bytes"], answer["cpu"])
