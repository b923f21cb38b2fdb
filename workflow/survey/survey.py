"""What a survey is once its file has been read: numbers on a grid, and what is computed, located and drawn on it."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import ClassVar, Literal

import numpy as np

from physics import QUANTITIES
from survey.errors import SurveyError
from survey.inference import Finding, Inference, findings_of
from survey.words import nearest_name


@dataclass(frozen=True)
class QuantityRequest:
    """What is computed under a label: the registered quantity, every option with its value, the stored variables in
    the quantity's order, the type in which numbers are stored, and how the cube is made. `along` names the parameters
    that are varied (None: the quantity's axes); all others are constants. Some of both may be this label's own.
    `levels` is the name that the survey gives to the two-level systems, None where it names none: what they are is in
    the options and constants. What is computed `whole`, for a picture, nobody extends: it is one tile, unless large."""

    quantity: str
    options: Mapping[str, str]
    variables: tuple[str, ...]
    dtype: str
    cube: str = "auto"
    along: tuple[str, ...] | None = None
    own_constants: Mapping[str, float] = field(default_factory=dict)
    levels: str | None = None
    own_axes: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    whole: bool = False

    @property
    def axes(self) -> tuple[str, ...]:
        """The axes that the stored variables depend on."""
        return self.axes_of(*self.variables)

    @property
    def constants(self) -> tuple[str, ...]:
        """The parameters with one value that the stored variables depend on."""
        return QUANTITIES[self.quantity].depends_on(self.options, self.variables, self._along)[1]

    @property
    def _along(self) -> tuple[str, ...]:
        return QUANTITIES[self.quantity].axes if self.along is None else self.along

    def unit(self, variable: str) -> str:
        return QUANTITIES[self.quantity].variable(variable).unit

    def axes_of(self, *variables: str) -> tuple[str, ...]:
        """The axes that at least one of these variables depends on, the quantity's own axes first."""
        return QUANTITIES[self.quantity].depends_on(self.options, variables, self._along)[0]


def cited(request: QuantityRequest) -> str:
    """The sources of what is computed under a label."""
    return QUANTITIES[request.quantity].cited(request.options, request.variables)


class Resolved:
    """What a file leaves open filled in, in the vocabulary's units and in values of the grid."""

    def plain(self) -> dict:
        """All that it says, as JSON gives it back."""
        return json.loads(json.dumps(asdict(self)))


@dataclass(frozen=True, kw_only=True)
class Crossover(Resolved):
    """A value to locate on the axis `along`, from `variables` of a label; each kind has a class in
    `survey.config.crossovers`."""

    kind: str
    quantity: str
    along: str = "T"
    closed_form: ClassVar[str | None] = None
    # What is not said where it is so: what is made from a crossover is known by what the crossover says.
    unsaid: ClassVar[Mapping[str, str]] = {"along": "T"}

    def axes(self, request: QuantityRequest) -> tuple[str, ...]:
        """The axes of its label that it is located on: `along` and those over which it is known."""
        return request.axes_of(*self.variables)

    def plain(self) -> dict:
        said = super().plain().items()
        return {name: value for name, value in said if value is not None and self.unsaid.get(name) != value}


@dataclass(frozen=True, kw_only=True)
class Diagram(Resolved):
    """What is drawn from the cubes of `labels` and from `findings` of the inference; each kind has a class beside its
    checks in `survey.config`.

    `drawn_by` is "module:function"; the function takes the diagram, the first of the files of its labels and findings,
    beside which all others lie, and the crossovers.
    """

    drawn_by: ClassVar[str]
    is_crossover: ClassVar[bool] = False

    kind: str
    title: str | None
    at: Mapping[str, float]
    x: str
    x_scale: Literal["log", "linear"]
    colormap: str | None
    width: int
    height: int

    @property
    def findings(self) -> tuple[str, ...]:
        """The findings of the inference that it is drawn from."""
        return ()

    @property
    def uses_crossovers(self) -> bool:
        """Whether the diagram shows crossovers."""
        return self.is_crossover


@dataclass(frozen=True)
class Survey:
    """A survey: axes and constants in the vocabulary's units (axes ascending, all values canonical), what is computed
    (by label), which crossovers are located and which diagrams drawn (by name), and what is inferred; `notes` say what
    is left out although the file does not say so."""

    name: str
    path: Path
    title: str
    axes: Mapping[str, tuple[float, ...]]
    constants: Mapping[str, float]
    quantities: Mapping[str, QuantityRequest]
    crossovers: Mapping[str, Crossover]
    diagrams: Mapping[str, Diagram]
    inference: Inference | None = None
    notes: tuple[str, ...] = ()

    @property
    def findings(self) -> dict[str, Finding]:
        """What its inference makes, by name, each after what it is made from."""
        return findings_of(self.inference)

    def grid(self, label: str, *variables: str) -> dict[str, np.ndarray]:
        """The axes that the stored variables of this label depend on, or those named, in the quantity's order."""
        request = self.request(label)
        axes = {**self.axes, **request.own_axes}
        return {name: np.array(axes[name]) for name in request.axes_of(*(variables or request.variables))}

    def constants_of(self, label: str) -> dict[str, float]:
        """The constants that the quantity under this label depends on: its own, else those of the survey."""
        request = self.request(label)
        return {name: (self.constants | request.own_constants)[name] for name in request.constants}

    def request(self, label: str) -> QuantityRequest:
        """What is computed under this label; SurveyError if there is no such label."""
        if label not in self.quantities:
            raise SurveyError(f"{self.path}: there is no quantity {label!r}; {nearest_name(label, self.quantities)}")
        return self.quantities[label]
