"""Dephasing of electrons by two-level systems and by what is there without them, and the two-channel Kondo effect."""

from physics.electrons.flags import GROUPS, MAGNETORESISTANCE, REGIME, STATUS, WITHOUT_LEVELS
from physics.electrons.options import BACKGROUNDS, DEFINITIONS, PHONONS
from physics.impurities.flags import KONDO, KONDO_REGIME, MAGNETIC
from physics.quantity import FRACTION, Choice, Quantity, Variable
from physics.references import LEVELS

_NYQUIST = "Altshuler, Aronov, Khmelnitsky (1982)"
_BACKGROUND_OF = {"none": "", "wire": _NYQUIST, "film": _NYQUIST, "bulk": "Schmid (1974)"}
# Of the time by geometry, the same in all quantities that have one.
DEFINITION = {
    "definition": {name: Choice(source="paper 001, eq. (34)" if name == "logarithm_2d" else "") for name in DEFINITIONS}
}
BACKGROUND = {
    "background": {name: Choice(adds=adds, source=_BACKGROUND_OF[name]) for name, adds in BACKGROUNDS.items()},
    "phonons": {name: Choice(adds=adds) for name, adds in PHONONS.items()},
}
# The same where there is nothing without a metal.
METALS = BACKGROUND | {"background": {name: each for name, each in BACKGROUND["background"].items() if name != "none"}}

_LEVELS_AND_BACKGROUND = {
    "distribution": {
        "tunnelling_states": Choice(source=LEVELS["tunnelling_states"]),
        "glass": Choice(adds=("p_min",), drops=("Lambda0",), source=LEVELS["glass"]),
        "gaussian_barrier": Choice(adds=("barrier_width",), source=LEVELS["gaussian_barrier"]),
        "clusters": Choice(adds=("U0",), source=LEVELS["clusters"]),
    },
    "convention": {"consistent": Choice(), "published": Choice()},
    "cross_section": {
        "given": Choice(),
        "unitary": Choice(adds=("eps_F",), drops=("sigma_in",), source="paper 004, before eq. (4)"),
        "golden_rule": Choice(adds=("eps_F",), drops=("sigma_in",)),
    },
    **BACKGROUND,
}

