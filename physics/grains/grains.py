"""Coherence of magnetic grains, paper 002, eqs. (4)-(7): which fraction can flip, P(t) and chi''(omega).

    H = eps tau_z + Delta_M tau_x,   eps a bias by the nuclei, distributed as w(eps) = W(eps) exp(-eps/T)/Z
    1 - P(t) = c sum_M int deps w(eps) <(Delta_M^2/E_M^2) sin^2(E_M t)>,   E_M^2 = (eps - M omega0/2)^2 + Delta_M^2

c = 2 for the correlation <tau_z(t) tau_z(0)>, and c = 1 as printed, the probability to be found on the other side. Here
are the units and options; `physics.grains.polarisation` and `physics.grains.susceptibility` have the reduced functions.
"""

import math
from functools import lru_cache

import numpy as np

from physics.constants import BOLTZMANN, HBAR
from physics.grains.averages import mean_cosine, negligible_is_zero
from physics.grains.bias import GAUSSIAN, GROUPS, density, mean_and_deviation, packed_bias
from physics.grains.limits import GRAINS, X_MAX
from physics.grains.polarisation import finite_sums, flat_sums
from physics.grains.spectrum import CUMULATIVE, SPECTRUM
from physics.grains.susceptibility import FLOOR, TABULATED, biased_spectrum, integrals
from physics.parameters import PARAMETERS, ParameterError

CONVENTIONS = {"published": 1.0, "consistent": 2.0}
BIASES = {"overlapping": GAUSSIAN, "groups": GROUPS}
WIDTHS = ("flat", "finite")
PHASES = ("fixed", "general", "uniform")
OK, IMPOSSIBLE, NARROW, NARROW_PHASE, UNEVEN, COLD = GRAINS.values()

# A narrow bias: of Delta_tilde S1/width, S1 = <|cos phi|> sum_M <|J_M|>. Eqs. (4) and (6) add the resonances of all M
# as events that exclude one another, so that nothing else limits the probability p = (1 - P)/c to find a grain on its
# other side, whose mean over time cannot exceed 1/2. With W <= 1/(width sqrt(2 pi)) at every bias and temperature
# p(infinity) <= pi Delta_tilde S1/(width sqrt(2 pi)), and p(t) <= 1.4703 times that: the right side is at most 1/2, and
# P >= 1 - 2 * 0.736, for flat and finite bias alike.
WIDE_ENOUGH = 1 / math.sqrt(2 * math.pi)
# A narrow phase: of its variance 2 lambda'.
NARROWEST_PHASE = 0.04


def resonant_fraction(
    T, Delta_tilde, *, omega0, N_nuclei, domega0=None, bias="overlapping", convention="published"
) -> np.ndarray:
    """The fraction of grains in resonance, A = pi c Delta_tilde W(0)/Z (1), in the broadcast shape.

        overlapping groups:   c sqrt(pi/2) (Delta_tilde/sigma) exp(-(hbar sigma/k_B T)^2/2),  sigma = e1 sqrt(N)
        separate groups, mu = sqrt(N) dw/w0 << 1, N even, k_B T >> hbar w0:   c sqrt(pi/2) f Delta_tilde/(sqrt(N) dw)

    with f = 2^-N binom(N, N/2), about sqrt(2/(pi N)), the fraction with dN = 0. c = 1, e1 = omega0 with convention
    "published", c = 2, e1 = omega0/2 with "consistent": four times as much.

    T (K), Delta_tilde (rad/s) tunnelling rate, omega0 (rad/s) hyperfine coupling, N_nuclei (1), domega0 (rad/s, for
    bias "groups") its spread: arrays that broadcast. Relative accuracy 1e-10; meaningful while A << 1.
    Raises ParameterError outside the domain. Paper 002, before (1) and before (7).
    """
    _allowed(bias=bias, convention=convention)
    given = {"T": T, "Delta_tilde": Delta_tilde, "omega0": omega0, "N_nuclei": N_nuclei}
    if bias == "groups":
        given["domega0"] = domega0
    checked = {name: PARAMETERS[name].check(value) for name, value in given.items()}
    _whole(checked["N_nuclei"], bias)
    arrays = np.broadcast_arrays(*checked.values())
    shape = arrays[0].shape
    columns = [a.ravel() for a in arrays] + ([] if bias == "groups" else [np.ones(arrays[0].size)])
    values = [_fraction(*cell, bias, convention) for cell in zip(*columns, strict=True)]
    return np.array(values).reshape(shape)


