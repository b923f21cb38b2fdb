"""From a measured dephasing time to the number of two-level systems, paper 004, eqs. (4)-(6), and what follows, (9).

Arguments are numbers or arrays that broadcast, in the units of `physics.PARAMETERS`; besides them tau_phi and
tau_in (s), n_T (1/m3) and k_F (1/m). A value outside its domain raises `physics.ParameterError`. Electrons are free.
"""

import numpy as np

from physics.constants import BOLTZMANN, ELECTRON_MASS, HBAR
from physics.numerics.quadrature import gauss_legendre
from physics.parameters import PARAMETERS, Parameter, ParameterError

TIMES = {
    parameter.name: parameter
    for parameter in (
        Parameter("tau_phi", r"\tau_\varphi", "s", "dephasing time"),
        Parameter("tau_in", r"\tau_\mathrm{in}", "s", "inelastic scattering time"),
        Parameter("n_T", r"n_\mathrm{T}", "m-3", "density of the two-level systems"),
        Parameter("k_F", r"k_\mathrm{F}", "m-1", "Fermi wave number"),
    )
}
HEAT_RATIO = {"printed": 1.0, "published": np.pi / 4, "consistent": np.pi / 8}
"""Factors of (9): as printed; what the printed (7) and (8) give; with Sommerfeld's C_e and the exact (8)."""


def _checked(**values):
    return [(PARAMETERS.get(name) or TIMES[name]).check(value) for name, value in values.items()]


def fermi_wave_number(n_e):
    """k_F = (3 pi^2 n_e)^(1/3) (1/m) of n_e (1/m3) free electrons."""
    (n_e,) = _checked(n_e=n_e)
    return np.cbrt(3 * np.pi**2 * n_e)


def fermi_energy(n_e):
    """eps_F = (hbar k_F)^2/(2 m_e) (J) of n_e (1/m3) free electrons."""
    return (HBAR * fermi_wave_number(n_e)) ** 2 / (2 * ELECTRON_MASS)


def inelastic_cross_section(chi, k_F):
    """sigma_in = 4 pi chi/k_F^2 (m2), before eq. (4); chi = 1 is its unitary limit."""
    chi, k_F = _checked(chi=chi, k_F=k_F)
    return 4 * np.pi * chi / k_F**2


def inelastic_time(n_T, *, sigma_in, v_F):
    """tau_in = 1/(v_F sigma_in n_T) (s), eq. (4)."""
    n_T, sigma_in, v_F = _checked(n_T=n_T, sigma_in=sigma_in, v_F=v_F)
    return 1 / (v_F * sigma_in * n_T)


def density_ratio(tau_in, chi, *, eps_F):
    """n_T/n_e = (3 pi/8 chi) hbar/(eps_F tau_in), eq. (5), exact for free electrons with (4)."""
    tau_in, chi, eps_F = _checked(tau_in=tau_in, chi=chi, eps_F=eps_F)
    return 3 * np.pi / (8 * chi) * HBAR / (eps_F * tau_in)


def tau_phi_from_tau_in(tau_in, Estar):
    """tau_phi (s) from tau_in (s) and the cut-off Estar (K), eq. (6) as an equality.

    tau_in where z = E* tau_in/hbar >= 1, each collision dephases; tau_in z^(-2/3) where z < 1, many are needed.
    """
    tau_in, Estar = _checked(tau_in=tau_in, Estar=Estar)
    return tau_in * np.minimum(1.0, BOLTZMANN * Estar * tau_in / HBAR) ** (-2 / 3)


def tau_in_from_tau_phi(tau_phi, Estar):
    """tau_in (s) from a measured tau_phi (s), the inverse of `tau_phi_from_tau_in`.

    tau_phi where E* tau_phi/hbar >= 1, else tau_phi (E* tau_phi/hbar)^2.
    """
    tau_phi, Estar = _checked(tau_phi=tau_phi, Estar=Estar)
    return tau_phi * np.minimum(1.0, BOLTZMANN * Estar * tau_phi / HBAR) ** 2


def Pd_from_tau_phi(tau_phi, chi, Estar, *, n_e, eps_F):
    """Density of states n_T/E* (1/(J m3)) of the two-level systems that would cause a measured tau_phi (s), (5), (6).

    chi (1), Estar (K), n_e (1/m3), eps_F (J). For E* tau_phi < hbar it is (hbar/E* tau_phi)^2 times larger than (5).
    """
    ratio = density_ratio(tau_in_from_tau_phi(tau_phi, Estar), chi, eps_F=eps_F)
    Estar, n_e = _checked(Estar=Estar, n_e=n_e)
    return ratio * n_e / (BOLTZMANN * Estar)


def heat_ratio(tau_in, chi, Estar, *, L_slow, prefactor="consistent"):
    """C_T/C_e at T << E* (1), eq. (9): c (L/chi) hbar/(E* tau_in), with the factor c named by `prefactor`.

    "printed" 1; "published" pi/4, what the printed (7) and (8) give; "consistent" pi/8, with the exact f and
    Sommerfeld's C_e. It is independent of n_e and eps_F.
    """
    if prefactor not in HEAT_RATIO:
        raise ParameterError(f"prefactor = {prefactor!r} is unknown; allowed: {', '.join(HEAT_RATIO)}")
    tau_in, chi, Estar, L_slow = _checked(tau_in=tau_in, chi=chi, Estar=Estar, L_slow=L_slow)
    return HEAT_RATIO[prefactor] * L_slow / chi * HBAR / (BOLTZMANN * Estar * tau_in)


def thermal_weight(T, Estar):
    """<x/sinh x>, x = E/T, over 0 < E < E*: how much of the rate (4) the thermal factor leaves (1).

    T, Estar (K). It is (T/E*) int_0^(E*/T) x/sinh(x) dx, relative accuracy 1e-13: 1 - (E*/T)^2/18 for T >> E*,
    (pi^2/4) T/E* for T << E*. Hence a rate that saturates down to T_min needs E* < T_min. Not in the paper.
    """
    T, Estar = np.broadcast_arrays(*_checked(T=T, Estar=Estar))
    end = Estar / T
    edges = np.minimum(end[..., None], np.array([0, 2.0, 4, 7, 11, 17, 26, 40]))
    nodes, weights = gauss_legendre()
    width = np.diff(edges)[..., None]
    x = edges[..., :-1, None] + width * nodes
    return np.sum(width * weights * x / np.sinh(x), axis=(-2, -1)) / end
