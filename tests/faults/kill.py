"""SIGKILL at a random moment of a step, of its job, of Snakemake, or of all of it; then the same command again."""

import os
import random
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import netCDF4

from faults.table import Table
from helpers.workspace import BIN, Workspace
from survey.cubes.read import read_region
from survey.errors import SurveyError
from survey.store.sealed import open_sealed

VICTIMS = ("job", "snakemake", "group", "forked", "server")
STEPS = ("tile", "assemble", "crossovers", "diagram")
# Seconds after the beginning of a step within which the kill comes; a step takes about as long.
LONGEST = 3.0
SURVEY = {"num: 50": "num: 150"}
# One diagram is enough to be killed in, and drawing takes the longest.
DIAGRAM = "  tau: {kind: value_map, variable: tau_phi, x: T, y: Pd, at: {Lambda0: 1 mK, chi: 0.1, Estar: 1 K}}\n"
PNG = b"\x89PNG\r\n\x1a\n"


def attack(folder: Path, times: int, seed: int = 0) -> Table:
    """Kill so many runs and count what was killed, what had to be done again, and what broke."""
    rng = random.Random(seed)
    table = Table(
        f"SIGKILL, {times} times",
        ("victim", "steps that ran", "kills", "tiles kept", "tiles recomputed", "temporary files left", "cubes differ"),
    )
    workspace = prepared(folder / "work")
    workspace.change(DIAGRAM, "")
    workspace.change("num: 150", "num: 90")
    workspace.run()
    expected = contents(workspace.results)
    counts: dict[tuple, Counter] = {}
    for number in range(times):
        shutil.rmtree(workspace.results)
        shutil.rmtree(workspace.folder / ".snakemake")
        victim, step = VICTIMS[number % len(VICTIMS)], rng.choice(STEPS)
        steps, finished, readers = killed_run(workspace, victim, step, rng.uniform(0, LONGEST))
        answer = workspace.snakemake()
        where = f"kill {number} ({victim}, {steps or 'no step'})"
        table.expect(
            answer.returncode == 0, f"{where}: the rerun ends with {answer.returncode}: {answer.stderr[-800:]}"
        )
        table.expect(not wait_for_orphans(workspace), f"{where}: processes are left")
        kept = [path for path, link in finished.items() if path.exists() and path.samefile(link)]
        left = [str(path) for path in workspace.results.rglob(".*.tmp")]
        found = contents(workspace.results)
        different = [name for name in expected if found.get(name) != expected[name]]
        table.expect(len(kept) == len(finished), f"{where}: {len(finished) - len(kept)} finished tiles recomputed")
        table.expect(not left, f"{where}: left {left}")
        table.expect(not different, f"{where}: {different} differ from an uninterrupted run")
        table.expect(not readers, f"{where}: a reader found {readers[:3]}")
        print(f"{where}: {len(kept)} of {len(finished)} finished tiles kept", file=sys.stderr, flush=True)
        counts.setdefault((victim, steps or "none yet"), Counter()).update(
            kills=1, kept=len(kept), again=len(finished) - len(kept), left=len(left), different=len(different)
        )
    for (victim, steps), count in sorted(counts.items()):
        row = [count[name] for name in ("kills", "kept", "again", "left", "different")]
        table.rows.append((victim, steps, *row))
    return table


def prepared(folder: Path) -> Workspace:
    """A workspace whose survey has several tiles."""
    folder.mkdir(parents=True)
    workspace = Workspace(folder)
    for old, new in SURVEY.items():
        workspace.change(old, new)
    return workspace


