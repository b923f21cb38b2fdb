"""A process that was killed is dead at once, although whoever started it has not yet heard of it."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from survey.store.files import alive, born, temporary_of, write_text

pytestmark = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs /proc, which tells who is dead")


@pytest.fixture
def killed():
    """The number of a process that was killed, and that nobody has waited for."""
    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    os.kill(process.pid, 9)
    while Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z":
        time.sleep(0.01)
    yield process.pid
    process.stdin.close()
    process.wait()


def test_it_does_not_run(killed):
    os.kill(killed, 0)
    assert not alive(killed) and not alive(killed, born(killed))
    assert alive(os.getpid()) and alive(os.getpid(), born(os.getpid())) and not alive(os.getpid(), "1")


def test_what_it_left_goes_with_the_next_write(tmp_path, killed):
    path = tmp_path / "cube.nc"
    left, others = temporary_of(path, killed), temporary_of(path, os.getppid())
    for each in (left, others):
        each.write_text("half")
    write_text(path, "whole")
    assert path.read_text() == "whole" and not left.exists() and others.exists()
