"""Files of measurements: what good ones become, and what is said about each kind of fault."""

import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from survey.config.measured.load import load_measurement, measurement_of, measurements_named
from survey.errors import SurveyError
from survey.measurement import Measurement

ABOUT = """\
title: A wire
source: a notebook, page 3
geometry: wire
definition: wire
constants:
  eps_F: 5 eV
  v_F: 1.4e6 m/s
  tau: 2e-14 s
  D: {value: 130 cm^2/s, uncertainty: 10 %}
  R_per_length: 6 ohm/um
"""
TABLE = """\
# cooled down once
T (mK), tau_phi (ns), sigma (ns), limit
400, 2.0, 0.4,
40, 3.5, 0.35,
1000, 1.5, 0.3, lower
"""
HEAT = "T (K), C_over_T (mJ/cm^3/K^2), sigma (%)\n1, 0.07, 3\n0.1, 0.08, 4\n"
SOUND = "omega (rad/s); T (mK); Q_inverse; sigma (1)\n1e8; 20; 2e-6; 1e-7\n"
OF_SOUND = "  gamma: 1 eV\n  rho_mass: 19300 kg/m^3\n  v_sound: 3000 m/s\n"


def written(folder: Path, about: str = ABOUT, table: str | bytes = TABLE, **others: str) -> Path:
    (folder / "wire.yaml").write_text(about, encoding="utf-8")
    (folder / "wire.csv").write_bytes(table if isinstance(table, bytes) else table.encode())
    for name, text in others.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    return folder / "wire.yaml"


def fault(folder: Path, *texts, **others: str) -> str:
    """What is said of files, without the folder."""
    with pytest.raises(SurveyError) as caught:
        load_measurement(written(folder, *texts, **others))
    lines = str(caught.value).splitlines()
    assert all(line.startswith(f"{folder}/") for line in lines)
    return "\n".join(line.removeprefix(f"{folder}/") for line in lines)


def about_in_python(**changed) -> dict:
    about = {"title": "A wire", "source": "a notebook, page 3", "geometry": "wire", "definition": "wire"}
    constants = {"eps_F": "5 eV", "v_F": "1.4e6 m/s", "tau": "2e-14 s", "R_per_length": "6 ohm/um"}
    constants["D"] = {"value": "130 cm^2/s", "uncertainty": "10 %"}
    return about | {"constants": constants} | changed


def test_a_measurement_in_the_units_of_the_vocabulary_by_temperature(tmp_path):
    found = load_measurement(written(tmp_path))
    assert (found.name, found.title, found.source, found.synthetic) == ("wire", "A wire", "a notebook, page 3", False)
    assert (found.geometry, found.definition, found.known) == ("wire", "wire", {})
    assert found.constants == {
        "eps_F": 5 * 1.602176634e-19,
        "v_F": 1.4e6,
        "tau": 2e-14,
        "D": 0.013,
        "R_per_length": 6e6,
    }
    assert found.uncertainties == {"D": 0.1}
    (table,) = found.tables
    assert (table.observable, table.path) == ("tau_phi", tmp_path / "wire.csv")
    assert table.at == {"T": (0.04, 0.4, 1.0)}
    assert table.values == (3.5e-9, 2e-9, 1.5e-9)
    assert table.relative == (0.1, 0.2, 0.2)
    assert table.limits == ("", "", "lower") and table.covariance is None


@pytest.mark.parametrize(
    "table",
    [
        TABLE.replace(", ", ";").replace(",", ";"),
        TABLE.replace(", ", "\t").replace(",", "\t"),
        TABLE.replace("\n", "\r\n"),
        TABLE.replace("\n", "\r"),
        "\ufeff" + TABLE,
        TABLE.replace("# cooled down once\n", "") + "\n,,,\n# no more",
        TABLE.replace("T (mK)", "T [mK]").replace("400", '"400"'),
        TABLE.replace("sigma (ns)", "sigma (%)").replace("0.4,", "20,").replace("0.35", "10").replace("0.3,", "20,"),
        TABLE.replace("sigma (ns)", "sigma (1)").replace("0.4,", ".2,").replace("0.35", "0.1").replace("0.3,", "2e-1,"),
        TABLE.replace("sigma (ns)", "sigma (ps)")
        .replace("0.4,", "4e2,")
        .replace("0.35", "350")
        .replace("0.3,", "300,"),
        "limit, sigma (ns), tau_phi (us), T (K)\n,0.4,0.002,0.4\n,0.35,0.0035,0.04\nlower,0.3,0.0015,1\n",
    ],
)
def test_one_table_in_many_hands(tmp_path, table):
    expected = load_measurement(written(tmp_path)).digest
    assert load_measurement(written(tmp_path, ABOUT, table)).digest == expected


