"""The papers' closed forms as layers of a diagram: laws beside the curves, and the places where they change."""

from itertools import cycle

import numpy as np

from physics.laws import LAWS, Place, evaluate
from survey.draw.geometry import even, uneven
from survey.draw.lines import Curve
from survey.draw.marks import Marked
from survey.draw.scene import Axis, Line, key

# Of the laws of a quantity, and of the places on their axis, in the order of `physics.laws`.
DASHES = ("dotted", "dashed", "dashdot")
MARKERS = ("d", "s", "o", "^")
POINTS = 400


def laws(settings, quantity: str, curves: list[Curve], parameters: list[dict], axis: Axis, factors):
    """The lines of the laws, their entries of the legend, what they mark, and their notes, for the first variable.

    `parameters` are those of each curve by name; `factors` lead from the vocabulary's units to those of the labels. A
    law that all curves share is drawn once, in grey.
    """
    known = LAWS.get(quantity, {})
    lines, keys, notes = [], [], []
    for (name, law), dash in zip(known.items(), cycle(DASHES), strict=False):
        if name in settings.laws:
            function = next(law.functions[each] for each in settings.variables if each in law.functions)
            lines += _lines(function, curves, parameters, settings.x, axis.scale, factors, dash)
            keys.append(key("#444444", law.text, 1.4, dash))
            notes.append(law.note)
    wanted = {place for name in settings.laws for place in known[name].places}
    places = {name: place for law in known.values() for name, place in law.places.items()}
    marked = [
        Marked(f"${place.symbol}$", marker, [_place(name, place, each) for each in parameters])
        for (name, place), marker in zip(places.items(), cycle(MARKERS), strict=False)
        if name in wanted
    ]
    return lines, keys, marked, [note for note in dict.fromkeys(notes) if note]


def _lines(function: str, curves, parameters, x: str, scale: str, factors, dash: str) -> list[Line]:
    lower, upper = (np.array([end(each.x) for each in curves]) for end in (np.min, np.max))
    fine = uneven(np.linspace(even(lower.min(), scale), even(upper.max(), scale), POINTS), scale)
    along = {x: fine / factors[0]}
    values = [factors[1] * evaluate(function, each | along) * np.ones(POINTS) for each in parameters]
    shared = all(np.allclose(each, values[0], rtol=1e-9, equal_nan=True) for each in values)
    drawn = [(values[0], "#444444")] if shared else [(y, each.colour) for y, each in zip(values, curves, strict=True)]
    return [Line(fine, y, colour, width=1.4, dash=dash) for y, colour in drawn]


def _place(name: str, place: Place, parameters: dict) -> float:
    return float(evaluate(place.function, parameters) if place.function else parameters[name])
