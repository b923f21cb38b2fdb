"""Dephasing by electrons and phonons: derived prefactors, exact limits, identities, refusals."""

import numpy as np
import pytest
from numpy import exp, log, pi, sqrt
from scipy.constants import e, hbar, k
from scipy.constants import h as planck
from scipy.constants import m_e as m

from helpers import reference_noise as reference
from physics import QUANTITIES, ParameterError
from physics.electrons.background import (
    decay_rates,
    diffusion_constant,
    nyquist_time,
    power_terms,
    standard_rate,
    wire_coefficient,
)

# A silver wire of 1.44 kohm, 135 um by 65 nm by 45 nm.
GEOMETRY = {"R": 1440.0, "L": 135e-6, "width": 65e-9, "thickness": 45e-9, "nu_F": 1.03e47}
WIRE = {"R_per_length": 1440 / 135e-6, "D": diffusion_constant(**GEOMETRY), "ee_prefactor": 1.0}
CONSTANTS = {
    "wire": WIRE,
    "film": {"R_sq": 100.0, "ee_prefactor": 1.0},
    "bulk": {"eps_F": 8.8e-19, "kFl": 30.0, "ee_prefactor": 1.0},
}
PHONONS = {"ep_rate": 4.5e7, "ep_exponent": 3.0}
T = np.geomspace(0.01, 20, 12)


def test_coefficient_of_a_wire_is_the_published_number():
    assert wire_coefficient(**GEOMETRY) == pytest.approx(559439057.205149, rel=1e-12)


def test_the_two_forms_of_the_law_of_a_wire_are_the_same():
    """(1/hbar)[(pi k^2/(4 nu_F L w t)) R/R_K]^(1/3) T^(2/3) = 1/(2 tau_N), by Einstein's relation."""
    expected = wire_coefficient(**GEOMETRY) * T ** (2 / 3)
    np.testing.assert_allclose(0.5 / nyquist_time(T, R_per_length=WIRE["R_per_length"], D=WIRE["D"]), expected, 1e-12)
    np.testing.assert_allclose(standard_rate(T, background="wire", **WIRE), expected, 1e-12)
    noise = e * e * k * T * WIRE["R_per_length"] * sqrt(WIRE["D"]) / (2 * sqrt(2) * hbar**2)
    np.testing.assert_allclose(noise ** (2 / 3), expected, 1e-12)


def test_decay_of_a_wire_is_the_mean_over_closed_paths():
    """f(t) = (e^2 kT R/(L hbar^2)) <int |x(t') - x(t - t')| dt'>, sqrt(pi)/4 (t/tau_N)^(3/2)."""
    mean = reference.mean_decay_of_closed_paths()
    assert mean == pytest.approx(sqrt(pi) / 4, rel=1e-12)
    rate, nyquist_rate = decay_rates(T, background="wire", **WIRE)
    t = 1e-9
    expected = e * e * k * T * WIRE["R_per_length"] / hbar**2 * mean * sqrt(WIRE["D"]) * t**1.5
    np.testing.assert_allclose((nyquist_rate * t) ** 1.5, expected, 1e-12)
    np.testing.assert_array_equal(rate, np.zeros(T.shape))


def test_first_cumulant_and_exponential_beside_the_exact_decay_of_a_wire():
    """ln tau_phi = int dt/t exp(-f): the exact average has tau_phi = 1.2387 tau_N, the first cumulant exp(-2 gamma/3)
    (4/sqrt(pi))^(2/3) = 1.1709 (5.5 % less), the quoted rate 1/(2 tau_N) 2 exp(-gamma) = 1.1229 (9.3 % less)."""
    for x, decay in ((0.1, 0.986103), (1.0, 0.653088), (3.0, 0.141857)):
        assert reference.exact_decay(x) == pytest.approx(decay, abs=1e-6)
    exact = reference.exact_wire_time()
    assert exact == pytest.approx(1.23866, rel=1e-5)
    nyquist = decay_rates(1.0, background="wire", **WIRE)[1]
    tau_N = nyquist_time(1.0, R_per_length=WIRE["R_per_length"], D=WIRE["D"])
    assert exp(-np.euler_gamma * 2 / 3) / (nyquist * tau_N) / exact == pytest.approx(1 - 0.0547, abs=1e-4)
    assert 2 * exp(-np.euler_gamma) / exact == pytest.approx(1 - 0.0934, abs=1e-4)


def test_law_of_a_film():
    """(kT/hbar)(e^2 R_sq/2 pi hbar) ln(pi hbar/e^2 R_sq), in Altshuler and Aronov's units."""
    R = CONSTANTS["film"]["R_sq"]
    expected = k * T / hbar * e * e * R / (2 * pi * hbar) * log(pi * hbar / (e * e * R))
    np.testing.assert_allclose(standard_rate(T, background="film", **CONSTANTS["film"]), expected, 1e-12)


