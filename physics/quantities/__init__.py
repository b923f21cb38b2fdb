"""The registered quantities: for each its kernel, what it depends on, its variables, source, version and accuracy."""

from physics.quantities import clusters, electrons, grains, heat_and_sound, noise
from physics.quantity import Quantity

QUANTITIES: dict[str, Quantity] = {
    quantity.name: quantity
    for group in (electrons, heat_and_sound, clusters, noise, grains)
    for quantity in group.QUANTITIES
}
