"""What each flag means: at thousands of points, many of them on a border, by the conditions that the papers state.

Flags are named as users name them, through the registry, and every condition is written out here once more.
"""

import numpy as np
import pytest

from helpers.reference_clusters import direct
from physics import QUANTITIES
from physics.impurities import kondo

RNG = np.random.default_rng(20)
U0 = 1e-46
# A border is met from both sides, this close to it.
NEAR = 1e-6


def says(quantity: str, variable: str, **parameters) -> dict[str, np.ndarray]:
    """Where each flag of a variable stands."""
    flagged = QUANTITIES[quantity].variable(variable)
    found = QUANTITIES[quantity](**parameters, variables=(variable,))[variable]
    masks = flagged.masks or dict.fromkeys(flagged.flags, 255)
    return {name: (found & masks[name]) == value for name, value in flagged.flags.items()}


def check(found: dict, expected: dict, rarely: int = 20, never: tuple = ()) -> None:
    """Each flag stands where it should, and at some points it does and at some it does not; `ok` where none does."""
    expected = expected | {"ok": ~np.any(list(expected.values()), axis=0)}
    assert set(found) == set(expected)
    for name, holds in expected.items():
        assert np.array_equal(found[name], holds), f"{name}: {np.flatnonzero(found[name] != holds)[:5]}"
        assert np.sum(~holds) >= rarely and (np.sum(holds) >= rarely if name not in never else not holds.any()), name


def drawn(count: int, **ends) -> dict[str, np.ndarray]:
    return {name: np.exp(RNG.uniform(*np.log(pair), count)) for name, pair in ends.items()}


def put(quantity: str, point: dict, borders: dict) -> dict:
    """For each border a block of the points is moved to it, alternately just below and just above. Only points in the
    domain of the quantity are kept."""
    count = len(point["T"]) // (len(borders) + 1)
    for k, (name, at) in enumerate(borders.items()):
        block = slice(k * count, (k + 1) * count)
        side = np.where(np.arange(count) % 2, 1 + NEAR, 1 - NEAR)
        own = {key: values[block] for key, values in point.items()}
        point[name.partition(" ")[0]][block] = at(own) * side
    limits = {name: QUANTITIES[quantity].limits(name) for name in point}
    inside = np.all([(low <= point[name]) & (point[name] <= high) for name, (low, high) in limits.items()], axis=0)
    return {name: values[inside] for name, values in point.items()}


def Pd_of(chi):
    return chi / (np.pi * U0)


# chi_rg and t of the cluster theory, at the most, and the borders that all its quantities share.
CHI, T_END = 0.3, 30.0
SHARED = {
    "Pd chi": lambda p: Pd_of(CHI),
    "Pd t": lambda p: Pd_of(3 * T_END / np.log(p["Estar"] / np.minimum(p["T"], 0.9 * p["Estar"]))),
    "Lambda0": lambda p: 0.1 * p["Estar"],
    "Lambda0 W": lambda p: p["Estar"],
    "T W": lambda p: p["Estar"],
}


def test_internal_friction():
    A = 1e8
    p = drawn(6000, T=(1e-3, 300), omega=(1, 1e9), Lambda0=(1e-4, 100), Pd=(1e43, 1e49), Estar=(2, 90))
    borders = SHARED | {
        "omega": lambda p: A * p["T"] ** 3,
        "omega W": lambda p: A * p["T"] * p["Estar"] ** 2,
        "Lambda0 n": lambda p: np.sqrt(p["omega"] / (A * p["T"])),
        "Lambda0 T": lambda p: p["T"],
        # n_eff = (2t/chi)^2
        "omega size": lambda p: (
            A * p["T"] * (p["Estar"] * (p["Lambda0"] / p["Estar"]) ** (2 / 3 * np.log(p["Estar"] / p["T"])) ** 2) ** 2
        ),
    }
    p = put("internal_friction", p, borders)
    T, W, Lambda0 = p["T"], p["Estar"], p["Lambda0"]
    Delta0, chi = np.sqrt(p["omega"] / (A * T)), np.pi * p["Pd"] * U0
    inside = (T < W) & (Lambda0 < W) & (Delta0 < W)
    with np.errstate(invalid="ignore", divide="ignore"):
        n, xi = np.log(W / Delta0) / np.log(W / Lambda0), np.log(W / T) / 3
    expected = {
        "plateau_does_not_exist": Delta0 >= T,
        "W_not_largest": ~inside,
        "out_of_table": chi * xi > T_END,
        "n_eff_below_1": inside & (n < 1),
        "chi_rg_not_small": chi > CHI,
        "Lambda0_not_small": Lambda0 > 0.1 * W,
        "beyond_validity": inside & (n > (2 * xi) ** 2),
        "step_functions_ignored": inside & (T < Lambda0),
    }
    found = says("internal_friction", "status", **p, U0=U0, A_phonon=A)
    # For T >= W there is no t.
    defined = T < W
    assert np.array_equal(found["W_not_largest"], ~inside)
    check({name: at[defined] for name, at in found.items()}, {name: at[defined] for name, at in expected.items()})


