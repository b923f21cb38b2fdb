"""1/f motion of defects with constants of which none is 1: the formulas of paper 000 by hand, flags by their words."""

import numpy as np
import pytest
from numpy import e, log, pi
from scipy.constants import hbar, k

from helpers import reference_noise as reference
from helpers.unlimited import unlimited
from physics import ParameterError
from physics.electrons.background import standard_rate
from physics.noise.one_over_f import (
    active_fraction,
    hooge_parameter,
    one_over_f,
    rate_generic,
    regime,
    saturation_logarithm,
)

QUANTITY = unlimited("one_over_f")
FILM = {"background": "film", "R_sq": 37.0, "ee_prefactor": 1.7}
PHONONS = {"phonons": "power", "ep_rate": 6.9e7, "ep_exponent": 3.0}
F1, LOG_RANGE, TAU, KFL = 0.37, 17.0, 3.1e-14, 230.0
CONSTANTS = {"F1": F1, "log_range": LOG_RANGE, "tau": TAU, "kFl": KFL}
BORN = {"published": 1.0, "consistent": 2 / 3}
VARIABLES = {variable.name for variable in QUANTITY.variables}


def test_formulas_of_the_noise():
    T, tau_phi, p_t = 0.23, 4.1e-10, 0.031
    levels = {"p_t": p_t, "log_range": LOG_RANGE}
    assert active_fraction(T, tau_phi, **levels) == pytest.approx(p_t / LOG_RANGE * log(k * T * tau_phi / hbar))
    assert active_fraction(T, 0.999 * hbar / (k * T), **levels) == 0
    assert active_fraction(T, 1.001 * hbar / (k * T), **levels) == pytest.approx(p_t / LOG_RANGE * log(1.001))
    # (l/L_phi)^2 lambda/(p_t F1), L_phi^2 = l v_F tau_phi/3
    expected = 3 * TAU / tau_phi * LOG_RANGE / (p_t * F1)
    assert saturation_logarithm(tau_phi, **levels, F1=F1, tau=TAU) == pytest.approx(expected, rel=1e-14)
    expected = (tau_phi / (3 * TAU)) ** 1.5 * p_t / (LOG_RANGE * KFL) * hbar / (tau_phi * k * T) * F1
    assert hooge_parameter(T, tau_phi, **levels, F1=F1, kFl=KFL, tau=TAU) == pytest.approx(expected, rel=1e-13)


def solved(T, p_t, convention):
    """The standard rate, and that of the defects by 40 digits."""
    standard = standard_rate(T, **FILM, **PHONONS)
    c = BORN[convention] * p_t * F1 / LOG_RANGE
    defects = [reference.rate_generic(one, float(rate), c, TAU) for one, rate in zip(T, standard, strict=True)]
    return standard, np.array(defects)


@pytest.mark.parametrize("convention", BORN)
def test_every_variable_with_constants_of_which_none_is_one(convention):
    T, p_t = np.geomspace(2e-3, 20, 9), 0.083
    standard, defects = solved(T, p_t, convention)
    found = QUANTITY(T=T, p_t=p_t, convention=convention, **FILM, **PHONONS, **CONSTANTS)
    total = standard + defects
    expected = {
        "rate_standard": standard,
        "rate_defects": defects,
        "rate_total": total,
        # Film and phonons decay exponentially, and (34) then has the factor exp(-0.5772...).
        "tau_phi": np.exp(-np.euler_gamma) / total,
        "p_active": p_t / LOG_RANGE * np.maximum(log(k * T / (hbar * total)), 0),
        "ln_alpha": 3 * TAU * total * LOG_RANGE / (p_t * F1),
        "hooge": (3 * TAU * total) ** -1.5 * p_t / (LOG_RANGE * KFL) * hbar * total / (k * T) * F1,
        "hooge_standard": (3 * TAU * standard) ** -1.5 * p_t / (LOG_RANGE * KFL) * hbar * standard / (k * T) * F1,
    }
    for name, values in expected.items():
        np.testing.assert_allclose(found[name], values, rtol=1e-8, atol=1e-10 * np.abs(values).max(), err_msg=name)
    assert set(found) == VARIABLES and all(found[name].shape == (9,) for name in expected)
    # (8): the two rates meet where the defects alone, at the standard rate, give as much.
    T0 = float(found["T0"].squeeze())
    rate = float(standard_rate(T0, **FILM, **PHONONS))
    mine = BORN[convention] * p_t * F1 / LOG_RANGE / TAU * log(k * T0 / (hbar * rate))
    assert mine == pytest.approx(rate, rel=1e-9) and found["status"].squeeze() == 0


