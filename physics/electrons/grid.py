"""The dephasing times of a whole grid: cells that have the same two-level systems share one spectrum.

What a spectrum depends on is a property of the distribution; the coupling chi and whatever else is only in B comes
after it.
"""

from functools import cache

import numpy as np

from physics.constants import BOLTZMANN, HBAR
from physics.electrons.background import decay_rates
from physics.electrons.cross_section import inelastic_cross_section
from physics.electrons.definition import WEIGHTS, log_time
from physics.electrons.integral import decay_integrals
from physics.levels.averages import DEGREE, relaxation_table
from physics.levels.distributions import DISTRIBUTIONS
from physics.levels.spectrum import NO_LEVELS, THERMAL
from physics.numerics.quadrature import chebyshev_points, gauss_legendre, windowed_kernel_table
from physics.parameters import ParameterError

CHANNELS = ("both", "resonant", "relaxation")
CONVENTIONS = ("consistent", "published")
# Constants of the background, which alone changes with them.
AT_ONCE = ("ee_prefactor", "ep_rate")


def channel_times(channels, *, tau, definition, **given):
    """The dephasing times of the named channels (s), each in the broadcast shape.

    `given`: what `channel_integrals` takes. See `physics.electrons.dephasing.tau_phi`.
    """
    nothing = 0.0 if definition == "bulk" else np.inf
    integrals = channel_integrals(channels, tau=tau, power=WEIGHTS[definition], nothing=nothing, **given)
    log_theta = np.log(BOLTZMANN * tau / HBAR)
    with np.errstate(over="ignore"):
        return {name: np.exp(log_time(array, log_theta, definition) + np.log(tau)) for name, array in integrals.items()}


