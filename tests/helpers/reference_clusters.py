"""Slow and obvious solutions of the coagulation equation (4.6) of paper 003, to hold `physics.clusters.coagulation`
against.

Nothing here is shared with `physics`: every size is kept up to a last one, beyond which clusters are lost, gains are
convolutions by FFT or written out, and SciPy integrates in t.
"""

from functools import cache

import numpy as np
from scipy.fft import irfft, next_fast_len, rfft
from scipy.integrate import quad, solve_ivp


@cache
def direct(charge, times, count=4096):
    """P_n(t), an array (n, t) for n = 1 ... count, with b_km = (k m)^charge."""
    weight = np.arange(1.0, count + 1) ** charge
    length = next_fast_len(2 * count, real=True)

    def rate(t, P):
        f = weight * P
        spectrum = rfft(f, length)
        gain = np.concatenate([[0.0], irfft(spectrum * spectrum, length)[: count - 1]])
        return gain - 2 * f * f.sum()

    start = np.zeros(count)
    start[0] = 1.0
    solved = solve_ivp(rate, (0, times[-1]), start, method="DOP853", t_eval=times, rtol=1e-12, atol=1e-16)
    assert solved.success
    return solved.y


def small(charge, times, count=129, step=5e-4):
    """P_n(t), an array (n, t), with its leading digits however small P_n is: sums of positive terms, equal steps.

    Sizes above `count` are left out of the sum of the losses, so P must be negligible there.
    """
    weight = np.arange(1.0, count + 1) ** charge

    def rate(t, P):
        f = weight * P
        return np.concatenate([[0.0], np.convolve(f, f)[: count - 1]]) - 2 * f * f.sum()

    start = np.zeros(count)
    start[0] = 1.0
    # A tolerance that every step meets.
    equal = {"first_step": step, "max_step": step, "rtol": 1.0, "atol": 1.0}
    return solve_ivp(rate, (0, times[-1]), start, method="DOP853", t_eval=times, **equal).y


def rates(P, b):
    """dP_n/dt of eq. (4.6), written out, for n = 1 ... 2 len(P) and any array b of that size."""
    count = 2 * len(P)
    padded = np.concatenate([P, np.zeros(len(P))])
    found = np.zeros(count)
    for n in range(1, count + 1):
        found[n - 1] = -2 * padded[n - 1] * sum(b[n - 1, k] * padded[k] for k in range(count))
        found[n - 1] += sum(b[k - 1, n - k - 1] * padded[k - 1] * padded[n - k - 1] for k in range(1, n))
    return found


def rate_at(P, n, front, single=4000):
    """dP_n/dt of eq. (6.3) at a large n from a function P of sizes, by sums up to `single` and adaptive quadrature."""

    def f(x):
        return np.sqrt(x) * P(np.asarray(x, dtype=float))

    k = np.arange(1.0, single + 1)
    own = f(n)
    gain = 2 * np.sum(f(k) * (f(n - k) - own))
    low, middle, end = np.log(single + 0.5), np.log(n / 2), np.log(60 * front)
    exact = {"epsabs": 0.0, "epsrel": 1e-10, "limit": 500}
    gain += 2 * quad(lambda u: np.exp(u) * f(np.exp(u)) * (f(n - np.exp(u)) - own), low, middle, **exact)[0]
    return gain - 2 * own * quad(lambda u: np.exp(u) * f(np.exp(u)), middle, end, **exact)[0]
