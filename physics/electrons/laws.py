"""The asymptotic dephasing times of paper 001 as `physics.laws` draws them: orders of magnitude, without prefactors."""

from physics.electrons.scales import rate_relaxation, rate_resonant


def tau_phi_resonant(T, Lambda0, Pd, sigma_in, v_F):
    """Asymptotic dephasing time (s) of the resonant channel, the inverse of `dephasing_scales.rate_resonant`.

    Parameters: T (K), Lambda0 (K), Pd (1/(J m³)), sigma_in (m²), v_F (m/s), shapes that broadcast. NaN for T < Λ0.
    Raises ParameterError for a value outside its domain. Source: paper 001, eq. (44), without prefactors.
    """
    return 1 / rate_resonant(T, Lambda0, Pd, sigma_in=sigma_in, v_F=v_F)


def tau_phi_relaxation(T, Lambda0, Pd, chi, sigma_in, v_F):
    """Asymptotic dephasing time (s) of the relaxation channel, the inverse of `dephasing_scales.rate_relaxation`.

    Parameters: T (K), Lambda0 (K), Pd (1/(J m³)), chi (1), sigma_in (m²), v_F (m/s), shapes that broadcast. NaN for
    T < Λ0. Raises ParameterError for a value outside its domain. Source: paper 001, eqs. (50)-(52), without prefactors.
    """
    return 1 / rate_relaxation(T, Lambda0, Pd, chi, sigma_in=sigma_in, v_F=v_F)
