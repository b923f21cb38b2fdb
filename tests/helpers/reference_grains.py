"""Coherence of magnetic grains in the slow and obvious way: paper 002, eqs. (2)-(7), with hbar = k_B = 1.

One two-level system by its matrix exponential, averages by nested quadrature, and the susceptibility by tanh-sinh
quadrature between all points at which an integrand is not smooth.
"""

from functools import cache
from itertools import pairwise

import mpmath
import numpy as np
from scipy.linalg import expm
from scipy.optimize import brentq
from scipy.special import comb, ellipe, ellipk, ellipkm1, jn_zeros, jnp_zeros, jv

SIGMA_X, SIGMA_Z = np.array([[0, 1], [1, 0]], complex), np.array([[1, 0], [0, -1]], complex)


def correlation(t, eps, Delta):
    """<tau_z(t) tau_z(0)> of H = eps tau_z + Delta tau_x at infinite temperature."""
    U = expm(-1j * t * (eps * SIGMA_Z + Delta * SIGMA_X))
    return float(np.trace(U.conj().T @ SIGMA_Z @ U @ SIGMA_Z).real) / 2


def flat_bias(x):
    """int deps sin^2(E t) 2 Delta/(pi E^2) over all biases, eps = Delta sinh(v) and x = 2 Delta t, on a contour that
    turns the oscillation into a decay: sin^2 = (1 - cos)/2 and v -> v + i pi/2 tanh(v)."""
    with mpmath.workdps(25):

        def oscillating(v):
            shifted = v + 0.5j * mpmath.pi * mpmath.tanh(v)
            slope = 1 + 0.5j * mpmath.pi * mpmath.sech(v) ** 2
            return (mpmath.exp(1j * x * mpmath.cosh(shifted)) * slope / mpmath.cosh(shifted)).real

        return float(1 - 2 / mpmath.pi * mpmath.quad(oscillating, [0, 0.5, 1, 2, 4, 6, 9]))


def lost(t, density, Lambda, cosine, Delta_tilde, omega0, reach):
    """1 - P over c, eqs. (4)-(6), at one time: the trapezoidal rule over the bias, |eps| < reach, of an integrand that
    is an entire function of it, Gauss's rule over z and the sum over M."""
    eps = np.arange(-reach, reach, min(0.2 / t, reach / 500))
    weight = density(eps) * (eps[1] - eps[0])
    if Lambda == 0:
        z, over_z, orders = np.zeros(1), np.ones(1), range(1)
    else:
        x, w = np.polynomial.legendre.leggauss(44)
        z = np.sqrt(4 * Lambda * 40) * (x + 1) / 2
        over_z = np.sqrt(4 * Lambda * 40) / 2 * w * z / (2 * Lambda) * np.exp(-z * z / (4 * Lambda))
        orders = range(-int(z[-1]) - 13, int(z[-1]) + 14)
    total = 0.0
    for M in orders:
        Delta = 2 * Delta_tilde * cosine * abs(jv(M, z))[:, None]
        E = np.sqrt((eps - M * omega0 / 2) ** 2 + Delta**2)
        one = Delta**2 * t * t * np.sinc(E * t / np.pi) ** 2
        total += np.sum(over_z[:, None] * weight * one)
    return total


def gaussian(eps, sigma, inverse):
    """exp(-eps^2/2 sigma^2 - eps/T), normalised by a sum over a fine grid."""
    grid = np.linspace(-15 * sigma, 15 * sigma, 40001)
    norm = np.sum(np.exp(-0.5 * (grid / sigma) ** 2 - grid * inverse)) * (grid[1] - grid[0])
    return np.exp(-0.5 * (eps / sigma) ** 2 - eps * inverse) / norm


def groups(eps, step, N, width, inverse):
    """Groups at step dN, dN = -N ... N, each Gaussian, binomial weights, times exp(-eps/T), normalised."""
    return _groups(np.atleast_1d(eps), step, N, width, inverse) / _norm_of_groups(step, N, width, inverse)


def _groups(eps, step, N, width, inverse):
    centres = step * (2 * np.arange(N + 1) - N)
    numbers = np.array([comb(N, k, exact=True) / 2**N for k in range(N + 1)])
    shape = np.exp(-0.5 * ((eps[:, None] - centres) / width) ** 2) / (width * np.sqrt(2 * np.pi))
    return (shape * numbers).sum(axis=1) * np.exp(-eps * inverse)


