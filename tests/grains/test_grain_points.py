"""The quantity `grains` at drawn points, for every option, against slow references."""

import itertools
import math

import numpy as np
import pytest
from scipy.special import comb, logsumexp

from helpers import reference_grains as reference
from physics import QUANTITIES
from physics.constants import BOLTZMANN, HBAR
from physics.grains.bias import log_binomial
from physics.grains.polarisation import depolarisation
from physics.grains.susceptibility import spectrum

GRAINS = QUANTITIES["grains"]
PHASES = {"fixed": 0.0, "general": 0.3, "uniform": math.inf}
CONVENTIONS = {"published": (1, 1.0), "consistent": (2, 0.5)}


def drawn_grain(rng, bias, convention, phase):
    """A point whose width is some times Delta_tilde, not cold, and its distribution: parameters, density, width,
    the range of the bias and the arguments of the phase."""
    c, factor = CONVENTIONS[convention]
    N = int(rng.integers(2, 9))
    Delta = 10 ** rng.uniform(4, 7)
    width = Delta * rng.uniform(4, 12)
    if bias == "overlapping":
        step = width / math.sqrt(N)
        total = width
    else:
        step = width * rng.uniform(0.7, 3)
        total = math.hypot(step * math.sqrt(N), width)
    omega0 = step / factor
    T = HBAR / BOLTZMANN * total * rng.uniform(0.7, 4)
    inverse = HBAR / (BOLTZMANN * T)
    Lambda, Phi = rng.uniform(0.05, 1.0), rng.uniform(-3, 3)
    along = PHASES[phase]
    point = {"T": T, "Delta_tilde": Delta, "omega0": omega0, "N_nuclei": float(N)}
    point["coflip"] = Lambda + (along if phase == "general" else 0.0)
    if phase == "general":
        point["coflip_z"] = along
    if phase != "uniform":
        point["Phi"] = Phi
    if bias == "groups":
        point["domega0"] = width / math.sqrt(N)
        end = step * N + 11 * width + width * width * inverse

        def density(eps):
            return reference.groups(np.atleast_1d(eps).ravel(), step, N, width, inverse).reshape(np.shape(eps))
    else:
        end = 11 * width + width * width * inverse

        def density(eps):
            return reference.gaussian(eps, width, inverse)

    return point, density, width, end, (Lambda, *reference.phases(along, Phi)), c


OPTIONS = [dict(zip(GRAINS.options, values, strict=True)) for values in itertools.product(*GRAINS.options.values())]


@pytest.mark.parametrize("options", OPTIONS, ids=lambda options: "-".join(options.values()))
def test_drawn_points(options):
    rng = np.random.default_rng(5)
    point, density, width, end, (Lambda, *phase), c = drawn_grain(
        rng, options["bias"], options["convention"], options["phase"]
    )
    Delta, omega0 = point["Delta_tilde"], point["omega0"]
    x, W = rng.uniform(1, 8), rng.uniform(1.3, 4)
    found = GRAINS(**point, **options, time=x / (4 * Delta), omega=4 * Delta * W)
    if options["width"] == "flat":
        A = c * math.pi * Delta * float(density(np.array([0.0]))[0])
        lost = A * reference.flat_loss(x, Lambda, *phase)
        response = A / Delta * reference.spectrum_above(W, Lambda, *phase)
    else:
        lost = c * reference.finite_loss(x / (4 * Delta), density, width, Lambda, *phase, Delta, omega0, -end, end)

        def weight(energy, M):
            eps = 2 * Delta * energy
            return 0.5 * (density(eps + M * omega0 / 2) + density(-eps + M * omega0 / 2))

        response = c * math.pi * reference.spectrum_above(W, Lambda, *phase, weight)
    assert 1 - found["P"] == pytest.approx(lost, rel=1e-9, abs=1e-14)
    assert found["susceptibility"] == pytest.approx(response, rel=1e-9)


@pytest.mark.parametrize(
    ("Lambda", "x", "along"),
    [(8.5, 12.0, 0.0), (60.0, 7.0, 0.0), (100.0, 2.0, 0.0), (20.0, 2.0, math.inf)],
)
def test_P_of_many_coflips(Lambda, x, along):
    Phi = {} if math.isinf(along) else {"Phi": 0.4}
    expected = reference.flat_loss(x, Lambda, *reference.phases(along, 0.4, 10))
    assert depolarisation(x, Lambda, coflip_z=along, **Phi) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize(("Lambda", "W"), [(11.9, 1.02), (12.1, 1.3), (100.0, 1.02)])
