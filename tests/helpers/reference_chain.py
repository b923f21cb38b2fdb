"""Slow and obvious values for the cluster distribution: a sum over tunnelling-states models, one for each n.

P_n(t) comes from the rate equation of paper 003, solved directly for n = 1 ... COUNT; averages over the levels of one
rung are dense sums, split at E = T where t(E) has a kink, the oscillating parts in the complex plane. Nothing here is
shared with `physics`. Energies in kelvin.
"""

from functools import cache
from itertools import pairwise

import numpy as np
from numpy.polynomial import chebyshev
from scipy.integrate import quad, solve_ivp

from helpers import reference

COUNT = 400
DEGREE = 24


@cache
def densities(t_max):
    """Chebyshev coefficients in t/t_max of P_n(t), n = 1 ... COUNT, from (4.6) with b_km = sqrt(k m)."""
    root = np.sqrt(np.arange(1.0, COUNT + 1))

    def right_hand_side(t, p):
        f = root * p
        gain = np.concatenate([[0.0], np.convolve(f, f)[: COUNT - 1]])
        return gain - 2 * f * f.sum()

    points = np.cos(np.pi * (np.arange(DEGREE + 1) + 0.5) / (DEGREE + 1))[::-1]
    times = t_max * (points + 1) / 2
    start = np.zeros(COUNT)
    start[0] = 1.0
    solution = solve_ivp(right_hand_side, (0, t_max), start, "DOP853", t_eval=times, rtol=1e-13, atol=1e-18)
    return chebyshev.chebfit(points, solution.y.T, DEGREE)


class Ladder:
    """Amplitudes Delta0* (Delta0*/W)^(n-1) and the density of states of each at the energy E, per Pd."""

    def __init__(self, T, Lambda0, Pd, W, U0, rungs):
        self.T, self.W = T, W
        self.amplitudes = Lambda0 * (Lambda0 / W) ** np.arange(rungs)
        self.slope = np.pi * Pd * U0 / 3
        self.t_max = self.slope * np.log(max(W / T, 1.0))
        self.t_fit = max(self.t_max, 1.0)

    def density(self, n, E):
        """P_n(t(E)) for E >= T, complex or real; E < T counts as T."""
        E = np.where(np.real(E) < self.T * (1 - 1e-12), self.T, E)
        if self.t_max == 0:
            return np.full(E.shape, float(n == 1))
        t = self.slope * np.log(self.W / E)
        return chebyshev.chebval(2 * t / self.t_fit - 1, densities(self.t_fit)[:, n - 1])


def resonant(theta, ladder, n, top):
    """int dE P_n thermal L^2/(E sqrt(E^2 - L^2)) [1 - sin(E theta)/(E theta)], L the amplitude of n, for an array."""
    L, T = ladder.amplitudes[n - 1], ladder.T
    total = np.zeros(len(theta))
    for low, high in ((L, min(T, top)), (max(L, T), top)):
        if low >= high:
            continue

        def smooth(E, low=low):
            weight = ladder.density(n, np.full(E.shape, T)) if low < T else ladder.density(n, E)
            # A node that rounds to the band edge itself carries no weight.
            return weight * L**2 / (E * np.sqrt(np.where(E == L, L * 1e-15, E - L)) * np.sqrt(E + L))

        total += _piece(np.asarray(theta), low, high, L, T, smooth)
    return total


def _piece(theta, low, high, L, T, density):
    x, w = reference.panels(np.concatenate([[0.0], np.geomspace(1e-4, 1, 24)]), 16)
    # E = low + (end - low) x^2 takes an inverse square root at `low` away.
    E, dE = low + (high - low) * x**2, (high - low) * 2 * x * w
    total = np.full(len(theta), np.sum(dE * reference.thermal(E, T) * density(E)))
    middle = np.minimum(high, np.maximum(low + 12.0 / theta, low * (1 + 1e-9)))[:, None]
    E, dE = low + (middle - low) * x**2, (middle - low) * 2 * x * w
    phase = E * theta[:, None]
    total -= np.sum(dE * reference.thermal(E, T) * density(E) * np.sinc(phase / np.pi), axis=1)
    # While all phases are small 1 - sinc cancels.
    early = theta * high < 1
    if early.any():
        E, dE, y = E[early], dE[early], phase[early] ** 2
        bracket = y / 6 * (1 - y / 20 * (1 - y / 42 * (1 - y / 72 * (1 - y / 110 * (1 - y / 156 * (1 - y / 210))))))
        total[early] = np.sum(dE * reference.thermal(E, T) * density(E) * bracket, axis=1)
    far = middle[:, 0] < high * (1 - 1e-12)
    if far.any():
        waves = reference.ray(middle[far, 0], density, T, theta[far])
        if high < low + 45 * T:
            waves -= reference.ray(np.full(far.sum(), high), density, T, theta[far])
        total[far] -= np.where(L * theta[far] < reference.PHASE_END, waves, 0.0) / theta[far]
    return total


