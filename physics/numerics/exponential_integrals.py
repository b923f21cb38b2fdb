"""Exponential integrals E_1 ... E_4 for compiled code, from a table of polynomials."""

import math
from functools import cache

import numpy as np
from numpy.polynomial import chebyshev
from scipy.special import exp1

from physics.numerics.compiled import compiled

DEGREE = 20
OCTAVES = 9
SERIES_TERMS = 18


@cache
def exponential_integral_table() -> np.ndarray:
    """Polynomials for x exp(x) E1(x): row k holds the coefficients of d^0 ... d^DEGREE on 2^k <= x < 2^(k+1), where
    x = 2^k (3 + d)/2 and k < OCTAVES. Relative error below 1e-14."""
    points = np.cos(np.pi * (np.arange(DEGREE + 1) + 0.5) / (DEGREE + 1))
    x = 2.0 ** np.arange(OCTAVES)[:, None] * (3 + points) / 2
    series = chebyshev.chebfit(points, (x * np.exp(x) * exp1(x)).T, DEGREE)
    return np.array([chebyshev.cheb2poly(column) for column in series.T])


@compiled
def exponential_integrals(x, table):
    """exp(-x), E1(x), E2(x), E3(x), E4(x) for x > 0; 0 for x >= 512.

    E_n(x) = int_1^inf exp(-xt) t^-n dt; E1 by its power series for x < 1, else by `exponential_integral_table`.
    The relative error of E_n is below 3e-15 (1 + x)^(n-1).
    """
    if x >= 512.0:
        return 0.0, 0.0, 0.0, 0.0, 0.0
    decay = math.exp(-x)
    if x < 1.0:
        term = x
        first = -np.euler_gamma - math.log(x) + x
        for k in range(2, SERIES_TERMS):
            term *= -x / k
            first += term / k
    else:
        k = 0
        top = 2.0
        for _ in range(OCTAVES - 1):
            if x < top:
                break
            k += 1
            top *= 2.0
        d = 4.0 * x / top - 3.0
        row = table[k]
        first = row[DEGREE]
        for i in range(DEGREE - 1, -1, -1):
            first = first * d + row[i]
        first *= decay / x
    second = decay - x * first
    third = 0.5 * (decay - x * second)
    return decay, first, second, third, (decay - x * third) / 3.0
