"""Coherence of magnetic grains in paper 002: what it prints, each reproduced or refuted (errata page)."""

import math

import numpy as np
import pytest
from scipy.special import jv

from helpers import reference_grains as reference
from physics.constants import BOLTZMANN, HBAR
from physics.grains.environment import (
    bulk_coupling,
    coflip_number,
    diffusion_limit,
    largest_spin,
    level_splitting,
    ohmic_damping,
    phonon_damping,
    renormalised_splitting,
    surface_coupling,
)
from physics.grains.grains import resonant_fraction
from physics.grains.polarisation import depolarisation
from physics.grains.susceptibility import spectrum

# Ferritin: 50 MHz, N of about 100, Omega_o = 4e10 Hz, Delta = 1 MHz; the paper's Hz as rad/s.
OMEGA0, N, OMEGA, DELTA, HOT = 5e7, 100, 4e10, 1e6, 1e6


def test_frequency_of_the_free_grain():
    """Reproduced: 4 Delta_o |cos(pi S)|, for H = 2 Delta_o cos(pi S) tau_x."""
    for t in (0.1, 0.7, 3.0):
        assert reference.correlation(t, 0.0, 2 * 0.8) == pytest.approx(math.cos(4 * 0.8 * t), abs=1e-13)


def test_6_has_a_square_too_many():
    """Refuted: sin^2(E^2 t) is not the motion of a two-level system, sin^2(E t) is."""
    t, eps, Delta = 0.9, 0.7, 1.3
    E = math.hypot(eps, Delta)
    lost = (1 - reference.correlation(t, eps, Delta)) / 2
    assert lost == pytest.approx((Delta / E * math.sin(E * t)) ** 2, rel=1e-12)
    assert abs(lost - (Delta / E * math.sin(E * E * t)) ** 2) > 0.05


def test_4_is_half_of_the_correlation():
    """Refuted: without a bias (4) gives (1 + cos 4 Delta t)/2, which is not the P^(0) of the text."""
    t = 0.3
    assert 1 - math.sin(2 * t) ** 2 == pytest.approx((1 + math.cos(4 * t)) / 2)
    assert 1 - 2 * math.sin(2 * t) ** 2 == pytest.approx(math.cos(4 * t))


def test_sum_of_bessel_functions():
    """Reproduced: P = 1 - 2A sum J_(2k+1)(4 Delta t) for lambda << 1; the largest loss is 1.4703 A at 2.4048."""
    for x in (0.1, 2.404825557695773, 17.0):
        series = 2 * sum(jv(2 * k + 1, x) for k in range(40))
        assert depolarisation(x, 0.0) == pytest.approx(series, rel=1e-12)
        # The other channels open as sqrt(lambda).
        assert depolarisation(x, 4e-4) == pytest.approx(series, rel=0.05)
    assert depolarisation(2.404825557695773, 0.0) == pytest.approx(1.4703, rel=1e-4)


def test_7_is_the_spectrum_of_it():
    """Reproduced: 8 Delta A/(omega sqrt(omega^2 - 16 Delta^2)) above 4 Delta and nothing below."""
    omega = np.array([3.9, 4.001, 5.0, 40.0])
    expected = np.where(omega > 4, 8 / (omega * np.sqrt(np.maximum(omega**2 - 16, 1e-9))), 0)
    np.testing.assert_allclose(spectrum(omega / 4, 0.0), expected, rtol=1e-9)
    assert spectrum(4.001 / 4, 0.0) == pytest.approx(22.353693940029178, rel=1e-9)


def test_ferritin_resonant_fraction():
    """Reproduced, about 2e-3, with the factors of the paper; four times that with consistent ones."""
    assert resonant_fraction(HOT, DELTA, omega0=OMEGA0, N_nuclei=N) == pytest.approx(2.507e-3, rel=1e-3)
    consistent = resonant_fraction(HOT, DELTA, omega0=OMEGA0, N_nuclei=N, convention="consistent")
    assert consistent == pytest.approx(1.003e-2, rel=1e-3)
    assert DELTA / (math.sqrt(N) * OMEGA0) == pytest.approx(2e-3)


def test_ferritin_width_of_the_bias():
    """Refuted: the text has w0 sqrt(N); the bias of (2), eps = sum (w0/2) s_k, has half of that."""
    rng = np.random.default_rng(0)
    eps = 0.5 * OMEGA0 * rng.choice([-1, 1], size=(20000, N)).sum(axis=1)
    assert eps.std() == pytest.approx(OMEGA0 * math.sqrt(N) / 2, rel=0.02)


def test_ferritin_coflip_number():
    """Refuted: the formulas of the paper give 3.9e-4; the printed 4e-5 lacks pi^2."""
    found = coflip_number(OMEGA0, N, OMEGA)
    assert found == pytest.approx(3.855e-4, rel=1e-3)
    assert found / math.pi**2 == pytest.approx(4e-5, rel=0.03)


def test_ferritin_protons_make_the_groups_overlap():
    """Reproduced: mu = sqrt(N) dw/w0 exceeds 1 for 5000 protons once dw > 0.7 MHz."""
    assert math.sqrt(5000) * 0.71e6 / OMEGA0 > 1


def test_ferritin_spin_diffusion():
    """Reproduced as an order of magnitude: 1/T2 << 5.8e4 1/s by (8), printed 1e5."""
    T2 = 5000 ** (1 / 3) / DELTA
    assert diffusion_limit(5000, 1 / T2, T2) == pytest.approx(DELTA, rel=1e-12)
    assert 1 / T2 == pytest.approx(5.8e4, rel=1e-2)


