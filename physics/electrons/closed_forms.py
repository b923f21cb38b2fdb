"""Closed forms of dephasing by two-level systems: times, crossover temperatures and asymptotic rates of paper 001.

All of them follow from Λ0, χ and one dimensionless number B = ħ P_d σ_in v_F (`disorder_strength`):

    τ_Λ = ħ/(k_B Λ0 B),   T_Λ = Λ0 √B,   T_α = Λ0 B/χ,   T_β = Λ0 √(χ/B),   T_α T_β² = Λ0³.

Arguments are numbers or arrays that broadcast, in the units of `physics.PARAMETERS`: temperatures and energies in
kelvin, P_d in 1/(J m³), everything else SI. A value outside its domain raises `physics.ParameterError`.
The asymptotic rates are NaN where the paper has none, so that a curve ends where its formula does.
"""

import numpy as np
from scipy.special import exp1

from physics.constants import BOLTZMANN, HBAR
from physics.parameters import PARAMETERS, Parameter, ParameterError

BARRIER = {
    parameter.name: parameter
    for parameter in (
        Parameter("U0", "U_0", "J", "height of the barrier"),
        Parameter("a", "a", "m", "distance between the two positions of the defect"),
        Parameter("M", "M", "kg", "mass of the defect"),
        Parameter("omega0", r"\omega_0", "s-1", "attempt frequency"),
        Parameter("exponent_prefactor", "c", "1", "prefactor of the tunnelling exponent"),
        Parameter("moment", "n", "1", "order of the moment"),
        Parameter("alpha", r"\alpha", "1", "dephasing exponent at the elastic time"),
        Parameter("n", "n", "1", "power of time"),
        Parameter("zeta", r"\zeta", "1", "resonant offset of the rate", lower=-np.inf),
    )
}

EULER = np.exp(np.euler_gamma)

PREFACTORS = {
    "published": dict.fromkeys(("wandering", "crossing", "jump", "mixed", "fast", "slow"), 1.0),
    "exact": {
        "wandering": (EULER / 12) ** (1 / 3),
        "crossing": (EULER * np.pi / 16) ** (1 / 2),
        "jump": EULER * np.pi / 8,
        "mixed": (EULER * np.sqrt(np.pi) / 3) ** (2 / 3),
        "fast": EULER / 2,
        "slow": (EULER * np.pi / 8) ** (1 / 2),
    },
}
"""Factors of the asymptotic rates: none in the paper; from the integrals (34), (37), derived in the theory page."""


def _checked(**values):
    return [(BARRIER.get(name) or PARAMETERS[name]).check(value) for name, value in values.items()]


def _prefactors(prefactor):
    if prefactor not in PREFACTORS:
        raise ParameterError(f"prefactor = {prefactor!r} is unknown; allowed: {', '.join(PREFACTORS)}")
    return PREFACTORS[prefactor]


def disorder_strength(Pd, *, sigma_in, v_F):
    """Dimensionless coupling of the electrons to all two-level systems, B = ħ P_d σ_in v_F = ħ/(τ_i E*).

    Parameters: Pd (1/(J m³)), sigma_in (m²), v_F (m/s), shapes that broadcast.
    Returns: B (1), to rounding. Raises ParameterError for a value that is not finite and positive.
    Limits: B → T_Λ²/Λ0²; B ≪ 1 is phase jumps, B ≫ 1 phase wandering of the resonant channel.
    Source: paper 001, eqs. (21), (55), (56), with n_d = P_d E*.
    """
    Pd, sigma_in, v_F = _checked(Pd=Pd, sigma_in=sigma_in, v_F=v_F)
    return HBAR * Pd * sigma_in * v_F


def tau_Lambda(Lambda0, Pd, *, sigma_in, v_F):
    """Time scale of dephasing by the symmetric two-level systems, τ_Λ = 1/(Λ0 P_d σ_in v_F) = ħ/(k_B Λ0 B).

    Parameters: Lambda0 (K), Pd (1/(J m³)), sigma_in (m²), v_F (m/s), shapes that broadcast.
    Returns: τ_Λ (s), to rounding. Raises ParameterError for a value that is not finite and positive.
    Source: paper 001, eq. (56).
    """
    (Lambda0,) = _checked(Lambda0=Lambda0)
    return HBAR / (BOLTZMANN * Lambda0 * disorder_strength(Pd, sigma_in=sigma_in, v_F=v_F))


