"""Places on the horizontal axis that a diagram of curves marks: stored variables, crossovers, changes of a law."""

from dataclasses import dataclass
from itertools import cycle
from pathlib import Path

import numpy as np
import xarray

from survey.draw.lines import Curve, height
from survey.draw.scene import NOWHERE, Axis, Mark, Points
from survey.draw.slices import read_slice, spread, without
from survey.errors import SurveyError
from survey.mathtext import crossover_symbol, named, words

MARKERS = ("v", ">", "<", "o", "d", "s")


@dataclass(frozen=True)
class Marked:
    """What is marked: its words, its marker, its place on each curve in the unit of the vocabulary, NaN for none."""

    text: str
    marker: str
    places: list[float]


def stored_marks(settings, cube: Path, crossovers: Path, at: dict) -> list[Marked]:
    """The variables and the crossovers that curves mark, at the family's values."""
    found = []
    for label, name in settings.marked:
        cells = read_slice(cube.with_name(f"{label}.nc"), at, (name,))
        text = named(name, cells[name].attrs.get("symbol"))
        text = text if label == settings.quantity else f"{text}, {words(label)}"
        found.append((text, _on_curves(settings, cells, name)))
    for name in settings.crossovers:
        with xarray.open_dataset(crossovers, engine="netcdf4", decode_cf=False) as stored:
            parts = [part for part in (name, f"{name}_low", f"{name}_high") if part in stored]
        if not parts:
            raise SurveyError(f"{crossovers}: found no crossover {name!r}")
        cells = read_slice(crossovers, without(at, "T"), parts)
        for part in parts:
            symbol = cells[part].attrs.get("symbol") or crossover_symbol(part)
            text = f"${symbol}$" if part == name else words(part)
            found.append((text, _on_curves(settings, cells, part)))
    return [Marked(text, marker, places) for (text, places), marker in zip(found, cycle(MARKERS), strict=False)]


def _on_curves(settings, cells: xarray.Dataset, name: str) -> list[float]:
    """A variable for each value of the family, the same for all where it does not depend on it."""
    count = len(settings.values) if settings.family else 1
    own = spread(cells[[name]], *cells[name].dims)[name].values
    return [float(value) for value in np.broadcast_to(own, count)]


def layers_of(marked: Marked, curves: list[Curve], x: Axis, y: Axis, factor: float) -> list[Mark | Points]:
    """The marks on the curves: a vertical line if all curves share their place, else a symbol on each curve."""
    places = np.array(marked.places) * factor
    first, last = (end([end(curve.x) for curve in curves]) for end in (np.min, np.max))
    inside = (places >= first) & (places <= last)
    if np.allclose(places, places[0], rtol=1e-9):
        return [Mark(float(places[0]), marked.text)] if inside[0] else []
    points = []
    for curve, place in zip(curves, places, strict=True):
        value = height(curve, place, x, y) if first <= place <= last else np.nan
        if y.lower <= value <= y.upper:
            points.append(Points(np.array([place]), np.array([value]), curve.colour, marker=marked.marker, size=12))
    return (
        [*points, Points(NOWHERE, NOWHERE, "#ffffff", marker=marked.marker, size=12, label=marked.text)]
        if points
        else []
    )
