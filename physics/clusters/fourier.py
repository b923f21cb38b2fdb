"""The distribution of amplitudes for b = 1 and a narrow primary distribution, by the Fourier solution (5.13).

Of paper 003, for a Gaussian distribution of |L| = ln(W/Delta0) about |L_*|. In units of |L_*|, with
x = |L|/|L_*|, s = width/|L_*| and b = 3/(chi |L_*|),

    P(q) = int P(x) exp(iqx) dx = (1 + t)^-2 /(exp(-iq + q^2 s^2/2) - phi(q)),
    phi(q) = int_0^t dy exp(-iqby)/(1 + y)^2.

It leaves out the step functions of (4.15), which is exact while 3t/chi is below all |L|.
"""

import math

import numpy as np

from physics.clusters.frozen import CHI_RG, SCALE, WIDTH
from physics.numerics.compiled import compiled, compiled_entry
from physics.numerics.quadrature import gauss_legendre
from physics.parameters import Parameter, ParameterError

# In units of the decay length (1 + t)|L~|/|L_*|: the period of the sum in place of the integral, and its reach.
PERIOD = 100.0
REACH = 80.0
# exp(-END^2/2) is below the last digit.
END = 8.8
# Phase of one panel of the integral over y.
PHASE = 8.0
# Panels of that integral at most: they grow by half each, or there are END/(NARROWEST PHASE) of equal length.
PANELS = 4000
# Least width in units of |L_*|: the number of terms is END PERIOD (1 + t)/(2 pi s).
NARROWEST = 0.005


@compiled
def _phi_nodes(t, b, beta, end, rule):
    """Times y and weights of phi(q) on the line Im q = -beta, |Re q| < end; NaN if PANELS do not reach t."""
    longest = PHASE / (b * end)
    count = 0
    low = 0.0
    for _ in range(PANELS):
        if low >= t:
            break
        low += min(longest, 0.5 * (1.0 + low))
        count += 1
    nodes = np.empty((2, count * rule.shape[1]))
    if low < t:
        nodes[:] = math.nan
        return nodes
    low = 0.0
    k = 0
    for _ in range(count):
        high = min(t, low + min(longest, 0.5 * (1.0 + low)))
        for j in range(rule.shape[1]):
            y = low + (high - low) * rule[0, j]
            nodes[0, k] = y
            nodes[1, k] = (high - low) * rule[1, j] * math.exp(-beta * b * y) / (1.0 + y) ** 2
            k += 1
        low += min(longest, 0.5 * (1.0 + low))
    return nodes


@compiled
def _transform(t, b, s, beta, step, rule):
    """P(q) at q = k step - i beta, real and imaginary parts, k = 0 ..."""
    end = END / s
    nodes = _phi_nodes(t, b, beta, end, rule)
    count = int(end / step) + 2
    found = np.empty((2, count))
    real = nodes[1].copy()
    imag = np.zeros(len(real))
    cosine = np.cos(step * b * nodes[0])
    sine = -np.sin(step * b * nodes[0])
    for k in range(count):
        total_real, total_imag = 0.0, 0.0
        for j in range(len(real)):
            total_real += real[j]
            total_imag += imag[j]
            rotated = real[j] * cosine[j] - imag[j] * sine[j]
            imag[j] = real[j] * sine[j] + imag[j] * cosine[j]
            real[j] = rotated
        r = k * step
        size = math.exp(-beta + 0.5 * s * s * (r - beta) * (r + beta))
        phase = r * (1.0 + s * s * beta)
        u = size * math.cos(phase) - total_real
        v = -size * math.sin(phase) - total_imag
        norm = 1.0 / ((1.0 + t) ** 2 * (u * u + v * v))
        found[0, k] = u * norm
        found[1, k] = -v * norm
    found[:, 0] *= 0.5
    return found


