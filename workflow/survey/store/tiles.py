"""Which tiles a survey consists of, and what identifies a tile.

A tile is a product of blocks of the axes, computed by one job. Its name is a digest of everything that its numbers
depend on and of nothing else, so that surveys share tiles and a tile that exists is finished.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import product
from math import prod
from pathlib import Path

import numpy as np

from physics import QUANTITIES
from survey.errors import SurveyError
from survey.grid import blocks, canonical
from survey.survey import Survey

# Of kernels that have them as axes. They are cut last and least.
_SHARED_AXES = ("Pd", "chi", "time", "omega", "n", "Delta0")
# A grid of 1e8 cells makes three to ten tiles; twice as long on the axes that share work.
LONGEST_BLOCK = 40
# Cells of what is computed whole: seconds of the slower kernels.
MOST_WHOLE = 60_000
# Of the name of a tile, for the block of each axis.
AXIS_DIGITS = 4
# Bytes of numbers above which a cube is not copied together unless the survey asks for it.
MOST_COPIED = 50e9


@dataclass(frozen=True)
class Tile:
    """One tile: `axes` are its blocks of values, in the vocabulary's units and in the order in which the quantity's
    `depends_on` puts those along which the survey varies its parameters."""

    quantity: str
    version: int
    options: Mapping[str, str]
    constants: Mapping[str, float]
    variables: tuple[str, ...]
    dtype: str
    axes: Mapping[str, tuple[float, ...]]

    @property
    def identity(self) -> str:
        """Canonical JSON of the tile, numbers as canonical decimals: two tiles are one if their identities agree."""
        axes = ",".join(f'"{name}":{_block(self.axes[name])[0]}' for name in sorted(self.axes))
        # In the order of the keys, of which that of the axes is the first.
        return f'{{"axes":{{{axes}}},{_request(*self._request)[0]}'

    @cached_property
    def digest(self) -> str:
        """The name of the tile, hexadecimal digits in three parts: what tiles have in common that differ in their axes
        alone, four digits for the block of each axis, by which neighbours are found, and a digest of the identity."""
        codes = "".join(_block(values)[1] for values in self.axes.values())
        return f"{_request(*self._request)[1]}-{codes}-{_sha256(self.identity)[:16]}"

    @property
    def _request(self) -> tuple:
        """Everything but the axes."""
        options, constants = tuple(self.options.items()), tuple(self.constants.items())
        return self.quantity, self.version, options, constants, self.variables, self.dtype

    @property
    def family(self) -> str:
        """The part of the name that tiles have in common that differ in their axes alone."""
        return self.digest.partition("-")[0]

    @property
    def shape(self) -> tuple[int, ...]:
        return tuple(len(values) for values in self.axes.values())

    def dimensions(self, variable: str) -> tuple[str, ...]:
        """The axes that a variable of the tile depends on."""
        return QUANTITIES[self.quantity].depends_on(self.options, [variable], self.axes)[0]

    def cells_of(self, variable: str) -> int:
        return prod(len(self.axes[name]) for name in self.dimensions(variable))

    @property
    def cells(self) -> int:
        """Cells of the variable that has the most."""
        return max(map(self.cells_of, self.variables))

    @property
    def bytes(self) -> int:
        """Size of the variables, uncompressed."""
        quantity = QUANTITIES[self.quantity]
        kinds = {name: stored_dtype(quantity.variable(name), self.dtype) for name in self.variables}
        return sum(self.cells_of(name) * np.dtype(kind).itemsize for name, kind in kinds.items())

    def path(self, store: Path) -> Path:
        """Where the tile lies in a store."""
        return Path(store) / self.quantity / f"{self.digest}.nc"


# The tiles of a survey share their request and have few blocks in common, and there may be tens of thousands of them.
@lru_cache
def _request(quantity: str, version: int, options: tuple, constants: tuple, variables: tuple, dtype: str):
    """Of canonical JSON of a tile, what follows its axes; and its digest, the name of its family."""
    request = {
        "quantity": quantity,
        "version": version,
        "options": dict(options),
        "constants": {name: canonical(value) for name, value in constants},
        "variables": variables,
        "dtype": dtype,
    }
    text = json.dumps(request, sort_keys=True, separators=(",", ":"))
    return text.removeprefix("{"), _sha256(json.dumps(request, sort_keys=True))[:8]


@lru_cache(maxsize=10_000)
def _block(values: tuple[float, ...]) -> tuple[str, str]:
    """Canonical JSON of a block of an axis, and its code in the names of tiles."""
    decimals = [canonical(value) for value in values]
    return json.dumps(decimals, separators=(",", ":")), _sha256(json.dumps(decimals))[:AXIS_DIGITS]


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def family_of(made: Mapping) -> str:
    """The family of the tiles that a cube was made from, by its configuration, also of code that is not here."""
    options, constants = tuple(made["options"].items()), tuple(made["constants"].items())
    return _request(made["quantity"], made["version"], options, constants, tuple(made["variables"]), made["dtype"])[1]


def stored_dtype(variable, dtype: str) -> str:
    """The type in which a variable is stored: flags as uint8 always, others as the survey asks."""
    return variable.dtype if variable.flags else dtype


def narrowed(values: np.ndarray, name: str, dtype: str) -> np.ndarray:
    """The values in the stored type. A finite value that float32 holds as infinity, or without its seven digits,
    would be a wrong number that nothing marks, so it is refused."""
    if dtype != "float32":
        return values.astype(dtype, copy=False)
    size = np.abs(values)
    limits = np.finfo(np.float32)
    lost = np.isfinite(values) & (size > 0) & ((size > limits.max) | (size < limits.tiny))
    if lost.any():
        raise SurveyError(
            f"{name}: found the value {values[lost].flat[0]:g}, float32 holds {limits.tiny:.2g} to {limits.max:.2g}; "
            "use `dtype: float64`"
        )
    return values.astype(np.float32)


def shares_work(quantity: str, axis: str) -> bool:
    """Whether a kernel computes what depends on the other axes once for all values of this one."""
    known = QUANTITIES[quantity]
    return axis in known.at_once or (axis in _SHARED_AXES and axis in known.axes)


def request_of(survey: Survey, label: str) -> dict:
    """Everything but the axes that the numbers of the quantity `label` of a survey depend on, as fields of a Tile."""
    request = survey.request(label)
    quantity = QUANTITIES[request.quantity]
    return {
        "quantity": quantity.name,
        "version": quantity.version,
        "options": quantity.choices(request.options),
        "constants": {name: float(canonical(value)) for name, value in survey.constants_of(label).items()},
        "variables": tuple(name for name in quantity.names if name in request.variables),
        "dtype": request.dtype,
    }


def configuration(survey: Survey, label: str) -> str:
    """Canonical JSON of everything that the numbers of the quantity `label` of a survey depend on."""
    axes = {name: [float(value) for value in values] for name, values in survey.grid(label).items()}
    return json.dumps(request_of(survey, label) | {"axes": axes}, sort_keys=True, separators=(",", ":"))


def tiles_of(survey: Survey, label: str) -> list[Tile]:
    """The tiles of the quantity `label` of a survey, in the order of the grid."""
    request, cut = request_of(survey, label), _cut(survey, label)
    return [Tile(**request, axes=dict(zip(cut, part, strict=True))) for part in product(*cut.values())]


def _cut(survey: Survey, label: str) -> dict[str, list[tuple[float, ...]]]:
    """The blocks of each axis of the quantity `label` of a survey."""
    request, grid = survey.request(label), survey.grid(label)
    if request.whole and prod(map(len, grid.values())) <= MOST_WHOLE:
        return {name: [tuple(values.tolist())] for name, values in grid.items()}
    return {
        name: [
            tuple(block.tolist()) for block in blocks(values, LONGEST_BLOCK * (1 + shares_work(request.quantity, name)))
        ]
        for name, values in grid.items()
    }


def kind_of_cube(survey: Survey, label: str) -> str:
    """How the cube of the quantity `label` of a survey is to be made: `copied`, or `virtual`, over the tiles. HDF5
    refers to arrays alone: with a variable of no axis, a single number, the cube is copied."""
    request = survey.request(label)
    if not all(map(request.axes_of, request.variables)):
        return "copied"
    if request.cube != "auto":
        return request.cube
    quantity, numbers = QUANTITIES[request.quantity], 0
    for name in request.variables:
        cells = prod(len(values) for values in survey.grid(label, name).values())
        numbers += cells * np.dtype(stored_dtype(quantity.variable(name), request.dtype)).itemsize
    return "virtual" if numbers > MOST_COPIED else "copied"


def placed(
    tiles: list[Tile], axes: Mapping[str, np.ndarray], dimensions: tuple[str, ...]
) -> dict[tuple[tuple[int, int], ...], Tile]:
    """The tiles by where they begin and end along some axes of a grid, one for each place: tiles that differ only along
    axes that a variable does not depend on hold the same of it."""
    return {_place(tile, axes, dimensions): tile for tile in reversed(tiles)}


def _place(tile: Tile, axes: Mapping[str, np.ndarray], dimensions: tuple[str, ...]) -> tuple[tuple[int, int], ...]:
    starts = [int(np.searchsorted(axes[name], tile.axes[name][0])) for name in dimensions]
    return tuple((start, start + len(tile.axes[name])) for start, name in zip(starts, dimensions, strict=True))


def find_tile(survey: Survey, digest: str) -> Tile:
    """The tile of a survey that has this name; SurveyError if there is none."""
    codes = digest.split("-")[1] if digest.count("-") == 2 else ""
    for label in survey.quantities:
        request, cut = request_of(survey, label), _cut(survey, label)
        # By the blocks of the axes that the name tells, since the tiles may be many.
        told = [
            [block for block in cut[name] if _block(block)[1] == codes[place * AXIS_DIGITS :][:AXIS_DIGITS]]
            for place, name in enumerate(cut)
        ]
        for part in product(*told):
            tile = Tile(**request, axes=dict(zip(cut, part, strict=True)))
            if tile.digest == digest:
                return tile
    raise SurveyError(
        f"{survey.path}: no tile {digest!r} in this survey; allowed: a name that `survey plan --tiles` lists"
    )
