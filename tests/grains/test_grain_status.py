"""The statuses of `grains`, each on either side of its threshold, and what they promise: P between -1 and 1."""

import math

import numpy as np
import pytest
from scipy.optimize import brentq
from scipy.special import comb

from helpers import reference_grains as reference
from helpers.unlimited import unlimited
from physics import QUANTITIES
from physics.constants import BOLTZMANN, HBAR

GRAINS = unlimited("grains")
LIMITS = QUANTITIES["grains"].limits
FLAGS = GRAINS.variable("status").flags
HOT = 1e6
BESIDE = (1 - 1e-6, 1 + 1e-6)
FERRITIN = {"omega0": 5e7, "N_nuclei": 100.0}
KELVIN = BOLTZMANN / HBAR


def status(expected, **point):
    """The status of a grain of ferritin, but for what is given, beside the name of the one expected."""
    point = FERRITIN | {"T": HOT, "Delta_tilde": 1e6, "coflip": 1e-3, "Phi": 0.0} | point
    if point.get("phase") == "uniform":
        del point["Phi"]
    found = GRAINS(**point, variables=("status",))["status"]
    assert np.asarray(found).item() == FLAGS[expected], (expected, point)


@pytest.mark.parametrize("width", ["flat", "finite"])
@pytest.mark.parametrize("bias", ["overlapping", "groups"])
@pytest.mark.parametrize("convention", ["published", "consistent"])
@pytest.mark.parametrize(
    ("Lambda", "phase", "cosine"),
    [
        (1e-3, {}, 1.0),
        (3.0, {"Phi": 0.5}, math.cos(0.5)),
        (40.0, {"Phi": 0.5}, math.cos(0.5)),
        (2.0, {"phase": "uniform"}, 2 / math.pi),
        (1.0, {"phase": "general", "coflip_z": 0.5, "Phi": 0.5}, None),
    ],
)
def test_narrow_bias(width, bias, convention, Lambda, phase, cosine):
    """The mean probability of the other side, pi Delta_tilde S1/(width sqrt(2 pi)), reaches 1/2."""
    if cosine is None:
        phi = np.pi * np.arange(200000) / 200000
        density = 1 + 2 * sum(np.exp(-2 * n * n) * np.cos(2 * n * (phi - 0.5)) for n in range(1, 7))
        cosine = float(np.mean(density * abs(np.cos(phi))))
    sigma = 5e8 if convention == "published" else 2.5e8
    spread = 3e7 if bias == "groups" else None
    extent = sigma if bias == "overlapping" else spread * 10
    extra = {"domega0": spread} if spread else {}
    threshold = min(extent, extent / math.sqrt(2 * math.pi) / (cosine * reference.channels(Lambda)))
    options = {"width": width, "bias": bias, "convention": convention} | extra | phase
    for factor, expected in zip(BESIDE, ("ok", "narrow_bias"), strict=True):
        coflip = Lambda + phase.get("coflip_z", 0.0)
        status(expected, coflip=coflip, Delta_tilde=threshold * factor, **options)


def test_narrow_bias_where_the_phase_closes_the_resonances():
    """cos(Phi) is nearly 0, and the width itself is the limit, where P of a finite bias is no longer given."""
    for factor, expected in zip(BESIDE, ("ok", "narrow_bias"), strict=True):
        status(expected, Delta_tilde=5e8 * factor, Phi=1.5, width="finite")
        point = FERRITIN | {"T": 1.0, "Delta_tilde": 5e8 * factor, "coflip": 1e-3, "Phi": 1.5, "time": 1e-9}
        assert np.isnan(GRAINS(**point, width="finite", variables=("P",))["P"]) == (expected != "ok")


def test_resonances_of_a_flat_bias_beyond_its_width():
    """omega0 sqrt(lambda/2) over the width: sqrt(lambda/2N) for the Gaussian, over sqrt(N) dw for groups."""
    for factor, expected in zip(BESIDE, ("ok", "uneven_bias"), strict=True):
        status(expected, coflip=2 * 4 * factor, N_nuclei=4.0)
        status(expected, coflip=2 * 4 * factor / 4, N_nuclei=4.0, convention="consistent")
        status(expected, coflip=2 * (1e7 / 5e7) ** 2 * factor, domega0=1e6, bias="groups")
        status("ok", coflip=2 * 4 * factor, N_nuclei=4.0, width="finite")


def test_resonances_of_a_flat_bias_beyond_the_temperature():
    """k_B T/hbar is reached by omega0 sqrt(lambda/2), or by the width 2 Delta_tilde of a resonance."""
    for factor, expected in zip(BESIDE, ("uneven_bias", "ok"), strict=True):
        status(expected, coflip=18.0, N_nuclei=10.0, T=5e7 * 3 / KELVIN * factor)
        status("ok", coflip=18.0, N_nuclei=10.0, T=5e7 * 3 / KELVIN * factor, width="finite")
        status(expected, Delta_tilde=5e7, T=1e8 / KELVIN * factor, omega0=1.5e7)


