"""What two-level systems do to electrons, heat and sound: a library of formulas on arrays.

`QUANTITIES["dephasing"](T=0.1, Lambda0=0.01, ...)` computes a registered quantity in the units of `PARAMETERS`.
"""

from physics.clusters.quantities import QUANTITIES as CLUSTERS
from physics.electrons.quantities import QUANTITIES as ELECTRONS
from physics.grains.quantities import QUANTITIES as GRAINS
from physics.heat_and_sound.quantities import QUANTITIES as HEAT_AND_SOUND
from physics.noise.quantities import QUANTITIES as NOISE
from physics.parameters import PARAMETERS, Parameter, ParameterError
from physics.quantity import Choice, Quantity, Variable

__all__ = ["PARAMETERS", "QUANTITIES", "Choice", "Parameter", "ParameterError", "Quantity", "Variable"]

QUANTITIES: dict[str, Quantity] = {
    quantity.name: quantity
    for quantities in (ELECTRONS, HEAT_AND_SOUND, CLUSTERS, NOISE, GRAINS)
    for quantity in quantities
}
