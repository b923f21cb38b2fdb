"""The kernel of the dephasing time: accuracy against the slow reference, exact limits, symmetries, domain."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad

from helpers import reference
from helpers.unlimited import unlimited
from physics import QUANTITIES, ParameterError
from physics.constants import BOLTZMANN, HBAR
from physics.electrons.closed_forms import tau_Lambda
from physics.electrons.dephasing import is_frozen, tau_phi
from physics.levels.barriers import gaussian_barrier
from physics.levels.distributions import glass, tunnelling_states

METAL = {"sigma_in": 1e-19, "v_F": 1e6, "tau": 1e-14}
CHANNELS = ("both", "resonant", "relaxation")
PROMISED = QUANTITIES["dephasing"].accuracy

# Rows of T, Lambda0, Pd, chi, E*, chosen by the phase s = Lambda0 tau_phi/hbar, the band's width and the cut-off.
POINTS = {
    "slow, s << 1": (1.003, 2.524e-4, 2.2e47, 0.702, 0.381),
    "s about 1": (0.1, 0.01, 1e47, 0.1, 10.0),
    "s about 10": (0.3119, 0.07646, 1.5e46, 1.44e-4, 6.22),
    "s about 100": (2.046, 1.112e-3, 9.5e44, 0.0142, 1.763e-3 * 2),
    "s about 400": (1.849, 5.564e-3, 1.3e45, 8.6e-3, 0.2),
    "cut-off below T": (1.0, 1e-3, 3e46, 0.05, 0.02),
    "narrow band": (1.0, 0.1, 1e47, 0.01, 0.102),
    "very narrow band": (0.3827, 0.03977, 6.8e47, 0.0361, 0.03977 * 1.0012),
    "fast defects": (0.05, 0.02, 3e45, 1.0, 30.0),
    "frozen": (0.02, 0.2, 1e48, 0.1, 10.0),
    "corner of the domain": (10.0, 1.0, 1e49, 1.0, 100.0),
    "cold corner": (1e-3, 1e-5, 1e46, 1e-4, 2e-3),
}


def computed(*point, **options):
    return np.array([tau_phi(*point, **METAL, channel=channel, **options) for channel in CHANNELS])


@pytest.mark.parametrize("name", POINTS)
def test_accuracy_in_the_tunnelling_states_model(name):
    T, Lambda0, Pd, chi, Estar = POINTS[name]
    averages, frequencies = reference.tunnelling_states(chi, T, Lambda0, Estar)
    expected = reference.dephasing_times(averages, Pd, **METAL, frequencies=frequencies)
    np.testing.assert_allclose(computed(*POINTS[name]), expected, rtol=PROMISED)


@pytest.mark.parametrize("convention", ["published", "consistent"])
@pytest.mark.parametrize(
    ("T", "Pd", "chi", "Estar", "p_min"), [(0.5, 3e47, 0.3, 1.0, 1e-3), (0.05, 1e48, 0.02, 10, 1e-9)]
)
def test_accuracy_in_the_glass_model(T, Pd, chi, Estar, p_min, convention):
    norm = np.log(1 / p_min) if convention == "published" else 2 * np.arccosh(1 / np.sqrt(p_min))
    averages, frequencies = reference.glass(chi, T, Estar, p_min, norm)
    expected = reference.dephasing_times(averages, Pd, **METAL, frequencies=frequencies)
    found = computed(T, None, Pd, chi, Estar, distribution="glass", p_min=p_min, convention=convention)
    np.testing.assert_allclose(found, expected, rtol=PROMISED)


@pytest.mark.parametrize(
    ("T", "Lambda0", "Pd", "chi", "Estar", "width"),
    [(0.1, 0.01, 1e48, 0.1, 10.0, 0.3), (0.1, 0.02, 1e48, 0.1, 0.05, 0.7)],
)
def test_accuracy_for_gaussian_barriers(T, Lambda0, Pd, chi, Estar, width):
    averages, frequencies = reference.gaussian_barrier(chi, T, Lambda0, Estar, width)
    expected = reference.dephasing_times(averages, Pd, **METAL, frequencies=frequencies)
    found = computed(T, Lambda0, Pd, chi, Estar, distribution="gaussian_barrier", barrier_width=width)
    np.testing.assert_allclose(found, expected, rtol=PROMISED)


def test_the_glass_model_takes_the_smallest_cut_offs():
    """Levels with p below 1e-20 never relax; what they change is the norm ln(1/p_min) alone."""
    options = {"distribution": "glass", "convention": "published"}
    once, again = (computed(0.1, None, 1e47, 0.1, 10.0, **options, p_min=p)[1] for p in (1e-20, 1e-40))
    slower = computed(0.1, None, 0.5e47, 0.1, 10.0, **options, p_min=1e-20)[1]
    assert again == pytest.approx(slower, rel=1e-9) and again > once


@pytest.mark.parametrize("phase", [0.02, 1.0, 30.0])
def test_the_reference_itself_against_plain_quadrature_of_the_paper_s_integrals(phase):
    """Gamma1 and Gamma3 averaged with eq. (37) as they stand, by scipy's quad on the real axis."""
    T, Lambda0, Estar, chi = 0.02, 0.01, 0.09, 0.3
    theta = phase / Lambda0

    def resonant(g):
        E = Lambda0 + g * g
        density = 2 * E / np.sqrt(E + Lambda0)
        return density * (Lambda0 / E) ** 2 / np.cosh(E / (2 * T)) ** 2 * (1 - np.sin(E * theta) / (E * theta))

    def relaxation(g):
        E = Lambda0 + g * g
        density, gamma = 2 * E / np.sqrt(E + Lambda0), chi * (Lambda0 / E) ** 2 * E / np.tanh(E / (2 * T))
        v = 2 * gamma * theta
        return density * (1 - (Lambda0 / E) ** 2) / np.cosh(E / (2 * T)) ** 2 * (1 + np.expm1(-v) / v)

    end = np.sqrt(Estar - Lambda0)
    first = quad(resonant, 0, end, epsabs=0, epsrel=1e-12, limit=2000)[0]
    third = quad(relaxation, 0, end, epsabs=0, epsrel=1e-12, limit=2000)[0]
    np.testing.assert_allclose(reference.resonant_tunnelling_states([theta], T, Lambda0, Estar), first, rtol=1e-10)
    np.testing.assert_allclose(
        reference.relaxation_tunnelling_states(chi * theta, T, Lambda0, Estar), third, rtol=1e-10
    )