def T_Lambda(Lambda0, Pd, *, sigma_in, v_F):
    """Splitting that divides phase wandering from phase jumps, T_Λ = (ħΛ0/τ_Λ)^(1/2) = Λ0 √B.

    Parameters: Lambda0 (K), Pd (1/(J m³)), sigma_in (m²), v_F (m/s), shapes that broadcast.
    Returns: T_Λ (K), to rounding. Raises ParameterError for a value that is not finite and positive.
    Limits: a scale of energy with a meaning of its own only where it exceeds Λ0 (B > 1). Source: paper 001, eq. (43).
    """
    (Lambda0,) = _checked(Lambda0=Lambda0)
    return Lambda0 * np.sqrt(disorder_strength(Pd, sigma_in=sigma_in, v_F=v_F))


def T_alpha(Lambda0, Pd, chi, *, sigma_in, v_F):
    """Temperature at which E_χ = Λ0, T_α = ħ/(χ τ_Λ) = Λ0 B/χ; below it every two-level system relaxes slowly.

    Parameters: Lambda0 (K), Pd (1/(J m³)), chi (1, at most 1), sigma_in (m²), v_F (m/s), shapes that broadcast.
    Returns: T_α (K), to rounding. Raises ParameterError for a value outside its domain.
    Limits: T_α > Λ0 > T_β or T_α < Λ0 < T_β, since T_α T_β² = Λ0³. Source: paper 001, before eq. (50).
    """
    Lambda0, chi = _checked(Lambda0=Lambda0, chi=chi)
    return Lambda0 * disorder_strength(Pd, sigma_in=sigma_in, v_F=v_F) / chi


def T_beta(Lambda0, Pd, chi, *, sigma_in, v_F):
    """Temperature at which E_χ = T, T_β = Λ0^(3/2)/T_α^(1/2) = Λ0 √(χ/B); below it every active system is fast.

    Parameters: Lambda0 (K), Pd (1/(J m³)), chi (1, at most 1), sigma_in (m²), v_F (m/s), shapes that broadcast.
    Returns: T_β (K), to rounding. Raises ParameterError for a value outside its domain.
    Limits: unimportant (frozen out) where T_β < Λ0. Source: paper 001, after eq. (50); the ratio T_α/T_β printed
    there is inverted, see the errata page.
    """
    Lambda0, chi = _checked(Lambda0=Lambda0, chi=chi)
    return Lambda0 * np.sqrt(chi / disorder_strength(Pd, sigma_in=sigma_in, v_F=v_F))


def E_chi(T, Lambda0, Pd, chi, *, sigma_in, v_F):
    """Splitting of the systems that hop about once within τφ, E_χ = Λ0 (χ T τ_Λ/ħ)^(1/3) = Λ0 (T/T_α)^(1/3).

    Parameters: T (K), Lambda0 (K), Pd (1/(J m³)), chi (1, at most 1), sigma_in (m²), v_F (m/s), shapes that broadcast.
    Returns: E_χ (K), to rounding. Raises ParameterError for a value outside its domain.
    Limits: E_χ = Λ0 at T_α and E_χ = T at T_β; a splitting only for Λ0 < E_χ < T. Source: paper 001, eq. (49).
    """
    T, Lambda0 = _checked(T=T, Lambda0=Lambda0)
    return Lambda0 * np.cbrt(T / T_alpha(Lambda0, Pd, chi, sigma_in=sigma_in, v_F=v_F))


def rate_resonant(T, Lambda0, Pd, *, sigma_in, v_F, prefactor="published"):
    """Asymptotic rate of the resonant channel for E* ≫ T:

        1/τφ⁽¹⁾ = (1/τ_Λ)(Λ0/T_Λ) (T/T_Λ)^(1/3)   T_Λ > Λ0, T < T_Λ
                = (1/τ_Λ)(Λ0/T_Λ)                 T_Λ > Λ0, T ≥ T_Λ
                = 1/τ_Λ                           T_Λ ≤ Λ0

    Parameters: T (K), Lambda0 (K), Pd (1/(J m³)), sigma_in (m²), v_F (m/s), shapes that broadcast; prefactor:
    "published" (none) or "exact", the factors (e^γ/12)^(1/3), (e^γ π/16)^(1/2), e^γ π/8 of the three lines.
    Returns: the rate (1/s), NaN for T < Λ0, where the channel freezes out. "published" is an order of magnitude;
    "exact" is the leading term deep inside each line, and jumps where two lines meet.
    Raises ParameterError for a value outside its domain. Source: paper 001, eq. (44).
    """
    factor = _prefactors(prefactor)
    T, Lambda0 = _checked(T=T, Lambda0=Lambda0)
    crossing = T_Lambda(Lambda0, Pd, sigma_in=sigma_in, v_F=v_F)
    unit = 1 / tau_Lambda(Lambda0, Pd, sigma_in=sigma_in, v_F=v_F)
    T, Lambda0, crossing, unit = np.broadcast_arrays(T, Lambda0, crossing, unit)
    saturated = unit * Lambda0 / crossing
    return np.select(
        [T < Lambda0, crossing <= Lambda0, T < crossing],
        [np.nan, factor["jump"] * unit, factor["wandering"] * saturated * np.cbrt(T / crossing)],
        factor["crossing"] * saturated,
    )


