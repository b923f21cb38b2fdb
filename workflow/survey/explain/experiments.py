"""Which experiment would tell the rivals of a measurement apart, or say most about the parameters of each."""

from collections.abc import Callable, Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
import xarray as xr

from survey.errors import SurveyError
from survey.explain.besides import draws_of, numbers
from survey.inference import SEEN, Consequences, Experiment, Reading
from survey.rank.gain import Gain
from survey.rank.measured import Measured
from survey.rank.parameters import gain_about_parameters
from survey.rank.rivals import told
from survey.rank.search import Choice, best_next
from survey.rivals import RIVALS
from survey.store import origins
from survey.store.trees import read_tree, write_tree
from survey.survey import Survey

# Rivals that are less probable are left out of all, and of an experiment those whose number the theory gives for less
# than so many of the draws.
LEAST, DEFINED = 1e-3, 0.5
# Experiments that are done together, at most.
TOGETHER = 2


# A number of `SEEN` at the draws of a rival (D, T, condition), as `besides.numbers` gives it.
Numbers = Callable[[str, str], np.ndarray]


class Candidate(NamedTuple):
    """An experiment with its readings at the draws (D, readings) of the rivals that it can be weighed for, at which of
    them (D) the theory gives all of them, and why other rivals are left out."""

    experiment: Experiment
    values: Mapping[str, np.ndarray]
    defined: Mapping[str, np.ndarray]
    left_out: Mapping[str, str]

    def measured(self, kept: Mapping[str, np.ndarray]) -> list[Measured]:
        """The readings at some of the draws."""
        return [
            Measured({rival: self.values[rival][rows, number] for rival, rows in kept.items()}, one.relative, one.floor)
            for number, one in enumerate(self.experiment.readings)
        ]


def rank(survey: Survey, results: Path) -> Path:
    """Write results/<survey>/experiments.nc; returns its path. Group `experiments` over the experiments, `next` over
    sets of them, the best first; the attribute `summary` says it in sentences."""
    inference = survey.inference
    assert inference is not None and inference.consequences is not None
    folder = results / survey.name
    prior, equal = probabilities(read_tree(folder / "evidence.nc")[1]["evidence"])
    draws = {rival: draws_of(survey, rival, results) for rival in prior}
    # Several experiments read the same numbers.
    known = cache(lambda rival, name: numbers(survey, rival, name, draws[rival], results))
    candidates = {
        name: candidate(inference.consequences, each, draws, known)
        for name, each in inference.consequences.experiments.items()
    }
    theta = {rival: parameters(rival, each) for rival, each in draws.items()}
    said = {name: described(each) for name, each in inference.consequences.experiments.items()}
    rows = {name: _row(name, each, prior, theta, inference.seed) for name, each in candidates.items()}
    table = xr.concat([row for row, _ in rows.values()], "experiment")
    choices = next_sets(candidates, prior, inference.seed, {name: gain for name, (_, gain) in rows.items()})
    about = {
        "title": f"{survey.title}: experiments",
        "survey": survey.name,
        "summary": summary(table, choices, prior, said, equal),
        "seed": inference.seed,
        origins.MADE_FROM: origins.text(origins.of_finding(survey, "experiments")),
    }
    path = folder / "experiments.nc"
    write_tree(path, {"experiments": table, "next": _sets(choices), "rivals": _rivals(prior)}, about)
    return path


def probabilities(evidence: xr.Dataset) -> tuple[dict[str, float], bool]:
    """The present probabilities of the rivals without the least probable ones, and whether they are equal because no
    rival explains the data, so that there are none."""
    given = dict(zip(map(str, evidence.rival.values), evidence.probability.values.tolist(), strict=True))
    equal = not np.isfinite(list(given.values())).all()
    given = dict.fromkeys(given, 1 / len(given)) if equal else given
    kept = {name: each for name, each in given.items() if each >= LEAST}
    return {name: each / sum(kept.values()) for name, each in kept.items()}, equal


def candidate(besides: Consequences, experiment: Experiment, rivals: Iterable[str], numbers_of: Numbers) -> Candidate:
    """An experiment at the draws of each rival (n, readings), all of one draw in a row."""
    values, defined, left_out = {}, {}, {}
    for rival in rivals:
        missing = [besides.missing[rival].get(one.observable) for one in experiment.readings]
        if any(missing):
            left_out[rival] = next(each for each in missing if each)
            continue
        places = [(slice(None), *_place(besides, one)) for one in experiment.readings]
        columns = [numbers_of(rival, one.observable) for one in experiment.readings]
        read = np.stack([each[place] for each, place in zip(columns, places, strict=True)], axis=1)
        given = (np.isfinite(read) & (read >= 0)).all(axis=1)
        if given.mean() < DEFINED:
            left_out[rival] = f"the theory gives a number for {given.mean():.0%} of the draws"
            continue
        values[rival], defined[rival] = read, given
    return Candidate(experiment, values, defined, left_out)


