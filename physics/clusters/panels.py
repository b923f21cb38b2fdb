"""The discretisation of coagulation with b = (k m)^s: single sizes below, octaves above. f = n^s P.

P_n is kept for every n = 1 ... 2 N0 + 1. Above, g(n) = n^2 P_n is a polynomial in ln n on each octave, given by its
values at Chebyshev-Lobatto nodes, of which neighbours share the edge. The octaves are X_q < n < 2 X_q, X_q = 2^q X_0,
X_0 = N0 + 1/2, so that what two octaves do to a third depends on the differences of their numbers alone. See
docs/theory-003-clusters.md for the equations behind each table.
"""

from typing import NamedTuple

import numpy as np

# A source x of relative size x/X_q in (2^-d, 2^(1-d)] is resolved by POINTS[d - 2] points; those below 2^-DEPTH by FAR.
POINTS = (11, 8, 7, 6, 5)
DEPTH = len(POINTS) + 1
FAR = 6
# Integers on either side of X_0 that carry the Euler-Maclaurin correction, and in an interpolation between integers.
END_POINTS = 4
STENCIL = 10


class Panels(NamedTuple):
    """What the right-hand side reads: K points of sources of all levels, F far ones, c nodes to an octave."""

    start: float  # X_0
    power: float  # s
    root: np.ndarray  # (N,) n^s
    weight: np.ndarray  # (N,) of P_n in a sum over n up to X_0
    nu: np.ndarray  # (c,) n/X_q at the nodes
    first: np.ndarray  # (c, N) n^2 P at the nodes of X_0 ... 2 X_0 from P_1 ... P_N
    tail: np.ndarray  # (c,) X_q^(1 - s) int f dx over an octave from its nodes
    levels: np.ndarray  # (DEPTH,) where the points of level d = 2 ... DEPTH end
    strength: np.ndarray  # (K, c) strengths of the points from the nodes of their octave
    strength_single: np.ndarray  # (DEPTH, K, N) the same for the octave -p, of single sizes
    spans: np.ndarray  # (DEPTH, 2) which sizes, less 1, the octave -p has
    field: np.ndarray  # (K + F, c, c - 1) what a point does to a node n, from the nodes of the octave of n
    field_below: np.ndarray  # (K + F, c, c - 1) the same from the nodes of the octave below
    reach: np.ndarray  # (K + F,) up to which node the octave below counts
    moments: np.ndarray  # (F, c) moments of an octave that becomes far
    moments_single: np.ndarray  # (DEPTH, F, N) the same of single sizes
    far: np.ndarray  # (F, F) strengths of the far points from the moments
    near: np.ndarray  # (c, c, c - 1) octave below n as source, octave of n as field
    near_below: np.ndarray  # (c, c, c - 1) octave below n as source and field


def lagrange(nodes, x):
    """Values at x of the polynomials that are 1 at one of the nodes and 0 at the others: shape x.shape + (nodes,)."""
    nodes = np.asarray(nodes)
    difference = np.asarray(x)[..., None] - nodes
    ones = np.ones((*difference.shape[:-1], 1))
    left = np.concatenate([ones, np.cumprod(difference[..., :-1], axis=-1)], axis=-1)
    right = np.concatenate([ones, np.cumprod(difference[..., :0:-1], axis=-1)], axis=-1)[..., ::-1]
    spacing = nodes[:, None] - nodes + np.eye(len(nodes))
    return left * right / spacing.prod(1)


def lobatto(degree):
    """The nodes of an octave: their places in [-1, 1] and n/X_q from 1 to 2."""
    s = -np.cos(np.pi * np.arange(degree + 1) / degree)
    nu = 2.0 ** ((1 + s) / 2)
    nu[0], nu[-1] = 1.0, 2.0
    return s, nu