@pytest.mark.parametrize("name", ["T", "Lambda0"])
def test_nothing_is_defined_where_W_is_met_exactly(name):
    for quantity, others in {
        "internal_friction": {"omega": 1e3, "A_phonon": 1e8},
        "amplitude_distribution": {"Delta0": 1e-3},
    }.items():
        point = {"T": 0.1, "Lambda0": 0.5, "Pd": 1e46, "Estar": 50.0, "U0": U0} | others
        assert not says(quantity, "status", **point)["W_not_largest"]
        assert says(quantity, "status", **point | {name: 50.0})["W_not_largest"]


def amplitudes(**more):
    p = drawn(9000, T=(1e-3, 300), Lambda0=(1e-3, 100), Pd=(1e43, 1e49), Estar=(2, 90), Delta0=(1e-8, 10))
    return put(
        "amplitude_distribution", p, SHARED | {"Delta0 T": lambda p: p["T"], "Lambda0 T": lambda p: p["T"]} | more
    )


def of_amplitudes(p: dict) -> tuple[dict, np.ndarray, np.ndarray]:
    """The conditions that do not depend on the kernel, where W is the largest, and chi."""
    chi = np.pi * p["Pd"] * U0
    inside = (p["T"] < p["Estar"]) & (p["Lambda0"] < p["Estar"])
    conditions = {
        "W_not_largest": ~inside,
        "chi_rg_not_small": chi > CHI,
        "Lambda0_not_small": p["Lambda0"] > 0.1 * p["Estar"],
        "amplitude_above_T": p["Delta0"] > p["T"],
    }
    return conditions, inside, chi


def test_amplitudes_of_clusters():
    p = amplitudes(
        **{
            "Delta0 n": lambda p: p["Lambda0"],
            "Pd t frozen": lambda p: Pd_of(3 * T_END / np.log(p["Estar"] / np.minimum(p["Delta0"], 0.9 * p["Estar"]))),
            # n_eff = (2t/chi)^2
            "Delta0 size": lambda p: np.maximum(
                1e-8,
                (p["Estar"] * np.minimum(p["Lambda0"] / p["Estar"], 0.9) ** (2 / 3 * np.log(p["Estar"] / p["T"])) ** 2),
            ),
        }
    )
    expected, inside, chi = of_amplitudes(p)
    W, Delta0 = p["Estar"], p["Delta0"]
    with np.errstate(invalid="ignore", divide="ignore"):
        n = np.log(W / Delta0) / np.log(W / p["Lambda0"])
    xi = np.log(W / np.maximum(p["T"], Delta0)) / 3
    t = chi * xi
    solved = t <= T_END
    # Of many centres at a small t there are fewer than doubles can say.
    countable = inside & (Delta0 < W) & ((n - 1) * -np.log(np.minimum(np.abs(t), 0.5)) < 300) & (n < 2000)
    expected |= {
        "no_solution": ~solved,
        "outside_range": inside & solved & (n < 1),
        "beyond_validity": inside & solved & (n > (2 * xi) ** 2),
        "step_functions_ignored": inside & solved & (p["T"] < p["Lambda0"]),
    }
    found = says("amplitude_distribution", "status", **p, U0=U0, kernel="sqrt")
    assert np.array_equal(found["W_not_largest"], ~inside)
    check(
        {name: at[countable] for name, at in found.items()},
        {name: at[countable] for name, at in expected.items()},
        never=("W_not_largest",),
    )


