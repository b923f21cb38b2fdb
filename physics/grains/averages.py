"""The averages of paper 002, eq. (5), over orthogonality blocking y and topological phase, as quadrature rules.

With z = 2 sqrt((lambda - lambda') y) the weight exp(-y) dy is (z/2L) exp(-z^2/4L) dz, L = lambda - lambda', and
sum_nu F(nu) exp(2 i nu (Phi - phi)), F = exp(-4 lambda' nu^2), is the density of a normal phase of variance 2 lambda'
about Phi, modulo pi. P(t) depends on u_M = |cos(phi) J_M(z)| through entire functions of u^2, so that a rule that is
exact for polynomials in J_M^2 up to a degree serves all of them.
"""

import math
from functools import lru_cache

import numpy as np

from physics.numerics.bessel import bessel_row
from physics.numerics.compiled import compiled, compiled_entry
from physics.numerics.quadrature import gauss_legendre
from physics.parameters import ParameterError

# exp(-DEEP) of the weight over y is left out, and NORMAL_END standard deviations of a normal phase kept.
DEEP = 38.0
NORMAL_END = 8.8
# Above this variance of the phase its Fourier series is shorter than a sum over images.
WIDE = 0.1
COFLIP_MAX = 100.0
# Coflip numbers below change nothing.
NEGLIGIBLE = 1e-13


def reduced(coflip, coflip_z) -> tuple[float, float]:
    """lambda - lambda' and the variance 2 lambda' of the phase, from lambda = `coflip` and lambda' = `coflip_z`.

    An infinite lambda' means a uniform phase, where only lambda - lambda' = `coflip` counts. ParameterError unless
    0 <= lambda <= 100 and 0 <= lambda' <= lambda.
    """
    coflip, coflip_z = float(coflip), float(coflip_z)
    if not 0 <= coflip <= COFLIP_MAX:
        raise ParameterError(f"coflip = {coflip:g} is outside its domain; allowed: 0 to {COFLIP_MAX:g}")
    if math.isinf(coflip_z) and coflip_z > 0:
        return coflip, math.inf
    if not 0 <= coflip_z <= coflip:
        raise ParameterError(
            f"coflip_z = {coflip_z:g} is outside its domain; allowed: 0 to coflip = {coflip:g}, or inf"
        )
    return negligible_is_zero(coflip - coflip_z), negligible_is_zero(2 * coflip_z)


def negligible_is_zero(coflip):
    """0 for a coflip number (1, >= 0, scalar or array) that is too small to be seen in twelve digits."""
    return np.where(np.abs(coflip) < NEGLIGIBLE, 0.0, coflip)[()]


@compiled
def _add(weights, squares, before, here, doubled, count, moments):
    """moments[n, k] += weights[k] T_n(2 squares[k] - 1) for k below `count`; the other arrays are to work in."""
    for k in range(count):
        doubled[k] = 2 * (2 * squares[k] - 1)
        before[k] = weights[k]
        here[k] = 0.5 * doubled[k] * weights[k]
        moments[0, k] += before[k]
    for n in range(1, len(moments)):
        line = moments[n]
        for k in range(count):
            line[k] += here[k]
            ahead = doubled[k] * here[k] - before[k]
            before[k] = here[k]
            here[k] = ahead


@compiled_entry
def _moments(Lambda, rule, moments):
    """moments[n, M] = <J_M^2 T_n(2 J_M^2 - 1)> over y."""
    degrees, orders = moments.shape
    end = math.sqrt(4 * Lambda * DEEP)
    widest = min(1.0, math.sqrt(Lambda))
    row, weights, squares = np.empty(orders), np.empty(orders), np.empty(orders)
    before, here, doubled = np.empty(orders), np.empty(orders), np.empty(orders)
    moments[:] = 0.0
    low = 0.0
    for _ in range(math.ceil(end / min(widest, 16 / (1.5 * degrees + 4))) + 1):
        # T_n turns as fast as arccos|J_M|, whose slope is below 0.8/sqrt(z) for every M.
        turning = min(1.0, 1.2 / math.sqrt(max(low, 1.0)))
        high = min(end, low + min(widest, 16 / (1.5 * degrees * turning + 4)))
        for i in range(rule.shape[1]):
            z = low + (high - low) * rule[0, i]
            bessel_row(z, row)
            weight = (high - low) * rule[1, i] * z / (2 * Lambda) * math.exp(-z * z / (4 * Lambda))
            count = 0
            for order in range(orders):
                squares[order] = row[order] * row[order]
                if order > z and squares[order] < 1e-19:
                    break
                weights[order] = weight * squares[order]
                count += 1
            _add(weights, squares, before, here, doubled, count, moments)
        low = high
        if low >= end:
            break


@compiled_entry
def _phase_moments(nodes, cosines, parts, moments):
    """moments[n, k] = <cos^2 T_n(2 (nodes[k] cos)^2 - 1)> over the phase."""
    size = len(nodes)
    weights, squares = np.empty(size), np.empty(size)
    before, here, doubled = np.empty(size), np.empty(size), np.empty(size)
    moments[:] = 0.0
    for i in range(len(cosines)):
        for k in range(size):
            squares[k] = (nodes[k] * cosines[i]) ** 2
            weights[k] = parts[i] * cosines[i] ** 2
        _add(weights, squares, before, here, doubled, size, moments)


