"""From the draws of a posterior to pictures: smooth densities in a box, their highest-density regions, and marginal
distributions against those before the data. All in logarithms of the parameters."""

import numpy as np

SHARES = (0.68, 0.95)


def widths(values: np.ndarray) -> float:
    """The width of the kernel for values (D) in two dimensions: Scott's, at least 0.6 of the distance between values
    that are nodes of a grid."""
    nodes = np.unique(values)
    scott = float(values.std()) * len(values) ** (-1 / 6)
    spacing = float(np.median(np.diff(nodes))) if 1 < len(nodes) < len(values) / 4 else 0.0
    return max(scott, 0.6 * spacing, 1e-3)


def _kernel(values: np.ndarray, grid: np.ndarray, width: float, ends: tuple[float, float]) -> np.ndarray:
    """Normal kernels (D, g) about the values (D) on a grid, mirrored at the ends, so that what is even stays even."""
    mirrored = (values, 2 * ends[0] - values, 2 * ends[1] - values)
    return sum(np.exp(-0.5 * ((grid - each[:, None]) / width) ** 2) for each in mirrored)


def smooth(x: np.ndarray, y: np.ndarray, x_grid: np.ndarray, y_grid: np.ndarray) -> np.ndarray:
    """The probability (y, x) of each cell of an even grid of centres, from equally probable draws (D), which sums to 1;
    nothing lies beyond the grid."""
    kernels = []
    for values, grid in ((x, x_grid), (y, y_grid)):
        half = (grid[1] - grid[0]) / 2
        kernels.append(_kernel(values, grid, widths(values), (grid[0] - half, grid[-1] + half)))
    density = kernels[1].T @ kernels[0]
    return density / density.sum()


def highest(probability: np.ndarray) -> np.ndarray:
    """Of each cell in how many of the highest-density regions of `SHARES` it lies: 2 in that of 68 %, 1 in that of 95 %
    alone, NaN in none."""
    flat = np.sort(probability, axis=None)[::-1]
    inside = np.cumsum(flat)
    found = np.full(probability.shape, np.nan)
    for number, share in enumerate(sorted(SHARES, reverse=True), start=1):
        found[probability >= flat[np.searchsorted(inside, share)]] = number
    return found


def grid_about(values: np.ndarray, ends: tuple[float, float], cells: int) -> np.ndarray:
    """Centres of cells that reach as far as the smoothed draws do, within the ends."""
    beyond = 4 * widths(values)
    borders = np.linspace(max(values.min() - beyond, ends[0]), min(values.max() + beyond, ends[1]), cells + 1)
    return (borders[1:] + borders[:-1]) / 2


def over_prior(prior: np.ndarray, posterior: np.ndarray) -> np.ndarray:
    """The density after the data in that before them, of probabilities at nodes (n): NaN where the prior has none."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(prior > 0, posterior / posterior.sum() / (prior / prior.sum()), np.nan)
