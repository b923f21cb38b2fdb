"""Accept changed code for a version of a quantity, if it reproduces a random sample of the cells in the store."""

from dataclasses import dataclass
from math import prod
from pathlib import Path

import numpy as np

from physics import QUANTITIES
from survey.errors import SurveyError
from survey.stamps import accept, accepted
from survey.store import open_tile, read_region, tiles_in
from survey.tiles import Tile

# Of each tile at least so many cells, or all of them.
FEWEST = 50
# At so many cells per tile a percent of a large tile is as good as all of it, and still a matter of seconds.
MOST = 20_000


@dataclass(frozen=True)
class Deviation:
    """The cell of a sample that deviates most: `size` is relative; infinite for a flag or a non-finite value."""

    size: float
    cell: str


def restamp(store: Path, name: str, sample: float = 0.01, seed: int | None = None) -> str:
    """Recompute a random sample (a fraction of the cells of every tile of the present version) with the present code
    and, if all agree within the promised accuracy, add its fingerprint to the stamp of the version.

    Returns a sentence that says what was done. SurveyError names the worst deviation and its cell, and the stamp stays.
    """
    quantity = QUANTITIES[name]
    version, fingerprint = f"version {quantity.version} of {name}", quantity.fingerprint()
    known = accepted(store, name)
    if fingerprint in known:
        return f"the code (fingerprint {fingerprint}) is already accepted for {version}"
    tiles = tiles_in(store, name)
    if not tiles:
        raise SurveyError(f"{Path(store) / name}: there is no tile of {version} to compare with; delete the folder")
    random = np.random.default_rng(seed)
    cells, worst = 0, Deviation(0.0, "")
    for tile in tiles:
        picked = _sample(tile, sample, random)
        cells += len(picked)
        worst = max(worst, _compare(store, tile, picked), key=lambda deviation: deviation.size)
    compared = f"{cells} cells of {len(tiles)} tiles compared, promised accuracy {quantity.accuracy:g}"
    if worst.size > 1:
        raise SurveyError(
            f"the changed code does not reproduce {version}: {worst.cell} ({compared}); "
            f"bump version=... of {name} in physics/quantities"
        )
    reason = f"{compared}, worst deviation {worst.size:.2g} of what is allowed"
    accept(store, name, fingerprint, reason)
    return f"{version} now accepts the code (fingerprint {fingerprint}): {reason}"


def _sample(tile: Tile, fraction: float, random: np.random.Generator) -> np.ndarray:
    """Distinct cells of a tile, as sorted flat positions."""
    cells = prod(tile.shape)
    count = min(cells, max(FEWEST, min(MOST, round(fraction * cells))))
    return np.sort(random.choice(cells, size=count, replace=False, shuffle=False))


def _compare(store: Path, tile: Tile, picked: np.ndarray) -> Deviation:
    """The worst deviation in the picked cells, in units of the promised accuracy."""
    quantity = QUANTITIES[tile.quantity]
    positions = np.unravel_index(picked, tile.shape)
    cells = {name: np.array(values)[index] for (name, values), index in zip(tile.axes.items(), positions, strict=True)}
    computed = quantity(**cells, **tile.constants, **tile.options, variables=tile.variables)
    worst = Deviation(0.0, "")
    for name in tile.variables:
        stored = _stored(store, tile, name, positions)
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


def _stored(store: Path, tile: Tile, name: str, positions: tuple[np.ndarray, ...]) -> np.ndarray:
    with open_tile(store, tile) as dataset:
        dimensions = tile.dimensions(name)
        own = tuple(index for axis, index in zip(tile.axes, positions, strict=True) if axis in dimensions)
        return read_region(dataset, name, (slice(None),) * len(dimensions))[own]
