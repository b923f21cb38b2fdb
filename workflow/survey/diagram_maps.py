"""The diagrams over two axes in a continuous colour scale: local exponent, values, crossover temperatures."""

from pathlib import Path

import numpy as np
import xarray

from survey.diagram_data import exponent, flag_words, read_slice, status_masks, without
from survey.diagram_geometry import contour, ticks
from survey.diagram_plane import STATUSES, mesh_of, overlays, read_plane, scene_of, without_value
from survey.diagram_text import axis_label, crossover_symbol, number, prefix_of, words
from survey.drawing import blend, palette
from survey.scene import Line, Scene

CENSORING = {
    "below": ("below the range of $T$", -1, "#dbe6f2"),
    "above": ("above the range of $T$", 1, "#f7e1d3"),
    "absent": ("does not occur", 0, "#e8e8e8"),
    "undefined": ("no data", 0, "#ffffff"),
    "several": ("several; the highest is shown", 2, ""),
    "open_below": ("reaches the lowest $T$", -1, ""),
    "open_above": ("reaches the highest $T$", 1, ""),
    "open_at_both_ends": ("reaches both ends of $T$", 2, ""),
}
# White where there is no temperature dependence, warmer the steeper it is, blue where the time grows with temperature.
EXPONENT_COLOURS = (
    (-0.25, "#4477aa"),
    (0.0, "#ffffff"),
    (1 / 3, "#fee391"),
    (1 / 2, "#fb9a29"),
    (1.0, "#993404"),
    (1.25, "#662506"),
)
EXPONENTS = ((0.0, "0", "dotted"), (1 / 3, "1/3", "dashed"), (1 / 2, "1/2", "dashdot"), (1.0, "1", "solid"))


def exponent_map(settings, cube: Path, crossovers: Path) -> Scene:
    """The local exponent -d ln(variable)/d ln T over two axes, with contours at the exponents of the theory."""
    if "T" in (settings.x, settings.y):
        cells = read_plane(settings, cube, (settings.variable,), ("status",))
        values = exponent(cells[settings.variable].values, cells["T"].values, cells[settings.variable].dims.index("T"))
    else:
        whole = read_slice(cube, without(settings.at, "T"), (settings.variable,))
        cells = read_plane(settings, cube, (settings.variable,), ("status",))
        variable = whole[settings.variable].transpose("T", settings.y, settings.x)
        local = exponent(variable.values, whole["T"].values, 0)
        values = local[int(np.argmin(np.abs(np.log(whole["T"].values / settings.at["T"]))))]
    masks = status_masks(cells)
    values = np.where(without_value(masks, values.shape), np.nan, values)
    texts = tuple((level, f"${text}$") for level, text, _ in EXPONENTS)
    symbol = cells[settings.variable].attrs.get("symbol") or settings.variable
    mesh = mesh_of(
        cells,
        settings,
        values,
        palette(settings.colormap, 256) if settings.colormap else blend(EXPONENT_COLOURS, 256),
        (EXPONENT_COLOURS[0][0], EXPONENT_COLOURS[-1][0]),
        bar=rf"$-\partial \ln {symbol}/\partial \ln T$",
        bar_ticks=texts,
        extend="both",
    )
    contours = [
        Line(
            *contour(mesh.x, mesh.y, values, level), colour="#000000", width=1.8, dash=dash, label=f"exponent ${text}$"
        )
        for level, text, dash in EXPONENTS
    ]
    layers = [mesh, *overlays(mesh, masks, STATUSES), *[line for line in contours if line.x.size]]
    return scene_of(settings, cells, layers, f"Local exponent of ${symbol}$", legend="bottom")


def value_map(settings, cube: Path, crossovers: Path) -> Scene:
    """A positive variable over two axes in a logarithmic colour scale, with a contour at every decade."""
    cells = read_plane(settings, cube, (settings.variable,), ("status",))
    variable = cells[settings.variable]
    masks = status_masks(cells)
    values = np.where(without_value(masks, variable.shape), np.nan, variable.values)
    shown = values[~masks.get("frozen", np.zeros(values.shape, bool))]
    shown = shown if _positive(shown).size else values
    title = variable.attrs.get("long_name") or words(settings.variable)
    return _log_map(settings, cells, values, shown, variable, masks, STATUSES, title)


def crossover_map(settings, cube: Path, crossovers: Path) -> Scene:
    """A crossover temperature over two axes in logarithmic colours, with the cells in which it is censored.

    Of a window of apparent saturation the ratio of its ends is shown.
    """
    name = settings.crossover
    with xarray.open_dataset(crossovers, engine="netcdf4", decode_cf=False) as found:
        shown = name if name in found else f"{name}_ratio"
    cells = read_plane(settings, crossovers, (shown, f"{name}_censoring"), ())
    censoring, variable = cells[f"{name}_censoring"], cells[shown]
    masks = {
        meanings[0]: censoring.values == value
        for value, meanings in flag_words(censoring).items()
        if meanings and meanings[0] != "found"
    }
    symbol = variable.attrs.get("symbol") or crossover_symbol(name)
    if shown == name:
        variable.attrs["symbol"], title = symbol, f"Crossover temperature ${symbol}$"
    else:
        variable.attrs["symbol"], title = r"T_\mathrm{high}/T_\mathrm{low}", f"{words(name)}: width of the window"
    return _log_map(settings, cells, variable.values, variable.values, variable, masks, CENSORING, title)


def _log_map(settings, cells, values, shown, variable, masks, legend_of, title) -> Scene:
    positive = _positive(shown)
    lower, upper = (positive.min(), positive.max()) if positive.size else (1.0, 10.0)
    unit = str(variable.attrs.get("units", "1"))
    power = prefix_of(unit, lower, upper)
    scale = 10.0**-power
    lower, upper = np.log10(lower * scale), np.log10(upper * scale)
    lower, upper = (lower - 0.05, upper + 0.05) if upper - lower < 0.1 else (lower, upper)
    logs = np.full(values.shape, np.nan)
    finite = np.isfinite(values) & (values > 0)
    logs[finite] = np.log10(values[finite] * scale)
    label = axis_label(str(variable.name), variable.attrs.get("symbol"), unit, power)
    mesh = mesh_of(
        cells,
        settings,
        logs,
        palette(settings.colormap or "viridis", 256),
        (lower, upper),
        told={label: np.vectorize(lambda value: f"{value:.5g}")(values * scale)},
        bar=label if positive.size else "",
        bar_ticks=tuple((np.log10(value), f"${number(value)}$") for value in ticks(10**lower, 10**upper)),
        extend="max" if (logs > upper + 1e-9).any() else "neither",
    )
    decades = [
        Line(*contour(mesh.x, mesh.y, logs, level), colour="#ffffff", width=1.0, opacity=0.8)
        for level in np.arange(np.ceil(lower), np.floor(upper) + 1)
    ]
    decades = [line for line in decades if line.x.size]
    layers = [mesh, *decades, *overlays(mesh, masks, legend_of)]
    notes = ("White lines: one for each decade.",) if decades else ()
    return scene_of(settings, cells, layers, title[:1].upper() + title[1:], "bottom", notes)


def _positive(values: np.ndarray) -> np.ndarray:
    return values[np.isfinite(values) & (values > 0)]
