"""Few rates in place of many: the relaxation that they give, at every time, against the sum over the many."""

import numpy as np
import pytest

from helpers import reference
from physics.levels.spectrum import TERMS, smooth

T = 0.3


def spectrum(log_cosh, log_weights, E=(0.1, 0.5, 2.0)):
    """The Spectrum of levels at some energies, with these weights at nodes of ln cosh(eta)."""
    E = np.array(E)
    return smooth(T, E, np.zeros(len(E)), E, log_cosh, log_weights)


def relaxation(z, rates, weights):
    return np.array([np.sum(weights * reference.relaxation_bracket(rates * value)) for value in z])


def expected(z, log_cosh, log_weights, E=(0.1, 0.5, 2.0)):
    E = np.array(E)[:, None]
    rates = 2 * E / np.tanh(E / (2 * T)) * np.exp(-2 * log_cosh)
    return relaxation(z, rates, np.exp(log_weights) / np.cosh(E / (2 * T)) ** 2)


@pytest.mark.parametrize("reach", [1e-9, 0.4, 3.0, 20.0])
@pytest.mark.parametrize("seed", [1, 2])
def test_at_every_time_they_relax_as_the_many(reach, seed):
    """Drawn rates and weights over many orders, or all at one rate."""
    rng = np.random.default_rng(seed)
    log_cosh, log_weights = rng.uniform(0, reach, 90), rng.uniform(-12, 0, (3, 90))
    z = np.geomspace(1e-6, 1e30, 200)
    few = spectrum(log_cosh, log_weights)
    assert len(few.rates) <= TERMS * (2 * reach + 5)
    found = np.exp(few.log_scale) * relaxation(z, few.rates, few.relaxation)
    np.testing.assert_allclose(found, expected(z, log_cosh, log_weights), rtol=5e-11)
    assert np.all(np.diff(few.rates) > 0)


def test_what_never_counts_is_left_out():
    """Levels exp(-60) as many and slower by exp(40) add nothing at any time; so many that are faster do when all are
    slow, unless their rates are but exp(10) times the others'."""
    few, none = -60.0, 0.0
    kept = {reach: spectrum(np.array([0.0, reach]), np.array([[few, none]] * 3)) for reach in (5.0, 20.0)}
    slow = spectrum(np.array([0.0, 20.0]), np.array([[none, few]] * 3))
    assert max(one.rates[-1] / one.rates[0] for one in (slow, kept[5.0])) < 100
    assert kept[20.0].rates[-1] / kept[20.0].rates[0] > np.exp(37)


def test_the_slowest_stand_where_they_no_longer_matter():
    """Rates below exp(-50) of the fastest: all relax at some time, and their number is kept."""
    log_cosh = np.array([0.0, 40.0])
    few = spectrum(log_cosh, np.zeros((3, 2)))
    assert few.rates[-1] / few.rates[0] < np.exp(53)
    total = np.sum(2 / np.cosh(np.array([0.1, 0.5, 2.0]) / (2 * T)) ** 2)
    assert np.exp(few.log_scale) * np.sum(few.relaxation) == pytest.approx(total, rel=1e-12)
