"""One driven two-level system, simulated: what sound of a given amplitude really dissipates.

Paper 004 gives the absorbed power of one two-level system in two formulas, (10) with the width (11) for transitions
between the levels and (12) for relaxation, and they are not of the same drive. The Bloch equations settle it. With
hbar = k_B = 1, the Hamiltonian of the text above (10) and its polarisation m = <sigma>,

    H = (E/2) sigma_z + a cos(omega t) [sqrt(1 - p) sigma_z + sqrt(p) sigma_x] = b.sigma/2,
    dm/dt = b x m - (Gamma, Gamma, 2 Gamma) (m - m_eq),          1/T2 = Gamma, 1/T1 = 2 Gamma as in (11), (12),
    power = <dH/dt> = -a omega <sin(omega t) [sqrt(p) m_x + sqrt(1 - p) m_z]>,

the first term of the power being the resonant and the second the relaxational attenuation: to second order in a they
are separate. Nothing here comes from `physics`.
"""

import numpy as np
import pytest
from numpy import cos, sin, sqrt, tanh
from scipy.integrate import solve_ivp

from helpers.reference_attenuation import lorentzian, relaxation_power, resonant_power

E, T, P = 1.0, 0.5, 0.4
AMPLITUDE = 1e-4
# Frequency, width: below, at and above the resonance at E, narrow and broad.
CASES = [(0.05, 0.02), (0.05, 0.1), (0.3, 0.02), (0.3, 0.1), (0.9, 0.02), (1.0, 0.02), (1.0, 0.1), (1.3, 0.1)]


def static_equilibrium(b):
    """The levels keep their axis, the population of the upper one follows the distance between them."""
    return np.array([0.0, 0.0, -tanh(b[2] / (2 * T))])


def instantaneous_equilibrium(b):
    """The thermal state of the Hamiltonian of this moment."""
    size = np.linalg.norm(b)
    return -tanh(size / (2 * T)) * b / size


def simulated_power(omega, width, equilibrium):
    """Resonant and relaxational power, each averaged over whole periods after the transient, per squared amplitude."""
    a = AMPLITUDE
    rates = np.array([width, width, 2 * width])

    def slope(t, state):
        m = state[:3]
        b = np.array([0.0, 0.0, E]) + 2 * a * cos(omega * t) * np.array([sqrt(P), 0.0, sqrt(1 - P)])
        precession = [b[1] * m[2] - b[2] * m[1], b[2] * m[0] - b[0] * m[2], b[0] * m[1] - b[1] * m[0]]
        relaxation = rates * (m - equilibrium(b))
        force = -a * omega * sin(omega * t)
        return [*(precession - relaxation), force * sqrt(P) * m[0], force * sqrt(1 - P) * m[2]]

    period = 2 * np.pi / omega
    start = np.ceil(14 / width / period) * period
    end = start + np.ceil(20 / period) * period
    at_rest = [0.0, 0.0, -tanh(E / (2 * T)), 0.0, 0.0]
    path = solve_ivp(slope, (0.0, end), at_rest, t_eval=[start, end], method="DOP853", rtol=1e-9, atol=1e-13)
    work = path.y[3:, 1] - path.y[3:, 0]
    return work / (end - start) / a**2


@pytest.mark.parametrize(("omega", "width"), CASES)
def test_relaxation_to_the_static_equilibrium(omega, width):
    """Resonant: (10) with a Lorentzian less the counter-rotating one. Relaxational: four times (12) as printed."""
    resonant, relaxational = simulated_power(omega, width, static_equilibrium)
    assert resonant == pytest.approx(resonant_power(omega, E, P, T, width, "full"), rel=1e-4)
    assert relaxational == pytest.approx(4 * relaxation_power(omega, E, P, T, width), rel=1e-4)


@pytest.mark.parametrize(("omega", "width"), CASES)
def test_relaxation_to_the_instantaneous_equilibrium(omega, width):
    """Resonant: the form of van Vleck and Weisskopf. Relaxational: the same as before."""
    resonant, relaxational = simulated_power(omega, width, instantaneous_equilibrium)
    assert resonant == pytest.approx(resonant_power(omega, E, P, T, width, "van_vleck"), rel=1e-4)
    assert relaxational == pytest.approx(4 * relaxation_power(omega, E, P, T, width), rel=1e-4)


def test_at_resonance_the_golden_rule_holds_with_this_amplitude():
    """(10) as printed. So it is (12) that has another drive, (a/2) cos(omega t) (...), and a quarter of the power."""
    resonant, _ = simulated_power(1.0, 0.02, static_equilibrium)
    golden = 0.5 * np.pi * 1.0 * P * tanh(E / (2 * T)) * lorentzian(0.0, 0.02)
    assert resonant == pytest.approx(golden, rel=1e-3)


def test_far_below_resonance_the_lorentzian_alone_is_several_times_too_large():
    resonant, _ = simulated_power(0.05, 0.02, static_equilibrium)
    assert resonant / resonant_power(0.05, E, P, T, 0.02, "rwa") == pytest.approx(0.18, abs=0.005)
