"""Two-level systems with two-channel Kondo effect in the phenomenology of paper 004, eqs. (19)-(24).

Each system has a Kondo temperature T_K and a splitting Delta, distributed as P(T_K/T_K*, Delta/Delta*). With X = T_K/T,
Y = Delta/T, an average is an integral over X and Y, done analytically for the box and in one of them for exp(-x-y).
"""

import math

import numpy as np

from physics.constants import BOLTZMANN, ELECTRON_MASS, HBAR
from physics.electrons.definition import decay_time
from physics.numerics.compiled import compiled, compiled_entry
from physics.numerics.exponential_integrals import exponential_integral_table, exponential_integrals
from physics.numerics.quadrature import gauss_legendre
from physics.parameters import PARAMETERS, Parameter, ParameterError

DISTRIBUTIONS = ("exponential", "box")
CONVENTIONS = ("consistent", "published")
SPECIFIC_HEAT = {"consistent": np.pi**2 / 2, "published": 1.5}
"""C_e over n_e k_B^2 T/eps_F: Sommerfeld's, and eq. (7)."""
INVERSE_E = math.exp(-1.0)
# Exponentials below exp(-DEEP) of their largest value are left out.
DEEP = 40.0
# Panels of an integral at most; each takes a quarter of the range of a logarithm or more, which is 700 for T/T_K* of
# 1e-300, where they are long.
PANELS = 1000


def cross_section(x, y) -> np.ndarray:
    """chi(x, y), eq. (21): inelastic cross-section of one system in units of 4 pi/k_F^2, made continuous.

    x = T_K/T and y = Delta/T (1, > 0, arrays that broadcast). 1 for x >= 1, y^2 <= x; x^2/y^4 for x >= 1,
    x < y^2 <= x^2; otherwise [l max(1, y l)]^-2 with l = max(1, ln max(1/x, y/x)), where the paper has no max(1, ...),
    which diverges. Raises ParameterError.
    """
    x = Parameter("x", "x", "1", "Kondo temperature over temperature").check(x)
    y = Parameter("y", "y", "1", "splitting over temperature").check(y)
    logarithm = np.maximum(1.0, np.log(np.maximum(1.0, y) / x))
    weak = (logarithm * np.maximum(1.0, y * logarithm)) ** -2
    crossed = np.where(y * y <= x, 1.0, x * x / y**4)
    return np.where((x >= 1) & (y <= x), crossed, weak)


def dephasing_ratio(T, TKstar, Deltastar, *, distribution="exponential") -> np.ndarray:
    """tau_0/tau_phi, eq. (22), with `cross_section`, in the broadcast shape; 1/tau_0 = 4 pi n_T v_F/k_F^2.

    T (K); TKstar, Deltastar (K) cut-offs of Kondo temperatures and splittings; arrays that broadcast.
    distribution: P(x, y) = exp(-x - y) ("exponential") or 1 for x, y < 1 ("box", in closed form). Relative accuracy
    1e-9 for T/TKstar 1e-5 ... 1e5 and Deltastar/T 1e-6 ... 1e5. Limits: `physics.electrons.kondo_laws`. Raises
    ParameterError.
    """
    given = {"T": T, "TKstar": TKstar, "Deltastar": Deltastar}
    checked = {name: PARAMETERS[name].check(value) for name, value in given.items()}
    return _averages(**checked, distribution=distribution)[0]


