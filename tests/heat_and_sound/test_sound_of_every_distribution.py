"""Sound in the letters of paper 001: every distribution against slow references, conversions, laboratory units."""

import mpmath
import numpy as np
import pytest

from helpers import reference_attenuation as reference
from helpers import reference_barrier_sound, reference_cluster_sound
from helpers.reference import panels
from physics import QUANTITIES
from physics.constants import BOLTZMANN, ELECTRON_MASS, HBAR
from physics.heat_and_sound.lorentzian import (
    relaxation_average,
    relaxation_table,
    resonant_average,
    resonant_table,
    tabulated_J,
    tabulated_K,
)
from physics.impurities.kondo import glass_plateau
from physics.laws import LAWS, evaluate
from physics.parameters import PARAMETERS

ATTENUATION = QUANTITIES["attenuation"]
KINDS = ("rwa", "full", "van_vleck")
GLASS = {"Pd_glass": 7e45, "Estar_glass": 20.0, "p_min_glass": 1e-8}
SPACE = {"rho_mass": 19300.0, "v_sound": 3240.0}


def drawn(seed, count):
    random = np.random.default_rng(seed)
    limits = {name: ATTENUATION.limits(name) for name in ("T", "Lambda0", "chi", "Estar", "omega")}
    for i in range(count):
        point = {name: float(low * (high / low) ** random.random()) for name, (low, high) in limits.items()}
        point["Lambda0"] = min(point["Lambda0"], 0.6 * point["Estar"])
        if i % 2:
            # Near the edge of the band.
            omega = point["Lambda0"] * (1 + 0.3 * random.standard_normal()) * BOLTZMANN / HBAR
            point["omega"] = float(np.clip(omega, *limits["omega"]))
        yield point


def of_levels(point, **options):
    names = ("F_resonant", "F_relaxation")
    return ATTENUATION(**point, Pd=1e46, **GLASS, **options, variables=names)


def slow(point):
    """F of one amplitude, with chi(004) = 2 chi(001) and the drive of (10) in F_rel."""
    F = reference_cluster_sound.F(
        point["T"], point["Lambda0"], 1e46, point["Estar"], 1e-90, 2 * point["chi"],
        HBAR * point["omega"] / BOLTZMANN, rungs=1,
    )  # fmt: skip
    return F | {"relaxation": 2 * F["relaxation"]}


@pytest.mark.parametrize("point", list(drawn(3, 16)), ids=lambda point: f"{point['T']:.2g} K")
def test_tunnelling_states(point):
    expected = slow(point)
    for kind in KINDS:
        found = of_levels(point, distribution="tunnelling_states", counter_rotating=kind)
        assert found["F_resonant"] == pytest.approx(expected[kind], rel=ATTENUATION.accuracy, abs=0)
        assert found["F_relaxation"] == pytest.approx(expected["relaxation"], rel=ATTENUATION.accuracy, abs=1e-290)


def drawn_barriers(seed, count):
    """Points of the whole domain; two of three have the sound near the edge of the band, or near E*."""
    random = np.random.default_rng(seed)
    low, high = PARAMETERS["barrier_width"].domain
    for i, point in enumerate(drawn(seed, count)):
        point["width"] = float(low * (high / low) ** random.random())
        near = {1: point["Lambda0"] * np.exp(point["width"] * random.standard_normal())}
        near[2] = point["Estar"] * (1 + random.choice([-1, 1]) * 10 ** random.uniform(-9, -0.6))
        if i % 3:
            point["omega"] = float(np.clip(near[i % 3] * BOLTZMANN / HBAR, *ATTENUATION.limits("omega")))
        yield tuple(point[name] for name in ("T", "Lambda0", "chi", "Estar", "omega", "width"))


ENDS_OF_BARRIERS = [
    (1e-3, 1.0, 1e-4, 1e3, 1e3, 0.01),
    (100.0, 1e-5, 1.0, 1e3, 1e11, 5.0),
    (1e-3, 1e-5, 1e-4, 5e-4, 1e8, 5.0),
    (100.0, 1e-5, 1.0, 1e3, 1e6, 0.01),
    # E* far below every level that counts: F is 1e-52.
    (0.0247, 0.00172, 1.7e-4, 5.2e-4, 2.07e8, 0.0836),
]


