import shlex
import sys
from pathlib import Path

from snakemake.benchmark import BenchmarkTimer
from snakemake.exceptions import WorkflowError
from snakemake.jobs import Job
from snakemake.logging import logger

from survey.run.course import Run, follow
from survey.run.requests import Requests, threads_given
from survey.errors import SurveyError
from survey.run.forking import command, start_servers
from survey.run.insides import (
    correct_states,
    files_to_make,
    force,
    go_on_after_failures,
    keep_outputs,
    measure_forked,
    rules_to_run,
    share_job,
)
from survey.run.jobs import Jobs
from survey.run.marks import announce

# The command `survey` of each job is the one that belongs to this Python, whether its environment is activated or not.
# It writes to its log; on a full disk the reason goes to the screen instead. Where servers fork for steps, they are
# given to these.
shell.prefix(f"export PATH='{Path(sys.executable).parent}':\"$PATH\" SURVEY_SCREEN=3; exec 3>&2; {command()}; ")

try:
    jobs = Jobs(config.get("surveys"))
except (SurveyError, OSError) as error:
    raise WorkflowError(str(error)) from None
if workflow.is_main_process:
    jobs.keep_finished()
requests = Requests(jobs, measures=lambda: workflow.is_main_process and workflow.non_local_exec)

correct_states()
keep_outputs(Job)


def threads_of_tile(wildcards):
    """As many as Slurm gave, within its job; on a cluster one, or few for a long tile; else the cores shared out."""
    if workflow.remote_exec and threads_given():
        return threads_given()
    if workflow.non_local_exec:
        return requests.threads_of_tile(wildcards.digest)
    return jobs.threads_per_tile(workflow.cores)


def threads_of_crossovers(wildcards):
    if workflow.remote_exec and threads_given():
        return threads_given()
    return 1 if workflow.non_local_exec else jobs.threads_per_survey(workflow.cores)


def sources(files, survey, step, name=""):
    """The inputs of a step. What its outputs hold decides whether they are made again, as `survey status` and `survey why`
    say: if they are out of date the job is forced, else its inputs are ancient, so that times do not count."""
    if not workflow.is_main_process:
        return files
    stale = jobs.out_of_date(survey, step, name)
    force(workflow, stale)
    # Not both: of jobs that follow others that run Snakemake asks only whether an input changes, and none is forced.
    return files if stale else ancient(files)


def batch_of_tile(wildcards):
    """The job that a tile shares with others on a cluster; one after the other, each of them a job step."""
    if workflow.remote_exec:
        go_on_after_failures(workflow)
    if workflow.remote_exec or not workflow.non_local_exec:
        return None
    batch = requests.batch(wildcards.digest)
    # The profile sets how many tiles that do not depend on each other may share a job for all batches at once.
    if batch:
        share_job(workflow, batch, "tiles")
    return batch


# Only a run has a start: a dry run, --lint and the like have none. Within a job there is another Snakemake.
onstart:
    if workflow.is_main_process:
        announce(
            jobs.results, files_to_make(workflow), [survey.path for survey in jobs.all()], workflow.non_local_exec
        )
        follow(Run(jobs.store, files_to_make(workflow), *jobs.kinds()), logger.info)
        if not workflow.non_local_exec:
            rules, digests = rules_to_run(workflow)
            servers = start_servers(rules, jobs.kernels(digests))
            measure_forked(BenchmarkTimer, [server.pid for server in servers])


wildcard_constraints:
    survey="|".join(jobs.surveys),
    label="|".join(sorted({label for survey in jobs.all() for label in survey.quantities})),
    rival="[a-z_]+",
    digest="[0-9a-f]{8}-[0-9a-f]*-[0-9a-f]{16}",
    name="[^/]+",