def test_laws_of_a_bulk_metal_are_the_golden_rule():
    """Screened interaction, an electron at kT above a filled Fermi sea: with nu = m k_F/(pi hbar)^2 and D = v_F l/3.

    Diffusive: (2/(pi^3 hbar nu)) int dw w int dq q^2/(D^2 q^4 + w^2). Ballistic, q < 2 k_F:
    (1/(4 pi hbar v^2 nu)) int dw w int dq.
    """
    energy, kFl = CONSTANTS["bulk"]["eps_F"], CONSTANTS["bulk"]["kFl"]
    kF = sqrt(2 * m * energy) / hbar
    v, nu = hbar * kF / m, m * kF / (pi * hbar) ** 2
    D = v * kFl / kF / 3
    w = k / hbar
    diffusive = 1 / (pi**3 * hbar * nu) * w**1.5 / D**1.5 * float(reference.collision_integral("diffusive"))
    ballistic = 1 / (4 * pi * hbar * v**2 * nu) * w**2 * kF * float(reference.collision_integral("ballistic"))
    (A, n), (B, m2) = power_terms(background="bulk", **CONSTANTS["bulk"])
    assert (n, m2) == (1.5, 2.0)
    assert pytest.approx(diffusive, rel=1e-8) == A
    assert pytest.approx(ballistic, rel=1e-12) == B
    assert pytest.approx(sqrt(2) / (6 * pi**2) * k**1.5 / (hbar**2.5 * nu * D**1.5), rel=1e-12) == A


def test_everything_adds_up():
    for kind, constants in CONSTANTS.items():
        alone = standard_rate(T, background=kind, **constants)
        both = standard_rate(T, background=kind, phonons="power", **constants, **PHONONS)
        np.testing.assert_allclose(both - alone, 4.5e7 * T**3, 1e-9, atol=1e-9 * both.max())
        rate, nyquist_rate = decay_rates(T, background=kind, phonons="power", **constants, **PHONONS)
        if kind == "wire":
            np.testing.assert_allclose(nyquist_rate, 2 * (sqrt(pi) / 4) ** (2 / 3) * alone, 1e-12)
            np.testing.assert_allclose(rate, 4.5e7 * T**3, 1e-12)
        else:
            np.testing.assert_array_equal(nyquist_rate, np.zeros(T.shape))
            np.testing.assert_array_equal(rate, both)
    assert power_terms() == []
    np.testing.assert_array_equal(np.array(decay_rates(T)), np.zeros((2, T.size)))


@pytest.mark.parametrize("kind", CONSTANTS)
def test_prefactor_is_a_factor_on_the_electrons_rate(kind):
    doubled = CONSTANTS[kind] | {"ee_prefactor": 2.0}
    one, two = (standard_rate(T, background=kind, phonons="power", **c, **PHONONS) for c in (CONSTANTS[kind], doubled))
    np.testing.assert_allclose(
        two - one, standard_rate(T, background=kind, **CONSTANTS[kind]), 1e-9, atol=1e-9 * one[-1]
    )
    first, second = (np.sum(decay_rates(T, background=kind, **c), axis=0) for c in (CONSTANTS[kind], doubled))
    np.testing.assert_allclose(second, 2 * first, 1e-12)


@pytest.mark.parametrize("kind", CONSTANTS)
def test_quantity(kind):
    found = QUANTITIES["background"](T=T, background=kind, phonons="power", **CONSTANTS[kind], **PHONONS)
    np.testing.assert_allclose(found["rate_ee"], standard_rate(T, background=kind, **CONSTANTS[kind]), 1e-12)
    np.testing.assert_allclose(found["rate_ep"], 4.5e7 * T**3, 1e-12)
    np.testing.assert_allclose(found["rate_total"], found["rate_ee"] + found["rate_ep"], 1e-12)
    np.testing.assert_array_equal(found["status"], hbar * found["rate_total"] >= k * T)
    alone = QUANTITIES["background"](T=T, background=kind, **CONSTANTS[kind])
    assert not alone["rate_ep"].any()


def test_status_says_where_the_rate_is_above_the_temperature():
    found = QUANTITIES["background"](T=T, background="film", R_sq=10e3, ee_prefactor=30.0)
    assert found["status"].all()


def test_refusals():
    with pytest.raises(ParameterError, match="background = 'rope' is unknown; allowed: none, wire, film, bulk"):
        power_terms(background="rope")
    with pytest.raises(ParameterError, match="phonons = 'many' is unknown; allowed: none, power"):
        power_terms(phonons="many")
    with pytest.raises(ParameterError, match="background = wire, phonons = none needs D"):
        power_terms(background="wire", R_per_length=1e7, ee_prefactor=1.0)
    with pytest.raises(ParameterError, match="background = film, phonons = none does not depend on 'D'"):
        power_terms(background="film", R_sq=10.0, ee_prefactor=1.0, D=0.01)
    with pytest.raises(ParameterError, match=r"D is a constant"):
        power_terms(**WIRE | {"D": np.array([0.01, 0.02])}, background="wire")
    with pytest.raises(ParameterError, match=r"R_sq = 20000 is outside its domain; allowed: < R_K/2 = 12906.4 ohm"):
        power_terms(background="film", R_sq=2e4, ee_prefactor=1.0)
    with pytest.raises(ParameterError, match="T = 0 is outside its domain"):
        standard_rate(0.0)
    with pytest.raises(ParameterError, match="width = -1"):
        diffusion_constant(**GEOMETRY | {"width": -1.0})
    assert planck / e**2 / 2 == pytest.approx(12906.4, rel=1e-6)
