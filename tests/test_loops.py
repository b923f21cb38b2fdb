"""Compiled loops end: no signal reaches them, and one that rounding keeps from its end would hold a core for ever."""

import ast
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from physics import QUANTITIES
from physics.clusters import amplitudes as amplitude_distribution
from physics.clusters import fourier as amplitude_fourier
from physics.heat_and_sound import attenuation, attenuation_integral, ladder_attenuation
from physics.heat_and_sound.lorentzian import resonant_table
from physics.impurities import kondo, kondo_averages
from physics.levels import clusters as cluster_levels
from physics.levels.clusters import Ladder
from physics.noise import defect_heat_and_sound, defect_integral, one_over_f
from physics.numerics.exponential_integrals import exponential_integral_table
from physics.numerics.quadrature import NODES, gauss_legendre

PHYSICS = sorted((Path(__file__).parent.parent / "physics").rglob("*.py"))
COMPILED = {"compiled", "compiled_entry"}


def is_bounded(loop):
    """Whether a `for` runs over a range or over what is there, and so has its bound when it starts."""
    if isinstance(loop.iter, ast.Call):
        return isinstance(loop.iter.func, ast.Name) and loop.iter.func.id == "range"
    return isinstance(loop.iter, ast.Name | ast.Attribute | ast.Tuple)


@pytest.mark.parametrize("path", PHYSICS, ids=lambda path: path.name)
def test_loops_have_a_bound_that_rounding_does_not_move(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assert [node.lineno for node in ast.walk(tree) if isinstance(node, ast.While)] == []
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef) and COMPILED & {getattr(d, "id", "") for d in function.decorator_list}:
            loops = [node for node in ast.walk(function) if isinstance(node, ast.For)]
            assert [loop.lineno for loop in loops if not is_bounded(loop)] == []


def test_all_that_is_compiled_says_so():
    assert [path.name for path in PHYSICS if "numba" in path.read_text(encoding="utf-8")] == ["compiled.py"]


# Each of these held its core for ever.
ENDLESS = {
    "crossover beyond all temperatures": """
from physics.noise.crossover import crossover_temperature
assert math.isnan(crossover_temperature(1e-3, tau=1e-14, terms=((1e9, 1e-9),)))
""",
    "levels where adding to E/T changes nothing": """
from physics.noise.defects import level_average
assert level_average(1e-3, 1e15, 1e15, cut=1e14) == 0.0
""",
}


@pytest.mark.parametrize("name", ENDLESS)
def test_loops_that_did_not_end(name):
    subprocess.run([sys.executable, "-c", "import math\n" + ENDLESS[name]], timeout=120, check=True)


# Loops that are left after one panel: what they compute, where the bound stands.
def resonant_row():
    out = np.zeros(1)
    nodes = np.empty((4, NODES))
    row = attenuation_integral._resonant_row.py_func
    row(attenuation_integral.RWA, 0.1, 0.3, np.array([5.0]), gauss_legendre(), resonant_table(), nodes, out)
    return out[0]


def ladder():
    return Ladder(np.array([0.01]), np.ones((1, 1)), np.ones(1), np.ones(1), 0.0, 0.0, 0.1, 5.0)


def resonant_stretch():
    stretch = ladder_attenuation._resonant_stretch.py_func
    return stretch(attenuation_integral.RWA, 0, ladder(), 0.1, 0.3, 0.2, 1e-3, 0.2, 0.0, 4.0, gauss_legendre())


SHORT = {
    "sound of a glass": (attenuation_integral, "PANELS", resonant_row),
    "sound of clusters": (ladder_attenuation, "PANELS", resonant_stretch),
    "relaxation of clusters": (
        ladder_attenuation,
        "PANELS",
        lambda: ladder_attenuation._relaxation_rung.py_func(0, ladder(), 0.1, 0.3, gauss_legendre()),
    ),
    "edges of a rung": (cluster_levels, "EDGES", lambda: cluster_levels._edges.py_func(0.1, 9.0, 2.0, 1.0)[-1]),
    "Kondo": (
        kondo_averages,
        "PANELS",
        lambda: kondo_averages._exponential.py_func(0.01, 0.1, exponential_integral_table(), gauss_legendre())[0],
    ),
    "defects": (
        defect_integral,
        "PANELS",
        lambda: defect_integral.level_integral.py_func(0.1, np.inf, 20.0, 50.0, 0, gauss_legendre()),
    ),
    "dephasing by defects": (
        defect_integral,
        "STEPS",
        lambda: defect_integral.rate_with_defects.py_func(0.1, 3.0, 2.0, 5.0, 0, gauss_legendre()),
    ),
    "heat of defects": (
        defect_heat_and_sound,
        "PANELS",
        lambda: defect_heat_and_sound.defect_heat.py_func(0.1, 5.0, 9.0, gauss_legendre()),
    ),
    "distribution of amplitudes": (
        amplitude_fourier,
        "PANELS",
        lambda: amplitude_fourier._phi_nodes.py_func(2.0, 0.1, 0.1, 80.0, gauss_legendre()).max(),
    ),
}


