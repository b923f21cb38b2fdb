"""The specific heat of two-level systems: accuracy, exact limits, the entropy of all levels, refusals."""

from functools import partial
from itertools import pairwise

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.constants import k
from scipy.integrate import quad

from helpers import reference_heat, reference_slow_heat
from physics import QUANTITIES, ParameterError
from physics.heat_and_sound.electron_heat import electron_specific_heat
from physics.heat_and_sound.specific_heat import (
    gapped_heat_integral,
    heat_integral,
    slow_logarithm,
    slowest_fraction,
    tls_specific_heat,
)

SPECIFIC_HEAT = QUANTITIES["specific_heat"]
METAL = {"n_e": 5.9e28, "eps_F": 8.9e-19}
# Paper 004 counts the systems of a glass per n_T, and all of them however slow.
in_004 = partial(tls_specific_heat, logarithm="exact", convention="published")


def single_level(E, T):
    """C/k_B of one splitting E at T."""
    y = E / (2 * T)
    return (y / np.cosh(y)) ** 2


@pytest.mark.parametrize("x", [1e-5, 0.01, 0.5, 0.999999, 1.0, 1.000001, 3.0, 10.0, 30.0, 700.0, 1e4])
def test_the_thermal_integral_of_the_glass(x):
    with mpmath.workdps(40):
        z = mpmath.mpf(x)
        expected = mpmath.pi**2 / 6 - z**2 / (mpmath.exp(z) + 1) - 2 * z * mpmath.log(1 + mpmath.exp(-z))
        expected += 2 * mpmath.polylog(2, -mpmath.exp(-z))
    assert heat_integral(x) == pytest.approx(float(expected), rel=1e-13)


@pytest.mark.parametrize(
    ("x", "value"),
    [
        (0.01, 8.333208334821412e-08),
        (0.5, 0.010037355478820894),
        (1.0, 0.0721732776348813),
        (3.0, 0.8282156581300246),
        (5.0, 1.39700604709488),
        (10.0, 1.6393955031646767),
    ],
)
def test_independent_values_of_f(x, value):
    assert heat_integral(x) == pytest.approx(value, rel=3e-15 / value + 1e-13)


def test_limits_of_f():
    x = np.array([1e-4, 1e-2])
    np.testing.assert_allclose(heat_integral(x), x**3 / 12 - x**5 / 80, rtol=1e-8)
    assert heat_integral(60.0) == pytest.approx(np.pi**2 / 6, rel=1e-14)


@pytest.mark.parametrize("gap", [1e-6, 0.01, 0.3, 2.0, 15.0, 60.0])
@pytest.mark.parametrize("ratio", [1.0001, 1.3, 4.0, 100.0])
def test_the_thermal_integral_of_the_tunnelling_states(gap, ratio):
    x = gap * ratio

    def integrand(root):
        y = gap / 2 + root * root
        return 4 * y**3 / np.sqrt(y + gap / 2) / np.cosh(y) ** 2 * np.exp(gap)

    end = np.sqrt((x - gap) / 2)
    edges = np.unique(np.minimum(end, np.array([0, 0.7, 1.5, 2.5, 4.5])))
    expected = sum(quad(integrand, *e, epsabs=0, epsrel=1e-13)[0] for e in pairwise(edges))
    assert gapped_heat_integral(x, gap) == pytest.approx(expected * np.exp(-gap), rel=1e-11)


@pytest.mark.parametrize("gap", [2.0, 40.0, 300.0])
def test_without_cut_off_the_tunnelling_states_are_a_sum_of_bessel_functions(gap):
    with mpmath.workdps(20):
        ratio = mpmath.mpf(gap)
        terms = (
            (-1) ** (n + 1) * n * (mpmath.besselk(3, n * ratio) + 3 * mpmath.besselk(1, n * ratio))
            for n in range(1, 3 + int(40 / gap))
        )
        expected = 2 * (ratio / 2) ** 3 * sum(terms)
    assert gapped_heat_integral(1e4, gap) == pytest.approx(float(expected), rel=1e-12)


