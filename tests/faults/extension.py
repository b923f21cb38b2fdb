"""A finished survey whose grid is changed: what is computed again, and whether the cube is that of a fresh run."""

import hashlib
import shutil
from collections.abc import Callable
from pathlib import Path

import netCDF4
import numpy as np

from faults.table import Table
from helpers.workspace import CUBE_ALONE, Workspace
from survey.config.load import load_survey

# Axes longer than a block, so that a change can stay within one.
AXES = """\
axes:
  T: {values: [%s]}
  Lambda0: {values: [1 mK, 3 mK, 10 mK]}
  Pd: {values: [%s]}
  chi: {values: [0.05, 0.1, 0.3]}
  Estar: {values: [1 K, 3 K, 10 K]}
"""
T = [f"{value:.6g} K" for value in np.geomspace(0.01, 1.0, 90)]
PD = [f"{value:.6g} J^-1m^-3" for value in np.geomspace(1e45, 1e47, 100)]


def text(T=T, Pd=PD) -> str:
    """A survey with these values; the other axes are changed in the text."""
    return (
        AXES % (", ".join(T), ", ".join(Pd)) + CUBE_ALONE.partition("constants:")[1] + CUBE_ALONE.split("constants:")[1]
    )


def inserted(values: list[str], value: str, place: int) -> list[str]:
    return [*values[:place], value, *values[place:]]


CHANGES: dict[str, Callable[[], dict[str, str]]] = {
    "insert a T in the middle": lambda: {"grown": text(T=inserted(T, "97.3 mK", 45))},
    "insert a Pd in the middle": lambda: {"grown": text(Pd=inserted(PD, "1.01e46 J^-1m^-3", 50))},
    "insert a Lambda0": lambda: {"grown": text().replace("[1 mK, 3 mK, 10 mK]", "[1 mK, 2 mK, 3 mK, 10 mK]")},
    "insert a chi": lambda: {"grown": text().replace("[0.05, 0.1, 0.3]", "[0.05, 0.1, 0.2, 0.3]")},
    "insert an E*": lambda: {"grown": text().replace("[1 K, 3 K, 10 K]", "[1 K, 2 K, 3 K, 10 K]")},
    "append a T": lambda: {"grown": text(T=[*T, "1.1 K"])},
    "remove a T": lambda: {"grown": text(T=[value for place, value in enumerate(T) if place != 40])},
    "widen Pd at both ends": lambda: {"grown": text(Pd=["9e44 J^-1m^-3", *PD, "1.1e47 J^-1m^-3"])},
    "split the survey in two along T": lambda: {"lower": text(T=T[:50]), "upper": text(T=T[50:])},
    "change T in the 13th digit": lambda: {"grown": text(T=[f"{float(v[:-2]) * (1 + 3e-14):.17g} K" for v in T])},
    "write T in another order": lambda: {"grown": text(T=T[::-1])},
}


def attack(folder: Path, changes: tuple[str, ...] = tuple(CHANGES)) -> Table:
    """Apply each change to the finished survey and count the cells that were computed."""
    table = Table(
        "Changes of the grid of a finished survey",
        ("change", "cells", "new cells", "cells computed", "tiles", "tiles kept", "old tiles changed", "cube"),
    )
    workspace = finished(folder / "before")
    old = tiles(workspace)
    old_cells = cells_of(workspace, "tiny")
    for number, change in enumerate(changes):
        copy = Workspace.__new__(Workspace)
        copy.__dict__ = {
            name: moved(value, workspace.folder, folder / f"{number}") for name, value in vars(workspace).items()
        }
        shutil.copytree(workspace.folder, copy.folder, symlinks=True)
        names = CHANGES[change]()
        for name, content in names.items():
            copy.write(name, content)
        copy.run("--config", f"surveys={','.join(names)}")
        cells = set().union(*(cells_of(copy, name) for name in names))
        now = tiles(copy)
        computed = sum(count for path, (_, count) in now.items() if path not in old)
        changed = [path for path in old if now[path] != old[path]]
        wrong = [name for name in names if not is_fresh(copy, name)]
        new = len(cells - old_cells)
        table.expect(computed == new, f"{change}: {computed} cells computed, {new} are new")
        table.expect(not changed, f"{change}: {changed} changed")
        table.expect(not wrong, f"{change}: {wrong} differ from a fresh computation")
        used = sum(len(planned(copy, name)) for name in names)
        kept = sum(path in old for name in names for path in planned(copy, name))
        verdict = "differs" if wrong else "equal bit by bit"
        table.rows.append((change, len(cells), new, computed, used, kept, len(changed), verdict))
    return table


def moved(value, old: Path, new: Path):
    """A path or environment of one workspace as that of another."""
    if isinstance(value, Path):
        return new / value.relative_to(old)
    return value | {"PYTHONPATH": str(new)}


def finished(folder: Path) -> Workspace:
    folder.mkdir(parents=True)
    workspace = Workspace(folder)
    workspace.write("tiny", text())
    workspace.run()
    return workspace


def planned(workspace: Workspace, name: str) -> list[str]:
    """The tiles of a survey by their names."""
    from survey.store.tiles import tiles_of

    return [tile.digest for tile in tiles_of(load_survey(workspace.surveys / f"{name}.yaml"), "dephasing")]


def tiles(workspace: Workspace) -> dict[str, tuple[str, int]]:
    """Each tile of the store: the digest of its file, and how many of its cells were computed and not copied."""
    found = {}
    for path in workspace.results.glob("store/dephasing/*.nc"):
        with netCDF4.Dataset(path) as dataset:
            count = int(getattr(dataset, "cells", 0))
        found[path.stem] = (hashlib.sha256(path.read_bytes()).hexdigest(), count)
    return found


def cells_of(workspace: Workspace, name: str) -> set[tuple]:
    """The coordinates of all cells of a survey."""
    grid = load_survey(workspace.surveys / f"{name}.yaml").grid("dephasing")
    return set(zip(*(axis.ravel().tolist() for axis in np.meshgrid(*grid.values())), strict=True))


def is_fresh(workspace: Workspace, name: str) -> bool:
    """Whether the cube of a survey is what its kernel gives on the whole grid at once."""
    from helpers import toy
    from physics import QUANTITIES
    from survey.grid import open_grid

    survey = load_survey(workspace.surveys / f"{name}.yaml")
    quantity = QUANTITIES["dephasing"]
    variables = tuple(variable.name for variable in quantity.variables)
    fresh = toy.dephasing(
        **open_grid(survey.grid("dephasing")), **survey.constants, **quantity.choices({}), variables=variables
    )
    with netCDF4.Dataset(workspace.results / name / "dephasing.nc") as cube:
        cube.set_auto_mask(False)
        return all(cube[name][...].tobytes() == fresh[name].tobytes() for name in variables)
