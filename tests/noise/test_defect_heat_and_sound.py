"""Heat and resonant sound of two-level defects: quadrature and simulation, exact limits, and the glass beside them."""

import mpmath
import numpy as np
import pytest
from scipy.constants import hbar, k
from scipy.integrate import quad

from physics import QUANTITIES, ParameterError
from physics.electrons.inversions import inelastic_cross_section
from physics.heat_and_sound.electron_heat import electron_specific_heat
from physics.heat_and_sound.specific_heat import heat_integral, slow_logarithm
from physics.noise.defect_heat_and_sound import defect_specific_heat, resonant_share
from physics.noise.defects import coupling_to_electrons, defect_density, rate_ballistic

DEFECTS = QUANTITIES["defect_heat_and_sound"]
METAL = {"F1": 1.0, "F2": 0.1, "tau": 2.1e-14, "kFl": 353.0, "v_F": 1.4e6, "log_range": 60.0}
GLASS = {"Pd_glass": 1e45, "Estar_glass": 15.0, "p_min_glass": 1e-8}
SOUND = {"gamma": 1.6e-19, "rho_mass": 1.9e4, "v_sound": 2e3}
RNG = np.random.default_rng(7)


def by_energies(T, Omega_max, B0, log_range):
    """C/(k_B n_i): the integral over E of single levels times their number in closed form, in units of T and times
    exp(least/T), so that nothing is small."""
    with mpmath.workdps(30):
        T, top, B0, log_range = (mpmath.mpf(float(x)) for x in (T, Omega_max, B0, log_range))
        least, end = top * mpmath.exp(-log_range), mpmath.sqrt(B0**2 + top**2)

        def share(E):
            slowest = mpmath.sqrt(max(least**2, (E - B0) * (E + B0)))
            return mpmath.acosh(E / slowest) - (mpmath.acosh(E / top) if E > top else 0)

        def integrand(E):
            return (E / T) ** 2 * mpmath.exp((least - E) / T) / (1 + mpmath.exp(-E / T)) ** 2 * share(E)

        last = min(end, least + 90 * T)
        steps = [T * mpmath.mpf(2) ** n for n in range(-40, 7)]
        marks = {top, B0, mpmath.sqrt(B0**2 + least**2), *steps, *(least + step for step in steps)}
        edges = [least, *sorted(mark for mark in marks if least < mark < last), last]
        return mpmath.quad(integrand, edges) / (B0 * log_range) * mpmath.exp(-least / T)


def drawn(count):
    for _ in range(count):
        yield tuple(10 ** RNG.uniform(*ends) for ends in ((-3, 2), (-6, 1), (0, 4), (0, 3)))


POINTS = [
    *drawn(25),
    # Cold levels with a gap, a narrow range of splittings, and each of T, Omega_max, B0 the largest.
    (0.01, 8.0, 100.0, 1.0),
    (1e-3, 10.0, 1.0, 5.0),
    (0.2, 10.0, 1.0, 1.0),
    (100.0, 10.0, 1.0, 1e3),
    (1e-3, 1e-6, 1e4, 1.0),
]


@pytest.mark.parametrize("point", POINTS, ids=lambda point: "-".join(f"{x:.2g}" for x in point))
def test_the_heat_is_the_integral_over_all_energies(point):
    T, Lambda0, Estar, log_range = point
    found = defect_specific_heat(T, Lambda0, Estar, n_defects=1 / k, log_range=log_range)
    assert found == pytest.approx(float(by_energies(*point)), rel=1e-10, abs=1e-280)


def test_the_heat_of_defects_that_are_drawn():
    B0, top, log_range, T = 3.0, 0.5, 4.0, 0.2
    B, Omega = B0 * RNG.random(2_000_000), top * np.exp(-log_range * RNG.random(2_000_000))
    y = np.hypot(B, Omega) / (2 * T)
    one = (y / np.cosh(y)) ** 2
    found = defect_specific_heat(T, top, B0, n_defects=1 / k, log_range=log_range)
    assert found == pytest.approx(one.mean(), abs=5 * one.std() / np.sqrt(len(one)))


def test_splittings_far_below_the_temperature_do_not_matter():
    T = np.array([1.0, 20.0, 100.0])
    found = defect_specific_heat(T, 1e-6, 30.0, n_defects=1 / k, log_range=9.0)
    np.testing.assert_allclose(found, T / 30.0 * heat_integral(30.0 / T), rtol=1e-11)
    assert defect_specific_heat(0.1, 1e-6, 1e3, n_defects=1 / k, log_range=9.0) == pytest.approx(np.pi**2 / 6 * 1e-4)


