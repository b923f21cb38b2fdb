"""What was measured, and what the data leave of it, to be drawn over the cube that they were weighed with."""

from pathlib import Path

import netCDF4
import numpy as np

from survey.inference import SEEN
from survey.rivals import RIVALS
from survey.store.origins import findings_about
from survey.store.sealed import damage_of, open_sealed
from survey.survey import Survey

# Numbers that are seen are those of a table itself, or are made of them (`survey.inference.SEEN`).
_MADE_OF_OTHERS = ("C", "C_over_T")


def overlays(survey: Survey, label: str, folder: Path) -> list[dict]:
    """Of the cube of a label that an inference weighs: the measured dephasing times as `points` (T, value, relative
    error, limit), and the posterior of its rival as a `band` (quantiles 2.5, 16, 50, 84 and 97.5 % at each T), in the
    vocabulary's units. Empty for any other cube. SurveyError if a posterior does not exist."""
    found: list[dict] = []
    for finding, measured in findings_about(survey, label).items():
        wires = [each.name for each in survey.inference.measurements]
        measurement = survey.inference.measurements[wires.index(measured)]
        along = {"variable": "tau_phi", "x": "T"}
        if not found:
            table = next(each for each in measurement.tables if each.observable == "tau_phi")
            kind = "made up" if measurement.synthetic else "measured"
            rows = zip(table.at["T"], table.values, table.relative, table.limits, strict=True)
            found.append({"kind": "points", "label": f"{kind}, 1σ: {measurement.title}", "points": list(rows)} | along)
        path = folder / f"{finding}.nc"
        with open_sealed(path) as file, damage_of(path):
            observed = file["observed_data"]
            own = observed["wire"][:] == wires.index(measured)
            T, quantiles = np.asarray(observed["T"][:])[own], np.asarray(observed["tau_phi_posterior"][:])[:, own]
        order = np.argsort(T, kind="stable")
        rival = RIVALS[finding.removeprefix("posterior_")].title
        found.append(
            {
                "kind": "band",
                "label": f"posterior of {rival}: median, 68 % and 95 %",
                "at": T[order].tolist(),
                "quantiles": quantiles[:, order].tolist(),
            }
            | along
        )
    return found


def predicted(survey: Survey, label: str, folder: Path) -> list[dict]:
    """Of a table of what follows from a rival: the bands of the predictions along T, one for each condition that they
    are made for (`where`), in the vocabulary's units. Empty for any other cube, or without predictions."""
    path = folder / "predictions.nc"
    besides = survey.inference.consequences if survey.inference else None
    kinds = {
        table: (rival, kind)
        for rival, tables in (besides.tables if besides else {}).items()
        for kind, table in tables.items()
    }
    if label not in kinds or not path.is_file():
        return []
    rival, kind = kinds[label]
    found: list[dict] = []
    with open_sealed(path) as file, damage_of(path):
        for name, seen in SEEN.items():
            group = next((each for each in file.groups.values() if name in each.variables), None)
            if seen.kind == kind and name not in _MADE_OF_OTHERS and group is not None:
                found += _bands(group, name, seen.variable, rival)
    return found


def _bands(group: netCDF4.Dataset, name: str, variable: str, rival: str) -> list[dict]:
    """The bands of one number of a rival; a condition for which there is none is left out."""
    dims = group[name].dimensions
    values = np.ma.filled(group[name][list(group["rival"][:]).index(rival)], np.nan)
    T, conditions = np.asarray(group["T"][:]), dims[3:]
    found = []
    for place in np.ndindex(values.shape[2:]):
        own = values[(slice(None), slice(None), *place)]
        known = np.isfinite(own).all(axis=0)
        if known.any():
            where = {axis: float(group[axis][n]) for axis, n in zip(conditions, place, strict=True)}
            found.append(
                {
                    "kind": "band",
                    "variable": variable,
                    "x": "T",
                    "label": f"prediction of {RIVALS[rival].title}: median, 68 % and 95 %",
                    "at": T[known].tolist(),
                    "quantiles": own[:, known].tolist(),
                    "where": where,
                }
            )
    return found
