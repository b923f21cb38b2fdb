"""Cluster excitations of interacting two-level systems."""

import math

from physics.clusters.flags import AMPLITUDES, DENSITIES
from physics.quantity import ANY, BITS, FRACTION, Choice, Quantity, Variable

_AMPLITUDE_OPTIONS = {
    "kernel": {
        "sqrt": Choice(drops=("amplitude_width",)),
        "constant": Choice(),
        "pairs": Choice(drops=("amplitude_width",)),
    },
    "primary": {"exponential": Choice(), "gaussian": Choice(adds=("amplitude_width",))},
}
_CLASSES = {name: number for number, name in enumerate(("none", "single", "pair", "triple", "few", "many"))}
_AMPLITUDE_STATUS = Variable(
    "status",
    "",
    "1",
    "status of the cell",
    flags=AMPLITUDES,
    groups=BITS,
)

QUANTITIES = (
    Quantity(
        name="clusters",
        long_name="density of states of cluster excitations of interacting two-level systems",
        kernel="physics.clusters.densities:clusters",
        axes=("T", "Lambda0", "Pd", "Estar", "n"),
        constants=("U0",),
        options={
            "kernel": {"sqrt": Choice(), "constant": Choice(), "power": Choice(adds=("charge_power",))},
            "dimension": {"3": Choice(), "2": Choice(), "1": Choice()},
        },
        variables=(
            Variable(
                "t",
                "t",
                "1",
                "interaction times the logarithm of the distance",
                axes=("T", "Lambda0", "Pd", "Estar"),
            ),
            Variable(
                "chi_rg",
                r"\chi",
                "1",
                "dimensionless interaction of the two-level systems",
                axes=("T", "Lambda0", "Pd", "Estar"),
            ),
            Variable(
                "R_min",
                r"R_\mathrm{min}",
                "m",
                "distance at which the interaction is the spread of the level energies",
                axes=("T", "Lambda0", "Pd", "Estar"),
            ),
            Variable(
                "R_star",
                "R_*",
                "m",
                "distance at which an excitation finds a partner",
                axes=("T", "Lambda0", "Pd", "Estar"),
                # Infinite where the interaction is so weak that no distance has a number.
                bounds=(0.0, math.inf),
            ),
            Variable(
                "P_total",
                "P",
                "J-1 m-3",
                "density of states of all excitations",
                axes=("T", "Lambda0", "Pd", "Estar"),
            ),
            Variable("P_n", "P_n", "J-1 m-3", "density of states of n-centre excitations"),
            Variable(
                "P_total_reduced",
                r"\tilde P",
                "1",
                "density of states of all excitations relative to that of the primary centres",
                axes=("T", "Lambda0", "Pd", "Estar"),
                bounds=FRACTION,
            ),
            Variable(
                "P_n_reduced",
                r"\tilde P_n",
                "1",
                "density of states of n-centre excitations relative to that of the primary centres",
                bounds=FRACTION,
            ),
            Variable(
                "n_half",
                r"n_{1/2}",
                "1",
                "number of centres up to which excitations hold half of the density of states",
                axes=("T", "Lambda0", "Pd", "Estar"),
            ),
            Variable(
                "n_max",
                r"n_\mathrm{max}",
                "1",
                "mean size of the cluster that a centre is in, I_2/I_1",
                axes=("T", "Lambda0", "Pd", "Estar"),
            ),
            Variable(
                "n_valid",
                r"n_\mathrm{valid}",
                "1",
                "number of centres at which the effective coupling is 1",
                axes=("T", "Lambda0", "Pd", "Estar"),
            ),
            Variable(
                "dominant",
                "",
                "1",
                "class of excitations with the largest share of the density of states",
                flags=_CLASSES,
                axes=("T", "Lambda0", "Pd", "Estar"),
            ),
            Variable(
                "dominant_centres",
                "",
                "1",
                "class of clusters with the largest share of the centres",
                flags=_CLASSES,
                axes=("T", "Lambda0", "Pd", "Estar"),
            ),
            Variable(
                "status",
                "",
                "1",
                "status of the cell",
                flags=DENSITIES,
                groups=BITS,
                axes=("T", "Lambda0", "Pd", "Estar"),
            ),
        ),
        source="paper 003, eqs. (2.15), (4.1), (4.6), (4.8), (5.7), (6.3), (7.1), (7.2)",
        version=2,
        accuracy=1e-8,
        domain={"T": (1e-3, 300.0), "Lambda0": (1e-4, 100.0), "Estar": (1.0, 1e4)},
    ),
    Quantity(
        name="amplitude_distribution",
        long_name="distribution of the tunnelling amplitudes of cluster excitations",
        kernel="physics.clusters.amplitudes:amplitude_distribution",
        axes=("T", "Lambda0", "Pd", "Estar", "Delta0"),
        constants=("U0",),
        options=_AMPLITUDE_OPTIONS,
        variables=(
            Variable(
                "P_Delta0",
                r"P(\Delta_0)",
                "J-1 m-3 K-1",
                "density of states of cluster excitations per tunnelling amplitude",
            ),
            Variable(
                "log_slope",
                r"-\partial\ln P/\partial\ln\Delta_0",
                "1",
                "logarithmic slope of the distribution of tunnelling amplitudes, 1 where ln(Delta0) is uniform",
                bounds=ANY,
            ),
            _AMPLITUDE_STATUS,
        ),
        source="paper 003, eqs. (3.20), (3.21), (4.15), (5.13), (6.23), (6.24), (7.2), (7.4)",
        version=1,
        accuracy=1e-6,
        domain={"T": (1e-3, 300.0), "Lambda0": (1e-4, 100.0), "Estar": (1.0, 1e4)},
    ),
    Quantity(
        name="relaxation_times",
        long_name="distribution of the relaxation times of cluster excitations",
        kernel="physics.clusters.relaxation:relaxation_times",
        axes=("T", "Lambda0", "Pd", "Estar", "relaxation_time"),
        constants=("U0", "A_phonon"),
        options=_AMPLITUDE_OPTIONS,
        variables=(
            Variable(
                "P_ln_tau",
                r"P(\ln\tau)",
                "J-1 m-3",
                "density of states of cluster excitations per unit of the logarithm of their relaxation time",
            ),
            Variable(
                "slope",
                r"\partial\ln P(\ln\tau)/\partial\ln\tau",
                "1",
                "logarithmic slope of the distribution of relaxation times, 0 where ln(tau) is uniform",
                bounds=ANY,
            ),
            _AMPLITUDE_STATUS,
        ),
        source="paper 003, eqs. (6.23), (7.8)",
        version=1,
        accuracy=1e-6,
        domain={"T": (1e-3, 300.0), "Lambda0": (1e-4, 100.0), "Estar": (1.0, 1e4)},
    ),
)
