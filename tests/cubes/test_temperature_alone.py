"""Crossovers of quantities that depend on temperature alone: single numbers, located, drawn, queried and verified."""

import json

import netCDF4
import numpy as np
import pytest
import xarray
from click.testing import CliRunner
from scipy.constants import e, hbar, k
from scipy.integrate import quad
from scipy.optimize import brentq

from survey.cli.query import query as command
from survey.compute.tile import compute_tile
from survey.config.load import load_survey
from survey.cubes.assemble import assemble
from survey.cubes.columns import CENSORING, WINDOW_CENSORING
from survey.cubes.crossovers import locate
from survey.cubes.read import open_cube
from survey.draw.regimes import regime_map
from survey.draw.render import render
from survey.errors import SurveyError
from survey.query.answer import query
from survey.query.parts import interpolated_in_parts
from survey.store.sealed import open_sealed
from survey.store.tiles import tiles_of
from survey.upkeep.verify import verify

R, D, A = 1e10, 0.01, 1e9
SURVEY = f"""
axes:
  T: {{start: 10 mK, stop: 20 K, num: 30}}
constants: {{R_per_length: {R} ohm/m, D: {D} m^2/s, ee_prefactor: 1, ep_rate: {A} s^-1, ep_exponent: 3}}
quantities:
  background: {{options: {{background: wire, phonons: power}}}}
crossovers:
  same: {{kind: equal, variables: [rate_ep, rate_ee]}}
  steep: {{kind: exponent, variable: tau_phi, value: 1.5, exponent: rises}}
  steeper: {{kind: exponent, variable: tau_phi, value: 4, exponent: rises}}
  valid: {{kind: thermal_limit, variable: tau_phi}}
  flat: {{kind: window, variable: tau_phi, threshold: 1}}
  flatter: {{kind: window, variable: tau_phi, threshold: 0.1}}
diagrams:
  times: {{kind: curves, variables: [tau_phi], x: T, crossovers: [same, steep, steeper, flat, flatter]}}
"""


def rates(T):
    """1/tau_ee of a wire and 1/tau_ep."""
    return (e * e * k * T * R * np.sqrt(D) / (2 * np.sqrt(2) * hbar**2)) ** (2 / 3), A * T**3


def over_decay(T, integrand):
    """The integral of dt/t integrand(t, f_ep, f_ee) e^(-f) over the decay f = f_ep + f_ee of both, (t/tau_N)^(3/2)."""
    ee, ep = rates(T)
    scale = 1 / (ee + ep)

    def at(x):
        t = scale * np.exp(x)
        f_ep, f_ee = ep * t, np.sqrt(np.pi) / 4 * (2 * ee * t) ** 1.5
        return integrand(t, f_ep, f_ee) * np.exp(-f_ep - f_ee)

    return quad(at, -45, 5, epsabs=0, epsrel=1e-11, limit=500, points=[-20, -8, -3, 0, 2])[0]


def tau_phi(T):
    """(34) of paper 001 for tau -> 0: ln tau_phi is the mean of ln t over the loss of coherence, df/dt e^(-f)."""
    scale = 1 / sum(rates(T))
    return scale * np.exp(over_decay(T, lambda t, f_ep, f_ee: np.log(t / scale) * (f_ep + 1.5 * f_ee)))


def local_exponent(T):
    """-dln tau_phi/dlnT: f_ep goes with T^3, f_ee with T."""
    return over_decay(T, lambda t, f_ep, f_ee: 3 * f_ep + f_ee)


def root(function, low, high):
    return brentq(lambda T: float(function(T)), low, high, xtol=1e-13)


def located(folder, text, name="wire"):
    path = folder / f"{name}.yaml"
    path.write_text(text)
    survey = load_survey(path)
    for label in survey.quantities:
        for tile in tiles_of(survey, label):
            compute_tile(folder / "store", tile)
        assemble(survey, label, folder / "store", folder)
    return survey, locate(survey, folder)


