"""The question of paper 004 with one system of two-level systems: tau_phi, heat and sound of the same levels.

Tunnelling states with Lambda0 = 10 mK, E* = 20 mK in gold, tau_phi = 3 ns between 40 mK and 1 K. Each row takes the
density of states that fits tau_phi best (the largest ratio is least), and then C_T/C_e at 10 mK and W/W_g at 40 mK,
1e8 rad/s, beside a metallic glass of n_T/E* = 1e16 cm^-3 K^-1 up to 10 K.
"""

import numpy as np
import pytest
from scipy.constants import electron_mass, hbar, k
from scipy.optimize import brentq

from physics import QUANTITIES
from physics.heat_and_sound.electron_heat import electron_specific_heat
from physics.heat_and_sound.specific_heat import slow_logarithm, tls_specific_heat

EPS_F, N_E = 5 * 1.602176634e-19, 5.08e28
K_F, V_F = np.sqrt(2 * electron_mass * EPS_F) / hbar, np.sqrt(2 * EPS_F / electron_mass)
LAMBDA0, ESTAR, OMEGA = 0.01, 0.02, 1e8
PER_K_CM3 = 1e6 / k
P_MIN = 1e-12
GLASS = {"Pd_glass": 1e16 * PER_K_CM3 * float(slow_logarithm(P_MIN)), "Estar_glass": 10.0, "p_min_glass": P_MIN}


def fitted(chi, sigma_in):
    """Pd (1/(K cm3)) for which the extremes of tau_phi between 40 mK and 1 K are as far from 3 ns."""
    T = np.geomspace(0.04, 1.0, 30)
    metal = {"sigma_in": sigma_in, "v_F": V_F, "tau": 1e-14, "distribution": "tunnelling_states"}

    def misfit(log_Pd):
        found = QUANTITIES["dephasing"](
            T=T, Lambda0=LAMBDA0, Pd=np.exp(log_Pd) * PER_K_CM3, chi=chi, Estar=ESTAR, variables=("tau_phi",), **metal
        )["tau_phi"]
        return np.log(found.max() / 3e-9) + np.log(found.min() / 3e-9)

    return np.exp(brentq(misfit, np.log(1e16), np.log(1e20), xtol=1e-6))


def heat_of_the_levels(Pd, chi):
    return float(
        QUANTITIES["specific_heat"](
            T=0.01, Lambda0=LAMBDA0, Pd=Pd * PER_K_CM3, chi=chi, Estar=ESTAR, distribution="tunnelling_states",
            n_e=N_E, eps_F=EPS_F, t_exp=1.0, variables=("C_ratio",),
        )["C_ratio"]
    )  # fmt: skip


def sound_of_the_levels(Pd, chi):
    return float(
        QUANTITIES["attenuation"](
            T=0.04, Lambda0=LAMBDA0, Pd=Pd * PER_K_CM3, chi=chi, Estar=ESTAR, omega=OMEGA, **GLASS,
            distribution="tunnelling_states", counter_rotating="full", variables=("W_over_glass",),
        )["W_over_glass"]
    )  # fmt: skip


# The first rows of the table are for this Pd (1/(K cm3)), 5 % below the best fit with the letters of 004 unconverted.
DRAWN = 4.15e18


def test_as_drawn():
    """tau_phi from tunnelling states with the letters of 004 unconverted, heat and sound from a glass with L = 30."""
    assert fitted(chi=0.1, sigma_in=4 * np.pi * 0.1 / K_F**2) == pytest.approx(DRAWN, rel=0.05)
    C_electron = electron_specific_heat(0.01, n_e=N_E, eps_F=EPS_F)
    glass = {"T": 0.04, "chi": 0.05, "Estar": ESTAR, "omega": OMEGA, "p_min": P_MIN, "counter_rotating": "full"}
    # The cell that was shipped had 5e18.
    for Pd, heat, sound in ((DRAWN, 11.5, 104), (5e18, 13.8, 126)):
        Pd *= PER_K_CM3
        C_tls = tls_specific_heat(0.01, Pd, ESTAR, logarithm="published", convention="published", L_slow=30.0)
        assert C_tls / C_electron == pytest.approx(heat, rel=0.01)
        # Pd of 004 is per unit of arccosh.
        found = QUANTITIES["attenuation"](Pd=Pd * slow_logarithm(P_MIN), **glass, **GLASS)["W_over_glass"]
        assert found == pytest.approx(sound, rel=0.01)


def test_heat_and_sound_of_the_levels_that_dephase():
    assert heat_of_the_levels(DRAWN, 0.05) == pytest.approx(0.49, rel=0.01)
    assert sound_of_the_levels(DRAWN, 0.05) == pytest.approx(13, rel=0.01)


def test_with_the_letters_converted():
    """Pd falls by 3.8: chi(001) = 0.05 is chi(004) = 0.1, and sigma_in(001) four times sigma_in(004)."""
    converted = fitted(0.05, 32 * np.pi * 0.05 / K_F**2)
    ratio = fitted(0.1, 4 * np.pi * 0.1 / K_F**2) / converted
    assert ratio == pytest.approx(3.8, rel=0.01)
    assert heat_of_the_levels(DRAWN / ratio, 0.05) == pytest.approx(0.13, rel=0.01)
    assert sound_of_the_levels(DRAWN / ratio, 0.05) == pytest.approx(3.4, rel=0.01)
    # At the fit itself.
    assert heat_of_the_levels(converted, 0.05) == pytest.approx(0.1355, rel=0.01)
    assert sound_of_the_levels(converted, 0.05) == pytest.approx(3.55, rel=0.01)


@pytest.mark.parametrize(
    ("tie", "Pd", "heat", "sound"), [(32 * np.pi, 5.4e17, 0.065, 1.04), (8 * np.pi**2, 6.9e17, 0.082, 1.32)]
)
def test_two_ties_of_the_cross_section_to_chi(tie, Pd, heat, sound):
    """At chi(001) = 0.1: 32 pi chi/k_F^2 by the unitary estimate, 8 pi^2 chi/k_F^2 by the golden rule."""
    chi = 0.1
    found = fitted(chi, tie * chi / K_F**2)
    assert found == pytest.approx(Pd, rel=0.01)
    assert heat_of_the_levels(found, chi) == pytest.approx(heat, rel=0.02)
    assert sound_of_the_levels(found, chi) == pytest.approx(sound, rel=0.02)


def test_what_of_it_is_the_wing_of_a_line():
    """Off resonance the resonant part depends on the model: 17 % of W with both rotating terms, 48 % with one."""
    for kind, share in (("full", 0.17), ("rwa", 0.48)):
        point = {"T": 0.04, "Lambda0": LAMBDA0, "Pd": 1e24 / k, "chi": 0.05, "Estar": ESTAR, "omega": OMEGA}
        found = QUANTITIES["attenuation"](**point, **GLASS, distribution="tunnelling_states", counter_rotating=kind)
        part = found["F_resonant"] / (found["F_resonant"] + found["F_relaxation"])
        assert part == pytest.approx(share, abs=0.01)
        assert found["status"] == QUANTITIES["attenuation"].variable("status").flags["off_resonance"]
