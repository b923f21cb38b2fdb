"""Regime maps: which channel dominates over two axes and how it dephases, with crossover lines."""

from pathlib import Path

import numpy as np
import xarray

from survey.diagram_data import along, flag_words, read_slice, status_masks, without
from survey.diagram_geometry import edges
from survey.diagram_plane import STATUSES, mesh_of, overlays, read_plane, scaled_axis, scene_of, without_value
from survey.diagram_text import crossover_symbol, words
from survey.errors import SurveyError
from survey.scene import Line, Mesh, Scene, swatch

# Pale, colour-blind safe fills that stay apart beside each other and under dark lines (the "light" scheme of P. Tol).
REGIMES = (
    ({"frozen_out"}, r"frozen out: $T \ll \Lambda$", "#dddddd"),
    ({"resonant_dominates", "phase_wandering"}, "resonant, phase wandering", "#99ddff"),
    ({"resonant_dominates", "phase_jump"}, "resonant, phase jumps", "#77aadd"),
    ({"relaxation_dominates", "slow_defects"}, "relaxation, slow defects", "#eedd88"),
    ({"relaxation_dominates", "slow_and_fast_defects"}, "relaxation, slow and fast", "#ffaabb"),
    ({"relaxation_dominates", "fast_defects"}, "relaxation, fast defects", "#ee8866"),
)
OTHER_REGIMES = ("#44bb99", "#bbcc33", "#aaaa00", "#77aadd", "#eedd88", "#ffaabb", "#99ddff", "#ee8866")
LINE_COLOURS = ("#000000", "#332288", "#882255", "#117733", "#661100", "#aa4499")


def regime_map(settings, cube: Path, crossovers: Path) -> Scene:
    """The regimes over two axes in categorical colours, each named in the legend, with crossover lines over them.

    A cell takes the colour of the channel that dominates and of that channel's own kind of dephasing; the interactive
    version tells all flags of the cell.
    """
    cells = read_plane(settings, cube, ("regime",), ("status", "tau_phi"))
    masks = status_masks(cells)
    regimes = cells["regime"]
    shown = ~without_value(masks, regimes.shape)
    found = {value: _regime(meanings) for value, meanings in flag_words(regimes, shown).items()}
    order = sorted(set(found.values()), key=_rank)
    classes = np.full(regimes.shape, np.nan)
    for value, entry in found.items():
        classes[(regimes.values == value) & shown] = order.index(entry)
    colours = [colour or OTHER_REGIMES[position % len(OTHER_REGIMES)] for position, (_, colour) in enumerate(order)]
    mesh = mesh_of(cells, settings, classes, colours or ["#ffffff"], (-0.5, max(len(order), 1) - 0.5))
    swatches = [swatch(colour, text) for colour, (text, _) in zip(colours, order, strict=True)]
    lines = _crossover_lines(settings, crossovers, cells) if settings.crossovers else []
    masks.pop("frozen", None)
    seen = [line for line in lines if _in_frame(line, mesh)]
    halos = [Line(line.x, line.y, "#ffffff", width=4.5, opacity=0.85) for line in seen]
    outside = [line.label for line in lines if not _in_frame(line, mesh)]
    notes = (f"Not within the frame: {'; '.join(outside)}.",) if outside else ()
    layers = [mesh, *swatches, *overlays(mesh, masks, STATUSES), *halos, *seen]
    return scene_of(settings, cells, layers, "Regimes of dephasing", "right", notes)


def _in_frame(line: Line, mesh: Mesh) -> bool:
    """Whether any point of the line lies within the cells; NaN does not."""
    inside_x = (line.x >= mesh.x_edges[0]) & (line.x <= mesh.x_edges[-1])
    return bool((inside_x & (line.y >= mesh.y_edges[0]) & (line.y <= mesh.y_edges[-1])).any())


def _regime(meanings: tuple[str, ...]) -> tuple[str, str]:
    """Text and colour of a regime; a regime that is not in the table is spelt out and gets its colour later."""
    for needed, text, colour in REGIMES:
        if needed <= set(meanings):
            return text, colour
    return ", ".join(map(words, meanings)), ""


def _rank(entry: tuple[str, str]) -> tuple[int, str]:
    known = [(text, colour) for _, text, colour in REGIMES]
    return (known.index(entry) if entry in known else len(known), entry[0])


def _crossover_lines(settings, path: Path, cells: xarray.Dataset) -> list[Line]:
    """Located crossover temperatures as solid lines, their closed forms dashed, over a map that has T as an axis."""
    if "T" not in (settings.x, settings.y):
        raise SurveyError(f"crossover lines need T as an axis of the diagram; found {settings.x} and {settings.y}")
    other = settings.y if settings.x == "T" else settings.x
    with xarray.open_dataset(path, engine="netcdf4", decode_cf=False) as found:
        names = set(map(str, found.data_vars))
    lines = []
    for position, crossover in enumerate(settings.crossovers):
        parts = [part for part in (crossover, f"{crossover}_low", f"{crossover}_high") if part in names]
        closed = f"{crossover}_closed_form"
        parts += [closed] if closed in names else []
        if not parts:
            raise SurveyError(f"{path}: found no crossover {crossover!r}")
        colour = LINE_COLOURS[position % len(LINE_COLOURS)]
        selected = read_slice(path, without(settings.at, "T"), parts)
        for part in parts:
            coordinates, temperatures = along(selected, part, other)
            temperatures = temperatures * scaled_axis(cells["T"], edges(cells["T"].values))[1]
            coordinates = coordinates * scaled_axis(cells[other], edges(cells[other].values))[1]
            x, y = (temperatures, coordinates) if settings.x == "T" else (coordinates, temperatures)
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
