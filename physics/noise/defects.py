"""Dephasing rates by moving defects in a model of two-level systems: eqs. (10)-(13) of paper 000.

Energies are in kelvin, rates in 1/s. `F1` = (k_F d)^2 <= 1 is the effect of a defect that moves by d, relative to its
maximum. Factors that the paper leaves out behind "~" are there on request: `prefactor` "born" has those of the Born
approximation for a symmetric double well with k_F d << 1, 2/3 for eqs. (11)-(13) and 1/(3 pi) for eq. (10);
"published" has 1. Derivations: docs/theory-000.md.
"""

import numpy as np

from physics.constants import BOLTZMANN, HBAR
from physics.noise.defect_integral import SECH2, X_OVER_SINH, defect_rows, level_integral_rows
from physics.numerics.quadrature import gauss_legendre
from physics.parameters import PARAMETERS, Parameter, ParameterError

THERMAL = {"sech2": SECH2, "x_over_sinh": X_OVER_SINH}
BALLISTIC = {"published": 1.0, "born": 2 / 3}
DIFFUSIVE = {"published": 1.0, "born": 1 / (3 * np.pi)}
OWN = {
    parameter.name: parameter
    for parameter in (
        Parameter("p", "p", "1", "fraction of the defects that move", upper=1.0),
        Parameter("kappa", r"\kappa", "1", "strength of the defects"),
        Parameter("cut", r"\varepsilon", "K", "lower cut-off of the energies", lower=-np.finfo(float).tiny),
        Parameter("standard", r"1/\tau_\mathrm{std}", "s-1", "other dephasing rate", lower=-np.finfo(float).tiny),
    )
}


def rate_ballistic(p, *, F1, tau, prefactor="published"):
    """Rate of dephasing by a fraction p of defects that move, momentum transfers above 1/l: 1/tau0 = p F1/tau.

    Parameters: p (1), F1 (1), tau (s), shapes that broadcast; `prefactor` as in the head of this module. Returns 1/s,
    to rounding. Raises ParameterError outside the physical domain. Source: paper 000, eq. (11).
    """
    p, F1, tau = _checked(p=p, F1=F1, tau=tau)
    return _chosen("prefactor", prefactor, BALLISTIC) * p * F1 / tau


def rate_diffusive(p, *, F1, kFl, tau, prefactor="published"):
    """The same from momentum transfers below 1/l: 1/tau0 = (p F1/tau) (k_F l)^-4, smaller by (k_F l)^4 in a good metal.

    Parameters: as for `rate_ballistic`; kFl (1). Returns 1/s, to rounding. Raises ParameterError outside the physical
    domain. Domain: k_F l >> 1, splittings below hbar D/l^2. Source: paper 000, eq. (10).
    """
    p, F1, kFl, tau = _checked(p=p, F1=F1, kFl=kFl, tau=tau)
    return _chosen("prefactor", prefactor, DIFFUSIVE) * p * F1 / tau / kFl**4


def level_average(T, Lambda0, Estar, *, cut=0.0, thermal="sech2"):
    """The average of eq. (12) over levels, R = tau B0 lambda/(tau0 F1 Omega_max), without expansion.

    R = (1/Omega_max) int_0^Omega_max dOmega int_0^B0 dB Omega/(Omega^2 + B^2) h(E), E = sqrt(Omega^2 + B^2) > cut.

    Parameters (arrays that broadcast): T (K); Lambda0 (K), the largest tunnel splitting Omega_max; Estar (K), the
    largest asymmetry B0; cut (K), 0 for none. thermal: h(E), "sech2" sech^2(E/2k_BT) or "x_over_sinh" x/sinh x with
    x = E/k_BT. Returns R (1), relative accuracy 1e-10. Raises ParameterError outside the physical domain.
    Limits: k_BT, B0 >> Omega_max: pi/2, one half each from Omega < B and Omega > B. Omega_max >> k_BT, B0 > k_BT:
    2 k_BT/Omega_max ("sech2"), (pi^2/4) k_BT/Omega_max ("x_over_sinh"). Source: paper 000, before eq. (12).
    """
    T, Omega, B0, cut = _checked(T=T, Lambda0=Lambda0, Estar=Estar, cut=cut)
    kind = _chosen("thermal", thermal, THERMAL)
    return _rows(level_integral_rows, (cut / T, Omega / T, B0 / T), kind) * (T / Omega)


def level_average_hot(Lambda0, Estar):
    """`level_average` for h = 1 and no cut: arctan(B0/Omega_max) + (B0/2 Omega_max) ln(1 + (Omega_max/B0)^2).

    Parameters (arrays that broadcast): Lambda0, Estar (K). Returns R (1), to rounding. Raises ParameterError outside
    the physical domain. Limits: pi/2 for B0 >> Omega_max, eq. (12) of paper 000 with its factor.
    """
    Omega, B0 = _checked(Lambda0=Lambda0, Estar=Estar)
    return np.arctan2(B0, Omega) + B0 / (2 * Omega) * np.log1p((Omega / B0) ** 2)


def coupling(Estar, *, F1, log_range, tau, prefactor="published"):
    """Strength of the defects kappa = F1 hbar/(B0 lambda tau): rate (12) is kappa times an energy over hbar.

    Parameters: Estar (K), B0; F1 (1); log_range (1), lambda; tau (s). Returns kappa (1), to rounding. Eq. (12) holds
    for kappa << 1, eq. (13) for kappa >> 1. Raises ParameterError outside the physical domain.
    """
    B0, F1, log_range, tau = _checked(Estar=Estar, F1=F1, log_range=log_range, tau=tau)
    return _chosen("prefactor", prefactor, BALLISTIC) * F1 * HBAR / (BOLTZMANN * B0 * log_range * tau)


