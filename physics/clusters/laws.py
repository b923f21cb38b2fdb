"""The densities of states that paper 003 prints for n-centre excitations, in the units of the quantity `clusters`."""

import numpy as np

from physics.clusters.densities import chi_rg, xi
from physics.parameters import PARAMETERS

ETA = 1 / (8 * np.pi)
LOGARITHM_POWER = 2 * np.log(2) - 1


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
