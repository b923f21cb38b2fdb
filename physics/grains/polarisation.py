"""The correlation P(t) = <tau_z(t) tau_z(0)> of a magnetic grain, paper 002, eqs. (4)-(6), as sums over a rule.

With x = 4 Delta_tilde t and u = |cos(phi) J_M(z)|, a flat distribution of the bias gives

    (1 - P)/A = sum_M <u B(x u)>,   B(x) = int_0^x J_0

and any other, W(eps) with the characteristic function w(tau), tau in units of 1/(2 Delta_tilde), c = 1 or 2,

    1 - P = (c/2) sum_M int_0^x dtau Re[w(tau) exp(-i M omega0 tau/(4 Delta_tilde))] <u^2 q(u; x, tau)>
    q = int_tau^x dy J_0(u sqrt(y^2 - tau^2))

because dP/dt of one system is a sine over E, whose Fourier transform in the bias is a Bessel function. q is smooth in
tau, so that it is computed at a few tau and the oscillations of w are integrated against its interpolation.
"""

import math

import numpy as np

from physics.grains.averages import blocking_and_phase_rule, mean_cosine, reduced
from physics.grains.bias import GAUSSIAN, REACH
from physics.grains.limits import X_MAX
from physics.grains.spectrum import CUMULATIVE
from physics.grains.susceptibility import integrals
from physics.numerics.bessel import J0, bessel_table, integral_of_J0, integral_table
from physics.numerics.compiled import compiled, compiled_entry
from physics.numerics.quadrature import gauss_legendre
from physics.parameters import Parameter

X = Parameter("x", "x", "1", "time in units of 1/(4 Delta)", upper=X_MAX)
X_FIRST = 8.0


def depolarisation(x, coflip, *, coflip_z=0.0, Phi=0.0):
    """(1 - P)/A for a flat distribution of the bias, eq. (5) of paper 002 with (6) corrected, in reduced units.

        (1 - P)/A = sum_M <u_M B(x u_M)>,   u_M = |cos(phi) J_M(2 sqrt((lambda - lambda') y))|

    x (1) = 4 Delta_tilde t, at most 1024; coflip (1) = lambda, 0 ... 100; coflip_z (1) = lambda' <= lambda, or infinite
    for a uniform phase, where only lambda - lambda' = `coflip` counts; Phi (1). x is an array, the others are scalars.
    Returns an array like x, relative accuracy 1e-11. Raises ParameterError outside the domain.
    Limits: x <cos^2 phi> for x -> 0; `final_depolarisation` for x -> inf; 2 sum_k J_(2k+1)(x) for lambda -> 0, Phi = 0.
    """
    Lambda, variance = reduced(coflip, coflip_z)
    x = X.check(x)
    return flat_sums(x.ravel(), Lambda, variance, float(Phi)).reshape(x.shape)


def final_depolarisation(coflip, *, coflip_z=0.0, Phi=0.0) -> float:
    """[1 - P(infinity)]/A = <|cos(phi)|> sum_M <|J_M|>, flat bias; arguments (scalars) as `depolarisation`.

    1 for lambda -> 0 and Phi = 0, then growing as the coflips open further channels. Relative accuracy 1e-12.
    """
    Lambda, variance = reduced(coflip, coflip_z)
    return mean_cosine(float(Phi), variance) * integrals(CUMULATIVE, np.array([1e30]), Lambda)[0] / math.pi


def _class_of(x):
    """The smallest of 8, 16, ... 1024 that is not below x: one rule serves all times up to there."""
    return X_FIRST * 2.0 ** np.maximum(0, np.ceil(np.log2(x / X_FIRST)))


def _degree(x):
    """Degree in u^2 of a polynomial that is B(x u)/u to the last bit."""
    return math.ceil(0.5 * x + 5 * (0.5 * x) ** (1 / 3) + 14)


def flat_sums(x, Lambda, variance, Phi):
    """sum_M <u B(x u)> for x (1-d array) at lambda - lambda' = `Lambda` and a phase of variance 2 lambda' about Phi."""
    result = np.empty(x.shape)
    classes = _class_of(x)
    for end in np.unique(classes):
        chosen = classes == end
        u, weights = blocking_and_phase_rule(Lambda, variance, Phi, _degree(end))
        # -M counts as much as M.
        weights = 2 * weights.sum(axis=0) - weights[0]
        found = np.empty(int(chosen.sum()))
        _flat(np.array(x[chosen]), np.array(u), weights, integral_table(), found)
        result[chosen] = found
    return result


