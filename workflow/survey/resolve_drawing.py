"""Diagrams of a survey file: held against what the survey stores, locates, and against its grid."""

from collections.abc import Mapping

from physics import PARAMETERS
from survey.errors import SurveyError
from survey.faults import Faults, nearest_name
from survey.resolve import QuantityRequest, on_grid
from survey.resolve_crossovers import Grid, Requests, label_of, refuse_unstored
from survey.resolve_observability import observability
from survey.settings import (
    CrossoverMap,
    CrossoverSettings,
    Curves,
    DiagramSettings,
    ExponentMap,
    Observability,
    RegimeMap,
    SurveyFile,
)


def diagrams(
    file: SurveyFile,
    requests: Requests,
    grid: Grid,
    located: Mapping[str, CrossoverSettings],
    faults: Faults,
) -> dict[str, DiagramSettings]:
    """The diagrams with the label of their quantity filled in, and with `at` and `values` as values of the grid."""
    resolved = {}
    for name, settings in file.diagrams.items():
        where = ("diagrams", name)
        given = settings.quantity
        if given is None and isinstance(settings, CrossoverMap) and settings.crossover in located:
            given = located[settings.crossover].quantity
        label = label_of(given, _variables(settings), requests, where, faults)
        if label is None:
            continue
        request = requests[label]
        _check_variables(settings, label, request, where, faults)
        _check_crossovers(settings, label, located, where, faults)
        update, axes = {"quantity": label}, request.axes
        if isinstance(settings, Observability):
            more, axes = observability(settings, label, requests, grid, where, faults)
            update |= more
        update["at"] = _check_axes(settings, label, axes, grid, where, faults)
        if isinstance(settings, Curves):
            update["values"] = _family(settings, grid, where, faults)
            with faults.at(*where, "closed_forms"):
                _refuse_closed_forms(settings, request)
        if not faults.below(*where):
            resolved[name] = settings.model_copy(update=update)
    return resolved


def _variables(settings: DiagramSettings) -> list[str]:
    """The variables of its own quantity that a diagram is drawn from."""
    if isinstance(settings, RegimeMap):
        return ["regime"]
    if isinstance(settings, Observability):
        return ["tau_phi"]
    if isinstance(settings, CrossoverMap):
        return []
    return settings.variables if isinstance(settings, Curves) else [settings.variable]


def _check_variables(
    settings: DiagramSettings, label: str, request: QuantityRequest, where: tuple, faults: Faults
) -> None:
    if isinstance(settings, RegimeMap):
        with faults.at(*where, "kind"):
            refuse_unstored("regime", label, request, flags=True)
        return
    key = next((key for key in ("variables", "variable") if hasattr(settings, key)), "quantity")
    for variable in _variables(settings):
        with faults.at(*where, key):
            refuse_unstored(variable, label, request)


def _check_crossovers(settings: DiagramSettings, label: str, located: Mapping, where: tuple, faults: Faults) -> None:
    """The crossovers that a diagram draws exist, are of its quantity, and can be drawn over its axes."""
    if isinstance(settings, RegimeMap):
        key, names = "crossovers", settings.crossovers
        if names and "T" not in (settings.x, settings.y):
            faults.add((*where, key), "crossover temperatures can be drawn only if x or y is T")
    elif isinstance(settings, CrossoverMap):
        key, names = "crossover", [settings.crossover]
    else:
        return
    if faults.below("crossovers"):
        return
    for name in names:
        if name not in located:
            faults.add((*where, key), f"there is no crossover {name!r}; {nearest_name(name, located)}")
        elif located[name].quantity != label:
            faults.add((*where, key), f"the crossover {name} is of {located[name].quantity}, the diagram of {label}")


def _check_axes(
    settings: DiagramSettings, label: str, axes: tuple[str, ...], grid: Grid, where: tuple, faults: Faults
) -> dict[str, float]:
    """x, y, family, the fitted axis and `at` cover each axis exactly once; returns `at` in values of the grid."""
    along = {key: getattr(settings, key, None) for key in ("x", "y", "family", "fitted")}
    along = {key: name for key, name in along.items() if name is not None}
    needed = [name for name in axes if not (isinstance(settings, CrossoverMap) and name == "T")]
    taken: dict[str, str] = {}
    for key, name in [*along.items(), *((f"at.{name}", name) for name in settings.at)]:
        place = (*where, *key.split(".", 1))
        if name not in needed:
            reason = "is located along T" if name == "T" and "T" in axes else f"has no axis {name!r}"
            faults.add(place, f"{label} {reason}; {nearest_name(name, needed)}")
        elif name in taken:
            faults.add(place, f"the axis {name} is already given by {taken[name]}; allowed: each axis once")
        elif key in ("x", "y") and len(grid.get(name, (0, 0))) < 2:
            faults.add(place, f"the axis {name} has one value; allowed: an axis with at least two")
        taken.setdefault(name, key)
    missing = [name for name in needed if name not in taken]
    if missing:
        example = f"{{{', '.join(f'{name}: {_shown(name, grid)}' for name in missing)}}}"
        faults.add((*where, "at"), f"gives no value for {', '.join(missing)}; allowed: e.g. {example}")
    if isinstance(settings, ExponentMap) and "T" in grid and len(grid["T"]) < 2:
        faults.add(where, "an exponent needs an axis T with at least two values")
    at = {}
    for name, text in settings.at.items():
        if name in needed and name in grid:
            with faults.at(*where, "at", name):
                at[name] = on_grid(name, text, grid[name])
    return {name: at[name] for name in axes if name in at}


def _shown(name: str, grid: Grid) -> str:
    unit = PARAMETERS[name].unit
    return f"{grid[name][0]:.12g}{'' if unit == '1' else f' {unit}'}" if name in grid else "..."


def _family(settings: Curves, grid: Grid, where: tuple, faults: Faults) -> list[float]:
    """The values of the family's curves, on the grid."""
    if settings.family not in grid:
        return []
    axis, values = grid[settings.family], []
    if settings.values is None:
        if len(axis) > 12:
            faults.add(
                (*where, "values"),
                f"is missing: the axis {settings.family} has {len(axis)} values; allowed: at most 12",
            )
        return list(axis)
    for position, text in enumerate(settings.values):
        with faults.at(*where, "values", position):
            value = on_grid(settings.family, text, axis)
            if value in values:
                raise SurveyError(f"found {text!r} again; allowed: each value once")
            values.append(value)
    return values


def _refuse_closed_forms(settings: Curves, request: QuantityRequest) -> None:
    if settings.closed_forms and (
        settings.x != "T" or "Lambda0" not in request.axes or request.quantity != "dephasing"
    ):
        raise SurveyError("found true; the closed forms are laws of dephasing along x: T, at given Lambda0")
