"""1/f motion of defects: accuracy against slow references, exact limits, closed forms, the quantity as a whole."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy import log, pi, sqrt
from scipy.constants import hbar, k

from helpers import reference_noise as reference
from helpers.unlimited import unlimited
from physics import QUANTITIES, ParameterError
from physics.electrons.background import standard_rate
from physics.noise.crossover import crossover_temperature, crossover_temperature_power
from physics.noise.defects import (
    coupling,
    level_average,
    level_average_hot,
    rate_ballistic,
    rate_diffusive,
    rate_two_level,
    self_consistent_width,
    width_strong,
)
from physics.noise.one_over_f import active_fraction, hooge_parameter, rate_generic, saturation_logarithm

QUANTITY = QUANTITIES["one_over_f"]
PROMISED = QUANTITY.accuracy
TAU = 2.1e-14
WIRE = {"background": "wire", "R_per_length": 1080 / 175e-6, "D": 0.0137, "ee_prefactor": 1.0}
PHONONS = {"phonons": "power", "ep_rate": 6.9e7, "ep_exponent": 3.0}
CONSTANTS = {"F1": 1.0, "log_range": 20.0, "tau": TAU, "kFl": 300.0}
T = np.geomspace(1e-3, 30, 15)

# T, Omega_max, B0, cut
LEVELS = {
    "nothing small": (1.0, 1.5, 2.5, 0.3),
    "narrow": (1.0, 1e-3, 116.0, 0.0),
    "as in gold": (0.1, 0.01, 116.0, 2e-3),
    "frozen": (0.01, 1.0, 116.0, 0.0),
    "splitting above the asymmetry": (1.0, 3.0, 0.2, 0.0),
    "cut between": (1.0, 3.0, 0.5, 1.2),
    "cut above the splitting": (1.0, 0.1, 10.0, 0.5),
    "cut above the asymmetry": (1.0, 5.0, 0.5, 1.5),
}


@pytest.mark.parametrize("thermal", ["sech2", "x_over_sinh"])
@pytest.mark.parametrize("name", LEVELS)
def test_average_over_levels(name, thermal):
    *point, cut = LEVELS[name]
    expected = reference.level_average(*point, cut, thermal)
    assert level_average(*point, cut=cut, thermal=thermal) == pytest.approx(expected, rel=1e-10, abs=0)


@pytest.mark.parametrize("thermal", ["sech2", "x_over_sinh"])
def test_average_over_levels_ends_where_a_panel_is_below_the_last_digit(thermal):
    """The search for T0 goes there where the standard rate falls more slowly than the temperature."""
    assert level_average(1.0, 1e20, 1e20, cut=1e18, thermal=thermal) == 0
    assert 0 < level_average(1.0, 1e3, 1e3, cut=690.0, thermal=thermal) < 1e-290


def test_average_over_levels_without_thermal_factor():
    assert level_average_hot(3.0, 0.2) == pytest.approx(reference.level_average(1.0, 3.0, 0.2, 0.0, None), rel=1e-9)
    assert level_average(1e9, 3.0, 0.2) == pytest.approx(level_average_hot(3.0, 0.2), rel=1e-9)
    assert level_average_hot(1e-3, 1e9) == pytest.approx(pi / 2, rel=1e-10)


def test_average_over_levels_from_hot_to_frozen():
    """R Omega_max/k_B T at Omega_max/k_B T = .03 ... 10, and the two limits with their factors."""
    x = np.array([0.03, 0.1, 0.3, 1, 3, 10])
    table = [0.0467403, 0.152819, 0.433040, 1.163703, 1.892496, 1.999935]
    np.testing.assert_allclose(level_average(1.0, x, 1e4) * x, table, 2e-6)
    assert level_average(1.0, 3.0, 1e4) == pytest.approx(0.630831833885402, rel=1e-12)
    assert level_average(1e-3, 1.0, 1e4) * 1e3 == pytest.approx(2, rel=1e-10)
    assert level_average(1e-3, 1.0, 1e4, thermal="x_over_sinh") * 1e3 == pytest.approx(pi**2 / 4, rel=1e-10)
    assert level_average(1.0, 1e-9, 1e4) == pytest.approx(pi / 2, rel=1e-8)


@pytest.mark.parametrize("thermal", ["sech2", "x_over_sinh"])
@pytest.mark.parametrize(
    ("point", "kappa", "standard"),
    [
        ((0.1, 0.02, 116.0), 0.02, 1e8),
        ((1.0, 0.3, 5.0), 0.7, 0.0),
        ((1.0, 0.3, 5.0), 30.0, 1e9),
        ((0.05, 2.0, 50.0), 0.3, 2e9),
        ((2.0, 4.0, 1.0), 5.0, 1e10),
    ],
)
def test_rate_of_two_level_defects_solves_its_own_equation(point, kappa, standard, thermal):
    T, Omega, B0 = point
    tau = hbar / (k * B0 * kappa)
    found = rate_two_level(T, Omega, B0, F1=1.0, log_range=1.0, tau=tau, standard=standard, thermal=thermal)
    cut = hbar * (standard + found) / k
    expected = kappa * k / hbar * Omega * reference.level_average(T, Omega, B0, cut, thermal)
    assert found == pytest.approx(expected, rel=1e-9, abs=0)


def test_width_of_the_defects_alone():
    """v = kappa G(v) on both branches, which meet at v = 1, and their limits: eqs. (12) and (13)."""
    kappa = np.geomspace(1e-4, 1e6, 41)
    v = self_consistent_width(kappa)
    slow = v < 1
    np.testing.assert_allclose(v[slow], kappa[slow] * (pi / 2 - v[slow]), 1e-13)
    for one, strength in zip(v, kappa, strict=True):
        assert one == pytest.approx(strength * reference.width_integral(one), rel=1e-9)
    merging = 1 / (pi / 2 - 1)
    np.testing.assert_allclose(self_consistent_width([merging * (1 - 1e-9), merging * (1 + 1e-9)]), 1, 1e-8)
    assert self_consistent_width(1e-9) == pytest.approx(pi / 2 * 1e-9, rel=1e-8)
    assert self_consistent_width(1e12) == pytest.approx(sqrt(1e12 / 2), rel=1e-9)


def test_rate_of_two_level_defects_has_both_branches():
    kappa = np.array([0.01, 0.5, 1.7, 1.8, 20.0])
    tau = hbar / (k * 1e6 * kappa)
    found = rate_two_level(1e9, 1e-3, 1e6, F1=1.0, log_range=1.0, tau=tau)
    np.testing.assert_allclose(found, k * 1e-3 / hbar * self_consistent_width(kappa), 1e-8)
    strong = width_strong(1e-3, 1e6, F1=1.0, log_range=1.0, tau=hbar / (k * 1e6 * 1e10))
    assert strong == pytest.approx(k * 1e-3 / hbar * self_consistent_width(1e10), rel=1e-8)


def test_rates_of_defects_in_the_two_ranges_of_momentum():
    """Eqs. (10), (11) with the factors of the Born approximation, from the integrals over momentum transfers."""
    p, F1, kFl, tau = 1e-3, 1e-4, 50.0, 1e-14
    assert rate_ballistic(p, F1=F1, tau=tau) / rate_diffusive(p, F1=F1, kFl=kFl, tau=tau) == pytest.approx(kFl**4)
    # Units k_F = v_F = 1, d = sqrt(F1); weight of a momentum transfer: pi/q (ballistic) or 2/(D q^2), times (q d)^2/3.
    d, D = sqrt(F1), kFl / 3
    elastic = reference.quad(lambda q: q * q * pi / q, 0, 2)[0]
    ballistic = reference.quad(lambda q: q * q * pi / q * (q * d) ** 2 / 3, 0, 2)[0]
    diffusive = reference.quad(lambda q: q * q * 2 / (D * q * q) * (q * d) ** 2 / 3, 0, 1 / kFl)[0]
    found = rate_ballistic(p, F1=F1, tau=tau, prefactor="born")
    assert found == pytest.approx(p / tau * ballistic / elastic, rel=1e-12)
    found = rate_diffusive(p, F1=F1, kFl=kFl, tau=tau, prefactor="born")
    assert found == pytest.approx(p / tau * diffusive / elastic, rel=1e-12)


@given(
    st.floats(-3, 2), st.floats(-9, -2), st.floats(-16, -13), st.floats(-6, 3)
)  # decades of T, c, tau and hbar standard/k_B T
@settings(max_examples=60, deadline=None, derandomize=True)
def test_total_rate_solves_its_equation(T, c, tau, standard):
    T, c, tau = 10**T, 10**c, 10**tau
    standard = 10**standard * k * T / hbar
    defects = float(rate_generic(T, standard, c=c, tau=tau))
    if hbar * standard >= k * T:
        assert defects == 0
    else:
        expected = reference.rate_generic(T, standard, c, tau)
        assert defects == pytest.approx(expected, rel=1e-12, abs=1e-12 * (standard + expected))
        assert hbar * (standard + defects) < k * T * (1 + 1e-12)


def test_total_rate_known_values_and_limits():
    for T, standard, total in ((0.04, 5e7, 204438221.81256446), (1.0, 4e8, 652457092.4128076)):
        assert standard + rate_generic(T, standard, c=1e-6, tau=TAU) == pytest.approx(total, rel=1e-12)
    cold = 1e-9 * hbar * 1e-6 / (k * TAU)
    assert rate_generic(cold, 0.0, c=1e-6, tau=TAU) == pytest.approx(k * cold / hbar, rel=1e-8)
    assert rate_generic(1e3, 1e13, c=1e-12, tau=TAU) == pytest.approx(
        1e-12 / TAU * log(k * 1e3 / (hbar * 1e13)), rel=1e-6
    )


@pytest.mark.parametrize(
    ("c", "A", "n", "expected"),
    [
        (1e-5, 4e8, 2 / 3, 23.23318452830583),
        (1e-6, 4e8, 2 / 3, 0.5424343413570015),
        (1e-7, 4.5e5, 1.5, 23.833278892248924),
    ],
)
def test_crossover_known_values(c, A, n, expected):
    assert crossover_temperature_power(c, tau=TAU, A=A, n=n) == pytest.approx(expected, rel=1e-12)
    assert crossover_temperature(c, tau=TAU, terms=[(A, n)]) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("n", [0.3, 2 / 3, 1.0, 1.5, 3.0])
def test_crossover_in_closed_form_is_the_root(n):
    c = np.geomspace(1e-10, 1e-3, 15)
    closed, found = (
        crossover_temperature_power(c, tau=TAU, A=4e8, n=n),
        crossover_temperature(c, tau=TAU, terms=[(4e8, n)]),
    )
    np.testing.assert_allclose(found, closed, 1e-10)
    for strength, one in zip(c, closed, strict=True):

        def excess(T, strength=strength):
            return TAU * 4e8 * T**n - strength * log(k * T ** (1 - n) / (hbar * 4e8))

        expected = reference.crossover(excess, np.geomspace(1e-12, 1e16, 4000))
        assert one == pytest.approx(expected, rel=1e-9, nan_ok=True)
    assert np.isfinite(closed[8:]).all()


def test_crossover_of_powers_with_one_exponent_is_that_of_their_sum():
    split = crossover_temperature([1e-6, 1e-5], tau=TAU, terms=[(1e8, 2 / 3), (3e8, 2 / 3)])
    np.testing.assert_allclose(split, crossover_temperature_power([1e-6, 1e-5], tau=TAU, A=4e8, n=2 / 3), 1e-12)


def test_rates_that_never_meet():
    """n < 1: none below (tau/(c m)) K^(-1/m) = 1/e, where the two roots merge; n = 1: none for k_B/(hbar A) < 1."""
    A, n = 4e8, 2 / 3
    merging = np.e * TAU * (hbar * A**1.5 / k) ** 2 / 0.5
    assert np.isfinite(crossover_temperature_power(merging * 1.001, tau=TAU, A=A, n=n))
    assert np.isnan(crossover_temperature_power(merging * 0.999, tau=TAU, A=A, n=n))
    assert np.isfinite(crossover_temperature(merging * 1.001, tau=TAU, terms=[(A, n)]))
    assert np.isnan(crossover_temperature(merging * 0.999, tau=TAU, terms=[(A, n)]))
    assert np.isnan(crossover_temperature_power(1e-6, tau=TAU, A=1e12, n=1.0))
    assert np.isnan(crossover_temperature(1e-6, tau=TAU, terms=[(1e12, 1.0)]))


@pytest.mark.parametrize("convention", ["published", "consistent"])
def test_quantity_generic(convention):
    p_t = np.geomspace(1e-5, 0.3, 6)[None]
    found = QUANTITY(T=T[:, None], p_t=p_t, convention=convention, **WIRE, **PHONONS, **CONSTANTS)
    standard = standard_rate(T, **WIRE, **PHONONS)[:, None]
    c = {"published": 1.0, "consistent": 2 / 3}[convention] * p_t / 20
    np.testing.assert_allclose(found["rate_standard"], np.broadcast_to(standard, (15, 6)), 1e-13)
    np.testing.assert_allclose(found["rate_defects"], rate_generic(T[:, None], standard, c=c, tau=TAU), 1e-12)
    total = found["rate_total"]
    np.testing.assert_allclose(total, standard + found["rate_defects"], 1e-13)
    noise = {"p_t": p_t, "log_range": 20.0}
    # p_active has the error of the total rate, where its logarithm is small.
    expected = active_fraction(T[:, None], 1 / total, **noise)
    np.testing.assert_allclose(found["p_active"], expected, 1e-9, atol=1e-11 * TAU * total.max())
    alpha = hooge_parameter(T[:, None], 1 / total, F1=1.0, kFl=300.0, tau=TAU, **noise)
    np.testing.assert_allclose(found["hooge"], alpha, 1e-12)
    unsaturated = hooge_parameter(T[:, None], 1 / standard, F1=1.0, kFl=300.0, tau=TAU, **noise)
    np.testing.assert_allclose(found["hooge_standard"], unsaturated, 1e-12)
    np.testing.assert_allclose(found["ln_alpha"], saturation_logarithm(1 / total, F1=1.0, tau=TAU, **noise), 1e-12)
    assert found["T0"].shape == (1, 6)
    for n, strength in enumerate(c[0]):

        def excess(T, strength=strength):
            rate = float(standard_rate(T, **WIRE, **PHONONS))
            return TAU * rate - strength * log(k * T / (hbar * rate))

        expected = reference.crossover(excess, np.geomspace(1e-7, 1e4, 500))
        assert found["T0"][0, n] == pytest.approx(expected, rel=1e-10, nan_ok=True)
        assert found["status"][0, n] == np.isnan(expected)
    assert not found["status"].all()


@pytest.mark.parametrize("thermal", ["sech2", "x_over_sinh"])
def test_quantity_two_level(thermal):
    grid = {"T": T[::3, None, None], "Lambda0": np.array([[[1e-3], [0.05], [1.0]]])}
    grid["Estar"] = np.array([[[30.0, 116.0]]])
    found = QUANTITY(model="two_level", thermal=thermal, **grid, **WIRE, **PHONONS, **CONSTANTS)
    standard = standard_rate(grid["T"], **WIRE, **PHONONS)
    levels = {"F1": 1.0, "log_range": 20.0, "tau": TAU, "thermal": thermal}
    defects = rate_two_level(*grid.values(), standard=standard, **levels)
    np.testing.assert_array_equal(found["rate_defects"], defects)
    np.testing.assert_allclose(found["p_active"], TAU * defects, 1e-13)
    moving = {"p_t": grid["Lambda0"] / grid["Estar"], "log_range": 20.0, "F1": 1.0, "tau": TAU}
    expected = hooge_parameter(grid["T"], 1 / found["rate_total"], kFl=300.0, **moving)
    np.testing.assert_allclose(found["hooge"], expected, 1e-12)
    assert found["T0"].shape == (1, 3, 2)
    for i, Omega in enumerate(grid["Lambda0"].ravel()):
        for j, B0 in enumerate(grid["Estar"].ravel()):
            kappa = coupling(B0, F1=1.0, log_range=20.0, tau=TAU)
            T0 = found["T0"][0, i, j]
            rate = float(standard_rate(T0, **WIRE, **PHONONS))
            mine = kappa * k / hbar * Omega * reference.level_average(T0, Omega, B0, hbar * rate / k, thermal)
            assert rate == pytest.approx(mine, rel=1e-8)
            above = float(standard_rate(2 * T0, **WIRE, **PHONONS))
            assert above > kappa * k / hbar * Omega * level_average(
                2 * T0, Omega, B0, cut=hbar * above / k, thermal=thermal
            )


def test_two_level_rates_that_never_meet():
    found = QUANTITY(
        model="two_level", T=1.0, Lambda0=1e-6, Estar=1e4, variables=("T0", "status"), **WIRE, **PHONONS, **CONSTANTS
    )
    assert np.isnan(found["T0"]) and found["status"] == 1


def test_regimes_from_high_to_low_temperatures():
    """Standard, constant, and falling as T: near hbar/tau_phi = k_B T, or because the splittings are frozen out."""
    flags = QUANTITY.variable("regime").flags
    found = QUANTITY(T=np.array([10.0, 0.1, 1e-3]), p_t=2e-5, variables=("regime",), **WIRE, **PHONONS, **CONSTANTS)
    words = [flags[name] for name in ("standard_dominates", "defects_constant", "rate_near_temperature")]
    np.testing.assert_array_equal(found["regime"] & 7, words)
    levels = {"model": "two_level", "Lambda0": 0.5, "Estar": 116.0}
    found = QUANTITY(T=np.array([10.0, 1.0, 0.1]), variables=("regime",), **levels, **WIRE, **PHONONS, **CONSTANTS)
    words = [flags[name] for name in ("standard_dominates", "defects_constant", "defects_linear")]
    np.testing.assert_array_equal(found["regime"] & 7, words)


def test_domain_of_the_noise():
    flags = QUANTITY.variable("regime").flags
    film = {"background": "film", "R_sq": 8e3, "ee_prefactor": 20.0}
    found = QUANTITY(T=1.0, p_t=0.1, variables=("regime", "hooge"), **film, **CONSTANTS)
    assert found["regime"] & 24 == flags["rate_above_temperature"] and np.isfinite(found["hooge"])
    found = QUANTITY(T=1.0, p_t=1e-3, variables=("regime",), **WIRE, **PHONONS, **CONSTANTS)
    assert found["regime"] & 24 == flags["noise_valid"]
    saturated = CONSTANTS | {"log_range": 1e-3}
    found = unlimited("one_over_f")(T=1e-3, p_t=1.0, variables=("regime", "ln_alpha"), **WIRE, **saturated)
    assert found["regime"] & 24 == flags["noise_saturated"] and found["ln_alpha"] < 1


def test_a_cell_depends_on_its_own_parameters_alone():
    for model, axes in (
        ("generic", {"p_t": np.geomspace(1e-4, 0.1, 5)[None]}),
        ("two_level", {"Lambda0": np.geomspace(1e-3, 1, 5)[None], "Estar": np.array([[[30.0]], [[100.0]]])}),
    ):
        given = {"model": model, **WIRE, **PHONONS, **CONSTANTS}
        whole = QUANTITY(T=T[:, None], **axes, **given)
        for i in (0, 7, 14):
            for j in (0, 3):
                part = {name: value[..., j : j + 1] if value.shape[-1] > 1 else value for name, value in axes.items()}
                one = QUANTITY(T=T[i : i + 1, None], **part, **given)
                for name, value in one.items():
                    row = slice(None) if whole[name].shape[-2] == 1 else slice(i, i + 1)
                    np.testing.assert_array_equal(value, whole[name][..., row, j : j + 1], err_msg=name)


def test_refusals():
    with pytest.raises(ParameterError, match="p = 2 is outside its domain"):
        rate_ballistic(2.0, F1=1.0, tau=TAU)
    with pytest.raises(ParameterError, match="prefactor = 'none' is unknown; allowed: published, born"):
        rate_ballistic(1e-3, F1=1.0, tau=TAU, prefactor="none")
    with pytest.raises(ParameterError, match="thermal = 'cold' is unknown; allowed: sech2, x_over_sinh"):
        level_average(1.0, 1.0, 1.0, thermal="cold")
    with pytest.raises(ParameterError, match="cut = -1 is outside its domain"):
        level_average(1.0, 1.0, 1.0, cut=-1.0)
    with pytest.raises(ParameterError, match="c = 0 is outside its domain"):
        crossover_temperature(0.0, tau=TAU, terms=[(1e8, 1.0)])
    with pytest.raises(ParameterError, match="a crossover needs a standard rate"):
        crossover_temperature(1e-6, tau=TAU, terms=[])
    with pytest.raises(ParameterError, match="tau_phi = 0 is outside its domain"):
        active_fraction(1.0, 0.0, p_t=1e-3, log_range=10.0)
    with pytest.raises(ParameterError, match="D is a constant"):
        standard_rate(1.0, **WIRE | {"D": np.array([0.01, 0.02])}, **PHONONS)
