"""The quantity `dephasing` as its users see it: flags by their words, parts of the variables, options, refusals.

The conditions of the flags are those of paper 001, sections II.C and III, and 003, written out for one cell.
"""

from itertools import product

import numpy as np
import pytest
from numpy import cosh, e, log, pi, tanh
from scipy.constants import hbar, k

from physics import QUANTITIES, ParameterError
from physics.constants import BOLTZMANN, HBAR
from physics.electrons.dephasing import dephasing, tau_phi
from physics.electrons.dephasing import status as flags

QUANTITY = QUANTITIES["dephasing"]
METAL = {"sigma_in": 1e-19, "v_F": 1e6, "tau": 1e-14}
U0 = 3e-49
KINDS = {
    "tunnelling_states": {},
    "glass": {"p_min": 1e-6},
    "gaussian_barrier": {"barrier_width": 1.1},
    "clusters": {"U0": U0},
}
VARIABLES = tuple(variable.name for variable in QUANTITY.variables)


def words(variable: str, cell) -> set[str]:
    flagged = QUANTITY.variable(variable)
    masks = flagged.masks or dict.fromkeys(flagged.flags, 255)
    return {name for name, value in flagged.flags.items() if int(cell) & masks[name] == value}


def regime(kind, T, Lambda0, chi, Estar, resonant, relaxation) -> set[str]:
    """Of one cell that has levels, from its two times."""
    found = {"relaxation_dominates" if relaxation < resonant else "resonant_dominates"}
    lowest = Lambda0 if kind == "tunnelling_states" else 0.0
    active, last = max(lowest, min(T, Estar)), max(lowest, min(2 * T, Estar))
    found.add("phase_wandering" if k * active * resonant / hbar < 1 else "phase_jump")

    def hops(E, share):
        return chi * share * k * E / tanh(E / (2 * T)) * relaxation / hbar > 1

    if kind == "tunnelling_states":
        fast = [hops(Lambda0, 1.0), hops(last, (Lambda0 / last) ** 2)]
        found.add("frozen_out" if cosh(Lambda0 / (2 * T)) ** 2 > e else "thermally_active")
    else:
        fast = [hops(last, 1.0), False]
        found.add("thermally_active")
    words = {0: "slow_defects", 1: "slow_and_fast_defects", 2: "fast_defects"}
    return found | {words[sum(fast)]}


def status(kind, T, Lambda0, Pd, Estar, time) -> str:
    chi_rg = pi * Pd * U0
    if kind in ("tunnelling_states", "clusters") and Estar <= Lambda0:
        return "empty"
    if kind == "clusters" and (chi_rg >= 1 or Lambda0 > Estar / 2 or chi_rg * log(max(Estar / T, 1)) / 3 > 30):
        return "beyond_validity"
    if np.isnan(time):
        return "not_converged"
    if np.isinf(time) or (kind == "tunnelling_states" and cosh(min(Lambda0 / (2 * T), 700)) ** 2 > e):
        return "frozen"
    return "rate_above_temperature" if hbar / time > k * T else "ok"


GRID = {
    "T": np.array([2e-3, 0.03, 0.4, 6.0]),
    "Lambda0": np.array([1e-3, 0.05, 0.7]),
    "Pd": np.array([1e44, 2e46, 8e48]),
    "chi": np.array([1e-3, 0.1, 1.0]),
    "Estar": np.array([0.01, 0.9, 40.0]),
}


# Of the distributions that take longer.
FEWER = {"T": GRID["T"][[0, 3]], "Lambda0": GRID["Lambda0"][1:2], "Pd": GRID["Pd"][1:], "Estar": GRID["Estar"][:2]}


def cells(kind) -> dict[str, np.ndarray]:
    """The values of the axes of a distribution."""
    values = GRID | (FEWER if kind in ("gaussian_barrier", "clusters") else {})
    return {name: values[name] for name in GRID if not (kind == "glass" and name == "Lambda0")}


