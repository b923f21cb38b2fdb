"""P(t) of magnetic grains and the resonant fraction: accuracy against slow references, exact limits, properties."""

import math

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import comb, jv

from helpers import reference_grains as reference
from helpers.unlimited import unlimited
from physics import QUANTITIES, ParameterError
from physics.constants import BOLTZMANN, HBAR
from physics.grains.grains import resonant_fraction
from physics.grains.polarisation import depolarisation, final_depolarisation
from physics.numerics.bessel import J0, bessel_landmarks, bessel_table, integral_of_J0, integral_table, tabulated

GRAINS = unlimited("grains")
FERRITIN = {"omega0": 5e7, "N_nuclei": 100.0}
POINT = {"T": 1.0, "Delta_tilde": 1e6, "coflip": 0.5, "Phi": 0.2, "time": 1e-7, "omega": 3e6} | FERRITIN
HOT = 1e6


def test_tables_of_bessel_functions():
    table, integrals, rng = bessel_table(), integral_table(), np.random.default_rng(0)
    for order in (0, 1, 2, 17, 80, 179):
        z = rng.uniform(0, 125.9, 40)
        np.testing.assert_allclose([tabulated(order, a, table) for a in z], jv(order, z), rtol=0, atol=1e-14)
    for x in (1e-9, 0.3, 0.5, 31.99, 32.0):
        exact = 2 * sum(mpmath.besselj(2 * k + 1, x) for k in range(int(x / 2 + 4 * x ** (1 / 3)) + 15))
        assert integral_of_J0(x, integrals) == pytest.approx(float(exact), rel=3e-14, abs=0)
        assert J0(x, table, integrals) == pytest.approx(float(mpmath.j0(x)), rel=0, abs=1e-15)
    zeros, turning = bessel_landmarks()
    assert zeros[3, 5] == pytest.approx(float(mpmath.besseljzero(3, 6)), rel=1e-15)
    assert turning[3, 5] == pytest.approx(float(mpmath.besseljzero(3, 6, 1)), rel=1e-15)


def test_one_system_oscillates_as_eq_6_with_the_misprint_corrected():
    for t, eps, Delta in ((0.3, 0.7, 1.1), (5.0, -2.0, 0.4), (1.0, 0.0, 2.0)):
        E = math.hypot(eps, Delta)
        assert reference.correlation(t, eps, Delta) == pytest.approx(
            1 - 2 * (Delta / E * math.sin(E * t)) ** 2, abs=1e-13
        )


@pytest.mark.parametrize("x", [0.1, 1.0, 2.4048, 17.0])
def test_flat_bias_without_coflips_is_an_integral_of_a_bessel_function(x):
    assert depolarisation(x, 0.0) == pytest.approx(reference.flat_bias(x), rel=1e-11)


@pytest.mark.parametrize("Lambda", [1e-3, 0.1, 1.0, 7.0])
@pytest.mark.parametrize("x", [0.5, 9.0])
def test_flat_bias_with_coflips(x, Lambda):
    """A bias that is much wider than the splittings, as a sum over M, y and the bias itself; Delta_tilde = 1."""
    t = x / 4
    nodes, weights = np.polynomial.legendre.leggauss(60)
    y = x * (nodes + 1) / 2
    rate = 0.0
    points, parts = np.polynomial.legendre.leggauss(60 if Lambda < 1 else 200)
    z = np.sqrt(160 * Lambda) * (points + 1) / 2
    over_z = np.sqrt(160 * Lambda) / 2 * parts * z / (2 * Lambda) * np.exp(-z * z / (4 * Lambda))
    for M in range(-45 if Lambda > 1 else -25, 46 if Lambda > 1 else 26):
        u = np.abs(jv(M, z))[:, None]
        rate += (over_z[:, None] * u * u * jv(0, u * y)).sum(axis=0)
    assert 4 * t * np.sum(weights / 2 * rate) == pytest.approx(float(depolarisation(x, Lambda)), rel=1e-10)


