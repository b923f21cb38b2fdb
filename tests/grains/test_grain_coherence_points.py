"""`grain_coherence` at drawn points of its domain, for every option, and its limit on either side of each threshold."""

import itertools

import mpmath
import numpy as np
import pytest

from helpers import reference_grain_coherence as reference
from helpers.unlimited import unlimited
from physics import QUANTITIES
from physics.grains.environment import tunnelling_amplitude

COHERENCE = QUANTITIES["grain_coherence"]
CONSTANTS = {"Omega_bounce": 4e10, "g_kondo": 0.1, "bandwidth": 1e4, "K_anisotropy": 1.0, "Theta_D": 300.0}
NEVER = 1e300
CHOICES = [
    dict(zip(COHERENCE.options, values, strict=True)) for values in itertools.product(*COHERENCE.options.values())
]


def extra(options):
    kF = {"kF_spacing": 0.7} if options["electrons"] == "conducting" else {}
    K = {"K_perp": 60.0} if options.get("amplitude") == "of_spin" else {}
    return kF | K | ({"domega0": 3e3} if options["spread"] == "given" else {})


def given_by(options, point, constants):
    """The arguments of the quantity, and the point and constants of the reference."""
    if options["amplitude"] == "given":
        return point | constants, point, constants
    own = {name: value for name, value in (point | constants).items() if name not in ("Delta_tilde", "Omega_bounce")}
    return own, *reference.of_spin(point, constants)


def drawn(rng):
    return {name: float(np.exp(rng.uniform(*np.log(COHERENCE.limits(name))))) for name in COHERENCE.axes}


@pytest.mark.parametrize("options", CHOICES, ids=lambda options: "-".join(options.values()))
def test_drawn_points(options):
    rng = np.random.default_rng(11)
    for count in range(4):
        point = drawn(rng)
        if options["electrons"] == "conducting":
            # alpha_b below 1 needs a small grain.
            point["S"] = float(np.exp(rng.uniform(0, np.log((1e5, 20)[count % 2]))))
        if options["amplitude"] == "of_spin" and count < 3:
            # exp(-S/7.7): grains of more than a thousand spins do not tunnel.
            point["S"] = min(point["S"], float(np.exp(rng.uniform(0, np.log(700)))))
        constants = CONSTANTS | extra(options) | ({"g_kondo": 2e-3} if count == 3 else {})
        arguments, point, constants = given_by(options, point, constants)
        found = COHERENCE(**arguments, **options)
        given = (options[name] for name in ("electrons", "spread", "convention"))
        expected = reference.margins(point, constants, *given) | {"S_max": reference.largest_spin(point, constants)}
        for name, value in expected.items():
            value = float(min(value, NEVER)) if name.startswith("margin") else float(value)
            assert float(found[name]) == pytest.approx(value, rel=1e-10, abs=1e-300), (name, point)
        if options["electrons"] == "none":
            assert found["margin_electrons"] == NEVER
        flags = COHERENCE.variable("limit").flags
        assert found["limit"] == flags[reference.limit(expected, options["ensemble"])], point


def test_the_amplitude_of_a_spin_is_that_of_the_function():
    """Delta_o of each S, once tied and once given; what depends on it has the axis S."""
    S = np.array([5.0, 30.0, 60.0])
    point = {name: value for name, value in GOOD.items() if name not in ("S", "Delta_tilde")}
    constants = {name: value for name, value in CONSTANTS.items() if name != "Omega_bounce"}
    tied = COHERENCE(**point, S=S, **constants, K_perp=60.0, amplitude="of_spin")
    bounce, amplitude = tunnelling_amplitude(S, CONSTANTS["K_anisotropy"], 60.0)
    assert (amplitude > 1e3).all() and amplitude[0] > 1e3 * amplitude[2]
    given = unlimited("grain_coherence")(
        **point, S=S, Delta_tilde=amplitude, **constants | {"Omega_bounce": float(bounce)}
    )
    for name in tied:
        np.testing.assert_allclose(np.broadcast_to(tied[name], 3), given[name], rtol=1e-13)
    assert COHERENCE.depends_on({"amplitude": "of_spin"}, ["margin_degeneracy"])[0] == ("S", "N_nuclei", "omega0")
    assert COHERENCE.depends_on({}, ["margin_degeneracy"])[0] == ("N_nuclei", "omega0", "Delta_tilde")


