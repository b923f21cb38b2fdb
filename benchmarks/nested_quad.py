"""The dephasing time as a user's own script computes it today: `scipy.integrate.quad` inside `scipy.integrate.quad`.

Tunnelling-states model, eqs. (34), (37) of paper 001, with E = Lambda0 cosh(y), s = Lambda0 t/hbar, a = Lambda0/2T:

    Gamma1 = (t/4 tau_Lambda) int dy sech^2(a cosh y)/cosh y [1 - sinc(s cosh y)],
    Gamma3 = (t/4 tau_Lambda) int dy sinh^2 y/cosh y sech^2(a cosh y) [1 - (1 - exp(-v))/v],
    v = 2 chi s coth(a cosh y)/cosh y.

Nothing here is shared with `physics`.
"""

from math import acosh, cosh, exp, expm1, log, pi, sin, sinh, tanh

from scipy.constants import hbar, k
from scipy.integrate import quad

# Relative accuracy asked of the inner and of the outer integral: what a result of 1e-8 needs.
INNER, OUTER = 1e-10, 1e-10
# Break points of the outer integral, in ln(t) before its end.
BREAKS = (0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 7.0, 10.0)
# Up to this phase of the band edge `quad` is given the integral as it stands; beyond, as a Fourier integral.
PLAIN_PHASE = 30.0


def tau_phi(T, Lambda0, Pd, chi, Estar, *, sigma_in, v_F, tau):
    """Dephasing time (s) at one point, in the units of the vocabulary; Estar above Lambda0."""
    rate = Lambda0 * k * Pd * sigma_in * v_F
    a = Lambda0 / (2 * T)
    # Beyond a cosh(y) = 25 nothing is thermally active.
    top = acosh(max(1.0 + 1e-12, min(Estar / Lambda0, 25.0 / a + 1.0)))

    def dephased(u):
        t = exp(u)
        s = Lambda0 * k / hbar * t
        exponent = rate * t / 4 * (resonant(s, a, top) + relaxation(chi * s, a, top))
        return exp(-exponent) if exponent < 700 else 0.0

    # In ln(t) the integrand is 1, then oscillates, then falls to 0: break the integral often there, or quad misses it.
    end = first = log(tau)
    while dephased(end) > 1e-20:
        end += 0.5
    breaks = [end - step for step in BREAKS if end - step > first]
    total, _ = quad(dephased, first, end, points=breaks, epsabs=0, epsrel=OUTER, limit=500)
    return tau * exp(total)


def resonant(s, a, top):
    """The integral in Gamma1."""
    if s < PLAIN_PHASE:

        def bracket(y):
            x = s * cosh(y)
            return x * x / 6 * (1 - x * x / 20) if x < 1e-2 else 1 - sin(x) / x

        return _quad(lambda y: bracket(y) / (cosh(y) * cosh(a * cosh(y)) ** 2), 0.0, top)
    plain = _quad(lambda y: 1 / (cosh(y) * cosh(a * cosh(y)) ** 2), 0.0, top)
    return plain - _fourier(s, a, top) / s


def _fourier(s, a, top):
    """int dy sech^2(a cosh y)/cosh^2(y) sin(s cosh y), in x = cosh(y) by the rules that `quad` has for oscillations."""
    end = cosh(top)

    def smooth(x):
        return 1 / (x * x * (x + 1) ** 0.5 * cosh(a * x) ** 2)

    # Near the band edge x = 1 + w^2 takes the inverse square root away; beyond it the rule for sin(s x) applies.
    near = min(1.0 + 20 * pi / s, end)
    total, _ = quad(
        lambda w: 2 * smooth(1 + w * w) * sin(s * (1 + w * w)),
        0.0,
        (near - 1) ** 0.5,
        epsabs=1e-12,
        epsrel=INNER,
        limit=500,
    )
    if near < end:
        total += quad(
            lambda x: smooth(x) / (x - 1) ** 0.5, near, end, weight="sin", wvar=s, epsabs=1e-12, epsrel=INNER, limit=500
        )[0]
    return total


def relaxation(z, a, top):
    """The integral in Gamma3, with z = chi s."""

    def integrand(y):
        x = cosh(y)
        v = 2 * z / (x * tanh(a * x))
        bracket = v / 2 * (1 - v / 3 * (1 - v / 4)) if v < 1e-4 else 1 + expm1(-v) / v
        return bracket * sinh(y) ** 2 / (x * cosh(a * x) ** 2)

    return _quad(integrand, 0.0, top)


def _quad(function, low, high):
    return quad(function, low, high, epsabs=0, epsrel=INNER, limit=500)[0]
