import sys
from pathlib import Path

from snakemake.exceptions import WorkflowError

from survey.errors import SurveyError
from survey.jobs import Jobs

# The command `survey` of each job is the one that belongs to this Python, whether its environment is activated or not.
shell.prefix(f"export PATH='{Path(sys.executable).parent}':\"$PATH\"; ")

try:
    jobs = Jobs(config.get("surveys"))
except SurveyError as error:
    raise WorkflowError(str(error)) from None


wildcard_constraints:
    survey="|".join(jobs.surveys),
    label="|".join(sorted({label for survey in jobs.all() for label in survey.quantities})),
    digest="[0-9a-f]{8}-[0-9a-f]*-[0-9a-f]{16}",
    name="[^/]+",
