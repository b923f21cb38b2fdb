"""The specific heat of free electrons, beside which that of two-level systems or impurities is seen, or is not."""

import numpy as np

from physics.constants import BOLTZMANN
from physics.parameters import PARAMETERS, ParameterError

FACTOR = {"consistent": np.pi**2 / 2, "published": 1.5}
"""C_e over n_e k_B^2 T/eps_F: Sommerfeld's, and eq. (7) of paper 004."""


def electron_specific_heat(T, *, n_e, eps_F, convention="consistent") -> np.ndarray:
    """Specific heat of the electrons C_e (J/(K m3)) at T (K) for the density n_e (1/m3) and the Fermi energy eps_F (J).

    convention "consistent": Sommerfeld's (pi^2/2) n_e k_B^2 T/eps_F; "published": 3 n_e k_B^2 T/(2 eps_F), eq. (7) of
    paper 004 as printed, smaller by pi^2/3. Arrays that broadcast. To rounding. Raises ParameterError outside the
    domain.
    """
    if convention not in FACTOR:
        raise ParameterError(f"convention = {convention!r} is unknown; allowed: {', '.join(FACTOR)}")
    T, n_e, eps_F = (PARAMETERS[name].check(a) for name, a in (("T", T), ("n_e", n_e), ("eps_F", eps_F)))
    return FACTOR[convention] * BOLTZMANN**2 * (n_e / eps_F) * T
