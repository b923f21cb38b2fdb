"""What we reach into of Snakemake and of its Slurm plugin, beyond what they promise, each with its reason.

`tests/run/test_insides.py` holds what is assumed here against the installed versions, so that a new one that changed
is noticed before a run is.
"""

import os
import sys
from base64 import urlsafe_b64decode
from binascii import Error
from collections.abc import Awaitable, Callable, Collection, Iterable
from contextlib import suppress
from pathlib import Path

PLUGIN = "snakemake_executor_plugin_slurm"
# Where Snakemake marks the outputs of jobs that it has started, until it notes that they ended. The name of a mark is
# the output's path in base64, cut into folders that begin with "@" where it is long.
MARKS = Path(".snakemake/incomplete")


def keep_finished(files: Collection[str], marks: Path = MARKS) -> None:
    """Take the marks from those of the files that are there: a file is put in its place when it is complete, so that
    there is no half one. Otherwise Snakemake would delete and make again what a killed run has finished."""
    for folder, _, names in os.walk(marks):
        for name in names:
            mark = Path(folder, name)
            parts = mark.relative_to(marks).parts
            try:
                path = urlsafe_b64decode("".join(part.removeprefix("@") for part in parts)).decode()
            except (Error, UnicodeDecodeError):
                continue
            if path in files and Path(path).exists():
                mark.unlink(missing_ok=True)


def keep_outputs(job: type) -> None:
    """Let Snakemake's jobs, of this class, leave the outputs of before in their places: a step replaces each by a whole
    one, and another run, or a reader, may need it until then. Snakemake would delete them; those flagged `update` it
    would copy, and copy back, in place, where a job fails."""

    async def stay(self) -> None:
        pass

    job.remove_existing_output = stay


def go_on_after_failures(workflow) -> None:
    """Within a job of several tiles, let a tile that fails keep none of the others from being computed. Snakemake
    does not hand --keep-going on to the Snakemake within the job."""
    workflow.execution_settings.keep_going = True


def share_job(workflow, batch: str, component: str) -> None:
    """Count a batch of tiles as one of the component groups that `group-components` of the profile speaks of. Snakemake
    enters them itself only for groups with a fixed name."""
    workflow.parent_groupids[batch] = component


def files_to_make(workflow) -> list[str]:
    """The files of a run that has begun."""
    return [file for job in workflow.dag.needrun_jobs() for file in job.output]


def rules_to_run(workflow) -> tuple[set[str], set[str]]:
    """The rules whose jobs a run that has begun will run, and the names of the tiles that it makes."""
    jobs = list(workflow.dag.needrun_jobs())
    found = {job.wildcards_dict.get("digest") for job in jobs}
    return {job.rule.name for job in jobs}, found - {None}


def measure_forked(timer: type, servers: Collection[int]) -> None:
    """Let Snakemake's BenchmarkTimer count the processes that servers forked, by their numbers: they are none of the
    shell's own, but each bears the number of the client that it works for, which is."""
    import psutil

    class Shell(psutil.Process):
        def children(self, recursive=False):
            found = super().children(recursive=recursive)
            names = {name_of_forked(each.pid) for each in (self, *found)}
            for server in servers:
                with suppress(psutil.NoSuchProcess):
                    found += [each for each in psutil.Process(server).children() if each.name() in names]
            return found

    def begin(self, pid, *arguments, **options):
        _begin(self, pid, *arguments, **options)
        self.main = Shell(pid)

    _begin = timer.__init__
    timer.__init__ = begin


def name_of_forked(client: int) -> str:
    """How a process is called that was forked for a client."""
    return f"survey-{client}"


def force(workflow, files: Iterable[str]) -> None:
    """Let the jobs of these files run whatever Snakemake thinks of them, as --forcerun does; to be called while it asks
    for inputs."""
    workflow.dag.forcefiles.update(files)


def correct_states() -> None:
    """Let the Slurm plugin, where Snakemake has loaded it, hear only answers that it reads as they are meant."""
    if PLUGIN in sys.modules:
        plugin = sys.modules[PLUGIN]
        plugin.query_job_status = patient(plugin.query_job_status)


def patient(query: Callable[..., Awaitable]) -> Callable[..., Awaitable]:
    """The Slurm plugin's question for the states of its jobs, with answers made good that it misreads. None at all, as
    from a controller that restarts, is no news: the plugin forgets its jobs then, and the run waits for ever. CANCELLED
    are "CANCELLED by 1000", as sacct says it, and PREEMPTED, which the plugin takes for jobs that still run; and
    NODE_FAIL, after which it asks for the node to shun, gets "None assigned" of a job that Slurm queued again, and
    fails to submit anything with that."""

    async def asked(command: str, logger):
        states, seconds = await query(command, logger)
        if states is None:
            return {}, 0.0
        words = {job: state.partition(" ")[0] for job, state in states.items()}
        return {
            job: "CANCELLED" if word in ("PREEMPTED", "NODE_FAIL") else word for job, word in words.items()
        }, seconds

    return asked
