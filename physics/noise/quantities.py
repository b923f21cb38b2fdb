"""1/f motion of defects: dephasing and conductance noise."""

import math

from physics.electrons.quantities import DEFINITION, METALS
from physics.noise.flags import CROSSOVER, GROUPS, LINE, NOISE, REGIME
from physics.quantity import FRACTION, Choice, Quantity, Variable

_OPTIONS = {
    "model": {
        "generic": Choice(drops=("Lambda0", "Estar")),
        "two_level": Choice(drops=("p_t",)),
    },
    **METALS,
    "thermal": {"sech2": Choice(), "x_over_sinh": Choice()},
    "convention": {"published": Choice(), "consistent": Choice()},
}
_DEFECTS = ("T", "p_t", "Lambda0", "Estar")
_LEVELS = ("T", "Lambda0", "Estar")

QUANTITIES = (
    Quantity(
        name="one_over_f",
        long_name="dephasing and conductance noise by 1/f motion of defects",
        kernel="physics.noise.one_over_f:one_over_f",
        axes=("T", "p_t", "Lambda0", "Estar"),
        constants=("F1", "log_range", "tau", "kFl"),
        options={
            **_OPTIONS,
            **DEFINITION,
        },
        variables=(
            Variable("rate_total", r"1/\tau_\varphi", "s-1", "dephasing rate"),
            Variable("rate_defects", r"1/\tau_0", "s-1", "dephasing rate by defects in 1/f motion"),
            Variable(
                "rate_standard",
                r"1/\tau_\mathrm{std}",
                "s-1",
                "dephasing rate by electrons and phonons",
            ),
            Variable("tau_phi", r"\tau_\varphi", "s", "electron dephasing time"),
            Variable("T0", "T_0", "K", "crossover to dephasing by defects", axes=("p_t", "Lambda0", "Estar")),
            Variable("p_active", "p", "1", "fraction of the defects that move fast enough to dephase", bounds=FRACTION),
            Variable("hooge", r"\alpha_\mathrm{H}", "1", "Hooge parameter of the conductance noise, per e-fold"),
            Variable(
                "hooge_standard",
                r"\alpha_\mathrm{H}^\mathrm{std}",
                "1",
                "Hooge parameter per e-fold if the dephasing rate did not saturate",
            ),
            Variable("ln_alpha", r"\ln\alpha", "1", "band of frequencies that saturates the conductance fluctuation"),
            Variable(
                "regime",
                "",
                "1",
                "regime of dephasing and noise",
                flags=REGIME,
                groups=GROUPS,
            ),
            Variable(
                "status",
                "",
                "1",
                "status of the crossover and of the defects",
                flags=CROSSOVER,
                axes=("p_t", "Lambda0", "Estar"),
            ),
        ),
        source="paper 000, eqs. (4)-(13)",
        version=4,
        accuracy=1e-9,
        domain={"T": (1e-3, 100.0), "Estar": (1.0, 1e4)},
    ),
    Quantity(
        name="conductance_noise",
        long_name="conductance noise of defects in 1/f motion up to the dephasing rate",
        kernel="physics.noise.conductance:conductance_noise",
        axes=(*_DEFECTS, "frequency"),
        constants=("F1", "F2", "log_range", "tau", "kFl", "v_F", "N_electrons"),
        options=_OPTIONS,
        variables=(
            Variable("S_relative", "S_G/G^2", "Hz-1", "relative noise power of the conductance"),
            Variable(
                "S_relative_standard",
                r"S_G^\mathrm{std}/G^2",
                "Hz-1",
                "relative noise power if the dephasing rate did not saturate",
            ),
            Variable("f_end", r"f_\varphi", "Hz", "frequency at which the 1/f noise ends", axes=_DEFECTS),
            Variable("L_phi", r"L_\varphi", "m", "dephasing length", axes=_DEFECTS),
            Variable(
                "Delta1_g",
                r"\Delta_1 g",
                "1",
                "change of the conductance of a coherent volume by one defect, in e^2/h",
                axes=_DEFECTS,
            ),
            Variable("n_defects", "n_i", "m-3", "density of all defects", axes=_DEFECTS),
            Variable("n_per_efold", "n_1", "m-3", "density of the defects in one e-fold of frequency", axes=_DEFECTS),
            Variable("n_active", "n_0", "m-3", "density of the defects that dephase", axes=_DEFECTS),
            Variable(
                "status",
                "",
                "1",
                "status of the noise",
                flags=NOISE,
                axes=_DEFECTS,
            ),
        ),
        source="paper 000, eqs. (4)-(7)",
        version=1,
        accuracy=1e-9,
        domain={"T": (1e-3, 100.0), "Estar": (1.0, 1e4)},
    ),
    Quantity(
        name="defect_heat_and_sound",
        long_name="specific heat and resonant sound of two-level defects in 1/f motion",
        kernel="physics.noise.defect_heat_and_sound:defect_heat_and_sound",
        axes=("T", "Lambda0", "Estar", "omega"),
        constants=("F1", "F2", "log_range", "tau", "kFl", "v_F"),
        variables=(
            Variable("C_defects", r"C_\mathrm{d}", "J K-1 m-3", "specific heat of the defects", axes=_LEVELS),
            Variable(
                "C_ratio",
                r"C_\mathrm{d}/C_\mathrm{e}",
                "1",
                "specific heat of the defects over that of the electrons",
                axes=_LEVELS,
                adds=("n_e", "eps_F"),
            ),
            Variable("F_resonant", r"F_\mathrm{res}", "1", "resonant attenuation, dimensionless"),
            Variable(
                "W_over_glass",
                r"W_\mathrm{res}/W_{g,\mathrm{res}}",
                "1",
                "resonantly absorbed ultrasonic power relative to a metallic glass with the same drive",
                axes=("Lambda0", "Estar", "omega"),
                # Infinite where only the defects have levels.
                bounds=(0.0, math.inf),
                adds=("Pd_glass", "Estar_glass", "p_min_glass"),
            ),
            Variable(
                "Q_inverse",
                r"Q^{-1}_\mathrm{res}",
                "1",
                "internal friction by resonant absorption",
                adds=("gamma", "rho_mass", "v_sound"),
            ),
            Variable("line", "", "1", "levels of the defects at the frequency of sound", flags=LINE),
        ),
        source="paper 000, before eq. (12); paper 004, eqs. (8), (10)",
        version=1,
        accuracy=1e-10,
        domain={"T": (1e-3, 100.0), "Estar": (1.0, 1e4)},
    ),
)
