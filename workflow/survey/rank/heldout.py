"""What readings tell of the rival at least: a classifier, judged on draws that it has not seen."""

from typing import NamedTuple

import numpy as np
from scipy.optimize import minimize
from scipy.special import log_softmax

from physics.numerics.compiled import compiled_entry
from survey.rank.measured import Rivals

# Widths of the kernels in units of the noise: the first is the law of the readings itself, the others smooth it where
# draws are sparse. One exponential gives all of them, as each is the one before, doubled.
WIDTHS, REACH = 4, 6.5
# Readings of all rivals together that the weights of the classifier are fitted to, and that it is judged on, each time.
FITTED, JUDGED = 1200, 2400
# Of the half of a rival's draws so many make its density: more of them are not seen in the classifier's verdicts.
MIXED = 1000
# Fewer draws of a rival leave parts of them empty.
FEWEST = 20
# A prior for the classifier's weights, the smallest density beside the largest, and the share of the prior mixed in.
RIDGE, FAINTEST, SHARE = 1e-3, 1e-13, 1e-3


class Judged(NamedTuple):
    """log2 q(true rival | y) and whether the most probable rival is a wrong one: by rival, one for each reading."""

    log_q: list[np.ndarray]
    wrong: list[np.ndarray]

    def mean(self, prior: np.ndarray, of: list[np.ndarray]) -> tuple[float, float]:
        """The mean over rivals and readings, and its standard error."""
        error = sum(p**2 * each.var(ddof=1) / len(each) for p, each in zip(prior, of, strict=True))
        return float(sum(p * each.mean() for p, each in zip(prior, of, strict=True))), float(np.sqrt(error))


def judged(rivals: Rivals, rng: np.random.Generator) -> Judged:
    """The classifier on readings of draws that it was not made from.

    One half of the draws, or as many of it as serve, makes kernel densities, a quarter the weights with which their
    logarithms and a quadratic form in the readings enter a softmax, the last quarter judges; then the halves change
    places. For any classifier q,
    H(rival) + E log2 q(true rival | y) <= I and the share of wrong decisions >= the least possible, in expectation.
    """
    for number in range(len(rivals.names)):
        rivals.refuse_fewer(number, FEWEST)
    halves = [np.array_split(rng.permutation(len(each)), 2) for each in rivals.weights]
    log_q: list[list] = [[] for _ in rivals.names]
    wrong: list[list] = [[] for _ in rivals.names]
    for turn in (0, 1):
        made = [
            chosen(own[each[turn]], min(MIXED, len(each[turn])), rng, each[turn])
            for own, each in zip(rivals.weights, halves, strict=True)
        ]
        fit, test = (
            [_readings(rivals, number, each[1 - turn][part::2], count, rng) for number, each in enumerate(halves)]
            for part, count in ((0, FITTED), (1, JUDGED))
        )
        classifier = Classifier(rivals, made, fit)
        for number, readings in enumerate(test):
            q = classifier.log_probabilities(readings)
            log_q[number].append(q[:, number] / np.log(2))
            wrong[number].append(q.argmax(axis=1) != number)
    return Judged([np.concatenate(each) for each in log_q], [np.concatenate(each) * 1.0 for each in wrong])


