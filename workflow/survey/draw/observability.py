"""Observability diagrams: what specific heat and sound must show wherever two-level systems explain a measured
dephasing time."""

from pathlib import Path

import numpy as np
import xarray

from physics import PARAMETERS
from survey.config.observability import ObservabilityDiagram
from survey.cubes.predictions import predictions
from survey.draw.geometry import contour, outline, ticks
from survey.draw.picture.colours import palette
from survey.draw.picture.scene import Line, Mesh, Scene, key, swatch
from survey.draw.plane import mesh_of, scene_of
from survey.flags import flag_text, flag_words
from survey.mathtext import number, value_text

# Of each prediction: the variable, its symbol, the colour of its lines, and the claim of paper 004 in words.
PREDICTIONS = {
    "heat": ("C_ratio", r"$C_T/C_e$", "#000000", "about a hundred times"),
    "sound": ("W_over_glass", r"$W/W_g$", "#ff2fa0", "10 to 100 times a glass"),
}
# What a status of a prediction means for the reader of its numbers.
DOUBTS = {
    "off_resonance": "no level is in resonance with the sound and the number depends on the model of the line's wing",
    "wider_than_splitting": r"levels near $\Lambda_0$ are wider than their splitting and the number is rough",
    "beyond_validity": "the theory of the levels does not hold",
}
# The interactive version tells the numbers of every so manyth point along x and y where there are more than FEW.
STEP, FEW = 4, 100
UNMATCHED = "#dddddd"
DECISIVE = "#d01c1c"


def observability(settings: ObservabilityDiagram, cube: Path, crossovers: Path) -> Scene:
    """C_T/C_e or W/W_g in colours where tau_phi matches the measurement; all else is grey.

    Lines show where both predictions reach the ends of the paper's claims. The decisive region, in which two-level
    systems dominate both the electrons' specific heat and the attenuation of a metallic glass, has an outline. Notes
    say in how much of the matching region (the part of its area in the picture) each claim holds, and what is doubtful.
    """
    cells = predictions(settings, cube.parent)
    notes = [_match_note(settings, cells)]
    notes += _lean_note(settings, cells)
    cells, left_out = _around_matches(settings, cells)
    notes += left_out
    matches = cells["matches"].values
    name, symbol, _, _ = PREDICTIONS[settings.shown]
    grey = _told_mesh(settings, cells)
    layers, mesh = [grey], grey
    shown = _log10(cells[name].values, matches)
    if np.isfinite(shown).any():
        lower, upper = np.nanmin(shown), np.nanmax(shown)
        lower, upper = (lower - 0.05, upper + 0.05) if upper - lower < 0.1 else (lower, upper)
        marks = tuple((np.log10(value), f"${number(value)}$") for value in ticks(10**lower, 10**upper))
        colours = palette(settings.colormap or "viridis", 256)
        plain = cells.drop_vars([each for each in cells if each.endswith("_status")])
        mesh = mesh_of(plain, settings, shown, colours, (lower, upper), bar=symbol, bar_ticks=marks)
        mesh.hover.clear()
        layers.append(mesh)
    if matches.any():
        for which in PREDICTIONS:
            layers += _claim_lines(settings, cells, mesh, which)
            notes.append(_claim_note(settings, cells, which))
        layers += _decisive_outline(cells, mesh)
        notes += [_decisive_note(cells), *_doubts(cells)]
    layers.append(swatch(UNMATCHED, rf"$\tau_\varphi$ not within a factor {settings.measured.tolerance:g}"))
    notes.append(f"Measured: {settings.measured.source}.")
    title = f"If two-level systems cause {_measured_text(settings)}: {symbol}"
    return scene_of(settings, cells, layers, title, "bottom", tuple(notes))


def _log10(values: np.ndarray, chosen: np.ndarray) -> np.ndarray:
    positive = chosen & np.isfinite(values) & (values > 0)
    return np.where(positive, np.log10(np.where(positive, values, 1.0)), np.nan)


def _step(cells: xarray.Dataset, axis: str) -> int:
    return STEP if cells[axis].size > FEW else 1