@pytest.fixture(scope="module")
def wire(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wire")
    return folder, *located(folder, SURVEY)


def test_every_kind_of_crossover_is_located(wire):
    found = xarray.load_dataset(wire[2])
    same = root(lambda T: np.log(np.divide(*rates(T))), 0.1, 20)
    steep = root(lambda T: local_exponent(T) - 1.5, 0.1, 20)
    flat = root(lambda T: local_exponent(T) - 1, 0.1, 20)
    valid = root(lambda T: np.log(k * T / hbar * tau_phi(T)), 1, 20)
    assert found["same"].dims == ()
    for name, expected in {"same": same, "steep": steep, "valid": valid, "flat_high": flat}.items():
        assert float(found[name]) == pytest.approx(expected, rel=1e-7), name
    assert float(found["flat_low"]) == pytest.approx(0.01) and float(found["flat_ratio"]) == pytest.approx(flat / 0.01)
    # The rate is above k_B T/hbar in the cold and again in the heat: two temperatures, of which the higher is told.
    assert 1 / tau_phi(0.01) > k * 0.01 / hbar and 1 / tau_phi(1.0) < k / hbar
    expected = {"same": "found", "steep": "found", "steeper": "above", "valid": "several"}
    assert {name: int(found[f"{name}_censoring"]) for name in expected} == {
        name: CENSORING[word] for name, word in expected.items()
    }
    assert int(found["flat_censoring"]) == WINDOW_CENSORING["open_below"]
    assert int(found["flatter_censoring"]) == WINDOW_CENSORING["absent"]
    assert np.isnan(found["steeper"]) and np.isnan(found["flatter_ratio"])


@pytest.mark.parametrize("form", ["table", "json", "csv"])
@pytest.mark.parametrize("name", ["same", "same_width", "steeper", "flat_ratio", "flat_censoring", "valid_censoring"])
def test_a_single_number_is_queried(wire, name, form):
    said = CliRunner().invoke(command, [str(wire[2]), name, "--format", form], catch_exceptions=False)
    assert said.exit_code == 0
    if form == "json":
        (point,) = json.loads(said.stdout)["points"]
        stored = float(xarray.load_dataset(wire[2])[name])
        assert point["at"] == {} and point["method"] == "computed cell"
        assert point["value"] == (None if np.isnan(stored) else stored)


def test_a_single_number_is_queried_in_python(wire):
    stored = float(xarray.load_dataset(wire[2])["same"])
    with open_cube(wire[2]) as cube, xarray.open_dataset(wire[2]) as other:
        for one in (cube, other):
            assert query(one, "same")["same"].item() == stored
        assert interpolated_in_parts(cube, "same", {}, {}, "none")["same"][1] == stored
        with pytest.raises(SurveyError, match="same has no axis 'T'"):
            query(cube, "same", T=1.0)


def test_it_is_drawn_and_verified(wire):
    folder, survey, path = wire
    render(survey, "times", folder)
    page = (folder / "wire" / "diagrams" / "times.html").read_text()
    assert "steeper" in page.split("Not within the frame: ")[1].split(".")[0]
    assert verify([path], folder) == []


def test_a_single_number_that_was_altered_is_damage(tmp_path, wire):
    """HDF5 has no checksum for a number without dimensions."""
    copy = tmp_path / "crossovers.nc"
    copy.write_bytes(wire[2].read_bytes())
    open_sealed(copy).close()
    with netCDF4.Dataset(copy, "a") as dataset:
        dataset["same"][...] = 1.25
    with pytest.raises(SurveyError, match="altered"):
        open_sealed(copy)


def test_a_crossover_that_does_not_depend_on_an_axis_of_a_map_is_a_straight_line(tmp_path):
    text = """
axes:
  T: {start: 1 mK, stop: 1 K, num: 12}
  S: {start: 10, stop: 1e5, num: 5}
  N_nuclei: {values: [1]}
  omega0: {values: [1e7 rad/s]}
  T2: {values: [10 ms]}
  Delta_tilde: {values: [1e6 rad/s]}
constants: {Omega_bounce: 2.6e11 rad/s, g_kondo: 0.1, bandwidth: 1e4 K, K_anisotropy: 1 K, Theta_D: 300 K}
quantities:
  grain_coherence: {options: {ensemble: resonant, electrons: insulating_substrate}}
crossovers:
  wide: {kind: window, variable: S_max, threshold: 100}
diagrams:
  limits: {kind: regime_map, variable: limit, x: T, y: S, crossovers: [wide],
    at: {N_nuclei: 1, omega0: 1e7 rad/s, T2: 10 ms, Delta_tilde: 1e6 rad/s}}
"""
    survey, path = located(tmp_path, text, "grain")
    assert "S" not in xarray.load_dataset(path)["wide_low"].dims
    scene = regime_map(survey.diagrams["limits"], tmp_path / "grain" / "grain_coherence.nc", path)
    lines = [layer for layer in scene.layers if getattr(layer, "label", "").startswith("wide")]
    assert [np.unique(line.x).tolist() for line in lines] == [[pytest.approx(1.0)], [pytest.approx(1000.0)]]
    assert all(len(line.y) == 5 for line in lines)
