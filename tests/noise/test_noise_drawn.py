"""Every option of `background` and `one_over_f` at drawn points, against laws and integrals written once more."""

from itertools import product

import numpy as np
import pytest
from scipy.constants import hbar, k
from scipy.integrate import quad

from helpers import reference_background, reference_noise
from physics import QUANTITIES

NOISE = QUANTITIES["one_over_f"]
KINDS = list(product(NOISE.options["background"], NOISE.options["phonons"]))


def time_of(exponent, unit, definition):
    """tau_phi of the decay exp(-exponent(t)), `unit` a time in which it is about 1, for tau -> 0."""

    def decay(s):
        return np.exp(-exponent(unit * s * s))

    exact = {"epsabs": 0, "epsrel": 1e-12, "limit": 400}
    if definition == "wire":
        return unit * (2 * quad(decay, 0, 8, **exact)[0]) ** 2 / np.pi
    if definition == "bulk":
        inside = quad(lambda s: -2 * np.expm1(-exponent(unit * s * s)) / s**2, 0, 8, **exact)[0] + 2 / 8
        return unit * 4 * np.pi / inside**2
    early = quad(lambda s: 2 * np.expm1(-exponent(unit * s * s)) / s, 0, 1, **exact)[0]
    logarithm = early + quad(lambda s: 2 * decay(s) / s, 1, 8, **exact)[0]
    return unit * np.exp(logarithm + (np.euler_gamma if definition == "film" else 0.0))


@pytest.mark.parametrize("definition", NOISE.options["definition"])
@pytest.mark.parametrize(("background", "phonons"), KINDS)
@pytest.mark.parametrize("model", NOISE.options["model"])
def test_the_time_of_every_definition(background, phonons, definition, model):
    """The defects decay exponentially with their rate, the others each in its own way."""
    rng = np.random.default_rng([8, *map(ord, background + phonons)])
    T = 10 ** rng.uniform(-1, 1)
    electrons, rate_ee, of_electrons = reference_background.electrons(background, T, rng)
    lattice, rate_ep, of_lattice = reference_background.phonons(phonons, T, rng)
    options = {"background": background, "phonons": phonons, "definition": definition}
    alone = QUANTITIES["background"](T=T, **electrons, **lattice, **options, variables=["tau_phi"])["tau_phi"]
    unit = 1 / (rate_ee + rate_ep)
    expected = time_of(lambda t: of_electrons(t) + of_lattice(t), unit, definition)
    assert alone == pytest.approx(expected, rel=1e-9)
    # As many defects as double the rate, or nearly so.
    own = {"F1": 1.0, "log_range": 20.0, "tau": 1e-14, "kFl": 30.0} | electrons
    axes = {"p_t": min(0.9, 1e-14 / unit)} if model == "generic" else {"Lambda0": 0.3, "Estar": 100.0}
    found = NOISE(T=T, model=model, **own | axes | lattice | options)
    defects = float(found["rate_defects"])
    assert defects > 1e-3 / unit
    total = 1 / unit + defects
    expected = time_of(lambda t: of_electrons(t) + of_lattice(t) + defects * t, 1 / total, definition)
    assert found["tau_phi"] == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("definition", NOISE.options["definition"])
def test_a_wire_without_defects_has_the_same_time_in_every_quantity(definition):
    """Hardly any defects, and hardly any levels; in the logarithms `dephasing` begins at tau, tau/tau_phi earlier."""
    T = np.array([0.05, 1.0, 6.0])
    wire = {"background": "wire", "R_per_length": 1e7, "D": 0.0135, "ee_prefactor": 1.0, "phonons": "power"}
    wire |= {"ep_rate": 4e7, "ep_exponent": 3.0, "definition": definition}
    alone = QUANTITIES["background"](T=T, **wire)["tau_phi"]
    noise = NOISE(T=T, p_t=1e-9, F1=1e-3, log_range=100.0, tau=1e-14, kFl=100.0, **wire)["tau_phi"]
    metal = {"sigma_in": 1e-24, "v_F": 1e4, "tau": 1e-17}
    few = QUANTITIES["dephasing"](T=T, Lambda0=0.01, Pd=1e43, chi=0.1, Estar=0.011, **metal, **wire)["tau_phi"]
    np.testing.assert_allclose(noise, alone, rtol=1e-7)
    np.testing.assert_allclose(few, alone, rtol=2e-7)


