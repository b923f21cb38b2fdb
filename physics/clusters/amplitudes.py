"""Distribution of the tunnelling amplitudes of cluster excitations, paper 003, sections 3, 5 and 6.

    P(Delta0) = Pd p(|L|)/Delta0,   |L| = ln(W/Delta0),   log_slope = -d ln P/d ln Delta0 = 1 + d ln p/d|L|,

W the cut-off `Estar`, p the reduced density of states per unit of |L|. A log_slope of 1 is the uniform distribution of
ln(Delta0) that the tunnelling model assumes.
"""

import numpy as np

from physics.clusters.coagulation import T_END
from physics.clusters.densities import CHI_SMALL, LAMBDA0_SMALL, chi_rg
from physics.clusters.flags import AMPLITUDES as STATUS
from physics.clusters.fourier import fourier_solution, solvable
from physics.clusters.frozen import CHI_RG, SCALE, WIDTH, exponential_family
from physics.clusters.slopes import log_densities_with_slopes
from physics.parameters import PARAMETERS, ParameterError

OPTIONS = {"kernel": ("sqrt", "constant", "pairs"), "primary": ("exponential", "gaussian")}
WIDTHS = 6.0
RESOLUTION = 1e-6
SMALLEST = 1e-280
"""How many widths of the primary distribution have to lie beyond 3 xi for (5.13); p |L_*| exp(|L|/2l) and p that count
as 0. The pair law is of first order in chi xi, which has to be below `CHI_SMALL`."""


def amplitude_distribution(
    T, Lambda0, Pd, Estar, Delta0, *, U0, variables, kernel="sqrt", primary="exponential", amplitude_width=None
):
    """The variables of the quantity `amplitude_distribution` (see `physics.QUANTITIES`) as a dict of arrays.

    P_Delta0 (1/(J m3 K)): the density of states of excitations per volume, per energy Delta (J) at Delta -> 0 and per
    kelvin of Delta0. For b = 1 its integral is that of all excitations; for "sqrt" the sum over n is, as in (6.23), an
    integral from n = 1. log_slope (1), exactly -d ln P/d ln Delta0, NaN where P is 0. status, bits:

        W_not_largest      T >= W or Delta0_* >= W: nothing is defined, both variables are NaN
        no_solution        NaN: t > 30 (sqrt); 3 xi >= |L_*| or a width outside |L_*|/200 ... |L_*|/2 (gaussian)
        chi_rg_not_small   chi = pi Pd U0 > 0.3
        Lambda0_not_small  Delta0_* > 0.1 W
        amplitude_above_T  Delta0 > T: the excitation stopped merging at 3 xi = |L|, (7.4), not at xi_T
        outside_range      P is 0 (and log_slope NaN): Delta0 > Delta0_* (sqrt), Delta0 > W (constant), outside
                           `pair_range` (pairs), below the resolution of the Fourier sum (gaussian) or below 1e-280
        beyond_validity    n_eff > (2t/chi)^2 (sqrt), chi xi > 0.3 (pairs)
        step_functions_ignored  those of (4.15): T < Delta0_* (sqrt), 3 xi > |L_*| - 6 widths (gaussian)

    Parameters (arrays that broadcast; pass an open grid): T, Lambda0 = Delta0_*, Estar = W, Delta0 (K), Pd (1/(J m3)).
    Scalars: U0 (J m3); amplitude_width (1), the standard deviation of ln(Delta0) of the Gaussian primary distribution.

    kernel "sqrt" (6.23) with the accurate P_n: p = P_n(t)/|L_*|, n = n_eff = |L|/|L_*| (6.24), t = chi xi, xi =
    (1/3) ln(W/max(T, Delta0)) by (7.2), (7.4). Relative accuracy 1e-8, of log_slope 1e-6.
    kernel "constant": b = 1. primary "exponential": |L| distributed exponentially with the mean |L_*|, the exact
    solution of (4.15) with its step functions (`physics.clusters.frozen`), relative accuracy 1e-11; "gaussian": (5.13)
    (`physics.clusters.fourier`), relative accuracy 1e-7, of log_slope 1e-6. kernel "pairs": (3.20), (3.21). `primary`
    has no effect with "sqrt" and "pairs". Raises ParameterError for an unknown option.
    """
    for name, value in (("kernel", kernel), ("primary", primary)):
        if value not in OPTIONS[name]:
            raise ParameterError(f"{name} = {value!r} is unknown; allowed: {', '.join(OPTIONS[name])}")
    T, Lambda0, Pd, Estar, Delta0, U0 = (np.asarray(a, dtype=np.float64) for a in (T, Lambda0, Pd, Estar, Delta0, U0))
    chi = chi_rg(Pd, U0)
    defined = (T < Estar) & (Lambda0 < Estar)
    # Where W is not the largest, values that harm nothing stand in until the end.
    L = np.log(np.where(Lambda0 < Estar, Estar / Lambda0, np.e))
    three_xi = np.log(np.where(T < Estar, Estar / T, np.e))
    magnitude = np.log(Estar / Delta0)
    shape = np.broadcast_shapes(T.shape, Lambda0.shape, Pd.shape, Estar.shape, Delta0.shape)
    if kernel == "pairs":
        p, slope, solved, valid, free = _pairs(T, Lambda0, Estar, Delta0, chi, three_xi)
    elif kernel == "sqrt":
        p, slope, solved, valid, free = _sqrt(L, three_xi, magnitude, chi)
    elif primary == "exponential":
        p, slope, solved, valid, free = _constant(L, three_xi, magnitude, chi)
    else:
        p, slope, solved, valid, free = _gaussian(L, three_xi, magnitude, chi, amplitude_width)
    p = np.where(p > SMALLEST, p, 0.0)
    with np.errstate(over="ignore"):
        P = Pd * p / Delta0
    known = defined & solved
    bits = {
        "W_not_largest": ~defined,
        "no_solution": ~solved,
        "chi_rg_not_small": chi > CHI_SMALL,
        "Lambda0_not_small": Lambda0 > LAMBDA0_SMALL * Estar,
        "amplitude_above_T": Delta0 > T,
        "outside_range": known & (P == 0),
        "beyond_validity": known & ~valid,
        "step_functions_ignored": known & ~free,
    }
    result = {
        "P_Delta0": np.where(known, P, np.nan),
        "log_slope": np.where(known & (P > 0), slope, np.nan),
    }
    if "status" in variables:
        status = np.zeros(shape, dtype=np.uint8)
        for name, holds in bits.items():
            status |= np.where(holds, np.uint8(STATUS[name]), np.uint8(0))
        result["status"] = status
    return {name: np.array(np.broadcast_to(result[name], shape)) for name in variables}


