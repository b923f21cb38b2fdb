"""Whatever stands in the files: a measurement whose numbers can be used, or what is wrong with them; no traceback."""

import math
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from survey.config.measured.load import is_measurement, load_measurement, measurement_of
from survey.errors import SurveyError
from survey.measurement import LIMITS, OBSERVABLES, Measurement

ABOUT = """\
title: A wire
source: a notebook
geometry: wire
definition: wire
constants: {eps_F: 5 eV, v_F: 1e6 m/s, tau: 2e-14 s, R_per_length: 6 ohm/um, D: {value: 130 cm^2/s, uncertainty: 10 %}}
"""
HEADERS = ["T (mK)", "tau_phi (ns)", "sigma (ns)", "limit", "T", "sigma (%)", "sigma (1)", "T (ns)", "tau_phi [us]"]
HEADERS += ["T (", "()", "T (m^99)", "tau_phi (1/0)", "tau_phi (fs^99*fm^99)", "sigma (h*hbar^9)", "omega (rad/s)", "#"]
CELLS = ["40", "3.1", "0.4", "1e-3", "-1", "0", "nan", "inf", "1e999", "1e-999", "", " ", "lower", "upper", '"', "1_0"]
CELLS += ["٣", "3,1", "0x10", "1e", "\0", "\x85", "𝟙", "9" * 400, "1e-300", "40 mK"]
cells = st.sampled_from(CELLS) | st.floats().map(repr) | st.text(max_size=4)
names = st.sampled_from(HEADERS) | st.text(max_size=4)
GOOD = ["T (mK)", "tau_phi (ns)", "sigma (%)", "limit"]


def usable(found: Measurement) -> None:
    assert found.plain() and len(found.digest) == 16
    for table in found.tables:
        rows = len(table.values)
        assert rows and table.observable in OBSERVABLES and set(table.limits) <= set(LIMITS)
        columns = (*table.at.values(), table.relative, table.limits)
        assert {len(column) for column in columns} == {rows}
        assert list(table.at["T"]) == sorted(table.at["T"])
        for number in (*(each for column in table.at.values() for each in column), *table.values, *table.relative):
            assert type(number) is float and math.isfinite(number) and number > 0


def read(about: str | bytes, table: str | bytes, covariance: str = "") -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for file, text in (("x.yaml", about), ("x.csv", table), ("c.csv", covariance)):
            (folder / file).write_bytes(text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass"))
        is_measurement(folder / "x.yaml")
        try:
            usable(load_measurement(folder / "x.yaml"))
        except SurveyError as error:
            lines = str(error).splitlines()
            assert lines and all(line.startswith(f"{folder}/") and len(line) < 1600 for line in lines)


@settings(deadline=None, max_examples=300)
@given(
    st.lists(names, max_size=5) | st.permutations(GOOD),
    st.lists(st.lists(cells, max_size=5), max_size=6),
    st.sampled_from(",;\t"),
    st.sampled_from(["\n", "\r\n", "\r"]),
)
def test_any_table(header, rows, separator, end):
    read(ABOUT, end.join(separator.join(row) for row in [header, *rows]))


@settings(deadline=None, max_examples=200)
@given(st.lists(st.lists(st.sampled_from(CELLS), min_size=4, max_size=4), min_size=1, max_size=6))
def test_any_rows_below_a_good_header(rows):
    read(ABOUT, "\n".join(map(";".join, [GOOD, *rows])))


@settings(deadline=None, max_examples=200)
@given(st.binary(max_size=60) | st.text(max_size=60))
def test_any_bytes(content):
    read(ABOUT, content)
    read(content, "T (mK), tau_phi (ns), sigma (ns)\n40, 3, 1\n")


numbers = st.sampled_from(["0.01", "0.02", "-0.01", "1e999", "0", "x", "", "1e-13", "1e300", "-1e300"])


@settings(deadline=None, max_examples=200)
@given(st.lists(st.lists(numbers, min_size=1, max_size=3), max_size=3))
def test_any_covariance(rows):
    table = "T (mK), tau_phi (ns)\n400, 2\n40, 3\n"
    read(ABOUT + "covariance: c.csv\n", table, "\n".join(map(",".join, rows)))


leaves = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.sampled_from(["10 %", "1 K", "wire", "x.csv", "C"])
)
entries = st.recursive(
    leaves | st.text(max_size=5),
    lambda each: (
        st.lists(each, max_size=3)
        | st.dictionaries(
            st.sampled_from(["value", "uncertainty", "D", "T", "observable", "file", "at", "t_exp", "n_imp"])
            | st.text(max_size=3),
            each,
            max_size=4,
        )
    ),
    max_leaves=8,
)
VALUES = ["[", "{", "]", "*a", "&a", "!x", "? 1", "- 1", "|", ">", "1e999", ".nan", "~", "2026-01-01", "[[1]]", "'"]
VALUES += ["{a: {b: {c: 1}}}", "{1: 2}", "{eps_F: [5 eV]}", "{value: 5 eV}", '"\\0"', "\t", "x: y", "[{file: x.csv}]"]
KEYS = ["title", "source", "synthetic", "geometry", "definition", "constants", "known", "file", "covariance", "tables"]


@settings(deadline=None, max_examples=300)
@given(st.dictionaries(st.sampled_from([*KEYS, "truth", "name"]), entries, max_size=3), entries)
def test_any_measurement_in_python(changed, table):
    about = {"title": "t", "source": "s", "geometry": "film", "definition": "film"}
    about["constants"] = {"eps_F": "5 eV", "v_F": "1e6 m/s", "tau": "1e-14 s", "R_sq": "10 ohm"}
    good = {"T (mK)": [40], "tau_phi (ns)": [3], "sigma (%)": [10]}
    for each in (good, table):
        try:
            usable(measurement_of(each, **about | changed))
        except SurveyError as error:
            assert str(error)


@settings(deadline=None, max_examples=200)
@given(st.sampled_from(KEYS), st.sampled_from(VALUES))
def test_any_value_of_a_key(key, value):
    kept = [line for line in ABOUT.splitlines() if not line.startswith(f"{key}:")]
    read("\n".join([*kept, f"{key}: {value}", ""]), "T (mK), tau_phi (ns), sigma (ns)\n40, 3, 1\n")


@pytest.mark.parametrize("name", ["missing.yaml", "x.csv", "."])
def test_what_is_no_file_is_refused(tmp_path, name):
    (tmp_path / "x.csv").write_text("T (mK), tau_phi (ns)\n40, 3\n", encoding="utf-8")
    with pytest.raises(SurveyError):
        load_measurement(tmp_path / name)
    assert not is_measurement(tmp_path / name)
