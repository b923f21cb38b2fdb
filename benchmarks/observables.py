"""The kernels of heat, sound and the Kondo effect against the nested quadrature that a user would write."""

from collections.abc import Callable, Iterable, Mapping
from itertools import pairwise
from statistics import median

import numpy as np
from scipy.constants import hbar, k
from scipy.integrate import quad

from benchmarks.report import duration, median_seconds, number, ratio, section
from physics import QUANTITIES
from physics.impurities.kondo import cross_section

POINT = {"T": 0.05, "Pd": 1e46, "chi": 0.03, "Estar": 0.2, "omega": 1e7, "TKstar": 1.0, "Deltastar": 0.2}
CONSTANTS = {"n_e": 5e28, "eps_F": 8e-19, "p_min": 1e-8, "Pd_glass": 7.2e44, "Estar_glass": 10.0}
EXACT = {"epsabs": 0.0, "epsrel": 1e-10, "limit": 400}


def heat(T: float, Pd: float, Estar: float, p_min: float, **_) -> float:
    """C_tls of the glass: the heat of one level (E/2T)^2 sech^2(E/2T) over the distribution (2) of paper 004."""

    def levels(E):
        # p = 1 - s^2 takes the inverse square root of (2) away.
        count = quad(lambda s: 1 / (1 - s * s), 0, np.sqrt(1 - p_min), **EXACT)[0]
        return count * (E / (2 * T)) ** 2 / np.cosh(E / (2 * T)) ** 2

    return k * k * Pd * quad(levels, 0, Estar, **EXACT)[0]


def relaxation(T: float, chi: float, Estar: float, omega: float, **_) -> float:
    """F_rel as printed, (16) of paper 004, with p = 1 - s^2."""
    Omega, theta = hbar * omega / (k * Estar), 2 * T / Estar

    def outer(y):
        def inner(s):
            p = 1 - s * s
            return 2 * s * s * Omega * np.sinh(y) / (Omega**2 * np.tanh(y) ** 2 + (chi * p * y * theta) ** 2)

        return chi * theta * y / (2 * np.cosh(y) ** 3) * quad(inner, 0, 1, **EXACT)[0]

    return quad(outer, 0, 1 / theta, **EXACT)[0]


def resonant(T: float, chi: float, Estar: float, omega: float, **_) -> float:
    """F_res as printed, (15) of paper 004, with p = 1 - s^2, broken at the resonance."""
    Omega, theta = hbar * omega / (k * Estar), 2 * T / Estar

    def outer(x):
        def inner(s):
            p = 1 - s * s
            return 2 * chi * x * p / (4 * (x - Omega) ** 2 + (chi * x * p / np.tanh(x / theta)) ** 2)

        return quad(inner, 0, 1, points=[0.9, 0.99, 0.999], **EXACT)[0]

    edges = sorted({0.0, 1.0, *(min(1.0, Omega * factor) for factor in (0.5, 0.9, 0.99, 1.0, 1.01, 1.1, 2.0))})
    return sum(quad(outer, low, high, **EXACT)[0] for low, high in pairwise(edges))


def kondo(T: float, TKstar: float, Deltastar: float, **_) -> float:
    """tau0/tau_phi, (22) of paper 004, with P(x, y) = exp(-x - y)."""

    def outer(x):
        def inner(y):
            return np.exp(-x - y) * cross_section(x * TKstar / T, y * Deltastar / T)

        return quad(inner, 0, 40, points=[T / Deltastar * f for f in (0.1, 0.3, 1, 3)], epsabs=1e-13, limit=400)[0]

    return quad(outer, 0, 40, points=[T / TKstar * f for f in (0.1, 1 / np.e, 1, 3)], epsabs=1e-12, limit=400)[0]


# The scripts have the letters of paper 004.
IN_004 = {"convention": "published"}
CASES: tuple[tuple[str, str, Callable, tuple[str, ...], Mapping[str, str]], ...] = (
    ("specific_heat", "C_tls", heat, ("T", "Pd", "Estar"), {"logarithm": "exact"} | IN_004),
    ("attenuation", "F_relaxation", relaxation, ("T", "chi", "Estar", "omega"), IN_004),
    ("attenuation", "F_resonant", resonant, ("T", "chi", "Estar", "omega"), IN_004),
    ("kondo", "tau0_over_tau_phi", kondo, ("T", "TKstar", "Deltastar"), {}),
)


def report(cases: Iterable[tuple] = CASES, points: int = 20_000, repeats: int = 5) -> str:
    """Points per second of each kernel at scattered points, and the ratio to nested quadrature at one of them."""
    rng = np.random.default_rng(0)
    rows = []
    for name, variable, script, scattered, options in cases:
        quantity = QUANTITIES[name]
        axes, constants = quantity.depends_on(options)
        at = {axis: POINT[axis] for axis in axes} | {constant: CONSTANTS[constant] for constant in constants}
        cloud = {axis: at[axis] * rng.uniform(0.5, 2.0, points) for axis in scattered}

        def one(quantity=quantity, at=at, options=options, variable=variable):
            return float(quantity(**at, **options, variables=(variable,))[variable])

        def many(quantity=quantity, at=at, cloud=cloud, options=options, variable=variable):
            return quantity(**(at | cloud), **options, variables=(variable,))

        difference = abs(script(**(POINT | CONSTANTS)) / one() - 1)
        slow = median_seconds(lambda script=script: script(**(POINT | CONSTANTS)), min(repeats, 3))
        each = median([median_seconds(many, 1) for _ in range(repeats)]) / points
        rows.append(
            [ratio(slow / each), number(1 / each), f"{difference:.0e}", duration(slow), duration(each), f"`{variable}`"]
        )
    text = (
        f"The kernels of paper 004 on one core, at {points:,} scattered points that share nothing, against "
        "`scipy.integrate.quad` inside `scipy.integrate.quad` at one of them (`benchmarks/observables.py`)."
    )
    header = ["quad / point", "points per second", "relative difference", "quad", "point", "variable"]
    return section("Heat, sound and Kondo kernels against nested quad", text, header, rows)
