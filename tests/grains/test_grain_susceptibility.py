"""chi''(omega) of magnetic grains: accuracy against slow references, edges, sum rules, the Fourier pair with P(t)."""

import math

import numpy as np
import pytest
from scipy.special import ellipe, ellipk, jnp_zeros, jv

from helpers import reference_grains as reference
from physics import QUANTITIES, ParameterError
from physics.constants import BOLTZMANN, HBAR
from physics.grains.lobes import lobes
from physics.grains.panels import empty_table
from physics.grains.polarisation import depolarisation, final_depolarisation
from physics.grains.spectrum import SPECTRUM
from physics.grains.susceptibility import TABULATED, cumulative_spectrum, direct_integrals, edge_spectrum, spectrum

GRAINS = QUANTITIES["grains"]
CUSPS = np.array(sorted({abs(jv(M, z)) for M in range(40) for z in jnp_zeros(M, 12)} | {1.0}))
POINT = {"T": 1.0, "Delta_tilde": 1e6, "coflip": 0.5, "Phi": 0.0, "time": 1e-7, "omega": 6e6}
NUCLEI = {"omega0": 5e7, "N_nuclei": 100.0}


@pytest.mark.parametrize(
    ("omega", "value"),
    [
        (0.5, 2.0177),
        (1, 4.1634),
        (2, 2.7625),
        (3, 1.01563),
        (4, 0.557437),
        (5, 0.336703),
        (8, 0.127292),
        (20, 0.0200562),
    ],
)
def test_independent_values_for_ten_coflips(omega, value):
    assert spectrum(omega / 4, 10.0) == pytest.approx(value, rel=1e-5)


@pytest.mark.parametrize("Lambda", [1e-3, 0.1, 3.0])
def test_accuracy_above_all_singular_points(Lambda):
    for W in (1.0005, 1.5, 30.0):
        assert spectrum(W, Lambda) == pytest.approx(reference.spectrum(W, Lambda), rel=1e-12)


@pytest.mark.parametrize(
    ("Lambda", "W"), [(1e-3, 0.999), (1e-3, 0.05), (0.1, 0.5818), (0.1, 0.9), (1.0, 0.58183), (1.0, 0.3), (1.2, 0.45)]
)
def test_accuracy_below_the_edge_and_beside_the_cusps(Lambda, W):
    distance = np.abs(CUSPS - W).min()
    expected = reference.spectrum_by_difference(W, Lambda, distance)
    rounding = 1e-13 * 25 / distance * reference.cumulative(W, Lambda) / expected
    assert spectrum(W, Lambda) == pytest.approx(expected, rel=1e-9 + rounding)


@pytest.mark.parametrize("Lambda", [1e-3, 0.1, 2.0])
def test_accuracy_of_the_cumulative_spectrum(Lambda):
    for W in (0.01, 0.3, 0.58, 0.999, 1.5):
        assert cumulative_spectrum(W, Lambda) == pytest.approx(reference.cumulative(W, Lambda), rel=1e-11)


@pytest.mark.parametrize("arguments", [{"coflip": 0.5, "coflip_z": 0.04, "Phi": 0.4}, {"coflip": 1.0, "coflip_z": 0.7}])
def test_average_over_the_phase(arguments):
    """The smooth integral against an average over fixed phases; the spectrum as its derivative."""
    coflip_z, Phi = arguments["coflip_z"], arguments.get("Phi", 0.0)
    nu = np.arange(1, 1 + math.ceil(math.sqrt(10 / coflip_z)))
    phi = np.pi * (np.arange(80) + 0.5) / 80
    weight = 1 + 2 * (np.exp(-4 * coflip_z * nu**2)[:, None] * np.cos(2 * np.outer(nu, phi - Phi))).sum(axis=0)
    W = np.array([0.2, 1.3])
    Lambda = arguments["coflip"] - coflip_z
    fixed = np.array([cumulative_spectrum(W, Lambda, Phi=p) for p in phi[:40]])
    average = ((weight[:40] + weight[:39:-1])[:, None] * fixed).sum(axis=0) / 80
    np.testing.assert_allclose(cumulative_spectrum(W, **arguments), average, rtol=1e-3)
    W = 0.7
    h = np.abs(CUSPS - W).min() / 25
    stencil = {1: 4 / 5, 2: -1 / 5, 3: 4 / 105, 4: -1 / 280}
    up = cumulative_spectrum(W + h * np.arange(-4, 5), **arguments)
    slope = sum(c * (up[4 + k] - up[4 - k]) for k, c in stencil.items()) / h
    assert spectrum(W, **arguments) == pytest.approx(slope / 4, rel=1e-8)