def test_tables_of_pandas_and_of_columns_are_those_of_files(tmp_path):
    expected = load_measurement(written(tmp_path))
    columns = {
        "T (mK)": [400, 40, 1000],
        "tau_phi (ns)": [2.0, 3.5, 1.5],
        "sigma (ns)": np.array([0.4, 0.35, 0.3], dtype=np.float64),
        "limit": [None, float("nan"), "lower"],
    }
    for table in (columns, pd.DataFrame(columns)):
        found = measurement_of(table, **about_in_python())
        assert isinstance(found, Measurement) and found.digest == expected.digest
    heat = pd.DataFrame({"T (K)": [1.0], "C (J/m^3/K)": [70.0], "sigma (%)": [5], "t_exp (s)": [1]})
    about = about_in_python()
    about["constants"] = {**about["constants"], "n_e": "5e22 cm^-3"}
    assert measurement_of(columns, tables={"C": heat}, **about).tables[1].at == {"T": (1.0,), "t_exp": (1.0,)}
    del columns["sigma (ns)"]
    found = measurement_of(columns, covariance=np.diag([0.04, 0.01, 0.04]), **about_in_python())
    assert found.tables[0].relative == (0.1, 0.2, 0.2)


@pytest.mark.parametrize(
    ("table", "about", "said"),
    [
        ("abc", {}, "measurement, tau_phi: found 'abc'; allowed: a table of pandas, or a dict of columns"),
        (3, {}, "measurement, tau_phi: found 3; allowed: "),
        ({"T (mK)": [1], "tau_phi (ns)": []}, {}, "found columns of 0 to 1 values; allowed: as many in each"),
        (
            {"T (mK)": [40, None], "tau_phi (ns)": [3, "x"], "sigma (%)": [10, True]},
            {},
            "measurement, tau_phi: row 2, column 'T (mK)': found nothing, must be a number with a decimal point, e.g. "
            "3.1 or 2e-3\nmeasurement, tau_phi: row 2, column 'tau_phi (ns)': found 'x', must be a number",
        ),
        ({}, {"covariance": 3}, "measurement, covariance: found 3; allowed: a square of numbers"),
        ({}, {"tables": {"W": {}}}, "measurement: tables.W: unknown observable; allowed: C_over_T, C, Q_inverse"),
        ({}, {"name": "../x"}, "../x: name: found '../x'; allowed: a letter"),
        ({}, {"file": "x.csv"}, "measurement: file: found the name of a file; allowed: the table"),
        ({}, {"constants": {1: "x"}}, "measurement: constants.1: found the name 1"),
        ({}, {"titel": "x"}, "measurement: titel: unknown key; did you mean 'title'?"),
    ],
)
def test_faults_of_tables_in_python(table, about, said):
    with pytest.raises(SurveyError) as caught:
        measurement_of(table, **about_in_python(**about))
    assert said in str(caught.value)


def test_further_tables_and_what_is_known_of_rivals(tmp_path):
    about = ABOUT + "  n_e: 5e22 cm^-3\n" + OF_SOUND
    about += "known: {n_imp: {value: 1e16 cm^-3, uncertainty: 0.2}, T_K: 1 mK, spin: 2.5}\ntables:\n"
    about += "  - {observable: C_over_T, file: heat.csv, at: {t_exp: 10 s}}\n  - {observable: Q_inverse, file: q.csv}\n"
    found = load_measurement(written(tmp_path, about, heat=HEAT, q=SOUND))
    assert found.known == {"n_imp": (1e22, 0.2), "T_K": (0.001, 0.0), "spin": (2.5, 0.0)}
    _, heat, sound = found.tables
    assert [table.observable for table in found.tables] == ["tau_phi", "C_over_T", "Q_inverse"]
    assert heat.at == {"T": (0.1, 1.0), "t_exp": (10.0, 10.0)}
    assert (heat.values, heat.relative) == ((80.0, 70.0), (0.04, 0.03))
    assert sound.at == {"T": (0.02,), "omega": (1e8,)}
    # Of what has no unit a sigma without one is in that of the values.
    assert (sound.values, sound.relative) == ((2e-6,), (0.05,))


