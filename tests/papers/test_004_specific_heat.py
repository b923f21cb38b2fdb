"""Numbers and claims of paper 004 on dephasing and specific heat: each reproduced, or refuted (see the errata)."""

import numpy as np
import pytest
from scipy.constants import hbar, k
from scipy.optimize import brentq

from physics.electrons import inversions
from physics.heat_and_sound.electron_heat import electron_specific_heat
from physics.heat_and_sound.specific_heat import (
    heat_integral,
    slow_logarithm,
    tls_specific_heat,
)

EV = 1.602176634e-19
TAU_PHI, ESTAR, EPS_F, N_E = 3e-9, 0.02, 5 * EV, 3e28
PER_K_CM3 = k * 1e-6  # from 1/(J m3) to 1/(K cm3)


def heat_ratio(T, chi=0.03, L_slow=30.0, convention="consistent"):
    """C_T/C_e of the paper's example at T, in its own letters; `convention` is that of C_e."""
    Pd = inversions.Pd_from_tau_phi(TAU_PHI, chi, ESTAR, n_e=N_E, eps_F=EPS_F, cross_section="published")
    levels = tls_specific_heat(T, Pd, ESTAR, logarithm="published", convention="published", L_slow=L_slow)
    return float(levels / electron_specific_heat(T, n_e=N_E, eps_F=EPS_F, convention=convention))


def test_each_collision_dephases_at_20_mK():
    """After (6): E* = 20 mK > hbar/3 ns."""
    assert hbar / (k * TAU_PHI) == pytest.approx(2.546e-3, rel=1e-3)
    assert inversions.tau_in_from_tau_phi(TAU_PHI, ESTAR) == TAU_PHI


def test_density_ratio_is_5e_8_over_chi_and_not_3e_8():
    chi = np.array([0.01, 0.1, 1.0])
    np.testing.assert_allclose(
        inversions.density_ratio(TAU_PHI, chi, eps_F=EPS_F, cross_section="published") * chi, 5.170e-8, rtol=1e-3
    )


def test_density_of_states_of_the_example():
    """5e16/chi is printed; 7.75e16/chi with the paper's n_e, 1.31e17/chi with the n_e that belongs to 5 eV."""
    printed = (
        inversions.Pd_from_tau_phi(TAU_PHI, 1.0, ESTAR, n_e=N_E, eps_F=EPS_F, cross_section="published") * PER_K_CM3
    )
    assert printed == pytest.approx(7.754e16, rel=1e-3)
    n_e = brentq(lambda n: inversions.fermi_energy(n) - EPS_F, 1e28, 1e29)
    assert n_e == pytest.approx(5.077e28, rel=1e-3)
    free = inversions.Pd_from_tau_phi(TAU_PHI, 1.0, ESTAR, n_e=n_e, eps_F=EPS_F, cross_section="published") * PER_K_CM3
    assert free == pytest.approx(1.312e17, rel=1e-3)
    # "one-two orders of magnitude" above 1e16 of metallic glasses, at chi = 0.01 ... 0.1
    assert np.log10(printed / 0.1 / 1e16) == pytest.approx(1.89, abs=0.01)
    assert np.log10(printed / 0.01 / 1e16) == pytest.approx(2.89, abs=0.01)


def test_few_collisions_need_the_square_more_systems():
    """After (6): for E* tau_phi << hbar the estimate is multiplied by (hbar/E* tau_phi)^2."""
    Estar = 1e-4
    ratio = TAU_PHI / inversions.tau_in_from_tau_phi(TAU_PHI, Estar)
    assert ratio == pytest.approx((hbar / (k * Estar * TAU_PHI)) ** 2, rel=1e-13)


def test_the_logarithm_is_half_of_the_printed_one():
    """L = ln(t_exp/tau_min) is printed; p_min = tau_min/t_exp gives (1/2) ln(4 t_exp/tau_min)."""
    for ratio in (1e10, 1e20):
        assert slow_logarithm(1 / ratio) == pytest.approx(0.5 * np.log(4 * ratio), rel=1e-10)
    # L = 20 ... 40 asks for times that are 1e17 ... 1e34 apart.
    for L, decades in ((20, 16.8), (40, 34.1)):
        assert np.log10(1 / (4 * np.exp(-2 * L))) == pytest.approx(decades, abs=0.1)
        assert slow_logarithm(4 * np.exp(-2 * L)) == pytest.approx(L, rel=1e-13)


