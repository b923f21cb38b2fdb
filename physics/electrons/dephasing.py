"""Electron dephasing time by two-level systems, from the integrals of paper 001 without expansion.

    ln(tau_phi/tau) = int_tau^inf dt/t exp[-Gamma1(t) - Gamma3(t)]                                            (34)

Gamma1 (resonant, direct transitions) and Gamma3 (relaxation) are averages over a distribution of two-level systems;
`physics.levels.distributions`, `physics.levels.barriers` and `physics.levels.clusters` have the distributions,
`physics.electrons.grid` shares the work among the cells of a grid, `physics.electrons.integral` has the double
integral. A background of other mechanisms (`physics.electrons.background`) multiplies the integrand.
"""

import numpy as np

from physics.constants import BOLTZMANN, HBAR
from physics.electrons.cross_section import CROSS_SECTIONS
from physics.electrons.flags import BEYOND_VALIDITY, EMPTY, FROZEN, NOT_CONVERGED, OK, RATE_ABOVE_TEMPERATURE, REGIME
from physics.electrons.grid import CHANNELS, CONVENTIONS, channel_times
from physics.electrons.options import BACKGROUNDS, DEFINITIONS, PHONONS
from physics.levels.clusters import beyond_validity
from physics.levels.distributions import DISTRIBUTIONS
from physics.parameters import PARAMETERS, ParameterError

VARIABLES = {"tau_phi": "both", "tau_phi_resonant": "resonant", "tau_phi_relaxation": "relaxation"}


def tau_phi(
    T,
    Lambda0,
    Pd,
    chi,
    Estar,
    *,
    v_F,
    tau,
    sigma_in=None,
    eps_F=None,
    distribution="tunnelling_states",
    channel="both",
    p_min=None,
    barrier_width=None,
    U0=None,
    convention="consistent",
    definition="logarithm_2d",
    cross_section="given",
    background="none",
    phonons="none",
    **materials,
):
    """Dephasing time tau_phi of electrons scattered by two-level systems, eq. (34) of paper 001.

    ln(tau_phi/tau) = int_tau^inf dt/t exp[-Gamma1(t) - Gamma3(t)], with the averages over the distribution

        Gamma1 = (t Pd sigma_in v_F/4) int dE sech^2(E/2T) <Lambda^2/E^2> [1 - sin(Et/hbar)/(Et/hbar)],
        Gamma3 = (t Pd sigma_in v_F/4) int dE sech^2(E/2T) <Delta^2/E^2 [1 - (1 - exp(-v))/v]>, v = 2 gamma t/hbar.

    Parameters (arrays that broadcast; pass an open grid, one array per parameter, rather than its full product):
    T (K) temperature; Lambda0 (K) tunnelling amplitude, ignored by the glass model; Pd (1/(J m3)) density of states;
    chi (1) electron-TLS coupling, at most 1; Estar (K) cut-off of the level energies. Scalars: v_F (m/s) Fermi
    velocity, tau (s) elastic time, and sigma_in (m2) inelastic cross-section with cross_section "given", or eps_F (J)
    Fermi energy with "unitary" or "golden_rule" (`physics.electrons.cross_section.inelastic_cross_section` of chi).
    distribution: "tunnelling_states" (37); "glass" (36), which needs `p_min`, with the norm 2 arccosh(1/sqrt(p_min)),
    so that Pd counts all systems (convention "consistent"), or ln(1/p_min) as printed ("published");
    "gaussian_barrier" (54), which needs
    `barrier_width`; "clusters", the interacting defects of paper 003, which needs `U0` (J m3), with Lambda0 and Pd
    those of the primary defects and Estar = W. channel: "both", "resonant" (Gamma1 alone), "relaxation" (Gamma3 alone).
    definition: "logarithm_2d" (34), "film", "wire" or "bulk": which integral over exp(-Gamma1 - Gamma3) tau_phi is
    (`physics.electrons.definition`). background ("none", "wire", "film", "bulk") and phonons ("none", "power"), with
    the constants that `physics.electrons.background.decay_rates` takes: other mechanisms, whose decay exp(-rate t -
    (nyquist_rate t)^(3/2)) multiplies the integrand; they count in the channel "both" only.

    Returns the dephasing time in seconds, in the broadcast shape, relative accuracy 1e-8 over T 1 mK ... 100 K,
    Lambda0 1e-5 ... 1 K, Pd 1e43 ... 1e49, chi 1e-4 ... 1, Estar 0.5 mK ... 1000 K, tau up to 0.5 ps, for every
    distribution and all of its constants, up to the largest double. Where there are no levels (Estar <= Lambda0 in the
    tunnelling-states model and for clusters) and no background, or where tau_phi exceeds the range of doubles, it is
    inf; NaN where the integral does not converge, and for clusters where Lambda0 > Estar/2 or t > 30
    (`physics.levels.clusters`).
    Raises ParameterError (a ValueError) outside the physical domain, with name, value and valid range.
    Limits: T >> Lambda0, s >> 1: 1/tau_phi(resonant) = exp(0.5772...) (pi/8)/tau_Lambda; frozen out for T << Lambda0;
    Pd -> 0 with a background: `decay_time` of its decay. In the definition "film" errors grow as exp(tau/tau_phi).
    """
    for name, value, allowed in (
        ("channel", channel, CHANNELS),
        ("distribution", distribution, tuple(DISTRIBUTIONS)),
        ("convention", convention, CONVENTIONS),
        ("definition", definition, DEFINITIONS),
        ("cross_section", cross_section, ("given", *CROSS_SECTIONS)),
        ("background", background, tuple(BACKGROUNDS)),
        ("phonons", phonons, tuple(PHONONS)),
    ):
        if value not in allowed:
            raise ParameterError(f"{name} = {value!r} is unknown; allowed: {', '.join(allowed)}")
    given = {"T": T, "Pd": Pd, "chi": chi, "Estar": Estar, "v_F": v_F, "tau": tau}
    given |= {"sigma_in": sigma_in} if cross_section == "given" else {"eps_F": eps_F}
    if background == "bulk":
        given["eps_F"] = eps_F
    own = {"Lambda0": Lambda0, "p_min": p_min, "barrier_width": barrier_width, "U0": U0}
    needed = DISTRIBUTIONS[distribution].axes + DISTRIBUTIONS[distribution].constants
    given |= {name: value for name, value in own.items() if name in needed}
    checked = {name: PARAMETERS[name].check(value) for name, value in given.items()}
    options = {
        "distribution": distribution,
        "convention": convention,
        "definition": definition,
        "cross_section": cross_section,
        "background": background,
        "phonons": phonons,
    }
    return channel_times((channel,), **options, **checked, **materials)[channel]