def grid(kind) -> dict[str, np.ndarray]:
    values = cells(kind)
    return dict(zip(values, np.ix_(*values.values()), strict=True))


@pytest.fixture(scope="module")
def computed():
    return {kind: QUANTITY(**grid(kind), **METAL, distribution=kind, **constants) for kind, constants in KINDS.items()}


def test_the_flags_of_every_cell_in_words(computed):
    seen = {"regime": set(), "status": set()}
    for kind, found in computed.items():
        axes = cells(kind)
        for index in product(*(range(len(values)) for values in axes.values())):
            point = {"Lambda0": None} | {name: axes[name][i] for name, i in zip(axes, index, strict=True)}
            both, resonant, relaxation = (float(found[name][index]) for name in VARIABLES[:3])
            told = words("status", found["status"][index])
            word = status(kind, point["T"], point["Lambda0"], point["Pd"], point["Estar"], both)
            assert told == {word}, (kind, point)
            seen["status"] |= told
            told = words("regime", found["regime"][index])
            if np.isnan(resonant) or word == "empty":
                assert told == set() and found["regime"][index] == 0
                continue
            at = [point[name] for name in ("T", "Lambda0", "chi", "Estar")]
            assert told == regime(kind, *at, resonant, relaxation), (kind, point)
            seen["regime"] |= told
    assert seen["regime"] == set(QUANTITY.variable("regime").flags)
    assert seen["status"] >= {"ok", "rate_above_temperature", "frozen", "empty", "beyond_validity"}


def test_a_number_that_did_not_converge_says_so():
    found = flags(np.array([np.nan, 1e-9, np.inf, 1e-15]), 1.0, None, 1.0)
    assert [words("status", cell) for cell in found] == [
        {"not_converged"},
        {"ok"},
        {"frozen"},
        {"rate_above_temperature"},
    ]
    # The last one that applies counts, and an empty cell whose number is missing is still missing.
    found = flags(np.array([np.nan, np.inf, 1e-15]), 0.1, np.array([0.5, 0.5, 1e-3]), 0.4)
    assert [words("status", cell) for cell in found] == [{"not_converged"}, {"empty"}, {"rate_above_temperature"}]


def test_a_rate_of_just_the_temperature_is_within_the_theory():
    """hbar/tau_phi = k_B T to the last bit at 0.1 K."""
    tau = HBAR / (BOLTZMANN * 0.1)
    assert BOLTZMANN * 0.1 * tau == HBAR
    found = flags(np.array([tau, np.nextafter(tau, 0)]), 0.1, None, 1.0)
    assert [words("status", cell) for cell in found] == [{"ok"}, {"rate_above_temperature"}]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "wanted", [("tau_phi",), ("tau_phi_relaxation",), ("regime",), ("status", "tau_phi_resonant"), ("status",)]
)
def test_some_variables_are_those_of_all(computed, kind, wanted):
    part = QUANTITY(**grid(kind), **METAL, distribution=kind, **KINDS[kind], variables=wanted)
    assert tuple(part) == wanted
    for name in wanted:
        np.testing.assert_array_equal(part[name], computed[kind][name])
        assert part[name].dtype == (np.uint8 if name in ("regime", "status") else np.float64)


@pytest.mark.parametrize("kind", KINDS)
def test_one_channel_is_that_of_the_quantity(computed, kind):
    """`tau_phi` with its defaults is both channels without a background."""
    point = {"Lambda0": 0.1} | grid(kind)
    for channel, name in (("both", "tau_phi"), ("resonant", "tau_phi_resonant"), ("relaxation", "tau_phi_relaxation")):
        found = tau_phi(**point, **METAL, distribution=kind, channel=channel, **KINDS[kind])
        np.testing.assert_array_equal(found, computed[kind][name])
    np.testing.assert_array_equal(
        tau_phi(**point, **METAL, distribution=kind, **KINDS[kind]), computed[kind]["tau_phi"]
    )
    if kind == "tunnelling_states":
        np.testing.assert_array_equal(tau_phi(**point, **METAL), computed[kind]["tau_phi"])


