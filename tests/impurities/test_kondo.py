"""Averages over two-level systems with Kondo effect: accuracy against nested quadrature, limits, laws, refusals."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.constants import e, electron_mass, eV, hbar, k
from scipy.integrate import quad
from scipy.special import expn

from helpers import kondo_reference
from helpers.unlimited import unlimited
from physics import ParameterError
from physics.impurities import kondo_laws
from physics.impurities.kondo import cross_section, dephasing_ratio, glass_plateau, unitary_rate
from physics.impurities.kondo_averages import DISTRIBUTIONS

KONDO = unlimited("kondo")
PROMISED = KONDO.accuracy
DISTRIBUTION = pytest.mark.parametrize("distribution", DISTRIBUTIONS)


def averages(t, d, distribution):
    """<cross-section>, <C/k_B>, <T/Gamma> at T = 1 K."""
    result = KONDO(T=1.0, TKstar=1 / t, Deltastar=d / t, distribution=distribution)
    return [
        result["tau0_over_tau_phi"],
        result["C_per_tls"] / k,
        result["W_per_tls"] * 4 * k**2 / hbar,
    ]


@DISTRIBUTION
@pytest.mark.parametrize(
    ("t", "d"),
    [
        (1e-4, 3.0),
        (0.02, 1e-3),
        (0.02, 0.1),
        (0.3, 50.0),
        (1 / np.e, 3e-7),
        (0.9, 0.8),
        (2.0, 0.7),
        (40.0, 1e3),
        (1e5, 1e6),
        (np.exp(-3.0), np.exp(-4.5)),
        (np.exp(2.2), np.exp(-0.7)),
    ],
)
def test_accuracy_against_nested_quadrature(t, d, distribution):
    functions = kondo_reference.cross_section, kondo_reference.heat, kondo_reference.absorption
    expected = [kondo_reference.average(function, t, d, distribution) for function in functions]
    found = averages(t, d, distribution)
    if t > 10:  # C is below 1e-17 and the reference has no digits of it
        found[1] = expected[1] = 0
    np.testing.assert_allclose(found, expected, rtol=PROMISED)


@pytest.mark.parametrize(("t", "s"), [(-12.0, 0.3), (-3.0, 0.3), (15.0, 0.3), (0.3, -12.0), (0.3, 1.5), (0.3, 15.0)])
def test_squares_meet_each_other_and_the_integrals(t, s):
    """ln t and ln s on a border: the values on its sides are those of two squares, or of a square and the integrals."""
    sides = np.exp([t, s]) * np.array([[1 - 1e-12], [1 + 1e-12]])
    before, after = (averages(x, x / y, "exponential") for x, y in sides)
    np.testing.assert_allclose(after, before, rtol=4e-10, atol=1e-300)


@pytest.mark.parametrize("Deltastar", [0.02, 0.1, 0.1000003, 7.0])
@pytest.mark.parametrize("gap", [1e-15, 1e-12, 1e-8, 1e-6, 1e-3, 0.3, 20.0])
def test_heat_of_the_box_just_below_the_cut_off(gap, Deltastar):
    """T_K* - T is exact in doubles; ln(T_K*/T) from the quotient is not."""
    T, TKstar = 0.1, 0.1 * (1 + gap)
    found = KONDO(T=T, TKstar=TKstar, Deltastar=Deltastar, distribution="box")
    expected = k * kondo_reference.heat_of_box(T, TKstar, Deltastar)
    assert found["C_per_tls"] == pytest.approx(expected, rel=PROMISED, abs=0)
    assert found["status"] == 0


@pytest.mark.parametrize(
    ("t", "d", "distribution", "value"),
    [
        (0.01, 0.1, "exponential", 0.6235971990801855),
        (100.0, 1.0, "exponential", 0.043749364191259174),
        (0.01, 1.0, "box", 0.08905377404438841),
        (1e4, 1e6, "box", 1.938860836517146e-05),
    ],
)
def test_independent_values(t, d, distribution, value):
    assert dephasing_ratio(t, 1.0, d, distribution=distribution) == pytest.approx(value, rel=1e-12)


def test_the_cross_section_is_eq_21_and_continuous():
    x = np.geomspace(1e-4, 1e4, 161)[:, None]
    y = np.geomspace(1e-4, 1e6, 201)
    whole = cross_section(x, y)
    plain = [[kondo_reference.cross_section(a, b) for b in y] for a in x[:, 0]]
    np.testing.assert_allclose(whole, plain, rtol=1e-13)
    assert whole.max() == 1 and whole.min() > 0
    # A step of 1e-9 in x or y changes it by no more than its steepest law does, y^-4.
    np.testing.assert_allclose(cross_section(x * (1 + 1e-9), y), whole, rtol=1e-8)
    np.testing.assert_allclose(cross_section(x, y * (1 + 1e-9)), whole, rtol=1e-8)


def test_saturation_and_square_root_below_the_kondo_temperature():
    """Eq. (23), second line, with its prefactor: 1 for Delta*^2 << T T_K*, c sqrt(T T_K*)/Delta* beyond."""
    for distribution in DISTRIBUTIONS:
        assert dephasing_ratio(1e-3, 1.0, 1e-4, distribution=distribution) == pytest.approx(1, abs=5e-3)
        for Deltastar in (1.0, 30.0):
            found = dephasing_ratio(1e-5, 1.0, Deltastar, distribution=distribution)
            law = kondo_laws.dephasing_law(1e-5, 1.0, Deltastar, distribution=distribution)
            assert law == pytest.approx(kondo_laws.SATURATION[distribution] * np.sqrt(1e-5) / Deltastar, rel=1e-14)
            assert found == pytest.approx(law, rel=1e-2)


def test_rate_above_the_kondo_temperature():
    """(T >> T_K*) 1/ln^2(T/T_K*) for Delta* << T; for Delta* >> T exactly F(ln(T/T_K*)) T/Delta* for the box."""
    t = np.array([1e8, 1e16, 1e60])
    for distribution in DISTRIBUTIONS:
        ratio = dephasing_ratio(t, 1.0, 1e-4, distribution=distribution) / kondo_laws.dephasing_law(t, 1.0, 1e-4)
        # <ln x> is -1 for the box, -0.577 for the exponential: l^-2 (1 + 2 <ln x>/l + ...)
        slope = -2.0 if distribution == "box" else -2 * np.euler_gamma
        np.testing.assert_allclose(ratio, 1 + slope / np.log(t), rtol=8 / np.log(t[0]) ** 2)
        assert ratio[-1] == pytest.approx(1 + slope / np.log(t[-1]), rel=5e-4)
    t = np.array([3.0, 100.0, 1e6])
    c = np.log(t)
    third, fourth = c**-2.0 * expn(3, c), c**-3.0 * expn(4, c)
    exact = t * (3 * third - (1 + c) * fourth)
    found = dephasing_ratio(t, 1.0, 1e9 * t, distribution="box") * 1e9
    np.testing.assert_allclose(found, exact, rtol=1e-7)
    c = 200.0
    leading = np.exp(c) * (3 * c**-2 * expn(3, c) - (1 + c) * c**-3 * expn(4, c)) * c**3
    assert leading == pytest.approx(2, rel=0.02)


@pytest.mark.parametrize("t", [1e-2, 1e-4])
def test_specific_heat_and_attenuation_of_the_box_have_closed_forms(t):
    """Delta* -> 0: C/k_B = (t/2) ln^2(1/t); <T/Gamma> = t [ln(1/t) + 1 + 4/e] for T < T_K*."""
    _, heat, absorption = averages(t, 1e-6 * t, "box")
    assert heat == pytest.approx(t / 2 * np.log(t) ** 2, rel=1e-12)
    assert absorption == pytest.approx(t * (np.log(1 / t) + 1 + 4 / np.e), rel=1e-12)
    warm = averages(1 / t, 1e-6 / t, "box")
    assert warm[2] == pytest.approx(np.log(t) ** 2 - 2 * np.log(t) + 2, rel=1e-12)
    assert warm[1] == 0


def test_attenuation_law():
    """Eq. (24): its two lines, continuous at T_K*, and four times more with the drive of (10)."""
    T = np.array([0.01, 1 - 1e-9, 1 + 1e-9, 2.0, 1e4])
    law = kondo_laws.attenuation_law(T, 1.0, convention="published")
    expected = hbar / (16 * k**2) * np.array([100, 1, 1, 0.25, np.log(1e4) ** 2 * 1e-8])
    np.testing.assert_allclose(law, expected, rtol=1e-8)
    np.testing.assert_allclose(kondo_laws.attenuation_law(T, 1.0), 4 * law, rtol=1e-14)
    far = KONDO(T=1e20, TKstar=1.0, Deltastar=1.0, variables=("W_per_tls",), distribution="box")["W_per_tls"]
    assert far / kondo_laws.attenuation_law(1e20, 1.0) == pytest.approx(1 + 2 / np.log(1e20), rel=2e-3)


def test_conventions_differ_by_four_in_the_attenuation_alone():
    point = {"T": 0.1, "TKstar": 1.0, "Deltastar": 0.2}
    published, consistent = KONDO(**point, convention="published"), KONDO(**point)
    for name, factor in (("tau0_over_tau_phi", 1), ("C_per_tls", 1), ("W_per_tls", 4)):
        assert consistent[name] == pytest.approx(factor * published[name], rel=1e-14)


@DISTRIBUTION
def test_deep_tails_are_zero_or_finite(distribution):
    T = np.geomspace(1e-9, 1e9, 13)[:, None, None]
    TKstar = np.geomspace(1e-6, 1e6, 7)[:, None]
    result = KONDO(T=T, TKstar=TKstar, Deltastar=np.geomspace(1e-9, 1e9, 13), distribution=distribution)
    for name, values in result.items():
        assert values.shape == (13, 7, 13)
        assert np.isfinite(values).all() and (values >= 0).all()
        assert name != "tau0_over_tau_phi" or ((values > 0) & (values <= 1 + 1e-12)).all()


@DISTRIBUTION
@settings(max_examples=25, deadline=None)
@given(scale=st.floats(0.01, 100), T=st.floats(1e-2, 10), TKstar=st.floats(1e-2, 10), Deltastar=st.floats(1e-3, 10))
def test_only_ratios_count(distribution, scale, T, TKstar, Deltastar):
    once = KONDO(T=T, TKstar=TKstar, Deltastar=Deltastar, distribution=distribution)
    scaled = KONDO(T=scale * T, TKstar=scale * TKstar, Deltastar=scale * Deltastar, distribution=distribution)
    scaled["W_per_tls"] = scaled["W_per_tls"] * scale**2
    for name in once:
        np.testing.assert_allclose(scaled[name], once[name], rtol=1e-9, atol=1e-300)


@DISTRIBUTION
def test_a_cell_does_not_depend_on_the_others_to_the_last_bit(distribution):
    T, TKstar, Deltastar = np.geomspace(0.01, 3, 5), np.array([0.1, 1.0, 7.0]), np.geomspace(1e-3, 5, 4)
    grid = T[:, None, None], TKstar[:, None], Deltastar
    whole = KONDO(T=grid[0], TKstar=grid[1], Deltastar=grid[2], distribution=distribution)
    for point in ((0, 0, 0), (2, 1, 3), (4, 2, 1)):
        i, j, n = point
        alone = KONDO(T=T[i], TKstar=TKstar[j], Deltastar=Deltastar[n], distribution=distribution)
        for name in whole:
            assert whole[name][point] == alone[name]


EPS_F = 5.53 * eV
K_F = np.sqrt(2 * electron_mass * EPS_F) / hbar
POINT = {"T": np.array([0.02, 0.1, 3.0]), "TKstar": 1.0, "Deltastar": 0.2}


def test_dephasing_time_of_a_density_of_systems():
    """tau_phi = tau_0/<chi>, 1/tau_0 = 4 pi n_T v_F/k_F^2: with (5), n_T/n_e = (3 pi/8) hbar/(eps_F tau_0)."""
    n_T = 1e22
    assert unitary_rate(n_T, eps_F=EPS_F) == pytest.approx(4 * np.pi * n_T * hbar / (electron_mass * K_F), rel=1e-9)
    n_e = K_F**3 / (3 * np.pi**2)
    tau_0 = 3 * np.pi / 8 * hbar / EPS_F * n_e / n_T
    for definition, factor in (("logarithm_2d", np.exp(-np.euler_gamma)), ("film", 1), ("wire", 1), ("bulk", 1)):
        found = KONDO(**POINT, n_T=n_T, eps_F=EPS_F, definition=definition)
        np.testing.assert_allclose(found["tau_phi"], factor * tau_0 / found["tau0_over_tau_phi"], rtol=1e-9)
    assert "C_ratio" not in found and "tau_phi" not in KONDO(**POINT)


def test_dephasing_time_on_a_background():
    """The weighted integral over exp(-t/tau_K - (t/tau_N)^(3/2) - t/tau_ep) of a wire, by quadrature in t = s^2."""
    wire = {"R_per_length": 1e7, "D": 0.01, "ee_prefactor": 1.0, "ep_rate": 1e9, "ep_exponent": 3.0}
    kinds = {"background": "wire", "phonons": "power"}
    point = POINT | {"T": 0.1, "n_T": 1e21, "eps_F": EPS_F}
    levels = 1 / KONDO(**point, definition="wire")["tau_phi"]
    tau_N = (hbar**2 / (e**2 * k * 0.1 * 1e7 * np.sqrt(0.01))) ** (2 / 3)
    rate, nyquist = levels + 1e9 * 0.1**3, (np.sqrt(np.pi) / 4) ** (2 / 3) / tau_N

    def integrand(s):
        return 2 * np.exp(-(s**2) - (nyquist / rate * s**2) ** 1.5) / np.sqrt(rate)

    expected = quad(integrand, 0, 8, epsabs=0, epsrel=1e-11)[0] ** 2 / np.pi
    found = KONDO(**point, **wire, **kinds, definition="wire")["tau_phi"]
    assert found == pytest.approx(expected, rel=1e-9) and found < 0.8 / levels


def test_the_regime_says_where_the_rate_is_above_the_temperature():
    """hbar/tau_0 = k_B T at n_T = k_B T m k_F/(4 pi hbar^2) for systems that all scatter fully."""
    T = np.array([0.01, 0.02])
    n_T = 1.5 * k * 0.01 * electron_mass * K_F / (4 * np.pi * hbar**2)
    found = KONDO(T=T, TKstar=50.0, Deltastar=1e-4, n_T=n_T, eps_F=EPS_F)
    np.testing.assert_allclose(found["tau0_over_tau_phi"], 1, rtol=0.01)
    np.testing.assert_array_equal(found["regime"], [2, 1])


def test_heat_over_that_of_the_electrons():
    """Sommerfeld's (pi^2/3) k_B^2 T nu with nu = 3 n_e/(2 eps_F), and pi^2/3 less as eq. (7) prints it."""
    n_T, n_e = 1e22, 5.9e28
    point = POINT | {"n_T": n_T, "n_e": n_e, "eps_F": EPS_F}
    found = KONDO(**point)
    electrons = np.pi**2 / 3 * k**2 * POINT["T"] * 3 * n_e / (2 * EPS_F)
    np.testing.assert_allclose(found["C_ratio"], n_T * found["C_per_tls"] / electrons, rtol=1e-12)
    printed = KONDO(**point, convention="published", variables=("C_ratio",))
    np.testing.assert_allclose(printed["C_ratio"], np.pi**2 / 3 * found["C_ratio"], rtol=1e-12)


