"""What takes the coherence of a magnetic grain away: nuclei, electrons and phonons, paper 002, eqs. (1), (8)-(12).

All of these are estimates: the prefactors are those of the paper, and a condition a << b is one of orders of magnitude.
Functions of arrays that broadcast; energies in K, rates and frequencies in rad/s (hbar = 1 in the paper).
"""

import numpy as np
from scipy.special import expit, lambertw

from physics.constants import BOLTZMANN, HBAR
from physics.parameters import PARAMETERS, Parameter, ParameterError

KAPPA = Parameter("kappa", r"\kappa", "1", "Fermi wave number times radius")
ALPHA = Parameter("alpha", r"\alpha", "1", "dimensionless Ohmic coupling")
KELVIN = BOLTZMANN / HBAR


def tunnelling_amplitude(S, K_parallel, K_perp):
    """The pair (Omega_o, Delta_o) (rad/s) of eq. (1): Omega_o = 2 sqrt(K_par K_perp), Delta_o = Omega_o exp(-A_o).

    A_o = S sqrt(K_par/K_perp), of H = (-K_par S_z^2 + K_perp S_y^2)/S. S (1) spin; K_parallel, K_perp (K) anisotropies
    per spin: arrays that broadcast. Delta_o is 0 where it is below 1e-308. Raises ParameterError.
    """
    S, along, across = _checked(S=S, K_anisotropy=K_parallel, K_perp=K_perp)
    bounce = 2 * np.sqrt(along * across) * KELVIN
    return bounce, bounce * np.exp(-S * np.sqrt(along / across))


def coflip_number(omega0, N_nuclei, Omega_bounce):
    """lambda = (1/2) sum alpha_k^2 = N pi^2 omega0^2/(4 Omega_o^2) (1), from alpha_k = pi omega0/(sqrt(2) Omega_o).

    omega0 (rad/s) hyperfine coupling; N_nuclei (1); Omega_bounce (rad/s). Needs omega0 << Omega_o. lambda' = 0, since
    n_k has no z component. Raises ParameterError. After eq. (3); 4e-5 for ferritin there is this without pi^2.
    """
    omega0, N_nuclei, bounce = _checked(omega0=omega0, N_nuclei=N_nuclei, Omega_bounce=Omega_bounce)
    return N_nuclei * (np.pi * omega0 / (2 * bounce)) ** 2


def diffusion_limit(N_nuclei, domega0, T2):
    """The Delta_tilde (rad/s) that nuclear spin diffusion demands, (N dw^2/T2)^(1/3), eq. (8) with exponent +1/3.

    It solves mu omega0 (T2 Delta)^(-1/2) = Delta, mu omega0 = sqrt(N) dw. N_nuclei (1); domega0 (rad/s) spread of the
    couplings; T2 (s). With dw = 1/T2 it is N^(1/3)/T2. Raises ParameterError.
    """
    N_nuclei, spread, T2 = _checked(N_nuclei=N_nuclei, domega0=domega0, T2=T2)
    return np.cbrt(N_nuclei * spread**2 / T2)


def sphere_form_factor(kappa):
    """<|F|^2> over the Fermi surface for a uniform sphere, the double integral of eq. (10) (1), kappa = k_F R.

        (3/2 kappa^2) [3/4 - 3/(4a^2) - (3/8)(1 - cos 2a)/a^4 + (3/4) sin(2a)/a^3],   a = 2 kappa

    from the distribution of distances in a sphere; alpha_b = 2 g^2 S^2 times this. Relative accuracy 1e-12. Limits:
    1 - (4/5) ... for kappa -> 0 (1 - 2 kappa^2/5); 9/(8 kappa^2) for kappa >> 1. Raises ParameterError.
    """
    kappa = KAPPA.check(kappa)
    a = 2 * np.maximum(kappa, 1.0)
    closed = 0.75 - 0.75 / a**2 - 0.375 * (1 - np.cos(2 * a)) / a**4 + 0.75 * np.sin(2 * a) / a**3
    small, series, term = np.minimum(kappa, 1.0), 0.0, 1.0
    for n in range(25):
        # <s^2n> over the distances s R, times (-1)^n 2 (2 kappa)^2n/(2n + 2)!
        moment = 3 * 2.0 ** (2 * n) * (8 / (2 * n + 3) - 12 / (2 * n + 4) + 4 / (2 * n + 6))
        series = series + term * moment
        term = -term * (2 * small) ** 2 / ((2 * n + 3) * (2 * n + 4))
    return np.where(kappa < 1.0, series, 1.5 / np.maximum(kappa, 1.0) ** 2 * closed)


