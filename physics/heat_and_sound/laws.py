"""The asymptotic laws (17), (18) of paper 004 for the attenuation of a glass, as printed and with their prefactors.

In the letters of the quantity: chi of paper 001, so that chi of paper 004 is 2 chi, and F_rel of the drive of eq. (10),
twice (16), in both. Omega = hbar omega/E*, theta = 2T/E*, and Omega~ = Omega/max(1, chi theta). NaN between the regimes
(within a factor of BETWEEN of a border). T, Estar (K), omega (rad/s) and chi (1) broadcast. The borders themselves are
`T_chi` to `omega_Estar`, K along T and rad/s along omega.
"""

import numpy as np

from physics.constants import BOLTZMANN, HBAR
from physics.heat_and_sound.specific_heat import CHI_004

BETWEEN = 3.0


def _dimensionless(T, chi, Estar, omega):
    chi = CHI_004 * np.asarray(chi, np.float64)
    return chi, HBAR * np.asarray(omega) / (BOLTZMANN * Estar), 2 * np.asarray(T) / Estar


def T_chi(chi, omega):
    """Where hbar omega = 2 chi k_B T (Omega = chi theta), chi of 004: thermal levels relax as fast as sound goes."""
    return HBAR * omega / (2 * CHI_004 * chi * BOLTZMANN)


def omega_chi(T, chi):
    """Where hbar omega = 2 chi k_B T (Omega = chi theta), chi of 004."""
    return 2 * CHI_004 * chi * BOLTZMANN * T / HBAR


def T_Estar(Estar):
    """Where 2 T = E* (theta = 1): all levels are thermal above."""
    return Estar / 2


def T_chi_Estar(chi, Estar):
    """Where 2 chi T = E* (chi theta = 1), chi of 004: thermal levels are as wide as the largest splitting."""
    return Estar / (2 * CHI_004 * chi)


def T_omega(omega):
    """Where hbar omega = 2 k_B T (Omega = theta): levels in resonance are thermal above."""
    return HBAR * omega / (2 * BOLTZMANN)


def omega_T(T):
    """Where hbar omega = 2 k_B T (Omega = theta)."""
    return 2 * BOLTZMANN * T / HBAR


def omega_Estar(Estar):
    """Where hbar omega = k_B E* (Omega = 1), beyond which no level is in resonance."""
    return BOLTZMANN * Estar / HBAR


def F_relaxation_printed(T, chi, Estar, omega):
    """(17): (chi/Omega~) min(theta, 1), Omega~ = max(Omega, chi theta), times 2 for the drive of (10)."""
    chi, Omega, theta = _dimensionless(T, chi, Estar, omega)
    return 2 * chi / np.maximum(Omega, chi * theta) * np.minimum(theta, 1)


def F_relaxation_law(T, chi, Estar, omega):
    """(17) with its prefactors: (pi/2) tanh(1/theta) for Omega << chi theta; beyond, (pi^2/12) chi theta/Omega for
    theta << 1 and 2 chi/(3 Omega) for theta >> 1 (chi of 004)."""
    chi, Omega, theta = _dimensionless(T, chi, Estar, omega)
    fast = np.where(theta < 1, np.pi**2 / 12 * chi * theta / Omega, 2 * chi / (3 * Omega))
    fast = np.where(np.abs(np.log(theta)) < np.log(BETWEEN), np.nan, fast)
    law = np.where(Omega < chi * theta, np.pi / 2 * np.tanh(1 / theta), fast)
    return np.where(np.abs(np.log(Omega / (chi * theta))) < np.log(BETWEEN), np.nan, law)


def F_resonant_printed(T, chi, Estar, omega):
    """(18): -chi ln(Omega~) + Omega/max(Omega, theta) for Omega~ < 1, chi/Omega~^2 above."""
    chi, Omega, theta = _dimensionless(T, chi, Estar, omega)
    size = np.maximum(Omega, chi * theta)
    return np.where(size < 1, -chi * np.log(size) + Omega / np.maximum(Omega, theta), chi / size**2)


def F_resonant_law(T, chi, Estar, omega):
    """What (15), `counter_rotating` "rwa", is in each regime, chi of 004:

    chi theta << Omega < 1: pi tanh(Omega/theta) + (chi/3)[ln((1 - Omega)/Omega) - 1/(1 - Omega)],
    Omega << chi theta << 1: (chi/3)[ln(1/(chi theta)) + 5/3 - ln 2],   Omega >> 1, chi theta: chi/(6 Omega^2),
    Omega < 1 << chi theta: [ln(2 chi theta)/2 + 1/4]/(chi theta^2),
    1 << Omega << chi theta: ln(2 chi theta/Omega)/(2 chi theta^2).
    """
    chi, Omega, theta = np.broadcast_arrays(*_dimensionless(T, chi, Estar, omega))
    width = chi * theta
    below = np.minimum(Omega, 1 / BETWEEN)
    cold = np.pi * np.tanh(Omega / theta) + chi / 3 * (np.log((1 - below) / below) - 1 / (1 - below))
    regimes = [
        (Omega < 1 / BETWEEN) & (width < Omega / BETWEEN),
        (width < 1 / BETWEEN) & (Omega < width / BETWEEN),
        (Omega > BETWEEN) & (Omega > BETWEEN * width),
        (width > BETWEEN) & (Omega < 1 / BETWEEN),
        (Omega > BETWEEN) & (width > BETWEEN * Omega),
    ]
    log = np.log(2 * width)
    laws = [
        cold,
        chi / 3 * (-np.log(width) + 5 / 3 - np.log(2)),
        chi / (6 * Omega**2),
        (log / 2 + 0.25) / (chi * theta**2),
        (log - np.log(Omega)) / (2 * chi * theta**2),
    ]
    return np.select(regimes, laws, np.nan)
