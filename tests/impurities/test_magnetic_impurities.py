"""Magnetic impurities and heated electrons, the rivals of two-level systems that are closed forms."""

import mpmath
import numpy as np
import pytest
from scipy.constants import electron_mass, eV, hbar, k
from scipy.integrate import quad
from scipy.optimize import brentq

from physics import QUANTITIES, ParameterError
from physics.electrons.background import decay_rates
from physics.electrons.heating import electron_temperature
from physics.heat_and_sound.electron_heat import electron_specific_heat
from physics.impurities.magnetic_impurities import (
    density_of_states,
    impurity_specific_heat,
    resonance_heat,
    spin_flip_rate,
)

EPS_F = 5.53 * eV
K_F = np.sqrt(2 * electron_mass * EPS_F) / hbar
V_F = hbar * K_F / electron_mass
N_IMP = 5.9e22
IMPURITIES = {"n_imp": N_IMP, "T_K": 0.04, "spin": 2.5, "eps_F": EPS_F}
WIRE = {"R_per_length": 1e7, "D": 0.01, "ee_prefactor": 1.0}
PHONONS = {"ep_rate": 1e9, "ep_exponent": 3.0}


def test_the_density_of_states_is_that_of_both_spins():
    n_e = K_F**3 / (3 * np.pi**2)
    assert density_of_states(EPS_F) == pytest.approx(3 * n_e / (2 * EPS_F), rel=1e-12)


@pytest.mark.parametrize("spin", [0.5, 1.0, 2.5])
def test_the_largest_rate_is_the_inelastic_unitary_limit(spin):
    """pi/k_F^2 is the largest inelastic cross-section of s-waves, |eta| = 0; four times less than the elastic one."""
    impurities = IMPURITIES | {"spin": spin}
    T = np.geomspace(1e-3, 10, 4001)
    rate = spin_flip_rate(T, **impurities)
    assert T[rate.argmax()] == pytest.approx(0.04, rel=3e-3)
    assert spin_flip_rate(0.04, **impurities) == pytest.approx(N_IMP * V_F * np.pi / K_F**2, rel=1e-12)


def golden_rule(coupling, spin):
    """(2 pi/hbar) n_imp rho <|J S.sigma/2|^2> (1/s): final states of both spins, S.sigma as a matrix, for rho J."""
    m = np.arange(spin, -spin - 1, -1)
    up = np.diag(np.sqrt(spin * (spin + 1) - m[1:] * (m[1:] + 1)), 1)
    S = (up + up.T) / 2, (up - up.T) / 2j, np.diag(m)
    sigma = np.array([[0, 1], [1, 0]]), np.array([[0, -1j], [1j, 0]]), np.diag([1, -1])
    exchange = sum(np.kron(a, b) for a, b in zip(S, sigma, strict=True)) / 2
    strength = np.trace(exchange @ exchange).real / len(exchange)
    rho = electron_mass * K_F / (2 * np.pi**2 * hbar**2)
    return 2 * np.pi / hbar * N_IMP * strength * coupling**2 / rho


@pytest.mark.parametrize("spin", [0.5, 1.0, 2.5])
def test_far_above_the_kondo_temperature_it_is_the_golden_rule(spin):
    """The running coupling rho J = 1/ln(T/T_K); what is left is of relative order (pi^2 S(S+1)/ln^2)."""
    T_K = 1e-300
    rate = spin_flip_rate(100.0, **(IMPURITIES | {"spin": spin, "T_K": T_K}))
    expected = golden_rule(1 / np.log(100 / T_K), spin)
    assert rate == pytest.approx(expected, rel=np.pi**2 * spin * (spin + 1) / np.log(100 / T_K) ** 2)


def test_half_the_maximum_is_a_spin_of_logarithms_away():
    half = 0.5 * N_IMP * V_F * np.pi / K_F**2
    impurities = IMPURITIES | {"spin": 0.5}
    T = brentq(lambda T: spin_flip_rate(T, **impurities) - half, 0.05, 1e3, xtol=1e-12)
    assert np.log(T / 0.04) == pytest.approx(np.pi * np.sqrt(0.75), rel=1e-9)


