"""Which two-level systems a label is about, as facts, and whether labels that are to be joined are about the same.

One system dephases, stores heat and absorbs sound. Whatever joins quantities holds what their labels depend on against
each other here, whether or not the survey has given the systems names.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import combinations

from physics import PARAMETERS, QUANTITIES
from survey.errors import SurveyError
from survey.grid import same
from survey.survey import QuantityRequest, Survey

# The distributions over energies and barriers; the option of this name means another thing in `kondo`.
DISTRIBUTIONS = ("tunnelling_states", "glass", "gaussian_barrier", "clusters")
# What belongs to the two-level systems and not to the electrons, the experiment or the glass that they are compared to.
OF_LEVELS = ("Lambda0", "Pd", "chi", "Estar", "sigma_in", "p_min", "barrier_width", "U0", "gamma")
Values = Mapping[str, tuple[float, ...]]


@dataclass(frozen=True)
class Levels:
    """The two-level systems of a label: options (None where the quantity has no such option), and the values of those
    parameters of `OF_LEVELS` that it depends on, several if it is varied."""

    distribution: str
    convention: str
    cross_section: str | None
    values: Values

    def against(self, other: "Levels") -> list[str]:
        """In what two systems differ, in words; what only one of two quantities depends on does not tell them apart."""
        found = []
        for name in ("distribution", "convention", "cross_section"):
            mine, its = getattr(self, name), getattr(other, name)
            if None not in (mine, its) and mine != its:
                found.append(f"{name} {mine} and {its}")
        for name, mine in self.values.items():
            its = other.values.get(name, mine)
            if len(mine) != len(its) or not all(map(same, mine, its)):
                found.append(f"{name} {_text(name, mine)} and {_text(name, its)}")
        return found


def has_levels(quantity: str) -> bool:
    """Whether a registered quantity is computed from two-level systems of any distribution."""
    return set(DISTRIBUTIONS) <= QUANTITIES[quantity].options.get("distribution", {}).keys()


def levels_of(request: QuantityRequest, values: Values) -> Levels | None:
    """The two-level systems of a label in a survey with these values of its axes and constants; None if its quantity is
    not computed from a distribution of them."""
    if not has_levels(request.quantity):
        return None
    options = QUANTITIES[request.quantity].choices(request.options)
    known = {**values, **{name: (value,) for name, value in request.own_constants.items()}}
    used = {*request.axes, *request.constants}
    own = {name: tuple(known[name]) for name in OF_LEVELS if name in used and name in known}
    return Levels(options["distribution"], options["convention"], options.get("cross_section"), own)


def values_of(survey: Survey) -> Values:
    """The values of the axes and constants of a survey, for `levels_of`."""
    return survey.axes | {name: (value,) for name, value in survey.constants.items()}


def refuse_unlike(requests: Mapping[str, QuantityRequest], values: Values, labels: Iterable[str]) -> None:
    """SurveyError if these labels of a survey cannot be joined: if one takes the letters of its paper or has no levels,
    or if the levels of two differ."""
    found = {}
    for label in dict.fromkeys(labels):
        levels = levels_of(requests[label], values)
        if levels is None:
            able = ", ".join(name for name in QUANTITIES if has_levels(name))
            raise SurveyError(
                f"cannot join {label}: {requests[label].quantity} is of no distribution of two-level systems that it "
                f"could share; allowed: labels of {able}"
            )
        if levels.convention == "published":
            raise SurveyError(
                f"cannot join {label}: convention: published takes the letters of its paper, in which chi, sigma_in "
                "and Pd mean other things than in the others; allowed: convention: consistent"
            )
        found[label] = levels
    for (one, mine), (other, its) in combinations(found.items(), 2):
        differs = mine.against(its)
        if differs:
            raise SurveyError(
                f"cannot join {one} and {other}, which are of unlike two-level systems: {'; '.join(differs)}; allowed: "
                "labels of one system, e.g. by the same `levels`"
            )


def _text(name: str, values: tuple[float, ...]) -> str:
    texts = [PARAMETERS[name].text(value) for value in values]
    return texts[0] if len(texts) == 1 else f"{texts[0]} to {texts[-1]} ({len(texts)} values)"
