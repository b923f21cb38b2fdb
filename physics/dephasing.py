"""Electron dephasing time by two-level systems, from the integrals of paper 001 without expansion.

    ln(tau_phi/tau) = int_tau^inf dt/t exp[-Gamma1(t) - Gamma3(t)]                                            (34)

Gamma1 (resonant, direct transitions) and Gamma3 (relaxation) are averages over a distribution of two-level systems;
`physics.distributions` has the distributions, `physics.dephasing_integral` the double integral.
"""

from functools import cache

import numpy as np

from physics.averages import DEGREE
from physics.constants import BOLTZMANN, HBAR
from physics.dephasing_integral import log_tau_phi
from physics.distributions import THERMAL, Spectrum, gaussian_barrier, glass, tunnelling_states
from physics.parameters import PARAMETERS, ParameterError
from physics.quadrature import gauss_legendre, windowed_kernel_table

CHANNELS = ("both", "resonant", "relaxation")
DISTRIBUTIONS = ("tunnelling_states", "glass", "gaussian_barrier")
CONVENTIONS = ("published", "consistent")
VARIABLES = {"tau_phi": "both", "tau_phi_resonant": "resonant", "tau_phi_relaxation": "relaxation"}
OK, RATE_ABOVE_TEMPERATURE, FROZEN, EMPTY, NOT_CONVERGED = range(5)


def tau_phi(
    T,
    Lambda0,
    Pd,
    chi,
    Estar,
    *,
    sigma_in,
    v_F,
    tau,
    distribution="tunnelling_states",
    channel="both",
    p_min=None,
    barrier_width=None,
    convention="published",
):
    """Dephasing time tau_phi of electrons scattered by two-level systems, eq. (34) of paper 001.

    ln(tau_phi/tau) = int_tau^inf dt/t exp[-Gamma1(t) - Gamma3(t)], with the averages over the distribution

        Gamma1 = (t Pd sigma_in v_F/4) int dE sech^2(E/2T) <Lambda^2/E^2> [1 - sin(Et/hbar)/(Et/hbar)],
        Gamma3 = (t Pd sigma_in v_F/4) int dE sech^2(E/2T) <Delta^2/E^2 [1 - (1 - exp(-v))/v]>, v = 2 gamma t/hbar.

    Parameters (arrays that broadcast; pass an open grid, one array per parameter, rather than its full product):
    T (K) temperature; Lambda0 (K) tunnelling amplitude, ignored by the glass model; Pd (1/(J m3)) density of states;
    chi (1) electron-TLS coupling, at most 1; Estar (K) cut-off of the level energies. Scalars: sigma_in (m2) inelastic
    cross-section, v_F (m/s) Fermi velocity, tau (s) elastic time.
    distribution: "tunnelling_states" (37); "glass" (36), which needs `p_min`, with the norm ln(1/p_min) as printed
    (convention "published") or 2 arccosh(1/sqrt(p_min)) ("consistent"); "gaussian_barrier" (54), which needs
    `barrier_width`. channel: "both", "resonant" (Gamma1 alone) or "relaxation" (Gamma3 alone).

    Returns the dephasing time in seconds, in the broadcast shape, relative accuracy 1e-8 over T 1 mK ... 10 K,
    Lambda0 1e-5 ... 1 K, Pd 1e43 ... 1e49, chi 1e-4 ... 1, Estar 2 mK ... 100 K (Gaussian barriers: 1e-8 for
    Estar >= Lambda0; for Estar < Lambda0 and a width below 0.3, where only a sharp tail is left, 1e-6). Where there
    are no levels
    (Estar <= Lambda0 in the tunnelling-states model), or where tau_phi exceeds the range of doubles, it is inf; NaN
    where the integral does not converge.
    Raises ParameterError (a ValueError) outside the physical domain, with name, value and valid range.
    Limits: T >> Lambda0, s >> 1: 1/tau_phi(resonant) = exp(0.5772...) (pi/8)/tau_Lambda; frozen out for T << Lambda0.
    """
    for name, value, allowed in (
        ("channel", channel, CHANNELS),
        ("distribution", distribution, DISTRIBUTIONS),
        ("convention", convention, CONVENTIONS),
    ):
        if value not in allowed:
            raise ParameterError(f"{name} = {value!r} is unknown; allowed: {', '.join(allowed)}")
    parameters = {"T": T, "Pd": Pd, "chi": chi, "Estar": Estar, "sigma_in": sigma_in, "v_F": v_F, "tau": tau}
    if distribution != "glass":
        parameters["Lambda0"] = Lambda0
    if distribution == "glass":
        parameters["p_min"] = p_min
    if distribution == "gaussian_barrier":
        parameters["barrier_width"] = barrier_width
    checked = {name: PARAMETERS[name].check(value) for name, value in parameters.items()}
    return _channels((channel,), distribution=distribution, convention=convention, **checked)[channel]