def test_the_heat_grows_as_a_logarithm_below_the_largest_splitting():
    """Twice the temperature is above ln 2 more e-folds of splittings."""
    T = np.array([0.01, 0.02])
    found = defect_specific_heat(T, 10.0, 1e4, n_defects=1 / k, log_range=50.0) / T
    assert found[1] - found[0] == pytest.approx(np.pi**2 / 6 * np.log(2) / (1e4 * 50.0), rel=1e-6)


def test_the_entropy_is_ln2_for_each_defect():
    def heat(x):
        return float(defect_specific_heat(np.exp(x), 2.0, 5.0, n_defects=1 / k, log_range=3.0))

    assert quad(heat, -9, 14, epsabs=1e-9, limit=300)[0] == pytest.approx(np.log(2), rel=1e-8)


def exact_share(E, top, B0, log_range):
    with mpmath.workdps(60):
        E, top, B0 = (mpmath.mpf(float(x)) for x in (E, top, B0))
        least = top * mpmath.exp(-mpmath.mpf(float(log_range)))
        low = max((least / E) ** 2, 1 - (B0 / E) ** 2)
        high = min(mpmath.mpf(1), (top / E) ** 2)
        return float(mpmath.sqrt(1 - low) - mpmath.sqrt(1 - high)) if low < high else 0.0


def test_the_share_of_the_levels_at_an_energy():
    seen = []
    for _, top, B0, log_range in drawn(400):
        E = 10 ** RNG.uniform(-11.1, -0.1) if len(seen) % 2 else top * 10 ** RNG.uniform(-1, 4)
        seen.append(exact_share(E, top, B0, log_range))
        assert resonant_share(E, top, B0, log_range) == pytest.approx(seen[-1], rel=1e-11, abs=1e-300)
    assert sum(share == 0 for share in seen) > 10 and sum(0 < share < 1e-4 for share in seen) > 10
    # Near the end, sqrt(B0^2 + Omega_max^2), and where only the asymmetry is bounded.
    for E, top, B0, log_range in ((1.0049, 0.1, 1.0, 2.0), (1.006, 0.1, 1.0, 2.0), (2.0, 9.0, 1.0, 40.0)):
        assert resonant_share(E, top, B0, log_range) == pytest.approx(exact_share(E, top, B0, log_range), rel=1e-11)


def test_the_share_of_defects_that_are_drawn():
    """The mean of p over the defects in a narrow band of energies, over the width of the band in units of B0 lambda."""
    B, Omega = 2.0 * RNG.random(4_000_000), 0.5 * np.exp(-3.0 * RNG.random(4_000_000))
    E = np.hypot(B, Omega)
    for middle in (0.1, 0.45, 0.8, 1.7):
        band = np.abs(E - middle) < 0.01
        weight = np.where(band, (Omega / E) ** 2, 0.0) * 2.0 * 3.0 / 0.02
        error = 5 * weight.std() / np.sqrt(len(E))
        assert resonant_share(middle, 0.5, 2.0, 3.0) == pytest.approx(weight.mean(), abs=error + 2e-4)


def test_the_sound_is_that_of_a_glass_with_narrow_levels():
    """Below the largest splitting the levels of one energy are those of a glass, p from (Omega_min/hbar omega)^2."""
    omega, T = 1e10, 0.02
    E = hbar * omega / k
    point = {"T": T, "Lambda0": 1.0, "Estar": 1e3, "omega": omega}
    metal = METAL | {"log_range": 5.0, "F2": 1.0}
    p_min = float((np.exp(-5.0) / E) ** 2)
    found = DEFECTS(**point, **metal, **GLASS, **SOUND)
    assert found["F_resonant"] == pytest.approx(np.pi * np.tanh(E / (2 * T)) * np.sqrt(1 - p_min), rel=1e-12)
    n = defect_density(**{name: metal[name] for name in ("tau", "kFl", "v_F", "F2")})
    Pd = float(n / (k * 1e3 * 5.0) * slow_logarithm(p_min))
    glass = QUANTITIES["attenuation"](
        T=T, Pd=Pd, chi=1e-4, Estar=1e3, omega=omega, p_min=p_min, mechanism="resonant", counter_rotating="full",
        **GLASS, **SOUND,
    )  # fmt: skip
    assert found["W_over_glass"] == pytest.approx(float(glass["W_over_glass"]), rel=2e-3)
    assert found["Q_inverse"] == pytest.approx(float(glass["Q_inverse"]), rel=2e-3)


