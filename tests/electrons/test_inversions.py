"""From a dephasing time to two-level systems, and the exponential integrals under the Kondo averages."""

from itertools import pairwise

import numpy as np
import pytest
from scipy.constants import electron_mass, hbar, k
from scipy.integrate import quad
from scipy.special import expn

from physics import ParameterError
from physics.electrons import inversions
from physics.electrons.closed_forms import disorder_strength
from physics.numerics.exponential_integrals import exponential_integral_table, exponential_integrals

EV = 1.602176634e-19


CROSS_SECTIONS = {"unitary": 4, "golden_rule": np.pi}
"""4 pi/k_F^2 or pi^2/k_F^2, over pi/k_F^2: sigma_in(004)/chi(004)."""


@pytest.mark.parametrize("cross_section", CROSS_SECTIONS)
def test_eq_5_in_the_letters_of_either_paper(cross_section):
    """sigma_in(001) = 4 sigma_in(004), chi(001) = chi(004)/2, and the time is the same."""
    n_e, chi, n_T = 5.9e28, 0.07, 3e22
    k_F, eps_F = inversions.fermi_wave_number(n_e), inversions.fermi_energy(n_e)
    v_F = hbar * k_F / electron_mass
    sigma_in = inversions.inelastic_cross_section(chi, k_F, cross_section=cross_section)
    assert sigma_in == pytest.approx(4 * (CROSS_SECTIONS[cross_section] * np.pi / k_F**2) * 2 * chi, rel=1e-13)
    tau_in = inversions.inelastic_time(n_T, sigma_in=sigma_in, v_F=v_F)
    assert inversions.density_ratio(tau_in, chi, eps_F=eps_F, cross_section=cross_section) == pytest.approx(
        n_T / n_e, rel=1e-13
    )
    printed = inversions.inelastic_time(n_T, sigma_in=sigma_in / 4, v_F=v_F, convention="published")
    assert printed == pytest.approx(tau_in, rel=1e-13)
    if cross_section == "unitary":
        assert inversions.inelastic_cross_section(2 * chi, k_F, cross_section="published") == pytest.approx(
            sigma_in / 4
        )
        assert inversions.density_ratio(tau_in, 2 * chi, eps_F=eps_F, cross_section="published") == pytest.approx(
            n_T / n_e
        )


def test_the_golden_rule_of_eq_11_and_eq_4():
    """Rates from V alone: 2 Gamma/hbar of (11) at p = 1 is chi(004) E coth(E/2T)/hbar, the golden rule for a level that
    flips by electron-hole pairs of both spins; 1/tau_in = 2 pi rho n_T V^2/hbar."""
    n_e, V, n_T = 5.9e28, 2e-48, 3e22
    k_F = inversions.fermi_wave_number(n_e)
    v_F = hbar * k_F / electron_mass
    rho = k_F**2 / (2 * np.pi**2 * hbar * v_F)
    # Pairs of energy E at T = 0: E of them for each spin, from one state of density rho to another.
    chi_004 = 2 * np.pi * 2 * (rho * V) ** 2
    sigma_in = inversions.inelastic_cross_section(chi_004 / 2, k_F, cross_section="golden_rule")
    expected = hbar / (2 * np.pi * rho * n_T * V**2)
    assert inversions.inelastic_time(n_T, sigma_in=sigma_in, v_F=v_F) == pytest.approx(expected, rel=1e-12)


def test_independent_value_of_the_density_ratio():
    ratio = inversions.density_ratio(3e-9, 1.0, eps_F=5 * EV, cross_section="published")
    assert ratio == pytest.approx(5.169584621154824e-08, rel=1e-13)
    assert inversions.density_ratio(3e-9, 1.0, eps_F=5 * EV) == pytest.approx(0.5 * ratio, rel=1e-13)
    golden = inversions.density_ratio(3e-9, 1.0, eps_F=5 * EV, cross_section="golden_rule")
    assert golden == pytest.approx(2 / np.pi * ratio, rel=1e-13)


def test_heat_in_the_letters_of_001():
    """The paper's example, 100 with the printed (7), (8) at chi(004) = 0.03: the same time and the same systems."""
    of_004 = inversions.heat_ratio(3e-9, 0.03, 0.02, L_slow=30.0, cross_section="published")
    assert of_004 == pytest.approx(np.pi / 8 * 1e3 * hbar / (k * 0.02 * 3e-9), rel=1e-13)
    assert inversions.heat_ratio(3e-9, 0.015, 0.02, L_slow=30.0) == pytest.approx(of_004, rel=1e-13)


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
    norm = np.arccosh(1e-8**-0.5)
    tau_in = inversions.inelastic_time(Pd * k * Estar / norm, sigma_in=sigma_in, v_F=hbar * k_F / electron_mass)
    tau_phi = inversions.tau_phi_from_tau_in(tau_in, Estar)
    crossed = k * Estar * tau_phi / hbar
    assert crossed.min() < 1 < crossed.max()
    # E* tau_in/hbar is 4 arccosh(p_min^(-1/2))/B of paper 001, whatever E* is.
    B = disorder_strength(Pd, sigma_in=sigma_in, v_F=hbar * k_F / electron_mass)
    np.testing.assert_allclose(k * Estar * tau_in / hbar, 4 * norm / B, rtol=1e-12)
    found = inversions.Pd_from_tau_phi(tau_phi, chi, Estar, n_e=n_e, eps_F=eps_F, p_min=1e-8)
    np.testing.assert_allclose(found, Pd, rtol=1e-12)
    printed = inversions.Pd_from_tau_phi(tau_phi, 2 * chi, Estar, n_e=n_e, eps_F=eps_F, cross_section="published")
    np.testing.assert_allclose(printed, Pd / norm, rtol=1e-12)


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
        (lambda: inversions.Pd_from_tau_phi(3e-9, 0.1, 0.1, n_e=1e28, eps_F=EV), "cross_section = unitary needs p_min"),
        (
            lambda: inversions.inelastic_cross_section(0.1, 1e10, cross_section="mine"),
            "cross_section = 'mine' is unknown",
        ),
        (lambda: inversions.inelastic_time(1e22, sigma_in=1e-20, v_F=1e6, convention="my"), "convention = 'my' is unk"),
        (lambda: inversions.heat_ratio(3e-9, 0.1, 0.1, L_slow=0), "L_slow = 0"),
        (
            lambda: inversions.heat_ratio(3e-9, 0.1, 0.1, L_slow=1, prefactor="printed"),
            "needs cross_section = published",
        ),
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
