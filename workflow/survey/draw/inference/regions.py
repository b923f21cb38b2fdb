"""Where the parameters of a rival may lie: highest-density regions in pairs of them, and each alone beside what was
believed before the data."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from itertools import combinations
from pathlib import Path

import numpy as np
import xarray

from physics import PARAMETERS
from physics.constants import BOLTZMANN, ELECTRON_MASS, HBAR
from physics.electrons.closed_forms import disorder_strength
from physics.electrons.cross_section import inelastic_cross_section
from survey.config.inferred.figures import RegionFigure
from survey.draw.geometry import edges, ticks
from survey.draw.inference.densities import grid_about, highest, over_prior, smooth
from survey.draw.inference.findings import SYNTHETIC, factor_of, log_axis, read_findings
from survey.draw.picture.scene import NOWHERE, Axis, Line, Mesh, Scene, Sheet, key, swatch
from survey.rivals import RIVALS, Range

_PALE, _DARK = "#b8cde4", "#4477aa"
UNDETERMINED = "not determined by the data"
_PRIOR = "#888888"
# Cells of a picture along each axis.
_CELLS = 64
# Of densities in 1/(J m3): that of a metallic glass, 1e16 K^-1 cm^-3 (004), and those that the telegraph noise of a Co
# nanoconstriction gives, (3 to 5)e32 erg^-1 cm^-3 (001).
_GLASS = 1e16 * 1e6 / BOLTZMANN
_NOISE = (3e45, 5e45)
# Lines that parameters are held against: colour, dash, and what they are.
_HELD = {
    "lowest T": ("#cc3311", "dashed", "$E^*$ = lowest $T$ of the data"),
    "no levels": ("#222222", "dotted", r"$E^* = \Lambda_0$: no levels above"),
    "one": ("#009988", "dashdot", r"$\chi = 1$"),
    "glass": ("#ee7733", "dashed", "$P_d$ of a metallic glass (004)"),
    "noise": ("#aa3377", "dashdot", "$P_d$ of Co telegraph noise (001)"),
    "strong": ("#009988", "dashed", "$B = 1$"),
    "equal": ("#222222", "dashed", r"$B = \chi$"),
    "estimate": ("#228833", "dashdot", "004 (5), (6) for the middle time"),
}


@dataclass(frozen=True)
class Coordinate:
    """What a picture is drawn along: its draws, its range before the data, its label and the factor to its unit."""

    draws: np.ndarray
    ends: tuple[float, float]
    label: str
    factor: float

    @property
    def axis(self) -> Axis:
        return log_axis(self.label, self.ends[0] * self.factor, self.ends[1] * self.factor, 0.04)

    @property
    def grid(self) -> np.ndarray:
        """Logarithms of the centres of cells."""
        return grid_about(np.log(self.draws), tuple(np.log(self.ends)), _CELLS)


def allowed_region(settings: RegionFigure, first: Path, crossovers: Path) -> Sheet:
    """The regions of one rival in pairs of its parameters, in the first row, and the distribution of each, below."""
    attributes, groups = read_findings(first, settings.findings)[settings.findings[0]]
    remarks = json.loads(attributes["remarks"])
    known = _coordinates(settings, groups["draws"])
    above = [_pair(settings, known, *pair) for pair in _pairs(settings)]
    cells = groups["posterior"]
    below = [_marginal(settings, groups["prior"], cells, name, remarks.get(name, "")) for name in settings.ranges]
    keys = (key(_DARK, "after the data", 2.6, "solid"), key(_PRIOR, "before the data", 2.0, "dashed"))
    if UNDETERMINED in remarks.values():
        keys += (key("#cc3311", "likelihood ratio, not calibrated", 4.0, "solid"),)
    below[-1] = replace(below[-1], layers=(*below[-1].layers, *keys))
    above = _with_one_legend(above) if above else []
    rows = tuple(tuple(row) for row in (above, below) if row)
    title = f"{RIVALS[settings.rival].title}: what the data leave of the parameters"
    return Sheet(
        title[0].upper() + title[1:], rows, (1.0,) * len(rows), _notes(settings, remarks), _said(settings, remarks)
    )


def _said(settings: RegionFigure, remarks: Mapping[str, str]) -> str:
    """What of the parameters the data say, in a line."""
    by: dict[str, list[str]] = {}
    for name in settings.ranges:
        by.setdefault(remarks.get(name) or "determined by the data", []).append(f"${PARAMETERS[name].symbol}$")
    start = "Synthetic data.   " if settings.synthetic else ""
    return start + ";   ".join(f"{', '.join(names)}: {remark}" for remark, names in by.items())


def _notes(settings: RegionFigure, remarks: Mapping[str, str]) -> tuple[str, ...]:
    names = list(settings.ranges)
    found = [SYNTHETIC] if settings.synthetic else []
    if len(names) > 1:
        found.append(
            "Regions of highest posterior density, from smoothed draws; grey frame: the range before the data."
        )
    found.append(
        "Distributions: the posterior density in the logarithm, in units of that before the data, which is even over "
        "the range."
    )
    if any(remarks.get(name) for name in names):
        found.append(
            '"Not determined by the data": at least 0.9 times as wide as before them. "Set by the prior": it leans on '
            "an end of the range, and another range would give another result."
        )
    if UNDETERMINED in remarks.values():
        found.append(
            "Red: where the largest likelihood, of all other parameters within their ranges, is within 0.5 (thick) and "
            "1.92 of the best: limits of 68 % and 95 % for a normal law, here not calibrated."
        )
    if {"Pd", "chi"} <= settings.ranges.keys():
        found.append(
            "B has the factor on the cross-section of the golden rule in it, which is uncertain; its frame has not."
        )
    if {"Lambda0", "Estar"} <= settings.ranges.keys():
        found.append(
            r"Of the levels there are none for $E^* \leq \Lambda_0$: the posterior is that given $E^* > \Lambda_0$."
        )
    return tuple(found)


def _pairs(settings: RegionFigure) -> list[tuple[str, str]]:
    """The pairs that a rival is shown in: of levels those that say what is degenerate, of others all."""
    names = set(settings.ranges)
    if "Pd" not in names:
        return list(combinations(settings.ranges, 2))
    wanted = (("Estar", "Lambda0"), ("Estar", "levels"), ("chi", "Pd"), ("B", "chi"))
    needs = {"levels": {"Pd", "Estar"}, "B": {"Pd", "chi"}}
    return [pair for pair in wanted if set().union(*(needs.get(name, {name}) for name in pair)) <= names]


def _coordinates(settings: RegionFigure, draws: xarray.Dataset) -> dict[str, Coordinate]:
    """The parameters, the number of levels below the cut-off, P_d E*, and the strength B = hbar P_d sigma_in v_F."""
    found = {}
    for name, ends in settings.ranges.items():
        found[name] = Coordinate(draws[name].values, ends, *factor_of(name, *ends))
    if {"Pd", "Estar"} <= found.keys():
        number = draws["Pd"].values * BOLTZMANN * draws["Estar"].values
        ends = tuple(p * BOLTZMANN * e for p, e in zip(found["Pd"].ends, found["Estar"].ends, strict=True))
        found["levels"] = Coordinate(number, ends, r"$P_d E^*$ (cm$^{-3}$)", 1e-6)
    if {"Pd", "chi"} <= found.keys():
        strength = _strength(settings)
        B = strength(draws["Pd_effective"].values, draws["chi"].values)
        low, high = (strength(p, c) for p, c in zip(found["Pd"].ends, found["chi"].ends, strict=True))
        found["B"] = Coordinate(
            B, (min(low, B.min()), max(high, B.max())), r"$B = \hbar P_d \sigma_\mathrm{in} v_\mathrm{F}$", 1.0
        )
    return found


def _strength(settings: RegionFigure) -> Callable:
    """B of a density and chi, with the cross-section of the golden rule."""

    def strength(Pd, chi):
        sigma = inelastic_cross_section(chi, eps_F=settings.eps_F, cross_section="golden_rule")
        return disorder_strength(Pd, sigma_in=sigma, v_F=settings.v_F)

    return strength


def _pair(settings: RegionFigure, known: Mapping[str, Coordinate], across: str, up: str) -> Scene:
    x, y = known[across], known[up]
    probability = smooth(np.log(x.draws), np.log(y.draws), x.grid, y.grid)
    # Where no draw can lie the smoothed density does not either.
    if (across, up) == ("Estar", "Lambda0"):
        probability = np.where(x.grid > y.grid[:, None], probability, 0.0)
    if up == "levels":
        log_Pd = y.grid[:, None] - x.grid - np.log(BOLTZMANN)
        low, high = np.log(known["Pd"].ends)
        probability = np.where((log_Pd > low) & (log_Pd < high), probability, 0.0)
    probability = probability / probability.sum()
    centres = np.exp(x.grid) * x.factor, np.exp(y.grid) * y.factor
    mesh = Mesh(*centres, edges(centres[0]), edges(centres[1]), highest(probability), (_PALE, _DARK), (1.0, 2.0))
    lines = [*_box(settings, known, across, up), *_lines(settings, known, across, up)]
    return Scene("", x.axis, y.axis, (mesh, *lines))


def _box(settings: RegionFigure, known: Mapping[str, Coordinate], across: str, up: str) -> list[Line]:
    """The border of what was believed before the data."""
    corners = [(low, high) for low, high in ((0, 0), (1, 0), (1, 1), (0, 1), (0, 0))]
    x, y = known[across], known[up]
    at_x = np.array([x.ends[i] for i, _ in corners])
    at_y = np.array([y.ends[j] for _, j in corners])
    if up == "levels":
        at_y = np.array([known["Pd"].ends[j] for _, j in corners]) * BOLTZMANN * at_x
    if across == "B":
        Pd = np.array([known["Pd"].ends[i] for i, _ in corners])
        at_x = _strength(settings)(Pd, at_y)
    return [Line(at_x * x.factor, at_y * y.factor, _PRIOR, 1.2)]


def _lines(settings: RegionFigure, known: Mapping[str, Coordinate], across: str, up: str) -> list[Line]:
    """What the parameters are held against, as far as it is within the picture."""
    x, y = known[across], known[up]
    # Of each line: the two places along x and along y, None for the whole of the axis.
    held: list[tuple[str, Range | None, Range | None]] = []
    for name, value, meaning in (
        ("Estar", settings.T_min, "lowest T"),
        ("chi", 1.0, "one"),
        ("Pd", _GLASS, "glass"),
        ("Pd", _NOISE[0], "noise"),
        ("Pd", _NOISE[1], "noise"),
        ("B", 1.0, "strong"),
    ):
        if name == across:
            held.append((meaning, (value, value), None))
        if name == up:
            held.append((meaning, None, (value, value)))
    for pair, meaning in ((("Estar", "Lambda0"), "no levels"), (("B", "chi"), "equal")):
        if pair == (across, up):
            both = max(x.ends[0], y.ends[0]), min(x.ends[1], y.ends[1])
            held.append((meaning, both, both))
    found = [_estimate(settings, x, y, known["chi"])] if up == "levels" and "chi" in known else []
    for meaning, at_x, at_y in held:
        places = [
            (each.axis.lower, each.axis.upper) if at is None else (at[0] * each.factor, at[1] * each.factor)
            for each, at in ((x, at_x), (y, at_y))
        ]
        if all(
            axis.axis.lower <= min(at) <= max(at) <= axis.axis.upper for axis, at in zip((x, y), places, strict=True)
        ):
            colour, dash, label = _HELD[meaning]
            found.append(Line(np.array(places[0]), np.array(places[1]), colour, 1.8, dash, label=label))
    return found


def _estimate(settings: RegionFigure, x: Coordinate, y: Coordinate, chi: Coordinate) -> Line:
    """The number of levels that 004 (5) and (6) estimate for a time tau_phi, at the median of chi: n = k_F^2/(8 pi chi
    v_F tau_in) with chi as in 001, tau_in = tau_phi, or for E* tau_phi < hbar (E* tau_phi/hbar)^2 as long."""
    energy = np.geomspace(*x.ends, 100)
    often = np.minimum(energy * BOLTZMANN * settings.tau_phi / HBAR, 1.0) ** 2
    k_F_squared = 2 * ELECTRON_MASS * settings.eps_F / HBAR**2
    number = k_F_squared / (8 * np.pi * np.median(chi.draws) * settings.v_F * settings.tau_phi * often)
    shown = np.where((number > y.ends[0]) & (number < y.ends[1]), number, np.nan)
    colour, dash, label = _HELD["estimate"]
    return Line(energy * x.factor, shown * y.factor, colour, 1.8, dash, label=label)


def _profile(settings: RegionFigure, cells: xarray.Dataset, name: str, factor: float, top: float) -> list[Line]:
    """Where the largest likelihood at given values of a parameter, within the ranges of all, is no further below the
    best than it is in 68 % and 95 % of cases for a normal law."""
    if name not in cells:
        return []
    total = cells.log_likelihood.values + cells.get("log_likelihood_of_others", xarray.zeros_like(cells.weight)).values
    possible = cells.weight.values > 0
    nodes, where = np.unique(cells[name].values[possible], return_inverse=True)
    best = np.full(len(nodes), -np.inf)
    np.maximum.at(best, where, total[possible])
    found = []
    for below, width in ((1.92, 2.0), (0.5, 5.0)):
        near = nodes[best > best.max() - below] * factor
        ends = np.clip([near.min(), near.max()], *(end * factor for end in settings.ranges[name]))
        found.append(Line(ends, np.full(2, 0.05 * top), "#cc3311", width))
    return found


def _marginal(settings: RegionFigure, groups: xarray.Dataset, cells: xarray.Dataset, name: str, remark: str) -> Scene:
    """The distribution of a parameter; of one that the data do not determine with the limits of its likelihood."""
    values = groups[name].values
    density = over_prior(groups[f"{name}_prior"].values, groups[f"{name}_posterior"].values)
    label, factor = factor_of(name, *settings.ranges[name])
    low, high = (end * factor for end in settings.ranges[name])
    x = log_axis(label, low, high, 0.04)
    known = np.isfinite(density)
    top = 1.15 * max(2.0, float(density[known].max()))
    y = Axis("density, prior = 1", 0.0, top, tuple(ticks(0.0, top, "linear")), "linear")
    at = np.clip(values[known] * factor, low, high)
    before = Line(np.array([low, low, high, high]), np.array([0.0, 1.0, 1.0, 0.0]), _PRIOR, 2.0, "dashed")
    after = Line(at, density[known], _DARK, 2.6, hover=True)
    profile = _profile(settings, cells, name, factor, top) if remark == UNDETERMINED else []
    return Scene(f"${PARAMETERS[name].symbol}$: {remark}" if remark else "", x, y, (before, after, *profile))


def _with_one_legend(scenes: list[Scene]) -> list[Scene]:
    """The scenes, of which the last has the legend of all."""
    lines = {each.label: each for scene in scenes for each in scene.layers if isinstance(each, Line) and each.label}
    said = [replace(each, x=NOWHERE, y=NOWHERE) for each in lines.values()]
    regions = [swatch(_DARK, "68 %"), swatch(_PALE, "95 %"), key(_PRIOR, "range before the data", 1.2, "solid")]
    silent = [
        replace(
            scene, layers=tuple(replace(each, label="") if isinstance(each, Line) else each for each in scene.layers)
        )
        for scene in scenes
    ]
    return [*silent[:-1], replace(silent[-1], layers=(*silent[-1].layers, *regions, *said))]
