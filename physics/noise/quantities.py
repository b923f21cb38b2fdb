"""1/f motion of defects: dephasing and conductance noise."""

from physics.quantity import FRACTION, Choice, Quantity, Variable

QUANTITIES = (
    Quantity(
        name="one_over_f",
        long_name="dephasing and conductance noise by 1/f motion of defects",
        kernel="physics.noise.one_over_f:one_over_f",
        axes=("T", "p_t", "Lambda0", "Estar"),
        constants=("F1", "log_range", "tau", "kFl"),
        options={
            "model": {
                "generic": Choice(drops=("Lambda0", "Estar")),
                "two_level": Choice(drops=("p_t",)),
            },
            "background": {
                "wire": Choice(adds=("R_per_length", "D", "ee_prefactor")),
                "film": Choice(adds=("R_sq", "ee_prefactor")),
                "bulk": Choice(adds=("eps_F", "ee_prefactor")),
            },
            "phonons": {"none": Choice(), "power": Choice(adds=("ep_rate", "ep_exponent"))},
            "thermal": {"sech2": Choice(), "x_over_sinh": Choice()},
            "convention": {"published": Choice(), "consistent": Choice()},
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
                flags={
                    "standard_dominates": 1,
                    "defects_constant": 2,
                    "defects_linear": 3,
                    "rate_near_temperature": 4,
                    "noise_valid": 8,
                    "noise_saturated": 16,
                    "rate_above_temperature": 24,
                },
                masks={
                    "standard_dominates": 7,
                    "defects_constant": 7,
                    "defects_linear": 7,
                    "rate_near_temperature": 7,
                    "noise_valid": 24,
                    "noise_saturated": 24,
                    "rate_above_temperature": 24,
                },
            ),
            Variable(
                "status",
                "",
                "1",
                "status of the crossover and of the defects",
                flags={"ok": 0, "no_crossover": 1, "not_converged": 2, "beyond_validity": 3},
                axes=("p_t", "Lambda0", "Estar"),
            ),
        ),
        source="paper 000, eqs. (4)-(13)",
        version=3,
        accuracy=1e-9,
        domain={"T": (1e-3, 100.0), "Estar": (1.0, 1e4)},
    ),
)
