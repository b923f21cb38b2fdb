"""Coherence of magnetic grains."""

import math

from physics.grains.limits import COHERENCE, DIFFUSION, GRAINS
from physics.quantity import Choice, Quantity, Variable

QUANTITIES = (
    Quantity(
        name="grains",
        long_name="coherence of magnetic grains: P(t) and its spectrum",
        kernel="physics.grains.grains:grains",
        axes=("T", "Delta_tilde", "coflip", "coflip_z", "Phi", "time", "omega"),
        constants=("omega0", "N_nuclei"),
        options={
            "phase": {
                "fixed": Choice(drops=("coflip_z",)),
                "general": Choice(),
                "uniform": Choice(drops=("coflip_z", "Phi")),
            },
            "bias": {"overlapping": Choice(), "groups": Choice(adds=("domega0",))},
            "width": {"flat": Choice(), "finite": Choice()},
            "convention": {"published": Choice(), "consistent": Choice()},
        },
        variables=(
            Variable(
                "P",
                "P",
                "1",
                "correlation of the orientation of a magnetic grain",
                axes=("T", "Delta_tilde", "coflip", "coflip_z", "Phi", "time"),
                bounds=(-1.0, 1.0),
            ),
            Variable(
                "susceptibility",
                r"\chi''",
                "s",
                "spectrum of the orientation of a magnetic grain",
                axes=("T", "Delta_tilde", "coflip", "coflip_z", "Phi", "omega"),
            ),
            Variable(
                "status",
                "",
                "1",
                "status of the cell",
                flags=GRAINS,
                axes=("T", "Delta_tilde", "coflip", "coflip_z", "Phi"),
            ),
        ),
        source="paper 002, eqs. (4)-(7)",
        version=5,
        accuracy=1e-9,
        domain={"omega": (1e4, 1e9)},
        refuses="physics.grains.limits:refuse",
    ),
    Quantity(
        name="grain_coherence",
        long_name="conditions for the coherence of magnetic grains",
        kernel="physics.grains.coherence:grain_coherence",
        axes=("T", "S", "N_nuclei", "omega0", "T2", "Delta_tilde"),
        constants=("Omega_bounce", "g_kondo", "bandwidth", "K_anisotropy", "Theta_D"),
        options={
            "ensemble": {"whole": Choice(), "resonant": Choice()},
            "electrons": {
                "insulating_substrate": Choice(),
                "surface": Choice(),
                "conducting": Choice(adds=("kF_spacing",)),
                "none": Choice(),
            },
            "amplitude": {
                "given": Choice(),
                # Delta_tilde and Omega_bounce follow from S and the anisotropies.
                "of_spin": Choice(
                    adds=("K_perp",), drops=("Delta_tilde", "Omega_bounce"), instead={"Delta_tilde": ("S",)}
                ),
            },
            "spread": {"dipolar": Choice(), "given": Choice(adds=("domega0",))},
            "convention": {"published": Choice(), "consistent": Choice()},
        },
        variables=(
            Variable(
                "limit",
                "",
                "1",
                "condition for coherence that fails first",
                flags=COHERENCE,
            ),
            Variable(
                "margin_degeneracy",
                r"\tilde\Delta/\sigma",
                "1",
                "tunnelling rate over the width of the bias",
                axes=("N_nuclei", "omega0", "Delta_tilde"),
            ),
            Variable(
                "margin_coflips",
                r"1/\lambda",
                "1",
                "inverse of the number of nuclei that flip with the grain",
                axes=("N_nuclei", "omega0"),
            ),
            Variable(
                "margin_diffusion",
                r"\tilde\Delta/(N\delta\omega_0^2/T_2)^{1/3}",
                "1",
                "tunnelling rate over what nuclear spin diffusion demands",
                axes=("N_nuclei", "T2", "Delta_tilde"),
            ),
            Variable(
                "margin_electrons",
                r"\Delta_r/\Gamma_s",
                "1",
                "renormalised splitting over the damping by electrons",
                axes=("T", "S", "Delta_tilde"),
            ),
            Variable(
                "margin_phonons",
                r"\tilde\Delta/\Gamma_\phi",
                "1",
                "tunnelling rate over the damping by phonons",
                axes=("T", "S", "Delta_tilde"),
            ),
            Variable(
                "coflip_number",
                r"\lambda",
                "1",
                "number of nuclei that flip with the grain",
                axes=("N_nuclei", "omega0"),
            ),
            Variable(
                "A",
                "A",
                "1",
                "fraction of grains in resonance",
                axes=("T", "N_nuclei", "omega0", "Delta_tilde"),
            ),
            Variable(
                "S_max",
                r"S_\mathrm{max}",
                "1",
                "largest spin without dissipation by the electrons of the grain",
                axes=("T", "Delta_tilde"),
                # Infinite where no spin is too large.
                bounds=(0.0, math.inf),
            ),
        ),
        source="paper 002, eqs. (1), (8)-(12)",
        version=2,
        accuracy=1e-10,
    ),
    Quantity(
        name="grain_diffusion",
        long_name="spectrum of magnetic grains broadened by nuclear spin diffusion",
        kernel="physics.grains.diffusion:grain_diffusion",
        axes=("T", "Delta_tilde", "T2", "omega"),
        constants=("omega0", "N_nuclei", "domega0"),
        options={"convention": {"published": Choice(), "consistent": Choice()}},
        variables=(
            Variable("susceptibility", r"\chi''", "s", "spectrum of the orientation of a magnetic grain"),
            Variable(
                "drift",
                r"(N\delta\omega_0^2/T_2)^{1/3}/\tilde\Delta",
                "1",
                "drift of the bias over the tunnelling rate",
            ),
            Variable(
                "status",
                "",
                "1",
                "status of the cell",
                flags=DIFFUSION,
            ),
        ),
        source="paper 002, eqs. (7), (8)",
        version=1,
        accuracy=1e-6,
        domain={"omega": (1e4, 1e9), "T": (1e-3, 100.0)},
    ),
)
