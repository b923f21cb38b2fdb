"""Where the formulas of magnetic grains end: which parameters have no meaning together, and what the numbers of
statuses and limits mean, said once to the kernels and to the registry."""

import numpy as np

from physics.parameters import ParameterError

# Of 4 Delta_tilde t: the domain of P(t).
X_MAX = 1024.0

GRAINS = {"ok": 0, "impossible": 1, "narrow_bias": 2, "narrow_phase": 3, "uneven_bias": 4, "cold": 5}
DIFFUSION = {"ok": 0, "narrow_bias": 1, "uneven_bias": 2, "slower_than_T2": 3}
COHERENCE = {"coherent": 0, "degeneracy": 1, "coflips": 2, "nuclear_diffusion": 3, "electrons": 4, "phonons": 5}


def refuse(*, bias, Delta_tilde=None, time=None, N_nuclei=None, **_others):
    """Raises ParameterError where 4 Delta_tilde t > 1024, the end of the domain of P(t), and for bias "groups" unless
    N_nuclei is a whole number.

    Delta_tilde (rad/s), time (s), N_nuclei (1): arrays that broadcast, or None where they are not needed.
    """
    if Delta_tilde is not None and time is not None:
        longest = np.max(4 * Delta_tilde * time, initial=0.0)
        if longest > X_MAX:
            raise ParameterError(f"4 Delta_tilde time = {longest:g} is outside its domain; allowed: up to {X_MAX:g}")
    if bias == "groups" and N_nuclei is not None and (N_nuclei % 1 != 0).any():
        raise ParameterError("N_nuclei: the polarisation groups need a whole number of nuclei")
