"""Posteriors of data that were simulated with the exact kernel from what is believed: the truth falls evenly."""

import numpy as np
import pytest
from scipy.stats import kstest

from benchmarks.calibration import calibrated, confusion, coverage
from benchmarks.posteriors import survey_of, table_of
from benchmarks.samplers import exact
from survey.explain.posterior import cells_of, setting
from survey.explain.tables import data_of


@pytest.fixture(scope="module")
def survey(tmp_path_factory):
    rivals = {"background": None, "magnetic_impurities": 3, "one_over_f": 3}
    return survey_of(tmp_path_factory.mktemp("surveys"), rivals)


@pytest.fixture(scope="module")
def tables(survey):
    return {rival: table_of(survey, rival) for rival in survey.inference.rivals}


@pytest.mark.parametrize("rival", ["magnetic_impurities", "one_over_f"])
def test_truths_fall_evenly_and_intervals_hold_them(survey, tables, rival):
    for name, shares in calibrated(survey, rival, tables[rival], 40, 1).items():
        assert kstest(shares, "uniform").pvalue > 0.01, name
        # Of 40 data sets the share of 0.68 has a standard error of 0.07, that of 0.95 of 0.03.
        assert 0.48 < coverage(shares, 0.68) < 0.88 and coverage(shares, 0.95) > 0.85, name


def test_the_evidence_does_not_prefer_a_wrong_rival(survey, tables):
    """The mean probability of rival j in data of rival i is that of i in data of j, and each is its own best."""
    found = confusion(survey, tables, 8, 1)
    np.testing.assert_allclose(found.sum(axis=1), 1.0)
    assert (found.argmax(axis=0) == np.arange(3)).all()
    np.testing.assert_allclose(found, found.T, atol=0.35)


def test_the_evidence_is_that_of_the_exact_kernel(survey, tables):
    """The mean likelihood of parameters, nuisances, scatter and heating drawn from what is believed: kernel alone."""
    measurement, rival = survey.inference.measurements[0], "magnetic_impurities"
    data = data_of(measurement.tables[0])
    # Errors ten times as large: plain sampling then finds the likelihood.
    wide = type(data)(data.T, data.y, 10 * data.s, data.limit)
    cells = cells_of(tables[rival], wide, setting(survey.inference.nuisances.of(measurement)))
    value = cells.weigh(cells.log_prior(survey.inference.rivals[rival].ranges, 0.0))[1]
    problem = exact(survey, rival, wide)
    likelihood = np.exp(problem.log_likelihood(np.random.default_rng(1).random((8000, problem.dimensions))))
    error = likelihood.std() / likelihood.mean() / np.sqrt(len(likelihood))
    assert error < 0.04
    assert value == pytest.approx(np.log(likelihood.mean()), abs=3 * error + 0.02)
