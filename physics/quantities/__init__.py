"""The registered quantities: for each its kernel, what it depends on, its variables, source, version and accuracy."""

from physics.clusters import quantities as clusters
from physics.electrons import quantities as electrons
from physics.grains import quantities as grains
from physics.heat_and_sound import quantities as heat_and_sound
from physics.noise import quantities as noise
from physics.quantity import Quantity

QUANTITIES: dict[str, Quantity] = {
    quantity.name: quantity
    for group in (electrons, heat_and_sound, clusters, noise, grains)
    for quantity in group.QUANTITIES
}
