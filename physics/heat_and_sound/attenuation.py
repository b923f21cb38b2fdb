"""Ultrasonic attenuation by two-level systems, resonant and relaxational, paper 004, eqs. (10)-(16).

    W = (P a^2 omega/2) (F_res + F_rel)                                                             (14)

with the density of states P, n_T/E* there. `physics.heat_and_sound.attenuation_integral` has the integrals of a glass,
`physics.heat_and_sound.lorentzian` the averages over p, `physics.heat_and_sound.ladder_attenuation` what has given
amplitudes, `physics.heat_and_sound.barrier_attenuation` Gaussian barriers. F_resonant and F_relaxation are the
functions of paper 004 with its chi, which is CHI_004 times chi of paper 001, the letters of the quantity.
"""

import numpy as np

from physics.constants import BOLTZMANN, HBAR
from physics.heat_and_sound.attenuation_integral import FULL, RWA, VAN_VLECK, relaxation_rows, resonant_rows
from physics.heat_and_sound.barrier_attenuation import barrier_attenuation
from physics.heat_and_sound.flags import BEYOND_VALIDITY, NOT_CONVERGED, OFF_RESONANCE, OK, WIDER_THAN_SPLITTING
from physics.heat_and_sound.ladder_attenuation import cluster_attenuation, level_attenuation
from physics.heat_and_sound.lorentzian import relaxation_table, resonant_table
from physics.heat_and_sound.sound_units import electron_attenuation, internal_friction
from physics.heat_and_sound.specific_heat import CHI_004, slow_logarithm
from physics.levels.clusters import beyond_validity
from physics.numerics.quadrature import gauss_legendre
from physics.parameters import PARAMETERS, Parameter, ParameterError

COUNTER_ROTATING = {"rwa": RWA, "full": FULL, "van_vleck": VAN_VLECK}
# F_rel in units of eq. (16) as printed: the drive of eq. (10) gives twice as much.
CONVENTIONS = {"consistent": 2.0, "published": 1.0}
DISTRIBUTIONS = ("glass", "tunnelling_states", "gaussian_barrier", "clusters")
MECHANISMS = ("both", "resonant", "relaxation")
COUNTS = {"F_resonant": ("resonant",), "F_relaxation": ("relaxation",)}
# Reference metallic glass of paper 004: n_T/E* = 1e16 cm^-3 K^-1 in 1/(J m3), and E* of 10 to 20 K.
PD_GLASS = 1e22 / BOLTZMANN
ESTAR_GLASS = 20.0


def F_resonant(chi, Omega, theta, *, counter_rotating="rwa"):
    """Resonant attenuation F_res, eq. (15) of paper 004, by direct transitions between the levels.

        F_res = int_0^1 dx int_0^1 dp chi x p (1 - p)^(-1/2)/[4 (x - Omega)^2 + (chi x p)^2 coth^2(x/theta)]
              = int_0^1 dx (2 tanh^2(x/theta)/(chi x)) K(2 (x - Omega) tanh(x/theta)/(chi x))

    Parameters (arrays that broadcast): chi (1) electron-TLS coupling of paper 004, at most 1; Omega = hbar omega/E* and
    theta = 2T/E* (1), eq. (13). counter_rotating: "rwa", (15) as printed; "full" subtracts the same with x + Omega, the
    response of a two-level system that relaxes to the static equilibrium; "van_vleck" is (Omega/x) times the sum of the
    two, for relaxation to the instantaneous equilibrium.

    Returns F_res (1), relative accuracy 1e-9 for chi 1e-4 ... 1 and Omega, chi theta 1e-8 ... 1e8.
    Raises ParameterError outside the physical domain.
    Limits: pi tanh(Omega/theta) + (chi/3)[ln((1 - Omega)/Omega) - 1/(1 - Omega)] for chi theta << Omega < 1 ("full":
    pi tanh(Omega/theta)); chi/(6 Omega^2) for Omega >> 1 and chi theta; see docs/theory-004-attenuation.md.
    """
    kind = _chosen("counter_rotating", counter_rotating, COUNTER_ROTATING)
    tau, end, chi = _dimensionless(chi, Omega, theta)
    return _integrals(tau, end, chi, _integral(kind, 0.0))


