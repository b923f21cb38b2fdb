"""Crossovers and diagrams of a survey file: held against what the survey stores and against its grid."""

from collections.abc import Mapping

from physics import PARAMETERS, QUANTITIES
from survey.errors import SurveyError
from survey.faults import Faults, nearest_name
from survey.grid import same
from survey.resolve import QuantityRequest
from survey.settings import (
    CrossoverMap,
    CrossoverSettings,
    Curves,
    DiagramSettings,
    EqualCrossover,
    ExponentCrossover,
    ExponentMap,
    RegimeMap,
    SurveyFile,
    ThermalLimitCrossover,
    WindowCrossover,
)
from survey.units import parse

Requests = Mapping[str, QuantityRequest]
Grid = Mapping[str, tuple[float, ...]]

# Between the classes 0, 1/3, 1/2 and 1 of the exponent: the middle of two neighbours.
DEFAULT_CROSSOVERS: dict[str, CrossoverSettings] = {
    "T_equal": EqualCrossover(kind="equal", variables=["tau_phi_resonant", "tau_phi_relaxation"]),
    "T_Lambda": ExponentCrossover(
        kind="exponent", variable="tau_phi_resonant", value=0.16666666666667, closed_form="T_Lambda"
    ),
    "T_alpha": ExponentCrossover(
        kind="exponent", variable="tau_phi_relaxation", value=0.41666666666667, closed_form="T_alpha"
    ),
    "T_beta": ExponentCrossover(
        kind="exponent", variable="tau_phi_relaxation", value=0.66666666666667, closed_form="T_beta"
    ),
    "T_valid": ThermalLimitCrossover(kind="thermal_limit", variable="tau_phi"),
    "saturation": WindowCrossover(kind="window", variable="tau_phi", threshold=0.1),
}
_CLOSED_FORM_AXES = {"T_Lambda": ("Lambda0", "Pd"), "T_alpha": ("Lambda0", "Pd", "chi")}
_CLOSED_FORM_AXES["T_beta"] = _CLOSED_FORM_AXES["T_alpha"]


def crossovers(file: SurveyFile, requests: Requests, grid: Grid, faults: Faults) -> dict[str, CrossoverSettings]:
    """The crossovers with the label of their quantity filled in; the default set if the file has no such section."""
    if file.crossovers is None:
        return _defaults(requests, grid)
    resolved = {}
    for name, settings in file.crossovers.items():
        where = ("crossovers", name)
        label = _label(settings.quantity, requests, where, faults)
        if label is None:
            continue
        request = requests[label]
        key = "variables" if isinstance(settings, EqualCrossover) else "variable"
        for variable in _variables(settings):
            with faults.at(*where, key):
                _refuse_unstored(variable, label, request)
        with faults.at(*where):
            _refuse_without_temperatures(settings, request, grid)
        if not faults.below(*where):
            resolved[name] = settings.model_copy(update={"quantity": label})
    return resolved


def _variables(settings: CrossoverSettings) -> list[str]:
    return settings.variables if isinstance(settings, EqualCrossover) else [settings.variable]


def _defaults(requests: Requests, grid: Grid) -> dict[str, CrossoverSettings]:
    """Of the default set what can be located from what is stored."""
    labels = [label for label, request in requests.items() if request.quantity == "dephasing"]
    resolved = {}
    for name, settings in DEFAULT_CROSSOVERS.items() if len(labels) == 1 else ():
        request = requests[labels[0]]
        if isinstance(settings, ExponentCrossover) and "Lambda0" not in request.axes:
            settings = settings.model_copy(update={"closed_form": None})
        if set(_variables(settings)) <= set(request.variables) and len(grid.get("T", (0, 0))) > 1:
            resolved[name] = settings.model_copy(update={"quantity": labels[0]})
    return resolved


