"""The spectrum of a magnetic grain whose bias diffuses with the nuclear spins: eq. (7) of paper 002 at a finite T2.

The bias wanders as a diffusion, <(eps(t) - eps(0))^2> = D t, D = N dw^2/T2 (before eq. (8)). For H = eps tau_z + Delta
tau_x, Delta = 2 Delta_tilde, the polarisation at each bias obeys Bloch's equations with (D/2) d^2/deps^2. In the
conjugate k of eps and the Laplace transform of t (s = -i omega) they become, for a flat bias,

    u' = -(q/2) v,   v' = -(q/2 + 2 Delta^2/q) u,   q(k) = s + D k^2/2,   u, v -> 0 for k -> inf,

and chi'' = (4 A Delta/omega^2) Re[u(0)/v(0)]. D = 0: u/v = q/(2 kappa), kappa = sqrt(q^2/4 + Delta^2), which is (7).
"""

import cmath
import math

import numpy as np
from scipy.integrate import solve_ivp

from physics.constants import BOLTZMANN, HBAR
from physics.grains.environment import diffusion_limit
from physics.grains.grains import resonant_fraction
from physics.grains.limits import DIFFUSION

# k = x exp(i ANGLE): the solution decays for ANGLE < pi/6 at infinity, for all omega, and 1/q has no pole before pi/4.
ANGLE = math.pi / 8
TURN = cmath.exp(1j * ANGLE)
# exp(-FORGOTTEN) of the start is left at k = 0.
FORGOTTEN = 34.0
TOLERANCE = 1e-12
STEPS = 4000
# Of |u/v|: a smaller real part is rounding, and 0.
FLOOR = 1e-6
OK, NARROW_BIAS, UNEVEN_BIAS, SLOWER_THAN_T2 = DIFFUSION.values()


def broadened(W, drift):
    """u(0)/v(0), whose real part is chi'' omega^2/(4 A Delta) (1), a number.

    W = omega/4 Delta_tilde (1), drift = D/Delta^3 (1), numbers above 0. Error 1e-11 of its magnitude. Limit drift -> 0:
    W/sqrt(W^2 - 1) for W > 1, and an imaginary number for W < 1. In the Riccati equation of u/v errors die out towards
    k = 0, from any start.
    """

    def rates(x):
        spread = 0.5 * drift * (x * TURN) ** 2
        # kappa^2 = q^2/4 + 1, without cancellation.
        return spread - 2j * W, (1 - W) * (1 + W) + spread * (0.25 * spread - 1j * W)

    def decay(x):
        fall = TURN * cmath.sqrt(rates(x)[1])
        return abs(fall.real), abs(fall)

    x = grown = 0.0
    step = 0.05 / max(decay(0.0)[1], 0.1 * drift**0.25, 0.1 * drift ** (1 / 3))
    for _ in range(STEPS):
        if 2 * grown > FORGOTTEN:
            break
        grown += step * decay(x + 0.5 * step)[0]
        x += step
        step *= 1.05

    def slope(x, r):
        q, square = rates(x)
        return TURN * (2 * square / q * r * r - 0.5 * q)

    q, square = rates(x)
    kappa = cmath.sqrt(square)
    start = q / (2 * kappa) * (1 if (TURN * kappa).real > 0 else -1)
    options = {"method": "DOP853", "rtol": TOLERANCE, "atol": TOLERANCE * 1e-3}
    return complex(solve_ivp(slope, (x, 0.0), [start], **options).y[0, -1])


def grain_diffusion(T, Delta_tilde, T2, omega, *, omega0, N_nuclei, domega0, convention, variables):
    """The variables of the quantity `grain_diffusion` (see `physics.QUANTITIES`) as a dict of arrays.

    susceptibility (s), chi'' = (4 A Delta/omega^2) Re[u(0)/v(0)] for lambda << 1 and overlapping groups, 0 where the
    real part is below 1e-6 of the magnitude; drift (1) = (N dw^2/T2)^(1/3)/Delta_tilde, which eq. (8) wants small.
    status: 1 narrow_bias, Delta_tilde > width/sqrt(2 pi); 2 uneven_bias, 2 Delta_tilde > k_B T/hbar; 3 slower_than_T2,
    omega T2 < 1, when the bias has diffused all over its group, whose edge the equation does not know.

    Parameters (an open grid): T (K), Delta_tilde (rad/s), T2 (s), omega (rad/s). Scalars: omega0, domega0 (rad/s),
    N_nuclei (1). convention as in `physics.grains.grains`. Relative accuracy 1e-5. Limits: eq. (7) for drift -> 0;
    chi'' -> 8 A Delta_tilde/omega^2 for omega -> inf. Paper 002, eqs. (7), (8). Raises ParameterError.
    """
    limit = diffusion_limit(N_nuclei, domega0, T2)
    A = resonant_fraction(T, Delta_tilde, omega0=omega0, N_nuclei=N_nuclei, convention=convention)
    result = {"drift": limit / Delta_tilde}
    if "susceptibility" in variables:
        W, drift = np.broadcast_arrays(omega / (4 * Delta_tilde), (limit / (2 * Delta_tilde)) ** 3)
        found = np.array([broadened(float(w), float(d)) for w, d in zip(W.flat, drift.flat, strict=True)])
        response = np.where(found.real > FLOOR * np.abs(found), found.real, 0.0).reshape(W.shape)
        result["susceptibility"] = 8 * A * (Delta_tilde / omega / omega) * response
    width = (omega0 if convention == "published" else 0.5 * omega0) * np.sqrt(N_nuclei)
    shape = np.broadcast_shapes(*(np.shape(a) for a in (T, Delta_tilde, T2, omega)))
    status = np.where(omega * T2 < 1, SLOWER_THAN_T2, OK)
    status = np.where(2 * Delta_tilde > BOLTZMANN * T / HBAR, UNEVEN_BIAS, status)
    status = np.where(Delta_tilde > width / math.sqrt(2 * math.pi), NARROW_BIAS, status)
    result["status"] = np.broadcast_to(status, shape).astype(np.uint8)
    return {name: np.asarray(result[name]) for name in variables}