@pytest.mark.parametrize("T", [3e-4, 0.01, 0.3, 30.0])
def test_heat_of_a_band_however_narrow(T):
    """E* - Lambda0 is exact in doubles; the difference of E*/T and Lambda0/T is not."""
    Lambda0 = 0.1
    for gap in [1e-15, 1e-12, 1e-8, 3e-5, 0.02, 1.0]:
        Estar = Lambda0 * (1 + gap)
        found = in_004(T, 1e45, Estar, Lambda0=Lambda0, distribution="tunnelling_states")
        expected = 1e45 * k**2 * reference_heat.tunnelling_states(T, Lambda0, Estar)
        assert found == pytest.approx(expected, rel=1e-12, abs=0), gap


def test_limits_of_the_tunnelling_states():
    assert gapped_heat_integral(3.0, 1e-7) == pytest.approx(float(heat_integral(3.0)), rel=1e-12)
    x, gap = 2e-4, 1.5e-4
    assert gapped_heat_integral(x, gap) == pytest.approx(np.sqrt(x**2 - gap**2) * (x**2 + 2 * gap**2) / 12, rel=1e-7)
    frozen = np.sqrt(np.pi / 2) * 500**2.5 * np.exp(-500.0)
    assert gapped_heat_integral(1e4, 500.0) == pytest.approx(frozen, rel=1e-2)
    assert gapped_heat_integral([1.0, 2.0], 2.0).tolist() == [0.0, 0.0]
    assert gapped_heat_integral(1e5, 2e3) == 0.0


def test_specific_heat_of_both_distributions_is_the_sum_over_single_levels():
    T, Lambda0, Pd, Estar, p_min = 0.07, 0.02, 3e45, 0.4, 1e-5
    glass = quad(lambda E: single_level(E, T), 0, Estar, epsabs=0, epsrel=1e-13)[0]
    systems = quad(lambda root: 1 / (1 - root**2), 0, np.sqrt(1 - p_min), epsabs=0, epsrel=1e-12)[0]
    found = in_004(T, Pd, Estar, p_min=p_min)
    assert found == pytest.approx(Pd * k**2 * glass * systems, rel=1e-10)
    end = np.sqrt(Estar**2 - Lambda0**2)
    gapped = quad(lambda Delta: single_level(np.hypot(Delta, Lambda0), T), 0, end, epsabs=0, epsrel=1e-13)[0]
    found = in_004(T, Pd, Estar, Lambda0=Lambda0, distribution="tunnelling_states")
    assert found == pytest.approx(Pd * k**2 * gapped, rel=1e-11)


def test_a_number_for_the_logarithm():
    assert in_004(0.01, 1e45, 0.02, logarithm="published", L_slow=30.0) == pytest.approx(
        30 / slow_logarithm(1e-6) * in_004(0.01, 1e45, 0.02, p_min=1e-6), rel=1e-14
    )


@pytest.mark.parametrize("distribution", ["glass", "tunnelling_states"])
def test_entropy_is_ln2_for_each_level(distribution):
    """int C/T dT over all temperatures = k_B ln 2 times the number of two-level systems."""
    Pd, Estar, Lambda0, p_min = 1e45, 0.3, 0.1, 1e-6
    own = {"p_min": p_min} if distribution == "glass" else {"Lambda0": Lambda0}
    u, weight = np.polynomial.legendre.leggauss(250)
    low, high = np.log(1e-6), np.log(1e5)
    T = np.exp((high - low) / 2 * u + (high + low) / 2)
    C = in_004(T, Pd, Estar, distribution=distribution, **own)
    # Below the lowest T the glass has C = (pi^2/6) L Pd k_B^2 T; above the highest T both are 1e-11 of the whole.
    entropy = np.sum(weight * C) * (high - low) / 2
    number = np.sqrt(Estar**2 - Lambda0**2)
    if distribution == "glass":
        entropy += np.pi**2 / 6 * slow_logarithm(p_min) * Pd * k**2 * 1e-6
        number = slow_logarithm(p_min) * Estar
    assert entropy == pytest.approx(k * np.log(2) * Pd * k * number, rel=1e-9)


