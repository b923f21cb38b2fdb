"""What all diagrams of a survey file have in common: as they are written, and held against what the survey stores,
locates, and against its grid."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal, NamedTuple

from pydantic import Field, StringConstraints

from physics import PARAMETERS, Parameter
from survey import colour_maps
from survey.config.axes import Axis, Grid, on_grid
from survey.config.quantities import Requests, axes_of_stored, label_of
from survey.errors import SurveyError
from survey.mathtext import inverse_unit, refuse_bad_formula
from survey.survey import Crossover, Diagram
from survey.units import parse
from survey.words import nearest_name
from survey.written.faults import Place
from survey.written.settings import LABEL, Line, Name, Settings, Value

KIND = "Which kind of diagram."
# Along an axis of a picture, in which nobody sees more.
MOST_VALUES = 2000
INVERSE = "Whether the inverse of the variables is drawn, e.g. the rate 1/tau_phi."
X_PER = "What the horizontal axis is divided by, so that it has no unit."
Y_PER = "The same of what is drawn, after its inverse is taken."
Scale = Literal["log", "linear"]
Colormap = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_]*$")]
Axes = tuple[str, ...]


@dataclass(frozen=True)
class Known:
    """What the rest of a file says, without what is at fault: quantities, axes in numbers and as written, constants,
    and crossovers, with quantity and reason of the default ones that are left out."""

    requests: Requests
    grid: Grid
    constants: Mapping[str, float]
    axes: Mapping[str, Axis]
    crossovers: Mapping[str, Crossover]
    left_out: Mapping[str, tuple[str, str]]

    @property
    def values(self) -> dict[str, tuple[float, ...]]:
        """The values of all axes and constants."""
        return self.grid | {name: (value,) for name, value in self.constants.items()}


class Parts(NamedTuple):
    """What a diagram is drawn from: what replaces text in its settings, its subject in words, the axes that it can be
    drawn along, and all that need a value, also those of lines and marks over it; and the axis along which it was
    located."""

    found: dict
    subject: str
    own: Axes
    axes: Axes
    along: str | None = None


class Drawing(Settings):
    """What all diagrams have in common."""

    # The keys of the axes that span the picture, and of all that are drawn along.
    plane: ClassVar[Axes] = ("x",)
    along_keys: ClassVar[Axes] = ("x",)

    title: Line | None = Field(default=None, description="Heading; default: made from what is drawn.")
    at: dict[str, Value] = Field(
        default={},
        description="Where the grid is cut: a value, on the grid, for every axis, of the variables that are drawn, "
        "that is not drawn itself.",
    )
    x_scale: Scale | None = Field(
        default=None, description="`log` or `linear`; default: linear if the axis is spaced so or not positive."
    )
    colormap: Colormap | None = Field(default=None, description="Name of a colour map, e.g. viridis.")
    width: int = Field(default=800, ge=200, le=4000, description="Width in pixels; in print only the ratio counts.")
    height: int = Field(default=600, ge=200, le=4000, description="Height in pixels.")

    def parts(self, known: Known, place: Place) -> Parts | None:
        """What it is drawn from; None if that does not exist."""
        raise NotImplementedError

    def checked(self, known: Known, place: Place) -> Diagram | None:
        """The diagram in numbers on the grid; None, with faults, if anything is wrong with it."""
        with place.at("title"):
            refuse_bad_formula(self.title or "")
        with place.at("colormap"):
            if self.colormap is not None:
                colour_maps.refuse_unknown(self.colormap)
        parts = self.parts(known, place)
        if parts is None:
            return None
        at, scales = self._at(parts, known.grid, place), self._scales(known, place)
        return None if place.faulty else self.resolved(**parts.found, **scales, at=at)

    def _at(self, parts: Parts, grid: Grid, place: Place) -> dict[str, float]:
        """`at` in values of the grid; it and the axes that are drawn along cover each axis exactly once."""
        along = {key: getattr(self, key) for key in self.along_keys if getattr(self, key) is not None}
        taken: dict[str, str] = {}
        for key, name in [*along.items(), *((f"at.{name}", name) for name in self.at)]:
            allowed = parts.own if key in along else parts.axes
            where = key.split(".", 1)
            if name not in allowed:
                place.add(*where, f"{_refusal(parts, name, grid)}; {nearest_name(name, allowed)}")
            elif name in taken:
                place.add(*where, f"the axis {name} is already given by {taken[name]}; allowed: each axis once")
            elif key in self.plane and len(grid.get(name, (0, 0))) < 2:
                place.add(*where, f"the axis {name} has one value; allowed: an axis with at least two")
            taken.setdefault(name, key)
        missing = [name for name in parts.axes if name not in taken]
        if missing:
            values = {name: PARAMETERS[name].text(grid[name][0]) if name in grid else "..." for name in missing}
            example = ", ".join(f"{name}: {value}" for name, value in values.items())
            place.add("at", f"gives no value for {', '.join(missing)}; allowed: e.g. {{{example}}}")
        at = {}
        for name in parts.axes:
            if name in self.at and name in grid:
                with place.at("at", name):
                    at[name] = on_grid(name, self.at[name], grid[name])
        return at

    def _scales(self, known: Known, place: Place) -> dict[str, str]:
        """The scales of the axes that are drawn: as given, else as the axis is spaced."""
        found = {}
        for key in self.plane:
            name, given = getattr(self, key), getattr(self, f"{key}_scale")
            if name not in known.grid:
                continue
            values = known.grid[name]
            with place.at(f"{key}_scale"):
                if given == "log" and values[0] <= 0:
                    raise SurveyError(f"found 'log'; the axis {name} begins at {values[0]:g}; allowed: linear")
                spaced = known.axes[name].scale(values) if values[0] > 0 else "linear"
                found[f"{key}_scale"] = given or spaced
        return found


def _no_crossover(name: str, known: Known) -> str:
    """Why there is no crossover of this name."""
    if name in known.left_out:
        quantity, reason = known.left_out[name]
        allowed = "allowed: an entry of this name under `crossovers`, with its `quantity`"
        return f"the default crossover {name} of {quantity} is not located: {reason}; {allowed}"
    return f"there is no crossover {name!r}; {nearest_name(name, known.crossovers)}"


def _refusal(parts: Parts, name: str, grid: Grid) -> str:
    """Why nothing can be drawn along, or cut at, this axis."""
    if name == parts.along:
        return f"{parts.subject} is located along {name}"
    return f"{parts.subject} does not depend on {name!r}" if name in grid else f"{parts.subject} has no axis {name!r}"


@dataclass(frozen=True, kw_only=True)
class DiagramOfOne(Diagram):
    """A diagram of the variables of one label. With a `resolution`, the number of values along its axes, it has a cube
    of its own, under the label `own`."""

    quantity: str
    resolution: Mapping[str, int] | None = None
    own: str | None = None

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels of the cubes that the diagram is drawn from, its own first."""
        return (self.own or self.quantity,)

    def plain(self) -> dict:
        said = super().plain().items()
        return {name: value for name, value in said if name not in ("resolution", "own") or value is not None}


