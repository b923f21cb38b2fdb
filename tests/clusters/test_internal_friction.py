"""Internal friction of clusters: the chain (7.7)-(7.9) step by step, known values, scaling, status."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.unlimited import unlimited
from physics import ParameterError
from physics.clusters.friction import STATUS, least_temperature, resonant_amplitude

QUANTITY = unlimited("internal_friction")
U0, A = 1e-48, 1e8


def friction(t, T=0.1, omega=1e3, Lambda0=1.0, Estar=100.0, A_phonon=A):
    Pd = np.asarray(t) * 3 / np.log(Estar / T) / (np.pi * U0) if T < Estar else 1e46
    return QUANTITY(T=T, omega=omega, Lambda0=Lambda0, Pd=Pd, Estar=Estar, U0=U0, A_phonon=A_phonon)


def has(status, name):
    return (status & STATUS[name]) != 0


@pytest.mark.parametrize(
    ("t", "n", "P"),
    [(0.3, 1, 0.57649621369), (1, 1, 0.21686637994), (1, 10, 2.8292468451e-3), (5, 10, 4.9392684771e-4)],
)
def test_whole_numbers_of_centres(t, n, P):
    """At integer n_eff, t n P_n/(pi xi |L_*|) with independent values of P_n."""
    Delta0 = resonant_amplitude(0.1, 1e3, A)
    L = np.log(100 / Delta0) / n
    found = friction(t, Lambda0=100 * np.exp(-L) * (1 + 1e-13))
    assert found["n_eff"] == pytest.approx(n, rel=1e-12)
    assert found["Q_inverse"] == pytest.approx(t * n * P / (np.pi * np.log(1000) / 3 * L), rel=1e-8)


def test_the_chain_of_the_paper():
    """Q^-1 = P(Delta0) Delta0 U0 n_eff with the distribution of the quantity of that name."""
    point = {"T": 0.1, "Lambda0": 0.7, "Pd": 3e46, "Estar": 80.0}
    Delta0 = np.sqrt(1e3 / (A * 0.1))
    P = unlimited("amplitude_distribution")(**point, Delta0=Delta0, U0=U0)["P_Delta0"]
    n_eff = np.log(80 / Delta0) / np.log(80 / 0.7)
    found = QUANTITY(**point, omega=1e3, U0=U0, A_phonon=A)
    assert found["n_eff"] == pytest.approx(n_eff, rel=1e-14)
    assert found["Q_inverse"] == pytest.approx(P * Delta0 * U0 * n_eff, rel=1e-9)


@pytest.mark.parametrize(
    ("T", "Delta0", "printed"), [(0.03, 0.0183, 5.7e-4), (0.1, 0.01, 6.3e-4), (1.0, 3.16e-3, 8.4e-4)]
)
def test_printed_formula(T, Delta0, printed):
    assert resonant_amplitude(T, 1e3, A) == pytest.approx(Delta0, rel=5e-3)
    found = friction(1.0, T=T)
    assert found["Q_inverse_printed"] == pytest.approx(printed, rel=1e-2)
    assert not has(found["status"], "plateau_does_not_exist")


def test_plateau_ends_where_the_amplitude_meets_the_temperature():
    assert least_temperature(1e3, A) == pytest.approx(21.5e-3, rel=3e-3)
    assert least_temperature(2 * np.pi * 1e3, A) == pytest.approx(40e-3, rel=1e-2)
    edge = least_temperature(1e3, A)
    assert resonant_amplitude(edge, 1e3, A) == pytest.approx(edge, rel=1e-12)
    assert has(friction(1.0, T=edge * 0.999)["status"], "plateau_does_not_exist")
    assert not has(friction(1.0, T=edge * 1.001)["status"], "plateau_does_not_exist")
    assert resonant_amplitude(0.01, 1e3, A) == pytest.approx(3.2 * 0.01, rel=2e-2)


def test_amplitudes_that_no_cluster_has():
    found = friction(1.0, Lambda0=5e-3)
    assert found["n_eff"] < 1 and found["Q_inverse"] == 0 and has(found["status"], "n_eff_below_1")
    for changed in ({"T": 120.0}, {"Lambda0": 100.0}, {"T": 1e-9, "omega": 1e8}):
        found = friction(1.0, **changed)
        assert has(found["status"], "W_not_largest")
        assert np.isnan([found["Q_inverse"], found["Q_inverse_printed"], found["n_eff"]]).all()
    found = friction(30.1)
    assert has(found["status"], "out_of_table") and np.isnan(found["Q_inverse"]) and found["Q_inverse_printed"] > 0


def test_weak_coupling_leaves_single_centres():
    """t -> 0 at n_eff = 1: P_1 = 1 - 2t, so that Q^-1 = chi (1 - 2t)/(pi |L_*|)."""
    t, T = 1e-7, 0.1
    Delta0 = resonant_amplitude(T, 1e3, A)
    chi, L = 3 * t / np.log(100 / T), np.log(100 / Delta0)
    found = friction(t, T=T, Lambda0=Delta0 * (1 + 1e-14))["Q_inverse"]
    assert found == pytest.approx(chi * (1 - 2 * t) / (np.pi * L), rel=1e-10)


@settings(max_examples=30, deadline=None)
@given(log_T=st.floats(-7, 3), log_omega=st.floats(-3, 20), log_Lambda0=st.floats(-9, 5), log_Pd=st.floats(95, 113))
def test_status_explains_and_units_do_not_matter(log_T, log_omega, log_Lambda0, log_Pd):
    T, omega, Lambda0, Pd = np.exp([log_T, log_omega, log_Lambda0, log_Pd])
    found = QUANTITY(T=T, omega=omega, Lambda0=Lambda0, Pd=Pd, Estar=50.0, U0=U0, A_phonon=A)
    status = found["status"]
    assert np.isnan(found["Q_inverse"]) == (has(status, "W_not_largest") or has(status, "out_of_table"))
    assert np.isnan(found["n_eff"]) == np.isnan(found["Q_inverse_printed"]) == has(status, "W_not_largest")
    # Energies in another unit: A scales with the inverse cube.
    scaled = QUANTITY(
        T=1e3 * T, omega=omega, Lambda0=1e3 * Lambda0, Pd=Pd / 1e3, Estar=5e4, U0=U0 * 1e3, A_phonon=A / 1e9
    )
    for name in ("Q_inverse", "n_eff", "Q_inverse_printed"):
        assert scaled[name] == pytest.approx(found[name], rel=1e-7, abs=1e-300, nan_ok=True)


def test_a_cell_depends_on_itself_alone():
    axes = [np.geomspace(0.02, 200, 5), np.geomspace(10, 1e7, 3), np.array([0.3, 2.0]), np.geomspace(1e44, 1e48, 4)]
    T, omega, Lambda0, Pd = np.ix_(*axes)
    whole = QUANTITY(T=T, omega=omega, Lambda0=Lambda0, Pd=Pd, Estar=90.0, U0=U0, A_phonon=A)
    for index in [(0, 0, 0, 0), (1, 2, 1, 3), (2, 1, 0, 2), (4, 0, 0, 1)]:
        T, omega, Lambda0, Pd = (axis[i] for axis, i in zip(axes, index, strict=True))
        one = QUANTITY(T=T, omega=omega, Lambda0=Lambda0, Pd=Pd, Estar=90.0, U0=U0, A_phonon=A)
        for name, value in one.items():
            np.testing.assert_array_equal(whole[name][index], value)


def test_refusals():
    with pytest.raises(ParameterError, match="A_phonon = 0"):
        resonant_amplitude(0.1, 1e3, 0.0)
    with pytest.raises(ParameterError, match="omega = -1"):
        least_temperature(-1.0, A)
