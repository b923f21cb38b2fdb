"""From a dephasing time to two-level systems, and the exponential integrals under the Kondo averages."""

from itertools import pairwise

import numpy as np
import pytest
from scipy.constants import electron_mass, hbar, k
from scipy.integrate import quad
from scipy.special import expn

from physics import ParameterError
from physics.electrons import inversions
from physics.electrons.scales import disorder_strength
from physics.numerics.exponential_integrals import exponential_integral_table, exponential_integrals

EV = 1.602176634e-19


def test_eq_5_follows_from_eq_4_for_free_electrons():
    n_e, chi, n_T = 5.9e28, 0.07, 3e22
    k_F, eps_F = inversions.fermi_wave_number(n_e), inversions.fermi_energy(n_e)
    sigma_in = inversions.inelastic_cross_section(chi, k_F)
    tau_in = inversions.inelastic_time(n_T, sigma_in=sigma_in, v_F=hbar * k_F / electron_mass)
    assert inversions.density_ratio(tau_in, chi, eps_F=eps_F) == pytest.approx(n_T / n_e, rel=1e-13)


def test_independent_value_of_the_density_ratio():
    ratio = inversions.density_ratio(3e-9, 1.0, eps_F=5 * EV)
    assert ratio == pytest.approx(5.169584621154824e-08, rel=1e-13)


def test_times_above_and_below_one_collision_per_phase():
    Estar = 0.02
    one = hbar / (k * Estar)
    tau_in = one * np.array([1e-4, 0.5, 1.0, 2.0, 1e4])
    tau_phi = inversions.tau_phi_from_tau_in(tau_in, Estar)
    z = tau_in / one
    np.testing.assert_allclose(tau_in / tau_phi, np.where(z < 1, z ** (2 / 3), 1), rtol=1e-13)
    np.testing.assert_allclose(inversions.tau_in_from_tau_phi(tau_phi, Estar), tau_in, rtol=1e-13)
    assert (np.diff(tau_phi) > 0).all()


def test_density_of_states_from_a_dephasing_time():
    """The whole way there and back: Pd -> tau_in (4) -> tau_phi (6) -> Pd."""
    n_e, chi, Estar = 5.1e28, 0.05, 0.02
    Pd = np.array([1e44, 1e47, 1e49, 1e51])
    eps_F, k_F = inversions.fermi_energy(n_e), inversions.fermi_wave_number(n_e)
    sigma_in = inversions.inelastic_cross_section(chi, k_F)
    tau_in = inversions.inelastic_time(Pd * k * Estar, sigma_in=sigma_in, v_F=hbar * k_F / electron_mass)
    tau_phi = inversions.tau_phi_from_tau_in(tau_in, Estar)
    crossed = k * Estar * tau_phi / hbar
    assert crossed.min() < 1 < crossed.max()
    # E* tau_in/hbar is 1/B of paper 001, whatever E* is.
    np.testing.assert_allclose(
        k * Estar * tau_in / hbar, 1 / disorder_strength(Pd, sigma_in=sigma_in, v_F=hbar * k_F / electron_mass)
    )
    np.testing.assert_allclose(inversions.Pd_from_tau_phi(tau_phi, chi, Estar, n_e=n_e, eps_F=eps_F), Pd, rtol=1e-12)


@pytest.mark.parametrize("ratio", [1e-3, 0.7, 5.0, 39.0, 41.0, 1e3])
def test_thermal_weight(ratio):
    edges = np.minimum(ratio, [0, 1, 5, 20, 60])
    pairs = pairwise(edges)
    expected = sum(quad(lambda x: x / np.sinh(x), *e, epsabs=0, epsrel=1e-13)[0] for e in pairs if e[0] < e[1])
    assert inversions.thermal_weight(0.3, 0.3 * ratio) == pytest.approx(expected / ratio, rel=1e-12)


def test_limits_of_the_thermal_weight():
    weight = inversions.thermal_weight([1.0, 1.0], [1e-3, 1e3])
    np.testing.assert_allclose(weight, [1 - 1e-6 / 18, np.pi**2 / 4e3], rtol=1e-12)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: inversions.density_ratio(0.0, 0.1, eps_F=EV), "tau_in = 0"),
        (lambda: inversions.density_ratio(1e-9, 2.0, eps_F=EV), "chi = 2"),
        (lambda: inversions.Pd_from_tau_phi(3e-9, 0.1, -1.0, n_e=1e28, eps_F=EV), "Estar = -1"),
        (lambda: inversions.Pd_from_tau_phi(3e-9, 0.1, 0.1, n_e=np.nan, eps_F=EV), "n_e = nan"),
        (lambda: inversions.heat_ratio(3e-9, 0.1, 0.1, L_slow=0, prefactor="printed"), "L_slow = 0"),
        (lambda: inversions.heat_ratio(3e-9, 0.1, 0.1, L_slow=1, prefactor="mine"), "prefactor = 'mine' is unknown"),
        (lambda: inversions.thermal_weight(0.0, 1.0), "T = 0"),
    ],
)
def test_refusals(call, message):
    with pytest.raises(ParameterError, match=message):
        call()


def test_exponential_integrals():
    x = np.concatenate([np.geomspace(1e-9, 511.9, 300), [1.0, 2.0, 256.0, np.nextafter(2.0, 0)]])
    found = np.array([exponential_integrals(value, exponential_integral_table()) for value in x])
    np.testing.assert_allclose(found[:, 0], np.exp(-x), rtol=1e-14)
    for n in (1, 2, 3, 4):
        error = np.abs(found[:, n] / expn(n, x) - 1) / (1 + x) ** (n - 1)
        assert error.max() < 3e-15
    assert exponential_integrals(512.0, exponential_integral_table()) == (0.0, 0.0, 0.0, 0.0, 0.0)
