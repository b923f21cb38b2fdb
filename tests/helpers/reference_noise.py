"""Dephasing by 1/f motion and its background in the slow and obvious way: paper 000, and the noise of a resistor."""

from functools import cache
from itertools import pairwise
from math import cosh, hypot, sinh

import mpmath
import numpy as np
from scipy.constants import hbar, k
from scipy.integrate import quad
from scipy.optimize import brentq
from scipy.special import ai_zeros


def sech2(x):
    return 1 / cosh(x / 2) ** 2 if x < 700 else 0.0


def x_over_sinh(x):
    return (x / sinh(x) if x < 700 else 0.0) if x else 1.0


THERMAL = {"sech2": sech2, "x_over_sinh": x_over_sinh}


def level_average(T, Omega_max, B0, cut=0.0, thermal="sech2"):
    """(1/Omega_max) times the average over P(B, Omega) before eq. (12), over B first; energies in K."""
    h = THERMAL[thermal] if thermal else lambda x: 1.0

    def over_B(Omega):
        low = np.sqrt(max(cut**2 - Omega**2, 0.0))
        scales = [Omega * f for f in (0.1, 0.5, 1, 2, 5, 20)] + [T * f for f in (0.1, 0.5, 1, 2, 5, 10, 20, 40, 80)]
        edges = [low, *sorted(B for B in scales if low < B < B0), B0]
        if low >= B0:
            return 0.0
        return _quad(lambda B: Omega / (Omega**2 + B**2) * h(hypot(Omega, B) / T), edges, 1e-12)

    inner = [cut, *(np.sqrt(max(cut**2 - B0**2, 0.0)),), *(T * f for f in (0.03, 0.1, 0.3, 1, 3, 10, 30, 60))]
    edges = [0.0, *sorted({x for x in inner if 0 < x < Omega_max}), Omega_max]
    return _quad(over_B, edges, 1e-11) / Omega_max


def width_integral(v):
    """G(v) = int_0^1 dOmega int dB Omega/(Omega^2 + B^2) over Omega^2 + B^2 > v^2, the inner integral done."""
    edges = [0.0, min(v, 1.0), 1.0]
    return _quad(lambda Omega: np.arctan2(Omega, np.sqrt(max(v * v - Omega**2, 0.0))), edges, 1e-12)


def rate_generic(T, standard, c, tau):
    """r - standard with r = standard + (c/tau) ln(kT/(hbar r)) in 40 digits."""
    with mpmath.workdps(40):
        highest = mpmath.mpf(k) * T / mpmath.mpf(hbar)
        unit = mpmath.mpf(c) / tau
        root = mpmath.findroot(
            lambda r: r - standard - unit * mpmath.log(highest / r),
            (mpmath.mpf(standard), highest),
            solver="anderson",
            tol=1e-25,
        )
        return float(root - standard)


def crossover(function, temperatures):
    """The highest of the temperatures' intervals in which `function` passes from below zero to above, solved."""
    for high, low in pairwise(sorted(temperatures, reverse=True)):
        if function(low) < 0 <= function(high):
            return brentq(function, low, high, xtol=1e-300, rtol=1e-14)
    return np.nan


def mean_decay_of_closed_paths():
    """The mean of int_0^t |x(t') - x(t - t')| dt' over diffusing paths that return, in units of sqrt(D) t^(3/2).

    x(s) - x(t - s) of a Brownian bridge is Gaussian with variance 2D [C(s,s) + C(t-s,t-s) - 2C(s,t-s)],
    C(s, u) = s (t - u)/t for s < u.
    """

    def distance(s):
        variance = 2 * (s * (1 - s) + (1 - s) * s - 2 * s * s)
        return mpmath.sqrt(2 / mpmath.pi * variance)

    return float(2 * mpmath.quad(distance, [0, 0.5]))


@cache
def _zeros():
    return -ai_zeros(5000)[1]


def exact_decay(x):
    """Decay exp(-f) of a wire averaged over closed paths, at t = x tau_N: sqrt(pi x) sum exp(-a_n x)/a_n.

    -a_n are the zeros of Ai'. It is the inverse Laplace transform of -Ai(s)/Ai'(s), the result of AAK, over that of
    free motion.
    """
    zeros = _zeros()
    return np.sqrt(np.pi * x) * np.sum(np.exp(-zeros * x) / zeros)


def exact_wire_time():
    """tau_phi/tau_N with ln tau_phi = int dt/t exp(-f) of `exact_decay`, which is its first cumulant below x = 0.06."""
    below = quad(lambda x: (exact_decay(x) - 1) / x, 0.06, 1, epsrel=1e-9)[0]
    above = quad(lambda x: exact_decay(x) / x, 1, 30, epsrel=1e-9)[0]
    return np.exp(below + above - np.sqrt(np.pi) / 6 * 0.06**1.5)


def collision_integral(order):
    """Golden rule at T = 0: int_0^1 dw w int dq q^2 P(q, w), P = 1/(q^4 + w^2) (diffusive) or 1/(q^2) up to q = 2."""
    if order == "diffusive":
        return mpmath.quad(lambda w: w * mpmath.quad(lambda q: q * q / (q**4 + w * w), [0, w**0.5, mpmath.inf]), [0, 1])
    return mpmath.quad(lambda w: w * mpmath.quad(lambda q: q * q / (q * q), [0, 2]), [0, 1])


def _quad(function, edges, accuracy):
    return sum(quad(function, a, b, epsabs=0, epsrel=accuracy, limit=200)[0] for a, b in pairwise(edges) if b > a)
