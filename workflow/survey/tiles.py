"""Which tiles a survey consists of, and what identifies a tile.

A tile is a product of blocks of the axes, computed by one job. Its name is a digest of everything that its numbers
depend on and of nothing else, so that surveys share tiles and a tile that exists is finished.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from math import prod
from pathlib import Path

import numpy as np

from physics import QUANTITIES
from survey.errors import SurveyError
from survey.grid import blocks, canonical

# Kernels compute what depends on the other axes once for all values of these, so they are cut last and least.
SHARED_AXES = ("Pd", "chi", "time", "omega", "n", "Delta0")
# A grid of 1e8 cells makes three to ten tiles; twice as long on the axes that share work.
LONGEST_BLOCK = 40
# Of the name of a tile, for the block of each axis.
AXIS_DIGITS = 4


@dataclass(frozen=True)
class Tile:
    """One tile: `axes` are its blocks of values, in the order of the quantity's axes and the vocabulary's units."""

    quantity: str
    version: int
    options: Mapping[str, str]
    constants: Mapping[str, float]
    variables: tuple[str, ...]
    dtype: str
    axes: Mapping[str, tuple[float, ...]]

    @cached_property
    def identity(self) -> str:
        """Canonical JSON of the tile, numbers as canonical decimals: two tiles are one if their identities agree."""
        return json.dumps(
            {
                "quantity": self.quantity,
                "version": self.version,
                "options": dict(self.options),
                "constants": {name: canonical(value) for name, value in self.constants.items()},
                "variables": self.variables,
                "dtype": self.dtype,
                "axes": {name: [canonical(value) for value in values] for name, values in self.axes.items()},
            },
            sort_keys=True,
            separators=(",", ":"),
        )

    @cached_property
    def digest(self) -> str:
        """The name of the tile, hexadecimal digits in three parts: what tiles have in common that differ in their axes
        alone, four digits for the block of each axis, by which neighbours are found, and a digest of the identity."""
        identity = json.loads(self.identity)
        blocks = identity.pop("axes")
        codes = "".join(_sha256(json.dumps(blocks[name]))[:AXIS_DIGITS] for name in self.axes)
        family = json.dumps(identity, sort_keys=True)
        return f"{_sha256(family)[:8]}-{codes}-{_sha256(self.identity)[:16]}"

    @property
    def family(self) -> str:
        """The part of the name that tiles have in common that differ in their axes alone."""
        return self.digest.partition("-")[0]

    @property
    def shape(self) -> tuple[int, ...]:
        return tuple(len(values) for values in self.axes.values())

    def dimensions(self, variable: str) -> tuple[str, ...]:
        """The axes that a variable of the tile depends on."""
        return QUANTITIES[self.quantity].depends_on(self.options, [variable])[0]

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


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def stored_dtype(variable, dtype: str) -> str:
    """The type in which a variable is stored: flags as uint8 always, others as the survey asks."""
    return variable.dtype if variable.flags else dtype


def request_of(survey, label: str) -> dict:
    """Everything but the axes that the numbers of the quantity `label` of a survey depend on, as fields of a Tile."""
    request = survey.request(label)
    quantity = QUANTITIES[request.quantity]
    return {
        "quantity": quantity.name,
        "version": quantity.version,
        "options": quantity.choices(request.options),
        "constants": {name: float(canonical(value)) for name, value in survey.constants_of(label).items()},
        "variables": tuple(variable.name for variable in quantity.variables if variable.name in request.variables),
        "dtype": request.dtype,
    }


def configuration(survey, label: str) -> str:
    """Canonical JSON of everything that the numbers of the quantity `label` of a survey depend on."""
    axes = {name: [float(value) for value in values] for name, values in survey.grid(label).items()}
    return json.dumps(request_of(survey, label) | {"axes": axes}, sort_keys=True, separators=(",", ":"))


def tiles_of(survey, label: str) -> list[Tile]:
    """The tiles of the quantity `label` of a survey, in the order of the grid."""
    request = request_of(survey, label)
    axes = survey.grid(label)
    cut = [blocks(values, LONGEST_BLOCK * (1 + (name in SHARED_AXES))) for name, values in axes.items()]
    return [
        Tile(**request, axes={name: tuple(block.tolist()) for name, block in zip(axes, part, strict=True)})
        for part in product(*cut)
    ]


def find_tile(survey, digest: str) -> Tile:
    """The tile of a survey that has this name; SurveyError if there is none."""
    for label in survey.quantities:
        for tile in tiles_of(survey, label):
            if tile.digest == digest:
                return tile
    raise SurveyError(
        f"{survey.path}: no tile {digest!r} in this survey; allowed: a name that `survey plan --tiles` lists"
    )