@pytest.mark.parametrize(
    ("bias", "convention", "coflip"), [("overlapping", "published", 1e-3), ("groups", "consistent", 0.01)]
)
def test_a_flat_bias_knows_the_grains_at_resonance_only(bias, convention, coflip):
    """pi Delta_tilde W(0) sum <|J_M|> for them meets 2 Delta_tilde^2/<eps^2> for the others at one temperature."""
    Delta, step, s = 1e5, 5e7 if convention == "published" else 2.5e7, 1e7
    channels = reference.channels(coflip)

    def excess(T):
        x = step / (KELVIN * T)
        if bias == "overlapping":
            sigma = 10 * step
            mean, variance = sigma * sigma / (KELVIN * T), sigma * sigma
            at_zero = math.exp(-0.5 * (sigma / (KELVIN * T)) ** 2) / (sigma * math.sqrt(2 * math.pi))
        else:
            mean = 100 * step * math.tanh(x) + s * s / (KELVIN * T)
            variance = 100 * step**2 / math.cosh(x) ** 2 + s * s
            centre = comb(100, 50, exact=True) / (2 * math.cosh(x)) ** 100
            at_zero = centre * math.exp(-0.5 * (s / (KELVIN * T)) ** 2) / (s * math.sqrt(2 * math.pi))
        return math.log(math.pi * at_zero * channels * (mean * mean + variance) / (2 * Delta))

    T = brentq(excess, 2e-4, 1.0, xtol=1e-16, rtol=1e-14)
    extra = {"domega0": 1e6} if bias == "groups" else {}
    for factor, expected in zip(BESIDE, ("uneven_bias", "ok"), strict=True):
        options = {"bias": bias, "convention": convention} | extra
        status(expected, Delta_tilde=Delta, coflip=coflip, T=T * factor, **options)


def test_cold():
    """The Gaussian about -hbar sigma^2/k_B T has 1e-10 of its maximum at zero bias for hbar sigma/k_B T = 6.786."""
    depth = math.sqrt(2 * math.log(1e10))
    for factor, expected in zip(BESIDE, ("cold", "ok"), strict=True):
        status(expected, T=5e8 / KELVIN / depth * factor, width="finite")
        status(expected, T=2.5e8 / KELVIN / depth * factor, width="finite", convention="consistent")

    def excess(T):
        x = 5e7 / (KELVIN * T)
        mean = 100 * 5e7 * math.tanh(x) + 1e14 / (KELVIN * T)
        return mean / math.sqrt(100 * 5e7**2 / math.cosh(x) ** 2 + 1e14) - depth

    T = brentq(excess, 1e-4, 1.0, xtol=1e-16, rtol=1e-14)
    for factor, expected in zip(BESIDE, ("cold", "ok"), strict=True):
        status(expected, T=T * factor, width="finite", bias="groups", domega0=1e6)


def test_narrow_phase_and_impossible():
    for factor, expected in zip(BESIDE, ("narrow_phase", "ok"), strict=True):
        status(expected, phase="general", coflip=1.0, coflip_z=0.02 * factor, width="finite")
        status("ok", phase="general", coflip=1.0, coflip_z=0.02 * factor)
        status(expected, phase="general", coflip=20.0, coflip_z=0.02 * factor)
    for factor, expected in zip(BESIDE, ("ok", "narrow_phase"), strict=True):
        status(expected, phase="general", coflip=0.01 + 12 * factor, coflip_z=0.01)
    for factor, expected in zip(BESIDE, ("ok", "impossible"), strict=True):
        status(expected, phase="general", coflip=1.0, coflip_z=factor)


def drawn(rng, count, **fixed):
    ends = {name: LIMITS(name) for name in GRAINS.axes} | {"Phi": (1e-3, 10.0)}
    axes = {name: 10 ** rng.uniform(*np.log10(ends[name]), count) for name in ends}
    axes["time"] = np.minimum(axes["time"], 250 / axes["Delta_tilde"])
    return axes | fixed


@pytest.mark.parametrize("width", ["flat", "finite"])
@pytest.mark.parametrize("phase", ["fixed", "uniform"])
@pytest.mark.parametrize("bias", ["overlapping", "groups"])
def test_P_is_a_correlation_wherever_the_status_is_ok(width, phase, bias):
    """Over the whole domain, with nuclei that block the grains hardly or well."""
    rng = np.random.default_rng(8)
    seen = set()
    for count in range(60 if width == "flat" else 12):
        point = {name: values[0] for name, values in drawn(rng, 1).items()}
        dropped = GRAINS.options["phase"][phase].drops
        point = {name: value for name, value in point.items() if name not in dropped}
        if width == "finite":
            point["coflip"], point["time"] = min(point["coflip"], 2.0), min(point["time"], 5 / point["Delta_tilde"])
        width_of_bias = point["Delta_tilde"] * 10 ** rng.uniform(0, 1.5)
        N = float(rng.integers(1, 200))
        point |= {"omega0": width_of_bias / math.sqrt(N), "N_nuclei": N}
        if bias == "groups":
            point |= {"omega0": 5 * width_of_bias, "domega0": width_of_bias / math.sqrt(N)}
        convention = ("published", "consistent")[count % 2]
        # The table of a uniform phase is made whole for each coflip number.
        variables = ("P", "status") if phase == "uniform" and count > 2 else ("P", "susceptibility", "status")
        if "susceptibility" not in variables:
            del point["omega"]
        options = {"phase": phase, "bias": bias, "width": width, "convention": convention}
        found = GRAINS(**point, **options, variables=variables)
        state = found["status"].item()
        seen.add(state == FLAGS["narrow_bias"])
        if state != FLAGS["narrow_bias"]:
            assert -0.5 < found["P"] <= 1 and np.isfinite(found.get("susceptibility", 0.0)), point
    assert seen == {False, True}


def test_the_point_that_was_minus_three():
    point = {"omega0": 1e6, "N_nuclei": 100.0, "T": 5e-3, "Delta_tilde": 1e7, "coflip": 1.0, "Phi": 1e-9, "time": 1e-7}
    found = GRAINS(**point, variables=("P", "status"))
    assert found["P"] < -1 and found["status"] == FLAGS["narrow_bias"]