def defect_density(*, tau, kFl, v_F, F2):
    """n_i = 1/(l sigma) (1/m3), all defects, from l = v_F tau and sigma = F2/k_F^2.

    Parameters (arrays that broadcast): tau (s), kFl (1), v_F (m/s), F2 (1). To rounding. Raises ParameterError.
    """
    tau, kFl, v_F, F2 = _checked(tau=tau, kFl=kFl, v_F=v_F, F2=F2)
    path = v_F * tau
    return (kFl / path) ** 2 / (path * F2)


def coupling_to_electrons(*, F1, F2):
    """chi = F1 F2/(3 pi^2) (1), the coupling of paper 001, eq. (15), of a symmetric defect that dephases by eq. (11).

    The same matrix element lets the electron scatter, with the cross-section (2/3) F1 sigma (Born), sigma = F2/k_F^2,
    and the level relax, as chi = (k_F^2/2 pi^2) sigma_inel of the golden rule, both spins, says. F1, F2 (1). To
    rounding. Raises ParameterError.
    """
    F1, F2 = _checked(F1=F1, F2=F2)
    return BALLISTIC["born"] * F1 * F2 / (2 * np.pi**2)


def rate_two_level(T, Lambda0, Estar, *, F1, log_range, tau, standard=0.0, thermal="sech2", prefactor="published"):
    """Rate of dephasing by the two-level defects beside another rate, each level counted only if E > hbar/tau_phi.

    1/tau0 = (kappa k_B/hbar) Omega_max R(cut = hbar r/k_B) with `level_average` R, and r = standard + 1/tau0 solved
    for itself: the physics of eqs. (12) and (13) at once, and of hbar r < k_B T.

    Parameters (arrays that broadcast): T (K), Lambda0 (K) Omega_max, Estar (K) B0, F1 (1), log_range (1), tau (s),
    standard (1/s) the rate that does not come from the defects. `thermal`, `prefactor` as above. Returns 1/tau0 (1/s),
    relative accuracy 1e-10. Raises ParameterError outside the physical domain.
    Limits: `level_average` for kappa << 1 and standard = 0, `self_consistent_width` for T -> inf.
    """
    T, Omega, B0, standard = _checked(T=T, Lambda0=Lambda0, Estar=Estar, standard=standard)
    kappa = coupling(B0, F1=F1, log_range=log_range, tau=tau, prefactor=prefactor)
    kind = _chosen("thermal", thermal, THERMAL)
    unit = BOLTZMANN * T / HBAR
    return _rows(defect_rows, (standard / unit, kappa, Omega / T, B0 / T), kind) * unit


def self_consistent_width(kappa):
    """v = hbar/(tau0 Omega_max) of the defects alone for T, B0 -> inf: v = kappa G(v), levels below v do not count.

    v < 1: G = pi/2 - v, so that v = (pi/2) kappa/(1 + kappa), for kappa <= 1/(pi/2 - 1) = 1.752; eq. (12) for small
    kappa. v > 1: G = arcsin(1/v) - v + sqrt(v^2 - 1); kappa >> 1: v = sqrt(kappa/2), eq. (13) corrected.
    Parameter: kappa (1), an array. Returns v (1) in its shape, relative accuracy 1e-13. Raises ParameterError for
    a value that is not finite and positive. Source: derived from paper 000, before eqs. (12) and (13).
    """
    (kappa,) = _checked(kappa=kappa)
    slow = kappa <= 1 / (np.pi / 2 - 1)
    v = np.maximum(np.sqrt(kappa / 2) / 2, 1.0)
    # v - kappa G(v) rises and is concave, and the start is below its root: Newton's method stays below.
    for _ in range(60):
        s = 1 / v
        root = np.sqrt((1 - s) * (1 + s))
        G = np.arcsin(s) - s / (1 + root)
        v = np.maximum(v - (v - kappa * G) / (1 + kappa * s**2 / (1 + root)), 1.0)
    return np.where(slow, np.pi / 2 * kappa / (1 + kappa), v)


def width_strong(Lambda0, Estar, *, F1, log_range, tau):
    """Eq. (13), corrected: 1/tau0 = (Omega_max/hbar) sqrt(kappa/2) = Omega_max [F1/(2 B0 hbar lambda tau)]^(1/2).

    Parameters (arrays that broadcast): Lambda0 (K) Omega_max, Estar (K) B0, F1 (1), log_range (1), tau (s). Returns
    1/s, to rounding. Raises ParameterError outside the physical domain. Domain: kappa >> 1, Omega_max < hbar/tau0 <<
    k_B T. Source: paper 000, eq. (13), where F1 stands in the denominator by mistake.
    """
    (Omega,) = _checked(Lambda0=Lambda0)
    kappa = coupling(Estar, F1=F1, log_range=log_range, tau=tau)
    return BOLTZMANN * Omega / HBAR * np.sqrt(kappa / 2)


def _rows(compiled_rows, arguments, kind):
    shape = np.broadcast_shapes(*(np.shape(a) for a in arguments))
    # Copies: for read-only arrays Numba would compile a second version.
    rows = [np.array(np.broadcast_to(a, shape), dtype=np.float64).ravel() for a in arguments]
    out = np.empty(rows[0].size)
    compiled_rows(*rows, kind, gauss_legendre(), out)
    return out.reshape(shape)


def _checked(**values):
    return [(PARAMETERS.get(name) or OWN[name]).check(value) for name, value in values.items()]


def _chosen(name, value, allowed):
    if value not in allowed:
        raise ParameterError(f"{name} = {value!r} is unknown; allowed: {', '.join(allowed)}")
    return allowed[value]