def F_relaxation(chi, Omega, theta, *, convention="published"):
    """Relaxational attenuation F_rel, eq. (16) of paper 004, by levels that move with the sound and relax late.

        F_rel = int_0^(1/theta) dy (chi theta y/(2 cosh^3 y)) int_0^1 dp
                    sqrt(1 - p) Omega sinh y/[Omega^2 tanh^2 y + (chi p y theta)^2]
              = int_0^(1/theta) dy sech^2(y) J((Omega/(chi theta)) tanh(y)/y)

    Parameters as `F_resonant`. convention: "published", (16) as printed; "consistent", twice that, which belongs to the
    drive of eq. (10) and hence of F_res (tests/heat_and_sound/test_bloch.py).

    Returns F_rel (1), relative accuracy 1e-10 for chi 1e-4 ... 1 and Omega, chi theta 1e-8 ... 1e8.
    Raises ParameterError outside the physical domain.
    Limits ("published"): (pi/4) tanh(1/theta) for Omega << chi theta; for Omega >> chi theta, (pi^2/24) chi
    theta/Omega if theta << 1, chi/(3 Omega) if theta >> 1. Depends on Omega/(chi theta) and theta alone.
    """
    factor = _chosen("convention", convention, CONVENTIONS)
    tau, end, chi = _dimensionless(chi, Omega, theta)
    return factor * _integrals(tau, end, chi, _integral(None, 0.0))


