"""Dephasing of electrons by the other electrons and by phonons: what there is beside two-level systems.

Every rate here is a power of the temperature. `power_terms` has the powers; the decay of the interference of time-
reversed paths, exp(-f(t)) with f(t) = rate t + (nyquist_rate t)^(3/2), follows from them in `decay_rates`, and the one
rate that is usually quoted in `standard_rate`. Derivations: docs/theory-000.md.

| kind | law | source |
|---|---|---|
| wire | f = prefactor^(3/2) (sqrt(pi)/4) (t/tau_N)^(3/2); quoted as 1/tau_phi = 1/(2 tau_N) = A T^(2/3) | AAK; P |
| film | 1/tau_phi = (kT/hbar)(R_sq/R_K) ln(R_K/2 R_sq) | AAK, AA |
| bulk | 1/tau_ee = (pi/8)(kT)^2/(hbar eps_F) + (sqrt(3)/2)(kT)^(3/2)/(hbar sqrt(eps_F) (k_F l)^(3/2)) | S |
| phonons | ep_rate (T/1 K)^ep_exponent | a fit to each metal |

AAK: Altshuler, Aronov, Khmelnitsky, J. Phys. C 15, 7367 (1982). AA: Altshuler, Aronov, in Electron-Electron
Interactions in Disordered Systems (1985). S: Schmid, Z. Phys. 271, 251 (1974). P: Pierre et al., Phys. Rev. B 68,
085413 (2003). What of them was derived again, and what not, is on the theory page.
"""

import numpy as np

from physics.constants import BOLTZMANN, ELEMENTARY_CHARGE, HBAR, PLANCK
from physics.electrons.definition import decay_time
from physics.electrons.flags import OK, RATE_ABOVE_TEMPERATURE
from physics.electrons.options import BACKGROUNDS, PHONONS
from physics.parameters import PARAMETERS, Parameter, ParameterError

GEOMETRY = {
    parameter.name: parameter
    for parameter in (
        Parameter("R", "R", "ohm", "resistance of the wire"),
        Parameter("L", "L", "m", "length of the wire"),
        Parameter("thickness", "t", "m", "thickness of the wire"),
        Parameter("nu_F", r"\nu_\mathrm{F}", "J-1 m-3", "density of states of both spins at the Fermi energy"),
    )
}

R_K = PLANCK / ELEMENTARY_CHARGE**2
CLOSED_PATHS = (np.sqrt(np.pi) / 4) ** (2 / 3)
"""tau_N times the nyquist_rate of a wire, from the mean distance of a closed path from its time-reversed self."""


def nyquist_time(T, *, R_per_length, D):
    """Nyquist time of a wire, tau_N = [hbar^2/(e^2 k_B T (R/L) sqrt(D))]^(2/3), from the noise of its own resistance.

    The potential of a wire in equilibrium has the spectrum 2 k_B T (R/L)/q^2, and two paths that are x(t') apart lose
    their relative phase as exp(-(e^2 k_B T (R/L)/hbar^2) int |x(t')| dt').
    Parameters: T (K), R_per_length (ohm/m), D (m2/s), shapes that broadcast. Returns tau_N (s), to rounding. Raises
    ParameterError for a value that is not finite and positive. Domain: width and thickness < sqrt(D tau_N) < length,
    and k_B T tau_N > hbar. Source: AAK; derived on the theory page.
    """
    T, R_per_length, D = _checked(T=T, R_per_length=R_per_length, D=D)
    return np.power(HBAR**2 / (ELEMENTARY_CHARGE**2 * BOLTZMANN * T * R_per_length * np.sqrt(D)), 2 / 3)


def wire_coefficient(*, R, L, width, thickness, nu_F):
    """Coefficient of 1/tau_phi = A T^(2/3) of a wire, A = (1/hbar) [(pi k_B^2/(4 nu_F L w t)) (R/R_K)]^(1/3).

    The same as 1/(2 tau_N) with D = L/(e^2 nu_F R w t). Parameters: resistance R (ohm), length L, width, thickness (m),
    density of states of both spins nu_F (1/(J m3)), shapes that broadcast. Returns A (1/(s K^(2/3))), to rounding.
    Raises ParameterError for a value that is not finite and positive. Source: P, there eq. (2); derived on the theory
    page.
    """
    R, L, width, thickness, nu_F = _checked(R=R, L=L, width=width, thickness=thickness, nu_F=nu_F)
    return (np.pi * BOLTZMANN**2 / (4 * nu_F * L * width * thickness) * R / R_K) ** (1 / 3) / HBAR


def diffusion_constant(*, R, L, width, thickness, nu_F):
    """Diffusion constant of a wire from its resistance by Einstein's relation, D = L/(e^2 nu_F R w t).

    Parameters and errors as for `wire_coefficient`. Returns D (m2/s), to rounding.
    """
    R, L, width, thickness, nu_F = _checked(R=R, L=L, width=width, thickness=thickness, nu_F=nu_F)
    return L / (ELEMENTARY_CHARGE**2 * nu_F * R * width * thickness)


