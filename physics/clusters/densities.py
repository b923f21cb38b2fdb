"""Cluster excitations of interacting two-level systems by the renormalisation group of paper 003.

P_n = P_0(0) P~_n(t) with t = chi xi: everything depends on the grid through t alone, and chi = pi P_0(0) U_0.
"""

import numpy as np

from physics.clusters.coagulation import T_END, Trajectory, solved
from physics.clusters.flags import DENSITIES as STATUS
from physics.constants import BOLTZMANN
from physics.parameters import PARAMETERS, Parameter, ParameterError

# s of b = (k m)^s; that of "power" is given.
KERNELS = {"sqrt": 0.5, "constant": 0.0, "power": None}
# The classes of `dominant`: up to how many centres each of them goes.
CLASSES = {"single": 1, "pair": 2, "triple": 3, "few": 10}
# Where "much smaller" ends: chi << 1, Delta0*/W << 1 (2.9), and chi_eff << 1 at the size n_max (section 7).
CHI_SMALL, LAMBDA0_SMALL, CHI_EFF_SMALL = 0.3, 0.1, 1.0
# The solid angle over 4 pi that stands in chi for an interaction U0/R^d in d dimensions: 4 pi, 2 pi and 2.
SOLID_ANGLE = {3: 1.0, 2: 0.5, 1: 0.5 / np.pi}
# exp of more is no number of metres.
LARGEST = 667.0


def trajectory(kernel="sqrt", power=None) -> Trajectory:
    """The solution of eq. (4.6) of paper 003 from t = 0 to 30, solved once per process and kept.

    kernel: "sqrt", b_km = sqrt(k m), section 6; "constant", b = 1, section 5, exact; "power", b_km = (k m)^s, (4.8),
    s = `power` (1, above 0, at most 1/2: beyond, clusters become infinite at a finite t). The result has `.P(n, t)`,
    the density of states of n-centre excitations in units of that of the primary centres (1), for arrays that
    broadcast, real n >= 1 and 0 <= t <= 30; `.log_P(n, t)`, its logarithm; `.moment(m, t)`, I_m = sum_n n^m P_n (1),
    m = 0, 1/2, 1, 3/2, 2, s. Relative accuracy (s > 0): P 1e-8 for n <= 129 and for all n up to 8 I_2(t); moments
    1e-11; I_1 = 1 to 1e-14. Beyond n = 8 I_2 the digits fade with n^2 P, which is followed down to 1e-9 and continued
    exponentially. Raises ParameterError.
    """
    if kernel not in KERNELS:
        raise ParameterError(f"kernel = {kernel!r} is unknown; allowed: {', '.join(KERNELS)}")
    return solved(float(PARAMETERS["charge_power"].check(power)) if kernel == "power" else KERNELS[kernel])


def xi(T, W):
    """xi_T = (1/3) ln(W/T), the logarithm of the largest distance, eq. (7.2), or with T = epsilon, eq. (7.4).

    T, W (K, arrays that broadcast). Returns a number (1) of the broadcast shape, negative for T > W.
    Raises ParameterError outside the physical domain.
    """
    T, W = PARAMETERS["T"].check(T), Parameter("W", "W", "K", "spread of the level energies").check(W)
    return np.log(W / T) / 3


def distances(Pd, Estar, U0, dimension=3):
    """R_min = (U0/k_B W)^(1/d), eq. (2.16), and R_* = R_min exp(1/chi), eq. (4.1), where clusters become likely (m).

    Pd (1/(J m^d)), Estar = W (K), U0 (J m^d): arrays that broadcast. R_* is infinite beyond 1e290 R_min.
    Raises ParameterError outside the physical domain.
    """
    shortest = (PARAMETERS["U0"].check(U0) / (BOLTZMANN * PARAMETERS["Estar"].check(Estar))) ** (1 / dimension)
    chi = chi_rg(Pd, U0) * SOLID_ANGLE[dimension]
    growth = np.where(chi > 1 / LARGEST, np.exp(np.minimum(1 / chi, LARGEST)), np.inf)
    return shortest, shortest * growth


def chi_rg(Pd, U0):
    """chi = pi P_0(0) U_0, eq. (2.15), the dimensionless interaction of the primary centres.

    Pd (1/(J m3)) their density of states P_0(0), U0 (J m3) the mean strength <|u|> of the interaction u/R^3; arrays
    that broadcast. Returns chi (1). Raises ParameterError outside the physical domain.
    """
    return np.pi * PARAMETERS["Pd"].check(Pd) * PARAMETERS["U0"].check(U0)


