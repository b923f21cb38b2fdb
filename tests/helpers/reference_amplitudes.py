"""Slow and obvious versions of the distributions of amplitudes of paper 003, which share no code with `physics`."""

import numpy as np
from scipy.integrate import quad, solve_ivp
from scipy.optimize import brentq


def with_step_functions(primary, t_end, chi, step, size):
    """(4.15), b = 1, summed over n, on a grid: lambda = |L| - 3t/chi adds up when clusters merge, drifts to 0, stays.

    primary: the distribution of |L| at t = 0. Returns |L| and the density of states per |L| of the clusters that are
    frozen at t_end, and the same of those that are active. Strang splitting, second order in `step`.
    """
    places = (np.arange(round(size / step)) + 0.5) * step
    masses = primary(places) * step
    count = round(3 * t_end / chi / step)
    dt = t_end / count

    def merge(masses, duration):
        def rate(p):
            pairs = np.fft.irfft(np.fft.rfft(p, 2 * len(p)) ** 2, 2 * len(p))[: len(p)]
            # Two cells merge onto the border of two others.
            pairs = (pairs + np.concatenate([[0.0], pairs[:-1]])) / 2
            return pairs - 2 * p.sum() * p

        k1 = rate(masses)
        k2 = rate(masses + duration / 2 * k1)
        k3 = rate(masses + duration / 2 * k2)
        return masses + duration / 6 * (k1 + 2 * k2 + 2 * k3 + rate(masses + duration * k3))

    frozen = np.empty(count)
    for k in range(count):
        masses = merge(masses, dt / 2)
        frozen[k] = masses[0]
        masses = np.append(masses[1:], 0.0)
        masses = merge(masses, dt / 2)
    return (np.arange(count) + 0.5) * step, frozen / step, places + 3 * t_end / chi, masses / step


def exponential_family(t, chi, L):
    """N and l of l' = N l, N' = -N^2 - 3N/(chi l), N(0) = 1, l(0) = L, by a Runge-Kutta method."""

    def rate(_, state):
        N, length = state
        return [-(N**2) - 3 * N / (chi * length), N * length]

    return solve_ivp(rate, (0, t), [1.0, L], method="DOP853", rtol=1e-12, atol=1e-14).y[:, -1]


def sum_over_clusters(t, chi, L, width, step=0.25, size=60.0):
    """(5.13) as a sum over n: n Gaussian primary amplitudes and n - 1 times of merging between 0 and t.

    Returns |L| and the density per |L|; `step` in units of the width, `size` in units of L. The terms are smooth, so
    that sums over the grid are integrals.
    """
    h = step * width
    magnitude = np.arange(-10 * width, size * L, h)

    def gauss(x):
        return np.exp(-0.5 * (x / width) ** 2) / (width * np.sqrt(2 * np.pi))

    x, w = np.polynomial.legendre.leggauss(200)
    y, w = t * (x + 1) / 2, w * t / 2
    merged = np.sum(w / (1 + y) ** 2 * gauss(magnitude[:, None] - L + 3 * y / chi), axis=1)
    origin = round(10 * width / h)
    term = gauss(magnitude - L)
    total = np.zeros_like(magnitude)
    while term.max() > 1e-17:
        total += term
        # Index i + j of the convolution is |L| = magnitude[i + j] + magnitude[0].
        term = h * np.convolve(term, merged)[origin : origin + len(magnitude)]
    return magnitude, total / (1 + t) ** 2


def decay_rate(t, chi, L):
    """The rate at which (5.13) decays with |L| for a sharp primary distribution: its pole, by bisection."""

    def denominator(rate):
        return np.exp(-rate * L) - quad(lambda y: np.exp(-3 * rate * y / chi) / (1 + y) ** 2, 0, t)[0]

    return brentq(denominator, 1e-9 / L, 50 / L, xtol=1e-16)


def pairs_at_rest(Delta0, Lambda0, coupling, nearest, farthest, shape):
    """(3.9) at Delta = 0 for equal primary amplitudes Lambda0, per P_0^2, up to the limits of the interaction.

    The sum over pairs with energies x U and (1 - x) U and interaction U, nearest > U > farthest: their amplitude is
    Lambda0^2/(2 U x (1 - x)). `shape`(v) is the distribution of v = u/<|u|> > 0 among pairs, `coupling` = <|u|>.
    """
    x, w = np.polynomial.legendre.leggauss(80)
    x, w = (x + 1) / 2, w / 2
    v = np.linspace(0, 40, 4001)[1:]
    weights = shape(v) * (v[1] - v[0])
    # At given x and v the delta function picks one distance: U0 v/R^3 = U, dU/U = 3 dR/R.
    U = Lambda0**2 / (2 * Delta0 * x * (1 - x))
    inside = (U[:, None] < nearest * v) & (U[:, None] > farthest * v)
    return np.pi * coupling / 3 / Delta0 * np.sum(w[:, None] * weights * v * inside)