def killed_run(workspace: Workspace, victim: str, step: str, delay: float) -> tuple[str, dict[Path, Path], list[str]]:
    """Start a run and kill the victim so many seconds after the first job of the step began. Returns the steps that
    were running, the finished tiles with a link to each, and what a reader that looked all the time found half
    written."""
    run = subprocess.Popen(
        [BIN / "snakemake"],
        cwd=workspace.folder,
        env=workspace.environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    found: list[str] = []
    done = threading.Event()
    reader = threading.Thread(target=read_all_the_time, args=(workspace.results, done, found), daemon=True)
    reader.start()
    while run.poll() is None and step not in dict(processes(workspace)):
        time.sleep(0.02)
    with suppress(subprocess.TimeoutExpired):
        run.wait(timeout=delay)
    jobs = processes(workspace)
    steps = ", ".join(sorted({step for step, _ in jobs}))
    if victim == "group":
        # It may have ended meanwhile; then it was a run that nobody killed.
        with suppress(ProcessLookupError):
            os.killpg(run.pid, signal.SIGKILL)
    elif victim == "snakemake":
        run.kill()
    elif victim in ("forked", "server"):
        for process in servers(workspace, victim):
            kill(process)
    elif jobs:
        kill(random.Random(delay).choice(jobs)[1])
    finished = links(list(workspace.results.glob("store/*/*.nc")), workspace.folder / "finished")
    if victim in ("job", "forked", "server"):
        run.wait(timeout=240)
    else:
        run.wait()
    done.set()
    reader.join()
    return steps, finished, found


def kill(process: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(process, signal.SIGKILL)


def running(workspace: Workspace) -> Iterator[tuple[int, list[str], str]]:
    """The processes of this workspace: number, words of the command, name."""
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with suppress(OSError, UnicodeDecodeError):
                words = (entry / "cmdline").read_bytes().decode().split("\0")
                if (entry / "cwd").resolve() == workspace.folder.resolve():
                    yield int(entry.name), words, (entry / "comm").read_text()


def processes(workspace: Workspace) -> list[tuple[str, int]]:
    """The steps of this workspace that run now, each with the number of its process."""
    found = []
    for number, words, _ in running(workspace):
        step = next((step for step in STEPS if step in words and words[1:2] != ["-c"]), None)
        if step and any(word.endswith(("/survey", "/client.py")) for word in words):
            found.append((step, number))
    return found


def servers(workspace: Workspace, which: str) -> list[int]:
    """The numbers of the processes that are a `server` of this workspace, or that one has `forked`."""
    return [
        number
        for number, words, name in running(workspace)
        if "survey.cli.server" in words and name.startswith("survey-") == (which == "forked")
    ]


def wait_for_orphans(workspace: Workspace, seconds: float = 60) -> list[int]:
    """Jobs of a killed Snakemake may still run, and end by themselves, and then the server that forked them; returns
    the processes that do not."""
    deadline = time.monotonic() + seconds
    while left := [
        *(process for _, process in processes(workspace)),
        *servers(workspace, "forked"),
        *servers(workspace, "server"),
    ]:
        if time.monotonic() > deadline:
            break
        time.sleep(0.1)
    return left


def links(paths: list[Path], folder: Path) -> dict[Path, Path]:
    """A second name for each file. It tells the file from another one written in its place, whatever happens to its
    time stamp: Snakemake touches what a job has finished."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    found = {path: folder / path.name for path in paths}
    for path, link in found.items():
        link.hardlink_to(path)
    return found


def read_all_the_time(results: Path, done: threading.Event, found: list[str]) -> None:
    """Read every file of the results whole, again and again, and note those that cannot be."""
    while not done.wait(0.05):
        try:
            paths = [*results.glob("**/[!.]*.nc"), *results.glob("**/[!.]*.png")]
        except FileNotFoundError:
            # A folder went while it was listed; Snakemake removes empty ones.
            continue
        for path in paths:
            try:
                if path.suffix == ".nc":
                    with open_sealed(path) as dataset:
                        for name in dataset.variables:
                            read_region(dataset, name, (slice(None),) * dataset[name].ndim)
                elif not path.read_bytes().startswith(PNG):
                    raise OSError("no picture")
            except FileNotFoundError:
                continue
            except (OSError, SurveyError) as error:
                if path.exists() and "no such file" not in str(error):
                    found.append(f"{path}: {error}")


def numbers_in(path: Path) -> dict[str, tuple]:
    """Every number of a netCDF file, by variable; of another file its bytes."""
    if path.suffix != ".nc":
        return {"": path.read_bytes()}
    with netCDF4.Dataset(path) as dataset:
        dataset.set_auto_mask(False)
        read = {name: dataset[name][...] for name in dataset.variables}
    return {name: (values.dtype.str, values.shape, values.tobytes()) for name, values in read.items()}


def contents(results: Path) -> dict[str, tuple]:
    """Every number of every file of a survey and of the store, by file and variable; of a diagram that it is whole."""
    found = {
        f"{path.relative_to(results)}:{name}": values
        for path in results.glob("**/[!.]*.nc")
        for name, values in numbers_in(path).items()
    }
    for path in results.glob("*/diagrams/*.png"):
        data = path.read_bytes()
        found[str(path.relative_to(results))] = (data.startswith(PNG), data.endswith(b"IEND\xaeB`\x82"))
    return found
