"""The store of finished tiles: one netCDF-4 file per tile, in place only when it is complete, verified when read."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import netCDF4
import numpy as np

from physics import QUANTITIES
from survey.errors import Damaged, SurveyError
from survey.grid import canonical
from survey.provenance import provenance
from survey.store.files import replacing
from survey.store.netcdf import broken_seal, define_axes, define_variable, is_virtual, seal, unwritten
from survey.store.scratch import on_scratch
from survey.store.stamps import check_stamp, stamp, strange
from survey.store.tiles import Tile, stored_dtype


@contextmanager
def new_tile(store: Path, tile: Tile, chunks: tuple[int, ...]) -> Iterator[netCDF4.Dataset]:
    """An empty tile to write values and attributes to, stored in `chunks`; it is in the store, verifiable, once the
    block ends, and nowhere if the block raises."""
    quantity = QUANTITIES[tile.quantity]
    fingerprint = check_stamp(store, tile.quantity)
    with replacing(tile.path(store)) as temporary:
        with on_scratch(temporary, tile.bytes) as draft, netCDF4.Dataset(draft, "w", format="NETCDF4") as dataset:
            define_axes(dataset, tile.axes)
            extents = dict(zip(tile.axes, chunks, strict=True))
            for name in tile.variables:
                variable, dimensions = quantity.variable(name), tile.dimensions(name)
                own = tuple(extents[axis] for axis in dimensions)
                define_variable(dataset, variable, dimensions, own, stored_dtype(variable, tile.dtype))
            dataset.setncatts(
                {"Conventions": "CF-1.11", "title": f"{quantity.long_name}, one tile", "source": quantity.source}
                | {"identity": tile.identity, "quantity_fingerprint": fingerprint}
                | provenance()
            )
            yield dataset
            seal(dataset)
        stamp(store, tile.quantity, fingerprint)


@contextmanager
def open_tile(store: Path, tile: Tile) -> Iterator[netCDF4.Dataset]:
    """A tile to read from, held against what was asked for: identity, coordinates, shape, and the code it comes from.
    SurveyError if the file is missing or from other code, Damaged if it is not this tile or fails a checksum."""
    path = tile.path(store)
    with open_sealed(path) as dataset:
        with damage_of(path):
            fingerprint, found = dataset.quantity_fingerprint, dataset.identity
            axes = {name: [canonical(value) for value in dataset[name][:]] for name in tile.axes}
            dimensions = {name: dataset[name].dimensions for name in tile.variables}
        if found != tile.identity:
            raise Damaged(path, f"it holds another tile than its name says, {found}")
        for name, values in tile.axes.items():
            if axes[name] != [canonical(value) for value in values]:
                raise Damaged(path, f"axis {name} is not that of the tile")
        for name in tile.variables:
            if dimensions[name] != tile.dimensions(name):
                raise Damaged(path, f"{name} is over {dimensions[name]}, not {tile.dimensions(name)}")
        if strange(store, tile.quantity, [fingerprint]):
            raise SurveyError(
                f"{path}: computed by code (fingerprint {fingerprint}) that is not known to give the numbers of "
                f"version {tile.version} of {tile.quantity}; `survey restamp {tile.quantity}` compares them"
            )
        yield dataset


def open_sealed(path: Path) -> netCDF4.Dataset:
    """A sealed file to read from, which closes as a context does; SurveyError if it is missing or cannot be opened,
    Damaged if it is no netCDF file or its seal is broken."""
    _refuse_unreadable(path)
    with damage_of(path):
        dataset = netCDF4.Dataset(path)
    try:
        with damage_of(path):
            dataset.set_auto_mask(False)
            if broken_seal(dataset):
                raise OSError("coordinates or attributes were altered")
    except SurveyError:
        dataset.close()
        raise
    return dataset


def _refuse_unreadable(path: Path | str) -> None:
    """SurveyError if a file is missing or cannot be opened now; HDF5 does not say why it cannot open one."""
    try:
        with open(path, "rb"):
            pass
    except FileNotFoundError:
        link = f"a link to {os.readlink(path)}, which does not exist" if os.path.islink(path) else ""
        raise SurveyError(f"{path}: {link or 'there is no such file'}") from None
    except IsADirectoryError:
        raise SurveyError(f"{path}: a folder, where a file belongs; move it away, then run again") from None
    except OSError as error:
        raise SurveyError(f"{path}: cannot be read: {error.strerror}") from None


@contextmanager
def damage_of(path: Path | str) -> Iterator[None]:
    """Whatever goes wrong within it while a file is read is damage of the file, unless nobody can open it now: HDF5's
    own structures are under no checksum, and nonsense in them fails in many ways."""
    try:
        yield
    except (OSError, RuntimeError, AttributeError, ValueError, LookupError, TypeError) as error:
        _refuse_unreadable(path)
        raise Damaged(path, str(error)) from error


@contextmanager
def set_aside_if_damaged() -> Iterator[None]:
    """Within it, a file that proves damaged is renamed to *.damaged, so that the next run makes it anew."""
    try:
        yield
    except Damaged as error:
        path = Path(error.path)
        aside = path.with_name(f"{path.name}.damaged")
        try:
            os.replace(path, aside)
        except OSError:
            raise error from None
        raise SurveyError(
            f"{path}: damaged ({error.found}); set aside as {aside.name}: run the same command again"
        ) from error


def read_region(dataset: netCDF4.Dataset, variable: str, region: tuple[slice, ...]) -> np.ndarray:
    """Part of a variable of an open file, or of the tiles of a virtual cube; Damaged if a checksum fails or a cell was
    never written, SurveyError if a tile is missing."""
    if is_virtual(dataset) and variable not in dataset.dimensions:
        from survey.cubes.virtual import read_tiles

        return read_tiles(dataset, variable, region)
    with damage_of(dataset.filepath()):
        values = dataset[variable][region]
        if unwritten(values).any():
            raise OSError(f"{variable} has cells that were never written")
    return values


def tile_in(dataset: netCDF4.Dataset) -> Tile:
    """The tile that an open file of the store says it is; Damaged if it says nothing of the kind."""
    with damage_of(dataset.filepath()):
        return _tile_of(json.loads(dataset.identity))


def _tile_of(identity: dict) -> Tile:
    order = QUANTITIES[identity["quantity"]].depends_on(identity["options"], identity["variables"])[0]
    axes = {name: tuple(float(value) for value in identity["axes"][name]) for name in order}
    constants = {name: float(value) for name, value in identity["constants"].items()}
    return Tile(**identity | {"axes": axes, "constants": constants, "variables": tuple(identity["variables"])})
