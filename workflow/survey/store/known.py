"""What the store already knows of a tile: cells of older tiles, which an extended grid need not compute again, and
variables of tiles that have more or fewer of them.

An extended axis changes the block that the new values fall into, and with it the names of its tiles. The tiles of the
old block hold all of their cells but the new ones. Another choice of variables, or numbers of another type, change the
names of all tiles. A kernel's numbers depend neither on tiles nor on chunks nor on other variables, so that a copied
number is the computed one bit by bit.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import pairwise, product
from math import prod
from pathlib import Path
from typing import NamedTuple

import netCDF4
import numpy as np

from physics import QUANTITIES
from survey.errors import SurveyError
from survey.grid import canonical
from survey.store.sealed import open_sealed, read
from survey.store.store import open_tile, tile_in
from survey.store.tiles import AXIS_DIGITS, Tile, narrowed, stored_dtype

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

    def within(self, other: "Part") -> "Part":
        """The cells that are in another part, too."""
        both = zip(self.places, other.places, strict=True)
        return Part(tuple(tuple(sorted(set(mine) & set(theirs))) for mine, theirs in both))

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


class Piece(NamedTuple):
    """What is to be computed: variables at the cells of a part of a tile."""

    part: Part
    variables: tuple[str, ...]

    @property
    def numbers(self) -> int:
        return self.part.cells * len(self.variables)


@dataclass(frozen=True)
class Known:
    """Cells of a tile that an older tile of the store holds too, in the `variables` that both have: `old` is that tile,
    `part` where they lie in `new`."""

    new: Tile
    old: Tile

    @cached_property
    def variables(self) -> tuple[str, ...]:
        return shared(self.new, self.old)

    @cached_property
    def part(self) -> Part:
        held = {name: {canonical(value) for value in values} for name, values in self.old.axes.items()}
        # An axis that the old tile does not have is none of its variables'.
        return Part(
            tuple(
                tuple(place for place, value in enumerate(values) if name not in held or canonical(value) in held[name])
                for name, values in self.new.axes.items()
            )
        )

    @property
    def numbers(self) -> int:
        return self.part.cells * len(self.variables)

    def positions_in_old(self, part: Part) -> Part:
        """Where cells of the new tile lie in the old one; on an axis that only the old one has, which is none of the
        new one's variables', at its first value."""
        along = dict(zip(self.new.axes, part.places, strict=True))
        places = []
        for name, values in self.old.axes.items():
            index = {canonical(value): place for place, value in enumerate(values)}
            wanted = (index[canonical(self.new.axes[name][place])] for place in along[name]) if name in along else (0,)
            places.append(tuple(wanted))
        return Part(tuple(places))


def shared(new: Tile, old: Tile) -> tuple[str, ...]:
    """The variables of a tile whose numbers another one holds where their axes meet: over the same axes, for the same
    constants, and in a type that loses nothing."""
    if (new.quantity, new.version, dict(new.options)) != (old.quantity, old.version, dict(old.options)):
        return ()
    return tuple(name for name in new.variables if name in old.variables and _same(name, new, old))


def _same(name: str, new: Tile, old: Tile) -> bool:
    quantity = QUANTITIES[new.quantity]
    own = quantity.depends_on(new.options, [name], new.axes)[1]
    constants = [
        {each: canonical(tile.constants[each]) for each in own if each in tile.constants} for tile in (new, old)
    ]
    kinds = [np.dtype(stored_dtype(quantity.variable(name), tile.dtype)) for tile in (old, new)]
    return (
        new.dimensions(name) == old.dimensions(name)
        and constants[0] == constants[1]
        and len(constants[0]) == len(own)
        and kinds[0].itemsize >= kinds[1].itemsize
    )


def known_cells(store: Path, tile: Tile, fingerprint: str) -> list[Known]:
    """The tiles of the store that hold cells of this one in some of its variables and come from the code with this
    fingerprint; those with the most numbers first. Files that cannot be read are passed over."""
    found = []
    for path in neighbours(store, tile):
        try:
            with open_sealed(path) as dataset:
                known = Known(tile, tile_in(dataset))
                same_code = dataset.quantity_fingerprint == fingerprint
        except SurveyError:
            continue
        if same_code and known.old.path(store) == path and known.numbers:
            found.append(known)
    return sorted(found, key=lambda known: known.numbers, reverse=True)


def families(store: Path, tile: Tile) -> dict[str, Tile]:
    """The families of the store whose tiles may hold numbers of this one, each with one of its tiles."""
    first: dict[str, Path] = {}
    for path in sorted((Path(store) / tile.quantity).glob("*.nc")):
        first.setdefault(path.name.partition("-")[0], path)
    found = {family: _tile_at(path, path.stat().st_mtime_ns) for family, path in first.items() if family != tile.family}
    found |= {tile.family: tile} if tile.family in first else {}
    return {family: each for family, each in found.items() if each is not None and shared(tile, each)}


@lru_cache
def _tile_at(path: Path, time: int) -> Tile | None:
    """The tile in a file that was written at this time; None if nobody can tell."""
    try:
        with open_sealed(path) as dataset:
            return tile_in(dataset)
    except SurveyError:
        return None


def neighbours(store: Path, tile: Tile) -> list[Path]:
    """Files of tiles that may hold cells of this one, by their names: first those with the most blocks in common."""
    own, codes = tile.path(store), _codes(tile.digest, tile)

    def in_common(path: Path, like: Tile) -> int:
        return sum(codes.get(name) == code for name, code in _codes(path.stem, like).items())

    others = [
        (in_common(path, like), path)
        for family, like in families(store, tile).items()
        for path in sorted(own.parent.glob(f"{family}-*.nc"))
        if path != own
    ]
    return [path for _, path in sorted(others, key=lambda found: found[0], reverse=True)[:MOST_NEIGHBOURS]]


def _codes(digest: str, like: Tile) -> dict[str, str]:
    """The codes of the blocks in the name of a tile that has the axes of another one."""
    codes = digest.split("-")[1]
    return {name: codes[place * AXIS_DIGITS :][:AXIS_DIGITS] for place, name in enumerate(like.axes)}


def copy_known(store: Path, tile: Tile, dataset: netCDF4.Dataset) -> list[Piece]:
    """Copy the numbers that older tiles hold into the new tile `dataset`; returns what is left to compute.

    A tile of which anything proves damaged is not used; its cells are computed.
    """
    left = [Piece(whole(tile), tile.variables)]
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


def left_without(left: list[Piece], known: Known) -> list[Piece]:
    """The pieces without what is known, or the same list if that is nothing of them or they would be too many."""
    rest = []
    for piece in left:
        others = tuple(name for name in piece.variables if name not in known.variables)
        common = piece.part.within(known.part)
        if not common.cells or others == piece.variables:
            rest.append(piece)
            continue
        rest += [Piece(part, piece.variables) for part in piece.part.without(known.part)]
        rest += [Piece(common, others)] if others else []
    fewer = sum(piece.numbers for piece in rest) < sum(piece.numbers for piece in left)
    return rest if fewer and len(rest) <= MOST_PARTS else left


def _copy(store: Path, known: Known, dataset: netCDF4.Dataset) -> None:
    with open_tile(store, known.old) as old:
        for name in known.variables:
            part = on_dimensions(known.part, known.new, name)
            source = on_dimensions(known.positions_in_old(known.part), known.old, name)
            longest = _extents(dataset[name].chunking() if source.places else [], source)
            for region, origin in zip(part.regions(longest), source.regions(longest), strict=True):
                _write(dataset[name], region, narrowed(_read(old, name, origin), name, dataset[name].dtype.name))


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