def test_saturation_of_the_resonant_channel():
    """T >> Lambda0 and s >> 1: 1/tau_phi = exp(gamma_E) (pi/8)/tau_Lambda."""
    Lambda0, Pd = 1e-2, 1e43
    rate = tau_Lambda(Lambda0, Pd, sigma_in=1e-19, v_F=1e6) / tau_phi(
        10.0, Lambda0, Pd, 1e-4, 100.0, **METAL, channel="resonant"
    )
    assert rate == pytest.approx(np.exp(np.euler_gamma) * np.pi / 8, rel=2e-3)


def test_phase_wandering_follows_the_third_power_law():
    """E tau_phi << hbar for all levels: Gamma1 = alpha t^3, so that tau_phi = (exp(-gamma_E)/alpha)^(1/3)."""
    T, Lambda0, Estar, Pd = 10.0, 1.9e-3, 2e-3, 1e53
    # int dE E Lambda0^2/sqrt(E^2 - Lambda0^2) = Lambda0^2 sqrt(E*^2 - Lambda0^2), the thermal factor being 1.
    B = HBAR * Pd * 1e-19 * 1e6
    alpha = B / 24 * Lambda0**2 * np.sqrt(Estar**2 - Lambda0**2)
    expected = HBAR / BOLTZMANN * (np.exp(-np.euler_gamma) / alpha) ** (1 / 3)
    found = tau_phi(T, Lambda0, Pd, 1e-4, Estar, **METAL, channel="resonant")
    assert Estar * BOLTZMANN / HBAR * found < 0.5
    assert found == pytest.approx(expected, rel=1e-2)


def test_frozen_out_rate_falls_as_the_boltzmann_factor():
    T = np.array([0.02, 0.01, 0.005])
    times = tau_phi(T, 1.0, 1e47, 0.1, 10.0, **METAL)
    slope = np.diff(np.log(times)) / np.diff(1 / T)
    np.testing.assert_allclose(slope, 1.0, rtol=0.03)


