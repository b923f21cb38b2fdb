"""What the diagrams over two axes share: the slice, its mesh of cells, and how a cell shows that it is uncertain."""

from dataclasses import replace
from itertools import cycle
from pathlib import Path

import numpy as np
import xarray

from survey.draw.geometry import edges, hatch, ticks
from survey.draw.picture.scene import Axis, Line, Mesh, Scene, swatch
from survey.draw.slices import axes_in, optional, read_slice, spread
from survey.errors import SurveyError
from survey.flags import FLAGS, flag_text, flag_words
from survey.mathtext import axis_label, over, prefix_of, unicode_text, words

# How a status shows: text, slope of the hatching (see `Points`), colour of the fill ("": the cell keeps its own). One
# that is not named here is spelt out and hatched, each in another way as far as there are ways.
STATUSES = {
    "rate_above_temperature": (FLAGS["rate_above_temperature"], 1, ""),
    "frozen": (FLAGS["frozen"], -1, ""),
    "empty": (FLAGS["empty"], 0, "#ffffff"),
    "not_converged": (FLAGS["not_converged"], 0, "#000000"),
}


def read_plane(settings, path: Path, needed: tuple[str, ...], wanted: tuple[str, ...]) -> xarray.Dataset:
    """The slice that a map is drawn from, as (y, x); `wanted` variables are taken if the file has them and they depend
    on nothing else."""
    extra = optional(path, wanted, (settings.x, settings.y, *settings.at))
    cells = spread(read_slice(path, settings.at, (*needed, *extra)), settings.y, settings.x)
    for axis in (settings.x, settings.y):
        if cells[axis].size < 2:
            raise SurveyError(f"{path}: a map needs at least 2 values of {axis}; found {cells[axis].size}")
    return cells


def untold_status(path: Path, taken: list[str]) -> list[str]:
    """A note if a cube has a status that depends on an axis beyond those of the diagram, which then cannot show it."""
    untold = "status" in axes_in(path) and "status" not in taken
    return ["The status depends on further axes and is not shown."] if untold else []


def without_value(masks: dict[str, np.ndarray], shape: tuple[int, ...]) -> np.ndarray:
    """The cells whose status says that there is no value to show."""
    hidden = np.zeros(shape, dtype=bool)
    for name in ("empty", "not_converged"):
        hidden |= masks.get(name, False)
    return hidden


def scaled_axis(coordinate: xarray.DataArray, bounds: np.ndarray, scale: str, per=None) -> tuple[Axis, float]:
    """The axis of a diagram with the SI prefix that suits it, and the factor from the vocabulary's unit to it; without
    a unit if it is divided by a `per` (`survey.config.drawing.Reference`)."""
    unit = str(coordinate.attrs.get("units", "1"))
    values = coordinate.values
    if per is not None:
        lower, upper = bounds[0] / per.value, bounds[-1] / per.value
        symbol = over(coordinate.attrs.get("symbol"), str(coordinate.name), per.symbol)
        return Axis(f"${symbol}$", lower, upper, tuple(ticks(lower, upper, scale)), scale), 1 / per.value
    power = prefix_of(unit, values.min(), values.max())
    label = axis_label(str(coordinate.name), coordinate.attrs.get("symbol"), unit, power)
    lower, upper = bounds[0] * 10.0**-power, bounds[-1] * 10.0**-power
    return Axis(label, lower, upper, tuple(ticks(lower, upper, scale)), scale), 10.0**-power


def axes_of(settings, cells: xarray.Dataset) -> tuple[tuple[Axis, float], tuple[Axis, float]]:
    """The axes x and y of a map, each with the factor from the vocabulary's unit to that of its label."""
    pairs = ((settings.x, settings.x_scale), (settings.y, settings.y_scale))
    return tuple(scaled_axis(cells[name], edges(cells[name].values, scale), scale) for name, scale in pairs)


def mesh_of(cells: xarray.Dataset, settings, values, colours, limits, told=None, **bar) -> Mesh:
    """The mesh of `values` over the two axes of a slice, in the units of the axes' labels. On hovering it tells the
    coordinates, what is in `told` (text by name), and every flag variable of the slice in words."""
    (x, x_scale), (y, y_scale) = axes_of(settings, cells)
    shape = values.shape
    hover = {
        x.label: np.broadcast_to([f"{value * x_scale:.4g}" for value in cells[settings.x].values], shape),
        y.label: np.broadcast_to([[f"{value * y_scale:.4g}"] for value in cells[settings.y].values], shape),
    } | (told or {})
    for name, variable in cells.data_vars.items():
        if "flag_meanings" in variable.attrs:
            texts = {
                value: unicode_text(", ".join(map(flag_text, meanings)))
                for value, meanings in flag_words(variable.values, variable.attrs).items()
            }
            hover[words(str(name))] = np.vectorize(texts.get, otypes=[object])(variable.values)
    return Mesh(
        cells[settings.x].values * x_scale,
        cells[settings.y].values * y_scale,
        edges(cells[settings.x].values, x.scale) * x_scale,
        edges(cells[settings.y].values, y.scale) * y_scale,
        values,
        tuple(colours),
        limits,
        hover=hover,
        scales=(x.scale, y.scale),
        **bar,
    )


def overlays(mesh: Mesh, masks: dict[str, np.ndarray], table: dict) -> list:
    """Fill (where there is no value), hatching and legend for the cells of each status or censoring, by `table`; one
    that all cells have is only named."""
    layers, slopes = [], cycle((1, -1, 2, 3, -3))
    for name, mask in masks.items():
        text, slope, colour = table[name] if name in table else (flag_text(name), next(slopes), "")
        if mask.all() and not colour:
            layers.append(swatch("#ffffff", f"everywhere: {text}"))
            continue
        if colour:
            fill = np.where(mask & np.isnan(mesh.values), 0.0, np.nan)
            plain = {"values": fill, "colours": (colour, colour), "limits": (-0.5, 0.5), "hover": {}, "bar": ""}
            layers.append(replace(mesh, **plain))
        for each in {0: (), 2: (1, -1)}.get(slope, (slope,)):
            lines = 16 if abs(each) == 3 else 48
            x, y = hatch(mesh.x_edges, mesh.y_edges, mask, each, mesh.scales, lines)
            layers += [Line(x, y, "#ffffff", width=2.0, opacity=0.5)] if mesh.bar else []
            layers.append(Line(x, y, "#333333", width=0.9, opacity=0.8))
        layers.append(swatch(colour or "#ffffff", text, hatch=slope))
    return layers


def scene_of(settings, cells: xarray.Dataset, layers, title: str, legend: str, notes: tuple[str, ...] = ()) -> Scene:
    """The scene of a map, with the user's title if there is one."""
    (x, _), (y, _) = axes_of(settings, cells)
    return Scene(settings.title or title, x, y, tuple(layers), legend, notes)
