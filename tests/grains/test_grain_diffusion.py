"""The spectrum of a grain whose bias diffuses, against Bloch's equations on a grid of biases."""

import numpy as np
import pytest
import scipy.sparse as sp
from scipy.sparse.linalg import spsolve

from physics import QUANTITIES
from physics.grains.diffusion import broadened

QUANTITY, GRAINS = QUANTITIES["grain_diffusion"], QUANTITIES["grains"]
NUCLEI = {"omega0": 5e7, "N_nuclei": 5000.0}


def on_a_grid(W, drift, end, count):
    """Re int dt exp(i omega t) of the loss, from Bloch's equations at each bias with (D/2) d^2/deps^2 in between.

    Delta = 1, omega = 2W; only what differs from the unperturbed polarisation 1/s is on the grid. Beyond its ends
    y = -1/(2 eps^2).
    """
    s = -2j * W
    bias, step = np.linspace(-end, end, count, retstep=True)
    second = sp.diags([np.ones(count - 1), -2 * np.ones(count), np.ones(count - 1)], [-1, 0, 1], dtype=complex)
    own = s * sp.identity(count, dtype=complex) - drift / 2 / step**2 * second
    turn, one = sp.diags(2 * bias), sp.identity(count)
    bloch = sp.bmat([[own, turn, None], [-turn, own, 2 * one], [None, -2 * one, own]], format="csc")
    right = np.concatenate([np.zeros(count), -2 / s * np.ones(count), np.zeros(count)])
    y = spsolve(bloch, right)[count : 2 * count]
    return -2 * (y.sum() * step - 1 / end) * s / (2 * np.pi)


@pytest.mark.parametrize(
    ("W", "drift", "end"), [(1.07, 0.44, 200.0), (0.63, 0.9, 200.0), (0.21, 4.7, 1600.0), (1.9, 1.3, 200.0)]
)
def test_it_solves_blochs_equations_with_diffusion(W, drift, end):
    coarse, fine = (on_a_grid(W, drift, end, count) for count in (20001, 40001))
    # Second order in the step.
    expected = fine + (fine - coarse) / 3
    assert broadened(W, drift) == pytest.approx(expected, rel=1e-4)


def test_without_diffusion_it_is_the_sharp_edge():
    for W in (1.01, 1.7, 30.0):
        assert broadened(W, 1e-13).real == pytest.approx(W / np.sqrt(W * W - 1), rel=1e-9)
    omega, T2 = np.array([4.2e6, 1e7, 8e7]), 10.0
    given = {"T": 0.1, "Delta_tilde": 1e6, "omega": omega} | NUCLEI
    found = QUANTITY(**given, T2=T2, domega0=1.0)
    sharp = GRAINS(**given, coflip=1e-9, Phi=0.0, time=1e-6)["susceptibility"]
    np.testing.assert_allclose(found["susceptibility"], sharp, rtol=1e-6)
    assert (found["status"] == 0).all()


def test_the_edge_scales_as_a_parabolic_cylinder():
    """About W = 1 the width in W is sqrt(drift), and the height its -1/4th power."""
    one, other = (broadened(1 + 0.3 * np.sqrt(d), d) * d**0.25 for d in (1e-8, 1e-12))
    assert other == pytest.approx(one, rel=1e-3)


def test_the_peak_is_washed_out_where_8_fails():
    """With T2^-1 = dw, ferritin's peak near 4 Delta is there until N^(1/3)/T2 is more than twice Delta."""
    omega = np.geomspace(1e6, 1e7, 60)
    for drift, peaks in ((0.3, 1), (1.0, 1), (2.0, 1), (3.0, 0), (6.0, 0)):
        T2 = 5000 ** (1 / 3) / (drift * 1e6)
        found = QUANTITY(T=0.1, Delta_tilde=1e6, T2=T2, omega=omega, **NUCLEI, domega0=1 / T2)
        chi = found["susceptibility"]
        inside = (chi[1:-1] > chi[:-2]) & (chi[1:-1] > chi[2:])
        assert inside.sum() == peaks, drift
        np.testing.assert_allclose(found["drift"], drift, rtol=1e-12)


def test_status_and_drift():
    given = {"T": 0.1, "Delta_tilde": 1e6, "omega": 1e5} | NUCLEI
    found = QUANTITY(**given, T2=1e-6, domega0=1e6)
    assert found["status"] == 3
    assert found["drift"] == pytest.approx((5000 * 1e12 / 1e-6) ** (1 / 3) / 1e6)
    assert QUANTITY(**(given | {"omega": 1e8, "T": 1e-3, "Delta_tilde": 9e7}), T2=1e-6, domega0=1e6)["status"] == 2
    assert QUANTITY(**(given | {"N_nuclei": 1.0, "omega": 1e8, "omega0": 1e5}), T2=1e-6, domega0=1e6)["status"] == 1