def state_weights(panels, power, size):
    """The row that gives the moment I_power = sum_n n^power P_n from a state of this size."""
    count, nodes = len(panels.root), len(panels.nu)
    s, _ = lobatto(nodes - 1)
    x, w = _octave_rule()
    octave = (lagrange(s, _place(x)) * (w * x ** (power - 1))[:, None]).sum(0)
    row = np.zeros(size)
    row[:count] = panels.weight * np.arange(1.0, count + 1) ** power
    row[:count] += panels.start ** (power - 1) * (octave[:, None] * panels.first).sum(0)
    for q in range(1, (size - count) // (nodes - 1) + 1):
        base = count + (q - 1) * (nodes - 1)
        whole = octave * (panels.start * 2.0**q) ** (power - 1)
        row[base : base + nodes - 1] += whole[1:]
        row[base - 1] += whole[0] * (count**2 if q == 1 else 1)
    return row


def panels(half, degree, s_power):
    """The tables for N0 = half, octaves with degree + 1 nodes and b = (k m)^s, s = `s_power`."""
    start, count = half + 0.5, 2 * half + 1
    n = np.arange(1.0, count + 1)
    s, nu = lobatto(degree)
    weight = np.where(n <= half, 1.0, 0.0)
    weight[half - END_POINTS : half + END_POINTS] += _end_weights()
    x, w = _octave_rule()
    basis = lagrange(s, _place(x))
    # The octave -p is (2^-p, 2^(1-p)] X_0; sizes above X_0 belong to it by the Euler-Maclaurin correction.
    octave = np.maximum(np.ceil(np.log2(start / n)), 1) * (weight != 0)
    members = [np.flatnonzero(octave == p) for p in range(1, DEPTH)]
    spans = np.array([(0, 0)] + [(found[0], found[-1] + 1) for found in members])

    strength, single = [], []
    for d in range(2, DEPTH + 1):
        points = _level_points(d)
        strength.append(_project(lagrange(points, x * 2.0**-d), basis * (w * (2.0**d / x) ** (1 - s_power))[:, None]))
        rows = np.zeros((DEPTH, len(points), count))
        for p, found in enumerate(members, 1):
            scale = start * 2.0 ** (d - p)
            amount = weight[found] * n[found] ** s_power * scale ** (1 - s_power)
            rows[p][:, found] = (lagrange(points, n[found] / scale) * amount[:, None]).T
        single.append(rows)
    fields = [_field(_level_points(d), s, nu, s_power) for d in range(2, DEPTH + 1)]
    fields.append(_field(_far_points(), s, nu, s_power))
    field, field_below = (2 * nu[1:] ** s_power * np.concatenate(kind) for kind in zip(*fields, strict=True))
    reach = np.array([np.max(np.flatnonzero(np.any(rows, axis=0)) + 1, initial=0) for rows in field_below])

    # Moments (x 2^DEPTH/X_q)^j, j = 1 ... FAR: psi = phi/x goes through the far points.
    powers = np.arange(1, FAR + 1)
    moments = _project((x[:, None] / 2) ** powers, basis * (w * (2.0 ** (DEPTH + 1) / x) ** (1 - s_power))[:, None])
    points = _far_points() * 2.0**DEPTH
    far = np.linalg.inv(np.vander(points, FAR, increasing=True)).T / points[:, None]
    moments_single = np.zeros((DEPTH, FAR, count))
    for q in range(1, DEPTH + 1):
        found = np.flatnonzero(octave >= DEPTH if q == 1 else octave == DEPTH + 1 - q)
        scale = start * 2.0**q
        amount = weight[found] * n[found] ** s_power * scale ** (1 - s_power)
        moments_single[q - 1][:, found] = (n[found] / scale * 2.0**DEPTH) ** powers[:, None] * amount
    near, near_below = _near(s, nu, s_power)
    return Panels(
        start=start,
        power=s_power,
        root=n**s_power,
        weight=weight,
        nu=nu,
        first=_between_integers(start * nu, count),
        tail=(basis * (w * x ** (s_power - 1))[:, None]).sum(0),
        levels=np.cumsum((0, *POINTS)),
        strength=np.concatenate(strength),
        strength_single=np.ascontiguousarray(np.concatenate(single, axis=1)),
        spans=spans,
        field=field,
        field_below=field_below,
        reach=reach,
        moments=moments,
        moments_single=moments_single,
        far=np.ascontiguousarray(far),
        near=near,
        near_below=near_below,
    )


def _place(nu):
    """The place in [-1, 1] of n/X_q in its octave."""
    return 2 * np.log2(nu) - 1


def _gauss(low, high, count=40):
    x, w = np.polynomial.legendre.leggauss(count)
    return low + (high - low) * (1 + x) / 2, (high - low) * w / 2


def _octave_rule():
    """Points x from 1 to 2 and weights of int d(ln x)."""
    u, w = _gauss(0.0, np.log(2.0))
    return np.exp(u), w


def _project(at_points, weighted):
    """sum over the rule: what each node gives to each point."""
    return (at_points[:, :, None] * weighted[:, None, :]).sum(0)


def _end_weights():
    """w of sum_(k > X_0) h(k) = int_(X_0) h dx + sum w_k h(k), k = X_0 - 7/2 ... X_0 + 7/2 (Euler-Maclaurin)."""
    offsets = np.arange(-END_POINTS + 0.5, END_POINTS)
    # The end term of x^p is zeta(-p, 1/2) = -B_(p + 1)(1/2)/(p + 1), 0 for even p.
    bernoulli = {2: -1 / 12, 4: 7 / 240, 6: -31 / 1344, 8: 127 / 3840}
    wanted = [-bernoulli.get(p + 1, 0.0) / (p + 1) for p in range(2 * END_POINTS)]
    return np.linalg.solve(np.vander(offsets, increasing=True).T, wanted)


def _between_integers(x, count):
    """Rows that give n^2 P at x from P_1 ... P_count, by the polynomial through STENCIL integers about x."""
    rows = np.zeros((len(x), count))
    n = np.arange(1.0, count + 1)
    for row, point in zip(rows, x, strict=True):
        low = int(np.clip(np.floor(point) - STENCIL // 2, 0, count - STENCIL))
        row[low : low + STENCIL] = lagrange(n[low : low + STENCIL], point)
    return rows * n**2


def _chebyshev(count):
    return -np.cos(np.pi * (np.arange(count) + 0.5) / count)


def _level_points(d):
    """The points x/X_q of the sources of level d."""
    return 2.0**-d * (1.5 + 0.5 * _chebyshev(POINTS[d - 2]))


def _far_points():
    return 2.0**-DEPTH * (1 + _chebyshev(FAR)) / 2


def _field(points, s, nu, s_power):
    """Rows that give phi = g(n - x) (1 - x/n)^(s - 2) - g(n) for x/X_q = points at each node n > X_q.

    Two arrays (point, node, n): from the nodes of the octave of n, and from those of the octave below.
    """
    own, below = np.zeros((2, len(points), len(nu), len(nu) - 1))
    for i in range(1, len(nu)):
        inside = nu[i] - points >= 1
        factor = ((1 - points / nu[i]) ** (s_power - 2))[:, None]
        rows = lagrange(s, _place(nu[i] - points))
        # 1 less than the polynomial of node i itself, without loss of digits.
        rows[:, i] = -np.delete(rows, i, axis=1).sum(1)
        rows *= factor
        rows[:, i] += np.expm1((s_power - 2) * np.log1p(-points / nu[i]))
        own[inside, :, i - 1] = rows[inside]
        own[~inside, i, i - 1] = -1
        below[~inside, :, i - 1] = (factor * lagrange(s, _place(2 * (nu[i] - points))))[~inside]
    return own, below


def _near(s, nu, s_power):
    """Sources in the octave below that of n, up to n/2, and the loss to the rest of that octave.

    Two arrays (source node, field node, n): the field in the octave of n, and in the octave below.
    """
    own, below = np.zeros((2, len(nu), len(nu), len(nu) - 1))
    for i in range(1, len(nu)):
        crossing = max(nu[i] - 1, 0.5)
        for low, high, field in ((0.5, crossing, "own"), (crossing, nu[i] / 2, "below"), (nu[i] / 2, 1.0, None)):
            u, w = _gauss(np.log(low), np.log(high))
            x = np.exp(u)
            source = 2 * lagrange(s, _place(2 * x)) * (w * nu[i] ** s_power * x ** (s_power - 1))[:, None]
            own[:, i, i - 1] -= source.sum(0)
            if field:
                place = _place(nu[i] - x) if field == "own" else _place(2 * (nu[i] - x))
                rows = lagrange(s, place) * ((1 - x / nu[i]) ** (s_power - 2))[:, None]
                (own if field == "own" else below)[:, :, i - 1] += _project(source, rows)
    return own, below