def test_ends_of_the_reference_glass_and_of_the_defects():
    omega = np.array([1e8, 1e9, 3e10])
    point = {"T": 0.01, "Lambda0": 1e-3, "Estar": 10.0, "omega": omega}
    found = DEFECTS(**point, **(METAL | {"log_range": 1.0}), **(GLASS | {"Estar_glass": 0.1}))
    E = hbar * omega / k
    assert (E > 1e-3 / np.e).tolist() == [True, True, True] and (E > 0.1).tolist() == [False, False, True]
    assert np.isfinite(found["W_over_glass"]).tolist() == [True, True, False] and (found["F_resonant"] > 0).all()
    # No level of 0.76 mK where the splittings begin at 3.7 mK.
    none = DEFECTS(**(point | {"Lambda0": 0.01, "omega": 1e8}), **(METAL | {"log_range": 1.0}), **GLASS)
    assert none["F_resonant"] == none["W_over_glass"] == 0 and none["line"] == 0


@pytest.mark.parametrize("T", [0.01, 1.0])
def test_levels_that_are_too_wide_for_a_resonance(T):
    """Gamma = chi p E coth(E/2T) meets E from both sides, for the largest p."""
    chi = 0.1 / (3 * np.pi**2)
    largest = min(1.0, np.tanh(0.5 * hbar * 1e8 / (k * T)) / chi)
    names = {value: name for name, value in DEFECTS.variable("line").flags.items()}
    seen = []
    for side in (1 - 1e-6, 1 + 1e-6):
        Omega_max = np.sqrt(largest * side) * hbar * 1e8 / k
        found = DEFECTS(T=T, Lambda0=Omega_max, Estar=100.0, omega=1e8, **METAL, variables=("line",))["line"]
        seen.append(names[int(found)])
    assert seen == (["narrow", "wide"] if largest < 1 else ["narrow", "narrow"])


def test_the_coupling_is_that_of_the_rate_of_dephasing():
    """The cross-section that dephases by (11), in the golden rule that ties it to chi: 4 times it is that of 001."""
    metal = {name: METAL[name] for name in ("tau", "kFl", "v_F", "F2")}
    rate = rate_ballistic(1.0, F1=0.3, tau=METAL["tau"], prefactor="born")
    k_F = METAL["kFl"] / (METAL["v_F"] * METAL["tau"])
    chi = coupling_to_electrons(F1=0.3, F2=METAL["F2"])
    golden = inelastic_cross_section(chi, k_F, cross_section="golden_rule")
    assert golden / 4 * METAL["v_F"] * defect_density(**metal) == pytest.approx(rate, rel=1e-12)


def test_the_same_defects_beside_the_electrons_and_in_the_noise():
    """In gold the defects that dephase as fast as is seen hold far more heat than the electrons at 10 mK."""
    point = {"T": 0.01, "Lambda0": 0.01, "Estar": 116.0}
    found = DEFECTS(**point, omega=1e8, **METAL, n_e=5.9e28, eps_F=8.9e-19)
    noise = QUANTITIES["conductance_noise"](
        **point,
        frequency=1.0,
        model="two_level",
        N_electrons=1e8,
        R_per_length=6e6,
        D=0.0137,
        ee_prefactor=1.0,
        **METAL,
    )
    heat = defect_specific_heat(**point, n_defects=noise["n_defects"], log_range=60.0)
    assert found["C_defects"] == pytest.approx(float(heat), rel=1e-14)
    assert found["C_ratio"] == pytest.approx(float(heat / electron_specific_heat(0.01, n_e=5.9e28, eps_F=8.9e-19)))
    assert found["C_ratio"] > 100


def test_refusals():
    with pytest.raises(ParameterError, match="Lambda0 = -1"):
        defect_specific_heat(1.0, -1.0, 1.0, n_defects=1.0, log_range=1.0)
    with pytest.raises(ParameterError, match="F2 = 2"):
        defect_density(tau=1e-14, kFl=10.0, v_F=1e6, F2=2.0)
    with pytest.raises(ParameterError, match="needs n_e, eps_F"):
        DEFECTS(T=1.0, Lambda0=0.1, Estar=10.0, omega=1e8, **METAL, variables=("C_ratio",))