def rungs_that_count(T, Lambda0, Pd, W, U0):
    """How many amplitudes: past those frozen out each step takes (P_n+1/P_n) Delta0*/W, 11 decades in all."""
    t = np.pi * Pd * U0 / 3 * np.log(max(W / T, 1.0))
    frozen = int(np.ceil(max(np.log(Lambda0 / T) / np.log(W / Lambda0), 0.0)))
    return frozen + max(3, int(np.ceil(11 / -np.log10(min(0.5, Lambda0 / W * (0.01 + t))))))


def clusters(chi, T, Lambda0, Pd, W, U0, rungs=None):
    """The averages of the cluster distribution, and the frequencies at which the resonant one oscillates."""
    rungs = rungs or rungs_that_count(T, Lambda0, Pd, W, U0)
    ladder = Ladder(T, Lambda0, Pd, W, U0, rungs)
    top = min(W, Lambda0 + 60 * T) if Lambda0 > T else min(W, 60 * T)
    lists = []
    for n, L in enumerate(ladder.amplitudes, 1):
        for low, high in ((L, min(T, top)), (max(L, T), top)):
            if low < high:
                g, w = reference.panels(np.sqrt(high - L) * np.concatenate([[0.0], np.geomspace(1e-12, 1, 120)]), 16)
                g, w = (
                    (g, w) if low == L else reference.panels(np.linspace(np.sqrt(low - L), np.sqrt(high - L), 40), 16)
                )
                E = L + g**2
                E = np.where(E < low, low, E)
                weight = w * 2 * g**2 * np.sqrt(E + L) / E * reference.thermal(E, T) * ladder.density(n, E)
                lists.append((weight, 2 * L**2 / E / np.tanh(E / (2 * T))))
    weight, rate = (np.concatenate(parts) for parts in zip(*lists, strict=True))

    third = reference.interpolated(lambda theta: np.sum(weight * reference.relaxation_bracket(rate * chi * theta)))

    def averages(theta):
        first = sum(resonant(theta, ladder, n, top) for n in range(1, rungs + 1))
        return first, third(theta)

    return averages, [*ladder.amplitudes, T] + [W] * (W < top * 1.001)


def specific_heat(T, Lambda0, Pd, W, U0, rungs):
    """C/(k_B^2 Pd) (K): int dDelta sum_n P_n(t(E)) (E/2T)^2 sech^2(E/2T); n > rungs have no amplitude."""
    ladder = Ladder(T, Lambda0, Pd, W, U0, rungs)

    def level(E):
        return (E / (2 * T)) ** 2 * reference.thermal(E, T)

    def integral(function, amplitude):
        end = np.sqrt(W**2 - amplitude**2)
        kink = np.sqrt(max(T**2 - amplitude**2, 0.0))
        inner = (0.2 * amplitude, amplitude, 5 * amplitude, 3 * T, 8 * T, 20 * T, 60 * T, kink)
        edges = sorted({0.0, end, *(min(end, e) for e in inner)})
        options = {"epsabs": 0, "epsrel": 1e-12, "limit": 400}
        return sum(quad(lambda D: function(np.hypot(D, amplitude)), a, b, **options)[0] for a, b in pairwise(edges))

    total = sum(
        integral(lambda E, n=n: level(E) * float(ladder.density(n, np.array(E))), L)
        for n, L in enumerate(ladder.amplitudes, 1)
    )

    def rest(E):
        if ladder.t_max == 0:
            return 0.0
        t = ladder.slope * np.log(W / max(E, T))
        coefficients = densities(ladder.t_fit)[:, rungs:].sum(axis=1)
        return level(E) * chebyshev.chebval(2 * t / ladder.t_fit - 1, coefficients)

    return total + integral(rest, 0.0)
