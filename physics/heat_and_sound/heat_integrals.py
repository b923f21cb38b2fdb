"""Thermal integrals of the specific heat, over the levels that exchange energy within the time of the experiment.

With y = E/2T a splitting has (y/cosh y)^2, and a level of p = (Lambda/E)^2 relaxes within t_exp where

    p >= p_min(E, T; t_exp) = alpha tanh(y)/y,     alpha = hbar/(4 chi k_B T t_exp)     (chi as in paper 001, eq. (15)),

because its population decays at the rate 2 chi p E coth(E/2T)/hbar. At one amplitude, lambda = Lambda/2T, that is
y tanh(y) <= lambda^2/alpha: levels that are too asymmetric do not take part. alpha = 0 is an experiment without an end.
"""

import math

import numpy as np

from physics.numerics.compiled import compiled, compiled_entry

# Below this E*/T the closed form of f loses digits by cancellation, and its power series converges like (x/pi)^2k.
SERIES_BELOW = 1.0
# Splittings whose thermal factor is exp(-2 SPLITTINGS[-1]) below that of the lowest level are left out.
SPLITTINGS = (0.0, 2.0, 4.5, 8.0, 13.0, 21.0)
# Panels are halved this many times towards a branch point, in y and in its root; the rest is below rounding.
HALVINGS = 15
ROOT_HALVINGS = 8
# Newton's iteration starts within a factor of two of the root, or doubles its digits from the first step on.
ITERATIONS = 60


def _coefficients(count):
    """Coefficients of x^2k, k = 0 ..., of f(x)/x^3, from the power series of tanh, whose derivative is sech^2."""
    # d tanh/dy = 1 - tanh^2 gives the coefficients a of y^(2k+1) one after the other.
    a = [1.0]
    for k in range(1, count):
        a.append(-math.fsum(a[i] * a[k - 1 - i] for i in range(k)) / (2 * k + 1))
    return np.array([2 * a[k] * (2 * k + 1) / ((2 * k + 3) * 2.0 ** (2 * k + 3)) for k in range(count)])


SERIES = _coefficients(18)
# Li2(-q) = sum of these times u^(n+1), u = -ln(1 + q): Bernoulli numbers over (n + 1)!, n = 2, 4, ... 12.
DILOGARITHM = np.array([1 / 36, -1 / 3600, 1 / 211680, -1 / 10886400, 1 / 526901760, -691 / 2730 / math.factorial(13)])


@compiled
def _heat_integral(x):
    if x < SERIES_BELOW:
        square = x * x
        total = 0.0
        for k in range(len(SERIES) - 1, -1, -1):
            total = total * square + SERIES[k]
        return total * square * x
    q = math.exp(-x)
    u = -math.log1p(q)
    dilogarithm = 0.0
    for k in range(len(DILOGARITHM) - 1, -1, -1):
        dilogarithm = dilogarithm * u * u + DILOGARITHM[k]
    dilogarithm = u - 0.25 * u * u + dilogarithm * u * u * u
    # x is infinite where T underflows against E*; the products are 0 there.
    return math.pi**2 / 6 - (x * x * q / (1 + q) - 2 * x * u if q > 0 else 0.0) + 2 * dilogarithm


@compiled_entry
def heat_integrals(x):
    """f(x) of eq. (8) for each x."""
    result = np.empty(len(x))
    for i in range(len(x)):
        result[i] = _heat_integral(x[i])
    return result


@compiled
def coth_root(b):
    """y with y coth(y) = b, b > 1."""
    # y coth(y) is convex, above y and below 1 + y^2/3.
    y = min(b, math.sqrt(3.0 * (b - 1.0)))
    for _ in range(ITERATIONS):
        coth = 1.0 / math.tanh(y)
        step = (_coth_excess(y) - (b - 1.0)) / (coth + y * (1.0 - coth * coth) if y > 0.15 else y * (2 / 3))
        y -= step
        if abs(step) <= 1e-15 * y:
            break
    return y


@compiled
def _coth_excess(y):
    """y coth(y) - 1."""
    if y > 0.15:
        return y / math.tanh(y) - 1.0
    x = y * y
    return x * (1 / 3 - x * (1 / 45 - x * (2 / 945 - x * (1 / 4725 - x * (2 / 93555)))))


@compiled
def tanh_root(b):
    """y with y tanh(y) = b, b > 0."""
    # Between max(b, sqrt(b)) and the root for tanh(y) = y/(1 + y), which is below it.
    low, high = max(b, math.sqrt(b)), 0.5 * (b + math.sqrt(b * (b + 4.0)))
    if math.isinf(high):
        return b
    y = high
    for _ in range(ITERATIONS):
        tanh = math.tanh(y)
        excess = y * tanh - b
        low, high = (y, high) if excess < 0.0 else (low, y)
        step = excess / (tanh + y * (1.0 - tanh * tanh))
        y -= step
        if abs(step) <= 1e-15 * y:
            break
        if y < low or y > high:
            y = 0.5 * (low + high)
    return y


@compiled
def last_asymmetry(gap, alpha):
    """Delta/2T of the most asymmetric level of the amplitude 2T gap that takes part; 0 if none does."""
    if alpha == 0.0:
        return math.inf
    y = tanh_root(gap * (gap / alpha))
    return math.sqrt(max(y * (y - alpha * math.tanh(y)), 0.0)) if y > gap else 0.0


