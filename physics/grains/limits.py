"""Which parameters of magnetic grains have no meaning together."""

import numpy as np

from physics.parameters import ParameterError

# Of 4 Delta_tilde t: the domain of P(t).
X_MAX = 1024.0


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
