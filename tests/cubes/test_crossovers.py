"""Crossovers of quantities other than dephasing: no status, axes of their own, exponents that rise with temperature."""

import numpy as np
import pytest
import xarray
from scipy.optimize import brentq

from helpers.unlimited import unlimited
from physics import QUANTITIES
from survey.compute.tile import compute_tile
from survey.config.load import load_survey
from survey.cubes.assemble import assemble
from survey.cubes.columns import CENSORING
from survey.cubes.crossovers import locate
from survey.errors import SurveyError
from survey.store.tiles import tiles_of

GOLD = {"n_e": 3e28, "eps_F": 8.01088317e-19, "L_slow": 30.0}
GLASS = {"distribution": "glass", "logarithm": "published", "convention": "published"}
SURVEY = """\
axes:
  T: {start: 5 mK, stop: 1 K, num: 40}
  Pd: {values: [1e13 K^-1 cm^-3, 1e17 K^-1 cm^-3, 1e18 K^-1 cm^-3, 1e25 K^-1 cm^-3]}
  Estar: {values: [5 mK, 20 mK, 50 mK, 100 K]}
constants: {n_e: 3e28 m^-3, eps_F: 8.01088317e-19 J, L_slow: 30}
quantities:
  heat: {quantity: specific_heat, options: {distribution: glass, logarithm: published, convention: published}}
"""


@pytest.fixture(scope="module", autouse=True)
def extremes():
    """Densities far beyond what is promised, so that something is censored at either end."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("specific_heat", "dephasing"):
            patch.setitem(QUANTITIES, name, unlimited(name))
        yield


def heat(T, Pd, Estar):
    found = QUANTITIES["specific_heat"](T=T, Pd=Pd, Estar=Estar, **GOLD, **GLASS)
    return {name: float(values) for name, values in found.items()}


def located(folder, text):
    """The crossovers of a survey of the specific heat, computed from its file on."""
    path = folder / "gold.yaml"
    path.write_text(text)
    survey = load_survey(path)
    store = folder / "store"
    for label in survey.quantities:
        for tile in tiles_of(survey, label):
            compute_tile(store, tile)
        assemble(survey, label, store, folder)
    with xarray.open_dataset(locate(survey, folder)) as found:
        return survey, found.load()


def test_a_survey_of_the_specific_heat_has_its_crossovers_by_default(tmp_path):
    survey, found = located(tmp_path, SURVEY)
    assert {name: crossover.quantity for name, crossover in survey.crossovers.items()} == {
        "T_heat": "heat",
        "T_cutoff": "heat",
    }
    assert found["T_heat"].dims == ("Pd", "Estar")
    for Pd in found["Pd"].values[1:3]:
        expected = brentq(lambda T, Pd=Pd: np.log(heat(T, Pd, 0.05)["C_ratio"]), 0.005, 1, xtol=1e-12)
        assert float(found["T_heat"].sel(Pd=Pd, Estar=0.05)) == pytest.approx(expected, rel=1e-7)

    def slope(T, Estar):
        low, high = (heat(T * factor, 1e41, Estar)["C_tls"] for factor in (0.999, 1.001))
        return np.log(high / low) / np.log(1.001 / 0.999)

    # Half way from C_T/T constant to T^-3 is C_T/T as T^-1.5, at 0.339 E*.
    for Estar in (0.05, 0.02):
        expected = brentq(lambda T, Estar=Estar: slope(T, Estar) + 0.5, 0.001, 1)
        assert float(found["T_cutoff"].sel(Estar=Estar)[0]) == pytest.approx(expected, rel=1e-5)
        assert expected / Estar == pytest.approx(0.33857, rel=1e-4)


def test_what_is_not_on_the_grid_lies_on_the_right_side_of_it(tmp_path):
    _, found = located(tmp_path, SURVEY)

    def side(name, Pd, Estar):
        code = int(found[f"{name}_censoring"][Pd, Estar])
        return next(word for word, value in CENSORING.items() if value == code)

    # Few systems never reach the electrons, many exceed them far beyond the grid.
    assert side("T_heat", 0, 3) == "below" and side("T_heat", 3, 3) == "above" and side("T_heat", 1, 2) == "found"
    # A narrow distribution is exhausted below the grid, a wide one above it.
    assert side("T_cutoff", 0, 0) == "below" and side("T_cutoff", 0, 3) == "above"


def test_an_exponent_that_falls_is_the_mirror_image(tmp_path):
    text = SURVEY + "crossovers:\n  c: {kind: exponent, variable: C_tls, value: 0.5, exponent: falls}\n"
    _, found = located(tmp_path, text)
    rising = located(tmp_path, SURVEY)[1]
    np.testing.assert_array_equal(found["c"], rising["T_cutoff"])
    swapped = {CENSORING["below"]: CENSORING["above"], CENSORING["above"]: CENSORING["below"]}
    expected = [swapped.get(code, code) for code in rising["T_cutoff_censoring"].values.ravel()]
    assert found["c_censoring"].values.ravel().tolist() == expected


def test_a_window_is_found_without_a_status(tmp_path):
    text = SURVEY + "crossovers:\n  flat: {kind: window, variable: C_ratio, threshold: 0.1}\n"
    _, found = located(tmp_path, text)
    assert found["flat_censoring"].values[0].tolist() == [5, 5, 1, 3]
    assert float(found["flat_low"][0, 2]) == pytest.approx(0.005)

    def slope(T):
        low, high = (heat(T * factor, 1e41, 0.05)["C_ratio"] for factor in (0.999, 1.001))
        return np.log(high / low) / np.log(1.001 / 0.999)

    expected = brentq(lambda T: slope(T) + 0.1, 0.005, 0.02)
    assert float(found["flat_high"][0, 2]) == pytest.approx(expected, rel=1e-4)


def test_crossovers_of_several_quantities_share_a_file_and_find_their_own_label(tmp_path):
    text = SURVEY.replace("num: 40", "num: 30").replace("Estar: {values", "chi: {values: [0.1]}\n  Estar: {values")
    text = text.replace("constants: {", "constants: {sigma_in: 1e-19 m^2, v_F: 1e6 m/s, tau: 1e-14 s, ")
    text = text.replace("axes:\n", "axes:\n  Lambda0: {values: [1 mK]}\n") + "  dephasing: {variables: [tau_phi]}\n"
    crossovers = """\
crossovers:
  same: {kind: equal, variables: [C_electron, C_tls]}
  valid: {kind: thermal_limit, variable: tau_phi}
diagrams:
  where: {kind: crossover_map, crossover: same, x: Pd, y: Estar}
"""
    survey, found = located(tmp_path, text + crossovers)
    assert {name: each.quantity for name, each in survey.crossovers.items()} == {"same": "heat", "valid": "dephasing"}
    assert survey.diagrams["where"].quantity == "heat"
    assert found["same"].dims == ("Pd", "Estar") and found["valid"].dims == ("Lambda0", "Pd", "chi", "Estar")
    np.testing.assert_array_equal(found["same"], located(tmp_path, SURVEY.replace("num: 40", "num: 30"))[1]["T_heat"])


def test_the_direction_of_an_exponent_is_one_of_two_words(tmp_path):
    path = tmp_path / "gold.yaml"
    entry = "crossovers:\n  c: {kind: exponent, variable: C_tls, value: 0.5, exponent: up}\n"
    path.write_text(SURVEY + entry)
    with pytest.raises(SurveyError, match=r"crossovers.c.exponent .*: found 'up'; allowed: 'falls' or 'rises'"):
        load_survey(path)
