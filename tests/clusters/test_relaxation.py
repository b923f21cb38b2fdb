"""Relaxation times of cluster excitations, and the friction they cause on the plateau and off it."""

from itertools import pairwise

import numpy as np
import pytest
from scipy.constants import k

from physics import QUANTITIES
from physics.clusters.densities import trajectory

FRICTION, TIMES = QUANTITIES["internal_friction"], QUANTITIES["relaxation_times"]
AMPLITUDES = QUANTITIES["amplitude_distribution"]
A = 7e7


def gauss(marks, longest, count=12):
    x, w = np.polynomial.legendre.leggauss(count)
    nodes, weights = [], []
    for low, high in pairwise(marks):
        edges = np.linspace(low, high, 1 + int(np.ceil((high - low) / longest)))
        nodes.append((edges[:-1, None] + np.diff(edges)[:, None] * (x + 1) / 2).ravel())
        weights.append((np.diff(edges)[:, None] * w / 2).ravel())
    return np.concatenate(nodes), np.concatenate(weights)


def levels(T, omega, Lambda0, W, chi):
    """Q^-1 as an integral over energies first and amplitudes inside: dn Delta/eps deps, n = n(eps) + w^2."""
    L, total = np.log(W / Lambda0), 0.0
    end = min(W, 45 * T)
    x, dx = gauss([np.log(T) - 14, np.log(T), np.log(end)], 0.2)
    for eps, step in zip(np.exp(x), np.exp(x) * dx, strict=True):
        least, last = np.log(W / eps) / L, (np.log(W) + 30) / L
        low = np.sqrt(max(1.0, least) - least)
        inside = [np.sqrt(n - least) for n in range(1, int(last) + 1) if n - least > low**2 + 1e-12]
        w, dw = gauss([low, *inside, np.sqrt(last - least)], 0.15 / np.sqrt(L))
        n = least + w * w
        Delta0 = W * np.exp(-n * L)
        rate = 0.5 * A * Delta0**2 * eps / np.tanh(eps / (2 * T))
        P = trajectory().P(np.maximum(n, 1.0), chi / 3 * np.log(W / max(eps, T)))
        share = np.sqrt(np.maximum(0.0, 1 - (Delta0 / eps) ** 2))
        debye = omega * rate / (omega**2 + rate**2)
        total += step / np.cosh(eps / (2 * T)) ** 2 / T * np.sum(dw * 2 * w * n * P * share * debye)
    return 2 / np.pi * chi / np.pi * total


@pytest.mark.parametrize(
    ("T", "omega", "Lambda0", "W", "chi"),
    [
        (0.13, 1.3e3, 0.9, 110.0, 0.28),
        (0.012, 2e4, 0.3, 80.0, 0.2),
        (2.2, 1e6, 0.6, 35.0, 0.5),
        (0.05, 30.0, 0.02, 60.0, 0.1),
    ],
)
def test_friction_is_the_integral_over_levels(T, omega, Lambda0, W, chi):
    given = {"T": T, "omega": omega, "Lambda0": Lambda0, "Estar": W, "Pd": 1e45, "U0": chi / np.pi / 1e45}
    found = FRICTION(**given, A_phonon=A, region="all")["Q_inverse"]
    assert found == pytest.approx(levels(T, omega, Lambda0, W, chi), rel=3e-8)


def test_on_the_plateau_it_is_the_formula_of_the_plateau():
    """Far above the least temperature, for so many e-folds that n P_n hardly changes in one."""
    given = {"omega": 1.0, "Lambda0": 1e-3, "Estar": 1e4, "Pd": 1e45, "U0": 1e-46, "A_phonon": 1e10}
    whole, plateau = (FRICTION(T=3.0, **given, region=region)["Q_inverse"] for region in ("all", "plateau"))
    assert whole == pytest.approx(plateau, rel=0.1)


def test_cold_friction_falls_as_the_rate_of_relaxation():
    """Where all levels are too slow, Q^-1 is an average rate over omega."""
    given = {"T": 0.004, "Lambda0": 0.5, "Estar": 80.0, "Pd": 1e45, "U0": 1e-46, "A_phonon": A, "region": "all"}
    one, ten = (FRICTION(omega=omega, **given)["Q_inverse"] for omega in (1e8, 1e9))
    assert ten == pytest.approx(one / 10, rel=1e-6)
    half = FRICTION(omega=1e8, **(given | {"A_phonon": A / 2}))["Q_inverse"]
    assert half == pytest.approx(one / 2, rel=1e-6)


def test_relaxation_times_are_the_amplitudes_in_another_variable():
    """The number of excitations between two amplitudes is that between two times."""
    given = {"T": 0.2, "Lambda0": 1.0, "Estar": 100.0, "Pd": 1e45, "U0": 9e-47}
    low, high = 2e-7, 3e-4
    x, w = gauss(np.log([low, high]), 0.5)
    by_amplitude = np.sum(w * np.exp(x) * AMPLITUDES(**given, Delta0=np.exp(x), kernel="constant")["P_Delta0"])
    times = -np.log(A * 0.2) - 2 * np.log([high, low])
    y, w = gauss(times, 0.5)
    found = TIMES(**given, relaxation_time=np.exp(y), A_phonon=A, kernel="constant")
    assert np.sum(w * found["P_ln_tau"]) == pytest.approx(by_amplitude, rel=1e-9)
    measured = np.gradient(np.log(found["P_ln_tau"]), y)
    np.testing.assert_allclose(found["slope"][1:-1], measured[1:-1], atol=1e-4)


def test_relaxation_times_are_nearly_even_in_their_logarithm():
    """The paper's claim: over sixteen decades of time the density per unit of ln(tau) changes by a factor of 6."""
    tau = np.geomspace(1e-6, 1e7, 40)
    found = TIMES(T=0.1, Lambda0=1.0, Estar=100.0, Pd=1e45, U0=0.3 / np.pi / 1e45, A_phonon=1e8, relaxation_time=tau)
    seen = found["P_ln_tau"]
    assert seen.max() / seen.min() < 60
    assert (np.abs(found["slope"][5:]) < 0.25).all()
    assert k * 0.1 * seen.max() > 0
