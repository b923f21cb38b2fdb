"""Specific heat of two-level systems beside that of the electrons, paper 004, eqs. (7), (8).

A level splitting E contributes k_B (E/2T)^2 sech^2(E/2T). In the letters of paper 001, where the density of states P_d
counts all systems,

    C = P_d k_B^2 T N,

and N counts the levels that take part: glass, (36), N = 2 int dy y^2 sech^2(y) L/A(p_min) with y = E/2T and A(p) =
arccosh(1/sqrt(p)) the norm; tunnelling states, (37); Gaussian barriers, (54); clusters of paper 003. Energies are in
kelvin, P_d in 1/(J m3). `physics.heat_and_sound.heat_integrals` has the integrals.
"""

import math

import numpy as np

from physics.constants import BOLTZMANN, HBAR
from physics.heat_and_sound.electron_heat import electron_specific_heat
from physics.heat_and_sound.flags import HEAT
from physics.heat_and_sound.heat_integrals import coth_root, gapped_heats, glass_heats, heat_integrals, mixed_heat
from physics.heat_and_sound.ladder_heat import cluster_heat
from physics.levels.clusters import beyond_validity
from physics.levels.gaussian_amplitudes import amplitudes
from physics.numerics.quadrature import gauss_legendre
from physics.parameters import PARAMETERS, Parameter, ParameterError

DISTRIBUTIONS = ("glass", "tunnelling_states", "gaussian_barrier", "clusters")
LOGARITHMS = ("experiment", "exact", "published")
# chi of paper 004 over that of paper 001: the population decays at the rate chi p E coth(E/2T)/hbar by (11), (12) of
# 004, and at twice that by (14), (15) of 001.
CHI_004 = 2.0
CONVENTIONS = ("consistent", "published")
FRACTION = Parameter("p_min", PARAMETERS["p_min"].symbol, "1", PARAMETERS["p_min"].long_name, upper=1.0)


def heat_integral(x):
    """f(x) = 2 int_0^(x/2) y^2 sech^2(y) dy of eq. (8), the thermal integral of a uniform density of levels.

    x = E*/T (1, > 0, any shape). Returns an array of that shape, relative accuracy 1e-13 for all x:
    pi^2/6 - x^2/(e^x + 1) - 2x ln(1 + e^-x) + 2 Li2(-e^-x), by its power series below x = 1.
    Limits: x^3/12 for x << 1 (Schottky tail), pi^2/6 for x >> 1 (the paper prints 1). Raises ParameterError.
    """
    x = Parameter("x", "x", "1", "cut-off over temperature").check(x)
    return heat_integrals(x.ravel()).reshape(x.shape)


def gapped_heat_integral(x, gap):
    """g(x, l) = 2 int_(l/2)^(x/2) dy y^3 sech^2(y)/sqrt(y^2 - l^2/4), the thermal integral of the tunnelling states.

    x = E*/T and l = gap = Lambda0/T (1, > 0, arrays that broadcast). Returns an array of the broadcast shape, 0 where
    E* <= Lambda0 (no levels); relative accuracy 1e-11. Limits: f(x) for l -> 0;
    for x -> inf the Bessel sum 2 sum_n (-1)^(n+1) n (l/2)^3 [K_3(nl) + 3 K_1(nl)]. Raises ParameterError.
    """
    x = Parameter("x", "x", "1", "cut-off over temperature").check(x)
    gap = Parameter("gap", "l", "1", "tunnelling amplitude over temperature").check(gap)
    return _flat(gapped_heats, x - gap, gap, 0.0)


def slow_logarithm(p_min):
    """A = int_(p_min)^1 dp/(2p sqrt(1 - p)) = arccosh(1/sqrt(p_min)), how many two-level systems there are per n_T.

    p_min (1, in (0, 1]) is the lower cut-off of p = (Lambda/E)^2: P_d counting all of them is A n_T/E*. With p_min =
    tau_min/t_exp it is L = (1/2) ln(4 t_exp/tau_min): half of the paper's ln(t_exp/tau_min). Raises ParameterError.
    """
    p_min = FRACTION.check(p_min)
    return np.arcsinh(np.sqrt((1 - p_min) / p_min))


