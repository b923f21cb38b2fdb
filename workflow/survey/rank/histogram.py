"""The densities of one reading: the weighted histogram of what a rival predicts, convolved with the noise."""

import numpy as np
from scipy.sparse import csc_array

from survey.rank.measured import Rivals

# In units of the noise: distance of predictions, which adds at most WIDTH^2/4 to the variance of 1; distance of nodes,
# at which sums over densities are exact to rounding, over the larger of two to 3e-4; how far a reading is followed.
WIDTH, STEP, REACH = 0.05, 0.1, 6.5


class Histogram:
    """The densities of a reading of one number on nodes, for any weights of the draws.

    A draw is shared between the two predictions of the histogram that are nearest, so that its mean stays: `bins` has
    the lower and the upper one of each draw, by rival, `above` the part of the upper. `noise`: probability of each node
    given a prediction, shape (nodes, predictions); its columns sum to 1.
    """

    def __init__(self, rivals: Rivals, column: int = 0):
        one = rivals._replace(
            values=[values[:, [column]] for values in rivals.values],
            relative=rivals.relative[[column]],
            floor=rivals.floor[[column]],
        )
        places = [one.stretched(values)[:, 0] / WIDTH for values in one.values]
        below = np.floor(np.concatenate(places)).astype(np.int64)
        occupied, bins = np.unique(np.concatenate([below, below + 1]), return_inverse=True)
        values = one.unstretched(WIDTH * occupied)
        ends = np.cumsum([len(each) for each in one.values])[:-1]
        self.bins = [np.split(each, ends) for each in np.split(bins, 2)]
        low, high = values[bins[: len(below)]], values[bins[len(below) :]]
        draws = np.concatenate(one.values)[:, 0]
        self.above = np.split(np.clip((draws - low) / (high - low), 0, 1), ends)
        sd = one.noise(values)
        first, last = (
            np.rint(one.stretched((values + sign * REACH * sd)[:, None])[:, 0] / STEP).astype(np.int64)
            for sign in (-1, 1)
        )
        counts = last - first + 1
        starts = np.concatenate([[0], np.cumsum(counts)])
        rows = np.repeat(first - starts[:-1], counts) + np.arange(starts[-1])
        nodes, index = np.unique(rows, return_inverse=True)
        columns = np.repeat(np.arange(len(values)), counts)
        readings, spacing = one.unstretched(STEP * nodes), np.cosh(one.steep * STEP * nodes)
        mass = np.exp(-0.5 * ((readings[index] - values[columns]) / sd[columns]) ** 2) * spacing[index]
        mass /= np.add.reduceat(mass, starts[:-1])[columns]
        self.noise = csc_array((mass, index, starts), shape=(len(nodes), len(values)))

    def density(self, rival: int, weights: np.ndarray) -> np.ndarray:
        """Probabilities of the nodes, shape (resamples, nodes), for weights of the draws, shape (resamples, n_r)."""
        size = self.noise.shape[1]
        low, high, above = self.bins[0][rival], self.bins[1][rival], self.above[rival]
        found = [np.bincount(low, each * (1 - above), size) + np.bincount(high, each * above, size) for each in weights]
        return (self.noise @ np.stack(found, axis=1)).T
