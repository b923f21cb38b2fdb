"""Paper 000 (Imry, Fukuyama, Schwab): each number and claim that it prints, confirmed or refuted.

The refuted ones are in docs/errata.md.
"""

import numpy as np
import pytest
from numpy import log, pi, sqrt
from scipy.constants import e, hbar, k, m_e
from scipy.integrate import quad

from helpers.unlimited import unlimited
from physics import QUANTITIES
from physics.electrons.background import standard_rate
from physics.noise.crossover import crossover_temperature_power
from physics.noise.defects import (
    coupling,
    level_average,
    level_average_hot,
    rate_ballistic,
    rate_diffusive,
    rate_two_level,
    self_consistent_width,
    width_strong,
)
from physics.noise.one_over_f import active_fraction, hooge_parameter, rate_generic, saturation_logarithm

TAU = 3e-14
B0 = 1e-2 * e / k  # "on the order of 10^-2 eV", in kelvin
GOLD = {"background": "wire", "R_per_length": 1080 / 175e-6, "D": 0.0137, "ee_prefactor": 1.0}


def test_fraction_of_active_defects():
    """(4): "p_t ~ 1e-2" with "log(...)/lambda = 0.1" gives p = 1e-3; at 1 K and 3 ns the logarithm is 6."""
    assert log(k * 1.0 * 3e-9 / hbar) == pytest.approx(5.973, abs=5e-4)
    assert log(k * 0.04 * 3e-9 / hbar) == pytest.approx(2.754, abs=5e-4)
    assert active_fraction(1.0, 3e-9, p_t=1e-2, log_range=60) == pytest.approx(0.0009955335547725435, rel=1e-12)
    assert active_fraction(1.0, 1e-12, p_t=1e-2, log_range=60) == 0


def test_decades_need_the_other_logarithm():
    """(4), "lambda is given, roughly, by the number of decades": p is the same only with log10 in the numerator too."""
    natural = active_fraction(1.0, 3e-9, p_t=1e-2, log_range=26 * log(10))
    mixed = active_fraction(1.0, 3e-9, p_t=1e-2, log_range=26)
    assert natural == pytest.approx(1e-2 * np.log10(k * 3e-9 / hbar) / 26, rel=1e-12)
    assert mixed / natural == pytest.approx(log(10), rel=1e-12)


def test_saturation_follows_from_the_change_by_one_defect():
    """(6) is n_i L^3 (p_t/lambda) ln(alpha) (Delta_1 g)^2 = 1 with (5) and n_i = 1/(l sigma), whatever sigma is."""
    kF, path, sigma, F1, p_t, log_range, tau_phi = 1.2e10, 3e-8, 2e-21, 0.3, 1e-2, 20.0, 2e-9
    tau = 2e-14
    L = path * sqrt(tau_phi / (3 * tau))
    one_defect = 1 / (kF * path) ** 2 * path / L * F1 * sigma * kF**2
    expected = 1 / (L**3 / (path * sigma) * p_t / log_range * one_defect)
    found = saturation_logarithm(tau_phi, p_t=p_t, log_range=log_range, F1=F1, tau=tau)
    assert found == pytest.approx(expected, rel=1e-12)


def test_noise_follows_from_the_change_by_one_defect():
    """(7) is (Delta_1 g)^2/g^2 times the defects per e-fold in a coherent volume, over the number of volumes and of
    independent energies, with g = k_F^2 l L and N = k_F^3 per volume."""
    kF, path, F1, p_t, log_range, tau_phi, T = 1.2e10, 3e-8, 0.3, 1e-2, 20.0, 2e-9, 2.0
    tau = 2e-14
    L = path * sqrt(tau_phi / (3 * tau))
    g, N = kF**2 * path * L, kF**3 * L**3
    moving = L**3 / path * kF**2 * p_t / log_range
    one_volume = moving / (kF * path) ** 2 * path / L * F1 / g**2
    found = hooge_parameter(T, tau_phi, p_t=p_t, log_range=log_range, F1=F1, kFl=kF * path, tau=tau)
    assert found == pytest.approx(N * one_volume * hbar / (tau_phi * k * T), rel=1e-12)


