"""What was measured, and what the data leave of it, to be drawn over the cube that they were weighed with."""

from pathlib import Path

import numpy as np

from survey.rivals import RIVALS
from survey.store.origins import findings_about
from survey.store.sealed import damage_of, open_sealed
from survey.survey import Survey


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
