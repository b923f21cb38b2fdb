"""Sound of Gaussian barriers, eq. (54) of paper 001, in the slow and obvious way: all levels, on dense panels.

(10)-(12) of paper 004 for every energy E and every z = ln(Lambda/Lambda0)/width, whose density is normal: at E there
are the levels z < last = ln(E/Lambda0)/width, and z = last - s^2 takes the inverse square root of (37) away. hbar =
k_B = 1, energies in kelvin. Nothing here is shared with `physics`.
"""

import numpy as np

from helpers import reference
from helpers.reference_attenuation import width_of


def _energies(T, Lambda0, Estar, width, w, fine):
    """E, E - w and weights, on panels that are short in ln(E), shrink towards the resonance by factors of two, and are
    a part of `width` about Lambda0 and of T."""
    centre, end = np.log(Lambda0), np.log(Estar)
    low = min(centre - 13 * width, end - 60, np.log(w) - 1)
    steps = int(np.ceil((end - low) / 0.5 * fine))
    marks = np.exp(np.linspace(low, end, steps + 1))
    marks = np.concatenate([marks, np.exp(centre + width * np.linspace(-30, 30, 120 * fine + 1))])
    marks = np.concatenate([marks, 3 * T * np.arange(1, 20 * fine) / fine])
    below, above = min(0.5 * w, Estar), 1.5 * w
    parts = []
    for first, last in ((np.exp(low), below), (above, Estar)):
        if first < last:
            E, weight = reference.panels(np.unique([first, *marks[(marks > first) & (marks < last)], last]), 12)
            parts.append((E, E - w, weight))
    if Estar > below:
        d = 0.5 * w * 2.0 ** (-np.arange(80 * fine) / fine)
        d = np.concatenate([[0.0], d, -d, (marks - w)[abs(marks - w) > 1e-12 * w]])
        last = min(0.5 * w, (Estar - w))
        d, weight = reference.panels(np.unique([*d[(d >= -0.5 * w) & (d < last)], last]), 12)
        parts.append((w + d, d, weight))
    return (np.concatenate(each) for each in zip(*parts, strict=True))


def F(T, Lambda0, Estar, width, chi, w, fine=1):
    """F_res of each kind ("rwa", "full", "van_vleck") and, as "relaxation", F_rel as printed."""
    found = dict.fromkeys(("rwa", "full", "van_vleck", "relaxation"), 0.0)
    for E, d, weight in zip(*_energies(T, Lambda0, Estar, width, w, fine), strict=True):
        last = np.log(E / Lambda0) / width
        # From here on the normal density is below exp(-100), and so is 1/p times it.
        furthest = np.sqrt(max(last, 0.0) + 15 + 4 * width)
        edges = furthest * np.concatenate([np.linspace(0, 1, 30 * fine + 1), 2.0 ** -np.arange(6, 16)])
        if last > 0:
            edges = np.concatenate([edges, np.sqrt(np.maximum(last + np.linspace(-10, 10, 30 * fine), 0))])
        s, ds = reference.panels(np.unique(edges), 12)
        q = -np.expm1(-2 * width * s * s)
        p = np.exp(-2 * width * s * s)
        # dE E/sqrt(E^2 - Lambda^2) at each z.
        levels = weight * ds * 2 * s / np.sqrt(q) * np.exp(-0.5 * (last - s * s) ** 2) / np.sqrt(2 * np.pi)
        G = width_of(E, p, T, chi)
        resonance = levels * p * np.tanh(E / (2 * T)) * G
        near, far = resonance / (d * d + G * G), resonance / ((E + w) ** 2 + G * G)
        found["rwa"] += np.sum(near)
        # The difference of the two lines, without its cancellation for w << E.
        found["full"] += np.sum(near * 4 * w * E / ((E + w) ** 2 + G * G))
        found["van_vleck"] += w / E * np.sum(near + far)
        slow = reference.thermal(E, T) / (2 * T) * w * 2 * G / (w**2 + 4 * G**2)
        found["relaxation"] += np.sum(levels * q * slow)
    return found