def power_terms(*, background="none", phonons="none", **constants):
    """The terms (A, n) of the standard rate 1/tau_phi = sum of A T^n, A in 1/(s K^n): a list, electrons first.

    background: "none"; "wire" with R_per_length (ohm/m), D (m2/s): one term, n = 2/3; "film" with R_sq (ohm, below
    R_K/2 = 12.9 kohm): n = 1; "bulk" with eps_F (J), kFl (1): n = 3/2 and n = 2. Each with ee_prefactor (1), a factor
    on its rate, 1 for the formulas as they stand in the head of this module. phonons: "none"; "power" with ep_rate
    (1/s, at 1 K) and ep_exponent (1). Constants are scalars.
    Raises ParameterError for an unknown kind, a value outside its domain and a constant that is missing or too many.
    Limits: film, to logarithmic accuracy for R_sq << R_K; bulk, k_F l > 1.
    """
    electrons, lattice = _kind("background", background, BACKGROUNDS), _kind("phonons", phonons, PHONONS)
    needed = electrons + lattice
    for name in needed:
        if constants.get(name) is None:
            raise ParameterError(f"background = {background}, phonons = {phonons} needs {name}")
    for name in constants:
        if name not in needed:
            raise ParameterError(f"background = {background}, phonons = {phonons} does not depend on {name!r}")
        if np.ndim(constants[name]):
            raise ParameterError(f"{name} is a constant: a scalar is allowed, found shape {np.shape(constants[name])}")
    values = {name: float(value) for name, value in zip(constants, _checked(**constants), strict=True)}
    terms = []
    if background == "wire":
        tau_N = nyquist_time(1.0, R_per_length=values["R_per_length"], D=values["D"])
        terms = [(0.5 / float(tau_N), 2 / 3)]
    elif background == "film":
        if values["R_sq"] >= R_K / 2:
            raise ParameterError(f"R_sq = {values['R_sq']:g} is outside its domain; allowed: < R_K/2 = {R_K / 2:g} ohm")
        terms = [(BOLTZMANN / HBAR * values["R_sq"] / R_K * np.log(R_K / (2 * values["R_sq"])), 1.0)]
    elif background == "bulk":
        kelvin = BOLTZMANN / values["eps_F"]
        diffusive = np.sqrt(3) / 2 * BOLTZMANN / HBAR * np.sqrt(kelvin) / values["kFl"] ** 1.5
        terms = [(diffusive, 1.5), (np.pi / 8 * BOLTZMANN / HBAR * kelvin, 2.0)]
    terms = [(values["ee_prefactor"] * A, n) for A, n in terms]
    if phonons == "power":
        terms.append((values["ep_rate"], values["ep_exponent"]))
    return terms


def standard_rate(T, **kinds_and_constants):
    """The rate 1/tau_phi (1/s) that is usually quoted, sum of A T^n of `power_terms`, whose keywords it takes.

    T (K) an array; the rate in its shape, to rounding. Raises ParameterError as `power_terms` does and for T <= 0.
    """
    (T,) = _checked(T=T)
    return sum((A * np.power(T, n) for A, n in power_terms(**kinds_and_constants)), np.zeros(np.shape(T)))


def decay_rates(T, *, background="none", phonons="none", **constants):
    """The parameters (rate, nyquist_rate) in 1/s of the decay exp(-f(t)), f(t) = rate t + (nyquist_rate t)^(3/2).

    Film, bulk and phonons decay exponentially. The wire's own Nyquist noise acts with the distance of the two paths,
    which grows with time: averaged over closed paths f(t) = (sqrt(pi)/4)(t/tau_N)^(3/2), so that nyquist_rate =
    ee_prefactor 0.5813/tau_N. This is the first cumulant; theory-000.md compares it with the exact average.
    T (K) an array; keywords as for `power_terms`. Returns two arrays of T's shape (1/s), to rounding. Raises
    ParameterError as `power_terms` does.
    """
    (T,) = _checked(T=T)
    terms = power_terms(background=background, phonons=phonons, **constants)
    nyquist_rate = np.zeros(np.shape(T))
    if background == "wire":
        (A, n), *terms = terms
        nyquist_rate = 2 * CLOSED_PATHS * A * np.power(T, n)
    return sum((A * np.power(T, n) for A, n in terms), np.zeros(np.shape(T))), nyquist_rate


def dephasing_without_defects(T, *, background, phonons, variables, definition="logarithm_2d", **constants):
    """The variables of the quantity `background` (see `physics.QUANTITIES`) as a dict of arrays of T's shape.

    rate_ee, rate_ep, rate_total (1/s): the terms of `power_terms` for electrons, for phonons, and their sum; tau_phi
    (s): `physics.electrons.definition.decay_time` of the decay of `decay_rates`, the limit of what `dephasing` has
    without levels for tau << tau_phi; status (uint8): 1 where hbar rate_total >= k_B T, outside the theory's domain,
    else 0. T (K), options and constants as for `power_terms`. To rounding. Raises ParameterError as `power_terms` does.
    """
    (T,) = _checked(T=T)
    electrons = {name: constants[name] for name in BACKGROUNDS[background] if name in constants}
    total = standard_rate(T, background=background, phonons=phonons, **constants)
    ee = standard_rate(T, background=background, **electrons)
    rates = {"rate_ee": ee, "rate_ep": np.zeros(np.shape(T)), "rate_total": total}
    if "tau_phi" in variables:
        decay = decay_rates(T, background=background, phonons=phonons, **constants)
        rates["tau_phi"] = decay_time(*decay, definition=definition)
    if phonons == "power":
        rates["rate_ep"] = constants["ep_rate"] * np.power(T, constants["ep_exponent"])
    rates["status"] = np.where(HBAR * total >= BOLTZMANN * T, np.uint8(RATE_ABOVE_TEMPERATURE), np.uint8(OK))
    return {name: rates[name] for name in variables}


def _checked(**values):
    return [(PARAMETERS.get(name) or GEOMETRY[name]).check(value) for name, value in values.items()]


def _kind(name, value, allowed):
    if value not in allowed:
        raise ParameterError(f"{name} = {value!r} is unknown; allowed: {', '.join(allowed)}")
    return allowed[value]
