"""Diagrams of a survey file: held against what the survey stores, locates, and against its grid."""

from collections.abc import Mapping

import numpy as np

from physics import PARAMETERS
from survey.config import colour_maps
from survey.config.crossovers import Grid, Requests, label_of, refuse_unstored
from survey.config.curves import comparison, curves
from survey.config.faults import Faults
from survey.config.file import (
    AxisRange,
    Comparison,
    CrossoverMap,
    CrossoverSettings,
    Curves,
    DiagramSettings,
    ExponentMap,
    Observability,
    RegimeMap,
    SurveyFile,
)
from survey.config.observability import observability
from survey.config.quantities import on_grid
from survey.errors import SurveyError
from survey.mathtext import refuse_bad_formula
from survey.survey import QuantityRequest
from survey.words import nearest_name

Located = Mapping[str, CrossoverSettings]
Axes = tuple[str, ...]


def diagrams(
    file: SurveyFile, requests: Requests, grid: Grid, located: Located, faults: Faults
) -> dict[str, DiagramSettings]:
    """The diagrams with the labels of their quantities and the scales of their axes filled in, and with `at` and
    `values` as values of the grid."""
    resolved = {}
    for name, settings in file.diagrams.items():
        where = ("diagrams", name)
        with faults.at(*where, "title"):
            refuse_bad_formula(settings.title or "")
        with faults.at(*where, "colormap"):
            if settings.colormap is not None:
                colour_maps.refuse_unknown(settings.colormap)
        found = _comparison if isinstance(settings, Comparison) else _of_one_quantity
        drawn = found(settings, requests, grid, located, where, faults)
        if drawn is None:
            continue
        update, what, own, axes = drawn
        update["at"] = _check_axes(settings, what, own, axes, grid, where, faults)
        update |= _scales(settings, file, grid, where, faults)
        if not faults.below(*where):
            resolved[name] = settings.model_copy(update=update)
    return resolved


def _comparison(settings: Comparison, requests: Requests, grid: Grid, located: Located, where: tuple, faults: Faults):
    own, axes = comparison(settings, requests, where, faults)
    return None if faults.below(*where) else ({}, settings.variable, own, axes)


def _of_one_quantity(
    settings: DiagramSettings, requests: Requests, grid: Grid, located: Located, where: tuple, faults: Faults
) -> tuple[dict, str, Axes, Axes] | None:
    """What replaces text in the settings, what is drawn in words, the axes that it depends on, and all axes that need a
    value: also those of lines and marks over it. None if what is drawn does not exist."""
    given = settings.quantity
    if given is None and isinstance(settings, CrossoverMap) and settings.crossover in located:
        given = located[settings.crossover].quantity
    label = label_of(given, _variables(settings), requests, where, faults)
    if label is None:
        return None
    request, update = requests[label], {"quantity": label}
    _check_variables(settings, label, request, where, faults)
    _check_crossovers(settings, label, located, where, faults)
    if faults.below(*where) or not set(_crossovers(settings)) <= located.keys():
        return None
    crossed = [axis for name in _crossovers(settings) for axis in _axes_of_crossover(located[name], request)]
    if isinstance(settings, CrossoverMap):
        own = tuple(name for name in request.axes if name in crossed)
        return update, label, own, own
    own = axes = request.axes_of(*_variables(settings))
    if isinstance(settings, Observability):
        more, own = observability(settings, label, requests, grid, where, faults)
        return update | more, label, own, own
    if isinstance(settings, ExponentMap):
        _check_exponent(settings, own, grid, where, faults)
    if isinstance(settings, Curves):
        more, needed = curves(settings, label, requests, grid, where, faults)
        update |= more
        axes += tuple(needed)
    axes = tuple(name for name in PARAMETERS if name in (*axes, *crossed))
    return update, " and ".join(_variables(settings)), own, axes


def _variables(settings: DiagramSettings) -> list[str]:
    """The variables of its own quantity that a diagram is drawn from."""
    if isinstance(settings, Observability):
        return ["tau_phi"]
    if isinstance(settings, CrossoverMap):
        return []
    return settings.variables if isinstance(settings, Curves) else [settings.variable]


def _check_variables(
    settings: DiagramSettings, label: str, request: QuantityRequest, where: tuple, faults: Faults
) -> None:
    key = next((key for key in ("variables", "variable") if hasattr(settings, key)), "quantity")
    for variable in _variables(settings):
        with faults.at(*where, key):
            refuse_unstored(variable, label, request, flags=isinstance(settings, RegimeMap))


def _crossovers(settings: DiagramSettings) -> list[str]:
    """The crossovers that a diagram draws."""
    return [settings.crossover] if isinstance(settings, CrossoverMap) else getattr(settings, "crossovers", [])


def _axes_of_crossover(crossover: CrossoverSettings, request: QuantityRequest) -> list[str]:
    variables = getattr(crossover, "variables", None) or [crossover.variable]
    return [axis for axis in request.axes_of(*variables) if axis != "T"]


