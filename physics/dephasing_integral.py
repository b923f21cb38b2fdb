"""The double integral behind the dephasing time, for one spectrum of two-level systems and all couplings and densities.

With the time theta = k_B t/hbar (1/K) and B = hbar Pd sigma_in v_F, the exponent of paper 001, eq. (34), is

    Gamma(theta) = B f(theta),  f = (theta/4) [J1(theta) + J3(chi theta)],
    J1(theta) = sum_i c_i K(E_i theta),         K(x) = 1 - W(x) sin(x)/x,
    J3(z)     = sum_k r_k h(nu_k z),            h(v) = 1 - (1 - exp(-v))/v,

and ln(tau_phi/tau) = int_{u_tau}^inf du exp(-Gamma), u = ln(theta). W takes away oscillations whose average over
u is nothing; what their square leaves is kept as q(theta): exp(-Gamma) -> exp(-B f) I0(2 sqrt(B^2 q)).
"""

import math

import numpy as np

from physics.compiled import compiled
from physics.quadrature import CELLS_PER_UNIT, NODES, WINDOW_CENTRE, WINDOW_WIDTH, X_HIGH, X_LOW

# Width of a panel in ln(theta), and the largest phase across a panel where an edge of the spectrum oscillates.
PANEL = 1.25
PHASE = 10.0
# Below GAMMA_SERIES exp(-Gamma) is a power series with stored moments; above GAMMA_END it is nothing.
GAMMA_SERIES = 0.25
GAMMA_END = 40.0
MOMENTS = 9
# The relaxation sum is tabulated by Chebyshev series of DEGREE on panels of width TABLE in ln(z).
TABLE = 2.0
DEGREE = 20
V_LOW = 0.3
V_HIGH = 37.0
RELAXATION_TERMS = 10
RESONANT_TERMS = 6
# Past this phase of the band edge its squared oscillation is below 1e-12 of tau_phi.
LINEAR_PHASE = 3e4
MAX_PANELS = 600


@compiled
def _exp_minus(x):
    """exp(-x) for -1 <= x <= 45 without branches, so that loops over it vectorise; absolute error below 1e-13."""
    y = x * -0.015625
    e = 1.0 / 720 + y * (1.0 / 5040)
    e = 1.0 / 24 + y * (1.0 / 120 + y * e)
    e = 1.0 / 2 + y * (1.0 / 6 + y * e)
    e = 1.0 + y * (1.0 + y * e)
    e *= e
    e *= e
    e *= e
    e *= e
    e *= e
    return e * e


@compiled
def _exponential_integral(log_x):
    """E1(x) from ln(x), so that an x below the range of doubles does no harm; relative error below 1e-14."""
    if log_x < -40.0:
        return -np.euler_gamma - log_x
    x = np.exp(log_x)
    if x > 700.0:
        return 0.0
    if x <= 1.0:
        term, total = -1.0, 0.0
        for k in range(1, 25):
            term *= -x / k
            total += term / k
        return -np.euler_gamma - log_x + total
    b = x + 1.0
    c = 1e300
    d = 1.0 / b
    h = d
    for k in range(1, 200):
        a = -1.0 * k * k
        b += 2.0
        d = 1.0 / (a * d + b)
        c = b + a / c
        h *= c * d
        if abs(c * d - 1.0) < 1e-15:
            break
    return h * np.exp(-x)


@compiled
def _powers(x, weights, step, terms):
    """(sum_{k<i} w_k (x_k/x_last)^(step n) for n = 1..terms, sum_{k>=i} w_k) for every i."""
    n = len(x)
    moments = np.zeros((n + 1, terms + 1))
    rest = np.zeros(n + 1)
    for i in range(n):
        power = (x[i] / x[-1]) ** step
        term = weights[i]
        for k in range(1, terms + 1):
            term *= power
            moments[i + 1, k] = moments[i, k] + term
    for i in range(n - 1, -1, -1):
        rest[i] = rest[i + 1] + weights[i]
    return moments, rest


