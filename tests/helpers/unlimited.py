"""Quantities outside their promise, for tests of scaling and of the limits of formulas."""

from dataclasses import replace

import numpy as np

from physics import PARAMETERS, QUANTITIES
from physics.quantity import Quantity


def unlimited(name: str) -> Quantity:
    """The registered quantity, but for every value in the physical domain of a parameter."""
    physical = {each.name: (np.nextafter(each.lower, np.inf), each.upper) for each in PARAMETERS.values()}
    return replace(QUANTITIES[name], domain=physical)
