"""Slow values for the Kondo averages of paper 004: eqs. (19)-(22) as a plain nested quadrature."""

import math
from itertools import pairwise

import mpmath
from scipy.integrate import quad


def logarithm(x, y):
    return max(1.0, math.log(max(1 / x, y / x)))


def cross_section(x, y):
    """Eq. (21), made continuous by the lower bound 1 of the logarithm."""
    if x >= 1 and y * y <= x:
        return 1.0
    if x >= 1 and y * y <= x * x:
        return x * x / y**4
    return (logarithm(x, y) * max(1.0, y * logarithm(x, y))) ** -2


def heat(x, y):
    """C/k_B = (T/T_K) ln(T_K/T) where the paper has it."""
    return math.log(x) / x if x > 1 and y * y < x else 0.0


def absorption(x, y):
    """T/Gamma, Gamma = max{T/l^2, T_K}, where the paper has it."""
    if min(y, y * y / x) >= 1:
        return 0.0
    return 1 / x if x > 1 else logarithm(x, 0) ** 2


WEIGHTS = {"exponential": (lambda a: math.exp(-a), 50.0), "box": (lambda a: 1.0, 1.0)}


def heat_of_box(T, TKstar, Deltastar):
    """<C/k_B> of the box, int_1^A dX (ln X/X) min(sqrt(X), B)/(A B), in 30 digits from the numbers as given."""
    with mpmath.workdps(30):
        A, B = mpmath.mpf(TKstar) / mpmath.mpf(T), mpmath.mpf(Deltastar) / mpmath.mpf(T)
        # Over s = (X - 1)/(A - 1) and in units of (A - 1)^2, because the quadrature's tolerance is absolute.
        edges = [0, *([(B * B - 1) / (A - 1)] if 1 < B * B < A else []), 1]

        def weighted(s):
            return mpmath.log1p(s * (A - 1)) / (A - 1) / (1 + s * (A - 1)) * min(mpmath.sqrt(1 + s * (A - 1)), B)

        return float((A - 1) ** 2 * mpmath.quad(weighted, edges) / (A * B))


def pieces(function, breaks):
    """The integral over ln(variable), between breaks."""
    total = 0.0
    for low, high in pairwise(breaks):
        total += quad(function, low, high, epsabs=1e-18, epsrel=1e-11, limit=200)[0]
    return total


def average(function, t, d, distribution):
    """The average of function(T_K/T, Delta/T), t = T/T_K*, d = Delta*/T_K*."""
    weight, end = WEIGHTS[distribution]

    def outer(u):
        x = math.exp(u) / t

        def inner(v):
            y = math.exp(v)
            return y * weight(y) * function(x, y * d / t)

        marks = [1.0, 1 / logarithm(x, 0), math.sqrt(x), x, math.e * x]
        marks = sorted(math.log(y * t / d) for y in marks)
        top = math.log(end)
        inside = sorted({m for m in [*marks, *range(-40, 4, 4)] if -40 < m < top})
        return math.exp(u) * weight(math.exp(u)) * pieces(inner, [-40.0, *inside, top])

    top = math.log(end)
    marks = [math.log(x * t) for x in (1 / math.e, 1.0, d / t, (d / t) ** 2, d / t / math.e)]
    inside = sorted({m for m in [*marks, *range(-48, 4, 4)] if -48 < m < top})
    return pieces(outer, [-48.0, *inside, top])