@compiled
def gapped_heat(end, a, rule):
    """2 int_0^end d(delta) y^2 sech^2(y), y^2 = a^2 + delta^2: dE E/sqrt(E^2 - Lambda^2) = dDelta, so that there is no
    singularity at the edge of the band; a = Lambda/2T, end = Delta/2T of the last level."""
    total, low = 0.0, 0.0
    for k in range(1, len(SPLITTINGS)):
        high = min(end, math.sqrt(SPLITTINGS[k] * (2 * a + SPLITTINGS[k])))
        panel = 0.0
        for j in range(rule.shape[1]):
            delta = low + (high - low) * rule[0, j]
            y = math.sqrt(a * a + delta * delta)
            above = delta * delta / (y + a)
            panel += rule[1, j] * y * y * math.exp(-2 * above) / (1 + math.exp(-2 * y)) ** 2
        total += (high - low) * panel
        if high >= end:
            break
        low = high
    return 8 * math.exp(-2 * a) * total


@compiled_entry
def gapped_heats(width, gap, alpha, rule):
    """N of the tunnelling states at each (E* - Lambda0)/T, Lambda0/T and alpha."""
    result = np.zeros(len(gap))
    for i in range(len(gap)):
        if width[i] > 0.0:
            end = 0.5 * math.sqrt(width[i] * (width[i] + 2.0 * gap[i]))
            result[i] = gapped_heat(min(end, last_asymmetry(0.5 * gap[i], alpha[i])), 0.5 * gap[i], rule)
    return result


@compiled_entry
def mixed_heat(x, gaps, weights, alpha, rule):
    """Sum of weights times N of the tunnelling states of the amplitudes T gaps, below E* = T x."""
    total = 0.0
    for i in range(len(gaps)):
        end = 0.5 * math.sqrt((x - gaps[i]) * (x + gaps[i]))
        total += weights[i] * gapped_heat(min(end, last_asymmetry(0.5 * gaps[i], alpha)), 0.5 * gaps[i], rule)
    return total


@compiled
def _slow_panel(low, high, first, squared, alpha, constant, rule):
    """The integrand of `glass_heats` over exp(-2 first) between two edges, in y, or in sqrt(y - first)."""
    total = 0.0
    for j in range(rule.shape[1]):
        s = low + (high - low) * rule[0, j]
        y = first + s * s if squared else s
        weight = rule[1, j] * (2.0 * s if squared else 1.0)
        logarithm = constant
        if constant == 0.0:
            logarithm = math.asinh(math.sqrt(max(_coth_excess(y) + (1.0 - alpha), 0.0) / alpha))
        total += weight * y * y * math.exp(-2.0 * (y - first)) / (1.0 + math.exp(-2.0 * y)) ** 2 * logarithm
    return 8.0 * (high - low) * total


@compiled
def _stretch(first, last, squared, nearest, halvings, alpha, constant, rule):
    """Sum of panels from `first` to `last` in y (or in its root), which halve towards the start as far as `nearest`."""
    end = math.sqrt(last - first) if squared else last
    start = 0.0 if squared or constant == 0.0 else first
    low, high = start, end
    total = 0.0
    if constant == 0.0:
        high = min(end, 1.0)
        for _ in range(halvings):
            if high <= nearest:
                break
            total += _slow_panel(0.5 * high, high, first, squared, alpha, constant, rule)
            high *= 0.5
        total += _slow_panel(0.0, high, first, squared, alpha, constant, rule)
        low = min(end, 1.0)
    for k in range(len(SPLITTINGS)):
        high = 1.0 if k == 0 else SPLITTINGS[k]
        high = min(math.sqrt(high) if squared else start + high if constant != 0.0 else high, end)
        if high > low:
            total += _slow_panel(low, high, first, squared, alpha, constant, rule)
            low = high
    return total


@compiled_entry
def glass_heats(x, alpha, p_min, rule):
    """2 int_0^(x/2) dy y^2 sech^2(y) arccosh(1/sqrt(max(p_min, alpha tanh(y)/y))), 0 where the maximum is >= 1."""
    result = np.zeros(len(x))
    constant = math.asinh(math.sqrt((1.0 - p_min) / p_min))
    for i in range(len(x)):
        end, a = 0.5 * x[i], alpha[i]
        kink = coth_root(a / p_min) if a > p_min else 0.0
        first = coth_root(a) if a > 1.0 else 0.0
        if end <= first:
            continue
        last = min(kink, end)
        if a > 1.0:
            # The logarithm begins as a square root, and has its mirror image at y = -first.
            part = _stretch(first, last, True, math.sqrt(2.0 * first), ROOT_HALVINGS, a, 0.0, rule)
            result[i] = math.exp(-2.0 * first) * part
        elif kink > 0.0:
            # It has branch points at y = +-ib, b cot(b) = alpha.
            result[i] = _stretch(0.0, last, False, math.sqrt(3.0 * (1.0 - a)), HALVINGS, a, 0.0, rule)
        if end > kink:
            result[i] += math.exp(-2.0 * kink) * _stretch(kink, end, False, 0.0, 0, a, constant, rule)
    return result
