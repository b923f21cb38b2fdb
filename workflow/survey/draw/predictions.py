"""What else must be seen where tau_phi matches a measurement: tau_phi, C_T/C_e and W/W_g on their common grid."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import xarray

from physics import PARAMETERS
from survey.config.observability import ObservabilityDiagram
from survey.draw.slices import read_slice, status_masks
from survey.errors import SurveyError
from survey.grid import same

# Cells of these statuses have no tau_phi that could match.
WITHOUT_TAU_PHI = ("empty", "not_converged")


def predictions(settings: ObservabilityDiagram, folder: Path) -> xarray.Dataset:
    """The two predictions over the axes (y, x) of an observability diagram, and how well tau_phi matches there.

    Reads the cubes <folder>/<label>.nc of `settings.labels`. Returns `mismatch` (the largest factor, >= 1, between
    tau_phi and the measured value over the measured temperatures; infinite where a cell has no tau_phi), `matches`
    (mismatch within the tolerance), `C_ratio`, `W_over_glass`, and, with a fitted axis, `fitted`: the value on that
    axis at which mismatch is smallest, where the predictions are taken. Coordinates are joined by their canonical
    decimals; raises SurveyError if the cubes do not agree on an axis that they share.
    """
    dephasing, heat, sound = (Path(folder) / f"{label}.nc" for label in settings.labels)
    mismatch = _mismatch(settings, dephasing)
    predicted = {
        "C_ratio": _slice(heat, settings.at, ("C_ratio",))["C_ratio"],
        "W_over_glass": _slice(sound, settings.at, ("W_over_glass",))["W_over_glass"],
    }
    for name, path in (("C_ratio", heat), ("W_over_glass", sound)):
        predicted[name] = _on_axes_of(mismatch, predicted[name], dephasing, path)
    predicted["W_over_glass"] = _on_axes_of(predicted["C_ratio"], predicted["W_over_glass"], heat, sound)
    fields = {}
    if settings.fitted is not None:
        axis = settings.fitted
        best = mismatch.argmin(axis)
        fields["fitted"] = mismatch[axis][best].drop_vars(axis)
        mismatch = mismatch.isel({axis: best}).drop_vars(axis)
        for name, values in predicted.items():
            if axis in values.dims:
                predicted[name] = values.isel({axis: best}).drop_vars(axis)
    fields |= {"mismatch": mismatch, "matches": mismatch <= settings.measured.tolerance * (1 + 1e-12)} | predicted
    # Axes that a field does not depend on are given to it; with join="exact" no coordinate is ever made up.
    aligned = xarray.broadcast(*xarray.align(*fields.values(), join="exact"))
    joined = xarray.Dataset(dict(zip(fields, aligned, strict=True))).transpose(settings.y, settings.x)
    for axis in (settings.x, settings.y):
        joined[axis].attrs = {"units": PARAMETERS[axis].unit, "symbol": PARAMETERS[axis].symbol}
    return joined


def _mismatch(settings, path: Path) -> xarray.DataArray:
    """The largest factor between tau_phi and the measured value over the measured temperatures."""
    measured = settings.measured
    with xarray.open_dataset(path, engine="netcdf4", decode_cf=False) as cube:
        grid = cube["T"].values
        wanted = [name for name in ("tau_phi", "status") if name in cube]
    inside = tuple(
        float(T)
        for T in grid
        if measured.start < T < measured.stop or same(T, measured.start) or same(T, measured.stop)
    )
    if not inside or not (same(inside[0], measured.start) and same(inside[-1], measured.stop)):
        raise SurveyError(f"{path}: {measured.start:g} K and {measured.stop:g} K are not both on the grid")
    cells = _slice(path, dict(settings.at) | {"T": inside}, wanted)
    tau_phi = cells["tau_phi"].astype(np.float64)
    masks = status_masks(cells)
    good = np.isfinite(tau_phi.values) & (tau_phi.values > 0)
    for name in WITHOUT_TAU_PHI:
        good &= ~masks.get(name, np.zeros((), bool))
    ratio = np.where(good, tau_phi.values, measured.tau_phi) / measured.tau_phi
    with np.errstate(over="ignore", divide="ignore"):
        factor = np.where(good, np.exp(np.abs(np.log(ratio))), np.inf)
    return tau_phi.copy(data=factor).max("T")


def _slice(path: Path, at: Mapping, variables) -> xarray.Dataset:
    """The slice of a cube at those of the given coordinates that it has an axis of."""
    if not path.is_file():
        raise SurveyError(f"{path} does not exist; it is computed before a diagram of it can be drawn")
    with xarray.open_dataset(path, engine="netcdf4", decode_cf=False) as cube:
        dims = set(cube.dims)
    cells = read_slice(path, {axis: value for axis, value in at.items() if axis in dims}, variables)
    return cells.drop_vars([name for name in cells.coords if name not in cells.dims])


def _on_axes_of(first: xarray.DataArray, second: xarray.DataArray, first_path: Path, path: Path) -> xarray.DataArray:
    """The second array with the coordinates of the first on the axes that both have; SurveyError if one differs."""
    for axis in set(first.dims) & set(second.dims):
        ours, theirs = first[axis].values, second[axis].values
        if len(ours) != len(theirs) or not all(map(same, ours, theirs)):
            raise SurveyError(f"{path} and {first_path} have different values of {axis}; assemble both from one survey")
        second = second.assign_coords({axis: ours})
    return second