def slowest_fraction(T, chi, t_exp):
    """alpha = hbar/(4 chi k_B T t_exp) (1): within t_exp (s) a level relaxes if p >= alpha tanh(y)/y, y = E/2T.

    T (K), chi (1) of paper 001, eq. (15). It is p_min(E, T) = hbar/(2 chi t_exp E coth(E/2T)) at E << T.
    """
    return HBAR / (4 * BOLTZMANN) / (chi * T * t_exp)


def tls_specific_heat(T, Pd, Estar, *, distribution="glass", logarithm="experiment", convention="consistent", **others):
    """Specific heat of the two-level systems C_T (J/(K m3)), eq. (8) exactly, in the broadcast shape.

    T (K); Pd (1/(J m3)) density of states; Estar (K) cut-off; arrays that broadcast. distribution: "glass"; or, with
    Lambda0 (K), "tunnelling_states"; "gaussian_barrier" (and barrier_width); "clusters" (and U0, J m3), NaN where
    `physics.levels.clusters.undefined` says so. logarithm: which slow levels count,
      "experiment": those with p >= p_min(E, T) = hbar/(2 chi t_exp E coth(E/2T)), chi (1), t_exp (s) the time of the
         experiment: C = P k_B int_0^E* dE (E/2T)^2 sech^2(E/2T) arccosh(1/sqrt(max(p_min, p_min(E, T)))) in a glass,
         and of one amplitude those with E tanh(E/2T) <= 2 chi t_exp Lambda^2/hbar;
      "exact": all, in a glass down to p_min (1);
      "published": in a glass `L_slow` of them per n_T, elsewhere all.
    convention: "consistent", the letters of paper 001: Pd counts all systems of a glass, so that P = Pd/A(p_min)
    (`slow_logarithm`); chi as in (15). "published", those of paper 004: P = Pd = n_T/E*, and chi is twice that.
    Relative accuracy 1e-10 (clusters: for given P_n). Raises ParameterError outside the domain.
    """
    _allowed(distribution=distribution, logarithm=logarithm, convention=convention)
    needed = {
        "glass": ("p_min",) if logarithm != "published" or convention == "consistent" else (),
        "tunnelling_states": ("Lambda0",),
        "gaussian_barrier": ("Lambda0", "barrier_width"),
        "clusters": ("Lambda0", "U0"),
    }[distribution]
    needed += {"experiment": ("chi", "t_exp"), "exact": (), "published": ("L_slow",) * (distribution == "glass")}[
        logarithm
    ]
    given = {"T": T, "Pd": Pd, "Estar": Estar} | {name: others.get(name) for name in needed}
    checked = {name: PARAMETERS[name].check(value) for name, value in given.items()}
    return _tls(**checked, distribution=distribution, logarithm=logarithm, convention=convention)


def specific_heat(
    T,
    Pd,
    Estar,
    *,
    n_e,
    eps_F,
    distribution,
    logarithm,
    convention,
    variables,
    Lambda0=None,
    chi=None,
    t_exp=None,
    p_min=None,
    L_slow=None,
    barrier_width=None,
    U0=None,
):
    """The variables of the quantity `specific_heat` (see `physics.QUANTITIES`) as a dict of arrays of the broadcast
    shape: C_tls as `tls_specific_heat`, C_electron as `electron_specific_heat`, both in J/(K m3), C_ratio = C_tls/
    C_electron, C_over_T = (C_tls + C_electron)/T (J/(K2 m3)). `status` (uint8): 0, or 1 where clusters are beyond the
    theory (`beyond_validity`). Options as there."""
    T, Pd, Estar, n_e, eps_F = (np.asarray(a, dtype=np.float64) for a in (T, Pd, Estar, n_e, eps_F))
    result = {}
    if {"C_tls", "C_ratio", "C_over_T"} & set(variables):
        own = {"p_min": p_min, "L_slow": L_slow, "Lambda0": Lambda0, "U0": U0, "chi": chi, "t_exp": t_exp}
        options = {"distribution": distribution, "logarithm": logarithm, "convention": convention}
        result["C_tls"] = _tls(T, Pd, Estar, **options, **own, barrier_width=barrier_width)
    if {"C_electron", "C_ratio", "C_over_T"} & set(variables):
        result["C_electron"] = electron_specific_heat(T, n_e=n_e, eps_F=eps_F, convention=convention)
    if "C_ratio" in variables:
        result["C_ratio"] = result["C_tls"] / result["C_electron"]
    if "C_over_T" in variables:
        result["C_over_T"] = (result["C_tls"] + result["C_electron"]) / T
    given = [a for a in (T, Pd, Estar, n_e, eps_F, Lambda0, chi) if a is not None]
    if "status" in variables:
        beyond = distribution == "clusters" and beyond_validity(T, Lambda0, Pd, Estar, U0=U0)
        result["status"] = np.where(beyond, np.uint8(HEAT["beyond_validity"]), np.uint8(HEAT["ok"]))
    shape = np.broadcast_shapes(*(np.shape(a) for a in given))
    return {name: np.array(np.broadcast_to(result[name], shape)) for name in variables}


