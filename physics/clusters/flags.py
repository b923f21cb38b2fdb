"""What the bits of the statuses of clusters mean: said once, to the kernels and to the registry."""


def _bits(*names: str) -> dict[str, int]:
    return {"ok": 0} | {name: 1 << place for place, name in enumerate(names)}


DENSITIES = _bits("beyond_validity", "Lambda0_not_small", "chi_rg_not_small", "out_of_table", "T_above_W")
AMPLITUDES = _bits(
    "W_not_largest",
    "no_solution",
    "chi_rg_not_small",
    "Lambda0_not_small",
    "amplitude_above_T",
    "outside_range",
    "beyond_validity",
    "step_functions_ignored",
)
FRICTION = _bits(
    "plateau_does_not_exist",
    "W_not_largest",
    "out_of_table",
    "n_eff_below_1",
    "chi_rg_not_small",
    "Lambda0_not_small",
    "beyond_validity",
    "step_functions_ignored",
)
