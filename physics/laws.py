"""The closed forms that the papers print for variables of registered quantities, to be held against what is computed.

`LAWS["dephasing"]["resonant"]` says what such a law describes and where its function is; the functions themselves stay
in their modules until one is evaluated, so that this list is quick to import.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import import_module
from inspect import Parameter, signature
from typing import Any

from physics.parameters import PARAMETERS


@dataclass(frozen=True)
class Place:
    """A value on the law's axis `along` at which the law changes: `function`, "module:name", of some of the law's
    `parameters`, by default the parameter of this name. `symbol` is LaTeX without the dollars."""

    symbol: str
    function: str = ""
    parameters: tuple[str, ...] = ()
    along: str = "T"


@dataclass(frozen=True)
class Law:
    """A closed form of some variables of a quantity along any of some `axes`.

    `functions` has a "module:name" for each variable; it takes `parameters` (axes and constants of the quantity) by
    name, in the units of the vocabulary, and returns the variable in its own unit, NaN where the paper has no formula.
    `options` are those of the quantity under which the law holds, `text` names it with its equation, and `note` says
    what it is good for.
    """

    text: str
    functions: Mapping[str, str]
    axes: tuple[str, ...]
    parameters: tuple[str, ...]
    places: Mapping[str, Place] = field(default_factory=dict)
    options: Mapping[str, str] = field(default_factory=dict)
    note: str = ""


def evaluate(function: str, parameters: Mapping) -> Any:
    """The value of a "module:name" at the parameters (by name) that it takes; those with a default keep it."""
    module, name = function.split(":")
    found = getattr(import_module(module), name)
    needed = [each.name for each in signature(found).parameters.values() if each.default is Parameter.empty]
    return found(**{name: parameters[name] for name in needed})


def value_of(place: Place, parameters: Mapping) -> Any:
    """Where a place lies on its axis, at the parameters (by name) that it depends on, in the vocabulary's units."""
    return evaluate(place.function, parameters) if place.function else parameters[place.parameters[0]]


_DEPHASING = ("T", "Lambda0", "Pd", "sigma_in", "v_F")
_PLACE = tuple(name for name in _DEPHASING if name != "T")
_CLUSTERS = ("n", "T", "Pd", "Estar", "U0")
_KONDO = ("T", "TKstar", "Deltastar")
_KONDO_PLACES = {
    "TKstar": Place(r"T_\mathrm{K}^*", parameters=("TKstar",)),
    "saturation_start": Place(
        r"\Delta^{*2}/T_\mathrm{K}^*", "physics.impurities.kondo_laws:saturation_start", _KONDO[1:]
    ),
}
_AMPLITUDES = ("Delta0", "T", "Lambda0", "Pd", "Estar", "U0")
_SOUND = ("T", "chi", "Estar", "omega")
_FASTEST = {
    "T_chi": Place(r"\hbar\omega/4\chi k_\mathrm{B}", "physics.heat_and_sound.laws:T_chi", ("chi", "omega")),
    "omega_chi": Place(
        r"4\chi k_\mathrm{B}T/\hbar", "physics.heat_and_sound.laws:omega_chi", ("T", "chi"), along="omega"
    ),
}
_RELAXATION = _FASTEST | {"T_Estar": Place(r"E^*/2", "physics.heat_and_sound.laws:T_Estar", ("Estar",))}
_RESONANT = _FASTEST | {
    "T_omega": Place(r"\hbar\omega/2k_\mathrm{B}", "physics.heat_and_sound.laws:T_omega", ("omega",)),
    "omega_T": Place(r"2k_\mathrm{B}T/\hbar", "physics.heat_and_sound.laws:omega_T", ("T",), along="omega"),
    "omega_Estar": Place(
        r"k_\mathrm{B}E^*/\hbar", "physics.heat_and_sound.laws:omega_Estar", ("Estar",), along="omega"
    ),
    "T_chi_Estar": Place(r"E^*/4\chi", "physics.heat_and_sound.laws:T_chi_Estar", ("chi", "Estar")),
}
# In the letters of 001, which are those of the consistent convention.
_GLASS = {"distribution": "glass", "convention": "consistent"}
_NOTE_001 = "Laws: orders of magnitude, as published, without prefactors."
# The laws take sigma_in, and their times are those of (34).
_OPTIONS_001 = {"cross_section": "given", "definition": "logarithm_2d"}
_T_ALPHA = Place(r"T_\alpha", "physics.electrons.closed_forms:T_alpha", (*_PLACE, "chi"))
_T_BETA = Place(r"T_\beta", "physics.electrons.closed_forms:T_beta", (*_PLACE, "chi"))