@pytest.mark.parametrize("Lambda", [1e-6, 1e-3, 0.02, 0.3, 1.0])
def test_table_against_the_integral_itself(Lambda):
    rng = np.random.default_rng(7)
    W = np.concatenate([10 ** rng.uniform(-6, 1, 30), rng.uniform(0.1, 1.1, 30), 1 + 6 * Lambda * rng.normal(size=12)])
    W = W[(np.abs(W[:, None] - CUSPS).min(axis=1) > 1e-6) & (W > 0)]
    direct = direct_integrals(SPECTRUM, W, Lambda) / (2 * W)
    np.testing.assert_allclose(spectrum(W, Lambda), direct, rtol=1e-9)
    factor = math.cos(0.9)
    np.testing.assert_allclose(spectrum(factor * W, Lambda, Phi=-0.9), direct, rtol=1e-8)


def test_table_joins_the_integral_where_it_ends():
    W = np.array([0.37, 0.7, 1.2, 3.0])
    below, above = spectrum(W, TABULATED), spectrum(W, TABULATED * (1 + 1e-9))
    np.testing.assert_allclose(below, above, rtol=2e-8)


def test_bits_do_not_depend_on_what_the_table_was_asked_before():
    W = np.geomspace(1e-2, 3, 17)
    for extra in ({}, {"coflip_z": 0.1}):
        empty_table.cache_clear()
        lobes.cache_clear()
        together = spectrum(W, 0.3, **extra)
        empty_table.cache_clear()
        lobes.cache_clear()
        one_by_one = [float(spectrum(w, 0.3, **extra)) for w in W[::-1]]
        assert list(together) == one_by_one[::-1]


@pytest.mark.parametrize(
    ("W", "Lambda", "coflip_z", "Phi"),
    [
        (2e-3, 0.1, 0.02, 0.4),
        (0.036, 0.2, 1e-3, 0.5),
        (0.238, 0.2, 5e-6, 0.5),
        (0.6, 0.2, 1.0, 0.0),
        (0.582, 0.3, 5e-3, 0),
    ],
)
def test_general_phase_is_an_average_over_fixed_phases(W, Lambda, coflip_z, Phi):
    """Gauss's rule over phi between all cusps W = |cos(phi) J_M|, in steps of the width, both ends graded."""
    width = math.sqrt(2 * coflip_z)
    # Cusps further out have less than exp(-30) of the weight.
    turning = [(M, z) for M in range(12) for z in jnp_zeros(M, 8) if z * z < 120 * Lambda]
    marks = np.array([*(abs(jv(M, z)) for M, z in turning), 1, 2, 4, 8, 16])
    kinks = np.arccos(W / marks[marks > W])
    graded = kinks.min() / 2 ** np.arange(1, 12)
    ends = np.concatenate([[0, math.pi / 2], kinks, graded, Phi + width * np.arange(-9, 10), np.linspace(0, 1.5, 9)])
    low, high = max(0, Phi - 9 * width), min(math.pi / 2, Phi + 9 * width)
    ends = np.unique(np.clip(ends, low, high))
    x, w = np.polynomial.legendre.leggauss(24)
    t = 0.5 * (x + 1)
    size = np.diff(ends)[:, None]
    psi = ends[:-1, None] + size * t**3 * (10 - 15 * t + 6 * t * t)
    images = [s * psi - Phi + k * math.pi for k in range(-6, 7) for s in (1, -1)]
    density = sum(np.exp(-0.5 * (d / width) ** 2) for d in images) / (width * math.sqrt(2 * math.pi))
    scaled = W / np.cos(psi)
    fixed = direct_integrals(SPECTRUM, scaled.ravel(), Lambda).reshape(psi.shape) * np.cos(psi)
    expected = np.sum(size * 15 * w * t * t * (1 - t) ** 2 * density * fixed) / (2 * W)
    assert spectrum(W, Lambda + coflip_z, coflip_z=coflip_z, Phi=Phi) == pytest.approx(expected, rel=2e-9)


