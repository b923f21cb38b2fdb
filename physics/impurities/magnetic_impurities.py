"""Dephasing of electrons by magnetic impurities with Kondo effect, and their heat: a rival of two-level systems.

The impurity scatters with the S-matrix element eta (no flip), and what it does not scatter elastically is lost to
interference: for electrons of one spin the inelastic cross-section is (pi/k_F^2)(1 - |eta|^2). With the solution of
the equations of Nagaoka and Suhl, eta = ln(T/T_K)/sqrt(ln^2(T/T_K) + pi^2 S(S+1)),

    1/tau_sf = n_imp v_F sigma_inel = (n_imp/(pi hbar nu)) pi^2 S(S+1)/[pi^2 S(S+1) + ln^2(T/T_K)],

where v_F pi/k_F^2 = 1/(pi hbar nu) for free electrons with the density of states nu of both spins. The solution itself
(Hamann, Phys. Rev. 158, 570 (1967)) is quoted and not derived here; what can be told without it are its two ends, the
unitary limit n_imp v_F pi/k_F^2 at T_K and the golden rule for T >> T_K
(tests/impurities/test_magnetic_impurities.py).
"""

import numpy as np
from scipy.special import bernoulli, polygamma

from physics.constants import BOLTZMANN, ELECTRON_MASS, HBAR
from physics.electrons.background import decay_rates, standard_rate
from physics.electrons.definition import decay_time
from physics.heat_and_sound.electron_heat import electron_specific_heat
from physics.impurities.flags import MAGNETIC
from physics.parameters import PARAMETERS, Parameter

WIDTH = Parameter("z", "z", "1", "width of a resonance over 2 pi k_B T")
# From here on the asymptotic series replaces the closed form, a small difference there; the first term that is left
# out is 1e-17.
SERIES_FROM = 8.0
# The Bernoulli polynomials B_2k(1/2) = (2^(1-2k) - 1) B_2k, k = 1 ..., with the sign of 1 - z psi'(1/2 + z).
_EVEN = np.arange(2, 28, 2)
SERIES = (1 - 2.0 ** (1 - _EVEN)) * bernoulli(_EVEN[-1])[_EVEN]


def density_of_states(eps_F):
    """nu = m k_F/(pi^2 hbar^2) (1/(J m3)), both spins, of free electrons with the Fermi energy eps_F (J, any shape).

    The same as 3 n_e/(2 eps_F). To rounding. Raises ParameterError.
    """
    k_F = np.sqrt(2 * ELECTRON_MASS * PARAMETERS["eps_F"].check(eps_F)) / HBAR
    return ELECTRON_MASS * k_F / (np.pi * HBAR) ** 2


def spin_flip_rate(T, *, n_imp, T_K, spin, eps_F):
    """1/tau_sf = (n_imp/(pi hbar nu)) pi^2 S(S+1)/[pi^2 S(S+1) + ln^2(T/T_K)] (1/s), Nagaoka and Suhl.

    T (K); n_imp (1/m3) impurities; T_K (K) their Kondo temperature; spin S (1); eps_F (J) of free electrons: arrays
    that broadcast. Returns the rate in the broadcast shape, to rounding. Raises ParameterError.
    Limits: n_imp v_F pi/k_F^2 at T = T_K, whatever S is; for T >> T_K the golden rule with the exchange J S.sigma/2,
    (pi/2 hbar) n_imp rho J^2 S(S+1), rho = nu/2, rho J = 1/ln(T/T_K), spin flips and the rest together. Below T_K it
    is wrong: a screened spin dephases as (T/T_K)^2, this falls as a logarithm. It takes the impurities to lose their
    orientation within 1/rate; frozen ones dephase twice as fast.
    """
    given = {"T": T, "n_imp": n_imp, "T_K": T_K, "spin": spin, "eps_F": eps_F}
    T, n_imp, T_K, spin, eps_F = (PARAMETERS[name].check(value) for name, value in given.items())
    largest = n_imp / (np.pi * HBAR * density_of_states(eps_F))
    flip = np.pi**2 * spin * (spin + 1)
    return largest * flip / (flip + np.log(T / T_K) ** 2)


