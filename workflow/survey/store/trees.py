"""Files of groups: written whole or not at all, under checksums, with sealed attributes, and read back."""

from collections.abc import Mapping
from pathlib import Path

import netCDF4
import xarray as xr

from survey.provenance import provenance
from survey.store.files import replacing
from survey.store.netcdf import seal
from survey.store.sealed import damage_of, open_sealed


def write_tree(path: Path, groups: Mapping[str, xr.Dataset], attributes: Mapping) -> None:
    """Put a file in place that has these groups, and attributes of its own with where it comes from."""
    with replacing(path) as temporary:
        with netCDF4.Dataset(temporary, "w") as file:
            file.setncatts({"Conventions": "CF-1.11", **attributes, **provenance()})
            seal(file)
        for name, dataset in groups.items():
            encoding = {each: {"fletcher32": True} for each, own in dataset.variables.items() if own.ndim}
            dataset.to_netcdf(temporary, mode="a", group=name, engine="netcdf4", encoding=encoding)


def read_tree(path: Path) -> tuple[dict, dict[str, xr.Dataset]]:
    """The attributes of such a file, and its groups in memory; SurveyError if it is missing, Damaged if it is not what
    was written."""
    with open_sealed(path) as file:
        attributes = {name: file.getncattr(name) for name in file.ncattrs()}
        names = list(file.groups)
    with damage_of(path):
        return attributes, {name: xr.load_dataset(path, group=name, engine="netcdf4") for name in names}