def test_uniform_phase_has_elliptic_integrals():
    """lambda -> 0: <> over phi is W (2/pi)[K(k^2) - E(k^2)], k = u/W < 1, or W (2k/pi)[K(1/k^2) - E(1/k^2)], k > 1."""
    for W in (1.0001, 1.7, 40.0):
        k = 1 / W
        assert spectrum(W, 0.0, coflip_z=math.inf) == pytest.approx((ellipk(k * k) - ellipe(k * k)) / math.pi, rel=1e-9)
    for W in (0.9999, 0.4, 0.01):
        m = W * W
        assert spectrum(W, 0.0, coflip_z=math.inf) == pytest.approx((ellipk(m) - ellipe(m)) / W / math.pi, rel=1e-9)


def test_fixed_phase_scales_the_frequency():
    assert spectrum(0.3, 0.4, Phi=1.1) == pytest.approx(float(spectrum(0.3 / math.cos(1.1), 0.4)), rel=1e-12)


def test_narrow_phase_is_an_average_over_fixed_phases():
    """No cusp is within reach of the phase here, so that the trapezoidal rule over it converges at once."""
    steps = 0.25 * np.arange(-36, 37)
    weights = 0.25 / math.sqrt(2 * math.pi) * np.exp(-0.5 * steps**2)
    phases = 0.5 + math.sqrt(2e-3) * steps
    near = np.abs(np.cos(phases[np.abs(steps) < 6, None]) * CUSPS - 0.7)
    assert near.min() > 0.02
    fixed = [float(spectrum(0.7, 0.4, Phi=phase)) for phase in phases]
    found = spectrum(0.7, 0.401, coflip_z=1e-3, Phi=0.5)
    assert found == pytest.approx(np.sum(weights * fixed), rel=1e-9)


def test_no_coflips_is_eq_7():
    W = np.array([0.3, 0.999, 1.001, 2.0, 50.0])
    expected = np.where(W > 1, 1 / (2 * W * np.sqrt(np.maximum(W * W - 1, 1e-9))), 0.0)
    np.testing.assert_allclose(spectrum(W, 0.0), expected, rtol=1e-12)


def test_edge_for_few_coflips():
    assert spectrum(1.0, 1e-3) == pytest.approx(19.8015, rel=1e-5)
    assert edge_spectrum(1.0, 1e-3) == pytest.approx(19.82, rel=1e-3)
    for s in (2.0, 0.5, -0.5, -3.0):
        W = 1 - 1e-5 * s
        assert edge_spectrum(W, 1e-5) == pytest.approx(float(spectrum(W, 1e-5)), rel=2e-4)


def test_the_broad_hump_of_ten_coflips_has_no_peak_at_the_splitting():
    W = np.linspace(0.95, 1.05, 21)
    assert (np.diff(spectrum(W, 10.0)) < 0).all()


@pytest.mark.parametrize("coflip", [1e-3, 0.5, 10.0])
def test_sum_rule_and_tail(coflip):
    assert cumulative_spectrum(1e9, coflip) == pytest.approx(math.pi * final_depolarisation(coflip), rel=1e-8)
    assert spectrum(1e4, coflip) == pytest.approx(0.5e-8, rel=1e-7)


