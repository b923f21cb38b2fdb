"""The densities of one reading: the weighted histogram of what a rival predicts, convolved with the noise."""

import numpy as np
from scipy.sparse import csc_array

from survey.rank.measured import Rivals

# In units of the noise: width of a bin of predictions, which adds WIDTH^2/12 to the variance of 1; distance of the
# nodes, at which sums over a smooth density are exact to rounding; how far from a prediction a reading is followed.
WIDTH, STEP, REACH = 0.05, 0.2, 6.5


class Histogram:
    """The densities of a reading of one number on nodes, for any weights of the draws.

    `bins[r]`: the bin of each draw of a rival. `noise`: probability of each node given a bin, shape (nodes, bins); its
    columns sum to 1. `density` takes weights of the draws and gives the probabilities of the nodes.
    """

    def __init__(self, rivals: Rivals, column: int = 0):
        one = rivals._replace(
            values=[values[:, [column]] for values in rivals.values],
            relative=rivals.relative[[column]],
            floor=rivals.floor[[column]],
        )
        steep = max(float(one.relative[0]), 1e-9)
        least = min(float(one.noise(values).min()) for values in one.values)
        places = np.concatenate([np.rint(one.stretched(values)[:, 0] / WIDTH) for values in one.values])
        occupied, bins = np.unique(places, return_inverse=True)
        self.bins = np.split(bins, np.cumsum([len(values) for values in one.values])[:-1])
        values = np.sinh(steep * WIDTH * occupied) / steep * least
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
        u = steep * STEP * nodes
        readings, spacing = np.sinh(u) / steep * least, np.cosh(u)
        mass = np.exp(-0.5 * ((readings[index] - values[columns]) / sd[columns]) ** 2) * spacing[index]
        mass /= np.add.reduceat(mass, starts[:-1])[columns]
        self.noise = csc_array((mass, index, starts), shape=(len(nodes), len(values)))

    def density(self, rival: int, weights: np.ndarray) -> np.ndarray:
        """Probabilities of the nodes, shape (resamples, nodes), for weights of the draws, shape (resamples, n_r)."""
        size = self.noise.shape[1]
        found = np.stack([np.bincount(self.bins[rival], each, size) for each in weights], axis=1)
        return (self.noise @ found).T
