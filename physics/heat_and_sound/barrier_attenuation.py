"""Ultrasonic attenuation by Gaussian barriers, (54) of paper 001: energies first, the amplitudes of one energy inside.

With Lambda = E sech(q), p = sech^2(q) and N the normal density of ln Lambda, chi of paper 004 and F_rel as its (16),

    F_res = int_0^(E*) dE tanh(E/2T) int_0^inf dq N(ln E - ln cosh q) p [D(w - E) ...]
    F_rel = int_0^(E*) dE sech^2(E/2T)/(2T) int_0^inf dq N(ln E - ln cosh q) (1 - p) w g/(w^2 + g^2)

with D(d) = G/(d^2 + G^2), G = chi p E/(2 tanh(E/2T)), g = 2G, w = hbar omega/k_B. The inner integrand is even in q
and analytic within pi/4 of the real axis, where p = +-i d/(G/p): equidistant nodes converge geometrically, at 26 nodes
for a narrow distribution. The integral over E then has no line left that is narrower than the narrowest level, and is
smooth in the logarithm of the distance from the resonance.
"""

import math
from functools import lru_cache

import numpy as np

from physics.heat_and_sound.attenuation_integral import FULL, RWA
from physics.numerics.compiled import compiled, compiled_entry
from physics.numerics.quadrature import gauss_legendre

# Distance of the nodes in q, and in widths: errors of exp(-2 pi (pi/4)/STEP) and exp(-2 pi^2/STEP_IN_WIDTHS^2).
STEP, STEP_IN_WIDTHS = 0.15, 0.6
# What is below exp(-DEPTH) of the largest is left out; over E more, for the height of the resonance over its wings.
DEPTH, DEPTH_OF_ENERGIES = 36.0, 48.0
# A panel is at most this long in ln(E); in widths where Lambda0 is near; over the distance to Lambda0, in ln(E); in
# e-folds of N; in temperatures where levels freeze; in the logarithm of the distance to the resonance.
LONGEST, WIDTHS, NEARNESS, FOLDS, TEMPERATURES, LOG_DISTANCE = 1.4, 2.0, 0.5, 12.0, 8.0, 2.5
PANELS = 3000
# ln(E*/Lambda0) is at most this.
LARGEST_LOGARITHM = 20.0
RELAXATION = -1


@lru_cache(16)
def _nodes(width):
    """The distance of the nodes q = 0, h, 2h ..., and ln cosh(q) there, as far as any 1/p outweighs N."""
    h = min(STEP, STEP_IN_WIDTHS * width)
    end = LARGEST_LOGARITHM + 2 * width**2 + math.sqrt(2 * DEPTH) * width + 1
    q = h * np.arange(math.ceil(end / h) + 1)
    return h, q + np.log1p(np.exp(-2 * q)) - math.log(2)


@compiled
def _above_zero(x, width, first, second, kinks, depth):
    """Where -(c - x)^2/(2 width^2) + min(s (c - kink)), s the slopes left and right of each kink, is within `depth` of
    its maximum over c >= 0: c from the first to the second number that is returned."""
    best = -math.inf
    for i in range(len(kinks)):
        for slope in (first[i], second[i]):
            best = max(best, _bound(max(x + slope * width * width, 0.0), x, width, first, second, kinks))
        best = max(best, _bound(max(kinks[i], 0.0), x, width, first, second, kinks))
    low, high = 0.0, math.inf
    for i in range(len(kinks)):
        for slope in (first[i], second[i]):
            vertex = x + slope * width * width
            above = slope * (x - kinks[i]) + 0.5 * (slope * width) ** 2 - best + depth
            reach = width * math.sqrt(2.0 * max(above, 0.0))
            low, high = max(low, vertex - reach), min(high, vertex + reach)
    return low, high


@compiled
def _bound(c, x, width, first, second, kinks):
    value = math.inf
    for i in range(len(kinks)):
        value = min(value, first[i] * (c - kinks[i]), second[i] * (c - kinks[i]))
    return value - 0.5 * ((c - x) / width) ** 2


