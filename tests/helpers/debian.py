"""Programs that are no part of the environment, installed from Debian's packages where they are missing."""

import fcntl
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest


def require(missing: Callable[[], list[str]], variable: str, root: bool = False) -> None:
    """Install the packages that are `missing`, one test process at a time. Where that cannot be done, or where their
    programs need `root` and this is not, tests are skipped, or fail if the environment has `variable` = required."""
    with (Path(tempfile.gettempdir()) / f"install-{variable}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        reason = "root is needed" if root and not _is_root() else _install(missing())
    if reason and os.environ.get(variable) == "required":
        pytest.fail(reason)
    if reason:
        pytest.skip(reason)


def _install(packages: list[str]) -> str:
    """Why they could not be installed, "" if they are."""
    if not packages:
        return ""
    if not _is_root() or shutil.which("apt-get") is None:
        return f"{', '.join(packages)} not installed, and this is no Debian, or not root, to install it"
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    for command in (["update", "-qq"], ["install", "-y", "-qq", "--no-install-recommends", *packages]):
        done = subprocess.run(["apt-get", *command], env=environment, capture_output=True, text=True)
        if done.returncode:
            return f"apt-get {command[0]} failed: {(done.stderr or done.stdout).strip()[-300:]}"
    return ""


def _is_root() -> bool:
    return hasattr(os, "geteuid") and os.geteuid() == 0
