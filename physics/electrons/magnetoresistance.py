"""Magnetoresistance: what a magnetic field takes from the weak-localisation correction of a film or a wire.

The field shows the whole decay exp(-Gamma(t)) of the interference, and not one time: paper 001, after eq. (35), calls
it the clearest manifestation. Spin-orbit scattering and the electron-electron correction are left out.
"""

import numpy as np

from physics.constants import BOLTZMANN, ELEMENTARY_CHARGE, HBAR
from physics.electrons.flags import BEYOND_VALIDITY, EMPTY, NOT_CONVERGED, OK
from physics.electrons.grid import AT_ONCE, channel_integrals
from physics.levels.clusters import beyond_validity


def field_rate(H, *, geometry, D, width=None):
    """1/tau_H (1/s): 2 e H D/hbar of a film across the field, D (e H w/hbar)^2/3 of a wire of width w.

    H (T) is mu_0 H; D (m2/s); width (m), below the magnetic length sqrt(hbar/e H). To rounding.
    """
    if geometry == "film":
        return 2 * ELEMENTARY_CHARGE * H * D / HBAR
    return D * (ELEMENTARY_CHARGE * H * width / HBAR) ** 2 / 3


def magnetoresistance(
    T,
    Pd,
    chi,
    Estar,
    H,
    *,
    D,
    geometry,
    variables,
    background="none",
    Lambda0=None,
    width=None,
    **options_and_constants,
):
    """The variables of the quantity `magnetoresistance` (see `physics.QUANTITIES`) as a dict of arrays.

    delta_sigma = sigma(H) - sigma(0), with Gamma of `physics.electrons.dephasing.tau_phi` and 1/tau_H of `field_rate`:
    film, conductance per square (S):    (e^2/2 pi^2 hbar) int_tau^inf dt/t [1 - x/sinh(x)] exp(-Gamma), x = t/tau_H,
    wire, conductance times length (S m): (e^2/pi hbar) sqrt(D/pi) int_0^inf dt t^(-1/2) [1 - exp(-x)] exp(-Gamma).
    Parameters: T, Lambda0, Estar (K), Pd (1/(J m3)), chi (1), H (T, mu_0 H), arrays that broadcast, an open grid;
    scalars D (m2/s), width (m) of a wire, and the constants and options of `dephasing`. Relative accuracy 1e-8; inf
    without levels and background. status: 3 no levels (Estar <= Lambda0), 4 not converged, 5 beyond the theory of the
    clusters. Limits: Gamma = t/tau_phi, tau << tau_H: (e^2/2 pi^2 hbar)[psi(1/2 + y) - ln(y)], y = tau_H/2 tau_phi, and
    (e^2/pi hbar) sqrt(D) [sqrt(tau_phi) - (1/tau_phi + 1/tau_H)^(-1/2)]. Source: Hikami, Larkin, Nagaoka (1980);
    Altshuler, Aronov (1981); paper 001, eq. (34).
    """
    axes = {"T": T, "Pd": Pd, "chi": chi, "Estar": Estar} | ({} if Lambda0 is None else {"Lambda0": Lambda0})
    if background == "wire":
        options_and_constants["D"] = D
    varied = (*axes.values(), *(options_and_constants[name] for name in AT_ONCE if name in options_and_constants))
    shape = np.broadcast_shapes(*map(np.shape, varied), np.shape(H))
    integral = np.full(shape, np.nan)
    power, factor = 0.0, ELEMENTARY_CHARGE**2 / (2 * np.pi**2 * HBAR)
    if geometry == "wire":
        power, factor = 0.5, ELEMENTARY_CHARGE**2 / (np.pi * HBAR) * np.sqrt(D / np.pi * HBAR / BOLTZMANN)
    for value in np.unique(H):
        found = channel_integrals(
            ("both",),
            **axes,
            power=power,
            nothing=np.inf,
            field=float(field_rate(value, geometry=geometry, D=D, width=width) * HBAR / BOLTZMANN),
            background=background,
            **options_and_constants,
        )["both"]
        integral = np.where(np.asarray(H) == value, found, integral)
    result = {"delta_sigma": factor * integral}
    flags = np.where(np.isnan(integral), np.uint8(NOT_CONVERGED), np.uint8(OK))
    if options_and_constants["distribution"] == "clusters":
        beyond = beyond_validity(T, Lambda0, Pd, Estar, U0=options_and_constants["U0"])
        flags = np.where(beyond, np.uint8(BEYOND_VALIDITY), flags)
    if options_and_constants["distribution"] in ("clusters", "tunnelling_states"):
        flags = np.where(np.less_equal(Estar, Lambda0), np.uint8(EMPTY), flags)
    result["status"] = np.array(np.broadcast_to(flags, shape))
    return {name: result[name] for name in variables}
