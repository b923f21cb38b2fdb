"""The definitions of the dephasing time: exact for exponential decays, held against quadrature for others."""

import mpmath
import numpy as np
import pytest
from scipy.special import exp1

from physics import QUANTITIES, ParameterError
from physics.electrons.definition import DEFINITIONS, decay_time, log_inverse_exponential_integral

EULER = float(mpmath.euler)
FACTORS = {"logarithm_2d": np.exp(-EULER), "film": 1.0, "wire": 1.0, "bulk": 1.0}


def by_quadrature(rate, nyquist, definition):
    """The integrals as they stand, by mpmath; the logarithm with the limit tau -> 0 taken by its finite part at t0."""

    def decay(t):
        return mpmath.exp(-rate * t - (nyquist * t) ** 1.5)

    t0 = 1 / (rate + nyquist)
    points = [0, t0 / 30, t0, 5 * t0, 20 * t0, 80 * t0]
    if definition == "wire":
        # int t^(-1/2) exp(-f) = 2 int exp(-f(s^2)) ds
        roots = [mpmath.sqrt(p) for p in points]
        return (2 * mpmath.quad(lambda s: decay(s * s), roots)) ** 2 / mpmath.pi
    if definition == "bulk":
        roots = [mpmath.sqrt(p) for p in points]
        inside = mpmath.quad(lambda s: 2 * (1 - decay(s * s)) / s**2, roots)
        return 1 / ((inside + 2 / roots[-1]) / (2 * mpmath.sqrt(mpmath.pi))) ** 2
    head = mpmath.quad(lambda t: (decay(t) - 1) / t, points[:3])
    logarithm = mpmath.log(t0) + head + mpmath.quad(lambda t: decay(t) / t, points[2:])
    return mpmath.exp(logarithm + (mpmath.euler if definition == "film" else 0))


@pytest.mark.parametrize("definition", DEFINITIONS)
def test_an_exponential_decay_has_its_own_time(definition):
    rates = 10.0 ** np.arange(-3, 20, 5)
    np.testing.assert_allclose(decay_time(rates, definition=definition) * rates, FACTORS[definition], 1e-13)


@pytest.mark.parametrize("definition", DEFINITIONS)
def test_mixed_decays_at_drawn_rates(definition):
    rng = np.random.default_rng(5)
    with mpmath.workdps(25):
        for _ in range(4):
            rate, nyquist = 10 ** rng.uniform(6, 11, 2)
            expected = by_quadrature(mpmath.mpf(rate), mpmath.mpf(nyquist), definition)
            assert decay_time(rate, nyquist, definition=definition) == pytest.approx(float(expected), rel=1e-12)
        expected = by_quadrature(mpmath.mpf(0), mpmath.mpf(1), definition)
    assert decay_time(0.0, 1.0, definition=definition) == pytest.approx(float(expected), rel=1e-12)


def test_nothing_decays_and_refusals():
    assert all(decay_time(0.0, definition=definition) == np.inf for definition in DEFINITIONS)
    with pytest.raises(ParameterError, match="definition = 'rope' is unknown; allowed: logarithm_2d, film, wire, bulk"):
        decay_time(1.0, definition="rope")


def test_the_inverse_of_the_exponential_integral():
    x = np.concatenate([10.0 ** np.arange(-15, 0), [0.3, 0.56, 0.57, 1.0, 3.0, 30.0, 300.0]])
    np.testing.assert_allclose(np.exp(log_inverse_exponential_integral(exp1(x))), x, 1e-13)
    assert log_inverse_exponential_integral(800.0) == -EULER - 800.0
    assert log_inverse_exponential_integral(np.inf) == -np.inf


@pytest.mark.parametrize("definition", DEFINITIONS)
def test_the_background_has_every_definition(definition):
    """A film decays exponentially, a wire with its own Nyquist law and with the phonons' exponential one."""
    T = np.array([0.05, 1.0, 8.0])
    quantity = QUANTITIES["background"]
    film = quantity(T=T, background="film", R_sq=50.0, ee_prefactor=1.0, definition=definition)
    np.testing.assert_allclose(film["tau_phi"] * film["rate_total"], FACTORS[definition], 1e-12)
    R, D, phonons = 1e7, 0.0135, {"phonons": "power", "ep_rate": 4e7, "ep_exponent": 3.0}
    wire = quantity(T=T, background="wire", R_per_length=R, D=D, ee_prefactor=1.3, definition=definition, **phonons)
    with mpmath.workdps(20):
        for i, temperature in enumerate(T):
            nyquist = 2 * (np.sqrt(np.pi) / 4) ** (2 / 3) * wire["rate_ee"][i]
            expected = by_quadrature(4e7 * temperature**3, nyquist, definition)
            assert wire["tau_phi"][i] == pytest.approx(float(expected), rel=1e-12)
