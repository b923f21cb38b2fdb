"""Ultrasonic attenuation by two-level systems, resonant and relaxational, paper 004, eqs. (10)-(16).

    W = (Pd a^2 omega/2) (F_res + F_rel)                                                            (14)

with Pd = n_T/E*. `physics.heat_and_sound.attenuation_integral` has the integrals, `physics.heat_and_sound.lorentzian`
the averages over p.
"""

import numpy as np

from physics.constants import BOLTZMANN, HBAR
from physics.heat_and_sound.attenuation_integral import FULL, RWA, VAN_VLECK, relaxation_rows, resonant_rows
from physics.heat_and_sound.cluster_attenuation import cluster_attenuation
from physics.heat_and_sound.lorentzian import relaxation_table, resonant_table
from physics.levels.clusters import beyond_validity
from physics.numerics.quadrature import gauss_legendre
from physics.parameters import PARAMETERS, Parameter, ParameterError

COUNTER_ROTATING = {"rwa": RWA, "full": FULL, "van_vleck": VAN_VLECK}
# F_rel in units of eq. (16) as printed: the drive of eq. (10) gives twice as much.
CONVENTIONS = {"published": 1.0, "consistent": 2.0}
DISTRIBUTIONS = ("glass", "clusters")
MECHANISMS = ("both", "resonant", "relaxation")
# Reference metallic glass of paper 004: n_T/E* = 1e16 cm^-3 K^-1 in 1/(J m3), and E* of 10 to 20 K.
PD_GLASS = 1e22 / BOLTZMANN
ESTAR_GLASS = 20.0


