"""Specific heat of two-level systems beside that of the electrons, paper 004, eqs. (7), (8).

A level splitting E contributes k_B (E/2T)^2 sech^2(E/2T). Averaged over a distribution with the density of states P_d,

    C = P_d k_B^2 T N,   glass (2): N = L f(E*/T),   tunnelling states, (37) of paper 001: N = g(E*/T, Lambda0/T),

where L counts the slow systems; `physics.heat_and_sound.cluster_heat` has N for the clusters of paper 003. Energies are
in kelvin, P_d in 1/(J m3), so that n_T = P_d k_B E*.
"""

import math

import numpy as np

from physics.constants import BOLTZMANN
from physics.heat_and_sound.cluster_heat import cluster_heat
from physics.levels.clusters import beyond_validity
from physics.numerics.compiled import compiled, compiled_entry
from physics.numerics.quadrature import gauss_legendre
from physics.parameters import PARAMETERS, Parameter, ParameterError

DISTRIBUTIONS = ("glass", "tunnelling_states", "clusters")
LOGARITHMS = ("exact", "published")
CONVENTIONS = ("published", "consistent")
# Below this E*/T the closed form of f loses digits by cancellation, and its power series converges like (x/pi)^2k.
SERIES_BELOW = 1.0
# Splittings whose thermal factor is exp(-2 SPLITTINGS[-1]) below that of the lowest level are left out.
SPLITTINGS = (0.0, 2.0, 4.5, 8.0, 13.0, 21.0)
FRACTION = Parameter("p_min", PARAMETERS["p_min"].symbol, "1", PARAMETERS["p_min"].long_name, upper=1.0)


def _coefficients(count):
    """Coefficients of x^2k, k = 0 ..., of f(x)/x^3, from the power series of tanh, whose derivative is sech^2."""
    # d tanh/dy = 1 - tanh^2 gives the coefficients a of y^(2k+1) one after the other.
    a = [1.0]
    for k in range(1, count):
        a.append(-math.fsum(a[i] * a[k - 1 - i] for i in range(k)) / (2 * k + 1))
    return np.array([2 * a[k] * (2 * k + 1) / ((2 * k + 3) * 2.0 ** (2 * k + 3)) for k in range(count)])


SERIES = _coefficients(18)
# Li2(-q) = sum of these times u^(n+1), u = -ln(1 + q): Bernoulli numbers over (n + 1)!, n = 2, 4, ... 12.
DILOGARITHM = np.array([1 / 36, -1 / 3600, 1 / 211680, -1 / 10886400, 1 / 526901760, -691 / 2730 / math.factorial(13)])


@compiled
def _heat_integral(x):
    if x < SERIES_BELOW:
        square = x * x
        total = 0.0
        for k in range(len(SERIES) - 1, -1, -1):
            total = total * square + SERIES[k]
        return total * square * x
    q = math.exp(-x)
    u = -math.log1p(q)
    dilogarithm = 0.0
    for k in range(len(DILOGARITHM) - 1, -1, -1):
        dilogarithm = dilogarithm * u * u + DILOGARITHM[k]
    dilogarithm = u - 0.25 * u * u + dilogarithm * u * u * u
    # x is infinite where T underflows against E*; the products are 0 there.
    return math.pi**2 / 6 - (x * x * q / (1 + q) - 2 * x * u if q > 0 else 0.0) + 2 * dilogarithm


@compiled_entry
def _heat_integrals(x):
    result = np.empty(len(x))
    for i in range(len(x)):
        result[i] = _heat_integral(x[i])
    return result