@pytest.mark.parametrize("coflip", [1e-3, 0.7])
def test_pair_with_P(coflip):
    """int_0^inf exp(-g x) [P - P(infinity)] dx from P(t) and from the spectrum, which has g/(g^2 + W^2) there."""
    g = 0.7
    nodes, weights = np.polynomial.legendre.leggauss(120)
    x = 25 / g * (nodes + 1)
    left = np.sum(25 / g * weights * np.exp(-g * x) * (final_depolarisation(coflip) - depolarisation(x, coflip)))
    edge = 1 + coflip * np.array([-30, -10, -3, -1, 1, 3, 10, 30])
    edges = [[0], CUSPS[CUSPS > 0.3], edge[edge > 0.6], [1.05, 1.3, 2, 6, 30], [1e3]]
    edges = np.unique(np.concatenate(edges))
    x, w = np.polynomial.legendre.leggauss(20)
    width = np.diff(edges)[:, None] / 2
    # Both ends of a panel are graded, for the logarithms in the cusps.
    t = 0.5 * (x + 1)
    grade, slope = t**3 * (10 - 15 * t + 6 * t * t), 30 * t * t * (1 - t) ** 2
    W = (edges[:-1, None] + 2 * width * grade).ravel()
    C = cumulative_spectrum(W, coflip)
    right = np.sum((width * w * slope).ravel() * C * 2 * g * W / (g * g + W * W) ** 2) / math.pi
    right += g * final_depolarisation(coflip) / 1e6
    assert right == pytest.approx(left, rel=1e-7)


@pytest.mark.parametrize("convention", ["published", "consistent"])
@pytest.mark.parametrize("bias", ["overlapping", "groups"])
def test_finite_bias(bias, convention):
    """Both biases at which a system of splitting u has the frequency omega, for each M."""
    c, step = (1, 5e7) if convention == "published" else (2, 2.5e7)
    T, Delta = 5e-3, 1e6
    inverse = HBAR / (BOLTZMANN * T)

    def density(eps):
        if bias == "overlapping":
            return reference.gaussian(eps, 10 * step, inverse)
        return reference.groups(np.atleast_1d(eps), step, 100, 1e7, inverse)

    grid = np.linspace(-6e9, 6e9, 4001)

    def weight(energy, order):
        shift = order * 2.5e7
        eps = 2 * Delta * energy
        signs = (1,) if order == 0 else (1, -1)
        total = sum(density(side * eps + sign * shift) for side in (1, -1) for sign in signs)
        return 0.5 * total / len(signs)

    assert np.sum(density(grid)) * (grid[1] - grid[0]) == pytest.approx(1, rel=1e-9)
    extra = {"domega0": 1e6} if bias == "groups" else {}
    for coflip, W, accuracy in ((0.3, 1.5, 1e-9), (0.3, 0.7, 1e-6)):
        point = POINT | NUCLEI | extra | {"T": T, "coflip": coflip, "omega": 4 * Delta * W}
        found = GRAINS(**point, bias=bias, width="finite", convention=convention, variables=("susceptibility",))
        expected = c * math.pi * reference.spectrum(W, coflip, weight)
        assert found["susceptibility"] == pytest.approx(expected, rel=accuracy)


@pytest.mark.parametrize("coflip", [53.0, 90.0, 99.0, 100.0])
def test_a_wide_and_hot_bias_is_flat(coflip):
    """But for its Gaussian of width 5e5 rad/s at the bias omega/2; the spread of the resonances is small."""
    point = {"T": 10.0, "Delta_tilde": 1e3, "coflip": coflip, "time": 1e-9, "omega": [1e4, 1e5], "omega0": 1e3}
    point |= {"N_nuclei": 1e6, "phase": "uniform", "convention": "consistent"}
    flat, finite = (GRAINS(**point, width=width, variables=("susceptibility",)) for width in ("flat", "finite"))
    gaussian = np.exp(-0.5 * (np.array(point["omega"]) / 2 / 5e5) ** 2)
    np.testing.assert_allclose(finite["susceptibility"], flat["susceptibility"] * gaussian, rtol=4e-4)


def test_units():
    """chi'' in s for a flat bias: A/Delta_tilde times the reduced function."""
    found = GRAINS(**POINT, **NUCLEI, variables=("susceptibility",))["susceptibility"]
    A = 0.0025066282746310006
    assert found == pytest.approx(A / 1e6 * float(spectrum(1.5, 0.5)), rel=1e-5)


def test_refusals():
    with pytest.raises(ParameterError, match="W = 0"):
        spectrum(0.0, 1.0)
    with pytest.raises(ParameterError, match="coflip = 1"):
        edge_spectrum(1.0, 1.0)
    with pytest.raises(ParameterError, match="W = -1"):
        cumulative_spectrum(-1.0, 1.0)