def attenuation(
    T,
    Pd,
    chi,
    Estar,
    omega,
    *,
    Pd_glass,
    Estar_glass,
    variables,
    distribution="glass",
    convention="consistent",
    counter_rotating="rwa",
    mechanism="both",
    p_min=None,
    p_min_glass=None,
    Lambda0=None,
    barrier_width=None,
    U0=None,
    gamma=None,
    rho_mass=None,
    v_sound=None,
    n_e=None,
    v_F=None,
    tau=None,
):
    """The variables of the quantity `attenuation` (see `physics.QUANTITIES`) as a dict of arrays, broadcast shape.

    F_resonant, F_relaxation (1), of W = (P a^2 omega/2)(F_res + F_rel), (14), with P = Pd, or Pd/A(p_min) in a glass; W
    (1/s), that power per volume over a^2 Pd, where a (J) is the amplitude of the modulation of eq. (10), H' =
    a cos(omega t) (sigma_z sqrt(1 - p) + sigma_x sqrt(p)); W_over_glass (1), W Pd over that of a metallic glass of the
    density of states `Pd_glass`, the cut-off `Estar_glass`, `p_min_glass` and the same a and chi. `mechanism` says what
    counts in these and in the two next: "both", "resonant" (weak sound) or "relaxation" (what remains when strong sound
    saturates the resonance). Q_inverse (1) and alpha (1/m), the internal friction and the attenuation of the energy of
    sound, `physics.heat_and_sound.sound_units`; alpha_electron (1/m) that by electrons.

    distribution: "glass", (36) of paper 001; "tunnelling_states", (37), with `Lambda0` (K); "gaussian_barrier", (54),
    with `barrier_width` (1) too; "clusters", the interacting defects of paper 003, with `Lambda0` and `U0` (J m3).
    convention: "consistent", the letters of paper 001: Gamma = chi p E coth(E/2T), (15), so that chi of paper 004 is
    2 chi; Pd and Pd_glass count all systems of a glass, P = Pd/arccosh(1/sqrt(p_min)), whose p begin at `p_min`; F_rel
    belongs to the drive of eq. (10), four times (12) as printed. "published", the letters and formulas of paper 004:
    Gamma half as much, P = Pd = n_T/E*, p from 0, and (16) as printed.

    status (uint8): 0; 1 where clusters are beyond the theory (`physics.levels.clusters.beyond_validity`), where the
    values may be NaN; else 2 where an integral, also that of the reference, does not converge and is NaN; else, where
    there is an amplitude Lambda0, 3 where the levels there are wider than their splitting, Gamma > Lambda0 (hot levels:
    (11) is no width then), 4 where hbar omega + Gamma < Lambda0 (Lambda0 exp(-3 width) with barriers), so that the
    resonant part is the wing of a line and depends on `counter_rotating`; not for clusters, which have smaller
    amplitudes.

    Parameters (arrays that broadcast; pass an open grid): T (K), Pd (1/(J m3)), chi (1), Estar (K), omega (rad/s).
    Scalars: Pd_glass (1/(J m3)), Estar_glass (K), p_min, p_min_glass (1), gamma (J), rho_mass (kg/m3), v_sound, v_F
    (m/s), n_e (1/m3), tau (s). Relative accuracy 1e-9. Raises ParameterError outside the physical domain.
    """
    kind = _chosen("counter_rotating", counter_rotating, COUNTER_ROTATING)
    factor = _chosen("convention", convention, CONVENTIONS)
    _chosen("mechanism", mechanism, dict.fromkeys(MECHANISMS))
    _chosen("distribution", distribution, dict.fromkeys(DISTRIBUTIONS))
    T, Pd, chi, Estar, omega = (np.asarray(a, np.float64) for a in (T, Pd, chi, Estar, omega))
    consistent, is_glass = convention == "consistent", distribution == "glass"
    chi_004 = CHI_004 * chi if consistent else chi
    norm = slow_logarithm(p_min) if consistent and is_glass else 1.0
    wanted = set(variables)
    if "status" in wanted:
        # It speaks for all of them.
        wanted |= {"F_resonant", "F_relaxation", "W_over_glass"}
    totals = wanted & {"W", "W_over_glass", "Q_inverse", "alpha"}
    parts = {}
    if "F_resonant" in wanted or (totals and mechanism != "relaxation"):
        parts["F_resonant"] = 1.0, kind
    if "F_relaxation" in wanted or (totals and mechanism != "resonant"):
        parts["F_relaxation"] = factor, None
    tau_sound, w = HBAR * omega / (2 * BOLTZMANN * T), HBAR * omega / BOLTZMANN
    kinds = [one for _, one in parts.values()]

    def of_glass(cut_off, least):
        least = float(least) if consistent else 0.0
        return [_integrals(tau_sound, cut_off / (2 * T), chi_004, _integral(one, least)) for one in kinds]

    if is_glass:
        found = of_glass(Estar, p_min)
    elif distribution == "clusters":
        found = cluster_attenuation(kinds, T, Lambda0, Pd, Estar, chi_004, w, U0=U0)
    elif distribution == "gaussian_barrier":
        found = barrier_attenuation(kinds, T, Lambda0, Estar, chi_004, w, barrier_width=barrier_width)
    else:
        found = level_attenuation(kinds, T, Lambda0, Estar, chi_004, w)
    result = {name: scale * F for (name, (scale, _)), F in zip(parts.items(), found, strict=True)}
    counted = [name for name in parts if mechanism in ("both", *COUNTS[name])]
    total = sum(result[name] for name in counted) / norm
    unknown = np.isnan(sum(result.values())) if parts else False
    if "W" in wanted:
        result["W"] = 0.5 * omega * total
    if "W_over_glass" in wanted:
        reference = dict(zip(parts, of_glass(Estar_glass, p_min_glass), strict=True))
        norm_glass = slow_logarithm(p_min_glass) if consistent else 1.0
        glass = Pd_glass / norm_glass * sum(parts[name][0] * reference[name] for name in counted)
        unknown = unknown | np.isnan(sum(reference.values()))
        result["W_over_glass"] = Pd * (total / glass)
    if wanted & {"Q_inverse", "alpha"}:
        result["Q_inverse"] = internal_friction(total, Pd, gamma=gamma, rho_mass=rho_mass, v_sound=v_sound)
        result["alpha"] = result["Q_inverse"] * omega / v_sound
    if "alpha_electron" in wanted:
        metal = {"n_e": n_e, "v_F": v_F, "tau": tau, "rho_mass": rho_mass, "v_sound": v_sound}
        result["alpha_electron"] = electron_attenuation(omega, **metal)
    if "status" in wanted:
        result["status"] = np.where(unknown, np.uint8(NOT_CONVERGED), np.uint8(OK))
        if distribution == "clusters":
            beyond = beyond_validity(T, Lambda0, Pd, Estar, U0=U0)
            result["status"] = np.where(beyond, np.uint8(BEYOND_VALIDITY), result["status"])
        elif not is_glass:
            width = 0.5 * chi_004 / np.tanh(Lambda0 / (2 * T))
            edge = np.exp(-3 * barrier_width) if barrier_width is not None else 1.0
            limits = np.where(w < Lambda0 * (edge - width), np.uint8(OFF_RESONANCE), np.uint8(OK))
            limits = np.where(width > 1, np.uint8(WIDER_THAN_SPLITTING), limits)
            result["status"] = np.where(unknown, np.uint8(NOT_CONVERGED), limits)
    given = (T, Pd, chi, Estar, omega) if Lambda0 is None else (T, Pd, chi, Estar, omega, np.asarray(Lambda0))
    shape = np.broadcast_shapes(*(a.shape for a in given))
    return {name: np.array(np.broadcast_to(result[name], shape)) for name in variables}


