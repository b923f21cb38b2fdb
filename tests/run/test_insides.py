"""What `survey.run.insides` assumes of Snakemake and its Slurm plugin, held against those that are installed: if a test
fails after an update, look there."""

import dataclasses
import inspect
from importlib import import_module
from pathlib import Path

import pytest
from snakemake.settings.types import ExecutionSettings

from survey.run import insides

# Its modules import each other in circles, which only the first of them leads through.
import_module("snakemake.api")
WORKFLOW, DAG = import_module("snakemake.workflow"), import_module("snakemake.dag")


def test_a_mark_of_an_unfinished_output_is_found(tmp_path, monkeypatch):
    """As Snakemake itself makes it, for a name that is cut into folders and for one that is not."""
    from snakemake.persistence.file import FilePersistence

    monkeypatch.chdir(tmp_path)
    tiles = ["results/store/dephasing/short.nc", f"results/store/dephasing/{'long/' * 60}tile.nc"]
    cube, absent = "results/wire/dephasing.nc", "results/store/dephasing/absent.nc"
    for path in (*tiles, cube):
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        Path(path).touch()
    records = FilePersistence.__new__(FilePersistence)
    records._incomplete_path, records._incomplete_cache = str(insides.MARKS), None
    records._max_len = None
    insides.MARKS.mkdir(parents=True)
    for path in (*tiles, cube, absent):
        records._mark_incomplete(path, None)
    insides.keep_finished([*tiles, absent])
    left = {path.relative_to(insides.MARKS) for path in insides.MARKS.rglob("*") if path.is_file()}
    assert left == {Path(records._record_path("", path)) for path in (cube, absent)}


def test_keep_going_is_a_setting_that_no_job_is_given():
    assert "keep_going" in {field.name for field in dataclasses.fields(ExecutionSettings)}
    given = inspect.getsource(import_module("snakemake.spawn_jobs"))
    assert "keep_going" not in given and "keep-going" not in given


def test_groups_are_counted_by_their_parents():
    assert isinstance(inspect.getattr_static(WORKFLOW.Workflow, "parent_groupids"), property)
    assert "self.workflow.parent_groupids.get(groupid, groupid)" in inspect.getsource(DAG)
    expanded = inspect.getsource(import_module("snakemake.rules").Rule.expand_group)
    by_function, by_text = expanded.split("elif")
    assert "parent_groupids" in by_text and "parent_groupids" not in by_function


def test_a_run_knows_its_jobs_and_which_are_forced():
    assert inspect.isfunction(DAG.DAG.needrun_jobs)
    source = inspect.getsource(DAG.DAG)
    assert "self.forcefiles = set()" in source and "self.forcefiles.isdisjoint(job.output)" in source


def test_the_plugin_asks_by_a_name_that_can_be_replaced(monkeypatch):
    plugin = pytest.importorskip(insides.PLUGIN)
    assert "await query_job_status(" in inspect.getsource(plugin.Executor)
    asked = plugin.query_job_status
    assert inspect.iscoroutinefunction(asked) and list(inspect.signature(asked).parameters) == ["command", "logger"]
    monkeypatch.setattr(plugin, "query_job_status", asked)
    insides.correct_states()
    assert plugin.query_job_status is not asked


def test_a_benchmark_asks_a_process_for_its_children():
    source = inspect.getsource(import_module("snakemake.benchmark").BenchmarkTimer)
    assert "self.main = psutil.Process(self.pid)" in source and "self.main.children(recursive=True)" in source