def _place(besides: Consequences, one: Reading) -> tuple[int, int]:
    """Where on the axes of the tables a reading is taken."""
    seen = SEEN[one.observable]
    axes = [besides.axes["T_dephasing" if seen.kind == "dephasing" else "T"]]
    axes += [besides.axes[seen.at]] if seen.at else []
    wanted = [one.at["T"], *([one.at[seen.at]] if seen.at else [])]
    found = [int(np.abs(np.log(np.array(axis) / at)).argmin()) for axis, at in zip(axes, wanted, strict=True)]
    return (*found, 0)[:2]


def parameters(rival: str, draws: xr.Dataset) -> np.ndarray:
    """The logarithms of the parameters of draws (D, k): the outer ones and the density."""
    kind = RIVALS[rival]
    names = [*kind.outer, *([kind.amplitude[0]] if kind.amplitude else [])]
    columns = [np.log(draws[name].values) for name in names]
    return np.stack(columns, axis=1) if columns else np.zeros((draws.sizes["draw"], 0))


def _weighed(kept: Mapping[str, np.ndarray], prior: Mapping[str, float]) -> tuple[dict, dict]:
    """Weights of the draws that are kept, and probabilities of the rivals that have some."""
    total = sum(prior[rival] for rival in kept)
    weights = {rival: np.full(rows.sum(), 1 / rows.sum()) for rival, rows in kept.items()}
    return weights, {rival: prior[rival] / total for rival in kept}


def _row(name: str, each: Candidate, prior: Mapping[str, float], theta: Mapping, seed: int) -> tuple[xr.Dataset, Gain]:
    """What one experiment tells, and of that the gain about the rival; NaN about the rival where it can be weighed for
    one of them alone, or for none."""
    nan = Gain(np.nan, np.nan, np.nan, np.nan, False)
    about, wrong, learnt = nan, (np.nan, np.nan), nan
    if each.values:
        weights, chances = _weighed(each.defined, prior)
        measured = each.measured(each.defined)
        try:
            if len(chances) > 1:
                about, wrong = told(measured, weights, chances, seed)
            own = {rival: theta[rival][rows] for rival, rows in each.defined.items()}
            learnt = gain_about_parameters(measured, weights, own, chances, seed)
        except SurveyError as error:
            raise SurveyError(f"experiment {name}: {error}") from None
    values: dict = {}
    for what, gain in (("rival", about), ("parameters", learnt)):
        values |= {f"gain_about_{what}": gain.bits, f"gain_about_{what}_error": gain.error}
        values |= {f"gain_about_{what}_lower": gain.lower, f"gain_about_{what}_upper": gain.upper}
        values[f"gain_about_{what}_resolved"] = np.uint8(gain.resolved)
    values |= {"wrong_rival": wrong[0], "wrong_rival_error": wrong[1], "cost": each.experiment.cost}
    values["probability_weighed"] = sum(prior[rival] for rival in each.values)
    values["what"] = described(each.experiment)
    values["left_out"] = "; ".join(f"{rival}: {why}" for rival, why in each.left_out.items())
    return xr.Dataset({key: ("experiment", [value]) for key, value in values.items()}, {"experiment": [name]}), about


def next_sets(
    candidates: Mapping[str, Candidate], prior: Mapping[str, float], seed: int, gains: Mapping[str, Gain]
) -> list[Choice]:
    """Experiments and pairs of them that can be weighed for all rivals, the best for its cost first. `gains`: those of
    single experiments at all draws at which they are defined."""
    whole = {name: each for name, each in candidates.items() if each.values.keys() == prior.keys()}
    # Nothing is to be joined to sets that hold others already.
    few = {name: each for name, each in whole.items() if len(each.experiment.readings) <= TOGETHER}
    if not few or len(prior) < 2:
        return []
    kept = {rival: np.logical_and.reduce([each.defined[rival] for each in few.values()]) for rival in prior}
    if min(rows.mean() for rows in kept.values()) < DEFINED:
        return []
    measured = {name: each.measured(kept) for name, each in few.items()}
    cost = {name: each.experiment.cost for name, each in few.items()}
    # At the same draws a gain is the same.
    whole = {
        name: gains[name]
        for name, each in few.items()
        if all((each.defined[rival] == kept[rival]).all() for rival in prior)
    }
    return best_next(measured, _weighed(kept, prior)[0], prior, seed, min(TOGETHER, len(few)), cost=cost, known=whole)


