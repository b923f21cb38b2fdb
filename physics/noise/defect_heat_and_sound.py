"""Heat and resonant sound of the two-level defects of paper 000: what else the defects that dephase are seen by.

Of n_i defects n_i dB dOmega/(Omega B0 lambda) have the asymmetry B < B0 and the tunnel splitting Omega, between
Omega_max exp(-lambda) and Omega_max, before eq. (12): n_i in all. At the energy E, E^2 = B^2 + Omega^2, this is

    dE dOmega E/(Omega sqrt(E^2 - Omega^2)) = dE dp/(2p sqrt(1 - p)),     p = (Omega/E)^2,

the glass of papers 001 and 004 with the density P = n_i/(B0 lambda) per energy and e-fold, but with p also bounded from
above, p < (Omega_max/E)^2. Energies are in kelvin.
"""

import math

import numpy as np

from physics.constants import BOLTZMANN, HBAR
from physics.heat_and_sound.electron_heat import electron_specific_heat
from physics.heat_and_sound.heat_integrals import gapped_heat
from physics.heat_and_sound.sound_units import internal_friction
from physics.heat_and_sound.specific_heat import slow_logarithm
from physics.noise.defects import coupling_to_electrons, defect_density
from physics.noise.flags import NARROW, NO_LEVEL, WIDE
from physics.numerics.compiled import compiled, compiled_entry
from physics.numerics.quadrature import gauss_legendre
from physics.parameters import PARAMETERS

# Splittings below this part of T and of B0 change the heat of a level by less than rounding.
FLAT = 1e-8
# Beyond this Omega/2T above the least splitting nothing is left.
TAIL = 24.0
# The largest panels, in ln(Omega) and in Omega/2T, on which 16 nodes leave a relative error below 1e-13: the poles of
# the thermal factor are pi/2 away from the axis in each.
LOGARITHM_PANEL = 2.0
ENERGY_PANEL = 2.0
# Within the domain 27 are enough.
PANELS = 200
HBAR_KELVIN = HBAR / BOLTZMANN


def defect_specific_heat(T, Lambda0, Estar, *, n_defects, log_range):
    """Specific heat of two-level defects (J/(K m3)), all of them in equilibrium.

        C = k_B (n_i/(B0 lambda)) int dE (E/2T)^2 sech^2(E/2T) [arccosh(E/Omega_low) - arccosh(max(1, E/Omega_max))]

    with Omega_low^2 = max(Omega_min^2, E^2 - B0^2), Omega_min = Omega_max exp(-lambda); computed as the average over
    ln(Omega) of what the defects of one Omega have.
    Parameters (arrays that broadcast): T (K); Lambda0 (K) Omega_max; Estar (K) B0; n_defects (1/m3) n_i; log_range (1)
    lambda. Relative accuracy 1e-10. Limits: k_B n_i (pi^2/6) T/B0 for Omega_max << T << B0, where the splittings do not
    matter; for T << Omega_max the same with the share ln(c T/Omega_min)/lambda, c = O(1), of the defects, those that T
    is above of; n_i k_B of the Schottky tail, (B0/2T)^2/3, for T >> B0 >> Omega_max. Raises ParameterError outside the
    domain. Derived from paper 000, before eq. (12).
    """
    given = {"T": T, "Lambda0": Lambda0, "Estar": Estar, "log_range": log_range}
    T, Lambda0, Estar, log_range = (PARAMETERS[name].check(value) for name, value in given.items())
    arrays = [np.array(a) for a in np.broadcast_arrays(Lambda0 / (2 * T), Estar / (2 * T), log_range)]
    levels = defect_heats(*(a.ravel() for a in arrays), gauss_legendre()).reshape(arrays[0].shape)
    return BOLTZMANN * n_defects / log_range * (T / Estar * levels)


def resonant_share(E, Lambda0, Estar, log_range):
    """w(E) = int dp/(2 sqrt(1 - p)) over the p of the defects of the energy E: sqrt(1 - p_low) - sqrt(1 - p_high) (1).

    p_low = max((Omega_min/E)^2, 1 - (B0/E)^2), p_high = min(1, (Omega_max/E)^2); 0 where there are none. E, Lambda0
    (Omega_max), Estar (B0) in K, log_range (1) lambda: arrays that broadcast. Relative accuracy 1e-12, less where E is
    about to reach its least value, Omega_min. Limits: 1 for Omega_min << E < Omega_max, B0; Omega_max^2/2E^2 beyond.
    """
    least = Lambda0 / E * np.exp(-log_range)
    splitting, asymmetry = np.minimum(Lambda0 / E, 1.0), Estar / E
    low = np.sqrt(np.where(least < 1, (1 - least) * (1 + least), 0.0))
    low = np.minimum(low, asymmetry)
    high = np.sqrt((1 - splitting) * (1 + splitting))
    # p_high - p_low, without the difference of two roots near 1.
    p_low = np.where(low < asymmetry, least * least, (1 - asymmetry) * (1 + asymmetry))
    range_of_p = np.where(low > high, splitting * splitting - p_low, 0.0)
    return range_of_p / np.where(low > high, low + high, 1.0)


