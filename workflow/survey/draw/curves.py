"""Families of curves: variables along one axis, one colour for each value of another, beside laws and marks."""

from itertools import cycle
from pathlib import Path

import numpy as np
import xarray

from survey.config.curves import CurvesDiagram
from survey.draw.geometry import edges, even, uneven
from survey.draw.lines import (
    Curve,
    apart,
    doubtful,
    empty_frame,
    lines_of,
    pale_note,
    shown,
    shown_symbol,
    shown_title,
    value_axis,
)
from survey.draw.marks import laws, layers_of, stored_marks
from survey.draw.picture.colours import blend, palette
from survey.draw.picture.scene import Axis, Mesh, Scene, key, swatch
from survey.draw.plane import scaled_axis, untold_status
from survey.draw.regimes import classes
from survey.draw.slices import configuration_of, optional, read_slice, spread
from survey.errors import SurveyError
from survey.mathtext import named, value_text, words

DASHES = ("solid", "dashed", "dotted", "dashdot")
# The dimension of a diagram without a family.
SINGLE = "curve"


def curves(settings: CurvesDiagram, cube: Path, crossovers: Path) -> Scene:
    """Variables along the axis x, one colour for each value of the family, one dash for each variable.

    Where the status of a cell casts doubt on it the curve is pale. Laws of the papers run beside the curves. Places on
    x (where a law changes, crossovers, stored variables) are marked: by a vertical line if all curves share them, else
    by symbols on each curve. A flag variable colours the background of a single curve.
    """
    at = dict(settings.at)
    if settings.family is not None:
        at[settings.family] = tuple(settings.values)
    cells, notes = _cells(settings, cube, at)
    family = list(cells[settings.family].values) if settings.family else [None]
    x, x_factor = scaled_axis(cells[settings.x], cells[settings.x].values[[0, -1]], settings.x_scale, settings.x_per)
    first = cells[settings.variables[0]]
    values = np.stack([shown(settings, cells[name].values.astype(np.float64)) for name in settings.variables])
    masks = doubtful(cells, np.isfinite(values).any(axis=0))
    frozen = np.broadcast_to(masks.get("frozen", False), values.shape)
    unit = str(first.attrs.get("units", "1"))
    y, y_factor = value_axis(settings, values, frozen, ", ".join(settings.variables), _symbol(settings, cells), unit)
    pale = np.any([np.zeros(first.shape, bool), *masks.values()], axis=0)
    colours, dashes = _colours(settings, len(family)), dict(zip(settings.variables, cycle(DASHES), strict=False))
    drawn = {
        name: [
            Curve(
                cells[settings.x].values * x_factor,
                shown(settings, cells[name].values[row]) * y_factor,
                pale[row],
                colours[row],
                dash,
                _label(settings, cells, value) if name == first.name else "",
            )
            for row, value in enumerate(family)
        ]
        for name, dash in dashes.items()
    }
    parameters = [_parameters(settings, cells, value) for value in family]
    quantity, of_first = cells.attrs.get("quantity", ""), drawn[first.name]
    factors = (x_factor, lambda values: shown(settings, values) * y_factor)
    law_lines, keys, marked, law_notes = laws(settings, quantity, of_first, parameters, x, factors)
    layers = [*_background(settings, cells, x, y, x_factor), *law_lines]
    every = [(name, row) for row in range(len(family)) for name in drawn]
    seen, one_line = apart((drawn[name][row] for name, row in every), _told(settings, cells, every, family), y)
    layers += [line for curve in seen for line in lines_of(curve, y)]
    if len(drawn) > 1:
        layers += [key("#333333", _named(settings, cells, name), 2.4, dashes[name]) for name in drawn]
    layers += keys
    outside = []
    for each in (*marked, *stored_marks(settings, cube, crossovers, at)):
        found = layers_of(each, of_first, x, y, x_factor)
        outside += [] if found else [each.text]
        layers += found
    notes += [f"Not within the frame: {'; '.join(outside)}."] if outside else []
    default = shown_title(settings, first.attrs, str(first.name))
    default += named(settings.x, cells[settings.x].attrs.get("symbol"))
    empty, empty_notes = empty_frame(values, x, y)
    notes = (*empty_notes, *pale_note(masks), *one_line, *notes, *law_notes)
    return Scene(settings.title or default, x, y, (*layers, *empty), legend="right", notes=notes)


