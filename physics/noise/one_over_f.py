"""1/f motion of defects and dephasing: paper 000, sections III and IV, as one self-consistent rate.

    1/tau_phi = standard rate + rate of the defects that move between hbar/tau_phi and k_B T,

which is the standard rate above the crossover temperature T0, that of the defects below it, and k_B T/hbar where
T -> 0.
"""

import numpy as np
from scipy.special import wrightomega

from physics.constants import BOLTZMANN, HBAR
from physics.electrons.background import decay_rates, power_terms, standard_rate
from physics.electrons.definition import decay_time
from physics.noise.crossover import crossover_temperature, crossover_temperature_levels
from physics.noise.defects import BALLISTIC, THERMAL, coupling, level_average_hot, rate_two_level
from physics.noise.flags import (
    BEYOND_VALIDITY,
    DEFECTS_CONSTANT,
    DEFECTS_LINEAR,
    NO_CROSSOVER,
    NOISE_SATURATED,
    NOISE_VALID,
    NOT_CONVERGED,
    OK,
    RATE_ABOVE_TEMPERATURE,
    RATE_NEAR_TEMPERATURE,
    STANDARD,
)
from physics.numerics.quadrature import gauss_legendre
from physics.parameters import PARAMETERS, Parameter, ParameterError

MODELS = ("generic", "two_level")
OF_FEWER_AXES = ("T0", "status")
PREFACTOR = {"published": "published", "consistent": "born"}
OWN = {
    parameter.name: parameter
    for parameter in (
        Parameter("tau_phi", r"\tau_\varphi", "s", "dephasing time"),
        Parameter("c", "c", "1", "strength of the 1/f motion, p_t F1/lambda"),
        Parameter("standard", r"1/\tau_\mathrm{std}", "s-1", "other dephasing rate", lower=-np.finfo(float).tiny),
    )
}


def active_fraction(T, tau_phi, *, p_t, log_range):
    """Fraction of the defects that move fast enough to dephase, p = (p_t/lambda) ln(k_B T tau_phi/hbar), at most p_t.

    The logarithm is natural, and so is lambda = ln(nu_max/nu_min); the paper's "number of decades" would need log10.
    Parameters (arrays that broadcast): T (K), tau_phi (s), p_t (1), log_range (1). Returns p (1), to rounding; 0 where
    k_B T tau_phi <= hbar, where no frequency is left, and p_t where the logarithm exceeds lambda: all defects move.
    Raises ParameterError outside the physical domain. Source: paper 000, eq. (4).
    """
    T, tau_phi, p_t, log_range = _checked(T=T, tau_phi=tau_phi, p_t=p_t, log_range=log_range)
    return p_t * np.clip(np.log(BOLTZMANN * T * tau_phi / HBAR) / log_range, 0.0, 1.0)


def saturation_logarithm(tau_phi, *, p_t, log_range, F1, tau):
    """ln(alpha): motion in a band from nu to alpha nu changes the conductance of a coherent volume by e^2/h, eq. (6).

    ln(alpha) = (l/L_phi)^2 lambda/(p_t F1) = 3 tau lambda/(tau_phi p_t F1), L_phi^2 = D tau_phi in three dimensions.
    Parameters (arrays that broadcast): tau_phi (s), p_t (1), log_range (1) lambda, F1 (1), tau (s). Returns ln(alpha)
    (1), to rounding. Raises ParameterError outside the physical domain. Domain: below 1 eq. (7) has no meaning, and
    above ln(k_B T tau_phi/hbar) no band of eq. (3) is wide enough. Source: paper 000, eqs. (5), (6).
    """
    tau_phi, p_t, log_range, F1, tau = _checked(tau_phi=tau_phi, p_t=p_t, log_range=log_range, F1=F1, tau=tau)
    return 3 * tau / tau_phi * log_range / (p_t * F1)


def hooge_parameter(T, tau_phi, *, p_t, log_range, F1, kFl, tau):
    """Hooge parameter alpha_H = N (Delta g)^2/g^2 per e-fold of frequency, of a bulk sample.

    alpha_H = (L_phi/l)^3 (p_t/(lambda k_F l)) (hbar/(tau_phi k_B T)) F1, (L_phi/l)^2 = tau_phi/(3 tau).
    Parameters (arrays that broadcast): T (K), tau_phi (s), p_t, log_range, F1, kFl (1), tau (s). Returns alpha_H (1),
    to rounding; times ln 10 it is the noise per decade. Raises ParameterError outside the physical domain. Domain:
    k_B T tau_phi > hbar, `saturation_logarithm` > 1 (`regime` has flags for both), L_phi below the size of the sample.
    Limits: tau_phi constant: 1/T; 1/tau_phi = A T^n: T^(-n/2-1). Source: paper 000, eq. (7).
    """
    T, tau_phi, p_t, log_range = _checked(T=T, tau_phi=tau_phi, p_t=p_t, log_range=log_range)
    F1, kFl, tau = _checked(F1=F1, kFl=kFl, tau=tau)
    energies = HBAR / (tau_phi * BOLTZMANN * T)
    ratio = tau_phi / (3 * tau)
    return ratio * np.sqrt(ratio) * p_t / (log_range * kFl) * energies * F1


