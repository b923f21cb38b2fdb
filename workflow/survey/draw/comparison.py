"""One variable of several labels side by side: what a choice of options changes."""

from pathlib import Path

import numpy as np
import xarray

from survey.config.curves import ComparisonDiagram
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
from survey.draw.picture.colours import palette
from survey.draw.picture.scene import Scene
from survey.draw.plane import scaled_axis
from survey.draw.slices import configuration_of, optional, read_slice
from survey.errors import SurveyError
from survey.mathtext import named, words

# Colour-blind safe and dark enough for lines on white (the "bright" and "vibrant" schemes of P. Tol).
COLOURS = ("#4477aa", "#ee6677", "#228833", "#ccbb44", "#66ccee", "#aa3377", "#ee7733", "#009988", "#000000")
DASHES = ("solid", "dashed", "dotted", "dashdot")


def comparison(settings: ComparisonDiagram, cube: Path, crossovers: Path) -> Scene:
    """The variable along the axis x, one curve for each label, named by its label and the options that differ.

    `at` cuts each label along those of its axes that it has.
    """
    name = settings.variable
    cubes = [cube.with_name(f"{label}.nc") for label in settings.labels]
    slices = [_slice(settings, path) for path in cubes]
    first = slices[0]
    x, x_factor = scaled_axis(first[settings.x], first[settings.x].values[[0, -1]], settings.x_scale, settings.x_per)
    values = [shown(settings, cells[name].values.astype(np.float64)) for cells in slices]
    masks = [doubtful(cells, np.isfinite(each)) for cells, each in zip(slices, values, strict=True)]
    frozen = [
        np.broadcast_to(found.get("frozen", False), each.shape) for found, each in zip(masks, values, strict=True)
    ]
    attrs = first[name].attrs
    unit = str(attrs.get("units", "1"))
    symbol = shown_symbol(settings, attrs.get("symbol"), name)
    y, y_factor = value_axis(settings, np.concatenate(values), np.concatenate(frozen), name, symbol, unit)
    colours = palette(settings.colormap, len(cubes)) if settings.colormap else COLOURS
    drawn, names = [], _labels(settings, slices)
    for position, (cells, own, label) in enumerate(zip(slices, masks, names, strict=True)):
        coordinates = cells[settings.x].values * x_factor
        pale = np.any([np.zeros(coordinates.shape, bool), *own.values()], axis=0)
        colour, dash = colours[position % len(colours)], DASHES[position % len(DASHES)]
        drawn.append(Curve(coordinates, values[position] * y_factor, pale, colour, dash, label))
    seen, one_line = apart(drawn, names, y)
    layers = [line for curve in seen for line in lines_of(curve, y)]
    empty, notes = empty_frame(np.concatenate(values), x, y)
    notes += [*pale_note(status for found in masks for status in found), *one_line]
    default = shown_title(settings, attrs, name) + named(settings.x, first[settings.x].attrs.get("symbol"))
    return Scene(settings.title or default, x, y, (*layers, *empty), legend="right", notes=tuple(notes))


def _slice(settings, path: Path) -> xarray.Dataset:
    extra = optional(path, ("status",), (settings.x, *settings.at))
    cells = read_slice(path, settings.at, (settings.variable, *extra))
    if cells[settings.x].size < 2:
        raise SurveyError(f"{path}: curves need at least 2 values of {settings.x}; found {cells[settings.x].size}")
    return cells


def _labels(settings, slices: list[xarray.Dataset]) -> list[str]:
    """Each label with its quantity and options, as far as they differ and do not repeat the label."""
    known = [{"quantity": cells.attrs.get("quantity", "")} | _options(cells) for cells in slices]
    names = list(dict.fromkeys(name for each in known for name in each))
    differing = [name for name in names if len({each.get(name) for each in known}) > 1]
    texts = []
    for label, each in zip(settings.labels, known, strict=True):
        told = [words(each[name]) for name in differing if name in each and each[name] not in (label, "")]
        texts.append(f"{words(label)}: {', '.join(told)}" if told else words(label))
    return texts


def _options(cells: xarray.Dataset) -> dict[str, str]:
    return configuration_of(cells).get("options", {})
