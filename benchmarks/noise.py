"""Dephasing by two-level defects (paper 000) against the nested quadrature that a user would write."""

from collections.abc import Iterable
from statistics import median

import numpy as np
from scipy.constants import hbar, k
from scipy.integrate import quad
from scipy.optimize import brentq

from benchmarks.report import duration, median_seconds, number, ratio, section
from physics import QUANTITIES

POINT = {"T": 0.2, "Lambda0": 0.3, "Estar": 116.0}
CONSTANTS = {"F1": 1.0, "log_range": 20.0, "tau": 2.1e-14, "kFl": 300.0}
WIRE = {"R_per_length": 6.171e6, "D": 0.0137, "ee_prefactor": 1.0}
EXACT = {"epsabs": 0.0, "epsrel": 1e-10, "limit": 400}


def level_average(T: float, Omega_max: float, B0: float, cut: float) -> float:
    """The average before eq. (12) over Omega and B with sech^2(E/2T), levels above `cut` only; in kelvin."""

    def outer(Omega):
        def inner(B):
            energy = np.hypot(Omega, B)
            return Omega / energy**2 / np.cosh(energy / (2 * T)) ** 2

        low, high = np.sqrt(max(cut**2 - Omega**2, 0.0)), min(B0, 60 * T)
        points = sorted({x for x in (0.3 * Omega, Omega, 3 * Omega, T, 5 * T) if low < x < high})
        return quad(inner, low, high, points=points, **EXACT)[0]

    return quad(outer, 0, Omega_max, points=[min(cut, Omega_max / 2), T / 2], **EXACT)[0]


def rate_defects(T: float, Lambda0: float, Estar: float, F1: float, log_range: float, tau: float, **wire) -> float:
    """The rate of the defects, solved for itself beside that of the wire."""
    noise = (1.602176634e-19**2 * k * T * wire["R_per_length"] * np.sqrt(wire["D"]) / hbar**2) ** (2 / 3)
    standard = wire["ee_prefactor"] * noise / 2
    unit = F1 / (tau * Estar * log_range)

    def excess(rate):
        return rate - standard - unit * level_average(T, Lambda0, Estar, hbar * rate / k)

    highest = standard + unit * Lambda0 * np.pi / 2
    return brentq(excess, standard, highest, xtol=1e-6 * standard * 1e-6, rtol=1e-13) - standard


CASES: tuple[tuple[str, tuple[str, ...]], ...] = (("rate_defects", ("T", "Lambda0", "Estar")),)


def report(cases: Iterable[tuple] = CASES, points: int = 20_000, repeats: int = 5) -> str:
    """Points per second of the kernel at scattered points, and the ratio to nested quadrature at one of them."""
    quantity = QUANTITIES["one_over_f"]
    rng = np.random.default_rng(0)
    rows = []
    at = POINT | CONSTANTS | WIRE
    for variable, scattered in cases:
        options = {"model": "two_level", "background": "wire", "variables": (variable,)}
        cloud = {axis: at[axis] * rng.uniform(0.5, 2.0, points) for axis in scattered}
        slow_value = rate_defects(**at)
        difference = abs(slow_value / float(quantity(**at, **options)[variable]) - 1)
        slow = median_seconds(lambda: rate_defects(**at), min(repeats, 3))

        def many(cloud=cloud, options=options):
            return quantity(**(at | cloud), **options)

        each = median([median_seconds(many, 1) for _ in range(repeats)]) / points
        rows.append(
            [ratio(slow / each), number(1 / each), f"{difference:.0e}", duration(slow), duration(each), f"`{variable}`"]
        )
    text = (
        f"Two-level defects beside a wire (paper 000) on one core, at {points:,} scattered points that share nothing, "
        "against a root search over `scipy.integrate.quad` inside `scipy.integrate.quad` at one of them "
        "(`benchmarks/noise.py`)."
    )
    header = ["quad / point", "points per second", "relative difference", "quad", "point", "variable"]
    return section("1/f kernel against nested quad", text, header, rows)
