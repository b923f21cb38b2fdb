"""A dataset in the words of DAP2: its structure (DDS), its attributes (DAS), its numbers (XDR).

DAP2 has neither unsigned bytes that all clients understand nor integers of 64 bits. Flags are therefore Int16, where
181 stays 181, and int64 is Int32, refused where a number does not fit. It has no groups either: each group of a file is
a dataset of its own, with the attributes of the file added to its own.
"""

import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple
from urllib.parse import quote

import netCDF4
import numpy as np

from survey.errors import SurveyError
from survey.serve.constraint import Selection

# By the type in the file: the type of DAP2, and how XDR writes it.
_TYPES = {
    "i1": ("Int16", ">i4"),
    "u1": ("Int16", ">i4"),
    "i2": ("Int16", ">i4"),
    "u2": ("Int32", ">i4"),
    "i4": ("Int32", ">i4"),
    "u4": ("UInt32", ">u4"),
    "i8": ("Int32", ">i4"),
    "u8": ("Int32", ">i4"),
    "f4": ("Float32", ">f4"),
    "f8": ("Float64", ">f8"),
}
STRING = "String"
_INT32 = np.iinfo(np.int32)


class Declared(NamedTuple):
    """A variable as DAP2 declares it; `xdr` is the type of its numbers in an answer, None for text."""

    kind: str
    xdr: str | None
    dimensions: tuple[str, ...]
    shape: tuple[int, ...]
    itemsize: int


def declared(dataset: netCDF4.Dataset) -> dict[str, Declared]:
    """The variables of an open file or group; SurveyError for a type that DAP2 cannot say."""
    return {name: _declared(name, variable) for name, variable in dataset.variables.items()}


def _declared(name: str, variable: netCDF4.Variable) -> Declared:
    if variable.dtype is str:
        return Declared(STRING, None, variable.dimensions, variable.shape, 0)
    code = variable.dtype.str[1:] if isinstance(variable.dtype, np.dtype) else ""
    if code not in _TYPES:
        raise SurveyError(f"{name} has the type {variable.dtype}, which DAP2 does not know; read the file itself")
    return Declared(*_TYPES[code], variable.dimensions, variable.shape, variable.dtype.itemsize)


def dds(name: str, variables: Mapping[str, Declared], chosen: Iterable[Selection]) -> str:
    """The structure of what is chosen of a dataset."""
    lines = []
    for one in chosen:
        own = variables[one.name]
        extent = "".join(f"[{identifier(axis)} = {n}]" for axis, n in zip(own.dimensions, one.shape, strict=True))
        lines.append(f"    {own.kind} {identifier(one.name)}{extent};\n")
    return f"Dataset {{\n{''.join(lines)}}} {identifier(name)};\n"


def das(dataset: netCDF4.Dataset, root: netCDF4.Dataset) -> str:
    """The attributes of an open file, or of a group of it with those of the file."""
    everywhere = attributes(root) | attributes(dataset)
    containers = {"NC_GLOBAL": everywhere} | {
        identifier(name): attributes(variable) for name, variable in dataset.variables.items()
    }
    text = "".join(
        f"    {name} {{\n{''.join(_attribute(*item) for item in own.items())}    }}\n"
        for name, own in containers.items()
    )
    return f"Attributes {{\n{text}}}\n"


def attributes(item: netCDF4.Dataset | netCDF4.Variable) -> dict:
    """All attributes of a file, a group or a variable."""
    return {name: item.getncattr(name) for name in item.ncattrs()}


def _attribute(name: str, value) -> str:
    kind, values = _words(value)
    return f"        {kind} {identifier(name)} {', '.join(values)};\n"


def _words(value) -> tuple[str, list[str]]:
    """The type and the values of an attribute as DAS writes them."""
    if isinstance(value, str | bytes) or (isinstance(value, list) and all(isinstance(one, str) for one in value)):
        texts = [value] if isinstance(value, str | bytes) else value
        return STRING, [_quoted(one.decode("utf-8", "replace") if isinstance(one, bytes) else one) for one in texts]
    array = np.atleast_1d(np.asarray(value))
    kind = _TYPES.get(array.dtype.str[1:], (STRING,))[0]
    if kind == STRING or (kind == "Int32" and ((array > _INT32.max) | (array < _INT32.min)).any()):
        return STRING, [_quoted(str(one)) for one in array]
    # The shortest digits that mean the number, of float32 those of float32.
    return kind, [str(one).replace("nan", "NaN") for one in (array if kind == "Float32" else array.tolist())]


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def identifier(name: str) -> str:
    """A name as DAP2 writes it: all but letters, digits and the underscore by their codes."""
    return quote(name, safe="") if re.fullmatch(r"\w+", name, re.ASCII) is None else name


def encoded(name: str, declared: Declared, values: np.ndarray) -> bytes:
    """Some cells of a variable in XDR, without the number of cells before them."""
    if declared.xdr is None:
        return b"".join(_text(str(one)) for one in np.ravel(values))
    if declared.xdr == ">i4" and values.dtype.itemsize == 8:
        if values.size and not (_INT32.min <= values.min() and values.max() <= _INT32.max):
            raise SurveyError(f"{name} has numbers beyond 32 bits, which DAP2 does not know; read the file itself")
    return np.asarray(values, dtype=declared.xdr).tobytes()


def _text(text: str) -> bytes:
    own = text.encode()
    return len(own).to_bytes(4, "big") + own + b"\0" * (-len(own) % 4)


def length_before(declared: Declared, cells: int) -> bytes:
    """What XDR puts before the cells of an array: their number, of numbers twice; nothing before a single one."""
    if not declared.shape:
        return b""
    return cells.to_bytes(4, "big") * (1 if declared.xdr is None else 2)


def error(code: int, message: str) -> str:
    """An error in the words of DAP2."""
    return f"Error {{\n    code = {code};\n    message = {_quoted(message)};\n}};\n"