@pytest.mark.parametrize(
    ("T", "Lambda0", "chi", "Estar", "omega", "width"), [*ENDS_OF_BARRIERS, *drawn_barriers(11, 12)]
)
def test_gaussian_barriers(T, Lambda0, chi, Estar, omega, width):
    expected = reference_barrier_sound.F(T, Lambda0, Estar, width, 2 * chi, HBAR * omega / BOLTZMANN)
    expected["relaxation"] *= 2
    point = {"T": T, "Lambda0": Lambda0, "chi": chi, "Estar": Estar, "omega": omega}
    for kind in KINDS:
        options = {"distribution": "gaussian_barrier", "barrier_width": width, "counter_rotating": kind}
        found = of_levels(point, **options)
        assert found["F_resonant"] == pytest.approx(expected[kind], rel=ATTENUATION.accuracy, abs=1e-290)
        assert found["F_relaxation"] == pytest.approx(expected["relaxation"], rel=ATTENUATION.accuracy, abs=1e-290)


def test_gaussian_barriers_are_an_average_of_tunnelling_states():
    """The average of one amplitude over the normal density of its logarithm, on panels of its own."""
    point = {"T": 0.3, "chi": 0.3, "Estar": 0.06, "omega": 5e9}
    Lambda0, width = 0.05, 0.8
    end, w = np.log(point["Estar"]), np.log(HBAR * point["omega"] / BOLTZMANN)
    close = np.geomspace(1e-12, 3.0, 40)
    edges = np.concatenate([np.linspace(-12, end, 40), w - close, w + close, end - close, [end]])
    u, du = panels(np.unique(edges[(edges >= -12) & (edges <= end)]), 8)
    du = du * np.exp(-0.5 * ((u - np.log(Lambda0)) / width) ** 2) / (np.sqrt(2 * np.pi) * width)
    found = of_levels(point | {"Lambda0": Lambda0}, distribution="gaussian_barrier", barrier_width=width)
    one = of_levels(point | {"Lambda0": np.exp(u[du > 1e-15])}, distribution="tunnelling_states")
    for name, F in one.items():
        assert found[name] == pytest.approx(np.sum(du[du > 1e-15] * F), rel=ATTENUATION.accuracy), name


def test_narrow_barriers_approach_tunnelling_states():
    """F(u) + width^2 F''(u)/2 with u = ln(Lambda0), away from where F is not smooth."""
    point = {"T": 0.1, "chi": 0.1, "Estar": 1.0, "omega": 1e8}
    Lambda0, width, h = 0.02, 0.01, 0.05
    found = of_levels(point | {"Lambda0": Lambda0}, distribution="gaussian_barrier", barrier_width=width)
    three = of_levels(point | {"Lambda0": Lambda0 * np.exp([-h, 0.0, h])}, distribution="tunnelling_states")
    for name, (low, middle, high) in three.items():
        curvature = (low - 2 * middle + high) / h**2
        assert abs(width**2 / 2 * curvature) < 1e-3 * middle
        assert found[name] == pytest.approx(middle + width**2 / 2 * curvature, rel=1e-6), name


@pytest.mark.parametrize("p_min", [0.5, 0.03, 1e-5, 1e-12])
def test_averages_over_p_from_p_min_on(p_min):
    r = 10 ** np.linspace(-11, 3, 29)
    with mpmath.workdps(30):
        K = [float(reference.K(mpmath.mpf(x), p_min)) for x in r]
        J = [float(reference.J(mpmath.mpf(x), p_min)) for x in r]
        for x in (0.01, 0.7, 20.0):
            mean = reference.average(x, p_min, lambda p: p / mpmath.sqrt(1 - p))
            assert resonant_average(x, p_min) == pytest.approx(mean, rel=1e-9)
            mean = reference.average(x, p_min, lambda p, x=x: x * mpmath.sqrt(1 - p))
            assert relaxation_average(x, p_min) == pytest.approx(mean, rel=1e-9)
    K_table, J_table = resonant_table(p_min), relaxation_table(p_min)
    np.testing.assert_allclose([tabulated_K(x, K_table) for x in r], K, rtol=3e-12)
    np.testing.assert_allclose([tabulated_J(x, J_table) for x in r], J, rtol=3e-12)


