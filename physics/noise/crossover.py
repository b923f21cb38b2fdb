"""Where defects take over from the standard dephasing rate: the crossover temperature T0 of paper 000, eq. (8).

The standard rate is a sum of powers, 1/tau_phi = sum of A T^n (`physics.electrons.background.power_terms`).
"""

import math

import numpy as np
from scipy.special import lambertw

from physics.constants import BOLTZMANN, HBAR
from physics.noise.defect_integral import level_integral
from physics.numerics.compiled import compiled, compiled_entry
from physics.parameters import Parameter, ParameterError

OWN = {
    parameter.name: parameter
    for parameter in (
        Parameter("c", "c", "1", "strength of the 1/f motion, p_t F1/lambda"),
        Parameter("tau", r"\tau", "s", "elastic scattering time"),
        Parameter("A", "A", "s-1", "standard dephasing rate at 1 K"),
        Parameter("n", "n", "1", "power of temperature of the standard dephasing rate"),
    )
}
STEPS = 400
# exp(x) is infinite beyond.
LOG_T_END = 710
# Halvings that leave nothing of an interval of width 1.
HALVINGS = 64
# The crossover with two-level defects is looked for so many decades below the temperature above which there is none,
# and a window between two crossings that is narrower than a step is not seen.
DECADES = 12
STEPS_PER_DECADE = 16


def crossover_temperature_power(c, *, tau, A, n):
    """T0 for one power, 1/tau_phi = A T^n, in closed form: tau A T0^n = c ln(k_B T0^(1-n)/(hbar A)), eq. (8).

    With m = (1-n)/n, K = k_B/(hbar A^(1/n)) and u = A T0^n: u = -(c m/tau) W_b(-(tau/(c m)) K^(-1/m)), branch b = -1
    for n < 1, where the other branch is the spurious root at k_B T tau_phi = hbar, and b = 0 for n > 1; u = (c/tau) ln
    K for n = 1.

    Parameters (arrays that broadcast): c = p_t F1/lambda (1), tau (s), A (1/(s K^n)), n (1). Returns T0 (K), relative
    accuracy 1e-12 (at the end of the domain the two roots for n < 1 merge, and it is lost); NaN where the two rates
    never meet: n < 1 and (tau/(c m)) K^(-1/m) > 1/e, or n = 1 and K <= 1. Raises ParameterError outside the physical
    domain. Source: paper 000, eq. (8).
    """
    values = {"c": c, "tau": tau, "A": A, "n": n}
    c, tau, A, n = np.broadcast_arrays(*(OWN[name].check(value) for name, value in values.items()))
    K = BOLTZMANN / (HBAR * A ** (1 / n))
    linear = n == 1
    m = np.where(linear, 1.0, (1 - n) / n)
    # K^(-1/m) may be below the range of doubles only where T0 is beyond it too.
    argument = -tau / (c * m) * np.exp(-np.log(K) / m)
    branch = np.where(n < 1, lambertw(argument, -1), lambertw(argument, 0))
    u = np.where(linear, c / tau * np.log(K), -c * m / tau * branch.real)
    meets = np.where(linear, K > 1, argument >= -np.exp(-1))
    return np.where(meets, (np.where(meets, u, 1.0) / A) ** (1 / n), np.nan)


def crossover_temperature(c, *, tau, terms, log_range=math.inf):
    """T0 for a sum of powers: the largest root of tau/tau_phi = c ln(k_B T tau_phi/hbar), eq. (8), by Newton's method.

    In ln T the difference of the two sides is convex, so that it has two roots at most and Newton's method falls on the
    larger one from above; below the smaller one (n < 1) hbar/tau_phi approaches k_B T, outside the domain of eq. (8).
    A logarithm above `log_range` counts more defects than there are: then tau/tau_phi = c log_range.

    Parameters: c = p_t F1/lambda (1), an array; tau (s), log_range = lambda (1), scalars; terms, the pairs (A, n) of
    `physics.electrons.background.power_terms`, one at least. Returns T0 (K) in the shape of c, relative accuracy 1e-10
    where the two roots are not about to merge; NaN where the rates never meet, inf where Newton's method does not
    converge. Raises ParameterError outside the physical domain.
    """
    c, tau = OWN["c"].check(c), OWN["tau"].check(tau)
    A, n = _terms(terms)
    out = np.empty(c.size)
    general_crossovers(np.array(c).ravel(), float(tau), float(log_range), A, n, out)
    return out.reshape(c.shape)


