"""What measured dephasing times say of one rival: its posterior, from its tables, into one netCDF file.

The groups of the file have the names of ArviZ: `posterior` (cells of the grid with their weights), `prior`,
`log_likelihood`, `observed_data`; `draws` are equally probable ones with their nuisances, for whoever wants no weights.
"""

import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import xarray as xr

from physics import PARAMETERS, QUANTITIES
from physics.statistics.marginal import MOMENTS
from physics.statistics.nuisances import NUISANCES
from survey.errors import SurveyError
from survey.explain import summary
from survey.explain.draws import cells_drawn, densities_drawn, misfit, parameters_drawn, unlike, wire_drawn
from survey.explain.exact import table_error
from survey.explain.joint import Weighed, other_of, weighed
from survey.explain.posterior import Cells, cells_of, setting
from survey.explain.tables import data_of, read_table
from survey.explain.wires import joined
from survey.inference import Inference
from survey.measurement import OBSERVABLES
from survey.rivals import RIVALS
from survey.store import origins
from survey.store.trees import write_tree
from survey.survey import Survey

DRAWS = 10_000
QUANTILES = [0.025, 0.16, 0.5, 0.84, 0.975]


def infer(survey: Survey, rival: str, results: Path, threads: int = 1) -> Path:
    """Write results/<survey>/posterior_<rival>.nc; returns its path. SurveyError for a rival that the survey has not,
    and for a table that is missing or damaged."""
    inference = survey.inference
    if inference is None or rival not in inference.rivals:
        known = ", ".join(inference.rivals) if inference else "none: the survey has no `inference`"
        raise SurveyError(f"{survey.path}: there is no rival {rival!r}; allowed: {known}")
    path = results / survey.name / f"posterior_{rival}.nc"
    tree, about = posterior(survey, inference, rival, results, threads)
    write_tree(path, tree, about | {origins.MADE_FROM: origins.text(origins.of_finding(survey, path.stem))})
    return path


def posterior(survey: Survey, inference: Inference, rival: str, results: Path, threads: int) -> tuple[dict, dict]:
    """The groups of a posterior's file, by name, and its attributes."""
    hypothesis = inference.rivals[rival]
    rng = np.random.Generator(np.random.PCG64([inference.seed, *rival.encode()]))
    samples = [
        (each, setting(inference.nuisances.of(each)), data_of(each.tables[0])) for each in inference.measurements
    ]
    kind, ranges = RIVALS[rival], hypothesis.ranges
    spread = inference.nuisances.of(inference.measurements[0]).cross_section if kind.couples else 0.0
    wires, others = [], ()
    for each, nodes, data in samples:
        table = read_table(survey, rival, each, results)
        # Only a single sample has other tables.
        others = weighed(survey, rival, each, table.outer, nodes, results)
        other = other_of(rival, others, table.outer, ranges)
        wires.append(cells_of(table, data, nodes, threads, ranges=ranges, other=other, spread=spread))
    joint = joined(wires, ranges)
    limits = {name: QUANTITIES[kind.quantity].limits(name) for name in ranges}
    log_prior, log_other = joint.log_prior(ranges, spread), joint.log_other(ranges, spread)
    weights, _ = joint.weigh(log_prior + log_other)
    evidence = summary.evidence(joint, ranges, spread, limits)
    found = summary.marginals(joint, log_prior, weights, ranges, spread)
    drawn = cells_drawn(weights, DRAWS, rng)
    places = joint.place[drawn]
    drawn_wires = [
        wire_drawn(wire, data, nodes, joint, drawn, rng) for wire, (_, nodes, data) in zip(wires, samples, strict=True)
    ]
    errors = [
        table_error(survey.request(hypothesis.tables[each.name]), wire.table, inference.nuisances.of(each), places, own)
        for each, wire, own in zip(inference.measurements, wires, drawn_wires, strict=True)
    ]
    p = [misfit(data, each, rng) for (_, _, data), each in zip(samples, drawn_wires, strict=True)]
    draws = _draws(joint, drawn, drawn_wires, ranges, spread, rng)
    log_density = np.log(draws[kind.amplitude[0]].values) if kind.amplitude else np.zeros(len(drawn))
    of_others = [each.drawn(places, log_density, rng) for each in others]
    p += [unlike(each.data, *own, rng) for each, own in zip(others, of_others, strict=True)]
    groups = {
        "posterior": _cells(joint, weights, log_prior, log_other),
        "prior": _prior(found),
        "draws": draws,
        "log_likelihood": _points(wires[0], weights if len(wires) == 1 and samples[0][2].covariance is None else None),
        "observed_data": _observed(samples, drawn_wires),
    }
    for number, (each, own) in enumerate(zip(others, of_others, strict=True), start=1):
        groups[f"observed_{number}_{each.predicted.table.observable}"] = _observed_other(each, own[1])
    scatter = np.mean([each.s_m.mean() for each in drawn_wires])
    moments = joint.moments.T @ weights if joint.moments.size else np.full(len(MOMENTS), np.nan)
    about = {
        "title": f"{survey.title}: {kind.title}",
        "survey": survey.name,
        "rival": rival,
        "ln_evidence": evidence.value,
        "ln_evidence_error": evidence.error,
        "ln_evidence_with_other_ranges": json.dumps(dict(evidence.variants)),
        "ranges_cut_by_the_domain": " ".join(evidence.cut),
        "table_error": max(rms for rms, _ in errors),
        "table_error_largest": max(largest for _, largest in errors),
        "posterior_predictive_p": min(p),
        "mean_s_m": float(max([scatter, *(own[0].mean() for own in of_others)])),
        "remarks": json.dumps({name: each.remark for name, each in found.items()}),
        "nuisances": json.dumps(dict(zip(MOMENTS, map(float, moments), strict=True))),
        "seed": inference.seed,
        "bit_generator": "PCG64",
        "cells": len(joint.place),
    }
    return groups, about