@pytest.mark.parametrize(
    ("p_min", "value"), [(1e-3, 4.146774726248896), (1e-10, 12.206072645505174), (1.0, 0.0), (4 * np.exp(-60), 30.0)]
)
def test_the_logarithm_of_slow_systems(p_min, value):
    assert slow_logarithm(p_min) == pytest.approx(value, rel=1e-14)


def test_slow_logarithm_near_one():
    assert slow_logarithm(1 - 1e-12) == pytest.approx(1e-6, rel=1e-4)


@pytest.mark.parametrize(
    ("point", "value"),
    [
        ({"T": 0.01, "Pd": 1.551e21 / (0.02 * k), "logarithm": "published", "L_slow": 30}, 0.12796456232838663),
        ({"T": 0.1, "Pd": 1e21 / (0.02 * k), "p_min": 1e-12}, 0.0006637248476055655),
    ],
)
def test_independent_values_of_the_specific_heat(point, value):
    assert in_004(Estar=0.02, **point) == pytest.approx(value, rel=1e-12)


def test_electrons():
    free = {"n_e": 3e28, "eps_F": 5 * 1.602176634e-19}
    published = electron_specific_heat(0.01, **free, convention="published")
    assert published == pytest.approx(0.10707761295942732, rel=1e-13)
    assert electron_specific_heat(0.01, **free, convention="consistent") / published == pytest.approx(np.pi**2 / 3)


@pytest.mark.parametrize("convention", ["published", "consistent"])
@pytest.mark.parametrize("distribution", ["glass", "tunnelling_states"])
def test_the_quantity_broadcasts_over_an_open_grid(distribution, convention):
    T = np.geomspace(0.01, 1, 4)[:, None, None]
    Pd = np.array([1e45, 3e46])[:, None]
    Estar = np.array([0.02, 0.1, 10.0])
    own = {"p_min": 1e-6} if distribution == "glass" else {"Lambda0": 0.03}
    own |= {"chi": 0.1, "t_exp": 1e-3}
    whole = SPECIFIC_HEAT(T=T, Pd=Pd, Estar=Estar, **METAL, **own, distribution=distribution, convention=convention)
    expected = {
        "C_tls": tls_specific_heat(T, Pd, Estar, distribution=distribution, convention=convention, **own),
        "C_electron": electron_specific_heat(T, **METAL, convention=convention) + np.zeros((4, 2, 3)),
    }
    expected["C_ratio"] = expected["C_tls"] / expected["C_electron"]
    expected["C_over_T"] = (expected["C_tls"] + expected["C_electron"]) / T
    expected["status"] = np.zeros((4, 2, 3))
    for name, array in whole.items():
        assert array.shape == (4, 2, 3)
        np.testing.assert_array_equal(array, expected[name])
    one = SPECIFIC_HEAT(
        T=T[2, 0, 0], Pd=Pd[1, 0], Estar=Estar[1], **METAL, **own, distribution=distribution, convention=convention
    )
    for name, array in whole.items():
        assert array[2, 1, 1] == one[name]
    if distribution == "tunnelling_states":
        assert (whole["C_tls"][..., 0] == 0).all() and (whole["C_tls"][..., 1:] > 0).all()


def test_what_it_depends_on():
    axes, constants = SPECIFIC_HEAT.depends_on()
    assert axes == ("T", "Pd", "chi", "Estar") and constants == ("n_e", "eps_F", "t_exp", "p_min")
    published = {"logarithm": "published", "convention": "published"}
    assert SPECIFIC_HEAT.depends_on(published) == (("T", "Pd", "Estar"), ("n_e", "eps_F", "L_slow"))
    for logarithm in ("exact", "published"):
        axes, constants = SPECIFIC_HEAT.depends_on({"distribution": "tunnelling_states", "logarithm": logarithm})
        assert axes == ("T", "Lambda0", "Pd", "Estar") and constants == ("n_e", "eps_F")


# Within the time of the experiment