@compiled
def _resonant(theta, E, c, moments, rest, table):
    """J1(theta): power series where E theta < X_LOW, the table of K between, and K = 1 beyond X_HIGH."""
    low = np.searchsorted(E, X_LOW / theta)
    high = np.searchsorted(E, X_HIGH / theta)
    total = rest[high]
    if low > 0:
        x2 = (theta * E[-1]) ** 2
        factor = -1.0
        for k in range(1, RESONANT_TERMS + 1):
            factor *= -x2 / (2 * k * (2 * k + 1))
            total += factor * moments[low, k]
    middle = 0.0
    for i in range(low, high):
        position = (E[i] * theta - X_LOW) * CELLS_PER_UNIT
        cell = max(min(int(position), len(table) - 1), 0)
        d = (position - cell - 0.5) / CELLS_PER_UNIT
        t = table[cell]
        middle += c[i] * (t[0] + d * (t[1] + d * (t[2] + d * (t[3] + d * (t[4] + d * t[5])))))
    return total + middle


@compiled
def _relaxation(z, nu, r, moments, rest, slow):
    """J3(z): power series where nu z < V_LOW, exp between, and h = 1 - 1/v beyond V_HIGH (`slow` sums r/nu)."""
    low = np.searchsorted(nu, V_LOW / z)
    high = np.searchsorted(nu, V_HIGH / z)
    total = rest[high] - slow[high] / z
    if low > 0:
        v = z * nu[-1]
        factor = -1.0
        for k in range(1, RELAXATION_TERMS + 1):
            factor *= -v / (k + 1)
            total += factor * moments[low, k]
    middle = 0.0
    for i in range(low, high):
        v = nu[i] * z
        middle += r[i] * (1.0 - (1.0 - _exp_minus(v)) / v)
    return total + middle


@compiled
def _squared_oscillation(theta, E, c, band_edge, T):
    """|A|^2 (1 - W^2)/64 of the inverse-square-root edge: what the removed oscillation leaves in second order.

    A = int dE c(E)/E exp(i E theta); while the whole band is within 40 rad the sum itself, beyond that its band edge,
    |A|^2 = pi/(2 |s + i Lambda0/T|), whose relative error 1/s^2 is harmless in a correction of 1e-7.
    """
    s = band_edge * theta
    if band_edge == 0.0 or s < 10.0 or s > LINEAR_PHASE:
        return 0.0
    if (E[-1] - E[0]) * theta < 40.0:
        cosine, sine = 0.0, 0.0
        for i in range(len(E)):
            cosine += c[i] / E[i] * np.cos((E[i] - E[0]) * theta)
            sine += c[i] / E[i] * np.sin((E[i] - E[0]) * theta)
        square = cosine * cosine + sine * sine
    else:
        square = math.pi / (2.0 * math.hypot(s, band_edge / T))
    w = 0.5 * math.erfc((s - WINDOW_CENTRE) / (math.sqrt(2.0) * WINDOW_WIDTH))
    return square * (1.0 - w * w) / 64.0


@compiled
def _panels(
    E, c, moments1, rest1, nu, r, moments3, rest3, slow, band_edge, cut_off, T, theta_tau, chi_min, b_min, rule, table
):
    """Nodes u = ln(theta), weights, J1 and q on panels from theta_tau until Gamma is large or linear for every cell."""
    nodes = np.empty((MAX_PANELS, NODES))
    weight = np.empty((MAX_PANELS, NODES))
    j1 = np.empty((MAX_PANELS, NODES))
    q = np.empty((MAX_PANELS, NODES))
    start = np.empty(MAX_PANELS + 1)
    u = math.log(theta_tau)
    start[0] = theta_tau
    count = 0
    while count < MAX_PANELS:
        width = PANEL
        for frequency in (band_edge, cut_off):
            x = frequency * start[count]
            if 0.0 < x < X_HIGH:
                width = min(width, math.log1p(PHASE / x))
        t = 0.0
        for j in range(NODES):
            nodes[count, j] = u + width * rule[0, j]
            t = math.exp(nodes[count, j])
            weight[count, j] = width * rule[1, j]
            j1[count, j] = _resonant(t, E, c, moments1, rest1, table)
            q[count, j] = _squared_oscillation(t, E, c, band_edge, T)
        gamma1 = b_min * 0.25 * t * j1[count, NODES - 1]
        gamma3 = b_min * 0.25 * t * _relaxation(chi_min * t, nu, r, moments3, rest3, slow)
        u += width
        count += 1
        start[count] = math.exp(u)
        linear1 = start[count] * E[0] > LINEAR_PHASE
        linear3 = linear1 and chi_min * start[count] * nu[0] > V_HIGH
        if (linear1 or gamma1 > 1.01 * GAMMA_END) and (linear3 or gamma3 > 1.01 * GAMMA_END):
            break
    return nodes[:count], weight[:count], j1[:count], q[:count], start[: count + 1]