@pytest.mark.parametrize(
    ("T", "tau_phi", "alpha"), [(10.0, 30e-12, 1.5e-3), (4.0, 0.15e-9, 8.7e-3), (1.0, 3e-9, 0.155)]
)
def test_hooge_parameter_of_good_metals(T, tau_phi, alpha):
    """After (7): "the order of 1e-2 in reasonably good metals (k_F l ~ 100) at low temperatures", p_t/lambda = 1e-3."""
    found = hooge_parameter(T, tau_phi, p_t=1e-2, log_range=10.0, F1=1.0, kFl=100.0, tau=TAU)
    assert found == pytest.approx(alpha, rel=0.04)


def test_hooge_parameter_of_dirty_metals():
    """After (7): "between one and ten ... for very dirty metals"; tau ~ k_F l, and the same tau_phi as above."""
    found = hooge_parameter(4.0, 0.15e-9, p_t=1e-2, log_range=10.0, F1=1.0, kFl=10.0, tau=TAU / 10)
    assert 1 < found < 10


def test_hooge_parameter_goes_as_1_over_T_where_tau_phi_saturates():
    T = np.array([0.1, 1.0])
    noise = {"p_t": 1e-2, "log_range": 10.0, "F1": 1.0, "kFl": 100.0, "tau": TAU}
    saturated = hooge_parameter(T, 3e-9, **noise)
    assert saturated[0] / saturated[1] == pytest.approx(10, rel=1e-12)
    for n in (2 / 3, 1.5, 3.0):
        standard = hooge_parameter(T, 1 / (4e8 * T**n), **noise)
        assert standard[0] / standard[1] == pytest.approx(10 ** (n / 2 + 1), rel=1e-12)


def test_hooge_parameter_tells_the_saturation_less_clearly_than_1_over_T():
    """After (7), "a simple proportionality to 1/T": the logarithm in (4) makes it T^-1.16 at best in a gold wire,
    beside T^-4/3 without defects, and where the rate vanishes it is T^-3/2."""
    T = np.geomspace(1e-9, 1e2, 1101)
    constants = {"p_t": 6e-5, "F1": 1.0, "log_range": 60.0, "tau": 2.1e-14, "kFl": 300.0, **GOLD}
    found = unlimited("one_over_f")(T=T, variables=("hooge", "hooge_standard", "T0", "regime"), **constants)
    exponent = {name: -np.gradient(np.log(found[name]), np.log(T)) for name in ("hooge", "hooge_standard")}
    T0 = float(found["T0"])
    np.testing.assert_allclose(exponent["hooge_standard"], 4 / 3, 1e-6)
    assert exponent["hooge"][-2] == pytest.approx(4 / 3, abs=0.02)
    middle = (T > T0 / 100) & (T < T0)
    assert exponent["hooge"][middle].min() == pytest.approx(1.16, abs=0.01)
    bulk = {"background": "bulk", "eps_F": 8.8e-19, "ee_prefactor": 1.0}
    cold = {name: constants[name] for name in ("p_t", "F1", "log_range", "tau", "kFl")}
    hooge = unlimited("one_over_f")(T=T, variables=("hooge",), **bulk, **cold)["hooge"]
    assert -np.gradient(np.log(hooge), np.log(T))[1] == pytest.approx(1.5, abs=0.01)


def test_crossover_in_the_gold_wire_is_of_the_order_of_the_measured_one():
    """(8), "in an order-of-magnitude agreement with ref. [8]": tau_phi of some ns, flat below about 1 K."""
    A = float(standard_rate(1.0, **GOLD))
    assert pytest.approx(4.04e8, rel=0.01) == A
    T0 = crossover_temperature_power([1e-6, 3e-6], tau=2.1e-14, A=4.04e8, n=2 / 3)
    np.testing.assert_allclose(T0, [0.531, 3.22], rtol=2e-3)
    np.testing.assert_allclose(1 / (4.04e8 * T0 ** (2 / 3)), [3.77e-9, 1.134e-9], rtol=2e-3)


