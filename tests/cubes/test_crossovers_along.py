"""Crossovers along other axes than the temperature: of a kernel whose crossings are known on paper, and of heat and
dephasing against roots of the kernels."""

import netCDF4
import numpy as np
import pytest
from numpy import exp, log
from scipy.constants import hbar, k
from scipy.optimize import brentq

import physics
from physics import QUANTITIES, Quantity, Variable
from survey.compute.tile import compute_tile
from survey.config.load import load_survey
from survey.cubes.assemble import assemble
from survey.cubes.columns import CENSORING, WINDOW_CENSORING
from survey.cubes.crossovers import locate
from survey.errors import SurveyError
from survey.query.answer import query
from survey.store.tiles import tiles_of

TOY = Quantity(
    name="toy",
    long_name="toy",
    kernel="test_crossovers_along:kernel",
    axes=("omega", "T", "chi"),
    constants=("tau",),
    variables=(
        Variable("rise", "r", "s", "rises with T and omega"),
        Variable("fall", "f", "s", "falls with T and omega"),
        Variable("bump", "b", "s", "its exponent rises with omega"),
        Variable("slow", "s", "s", "a time that rises with omega"),
        Variable("fast", "s", "s", "a time that falls with omega"),
        Variable("calm", "c", "s", "constant for a while"),
        Variable("cold", "c", "s", "knows no T", axes=("omega", "chi")),
    ),
    source="none",
    version=1,
    accuracy=1e-12,
    domain={"omega": (1.0, 1e11), "tau": (1.0, 1.0)},
)
SURVEY = """
axes:
  omega: OMEGA
  T: {values: [10 mK, 0.1 K, 1 K, 10 K]}
  chi: {values: [0.01, 0.1, 1]}
constants: {tau: 1 s}
quantities: {toy: }
crossovers:
  same: {kind: equal, variables: [rise, fall], along: omega}
  T_same: {kind: equal, variables: [rise, fall]}
  power: {kind: exponent, variable: bump, value: 0.5, exponent: rises, along: omega}
  limit: {kind: thermal_limit, variable: slow, along: omega}
  least: {kind: thermal_limit, variable: fast, along: omega, holds: below}
  flat: {kind: window, variable: calm, threshold: 0.2, along: omega}
"""
OMEGA = "{start: 1e4 rad/s, stop: 1e7 rad/s, num: 25}"
LINEAR = "{start: 1e4 rad/s, stop: 1e7 rad/s, num: 60, spacing: linear}"
GRAINS = """
axes:
  %s
  time: {start: 10 ns, stop: 1 us, num: 5}
constants: {T: 1 K, Delta_tilde: 1e6 rad/s, coflip: 1, omega0: 1e7 rad/s, %s}
quantities: {grains: {variables: [P], options: {bias: %s}}}
crossovers: {c: {kind: exponent, variable: P, value: 0.1, along: %s}}
"""
UNIT = 1e6


def kernel(omega, T, chi, *, tau, variables):
    x = log(omega / (UNIT * T))
    results = {
        "rise": omega / UNIT * T + 0 * chi,
        "fall": chi**3 / (omega / UNIT * T),
        "bump": exp(-(x**2)) + 0 * chi,
        "slow": hbar / k * omega / UNIT / (chi * T**2),
        "fast": hbar / k * UNIT * chi / omega + 0 * T,
        # -dln/dln omega = -0.2 at the ends of the calm
        "calm": exp(0.2 * x**3 / 3) + 0 * chi,
        "cold": omega * chi,
    }
    return {name: tau * results[name] for name in variables}


@pytest.fixture(autouse=True, scope="module")
def _toy():
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(physics.QUANTITIES, "toy", TOY)
        yield


def made(folder, text, name="along"):
    """The survey, computed from its file on, and the file of its crossovers."""
    path = folder / f"{name}.yaml"
    path.write_text(text, encoding="utf-8")
    survey = load_survey(path)
    for label in survey.quantities:
        for tile in tiles_of(survey, label):
            compute_tile(folder / "results" / "store", tile)
        assemble(survey, label, folder / "results" / "store", folder / "results")
    return survey, locate(survey, folder / "results", 2)


def fields(path):
    with netCDF4.Dataset(path) as dataset:
        dataset.set_auto_mask(False)
        return {name: dataset[name][...] for name in dataset.variables}


