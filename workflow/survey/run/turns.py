"""One tile, one job at a time: who comes second waits."""

import time
from pathlib import Path

from survey.run.marks import running

# Seconds between two looks.
PAUSE = 2.0


def wait_for_others(store: Path, key: str, path: Path) -> bool:
    """Wait while another job that makes `path` shows signs of life, as one of an earlier run whose main process was
    killed; returns whether it was waited for. Two that begin within the same second both go on, which costs time and
    harms nothing: files are put in place at once."""
    waited = False
    while not path.exists() and any(mark.alive for mark in running(store, key)):
        waited = True
        time.sleep(PAUSE)
    return waited
