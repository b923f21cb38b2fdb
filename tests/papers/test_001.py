"""Numbers and laws printed in paper 001, recomputed: each is reproduced here or refuted (see the errata page)."""

import numpy as np
import pytest
from scipy.constants import electron_volt, hbar
from scipy.integrate import quad
from scipy.special import gamma, ndtr

from helpers.unlimited import unlimited
from physics import QUANTITIES
from physics.electrons import closed_forms
from physics.electrons.dephasing import tau_phi
from physics.levels.barriers import gaussian_barrier
from physics.levels.distributions import glass, tunnelling_states

# Section III in SI: Pd = 1e34 erg^-1 cm^-3, sigma_in = 1e-15 cm^2, v_F = 1e8 cm/s, Lambda0 = 10 mK.
METAL = {"sigma_in": 1e-19, "v_F": 1e6}
PD = 1e47
LAMBDA0 = 0.01
TAU = 1e-14
ZETA = np.pi / 8 * gamma(5 / 3) * np.exp(2 * np.euler_gamma / 3)


def strength(B):
    """Arguments that give the dimensionless coupling B = hbar Pd sigma_in v_F."""
    return {"Pd": PD, "sigma_in": B / (hbar * PD * 1e6), "v_F": 1e6}


def rate(T, Lambda0, B, chi, channel="both", Estar=100.0, **distribution):
    """tau_Lambda/tau_phi for an elastic time that is far below everything else."""
    metal = strength(B)
    unit = closed_forms.tau_Lambda(Lambda0, **metal)
    time = tau_phi(
        T, Lambda0, chi=chi, Estar=Estar, tau=1e-7 * unit * min(B, 1), channel=channel, **metal, **distribution
    )
    return unit / time


def slope(law, T):
    """d ln law/d ln T."""
    low, high = law(T / 1.02), law(T * 1.02)
    return np.log(high / low) / np.log(1.02**2)


# Section III: estimates


def test_tau_Lambda_is_about_a_nanosecond():
    assert closed_forms.tau_Lambda(LAMBDA0, PD, **METAL) == pytest.approx(7.24297e-10, rel=1e-5)


def test_T_Lambda_is_about_Lambda0():
    assert closed_forms.T_Lambda(LAMBDA0, PD, **METAL) == pytest.approx(10.26923e-3, rel=1e-5)


def test_T_alpha_and_T_beta_are_10_mK_for_the_largest_coupling_only():
    chi = np.array([0.01, 0.3, 1.0])
    alpha = closed_forms.T_alpha(LAMBDA0, PD, chi, **METAL)
    beta = closed_forms.T_beta(LAMBDA0, PD, chi, **METAL)
    np.testing.assert_allclose(alpha, [1.054572, 35.15239e-3, 10.54572e-3], rtol=1e-5)
    np.testing.assert_allclose(beta, [0.9737802e-3, 5.333614e-3, 9.737802e-3], rtol=1e-5)


def test_tunnelling_amplitude_needs_half_the_exponent_that_the_text_gives():
    barrier = {"U0": 0.2 * electron_volt, "a": 1e-10, "omega0": 1e14}
    factor = np.array([2.0, 1.0, 0.5])
    amplitude = closed_forms.tunnelling_amplitude(M=2e-26, **barrier, exponent_prefactor=factor)
    np.testing.assert_allclose(amplitude, [4.1068e-17, 9.9924e-8, 4.9290e-3], rtol=1e-4)
    light = closed_forms.tunnelling_amplitude(M=4.38e-27, **barrier)
    assert light == pytest.approx(LAMBDA0, rel=0.02)


# Eq. (34): the dephasing time

REFERENCE = [
    (0.02, 1.0, 9.79621031e-10, 1.950056884e-9, 1.281161131e-9),
    (0.1, 0.1, 8.66637210e-10, 1.567101187e-9, 1.138772365e-9),
    (0.1, 1.0, 4.31769586e-10, 1.567101187e-9, 4.61058023e-10),
    (1.0, 1.0, 1.72009221e-10, 1.489587890e-9, 1.74106615e-10),
    (1.0, 0.05, 4.93957733e-10, 1.489587890e-9, 5.43488906e-10),
]


@pytest.mark.parametrize("channel", ["both", "resonant", "relaxation"])
def test_reference_values(channel):
    T, chi, *times = np.array(REFERENCE).T
    expected = dict(zip(["both", "resonant", "relaxation"], times, strict=True))[channel]
    time = tau_phi(T, LAMBDA0, PD, chi, 10.0, **METAL, tau=TAU, channel=channel)
    np.testing.assert_allclose(time, expected, rtol=1e-8)