def test_amplitudes_for_a_constant_kernel():
    p = amplitudes(**{"Delta0 W": lambda p: p["Estar"]})
    p["Pd"] = np.minimum(p["Pd"], Pd_of(5.0))
    expected, inside, _ = of_amplitudes(p)
    nowhere = np.zeros(len(inside), bool)
    expected |= dict.fromkeys(("no_solution", "beyond_validity", "step_functions_ignored"), nowhere)
    found = says("amplitude_distribution", "status", **p, U0=U0, kernel="constant", primary="exponential")
    # So many times the mean |L_*| down the exponential there is nothing that doubles can say.
    least = np.minimum(p["Delta0"], p["T"])
    seen = ~inside | (p["Delta0"] > p["Estar"]) | (np.log(least / p["Estar"]) > 200 * np.log(p["Lambda0"] / p["Estar"]))
    expected["outside_range"] = inside & (p["Delta0"] > p["Estar"])
    check(
        {name: at[seen] for name, at in found.items()},
        {name: at[seen] for name, at in expected.items()},
        never=("no_solution", "beyond_validity", "step_functions_ignored"),
    )


def test_amplitudes_of_pairs():
    p = amplitudes(
        **{
            "Delta0 least": lambda p: p["Lambda0"] ** 2 / p["Estar"],
            "Delta0 largest": lambda p: np.minimum(p["Lambda0"], p["Lambda0"] ** 2 / p["T"]),
            "Pd first order": lambda p: Pd_of(CHI * 3 / np.log(p["Estar"] / np.minimum(p["T"], 0.9 * p["Estar"]))),
        }
    )
    expected, inside, chi = of_amplitudes(p)
    low, high = p["Lambda0"] ** 2 / p["Estar"], np.minimum(p["Lambda0"], p["Lambda0"] ** 2 / p["T"])
    nowhere = np.zeros(len(inside), bool)
    expected |= {
        "no_solution": nowhere,
        "outside_range": inside & ((p["Delta0"] < low) | (p["Delta0"] > high)),
        "beyond_validity": inside & (chi * np.log(p["Estar"] / p["T"]) / 3 > CHI),
        "step_functions_ignored": nowhere,
    }
    found = says("amplitude_distribution", "status", **p, U0=U0, kernel="pairs")
    check(found, expected, never=("no_solution", "step_functions_ignored"))


def test_gaussian_amplitudes():
    """No solution for 3 xi >= |L_*| or a width outside |L_*|/200 ... |L_*|/2; six widths before |L_*| all is free."""
    W, L, chi = 100.0, 6.0, 0.2
    cases = {
        (3.0, 0.45): set(),
        (L - 6 * 0.45 - NEAR, 0.45): set(),
        (L - 6 * 0.45 + NEAR, 0.45): {"step_functions_ignored"},
        (L - NEAR, 0.45): {"step_functions_ignored"},
        (L + NEAR, 0.45): {"no_solution"},
        (1.0, L / 2 - NEAR): {"step_functions_ignored"},
        (1.0, L / 2 + NEAR): {"no_solution"},
        (1.0, L / 200 + NEAR): set(),
        (1.0, L / 200 - NEAR): {"no_solution"},
    }
    for (three_xi, width), expected in cases.items():
        point = {"T": W * np.exp(-three_xi), "Lambda0": W * np.exp(-L), "Pd": Pd_of(chi), "Estar": W, "U0": U0}
        # Where the primary amplitudes are, there are amplitudes.
        found = says(
            "amplitude_distribution",
            "status",
            **point,
            Delta0=0.99 * point["Lambda0"],
            kernel="constant",
            primary="gaussian",
            amplitude_width=width,
        )
        assert {name for name, stands in found.items() if stands} == (expected or {"ok"}), (three_xi, width)


def test_clusters():
    p = drawn(6000, T=(1e-3, 300), Lambda0=(1e-3, 100), Pd=(1e43, 1e49), Estar=(2, 90))
    # I_0 = 1/(1 + t): chi_eff = chi/(1 + t) = 1.
    p = put(
        "clusters",
        p,
        SHARED | {"Pd chi_eff": lambda p: Pd_of(1 / (1 - np.minimum(np.log(p["Estar"] / p["T"]) / 3, 0.9)))},
    )
    chi = np.pi * p["Pd"] * U0
    t = chi * np.log(p["Estar"] / p["T"]) / 3
    inside = (t >= 0) & (t <= T_END)
    with np.errstate(divide="ignore"):
        large = chi / (1 + t) > 1
    expected = {
        "beyond_validity": inside & large,
        "Lambda0_not_small": p["Lambda0"] > 0.1 * p["Estar"],
        "chi_rg_not_small": chi > CHI,
        "out_of_table": t > T_END,
        "T_above_W": p["T"] > p["Estar"],
    }
    check(says("clusters", "status", **p, U0=U0, kernel="constant"), expected)


