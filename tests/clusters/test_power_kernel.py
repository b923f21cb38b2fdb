"""Coagulation with b = (k m)^s, in any dimension, and the printed laws of paper 003 that diagrams draw."""

import numpy as np
import pytest
from scipy.constants import k

from helpers.reference_clusters import direct, small
from helpers.unlimited import unlimited
from physics.clusters.coagulation import ProductKernel
from physics.clusters.densities import trajectory
from physics.laws import LAWS, evaluate

QUANTITY = unlimited("clusters")
POINT = {"T": 0.02, "Lambda0": 1.0, "Pd": 2e45, "Estar": 90.0, "U0": 1.7e-46, "n": 4.0}


@pytest.mark.parametrize(("power", "times"), [(0.07, (2.0, 11.0)), (0.29, (0.4, 3.3)), (0.43, (0.2, 2.9))])
def test_it_is_the_direct_solution(power, times):
    n = np.arange(1.0, 4097)
    solved = trajectory("power", power)
    for t, P in zip(times, direct(power, times).T, strict=True):
        counted = n**2 * P > 1e-3
        np.testing.assert_allclose(solved.P(n[counted], t), P[counted], rtol=1e-8)
        for m in (*solved.moments[:2], power):
            assert solved.moment(m, t) == pytest.approx((n**m * P).sum(), rel=1e-11)
        assert solved.moment(1, t) == pytest.approx(1, abs=1e-13)
    np.testing.assert_allclose(solved.P(n[:129, None], (0.05, 0.2)), small(power, (0.05, 0.2)), rtol=1e-8)


def test_late_times_do_not_depend_on_the_resolution():
    finer = ProductKernel(0.35, half=96, degree=18, pace=0.5)
    n, t = np.geomspace(1, 1e4, 40), 25.0
    assert trajectory("power", 0.35).moment(2, t) > 4e3
    np.testing.assert_allclose(trajectory("power", 0.35).P(n, t), finer.P(n, t), rtol=1e-8)


def test_the_quantity_goes_over_into_both_other_kernels():
    root, power = QUANTITY(**POINT), QUANTITY(**POINT, kernel="power", charge_power=0.5)
    for name, value in root.items():
        assert power[name] == pytest.approx(value, rel=1e-13), name
    names = ("P_n", "n_half", "dominant_centres")
    constant = QUANTITY(**POINT, kernel="constant", variables=names)
    near = QUANTITY(**POINT, kernel="power", charge_power=1e-6, variables=names)
    assert near["P_n"] == pytest.approx(constant["P_n"], rel=1e-4)
    assert near["n_half"] == constant["n_half"] and near["dominant_centres"] == constant["dominant_centres"]


def test_half_of_the_excitations_by_counting():
    for t_wanted in (0.5, 4.0, 20.0):
        U0 = t_wanted * 3 / np.log(90 / 0.02) / np.pi / 2e45
        found = QUANTITY(**(POINT | {"U0": U0}), kernel="power", charge_power=0.12)
        P = trajectory("power", 0.12).P(np.arange(1.0, 2000), found["t"])
        assert found["t"] == pytest.approx(t_wanted)
        assert found["n_half"] == 1 + np.searchsorted(np.cumsum(P), 0.5 * found["P_total_reduced"])


@pytest.mark.parametrize(("dimension", "sphere"), [("3", 4 * np.pi), ("2", 2 * np.pi), ("1", 2.0)])
def test_pairs_in_any_dimension(dimension, sphere):
    """To first order a pair forms with the probability that a partner is near: (2.12) for u/R^d, summed over shells."""
    d, point = int(dimension), POINT | {"U0": 1e-52, "Pd": 1e43, "n": 2.0}
    found = QUANTITY(**point, dimension=dimension)
    low, high = ((point["U0"] / (k * E)) ** (1 / d) for E in (point["Estar"], point["T"]))
    edges = np.geomspace(low, high, 20001)
    R = np.sqrt(edges[1:] * edges[:-1])
    shells = sphere * R ** (d - 1) * np.diff(edges)
    # Half of the interactions bind, and each pair of centres is one.
    pairs = 0.5 * point["Pd"] ** 2 * 0.5 * np.sum(shells * point["U0"] / R**d)
    assert found["P_n"] == pytest.approx(pairs, rel=1e-6)
    assert found["R_min"] == pytest.approx(low, rel=1e-12)


def test_a_partner_is_found_where_chi_xi_is_one():
    found = QUANTITY(**POINT)
    assert found["chi_rg"] * np.log(found["R_star"] / found["R_min"]) == pytest.approx(1, rel=1e-12)
    assert np.isinf(QUANTITY(**(POINT | {"U0": 1e-49}))["R_star"])


def test_single_centres_alone_solve_their_own_equation():
    law = LAWS["clusters"]["single_centres_alone"].functions["P_n_reduced"]
    chi = np.pi * POINT["Pd"] * POINT["U0"]
    h = 1e-4
    P, low, high = (float(evaluate(law, POINT | {"T": 90 * np.exp(-3 * t / chi)})) for t in (1.2, 1.2 - h, 1.2 + h))
    assert (high - low) / (2 * h) == pytest.approx(-2 * P * P, rel=1e-6)
    whole = QUANTITY(**(POINT | {"n": 1.0}))["P_n"]
    assert evaluate(LAWS["clusters"]["single_centres_alone"].functions["P_n"], POINT) > 1.05 * whole


def test_a_cluster_of_n_reaches_further():
    law = LAWS["clusters"]["own_reach"].functions["P_n"]
    n = POINT["n"]
    found = evaluate(law, POINT)
    # u_1n = sqrt(n) U0 is T at a distance at which U0 alone would be T/sqrt(n).
    assert found == pytest.approx(float(QUANTITY(**(POINT | {"T": POINT["T"] / np.sqrt(n)}))["P_n"]), rel=1e-9)
    assert evaluate(law, POINT | {"n": 1.0}) == pytest.approx(float(QUANTITY(**(POINT | {"n": 1.0}))["P_n"]), rel=1e-12)
    assert np.isnan(evaluate(law, POINT | {"U0": 2e-44}))


def test_printed_amplitude_laws():
    given = {"T": 0.3, "Lambda0": 0.5, "Pd": 1e45, "Estar": 120.0, "U0": 2.5e-46, "Delta0": 3e-6}
    t = np.pi * 0.25 * np.log(400.0) / 3
    L, magnitude = np.log(240.0), np.log(4e7)
    printed = 4e-2 * 1e45 / t * L / magnitude**2 * np.log(magnitude / L * t**0.4) / 3e-6
    law = LAWS["amplitude_distribution"]["quasiuniform"].functions["P_Delta0"]
    assert evaluate(law, given) == pytest.approx(printed, rel=1e-12)
    assert np.isnan(evaluate(law, given | {"Delta0": 10.0}))
    shift = L - 3 / (np.pi * 0.25) * (np.log(1 + t) - t / (1 + t))
    universal = 1e45 / (1 + t) ** 2 / shift * np.exp(-magnitude / ((1 + t) * shift)) / 3e-6
    law = LAWS["amplitude_distribution"]["universal"].functions["P_Delta0"]
    assert evaluate(law, given) == pytest.approx(universal, rel=1e-12)