def test_rates_add_to_the_background():
    T = np.geomspace(0.02, 5, 7)
    plain = QUANTITIES["magnetic_impurities"](T=T, **IMPURITIES)
    background = QUANTITIES["background"](T=T, background="wire", phonons="power", **WIRE, **PHONONS)
    options = {"background": "wire", "phonons": "power"}
    both = QUANTITIES["magnetic_impurities"](T=T, **IMPURITIES, **WIRE, **PHONONS, **options)
    np.testing.assert_allclose(both["rate_total"], plain["rate_sf"] + background["rate_total"], rtol=1e-14)
    np.testing.assert_array_equal(plain["rate_total"], plain["rate_sf"])
    bulk = QUANTITIES["background"](T=T, background="bulk", eps_F=EPS_F, kFl=100.0, ee_prefactor=2.0)
    both = QUANTITIES["magnetic_impurities"](T=T, **IMPURITIES, background="bulk", kFl=100.0, ee_prefactor=2.0)
    np.testing.assert_allclose(both["rate_total"] - plain["rate_sf"], bulk["rate_total"], rtol=1e-9)


def test_the_dephasing_time_in_each_definition():
    """The weighted integrals over exp(-t/tau_sf - (t/tau_N)^(3/2)), by quadrature in t = s^2."""
    T = 0.1
    impurities = QUANTITIES["magnetic_impurities"]
    rate = impurities(T=T, **IMPURITIES, variables=("rate_sf",))["rate_sf"]
    nyquist = decay_rates(T, background="wire", **WIRE)[1]

    def weighted(power):
        def integrand(s):
            t = s * s / rate
            return 2 * s ** (2 * power + 1) * np.exp(-rate * t - (nyquist * t) ** 1.5)

        return quad(integrand, 0, 10, epsabs=0, epsrel=1e-12)[0]

    found = impurities(T=T, **IMPURITIES, **WIRE, background="wire", definition="wire")
    assert found["tau_phi"] == pytest.approx(weighted(-0.5) ** 2 / np.pi / rate, rel=1e-10)
    assert 0.05 < nyquist / rate < 20
    for definition, factor in (("logarithm_2d", np.exp(-np.euler_gamma)), ("film", 1), ("wire", 1), ("bulk", 1)):
        alone = impurities(T=T, **IMPURITIES, definition=definition)
        assert alone["tau_phi"] * rate == pytest.approx(factor, rel=1e-12)


def test_status_of_magnetic_impurities():
    T = np.array([0.01, 0.039, 0.041, 1.0])
    found = QUANTITIES["magnetic_impurities"](T=T, **(IMPURITIES | {"n_imp": 1e21}))
    np.testing.assert_array_equal(found["status"], [2, 2, 0, 0])
    many = QUANTITIES["magnetic_impurities"](T=T, **(IMPURITIES | {"n_imp": 1e26}))
    assert (hbar * many["rate_total"] > k * T).all() and (many["status"] == 1).all()


def resonance(z):
    """The heat of the states below a Lorentzian of the half-width 2 pi z k_B T, e = k_B T x, by quadrature."""
    with mpmath.workdps(30):
        Gamma = 2 * mpmath.pi * mpmath.mpf(z)
        edges = sorted({mpmath.mpf(0), *(min(Gamma, 60) * mpmath.mpf(4) ** k for k in range(-3, 4)), 4, 15, 40, 150})
        edges = [edge for edge in edges if edge <= 150]
        return 2 * mpmath.quad(
            lambda x: Gamma / mpmath.pi / (x * x + Gamma * Gamma) * (x / 2) ** 2 * mpmath.sech(x / 2) ** 2, edges
        )


@pytest.mark.parametrize("z", [1.6e-9, 1e-5, 0.01, 0.3, 1.0, 4.0, 7.999999, 8.000001, 30.0, 1e3, 1.6e4])
def test_the_heat_of_a_resonance(z):
    """From T_K = 1e-6 K at 100 K to 100 K at 1 mK, and on either side of where the series begins."""
    assert resonance_heat(z) == pytest.approx(float(resonance(z)), rel=1e-12)