def F_resonant(chi, Omega, theta, *, counter_rotating="rwa"):
    """Resonant attenuation F_res, eq. (15) of paper 004, by direct transitions between the levels.

        F_res = int_0^1 dx int_0^1 dp chi x p (1 - p)^(-1/2)/[4 (x - Omega)^2 + (chi x p)^2 coth^2(x/theta)]
              = int_0^1 dx (2 tanh^2(x/theta)/(chi x)) K(2 (x - Omega) tanh(x/theta)/(chi x))

    Parameters (arrays that broadcast): chi (1) electron-TLS coupling, at most 1; Omega = hbar omega/E* and
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
    return _integrals(tau, end, chi, _resonant(kind))


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
    return factor * _integrals(tau, end, chi, _relaxation)


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
    convention="published",
    counter_rotating="rwa",
    mechanism="both",
    Lambda0=None,
    U0=None,
):
    """The variables of the quantity `attenuation` (see `physics.QUANTITIES`) as a dict of arrays, broadcast shape.

    F_resonant, F_relaxation (1) as the functions of these names give them; W (1/s), the power per volume over a^2 Pd,
    omega (F_res + F_rel)/2, where a (J) is the amplitude of the modulation of eq. (10), H' = a cos(omega t) (sigma_z
    sqrt(1 - p) + sigma_x sqrt(p)); W_over_glass (1), Pd W over the same of a metallic glass of density of states
    `Pd_glass` and cut-off `Estar_glass` with the same a and chi. `mechanism` says what counts in the last two: "both",
    "resonant" (weak sound) or "relaxation" (what remains when strong sound saturates the resonance). `distribution`:
    "glass" (2), or "clusters", the interacting defects of paper 003, which needs `Lambda0` (K, an axis) and `U0`
    (J m3), `physics.heat_and_sound.cluster_attenuation`; the reference is the glass in both. status (uint8): 0; 1 where
    clusters are beyond the theory (`physics.levels.clusters.beyond_validity`), where the values may be NaN; else 2
    where an integral, also that of the reference, does not converge and is NaN.

    Parameters (arrays that broadcast; pass an open grid): T (K), Pd (1/(J m3)), chi (1), Estar (K), omega (rad/s).
    Scalars: Pd_glass (1/(J m3)), Estar_glass (K); paper 004 has PD_GLASS and 10 to 20 K. Relative accuracy 1e-9.
    Raises ParameterError outside the physical domain.
    """
    kind = _chosen("counter_rotating", counter_rotating, COUNTER_ROTATING)
    factor = _chosen("convention", convention, CONVENTIONS)
    _chosen("mechanism", mechanism, dict.fromkeys(MECHANISMS))
    _chosen("distribution", distribution, dict.fromkeys(DISTRIBUTIONS))
    values = {"T": T, "Pd": Pd, "chi": chi, "Estar": Estar, "omega": omega}
    values |= {"Pd_glass": Pd_glass, "Estar_glass": Estar_glass}
    T, Pd, chi, Estar, omega, Pd_glass, Estar_glass = (PARAMETERS[name].check(v) for name, v in values.items())
    for name in ("Pd_glass", "Estar_glass"):
        if np.ndim(values[name]):
            raise ParameterError(
                f"{name} is a constant: a scalar is allowed, found an array of shape {np.shape(values[name])}"
            )
    wanted = set(variables)
    if "status" in wanted:
        # It speaks for all of them.
        wanted |= {"F_resonant", "F_relaxation", "W_over_glass"}
    totals = wanted & {"W", "W_over_glass"}
    parts = {}
    if "F_resonant" in wanted or (totals and mechanism != "relaxation"):
        parts["resonant"] = 1.0, _resonant(kind)
    if "F_relaxation" in wanted or (totals and mechanism != "resonant"):
        parts["relaxation"] = factor, _relaxation
    tau = HBAR * omega / (2 * BOLTZMANN * T)
    with_glass = "W_over_glass" in wanted
    F, F_glass = {}, {}
    levels = ()
    if distribution == "clusters":
        levels = PARAMETERS["Lambda0"].check(Lambda0), PARAMETERS["U0"].check(U0)
        kinds = [kind if name == "resonant" else None for name in parts]
        found = cluster_attenuation(kinds, T, levels[0], Pd, Estar, chi, HBAR * omega / BOLTZMANN, U0=levels[1])
        F = {name: parts[name][0] * value for name, value in zip(parts, found, strict=True)}
    for name, (norm, integral) in parts.items():
        if distribution == "clusters":
            F_glass[name] = norm * _integrals(tau, Estar_glass / (2 * T), chi, integral) if with_glass else None
            continue
        found = _integrals(tau, Estar / (2 * T), chi, integral, Estar_glass / (2 * T) if with_glass else None)
        F[name] = norm * found[0] if with_glass else norm * found
        F_glass[name] = norm * found[1] if with_glass else None
    counted = [name for name in parts if mechanism in ("both", name)]
    result = {}
    if "F_resonant" in wanted:
        result["F_resonant"] = F["resonant"]
    if "F_relaxation" in wanted:
        result["F_relaxation"] = F["relaxation"]
    if "W" in wanted:
        result["W"] = 0.5 * omega * sum(F[name] for name in counted)
    if with_glass:
        glass = Pd_glass * sum(F_glass[name] for name in counted)
        result["W_over_glass"] = Pd * (sum(F[name] for name in counted) / glass)
    shape = np.broadcast_shapes(*(a.shape for a in (T, Pd, chi, Estar, omega, *levels)))
    if "status" in wanted:
        unknown = np.isnan(sum(F.values()) + sum(F_glass.values()))
        beyond = distribution == "clusters" and beyond_validity(T, levels[0], Pd, Estar, U0=levels[1])
        result["status"] = np.where(beyond, np.uint8(1), np.where(unknown, np.uint8(2), np.uint8(0)))
    return {name: np.array(np.broadcast_to(result[name], shape)) for name in variables}


def _resonant(kind):
    def integral(chi, tau, ends, out):
        resonant_rows(kind, chi, tau, ends, gauss_legendre(), resonant_table(), out)

    return integral


def _relaxation(chi, tau, ends, out):
    relaxation_rows(chi, tau, ends, gauss_legendre(), relaxation_table(), out)


def _chosen(name, value, allowed):
    if value not in allowed:
        raise ParameterError(f"{name} = {value!r} is unknown; allowed: {', '.join(allowed)}")
    return allowed[value]


def _dimensionless(chi, Omega, theta):
    """tau = hbar omega/2T, the end E*/2T of the integrals, and chi, from the parameters of eqs. (15), (16)."""
    Omega = Parameter("Omega", r"\Omega", "1", "frequency over the cut-off").check(Omega)
    theta = Parameter("theta", r"\theta", "1", "twice the temperature over the cut-off").check(theta)
    return Omega / theta, 1 / theta, PARAMETERS["chi"].check(chi)


def _integrals(tau, end, chi, integral, glass_end=None):
    """The integral up to `end`, and, where it is given, up to `glass_end`, each in the broadcast shape.

    What `end` alone depends on is one row: there the integral runs once, over all ends.
    """
    arrays = [a for a in (tau, chi, end, glass_end) if a is not None]
    rank = max(a.ndim for a in arrays)
    arrays = [a.reshape((1,) * (rank - a.ndim) + a.shape) for a in arrays]
    in_rows = [max(a.shape[axis] for a in arrays[:2]) > 1 for axis in range(rank)]
    order = sorted(range(rank), key=lambda axis: not in_rows[axis])
    split = sum(in_rows)
    target = tuple(np.broadcast_shapes(*(a.shape for a in arrays))[axis] for axis in order)
    arrays = [a.transpose(order) for a in arrays]
    count = int(np.prod(target[:split]))
    # Beyond the split tau and chi have length 1, by the choice of the rows.
    tau, chi = (np.broadcast_to(a, target[:split] + a.shape[split:]).ravel() for a in arrays[:2])
    ends = [np.broadcast_to(arrays[2], target).reshape(count, -1)]
    if glass_end is not None:
        glass = arrays[3]
        ends.append(np.broadcast_to(glass, target[:split] + glass.shape[split:]).reshape(count, 1))
    ends = np.ascontiguousarray(np.concatenate(ends, axis=1))
    found = np.empty(ends.shape)
    # Copies: for read-only arrays Numba would compile a second version.
    integral(np.array(chi), np.array(tau), ends, found)
    inverse = np.argsort(order)

    def restore(array, shape):
        return array.reshape(shape).transpose(inverse)

    if glass_end is None:
        return restore(found, target)
    reference = target[:split] + (1,) * (rank - split)
    return restore(found[:, :-1], target), restore(found[:, -1], reference)