def _chebyshev(degree):
    """The points |u| of a rule for polynomials in u^2 up to `degree`, and the matrix [n, k] that makes its weights
    from the moments of T_n(2 u^2 - 1)."""
    points = np.cos(np.pi * (np.arange(degree + 1) + 0.5) / (degree + 1))
    polynomials = np.cos(np.arange(degree + 1)[:, None] * np.arccos(points))
    polynomials[1:] *= 2
    return np.sqrt(0.5 * (1 + points)), polynomials / (degree + 1)


@lru_cache(maxsize=64)
def blocking_rule(Lambda: float, degree: int) -> tuple[np.ndarray, np.ndarray]:
    """Nodes j_k and weights w[M, k] with <J_M^2 g(J_M^2)> = sum_k w[M, k] g(j_k^2) for polynomials g up to `degree`.

    `Lambda` = lambda - lambda' (1, >= 0), M = 0, 1, ... as far as J_M counts; J_-M = -J_M.
    """
    nodes, polynomials = _chebyshev(degree)
    if Lambda == 0.0:
        moments = np.ones((degree + 1, 1))
    else:
        moments = np.empty((degree + 1, int(math.sqrt(4 * Lambda * DEEP)) + 42))
        _moments(Lambda, gauss_legendre(), moments)
    return nodes, np.einsum("nm,nk->mk", moments, polynomials)


@lru_cache(maxsize=64)
def blocking_and_phase_rule(Lambda: float, variance: float, Phi: float, degree: int) -> tuple[np.ndarray, np.ndarray]:
    """Nodes u_k and weights w[M, k] with <u_M^2 g(u_M^2)> = sum_k w[M, k] g(u_k^2), u_M = |cos(phi) J_M|, for
    polynomials g up to `degree`; the average over the phase is taken here, so that there are no more nodes with it.

    Arguments as those of `blocking_rule` and `phase_rule`.
    """
    nodes, weights = blocking_rule(Lambda, degree)
    cosines, parts = phase_rule(Phi, variance, degree + 1)
    if len(cosines) == 1:
        return nodes * cosines[0], weights * cosines[0] ** 2
    moments = np.empty((degree + 1, len(nodes)))
    _phase_moments(nodes, cosines, parts, moments)
    moments = np.einsum("mk,nk->mn", weights, moments)
    return nodes, np.einsum("mn,nk->mk", moments, _chebyshev(degree)[1])


def folded(Phi: float) -> float:
    """The phase between 0 and pi/2 with the same cos^2."""
    Phi = math.fmod(abs(Phi), math.pi)
    return min(Phi, math.pi - Phi)


def phase_rule(Phi: float, variance: float, degree: int) -> tuple[np.ndarray, np.ndarray]:
    """Nodes |cos(phi)| and weights of the average over the phase, exact for polynomials in cos^2 up to `degree`.

    Phi (1) the phase, variance = 2 lambda' (1), zero for a fixed and infinite for a uniform phase.
    """
    if variance == 0.0:
        return np.array([math.cos(folded(Phi))]), np.ones(1)
    highest = 0 if math.isinf(variance) else math.ceil(math.sqrt(DEEP / (2 * variance)))
    periodic = degree + 1 + highest
    deviation = math.sqrt(variance)
    step = 2 * math.pi / (2 * degree * deviation + NORMAL_END) if highest else math.inf
    if not highest or periodic < 2 * NORMAL_END / step:
        phases = math.pi * (np.arange(periodic) + 0.5) / periodic
        weights = np.ones(periodic)
        for nu in range(1, highest + 1):
            weights += 2 * math.exp(-2 * variance * nu * nu) * np.cos(2 * nu * (phases - Phi))
        return np.abs(np.cos(phases)), weights / periodic
    half = math.ceil(NORMAL_END / step)
    steps = step * np.arange(-half, half + 1)
    return np.abs(np.cos(Phi + deviation * steps)), step / math.sqrt(2 * math.pi) * np.exp(-0.5 * steps**2)


def mean_cosine(Phi: float, variance: float) -> float:
    """<|cos(phi)|> over the phase, error below 1e-14; 2/pi for a uniform phase."""
    if variance == 0.0:
        return math.cos(folded(Phi))
    if variance > WIDE:
        nu = np.arange(1, 1 + math.ceil(math.sqrt(DEEP / (2 * variance))) if math.isfinite(variance) else 1)
        terms = -((-1.0) ** nu) / (4 * nu**2 - 1) * np.exp(-2 * variance * nu**2) * np.cos(2 * nu * Phi)
        return float(2 / math.pi + 4 / math.pi * terms.sum())
    deviation = math.sqrt(variance)
    low, high = Phi - NORMAL_END * deviation, Phi + NORMAL_END * deviation
    kinks = math.pi * (np.arange(math.floor(low / math.pi), math.ceil(high / math.pi) + 1) + 0.5)
    edges = np.sort(np.concatenate([np.linspace(low, high, 13), kinks[(kinks > low) & (kinks < high)]]))
    x, w = gauss_legendre()
    width = np.diff(edges)[:, None]
    phi = edges[:-1, None] + width * x
    density = np.exp(-0.5 * ((phi - Phi) / deviation) ** 2) / (deviation * math.sqrt(2 * math.pi))
    return float((width * w * density * np.abs(np.cos(phi))).sum())
