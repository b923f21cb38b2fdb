"""Two-level systems with two-channel Kondo effect in the phenomenology of paper 004, eqs. (19)-(24).

Each system has a Kondo temperature T_K and a splitting Delta, distributed as P(T_K/T_K*, Delta/Delta*). With X = T_K/T,
Y = Delta/T, an average is an integral over X and Y: `physics.impurities.kondo_averages`.
"""

import numpy as np

from physics.constants import BOLTZMANN, ELECTRON_MASS, HBAR
from physics.electrons.background import decay_rates, standard_rate
from physics.electrons.definition import decay_time
from physics.heat_and_sound.electron_heat import electron_specific_heat
from physics.impurities.flags import KONDO, KONDO_REGIME
from physics.impurities.kondo_averages import averages
from physics.parameters import PARAMETERS, Parameter, ParameterError

CONVENTIONS = ("consistent", "published")


def cross_section(x, y) -> np.ndarray:
    """chi(x, y), eq. (21): inelastic cross-section of one system in units of 4 pi/k_F^2, made continuous.

    x = T_K/T and y = Delta/T (1, > 0, arrays that broadcast). 1 for x >= 1, y^2 <= x; x^2/y^4 for x >= 1,
    x < y^2 <= x^2; otherwise [l max(1, y l)]^-2 with l = max(1, ln max(1/x, y/x)), where the paper has no max(1, ...),
    which diverges. Raises ParameterError.
    """
    x = Parameter("x", "x", "1", "Kondo temperature over temperature").check(x)
    y = Parameter("y", "y", "1", "splitting over temperature").check(y)
    logarithm = np.maximum(1.0, np.log(np.maximum(1.0, y) / x))
    weak = (logarithm * np.maximum(1.0, y * logarithm)) ** -2
    crossed = np.where(y * y <= x, 1.0, x * x / y**4)
    return np.where((x >= 1) & (y <= x), crossed, weak)


def dephasing_ratio(T, TKstar, Deltastar, *, distribution="exponential") -> np.ndarray:
    """tau_0/tau_phi, eq. (22), with `cross_section`, in the broadcast shape; 1/tau_0 = 4 pi n_T v_F/k_F^2.

    T (K); TKstar, Deltastar (K) cut-offs of Kondo temperatures and splittings; arrays that broadcast.
    distribution: P(x, y) = exp(-x - y) ("exponential") or 1 for x, y < 1 ("box", in closed form). Relative accuracy
    1e-9 for T/TKstar 1e-5 ... 1e5 and Deltastar/T 1e-6 ... 1e5. Limits: `physics.impurities.kondo_laws`. Raises
    ParameterError.
    """
    given = {"T": T, "TKstar": TKstar, "Deltastar": Deltastar}
    checked = {name: PARAMETERS[name].check(value) for name, value in given.items()}
    return averages(**checked, distribution=distribution)[0]


