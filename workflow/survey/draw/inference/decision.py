"""Which experiment tells the rivals apart: what each predicts for heat and sound, and what each experiment is expected
to tell."""

from pathlib import Path

import numpy as np
import xarray

from survey.config.inferred.figures import DecisionFigure
from survey.draw.inference.findings import SYNTHETIC, colours_of, log_axis, read_findings
from survey.draw.inference.predictions import SEEN
from survey.draw.picture.scene import Axis, Band, Line, Points, Scene, Sheet, swatch
from survey.rivals import RIVALS

# Below this nothing is left.
_LEAST = 1e-6
_BITS, _WRONG = "#4477aa", "#ee6677"


def decision(settings: DecisionFigure, first: Path, crossovers: Path) -> Sheet:
    """C_T/C_e against W_rel/W_g of all rivals, and the expected gain of each experiment with the probability that the
    rival that then is most probable is wrong."""
    found = read_findings(first, settings.findings)
    attributes, groups = found["experiments"]
    predicted = found["predictions"][1]
    rows = ((_clouds(settings, predicted),), (_gains(groups["experiments"]),))
    notes = (
        *([SYNTHETIC] if settings.synthetic else []),
        "Above: dots are draws of the posterior, rings their medians; a value below the frame, or none, is at the "
        "edge. Below: expected information about which rival is true, and the probability that the most "
        "probable one is wrong after the experiment, over the rivals for which it can be computed.",
        str(attributes["summary"]).replace("+-", "±"),
        *_left_out(groups["experiments"]),
    )
    return Sheet(
        "Which experiment tells the rivals apart",
        rows,
        (1.0, 1.0),
        notes,
        "Synthetic data." if settings.synthetic else "",
    )


def _clouds(settings: DecisionFigure, groups) -> Scene:
    """Heat against strong sound of single draws; what is none at all, or below the frame, is at its edge."""
    together = groups["together"]
    sound, heat = together.W_relaxation_over_glass, together.C_ratio
    least = SEEN if settings.floor is None else settings.floor
    known = [each.values[np.isfinite(each.values) & (each.values > _LEAST)] for each in (sound, heat)]
    ends = [(min([low / 4, *each]), max([4.0, *each])) for low, each in zip((least, SEEN), known, strict=True)]
    x = log_axis(r"$W_\mathrm{rel}/W_\mathrm{g}$", *ends[0], 0.04)
    y = log_axis(r"$C_\mathrm{T}/C_\mathrm{e}$", *ends[1], 0.04)
    layers: list = [
        Band(np.array([x.lower, x.upper]), np.full(2, y.lower), np.full(2, SEEN), "#888888", 0.35),
        swatch("#d5d5d5", r"below 2 % of $C_\mathrm{e}$"),
    ]
    if settings.floor is not None:
        seen = Band(np.array([x.lower, settings.floor]), np.full(2, y.lower), np.full(2, y.upper), "#aa7744", 0.3)
        layers += [seen, swatch("#e0cfc0", f"sound below the error {settings.floor:g}")]
    colours = colours_of(settings.rivals)
    for name in settings.rivals:
        across, up = (
            np.clip(np.nan_to_num(each.sel(rival=name).values, nan=0.0), axis.lower, axis.upper)
            for each, axis in ((sound, x), (heat, y))
        )
        layers.append(Points(across, up, colours[name], size=3.0, edge=colours[name]))
        middle = (np.array([np.median(each)]) for each in (across, up))
        layers.append(Points(*middle, colours[name], size=10.0, label=RIVALS[name].title))
    where = f"{float(together.T) * 1e3:.3g} mK, {float(together.omega) / (2e6 * np.pi):.4g} MHz"
    return Scene(f"{where}, {float(together.t_exp):g} s", x, y, tuple(layers))


def _gains(table: xarray.Dataset) -> Scene:
    """Bars of all experiments that can be weighed, the best on top."""
    table = table.isel(experiment=np.isfinite(table.gain_about_rival.values))
    table = table.isel(experiment=np.argsort(table.gain_about_rival.values))
    names = [str(name).replace("_", " ") for name in table.experiment.values]
    rows = np.arange(len(names), dtype=float)
    layers: list = []
    for values, errors, colour, label, shift in (
        ("gain_about_rival", "gain_about_rival_error", _BITS, "information about the rival (bits)", 0.15),
        ("wrong_rival", "wrong_rival_error", _WRONG, "probability of the wrong rival", -0.15),
    ):
        for row, value, error in zip(rows + shift, table[values].values, table[errors].values, strict=True):
            layers.append(Line(np.array([0.0, value]), np.full(2, row), colour, 8.0))
            layers.append(Line(np.array([value - error, value + error]), np.full(2, row), "#222222", 1.5))
        layers.append(swatch(colour, label))
    top = 1.1 * max([1.0, *table.gain_about_rival.values])
    x = Axis("bits, and probability", 0.0, float(top), (0.0, 0.5, 1.0, 1.5, 2.0, 2.5, 3.0), "linear")
    y = Axis("", -0.7, len(names) - 0.3, tuple(rows), "linear", tuple(names))
    unsure = [name for name, sure in zip(names, table.gain_about_rival_resolved.values, strict=True) if not sure]
    return Scene(f"not resolved: {', '.join(unsure)}" if unsure else "", x, y, tuple(layers))


def _left_out(table: xarray.Dataset) -> list[str]:
    said = zip(table.experiment.values, table.left_out.values, strict=True)
    found = []
    for name, why in said:
        for rival, kind in RIVALS.items():
            why = why.replace(f"{rival}: ", f"{kind.title}: ")
        found += [f"{str(name).replace('_', ' ')} is not weighed for all rivals; {why}."] if why else []
    return found