def test_8_has_the_wrong_sign_in_its_exponent():
    """Refuted: [dw^2/T2]^(-1/3) N^(1/3) is not a frequency and falls when diffusion gets faster."""
    T2 = 1e-5
    assert (1 / T2**3) ** (1 / 3) * 5000 ** (1 / 3) == pytest.approx(
        float(diffusion_limit(5000, 1 / T2, T2)), rel=1e-12
    )
    assert (1 / T2**3) ** (-1 / 3) * 5000 ** (1 / 3) < 1e-3


def test_drift_of_the_bias_is_diffusive():
    """Refuted: a drift t/T2, as printed, would give (N^(1/2) dw/T2)^(1/2), that is N^(1/4)/T2, not N^(1/3)/T2."""
    spread = T2_rate = 1e4
    linear = math.sqrt(math.sqrt(5000) * spread * T2_rate)
    assert linear == pytest.approx(5000**0.25 * 1e4, rel=1e-12)
    assert diffusion_limit(5000, spread, 1 / T2_rate) == pytest.approx(5000 ** (1 / 3) * 1e4, rel=1e-12)


def test_terbium():
    """lambda = 10 for 1e3 ions needs w0/Omega_o = 0.064, within the ranges of the text (1e7-1e9 over 1e9-1e11)."""
    assert coflip_number(0.0637 * OMEGA, 1000, OMEGA) == pytest.approx(10, rel=2e-3)


def test_figure_1():
    """(a) a peak at 4 Delta, the smeared edge of (7); (b) a broad hump below it, with no peak at 4 Delta."""
    W = np.linspace(0.05, 1.5, 300)
    sharp = spectrum(W, 1e-3)
    assert W[sharp.argmax()] == pytest.approx(1.0, abs=0.01) and sharp.max() > 10
    W = W[::15]
    broad = spectrum(W, 10.0)
    assert W[broad.argmax()] < 0.6 and broad.max() < 10
    assert np.ptp(spectrum(np.linspace(0.9, 1.1, 41), 10.0)) < 0.5


def test_electrons_of_a_conducting_grain():
    """alpha_b of about (g S/k_F R)^2 lacks 9/4; g^2 S^(4/3) = 100 for S = 1e3 needs k_F R = S^(1/3); far above 1."""
    S = 1e3
    alpha = bulk_coupling(S, 0.1, 10.0)
    assert alpha == pytest.approx(9 / 4 * (0.1 * S / 10) ** 2, rel=0.02)
    assert 0.01 * S ** (4 / 3) == pytest.approx(100)
    assert alpha > 100


def test_surface_electrons_need_small_grains():
    """Stronger than printed, S << 100: at 1 mK and g = 0.1 the damping equals Delta_r at S = 0.04."""
    S = np.geomspace(0.01, 900, 400)
    alpha = surface_coupling(S, 0.1)
    ratio = renormalised_splitting(DELTA, OMEGA, alpha) / ohmic_damping(alpha, 1e-3)
    assert S[ratio > 1].max() == pytest.approx(0.042, rel=0.05)
    assert (ratio[S > 100] < 1e-2).all()


@pytest.mark.parametrize(("T", "S"), [(1e-3, 7.3e5), (3e-3, 2.4e5), (1e-2, 6.9e4)])
def test_largest_spin_at_equality_in_11(T, S):
    """S <= 1e5 at mK temperatures: reproduced below about 7 mK."""
    assert largest_spin(T, DELTA, 0.1, 1e4) == pytest.approx(S, rel=0.02)


def test_1e5_holds_up_to_7_mK():
    assert largest_spin(6.9e-3, DELTA, 0.1, 1e4) > 1e5 > largest_spin(7.1e-3, DELTA, 0.1, 1e4)


def test_1e5_forgets_the_renormalisation():
    """Refuted for Omega_o = 4e10 1/s: D/S < Omega_o from S = 3.3e4 on, and Delta_r = Delta (D/S Omega_o)^alpha_s."""
    meets = 1e4 * BOLTZMANN / (HBAR * OMEGA)
    assert meets == pytest.approx(3.3e4, rel=0.02)
    assert level_splitting(DELTA, OMEGA, surface_coupling(1e5, 0.1), 1e5, 1e4) < 1e-9 * DELTA
    assert level_splitting(DELTA, 1e9, surface_coupling(1e5, 0.1), 1e5, 1e4) == DELTA


def test_phonons():
    """Reproduced, "inverse minutes or hours" without the factor, for S = 1e3: 22 min for 1 MHz, 15 h for 1e6 rad/s."""
    cycles = 2 * math.pi * DELTA
    assert phonon_damping(0.01, 1e3, cycles, OMEGA, 1.0, 300.0, diagonal=True) == pytest.approx(7.4e-4, rel=0.02)
    assert phonon_damping(0.01, 1e4, cycles, OMEGA, 1.0, 300.0, diagonal=True) == pytest.approx(0.074, rel=0.02)
    assert phonon_damping(0.01, 1e3, DELTA, OMEGA, 1.0, 300.0, diagonal=True) == pytest.approx(1.9e-5, rel=0.02)
    assert phonon_damping(0.01, 1e3, cycles, 1e5 * cycles, 1.0, 300.0) == pytest.approx(7.4e-14, rel=0.02)
