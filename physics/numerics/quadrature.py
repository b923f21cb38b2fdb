"""Nodes, weights and tables that the integrals share."""

from functools import cache

import numpy as np
from numpy.polynomial import chebyshev
from scipy.special import erfc

# One Gauss-Legendre rule serves every panel: 16 nodes integrate polynomials of degree 31 exactly.
NODES = 16

# The window W(x) = erfc((x - CENTRE)/(sqrt(2) WIDTH))/2 takes the oscillation of one two-level system away once its
# phase x = E t/hbar is large; beyond X_HIGH the window is closed.
WINDOW_CENTRE = 64.0
WINDOW_WIDTH = 6.5
X_HIGH = 110.0
CELLS_PER_UNIT = 16


@cache
def gauss_legendre() -> np.ndarray:
    """Nodes (row 0) and weights (row 1) of the Gauss-Legendre rule with NODES points on [0, 1]; error below 1e-15."""
    x, w = np.polynomial.legendre.leggauss(NODES)
    return np.array([(x + 1) / 2, w / 2])


def composite(edges: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Nodes and weights of the Gauss-Legendre rule on each panel between consecutive `edges`, flattened."""
    x, w = gauss_legendre()
    width = np.diff(edges)[:, None]
    return (edges[:-1, None] + width * x).ravel(), (width * w).ravel()


@cache
def chebyshev_points(terms: int) -> tuple[np.ndarray, np.ndarray]:
    """Chebyshev points on [0, 1], descending, and the matrix from the values there to the coefficients."""
    k = np.arange(terms)
    angles = np.pi * (k + 0.5) / terms
    fit = 2 / terms * np.cos(np.outer(k, angles))
    fit[0] /= 2
    return (np.cos(angles) + 1) / 2, fit


def window(x: np.ndarray) -> np.ndarray:
    """W(x) = erfc((x - CENTRE)/(sqrt(2) WIDTH))/2: 1 within 1e-14 at x <= 0.5, below 1e-12 at x >= 110."""
    return 0.5 * erfc((x - WINDOW_CENTRE) / (np.sqrt(2) * WINDOW_WIDTH))


@cache
def windowed_kernel_table() -> np.ndarray:
    """Polynomials for K(x) = 1 - W(x) sin(x)/x on 0 <= x < X_HIGH.

    Row i holds the coefficients c[0..5] of sum c[k] (x - x_i)^k on a cell of width 1/CELLS_PER_UNIT about its centre
    x_i = (i + 1/2)/CELLS_PER_UNIT; absolute error below 1e-13.
    """
    half = 0.5 / CELLS_PER_UNIT
    centres = (2 * np.arange(round(X_HIGH * CELLS_PER_UNIT)) + 1) * half
    points = np.cos(np.pi * (np.arange(6) + 0.5) / 6)
    x = centres[:, None] + half * points
    series = chebyshev.chebfit(points, (1 - window(x) * np.sinc(x / np.pi)).T, 5)
    powers = np.array([chebyshev.cheb2poly(column) for column in series.T])
    return np.ascontiguousarray(powers / half ** np.arange(6))