def test_rates_of_the_channels_do_not_add():
    _, _, both, resonant, relaxation = REFERENCE[1]
    assert 1 / both / (1 / resonant + 1 / relaxation) == pytest.approx(0.76106, rel=1e-4)


# Eqs. (36), (37), (54): averages over the distributions


NODES = {n: np.polynomial.legendre.leggauss(n) for n in (200, 400)}


def legendre(lower, upper, n=400):
    x, w = NODES[n]
    return lower + (upper - lower) * (x + 1) / 2, w * (upper - lower) / 2


def one_defect(E, p, T, theta, z):
    """[Lambda^2/E^2] and [Delta^2/E^2] times the brackets of Gamma_1 and Gamma_3, with their thermal factor."""
    v = 2 * z * p * E / np.tanh(E / 2 / T)
    thermal = np.cosh(E / 2 / T) ** -2
    bracket = np.where(v < 1e-3, v / 2 - v**2 / 6 + v**3 / 24, 1 + np.expm1(-v) / np.maximum(v, 1e-3))
    return np.array([thermal * p * (1 - np.sinc(E * theta / np.pi)), thermal * (1 - p) * bracket])


def uniform_asymmetry(T, theta, z, amplitude, Estar):
    """Average over a uniform Delta at fixed Lambda, which is what eq. (37) says."""
    delta, weight = legendre(0, np.sqrt(Estar**2 - amplitude**2))
    E = np.hypot(delta, amplitude)
    return one_defect(E, (amplitude / E) ** 2, T, theta, z) @ weight


def of_spectrum(spectrum, theta, z):
    v = z * spectrum.rates
    resonant = spectrum.resonant @ (1 - np.sinc(spectrum.energies * theta / np.pi))
    return np.exp(spectrum.log_scale) * np.array([resonant, spectrum.relaxation @ (1 + np.expm1(-v) / v)])


POINT = {"T": 0.1, "theta": 30.0, "z": 11.0}


def test_average_over_tunnelling_states():
    expected = uniform_asymmetry(**POINT, amplitude=0.03, Estar=0.4)
    spectrum = tunnelling_states(POINT["T"], 0.03, 0.4)
    np.testing.assert_allclose(of_spectrum(spectrum, POINT["theta"], POINT["z"]), expected, rtol=1e-9)


def test_average_over_the_glass():
    p_min = 0.05
    E, weight_E = legendre(0, 0.4)
    q, weight_q = legendre(0, np.sqrt(1 - p_min))
    p = 1 - q**2
    density = 2 / p / np.log(1 / p_min)
    expected = one_defect(E[:, None], p, **POINT) @ (density * weight_q) @ weight_E
    spectrum = glass(POINT["T"], 0.4, p_min, "published")
    np.testing.assert_allclose(of_spectrum(spectrum, POINT["theta"], POINT["z"]), expected, rtol=1e-9)


def test_average_over_gaussian_barriers():
    width = 0.8
    top = np.log(0.4 / 0.03)
    x, weight = legendre(-8 * width, top, 200)
    # The root of Estar^2 - Lambda^2 at the upper end asks for a graded variable.
    x, weight = top - (top - x) ** 2 / (top + 8 * width), weight * 2 * (top - x) / (top + 8 * width)
    density = np.exp(-(x**2) / (2 * width**2)) / np.sqrt(2 * np.pi) / width
    expected = sum(
        g * w * uniform_asymmetry(**POINT, amplitude=0.03 * np.exp(y), Estar=0.4)
        for y, w, g in zip(x, weight, density, strict=True)
    )
    spectrum = gaussian_barrier(POINT["T"], 0.03, 0.4, width)
    np.testing.assert_allclose(of_spectrum(spectrum, POINT["theta"], POINT["z"]), expected, rtol=1e-7)


@pytest.mark.parametrize("p_min", [1e-6, 1e-2, 0.3])
def test_conventions_of_the_glass_differ_by_the_norm_of_eq_36(p_min):
    norm = 2 * quad(lambda q: 1 / (1 - q * q), 0, np.sqrt(1 - p_min))[0]
    arguments = {"T": 0.1, "chi": 0.1, "Estar": 10.0, "p_min": p_min, **METAL, "tau": TAU, "distribution": "glass"}
    kernel = QUANTITIES["dephasing"]
    consistent = kernel(Pd=PD, convention="consistent", variables=("tau_phi",), **arguments)
    fewer = PD * np.log(1 / p_min) / norm
    published = kernel(Pd=fewer, convention="published", variables=("tau_phi",), **arguments)
    assert consistent["tau_phi"] == pytest.approx(published["tau_phi"], rel=1e-8)


