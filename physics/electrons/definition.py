"""What a dephasing time is: the one number made of a decay exp(-Gamma(t)) of the interference of time-reversed paths.

| definition | tau_phi | dimension |
|---|---|---|
| logarithm_2d | ln(tau_phi/tau) = int_tau^inf dt/t exp(-Gamma), eq. (34) of paper 001 | 2 |
| film | E1(tau/tau_phi) = int_tau^inf dt/t exp(-Gamma) | 2 |
| wire | tau_phi = (1/pi) [int_0^inf dt t^(-1/2) exp(-Gamma)]^2 | 1 |
| bulk | 1/sqrt(tau_phi) = (1/(2 sqrt(pi))) int_0^inf dt t^(-3/2) (1 - exp(-Gamma)) | 3 |

The last three are what an experiment finds that fits the weak-localisation correction of an exponential decay to its
data: for Gamma = t/tau_b they are tau_b; the first one is exp(-0.5772...) tau_b for tau << tau_b.
"""

from functools import cache

import numpy as np
from numpy.polynomial.chebyshev import chebfit, chebval
from scipy.special import exp1

from physics.electrons.options import DEFINITIONS
from physics.numerics.quadrature import composite
from physics.parameters import ParameterError

DEGREE = 40

WEIGHTS = {"logarithm_2d": 0.0, "film": 0.0, "wire": 0.5, "bulk": -0.5}
"""The power of t with which d(ln t) is weighted under the integral over exp(-Gamma)."""


def decay_time(rate, nyquist_rate=0.0, *, definition="logarithm_2d"):
    """Dephasing time of the decay exp(-f(t)), f(t) = rate t + (nyquist_rate t)^(3/2), in the limit of tau << tau_phi.

    Parameters: rate, nyquist_rate (1/s), not negative, arrays that broadcast; definition: one of DEFINITIONS.
    Returns tau_phi (s), relative accuracy 1e-13, inf where both rates are 0. Limits: rate alone: exp(-0.5772...)/rate
    (logarithm_2d), 1/rate (film, wire, bulk); nyquist_rate alone, times nyquist_rate: exp(-0.5772... 2/3) =
    0.6806 (logarithm_2d), 1.2122 (film), (4/9) Gamma(1/3)^2/pi = 1.0153 (wire), pi/Gamma(2/3)^2 = 1.7133 (bulk).
    Raises ParameterError for an unknown definition.
    """
    check_definition(definition)
    rate, nyquist_rate = np.broadcast_arrays(np.asarray(rate, np.float64), np.asarray(nyquist_rate, np.float64))
    scale = rate + nyquist_rate
    with np.errstate(divide="ignore", invalid="ignore"):
        root = np.where(scale > 0, np.sqrt(nyquist_rate / scale), 0.0)
        return chebval(2 * root - 1, _series(definition)) / scale


@cache
def _series(definition):
    """Chebyshev coefficients of decay_time times the sum of the rates in w, the root of the Nyquist rate's share.

    f = (1 - w^2) x + (w^2 x)^(3/2) with x = t scale is analytic in w, and with x = s^2 in s; at s = 8 it is above 64.
    """
    s, ds = composite(np.concatenate([np.linspace(0.0, 1.0, 3), np.linspace(1.0, 8.0, 15)[1:]]))
    w = (np.cos(np.pi * (np.arange(DEGREE + 1) + 0.5) / (DEGREE + 1)) + 1) / 2
    exponent = (1 - w[:, None] ** 2) * s**2 + (w[:, None] * s) ** 3
    if definition == "wire":
        times = 4 / np.pi * np.sum(ds * np.exp(-exponent), axis=-1) ** 2
    elif definition == "bulk":
        times = np.pi / (np.sum(-np.expm1(-exponent) * ds / s**2, axis=-1) + 1 / 8) ** 2
    else:
        logarithm = 2 * np.sum(np.where(s < 1, np.expm1(-exponent), np.exp(-exponent)) * ds / s, axis=-1)
        times = np.exp(logarithm + np.euler_gamma * (definition == "film"))
    return chebfit(2 * w - 1, times, DEGREE)


def log_time(integral, log_tau, definition):
    """ln(tau_phi/tau) from the weighted integral over exp(-Gamma) that belongs to the definition.

    integral: over ln(t) from tau on (logarithm_2d, film), over dt t^(-1/2) (wire) or dt t^(-3/2) (1 - exp(-Gamma))
    (bulk), in any unit of time; log_tau: ln(tau) in this unit. Where nothing decays, inf.
    """
    if definition == "logarithm_2d":
        return integral
    if definition == "film":
        return -log_inverse_exponential_integral(integral)
    with np.errstate(divide="ignore"):
        if definition == "wire":
            return 2 * np.log(integral) - np.log(np.pi) - log_tau
        return 2 * np.log(2 * np.sqrt(np.pi)) - 2 * np.log(integral) - log_tau


def log_inverse_exponential_integral(value):
    """ln(x) with E1(x) = value > 0, an array; relative accuracy of x 1e-15, times e^x for an error of the value."""
    value = np.asarray(value, np.float64)
    # Newton's method from the left of the root of a convex function: E1 of y = ln(x), and ln(E1) of x.
    large, middle = value > 0.5, np.clip(value, 0.5, 40.0)
    y = -np.euler_gamma - middle
    x = np.full(value.shape, 0.5)
    target = np.log(np.clip(value, 1e-300, 0.5))
    for _ in range(12):
        y = y + (exp1(np.exp(y)) - middle) * np.exp(np.exp(y))
        x = x + (np.log(exp1(x)) - target) * x * np.exp(x) * exp1(x)
    return np.where(value > 40.0, -np.euler_gamma - value, np.where(large, y, np.log(x)))


def check_definition(definition):
    """Raises ParameterError for an unknown definition."""
    if definition not in DEFINITIONS:
        raise ParameterError(f"definition = {definition!r} is unknown; allowed: {', '.join(DEFINITIONS)}")
