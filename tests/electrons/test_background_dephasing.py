"""Dephasing with a background of other mechanisms: their own laws, the exact integral, the channels alone."""

import numpy as np
import pytest
from scipy.constants import hbar, k
from scipy.integrate import quad
from scipy.special import exp1

from helpers import reference
from physics import QUANTITIES, ParameterError
from physics.electrons.background import decay_rates
from physics.electrons.dephasing import tau_phi

METAL = {"sigma_in": 1e-19, "v_F": 1e6, "tau": 1e-14}
WIRE = {"background": "wire", "R_per_length": 1e7, "D": 0.0135, "ee_prefactor": 1.0}
FILM = {"background": "film", "R_sq": 50.0, "ee_prefactor": 1.0}
BULK = {"background": "bulk", "eps_F": 8.9e-19, "kFl": 50.0, "ee_prefactor": 1.0}
PHONONS = {"phonons": "power", "ep_rate": 7e7, "ep_exponent": 3.0}
POINT = (0.1, 0.01, 1e46, 0.1, 10.0)


def with_decay(point, rate, nyquist_rate):
    """(34) with the decay exp(-rate t - (nyquist_rate t)^(3/2)) of the background under the integral."""
    T, Lambda0, Pd, chi, Estar = point
    averages, frequencies = reference.tunnelling_states(chi, T, Lambda0, Estar)
    B = hbar * Pd * METAL["sigma_in"] * METAL["v_F"]

    def scaled(theta):
        t = theta * hbar / k
        background = (rate * t + (nyquist_rate * t) ** 1.5) / (B * theta / 4)
        first, third = averages(theta)
        return first + background, third

    return METAL["tau"] * np.exp(reference.log_ratios(scaled, B, k * METAL["tau"] / hbar, frequencies)[0])


@pytest.mark.parametrize("background", [FILM, BULK | PHONONS, WIRE | PHONONS], ids=["film", "bulk", "wire"])
def test_the_background_multiplies_the_integrand(background):
    rates = decay_rates(POINT[0], **background)
    assert tau_phi(*POINT, **METAL, **background) == pytest.approx(with_decay(POINT, *rates), rel=1e-8)


@pytest.mark.parametrize("Estar", [10.0, 0.005], ids=["hardly any levels", "no levels"])
def test_the_background_alone(Estar):
    """Gamma = alpha t^n has tau_phi = tau exp(E1(alpha tau^n)/n) exactly."""
    T, tau = 0.3, METAL["tau"]
    point = (T, 0.01, 1e-5, 0.1, Estar)
    nyquist_rate = decay_rates(T, **WIRE)[1]
    expected = tau * np.exp(2 / 3 * exp1((nyquist_rate * tau) ** 1.5))
    assert tau_phi(*point, **METAL, **WIRE) == pytest.approx(expected, rel=1e-12)
    assert expected == pytest.approx(np.exp(-2 / 3 * np.euler_gamma) / nyquist_rate, rel=1e-8)
    for background in (FILM, BULK, PHONONS):
        rate = decay_rates(T, **background)[0]
        expected = tau * np.exp(exp1(rate * tau))
        assert tau_phi(*point, **METAL, **background) == pytest.approx(expected, rel=1e-12)
        assert expected == pytest.approx(np.exp(-np.euler_gamma) / rate, rel=1e-3)


def test_both_laws_of_a_background_together():
    rate, nyquist_rate = decay_rates(1.0, **WIRE, **PHONONS)

    def factor(u):
        t = METAL["tau"] * np.exp(u)
        return np.exp(-rate * t - (nyquist_rate * t) ** 1.5)

    log = sum(quad(factor, a, a + 1, epsabs=1e-13, epsrel=1e-13)[0] for a in range(30))
    found = tau_phi(1.0, 0.01, 1e-5, 0.1, 10.0, **METAL, **WIRE, **PHONONS)
    assert found == pytest.approx(METAL["tau"] * np.exp(log), rel=1e-11)


def test_none_changes_nothing_and_the_channels_stay_alone():
    axes = {"T": np.array([0.02, 0.3, 2.0]), "Lambda0": 0.01, "Pd": 1e46, "chi": 0.1, "Estar": 10.0}
    quantity = QUANTITIES["dephasing"]
    without, none, wire = (
        quantity(**axes, **METAL),
        quantity(**axes, **METAL, background="none"),
        quantity(**axes, **METAL, **WIRE),
    )
    for name, values in without.items():
        np.testing.assert_array_equal(values, none[name])
    for name in ("tau_phi_resonant", "tau_phi_relaxation", "regime"):
        np.testing.assert_array_equal(without[name], wire[name])
    assert np.all(wire["tau_phi"] < without["tau_phi"])
    assert np.all(
        1 / wire["tau_phi"] < 1 / without["tau_phi"] + np.exp(np.euler_gamma) * decay_rates(axes["T"], **WIRE)[1]
    )


def test_a_weak_background_disappears():
    weak = PHONONS | {"ep_rate": 1e-4}
    assert tau_phi(*POINT, **METAL, **weak) == pytest.approx(float(tau_phi(*POINT, **METAL)), rel=1e-10)


def test_frozen_levels_leave_the_background():
    """What the two-level systems alone make inf or exponentially long ends at the background's own time."""
    result = QUANTITIES["dephasing"](T=1e-3, Lambda0=1.0, Pd=1e47, chi=0.1, Estar=10.0, **METAL, **BULK)
    assert result["tau_phi_resonant"] == np.inf
    assert result["tau_phi"] == pytest.approx(np.exp(-np.euler_gamma) / decay_rates(1e-3, **BULK)[0], rel=1e-6)


@pytest.mark.parametrize("distribution", [{}, {"distribution": "glass", "p_min": 1e-6}])
def test_a_cell_does_not_depend_on_the_others_to_the_last_bit(distribution):
    T, Pd, chi = np.array([0.01, 0.1, 1.0]), np.array([1e43, 1e46, 1e49]), np.array([1e-3, 1.0])
    options = METAL | WIRE | distribution
    whole = tau_phi(T[:, None, None], 0.01, Pd[:, None], chi, 10.0, **options)
    for i, j, m in np.ndindex(whole.shape):
        assert whole[i, j, m] == tau_phi(T[i], 0.01, Pd[j], chi[m], 10.0, **options)
    everything = QUANTITIES["dephasing"](
        T=T[:, None, None],
        Pd=Pd[:, None],
        chi=chi,
        Estar=10.0,
        **({} if distribution else {"Lambda0": 0.01}),
        **options,
    )
    np.testing.assert_array_equal(everything["tau_phi"], whole)


def test_refusals():
    for options, message in (
        ({"background": "vacuum"}, "background = 'vacuum' is unknown; allowed: none, wire, film, bulk"),
        ({"background": "bulk", "eps_F": 1e-18, "ee_prefactor": 1.0}, "kFl"),
        ({"R_sq": 3.0}, "R_sq"),
        ({"phonons": "cubic"}, "phonons = 'cubic' is unknown"),
    ):
        with pytest.raises(ParameterError, match=message):
            tau_phi(*POINT, **METAL, **options)