def test_glass_gives_a_rate_linear_in_temperature():
    # Without tau and E* nothing but T is left: Gamma depends on T t alone, in both channels together.
    T = np.array([0.01, 0.1, 1.0])
    arguments = {"Pd": 1e44, "chi": 0.1, "Estar": 100.0, "p_min": 1e-4, **METAL, "tau": 1e-19, "distribution": "glass"}
    time = unlimited("dephasing")(T=T, variables=("tau_phi",), **arguments)["tau_phi"]
    np.testing.assert_allclose(time * T, time[0] * T[0], rtol=1e-6)


# Eq. (44): resonant channel


def test_resonant_rate_saturates():
    # The time before the first jumps can be told apart costs a fraction pi B/8 of the rate.
    B = 1e-2
    exact = np.exp(np.euler_gamma) * np.pi / 8 * (1 - np.pi * B / 8)
    np.testing.assert_allclose(rate(np.array([0.1, 1.0, 10.0]), 1e-4, B, 0.1, "resonant"), exact, rtol=1e-3)


@pytest.mark.parametrize(("T", "Lambda0", "B"), [(3.0, 1e-5, 1e6), (0.01, 1e-4, 1e10)])
def test_resonant_rate_while_the_phase_wanders(T, Lambda0, B):
    metal = strength(B)
    exact = closed_forms.rate_resonant(T, Lambda0, **metal, prefactor="exact") * closed_forms.tau_Lambda(
        Lambda0, **metal
    )
    assert rate(T, Lambda0, B, 0.1, "resonant") == pytest.approx(exact, rel=4e-3)


def test_resonant_exponent_in_phase_wandering():
    assert slope(lambda T: rate(T, 1e-4, 1e10, 0.1, "resonant"), 0.02) == pytest.approx(1 / 3, abs=2e-3)


def test_wandering_resonant_channel_is_beyond_the_theory():
    Lambda0, B = 1e-4, 1e10
    crossing = closed_forms.T_Lambda(Lambda0, **strength(B))
    T = crossing * np.array([0.03, 0.3])
    energy = rate(T, Lambda0, B, 0.1, "resonant") * crossing**2 / Lambda0
    assert np.all(energy > T)
    assert energy[0] / T[0] == pytest.approx(0.52946 * 0.03 ** (-2 / 3), rel=0.01)


# Eqs. (50)-(52): relaxation channel

REGIONS = {  # T, Lambda0, B, chi, exponent
    "(50)": (1.0, 1e-5, 1e-2, 0.1, 1 / 3),
    "(51)": (0.02, 1e-4, 1e-8, 1.0, 1.0),
    "(52)": (5e-3, 1e-5, 1e4, 1e-2, 1 / 2),
}


@pytest.mark.parametrize("equation", REGIONS)
def test_relaxation_rate_in_its_regions(equation):
    T, Lambda0, B, chi, exponent = REGIONS[equation]
    metal = strength(B)
    exact = closed_forms.rate_relaxation(T, Lambda0, chi=chi, **metal, prefactor="exact") * closed_forms.tau_Lambda(
        Lambda0, **metal
    )
    assert rate(T, Lambda0, B, chi, "relaxation") == pytest.approx(exact, rel=0.015)
    assert slope(lambda T: rate(T, Lambda0, B, chi, "relaxation"), T) == pytest.approx(exponent, abs=0.01)


# Section III: both channels freeze out


@pytest.mark.parametrize(
    ("channel", "law"),
    [
        ("resonant", lambda x: np.sqrt(np.pi * x / 2)),
        ("relaxation", lambda x: np.sqrt(np.pi / 2) * x**1.5),
    ],
)
def test_rate_freezes_out_exponentially(channel, law):
    T = np.array([0.04, 0.02])
    exact = np.exp(np.euler_gamma - 1 / T) * law(T)
    excess = rate(T, 1.0, 1e-2, 0.5, channel) / exact - 1
    # The first correction is linear in T/Lambda0.
    assert np.all(np.abs(excess) < 1.2 * T)
    assert excess[0] / excess[1] == pytest.approx(2, rel=0.1)


# Eq. (53): the offset zeta


def test_zeta_beside_the_relaxation_rate_itself():
    T, Lambda0, B, chi = 1.0, 1e-5, 1e-3, 1e-4
    offset = rate(T, Lambda0, B, chi) - rate(T, Lambda0, B, chi, "relaxation")
    assert offset == pytest.approx(ZETA, abs=0.015)
    assert pytest.approx(0.52094, rel=1e-4) == ZETA