@compiled
def _relaxation_series(first, last, nu, r, moments3, rest3, slow, nodes, fit):
    """Chebyshev coefficients of J3 on the panels first..last of width TABLE in ln(z), panel p from p TABLE on."""
    series = np.zeros((last - first + 1, DEGREE))
    for p in range(last - first + 1):
        for i in range(DEGREE):
            value = _relaxation(math.exp((first + p + nodes[i]) * TABLE), nu, r, moments3, rest3, slow)
            for k in range(DEGREE):
                series[p, k] += fit[k, i] * value
    return series


@compiled
def _relaxation_part(chi, u, quarter, nu, moments3, rest3, slow, series, first, out):
    """out = (theta/4) J3(chi theta) at the nodes u = ln(theta), with quarter = theta/4.

    The power series and the linear law at the two ends, between them the Chebyshev series, a panel at a time.
    """
    b1 = np.empty(NODES)
    b2 = np.empty(NODES)
    x2 = np.empty(NODES)
    row = np.empty(NODES, np.int64)
    log_chi = math.log(chi)
    lowest = math.log(V_LOW / nu[-1])
    highest = math.log(V_HIGH / nu[0])
    for p in range(len(u)):
        if log_chi + u[p, NODES - 1] > lowest and log_chi + u[p, 0] < highest:
            for j in range(NODES):
                position = min(max(log_chi + u[p, j], lowest), highest) / TABLE
                panel = math.floor(position)
                x2[j] = 4.0 * (position - panel) - 2.0
                row[j] = int(panel) - first
                b1[j] = 0.0
                b2[j] = 0.0
            for k in range(DEGREE - 1, 0, -1):
                for j in range(NODES):
                    b = x2[j] * b1[j] - b2[j] + series[row[j], k]
                    b2[j] = b1[j]
                    b1[j] = b
            for j in range(NODES):
                out[p, j] = quarter[p, j] * (0.5 * x2[j] * b1[j] - b2[j] + series[row[j], 0])
        if log_chi + u[p, 0] <= lowest or log_chi + u[p, NODES - 1] >= highest:
            for j in range(NODES):
                z = 4.0 * chi * quarter[p, j]
                if log_chi + u[p, j] <= lowest:
                    total, factor = 0.0, -1.0
                    for k in range(1, RELAXATION_TERMS + 1):
                        factor *= -z * nu[-1] / (k + 1)
                        total += factor * moments3[-1, k]
                    out[p, j] = quarter[p, j] * total
                elif log_chi + u[p, j] >= highest:
                    out[p, j] = quarter[p, j] * (rest3[0] - slow[0] / z)


@compiled
def _panel_moments(f, q, weight):
    """Sums over the first p panels of the coefficients of B^k in exp(-B f + B^2 q), for p = 0, 1, ..."""
    panels = len(f)
    moments = np.zeros((panels + 1, MOMENTS))
    term = np.empty(NODES)
    for p in range(panels):
        for j in range(NODES):
            term[j] = weight[p, j]
        moments[p + 1, 0] = moments[p, 0] + term.sum()
        for k in range(1, MOMENTS):
            total = 0.0
            inverse = -1.0 / k
            for j in range(NODES):
                term[j] *= f[p, j] * inverse
                total += term[j]
            moments[p + 1, k] = moments[p, k] + total
        square, cube = 0.0, 0.0
        for j in range(NODES):
            square += weight[p, j] * q[p, j]
            cube += weight[p, j] * q[p, j] * f[p, j]
        moments[p + 1, 2] += square
        moments[p + 1, 3] -= cube
    return moments


@compiled
def _panel_sum(b, f, q, weight):
    """The integral of exp(-B f) I0(2 B sqrt(q)) over one panel, with ln I0(x) = x^2/4 - x^4/64."""
    total = 0.0
    for j in range(NODES):
        y = b * b * q[j]
        total += weight[j] * _exp_minus(min(b * f[j] - y + 0.25 * y * y, 45.0))
    return total