def rate_relaxation(T, Lambda0, Pd, chi, *, sigma_in, v_F, prefactor="published"):
    """Asymptotic rate of the relaxation channel for E* ≫ T:

        1/τφ⁽³⁾ = (1/τ_Λ)(T/T_α)^(1/3)   T ≥ T_α and T ≥ T_β          (slow and fast systems)   (50)
                = (1/τ_Λ)(T/Λ0)          Λ0 ≤ T < T_β, if T_β > T_α   (all fast)                (51)
                = (1/τ_Λ)(T/T_α)^(1/2)   Λ0 ≤ T < T_α, if T_α > T_β   (all slow)                (52)

    Parameters: T (K), Lambda0 (K), Pd (1/(J m³)), chi (1, at most 1), sigma_in (m²), v_F (m/s), shapes that broadcast;
    prefactor: "published" (none) or "exact", the factors (e^γ √π/3)^(2/3), e^γ/2, (e^γ π/8)^(1/2) of the three lines.
    Returns: the rate (1/s), NaN for T < Λ0, where the channel freezes out. "published" is an order of magnitude and
    continuous; "exact" is the leading term deep inside each line, and jumps where two lines meet.
    Raises ParameterError for a value outside its domain. Source: paper 001, eqs. (50)-(52).
    """
    factor = _prefactors(prefactor)
    T, Lambda0 = _checked(T=T, Lambda0=Lambda0)
    alpha = T_alpha(Lambda0, Pd, chi, sigma_in=sigma_in, v_F=v_F)
    beta = T_beta(Lambda0, Pd, chi, sigma_in=sigma_in, v_F=v_F)
    unit = 1 / tau_Lambda(Lambda0, Pd, sigma_in=sigma_in, v_F=v_F)
    T, Lambda0, alpha, beta, unit = np.broadcast_arrays(T, Lambda0, alpha, beta, unit)
    return np.select(
        [T < Lambda0, (T >= alpha) & (T >= beta), beta > alpha],
        [np.nan, factor["mixed"] * unit * np.cbrt(T / alpha), factor["fast"] * unit * T / Lambda0],
        factor["slow"] * unit * np.sqrt(T / alpha),
    )


def rate_high_T(T, Lambda0, Pd, chi, *, sigma_in, v_F, zeta=1.0):
    """Rate of both channels at high temperature, 1/τφ = (1/τ_Λ)[(T/T_α)^(1/3) + ζ].

    Parameters: T (K), Lambda0 (K), Pd (1/(J m³)), chi (1, at most 1), sigma_in (m²), v_F (m/s), zeta (1, any sign),
    shapes that broadcast.
    Returns: the rate (1/s), NaN for T < T_α or T < T_β; an order of magnitude. Raises ParameterError for a value
    outside its domain. Source: paper 001, eq. (53), with ζ "of the order 1"; what the integrals give for ζ
    (e^γ π/8 = 0.70 for the resonant channel alone, no offset of the sum) is derived in the theory page.
    """
    T, zeta = _checked(T=T, zeta=zeta)
    alpha = T_alpha(Lambda0, Pd, chi, sigma_in=sigma_in, v_F=v_F)
    beta = T_beta(Lambda0, Pd, chi, sigma_in=sigma_in, v_F=v_F)
    rate = (np.cbrt(T / alpha) + zeta) / tau_Lambda(Lambda0, Pd, sigma_in=sigma_in, v_F=v_F)
    return np.where((T >= alpha) & (T >= beta), rate, np.nan)


