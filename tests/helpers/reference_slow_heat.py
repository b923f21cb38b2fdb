"""Heat within the time of an experiment in the slow and obvious way: levels one by one, with mpmath.

hbar and k_B from SciPy, energies in kelvin. A level takes part where p = (Lambda/E)^2 >= hbar/(2 chi t_exp E
coth(E/2T)): the population decays at the rate 2 chi p E coth(E/2T)/hbar, (14), (15) of paper 001.
"""

from itertools import pairwise

import mpmath
import numpy as np
from scipy.constants import hbar, k
from scipy.optimize import brentq


def slowest(E, T, chi, t_exp):
    """The least p of the levels that relax within t_exp."""
    return mpmath.mpf(hbar / k) / (2 * mpmath.mpf(chi) * t_exp * E) * mpmath.tanh(E / (2 * T))


def _thermal(E, T):
    y = E / (2 * T)
    return (y * mpmath.sech(y)) ** 2


def _integral(function, low, high, scales):
    """By mpmath.quad on panels that shrink towards both ends, as long as the function may count."""
    if high <= low:
        return mpmath.mpf(0)
    steps = {s * mpmath.mpf(2) ** j for s in scales for j in range(-40, 8)}
    steps |= {(high - low) * mpmath.mpf(2) ** -j for j in range(1, 40)}
    edges = {low, high, *(low + s for s in steps), *(high - s for s in steps)}
    edges = sorted(e for e in edges if low <= e <= high)
    return mpmath.fsum(mpmath.quad(function, edge, maxdegree=6) for edge in pairwise(edges))


def _crossing(function, low, high):
    """Where a falling or rising function changes its sign between low and high, by bisection."""
    sign = mpmath.sign(function(low))
    for _ in range(140):
        middle = (low + high) / 2 if low <= 0 or high < 4 * low else mpmath.sqrt(low * high)
        low, high = (middle, high) if mpmath.sign(function(middle)) == sign else (low, middle)
    return (low + high) / 2


def glass(T, Estar, chi, t_exp, p_min):
    """C/(P k_B^2) (K), P the density per unit of arccosh(1/sqrt(p))."""
    with mpmath.workdps(30):
        T, end = mpmath.mpf(T), mpmath.mpf(min(Estar, 2e3 * T))
        p = [lambda E: slowest(E, T, chi, t_exp) - 1, lambda E: slowest(E, T, chi, t_exp) - p_min]
        smallest = end * mpmath.mpf(10) ** -12
        first, kink = (
            mpmath.mpf(0) if f(smallest) < 0 else end if f(end) > 0 else _crossing(f, smallest, end) for f in p
        )

        def level(E):
            least = max(mpmath.mpf(p_min), slowest(E, T, chi, t_exp)) if E > 0 else mpmath.mpf(1)
            return _thermal(E, T) * mpmath.acosh(1 / mpmath.sqrt(least)) if least < 1 else mpmath.mpf(0)

        return float(_integral(level, first, kink, [T]) + _integral(level, kink, end, [T]))


def one_amplitude(T, Lambda, Estar, chi, t_exp):
    """C/(Pd k_B^2) (K) of tunnelling states, over the asymmetry Delta."""
    T, Lambda, Estar = mpmath.mpf(T), mpmath.mpf(Lambda), mpmath.mpf(Estar)

    def fast(Delta):
        E = mpmath.hypot(Delta, Lambda)
        return (Lambda / E) ** 2 - slowest(E, T, chi, t_exp)

    end = mpmath.sqrt((Estar - Lambda) * (Estar + Lambda))
    if fast(mpmath.mpf(0)) <= 0:
        return mpmath.mpf(0)
    if fast(end) < 0:
        end = _crossing(fast, mpmath.mpf(0), end)
    end = min(end, mpmath.sqrt(mpmath.mpf(60) * T * (60 * T + 2 * Lambda)))
    scales = [T, Lambda, mpmath.sqrt(Lambda * T)]
    edges = sorted({mpmath.mpf(0), end, *(s * mpmath.mpf(2) ** j for s in scales for j in range(-3, 8))})
    edges = [e for e in edges if e <= end]
    value = mpmath.fsum(
        mpmath.quad(lambda D: _thermal(mpmath.hypot(D, Lambda), T) * mpmath.exp(Lambda / T), edge, maxdegree=5)
        for edge in pairwise(edges)
    )
    return value * mpmath.exp(-Lambda / T)


