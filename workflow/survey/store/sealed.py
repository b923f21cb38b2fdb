"""Sealed files: opened, read, and told apart from damaged ones."""

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import netCDF4
import numpy as np

from survey.errors import Damaged, SurveyError
from survey.store.netcdf import broken_seal, unwritten


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


def digest_in(dataset: netCDF4.Dataset) -> str:
    """What the name of an open tile has to end in."""
    return hashlib.sha256(dataset.identity.encode()).hexdigest()[:16]


def read(dataset: netCDF4.Dataset, variable: str, region: tuple[slice, ...]) -> np.ndarray:
    """Part of a variable of an open file; Damaged if a checksum fails or a cell was never written."""
    with damage_of(dataset.filepath()):
        if dataset[variable].dtype is str:
            return _texts(dataset, variable, region)
        values = dataset[variable][region]
        if unwritten(values).any():
            raise OSError(f"{variable} has cells that were never written")
    return values


def _texts(dataset: netCDF4.Dataset, variable: str, region: tuple[slice, ...]) -> np.ndarray:
    """Part of a variable of texts, read by h5py: netCDF-C 4.10.1 with HDF5 2.2.0 crashes at a later opening of a file
    that is open twice in a process if texts were read and it was closed once."""
    import h5py

    stored = dataset[variable]
    with h5py.File(dataset.filepath(), "r", locking="best-effort") as file:
        found = file[f"{stored.group().path}/{stored.name}"]
        if found.shape != stored.shape:
            raise OSError("it was replaced while it was open")
        return np.asarray(found.asstr()[region], dtype=object)
