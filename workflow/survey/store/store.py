"""The store of finished tiles: one netCDF-4 file per tile, in place only when it is complete, verified when read."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import netCDF4

from physics import QUANTITIES
from survey.errors import Damaged, SurveyError
from survey.grid import canonical
from survey.provenance import provenance
from survey.store.files import on_scratch, replacing
from survey.store.netcdf import define_axes, define_variable, seal
from survey.store.sealed import damage_of, open_sealed
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
            cited = quantity.cited(tile.options, tile.variables)
            dataset.setncatts(
                {"Conventions": "CF-1.11", "title": f"{quantity.long_name}, one tile", "source": cited}
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


def tile_in(dataset: netCDF4.Dataset) -> Tile:
    """The tile that an open file of the store says it is; Damaged if it says nothing of the kind."""
    with damage_of(dataset.filepath()):
        return _tile_of(json.loads(dataset.identity))


def _tile_of(identity: dict) -> Tile:
    order = QUANTITIES[identity["quantity"]].depends_on(*map(identity.get, ("options", "variables", "axes")))[0]
    axes = {name: tuple(float(value) for value in identity["axes"][name]) for name in order}
    constants = {name: float(value) for name, value in identity["constants"].items()}
    return Tile(**identity | {"axes": axes, "constants": constants, "variables": tuple(identity["variables"])})
