"""Section II of paper 000: what detailed balance (2) allows in the rate (1), on model spectra; hbar = k_B = 1.

1/tau_phi = int dw S_p(w) S_env(-w) at one q, and S(w) = S(-w) exp(-w/T) for both: w > 0 is energy given away.
"""

import mpmath
import numpy as np
import pytest

from physics.noise.defect_integral import SECH2, X_OVER_SINH, thermal_factor
from physics.noise.defects import level_average
from physics.noise.one_over_f import rate_generic

COLD = 10.0 ** -np.arange(1, 7)


def oscillators(density):
    """Dynamic structure of oscillators with the given density |w|: emission n(w), absorption n(w) + 1."""
    return lambda w, T: density(abs(w)) * abs(1 / mpmath.expm1(w / T))


def classical(spectrum):
    """A spectrum |w| of noise that is there at any T, such as that of defects: 2/(1 + exp(w/T)) makes it obey (2)."""
    return lambda w, T: spectrum(abs(w)) * 2 / (1 + mpmath.exp(w / T))


def rate(S_p, S_env, T, edges):
    """(1) at one q, over both signs of w."""

    def integrand(w):
        return S_p(w, T) * S_env(-w, T) + S_p(-w, T) * S_env(w, T)

    return float(mpmath.quad(integrand, sorted({*edges, *(f * T for f in (0.1, 1, 3, 10, 30)), 60 * T})))


def lorentzian(width):
    return lambda w: width / (w * w + width * width) / mpmath.pi


BATHS = {
    "ohmic": oscillators(lambda w: w * mpmath.exp(-w)),
    "diffusing electron": oscillators(lambda w: w / (w * w + 1)),
    "superohmic": oscillators(lambda w: w**3 * mpmath.exp(-w)),
    "one line at high frequency": oscillators(lambda w: mpmath.exp(-((w - 1) ** 2) / 0.001)),
}


@pytest.mark.parametrize("name", BATHS)
def test_the_spectra_obey_detailed_balance(name):
    for w in (0.01, 0.3, 1.0):
        for T in (0.1, 1.0):
            S = BATHS[name]
            assert float(S(w, T)) == pytest.approx(float(S(-w, T) * mpmath.exp(-w / T)), rel=1e-12)


@pytest.mark.parametrize("particle", BATHS)
@pytest.mark.parametrize("bath", BATHS)
def test_zero_point_motion_does_not_dephase(particle, bath):
    """The rate vanishes with T, although both spectra keep a part for T = 0, of absorption only."""
    S_p, S_env = BATHS[particle], BATHS[bath]
    rates = np.array([rate(S_p, S_env, T, [0.0]) for T in COLD[:4]])
    assert (np.diff(rates) <= 0).all() and rates[-1] < 1e-5 * rates[0]
    at_zero = [(float(S(-1.0, 1e-3)), float(S(1.0, 1e-3))) for S in (S_p, S_env)]
    for absorption, emission in at_zero:
        assert absorption > 0.1 and emission < 1e-100
    # Who forgets the order of absorption and emission, and averages S(w) and S(-w), finds a finite rate at T = 0.
    wrong = mpmath.quad(lambda w: S_p(-w, 1e-3) * S_env(-w, 1e-3) / 2, [0.1, 0.9, 1.0, 1.1, 3.0])
    assert wrong > 1e-3


def test_powers_of_temperature():
    """Two ohmic spectra: 2 int w^2 n (n + 1) dw = (2 pi^2/3) T^3; one power of w less (from w/T = 1e-6): T^2."""
    ohmic, flat = oscillators(lambda w: w), oscillators(lambda w: 1.0)
    for T in (0.01, 1.0):
        assert rate(ohmic, ohmic, T, [0.0]) == pytest.approx(2 * np.pi**2 / 3 * T**3, rel=1e-6)
        low = rate(ohmic, flat, T, [1e-6 * T]) / rate(ohmic, flat, 1.0, [1e-6])
        assert low == pytest.approx(T**2, rel=1e-6)


def test_a_peak_at_zero_frequency_gives_a_constant_rate_above_its_width():
    """S_env ~ delta(w) of width g: S_p(0) for T >> g; below, the rate vanishes, linearly in T: 4 T S_p(0) S_env(0)."""
    g = 1e-3
    S_p, S_env = classical(lambda w: 1.0), classical(lorentzian(g))
    edges = [0.0, g / 10, g, 10 * g, 100 * g]
    warm = [rate(S_p, S_env, T, edges) for T in (1.0, 10.0, 100.0)]
    np.testing.assert_allclose(warm, 1, 1e-3)
    for T in (1e-6, 1e-7):
        assert rate(S_p, S_env, T, [0.0]) == pytest.approx(4 * T / (np.pi * g), rel=1e-5)


def test_a_spectrum_1_over_w_gives_a_logarithm():
    """S_env = 1/|w| above hbar/tau_phi: the rate grows by 2 ln 10 per decade of T, as rate_generic does by c/tau."""
    low = 1e-6
    S_p, S_env = classical(lambda w: 1.0), classical(lambda w: 1 / w)
    decades = [low * f for f in (1, 10, 100, 1e3, 1e4)]
    rates = [rate(S_p, S_env, T, [x for x in decades if x < T / 10]) for T in (1e-2, 1e-1, 1.0)]
    np.testing.assert_allclose(np.diff(rates), 2 * np.log(10), 1e-6)
    # A standard rate that dominates keeps hbar/tau_phi where it is.
    generic = rate_generic(np.array([1.0, 10.0, 100.0]), 1e9, c=1e-12, tau=1e-14)
    np.testing.assert_allclose(np.diff(generic), 1e2 * np.log(10), 1e-6)


def test_thermal_factors_of_one_level_follow_from_detailed_balance():
    """A level E, up with weight 1/(1 + exp(E/T)), and an electron that may take E or give it, where states are empty.

    At the Fermi energy: (1 - f(E)) up + (1 - f(-E)) down = sech^2(E/2T)/2. Averaged over all electrons,
    int f(e) [1 - f(e +- E)] de: x/sinh x.
    """

    def f(x):
        return 1 / (1 + mpmath.exp(x))

    for x in (0.01, 0.7, 3.0, 12.0):
        up, down = f(x), f(-x)
        at_fermi = up * (1 - f(x)) + down * (1 - f(-x))
        assert thermal_factor(x, SECH2) == pytest.approx(float(2 * at_fermi), rel=1e-12)
        gain = mpmath.quad(lambda e, x=x: f(e) * (1 - f(e + x)), [-60, -x, 0, 60])
        loss = mpmath.quad(lambda e, x=x: f(e) * (1 - f(e - x)), [-60, 0, x, 60])
        assert thermal_factor(x, X_OVER_SINH) == pytest.approx(float(up * gain + down * loss), rel=1e-10)


def test_two_level_defects_are_the_peak():
    """Their spectrum ends at Omega_max: a constant rate for k_B T >> Omega_max, linear in T for k_B T << Omega_max."""
    warm = level_average(np.array([1e2, 1e3]), 1.0, 1e9)
    np.testing.assert_allclose(warm, np.pi / 2, 1e-2)
    cold = level_average(np.array([1e-2, 1e-3]), 1.0, 1e9)
    np.testing.assert_allclose(cold, [2e-2, 2e-3], 1e-3)
