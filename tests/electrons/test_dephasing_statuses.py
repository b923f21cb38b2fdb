"""Every flag of `dephasing`, `background` and `one_over_f` on both sides of its border: the flags stand here as numbers
and the borders follow from the definitions in docs/theory-001.md and theory-000.md, not from the kernels."""

import numpy as np
import pytest
from numpy import arccosh, arctanh, cosh, e, log, pi, sqrt, tanh
from scipy.constants import e as charge
from scipy.constants import h, hbar, k
from scipy.optimize import brentq

from helpers import reference_noise
from helpers.unlimited import unlimited
from physics import QUANTITIES
from physics.electrons import dephasing
from physics.noise import one_over_f

METAL = {"sigma_in": 1e-19, "v_F": 1e6, "tau": 1e-14}
R_K = h / charge**2
# On both sides of a border, far closer to it than any change of its factors could be.
BELOW, ABOVE = 1 - 1e-7, 1 + 1e-7


def statuses(**point):
    return np.atleast_1d(unlimited("dephasing")(**METAL, **point, variables=("status",))["status"]).tolist()


def test_frozen_begins_where_sech_squared_is_one_over_e():
    border = 0.1 / (2 * arccosh(sqrt(e)))
    assert 1 / cosh(0.1 / (2 * border)) ** 2 == pytest.approx(1 / e, rel=1e-12)
    point = {"Lambda0": 0.1, "Pd": 1e45, "chi": 0.1, "Estar": 1.0}
    assert statuses(T=border * np.array([BELOW, ABOVE]), **point) == [2, 0]
    # A glass and Gaussian barriers have levels down to E = 0.
    cold = {"T": 0.5 * border, "Pd": 1e45, "chi": 0.1, "Estar": 1.0}
    assert statuses(**cold, distribution="glass", p_min=1e-6) == [0]
    assert statuses(**cold, Lambda0=0.1, distribution="gaussian_barrier", barrier_width=1.0) == [0]


@pytest.mark.parametrize("distribution", [{}, {"distribution": "clusters", "U0": 1e-48}])
def test_empty_is_from_equality_on(distribution):
    point = {"T": 1.0, "Lambda0": 0.25, "Pd": 1e45, "chi": 0.1, **distribution}
    above = 0 if not distribution else 5
    assert statuses(Estar=[0.2, 0.25, np.nextafter(0.25, 1)], **point) == [3, 3, above]
    wire = {"background": "wire", "R_per_length": 1e7, "D": 0.0135, "ee_prefactor": 1.0}
    assert statuses(Estar=0.25, **point, **wire) == [3]


@pytest.mark.parametrize("distribution", [{"Lambda0": 0.01}, {"distribution": "glass", "p_min": 1e-4}])
def test_the_rate_above_the_temperature(distribution):
    point = {"T": 0.03, "chi": 0.1, "Estar": 1.0, **distribution}

    def excess(log_Pd):
        return log(hbar / (k * 0.03 * QUANTITIES["dephasing"](Pd=e**log_Pd, **point, **METAL)["tau_phi"]))

    border = e ** brentq(excess, log(1e44), log(1e49), xtol=1e-13)
    assert statuses(Pd=border * np.array([1 - 1e-5, 1 + 1e-5]), **point) == [0, 1]


def test_the_limits_of_clusters():
    """chi_rg = pi Pd U0 = 1, Lambda0 = W/2, t = (chi_rg/3) ln(W/T) = 30: computed but doubtful, then NaN."""
    point = {"T": 0.1, "chi": 0.1, "Estar": 1.0, "distribution": "clusters"}
    given = {"Lambda0": 0.01, "Pd": 1e47} | point
    assert statuses(U0=0.999999 / (pi * 1e47), **given) == [0]
    assert statuses(U0=1.000001 / (pi * 1e47), **given) == [5]
    wide = {"Lambda0": 0.5 * np.array([BELOW, 1, ABOVE]), "Pd": 1e45, "U0": 1e-50} | point
    assert statuses(**wide) == [0, 0, 5]
    times = unlimited("dephasing")(**wide, **METAL)["tau_phi"]
    assert np.isnan(times).tolist() == [False, False, True]
    furthest = 90 / log(10.0) / (pi * 1e47)
    times = [unlimited("dephasing")(U0=furthest * side, **given, **METAL)["tau_phi"] for side in (BELOW, ABOVE)]
    assert np.isnan(times).tolist() == [False, True]


def regime(*, resonant=1e-8, relaxation=1e-9, T=1.0, Lambda0=0.01, chi=0.1, Estar=10.0):
    return int(dephasing.regime(resonant, relaxation, T, Lambda0, chi, Estar))


def test_the_shorter_time_dominates():
    assert regime(resonant=1e-9, relaxation=1e-9 * BELOW) & 3 == 2
    assert regime(resonant=1e-9, relaxation=1e-9 * ABOVE) & 3 == 1