@dataclass(frozen=True, kw_only=True)
class WithCrossovers(DiagramOfOne):
    """A diagram with the crossovers over it."""

    crossovers: tuple[str, ...]

    @property
    def uses_crossovers(self) -> bool:
        return bool(self.crossovers)


class DrawingOfOne(Drawing):
    """A diagram of one quantity."""

    # Under which key its variables stand and the crossovers that it draws, and whether the variables are flags.
    key: ClassVar[str] = "variable"
    crossovers_key: ClassVar[str] = "crossovers"
    flags: ClassVar[bool] = False

    quantity: str | None = Field(default=None, description=LABEL)
    resolution: dict[Name, Annotated[int, Field(ge=2, le=MOST_VALUES)]] | None = Field(
        default=None,
        min_length=1,
        description="How many values x and y have in the picture, e.g. {T: 400, chi: 300}: computed for it, evenly "
        "between the ends of the axis; default: the values of the grid.",
    )

    @property
    def used(self) -> list[str]:
        """The variables of its own quantity that it is drawn from."""
        return [self.variable]

    @property
    def shown_crossovers(self) -> list[str]:
        """The crossovers that it draws."""
        return []

    def given_label(self, known: Known) -> str | None:
        return self.quantity

    def parts(self, known: Known, place: Place) -> Parts | None:
        label = label_of(self.given_label(known), self.used, known.requests, place)
        if label is None:
            return None
        request = known.requests[label]
        for variable in self.used:
            with place.at(self.key):
                axes_of_stored(variable, label, known.requests, flags=self.flags)
        self._check_crossovers(label, known, place)
        if place.faulty or not set(self.shown_crossovers) <= known.crossovers.keys():
            return None
        shown = [known.crossovers[name] for name in self.shown_crossovers]
        crossed = {axis for each in shown for axis in each.axes(request) if axis != each.along}
        parts = self.own_parts(label, tuple(name for name in request.axes if name in crossed), known, place)
        axes = tuple(name for name in PARAMETERS if name in {*parts.axes, *crossed})
        for name in self.resolution or ():
            drawn = [getattr(self, key) for key in self.plane if getattr(self, key) in parts.own]
            if name not in drawn:
                place.add("resolution", name, f"is no axis of the picture; {nearest_name(name, drawn)}")
        return parts._replace(found=parts.found | {"quantity": label}, axes=axes)

    def own_parts(self, label: str, crossed: Axes, known: Known, place: Place) -> Parts:
        """What it is drawn from, but for the crossovers over it; `crossed` are their axes."""
        own = known.requests[label].axes_of(*self.used)
        return Parts({}, " and ".join(self.used), own, own)

    def _check_crossovers(self, label: str, known: Known, place: Place) -> None:
        """The crossovers that it draws exist, are of its quantity, and can be drawn over its axes."""
        key, names = self.crossovers_key, self.shown_crossovers
        drawn = [getattr(self, axis) for axis in self.plane]
        for name in names:
            if name not in known.crossovers:
                # One that is itself at fault is not among those located, and has been told.
                if not place.faults.below("crossovers"):
                    place.add(key, _no_crossover(name, known))
            elif known.crossovers[name].quantity != label:
                found = known.crossovers[name].quantity
                place.add(key, f"the crossover {name} is of {found}, the diagram of {label}")
            elif key == "crossovers" and known.crossovers[name].along not in drawn:
                along = known.crossovers[name].along
                place.add(
                    key, f"{name} lies along {along}; it can be drawn only if {' or '.join(self.plane)} is {along}"
                )


