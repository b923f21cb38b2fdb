"""Coagulation with b = sqrt(k m): the octaves of `physics.clusters.coagulation`, what a user would write, and other
packages."""

from collections.abc import Callable, Iterable
from importlib.util import find_spec
from time import perf_counter

import numpy as np
from scipy.fft import irfft, next_fast_len, rfft
from scipy.integrate import solve_ivp

from benchmarks.report import duration, median_seconds, section
from physics.clusters.coagulation import ProductKernel
from physics.clusters.densities import trajectory

# I_2, from two other solutions that agree to 1e-11.
I_2 = {1.0: 5.868243581226, 5.0: 1386.575777240}
INSTALL = {"dustpy": "`uv pip install dustpy`, with a Fortran compiler"}


def octaves(t: float) -> float:
    """Solve from nothing to t = 30, n = 1e15, and give I_2(t)."""
    return float(ProductKernel().moment(2, t))


def fft(t: float, count: int = 4096) -> float:
    """Every size up to `count`, gains by FFT: I_2(t)."""
    n = np.arange(1.0, count + 1)
    length = next_fast_len(2 * count, real=True)

    def rate(_, P):
        f = np.sqrt(n) * P
        return np.concatenate([[0.0], irfft(rfft(f, length) ** 2, length)[: count - 1]]) - 2 * f * f.sum()

    solved = solve_ivp(rate, (0, t), n == 1, method="DOP853", rtol=1e-10, atol=1e-14)
    return float((n**2 * solved.y[:, -1]).sum())


def fixed_pivot(t: float, doubling: int = 8, largest: float = 1e6) -> float:
    """Bins, `doubling` to a factor of 2, that keep number and centres (Kumar and Ramkrishna 1996): I_2(t)."""
    whole = np.arange(1.0, doubling / np.log(2) + 1)
    growing = whole[-1] * 2 ** (np.arange(1, doubling * np.log2(largest / whole[-1])) / doubling)
    x = np.concatenate([whole, growing])
    i, j = np.triu_indices(len(x))
    merged = x[i] + x[j]
    inside = merged <= x[-1]
    i, j, merged = i[inside], j[inside], merged[inside]
    low = np.minimum(np.searchsorted(x, merged, side="right") - 1, len(x) - 2)
    share = (x[low + 1] - merged) / (x[low + 1] - x[low])
    pairs = np.where(i == j, 1.0, 2.0) * np.sqrt(x[i] * x[j])

    def rate(_, P):
        gain = pairs * P[i] * P[j]
        total = np.bincount(low, gain * share, len(x)) + np.bincount(low + 1, gain * (1 - share), len(x))
        return total - 2 * np.sqrt(x) * P * (np.sqrt(x) * P).sum()

    solved = solve_ivp(rate, (0, t), x == 1, method="DOP853", rtol=1e-6, atol=1e-12)
    return float((x**2 * solved.y[:, -1]).sum())


def pysdm(t: float, droplets: int = 2**14, steps: int = 200) -> float:
    """Super-droplets of PySDM 3, a Monte Carlo, with the kernel sqrt(k m): I_2(t)."""
    from PySDM import Particulator
    from PySDM.backends import CPU
    from PySDM.dynamics import Coalescence
    from PySDM.environments import Box

    class SquareRoot:
        def register(self, particulator):
            self.particulator = particulator
            particulator.request_attribute("volume")

        def __call__(self, output, is_first_in_pair):
            output.multiply(self.particulator.attributes["volume"], is_first_in_pair)
            output **= 0.5
            # dP_n/dt = (1/2) sum K P P - P sum K P: K = 2 b.
            output *= 2.0 / second

    # A unit of t, long enough for PySDM's shortest step of 0.1 s.
    number, second = 2**40, 1000.0
    share = np.full(droplets, number // droplets, dtype=np.int64)
    particulator = Particulator(
        droplets,
        environment=Box(dt=second * t / steps, dv=float(number), backend=CPU()),
        dynamics=[Coalescence(collision_kernel=SquareRoot(), adaptive=True)],
        attributes={"multiplicity": share, "volume": np.ones(droplets)},
    )
    particulator.advance(steps)
    n = particulator.attributes["volume"].to_ndarray()
    return float((n**2 * particulator.attributes["multiplicity"].to_ndarray()).sum() / number)


# Name, module that must be there, function, t, what is reached in that time.
CASES: tuple[tuple[str, str | None, Callable[[float], float], float, str], ...] = (
    ("octaves (`physics.clusters.coagulation`)", None, octaves, 5.0, "t = 30, n = 1e15"),
    ("direct, FFT, N = 4096", None, fft, 1.0, "t = 1"),
    ("fixed pivot, 8 bins per factor 2", None, fixed_pivot, 5.0, "t = 5"),
    ("PySDM, 2^14 super-droplets", "PySDM", pysdm, 1.0, "t = 1"),
    ("dustpy", "dustpy", None, 1.0, ""),
    ("PyPartMC", "PyPartMC", None, 1.0, ""),
)


def report(cases: Iterable[tuple] = CASES, repeats: int = 3, points: int = 100_000) -> str:
    """Error of I_2 beside the time of each way to solve it, and the time of one value afterwards."""
    rows = []
    for name, module, solve, t, reached in cases:
        if module and not find_spec(module):
            rows.append([name, "", "not installed", INSTALL.get(module, "`uv pip install --group peers`")])
            continue
        if solve is None:
            rows.append([name, "", "not run", "has no kernel sqrt(k m)"])
            continue
        solve(t)
        error = abs(solve(t) / I_2[t] - 1)
        rows.append([name, f"{error:.0e}", duration(median_seconds(lambda s=solve, t=t: s(t), repeats)), reached])
    rng = np.random.default_rng(0)
    n, at = np.exp(rng.uniform(0, 28, points)), rng.uniform(0, 30, points)
    trajectory().P(n[:1], at[:1])
    started = perf_counter()
    trajectory().P(n, at)
    rows.append(["one value afterwards", "", duration((perf_counter() - started) / points), "scattered n, t"])
    text = "The error is that of I_2 at t = 5, at t = 1 where the method ends there (`benchmarks/clusters.py`)."
    return section("Coagulation of clusters (paper 003)", text, ["method", "error of I_2", "time", "reached"], rows)