@compiled
def _over_amplitudes(kind, E, d, cell, h, log_cosh, room):
    """The integrand over E: the average over the amplitudes at the energy E, d = E - w."""
    T, Lambda0, chi, w, width = cell
    x = math.log(E / Lambda0)
    tanh = math.tanh(0.5 * E / T)
    G = 0.5 * chi * E / tanh
    first, second, kinks = room
    # p against what it is compared with: which power of p the integrand goes with on either side.
    if kind == RELAXATION:
        r = 0.5 * w / G
        first[0], second[0], kinks[0] = 2.0, -2.0, -0.5 * math.log(r)
        first[1], second[1], kinks[1] = 2.0, -2.0, kinks[0]
    else:
        r = abs(d) / G
        first[0], second[0], kinks[0] = 0.0, -4.0, -0.5 * math.log(r)
        first[1], second[1], kinks[1] = 0.0, -4.0, kinks[0]
        if kind == FULL:
            first[1], second[1], kinks[1] = 2.0, 0.0, -0.5 * math.log((E + w) / G)
    low, high = _above_zero(x, width, first, second, kinks, DEPTH)
    # Far below Lambda0 the Gaussian in q is as narrow as width/sqrt(-x), and rises steeply towards the poles.
    finer = max(1, math.ceil(h * math.sqrt(max(-x, 0.0)) / (STEP_IN_WIDTHS * width)))
    h /= finer
    start = max(0, int(low / h) - 1)
    # q exceeds ln cosh(q) by less than ln 2.
    stop = min(len(log_cosh) * finer, int((high + 0.7) / h) + 2)
    total = 0.0
    squared, far = r * r, ((E + w) / G) ** 2
    for k in range(start, stop):
        c = log_cosh[k] if finer == 1 else math.log(math.cosh(k * h))
        z = (x - c) / width
        p = math.exp(-2.0 * c)
        if kind == RELAXATION:
            value = (1.0 - p) * r * p / (squared + p * p)
        else:
            near = p * p / (squared + p * p)
            if kind == RWA:
                value = near
            elif kind == FULL:
                value = near * 4.0 * (w / G) * (E / G) / (far + p * p)
            else:
                value = w / E * (near + p * p / (far + p * p))
        total += value * math.exp(-0.5 * z * z) * (0.5 if k == 0 else 1.0)
    total *= h / (math.sqrt(2.0 * math.pi) * width)
    if kind == RELAXATION:
        e = math.exp(-E / T)
        return total * 2.0 * e / (T * (1.0 + e) * (1.0 + e))
    return total * tanh / G


@compiled
def _longest(kind, E, cell):
    """The length of a panel at E, but for the resonance."""
    T, Lambda0, _, _, width = cell
    x = math.log(E / Lambda0)
    length = min(LONGEST, max(WIDTHS * width, NEARNESS * x))
    if x < 0.0:
        length = min(length, FOLDS * width * width / -x)
    return E * min(length, TEMPERATURES * T / E) if kind == RELAXATION else E * length


@compiled
def _energies(kind, top, cell):
    """ln(E/Lambda0) between which levels count, up to `top`: those at E count as their number, Gaussian below Lambda0,
    times E/w or w/E with the resonance, E exp(-E/T) with relaxation, a concave logarithm."""
    T, Lambda0, _, w, width = cell
    resonance = math.log(w / Lambda0)
    low, high = min(0.0, resonance, math.log(T / Lambda0), top) - 1.0, top
    for _ in range(100):
        left, right = low + (high - low) / 3.0, high - (high - low) / 3.0
        if _log_weight(kind, left, resonance, cell) < _log_weight(kind, right, resonance, cell):
            low = left
        else:
            high = right
    peak = 0.5 * (low + high)
    least = _log_weight(kind, peak, resonance, cell) - DEPTH_OF_ENERGIES
    lowest, highest = peak - DEPTH_OF_ENERGIES - 10.0 * width, top
    above, below = peak, peak
    for _ in range(50):
        middle = 0.5 * (lowest + below)
        if _log_weight(kind, middle, resonance, cell) < least:
            lowest = middle
        else:
            below = middle
        middle = 0.5 * (above + highest)
        if _log_weight(kind, middle, resonance, cell) < least:
            highest = middle
        else:
            above = middle
    return lowest, highest


@compiled
def _log_weight(kind, x, resonance, cell):
    T, Lambda0, _, _, width = cell
    number = -0.5 * (min(x, 0.0) / width) ** 2
    return number + (x - Lambda0 * math.exp(x) / T if kind == RELAXATION else -abs(x - resonance))


