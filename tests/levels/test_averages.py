"""J1 and J3 of each distribution against the plain sums over its levels, at all times."""

import numpy as np
import pytest
from scipy.special import erfc

from physics.levels.averages import (
    RELAXATION_TERMS,
    RESONANT_TERMS,
    TABLE,
    relaxation,
    relaxation_part,
    relaxation_series,
    relaxation_table,
    resonant,
    sums,
)
from physics.levels.distributions import DISTRIBUTIONS
from physics.numerics.quadrature import NODES, WINDOW_CENTRE, WINDOW_WIDTH, chebyshev_points, windowed_kernel_table

POINTS = [
    ("tunnelling_states", (0.1, 1e-3, 10.0)),
    ("tunnelling_states", (0.02, 0.5, 0.5001)),
    ("tunnelling_states", (100.0, 1e-5, 1000.0)),
    ("glass", (0.3, 20.0, 1e-9, "consistent")),
    ("gaussian_barrier", (0.05, 1e-3, 2.0, 3.0)),
    ("clusters", (0.05, 1e-3, 10.0, 1e41, 1e-48)),
    ("clusters", (0.01, 1e-4, 1.0, 3e47, 1e-48)),
]
THETA = np.geomspace(1e-12, 1e14, 157)


def resonant_kernel(x):
    """1 - W sin(x)/x, by its power series where it is small."""
    small = x < 0.1
    y = np.where(small, x, 0.0) ** 2
    series = y / 6 * (1 - y / 20 * (1 - y / 42 * (1 - y / 72 * (1 - y / 110))))
    window = 0.5 * erfc((x - WINDOW_CENTRE) / (np.sqrt(2) * WINDOW_WIDTH))
    return np.where(small, series, 1 - window * np.sinc(x / np.pi))


def relaxation_kernel(v):
    small = v < 0.1
    y = np.where(small, v, 0.0)
    series = y / 2 * (1 - y / 3 * (1 - y / 4 * (1 - y / 5 * (1 - y / 6 * (1 - y / 7 * (1 - y / 8 * (1 - y / 9)))))))
    large = np.where(small, 1.0, v)
    return np.where(small, series, 1 + np.expm1(-large) / large)


def levels(name, values):
    spectrum = DISTRIBUTIONS[name].spectrum(*values)
    energies = sums(spectrum.energies, spectrum.resonant, 2, RESONANT_TERMS)
    return spectrum, energies, sums(spectrum.rates, spectrum.relaxation, 1, RELAXATION_TERMS)


@pytest.mark.parametrize(("name", "values"), POINTS)
def test_resonant_average(name, values):
    spectrum, energies, _ = levels(name, values)
    room = np.empty(len(energies.x))
    found = [resonant(theta, energies, windowed_kernel_table(), room) for theta in THETA]
    expected = [np.sum(spectrum.resonant * resonant_kernel(spectrum.energies * theta)) for theta in THETA]
    np.testing.assert_allclose(found, expected, rtol=1e-11)


@pytest.mark.parametrize(("name", "values"), POINTS)
def test_relaxation_average(name, values):
    spectrum, _, rates = levels(name, values)
    room = np.empty(len(rates.x))
    found = [relaxation(z, rates, room) for z in THETA]
    expected = [np.sum(spectrum.relaxation * relaxation_kernel(spectrum.rates * z)) for z in THETA]
    np.testing.assert_allclose(found, expected, rtol=1e-10)


@pytest.mark.parametrize(("name", "values"), POINTS)
@pytest.mark.parametrize("chi", [1e-4, 0.03, 1.0])
def test_relaxation_of_a_row(name, values, chi):
    """At the nodes of panels of every width, those that cross a panel of the series among them."""
    spectrum, _, rates = levels(name, values)
    edges = np.cumsum(np.concatenate([[-27.0], np.tile([1.25, 0.3, 0.07, 1.1], 22)]))
    u = edges[:-1, None] + np.diff(edges)[:, None] * (np.arange(NODES) + 0.5) / NODES
    first, last = np.floor((np.log(chi) + u[[0, -1], [0, -1]]) / TABLE).astype(int)
    nodes, fit = chebyshev_points(20)
    series = relaxation_series(first, last, rates, relaxation_table(), nodes, fit)
    out = np.empty_like(u)
    relaxation_part(chi, u, np.exp(u) / 4, rates, series, first, out)
    v = chi * np.exp(u)[..., None] * spectrum.rates
    expected = np.exp(u) / 4 * np.sum(spectrum.relaxation * relaxation_kernel(v), axis=-1)
    np.testing.assert_allclose(out, expected, rtol=1e-9)
