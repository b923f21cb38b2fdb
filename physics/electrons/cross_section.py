"""The inelastic cross-section of a two-level system and its coupling are one matrix element: sigma_in from chi."""

import numpy as np

from physics.constants import ELECTRON_MASS, HBAR
from physics.parameters import PARAMETERS, ParameterError

CROSS_SECTIONS = {"unitary": 32 * np.pi, "golden_rule": 8 * np.pi**2}
"""sigma_in k_F²/χ in the letters of paper 001, by the estimate of paper 004 or by the golden rule."""


def inelastic_cross_section(chi, *, eps_F, cross_section):
    """Inelastic cross-section of one two-level system from its coupling, σ_in = 32π χ/k_F² or 8π² χ/k_F².

    Both σ_in (21), (55) and χ (15) in the letters of paper 001. "unitary": σ_in = 4πχ/k_F² of paper 004, before (4),
    whose σ_in is a quarter and whose χ is twice that of 001. "golden_rule": Born's approximation with the density of
    states of one spin ρ = k_F²/(2π²ħv_F): χ = (π/2)(ρV⁻)², in which both spins relax, σ_in = 2πρ(V⁻)²/(ħv_F).
    Parameters: chi (1, at most 1), eps_F (J) Fermi energy of free electrons, k_F = √(2m_e ε_F)/ħ, shapes that
    broadcast; cross_section: "unitary" or "golden_rule". Returns σ_in (m²), to rounding. Raises ParameterError for a
    value outside its domain or an unknown cross-section. Derived on the theory page.
    """
    if cross_section not in CROSS_SECTIONS:
        allowed = ", ".join(CROSS_SECTIONS)
        raise ParameterError(f"cross_section = {cross_section!r} is unknown; allowed: {allowed}")
    chi, eps_F = PARAMETERS["chi"].check(chi), PARAMETERS["eps_F"].check(eps_F)
    return CROSS_SECTIONS[cross_section] * chi * HBAR**2 / (2 * ELECTRON_MASS * eps_F)
