"""Small cubes and crossovers written by hand, to be queried."""

import netCDF4
import numpy as np

from physics import PARAMETERS, QUANTITIES
from survey.grid import canonical_axis

AXES = {
    "T": canonical_axis(np.geomspace(0.01, 1.0, 13)),
    "Lambda0": canonical_axis(np.geomspace(1e-4, 1e-2, 7)),
    "chi": canonical_axis([0.01, 0.03, 0.1, 0.3, 1.0]),
    "Estar": canonical_axis(np.geomspace(2e-3, 2.0, 7)),
}
STATUS = QUANTITIES["dephasing"].variable("status")
OK, RATE, FROZEN, EMPTY, NOT_CONVERGED = range(5)


def crossover(T, Lambda0, chi, Estar):
    return 1e-9 / (np.cbrt(T / 0.1) + T / (0.1 * chi**0.5) + (Lambda0 / 1e-3) ** 2) * (1 + 0.1 * np.exp(-Estar))


def write(path, formula, *, axes=AXES, name="tau_phi", status=None, more=(), dtype="f8"):
    """A cube of `formula` with a status per cell (a function of the axes; all ok without) and further variables."""
    grid = np.meshgrid(*axes.values(), indexing="ij", sparse=True)
    shape = tuple(len(values) for values in axes.values())
    with netCDF4.Dataset(path, "w") as cube:
        for axis, values in axes.items():
            cube.createDimension(axis, len(values))
            created = cube.createVariable(axis, "f8", (axis,), fill_value=False)
            created.setncatts({"units": PARAMETERS[axis].unit, "symbol": PARAMETERS[axis].symbol})
            created[:] = values
        value = cube.createVariable(name, dtype, tuple(axes), fletcher32=True)
        value.setncatts({"units": "s", "symbol": r"\tau_\varphi", "long_name": "electron dephasing time"})
        value[:] = np.broadcast_to(formula(*grid), shape)
        state = cube.createVariable("status", "u1", tuple(axes))
        state.setncatts(
            {"flag_values": np.array(list(STATUS.flags.values()), "u1"), "flag_meanings": " ".join(STATUS.flags)}
        )
        state[:] = np.broadcast_to(status(*grid) if status else OK, shape)
        for one, kind, values, attributes in more:
            extra = cube.createVariable(one, kind, tuple(axes))
            extra.setncatts(attributes)
            extra[:] = np.broadcast_to(values(*grid), shape)
        cube.setncatts({"survey": "toy", "quantity": "dephasing", "quantity_version": 1})
    return path


def empty_corner(T, Lambda0, chi, Estar):
    return np.where(Estar <= Lambda0, EMPTY, OK) + 0 * T * chi


def emptied(T, Lambda0, chi, Estar):
    return np.where(Estar <= Lambda0, np.inf, crossover(T, Lambda0, chi, Estar))
