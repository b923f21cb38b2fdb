"""P_n(t) at any n and t from a solution at knots in t: what `physics.clusters.coagulation` evaluates after it has
solved.

In t, ten knots carry a polynomial in tau, the running number of the knots, for ln P. In n: up to 2 N0 + 1 a
polynomial for ln P through the eight nearest integers; above, the octaves' own polynomial for n^2 P in ln n; beyond
the front, where n^2 P < 1e-9, ln P continues linearly in n.
"""

import math
from typing import NamedTuple

import numpy as np

from physics.numerics.compiled import compiled, compiled_entry

KNOTS = 10
INTEGERS = 8


class Solution(NamedTuple):
    """A solution at knots in t, for sizes n = 1 ... N and octaves of c nodes."""

    relative: float  # tau = ln(t/t_0)/relative + (t - t_0)/longest
    longest: float
    first: float  # t_0, where the series ends and the knots begin
    start: float  # X_0
    series: np.ndarray  # (N, J) P_n = t^(n-1) sum_j series_nj t^j
    logs: np.ndarray  # (knots, N) ln P_n - (n - 1) ln t
    octaves: np.ndarray  # (knots, octaves, c) n^2 P
    places: np.ndarray  # (c,) the nodes of an octave in [-1, 1]
    end: np.ndarray  # (knots, 3) where the front ends: n, ln P, d ln P/dn


def gather(states, times, series, start, degree, relative, longest, threshold):
    """The `Solution` of `physics.clusters.rate.integrate`'s states; the front ends where n^2 P < threshold."""
    count = len(series)
    n = np.arange(1.0, count + 1)
    places = -np.cos(np.pi * np.arange(degree + 1) / degree)
    sizes = start * 2.0 ** (np.arange(1, (states.shape[1] - count) // degree + 1)[:, None] + (1 + places) / 2)
    octaves = np.empty((len(times), *sizes.shape))
    octaves[:, :, 1:] = states[:, count:].reshape(len(times), len(sizes), degree)
    octaves[:, 1:, 0] = octaves[:, :-1, -1]
    octaves[:, 0, 0] = states[:, count - 1] * count**2
    log_P = np.log(states[:, :count])
    end = np.empty((len(times), 3))
    all_sizes = np.concatenate([n[:-1], [count], sizes[:, 1:].ravel()])
    for row, g, logs in zip(end, octaves, log_P, strict=True):
        tail = g[:, 1:].ravel()
        kept = int(np.argmax(tail < threshold))
        logs = np.concatenate([logs, np.log(tail[:kept]) - 2 * np.log(all_sizes[count : count + kept])])
        last, before = count + kept - 1, count + kept - 5
        slope = (logs[last] - logs[before]) / (all_sizes[last] - all_sizes[before])
        row[:] = all_sizes[last], logs[last], slope
    logs = log_P - (n - 1) * np.log(times)[:, None]
    return Solution(relative, longest, times[0], start, series, logs, octaves, places, end)


@compiled
def _lobatto(nodes, x, weights):
    """Values at x of the polynomials that are 1 at one of the Chebyshev-Lobatto nodes and 0 at the others."""
    total = 0.0
    for i in range(len(nodes)):
        if x == nodes[i]:
            weights[:] = 0.0
            weights[i] = 1.0
            return
        value = (1.0 if i % 2 == 0 else -1.0) / (x - nodes[i])
        if i == 0 or i == len(nodes) - 1:
            value *= 0.5
        weights[i] = value
        total += value
    for i in range(len(nodes)):
        weights[i] /= total


@compiled
def _uniform(x, weights):
    """The same for the nodes 0, 1, 2, ...: the weights and the first node, 0 where x is in their middle."""
    count = len(weights)
    at = -1
    product = 1.0
    for i in range(count):
        if x == i:
            at = i
        product *= x - i
    for i in range(count):
        if at >= 0:
            weights[i] = 1.0 if i == at else 0.0
        else:
            weights[i] = product / (x - i)
    if at < 0:
        scale = 1.0
        for i in range(1, count):
            scale *= -i
        # prod_(j != i) (i - j) = i! (count - 1 - i)! (-1)^(count - 1 - i)
        for i in range(count):
            weights[i] /= scale
            scale *= -(i + 1) / (count - 1 - i) if i < count - 1 else 1.0


@compiled
def _in_time(t, solution, weights):
    """The first of the knots about t, and their weights."""
    tau = math.log(t / solution.first) / solution.relative + (t - solution.first) / solution.longest
    low = min(max(int(tau) - KNOTS // 2 + 1, 0), len(solution.logs) - KNOTS)
    _uniform(tau - low, weights)
    return low


@compiled
def _small(n, t, solution, in_time, in_size):
    """ln P for n up to N, by the integers about n."""
    count, terms = solution.series.shape
    low = min(max(int(n) - INTEGERS // 2, 0), count - INTEGERS)
    _uniform(n - 1 - low, in_size)
    total = (n - 1) * math.log(t) if n > 1 else 0.0
    if t < solution.first:
        for i in range(INTEGERS):
            if in_size[i] != 0.0:
                value = 0.0
                for j in range(terms - 1, -1, -1):
                    value = value * t + solution.series[low + i, j]
                total += in_size[i] * math.log(value)
        return total
    knot = _in_time(t, solution, in_time)
    for i in range(INTEGERS):
        if in_size[i] != 0.0:
            value = 0.0
            for k in range(KNOTS):
                value += in_time[k] * solution.logs[knot + k, low + i]
            total += in_size[i] * value
    return total


@compiled
def _large(n, t, solution, in_time, in_octave):
    """ln P for n above N, by the octave that n is in, or the tail beyond the front."""
    q = max(int(math.log2(n / solution.start)), 1)
    _lobatto(solution.places, 2 * (math.log2(n / solution.start) - q) - 1, in_octave)
    knot = _in_time(t, solution, in_time)
    total = 0.0
    for k in range(KNOTS):
        end = solution.end[knot + k]
        if n <= end[0]:
            g = 0.0
            for i in range(len(in_octave)):
                g += in_octave[i] * solution.octaves[knot + k, q - 1, i]
            total += in_time[k] * (math.log(g) - 2 * math.log(n))
        else:
            total += in_time[k] * (end[1] + end[2] * (n - end[0]))
    return total


@compiled_entry
def log_densities(n, t, solution):
    """ln P_n(t) at each pair."""
    result = np.empty(len(n))
    in_time, in_size, in_octave = np.empty(KNOTS), np.empty(INTEGERS), np.empty(len(solution.places))
    count = len(solution.series)
    for i in range(len(n)):
        if t[i] == 0.0:
            result[i] = 0.0 if n[i] == 1.0 else -np.inf
        elif n[i] <= count:
            result[i] = _small(n[i], t[i], solution, in_time, in_size)
        elif t[i] >= solution.first:
            result[i] = _large(n[i], t[i], solution, in_time, in_octave)
        else:
            # Below 1e-190: ln P = (n - 1) ln t + ..., continued linearly in n.
            last = _small(float(count), t[i], solution, in_time, in_size)
            slope = last - _small(count - 1.0, t[i], solution, in_time, in_size)
            result[i] = last + (n[i] - count) * slope
    return result


@compiled_entry
def log_moments(t, logs, solution):
    """The logarithm of a moment at each t, which must be on or above the first knot."""
    result = np.empty(len(t))
    in_time = np.empty(KNOTS)
    for i in range(len(t)):
        knot = _in_time(t[i], solution, in_time)
        total = 0.0
        for k in range(KNOTS):
            total += in_time[k] * logs[knot + k]
        result[i] = total
    return result
