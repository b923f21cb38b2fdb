"""Every definition of tau_phi from the levels' own decay: against slow integrals, its limits, and the background's."""

import numpy as np
import pytest
from electrons.test_dephasing_drawn import METAL, VARIABLES, drawn, of_distribution
from scipy.constants import hbar, k
from scipy.special import exp1

from helpers import reference, reference_background
from physics import QUANTITIES
from physics.electrons.background import decay_rates
from physics.electrons.definition import DEFINITIONS, decay_time

QUANTITY = QUANTITIES["dephasing"]
BACKGROUNDS = {
    "wire": {"R_per_length": 1e7, "D": 0.0135, "ee_prefactor": 1.0},
    "film": {"R_sq": 50.0, "ee_prefactor": 1.0},
    "bulk": {"eps_F": 8.9e-19, "kFl": 50.0, "ee_prefactor": 1.0},
}


def film_times(averages, B, frequencies, decay):
    """E1(tau/tau_phi) = ln(tau_phi(34)/tau): the root by bisection in ln(tau_phi), times in 1/K."""
    theta = k * METAL["tau"] / hbar
    logarithms = reference.log_ratios(averages, B, theta, frequencies, decay=decay)
    low, high = np.full(3, -5.0), logarithms + 3.0
    for _ in range(80):
        middle = (low + high) / 2
        below = exp1(np.exp(-middle)) < logarithms
        low, high = np.where(below, middle, low), np.where(below, high, middle)
    return theta * np.exp(low)


TIMES = {"film": film_times, "wire": reference.wire_times, "bulk": reference.bulk_times}


