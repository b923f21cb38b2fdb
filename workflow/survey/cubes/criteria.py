"""Where a criterion changes sign along an axis, such as the temperature: brackets on the grid, roots on the kernel.

A criterion is linear in the logarithms of a quantity's variables and their slopes against x, the logarithm of the axis,

    g(x) = sum_v [a_v ln v(x) + b_v dln v/dx] + c x + d,

with g > 0 above the crossover. On the grid ln v(x) is a cubic spline; within an interval that brackets a crossover it
is the polynomial through values that the kernel has at Chebyshev points.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.polynomial import chebyshev
from scipy.interpolate import CubicSpline

from physics.constants import BOLTZMANN, HBAR
from survey.config.crossovers import Equal, Exponent, ThermalLimit
from survey.survey import Crossover

# The polynomial of an interval reaches this fraction of its width beyond both ends.
MARGIN = 0.15
# Chebyshev points in an interval of so much at most in x: singularities lie about pi/2 off the real axis.
POINTS = ((0.15, 6), (0.35, 8), (math.inf, 18))
ITERATIONS = 40


@dataclass(frozen=True)
class Criterion:
    """The coefficients of g: `values` a_v, `slopes` b_v, `x` c and `constant` d (one number, or one for each cell)."""

    values: Mapping[str, float] = field(default_factory=dict)
    slopes: Mapping[str, float] = field(default_factory=dict)
    x: float = 0.0
    constant: float | np.ndarray = 0.0

    def __call__(self, x, value, slope):
        """g, with x, value(name) = ln v and slope(name) = dln v/dx: numbers, or the coefficients of a series."""
        total = self.constant + self.x * x
        for name, factor in self.values.items():
            total = total + factor * value(name)
        for name, factor in self.slopes.items():
            total = total + factor * slope(name)
        return total

    def of_cells(self, cells: np.ndarray) -> "Criterion":
        """The criterion of a selection of cells."""
        return replace(self, constant=self.constant[cells]) if np.ndim(self.constant) else self

    @property
    def variables(self) -> set[str]:
        return set(self.values) | set(self.slopes)


# Of a crossover along an axis of this name.
MEANING = {
    "equal": "{} at which two variables are equal",
    "exponent": "{} at which the local exponent passes a value",
    "thermal_limit": "{} at which hbar/tau equals k_B T",
    "window": "widest window of the {} with a small local exponent",
    "closed_form": "{} by a closed form",
}


def criterion(crossover: Crossover, T: float | np.ndarray | None = None) -> Criterion:
    """The criterion of a crossover that is located on the kernel and is not a window.

    equal [a, b]: g = ln a - ln b. exponent n of v that falls: g = n + dln v/dx (the local exponent -dln v/dx is below
    n); that rises: the opposite.
    thermal_limit: g = ln(v k_B T/hbar) (the rate 1/v is below k_B T/hbar) where that holds above the crossover, else
    the opposite; T (K, one number or one for each cell) is needed along all other axes than T.
    """
    match crossover:
        case Equal(variables=(first, second)):
            return Criterion(values={first: 1.0, second: -1.0})
        case Exponent(variable=variable, value=value, exponent=exponent):
            sign = 1.0 if exponent == "falls" else -1.0
            return Criterion(slopes={variable: sign}, constant=sign * value)
        case ThermalLimit(variable=variable, along=along, holds=holds):
            sign = 1.0 if holds == "above" else -1.0
            x, unit = (sign, BOLTZMANN / HBAR) if along == "T" else (0.0, BOLTZMANN / HBAR * np.asarray(T))
            return Criterion(values={variable: sign}, x=x, constant=sign * np.log(unit))
    raise TypeError(f"{crossover.kind} has no criterion")


def on_grid(x: np.ndarray, logs: Mapping[str, np.ndarray]) -> tuple:
    """The functions value(name), slope(name) at the grid points x (n), from logs[name] (n, cells)."""
    splines = {}

    def slope(name):
        if name not in splines:
            if len(x) < 3:
                splines[name] = np.gradient(logs[name], x, axis=0) if len(x) == 2 else np.zeros_like(logs[name])
            else:
                splines[name] = CubicSpline(x, logs[name], axis=0)(x, 1)
        return splines[name]

    return logs.__getitem__, slope


EVERYWHERE = (-np.inf, np.inf)


def points(low: float, high: float, ends: tuple[float, float] = EVERYWHERE) -> np.ndarray:
    """Chebyshev points in x for the interval [low, high] with its margins, which do not go beyond `ends`."""
    count = next(count for width, count in POINTS if high - low <= width)
    centre, half = _window(low, high, ends)
    return centre + half * np.cos(np.pi * (np.arange(count) + 0.5) / count)


def _window(low: float, high: float, ends: tuple[float, float]) -> tuple[float, float]:
    """Centre and half width of an interval with its margins."""
    margin = MARGIN * (high - low)
    low, high = max(low - margin, ends[0]), min(high + margin, ends[1])
    return (low + high) / 2, (high - low) / 2


def roots(
    low: float,
    high: float,
    logs: Mapping[str, np.ndarray],
    rule: Criterion,
    accuracy: float,
    ends: tuple[float, float] = EVERYWHERE,
) -> tuple:
    """The highest root of the criterion in the interval [low, high], or else in its margins, for each cell.

    logs[name] (points, cells) at `points(low, high, ends)`, known to `accuracy`. Returns x and the width of the bracket
    in x (cells), NaN where g does not change sign. The width is that of g, the last terms of the polynomial and the
    accuracy of the values, over the slope of g.
    """
    centre, half = _window(low, high, ends)
    count, cells = next(iter(logs.values())).shape
    order = np.arange(count)[:, None]
    fit = 2 / count * np.cos(order * np.pi * (order.T + 0.5) / count)
    fit[0] /= 2
    series = {name: fit @ values for name, values in logs.items()}
    slopes = {name: np.vstack([chebyshev.chebder(series[name]) / half, np.zeros(cells)]) for name in rule.slopes}
    # g is a Chebyshev series too: its x is centre + half t, and a constant is a first coefficient.
    one, x = np.zeros((2, count, 1))
    one[0], x[0], x[1] = 1.0, centre, half
    g = replace(rule, constant=rule.constant * one)(x, series.__getitem__, slopes.__getitem__)
    scan = np.linspace(-1, 1, 2 * count + 1)
    sampled = chebyshev.chebvander(scan, count - 1) @ g
    change = (sampled[:-1] > 0) != (sampled[1:] > 0)
    within = (scan[:-1] <= (high - centre) / half) & (scan[1:] >= (low - centre) / half)
    inside = change & within[:, None]
    change = np.where(inside.any(axis=0), inside, change)
    found = change.any(axis=0)
    last = len(scan) - 2 - np.argmax(change[::-1], axis=0)
    a, b = scan[last], scan[last + 1]
    rising = sampled[last + 1, np.arange(cells)] > 0
    derivative = chebyshev.chebder(g)
    t = (a + b) / 2
    for _ in range(ITERATIONS):
        value, slope = chebyshev.chebval(t, g, tensor=False), chebyshev.chebval(t, derivative, tensor=False)
        above = (value > 0) == rising
        a, b = np.where(above, a, t), np.where(above, t, b)
        with np.errstate(divide="ignore", invalid="ignore"):
            newton = t - value / slope
        step = np.where((newton >= a) & (newton <= b), newton, (a + b) / 2)
        done = np.all((np.abs(step - t) < 1e-13) | ~found)
        t = step
        if done:
            break
    error = np.zeros(cells)
    for name, factor in rule.values.items():
        error += abs(factor) * (np.abs(series[name][-2:]).sum(axis=0) + accuracy)
    for name, factor in rule.slopes.items():
        error += abs(factor) * (np.abs(slopes[name][-3:]).sum(axis=0) + accuracy * count**2 / half)
    steepness = np.abs(chebyshev.chebval(t, derivative, tensor=False)) / half
    with np.errstate(divide="ignore", invalid="ignore"):
        width = 2 * error / steepness
    return np.where(found, centre + half * t, np.nan), np.where(found, width, np.nan)