def _tls(
    T,
    Pd,
    Estar,
    *,
    distribution,
    logarithm,
    convention,
    p_min=None,
    L_slow=None,
    Lambda0=None,
    U0=None,
    chi=None,
    t_exp=None,
    barrier_width=None,
):
    alpha = 0.0
    if logarithm == "experiment":
        alpha = slowest_fraction(T, chi / (CHI_004 if convention == "published" else 1.0), t_exp)
    if distribution == "clusters":
        levels = cluster_heat(T, Lambda0, Pd, Estar, alpha, U0=U0)
    elif distribution == "tunnelling_states":
        levels = _flat(gapped_heats, (Estar - Lambda0) / T, Lambda0 / T, alpha)
    elif distribution == "gaussian_barrier":
        levels = _gaussian(T, Lambda0, Estar, alpha, float(barrier_width))
    else:
        # In the letters of 001 the density of states per unit of arccosh is Pd/A(p_min).
        norm = slow_logarithm(p_min) if convention == "consistent" else 1.0
        if logarithm == "experiment":
            levels = _flat(lambda x, a, rule: glass_heats(x, a, float(p_min), rule), Estar / T, alpha) / norm
        else:
            x = np.asarray(Estar / T)
            slow = slow_logarithm(p_min) if logarithm == "exact" else L_slow
            levels = slow / norm * heat_integrals(x.ravel()).reshape(x.shape)
    return BOLTZMANN**2 * Pd * (T * levels)


def _gaussian(T, Lambda0, Estar, alpha, width):
    """N of Gaussian barriers: tunnelling states of all amplitudes below E*, of which some are too slow."""
    arrays = np.broadcast_arrays(T, Lambda0, Estar, alpha)
    result = np.zeros(arrays[0].shape)
    for i, (t, amplitude, cut_off, slow) in enumerate(zip(*(a.ravel().tolist() for a in arrays), strict=True)):
        low, kinks = -math.inf, ()
        if slow > 1:
            # Slower levels than E coth(E/2T) = 2T alpha do not take part, however symmetric.
            low = math.log(2 * t * coth_root(slow))
        if slow > 0:
            y = 0.5 * cut_off / t
            kinks = (math.log(2 * t * math.sqrt(slow * y * math.tanh(y))),)
        high = math.log(cut_off)
        Lambda, weights = amplitudes(amplitude, width, t, low, high, slopes=(0, 3), kinks=kinks)
        if len(Lambda):
            result.reshape(-1)[i] = mixed_heat(cut_off / t, Lambda / t, weights, slow, gauss_legendre())
    return result


def _flat(function, *arrays):
    """A compiled function of flat arrays and the Gauss rule, in the broadcast shape."""
    arrays = [np.array(a, np.float64) for a in np.broadcast_arrays(*arrays)]
    return function(*(a.ravel() for a in arrays), gauss_legendre()).reshape(arrays[0].shape)


def _allowed(**options):
    known = {"distribution": DISTRIBUTIONS, "logarithm": LOGARITHMS, "convention": CONVENTIONS}
    for name, value in options.items():
        if value not in known[name]:
            raise ParameterError(f"{name} = {value!r} is unknown; allowed: {', '.join(known[name])}")