@pytest.mark.parametrize("p_min", [0.5, 0.02, 1e-4, 1e-8])
@pytest.mark.parametrize("kind", KINDS)
def test_the_glass_ends_at_p_min(kind, p_min):
    point = {"T": 0.13, "chi": 0.07, "Estar": 0.4, "omega": 3e9}
    unit = 2 * point["chi"], HBAR * point["omega"] / (BOLTZMANN * point["Estar"]), 2 * point["T"] / point["Estar"]
    found = ATTENUATION(**point, Pd=1e46, **GLASS, p_min=p_min, counter_rotating=kind)
    resonant, relaxation = reference.F_resonant(*unit, kind, p_min), 2 * reference.F_relaxation(*unit, p_min)
    assert found["F_resonant"] == pytest.approx(resonant, rel=ATTENUATION.accuracy)
    assert found["F_relaxation"] == pytest.approx(relaxation, rel=ATTENUATION.accuracy)
    norm = np.arccosh(p_min**-0.5)
    assert found["W"] == pytest.approx(point["omega"] / 2 * (resonant + relaxation) / norm, rel=ATTENUATION.accuracy)


def test_the_letters_of_004_are_converted():
    """chi(004) = 2 chi(001), Pd(004) = Pd(001)/A, and F_rel is twice (16)."""
    point = {"T": 0.1, "Estar": 0.5, "omega": 1e9, "Estar_glass": 10.0}
    A = np.arccosh(1e6)
    published = ATTENUATION(**point, chi=0.2, Pd=1e46, Pd_glass=7e44, convention="published", mechanism="resonant")
    consistent = ATTENUATION(
        **point, chi=0.1, Pd=A * 1e46, Pd_glass=A * 7e44, p_min=1e-12, p_min_glass=1e-12, mechanism="resonant"
    )
    assert consistent["F_resonant"] == pytest.approx(float(published["F_resonant"]), rel=1e-9)
    assert consistent["F_relaxation"] == pytest.approx(2 * float(published["F_relaxation"]), rel=1e-9)
    assert consistent["W"] * A == pytest.approx(float(published["W"]), rel=1e-9)
    assert consistent["W_over_glass"] == pytest.approx(float(published["W_over_glass"]), rel=1e-9)


def test_a_narrow_line_of_tunnelling_states():
    """pi Lambda0^2 tanh(hbar w/2T)/(w sqrt(w^2 - Lambda0^2)) above the edge of the band."""
    w, Lambda0, T = 0.05, 0.03, 0.02
    point = {"T": T, "Lambda0": Lambda0, "chi": 1e-4, "Estar": 1.0, "omega": w * BOLTZMANN / HBAR}
    line = np.pi * Lambda0**2 * np.tanh(w / (2 * T)) / (w * np.sqrt(w**2 - Lambda0**2))
    found = of_levels(point, distribution="tunnelling_states", counter_rotating="full")
    assert found["F_resonant"] == pytest.approx(line, rel=1e-3)


def test_what_is_beyond_its_limits_is_flagged():
    flags = ATTENUATION.variable("status").flags

    def status(T, Lambda0, omega, **options):
        point = {"T": T, "Lambda0": Lambda0, "chi": 0.1, "Pd": 1e46, "Estar": 1.0, "omega": omega, **GLASS}
        return ATTENUATION(**point, **({"distribution": "tunnelling_states"} | options), variables=("status",))[
            "status"
        ]

    resonant = 0.02 * BOLTZMANN / HBAR
    assert status(0.02, 0.02, resonant) == flags["ok"]
    assert status(0.02, 0.02, resonant / 10) == flags["off_resonance"]
    assert status(0.5, 0.02, resonant) == flags["wider_than_splitting"]
    wide = {"distribution": "gaussian_barrier", "barrier_width": 2.0}
    assert status(0.02, 0.02, resonant / 10, **wide) == flags["ok"]


def test_laboratory_units():
    """Q^-1 = (pi/2) P gamma^2/(rho v^2) on the plateau of slow sound; alpha v = omega Q^-1."""
    point = {"T": 0.01, "chi": 0.1, "Pd": 1e46, "Estar": 100.0, "omega": 1e5, "p_min": 1e-12}
    found = ATTENUATION(**point, **GLASS, **SPACE, gamma=1.6e-19, mechanism="relaxation")
    P = 1e46 / np.arccosh(1e6)
    plateau = np.pi / 2 * P * 1.6e-19**2 / (19300 * 3240**2)
    assert found["Q_inverse"] == pytest.approx(plateau, rel=1e-3)
    assert found["alpha"] == pytest.approx(float(found["Q_inverse"]) * 1e5 / 3240, rel=1e-14)
    # The power over the energy of the wave: W a^2 Pd/(omega rho v^2 u^2/2) with a = gamma u.
    energy = 0.5 * 19300 * 3240**2
    assert found["Q_inverse"] == pytest.approx(float(found["W"]) * 1.6e-19**2 * 1e46 / (1e5 * energy), rel=1e-13)
    assert "alpha" not in ATTENUATION(**point, **GLASS)


