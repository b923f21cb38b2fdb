"""Exact degeneracies: levels enter tau_phi by P_d sigma_in v_F, and flat data know one number of them."""

from types import MappingProxyType

import numpy as np
import pytest

from physics import QUANTITIES
from survey.explain.notebook import infer
from survey.store.trees import read_tree

BOLTZMANN, HBAR = 1.380649e-23, 1.054571817e-34
T = np.geomspace(0.05, 0.5, 5)
GOLD = {
    "eps_F": "5 eV", "tau": "2.262e-14 s", "D": "132.6 cm^2/s", "R_per_length": "1.545e6 ohm/m",
    "ee_prefactor": 1, "ep_rate": "6.9e7 s^-1", "ep_exponent": 3,
}  # fmt: skip
ABOUT = {"title": "A wire", "source": "made up in a test", "geometry": "wire", "definition": "wire"}


def prior(start: float, stop: float, unit: str = "") -> dict:
    return {"start": f"{start:g} {unit}".strip(), "stop": f"{stop:g} {unit}".strip()}


def posterior(folder, name: str, tau_ns, v_F: float, priors: dict, clean=MappingProxyType({}), **more):
    data = {"T (K)": list(T), "tau_phi (ns)": list(tau_ns), "sigma (%)": [10] * len(T)}
    settings = {
        "rivals": {"tunnelling_states": {"nodes_per_decade": 0.6, "priors": priors}},
        "nuisances": {"T_heat": prior(1, 2, "mK")} | more,
    }
    constants = GOLD | {"v_F": f"{v_F:g} m/s"} | clean
    found = infer(data, name=name, results=folder, settings=settings, threads=1, constants=constants, **ABOUT)
    return read_tree(found.folder / "posterior_tunnelling_states.nc")


def test_density_and_velocity_are_one_number(tmp_path):
    """P_d c and v_F/c: the same evidence, and draws of the density that are c times as large."""
    tau = [3.2, 2.9, 3.1, 2.6, 2.4]
    others = {"Lambda0": prior(1, 10, "mK"), "chi": prior(0.03, 0.3), "Estar": prior(0.02, 2, "K")}
    (first, of_first), (second, of_second) = (
        posterior(tmp_path, f"c{c}", tau, 1.2e6 / c, {"Pd": prior(c * 1e16, c * 1e18, "K^-1 cm^-3"), **others})
        for c in (1, 4)
    )
    assert second["ln_evidence"] == pytest.approx(first["ln_evidence"], abs=1e-3)
    for name, factor in {"Lambda0": 1, "chi": 1, "Estar": 1, "s_m": 1, "Pd": 4}.items():
        ratio = np.log(of_second["draws"][name] / of_first["draws"][name])
        assert float(ratio.mean()) == pytest.approx(np.log(factor), abs=0.01), name


def test_flat_data_know_the_number_of_levels_alone(tmp_path):
    """E* far below T, and levels that change many times within tau_phi (4 chi p k_B T tau_phi/hbar, p = (Lambda0/E*)^2
    at least): every place of the grid fits as well as every other, each with the density that gives the same
    P_d sigma_in v_F sqrt(E*^2 - Lambda0^2), sigma_in proportional to chi."""
    ranges = {
        "Lambda0": prior(0.3, 1.0, "mK"), "chi": prior(0.03, 0.3), "Estar": prior(2, 5, "mK"),
        "Pd": prior(1e16, 1e20, "K^-1 cm^-3"),
    }  # fmt: skip
    # A wire in which electrons and phonons do little.
    clean = {"R_per_length": "1e3 ohm/m", "ep_rate": "1e5 s^-1"}
    tau_phi = 1e-7
    _, groups = posterior(tmp_path, "flat", [tau_phi * 1e9] * len(T), 1.2e6, ranges, clean)
    cells = groups["posterior"].to_dataframe()
    changes = 4 * cells.chi * (cells.Lambda0 / cells.Estar) ** 2 * BOLTZMANN * T[0] * tau_phi / HBAR
    cells = cells[(changes > 8) & (cells.Estar > 1.5 * cells.Lambda0)]
    best = cells.loc[cells.groupby("place").log_likelihood.idxmax()]
    assert len(best) > 30
    assert best.log_likelihood.max() - best.log_likelihood.min() < 0.5
    levels = best.Pd_effective * best.chi * np.sqrt(best.Estar**2 - best.Lambda0**2)
    # Amplitudes are 11 % apart.
    assert levels.max() / levels.min() < 1.25
    assert best.Pd_effective.max() / best.Pd_effective.min() > 50, "the density alone is not known"


def test_the_kernel_has_the_degeneracy_itself():
    options = {"distribution": "tunnelling_states", "cross_section": "given", "background": "none"}
    quantity = QUANTITIES["dephasing"]
    choices = {name: each for name, each in options.items() if name in quantity.options}
    own = {"Lambda0": 2e-3, "Estar": 0.1, "chi": 0.05, "tau": 2e-14, "v_F": 1.2e6}
    first, second = (
        quantity(T=T, Pd=1e18 * 1e6 / BOLTZMANN * c, sigma_in=1e-20 / c, variables=("tau_phi",), **own, **choices)
        for c in (1.0, 7.0)
    )
    np.testing.assert_allclose(second["tau_phi"], first["tau_phi"], rtol=1e-12)
