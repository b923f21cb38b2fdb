"""What must be seen besides if a rival is true: heat, sound, noise and dephasing of the same defects, with bands."""

import json
from pathlib import Path

import numpy as np
import xarray as xr

from physics import PARAMETERS, QUANTITIES
from survey.explain.besides import FIELD_DRAWS, delta_sigma, draws_of, no_field, numbers
from survey.inference import SEEN
from survey.store import origins
from survey.store.trees import write_tree
from survey.survey import Survey

# Of the band of 95 %, of that of 68 %, and the median.
QUANTILES = (0.025, 0.16, 0.5, 0.84, 0.975)
# Of the magnetoresistance: the lowest, a middle and the highest measured temperature.
TEMPERATURES = 3
# Where heat and sound of single draws are kept, so that they can be seen together: K, rad/s, s; and of how many draws.
TOGETHER, POINTS = {"T": 0.02, "omega": 2e8 * np.pi, "t_exp": 1.0}, 300
GROUPS = {"heat": ("heat",), "sound": ("resonant", "relaxation"), "noise": ("noise",), "dephasing": ("dephasing",)}


def predict(survey: Survey, results: Path) -> Path:
    """Write results/<survey>/predictions.nc from the posteriors and the tables; returns its path.

    Groups `heat`, `sound`, `noise`, `dephasing`, `magnetoresistance`, each number over (rival, quantile, T, condition),
    and beside it `<number>_defined` (rival, T, condition): the share of draws for which the theory gives a finite
    number; NaN where there is none at all. `together`: C_T/C_e and W/W_g of single draws (rival, point), at one place.
    The attribute `left_out` says why, by number and rival.
    """
    inference = survey.inference
    assert inference is not None and inference.consequences is not None
    draws = {rival: draws_of(survey, rival, results) for rival in inference.rivals}
    groups, left_out = {}, {}
    for group, kinds in GROUPS.items():
        groups[group] = xr.merge(
            [
                _bands(survey, name, draws, results)
                for name, seen in SEEN.items()
                if seen.kind in kinds
            ]
        )  # fmt: skip
    for name in SEEN:
        missing = {each: why[name] for each, why in inference.consequences.missing.items() if name in why}
        left_out |= {name: missing} if missing else {}
    groups["together"] = _together(survey, draws, results)
    groups["magnetoresistance"], left_out["delta_sigma"] = _magnetoresistance(survey, draws)
    about = {
        "title": f"{survey.title}: predictions",
        "survey": survey.name,
        "sample": inference.measurements[0].name,
        "left_out": json.dumps(left_out),
        origins.MADE_FROM: origins.text(origins.of_finding(survey, "predictions")),
    }
    path = results / survey.name / "predictions.nc"
    write_tree(path, groups, about)
    return path


def _bands(survey: Survey, name: str, draws: dict[str, xr.Dataset], results: Path) -> xr.Dataset:
    """The quantiles of a number, of all rivals."""
    seen, axes = SEEN[name], survey.inference.consequences.axes
    T = axes["T_dephasing" if seen.kind == "dephasing" else "T"]
    shape = (len(T), len(axes[seen.at]) if seen.at else 1)
    bands, shares = [], []
    for rival, each in draws.items():
        values = numbers(survey, rival, name, each, results)
        band, share = quantiles(np.full((1, *shape), np.nan) if values is None else values)
        bands.append(band)
        shares.append(share)
    condition = (seen.at,) if seen.at else ()
    cut = (...,) if seen.at else (..., 0)
    about = {"units": seen.parameter.unit, "long_name": seen.parameter.long_name, "symbol": seen.parameter.symbol}
    share = {"units": "1", "long_name": "share of the draws for which the theory gives a finite number"}
    coordinates = {"rival": list(draws), "quantile": list(QUANTILES)}
    coordinates |= {each: (each, np.array(values), {"units": PARAMETERS[each].unit})
                    for each, values in (("T", T), *((each, axes[each]) for each in condition))}  # fmt: skip
    return xr.Dataset(
        {
            name: (("rival", "quantile", "T", *condition), np.stack(bands)[cut], about),
            f"{name}_defined": (("rival", "T", *condition), np.stack(shares)[cut], share),
        },
        coordinates,
    )