def test_rate_below_the_crossover_is_that_at_the_crossover():
    """After (8): below T0 "roughly saturated (apart from the logarithmic correction)" at the standard rate of T0.

    In the gold wire the total rate at T0, T0/2, T0/5, T0/10, T0/100 is 1.89, 1.44, 1.05, 0.83, 0.39 times that.
    """
    A, n, c, tau = 4.04e8, 2 / 3, 1e-6, 2.1e-14
    T0 = crossover_temperature_power(c, tau=tau, A=A, n=n)
    T = T0 / np.array([1.0, 2.0, 5.0, 10.0, 100.0])
    total = A * T**n + rate_generic(T, A * T**n, c=c, tau=tau)
    np.testing.assert_allclose(total / (A * T0**n), [1.89, 1.44, 1.05, 0.83, 0.39], atol=0.006)


def test_rate_vanishes_with_temperature():
    """Section V: "tau_phi will in fact diverge in the T << hbar/tau_phi limit": as hbar/k_B T."""
    T = np.array([1e-7, 1e-9])
    rate = rate_generic(T, 0.0, c=1e-6, tau=2.1e-14)
    np.testing.assert_allclose(rate, k * T / hbar, rtol=1e-3)


def test_ballistic_defects_dominate_in_a_good_metal():
    """(10), (11): "perhaps surprisingly, the ballistic contribution is dominant", by (k_F l)^4."""
    ratio = rate_ballistic(1e-3, F1=1.0, tau=TAU) / rate_diffusive(1e-3, F1=1.0, kFl=100.0, tau=TAU)
    assert ratio == pytest.approx(1e8, rel=1e-12)
    born = {"F1": 1.0, "tau": TAU, "prefactor": "born"}
    assert rate_ballistic(1e-3, **born) / rate_diffusive(1e-3, kFl=100.0, **born) == pytest.approx(
        2 * pi * 1e8, rel=1e-9
    )


def test_rate_of_the_experiment_needs_small_displacements_that_are_not_stated():
    """After (11): "a rate of 1e-5/tau ... we need p ~ 1e-3" holds for F1 = 1e-2; for F1 = 1 p = 1e-5 is enough."""
    assert 1e-5 / TAU == pytest.approx(1 / 3e-9, rel=1e-9)
    assert rate_ballistic(1e-3, F1=1e-2, tau=TAU) == pytest.approx(1e-5 / TAU, rel=1e-12)
    assert rate_ballistic(1e-5, F1=1.0, tau=TAU) == pytest.approx(1e-5 / TAU, rel=1e-12)


def test_concentration_of_the_defects_at_the_relevant_frequencies():
    """After (11): "~100 ppm ... at the relevant range": c_i ~ 1/k_F l = 1e-2 and p_t = 1e-2 are 100 ppm of all that
    move with 1/f; those in the range (3) are p c_i = 10 ppm."""
    c_i, p_t = 1 / 100, 1e-2
    assert p_t * c_i == pytest.approx(100e-6)
    assert active_fraction(1.0, 3e-9, p_t=p_t, log_range=60) * c_i == pytest.approx(10e-6, rel=0.01)


def test_two_estimates_of_p_t_over_lambda():
    """Section III has p_t/lambda ~ 1e-3, section IV p_t = 1e-2 with log/lambda = 0.1, which is 1.7e-4: 6 times less."""
    logarithm = log(k * 1.0 * 3e-9 / hbar)
    assert 1e-2 * 0.1 / logarithm == pytest.approx(1.67e-4, rel=0.01)
    assert 1e-3 / (1e-2 * 0.1 / logarithm) == pytest.approx(5.97, rel=0.01)


def test_both_kinds_of_levels_contribute_the_same():
    """(12): "the contributions of Omega < B and Omega > B are comparable": pi/4 each."""
    whole = level_average_hot(1.0, 1e9)
    assert whole == pytest.approx(pi / 2, rel=1e-8)
    # (1/Omega_max) int dOmega int_Omega^inf dB Omega/(Omega^2 + B^2)
    narrow = quad(lambda Omega: quad(lambda B: Omega / (Omega**2 + B**2), Omega, np.inf)[0], 0, 1)[0]
    assert narrow == pytest.approx(pi / 4, rel=1e-8)
    assert whole - narrow == pytest.approx(narrow, rel=1e-7)