def test_a_covariance_stands_in_place_of_sigma_and_is_sorted_with_the_rows(tmp_path):
    table = "T (mK), tau_phi (ns)\n400, 2\n40, 3\n100, 2.5\n40, 2.9\n"
    rows = ["0.04, 0.001, 0.002, 0.003", "0.001, 0.01, 0.004, 0.005", "0.002, 0.004, 0.09, 0.006"]
    matrix = "\n".join(["# of ln(tau_phi)", *rows, "0.003, 0.005, 0.006, 0.16"])
    (found,) = load_measurement(written(tmp_path, ABOUT + "covariance: c.csv\n", table, c=matrix)).tables
    assert found.at["T"] == (0.04, 0.04, 0.1, 0.4) and found.values == (2.9e-9, 3e-9, 2.5e-9, 2e-9)
    assert found.relative == (0.4, 0.1, 0.3, 0.2)
    assert found.covariance == (
        (0.16, 0.005, 0.006, 0.003),
        (0.005, 0.01, 0.004, 0.001),
        (0.006, 0.004, 0.09, 0.002),
        (0.003, 0.001, 0.002, 0.04),
    )


def test_the_digest_is_that_of_what_numbers_depend_on(tmp_path):
    found = load_measurement(written(tmp_path))
    assert len(found.digest) == 16 and int(found.digest, 16) >= 0
    about = ABOUT.replace("A wire", "Another wire").replace("page 3", "page 4")
    moved = "\n".join([*about.splitlines()[:5], *reversed(about.splitlines()[5:])])
    shuffled = "\n".join([*TABLE.splitlines()[:2], *reversed(TABLE.splitlines()[2:])])
    same = load_measurement(written(tmp_path, moved, shuffled))
    assert (same.digest, same.plain()) == (found.digest, found.plain())
    changes = [
        (ABOUT, TABLE.replace("3.5", "3.6")),
        (ABOUT, TABLE.replace("0.35", "0.36")),
        (ABOUT, TABLE.replace("lower", "upper")),
        (ABOUT, TABLE.replace("40,", "41,")),
        (ABOUT, TABLE + "40, 3.5, 0.35,\n"),
        (ABOUT.replace("10 %", "11 %"), TABLE),
        (ABOUT.replace("130", "131"), TABLE),
        (ABOUT.replace("definition: wire", "definition: film"), TABLE),
        (ABOUT + "known: {T_K: 1 mK}\n", TABLE),
    ]
    digests = {load_measurement(written(tmp_path, *each)).digest for each in changes}
    assert len(digests | {found.digest}) == len(changes) + 1


@pytest.mark.parametrize(
    ("geometry", "constants", "missing"),
    [
        ("wire", "", ["R_per_length", "D"]),
        ("film", "", ["R_sq"]),
        ("bulk", "", ["kFl"]),
        ("film", "  R_sq: 10 ohm\n", []),
        ("bulk", "  kFl: 100\n", []),
    ],
)
def test_a_geometry_needs_the_constants_of_its_background(tmp_path, geometry, constants, missing):
    about = "title: t\nsource: s\ndefinition: film\nconstants:\n  eps_F: 5 eV\n  v_F: 1e6 m/s\n  tau: 1e-14 s\n"
    about += f"{constants}geometry: {geometry}\n"
    if not missing:
        assert load_measurement(written(tmp_path, about)).geometry == geometry
        return
    said = fault(tmp_path, about).splitlines()
    assert [line.split(" needed for ")[0] for line in said] == [
        f"wire.yaml: constants (line 4): found no {name}," for name in missing
    ]
    assert all(f"needed for a {geometry}; allowed: with " in line for line in said)


