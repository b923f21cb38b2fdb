"""Quantities of a survey file: as they are written, and held against the registry, the axes and the constants."""

from collections.abc import Iterable, Mapping
from math import prod
from typing import Literal

from pydantic import Field

from physics import PARAMETERS, QUANTITIES
from survey.config.axes import Grid, constants_of
from survey.config.levels import System, system_of
from survey.errors import SurveyError
from survey.grid import open_grid
from survey.survey import QuantityRequest
from survey.words import nearest_name
from survey.written.faults import Faults, Place
from survey.written.settings import Name, Settings, Value

RESERVED_LABELS = ("benchmarks", "crossovers", "diagrams", "evidence", "experiments", "logs", "predictions", "store")
# Of an ordinary kernel on one core, to say what a grid that is refused would take.
CELLS_PER_SECOND = 1e6
Requests = Mapping[str, QuantityRequest]


class QuantitySettings(Settings):
    """A quantity to compute, under a label of your choice."""

    quantity: str | None = Field(default=None, description="Which registered quantity; default: the label itself.")
    variables: list[str] | None = Field(
        default=None,
        min_length=1,
        description="Which of its variables are stored; default: all whose constants are given.",
    )
    dtype: Literal["float64", "float32"] = Field(
        default="float64", description="How numbers are stored: float64 (default) or float32 (half the size, 7 digits)."
    )
    cube: Literal["auto", "copied", "virtual"] = Field(
        default="auto",
        description="How the cube is made: `copied` together from its tiles, `virtual`, which refers to the tiles and "
        "needs the store beside it, or `auto` (default), virtual above 50 GB of numbers.",
    )
    levels: str | None = Field(
        default=None,
        description="Of which of the survey's `levels` it is, if it is of two-level systems; default: the only ones.",
    )
    options: dict[str, str] = Field(default={}, description="Options of the quantity, e.g. its distribution.")
    constants: dict[Name, Value] = Field(
        default={}, description="Parameters that have one value here, instead of the survey's axis or constant."
    )


def quantities(
    written: Mapping[str, QuantitySettings | None],
    axes: Iterable[str],
    constants: Iterable[str],
    systems: Mapping[str, System],
    faults: Faults,
) -> dict[str, QuantityRequest]:
    """What is computed, by label, where these parameters are the file's axes and constants and these its two-level
    systems; an entry at fault is kept if the rest of the file can still be judged by it."""
    requests = {}
    for label, settings in written.items():
        where = ("quantities", label)
        if label.lower() in RESERVED_LABELS:
            faults.add(where, f"the label is reserved; allowed: any name but {', '.join(RESERVED_LABELS)}")
        name = label if settings is None or settings.quantity is None else settings.quantity
        if name not in QUANTITIES:
            key = where if name == label else (*where, "quantity")
            faults.add(key, f"there is no quantity {name!r}; {nearest_name(name, QUANTITIES)}")
            continue
        settings = settings or QuantitySettings()
        quantity, options, chosen = QUANTITIES[name], settings.options, settings.variables
        levels = system_of(settings.levels, quantity, settings, systems, Place(faults, *where))
        if faults.below(*where, "levels"):
            continue
        system = systems[levels] if levels else System({}, {})
        with faults.at(*where, "options"):
            options = quantity.choices(options | system.options_of(quantity))
        for position, variable in enumerate(chosen or ()):
            with faults.at(*where, "variables", position):
                quantity.variable(variable)
        if not faults.below(*where, "options"):
            if chosen is None or faults.below(*where, "variables"):
                given = {*axes, *constants, *settings.constants, *system.constants}
                chosen = quantity.default_variables(options, given)
            variables = tuple(name for name in quantity.names if name in chosen)
            own = constants_of(settings.constants, (*where, "constants"), faults)
            own |= system.constants_of(quantity, options, variables)
            varied = {*axes, *(axis for axis in quantity.axes if axis not in constants)}
            varied -= settings.constants.keys() | own.keys()
            along = tuple(axis for axis in PARAMETERS if axis in varied)
            requests[label] = QuantityRequest(
                name, options, variables, settings.dtype, settings.cube, along, own, levels
            )
    return requests


def fit(data: Mapping, requests: Requests, faults: Faults) -> None:
    """Holds the axes and constants of the file (`data`, as it was read) against what its quantities depend on."""
    given = {section: data.get(section) or {} for section in ("axes", "constants")}
    if not all(isinstance(each, dict) for each in given.values()):
        return
    for name in given["axes"].keys() & given["constants"].keys():
        faults.add(("constants", name), "it is an axis too; allowed: either an axis or a constant")
    needed: dict[str, None] = {}
    missing: dict[str, list[str]] = {}
    for label, request in requests.items():
        own = ("quantities", label, "constants")
        depends = dict.fromkeys((*request.axes, *request.constants))
        for name in depends:
            if name in request.own_constants or faults.below(*own, name):
                continue
            needed[name] = None
            if name not in given["axes"] and name not in given["constants"]:
                missing.setdefault(name, []).append(label)
        for name in request.own_constants:
            if name not in depends:
                faults.add((*own, name), f"{label} does not depend on it; allowed: {', '.join(depends)}")
        if depends and not request.axes:
            text = f"{label} has no axis; allowed: at least one of {', '.join(depends)}"
            faults.add(("quantities", label), text)
    for name, labels in missing.items():
        axis = any(name in requests[label].axes for label in labels)
        section, one = ("axes", "axis") if axis else ("constants", "constant")
        parameter = PARAMETERS[name]
        meaning = f"{parameter.long_name}, {'a number' if parameter.unit == '1' else f'in {parameter.unit}'}"
        verb = "depends" if len(labels) == 1 else "depend"
        faults.add((section,), f"the {one} {name} ({meaning}) is missing; {', '.join(labels)} {verb} on it")
    if not requests or len(requests) < len(data["quantities"]):
        return
    for section in given:
        for name in given[section]:
            if name in PARAMETERS and name not in needed:
                text = f"no quantity of this survey depends on it; allowed: {', '.join(needed)}"
                faults.add((section, name), text)


