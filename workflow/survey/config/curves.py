"""Curves and comparisons of a survey file: families, laws, marks, coloured backgrounds, and labels side by side."""

from physics import PARAMETERS, QUANTITIES
from physics.laws import LAWS, Law
from survey.config.crossovers import Grid, Requests, refuse_unstored
from survey.config.diagrams import Comparison, Curves
from survey.config.faults import Faults
from survey.config.quantities import on_grid
from survey.errors import SurveyError
from survey.survey import QuantityRequest
from survey.words import nearest_name


def curves(
    settings: Curves, label: str, requests: Requests, grid: Grid, where: tuple, faults: Faults
) -> tuple[dict, list[str]]:
    """What replaces text in the settings of curves (values of the family, laws, marks), and the axes that laws, marks
    and background depend on."""
    request = requests[label]
    update, needed = {"values": _family(settings, grid, where, faults)}, []
    update["laws"] = _laws(settings, request, where, faults)
    for name in update["laws"]:
        needed += [axis for axis in LAWS[request.quantity][name].parameters if axis in request.axes]
    update["marks"] = []
    for position, mark in enumerate(settings.marks):
        with faults.at(*where, "marks", position):
            of, _, variable = mark.rpartition(".")
            needed += _axes_of_mark(settings, of or label, variable, requests)
            update["marks"].append(f"{of or label}.{variable}")
    if settings.regimes is not None:
        with faults.at(*where, "regimes"):
            needed += _axes_of_background(settings, update["values"], label, request)
    with faults.at(*where, "variables"):
        _refuse_units(settings, request)
    with faults.at(*where, "y_range"):
        refuse_range(settings)
    return update, needed


def comparison(settings: Comparison, requests: Requests, where: tuple, faults: Faults) -> tuple[tuple, tuple]:
    """The axes that all labels of a comparison have, and those that any of them has."""
    found: dict[str, tuple[str, ...]] = {}
    units = set()
    for position, label in enumerate(settings.labels):
        with faults.at(*where, "labels", position):
            if label not in requests:
                raise SurveyError(f"there is no quantity {label!r}; {nearest_name(label, requests)}")
            if label in found:
                raise SurveyError(f"found {label!r} again; allowed: each label once")
            refuse_unstored(settings.variable, label, requests[label])
            found[label] = requests[label].axes_of(settings.variable)
            units.add(QUANTITIES[requests[label].quantity].variable(settings.variable).unit)
    if len(units) > 1:
        faults.add((*where, "labels"), f"{settings.variable} has different units: {', '.join(sorted(units))}")
    with faults.at(*where, "y_range"):
        refuse_range(settings)
    shared = tuple(name for name in PARAMETERS if found and all(name in axes for axes in found.values()))
    return shared, tuple(name for name in PARAMETERS if any(name in axes for axes in found.values()))


def refuse_range(settings: Curves | Comparison) -> None:
    """SurveyError unless a given range of values ascends, and is positive where the scale is logarithmic."""
    if settings.y_range is None:
        return
    lower, upper = settings.y_range
    if lower >= upper:
        raise SurveyError(f"found [{lower:g}, {upper:g}]; allowed: a lower, then a higher value")
    if lower <= 0 and settings.y_scale != "linear":
        raise SurveyError(f"found {lower:g}; allowed: positive values, or y_scale: linear")


def _refuse_units(settings: Curves, request: QuantityRequest) -> None:
    units = {name: QUANTITIES[request.quantity].variable(name).unit for name in settings.variables}
    if len(set(units.values())) > 1:
        found = ", ".join(f"{name} in {unit}" for name, unit in units.items())
        raise SurveyError(f"found {found}; allowed: variables of one unit")


def _family(settings: Curves, grid: Grid, where: tuple, faults: Faults) -> list[float] | None:
    """The values of the family's curves, on the grid; None without a family."""
    if settings.family not in grid:
        if settings.family is None and settings.values is not None:
            faults.add((*where, "values"), "needs `family`, the axis that they are values of")
        return None
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


def _laws(settings: Curves, request: QuantityRequest, where: tuple, faults: Faults) -> list[str]:
    """The laws that are drawn: those named, or all that apply."""
    known, wanted = LAWS.get(request.quantity, {}), []
    for position, name in enumerate(settings.laws):
        with faults.at(*where, "laws", position):
            if name not in known:
                raise SurveyError(f"{request.quantity} has no law {name!r}; {nearest_name(name, known)}")
            reason = _objection(known[name], settings, request)
            if reason:
                raise SurveyError(f"the law {name} {reason}")
            wanted.append(name)
    if settings.closed_forms:
        wanted = [name for name, law in known.items() if name in wanted or not _objection(law, settings, request)]
        if not wanted:
            reasons = [f"the law {name} {_objection(law, settings, request)}" for name, law in known.items()]
            text = "; ".join(reasons) or f"no law of {request.quantity} is known"
            faults.add((*where, "closed_forms"), f"found true; {text}")
    return wanted


def _objection(law: Law, settings: Curves, request: QuantityRequest) -> str:
    """Why a law cannot be drawn over these curves; empty if it can."""
    if settings.x not in law.axes:
        return f"runs along x: {' or '.join(law.axes)}"
    if not law.functions.keys() & set(settings.variables):
        return f"is of {' and '.join(law.functions)}"
    known = (*request.axes, *request.constants)
    missing = [name for name in law.parameters if name not in known]
    if missing:
        return f"depends on {', '.join(missing)}, which the quantity has not"
    others = [f"{name}: {value}" for name, value in law.options.items() if request.options.get(name) != value]
    return f"holds for {', '.join(others)}" if others else ""


def _axes_of_mark(settings: Curves, label: str, variable: str, requests: Requests) -> list[str]:
    """The axes of a variable that is marked on x; SurveyError if it has no place there."""
    if label not in requests:
        raise SurveyError(f"there is no quantity {label!r}; {nearest_name(label, requests)}")
    refuse_unstored(variable, label, requests[label])
    unit = QUANTITIES[requests[label].quantity].variable(variable).unit
    axis = PARAMETERS.get(settings.x)
    if axis is not None and unit != axis.unit:
        raise SurveyError(f"{variable} is in {unit}, the axis {settings.x} in {axis.unit}; allowed: the same unit")
    axes = requests[label].axes_of(variable)
    if settings.x in axes:
        raise SurveyError(f"{variable} depends on {settings.x}; allowed: a variable that does not")
    return list(axes)


def _axes_of_background(settings: Curves, values, label: str, request: QuantityRequest) -> list[str]:
    """The axes of the flag variable in the background; SurveyError if it cannot be drawn there."""
    refuse_unstored(settings.regimes, label, request, flags=True)
    axes = request.axes_of(settings.regimes)
    if settings.x not in axes:
        raise SurveyError(f"{settings.regimes} does not depend on {settings.x!r}; allowed: one that does")
    if settings.family in axes and len(values or ()) > 1:
        raise SurveyError(f"{settings.regimes} differs from curve to curve; allowed: a single value of the family")
    return list(axes)