def crossover_temperature_levels(kappa, Lambda0, Estar, *, terms, thermal, rule):
    """T0 for two-level defects: the largest T where the standard rate equals theirs, `level_average` of
    `physics.noise.defects` with the cut-off hbar times the standard rate.

    Parameters (arrays that broadcast): kappa (1) of `physics.noise.defects.coupling`; Lambda0, Estar (K); terms as for
    `crossover_temperature`; thermal the code of h(E), rule the quadrature rule, as `physics.noise.defect_integral` has
    them. Returns T0 (K) in the broadcast shape, relative accuracy 1e-10; NaN where the rates do not meet within DECADES
    below the temperature at which the standard rate is the defects' maximum.
    """
    A, n = _terms(terms)
    arrays = np.broadcast_arrays(kappa, Lambda0, Estar)
    rows = [np.array(a, dtype=np.float64).ravel() for a in arrays]
    out = np.empty(rows[0].size)
    level_crossovers(*rows, A, n, thermal, rule, out)
    return out.reshape(arrays[0].shape)


def _terms(terms):
    if not terms:
        raise ParameterError("a crossover needs a standard rate: one term (A, n) at least")
    return (np.array(a, dtype=np.float64) for a in zip(*terms, strict=True))


@compiled
def _standard(x, A, n):
    """The standard rate times hbar/k_B (K) and its derivative by x = ln T."""
    rate, slope = 0.0, 0.0
    for i in range(A.size):
        term = HBAR / BOLTZMANN * A[i] * math.exp(n[i] * x)
        rate += term
        slope += n[i] * term
    return rate, slope


@compiled_entry
def general_crossovers(c, tau, log_range, A, n, out):
    scale = BOLTZMANN * tau / HBAR
    for i in range(c.size):
        x = 0.0
        rate, slope = _standard(x, A, n)
        for _ in range(LOG_T_END):
            if scale * rate + c[i] * (math.log(rate) - x) > 0 and scale * slope + c[i] * (slope / rate - 1) > 0:
                break
            x += 1.0
            rate, slope = _standard(x, A, n)
        out[i] = math.inf
        for _ in range(STEPS):
            rate, slope = _standard(x, A, n)
            if rate == 0 or scale * slope + c[i] * (slope / rate - 1) <= 0:
                out[i] = math.nan
                break
            fall = scale * slope + c[i] * (slope / rate - 1)
            step = (scale * rate + c[i] * (math.log(rate) - x)) / fall
            x -= step
            if step <= 4e-16 * max(1.0, abs(x)):
                out[i] = _where_all_move(x, c[i] * log_range / scale, log_range, A, n)
                break


@compiled
def _where_all_move(x, most, log_range, A, n):
    """The T (K) not above exp(x), where the rates of eq. (8) meet, at which the standard rate is that of all defects,
    `most` (K); exp(x) itself where not all of them count, and NaN where the rates do not meet at that T."""
    rate, slope = _standard(x, A, n)
    if x - math.log(rate) <= log_range:
        return math.exp(x)
    # In x the logarithm of the rate is convex, and above that of `most`: Newton's method falls on the root.
    for _ in range(STEPS):
        step = math.log(rate / most) * rate / slope
        x -= step
        rate, slope = _standard(x, A, n)
        if step <= 4e-16 * max(1.0, abs(x)):
            return math.exp(x) if x - math.log(rate) >= log_range * (1 - 1e-12) else math.nan
    return math.inf


@compiled
def _excess(x, kappa, Omega, B0, A, n, thermal, rule):
    """Standard rate minus the rate of the defects, times hbar/(k_B T), at ln T = x."""
    T = math.exp(x)
    rate = _standard(x, A, n)[0] / T
    return rate - kappa * level_integral(rate, math.inf, Omega / T, B0 / T, thermal, rule)


@compiled_entry
def level_crossovers(kappa, Omega, B0, A, n, thermal, rule, out):
    for i in range(out.size):
        most = kappa[i] * Omega[i] * math.pi / 2
        low, high = -700.0, 700.0
        for _ in range(60):
            middle = 0.5 * (low + high)
            if _standard(middle, A, n)[0] < most:
                low = middle
            else:
                high = middle
        width = math.log(10.0) / STEPS_PER_DECADE
        low = high
        out[i] = math.nan
        for _ in range(DECADES * STEPS_PER_DECADE):
            low = high - width
            if _excess(low, kappa[i], Omega[i], B0[i], A, n, thermal, rule) < 0:
                for _ in range(HALVINGS):
                    middle = 0.5 * (low + high)
                    if high - low <= 4e-16 * max(1.0, abs(high)) or middle in (low, high):
                        break
                    if _excess(middle, kappa[i], Omega[i], B0[i], A, n, thermal, rule) < 0:
                        low = middle
                    else:
                        high = middle
                out[i] = math.exp(high)
                break
            high = low
