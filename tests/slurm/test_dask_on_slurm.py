"""One tile and one query on workers of dask that Slurm starts: the same numbers as here, and no job is left."""

import os
import signal
import subprocess
import sys
import time

import netCDF4
import numpy as np
import pytest
from lab import Lab

pytestmark = pytest.mark.slurm

SURVEY = """\
title: One tile of three chunks
axes:
  T: {start: 10 mK, stop: 1 K, num: 30, spacing: log}
  Lambda0: {start: 1 mK, stop: 10 mK, num: 10, spacing: log}
  Pd: {start: 1e45 J^-1m^-3, stop: 1e47 J^-1m^-3, num: 10}
  chi: {start: 0.01, stop: 0.3, num: 10}
  Estar: {start: 100 mK, stop: 10 K, num: 10, spacing: log}
constants: {sigma_in: 1e-15 cm^2, v_F: 1e8 cm/s, tau: 1e-14 s}
quantities:
  dephasing: {variables: [tau_phi, status]}
"""
# The command, with workers for a hundredth of a second of work each, so that a small tile gets several.
COMMAND = "import survey.compute.slurm_workers as own; own.WORK = 0.1; from survey.cli import main; main()"


def run(lab, folder, *arguments, **how):
    environment = lab.environment | {name: "1" for name in ("OMP_NUM_THREADS",)}
    command = [sys.executable, "-c", COMMAND, *arguments]
    return subprocess.Popen(
        command, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **how
    )


def said(process, code=0):
    out, err = process.communicate(timeout=240)
    assert process.returncode == code, out + err
    return out, err


def values(path):
    with netCDF4.Dataset(path) as dataset:
        return {name: dataset[name][...].tobytes() for name in dataset.variables}


@pytest.fixture
def jobs(plain):
    """A function that gives the jobs that this test made, all of them or those that wait or run; one that is cancelled
    is completing for a moment."""
    before = {job["id"] for job in plain.jobs("all")}
    left = ("PENDING", "CONFIGURING", "RUNNING", "SUSPENDED")
    return lambda *states: [job for job in plain.jobs(*(states or left)) if job["id"] not in before]


def test_a_tile_and_a_query_on_slurm_are_bit_by_bit_those_of_one_machine(tmp_path, plain, jobs):
    file = tmp_path / "one.yaml"
    file.write_text(SURVEY)
    planned = said(run(plain, tmp_path, "plan", file, "--tiles"))[0]
    (digest,) = [line.split()[1] for line in planned.splitlines() if line.startswith("    tile ")]
    here = said(run(plain, tmp_path, "tile", file, digest, "--results", "here"))[0].strip()
    out, err = said(run(plain, tmp_path, "tile", file, digest, "--results", "there", "--scheduler", "slurm"))
    assert "jobs of Slurm" in err
    assert values(tmp_path / here) == values(tmp_path / out.strip())
    assert {job["state"] for job in jobs("all")} <= {"CANCELLED", "COMPLETED"} and len(jobs("all")) > 1
    assert not jobs() and not list(tmp_path.glob("survey-workers-*"))

    said(run(plain, tmp_path, "assemble", file, "dephasing", "--results", "here"))
    asked = [f"T={','.join(f'{T:.6g}K' for T in np.geomspace(0.011, 0.99, 80))}"]
    asked += [f"chi={','.join(f'{chi:.6g}' for chi in np.linspace(0.011, 0.29, 40))}"]
    asked += ["Lambda0=3.3mK", "Pd=3e46J^-1m^-3", "Estar=777mK", "--format", "csv"]
    number = len(jobs("all"))
    local = said(run(plain, tmp_path, "query", "here/one/dephasing.nc", "tau_phi", *asked))[0]
    asked += ["--scheduler", "slurm"]
    assert said(run(plain, tmp_path, "query", "here/one/dephasing.nc", "tau_phi", *asked))[0] == local
    assert len(local.splitlines()) == 3201
    assert len(jobs("all")) > number and not jobs()


def test_an_interrupted_or_refused_command_leaves_no_job(tmp_path, plain, jobs):
    file = tmp_path / "one.yaml"
    file.write_text(SURVEY)
    planned = said(run(plain, tmp_path, "plan", file, "--tiles"))[0]
    (digest,) = [line.split()[1] for line in planned.splitlines() if line.startswith("    tile ")]
    process = run(plain, tmp_path, "tile", file, digest, "--scheduler", "slurm", start_new_session=True)
    Lab.wait(lambda: any(job["state"] == "RUNNING" for job in jobs()), "a worker", 120)
    time.sleep(0.5)
    os.killpg(process.pid, signal.SIGINT)
    assert "survey: interrupted" in said(process, 130)[1]
    assert not jobs() and not list(tmp_path.glob("survey-workers-*"))

    (tmp_path / "dask").mkdir()
    (tmp_path / "dask" / "jobqueue.yaml").write_text("jobqueue: {slurm: {queue: nowhere}}\n")
    plain.environment["DASK_CONFIG"] = str(tmp_path / "dask")
    try:
        process = run(plain, tmp_path, "tile", file, digest, "--scheduler", "slurm")
    finally:
        del plain.environment["DASK_CONFIG"]
    assert "Slurm takes no job for workers (sbatch: error:" in said(process, 2)[1]
    assert not jobs() and not list(tmp_path.glob("survey-workers-*"))