@pytest.mark.parametrize(
    ("Lambda", "value"), [(1e-3, 1.0560219), (0.1, 1.5334966), (1.0, 2.2636985), (10.0, 3.4885968)]
)
def test_final_value(Lambda, value):
    assert final_depolarisation(Lambda) == pytest.approx(value, rel=3e-8)
    assert final_depolarisation(Lambda, coflip_z=math.inf) == pytest.approx(value * 2 / math.pi, rel=3e-8)
    z = np.linspace(0, np.sqrt(160 * Lambda), 4001)
    total = sum(abs(jv(M, z)) * (1 if M == 0 else 2) for M in range(int(z[-1]) + 25))
    sampled = np.trapezoid(total * z / (2 * Lambda) * np.exp(-z * z / (4 * Lambda)), z)
    assert final_depolarisation(Lambda) == pytest.approx(sampled, rel=1e-5)


def test_late_times_approach_the_final_value():
    for Lambda in (0.1, 1.0):
        late = depolarisation(np.linspace(900, 1024, 20), Lambda)
        np.testing.assert_allclose(late, final_depolarisation(Lambda), rtol=1e-2)


def test_early_times_do_not_know_the_coflips():
    for coflip in (0.0, 1e-3, 1.0, 30.0):
        assert depolarisation(1e-6, coflip) == pytest.approx(1e-6, rel=1e-10)
        assert depolarisation(1e-6, coflip, coflip_z=math.inf) == pytest.approx(5e-7, rel=1e-10)
        assert depolarisation(1e-6, coflip, Phi=1.0) == pytest.approx(1e-6 * math.cos(1.0) ** 2, rel=1e-10)


@pytest.mark.parametrize(("coflip_z", "Phi"), [(1e-4, 0.3), (0.02, 1.5), (0.04, 0.0), (0.06, 2.0), (0.8, 0.7)])
def test_average_over_the_phase(coflip_z, Phi):
    """The theta function of eq. (5) as a sum over winding numbers, over fixed phases."""
    nu = np.arange(1, 1 + math.ceil(math.sqrt(10 / coflip_z)))
    phi = np.pi * np.arange(400) / 400
    weight = 1 + 2 * (np.exp(-4 * coflip_z * nu**2)[:, None] * np.cos(2 * np.outer(nu, phi - Phi))).sum(axis=0)
    fixed = np.array([depolarisation(6.0, 0.5, Phi=p) for p in phi[:201]])
    fixed = np.concatenate([fixed, fixed[-2:0:-1]])
    found = depolarisation(6.0, 0.5 + coflip_z, coflip_z=coflip_z, Phi=Phi)
    assert found == pytest.approx(np.mean(weight * fixed), rel=1e-12)
    phi = np.pi * np.arange(40000) / 40000
    weight = 1 + 2 * sum(math.exp(-4 * coflip_z * n * n) * np.cos(2 * n * (phi - Phi)) for n in nu)
    expected = final_depolarisation(0.5) * np.mean(weight * np.abs(np.cos(phi)))
    assert final_depolarisation(0.5 + coflip_z, coflip_z=coflip_z, Phi=Phi) == pytest.approx(expected, rel=1e-5)


def distribution(bias, step, inverse):
    if bias == "overlapping":
        return lambda eps: reference.gaussian(eps, step * 10, inverse)
    return lambda eps: reference.groups(eps, step, 100, 1e7, inverse)