@pytest.mark.parametrize("convention", BORN)
def test_two_level_defects_with_constants_of_which_none_is_one(convention):
    """p_t is Omega_max/B0, at most 1; p_active = tau rate/(factor F1)."""
    T, Lambda0, Estar = np.array([0.02, 0.4, 6.0]), np.array([[0.3], [9.5]]), 9.0
    found = QUANTITY(
        model="two_level", T=T, Lambda0=Lambda0, Estar=Estar, convention=convention, **FILM, **PHONONS, **CONSTANTS
    )
    moving = np.array([[0.3 / 9.0], [1.0]])
    total, defects = found["rate_total"], found["rate_defects"]
    assert (defects > 0).all() and total.shape == (2, 3)
    np.testing.assert_allclose(found["p_active"], TAU * defects / (BORN[convention] * F1), rtol=1e-13)
    np.testing.assert_allclose(found["ln_alpha"], 3 * TAU * total * LOG_RANGE / (moving * F1), rtol=1e-13)
    expected = (3 * TAU * total) ** -1.5 * moving / (LOG_RANGE * KFL) * hbar * total / (k * T) * F1
    np.testing.assert_allclose(found["hooge"], expected, rtol=1e-13)
    other = QUANTITY(
        model="two_level",
        T=T,
        Lambda0=Lambda0,
        Estar=Estar,
        convention="published",
        **FILM,
        **PHONONS,
        **CONSTANTS | {"F1": BORN[convention] * F1},
    )
    np.testing.assert_allclose(defects, other["rate_defects"], rtol=1e-12)


def test_bulk_takes_kFl_for_its_background():
    bulk = {"background": "bulk", "eps_F": 8e-19, "ee_prefactor": 1.3}
    T = np.array([0.1, 1.0])
    found = QUANTITY(T=T, p_t=0.01, variables=("rate_standard",), **bulk, **CONSTANTS)
    np.testing.assert_allclose(found["rate_standard"], standard_rate(T, **bulk, kFl=KFL, phonons="none"), rtol=1e-14)


def test_the_rate_of_the_defects_from_its_equation_in_every_range():
    T, c = 0.7, 3e-3
    for standard in (1e3, 1e8, 0.3 * k * T / hbar, 0.9 * k * T / hbar, 0.999 * k * T / hbar):
        defects = float(rate_generic(T, standard, c=c, tau=TAU))
        assert defects == pytest.approx(c / TAU * log(k * T / (hbar * (standard + defects))), rel=1e-9)
    for standard in (k * T / hbar, 1.001 * k * T / hbar, 1e3 * k * T / hbar):
        assert rate_generic(T, standard, c=c, tau=TAU) == 0


FLAGS = QUANTITY.variable("regime").flags
MASKS = QUANTITY.variable("regime").masks


def meant(T, standard, defects, ln_alpha, Lambda0) -> set[str]:
    """The regime of one cell in words, by the conditions of the paper."""
    total, thermal = standard + defects, k * T / hbar
    if standard > defects:
        words = {"standard_dominates"}
    elif total > thermal / e:
        words = {"rate_near_temperature"}
    elif Lambda0 is not None and Lambda0 > 4 / pi * T:
        words = {"defects_linear"}
    else:
        words = {"defects_constant"}
    if total >= thermal:
        return words | {"rate_above_temperature"}
    return words | ({"noise_saturated"} if ln_alpha <= 1 else {"noise_valid"})


def words(cell) -> set[str]:
    return {name for name, value in FLAGS.items() if int(cell) & MASKS[name] == value}


def test_every_regime_in_words():
    rng = np.random.default_rng(5)
    seen = {}
    wanted = ("regime", "rate_standard", "rate_defects", "ln_alpha")
    for constants in (
        CONSTANTS,
        CONSTANTS | {"log_range": 1.0, "tau": 1e-16},
        CONSTANTS | {"F1": 1e-6},
        CONSTANTS | {"F1": 1.0, "tau": 1e-15},
    ):
        for background in (FILM, FILM | {"R_sq": 1.2e4, "ee_prefactor": 20.0}, FILM | {"R_sq": 1e-2}):
            T = np.exp(rng.uniform(log(1e-3), log(30), 60))
            p_t = np.exp(rng.uniform(log(1e-5), log(1.0), 60))
            levels = {"Lambda0": np.exp(rng.uniform(log(1e-3), log(10), 60)), "Estar": 40.0}
            # On both sides of (4/pi) T.
            T[:20] = np.minimum(T[:20], 5.0)
            levels["Lambda0"][:20] = 4 / pi * T[:20] * np.where(np.arange(20) % 2, 1 + 1e-6, 1 - 1e-6)
            for model, own in (("generic", {"p_t": p_t}), ("two_level", levels)):
                found = QUANTITY(model=model, T=T, **own, variables=wanted, **background, **PHONONS, **constants)
                for n in range(60):
                    cell = [float(found[name][n]) for name in wanted[1:]]
                    expected = meant(T[n], *cell, own["Lambda0"][n] if model == "two_level" else None)
                    assert words(found["regime"][n]) == expected
                    for word in expected:
                        seen[word] = seen.get(word, 0) + 1
    assert set(seen) == set(FLAGS) and min(seen.values()) >= 5, seen