@cache
def _norm_of_groups(step, N, width, inverse):
    grid = np.arange(-step * N - 12 * width, step * N + 12 * width, width / 4)
    return np.sum(_groups(grid, step, N, width, inverse)) * width / 4


def tanh_sinh(function, low, high, step=0.06):
    """The integral of function(z) by tanh-sinh quadrature. At an end the distance is q^2, so that an inverse square
    root there, whose argument is a difference of rounded numbers, becomes finite."""
    t = np.arange(-3.6, 3.6 + step / 2, step)
    q = 1 / (1 + np.exp(-np.pi * np.sinh(t)))
    weight = np.pi * np.cosh(t) * q * (1 - q) * step
    half = (high - low) / 2
    values = function(low + half * q * q) + function(high - half * q * q)
    return float(np.sum(2 * q * half * weight * values))


def pieces(order, level, end):
    """0, zeros and turning points of J_order, the roots of |J_order| = level, up to `end`."""
    marks = [0.0, *jn_zeros(order, int(end / np.pi) + 2), *jnp_zeros(order, int(end / np.pi) + 2)]
    marks = [*sorted(mark for mark in marks if mark <= end), end]
    roots = []
    for a, b in pairwise(marks):
        fa, fb = abs(jv(order, a)) - level, abs(jv(order, b)) - level
        if fa * fb < 0:
            roots.append(brentq(lambda z: abs(jv(order, z)) - level, a, b, xtol=1e-15, rtol=1e-15))
    return sorted({*marks, *roots})


def blocking_average(value, Lambda, level):
    """sum_M int (z/2L) exp(-z^2/4L) value(|J_M(z)|, M) dz in pieces between all points where it is not smooth."""
    end = np.sqrt(4 * Lambda * 40)
    total = 0.0
    for order in range(int(end) + 40):
        part = 0.0
        for a, b in pairwise(pieces(order, level, end)):
            part += tanh_sinh(
                lambda z, o=order: z / (2 * Lambda) * np.exp(-z * z / (4 * Lambda)) * value(abs(jv(o, z)), o), a, b
            )
        total += part if order == 0 else 2 * part
        if end < order and abs(jv(order, end)) < 1e-12:
            break
    return total


def spectrum(W, Lambda, weight=lambda energy, order: 1.0):
    """chi'' Delta_tilde/A at W = omega/(4 Delta_tilde), Phi = 0, lambda' = 0. `weight` of the bias and of |M|. Exact
    for W > 1; below, 1e-7, because the root of W = u is known to a rounding error only."""

    def value(u, order):
        inside = W * W - u * u
        energy = np.sqrt(np.where(inside > 0, inside, 1.0))
        return np.where(inside > 0, u * u / energy * weight(energy, order), 0.0)

    return blocking_average(value, Lambda, W) / (2 * W)


def spectrum_by_difference(W, Lambda, distance):
    """The same for W < 1, `distance` from the next cusp, as the derivative of the smooth integral."""
    h = distance / 25
    stencil = {1: 4 / 5, 2: -1 / 5, 3: 4 / 105, 4: -1 / 280}
    return sum(c * (cumulative(W + k * h, Lambda) - cumulative(W - k * h, Lambda)) for k, c in stencil.items()) / h / 4


def cumulative(W, Lambda):
    """int_0^W of the above times 4, C/A."""
    return blocking_average(lambda u, order: np.where(u < W, 2 * u * np.arccos(np.minimum(1, u / W)), 0.0), Lambda, W)


def uniform_spectrum(W, Lambda):
    """The same for a uniform phase: over it, u^2 (W^2 - u^2)^(-1/2) is a pair of complete elliptic integrals."""

    def value(u, order):
        k = u / W
        inside, outside = np.minimum(k, 1.0), 1 / np.maximum(k, 1.0)
        near = np.where(k < 1, (1 - inside) * (1 + inside), (1 - outside) * (1 + outside))
        m = np.where(k < 1, inside, outside) ** 2
        K = np.where(near < 0.1, ellipkm1(np.maximum(near, 1e-300)), ellipk(np.minimum(m, 0.95)))
        return W * 2 / np.pi * np.maximum(k, 1.0) * (K - ellipe(m))

    return blocking_average(value, Lambda, W) / (2 * W)