def test_limits_of_the_heat_of_a_resonance():
    assert resonance_heat(1e-9) == pytest.approx(2e-9, rel=1e-8)
    # Sommerfeld's (pi^2/3) k_B^2 T rho, rho = 1/(pi Gamma) at the Fermi level, Gamma = 2 pi z k_B T.
    assert resonance_heat(1e5) == pytest.approx(np.pi**2 / 3 / (2 * np.pi**2 * 1e5), rel=1e-9)


@pytest.mark.parametrize("spin", [0.5, 1.0, 2.5])
def test_the_entropy_of_a_spin(spin):
    """int C dT/T = k_B ln(2S + 1) for each impurity."""
    T_K = 0.04
    entropy = quad(
        lambda x: impurity_specific_heat(T_K * np.exp(x), n_imp=N_IMP, T_K=T_K, spin=spin), -30, 30, epsabs=0, limit=200
    )[0]
    assert entropy == pytest.approx(N_IMP * k * np.log(2 * spin + 1), rel=1e-8)


def test_heat_of_impurities_beside_that_of_the_electrons():
    """0.1 ppm of spins 1/2 with T_K = 10 mK in gold: 5 % of the electrons' heat at T_K/2, nothing at 1 K."""
    T = np.array([0.005, 0.05, 1.0])
    spins = IMPURITIES | {"spin": 0.5, "T_K": 0.01, "n_imp": 5.9e21}
    found = QUANTITIES["magnetic_impurities"](T=T, **spins, n_e=5.9e28)
    expected = [float(resonance(0.01 / (2 * np.pi * each))) for each in T]
    np.testing.assert_allclose(found["C_impurities"], 5.9e21 * k * np.array(expected), rtol=1e-12)
    electrons = electron_specific_heat(T, n_e=5.9e28, eps_F=EPS_F)
    np.testing.assert_allclose(found["C_ratio"] * electrons, found["C_impurities"], rtol=1e-14)
    assert 0.04 < found["C_ratio"][0] < 0.06 and found["C_ratio"][2] < 1e-5
    assert "C_ratio" not in QUANTITIES["magnetic_impurities"](T=T, **spins)


def test_heated_electrons():
    """The heat that phonons carry away, T_e^5 - T^5, is the same at every temperature."""
    T = np.array([1e-3, 0.02, 0.05, 0.3])
    warm = electron_temperature(T, 0.05)
    np.testing.assert_allclose((warm**5 - T**5)[:3], 0.05**5, rtol=1e-12)
    np.testing.assert_allclose(warm[[0, 3]], [0.05, 0.3 * (1 + (1 / 6) ** 5 / 5)], rtol=1e-8)
    assert electron_temperature(1e-80, 1e-70) == pytest.approx(1e-70, rel=1e-14)


def test_the_background_saturates_where_the_electrons_stay_warm():
    T = np.array([1e-3, 2e-3, 0.05, 5.0])
    options = {"background": "wire", "phonons": "power", **WIRE, **PHONONS}
    found = QUANTITIES["heated_background"](T=T, T_heat=0.05, **options)
    at_rest = QUANTITIES["background"](T=found["T_electron"], **options)
    for name in at_rest:
        np.testing.assert_array_equal(found[name], at_rest[name])
    assert found["tau_phi"][0] == pytest.approx(found["tau_phi"][1], rel=1e-6)
    cold = QUANTITIES["background"](T=T, **options)["tau_phi"]
    assert cold[0] > 10 * found["tau_phi"][0] and cold[3] == pytest.approx(found["tau_phi"][3], rel=1e-8)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: spin_flip_rate(0.0, **IMPURITIES), "T = 0"),
        (lambda: spin_flip_rate(1.0, **(IMPURITIES | {"spin": -0.5})), "spin = -0.5"),
        (lambda: electron_temperature(1.0, -1.0), "T_heat = -1"),
        (lambda: density_of_states(0.0), "eps_F = 0"),
        (lambda: resonance_heat(0.0), "z = 0"),
        (lambda: impurity_specific_heat(1.0, n_imp=1e20, T_K=0.0, spin=0.5), "T_K = 0"),
    ],
)
def test_refusals(call, message):
    with pytest.raises(ParameterError, match=message):
        call()
