"""The inference of a survey file: measurements, rivals and what is believed before the data, as they are written; and
the tables of rates that it needs, as labels of the survey like any other."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import numpy as np
from pydantic import Field

from physics import PARAMETERS, QUANTITIES
from survey.config.axes import constants_of
from survey.config.inferred.consequences import ExperimentSettings, PredictionSettings, consequences
from survey.config.inferred.tables import dephasing_table, table_of_law
from survey.config.measured.load import measurements_named
from survey.inference import Hypothesis, Inference, Nuisances
from survey.measurement import OBSERVABLES, Measurement, Table
from survey.rivals import RIVALS, Range, Rival
from survey.survey import QuantityRequest
from survey.units import parse
from survey.words import nearest_name
from survey.written.faults import Faults, Place
from survey.written.settings import Name, Settings, Value

_YAML = (".yaml", ".yml")
Width = Annotated[float, Field(gt=0, le=10, allow_inf_nan=False)]


class RangeSettings(Settings):
    """A range within which a parameter is believed to be, log-uniform."""

    start: Value = Field(description="The least value, with its unit.")
    stop: Value = Field(description="The largest value, with its unit.")


class RivalSettings(Settings):
    """A rival explanation of the measurement."""

    priors: dict[Name, RangeSettings] = Field(
        default={}, description="Ranges of its parameters, log-uniform, instead of those of all rivals."
    )
    constants: dict[Name, Value] = Field(default={}, description="Its constants, e.g. p_min of a glass.")
    nodes_per_decade: float | None = Field(
        default=None, gt=0, le=40, description="Nodes of its grid in a decade of each parameter."
    )


class NuisanceSettings(Settings):
    """What is believed of experiment and background before the data: widths of normal distributions."""

    delta: Width = Field(default=0.1, description="Of the common scale of all times of a wire, in ln(tau_phi).")
    s_m: Width = Field(default=0.1, description="Of the scatter that errors do not say, half-normal.")
    ee_prefactor: Width = Field(default=0.35, description="Of ln of the factor on the electrons' rate.")
    ep_rate: Width = Field(default=0.7, description="Of ln of the phonons' rate at 1 K.")
    ep_exponent: Width = Field(default=0.3, description="Of the power of the phonons' rate.")
    cross_section: Width = Field(default=0.7, description="Of ln of the cross-section over that of the golden rule.")
    T_heat: RangeSettings = Field(
        default=RangeSettings(start="1 mK", stop="30 mK"),
        description="Range of the temperature of the heated electrons at T = 0, log-uniform.",
    )


class InferenceSettings(Settings):
    """Which levels, or what else, explain measured dephasing times; what must then be seen; and which experiment would
    tell the explanations apart."""

    measurements: list[str] = Field(
        min_length=1,
        max_length=20,
        description="Files of the folder `measurements` beside that of the surveys by their names, or paths from the "
        "survey that end in .yaml; several are wires of one material.",
    )
    rivals: dict[Name, RivalSettings | None] | None = Field(
        default=None, description=f"The explanations that are weighed; default: all of {', '.join(RIVALS)}."
    )
    priors: dict[Name, RangeSettings] = Field(
        default={}, description="Ranges of parameters, log-uniform, for all rivals that have them."
    )
    nuisances: NuisanceSettings = Field(
        default=NuisanceSettings(), description="What is believed of experiment and background."
    )
    predictions: PredictionSettings | None = Field(
        default=PredictionSettings(),
        description="Where heat, sound, noise and tau_phi of the same defects are predicted; null: nowhere.",
    )
    experiments: dict[Name, ExperimentSettings] | None = Field(
        default=None,
        description="Measurements that might be done next, by name: which numbers each reads. Default: heat, sound, "
        "noise and tau_phi, alone and together; {} for none.",
    )
    seed: int = Field(default=1, ge=0, lt=2**63, description="Of the random numbers of draws.")


def inference(
    settings: InferenceSettings | None, survey: Path, labels: Mapping[str, QuantityRequest], faults: Faults
) -> tuple[Inference | None, dict[str, QuantityRequest]]:
    """The inference of a survey file with everything in the vocabulary's units, and the tables that it needs by their
    labels; none if there is none or something is at fault. `labels` are those that the file gives."""
    if settings is None:
        return None, {}
    place, measurements = Place(faults, "inference"), []
    with place.at("measurements"):
        names = [str(survey.parent / each) if each.endswith(_YAML) else each for each in settings.measurements]
        measurements = measurements_named(names, survey.parent.parent / "measurements")
    return inference_from(settings, measurements, labels, place)


def inference_from(
    settings: InferenceSettings, measurements: list[Measurement], labels: Mapping[str, QuantityRequest], place: Place
) -> tuple[Inference | None, dict[str, QuantityRequest]]:
    """The same from measurements that are read, with faults noted at `place`."""
    for each in measurements:
        for table in each.tables:
            if table.mixes_limits:
                place.add("measurements", f"{table.path} has a limit whose error is not independent of the others, so "
                          "that its probability is no product; allowed: limits with no covariance to other "
                          "rows")  # fmt: skip
        if absent := [name for name in ("ep_rate", "ep_exponent") if name not in each.constants]:
            text = f"does not give {' and '.join(absent)} under `constants`, the phonons of every rival"
            place.add("measurements", f"{each.path} {text}")
        if each.tables[1:] and len(measurements) > 1:
            place.add("measurements", f"{each.path} has tables beside tau_phi, and there are several wires, whose "
                      "densities differ; allowed: one wire, or tau_phi alone")  # fmt: skip
    nuisances = _nuisances(settings.nuisances, place.inside("nuisances"))
    chosen = dict.fromkeys(RIVALS) if settings.rivals is None else settings.rivals
    if not chosen:
        place.add("rivals", f"found no entries; allowed: at least one of {', '.join(RIVALS)}")
    requests: dict[str, QuantityRequest] = {}
    hypotheses: dict[str, Hypothesis] = {}
    common = {name: _range(name, each, place.inside("priors", name)) for name, each in settings.priors.items()}
    used: set[str] = set()
    spacings: dict[str, float] = {}
    for name, written in chosen.items():
        own = place.inside("rivals", name)
        if name not in RIVALS:
            own.add(f"there is no rival {name!r}; {nearest_name(name, RIVALS)}")
            continue
        rival, written = RIVALS[name], written or RivalSettings()
        ranges = _ranges(rival, common | _known(rival, measurements), written, own)
        used |= ranges.keys()
        constants = _constants(rival, written, own)
        for each in measurements:
            _refuse_without_law(rival, each, own)
        if own.faulty or nuisances is None or place.faulty:
            continue
        tables, others = {}, {}
        for each in measurements:
            label = f"{each.name}_{name}"
            if label in labels:
                place.add("measurements", f"{label} is the label of a quantity too; allowed: another label")
            per_decade = written.nodes_per_decade or rival.per_decade
            with own.at():
                requests[label] = dephasing_table(rival, each, ranges, constants, nuisances.of(each), per_decade)
            tables[each.name] = label
            found, others[each.name] = _others(name, each, ranges, constants, per_decade, own)
            requests |= found
        hypotheses[name] = Hypothesis(ranges, constants, tables, others)
        spacings[name] = written.nodes_per_decade or rival.per_decade
    for name in common.keys() - used:
        if not place.faulty:
            place.add("priors", name, "no rival of this inference has it")
    if place.faulty or nuisances is None:
        return None, {}
    found = Inference(tuple(measurements), hypotheses, nuisances, settings.seed)
    if settings.predictions is None:
        if settings.experiments:
            place.add("experiments", "without predictions there is nothing to weigh; allowed: `predictions` too")
        return found, requests
    besides, tables_besides = consequences(settings.predictions, settings.experiments, found, spacings, place)
    for label in tables_besides.keys() & (labels.keys() | requests.keys()):
        place.add("measurements", f"{label} is the label of a quantity too; allowed: another label")
    if besides is None or place.faulty:
        return None, {}
    return replace(found, consequences=besides), requests | tables_besides


def _others(
    name: str, sample: Measurement, ranges, constants, per_decade: float, place: Place
) -> tuple[dict[str, QuantityRequest], tuple[str, ...]]:
    """What a rival predicts for the tables of a sample beside tau_phi: new tables by their labels, and the label for
    each, empty where the rival does nothing."""
    rival, requests, labels = RIVALS[name], {}, []
    for number, table in enumerate(sample.tables[1:], start=1):
        law = rival.laws.get(OBSERVABLES[table.observable].law)
        if law is None:
            labels.append("")
            continue
        label = f"{sample.name}_{name}_{number}_{table.observable}"
        where = {axis: tuple(sorted(set(values))) for axis, values in table.at.items()}
        with place.at():
            request, absent = table_of_law(law, rival, sample, ranges, constants, per_decade, where, inside=False)
            if request is None:
                place.add(f"{table.observable} {next(iter(absent.values()))}")
            else:
                requests[label] = request
                labels.append(label)
    return requests, tuple(labels)


def _refuse_without_law(rival: Rival, sample: Measurement, place: Place) -> None:
    """A rival cannot be weighed by what it has no law of; nor, of what it does nothing to, where more was seen than
    nothing. Electrons have a specific heat."""
    for table in sample.tables[1:]:
        law = OBSERVABLES[table.observable].law
        idle = law in rival.nothing
        if law not in rival.laws and not (idle and (law == "heat" or not _seen(table))):
            reason = "nothing is done to" if idle else "there is no law of"
            place.add(f"{reason} {table.observable} by {rival.title}, and {table.path} has it; allowed: without this "
                      "rival, or without this table")  # fmt: skip


def _seen(table: Table) -> bool:
    """Whether there is more of a number than nothing: a value, or a limit from below."""
    return any(limit != "upper" for limit in table.limits)


def _nuisances(settings: NuisanceSettings, place: Place) -> Nuisances | None:
    heat = _range("T_heat", settings.T_heat, place.inside("T_heat"))
    if heat is None:
        return None
    widths = {name: getattr(settings, name) for name in NuisanceSettings.model_fields if name != "T_heat"}
    return Nuisances(**widths, T_heat=heat)


def _range(name: str, settings: RangeSettings, place: Place) -> Range | None:
    """The ends of a range in the vocabulary's unit."""
    if name not in PARAMETERS:
        place.add(f"unknown parameter; {nearest_name(name, PARAMETERS)}")
        return None
    ends = []
    for key in ("start", "stop"):
        with place.at(key):
            ends.append(parse(getattr(settings, key), PARAMETERS[name]))
    if len(ends) < 2:
        return None
    if not 0 < ends[0] < ends[1]:
        place.add(f"found {settings.start!r} to {settings.stop!r}; allowed: a lower, then a higher value, above zero")
        return None
    return ends[0], ends[1]