def _cells(settings, cube: Path, at: dict) -> tuple[xarray.Dataset, list[str]]:
    """The slice that curves are drawn from, as (family, x), and a note if its status is not known there."""
    known = (settings.x, *at)
    extra = optional(cube, ("status",), known)
    background = [settings.regimes] if settings.regimes else []
    cells = read_slice(cube, at, (*settings.variables, *background, *extra))
    if cells[settings.x].size < 2:
        raise SurveyError(f"{cube}: curves need at least 2 values of {settings.x}; found {cells[settings.x].size}")
    if settings.family is None:
        cells = cells.expand_dims(SINGLE)
    return spread(cells, settings.family or SINGLE, settings.x), untold_status(cube, extra)


def _symbol(settings, cells: xarray.Dataset) -> str | None:
    """The symbol on the vertical axis: that of the variable, what several begin with, or all."""
    own = {name: shown_symbol(settings, cells[name].attrs.get("symbol"), name) for name in settings.variables}
    symbols = [symbol or rf"\mathrm{{{words(name)}}}" for name, symbol in own.items()]
    if len(symbols) == 1:
        return own[settings.variables[0]]
    if all(symbol.startswith(symbols[0]) for symbol in symbols):
        return symbols[0]
    stems = list(dict.fromkeys(symbol.split("^")[0] for symbol in symbols))
    return stems[0] if len(stems) == 1 else r",\ ".join(symbols)


def _named(settings, cells: xarray.Dataset, name: str) -> str:
    return named(name, shown_symbol(settings, cells[name].attrs.get("symbol"), name))


def _label(settings, cells: xarray.Dataset, value) -> str:
    """The entry of a curve in the legend; a single curve of a single variable needs none."""
    if value is not None:
        attrs = cells[settings.family].attrs
        return value_text(attrs.get("symbol", settings.family), value, str(attrs.get("units", "1")))
    return ""


def _told(settings, cells: xarray.Dataset, curves: list[tuple[str, int]], family: list) -> list[str]:
    """What tells each curve apart, a variable and the place of a value in the family, in words."""
    several = len(settings.variables) > 1
    found = []
    for name, row in curves:
        value = _label(settings, cells, family[row])
        found.append(" at ".join(filter(None, [_named(settings, cells, name) if several or not value else "", value])))
    return found


def _parameters(settings, cells: xarray.Dataset, value) -> dict[str, float]:
    """What a law of one curve may depend on: the cut, the value of the family, the constants."""
    constants = configuration_of(cells).get("constants", {})
    own = {settings.family: float(value)} if value is not None else {}
    return {name: float(constant) for name, constant in constants.items()} | dict(settings.at) | own


def _colours(settings, count: int) -> list[str]:
    """Ordered colours; the palest fifth of the default map is left out, it is unreadable as a line on white."""
    if settings.colormap:
        return palette(settings.colormap, count)
    return [palette("viridis", 256)[place] for place in np.linspace(0, 205, count).astype(int)]


def _background(settings, cells: xarray.Dataset, x: Axis, y: Axis, factor: float) -> list:
    """A flag variable as coloured bands behind the curve, with their entries in the legend."""
    if settings.regimes is None:
        return []
    flags = cells[settings.regimes][0]
    values, order = classes(flags, np.ones(flags.shape, bool))
    # Half way to white, so that pale curves show on them too.
    colours = [blend(((0.0, "#ffffff"), (1.0, colour)), 3)[1] for _, colour in order]
    centres = cells[settings.x].values
    bands = Mesh(
        centres * factor,
        uneven([np.mean(even([y.lower, y.upper], y.scale))], y.scale),
        np.clip(edges(centres, x.scale) * factor, x.lower, x.upper),
        np.array([y.lower, y.upper]),
        values[None, :],
        tuple(colours),
        (-0.5, len(colours) - 0.5),
        scales=(x.scale, y.scale),
    )
    return [bands, *[swatch(colour, text) for colour, (text, _) in zip(colours, order, strict=True)]]
