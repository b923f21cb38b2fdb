"""P(t) and the spectrum of magnetic grains against the nested quadrature that a user would write."""

import warnings
from collections.abc import Callable, Iterable
from itertools import pairwise
from statistics import median
from time import process_time

import numpy as np
from scipy.integrate import IntegrationWarning, quad
from scipy.optimize import brentq
from scipy.special import jn_zeros, jnp_zeros, jv

from benchmarks.report import duration, median_seconds, ratio, seconds, section
from physics.grains.averages import blocking_and_phase_rule, blocking_rule
from physics.grains.lobes import lobes
from physics.grains.panels import empty_table, points
from physics.grains.polarisation import depolarisation
from physics.grains.spectrum import SPECTRUM
from physics.grains.susceptibility import direct_integrals, spectrum

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


def response(W: float, coflip: float, pieces: bool = True) -> float:
    """chi'' Delta_tilde/A for Phi = 0: for each M over z, to 1e-7.

    With `pieces` between all zeros, turning points and roots of |J_M| = W, and there over the angle theta that takes
    the inverse square root away; without, as it stands.
    """
    end, total = np.sqrt(4 * coflip * 30), 0.0
    for M in range(int(end) + 25):

        def plain(z, M=M):
            u2 = jv(M, z) ** 2
            return z / (2 * coflip) * np.exp(-z * z / (4 * coflip)) * (u2 / np.sqrt(W * W - u2) if u2 < W * W else 0.0)

        copies = 1 if M == 0 else 2
        if not pieces:
            total += copies * quad(plain, 0, end, epsabs=1e-12, epsrel=1e-7, limit=1000)[0]
            continue
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

            total += copies * quad(at, 0, np.pi / 2, epsabs=1e-12, epsrel=1e-7, limit=400)[0]
    return total / (2 * W)


def plain_response(W: float, coflip: float) -> float:
    """The same without any knowledge of where the integrand is singular."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", IntegrationWarning)
        return response(W, coflip, pieces=False)


def nested_response(W: float, coflip: float) -> float:
    """chi'' Delta_tilde/A for a uniform phase: quad over phi of `response` at W/|cos(phi)|, to 1e-7."""

    def over_z(phi):
        return response(W / np.cos(phi), coflip)

    return quad(over_z, 0, np.pi / 2, epsabs=1e-12, epsrel=1e-7, limit=400)[0] * 2 / np.pi


def uniform_spectrum(W: np.ndarray | float, coflip: float) -> np.ndarray:
    """chi'' Delta_tilde/A for a uniform phase."""
    return spectrum(W, coflip, coflip_z=np.inf)


CASES: tuple[tuple[str, Callable, Callable, float, float], ...] = (
    ("P(t)", lost, depolarisation, 5.0, 1.0),
    ("chi'', as it stands", plain_response, spectrum, 0.4, 1.0),
    ("chi'', in pieces", response, spectrum, 0.4, 1.0),
    ("chi'', uniform phase", nested_response, uniform_spectrum, 1.2, 1.0),
)


def table_times(coflip: float, sample: int, repeats: int) -> tuple[int, float, float]:
    """The panels of the table of one coflip number, the CPU time of making all of them, median, and what it would be
    with the integral itself at every point of them, from every `sample`th panel."""
    times = []
    for _ in range(repeats):
        empty_table.cache_clear()
        lobes.cache_clear()
        started = process_time()
        table = empty_table(coflip)
        each = [points(table, panel) for panel in range(len(table.kinds))]
        spectrum(np.array([W[0] for W in each]), coflip)
        times.append(process_time() - started)
    chosen = np.concatenate(each[::sample])
    started = process_time()
    direct_integrals(SPECTRUM, chosen, coflip)
    one = (process_time() - started) / len(chosen)
    return len(each), median(times), one * sum(map(len, each))


def tables(coflips: Iterable[float] = (1e-3, 1.0, 10.0), sample: int = 20, repeats: int = 3) -> str:
    """What the whole table of chi'' takes."""
    rows = []
    for coflip in coflips:
        panels, made, direct = table_times(coflip, sample, repeats)
        rows.append([ratio(direct / made), f"{coflip:g}", f"{panels}", duration(made), duration(direct)])
    text = (
        "CPU time of all panels of the table of chi'' for one coflip number: by sums over lobes "
        "(`physics/grains/lobes.py`), and by the integral at each point of each panel."
    )
    return section("The table of chi''", text, ["ratio", "lambda", "panels", "table", "by the integral"], rows)


def report(cases: Iterable[tuple] = CASES, points: int = 1000, repeats: int = 3) -> str:
    """Time per point of a grid of times or frequencies, first and once its averages are known, against quad."""
    rows = []
    for name, script, kernel, at, coflip in cases:
        grid = np.linspace(0.3 * at, 1.5 * at, points)
        difference = abs(script(at, coflip) / float(kernel(at, coflip)) - 1)
        slow = median_seconds(lambda script=script, at=at, coflip=coflip: script(at, coflip), 1)
        first, each = [], []
        for _ in range(repeats):
            blocking_rule.cache_clear()
            blocking_and_phase_rule.cache_clear()
            empty_table.cache_clear()
            lobes.cache_clear()
            first += seconds(lambda k=kernel, g=grid, c=coflip: k(g, c), 1)
            each += seconds(lambda k=kernel, g=grid, c=coflip: k(g, c), 1)
        first, each = median(first) / points, median(each) / points
        times = [duration(slow), duration(first), duration(each)]
        rows.append([ratio(slow / first), ratio(slow / each), f"{difference:.0e}", *times, name])
    text = (
        f"The kernels of paper 002 on one core, {points:,} times or frequencies for one coflip number, lambda = 1: "
        "first with all that is computed for that number alone (averages over y; the table of chi''), and again with "
        "it at hand. Against `scipy.integrate.quad`: P over time and z of the sum over M; chi'' over z for each M, "
        "as it stands, or in pieces between all singular points without their inverse square roots; and this nested in "
        "the average over the phase (`benchmarks/grains.py`)."
    )
    header = ["quad / first point", "quad / point", "relative difference", "quad", "first point", "point", "variable"]
    return section("Magnetic grains against nested quad", text, header, rows)
