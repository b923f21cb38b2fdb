"""Ultrasonic attenuation where amplitudes are given: paper 004, eqs. (10)-(12), an amplitude (a rung) at a time.

Clusters of paper 003, and tunnelling states (37) of paper 001, which are one rung. chi is that of paper 004, F_rel as
in its eq. (16).

A rung has one amplitude L and levels that are uniform in the asymmetry, so that p = (L/E)^2 is known at each energy and
there is one integral over Delta, E^2 = Delta^2 + L^2, instead of the averages over p of eqs. (15), (16):

    F_res = sum_n int dDelta P_n(t(E)) p tanh(E/2T) [D(w - E) ...],   D(d) = G/(d^2 + G^2),  G = chi p E/(2 tanh(E/2T))
    F_rel = sum_n int dDelta P_n(t(E)) (1 - p) sech^2(E/2T)/(2T) w g/(w^2 + g^2),   g = 2G,   w = hbar omega/k_B

Panels of Gauss-Legendre nodes are as long as the distance to the nearest singularity: the resonance, whose distance is
known as a number of its own and not as a difference, and Delta = +-iL.
"""

import math

import numpy as np

from physics.heat_and_sound.attenuation_integral import FULL, RWA
from physics.levels.clusters import Ladder, amplitude_ladder, density, position, undefined
from physics.numerics.compiled import compiled, compiled_entry
from physics.numerics.quadrature import gauss_legendre

# Length of a panel over the distance to the resonance, and over that to Delta = +-iL.
RESONANCE = 1.0
ORIGIN = 0.5
# Levels whose thermal factor is exp(-THERMAL) below that of the lowest one's are left out of F_rel; one panel of it
# spans at most STEP temperatures.
THERMAL = 45.0
STEP = 6.0
# Panels of one stretch: each is longer than the one before by a factor, so that numbers down to 1e-300 take fewer.
PANELS = 2000


@compiled
def _line(kind, w, E, distance, width):
    """The resonance over pi; distance = w - E."""
    near = width / (distance * distance + width * width)
    if kind == RWA:
        return near
    far = distance * distance + 4.0 * w * E + width * width
    if kind == FULL:
        return near * 4.0 * w * E / far
    return w / E * (near + width / far)


@compiled
def _resonant_panel(kind, n, ladder, chi, w, centre, origin, start, end, rule):
    """Integral over Delta = origin + x for x between `start` and `end`, in either order."""
    L, T = ladder.amplitudes[n], ladder.T
    total = 0.0
    for j in range(rule.shape[1]):
        x = start + (end - start) * rule[0, j]
        Delta, d = origin + x, origin - centre + x
        E = math.hypot(Delta, L)
        # With w > L the centre is at E = w.
        above = d * (centre + Delta) if w > L else (L - w) * (L + w) + Delta * Delta
        tanh = math.tanh(0.5 * E / T)
        p = (L / E) * (L / E)
        line = _line(kind, w, E, above / (E + w), 0.5 * chi * p * E / tanh)
        weight = density(ladder.series[n], ladder.at_T[n], position(E, T, ladder.cut_off, ladder.slope, ladder.span))
        total += rule[1, j] * weight * p * tanh * line
    return abs(end - start) * total


@compiled
def _resonant_stretch(kind, n, ladder, chi, w, centre, smallest, origin, start, stop, rule):
    """Integral over Delta = origin + x on panels from x = `start` to `stop`; NaN where PANELS do not get there."""
    L, T = ladder.amplitudes[n], ladder.T
    kink = math.sqrt((T - L) * (T + L)) - origin if T > L else math.inf
    total, x = 0.0, start
    for _ in range(PANELS):
        length = min(RESONANCE * math.hypot(origin - centre + x, smallest), ORIGIN * math.hypot(origin + x, L))
        end = stop if length >= abs(stop - x) else x + math.copysign(length, stop - x)
        if min(x, end) < kink < max(x, end):
            end = kink
        total += _resonant_panel(kind, n, ladder, chi, w, centre, origin, x, end, rule)
        x = end
        if x == stop:
            return total
    return math.nan


@compiled
def _resonant_rung(kind, n, ladder, chi, w, rule):
    L, T = ladder.amplitudes[n], ladder.T
    last = math.sqrt((ladder.cut_off - L) * (ladder.cut_off + L))
    centre = math.sqrt((w - L) * (w + L)) if w > L else 0.0
    at = max(w, L)
    width = 0.5 * chi * (L / at) * L / math.tanh(0.5 * at / T)
    # The pole is where Delta^2 is this much more than centre^2; the difference of the roots would lose a narrow line.
    excess = complex(min((w - L) * (w + L), 0.0) - width * width, 2.0 * w * width)
    smallest = abs(excess / (np.sqrt(centre * centre + excess) + centre))
    # Delta is known exactly below half of the centre, and the distance from the resonance above.
    half = 0.5 * centre
    beyond = (ladder.cut_off - w) * (ladder.cut_off + w) / (last + centre) if w > L else last
    total = _resonant_stretch(kind, n, ladder, chi, w, centre, smallest, 0.0, 0.0, min(half, last), rule)
    if last > half:
        total += _resonant_stretch(kind, n, ladder, chi, w, centre, smallest, centre, min(beyond, 0.0), -half, rule)
    if beyond > 0.0:
        total += _resonant_stretch(kind, n, ladder, chi, w, centre, smallest, centre, 0.0, beyond, rule)
    return total