def bulk_coupling(S, g_kondo, kappa):
    """alpha_b = 2 g^2 S^2 <|F|^2> (1), eq. (10), exactly for a uniform sphere with kappa = k_F R.

    S (1), g_kondo (1) Kondo coupling, kappa (1). (9/4)(g S/kappa)^2 for kappa >> 1. Raises ParameterError.
    """
    S, g = _checked(S=S, g_kondo=g_kondo)
    return 2 * (g * S) ** 2 * sphere_form_factor(kappa)


def surface_coupling(S, g_kondo):
    """alpha_s = g_s^2 S^(2/3) (1), the estimate after eq. (10). S (1), g_kondo (1). Raises ParameterError."""
    S, g = _checked(S=S, g_kondo=g_kondo)
    return g * g * np.cbrt(S) ** 2


def level_coupling(S, g_kondo, bandwidth, T):
    """alpha_s/[1 + exp(D/(S T))] (1), the coupling to the discrete levels of a conducting grain, before eq. (11).

    S (1), g_kondo (1), bandwidth D (K), T (K). 0 where it is below 1e-308. Raises ParameterError.
    """
    S, g, band, T = _checked(S=S, g_kondo=g_kondo, bandwidth=bandwidth, T=T)
    return surface_coupling(S, g) * expit(-band / (S * T))


def renormalised_splitting(Delta_tilde, Omega_bounce, alpha):
    """Delta_r = Delta (Delta/Omega_o)^(alpha/(1 - alpha)) (rad/s), after eq. (10); 0 for alpha >= 1, localised.

    Delta_tilde, Omega_bounce (rad/s), alpha (1). 0 below 1e-308 and infinite beyond 1e308. Raises ParameterError.
    """
    Delta, bounce = _checked(Delta_tilde=Delta_tilde, Omega_bounce=Omega_bounce)
    alpha = ALPHA.check(alpha)
    free = np.where(alpha < 1, 1 - alpha, 1.0)
    with np.errstate(over="ignore"):
        return np.where(alpha < 1, Delta * np.exp(alpha / free * np.log(Delta / bounce)), 0.0)


def level_splitting(Delta_tilde, Omega_bounce, alpha, S, bandwidth):
    """Delta_r of a conducting grain on an insulator (rad/s): Delta min(1, d eps/Omega_o)^alpha_s, d eps = D/S.

    Before eq. (11). Delta_tilde, Omega_bounce (rad/s), alpha = alpha_s (1), S (1), bandwidth D (K). 0 where it is below
    1e-308.
    """
    Delta, bounce, S, band = _checked(Delta_tilde=Delta_tilde, Omega_bounce=Omega_bounce, S=S, bandwidth=bandwidth)
    return Delta * np.exp(ALPHA.check(alpha) * _spacing(S, bounce, band))


