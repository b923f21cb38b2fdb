"""Gaussian barriers over the whole allowed range of widths and cut-offs, against a reference of their own."""

import numpy as np
import pytest

from helpers import reference_barriers
from physics import QUANTITIES, ParameterError
from physics.electrons.dephasing import tau_phi

METAL = {"sigma_in": 1e-19, "v_F": 1e6, "tau": 1e-14}
PROMISED = QUANTITIES["dephasing"].accuracy
# At the last phase the sine has no effect to first order: its integral beyond is cos(phase)/phase^2.
NODES = {"fine": (40, 10), "coarse": (14, 8), "phase_end": 300.5 * np.pi}

# Rows of T, Lambda0, Pd, chi, E*, barrier_width.
POINTS = {
    "tail far below Lambda0": (10.0, 1.0, 1e44, 1.0, 0.002, 0.68),
    "tail within the domain": (1.66, 0.10957, 1e44, 1.0, 0.0035847, 0.4485),
    "sharp tail, large phase": (0.11, 0.367, 2.26e46, 1.9e-3, 0.33, 0.03),
    "cut-off at Lambda0": (0.05, 0.034, 1.2e48, 0.05, 0.034, 0.27),
    "cut-off just above a narrow distribution": (1.0, 0.1, 1e47, 0.01, 0.102, 0.01),
    "cold flank": (1e-3, 1.0, 1e47, 0.3, 10.0, 0.9),
    "the broadest, far above": (0.02, 0.3, 1e48, 0.1, 100.0, 5.0),
    "the broadest, far below": (3.0, 1.0, 1e47, 0.1, 2e-3, 5.0),
}


def drawn(count, seed=11):
    """Points of the promised domain and of all widths, cut-offs from far below to far above Lambda0, where tau_phi is
    short enough for a reference that resolves every oscillation."""
    rng = np.random.default_rng(seed)
    points = []
    while len(points) < count:
        T, Lambda0, Pd, chi = 10 ** rng.uniform([-3, -5, 43, -4], [1, 0, 49, 0])
        width = 10 ** rng.uniform(-1.3, np.log10(5))
        Estar = float(np.clip(Lambda0 * np.exp(rng.uniform(-6, 6) * width), 2e-3, 100))
        point = T, Lambda0, Pd, chi, Estar, width
        if computed(*point)[0] * min(Lambda0, Estar) < 1e-9:
            points.append(point)
    return points


def computed(*point):
    *point, width = point
    options = METAL | {"distribution": "gaussian_barrier", "barrier_width": width}
    return np.array([tau_phi(*point, **options, channel=channel) for channel in ("both", "resonant", "relaxation")])


@pytest.mark.parametrize("name", POINTS)
def test_accuracy(name):
    expected = reference_barriers.dephasing_times(*POINTS[name], **METAL, **NODES)
    np.testing.assert_allclose(computed(*POINTS[name]), expected, rtol=PROMISED)


def test_accuracy_at_drawn_points():
    for point in drawn(3):
        expected = reference_barriers.dephasing_times(*point, **METAL, **NODES)
        np.testing.assert_allclose(computed(*point), expected, rtol=PROMISED, err_msg=str(point))


def test_the_narrowest_distribution_is_the_tunnelling_states_model():
    """The difference is of second order in the width times Lambda0/T."""
    point = (0.1, 0.05, 1e46, 0.1, 3.0)
    sharp = [tau_phi(*point, **METAL, channel=channel) for channel in ("both", "resonant", "relaxation")]
    np.testing.assert_allclose(computed(*point, 1.1e-6), sharp, rtol=1e-10)


def test_a_tail_falls_as_the_normal_distribution():
    """Nearly all of what is left lies at E* itself: two densities that differ by the normal density there only."""
    near, far = (computed(10.0, 1.0, 1e44, 1.0, Estar, 0.05)[1] for Estar in (0.2500, 0.2495))
    z = np.log([0.25, 0.2495]) / 0.05
    assert np.log(far / near) == pytest.approx(0.5 * (z[1] ** 2 - z[0] ** 2), rel=2e-2)


def test_where_nothing_is_left_it_never_dephases():
    """(ln(Lambda0/E*)/width)^2/2 = 7700: no density of states makes up for it; at 193 one does."""
    result = QUANTITIES["dephasing"](
        T=1.0,
        Lambda0=1.0,
        Pd=[1e43, 1e49],
        chi=0.1,
        Estar=[[0.002], [0.375]],
        **METAL,
        distribution="gaussian_barrier",
        barrier_width=0.05,
    )
    assert np.isinf(result["tau_phi"]).tolist() == [[True, True], [False, False]]
    assert result["status"].tolist() == [[2, 2], [0, 0]]


@pytest.mark.parametrize("width", [1e-6, 5.1])
def test_widths_outside_the_domain(width):
    with pytest.raises(ParameterError, match=r"barrier_width = .* is outside its domain; allowed: > 1e-06 and <= 5"):
        computed(0.1, 0.01, 1e47, 0.1, 10.0, width)