@compiled
def _integral(f, q, weight, moments, log_b, linear, log_slope, offset):
    """ln(tau_phi/tau) for one B; NaN where Gamma neither ends nor becomes linear on the panels.

    From panel `linear` on f = slope theta - offset exactly (`log_slope` = ln(slope theta) there).
    """
    b = math.exp(log_b)
    panels = len(f)
    p = 0
    while p < panels and p < linear and b * f[p, NODES - 1] < GAMMA_SERIES:
        p += 1
    total, power = 0.0, 1.0
    for k in range(MOMENTS):
        total += power * moments[p, k]
        power *= b
    while p < panels and p < linear:
        if b * f[p, 0] > GAMMA_END:
            return total
        total += _panel_sum(b, f[p], q[p], weight[p])
        p += 1
    if p == linear:
        return total + math.exp(b * offset) * _exponential_integral(log_b + log_slope)
    if panels > 0 and b * f[panels - 1, NODES - 1] > GAMMA_END:
        return total
    return np.nan


@compiled
def log_tau_phi(
    E,
    c,
    nu,
    r,
    log_scale,
    band_edge,
    cut_off,
    T,
    theta_tau,
    chi,
    log_B,
    rule,
    table,
    nodes,
    fit,
    both,
    resonant,
    relaxation,
):
    """ln(tau_phi/tau) of one spectrum for rows of couplings: chi (R), log_B (R or 1, C); fills the three (R, C) arrays
    of the channels; an array of no rows is left alone."""
    moments1, rest1 = _powers(E, c, 2, RESONANT_TERMS)
    moments3, rest3 = _powers(nu, r, 1, RELAXATION_TERMS)
    slow = np.zeros(len(nu) + 1)
    for i in range(len(nu) - 1, -1, -1):
        slow[i] = slow[i + 1] + r[i] / nu[i]
    b_min = math.exp(log_B.min() + log_scale)
    u, weight, j1, q, start = _panels(
        E,
        c,
        moments1,
        rest1,
        nu,
        r,
        moments3,
        rest3,
        slow,
        band_edge,
        cut_off,
        T,
        theta_tau,
        chi.min(),
        b_min,
        rule,
        table,
    )
    panels = len(u)
    quarter = 0.25 * np.exp(u)
    f1 = quarter * j1
    linear1 = panels + 1
    for p in range(panels, -1, -1):
        if start[p] * E[0] > LINEAR_PHASE:
            linear1 = p
    none = np.zeros((panels, NODES))
    columns = log_B.shape[1]
    if len(resonant) > 0:
        moments = _panel_moments(f1, q, weight)
        log_slope = math.log(0.25 * rest1[0] * start[min(linear1, panels)])
        for i in range(len(resonant)):
            row = log_B[i if len(log_B) > 1 else 0]
            for k in range(columns):
                if i > 0 and len(log_B) == 1:
                    resonant[i, k] = resonant[0, k]
                else:
                    resonant[i, k] = _integral(f1, q, weight, moments, row[k] + log_scale, linear1, log_slope, 0.0)
    if len(both) == 0 and len(relaxation) == 0:
        return
    z_first = max(math.log(chi.min() * theta_tau), math.log(V_LOW / nu[-1]))
    z_last = min(math.log(chi.max() * start[panels]), math.log(V_HIGH / nu[0]))
    first = math.floor(z_first / TABLE)
    last = max(math.floor(z_last / TABLE), first)
    series = _relaxation_series(first, last, nu, r, moments3, rest3, slow, nodes, fit)
    f3 = np.empty((panels, NODES))
    for i in range(len(chi)):
        row = log_B[i if len(log_B) > 1 else 0]
        _relaxation_part(chi[i], u, quarter, nu, moments3, rest3, slow, series, first, f3)
        linear = panels + 1
        for p in range(panels, -1, -1):
            if start[p] * E[0] > LINEAR_PHASE and chi[i] * start[p] * nu[0] > V_HIGH:
                linear = p
        end = start[min(linear, panels)]
        offset = 0.25 * slow[0] / chi[i]
        if len(relaxation) > 0:
            moments = _panel_moments(f3, none, weight)
            log_slope = math.log(0.25 * rest3[0] * end)
            for k in range(columns):
                relaxation[i, k] = _integral(f3, none, weight, moments, row[k] + log_scale, linear, log_slope, offset)
        if len(both) > 0:
            f = f1 + f3
            moments = _panel_moments(f, q, weight)
            log_slope = math.log(0.25 * (rest1[0] + rest3[0]) * end)
            for k in range(columns):
                both[i, k] = _integral(f, q, weight, moments, row[k] + log_scale, linear, log_slope, offset)
