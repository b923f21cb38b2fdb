"""A shipped survey from an empty folder to its diagrams, on three nodes of a Slurm with accounting."""

import os
import shutil
import subprocess

import netCDF4
import numpy as np
import pytest
from on_slurm import PROFILE, QUICK

from helpers.workspace import BIN, ROOT
from survey.config.load import load_survey

pytestmark = pytest.mark.slurm
LOCAL = ("--cores", "2")
# What says when a file was written, and at which commit.
DATED = {"date_created", "git_commit", "history", "content_digest"}


def repository(folder):
    folder.mkdir()
    for name in ("workflow", "config", "profiles"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__", "survey"))
    for name in ("Snakefile", "environment.yml"):
        shutil.copy(ROOT / name, folder)
    return folder


def run(folder, environment, *arguments):
    command = [BIN / "snakemake", *arguments, "--config", "surveys=gold_wire"]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=1800)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder / "results" / "gold_wire"


def test_gold_wire_on_three_nodes_is_bit_by_bit_what_one_machine_computes(tmp_path, accounted):
    environment = os.environ | {name: accounted.environment[name] for name in ("SLURM_CONF", "PATH")}
    before = {job["id"] for job in accounted.jobs("all")}
    cluster = run(repository(tmp_path / "cluster"), environment, *PROFILE, *QUICK)
    jobs = [job for job in accounted.jobs("all") if job["id"] not in before]
    assert {job["state"] for job in jobs} == {"COMPLETED"}
    assert {job["node"] for job in jobs} == set(accounted.names)
    local = run(repository(tmp_path / "local"), os.environ, *LOCAL)

    files = sorted(path.relative_to(local) for path in local.rglob("*.nc"))
    labels = load_survey(ROOT / "config" / "surveys" / "gold_wire.yaml").quantities
    assert {file.stem for file in files} == {*labels, "crossovers"}
    for file in files:
        with netCDF4.Dataset(local / file) as one, netCDF4.Dataset(cluster / file) as other:
            assert one.variables.keys() == other.variables.keys()
            for dataset in (one, other):
                dataset.set_auto_mask(False)
            for name in one.variables:
                assert np.array_equal(one[name][...].view("u1"), other[name][...].view("u1")), (file, name)
            for name in set(one.ncattrs()) - DATED:
                assert one.getncattr(name) == other.getncattr(name), (file, name)
    drawn = {path.name for path in (local / "diagrams").iterdir()}
    assert drawn and drawn == {path.name for path in (cluster / "diagrams").iterdir()}
