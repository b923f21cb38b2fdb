"""The numbers of a cube as a page carries them: float32, packed, and thinned where they are too many.

An array is packed so that deflate finds what smooth numbers have in common: their bits as integers, differences along
the first and the last axis, signs moved to the lowest bit, then all lowest bytes, all second bytes, and so on. The page
undoes it without a loss: what it shows is the float32 of the stored number.
"""

import base64
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import netCDF4
import numpy as np

from survey.cubes.read import read_region, regions
from survey.cubes.virtual import is_virtual

# Bytes of all numbers of a page before they are packed, and packed in base64.
MOST_NUMBERS, MOST_PACKED = 80_000_000, 8_000_000
_LEVEL = 6


@dataclass(frozen=True)
class Payload:
    """Packed arrays: of each the dtype, shape and place in `packed`, which is base64; and of each axis the positions of
    the stored values that are kept."""

    arrays: dict[str, dict]
    packed: str
    kept: dict[str, list[int]]


def payload(
    cube: netCDF4.Dataset,
    variables: Iterable[str],
    beside: Mapping[str, tuple[netCDF4.Dataset, str]],
    most_numbers: int = MOST_NUMBERS,
    most_packed: int = MOST_PACKED,
) -> Payload:
    """The numbers of these variables of a cube, and of variables of files `beside` it, which share its axes: by the
    name that they get, file and name there.

    Of the longest axis every second value is left out, with both ends kept, until the numbers take at most
    `most_numbers` bytes and, packed, at most `most_packed`.
    """
    sources = {name: (cube, name) for name in variables} | dict(beside)
    kept = {name: np.arange(len(dimension)) for name, dimension in cube.dimensions.items()}
    while _bytes(sources, kept) > most_numbers and max(map(len, kept.values())) > 2:
        kept = _thinned(kept)
    arrays = {name: _read(*source, kept) for name, source in sources.items()}
    while True:
        stream, places = _stream(arrays)
        if len(stream) * 4 / 3 <= most_packed or max(map(len, kept.values())) <= 2:
            positions = {name: each.tolist() for name, each in kept.items()}
            return Payload(places, base64.b64encode(stream).decode(), positions)
        fewer = _thinned(kept)
        axis = next(name for name in kept if len(fewer[name]) < len(kept[name]))
        chosen = np.searchsorted(kept[axis], fewer[axis])
        for name, (file, own) in sources.items():
            dims = file.variables[own].dimensions
            if axis in dims:
                arrays[name] = arrays[name].take(chosen, axis=dims.index(axis))
        kept = fewer


def unpack(packed: bytes, dtype: str, shape: tuple[int, ...]) -> np.ndarray:
    """The array that was packed; what the page does, for tests of it."""
    if dtype == "uint8":
        return np.frombuffer(packed, np.uint8).reshape(shape)
    size = np.dtype(dtype).itemsize
    bits = np.ascontiguousarray(np.frombuffer(packed, np.uint8).reshape(size, -1).T).view(f"u{size}").reshape(shape)
    bits = (bits >> bits.dtype.type(1)) ^ (~(bits & bits.dtype.type(1)) + bits.dtype.type(1))
    for axis in dict.fromkeys((len(shape) - 1, 0)):
        bits = np.cumsum(bits, axis=axis, dtype=bits.dtype)
    return bits.view(dtype)


def pack(values: np.ndarray) -> bytes:
    """The bytes of an array, in an order and with differences that deflate can make little of."""
    values = np.ascontiguousarray(values)
    if values.dtype == np.uint8:
        return values.tobytes()
    bits = values.view(f"u{values.itemsize}")
    for axis in dict.fromkeys((0, values.ndim - 1)):
        bits = np.diff(bits, axis=axis, prepend=np.zeros_like(bits.take([0], axis=axis)))
    one, sign = bits.dtype.type(1), bits.dtype.type(8 * bits.itemsize - 1)
    bits = (bits << one) ^ (~(bits >> sign) + one)
    return np.ascontiguousarray(bits).reshape(-1, 1).view(np.uint8).T.tobytes()


def _bytes(sources: Mapping, kept: Mapping[str, np.ndarray]) -> int:
    total = 0
    for file, name in sources.values():
        variable = file.variables[name]
        cells = int(np.prod([len(kept[axis]) for axis in variable.dimensions], dtype=np.int64))
        total += cells * (1 if variable.dtype.kind == "u" else 4)
    return total


def _thinned(kept: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Every second value of the longest axis, and its ends."""
    longest = max(kept, key=lambda name: len(kept[name]))
    values = kept[longest]
    return {**kept, longest: np.union1d(values[::2], values[-1:])}


def _read(file: netCDF4.Dataset, name: str, kept: Mapping[str, np.ndarray]) -> np.ndarray:
    """The kept cells of a variable, float32 if that holds them all, else float64; regions without any are not read."""
    variable = file.variables[name]
    places = [kept[axis] for axis in variable.dimensions]
    found = np.empty([len(each) for each in places], dtype=variable.dtype)
    chunks = variable.chunking() if not is_virtual(file) else variable.shape
    for region in regions(variable.shape, chunks):
        ends = [np.searchsorted(each, (cut.start, cut.stop)) for each, cut in zip(places, region, strict=True)]
        if all(start < stop for start, stop in ends):
            own = [each[start:stop] - cut.start for each, (start, stop), cut in zip(places, ends, region, strict=True)]
            found[tuple(slice(*each) for each in ends)] = read_region(file, name, region)[np.ix_(*own)]
    return found if found.dtype.kind == "u" else _narrow(found)


def _narrow(values: np.ndarray) -> np.ndarray:
    size, limits = np.abs(values), np.finfo(np.float32)
    outside = np.isfinite(values) & (size > 0) & ((size > limits.max) | (size < limits.tiny))
    return values.astype(np.float64 if outside.any() else np.float32)


def _stream(arrays: Mapping[str, np.ndarray]) -> tuple[bytes, dict[str, dict]]:
    """All arrays in one deflated stream, and where in it, once inflated, each is."""
    places, start = {}, 0
    deflate, parts = zlib.compressobj(_LEVEL), []
    for name, values in arrays.items():
        packed = pack(values)
        places[name] = {"dtype": str(values.dtype), "shape": list(values.shape), "start": start}
        parts.append(deflate.compress(packed))
        start += len(packed)
    return b"".join([*parts, deflate.flush()]), places
