"""The densities of states that paper 003 prints for n-centre excitations, in the units of the quantity `clusters`."""

import numpy as np

from physics.clusters.coagulation import T_END
from physics.clusters.densities import LARGEST, chi_rg, trajectory, xi
from physics.parameters import PARAMETERS

ETA = 1 / (8 * np.pi)
LOGARITHM_POWER = 2 * np.log(2) - 1
PRINTED_ETA, PRINTED_POWER = 4e-2, 0.4


def P_n_reduced_constant_kernel(n, T, Pd, Estar, U0):
    """Reduced density of states (1) of n-centre excitations for the constant kernel, t^(n-1)/(1+t)^(n+1).

    Parameters: n (1), T (K), Pd (1/(J m³)), Estar (K), U0 (J m³), shapes that broadcast; t is that of
    `evolution_parameter`. Exact. Raises ParameterError for a value outside its domain. Source: paper 003, eq. (5.7).
    """
    t = evolution_parameter(T, Pd, Estar, U0)
    n = PARAMETERS["n"].check(n)
    return np.exp((n - 1) * np.log(t) - (n + 1) * np.log1p(t))


def P_n_reduced_inverse_square(n, T, Pd, Estar, U0):
    """Reduced density of states (1) of n-centre excitations far below the front, η ln n/(n² t), η = 1/(8π).

    Parameters: n (1), T (K), Pd (1/(J m³)), Estar (K), U0 (J m³), shapes that broadcast; t is that of
    `evolution_parameter`. The slope of n² P_n over ln n is right for t ≫ 1 and n ≫ 1, the value only logarithmically:
    NaN for n = 1, where it vanishes. Raises ParameterError for a value outside its domain. Source: paper 003, eq.
    (6.20), where η is 4e-2.
    """
    t = evolution_parameter(T, Pd, Estar, U0)
    return _inverse_square(PARAMETERS["n"].check(n), t, 1.0)


def P_n_reduced_inverse_square_shifted(n, T, Pd, Estar, U0):
    """Reduced density of states (1) of n-centre excitations, η ln(n t^a)/(n² t), a = 2 ln 2 - 1, η = 1/(8π).

    Parameters: n (1), T (K), Pd (1/(J m³)), Estar (K), U0 (J m³), shapes that broadcast; t is that of
    `evolution_parameter`. NaN where n t^a <= 1. Raises ParameterError for a value outside its domain. Source:
    paper 003, eq. (6.21), where η is 4e-2 and a about 0.4.
    """
    t = evolution_parameter(T, Pd, Estar, U0)
    return _inverse_square(PARAMETERS["n"].check(n), t, t**LOGARITHM_POWER)


def P_n_constant_kernel(n, T, Pd, Estar, U0):
    """The density of states (1/(J m³)) of `P_n_reduced_constant_kernel`, P_d times it; same parameters."""
    return Pd * P_n_reduced_constant_kernel(n, T, Pd, Estar, U0)


def P_n_inverse_square(n, T, Pd, Estar, U0):
    """The density of states (1/(J m³)) of `P_n_reduced_inverse_square`, P_d times it; same parameters."""
    return Pd * P_n_reduced_inverse_square(n, T, Pd, Estar, U0)


def P_n_inverse_square_shifted(n, T, Pd, Estar, U0):
    """The density of states (1/(J m³)) of `P_n_reduced_inverse_square_shifted`, P_d times it; same parameters."""
    return Pd * P_n_reduced_inverse_square_shifted(n, T, Pd, Estar, U0)


def P_1_reduced_alone(T, Pd, Estar, U0):
    """Reduced density of states (1) of single centres if no clusters formed, 1/(1 + 2t).

    Parameters: T (K), Pd (1/(J m³)), Estar (K), U0 (J m³), shapes that broadcast; t is that of `evolution_parameter`.
    The dipole gap of Efros and Shklovskii. Raises ParameterError for a value outside its domain. Source: paper 003,
    after (4.7).
    """
    return 1 / (1 + 2 * evolution_parameter(T, Pd, Estar, U0))


def P_1_alone(T, Pd, Estar, U0):
    """The density of states (1/(J m³)) of `P_1_reduced_alone`, P_d times it; same parameters."""
    return Pd * P_1_reduced_alone(T, Pd, Estar, U0)


def P_n_reduced_own_reach(n, T, Pd, Estar, U0):
    """Reduced density of states (1) of n-centre excitations that merge out to u_1n/R³ = T, the weaker form of (7.1).

    P_n(t) of `physics.clusters.densities.trajectory` at t + (χ/6) ln n, since u_1n = √n U0; partners are single
    centres, which hold most of the density of states. Parameters: n (1), T (K), Pd (1/(J m³)), Estar (K), U0 (J m³),
    shapes that broadcast. NaN beyond t = 30. Raises ParameterError outside its domain. Source: paper 003, after (7.1).
    """
    n = PARAMETERS["n"].check(n)
    t = evolution_parameter(T, Pd, Estar, U0) + chi_rg(Pd, U0) * np.log(n) / 6
    inside = t <= T_END
    return np.where(inside, trajectory().P(n, np.where(inside, t, 0.0)), np.nan)


