"""What two-level systems do to electrons, heat and sound: a library of formulas on arrays.

`QUANTITIES["dephasing"](T=0.1, Lambda0=0.01, ...)` computes a registered quantity in the units of `PARAMETERS`.
"""

from physics.parameters import PARAMETERS, Parameter, ParameterError
from physics.quantities import QUANTITIES
from physics.quantity import Choice, Quantity, Variable

__all__ = ["PARAMETERS", "QUANTITIES", "Choice", "Parameter", "ParameterError", "Quantity", "Variable"]