@compiled_entry
def _rows(t, b, s, x, out, rule):
    """out[0] and out[1] = P and dP/dx at x[i, j] for each row i with its t, b, s."""
    for i in range(len(t)):
        decay = (1.0 + t[i]) * (1.0 - b[i] * (math.log1p(t[i]) - t[i] / (1.0 + t[i])))
        beta = 0.5 / decay
        step = 2.0 * math.pi / (PERIOD * decay)
        transform = _transform(t[i], b[i], s[i], beta, step, rule)
        for j in range(x.shape[1]):
            at = x[i, j]
            if at <= 0.0 or at > REACH * decay:
                out[0, i, j] = 0.0
                out[1, i, j] = 0.0
                continue
            cosine, sine = math.cos(step * at), -math.sin(step * at)
            real, imag = 1.0, 0.0
            total, slope = 0.0, 0.0
            for k in range(transform.shape[1]):
                term_real = transform[0, k] * real - transform[1, k] * imag
                term_imag = transform[0, k] * imag + transform[1, k] * real
                total += term_real
                slope += k * step * term_imag - beta * term_real
                real, imag = real * cosine - imag * sine, real * sine + imag * cosine
            scale = step / math.pi * math.exp(-beta * at)
            out[0, i, j] = scale * total
            out[1, i, j] = scale * slope


def fourier_solution(magnitude, t, chi_rg, L, width):
    """(5.13) and its derivative by |L| = magnitude, shape (2, broadcast shape), from arguments inside the domain of
    `narrow_distribution`. What `magnitude` alone depends on is one row, that shares the transform."""
    rank = max(np.ndim(a) for a in (magnitude, t, chi_rg, L, width))
    magnitude, *others = (np.array(a, ndmin=rank) for a in (magnitude, t, chi_rg, L, width))
    others = np.broadcast_arrays(*others)
    rows = others[0].shape
    target = np.broadcast_shapes(magnitude.shape, rows)
    order = sorted(range(rank), key=lambda axis: rows[axis] == 1)
    t, chi_rg, L, width = (a.transpose(order).ravel() for a in others)
    moved = np.broadcast_to(magnitude, target).transpose(order)
    x = moved.reshape(L.size, -1) / L[:, None]
    out = np.empty((2, *x.shape))
    _rows(np.array(t), 3 / (chi_rg * L), width / L, x, out, gauss_legendre())
    out[0] /= L[:, None]
    out[1] /= L[:, None] ** 2
    return out.reshape((2, *moved.shape)).transpose([0, *(1 + np.argsort(order))])


def narrow_distribution(magnitude, t, chi_rg, L, width):
    """The reduced density of states per unit of |L| = ln(W/Delta0) for b = 1, eq. (5.13) of paper 003 as it stands.

    magnitude (1) are the values of |L|, t (1) the scale, chi_rg (1) the coupling, L = |L_*| (1) the mean and `width`
    (1) the standard deviation of the primary |L|, which is Gaussian: arrays that broadcast.
    Returns an array of the broadcast shape; absolute error below 1e-13 exp(-|L|/2l)/|L_*|, l = (1 + t)|L~| the decay
    length of (5.17); 0 for |L| > 80 l and |L| <= 0. The integral is 1/(1 + t) and the mean of |L| is l.
    Raises ParameterError outside the domain, for 3t/chi >= |L_*|, where the step functions of (4.15) cannot be left
    out, and for a width below |L_*|/200 or above |L_*|/2.
    """
    t, chi_rg, L = SCALE.check(t), CHI_RG.check(chi_rg), WIDTH.check(L)
    width = Parameter("width", r"\sigma", "1", "width of the primary distribution of ln(Delta0)").check(width)
    if not solvable(t, chi_rg, L, width).all():
        raise ParameterError("(5.13) is allowed for 3t/chi < |L_*| and |L_*|/200 <= width <= |L_*|/2")
    return fourier_solution(np.asarray(magnitude, dtype=np.float64), t, chi_rg, L, width)[0]


def solvable(t, chi_rg, L, width):
    """Where (5.13) has its meaning, 3t/chi < |L_*|, and the width is one that the sum resolves."""
    return (3 * t < chi_rg * L) & (width >= NARROWEST * L) & (width <= 0.5 * L)