def _together(survey: Survey, draws: dict[str, xr.Dataset], results: Path) -> xr.Dataset:
    """Heat and sound of the same draws, at the temperature, frequency and time that are nearest to `TOGETHER`."""
    axes = survey.inference.consequences.axes
    places = {name: int(np.abs(np.log(np.array(axes[name]) / at)).argmin()) for name, at in TOGETHER.items()}
    found = {}
    for name in ("C_ratio", "W_resonant_over_glass", "W_relaxation_over_glass"):
        values = np.full((len(draws), POINTS), np.nan)
        for number, (rival, each) in enumerate(draws.items()):
            own = numbers(survey, rival, name, each, results)
            if own is not None:
                some = np.linspace(0, len(own) - 1, POINTS).round().astype(int)
                values[number] = own[some, places["T"], places[SEEN[name].at]]
        found[name] = (("rival", "point"), values, {"units": "1", "long_name": SEEN[name].parameter.long_name})
    where = {name: ((), axes[name][place], {"units": PARAMETERS[name].unit}) for name, place in places.items()}
    return xr.Dataset(found, {"rival": list(draws), **where})


def _magnetoresistance(survey: Survey, draws: dict[str, xr.Dataset]) -> tuple[xr.Dataset, dict[str, str]]:
    """`delta_sigma` over (rival, quantile, T, H), without a common error of scale, and by rival why there is none."""
    sample, fields = survey.inference.measurements[0], survey.inference.consequences.axes["H"]
    measured = np.sort(sample.tables[0].at["T"])
    T = np.unique(measured[np.linspace(0, len(measured) - 1, TEMPERATURES).round().astype(int)])
    bands, left_out = np.full((len(draws), len(QUANTILES), len(T), len(fields)), np.nan), {}
    for number, (rival, each) in enumerate(draws.items()):
        reason = no_field(rival, sample, survey.inference.rivals[rival].constants)
        if reason:
            left_out[rival] = reason
        else:
            bands[number] = np.quantile(delta_sigma(survey, rival, each, T, np.array(fields)), QUANTILES, axis=0)
    per = "S" if sample.geometry == "film" else "S m"
    about = {
        "units": per,
        "long_name": QUANTITIES["magnetoresistance"].variable("delta_sigma").long_name,
        "draws": FIELD_DRAWS,
    }
    coordinates = {
        "rival": list(draws),
        "quantile": list(QUANTILES),
        "T": ("T", T, {"units": "K"}),
        "H": ("H", np.array(fields), {"units": PARAMETERS["H"].unit}),
    }
    return xr.Dataset({"delta_sigma": (("rival", "quantile", "T", "H"), bands, about)}, coordinates), left_out


def quantiles(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The quantiles (5, ...) of the finite ones of draws (D, ...), NaN where none is, and the share of these (...)."""
    finite = np.isfinite(values)
    share = finite.mean(axis=0)
    ordered = np.sort(np.where(finite, values, np.inf), axis=0)
    count = finite.sum(axis=0)
    found = np.full((len(QUANTILES), *values.shape[1:]), np.nan)
    for number, part in enumerate(QUANTILES):
        place = part * np.maximum(count - 1, 0)
        low = np.floor(place).astype(int)[None]
        high = np.minimum(low + 1, np.maximum(count - 1, 0)[None])
        first, second = (np.take_along_axis(ordered, each, axis=0)[0] for each in (low, high))
        with np.errstate(invalid="ignore"):
            found[number] = np.where(count > 0, first + (place - low[0]) * (second - first), np.nan)
    return found, share
