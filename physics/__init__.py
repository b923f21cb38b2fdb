"""What two-level systems do to electrons, heat and sound: a library of formulas on arrays.

`QUANTITIES["dephasing"](T=0.1, Lambda0=0.01, ...)` computes a registered quantity in the units of `PARAMETERS`.
"""

from physics.parameters import PARAMETERS, Parameter, ParameterError
from physics.quantity import Choice, Quantity, Variable

__all__ = ["PARAMETERS", "QUANTITIES", "Parameter", "ParameterError", "Quantity", "Variable"]

QUANTITIES: dict[str, Quantity] = {
    quantity.name: quantity
    for quantity in (
        Quantity(
            name="dephasing",
            long_name="electron dephasing by two-level systems",
            kernel="physics.dephasing:dephasing",
            axes=("T", "Lambda0", "Pd", "chi", "Estar"),
            constants=("sigma_in", "v_F", "tau"),
            options={
                "distribution": {
                    "tunnelling_states": Choice(),
                    "glass": Choice(adds=("p_min",), drops=("Lambda0",)),
                    "gaussian_barrier": Choice(adds=("barrier_width",)),
                },
                "convention": {"published": Choice(), "consistent": Choice()},
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
                    flags={
                        "resonant_dominates": 1,
                        "relaxation_dominates": 2,
                        "phase_jump": 4,
                        "phase_wandering": 8,
                        "slow_defects": 16,
                        "slow_and_fast_defects": 32,
                        "fast_defects": 48,
                        "thermally_active": 64,
                        "frozen_out": 128,
                    },
                    masks={
                        "resonant_dominates": 3,
                        "relaxation_dominates": 3,
                        "phase_jump": 12,
                        "phase_wandering": 12,
                        "slow_defects": 48,
                        "slow_and_fast_defects": 48,
                        "fast_defects": 48,
                        "thermally_active": 192,
                        "frozen_out": 192,
                    },
                ),
                Variable(
                    "status",
                    "",
                    "1",
                    "status of the cell",
                    flags={"ok": 0, "rate_above_temperature": 1, "frozen": 2, "empty": 3, "not_converged": 4},
                ),
            ),
            source="paper 001, eqs. (34)-(37), (54)",
            version=1,
            accuracy=1e-8,
            domain={
                "T": (1e-3, 10.0),
                "Lambda0": (1e-5, 1.0),
                "Pd": (1e43, 1e49),
                "chi": (1e-4, 1.0),
                "Estar": (2e-3, 100.0),
            },
        ),
        Quantity(
            name="specific_heat",
            long_name="specific heat of two-level systems and of electrons",
            kernel="physics.specific_heat:specific_heat",
            axes=("T", "Lambda0", "Pd", "Estar"),
            constants=("n_e", "eps_F"),
            options={
                "distribution": {
                    "glass": Choice(drops=("Lambda0",)),
                    "tunnelling_states": Choice(drops=("p_min", "L_slow")),
                },
                "logarithm": {"exact": Choice(adds=("p_min",)), "published": Choice(adds=("L_slow",))},
                "convention": {"published": Choice(), "consistent": Choice()},
            },
            variables=(
                Variable("C_tls", r"C_\mathrm{T}", "J K-1 m-3", "specific heat of the two-level systems"),
                Variable("C_electron", r"C_\mathrm{e}", "J K-1 m-3", "specific heat of the electrons"),
                Variable(
                    "C_ratio",
                    r"C_\mathrm{T}/C_\mathrm{e}",
                    "1",
                    "specific heat of the two-level systems over that of the electrons",
                ),
            ),
            source="paper 004, eqs. (2), (7), (8); paper 001, eq. (37)",
            version=1,
            accuracy=1e-10,
            domain={"T": (1e-3, 100.0), "Lambda0": (1e-5, 1.0), "Pd": (1e43, 1e49), "Estar": (2e-3, 100.0)},
        ),
        Quantity(
            name="kondo",
            long_name="dephasing, specific heat and attenuation by two-level systems with two-channel Kondo effect",
            kernel="physics.kondo:kondo",
            axes=("T", "TKstar", "Deltastar"),
            constants=(),
            options={
                "distribution": {"exponential": Choice(), "box": Choice()},
                "convention": {"published": Choice(), "consistent": Choice()},
            },
            variables=(
                Variable(
                    "tau0_over_tau_phi",
                    r"\tau_0/\tau_\varphi",
                    "1",
                    "dephasing rate in units of its maximum, that of unitary scattering by each two-level system",
                ),
                Variable("C_per_tls", r"C/n_\mathrm{T}", "J K-1", "specific heat per two-level system"),
                Variable(
                    "W_per_tls",
                    r"W/(n_\mathrm{T}a^2\omega^2)",
                    "J-1 s",
                    "absorbed ultrasonic power per two-level system, squared drive and squared frequency",
                ),
            ),
            source="paper 004, eqs. (12), (19)-(24)",
            version=1,
            accuracy=1e-9,
            domain={"T": (1e-3, 100.0), "TKstar": (1e-3, 100.0), "Deltastar": (1e-4, 100.0)},
        ),
        Quantity(
            name="attenuation",
            long_name="ultrasonic attenuation by two-level systems",
            kernel="physics.attenuation:attenuation",
            axes=("T", "Pd", "chi", "Estar", "omega"),
            constants=("Pd_glass", "Estar_glass"),
            options={
                "convention": {"published": Choice(), "consistent": Choice()},
                "counter_rotating": {"rwa": Choice(), "full": Choice(), "van_vleck": Choice()},
                "mechanism": {"both": Choice(), "resonant": Choice(), "relaxation": Choice()},
            },
            variables=(
                Variable("F_resonant", r"F_\mathrm{res}", "1", "resonant attenuation, dimensionless"),
                Variable("F_relaxation", r"F_\mathrm{rel}", "1", "relaxational attenuation, dimensionless"),
                Variable(
                    "W",
                    r"W/(a^2P_d)",
                    "s-1",
                    "absorbed ultrasonic power per volume, squared drive and density of states",
                ),
                Variable(
                    "W_over_glass",
                    r"W/W_g",
                    "1",
                    "absorbed ultrasonic power relative to a metallic glass with the same drive and coupling",
                ),
            ),
            source="paper 004, eqs. (10)-(16)",
            version=1,
            accuracy=1e-9,
            domain={
                "T": (1e-3, 10.0),
                "Pd": (1e43, 1e49),
                "chi": (1e-4, 1.0),
                "Estar": (2e-3, 100.0),
                "omega": (1e3, 1e11),
            },
        ),
    )
}