@pytest.mark.parametrize("name", SHORT)
def test_a_loop_that_reaches_its_bound_has_no_number(name, monkeypatch):
    module, bound, value = SHORT[name]
    assert np.isfinite(value())
    monkeypatch.setattr(module, bound, 1)
    assert np.isnan(value())


NONE = np.full((), np.nan)


def is_not_converged(name, **point):
    quantity = QUANTITIES[name]
    return quantity(**point)["status"] == quantity.variable("status").flags["not_converged"]


def test_the_status_of_sound_says_so(monkeypatch):
    glass = {"T": 0.1, "Pd": 1e46, "chi": 0.1, "Estar": 1.0, "omega": 1e9, "Pd_glass": 7e44, "Estar_glass": 20.0}
    glass |= {"convention": "published"}
    clusters = glass | {"Lambda0": 0.01, "U0": 1e-48, "distribution": "clusters"}
    assert not is_not_converged("attenuation", **glass) and not is_not_converged("attenuation", **clusters)
    monkeypatch.setattr(attenuation, "cluster_attenuation", lambda kinds, *a, **b: [NONE for _ in kinds])
    assert is_not_converged("attenuation", **clusters)
    assert is_not_converged("attenuation", **clusters, variables=("status",))
    beyond = QUANTITIES["attenuation"](**(clusters | {"Lambda0": 0.9}))["status"]
    assert beyond == QUANTITIES["attenuation"].variable("status").flags["beyond_validity"]
    monkeypatch.setattr(attenuation, "_integrals", lambda *a: NONE)
    assert is_not_converged("attenuation", **glass)


def test_the_status_of_kondo_says_so(monkeypatch):
    point = {"T": 0.1, "TKstar": 1.0, "Deltastar": 0.1}
    assert not is_not_converged("kondo", **point)
    monkeypatch.setattr(kondo, "averages", lambda *a, **b: (NONE, NONE, NONE))
    assert is_not_converged("kondo", **point)


def test_the_status_of_the_crossover_says_so(monkeypatch):
    film = {"R_sq": 100.0, "ee_prefactor": 1.0, "background": "film"}
    defects = {"T": 0.1, "p_t": [0.1, 0.2, 0.3], "F1": 0.3, "log_range": 20.0, "tau": 1e-14, "kFl": 10.0}
    monkeypatch.setattr(one_over_f, "crossover_temperature", lambda *a, **b: np.array([np.inf, np.nan, 0.1]))
    found = QUANTITIES["one_over_f"](**defects, **film, variables=("T0", "status"))
    flags = QUANTITIES["one_over_f"].variable("status").flags
    assert found["status"].tolist() == [flags[name] for name in ("not_converged", "no_crossover", "ok")]
    assert np.isnan(found["T0"]).tolist() == [True, True, False]


def test_an_amplitude_distribution_that_does_not_converge_is_no_solution(monkeypatch):
    point = {"T": 2.0, "Lambda0": 1.0, "Pd": 1e47, "Estar": 100.0, "Delta0": 0.3, "U0": 1e-48, "amplitude_width": 1.0}
    point |= {"kernel": "constant", "primary": "gaussian"}
    no_solution = QUANTITIES["amplitude_distribution"].variable("status").flags["no_solution"]
    assert QUANTITIES["amplitude_distribution"](**point)["status"] & no_solution == 0
    monkeypatch.setattr(amplitude_distribution, "fourier_solution", lambda *a: (NONE, NONE))
    found = QUANTITIES["amplitude_distribution"](**point)
    assert found["status"] & no_solution and np.isnan(found["P_Delta0"])