@pytest.mark.parametrize("omega", [OMEGA, LINEAR])
def test_every_kind_along_a_frequency(tmp_path, omega):
    survey, path = made(tmp_path, SURVEY.replace("OMEGA", omega))
    found = fields(path)
    T, chi = np.meshgrid(found["T"], found["chi"], indexing="ij")
    first, last = survey.axes["omega"][0], survey.axes["omega"][-1]
    expected = {
        "same": chi**1.5 / T,
        "power": exp(0.25) * T,
        "limit": chi * T,
        "least": chi * T,
    }
    for name, value in expected.items():
        value = UNIT * value
        inside = (value > first) & (value < last)
        assert inside.any() and (~inside).any()
        sides = np.where(value < first, CENSORING["below"], CENSORING["above"])
        away = np.abs(np.log(value / first)) > 1e-9
        away &= np.abs(np.log(value / last)) > 1e-9
        np.testing.assert_array_equal(
            found[f"{name}_censoring"][away], np.where(inside, CENSORING["found"], sides)[away], name
        )
        np.testing.assert_allclose(found[name][away], np.where(inside, value, np.nan)[away], rtol=1e-8)
        width = found[f"{name}_width"][away & inside]
        assert (width > 0).all() and (width < 1e-6 * value[away & inside]).all()


@pytest.mark.parametrize("omega", [OMEGA, LINEAR])
def test_a_window_of_frequencies(tmp_path, omega):
    found = fields(made(tmp_path, SURVEY.replace("OMEGA", omega))[1])
    # The calm is as wide as a factor e either side of UNIT T.
    assert found["flat_censoring"][1, 0] == WINDOW_CENSORING["found"]
    np.testing.assert_allclose(found["flat_low"][1], UNIT * 0.1 / np.e, rtol=1e-7)
    np.testing.assert_allclose(found["flat_high"][1], UNIT * 0.1 * np.e, rtol=1e-7)
    np.testing.assert_array_equal(found["flat_censoring"][3], WINDOW_CENSORING["open_above"])


def test_along_the_temperature_where_it_is_not_the_first_axis(tmp_path):
    _, path = made(tmp_path, SURVEY.replace("OMEGA", OMEGA))
    found = fields(path)
    with netCDF4.Dataset(path) as dataset:
        assert dataset["T_same"].dimensions == ("omega", "chi") and dataset["same"].dimensions == ("T", "chi")
    omega, chi = np.meshgrid(found["omega"], found["chi"], indexing="ij")
    inside = found["T_same_censoring"] == CENSORING["found"]
    expected = UNIT * chi**1.5 / omega
    np.testing.assert_allclose(found["T_same"][inside], expected[inside], rtol=1e-8)
    assert inside.any()
    np.testing.assert_array_equal(found["T_same_censoring"][expected < 0.0099], CENSORING["below"])
    np.testing.assert_array_equal(found["T_same_censoring"][expected > 10.1], CENSORING["above"])


def test_fields_say_their_axis_in_words_and_units(tmp_path):
    survey, path = made(tmp_path, SURVEY.replace("OMEGA", OMEGA))
    with netCDF4.Dataset(path) as dataset:
        for part in ("same", "same_width", "limit", "flat_low", "flat_high"):
            assert dataset[part].units == "rad s-1" and "angular frequency" in dataset[part].long_name
            assert "temperature" not in dataset[part].long_name
        assert dataset["flat_ratio"].units == "1"
        assert dataset["T_same"].units == "K"
        assert dataset["T_same"].long_name == "temperature at which two variables are equal"
    answer = query(path, "same", T=0.1, chi=0.1)
    assert float(answer.same) == pytest.approx(UNIT * 0.1**1.5 / 0.1, rel=1e-8) and answer.same.units == "rad s-1"
    assert "along" not in survey.crossovers["T_same"].plain()
    assert survey.crossovers["same"].plain()["along"] == "omega"
    assert "holds" not in survey.crossovers["limit"].plain() and survey.crossovers["least"].plain()["holds"] == "below"


def test_the_temperature_of_a_limit_may_be_a_constant(tmp_path):
    text = SURVEY.replace("OMEGA", OMEGA).replace("  T: {values: [10 mK, 0.1 K, 1 K, 10 K]}\n", "")
    text = text.replace("{tau: 1 s}", "{tau: 1 s, T: 0.5 K}").replace(
        "  T_same: {kind: equal, variables: [rise, fall]}\n", ""
    )
    found = fields(made(tmp_path, text)[1])
    np.testing.assert_allclose(found["limit"][1:], UNIT * 0.5 * found["chi"][1:], rtol=1e-9)


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        (
            "{kind: equal, variables: [rise, fall], along: Pd}",
            "a crossover is located along Pd; allowed: a quantity and",
        ),
        ("{kind: equal, variables: [rise, fall], along: tau}", "an axis with at least two values of tau"),
        ("{kind: equal, variables: [rise, fall], along: omga}", "a crossover is located along omga"),
        (
            "{kind: thermal_limit, variable: cold, along: omega}",
            r"hbar/cold is held against k_B T, but toy depends on no",
        ),
        ("{kind: exponent, variable: rise, value: 1, along: omega, closed_form: chi}", "toy has no closed_form chi"),
        (
            "{kind: closed_form, closed_form: omega_chi, along: omega}",
            "toy has no closed_form omega_chi; allowed: none",
        ),
        ("{kind: closed_form, closed_form: Estar}", "closed_form Estar depends on Estar, which the quantity has not"),
        ("{kind: closed_form, along: omega}", "c.closed_form .* is missing"),
    ],
)
def test_what_cannot_be_located_is_refused(tmp_path, entry, message):
    path = tmp_path / "along.yaml"
    path.write_text(SURVEY.split("crossovers:")[0].replace("OMEGA", OMEGA) + f"crossovers:\n  c: {entry}\n")
    with pytest.raises(SurveyError, match=message):
        load_survey(path)


