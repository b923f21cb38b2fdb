"""The parts of a survey of 1e12 cells that one machine can show: its DAG, and Slurm with jobs that only sleep."""

import os
from base64 import urlsafe_b64encode
from collections.abc import Iterable, Mapping
from pathlib import Path
from statistics import fmean, median
from tempfile import TemporaryDirectory

import netCDF4

from benchmarks.commands import Usage, run
from benchmarks.report import duration, number, section, size
from benchmarks.sleepers import Sleepers, reason_against
from benchmarks.surveys import ROOT
from survey.run.jobs import Jobs
from survey.run.requests import Requests
from survey.store.tiles import Tile

# 1e12 cells with 1,000 temperatures, in 40,000 tiles; tiles of surveys with fewer temperatures are as large.
GRID = {"T": 1000, "Lambda0": 100, "Pd": 200, "chi": 200, "Estar": 250}
TEMPERATURES, LARGE = (25, 250), 1000
ENDS = {
    "T": ("10 mK", "1 K"),
    "Lambda0": ("0.1 mK", "100 mK"),
    "Pd": ("5e15 K^-1 cm^-3", "5e19 K^-1 cm^-3"),
    "chi": ("0.01", "1"),
    "Estar": ("20 mK", "10 K"),
}
NAME, LABEL, QUANTITY = "trillion", "dephasing", "dephasing"


def report(grids: Iterable[Mapping[str, int]] | None = None, large: bool = False, slurm: bool = True) -> str:
    """The DAG of surveys on grids of such lengths, a tile of the last of them, and, with `slurm` and where a private
    Slurm can run, Slurm and the main process with jobs that sleep."""
    grids = list(grids or ({**GRID, "T": length} for length in (*TEMPERATURES, *((LARGE,) if large else ()))))
    parts = [dags(grids), one_tile(grids[-1])]
    if slurm and (reason := reason_against()):
        parts.append(f"## Jobs that sleep\n\nLeft out: {reason}.\n")
    elif slurm:
        parts += asleep(large)
    return "\n".join(parts)


def write_survey(place: Path, lengths: Mapping[str, int]) -> Path:
    """A survey of one float32 variable on a grid of such lengths, as the only one of the folder `place`."""
    axes = [
        f"  {name}: {{start: {start}, stop: {stop}, num: {lengths[name]}, spacing: log}}"
        for name, (start, stop) in ENDS.items()
    ]
    path = place / "config" / "surveys" / f"{NAME}.yaml"
    path.parent.mkdir(parents=True)
    lines = [
        "axes:",
        *axes,
        "constants: {sigma_in: 9.5755e-21 m^2, v_F: 1.3262e6 m/s, tau: 1e-14 s}",
        "quantities:",
        f"  {LABEL}: {{variables: [tau_phi], dtype: float32, options: {{distribution: tunnelling_states}}}}",
        "crossovers: {}",
        "most_cells: 1e13",
    ]
    path.write_text("\n".join([*lines, ""]))
    (place / "config" / "config.yaml").write_text(f"surveys: [{path}]\n")
    return path


def snakemake(place: Path, profile: str, *arguments: str, environment: Mapping[str, str] | None = None) -> Usage:
    """Run the workflow of this repository in the folder `place`."""
    where = ("--snakefile", ROOT / "Snakefile", "--directory", place)
    command = ("snakemake", *where, "--workflow-profile", ROOT / "profiles" / profile, "--quiet", "all", *arguments)
    return run(*command, **({"environment": environment} if environment else {}))


