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

from physics.constants import BOLTZMANN, HBAR
from physics.numerics.compiled import compiled

FLAT, GAUSSIAN, GROUPS = 0, 1, 2
# Standard deviations of a Gaussian that count.
REACH = 9.0


@compiled
def _stirling_rest(n):
    """ln n! less (n + 1/2) ln n - n + ln(2 pi)/2, n >= 1."""
    if n < 16:
        return math.lgamma(n + 1) - (n + 0.5) * math.log(n) + n - 0.5 * math.log(2 * math.pi)
    square = n * n
    return (1 / 12 - (1 / 360 - (1 / 1260 - 1 / (1680 * square)) / square) / square) / n


@compiled
def _deviance(part, mean, log_mean):
    """part ln(part/mean) + mean - part, without cancellation where part is close to mean."""
    gap = part - mean
    if abs(gap) > 0.1 * (part + mean):
        return part * (math.log(part) - log_mean) - gap
    v = gap / (part + mean)
    total, power = gap * v, 2 * part * v
    for k in range(3, 31, 2):
        power *= v * v
        total += power / k
    return total


@compiled
def log_binomial(up, N, log_p, log_q):
    """The logarithm of binom(N, up) p^up q^(N - up), p + q = 1, error 1e-13 for any N (Loader's saddle point)."""
    if up == 0:
        return N * log_q
    down = N - up
    if down == 0:
        return N * log_p
    logarithm = math.log(N)
    rest = _stirling_rest(N) - _stirling_rest(up) - _stirling_rest(down)
    rest -= _deviance(up, N * math.exp(log_p), logarithm + log_p)
    rest -= _deviance(down, N * math.exp(log_q), logarithm + log_q)
    return rest + 0.5 * math.log(N / (2 * math.pi * up * down))


@compiled
def _ascent(up, N, drop, middle, sharpness):
    """The logarithm of the term of `up` + 1 spins over that of `up`; it falls with `up`."""
    return math.log((N - up) / (up + 1)) - drop + 2 * sharpness * (middle - (2 * up - N) - 1)


@compiled
def density(epsilon, bias):
    """W(epsilon) exp(-epsilon/T)/Z (s) at the bias epsilon (rad/s), relative accuracy 1e-12 times its logarithm.

    The terms of the groups rise to one maximum and fall: they are summed from there until they no longer count.
    """
    step, N, width, inverse = bias[1], bias[2], bias[3], bias[4]
    norm = 1 / (width * math.sqrt(2 * math.pi))
    if bias[0] == GAUSSIAN:
        return norm * math.exp(-0.5 * ((epsilon + width * width * inverse) / width) ** 2)
    middle = (epsilon + width * width * inverse) / step
    sharpness = (step / width) ** 2
    drop = 2 * step * inverse
    low, high = 0.0, N
    for _ in range(64):
        if low >= high:
            break
        half = math.floor(0.5 * (low + high))
        if _ascent(half, N, drop, middle, sharpness) > 0:
            low = half + 1
        else:
            high = half
    log_q = -math.log1p(math.exp(-drop))
    largest = math.exp(log_binomial(low, N, log_q - drop, log_q) - 0.5 * sharpness * (middle - (2 * low - N)) ** 2)
    total, term = largest, largest
    for up in range(int(low), int(N)):
        if term <= 1e-18 * total:
            break
        term *= math.exp(_ascent(float(up), N, drop, middle, sharpness))
        total += term
    term = largest
    for up in range(int(low) - 1, -1, -1):
        if term <= 1e-18 * total:
            break
        term *= math.exp(-_ascent(float(up), N, drop, middle, sharpness))
        total += term
    return norm * total


@compiled
def greatest_density(bias):
    """W(epsilon) exp(-epsilon/T)/Z (s) at its maximum, or for groups at the centre of the largest group."""
    step, N, width, inverse = bias[1], bias[2], bias[3], bias[4]
    centre = -width * width * inverse
    if bias[0] == GROUPS:
        centre += step * (2 * min(N, math.floor((N + 1) / (1 + math.exp(min(700.0, 2 * step * inverse))))) - N)
    return density(centre, bias)


def mean_and_deviation(bias):
    """The mean (rad/s, not above 0) and the standard deviation (rad/s) of the bias."""
    step, N, width, inverse = bias[1], bias[2], bias[3], bias[4]
    mean, variance = -width * width * inverse, width * width
    if bias[0] == GROUPS:
        polarised = math.tanh(step * inverse)
        mean -= N * step * polarised
        variance += N * step * step * (1 - polarised) * (1 + polarised)
    return mean, math.sqrt(variance)


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