def rate_generic(T, standard, *, c, tau):
    """The part of the defects in r = standard + (c/tau) ln(k_B T/(hbar r)), the total dephasing rate.

    r = (c/tau) W0[(k_B T tau/(hbar c)) exp(standard tau/c)], as Wright's omega function, which cannot overflow.
    Parameters (arrays that broadcast): T (K), standard (1/s) the standard rate, c = p_t F1/lambda (1), tau (s).
    Returns r - standard (1/s), error below 1e-12 of r; 0 where hbar standard >= k_B T, where no defect is fast enough.
    Raises ParameterError outside the physical domain. Limits: T -> inf: small beside the standard rate; T -> 0 without
    it: r -> k_B T/hbar. Source: paper 000, eqs. (4), (8), (11) and the end of section V.
    """
    T, standard, c, tau = _checked(T=T, standard=standard, c=c, tau=tau)
    unit = c / tau
    highest = BOLTZMANN * T / HBAR
    omega = wrightomega(np.log(highest / unit) + standard / unit)
    defects = np.where(omega * unit > 2 * standard, omega * unit - standard, unit * np.log(highest / (unit * omega)))
    return np.where(standard < highest, np.maximum(defects, 0.0), 0.0)


def one_over_f(
    T,
    *,
    F1,
    log_range,
    tau,
    kFl,
    variables,
    model,
    background,
    phonons,
    thermal,
    convention,
    definition="logarithm_2d",
    p_t=None,
    Lambda0=None,
    Estar=None,
    **constants,
):
    """The variables of the quantity `one_over_f` (see `physics.QUANTITIES`) as a dict of arrays.

    rate_standard, rate_defects, rate_total (1/s): `physics.electrons.background.standard_rate`, the part of the
    defects, and their sum, solved for itself. model "generic": `rate_generic` with c = p_t F1/lambda, at most p_t
    F1/tau, the rate of all defects that move; "two_level": `physics.noise.defects.rate_two_level`, and p_t is replaced
    by Omega_max/B0 = Lambda0/Estar, as the paper says after eq. (12).
    tau_phi (s) is `physics.electrons.definition.decay_time` of the decay of `physics.electrons.background.decay_rates`
    and of the defects, exponential with rate_defects. 1/rate_total is the paper's tau_phi, which enters the cut-off of
    the defects, p_active = tau rate_defects/F1 (4), ln_alpha (6) and hooge (7); hooge_standard is (7) with the standard
    rate alone, as if nothing saturated. T0 (K) is (8), and status (uint8) is 1 where the rates meet at no temperature,
    2 where Newton's method does not find it, else 0; T0 is NaN in both. 3: with two-level defects eq. (12), which has
    no least splitting, counts more defects when hot than there are, (Omega_max/(B0 lambda))
    `physics.noise.defects.level_average_hot` > 1.
    `regime` as the function says. convention "consistent" has the Born factor 2/3 in the rates of the defects.

    Parameters (arrays that broadcast): T, Lambda0 (Omega_max), Estar (B0) in K; p_t (1). Scalars: F1, log_range, kFl
    (1), tau (s), and the constants of `physics.electrons.background`. Relative accuracy 1e-9 (rate_defects and p_active
    of the generic model 1e-12 of the total). Raises ParameterError outside the physical domain.
    """
    if model not in MODELS:
        raise ParameterError(f"model = {model!r} is unknown; allowed: {', '.join(MODELS)}")
    if convention not in PREFACTOR:
        raise ParameterError(f"convention = {convention!r} is unknown; allowed: {', '.join(PREFACTOR)}")
    if thermal not in THERMAL:
        raise ParameterError(f"thermal = {thermal!r} is unknown; allowed: {', '.join(THERMAL)}")
    if background == "bulk":
        constants["kFl"] = kFl
    kinds = {"background": background, "phonons": phonons, **constants}
    T, F1, log_range, tau, kFl = _checked(T=T, F1=F1, log_range=log_range, tau=tau, kFl=kFl)
    standard = standard_rate(T, **kinds)
    factor = BALLISTIC[PREFACTOR[convention]]
    wanted = set(variables)
    several = not wanted <= {*OF_FEWER_AXES, "rate_standard"}
    crossover = None
    if model == "generic":
        (p_t,) = _checked(p_t=p_t)
        axes, moving = (T, p_t), p_t
        c = factor * p_t * F1 / log_range
        if wanted & {"T0", "status"}:
            crossover = crossover_temperature(c, tau=tau, terms=power_terms(**kinds), log_range=log_range)
        if several:
            defects = np.minimum(rate_generic(T, standard, c=c, tau=tau), c * log_range / tau)
    else:
        Lambda0, Estar = _checked(Lambda0=Lambda0, Estar=Estar)
        axes, moving = (T, Lambda0, Estar), np.minimum(Lambda0 / Estar, 1.0)
        shared = {"F1": F1, "log_range": log_range, "tau": tau, "prefactor": PREFACTOR[convention]}
        if wanted & {"T0", "status"}:
            crossover = crossover_temperature_levels(
                coupling(Estar, **shared),
                Lambda0,
                Estar,
                terms=power_terms(**kinds),
                thermal=THERMAL[thermal],
                rule=gauss_legendre(),
            )
        if several:
            defects = rate_two_level(T, Lambda0, Estar, standard=standard, thermal=thermal, **shared)
    result = {"rate_standard": standard}
    if "T0" in wanted:
        result["T0"] = np.where(np.isinf(crossover), np.nan, crossover)
    if "status" in wanted:
        status = np.where(np.isinf(crossover), np.uint8(NOT_CONVERGED), np.uint8(OK))
        status = np.where(np.isnan(crossover), np.uint8(NO_CROSSOVER), status)
        if model == "two_level":
            too_many = Lambda0 / Estar * level_average_hot(Lambda0, Estar) > log_range
            status = np.where(too_many, np.uint8(BEYOND_VALIDITY), status)
        result["status"] = status
    if several:
        total = standard + defects
        noise = {"p_t": moving, "log_range": log_range, "F1": F1, "tau": tau}
        result["rate_defects"], result["rate_total"] = defects, total
        # At most, against rounding: p_t, of which all may move.
        result["p_active"] = np.minimum(tau * defects / (factor * F1), p_t if model == "generic" else np.inf)
        result["ln_alpha"] = saturation_logarithm(1 / total, **noise)
        result["hooge"] = hooge_parameter(T, 1 / total, kFl=kFl, **noise)
        result["hooge_standard"] = hooge_parameter(T, 1 / standard, kFl=kFl, **noise)
        result["regime"] = regime(T, standard, defects, result["ln_alpha"], Lambda0)
        if "tau_phi" in wanted:
            exponential, nyquist_rate = decay_rates(T, **kinds)
            result["tau_phi"] = decay_time(exponential + defects, nyquist_rate, definition=definition)
    shape = np.broadcast_shapes(*(a.shape for a in axes))
    return {
        name: result[name] if name in OF_FEWER_AXES else np.array(np.broadcast_to(result[name], shape))
        for name in variables
    }


