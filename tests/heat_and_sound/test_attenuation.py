"""Ultrasonic attenuation: accuracy against slow references, exact limits with prefactors, symmetries, domain."""

import subprocess
import sys

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy import log, pi, tanh

from helpers import reference_attenuation as reference
from helpers import sound_points
from helpers.unlimited import unlimited
from physics import QUANTITIES, ParameterError
from physics.constants import BOLTZMANN, HBAR
from physics.heat_and_sound.attenuation import ESTAR_GLASS, PD_GLASS, F_relaxation, F_resonant
from physics.heat_and_sound.lorentzian import (
    K_difference,
    relaxation_average,
    relaxation_table,
    resonant_average,
    resonant_table,
    tabulated_J,
    tabulated_K,
)

QUANTITY = QUANTITIES["attenuation"]
PROMISED = QUANTITY.accuracy
KINDS = ("rwa", "full", "van_vleck")
P_MIN = sound_points.P_MIN
GLASS = {"Pd_glass": PD_GLASS, "Estar_glass": ESTAR_GLASS}
# The letters of paper 004; those of paper 001 are in test_sound_of_every_distribution.py.
IN_004 = GLASS | {"convention": "published"}

# chi, Omega, theta
POINTS = {
    "nothing small": (0.5, 0.5, 1.0),
    "narrow resonance": (1e-4, 0.3, 1e-4),
    "cold and fast, wide": (0.969, 0.998, 0.0116),
    "just below the cut-off": (0.01, 1 - 1e-6, 0.01),
    "at the cut-off": (0.01, 1.0, 0.01),
    "just above the cut-off": (0.1, 1 + 1e-7, 0.3),
    "slow sound": (0.03, 1e-8, 1e-3),
    "slow sound, wide": (4.65e-4, 2.48e-6, 5.08),
    "Omega 1e8": (0.3, 1e8, 1.0),
    "Omega and chi theta 1e8": (1.0, 1e8, 1e8),
    "chi theta 1e8": (1.0, 0.01, 1e8),
    "hot": (1e-3, 1e-5, 1e4),
    "hot, fast": (0.2, 300.0, 1e5),
    "chi theta 1e-8": (1e-4, 1e-6, 1e-4),
    "cold corner": (1.0, 1e-8, 1e-8),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", POINTS)
def test_accuracy_of_the_resonant_part(name, kind):
    found = F_resonant(*POINTS[name], counter_rotating=kind)
    assert found == pytest.approx(reference.F_resonant(*POINTS[name], kind), rel=PROMISED, abs=0)


@pytest.mark.parametrize("name", POINTS)
def test_accuracy_of_the_relaxation_part(name):
    expected = reference.F_relaxation(*POINTS[name])
    assert F_relaxation(*POINTS[name]) == pytest.approx(expected, rel=PROMISED, abs=0)
    assert F_relaxation(*POINTS[name], convention="consistent") == pytest.approx(2 * expected, rel=PROMISED, abs=0)


@pytest.mark.parametrize("point", [(0.5, 0.5, 1.0), (0.1, 0.3, 0.2), (0.3, 1.5, 0.5)])
def test_both_parts_are_the_average_of_one_driven_system_over_energy_and_p(point):
    """Nested quadrature in two dimensions over the powers that tests/heat_and_sound/test_bloch.py simulates."""
    for kind in KINDS:
        average = reference.F_from_power(lambda *one, k=kind: reference.resonant_power(*one, k), *point)
        assert F_resonant(*point, counter_rotating=kind) == pytest.approx(average, rel=1e-8)
    average = reference.F_from_power(lambda *one: 4 * reference.relaxation_power(*one), *point)
    assert F_relaxation(*point, convention="consistent") == pytest.approx(average, rel=1e-8)


@pytest.mark.parametrize(
    ("kind", "chi", "Omega", "theta", "value"),
    [
        ("rwa", 0.5, 0.5, 1.0, 1.11533346475502),
        ("rwa", 0.03, 0.1, 0.02, 3.151790534954347),
        ("rwa", 0.001, 1e-5, 0.1, 0.003573881442191754),
        ("rwa", 1.0, 0.01, 100.0, 0.0002904012532695599),
        ("rwa", 0.1, 0.99, 0.3, 1.8455186535359824),
        ("rwa", 0.1, 1.5, 0.3, 0.02995572788492549),
        ("full", 0.5, 0.5, 1.0, 1.0471245695443767),
        ("full", 0.03, 0.1, 0.5, 0.6159719220638615),
        ("van_vleck", 0.03, 0.1, 0.5, 0.6180281063743677),
        ("van_vleck", 0.001, 1e-5, 0.1, 0.0003141525836808416),
    ],
)
def test_independent_values_of_the_resonant_part(kind, chi, Omega, theta, value):
    assert F_resonant(chi, Omega, theta, counter_rotating=kind) == pytest.approx(value, rel=PROMISED)


@pytest.mark.parametrize(
    ("chi", "Omega", "theta", "value"),
    [
        (0.3, 0.5, 1.0, 0.1516219681240794),
        (0.03, 0.001, 0.5, 0.6845573000254962),
        (0.01, 1.0, 10.0, 0.0033183643630594604),
        (0.1, 1e-7, 0.05, 0.7853412695300261),
        (1.0, 0.2, 2.0, 0.31030013179535193),
    ],
)
def test_independent_values_of_the_relaxation_part(chi, Omega, theta, value):
    assert F_relaxation(chi, Omega, theta) == pytest.approx(value, rel=PROMISED)


@pytest.mark.parametrize("kind", KINDS)
def test_accuracy_at_drawn_points_of_the_domain(kind):
    for seed, resonance in enumerate(("anywhere", "at the cut-off", "beyond the cut-off")):
        axes = sound_points.drawn(resonance, 1, 3 * KINDS.index(kind) + seed)
        T, chi, Estar, omega = (axes[name][0] for name in ("T", "chi", "Estar", "omega"))
        point = chi, HBAR * omega / (BOLTZMANN * Estar), 2 * T / Estar
        # chi of 004 is twice that of 001, whose p begin at p_min.
        for convention, p_min, factor, norm in (
            ("published", 0, 1, 1),
            ("consistent", P_MIN, 2, np.arccosh(P_MIN**-0.5)),
        ):
            resonant = reference.F_resonant(*point, kind, p_min)
            relaxation = factor * reference.F_relaxation(*point, p_min)
            found = sound_points.values(axes | {"chi": axes["chi"] / factor}, "glass", kind, convention)
            assert found["F_resonant"] == pytest.approx(resonant, rel=PROMISED, abs=0), point
            assert found["F_relaxation"] == pytest.approx(relaxation, rel=PROMISED, abs=0), point
            W = omega / 2 * (resonant + relaxation) / norm
            assert found["W"] == pytest.approx(W, rel=PROMISED, abs=0), point
            assert found["status"] == 0


def test_the_kernel_returns_at_every_point_of_the_domain():
    """In a process of its own, because no signal ends a compiled loop."""
    command = [sys.executable, sound_points.__file__]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    except subprocess.TimeoutExpired as expired:
        pytest.fail(f"does not return: {expired.stdout.decode().splitlines()[-1]}")
    assert done.returncode == 0, done.stdout.splitlines()[-1] + done.stderr


# The averages over p


def test_averages_over_p_and_their_tables():
    r = np.concatenate([10 ** np.linspace(-12, 7, 150), 2.0 ** np.arange(-28, 8)])
    with mpmath.workdps(40):
        K = [float(reference.K(mpmath.mpf(x))) for x in r]
        J = [float(reference.J(mpmath.mpf(x))) for x in r]
    np.testing.assert_allclose(resonant_average(r), K, rtol=1e-13)
    np.testing.assert_allclose(relaxation_average(r), J, rtol=1e-13)
    K_table, J_table = resonant_table(), relaxation_table()
    np.testing.assert_allclose([tabulated_K(x, K_table) for x in r], resonant_average(r), rtol=1e-12)
    np.testing.assert_allclose([tabulated_J(x, J_table) for x in r], relaxation_average(r), rtol=1e-12)
    assert relaxation_average(0.0) == pytest.approx(pi / 4) and resonant_average(0.0) == np.inf


@pytest.mark.parametrize("r", [1e-9, 1e-3, 0.7, 5.0, 31.9, 33.0, 1e5])
def test_difference_of_two_neighbouring_averages(r):
    """-2 part r K'(r) for a tiny part; for a larger one the plain difference."""
    assert K_difference(r, 1 / 64, resonant_table()) == pytest.approx(
        resonant_average(r * 63 / 64) - resonant_average(r * 65 / 64), rel=2e-12
    )
    slope = (resonant_average(r * (1 - 1e-4)) - resonant_average(r * (1 + 1e-4))) / 1e-4
    assert K_difference(r, 1e-12, resonant_table()) / 1e-12 == pytest.approx(slope, rel=1e-7)


# Limits, (17) and (18) with prefactors


@pytest.mark.parametrize(
    ("chi", "Omega", "theta", "limit"),
    [
        (0.1, 1e-7, 0.01, pi / 4),
        (0.1, 1e-4, 100.0, pi / 4 * tanh(0.01)),
        (0.1, 1e-6, 1.0, pi / 4 * tanh(1.0)),
        (0.01, 0.5, 0.01, pi**2 / 24 * 0.01 * 0.01 / 0.5),
        (0.01, 1e5, 1e3, 0.01 / (3 * 1e5)),
    ],
)
def test_limits_of_the_relaxation_part(chi, Omega, theta, limit):
    assert F_relaxation(chi, Omega, theta) == pytest.approx(limit, rel=2e-3)


def test_relaxation_depends_on_two_numbers():
    np.testing.assert_allclose(F_relaxation(0.5, 0.2, 0.7), F_relaxation(0.05, 0.02, 0.7), rtol=1e-13)


@pytest.mark.parametrize(
    ("chi", "Omega", "theta", "limit", "accuracy"),
    [
        (1e-3, 0.2, 0.01, pi * tanh(20) + 1e-3 / 3 * (log(4) - 1 / 0.8), 1e-6),
        (1e-3, 1e-3, 0.1, pi * tanh(0.01) + 1e-3 / 3 * (log(1e3) - 1), 1e-3),
        (1e-2, 1e-9, 1e-3, 1e-2 / 3 * (log(1e5) + 5 / 3 - log(2)), 1e-3),
        (0.1, 1e4, 0.3, 0.1 / 6e8, 1e-3),
        (1.0, 1e-3, 1e6, (log(2e6) / 2 + 0.25) / 1e12, 1e-3),
        (1.0, 1e3, 1e7, log(2e4) / 2e14, 2e-2),
    ],
)
def test_limits_of_the_resonant_part(chi, Omega, theta, limit, accuracy):
    assert F_resonant(chi, Omega, theta) == pytest.approx(limit, rel=accuracy)


@pytest.mark.parametrize("kind", ["full", "van_vleck"])
def test_with_both_rotating_terms_only_the_resonance_is_left(kind):
    """F_res = pi tanh(Omega/theta) (1 + O(chi)): the logarithm in (18) is the far wing of (15) alone."""
    assert F_resonant(1e-3, 1e-5, 0.1, counter_rotating=kind) == pytest.approx(pi * tanh(1e-4), rel=1e-3)
    assert F_resonant(1e-3, 1e-5, 0.1) == pytest.approx(11.4 * pi * tanh(1e-4), rel=1e-2)


# The quantity


def test_power_in_the_units_of_the_vocabulary():
    T, Pd, chi, Estar, omega = 0.05, 7e46, 0.03, 0.02, 2e9
    result = QUANTITY(T=T, Pd=Pd, chi=chi, Estar=Estar, omega=omega, **IN_004)
    Omega, theta = HBAR * omega / (BOLTZMANN * Estar), 2 * T / Estar
    assert result["F_resonant"] == pytest.approx(F_resonant(chi, Omega, theta), rel=1e-12)
    assert result["F_relaxation"] == pytest.approx(F_relaxation(chi, Omega, theta), rel=1e-12)
    total = result["F_resonant"] + result["F_relaxation"]
    # (14): W = (n_T a^2/2 hbar) Omega F with n_T = Pd E*
    n_T = Pd * BOLTZMANN * Estar
    assert Pd * result["W"] == pytest.approx(n_T / (2 * HBAR) * Omega * total, rel=1e-12)
    in_glass = [F(chi, Omega * Estar / 20, theta * Estar / 20) for F in (F_resonant, F_relaxation)]
    assert result["W_over_glass"] == pytest.approx(Pd * total / (PD_GLASS * sum(in_glass)), rel=1e-12)
    assert PD_GLASS == pytest.approx(7.243e44, rel=1e-4)


@pytest.mark.parametrize("convention", ["published", "consistent"])
def test_mechanisms_add_up(convention):
    point = {"T": 0.05, "Pd": 1e47, "chi": 0.03, "Estar": 0.02, "omega": 1e8, "convention": convention} | GLASS
    point |= {"p_min": 1e-6, "p_min_glass": 1e-8} if convention == "consistent" else {}
    W = {m: QUANTITY(**point, mechanism=m)["W"] for m in ("both", "resonant", "relaxation")}
    assert W["both"] == pytest.approx(W["resonant"] + W["relaxation"], rel=1e-14)
    P = 1.0 if convention == "published" else 1 / np.arccosh(1e-6**-0.5)
    assert W["relaxation"] == pytest.approx(0.5 * 1e8 * P * QUANTITY(**point)["F_relaxation"], rel=1e-13)


def test_a_glass_relative_to_itself():
    T, omega = np.array([0.01, 1.0, 100.0])[:, None], np.array([1e3, 1e11])
    ratio = QUANTITY(T=T, Pd=3 * PD_GLASS, chi=0.05, Estar=ESTAR_GLASS, omega=omega, **IN_004)["W_over_glass"]
    np.testing.assert_allclose(ratio, 3.0, rtol=1e-14)


@settings(max_examples=40, deadline=None)
@given(
    scale=st.floats(0.01, 100), T=st.floats(0.01, 1), chi=st.floats(1e-4, 1), Estar=st.floats(0.01, 10),
    omega=st.floats(1e3, 1e10), kind=st.sampled_from(KINDS),
)  # fmt: skip
def test_dimensions_and_sign(scale, T, chi, Estar, omega, kind):
    """Energies and hbar omega times a factor leave F; everything absorbs."""
    point = {"Pd": 1e47, "chi": chi, "counter_rotating": kind, **IN_004}
    everywhere = unlimited("attenuation")
    once = everywhere(T=T, Estar=Estar, omega=omega, **point)
    scaled = everywhere(T=T * scale, Estar=Estar * scale, omega=omega * scale, **point)
    for name in ("F_resonant", "F_relaxation"):
        assert scaled[name] == pytest.approx(once[name], rel=1e-9)
        assert once[name] > 0
    assert everywhere(T=T, Estar=2 * Estar, omega=omega, **point)["W"] > once["W"]


@settings(max_examples=30, deadline=None)
@given(data=st.data(), kind=st.sampled_from(KINDS))
def test_a_cell_does_not_depend_on_the_others_to_the_last_bit(data, kind):
    def axis(low, high):
        exponents = st.floats(np.log10(low), np.log10(high))
        return 10 ** np.array(data.draw(st.lists(exponents, min_size=1, max_size=3, unique=True)))

    values = {"T": axis(0.01, 5), "Pd": axis(1e44, 1e49), "chi": axis(1e-4, 1), "Estar": axis(2e-3, 50)}
    values["omega"] = axis(1e3, 1e11)
    order = data.draw(st.permutations(list(values)))
    options = {"counter_rotating": kind, **IN_004}
    open_grid = {name: values[name].reshape([-1 if other == name else 1 for other in order]) for name in order}
    whole = QUANTITY(**open_grid, **options)
    point = tuple(data.draw(st.integers(0, len(values[name]) - 1)) for name in order)
    alone = QUANTITY(**{name: values[name][i] for name, i in zip(order, point, strict=True)}, **options)
    product = QUANTITY(**dict(zip(order, np.broadcast_arrays(*open_grid.values()), strict=True)), **options)
    for name, array in whole.items():
        assert array.shape == tuple(len(values[axis]) for axis in order)
        np.testing.assert_array_equal(array[point], alone[name])
        np.testing.assert_array_equal(array, product[name])
        only = QUANTITY(**open_grid, **options, variables=(name,))
        assert list(only) == [name]
        np.testing.assert_array_equal(only[name], array)


@settings(max_examples=100, deadline=None)
@given(
    chi=st.floats(-6, 0), Omega=st.floats(-14, 14), theta=st.floats(-14, 14), kind=st.sampled_from(KINDS)
)  # fmt: skip
def test_never_not_a_number(chi, Omega, theta, kind):
    arguments = 10.0**chi, 10.0**Omega, 10.0**theta
    for value in (F_resonant(*arguments, counter_rotating=kind), F_relaxation(*arguments)):
        assert 0 <= value < 10 * max(1, -chi) + max(0, -Omega)


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("T", 0.0, "T = 0 K is outside the domain of attenuation; allowed: 0.001 K to 100 K"),
        ("chi", [0.1, 1.5], "chi = 1.5 is outside the domain of attenuation; allowed: 0.0001 to 1"),
        ("omega", -1e9, "omega = -1000000000 rad s-1 is outside the domain of attenuation"),
        ("Estar", np.inf, "Estar = inf"),
        ("Estar_glass", np.nan, "Estar_glass = nan"),
        ("convention", "mine", "convention = 'mine' is unknown"),
        ("counter_rotating", "none", "counter_rotating = 'none' is unknown; allowed: rwa, full, van_vleck"),
        ("mechanism", "phonon", "mechanism = 'phonon' is unknown; allowed: both, resonant, relaxation"),
    ],
)
def test_outside_the_domain(name, value, message):
    arguments = {"T": 0.1, "Pd": 1e47, "chi": 0.1, "Estar": 10.0, "omega": 1e9} | IN_004 | {name: value}
    with pytest.raises(ParameterError, match=message):
        QUANTITY(**arguments)


@pytest.mark.parametrize(
    ("function", "options"),
    [(F_resonant, {"counter_rotating": "no"}), (F_relaxation, {"convention": "no"})],
)
def test_functions_check_what_they_are_given(function, options):
    with pytest.raises(ParameterError, match="'no' is unknown"):
        function(0.1, 0.1, 0.1, **options)
    with pytest.raises(ParameterError, match="Omega = -1"):
        function(0.1, -1.0, 0.1)
    with pytest.raises(ParameterError, match="theta = nan"):
        function(0.1, 0.1, np.nan)
    with pytest.raises(ParameterError, match="chi = 2"):
        function(2.0, 0.1, 0.1)