@pytest.mark.parametrize("bias", ["overlapping", "groups"])
@pytest.mark.parametrize("convention", ["published", "consistent"])
@pytest.mark.parametrize(("T", "coflip"), [(HOT, 1e-9), (2e-3, 1e-9), (1e-2, 0.3)])
def test_finite_bias(bias, convention, T, coflip):
    """sigma = 1e7 ... 5e8, groups of 1e7 rad/s at 5e7 or 2.5e7, against the splitting 4e6 rad/s."""
    step = 5e7 if convention == "published" else 2.5e7
    density = distribution(bias, step, HBAR / (BOLTZMANN * T))
    domega = {"domega0": 1e6} if bias == "groups" else {}
    for t in (3e-9, 2e-7) if coflip < 0.1 else (1e-7,):
        point = POINT | {"T": T, "coflip": coflip, "time": t} | domega
        found = GRAINS(**point, bias=bias, width="finite", convention=convention, variables=("P",))["P"]
        c = 1 if convention == "published" else 2
        Lambda = 0.0 if coflip < 0.1 else coflip
        expected = c * reference.lost(t, density, Lambda, math.cos(0.2), 1e6, 5e7, 6e9 if bias == "groups" else 7e9)
        assert 1 - found == pytest.approx(expected, rel=1e-8)


def test_narrow_bias_close_to_its_limit():
    """sigma twice Delta_tilde, where nothing is small."""
    found = GRAINS(**(POINT | {"omega0": 2e5, "coflip": 0.3, "time": 2e-6}), width="finite", variables=("P",))["P"]
    expected = reference.lost(
        2e-6, lambda eps: reference.gaussian(eps, 2e6, 7.6e-12), 0.3, math.cos(0.2), 1e6, 2e5, 3e7
    )
    assert 1 - found == pytest.approx(expected, rel=1e-8)


def test_flat_is_the_limit_of_a_wide_bias():
    wide = POINT | {"T": HOT, "omega0": 1e11, "N_nuclei": 1e6, "coflip": 1e-6}
    flat, finite = (1 - GRAINS(**wide, width=width, variables=("P",))["P"] for width in ("flat", "finite"))
    assert finite == pytest.approx(flat, rel=1e-6)


# The fraction in resonance


def test_fraction_of_overlapping_groups():
    assert resonant_fraction(HOT, 1e6, **FERRITIN) == pytest.approx(0.0025066282746310006, rel=1e-12)
    consistent = resonant_fraction(HOT, 1e6, **FERRITIN, convention="consistent")
    assert consistent == pytest.approx(0.010026513098524002, rel=1e-12)
    cold = resonant_fraction(2e-3, 1e6, **FERRITIN)
    sigma_over_T = HBAR * 5e8 / (BOLTZMANN * 2e-3)
    assert cold == pytest.approx(0.0025066282746310006 * math.exp(-(sigma_over_T**2) / 2), rel=1e-10)


def test_fraction_of_separate_groups():
    f = comb(100, 50, exact=True) / 2**100
    expected = math.sqrt(math.pi / 2) * f * 1e6 / (10 * 1e5)
    assert resonant_fraction(HOT, 1e6, **FERRITIN, domega0=1e5, bias="groups") == pytest.approx(expected, rel=1e-12)
    assert f == pytest.approx(math.sqrt(2 / (math.pi * 100)), rel=3e-3)


def test_no_group_at_zero_bias_for_an_odd_number_of_nuclei():
    odd = {"omega0": 5e7, "N_nuclei": 101.0, "domega0": 1e5, "bias": "groups"}
    assert resonant_fraction(HOT, 1e6, **odd) < 1e-100


def test_many_groups_that_overlap_are_one_gaussian():
    """mu = 3: the groups and their own width add in squares."""
    spread = 3 * 5e7 / math.sqrt(400)
    nuclei = {"omega0": 5e7, "N_nuclei": 400.0}
    groups = resonant_fraction(HOT, 1e6, **nuclei, domega0=spread, bias="groups")
    gaussian = resonant_fraction(HOT, 1e6, **nuclei)
    assert groups == pytest.approx(gaussian / math.sqrt(1 + 9 / 400), rel=1e-3)


# Properties