LAWS: dict[str, dict[str, Law]] = {
    "dephasing": {
        "resonant": Law(
            text="resonant law, eq. (44)",
            functions=dict.fromkeys(("tau_phi", "tau_phi_resonant"), "physics.electrons.closed_forms:tau_phi_resonant"),
            axes=("T",),
            parameters=_DEPHASING,
            places={
                "Lambda0": Place(r"\Lambda_0", parameters=("Lambda0",)),
                "T_Lambda": Place(r"T_\Lambda", "physics.electrons.closed_forms:T_Lambda", _PLACE),
            },
            options=_OPTIONS_001,
            note=_NOTE_001,
        ),
        "relaxation": Law(
            text="relaxation law, eqs. (50)–(52)",
            functions=dict.fromkeys(
                ("tau_phi", "tau_phi_relaxation"), "physics.electrons.closed_forms:tau_phi_relaxation"
            ),
            axes=("T",),
            parameters=(*_DEPHASING, "chi"),
            places={
                "Lambda0": Place(r"\Lambda_0", parameters=("Lambda0",)),
                "T_alpha": _T_ALPHA,
                "T_beta": _T_BETA,
            },
            options=_OPTIONS_001,
            note=_NOTE_001,
        ),
        "high_temperature": Law(
            text="high temperatures, eq. (53), ζ = 1",
            functions={"tau_phi": "physics.electrons.closed_forms:tau_phi_high_T"},
            axes=("T",),
            parameters=(*_DEPHASING, "chi"),
            places={"T_alpha": _T_ALPHA, "T_beta": _T_BETA},
            options=_OPTIONS_001,
            note=_NOTE_001,
        ),
    },
    "clusters": {
        "constant_kernel": Law(
            text="constant kernel, eq. (5.7)",
            functions={
                "P_n": "physics.clusters.laws:P_n_constant_kernel",
                "P_n_reduced": "physics.clusters.laws:P_n_reduced_constant_kernel",
            },
            axes=("n", "T"),
            parameters=_CLUSTERS,
            options={"kernel": "constant"},
        ),
        "inverse_square": Law(
            text="large clusters, eq. (6.20)",
            functions={
                "P_n": "physics.clusters.laws:P_n_inverse_square",
                "P_n_reduced": "physics.clusters.laws:P_n_reduced_inverse_square",
            },
            axes=("n", "T"),
            parameters=_CLUSTERS,
            options={"kernel": "sqrt"},
        ),
        "inverse_square_shifted": Law(
            text="large clusters, eq. (6.21)",
            functions={
                "P_n": "physics.clusters.laws:P_n_inverse_square_shifted",
                "P_n_reduced": "physics.clusters.laws:P_n_reduced_inverse_square_shifted",
            },
            axes=("n", "T"),
            parameters=_CLUSTERS,
            options={"kernel": "sqrt"},
        ),
        "single_centres_alone": Law(
            text="no clusters, n = 1 (Efros–Shklovskii)",
            functions={
                "P_n": "physics.clusters.laws:P_1_alone",
                "P_n_reduced": "physics.clusters.laws:P_1_reduced_alone",
            },
            axes=("T",),
            parameters=("T", "Pd", "Estar", "U0"),
            note="For n = 1.",
        ),
        "own_reach": Law(
            text="weaker form of eq. (7.1)",
            functions={
                "P_n": "physics.clusters.laws:P_n_own_reach",
                "P_n_reduced": "physics.clusters.laws:P_n_reduced_own_reach",
            },
            axes=("n", "T"),
            parameters=_CLUSTERS,
            options={"kernel": "sqrt"},
        ),
    },
    "amplitude_distribution": {
        "universal": Law(
            text="constant kernel, eq. (5.17)",
            functions={"P_Delta0": "physics.clusters.laws:P_Delta0_constant_kernel"},
            axes=("Delta0", "T"),
            parameters=_AMPLITUDES,
            options={"kernel": "constant"},
            note="For t ≫ 1.",
        ),
        "quasiuniform": Law(
            text="eq. (6.23)",
            functions={"P_Delta0": "physics.clusters.laws:P_Delta0_printed"},
            axes=("Delta0", "T"),
            parameters=_AMPLITUDES,
            places={"Lambda0": Place(r"\Delta_{0*}", parameters=("Lambda0",), along="Delta0")},
            options={"kernel": "sqrt"},
        ),
    },
    "kondo": {
        "dephasing_printed": Law(
            text="eq. (23) as printed",
            functions={"tau0_over_tau_phi": "physics.impurities.kondo_laws:dephasing_law_as_printed"},
            axes=_KONDO,
            parameters=_KONDO,
            places=_KONDO_PLACES,
            note="As printed: without prefactors.",
        ),
        "dephasing_exponential": Law(
            text="eq. (23) as corrected",
            functions={"tau0_over_tau_phi": "physics.impurities.kondo_laws:dephasing_law_exponential"},
            axes=_KONDO,
            parameters=_KONDO,
            places=_KONDO_PLACES,
            options={"distribution": "exponential"},
        ),
        "dephasing_box": Law(
            text="eq. (23) as corrected",
            functions={"tau0_over_tau_phi": "physics.impurities.kondo_laws:dephasing_law_box"},
            axes=_KONDO,
            parameters=_KONDO,
            places=_KONDO_PLACES,
            options={"distribution": "box"},
        ),
        "attenuation_printed": Law(
            text="eq. (24) as printed",
            functions={"W_per_tls": "physics.impurities.kondo_laws:attenuation_law_as_printed"},
            axes=_KONDO[:2],
            parameters=_KONDO[:2],
            places={"TKstar": _KONDO_PLACES["TKstar"]},
            note="As printed: without prefactors.",
        ),
        "attenuation_consistent": Law(
            text="eq. (24) as corrected, all TK = TK*",
            functions={"W_per_tls": "physics.impurities.kondo_laws:attenuation_law_consistent"},
            axes=_KONDO[:2],
            parameters=_KONDO[:2],
            places={"TKstar": _KONDO_PLACES["TKstar"]},
            options={"convention": "consistent"},
        ),
        "attenuation_published": Law(
            text="eq. (24) as corrected, all TK = TK*",
            functions={"W_per_tls": "physics.impurities.kondo_laws:attenuation_law_published"},
            axes=_KONDO[:2],
            parameters=_KONDO[:2],
            places={"TKstar": _KONDO_PLACES["TKstar"]},
            options={"convention": "published"},
        ),
    },
    "attenuation": {
        "relaxation_printed": Law(
            text="eq. (17) as printed",
            functions={"F_relaxation": "physics.heat_and_sound.laws:F_relaxation_printed"},
            axes=("T", "omega"),
            parameters=_SOUND,
            places=_RELAXATION,
            options=_GLASS,
        ),
        "relaxation": Law(
            text="eq. (17) with its prefactors",
            functions={"F_relaxation": "physics.heat_and_sound.laws:F_relaxation_law"},
            axes=("T", "omega"),
            parameters=_SOUND,
            places=_RELAXATION,
            options=_GLASS,
        ),
        "resonant_printed": Law(
            text="eq. (18) as printed",
            functions={"F_resonant": "physics.heat_and_sound.laws:F_resonant_printed"},
            axes=("T", "omega"),
            parameters=_SOUND,
            places=_RESONANT,
            options=_GLASS,
        ),
        "resonant": Law(
            text="eq. (18) corrected",
            functions={"F_resonant": "physics.heat_and_sound.laws:F_resonant_law"},
            axes=("T", "omega"),
            parameters=_SOUND,
            places=_RESONANT,
            options=_GLASS | {"counter_rotating": "rwa"},
        ),
    },
}


def closed_forms(quantity: str, along: str = "T", convention: str | None = None) -> dict[str, Place]:
    """What has a closed form on an axis, by name: parameters in the unit of the axis (T = E*), and the places of the
    laws of a quantity that lie on it, of those alone whose letters are those of a `convention` if one is given. A
    quantity need not have all parameters that they depend on."""
    unit = PARAMETERS[along].unit
    own = {
        name: Place(each.symbol, parameters=(name,), along=along)
        for name, each in PARAMETERS.items()
        if each.unit == unit and unit != "1" and name != along
    }
    laws = list(LAWS.get(quantity, {}).values())
    if convention is not None:
        laws = [law for law in laws if law.options.get("convention", convention) == convention]
    return own | {name: place for law in laws for name, place in law.places.items() if place.along == along}
