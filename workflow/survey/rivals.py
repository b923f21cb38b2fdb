"""The rival explanations of a measured dephasing time: which quantity has each, and what of it is not known beforehand.

Each has a background of electrons and phonons. `outer` are the parameters that a rate is no power of, each with its
default range; `amplitude` is the density that all of the rate but the background is proportional to, or nearly.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

Range = tuple[float, float]
# 1 K^-1 cm^-3 in J^-1 m^-3.
_PER_KELVIN_CM3 = 1e6 / 1.380649e-23


@dataclass(frozen=True)
class Law:
    """What the defects of a rival do besides: the registered quantity with its options, the variables, and the
    conditions of the experiment that they hang on beside T.

    `amplitude`: "linear" where the variables are proportional to the density, "none" where they do not depend on it,
    "axis" where neither is so and the density is varied.
    """

    quantity: str
    variables: tuple[str, ...]
    options: Mapping[str, str] = field(default_factory=dict)
    at: tuple[str, ...] = ()
    amplitude: str = "linear"


@dataclass(frozen=True)
class Rival:
    """A rival: the registered quantity with its options, its parameters with their default ranges (log-uniform, in the
    vocabulary's units), and the constants that it needs beside those of the material, with their defaults.

    `couples`: the amplitude counts levels, whose cross-section is known from chi up to a factor; data know the product.
    `per_decade`: nodes in a decade of an outer parameter, where a spectrum takes long. `laws`: what the same defects do
    to heat, weak sound (resonant), strong sound (relaxation) and noise, by these names of `KINDS`, and to the friction
    of weak sound, resonant and by relaxation; `nothing`: those of them in which they do nothing. What is in neither has
    no law here.
    """

    title: str
    quantity: str
    options: Mapping[str, str] = field(default_factory=dict)
    outer: Mapping[str, Range] = field(default_factory=dict)
    amplitude: tuple[str, Range] | None = None
    constants: Mapping[str, float] = field(default_factory=dict)
    couples: bool = False
    per_decade: float = 6.0
    laws: Mapping[str, Law] = field(default_factory=dict)
    nothing: tuple[str, ...] = ()


KINDS = ("heat", "resonant", "relaxation", "noise")
_ALONE = {"background": "none", "phonons": "none"}
_SOUND = ("W_over_glass", "Q_inverse")
_LAMBDA0, _ESTAR, _CHI = (1e-4, 0.1), (2e-3, 20.0), (0.01, 0.3)
_PD = ("Pd", (1e15 * _PER_KELVIN_CM3, 1e19 * _PER_KELVIN_CM3))


def _levels(distribution: str, title: str, outer: Mapping[str, Range], **more) -> Rival:
    options = {"distribution": distribution, "cross_section": "golden_rule"}
    # Of interacting centres the number in a cluster hangs on the density.
    amplitude = "axis" if distribution == "clusters" else "linear"
    own = {"distribution": distribution}
    laws = {"heat": Law("specific_heat", ("C_ratio",), own, ("t_exp",), amplitude)}
    for mechanism in ("resonant", "relaxation"):
        laws[mechanism] = Law("attenuation", _SOUND, own | {"mechanism": mechanism}, ("omega",), amplitude)
    laws["friction"] = Law("attenuation", ("Q_inverse",), own | {"mechanism": "both"}, ("omega",), amplitude)
    return Rival(title, "dephasing", options, outer, _PD, couples=True, laws=laws, **more)


RIVALS: dict[str, Rival] = {
    "background": Rival("electrons and phonons alone", "background", nothing=(*KINDS, "friction")),
    "tunnelling_states": _levels(
        "tunnelling_states",
        "tunnelling states",
        {"Lambda0": _LAMBDA0, "chi": _CHI, "Estar": _ESTAR},
        per_decade=4.0,
    ),
    "glass": _levels("glass", "glass", {"chi": _CHI, "Estar": _ESTAR}, constants={"p_min": 1e-9}),
    "gaussian_barrier": _levels(
        "gaussian_barrier",
        "Gaussian barriers",
        {"Lambda0": _LAMBDA0, "chi": _CHI, "Estar": _ESTAR, "barrier_width": (0.2, 3.0)},
        per_decade=2.0,
    ),
    "clusters": _levels(
        "clusters",
        "clusters",
        {"Lambda0": _LAMBDA0, "chi": _CHI, "Estar": _ESTAR},
        constants={"U0": 1e-48},
        per_decade=2.0,
    ),
    "one_over_f": Rival(
        "1/f defects",
        "one_over_f",
        {"model": "two_level", "convention": "consistent"},
        {"Lambda0": (1e-4, 1.0)},
        ("F1", (1e-6, 1.0)),
        # The heat is the least that there can be: that of defects of the largest cross-section.
        {"log_range": 40.0, "Estar": 10.0, "F2": 1.0},
        laws={
            "heat": Law("defect_heat_and_sound", ("C_ratio",), amplitude="none"),
            "resonant": Law("defect_heat_and_sound", _SOUND, at=("omega",), amplitude="none"),
            "noise": Law("one_over_f", ("hooge",), {"model": "two_level", "convention": "consistent"}, (), "axis"),
        },
    ),
    "kondo": Rival(
        "two-channel Kondo levels",
        "kondo",
        {"distribution": "exponential"},
        {"TKstar": (0.01, 10.0), "Deltastar": (1e-3, 1.0)},
        ("n_T", (1e19, 1e24)),
        laws={
            "heat": Law("kondo", ("C_ratio",), {"distribution": "exponential", **_ALONE}),
            "relaxation": Law("kondo", ("W_over_glass",), {"distribution": "exponential", **_ALONE}, ("omega",)),
        },
    ),
    "magnetic_impurities": Rival(
        "magnetic impurities",
        "magnetic_impurities",
        {},
        {"T_K": (1e-3, 10.0)},
        ("n_imp", (6e19, 6e23)),
        {"spin": 0.5},
        laws={"heat": Law("magnetic_impurities", ("C_ratio",), _ALONE)},
        nothing=("resonant", "relaxation", "friction"),
    ),
}
