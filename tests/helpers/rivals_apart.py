"""Rivals whose expected gains are known by integrals."""

from itertools import pairwise

import numpy as np
from scipy import integrate, stats

from survey.rank.measured import Measured


def even(count: int, names: str = "ab") -> dict:
    return {name: np.full(count, 1 / count) for name in names}


def fair(names: str = "ab") -> dict:
    return {name: 1 / len(names) for name in names}


def bits_between(densities, prior, low: float, high: float) -> float:
    """I(rival; y) by quadrature: sum_r prior p_r log2(p_r/p)."""

    def term(y):
        each = [p(y) for p in densities]
        mean = sum(weight * p for weight, p in zip(prior, each, strict=True))
        return sum(w * p * np.log2(p / mean) for w, p in zip(prior, each, strict=True) if p > 0)

    ends = np.linspace(low, high, 41)
    return sum(integrate.quad(term, a, b, epsabs=1e-10)[0] for a, b in pairwise(ends))


def normals(distance: float) -> float:
    """Bits about which of two normal laws of unit width, so far apart, with equal chances."""
    return bits_between([stats.norm(0).pdf, stats.norm(distance).pdf], (0.5, 0.5), -9, distance + 9)


def apart(distance: float, spread: float, numbers: int, count: int, rng: np.random.Generator) -> list[Measured]:
    """Rivals a and b with noise 1 and some spread, whose readings are so far apart in units of their own width."""
    shift = distance * np.hypot(1, spread) / np.sqrt(numbers)
    draws = 500 + spread * rng.standard_normal((2, numbers, count)) + shift * np.arange(2)[:, None, None]
    return [Measured({"a": draws[0, m], "b": draws[1, m]}, 0.0, 1.0) for m in range(numbers)]
