"""How a gridded quantity looks in netCDF-4: coordinates, variables with their CF attributes, checksums.

Every variable carries fletcher32 checksums, so that a flipped bit in the data is an error when it is read. The
checksums do not cover HDF5's own metadata, nor a single number without dimensions: `seal` and `broken_seal` hold
those, coordinates and attributes against a digest.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping

import netCDF4
import numpy as np

from physics import PARAMETERS
from physics.quantity import Variable

SEAL = "content_digest"
# The attribute `cube` of a cube whose numbers lie in the tiles.
VIRTUAL = "virtual"


def define_axes(dataset: netCDF4.Dataset, axes: Mapping[str, Iterable[float]]) -> None:
    """Add dimensions with their coordinates, float64, without a fill value."""
    for name, values in axes.items():
        values = np.asarray(values, dtype=np.float64)
        parameter = PARAMETERS[name]
        dataset.createDimension(name, values.size)
        coordinate = dataset.createVariable(
            name, "f8", (name,), chunksizes=(values.size,), fletcher32=True, fill_value=False
        )
        coordinate.setncatts({"long_name": parameter.long_name, "units": parameter.unit, "symbol": parameter.symbol})
        coordinate[:] = values


def define_variable(
    dataset: netCDF4.Dataset, variable: Variable, dimensions: tuple[str, ...], chunks: tuple[int, ...], dtype: str
) -> None:
    """Add a variable of a quantity: floats uncompressed, flags (uint8) by zlib with their CF flag attributes."""
    compression = {"compression": "zlib", "complevel": 1} if variable.flags else {}
    created = dataset.createVariable(
        variable.name, dtype, dimensions, chunksizes=chunks, fletcher32=True, **compression
    )
    describe_variable(created, variable)


def describe_variable(created: netCDF4.Variable, variable: Variable) -> None:
    """Give a variable of a file the CF attributes of the quantity's variable."""
    created.long_name = variable.long_name
    if variable.symbol:
        created.symbol = variable.symbol
    if not variable.flags:
        created.units = variable.unit
        return
    created.flag_values = np.array(list(variable.flags.values()), dtype=np.uint8)
    created.flag_meanings = " ".join(variable.flags)
    if variable.masks:
        created.flag_masks = np.array([variable.masks[name] for name in variable.flags], dtype=np.uint8)


def is_virtual(dataset: netCDF4.Dataset) -> bool:
    """Whether a file is a cube whose numbers lie in the tiles."""
    return getattr(dataset, "cube", None) == VIRTUAL


def unwritten(values: np.ndarray) -> np.ndarray:
    """Where an array read from a file holds the fill value of its type: cells that nothing was ever written to, or of
    a virtual cube without their tile."""
    return values == netCDF4.default_fillvals[values.dtype.str[1:]]


def seal(dataset: netCDF4.Dataset) -> None:
    """Store the digest of coordinates and attributes; call it last."""
    dataset.set_auto_mask(False)
    dataset.setncattr(SEAL, _content_digest(dataset))


def broken_seal(dataset: netCDF4.Dataset) -> bool:
    """Whether coordinates or attributes are not those that were sealed."""
    return getattr(dataset, SEAL, None) != _content_digest(dataset)


def _content_digest(dataset: netCDF4.Dataset) -> str:
    digest = hashlib.sha256()
    description = {"attributes": _attributes(dataset), "variables": {}}
    for name, variable in dataset.variables.items():
        description["variables"][name] = [
            variable.dtype.str,
            variable.dimensions,
            variable.shape,
            _attributes(variable),
        ]
        # HDF5 keeps no checksum of a single number.
        if name in dataset.dimensions or not variable.dimensions:
            digest.update(np.asarray(variable[...], dtype="<f8").tobytes())
    digest.update(json.dumps(description, sort_keys=True).encode())
    return digest.hexdigest()


def _attributes(item: netCDF4.Dataset | netCDF4.Variable) -> dict:
    values = {name: item.getncattr(name) for name in item.ncattrs() if name != SEAL}
    return {name: value if isinstance(value, str) else np.asarray(value).tolist() for name, value in values.items()}
