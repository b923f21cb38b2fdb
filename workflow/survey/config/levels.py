"""Two-level systems of a survey file, named once for all quantities: as they are written, and what they make of the
options and constants of a label."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

from pydantic import Field

from physics import PARAMETERS, QUANTITIES
from physics.quantity import Quantity
from survey.config.axes import constants_of
from survey.errors import SurveyError
from survey.levels import OF_LEVELS, has_levels
from survey.units import parse
from survey.words import nearest_name
from survey.written.faults import Faults, Place
from survey.written.settings import Name, Settings, Value

FromCoupling = Literal["unitary", "golden_rule"]
_OPTIONS = ("distribution", "cross_section")
_CONSTANTS = tuple(name for name in OF_LEVELS if name != "sigma_in")


class LevelSettings(Settings):
    """A system of two-level systems, under a name of your choice."""

    distribution: Literal["tunnelling_states", "glass", "gaussian_barrier", "clusters"] = Field(
        description="How their energies and barriers are distributed."
    )
    sigma_in: Value | None = Field(
        default=None,
        description="Inelastic cross-section of one of them: a value with its unit; `unitary` or `golden_rule`, from "
        "chi and the constant eps_F; default: the survey's axis or constant sigma_in.",
    )
    constants: dict[Name, Value] = Field(
        default={},
        description=f"Their parameters ({', '.join(_CONSTANTS)}) that have one value for all quantities of these "
        "levels, instead of the survey's axis or constant.",
    )


@dataclass(frozen=True)
class System:
    """A system of two-level systems: the options that it sets and its constants, each for the quantities that have it,
    in the vocabulary's units."""

    options: Mapping[str, str]
    constants: Mapping[str, float]

    def options_of(self, quantity: Quantity) -> dict[str, str]:
        return {name: value for name, value in self.options.items() if name in quantity.options}

    def constants_of(self, quantity: Quantity, options: Mapping[str, str], variables) -> dict[str, float]:
        """The constants that these variables depend on under these options."""
        needed = {name for names in quantity.depends_on(options, variables) for name in names}
        return {name: value for name, value in self.constants.items() if name in needed}


def systems(written: Mapping[str, LevelSettings], faults: Faults) -> dict[str, System]:
    """The systems of a file in the vocabulary's units, without what is at fault."""
    return {name: _system(settings, Place(faults, "levels", name)) for name, settings in written.items()}


def _system(settings: LevelSettings, place: Place) -> System:
    options, given = {"distribution": settings.distribution}, {}
    for name, text in settings.constants.items():
        if name == "sigma_in":
            place.add("constants", name, "it says how these levels scatter; allowed: as `sigma_in:` beside constants")
        elif name in PARAMETERS and name not in _CONSTANTS:
            allowed = f"allowed: {', '.join(_CONSTANTS)}; others under `constants:` of the survey or of a quantity"
            place.add("constants", name, f"it is no parameter of two-level systems; {allowed}")
        else:
            given[name] = text
    constants = constants_of(given, (*place.where, "constants"), place.faults)
    if settings.sigma_in in get_args(FromCoupling):
        options["cross_section"] = settings.sigma_in
    elif settings.sigma_in is not None:
        options["cross_section"] = "given"
        try:
            constants["sigma_in"] = parse(settings.sigma_in, PARAMETERS["sigma_in"])
        except SurveyError as error:
            place.add("sigma_in", f"{error}, or {' or '.join(get_args(FromCoupling))}")
    return System(options, constants)


def system_of(given: str | None, quantity: Quantity, settings, known: Mapping[str, System], place: Place) -> str | None:
    """The name of the system that a label of the quantity is of: the one that it names, else the only one; None, with a
    fault where there should be one, if there is none. `settings` are those of the label, held against the system."""
    if not has_levels(quantity.name):
        if given is not None:
            able = ", ".join(name for name in QUANTITIES if has_levels(name))
            place.add("levels", f"{quantity.name} is of no distribution of two-level systems; allowed for {able}")
        return None
    if given is None and len(known) > 1:
        place.add("levels", f"is missing: the survey has several systems of levels; allowed: {', '.join(known)}")
    if given is not None and given not in known:
        hint = nearest_name(given, known) if known else "allowed: those below `levels:`, which the survey has not"
        place.add("levels", f"the survey has no levels {given!r}; {hint}")
    name = next(iter(known)) if given is None and len(known) == 1 else given
    if name not in known:
        return None
    for option in settings.options.keys() & _OPTIONS & quantity.options.keys():
        reason = f"the levels {name} say it for all quantities; allowed: under levels.{name}, or levels of another name"
        place.add("options", option, f"found {settings.options[option]!r}; {reason}")
    if settings.options.get("convention") == "published":
        place.add(
            "options",
            "convention",
            f"found 'published', which takes the letters of its paper and cannot share the levels {name}; allowed: "
            "consistent, or a survey without `levels`",
        )
    for constant in settings.constants.keys() & {*known[name].constants, *_replaced(known[name])}:
        place.add("constants", constant, f"the levels {name} have it; allowed: one value for all of their quantities")
    return name


def _replaced(system: System) -> tuple[str, ...]:
    """The constant that a system of which the coupling gives the cross-section does not need."""
    return ("sigma_in",) if system.options.get("cross_section", "given") != "given" else ()


def refuse_unused(known: Mapping[str, System], requests: Mapping, faults: Faults) -> None:
    """A system of no quantity, or with a constant that none of its quantities depends on, is a slip of the pen."""
    for name, system in known.items():
        own = [request for request in requests.values() if request.levels == name]
        place = Place(faults, "levels", name)
        if not own:
            place.add("no quantity of this survey has these levels; allowed: named under `levels:` of at least one")
            continue
        depends = dict.fromkeys(each for request in own for each in (*request.axes, *request.constants))
        allowed = ", ".join(each for each in _CONSTANTS if each in depends)
        for constant in system.constants:
            if constant != "sigma_in" and constant not in depends:
                text = f"no quantity of these levels depends on it; allowed: {allowed}"
                place.add("constants", constant, text)
        if "cross_section" in system.options and not any("cross_section" in each.options for each in own):
            able = ", ".join(each for each, quantity in QUANTITIES.items() if "cross_section" in quantity.options)
            place.add("sigma_in", f"no quantity of these levels depends on it; allowed with {able}")