def level_margin(T, S, Delta_tilde, Omega_bounce, g_kondo, bandwidth, largest):
    """`level_splitting` over the `ohmic_damping` of `level_coupling` (1), but at most `largest` (1).

    By the sum of their logarithms, which neither exp(D/(S T)) nor the power alpha_s leaves the range of numbers. T (K),
    S (1), Delta_tilde, Omega_bounce (rad/s), g_kondo (1), bandwidth D (K). Relative accuracy 1e-12 above 1e-300.
    """
    given = {"T": T, "S": S, "Delta_tilde": Delta_tilde, "Omega_bounce": Omega_bounce, "g_kondo": g_kondo}
    T, S, Delta, bounce, g, band = _checked(**given, bandwidth=bandwidth)
    alpha = surface_coupling(S, g)
    activated = np.logaddexp(0.0, band / (S * T))
    logarithm = np.log(Delta / ohmic_damping(alpha, T)) + alpha * _spacing(S, bounce, band) + activated
    return np.where(logarithm < np.log(largest), np.exp(np.minimum(logarithm, np.log(largest))), largest)


def _spacing(S, bounce, band):
    return np.log(np.minimum(1.0, band * KELVIN / (S * bounce)))


def ohmic_damping(alpha, T):
    """Gamma = 2 pi alpha k_B T/hbar (1/s), after eq. (10). alpha (1), T (K). Raises ParameterError."""
    (T,) = _checked(T=T)
    return 2 * np.pi * ALPHA.check(alpha) * T * KELVIN


def largest_spin(T, Delta_tilde, g_kondo, bandwidth):
    """S_max (1), where eq. (11) becomes an equality: S (T/D) ln[2 pi g^2 D/(hbar S^(1/3) Delta_r)] = 1.

    With C = 2 pi g^2 D/(hbar Delta_r): S_max = C^3 exp(w), w = W_-1(-3 D/(T C^3)), the Lambert function; infinite where
    3D/(T C^3) > 1/e, since no S satisfies the equality. T (K), Delta_tilde (rad/s) for Delta_r, g_kondo (1), bandwidth
    D (K): arrays that broadcast. Relative accuracy 1e-12. Raises ParameterError.
    """
    T, Delta, g, band = _checked(T=T, Delta_tilde=Delta_tilde, g_kondo=g_kondo, bandwidth=bandwidth)
    C = 2 * np.pi * g * g * band * KELVIN / Delta
    cube = C * C * C
    argument = np.broadcast_to(3 * band / T / cube, np.broadcast_shapes(T.shape, Delta.shape, g.shape, band.shape))
    reached = argument <= np.exp(-1.0)
    w = lambertw(-np.where(reached, argument, 0.1), -1).real
    return np.where(reached, cube * np.exp(w), np.inf)


def phonon_damping(T, S, Delta_tilde, Omega_bounce, K_anisotropy, Theta_D, *, diagonal=False):
    """Gamma_phi = (Delta/Omega_o)^2 J(Delta) coth(hbar Delta/2 k_B T) (1/s), eq. (12), by one phonon.

    J = C (hbar Delta/k_B Theta_D)^3 with C = (K S)^2/Theta_D as a rate. diagonal: without (Delta/Omega_o)^2, as if the
    phonons coupled to tau_z. T (K), S (1), Delta_tilde, Omega_bounce (rad/s), K_anisotropy (K), Theta_D (K).
    Limit: prefactor 2 k_B T/hbar Delta for k_B T >> hbar Delta. Raises ParameterError.
    """
    given = {"T": T, "S": S, "Delta_tilde": Delta_tilde, "Omega_bounce": Omega_bounce}
    T, S, Delta, bounce, K, Theta = _checked(**given, K_anisotropy=K_anisotropy, Theta_D=Theta_D)
    ratio = Delta / (KELVIN * Theta)
    J = (K * S) ** 2 / Theta * KELVIN * ratio * ratio * ratio
    thermal = J / np.tanh(Delta / (2 * KELVIN * T))
    return thermal if diagonal else (Delta / bounce) ** 2 * thermal


def _checked(**values):
    for name, value in values.items():
        if value is None:
            raise ParameterError(f"{name} is missing")
    return tuple(PARAMETERS[name].check(value) for name, value in values.items())
