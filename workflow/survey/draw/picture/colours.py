"""Colours of a scale, as hexadecimal strings."""

import numpy as np


def palette(name: str, count: int) -> list[str]:
    """`count` colours of a colour map of `survey.colour_maps`."""
    from holoviews.plotting.util import process_cmap

    return process_cmap(name, count)


def blend(anchors, count: int, limits: tuple[float, float] | None = None) -> list[str]:
    """`count` colours between the limits, by default the first and the last of the anchors (value, colour); linear
    between neighbours."""
    places = [value for value, _ in anchors]
    parts = np.array([[int(colour[i : i + 2], 16) for i in (1, 3, 5)] for _, colour in anchors])
    values = np.linspace(*(limits or (places[0], places[-1])), count)
    mixed = np.stack([np.interp(values, places, parts[:, part]) for part in range(3)], axis=1).round().astype(int)
    return [f"#{red:02x}{green:02x}{blue:02x}" for red, green, blue in mixed]
