"""How the axes of curves are scaled: by the inverse of the variables, and by values that leave no unit."""

from dataclasses import dataclass

from pydantic import Field

from physics import PARAMETERS, Parameter
from survey.config.base import Line, Settings, Value
from survey.config.faults import Place
from survey.mathtext import inverse_unit, refuse_bad_formula
from survey.units import parse

INVERSE = "Whether the inverse of the variables is drawn, e.g. the rate 1/tau_phi."
X_PER = "What the horizontal axis is divided by, so that it has no unit."
Y_PER = "The same of what is drawn, after its inverse is taken."


@dataclass(frozen=True, kw_only=True)
class Reference:
    """What an axis is divided by: a value in the unit of what is drawn, and its symbol."""

    value: float
    symbol: str


class Per(Settings):
    """A value that an axis is divided by, so that it has no unit."""

    becomes = Reference

    value: Value = Field(description="The value, with its unit, by which the axis is divided.")
    symbol: Line = Field(min_length=1, description="Its symbol, as a formula without the dollar signs.")

    def checked(self, parameter: Parameter, place: Place) -> Reference | None:
        """The reference in the unit of what is drawn."""
        found = {}
        with place.at("value"):
            found["value"] = parse(self.value, parameter)
        with place.at("symbol"):
            refuse_bad_formula(f"${self.symbol}$")
        return self.resolved(**found) if found else None


def references(settings, unit: str, place: Place) -> dict[str, Reference | None]:
    """What the axes are divided by, in the units of x and of what is drawn."""
    drawn = Parameter("y_per", "", inverse_unit(unit) if settings.inverse else unit, "value that y is divided by")
    parameters = {"x_per": PARAMETERS.get(settings.x), "y_per": drawn}
    written = {key: getattr(settings, key) for key in parameters}
    return {
        key: per and parameters[key] and per.checked(parameters[key], place.inside(key)) for key, per in written.items()
    }