ABOUT_FAULTS = [
    ("definition: wire\n", "", "definition: is missing: logarithm_2d, film, wire or bulk"),
    ("geometry: wire\n", "", "geometry: is missing: wire, film or bulk"),
    ("geometry: wire", "geometry: ring", "geometry (line 3): found 'ring'; allowed: 'wire', 'film' or 'bulk'"),
    ("definition: wire", "definition: 1d", "definition (line 4): found '1d'; allowed: 'logarithm_2d', 'film', "),
    ("title: A wire\n", "", "title: is missing: One line"),
    ("title: A wire", "title: ''", "title (line 1): found '', "),
    ("source: a notebook, page 3", "source: [1]", "source (line 2): found [1], must be a string"),
    ("  eps_F: 5 eV\n", "", "constants (line 5): found no eps_F, needed for tau_phi; allowed: with Fermi energy, in J"),
    ("eps_F", "eps_f", "constants.eps_f (line 6): unknown constant; did you mean 'eps_F'?"),
    ("5 eV", "5 mK/s", "constants.eps_F (line 6): found '5 mK/s', 'mK/s' is not a unit of eps_F"),
    ("5 eV", "5", "constants.eps_F (line 6): found 5, a Fermi energy needs a unit"),
    ("5 eV", "[5 eV]", "constants.eps_F.value (line 6): found ['5 eV'], must be a number with its unit"),
    ("2e-14 s", "2 s", "constants.tau (line 8): tau = 2 s is outside the domain of dephasing; allowed: "),
    ("10 %", "0", "constants.D.uncertainty (line 9): found 0; allowed: one standard deviation relative to the value"),
    ("10 %", "13 cm^2/s", "constants.D.uncertainty (line 9): found '13 cm^2/s'; allowed: one standard"),
    ("10 %", "-5 %", "constants.D.uncertainty (line 9): found '-5 %'; allowed: one standard"),
    ("uncertainty", "error", "constants.D.error (line 9): unknown key; allowed: value, uncertainty"),
    ("  v_F:", "  T: 1 K\n  v_F:", "constants.T (line 7): it says where a value was measured"),
    ("  v_F:", "  chi: 0.1\n  v_F:", "constants.chi (line 7): it is what the data are asked for"),
    ("constants:", "known: {tau: 1 ns}\nconstants:", "known.tau (line 5): it is under `constants` too"),
    ("constants:", "truth: {chi: 0.1}\nconstants:", "truth (line 5): found with what was measured; allowed: with "),
    ("constants:", "synthetic: maybe\nconstants:", "synthetic (line 5): found 'maybe', must be a boolean"),
    ("constants:", "file: ../a.csv\nconstants:", "file (line 5): found '../a.csv', must be the name of a file beside"),
    ("constants:", "tables: [{observable: W, file: w.csv}]\nconstants:", "tables.0.observable (line 5): found 'W'; "),
    ("constants:", "tables: [{observable: C}]\nconstants:", "tables.0.file (line 5): is missing: The CSV file"),
    ("constants:", "tables: [{observable: C, file: h.csv}]\nconstants:", "wire.yaml: constants (line 6): found no n_e"),
    (
        "constants:",
        "tables: [{observable: C, file: h.csv, at: {H: 1 T}}]\nconstants:",
        "tables.0.at.H (line 5): C is not measured at one; allowed: t_exp",
    ),
    ("constants:", "tables: [{observable: C, file: none.csv}]\nconstants:", "\nnone.csv: there is no such file"),
]


@pytest.mark.parametrize(("old", "new", "said"), ABOUT_FAULTS)
def test_faults_of_the_yaml(tmp_path, old, new, said):
    heat = "T (K), C (J/m^3/K), sigma (%), t_exp (s)\n1, 70, 3, 1\n"
    found = fault(tmp_path, ABOUT.replace(old, new, 1), h=heat)
    assert said in found if said.startswith(("\n", "wire.yaml")) else f"wire.yaml: {said}" in found


