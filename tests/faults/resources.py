"""A machine that is not as it should be: full disk, read-only or forbidden folder, too little memory, too few files."""

import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from faults.kill import contents, prepared
from faults.table import Table
from helpers.workspace import BIN, Workspace


@contextmanager
def small_disk(workspace: Workspace) -> Iterator[list[str]]:
    """Results on a file system of 64 kB."""
    with mounted(workspace.results, "size=64k"):
        yield []


@contextmanager
def full_disk(workspace: Workspace) -> Iterator[list[str]]:
    """Results on a file system without room for the first byte of a log."""
    with mounted(workspace.results, "size=64k"):
        with suppress(OSError), (workspace.results / "fill").open("wb", buffering=0) as file:
            while True:
                file.write(bytes(4096))
        yield []


@contextmanager
def read_only(workspace: Workspace) -> Iterator[list[str]]:
    with mounted(workspace.results, "size=50m"):
        for folder in ("store/dephasing", "tiny"):
            (workspace.results / folder).mkdir(parents=True)
        subprocess.run(["mount", "-o", "remount,ro", workspace.results], check=True)
        yield []


@contextmanager
def forbidden(workspace: Workspace) -> Iterator[list[str]]:
    """A results folder that may not be written to, by a user whom permissions bind, as they do not bind root."""
    workspace.results.mkdir()
    workspace.results.chmod(0o555)
    try:
        yield ["setpriv", "--bounding-set=-dac_override", "--"]
    finally:
        workspace.results.chmod(0o755)


@contextmanager
def unreadable(workspace: Workspace) -> Iterator[list[str]]:
    """A store that may not be looked into."""
    store = workspace.results / "store"
    store.mkdir(parents=True)
    store.chmod(0)
    try:
        yield ["setpriv", "--bounding-set=-dac_override,-dac_read_search", "--"]
    finally:
        store.chmod(0o755)


@contextmanager
def little_memory(workspace: Workspace) -> Iterator[list[str]]:
    """A kernel that takes 800 MB where 600 MB are allowed."""
    kernel = workspace.kernel.read_text()
    workspace.kernel.write_text(kernel.replace("    shape =", "    np.ones(10**8)\n    shape =", 1))
    try:
        yield ["prlimit", "--as=600000000", "--"]
    finally:
        workspace.kernel.write_text(kernel)


@contextmanager
def few_files(workspace: Workspace) -> Iterator[list[str]]:
    """As few open files as Python itself starts with."""
    yield ["prlimit", "--nofile=5", "--"]


@contextmanager
def mounted(folder: Path, options: str) -> Iterator[None]:
    folder.mkdir(parents=True, exist_ok=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", folder], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


# What is short, and the words that must be said about it; none where the step must do without.
SHORTAGES: dict[str, tuple[Callable, tuple[str, ...]]] = {
    "the disk is full": (small_disk, ("No space left", "results/store")),
    "the disk of the log is full, too, in a run": (full_disk, ("No space left", "results/store")),
    "the results are read-only": (read_only, ("Read-only file system", "results/store")),
    "no permission to write the results": (forbidden, ("Permission denied", "results/store")),
    "no permission to read the store": (unreadable, ("Permission denied", "results/store")),
    "less memory than the kernel takes": (little_memory, ("not enough memory", "chunk T")),
    "5 open files allowed": (few_files, ()),
}
# Tried by Snakemake, which sends what a step says to the step's log; the others by the step alone.
IN_A_RUN = ("the disk of the log is full, too, in a run",)


def possible() -> bool:
    """Whether this user may mount file systems and lower limits."""
    return os.geteuid() == 0 and all(shutil.which(name) for name in ("mount", "setpriv", "prlimit"))


def attack(folder: Path, shortages: tuple[str, ...] = tuple(SHORTAGES)) -> Table:
    """Compute a tile by the step of the workflow under each shortage, and run the survey when it is over."""
    table = Table("Shortages", ("shortage", "exit code", "said", "left behind", "afterwards"))
    for number, name in enumerate(shortages):
        workspace = prepared(folder / f"{number}")
        tile = planned(workspace)
        manager, words = SHORTAGES[name]
        with manager(workspace) as prefix:
            answer = _tried(name, workspace, prefix, tile)
            left = {path.name for path in workspace.results.rglob("*") if {".nc", ".tmp"} & set(path.suffixes)}
        said, codes = answer.stdout + answer.stderr, (1,) if name in IN_A_RUN else (2, 3) if words else (0,)
        table.expect(answer.returncode in codes, f"{name}: exit code {answer.returncode}")
        table.expect(all(word in said for word in words), f"{name}: does not say what and where: {said[-500:]}")
        table.expect("Traceback" not in said, f"{name}: a traceback: {said[-1500:]}")
        table.expect(left == (set() if words else {f"{tile.digest}.nc"}), f"{name}: left {left}")
        shutil.rmtree(workspace.results, ignore_errors=True)
        after = workspace.snakemake()
        ended = after.returncode == 0 and contents(workspace.results)
        table.expect(bool(ended), f"{name}: not resumable: {after.stderr[-500:]}")
        first = next((line for line in said.splitlines() if line.startswith("survey: ") or not words), "")
        first = re.sub(r"[0-9a-f]{8}-[0-9a-f]*-[0-9a-f]{16}", "<tile>", first)
        behind = "nothing" if not left else "the finished tile" if not words else f"{len(left)} files"
        table.rows.append((name, answer.returncode, first, behind, "runs to its end" if ended else "stuck"))
    return table


def _tried(name: str, workspace: Workspace, prefix: list[str], tile) -> subprocess.CompletedProcess:
    step = [*prefix, BIN / "survey", "tile", "config/surveys/tiny.yaml", tile.digest]
    return subprocess.run(
        [BIN / "snakemake"] if name in IN_A_RUN else step,
        cwd=workspace.folder,
        env=workspace.environment,
        capture_output=True,
        text=True,
        timeout=240,
    )


def planned(workspace: Workspace):
    """The largest tile of the survey."""
    from survey.config.load import load_survey
    from survey.store.tiles import tiles_of

    tiles = tiles_of(load_survey(workspace.surveys / "tiny.yaml"), "dephasing")
    return max(tiles, key=lambda tile: tile.cells)