def kondo(
    T,
    TKstar,
    Deltastar,
    *,
    distribution,
    convention,
    variables,
    definition="logarithm_2d",
    n_T=None,
    eps_F=None,
    n_e=None,
    omega=None,
    Pd_glass=None,
    Estar_glass=None,
    p_min=None,
):
    """The variables of the quantity `kondo` (see `physics.QUANTITIES`) as a dict of arrays of the broadcast shape.

    tau0_over_tau_phi (1) as `dephasing_ratio`. C_per_tls, W_per_tls count the systems to which the formulas of the
    paper apply. C_per_tls (J/K): k_B <(T/T_K) ln(T_K/T)> over T < T_K, Delta^2 < T T_K. W_per_tls (s/J): W/(n_T a^2
    omega^2) from (12) with p = 0, hbar omega << k_B T, over min(Delta, Delta^2/T_K) < T, with the relaxation rate
    Gamma = T_K for T < T_K, T/max(1, ln(T/T_K))^2 above (an energy): hbar/(16 k_B^2 T) <1/Gamma> with convention
    "published", four times this with "consistent" (the drive of (10) in (12)).

    With n_T (1/m3) systems and n_e (1/m3) free electrons of the Fermi energy eps_F (J), scalars: tau_phi (s),
    `physics.electrons.definition.decay_time` of the rate tau0_over_tau_phi/tau_0, 1/tau_0 = `unitary_rate`; regime
    (uint8): 1, or 2 where hbar times this rate is k_B T or more, outside the theory's domain; C_ratio (1): n_T
    C_per_tls over C_e = (pi^2/2) n_e k_B^2 T/eps_F, with "published" over (3/2) n_e k_B^2 T/eps_F, eq. (7);
    W_over_glass (1): n_T W_per_tls at omega (rad/s) over `glass_plateau` with the same drive.

    status (uint8): 0, or 1 where an integral does not converge and all numbers are NaN. Relative accuracy as
    `dephasing_ratio`. Raises ParameterError.
    """
    _known(convention)
    ratio, heat, absorption = _averages(T, TKstar, Deltastar, distribution=distribution)
    factor = (1.0 if convention == "published" else 4.0) * HBAR / (16 * BOLTZMANN**2)
    result = {
        "tau0_over_tau_phi": ratio,
        "C_per_tls": BOLTZMANN * heat,
        "W_per_tls": factor * absorption / np.asarray(T) ** 2,
        "status": np.where(np.isnan(ratio), np.uint8(1), np.uint8(0)),
    }
    if {"tau_phi", "regime"} & set(variables):
        rate = ratio * unitary_rate(n_T, eps_F=eps_F)
        result["tau_phi"] = decay_time(rate, definition=definition)
        result["regime"] = np.where(HBAR * rate >= BOLTZMANN * np.asarray(T), np.uint8(2), np.uint8(1))
    if "C_ratio" in variables:
        electrons = SPECIFIC_HEAT[convention] * n_e * BOLTZMANN * np.asarray(T) / eps_F
        result["C_ratio"] = n_T * heat / electrons
    if "W_over_glass" in variables:
        glass = glass_plateau(T, omega, Pd_glass, Estar_glass, p_min=p_min, convention=convention)
        result["W_over_glass"] = n_T * result["W_per_tls"] / glass
    return {name: result[name] for name in variables}


def glass_plateau(T, omega, Pd_glass, Estar_glass, *, p_min=None, convention="consistent"):
    """W/(a omega)^2 (s/(J m3)) of a metallic glass that relaxes fast, hbar omega << chi k_B T, whatever chi is.

    (P/2 omega) [c tanh(E*/2T) + pi tanh(hbar omega/2T)], the limits of (16) and (10) of paper 004. T, Estar_glass (K),
    omega (rad/s), Pd_glass (1/(J m3)). "consistent": c = pi/2, as the drive of (10) has it, and P = Pd_glass/arccosh(
    p_min^(-1/2)), Pd_glass counting all systems; "published": c = pi/4, P = Pd_glass = n_T/E*, without p_min.
    To rounding in this limit; corrections are of relative order chi and hbar omega/(chi k_B T). Raises ParameterError.
    """
    _known(convention)
    given = {"T": T, "omega": omega, "Pd_glass": Pd_glass, "Estar_glass": Estar_glass}
    T, omega, density, Estar_glass = (PARAMETERS[name].check(value) for name, value in given.items())
    relaxation = np.pi / 4
    if convention == "consistent":
        p_min = PARAMETERS["p_min"].check(p_min)
        density = density / np.arcsinh(np.sqrt((1 - p_min) / p_min))
        relaxation = np.pi / 2
    resonant = np.pi * np.tanh(HBAR * omega / (2 * BOLTZMANN * T))
    return density / (2 * omega) * (relaxation * np.tanh(Estar_glass / (2 * T)) + resonant)


