"""Measured dephasing times and the rivals that may explain them: what each says at the temperatures of the data, how
far off the data are, and the evidence."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import xarray

from physics.constants import BOLTZMANN, HBAR
from survey.config.inferred.figures import RivalsFigure
from survey.draw.geometry import ticks
from survey.draw.inference.findings import (
    BACKGROUND,
    BLACK,
    SYNTHETIC,
    Finding,
    at_least_two,
    colours_of,
    factor_of,
    log_axis,
    read_findings,
    wrapped,
)
from survey.draw.picture.scene import Axis, Band, Line, Points, Scene, Sheet, swatch
from survey.mathtext import axis_label, prefix_of
from survey.rivals import RIVALS

# Of a measured time: what a number is that is a lower or an upper limit.
_LOWER, _UPPER = 1, 2
# An arrow of a limit reaches so far.
_ARROW = 1.35
# Bands that leave the data by more than this factor leave the picture.
_BEYOND = 300.0
# Temperatures and, of each quantile, the times there.
Curve = tuple[np.ndarray, ...]
# The region without quasiparticles is in the picture if it comes so near to the data.
_NEAR = 5.0


def data_and_rivals(settings: RivalsFigure, first: Path, crossovers: Path) -> Sheet:
    """T against tau_phi with the bands of all rivals, and below the data over the median of each in errors, for each
    wire."""
    found = read_findings(first, settings.findings)
    evidence, groups = found["evidence"]
    posteriors = {name: found[f"posterior_{name}"] for name in settings.rivals}
    table = groups["evidence"]
    colours = colours_of(settings.rivals)
    rows = []
    for wire, title in enumerate(settings.wires):
        observed = {name: _of_wire(each, wire) for name, each in posteriors.items()}
        heading = title if len(settings.wires) > 1 else ""
        bands = {name: _posterior(each) for name, each in observed.items()}
        if settings.predicted and wire == 0:
            bands = _predicted(found["predictions"], settings.rivals)
        rows += [(panel,) for panel in _panels(observed, bands, colours, table, heading)]
    kind = "Synthetic dephasing times" if settings.synthetic else "Measured dephasing times"
    notes = [
        *([SYNTHETIC] if settings.synthetic else []),
        "Lines: posterior median of each rival; bands: 68 % and, paler, 95 %. Bars: 1σ. "
        "Arrows: limits. Below: distance of the data from the median, in their errors; limits have none.",
        *(_told(table.sel(rival=name)) for name in settings.rivals),
    ]
    return Sheet(
        f"{kind} and their rival explanations",
        tuple(rows),
        (2.4, 1.0) * len(settings.wires),
        tuple(notes),
        wrapped(str(evidence["verdict"]).replace("Delta ln Z", "Δ\u00a0ln\u00a0Z")),
    )


def _of_wire(finding: Finding, wire: int) -> xarray.Dataset:
    observed = finding[1]["observed_data"]
    return observed.isel(point=np.flatnonzero(observed.wire.values == wire))


def _posterior(observed: xarray.Dataset) -> Curve:
    return at_least_two(observed["T"].values, *observed.tau_phi_posterior.values)


def _predicted(finding: Finding, names) -> dict[str, Curve]:
    """The bands at all temperatures of the predictions where there is a number."""
    tau, found = finding[1]["dephasing"].tau_phi, {}
    for name in names:
        own = tau.sel(rival=name).values
        known = (np.isfinite(own) & (own > 0)).all(axis=0)
        if known.any():
            found[name] = at_least_two(tau["T"].values[known], *own[:, known])
    return found


def _panels(observed: Mapping[str, xarray.Dataset], bands: Mapping[str, Curve], colours, table, title: str):
    """The two panels of a wire."""
    data = next(iter(observed.values()))
    T, tau, sigma, limit = (data[name].values for name in ("T", "tau_phi", "relative", "limit"))
    ends = np.concatenate([tau * np.exp(sigma), tau * np.exp(-sigma)])
    reach = np.concatenate([ends, *(part for _, *own in bands.values() for part in own)])
    lower, upper = max(reach.min(), ends.min() / _BEYOND), min(reach.max(), ends.max() * _BEYOND)
    everywhere = np.concatenate([T, *(own[0] for own in bands.values())])
    edge = HBAR / (BOLTZMANN * everywhere)
    near = edge.max() * _NEAR > lower
    lower = min(lower, edge.max() / 2) if near else lower
    power = prefix_of("s", lower, upper)
    unit = 10.0**-power
    y = log_axis(axis_label("tau_phi", r"\tau_\varphi", "s", power), lower * unit, upper * unit, 0.07)
    first, last = everywhere.min(), everywhere.max()
    label_T, kelvin = factor_of("T", first, last)
    room = 0.06 if last > 1.3 * first else 1.0
    x = log_axis(label_T, first * kelvin, last * kelvin, room)
    layers: list = _no_quasiparticles(x, y, unit, kelvin) if near else []
    for name, (at, *q) in bands.items():
        for low, high, opacity in ((0, 4, 0.08), (1, 3, 0.14)):
            within = [np.clip(q[end] * unit, y.lower, y.upper) for end in (low, high)]
            layers.append(Band(at * kelvin, *within, colours[name], opacity))
    for name, (at, *q) in bands.items():
        dash, label = "dashed" if name == BACKGROUND else "solid", _label(table.sel(rival=name))
        layers.append(Line(at * kelvin, q[2] * unit, colours[name], 2.4, dash, label=label, hover=True))
    layers += _data(T * kelvin, tau * unit, sigma, limit)
    return Scene(title, x, y, tuple(layers)), _residuals(observed, colours, x, kelvin)


def _no_quasiparticles(x: Axis, y: Axis, unit: float, kelvin: float) -> list:
    T = np.geomspace(x.lower, x.upper, 60)
    edge = np.clip(HBAR / (BOLTZMANN * T / kelvin) * unit, y.lower, y.upper)
    band = Band(T, np.full_like(T, y.lower), edge, "#888888", 0.35)
    return [band, swatch("#d5d5d5", r"$\hbar/\tau_\varphi > k_\mathrm{B}T$")]


def _data(T: np.ndarray, tau: np.ndarray, sigma: np.ndarray, limit: np.ndarray) -> list:
    """Points with bars of one standard deviation; of limits an arrow to where the true value is."""
    measured = limit == 0
    nowhere = np.full(measured.sum(), np.nan)
    x = np.stack([T[measured], T[measured], nowhere], axis=1).ravel()
    low, high = tau[measured] * np.exp(-sigma[measured]), tau[measured] * np.exp(sigma[measured])
    layers: list = []
    if measured.any():
        layers.append(Line(x, np.stack([low, high, nowhere], axis=1).ravel(), BLACK, 1.5))
        layers.append(Points(T[measured], tau[measured], "#ffffff", size=8.0, edge=BLACK, label="data, 1σ"))
    for kind, marker, reach, label in (
        (_LOWER, "^", _ARROW, "lower limit"),
        (_UPPER, "v", 1 / _ARROW, "upper limit"),
    ):
        of = limit == kind
        if of.any():
            ends = np.stack([tau[of], tau[of] * reach, np.full(of.sum(), np.nan)], axis=1).ravel()
            layers.append(Line(np.repeat(T[of], 3), ends, BLACK, 1.5))
            layers.append(Points(T[of], tau[of] * reach, BLACK, marker=marker, size=9.0, label=label))
    return layers


def _residuals(observed: Mapping[str, xarray.Dataset], colours: Mapping[str, str], x: Axis, kelvin: float) -> Scene:
    layers: list = [Line(np.array([x.lower, x.upper]), np.zeros(2), "#888888", 1.0)]
    largest = 3.0
    for name, each in observed.items():
        measured = each.limit.values == 0
        median = each.tau_phi_posterior.sel(quantile=0.5).values
        distance = (np.log(each.tau_phi.values / median) / each.relative.values)[measured]
        if not measured.any():
            continue
        T = each["T"].values[measured] * kelvin
        largest = max(largest, float(np.abs(distance).max()))
        layers += [Points(T, distance, colours[name], size=6.0, edge=colours[name])]
        if len(T) > 1:
            layers += [Line(*at_least_two(T, distance), colours[name], 1.0, opacity=0.6)]
    reach = 1.1 * largest
    y = Axis(r"off median ($\sigma$)", -reach, reach, tuple(ticks(-reach, reach, "linear")), "linear")
    return Scene("", x, y, tuple(layers))


def _label(row: xarray.Dataset) -> str:
    return f"{RIVALS[str(row.rival.values)].title}: {_evidence(row)}"


def _evidence(row: xarray.Dataset) -> str:
    return rf"$\ln Z$ = {_two(row.ln_evidence)} ± {max(float(row.ln_evidence_error), 0.01):.2f}"


def _two(value) -> str:
    return f"{float(value):.2f}".replace("-", "−")


def _told(row: xarray.Dataset) -> str:
    name = str(row.rival.values)
    probability = float(row.probability)
    said = "no probability is given" if np.isnan(probability) else f"probability {probability:.2g}"
    explains = "" if row.explains else "; does not explain the data"
    return (
        f"{RIVALS[name].title}: {_evidence(row)}, {_two(row.lowest)} to {_two(row.highest)} with the prior range of "
        "one parameter halved or doubled; "
        f"{said}; posterior-predictive p = {float(row.posterior_predictive_p):.2g}; "
        f"scatter beyond the errors {float(row.mean_s_m):.2g}{explains}."
    )