ROW, SECOND, HEADER = "400, 2.0, 0.4,", "40, 3.5, 0.35,", "T (mK), tau_phi (ns), sigma (ns), limit"
TABLE_FAULTS = [
    (
        "tau_phi (ns)",
        "tau_phi (mK)",
        "line 2, column 'tau_phi (mK)': found 'tau_phi (mK)', 'mK' is not a unit of tau_phi",
    ),
    (
        "tau_phi (ns)",
        "tau_phi",
        "line 2, column 'tau_phi': found 'tau_phi' without a unit; allowed: e.g. 'tau_phi (ns)'",
    ),
    ("T (mK)", "T", "line 2, column 'T': found 'T' without a unit; allowed: e.g. 'T (mK)'"),
    ("T (mK)", "T (degC)", "line 2, column 'T (degC)': found 'T (degC)', 'degC' is not a known unit"),
    ("sigma (ns)", "sigma (K)", "line 2, column 'sigma (K)': found 'sigma (K)', 'K' is not a unit of sigma"),
    ("sigma (ns)", "error (ns)", "line 2, column 'error (ns)': unknown column; allowed: T, tau_phi, sigma, limit"),
    ("sigma (ns)", "error (ns)", "line 2: found no column sigma; allowed: T, tau_phi, sigma, limit, with their units"),
    ("sigma (ns)", "tau_phi (us)", "line 2, column 'tau_phi (us)': found a second column tau_phi; allowed: each once"),
    ("limit", "limit (1)", "line 2, column 'limit (1)': limit has no unit; allowed: limit"),
    ("limit", "omega (rad/s)", "line 2, column 'omega (rad/s)': unknown column"),
    (HEADER, "", "line 3, column '400': unknown column"),
    (ROW, "400, 2.0, 0.4", "line 3: found 3 cells; allowed: 4, one for each column of the header"),
    ("2.0", "two", "line 3, column 'tau_phi (ns)': found 'two', must be a number with a decimal point"),
    ("2.0", "nan", "line 3, column 'tau_phi (ns)': found 'nan', must be a number"),
    ("2.0", "inf", "line 3, column 'tau_phi (ns)': found 'inf', must be a number"),
    ("2.0", "1e999", "line 3, column 'tau_phi (ns)': found '1e999 ns': tau_phi = inf is outside its domain"),
    ("2.0", "2 ns", "line 3, column 'tau_phi (ns)': found '2 ns', must be a number"),
    ("2.0", "", "line 3, column 'tau_phi (ns)': found nothing, must be a number"),
    ("2.0", "-2", "line 3, column 'tau_phi (ns)': found '-2 ns': tau_phi = -2e-09 is outside its domain; allowed: "),
    (
        "2.0",
        "0",
        "line 3, column 'tau_phi (ns)': found '0 ns': tau_phi = 0 is outside its domain; allowed: finite and ",
    ),
    ("2.0", "2e9", "line 3, column 'tau_phi (ns)': found tau_phi = 2 s; allowed: 1e-15 s to 0.001 s"),
    ("400", "0.04", "line 3, column 'T (mK)': T = 4e-05 K is outside the domain of dephasing; allowed: 0.001 K to "),
    ("400", "4e5", "line 3, column 'T (mK)': T = 400 K is outside the domain of dephasing"),
    (
        " 0.4,",
        " 0,",
        "line 3, column 'sigma (ns)': found '0 ns': sigma = 0 is outside its domain; allowed: finite and > 0",
    ),
    (" 0.4,", " -1,", "line 3, column 'sigma (ns)': found '-1 ns': sigma = -1e-09 is outside its domain"),
    (" 0.4,", " 40,", "line 3, column 'sigma (ns)': found 40, 20 of the value; allowed: > 1e-07 and <= 10 of it"),
    (" 0.4,", " 1e-9,", "line 3, column 'sigma (ns)': found 1e-9, 5e-10 of the value"),
    ("0.3, lower", ", lower", "line 5, column 'sigma (ns)': found nothing, must be a number"),
    ("lower", "low", "line 5, column 'limit': found 'low'; allowed: lower (the true value is higher), upper"),
    (ROW, '400, "2.0, 0.4,', "line 3: found '400, \"2.0, 0.4,', cannot be cut into cells: unexpected end of data"),
    (HEADER, HEADER.replace(",", ";", 1), "line 2: found commas and semicolons in the first row; allowed: one of them"),
    (f"{ROW}\n{SECOND}\n1000, 1.5, 0.3, lower\n", "", "line 2: found a header and no values; allowed: a row for each"),
    (TABLE, "# nothing\n", "found no rows; allowed: a header, T (mK), tau_phi ..., and a row for each value"),
    (TABLE, "", "found no rows; allowed: a header"),
]


@pytest.mark.parametrize(("old", "new", "said"), TABLE_FAULTS)
def test_faults_of_the_table(tmp_path, old, new, said):
    assert old in TABLE
    assert f"wire.csv: {said}" in fault(tmp_path, ABOUT, TABLE.replace(old, new, 1))


def test_decimal_commas_are_told_where_semicolons_stand_between_cells(tmp_path):
    table = TABLE.replace(", ", ";").replace(",", ";").replace("3.5", "3,5")
    assert "line 4, column 'tau_phi (ns)': found '3,5', must be a number with a decimal point" in fault(
        tmp_path, ABOUT, table
    )


