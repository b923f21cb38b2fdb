"""Ultrasonic attenuation in the slow and obvious way: paper 004, eqs. (10)-(16), with hbar = k_B = 1.

One two-level system first, then its average over E and p by nested quadrature, then the integral over E alone with
mpmath, whose integrand over p is known.
"""

from itertools import pairwise

import mpmath
import numpy as np
from numpy import cosh, pi, sqrt, tanh
from scipy.integrate import quad


def lorentzian(distance, width):
    return width / (distance**2 + width**2) / pi


def width_of(E, p, T, chi):
    """(11)."""
    return chi * p * E / (2 * tanh(E / (2 * T)))


def resonant_power(omega, E, p, T, width, kind):
    """(10) per a^2, with the Lorentzian in place of the delta function; what stands there is `rwa`."""
    near, far = lorentzian(omega - E, width), lorentzian(omega + E, width)
    line = {"rwa": near, "full": near - far, "van_vleck": omega / E * (near + far)}[kind]
    return 0.5 * pi * omega * p * tanh(E / (2 * T)) * line


def relaxation_power(omega, E, p, T, width):
    """(12) per a^2, as printed."""
    rate = 2 * width
    return 0.5 * omega * omega * (1 - p) / (4 * T * cosh(E / (2 * T)) ** 2) * rate / (omega**2 + rate**2)


def F_from_power(power, chi, Omega, theta):
    """F of eq. (14) from the power of one system: its average with (2), times 2/Omega; E* = 1, so T = theta/2."""
    T = theta / 2

    def over_p(E):
        # p = sech^2(eta): dp/(2 p sqrt(1 - p)) = d(eta), from 0 to where the power has long vanished with p.
        resonance = abs(E - Omega) / (chi * max(E, theta))
        breaks = sorted({0.5, 2.0, 5.0, float(np.clip(np.log(2 / sqrt(resonance + 1e-12)), 0.1, 13.9))})

        def integrand(eta):
            p = 1 / cosh(eta) ** 2
            return power(Omega, E, p, T, width_of(E, p, T, chi))

        return _quad(integrand, 0.0, 25.0, breaks, 1e-12)

    scale = chi * max(Omega, theta)
    breaks = {Omega, *(Omega + k * scale for k in (-3, -1, -0.1, -0.01, 0.01, 0.1, 1, 3)), theta, 5 * theta}
    return 2 / Omega * _quad(over_p, 0.0, 1.0, sorted(x for x in breaks if 0 < x < 1), 1e-10)


def _quad(function, low, high, breaks, accuracy):
    edges = [low, *breaks, high]
    parts = [quad(function, a, b, epsabs=1e-14, epsrel=accuracy, limit=400)[0] for a, b in pairwise(edges)]
    return sum(parts)


def K(r, p_min=0):
    """Re[artanh(s/c)/c], c = sqrt(1 - i r), s = sqrt(1 - p_min)."""
    c = mpmath.sqrt(1 - 1j * r)
    return (mpmath.atanh(mpmath.sqrt(1 - mpmath.mpf(p_min)) / c) / c).real


def J(r, p_min=0):
    """Im[c artanh(s/c)], c = sqrt(1 - i r), s = sqrt(1 - p_min)."""
    c = mpmath.sqrt(1 - 1j * r)
    return (c * mpmath.atanh(mpmath.sqrt(1 - mpmath.mpf(p_min)) / c)).imag


def average(r, p_min, weight):
    """(1/2) int dp weight(p)/(r^2 + p^2) from p_min to 1: p (1 - p)^(-1/2) is K, r (1 - p)^(1/2) is J."""
    edges = [mpmath.mpf(p_min), *(e for e in sorted([mpmath.mpf(r), mpmath.mpf("0.5")]) if p_min < e < 1), 1]
    return float(mpmath.quad(lambda p: weight(p) / (r**2 + p**2) / 2, edges))


def F_resonant(chi, Omega, theta, kind, p_min=0):
    """(15) over E alone, x = E/E*, in pieces that shrink towards the resonance and towards x = 0."""
    with mpmath.workdps(30):
        chi, Omega, theta = mpmath.mpf(chi), mpmath.mpf(Omega), mpmath.mpf(theta)

        def integrand(x, d):
            if x == 0:
                return 0
            t = mpmath.tanh(x / theta)
            near = K(2 * d * t / (chi * x), p_min)
            line = near
            if kind != "rwa":
                far = K(2 * (x + Omega) * t / (chi * x), p_min)
                line = near - far if kind == "full" else Omega / x * (near + far)
            return 2 * t**2 / (chi * x) * line

        total = mpmath.mpf(0)
        smallest = min(chi * max(Omega, theta), Omega) * (min(1, mpmath.mpf(p_min)) if p_min else 1)
        for side in (-1, 1):
            furthest = Omega if side < 0 else 1 - Omega
            nearest = max(mpmath.mpf(0), Omega - 1) if side < 0 else mpmath.mpf(0)
            if furthest <= nearest:
                continue
            grid = {nearest, furthest}
            d = smallest / 4
            while d < furthest:
                grid.add(d)
                d *= 3
            # Distances at which E passes through the multiples of the temperature and through x = 0, 1.
            grid |= {abs(Omega - theta * 2**k) for k in range(-3, 5) if (theta * 2**k < Omega) == (side < 0)}
            edges = sorted(g for g in grid if nearest <= g <= furthest)
            for a, b in pairwise(edges):
                total += mpmath.quad(lambda d, s=side: integrand(Omega + s * d, d), [a, b], maxdegree=6)
        return float(total)


def F_relaxation(chi, Omega, theta, p_min=0):
    """(16) over E alone, y = E/2T, as printed."""
    with mpmath.workdps(20):
        ratio = mpmath.mpf(Omega) / (mpmath.mpf(chi) * theta)
        end = min(1 / mpmath.mpf(theta), 25)
        edges = [0] + [e for e in (0.5, 1, 2, 4, 8, 16) if e < end] + [end]

        def integrand(y):
            return mpmath.sech(y) ** 2 * J(ratio * mpmath.tanh(y) / y if y else ratio, p_min)

        return float(mpmath.quad(integrand, edges))
