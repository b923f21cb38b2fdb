"""Where the time of one spectrum goes: the compiled parts of `dephasing`, each by itself on the same arrays."""

import math
from collections.abc import Callable, Iterable
from time import process_time

import numba
import numpy as np

from benchmarks.report import section
from benchmarks.surveys import shipped
from physics.constants import BOLTZMANN, HBAR
from physics.electrons import integral, panels
from physics.electrons.background import decay_rates
from physics.electrons.cross_section import inelastic_cross_section
from physics.electrons.definition import WEIGHTS
from physics.levels import averages
from physics.levels.distributions import DISTRIBUTIONS
from physics.levels.spectrum import Spectrum
from physics.numerics.quadrature import chebyshev_points, gauss_legendre, windowed_kernel_table
from survey.store.tiles import tiles_of

# Clusters with the densities of a survey of tunnelling states: the strength of their interaction (J m3).
INTERACTION = 1e-48
NODES, FIT = chebyshev_points(averages.DEGREE)


@numba.njit
def _sums(spectrum):
    energies = averages.sums(spectrum.energies, spectrum.resonant, 2, averages.RESONANT_TERMS)
    return energies, averages.sums(spectrum.rates, spectrum.relaxation, 1, averages.RELAXATION_TERMS)


@numba.njit
def _panels(spectrum, energies, rates, background, T, theta, power, chi, b, rule, table, room):
    return panels.make_panels(
        spectrum, energies, rates, background, T, theta, power, chi, b, False, 0.0, rule, table, room
    )


@numba.njit
def _resonant(u, energies, table, room):
    total = 0.0
    for node in u.ravel():
        total += averages.resonant(math.exp(node), energies, table, room)
    return total


@numba.njit
def _squares(u, q, spectrum, energies, T):
    total = 0.0
    for p in range(len(u)):
        if q[p].max() > 0.0:
            for node in u[p]:
                total += averages.squared_oscillation(math.exp(node), energies, spectrum, T)
    return total


@numba.njit
def _rows(chi, u, quarter, rates, series, first, f3):
    for i in range(len(chi)):
        averages.relaxation_part(chi[i], u, quarter, rates, series, first, f3[i])


@numba.njit
def _moments(f, q, weight, moments):
    for i in range(len(f)):
        moments[i] = panels.panel_moments(f[i], q, weight, weight, 0.0)


@numba.njit
def _cells(f, q, weight, moments, start, log_b, power, room):
    total = 0.0
    for i in range(len(f)):
        for b in log_b:
            total += integral.integral(f[i], q, weight, moments[i], start, b, len(start) + 1, 0.0, 0.0, power, room)
    return total


def cpu(function: Callable, *arguments, repeats: int):
    """What a call returns, and its CPU time in microseconds, the mean of so many after a first one."""
    function(*arguments)
    started = process_time()
    for _ in range(repeats):
        result = function(*arguments)
    return result, (process_time() - started) / repeats * 1e6


def parts(make: Callable[[], Spectrum], T: float, background, power, chi: np.ndarray, log_B: np.ndarray, repeats: int):
    """Microseconds of each part for one spectrum beside a `background` (K), rows `chi` and cells `log_B` of each."""
    rule, table, times = gauss_legendre(), windowed_kernel_table(), {}
    spectrum, times["spectrum"] = cpu(make, repeats=repeats)
    (energies, rates), times["sums"] = cpu(_sums, spectrum, repeats=repeats)
    room = np.empty(max(len(energies.x), len(rates.x)))
    b = math.exp(log_B.min() + spectrum.log_scale)
    theta = panels.earliest(energies, rates, background[0], spectrum.log_scale)
    given = spectrum, energies, rates, background, T, theta, power, chi.min(), b, rule, table, room
    (u, weight, j1, q, start, _), whole = cpu(_panels, *given, repeats=repeats)
    _, times["J1"] = cpu(_resonant, u, energies, table, room, repeats=repeats)
    _, times["squared oscillation"] = cpu(_squares, u, q, spectrum, energies, T, repeats=repeats)
    times["rest of the panels"] = max(whole - times["J1"] - times["squared oscillation"], 0.0)
    z = [max(math.log(chi.min() * theta), math.log(averages.V_LOW / rates.x[-1]))]
    z.append(max(z[0], min(math.log(chi.max() * start[-1]), math.log(averages.V_HIGH / rates.x[0]))))
    first, last = (math.floor(end / averages.TABLE) for end in z)
    relaxing = averages.relaxation_table()
    series, times["table of J3"] = cpu(
        averages.relaxation_series, first, last, rates, relaxing, NODES, FIT, repeats=repeats
    )
    quarter, f3 = 0.25 * np.exp(u), np.empty((len(chi), *u.shape))
    weight, times["background"] = cpu(panels.faded, weight, u, background[0], repeats=repeats)
    _, times["J3 of the rows"] = cpu(_rows, chi, u, quarter, rates, series, first, f3, repeats=repeats)
    f, moments = quarter * j1 + f3, np.empty((len(chi), len(u) + 1, panels.MOMENTS))
    _, times["moments of the rows"] = cpu(_moments, f, q, weight, moments, repeats=repeats)
    given = f, q, weight, moments, start, log_B + spectrum.log_scale, power, room
    _, times["cells"] = cpu(_cells, *given, repeats=repeats)
    return times


def report(names: Iterable[str] = ("tunnelling_states", "clusters"), repeats: int = 200) -> str:
    """The parts of one spectrum in the middle of a tile of gold_wire, with all its P_d and chi; clusters with one P_d
    and four chi."""
    tile = min(tiles_of(shipped("gold_wire"), "dephasing"), key=lambda tile: tile.cells)
    axes = {name: np.array(values, float) for name, values in tile.axes.items()}
    T, Lambda0, Estar = (float(axes[name][len(axes[name]) // 2]) for name in ("T", "Lambda0", "Estar"))
    given = tile.constants
    background = {name: given[name] for name in ("R_per_length", "D", "ee_prefactor", "ep_rate", "ep_exponent")}
    rates = np.array([decay_rates(T, background="wire", phonons="power", **background)]) * (HBAR / BOLTZMANN)
    sigma_in = inelastic_cross_section(0.1, eps_F=given["eps_F"], cross_section="unitary")
    strength = HBAR * float(sigma_in) * given["v_F"]
    columns = {}
    for name in names:
        clusters = name == "clusters"
        Pd = axes["Pd"][len(axes["Pd"]) // 2 :][:1] if clusters else axes["Pd"]
        chi = axes["chi"][:4] if clusters else axes["chi"]
        values = (T, Lambda0, Estar, float(Pd[0]), INTERACTION) if clusters else (T, Lambda0, Estar)
        make = DISTRIBUTIONS[name].spectrum
        label = f"`{name}`, {len(Pd)} Pd × {len(chi)} χ"
        columns[label] = parts(
            lambda m=make, v=values: m(*v), T, rates, WEIGHTS["wire"], chi, np.log(strength * Pd), repeats
        )
    rows = [[part, *(f"{times[part]:.1f}" for times in columns.values())] for part in next(iter(columns.values()))]
    rows.append(["sum", *(f"**{sum(times.values()):.0f}**" for times in columns.values())])
    text = (
        "CPU time in µs of each part of `dephasing`, variable `tau_phi`, for one spectrum in the middle of a tile of "
        "`gold_wire`, each part by itself on the same arrays; what Python adds for a spectrum is not in it."
    )
    return section("Where the time of a spectrum goes", text, ["part", *columns], rows)