@pytest.mark.parametrize("T", [0.02, 1.0, 30.0])
def test_attenuation_over_that_of_a_glass(T):
    """(14) with (16) as printed, by quadrature at hbar omega << chi k_B T, and the resonance of (10)."""
    omega, chi, end, P, n_T = 1e4, 0.3, 20.0, 1e22 / k, 1e22
    Omega, theta = hbar * omega / (k * end), 2 * T / end

    def over_p(y):
        rate, detuning = chi * y * theta, Omega * np.tanh(y)

        # p = rate-like: the integrand lives at p ~ Omega tanh(y)/(chi y theta), so ln p is the variable.
        def integrand(u):
            p = np.exp(u)
            return p * np.sqrt(1 - p) * Omega * np.sinh(y) / (detuning**2 + (p * rate) ** 2)

        return quad(integrand, np.log(detuning / rate) - 20, 0, points=[np.log(detuning / rate)], limit=200)[0]

    relaxation = quad(lambda y: chi * theta * y / (2 * np.cosh(y) ** 3) * over_p(y), 0, min(1 / theta, 20))[0]
    resonant = np.pi * np.tanh(hbar * omega / (2 * k * T))
    point = {"T": T, "TKstar": 1.0, "Deltastar": 0.2, "n_T": n_T, "omega": omega, "Estar_glass": end}
    printed = KONDO(**point, Pd_glass=P, convention="published", variables=("W_over_glass", "W_per_tls"))
    expected = n_T * omega**2 * printed["W_per_tls"] / (P * omega / 2 * (relaxation + resonant))
    assert printed["W_over_glass"] == pytest.approx(expected, rel=1e-3)
    p_min = 1e-9
    both = KONDO(**point, Pd_glass=P * np.arccosh(p_min**-0.5), p_min_glass=p_min, variables=("W_over_glass",))
    factor = 4 * (relaxation + resonant) / (2 * relaxation + resonant)
    assert both["W_over_glass"] == pytest.approx(factor * expected, rel=1e-3)