def test_a_large_spin_never_turns():
    point = {name: value for name, value in GOOD.items() if name not in ("S", "Delta_tilde")}
    constants = {name: value for name, value in CONSTANTS.items() if name != "Omega_bounce"} | {"K_perp": 60.0}
    for electrons in ("insulating_substrate", "surface", "none"):
        options = {"amplitude": "of_spin", "electrons": electrons}
        found = COHERENCE(**point, S=np.array([1e3, 1e5, 1e7]), **constants, **options)
        assert (found["margin_degeneracy"] < 1e-40).all() and (found["limit"] != 0).all()
        assert found["margin_degeneracy"][1] == found["margin_degeneracy"][2]


@pytest.mark.parametrize(("S", "T"), [(10.0, 1.4), (10.0, 1.2), (1e3, 0.014), (1.0, 1e-4), (1e7, 1e-3), (3e6, 1.0)])
def test_margin_of_the_electrons_where_the_exponential_is_out_of_range(S, T):
    point = {"T": T, "S": S, "N_nuclei": 1.0, "omega0": 1e5, "T2": 1.0, "Delta_tilde": 1e6}
    found = COHERENCE(**point, **CONSTANTS, variables=("margin_electrons",))["margin_electrons"]
    exact = reference.margins(point, CONSTANTS, "insulating_substrate", "dipolar", "published")["margin_electrons"]
    assert found == pytest.approx(float(min(exact, NEVER)), rel=1e-10, abs=1e-300)


GOOD = {"T": 1e-3, "S": 1e3, "N_nuclei": 1.0, "omega0": 1e5, "T2": 1.0, "Delta_tilde": 1e6}


@pytest.mark.parametrize(
    ("moved", "condition", "changed", "options"),
    [
        ("omega0", "degeneracy", {}, {}),
        ("omega0", "coflips", {"N_nuclei": 10.0}, {"ensemble": "resonant"}),
        ("T2", "nuclear_diffusion", {}, {}),
        ("T", "electrons", {"S": 1e4}, {}),
        ("T", "electrons", {"S": 3.0}, {"electrons": "surface"}),
        ("T", "electrons", {"S": 2.0}, {"electrons": "conducting"}),
        ("T", "phonons", {"S": 1e7, "Delta_tilde": 1e8}, {"electrons": "none"}),
    ],
)
def test_limit_on_either_side_of_its_threshold(moved, condition, changed, options):
    """The reference's own margin is brought to 1 by bisection."""
    options = COHERENCE.choices(options)
    constants = CONSTANTS | extra(options)
    given = [options[name] for name in ("electrons", "spread", "convention")]
    margin = "margin_" + condition.removeprefix("nuclear_")

    def judged(value):
        return reference.margins(GOOD | changed | {moved: float(value)}, constants, *given)

    low, high = mpmath.mpf(10) ** -9, mpmath.mpf(10) ** 13
    for _ in range(120):
        middle = mpmath.sqrt(low * high)
        falls = judged(low)[margin] > judged(high)[margin]
        low, high = (middle, high) if (judged(middle)[margin] > 1) == falls else (low, middle)
    flags = COHERENCE.variable("limit").flags
    seen = []
    for factor in (1 - 1e-6, 1 + 1e-6):
        value = float(low * factor)
        expected = reference.limit(judged(value), options["ensemble"])
        found = unlimited("grain_coherence")(
            **(GOOD | changed | {moved: value}), **constants, **options, variables=("limit",)
        )["limit"]
        assert found == flags[expected]
        seen.append(expected)
    assert sorted(seen) == sorted(["coherent", condition])


@pytest.mark.parametrize("electrons", list(COHERENCE.options["electrons"]))
def test_a_cell_has_the_same_bits_alone_in_a_list_and_in_a_grid(electrons):
    constants = CONSTANTS | extra({"electrons": electrons, "spread": "dipolar"})
    rng = np.random.default_rng(3)
    T, S = np.append(rng.uniform(1e-4, 1, 30), 9.769e-4), np.append(10 ** rng.uniform(0, 7, 30), 19910.3)
    rest = {"N_nuclei": 30.0, "omega0": 1e6, "T2": 1e-4, "Delta_tilde": 1e6, "electrons": electrons} | constants
    grid = COHERENCE(T=T[:, None], S=S[None, :], **rest)
    row = COHERENCE(T=T, S=S, **rest)
    for i in range(len(T)):
        one = COHERENCE(T=T[i : i + 1], S=S[i : i + 1], **rest)
        for name, alone in one.items():
            assert np.broadcast_to(row[name], len(T))[i] == alone.item(), name
            assert np.broadcast_to(grid[name], (len(T), len(S)))[i, i] == alone.item(), name