def regime(T, standard, defects, ln_alpha, Lambda0=None):
    """Regime of each cell (uint8), the sum of one flag of each group.

    1 the standard rate dominates; else 2 the defects do, and their rate is constant up to a logarithm; 3 it falls as T
    because the largest splitting is above (4/pi) k_B T; 4 it falls as T because hbar times the total rate is above
    k_B T/e. 8 within the domain of eq. (7); 16 ln(alpha) <= 1, the noise of a coherent volume is saturated and (7) too
    large; 24 hbar times the total rate is above k_B T, no frequency is left to eq. (3).
    Parameters (arrays that broadcast): T (K); standard, defects (1/s); ln_alpha (1) of `saturation_logarithm`; Lambda0
    (K) the largest splitting, None where none limits the rate.
    """
    energies = HBAR * (standard + defects) / (BOLTZMANN * T)
    flags = np.full(np.shape(energies), DEFECTS_CONSTANT, np.uint8)
    if Lambda0 is not None:
        flags = np.where(np.pi / 4 * Lambda0 > T, np.uint8(DEFECTS_LINEAR), flags)
    flags = np.where(np.e * energies > 1, np.uint8(RATE_NEAR_TEMPERATURE), flags)
    flags = np.where(standard > defects, np.uint8(STANDARD), flags)
    noise = np.where(ln_alpha <= 1, np.uint8(NOISE_SATURATED), np.uint8(NOISE_VALID))
    return flags + np.where(energies >= 1, np.uint8(RATE_ABOVE_TEMPERATURE), noise)


def _checked(**values):
    return [(PARAMETERS.get(name) or OWN[name]).check(value) for name, value in values.items()]