def _integral(kind, p_min):
    """The integral of F_res of this kind, or of F_rel for None, over a glass whose p begin at p_min."""

    def resonant(chi, tau, ends, out):
        resonant_rows(kind, chi, tau, np.ascontiguousarray(ends), gauss_legendre(), resonant_table(p_min), out)

    def relaxation(chi, tau, ends, out):
        relaxation_rows(chi, tau, np.ascontiguousarray(ends), gauss_legendre(), relaxation_table(p_min), out)

    return relaxation if kind is None else resonant


def _chosen(name, value, allowed):
    if value not in allowed:
        raise ParameterError(f"{name} = {value!r} is unknown; allowed: {', '.join(allowed)}")
    return allowed[value]


def _dimensionless(chi, Omega, theta):
    """tau = hbar omega/2T, the end E*/2T of the integrals, and chi, from the parameters of eqs. (15), (16)."""
    Omega = Parameter("Omega", r"\Omega", "1", "frequency over the cut-off").check(Omega)
    theta = Parameter("theta", r"\theta", "1", "twice the temperature over the cut-off").check(theta)
    return Omega / theta, 1 / theta, PARAMETERS["chi"].check(chi)


def _integrals(tau, end, chi, integral):
    """The integral up to `end` in the broadcast shape; what `end` alone depends on is one row: there it runs once."""
    rank = max(a.ndim for a in (tau, chi, end))
    arrays = [a.reshape((1,) * (rank - a.ndim) + a.shape) for a in (tau, chi, end)]
    in_rows = [max(a.shape[axis] for a in arrays[:2]) > 1 for axis in range(rank)]
    order = sorted(range(rank), key=lambda axis: not in_rows[axis])
    split = sum(in_rows)
    target = tuple(np.broadcast_shapes(*(a.shape for a in arrays))[axis] for axis in order)
    arrays = [a.transpose(order) for a in arrays]
    # Beyond the split tau and chi have length 1, by the choice of the rows. Copies: for read-only arrays Numba would
    # compile a second version.
    tau, chi = (np.array(np.broadcast_to(a, target[:split] + a.shape[split:]).ravel()) for a in arrays[:2])
    ends = np.array(np.broadcast_to(arrays[2], target).reshape(int(np.prod(target[:split])), -1))
    found = np.empty(ends.shape)
    integral(chi, tau, ends, found)
    return found.reshape(target).transpose(np.argsort(order))
