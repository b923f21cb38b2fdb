"""What else must be seen if a rival is true: specific heat, and how much sound is absorbed, each rival with a band."""

import json
from pathlib import Path

import numpy as np
import xarray

from physics.constants import BOLTZMANN, HBAR
from survey.config.inferred.figures import HeatFigure, PredictionsFigure, SoundFigure
from survey.draw.inference.findings import SYNTHETIC, colours_of, factor_of, log_axis, read_findings
from survey.draw.picture.scene import Axis, Band, Line, Scene, Sheet, swatch
from survey.rivals import RIVALS

# Part of the electrons' specific heat below which no experiment tells one.
SEEN = 0.02
# So many decades at most, from the highest value of a band downwards.
_DECADES = 7
# Of what sound does: variable, what it is, its label, and whether a metallic glass is its unit.
_RELAXATION = "relaxation, strong sound"
_SOUND = (
    ("W_resonant_over_glass", "resonant, weak sound", r"$W/W_\mathrm{g}$", True),
    ("W_relaxation_over_glass", _RELAXATION, r"$W/W_\mathrm{g}$", True),
    ("Q_inverse_resonant", "resonant, weak sound", "$Q^{-1}$", False),
    ("Q_inverse_relaxation", _RELAXATION, "$Q^{-1}$", False),
)
# Marks: their dash, and what they are. Sound is seen against the frequency near this temperature (K).
_MARKS = {
    "twice": ("dashdot", r"$\hbar\omega = 2\chi k_\mathrm{B}T$"),
    "largest": ("dotted", "$T = E^*$"),
    "least": ("dashed", r"$\hbar\omega = \Lambda_0$"),
}
_AT = 0.02
_MEDIAN, _PALE, _DARK = 2, (0, 4), (1, 3)


def heat(settings: HeatFigure, first: Path, crossovers: Path) -> Sheet:
    """C/T against T, and below it C_T/C_e, a panel for each time of the experiment."""
    attributes, groups = read_findings(first, settings.findings)["predictions"]
    group = groups["heat"]
    x, kelvin = _temperatures(group.C_ratio)
    rows = []
    if group.C_over_T.notnull().any():
        # That of the electrons is the same everywhere.
        electrons = float((group.C_over_T / (1 + group.C_ratio)).median())
        label = "$C/T$ (J K$^{-2}$ m$^{-3}$)"
        rows.append(_heat_row(settings, group.C_over_T, label, (electrons, 1 + SEEN), x, kelvin))
    rows.append(_heat_row(settings, group.C_ratio, r"$C_\mathrm{T}/C_\mathrm{e}$", (1.0, SEEN), x, kelvin))
    said = [
        swatch("#d5d5d5", r"less than 2 % of $C_\mathrm{e}$ from the defects"),
        Line(*_NONE, "#222222", 1.5, "dashed", label=r"$C_\mathrm{e}$"),
    ]
    rows[0][-1] = _with_legend(settings, rows[0][-1], said)
    notes = (
        *_notes(settings, attributes, ("C_ratio",)),
        "What the defects add to the electrons' specific heat, less than 2 % of it, no experiment tells from it.",
    )
    heading = "Synthetic data." if settings.synthetic else ""
    return Sheet("Specific heat of defects and electrons", tuple(map(tuple, rows)), (1.0,) * len(rows), notes, heading)


def _heat_row(settings: HeatFigure, values, label: str, electrons: tuple[float, float], x: Axis, kelvin: float) -> list:
    """The panels of one number; of the electrons it has the first, and up to the second of them nothing is seen."""
    own, seen = electrons[0], electrons[0] * electrons[1]
    y = _value_axis(label, [values], {min(own, seen) / 2, 1.5 * own})
    below = [
        Band(np.array([x.lower, x.upper]), np.full(2, y.lower), np.full(2, seen), "#888888", 0.35),
        Line(np.array([x.lower, x.upper]), np.full(2, own), "#222222", 1.5, "dashed"),
    ]
    return [
        Scene(_condition("t_exp", time), x, y, (*below, *_bands(settings, values.sel(t_exp=time), kelvin, y)))
        for time in values.t_exp.values
    ]


def sound(settings: SoundFigure, first: Path, crossovers: Path) -> Sheet:
    """W/W_g against T, a panel for each frequency, and against the frequency near 20 mK; resonant above, by relaxation
    below, and where the elastic constants are known Q^-1 likewise."""
    found = read_findings(first, settings.findings)
    attributes, groups = found["predictions"]
    group = groups["sound"]
    energies = {name: _energies(found[f"posterior_{name}"][1]["draws"]) for name in settings.levels}
    rows = []
    for name, meaning, label, relative in _SOUND:
        if relative or (group[name] > 0).any():
            rows.append(_sound_row(settings, group[name], meaning, label, relative, energies))
    said = [Line(*_NONE, "#222222", 1.5, "dashed", label="metallic glass")]
    said += [Line(*_NONE, "#666666", 1.6, dash, label=text) for dash, text in _MARKS.values()]
    if settings.floor is not None:
        said.append(swatch("#d5d5d5", f"below the error {settings.floor:g}"))
    rows[0][-1] = _with_legend(settings, rows[0][-1], said)
    notes = (
        *_notes(settings, attributes, [name for name, *_ in _SOUND[:2]]),
        "Vertical lines: medians of the posteriors, in the colour of the rival.",
    )
    title = "Absorption of sound by the defects"
    heading = "Synthetic data." if settings.synthetic else ""
    return Sheet(title, tuple(map(tuple, rows)), (1.0,) * len(rows), notes, heading)


