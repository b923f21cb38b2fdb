"""What stands around a diagram, on the screen and in print: its origin, and the texts above its frame."""

import numpy as np

from survey.draw.geometry import even, uneven
from survey.draw.picture.scene import Mark, Scene

FONTS = {"title": 15, "labels": 15, "ticks": 13, "legend": 12}


def caption(facts: dict[str, str]) -> str:
    """The small line under a diagram: survey, cube, quantity with its version, digest of the configuration."""
    parts = [f"survey {facts['Survey']}", facts["Cube"], facts["Quantity"], f"configuration {facts['Configuration']}"]
    return " · ".join(filter(None, [*parts, facts["Source"]]))


def mark_texts(scene: Scene) -> list[tuple[float, str]]:
    """The texts above the frame with their places; texts too close to stand side by side are joined into one."""
    scale = scene.x.scale
    width = even(scene.x.upper, scale) - even(scene.x.lower, scale)
    groups: list[list[Mark]] = []
    for mark in sorted((layer for layer in scene.layers if isinstance(layer, Mark)), key=lambda mark: mark.x):
        if groups and even(mark.x, scale) - even(groups[-1][-1].x, scale) < 0.07 * width:
            groups[-1].append(mark)
        else:
            groups.append([mark])
    return [
        (float(uneven(np.mean(even([mark.x for mark in group], scale)), scale)), ", ".join(mark.text for mark in group))
        for group in groups
    ]