def unitary_rate(n_T, *, eps_F):
    """1/tau_0 = 4 pi n_T v_F/k_F^2 (1/s), before (22), of n_T (1/m3) systems; eps_F (J) of free electrons; any shapes.

    4 pi/k_F^2 is the unitary limit of elastic scattering of s-waves. Of inelastic scattering it is pi/k_F^2, so that
    this is four times the largest inelastic rate. To rounding. Raises ParameterError.
    """
    n_T, eps_F = PARAMETERS["n_T"].check(n_T), PARAMETERS["eps_F"].check(eps_F)
    v_F = np.sqrt(2 * eps_F / ELECTRON_MASS)
    return 4 * np.pi * n_T * v_F * (HBAR / (ELECTRON_MASS * v_F)) ** 2


def _known(convention):
    if convention not in CONVENTIONS:
        raise ParameterError(f"convention = {convention!r} is unknown; allowed: {', '.join(CONVENTIONS)}")


def _averages(T, TKstar, Deltastar, *, distribution):
    """<cross-section>, <C/k_B>, <T/Gamma> in the broadcast shape."""
    if distribution not in DISTRIBUTIONS:
        raise ParameterError(f"distribution = {distribution!r} is unknown; allowed: {', '.join(DISTRIBUTIONS)}")
    ratios = np.divide(T, TKstar), np.divide(Deltastar, TKstar), np.subtract(TKstar, T) / T
    # Copies: for read-only arrays Numba would compile a second version.
    rows = [np.array(a) for a in np.broadcast_arrays(*ratios)]
    tables = exponential_integral_table(), gauss_legendre()
    values = _each(*(a.ravel() for a in rows), distribution == "box", *tables)
    return values.reshape(3, *rows[0].shape)


@compiled_entry
def _each(temperatures, splittings, beyond, is_box, table, rule):
    result = np.empty((3, len(temperatures)))
    for i in range(len(temperatures)):
        t, d = temperatures[i], splittings[i]
        result[:, i] = _box(t, d, beyond[i], table) if is_box else _exponential(t, d, table, rule)
    return result


@compiled
def _tails(u, table):
    """int_u^inf exp(-v) v^-n dv for n = 2, 3, 4."""
    _, _, second, third, fourth = exponential_integrals(u, table)
    return second / u, third / u**2, fourth / u**3


@compiled
def _weak(A, B, log_A, table):
    """The integral of the cross-section over X < A, Y < B outside 1 < X, Y < X."""
    log_B = math.log(B)
    # X = exp(-u) < 1/e, Y < 1: u^-2 up to Y = 1/u, (Y u^2)^-2 beyond.
    c = max(1.0, -log_A)
    width = min(B, 1.0)
    second, third, fourth = _tails(c, table)
    if width * c >= 1.0:
        total = 2 * third - fourth / width
    else:
        second_end, third, fourth = _tails(1 / B, table)
        total = B * (second - second_end) + 2 * third - fourth / B
    if A > INVERSE_E:
        total += (min(A, 1.0) - INVERSE_E) * width
    if B > 1.0:
        # Y = exp(v) > 1, X = Y w < Y: dw dv l(w)^-4.
        edge = _tails(1.0, table)[2]
        v1 = min(max(log_A, 0.0), log_B)
        v2 = min(max(log_A + 1, 0.0), log_B)
        total += (edge + 1 - INVERSE_E) * v1
        total += (edge - INVERSE_E) * (v2 - v1) + A * (math.exp(-v1) - math.exp(-v2))
        if v2 < log_B:
            low, high = v2 - log_A, log_B - log_A
            _, third, fourth = _tails(low, table)
            _, third_end, fourth_end = _tails(high, table)
            total += high * fourth_end - low * fourth + third - third_end
    return total