@pytest.mark.parametrize("t", [0.2, 1.0, 2.0])
def test_the_size_at_which_clusters_are_not_controlled(t):
    """chi_eff = chi sqrt(n_max) I_1/2 > 1, n_max = I_2/I_1, by sums over the sizes."""
    P, n = direct(0.5, (t,))[:, -1], np.arange(1.0, 4097)
    chi = 1 / (np.sqrt(np.sum(n**2 * P) / np.sum(n * P)) * np.sum(np.sqrt(n) * P))
    for side in (1 - NEAR, 1 + NEAR):
        point = {"T": 100 * np.exp(-3 * t / (chi * side)), "Lambda0": 1.0, "Pd": Pd_of(chi * side), "Estar": 100.0}
        assert says("clusters", "status", **point, U0=U0)["beyond_validity"] == (side > 1)


@pytest.mark.parametrize(("kernel", "charge"), [("sqrt", 0.5), ("constant", 0.0)])
@pytest.mark.parametrize("t", [0.1, 0.45, 0.9, 1.5, 2.5])
def test_the_class_that_leads(kernel, charge, t):
    """By sums over the sizes: the shares of single centres, pairs, triples, 4 to 10 centres and more."""
    P, n = direct(charge, (t,))[:, -1], np.arange(1, 4097)
    point = {"T": 100 * np.exp(-3 * t), "Lambda0": 1.0, "Pd": Pd_of(1.0), "Estar": 100.0}
    for variable, weight in (("dominant", P), ("dominant_centres", n * P)):
        shares = {
            "single": weight[0],
            "pair": weight[1],
            "triple": weight[2],
            "few": weight[3:10].sum(),
            "many": weight[10:].sum(),
        }
        found = says("clusters", variable, **point, U0=U0, kernel=kernel)
        assert [name for name, stands in found.items() if stands] == [max(shares, key=shares.get)]
    found = says("clusters", "dominant", **point | {"T": 101.0}, U0=U0, kernel=kernel)
    assert [name for name, stands in found.items() if stands] == ["none"]


@pytest.mark.parametrize(
    ("quantity", "more"),
    [
        ("specific_heat", {"n_e": 1e28, "eps_F": 8e-19, "chi": 0.1, "t_exp": 1.0}),
        ("attenuation", {"chi": 0.1, "omega": 1e9, "Pd_glass": 1e45, "Estar_glass": 15.0, "p_min_glass": 1e-8}),
    ],
)
def test_levels_of_clusters_end_where_their_theory_does(quantity, more):
    """At chi_rg = 1 and Lambda0 = E*/2; other distributions know nothing of it."""
    point = {"T": 0.1, "Lambda0": 0.1, "Pd": Pd_of(0.1), "Estar": 1.0} | more
    assert not says(quantity, "status", **point, U0=U0, distribution="clusters")["beyond_validity"]
    for name, value in {"Pd": Pd_of(1.0), "Lambda0": 0.5}.items():
        for side in (1 - NEAR, 1 + NEAR):
            found = says(quantity, "status", **point | {name: value * side}, U0=U0, distribution="clusters")
            assert found["beyond_validity"] == (side > 1) and found["ok"] == (side < 1)
    glass = {name: value for name, value in point.items() if name != "Lambda0"} | {"p_min": 1e-8}
    assert says(quantity, "status", **glass | {"Pd": Pd_of(10.0)}, distribution="glass")["ok"]


def test_an_integral_of_the_Kondo_effect_that_does_not_converge_is_told(monkeypatch):
    point = {"T": np.array([0.5, 1.0]), "TKstar": 2.0, "Deltastar": 0.3}
    found = says("kondo", "status", **point)
    assert found["ok"].all() and not found["not_converged"].any() and set(found) == {"ok", "not_converged"}
    averages = kondo.averages
    monkeypatch.setattr(kondo, "averages", lambda *a, **o: np.array(averages(*a, **o)) * np.array([1.0, np.nan]))
    found = says("kondo", "status", **point)
    assert found["ok"].tolist() == [True, False] and found["not_converged"].tolist() == [False, True]
