"""Reading cubes and crossovers, whether their numbers are in the file or, of a virtual cube, in its tiles."""

from collections.abc import Iterator
from itertools import product
from math import ceil, prod
from pathlib import Path

import netCDF4
import numpy as np

from survey.cubes.virtual import read_tiles
from survey.errors import SurveyError
from survey.store.netcdf import SEAL, broken_seal, is_virtual
from survey.store.sealed import damage_of, read

# Read at a time, of one variable: 80 MB of float64.
CELLS = 10_000_000


def open_cube(path: str | Path) -> netCDF4.Dataset:
    """Open a cube for queries, without reading it; close it, or use it in a `with`.

    SurveyError if the file is missing, is not netCDF, or is damaged.
    """
    try:
        there = Path(path).is_file()
    except OSError as error:
        raise SurveyError(f"{path}: cannot be read ({error.strerror}); allowed: a cube") from None
    if not there:
        raise SurveyError(f"{path}: {_instead(Path(path))}; allowed: a cube that a survey has written")
    try:
        cube = netCDF4.Dataset(path)
    except OSError as error:
        raise SurveyError(f"{path}: cannot be read as netCDF ({error}); allowed: a cube") from None
    try:
        with damage_of(path):
            cube.set_auto_mask(False)
            if SEAL in cube.ncattrs() and broken_seal(cube):
                raise OSError("coordinates or attributes were altered")
    except SurveyError:
        cube.close()
        raise
    return cube


def _instead(path: Path) -> str:
    """What stands in the place of a file that is none."""
    if path.is_symlink():
        return f"a link to {path.readlink()}, which does not exist"
    return "a folder" if path.is_dir() else "no such file"


def read_region(dataset: netCDF4.Dataset, variable: str, region: tuple[slice, ...]) -> np.ndarray:
    """Part of a variable of an open file, or of the tiles of a virtual cube; Damaged if a checksum fails or a cell was
    never written, SurveyError if a tile is missing."""
    if is_virtual(dataset) and variable not in dataset.dimensions:
        return read_tiles(dataset, variable, region)
    return read(dataset, variable, region)


def attributes_of(item: netCDF4.Dataset | netCDF4.Variable) -> dict:
    """The attributes of a cube or of one of its variables, without those of HDF5."""
    return {name: item.getncattr(name) for name in item.ncattrs() if not name.startswith("_")}


def regions(shape: tuple[int, ...], chunks: tuple[int, ...] | str, cells: int = CELLS) -> Iterator[tuple[slice, ...]]:
    """A variable cut into regions of whole chunks, of at most so many cells or of one chunk."""
    steps = list(shape) if chunks == "contiguous" else list(chunks)
    for position in reversed(range(len(steps))):
        most = max(1, cells // max(1, prod(steps)))
        steps[position] *= min(most, ceil(shape[position] / steps[position]))
    cuts = [
        [slice(start, min(start + step, length)) for start in range(0, length, step)]
        for step, length in zip(steps, shape, strict=True)
    ]
    return product(*cuts)
