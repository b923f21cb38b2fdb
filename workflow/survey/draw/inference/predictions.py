"""What else must be seen if a rival is true: the specific heat of the defects over that of the electrons, and how much
sound they absorb over a metallic glass, each rival with its own band."""

import json
from pathlib import Path

import numpy as np
import xarray

from survey.config.inferred.figures import HeatFigure, PredictionsFigure, SoundFigure
from survey.draw.inference.findings import SYNTHETIC, colours_of, factor_of, log_axis, read_findings
from survey.draw.scene import Axis, Band, Line, Scene, Sheet, swatch
from survey.rivals import RIVALS

# Part of the electrons' specific heat below which no experiment tells one.
SEEN = 0.02
# So many decades at most, from the highest value of a band downwards.
_DECADES = 7
# Of W_res and W_rel: variable and what it is.
_SOUND = (
    ("W_resonant_over_glass", "resonant, weak sound"),
    ("W_relaxation_over_glass", "relaxation, strong sound"),
)
_MEDIAN, _PALE, _DARK = 2, (0, 4), (1, 3)


def heat(settings: HeatFigure, first: Path, crossovers: Path) -> Sheet:
    """C_T/C_e against T, a panel for each time of the experiment."""
    attributes, groups = read_findings(first, settings.findings)["predictions"]
    ratio = groups["heat"].C_ratio
    y = _value_axis(r"$C_\mathrm{T}/C_\mathrm{e}$", [ratio], {SEEN / 2, 1.5})
    x, kelvin = _temperatures(ratio)
    below = [
        Band(np.array([x.lower, x.upper]), np.full(2, y.lower), np.full(2, SEEN), "#888888", 0.35),
        Line(np.array([x.lower, x.upper]), np.ones(2), "#222222", 1.5, "dashed"),
    ]
    row = [
        Scene(_condition("t_exp", time), x, y, (*below, *_bands(settings, ratio.sel(t_exp=time), kelvin, y)))
        for time in ratio.t_exp.values
    ]
    said = [
        swatch("#d5d5d5", r"below 2 % of $C_\mathrm{e}$"),
        Line(*_NONE, "#222222", 1.5, "dashed", label=r"$C_\mathrm{e}$"),
    ]
    row[-1] = _with_legend(settings, row[-1], said)
    notes = (
        *_notes(settings, attributes, ("C_ratio",)),
        "What is below 2 % of the electrons' specific heat no experiment tells from it.",
    )
    title = "Specific heat of the defects over that of the electrons"
    return Sheet(title, (tuple(row),), (1.0,), notes, "Synthetic data." if settings.synthetic else "")


def sound(settings: SoundFigure, first: Path, crossovers: Path) -> Sheet:
    """W/W_g against T, resonant above, by relaxation below, a panel for each frequency."""
    attributes, groups = read_findings(first, settings.findings)["predictions"]
    group = groups["sound"]
    x, kelvin = _temperatures(group[_SOUND[0][0]])
    rows = []
    for name, meaning in _SOUND:
        values = group[name]
        y = _value_axis(r"$W/W_\mathrm{g}$", [values], {0.5, 2.0})
        glass = Line(np.array([x.lower, x.upper]), np.ones(2), "#222222", 1.5, "dashed")
        rows.append(
            [
                Scene(
                    f"{meaning}, {_frequency(omega)}",
                    x,
                    y,
                    (glass, *_bands(settings, values.sel(omega=omega), kelvin, y)),
                )
                for omega in values.omega.values
            ]
        )
    said = [Line(*_NONE, "#222222", 1.5, "dashed", label="metallic glass")]
    rows[0][-1] = _with_legend(settings, rows[0][-1], said)
    notes = _notes(settings, attributes, [name for name, _ in _SOUND])
    title = "Absorption of sound by the defects over that in a metallic glass"
    heading = "Synthetic data." if settings.synthetic else ""
    return Sheet(title, tuple(map(tuple, rows)), (1.0, 1.0), notes, heading)


_NONE = (np.array([np.nan]), np.array([np.nan]))


def _temperatures(values: xarray.DataArray) -> tuple[Axis, float]:
    T = values["T"].values
    label, kelvin = factor_of("T", T.min(), T.max())
    return log_axis(label, T.min() * kelvin, T.max() * kelvin, 0.02), kelvin


def _value_axis(label: str, values, shown) -> Axis:
    """An axis that all bands are in, over `_DECADES` at most, and on which what is in `shown` is seen."""
    known = np.concatenate([each.values.ravel() for each in values])
    known = known[np.isfinite(known) & (known > 0)]
    upper = max([*shown, *known[known == known.max(initial=0.0)]])
    lower = min([*shown, max(known.min(initial=np.inf), upper * 10.0**-_DECADES)])
    return log_axis(label, lower, upper, 0.03)


def _bands(settings: PredictionsFigure, values: xarray.DataArray, kelvin: float, y: Axis) -> list:
    """The bands and medians of all rivals that have any, over (rival, quantile, T), within the axis."""
    layers: list = []
    colours = colours_of(settings.rivals)
    for name in settings.rivals:
        own = values.sel(rival=name).values
        known = np.isfinite(own).all(axis=0)
        if not (own[:, known] > 0).any():
            continue
        T = values["T"].values[known] * kelvin
        q = np.clip(own[:, known], y.lower, y.upper)
        layers += [
            Band(T, q[low], q[high], colours[name], opacity) for (low, high), opacity in ((_PALE, 0.1), (_DARK, 0.18))
        ]
        shown = np.where(own[_MEDIAN, known] >= y.lower, q[_MEDIAN], np.nan)
        layers.append(Line(T, shown, colours[name], 2.2, hover=True))
    return layers


def _with_legend(settings: PredictionsFigure, scene: Scene, said: list) -> Scene:
    colours = colours_of(settings.rivals)
    keys = [Line(*_NONE, colours[name], 2.2, label=RIVALS[name].title) for name in settings.rivals]
    return Scene(scene.title, scene.x, scene.y, (*scene.layers, *keys, *said))


def _notes(settings: PredictionsFigure, attributes, names) -> tuple[str, ...]:
    """What the bands are, and why a rival has none."""
    left_out = json.loads(attributes.get("left_out", "{}"))
    reasons = dict.fromkeys(
        f"{RIVALS[rival].title}: {why}" for name in names for rival, why in left_out.get(name, {}).items()
    )
    found = [SYNTHETIC] if settings.synthetic else []
    found.append(
        "Lines: posterior median; bands: 68 % and, paler, 95 %. A rival without a line has nothing to be seen."
    )
    return (*found, *([f"Not computed: {'; '.join(reasons)}."] if reasons else []))


def _condition(name: str, value: float) -> str:
    return rf"$t_\mathrm{{exp}}$ = {value:g} s" if name == "t_exp" else f"{name} = {value:g}"


def _frequency(omega: float) -> str:
    return f"{omega / (2e6 * np.pi):.4g} MHz"
