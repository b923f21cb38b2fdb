"""Where a file comes from: package version, commit, time."""

import subprocess
from datetime import UTC, datetime
from functools import cache
from importlib.metadata import version
from pathlib import Path


def provenance() -> dict[str, str]:
    """The attributes package_version, git_commit and date_created of a file that is written now."""
    return {"package_version": version("tls-atlas"), "git_commit": git_commit(), "date_created": now()}


def now() -> str:
    """The time, UTC, to the second, as ISO 8601."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@cache
def git_commit() -> str:
    """The commit of the code, with "-dirty" if files differ from it; "unknown" outside a repository."""
    command = ["git", "describe", "--always", "--dirty", "--abbrev=40", "--exclude=*"]
    try:
        answer = subprocess.run(command, cwd=Path(__file__).parent, capture_output=True, text=True, timeout=10)
    except (OSError, subprocess.TimeoutExpired):
        return "unknown"
    return answer.stdout.strip() if answer.returncode == 0 else "unknown"