@compiled_entry
def _flat(x, u, weights, integrals, found):
    for i in range(len(x)):
        total = 0.0
        for k in range(len(u)):
            a = x[i] * u[k]
            total += weights[k] * (integral_of_J0(a, integrals) / u[k] if a > 1e-100 else x[i])
        found[i] = total


def finite_sums(x, Lambda, variance, Phi, bias):
    """(1 - P)/c for x (1-d array) and the distribution of the bias `bias` (see `physics.grains.bias`), its width not
    below Delta_tilde; relative accuracy 1e-9."""
    result = np.empty(x.shape)
    classes = _class_of(x)
    for end in np.unique(classes):
        chosen = classes == end
        u, weights = blocking_and_phase_rule(Lambda, variance, Phi, _degree(end))
        found = np.empty(int(chosen.sum()))
        tables = bessel_table(), integral_table(), gauss_legendre()
        _finite(np.array(x[chosen]), np.array(u), np.array(weights), bias, *tables, found)
        result[chosen] = found
    return result


@compiled
def _characteristic(tau, bias):
    """The modulus and the phase of int deps W(eps) exp(i eps tau), with tau in units of 1/unit."""
    tau = tau / bias[6]
    step, spins, width, inverse = bias[1], bias[2], bias[3], bias[4]
    size = math.exp(-0.5 * (width * tau) ** 2)
    angle = -width * width * inverse * tau
    if bias[0] == GAUSSIAN:
        return size, angle
    cosine, sine = math.cos(step * tau), -math.tanh(step * inverse) * math.sin(step * tau)
    return size * (cosine * cosine + sine * sine) ** (0.5 * spins), angle + spins * math.atan2(sine, cosine)


@compiled_entry
def _finite(x, u, weights, bias, table, integrals, rule, found):
    orders, nodes = weights.shape
    for i in range(len(x)):
        end = min(x[i], REACH * bias[6] / bias[3])
        count = 18 + int(1.5 * end)
        # <u^2 q> for every order at Chebyshev points in tau, and then its series.
        values = np.zeros((count, orders))
        weighted = np.empty(nodes)
        for d in range(count):
            tau = 0.5 * end * (1 + math.cos(math.pi * (d + 0.5) / count))
            panels = 1 + int((x[i] - tau) / 6)
            weighted[:] = 0.0
            for panel in range(panels):
                for j in range(rule.shape[1]):
                    y = tau + (x[i] - tau) * (panel + rule[0, j]) / panels
                    weight = rule[1, j] * (x[i] - tau) / panels
                    root = math.sqrt((y - tau) * (y + tau))
                    for k in range(nodes):
                        weighted[k] += weight * J0(u[k] * root, table, integrals)
            for order in range(orders):
                total = 0.0
                for k in range(nodes):
                    total += weights[order, k] * weighted[k]
                values[d, order] = total
        series = np.zeros((count, orders))
        for n in range(count):
            for d in range(count):
                series[n] += values[d] * (math.cos(math.pi * n * (d + 0.5) / count) * (1.0 if n == 0 else 2.0) / count)
        # The moments of the characteristic function against the Chebyshev polynomials.
        rate = 0.5 * orders * bias[5] + bias[3] * (bias[3] * bias[4] + REACH)
        if bias[0] != GAUSSIAN:
            rate += bias[1] * (REACH * math.sqrt(bias[2]) + bias[2] * math.tanh(bias[1] * bias[4]))
        panels = 1 + int(end * rate / bias[6] / 12)
        total = 0.0
        for panel in range(panels):
            for j in range(rule.shape[1]):
                part = (panel + rule[0, j]) / panels
                size, angle = _characteristic(end * part, bias)
                if size < 1e-18:
                    continue
                weight = end / panels * rule[1, j] * size * math.cos(angle)
                turn = math.cos(0.5 * bias[5] / bias[6] * end * part)
                before, here = turn, 1.0
                for order in range(orders):
                    y = 2 * part - 1
                    above, now = 0.0, 0.0
                    for n in range(count - 1, 0, -1):
                        above, now = now, 2 * y * now - above + series[n, order]
                    value = y * now - above + series[0, order]
                    total += weight * here * value * (1.0 if order == 0 else 2.0)
                    before, here = here, 2 * turn * here - before
        found[i] = 0.5 * total
