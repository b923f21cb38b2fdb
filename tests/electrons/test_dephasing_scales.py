"""Closed forms beside the dephasing kernel: their definitions, their exact prefactors and where they end."""

import mpmath
import numpy as np
import pytest
from scipy.constants import hbar, k
from scipy.integrate import quad

from physics import ParameterError
from physics.electrons import closed_forms

METAL = {"sigma_in": 1e-19, "v_F": 1e6}
LAMBDA0 = np.array([1e-5, 0.01, 0.7])[:, None, None]
PD = np.array([1e43, 1e47, 1e49])[:, None]
CHI = np.array([1e-4, 0.05, 1.0])


def test_definitions_in_si():
    tau = 1 / (k * LAMBDA0 * PD * METAL["sigma_in"] * METAL["v_F"])
    alpha = hbar / (CHI * tau) / k
    T = 0.3
    np.testing.assert_allclose(closed_forms.tau_Lambda(LAMBDA0, PD, **METAL), tau, rtol=1e-14)
    np.testing.assert_allclose(
        closed_forms.T_Lambda(LAMBDA0, PD, **METAL), np.sqrt(hbar * LAMBDA0 / tau / k), rtol=1e-14
    )
    np.testing.assert_allclose(closed_forms.T_alpha(LAMBDA0, PD, CHI, **METAL), alpha, rtol=1e-14)
    np.testing.assert_allclose(
        closed_forms.T_beta(LAMBDA0, PD, CHI, **METAL), LAMBDA0**1.5 / np.sqrt(alpha), rtol=1e-14
    )
    energy = LAMBDA0 * np.cbrt(CHI * k * T * tau / hbar)
    np.testing.assert_allclose(closed_forms.E_chi(T, LAMBDA0, PD, CHI, **METAL), energy, rtol=1e-14)


def test_crossovers_are_where_the_splitting_meets_its_bounds():
    alpha = closed_forms.T_alpha(LAMBDA0, PD, CHI, **METAL)
    beta = closed_forms.T_beta(LAMBDA0, PD, CHI, **METAL)
    amplitude = np.broadcast_to(LAMBDA0, alpha.shape)
    np.testing.assert_allclose(closed_forms.E_chi(alpha, LAMBDA0, PD, CHI, **METAL), amplitude, rtol=1e-14)
    np.testing.assert_allclose(closed_forms.E_chi(beta, LAMBDA0, PD, CHI, **METAL), beta, rtol=1e-14)
    np.testing.assert_allclose(np.cbrt(alpha * beta**2), amplitude, rtol=1e-14)
    tau = closed_forms.tau_Lambda(LAMBDA0, PD, **METAL)
    ratio = (hbar / (CHI * k * LAMBDA0 * tau)) ** 1.5
    np.testing.assert_allclose(alpha / beta, ratio, rtol=1e-14)


def sech2(u):
    return np.cosh(min(u, 300.0)) ** -2


def bracket(v):
    """h(v) = 1 - (1 - exp(-v))/v."""
    return v / 2 - v * v / 6 + v**3 / 24 if v < 1e-3 else 1 + np.expm1(-v) / v


# Coefficient c of the power law Gamma = c x^n that the averaged exponent follows in each regime, by quadrature, in
# units in which Lambda0 = 1, B = 1, x = t/tau_Lambda; rate = (e^gamma c)^(1/n)/tau_Lambda by eq. (35).
LIMITS = {
    # (1/4) int dE/E^2 (E x)^2/6 sech^2(E/2T), per unit of T
    "wandering": (3, quad(lambda u: sech2(u) * 2 / 24, 0, 40)[0]),
    # (1/4) x int dE/E^2 [1 - sinc(E x)], by parts from (x - sin x)/x^3 to Si
    "crossing": (2, float(mpmath.quadosc(lambda x: mpmath.sin(x) / x, [0, mpmath.inf], omega=1)) / 8),
    "jump": (1, quad(lambda y: 1 / np.cosh(y) / 4, 0, 40)[0]),
    # (1/4) int dE h(4 chi T x/E^2), per unit of (chi T)^(1/2), with E = (4 chi T x)^(1/2)/w
    "mixed": (1.5, quad(lambda w: bracket(w * w) / (2 * w * w), 0, np.inf, epsabs=1e-12)[0]),
    # (1/4) int dE sech^2(E/2T), per unit of T
    "fast": (1, quad(lambda u: sech2(u) * 2 / 4, 0, 40)[0]),
    # (1/4) int dy tanh^2 y 2 chi T x/cosh y, per unit of chi T
    "slow": (2, quad(lambda y: np.tanh(y) ** 2 * 2 / np.cosh(y) / 4, 0, 40)[0]),
}


@pytest.mark.parametrize("regime", LIMITS)
def test_exact_prefactor(regime):
    n, coefficient = LIMITS[regime]
    expected = (np.exp(np.euler_gamma) * coefficient) ** (1 / n)
    assert closed_forms.PREFACTORS["exact"][regime] == pytest.approx(expected, rel=1e-8)


def strength(B):
    """Arguments that give the dimensionless coupling B."""
    return {"Pd": 1e47, "sigma_in": B / (hbar * 1e47 * 1e6), "v_F": 1e6}


def test_resonant_rate_in_its_branches():
    wide, narrow = strength(1e4), strength(1e-4)
    T = np.array([0.005, 0.01, 0.1, 0.8, 1.0, 5.0])
    rate = closed_forms.rate_resonant(T, 0.01, **wide) * closed_forms.tau_Lambda(0.01, **wide)
    np.testing.assert_allclose(rate, [np.nan, *(np.cbrt([0.01, 0.1, 0.8]) / 100), 0.01, 0.01], rtol=1e-12)
    rate = closed_forms.rate_resonant(T, 0.01, **narrow) * closed_forms.tau_Lambda(0.01, **narrow)
    np.testing.assert_allclose(rate, [np.nan, 1, 1, 1, 1, 1], rtol=1e-12)
    exact = closed_forms.rate_resonant(T, 0.01, **narrow, prefactor="exact") * closed_forms.tau_Lambda(0.01, **narrow)
    np.testing.assert_allclose(exact[1:], np.exp(np.euler_gamma) * np.pi / 8, rtol=1e-12)


