"""The diagrams over two axes in a continuous colour scale: local exponent, values, crossovers."""

from pathlib import Path

import numpy as np

from physics import PARAMETERS
from survey.config.maps import CrossoverDiagram, ExponentDiagram, ValueDiagram
from survey.draw.geometry import contour, ticks
from survey.draw.picture.colours import blend, palette
from survey.draw.picture.scene import Line, Scene
from survey.draw.plane import STATUSES, mesh_of, overlays, read_plane, scene_of, without_value
from survey.draw.slices import axes_in, axis_of, exponent, read_slice, status_masks, without
from survey.flags import flag_words
from survey.grid import same
from survey.mathtext import axis_label, crossover_symbol, number, prefix_of, words

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
# Of dephasing times: white where temperature changes nothing, warmer the steeper the dependence, blue where the time
# grows with temperature; the exponents of the theory have contours.
EXPONENT_COLOURS = (
    (-0.25, "#4477aa"),
    (0.0, "#ffffff"),
    (1 / 3, "#fee391"),
    (1 / 2, "#fb9a29"),
    (1.0, "#993404"),
    (1.25, "#662506"),
)
EXPONENTS = ((0.0, "0", "dotted"), (1 / 3, "1/3", "dashed"), (1 / 2, "1/2", "dashdot"), (1.0, "1", "solid"))
DASHES = ("dotted", "dashed", "dashdot", "solid")
# Of values of both signs, in units of the largest: blue below zero, white at zero, warm above.
BOTH_SIGNS = (
    (-1.0, "#2c5a8c"),
    (-0.5, "#77aadd"),
    (0.0, "#ffffff"),
    (0.3, "#fee391"),
    (0.6, "#fb9a29"),
    (1.0, "#993404"),
)
# Values that span less than this factor have a linear scale; a logarithmic one shows so many decades at most.
LITTLE = 2.0
DECADES = 30


def exponent_map(settings: ExponentDiagram, cube: Path, crossovers: Path) -> Scene:
    """The local exponent -d ln(variable)/d ln(axis) over two axes, with contours.

    Of dephasing times along T colours and contours are those of the theory; else they span what occurs.
    """
    name, along = settings.variable, settings.along
    whole = read_slice(cube, without(settings.at, along), (name,))
    variable = whole[name]
    local = variable.copy(data=exponent(variable.values, whole[along].values, variable.dims.index(along)))
    if along in settings.at:
        place = next(i for i, value in enumerate(whole[along].values) if same(value, settings.at[along]))
        local = local.isel({along: place})
    cells = read_plane(settings, cube, (name,), ("status",))
    masks = status_masks(cells)
    values = local.transpose(settings.y, settings.x).values
    values = np.where(without_value(masks, values.shape), np.nan, values)
    symbol = variable.attrs.get("symbol") or rf"\mathrm{{{words(name)}}}"
    axis_symbol = whole[along].attrs.get("symbol", along)
    if whole.attrs.get("quantity") == "dephasing" and along == "T":
        limits, levels = (EXPONENT_COLOURS[0][0], EXPONENT_COLOURS[-1][0]), EXPONENTS
        colours, bar_ticks = blend(EXPONENT_COLOURS, 256), tuple((level, f"${text}$") for level, text, _ in EXPONENTS)
    else:
        shown = values[~masks.get("frozen", np.zeros(values.shape, bool))]
        limits = _limits(shown if np.isfinite(shown).any() else values, 1e-3)
        colours = _linear_colours(*limits)
        places = ticks(*limits, "linear")
        bar_ticks = tuple((value, f"${number(value)}$") for value in places)
        # No more contours than dashes that tell them apart.
        chosen = places[:: int(np.ceil(len(places) / len(DASHES)))]
        levels = [(level, number(level), dash) for level, dash in zip(chosen, DASHES, strict=False)]
    mesh = mesh_of(
        cells,
        settings,
        values,
        palette(settings.colormap, 256) if settings.colormap else colours,
        limits,
        bar=rf"$-\partial \ln {symbol}/\partial \ln {axis_symbol}$",
        bar_ticks=bar_ticks,
        extend=_extend((values > limits[1]).any(), (values < limits[0]).any()),
    )
    contours = [
        Line(
            *contour(mesh.x, mesh.y, values, level, mesh.scales),
            colour="#000000",
            width=1.8,
            dash=dash,
            label=f"exponent ${text}$",
        )
        for level, text, dash in levels
    ]
    layers = [mesh, *overlays(mesh, masks, STATUSES), *[line for line in contours if line.x.size]]
    return scene_of(settings, cells, layers, f"Local exponent of ${symbol}$", legend="bottom")