def test_saturation_window():
    low, high = kondo_laws.saturation_window([1.0, 1.0], [0.2, 1.0])
    np.testing.assert_array_equal(low, kondo_laws.saturation_start([1.0, 1.0], [0.2, 1.0]))
    np.testing.assert_allclose(low, [0.04, np.nan], rtol=1e-14)
    np.testing.assert_allclose(high, [1.0, np.nan])


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: dephasing_ratio(0.0, 1.0, 1.0), "T = 0 is outside its domain"),
        (lambda: dephasing_ratio(1.0, -1.0, 1.0), "TKstar = -1"),
        (lambda: dephasing_ratio(1.0, 1.0, np.nan), "Deltastar = nan"),
        (lambda: dephasing_ratio(1.0, 1.0, 1.0, distribution="gauss"), "distribution = 'gauss' is unknown"),
        (lambda: cross_section(0.0, 1.0), "x = 0"),
        (lambda: cross_section(1.0, -1.0), "y = -1"),
        (lambda: unitary_rate(-1.0, eps_F=1.0), "n_T = -1"),
        (lambda: glass_plateau(1.0, 1e8, 1e45, 20.0, p_min_glass=2.0), "p_min_glass = 2"),
        (lambda: glass_plateau(1.0, 1e8, 1e45, 20.0, convention="mine"), "convention = 'mine' is unknown"),
        (lambda: kondo_laws.dephasing_law(1.0, 1.0, 1.0, distribution="gauss"), "allowed: box, exponential"),
        (lambda: kondo_laws.dephasing_law_as_printed(0.0, 1.0, 1.0), "T = 0"),
        (lambda: kondo_laws.attenuation_law(1.0, 1.0, convention="mine"), "convention = 'mine' is unknown"),
        (lambda: kondo_laws.saturation_window(1.0, 0.0), "Deltastar = 0"),
    ],
)
def test_refusals(call, message):
    with pytest.raises(ParameterError, match=message):
        call()
