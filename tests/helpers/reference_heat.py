"""The heat of tunnelling states in the slow and obvious way: eq. (8) of paper 004 over the levels of (37) of 001."""

from itertools import pairwise

import mpmath


def tunnelling_states(T, Lambda0, Estar):
    """C/(Pd k_B^2) (K) = int_0^sqrt(E*^2 - Lambda0^2) dDelta (E/2T)^2 sech^2(E/2T), E^2 = Delta^2 + Lambda0^2, in 40
    digits from the numbers as they are given."""
    with mpmath.workdps(40):
        T, Lambda0, Estar = mpmath.mpf(T), mpmath.mpf(Lambda0), mpmath.mpf(Estar)
        end = mpmath.sqrt((Estar - Lambda0) * (Estar + Lambda0))

        def level(Delta):
            # Relative to the lowest level: the quadrature's tolerance is absolute.
            y = mpmath.sqrt(Delta**2 + Lambda0**2) / (2 * T)
            return y**2 * mpmath.sech(y) ** 2 * mpmath.exp(Lambda0 / T)

        scales = [T, Lambda0, mpmath.sqrt(Lambda0 * T)]
        edges = sorted({0, end, *(s * 2**k for s in scales for k in range(-2, 8) if s * 2**k < end)})
        return float(mpmath.fsum(mpmath.quad(level, edge) for edge in pairwise(edges)) * mpmath.exp(-Lambda0 / T))
