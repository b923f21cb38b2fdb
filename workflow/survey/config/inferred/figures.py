"""The figures of an inference: what the measurement and its rivals say, and where the parameters of each may lie.

Each inference has them all; what they show hangs on the findings, so that a survey file says nothing about them.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from survey.inference import Inference, findings_of
from survey.rivals import Range
from survey.survey import Diagram
from survey.written.faults import Faults

DATA_AND_RIVALS, ALLOWED_REGION = "data_and_rivals", "allowed_region"
HEAT, SOUND, DECISION = "heat", "sound", "decision"
# The last three where there are predictions, and experiments.
FIGURES = {DATA_AND_RIVALS, ALLOWED_REGION, HEAT, SOUND, DECISION}


@dataclass(frozen=True, kw_only=True)
class Figure(Diagram):
    """A diagram of findings: nothing of it is cut from a grid. `synthetic`: whether a measurement was made up."""

    synthetic: bool

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels of the cubes that it is drawn from."""
        return ()


@dataclass(frozen=True, kw_only=True)
class RivalsFigure(Figure):
    """The measured dephasing times with all rivals. `wires` are the titles of the measurements, in their order;
    `predicted`: whether tau_phi of the first is known at other temperatures too."""

    drawn_by = "survey.draw.inference.rivals:data_and_rivals"

    rivals: tuple[str, ...]
    wires: tuple[str, ...]
    predicted: bool

    @property
    def findings(self) -> tuple[str, ...]:
        further = ("predictions",) if self.predicted else ()
        return ("evidence", *(f"posterior_{name}" for name in self.rivals), *further)


@dataclass(frozen=True, kw_only=True)
class RegionFigure(Figure):
    """Where the parameters of one rival may lie. `ranges` are those before the data, `T_min` (K) is the lowest
    temperature of the data, `tau_phi` (s) the middle of its times, `v_F` (m/s) and `eps_F` (J) are those of the first
    sample."""

    drawn_by = "survey.draw.inference.regions:allowed_region"

    rival: str
    ranges: Mapping[str, Range]
    T_min: float
    tau_phi: float
    v_F: float
    eps_F: float

    @property
    def findings(self) -> tuple[str, ...]:
        return (f"posterior_{self.rival}",)


@dataclass(frozen=True, kw_only=True)
class PredictionsFigure(Figure):
    """What else must be seen of the rivals. `floor`: the least error of a reading of strong sound among the
    experiments, None where none reads it."""

    rivals: tuple[str, ...]
    floor: float | None

    @property
    def findings(self) -> tuple[str, ...]:
        return ("predictions",)


@dataclass(frozen=True, kw_only=True)
class HeatFigure(PredictionsFigure):
    drawn_by = "survey.draw.inference.predictions:heat"


@dataclass(frozen=True, kw_only=True)
class SoundFigure(PredictionsFigure):
    """The sound of the rivals, with energies of those in `levels`, which have a coupling and a largest splitting."""

    drawn_by = "survey.draw.inference.predictions:sound"

    levels: tuple[str, ...]

    @property
    def findings(self) -> tuple[str, ...]:
        return ("predictions", *(f"posterior_{name}" for name in self.levels))


@dataclass(frozen=True, kw_only=True)
class DecisionFigure(PredictionsFigure):
    """Which experiment tells the rivals apart."""

    drawn_by = "survey.draw.inference.decision:decision"

    @property
    def findings(self) -> tuple[str, ...]:
        return ("predictions", "experiments")


def figures(inference: Inference | None, taken: Iterable[str], faults: Faults) -> dict[str, Figure]:
    """The figures of an inference by their names; none of these may be `taken` by another diagram. A rival without
    parameters of its own has no region."""
    if inference is None:
        return {}
    samples, made = inference.measurements, findings_of(inference)
    material = samples[0].constants
    common = {
        "title": None,
        "at": {},
        "x_scale": "log",
        "colormap": None,
        "synthetic": any(each.synthetic for each in samples),
    }
    found: dict[str, Figure] = {
        DATA_AND_RIVALS: RivalsFigure(
            kind=DATA_AND_RIVALS,
            x="T",
            width=900,
            height=150 + 600 * len(samples),
            rivals=tuple(inference.rivals),
            wires=tuple(each.title for each in samples),
            predicted="predictions" in made,
            **common,
        )
    }
    for name, each in inference.rivals.items():
        if each.ranges:
            found[f"{ALLOWED_REGION}_{name}"] = RegionFigure(
                kind=ALLOWED_REGION,
                x=next(iter(each.ranges)),
                width=1500,
                height=800,
                rival=name,
                ranges=each.ranges,
                T_min=min(min(sample.tables[0].at["T"]) for sample in samples),
                tau_phi=float(np.median([tau for sample in samples for tau in sample.tables[0].values])),
                v_F=material["v_F"],
                eps_F=material["eps_F"],
                **common,
            )
    further = {"x": "T", "rivals": tuple(inference.rivals), "floor": _floor(inference), **common}
    if "predictions" in made:
        found[HEAT] = HeatFigure(kind=HEAT, width=1300, height=860, **further)
        levels = tuple(name for name, each in inference.rivals.items() if {"chi", "Estar"} <= each.ranges.keys())
        found[SOUND] = SoundFigure(kind=SOUND, width=1600, height=860, levels=levels, **further)
    if "experiments" in made:
        found[DECISION] = DecisionFigure(kind=DECISION, width=900, height=1000, **further)
    own = {name.lower() for name in found}
    for name in taken:
        if name.lower() in own:
            faults.add(("diagrams", name), "is a figure of the inference too; allowed: another name")
    return found


def _floor(inference: Inference) -> float | None:
    """The least error that a reading of strong sound has where there is none."""
    besides = inference.consequences
    readings = [one for each in besides.experiments.values() for one in each.readings] if besides else []
    floors = [one.floor for one in readings if one.observable == "W_relaxation_over_glass" and one.floor]
    return min(floors, default=None)
