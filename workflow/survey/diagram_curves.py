"""Families of curves: variables along one axis, one colour for each value of another, beside the closed forms."""

from itertools import cycle
from pathlib import Path

import numpy as np
import xarray

from survey.diagram_data import read_slice, status_masks
from survey.diagram_geometry import ticks
from survey.diagram_laws import closed_forms
from survey.diagram_plane import scaled_axis
from survey.diagram_text import axis_label, named, prefix_of, value_text, words
from survey.drawing import palette
from survey.errors import SurveyError
from survey.scene import Axis, Line, Scene, key

DASHES = ("solid", "dashed", "dotted", "dashdot")
UNCERTAIN = ("rate_above_temperature", "frozen")


def curves(settings, cube: Path, crossovers: Path) -> Scene:
    """Variables along the axis x, one colour for each value of the family, one dash for each variable.

    Where a cell is frozen out or its rate exceeds the temperature the curve is pale. With `closed_forms` the
    asymptotic laws run beside the curves, and the crossover temperatures are marked: by a vertical line if all curves
    share them, else by symbols on each curve.
    """
    at = dict(settings.at)
    if settings.values is not None:
        at[settings.family] = tuple(settings.values)
    with xarray.open_dataset(cube, engine="netcdf4", decode_cf=False) as whole:
        extra = [name for name in ("status",) if name in whole]
    cells = read_slice(cube, at, (*settings.variables, *extra)).transpose(settings.family, settings.x)
    if cells[settings.x].size < 2:
        raise SurveyError(f"{cube}: curves need at least 2 values of {settings.x}; found {cells[settings.x].size}")
    x, x_scale = scaled_axis(cells[settings.x], cells[settings.x].values[[0, -1]])
    first = cells[settings.variables[0]]
    units = {str(cells[name].attrs.get("units", "1")) for name in settings.variables}
    if len(units) > 1:
        raise SurveyError(f"{cube}: {', '.join(settings.variables)} have different units and cannot share an axis")
    (unit,) = units
    lower, upper = _range(cells, settings.variables)
    power = prefix_of(unit, lower, upper)
    lower, upper = lower * 10.0**-power / 1.6, upper * 10.0**-power * 1.6
    single = len(settings.variables) == 1
    label = axis_label(str(first.name), first.attrs.get("symbol") if single else _stem(first), unit, power)
    y = Axis(label, lower, upper, tuple(ticks(lower, upper)))
    colours = _colours(settings, cells[settings.family].size)
    pale = _pale(cells)
    laws, keys, marks = [], [], []
    if settings.closed_forms:
        laws, keys, marks = closed_forms(settings, cells, y, (x_scale, 10.0**-power), colours)
    layers = [*laws]
    for row, value in enumerate(cells[settings.family].values):
        attrs = cells[settings.family].attrs
        text = value_text(attrs.get("symbol", settings.family), value, str(attrs.get("units", "1")))
        for dash, name in zip(cycle(DASHES), settings.variables, strict=False):
            values = cells[name].values[row] * 10.0**-power
            values = np.where(np.isfinite(values) & (values > 0), values, np.nan)
            shown = text if name == settings.variables[0] else ""
            layers += _curve(cells[settings.x].values * x_scale, values, pale[row], colours[row], dash, shown)
    if not single:
        for dash, name in zip(cycle(DASHES), settings.variables, strict=False):
            layers.append(key("#333333", named(name, cells[name].attrs.get("symbol")), 2.4, dash))
    layers += [*keys, *marks]
    notes = []
    if pale.any():
        notes.append("Pale: outside the theory's own limits (frozen out, or rate above temperature).")
    if settings.closed_forms:
        notes.append("Laws: orders of magnitude, as published, without prefactors.")
    title = first.attrs.get("long_name") or words(str(first.name))
    default = f"{title[:1].upper()}{title[1:]} against {named(settings.x, cells[settings.x].attrs.get('symbol'))}"
    return Scene(settings.title or default, x, y, tuple(layers), legend="right", notes=tuple(notes))


def _stem(variable: xarray.DataArray) -> str | None:
    symbol = variable.attrs.get("symbol")
    return symbol.split("^")[0] if symbol else None


def _colours(settings, count: int) -> list[str]:
    """Ordered colours; the palest fifth of the default map is left out, it is unreadable as a line on white."""
    if settings.colormap:
        return palette(settings.colormap, count)
    return [palette("viridis", 256)[place] for place in np.linspace(0, 205, count).astype(int)]


def _pale(cells: xarray.Dataset) -> np.ndarray:
    masks = status_masks(cells)
    shape = next(iter(cells.data_vars.values())).shape
    pale = np.zeros(shape, dtype=bool)
    for name in UNCERTAIN:
        pale |= masks.get(name, False)
    return pale


def _range(cells: xarray.Dataset, variables) -> tuple[float, float]:
    """The range that the diagram shows: frozen cells, whose times exceed any clock, may reach a factor 10 beyond."""
    frozen = status_masks(cells).get("frozen", np.zeros((), dtype=bool))
    values = np.stack([cells[name].values for name in variables])
    good = np.isfinite(values) & (values > 0)
    if not good.any():
        raise SurveyError(f"{', '.join(variables)}: found no finite positive value in this slice; nothing to draw")
    calm = good & ~np.broadcast_to(frozen, values.shape)
    calm = calm if calm.any() else good
    highest = values[calm].max()
    return values[good].min(), min(values[good].max(), 10 * highest)


def _curve(x, y, pale, colour, dash, label) -> list[Line]:
    """The curve, strong where it is certain and pale where it is not, without a gap between the two."""
    certain = np.where(pale, np.nan, y)
    near = pale | np.concatenate([pale[1:], [False]]) | np.concatenate([[False], pale[:-1]])
    lines = [Line(x, certain, colour, width=2.8, dash=dash, label=label, hover=True)]
    if pale.any():
        lines.append(Line(x, np.where(near, y, np.nan), colour, width=2.0, dash=dash, opacity=0.4, hover=True))
    return lines