def _refuse_without_temperatures(settings: CrossoverSettings, request: QuantityRequest, grid: Grid) -> None:
    if "T" not in request.axes or len(grid.get("T", (0, 0))) < 2:
        raise SurveyError(
            "a crossover is located along T; allowed: a quantity and an axis with at least two values of T"
        )
    closed_form = getattr(settings, "closed_form", None)
    missing = [name for name in _CLOSED_FORM_AXES.get(closed_form, ()) if name not in request.axes]
    if missing:
        raise SurveyError(f"closed_form {closed_form} depends on {', '.join(missing)}, which the quantity has not")
    if isinstance(settings, ThermalLimitCrossover):
        variable = QUANTITIES[request.quantity].variable(settings.variable)
        if variable.unit != "s":
            raise SurveyError(f"{settings.variable} has the unit {variable.unit!r}; allowed: a time, in s")


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
        label = _label(settings.quantity, requests, where, faults)
        if label is None:
            continue
        request = requests[label]
        _check_variables(settings, label, request, where, faults)
        _check_crossovers(settings, label, located, where, faults)
        at = _check_axes(settings, label, request, grid, where, faults)
        update = {"quantity": label, "at": at}
        if isinstance(settings, Curves):
            update["values"] = _family(settings, grid, where, faults)
            with faults.at(*where, "closed_forms"):
                _refuse_closed_forms(settings, request)
        if not faults.below(*where):
            resolved[name] = settings.model_copy(update=update)
    return resolved


def _label(given: str | None, requests: Requests, where: tuple, faults: Faults) -> str | None:
    """The label that a crossover or diagram is about; None, with a fault unless the quantities have one, if unclear."""
    if given is not None:
        if given not in requests and not faults.below("quantities"):
            faults.add((*where, "quantity"), f"there is no quantity {given!r}; {nearest_name(given, requests)}")
        return given if given in requests else None
    dephasing = [label for label, request in requests.items() if request.quantity == "dephasing"]
    candidates = dephasing if len(dephasing) == 1 else list(requests)
    if len(candidates) == 1:
        return candidates[0]
    if not faults.below("quantities"):
        faults.add((*where, "quantity"), f"is missing: there are several quantities; allowed: {', '.join(requests)}")
    return None


def _refuse_unstored(name: str, label: str, request: QuantityRequest, *, flags: bool = False) -> None:
    """SurveyError if the variable does not exist, is not stored, or is not of the kind (flags or numbers) wanted."""
    quantity = QUANTITIES[request.quantity]
    wanted = [each.name for each in quantity.variables if (each.flags is not None) == flags]
    if name not in wanted:
        raise SurveyError(f"{request.quantity} has no such variable {name!r}; {nearest_name(name, wanted)}")
    if name not in request.variables:
        raise SurveyError(
            f"needs {name!r}, which the survey does not store; add it to quantities.{label}.variables"
            f" (stored: {', '.join(request.variables)})"
        )


def _check_variables(
    settings: DiagramSettings, label: str, request: QuantityRequest, where: tuple, faults: Faults
) -> None:
    if isinstance(settings, RegimeMap):
        with faults.at(*where, "kind"):
            _refuse_unstored("regime", label, request, flags=True)
    for variable in getattr(settings, "variables", [getattr(settings, "variable", None)]):
        if variable is not None:
            with faults.at(*where, "variables" if isinstance(settings, Curves) else "variable"):
                _refuse_unstored(variable, label, request)


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
    settings: DiagramSettings, label: str, request: QuantityRequest, grid: Grid, where: tuple, faults: Faults
) -> dict[str, float]:
    """x, y, family and `at` cover each axis exactly once; returns `at` in values of the grid."""
    along = {key: getattr(settings, key) for key in ("x", "y", "family") if hasattr(settings, key)}
    needed = [name for name in request.axes if not (isinstance(settings, CrossoverMap) and name == "T")]
    taken: dict[str, str] = {}
    for key, name in [*along.items(), *((f"at.{name}", name) for name in settings.at)]:
        place = (*where, *key.split(".", 1))
        if name not in needed:
            reason = "is located along T" if name == "T" and "T" in request.axes else f"has no axis {name!r}"
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
    return {name: at[name] for name in request.axes if name in at}


def _shown(name: str, grid: Grid) -> str:
    unit = PARAMETERS[name].unit
    return f"{grid[name][0]:.12g}{'' if unit == '1' else f' {unit}'}" if name in grid else "..."


def on_grid(name: str, text: str | float, axis: tuple[float, ...]) -> float:
    """The value of the axis that the text means; SurveyError that names the nearest values if it is not on the axis."""
    value = parse(text, PARAMETERS[name])
    for known in axis:
        if same(known, value):
            return known
    unit = "" if PARAMETERS[name].unit == "1" else f" {PARAMETERS[name].unit}"
    near = sorted(sorted(axis, key=lambda known: abs(known - value))[:2])
    values = " and ".join(f"{known:.12g}{unit}" for known in near)
    raise SurveyError(
        f"found {text!r}, not on the grid; the nearest values of {name} are {values} ({len(axis)} values)"
    )


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