def value_map(settings: ValueDiagram, cube: Path, crossovers: Path) -> Scene:
    """A variable over two axes in colours with contours: logarithmic with one at every decade, or linear."""
    cells = read_plane(settings, cube, (settings.variable,), ("status",))
    variable = cells[settings.variable]
    masks = status_masks(cells)
    values = np.where(without_value(masks, variable.shape), np.nan, variable.values)
    shown = values[~masks.get("frozen", np.zeros(values.shape, bool))]
    shown = shown if np.isfinite(shown).any() else values
    title = variable.attrs.get("long_name") or words(settings.variable)
    drawn = _linear_map if (settings.scale or _scale(shown)) == "linear" else _log_map
    return drawn(settings, cells, values, shown, variable, masks, STATUSES, title)


def _scale(values: np.ndarray) -> str:
    """Linear for values of which any is negative, or that span little; values that are zero alone have no logarithm."""
    finite = values[np.isfinite(values)]
    if not finite.size:
        return "log"
    return "linear" if finite.min() < 0 or finite.max() <= LITTLE * finite.min() or finite.max() == 0 else "log"


def _limits(values: np.ndarray, least: float = 0.0) -> tuple[float, float]:
    """The range of the values, widened if they are all the same but for `least`, or for rounding."""
    finite = values[np.isfinite(values)]
    lower, upper = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 1.0)
    least = max(least, 1e-6 * max(abs(lower), abs(upper), 1e-300))
    return (lower, upper) if upper - lower > least else (lower - 0.05 * abs(lower or 1), upper + 0.05 * abs(upper or 1))


def _linear_colours(lower: float, upper: float) -> list[str]:
    if lower >= 0 or upper <= 0:
        return palette("viridis", 256)
    largest = max(-lower, upper)
    return blend([(value * largest, colour) for value, colour in BOTH_SIGNS], 256, (lower, upper))


def _linear_map(settings, cells, values, shown, variable, masks, legend_of, title) -> Scene:
    unit = str(variable.attrs.get("units", "1"))
    lower, upper = _limits(shown)
    power = prefix_of(unit, lower, upper)
    factor = 10.0**-power
    lower, upper = lower * factor, upper * factor
    label = axis_label(str(variable.name), variable.attrs.get("symbol"), unit, power)
    places = ticks(lower, upper, "linear")
    mesh = mesh_of(
        cells,
        settings,
        values * factor,
        palette(settings.colormap, 256) if settings.colormap else _linear_colours(lower, upper),
        (lower, upper),
        told={label: _five_digits(values * factor)},
        bar=label if np.isfinite(shown).any() else "",
        bar_ticks=tuple((value, f"${number(value)}$") for value in places),
    )
    lines = [
        Line(*contour(mesh.x, mesh.y, mesh.values, level, mesh.scales), colour="#555555", width=1.0, opacity=0.8)
        for level in places
    ]
    lines = [line for line in lines if line.x.size]
    notes = ("Lines: at the values of the colour bar's ticks.",) if lines else ()
    layers = [mesh, *lines, *overlays(mesh, masks, legend_of)]
    return scene_of(settings, cells, layers, title[:1].upper() + title[1:], "bottom", notes)