def defect_heat_and_sound(
    T,
    Lambda0,
    Estar,
    omega,
    *,
    F1,
    F2,
    log_range,
    tau,
    kFl,
    v_F,
    variables,
    n_e=None,
    eps_F=None,
    Pd_glass=None,
    Estar_glass=None,
    p_min_glass=None,
    gamma=None,
    rho_mass=None,
    v_sound=None,
):
    """The variables of the quantity `defect_heat_and_sound` (see `physics.QUANTITIES`) as a dict of arrays.

    C_defects (J/(K m3)): `defect_specific_heat` of all n_i defects, `physics.noise.defects.defect_density`; C_ratio
    (1): that over `physics.heat_and_sound.electron_heat.electron_specific_heat`.
    F_resonant (1), of the power W = (P a^2 omega/2) F that weak sound of the drive a loses to levels of the energy
    hbar omega, P = n_i/(k_B B0 lambda), if these are narrow: pi tanh(hbar omega/2T) `resonant_share`. Q_inverse (1):
    `physics.heat_and_sound.sound_units.internal_friction` of it. W_over_glass (1): P F over the same of a metallic
    glass with the same drive, which has P_g pi tanh(hbar omega/2T) sqrt(1 - p_min_glass), P_g = Pd_glass/
    arccosh(p_min_glass^(-1/2)), up to Estar_glass; infinite where only the defects absorb. Strong sound saturates all
    three to 0. line (uint8): 0 no defect has the energy hbar omega; 1 narrow levels; 2 levels there are wider than
    their energy, chi p coth(hbar omega/2T) >= 1 with the largest p and chi = `physics.noise.defects.
    coupling_to_electrons`: then there is no resonance, and F_resonant is not the absorption.

    Parameters (arrays that broadcast): T (K), Lambda0 (K) Omega_max, Estar (K) B0, omega (rad/s). Scalars: F1, F2,
    log_range, kFl (1), tau (s), v_F (m/s), as in `conductance_noise`; n_e (1/m3), eps_F (J); Pd_glass (1/(J m3)),
    Estar_glass (K), p_min_glass (1); gamma (J), rho_mass (kg/m3), v_sound (m/s). Relative accuracy 1e-10 (of sound as
    `resonant_share`). Left out: sound that the levels lose as they relax with the electrons, and that some levels are
    too slow for an experiment. Raises ParameterError outside the domain.
    """
    wanted, result = set(variables), {}
    n_defects = defect_density(tau=tau, kFl=kFl, v_F=v_F, F2=F2)
    if wanted & {"C_defects", "C_ratio"}:
        result["C_defects"] = defect_specific_heat(T, Lambda0, Estar, n_defects=n_defects, log_range=log_range)
    if "C_ratio" in wanted:
        result["C_ratio"] = result["C_defects"] / electron_specific_heat(T, n_e=n_e, eps_F=eps_F)
    if wanted - {"C_defects", "C_ratio"}:
        E = HBAR_KELVIN * omega
        share = resonant_share(E, Lambda0, Estar, log_range)
        P = n_defects / (BOLTZMANN * Estar * log_range)
        result["F_resonant"] = np.pi * np.tanh(E / (2 * T)) * share
        if "Q_inverse" in wanted:
            sound = {"gamma": gamma, "rho_mass": rho_mass, "v_sound": v_sound}
            result["Q_inverse"] = internal_friction(result["F_resonant"], P, **sound)
        if "W_over_glass" in wanted:
            glass = Pd_glass / slow_logarithm(p_min_glass) * np.sqrt(1 - p_min_glass)
            alone = np.where(share > 0, np.inf, 0.0)
            result["W_over_glass"] = np.where(E <= Estar_glass, P / glass * share, alone)
        if "line" in wanted:
            widest = coupling_to_electrons(F1=F1, F2=F2) * np.minimum(Lambda0 / E, 1.0) ** 2 / np.tanh(E / (2 * T))
            line = np.where(widest < 1, np.uint8(NARROW), np.uint8(WIDE))
            result["line"] = np.where(share > 0, line, np.uint8(NO_LEVEL))
    return {name: result[name] for name in variables}


@compiled
def defect_heat(top, end, log_range, rule):
    """int dln(Omega) 2 int_0^end d(delta) y^2 sech^2(y), y = E/2T, delta = B/2T, from top exp(-log_range) to `top` =
    Omega_max/2T; NaN where PANELS do not get there."""
    total = 0.0
    low = top * math.exp(-log_range)
    flat = min(FLAT * min(1.0, end), top)
    if low < flat:
        # low may be 0 by underflow.
        total = (log_range + math.log(flat / top)) * gapped_heat(end, 0.0, rule)
        low = flat
    last = min(top, low + TAIL)
    for _ in range(PANELS):
        if low >= last:
            return total
        high = min(low * math.exp(LOGARITHM_PANEL), low + ENERGY_PANEL, last)
        width = math.log(high / low)
        for j in range(rule.shape[1]):
            total += width * rule[1, j] * gapped_heat(end, low * math.exp(width * rule[0, j]), rule)
        low = high
    return math.nan


@compiled_entry
def defect_heats(top, end, log_range, rule):
    """`defect_heat` for each row of arguments, one-dimensional arrays of equal length."""
    result = np.empty(len(top))
    for i in range(len(top)):
        result[i] = defect_heat(top[i], end[i], log_range[i], rule)
    return result
