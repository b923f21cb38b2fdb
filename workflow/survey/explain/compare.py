"""Rivals against each other: evidence, what it hangs on, and whether data of this kind can decide at all."""

import json
from pathlib import Path

import numpy as np
import xarray as xr

from survey.rivals import RIVALS
from survey.store import origins
from survey.store.trees import read_tree, write_tree
from survey.survey import Survey

# |ln Z - ln Z'| below this decides nothing.
UNDECIDED = 3.0
# A rival whose data would look unlike these in all but so few cases, or that needs so much scatter, does not explain.
MISFIT_P, MISFIT_S_M = 0.01, 0.2


def compare(survey: Survey, results: Path) -> Path:
    """Write results/<survey>/evidence.nc from the posteriors of all rivals; returns its path."""
    assert survey.inference is not None
    folder = results / survey.name
    found = {name: read_tree(folder / f"posterior_{name}.nc") for name in survey.inference.rivals}
    table, sentence = verdict({name: attributes for name, (attributes, _) in found.items()})
    table["left_out"] = ("rival", [_left_out(groups) for _, groups in found.values()])
    made = origins.text(origins.of_finding(survey, "evidence"))
    about = {"title": f"{survey.title}: evidence", "survey": survey.name, "verdict": sentence}
    path = folder / "evidence.nc"
    write_tree(path, {"evidence": table}, about | {origins.MADE_FROM: made})
    return path


def verdict(found: dict[str, dict]) -> tuple[xr.Dataset, str]:
    """The table of the rivals, from the attributes of their posteriors, and what follows from it, in a sentence.

    `probability`: with equal probabilities before the data. It is NaN where no rival explains the data: none of these
    is an answer. `lowest` and `highest`: ln of the evidence with the range of one parameter halved or doubled.
    """
    names = list(found)
    value = np.array([found[name]["ln_evidence"] for name in names], float)
    p = np.array([found[name]["posterior_predictive_p"] for name in names], float)
    scatter = np.array([found[name]["mean_s_m"] for name in names], float)
    others = [json.loads(found[name]["ln_evidence_with_other_ranges"]).values() for name in names]
    explains = (p >= MISFIT_P) & (scatter <= MISFIT_S_M)
    probability = np.exp(value - value.max())
    probability = probability / probability.sum() if explains.any() else np.full(len(names), np.nan)
    table = xr.Dataset(
        {
            "ln_evidence": ("rival", value),
            "ln_evidence_error": ("rival", [float(found[name]["ln_evidence_error"]) for name in names]),
            "lowest": ("rival", [min([own, *each]) for own, each in zip(value, others, strict=True)]),
            "highest": ("rival", [max([own, *each]) for own, each in zip(value, others, strict=True)]),
            "posterior_predictive_p": ("rival", p),
            "mean_s_m": ("rival", scatter),
            "explains": ("rival", explains.astype(np.uint8)),
            "probability": ("rival", probability),
        },
        coords={"rival": names},
    )
    return table, _sentence(table)


def _sentence(table: xr.Dataset) -> str:
    explains = table.explains.values.astype(bool)
    if not explains.any():
        return "None of these rivals explains the data: no probabilities are given."
    value = np.where(explains, table.ln_evidence.values, -np.inf)
    best = int(value.argmax())
    # What the grid does not resolve it does not decide either; the best is no error away from itself.
    error = table.ln_evidence_error.values
    unsure = np.where(np.arange(len(value)) == best, 0.0, np.hypot(error, error[best]))
    lead = value[best] - value - unsure
    near = [str(name) for name, own in zip(table.rival.values, lead, strict=True) if own < UNDECIDED]
    titles = [RIVALS[name].title for name in near]
    if len(near) > 1:
        return f"Undecided between {', '.join(titles[:-1])} and {titles[-1]}: |Delta ln Z| < {UNDECIDED:g}."
    # The next one with the ranges that favour it, against the best with those that do not.
    rest = table.highest.values[explains & (value < value[best])]
    firm = not len(rest) or table.lowest.values[best] - rest.max() > UNDECIDED
    return f"{titles[0].capitalize()}, {'also' if firm else 'but not'} with halved and doubled prior ranges."


def _left_out(groups: dict[str, xr.Dataset]) -> float:
    """The sum over the points of ln of the probability of each given all others; NaN for several wires, and for errors
    that are not independent."""
    points = groups["log_likelihood"]
    return float(points.left_out.sum()) if "left_out" in points else float("nan")
