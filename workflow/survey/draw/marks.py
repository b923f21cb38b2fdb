"""What stands beside the curves of a diagram: the papers' closed forms, and marked places on the horizontal axis
(stored variables, crossovers, changes of a law)."""

from dataclasses import dataclass
from itertools import cycle
from pathlib import Path

import numpy as np
import xarray

from physics.laws import LAWS, evaluate, value_of
from survey.draw.geometry import even, uneven
from survey.draw.lines import Curve, height
from survey.draw.picture.scene import NOWHERE, Axis, Line, Mark, Points, key
from survey.draw.slices import axes_in, read_slice, spread
from survey.errors import SurveyError
from survey.mathtext import crossover_symbol, named, words

MARKERS = ("v", ">", "<", "o", "d", "s")
# Of the laws of a quantity, and of the places on their axis, in the order of `physics.laws`.
LAW_DASHES = ("dotted", "dashed", "dashdot")
LAW_MARKERS = ("d", "s", "o", "^")
POINTS = 400


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
    known = axes_in(crossovers) if settings.crossovers else {}
    for name in settings.crossovers:
        parts = [part for part in (name, f"{name}_low", f"{name}_high") if part in known]
        if not parts:
            raise SurveyError(f"{crossovers}: found no crossover {name!r}")
        cells = read_slice(crossovers, at, parts)
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


def laws(settings, quantity: str, curves: list[Curve], parameters: list[dict], axis: Axis, factors):
    """The lines of the laws, their entries of the legend, what they mark, and their notes, for the first variable.

    `parameters` are those of each curve by name. `factors` lead from the vocabulary's units to those of the labels: a
    number for x, a function for the variable. A law that all curves share is drawn once, in grey.
    """
    known = LAWS.get(quantity, {})
    lines, keys, notes = [], [], []
    for (name, law), dash in zip(known.items(), cycle(LAW_DASHES), strict=False):
        if name in settings.laws:
            function = next(law.functions[each] for each in settings.variables if each in law.functions)
            lines += _lines(function, curves, parameters, settings.x, axis.scale, factors, dash)
            keys.append(key("#444444", law.text, 1.4, dash))
            notes.append(law.note)
    wanted = {place for name in settings.laws for place in known[name].places}
    places = {name: place for law in known.values() for name, place in law.places.items()}
    marked = [
        Marked(f"${place.symbol}$", marker, [float(value_of(place, each)) for each in parameters])
        for (name, place), marker in zip(places.items(), cycle(LAW_MARKERS), strict=False)
        if name in wanted and place.along == settings.x
    ]
    return lines, keys, marked, [note for note in dict.fromkeys(notes) if note]


def _lines(function: str, curves, parameters, x: str, scale: str, factors, dash: str) -> list[Line]:
    lower, upper = (np.array([end(each.x) for each in curves]) for end in (np.min, np.max))
    fine = uneven(np.linspace(even(lower.min(), scale), even(upper.max(), scale), POINTS), scale)
    along = {x: fine / factors[0]}
    values = [factors[1](evaluate(function, each | along) * np.ones(POINTS)) for each in parameters]
    shared = all(np.allclose(each, values[0], rtol=1e-9, equal_nan=True) for each in values)
    drawn = [(values[0], "#444444")] if shared else [(y, each.colour) for y, each in zip(values, curves, strict=True)]
    return [Line(fine, y, colour, width=1.4, dash=dash) for y, colour in drawn]
