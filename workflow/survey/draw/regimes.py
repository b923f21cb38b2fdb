"""Regime maps: which channel dominates over two axes, or what any other flag variable says, with crossover lines."""

from pathlib import Path

import numpy as np
import xarray

from survey.config.maps import RegimeDiagram
from survey.draw.picture.scene import Line, Mesh, Scene, swatch
from survey.draw.plane import STATUSES, axes_of, mesh_of, overlays, read_plane, scene_of, without_value
from survey.draw.slices import along, axes_in, axis_of, read_slice, status_masks
from survey.errors import SurveyError
from survey.flags import REGIMES, classes_of, of_dephasing
from survey.mathtext import crossover_symbol, words

LINE_COLOURS = ("#000000", "#332288", "#882255", "#117733", "#661100", "#aa4499")


def regime_map(settings: RegimeDiagram, cube: Path, crossovers: Path) -> Scene:
    """A flag variable over two axes in categorical colours, each named in the legend, with crossover lines over them.

    Of the regimes of dephasing a cell takes the colour of the channel that dominates and of that channel's own kind of
    dephasing; of any other variable each value that occurs has its colour. The interactive version tells all flags.
    """
    name = settings.variable
    cells = read_plane(settings, cube, (name,), ("status",))
    masks = status_masks(cells) if name != "status" else {}
    flags = cells[name]
    values, order = classes(flags, ~without_value(masks, flags.shape))
    colours = [colour for _, colour in order] or ["#ffffff"]
    mesh = mesh_of(cells, settings, values, colours, (-0.5, len(colours) - 0.5))
    swatches = [swatch(colour, text) for text, colour in order]
    lines = _crossover_lines(settings, crossovers, cells) if settings.crossovers else []
    if any(text == REGIMES[0][1] for text, _ in order):
        masks.pop("frozen", None)
    seen = [line for line in lines if _in_frame(line, mesh)]
    halos = [Line(line.x, line.y, "#ffffff", width=4.5, opacity=0.85) for line in seen]
    outside = [line.label for line in lines if not _in_frame(line, mesh)]
    notes = (f"Not within the frame: {'; '.join(outside)}.",) if outside else ()
    layers = [mesh, *swatches, *overlays(mesh, masks, STATUSES), *halos, *seen]
    title = str(flags.attrs.get("long_name") or words(name))
    title = "Regimes of dephasing" if of_dephasing(flags.attrs) else f"{title[:1].upper()}{title[1:]}"
    return scene_of(settings, cells, layers, title, "right", notes)


def classes(flags: xarray.DataArray, shown: np.ndarray) -> tuple[np.ndarray, list[tuple[str, str]]]:
    """The classes of a flag variable in the cells `shown`: their numbers, NaN elsewhere; text and colour of each."""
    numbers, order = classes_of(flags.values[shown], flags.attrs)
    values = np.full(flags.shape, np.nan)
    for value, place in numbers.items():
        values[(flags.values == value) & shown] = place
    return values, order


def _in_frame(line: Line, mesh: Mesh) -> bool:
    """Whether any point of the line lies within the cells; NaN does not."""
    inside_x = (line.x >= mesh.x_edges[0]) & (line.x <= mesh.x_edges[-1])
    return bool((inside_x & (line.y >= mesh.y_edges[0]) & (line.y <= mesh.y_edges[-1])).any())


def _crossover_lines(settings, path: Path, cells: xarray.Dataset) -> list[Line]:
    """Located crossovers as solid lines, their closed forms dashed, over a map with their axis as x or y."""
    names = axes_in(path)
    (_, x_factor), (_, y_factor) = axes_of(settings, cells)
    factors = {settings.x: x_factor, settings.y: y_factor}
    lines = []
    for position, crossover in enumerate(settings.crossovers):
        parts = [part for part in (crossover, f"{crossover}_low", f"{crossover}_high") if part in names]
        closed = f"{crossover}_closed_form"
        parts += [closed] if closed in names else []
        if not parts:
            raise SurveyError(f"{path}: found no crossover {crossover!r}")
        colour = LINE_COLOURS[position % len(LINE_COLOURS)]
        selected = read_slice(path, settings.at, parts)
        own = axis_of(selected[parts[0]])
        if own not in factors:
            raise SurveyError(
                f"{crossover} lies along {own}; the axes of the diagram are {settings.x} and {settings.y}"
            )
        other = settings.y if settings.x == own else settings.x
        for part in parts:
            coordinates, values = along(selected, part, cells[other])
            coordinates, values = coordinates * factors[other], values * factors[own]
            x, y = (values, coordinates) if settings.x == own else (coordinates, values)
            label, dash = _line_words(crossover, part, selected[part].attrs.get("symbol"))
            lines.append(Line(x, y, colour, width=2.4, dash=dash, label=label))
    return lines


def _line_words(crossover: str, part: str, symbol: str | None) -> tuple[str, str]:
    base = f"${symbol or crossover_symbol(crossover)}$"
    if part.endswith("_closed_form"):
        return f"{base}, closed form", "dashed"
    if part.endswith("_low"):
        return f"{words(crossover)}, low end", "dashdot"
    if part.endswith("_high"):
        return f"{words(crossover)}, high end", "solid"
    return base, "solid"
