"""Observability diagrams: what specific heat and sound must show wherever two-level systems explain a measured
dephasing time."""

from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np
import xarray

from physics import PARAMETERS
from survey.config.observability import ObservabilityDiagram
from survey.cubes.read import open_cube
from survey.draw.backends import FRAME_PART, palette
from survey.draw.geometry import even, outline, ticks, uneven
from survey.draw.plane import mesh_of, scene_of
from survey.draw.scene import NOWHERE, Line, Mesh, Points, Scene, key, swatch
from survey.draw.slices import read_slice, status_masks
from survey.errors import SurveyError
from survey.grid import same
from survey.mathtext import number, value_text

# Of each prediction: the variable, its symbol, the symbol of the diagram that its claim has, and where it stands.
PREDICTIONS = {
    "heat": ("C_ratio", r"$C_T/C_e$", "o", -1),
    "sound": ("W_over_glass", r"$W/W_g$", "^", 1),
}
# Cells of these statuses have no tau_phi that could match.
WITHOUT_TAU_PHI = ("empty", "not_converged")
# So many cells without a match are shown on each side of those that match.
MARGIN = 2
UNMATCHED = "#dddddd"
DECISIVE = "#d01c1c"
# Fill and rim of the symbol of a claim that holds, of a value below it and of a value above it: all show on any colour.
HOLDS, BELOW, ABOVE = ("#000000", "#ffffff"), ("#ffffff", "#000000"), ("#ff66b3", "#000000")


def observability(settings: ObservabilityDiagram, cube: Path, crossovers: Path) -> Scene:
    """C_T/C_e or W/W_g in colours where tau_phi matches the measurement; all other cells are grey.

    The decisive region, in which two-level systems dominate both the electrons' specific heat and the attenuation of a
    metallic glass, has an outline. In each matching cell a circle and a triangle say whether the paper's claims about
    C_T/C_e and about W/W_g hold, and on which side the value lies where they do not.
    """
    cells = predictions(settings, cube.parent)
    for axis in (settings.x, settings.y):
        if cells[axis].size < 2:
            raise SurveyError(f"{cube}: a map needs at least 2 values of {axis}; found {cells[axis].size}")
    notes = [_match_note(settings, cells)]
    cells, left_out = _around_matches(settings, cells)
    notes += left_out
    matches = cells["matches"].values
    name, symbol, _, _ = PREDICTIONS[settings.shown]
    values = cells[name].values
    logs = np.full(values.shape, np.nan)
    positive = np.isfinite(values) & (values > 0)
    logs[positive & matches] = np.log10(values[positive & matches])
    lower, upper = (np.nanmin(logs), np.nanmax(logs)) if np.isfinite(logs).any() else (0.0, 1.0)
    lower, upper = (lower - 0.05, upper + 0.05) if upper - lower < 0.1 else (lower, upper)
    colours = palette(settings.colormap or "viridis", 256)
    told = _told(settings, cells)
    # The grey cells come first, and so tell their numbers too.
    grey = mesh_of(cells, settings, np.zeros(values.shape), (UNMATCHED, UNMATCHED), (-0.5, 0.5), told)
    layers, mesh = [grey], grey
    if np.isfinite(logs).any():
        marks = tuple((np.log10(value), f"${number(value)}$") for value in ticks(10**lower, 10**upper))
        mesh = mesh_of(cells, settings, logs, colours, (lower, upper), told, bar=symbol, bar_ticks=marks)
        layers.append(mesh)
    decisive = matches & (cells["C_ratio"].values > 1) & (cells["W_over_glass"].values > 1)
    x, y = outline(mesh.x_edges, mesh.y_edges, decisive)
    if x.size:
        layers += [Line(x, y, "#ffffff", width=5.0), Line(x, y, DECISIVE, width=3.0)]
        layers.append(key(DECISIVE, "decisive: $C_T > C_e$ and $W > W_g$", 3.0, "solid"))
    for which in PREDICTIONS if matches.any() else ():
        symbols, note = _claim(settings, cells, mesh, which)
        layers += symbols
        notes.append(note)
    layers.append(swatch(UNMATCHED, rf"$\tau_\varphi$ not within a factor {settings.measured.tolerance:g}"))
    notes.append(f"Measured: {settings.measured.source}.")
    title = f"If two-level systems cause {_measured_text(settings)}: {symbol}"
    return scene_of(settings, cells, layers, title, "bottom", tuple(notes))