def _sets(choices: list[Choice]) -> xr.Dataset:
    columns = {
        "gain_about_rival": [each.gain.bits for each in choices],
        "gain_about_rival_error": [each.gain.error for each in choices],
        "cost": [each.cost for each in choices],
        "gain_per_cost": [each.score for each in choices],
    }
    names = [" + ".join(each.names) for each in choices]
    return xr.Dataset({key: ("set", np.array(each, float)) for key, each in columns.items()}, {"set": names})


def _rivals(prior: Mapping[str, float]) -> xr.Dataset:
    return xr.Dataset({"probability": ("rival", list(prior.values()))}, {"rival": list(prior)})


_WORDS = {"C": "heat", "C_over_T": "heat", "C_ratio": "heat", "hooge": "noise", "tau_phi": "tau_phi"}


def described(experiment: Experiment) -> str:
    """An experiment in words: what is read, where, and how well."""
    parts: dict[tuple[str, str], list[str]] = {}
    for one in experiment.readings:
        what = _WORDS.get(one.observable) or f"{'strong' if 'relaxation' in one.observable else 'weak'} sound"
        place = f"{1e3 * one.at['T']:.4g} mK"
        place += f" and {one.at['omega'] / (2e6 * np.pi):.4g} MHz" if "omega" in one.at else ""
        parts.setdefault((what, f"to {100 * one.relative:.3g} %"), []).append(place)
    return "; ".join(f"{what} at {', '.join(places)} {error}" for (what, error), places in parts.items())


def summary(
    table: xr.Dataset, choices: list[Choice], prior: Mapping[str, float], said: Mapping[str, str], equal: bool
) -> str:
    """What the ranking says, in sentences: what is open now, what the best experiment decides, what the next one adds.
    `said`: the experiments in words."""
    chances = np.array(list(prior.values()))
    entropy, wrong = float(-chances @ np.log2(chances)), 1 - float(chances.max())
    names = _listed([RIVALS[rival].title for rival in prior])
    lines = ["No rival explains the data; they are taken as equally probable."] if equal else []
    if len(prior) == 1:
        return " ".join([*lines, f"Only {names} is left: no experiment is needed to choose."])
    lines.append(f"Between {names} {entropy:.2f} bits are open; the most probable is wrong with {wrong:.2f}.")
    known = table.isel(experiment=np.isfinite(table.gain_about_rival.values))
    whole = known.isel(experiment=known.probability_weighed.values > 1 - 1e-9)
    if not whole.sizes["experiment"]:
        return " ".join([*lines, "No experiment can be weighed for all of them."])
    best = whole.isel(experiment=int(whole.gain_about_rival.values.argmax()))
    lines.append(
        f"{_begun(said[best.experiment.item()])} decides between them with probability "
        f"{1 - best.wrong_rival.item():.2f} ({best.gain_about_rival.item():.2f} +- "
        f"{best.gain_about_rival_error.item():.2f} bits)."
    )
    single = next((each for each in choices if len(each.names) == 1), None)
    pair = next((each for each in choices if len(each.names) > 1 and single and single.names[0] in each.names), None)
    if single and single.names[0] != best.experiment.item():
        lines.append(f"{_begun(said[single.names[0]])} tells most for its cost, {single.gain.bits:.2f} bits.")
    if single and pair:
        other = next(name for name in pair.names if name != single.names[0])
        adds, error = pair.gain.bits - single.gain.bits, np.hypot(pair.gain.error, single.gain.error)
        lines.append(f"{_begun(said[other])} adds {adds:.2f} +- {error:.2f} bits.")
    if not all(table.gain_about_rival_resolved.values[np.isfinite(table.gain_about_rival.values)]):
        unsure = known.experiment.values[known.gain_about_rival_resolved.values == 0]
        lines.append(f"Not resolved: {', '.join(map(str, unsure))}.")
    return " ".join(lines)


def _begun(text: str) -> str:
    """Text at the beginning of a sentence; a symbol stays as it is."""
    return text if text.startswith("tau_phi") else text[0].upper() + text[1:]


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
