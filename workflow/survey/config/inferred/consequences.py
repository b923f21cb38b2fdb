"""What is predicted of rivals and which experiments are weighed, as they are written and as tables of the survey."""

from collections.abc import Mapping
from typing import Any

from pydantic import Field

from physics import PARAMETERS
from survey.config.axes import Axis, AxisRange, AxisValues, axis_values
from survey.config.inferred.tables import dephasing_table, table_of_law, without
from survey.config.measured.cells import relative
from survey.inference import SEEN, Consequences, Experiment, Inference, Mechanism, Observable, Reading, Seen
from survey.rivals import KINDS, RIVALS
from survey.survey import QuantityRequest
from survey.units import parse
from survey.written.faults import Place
from survey.written.settings import Settings, Value

# The least error of a reading where none is written, in the unit of what is read: that a number is zero can be seen.
_FLOORS = {"W_over_glass": 1e-3, "Q_inverse": 1e-8, "hooge": 1e-9}
# omega of 1 MHz, in words that keep the frequency readable.
_MHZ = 6.28318530718e6
_HOUR = 3600


class PredictionSettings(Settings):
    """Where heat, sound, noise and tau_phi of the same defects are predicted."""

    T: Axis = Field(
        default=AxisRange(start="3 mK", stop="1 K", num=16), description="Temperatures of heat, sound and noise."
    )
    omega: Axis = Field(
        default=AxisValues(values=[f"{scale * _MHZ:.12g} rad/s" for scale in (10, 100, 1000)]),
        description="Angular frequencies of sound.",
    )
    t_exp: Axis = Field(
        default=AxisValues(values=["1 ms", "1 s", f"{_HOUR} s"]), description="Times of the experiment, for heat."
    )
    H: Axis = Field(
        default=AxisRange(start="0.1 mT", stop="0.1 T", num=7), description="Magnetic fields of the magnetoresistance."
    )
    T_dephasing: Axis = Field(
        default=AxisRange(start="1 mK", stop="10 K", num=25), description="Temperatures of tau_phi."
    )


class ReadingSettings(Settings):
    """One number that an experiment reads."""

    observable: Observable = Field(description="What is read; C and C_over_T are those of defects and electrons.")
    T: Value = Field(description="At this temperature.")
    omega: Value | None = Field(default=None, description="At this angular frequency, for sound.")
    t_exp: Value | None = Field(default=None, description="In this time, for heat; default: 1 s.")
    mechanism: Mechanism = Field(
        default="relaxation", description="Of sound: strong (`relaxation`: the resonance is saturated) or `resonant`."
    )
    error: Value = Field(description="One standard deviation as a part of the value, `5 %` or 0.05.")
    floor: Any = Field(
        default=None,
        description="An error that stays where the value is zero, with the unit of the value; default: none for heat "
        f"and tau_phi, {_FLOORS['W_over_glass']:g} for W_over_glass, {_FLOORS['Q_inverse']:g} for Q_inverse, "
        f"{_FLOORS['hooge']:g} for hooge.",
    )


class ExperimentSettings(Settings):
    """A measurement that might be done next."""

    measure: list[ReadingSettings] = Field(min_length=1, max_length=20, description="The numbers that it reads.")
    cost: float = Field(default=1.0, gt=0, allow_inf_nan=False, description="What it costs, in any unit.")


def _heat(*temperatures: str) -> list[ReadingSettings]:
    return [ReadingSettings(observable="C", T=T, error="5 %") for T in temperatures]


def _sound(*megahertz: float) -> list[ReadingSettings]:
    return [
        ReadingSettings(observable="W_over_glass", T="20 mK", omega=f"{each * _MHZ:.12g} rad/s", error="10 %")
        for each in megahertz
    ]


_TAU = [ReadingSettings(observable="tau_phi", T="10 mK", error="5 %")]
_NOISE = [ReadingSettings(observable="hooge", T="20 mK", error="10 %")]
DEFAULTS: dict[str, list[ReadingSettings]] = {
    "heat_10mK": _heat("10 mK"),
    "heat_20mK": _heat("20 mK"),
    "heat_40mK": _heat("40 mK"),
    "heat_20mK_200mK": _heat("20 mK", "200 mK"),
    "sound_10MHz": _sound(10),
    "sound_100MHz": _sound(100),
    "sound_1GHz": _sound(1000),
    "sound_100MHz_1GHz": _sound(100, 1000),
    "tau_phi_10mK": _TAU,
    "noise_20mK": _NOISE,
    "all": [*_heat("20 mK", "200 mK"), *_sound(100, 1000), *_TAU],
}