def test_frozen_times_are_finite_as_long_as_a_double_holds_them():
    times = tau_phi(np.array([2e-3, 1e-3]), 1.0, 1e47, 0.1, 10.0, **METAL)
    assert 1e200 < times[0] < np.inf
    assert times[1] == np.inf


@pytest.mark.parametrize("distribution", [{}, {"distribution": "clusters", "U0": 1e-70}])
def test_times_are_right_up_to_the_largest_double(distribution):
    """For so few levels 1/tau_phi = exp(gamma_E) B (k_B/4 hbar) int(J1 + J3): tau_phi Pd is one number. From 1e294 on
    it once was inf, and Pd sigma_in v_F hbar may be below the smallest double."""
    point = {"T": 1.0, "Lambda0": 0.01, "chi": 0.1, "Estar": 10.0, **METAL, **distribution}
    Pd = 10.0 ** np.array([-100, -259, -265, -268, -271.7, -273, -300])
    result = unlimited("dephasing")(Pd=Pd, **point)
    known = np.isfinite(result["tau_phi"])
    assert known.tolist() == [True] * 5 + [False] * 2
    assert 1e307 < result["tau_phi"][4] < 1.7976931348623157e308
    np.testing.assert_allclose(result["tau_phi"][known] * Pd[known], result["tau_phi"][0] * Pd[0], rtol=PROMISED)
    # At the fifth the relaxation alone is beyond the doubles.
    assert result["status"].tolist() == [0] * 4 + [2] * 3
    relaxation = result["tau_phi_relaxation"][:4]
    np.testing.assert_allclose(relaxation * Pd[:4], relaxation[0] * Pd[0], rtol=PROMISED)


@pytest.mark.parametrize("gap", [1e-2, 1e-6, 1e-12, 4.5e-16])
def test_a_band_that_closes_keeps_its_digits(gap):
    """E* -> Lambda0: all levels are one, whose weights are known exactly, Lambda0 sqrt(2 gap) and (2/3) of its cube."""
    T, Lambda0, chi, Pd = 0.5, 0.25, 0.3, 1e43
    Estar = Lambda0 * (1 + gap)
    gap = (Estar - Lambda0) / Lambda0
    thermal = np.cosh(Lambda0 / (2 * T)) ** -2
    B = HBAR * Pd * METAL["sigma_in"] * METAL["v_F"] * BOLTZMANN / (4 * HBAR) * Lambda0 * thermal
    found = [tau_phi(T, Lambda0, Pd, chi, Estar, **METAL, channel=channel) for channel in ("resonant", "relaxation")]
    # All phases are large: Gamma1 and Gamma3 rise as t, with J = sum of the weights.
    expected = np.exp(-np.euler_gamma) / (B * np.array([np.sqrt(2 * gap), 2 / 3 * np.sqrt(2) * gap**1.5]))
    np.testing.assert_allclose(found, expected, rtol=max(2 * gap, PROMISED))


def test_what_never_dephases_is_called_frozen_in_every_distribution():
    cold = {"T": 5e-4, "Lambda0": 1.0, "Pd": 1e47, "chi": 0.1, "Estar": 10.0}
    result = unlimited("dephasing")(**cold, **METAL, distribution="gaussian_barrier", barrier_width=0.05)
    assert result["tau_phi"] == np.inf and result["status"] == 2


def test_no_levels():
    result = QUANTITIES["dephasing"](T=0.1, Lambda0=0.1, Pd=1e47, chi=0.1, Estar=[0.05, 0.1, 0.2], **METAL)
    assert np.isinf(result["tau_phi"]).tolist() == [True, True, False]
    assert result["status"].tolist() == [3, 3, 0]
    assert result["regime"].tolist()[:2] == [0, 0]


def test_statuses():
    result = QUANTITIES["dephasing"](
        T=[0.1, 0.01, 0.05], Lambda0=[0.01, 0.01, 1.0], Pd=[1e47, 1e49, 1e47], chi=0.1, Estar=10.0, **METAL
    )
    assert result["status"].tolist() == [0, 1, 2]
    below = HBAR / result["tau_phi"] > BOLTZMANN * np.array([0.1, 0.01, 0.05])
    assert below.tolist()[:2] == [False, True]
    assert is_frozen(0.46, 1.0) and not is_frozen(0.47, 1.0)