def test_the_norm_of_the_glass_is_an_option_and_consistent_by_default():
    """ln(1/p_min) as printed, 2 arccosh(1/sqrt(p_min)) to be consistent: as if there were fewer levels."""
    point = {"T": 0.4, "chi": 0.1, "Estar": 9.0} | METAL | {"distribution": "glass", "p_min": 1e-6, "Lambda0": 1.0}
    ratio = 2 * np.arccosh(1e3) / log(1e6)
    published = float(tau_phi(Pd=1e46, **point, convention="published"))
    assert tau_phi(Pd=1e46, **point) == tau_phi(Pd=1e46, **point, convention="consistent")
    assert tau_phi(Pd=ratio * 1e46, **point) == pytest.approx(published, rel=1e-9)
    assert tau_phi(Pd=1e46, **point) != pytest.approx(published, rel=1e-3)


@pytest.mark.parametrize(
    ("name", "allowed"),
    [
        ("channel", "both, resonant, relaxation"),
        ("distribution", "tunnelling_states, glass, gaussian_barrier, clusters"),
        ("convention", "consistent, published"),
        ("definition", "logarithm_2d, film, wire, bulk"),
        ("cross_section", "given, unitary, golden_rule"),
        ("background", "none, wire, film, bulk"),
        ("phonons", "none, power"),
    ],
)
def test_an_unknown_option_is_refused_with_what_is_allowed(name, allowed):
    point = {"T": 0.1, "Lambda0": 0.01, "Pd": 1e46, "chi": 0.1, "Estar": 1.0} | METAL
    with pytest.raises(ParameterError, match=f"^{name} = 'fast' is unknown; allowed: {allowed}$"):
        tau_phi(**point, **{name: "fast"})


@pytest.mark.parametrize("name", ["T", "Lambda0", "Pd", "chi", "Estar", "sigma_in", "v_F", "tau"])
def test_every_parameter_is_checked(name):
    point = {"T": 0.1, "Lambda0": 0.01, "Pd": 1e46, "chi": 0.1, "Estar": 1.0} | METAL
    assert np.isfinite(tau_phi(**point))
    for value in (0.0, -1.0, np.nan, np.inf):
        with pytest.raises(ParameterError, match=f"^{name} = "):
            tau_phi(**point | {name: value})
    if name != "Lambda0":
        return
    # The glass has no Lambda0, and looks at none.
    assert np.isfinite(tau_phi(**point | {"Lambda0": np.nan}, distribution="glass", p_min=1e-6))


@pytest.mark.parametrize(("kind", "name"), [(kind, name) for kind, own in KINDS.items() for name in own])
def test_the_constants_of_a_distribution_are_checked_where_it_has_them(kind, name):
    point = {"T": 0.1, "Lambda0": 0.01, "Pd": 1e46, "chi": 0.1, "Estar": 1.0} | METAL
    with pytest.raises(ParameterError, match=f"^{name} = "):
        tau_phi(**point, distribution=kind, **{name: -1.0})
    others = [other for other in KINDS if other != kind]
    for other in others:
        assert np.isfinite(tau_phi(**point, distribution=other, **KINDS[other], **{name: -1.0}))


def test_the_kernel_without_options_has_no_background():
    point = {"T": 0.1, "Lambda0": 0.01, "Pd": 1e46, "chi": 0.1, "Estar": 1.0} | METAL
    own = {"distribution": "tunnelling_states", "convention": "published"}
    found = dephasing(**point, **own, variables=("tau_phi",))["tau_phi"]
    assert (
        found
        == tau_phi(**point)
        == dephasing(**point, **own, background="none", phonons="none", variables=VARIABLES)["tau_phi"]
    )
