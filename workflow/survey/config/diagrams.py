"""The diagrams of a survey file: which kinds there are, and all of a file held against the rest of it."""

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field

from survey.config.curves import CurveKinds
from survey.config.drawing import Known
from survey.config.maps import MapKinds
from survey.config.observability import Observability
from survey.survey import Diagram
from survey.written.faults import Faults, Place

DiagramSettings = Annotated[MapKinds | CurveKinds | Observability, Field(discriminator="kind")]


def diagrams(written: Mapping[str, DiagramSettings], known: Known, faults: Faults) -> dict[str, Diagram]:
    """The diagrams with the labels of their quantities and the scales of their axes, in values of the grid."""
    drawn = {name: settings.checked(known, Place(faults, "diagrams", name)) for name, settings in written.items()}
    return {name: diagram for name, diagram in drawn.items() if diagram is not None}
