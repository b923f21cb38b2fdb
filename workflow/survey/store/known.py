"""What the store already knows of a tile: cells of older tiles, which an extended grid need not compute again.

An extended axis changes the block that the new values fall into, and with it the names of its tiles. The tiles of the
old block hold all of their cells but the new ones. A kernel's numbers depend neither on tiles nor on chunks, so that a
copied cell is the computed one bit by bit.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise, product
from math import prod
from pathlib import Path

import netCDF4
import numpy as np

from survey.errors import SurveyError
from survey.grid import canonical
from survey.store.sealed import open_sealed, read
from survey.store.store import open_tile, tile_in
from survey.store.tiles import AXIS_DIGITS, Tile

# Read and written at a time, one variable: 40 MB of float64.
COPIED_CELLS = 5_000_000
# A block is the rest of few older ones; what is left of many is not worth so many small pieces.
MOST_PARTS = 64
# An extension along one axis leaves one or two tiles that share all other blocks; more are opened for the rarer cases.
MOST_NEIGHBOURS = 100


@dataclass(frozen=True)
class Part:
    """Cells of a tile: the product of so many positions along each of its axes."""

    places: tuple[tuple[int, ...], ...]

    @property
    def shape(self) -> tuple[int, ...]:
        return tuple(len(along) for along in self.places)

    @property
    def cells(self) -> int:
        return prod(self.shape)

    def without(self, other: "Part") -> list["Part"]:
        """What is left of these cells without those of another part, as disjoint parts."""
        left, common = [], list(self.places)
        for axis, (mine, theirs) in enumerate(zip(self.places, other.places, strict=True)):
            outside = tuple(sorted(set(mine) - set(theirs)))
            if outside:
                left.append(Part((*common[:axis], outside, *common[axis + 1 :])))
            common[axis] = tuple(sorted(set(mine) & set(theirs)))
        return left if all(common) else [self]

    def regions(self, longest: tuple[int, ...]) -> Iterator["Part"]:
        """The part cut into parts that are at most so long along each axis."""
        cuts = [
            [along[start : start + step] for start in range(0, len(along), step)]
            for along, step in zip(self.places, longest, strict=True)
        ]
        yield from map(Part, product(*cuts))


def whole(tile: Tile) -> Part:
    """All cells of a tile."""
    return Part(tuple(tuple(range(length)) for length in tile.shape))


@dataclass(frozen=True)
class Known:
    """Cells of a tile that an older tile of the store holds too: `old` is that tile, `part` where they lie in `new`."""

    new: Tile
    old: Tile

    @cached_property
    def part(self) -> Part:
        held = {name: {canonical(value) for value in values} for name, values in self.old.axes.items()}
        return Part(
            tuple(
                tuple(place for place, value in enumerate(values) if canonical(value) in held[name])
                for name, values in self.new.axes.items()
            )
        )

    def positions_in_old(self, part: Part) -> Part:
        """Where cells of the new tile lie in the old one."""
        places = []
        for (name, values), along in zip(self.new.axes.items(), part.places, strict=True):
            index = {canonical(value): place for place, value in enumerate(self.old.axes[name])}
            places.append(tuple(index[canonical(values[place])] for place in along))
        return Part(tuple(places))


def known_cells(store: Path, tile: Tile, fingerprint: str) -> list[Known]:
    """The tiles of the store that differ from this one in their axes alone, hold some of its cells, and come from the
    code with this fingerprint; those with the most cells first. Files that cannot be read are passed over."""
    found = []
    for path in neighbours(store, tile):
        try:
            with open_sealed(path) as dataset:
                known = Known(tile, tile_in(dataset))
                same_code = dataset.quantity_fingerprint == fingerprint
        except SurveyError:
            continue
        if same_code and known.old.path(store) == path and known.part.cells:
            found.append(known)
    return sorted(found, key=lambda known: known.part.cells, reverse=True)


def neighbours(store: Path, tile: Tile) -> list[Path]:
    """Files of tiles that may hold cells of this one, by their names: first those with the most blocks in common."""
    codes = _codes(tile.digest)

    def in_common(path: Path) -> int:
        return sum(mine == other for mine, other in zip(codes, _codes(path.stem), strict=False))

    own = tile.path(store)
    others = sorted(path for path in own.parent.glob(f"{tile.family}-*.nc") if path != own)
    return sorted(others, key=in_common, reverse=True)[:MOST_NEIGHBOURS]


def _codes(digest: str) -> list[str]:
    codes = digest.split("-")[1]
    return [codes[start : start + AXIS_DIGITS] for start in range(0, len(codes), AXIS_DIGITS)]


def copy_known(store: Path, tile: Tile, dataset: netCDF4.Dataset) -> list[Part]:
    """Copy the cells that older tiles hold into the new tile `dataset`; returns what is left to compute.

    A tile of which anything proves damaged is not used; its cells are computed.
    """
    left = [whole(tile)]
    for known in known_cells(store, tile, dataset.quantity_fingerprint):
        rest = left_without(left, known)
        if rest is left:
            continue
        try:
            _copy(store, known, dataset)
        except (OSError, SurveyError):
            continue
        left = rest
    return left


def left_without(left: list[Part], known: Known) -> list[Part]:
    """The parts without the known cells, or the same list if there are none in them or the pieces would be too many."""
    rest = [part for piece in left for part in piece.without(known.part)]
    fewer = sum(part.cells for part in rest) < sum(part.cells for part in left)
    return rest if fewer and len(rest) <= MOST_PARTS else left


def _copy(store: Path, known: Known, dataset: netCDF4.Dataset) -> None:
    with open_tile(store, known.old) as old:
        for name in known.new.variables:
            part = on_dimensions(known.part, known.new, name)
            source = on_dimensions(known.positions_in_old(known.part), known.old, name)
            longest = _extents(dataset[name].chunking() if source.places else [], source)
            for region, origin in zip(part.regions(longest), source.regions(longest), strict=True):
                _write(dataset[name], region, _read(old, name, origin))


def _extents(chunks: list[int], source: Part) -> tuple[int, ...]:
    """How much is copied at a time along each axis: several whole chunks, lest one is read for each of its values, with
    COPIED_CELLS of the old tile in their ranges."""
    left = COPIED_CELLS / prod(along[-1] - along[0] + 1 for along in source.places) * source.cells
    extents = []
    for chunk in chunks:
        left /= chunk
    for chunk, length in zip(reversed(chunks), reversed(source.shape), strict=True):
        factor = max(1, min(int(left), -(-length // chunk)))
        extents.append(chunk * factor)
        left /= factor
    return tuple(reversed(extents))


def _read(dataset: netCDF4.Dataset, name: str, part: Part) -> np.ndarray:
    """Cells of an open tile. Whole ranges are read: netCDF reads scattered positions one by one."""
    values = read(dataset, name, tuple(slice(along[0], along[-1] + 1) for along in part.places))
    return values[np.ix_(*(np.array(along) - along[0] for along in part.places))]


def _write(variable: netCDF4.Variable, part: Part, values: np.ndarray) -> None:
    for runs in product(*map(_runs, part.places)):
        place = tuple(
            slice(along[run.start], along[run.stop - 1] + 1) for along, run in zip(part.places, runs, strict=True)
        )
        variable[place] = values[runs]


def _runs(places: tuple[int, ...]) -> list[slice]:
    """Where positions follow each other, as slices of the list of positions."""
    breaks = [number for number in range(1, len(places)) if places[number] != places[number - 1] + 1]
    return [slice(start, stop) for start, stop in pairwise([0, *breaks, len(places)])]


def on_dimensions(part: Part, tile: Tile, variable: str) -> Part:
    """A part of a tile along the axes that a variable depends on."""
    own = tile.dimensions(variable)
    return Part(tuple(along for name, along in zip(tile.axes, part.places, strict=True) if name in own))


def contiguous(places: tuple[int, ...]):
    """Positions as a slice where they follow each other, which is read and written faster, else as they are."""
    if places[-1] - places[0] == len(places) - 1:
        return slice(places[0], places[-1] + 1)
    return np.array(places)
