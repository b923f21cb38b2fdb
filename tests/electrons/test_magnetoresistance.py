"""Magnetoresistance: closed forms of an exponential decay, slow integrals at drawn points, limits of the field."""

import mpmath
import numpy as np
import pytest
from numpy import pi, sqrt
from scipy.constants import e, hbar, k

from helpers import reference
from physics import QUANTITIES
from physics.electrons.background import decay_rates

QUANTITY = QUANTITIES["magnetoresistance"]
METAL = {"sigma_in": 1e-19, "v_F": 1e6, "tau": 1e-14}
NO_LEVELS = {"Lambda0": 0.01, "Pd": 1e46, "chi": 0.1, "Estar": 0.005}
PHONONS = {"phonons": "power", "ep_rate": 4e8, "ep_exponent": 3.0}
H = 10.0 ** np.arange(-6, 1.1, 0.5)


def test_a_film_with_an_exponential_decay_is_the_digamma_function():
    """(e^2/2 pi^2 hbar)[psi(1/2 + y) - ln(y)], y = hbar/(4 e H D tau_phi), less what happens before tau."""
    D, rate = 1e-3, 4e8
    found = QUANTITY(T=1.0, H=H, **NO_LEVELS, **METAL, **PHONONS, D=D)
    with mpmath.workdps(40):
        for field, value in zip(H, found["delta_sigma"], strict=True):
            y = mpmath.mpf(hbar) * rate / (4 * e * field * D)
            x = 2 * e * field * D / hbar * METAL["tau"]
            early = mpmath.quad(lambda s: 1 / s - 1 / mpmath.sinh(s), [mpmath.mpf(0), x])
            expected = e**2 / (2 * mpmath.pi**2 * hbar) * (mpmath.digamma(0.5 + y) - mpmath.log(y) - early)
            # The decay before tau is left out: rate tau of what is early.
            assert value == pytest.approx(float(expected), rel=1e-8, abs=float(1e-5 * early * e**2 / hbar))


def test_a_wire_with_an_exponential_decay_has_a_closed_form():
    D, width, rate = 1e-2, 1e-7, 4e8
    found = QUANTITY(T=1.0, H=H, **NO_LEVELS, **METAL, **PHONONS, D=D, width=width, geometry="wire")
    with mpmath.workdps(40):
        for field, value in zip(H, found["delta_sigma"], strict=True):
            taken = D * (mpmath.mpf(e) * field * width / hbar) ** 2 / 3
            expected = e**2 / (mpmath.pi * hbar) * mpmath.sqrt(D) * (rate**-0.5 - (rate + taken) ** -0.5)
            assert value == pytest.approx(float(expected), rel=1e-9)


@pytest.mark.parametrize("geometry", ["film", "wire"])
@pytest.mark.parametrize("number", range(3))
def test_levels_and_background_at_drawn_points(geometry, number):
    rng = np.random.default_rng([31, number, len(geometry) + (geometry == "wire")])
    T, Lambda0, chi, D = 10 ** rng.uniform([-1.5, -3.5, -2, -3], [0.5, -1.5, 0, -1])
    Estar, Pd, field = Lambda0 * 10 ** rng.uniform(0.5, 2), 10 ** rng.uniform(46, 48), 10 ** rng.uniform(-4, -1)
    averages, frequencies = reference.tunnelling_states(chi, T, Lambda0, Estar)
    B = hbar * Pd * METAL["sigma_in"] * METAL["v_F"]
    wire = {"background": "wire", "R_per_length": 1e7, "ee_prefactor": 1.0}
    rate, nyquist = decay_rates(T, **wire, D=D)
    constants = {"width": 1e-7, "geometry": "wire"} if geometry == "wire" else {}
    if geometry == "wire":
        taken = D * (e * field * 1e-7 / hbar) ** 2 / 3 * hbar / k
    else:
        taken = 2 * e * field * D / hbar * hbar / k

    def kernel(theta, gamma):
        x = taken * theta
        if geometry == "wire":
            return -np.expm1(-x) * np.sqrt(theta) * np.exp(-gamma)
        small = x**2 / 6 - 7 * x**4 / 360 + 31 * x**6 / 15120
        return np.where(x < 0.03, small, 1 - x / np.sinh(np.clip(x, 0.03, 500))) * np.exp(-gamma)

    def decay(theta):
        return (nyquist * theta * hbar / k) ** 1.5

    start = k * METAL["tau"] / hbar if geometry == "film" else 1e-12
    expected = reference.weighted(averages, B, start, frequencies, kernel, decay=decay)[0][0]
    expected *= e**2 / (2 * pi**2 * hbar) if geometry == "film" else e**2 / (pi * hbar) * sqrt(D / pi * hbar / k)
    point = {"T": T, "Lambda0": Lambda0, "Pd": Pd, "chi": chi, "Estar": Estar, "H": field}
    found = QUANTITY(**point, **METAL, D=D, **wire, **constants)
    assert found["status"] == 0 and rate == 0
    assert found["delta_sigma"] == pytest.approx(expected, rel=QUANTITY.accuracy), point


@pytest.mark.parametrize("geometry", ["film", "wire"])
def test_a_small_field_takes_its_square_and_cells_are_alone(geometry):
    T, Pd, chi = np.array([0.05, 1.0]), np.array([1e45, 1e47]), np.array([0.01, 1.0])
    fields = np.array([1e-6, 2e-6, 0.1])
    options = METAL | {"D": 1e-4, "geometry": geometry} | ({"width": 2e-8} if geometry == "wire" else {})
    axes = {"T": T[:, None, None, None], "Pd": Pd[:, None, None], "chi": chi[:, None], "H": fields}
    whole = QUANTITY(**axes, Lambda0=0.01, Estar=10.0, **options)["delta_sigma"]
    np.testing.assert_allclose(whole[..., 1] / whole[..., 0], 4.0, rtol=1e-3)
    assert np.all(np.diff(whole, axis=-1) > 0)
    for i, j, m, n in np.ndindex(whole.shape):
        cell = {"T": T[i], "Pd": Pd[j], "chi": chi[m], "H": fields[n], "Lambda0": 0.01, "Estar": 10.0}
        assert QUANTITY(**cell, **options)["delta_sigma"] == whole[i, j, m, n]


def test_statuses():
    empty = QUANTITY(T=0.1, H=0.01, **NO_LEVELS, **METAL, D=1e-3)
    assert empty["delta_sigma"] == np.inf and empty["status"] == 3
