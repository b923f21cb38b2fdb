"""Clusters that freeze: the b = 1 equation with amplitudes, (4.15) of paper 003, solved with its step functions.

With |L| = ln(W/Delta0) and lambda = |L| - 3t/chi, which adds up when two clusters merge, the sum of (4.15) over n is

    dp/dt = (3/chi) dp/dlambda - 2 N p + p*p,   lambda > 0,   N = int_0^inf p dlambda;

what arrives at lambda = 0 has an amplitude as large as the interaction at the present distance, merges no more and
stays at its |L|. Exponential distributions p = (N/l) exp(-lambda/l) remain exponential:

    l' = N l,   N' = -N^2 - 3N/(chi l).
"""

import math

import numpy as np

from physics.numerics.compiled import compiled, compiled_entry
from physics.numerics.exponential_integrals import exponential_integral_table, exponential_integrals
from physics.parameters import Parameter

ASYMPTOTIC = 500.0
STEPS = 100
LAST = 700.0

CHI_RG = Parameter("chi_rg", r"\chi", "1", "coupling of the renormalisation group")
WIDTH = Parameter("L", r"|L_*|", "1", "mean logarithm ln(W/Delta0) of the primary amplitudes")
SCALE = Parameter("t", "t", "1", "logarithm of the distance times the coupling", lower=-np.nextafter(0, 1))


@compiled
def _scaled(x, table):
    """exp(x) E1(x)."""
    if x > ASYMPTOTIC:
        y = 1.0 / x
        return y * (1.0 - y * (1.0 - 2.0 * y * (1.0 - 3.0 * y * (1.0 - 4.0 * y * (1.0 - 5.0 * y)))))
    decay, first, _, _, _ = exponential_integrals(x, table)
    return first / decay


@compiled
def _depletion(ratio, end, table):
    """y = -ln(N l/l_0) at the time t = ratio end, end = chi l_0/3.

    ratio = exp(v) G(end - v) - G(end), v = end (1 - exp(-y)), G(x) = exp(x) E1(x), is convex in y with the slope
    exp(v), so that Newton's method from above converges monotonically.
    """
    y = ratio
    bound = math.log1p(ratio * end)
    if bound < end:
        y = min(y, -math.log1p(-bound / end))
    start = _scaled(end, table)
    if y > LAST:
        # E1(w) = -gamma - ln w: N is below the smallest number unless the root is below LAST.
        y = (start + ratio) * math.exp(-end) + np.euler_gamma + math.log(end)
        if y > LAST:
            return y
        y = LAST
    for _ in range(STEPS):
        v = -end * math.expm1(-y)
        step = _scaled(end * math.exp(-y), table) - (start + ratio) * math.exp(-v)
        if step <= 1e-16 * y:
            break
        y -= step
        if y <= 0.0:
            return 0.0
    return y


@compiled_entry
def _depletions(ratio, end, table):
    result = np.empty((2, len(ratio)))
    for i in range(len(ratio)):
        y = _depletion(ratio[i], end[i], table)
        v = -end[i] * math.expm1(-y)
        result[0, i] = -y - v
        result[1, i] = v
    return result


def exponential_family(ratio, end):
    """ln N and ln(l/L) of `exponential_clusters` for ratio = 3t/(chi L) and end = chi L/3, broadcast, unchecked."""
    ratio, end = np.broadcast_arrays(ratio, end)
    found = _depletions(np.array(ratio).ravel(), np.array(end).ravel(), exponential_integral_table())
    return found.reshape((2, *ratio.shape))


def exponential_clusters(t, chi_rg, L):
    """N(t) and l(t) of the exponential distribution of amplitudes, the exact solution of (4.15), b = 1, summed over n.

    The active clusters, |L| > 3t/chi, have the reduced density of states per unit of |L| = ln(W/Delta0)
    (N/l) exp(-(|L| - 3t/chi)/l); those that froze at the time t', |L| = 3t'/chi, have N(t')/l(t'). In closed form

        l = L exp(v),  N = (1 - v/u) exp(-v),  u = chi L/3,  t/u = exp(v) G(u - v) - G(u),  G(x) = exp(x) E1(x).

    t (1, >= 0), chi_rg = pi P_0 U_0 (1), L (1), the mean |L| of the primary distribution: arrays that broadcast.
    Returns N (1) and l (1) in the broadcast shape, relative accuracy 1e-12 (N: 1e-12 (1 + t)).
    Limits: 1/(1 + t) and L (1 + t) for chi L >> 3 (1 + t); l -> L exp(chi L/3) and N -> 0 for t -> inf, which is where
    (5.23) has t_m. Raises ParameterError outside the domain.
    """
    t, chi_rg, L = SCALE.check(t), CHI_RG.check(chi_rg), WIDTH.check(L)
    end = chi_rg * L / 3
    log_N, log_growth = exponential_family(t / end, end)
    return np.exp(log_N), L * np.exp(log_growth)