@pytest.mark.parametrize(
    ("T", "Lambda0", "Estar", "energy"),
    [
        (1.0, 0.01, 10.0, 1.0),
        (1.0, 0.01, 0.3, 0.3),
        (0.1, 0.5, 10.0, 0.5),
        (1.0, None, 0.3, 0.3),
        (1.0, None, 9.0, 1.0),
    ],
)
def test_phase_wandering_ends_with_one_turn_of_the_highest_active_level(T, Lambda0, Estar, energy):
    border = hbar / (k * energy)
    for side, flag in ((BELOW, 8), (ABOVE, 4)):
        assert regime(T=T, Lambda0=Lambda0, Estar=Estar, resonant=border * side) & 12 == flag


@pytest.mark.parametrize(("T", "Lambda0", "Estar"), [(1.0, 0.01, 10.0), (1.0, 0.01, 0.3), (0.1, 0.5, 10.0)])
def test_slow_and_fast_defects_by_their_slowest_and_fastest_rate(T, Lambda0, Estar):
    """gamma = chi (Lambda0/E)^2 E coth(E/2T) (15) at E = Lambda0 and at the end of the thermal band."""
    chi = 0.3

    def rate(E):
        return chi * (Lambda0 / E) ** 2 * E / tanh(E / (2 * T))

    last = max(Lambda0, min(2 * T, Estar))
    point = {"T": T, "Lambda0": Lambda0, "Estar": Estar, "chi": chi}
    fast, slow = (hbar / (k * rate(E)) for E in (Lambda0, last))
    assert regime(relaxation=fast * BELOW, **point) & 48 == 16
    assert regime(relaxation=fast * ABOVE, **point) & 48 == (48 if last == Lambda0 else 32)
    assert regime(relaxation=slow * BELOW, **point) & 48 == (16 if last == Lambda0 else 32)
    assert regime(relaxation=slow * ABOVE, **point) & 48 == 48


def test_a_distribution_down_to_zero_is_never_all_fast():
    border = hbar / (k * 0.3 * 2.0 / tanh(1.0))
    for side, flag in ((BELOW, 16), (ABOVE, 32), (1e9, 32)):
        assert regime(Lambda0=None, chi=0.3, relaxation=border * side) & 48 == flag
    assert regime(Lambda0=None, T=1e-3) & 192 == 64


def test_thermally_active_above_and_frozen_out_below():
    border = 0.1 / (2 * arctanh(sqrt(1 - 1 / e)))
    assert regime(Lambda0=0.1, T=border * BELOW) & 192 == 128
    assert regime(Lambda0=0.1, T=border * ABOVE) & 192 == 64
    assert regime(Lambda0=0.1, Estar=0.1) == 0 and regime(Lambda0=0.1, Estar=0.1 * ABOVE) > 0


def test_status_of_the_background():
    """hbar/tau_phi >= k_B T: a factor on the rate of a film, a temperature in a wire."""

    def status(T, **background):
        return unlimited("background")(T=T, **background)["status"].tolist()

    R = 300.0
    border = 1 / (R / R_K * log(R_K / (2 * R)))
    for side, flag in ((BELOW, 0), (ABOVE, 1)):
        assert status([0.01, 10.0], background="film", R_sq=R, ee_prefactor=border * side) == [flag, flag]
    slope = 0.5 * (charge**2 * k * 2e9 * sqrt(0.01) / hbar**2) ** (2 / 3)
    border = (hbar * slope / k) ** 3
    wire = {"background": "wire", "R_per_length": 2e9, "D": 0.01, "ee_prefactor": 1.0}
    assert status(border * np.array([1 - 1e-9, 1 + 1e-9]), **wire) == [1, 0]
    with_phonons = {"phonons": "power", "ep_rate": 10 * k / hbar, "ep_exponent": 3.0}
    assert status(
        [sqrt(0.1) * BELOW, sqrt(0.1) * ABOVE, 1.0], background="film", R_sq=1e-4, ee_prefactor=1e-3, **with_phonons
    ) == [0, 1, 1]


def noise(standard, defects, *, T=1.0, ln_alpha=5.0, Lambda0=None):
    unit = k * T / hbar
    return int(one_over_f.regime(T, np.array(standard * unit), np.array(defects * unit), np.array(ln_alpha), Lambda0))