def drawn_points(seed, count):
    """T, Lambda0, Estar, chi, t_exp (every other one near the fastest rates), p_min, barrier_width."""
    random = np.random.default_rng(seed)
    limits = {name: SPECIFIC_HEAT.limits(name) for name in ("T", "Lambda0", "Estar", "chi", "t_exp", "p_min")}
    for i in range(count):
        point = {name: float(low * (high / low) ** random.random()) for name, (low, high) in limits.items()}
        point["Lambda0"] = min(point["Lambda0"], 0.7 * point["Estar"])
        point["t_exp"] = point["t_exp"] if i % 2 else 1e-9 * 1e4 ** random.random()
        yield point | {"barrier_width": float(0.01 * 500 ** random.random())}


def of(point, *names):
    return {name: point[name] for name in names}


@pytest.mark.parametrize("point", list(drawn_points(1, 10)), ids=lambda point: f"{point['T']:.2g} K")
def test_the_glass_within_the_time_of_the_experiment(point):
    five = of(point, "T", "Estar", "chi", "t_exp", "p_min")
    expected = 1e45 * k**2 * reference_slow_heat.glass(**five) / np.arccosh(point["p_min"] ** -0.5)
    assert tls_specific_heat(Pd=1e45, **five) == pytest.approx(expected, rel=1e-10, abs=1e-300)
    # chi(004) = 2 chi(001), and P = Pd.
    in_004_letters = five | {"chi": min(2 * five["chi"], 1.0), "Pd": 1e45 / np.arccosh(point["p_min"] ** -0.5)}
    if 2 * five["chi"] <= 1:
        assert tls_specific_heat(**in_004_letters, convention="published") == pytest.approx(expected, rel=1e-10)


@pytest.mark.parametrize("point", list(drawn_points(2, 12)), ids=lambda point: f"{point['T']:.2g} K")
def test_one_amplitude_within_the_time_of_the_experiment(point):
    with mpmath.workdps(30):
        five = of(point, "T", "Estar", "chi", "t_exp")
        levels = float(reference_slow_heat.one_amplitude(Lambda=point["Lambda0"], **five))
    found = tls_specific_heat(Pd=1e45, Lambda0=point["Lambda0"], distribution="tunnelling_states", **five)
    assert found == pytest.approx(1e45 * k**2 * levels, rel=1e-11, abs=1e-300)


@pytest.mark.parametrize("point", list(drawn_points(4, 4)), ids=lambda point: f"{point['T']:.2g} K")
def test_gaussian_barriers_within_the_time_of_the_experiment(point):
    five = of(point, "T", "Lambda0", "Estar", "chi", "t_exp")
    levels = reference_slow_heat.gaussian_barriers(width=point["barrier_width"], **five)
    found = tls_specific_heat(Pd=1e45, barrier_width=point["barrier_width"], distribution="gaussian_barrier", **five)
    assert found == pytest.approx(1e45 * k**2 * levels, rel=1e-10, abs=1e-300)


def test_gaussian_barriers_between_one_amplitude_and_the_glass():
    T = np.array([0.01, 0.1, 1.0])
    given = {"Pd": 1e45, "Estar": 0.5, "chi": 0.1, "t_exp": 1e-3}
    one = tls_specific_heat(T, Lambda0=0.03, distribution="tunnelling_states", **given)
    narrow = tls_specific_heat(T, Lambda0=0.03, barrier_width=0.01, distribution="gaussian_barrier", **given)
    np.testing.assert_allclose(narrow, one, rtol=2e-3)
    # Uniform in ln(Lambda) over all that take part: P = Pd/(sqrt(2 pi) width).
    wide = tls_specific_heat(T, Lambda0=1e-3, barrier_width=5.0, distribution="gaussian_barrier", **given)
    glass = tls_specific_heat(T, p_min=1e-12, convention="published", **(given | {"chi": 0.2}))
    assert (wide * np.sqrt(2 * np.pi) * 5 < glass).all() and (wide * np.sqrt(2 * np.pi) * 5 > 0.5 * glass).all()