def clusters(T, Lambda0, Pd, Estar, n, *, U0, variables, kernel="sqrt", dimension="3", charge_power=None):
    """The variables of the quantity `clusters` (see `physics.QUANTITIES`) as a dict of arrays.

    t = chi xi_T (1), eq. (4.7); chi_rg (1), eq. (2.15); P_total = P_0(0) I_0(t) and P_n = P_0(0) P~_n(t) (1/(J m3)),
    the density of states of all excitations and of those of n centres; P_total_reduced, P_n_reduced (1), the same in
    units of P_0(0) = Pd; n_half (1), the smallest number of centres such that excitations of up to so many hold half
    of the density of states; n_max = I_2/I_1 (1), the mean size of the cluster that a centre is in, by which (6.9)
    measures the front; n_valid = 1/(chi I_1/2)^2 (1), the size at which the effective coupling of section 7,
    chi_eff = chi sqrt(n) I_1/2, is 1 (kernel "power": chi n^s I_s, n_valid = (chi I_s)^(-1/s)); dominant and
    dominant_centres, the class of sizes with the largest share of the density of states and of the centres (n P_n):
    single, pair, triple, few (4 to 10) or many.

    Status has a bit for each of: T_above_W, T > Estar; out_of_table, t > 30; chi_rg_not_small, chi > 0.3;
    Lambda0_not_small, Lambda0/Estar > 0.1, against (2.9); beyond_validity, n_max > n_valid: most centres are in
    clusters that the theory does not control. Under the first two everything is NaN and the dominant class 0, except
    chi_rg and, where t > 30, t.

    R_min, R_star (m): `distances`. dimension d "3", "2" or "1": an interaction U0/R^d, chi = (S_d/4) Pd U0 with the
    solid angle S_d = 4 pi, 2 pi, 2, and xi = (1/d) ln(W/T); Pd and U0 are then per m^d.

    Parameters (arrays that broadcast; pass an open grid): T (K), Lambda0 = Delta_0* (K), Pd = P_0(0) (1/(J m3)),
    Estar = W (K), n (1, real, >= 1). U0 (J m3). kernel, charge_power = s as in `trajectory`, whose accuracy this has.
    For "constant", section 5, chi_eff = chi I_0. A variable has length 1 along what it does not depend on.
    Raises ParameterError outside the physical domain.
    """
    solution = trajectory(kernel, charge_power)
    T, Lambda0, Pd, Estar, n = (
        PARAMETERS[name].check(value)
        for name, value in {"T": T, "Lambda0": Lambda0, "Pd": Pd, "Estar": Estar, "n": n}.items()
    )
    d = int(dimension)
    chi = chi_rg(Pd, U0) * SOLID_ANGLE[d]
    t = chi * xi(T, Estar) * (3 / d)
    defined = (t >= 0) & (t <= T_END)
    inside = np.where(defined, t, 0.0)
    wanted = set(variables)

    def kept(values):
        return np.where(defined, values, np.nan)

    result = {"t": np.where(t >= 0, t, np.nan), "chi_rg": chi}
    if wanted & {"R_min", "R_star"}:
        shortest, star = distances(Pd, Estar, U0, d)
        result["R_min"], result["R_star"] = (np.array(np.broadcast_to(R, t.shape)) for R in (shortest, star))
    if wanted & {"P_total", "P_total_reduced"}:
        result["P_total_reduced"] = kept(solution.moment(0, inside))
        result["P_total"] = Pd * result["P_total_reduced"]
    if wanted & {"P_n", "P_n_reduced"}:
        result["P_n_reduced"] = kept(solution.P(n, inside))
        result["P_n"] = Pd * result["P_n_reduced"]
    if "n_half" in wanted:
        result["n_half"] = kept(_median(solution, inside, kernel))
    if wanted & {"n_max", "n_valid", "status"}:
        n_max = solution.moment(2, inside) / solution.moment(1, inside)
        # Python's power and the arrays' differ in the last bit.
        charge, root = (0.5, np.sqrt(n_max)) if kernel == "sqrt" else (0, 1.0)
        if kernel == "power":
            charge = float(charge_power)
            root = n_max**charge
        coupling = chi * solution.moment(charge, inside)
        chi_eff = coupling * root
        result["n_max"] = kept(n_max)
        result["n_valid"] = kept(coupling ** (-1 / charge) if kernel == "power" else 1 / (coupling * coupling))
    for name, power in {"dominant": 0, "dominant_centres": 1}.items():
        if name in wanted:
            result[name] = np.where(defined, _largest_share(solution, inside, power), 0).astype(np.uint8)
    if "status" in wanted:
        doubts = {
            "beyond_validity": defined & (chi_eff > CHI_EFF_SMALL),
            "Lambda0_not_small": Lambda0 > LAMBDA0_SMALL * Estar,
            "chi_rg_not_small": chi > CHI_SMALL,
            "out_of_table": t > T_END,
            "T_above_W": t < 0,
        }
        result["status"] = sum(np.where(doubt, STATUS[name], 0) for name, doubt in doubts.items()).astype(np.uint8)
    return {name: np.asarray(result[name]) for name in variables}


def _held(solution, t, power, count):
    """sum_(k <= n) k^power P_k for n = 1 ... count along a last axis."""
    n = np.arange(1.0, count + 1)
    return np.cumsum(n**power * solution.P(n, t[..., None]), axis=-1)


def _largest_share(solution, t, power):
    """1 for the first of CLASSES, ..., 5 for all larger clusters: where the sum of n^power P_n is largest."""
    ends = np.array(list(CLASSES.values()))
    held = _held(solution, t, power, ends[-1])[..., ends - 1]
    return np.argmax(np.diff(held, prepend=0.0, append=solution.moment(power, t)[..., None]), axis=-1) + 1


def _median(solution, t, kernel):
    """The smallest n with sum_(k <= n) P_k >= P/2."""
    if kernel == "constant":
        # sum_(k <= n) P_k = P [1 - (t/(1 + t))^n]
        with np.errstate(divide="ignore"):
            return np.maximum(np.ceil(np.log(2) / np.log1p(1 / t)), 1.0)
    if kernel == "power":
        # No more than for b = 1, where it is 22 at t = 30.
        return 1.0 + (_held(solution, t, 0, 24) < 0.5 * solution.moment(0, t)[..., None]).sum(-1)
    # Single and pair excitations hold 60 % and more of the density of states at every t.
    return 1.0 + (_held(solution, t, 0, 1)[..., 0] < 0.5 * solution.moment(0, t))