def _around_matches(settings, cells: xarray.Dataset) -> tuple[xarray.Dataset, list[str]]:
    """The part of the plane around the matching points, and a note that says what is not shown."""
    left_out = []
    for axis in (settings.x, settings.y):
        found = np.flatnonzero(cells["matches"].any([other for other in cells["matches"].dims if other != axis]))
        if not found.size:
            continue
        values, parameter = cells[axis].values, PARAMETERS[axis]
        # A margin on each side, and as many points as those of the interactive version need to reach both ends.
        start, stop = max((found[0] // STEP - 1) * STEP, 0), min((found[-1] // STEP + 2) * STEP, values.size - 1)
        if start > 0:
            left_out.append(f"below {value_text(parameter.symbol, values[start], parameter.unit)}")
        if stop < values.size - 1:
            left_out.append(f"above {value_text(parameter.symbol, values[stop], parameter.unit)}")
        cells = cells.isel({axis: slice(start, stop + 1)})
    return cells, [f"Not shown, for nothing matches there: {', '.join(left_out)}."] if left_out else []


def _measured_text(settings) -> str:
    return value_text(r"\tau_\varphi", settings.measured.tau_phi, "s")


def _range_text(settings) -> str:
    ends = (value_text("T", value, "K") for value in (settings.measured.start, settings.measured.stop))
    return " to ".join(text.replace("T = ", "") for text in ends)


def _told_mesh(settings, cells: xarray.Dataset) -> Mesh:
    """The grey ground, whose cells tell the numbers of the interactive version."""
    few = cells.isel({axis: slice(None, None, _step(cells, axis)) for axis in (settings.x, settings.y)})

    def text(name):
        return np.vectorize(lambda value: f"{value:.4g}", otypes=[object])(few[name].values)

    told = {symbol: text(name) for name, symbol, _, _ in PREDICTIONS.values()}
    told[r"$\tau_\varphi$ is off by a factor"] = text("mismatch")
    if settings.fitted:
        parameter = PARAMETERS[settings.fitted]

        def valued(value):
            return value_text(parameter.symbol, value, parameter.unit).split("= ", 1)[1] if value == value else "none"

        told[f"${parameter.symbol}$"] = np.array([[valued(each) for each in row] for row in few["fitted"].values])
    ground = np.zeros((few[settings.y].size, few[settings.x].size))
    return mesh_of(few, settings, ground, (UNMATCHED, UNMATCHED), (-0.5, 0.5), told)


def _share(part: np.ndarray, whole: np.ndarray) -> str:
    """Which share of the points of the whole are in the part, in words."""
    inside, number_of_all = int((part & whole).sum()), int(whole.sum())
    if inside in (0, number_of_all):
        return "everywhere" if inside else "nowhere"
    percent = 100 * inside / number_of_all
    return "in less than 1 %" if percent < 1 else "in more than 99 %" if percent > 99 else f"in {percent:.0f} %"


def _match_note(settings, cells: xarray.Dataset) -> str:
    """How much of the plane matches, or how far the closest point is from it."""
    matches, mismatch = cells["matches"].values, cells["mismatch"].values
    what = f"{_measured_text(settings)} within a factor {settings.measured.tolerance:g}, {_range_text(settings)}"
    taken = f", at the ${PARAMETERS[settings.fitted].symbol}$ that fits best" if settings.fitted else ""
    if matches.any():
        return f"Coloured: {what}{taken}; {_share(matches, np.ones_like(matches))} of the survey's range."
    closest = f"the closest is off by a factor {mismatch.min():.3g}" if np.isfinite(mismatch).any() else "none has any"
    return f"Nowhere {what}{taken}; {closest}."


def _lean_note(settings, cells: xarray.Dataset) -> list[str]:
    """Where the fit would go on beyond the end of the fitted axis."""
    if not settings.fitted or not cells["leans"].any():
        return []
    matches, leans, fitted = (cells[name].values for name in ("matches", "leans", "fitted"))
    parameter = PARAMETERS[settings.fitted]
    ends = [value_text(parameter.symbol, value, parameter.unit) for value in np.unique(fitted[leans])]
    coloured = f"{_share(leans, matches)} of what is coloured" if matches.any() else ""
    grey = f"{_share(leans, ~matches)} of what is grey" if not matches.all() else ""
    where = ", ".join(filter(None, (coloured, grey)))
    return [f"The fit leans on an end of its axis, {' or '.join(ends)}, and may be better beyond it: {where}."]


def _claim_lines(settings, cells: xarray.Dataset, mesh: Mesh, which: str) -> list[Line]:
    """Where a prediction is at the lower end of its claim, dashed, and at the upper, solid; with the legend."""
    name, symbol, colour, said = PREDICTIONS[which]
    logs = _log10(cells[name].values, cells["matches"].values)
    drawn, entries = [], []
    for end, dash in zip(getattr(settings, f"{which}_claim"), ("dashed", "solid"), strict=True):
        x, y = contour(mesh.x, mesh.y, logs, np.log10(end), mesh.scales)
        if x.size:
            drawn += [Line(x, y, "#ffffff", width=4.0, opacity=0.8), Line(x, y, colour, width=2.0, dash=dash)]
            entries.append(key(colour, f"{symbol} = ${number(end)}$ (claimed: {said})", 2.0, dash))
    return drawn + entries


def _claim_note(settings, cells: xarray.Dataset, which: str) -> str:
    """In how much of the matching region a claim is right, and on which side the prediction is elsewhere."""
    name, symbol, _, said = PREDICTIONS[which]
    low, high = getattr(settings, f"{which}_claim")
    matches, values = cells["matches"].values, cells[name].values
    known = matches & np.isfinite(values)
    if not known.any():
        return f"{symbol} has no number in what is coloured."
    ends = (f"${number(value, 2)}$" for value in (values[known].min(), values[known].max()))
    return (
        f"Claimed: {symbol} from ${number(low)}$ to ${number(high)}$ ({said}). Where coloured it is {' to '.join(ends)}"
        f": as claimed {_share((values >= low) & (values <= high), known)}, below {_share(values < low, known)}, above "
        f"{_share(values > high, known)}."
    )


def _decisive(cells: xarray.Dataset) -> np.ndarray:
    return cells["matches"].values & (cells["C_ratio"].values > 1) & (cells["W_over_glass"].values > 1)


def _decisive_outline(cells: xarray.Dataset, mesh: Mesh) -> list[Line]:
    x, y = outline(mesh.x_edges, mesh.y_edges, _decisive(cells))
    if not x.size:
        return []
    entry = key(DECISIVE, "decisive: $C_T > C_e$ and $W > W_g$", 3.0, "solid")
    return [Line(x, y, "#ffffff", width=5.0), Line(x, y, DECISIVE, width=3.0), entry]


def _decisive_note(cells: xarray.Dataset) -> str:
    """Whether both experiments together would decide anywhere, and each alone."""
    matches = cells["matches"].values
    heat, sound = cells["C_ratio"].values > 1, cells["W_over_glass"].values > 1
    alone = f"$C_T > C_e$ {_share(heat, matches)}, $W > W_g$ {_share(sound, matches)}"
    if not (matches & heat & sound).any():
        return f"No point is decisive: nowhere do the levels exceed both electrons and glass ({alone})."
    return f"Decisive, $C_T > C_e$ and $W > W_g$, {_share(heat & sound, matches)} of what is coloured ({alone})."


def _doubts(cells: xarray.Dataset) -> list[str]:
    """In how much of the matching region the status of a prediction is not ok, and what that means."""
    matches, notes = cells["matches"].values, []
    for name, symbol, _, _ in PREDICTIONS.values():
        if f"{name}_status" in cells:
            status = cells[f"{name}_status"]
            for value, meanings in flag_words(status.values, status.attrs).items():
                flagged = status.values == value
                if "ok" not in meanings and (matches & flagged).any():
                    why = "; ".join(DOUBTS.get(meaning, flag_text(meaning)) for meaning in meanings)
                    notes.append(f"{symbol} with care {_share(flagged, matches)} of what is coloured: {why}.")
    return notes
