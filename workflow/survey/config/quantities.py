"""From the models of a survey file to numbers on a grid: units, vocabulary, registry, and what fits together."""

from collections.abc import Mapping
from math import prod

import numpy as np

from physics import PARAMETERS, QUANTITIES
from survey.config.faults import Faults
from survey.config.file import RESERVED_LABELS, Axis, AxisValues, QuantitySettings, SurveyFile
from survey.errors import SurveyError
from survey.grid import canonical, canonical_axis, open_grid, same
from survey.survey import QuantityRequest
from survey.units import parse
from survey.words import nearest_name

# Of an ordinary kernel on one core, to say what a grid that is refused would take.
CELLS_PER_SECOND = 1e6


def axes(file: SurveyFile, faults: Faults) -> dict[str, tuple[float, ...]]:
    """The axes in the vocabulary's units, ascending, canonical; without those at fault."""
    resolved = {}
    for name, axis in file.axes.items():
        if name not in PARAMETERS:
            faults.add(("axes", name), f"unknown axis; {nearest_name(name, PARAMETERS)}")
            continue
        with faults.at("axes", name):
            values = _values(name, axis, faults)
            if not faults.below("axes", name):
                resolved[name] = tuple(float(value) for value in canonical_axis(values))
    return resolved


def _values(name: str, axis: Axis, faults: Faults) -> list[float]:
    parameter = PARAMETERS[name]

    def parsed(key: str, texts: list) -> list[float]:
        values = []
        for position, text in enumerate(texts):
            with faults.at("axes", name, key, position):
                values.append(parse(text, parameter))
        return values

    if isinstance(axis, AxisValues):
        values = parsed("values", axis.values)
        if len(values) == len(axis.values):
            refuse_repeated(values, axis.values)
        return values
    ends = []
    for key in ("start", "stop"):
        with faults.at("axes", name, key):
            ends.append(parse(getattr(axis, key), parameter))
    included = parsed("include", axis.include)
    return [*spaced(*ends, axis.num, axis.spacing), *included] if len(ends) == 2 else []


def spaced(start: float, stop: float, num: int, spacing: str) -> list[float]:
    """`num` values from `start` to `stop`, both exactly; `spacing` is "log" (equal ratios) or "linear"."""
    if (num == 1) != same(start, stop):
        raise SurveyError(
            f"found start {start:g}, stop {stop:g} and num {num}; one value needs start = stop, more need two"
        )
    if spacing == "log" and min(start, stop) <= 0:
        raise SurveyError(f"found start {start:g} and stop {stop:g}; logarithmic spacing needs positive values")
    between = np.geomspace(start, stop, num) if spacing == "log" else np.linspace(start, stop, num)
    values = [start, *(float(value) for value in between[1:-1]), stop][:num]
    if len(canonical_axis(values)) < num:
        raise SurveyError(f"{num} values from {start:.12g} to {stop:.12g} repeat themselves in 12 significant digits")
    return values


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


def refuse_repeated(values: list[float], texts: list) -> None:
    """SurveyError if two of the values are the same coordinate; names the two as they were written."""
    seen: dict[str, object] = {}
    for value, text in zip(values, texts, strict=True):
        if canonical(value) in seen:
            raise SurveyError(
                f"found {seen[canonical(value)]!r} and {text!r}: the same value; allowed: each value once"
            )
        seen[canonical(value)] = text


def quantities(file: SurveyFile, faults: Faults) -> dict[str, QuantityRequest]:
    """What is computed, by label; an entry at fault is kept if the rest of the file can still be judged by it."""
    requests = {}
    if not file.quantities and not faults.below("quantities"):
        faults.add(("quantities",), f"found no entries; allowed: at least one of {', '.join(QUANTITIES)}")
    for label, settings in file.quantities.items():
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
        with faults.at(*where, "options"):
            options = quantity.choices(options)
        for position, variable in enumerate(chosen or ()):
            with faults.at(*where, "variables", position):
                quantity.variable(variable)
        known = tuple(each.name for each in quantity.variables)
        wanted = known if chosen is None or faults.below(*where, "variables") else chosen
        if not faults.below(*where, "options"):
            variables = tuple(name for name in known if name in wanted)
            requests[label] = QuantityRequest(name, options, variables, settings.dtype, settings.cube)
    return requests