def _readings(rivals: Rivals, number: int, draws: np.ndarray, count: int, rng: np.random.Generator) -> np.ndarray:
    """Readings of draws in proportion to their weights, none more often than these ask for."""
    share = max(min(count // len(rivals.names), len(draws)), 2)
    return rivals.read(number, chosen(rivals.weights[number][draws], share, rng, draws), rng)


def chosen(weights: np.ndarray, count: int, rng: np.random.Generator, draws: np.ndarray | None = None) -> np.ndarray:
    """`count` draws in proportion to their weights, systematically: each as often as its weight says, within one."""
    shuffled = rng.permutation(len(weights))
    edges = np.cumsum(weights[shuffled])
    if edges[-1] == 0:
        found = rng.integers(len(weights), size=count)
    else:
        places = (np.arange(count) + rng.random()) / count * edges[-1]
        found = shuffled[np.minimum(np.searchsorted(edges, places, side="right"), len(weights) - 1)]
    return found if draws is None else draws[found]


class Classifier:
    """Probabilities of the rivals after a reading: a softmax of log densities and a quadratic form."""

    def __init__(self, rivals: Rivals, draws: list[np.ndarray], readings: list[np.ndarray]):
        self.rivals, self.draws = rivals, draws
        stretched = rivals.stretched(np.concatenate(readings))
        self.centre, self.scale = np.median(stretched, axis=0), np.maximum(stretched.std(axis=0), 1e-9)
        truth = np.repeat(np.arange(len(readings)), [len(each) for each in readings])
        importance = np.concatenate(
            [np.full(len(each), p / len(each)) for p, each in zip(rivals.prior, readings, strict=True)]
        )
        densities, forms = self._features(np.concatenate(readings))
        count = len(rivals.names)
        hit = np.eye(count)[truth]

        def loss(parameters):
            q = log_softmax(self._scores(parameters, densities, forms), axis=1)
            wrong = (np.exp(q) - hit) * importance[:, None]
            slopes = np.concatenate([np.einsum("nr,nrb->b", wrong, densities), (forms.T @ wrong).ravel()])
            return -(importance @ (q * hit).sum(axis=1)) + RIDGE / 2 * parameters @ parameters, (
                slopes + RIDGE * parameters
            )

        start = np.zeros(WIDTHS + forms.shape[1] * count)
        self.parameters = minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": 200}).x

    def log_probabilities(self, readings: np.ndarray) -> np.ndarray:
        """ln q(rival | y), shape (n, rivals)."""
        q = np.exp(log_softmax(self._scores(self.parameters, *self._features(readings)), axis=1))
        return np.log((1 - SHARE) * q + SHARE * self.rivals.prior)

    def _scores(self, parameters, densities, forms):
        own = parameters[WIDTHS:].reshape(forms.shape[1], -1)
        return np.log(self.rivals.prior) + densities @ parameters[:WIDTHS] + forms @ own

    def _features(self, readings):
        """ln p(y | rival) of each width, (n, rivals, widths), and 1, x, x x of standard readings x, (n, terms)."""
        densities = np.empty((len(readings), len(self.draws), WIDTHS))
        for number, draws in enumerate(self.draws):
            values = self.rivals.values[number][draws]
            even = np.full(len(draws), 1 / len(draws))
            densities[:, number] = kernel_densities(readings, values, self.rivals.noise(values), even)
        largest = densities.max(axis=1, keepdims=True)
        seen = np.where(largest > 0, densities / np.where(largest > 0, largest, 1), 1)
        logs = np.log(np.maximum(seen, FAINTEST))
        x = np.clip((self.rivals.stretched(readings) - self.centre) / self.scale, -4, 4)
        first, second = np.triu_indices(x.shape[1])
        return logs, np.column_stack([np.ones(len(x)), x, x[:, first] * x[:, second]])


@compiled_entry
def kernel_densities(readings, values, noise, weights):
    """sum over draws of w prod_m exp(-(y_m - v_m)^2/2 b^2 s_m^2)/(b s_m) for b = 1, 2, 4, 8, shape (readings, 4).

    A draw farther than REACH of its widest kernels is left out: its part is below 1e-9 of the densest.
    """
    found = np.zeros((len(readings), WIDTHS))
    numbers = values.shape[1]
    doubled = 2.0**numbers
    for draw in range(len(values)):
        inverse = 1.0 / (noise[draw] * 2.0 ** (WIDTHS - 1))
        height = weights[draw] * np.prod(inverse)
        for reading in range(len(readings)):
            square = 0.0
            for m in range(numbers):
                distance = (readings[reading, m] - values[draw, m]) * inverse[m]
                square += distance * distance
                if square >= REACH**2:
                    break
            if square < REACH**2:
                kernel, scaled = np.exp(-0.5 * square), height
                for width in range(WIDTHS - 1, -1, -1):
                    found[reading, width] += scaled * kernel
                    kernel *= kernel
                    kernel *= kernel
                    scaled *= doubled
    return found