def _five_digits(values: np.ndarray) -> np.ndarray:
    return np.vectorize(lambda value: f"{value:.5g}", otypes=[object])(values)


def crossover_map(settings: CrossoverDiagram, cube: Path, crossovers: Path) -> Scene:
    """A crossover over two axes in logarithmic colours, with the cells in which it is censored.

    Of a window of apparent saturation the ratio of its ends is shown.
    """
    name = settings.crossover
    shown = name if name in axes_in(crossovers) else f"{name}_ratio"
    cells = read_plane(settings, crossovers, (shown,), (f"{name}_censoring",))
    masks, variable = {}, cells[shown]
    # A closed form is never censored.
    for censoring in (each for each in cells.data_vars.values() if "flag_meanings" in each.attrs):
        masks = {
            meanings[0]: censoring.values == value
            for value, meanings in flag_words(censoring.values, censoring.attrs).items()
            if meanings and meanings[0] != "found"
        }
    axis = PARAMETERS[axis_of(variable)]
    symbol = variable.attrs.get("symbol") or crossover_symbol(name)
    if shown == name:
        variable.attrs["symbol"], title = symbol, f"Crossover {axis.long_name} ${symbol}$"
    else:
        stem = r"T_\mathrm{high}/T_\mathrm{low}" if axis.name == "T" else r"\mathrm{high}/\mathrm{low}"
        variable.attrs["symbol"], title = stem, f"{words(name)}: width of the window"
    return _log_map(settings, cells, variable.values, variable.values, variable, masks, CENSORING, title)


def _log_map(settings, cells, values, shown, variable, masks, legend_of, title) -> Scene:
    positive = _positive(shown)
    lower, upper = (positive.min(), positive.max()) if positive.size else (1.0, 10.0)
    lower = max(lower, upper * 10.0**-DECADES)
    unit = str(variable.attrs.get("units", "1"))
    power = prefix_of(unit, lower, upper)
    scale = 10.0**-power
    lower, upper = np.log10(lower * scale), np.log10(upper * scale)
    lower, upper = (lower - 0.05, upper + 0.05) if upper - lower < 0.1 else (lower, upper)
    logs = np.full(values.shape, np.nan)
    finite = np.isfinite(values) & (values > 0)
    logs[finite] = np.log10(values[finite] * scale)
    # What has no logarithm lies below the scale.
    logs[np.isfinite(values) & (values <= 0)] = lower - 1
    label = axis_label(str(variable.name), variable.attrs.get("symbol"), unit, power)
    mesh = mesh_of(
        cells,
        settings,
        logs,
        palette(settings.colormap or "viridis", 256),
        (lower, upper),
        told={label: _five_digits(values * scale)},
        bar=label if positive.size else "",
        bar_ticks=tuple((np.log10(value), f"${number(value)}$") for value in ticks(10**lower, 10**upper)),
        extend=_extend((logs > upper + 1e-9).any(), (logs < lower - 1e-9).any()),
    )
    levels = np.arange(np.ceil(lower), np.floor(upper) + 1)
    step = max(1, int(np.ceil(levels.size / 12)))
    decades = [
        Line(*contour(mesh.x, mesh.y, logs, level, mesh.scales), colour="#ffffff", width=1.0, opacity=0.8)
        for level in levels[::step]
    ]
    decades = [line for line in decades if line.x.size]
    layers = [mesh, *decades, *overlays(mesh, masks, legend_of)]
    notes = (f"White lines: one for each {'decade' if step == 1 else f'{step} decades'}.",) if decades else ()
    return scene_of(settings, cells, layers, title[:1].upper() + title[1:], "bottom", notes)


def _extend(above: bool, below: bool) -> str:
    return {(True, True): "both", (True, False): "max", (False, True): "min"}.get((bool(above), bool(below)), "neither")


def _positive(values: np.ndarray) -> np.ndarray:
    return values[np.isfinite(values) & (values > 0)]