def standard(T, background, phonons, seed):
    """The constants and the quoted rates of electrons and phonons at T, which are the same for each T."""
    rng = np.random.default_rng(seed)
    electrons, rate_ee, _ = reference_background.electrons(background, T, rng)
    lattice, rate_ep, _ = reference_background.phonons(phonons, T, rng)
    return electrons | lattice, rate_ee, rate_ep


@pytest.mark.parametrize(("background", "phonons"), KINDS)
def test_background(background, phonons):
    for seed in range(4):
        T = 10 ** np.random.default_rng(seed).uniform(-3, 2)
        constants, rate_ee, rate_ep = standard(T, background, phonons, seed)
        found = QUANTITIES["background"](T=T, background=background, phonons=phonons, **constants)
        assert found["rate_ee"] == pytest.approx(rate_ee, rel=1e-12)
        assert found["rate_ep"] == pytest.approx(rate_ep, rel=1e-12, abs=0)
        assert found["rate_total"] == pytest.approx(rate_ee + rate_ep, rel=1e-12)
        assert found["status"] == (hbar * (rate_ee + rate_ep) >= k * T)


@pytest.mark.parametrize(("background", "phonons"), KINDS)
@pytest.mark.parametrize("model", NOISE.options["model"])
def test_one_over_f(background, phonons, model):
    """Rates, noise and T0; `thermal` and `convention` take turns."""
    number = KINDS.index((background, phonons))
    thermal, convention = ("sech2", "x_over_sinh")[number % 2], ("published", "consistent")[number // 2 % 2]
    factor = {"published": 1.0, "consistent": 2 / 3}[convention]
    rng = np.random.default_rng([3, number])
    T, p_t, Omega, B0 = 10 ** rng.uniform([-2, -4, -3, 0.5], [1, -0.5, 0.5, 2.5])
    F1, log_range, tau, kFl = rng.uniform(0.1, 1), rng.uniform(5, 30), 10 ** rng.uniform(-14, -13), rng.uniform(5, 300)
    constants, rate_ee, rate_ep = standard(T, background, phonons, number)
    kFl = constants.pop("kFl", kFl)
    own = {"F1": F1, "log_range": log_range, "tau": tau, "kFl": kFl}
    axes = {"p_t": p_t} if model == "generic" else {"Lambda0": Omega, "Estar": B0}
    options = {"model": model, "background": background, "phonons": phonons}
    options |= {"thermal": thermal, "convention": convention}
    found = {name: float(a) for name, a in NOISE(T=T, **axes, **constants, **own, **options).items()}
    rate = rate_ee + rate_ep
    assert found["rate_standard"] == pytest.approx(rate, rel=1e-12)

    def defects(T, standard, total=None):
        """The rate of the defects beside `standard`, where the total rate is known or, in the generic model, solved."""
        if model == "generic":
            return reference_noise.rate_generic(T, standard, factor * p_t * F1 / log_range, tau)
        average = reference_noise.level_average(T, Omega, B0, hbar * total / k, thermal)
        return factor * F1 * Omega / (B0 * log_range * tau) * average

    total = found["rate_total"]
    assert total == pytest.approx(rate + defects(T, rate, total), rel=1e-9)
    assert found["rate_defects"] == pytest.approx(defects(T, rate, total), rel=1e-9, abs=1e-12 * total)
    moving = p_t if model == "generic" else min(Omega / B0, 1)
    assert found["p_active"] == pytest.approx(tau * found["rate_defects"] / (factor * F1), rel=1e-12)
    assert found["ln_alpha"] == pytest.approx(3 * tau * total * log_range / (moving * F1), rel=1e-9)
    for name, value in (("hooge", total), ("hooge_standard", rate)):
        volume = (1 / (3 * tau * value)) ** 1.5
        expected = volume * moving / (log_range * kFl) * hbar * value / (k * T) * F1
        assert found[name] == pytest.approx(expected, rel=1e-9)
    T0 = found["T0"]
    assert found["status"] == np.isnan(T0)
    if not np.isnan(T0):
        _, rate_ee, rate_ep = standard(T0, background, phonons, number)
        rate = rate_ee + rate_ep
        mine = factor * p_t * F1 / log_range / tau * min(np.log(k * T0 / (hbar * rate)), log_range)
        assert rate == pytest.approx(mine if model == "generic" else defects(T0, 0.0, rate), rel=1e-7)
