"""Quadrature over the amplitudes of Gaussian barriers, eq. (54) of paper 001: ln Lambda Gaussian about ln Lambda0.

At one amplitude the levels are tunnelling states (37), dE E/sqrt(E^2 - Lambda^2), whose heat is a known function of u =
ln Lambda, smooth on the scale 1 but where the support ends. `physics.levels.barriers` and
`physics.heat_and_sound.barrier_attenuation` have the same distribution the other way round, by E first.
"""

import math

import numpy as np

from physics.numerics.quadrature import gauss_legendre

# Amplitudes that count less than exp(-DEPTH) of the largest are left out.
DEPTH = 36.0
# A panel is at most this long in u; in standard deviations of what the normal density and the thermal factor make of
# each other; in e-folds of their product.
LONGEST, DEVIATIONS, FOLDS = 0.7, 2.5, 12.0
# The last panel before an end of the support is longer than the distance of the one before from that end by at most ...
GROWTH = 2.0
PANELS = 100_000
BISECTIONS = 80


def amplitudes(Lambda0, width, T, low, high, *, slopes, kinks=()):
    """Amplitudes (K) and weights (1) of the quadrature: sum w_i f(Lambda_i) = int du N(u; ln Lambda0, width) f.

    The support is low < u < high (ln K; low may be -inf), where f may begin like a square root. `slopes`: the least and
    the largest d ln f/du besides exp(-Lambda/T). `kinks` are places (ln K) where f is not smooth. Empty where the
    support is.
    """
    centre, coldness = math.log(Lambda0), 1 / T
    least, most = slopes
    first, last = (_reach(centre, width, coldness, low, high, *one) for one in ((least, -1), (most, 1)))
    if not first < last:
        return np.empty(0), np.empty(0)
    x, w = gauss_legendre()
    nodes, weights = [], []
    corners = sorted(kink for kink in kinks if first < kink < last)

    def add(u, du):
        nodes.append(u)
        weights.append(du)

    def longest(u):
        warm = coldness * math.exp(u)
        slope = abs(u - centre) / width**2 + warm
        return min(LONGEST, DEVIATIONS / math.sqrt(width**-2 + warm), FOLDS / slope if slope > 0 else LONGEST)

    u = first
    if first == low:
        length = min(longest(u), 0.5 * (last - first), *(0.999 * (corner - first) for corner in corners))
        root = math.sqrt(length)
        add(first + (root * x) ** 2, 2 * length * x * w)
        u = first + length
    for _ in range(PANELS):
        length, rest = longest(u), last - u
        if first == low:
            length = min(length, GROWTH * (u - first))
        corner = next((corner for corner in corners if corner > u), last)
        if last == high and corner == last:
            if rest <= length:
                root = math.sqrt(rest)
                add(last - (root * x) ** 2, 2 * rest * x * w)
                break
            length = min(length, rest * GROWTH / (1 + GROWTH))
        end = corner if u + length >= corner else u + length
        add(u + (end - u) * x, (end - u) * w)
        u = end
        if u >= last:
            break
    u, du = np.concatenate(nodes), np.concatenate(weights)
    normal = np.exp(-0.5 * ((u - centre) / width) ** 2) / (math.sqrt(2 * math.pi) * width)
    return np.exp(u), du * normal


def _reach(centre, width, coldness, low, high, slope, side):
    """Where the normal density times exp(slope u - coldness exp(u)), a concave logarithm, has fallen by exp(-DEPTH)."""

    def log(u):
        return -0.5 * ((u - centre) / width) ** 2 + slope * u - coldness * math.exp(u)

    def rises(u):
        return -(u - centre) / width**2 + slope - coldness * math.exp(u) > 0

    warmest = min(centre, -math.log(coldness))
    bottom = min(warmest, centre + slope * width**2) - 40 - 10 * width
    top = centre + max(slope, 0) * width**2 + 1
    start = min(max(bottom, low), high)
    peak = _bisected(rises, start, max(start, min(top, high)))
    largest = log(peak)
    if side < 0:
        lowest = max(low, peak - math.sqrt(2 * DEPTH) * width - 1)
        return _bisected(lambda u: log(u) < largest - DEPTH, lowest, peak) if lowest < peak else peak
    highest = min(high, peak + math.sqrt(2 * DEPTH) * width + 1)
    return _bisected(lambda u: log(u) > largest - DEPTH, peak, highest) if highest > peak else peak


def _bisected(holds, low, high):
    """The largest u up to which `holds`, by halving low ... high; an end where it holds nowhere or everywhere."""
    if holds(high):
        return high
    if not holds(low):
        return low
    for _ in range(BISECTIONS):
        middle = 0.5 * (low + high)
        if holds(middle):
            low = middle
        else:
            high = middle
    return 0.5 * (low + high)