def test_regimes_of_one_over_f():
    """Rates in units of k_B T/hbar. 1 standard; 2 constant; 3 linear, Omega_max > (4/pi) T; 4 near the temperature,
    1/e; 8 valid noise; 16 saturated, ln(alpha) <= 1; 24 the rate above the temperature."""
    assert noise(0.01, 0.01 * BELOW) == 1 + 8 and noise(0.01, 0.01 * ABOVE) == 2 + 8
    for T in (0.03, 1.0):
        assert noise(1e-3, 0.01, T=T, Lambda0=4 / pi * T * BELOW) == 2 + 8
        assert noise(1e-3, 0.01, T=T, Lambda0=4 / pi * T * ABOVE) == 3 + 8
    assert noise(0.1, (1 / e - 0.1) * BELOW) == 2 + 8 and noise(0.1, (1 / e - 0.1) * ABOVE) == 4 + 8
    assert noise(0.1, 1 / e - 0.1 * BELOW, Lambda0=100.0) == 4 + 8 and noise(0.3, 0.2) == 1 + 8
    assert noise(0.01, 0.1, ln_alpha=1.0) == 2 + 16 and noise(0.01, 0.1, ln_alpha=ABOVE) == 2 + 8
    assert noise(0.1, 0.9 * BELOW) == 4 + 8 and noise(0.1, 0.9 * ABOVE) == 4 + 24
    assert noise(2.0, 0.0, ln_alpha=0.1) == 1 + 24


FILM = {"background": "film", "R_sq": 500.0, "ee_prefactor": 1.0}
DEFECTS = {"F1": 0.7, "log_range": 15.0, "tau": 3e-14, "kFl": 100.0}


@pytest.mark.parametrize("convention", ["published", "consistent"])
def test_regimes_of_one_over_f_at_drawn_points(convention):
    """The whole quantity in the generic model, its rates solved for with 40 digits."""
    rng = np.random.default_rng(5)
    T, p_t = 10 ** rng.uniform([-3, -5], [2, 0], (40, 2)).T
    found = QUANTITIES["one_over_f"](T=T, p_t=p_t, convention=convention, **FILM, **DEFECTS)
    c = {"published": 1, "consistent": 2 / 3}[convention] * p_t * 0.7 / 15
    for i in range(len(T)):
        standard = k * T[i] / hbar * 500 / R_K * log(R_K / 1000)
        defects = reference_noise.rate_generic(T[i], standard, c[i], 3e-14)
        energy = hbar * (standard + defects) / (k * T[i])
        flag = 1 if standard > defects else 4 if energy > 1 / e else 2
        saturated = 3 * 3e-14 * (standard + defects) * 15 / (p_t[i] * 0.7) <= 1
        assert found["regime"][i] == flag + (24 if energy >= 1 else 16 if saturated else 8)
        assert found["rate_total"][i] == pytest.approx(standard + defects, rel=1e-9)
    assert len(set(found["regime"].tolist())) >= 3


@pytest.mark.parametrize("convention", ["published", "consistent"])
def test_no_crossover_where_the_rates_never_meet(convention):
    """tau A T = c ln(k/(hbar A)) of a film has a root for hbar A < k, a wire none below c = 2e tau A^3 (hbar/k)^2."""
    quantity = QUANTITIES["one_over_f"]
    strong = FILM | {"ee_prefactor": 1 / (500 / R_K * log(R_K / 1000))}
    for side, flag in ((BELOW, 0), (ABOVE, 1)):
        options = strong | {"ee_prefactor": strong["ee_prefactor"] * side}
        found = quantity(p_t=0.1, T=1.0, convention=convention, **options, **DEFECTS)
        assert found["status"] == flag and np.isnan(found["T0"]) == bool(flag)
    slope = 0.5 * (charge**2 * k * 1e7 * sqrt(0.01) / hbar**2) ** (2 / 3)
    factor = {"published": 1, "consistent": 2 / 3}[convention] * 0.7 / 15
    border = 2 * e * 3e-14 * slope**3 * hbar**2 / k**2 / factor
    wire = {"background": "wire", "R_per_length": 1e7, "D": 0.01, "ee_prefactor": 1.0}
    found = quantity(p_t=border * np.array([1 - 1e-4, 1 + 1e-4]), T=1.0, convention=convention, **wire, **DEFECTS)
    assert found["status"].ravel().tolist() == [1, 0]


@pytest.mark.parametrize("wanted", [("status",), ("tau_phi", "status"), ("tau_phi_resonant", "status")])
def test_frozen_is_what_a_background_alone_keeps_finite(wanted):
    """kT = Lambda0/2000: in both channels a double cannot hold the time of barriers 0.01 wide; a wire's can."""
    point = {"T": 1e-3, "Lambda0": 1.0, "Pd": 1e44, "chi": 0.1, "Estar": 10.0, "barrier_width": 0.01}
    wire = {"background": "wire", "R_per_length": 1e7, "D": 0.0135, "ee_prefactor": 1.0}
    point |= METAL | wire | {"distribution": "gaussian_barrier"}
    times = unlimited("dephasing")(**point, variables=("tau_phi", "tau_phi_resonant", "tau_phi_relaxation"))
    assert np.isfinite(times["tau_phi"]) and np.isinf(times["tau_phi_resonant"])
    assert unlimited("dephasing")(**point, variables=wanted)["status"] == 2
    assert unlimited("dephasing")(**(point | {"T": 0.1}), variables=wanted)["status"] == 0
