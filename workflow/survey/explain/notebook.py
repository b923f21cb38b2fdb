"""The inference in one process, for a notebook: from a table to posteriors, in the same store and the same files."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import xarray as xr

from survey.compute.tile import compute_tile
from survey.config.inference import InferenceSettings, inference_from
from survey.config.measured.load import load_measurement, measurement_of
from survey.cubes.assemble import assemble
from survey.explain.compare import compare
from survey.explain.experiments import rank
from survey.explain.levels import infer as infer_rival
from survey.explain.predict import predict
from survey.measurement import Measurement
from survey.store.owner import claim
from survey.store.stamps import check_stamp, mend_stamp
from survey.store.tiles import tiles_of
from survey.store.trees import read_tree
from survey.survey import Survey
from survey.written.faults import Faults, Place
from survey.written.validation import validated_as


@dataclass(frozen=True)
class Inferred:
    """What was inferred: the `verdict` in a sentence, the `evidence` of each rival as a table, and `posteriors`, by
    rival the groups of its file (`posterior`, `prior`, `draws`, `log_likelihood`, `observed_data`) as datasets; the
    files are in `folder`."""

    verdict: str
    evidence: pd.DataFrame
    posteriors: Mapping[str, Mapping[str, xr.Dataset]]
    folder: Path


def infer(
    data: Any,
    *,
    name: str = "measurement",
    results: str | Path = "results",
    settings: Mapping | None = None,
    threads: int | None = None,
    **about: Any,
) -> Inferred:
    """What a measurement says of its cause, in this process.

    data: the path of a YAML file of a measurement, several of them, or a table of tau_phi (a DataFrame or a dict of
    columns, with units in the headers as in a CSV file), which needs `name` and, as `about`, the keys of such a file:
    title, source, geometry, definition, constants. settings: the keys of a survey's `inference`, but for measurements:
    rivals, priors, nuisances, seed; with predictions (which may be {}) and experiments their files are made too, by
    default not. results: the folder of results; tables that are in its store are not computed
    again, and a run of Snakemake finds what was done here. threads: all cores by default.
    Raises SurveyError that names everything that is wrong with data or settings. An interrupt loses the tile that is
    being computed and nothing else.
    """
    measurements = _measurements(data, name, about)
    survey = _survey(measurements, dict(settings or {}))
    assert survey.inference is not None
    folder, threads = Path(results), threads or os.cpu_count() or 1
    claim(survey, folder)
    for label, request in survey.quantities.items():
        mend_stamp(folder / "store", request.quantity)
        check_stamp(folder / "store", request.quantity)
        for tile in tiles_of(survey, label):
            if not tile.path(folder / "store").exists():
                compute_tile(folder / "store", tile, threads)
        assemble(survey, label, folder / "store", folder)
    for rival in survey.inference.rivals:
        infer_rival(survey, rival, folder, threads)
    attributes, groups = read_tree(compare(survey, folder))
    if "predictions" in survey.findings:
        predict(survey, folder)
    if "experiments" in survey.findings:
        rank(survey, folder)
    posteriors = {
        rival: read_tree(folder / survey.name / f"posterior_{rival}.nc")[1] for rival in survey.inference.rivals
    }
    return Inferred(attributes["verdict"], groups["evidence"].to_dataframe(), posteriors, folder / survey.name)


def _measurements(data: Any, name: str, about: Mapping) -> list[Measurement]:
    if isinstance(data, str | Path):
        return [load_measurement(data)]
    if isinstance(data, list | tuple) and all(isinstance(each, str | Path) for each in data):
        return [load_measurement(each) for each in data]
    return [measurement_of(data, name=name, **about)]


def _survey(measurements: list[Measurement], settings: dict) -> Survey:
    """A survey that consists of the inference alone, under the name of the first measurement."""
    first = measurements[0]
    faults = Faults("settings", {})
    given = {"measurements": [each.name for each in measurements]}
    written = validated_as(InferenceSettings, {"predictions": None} | settings | given, faults, given)
    inference, tables = inference_from(written, measurements, {}, Place(faults))
    faults.raise_if_any()
    return Survey(first.name, first.path, first.title, {}, {}, tables, {}, {}, inference)