@pytest.mark.parametrize(("B", "chi", "T", "zeta"), [(1e-3, 1e-4, 1.0, 0.0), (1.0, 1e-2, 10.0, -ZETA)])
def test_zeta_beside_the_law_of_one_third(B, chi, T, zeta):
    # Slow electrons (Lambda0 tau_phi >> hbar): the channels share the systems, the offset cancels. Fast ones: no
    # resonant part is left, only what the relaxation lacks.
    metal = strength(B)
    law = closed_forms.rate_relaxation(T, 1e-5, chi=chi, **metal, prefactor="exact") * closed_forms.tau_Lambda(
        1e-5, **metal
    )
    assert rate(T, 1e-5, B, chi) - law == pytest.approx(zeta, abs=0.03)


# After eq. (54): which moment of Lambda counts

MOMENTS = {  # T, Lambda0, B, chi, channel, moment, power of Lambda0 in the rate itself
    "crossing": (3.0, 1e-5, 1e6, 0.1, "resonant", 2, 1),
    "jump": (10.0, 1e-4, 1e-2, 0.1, "resonant", 1, 1),
    "mixed": (3.0, 1e-5, 1e-2, 0.1, "relaxation", 1, 2 / 3),
    "slow": (5e-3, 1e-5, 1e4, 1e-2, "relaxation", 1, 1 / 2),
    "fast": (0.02, 1e-4, 1e-8, 1.0, "relaxation", 1, 0),
}


@pytest.mark.parametrize("regime", MOMENTS)
def test_renormalisation_by_gaussian_barriers(regime):
    T, Lambda0, B, chi, channel, moment, power = MOMENTS[regime]
    width = 0.5
    spread = rate(T, Lambda0, B, chi, channel, distribution="gaussian_barrier", barrier_width=width)
    factor = spread / rate(T, Lambda0, B, chi, channel)
    expected = closed_forms.gaussian_renormalisation(width, moment=moment) ** power
    assert factor == pytest.approx(expected, rel=0.01)


def test_cut_off_of_the_barrier_needs_more_than_the_paper_says():
    # <Lambda^2> with lambda > 0 only; it lives at lambda0 - 2 width^2, so lambda0 >> width is not enough.
    lambda0, width = 10.0, 3.0
    cut = quad(lambda x: np.exp(-2 * x - x**2 / (2 * width**2)), -lambda0, 40, limit=200)[0]
    cut /= quad(lambda x: np.exp(-(x**2) / (2 * width**2)), -lambda0, 40, limit=200)[0]
    exact = ndtr((lambda0 - 2 * width**2) / width) / ndtr(lambda0 / width)
    printed = closed_forms.gaussian_renormalisation(width) ** 2
    assert cut == pytest.approx(printed * exact, rel=1e-8)
    assert cut / printed == pytest.approx(0.0038322, rel=1e-3)


@pytest.mark.parametrize("channel", ["resonant", "relaxation", "both"])
def test_broad_barriers_are_glass_like(channel):
    """lambda-bar >> 1: levels with Lambda near T dephase, T of them times the Gaussian at ln T, nearly flat."""
    width, Lambda0 = 4.0, 0.01
    T = np.array([1e-3, 1.05e-3, 1e-2, 1.05e-2, 1e-1, 1.05e-1])
    levels = {"Lambda0": Lambda0, "Pd": 1e45, "chi": 0.03, "Estar": 1000.0, "barrier_width": width}
    metal = {"sigma_in": 1e-19, "v_F": 1e6, "tau": 1e-16, "distribution": "gaussian_barrier"}
    name = "tau_phi" if channel == "both" else f"tau_phi_{channel}"
    times = QUANTITIES["dephasing"](T=T, **levels, **metal, variables=[name])[name]
    found = -np.diff(np.log(times))[::2] / np.diff(np.log(T))[::2]
    expected = 1 - np.log(T[::2] / Lambda0) / width**2
    np.testing.assert_allclose(found, expected, atol=0.11)
    # One tunnelling amplitude has no such law: the channels saturate or go as a root of T far above Lambda0.
    alone = {name: value for name, value in levels.items() if name != "barrier_width"}
    single = QUANTITIES["dephasing"](T=T, **alone, **metal | {"distribution": "tunnelling_states"}, variables=[name])
    assert abs(np.log(single[name][4] / single[name][5]) / np.log(1.05) - expected[2]) > 0.2