def dags(grids: Iterable[Mapping[str, int]]) -> str:
    """Plan, status and dry runs of surveys of which no tile is computed."""
    rows = []
    for lengths in grids:
        with TemporaryDirectory() as temporary:
            place = Path(temporary)
            path, results = write_survey(place, lengths), place / "results"
            jobs = Jobs([str(path)], results)
            (tiles,) = jobs.tiles_of_cubes.values()
            requests = Requests(jobs)
            batches = {requests.batch(tile.digest) for tile in tiles}
            plan = run("survey", "plan", path, "--results", results)
            status = run("survey", "status", path, "--results", results, codes=(1,))
            local, remote = (snakemake(place, profile, "--dry-run") for profile in ("default", "slurm"))
        row = [number(sum(tile.cells for tile in tiles)), f"{len(tiles):,}", f"{len(batches):,}"]
        row += [duration(each.cpu) for each in (plan, status, local, remote)]
        rows.append([*row, duration(remote.cpu / len(tiles)), size(local.bytes), size(remote.bytes)])
    text = (
        "Surveys of one variable of dephasing in float32, of which no tile is there: `survey plan`, `survey status` "
        "and `snakemake --dry-run` with the profiles default and slurm. Jobs: batches of tiles of ten minutes at the "
        "rate that is assumed for an empty store. Times are seconds of CPU, each on one core; on a machine with "
        "nothing else to do, the clock says the same."
    )
    header = ["cells", "tiles", "jobs on Slurm", "plan", "status", "dry run", "dry run, slurm", "per tile"]
    return section("DAG", text, [*header, "peak of the dry run", "of that with slurm"], rows)


def one_tile(lengths: Mapping[str, int]) -> str:
    """A tile of middling size of a survey: `survey tile` alone, and the job step around it, a Snakemake of its own."""
    with TemporaryDirectory() as temporary:
        place = Path(temporary)
        path, results = write_survey(place, lengths), place / "results"
        (tiles,) = Jobs([str(path)], results).tiles_of_cubes.values()
        middling = fmean(each.cells for each in tiles)
        tile = min(tiles, key=lambda each: abs(each.cells - middling))
        stored = tile.path(results / "store")
        alone = run("survey", "tile", path, tile.digest, "--results", results)
        computing, held = _compute_seconds(stored), stored.stat().st_size
        there = run("survey", "tile", path, tile.digest, "--results", results)
        step = job_step(place, tile)
    row = [f"{len(tiles):,}", number(middling), number(max(each.cells for each in tiles)), number(tile.cells)]
    row += [duration(computing), number(tile.cells / computing), duration(alone.cpu), duration(there.cpu)]
    row += [duration(step.cpu), size(max(alone.bytes, step.bytes)), size(held)]
    text = (
        "A tile of middling size of the last of these surveys, on one core: its kernel, with what Numba compiles where "
        "no run has yet; `survey tile` in a process of its own; the same where the tile is there already; and the job "
        "step of such a tile, which is Snakemake as it runs within a Slurm job for each tile, with `survey tile` in "
        "it. The kernel in seconds by the clock, the others in seconds of CPU; the last one is overhead of each tile."
    )
    header = ["tiles", "cells of a tile, mean", "most", "of this one", "kernel", "cells/s", "`survey tile`"]
    return section("One tile", text, [*header, "already there", "job step, already there", "peak", "file"], [row])


def job_step(place: Path, tile: Tile) -> Usage:
    """Run Snakemake for one tile with the arguments that it gets within a Slurm job."""
    target = f"compute_tile:quantity={tile.quantity},digest={tile.digest}"
    where = ("--snakefile", ROOT / "Snakefile", "--directory", place, "--mode", "remote", "--nolock", "--quiet", "all")
    only = ("--target-jobs", target, "--allowed-rules", "compute_tile", "--cores", "1", "--force-use-threads")
    environment = os.environ | {"SLURM_CPUS_PER_TASK": "1"}
    return run("snakemake", *where, *only, "--profile", "none", "--workflow-profile", "none", environment=environment)


