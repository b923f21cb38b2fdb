"""From a measured dephasing time to the number of two-level systems, paper 004, eqs. (4)-(6), and what follows, (9).

Arguments are numbers or arrays that broadcast, in the units of `physics.PARAMETERS`; besides them tau_phi and
tau_in (s) and k_F (1/m). A value outside its domain raises `physics.ParameterError`. Electrons are free.

Letters are those of paper 001, as everywhere: sigma_in of its eq. (55) is four times that of paper 004, because H_int
has V-/2 where 004 has V; chi of its eq. (15) is half of that of 004; P_d counts all systems of a glass, arccosh(
p_min^(-1/2)) times n_T/E*. tau_in is the same time in both: 1/tau_in = v_F n_T sigma_in/4 is the rate of direct
transitions with p = 1 and E << T. With convention or cross_section "published" a function takes and gives the letters
of 004.
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
        Parameter("k_F", r"k_\mathrm{F}", "m-1", "Fermi wave number"),
    )
}
CROSS_SECTIONS = {"unitary": 32 * np.pi, "golden_rule": 8 * np.pi**2, "published": 4 * np.pi}
"""sigma_in k_F^2/chi: the estimate of paper 004, 4 pi, in the letters of 001; the golden rule with both spins,
chi(004) = 4 pi (rho V)^2 and sigma_in(004) = pi^2 chi(004)/k_F^2, in the letters of 001; and 004 as printed."""
COLLISIONS = {"consistent": 0.25, "published": 1.0}
"""The rate of direct transitions over v_F n_T sigma_in."""
HEAT_RATIO = {"printed": 1.0, "published": np.pi / 4, "exact": np.pi / 8}
"""Factors of (9) in the letters of 004: as printed; what the printed (7) and (8) give; with Sommerfeld's C_e and the
exact (8)."""


def _checked(**values):
    return [(PARAMETERS.get(name) or TIMES[name]).check(value) for name, value in values.items()]


def fermi_wave_number(n_e):
    """k_F = (3 pi^2 n_e)^(1/3) (1/m) of n_e (1/m3) free electrons."""
    (n_e,) = _checked(n_e=n_e)
    return np.cbrt(3 * np.pi**2 * n_e)


def fermi_energy(n_e):
    """eps_F = (hbar k_F)^2/(2 m_e) (J) of n_e (1/m3) free electrons."""
    return (HBAR * fermi_wave_number(n_e)) ** 2 / (2 * ELECTRON_MASS)


def inelastic_cross_section(chi, k_F, *, cross_section="unitary"):
    """sigma_in (m2) = 32 pi chi/k_F^2 ("unitary"), 8 pi^2 chi/k_F^2 ("golden_rule"); "published" 4 pi chi/k_F^2.

    The last one stands before eq. (4) of paper 004, where chi = 1 is the unitary limit of elastic scattering. The
    first one is the same statement in the letters of 001, the second one follows from (11) and (3) without it.
    """
    factor = _factor(cross_section)
    chi, k_F = _checked(chi=chi, k_F=k_F)
    return factor * chi / k_F**2


def inelastic_time(n_T, *, sigma_in, v_F, convention="consistent"):
    """tau_in = 4/(v_F sigma_in n_T) (s); "published", with sigma_in of 004, 1/(v_F sigma_in n_T), eq. (4)."""
    if convention not in COLLISIONS:
        raise ParameterError(f"convention = {convention!r} is unknown; allowed: {', '.join(COLLISIONS)}")
    n_T, sigma_in, v_F = _checked(n_T=n_T, sigma_in=sigma_in, v_F=v_F)
    return 1 / (COLLISIONS[convention] * v_F * sigma_in * n_T)


def density_ratio(tau_in, chi, *, eps_F, cross_section="unitary"):
    """n_T/n_e = c hbar/(chi eps_F tau_in), eq. (5), exact for free electrons with `inelastic_cross_section`.

    c = 3 pi/16 ("unitary"), 3/4 ("golden_rule"), 3 pi/8 ("published", with chi of 004).
    """
    collisions = COLLISIONS["published" if cross_section == "published" else "consistent"]
    factor = 1.5 * np.pi**2 / _factor(cross_section) / collisions
    tau_in, chi, eps_F = _checked(tau_in=tau_in, chi=chi, eps_F=eps_F)
    return factor * HBAR / (chi * eps_F * tau_in)


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


def Pd_from_tau_phi(tau_phi, chi, Estar, *, n_e, eps_F, p_min=None, cross_section="unitary"):
    """Density of states P_d (1/(J m3)) of all systems of the glass that would cause a measured tau_phi (s), (5), (6).

    arccosh(p_min^(-1/2)) n_T/E*; chi (1), Estar (K), n_e (1/m3), eps_F (J), p_min (1). "published": n_T/E*, without
    p_min and with chi of 004. For E* tau_phi < hbar it is (hbar/E* tau_phi)^2 times larger than (5). With B = hbar P_d
    sigma_in v_F of paper 001, E* tau_in/hbar is 4 arccosh(p_min^(-1/2))/B.
    """
    ratio = density_ratio(tau_in_from_tau_phi(tau_phi, Estar), chi, eps_F=eps_F, cross_section=cross_section)
    Estar, n_e = _checked(Estar=Estar, n_e=n_e)
    number = 1.0
    if cross_section != "published":
        if p_min is None:
            raise ParameterError(f"cross_section = {cross_section} needs p_min, because P_d counts all systems")
        (p_min,) = _checked(p_min=p_min)
        number = np.arcsinh(np.sqrt((1 - p_min) / p_min))
    return number * ratio * n_e / (BOLTZMANN * Estar)


def heat_ratio(tau_in, chi, Estar, *, L_slow, cross_section="unitary", prefactor="exact"):
    """C_T/C_e at T << E* (1), eq. (9): c (L/chi) hbar/(E* tau_in), independent of n_e and eps_F.

    It is (L/3)(n_T/n_e) eps_F/E*, with `density_ratio`: c = pi/16 ("unitary"), 1/4 ("golden_rule"), and in the letters
    of 004 (cross_section "published") pi/8 with prefactor "exact". Only there another prefactor is allowed: "printed"
    1; "published" pi/4, what the printed (7) and (8) give.
    """
    if prefactor not in HEAT_RATIO:
        raise ParameterError(f"prefactor = {prefactor!r} is unknown; allowed: {', '.join(HEAT_RATIO)}")
    if prefactor != "exact" and cross_section != "published":
        raise ParameterError(f"prefactor = {prefactor!r} needs cross_section = published, the letters of paper 004")
    density = density_ratio(tau_in, chi, eps_F=1.0, cross_section=cross_section)
    Estar, L_slow = _checked(Estar=Estar, L_slow=L_slow)
    return HEAT_RATIO[prefactor] / HEAT_RATIO["exact"] * L_slow / 3 * density / (BOLTZMANN * Estar)


def _factor(cross_section):
    if cross_section not in CROSS_SECTIONS:
        raise ParameterError(f"cross_section = {cross_section!r} is unknown; allowed: {', '.join(CROSS_SECTIONS)}")
    return CROSS_SECTIONS[cross_section]


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
