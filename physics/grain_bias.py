"""The distribution W(epsilon) of the bias on a magnetic grain by its nuclei, with its Boltzmann factor, paper 002.

Two limits of mu = N^(1/2) dw/w0: a Gaussian of width sigma = e1 sqrt(N), where the polarisation groups overlap, and
groups at e1 dN, dN = -N, -N + 2, ... N, each a Gaussian of width s = mu w0, with binomial weights. e1 is w0 as the text
of the paper has it ("published") or w0/2, as eq. (2) gives ("consistent"). W exp(-eps/T)/Z is exact: Gaussians move by
-(width)^2/T and the spins are up with the probability 1/(1 + exp(2 e1/T)). Everything here is in rad/s.

A distribution is packed as (kind, e1, N, width, 1/T, w0, unit), width that of the Gaussian or of one group, unit the
energy 2 Delta of the calling integral, and 1/T = hbar/k_B T.
"""

import math

import numpy as np

from physics.compiled import compiled
from physics.constants import BOLTZMANN, HBAR

FLAT, GAUSSIAN, GROUPS = 0, 1, 2
# Standard deviations of a Gaussian that count.
REACH = 9.0


@compiled
def density(epsilon, bias):
    """W(epsilon) exp(-epsilon/T)/Z (s) at the bias epsilon (rad/s)."""
    step, spins, width, inverse = bias[1], bias[2], bias[3], bias[4]
    norm = 1 / (width * math.sqrt(2 * math.pi))
    if bias[0] == GAUSSIAN:
        return norm * math.exp(-0.5 * ((epsilon + width * width * inverse) / width) ** 2)
    middle = (epsilon + width * width * inverse) / step
    lowest = max(-spins, middle - REACH * width / step)
    highest = min(spins, middle + REACH * width / step)
    up = 1 / (1 + math.exp(min(700.0, 2 * step * inverse)))
    total = 0.0
    for flipped in range(math.ceil(0.5 * (spins + lowest)), math.floor(0.5 * (spins + highest)) + 1):
        weight = math.lgamma(spins + 1) - math.lgamma(flipped + 1) - math.lgamma(spins - flipped + 1)
        if up < 0.5:
            weight += flipped * math.log(up) + (spins - flipped) * math.log1p(-up)
        else:
            weight -= spins * math.log(2)
        total += norm * math.exp(weight - 0.5 * ((middle - (2 * flipped - spins)) * step / width) ** 2)
    return total


@compiled
def mean_density(energy, order, bias):
    """The mean of W over the two biases +-energy (in units of `unit`) and, for order > 0, over M = +-order, twice; 1
    for the flat distribution. It multiplies what is counted once for each |M|."""
    if bias[0] == FLAT:
        return 1.0
    shift = 0.5 * order * bias[5]
    energy *= bias[6]
    total = density(energy + shift, bias) + density(-energy + shift, bias)
    if order > 0:
        total += density(energy - shift, bias) + density(-energy - shift, bias)
    return 0.5 * total


def packed_bias(kind, omega0, N_nuclei, domega0, T, Delta_tilde, convention):
    """The distribution as `density` wants it: kind (FLAT, GAUSSIAN or GROUPS), omega0, domega0, Delta_tilde (rad/s),
    N_nuclei (1), T (K), scalars."""
    step = omega0 if convention == "published" else 0.5 * omega0
    width = step * math.sqrt(N_nuclei) if kind != GROUPS else domega0 * math.sqrt(N_nuclei)
    return np.array([kind, step, N_nuclei, width, HBAR / (BOLTZMANN * T), omega0, 2 * Delta_tilde], dtype=np.float64)
