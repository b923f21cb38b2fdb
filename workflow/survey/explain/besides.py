"""What the defects of a rival do besides, at draws of its posterior, from the tables of the survey."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import xarray as xr
from scipy.interpolate import PchipInterpolator

from physics import QUANTITIES
from physics.heat_and_sound.electron_heat import electron_specific_heat
from physics.statistics.marginal import predictions
from physics.statistics.nuisances import NUISANCES
from survey.config.inferred.tables import material_of, reference
from survey.cubes.read import open_cube, read_region
from survey.errors import SurveyError
from survey.explain.posterior import setting
from survey.explain.tables import read_table
from survey.inference import SEEN, heated
from survey.rivals import RIVALS
from survey.store.trees import read_tree
from survey.survey import Survey

# In a field each draw has a spectrum of its own, by the kernel itself: so many of them.
FIELD_DRAWS = 200
_FIELD = QUANTITIES["magnetoresistance"]


def draws_of(survey: Survey, rival: str, results: Path) -> xr.Dataset:
    """Equally probable draws of the posterior of a rival, of the first wire; SurveyError if it is missing."""
    draws = read_tree(results / survey.name / f"posterior_{rival}.nc")[1]["draws"]
    return draws.isel(wire=0)


def numbers(survey: Survey, rival: str, name: str, draws: xr.Dataset, results: Path) -> np.ndarray | None:
    """A number of `SEEN` at draws (D), over the temperatures and conditions of the consequences: (D, T, n), n = 1 where
    there is no condition; NaN where the theory gives none. None if the rival has no such number: `missing` says why."""
    besides = survey.inference.consequences
    kind, seen, sample = RIVALS[rival], SEEN[name], survey.inference.measurements[0]
    if name in besides.missing[rival]:
        return None
    if seen.kind == "dephasing":
        return _dephasing_times(survey, rival, draws, results)[..., None]
    T = np.array(besides.axes["T"])
    conditions = (len(T), len(besides.axes[seen.at]) if seen.at else 1)
    if seen.kind in kind.nothing:
        values = np.zeros((draws.sizes["draw"], *conditions))
    else:
        path = results / survey.name / f"{besides.tables[rival][seen.kind]}.nc"
        ranges = survey.inference.rivals[rival].ranges
        found = at_draws(path, seen.variable, rival, seen.kind, draws, ranges, seen.at)
        values = np.broadcast_to(found, (len(found), *conditions))
    if name in ("C", "C_over_T"):
        constants = {each: sample.constants[each] for each in seen.needs}
        electrons = electron_specific_heat(T, **constants)
        values = (1 + values) * (electrons if name == "C" else electrons / T)[:, None]
    return values


def at_draws(
    path: Path, variable: str, rival: str, kind: str, draws: xr.Dataset, ranges: Mapping, at: str | None
) -> np.ndarray:
    """A variable of the cube of a law at draws (D): (D, T, n), of length 1 where it does not depend on one of them.

    The outer parameters of draws are on the grid. The density is a factor, plays no part, or its logarithm is
    interpolated linearly against that of the variable, as `Law.amplitude` says.
    """
    law, known = RIVALS[rival].laws[kind], RIVALS[rival]
    with open_cube(path) as cube:
        dimensions = cube[variable].dimensions
        values = read_region(cube, variable, (slice(None),) * len(dimensions))
        nodes = {name: np.array(cube[name][:]) for name in dimensions}
    amplitude = known.amplitude[0] if known.amplitude else None
    outer = [name for name in known.outer if name in dimensions]
    varied = [amplitude] if amplitude in dimensions else []
    rest = [name for name in ("T", at) if name in dimensions]
    values = values.transpose([dimensions.index(name) for name in (*outer, *varied, *rest)])
    chosen = values[tuple(_nearest(name, nodes[name], draws[name].values) for name in outer)] if outer else values[None]
    if varied:
        chosen = between(np.log(nodes[amplitude]), chosen, np.log(draws[amplitude].values))
    elif law.amplitude == "linear":
        scale = draws[amplitude].values / reference(ranges[amplitude])
        chosen = chosen * scale.reshape(-1, *(1,) * (chosen.ndim - 1))
    shape = [len(chosen), *(len(nodes[name]) if name in rest else 1 for name in ("T", at))]
    return chosen.reshape(shape)


def _nearest(name: str, nodes: np.ndarray, values: np.ndarray) -> np.ndarray:
    """The places of values that are on the grid; SurveyError if one is not: then the posterior is of another grid."""
    places = np.abs(np.log(values[:, None] / nodes)).argmin(axis=1)
    if np.abs(np.log(nodes[places] / values)).max() > 1e-6:
        raise SurveyError(f"{name} of the posterior's draws is not on the grid of the tables; allowed: the same survey")
    return places


def between(places: np.ndarray, values: np.ndarray, at: np.ndarray) -> np.ndarray:
    """Values (D, A, ...) at ascending places (A), interpolated at one place for each of D, in logarithms where both are
    positive, else linearly."""
    low = np.clip(np.searchsorted(places, at) - 1, 0, len(places) - 2)
    part = np.clip((at - places[low]) / (places[low + 1] - places[low]), 0, 1)
    part = part.reshape(-1, *(1,) * (values.ndim - 2))
    rows = np.arange(len(at))
    first, second = values[rows if len(values) > 1 else 0, low], values[rows if len(values) > 1 else 0, low + 1]
    with np.errstate(divide="ignore", invalid="ignore"):
        logarithmic = np.exp((1 - part) * np.log(first) + part * np.log(second))
    return np.where((first > 0) & (second > 0), logarithmic, (1 - part) * first + part * second)


def _dephasing_times(survey: Survey, rival: str, draws: xr.Dataset, results: Path) -> np.ndarray:
    """tau_phi of draws (D, T), with the wire's common scale and its heating; the times of a table, between whose
    temperatures ln(tau_phi) is a monotonic cubic of ln(T)."""
    besides, sample = survey.inference.consequences, survey.inference.measurements[0]
    table = read_table(survey, rival, sample, results, besides.tables[rival]["dephasing"])
    kind, count = table.rival, draws.sizes["draw"]
    shape = [len(nodes) for nodes in table.outer.values()]
    where = [_nearest(name, nodes, draws[name].values) for name, nodes in table.outer.items()]
    place = np.ravel_multi_index(where, shape) if where else np.zeros(count, np.int64)
    log_a = np.zeros(count)
    if kind.amplitude is not None:
        name = kind.amplitude[0]
        log_a = np.log(draws[f"{name}_effective" if kind.couples else name].values)
    u = np.stack([draws[name].values for name in NUISANCES], axis=1)
    log_T = np.log(table.T)
    rows = np.broadcast_to(np.arange(len(log_T)), (count, len(log_T)))
    sigma = setting(survey.inference.nuisances.of(sample)).sigma
    log_tau = np.empty((count, len(log_T)))
    predictions(
        table.log_rate, table.log_amplitudes, place.astype(np.int64), log_a, np.ascontiguousarray(rows),
        np.ascontiguousarray(np.broadcast_to(log_T, rows.shape)), table.ee_factors, table.ep_factors, sigma, u, log_tau,
    )  # fmt: skip
    wanted = np.array(besides.axes["T_dephasing"])
    electrons = np.clip(np.log(heated(wanted, draws["T_heat"].values)), log_T[0], log_T[-1])
    curve = PchipInterpolator(log_T, log_tau, axis=1)
    piece = np.clip(np.searchsorted(log_T, electrons, side="right") - 1, 0, len(log_T) - 2)
    step, found = electrons - log_T[piece], 0.0
    for power in curve.c:
        found = found * step + np.take_along_axis(power.T, piece, axis=1)
    return np.exp(found)


def delta_sigma(survey: Survey, rival: str, draws: xr.Dataset, T: np.ndarray, H: np.ndarray) -> np.ndarray:
    """sigma(H) - sigma(0) of draws, (D, T, H), of as many of them as `FIELD_DRAWS`, at equal distances."""
    sample, hypothesis = survey.inference.measurements[0], survey.inference.rivals[rival]
    sigma = survey.inference.nuisances.of(sample)
    material = material_of(sample, hypothesis.constants)
    options = _options(rival, sample)
    some = np.unique(np.linspace(0, draws.sizes["draw"] - 1, FIELD_DRAWS).round().astype(int))
    found = np.empty((len(some), len(T), len(H)))
    needed = [name for names in _FIELD.depends_on(options, ["delta_sigma"]) for name in names]
    for number, place in enumerate(some):
        draw = {str(name): float(each[place]) for name, each in draws.data_vars.items()}
        own = material | {
            "ee_prefactor": material.get("ee_prefactor", 1.0) * np.exp(sigma.ee_prefactor * draw["ee_prefactor"]),
            "ep_rate": material["ep_rate"] * np.exp(sigma.ep_rate * draw["ep_rate"]),
            "ep_exponent": material["ep_exponent"] + sigma.ep_exponent * draw["ep_exponent"],
        }
        if RIVALS[rival].couples:
            own |= {name: draw[name] for name in RIVALS[rival].outer} | {"Pd": draw["Pd_effective"]}
        else:
            # No levels: E* <= Lambda0.
            own |= {"Lambda0": 0.1, "Estar": 0.05, "chi": 0.1, "Pd": 1e43}
        own |= {"T": heated(T, np.array([draw["T_heat"]]))[0][:, None], "H": H}
        given = {name: own[name] for name in needed}
        found[number] = _FIELD(variables=["delta_sigma"], **options, **given)["delta_sigma"]
    return found


def _options(rival: str, sample) -> dict[str, str]:
    distribution = RIVALS[rival].options.get("distribution") if RIVALS[rival].couples else "tunnelling_states"
    own = {"distribution": distribution, "cross_section": "golden_rule", "background": sample.geometry}
    return own | {"phonons": "power", "geometry": sample.geometry}


def no_field(rival: str, sample, constants) -> str:
    """Why the magnetoresistance of a rival cannot be computed; empty if it can."""
    if not RIVALS[rival].couples and rival != "background":
        return f"the decay of the interference that {RIVALS[rival].title} cause is known by its time alone"
    if sample.geometry not in _FIELD.options["geometry"]:
        return (
            f"weak localisation in a field is computed of films and wires, and the sample is of kind {sample.geometry}"
        )
    # What the draws say is not asked of the measurement.
    fixed = set(_FIELD.depends_on(_options(rival, sample), ["delta_sigma"])[1])
    missing = sorted(fixed - material_of(sample, constants).keys() - {*RIVALS[rival].outer, "ee_prefactor"})
    return f"needs {', '.join(missing)}, which the measurement does not give" if missing else ""