def grains(
    T,
    Delta_tilde,
    coflip,
    time,
    omega,
    *,
    omega0,
    N_nuclei,
    phase,
    bias,
    width,
    convention,
    variables,
    Phi=None,
    coflip_z=None,
    domega0=None,
):
    """The variables of the quantity `grains` (see `physics.QUANTITIES`) as a dict of arrays.

    P (1), the correlation P(t); susceptibility (s), chi'' = Re int dt exp(i omega t) [P(t) - P(infinity)] over all t,
    so that P(t) = P(infinity) + (1/pi) int_0^inf chi'' cos(omega t) domega; status: ok; impossible, lambda' > lambda
    (NaN); narrow_bias, the bias is so narrow that the resonances would hold more than half of the grains (NaN where it
    is spread over less than Delta_tilde and of width "finite"); narrow_phase, 0 < lambda' < 0.02 with a finite width or
    with lambda - lambda' > 12, where chi'' would not be accurate (NaN); uneven_bias, W(0) of width "flat" is not what
    the resonances meet; cold, width "finite" and next to no grain in resonance. `uneven_bias` and
    its neighbours have the thresholds. 0 <= 1 - P < 1.5 wherever the status is not impossible or narrow_bias. Each
    varies along its own axes: P without omega, susceptibility without time, status without either.

    Parameters (an open grid): T (K); Delta_tilde (rad/s) tunnelling rate, the splitting is 4 Delta_tilde; coflip (1)
    lambda and coflip_z (1) lambda' <= lambda, coflip numbers; Phi (1) topological phase; time (s); omega (rad/s).
    Scalars: omega0 (rad/s) hyperfine coupling, N_nuclei (1), domega0 (rad/s) its spread. Options: phase "fixed"
    (lambda' = 0), "general", or "uniform" (lambda' -> inf; coflip is lambda - lambda'); bias "overlapping" or "groups";
    width "flat" (W(0) for every M) or "finite" (W itself); convention as above.
    Accuracy 1e-9, of 1 - P (not better than 1e-14), and of chi'' away from its singular points; with width "finite"
    chi'' is 0 where it is below 1e-10 of what the maximum of W at every bias would give. Raises ParameterError outside
    the domain, which ends at 4 Delta_tilde t = 1024. Limits of width "flat" that no status tells: 1 - P is linear in t
    for t << 1/width, where it should be quadratic, and chi'' does not know that W ends at omega = 2 width; it is at
    least what "finite" gives for k_B T >> hbar width.
    """
    _allowed(phase=phase, bias=bias, width=width, convention=convention)
    _whole(N_nuclei, bias)
    T, Delta, coflip, time, omega = (np.asarray(a, dtype=np.float64) for a in (T, Delta_tilde, coflip, time, omega))
    nuclei = (float(omega0), float(N_nuclei), 1.0 if domega0 is None else float(domega0))
    along = {"fixed": 0.0, "uniform": math.inf}.get(phase, coflip_z)
    Lambda = coflip - along if phase == "general" else coflip
    Lambda, variance = negligible_is_zero(Lambda), negligible_is_zero(2.0 * np.asarray(along))
    possible = np.maximum(Lambda, 0.0)
    Lambda, variance, Phi = np.broadcast_arrays(Lambda, variance, 0.0 if Phi is None else Phi)
    finite = width == "finite"
    factor = CONVENTIONS[convention]
    thermal = T if finite else np.ones(())

    def packed(T, Delta):
        return packed_bias(BIASES[bias], *nuclei, T, Delta, convention)

    spread = packed(1.0, 1.0)[3]
    usable = (Lambda >= 0) & ((Delta <= spread) | (not finite))
    unresolved = narrow_phase(Lambda, variance, finite)
    keys = (Lambda, variance, Phi, thermal, Delta if finite else np.ones(()))
    result = {}
    A = None
    if not finite:
        cells = np.broadcast_arrays(T, Delta)
        values = [_fraction(t, d, *nuclei, bias, convention) for t, d in zip(*(c.ravel() for c in cells), strict=True)]
        A = np.array(values).reshape(cells[0].shape)
    if "P" in variables:

        def correlation(key, x):
            if finite:
                return factor * finite_sums(x, *key[:3], packed(key[3], key[4]))
            return flat_sums(x, *key[:3])

        x = 4 * Delta * time
        if x.max(initial=0.0) > X_MAX:
            raise ParameterError(
                f"4 Delta_tilde time = {x.max():g} is outside its domain; allowed: > 0 and <= {X_MAX:g}"
            )
        lost = _grouped(keys, x, usable, correlation)
        result["P"] = 1 - (lost if finite else A * lost)
    if "susceptibility" in variables:

        def response(key, W):
            if finite:
                return factor * math.pi * biased_spectrum(W, *key[:3], packed(key[3], key[4])) / (2 * W)
            return integrals(SPECTRUM, W, *key[:3]) / (2 * W)

        found = _grouped(keys, omega / (4 * Delta), usable & ~unresolved, response)
        result["susceptibility"] = found if finite else A * (found / Delta)
    if "status" in variables:

        def doubtful(T, Delta, Lambda):
            bias = packed(T, Delta)
            return COLD * cold(bias) if finite else UNEVEN * uneven_bias(T, Delta, Lambda, bias)

        status = np.vectorize(doubtful, otypes=[np.uint8])(T, Delta, possible)
        status = np.where(unresolved, NARROW_PHASE, status)
        status = np.where(narrow_bias(Delta, possible, variance, Phi, spread), NARROW, status)
        result["status"] = np.where(Lambda < 0, IMPOSSIBLE, status).astype(np.uint8)
    return {name: result[name] for name in variables}


