"""The law of a reading given the parameters, learnt from draws."""

import numpy as np
from scipy.linalg import cho_factor, cho_solve, solve_triangular
from scipy.sparse import csr_array
from scipy.spatial import cKDTree

from survey.rank.measured import Rivals

# Readings of each draw to learn from; radial functions and their width in standard deviations of the parameters;
# neighbours whose scatter is that of a place, and the part of the scatter of all that is added to it.
READINGS, CENTRES, BREADTH, NEARBY, SHARED = 4, 200, 2.0, 200, 0.02
# The part of the law of a reading that is so many times wider.
FAR, WIDER = 0.02, 5.0
# How strongly the radial functions are held down: what serves unseen draws best is taken.
# The others are held only so that a function that does not vary does no harm.
RIDGES, LEAST_RIDGE = (1e-6, 1e-4, 1e-2, 1.0), 1e-9


class Regression:
    """A law of the stretched readings u given theta, normal but for its tails: the mean is a quadratic form and radial
    functions of theta, the covariance that of the scatter about it at draws with a like mean.

    `learnt`: equally probable draws that teach it; `wanted`: the n others that it is asked about. `theta`: their
    standardised parameters, (n, k); `means`: (n, d).
    """

    def __init__(
        self,
        rivals: Rivals,
        number: int,
        parameters: np.ndarray,
        learnt: np.ndarray,
        wanted: np.ndarray,
        rng: np.random.Generator,
    ):
        centre, spread = parameters[learnt].mean(axis=0), parameters[learnt].std(axis=0)
        scale = np.where(spread > 0, spread, 1)
        taught, self.theta = (parameters[learnt] - centre) / scale, (parameters[wanted] - centre) / scale
        centres = taught[rng.choice(len(taught), min(CENTRES, len(taught) // 10), replace=False)]
        features = _features(taught, centres)
        readings = np.stack([rivals.stretched(rivals.read(number, learnt, rng)) for _ in range(READINGS)])
        targets = readings.mean(axis=0)
        middle, even = targets.mean(axis=0), np.full(len(taught), 1 / len(taught))
        coefficients = _coefficients(features, features.shape[1] - len(centres), targets - middle, even)
        means = middle + features @ coefficients
        self.means = middle + _features(self.theta, centres) @ coefficients
        residuals = readings - means
        self.squares = np.einsum("kni,knj->nij", residuals, residuals, optimize=True) / READINGS
        self.root = np.linalg.cholesky(self.squares.mean(axis=0))
        self.near = cKDTree(self.rounded(means))

    def scatter(self, draws: np.ndarray) -> np.ndarray:
        """The covariance (n, d, d) of the readings about the means of some of the wanted draws."""
        near = self.near.query(self.rounded(self.means[draws]), k=min(NEARBY, self.near.n))[1]
        # The neighbours as a matrix of weights: a sum over them without a copy of each.
        rows = np.repeat(np.arange(len(draws)), near.shape[1])
        mean = csr_array((np.full(near.size, 1 / near.shape[1]), (rows, near.ravel())), (len(draws), self.near.n))
        local = (mean @ self.squares.reshape(self.near.n, -1)).reshape(len(draws), *self.squares.shape[1:])
        return (1 - SHARED) * local + SHARED * self.squares.mean(axis=0)

    def rounded(self, readings: np.ndarray) -> np.ndarray:
        """Readings in coordinates in which the scatter about the mean is 1 in every direction, all draws together."""
        return solve_triangular(self.root, readings.T, lower=True).T

    def information(self, readings: np.ndarray, draws: np.ndarray, contrasts: int) -> np.ndarray:
        """log2 q(y|theta)/<q(y|theta')> for the stretched readings of some of the wanted draws, (n,).

        theta' are those of the reading itself and of the next contrasts - 1 draws; for any q the mean is a lower bound
        of the information (A. van den Oord, Y. Li, O. Vinyals, arXiv:1807.03748).
        """
        inverse = np.linalg.inv(np.linalg.cholesky(self.scatter(draws)))
        heights = np.log(np.diagonal(inverse, axis1=1, axis2=2)).sum(axis=1)
        own = _law(heights, np.einsum("nij,nj->ni", inverse, readings - self.means[draws]).T)
        found = np.empty(len(draws))
        for block in np.array_split(np.arange(len(draws)), -(-len(draws) // contrasts)):
            centres = np.einsum("nij,nj->in", inverse[block], self.means[draws[block]])
            away = np.stack([(readings[block] @ inverse[block, i].T) - centres[i] for i in range(readings.shape[1])])
            logs = _law(heights[block], away)
            largest = logs.max(axis=1)
            found[block] = own[block] - largest - np.log(np.exp(logs - largest[:, None]).mean(axis=1))
        return found / np.log(2)


def _law(heights: np.ndarray, away: np.ndarray) -> np.ndarray:
    """ln of the density of readings that are so many standard deviations away (d, ...): normal, and to a small part
    normal in so much wider a region that no reading is impossible."""
    square = 0.5 * (away**2).sum(axis=0)
    far = np.log(FAR) - len(away) * np.log(WIDER) - square / WIDER**2
    return heights + np.logaddexp(np.log1p(-FAR) - square, far)


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
