"""What an experiment is expected to tell about the parameters of a rival."""

from collections.abc import Mapping, Sequence

import numpy as np

from survey.errors import SurveyError
from survey.rank.gain import NOTHING, Gain, averaged, between, mean
from survey.rank.heldout import chosen, kernel_densities
from survey.rank.measured import Measured, Rivals, rivals
from survey.rank.neighbours import corrected
from survey.rank.regression import Regression

# Of the most probable rival: draws that teach the regression, readings on which the bound is computed, parameters that
# each is held against, readings whose neighbours are counted, and readings and draws of I(y; draw). Of the others as
# many as they weigh in the mean, in which their errors are as small; of all at least so many, or half as many to learn.
LEARNT, JUDGED, CONTRASTS, NEIGHBOURS, TOLD, LEAST = 4000, 3000, 1500, 3000, 1000, 400
# Fewer draws teach the regression nothing.
FEWEST = 400


def gain_about_parameters(
    experiment: Sequence[Measured],
    weights: Mapping[str, np.ndarray],
    parameters: Mapping[str, np.ndarray],
    prior: Mapping[str, float],
    seed: int,
) -> Gain:
    """The information in bits that an experiment is expected to give about the parameters, averaged over the rivals.

        sum_r P(r) I(y; theta | r),    I(y; theta) = h(y) - h(y | theta)

    `parameters`: by rival, theta of each draw, shape (n_r, k), such as (ln Lambda0, ln Pd, ln chi, ln Estar); a rival
    with k = 0, or with constant columns alone, has nothing to be learnt. What else differs between the draws (a
    cross-section, an error of scale) is marginalised: h(y | theta) holds the scatter that it makes. The other arguments
    as of `gain_about_rival`.

    From below: the mean of log2 q(y | theta)/<q(y | theta')> over draws unseen by the regression q, theta' being those
    of 1,500 draws; it holds for any q, and cannot pass 10.5 bits. From above: nearest neighbours, of y with theta and
    with the mean of y that the regression finds for theta; cut at I(y; draw), which is what would be told if nothing
    but the noise hid theta. Where neighbours fall below the bound by more than two errors (strong dependence in more
    than two dimensions) the bound is the gain, I(y; draw) the upper side. Two-sided also for one number. Raises
    SurveyError as `gain_about_rival` does, and for draws of a rival with parameters that count
    for fewer than 400.
    """
    found, rng = rivals(experiment, weights, prior), np.random.default_rng(seed)
    gains = []
    for number, name in enumerate(found.names):
        theta = _checked(name, parameters, len(found.weights[number]))
        moving = theta[:, np.ptp(theta, axis=0) > 0]
        effort = float(found.prior[number] / found.prior.max())
        gains.append(_of_one_rival(found, number, moving, effort, rng) if moving.shape[1] else NOTHING)
    return averaged(gains, found.prior)


def _checked(name: str, parameters: Mapping[str, np.ndarray], count: int) -> np.ndarray:
    if name not in parameters:
        raise SurveyError(f"parameters: none of {name}; a rival without any has an array of shape ({count}, 0)")
    theta = np.asarray(parameters[name], float)
    if theta.ndim != 2 or len(theta) != count or not np.isfinite(theta).all():
        raise SurveyError(f"parameters of {name}: shape {theta.shape}; finite numbers of shape ({count}, k) are needed")
    return theta


def _of_one_rival(found: Rivals, number: int, theta: np.ndarray, effort: float, rng: np.random.Generator) -> Gain:
    found.refuse_fewer(number, FEWEST)
    weights = found.weights[number]
    first, unseen = np.array_split(rng.permutation(len(theta)), 2)

    def some(count: int, of: np.ndarray, least: int = LEAST) -> np.ndarray:
        count = min(max(int(effort * count), least), len(of))
        return rng.permutation(chosen(weights[of], count, rng, of))

    draws, others = some(JUDGED, unseen), some(NEIGHBOURS, unseen)
    regression = Regression(
        found, number, theta, some(LEARNT, first, LEARNT // 2), np.concatenate([draws, others]), rng
    )
    judged, counted = np.arange(len(draws)), len(draws) + np.arange(len(others))
    readings = found.read(number, draws, rng)
    bound = mean(regression.information(found.stretched(readings), judged, CONTRASTS))
    told = slice(0, max(int(effort * TOLD), LEAST))
    all_told = mean(_about_draws(found, number, first, draws[told], readings[told]))
    points = regression.rounded(found.stretched(found.read(number, others, rng)))
    neighbours = max(
        corrected(points, regression.theta[counted], rng),
        corrected(points, regression.rounded(regression.means[counted]), rng),
    )
    return between(bound, neighbours, max(all_told[0] + all_told[1], bound[0], 0.0))


def _about_draws(found: Rivals, number: int, learnt: np.ndarray, draws: np.ndarray, readings: np.ndarray) -> np.ndarray:
    """The terms of I(y; draw), from above: h(y) as -log2 of a mixture of other draws, less the entropy of the noise."""
    weights = found.weights[number][learnt]
    values = found.values[number][learnt]
    density = kernel_densities(readings, values, found.noise(values), weights / weights.sum())[:, 0]
    noise = found.noise(found.values[number][draws]).prod(axis=1)
    return -np.log2(np.maximum(density, np.finfo(float).tiny)) - np.log2(noise) - readings.shape[1] / 2 * np.log2(np.e)
