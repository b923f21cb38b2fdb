"""Queries of files of groups: interpolated along axes of the vocabulary, labels to the letter, words as they are."""

import csv
import io
import json
import subprocess
import sys

import numpy as np
import pytest
import xarray as xr
from click.testing import CliRunner

from survey.cli import commands
from survey.errors import SurveyError
from survey.query.answer import query
from survey.store.trees import write_tree

T, OMEGA, RIVALS = np.geomspace(0.01, 1.0, 5), np.array([1e8, 1e9]), ["glass", "kondo"]
WHY = "there is no law of this for two-channel Kondo levels"
# A draw of chi lies on one of these values; the last is beyond the range of the prior.
CHI, DRAWN = np.geomspace(0.01, 1.0, 5), 400


def band(quantile, T, omega):
    return 3.0 * quantile * T**1.5 * omega**0.25


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    """Sound of a rival by a power law, of the other nothing; a table with words; draws."""
    quantiles = np.array([0.16, 0.5, 0.84])
    values = np.full((2, 3, 5, 2), np.nan)
    values[0] = band(quantiles[:, None, None], T[:, None], OMEGA)
    sound = xr.Dataset(
        {
            "W": (("rival", "quantile", "T", "omega"), values, {"units": "1", "long_name": "absorption"}),
            "W_defined": (("rival", "T", "omega"), np.isfinite(values[:, 0]).astype(float), {"units": "1"}),
        },
        {
            "rival": RIVALS,
            "quantile": quantiles,
            "T": ("T", T, {"units": "K"}),
            "omega": ("omega", OMEGA, {"units": "rad s-1"}),
        },
    )
    table = xr.Dataset(
        {
            "gain": ("set", [1.5, np.nan, 0.25]),
            "gain_error": ("set", [0.1, np.nan, 0.2]),
            "resolved": ("set", np.array([1, 0, 1], np.uint8)),
            "what": ("set", np.array(["heat, at 10 mK", "", "τφ"], dtype=object)),
            "open": ((), 1.75),
        },
        {"set": ["heat", "none", "both"]},
    )
    rng = np.random.default_rng(5)
    place = np.repeat([0, 1, 2, 3], [100, 150, 50, 100])
    draws = xr.Dataset(
        {
            "chi": ("draw", CHI[place], {"units": "1"}),
            "Pd": ("draw", 1e46 * np.exp(rng.standard_normal(DRAWN)), {"units": "J-1 m-3"}),
            "s_m": (("wire", "draw"), rng.random((2, DRAWN))),
        }
    )
    prior = xr.Dataset(
        {
            "chi_prior": ("chi", np.array([1, 2, 2, 1, 0]) / 6),
            "chi_posterior": ("chi", [0.25, 0.375, 0.125, 0.25, 0]),
        },
        {"chi": CHI},
    )
    words = xr.Dataset(
        {name: ("set", np.array(["a", "b"], dtype=object)) for name in ("one", "two")}, {"set": ["x", "y"]}
    )
    found = tmp_path_factory.mktemp("findings") / "finding.nc"
    about = {"survey": "made", "rival": "glass", "left_out": json.dumps({"W": {"kondo": WHY}})}
    groups = {"sound": sound, "sets": table, "draws": draws, "prior": prior, "words": words, "empty": xr.Dataset()}
    write_tree(found, groups, about | {"remarks": json.dumps({"chi": "set by the prior", "Pd": ""})})
    return found


def told(path, *words, code=0):
    done = CliRunner().invoke(commands, ["query", str(path), *words], catch_exceptions=False)
    assert done.exit_code == code, done.output
    return done.stdout


def document(path, *words, code=0):
    return json.loads(told(path, *words, "--format", "json", code=code))


def test_a_band_lies_between_the_values_of_the_axes(path):
    found = query(path, "sound/W", rival="glass", T="35 mK", omega="3e8 rad/s")
    expected = band(np.array([0.16, 0.5, 0.84]), 0.035, 3e8)
    assert found["sound/W"].dims == ("quantile",) and np.allclose(found["sound/W"], expected, rtol=1e-12)
    assert np.allclose(found.W_defined, 1) and found["rival"] == "glass" and "remark" not in found
    at = query(path, "sound/W", rival="glass", quantile=0.5, T=T[1], omega=[1e8, 1e9])
    assert np.array_equal(at["sound/W"], band(0.5, T[1], OMEGA)) and (at.method == "computed cell").all()
    near = query(path, "sound/W", rival="glass", quantile="0.5", T="35mK", omega=1e9, nearest=True)
    assert float(near["sound/W"]) == band(0.5, T[1], 1e9)


