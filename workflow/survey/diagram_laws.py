"""The closed forms of paper 001 as layers of a diagram: asymptotic laws beside the curves, crossovers as marks."""

import numpy as np
import xarray

from physics import dephasing_scales
from survey.diagram_data import configuration_of
from survey.errors import SurveyError
from survey.scene import NOWHERE, Axis, Line, Mark, Points, key

# Of each channel: the rest of its variables' names, dash and text of its law, its crossovers.
LAWS = {
    "resonant": ("dotted", "resonant law, eq. (44)", ("Lambda0", "T_Lambda")),
    "relaxation": ("dashed", "relaxation law, eqs. (50)–(52)", ("Lambda0", "T_alpha", "T_beta")),
}
MARKS = (
    ("Lambda0", r"$\Lambda_0$", "d"),
    ("T_Lambda", r"$T_\Lambda$", "s"),
    ("T_alpha", r"$T_\alpha$", "o"),
    ("T_beta", r"$T_\beta$", "^"),
)


def closed_forms(settings, cells: xarray.Dataset, y: Axis, scales: tuple[float, float], colours: list[str]):
    """Laws, entries of the legend, and marks for curves along T, one per value of the family.

    `scales` are the factors from kelvin and seconds to the units of the axes. A law that all curves share is drawn
    once, in grey; so is a crossover temperature, as a vertical line, while others become symbols on their curves.
    Raises SurveyError unless the curves run along T at known Lambda0, Pd and chi.
    """
    curves = [_parameters(settings, cells, float(value)) for value in cells[settings.family].values]
    channels = [law for law in LAWS if all(name.endswith(law) for name in settings.variables)] or list(LAWS)
    lines, keys = [], []
    for channel in channels:
        dash, text, _ = LAWS[channel]
        lines += _law(channel, curves, cells["T"].values, scales, colours, dash)
        keys.append(key("#444444", text, 1.4, dash))
    marks = []
    for name, symbol, marker in MARKS:
        if any(name in LAWS[channel][2] for channel in channels):
            places = np.array([_temperature(name, *curve) for curve in curves])
            marks += _marks(settings, cells, places, y, scales, colours, marker, symbol)
    return lines, keys, marks


def _parameters(settings, cells: xarray.Dataset, value: float) -> tuple[dict[str, float], dict[str, float]]:
    """Lambda0, Pd, chi of one curve, and sigma_in, v_F."""
    known = dict(settings.at) | {settings.family: value}
    missing = [name for name in ("Lambda0", "Pd", "chi") if name not in known]
    if missing or settings.x != "T":
        found = f"no {', '.join(missing)}" if missing else f"x: {settings.x}"
        raise SurveyError(f"closed forms need x: T, Lambda0, Pd and chi; found {found}")
    constants = configuration_of(cells)["constants"]
    return (
        {name: known[name] for name in ("Lambda0", "Pd", "chi")},
        {name: float(constants[name]) for name in ("sigma_in", "v_F")},
    )


def _law(channel: str, curves, temperatures: np.ndarray, scales, colours, dash: str) -> list[Line]:
    fine = np.geomspace(temperatures[0], temperatures[-1], 400)
    times = [scales[1] / _rate(channel, fine, *curve) for curve in curves]
    shared = all(np.allclose(each, times[0], rtol=1e-9, equal_nan=True) for each in times)
    drawn = [(times[0], "#444444")] if shared else zip(times, colours, strict=True)
    return [Line(fine * scales[0], each, colour, width=1.4, dash=dash) for each, colour in drawn]


def _rate(channel: str, T: np.ndarray, parameters: dict[str, float], medium: dict[str, float]) -> np.ndarray:
    if channel == "relaxation":
        return dephasing_scales.rate_relaxation(T, **parameters, **medium)
    return dephasing_scales.rate_resonant(T, parameters["Lambda0"], parameters["Pd"], **medium)


def _temperature(name: str, parameters: dict[str, float], medium: dict[str, float]) -> float:
    Lambda0, Pd, chi = parameters.values()
    if name == "Lambda0":
        return Lambda0
    if name == "T_Lambda":
        return float(dephasing_scales.T_Lambda(Lambda0, Pd, **medium))
    return float(getattr(dephasing_scales, name)(Lambda0, Pd, chi, **medium))


def _marks(settings, cells, places, y: Axis, scales, colours, marker: str, symbol: str) -> list[Mark | Points]:
    T = cells["T"].values
    inside = (places >= T[0]) & (places <= T[-1])
    if np.allclose(places, places[0], rtol=1e-9):
        return [Mark(places[0] * scales[0], symbol)] if inside[0] else []
    points = []
    for place, colour, values in zip(
        places[inside],
        np.array(colours)[inside],
        cells[settings.variables[0]].values[inside],
        strict=True,
    ):
        with np.errstate(invalid="ignore"):
            height = scales[1] * np.exp(np.interp(np.log(place), np.log(T), np.log(values)))
        if y.lower <= height <= y.upper:
            x = np.array([place * scales[0]])
            points.append(Points(x, np.array([height]), str(colour), marker=marker, size=12))
    return [*points, Points(NOWHERE, NOWHERE, "#ffffff", marker=marker, size=12, label=symbol)] if points else []
