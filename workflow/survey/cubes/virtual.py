"""Cubes that are not copied together: their variables are HDF5 virtual datasets, which point to the tiles of a store.

netCDF4, xarray and other programs with HDF5 1.10 or later read such a cube as if the numbers were in it. HDF5 however
gives the fill value, without a word, where a tile is missing or there are too many open files, and it keeps every tile
open that it has touched, at half a megabyte each. What reads cubes here asks the tiles themselves instead: few of them
are open at a time, each is verified, and a tile that is missing or damaged is named.
"""

import os
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

import netCDF4
import numpy as np

from physics import QUANTITIES
from survey.errors import Damaged, MissingTiles, SurveyError
from survey.store.netcdf import VIRTUAL, describe_variable, is_virtual
from survey.store.sealed import damage_of, digest_in, open_sealed, read
from survey.store.store import open_tile
from survey.store.tiles import Tile, placed, stored_dtype
from survey.words import count

# Open at the same time, and of each variable of a tile, what is kept in memory (bytes).
OPEN_TILES, CHUNK_CACHE = 16, 4 * 2**20
# So many missing tiles are named, then their number.
NAMED = 3
_open: dict[tuple, netCDF4.Dataset] = {}


def refer(cube: Path, tiles: list[Tile], axes: Mapping[str, np.ndarray], store: Path) -> set[str]:
    """Add the variables of the tiles to a cube that has its axes, and return the fingerprints of the tiles.

    Every tile is opened and held against what is asked for: seal, identity, coordinates, shape, code. Its numbers are
    not read; their checksums are verified whenever they are. SurveyError if a tile is missing or damaged.
    """
    import h5py

    fingerprints = set()
    for tile in tiles:
        with open_tile(store, tile) as dataset:
            fingerprints.add(dataset.quantity_fingerprint)
    first, folder = tiles[0], cube.parent.resolve()
    quantity = QUANTITIES[first.quantity]
    with h5py.File(cube, "r+", libver=("earliest", "v110"), locking="best-effort") as file:
        for name in first.variables:
            dimensions = first.dimensions(name)
            kind = np.dtype(stored_dtype(quantity.variable(name), first.dtype))
            layout = h5py.VirtualLayout(tuple(len(axes[axis]) for axis in dimensions), kind)
            for place, tile in placed(tiles, axes, dimensions).items():
                extent = tuple(stop - start for start, stop in place)
                source = os.path.relpath(tile.path(store.resolve()), folder)
                layout[tuple(slice(*ends) for ends in place)] = h5py.VirtualSource(source, name, extent)
            fill = kind.type(netCDF4.default_fillvals[kind.str[1:]])
            created = file.create_virtual_dataset(name, layout, fillvalue=fill)
            if kind.kind == "f":
                # Then xarray says NaN of a missing tile. It would make floats of flags.
                created.attrs.create("_FillValue", np.array([fill]))
            for number, axis in enumerate(dimensions):
                created.dims[number].attach_scale(file[axis])
    with netCDF4.Dataset(cube, "a") as dataset:
        for name in first.variables:
            describe_variable(dataset[name], quantity.variable(name))
        dataset.cube = VIRTUAL
        dataset.comment = "virtual: the numbers lie in the tiles of ../store, which belongs to this file"
    return fingerprints


def read_tiles(cube: netCDF4.Dataset, variable: str, region: tuple[slice, ...]) -> np.ndarray:
    """Part of a variable of a virtual cube, from its tiles. SurveyError that names the tiles that are missing, Damaged
    with the path of the tile that is."""
    path = Path(cube.filepath())
    shape = cube[variable].shape
    box = np.array([part.indices(length)[:2] for part, length in zip(region, shape, strict=True)]).reshape(-1, 2)
    values = np.empty(box[:, 1] - box[:, 0], dtype=cube[variable].dtype)
    starts, stops, tiles = _sources(path, path.stat().st_mtime_ns, variable)
    common = np.maximum(starts, box[:, 0]), np.minimum(stops, box[:, 1])
    hit = np.flatnonzero((common[0] < common[1]).all(axis=1))
    refuse_missing(path, [tiles[number] for number in hit])
    cells = 0
    for number in hit:
        low, high = common[0][number], common[1][number]
        in_tile = tuple(map(slice, low - starts[number], high - starts[number]))
        part = read(_opened(tiles[number]), variable, in_tile)
        values[tuple(map(slice, low - box[:, 0], high - box[:, 0]))] = part
        cells += part.size
    if cells != values.size:
        raise Damaged(path, f"{variable} has cells that no tile holds")
    return values


def tiles_of_cube(path: Path) -> list[Path]:
    """The tiles that a cube refers to, none if it is not virtual. SurveyError if it cannot be read."""
    with open_sealed(path) as cube:
        names = [name for name in cube.variables if name not in cube.dimensions] if is_virtual(cube) else []
    written = path.stat().st_mtime_ns
    return sorted({tile for name in names for tile in _sources(path, written, name)[2]})


def close_tiles() -> None:
    """Close the tiles that reading left open: as long as they are open, HDF5 may answer without a look at the disk."""
    while _open:
        _open.popitem()[1].close()


def refuse_missing(path: Path, tiles: list[Path]) -> None:
    """MissingTiles if tiles that a virtual cube refers to are not there; names them."""
    missing = [tile for tile in tiles if not tile.exists()]
    if missing:
        more = f" and {len(missing) - NAMED} more" if len(missing) > NAMED else ""
        raise MissingTiles(
            f"{path}: {count(len(missing), 'tile')} that it refers to {'is' if len(missing) == 1 else 'are'} missing: "
            f"{', '.join(map(str, missing[:NAMED]))}{more}; run the workflow again, or copy the store along"
        )


@lru_cache(maxsize=16)
def _sources(path: Path, written: int, variable: str) -> tuple[np.ndarray, np.ndarray, list[Path]]:
    """Where the tiles of a variable begin and end along its axes, and their paths; `written` tells files apart that
    had the same name one after the other."""
    import h5py

    with damage_of(path), h5py.File(path, "r", locking="best-effort") as file:
        plan = file[variable].id.get_create_plist()
        numbers = range(plan.get_virtual_count())
        bounds = np.array([plan.get_virtual_vspace(number).get_select_bounds() for number in numbers])
        names = [plan.get_virtual_filename(number) for number in numbers]
    folder = Path(os.path.realpath(path)).parent
    return bounds[:, 0], bounds[:, 1] + 1, [Path(os.path.normpath(folder / name)) for name in names]


def _opened(path: Path) -> netCDF4.Dataset:
    """A tile to read from, sealed and the one that its name says; the last OPEN_TILES stay open."""
    found = path.stat()
    key = (path, found.st_ino, found.st_mtime_ns)
    tile = _open.pop(key, None) or _verified(path)
    _open[key] = tile
    while len(_open) > OPEN_TILES:
        _open.pop(next(iter(_open))).close()
    return tile


def _verified(path: Path) -> netCDF4.Dataset:
    tile = open_sealed(path)
    try:
        with damage_of(path):
            if digest_in(tile) != path.stem.rpartition("-")[2]:
                raise OSError("it holds another tile than its name says")
            for variable in tile.variables.values():
                variable.set_var_chunk_cache(size=CHUNK_CACHE)
    except SurveyError:
        tile.close()
        raise
    return tile
