"""P_n(t), its moments and the survey's quantity against solutions that share nothing, and against exact laws."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.reference_clusters import direct, rate_at, small
from helpers.unlimited import unlimited
from physics import ParameterError
from physics.clusters.coagulation import ProductKernel
from physics.clusters.densities import chi_rg, trajectory, xi

QUANTITY = unlimited("clusters")
POINT = {"T": 0.01, "Lambda0": 1.0, "Pd": 1e45, "Estar": 100.0, "U0": 1e-46}
MOMENTS = (0, 0.5, 1, 1.5, 2)


def slope(function, t, h):
    """The derivative, by the six nearest points of spacing h."""
    return sum(w * function(t + i * h) for i, w in zip((-3, -2, -1, 1, 2, 3), (-1, 9, -45, 45, -9, 1), strict=True)) / (
        60 * h
    )


@pytest.fixture(scope="module")
def solved():
    times = (0.3, 1.0, 3.0)
    return dict(zip(times, direct(0.5, times).T, strict=True))


def test_it_is_the_direct_solution(solved):
    n = np.arange(1.0, 4097)
    for t, P in solved.items():
        assert np.abs(trajectory().P(n, t) - P).max() < 1e-14
        counted = n**2 * P > 1e-3
        np.testing.assert_allclose(trajectory().P(n[counted], t), P[counted], rtol=1e-8)
        for m in MOMENTS:
            assert trajectory().moment(m, t) == pytest.approx((n**m * P).sum(), rel=1e-9)


def test_small_densities_keep_their_digits():
    times = (0.05, 0.1, 0.3)
    found = trajectory().P(np.arange(1.0, 130)[:, None], times)
    np.testing.assert_allclose(found, small(0.5, times), rtol=1e-8)
    assert found[-1, 0] < 1e-120


@pytest.mark.parametrize("t, n", [(5.0, 6e3), (12.0, 1e5), (20.0, 1e6), (20.0, 2e9), (25.0, 1e9), (27.0, 1e12)])
def test_large_clusters_obey_the_equation(t, n):
    """Both sides of eq. (6.3), the right one by sums and adaptive quadrature over the solution."""
    P = trajectory().P
    right = rate_at(lambda sizes: P(sizes, t), n, trajectory().moment(2, t))
    assert slope(lambda at: P(n, at), t, 0.02) == pytest.approx(right, rel=2e-8)


@pytest.fixture(scope="module")
def finer():
    return ProductKernel(half=96, degree=18, pace=0.5)


@pytest.mark.parametrize("t", [0.02, 0.1, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 27.0, 30.0])
def test_another_resolution_changes_nothing(finer, t):
    front = finer.moment(2, t)
    n = np.unique(np.concatenate([np.arange(1.0, 129), np.geomspace(129, max(130, 8 * front), 60)]))
    n = n[(n <= 129) | (n < 8 * front)]
    np.testing.assert_allclose(trajectory().P(n, t), finer.P(n, t), rtol=1e-8)
    for m in MOMENTS:
        assert trajectory().moment(m, t) == pytest.approx(float(finer.moment(m, t)), rel=1e-11)


def test_the_front_is_followed_to_1e12_and_beyond():
    assert trajectory().moment(2, 27.2) > 1e12
    assert trajectory().P(1e13, 30.0) * 1e26 > 0.01


@pytest.mark.parametrize("kernel", ["sqrt", "constant"])
def test_centres_are_conserved(kernel):
    t = np.linspace(0, 30, 3001)
    assert np.abs(trajectory(kernel).moment(1, t) - 1).max() < 1e-14


def test_the_discretisation_hardly_loses_centres_by_itself():
    """The projection that keeps I_1 has next to nothing to do."""
    assert trajectory().mass_error < 1e-12


@pytest.mark.parametrize("t", [0.02, 0.5, 1.0, 3.0, 5.0, 12.0, 29.0])
def test_exact_equations_of_the_moments(t):
    """(6.5), (6.9), and d(ln P_1)/dt = -2 I_1/2, of which (6.6) is the integral."""
    moment, h = trajectory().moment, min(0.01, t / 20)
    assert slope(lambda at: moment(0, at), t, h) == pytest.approx(-(moment(0.5, t) ** 2), rel=1e-8)
    assert slope(lambda at: moment(2, at), t, h) == pytest.approx(2 * moment(1.5, t) ** 2, rel=1e-8)
    assert slope(lambda at: trajectory().log_P(1, at), t, h) == pytest.approx(-2 * moment(0.5, t), rel=1e-8)


def test_late_times():
    """P_n -> p_n/t, t I_1/2 -> 1/2, t P -> 1/4; p_1 from (sqrt(n) - 1) p_n = sum sqrt(k (n - k)) p_k p_(n - k)."""
    moment = trajectory().moment
    assert 30 * moment(0.5, 30) == pytest.approx(0.5, rel=6e-3)
    assert 30 * moment(0, 30) == pytest.approx(0.25, rel=4e-3)
    root = np.sqrt(np.arange(1.0, 2001))
    # a_n = p_n/p_1^n; a_n/a_(n + 1) goes to p_1, because p_n falls as ln(n)/n^2; scaled against overflow.
    f = np.zeros(2000)
    f[0] = 0.1277
    for n in range(1, 2000):
        f[n] = root[n] / (root[n] - 1) * (f[:n] @ f[n - 1 :: -1])
    a = f / root
    n = np.arange(1000.0, 2000)
    p_1 = 0.1277 * (a[999:-1] / a[1000:] * (n / (n + 1)) ** 2 * np.log(n + 1) / np.log(n))[-1]
    assert p_1 == pytest.approx(0.12768, abs=2e-5)
    assert 30 * trajectory().P(1, 30) == pytest.approx(p_1, rel=3e-3)


def test_the_constant_kernel_is_exact():
    n, t = np.array([1.0, 2, 10, 200])[:, None], np.array([0.0, 1e-3, 0.5, 1.0, 30.0])
    np.testing.assert_allclose(trajectory("constant").P(n, t), t ** (n - 1) / (1 + t) ** (n + 1), rtol=1e-13)
    P = direct(0.0, (1.0, 2.0), count=512)
    np.testing.assert_allclose(trajectory("constant").P(np.arange(1.0, 31), 2.0), P[:30, 1], rtol=1e-9)
    for m in MOMENTS:
        known = (np.arange(1.0, 513) ** m * P[:, 1]).sum()
        assert trajectory("constant").moment(m, 2.0) == pytest.approx(known, rel=1e-9)


@pytest.mark.parametrize("kernel", ["sqrt", "constant"])
def test_the_start(kernel):
    P, moment = trajectory(kernel).P, trajectory(kernel).moment
    np.testing.assert_array_equal(P([1, 1.5, 2, 1e6], 0.0), [1, 0, 0, 0])
    assert [float(moment(m, 0.0)) for m in MOMENTS] == pytest.approx([1] * 5, abs=1e-14)


@given(t=st.floats(1e-3, 30), n=st.integers(1, 128))
def test_between_integers_it_is_smooth(t, n):
    inner = trajectory().log_P(np.linspace(n, n + 1, 5), t)
    assert inner[[0, -1]] == pytest.approx(trajectory().log_P([n, n + 1], t), rel=1e-13)
    # Straight but for the curvature of the neighbours: of order 1/n^2.
    assert np.abs(np.diff(inner, 2)).max() < 0.1 / n**1.5


@pytest.mark.parametrize("t", [0.01, 1 / 32, 0.5, 3.0, 20.0])
def test_the_pieces_fit_together(t):
    """No step at the integers, at the edges of the octaves, and where the series in t ends."""
    for n in (2.0, 100.0, 129.0, 258.0, 516.0):
        if n > 129 and n > 8 * trajectory().moment(2, t):
            continue
        low, high = trajectory().log_P([n * (1 - 1e-12), n * (1 + 1e-12)], t)
        assert low == pytest.approx(float(high), abs=1e-8)
    before, after = trajectory().log_P(7.5, [t * (1 - 1e-13), t * (1 + 1e-13)])
    assert before == pytest.approx(float(after), rel=1e-10)


def test_beyond_the_front_it_falls_and_stays_a_number():
    n = np.geomspace(1, 1e15, 400)
    for t in (0.01, 0.3, 1.0, 3.0, 10.0, 30.0):
        found = trajectory().log_P(n, t)
        assert np.isfinite(found).all()
        beyond = n > 8 * trajectory().moment(2, t)
        assert (np.diff(found[beyond]) < 0).all()


@given(st.lists(st.tuples(st.floats(1, 1e13), st.floats(0, 30)), min_size=1, max_size=20))
def test_each_value_depends_on_its_own_point_alone(points):
    n, t = np.array(points).T
    for kernel in ("sqrt", "constant"):
        together = trajectory(kernel).P(n, t)
        alone = [float(trajectory(kernel).P(*point)) for point in points]
        np.testing.assert_array_equal(together, alone)


def test_refusals():
    with pytest.raises(ParameterError, match="kernel = 'cubic' is unknown; allowed: sqrt, constant"):
        trajectory("cubic")
    with pytest.raises(ParameterError, match="t = 31 is outside"):
        trajectory().P(1, 31.0)
    with pytest.raises(ParameterError, match="t = -1 is outside"):
        trajectory().moment(0, [1.0, -1.0])
    with pytest.raises(ParameterError, match=r"n = 0\.5 is outside"):
        trajectory().P(0.5, 1.0)
    with pytest.raises(ParameterError, match=r"m = 3 is unknown; allowed: 0, 0\.5, 1, 1\.5, 2"):
        trajectory().moment(3, 1.0)
    with pytest.raises(ParameterError, match="Pd"):
        chi_rg(-1.0, 1e-46)


def test_the_quantity_maps_the_grid_onto_t():
    found = QUANTITY(**POINT, n=np.array([1.0, 2, 10]))
    chi = np.pi * 0.1
    t = chi * np.log(1e4) / 3
    assert found["chi_rg"] == pytest.approx(chi, rel=1e-14) and found["t"] == pytest.approx(t, rel=1e-14)
    assert chi * xi(POINT["T"], POINT["Estar"]) == pytest.approx(t, rel=1e-14)
    P, moment = trajectory().P([1, 2, 10], t), trajectory().moment
    np.testing.assert_allclose(found["P_n"], 1e45 * P, rtol=1e-13)
    np.testing.assert_allclose(found["P_n_reduced"], P, rtol=1e-13)
    assert found["P_total"] == pytest.approx(1e45 * moment(0, t), rel=1e-13)
    assert found["n_max"] == pytest.approx(float(moment(2, t)), rel=1e-13)
    assert found["n_valid"] == pytest.approx(float((chi * moment(0.5, t)) ** -2), rel=1e-13)


@pytest.mark.parametrize("kernel", ["sqrt", "constant"])
def test_classes_and_median_are_those_of_the_sums(kernel):
    names = {1: "single", 2: "pair", 3: "triple", 4: "few", 5: "many"}
    n = np.arange(1.0, 2000)
    wanted = ("t", "n_half", "dominant", "dominant_centres")
    seen = set()
    for T in np.geomspace(1e-12, 90, 40):
        found = QUANTITY(**(POINT | {"T": T, "U0": 8e-46}), kernel=kernel, n=1.0, variables=wanted)
        t = float(found["t"])
        P = trajectory(kernel).P(n, t)
        held, total = np.cumsum(P), trajectory(kernel).moment(0, t)
        assert found["n_half"] == 1 + np.argmax(held >= total / 2)
        for name, parts, whole in (("dominant", P, total), ("dominant_centres", n * P, 1.0)):
            shares = {"single": parts[0], "pair": parts[1], "triple": parts[2], "few": parts[3:10].sum()}
            shares["many"] = whole - sum(shares.values())
            assert names[int(found[name])] == max(shares, key=shares.get)
            seen.add((name, names[int(found[name])]))
    assert ("dominant_centres", "many") in seen and ("dominant", "single") in seen


def test_single_centres_always_hold_most_of_the_density_of_states():
    """With b = sqrt(k m) no other class ever leads, and n_half is 1 or 2: P_1/P has its minimum 0.4516 at t = 2.49."""
    t = np.linspace(0, 30, 3001)
    P = trajectory().P([[1.0], [2.0]], t) / trajectory().moment(0, t)
    assert P[0].min() == pytest.approx(0.45162, abs=2e-5) and t[P[0].argmin()] == pytest.approx(2.49, abs=0.02)
    assert P.sum(0).min() > 0.6


def status(**change):
    flags = QUANTITY.variable("status").flags
    found = int(QUANTITY(**(POINT | {"n": 1.0} | change), variables=("status",))["status"])
    return {name for name, value in flags.items() if value and found & value}


def test_status_says_what_is_doubtful():
    assert status(U0=5e-47) == set()
    assert status(U0=5e-47, Lambda0=20.0) == {"Lambda0_not_small"}
    assert status(U0=2e-46, T=1.0) == {"chi_rg_not_small"}
    assert status(U0=3e-45) == {"chi_rg_not_small", "beyond_validity"}
    assert status(T=200.0) == {"T_above_W", "chi_rg_not_small"}
    assert status(U0=1e-44) == {"out_of_table", "chi_rg_not_small"}


def test_nan_stands_only_where_the_status_says_so():
    grid = {"T": np.array([0.001, 1.0, 100.0, 300.0])[:, None], "U0": 1e-44}
    for kernel in ("sqrt", "constant"):
        found = QUANTITY(**(POINT | grid | {"Pd": np.array([1e44, 1e46])}), n=2.0, kernel=kernel)
        excused = np.broadcast_to(found["status"] & 24 > 0, (4, 2))
        for name, values in found.items():
            values = np.broadcast_to(values, (4, 2))
            if values.dtype == np.float64 and name not in ("chi_rg", "t", "R_min", "R_star"):
                np.testing.assert_array_equal(np.isnan(values), excused)
            elif name.startswith("dominant"):
                np.testing.assert_array_equal(values == 0, excused)
        np.testing.assert_array_equal(np.isnan(found["t"]).all(1), [False, False, False, True])
        # T = W: no interaction yet.
        assert found["P_total_reduced"][2, 0] == 1 and found["P_n_reduced"][2, 0] == 0


@given(st.floats(1e-3, 10), st.floats(1e43, 1e46), st.floats(10, 1000), st.floats(1, 1e6))
def test_the_parts_of_a_grid_are_the_grid(T, Pd, Estar, n):
    grid = {"T": np.array([T, 0.05])[:, None, None], "Pd": np.array([1e44, Pd])[:, None], "Estar": Estar}
    whole = QUANTITY(**(POINT | grid), n=np.array([3.0, n]))
    part = QUANTITY(**(POINT | {"T": T, "Pd": Pd, "Estar": Estar}), n=n)
    for name, values in whole.items():
        assert np.array_equal(np.broadcast_to(values, (2, 2, 2))[0, 1, 1], part[name], equal_nan=True)
