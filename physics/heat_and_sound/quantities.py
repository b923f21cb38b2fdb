"""Specific heat, ultrasonic attenuation and internal friction."""

from physics.clusters.flags import FRICTION
from physics.heat_and_sound.flags import HEAT, SOUND
from physics.quantity import BITS, Choice, Quantity, Variable
from physics.references import LEVELS

QUANTITIES = (
    Quantity(
        name="specific_heat",
        long_name="specific heat of two-level systems and of electrons",
        kernel="physics.heat_and_sound.specific_heat:specific_heat",
        axes=("T", "Lambda0", "Pd", "chi", "Estar"),
        constants=("n_e", "eps_F"),
        options={
            "distribution": {
                "glass": Choice(drops=("Lambda0",), source=LEVELS["glass"]),
                "tunnelling_states": Choice(drops=("p_min", "L_slow"), source=LEVELS["tunnelling_states"]),
                "gaussian_barrier": Choice(
                    adds=("barrier_width",), drops=("p_min", "L_slow"), source=LEVELS["gaussian_barrier"]
                ),
                "clusters": Choice(adds=("U0",), drops=("p_min", "L_slow"), source=LEVELS["clusters"]),
            },
            "logarithm": {
                "experiment": Choice(adds=("t_exp", "p_min"), source="paper 001, eq. (15)"),
                "exact": Choice(adds=("p_min",), drops=("chi",)),
                "published": Choice(adds=("L_slow",), drops=("chi",)),
            },
            # Pd that counts all systems of a glass needs to know where they end.
            "convention": {"consistent": Choice(adds=("p_min",)), "published": Choice()},
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
            Variable(
                "C_over_T", "C/T", "J K-2 m-3", "specific heat of two-level systems and electrons over the temperature"
            ),
            Variable("status", "", "1", "status of the cell", flags=HEAT),
        ),
        source="paper 004, eqs. (2), (7), (8)",
        version=3,
        accuracy=1e-10,
        domain={"Lambda0": (1e-5, 1.0), "Estar": (5e-4, 1e3)},
    ),
    Quantity(
        name="attenuation",
        long_name="ultrasonic attenuation by two-level systems",
        kernel="physics.heat_and_sound.attenuation:attenuation",
        axes=("T", "Lambda0", "Pd", "chi", "Estar", "omega"),
        constants=("Pd_glass", "Estar_glass"),
        options={
            "distribution": {
                "glass": Choice(drops=("Lambda0",), source=LEVELS["glass"]),
                "tunnelling_states": Choice(drops=("p_min",), source=LEVELS["tunnelling_states"]),
                "gaussian_barrier": Choice(
                    adds=("barrier_width",), drops=("p_min",), source=LEVELS["gaussian_barrier"]
                ),
                "clusters": Choice(adds=("U0",), drops=("p_min",), source=LEVELS["clusters"]),
            },
            "convention": {"consistent": Choice(adds=("p_min", "p_min_glass")), "published": Choice()},
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
            Variable(
                "Q_inverse",
                r"Q^{-1}",
                "1",
                "internal friction by the two-level systems",
                adds=("gamma", "rho_mass", "v_sound"),
            ),
            Variable(
                "alpha",
                r"\alpha",
                "m-1",
                "attenuation of the energy of sound by the two-level systems",
                adds=("gamma", "rho_mass", "v_sound"),
            ),
            Variable(
                "alpha_electron",
                r"\alpha_\mathrm{e}",
                "m-1",
                "attenuation of the energy of longitudinal sound by free electrons",
                adds=("n_e", "v_F", "tau", "rho_mass", "v_sound"),
                source="Pippard (1955)",
            ),
            Variable(
                "status",
                "",
                "1",
                "status of the cell",
                flags=SOUND,
            ),
        ),
        source="paper 004, eqs. (10)-(16); paper 001, eq. (15)",
        version=3,
        accuracy=1e-9,
        domain={"T": (1e-3, 100.0), "Lambda0": (1e-5, 1.0), "Estar": (5e-4, 1e3), "omega": (1e3, 1e11)},
    ),
    Quantity(
        name="internal_friction",
        long_name="internal friction of cluster excitations",
        kernel="physics.clusters.friction:internal_friction",
        axes=("T", "omega", "Lambda0", "Pd", "Estar"),
        constants=("U0", "A_phonon"),
        options={"region": {"plateau": Choice(), "all": Choice()}},
        variables=(
            Variable("Q_inverse", r"Q^{-1}", "1", "internal friction with the accurate densities of clusters"),
            Variable(
                "Q_inverse_printed",
                r"Q^{-1}_\mathrm{printed}",
                "1",
                "internal friction by the formula that the paper prints",
            ),
            Variable("n_eff", r"n_\mathrm{eff}", "1", "number of centres in the clusters that absorb"),
            Variable(
                "status",
                "",
                "1",
                "status of the cell",
                flags=FRICTION,
                groups=BITS,
            ),
        ),
        source="paper 003, eqs. (6.24), (7.2), (7.7)-(7.9)",
        version=2,
        # 1e-8 on the plateau; over all levels 1e-6 is what was found at drawn points where few clusters absorb, and
        # Lambda0 is not small against E*.
        accuracy=1e-5,
        domain={"T": (1e-3, 300.0), "omega": (1.0, 1e9), "Lambda0": (1e-4, 100.0), "Estar": (1.0, 1e4)},
    ),
)
