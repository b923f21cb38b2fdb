"""What Slurm says of the jobs of this folder, where its commands are there and answer soon."""

import subprocess
from collections import Counter
from collections.abc import Collection
from pathlib import Path

# Seconds that a command of Slurm gets.
PATIENCE = 3.0
# The comment that Snakemake's Slurm executor gives its jobs begins so.
COMMENT = "rule_"


def asked(folder: Path, jobs: Collection[str]) -> dict:
    """What Slurm holds now of the jobs that runs of Snakemake in `folder` submitted: `pending`, their number for each
    reason in Slurm's words, and `running`; both None without an answer. `states` are the words, as TIMEOUT or
    OUT_OF_MEMORY, for those of `jobs`, numbers of Slurm jobs, that it still knows."""
    held = _lines("squeue", "--me", "-h", "-r", "-t", "all", "-o", "%A|%T|%r|%k|%Z")
    states = {job: state for job, state, *_ in held or () if job in jobs}
    unknown = sorted(set(jobs) - set(states))
    if unknown:
        ended = _lines("sacct", "-n", "-X", "-P", "-j", ",".join(unknown), "-o", "JobIDRaw,State")
        # sacct says by whom: CANCELLED by 1000.
        states |= {job: state.split()[0] for job, state in ended or ()}
    own = [
        (state, reason)
        for _, state, reason, comment, where in held or ()
        if comment.startswith(COMMENT) and Path(where).resolve() == folder.resolve()
    ]
    pending = Counter(reason for state, reason in own if state == "PENDING")
    return {
        "pending": None if held is None else dict(pending.most_common()),
        "running": None if held is None else sum(state == "RUNNING" for state, _ in own),
        "states": states,
    }


def _lines(*command: str) -> list[list[str]] | None:
    """The fields of each line that a command prints, None if it fails or takes too long."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=True)
    except (OSError, subprocess.SubprocessError):
        return None
    fields = 1 + command[-1].count("|") + command[-1].count(",")
    return [line.split("|", fields - 1) for line in done.stdout.splitlines()]