@compiled
def _straight(kind, low, high, origin, cell, h, log_cosh, rule, room):
    """Integral over E = origin + x for x between low and high."""
    w = cell[3]
    total = 0.0
    for j in range(rule.shape[1]):
        x = low + (high - low) * rule[0, j]
        E = origin + x
        total += rule[1, j] * _over_amplitudes(kind, E, x if origin == w else E - w, cell, h, log_cosh, room)
    return (high - low) * total


@compiled
def _upwards(kind, low, high, cell, h, log_cosh, rule, room):
    """Integral over E from low to high, far from the resonance; NaN where PANELS do not get there."""
    total, E = 0.0, low
    for _ in range(PANELS):
        if E >= high:
            return total
        length = _longest(kind, E, cell)
        end = E + length if length < high - E else high
        total += _straight(kind, E, end, 0.0, cell, h, log_cosh, rule, room)
        E = end
    return math.nan


@compiled
def _from_resonance(kind, side, nearest, furthest, floor, cell, h, log_cosh, rule, room):
    """Integral over the distance from the resonance, below (side -1) or above (side 1) it; NaN as in `_upwards`."""
    w = cell[3]
    total, d = 0.0, nearest
    if d < floor:
        d = min(floor, furthest, nearest + _longest(kind, w + side * nearest, cell))
        total += side * _straight(kind, side * nearest, side * d, w, cell, h, log_cosh, rule, room)
    for _ in range(PANELS):
        if d >= furthest:
            return total
        log = min(LOG_DISTANCE, math.log1p(_longest(kind, w + side * d, cell) / d))
        rest = math.log(furthest / d)
        last = rest <= log * (1.0 + 1e-12)
        log = rest if last else log
        panel = 0.0
        for j in range(rule.shape[1]):
            distance = d * math.exp(log * rule[0, j])
            value = _over_amplitudes(kind, w + side * distance, side * distance, cell, h, log_cosh, room)
            panel += rule[1, j] * distance * value
        total += log * panel
        d = furthest if last else d * math.exp(log)
    return math.nan


@compiled_entry
def _barrier_attenuation(kind, T, Lambda0, Estar, chi, w, width, h, log_cosh, rule):
    cell = (T, Lambda0, chi, w, width)
    room = (np.empty(2), np.empty(2), np.empty(2))
    top = math.log(Estar / Lambda0)
    lowest, highest = _energies(kind, top, cell)
    first = Lambda0 * math.exp(lowest)
    if kind == RELAXATION:
        last = Lambda0 * math.exp(highest) if highest < top else Estar
        return _upwards(kind, first, last, cell, h, log_cosh, rule, room)
    half = 0.5 * w
    total = _upwards(kind, first, min(half, Estar), cell, h, log_cosh, rule, room)
    # The narrowest level at the resonance that counts, p N there.
    x = math.log(w / Lambda0)
    zero, two = np.zeros(2), np.full(2, -2.0)
    _, largest = _above_zero(x, width, two, two, zero, DEPTH)
    floor = 0.5 * chi * w / math.tanh(0.5 * w / T) * math.exp(-2.0 * largest)
    if Estar > half and first < w:
        near = max(w - Estar, 0.0)
        total += _from_resonance(kind, -1.0, near, w - max(half, first), floor, cell, h, log_cosh, rule, room)
    if Estar > w:
        near = max(first - w, 0.0)
        total += _from_resonance(kind, 1.0, near, Estar - w, floor, cell, h, log_cosh, rule, room)
    return total


def barrier_attenuation(kinds, T, Lambda0, Estar, chi, w, *, barrier_width) -> list[np.ndarray]:
    """F_res and F_rel (as printed) of Gaussian barriers, an array of the broadcast shape for each of `kinds`.

    kinds, T, Lambda0, Estar, chi, w as in `physics.heat_and_sound.ladder_attenuation.cluster_attenuation`;
    barrier_width (1) a scalar. Relative accuracy 1e-9 where F is above 1e-290; NaN where the panels do not suffice.
    Limit: tunnelling states for barrier_width -> 0.
    """
    arrays = np.broadcast_arrays(T, Lambda0, Estar, chi, w)
    width = float(barrier_width)
    h, log_cosh = _nodes(width)
    results = [np.zeros(arrays[0].shape) for _ in kinds]
    for i, point in enumerate(zip(*(a.reshape(-1).tolist() for a in arrays), strict=True)):
        for kind, result in zip(kinds, results, strict=True):
            mode = RELAXATION if kind is None else kind
            result.reshape(-1)[i] = _barrier_attenuation(mode, *point, width, h, log_cosh, gauss_legendre())
    return results
