"""The law of a reading given the parameters, learnt from draws."""

import numpy as np
from scipy.linalg import cho_factor, cho_solve, solve_triangular
from scipy.spatial import cKDTree

from survey.rank.measured import Rivals

# Readings of each draw to learn from; radial functions and their width in standard deviations of the parameters;
# neighbours whose scatter is that of a place, and the part of the scatter of all that is added to it.
READINGS, CENTRES, BREADTH, NEARBY, SHARED = 4, 200, 2.0, 200, 0.02
# How strongly the radial functions are held down: what serves unseen draws best is taken.
# The others are held only so that a function that does not vary does no harm.
RIDGES, LEAST_RIDGE = (1e-6, 1e-4, 1e-2, 1.0), 1e-9


class Regression:
    """A normal law of the stretched readings u given theta: the mean is a quadratic form and radial functions of theta,
    the covariance that of the scatter about it at draws with a like mean.

    `theta`: standardised parameters of all draws, (n, k); `means`: (n, d); `scatter`: (n, d, d).
    """

    def __init__(
        self, rivals: Rivals, number: int, parameters: np.ndarray, learnt: np.ndarray, rng: np.random.Generator
    ):
        weights = rivals.weights[number] / rivals.weights[number][learnt].sum()
        centre = weights[learnt] @ parameters[learnt]
        spread = np.sqrt(weights[learnt] @ (parameters[learnt] - centre) ** 2)
        self.theta = (parameters - centre) / np.where(spread > 0, spread, 1)
        centres = self.theta[rng.choice(learnt, min(CENTRES, len(learnt) // 10), replace=False)]
        features = _features(self.theta, centres)
        forms = features.shape[1] - len(centres)
        readings = np.stack([rivals.stretched(rivals.read(number, learnt, rng)) for _ in range(READINGS)])
        targets = readings.mean(axis=0)
        middle = weights[learnt] @ targets
        self.means = middle + features @ _coefficients(features[learnt], forms, targets - middle, weights[learnt])
        residuals = readings - self.means[learnt]
        scatter = np.einsum("kni,knj->nij", residuals, residuals, optimize=True) / READINGS
        everywhere = np.einsum("n,nij->ij", weights[learnt], scatter)
        self.root = np.linalg.cholesky(everywhere)
        places = self.rounded(self.means)
        near = cKDTree(places[learnt]).query(places, k=min(NEARBY, len(learnt)))[1]
        share = weights[learnt][near] + np.finfo(float).tiny
        share /= share.sum(axis=1, keepdims=True)
        columns = scatter.reshape(len(learnt), -1)
        local = sum(share[:, [k]] * columns[near[:, k]] for k in range(near.shape[1]))
        self.scatter = (1 - SHARED) * local.reshape(len(places), *everywhere.shape) + SHARED * everywhere

    def rounded(self, readings: np.ndarray) -> np.ndarray:
        """Readings in coordinates in which the scatter about the mean is 1 in every direction, all draws together."""
        return solve_triangular(self.root, readings.T, lower=True).T

    def information(self, readings: np.ndarray, draws: np.ndarray, contrasts: int) -> np.ndarray:
        """log2 q(y|theta)/<q(y|theta')> for the stretched readings of draws that the regression has not seen, (n,).

        theta' are those of the reading itself and of the next contrasts - 1 draws; for any q the mean is a lower bound
        of the information (A. van den Oord, Y. Li, O. Vinyals, arXiv:1807.03748).
        """
        inverse = np.linalg.inv(np.linalg.cholesky(self.scatter[draws]))
        heights = np.log(np.diagonal(inverse, axis1=1, axis2=2)).sum(axis=1)
        own = heights - 0.5 * (np.einsum("nij,nj->ni", inverse, readings - self.means[draws]) ** 2).sum(axis=1)
        found = np.empty(len(draws))
        for block in np.array_split(np.arange(len(draws)), -(-len(draws) // contrasts)):
            centres = np.einsum("nij,nj->in", inverse[block], self.means[draws[block]])
            away = np.stack([(readings[block] @ inverse[block, i].T) - centres[i] for i in range(readings.shape[1])])
            logs = heights[block] - 0.5 * (away**2).sum(axis=0)
            largest = logs.max(axis=1)
            found[block] = own[block] - largest - np.log(np.exp(logs - largest[:, None]).mean(axis=1))
        return found / np.log(2)


def _features(theta: np.ndarray, centres: np.ndarray) -> np.ndarray:
    first, second = np.triu_indices(theta.shape[1])
    squares = ((theta[:, None, :] - centres) ** 2).sum(axis=2)
    return np.column_stack(
        [np.ones(len(theta)), theta, theta[:, first] * theta[:, second], np.exp(-squares / (2 * BREADTH**2))]
    )


def _coefficients(features: np.ndarray, forms: int, readings: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Least squares with the ridge on the radial functions whose fit to every other draw is best for the rest."""
    halves = [slice(0, None, 2), slice(1, None, 2)]
    radial = np.arange(features.shape[1]) >= forms

    def fitted(part: slice, ridge: float) -> np.ndarray:
        weighted = features[part] * weights[part, None]
        penalty = weights[part].sum() * np.diag(np.where(radial, ridge, LEAST_RIDGE))
        return cho_solve(cho_factor(weighted.T @ features[part] + penalty), weighted.T @ readings[part])

    def miss(ridge: float) -> float:
        scale = readings.var(axis=0) + np.finfo(float).tiny
        misses = (
            weights[other] @ ((readings[other] - features[other] @ fitted(part, ridge)) ** 2 / scale)
            for part, other in (halves, halves[::-1])
        )
        return float(sum(each.sum() for each in misses))

    return fitted(slice(None), min(RIDGES, key=miss))