def test_the_constant_of_eq_8_is_pi_squared_over_six_and_belongs_to_low_temperatures():
    assert heat_integral(50.0) == pytest.approx(np.pi**2 / 6, rel=1e-14)
    assert heat_integral(1e-3) == pytest.approx(1e-9 / 12, rel=1e-6)


def test_printed_electronic_specific_heat_is_low_by_3_29():
    ratio = electron_specific_heat(1.0, n_e=N_E, eps_F=EPS_F, convention="consistent") / electron_specific_heat(
        1.0, n_e=N_E, eps_F=EPS_F, convention="published"
    )
    assert ratio == pytest.approx(3.2899, rel=1e-4)


@pytest.mark.parametrize(
    ("prefactor", "value"),
    [("printed", 0.12730387637), ("published", 0.09998423069512961), ("exact", 0.04999211534756481)],
)
def test_ratio_of_specific_heats_at_low_temperatures(prefactor, value):
    """After (9): "C_T/C_e = 0.1 L/chi"."""
    found = inversions.heat_ratio(TAU_PHI, 1.0, ESTAR, L_slow=1.0, cross_section="published", prefactor=prefactor)
    assert found == pytest.approx(value, rel=1e-10)


def test_about_a_hundred_times():
    """L = 30, chi = 0.03: 100 with the printed (7), (8); 50 exactly; the kernel with the printed C_e gives 164."""
    for prefactor, value in (("printed", 127.3), ("published", 99.98), ("exact", 49.99)):
        found = inversions.heat_ratio(TAU_PHI, 0.03, ESTAR, L_slow=30.0, cross_section="published", prefactor=prefactor)
        assert found == pytest.approx(value, rel=1e-3)
    assert heat_ratio(2e-4) == pytest.approx(49.992, rel=1e-4)
    assert heat_ratio(2e-4, convention="published") == pytest.approx(49.992 * np.pi**2 / 3, rel=1e-4)


def test_the_two_level_systems_do_not_dominate_where_the_experiment_was_done():
    """tau_phi is flat from 40 mK to 1 K, which needs E* < 40 mK; but C_T > C_e only below 27 mK (40 mK as printed)."""
    assert heat_ratio(0.04) == pytest.approx(0.3051, rel=1e-3)
    assert heat_ratio(1.0) < 1e-4
    equal = brentq(lambda T: heat_ratio(T) - 1, 0.01, 0.1)
    assert equal == pytest.approx(26.52e-3, rel=1e-3)
    assert brentq(lambda T: heat_ratio(T, convention="published") - 1, 0.01, 0.1) == pytest.approx(40.05e-3, rel=1e-3)
    # C_T = C_e at E* (R/2 pi^2)^(1/3), R the ratio at T << E*, from f = x^3/12
    assert ESTAR * (heat_ratio(2e-4) / (2 * np.pi**2)) ** (1 / 3) == pytest.approx(equal, rel=0.04)


def test_slope_of_specific_heat_changes_at_the_cut_off():
    """ "The ratio C/T changes dramatically at T = E*": C_T ~ T below, T^-2 above."""

    def exponent(T):
        low, high = tls_specific_heat(np.array([T / 1.01, T * 1.01]), 1e46, ESTAR, p_min=1e-12, logarithm="exact")
        return np.log(high / low) / np.log(1.01**2)

    assert exponent(1e-3) == pytest.approx(1, abs=1e-3)
    assert exponent(2.0) == pytest.approx(-2, abs=1e-3)
    # C_T itself is largest, its exponent 0, at 0.256 E*.
    assert brentq(exponent, 1e-3, 0.1) / ESTAR == pytest.approx(0.2555, rel=1e-3)


def test_saturation_needs_a_cut_off_below_the_lowest_temperature():
    """Before (3): E* <= T_min. The thermal factor, averaged over electrons, takes 1.4 % at 40 mK for E* = 20 mK and
    makes the rate ~ T for E* >> T."""
    np.testing.assert_allclose(inversions.thermal_weight([0.04, 1.0], ESTAR), [0.98635, 0.999978], rtol=1e-5)
    wide = inversions.thermal_weight(np.array([0.04, 0.4]), 10.0)
    assert wide[1] / wide[0] == pytest.approx(10, rel=1e-3)
