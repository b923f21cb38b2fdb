"""Accept changed code for a version of a quantity, if it reproduces a sample of the cells in the store.

Of each tile n cells are drawn at random, and more until every value of every axis is among them. Cells of which a part
f is wrong are all missed with the probability (1 - f)^n, so that they are seen with 99 % if f > 1 - 0.01^(1/n). What is
wrong at one value of an axis, or in one tile and so under one option, is always seen.
"""

import hashlib
from dataclasses import dataclass
from math import prod
from pathlib import Path

import numpy as np

from physics import QUANTITIES
from survey.cubes.read import read_region
from survey.errors import SurveyError
from survey.store.sealed import open_sealed
from survey.store.stamps import accept, carried, recorded, stamp_path
from survey.store.store import tile_in
from survey.store.tiles import Tile
from survey.words import count

# Of each tile at least so many cells, or all of them: 0.46 % wrong ones are seen with 99 %.
FEWEST = 1000
# Of each tile at most so many: 0.023 %. Scattered cells share no work, and even so it is a matter of seconds.
MOST = 20_000
CONFIDENCE = 0.99


@dataclass(frozen=True)
class Deviation:
    """The cell of a sample that deviates most: `size` is relative; infinite for a flag or a non-finite value."""

    size: float
    cell: str


def restamp(store: Path, name: str, sample: float = 0.01) -> str:
    """Recompute a sample (a fraction of the cells of every tile of the present version) with the present code and, if
    all agree within the promised accuracy, add its fingerprint to the stamp of the version, with those that the tiles
    carry. The same code draws the same cells each time.

    Returns a sentence that says what was done, and which part of wrong cells would have been seen. SurveyError names
    the worst deviation and its cell, and the stamp stays.
    """
    quantity = QUANTITIES[name]
    version, fingerprint = f"version {quantity.version} of {name}", quantity.fingerprint()
    known, tiles = recorded(store, name) or [], dict(carried(store, name))
    if fingerprint in known:
        tiles = {path: carrier for path, carrier in tiles.items() if carrier not in known}
        if not tiles:
            return f"the code (fingerprint {fingerprint}) is already accepted for {version}"
    elif not tiles:
        if not known:
            raise SurveyError(f"{Path(store) / name}: there is no tile of {version} to compare with; compute one first")
        stamp_path(store, name).unlink(missing_ok=True)
        return f"{version} has no tile in {Path(store) / name}: the next one that is computed begins it anew"
    cells, unseen, worst, place = 0, 0.0, Deviation(0.0, ""), None
    for path in tiles:
        with open_sealed(path) as dataset:
            tile = tile_in(dataset)
            drawn = draws(tile, sample)
            picked = picked_cells(tile, drawn, fingerprint)
            found = _compare(dataset, tile, picked)
        cells, unseen = cells + len(picked), max(unseen, unseen_part(tile, drawn))
        if found.size > worst.size:
            worst, place = found, path
    compared = f"{cells} cells of {count(len(tiles), 'tile')} compared, promised accuracy {quantity.accuracy:g}"
    if worst.size > 1:
        mend = f"bump version=... of {name} in physics/*/quantities.py"
        if fingerprint in known:
            mend = f"it comes from other code (fingerprint {tiles[place]}): move it out of the store, and run again"
        raise SurveyError(f"the code does not reproduce {version}: {worst.cell} of {place} ({compared}); {mend}")
    seen = "these are all"
    if unseen:
        certain, part = f"{100 * CONFIDENCE:g} %", f"{100 * unseen:.2g} %"
        seen = f"wrong cells would have been seen with {certain} if they were more than {part} of a tile"
    reason = f"{compared}, worst deviation {worst.size:.2g} of what is allowed; {seen}"
    for each in sorted({*tiles.values(), fingerprint} - set(known)):
        accept(store, name, each, reason)
    return f"{version} now accepts the code (fingerprint {fingerprint}): {reason}"


def draws(tile: Tile, fraction: float) -> int:
    """How many cells of a tile are drawn."""
    return max(FEWEST, min(MOST, round(fraction * prod(tile.shape))))


def unseen_part(tile: Tile, drawn: int) -> float:
    """The part of a tile's cells above which wrong ones are seen with CONFIDENCE by so many draws; 0 if all cells are
    compared."""
    return 0.0 if drawn >= prod(tile.shape) else 1 - (1 - CONFIDENCE) ** (1 / drawn)


def picked_cells(tile: Tile, drawn: int, seed: str) -> np.ndarray:
    """Distinct cells of a tile, as sorted flat positions: all, or so many draws of any cell, and as many cells as the
    longest axis has values in which every value of every axis occurs. They depend on the tile and the seed alone, and
    more draws add to them."""
    cells = prod(tile.shape)
    if drawn >= cells:
        return np.arange(cells)
    random = np.random.default_rng(list(hashlib.sha256(f"{seed} {tile.digest}".encode()).digest()))
    length = max(tile.shape)
    covering = [np.resize(random.permutation(own), length) for own in tile.shape]
    along_axes = np.ravel_multi_index([random.permutation(places) for places in covering], tile.shape)
    return np.union1d(along_axes, random.integers(cells, size=drawn))


def _compare(dataset, tile: Tile, picked: np.ndarray) -> Deviation:
    """The worst deviation in the picked cells of an open tile, in units of the promised accuracy."""
    quantity = QUANTITIES[tile.quantity]
    positions = np.unravel_index(picked, tile.shape)
    cells = {name: np.array(values)[index] for (name, values), index in zip(tile.axes.items(), positions, strict=True)}
    computed = quantity(**cells, **tile.constants, **tile.options, variables=tile.variables)
    worst = Deviation(0.0, "")
    for name in tile.variables:
        stored = _stored(dataset, tile, name, positions)
        fresh = np.broadcast_to(computed[name], picked.shape)
        size = _deviation(stored, fresh, quantity.accuracy)
        at = int(np.argmax(size))
        if size[at] > worst.size:
            where = ", ".join(f"{axis} = {values[at]:.12g}" for axis, values in cells.items())
            worst = Deviation(float(size[at]), f"{name} is {fresh[at]!s}, was {stored[at]!s} at {where}")
    return worst


def _deviation(stored: np.ndarray, fresh: np.ndarray, accuracy: float) -> np.ndarray:
    """|fresh - stored| in units of what is allowed: each side is promised to `accuracy`, and the stored one is rounded.
    Flags and non-finite values must be equal."""
    same = (stored == fresh) | ((stored != stored) & (fresh != fresh))
    if stored.dtype.kind != "f":
        return np.where(same, 0.0, np.inf)
    allowed = 2 * accuracy + np.finfo(stored.dtype).eps
    with np.errstate(invalid="ignore", divide="ignore"):
        size = np.abs(fresh - stored) / (np.abs(stored) * allowed)
    return np.where(same, 0.0, np.where(np.isfinite(size), size, np.inf))


def _stored(dataset, tile: Tile, name: str, positions: tuple[np.ndarray, ...]) -> np.ndarray:
    dimensions = tile.dimensions(name)
    own = tuple(index for axis, index in zip(tile.axes, positions, strict=True) if axis in dimensions)
    return read_region(dataset, name, (slice(None),) * len(dimensions))[own]
