"""The inelastic cross-section from the coupling, by the golden rule and by paper 004, and in the kernel."""

import numpy as np
import pytest
from numpy import pi, sqrt
from scipy.constants import hbar, m_e

from physics import QUANTITIES, ParameterError
from physics.electrons.cross_section import inelastic_cross_section
from physics.electrons.inversions import inelastic_cross_section as of_paper_004

QUANTITY = QUANTITIES["dephasing"]
AXES = {
    "T": np.array([0.03, 0.4])[:, None, None],
    "Lambda0": 0.01,
    "Pd": np.array([1e45, 3e46])[:, None],
    "chi": np.array([0.02, 0.3, 1.0]),
    "Estar": 5.0,
}
EPS_F = 8.8e-19


def test_unitary_is_the_tie_of_paper_004_in_the_letters_of_001():
    """sigma_in(001) = 4 sigma_in(004), chi(004) = 2 chi(001)."""
    k_F = sqrt(2 * m_e * EPS_F) / hbar
    found = inelastic_cross_section(0.13, eps_F=EPS_F, cross_section="unitary")
    assert found == pytest.approx(4 * of_paper_004(0.26, k_F), rel=1e-12)


def test_golden_rule_from_one_matrix_element():
    """V- of (9), (10): an electron flips the system at the rate 2 pi rho V-^2/hbar per density (21); the electrons of
    both spins relax it at the rate (2 pi/hbar)(V-/2)^2 p 2 rho^2 E coth(E/2T) = 2 gamma/hbar, gamma = chi p E coth."""
    v_F = sqrt(2 * EPS_F / m_e)
    k_F = m_e * v_F / hbar
    rho = k_F**2 / (2 * pi**2 * hbar * v_F)
    V = 0.02 / rho
    chi = (2 * pi / hbar) * (V / 2) ** 2 * 2 * rho**2 * hbar / 2
    sigma_in = 2 * pi * rho * V**2 / hbar / v_F
    assert inelastic_cross_section(chi, eps_F=EPS_F, cross_section="golden_rule") == pytest.approx(sigma_in, rel=1e-12)


@pytest.mark.parametrize("tie", ["unitary", "golden_rule"])
@pytest.mark.parametrize("background", [{}, {"background": "bulk", "kFl": 30.0, "ee_prefactor": 1.0}])
def test_the_kernel_takes_the_cross_section_of_each_coupling(tie, background):
    """Each chi of the grid as a cell of its own with its cross-section given."""
    metal = {"v_F": 1.4e6, "tau": 1e-14}
    whole = QUANTITY(**AXES, **metal, eps_F=EPS_F, cross_section=tie, **background)
    bulk = {"eps_F": EPS_F} | background if background else {}
    for i, chi in enumerate(AXES["chi"]):
        sigma_in = inelastic_cross_section(chi, eps_F=EPS_F, cross_section=tie)
        alone = QUANTITY(**AXES | {"chi": chi}, **metal, sigma_in=sigma_in, **bulk)
        for name, values in alone.items():
            np.testing.assert_allclose(whole[name][..., i], values[..., 0], rtol=1e-12)


def test_a_cell_does_not_depend_on_the_others_to_the_last_bit():
    options = {"v_F": 1.4e6, "tau": 1e-14, "eps_F": EPS_F, "cross_section": "unitary"}
    whole = QUANTITY(**AXES, **options)
    for i, j, m in np.ndindex(2, 2, 3):
        own = {"T": AXES["T"][i, 0, 0], "Pd": AXES["Pd"][j, 0], "chi": AXES["chi"][m]}
        for name, value in QUANTITY(**AXES | own, **options).items():
            assert value == whole[name][i, j, m]


def test_what_it_depends_on_and_refusals():
    assert "sigma_in" in QUANTITY.depends_on()[1] and "eps_F" not in QUANTITY.depends_on()[1]
    for background in ("none", "bulk"):
        constants = QUANTITY.depends_on({"cross_section": "unitary", "background": background})[1]
        assert "sigma_in" not in constants and constants.count("eps_F") == 1
    with pytest.raises(ParameterError, match="cross_section = 'given' is unknown; allowed: unitary, golden_rule"):
        inelastic_cross_section(0.1, eps_F=EPS_F, cross_section="given")
    with pytest.raises(ParameterError, match="chi = 2"):
        inelastic_cross_section(2.0, eps_F=EPS_F, cross_section="unitary")
