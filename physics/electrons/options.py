"""Options of all that dephases, with the constants that each needs: what else there is in the metal, and what the time
is. Said once, to the kernels and to the registry."""

BACKGROUNDS = {
    "none": (),
    "wire": ("R_per_length", "D", "ee_prefactor"),
    "film": ("R_sq", "ee_prefactor"),
    "bulk": ("eps_F", "kFl", "ee_prefactor"),
}
PHONONS = {"none": (), "power": ("ep_rate", "ep_exponent")}
DEFINITIONS = ("logarithm_2d", "film", "wire", "bulk")
