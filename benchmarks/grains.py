"""P(t) and the spectrum of magnetic grains against the nested quadrature that a user would write."""

from collections.abc import Callable, Iterable
from itertools import pairwise
from statistics import median

import numpy as np
from scipy.integrate import quad
from scipy.optimize import brentq
from scipy.special import jn_zeros, jnp_zeros, jv

from benchmarks.report import duration, median_seconds, number, ratio, section
from physics.grain_polarisation import depolarisation
from physics.grain_susceptibility import spectrum

EXACT = {"epsabs": 1e-12, "epsrel": 1e-9, "limit": 400}


def lost(x: float, coflip: float) -> float:
    """(1 - P)/A of paper 002, eq. (5), with the bias integrated to a Bessel function: over time, over z, sum over M."""
    end = np.sqrt(4 * coflip * 30)

    def over_z(y):
        def at(z):
            u = jv(orders, z)
            return z / (2 * coflip) * np.exp(-z * z / (4 * coflip)) * np.sum(copies * u * u * jv(0, y * np.abs(u)))

        return quad(at, 0, end, **EXACT)[0]

    orders = np.arange(int(end) + 25)
    copies = np.where(orders == 0, 1, 2)
    return quad(over_z, 0, x, **EXACT)[0]


def response(W: float, coflip: float) -> float:
    """chi'' Delta_tilde/A: for each M over z, between all zeros, turning points and roots, and there over the phase
    theta that takes the inverse square root away."""
    end, total = np.sqrt(4 * coflip * 30), 0.0
    for M in range(int(end) + 25):
        marks = {0.0, end, *jn_zeros(M, int(end / np.pi) + 2), *jnp_zeros(M, int(end / np.pi) + 2)}
        marks = sorted(mark for mark in marks if mark <= end)
        roots = [
            brentq(lambda z, M=M: abs(jv(M, z)) - W, a, b, xtol=1e-15)
            for a, b in pairwise(marks)
            if (abs(jv(M, a)) - W) * (abs(jv(M, b)) - W) < 0
        ]
        for a, b in pairwise(sorted({*marks, *roots})):
            if abs(jv(M, (a + b) / 2)) >= W:
                continue

            def at(theta, a=a, b=b, M=M):
                z = a + (b - a) * np.sin(theta) ** 2
                u2 = jv(M, z) ** 2
                weight = z / (2 * coflip) * np.exp(-z * z / (4 * coflip)) * (b - a) * np.sin(2 * theta)
                return weight * u2 / np.sqrt(max(W * W - u2, 1e-300))

            total += (1 if M == 0 else 2) * quad(at, 0, np.pi / 2, epsabs=1e-12, epsrel=1e-7, limit=400)[0]
    return total / (2 * W)


CASES: tuple[tuple[str, Callable, Callable, float, float], ...] = (
    ("P(t)", lost, depolarisation, 5.0, 1.0),
    ("chi''(omega)", response, spectrum, 0.4, 1.0),
)


def report(cases: Iterable[tuple] = CASES, points: int = 1000, repeats: int = 3) -> str:
    """Time per point of a grid of times or frequencies, the averages of one coflip number included, against quad."""
    rows = []
    for name, script, kernel, at, coflip in cases:
        grid = np.linspace(0.3 * at, 1.5 * at, points)
        difference = abs(script(at, coflip) / float(kernel(at, coflip)) - 1)
        slow = median_seconds(lambda script=script, at=at, coflip=coflip: script(at, coflip), 1)
        times = [median_seconds(lambda k=kernel, g=grid, c=coflip: k(g, c), 1) for _ in range(repeats)]
        each = median(times) / points
        rows.append([ratio(slow / each), number(1 / each), f"{difference:.0e}", duration(slow), duration(each), name])
    text = (
        f"The kernels of paper 002 on one core, {points:,} times or frequencies for one coflip number, lambda = 1, "
        "against `scipy.integrate.quad` over y (for P over the time too), summed over M (`benchmarks/grains.py`)."
    )
    header = ["quad / point", "points per second", "relative difference", "quad", "point", "variable"]
    return section("Magnetic grains against nested quad", text, header, rows)