@compiled
def _relaxation_rung(n, ladder, chi, w, rule):
    L, T = ladder.amplitudes[n], ladder.T
    last = math.sqrt((ladder.cut_off - L) * (ladder.cut_off + L))
    kink = math.sqrt((T - L) * (T + L)) if T > L else 0.0
    total, low = 0.0, 0.0
    for _ in range(PANELS):
        E = math.hypot(low, L)
        above = low * (low / (E + L))
        if low == last or above > THERMAL * T:
            return total / (2.0 * T)
        high = low + ORIGIN * E
        high = min(high, math.sqrt((above + STEP * T) * (E + L + STEP * T)), last)
        if low < kink < high:
            high = kink
        part = 0.0
        for j in range(rule.shape[1]):
            Delta = low + (high - low) * rule[0, j]
            E = math.hypot(Delta, L)
            e = math.exp(-E / T)
            sech2 = 4.0 * e / ((1.0 + e) * (1.0 + e))
            g = chi * (L / E) * L / math.tanh(0.5 * E / T)
            weight = density(
                ladder.series[n], ladder.at_T[n], position(E, T, ladder.cut_off, ladder.slope, ladder.span)
            )
            ratio = g / w
            part += rule[1, j] * weight * (Delta / E) ** 2 * sech2 * ratio / (1.0 + ratio * ratio)
        total += (high - low) * part
        low = high
    return math.nan


@compiled_entry
def _ladder_attenuation(kind, relaxation, ladder, chi, w, rule):
    total = 0.0
    for n in range(len(ladder.amplitudes)):
        if relaxation:
            total += _relaxation_rung(n, ladder, chi, w, rule)
        else:
            total += _resonant_rung(kind, n, ladder, chi, w, rule)
    return total


def level_attenuation(kinds, T, Lambda0, Estar, chi, w) -> list[np.ndarray]:
    """F_res and F_rel of tunnelling states; arguments as in `cluster_attenuation`; 0 where there are no levels."""
    arrays = np.broadcast_arrays(T, Lambda0, Estar, chi, w)
    results = [np.zeros(arrays[0].shape) for _ in kinds]
    one = np.ones(1)
    for i, (t, L, cut_off, coupling, frequency) in enumerate(
        zip(*(a.reshape(-1).tolist() for a in arrays), strict=True)
    ):
        if L >= cut_off:
            continue
        ladder = Ladder(np.array([L]), np.ones((1, 1)), one, one, 0.0, 0.0, t, cut_off)
        for kind, result in zip(kinds, results, strict=True):
            mode = RWA if kind is None else kind
            value = _ladder_attenuation(mode, kind is None, ladder, coupling, frequency, gauss_legendre())
            result.reshape(-1)[i] = value
    return results


def cluster_attenuation(kinds, T, Lambda0, Pd, Estar, chi, w, *, U0) -> list[np.ndarray]:
    """F_res and F_rel (as printed) of the cluster distribution, an array of the broadcast shape for each of `kinds`.

    kinds: RWA, FULL, VAN_VLECK of `physics.heat_and_sound.attenuation_integral` for F_res, None for F_rel. T, Lambda0 =
    Delta0*, Estar = W, w = hbar omega/k_B (K), Pd (1/(J m3)), chi (1): arrays that broadcast; U0 (J m3) a scalar.
    Relative accuracy 1e-9 for given P_n. 0 where there are no levels, NaN where `physics.levels.clusters.undefined`
    says so and where the panels do not suffice.
    """
    arrays = np.broadcast_arrays(T, Lambda0, Pd, Estar, chi, w)
    bad = np.broadcast_to(undefined(*arrays[:4], U0=U0), arrays[0].shape).reshape(-1)
    results = [np.zeros(arrays[0].shape) for _ in kinds]
    ladders = {}
    for i, (*levels, coupling, frequency) in enumerate(zip(*(a.reshape(-1).tolist() for a in arrays), strict=True)):
        key = tuple(levels)
        if key[1] >= key[3]:
            continue
        if key not in ladders and not bad[i]:
            ladders[key] = amplitude_ladder(*key, float(U0))
        for kind, result in zip(kinds, results, strict=True):
            value = np.nan
            if not bad[i]:
                mode = RWA if kind is None else kind
                value = _ladder_attenuation(mode, kind is None, ladders[key], coupling, frequency, gauss_legendre())
            result.reshape(-1)[i] = value
    return results