def dephasing(T, Pd, chi, Estar, *, sigma_in, v_F, tau, variables, Lambda0=None, distribution, convention, **shape):
    """The variables of the quantity `dephasing` (see `physics.QUANTITIES`) as a dict of arrays of the broadcast shape.

    tau_phi, tau_phi_resonant, tau_phi_relaxation (s) as `tau_phi` gives them; `regime` and `status` (uint8, CF flags)
    as `regime` and `status` give them.
    """
    wanted = set(variables)
    channels = {VARIABLES[name] for name in wanted & set(VARIABLES)}
    if "regime" in wanted:
        channels |= {"resonant", "relaxation"}
    if "status" in wanted:
        channels.add("both")
    times = _channels(
        tuple(name for name in CHANNELS if name in channels),
        T=T,
        Lambda0=Lambda0,
        Pd=Pd,
        chi=chi,
        Estar=Estar,
        sigma_in=sigma_in,
        v_F=v_F,
        tau=tau,
        distribution=distribution,
        convention=convention,
        **shape,
    )
    levels = Lambda0 if distribution == "tunnelling_states" else None
    result = {name: times[channel] for name, channel in VARIABLES.items() if name in wanted}
    if "regime" in wanted:
        result["regime"] = regime(times["resonant"], times["relaxation"], T, levels, chi, Estar)
    if "status" in wanted:
        result["status"] = status(times["both"], T, levels, Estar)
    return {name: result[name] for name in variables}


def is_frozen(T, Lambda0):
    """Whether the lowest levels are frozen out: sech^2(Lambda0/2T) < 1/e, T < 0.461 Lambda0 (T, Lambda0 in kelvin)."""
    return np.cosh(np.minimum(Lambda0 / (2 * T), 700.0)) > np.exp(0.5)


def regime(tau_resonant, tau_relaxation, T, Lambda0, chi, Estar):
    """Regime of each cell, the sum of its flags (uint8), from the times of the two channels (s) and the parameters.

    One flag of each group: 1, 2: the resonant or the relaxation channel dominates (its time is the shorter one).
    4 phase jumps; 8 phase wandering, every thermally active level, E up to max(Lambda0, min(T, Estar)), has
    E tau_phi(resonant) < hbar (section II.C, T_Lambda). 16 all defects are slow, 48 all are fast up to
    E = max(Lambda0, min(2T, Estar)), 32 both occur, by gamma (15) against tau_phi(relaxation) (section II.C, T_alpha
    and T_beta). 64 thermally active; 128 frozen out. 0: there are no levels. Lambda0 None: a distribution down to
    E = 0 and Lambda = 0, never frozen out, whose slowest defects are always slow.
    """
    lowest = 0.0 if Lambda0 is None else Lambda0
    kelvin = BOLTZMANN / HBAR
    active = np.maximum(lowest, np.minimum(T, Estar))
    highest = np.maximum(lowest, np.minimum(2 * np.asarray(T), Estar))
    at_highest = chi * highest / np.tanh(highest / (2 * T))
    fastest = at_highest if Lambda0 is None else chi * Lambda0 / np.tanh(Lambda0 / (2 * T))
    flags = np.where(tau_relaxation < tau_resonant, np.uint8(2), np.uint8(1))
    flags |= np.where(active * kelvin * tau_resonant < 1, np.uint8(8), np.uint8(4))
    flags |= np.where(fastest * kelvin * tau_relaxation > 1, np.uint8(32), np.uint8(16))
    if Lambda0 is None:
        return flags | np.uint8(64)
    slowest = at_highest * (Lambda0 / highest) ** 2
    flags |= np.where(slowest * kelvin * tau_relaxation > 1, np.uint8(48), np.uint8(0))
    flags |= np.where(is_frozen(T, Lambda0), np.uint8(128), np.uint8(64))
    return np.where(np.less_equal(Estar, Lambda0), np.uint8(0), flags)


def status(tau_phi, T, Lambda0, Estar):
    """Status of each cell (uint8): 0 ok; 1 hbar/tau_phi > k_B T, the theory's own limit; 2 frozen (`is_frozen`, or
    tau_phi beyond the range of doubles); 3 empty (no levels, Estar <= Lambda0); 4 not converged (tau_phi is NaN). The
    last one that applies counts."""
    flags = np.where(HBAR > BOLTZMANN * T * tau_phi, np.uint8(RATE_ABOVE_TEMPERATURE), np.uint8(OK))
    flags = np.where(np.isposinf(tau_phi), np.uint8(FROZEN), flags)
    if Lambda0 is not None:
        flags = np.where(is_frozen(T, Lambda0), np.uint8(FROZEN), flags)
        flags = np.where(np.less_equal(Estar, Lambda0), np.uint8(EMPTY), flags)
    return np.where(np.isnan(tau_phi), np.uint8(NOT_CONVERGED), flags)