def test_relaxation_rate_in_its_regions():
    slow, fast = strength(1e2), strength(1e-4)
    T = np.array([0.005, 0.02, 0.5, 20.0])
    rate = closed_forms.rate_relaxation(T, 0.01, chi=1.0, **slow) * closed_forms.tau_Lambda(0.01, **slow)
    np.testing.assert_allclose(rate, [np.nan, np.sqrt(0.02), np.sqrt(0.5), np.cbrt(20)], rtol=1e-12)
    rate = closed_forms.rate_relaxation(T, 0.01, chi=1.0, **fast) * closed_forms.tau_Lambda(0.01, **fast)
    np.testing.assert_allclose(rate, [np.nan, 2, 50, np.cbrt(20e6)], rtol=1e-12)


@pytest.mark.parametrize("B", [1e2, 1e-4])
def test_published_relaxation_rate_is_continuous(B):
    metal = strength(B)
    crossover = max(closed_forms.T_alpha(0.01, chi=0.3, **metal), closed_forms.T_beta(0.01, chi=0.3, **metal))
    below, above = closed_forms.rate_relaxation(crossover * np.array([1 - 1e-9, 1 + 1e-9]), 0.01, chi=0.3, **metal)
    assert below == pytest.approx(above, rel=1e-8)


def test_rate_at_high_temperature_ends_at_the_crossovers():
    metal = strength(1e-4)
    T = np.array([0.5, 2.0])
    rate = closed_forms.rate_high_T(T, 0.01, chi=1.0, zeta=np.array([[1.0], [-0.5]]), **metal)
    expected = (np.cbrt(2e6) + np.array([1.0, -0.5])) / closed_forms.tau_Lambda(0.01, **metal)
    assert np.isnan(rate[:, 0]).all()
    np.testing.assert_allclose(rate[:, 1], expected, rtol=1e-12)


@pytest.mark.parametrize("moment", [1, 2])
@pytest.mark.parametrize("width", [0.2, 1.0, 2.0])
def test_gaussian_renormalisation(width, moment):
    average = quad(lambda x: np.exp(moment * x - x**2 / (2 * width**2)), -12 * width, 12 * width + 8, limit=200)[0]
    average /= np.sqrt(2 * np.pi) * width
    factor = closed_forms.gaussian_renormalisation(width, moment=moment)
    assert factor == pytest.approx(average ** (1 / moment), rel=1e-9)


@pytest.mark.parametrize("factor", [0.5, 1.0, 2.0])
def test_tunnelling_amplitude_is_the_quasiclassical_integral(factor):
    U0, a, M, omega0 = 3e-21, 0.7e-10, 2e-26, 3e13
    integral = quad(lambda r: np.sqrt(M * U0 * (1 - np.cos(2 * np.pi * r))), 0, 1)[0] / np.sqrt(M * U0)
    exponent = factor / hbar * a * integral * np.sqrt(M * U0)
    amplitude = closed_forms.tunnelling_amplitude(U0, a, M, omega0, exponent_prefactor=factor)
    assert amplitude == pytest.approx(hbar * omega0 / np.pi / k * np.exp(-exponent), rel=1e-9)


@pytest.mark.parametrize("alpha", [1e-12, 1e-3, 0.5, 8.0])
@pytest.mark.parametrize("n", [1, 1.5, 2, 3])
def test_power_law_is_the_exact_integral(alpha, n):
    integral = mpmath.quad(lambda u: mpmath.exp(-alpha * mpmath.exp(n * u)), np.linspace(0, 40, 81).tolist())
    assert closed_forms.tau_phi_power_law(alpha, n, 1e-14) == pytest.approx(
        1e-14 * float(mpmath.exp(integral)), rel=1e-11
    )


def test_power_law_where_it_exceeds_a_double():
    assert closed_forms.tau_phi_power_law(1e-300, 0.5, 1e-14) == np.inf


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: closed_forms.tau_Lambda(0.0, 1e47, **METAL), "Lambda0 = 0 "),
        (lambda: closed_forms.T_Lambda(0.01, -1e47, **METAL), "Pd = -1e\\+47"),
        (lambda: closed_forms.T_alpha(0.01, 1e47, 1.5, **METAL), "chi = 1.5 .*<= 1"),
        (lambda: closed_forms.T_beta(0.01, 1e47, np.nan, **METAL), "chi = nan"),
        (lambda: closed_forms.E_chi([0.1, -1.0], 0.01, 1e47, 0.1, **METAL), "T = -1 "),
        (lambda: closed_forms.rate_resonant(0.1, 0.01, 1e47, **METAL, prefactor="none"), "published, exact"),
        (lambda: closed_forms.rate_high_T(0.1, 0.01, 1e47, 0.1, **METAL, zeta=np.inf), "zeta = inf"),
        (lambda: closed_forms.gaussian_renormalisation(7.0), "barrier_width = 7"),
        (lambda: closed_forms.tunnelling_amplitude(-1.0, 1e-10, 2e-26, 1e14), "U0 = -1 "),
        (lambda: closed_forms.tau_phi_power_law(0.1, 0, 1e-14), "n = 0 "),
    ],
)
def test_values_outside_the_domain(call, message):
    with pytest.raises(ParameterError, match=message):
        call()
