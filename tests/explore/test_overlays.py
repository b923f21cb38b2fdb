"""What lies over the cubes of an inference: the data, posteriors and predictions, as their files have them."""

from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from survey.config.load import load_survey
from survey.errors import SurveyError
from survey.explore.overlays import overlays, predicted
from survey.store.trees import write_tree

ROOT = Path(__file__).parents[2]
QUANTILES = np.array([0.025, 0.16, 0.5, 0.84, 0.975])


@pytest.fixture(scope="module")
def survey():
    return load_survey(ROOT / "config" / "surveys" / "synthetic_wire.yaml")


def test_data_and_posterior_lie_over_the_cube_that_they_weigh(survey, tmp_path):
    T = np.array([0.3, 0.1])
    bands = QUANTILES[:, None] * np.array([1e-9, 2e-9])
    observed = xr.Dataset(
        {
            "T": ("point", T),
            "wire": ("point", np.zeros(2, dtype=np.int64)),
            "tau_phi_posterior": (("quantile", "point"), bands),
        }
    )
    write_tree(tmp_path / "posterior_glass.nc", {"observed_data": observed}, {})
    points, band = overlays(survey, "synthetic_gold_wire_glass", tmp_path)
    (measurement,) = survey.inference.measurements
    assert [row[1] for row in points["points"]] == list(measurement.tables[0].values)
    assert points["kind"] == "points" and points["label"].startswith("made up, 1σ")
    # In ascending order of T.
    assert band["at"] == [0.1, 0.3] and np.array_equal(band["quantiles"], bands[:, ::-1])
    assert band["variable"] == "tau_phi" and "posterior of glass" in band["label"]
    with pytest.raises(SurveyError, match="posterior_kondo"):
        overlays(survey, "synthetic_gold_wire_kondo", tmp_path)


def test_predictions_lie_over_the_tables_of_their_rival(survey, tmp_path):
    label = "synthetic_gold_wire_glass_heat"
    assert predicted(survey, label, tmp_path) == []
    values = np.arange(2 * 5 * 3 * 2, dtype=float).reshape(2, 5, 3, 2) + 1
    values[1, :, 2, 0] = np.nan
    values[1, :, :, 1] = np.nan
    heat = xr.Dataset(
        {"C_ratio": (("rival", "quantile", "T", "t_exp"), values)},
        {"rival": ["background", "glass"], "quantile": QUANTILES, "T": [0.01, 0.1, 1.0], "t_exp": [1.0, 3600.0]},
    )
    write_tree(tmp_path / "predictions.nc", {"heat": heat}, {})
    (band,) = predicted(survey, label, tmp_path)
    assert band["where"] == {"t_exp": 1.0} and band["variable"] == "C_ratio" and band["at"] == [0.01, 0.1]
    assert np.array_equal(band["quantiles"], values[1, :, :2, 0])
    assert predicted(survey, "synthetic_gold_wire_glass", tmp_path) == []