@settings(max_examples=30, deadline=None)
@given(x=st.floats(1e-3, 60), coflip=st.floats(0, 8), part=st.floats(0, 1), Phi=st.floats(-9, 9))
def test_what_is_lost_is_positive_even_and_periodic_in_the_phase(x, coflip, part, Phi):
    arguments = {"coflip_z": part * coflip}
    value = depolarisation(x, coflip, Phi=Phi, **arguments)
    assert -1e-14 <= value <= x * (1 + 1e-12)
    assert depolarisation(x, coflip, Phi=-Phi, **arguments) == pytest.approx(value, rel=1e-9, abs=1e-13)
    assert depolarisation(x, coflip, Phi=Phi + math.pi, **arguments) == pytest.approx(value, rel=1e-9, abs=1e-13)


@pytest.mark.parametrize("width", ["flat", "finite"])
def test_a_cell_does_not_know_its_neighbours(width):
    axes = {"Delta_tilde": [1e6, 2e6], "coflip": [0.01, 0.5], "time": [1e-9, 3e-7, 4e-6], "omega": [1e6, 3e6, 9e6]}
    shaped = {
        name: np.array(values).reshape([-1 if n == k else 1 for n in range(4)])
        for k, (name, values) in enumerate(axes.items())
    }
    whole = GRAINS(**(POINT | shaped), width=width, variables=("P", "susceptibility"))
    for i, Delta in enumerate(axes["Delta_tilde"]):
        for j, coflip in enumerate(axes["coflip"]):
            one = POINT | {"Delta_tilde": Delta, "coflip": coflip, "time": 3e-7, "omega": 9e6}
            one = GRAINS(**one, width=width, variables=("P", "susceptibility"))
            assert one["P"] == whole["P"][i, j, 1].squeeze()
            assert one["susceptibility"] == whole["susceptibility"][i, j, ..., 2].squeeze()


def test_status_and_refusals():
    general = POINT | {"coflip_z": np.array([0.1, 0.6])}
    found = GRAINS(**general, phase="general")
    assert list(found["status"].ravel()) == [0, 1] and np.isnan(found["P"][1]) and np.isfinite(found["P"][0])
    narrow = POINT | {"omega0": 1e4}
    assert GRAINS(**narrow)["status"] == 2 and np.isfinite(GRAINS(**narrow)["P"])
    assert np.isnan(GRAINS(**narrow, width="finite")["susceptibility"])
    with pytest.raises(ParameterError, match=r"4 Delta_tilde time = .* is outside"):
        GRAINS(**(POINT | {"time": 1.0}))
    with pytest.raises(ParameterError, match="whole number"):
        GRAINS(**(POINT | {"N_nuclei": 1.5, "domega0": 1e6}), bias="groups")
    with pytest.raises(ParameterError, match="coflip_z = 2 is outside"):
        depolarisation(1.0, 1.0, coflip_z=2.0)
    with pytest.raises(ParameterError, match="coflip = 101 is outside"):
        depolarisation(1.0, 101.0)
    with pytest.raises(ParameterError, match="x = 2000"):
        depolarisation(2e3, 1.0)


@pytest.mark.parametrize(("coflip", "width"), [(1.0, "finite"), (20.0, "flat")])
def test_a_phase_too_narrow_for_the_panels_gives_no_spectrum_and_says_so(coflip, width):
    along = np.array([0.01, 0.03])
    found = QUANTITIES["grains"](
        **{"T": 1.0, "Delta_tilde": 1e6, "coflip": coflip, "coflip_z": along, "Phi": 0.3, "omega": 3e6},
        **{"omega0": 5e7, "N_nuclei": 100.0, "phase": "general", "width": width},
        variables=("susceptibility", "status"),
    )
    flags = QUANTITIES["grains"].variable("status").flags
    assert found["status"].tolist() == [flags["narrow_phase"], flags["ok"]]
    assert np.isnan(found["susceptibility"]).tolist() == [True, False]