def test_what_a_rival_does_not_have_is_refused_with_the_reason_of_the_file(path):
    words = ("sound/W", "quantile=0.5", "T=35mK", "omega=1e8rad/s")
    glass, kondo = document(path, *words, code=3)["points"]
    assert glass["value"] == pytest.approx(band(0.5, 0.035, 1e8), rel=1e-12) and "remark" not in glass
    assert kondo["value"] is None and kondo["remark"] == WHY and kondo["beside"] == {"W_defined": 0}
    assert WHY in told(path, *words, code=3)


def test_a_table_has_a_row_for_each_label_and_a_column_for_each_variable(path):
    rows = list(csv.DictReader(io.StringIO(told(path, "sets", "--format", "csv"))))
    assert [row["set"] for row in rows] == ["heat", "none", "both"]
    assert [row["what"] for row in rows] == ["heat, at 10 mK", "", "τφ"]
    assert [row["gain"] for row in rows] == ["1.5", "", "0.25"] and {row["open"] for row in rows} == {"1.75"}
    found = document(path, "sets", "set=both,heat")
    assert [each["at"]["set"] for each in found["points"]] == ["both", "heat"]
    assert found["points"][1]["beside"] == {
        "gain": 1.5,
        "gain_error": 0.1,
        "resolved": 1,
        "what": "heat, at 10 mK",
        "open": 1.75,
    }
    assert "τφ" in told(path, "sets") and "gain_error" in told(path, "sets", "set=both")


def test_a_number_of_a_table_has_its_error_beside_it(path):
    (one,) = document(path, "sets/gain", "set=heat")["points"]
    assert one["value"] == 1.5 and one["beside"] == {"gain_error": 0.1}
    (word,) = document(path, "sets/what", "set=heat")["points"]
    assert word["value"] == "heat, at 10 mK" and "error_estimate" not in word
    assert "heat, at 10 mK" in told(path, "sets/what", "set=heat")


def even(share):
    """The value of chi below which a share of the probability lies, which is even in the logarithm between the middles
    of its values, within the range: 0.25 in half a step, 0.375 and 0.125 in whole ones, 0.25 in the last half."""
    step = np.log(CHI[1] / CHI[0])
    places = np.array([0.0, 0.5, 1.5, 2.5, 3.0]) * step
    return CHI[0] * np.exp(np.interp(share, [0, 0.25, 0.625, 0.75, 1.0], places))


def test_the_quantiles_of_a_parameter_of_the_grid_are_those_of_its_distribution(path):
    found = query(path, "chi")
    assert np.allclose(found.chi, even([0.025, 0.16, 0.5, 0.84, 0.975]), rtol=1e-12)
    assert found["remark"] == "set by the prior" and found["quantile"].size == 5
    assert float(query(path, "chi", quantile=0.7).chi) == pytest.approx(even(0.7), rel=1e-12)


def test_the_quantiles_of_what_was_drawn_are_those_of_the_draws(path):
    drawn = xr.load_dataset(path, group="draws")
    found = query(path, "Pd", quantile="0.1,0.5")
    assert np.allclose(found.Pd, np.quantile(drawn.Pd, [0.1, 0.5]), rtol=1e-12) and "remark" not in found
    # The median of a normal distribution: sqrt(pi/2) times the standard error of its mean, here of ln Pd.
    assert float(found.Pd_error[1]) == pytest.approx(1e46 * np.sqrt(np.pi / 2 / DRAWN), rel=0.3)
    wires = query(path, "s_m", quantile=0.5)
    assert np.allclose(wires.s_m, np.quantile(drawn.s_m, 0.5, axis=1), rtol=1e-12) and wires.s_m.dims == ("wire",)
    assert float(query(path, "s_m", quantile=0.5, wire=1).s_m) == float(wires.s_m[1])