def test_spectrum_of_many_coflips(Lambda, W):
    expected = reference.spectrum_above(W, Lambda, *reference.phases(0, 0))
    assert spectrum(W, Lambda) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize(
    ("Lambda", "W"),
    [(1e-3, 0.02), (0.02, 0.99), (0.3, 0.58), (1.0, 1.0001), (3.0, 0.2), (15.0, 0.7), (60.0, 0.9)],
)
def test_spectrum_of_a_uniform_phase(Lambda, W):
    assert spectrum(W, Lambda, coflip_z=math.inf) == pytest.approx(reference.uniform_spectrum(W, Lambda), rel=1e-9)


COLD = [
    # omega0/2 over k_B T/hbar up to 2, and omega far beyond the width.
    {"T": 5.07e-4, "Delta_tilde": 4.42e4, "coflip": 0.361, "omega": 2.88e6, "omega0": 2.68e8, "N_nuclei": 4.0},
    {"T": 5e-4, "Delta_tilde": 1e6, "coflip": 0.1, "omega": 6e6, "omega0": 2e8, "N_nuclei": 3.0},
    {"T": 2e-4, "Delta_tilde": 1e6, "coflip": 3.0, "omega": 2e7, "omega0": 5e7, "N_nuclei": 4.0},
    {"T": 2e-4, "Delta_tilde": 1e6, "coflip": 0.5, "omega": 2e7, "omega0": 8e7, "N_nuclei": 2.0},
    {"T": 1.0, "Delta_tilde": 1e6, "coflip": 5.0, "omega": 3e7, "omega0": 1e6, "N_nuclei": 9.0},
    {"T": 1.0, "Delta_tilde": 1e6, "coflip": 5.0, "omega": 6e7, "omega0": 1e6, "N_nuclei": 9.0},
]


@pytest.mark.parametrize("point", COLD)
@pytest.mark.parametrize("bias", ["overlapping", "groups"])
def test_spectrum_far_out_in_the_bias(point, bias):
    """Orders that are favoured by many powers of ten: right above the stated floor, 0 below."""
    Delta, omega0, N = point["Delta_tilde"], point["omega0"], int(point["N_nuclei"])
    inverse = HBAR / (BOLTZMANN * point["T"])
    s = omega0 * math.sqrt(N) if bias == "overlapping" else 1.2 * omega0
    up = np.arange(N + 1) if bias == "groups" else np.zeros(1)
    part = up * -np.logaddexp(0, 2 * omega0 * inverse) - (N - up) * np.logaddexp(0, -2 * omega0 * inverse)
    part = part + np.log(comb(N, up)) if bias == "groups" else np.zeros(1)
    centres = (omega0 * (2 * up - N) if bias == "groups" else 0.0) - s * s * inverse

    def density(eps):
        exponents = part - 0.5 * ((np.asarray(eps)[..., None] - centres) / s) ** 2
        return np.exp(logsumexp(exponents, axis=-1)) / (s * math.sqrt(2 * math.pi))

    def weight(energy, M):
        eps = 2 * Delta * energy
        return 0.5 * (density(eps + M * omega0 / 2) + density(-eps + M * omega0 / 2))

    W = point["omega"] / (4 * Delta)
    phase = reference.phases(0.0, 0.2)
    expected = math.pi * reference.spectrum_above(W, point["coflip"], *phase, weight)
    greatest = density(centres).max()
    most = math.pi * greatest * reference.spectrum_above(W, point["coflip"], *phase)
    extra = {"domega0": s / math.sqrt(N)} if bias == "groups" else {}
    options = {"bias": bias, "width": "finite", "convention": "published"} | extra
    found = GRAINS(**point, Phi=0.2, **options, variables=("susceptibility",))["susceptibility"]
    if expected < 1e-10 * most:
        assert found == 0
    else:
        assert found == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("N", [1, 2, 17, 100, 10**4, 10**6])
@pytest.mark.parametrize("p", [0.5, 0.49, 1e-3, 1e-12])
def test_weight_of_a_group(N, p):
    from mpmath import binomial, log, mpf, workdps

    for up in {0, 1, N // 3, N // 2, round(N * p), N}:
        with workdps(30):
            q = 1 - mpf(p)
            exact = log(binomial(N, up)) + up * log(mpf(p)) + (N - up) * log(q)
            found = log_binomial(float(up), float(N), float(log(mpf(p))), float(log(q)))
        assert found == pytest.approx(float(exact), rel=1e-13, abs=2e-13)
