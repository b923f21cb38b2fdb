"""Numbers and claims of paper 004 on the two-channel Kondo effect: each reproduced, or refuted (see the errata)."""

import numpy as np
import pytest
from scipy.constants import hbar, k

from helpers.unlimited import unlimited
from physics.electrons import inversions
from physics.impurities.kondo import dephasing_ratio
from physics.impurities.kondo_averages import DISTRIBUTIONS
from physics.impurities.kondo_laws import (
    attenuation_law,
    attenuation_law_as_printed,
    dephasing_law,
    dephasing_law_as_printed,
    saturation_window,
)


def test_saturation_window():
    """After (23): (Delta*/T_K*)^2 < T/T_K* < 1, and Delta* = 200 mK for the window 40 mK ... 1 K."""
    low, high = saturation_window(1.0, 0.2)
    assert low == pytest.approx(0.04) and high == 1
    T = np.geomspace(0.04, 1, 20)
    for distribution in DISTRIBUTIONS:
        rate = dephasing_ratio(T, 1.0, 0.2, distribution=distribution)
        assert rate.max() / rate.min() < 1.41
        colder = dephasing_ratio(np.array([4e-4, 4e-5]), 1.0, 0.2, distribution=distribution)
        assert np.log10(colder[0] / colder[1]) == pytest.approx(0.5, abs=0.03)


def test_low_temperature_law_lacks_a_factor_only():
    """(23), second line."""
    for distribution, factor in (("box", 8 / 9), ("exponential", 1.1816)):
        found = dephasing_ratio(1e-6, 1.0, 10.0, distribution=distribution) / dephasing_law_as_printed(1e-6, 1.0, 10.0)
        assert found == pytest.approx(factor, rel=3e-3)


def test_high_temperature_law_for_small_splittings():
    """(23), first line, Delta* << T: 1/ln^2(T/T_K*) up to corrections of order 1/ln."""
    assert dephasing_law_as_printed(100.0, 1.0, 0.1) == pytest.approx(np.log(100) ** -2, rel=1e-13)
    for t in (1e2, 1e4, 1e6):
        ratio = {
            name: dephasing_ratio(t, 1.0, 1e-3 * t, distribution=name) / dephasing_law_as_printed(t, 1.0, 1e-3 * t)
            for name in DISTRIBUTIONS
        }
        assert 0.92 < ratio["exponential"] < 0.95 and 0.72 < ratio["box"] < 0.89


def test_large_splittings_at_high_temperature_contradict_the_printed_law():
    """(21), (22) give (T/Delta*) F(ln(T/T_K*)), F -> 2/ln^3; (23) prints (T/Delta*)/ln^2(Delta*/T_K*)."""
    t = 100.0
    for distribution, value in (("box", 1.246525e-2), ("exponential", 1.862331e-2)):
        Deltastar = np.array([1e6, 1e8, 1e10])
        scaled = dephasing_ratio(t, 1.0, Deltastar, distribution=distribution) * Deltastar / t
        np.testing.assert_allclose(scaled, value, rtol=6e-5)
    printed = dephasing_law_as_printed(t, 1.0, Deltastar) * Deltastar / t
    np.testing.assert_allclose(printed, np.log(Deltastar) ** -2.0, rtol=1e-13)
    assert printed[0] / printed[-1] == pytest.approx((10 / 6) ** 2)
    np.testing.assert_allclose(dephasing_law(t, 1.0, Deltastar) * Deltastar / t, 2 / np.log(t) ** 3, rtol=1e-13)


def test_specific_heat_is_not_two_per_cent():
    """(9) with chi = L = 1, E* = T_K*: 0.25 % of C_e at T_K* = 1 K; 2 % would need T_K* = 0.13 K."""
    at_1K = inversions.heat_ratio(3e-9, 1.0, 1.0, L_slow=1.0, cross_section="published", prefactor="printed")
    assert at_1K == pytest.approx(2.546e-3, rel=1e-3)
    assert at_1K / 0.02 == pytest.approx(0.1273, rel=1e-3)
    # T_K* = 1 K is the least that a saturation up to 1 K allows, and larger values give less.
    assert inversions.heat_ratio(3e-9, 1.0, 10.0, L_slow=1.0, cross_section="published", prefactor="printed") < at_1K


def test_specific_heat_of_a_distribution_has_a_squared_logarithm():
    """A single system has (T/T_K) ln(T_K/T); averaged over the box, (T/2T_K*) ln^2(T_K*/T)."""
    T = np.array([1e-2, 1e-4])
    heat = unlimited("kondo")(T=T, TKstar=1.0, Deltastar=1e-9, distribution="box", variables=("C_per_tls",))
    np.testing.assert_allclose(heat["C_per_tls"] / k, T / 2 * np.log(T) ** 2, rtol=1e-9)


def test_attenuation_above_the_kondo_temperature_rises_by_the_logarithm():
    """(24), second line: 1/Gamma = ln^2/T, so that W has (T_K*/T) ln^2; ln^-2 without T_K*/T is printed."""
    np.testing.assert_allclose(
        attenuation_law_as_printed([0.5, 100.0], 1.0), hbar / k**2 * np.array([2, 0.01 / np.log(100) ** 2]), rtol=1e-12
    )
    assert attenuation_law_as_printed(1.001, 1.0) > 1e5 * attenuation_law(1.001, 1.0)
    t = 1e4
    found = unlimited("kondo")(T=t, TKstar=1.0, Deltastar=1.0, distribution="box", variables=("W_per_tls",))
    unit = hbar / (4 * k**2 * t)
    assert attenuation_law(t, 1.0) == pytest.approx(unit / t * np.log(t) ** 2, rel=1e-13)
    assert found["W_per_tls"] / attenuation_law(t, 1.0) == pytest.approx(1 + 2 / np.log(t), rel=0.03)
    assert found["W_per_tls"] / (unit * np.log(t) ** -2) < 1.1


def test_attenuation_below_the_kondo_temperature_has_a_logarithm_too():
    """(24), first line, is that of a typical system; <1/Gamma> = [ln(T_K*/T) + 1 + 4/e]/T_K* for the box."""
    for t in (1e-2, 1e-4):
        found = unlimited("kondo")(T=t, TKstar=1.0, Deltastar=1e-9, distribution="box", variables=("W_per_tls",))
        ratio = found["W_per_tls"] / attenuation_law(t, 1.0)
        assert ratio == pytest.approx(np.log(1 / t) + 1 + 4 / np.e, rel=1e-6)