def test_the_probability_of_ranges_is_the_share_of_the_draws_in_them(path):
    drawn = xr.load_dataset(path, group="draws")
    (one,) = document(path, "probability", "Pd=5e45J^-1m^-3..2e46J^-1m^-3")["points"]
    inside = float(((drawn.Pd > 5e45) & (drawn.Pd < 2e46)).mean())
    assert one["value"] == pytest.approx(inside, rel=1e-12)
    error = np.sqrt(inside * (1 - inside) / DRAWN)
    assert one["beside"]["probability_error"] == pytest.approx(error, rel=0.02)
    for share in (0.1, 0.5, 0.7):
        below = query(path, "probability", chi=f"..{float(even(share))!r}")
        assert float(below.probability) == pytest.approx(share, rel=1e-9)
    both = query(path, "probability", chi="..0.0177827941004", Pd="..1e46J^-1m^-3")
    assert float(both.probability) == pytest.approx(float(((drawn.chi < 0.011) & (drawn.Pd < 1e46)).mean()), rel=1e-9)
    none = query(path, "probability", Pd="1e30J^-1m^-3..1e31J^-1m^-3")
    assert none.probability == 0 and 0 < float(none.probability_error) < 2 / DRAWN


@pytest.mark.parametrize(
    ("variable", "at", "said"),
    [
        ("W", {}, r"no variable 'W'; allowed: chi, Pd, s_m, probability, sets, prior, words, sound/W, "),
        ("sound", {}, "no variable 'sound'; allowed"),
        ("empty", {}, "no variable 'empty'; allowed"),
        ("../sound/W", {}, "no variable"),
        ("/sound/W", {}, "no variable"),
        ("sound/T", {}, "no variable 'sound/T'; allowed"),
        ("sound/W", {"rival": "glas"}, "rival has no 'glas'; allowed: glass, kondo$"),
        ("sound/W", {"rival": []}, "rival: no value; allowed"),
        ("sound/W", {"quantile": 0.6}, r"quantile has no 0\.6; allowed: 0\.16, 0\.5, 0\.84$"),
        ("sound/W", {"quantile": "high"}, r"quantile has no 'high'; allowed: 0\.16"),
        ("sound/W", {"T": "35"}, "needs a unit"),
        ("sound/W", {"T": 2.0}, r"T = 2 K was not computed, and nothing is extrapolated; allowed: 0\.01 … 1 K$"),
        ("sound/W", {"set": "heat"}, "sound/W has no axis 'set'; allowed: rival, quantile, T, omega$"),
        ("draws/chi", {"draw": 400}, r"draw has no 400; allowed: 0, 1, .*\(400 in all\)"),
        ("chi", {"T": 1}, "chi has no axis 'T'; allowed: quantile$"),
        ("chi", {"quantile": 1.0}, "quantile: found 1.0; allowed: numbers between 0 and 1"),
        ("chi", {"quantile": "half"}, "quantile: found 'half'; allowed"),
        ("s_m", {"wire": 2}, "wire has no 2; allowed: 0, 1$"),
        ("probability", {}, "probability: found no range; allowed: PARAMETER=LOW..HIGH of chi, Pd$"),
        ("probability", {"s_m": "..1"}, "probability: found s_m; allowed"),
        ("probability", {"chi": "0.1"}, "chi: found '0.1'; allowed: LOW..HIGH"),
        ("probability", {"chi": ".."}, "chi: found '..'; allowed"),
        ("probability", {"chi": "0.2..0.1"}, "allowed: a range whose first end is the lower one"),
        ("probability", {"Pd": "1e45.."}, "Pd: .*needs a unit"),
    ],
)
def test_a_fault_is_told_with_what_is_allowed(path, variable, at, said):
    with pytest.raises(SurveyError, match=said) as fault:
        query(path, variable, **at)
    assert "allowed" in str(fault.value)


def test_what_draws_say_has_no_nearest_cell_and_no_kernel(path):
    for option, said in (("--nearest", "has no cells"), ("--exact", "no kernel computes chi")):
        done = CliRunner().invoke(commands, ["query", str(path), "chi", option])
        assert done.exit_code != 0 and said in str(done.exception)


def test_texts_are_read_from_a_file_that_is_open_elsewhere(path):
    """In a process of its own: what is tested for is a crash of the netCDF library."""
    program = (
        "import sys; from survey.query import open_cube, query\n"
        "with open_cube(sys.argv[1]) as held:\n"
        "    for _ in range(200):\n"
        "        for table in ('sets', 'words'): found = query(sys.argv[1], table)\n"
        "    print(query(held, 'sets').what.item(2))\n"
    )
    done = subprocess.run(
        [sys.executable, "-X", "utf8", "-c", program, path], capture_output=True, text=True, timeout=100
    )
    assert done.returncode == 0 and done.stdout == "τφ\n", done.stderr