@compiled_entry
def _gapped_heat_integrals(width, gap, rule):
    """g at each pair ((E* - Lambda0)/T, Lambda0/T), with the diagonal splitting delta = Delta/2T, y^2 = a^2 + delta^2,
    as variable: dE E/sqrt(E^2 - Lambda0^2) = dDelta, so that g = 2 int d(delta) y^2 sech^2 y has no singularity."""
    result = np.zeros(len(gap))
    for i in range(len(gap)):
        if width[i] <= 0.0:
            continue
        a = 0.5 * gap[i]
        end = 0.5 * math.sqrt(width[i] * (width[i] + 2.0 * gap[i]))
        total = 0.0
        low = 0.0
        for k in range(1, len(SPLITTINGS)):
            high = min(end, math.sqrt(SPLITTINGS[k] * (2 * a + SPLITTINGS[k])))
            panel = 0.0
            for j in range(rule.shape[1]):
                delta = low + (high - low) * rule[0, j]
                y = math.sqrt(a * a + delta * delta)
                above = delta * delta / (y + a)
                panel += rule[1, j] * y * y * math.exp(-2 * above) / (1 + math.exp(-2 * y)) ** 2
            total += (high - low) * panel
            if high >= end:
                break
            low = high
        result[i] = 8 * math.exp(-2 * a) * total
    return result


def heat_integral(x):
    """f(x) = 2 int_0^(x/2) y^2 sech^2(y) dy of eq. (8), the thermal integral of a uniform density of levels.

    x = E*/T (1, > 0, any shape). Returns an array of that shape, relative accuracy 1e-13 for all x:
    pi^2/6 - x^2/(e^x + 1) - 2x ln(1 + e^-x) + 2 Li2(-e^-x), by its power series below x = 1.
    Limits: x^3/12 for x << 1 (Schottky tail), pi^2/6 for x >> 1 (the paper prints 1). Raises ParameterError.
    """
    x = Parameter("x", "x", "1", "cut-off over temperature").check(x)
    return _heat_integrals(x.ravel()).reshape(x.shape)


def gapped_heat_integral(x, gap):
    """g(x, l) = 2 int_(l/2)^(x/2) dy y^3 sech^2(y)/sqrt(y^2 - l^2/4), the thermal integral of the tunnelling states.

    x = E*/T and l = gap = Lambda0/T (1, > 0, arrays that broadcast). Returns an array of the broadcast shape, 0 where
    E* <= Lambda0 (no levels); relative accuracy 1e-11. Limits: f(x) for l -> 0;
    for x -> inf the Bessel sum 2 sum_n (-1)^(n+1) n (l/2)^3 [K_3(nl) + 3 K_1(nl)]. Raises ParameterError.
    """
    x = Parameter("x", "x", "1", "cut-off over temperature").check(x)
    gap = Parameter("gap", "l", "1", "tunnelling amplitude over temperature").check(gap)
    return _gapped(x - gap, gap)


def slow_logarithm(p_min):
    """L = int_(p_min)^1 dp/(2p sqrt(1 - p)) = arccosh(1/sqrt(p_min)), how many two-level systems there are per n_T.

    p_min (1, in (0, 1]) is the lower cut-off of p = (Lambda/E)^2. Since tau_min/t_exp = p_min, this is
    (1/2) ln(4 t_exp/tau_min): half as much as the paper's L = ln(t_exp/tau_min). Raises ParameterError.
    """
    p_min = FRACTION.check(p_min)
    return np.arcsinh(np.sqrt((1 - p_min) / p_min))


def tls_specific_heat(
    T, Pd, Estar, *, Lambda0=None, distribution="glass", logarithm="exact", p_min=None, L_slow=None, U0=None
) -> np.ndarray:
    """Specific heat of the two-level systems C_T (J/(K m3)), eq. (8) exactly, in the broadcast shape.

    T (K); Pd (1/(J m3)) density of states; Estar (K) cut-off; arrays that broadcast. distribution: "glass" (2), where
    L is that of `p_min` (logarithm "exact") or is `L_slow` itself ("published"); "tunnelling_states", (37) of paper
    001, which needs `Lambda0` (K) and knows no L, because all systems have the same tunnelling amplitude; "clusters",
    the interacting defects of paper 003, which needs `Lambda0` and `U0` (J m3) and knows no L either, NaN where
    `physics.levels.clusters.undefined` says so.
    Relative accuracy 1e-11 (clusters: 1e-10 for given P_n). Raises ParameterError outside the domain.
    """
    _allowed(distribution=distribution, logarithm=logarithm)
    given = {"T": T, "Pd": Pd, "Estar": Estar}
    if distribution != "glass":
        given["Lambda0"] = Lambda0
        if distribution == "clusters":
            given["U0"] = U0
    elif logarithm == "exact":
        given["p_min"] = p_min
    else:
        given["L_slow"] = L_slow
    checked = {name: PARAMETERS[name].check(value) for name, value in given.items()}
    return _tls(**checked, distribution=distribution, logarithm=logarithm)


