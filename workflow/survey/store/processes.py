"""Whether a process of this machine still runs."""

import os
from pathlib import Path


def alive(process: int, since: str = "") -> bool:
    """Whether a process of this number runs; with `since`, what `born` said of it, only if it is still the same one."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return not since or born(process) in ("", since)


def born(process: int) -> str:
    """When a process started, in ticks since the machine did: numbers of processes are used again. Empty where the
    system does not tell."""
    try:
        fields = Path(f"/proc/{process}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
    except OSError:
        return ""
    return fields[19]
