"""Geometry on logarithmic and linear axes: the edges of cells, ticks, contours and hatching, as arrays that any backend
draws. A `scale` is "log" or "linear"."""

import math

import contourpy
import numpy as np


def even(values, scale: str) -> np.ndarray:
    """The values as distances along an axis of this scale: their logarithms, or themselves."""
    values = np.asarray(values, dtype=np.float64)
    return np.log(values) if scale == "log" else values


def uneven(places, scale: str) -> np.ndarray:
    """The inverse of `even`: the values at these distances along an axis."""
    return np.exp(places) if scale == "log" else np.asarray(places, dtype=np.float64)


def edges(centres: np.ndarray, scale: str = "log") -> np.ndarray:
    """The n + 1 edges of the cells around n >= 2 ascending centres, halfway between them on the scale."""
    places = even(centres, scale)
    inner = 0.5 * (places[1:] + places[:-1])
    return uneven(np.concatenate([[2 * places[0] - inner[0]], inner, [2 * places[-1] - inner[-1]]]), scale)


def ticks(lower: float, upper: float, scale: str = "log") -> list[float]:
    """Round values from `lower` to `upper`. On a logarithmic axis: decades (thinned out if there are more than nine);
    1, 2, 5 in each where there are fewer than three (or two, if their labels are long). Else evenly spaced values."""
    first, last = (lower * 0.9999, upper * 1.0001) if scale == "log" else (lower, upper)

    def inside(values):
        return [float(value) for value in values if first <= value <= last]

    if scale == "linear":
        return _even_ticks(lower, upper, inside)
    powers = [10.0**power for power in range(math.floor(math.log10(lower)), math.ceil(math.log10(upper)) + 1)]
    decades = inside(powers)
    long_labels = lower < 1e-3 or upper > 1e5
    if len(decades) >= (2 if long_labels else 3):
        return decades[:: math.ceil(len(decades) / 9)]
    finer = inside(mantissa * power for power in powers for mantissa in (1, 2, 5))
    if len(finer) >= 3:
        return finer
    return _even_ticks(lower, upper, inside)


def _even_ticks(lower: float, upper: float, inside) -> list[float]:
    step = 10.0 ** math.floor(math.log10(upper - lower))
    for divided in (step, step / 2, step / 5):
        multiples = range(math.ceil(lower / divided - 1e-9), math.floor(upper / divided + 1e-9) + 1)
        # The decimal next to the product: 3 * 0.1 is a tick at 0.3.
        found = inside(float(f"{multiple * divided:.12g}") for multiple in multiples)
        if len(found) >= 3:
            break
    return found


def contour(
    x: np.ndarray, y: np.ndarray, z: np.ndarray, level: float, scales: tuple[str, str] = ("log", "log")
) -> tuple[np.ndarray, np.ndarray]:
    """The line z = level through the cells, interpolated between their centres on the scales of x and y, and continued
    with the same slope to the outer edges, where the frame is; NaN separates its pieces.

    z has the shape (y, x); cells that are not finite are left out.
    """
    across, up = (even(edges(each, scale), scale)[[0, -1]] for each, scale in zip((x, y), scales, strict=True))
    masked = np.ma.masked_invalid(_continued(_continued(np.asarray(z, np.float64)).T).T)
    places = (
        np.concatenate([ends[:1], even(each, scale), ends[1:]])
        for ends, each, scale in zip((across, up), (x, y), scales, strict=True)
    )
    pieces = contourpy.contour_generator(*places, masked).lines(level)
    return _joined(
        [(uneven(piece[:, 0], scales[0]), uneven(piece[:, 1], scales[1])) for piece in pieces if len(piece) > 1]
    )


def _continued(z: np.ndarray) -> np.ndarray:
    """The rows with a value half a step before their first and after their last, on the line through the two that are
    next, or like the next where the other is not finite or the line leaves the range of doubles."""

    def beyond(outer: np.ndarray, inner: np.ndarray) -> np.ndarray:
        with np.errstate(over="ignore", invalid="ignore"):
            line = 1.5 * outer - 0.5 * inner
        return np.where(np.isfinite(line), line, outer)

    return np.column_stack([beyond(z[:, 0], z[:, 1]), z, beyond(z[:, -1], z[:, -2])])


def hatch(
    x_edges: np.ndarray,
    y_edges: np.ndarray,
    mask: np.ndarray,
    slope: int,
    scales: tuple[str, str] = ("log", "log"),
    lines: int = 48,
    ratio: float = 0.62,
) -> tuple[np.ndarray, np.ndarray]:
    """Parallel lines over the cells where `mask` (shape (y, x)) holds; NaN separates them.

    `slope` is +1 for lines that rise to the right and -1 for lines that fall; `lines` of them cross the width of the
    frame, at 45 degrees in a frame whose height is `ratio` times its width. Drawn as data they look alike in every
    backend, follow the cells exactly, and appear as a line in the legend.
    """
    across, up = even(x_edges, scales[0]), even(y_edges, scales[1])
    along = np.linspace(0.0, 1.0, 1201)
    segments = []
    for offset in np.arange(-ratio, 1.0, 1.0 / lines) + 0.5 / lines:
        u = offset + ratio * along
        v = along if slope > 0 else 1.0 - along
        u, v = u[(u > 0) & (u < 1)], v[(u > 0) & (u < 1)]
        if u.size < 2:
            continue
        column = np.searchsorted(across, across[0] + u * (across[-1] - across[0])) - 1
        row = np.searchsorted(up, up[0] + v * (up[-1] - up[0])) - 1
        hit = mask[np.clip(row, 0, mask.shape[0] - 1), np.clip(column, 0, mask.shape[1] - 1)]
        change = np.flatnonzero(np.diff(np.concatenate([[0], hit.astype(np.int8), [0]])))
        for start, stop in zip(change[::2], change[1::2] - 1, strict=True):
            if stop > start:
                ends = [start, stop]
                segments.append(
                    (
                        uneven(across[0] + u[ends] * (across[-1] - across[0]), scales[0]),
                        uneven(up[0] + v[ends] * (up[-1] - up[0]), scales[1]),
                    )
                )
    return _joined(segments)


def outline(x_edges: np.ndarray, y_edges: np.ndarray, mask: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The border, along the edges of cells, of the region in which `mask` (shape (y, x)) holds; NaN separates its
    pieces."""
    padded = np.pad(mask, 1)
    upright, level = padded[1:-1, 1:] != padded[1:-1, :-1], padded[1:, 1:-1] != padded[:-1, 1:-1]
    pieces = [(x_edges[[column] * 2], y_edges[[row, row + 1]]) for row, column in zip(*upright.nonzero(), strict=True)]
    pieces += [
        (x_edges[[column, column + 1]], y_edges[[row] * 2]) for row, column in zip(*level.nonzero(), strict=True)
    ]
    return _joined(pieces)


def _joined(pieces: list[tuple[np.ndarray, np.ndarray]]) -> tuple[np.ndarray, np.ndarray]:
    gap = np.array([np.nan])
    xs = [part for x, _ in pieces for part in (x, gap)]
    ys = [part for _, y in pieces for part in (y, gap)]
    return (np.concatenate(xs[:-1]), np.concatenate(ys[:-1])) if pieces else (np.empty(0), np.empty(0))