def test_electrons_absorb_as_a_viscous_liquid():
    metal = {"n_e": 5.9e28, "v_F": 1.4e6, "tau": 1e-13} | SPACE
    point = {"T": 0.01, "chi": 0.1, "Pd": 1e46, "Estar": 1.0, "p_min": 1e-8} | GLASS
    omega = np.array([1e6, 2e9, 2.4e10, 1e11])
    found = ATTENUATION(**point, omega=omega, **metal, variables=("alpha_electron",))["alpha_electron"]
    slow = 4 / 15 * 5.9e28 * ELECTRON_MASS * 1.4e6 * omega**2 * 1.4e6 * 1e-13 / (19300 * 3240**3)
    assert found[0] == pytest.approx(slow[0], rel=1e-6)
    with mpmath.workdps(40):
        for one, alpha in zip(omega, found, strict=True):
            x = mpmath.mpf(one) * 1.4e6 * 1e-13 / 3240
            bracket = x**2 / 3 * mpmath.atan(x) / (x - mpmath.atan(x)) - 1
            scale = 5.9e28 * ELECTRON_MASS / (19300 * 3240 * 1e-13)
            assert alpha == pytest.approx(float(scale * bracket), rel=1e-11)
    fast = ATTENUATION(**point, omega=1e11, **(metal | {"tau": 1e-9}), variables=("alpha_electron",))["alpha_electron"]
    assert fast == pytest.approx(np.pi / 6 * 5.9e28 * ELECTRON_MASS * 1.4e6 * 1e11 / (19300 * 3240**2), rel=1e-3)


@pytest.mark.parametrize(
    ("T", "chi", "Estar", "omega"),
    [
        (1e-3, 1e-4, 1.0, 1e9),
        (0.05, 0.05, 10.0, 1e3),
        (1e-3, 1e-3, 5e-4, 1e11),
        (100.0, 1.0, 0.05, 1e6),
        (100.0, 1.0, 5e-4, 1e10),
    ],
)
def test_laws_17_and_18_with_prefactors(T, chi, Estar, omega):
    """To within what the regimes leave: 15 %."""
    found = ATTENUATION(T=T, chi=chi, Estar=Estar, omega=omega, Pd=1e46, p_min=1e-12, **GLASS)
    parameters = {"T": T, "chi": chi, "Estar": Estar, "omega": omega}
    for name, variable in (("resonant", "F_resonant"), ("relaxation", "F_relaxation")):
        law = LAWS["attenuation"][name].functions[variable]
        assert evaluate(law, parameters) == pytest.approx(float(found[variable]), rel=0.15)


def test_laws_17_and_18_as_printed():
    """(17) is 4/pi and 3 times (16), and (18) lacks pi: errata."""
    laws = {name: law.functions for name, law in LAWS["attenuation"].items()}
    slow = {"T": 1e-3, "chi": 0.05, "Estar": 1.0, "omega": 1e3}
    ratio = evaluate(laws["relaxation_printed"]["F_relaxation"], slow) / evaluate(
        laws["relaxation"]["F_relaxation"], slow
    )
    assert ratio == pytest.approx(4 / np.pi, rel=1e-12)
    cold = {"T": 1e-3, "chi": 1e-4, "Estar": 1.0, "omega": 3e9}
    ratio = evaluate(laws["resonant"]["F_resonant"], cold) / evaluate(laws["resonant_printed"]["F_resonant"], cold)
    assert ratio == pytest.approx(np.pi, rel=1e-3)


@pytest.mark.parametrize("T", [0.01, 1.0, 30.0])
def test_the_plateau_is_that_of_the_kondo_systems_reference(T):
    """W of slow sound, hbar omega << chi k_B T, in the two quantities that know a glass: one number."""
    omega, p_min = 1e3, 1e-12
    point = {"T": T, "chi": 0.01, "Pd": 3e45, "Estar": 20.0, "omega": omega, "p_min": p_min}
    W = ATTENUATION(**point, **GLASS, counter_rotating="full", variables=("W",))["W"]
    plateau = glass_plateau(T, omega, 3e45, 20.0, p_min_glass=p_min)
    assert 3e45 * W / omega**2 == pytest.approx(float(plateau), rel=1e-3)
