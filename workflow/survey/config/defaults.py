"""The crossovers of a survey that names none: which there are, and which of them are left out, and why."""

from collections.abc import Mapping
from dataclasses import replace

from survey.config.axes import Grid
from survey.config.crossovers import (
    CrossoverSettings,
    EqualCrossover,
    ExponentCrossover,
    ThermalLimitCrossover,
    WindowCrossover,
    missing_of,
    runs_along,
)
from survey.config.quantities import Requests
from survey.survey import Crossover

# By quantity. Of dephasing: the middle of two neighbours of the classes 0, 1/3, 1/2 and 1 of the exponent. Of the
# specific heat: C_T/T is constant below E* and falls as T^-3 above, so that the exponent of C_T passes from -1 to 2.
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
_OWN_SECTION = "the section `crossovers` of the survey stands for all of them"


def defaults(requests: Requests, grid: Grid) -> dict[str, Crossover]:
    """Of the default sets of the quantities that occur once, what can be located from what is stored."""
    located = {}
    for quantity, written in DEFAULT_CROSSOVERS.items():
        labels = [label for label, request in requests.items() if request.quantity == quantity]
        for name, settings in written.items() if labels else ():
            if not _no_default(settings, labels, requests, grid):
                request = requests[labels[0]]
                found = settings.resolved(quantity=labels[0])
                form = found.closed_form
                unknown = form and missing_of(form, settings.along, request, request.axes_of(*settings.used))
                located[name] = replace(found, closed_form=None) if unknown else found
    return located


def left_out(
    written: Mapping[str, CrossoverSettings] | None, requests: Requests, grid: Grid
) -> dict[str, tuple[str, str]]:
    """Quantity and reason of each default crossover of the survey's quantities that is not located."""
    found = {}
    for quantity, known in DEFAULT_CROSSOVERS.items():
        labels = [label for label, request in requests.items() if request.quantity == quantity]
        for name, settings in known.items() if labels else ():
            reason = _no_default(settings, labels, requests, grid) if written is None else _OWN_SECTION
            if reason and name not in (written or ()):
                found[name] = quantity, reason
    return found


def _no_default(settings: CrossoverSettings, labels: list[str], requests: Requests, grid: Grid) -> str:
    """Why a default crossover of the quantity of these labels is not located; empty if it is."""
    if len(labels) > 1:
        return f"its quantity has several labels ({', '.join(labels)})"
    request = requests[labels[0]]
    missing = [name for name in settings.used if name not in request.variables]
    if missing:
        return f"{labels[0]} does not store {', '.join(missing)}"
    if not runs_along(settings, request, grid):
        return f"{labels[0]} has no axis {settings.along} with at least two values"
    return ""
