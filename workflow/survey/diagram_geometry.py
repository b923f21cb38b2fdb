"""Geometry on logarithmic axes: the edges of cells, ticks, contours and hatching, as arrays that any backend draws."""

import math

import contourpy
import numpy as np


def edges(centres: np.ndarray) -> np.ndarray:
    """The n + 1 edges of the cells around n >= 2 ascending positive centres, halfway between them in the logarithm."""
    logs = np.log(np.asarray(centres, dtype=np.float64))
    inner = 0.5 * (logs[1:] + logs[:-1])
    return np.exp(np.concatenate([[2 * logs[0] - inner[0]], inner, [2 * logs[-1] - inner[-1]]]))


def ticks(lower: float, upper: float) -> list[float]:
    """Round values from `lower` to `upper` for a logarithmic axis: decades (thinned out if there are more than nine);
    1, 2, 5 in each where there are fewer than three (or two, if their labels are long); else evenly spaced values."""

    def inside(values):
        return [float(value) for value in values if lower * 0.9999 <= value <= upper * 1.0001]

    powers = [10.0**power for power in range(math.floor(math.log10(lower)), math.ceil(math.log10(upper)) + 1)]
    decades = inside(powers)
    long_labels = lower < 1e-3 or upper > 1e5
    if len(decades) >= (2 if long_labels else 3):
        return decades[:: math.ceil(len(decades) / 9)]
    finer = inside(mantissa * power for power in powers for mantissa in (1, 2, 5))
    if len(finer) >= 3:
        return finer
    step = 10.0 ** math.floor(math.log10(upper - lower))
    for divided in (step, step / 2, step / 5):
        even = inside(np.arange(math.ceil(lower / divided), math.floor(upper / divided) + 1) * divided)
        if len(even) >= 3:
            break
    return even


def contour(x: np.ndarray, y: np.ndarray, z: np.ndarray, level: float) -> tuple[np.ndarray, np.ndarray]:
    """The line z = level through the centres of the cells, interpolated in ln x and ln y; NaN separates its pieces.

    z has the shape (y, x); cells that are not finite are left out.
    """
    masked = np.ma.masked_invalid(z)
    pieces = contourpy.contour_generator(np.log(x), np.log(y), masked).lines(level)
    return _joined([(np.exp(piece[:, 0]), np.exp(piece[:, 1])) for piece in pieces if len(piece) > 1])


def hatch(
    x_edges: np.ndarray, y_edges: np.ndarray, mask: np.ndarray, slope: int, lines: int = 48, ratio: float = 0.62
) -> tuple[np.ndarray, np.ndarray]:
    """Parallel lines over the cells where `mask` (shape (y, x)) holds; NaN separates them.

    `slope` is +1 for lines that rise to the right and -1 for lines that fall; `lines` of them cross the width of the
    frame, at 45 degrees in a frame whose height is `ratio` times its width. Drawn as data they look alike in every
    backend, follow the cells exactly, and appear as a line in the legend.
    """
    log_x, log_y = np.log(x_edges), np.log(y_edges)
    along = np.linspace(0.0, 1.0, 1201)
    segments = []
    for offset in np.arange(-ratio, 1.0, 1.0 / lines) + 0.5 / lines:
        u = offset + ratio * along
        v = along if slope > 0 else 1.0 - along
        u, v = u[(u > 0) & (u < 1)], v[(u > 0) & (u < 1)]
        if u.size < 2:
            continue
        column = np.searchsorted(log_x, log_x[0] + u * (log_x[-1] - log_x[0])) - 1
        row = np.searchsorted(log_y, log_y[0] + v * (log_y[-1] - log_y[0])) - 1
        hit = mask[np.clip(row, 0, mask.shape[0] - 1), np.clip(column, 0, mask.shape[1] - 1)]
        change = np.flatnonzero(np.diff(np.concatenate([[0], hit.astype(np.int8), [0]])))
        for start, stop in zip(change[::2], change[1::2] - 1, strict=True):
            if stop > start:
                ends = [start, stop]
                segments.append(
                    (
                        np.exp(log_x[0] + u[ends] * (log_x[-1] - log_x[0])),
                        np.exp(log_y[0] + v[ends] * (log_y[-1] - log_y[0])),
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
