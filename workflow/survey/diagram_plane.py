"""What the diagrams over two axes share: the slice, its mesh of cells, and how a cell shows that it is uncertain."""

from pathlib import Path

import numpy as np
import xarray

from survey.diagram_data import flag_words, read_slice
from survey.diagram_geometry import edges, hatch, ticks
from survey.diagram_text import axis_label, prefix_of, words
from survey.errors import SurveyError
from survey.scene import Axis, Line, Mesh, Scene, swatch

# How a status shows: text, slope of the hatching (0: none, 2: both), colour of the fill ("": the cell keeps its own).
STATUSES = {
    "rate_above_temperature": (r"$\hbar/\tau_\varphi > k_\mathrm{B}T$", 1, ""),
    "frozen": (r"frozen out: $T \ll \Lambda$", -1, ""),
    "empty": (r"no levels: $E^* \leq \Lambda$", 0, "#ffffff"),
    "not_converged": ("not converged", 0, "#000000"),
}


def read_plane(settings, path: Path, needed: tuple[str, ...], wanted: tuple[str, ...]) -> xarray.Dataset:
    """The slice that a map is drawn from, as (y, x); `wanted` variables are taken if the file has them."""
    with xarray.open_dataset(path, engine="netcdf4", decode_cf=False) as cube:
        extra = [name for name in wanted if name in cube]
    cells = read_slice(path, settings.at, (*needed, *extra)).transpose(settings.y, settings.x)
    for axis in (settings.x, settings.y):
        if cells[axis].size < 2:
            raise SurveyError(f"{path}: a map needs at least 2 values of {axis}; found {cells[axis].size}")
    return cells


def without_value(masks: dict[str, np.ndarray], shape: tuple[int, ...]) -> np.ndarray:
    """The cells whose status says that there is no value to show."""
    hidden = np.zeros(shape, dtype=bool)
    for name in ("empty", "not_converged"):
        hidden |= masks.get(name, False)
    return hidden


def scaled_axis(coordinate: xarray.DataArray, bounds: np.ndarray) -> tuple[Axis, float]:
    """The axis of a diagram with the SI prefix that suits it, and the factor from the vocabulary's unit to it."""
    unit = str(coordinate.attrs.get("units", "1"))
    values = coordinate.values
    power = prefix_of(unit, values.min(), values.max())
    label = axis_label(str(coordinate.name), coordinate.attrs.get("symbol"), unit, power)
    lower, upper = bounds[0] * 10.0**-power, bounds[-1] * 10.0**-power
    return Axis(label, lower, upper, tuple(ticks(lower, upper))), 10.0**-power


def mesh_of(cells: xarray.Dataset, settings, values, colours, limits, told=None, **bar) -> Mesh:
    """The mesh of `values` over the two axes of a slice, in the units of the axes' labels. On hovering it tells the
    coordinates, what is in `told` (text by name), and every flag variable of the slice in words."""
    x, x_scale = scaled_axis(cells[settings.x], edges(cells[settings.x].values))
    y, y_scale = scaled_axis(cells[settings.y], edges(cells[settings.y].values))
    shape = values.shape
    hover = {
        x.label: np.broadcast_to([f"{value * x_scale:.4g}" for value in cells[settings.x].values], shape),
        y.label: np.broadcast_to([[f"{value * y_scale:.4g}"] for value in cells[settings.y].values], shape),
    } | (told or {})
    for name, variable in cells.data_vars.items():
        if "flag_meanings" in variable.attrs:
            texts = {value: ", ".join(map(words, meanings)) for value, meanings in flag_words(variable).items()}
            hover[words(str(name))] = np.vectorize(texts.get, otypes=[object])(variable.values)
    return Mesh(
        cells[settings.x].values * x_scale,
        cells[settings.y].values * y_scale,
        edges(cells[settings.x].values) * x_scale,
        edges(cells[settings.y].values) * y_scale,
        values,
        tuple(colours),
        limits,
        hover=hover,
        **bar,
    )


def overlays(mesh: Mesh, masks: dict[str, np.ndarray], table: dict) -> list:
    """Fill (where there is no value), hatching and legend for the cells of each status or censoring, by `table`."""
    layers = []
    for name, mask in masks.items():
        text, slope, colour = table.get(name, (words(name), 1, ""))
        if colour:
            fill = np.where(mask & np.isnan(mesh.values), 0.0, np.nan)
            layers.append(Mesh(mesh.x, mesh.y, mesh.x_edges, mesh.y_edges, fill, (colour, colour), (-0.5, 0.5)))
        for each in {0: (), 2: (1, -1)}.get(slope, (slope,)):
            x, y = hatch(mesh.x_edges, mesh.y_edges, mask, each)
            layers += [Line(x, y, "#ffffff", width=2.0, opacity=0.5)] if mesh.bar else []
            layers.append(Line(x, y, "#333333", width=0.9, opacity=0.8))
        layers.append(swatch(colour or "#ffffff", text, hatch=slope))
    return layers


def scene_of(settings, cells: xarray.Dataset, layers, title: str, legend: str, notes: tuple[str, ...] = ()) -> Scene:
    """The scene of a map, with the user's title if there is one."""
    x, _ = scaled_axis(cells[settings.x], edges(cells[settings.x].values))
    y, _ = scaled_axis(cells[settings.y], edges(cells[settings.y].values))
    return Scene(settings.title or title, x, y, tuple(layers), legend, notes)