def test_regimes():
    """One cell of each kind; the regime is the sum of one flag of each group."""
    regime = QUANTITIES["dephasing"](
        T=[1.0, 0.03, 0.1, 0.02, 1e-2],
        Lambda0=[0.01, 0.01, 0.1, 0.2, 1.5e-3],
        Pd=[1e47, 1e47, 1e43, 1e47, 1e49],
        chi=[0.1, 0.01, 1.0, 0.1, 1e-4],
        Estar=[10.0, 10.0, 10.0, 10.0, 2e-3],
        variables=("regime",),
        **METAL,
    )["regime"]
    assert regime[0] == 2 + 4 + 32 + 64
    assert regime[1] == 1 + 4 + 16 + 64
    assert regime[2] & 48 == 48
    assert regime[3] & 192 == 128
    assert regime[4] & 12 == 8


def test_both_channels_together_are_faster_than_each_and_slower_than_their_sum():
    rng = np.random.default_rng(1)
    T, Lambda0, Pd, chi = 10 ** rng.uniform([-2, -4, 44, -3], [1, -1, 49, 0], (60, 4)).T
    both, first, third = computed(T, Lambda0, Pd, chi, 10.0)
    assert np.all(both <= np.minimum(first, third) * (1 + 1e-9))
    assert np.all(1 / both <= (1 / first + 1 / third) * (1 + 1e-9))


@settings(max_examples=30, deadline=None)
@given(
    scale=st.floats(0.1, 10),
    T=st.floats(0.01, 1),
    Lambda0=st.floats(1e-4, 0.1),
    Pd=st.floats(1e45, 1e48),
    chi=st.floats(1e-3, 1),
    Estar=st.floats(0.11, 10),
)
def test_dimensions(scale, T, Lambda0, Pd, chi, Estar):
    """Energies times a factor, times over it: B = hbar Pd sigma_in v_F is the only other number."""
    once = computed(T, Lambda0, Pd, chi, Estar)
    metal = METAL | {"tau": METAL["tau"] / scale}
    scaled = [
        tau_phi(scale * T, scale * Lambda0, Pd, chi, scale * Estar, **metal, channel=channel) for channel in CHANNELS
    ]
    np.testing.assert_allclose(np.array(scaled) * scale, once, rtol=1e-9)
    moved = {"sigma_in": METAL["sigma_in"] * scale, "v_F": METAL["v_F"], "tau": METAL["tau"]}
    np.testing.assert_allclose(tau_phi(T, Lambda0, Pd / scale, chi, Estar, **moved), once[0], rtol=1e-12)


@settings(max_examples=20, deadline=None)
@given(data=st.data(), distribution=st.sampled_from(["tunnelling_states", "glass", "gaussian_barrier"]))
def test_a_cell_does_not_depend_on_the_others_to_the_last_bit(data, distribution):
    def axis(low, high):
        exponents = st.floats(np.log10(low), np.log10(high))
        return 10 ** np.array(data.draw(st.lists(exponents, min_size=1, max_size=3, unique=True)))

    values = {"T": axis(0.01, 5), "Lambda0": axis(1e-4, 0.3), "Pd": axis(1e44, 1e49), "chi": axis(1e-4, 1)}
    values["Estar"] = axis(2e-3, 50)
    own = {"glass": {"p_min": 1e-4}, "gaussian_barrier": {"barrier_width": 0.4}}
    options = {"distribution": distribution} | own.get(distribution, {})
    if distribution == "glass":
        del values["Lambda0"]
    order = data.draw(st.permutations(list(values)))
    quantity = QUANTITIES["dephasing"]
    open_grid = {name: values[name].reshape([-1 if other == name else 1 for other in order]) for name in order}
    whole = quantity(**open_grid, **options, **METAL)
    point = tuple(data.draw(st.integers(0, len(values[name]) - 1)) for name in order)
    alone = quantity(**{name: values[name][i] for name, i in zip(order, point, strict=True)}, **options, **METAL)
    product = quantity(**dict(zip(order, np.broadcast_arrays(*open_grid.values()), strict=True)), **options, **METAL)
    for name, array in whole.items():
        assert array.shape == tuple(len(values[axis]) for axis in order)
        np.testing.assert_array_equal(array[point], alone[name])
        np.testing.assert_array_equal(array, product[name])