def test_an_axis_of_values_that_are_not_positive_is_refused(tmp_path):
    path = tmp_path / "along.yaml"
    path.write_text(
        GRAINS % ("Phi: {start: -1, stop: 1, num: 5, spacing: linear}", "N_nuclei: 8", "overlapping", "Phi")
    )
    with pytest.raises(SurveyError, match="a crossover needs positive values of Phi; found -1"):
        load_survey(path)


def test_an_axis_of_whole_numbers_is_refused(tmp_path):
    path = tmp_path / "along.yaml"
    path.write_text(GRAINS % ("N_nuclei: {values: [3, 7, 20]}", "domega0: 1e6 rad/s, Phi: 0.3", "groups", "N_nuclei"))
    with pytest.raises(SurveyError, match="N_nuclei: the polarisation groups need a whole number of nuclei"):
        load_survey(path)


HEAT = """
axes:
  T: {values: [20 mK, 0.1 K, 0.3 K]}
  Estar: {start: 5 mK, stop: 10 K, num: 24}
constants: {Pd: "1e41 J^-1 m^-3", n_e: 3e28 m^-3, eps_F: 8e-19 J, L_slow: 30}
quantities: {specific_heat: {options: {distribution: glass, logarithm: published, convention: published}}}
crossovers: {Estar_heat: {kind: equal, variables: [C_electron, C_tls], along: Estar}}
"""


def test_heat_of_levels_and_electrons_is_equal_along_the_cut_off(tmp_path):
    survey, path = made(tmp_path, HEAT.replace("1e41", "3e47"))
    found = fields(path)
    options = survey.request("specific_heat").options

    def ratio(Estar, T):
        values = QUANTITIES["specific_heat"](T=T, Estar=Estar, **survey.constants, **options, variables=("C_ratio",))
        return log(float(values["C_ratio"]))

    grid, crossed = survey.axes["Estar"], 0
    for i, T in enumerate(survey.axes["T"]):
        signs = np.sign([ratio(Estar, T) for Estar in grid])
        changes = np.flatnonzero(signs[1:] != signs[:-1])
        if changes.size:
            last, crossed = changes[-1], crossed + 1
            root = brentq(ratio, grid[last], grid[last + 1], (T,), xtol=1e-14, rtol=1e-12)
            assert found["Estar_heat"][i] == pytest.approx(root, rel=1e-7)
            assert found["Estar_heat_width"][i] < 1e-5 * root
        else:
            assert np.isnan(found["Estar_heat"][i])
    assert crossed


WIRE = """
axes:
  Pd: {start: "1e45 J^-1 m^-3", stop: "1e49 J^-1 m^-3", num: 17}
  T: {values: [1 mK, 5 mK, 20 mK]}
constants:
  {Lambda0: 0.1 mK, chi: 1, Estar: 10 K, sigma_in: 1e-19 m^2, v_F: 1e6 m/s, tau: 1e-14 s}
quantities: {dephasing: {variables: [tau_phi, status]}}
crossovers: {Pd_valid: {kind: thermal_limit, variable: tau_phi, along: Pd, holds: below}}
"""


def test_the_density_at_which_the_rate_reaches_the_temperature(tmp_path):
    survey, path = made(tmp_path, WIRE)
    found = fields(path)
    for i, T in enumerate(survey.axes["T"]):

        def g(Pd, T=T):
            tau = QUANTITIES["dephasing"](T=T, Pd=Pd, **survey.constants, variables=("tau_phi",))["tau_phi"]
            return log(hbar / float(tau) / (k * T))

        ends = survey.axes["Pd"][0], survey.axes["Pd"][-1]
        sides = [g(end) < 0 for end in ends]
        if sides == [True, False]:
            assert found["Pd_valid"][i] == pytest.approx(brentq(g, *ends, rtol=1e-12), rel=1e-7)
            assert found["Pd_valid_censoring"][i] == CENSORING["found"]
        else:
            assert found["Pd_valid_censoring"][i] == CENSORING["above" if sides[1] else "below"]
    assert found["Pd_valid_censoring"].tolist() == [CENSORING[word] for word in ("found", "found", "above")]