def test_a_long_experiment_sees_every_level():
    """The logarithm is L(p_min), and all tunnelling states take part, when t_exp is long."""
    given = {"T": 0.05, "Pd": 1e45, "Estar": 0.3, "chi": 1.0}
    slow, exact = {"t_exp": 1e7}, {"logarithm": "exact"}
    for own in ({"p_min": 1e-5}, {"Lambda0": 0.01, "distribution": "tunnelling_states"}):
        assert tls_specific_heat(**given, **own, **slow) == pytest.approx(
            tls_specific_heat(**given, **own, **exact), rel=1e-13
        )
    # L = (1/2) ln(4 t_exp/tau_min) of levels.md: 10.7 at 1 s, 20 mK, chi(004) = 0.1; 11.1 for chi(001) = 0.1.
    for chi, L in ((0.05, 10.7), (0.1, 11.1)):
        assert slow_logarithm(slowest_fraction(0.02, chi, 1.0)) == pytest.approx(L, abs=0.06)


def test_heat_at_a_given_time_never_exceeds_all_of_it():
    t_exp = np.geomspace(1e-9, 1e7, 33)
    for own in (
        {"p_min": 1e-9},
        {"Lambda0": 0.01, "distribution": "tunnelling_states"},
        {"Lambda0": 0.01, "distribution": "gaussian_barrier", "barrier_width": 2.0},
        {"Lambda0": 0.01, "distribution": "clusters", "U0": 1e-48},
    ):
        given = own | {"T": 0.05, "Pd": 1e45, "Estar": 0.3}
        C = [float(tls_specific_heat(**given, chi=0.1, t_exp=t)) for t in t_exp]
        assert (np.diff(C) >= -1e-13 * C[-1]).all() and C[-1] > 1.5 * C[0] > 0
        assert C[-1] <= tls_specific_heat(**given, logarithm="exact") * (1 + 1e-12)


@settings(max_examples=50, deadline=None)
@given(scale=st.floats(0.1, 10), T=st.floats(1e-3, 10), Lambda0=st.floats(1e-4, 1), Estar=st.floats(2e-3, 100))
def test_dimensions(scale, T, Lambda0, Estar):
    """Energies times a factor at the same number of levels: C does not change."""
    for options in ({"p_min": 1e-4}, {"Lambda0": Lambda0, "distribution": "tunnelling_states"}):
        scaled = options | ({"Lambda0": scale * Lambda0} if "Lambda0" in options else {})
        once = in_004(T, 1e45, Estar, **options)
        np.testing.assert_allclose(
            in_004(scale * T, 1e45 / scale, scale * Estar, **scaled), once, rtol=1e-9, atol=1e-250
        )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"T": 0.0}, "T = 0 is outside its domain"),
        ({"p_min": None}, "p_min"),
        ({"p_min": 0.7}, "p_min = 0.7 is outside its domain"),
        ({"distribution": "tunnelling_states"}, "Lambda0"),
        ({"logarithm": "published"}, "L_slow"),
        ({"logarithm": "half"}, "logarithm = 'half' is unknown; allowed: experiment, exact, published"),
        ({"distribution": "crystal"}, "distribution = 'crystal' is unknown; allowed: glass, tunnelling_states"),
    ],
)
def test_refusals(arguments, message):
    with pytest.raises(ParameterError, match=message):
        in_004(**({"T": 0.1, "Pd": 1e45, "Estar": 1.0, "p_min": 1e-6} | arguments))


def test_more_refusals():
    with pytest.raises(ParameterError, match="convention = 'mine' is unknown"):
        electron_specific_heat(0.1, **METAL, convention="mine")
    with pytest.raises(ParameterError, match="eps_F"):
        electron_specific_heat(0.1, n_e=1e28, eps_F=-1.0)
    for value in (0.0, 1.5):
        with pytest.raises(ParameterError, match="p_min"):
            slow_logarithm(value)
    with pytest.raises(ParameterError, match="x = -1"):
        heat_integral(-1.0)
    with pytest.raises(ParameterError, match="gap = 0"):
        gapped_heat_integral(1.0, 0.0)