@cache
def channels(Lambda):
    """sum_M <|J_M|>."""
    return blocking_average(lambda u, order: u, Lambda, 2.0)


def phases(along, Phi, count=32):
    """|cos(phi)| and weights of the theta function of lambda' = `along` (0: the phase Phi alone; inf: uniform)."""
    if along == 0:
        return np.array([abs(np.cos(Phi))]), np.ones(1)
    phi = np.pi * (np.arange(count) + 0.5) / count
    nu = np.arange(1, 1 + int(np.sqrt(10 / along)))[:, None]
    return np.abs(np.cos(phi)), (
        1 + 2 * (np.exp(-4 * along * nu**2) * np.cos(2 * nu * (phi - Phi))).sum(axis=0)
    ) / count


def _over_z(Lambda, deep, orders_beyond=40):
    """Gauss's rule in panels for int (z/2L) exp(-z^2/4L) dz up to exp(-deep), and the orders -M ... M."""
    end = np.sqrt(4 * Lambda * deep)
    x, w = np.polynomial.legendre.leggauss(20)
    edges = np.linspace(0, end, 3 + int(end / min(2.0, 2 * np.sqrt(Lambda))))
    width = edges[1] - edges[0]
    z = (edges[:-1, None] + width * (x + 1) / 2).ravel()
    weight = np.tile(width * w / 2, len(edges) - 1) * z / (2 * Lambda) * np.exp(-z * z / (4 * Lambda))
    return z, weight, int(end) + orders_beyond


def flat_loss(x, Lambda, cosines, parts):
    """sum_M <u B(x u)> as the integral of sum_M <u^2 J_0(u y)> over y."""
    z, over_z, orders = _over_z(Lambda, 40, 30)
    nodes, weights = np.polynomial.legendre.leggauss(30 + int(x))
    y = x * (nodes + 1) / 2
    total = 0.0
    for M in range(orders):
        u = np.multiply.outer(abs(jv(M, z)), cosines)[..., None]
        if M > z[-1] and u.max() < 1e-8:
            break
        over_y = np.sum(x / 2 * weights * u * u * jv(0, u * y), axis=-1)
        total += (1 if M == 0 else 2) * np.sum(over_z[:, None] * parts * over_y)
    return total


def finite_loss(t, density, width, Lambda, cosines, parts, Delta_tilde, omega0, low, high):
    """1 - P over c by the trapezoidal rule over the bias from low to high, fine enough for a density of the Fourier
    range 12/width times sin^2(E t)/E^2, whose Fourier transform ends at 2 t."""
    z, over_z, orders = _over_z(Lambda, 40, 12)
    eps = np.arange(low, high, 2 * np.pi / (2 * t + 12 / width))
    weight = density(eps) * (eps[1] - eps[0])
    seen = weight > 1e-18 * weight.max()
    eps, weight = eps[seen], weight[seen]
    total = 0.0
    for M in range(-orders, orders + 1):
        Delta = 2 * Delta_tilde * np.multiply.outer(abs(jv(abs(M), z)), cosines)[..., None]
        E = np.sqrt((eps - M * omega0 / 2) ** 2 + Delta**2)
        over_eps = np.sum(weight * Delta**2 * t * t * np.sinc(E * t / np.pi) ** 2, axis=-1)
        total += np.sum(over_z[:, None] * parts * over_eps)
    return total


def spectrum_above(W, Lambda, cosines, parts, weight=lambda energy, M: 1.0):
    """chi'' Delta_tilde/A for W > 1, where nothing is singular; `weight` of the energy and of M, of either sign."""
    z, over_z, orders = _over_z(Lambda, 60)
    total = 0.0
    for M in range(-orders, orders + 1):
        u = np.multiply.outer(abs(jv(abs(M), z)), cosines)
        energy = np.sqrt(W * W - u * u)
        total += np.sum(over_z[:, None] * parts * u * u / energy * weight(energy, M))
    return total / (2 * W)