def _ranges(rival: Rival, common: Mapping, written: RivalSettings, place: Place) -> dict[str, Range]:
    """The range of each parameter of a rival: its own, else that of all rivals, else the default."""
    known = dict(rival.outer) | ({} if rival.amplitude is None else dict([rival.amplitude]))
    own = {name: _range(name, each, place.inside("priors", name)) for name, each in written.priors.items()}
    for name in own:
        if name not in known:
            place.add("priors", name, f"is none of its parameters; allowed: {', '.join(known) or 'none'}")
    quantity, found = QUANTITIES[rival.quantity], {}
    for name, default in known.items():
        low, high = own.get(name) or common.get(name) or default
        with place.at("priors", name):
            found[name] = (float(quantity.check(name, low)), float(quantity.check(name, high)))
    return found


def _known(rival: Rival, measurements: list[Measurement]) -> dict[str, Range]:
    """What the measurements know of the parameters of a rival: a log-uniform range of the same standard deviation, of
    1 % at least."""
    found = {}
    for each in measurements:
        for name, (value, sigma) in each.known.items():
            reach = float(np.exp(np.sqrt(3.0) * max(sigma, 0.01)))
            found[name] = (value / reach, value * reach)
    return found


def _constants(rival: Rival, written: RivalSettings, place: Place) -> dict[str, float]:
    given = constants_of(written.constants, (*place.where, "constants"), place.faults)
    for name in given:
        if name not in rival.constants:
            allowed = ", ".join(rival.constants) or "none"
            place.add("constants", name, f"is no constant of this rival; allowed: {allowed}; those of the material "
                      "stand with the measurement")  # fmt: skip
    return {**rival.constants, **given}
