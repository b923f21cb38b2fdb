"""What curves and comparisons share: their vertical axis, and curves that are pale where the theory is in doubt."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
import xarray

from survey.draw.geometry import even, ticks, uneven
from survey.draw.picture.scene import Axis, Line
from survey.draw.slices import status_masks
from survey.flags import flag_text
from survey.mathtext import axis_label, inverse_unit, over, prefix_of, words

# A logarithmic axis shows so many decades at most: what lies deeper is zero for every purpose.
DECADES = 30
# Curves nearer than this part of the height are seen as one. Below another a curve is so many pixels wider, at most
# four times.
TOLD_APART, WIDER, MOST_WIDER = 0.003, 2.6, 4


@dataclass(frozen=True)
class Curve:
    """A curve in the units of the axes' labels, and where it is pale."""

    x: np.ndarray
    y: np.ndarray
    pale: np.ndarray
    colour: str
    dash: str = "solid"
    label: str = ""
    width: float = 2.8


def apart(curves: Iterable[Curve], names: Iterable[str], y: Axis) -> tuple[list[Curve], list[str]]:
    """Curves that lie on each other made visible, each wider than the one above it, and a note that names them."""
    found = list(curves)
    groups: list[list[int]] = []
    for place, curve in enumerate(found):
        own = next((group for group in groups if _coincide(found[group[0]], curve, y)), None)
        groups.append([place]) if own is None else own.append(place)
    notes, texts = [], list(names)
    for group in (each for each in groups if len(each) > 1):
        alike = len({found[place].colour for place in group}) == 1
        # Of one colour, what is dashed shows as it is wider than what is not.
        order = sorted(group, key=lambda place: (alike and found[place].dash == "solid", place))
        for above, place in enumerate(reversed(order)):
            found[place] = replace(found[place], width=found[place].width + WIDER * min(above, MOST_WIDER))
        notes.append(f"On each other: {', '.join(texts[place] for place in group)}.")
    return found, notes


def _coincide(one: Curve, other: Curve, y: Axis) -> bool:
    """Whether two curves cannot be told apart in the frame, wherever both have a value there."""
    if one.x.shape != other.x.shape or not np.allclose(one.x, other.x, rtol=1e-9):
        return False
    both = [np.where(_shown(each.y, y.scale), each.y, np.nan) for each in (one, other)]
    inside = np.all([(each >= y.lower) & (each <= y.upper) for each in both], axis=0)
    heights = [even(each[inside], y.scale) for each in both]
    whole = float(even(y.upper, y.scale) - even(y.lower, y.scale))
    return bool(inside.sum() > 1 and np.max(np.abs(heights[0] - heights[1])) < TOLD_APART * whole)


def doubtful(cells: xarray.Dataset, known: np.ndarray) -> dict[str, np.ndarray]:
    """For each status in which a cell has a number, but one that is in doubt, the cells that have it."""
    return {name: mask & known for name, mask in status_masks(cells).items() if (mask & known).any()}


def pale_note(names: Iterable[str]) -> list[str]:
    """The note that says what is pale, from the statuses that occur."""
    texts = [flag_text(name) for name in dict.fromkeys(names)]
    return [f"Pale: {'; '.join(texts)}."] if texts else []


def shown(settings, values: np.ndarray) -> np.ndarray:
    """What is drawn of a variable: the variable, or its inverse."""
    if not settings.inverse:
        return values
    with np.errstate(divide="ignore"):
        return 1 / np.asarray(values, dtype=np.float64)


def shown_symbol(settings, symbol: str | None, name: str) -> str | None:
    """The symbol of what is drawn of a variable."""
    if not settings.inverse:
        return symbol
    symbol = symbol or rf"\mathrm{{{words(name)}}}"
    return symbol[2:] if symbol.startswith("1/") else f"1/{symbol}"


