"""Survey files: what a good one becomes, and what is said about each kind of fault."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from survey.config.axes import spaced
from survey.config.load import load_survey, load_surveys, surveys_named
from survey.errors import SurveyError
from survey.written.faults import Faults

GOOD = """\
title: Small
axes:
  T: {start: 10 mK, stop: 1 K, num: 5, spacing: log}
  Lambda0: {values: [10 mK, 1 mK]}
  Pd: {values: [1e34 erg^-1 cm^-3]}
  chi: {values: [0.01, 0.3]}
  Estar: {values: [10 K]}
constants:
  sigma_in: 1e-15 cm^2
  v_F: 1e8 cm/s
  tau: 1e-14 s
quantities:
  dephasing:
"""
AT = "at: {Lambda0: 10 mK, Pd: 1e47 J^-1 m^-3, Estar: 10 K}"
CUT = "x: Lambda0, y: chi, at: {T: 1 K, Pd: 1e47 J^-1 m^-3, Estar: 10 K}"
MAP = f"kind: regime_map, x: T, y: chi, {AT}"
CURVES = f"kind: curves, variables: [tau_phi], x: T, family: chi, {AT}"
EXPONENT, LIMIT = "kind: exponent, variable: tau_phi", "kind: thermal_limit, variable: tau_phi"
EQUAL = "kind: equal, variables: [tau_phi, tau_phi_resonant]"
ONE_T = GOOD.replace("{start: 10 mK, stop: 1 K, num: 5, spacing: log}", "{values: [1 K]}")
TAU_ONLY = GOOD.replace("dephasing:", "dephasing: {variables: [tau_phi]}")
TWO = GOOD.replace("  dephasing:", "  a: {quantity: dephasing}\n  b: {quantity: dephasing, dtype: float32}")
GLASS = (
    GOOD.replace("  dephasing:\n", "  glass: {quantity: dephasing, options: {distribution: glass}}\n")
    .replace("  Lambda0: {values: [10 mK, 1 mK]}\n", "")
    .replace("constants:\n", "constants:\n  p_min: 1e-6\n")
)


def diagram(entry: str) -> str:
    return f"diagrams:\n  d: {{{entry}}}\n"


def crossover(entry: str) -> str:
    return f"crossovers:\n  c: {{{entry}}}\n"


def written(folder: Path, text: str, name: str = "small.yaml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def fault(folder: Path, text: str) -> str:
    with pytest.raises(SurveyError) as caught:
        load_survey(written(folder, text))
    message = str(caught.value)
    assert all(line.startswith(f"{folder / 'small.yaml'}: ") for line in message.splitlines())
    return message


def test_a_survey_in_the_units_of_the_vocabulary(tmp_path):
    survey = load_survey(written(tmp_path, GOOD))
    assert (survey.name, survey.title) == ("small", "Small")
    assert survey.axes["T"] == (0.01, 0.0316227766017, 0.1, 0.316227766017, 1.0)
    assert survey.axes["Lambda0"] == (0.001, 0.01)
    assert survey.axes["Pd"] == (1e47,)
    assert survey.constants == {"sigma_in": 1e-19, "v_F": 1e6, "tau": 1e-14}
    request = survey.quantities["dephasing"]
    assert (request.quantity, request.dtype) == ("dephasing", "float64")
    assert request.variables == ("tau_phi", "tau_phi_resonant", "tau_phi_relaxation", "regime", "status")
    assert request.options["distribution"] == "tunnelling_states"
    grid = survey.grid("dephasing")
    assert list(grid) == ["T", "Lambda0", "Pd", "chi", "Estar"]
    np.testing.assert_array_equal(grid["chi"], [0.01, 0.3])
    assert list(survey.constants_of("dephasing")) == ["sigma_in", "v_F", "tau"]
    assert list(survey.crossovers) == ["T_equal", "T_Lambda", "T_alpha", "T_beta", "T_valid", "saturation"]
    assert {each.quantity for each in survey.crossovers.values()} == {"dephasing"}


def test_a_quantity_has_the_axes_of_its_options(tmp_path):
    survey = load_survey(written(tmp_path, GLASS))
    assert list(survey.grid("glass")) == ["T", "Pd", "chi", "Estar"]
    assert survey.constants_of("glass")["p_min"] == 1e-6
    assert survey.crossovers["T_alpha"].closed_form is None
    with pytest.raises(SurveyError, match="no quantity 'dephasing'"):
        survey.grid("dephasing")


def test_the_default_crossovers_are_those_that_the_stored_variables_allow(tmp_path):
    survey = load_survey(written(tmp_path, GOOD.replace("dephasing:", "dephasing: {variables: [status, tau_phi]}")))
    assert survey.quantities["dephasing"].variables == ("tau_phi", "status")
    assert list(survey.crossovers) == ["T_valid", "saturation"]
    for without in (GOOD + "crossovers: {}\n", ONE_T, TWO):
        assert load_survey(written(tmp_path, without)).crossovers == {}


def test_diagrams_come_with_their_label_and_values_of_the_grid(tmp_path):
    diagrams = load_survey(written(tmp_path, f"{GOOD}{diagram(MAP)}  c: {{{CURVES}}}\n")).diagrams
    assert diagrams["d"].quantity == "dephasing"
    assert diagrams["d"].at == {"Lambda0": 0.01, "Pd": 1e47, "Estar": 10.0}
    assert diagrams["c"].values == (0.01, 0.3)
    assert load_survey(written(tmp_path, TWO + diagram(f"{MAP}, quantity: b"))).diagrams["d"].quantity == "b"


@pytest.mark.parametrize("spacing", ["log", "linear"])
def test_ends_are_exact_and_further_values_are_merged(tmp_path, spacing):
    text = GOOD.replace("num: 5, spacing: log", f"num: 97, spacing: {spacing}, include: [40 mK, 1 K]")
    axis = load_survey(written(tmp_path, text)).axes["T"]
    assert (axis[0], axis[-1], len(axis)) == (0.01, 1.0, 98)
    assert 0.04 in axis
    steps = np.diff(np.log([t for t in axis if t != 0.04])) if spacing == "log" else np.diff([*axis])
    assert spacing == "linear" or np.allclose(steps, steps[0], rtol=1e-8)


def test_a_descending_axis_is_sorted_and_one_value_is_an_axis(tmp_path):
    text = GOOD.replace("start: 10 mK, stop: 1 K", "start: 1 K, stop: 10 mK")
    assert load_survey(written(tmp_path, text)).axes["T"] == load_survey(written(tmp_path, GOOD)).axes["T"]
    text = GOOD.replace("{values: [10 K]}", "{start: 10 K, stop: 10 K, num: 1}")
    assert load_survey(written(tmp_path, text)).axes["Estar"] == (10.0,)


AXIS_FAULTS = [
    ("start: 10 mK", "start: '10'", "axes.T.start", "found '10', a temperature needs a unit; allowed: e.g. '10 mK'"),
    ("start: 10 mK", "start: 10", "axes.T.start", "found 10, a temperature needs a unit"),
    ("start: 10 mK", "start: 10 ns", "axes.T.start", "found '10 ns', 'ns' is not a unit of T"),
    ("[0.01, 0.3]", "[0.01 K, 0.3]", "axes.chi.values.0", "found '0.01 K', chi is a plain number"),
    ("title:", "titel:", "titel", "unknown key; did you mean 'title'? allowed: title, axes, "),
    ("spacing: log", "spacng: log", "axes.T.spacng", "unknown key; did you mean 'spacing'?"),
    ("{values: [10 K]}", "{values: [10 K], num: 3}", "axes.Estar.num", "unknown key; "),
    ("{values: [10 K]}", "{start: 10 K}", "axes.Estar", "incomplete; allowed: `values`, or `start`, `stop`"),
    ("{values: [10 K]}", "10 K", "axes.Estar", "found '10 K', must be a mapping"),
    ("[10 K]", "[]", "axes.Estar.values", "found no entries; allowed: at least 1"),
    ("[10 mK, 1 mK]", "[10 mK, 1 mK, 0.01 K]", "axes.Lambda0", "found '10 mK' and '0.01 K': the same value"),
    ("[0.01, 0.3]", "[0.3, 0.30000000000000004]", "axes.chi", "found 0.3 and 0.30000000000000004: the same value"),
    ("[0.01, 0.3]", "[.nan, 0.3]", "axes.chi.values.0", "found nan: chi = nan is outside its domain"),
    ("[10 K]", "[1e999 K]", "axes.Estar.values.0", "found '1e999 K': Estar = inf is outside its domain"),
    ("0.3]", "1.5]", "axes.chi.values.1", "found 1.5: chi = 1.5 is outside its domain; allowed: > 0 and <= 1"),
    (
        "start: 10",
        "start: -10",
        "axes.T.start",
        "found '-10 mK': T = -0.01 is outside its domain; allowed: finite and > 0 K",
    ),
    ("[0.01, 0.3]", "[true, 0.3]", "axes.chi.values.0", "found True, must be a number"),
    ("num: 5", "num: 0", "axes.T.num", "found 0, must be greater than or equal to 1"),
    ("num: 5", "num: 100001", "axes.T.num", "found 100001, must be less than or equal to 100000"),
    ("num: 5", "num: 5.5", "axes.T.num", "found 5.5, must be a whole number"),
    ("num: 5", "num: 1", "axes.T", "found start 0.01, stop 1 and num 1; "),
    ("stop: 1 K", "stop: 10 mK", "axes.T", "found start 0.01, stop 0.01 and num 5; "),
    ("1 K, num: 5", "10.0000000001 mK, num: 99", "axes.T", "99 values from 0.01 to 0.0100000000001 repeat"),
    ("spacing: log", "spacing: lin", "axes.T.spacing", "found 'lin'; allowed: 'log' or 'linear'"),
    (
        "constants:",
        "  p_min: {values: [0.1]}\nconstants:",
        "axes.p_min",
        "no quantity of this survey depends on it; allowed: T, Lambda0, Pd, chi, Estar, sigma_in, v_F, tau",
    ),
    ("  Estar:", "  Esta: {values: [1 K]}\n  Estar:", "axes.Esta", "unknown axis; did you mean 'Estar'?"),
    ("  tau:", "  tua: 1 s\n  tau:", "constants.tua", "unknown constant; did you mean 'tau'?"),
    (
        "  tau:",
        "  p_min: 0.1\n  tau:",
        "constants.p_min",
        "no quantity of this survey depends on it; allowed: T, Lambda0, Pd, chi, Estar, sigma_in, v_F, tau",
    ),
    ("1e8 cm/s", "1e8 cm", "constants.v_F", "found '1e8 cm', 'cm' is not a unit of v_F"),
    ("[10 K]", "[1 mK, 0.5 mK]", "axes.Estar", "found E* up to 0.001 K and Lambda0 from 0.001 K; allowed: E* above"),
    ("title: Small", "title: [1]", "title", "found [1], must be a string"),
]


@pytest.mark.parametrize(("old", "new", "key", "message"), AXIS_FAULTS)
def test_faults_of_axes_and_constants(tmp_path, old, new, key, message):
    line = GOOD[: GOOD.index(old)].count("\n") + 1
    assert f"{key} (line {line}): {message}" in fault(tmp_path, GOOD.replace(old, new))


QUANTITY_FAULTS = [
    ("defasing:", "defasing", "there is no quantity 'defasing'; did you mean 'dephasing'?"),
    ("a: {quantity: b}", "a.quantity", "there is no quantity 'b'; allowed: dephasing"),
    ("logs: {quantity: dephasing}", "logs", "the label is reserved; allowed: any name but benchmarks, crossovers"),
    ("Crossovers: {quantity: dephasing}", "Crossovers", "the label is reserved"),
    ("../../x: {quantity: dephasing}", "../../x", "found the name '../../x'; allowed: a letter, then"),
    ("dephasing: {variables: [tau_fi]}", "dephasing.variables.0", "dephasing has no variable 'tau_fi'"),
    ("dephasing: {variables: []}", "dephasing.variables", "found no entries"),
    (
        "dephasing: {options: {mood: glass}}",
        "dephasing.options",
        "dephasing has no option 'mood'; allowed: distribution",
    ),
    (
        "dephasing: {options: {distribution: glas}}",
        "dephasing.options",
        "distribution = 'glas' is unknown; allowed: tunnelling_states, glass",
    ),
    ("dephasing: {dtype: float16}", "dephasing.dtype", "found 'float16'; allowed: 'float64' or 'float32'"),
]


@pytest.mark.parametrize(("entry", "key", "message"), QUANTITY_FAULTS)
def test_faults_of_quantities(tmp_path, entry, key, message):
    assert f"quantities.{key} (line 13): {message}" in fault(tmp_path, GOOD.replace("dephasing:", entry))


CROSSOVER_FAULTS = [
    ("kind: equl", "", "found the kind 'equl'; did you mean 'equal'? allowed: equal, exponent,"),
    ("variable: tau_phi", "", "`kind` is missing"),
    ("kind: equal, variables: [tau_phi]", ".variables", "found 1 entries; allowed: at least 2"),
    (
        "kind: thermal_limit, variable: tau",
        ".variable",
        "dephasing has no such variable 'tau'; did you mean 'tau_phi'?",
    ),
    ("kind: exponent, variable: status, value: 1", ".variable", "dephasing has no such variable 'status'"),
    (
        f"{EXPONENT}, value: 1, closed_form: T_g",
        "",
        "dephasing has no closed_form T_g; allowed: Lambda0, Estar, T_Lambda, T_alpha, T_beta",
    ),
    ("kind: window, variable: tau_phi, threshold: 0", ".threshold", "found 0, must be greater than 0"),
    (f"{EXPONENT}, value: .nan", ".value", "found nan, must be a finite number"),
    (f"{LIMIT}, quantity: noise", ".quantity", "there is no quantity 'noise'; allowed: dephasing"),
    (f"{LIMIT}, valu: 1", ".valu", "unknown key; "),
]


@pytest.mark.parametrize(("entry", "key", "message"), CROSSOVER_FAULTS)
def test_faults_of_crossovers(tmp_path, entry, key, message):
    assert f"crossovers.c{key} (line 15): {message}" in fault(tmp_path, GOOD + crossover(entry))


DIAGRAM_FAULTS = [
    ("kind: valuemap", "", "found the kind 'valuemap'; did you mean 'value_map'?"),
    (f"{MAP}, colour: red", ".colour", "unknown key; did you mean 'colormap'?"),
    (f"kind: regime_map, y: chi, {AT}", ".x", "is missing: The horizontal axis."),
    (MAP.replace("y: chi", "y: ci"), ".y", "regime has no axis 'ci'; did you mean 'chi'?"),
    (
        "kind: regime_map, x: T, y: chi, at: {Pd: 1e47 J^-1 m^-3}",
        ".at",
        "gives no value for Lambda0, Estar; allowed: e.g. {Lambda0: 0.001 K, Estar: 10 K}",
    ),
    ("kind: regime_map, x: T, y: chi", ".at", "gives no value for Lambda0, Pd, Estar"),
    (MAP.replace("y: chi", "y: T"), ".y", "the axis T is already given by x"),
    (MAP.replace("at: {", "at: {chi: 0.3, "), ".at.chi", "the axis chi is already given by y"),
    ("kind: regime_map, x: T, y: Pd, at: {Lambda0: 10 mK, chi: 0.3, Estar: 10 K}", ".y", "the axis Pd has one value"),
    (
        MAP.replace("10 mK", "4 mK"),
        ".at.Lambda0",
        "found '4 mK', not on the grid; the nearest values of Lambda0 are 0.001 K and",
    ),
    (MAP.replace("10 mK", "4"), ".at.Lambda0", "found 4, a tunnelling amplitude"),
    (f"{MAP}, crossovers: [T_equa]", ".crossovers", "there is no crossover 'T_equa'; did you mean 'T_equal'?"),
    (
        f"kind: regime_map, {CUT}, crossovers: [T_equal]",
        ".crossovers",
        "T_equal lies along T; it can be drawn only if x or y is T",
    ),
    (
        f"kind: crossover_map, crossover: T_x, {CUT.replace('T: 1 K, ', '')}",
        ".crossover",
        "there is no crossover 'T_x'",
    ),
    (
        f"kind: crossover_map, crossover: T_equal, {CUT}",
        ".at.T",
        "dephasing is located along T; allowed: Lambda0, Pd, chi, Estar",
    ),
    (f"{MAP.replace('regime', 'value')}, variable: tau", ".variable", "dephasing has no such variable 'tau'"),
    (CURVES.replace("tau_phi", "regime"), ".variables", "dephasing has no such variable 'regime'"),
    (
        f"{CURVES}, values: [0.02]",
        ".values.0",
        "found 0.02, not on the grid; the nearest values of chi are 0.01 and 0.3",
    ),
    (f"{CURVES}, values: [0.3, 0.3]", ".values.1", "found 0.3 again"),
    (
        f"kind: curves, variables: [tau_phi], x: chi, family: T, closed_forms: true, {AT}",
        ".closed_forms",
        "found true; the law resonant runs along x: T; the law relaxation runs along x: T",
    ),
    (f"{MAP}, colormap: ../x", ".colormap", "found '../x'"),
    (f"{MAP}, width: 10", ".width", "found 10, must be greater than or equal to 200"),
    (f"{MAP}, quantity: noise", ".quantity", "there is no quantity 'noise'"),
]


@pytest.mark.parametrize(("entry", "key", "message"), DIAGRAM_FAULTS)
def test_faults_of_diagrams(tmp_path, entry, key, message):
    assert f"diagrams.d{key} (line 15): {message}" in fault(tmp_path, GOOD + diagram(entry))


LEFT_OUT = [
    (TWO, "T_equal of dephasing is not located: its quantity has several labels (a, b)"),
    (TAU_ONLY, "T_equal of dephasing is not located: dephasing does not store tau_phi_resonant, tau_phi_relaxation"),
    (GOOD + "crossovers: {}\n", "T_equal of dephasing is not located: the section `crossovers` of the survey stands"),
]


@pytest.mark.parametrize(("text", "message"), LEFT_OUT)
def test_a_default_crossover_that_is_left_out_says_why(tmp_path, text, message):
    """And not which other name is near to it, such as T_heat."""
    entry = f"kind: crossover_map, quantity: {'a' if text is TWO else 'dephasing'}, crossover: T_equal, {CUT}"
    told = fault(tmp_path, text + diagram(entry))
    assert f"the default crossover {message}" in told and "did you mean" not in told
    assert "allowed: an entry of this name under `crossovers`, with its `quantity`" in told


def test_default_crossovers_that_are_left_out_are_told_unless_the_file_says_so(tmp_path):
    (note,) = load_survey(written(tmp_path, TWO)).notes
    assert note.startswith("no default crossovers T_equal, T_Lambda, T_alpha, T_beta, T_valid, saturation of dephasing")
    assert "several labels (a, b)" in note and "`crossovers: {}`" in note
    assert not load_survey(written(tmp_path, TWO + "crossovers: {}\n")).notes
    assert not load_survey(written(tmp_path, GOOD)).notes


def test_a_constant_that_several_labels_miss_is_told_once(tmp_path):
    told = fault(tmp_path, TWO.replace("  v_F: 1e8 cm/s\n", ""))
    assert told.endswith("the constant v_F (Fermi velocity, in m s-1) is missing; a, b depend on it")
    assert len(told.splitlines()) == 1


MISSING = [
    (
        GOOD.replace("  Estar: {values: [10 K]}\n", ""),
        "axes (line 2): the axis Estar (cut-off of the energy distribution",
    ),
    (
        GOOD.replace("  tau: 1e-14 s\n", ""),
        "constants (line 8): the constant tau (elastic scattering time, in s) is missing; dephasing depends on it",
    ),
    (GOOD.replace("quantities:\n  dephasing:\n", ""), "quantities: is missing"),
    (GOOD.replace("  dephasing:\n", "  {}\n"), "quantities (line 12): found no entries; allowed: at least one"),
    (
        TAU_ONLY + crossover(EQUAL),
        "crossovers.c.variables (line 15): needs 'tau_phi_resonant', which the survey does not store",
    ),
    (TAU_ONLY + crossover(EQUAL), "add it to quantities.dephasing.variables (stored: tau_phi)"),
    (ONE_T + crossover(EQUAL), "at least two values of T"),
    (TAU_ONLY + diagram(MAP), "diagrams.d.variable (line 15): needs 'regime', which the survey does not store"),
    (
        ONE_T + diagram(f"kind: exponent_map, {CUT}"),
        "diagrams.d (line 15): an exponent needs an axis T with at least two values",
    ),
    (
        GOOD.replace("num: 5", "num: 13") + diagram(CURVES.replace("x: T, family: chi", "x: chi, family: T")),
        "diagrams.d.values (line 15): is missing: the axis T has 13 values; allowed: at most 12",
    ),
    (TWO + diagram(MAP), "diagrams.d.quantity (line 16): is missing: there are several quantities; allowed: a, b"),
    (
        TWO + crossover(f"{LIMIT}, quantity: a") + diagram(f"{MAP}, quantity: b, crossovers: [c]"),
        "diagrams.d.crossovers (line 18): the crossover c is of a, the diagram of b",
    ),
    (
        GLASS + crossover(f"{EXPONENT}, value: 0.4, closed_form: T_beta"),
        "crossovers.c (line 15): closed_form T_beta depends on Lambda0",
    ),
]


@pytest.mark.parametrize(("text", "message"), MISSING)
def test_faults_of_what_is_missing(tmp_path, text, message):
    assert message in fault(tmp_path, text)


def test_all_faults_are_told_at_once_in_the_order_of_the_file(tmp_path):
    text = GOOD.replace("title", "titel").replace("start: 10 mK", "start: 10").replace("1e8 cm/s", "1e8")
    text = text.replace("dephasing:", "dephasing: {dtype: half}") + "diagrams:\n  d e: {kind: regime_map}\n"
    told = "titel (line 1)", "axes.T.start (line 3)", "constants.v_F (line 10)", "quantities.dephasing.dtype (line 13)"
    lines = [line.removeprefix(f"{tmp_path / 'small.yaml'}: ") for line in fault(tmp_path, text).splitlines()]
    assert tuple(line.split(": ")[0] for line in lines[:4]) == told
    assert any(line.startswith("diagrams.d e (line 15): found the name 'd e'") for line in lines)
    assert all(": " in line for line in lines)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "found nothing, must be a mapping"),
        ("- 1\n", "found a list, must be a mapping"),
        ("text\n", "found a single value, must be a mapping"),
        ("axes: 3\n", "axes (line 1): found 3, must be a mapping"),
        ("a: 1\na: 2\n", 'line 2, column 1: not valid YAML: found duplicate key "a"'),
        ("a: [1\n", "not valid YAML: expected ',' or ']'"),
        ("a: &x 1\nb: *x\n", "line 1, column 4: anchors and aliases (&x) are not allowed"),
        ("a: &x [*x]\n", "anchors and aliases (&x) are not allowed"),
        ("a: *x\n", "not valid YAML: found undefined alias"),
        ("<<: {a: 1}\n", "found the key '<<', a key must be text"),
        ("a: !!python/object/apply:os.system [ls]\n", "a value of the kind 'python/object/apply:os.system' is not"),
        ("a: !!float x\n", "not valid YAML: could not convert"),
        ("a: 2020-01-01\n", "a value of the kind 'timestamp' is not allowed"),
        ("1: a\n", "found the key '1', a key must be text"),
        ("? [a]\n: 1\n", "a key must be text"),
        ("a: 1\n--- \nb: 1\n", "not valid YAML: but found another document"),
        ("a: \t- b\n", "not valid YAML: found character '\\t' that cannot start any token"),
        ("a: \x00\n", "not valid YAML: unacceptable character"),
        ("[" * 1000, "not valid YAML: nested too deeply"),
        ("#" * 1_000_001, "larger than 1 MB"),
    ],
)
def test_files_that_are_no_survey(tmp_path, text, message):
    assert message in fault(tmp_path, text)


def test_files_that_cannot_be_read(tmp_path):
    with pytest.raises(SurveyError, match=r"none.yaml: there is no such file"):
        load_survey(tmp_path / "none.yaml")
    with pytest.raises(SurveyError, match="not a file"):
        load_survey(tmp_path)
    path = tmp_path / "latin.yaml"
    path.write_bytes("title: größer".encode("latin-1"))
    with pytest.raises(SurveyError, match="not a text file in UTF-8"):
        load_survey(path)


@pytest.mark.parametrize("name", ["store", "1st", "a b", "-x", "a.b"])
def test_names_of_surveys_stay_below_results(tmp_path, name):
    with pytest.raises(SurveyError, match="found the survey name"):
        load_survey(written(tmp_path, GOOD, f"{name}.yaml"))


sections = st.sampled_from(["title", "axes", "constants", "quantities", "crossovers", "diagrams"])
names = st.sampled_from(["T", "Pd", "Estar", "tau", "dephasing", "regimes", "T_equal", "a b", "logs"])
keys = st.sampled_from(["kind", "values", "start", "num", "variables", "options", "quantity", "at", "x", "T", "dtype"])
GOOD_DATA = YAML(typ="safe", pure=True).load(GOOD)
leaves = st.sampled_from(
    [None, True, 3, 0.1, "10 mK", "tau_phi", "regime_map", "equal", "T", [], ["10 mK", 1], {"T": 1}]
)
documents_at_random = st.dictionaries(
    sections, leaves | st.dictionaries(names, leaves | st.dictionaries(keys, leaves, max_size=4), max_size=4)
)


@given(documents_at_random)
def test_any_document_is_a_survey_or_a_survey_error(tmp_path_factory, document):
    path = tmp_path_factory.mktemp("any", numbered=True) / "any.yaml"
    path.write_text(json.dumps(GOOD_DATA | document), encoding="utf-8")
    try:
        load_survey(path)
    except SurveyError as error:
        assert all(line.startswith(f"{path}: ") for line in str(error).splitlines())


def test_a_configuration_names_surveys_beside_it_or_paths(tmp_path):
    (tmp_path / "surveys").mkdir()
    written(tmp_path / "surveys", GOOD, "one.yaml")
    elsewhere = written(tmp_path, GOOD, "two.yaml")
    config = written(tmp_path, f"surveys: [one, {elsewhere}]\n", "config.yaml")
    assert [survey.name for survey in load_surveys(config)] == ["one", "two"]
    assert [survey.name for survey in surveys_named(f"one, {elsewhere}", tmp_path / "surveys")] == ["one", "two"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("surveys: [oen]", "there is no survey 'oen' in .*; did you mean 'one'"),
        ("surveys: [../one]", "there is no survey '../one'"),
        ("surveys: []", "surveys: found \\[\\], must be a list of names"),
        ("surveys: 3", "surveys: found 3, must be a list of names"),
        ("{}", "surveys: found None, must be a list of names"),
        ("surveys: [one, one]", "have the same name"),
        ("survey: [one]", "survey: unknown key; did you mean 'surveys'"),
        ("surveys: [one, none.yaml, bad]", "none.yaml: there is no such file\n.*bad.yaml: .* is missing"),
    ],
)
def test_faults_of_a_configuration(tmp_path, text, message):
    (tmp_path / "surveys").mkdir()
    written(tmp_path / "surveys", GOOD, "one.yaml")
    written(tmp_path / "surveys", "title: x\n", "bad.yaml")
    with pytest.raises(SurveyError, match=message):
        load_surveys(written(tmp_path, text, "config.yaml"))


def test_logarithmic_spacing_is_for_positive_values():
    with pytest.raises(SurveyError, match="logarithmic spacing needs positive values"):
        spaced(-1.0, 1.0, 3, "log")
    assert spaced(-1.0, 1.0, 3, "linear") == [-1.0, 0.0, 1.0]


def test_a_huge_grid_is_refused_with_what_it_takes_unless_it_is_asked_for(tmp_path):
    huge = GOOD.replace("num: 5", "num: 100000").replace("{values: [10 K]}", "{start: 1 K, stop: 9 K, num: 90000}")
    said = fault(tmp_path, huge)
    assert "quantities.dephasing" in said and "3.6e+10 cells" in said and "GB" in said and "core hours" in said
    assert load_survey(written(tmp_path, "most_cells: 1e11\n" + huge)).axes["T"][0] == 0.01
    said = fault(tmp_path, GOOD + "most_cells: 3\n")
    assert "most_cells: 20" in said


def test_very_many_faults_are_told_in_a_message_that_can_be_read(tmp_path):
    many = GOOD.replace("{values: [10 mK, 1 mK]}", f"{{values: [{', '.join(['1 kg'] * 500)}, {'x' * 9000}]}}")
    lines = fault(tmp_path, many).splitlines()
    assert len(lines) == 31 and lines[-1].endswith("found 471 faults more")
    one = fault(tmp_path, GOOD.replace("{values: [10 mK, 1 mK]}", f"{{values: [{'x' * 9000}]}}"))
    assert len(one) < 1600 and "Lambda0" in one and "allowed" in one


class Counted(str):
    """A text that counts how often it is compared."""

    times = 0
    __hash__ = str.__hash__

    def __eq__(self, other):
        Counted.times += 1
        return str(self) == other


def test_faults_are_gathered_in_a_time_that_grows_as_their_number():
    faults, known = Faults("file", {}), [Counted(number) for number in range(900)]
    for key in known:
        faults.add(("axes", key), "unknown")
        assert faults.below("axes", key) and not faults.below("axes", "other") and faults.below("axes")
    assert len(faults.found) == 900 and Counted.times < 9_000


def test_after_a_thousand_faults_the_rest_is_left_unread(tmp_path):
    text = GOOD.replace("{values: [10 mK, 1 mK]}", f"{{values: [{', '.join(['1 kg'] * 20_000)}]}}")
    lines = fault(tmp_path, text).splitlines()
    assert len(lines) == 31 and lines[-1].endswith("found at least 970 faults more")


UNKNOWN = {
    "": "k{}: 1\n",
    "axes:\n": "  k{}: {{values: [1]}}\n",
    "constants:\n": "  k{}: 1 K\n",
    "quantities:\n": "  k{}:\n",
    "  dephasing:\n": "    k{}: 1\n",
}


@pytest.mark.parametrize("number", [1_000, 70_000])
@pytest.mark.parametrize("place", UNKNOWN)
def test_very_many_unknown_keys_are_refused_in_few_words(tmp_path, place, number):
    many = "".join(UNKNOWN[place].format(key) for key in range(number))
    if len(many) > 900_000:
        many = many[: many.rindex("\n", 0, 900_000) + 1]
    said = fault(tmp_path, GOOD.replace(place, place + many, 1) if place else GOOD + many)
    assert len(said.splitlines()) == (31 if number == 1_000 else 1) and len(said) < 31 * 800
    assert number == 1_000 or "found more than 5,000 keys; allowed: at most as many" in said


ALIKE = {
    "quantities.Dephasing (line 14)": GOOD + "  Dephasing: {quantity: dephasing}\n",
    "diagrams.D (line 16)": f"{GOOD}{diagram(MAP)}  D: {{{MAP}}}\n",
    "crossovers.C (line 16)": f"{GOOD}{crossover(LIMIT)}  C: {{{LIMIT}}}\n",
}


@pytest.mark.parametrize("place", ALIKE)
def test_names_that_are_one_file_where_case_does_not_count_are_refused(tmp_path, place):
    name = place.split(".")[1].split(" ")[0]
    assert f"{place}: found {name.lower()!r} and {name!r}, which are one file" in fault(tmp_path, ALIKE[place])


def test_surveys_whose_names_differ_in_case_alone_are_refused(tmp_path):
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
    names = [str(written(tmp_path / "a", GOOD, "Film.yaml")), str(written(tmp_path / "b", GOOD, "film.yaml"))]
    with pytest.raises(SurveyError, match=r"Film.yaml and .*film.yaml have the same name, or one that differs in case"):
        surveys_named(names, tmp_path)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"{start: 10 mK, stop: 1 K, num: 5, spacing: log}": "{values: [1e-320 K, 1 K]}"},
            "axes.T (line 3): T = 9.99988867183e-321 K is outside the domain of dephasing; allowed: 0.001 K to 100 K",
        ),
        (
            {"stop: 1 K,": "stop: 101 K,"},
            "axes.T (line 3): T = 101 K is outside the domain of dephasing; allowed: 0.001 K to 100 K",
        ),
        (
            {"tau: 1e-14 s": "tau: 1 ms"},
            "constants.tau (line 11): tau = 0.001 s is outside the domain of dephasing; allowed: 1e-17 s to 5e-13 s",
        ),
    ],
)
def test_values_outside_the_domain_of_a_quantity(tmp_path, changes, message):
    text = GOOD
    for old, new in changes.items():
        assert old in text
        text = text.replace(old, new)
    path = written(tmp_path, text)
    with pytest.raises(SurveyError) as fault:
        load_survey(path)
    assert str(fault.value) == f"{path}: {message}"


def test_values_that_have_no_meaning_together(tmp_path):
    text = """\
axes:
  T: {values: [1 K]}
  Delta_tilde: {values: [1e6 rad/s, 1e8 rad/s]}
  coflip: {values: [1]}
  Phi: {values: [0]}
  time: {values: [1 us, 10 us]}
  omega: {values: [1e6 rad/s]}
constants: {omega0: 5e7 rad/s, N_nuclei: 100}
quantities:
  grains: {options: {phase: fixed}%s}
"""
    path = written(tmp_path, text % "")
    message = "quantities.grains (line 10): 4 Delta_tilde time = 4000 is outside its domain; allowed: up to 1024"
    with pytest.raises(SurveyError) as fault:
        load_survey(path)
    assert str(fault.value) == f"{path}: {message}"
    susceptibility = written(
        tmp_path, (text % ", variables: [susceptibility]").replace("  time: {values: [1 us, 10 us]}\n", "")
    )
    assert load_survey(susceptibility).request("grains").axes == ("T", "Delta_tilde", "coflip", "Phi", "omega")