def _panels(edges, count=16):
    x, w = np.polynomial.legendre.leggauss(count)
    edges = np.unique(edges)
    half = np.diff(edges)[:, None] / 2
    return (edges[:-1, None] + half * (1 + x)).ravel(), (half * w).ravel()


def gaussian_barriers(T, Lambda0, Estar, width, chi, t_exp):
    """C/(Pd k_B^2) (K) = int dE (E/2T)^2 sech^2(E/2T) int_0^(q_c) dq N(ln E - ln cosh q; ln Lambda0, width), the energy
    first: cosh^2(q_c) = 1/p_min(E, T), and with E = exp(v), dense panels in v towards every place where the integrand
    begins, ends or is steep."""
    first = -500.0
    rate = hbar / (2 * chi * t_exp * k)

    def least(E):
        return rate / E * np.tanh(E / (2 * T))

    top = np.log(min(Estar, 800 * T + 50 * T * width))
    if least(np.exp(first)) > 1:
        if least(np.exp(top)) >= 1:
            return 0.0
        first = brentq(lambda v: np.log(least(np.exp(v))), first, top, xtol=1e-15)
    centre = np.log(Lambda0)
    # Where the amplitude of the slowest level of an energy is Lambda0.
    slow = brentq(lambda v: 2 * v + np.log(least(np.exp(v))) - 2 * centre, -600.0, 600.0, xtol=1e-14)
    shrink = np.geomspace(1e-12, 60.0, 120)
    near = width * np.linspace(-12, 12, 97)
    low = max(first, min(centre, np.log(T), top, slow) - 12 * width - 12 * width**2 - 15)
    edges = np.concatenate([first + shrink, centre + near, slow + near, np.linspace(low, top, 300), [low, top]])
    v, dv = _panels(edges[(edges >= low) & (edges <= top)])
    total = 0.0
    for one, weight in zip(v, dv, strict=True):
        E = np.exp(one)
        p = least(E)
        if p >= 1:
            continue
        end = np.arccosh(1 / np.sqrt(p)) if p > 1e-5 else -0.5 * np.log(p / 4)
        # ln cosh(q) within 12 widths of ln(E/Lambda0), and near 0.
        reach = np.array([one - centre - 12 * width, one - centre + 12 * width])
        log_cosh = np.maximum(reach, 0.0)
        q = log_cosh + np.log1p(np.sqrt(-np.expm1(-2 * log_cosh)))
        low_q, high_q = min(q[0], end), min(max(q[1], min(3.0, end)), end)
        steep = [end - high_q * s for s in np.geomspace(1e-6, 1, 25)]
        inner = np.concatenate([np.linspace(low_q, high_q, 40), [s for s in steep if low_q < s < high_q]])
        if high_q <= low_q:
            inner = end - end * np.concatenate([[0.0], np.geomspace(1e-12, 1, 80)])
        q, dq = _panels(inner)
        log_cosh = q + np.log1p(np.exp(-2 * q)) - np.log(2)
        normal = np.exp(-0.5 * ((one - log_cosh - centre) / width) ** 2) / (np.sqrt(2 * np.pi) * width)
        y = E / (2 * T)
        sech2 = 4 * np.exp(-2 * y) / (1 + np.exp(-2 * y)) ** 2
        total += weight * E * y * y * sech2 * np.sum(dq * normal)
    return total