def test_on_a_border_itself():
    """Equal rates are the defects'; a splitting of just (4/pi) T does not yet limit; at ln(alpha) = 1 all is saturated,
    and a rate of just k_B T/hbar leaves no frequency."""
    quiet = {"T": 1.0, "standard": np.array(1e3), "defects": np.array(1e3), "ln_alpha": np.array(5.0)}
    assert words(regime(**quiet)) == {"defects_constant", "noise_valid"}
    assert words(regime(**quiet | {"standard": np.array(1e3 * (1 + 1e-15))})) == {"standard_dominates", "noise_valid"}
    splitting = 2.0
    at = quiet | {"T": np.pi / 4 * splitting}
    assert "defects_constant" in words(regime(**at, Lambda0=splitting))
    assert "defects_linear" in words(regime(**at | {"T": at["T"] * (1 - 1e-15)}, Lambda0=splitting))
    assert "noise_saturated" in words(regime(**quiet | {"ln_alpha": np.array(1.0)}))
    assert "noise_valid" in words(regime(**quiet | {"ln_alpha": np.array(1 + 1e-15)}))
    unit = k / hbar
    fast = [words(regime(1.0, np.array(0.0), np.array(unit * side), np.array(5.0))) for side in (1 + 1e-12, 1 - 1e-12)]
    assert ["rate_above_temperature" in each for each in fast] == [True, False]


def test_a_rate_near_the_temperature_is_above_a_part_in_e():
    """Of the defects alone: r = (c/tau) ln(k_B T/(hbar r)) is k_B T/(e hbar) at c/tau = k_B T/(e hbar)."""
    T, p_t = 0.05, 0.01
    for side in (1 - 1e-6, 1 + 1e-6):
        constants = CONSTANTS | {"F1": k * T / (e * hbar) * TAU * LOG_RANGE / p_t * side}
        quiet = {"background": "film", "R_sq": 1e-4, "ee_prefactor": 1.0}
        found = QUANTITY(T=T, p_t=p_t, variables=("regime",), **quiet, **constants)["regime"]
        assert ("rate_near_temperature" in words(found)) == (side > 1)
        assert ("defects_constant" in words(found)) == (side < 1)


@pytest.mark.parametrize("wanted", [("T0",), ("status",), ("rate_standard",), ("regime", "T0"), ("tau_phi", "status")])
def test_some_variables_are_those_of_all(wanted):
    point = {"T": np.array([[0.1], [1.0]]), "p_t": np.array([[0.01, 0.1]])} | FILM | PHONONS | CONSTANTS
    whole, part = QUANTITY(**point), QUANTITY(**point, variables=wanted)
    assert tuple(part) == wanted
    for name in wanted:
        np.testing.assert_array_equal(part[name], whole[name])
        assert part[name].shape == whole[name].shape and part[name].dtype == whole[name].dtype
    assert whole["T0"].shape == whole["status"].shape == (1, 2) and whole["regime"].dtype == np.uint8
    assert whole["status"].dtype == np.uint8


@pytest.mark.parametrize(
    ("name", "value"), [("model", "fast"), ("convention", "own"), ("thermal", "cold"), ("p_t", -0.1), ("F1", 0.0)]
)
def test_what_is_refused_and_what_is_allowed(name, value):
    point = {"T": 1.0, "p_t": 0.1} | FILM | CONSTANTS
    with pytest.raises(ParameterError, match=rf"^{name} = .*allowed: "):
        QUANTITY(**point | {name: value})


def test_the_options_are_named_where_they_are_unknown():
    point = {"T": 1.0, "p_t": 0.1, "variables": ("T0",)} | FILM | CONSTANTS | {"phonons": "none"}
    options = {"model": "generic", "thermal": "sech2", "convention": "published"}
    allowed = {"model": "generic, two_level", "thermal": "sech2, x_over_sinh", "convention": "published, consistent"}
    assert one_over_f(**point, **options)["T0"] > 0
    for name, words in allowed.items():
        with pytest.raises(ParameterError, match=f"{name} = 'x' is unknown; allowed: {words}$"):
            one_over_f(**point, **options | {name: "x"})


def test_limits_of_the_hooge_parameter():
    """tau_phi constant: 1/T; 1/tau_phi = A T^n: T^(-n/2 - 1)."""
    levels = {"p_t": 0.02, "log_range": LOG_RANGE, "F1": F1, "kFl": KFL, "tau": TAU}
    one, two = (hooge_parameter(T, 1e-9, **levels) for T in (0.1, 0.2))
    assert one / two == pytest.approx(2.0)
    one, two = (hooge_parameter(T, 1e-9 / T**3, **levels) for T in (0.1, 0.2))
    assert one / two == pytest.approx(2 ** (3 / 2 + 1))