@pytest.mark.parametrize("distribution", QUANTITY.options["distribution"])
@pytest.mark.parametrize("definition", TIMES)
def test_every_definition_at_drawn_points(distribution, definition):
    """Backgrounds, phonons and conventions take turns."""
    number = list(QUANTITY.options["distribution"]).index(distribution) + list(TIMES).index(definition)
    background = ("none", "wire", "film", "bulk")[number % 4]
    phonons, convention = ("none", "power")[number % 2], ("published", "consistent")[(number // 2) % 2]
    rng = np.random.default_rng([23, *map(ord, distribution[:2] + definition[:2])])
    T, Lambda0, chi, Estar = drawn(rng)
    Pd = 10 ** rng.uniform(45.5, 48.5)
    constants, averages, frequencies, log_scale = of_distribution(
        distribution, T, Lambda0, Pd, chi, Estar, rng, convention
    )
    B = hbar * Pd * METAL["sigma_in"] * METAL["v_F"] * np.exp(log_scale)
    of_electrons, _, electrons = reference_background.electrons(background, T, rng)
    of_lattice, _, lattice = reference_background.phonons(phonons, T, rng)

    def decay(theta):
        return electrons(theta * hbar / k) + lattice(theta * hbar / k)

    expected = TIMES[definition](averages, B, frequencies, decay=decay) * hbar / k
    options = {"distribution": distribution, "background": background, "phonons": phonons, "convention": convention}
    point = {"T": T, "Lambda0": Lambda0, "Pd": Pd, "chi": chi, "Estar": Estar}
    if distribution == "glass":
        del point["Lambda0"]
    found = QUANTITY(
        **point,
        **METAL,
        **constants,
        **of_electrons,
        **of_lattice,
        **options,
        definition=definition,
        variables=VARIABLES,
    )
    np.testing.assert_allclose(list(found.values()), expected, rtol=QUANTITY.accuracy, err_msg=str(point | constants))


@pytest.mark.parametrize("definition", DEFINITIONS)
@pytest.mark.parametrize("background", BACKGROUNDS)
@pytest.mark.parametrize("Estar", [10.0, 0.005], ids=["hardly any levels", "no levels"])
def test_without_levels_a_background_has_the_same_time_in_both_quantities(background, definition, Estar):
    """Up to the rate of the levels and, in the logarithms from tau on, tau/tau_phi: `background` does not know tau."""
    T = np.array([0.05, 1.0, 6.0])
    options = {"background": background, "phonons": "power", "definition": definition}
    constants = BACKGROUNDS[background] | {"ep_rate": 4e7, "ep_exponent": 3.0}
    alone = QUANTITIES["background"](T=T, **constants, **options)["tau_phi"]
    metal = METAL | {"tau": 1e-16}
    point = {"T": T, "Lambda0": 0.01, "Pd": 1e43, "chi": 0.1, "Estar": Estar}
    few = QUANTITY(**point, **metal | {"sigma_in": 1e-24, "v_F": 1e4}, **constants, **options)["tau_phi"]
    levels = hbar * 1e43 * 1e-24 * 1e4 * k * T / hbar if Estar > 1 else 0.0
    early = 2 * metal["tau"] / alone if definition in ("logarithm_2d", "film") else 0.0
    np.testing.assert_array_less(np.abs(few / alone - 1), 3e-12 + early + levels * alone)


def test_the_wire_of_1_kelvin():
    """1.28 ns by the logarithm and 2.11 ns from the quoted rate were once the same wire at 1 K."""
    wire = {"T": 1.0, "background": "wire", "R_per_length": 1e7, "D": 0.0135, "ee_prefactor": 1.0}
    nyquist = decay_rates(1.0, background="wire", **BACKGROUNDS["wire"])[1]
    for definition, factor in (("logarithm_2d", 0.68058), ("film", 1.21216), ("wire", 1.01530), ("bulk", 1.71331)):
        found = QUANTITIES["background"](**wire, definition=definition)["tau_phi"]
        assert found * nyquist == pytest.approx(factor, rel=1e-5)


@pytest.mark.parametrize("definition", ["film", "wire", "bulk"])
def test_phase_jumps_alone_are_an_exponential_decay(definition):
    """The glass with all its levels fast and jumping has Gamma = B T theta/2: an exponential with its own time."""
    T, Pd = 1.0, 1e43
    rate = Pd * 1e-16 * T / 2 * k
    metal = {"sigma_in": 1e-22, "v_F": 1e6, "tau": 1e-14}
    glass = {"distribution": "glass", "convention": "consistent", "p_min": 0.5}
    found = QUANTITY(T=T, Pd=Pd, chi=1.0, Estar=100.0, **metal, **glass, definition=definition, variables=["tau_phi"])
    assert found["tau_phi"] * rate == pytest.approx(1.0, rel=1e-3)


@pytest.mark.parametrize("definition", ["film", "wire", "bulk"])
@pytest.mark.parametrize("distribution", [{}, {"distribution": "glass", "p_min": 1e-6}])
def test_a_cell_does_not_depend_on_the_others_to_the_last_bit(distribution, definition):
    T, Pd, chi = np.array([0.01, 0.1, 1.0]), np.array([1e43, 1e46, 1e49]), np.array([1e-3, 1.0])
    options = METAL | distribution | {"definition": definition, "background": "wire"} | BACKGROUNDS["wire"]
    options |= {} if distribution else {"Lambda0": 0.01}
    whole = QUANTITY(T=T[:, None, None], Pd=Pd[:, None], chi=chi, Estar=10.0, **options)
    for i, j, m in np.ndindex(3, 3, 2):
        cell = QUANTITY(T=T[i], Pd=Pd[j], chi=chi[m], Estar=10.0, **options)
        for name, value in cell.items():
            assert value == whole[name][i, j, m]


@pytest.mark.parametrize("definition", ["wire", "bulk"])
def test_frozen_and_empty_cells(definition):
    """Without decay the time is infinite; far below Lambda0 it is the exponential of the frozen rate."""
    point = {"Pd": 1e47, "chi": 0.1, "Estar": 10.0, "definition": definition}
    empty = QUANTITY(T=0.1, Lambda0=1.0, **METAL, **point | {"Estar": 0.5})
    assert empty["tau_phi"] == np.inf and empty["status"] == 3
    cold = QUANTITY(T=1e-3, Lambda0=1.0, **METAL, **point)
    assert cold["tau_phi"] == np.inf and cold["status"] == 2
    T, Lambda0 = 0.01, 0.5
    found = QUANTITY(T=T, Lambda0=Lambda0, **METAL, **point)
    # Gamma1 + Gamma3 at long times: the two last rows of the table of exact limits on the theory page.
    unit = Lambda0 * 1e47 * 1e-13 * k
    a = Lambda0 / (2 * T)
    y = np.linspace(0, 3, 20001)
    density = np.cosh(y) / np.cosh(a * np.cosh(y)) ** 2
    rate = unit / 4 * np.sum(density) * (y[1] - y[0]) - unit / 8 * density[0] * (y[1] - y[0])
    assert found["tau_phi"] * rate == pytest.approx(1.0, rel=1e-3)
    assert decay_time(rate, definition=definition) == pytest.approx(1 / rate, rel=1e-12)