def dephasing(
    T,
    Pd,
    chi,
    Estar,
    *,
    v_F,
    tau,
    variables,
    distribution,
    convention,
    definition="logarithm_2d",
    cross_section="given",
    background="none",
    phonons="none",
    Lambda0=None,
    **constants,
):
    """The variables of the quantity `dephasing` (see `physics.QUANTITIES`) as a dict of arrays of the broadcast shape.

    tau_phi (with the background), tau_phi_resonant, tau_phi_relaxation (s, two-level systems alone) as `tau_phi` gives
    them; `regime` and `status` (uint8, CF flags) as `regime` and `status` give them, and for clusters the status 5
    where `physics.levels.clusters.beyond_validity` says so.
    """
    wanted = set(variables)
    channels = {VARIABLES[name] for name in wanted & set(VARIABLES)}
    if "regime" in wanted:
        channels |= {"resonant", "relaxation"}
    if "status" in wanted:
        channels |= set(CHANNELS)
    times = channel_times(
        tuple(name for name in CHANNELS if name in channels),
        T=T,
        Lambda0=Lambda0,
        Pd=Pd,
        chi=chi,
        Estar=Estar,
        v_F=v_F,
        tau=tau,
        distribution=distribution,
        convention=convention,
        definition=definition,
        cross_section=cross_section,
        background=background,
        phonons=phonons,
        **constants,
    )
    levels = Lambda0 if distribution == "tunnelling_states" else None
    result = {name: times[channel] for name, channel in VARIABLES.items() if name in wanted}
    empty = distribution == "clusters" and np.greater_equal(Lambda0, Estar)
    if "regime" in wanted:
        flags = regime(times["resonant"], times["relaxation"], T, levels, chi, Estar)
        result["regime"] = np.where(np.isnan(times["resonant"]) | empty, np.uint8(0), flags)
    if "status" in wanted:
        result["status"] = status(times["both"], T, levels, Estar, alone=(times["resonant"], times["relaxation"]))
        if distribution == "clusters":
            beyond = beyond_validity(T, Lambda0, Pd, Estar, U0=constants["U0"])
            result["status"] = np.where(beyond, np.uint8(BEYOND_VALIDITY), result["status"])
            result["status"] = np.where(empty, np.uint8(EMPTY), result["status"])
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
    flag = {name: np.uint8(value) for name, value in REGIME.items()}
    flags = np.where(tau_relaxation < tau_resonant, flag["relaxation_dominates"], flag["resonant_dominates"])
    # Divided by and not multiplied: the times may be as large as a double can be.
    flags |= np.where(active * kelvin < 1 / tau_resonant, flag["phase_wandering"], flag["phase_jump"])
    flags |= np.where(fastest * kelvin > 1 / tau_relaxation, flag["slow_and_fast_defects"], flag["slow_defects"])
    if Lambda0 is None:
        return flags | flag["thermally_active"]
    slowest = at_highest * (Lambda0 / highest) ** 2
    flags |= np.where(slowest * kelvin > 1 / tau_relaxation, flag["fast_defects"], np.uint8(0))
    flags |= np.where(is_frozen(T, Lambda0), flag["frozen_out"], flag["thermally_active"])
    return np.where(np.less_equal(Estar, Lambda0), np.uint8(0), flags)


def status(tau_phi, T, Lambda0, Estar, *, alone=()):
    """Status of each cell (uint8): 0 ok; 1 hbar/tau_phi > k_B T, the theory's own limit; 2 frozen (`is_frozen`, or
    tau_phi or the time of a channel `alone` beyond the range of doubles); 3 empty (no levels, Estar <= Lambda0); 4 not
    converged (one of these times is NaN). The last one that applies counts."""
    longest = np.maximum.reduce([tau_phi, *alone])
    flags = np.where(HBAR > BOLTZMANN * T * tau_phi, np.uint8(RATE_ABOVE_TEMPERATURE), np.uint8(OK))
    flags = np.where(np.isposinf(longest), np.uint8(FROZEN), flags)
    if Lambda0 is not None:
        flags = np.where(is_frozen(T, Lambda0), np.uint8(FROZEN), flags)
        flags = np.where(np.less_equal(Estar, Lambda0), np.uint8(EMPTY), flags)
    return np.where(np.isnan(longest), np.uint8(NOT_CONVERGED), flags)
