"""Several backgrounds in one call: what one call for each of them gives, to the last bit."""

import numpy as np
import pytest

from physics import QUANTITIES
from physics.electrons.grid import AT_ONCE
from survey.grid import open_grid

LEVELS = {
    "tunnelling_states": ("Lambda0", {}),
    "glass": (None, {"p_min": 1e-9}),
    "gaussian_barrier": ("Lambda0", {"barrier_width": 0.5}),
    "clusters": ("Lambda0", {"U0": 1e-48}),
}
WIRE = {"v_F": 1.4e6, "tau": 2e-14, "eps_F": 8e-19, "R_per_length": 1.5e6, "D": 0.013, "ep_exponent": 3.0}
AXES = {"T": [0.05, 0.4], "Pd": [1e45, 3e46], "chi": [0.03, 0.3], "Estar": [0.5, 5.0]}
OPTIONS = {"cross_section": "golden_rule", "background": "wire", "phonons": "power"}
BACKGROUNDS = {"ee_prefactor": [0.5, 2.0], "ep_rate": [1e7, 1e8, 5e8]}


@pytest.mark.parametrize("distribution", LEVELS)
@pytest.mark.parametrize(("name", "given"), [("dephasing", {"definition": "wire"}), ("magnetoresistance", {})])
def test_a_grid_of_backgrounds_is_a_call_for_each(distribution, name, given):
    quantity, (amplitude, constants) = QUANTITIES[name], LEVELS[distribution]
    axes = AXES | ({amplitude: [0.01, 0.9]} if amplitude else {}) | ({"H": [1e-4]} if name != "dephasing" else {})
    fixed = {**OPTIONS, **given, **constants, **WIRE, "distribution": distribution}
    whole = quantity(**open_grid(axes | BACKGROUNDS), **fixed)
    for i, ee in enumerate(BACKGROUNDS["ee_prefactor"]):
        for j, ep in enumerate(BACKGROUNDS["ep_rate"]):
            one = quantity(**open_grid(axes), **fixed, ee_prefactor=ee, ep_rate=ep)
            for variable, values in one.items():
                np.testing.assert_array_equal(
                    np.broadcast_to(whole[variable], (*values.shape, 2, 3))[..., i, j], values
                )


def test_backgrounds_that_vary_with_an_axis_are_taken_one_by_one():
    quantity = QUANTITIES["dephasing"]
    fixed = {**OPTIONS, **WIRE, "distribution": "glass", "p_min": 1e-9, "Pd": 1e46, "chi": 0.1, "Estar": 2.0}
    T, ee, ep = np.array([0.1, 0.2, 0.3]), np.array([1.0, 2.0, 3.0]), np.array([1e7, 1e8, 2e8])
    found = quantity(T=T, ee_prefactor=ee, ep_rate=ep, **fixed, variables=["tau_phi"])["tau_phi"]
    for i in range(3):
        one = quantity(T=T[i], ee_prefactor=ee[i], ep_rate=ep[i], **fixed, variables=["tau_phi"])["tau_phi"]
        assert found[i] == one


@pytest.mark.parametrize(
    ("name", "density", "axes", "fixed"),
    [
        ("kondo", {"n_T": [1e20, 1e22, 1e23]}, {"TKstar": [0.5, 3.0], "Deltastar": [0.05, 0.2]}, {"n_e": 5e28}),
        ("magnetic_impurities", {"n_imp": [1e20, 1e22, 1e23]}, {"T_K": [0.01, 0.3]}, {"spin": 0.5, "n_e": 5e28}),
    ],
)
def test_several_densities_in_one_call_are_a_call_for_each(name, density, axes, fixed):
    quantity, (key, values) = QUANTITIES[name], next(iter(density.items()))
    axes = {"T": [0.05, 0.4], **axes}
    fixed = fixed | {"eps_F": 8e-19, "background": "film", "R_sq": 100.0, "ee_prefactor": 1.0, "definition": "film"}
    whole = quantity(**open_grid(axes | density), **fixed)
    for place, value in enumerate(values):
        one = quantity(**open_grid(axes), **fixed, **{key: value})
        assert {"tau_phi", "C_ratio"} <= one.keys()
        for variable, each in one.items():
            found = np.broadcast_to(whole[variable].reshape(whole[variable].shape or (1,)), (*each.shape, 3))
            np.testing.assert_array_equal(found[..., place], each)


def test_the_registry_names_what_the_kernel_takes_at_once():
    for name in ("dephasing", "magnetoresistance"):
        assert QUANTITIES[name].at_once == AT_ONCE
