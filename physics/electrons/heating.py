"""Electrons that are warmer than the sample: what a saturating dephasing time may be without any two-level system.

Heat P that reaches the electrons of a volume V leaves them by phonons, P = Sigma V (T_e^5 - T^5), because the rate of
emission goes as T^3 and carries T^2 more. T_heat = (P/Sigma V)^(1/5) is the temperature that remains at T = 0.
"""

import numpy as np

from physics.electrons.background import dephasing_without_defects
from physics.parameters import PARAMETERS


def electron_temperature(T, T_heat):
    """T_e = (T^5 + T_heat^5)^(1/5) (K) of electrons in a sample at T (K) that are heated, T_heat (K): see above.

    Arrays that broadcast; to rounding. Raises ParameterError. Limits: T for T >> T_heat, T_heat for T << T_heat.
    """
    T, T_heat = PARAMETERS["T"].check(T), PARAMETERS["T_heat"].check(T_heat)
    larger = np.maximum(T, T_heat)
    return larger * np.exp(np.log1p((np.minimum(T, T_heat) / larger) ** 5) / 5)


def heated_background(T, *, T_heat, variables, **options):
    """The variables of the quantity `heated_background` (see `physics.QUANTITIES`) as a dict of arrays of T's shape.

    T_electron (K): `electron_temperature`; the others: `physics.electrons.background.dephasing_without_defects` at
    T_electron, with its options and constants.
    """
    warm = electron_temperature(T, T_heat)
    others = tuple(name for name in variables if name != "T_electron")
    found = dephasing_without_defects(warm, variables=others, **options) if others else {}
    return {name: warm if name == "T_electron" else found[name] for name in variables}