def tau_phi_resonant(T, Lambda0, Pd, sigma_in, v_F):
    """Asymptotic dephasing time (s) of the resonant channel, the inverse of `rate_resonant`.

    Parameters: T (K), Lambda0 (K), Pd (1/(J m³)), sigma_in (m²), v_F (m/s), shapes that broadcast. NaN for T < Λ0.
    Raises ParameterError for a value outside its domain. Source: paper 001, eq. (44), without prefactors.
    """
    return 1 / rate_resonant(T, Lambda0, Pd, sigma_in=sigma_in, v_F=v_F)


def tau_phi_relaxation(T, Lambda0, Pd, chi, sigma_in, v_F):
    """Asymptotic dephasing time (s) of the relaxation channel, the inverse of `rate_relaxation`.

    Parameters: T (K), Lambda0 (K), Pd (1/(J m³)), chi (1), sigma_in (m²), v_F (m/s), shapes that broadcast. NaN for
    T < Λ0. Raises ParameterError for a value outside its domain. Source: paper 001, eqs. (50)-(52), without prefactors.
    """
    return 1 / rate_relaxation(T, Lambda0, Pd, chi, sigma_in=sigma_in, v_F=v_F)


def tau_phi_high_T(T, Lambda0, Pd, chi, sigma_in, v_F):
    """Asymptotic dephasing time (s) of both channels at high temperature, the inverse of `rate_high_T` with ζ = 1.

    Parameters: T (K), Lambda0 (K), Pd (1/(J m³)), chi (1), sigma_in (m²), v_F (m/s), shapes that broadcast. NaN for
    T < T_α or T < T_β. Raises ParameterError for a value outside its domain. Source: paper 001, eq. (53).
    """
    return 1 / rate_high_T(T, Lambda0, Pd, chi, sigma_in=sigma_in, v_F=v_F)


def gaussian_renormalisation(barrier_width, *, moment=2):
    """Factor by which a Gaussian spread of barriers raises the tunnelling amplitude, ⟨Λⁿ⟩^(1/n)/Λ0 = exp(n λ̄²/2).

    Parameters: barrier_width λ̄ (1), moment n (1), shapes that broadcast. n = 2 is the paper's exp(λ̄²).
    Returns: the factor (1), to rounding. Raises ParameterError for a value outside its domain.
    Limits: the moment lives at Λ0 exp(n λ̄²), which must stay below T, E* and ħω0/π.
    Source: paper 001, after eq. (54).
    """
    barrier_width, moment = _checked(barrier_width=barrier_width, moment=moment)
    return np.exp(moment * barrier_width**2 / 2)


def tunnelling_amplitude(U0, a, M, omega0, *, exponent_prefactor=1.0):
    """Tunnelling amplitude through a cosine barrier, Λ0 = (ħω0/π) exp[−c (2a/πħ) √(2 M U0)].

    The exponent is (c/ħ)∫₀ᵃ dr √(2MU(r)) with U = (U0/2)[1 − cos(2πr/a)].

    Parameters: U0 (J), a (m), M (kg), omega0 (rad/s), shapes that broadcast; exponent_prefactor c (1): 1 (default) is
    the amplitude of the quasiclassical theory and the exponent that the paper's text gives, 2 is what eq. (57) prints,
    and 1/2 is what the paper's number Λ0 ≈ 10 mK needs.
    Returns: Λ0 (K), a crude estimate. Raises ParameterError for a value that is not finite and positive.
    Source: paper 001, eq. (57); see the errata page.
    """
    U0, a, M, omega0, factor = _checked(U0=U0, a=a, M=M, omega0=omega0, exponent_prefactor=exponent_prefactor)
    exponent = factor * 2 * a / (np.pi * HBAR) * np.sqrt(2 * M * U0)
    return HBAR * omega0 / (np.pi * BOLTZMANN) * np.exp(-exponent)


def tau_phi_power_law(alpha, n, tau):
    """Dephasing time where the exponent is a pure power of time, Γ(t) = α (t/τ)ⁿ: τφ = τ exp[E1(α)/n], exactly.

    Parameters: alpha (1), n (1), tau (s), all positive, shapes that broadcast.
    Returns: τφ (s), to rounding; inf where it exceeds a double. Raises ParameterError for a value outside its domain.
    Limits: τφ → τ (e^(−γ)/α)^(1/n) for α ≪ 1, τφ → τ for α ≫ 1; n = 1 phase jumps, 2 and 3 phase wandering.
    Source: paper 001, eqs. (34), (35), where the integral is estimated to logarithmic accuracy.
    """
    alpha, n, tau = _checked(alpha=alpha, n=n, tau=tau)
    with np.errstate(over="ignore"):
        return tau * np.exp(exp1(alpha) / n)
