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
    )
}
