"""The spectrum of one coflip number as a sum over lobes: against the integral itself and a slow reference; its bits."""

import numpy as np
import pytest
from scipy.special import jnp_zeros, jv

from helpers import reference_grains as reference
from physics.grains.lobes import lobe_sums, lobes
from physics.grains.spectrum import SPECTRUM
from physics.grains.susceptibility import TABULATED, direct_integrals

CUSPS = np.array(sorted({abs(jv(M, z)) for M in range(60) for z in jnp_zeros(M, 14)} | {1.0}))


@pytest.mark.parametrize("Lambda", [1e-9, 1e-4, 3e-3, 0.05, 0.4, 2.0, 10.0, TABULATED])
def test_the_sum_over_lobes_is_the_integral(Lambda):
    rng = np.random.default_rng(3)
    near = rng.choice(CUSPS, 30) + 10 ** rng.uniform(-6, -1, 30) * rng.choice([-1, 1], 30)
    slow = np.sqrt(Lambda) * 10 ** rng.uniform(-1.5, 1, 15)
    W = np.concatenate([10 ** rng.uniform(-6, 4, 30), near, slow, 1 + 6 * Lambda * rng.normal(size=6)])
    W = W[(np.abs(W[:, None] - CUSPS).min(axis=1) > 1e-7) & (W > 1e-6)]
    np.testing.assert_allclose(lobe_sums(W, Lambda), direct_integrals(SPECTRUM, W, Lambda), rtol=2e-10)


@pytest.mark.parametrize(("W", "Lambda"), [(1.2, 0.5), (3.0, 0.05), (1.5, 4.0)])
def test_against_the_slow_reference(W, Lambda):
    assert lobe_sums(np.array([W]), Lambda)[0] / (2 * W) == pytest.approx(reference.spectrum(W, Lambda), rel=1e-11)


@pytest.mark.parametrize("Lambda", [0.02, 10.0])
def test_frequencies_above_all_splittings_count_the_systems(Lambda):
    """sum_M J_M^2 = 1: F -> 1/W."""
    assert lobe_sums(np.array([1e6]), Lambda)[0] == pytest.approx(1e-6, rel=1e-11)


def test_bits_do_not_depend_on_what_was_asked_before():
    W = np.geomspace(1e-3, 3, 40)
    lobes.cache_clear()
    together = lobe_sums(W, 0.7)
    lobes.cache_clear()
    one_by_one = [lobe_sums(W[i : i + 1], 0.7)[0] for i in reversed(range(40))]
    assert list(together) == one_by_one[::-1]
