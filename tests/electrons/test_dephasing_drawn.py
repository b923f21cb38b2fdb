"""Every option of `dephasing` at drawn points of its domain: each distribution with each background and phonons."""

import numpy as np
import pytest
from numpy import log, pi, sqrt
from scipy.constants import hbar, k

from helpers import reference, reference_background, reference_barriers, reference_chain, reference_waves
from physics import QUANTITIES

QUANTITY = QUANTITIES["dephasing"]
METAL = {"sigma_in": 1e-19, "v_F": 1e6, "tau": 1e-14}
VARIABLES = ("tau_phi", "tau_phi_resonant", "tau_phi_relaxation")


def drawn(rng):
    """T, Lambda0, Pd, chi, E*: E* above Lambda0, T not far below it, Pd such that Lambda0 tau_phi/hbar is moderate."""
    T, Lambda0, chi = 10 ** rng.uniform([-2.5, -4, -3], [0.5, -1, 0])
    T = max(T, 0.3 * Lambda0)
    Estar = float(np.clip(10 ** rng.uniform(0.4, 2.5) * Lambda0, 2e-3, 100))
    return T, Lambda0, chi, Estar


def of_distribution(name, T, Lambda0, Pd, chi, Estar, rng, convention):
    """The constants, the averages, the frequencies, and what is taken out of the averages as a logarithm."""
    if name == "glass":
        p_min = 10 ** rng.uniform(-9, -1)
        norm = log(1 / p_min) if convention == "published" else 2 * np.arccosh(1 / sqrt(p_min))
        return (
            {"p_min": p_min},
            *reference.glass(chi, T, Estar, p_min, norm, energies=40, coarse=8, asymmetries=14),
            0.0,
        )
    if name == "gaussian_barrier":
        width = 10 ** rng.uniform(-1, 0.7)
        nodes = {"fine": (40, 10), "coarse": (14, 8)}
        averages, log_scale = reference_barriers.averages_of(T, Lambda0, Estar, width, chi, 300.5 * pi, **nodes)
        return {"barrier_width": width}, averages, [min(Lambda0, Estar)] + [Estar] * bool(Estar < 40 * T), log_scale
    if name == "clusters":
        U0 = 10 ** rng.uniform(-2.5, -1.3) / (pi * Pd)
        return {"U0": U0}, *reference_chain.clusters(chi, T, Lambda0, Pd, Estar, U0), 0.0
    return {}, *reference.tunnelling_states(chi, T, Lambda0, Estar), 0.0


@pytest.mark.parametrize("distribution", QUANTITY.options["distribution"])
@pytest.mark.parametrize("background", QUANTITY.options["background"])
def test_every_option_at_drawn_points(distribution, background):
    """Phonons and conventions take turns, so that each value of one meets each value of the others."""
    names = [list(QUANTITY.options[option]) for option in ("distribution", "background")]
    number = names[0].index(distribution) + names[1].index(background)
    phonons, convention = ("none", "power")[number % 2], ("published", "consistent")[(number // 2) % 2]
    rng = np.random.default_rng([17, *map(ord, distribution[:2] + background[:2])])
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

    theta = k * METAL["tau"] / hbar
    expected = METAL["tau"] * np.exp(reference.log_ratios(averages, B, theta, frequencies, decay=decay))
    options = {"distribution": distribution, "background": background, "phonons": phonons, "convention": convention}
    point = {"T": T, "Lambda0": Lambda0, "Pd": Pd, "chi": chi, "Estar": Estar}
    if distribution == "glass":
        del point["Lambda0"]
    found = QUANTITY(**point, **METAL, **constants, **of_electrons, **of_lattice, **options, variables=VARIABLES)
    np.testing.assert_allclose(list(found.values()), expected, rtol=QUANTITY.accuracy, err_msg=str(point | constants))


# T, Lambda0, Pd, chi, E*, tau: the hottest, the highest cut-offs and the lowest, and the longest elastic time with E*
# just below the phase E* tau/hbar = 64 and next to the band edge.
FAR = [
    (60.0, 0.05, 1e47, 0.02, 400.0, 1e-14),
    (70.0, 1e-3, 1e47, 0.5, 1000.0, 1e-14),
    (20.0, 1.0, 1e46, 0.1, 300.0, 1e-14),
    (3e-3, 2e-4, 1e47, 0.3, 6e-4, 1e-14),
    (1.1e-3, 3e-5, 3e47, 0.05, 1.2e-3, 1e-14),
    (100.0, 0.3, 3e47, 0.1, 900.0, 5e-13),
    (2.0, 0.05, 4e46, 0.01, 0.12, 5e-13),
]


@pytest.mark.parametrize("distribution", ["tunnelling_states", "clusters"])
@pytest.mark.parametrize("values", FAR)
def test_the_ends_of_the_domain(distribution, values):
    T, Lambda0, Pd, chi, Estar, tau = values
    metal, constants = METAL | {"tau": tau}, {}
    if distribution == "clusters":
        constants = {"U0": 0.02 / (pi * Pd)}
        model = reference_chain.clusters(chi, T, Lambda0, Pd, Estar, constants["U0"])
    else:
        model = reference.tunnelling_states(chi, T, Lambda0, Estar)
    averages, frequencies = model
    expected = reference.dephasing_times(averages, Pd, **metal, frequencies=frequencies)
    point = {"T": T, "Lambda0": Lambda0, "Pd": Pd, "chi": chi, "Estar": Estar, "distribution": distribution}
    found = QUANTITY(**point, **metal, **constants, variables=VARIABLES)
    np.testing.assert_allclose(list(found.values()), expected, rtol=QUANTITY.accuracy)


# T, Pd, chi, E*, p_min, tau: the hottest with the highest and the lowest cut-offs, and the longest elastic time.
FAR_GLASS = [
    (75.0, 7e46, 1.0, 840.0, 1e-12, 1e-14),
    (100.0, 3e47, 0.03, 5e-4, 5e-3, 1e-14),
    (100.0, 2e47, 0.1, 700.0, 0.1, 5e-13),
]


@pytest.mark.parametrize("values", FAR_GLASS)
def test_a_glass_at_the_ends_of_the_domain(values):
    T, Pd, chi, Estar, p_min, tau = values
    metal = METAL | {"tau": tau}
    averages, frequencies = reference_waves.glass(chi, T, Estar, p_min, 2 * np.arccosh(p_min**-0.5))
    expected = reference.dephasing_times(averages, Pd, **metal, frequencies=frequencies)
    point = {"T": T, "Pd": Pd, "chi": chi, "Estar": Estar, "p_min": p_min, "distribution": "glass"}
    found = QUANTITY(**point, **metal, variables=VARIABLES)
    np.testing.assert_allclose(list(found.values()), expected, rtol=QUANTITY.accuracy)


def test_the_resonant_channel_of_dense_clusters_at_the_longest_elastic_time():
    # Of 9.6e4 levels of each amplitude, 1 - sin(Et/hbar)/(Et/hbar) added up as it stands at 4,160 times to 10 ns.
    point = {"T": 15.134657514133469, "Lambda0": 2.0846653066964768e-05, "Pd": 1e49, "chi": 1.0}
    point |= {"Estar": 33.13247821519171, "sigma_in": 1e-16, "v_F": 1e7, "tau": 5e-13, "U0": 1.0808871275541697e-52}
    found = QUANTITY(**point, distribution="clusters", variables=("tau_phi_resonant",))["tau_phi_resonant"]
    np.testing.assert_allclose(found / point["tau"], 1208.5181320689987, rtol=QUANTITY.accuracy)
