"""Specific heat of the cluster distribution of paper 003: the rungs of its ladder, and all smaller amplitudes as one.

    C = Pd k_B^2 T N,   N = 2 int d(delta) sum_n P_n(t(E)) y^2 sech^2 y,   y^2 = (Delta0^(n)/2T)^2 + delta^2 = (E/2T)^2

Clusters whose amplitude is far below T count like levels without one, with the density of states sum_n P_n(t(E)) of
all n that have no rung of their own: no excitation is lost, however slow. Within the time of an experiment, alpha of
`physics.heat_and_sound.heat_integrals`, a rung ends where its levels are too slow, and those smaller amplitudes are all
too slow (`physics.levels.clusters.SLOWEST`).
"""

import math

import numpy as np

from physics.heat_and_sound.heat_integrals import tanh_root
from physics.levels.clusters import Ladder, amplitude_ladder, density, position, undefined
from physics.numerics.compiled import compiled, compiled_entry
from physics.numerics.quadrature import gauss_legendre

# Panels in y - a, a = Delta0^(n)/2T; the thermal factor is exp(-2 LAST) below that of the lowest level at the end.
SPLITTINGS = (0.5, 1.0, 2.0, 4.5, 8.0, 13.0, 21.0)
# E = T, above which t depends on the level's energy.
KINK = 0.5


@compiled
def _rung_heat(a, series, ladder, alpha, rule):
    """2 int d(delta) P y^2 sech^2 y for one amplitude 2 T a and one series of the density of states."""
    end = 0.5 * ladder.cut_off / ladder.T
    if alpha > 0.0:
        end = min(end, tanh_root(a * (a / alpha)))
    if end <= a:
        return 0.0
    total, low = 0.0, a
    at_T = series.sum()
    panel = 0
    # One panel more than there are splittings, for the kink.
    for _ in range(len(SPLITTINGS) + 1):
        if low >= end or panel == len(SPLITTINGS):
            break
        high = min(a + SPLITTINGS[panel], end)
        if low < KINK < high:
            high = KINK
        else:
            panel += 1
        first = math.sqrt((low - a) * (low + a))
        last = math.sqrt((high - a) * (high + a))
        part = 0.0
        for j in range(rule.shape[1]):
            delta = first + (last - first) * rule[0, j]
            y = math.sqrt(a * a + delta * delta)
            x = position(2.0 * y * ladder.T, ladder.T, ladder.cut_off, ladder.slope, ladder.span)
            above = delta * delta / (y + a) if delta > 0.0 else 0.0
            part += (
                rule[1, j] * density(series, at_T, x) * y * y * math.exp(-2.0 * above) / (1.0 + math.exp(-2.0 * y)) ** 2
            )
        total += (last - first) * part
        low = high
    return 8.0 * math.exp(-2.0 * a) * total


@compiled_entry
def _ladder_heat(ladder, alpha, rule):
    total = 0.0
    rest = ladder.total.copy()
    for n in range(len(ladder.amplitudes)):
        total += _rung_heat(0.5 * ladder.amplitudes[n] / ladder.T, ladder.series[n], ladder, alpha, rule)
        for k in range(len(rest)):
            rest[k] -= ladder.series[n, k]
    return total + (_rung_heat(0.0, rest, ladder, 0.0, rule) if alpha == 0.0 else 0.0)


def ladder_heat(ladder: Ladder, alpha: float = 0.0) -> float:
    """N = C/(Pd k_B^2 T) of a ladder (1), relative accuracy 1e-10 for given densities of states."""
    return _ladder_heat(ladder, alpha, gauss_legendre())


def cluster_heat(T, Lambda0, Pd, Estar, alpha=0.0, *, U0) -> np.ndarray:
    """N = C/(Pd k_B^2 T) of the cluster distribution (1), in the broadcast shape.

    T (K), Lambda0 = Delta0* (K), Pd (1/(J m3)), Estar = W (K), alpha (1): arrays that broadcast; U0 (J m3) a scalar. 0
    where there are no levels (Lambda0 >= Estar), NaN where `physics.levels.clusters.undefined` says so.
    Limits: the tunnelling states for U0 -> 0; (pi^2/6) sum_n P_n(t(T)) for Lambda0 << T << W, to logarithmic accuracy.
    """
    arrays = np.broadcast_arrays(T, Lambda0, Pd, Estar, alpha)
    bad = np.broadcast_to(undefined(*arrays[:4], U0=U0), arrays[0].shape)
    result = np.zeros(arrays[0].shape)
    flat = result.reshape(-1)
    for i, (t, amplitude, p, cut_off, slow) in enumerate(zip(*(a.reshape(-1) for a in arrays), strict=True)):
        if amplitude < cut_off:
            flat[i] = (
                np.nan if bad.flat[i] else ladder_heat(amplitude_ladder(t, amplitude, p, cut_off, float(U0)), slow)
            )
    return result
