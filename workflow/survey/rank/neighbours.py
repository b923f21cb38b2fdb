"""Mutual information from distances to nearest neighbours.

Sources: A. Kraskov, H. Stoegbauer, P. Grassberger, Phys. Rev. E 69, 066138 (2004), first estimator; B. C. Ross, PLoS
ONE 9, e87357 (2014), for a class and numbers.
"""

import numpy as np
from scipy.spatial import cKDTree
from scipy.special import digamma

# The neighbour that sets the distance: a small one has little bias and much scatter.
NEIGHBOUR = 3


def of_classes(points: np.ndarray, classes: np.ndarray) -> np.ndarray:
    """The terms of I(class; point) in bits, one for each point, shape (n,), whose mean is the estimate: Ross's
    psi(n) + psi(k) - psi(n_class) - psi(m), m being the points of all classes within the k-th neighbour of its own."""
    tree, found = cKDTree(points), np.zeros(len(points))
    for each in np.unique(classes):
        own = np.flatnonzero(classes == each)
        k = min(NEIGHBOUR, len(own) - 1)
        if k < 1:
            continue
        radius = cKDTree(points[own]).query(points[own], k=[k + 1], p=np.inf)[0][:, 0]
        within = tree.query_ball_point(points[own], radius, p=np.inf, return_length=True) - 1
        found[own] = digamma(len(points)) + digamma(k) - digamma(len(own)) - digamma(np.maximum(within, 1))
    return found / np.log(2)


def of_numbers(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """The terms of I(first; second) in bits, one for each row, shape (n,): psi(k) + psi(n) - psi(n_x+1) - psi(n_y+1),
    n_x and n_y being the points strictly within the k-th neighbour of both."""
    both = np.column_stack([first, second])
    radius = np.nextafter(cKDTree(both).query(both, k=[NEIGHBOUR + 1], p=np.inf)[0][:, 0], 0)
    within = (cKDTree(each).query_ball_point(each, radius, p=np.inf, return_length=True) for each in (first, second))
    return (digamma(NEIGHBOUR) + digamma(len(both)) - sum(digamma(each) for each in within)) / np.log(2)


def corrected(first: np.ndarray, second: np.ndarray, rng: np.random.Generator) -> tuple[float, float]:
    """I(first; second) in bits and its standard error, with what neighbours miss of a normal law of this covariance.

    In more than two dimensions neighbours are too far apart to see a strong dependence (1.9 of 3.6 bits in four); that
    of normal points, as many and as dependent, is known exactly, and what is missed of it is added.
    """
    terms = of_numbers(first, second)
    both = np.column_stack([first, second])
    covariance = np.cov(both, rowvar=False)
    size, cut = len(covariance), first.shape[1]
    covariance += 1e-9 * np.diag(np.diag(covariance))
    logs = [np.linalg.slogdet(part)[1] for part in (covariance[:cut, :cut], covariance[cut:, cut:], covariance)]
    twin = rng.standard_normal((len(both), size)) @ np.linalg.cholesky(covariance).T
    missed = (logs[0] + logs[1] - logs[2]) / (2 * np.log(2)) - of_numbers(twin[:, :cut], twin[:, cut:])
    error = np.hypot(terms.std(ddof=1), missed.std(ddof=1)) / np.sqrt(len(terms))
    return float(terms.mean() + max(missed.mean(), 0.0)), float(error)
