"""A private Slurm of many virtual CPUs whose jobs only sleep: real is what Slurm and the main process do."""

import os
import runpy
import shutil
import time
from collections import Counter
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter

from benchmarks.surveys import ROOT

NODES, CPUS, MEMORY = 8, 32, 128_000
# As the executor plugin submits jobs and asks for their states.
SUBMITTERS = 2
STATES = ("squeue", "--format=%i|%T", "--states=all", "--noheader")
# The names of the tiles are in the command; a job without them assembles the cube.
SBATCH = """\
#!/bin/sh
for argument; do
    shift
    case $argument in --wrap=*)
        tiles=$(printf %s "$argument" | grep -o 'digest=[0-9a-f-]*' | cut -d= -f2 | tr '\\n' ' ')
        argument="--wrap=sleep {seconds}; cd results
        mkdir -p {survey}/benchmarks store/{quantity}/logs store/{quantity}/benchmarks
        test -n '$tiles' || {{ : > {survey}/benchmarks/assemble_{label}.tsv; : > {survey}/{label}.nc; }}
        cd store/{quantity}; for tile in $tiles; do
            : > logs/\\$tile.log; : > benchmarks/\\$tile.tsv; : > \\$tile.nc
        done";;
    esac
    set -- "$@" "$argument"
done
exec {sbatch} "$@"
"""


def reason_against() -> str:
    """Why no private Slurm can run here, "" if it can."""
    missing = [name for name in ("slurmctld", "slurmd", "munged") if shutil.which(name) is None]
    if missing:
        return f"{', '.join(missing)} not found; `make cluster-test` installs Slurm"
    return _laboratory()["reason_against"]()


def _laboratory() -> dict:
    """The module that starts a private Slurm for the tests."""
    return runpy.run_path(str(ROOT / "tests" / "slurm" / "lab.py"))


class Sleepers:
    """A private Slurm while the `with` block lasts."""

    described = f"a private Slurm of {NODES} virtual nodes with {CPUS} virtual CPUs each, all of it on this machine"

    def __enter__(self) -> "Sleepers":
        self._folder = TemporaryDirectory()
        self._place = Path(self._folder.name)
        self._lab = _laboratory()["Lab"](self._place / "slurm", nodes=NODES, cpus=CPUS, memory=MEMORY)
        self._lab.start()
        return self

    def __exit__(self, *raised) -> None:
        self._lab.stop()
        self._folder.cleanup()

    def plain(self, jobs: int) -> dict[str, float]:
        """Seconds for submitting so many jobs, for asking for their states, and from their release to their end."""
        command = ("sbatch", "--parsable", "--hold", "--mem=100", "--job-name=plain", "--output=/dev/null")
        started = perf_counter()
        with ThreadPoolExecutor(SUBMITTERS) as pool:
            submitted = [
                pool.submit(self._lab.ask, *command, f"--chdir={self._place}", "--wrap=sleep 1") for _ in range(jobs)
            ]
            names = [each.result().strip() for each in submitted]
        submitting = perf_counter() - started
        asking = []
        for _ in range(5):
            started = perf_counter()
            self._lab.ask(*STATES, "--name=plain")
            asking.append(perf_counter() - started)
        started = perf_counter()
        for first in range(0, len(names), 1000):
            self._lab.ask("scontrol", "release", ",".join(names[first : first + 1000]))
        while self._lab.jobs():
            time.sleep(0.5)
        running = perf_counter() - started
        return {"jobs": jobs, "submitting": submitting, "squeue": median(asking), "running": running}

    def environment(self, seconds: float, **names: str) -> Mapping[str, str]:
        """What a run of Snakemake needs so that its jobs go to this Slurm, sleep so long and leave empty files; `names`
        are those of the survey, its label and its quantity."""
        folder = self._place / "before"
        folder.mkdir(exist_ok=True)
        sbatch = folder / "sbatch"
        sbatch.write_text(SBATCH.format(seconds=seconds, sbatch=shutil.which("sbatch"), **names))
        sbatch.chmod(0o755)
        environment = self._lab.environment
        return {**environment, "PATH": f"{folder}{os.pathsep}{environment['PATH']}"}

    def known(self) -> set[str]:
        """The jobs that Slurm knows."""
        return {line.split("|")[0] for line in self._lab.ask(*STATES).splitlines()}

    def jobs(self, before: set[str]) -> dict:
        """Of the jobs that came after those: how many there are, the seconds in which they were submitted, and how many
        are in each state."""
        found = [line.split("|") for line in self._lab.ask("squeue", "--format=%i|%T|%V", *STATES[2:]).splitlines()]
        found = [each for each in found if each[0] not in before]
        submitted = sorted(time.mktime(time.strptime(each[2], "%Y-%m-%dT%H:%M:%S")) for each in found)
        # The cube is submitted when all tiles are there.
        return {"jobs": len(found), "submitting": submitted[-2] - submitted[0], "states": Counter(e[1] for e in found)}