def consequences(
    predicted: PredictionSettings,
    written: Mapping[str, ExperimentSettings] | None,
    inference: Inference,
    per_decade: Mapping[str, float],
    place: Place,
) -> tuple[Consequences | None, dict[str, QuantityRequest]]:
    """Predictions and experiments in the vocabulary's units, and the tables that they need by their labels; none if
    something is at fault."""
    if written is None:
        written = {name: ExperimentSettings(measure=each) for name, each in DEFAULTS.items()}
    at, axes = place.inside("predictions"), {}
    for name in PredictionSettings.model_fields:
        parameter = name.removesuffix("_dephasing")
        found = axis_values(parameter, getattr(predicted, name), place.faults, (*at.where, name))
        axes[name] = found or ()
    experiments = {name: _experiment(each, place.inside("experiments", name)) for name, each in written.items()}
    if place.faulty:
        return None, {}
    for each in (reading for one in experiments.values() for reading in one.readings):
        for name, value in each.at.items():
            axis = "T_dephasing" if each.observable == "tau_phi" else name
            axes[axis] = tuple(sorted({*axes[axis], value}))
    requests: dict[str, QuantityRequest] = {}
    tables, missing = {}, {}
    for name in inference.rivals:
        with place.inside("rivals", name).at():
            tables[name], missing[name] = _tables(name, inference, per_decade[name], axes, requests)
    return (None if place.faulty else Consequences(axes, tables, missing, experiments)), requests


def _tables(
    name: str, inference: Inference, per_decade: float, axes, requests: dict[str, QuantityRequest]
) -> tuple[dict[str, str], dict[str, str]]:
    """The labels of a rival's tables by kind, put into `requests`, and why a number is in none."""
    rival, hypothesis, sample = RIVALS[name], inference.rivals[name], inference.measurements[0]
    common = (sample, hypothesis.ranges, hypothesis.constants)
    tables, missing = {"dephasing": f"{sample.name}_{name}_dephasing"}, {}
    nuisances = inference.nuisances.of(sample)
    requests[tables["dephasing"]] = dephasing_table(rival, *common, nuisances, per_decade, axes["T_dephasing"])
    for kind in KINDS:
        law, numbers = rival.laws.get(kind), {each: seen for each, seen in SEEN.items() if seen.kind == kind}
        missing |= without(sample, kind)
        if law is None:
            if kind not in rival.nothing:
                missing |= dict.fromkeys(numbers, f"there is no law of this for {rival.title}")
            continue
        request, absent = table_of_law(law, rival, *common, per_decade, axes)
        for each, seen in numbers.items():
            if seen.variable not in law.variables:
                missing[each] = f"there is no law of this for {rival.title}"
            elif seen.variable in absent:
                missing[each] = absent[seen.variable]
        if request is not None:
            tables[kind] = f"{sample.name}_{name}_{kind}"
            requests[tables[kind]] = request
    return tables, missing


def _experiment(settings: ExperimentSettings, place: Place) -> Experiment:
    readings = (_reading(each, place.inside("measure", number)) for number, each in enumerate(settings.measure))
    return Experiment(tuple(each for each in readings if each is not None), settings.cost)


def _reading(settings: ReadingSettings, place: Place) -> Reading | None:
    of_sound = settings.observable in ("W_over_glass", "Q_inverse")
    name = _name(settings) if of_sound else settings.observable
    seen, at, error, floor = SEEN[name], {}, None, _FLOORS.get(settings.observable, 0.0)
    written = {"T": settings.T, "omega": settings.omega, "t_exp": settings.t_exp}
    if seen.at == "t_exp" and settings.t_exp is None:
        written["t_exp"] = "1 s"
    for key, value in written.items():
        if key not in ("T", seen.at):
            if value is not None:
                place.add(key, f"{settings.observable} does not depend on it; allowed: T{_and(seen)}")
        elif value is None:
            place.add(key, f"is missing: {settings.observable} depends on it")
        else:
            with place.at(key):
                at[key] = parse(value, PARAMETERS[key])
    with place.at("error"):
        error = relative(settings.error)
    if settings.floor is not None:
        with place.at("floor"):
            floor = parse(settings.floor, seen.parameter)
    return None if error is None else Reading(name, at, error, floor)


def _name(settings: ReadingSettings) -> str:
    """The number of `SEEN`: of sound by its mechanism."""
    first, _, last = settings.observable.partition("_")
    if settings.observable == "W_over_glass":
        return f"{first}_{settings.mechanism}_{last}"
    return f"{settings.observable}_{settings.mechanism}"


def _and(seen: Seen) -> str:
    return "" if seen.at is None else f", {seen.at}"
