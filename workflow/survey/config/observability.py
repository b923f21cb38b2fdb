"""Observability diagrams of a survey file: the three quantities that they join, and the measurement."""

from physics import PARAMETERS, Parameter
from survey.config.crossovers import Grid, Requests, refuse_unstored
from survey.config.diagrams import Measured, Observability
from survey.config.faults import Faults
from survey.config.quantities import on_grid
from survey.errors import SurveyError
from survey.units import parse
from survey.words import nearest_name

# What a diagram takes from other quantities than its own: its key, the registered quantity, the variable.
PREDICTED = {"heat": ("specific_heat", "C_ratio"), "sound": ("attenuation", "W_over_glass")}
TAU_PHI = Parameter("tau_phi", r"\tau_\varphi", "s", "electron dephasing time")


def observability(
    settings: Observability, label: str, requests: Requests, grid: Grid, where: tuple, faults: Faults
) -> tuple[dict, tuple[str, ...]]:
    """What replaces the text of an observability diagram (labels, the measurement in numbers), and the axes of its
    three quantities together."""
    update, axes = {}, list(requests[label].axes_of("tau_phi"))
    for key, (quantity, variable) in PREDICTED.items():
        with faults.at(*where, key):
            update[key] = _label(getattr(settings, key), quantity, requests)
            refuse_unstored(variable, update[key], requests[update[key]])
            axes += [name for name in requests[update[key]].axes_of(variable) if name not in axes]
        claim = getattr(settings, f"{key}_claim")
        if claim[0] >= claim[1]:
            faults.add(
                (*where, f"{key}_claim"), f"found [{claim[0]:g}, {claim[1]:g}]; allowed: a lower, then a higher value"
            )
    update["measured"] = _measured(settings.measured, grid, (*where, "measured"), faults)
    if settings.fitted is not None and settings.fitted not in (
        names := [n for n in requests[label].axes_of("tau_phi") if n != "T"]
    ):
        text = f"tau_phi cannot be fitted along {settings.fitted!r}; {nearest_name(settings.fitted, names)}"
        faults.add((*where, "fitted"), text)
    return update, tuple(name for name in PARAMETERS if name in axes)


def _label(given: str | None, quantity: str, requests: Requests) -> str:
    """The label of the quantity: as given, or the only one."""
    labels = [label for label, request in requests.items() if request.quantity == quantity]
    if given is None and len(labels) == 1:
        return labels[0]
    if given in labels:
        return given
    if not labels:
        raise SurveyError(f"needs the quantity {quantity}, which the survey does not compute; add it to `quantities`")
    found = "is missing" if given is None else f"{given!r} is no label of {quantity}"
    raise SurveyError(f"{found}; allowed: {', '.join(labels)}")


def _measured(measured: Measured, grid: Grid, where: tuple, faults: Faults) -> Measured:
    """The measurement in the vocabulary's units, its temperatures on the grid."""
    numbers = {}
    with faults.at(*where, "tau_phi"):
        numbers["tau_phi"] = parse(measured.tau_phi, TAU_PHI)
    for key in ("start", "stop"):
        with faults.at(*where, key):
            numbers[key] = on_grid("T", getattr(measured, key), grid.get("T", ()))
    if {"start", "stop"} <= numbers.keys() and numbers["start"] > numbers["stop"]:
        faults.add((*where, "start"), f"found {measured.start!r} above stop, {measured.stop!r}")
    return measured.model_copy(update=numbers)