def shown_title(settings, attrs, name: str) -> str:
    """The heading of a diagram by default, from the variable's attributes."""
    title = ("inverse " if settings.inverse else "") + (attrs.get("long_name") or words(name))
    return f"{title[:1].upper()}{title[1:]} against "


def value_axis(settings, values: np.ndarray, frozen: np.ndarray, name: str, symbol: str | None, unit: str):
    """The vertical axis of curves with all these values as they are `shown` (NaN where there is none), and the factor
    from their unit to that of the label; `symbol` is that of what is shown, `name` and `unit` are the variable's own.
    Frozen cells, whose times exceed any clock, may reach a factor 10 beyond the others."""
    finite = np.isfinite(values)
    scale = settings.y_scale or ("linear" if (values[finite] < 0).any() or not (values[finite] > 0).any() else "log")
    good = _shown(values, scale)
    calm = good & ~frozen
    calm = calm if calm.any() else good
    lower, upper = (values[good].min(), values[good].max()) if good.any() else (1.0, 10.0)
    if scale == "log" and good.any():
        if settings.inverse:
            lower = max(lower, values[calm].min() / 10)
        else:
            upper = min(upper, 10 * values[calm].max())
        lower = max(lower, upper * 10.0**-DECADES)
    unit = inverse_unit(unit) if settings.inverse else unit
    factor, power = 1 / settings.y_per.value if settings.y_per else 1.0, 0
    lower, upper = settings.y_range or (lower * factor, upper * factor)
    if settings.y_per:
        symbol, unit = over(symbol, name, settings.y_per.symbol), "1"
    else:
        power = prefix_of(unit, lower, upper)
        lower, upper, factor = lower * 10.0**-power, upper * 10.0**-power, 10.0**-power
    if settings.y_range is None:
        lower, upper = (lower / 1.6, upper * 1.6) if scale == "log" else _with_room(lower, upper)
    label = axis_label(name, symbol, unit, power)
    return Axis(label, lower, upper, tuple(ticks(lower, upper, scale)), scale), factor


def empty_frame(values: np.ndarray, x: Axis, y: Axis) -> tuple[list[Line], list[str]]:
    """If none of the values can be shown, a line that is not seen, for a frame needs something in it, and a note."""
    if _shown(values, y.scale).any():
        return [], []
    kind = "finite positive" if y.scale == "log" else "finite"
    diagonal = Line(np.array([x.lower, x.upper]), np.array([y.lower, y.upper]), "#ffffff", opacity=0.0)
    return [diagonal], [f"There is no {kind} value in this slice."]


def _shown(values: np.ndarray, scale: str) -> np.ndarray:
    return np.isfinite(values) & ((values > 0) | (scale == "linear"))


def _with_room(lower: float, upper: float) -> tuple[float, float]:
    room = 0.06 * (upper - lower) or 0.1 * abs(upper) or 1.0
    return lower - room, upper + room


def lines_of(curve: Curve, y: Axis) -> list[Line]:
    """The curve, strong where it is certain and pale where it is not, without a gap between the two."""
    values = np.where(_shown(curve.y, y.scale), curve.y, np.nan)
    pale = curve.pale
    near = pale | np.concatenate([pale[1:], [False]]) | np.concatenate([[False], pale[:-1]])
    certain = np.where(pale, np.nan, values)
    style = {"colour": curve.colour, "dash": curve.dash, "hover": True}
    lines = [Line(curve.x, certain, width=curve.width, label=curve.label, **style)]
    if pale.any():
        lines.append(Line(curve.x, np.where(near, values, np.nan), width=curve.width - 0.8, opacity=0.4, **style))
    return lines


def height(curve: Curve, place: float, x: Axis, y: Axis) -> float:
    """The curve's value at a place on its axis, interpolated on the scales of the axes; NaN where it has none."""
    with np.errstate(invalid="ignore", divide="ignore"):
        found = np.interp(even(place, x.scale), even(curve.x, x.scale), even(curve.y, y.scale), np.nan, np.nan)
        return float(uneven(found, y.scale))
