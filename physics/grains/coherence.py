"""Which condition for the coherence of a magnetic grain fails first, paper 002: the quantity `grain_coherence`."""

import numpy as np

from physics.grains.environment import (
    bulk_coupling,
    coflip_number,
    diffusion_limit,
    largest_spin,
    level_margin,
    ohmic_damping,
    phonon_damping,
    renormalised_splitting,
    surface_coupling,
    tunnelling_amplitude,
)
from physics.grains.grains import resonant_fraction
from physics.grains.limits import COHERENCE
from physics.parameters import ParameterError

OPTIONS = {
    "ensemble": ("whole", "resonant"),
    "electrons": ("insulating_substrate", "surface", "conducting", "none"),
    "amplitude": ("given", "of_spin"),
    "spread": ("dipolar", "given"),
    "convention": ("published", "consistent"),
}
NEVER = 1e300
# A grain with a smaller amplitude (rad/s) tunnels as rarely as one with this, not once in the age of the universe; the
# fifth power of it is still a number.
LEAST_AMPLITUDE = 1e-40


def grain_coherence(
    T,
    S,
    N_nuclei,
    omega0,
    T2,
    Delta_tilde=None,
    *,
    g_kondo,
    bandwidth,
    K_anisotropy,
    Theta_D,
    ensemble,
    electrons,
    spread,
    convention,
    variables,
    amplitude="given",
    Omega_bounce=None,
    K_perp=None,
    kF_spacing=None,
    domega0=None,
):
    """The variables of the quantity `grain_coherence` (see `physics.QUANTITIES`) as a dict of arrays.

    Each margin (1) is what a condition allows over what there is, so that the condition holds well above 1:
    margin_degeneracy = Delta_tilde/sigma, sigma = e1 sqrt(N) the width of the bias (e1 = omega0 "published", omega0/2
    "consistent"); margin_coflips = 1/lambda; margin_diffusion = Delta_tilde/(N dw^2/T2)^(1/3), (8) corrected;
    margin_electrons = Delta_r/Gamma_s, (9)-(11); margin_phonons = Delta_tilde/Gamma_phi, (12). limit: 0 (coherent) if
    all are at least 1, else the condition with the smallest. coflip_number (1) = lambda; A (1), the fraction of grains
    in resonance, for overlapping groups; S_max (1) by (11). Each varies along its own axes. Margins end at 1e300;
    below 1e-300 they lose accuracy and end as 0.

    Parameters (an open grid): T (K), S (1), N_nuclei (1), omega0 (rad/s) hyperfine coupling, T2 (s), Delta_tilde
    (rad/s). Scalars: Omega_bounce (rad/s), K_anisotropy (K), Theta_D (K), g_kondo (1), bandwidth (K). Options: ensemble
    "whole", or "resonant" where only grains without bias are asked for; electrons "insulating_substrate" (a conducting
    grain on it), "surface" (an insulating grain on a conductor), "conducting" (both; needs kF_spacing = k_F R/S^(1/3)),
    or "none"; spread "dipolar" (dw = 1/T2) or "given" (domega0, rad/s). amplitude "given", or "of_spin":
    Delta_tilde and Omega_bounce are Delta_o (1e-40 rad/s at least) and Omega_o of (1), `tunnelling_amplitude` of S,
    K_par = K_anisotropy and K_perp (K), and what depends on Delta_tilde depends on S. Raises ParameterError.
    """
    chosen = {"ensemble": ensemble, "electrons": electrons, "amplitude": amplitude, "spread": spread}
    chosen["convention"] = convention
    for name, value in chosen.items():
        if value not in OPTIONS[name]:
            raise ParameterError(f"{name} = {value!r} is unknown; allowed: {', '.join(OPTIONS[name])}")
    if amplitude == "of_spin":
        Omega_bounce, Delta_tilde = tunnelling_amplitude(S, K_anisotropy, K_perp)
        Delta_tilde = np.maximum(Delta_tilde, LEAST_AMPLITUDE)
    T, S, N_nuclei, omega0, T2, Delta = (
        np.asarray(a, dtype=np.float64) for a in (T, S, N_nuclei, omega0, T2, Delta_tilde)
    )
    width = (omega0 if convention == "published" else 0.5 * omega0) * np.sqrt(N_nuclei)
    coflips = coflip_number(omega0, N_nuclei, Omega_bounce)
    fastest = diffusion_limit(N_nuclei, 1 / T2 if spread == "dipolar" else domega0, T2)
    margins = {
        "degeneracy": Delta / width,
        "coflips": 1 / coflips,
        "nuclear_diffusion": Delta / fastest,
        "electrons": _electrons(T, S, Delta, Omega_bounce, g_kondo, bandwidth, kF_spacing, electrons),
        "phonons": Delta / phonon_damping(T, S, Delta, Omega_bounce, K_anisotropy, Theta_D),
    }
    margins = {name: np.minimum(margin, NEVER) for name, margin in margins.items()}
    result = {"margin_" + name.removeprefix("nuclear_"): margin for name, margin in margins.items()}
    result["coflip_number"] = coflips
    if "A" in variables:
        nuclei = {"omega0": omega0, "N_nuclei": N_nuclei, "convention": convention}
        result["A"] = resonant_fraction(T, Delta, **nuclei)
    if "S_max" in variables:
        result["S_max"] = largest_spin(T, Delta, g_kondo, bandwidth)
    if "limit" in variables:
        least, limit = np.ones(()), np.uint8(COHERENCE["coherent"])
        for name, margin in margins.items():
            if name != "degeneracy" or ensemble == "whole":
                limit = np.where(margin < least, np.uint8(COHERENCE[name]), limit)
                least = np.minimum(margin, least)
        result["limit"] = limit
    return {name: result[name] for name in variables}


def _electrons(T, S, Delta, Omega_bounce, g_kondo, bandwidth, kF_spacing, electrons):
    """Delta_r/Gamma of the chosen electrons."""
    if electrons == "none":
        return np.full(np.broadcast_shapes(T.shape, S.shape, Delta.shape), NEVER)
    if electrons == "insulating_substrate":
        return level_margin(T, S, Delta, Omega_bounce, g_kondo, bandwidth, NEVER)
    if electrons == "surface":
        alpha = surface_coupling(S, g_kondo)
    else:
        alpha = bulk_coupling(S, g_kondo, kF_spacing * np.cbrt(S))
    return renormalised_splitting(Delta, Omega_bounce, alpha) / ohmic_damping(alpha, T)
