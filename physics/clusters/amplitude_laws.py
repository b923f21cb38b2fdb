"""Closed forms of paper 003 for the amplitudes of cluster excitations: pairs, section 3, and b = 1, section 5.

|L| = ln(W/Delta0), |L_*| = ln(W/Delta0_*), W the cut-off `Estar`. Arguments are numbers or arrays that broadcast; a
value outside its domain raises `physics.ParameterError`.
"""

import numpy as np

from physics.clusters.frozen import CHI_RG, SCALE, WIDTH
from physics.parameters import PARAMETERS


def decay_length(t, chi_rg, L):
    """l = (1 + t)|L~| (1), (5.16): the mean |L| of all clusters, exactly, without the step functions of (4.15).

    |L~| = |L_*| - (3/chi)[ln(1 + t) - t/(1 + t)]; t (1), chi_rg (1), L = |L_*| (1). Negative once t is far beyond the
    end of the range of (5.13).
    """
    t, chi_rg, L = SCALE.check(t), CHI_RG.check(chi_rg), WIDTH.check(L)
    return (1 + t) * (L - 3 / chi_rg * (np.log1p(t) - t / (1 + t)))


def asymptote(magnitude, t, chi_rg, L):
    """(5.17): exp(-|L|/l)/((1 + t) l), reduced density of states per unit of |L| = `magnitude` (1) for t >> 1.

    l is `decay_length`. The exact distribution decays at a rate that differs from 1/l by a relative O(1/t).
    """
    length = decay_length(t, chi_rg, L)
    return np.exp(-np.asarray(magnitude) / length) / ((1 + np.asarray(t)) * length)


def smallest_amplitude(t, chi_rg, Lambda0, Estar):
    """Lower end of the uniform range, (5.20): Delta0_* (Delta0_*/W)^t f(t) = W exp(-l) (K), l the `decay_length`.

    ln f = (3/chi)[(1 + t) ln(1 + t) - t]; Lambda0 = Delta0_* < Estar = W (K).
    """
    Lambda0, Estar = PARAMETERS["Lambda0"].check(Lambda0), PARAMETERS["Estar"].check(Estar)
    return Estar * np.exp(-decay_length(t, chi_rg, np.log(Estar / Lambda0)))


def self_consistent_end(chi_rg, L):
    """t_m = exp(chi |L_*|/3) - 1, the solution of (5.22), where `decay_length` is 3 t_m/chi; (5.23) without its -1."""
    return np.expm1(CHI_RG.check(chi_rg) * WIDTH.check(L) / 3)


def pair_density(Delta0, Pd, chi_rg):
    """(3.20): density of states of pairs per volume, energy and amplitude, Pd chi/(3 Delta0), in 1/(J m3 K).

    Delta0 (K), Pd (1/(J m3)), chi_rg = pi Pd U0 (1). To first order in chi xi, inside `pair_range`.
    """
    Delta0, Pd = PARAMETERS["Delta0"].check(Delta0), PARAMETERS["Pd"].check(Pd)
    return Pd * CHI_RG.check(chi_rg) / (3 * Delta0)


def pair_range(T, Lambda0, Estar):
    """Least and largest amplitude (K) of (3.20): Delta0_*^2/W, (3.21), and Delta0_*^2/T, (3.13), (3.19).

    The upper end is at most Delta0_*. Factors of 2 are left out, as in (3.21) and (4.14); the integral of (3.20) over
    Delta0_*^2/W ... Delta0_*^2/T is Pd chi xi_T, (2.17). T, Lambda0 = Delta0_*, Estar = W in K.
    """
    T, Lambda0, Estar = (PARAMETERS[name].check(a) for name, a in (("T", T), ("Lambda0", Lambda0), ("Estar", Estar)))
    return Lambda0 * (Lambda0 / Estar), Lambda0 * np.minimum(1.0, Lambda0 / T)
