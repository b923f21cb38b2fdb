"""Ultrasonic attenuation in paper 004: its laws (16)-(18) and claims, each reproduced or refuted (errata page)."""

import numpy as np
import pytest
from numpy import log, pi, tanh

from helpers import reference_attenuation as reference
from physics import QUANTITIES
from physics.constants import BOLTZMANN, HBAR
from physics.heat_and_sound.attenuation import ESTAR_GLASS, PD_GLASS, F_relaxation, F_resonant

ATTENUATION = QUANTITIES["attenuation"]
GLASS = {"Pd_glass": PD_GLASS, "Estar_glass": ESTAR_GLASS, "convention": "published"}


def over_glass(T, chi, omega, mechanism, Pd=None, Estar=0.02):
    """W/W_g of the gold wires: n_T/E* = 5e16/chi cm^-3 K^-1 and E* = 20 mK."""
    Pd = 5 * PD_GLASS / chi if Pd is None else Pd
    return ATTENUATION(T=T, Pd=Pd, chi=chi, Estar=Estar, omega=omega, mechanism=mechanism, **GLASS)["W_over_glass"]


def test_16_is_twice_the_average_of_12():
    """Refuted: (12) averaged with (2) is half of (16) as printed; the drive of (10) asks for twice (16)."""
    point = (0.5, 0.5, 1.0)
    average = reference.F_from_power(reference.relaxation_power, *point)
    assert F_relaxation(*point) == pytest.approx(2 * average, rel=1e-8)


def test_15_is_the_average_of_10():
    point = (0.5, 0.5, 1.0)
    average = reference.F_from_power(lambda *one: reference.resonant_power(*one, "rwa"), *point)
    assert F_resonant(*point) == pytest.approx(average, rel=1e-8)


def test_17_overestimates_16():
    """The law is reproduced, its prefactor 1 is not: 4/pi, 24/pi^2 and 3 too large."""

    def law(chi, Omega, theta):
        return chi / max(Omega, chi * theta) * min(theta, 1)

    for point, factor in (((0.1, 1e-7, 0.01), 4 / pi), ((0.01, 0.5, 0.01), 24 / pi**2), ((0.01, 1e4, 100.0), 3)):
        assert law(*point) / F_relaxation(*point) == pytest.approx(factor, rel=2e-3)


def test_relaxation_changes_its_law_where_the_frequency_is_chi_T():
    """The two laws of (16) meet at hbar omega = (pi/3) chi T below E* and at (8/3 pi) chi T above."""
    for theta, factor in ((1e-3, pi / 3), (1e3, 8 / (3 * pi))):
        chi = 0.01
        slow = F_relaxation(chi, 1e-6 * chi * theta, theta)
        fast = F_relaxation(chi, 1e6 * chi * theta, theta) * 1e6 * chi * theta
        assert fast / slow == pytest.approx(factor * chi * theta / 2, rel=1e-3)


def test_18_lacks_pi_and_a_third():
    """-chi ln(Omega) + Omega/max(Omega, theta): the second term lacks pi, the first a third."""
    chi = 1e-2
    cold, cool = F_resonant(chi, 0.01, 1e-4), F_resonant(chi, 1e-4, 1e-4)
    assert cold == pytest.approx(pi, rel=1e-2)
    assert cool - cold == pytest.approx(pi * (tanh(1) - 1) + chi / 3 * log(100), rel=1e-2)
    assert F_resonant(1e-4, 1e-3, 0.1) == pytest.approx(pi * 1e-2, rel=1e-2)


def test_18_at_high_frequency():
    """chi/Omega~^2: six times too large for Omega >> chi theta, a logarithm short in the other case."""
    assert F_resonant(0.1, 1e4, 1.0) == pytest.approx(0.1 / 1e8 / 6, rel=1e-3)
    assert F_resonant(1.0, 100.0, 1e6) == pytest.approx(log(2e4) / 2 / 1e12, rel=2e-2)


def test_the_logarithm_of_18_is_an_artefact():
    """(15) keeps one of the two rotating terms. With both, as the Bloch equations have them, the logarithm is gone."""
    both = {kind: F_resonant(1e-3, 1e-5, 0.1, counter_rotating=kind) for kind in ("rwa", "full", "van_vleck")}
    assert both["rwa"] / (pi * tanh(1e-4)) == pytest.approx(11.376, rel=1e-3)
    assert both["full"] == pytest.approx(3.14146e-4, rel=1e-5)
    assert both["van_vleck"] == pytest.approx(pi * tanh(1e-4), rel=1e-4)


def test_which_mechanism_dominates():
    """Reproduced: relaxation when fast and hot, 2 Omega times the resonant part; the resonance when cold."""
    chi = 0.03
    assert F_relaxation(chi, 300.0, 100.0) / F_resonant(chi, 300.0, 100.0) == pytest.approx(600, rel=1e-2)
    assert F_resonant(chi, 0.1, 1e-3) > 1e3 * F_relaxation(chi, 0.1, 1e-3)


def test_resonant_parts_compare_as_the_densities_of_states():
    """Reproduced where the resonance is narrow: hbar omega < E*, chi T << hbar omega."""
    omega = 0.01 * BOLTZMANN / HBAR
    assert over_glass(T=1e-3, chi=0.01, omega=omega, mechanism="resonant") == pytest.approx(5 / 0.01, rel=1e-2)


@pytest.mark.parametrize(("chi", "printed_range"), [(0.01, 500), (0.1, 50)])
def test_relaxation_parts_compare_as_the_densities_below_the_cut_off(chi, printed_range):
    """The paper says 10 to 100; its own 5e16/chi cm^-3 K^-1 over P_g = 1e16 is 50 to 500 for chi = 0.1 to 0.01."""
    assert over_glass(T=2e-3, chi=chi, omega=1e3, mechanism="relaxation") == pytest.approx(printed_range, rel=1e-3)


def test_relaxation_parts_fall_above_the_cut_off():
    """min(1, E*/T): slow sound has tanh(E*/2T), half of that when hot; fast sound 0.41 E*/T."""
    T = np.array([0.2, 0.5, 1.0])
    slow = over_glass(T=T, chi=0.01, omega=1e3, mechanism="relaxation")
    np.testing.assert_allclose(slow, 500 * tanh(0.01 / T) / tanh(10 / T), rtol=1e-3)
    np.testing.assert_allclose(slow / 500 / (0.02 / T), 0.5, rtol=5e-3)
    fast = over_glass(T=0.2, chi=1e-4, omega=1e11, mechanism="relaxation", Pd=PD_GLASS)
    assert fast / (0.02 / 0.2) == pytest.approx(4 / pi**2, rel=1e-2)