def _sqrt(L, three_xi, magnitude, chi):
    frozen = magnitude < three_xi
    reach = np.where(frozen, magnitude, three_xi)
    n, t, L, frozen = np.broadcast_arrays(magnitude / L, chi * reach / 3, L, frozen)
    solved = t <= T_END
    inside = (n >= 1) & (t > 0) & solved
    p, slope = np.zeros(n.shape), np.full(n.shape, np.nan)
    log_P, by_n, by_t = log_densities_with_slopes(n[inside], t[inside])
    p[inside] = np.exp(log_P) / L[inside]
    slope[inside] = 1 + by_n / L[inside]
    slope[inside] += np.where(frozen[inside], by_t * t[inside] / (n[inside] * L[inside]), 0.0)
    return p, slope, solved, n <= (2 * reach / 3) ** 2, three_xi <= L


def _constant(L, three_xi, magnitude, chi):
    log_N, length = _family(three_xi, chi, L)
    active = np.exp(log_N - np.maximum(magnitude - three_xi, 0.0) / length) / length, 1 - 1 / length
    # Where |L| <= 0 there is nothing, and any value will do.
    log_N, length = _family(np.where(magnitude > 0, magnitude, 1.0), chi, L)
    N = np.exp(log_N)
    frozen = np.where(magnitude > 0, N / length, 0.0), 1 - 1 / length - 2 / 3 * chi * N
    p, slope = (np.where(magnitude > three_xi, *both) for both in zip(active, frozen, strict=True))
    return p, slope, np.True_, np.True_, np.True_


def _family(reach, chi, L):
    """ln N and l of the exponential distribution at 3 xi = `reach`."""
    log_N, log_growth = exponential_family(reach / L, chi * L / 3)
    return log_N, L * np.exp(log_growth)


def _gaussian(L, three_xi, magnitude, chi, width):
    t = chi * three_xi / 3
    width = PARAMETERS["amplitude_width"].check(width)
    solved = solvable(t, chi, L, width)
    # Where there is no solution, a point of the domain stands in.
    t, chi, L, width = (np.where(solved, a, one) for a, one in ((t, 0.5), (chi, 3.0), (L, 2.0), (width, 0.2)))
    p, derivative = fourier_solution(magnitude, t, chi, L, width)
    decay = decay_length(t, chi, L)
    # The solution is NaN where it has not converged.
    solved = solved & ~np.isnan(p)
    visible = p * L > RESOLUTION * np.exp(-0.5 * magnitude / decay)
    free = three_xi <= L - WIDTHS * width
    with np.errstate(divide="ignore", invalid="ignore"):
        slope = 1 + derivative / p
    return np.where(visible, p, 0.0), slope, solved, np.True_, free


def _pairs(T, Lambda0, Estar, Delta0, chi, three_xi):
    low, high = pair_range(T, Lambda0, Estar)
    inside = (Delta0 >= low) & (Delta0 <= high)
    return np.where(inside, chi / 3, 0.0), 1.0, np.True_, chi * three_xi / 3 <= CHI_SMALL, np.True_


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