def _cells(cells: Cells, weights: np.ndarray, log_prior: np.ndarray, log_other: np.ndarray) -> xr.Dataset:
    values = {name: ("cell", each[cells.place]) for name, each in cells.table.places().items()}
    if cells.table.rival.amplitude is not None:
        name = cells.table.rival.amplitude[0]
        values[f"{name}_effective" if cells.table.rival.couples else name] = (
            "cell",
            np.exp(cells.log_amplitudes[cells.amplitude]),
        )
    values |= {"weight": ("cell", weights), "log_likelihood": ("cell", cells.log_likelihood)}
    values |= {"log_prior": ("cell", log_prior), "place": ("cell", cells.place)}
    values |= {"log_likelihood_of_others": ("cell", log_other)} if cells.other is not None else {}
    return _described(xr.Dataset(values))


def _prior(found: Mapping[str, summary.Marginal]) -> xr.Dataset:
    """The marginal distribution of each parameter NAME over its own dimension: before (`NAME_prior`) and after."""
    values: dict = {}
    for name, each in found.items():
        values[f"{name}_prior"] = (name, each.prior)
        values[f"{name}_posterior"] = (name, each.posterior)
    return _described(xr.Dataset(values, coords={name: each.values for name, each in found.items()}))


def _draws(joint: Cells, drawn, wires, ranges, spread: float, rng) -> xr.Dataset:
    values: dict = {name: ("draw", each) for name, each in parameters_drawn(joint, drawn).items()}
    values["place"] = ("draw", joint.place[drawn])
    kind = joint.table.rival
    if kind.amplitude is not None:
        name = kind.amplitude[0]
        log_effective = wires[0].log_amplitude
        if joint.other is not None and spread > 0:
            density, factor = joint.other.densities_drawn(joint.place[drawn], log_effective, ranges[name], spread, rng)
        else:
            density, factor = densities_drawn(log_effective, ranges[name], spread, rng)
        values[name] = ("draw", np.exp(density))
        if kind.couples:
            values["cross_section_factor"] = ("draw", np.exp(factor))
            values[f"{name}_effective"] = ("draw", np.exp(log_effective))
    for position, name in enumerate(NUISANCES):
        values[name] = (("wire", "draw"), np.stack([each.u[:, position] for each in wires]))
        values[name] = (*values[name], {"long_name": f"nuisance {name}, in widths of its prior"})
    values["s_m"] = (("wire", "draw"), np.stack([each.s_m for each in wires]))
    values["T_heat"] = (("wire", "draw"), np.stack([each.T_heat for each in wires]))
    return _described(xr.Dataset(values))


def _points(wire: Cells, weights: np.ndarray | None) -> xr.Dataset:
    """ln of the probability of each point given all others: 1 over the posterior mean of 1/p. Not of several wires,
    nor of points whose errors are not independent."""
    if weights is None:
        return xr.Dataset()
    return xr.Dataset({"left_out": ("point", -np.log(weights @ wire.inverse))})


def _observed(samples, drawn_wires) -> xr.Dataset:
    """The data, all wires one after the other, with the posterior of tau_phi at each point."""
    parts = []
    for position, ((_, _, data), draws) in enumerate(zip(samples, drawn_wires, strict=True)):
        band = np.exp(np.quantile(draws.log_tau, QUANTILES, axis=0))
        parts.append(
            xr.Dataset(
                {
                    "T": ("point", data.T, {"units": "K"}),
                    "tau_phi": ("point", np.exp(data.y), {"units": "s"}),
                    "relative": ("point", data.s),
                    "limit": ("point", data.limit),
                    "wire": ("point", np.full(len(data.y), position)),
                    "tau_phi_posterior": (("quantile", "point"), band, {"units": "s"}),
                },
                coords={"quantile": QUANTILES},
            )
        )
    return xr.concat(parts, "point", data_vars="all")


def _observed_other(each: Weighed, log_values: np.ndarray) -> xr.Dataset:
    """Another table with the posterior of what it measures, at each point, with the common scale."""
    table = each.predicted.table
    unit = OBSERVABLES[table.observable].parameter.unit
    values: dict = {name: ("point", np.array(at), {"units": PARAMETERS[name].unit}) for name, at in table.at.items()}
    values[table.observable] = ("point", np.array(table.values), {"units": unit})
    values |= {"relative": ("point", each.data.s), "limit": ("point", each.data.limit)}
    band = np.exp(np.quantile(log_values, QUANTILES, axis=0))
    values[f"{table.observable}_posterior"] = (("quantile", "point"), band, {"units": unit})
    return xr.Dataset(values, coords={"quantile": QUANTILES})


def _described(dataset: xr.Dataset) -> xr.Dataset:
    for name, each in dataset.variables.items():
        parameter = PARAMETERS.get(str(name).removesuffix("_effective"))
        if parameter is not None:
            each.attrs |= {"units": parameter.unit, "long_name": parameter.long_name}
    return dataset