def channel_integrals(
    channels,
    *,
    v_F,
    tau,
    distribution,
    convention,
    cross_section,
    power,
    nothing,
    field=0.0,
    background="none",
    phonons="none",
    **given,
):
    """The integrals `decay_integrals` over theta^(power - 1) of the named channels, each in the broadcast shape, and
    `nothing` where nothing decays.

    `given`: the axes T, Pd, chi, Estar and, where the distribution has it, Lambda0 as arrays that broadcast, and the
    constants of the distribution, of the background and of the cross-section as scalars, those in `AT_ONCE` also as
    arrays that broadcast with the axes, along dimensions of their own; `field` (K) as there.
    """
    kind = DISTRIBUTIONS[distribution]
    names = tuple(dict.fromkeys((*kind.axes, "chi", "Pd")))
    constants = {"v_F": v_F, "tau": tau} | {n: v for n, v in given.items() if n not in names}
    for name, value in constants.items():
        if np.ndim(value) and name not in AT_ONCE:
            raise ParameterError(
                f"{name} is a constant: a scalar is allowed, found an array of shape {np.shape(value)}"
            )
    own = {name: float(constants[name]) for name in kind.constants}
    ignored = {*own, "sigma_in", "v_F", "tau", "Lambda0"}
    if cross_section != "given" and background != "bulk":
        ignored.add("eps_F")
    materials = {n: v for n, v in constants.items() if n not in ignored}

    varied_background = {name: np.asarray(value) for name, value in materials.items() if np.ndim(value)}
    backgrounds = [
        dict(zip(varied_background, map(float, values), strict=True))
        for values in zip(*map(np.ravel, np.broadcast_arrays(*varied_background.values())), strict=True)
    ] or [{}]

    @cache
    def decay(T):
        """The decay (rate, nyquist_rate) in kelvin of each background."""
        rates = [decay_rates(T, background=background, phonons=phonons, **materials | each) for each in backgrounds]
        return np.array(rates, np.float64) * (HBAR / BOLTZMANN)

    arrays = {name: np.asarray(given[name], np.float64) for name in names}
    # A parameter that the distribution ignores still counts for the shape.
    shaped = [np.shape(given[n]) for n in ("T", "Lambda0", "Estar", "chi", "Pd") if n in given]
    target = np.broadcast_shapes(*shaped, *(each.shape for each in varied_background.values()))
    arrays = {n: a.reshape((1,) * (len(target) - a.ndim) + a.shape) for n, a in arrays.items()}
    alongs = [d for each in varied_background.values() for d in range(-each.ndim, 0) if each.shape[d] > 1]
    # The spectrum depends on the axes of the distribution, a row on chi too, a cell on Pd too, and the background has
    # dimensions of its own: order the axes that way.
    varied = [any(arrays[name].shape[d] > 1 for name in kind.axes) for d in range(len(target))]
    level = [0 if varied[d] else 1 if arrays["chi"].shape[d] > 1 else 2 for d in range(len(target))]
    level = [3 if d - len(target) in alongs else each for d, each in enumerate(level)]
    order = sorted(range(len(target)), key=lambda d: level[d])
    ordered = tuple(target[d] for d in order)
    sizes = [int(np.prod([target[d] for d in order if level[d] == k])) for k in range(4)]

    def arrange(array, *keep):
        array = array.transpose(order)
        shape = [max([array.shape[i] for i, d in enumerate(order) if level[d] == k], default=1) for k in range(4)]
        full = tuple(n if shape[level[d]] > 1 else 1 for n, d in zip(ordered, order, strict=True))
        return np.broadcast_to(array, full).reshape([sizes[k] if shape[k] > 1 else 1 for k in range(3)])[keep]

    spectra = dict(zip(kind.axes, np.broadcast_arrays(*(arrays[name] for name in kind.axes)), strict=True))
    if kind.bounded:
        # Cells that differ in such a cut-off alone share a spectrum.
        beyond = spectra["Estar"] >= spectra.get("Lambda0", 0.0) + THERMAL * spectra["T"]
        spectra["Estar"] = np.where(beyond, np.inf, spectra["Estar"])
    parameters = np.stack([arrange(a, slice(None), 0, 0) for a in spectra.values()], axis=1)
    chi_rows = arrange(arrays["chi"], slice(None), slice(None), 0)
    if cross_section == "given":
        sigma_in = constants["sigma_in"]
    else:
        sigma_in = arrange(
            inelastic_cross_section(arrays["chi"], eps_F=constants["eps_F"], cross_section=cross_section)
        )
    log_B = np.log(HBAR) + np.log(sigma_in) + np.log(v_F) + np.log(arrange(arrays["Pd"]))
    result = {name: np.full(sizes, np.nan) for name in channels}
    distinct, members = np.unique(parameters, axis=0, return_inverse=True)
    by_spectrum = np.argsort(members.ravel(), kind="stable")
    ends = np.searchsorted(members.ravel()[by_spectrum], np.arange(len(distinct) + 1))
    for k, values in enumerate(distinct):
        which = by_spectrum[ends[k] : ends[k + 1]]
        at = dict(zip(kind.axes, values, strict=True))
        if kind.undefined and at["Lambda0"] < at["Estar"] and kind.undefined(**at, **own):
            continue
        spectrum = kind.spectrum(*values, *own.values(), *((convention,) if kind.norm else ()))
        rows, columns = len(which) * sizes[1], sizes[2]
        chi_here = np.array(
            np.broadcast_to(chi_rows[which if len(chi_rows) > 1 else slice(1)], (len(which), sizes[1]))
        ).ravel()
        log_B_here = log_B[which if len(log_B) > 1 else slice(1)]
        if log_B_here.shape[0] * log_B_here.shape[1] > 1:
            log_B_here = np.broadcast_to(log_B_here, (len(which), sizes[1], columns))
        log_B_here = np.array(log_B_here.reshape(-1, columns), order="C")
        backgrounds_here = decay(at["T"])
        wanted = {name: name in channels for name in CHANNELS}
        both = np.full((len(backgrounds_here) if wanted["both"] else 0, rows, columns), nothing)
        alone = {name: np.full((rows if wanted[name] else 0, columns), nothing) for name in CHANNELS[1:]}
        if spectrum is not None or (np.any(backgrounds_here) and wanted["both"]):
            empty = np.empty((0, columns))
            decay_integrals(
                NO_LEVELS if spectrum is None else spectrum,
                at["T"],
                BOLTZMANN * tau / HBAR,
                backgrounds_here,
                chi_here,
                log_B_here,
                power,
                field,
                gauss_legendre(),
                windowed_kernel_table(),
                relaxation_table(),
                *chebyshev_points(DEGREE),
                both,
                *(alone.values() if spectrum is not None else (empty, empty)),
            )
        for name in channels:
            # Levels alone have one time, whatever the background.
            times = np.moveaxis(both, 0, -1) if name == "both" else alone[name][..., None]
            result[name][which] = times.reshape(len(which), sizes[1], columns, -1)
    inverse = np.argsort(order)
    return {name: array.reshape(ordered).transpose(inverse) for name, array in result.items()}
