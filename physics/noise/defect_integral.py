"""Two-level defects in an asymmetric double well: the average of paper 000 before eq. (12), compiled.

Energies are in units of k_B T. The average over asymmetries B < B0 and tunnel splittings Omega < Omega_max, each with
the density 1/(Omega B0 lambda) and its share Omega^2/E^2 of inelastic scattering, E^2 = Omega^2 + B^2 > eps^2, is one
integral in polar coordinates,

    J(eps) = int_eps dE h(E) w(E),   w(E) = [min(1, B0/E) - sqrt(1 - min(1, Omega_max/E)^2)]_+ .
"""

import math

from physics.numerics.compiled import compiled, compiled_entry

SECH2, X_OVER_SINH = 0, 1
# Beyond this many k_B T above the lower limit nothing is left.
THERMAL_TAIL = 40.0
# exp(-x) is 0 beyond, and from x = 1e17 on x + ENERGY_PANEL need not be above x.
UNDERFLOW = 746.0
# The largest panels on which 16 Gauss-Legendre nodes leave a relative error below 1e-14: in E the poles of h are pi
# away from the axis, in t = arccosh(E/Omega_max) those of h and of tanh pi/2.
ENERGY_PANEL = 5.0
HYPERBOLIC_PANEL = 2.5
STEPS = 200
# Panels at most: those below 1 grow by a factor of 4 from 1e-300 on, and THERMAL_TAIL takes 8 more.
PANELS = 600


@compiled
def thermal_factor(x, kind):
    """h(x), x = E/k_B T: sech^2(x/2) or x/sinh(x); 1 for x -> 0."""
    if kind == SECH2:
        decay = math.exp(-x)
        return 4 * decay / (1 + decay) ** 2
    return 2 * x * math.exp(-x) / -math.expm1(-2 * x) if x > 0 else 1.0


@compiled
def weight(E, Omega, B0):
    """w(E), the share of the levels of energy E."""
    cosine = math.sqrt((1 - Omega / E) * (1 + Omega / E)) if E > Omega else 0.0
    return max((B0 / E if E > B0 else 1.0) - cosine, 0.0)


@compiled
def level_integral(eps, stop, Omega, B0, kind, rule):
    """J(eps) - J(stop) in units of k_B T; relative error below 1e-12; NaN where PANELS do not get there."""
    if eps > UNDERFLOW:
        return 0.0
    end = min(stop, eps + THERMAL_TAIL, math.hypot(B0, Omega))
    nodes = rule.shape[1]
    total, a = 0.0, eps
    for _ in range(PANELS):
        if a >= min(Omega, end):
            break
        b = min(a + ENERGY_PANEL, Omega, end)
        b = min(b, B0) if a < B0 else min(b, 4 * a)
        for i in range(nodes):
            E = a + (b - a) * rule[0, i]
            total += (b - a) * rule[1, i] * thermal_factor(E, kind) * (1.0 if a < B0 else B0 / E)
        a = b
    if a < min(Omega, end):
        return math.nan
    # From Omega on E = Omega cosh t, where the root of w is tanh t.
    a = max(eps, Omega)
    t = math.acosh(a / Omega)
    for _ in range(PANELS):
        if a >= end:
            return total
        b = min(Omega * math.cosh(t + HYPERBOLIC_PANEL), a + ENERGY_PANEL, end)
        if a < B0:
            b = min(b, B0)
        after = math.acosh(b / Omega)
        part = 0.0
        for i in range(nodes):
            s = t + (after - t) * rule[0, i]
            e = math.exp(s)
            sinh, cosh = (e - 1 / e) / 2, (e + 1 / e) / 2
            E = Omega * cosh
            w = sinh / (e * cosh) if a < B0 else (B0 / E - sinh / cosh) * sinh
            part += rule[1, i] * thermal_factor(E, kind) * w
        total += (after - t) * Omega * part
        a, t = b, after
    return math.nan


@compiled
def rate_with_defects(standard, kappa, Omega, B0, kind, rule):
    """The part of the defects in the solution of r = standard + kappa J(r): rates in units of k_B T/hbar.

    r - standard - kappa J(r) rises and is concave, because w h falls with E: Newton's method from `standard` stays
    below the root and does not overshoot. J is integrated once; after that only what a step takes away from it. NaN
    where STEPS do not get there.
    """
    rate = standard
    first = whole = level_integral(rate, math.inf, Omega, B0, kind, rule)
    for _ in range(STEPS):
        slope = weight(rate, Omega, B0) * thermal_factor(rate, kind) if rate > 0 else 1.0
        step = (standard + kappa * whole - rate) / (1 + kappa * slope)
        if step <= 1e-14 * rate:
            return kappa * whole
        whole -= level_integral(rate, rate + step, Omega, B0, kind, rule)
        rate += step
        if whole < 0.1 * first:
            first = whole = level_integral(rate, math.inf, Omega, B0, kind, rule)
    return math.nan


@compiled_entry
def defect_rows(standard, kappa, Omega, B0, kind, rule, out):
    """out[i] = `rate_with_defects` for each row of arguments, all of them one-dimensional arrays of equal length."""
    for i in range(out.size):
        out[i] = rate_with_defects(standard[i], kappa[i], Omega[i], B0[i], kind, rule)


@compiled_entry
def level_integral_rows(eps, Omega, B0, kind, rule, out):
    """out[i] = `level_integral` for each row of arguments, all of them one-dimensional arrays of equal length."""
    for i in range(out.size):
        out[i] = level_integral(eps[i], math.inf, Omega[i], B0[i], kind, rule)
