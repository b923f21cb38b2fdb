"""The diagrams of a survey file: which kinds there are, and all of a file held against the rest of it."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated

from pydantic import Field

from physics import QUANTITIES
from survey.config.axes import Grid, spaced
from survey.config.curves import CurveKinds
from survey.config.drawing import DiagramOfOne, Known
from survey.config.maps import MapKinds
from survey.config.observability import Observability
from survey.grid import canonical_axis
from survey.survey import Diagram, QuantityRequest
from survey.written.faults import Faults, Place

DiagramSettings = Annotated[MapKinds | CurveKinds | Observability, Field(discriminator="kind")]


def diagrams(
    written: Mapping[str, DiagramSettings], known: Known, faults: Faults
) -> tuple[dict[str, Diagram], dict[str, QuantityRequest]]:
    """The diagrams with the labels of their quantities and the scales of their axes, in values of the grid; and what is
    computed for those alone that have a resolution, by label."""
    drawn, computed = {}, {}
    for name, settings in written.items():
        place = Place(faults, "diagrams", name)
        diagram = settings.checked(known, place)
        if isinstance(diagram, DiagramOfOne) and diagram.resolution:
            own = f"{name}_drawn"
            if own.lower() in {label.lower() for label in known.requests}:
                place.add("resolution", f"the label {own} is that of a quantity; allowed: another name of either")
            diagram = replace(diagram, own=own)
            computed[own] = _own(diagram, settings.used, known.requests[diagram.quantity], known.grid)
        if diagram is not None:
            drawn[name] = diagram
    return drawn, computed


def _own(diagram: DiagramOfOne, used: list[str], request: QuantityRequest, grid: Grid) -> QuantityRequest:
    """What is computed for a diagram: its variables, with its own values of the axes that it draws, at its cut."""
    shown = {*used, "status", getattr(diagram, "regimes", None)}
    variables = tuple(name for name in request.variables if name in shown)
    # A local exponent needs the neighbours on its axis.
    sloped = getattr(diagram, "along", None)
    own = {name: (value,) for name, value in diagram.at.items() if name != sloped}
    if family := getattr(diagram, "family", None):
        own[family] = diagram.values
    scales = {diagram.x: diagram.x_scale}
    if hasattr(diagram, "y"):
        scales[diagram.y] = diagram.y_scale
    for name, count in diagram.resolution.items():
        values = spaced(grid[name][0], grid[name][-1], count, scales[name])
        own[name] = tuple(canonical_axis(QUANTITIES[request.quantity].check(name, values)).tolist())
    own = {name: each for name, each in own.items() if name in request.axes_of(*variables)}
    return replace(request, variables=variables, cube="auto", own_axes=own, whole=True)