def kondo(
    T,
    TKstar,
    Deltastar,
    *,
    distribution,
    convention,
    variables,
    definition="logarithm_2d",
    background="none",
    phonons="none",
    n_T=None,
    eps_F=None,
    n_e=None,
    omega=None,
    Pd_glass=None,
    Estar_glass=None,
    p_min_glass=None,
    **constants,
):
    """The variables of the quantity `kondo` (see `physics.QUANTITIES`) as a dict of arrays of the broadcast shape.

    tau0_over_tau_phi (1) as `dephasing_ratio`. C_per_tls, W_per_tls count the systems to which the formulas of the
    paper apply. C_per_tls (J/K): k_B <(T/T_K) ln(T_K/T)> over T < T_K, Delta^2 < T T_K. W_per_tls (s/J): W/(n_T a^2
    omega^2) from (12) with p = 0, hbar omega << k_B T, over min(Delta, Delta^2/T_K) < T, with the relaxation rate
    Gamma = T_K for T < T_K, T/max(1, ln(T/T_K))^2 above (an energy): hbar/(16 k_B^2 T) <1/Gamma> with convention
    "published", four times this with "consistent" (the drive of (10) in (12)).

    With n_T (1/m3) systems and n_e (1/m3) free electrons of the Fermi energy eps_F (J), scalars: tau_phi (s),
    `physics.electrons.definition.decay_time` of the rate tau0_over_tau_phi/tau_0, 1/tau_0 = `unitary_rate`, and of the
    background and phonons of `physics.electrons.background.decay_rates`, whose constants it takes; regime (uint8): 1,
    or 2 where hbar times the rate of all is k_B T or more, outside the theory's domain; C_ratio (1): n_T
    C_per_tls over C_e = (pi^2/2) n_e k_B^2 T/eps_F, with "published" over (3/2) n_e k_B^2 T/eps_F, eq. (7);
    W_over_glass (1): n_T W_per_tls at omega (rad/s) over `glass_plateau` with the same drive.

    status (uint8): 0, or 1 where an integral does not converge and all numbers are NaN. Relative accuracy as
    `dephasing_ratio`. Raises ParameterError.
    """
    _known(convention)
    ratio, heat, absorption = averages(T, TKstar, Deltastar, distribution=distribution)
    factor = (1.0 if convention == "published" else 4.0) * HBAR / (16 * BOLTZMANN**2)
    result = {
        "tau0_over_tau_phi": ratio,
        "C_per_tls": BOLTZMANN * heat,
        "W_per_tls": factor * absorption / np.asarray(T) ** 2,
        "status": np.where(np.isnan(ratio), np.uint8(KONDO["not_converged"]), np.uint8(KONDO["ok"])),
    }
    if {"tau_phi", "regime"} & set(variables):
        others = {"background": background, "phonons": phonons, **constants}
        if background == "bulk":
            others["eps_F"] = eps_F
        rate = ratio * unitary_rate(n_T, eps_F=eps_F)
        exponential, nyquist_rate = decay_rates(T, **others)
        result["tau_phi"] = decay_time(rate + exponential, nyquist_rate, definition=definition)
        total = rate + standard_rate(T, **others)
        above, below = (np.uint8(KONDO_REGIME[f"rate_{side}_temperature"]) for side in ("above", "below"))
        result["regime"] = np.where(HBAR * total >= BOLTZMANN * np.asarray(T), above, below)
    if "C_ratio" in variables:
        electrons = electron_specific_heat(T, n_e=n_e, eps_F=eps_F, convention=convention)
        result["C_ratio"] = n_T * result["C_per_tls"] / electrons
    if "W_over_glass" in variables:
        glass = glass_plateau(T, omega, Pd_glass, Estar_glass, p_min_glass=p_min_glass, convention=convention)
        result["W_over_glass"] = n_T * result["W_per_tls"] / glass
    return {name: result[name] for name in variables}


def glass_plateau(T, omega, Pd_glass, Estar_glass, *, p_min_glass=None, convention="consistent"):
    """W/(a omega)^2 (s/(J m3)) of a metallic glass that relaxes fast, hbar omega << chi k_B T, whatever chi is.

    (P/2 omega) [c tanh(E*/2T) + pi tanh(hbar omega/2T)], the limits of (16) and (10) of paper 004. T, Estar_glass (K),
    omega (rad/s), Pd_glass (1/(J m3)), p_min_glass (1). "consistent": c = pi/2, as the drive of (10) has it, and
    P = Pd_glass/arccosh(p_min_glass^(-1/2)), Pd_glass counting all systems; "published": c = pi/4, P = Pd_glass =
    n_T/E*, without p_min_glass.
    To rounding in this limit; corrections are of relative order chi and hbar omega/(chi k_B T). Raises ParameterError.
    """
    _known(convention)
    given = {"T": T, "omega": omega, "Pd_glass": Pd_glass, "Estar_glass": Estar_glass}
    T, omega, density, Estar_glass = (PARAMETERS[name].check(value) for name, value in given.items())
    relaxation = np.pi / 4
    if convention == "consistent":
        p_min_glass = PARAMETERS["p_min_glass"].check(p_min_glass)
        density = density / np.arcsinh(np.sqrt((1 - p_min_glass) / p_min_glass))
        relaxation = np.pi / 2
    resonant = np.pi * np.tanh(HBAR * omega / (2 * BOLTZMANN * T))
    return density / (2 * omega) * (relaxation * np.tanh(Estar_glass / (2 * T)) + resonant)


def unitary_rate(n_T, *, eps_F):
    """1/tau_0 = 4 pi n_T v_F/k_F^2 (1/s), before (22), of n_T (1/m3) systems; eps_F (J) of free electrons; any shapes.

    4 pi/k_F^2 is the unitary limit of elastic scattering of s-waves. Of inelastic scattering it is pi/k_F^2, so that
    this is four times the largest inelastic rate. To rounding. Raises ParameterError.
    """
    n_T, eps_F = PARAMETERS["n_T"].check(n_T), PARAMETERS["eps_F"].check(eps_F)
    v_F = np.sqrt(2 * eps_F / ELECTRON_MASS)
    return 4 * np.pi * n_T * v_F * (HBAR / (ELECTRON_MASS * v_F)) ** 2


def _known(convention):
    if convention not in CONVENTIONS:
        raise ParameterError(f"convention = {convention!r} is unknown; allowed: {', '.join(CONVENTIONS)}")