@dataclass(frozen=True, kw_only=True)
class Reference:
    """What an axis is divided by: a value in the unit of what is drawn, and its symbol."""

    value: float
    symbol: str


class Per(Settings):
    """A value that an axis is divided by, so that it has no unit."""

    becomes = Reference

    value: Value = Field(description="The value, with its unit, by which the axis is divided.")
    symbol: Line = Field(min_length=1, description="Its symbol, as a formula without the dollar signs.")

    def checked(self, parameter: Parameter, place: Place) -> Reference | None:
        """The reference in the unit of what is drawn."""
        found = {}
        with place.at("value"):
            found["value"] = parse(self.value, parameter)
        with place.at("symbol"):
            refuse_bad_formula(f"${self.symbol}$")
        return self.resolved(**found) if found else None


def references(settings, unit: str, place: Place) -> dict[str, Reference | None]:
    """What the axes are divided by, in the units of x and of what is drawn."""
    drawn = Parameter("y_per", "", inverse_unit(unit) if settings.inverse else unit, "value that y is divided by")
    parameters = {"x_per": PARAMETERS.get(settings.x), "y_per": drawn}
    written = {key: getattr(settings, key) for key in parameters}
    return {
        key: per and parameters[key] and per.checked(parameters[key], place.inside(key)) for key, per in written.items()
    }
