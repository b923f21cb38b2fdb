"""Workers of dask.distributed that Slurm starts for one tile or query, and ends with it."""

import shutil
import signal
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from math import ceil
from pathlib import Path

import click

from survey.compute.cost import BYTES_PER_JOB, BYTES_PER_THREAD, minutes
from survey.errors import SurveyError
from survey.words import count, duration

# As many workers as take about this many seconds, which pays for their start, but not more than so many.
WORK, MOST_WORKERS = 120.0, 100
# Of a worker and the process that watches over it, beside what it computes.
BYTES_OF_DASK = 4e8
ONE_THREAD = [f"export {library}_NUM_THREADS=1" for library in ("OMP", "OPENBLAS", "MKL", "NUMBA")]


@contextmanager
def slurm_workers(seconds: float, patience: float) -> Iterator[str]:
    """The address of a scheduler in this process, for which Slurm starts workers: enough for so many seconds on one
    core, one thread each. Their jobs are cancelled at the end, whatever it is.

    A job has one worker, unless dask's configuration (`jobqueue.slurm` in ~/.config/dask/jobqueue.yaml) sets `cores`;
    there are also partition, account, memory and whatever else is the site's. SurveyError if Slurm takes no job.
    """
    SLURMCluster, site = _jobqueue()
    from distributed import Status

    number = min(MOST_WORKERS, max(1, ceil(seconds / WORK)))
    cores = site["cores"] or 1
    jobs = ceil(number / cores)
    limit = minutes(seconds / number, attempt=1)
    options = {
        "cores": cores,
        "processes": site["processes"] or cores,
        "memory": site["memory"] or int(cores * (BYTES_PER_JOB + BYTES_PER_THREAD + BYTES_OF_DASK)),
        # Longer than the site's, 30 minutes by default, if it takes longer.
        "walltime": f"{limit // 60:02}:{limit % 60:02}:00" if limit > 30 else None,
        "job_script_prologue": [*ONE_THREAD, *site["job-script-prologue"]],
        "scheduler_options": {"dashboard": False, "dashboard_address": ":0"} | site["scheduler-options"],
        "worker_extra_args": ["--no-dashboard", *site["worker-extra-args"]],
    }
    with _log_folder(site["log-directory"]) as logs, SLURMCluster(**options, log_directory=str(logs)) as cluster:

        async def submitted():
            cluster.scale(jobs=jobs)
            await cluster

        try:
            cluster.sync(submitted)
        except (RuntimeError, OSError, ValueError) as error:
            # What was not taken has nothing to end; dask-jobqueue would stumble over it.
            for job in cluster.workers.values():
                job.status = job.status if job.job_id else Status.closed
            said = [line for line in str(error).splitlines() if "rror:" in line] or [str(error)]
            raise SurveyError(f"Slurm takes no job for workers ({said[-1].strip()})") from None
        numbers = ", ".join(job.job_id for job in cluster.workers.values())
        click.echo(
            f"workers in {count(jobs, 'job')} of Slurm ({numbers}), logs in {logs}; waiting for the first of them, at "
            f"most {duration(patience)}",
            err=True,
        )
        yield cluster.scheduler_address


def _jobqueue():
    """The class of dask-jobqueue, and what the site set for it. Its import lets Ctrl-C end a process as if nothing had
    happened, with exit code 0, which is taken back."""
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        import dask
        from dask_jobqueue import SLURMCluster
    except ModuleNotFoundError as error:
        said = f"scheduler 'slurm' needs {error.name}, which is not installed"
        raise SurveyError(f"{said}; allowed: `uv pip install tls-atlas[cluster]`") from None
    for number, handler in handlers.items():
        if signal.getsignal(number) is not handler:
            signal.signal(number, handler)
    return SLURMCluster, dask.config.get("jobqueue.slurm")


@contextmanager
def _log_folder(given: str | None) -> Iterator[Path]:
    """The folder for what workers say: the given one, or one in this folder, which all nodes see, that stays only if
    something went wrong."""
    if given:
        yield Path(given)
        return
    folder, kept = Path(tempfile.mkdtemp(prefix="survey-workers-", dir=".")).absolute(), False
    try:
        yield folder
    except Exception:
        kept = any(folder.iterdir())
        raise
    finally:
        if not kept:
            shutil.rmtree(folder, ignore_errors=True)
