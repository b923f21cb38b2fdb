"""Fractions of defects in 1/f motion that are at most 1 where the logarithm of paper 000, eq. (4), exceeds lambda."""

import numpy as np
import pytest
from numpy import log, pi
from scipy.constants import e, h, hbar, k
from scipy.optimize import brentq

from helpers import reference_noise
from physics import QUANTITIES
from physics.noise.crossover import crossover_temperature
from physics.noise.one_over_f import active_fraction

QUANTITY = QUANTITIES["one_over_f"]
BORN = {"published": 1.0, "consistent": 2 / 3}
R_K = h / e**2
R, F1, LOG_RANGE, TAU = 10.0, 0.9, 2.5, 3e-12


def film(T):
    """The rate of a film in 1/s."""
    return k * T / hbar * R / R_K * log(R_K / (2 * R))


def generic(convention, T, p_t):
    given = {"R_sq": R, "ee_prefactor": 1.0, "background": "film", "convention": convention}
    return QUANTITY(T=T, p_t=p_t, F1=F1, log_range=LOG_RANGE, tau=TAU, kFl=30.0, **given)


@pytest.mark.parametrize("convention", BORN)
def test_the_window_holds_no_more_than_all_defects(convention):
    T, p_t = 10 ** np.random.default_rng(4).uniform([-2, -3], [2, 0], (60, 2)).T
    found = generic(convention, T, p_t)
    total = found["rate_total"]
    part = np.clip(log(k * T / (hbar * total)) / LOG_RANGE, 0, 1)
    all_move = part == 1
    assert 10 < all_move.sum() < 50
    expected = film(T) + BORN[convention] * p_t * F1 / TAU * part
    np.testing.assert_allclose(total, expected, rtol=1e-9)
    assert np.all(found["p_active"] <= p_t)
    np.testing.assert_allclose(found["p_active"], p_t * part, atol=1e-11 * TAU * total.max(), rtol=1e-9)
    assert active_fraction(T, 1 / total, p_t=p_t, log_range=LOG_RANGE) == pytest.approx(p_t * part, rel=1e-12)


@pytest.mark.parametrize("convention", BORN)
def test_the_crossover_where_all_defects_move(convention):
    """Over a film the rate of all defects is reached at a temperature in proportion to p_t."""
    p_t = np.array([0.01, 0.1, 1.0])
    T0 = generic(convention, 1.0, p_t)["T0"]
    np.testing.assert_allclose(film(T0), BORN[convention] * p_t * F1 / TAU, rtol=1e-10)


@pytest.mark.parametrize("log_range", [0.2, 0.4, 0.6, 3.0, 6.0, 9.0])
def test_the_crossover_of_a_sum_of_powers(log_range):
    """A T^(2/3) + B T^3 against the highest of the crossings of a dense scan."""
    A, B, tau = 3e10, 1e8, 1e-14

    def rate(T):
        return A * T ** (2 / 3) + B * T**3

    several = 0
    for c in np.geomspace(1e-6, 0.03, 8):

        def excess(x, c=c):
            T = np.exp(x)
            return tau * rate(T) - c * np.minimum(log(k * T / (hbar * rate(T))), log_range)

        grid = np.linspace(-25, 8, 20001)
        up = np.flatnonzero((excess(grid[:-1]) < 0) & (excess(grid[1:]) >= 0))
        expected = np.exp(brentq(excess, grid[up[-1]], grid[up[-1] + 1], xtol=1e-14)) if len(up) else np.nan
        found = crossover_temperature(c, tau=tau, terms=((A, 2 / 3), (B, 3.0)), log_range=log_range)
        np.testing.assert_allclose(found, expected, rtol=1e-9)
        several += len(up) > 0
    assert several > 2


def test_two_level_defects_of_which_more_are_counted_than_there_are():
    """Without a thermal factor eq. (12) counts Omega_max/(B0 lambda) times the average over levels."""
    options = {"model": "two_level", "background": "film", "R_sq": R, "ee_prefactor": 1.0}
    for Omega, B0 in ((10.0, 1.0), (3.0, 1.0)):
        border = Omega / B0 * reference_noise.level_average(1.0, Omega, B0, thermal=None)
        for side, flag in ((1 - 1e-9, 3), (1 + 1e-9, 0)):
            point = {"T": 1.0, "F1": 0.9, "log_range": border * side, "tau": 3e-12, "kFl": 30.0}
            found = QUANTITY(Lambda0=Omega, Estar=B0, **point, **options)
            assert found["status"] == flag or (flag == 0 and found["status"] == 1)
    assert border > 1 and pi > border