def test_gaussian_barriers_have_the_exact_second_moment():
    """<Lambda^2> = Lambda0^2 exp(2 barrier_width^2): sum of c E^2 = <Lambda^2> E* for Lambda << E* << T."""
    for width in (0.1, 0.5, 1.0):
        spectrum = gaussian_barrier(1e3, 1e-4, 1.0, width)
        moment = np.sum(spectrum.resonant * spectrum.energies**2) * np.exp(spectrum.log_scale)
        assert moment == pytest.approx(1e-8 * np.exp(2 * width**2), rel=1e-5)


def test_all_levels_are_counted():
    """The number of levels per Pd: rho1 + tanh^2 integrate to the norm of the distribution."""
    spectrum = tunnelling_states(1e3, 0.5, 2.0)
    assert np.sum(spectrum.resonant) + np.sum(spectrum.relaxation) == pytest.approx(np.sqrt(2.0**2 - 0.5**2), rel=1e-5)
    consistent, published = glass(1e3, 2.0, 1e-4, "consistent"), glass(1e3, 2.0, 1e-4, "published")
    total = np.sum(consistent.resonant * np.exp(consistent.log_scale))
    total += np.sum(consistent.relaxation * np.exp(consistent.log_scale))
    assert total == pytest.approx(2.0, rel=1e-5)
    ratio = (
        np.sum(published.resonant) / np.sum(consistent.resonant) * np.exp(published.log_scale - consistent.log_scale)
    )
    assert ratio == pytest.approx(2 * np.arccosh(100) / np.log(1e4), rel=1e-12)


def test_a_narrow_distribution_of_barriers_is_the_tunnelling_states_model():
    point = (0.5, 0.01, 1e47, 0.1, 10.0)
    sharp = computed(*point)
    narrow = computed(*point, distribution="gaussian_barrier", barrier_width=0.05)
    np.testing.assert_allclose(narrow, sharp, rtol=3 * 0.05**2)


def test_broad_barriers_dephase_as_a_glass_below_the_cut_off():
    """Paper 001, section III: for a broad distribution tau_phi is proportional to 1/T at low temperatures."""
    T = np.array([0.004, 0.008])
    times = tau_phi(T, 0.05, 1e46, 0.1, 10.0, **METAL, distribution="gaussian_barrier", barrier_width=5.0)
    assert np.log(times[1] / times[0]) / np.log(2) == pytest.approx(-1, abs=0.12)


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("T", 0.0, "T = 0 is outside its domain; allowed: finite and > 0 K"),
        ("T", [0.1, -1.0], "T = -1"),
        ("chi", 1.5, "chi = 1.5 is outside its domain; allowed: > 0 and <= 1"),
        ("Pd", np.nan, "Pd = nan"),
        ("Estar", np.inf, "Estar = inf"),
        ("Lambda0", "10 mK", "'10 mK' is not a number"),
        ("tau", 0.0, "tau = 0"),
        ("sigma_in", [1e-19, 2e-19], "sigma_in is a constant"),
        ("distribution", "gauss", "distribution = 'gauss' is unknown"),
        ("channel", "third", "channel = 'third' is unknown; allowed: both, resonant, relaxation"),
        ("convention", "mine", "convention = 'mine' is unknown"),
    ],
)
def test_outside_the_domain(name, value, message):
    arguments = {"T": 0.1, "Lambda0": 0.01, "Pd": 1e47, "chi": 0.1, "Estar": 10.0} | METAL | {name: value}
    with pytest.raises(ParameterError, match=message.replace("(", r"\(")):
        tau_phi(**arguments)


@pytest.mark.parametrize(("distribution", "name"), [("glass", "p_min"), ("gaussian_barrier", "barrier_width")])
def test_a_distribution_needs_its_parameter(distribution, name):
    with pytest.raises(ParameterError, match=name):
        tau_phi(0.1, 0.01, 1e47, 0.1, 10.0, **METAL, distribution=distribution)