def test_rate_12_agrees_with_the_experiment_for_large_displacements():
    """After (12): "Omega_max/B0 ~ 1e-4 yields an order of magnitude in agreement": with lambda = 10 and F1 = 1; with
    the F1 = 1e-2 that (11) needed, it is a hundred times too small."""
    ratio = 1e-4 * B0
    for F1, expected in ((1.0, 1.6e-5), (1e-2, 1.6e-7)):
        found = TAU * rate_two_level(10.0, ratio, B0, F1=F1, log_range=10.0, tau=TAU)
        assert found == pytest.approx(expected, rel=0.2)


def test_rate_12_vanishes_linearly_below_the_largest_splitting():
    found = level_average(np.array([1e-3, 1e-2]), 1.0, 1e4)
    assert found[1] / found[0] == pytest.approx(10, rel=1e-6)


def test_rate_13_is_printed_with_F1_on_the_wrong_side():
    """(13): the rate rises with F1, as sqrt(F1), and meets (12) at Omega_max = hbar/tau0 for every F1; as printed it
    falls with F1."""

    def printed(Omega, F1):
        return k * Omega / hbar * (F1 * k * B0 * 10 * TAU / hbar) ** -0.5

    Omega = 1e-6 * e / k
    np.testing.assert_allclose([printed(Omega, 1.0), printed(Omega, 0.01)], [7.1e8, 7.1e9], rtol=0.02)
    given = {"log_range": 10.0, "tau": TAU}
    corrected = [width_strong(Omega, B0, F1=F1, **given) for F1 in (1.0, 0.01)]
    np.testing.assert_allclose(corrected, [5.0e8, 5.0e7], rtol=0.01)
    # Where hbar/tau0 = Omega_max, kappa is of order one, and (12) and (13) give that within their approximations.
    kappa = 1 / (pi / 2 - 1)
    assert self_consistent_width(kappa) == pytest.approx(1, rel=1e-12)
    assert sqrt(kappa / 2) == pytest.approx(1, abs=0.07)
    assert pi / 2 * kappa / (1 + kappa) == pytest.approx(1, rel=1e-12)


def test_regime_13_is_not_reached_by_the_papers_own_numbers():
    """kappa = F1 hbar/(B0 lambda tau) = 0.22 F1 <= 0.22, and (13) needs kappa > 1.75: hbar/tau0 < Omega_max always."""
    kappa = coupling(B0, F1=1.0, log_range=10.0, tau=TAU)
    assert kappa == pytest.approx(0.22, rel=0.01)
    assert self_consistent_width(kappa) < 0.3


def test_the_defects_of_rate_12_hold_more_heat_than_the_electrons():
    """P(B, Omega) = 1/(Omega B0 lambda) makes every defect a two-level system; k_F l = 100, eps_F = 5 eV, atomic cross-
    sections, Omega_max = 1e-4 B0: C/C_e = (pi^2/k_F l)(eps_F/k_B B0) times the share of splittings below T."""
    eps_F = 5 * e
    k_F, v_F = sqrt(2 * m_e * eps_F) / hbar, sqrt(2 * eps_F / m_e)
    T = np.array([0.01, 0.1, 1.0])
    metal = {"F1": 1.0, "F2": 1.0, "tau": 100 / (k_F * v_F), "kFl": 100.0, "v_F": v_F, "log_range": 10.0}
    found = QUANTITIES["defect_heat_and_sound"](
        T=T, Lambda0=1e-4 * B0, Estar=B0, omega=1e8, **metal, n_e=k_F**3 / (3 * pi**2), eps_F=eps_F
    )
    hot = pi**2 / 100 * eps_F / (k * B0)
    assert hot == pytest.approx(49.3, rel=1e-3)
    # Small beside T the splittings do not matter.
    assert found["C_ratio"][2] == pytest.approx(hot, rel=1e-3)
    assert (found["C_ratio"] > 0.9 * hot).all()


def test_five_decades_of_frequency_are_a_factor_two_of_barrier():
    """Section V: from 1e3 to 1e8 Hz with an attempt frequency of 1e12 Hz, ln(1e9)/ln(1e4) = 2.25."""
    assert log(1e12 / 1e3) / log(1e12 / 1e8) == pytest.approx(2.25, rel=1e-12)
