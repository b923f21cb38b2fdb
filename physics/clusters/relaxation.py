"""Relaxation times of cluster excitations and the internal friction they cause, paper 003, section 7.

An excitation of energy eps = sqrt(Delta^2 + Delta0^2) relaxes by one phonon at the rate

    1/tau = (A/2) Delta0^2 eps coth(eps/2T),

which is A Delta0^2 T, the rate after (7.8), for eps << T, and 1.08 times that at eps = T.
"""

import math
from itertools import pairwise

import numpy as np

from physics.clusters.amplitudes import amplitude_distribution
from physics.clusters.densities import trajectory
from physics.numerics.quadrature import composite

# Energies (of T) above which nothing is left, and e-folds of the rate below omega, or that at Delta0 = T, not to count.
THERMAL_END, SLOW_END = 42.0, 36.0
# Of T: energies below hold so little of the integral.
NEGLIGIBLE = 1e-11


def relaxation_times(T, Lambda0, Pd, Estar, relaxation_time, *, A_phonon, variables, **given):
    """The variables of the quantity `relaxation_times` (see `physics.QUANTITIES`) as a dict of arrays.

    P_ln_tau (1/(J m3)), the density of states at Delta -> 0 per unit of ln(tau), and slope (1), its logarithmic
    derivative, 0 where ln(tau) is evenly distributed:

        P(ln tau) = (1/2) Delta0 P(Delta0),   slope = (log_slope - 1)/2,   Delta0 = (A T tau)^(-1/2)

    with P(Delta0) and log_slope of `amplitude_distribution`; its status too. Parameters (arrays that broadcast): T,
    Lambda0 = Delta0_*, Estar = W (K), Pd (1/(J m3)), relaxation_time tau (s); A_phonon (1/(s K3)); U0 and the options
    of `amplitude_distribution`. Relative accuracy 1e-6. Domain: eps << T, hence Delta0 < T (status amplitude_above_T).
    Paper 003, after (7.6) and (7.8).
    """
    Delta0 = 1 / np.sqrt(A_phonon * T * relaxation_time)
    names = ("P_Delta0", "log_slope", "status")
    found = amplitude_distribution(T, Lambda0, Pd, Estar, Delta0, variables=names, **given)
    result = {
        "P_ln_tau": 0.5 * Delta0 * found["P_Delta0"],
        "slope": 0.5 * (found["log_slope"] - 1),
        "status": found["status"],
    }
    return {name: result[name] for name in variables}


def friction(T, omega, L, Estar, chi, A_phonon):
    """Q^-1 (1) of cluster excitations at any omega and T, for one cell (scalars), relative accuracy 1e-8.

        Q^-1 = (2/pi)(chi/pi) int_1 dn n int_0 dDelta (Delta/eps)^2 sech^2(eps/2T)/T P_n(t_eps) D

    with D = omega tau/(1 + omega^2 tau^2),
    Delta0 = W exp(-n L), L = |L_*| = ln(W/Delta0_*), t_eps = (chi/3) ln(W/max(eps, T)), eps < W: the standard integral
    of relaxation over the distribution (6.23) with U = U0 n, (7.9), normalised to (7.7) on the plateau.
    T (K) < W = Estar (K), omega (rad/s), chi (1), A_phonon (1/(s K3)); t(T) at most 30.
    """
    end = min(Estar, THERMAL_END * T)
    log_slow = 0.5 * (min(math.log(omega / (A_phonon * T)), 2 * math.log(T)) - SLOW_END)
    last = (math.log(Estar) - log_slow) / L
    first = max(1.0, (math.log(Estar) - math.log(end)) / L)
    if last <= first:
        return 0.0
    # P_n is a polynomial between whole numbers, P_n(t) has a kink at eps = T, and in n the poles of the resonance are
    # pi/4L from the axis.
    kinks = math.log(Estar / T) / L + np.array([0.0, 0.1, 0.4]) / L
    marks = [first, last, *range(math.floor(first) + 1, math.ceil(last)), *kinks[(kinks > first) & (kinks < last)]]
    n, dn = _panels(sorted(set(marks)), 1.2 / L)
    at_T = trajectory().P(n, chi / 3 * math.log(Estar / T))
    total = 0.0
    for number, step, cold in zip(n, dn, at_T, strict=True):
        Delta0 = Estar * math.exp(-number * L)
        # Delta = Delta0 sinh(v): int dDelta (Delta/eps)^2 = Delta0 int dv sinh^2(v)/cosh(v).
        low, kink, high = (math.acosh(max(1.0, E / Delta0)) for E in (NEGLIGIBLE * T, T, end))
        part = 0.0
        if kink > low:
            part += cold * np.sum(_absorbed(*_panels([low, kink], 1.0), Delta0, T, omega, A_phonon)[1])
        if high > kink:
            eps, absorbed = _absorbed(*_panels([kink, high], 1.0), Delta0, T, omega, A_phonon)
            part += np.sum(absorbed * trajectory().P(number, chi / 3 * np.maximum(np.log(Estar / eps), 0.0)))
        total += step * number * part
    return 2 / math.pi * chi / math.pi * total


def _absorbed(v, dv, Delta0, T, omega, A_phonon):
    """Energies eps (K) at v, and what levels there absorb, with dDelta (Delta/eps)^2."""
    eps = Delta0 * np.cosh(v)
    half = 0.5 * eps / T
    rate = 0.5 * A_phonon * Delta0 * Delta0 * eps / np.tanh(half)
    debye = omega * rate / (omega * omega + rate * rate)
    return eps, dv * eps * np.tanh(v) ** 2 / (T * np.cosh(half) ** 2) * debye


def _panels(marks, longest):
    """Gauss nodes and weights between marks, on panels no longer than `longest`."""
    edges = [marks[0]]
    for low, high in pairwise(marks):
        edges.extend(np.linspace(low, high, 1 + max(1, math.ceil((high - low) / longest)))[1:])
    return composite(np.array(edges))
