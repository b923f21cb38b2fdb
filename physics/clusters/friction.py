"""Internal friction of cluster excitations, on the plateau and off it, paper 003, eqs. (7.7)-(7.9).

On the plateau

    Q^-1 = P Delta0 U,   U = U0 n_eff,   P(Delta0) = (Pd/|L_*|) P_n(t)/Delta0,   n = n_eff = ln(W/Delta0)/|L_*|,

at the amplitude Delta0 whose relaxation rate A Delta0^2 T is omega. With pi Pd U0 = chi and t = chi xi_T,

    Q^-1 = t n P_n(t)/(pi xi_T |L_*|),   xi_T = (1/3) ln(W/T),   |L_*| = ln(W/Delta0_*).
"""

import numpy as np

from physics.clusters.coagulation import T_END
from physics.clusters.densities import CHI_SMALL, LAMBDA0_SMALL, chi_rg, trajectory
from physics.clusters.flags import FRICTION as STATUS
from physics.clusters.relaxation import friction
from physics.parameters import PARAMETERS

PRINTED = 4e-2
"""The paper's 3 eta/pi; exactly 3/(8 pi^2) = 0.0380."""


def resonant_amplitude(T, omega, A_phonon):
    """Delta0 = sqrt(omega/(A T)) (K), (7.8): the amplitude that relaxes at the rate omega at Delta0 ~ T.

    T (K), omega (rad/s), A_phonon (1/(s K3)), where A Delta0^2 T is the rate by one phonon. Raises ParameterError.
    """
    values = {"T": T, "omega": omega, "A_phonon": A_phonon}
    T, omega, A = (PARAMETERS[name].check(value) for name, value in values.items())
    return np.sqrt(omega / (A * T))


def least_temperature(omega, A_phonon):
    """(omega/A)^(1/3) (K): below it no amplitude Delta0 < T relaxes at the rate omega, and there is no plateau."""
    return np.cbrt(PARAMETERS["omega"].check(omega) / PARAMETERS["A_phonon"].check(A_phonon))


def internal_friction(T, omega, Lambda0, Pd, Estar, *, U0, A_phonon, variables, region="plateau"):
    """The variables of the quantity `internal_friction` (see `physics.QUANTITIES`) as a dict of arrays.

    Q_inverse (1): Q^-1 with the accurate P_n(t) for b = sqrt(km), of real n as `clusters.trajectory` interpolates it,
    relative accuracy 1e-8; region "plateau": as above, 0 for n_eff < 1; "all": at any T and omega, the integral over
    levels of `physics.clusters.relaxation.friction`, NaN for Delta0_* > W/2. Q_inverse_printed (1):
    4e-2/[ln(W/T) ln(W/Delta0)], the last formula of the paper, without its factor ln(n_eff t^a). n_eff (1). status,
    bits:

        plateau_does_not_exist  Delta0 >= T: omega tau ~ 1 cannot be met, the values of the plateau are formal
        W_not_largest           T, Delta0_* or Delta0 >= W: all are NaN
        out_of_table            t > 30: Q_inverse is NaN
        n_eff_below_1           Delta0 > Delta0_*: no cluster has this amplitude
        chi_rg_not_small        chi = pi Pd U0 > 0.3
        Lambda0_not_small       Delta0_* > 0.1 W
        beyond_validity         n_eff > (2t/chi)^2
        step_functions_ignored  T < Delta0_*: by (4.15) single centres would merge no more

    Parameters (arrays that broadcast; pass an open grid): T, Lambda0 = Delta0_*, Estar = W (K), omega (rad/s), Pd
    (1/(J m3)). Scalars: U0 (J m3), A_phonon (1/(s K3)). Factors of order 1 of (7.7) are left out, as in the paper.
    """
    T, omega, Lambda0, Pd, Estar = (np.asarray(a, dtype=np.float64) for a in (T, omega, Lambda0, Pd, Estar))
    chi = chi_rg(Pd, U0)
    Delta0 = np.sqrt(omega / (A_phonon * T))
    defined = (T < Estar) & (Lambda0 < Estar) & (Delta0 < Estar)
    three_xi = np.log(np.where(T < Estar, Estar / T, np.e))
    L = np.log(np.where(Lambda0 < Estar, Estar / Lambda0, np.e))
    magnitude = np.log(np.where(Delta0 < Estar, Estar / Delta0, np.e))
    n = magnitude / L
    t = chi * three_xi / 3
    solved = t <= T_END
    result = {"n_eff": np.where(defined, n, np.nan)}
    if "Q_inverse" in variables:
        inside = n >= 1
        P = trajectory("sqrt").P(np.where(inside, n, 1.0), np.where(solved, t, 1.0))
        absorbed = chi / np.pi * n * np.where(inside, P, 0.0) / L
        if region == "all":
            absorbed = _each(friction, defined & solved & (2 * Lambda0 <= Estar), T, omega, L, Estar, chi, A_phonon)
        result["Q_inverse"] = np.where(defined & solved, absorbed, np.nan)
    if "Q_inverse_printed" in variables:
        result["Q_inverse_printed"] = np.where(defined, PRINTED / (three_xi * magnitude), np.nan)
    shape = np.broadcast_shapes(*(a.shape for a in (T, omega, Lambda0, Pd, Estar)))
    if "status" in variables:
        bits = {
            "plateau_does_not_exist": Delta0 >= T,
            "W_not_largest": ~defined,
            "out_of_table": ~solved,
            "n_eff_below_1": defined & (n < 1),
            "chi_rg_not_small": chi > CHI_SMALL,
            "Lambda0_not_small": Lambda0 > LAMBDA0_SMALL * Estar,
            "beyond_validity": defined & (n > (2 * three_xi / 3) ** 2),
            "step_functions_ignored": defined & (T < Lambda0),
        }
        status = np.zeros(shape, dtype=np.uint8)
        for name, holds in bits.items():
            status |= np.where(holds, np.uint8(STATUS[name]), np.uint8(0))
        result["status"] = status
    return {name: np.array(np.broadcast_to(result[name], shape)) for name in variables}


def _each(function, known, *arguments):
    """The function of scalars for each cell of the broadcast shape, NaN where not `known`."""
    known, *rows = np.broadcast_arrays(known, *arguments)
    cells = zip(known.flat, *(row.flat for row in rows), strict=True)
    return np.array([function(*map(float, cell)) if use else np.nan for use, *cell in cells]).reshape(known.shape)