def _grouped(keys, values, usable, function):
    """function(key, values) for each distinct key, over the broadcast shape; NaN where not `usable`."""
    *keys, values, usable = np.broadcast_arrays(*keys, values, usable)
    table = np.stack([key[usable] for key in keys], axis=1)
    distinct, member = np.unique(table, axis=0, return_inverse=True)
    member, flat = member.ravel(), values[usable]
    found = np.empty(len(flat))
    for number, key in enumerate(distinct):
        chosen = member == number
        found[chosen] = function(tuple(float(k) for k in key), flat[chosen])
    result = np.full(values.shape, np.nan)
    result[usable] = found
    return result


def _fraction(T, Delta_tilde, omega0, N_nuclei, domega0, bias, convention):
    packed = packed_bias(BIASES[bias], omega0, N_nuclei, domega0, T, Delta_tilde, convention)
    return CONVENTIONS[convention] * math.pi * Delta_tilde * density(0.0, packed)


def _whole(N_nuclei, bias):
    count = np.asarray(N_nuclei, dtype=np.float64)
    if bias == "groups" and (count != np.round(count)).any():
        raise ParameterError("N_nuclei: the polarisation groups need a whole number of nuclei")


def _allowed(**options):
    known = {"phase": PHASES, "bias": tuple(BIASES), "width": WIDTHS, "convention": tuple(CONVENTIONS)}
    for name, value in options.items():
        if value not in known[name]:
            raise ParameterError(f"{name} = {value!r} is unknown; allowed: {', '.join(known[name])}")


@lru_cache(maxsize=1024)
def channels(Lambda: float) -> float:
    """sum_M <|J_M|> (1) at lambda - lambda' = `Lambda`, how many resonances are open: 1 for 0, 6.2 for 100."""
    return float(integrals(CUMULATIVE, np.array([1e30]), Lambda)[0]) / math.pi


def narrow_bias(Delta_tilde, Lambda, variance, Phi, width):
    """Whether the resonances may hold more than half of the grains (or the width, rad/s, of the Gaussian or of one
    group is below Delta_tilde, rad/s), as a boolean array; arrays that broadcast, Lambda >= 0."""

    def open_at(Lambda, variance, Phi):
        return channels(float(Lambda)) * mean_cosine(float(Phi), float(variance))

    S1 = np.vectorize(open_at, otypes=[float])(Lambda, variance, Phi)
    return (Delta_tilde > width) | (Delta_tilde * S1 > WIDE_ENOUGH * width)


def uneven_bias(T, Delta_tilde, Lambda, bias) -> bool:
    """Whether W(0), which a flat bias has for every bias, is not what the resonances meet (scalars).

    They lie at M omega0/2, with the mean square Lambda omega0^2/2, since sum_M M^2 J_M^2 = z^2/2; they are
    2 Delta_tilde wide, and W exp(-eps/T) is flat only on the scales of its width and of k_B T/hbar. And more must be
    lost at resonance, c pi Delta_tilde W(0) sum_M <|J_M|>, than by all other grains, 2 c Delta_tilde^2/<eps^2>.
    """
    spread = bias[5] * math.sqrt(0.5 * Lambda)
    mean, deviation = mean_and_deviation(bias)
    resonant = math.pi * density(0.0, bias) * channels(Lambda)
    return (
        spread > bias[3]
        or max(2 * Delta_tilde, spread) > BOLTZMANN * T / HBAR
        or 2 * Delta_tilde > resonant * (mean * mean + deviation * deviation)
    )


def cold(bias) -> bool:
    """Whether the bias without grains in resonance is as likely as FLOOR of its maximum, by the Gaussian envelope."""
    mean, deviation = mean_and_deviation(bias)
    return 0.5 * mean * mean > -math.log(FLOOR) * deviation * deviation


def narrow_phase(Lambda, variance, finite):
    """Whether a phase of variance 2 lambda' is narrower than the panels of its average, which are used with a finite
    bias and beyond the table of lambda - lambda' = `Lambda`: a boolean array."""
    return (variance > 0) & (variance < NARROWEST_PHASE) & (finite | (Lambda > TABULATED))