@compiled
def _box(t, d, beyond, table):
    """The averages with 1 for x, y < 1; `beyond` = (T_K* - T)/T = A - 1 has the digits that A has lost near 1."""
    A, B = 1 / t, d / t
    log_A = math.log1p(beyond) if beyond > 0.0 else math.log(A)
    rate = _weak(A, B, log_A, table)
    heat = 0.0
    reach = min(A, INVERSE_E)
    u = -math.log(reach)
    absorption = reach * (u * u + 2 * u + 2) + max(0.0, min(A, 1.0) - INVERSE_E)
    absorption *= min(B, 1.0)
    if beyond > 0.0:
        # Y^2 < X: up to X = m the bound is sqrt(X), above it is B.
        m = min(A, max(B, 1.0) ** 2)
        log_m = log_A if m == A else math.log(m)
        rate += B * (A - m)
        # Sums may be reordered, and for B < 1 nothing that is not small may stand in them.
        if B > 1.0:
            # X < Y^2 < X^2, Y < B
            k = min(A, B)
            rate += 2 / 3 * (m**1.5 - 1) + (2 / 3 * (k**1.5 - 1) - math.log(k)) / 3
            rate += (2 / 3 * (m**1.5 - k**1.5) - (m**3 - k**3) / (3 * B**3)) / 3
        # int_1^m ln X/sqrt(X) dX = 4 int_0^(ln(m)/2) z exp(z) dz
        z = 0.5 * log_m
        heat = 4 * _first_moment(z) + 0.5 * B * (log_A - log_m) * (log_A + log_m)
        absorption += 2 * math.expm1(z) + B * (log_A - log_m)
    return rate / (A * B), heat / (A * B), absorption / (A * B)


@compiled
def _first_moment(z):
    """int_0^z v exp(v) dv = 1 + (z - 1) exp(z), without cancellation."""
    if z > 0.5:
        return 1 + (z - 1) * math.exp(z)
    total, power = 0.0, z * z
    for k in range(14):
        total += power / (k + 2)
        power *= z / (k + 1)
    return total


@compiled
def _exponential(t, d, table, rule):
    """The averages with exp(-x - y); NaN where PANELS do not get to the end."""
    s = t / d
    # 1/e < X < 1, Y < 1
    between = math.exp(-t * INVERSE_E) * -math.expm1(-t * (1 - INVERSE_E))
    below = -math.expm1(-s)
    rate, heat, absorption = between * below, 0.0, between * below
    end = exponential_integrals(s, table)[2]
    # Y > 1, 1/e < X/Y < 1
    if t > 1.0:
        part = exponential_integrals(t * INVERSE_E + s, table)[2] - exponential_integrals(t + s, table)[2]
        rate += s * part
    else:
        # the same without the cancellation
        for j in range(rule.shape[1]):
            X = INVERSE_E + (1 - INVERSE_E) * rule[0, j]
            rate += t * s * (1 - INVERSE_E) * rule[1, j] * exponential_integrals(t * X + s, table)[1]
    # X = exp(-u) < 1/e, Y < 1; and Y > 1, X/Y = exp(-u) < 1/e
    low = max(1.0, math.log(t / DEEP))
    last = max(1.0, math.log(t)) + 27.0
    for _ in range(PANELS):
        if low >= last:
            break
        high = low + min(0.75 * low, 3.5)
        z = t * math.exp(-low)
        if z > 12.0:
            high = min(high, low - math.log1p(-12.0 / z))
        for j in range(rule.shape[1]):
            u = low + (high - low) * rule[0, j]
            X = math.exp(-u)
            weight = (high - low) * rule[1, j] * t * X
            fast = math.exp(-t * X)
            inner = -math.expm1(-s / u)
            outer = s * (u * exponential_integrals(s / u, table)[2] - end)
            both = s * exponential_integrals(t * X + s, table)[1]
            rate += weight * (fast * (inner + outer / (u * u)) + both / (u * u)) / (u * u)
            absorption += weight * fast * below * u * u
        low = high
    if low < last:
        return math.nan, math.nan, math.nan
    # X = exp(v) > 1, Y < X; exp(-tX) is 0 for t > 745
    if t >= 745.0:
        return rate, heat, absorption
    low = 0.0
    last = math.log1p(DEEP / t)
    for _ in range(PANELS):
        if low >= last:
            return rate, heat, absorption
        high = low + min(1.8, math.log1p(12.0 / t * math.exp(-low)))
        for j in range(rule.shape[1]):
            v = low + (high - low) * rule[0, j]
            X = math.exp(v)
            root = math.exp(0.5 * v)
            weight = (high - low) * rule[1, j] * t * math.exp(-t * X)
            inner = -math.expm1(-s * root)
            fourth = root * exponential_integrals(s * root, table)[4] - exponential_integrals(s * X, table)[4] / X
            rate += weight * X * (inner + s * fourth)
            heat += weight * v * inner
            absorption += weight * inner
        low = high
    return math.nan, math.nan, math.nan
