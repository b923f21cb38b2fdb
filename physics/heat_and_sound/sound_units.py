"""Sound in laboratory units: internal friction and attenuation by two-level systems, and attenuation by electrons.

Sound of the strain amplitude u modulates the asymmetry by 2 gamma u cos(omega t), gamma the deformation potential: the
drive of paper 004, eq. (10), is a = gamma u. Its energy density is rho v^2 u^2/2, so that with W of eq. (14)

    Q^-1 = W/(omega rho v^2 u^2/2) = P gamma^2/(rho v^2) F,         alpha = omega Q^-1/v   (of the energy, 1/m).

Electrons: Pippard's alpha = (n_e m/(rho v tau)) {(x^2/3) atan(x)/[x - atan(x)] - 1}, x = ql = omega v_F tau/v, of
longitudinal sound and free electrons, A. B. Pippard, Phil. Mag. 46, 1104 (1955).
"""

import numpy as np

from physics.constants import ELECTRON_MASS

# Below this ql the power series replaces the difference, which has lost the digits by then.
SERIES_BELOW = 0.3


def internal_friction(F_over_P, P, *, gamma, rho_mass, v_sound):
    """Q^-1 (1) from F (1) and the density of states P (1/(J m3)); gamma (J), rho_mass (kg/m3), v_sound (m/s)."""
    return P * gamma**2 / (rho_mass * v_sound**2) * F_over_P


def electron_attenuation(omega, *, n_e, v_F, tau, rho_mass, v_sound):
    """alpha_e (1/m, of the energy) of longitudinal sound at omega (rad/s) by free electrons (Pippard).

    n_e (1/m3), v_F (m/s), elastic time tau (s), rho_mass (kg/m3), v_sound (m/s). Relative accuracy 1e-12.
    Limits: (4/15) n_e m v_F omega^2 l/(rho v^3) for ql << 1, that is (4/3) eta omega^2/(rho v^3) with the viscosity
    eta = n_e m v_F l/5 of the electrons; (pi/6) n_e m v_F omega/(rho v^2) for ql >> 1.
    """
    x = np.asarray(omega * v_F * tau / v_sound)
    square = np.minimum(x, SERIES_BELOW) ** 2
    # atan(x)/x and 3 (x - atan(x))/x^3 less their leading 1, in powers of x^2.
    k = np.arange(1, 30)
    powers = (-square[..., None]) ** k
    ratio, rest = np.sum(powers / (2 * k + 1), axis=-1), np.sum(3 * powers / (2 * k + 3), axis=-1)
    far = np.maximum(x, SERIES_BELOW)
    closed = far**2 / 3 * np.arctan(far) / (far - np.arctan(far)) - 1
    excess = np.where(x < SERIES_BELOW, (ratio - rest) / (1 + rest), closed)
    return n_e * ELECTRON_MASS / (rho_mass * v_sound * tau) * excess
