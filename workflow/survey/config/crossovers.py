"""Crossovers of a survey file: held against what the survey stores and against its grid."""

from collections.abc import Iterable, Mapping

from physics import PARAMETERS, QUANTITIES
from survey.config.faults import Faults
from survey.config.file import (
    CrossoverSettings,
    EqualCrossover,
    ExponentCrossover,
    SurveyFile,
    ThermalLimitCrossover,
    WindowCrossover,
)
from survey.errors import SurveyError
from survey.survey import QuantityRequest
from survey.words import nearest_name

Requests = Mapping[str, QuantityRequest]
Grid = Mapping[str, tuple[float, ...]]

# The crossovers of a survey that names none, by quantity. Of dephasing: between the classes 0, 1/3, 1/2 and 1 of the
# exponent, the middle of two neighbours. Of the specific heat: C_T/T is constant below E* and falls as T^-3 above, so
# that the exponent of C_T passes from -1 to 2.
DEFAULT_CROSSOVERS: dict[str, dict[str, CrossoverSettings]] = {
    "dephasing": {
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
    },
    "specific_heat": {
        "T_heat": EqualCrossover(kind="equal", variables=["C_electron", "C_tls"]),
        "T_cutoff": ExponentCrossover(kind="exponent", variable="C_tls", value=0.5, exponent="rises"),
    },
    "attenuation": {"T_sound": EqualCrossover(kind="equal", variables=["F_relaxation", "F_resonant"])},
}
_METAL = ("sigma_in", "v_F")
_CLOSED_FORM_PARAMETERS = {"T_Lambda": ("Lambda0", "Pd", *_METAL), "T_alpha": ("Lambda0", "Pd", "chi", *_METAL)}
_CLOSED_FORM_PARAMETERS["T_beta"] = _CLOSED_FORM_PARAMETERS["T_alpha"]
# What a crossover is stored under beside its own name, and what an answer of a query holds beside its variable.
_PARTS = ("_width", "_censoring", "_closed_form", "_low", "_high", "_ratio")
_ANSWERS = ("method", "cells_used", "error_estimate", "meaning", "status", "statuses", "nearest_status")


def crossovers(file: SurveyFile, requests: Requests, grid: Grid, faults: Faults) -> dict[str, CrossoverSettings]:
    """The crossovers with the label of their quantity filled in; the default sets if the file has no such section."""
    if file.crossovers is None:
        return _defaults(requests, grid)
    resolved = {}
    for name, settings in file.crossovers.items():
        where = ("crossovers", name)
        with faults.at(*where):
            _refuse_name(name, file.crossovers)
        label = label_of(settings.quantity, _variables(settings), requests, where, faults)
        if label is None:
            continue
        request = requests[label]
        key = "variables" if isinstance(settings, EqualCrossover) else "variable"
        for variable in _variables(settings):
            with faults.at(*where, key):
                refuse_unstored(variable, label, request)
        with faults.at(*where):
            if not faults.below(*where):
                _refuse_without_temperatures(settings, request, grid)
        if not faults.below(*where):
            resolved[name] = settings.model_copy(update={"quantity": label})
    return resolved


def _refuse_name(name: str, names: Iterable[str]) -> None:
    """SurveyError if a crossover of this name shares it with something else in its file or in an answer from it."""
    axes = {f"{axis}{part}" for axis in PARAMETERS for part in ("", "_nearest", "_low", "_high")}
    if name in axes or name in _ANSWERS or name.endswith("_censoring"):
        raise SurveyError(f"the name {name!r} means something else in the file of the crossovers; allowed: another one")
    for part in _PARTS:
        base = name.removesuffix(part)
        if base != name and base in names:
            raise SurveyError(f"the name {name!r} is that of a part of the crossover {base}; allowed: another one")


def _variables(settings: CrossoverSettings) -> list[str]:
    return settings.variables if isinstance(settings, EqualCrossover) else [settings.variable]


def _defaults(requests: Requests, grid: Grid) -> dict[str, CrossoverSettings]:
    """Of the default sets of the quantities that occur once, what can be located from what is stored."""
    resolved = {}
    for quantity, defaults in DEFAULT_CROSSOVERS.items():
        labels = [label for label, request in requests.items() if request.quantity == quantity]
        for name, settings in defaults.items() if len(labels) == 1 else ():
            request = requests[labels[0]]
            if isinstance(settings, ExponentCrossover) and "Lambda0" not in request.axes:
                settings = settings.model_copy(update={"closed_form": None})
            if set(_variables(settings)) <= set(request.variables) and len(grid.get("T", (0, 0))) > 1:
                resolved[name] = settings.model_copy(update={"quantity": labels[0]})
    return resolved


def _refuse_without_temperatures(settings: CrossoverSettings, request: QuantityRequest, grid: Grid) -> None:
    axes = request.axes_of(*_variables(settings))
    if "T" not in axes or len(grid.get("T", (0, 0))) < 2:
        raise SurveyError(
            "a crossover is located along T; allowed: a quantity and an axis with at least two values of T"
        )
    closed_form = getattr(settings, "closed_form", None)
    known = (*axes, *request.constants)
    missing = [name for name in _CLOSED_FORM_PARAMETERS.get(closed_form, ()) if name not in known]
    if missing:
        raise SurveyError(f"closed_form {closed_form} depends on {', '.join(missing)}, which the quantity has not")
    if isinstance(settings, ThermalLimitCrossover):
        variable = QUANTITIES[request.quantity].variable(settings.variable)
        if variable.unit != "s":
            raise SurveyError(f"{settings.variable} has the unit {variable.unit!r}; allowed: a time, in s")


def label_of(
    given: str | None, variables: Iterable[str], requests: Requests, where: tuple, faults: Faults
) -> str | None:
    """The label that a crossover or diagram of these variables is about; None, with a fault unless the quantities have
    one, if unclear."""
    if given is not None:
        if given not in requests and not faults.below("quantities"):
            faults.add((*where, "quantity"), f"there is no quantity {given!r}; {nearest_name(given, requests)}")
        return given if given in requests else None
    known = {label: {each.name for each in QUANTITIES[requests[label].quantity].variables} for label in requests}
    having = [label for label in requests if set(variables) <= known[label]]
    dephasing = [label for label, request in requests.items() if request.quantity == "dephasing"]
    for candidates in (having, dephasing, list(requests)):
        if len(candidates) == 1:
            return candidates[0]
    if not faults.below("quantities"):
        faults.add((*where, "quantity"), f"is missing: there are several quantities; allowed: {', '.join(requests)}")
    return None


def refuse_unstored(name: str, label: str, request: QuantityRequest, *, flags: bool = False) -> None:
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