def refuse_alike(file: SurveyFile, faults: Faults) -> None:
    """Names become names of files and of variables in them: on many disks `A` and `a` are one file."""
    for section in ("quantities", "crossovers", "diagrams"):
        known: dict[str, str] = {}
        for name in getattr(file, section) or ():
            other = known.setdefault(name.lower(), name)
            if other != name:
                found = f"found {other!r} and {name!r}, which are one file where case does not count"
                faults.add((section, name), f"{found}; allowed: names that differ in more than that")


def constants(file: SurveyFile, faults: Faults) -> dict[str, float]:
    """The constants in the vocabulary's units; without those at fault."""
    resolved = {}
    for name, text in file.constants.items():
        if name not in PARAMETERS:
            faults.add(("constants", name), f"unknown constant; {nearest_name(name, PARAMETERS)}")
            continue
        with faults.at("constants", name):
            resolved[name] = parse(text, PARAMETERS[name])
    return resolved


def fit(data: Mapping, requests: Mapping[str, QuantityRequest], faults: Faults) -> None:
    """Holds the axes and constants of the file (`data`, as it was read) against what its quantities depend on."""
    for section, one in (("axes", "axis"), ("constants", "constant")):
        given = data.get(section) or {}
        if not isinstance(given, dict):
            continue
        for label, request in requests.items():
            for name in getattr(request, section):
                if name not in given:
                    meaning = PARAMETERS[name].long_name
                    faults.add((section,), f"the {one} {name} ({meaning}) is missing; {label} depends on it")
        if not requests or len(requests) < len(data["quantities"]):
            continue
        needed = {name: None for request in requests.values() for name in getattr(request, section)}
        for name in given:
            if name in PARAMETERS and name not in needed:
                text = f"no quantity of this survey has the {one} {name}; allowed: {', '.join(needed)}"
                faults.add((section, name), text)


def within_domains(
    grid: Mapping[str, tuple[float, ...]],
    constants: Mapping[str, float],
    requests: Mapping[str, QuantityRequest],
    faults: Faults,
) -> None:
    """Holds every value against the domain on which each quantity makes its promise."""
    for label, request in requests.items():
        quantity, checked = QUANTITIES[request.quantity], {}
        axes = {name: grid[name] for name in request.axes if name in grid}
        fixed = {name: constants[name] for name in request.constants if name in constants}
        for section, values in (("axes", open_grid(axes)), ("constants", fixed)):
            for name, value in values.items():
                with faults.at(section, name):
                    checked[name] = quantity.check(name, value)
        if set(checked) == {*request.axes, *request.constants}:
            with faults.at("quantities", label):
                quantity.check_together(request.options, checked)


def refuse_empty_grid(
    grid: Mapping[str, tuple[float, ...]], requests: Mapping[str, QuantityRequest], faults: Faults
) -> None:
    """E* <= Lambda0 everywhere means that no two-level system has a splitting: nothing would be computed."""
    if not {"Estar", "Lambda0"} <= grid.keys():
        return
    for request in requests.values():
        tunnelling = request.options.get("distribution") == "tunnelling_states"
        if tunnelling and {"Estar", "Lambda0"} <= set(request.axes) and grid["Estar"][-1] <= grid["Lambda0"][0]:
            found = f"found E* up to {grid['Estar'][-1]:g} K and Lambda0 from {grid['Lambda0'][0]:g} K"
            faults.add(("axes", "Estar"), f"{found}; allowed: E* above Lambda0 somewhere on the grid")
            return


def refuse_huge_grid(
    file: SurveyFile, grid: Mapping[str, tuple[float, ...]], requests: Mapping[str, QuantityRequest], faults: Faults
) -> None:
    """More cells than the survey allows, with what they would take."""
    for label, request in requests.items():
        if not set(request.axes) <= grid.keys():
            continue
        sizes = [prod(len(grid[axis]) for axis in request.axes_of(name)) for name in request.variables]
        if max(sizes) > file.most_cells:
            numbers = 4 if request.dtype == "float32" else 8
            takes = (
                f"about {sum(sizes) * numbers / 1e9:.2g} GB and {max(sizes) / CELLS_PER_SECOND / 3600:.2g} core hours"
            )
            faults.add(
                ("quantities", label),
                f"found {max(sizes):.3g} cells, which take {takes}; allowed: up to {file.most_cells:.3g} cells, "
                f"or write `most_cells: {max(sizes):.2g}` if that is what you want",
            )
