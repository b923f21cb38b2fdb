"""The tables that an inference needs, as labels of its survey: dephasing times, and what defects do besides."""

from collections.abc import Mapping

import numpy as np

from physics import QUANTITIES
from survey.errors import SurveyError
from survey.grid import canonical, canonical_axis
from survey.inference import SAME_T, SEEN, Nuisances, heated, heating_nodes
from survey.measurement import Measurement
from survey.nodes import nodes
from survey.rivals import Law, Range, Rival
from survey.survey import QuantityRequest

# Of the factors on the rates of electrons and of phonons: so many widths of the prior to either side.
_FACTOR_WIDTHS = 2.3
# Nodes in a decade of an amplitude, along which tables are interpolated: of dephasing times, and of the rest.
_AMPLITUDES_PER_DECADE, _FEWER = 3.0, 1.0
# Of the cross-section: so many widths of its prior beyond the range of the density.
_SPREAD_WIDTHS = 2.5


def dephasing_table(
    rival: Rival,
    measurement: Measurement,
    ranges: Mapping[str, Range],
    constants: Mapping[str, float],
    nuisances: Nuisances,
    per_decade: float,
    T: tuple[float, ...] | None = None,
) -> QuantityRequest:
    """The table of dephasing times of a rival in a wire: nodes of its parameters, and three factors each on the rates
    of electrons and of phonons.

    Over the temperatures that the measured electrons may have, with nodes over twice the ranges; or, to predict, over
    given temperatures T (K), with the same nodes as far as they are in the ranges.
    """
    quantity = QUANTITIES[rival.quantity]
    options = {**rival.options, "background": measurement.geometry, "phonons": "power"}
    options = quantity.choices(options | {"definition": measurement.definition})
    material = material_of(measurement, constants)
    axes: dict[str, tuple[float, ...]] = {"T": temperatures(measurement, nuisances) if T is None else T}
    axes |= outer_nodes(rival, ranges, per_decade, inside=T is not None)
    if rival.amplitude is not None:
        name = rival.amplitude[0]
        least, most = quantity.limits(name)
        beyond = float(np.exp(_SPREAD_WIDTHS * nuisances.cross_section)) if rival.couples else 1.0
        low, high = max(ranges[name][0] / beyond, least), min(ranges[name][1] * beyond, most)
        axes[name] = nodes(low, high, _AMPLITUDES_PER_DECADE, least, most)
    for name in ("ee_prefactor", "ep_rate"):
        width = _FACTOR_WIDTHS * getattr(nuisances, name)
        axes[name] = tuple(material.get(name, 1.0) * np.exp(width * np.array([-1.0, 0.0, 1.0])))
    missing = [name for name in quantity.depends_on(options, ["tau_phi"], axes)[1] if name not in material]
    if missing:
        raise SurveyError(f"needs {', '.join(missing)}, which {measurement.path} does not give under `constants`")
    return _request(rival.quantity, options, ("tau_phi",), axes, material)


def table_of_law(
    law: Law,
    rival: Rival,
    measurement: Measurement,
    ranges: Mapping[str, Range],
    constants: Mapping[str, float],
    per_decade: float,
    conditions: Mapping[str, tuple[float, ...]],
    inside: bool = True,
) -> tuple[QuantityRequest | None, dict[str, str]]:
    """The table of what defects do besides, at the nodes of their dephasing times, within the prior ranges or, not
    `inside`, over twice these, over T and the conditions; and of each variable that it has not, which constants the
    measurement does not give."""
    quantity = QUANTITIES[law.quantity]
    of_sample = {"background": measurement.geometry, "phonons": "power", "definition": measurement.definition}
    options = quantity.choices(
        {name: each for name, each in of_sample.items() if name in quantity.options} | law.options
    )
    material = material_of(measurement, constants)
    axes = {name: conditions[name] for name in ("T", *law.at)} | outer_nodes(rival, ranges, per_decade, inside)
    if rival.amplitude is not None:
        name = rival.amplitude[0]
        if law.amplitude == "axis":
            axes[name] = nodes(*ranges[name], _FEWER, *quantity.limits(name))
            axes[name] = _inside(axes[name], *ranges[name]) if inside else axes[name]
        else:
            material[name] = reference(ranges[name])
    found, absent = [], {}
    for variable in law.variables:
        missing = [name for name in quantity.depends_on(options, [variable], axes)[1] if name not in material]
        if missing:
            absent[variable] = f"needs {', '.join(missing)}, which the measurement does not give"
        else:
            found.append(variable)
    return (_request(law.quantity, options, tuple(found), axes, material) if found else None), absent


def reference(ends: Range) -> float:
    """The density at which laws that are proportional to it are tabled."""
    return float(canonical(float(np.sqrt(ends[0] * ends[1]))))


def without(measurement: Measurement, kind: str) -> dict[str, str]:
    """Why numbers of a kind cannot be had from its table alone, by number."""
    lack = {
        name: [each for each in seen.needs if each not in measurement.constants]
        for name, seen in SEEN.items()
        if seen.kind == kind
    }
    return {
        name: f"needs {', '.join(each)}, which the measurement does not give" for name, each in lack.items() if each
    }


def outer_nodes(
    rival: Rival, ranges: Mapping[str, Range], per_decade: float, inside: bool
) -> dict[str, tuple[float, ...]]:
    """Nodes of the outer parameters over twice their ranges, or those of them that are within the ranges."""
    quantity = QUANTITIES[rival.quantity]
    found = {name: nodes(*ranges[name], per_decade, *quantity.limits(name)) for name in rival.outer}
    return {name: _inside(each, *ranges[name]) for name, each in found.items()} if inside else found


def _inside(values: tuple[float, ...], low: float, high: float) -> tuple[float, ...]:
    return tuple(value for value in values if low * (1 - 1e-9) <= value <= high * (1 + 1e-9))


def _request(name: str, options, variables: tuple[str, ...], axes, material) -> QuantityRequest:
    """A label of its own axes and constants, with those that its variables depend on."""
    quantity = QUANTITIES[name]
    needed, fixed = quantity.depends_on(options, variables, axes)
    along = {name: tuple(canonical_axis(quantity.check(name, axes[name])).tolist()) for name in needed}
    own = {name: float(quantity.check(name, material[name])) for name in fixed}
    return QuantityRequest(name, options, variables, "float64", "auto", tuple(needed), own, None, own_axes=along)


def material_of(measurement: Measurement, constants: Mapping[str, float]) -> dict[str, float]:
    """The constants of a sample, with k_F l = k_F v_F tau, k_F = sqrt(2 m eps_F)/hbar, of free electrons where it gives
    none, and those of a rival."""
    # It takes a while to import, and the rules read surveys.
    from physics.constants import ELECTRON_MASS, HBAR

    known = measurement.constants
    k_F = np.sqrt(2 * ELECTRON_MASS * known["eps_F"]) / HBAR
    return {"kFl": float(k_F * known["v_F"] * known["tau"]), **known, **constants}


def temperatures(measurement: Measurement, nuisances: Nuisances) -> tuple[float, ...]:
    """The temperatures that the electrons may have where tau_phi was measured: those of the sample, and heated ones
    that differ from them."""
    measured = np.array(measurement.tables[0].at["T"])
    found = list(np.unique(measured))
    for T in np.sort(heated(measured, heating_nodes(nuisances)[0]), axis=None):
        if np.abs(np.log(np.array(found) / T)).min() > SAME_T:
            found.append(T)
    return tuple(sorted(float(T) for T in found))
