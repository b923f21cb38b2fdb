"""What the figures of an inference share: findings beside each other, axes of parameters, and words."""

import textwrap
from itertools import cycle
from math import ceil
from pathlib import Path

import numpy as np
import xarray

from physics import PARAMETERS
from physics.constants import BOLTZMANN
from survey.draw.geometry import ticks
from survey.draw.picture.scene import Axis
from survey.mathtext import axis_label, prefix_of
from survey.store.trees import read_tree

COLOURS = ("#4477aa", "#ee6677", "#228833", "#ccbb44", "#66ccee", "#aa3377", "#ee7733", "#009988")
SYNTHETIC = "Synthetic data: made up to try the method, not measured."
# Letters of a heading in a line.
_WIDE = 105
# On the axes of small panels there is room for so many.
_TICKS = 6
BACKGROUND, BLACK = "background", "#222222"
# What a parameter is shown in where that is not its unit with a prefix: unit, factor to it.
_SHOWN = {
    "Pd": ("K-1 cm-3", BOLTZMANN * 1e-6),
    "n_imp": ("cm-3", 1e-6),
    "n_T": ("cm-3", 1e-6),
}

Finding = tuple[dict, dict[str, xarray.Dataset]]


def read_findings(beside: Path, names) -> dict[str, Finding]:
    """The findings of these names in the folder of one of them: attributes and groups of each."""
    return {name: read_tree(beside.with_name(f"{name}.nc")) for name in names}


def factor_of(name: str, lower: float, upper: float) -> tuple[str, float]:
    """The label of an axis of a parameter, and the factor from its unit in the vocabulary to that of the label."""
    parameter = PARAMETERS[name]
    if name in _SHOWN:
        unit, factor = _SHOWN[name]
        return axis_label(name, parameter.symbol, unit, 0), factor
    power = prefix_of(parameter.unit, lower, upper)
    return axis_label(name, parameter.symbol, parameter.unit, power), 10.0**-power


def log_axis(label: str, lower: float, upper: float, room: float = 0.0) -> Axis:
    """A logarithmic axis; `room` is left at either end, as a part of its length."""
    beyond = (upper / lower) ** room
    lower, upper = float(lower / beyond), float(upper * beyond)
    found = ticks(lower, upper)
    return Axis(label, lower, upper, tuple(found[:: ceil(len(found) / _TICKS)]))


def wrapped(text: str) -> str:
    """A sentence in lines of a heading."""
    return "\n".join(textwrap.wrap(text, _WIDE))


def colours_of(rivals) -> dict[str, str]:
    """The colour of each rival, the same in all figures."""
    others = cycle(COLOURS)
    return {name: BLACK if name == BACKGROUND else next(others) for name in rivals}


def at_least_two(x: np.ndarray, *values: np.ndarray) -> tuple[np.ndarray, ...]:
    """Values (n) at x (n), both in ascending order of x; a single one over a short piece of a logarithmic axis."""
    order = np.argsort(x, kind="stable")
    if np.ptp(x) == 0:
        return x.min() * np.array([0.94, 1.06]), *(np.repeat(np.mean(each), 2) for each in values)
    return x[order], *(each[order] for each in values)
