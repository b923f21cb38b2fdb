"""Gather the tiles of one quantity of a survey into one labelled netCDF-4 file, the cube."""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import product
from math import ceil
from pathlib import Path

import netCDF4
import numpy as np

from physics import QUANTITIES
from survey.cubes.read import read_region
from survey.cubes.virtual import refer
from survey.errors import SurveyError
from survey.provenance import now, provenance
from survey.store.files import replacing
from survey.store.netcdf import VIRTUAL, define_axes, define_variable, seal
from survey.store.sealed import open_sealed
from survey.store.stamps import check_stamp
from survey.store.store import open_tile
from survey.store.tiles import Tile, configuration, kind_of_cube, placed, request_of, stored_dtype, tiles_of
from survey.survey import Survey, cited

# About 0.8 MB of float64: a curve along T and a plane of any two axes are read in few chunks.
CHUNK_CELLS = 100_000
# A temperature axis up to this length lies whole in each chunk.
WHOLE_AXIS = 400
# Held in memory at a time, one variable: 160 MB of float64.
BOX_CELLS = 20_000_000


def cube_path(results: Path, survey_name: str, label: str) -> Path:
    return Path(results) / survey_name / f"{label}.nc"


def assemble(survey: Survey, label: str, store: Path, results: Path) -> Path:
    """Write the cube of the quantity `label` of a survey, a copy of its tiles or a virtual one over them, as the survey
    asks; each tile is verified, with its numbers if they are copied.

    Returns the path of the cube. SurveyError if a tile is missing, damaged, or comes from code that is not accepted.
    """
    tiles = tiles_of(survey, label)
    check_stamp(store, tiles[0].quantity)
    axes = survey.grid(label)
    path = cube_path(results, survey.name, label)
    fill = refer if kind_of_cube(survey, label) == VIRTUAL else _copy
    with replacing(path) as temporary:
        with netCDF4.Dataset(temporary, "w", format="NETCDF4") as cube:
            define_axes(cube, axes)
        fingerprints = fill(temporary, tiles, axes, store)
        with netCDF4.Dataset(temporary, "a") as cube:
            cube.setncatts(attributes(survey, label, sorted(fingerprints)))
            seal(cube)
    return path


@contextmanager
def open_cube_of(survey: Survey, label: str, results: Path) -> Iterator[netCDF4.Dataset]:
    """The cube of a label of a survey to read from; SurveyError if it is missing or not what the survey asks for,
    Damaged if it fails a checksum."""
    path = cube_path(results, survey.name, label)
    with open_sealed(path) as dataset:
        if getattr(dataset, "configuration", None) != configuration(survey, label):
            raise SurveyError(f"{path}: it is not the cube that the survey asks for; `survey assemble` makes that one")
        yield dataset


def attributes(survey: Survey, label: str, fingerprints: list[str]) -> dict[str, str | float | int]:
    """The global attributes of a cube: what it is, by which code, and the whole configuration of its numbers."""
    request = request_of(survey, label)
    quantity = QUANTITIES[request["quantity"]]
    said = {
        "Conventions": "CF-1.11",
        "title": f"{quantity.long_name}, survey {survey.name}",
        "survey": survey.name,
        "label": label,
        "quantity": quantity.name,
        "quantity_version": np.int32(quantity.version),
        "quantity_fingerprint": " ".join(fingerprints),
        "promised_accuracy": quantity.accuracy,
        "source": cited(survey.request(label)),
        "configuration": configuration(survey, label),
        "history": f"{now()} survey assemble {survey.name} {label}",
    }
    named = {"levels": survey.request(label).levels, "convention": request["options"].get("convention")}
    return said | {name: value for name, value in named.items() if value} | provenance()


