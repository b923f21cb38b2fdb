"""The likelihood of measured dephasing times, slow and obvious: densities of scipy.stats, integrals on dense grids.

Rates are closed forms, so that tables of them are exact: A ee T^(2/3) + a g(x) T^n + B ep T^3.
"""

from itertools import product

import numpy as np
from scipy.linalg import inv, sqrtm
from scipy.optimize import minimize
from scipy.special import logsumexp
from scipy.stats import norm, t

from survey.explain.grid import Table
from survey.explain.posterior import Data
from survey.rivals import Rival

FREEDOM = 4
# Rates (s^-1) at 1 K: of electrons, of phonons, and of the levels of amplitude 1.
ELECTRONS, PHONONS, LEVELS = 2e8, 5e7, 1e8
HEAT = (1e-3, 0.03)


def levels(x, T, n=0.0):
    """The rate of levels of amplitude 1 with the outer parameter x (K): frozen out below it."""
    return LEVELS * T**n * np.exp(-np.asarray(x) / T)


def rate(T, x, a, ee=1.0, ep=1.0):
    return ELECTRONS * ee * T ** (2 / 3) + a * levels(x, T) + PHONONS * ep * T**3


def table(T, xs=(0.05,), amplitudes=(1.0,), ranges=((0.01, 0.1), (0.1, 10.0)), sigma=(0.1, 0.35, 0.7, 0.3)) -> Table:
    """The table of the closed form: one outer parameter x, called T_K, and an amplitude, called n_imp."""
    T, xs, amplitudes = np.unique(T), np.array(xs, float), np.array(amplitudes, float)
    ee, ep = (np.exp(2.3 * width * np.array([-1.0, 0.0, 1.0])) for width in sigma[1:3])
    axes = np.meshgrid(T, xs, amplitudes, ee, ep, indexing="ij")
    rival = Rival("a closed form", "magnetic_impurities", outer={"T_K": ranges[0]}, amplitude=("n_imp", ranges[1]))
    return Table(rival, {"T_K": xs}, T, np.log(amplitudes), ee, ep, np.ascontiguousarray(np.log(rate(*axes))))


def log_p(data: Data, log_tau: np.ndarray, s_m: float) -> np.ndarray:
    """ln of the probability of each point (..., n) where ln(tau) is (..., n); with a covariance of the points,
    without limits, of each of the mixtures that are independent."""
    if data.covariance is not None:
        total = data.covariance + s_m**2 * np.eye(len(data.y))
        mixed = (data.y - log_tau) @ inv(sqrtm(total)).real
        return t.logpdf(mixed, FREEDOM) - np.linalg.slogdet(total)[1] / 2 / len(data.y)
    scale = np.hypot(data.s, s_m)
    x = (data.y - log_tau) / scale
    found = t.logpdf(x, FREEDOM) - np.log(scale)
    # The true time is above a lower limit, and what would have been measured of it too.
    found = np.where(data.limit == 1, t.logsf(x, FREEDOM), found)
    return np.where(data.limit == 2, t.logcdf(x, FREEDOM), found)


def log_tau(u, T_electrons, x, a, sigma):
    """ln(tau) with delta (..., n) for nuisances u (..., 4)."""
    u = np.asarray(u)[..., None]
    ee = np.exp(sigma[1] * u[..., 1, :])
    ep = np.exp(sigma[2] * u[..., 2, :]) * T_electrons ** (sigma[3] * u[..., 3, :])
    return sigma[0] * u[..., 0, :] - np.log(rate(T_electrons, x, a, ee, ep))


def log_marginal(data: Data, T_electrons, x, a, sigma, s_m, points=21, reach=6.5) -> tuple[float, np.ndarray]:
    """ln of the likelihood without u, and the means of (u, u^2, 1/p of each point): the trapezoidal rule on a grid
    about the mode, along the axes of the curvature there. What lies beyond `reach` of its widths is left out."""

    def joint(u):
        return log_p(data, log_tau(u, T_electrons, x, a, sigma), s_m).sum(axis=-1) + norm.logpdf(u).sum(axis=-1)

    found = minimize(lambda u: -joint(u), np.zeros(4), method="Nelder-Mead", options={"maxiter": 4000, "xatol": 1e-5})
    step = 1e-3
    basis = np.eye(4) * step
    hessian = np.array(
        [
            [
                joint(found.x + p + q) - joint(found.x + p - q) - joint(found.x - p + q) + joint(found.x - p - q)
                for q in basis
            ]
            for p in basis
        ]
    ) / (-4 * step**2)
    # Not sharper than the prior, or what a heavy tail holds far from the mode would be missed.
    values, vectors = np.linalg.eigh(hessian)
    axes = vectors / np.sqrt(np.clip(values, 0.5, None))
    line = np.linspace(-reach, reach, points)
    xi = np.array(list(product(line, repeat=4)))
    u = found.x + xi @ axes.T
    each = log_p(data, log_tau(u, T_electrons, x, a, sigma), s_m)
    log_value = each.sum(axis=-1) + norm.logpdf(u).sum(axis=-1)
    volume = np.log(abs(np.linalg.det(axes))) + 4 * np.log(line[1] - line[0])
    total = logsumexp(log_value)
    share = np.exp(log_value - total)
    return float(total + volume), np.concatenate([share @ u, share @ u**2, share @ np.exp(-each)])