def _around_matches(settings, cells: xarray.Dataset) -> tuple[xarray.Dataset, list[str]]:
    """The part of the plane around the matching cells, and a note that says which other cells are not shown."""
    left_out = []
    for axis in (settings.x, settings.y):
        found = np.flatnonzero(cells["matches"].any([other for other in cells["matches"].dims if other != axis]))
        if not found.size:
            continue
        values, parameter = cells[axis].values, PARAMETERS[axis]
        start, stop = max(found[0] - MARGIN, 0), min(found[-1] + MARGIN + 1, values.size)
        if start > 0:
            left_out.append(f"below {value_text(parameter.symbol, values[start], parameter.unit)}")
        if stop < values.size:
            left_out.append(f"above {value_text(parameter.symbol, values[stop - 1], parameter.unit)}")
        cells = cells.isel({axis: slice(start, stop)})
    return cells, [f"Not shown, for no cell matches there: {', '.join(left_out)}."] if left_out else []


def _measured_text(settings) -> str:
    return value_text(r"\tau_\varphi", settings.measured.tau_phi, "s")


def _range_text(settings) -> str:
    ends = (value_text("T", value, "K") for value in (settings.measured.start, settings.measured.stop))
    return " to ".join(text.replace("T = ", "") for text in ends)


def _told(settings, cells: xarray.Dataset) -> dict[str, np.ndarray]:
    """What the interactive version tells about each cell."""

    def text(name):
        return np.vectorize(lambda value: f"{value:.4g}", otypes=[object])(cells[name].values)

    told = {symbol: text(name) for name, symbol, _, _ in PREDICTIONS.values()}
    told[r"$\tau_\varphi$ is off by a factor"] = text("mismatch")
    if "fitted" in cells:
        parameter = PARAMETERS[settings.fitted]
        told[f"${parameter.symbol}$"] = np.vectorize(
            lambda value: value_text(parameter.symbol, value, parameter.unit).split("= ", 1)[1], otypes=[object]
        )(cells["fitted"].values)
    return told


def _match_note(settings, cells: xarray.Dataset) -> str:
    """How many cells match, or how far the closest is from it."""
    matches, mismatch = cells["matches"].values, cells["mismatch"].values
    what = f"{_measured_text(settings)} within a factor {settings.measured.tolerance:g}, {_range_text(settings)}"
    taken = f" at the ${PARAMETERS[settings.fitted].symbol}$ that fits best" if settings.fitted else ""
    if matches.any():
        return f"{int(matches.sum())} of {matches.size} cells have {what}{taken}; the others are grey."
    closest = f"the closest is off by a factor {mismatch.min():.3g}" if np.isfinite(mismatch).any() else "none has any"
    return f"No cell has {what}{taken}; {closest}."


def _claim(settings, cells: xarray.Dataset, mesh: Mesh, which: str) -> tuple[list[Points], str]:
    """The symbols of a claim in the matching cells, those of the legend, and a note that counts them."""
    name, symbol, marker, side = PREDICTIONS[which]
    low, high = getattr(settings, f"{which}_claim")
    matches, values = cells["matches"].values, cells[name].values
    states = {
        HOLDS: (
            matches & (values >= low) & (values <= high),
            f"{symbol} ${number(low)}$ to ${number(high)}$: as claimed",
        ),
        BELOW: (matches & (values < low), f"{symbol} below ${number(low)}$"),
        ABOVE: (matches & (values > high), f"{symbol} above ${number(high)}$"),
    }
    width, height = settings.width * FRAME_PART[0] / mesh.x.size, settings.height * FRAME_PART[1] / mesh.y.size
    # Circle and triangle share a cell along its longer side.
    if width >= height:
        x, y, room = _beside(mesh.x_edges, mesh.x, side, mesh.scales[0]), mesh.y, min(0.36 * width, 0.7 * height)
    else:
        x, y, room = mesh.x, _beside(mesh.y_edges, mesh.y, -side, mesh.scales[1]), min(0.7 * width, 0.36 * height)
    x, y = np.broadcast_to(x, values.shape), np.broadcast_to(y[:, None], values.shape)
    size = float(np.clip(room, 4.0, 11.0))
    symbols = []
    for (fill, rim), (chosen, text) in states.items():
        if chosen.any():
            symbols.append(Points(x[chosen], y[chosen], fill, marker=marker, size=size, edge=rim))
            symbols.append(Points(NOWHERE, NOWHERE, fill, marker=marker, size=11.0, label=text))
    holds, below, above = (int(chosen.sum()) for chosen, _ in states.values())
    note = (
        f"Claim {symbol} from ${number(low)}$ to ${number(high)}$: holds in {holds} of {int(matches.sum())} matching "
        f"cells, is below in {below} and above in {above}."
    )
    return symbols, note