def cube_chunks(names: tuple[str, ...], shape: tuple[int, ...], cells: int = CHUNK_CELLS) -> tuple[int, ...]:
    """The chunk shape of a cube: T whole, the other axes cut alike to about `cells` cells in all, so that whole chunks
    exceed the grid, and the file its numbers, by little."""
    chunks = {name: 1 for name in names}
    lengths = dict(zip(names, shape, strict=True))
    if "T" in lengths:
        chunks["T"] = min(lengths["T"], WHOLE_AXIS)
    growing = [name for name in names if chunks[name] < lengths[name] and name != "T"]
    while growing:
        name = min(growing, key=chunks.get)
        grown = chunks | {name: chunks[name] + 1}
        if np.prod(list(grown.values()), dtype=np.int64) > cells:
            break
        chunks = grown
        growing = [name for name in growing if chunks[name] < lengths[name]]
    return tuple(_fitted(chunks[name], lengths[name]) for name in names)


def _fitted(chunk: int, length: int) -> int:
    """The extent near `chunk` whose multiples exceed the length of the axis least."""
    near = range(max(1, ceil(chunk * 2 / 3)), min(length, chunk * 4 // 3) + 1)
    return min(near, key=lambda extent: (ceil(length / extent) * extent, abs(extent - chunk)))


def boxes(
    names: tuple[str, ...], shape: tuple[int, ...], chunks: tuple[int, ...], cells: int = BOX_CELLS
) -> list[tuple[slice, ...]]:
    """The cube cut into boxes of whole chunks, each of at most `cells` cells (or one chunk), so that each chunk of the
    file is written once. The last axis is cut first, as in the tiles, so that their chunks are read about once too."""
    steps = dict(zip(names, chunks, strict=True))
    for name, length, chunk in zip(names, shape, chunks, strict=True):
        others = int(np.prod([step for other, step in steps.items() if other != name], dtype=np.int64))
        steps[name] = min(length, max(1, cells // (others * chunk)) * chunk)
    cuts = [
        [slice(start, min(start + steps[name], length)) for start in range(0, length, steps[name])]
        for name, length in zip(names, shape, strict=True)
    ]
    return list(product(*cuts))


def _copy(path: Path, tiles: list[Tile], axes: dict[str, np.ndarray], store: Path) -> set[str]:
    """Copy the numbers of the tiles to a cube that has its axes, and return the fingerprints of the tiles."""
    quantity, fingerprints = QUANTITIES[tiles[0].quantity], set()
    with netCDF4.Dataset(path, "a") as cube:
        for name in tiles[0].variables:
            variable, dimensions = quantity.variable(name), tiles[0].dimensions(name)
            shape = tuple(len(axes[axis]) for axis in dimensions)
            chunks = cube_chunks(dimensions, shape)
            define_variable(cube, variable, dimensions, chunks, stored_dtype(variable, tiles[0].dtype))
            places = placed(tiles, axes, dimensions)
            for box in boxes(dimensions, shape, chunks):
                fingerprints |= _fill(cube, name, box, places, store)
    return fingerprints


def _fill(cube: netCDF4.Dataset, name: str, box: tuple[slice, ...], places: dict, store: Path) -> set[str]:
    fingerprints = set()
    values = np.empty(tuple(part.stop - part.start for part in box), dtype=cube[name].dtype)
    for place, tile in places.items():
        overlap = _overlap(place, box)
        if overlap is not None:
            with open_tile(store, tile) as dataset:
                fingerprints.add(dataset.quantity_fingerprint)
                values[overlap[1]] = read_region(dataset, name, overlap[0])
    cube[name][box] = values
    return fingerprints


def _overlap(
    place: tuple[tuple[int, int], ...], box: tuple[slice, ...]
) -> tuple[tuple[slice, ...], tuple[slice, ...]] | None:
    """The common part of a tile's place and a box, as a region of the tile and as a region of the box."""
    common = [(max(start, b.start), min(stop, b.stop)) for (start, stop), b in zip(place, box, strict=True)]
    if any(start >= stop for start, stop in common):
        return None
    in_tile = tuple(slice(start - a, stop - a) for (start, stop), (a, _) in zip(common, place, strict=True))
    in_box = tuple(slice(start - b.start, stop - b.start) for (start, stop), b in zip(common, box, strict=True))
    return in_tile, in_box