def within_domains(
    grid: Grid,
    constants: Mapping[str, float],
    requests: Requests,
    systems: Mapping[str, System],
    faults: Faults,
) -> None:
    """Holds every value against the domain on which each quantity makes its promise."""
    for label, request in requests.items():
        quantity, checked = QUANTITIES[request.quantity], {}
        axes = {name: grid[name] for name in request.axes if name in grid}
        own = {name: value for name, value in request.own_constants.items() if name in request.constants}
        fixed = {name: constants[name] for name in request.constants if name in constants and name not in own}
        places = {("axes",): open_grid(axes), ("constants",): fixed, ("quantities", label, "constants"): own}
        if request.levels:
            system = ("levels", request.levels)
            said = {name: own.pop(name) for name in systems[request.levels].constants if name in own}
            cross_section = {"sigma_in": said.pop("sigma_in")} if "sigma_in" in said else {}
            places |= {system: cross_section, (*system, "constants"): said}
        for where, values in places.items():
            for name, value in values.items():
                with faults.at(*where, name):
                    checked[name] = quantity.check(name, value)
        if set(checked) == {*request.axes, *request.constants}:
            with faults.at("quantities", label):
                quantity.check_together(request.options, checked)


def refuse_empty_grid(grid: Grid, requests: Requests, faults: Faults) -> None:
    """E* <= Lambda0 everywhere means that no two-level system has a splitting: nothing would be computed."""
    if not {"Estar", "Lambda0"} <= grid.keys():
        return
    for request in requests.values():
        tunnelling = request.options.get("distribution") == "tunnelling_states"
        if tunnelling and {"Estar", "Lambda0"} <= set(request.axes) and grid["Estar"][-1] <= grid["Lambda0"][0]:
            found = f"found E* up to {grid['Estar'][-1]:g} K and Lambda0 from {grid['Lambda0'][0]:g} K"
            faults.add(("axes", "Estar"), f"{found}; allowed: E* above Lambda0 somewhere on the grid")
            return


def refuse_huge_grid(most_cells: float, grid: Grid, requests: Requests, faults: Faults) -> None:
    """More cells than the survey allows, with what they would take."""
    for label, request in requests.items():
        if not set(request.axes) <= grid.keys():
            continue
        sizes = [prod(len(grid[axis]) for axis in request.axes_of(name)) for name in request.variables]
        if max(sizes) > most_cells:
            numbers = 4 if request.dtype == "float32" else 8
            takes = (
                f"about {sum(sizes) * numbers / 1e9:.2g} GB and {max(sizes) / CELLS_PER_SECOND / 3600:.2g} core hours"
            )
            faults.add(
                ("quantities", label),
                f"found {max(sizes):.3g} cells, which take {takes}; allowed: up to {most_cells:.3g} cells, "
                f"or write `most_cells: {max(sizes):.2g}` if that is what you want",
            )


def label_of(given: str | None, variables: Iterable[str], requests: Requests, place: Place) -> str | None:
    """The label that a crossover or diagram of these variables is about; None, with a fault unless the quantities have
    one, if unclear."""
    if given is not None:
        if given not in requests and not place.faults.below("quantities"):
            place.add("quantity", f"there is no quantity {given!r}; {nearest_name(given, requests)}")
        return given if given in requests else None
    known = {label: {each.name for each in QUANTITIES[requests[label].quantity].variables} for label in requests}
    having = [label for label in requests if set(variables) <= known[label]]
    dephasing = [label for label, request in requests.items() if request.quantity == "dephasing"]
    for candidates in (having, dephasing, list(requests)):
        if len(candidates) == 1:
            return candidates[0]
    if not place.faults.below("quantities"):
        place.add("quantity", f"is missing: there are several quantities; allowed: {', '.join(requests)}")
    return None


def axes_of_stored(name: str, label: str, requests: Requests, *, flags: bool = False) -> tuple[str, ...]:
    """The axes of a variable of a label; SurveyError if one of the two does not exist, or if the variable is not stored
    or not of the kind (flags or numbers) wanted."""
    if label not in requests:
        raise SurveyError(f"there is no quantity {label!r}; {nearest_name(label, requests)}")
    request = requests[label]
    wanted = [each.name for each in QUANTITIES[request.quantity].variables if (each.flags is not None) == flags]
    if name not in wanted:
        raise SurveyError(f"{request.quantity} has no such variable {name!r}; {nearest_name(name, wanted)}")
    if name not in request.variables:
        raise SurveyError(
            f"needs {name!r}, which the survey does not store; add it to quantities.{label}.variables"
            f" (stored: {', '.join(request.variables)})"
        )
    return request.axes_of(name)