def electron_specific_heat(T, *, n_e, eps_F, convention="published") -> np.ndarray:
    """Specific heat of the electrons C_e (J/(K m3)) at T (K) for the density n_e (1/m3) and the Fermi energy eps_F (J).

    convention "published": 3 n_e k_B^2 T/(2 eps_F), eq. (7) as printed; "consistent": Sommerfeld's
    (pi^2/2) n_e k_B^2 T/eps_F, larger by pi^2/3. Raises ParameterError outside the domain.
    """
    _allowed(convention=convention)
    T, n_e, eps_F = (PARAMETERS[name].check(a) for name, a in (("T", T), ("n_e", n_e), ("eps_F", eps_F)))
    return _electron(T, n_e, eps_F, convention)


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
    p_min=None,
    L_slow=None,
    U0=None,
):
    """The variables of the quantity `specific_heat` (see `physics.QUANTITIES`) as a dict of arrays of the broadcast
    shape: C_tls as `tls_specific_heat`, C_electron as `electron_specific_heat`, both in J/(K m3), C_ratio = C_tls/
    C_electron. `status` (uint8): 0, or 1 where clusters are beyond the theory (`beyond_validity`). Options as there."""
    T, Pd, Estar, n_e, eps_F = (np.asarray(a, dtype=np.float64) for a in (T, Pd, Estar, n_e, eps_F))
    result = {}
    if {"C_tls", "C_ratio"} & set(variables):
        slow = {"p_min": p_min, "L_slow": L_slow, "Lambda0": Lambda0, "U0": U0}
        result["C_tls"] = _tls(T, Pd, Estar, distribution=distribution, logarithm=logarithm, **slow)
    if {"C_electron", "C_ratio"} & set(variables):
        result["C_electron"] = _electron(T, n_e, eps_F, convention)
    if "C_ratio" in variables:
        result["C_ratio"] = result["C_tls"] / result["C_electron"]
    shape = np.broadcast_shapes(*(np.shape(a) for a in (T, Pd, Estar, n_e, eps_F, 0.0 if Lambda0 is None else Lambda0)))
    if "C_electron" in variables:
        result["C_electron"] = np.broadcast_to(result["C_electron"], shape).copy()
    if "status" in variables:
        beyond = distribution == "clusters" and beyond_validity(T, Lambda0, Pd, Estar, U0=U0)
        result["status"] = np.broadcast_to(np.asarray(beyond, np.uint8), shape).copy()
    return {name: result[name] for name in variables}


def _tls(T, Pd, Estar, *, distribution, logarithm, p_min=None, L_slow=None, Lambda0=None, U0=None):
    if distribution == "clusters":
        levels = cluster_heat(T, Lambda0, Pd, Estar, U0=U0)
    elif distribution == "tunnelling_states":
        levels = _gapped((Estar - Lambda0) / T, Lambda0 / T)
    else:
        x = np.asarray(Estar / T)
        slow = slow_logarithm(p_min) if logarithm == "exact" else L_slow
        levels = slow * _heat_integrals(x.ravel()).reshape(x.shape)
    return BOLTZMANN**2 * Pd * (T * levels)


def _gapped(width, gap):
    """g where E* - Lambda0, which narrow bands have no digits to lose of, is width T, and Lambda0 is gap T."""
    width, gap = (np.array(a) for a in np.broadcast_arrays(width, gap))
    return _gapped_heat_integrals(width.ravel(), gap.ravel(), gauss_legendre()).reshape(gap.shape)


def _electron(T, n_e, eps_F, convention):
    factor = 1.5 if convention == "published" else np.pi**2 / 2
    return factor * BOLTZMANN**2 * (n_e / eps_F) * T


def _allowed(**options):
    known = {"distribution": DISTRIBUTIONS, "logarithm": LOGARITHMS, "convention": CONVENTIONS}
    for name, value in options.items():
        if value not in known[name]:
            raise ParameterError(f"{name} = {value!r} is unknown; allowed: {', '.join(known[name])}")
