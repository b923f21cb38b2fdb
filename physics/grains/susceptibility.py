"""The spectrum chi''(omega) = Re int dt exp(i omega t) [P(t) - P(infinity)] of a magnetic grain, paper 002, eq. (7)."""

import math

import numpy as np
from scipy.special import erfcx

from physics.grains.averages import DEEP, reduced
from physics.grains.bias import FLAT, greatest_density
from physics.grains.lobes import lobe_sums
from physics.grains.panels import LOWEST, empty_table, evaluate, fill, missing_panels, points
from physics.grains.phases import average, packed_phase
from physics.grains.spectrum import CUMULATIVE, SPECTRUM, TAYLOR, spectrum_at
from physics.numerics.bessel import bessel_landmarks, bessel_table
from physics.numerics.compiled import compiled_entry
from physics.numerics.quadrature import gauss_legendre
from physics.parameters import Parameter

FREQUENCY = Parameter("W", "W", "1", "frequency in units of 4 Delta")
SMALL = Parameter("coflip", r"\lambda", "1", "coflip number", upper=0.1)
# Beyond there are so many cusps that a table is longer than what is asked of it.
TABULATED = 12.0
NO_BIAS = np.array([FLAT, 0, 0, 0, 0, 0, 0], dtype=np.float64)
# A bias may favour orders far out: exp(-DEEP_BIAS) of the weight over y is left out with it, and a spectrum below
# FLOOR of that for the greatest density everywhere is not resolved.
DEEP_BIAS = 46.0
FLOOR = 1e-10


def spectrum(W, coflip, *, coflip_z=0.0, Phi=0.0):
    """chi'' Delta_tilde/A for a flat distribution of the bias, eq. (7) of paper 002 for any lambda, in reduced units.

        chi'' Delta_tilde/A = (1/2W) sum_M <u_M^2 (W^2 - u_M^2)^(-1/2) theta(W - u_M)>

    W (1) = omega/(4 Delta_tilde), an array; coflip, coflip_z, Phi as in `physics.grains.polarisation.depolarisation`.
    Returns an array like W; relative accuracy 1e-9 where W is 1e-6 away from the cusps |cos(Phi) J_M(j'_(M,s))| (and
    |cos(Phi)| for lambda -> 0), at which it is infinite (logarithmically; for lambda = lambda' as an inverse square
    root), but not better than a rounding error of W, 1e-16/lambda, at the edge W = 1 for lambda << 1. With
    lambda - lambda' > 12, beyond the table, a phase with 0 < lambda' < 0.02 is narrower than the panels: errors 1e-5 at
    lambda' = 5e-3, 2e-4 at 1e-3 and 0.1 at 5e-6.
    Raises ParameterError outside the domain.
    Limits: 1/(2 W^2) <cos^2 phi> for W >> 1; int_0^inf chi'' domega = pi A final_depolarisation; `edge_spectrum`.
    """
    W = FREQUENCY.check(W)
    Lambda, variance = reduced(coflip, coflip_z)
    found = integrals(SPECTRUM, W.ravel(), Lambda, variance, Phi)
    return found.reshape(W.shape) / (2 * W)


def cumulative_spectrum(W, coflip, *, coflip_z=0.0, Phi=0.0):
    """C/A = (1/A) int_0^omega chi'' domega', which is smooth, as an array like W; arguments as `spectrum`.

        C/A = sum_M <2 u_M arccos(u_M/W) theta(W - u_M)>

    Relative accuracy 1e-11. Limit: pi final_depolarisation for W -> inf. Raises ParameterError outside the domain.
    """
    W = FREQUENCY.check(W)
    Lambda, variance = reduced(coflip, coflip_z)
    return integrals(CUMULATIVE, W.ravel(), Lambda, variance, Phi).reshape(W.shape)


def edge_spectrum(W, coflip):
    """chi'' Delta_tilde/A about W = 1 for lambda << 1, lambda' = 0, Phi = 0, as an array of the broadcast shape.

        (1/2) sqrt(pi/2 lambda) f(s),  s = (1 - W)/lambda;   f = exp(-s), s > 0;   exp(|s|) erfc(sqrt|s|), s < 0

    The inverse square root of eq. (7), smeared by u_0 = 1 - lambda y. Error O(lambda + |1 - W|), relative.
    W, coflip (1, coflip at most 0.1): arrays that broadcast. Raises ParameterError.
    """
    W, coflip = FREQUENCY.check(W), SMALL.check(coflip)
    s = (1 - W) / coflip
    form = np.where(s >= 0, np.exp(-np.maximum(s, 0)), erfcx(np.sqrt(np.maximum(-s, 0))))
    return 0.5 * np.sqrt(math.pi / (2 * coflip)) * form


def integrals(kind, W, Lambda, variance=0.0, Phi=0.0, bias=NO_BIAS):
    """The integral of `physics.grains.spectrum` of one kind for W (1-d array) and scalars.

    The spectrum of a flat bias is tabulated for L <= TABULATED; all else is integrated for each W.
    """
    phase = packed_phase(float(Phi), float(variance))
    if kind != SPECTRUM or bias[0] != FLAT or not 0 < Lambda <= TABULATED or phase[0] == variance == 0:
        return direct_integrals(kind, W, Lambda, variance, Phi, bias)
    factor = phase[0] if variance == 0 else 1.0
    scaled = np.array(W) / factor
    found, tiny = np.empty(len(W)), scaled < 2.0**-LOWEST
    found[tiny] = direct_integrals(kind, W[tiny], Lambda, variance, Phi)
    found[~tiny] = factor * _from_table(scaled[~tiny], Lambda, phase)
    return found


def biased_spectrum(W, Lambda, variance, Phi, bias):
    """The spectrum (see `integrals`) for a distribution of the bias, 0 where it is below FLOOR of what the greatest
    density would give at every bias."""
    found = direct_integrals(SPECTRUM, W, Lambda, variance, Phi, bias)
    most = greatest_density(bias) * integrals(SPECTRUM, W, Lambda, variance, Phi)
    return np.where(found < FLOOR * most, 0.0, found)


def _from_table(W, Lambda, phase):
    """The spectrum by a table of L = `Lambda` that grows as it is used."""
    table = empty_table(float(Lambda))
    fixed = phase[1] == 0
    for panel in missing_panels(table, W, beyond=not fixed):
        nodes = points(table, panel)
        fill(table, panel, nodes, lobe_sums(nodes, float(Lambda)))
    found = np.empty(len(W))
    if fixed:
        evaluate(W, *table[:4], found)
    else:
        average(W, phase, *table[:4], gauss_legendre(), found)
    return found


def direct_integrals(kind, W, Lambda, variance=0.0, Phi=0.0, bias=NO_BIAS):
    """The integral of one kind, computed for each W (1-d array)."""
    found = np.empty(len(W))
    tables = bessel_table(), bessel_landmarks(), gauss_legendre()
    deep = DEEP if bias[0] == FLAT else DEEP_BIAS
    _each(kind, np.array(W), Lambda, packed_phase(float(Phi), float(variance)), np.array(bias), *tables, deep, found)
    return found


@compiled_entry
def _each(kind, W, Lambda, phase, bias, table, landmarks, rule, deep, found):
    series = np.empty(TAYLOR)
    for i in range(len(W)):
        found[i] = spectrum_at(kind, W[i], Lambda, phase, bias, table, landmarks, rule, deep, series)