def _channels(channels, *, T, Pd, chi, Estar, sigma_in, v_F, tau, distribution, convention, Lambda0=None, **shape):
    """The dephasing times of the named channels (s), each in the broadcast shape."""
    for name, value in {"sigma_in": sigma_in, "v_F": v_F, "tau": tau, **shape}.items():
        if np.ndim(value):
            raise ParameterError(
                f"{name} is a constant: a scalar is allowed, found an array of shape {np.shape(value)}"
            )
    arrays = [np.asarray(a, np.float64) for a in (T, 0.0 if Lambda0 is None else Lambda0, Estar, chi, Pd)]
    target = np.broadcast_shapes(*(a.shape for a in arrays))
    arrays = [a.reshape((1,) * (len(target) - a.ndim) + a.shape) for a in arrays]
    energies, couplings = np.broadcast_arrays(*arrays[:3]), arrays[3]
    # The spectrum depends on (T, Lambda0, E*), a row on chi too, a cell on Pd too: order the axes in that way.
    level = [0 if energies[0].shape[d] > 1 else 1 if couplings.shape[d] > 1 else 2 for d in range(len(target))]
    order = sorted(range(len(target)), key=lambda d: level[d])
    ordered = tuple(target[d] for d in order)
    sizes = [int(np.prod([target[d] for d in order if level[d] == k])) for k in range(3)]

    def arrange(array, *keep):
        array = array.transpose(order)
        shape = [max([array.shape[i] for i, d in enumerate(order) if level[d] == k], default=1) for k in range(3)]
        full = tuple(n if shape[level[d]] > 1 else 1 for n, d in zip(ordered, order, strict=True))
        return np.broadcast_to(array, full).reshape([sizes[k] if shape[k] > 1 else 1 for k in range(3)])[keep]

    # A cut-off beyond all thermally active levels does nothing, and cells that differ in it alone share a spectrum.
    beyond = energies[2] >= energies[1] + THERMAL * energies[0]
    energies = (*energies[:2], np.where(beyond, np.inf, energies[2]))
    triples = np.stack([arrange(a, slice(None), 0, 0) for a in energies], axis=1)
    chi_rows = arrange(couplings, slice(None), slice(None), 0)
    log_B = np.log(HBAR * sigma_in * v_F * arrange(arrays[4]))
    result = {name: np.empty(sizes) for name in channels}
    distinct, members = np.unique(triples, axis=0, return_inverse=True)
    by_triple = np.argsort(members.ravel(), kind="stable")
    ends = np.searchsorted(members.ravel()[by_triple], np.arange(len(distinct) + 1))
    for k, (temperature, amplitude, cut_off) in enumerate(distinct):
        which = by_triple[ends[k] : ends[k + 1]]
        spectrum = _spectrum(temperature, amplitude, cut_off, distribution, convention, **shape)
        rows, columns = len(which) * sizes[1], sizes[2]
        chi_here = np.array(
            np.broadcast_to(chi_rows[which if len(chi_rows) > 1 else slice(1)], (len(which), sizes[1]))
        ).ravel()
        log_B_here = log_B[which if len(log_B) > 1 else slice(1)]
        if log_B_here.shape[0] * log_B_here.shape[1] > 1:
            log_B_here = np.broadcast_to(log_B_here, (len(which), sizes[1], columns))
        log_B_here = np.array(log_B_here.reshape(-1, columns), order="C")
        values = {name: np.full((rows if name in channels else 0, columns), np.inf) for name in CHANNELS}
        if spectrum is not None:
            log_tau_phi(
                spectrum,
                temperature,
                BOLTZMANN * tau / HBAR,
                chi_here,
                log_B_here,
                gauss_legendre(),
                windowed_kernel_table(),
                *_chebyshev(),
                *values.values(),
            )
        for name in channels:
            result[name][which] = values[name].reshape(len(which), sizes[1], columns)
    inverse = np.argsort(order)
    with np.errstate(over="ignore"):
        return {name: (tau * np.exp(a)).reshape(ordered).transpose(inverse) for name, a in result.items()}


def _spectrum(T, Lambda0, Estar, distribution, convention, p_min=None, barrier_width=None) -> Spectrum | None:
    """The spectrum of a distribution; None where it has no levels."""
    if distribution == "glass":
        return glass(T, Estar, p_min, convention)
    if distribution == "gaussian_barrier":
        return gaussian_barrier(T, Lambda0, Estar, barrier_width)
    return tunnelling_states(T, Lambda0, Estar) if Estar > Lambda0 else None


@cache
def _chebyshev():
    """Chebyshev nodes on [0, 1] and the matrix from the values there to the coefficients of the series."""
    k = np.arange(DEGREE)
    angles = np.pi * (k + 0.5) / DEGREE
    fit = 2 / DEGREE * np.cos(np.outer(k, angles))
    fit[0] /= 2
    return (np.cos(angles) + 1) / 2, fit