def _check_crossovers(settings: DiagramSettings, label: str, located: Located, where: tuple, faults: Faults) -> None:
    """The crossovers that a diagram draws exist, are of its quantity, and can be drawn over its axes."""
    key, names = "crossovers", _crossovers(settings)
    if isinstance(settings, CrossoverMap):
        key = "crossover"
    elif names and "T" not in (settings.x, getattr(settings, "y", None)):
        one = "x or y is T" if isinstance(settings, RegimeMap) else "x is T"
        faults.add((*where, key), f"crossover temperatures can be drawn only if {one}")
    for name in names:
        if name not in located:
            # One that is itself at fault is not among those located, and has been told.
            if not faults.below("crossovers"):
                faults.add((*where, key), f"there is no crossover {name!r}; {nearest_name(name, located)}")
        elif located[name].quantity != label:
            faults.add((*where, key), f"the crossover {name} is of {located[name].quantity}, the diagram of {label}")


def _check_exponent(settings: ExponentMap, own: Axes, grid: Grid, where: tuple, faults: Faults) -> None:
    """The exponent is along an axis of the variable, positive and with at least two values."""
    axis = settings.along
    if axis not in own:
        text = f"{settings.variable} does not depend on {axis!r}; {nearest_name(axis, own)}"
        faults.add((*where, "along"), text)
    elif len(grid.get(axis, (1, 2))) < 2:
        faults.add(where, f"an exponent needs an axis {axis} with at least two values")
    elif grid.get(axis, (1, 2))[0] <= 0:
        faults.add((*where, "along"), f"an exponent needs positive values of {axis}; found {grid[axis][0]:g}")


def _check_axes(
    settings: DiagramSettings, what: str, own: Axes, axes: Axes, grid: Grid, where: tuple, faults: Faults
) -> dict[str, float]:
    """x, y, family, the fitted axis and `at` cover each axis exactly once; returns `at` in values of the grid.

    `own` are the axes that may be drawn along, `axes` all that need a value, `what` is the subject of the messages.
    """
    along = {key: getattr(settings, key, None) for key in ("x", "y", "family", "fitted")}
    along = {key: name for key, name in along.items() if name is not None}
    taken: dict[str, str] = {}
    for key, name in [*along.items(), *((f"at.{name}", name) for name in settings.at)]:
        place = (*where, *key.split(".", 1))
        allowed = own if key in along else axes
        if name not in allowed:
            faults.add(place, f"{_refusal(settings, what, name, grid)}; {nearest_name(name, allowed)}")
        elif name in taken:
            faults.add(place, f"the axis {name} is already given by {taken[name]}; allowed: each axis once")
        elif key in ("x", "y") and len(grid.get(name, (0, 0))) < 2:
            faults.add(place, f"the axis {name} has one value; allowed: an axis with at least two")
        taken.setdefault(name, key)
    missing = [name for name in axes if name not in taken]
    if missing:
        example = f"{{{', '.join(f'{name}: {_shown(name, grid)}' for name in missing)}}}"
        faults.add((*where, "at"), f"gives no value for {', '.join(missing)}; allowed: e.g. {example}")
    at = {}
    for name, text in settings.at.items():
        if name in axes and name in grid:
            with faults.at(*where, "at", name):
                at[name] = on_grid(name, text, grid[name])
    return {name: at[name] for name in axes if name in at}


def _refusal(settings: DiagramSettings, what: str, name: str, grid: Grid) -> str:
    """Why nothing can be drawn along, or cut at, this axis."""
    if name not in grid:
        return f"{what} has no axis {name!r}"
    located = isinstance(settings, CrossoverMap) and name == "T"
    return f"{what} is located along T" if located else f"{what} does not depend on {name!r}"


def _shown(name: str, grid: Grid) -> str:
    unit = PARAMETERS[name].unit
    return f"{grid[name][0]:.12g}{'' if unit == '1' else f' {unit}'}" if name in grid else "..."


def _scales(settings: DiagramSettings, file: SurveyFile, grid: Grid, where: tuple, faults: Faults) -> dict[str, str]:
    """The scales of the axes that are drawn: as given, else as the axis is spaced."""
    found = {}
    for key in ("x", "y") if hasattr(settings, "y") else ("x",):
        name, given = getattr(settings, key), getattr(settings, f"{key}_scale")
        if name not in grid:
            continue
        with faults.at(*where, f"{key}_scale"):
            if given == "log" and grid[name][0] <= 0:
                raise SurveyError(f"found 'log'; the axis {name} begins at {grid[name][0]:g}; allowed: linear")
            found[f"{key}_scale"] = given or _spacing(file.axes[name], grid[name])
    return found


def _spacing(axis, values: tuple[float, ...]) -> str:
    """Whether an axis is spaced linearly; four listed values at least are needed to tell."""
    if values[0] <= 0:
        return "linear"
    if isinstance(axis, AxisRange):
        return axis.spacing
    steps = np.diff(values)
    return "linear" if len(values) > 3 and np.allclose(steps, steps[0], rtol=1e-6) else "log"