@pytest.mark.parametrize(
    ("table", "said"),
    [
        (TABLE.encode("utf-16"), "wire.csv: not a text file in UTF-8"),
        (TABLE.replace("(ns)", "(µs)").encode("latin-1"), "wire.csv: not a text file in UTF-8"),
        (b"\0" * 9, "wire.csv: line 1, column "),
        (b"#" * 1_000_001, "wire.csv: larger than 1 MB"),
        (b"1," * 400_000, "wire.csv: "),
    ],
)
def test_what_is_no_table_is_refused(tmp_path, table, said):
    assert fault(tmp_path, ABOUT, table).startswith(said)


COVARIANCES = [
    ("0.04, 0.02\n0.002, 0.01", "line 1, column 2: found 0.02, and 0.002 in line 2, column 1; allowed: a symmetric"),
    ("0.04, 0.1\n0.1, 0.01", "found a covariance whose correlations have the eigenvalue -4; allowed: a positive"),
    ("0.04, 0.02\n0.02, 0.01", "found a covariance whose correlations have the eigenvalue "),
    ("1e-6, 1e999\n1e999, 2e-14", "found a covariance whose correlations have the eigenvalue "),
    ("0.04, 0\n0, -0.01", "line 2, column 2: found the variance -0.01 of ln(value), which has no unit; allowed: > "),
    ("0.04, x\n0, 0.01", "line 1, column 2: found 'x', must be a number"),
    ("0.04, 0\n", "found 1 row of numbers; allowed: 2, one for each measured value"),
    ("0.04\n0, 0.01", "line 1: found 1 number; allowed: 2, one for each measured value"),
    ("", "found 0 rows of numbers; allowed: 2"),
]


@pytest.mark.parametrize(("matrix", "said"), COVARIANCES)
def test_faults_of_a_covariance(tmp_path, matrix, said):
    table = "T (mK), tau_phi (ns)\n400, 2\n40, 3\n"
    assert f"c.csv: {said}" in fault(tmp_path, ABOUT + "covariance: c.csv\n", table, c=matrix)


def test_a_sigma_beside_a_covariance_is_refused(tmp_path):
    said = fault(tmp_path, ABOUT + "covariance: c.csv\n", c="0.01, 0, 0\n0, 0.01, 0\n0, 0, 0.01\n")
    assert said == "wire.csv: line 2, column 'sigma (ns)': the covariance says it already; allowed: one of them"


def test_all_faults_of_all_files_are_told_at_once(tmp_path):
    about = ABOUT.replace("5 eV", "5 K/s").replace("geometry: wire\n", "") + OF_SOUND
    about += "tables: [{observable: Q_inverse, file: q.csv}]\n"
    table = TABLE.replace("2.0", "-2").replace("0.35", "x")
    said = fault(tmp_path, about, table, q=SOUND.replace("20;", "0;")).splitlines()
    places = [
        "wire.yaml: geometry",
        "wire.yaml: constants.eps_F",
        "wire.csv: line 3",
        "wire.csv: line 4",
        "q.csv: line 2",
    ]
    assert len(said) == 5 and all(line.startswith(place) for line, place in zip(said, places, strict=True))


def test_measurements_by_name_and_by_path(tmp_path):
    path = written(tmp_path)
    assert [each.name for each in measurements_named("wire", tmp_path)] == ["wire"]
    assert measurements_named([str(path)], Path())[0].path == path
    for names, said in (
        ("wir", "there is no measurement 'wir' in "),
        ("wir", "did you mean 'wire'? allowed: wire, or a path"),
        ("../wire", "there is no measurement '../wire'"),
        ([], "found [], must be a list of names"),
        (None, "found None, must be a list of names"),
        (["wire", str(path)], "have the same name; allowed: each once"),
    ):
        with pytest.raises(SurveyError) as caught:
            measurements_named(names, tmp_path)
        assert said in str(caught.value)


def test_the_relative_error_is_one_standard_deviation_of_the_logarithm(tmp_path):
    """Of many values scattered by sigma about one, ln(value) scatters by what the table says."""
    random = np.random.default_rng(1)
    values = 3.0 + 0.09 * random.standard_normal(4000)
    rows = "".join(f"100, {value:.6g}, 0.09\n" for value in values)
    (table,) = load_measurement(written(tmp_path, ABOUT, f"T (mK), tau_phi (ns), sigma (ns)\n{rows}")).tables
    assert math.isclose(np.std(np.log(table.values)), np.mean(table.relative), rel_tol=0.04)