def resonance_heat(z):
    """C/k_B (1) of a state of the electrons that is a resonance at the Fermi energy, z = Gamma/(2 pi k_B T).

        int de (Gamma/pi)/(e^2 + Gamma^2) (e/2T)^2 sech^2(e/2T) = 2z [1 - z psi'(1/2 + z)]     (k_B = 1)

    with Gamma the half-width and psi' the trigamma function. z (1, > 0, any shape). Returns an array of that shape,
    relative accuracy 1e-12. Limits: 2z for z << 1; pi k_B T/(3 Gamma) for z >> 1; the entropy is ln 2. Raises
    ParameterError. Source: Schotte and Schotte, Phys. Lett. A 55, 38 (1975); derived on the theory page.
    """
    z = WIDTH.check(z)
    near, far = np.minimum(z, SERIES_FROM), np.maximum(z, SERIES_FROM)
    closed = 2 * near * (1 - near * polygamma(1, 0.5 + near))
    series = 2 / far * np.polynomial.polynomial.polyval(far**-2.0, SERIES)
    return np.where(z < SERIES_FROM, closed, series)


def impurity_specific_heat(T, *, n_imp, T_K, spin):
    """Specific heat of magnetic impurities (J/(K m3)), n_imp k_B `resonance_heat` ln(2S + 1)/ln 2, Gamma = k_B T_K.

    T (K); n_imp (1/m3) impurities; T_K (K) their Kondo temperature; spin S (1): arrays that broadcast. Relative
    accuracy 1e-12. The entropy of a spin 1/2, ln 2, is that of the resonance; for another spin the factor that makes it
    ln(2S + 1) is an assumption, and so is Gamma = k_B T_K, right within a factor of order 1. Limits: for T << T_K
    linear in T, (pi/3) T/T_K (times the factor) per impurity and k_B; for T >> T_K, T_K/(pi T), where the Kondo effect
    falls as a power of 1/ln(T/T_K). Raises ParameterError.
    """
    given = {"T": T, "n_imp": n_imp, "T_K": T_K, "spin": spin}
    T, n_imp, T_K, spin = (PARAMETERS[name].check(value) for name, value in given.items())
    return BOLTZMANN * n_imp * (np.log1p(2 * spin) / np.log(2)) * resonance_heat(T_K / (2 * np.pi * T))


def magnetic_impurities(
    T,
    *,
    n_imp,
    T_K,
    spin,
    eps_F,
    variables,
    background="none",
    phonons="none",
    definition="logarithm_2d",
    n_e=None,
    **constants,
):
    """The variables of the quantity `magnetic_impurities` (see `physics.QUANTITIES`) as a dict of arrays of T's shape.

    rate_sf (1/s): `spin_flip_rate`; rate_total (1/s): with the background and phonons of
    `physics.electrons.background.standard_rate`, whose constants it takes; tau_phi (s):
    `physics.electrons.definition.decay_time` of the decay by all of them; status (uint8): 1 where hbar rate_total >=
    k_B T, else 2 for T < T_K, outside the theory's domain in both, else 0. C_impurities (J/(K m3)):
    `impurity_specific_heat`, which knows of no end at T_K; C_ratio (1): that over `electron_specific_heat`, n_e (1/m3).
    """
    if background == "bulk":
        constants["eps_F"] = eps_F
    others = {"background": background, "phonons": phonons, **constants}
    rate = spin_flip_rate(T, n_imp=n_imp, T_K=T_K, spin=spin, eps_F=eps_F)
    total = rate + standard_rate(T, **others)
    flags = {name: np.uint8(value) for name, value in MAGNETIC.items()}
    status = np.where(T < T_K, flags["below_kondo_temperature"], flags["ok"])
    status = np.where(HBAR * total >= BOLTZMANN * T, flags["rate_above_temperature"], status)
    result = {"rate_sf": rate, "rate_total": total, "status": status}
    if "tau_phi" in variables:
        exponential, nyquist_rate = decay_rates(T, **others)
        result["tau_phi"] = decay_time(rate + exponential, nyquist_rate, definition=definition)
    if {"C_impurities", "C_ratio"} & set(variables):
        result["C_impurities"] = impurity_specific_heat(T, n_imp=n_imp, T_K=T_K, spin=spin)
    if "C_ratio" in variables:
        result["C_ratio"] = result["C_impurities"] / electron_specific_heat(T, n_e=n_e, eps_F=eps_F)
    return {name: result[name] for name in variables}