def _energies(draws: xarray.Dataset) -> dict[str, float]:
    """Medians (K; chi has no unit) of what marks the sound of levels."""
    return {name: float(np.median(draws[name])) for name in ("chi", "Estar", "Lambda0") if name in draws}


def _sound_row(settings: SoundFigure, values, meaning: str, label: str, relative: bool, energies) -> list:
    """The panels of one number: against T at each frequency, and against the frequency."""
    x, kelvin = _temperatures(values)
    y = _value_axis(label, [values], {0.5, 2.0} if relative else set())
    colours = colours_of(settings.rivals)

    def panel(title: str, axis: Axis, own, factor: float, places: dict[str, dict[str, float]]) -> Scene:
        ends = np.array([axis.lower, axis.upper])
        layers: list = [Line(ends, np.ones(2), "#222222", 1.5, "dashed")] if relative else []
        if relative and meaning == _RELAXATION and settings.floor is not None and settings.floor > y.lower:
            layers.append(Band(ends, np.full(2, y.lower), np.full(2, settings.floor), "#888888", 0.35))
        for name, marks in places.items():
            for mark, at in marks.items():
                if axis.lower < at * factor < axis.upper:
                    across = np.full(2, at * factor)
                    layers.append(Line(across, np.array([y.lower, y.upper]), colours[name], 1.6, _MARKS[mark][0]))
        return Scene(title, axis, y, (*layers, *_bands(settings, own, factor, y)))

    found = []
    for omega in values.omega.values:
        quantum = HBAR * omega / BOLTZMANN
        marks = {
            name: {"twice": quantum / (2 * each["chi"]), "largest": each["Estar"]} for name, each in energies.items()
        }
        found.append(panel(f"{meaning}, {_frequency(omega)}", x, values.sel(omega=omega), kelvin, marks))
    if values.sizes["omega"] > 1:
        T = values["T"].values[int(np.abs(np.log(values["T"].values / _AT)).argmin())]
        marks = {name: {"twice": 2 * each["chi"] * T * BOLTZMANN / HBAR} for name, each in energies.items()}
        for name, each in energies.items():
            if "Lambda0" in each:
                marks[name]["least"] = each["Lambda0"] * BOLTZMANN / HBAR
        megahertz = 1 / (2e6 * np.pi)
        ends = values.omega.values[[0, -1]] * megahertz
        axis = log_axis("frequency (MHz)", *ends, 0.02)
        found.append(panel(f"{meaning}, {1e3 * T:.3g} mK", axis, values.sel(T=T), megahertz, marks))
    return found


_NONE = (np.array([np.nan]), np.array([np.nan]))


def _temperatures(values: xarray.DataArray) -> tuple[Axis, float]:
    T = values["T"].values
    label, kelvin = factor_of("T", T.min(), T.max())
    return log_axis(label, T.min() * kelvin, T.max() * kelvin, 0.02), kelvin


def _value_axis(label: str, values, shown: set[float]) -> Axis:
    """An axis that all bands are in, over `_DECADES` at most, and on which what is in `shown` is seen."""
    known = np.concatenate([each.values.ravel() for each in values])
    known = known[np.isfinite(known) & (known > 0)]
    upper = max([*shown, *known[known == known.max(initial=0.0)]])
    lower = min([*shown, max(known.min(initial=np.inf), upper * 10.0**-_DECADES)])
    return log_axis(label, lower, upper, 0.03)


def _bands(settings: PredictionsFigure, values: xarray.DataArray, factor: float, y: Axis) -> list:
    """The bands and medians of all rivals that have any, over (rival, quantile, T or omega), within the axis."""
    layers: list = []
    colours = colours_of(settings.rivals)
    for name in settings.rivals:
        own = values.sel(rival=name).values
        known = np.isfinite(own).all(axis=0)
        if not (own[:, known] > 0).any():
            continue
        along = values[str(values.dims[-1])].values[known] * factor
        q = np.clip(own[:, known], y.lower, y.upper)
        layers += [
            Band(along, q[low], q[high], colours[name], opacity)
            for (low, high), opacity in ((_PALE, 0.1), (_DARK, 0.18))
        ]
        shown = np.where(own[_MEDIAN, known] >= y.lower, q[_MEDIAN], np.nan)
        layers.append(Line(along, shown, colours[name], 2.2, hover=True))
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
