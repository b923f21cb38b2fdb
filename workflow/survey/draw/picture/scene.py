"""A diagram as data: what is drawn, in which order, with which words, before any backend has seen it.

Words are in mathtext; coordinates and values are in the units that the labels name.
"""

from dataclasses import dataclass, field

import numpy as np

NOWHERE = np.array([np.nan])


@dataclass(frozen=True)
class Axis:
    """An axis: its label, the range it shows, the values that get a tick, whether it is "log" or "linear", and the
    names of the ticks where these are no numbers."""

    label: str
    lower: float
    upper: float
    ticks: tuple[float, ...]
    scale: str = "log"
    names: tuple[str, ...] = ()


@dataclass(frozen=True)
class Mesh:
    """Coloured cells: centres and edges along both axes, values of shape (y, x) with NaN where nothing is drawn;
    `scales` are those of the axes (x, y).

    `hover` holds, by name, what the interactive version tells about each cell (text or numbers of shape (y, x)).
    `bar` is the label of the colour bar, with its ticks and their texts; a mesh without one has no colour bar.
    """

    x: np.ndarray
    y: np.ndarray
    x_edges: np.ndarray
    y_edges: np.ndarray
    values: np.ndarray
    colours: tuple[str, ...]
    limits: tuple[float, float]
    hover: dict[str, np.ndarray] = field(default_factory=dict)
    bar: str = ""
    bar_ticks: tuple[tuple[float, str], ...] = ()
    extend: str = "neither"
    scales: tuple[str, str] = ("log", "log")


@dataclass(frozen=True)
class Line:
    """A line; NaN separates its pieces. A label puts it into the legend."""

    x: np.ndarray
    y: np.ndarray
    colour: str
    width: float = 2.0
    dash: str = "solid"
    opacity: float = 1.0
    label: str = ""
    hover: bool = False


@dataclass(frozen=True)
class Points:
    """Symbols at points, of a diameter in pixels; `hatch` is the slope of the hatching inside: 1 rises, -1 falls, 2 is
    both, 3 and -3 are the same as 1 and -1 with fewer lines, 0 is none."""

    x: np.ndarray
    y: np.ndarray
    colour: str
    marker: str = "o"
    size: float = 9.0
    edge: str = "#222222"
    hatch: int = 0
    label: str = ""


@dataclass(frozen=True)
class Band:
    """What lies between two curves over x, filled."""

    x: np.ndarray
    lower: np.ndarray
    upper: np.ndarray
    colour: str
    opacity: float = 0.2


@dataclass(frozen=True)
class Mark:
    """A vertical line at x with a text above the frame."""

    x: float
    text: str


@dataclass(frozen=True)
class Scene:
    """A whole diagram. `subtitle` names the slice, `notes` explain what the legend cannot."""

    title: str
    x: Axis
    y: Axis
    layers: tuple[Mesh | Line | Points | Band | Mark, ...]
    legend: str = "right"
    notes: tuple[str, ...] = ()
    subtitle: str = ""


@dataclass(frozen=True)
class Sheet:
    """Scenes in rows, as panels of one diagram: the title of each stands above its frame. `heights` are the shares of
    the rows."""

    title: str
    rows: tuple[tuple[Scene, ...], ...]
    heights: tuple[float, ...]
    notes: tuple[str, ...] = ()
    subtitle: str = ""


# Left, bottom, width and height as parts of a whole.
Frame = tuple[float, float, float, float]
FRAME: Frame = (0.1, 0.15, 0.78, 0.72)
# What stands beside and below the frame of a panel, and above it, in pixels.
_BESIDE, _BELOW, _ABOVE = 90.0, 70.0, 30.0


def panels(drawn: Scene | Sheet, width: float, height: float) -> list[tuple[Scene, Frame]]:
    """The scenes of a diagram of so many pixels, row by row, each with its frame."""
    if isinstance(drawn, Scene):
        return [(drawn, FRAME)]
    columns, top, found = max(map(len, drawn.rows)), 1.0, []
    for row, share in zip(drawn.rows, drawn.heights, strict=True):
        tall = share / sum(drawn.heights)
        top -= tall
        for place, scene in enumerate(row):
            beside, below = _BESIDE / width, _BELOW / height
            size = 1 / columns - 1.15 * beside, tall - below - _ABOVE / height
            found.append((scene, (place / columns + beside, top + below, *size)))
    return found


def swatch(colour: str, label: str, hatch: int = 0) -> Points:
    """An entry of the legend alone: a square of the colour, hatched or not."""
    return Points(NOWHERE, NOWHERE, colour, marker="s", size=16.0, hatch=hatch, label=label)


def key(colour: str, label: str, width: float, dash: str) -> Line:
    """An entry of the legend alone: a line."""
    return Line(NOWHERE, NOWHERE, colour, width=width, dash=dash, label=label)
