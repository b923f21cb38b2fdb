"""Conductance noise with its end at the dephasing rate, and the densities of defects of paper 000."""

from itertools import pairwise

import numpy as np
import pytest
from scipy.constants import hbar, k
from scipy.integrate import quad

from physics import QUANTITIES

NOISE, RATES = QUANTITIES["conductance_noise"], QUANTITIES["one_over_f"]
WIRE = {"R_per_length": 6.2e6, "D": 0.0135, "ee_prefactor": 1.0}
DEFECTS = {"F1": 0.3, "log_range": 40.0, "tau": 2.1e-14, "kFl": 250.0}
SAMPLE = {"F2": 0.4, "v_F": 1.39e6, "N_electrons": 3e9}


def lorentzians(f, rate, alpha, N):
    """The sum of the telegraph noises of all defects slower than `rate`, an integral over ln(nu)."""
    omega = 2 * np.pi * f
    edges = [np.log(rate) - 60, np.log(rate)]
    middle = min(np.log(omega), edges[1])
    steps = sorted({edges[0], *(x for x in (middle - 8, middle - 2, middle, middle + 2) if x < edges[1]), edges[1]})
    parts = [
        quad(lambda x: 4 * np.exp(x) / (np.exp(2 * x) + omega**2), a, b, epsabs=0, epsrel=1e-13)[0]
        for a, b in pairwise(steps)
    ]
    return alpha / N * sum(parts)


@pytest.mark.parametrize("model", ["generic", "two_level"])
def test_the_noise_is_that_of_all_defects_slower_than_the_dephasing(model):
    axes = {"p_t": 3e-3} if model == "generic" else {"Lambda0": 0.02, "Estar": 90.0}
    for T, f in ((0.043, 11.0), (0.3, 7.7e7), (1.7, 3.1e8), (1.7, 9.4e9)):
        rates = RATES(T=T, model=model, **axes, **WIRE, **DEFECTS)
        found = NOISE(T=T, frequency=f, model=model, **axes, **WIRE, **DEFECTS, **SAMPLE)
        expected = lorentzians(f, rates["rate_total"], rates["hooge"], SAMPLE["N_electrons"])
        assert found["S_relative"] == pytest.approx(expected, rel=1e-10)
        standard = lorentzians(f, rates["rate_standard"], rates["hooge_standard"], SAMPLE["N_electrons"])
        assert found["S_relative_standard"] == pytest.approx(standard, rel=1e-10)


def test_one_over_f_below_the_end_and_half_of_it_there():
    rates = RATES(T=0.5, p_t=1e-3, **WIRE, **DEFECTS)
    end = NOISE(T=0.5, p_t=1e-3, frequency=1.0, **WIRE, **DEFECTS, **SAMPLE)["f_end"]
    f = end * np.array([1e-9, 1.0, 1e3])
    S = NOISE(T=0.5, p_t=1e-3, frequency=f, **WIRE, **DEFECTS, **SAMPLE)["S_relative"]
    reduced = S * f * SAMPLE["N_electrons"] / rates["hooge"]
    np.testing.assert_allclose(reduced, [1.0, 0.5, 2 / np.pi * np.arctan(1e-3)], rtol=1e-8)
    assert 1e7 < end < 1e9


def test_one_defect_and_all_of_them():
    """n_1 e-folds of the variance (5) in a coherent volume are (6), and averaged over volumes and energies (7)."""
    T, p_t = 0.8, 2e-3
    rates = RATES(T=T, p_t=p_t, **WIRE, **DEFECTS)
    found = NOISE(T=T, p_t=p_t, frequency=1e9, **WIRE, **DEFECTS, **SAMPLE)
    volume = found["L_phi"] ** 3
    full = found["n_per_efold"] * volume * found["Delta1_g"] ** 2
    assert full == pytest.approx(1 / rates["ln_alpha"], rel=1e-9)
    path, tau_phi = SAMPLE["v_F"] * DEFECTS["tau"], 1 / rates["rate_total"]
    k_F = DEFECTS["kFl"] / path
    g = k_F**2 * path * found["L_phi"]
    assert full / g**2 * k_F**3 * volume * hbar / (tau_phi * k * T) == pytest.approx(rates["hooge"], rel=1e-9)
    assert found["L_phi"] == pytest.approx(np.sqrt(SAMPLE["v_F"] * path / 3 * tau_phi), rel=1e-9)
    assert found["n_defects"] * path * SAMPLE["F2"] / k_F**2 == pytest.approx(1, rel=1e-12)
    assert found["n_active"] == pytest.approx(rates["p_active"] * found["n_defects"], rel=1e-12)


def test_status_says_where_the_noise_means_nothing():
    assert NOISE(T=0.01, p_t=1.0, frequency=1.0, **WIRE, **DEFECTS, **SAMPLE)["status"] == 1
    strong = WIRE | {"ee_prefactor": 1e3}
    assert NOISE(T=0.01, p_t=1e-3, frequency=1.0, **strong, **DEFECTS, **SAMPLE)["status"] == 2
    many = {"Lambda0": 10.0, "Estar": 1.0, "model": "two_level"}
    assert NOISE(T=1.0, frequency=1.0, **many, **WIRE, **(DEFECTS | {"log_range": 1.0}), **SAMPLE)["status"] == 3
    assert NOISE(T=4.0, p_t=1e-3, frequency=1.0, **WIRE, **DEFECTS, **SAMPLE)["status"] == 0
