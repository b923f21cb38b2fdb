"""A small inference, made once by the steps themselves, without Snakemake."""

from pathlib import Path
from typing import NamedTuple

import pytest

from survey.compute.tile import compute_tile
from survey.config.load import load_survey
from survey.cubes.assemble import assemble
from survey.explain.compare import compare
from survey.explain.experiments import rank
from survey.explain.levels import infer
from survey.explain.predict import predict
from survey.store.tiles import tiles_of
from survey.survey import Survey

ROOT = Path(__file__).parents[2]
SURVEY = """
title: A small inference
inference:
  measurements: [wire]
  rivals:
    background:
    tunnelling_states: {nodes_per_decade: 1}
    one_over_f: {nodes_per_decade: 2}
    kondo: {nodes_per_decade: 1}
    magnetic_impurities: {nodes_per_decade: 2}
  predictions:
    T: {start: 10 mK, stop: 1 K, num: 3}
    omega: {values: [1e9 rad/s]}
    t_exp: {values: [1 ms, 3600 s]}
    H: {values: [1 mT, 10 mT]}
    T_dephasing: {start: 3 mK, stop: 3 K, num: 19}
  experiments:
    heat: {measure: [{observable: C, T: 20 mK, error: 5 %}]}
    both:
      measure:
      - {observable: C_over_T, T: 20 mK, t_exp: 1 ms, error: 0.05}
      - {observable: tau_phi, T: 5 mK, error: 5 %}
      cost: 2
    noise: {measure: [{observable: hooge, T: 20 mK, error: 10 %}]}
"""


class Made(NamedTuple):
    """The survey of a small inference, and the folder of its results."""

    survey: Survey
    results: Path

    def file(self, name: str) -> Path:
        return self.results / self.survey.name / f"{name}.nc"


def written(folder: Path) -> Path:
    """The survey in a folder, with a measurement: that of the synthetic wire, six points of it, and of a width."""
    for name in ("surveys", "measurements"):
        (folder / "config" / name).mkdir(parents=True)
    shipped = ROOT / "config" / "measurements" / "synthetic_gold_wire"
    about = shipped.with_suffix(".yaml").read_text().replace("constants:\n", "constants:\n  width: 100 nm\n", 1)
    about = about.replace(
        "constants:\n", "constants:\n  gamma: 1 eV\n  rho_mass: 19300 kg/m^3\n  v_sound: 3240 m/s\n", 1
    )
    (folder / "config" / "measurements" / "wire.yaml").write_text(about)
    head, *rows = shipped.with_suffix(".csv").read_text().strip().split("\n")
    lines = [line for line in (head, *rows) if line.startswith("#")]
    table = [line for line in (head, *rows) if not line.startswith("#")]
    (folder / "config" / "measurements" / "wire.csv").write_text("\n".join([*lines, table[0], *table[1::3]]) + "\n")
    path = folder / "config" / "surveys" / "small.yaml"
    path.write_text(SURVEY)
    return path


@pytest.fixture(scope="session")
def small(tmp_path_factory) -> Made:
    folder = tmp_path_factory.mktemp("inference")
    survey, results = load_survey(written(folder)), folder / "results"
    assert survey.inference is not None
    for label in survey.quantities:
        for tile in tiles_of(survey, label):
            compute_tile(results / "store", tile, 1)
        assemble(survey, label, results / "store", results)
    with pytest.MonkeyPatch.context() as patch:
        # Fewer than a survey has, as a ranking takes a time that grows as their number.
        patch.setattr("survey.explain.levels.DRAWS", 2000)
        for rival in survey.inference.rivals:
            infer(survey, rival, results)
    compare(survey, results)
    predict(survey, results)
    rank(survey, results)
    return Made(survey, results)