def _beside(cell_edges: np.ndarray, centres: np.ndarray, side: int, scale: str) -> np.ndarray:
    """Places halfway between the centres of cells and their edges on one side, on the scale of the axis."""
    nearer = cell_edges[1:] if side > 0 else cell_edges[:-1]
    return uneven(0.5 * (even(centres, scale) + even(nearer, scale)), scale)


def predictions(settings, folder: Path) -> xarray.Dataset:
    """The two predictions over the axes (y, x) of an observability diagram, and how well tau_phi matches there.

    Reads the cubes <folder>/<label>.nc of `settings.labels`. Returns `mismatch` (the largest factor, >= 1, between
    tau_phi and the measured value over the measured temperatures; infinite where a cell has no tau_phi), `matches`
    (mismatch within the tolerance), `C_ratio`, `W_over_glass`, and, with a fitted axis, `fitted`: the value on that
    axis at which mismatch is smallest, where the predictions are taken. Coordinates are joined by their canonical
    decimals; raises SurveyError if the cubes do not agree on an axis that they share.
    """
    dephasing, heat, sound = (Path(folder) / f"{label}.nc" for label in settings.labels)
    mismatch = _mismatch(settings, dephasing)
    predicted = {
        "C_ratio": _cells(heat, settings.at, ("C_ratio",))["C_ratio"],
        "W_over_glass": _cells(sound, settings.at, ("W_over_glass",))["W_over_glass"],
    }
    for name, path in (("C_ratio", heat), ("W_over_glass", sound)):
        predicted[name] = _on_axes_of(mismatch, predicted[name], dephasing, path)
    predicted["W_over_glass"] = _on_axes_of(predicted["C_ratio"], predicted["W_over_glass"], heat, sound)
    fields = {}
    if settings.fitted is not None:
        axis = settings.fitted
        best = mismatch.argmin(axis)
        fields["fitted"] = mismatch[axis][best].drop_vars(axis)
        mismatch = mismatch.isel({axis: best}).drop_vars(axis)
        for name, values in predicted.items():
            if axis in values.dims:
                predicted[name] = values.isel({axis: best}).drop_vars(axis)
    fields |= {"mismatch": mismatch, "matches": mismatch <= settings.measured.tolerance * (1 + 1e-12)} | predicted
    # Axes that a field does not depend on are given to it; with join="exact" no coordinate is ever made up.
    aligned = xarray.broadcast(*xarray.align(*fields.values(), join="exact"))
    joined = xarray.Dataset(dict(zip(fields, aligned, strict=True))).transpose(settings.y, settings.x)
    for axis in (settings.x, settings.y):
        joined[axis].attrs = {"units": PARAMETERS[axis].unit, "symbol": PARAMETERS[axis].symbol}
    return joined


def _mismatch(settings, path: Path) -> xarray.DataArray:
    """The largest factor between tau_phi and the measured value over the measured temperatures."""
    measured = settings.measured
    with open_cube(path) as cube:
        grid = cube["T"][:]
        wanted = [name for name in ("tau_phi", "status") if name in cube.variables]
    inside = tuple(
        float(T)
        for T in grid
        if measured.start < T < measured.stop or same(T, measured.start) or same(T, measured.stop)
    )
    if not inside or not (same(inside[0], measured.start) and same(inside[-1], measured.stop)):
        raise SurveyError(f"{path}: {measured.start:g} K and {measured.stop:g} K are not both on the grid")
    cells = _cells(path, dict(settings.at) | {"T": inside}, wanted)
    tau_phi = cells["tau_phi"].astype(np.float64)
    masks = status_masks(cells)
    good = np.isfinite(tau_phi.values) & (tau_phi.values > 0)
    for name in WITHOUT_TAU_PHI:
        good &= ~masks.get(name, np.zeros((), bool))
    ratio = np.where(good, tau_phi.values, measured.tau_phi) / measured.tau_phi
    with np.errstate(over="ignore", divide="ignore"):
        factor = np.where(good, np.exp(np.abs(np.log(ratio))), np.inf)
    return tau_phi.copy(data=factor).max("T")


def _cells(path: Path, at: Mapping, variables: Iterable[str]) -> xarray.Dataset:
    """The slice of a cube, without the coordinates that are fixed."""
    return read_slice(path, at, variables).reset_coords(drop=True)


def _on_axes_of(first: xarray.DataArray, second: xarray.DataArray, first_path: Path, path: Path) -> xarray.DataArray:
    """The second array with the coordinates of the first on the axes that both have; SurveyError if one differs."""
    for axis in set(first.dims) & set(second.dims):
        ours, theirs = first[axis].values, second[axis].values
        if len(ours) != len(theirs) or not all(map(same, ours, theirs)):
            raise SurveyError(f"{path} and {first_path} have different values of {axis}; assemble both from one survey")
        second = second.assign_coords({axis: ours})
    return second
