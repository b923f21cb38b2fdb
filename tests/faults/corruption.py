"""Files that are not what was written: flipped bits, truncated, empty, foreign, another version's."""

import random
import shutil
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context
from pathlib import Path

from faults.kill import contents, numbers_in, prepared
from faults.table import Table
from helpers.workspace import Workspace

KINDS = ("tile", "cube", "crossovers")
HEADER = (
    "file",
    "damage",
    "attacks",
    "found when read",
    "harmless: all numbers right",
    "wrong numbers read",
    "crashes",
)


def attack(folder: Path, times: int, mends: int, seed: int = 0) -> Table:
    """Damage files of a finished survey so many times and read them; of the damages that are found, let `mends` be met
    by a real run and mended by the next one."""
    rng = random.Random(seed)
    table = Table(f"Damaged files, {times} flipped bits and other damage", HEADER)
    workspace = prepared(folder / "work")
    workspace.run()
    right = contents(workspace.results)
    files = {kind: files_of(workspace, kind) for kind in KINDS}
    counts: dict[tuple[str, str], dict[str, int]] = {}
    left_to_mend = mends
    with Reader() as reader:
        for kind, damage in [(KINDS[n % 3], "one flipped bit") for n in range(times)] + [
            (kind, damage) for kind in KINDS for damage in DAMAGES if damage != "one flipped bit"
        ]:
            path = rng.choice(files[kind])
            whole = path.read_bytes()
            path.write_bytes(DAMAGES[damage](whole, rng, files, path))
            expected = {name: value for name, value in right.items() if name.startswith(name_of(workspace, path))}
            verdict = reader.verdict(path, workspace.results, expected)
            count = counts.setdefault((kind, damage), dict.fromkeys(("found", "harmless", "wrong", "crash"), 0))
            count[verdict] += 1
            table.expect(verdict in ("found", "harmless"), f"{path.name}, {damage}: {verdict}")
            if verdict == "found" and left_to_mend:
                left_to_mend -= met_and_mended(workspace, path, kind, right, table)
            path.write_bytes(whole)
    for (kind, damage), count in sorted(counts.items()):
        table.rows.append((kind, damage, sum(count.values()), *count.values()))
    return table


def files_of(workspace: Workspace, kind: str) -> list[Path]:
    found = {"tile": "store/*/*.nc", "cube": "tiny/dephasing.nc", "crossovers": "tiny/crossovers.nc"}
    return sorted(workspace.results.glob(found[kind]))


def name_of(workspace: Workspace, path: Path) -> str:
    return f"{path.relative_to(workspace.results)}:"


def flipped(whole: bytes, rng: random.Random, files, path) -> bytes:
    place = rng.randrange(len(whole))
    return whole[:place] + bytes([whole[place] ^ (1 << rng.randrange(8))]) + whole[place + 1 :]


DAMAGES = {
    "one flipped bit": flipped,
    "truncated": lambda whole, rng, files, path: whole[: rng.randrange(1, len(whole))],
    "empty": lambda whole, rng, files, path: b"",
    "a text file": lambda whole, rng, files, path: b"T = 1 K\n",
    "another of our files": lambda whole, rng, files, path: files[
        "crossovers" if path.stem != "crossovers" else "tile"
    ][0].read_bytes(),
    "zeros inside": lambda whole, rng, files, path: (
        whole[: len(whole) // 2] + bytes(4096) + whole[len(whole) // 2 + 4096 :]
    ),
}


def met_and_mended(workspace: Workspace, path: Path, kind: str, right: dict, table: Table) -> bool:
    """A run that needs the damaged file stops and names it; the same command again makes it anew. False if the run
    needs nothing of what is damaged; then it makes what it made before."""
    copy = workspace.folder.parent / "mended"
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(workspace.folder, copy, symlinks=True)
    here = Workspace.__new__(Workspace)
    here.__dict__ = vars(workspace) | {
        "folder": copy,
        "results": copy / "results",
        "environment": workspace.environment | {"PYTHONPATH": str(copy)},
    }
    tiny = here.results / "tiny"
    reading = {
        "tile": [tiny / "dephasing.nc"],
        "cube": [tiny / "crossovers.nc"],
        "crossovers": [tiny / "diagrams" / "where.png"],
    }
    made = {file: numbers_in(file) for file in reading[kind]}
    for file in reading[kind]:
        file.unlink()
    first = here.snakemake()
    said = first.stdout + first.stderr
    if first.returncode == 0:
        same = all(numbers_in(file) == numbers for file, numbers in made.items())
        table.expect(same, f"{path.name}: damaged, and what was made from it is not what it was")
        return False
    named = path.name in said and "damaged" in said and "Traceback" not in said
    table.expect(first.returncode != 0 and named, f"{path.name}: a run that reads it says {said[-700:]}")
    second = here.snakemake()
    table.expect(second.returncode == 0, f"{path.name}: not mended: {(second.stdout + second.stderr)[-700:]}")
    table.expect(contents(here.results) == right, f"{path.name}: the mended results differ")
    return True


class Reader:
    """Reads files in a process of its own, which a damaged file may crash."""

    def __enter__(self):
        self.pool = self._pool()
        return self

    def __exit__(self, *_):
        self.pool.shutdown()

    def _pool(self):
        return ProcessPoolExecutor(1, mp_context=get_context("spawn"))

    def verdict(self, path: Path, results: Path, expected: dict) -> str:
        try:
            return self.pool.submit(read, path, results, expected).result()
        except BrokenProcessPool:
            self.pool = self._pool()
            return "crash"


def read(path: Path, results: Path, expected: dict) -> str:
    """Read a file whole, as the steps of the workflow do, and hold it against what was written."""
    from survey.cubes.read import read_region
    from survey.errors import SurveyError
    from survey.store.sealed import open_sealed
    from survey.store.store import open_tile, tile_in

    try:
        with open_sealed(path) as dataset:
            if path.parent.parent.name == "store":
                tile = tile_in(dataset)
                if tile.path(path.parents[1]) != path:
                    return "found"
                with open_tile(path.parents[1], tile):
                    pass
            found = {}
            for name in dataset.variables:
                values = read_region(dataset, name, (slice(None),) * dataset[name].ndim)
                found[f"{path.relative_to(results)}:{name}"] = (values.dtype.str, values.shape, values.tobytes())
    except SurveyError:
        return "found"
    # Steps read variables by their names, and refuse a file that lacks one.
    if not set(expected) <= set(found):
        return "found"
    return "harmless" if found == expected else "wrong"
