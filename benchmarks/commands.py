"""Commands run as the workflow runs them, with their wall time and peak memory."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

BIN = Path(sys.executable).parent
LAUNCHER = Path(__file__).with_name("launcher.py")


@dataclass(frozen=True)
class Usage:
    """What a command took: wall time in seconds, peak resident memory in bytes."""

    seconds: float
    bytes: int


def run(*command: str | Path) -> Usage:
    """Run a command of this environment, `survey` for example; RuntimeError if it fails."""
    program, *arguments = (str(part) for part in command)
    line = [sys.executable, "-I", "-S", str(LAUNCHER), str(BIN / program), *arguments]
    environment = os.environ | {"PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}"}
    done = subprocess.run(line, capture_output=True, text=True, env=environment, check=True)
    answer = json.loads(done.stdout)
    if answer["code"] != 0:
        raise RuntimeError(f"{program} {' '.join(arguments)}: exit code {answer['code']}\n{done.stderr}")
    return Usage(answer["seconds"], answer["bytes"])