QUANTITIES = (
    Quantity(
        name="dephasing",
        long_name="electron dephasing by two-level systems",
        kernel="physics.electrons.dephasing:dephasing",
        axes=("T", "Lambda0", "Pd", "chi", "Estar"),
        constants=("sigma_in", "v_F", "tau"),
        options={
            **_LEVELS_AND_BACKGROUND,
            **DEFINITION,
        },
        variables=(
            Variable("tau_phi", r"\tau_\varphi", "s", "electron dephasing time"),
            Variable(
                "tau_phi_resonant",
                r"\tau_\varphi^{(1)}",
                "s",
                "electron dephasing time, resonant (direct) transitions alone",
            ),
            Variable("tau_phi_relaxation", r"\tau_\varphi^{(3)}", "s", "electron dephasing time, relaxation alone"),
            Variable(
                "regime",
                "",
                "1",
                "regime of dephasing",
                flags=REGIME,
                groups=GROUPS,
            ),
            Variable(
                "status",
                "",
                "1",
                "status of the cell",
                flags=STATUS,
            ),
        ),
        source="paper 001, eqs. (15), (35), (55)",
        version=6,
        accuracy=1e-8,
        # Waves of a phase above 64 at t = tau are left out, which is seen (1e-7) if they are strong: thermally active
        # levels of more than 64 hbar/(k_B tau).
        domain={"T": (1e-3, 100.0), "Lambda0": (1e-5, 1.0), "Estar": (5e-4, 1e3), "tau": (1e-17, 5e-13)},
        at_once=("ee_prefactor", "ep_rate"),
    ),
    Quantity(
        name="magnetoresistance",
        long_name="magnetoresistance of weak localisation with dephasing by two-level systems",
        kernel="physics.electrons.magnetoresistance:magnetoresistance",
        axes=("T", "Lambda0", "Pd", "chi", "Estar", "H"),
        constants=("sigma_in", "v_F", "tau", "D"),
        options={
            **_LEVELS_AND_BACKGROUND,
            "geometry": {
                "film": Choice(source="Hikami, Larkin, Nagaoka (1980)"),
                "wire": Choice(adds=("width",), source="Altshuler, Aronov (1981)"),
            },
        },
        variables=(
            Variable(
                "delta_sigma",
                r"\sigma(H)-\sigma(0)",
                "S",
                "change of the conductance in a magnetic field, per square; of a wire times its length in metres",
            ),
            Variable(
                "status",
                "",
                "1",
                "status of the cell",
                flags=MAGNETORESISTANCE,
            ),
        ),
        source="paper 001, eqs. (15), (34), (35), (55)",
        version=3,
        accuracy=1e-8,
        domain={"T": (1e-3, 100.0), "Lambda0": (1e-5, 1.0), "Estar": (5e-4, 1e3), "tau": (1e-17, 5e-13)},
        at_once=("ee_prefactor", "ep_rate"),
    ),
    Quantity(
        name="background",
        long_name="electron dephasing by electrons and phonons",
        kernel="physics.electrons.background:dephasing_without_defects",
        axes=("T",),
        constants=(),
        options={
            **METALS,
            **DEFINITION,
        },
        variables=(
            Variable("rate_ee", r"1/\tau_\mathrm{ee}", "s-1", "electron-electron dephasing rate"),
            Variable("rate_ep", r"1/\tau_\mathrm{ep}", "s-1", "electron-phonon dephasing rate"),
            Variable("rate_total", r"1/\tau_\mathrm{std}", "s-1", "dephasing rate by electrons and phonons"),
            Variable("tau_phi", r"\tau_\varphi", "s", "dephasing time by electrons and phonons"),
            Variable("status", "", "1", "status of the cell", flags=WITHOUT_LEVELS),
        ),
        source="",
        version=2,
        accuracy=1e-12,
        domain={"T": (1e-3, 100.0)},
    ),
    Quantity(
        name="heated_background",
        long_name="electron dephasing without two-level systems, the electrons heated",
        kernel="physics.electrons.heating:heated_background",
        axes=("T",),
        constants=("T_heat",),
        options={
            **METALS,
            **DEFINITION,
        },
        variables=(
            Variable("T_electron", r"T_\mathrm{e}", "K", "temperature of the electrons"),
            Variable("rate_ee", r"1/\tau_\mathrm{ee}", "s-1", "electron-electron dephasing rate"),
            Variable("rate_ep", r"1/\tau_\mathrm{ep}", "s-1", "electron-phonon dephasing rate"),
            Variable("rate_total", r"1/\tau_\mathrm{std}", "s-1", "dephasing rate by electrons and phonons"),
            Variable("tau_phi", r"\tau_\varphi", "s", "dephasing time by electrons and phonons"),
            Variable("status", "", "1", "status of the cell", flags=WITHOUT_LEVELS),
        ),
        source="",
        version=1,
        accuracy=1e-12,
        domain={"T": (1e-3, 100.0)},
    ),
    Quantity(
        name="magnetic_impurities",
        long_name="electron dephasing and specific heat by magnetic impurities",
        kernel="physics.impurities.magnetic_impurities:magnetic_impurities",
        axes=("T",),
        constants=("n_imp", "T_K", "spin", "eps_F"),
        options={
            **BACKGROUND,
            **DEFINITION,
        },
        variables=(
            Variable("rate_sf", r"1/\tau_\mathrm{sf}", "s-1", "dephasing rate by magnetic impurities"),
            Variable("rate_total", r"1/\tau_\mathrm{tot}", "s-1", "dephasing rate, all mechanisms"),
            Variable("tau_phi", r"\tau_\varphi", "s", "electron dephasing time"),
            Variable(
                "C_impurities",
                r"C_\mathrm{imp}",
                "J K-1 m-3",
                "specific heat of the magnetic impurities",
                source="Schotte, Schotte (1975)",
            ),
            Variable(
                "C_ratio",
                r"C_\mathrm{imp}/C_\mathrm{e}",
                "1",
                "specific heat of the magnetic impurities over that of the electrons",
                adds=("n_e",),
                source="Schotte, Schotte (1975)",
            ),
            Variable(
                "status",
                "",
                "1",
                "status of the cell",
                flags=MAGNETIC,
            ),
        ),
        source="Nagaoka (1965); Suhl (1965); Hamann (1967)",
        version=2,
        accuracy=1e-12,
        domain={"T": (1e-3, 100.0)},
        at_once=("n_imp",),
    ),
    Quantity(
        name="kondo",
        long_name="dephasing, specific heat and attenuation by two-level systems with two-channel Kondo effect",
        kernel="physics.impurities.kondo:kondo",
        axes=("T", "TKstar", "Deltastar"),
        constants=(),
        options={
            "distribution": {"exponential": Choice(), "box": Choice()},
            "convention": {"consistent": Choice(), "published": Choice(drops=("p_min_glass",))},
            **DEFINITION,
            **BACKGROUND,
        },
        variables=(
            Variable(
                "tau0_over_tau_phi",
                r"\tau_0/\tau_\varphi",
                "1",
                "dephasing rate in units of its maximum, that of unitary scattering by each two-level system",
                bounds=FRACTION,
            ),
            Variable("C_per_tls", r"C/n_\mathrm{T}", "J K-1", "specific heat per two-level system"),
            Variable(
                "W_per_tls",
                r"W/(n_\mathrm{T}a^2\omega^2)",
                "J-1 s",
                "absorbed ultrasonic power per two-level system, squared drive and squared frequency",
            ),
            Variable("tau_phi", r"\tau_\varphi", "s", "electron dephasing time", adds=("n_T", "eps_F")),
            Variable(
                "C_ratio",
                r"C_\mathrm{T}/C_\mathrm{e}",
                "1",
                "specific heat of the two-level systems over that of the electrons",
                adds=("n_T", "n_e", "eps_F"),
            ),
            Variable(
                "W_over_glass",
                r"W/W_g",
                "1",
                "absorbed ultrasonic power relative to a metallic glass that relaxes fast, with the same drive",
                adds=("n_T", "omega", "Pd_glass", "Estar_glass", "p_min_glass"),
            ),
            Variable(
                "regime",
                "",
                "1",
                "dephasing rate against temperature",
                flags=KONDO_REGIME,
                adds=("n_T", "eps_F"),
            ),
            Variable("status", "", "1", "status of the cell", flags=KONDO),
        ),
        source="paper 004, eqs. (7), (12), (19)-(24)",
        version=3,
        accuracy=1e-9,
        domain={"T": (1e-3, 100.0)},
        at_once=("n_T",),
    ),
)
