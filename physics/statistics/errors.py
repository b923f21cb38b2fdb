"""Errors of measured values, and the mixtures of them that are independent of each other."""

import numpy as np


def independent(
    y: np.ndarray, s: np.ndarray, limit: np.ndarray, covariance: np.ndarray | None, s_m: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Logarithms of values (m, n), their scales (m, n) and the roots (m, k, k) that mixed them, for each scatter s_m
    (m) that errors do not say; k is 0 where the errors are independent, and n otherwise.

    y (n): logarithms of the values; s (n): their relative errors, one standard deviation; limit (n): 0 for a value,
    else a limit. With a covariance S0 (n, n) of y the errors are S = S0 + s_m^2, residuals are mixed by S^(-1/2), and
    each mixture is a Student-t by itself. The symmetric root alone does not hang on the order of the points, and is
    the nearest to them; of independent errors it gives each by itself. It is returned with a determinant of 1, with
    one scale det(S)^(1/2n) for all values, so that densities are those of the values. Limits are no part of a mixture:
    they have to be independent of all else.
    """
    scale = np.hypot(s, s_m[:, None])
    if covariance is None:
        return np.repeat(y[None], len(s_m), axis=0), scale, np.empty((len(s_m), 0, 0))
    values = np.flatnonzero(limit == 0)
    roots = np.repeat(np.eye(len(y))[None], len(s_m), axis=0)
    for number, scatter in enumerate(s_m):
        size, axes = np.linalg.eigh(covariance[np.ix_(values, values)] + scatter**2 * np.eye(len(values)))
        common = np.exp(np.log(size).mean() / 2)
        roots[number][np.ix_(values, values)] = (axes * (common / np.sqrt(size))) @ axes.T
        scale[number, values] = common
    return np.ascontiguousarray(np.einsum("mij,j->mi", roots, y)), scale, roots