def P_n_own_reach(n, T, Pd, Estar, U0):
    """The density of states (1/(J m³)) of `P_n_reduced_own_reach`, P_d times it; same parameters."""
    return Pd * P_n_reduced_own_reach(n, T, Pd, Estar, U0)


def P_Delta0_constant_kernel(Delta0, T, Lambda0, Pd, Estar, U0):
    """Density of states per amplitude (1/(J m³ K)) for the constant kernel, as printed for t ≫ 1.

    P_d exp(−|L|/l)/((1 + t) l Δ0), |L| = ln(W/Δ0), l = (1 + t)|L̃|. Parameters: Delta0, T, Lambda0, Estar (K), Pd
    (1/(J m³)), U0 (J m³), shapes that broadcast. NaN where l ≤ 0 or Δ0 ≥ W. Raises ParameterError outside the domain.
    Source: paper 003, eq. (5.17).
    """
    Delta0, Lambda0 = PARAMETERS["Delta0"].check(Delta0), PARAMETERS["Lambda0"].check(Lambda0)
    t, chi = evolution_parameter(T, Pd, Estar, U0), chi_rg(Pd, U0)
    magnitude, L = np.log(Estar / Delta0), np.log(Estar / Lambda0)
    length = (1 + t) * (L - 3 / chi * (np.log1p(t) - t / (1 + t)))
    good = (magnitude > 0) & (length > 0)
    return np.where(good, Pd * np.exp(-magnitude / np.where(good, length, 1.0)) / ((1 + t) * length * Delta0), np.nan)


def P_Delta0_printed(Delta0, T, Lambda0, Pd, Estar, U0):
    """Density of states per amplitude (1/(J m³ K)) as printed, 0.04 P_d |L_*| ln(n_eff t^a)/(t |L|² Δ0).

    |L| = ln(W/Δ0), n_eff = |L|/|L_*|, a = 0.4, t at ξ_T. Parameters: Delta0, T, Lambda0, Estar (K), Pd (1/(J m³)), U0
    (J m³), shapes that broadcast. NaN where n_eff t^a ≤ 1 and below `least_amplitude_printed`. Raises ParameterError
    outside the domain. Source: paper 003, eqs. (6.23)-(6.25).
    """
    Delta0, Lambda0 = PARAMETERS["Delta0"].check(Delta0), PARAMETERS["Lambda0"].check(Lambda0)
    t = evolution_parameter(T, Pd, Estar, U0)
    magnitude, L = np.log(Estar / Delta0), np.log(Estar / Lambda0)
    number = magnitude / L * t**PRINTED_POWER
    good = (number > 1) & (L > 0) & (Delta0 >= least_amplitude_printed(T, Lambda0, Pd, Estar, U0))
    number = np.log(np.where(good, number, 1.0))
    return np.where(good, PRINTED_ETA * Pd / t * L / magnitude**2 * number / Delta0, np.nan)


def least_amplitude_printed(T, Lambda0, Pd, Estar, U0):
    """The lower end of `P_Delta0_printed` (K), W (Δ0*/W)^(φ − 1), φ = n_max = exp √(50 t); 0 below 1e-308.

    Parameters: T, Lambda0, Estar (K), Pd (1/(J m³)), U0 (J m³). Source: paper 003, eqs. (6.22), (6.25) as printed.
    """
    front = np.exp(np.minimum(np.sqrt(50 * evolution_parameter(T, Pd, Estar, U0)), LARGEST))
    return Estar * np.exp((front - 1) * np.log(Lambda0 / Estar))


def evolution_parameter(T, Pd, Estar, U0):
    """The evolution parameter (1) of the renormalisation group at the temperature T, t = (π P_d U0/3) ln(E*/T).

    Parameters: T (K), Pd (1/(J m³)), Estar (K), U0 (J m³), shapes that broadcast. NaN for T >= E*, where there is no
    excitation. Raises ParameterError for a value outside its domain. Source: paper 003, eqs. (2.15), (7.2).
    """
    given = {"T": T, "Pd": Pd, "Estar": Estar, "U0": U0}
    T, Pd, Estar, U0 = (PARAMETERS[name].check(value) for name, value in given.items())
    return np.where(T < Estar, chi_rg(Pd, U0) * xi(T, Estar), np.nan)


def _inverse_square(n, t, factor):
    logarithm = np.log(n * factor)
    return np.where(logarithm > 0, ETA * logarithm / (n**2 * t), np.nan)
