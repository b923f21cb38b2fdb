"""Where the quantity `grains` says what its formulas mean: the thresholds of its statuses.

Eqs. (4) and (6) of paper 002 add the resonances of all M as events that exclude one another, so that the probability
p = (1 - P)/c to find a grain on its other side, whose mean over time cannot exceed 1/2 in one system, is limited by
nothing else. With S1 = <|cos phi|> sum_M <|J_M|> and W <= 1/(width sqrt(2 pi)) at every bias and temperature,

    p(infinity) <= pi Delta_tilde S1/(width sqrt(2 pi)),   p(t) <= 1.4703 times that,

and with `WIDE_ENOUGH` the right side is at most 1/2, so that P >= 1 - 2 * 0.736 for flat and finite bias alike.
"""

import math
from functools import lru_cache

import numpy as np

from physics.constants import BOLTZMANN, HBAR
from physics.grains.averages import mean_cosine
from physics.grains.bias import density, mean_and_deviation
from physics.grains.spectrum import CUMULATIVE
from physics.grains.susceptibility import FLOOR, TABULATED, integrals

# Of Delta_tilde S1/width, where the mean probability of the other side reaches 1/2.
WIDE_ENOUGH = 1 / math.sqrt(2 * math.pi)
# Of the variance 2 lambda' of the phase.
NARROWEST_PHASE = 0.04


@lru_cache(maxsize=1024)
def channels(Lambda: float) -> float:
    """sum_M <|J_M|> (1) at lambda - lambda' = `Lambda`, how many resonances are open: 1 for 0, 6.2 for 100."""
    return float(integrals(CUMULATIVE, np.array([1e30]), Lambda)[0]) / math.pi


def narrow_bias(Delta_tilde, Lambda, variance, Phi, width):
    """Whether the resonances may hold more than half of the grains (or the width, rad/s, of the Gaussian or of one
    group is below Delta_tilde, rad/s), as a boolean array; arrays that broadcast, Lambda >= 0."""

    def open_at(Lambda, variance, Phi):
        return channels(float(Lambda)) * mean_cosine(float(Phi), float(variance))

    S1 = np.vectorize(open_at, otypes=[float])(Lambda, variance, Phi)
    return (Delta_tilde > width) | (Delta_tilde * S1 > WIDE_ENOUGH * width)


def uneven_bias(T, Delta_tilde, Lambda, bias) -> bool:
    """Whether W(0), which a flat bias has for every bias, is not what the resonances meet (scalars).

    They lie at M omega0/2, with the mean square Lambda omega0^2/2, since sum_M M^2 J_M^2 = z^2/2; they are
    2 Delta_tilde wide, and W exp(-eps/T) is flat only on the scales of its width and of k_B T/hbar. And more must be
    lost at resonance, c pi Delta_tilde W(0) sum_M <|J_M|>, than by all other grains, 2 c Delta_tilde^2/<eps^2>.
    """
    spread = bias[5] * math.sqrt(0.5 * Lambda)
    mean, deviation = mean_and_deviation(bias)
    resonant = math.pi * density(0.0, bias) * channels(Lambda)
    return (
        spread > bias[3]
        or max(2 * Delta_tilde, spread) > BOLTZMANN * T / HBAR
        or 2 * Delta_tilde > resonant * (mean * mean + deviation * deviation)
    )


def cold(bias) -> bool:
    """Whether the bias without grains in resonance is as likely as FLOOR of its maximum, by the Gaussian envelope."""
    mean, deviation = mean_and_deviation(bias)
    return 0.5 * mean * mean > -math.log(FLOOR) * deviation * deviation


def narrow_phase(Lambda, variance, finite):
    """Whether a phase of variance 2 lambda' is narrower than the panels of its average, which are used with a finite
    bias and beyond the table of lambda - lambda' = `Lambda`: a boolean array."""
    return (variance > 0) & (variance < NARROWEST_PHASE) & (finite | (Lambda > TABULATED))