def asleep(large: bool) -> list[str]:
    """Slurm alone, and the main process that drives surveys on it."""
    with Sleepers() as sleepers:
        plain = sleepers.plain(5000 if large else 500)
        # Tiles alone make as many jobs as batches of a larger survey.
        runs = [(25, 1, 0)] if not large else [(25, 1, 0), (250, 1000, 20), (LARGE, 1000, 20)]
        driven = [_driven(sleepers, *each) for each in runs]
        described = sleepers.described
    row = [f"{plain['jobs']:,}", number(plain["jobs"] / plain["submitting"]), number(plain["jobs"] / plain["running"])]
    text = (
        f"`sbatch --wrap 'sleep 1'`, two at a time as the executor plugin submits, on {described}. The jobs are "
        "submitted on hold and released together; `squeue` is asked as the plugin asks, with all of them waiting."
    )
    header = ["jobs", "submitted per second", "begun and ended per second", "squeue answers in"]
    parts = [section("Slurm alone", text, header, [[*row, duration(plain["squeue"])]])]
    text = (
        f"Snakemake with the profile slurm, its executor plugin, our rules and batches, on {described}. Simulated: an "
        "`sbatch` before the real one replaces the command of each job by `sleep` and the creation of its files, "
        "empty. So nothing is computed, no Snakemake starts within a job, and one disk is all nodes; submission, "
        "queue, states and Snakemake's bookkeeping are the real ones. Noticed: from the end of a job until the main "
        "process has noted its tiles. CPU: of the main process with `sbatch` and `squeue`. Lost: tiles without file "
        "or note, and jobs that did not complete."
    )
    header = ["tiles", "jobs", "each", "wall", "submitted per second", "jobs per second", "noticed, median", "most"]
    header += ["CPU per job", "CPU per tile", "peak", "files of Snakemake", "lost"]
    return [*parts, section("The main process", text, header, driven)]


def _driven(sleepers: Sleepers, temperatures: int, share: int, seconds: float) -> list[str]:
    """A row: a run on a Slurm whose jobs sleep so long, at most `share` tiles to a job."""
    with TemporaryDirectory() as temporary:
        place, before = Path(temporary), sleepers.known()
        path = write_survey(place, {**GRID, "T": temperatures})
        tiles = Jobs([str(path)], Path("results")).tiles_of_cubes[NAME, LABEL]
        options = ("--jobs", "500", "--group-components", f"tiles={share}")
        environment = sleepers.environment(seconds, survey=NAME, label=LABEL, quantity=QUANTITY)
        usage = snakemake(place, "slurm", *options, environment=environment)
        told = sleepers.jobs(before)
        stored = [str(tile.path(Path("results/store"))) for tile in tiles]
        there = [name for name in stored if (place / name).exists() and (place / _note(name)).exists()]
        noticed = [(place / _note(name)).stat().st_mtime - _log(place / name).stat().st_mtime for name in there]
        files = sum(len(names) for _, _, names in os.walk(place / ".snakemake"))
    lost = len(stored) - len(there) + told["jobs"] - told["states"]["COMPLETED"]
    row = [f"{len(tiles):,}", f"{told['jobs']:,}", f"sleep {seconds:g}", duration(usage.seconds)]
    row += [number(told["jobs"] / told["submitting"]), number(told["jobs"] / usage.seconds)]
    row += [duration(median(noticed)), duration(max(noticed)), duration(usage.cpu / told["jobs"])]
    return [*row, duration(usage.cpu / len(tiles)), size(usage.bytes), f"{files:,}", str(lost)]


def _log(tile: Path) -> Path:
    """A file of a tile's job whose time Snakemake does not change when it sees that the job ended."""
    return tile.parent / "logs" / f"{tile.stem}.log"


def _note(file: str) -> Path:
    """Where Snakemake notes that it has seen a file made."""
    return Path(".snakemake", "metadata", urlsafe_b64encode(file.encode()).decode())


def _compute_seconds(path: Path) -> float:
    with netCDF4.Dataset(path) as dataset:
        return float(dataset.compute_seconds)
