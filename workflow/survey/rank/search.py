"""Which of several experiments, or which of them together, to do next."""

from collections.abc import Mapping, Sequence
from itertools import combinations
from math import comb
from typing import NamedTuple

import numpy as np

from survey.errors import SurveyError
from survey.rank.gain import Gain
from survey.rank.measured import Measured
from survey.rank.parameters import gain_about_parameters
from survey.rank.rivals import gain_about_rival

# As many sets are all tried; of more, the best is extended.
FEW = 40


class Choice(NamedTuple):
    """Experiments done together: their names, what they tell, what they cost, and the bits, or bits per cost, that they
    are ranked by."""

    names: tuple[str, ...]
    gain: Gain
    cost: float
    score: float


def best_next(
    candidates: Mapping[str, Sequence[Measured]],
    weights: Mapping[str, np.ndarray],
    prior: Mapping[str, float],
    seed: int,
    most: int,
    parameters: Mapping[str, np.ndarray] | None = None,
    cost: Mapping[str, float] | None = None,
    known: Mapping[str, Gain] | None = None,
) -> list[Choice]:
    """Single experiments and unions of up to `most` of them, the best first.

    The gain is that about the rival, or with `parameters` that about these; all arguments are those of the two gains.
    `known`: gains of single candidates, by the same functions with these arguments, that need not be computed again.
    `cost`: by candidate, > 0 in any unit; costs of a union add up, and the rank is then by bits per cost. Up to 40 sets
    are all computed. Of more, all single ones, then at each size those that contain the best of the size before: two
    experiments that tell something only together can then be missed. The list holds every set that was computed; sets
    whose errors overlap are not told apart. Raises SurveyError as the gains do, for a cost that is not positive, and
    for `most` that is not between 1 and the number of candidates.
    """
    names = list(candidates)
    if not 1 <= most <= len(names):
        raise SurveyError(f"most: {most}; a number between 1 and that of the candidates, {len(names)}, is needed")
    prices = _prices(names, cost)
    done: dict[tuple[str, ...], Choice] = {}

    def tried(chosen: tuple[str, ...]) -> Choice:
        experiment = [number for name in chosen for number in candidates[name]]
        if known and len(chosen) == 1 and chosen[0] in known:
            gain = known[chosen[0]]
        elif parameters is None:
            gain = gain_about_rival(experiment, weights, prior, seed)
        else:
            gain = gain_about_parameters(experiment, weights, parameters, prior, seed)
        price = sum(prices[name] for name in chosen)
        return Choice(chosen, gain, price, gain.bits if cost is None else gain.bits / price)

    every = sum(comb(len(names), size) for size in range(1, most + 1)) <= FEW
    best: tuple[str, ...] = ()
    for size in range(1, most + 1):
        sets = [each for each in combinations(names, size) if every or set(best) <= set(each)]
        done |= {each: tried(each) for each in sets}
        best = max(sets, key=lambda each: done[each].score)
    return sorted(done.values(), key=lambda choice: -choice.score)


def _prices(names: list[str], cost: Mapping[str, float] | None) -> dict[str, float]:
    if cost is None:
        return dict.fromkeys(names, 1.0)
    for name in names:
        if name not in cost or not (np.isfinite(cost[name]) and cost[name] > 0):
            raise SurveyError(f"cost of {name}: {cost.get(name, 'none')}; a number > 0 is needed")
    return {name: float(cost[name]) for name in names}
