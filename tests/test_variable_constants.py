"""Variables that need constants of their own: computed where these are given, or asked for where the variable is."""

import pytest

import physics
from physics import Choice, ParameterError, Quantity, Variable
from survey.config.load import load_survey
from survey.errors import SurveyError
from survey.store.tiles import tiles_of

TOY = Quantity(
    name="toy",
    long_name="toy",
    kernel="test_variable_constants:kernel",
    axes=("T", "chi"),
    constants=("tau",),
    options={"kind": {"plain": Choice(), "bulk": Choice(adds=("kFl",))}},
    variables=(
        Variable("rise", "r", "s", "rises with T and chi"),
        Variable("length", "l", "m", "diffusion length", axes=("T",), adds=("D",)),
        Variable("both", "b", "m", "needs two", adds=("D", "kFl")),
    ),
    source="none",
    version=1,
    accuracy=1e-12,
)
SURVEY = """
axes: {T: {values: [1 K]}, chi: {values: [0.1]}}
constants: {tau: 1 ns%s}
quantities: {toy: {%s}}
crossovers: {}
"""
POINT = {"T": 2.0, "chi": 0.5, "tau": 1e-9}


def kernel(T, chi, *, tau, D=None, kFl=None, kind, variables):
    results = {
        "rise": lambda: tau * T * chi,
        "length": lambda: (D * tau * T) ** 0.5,
        "both": lambda: (D * tau * T) ** 0.5 * kFl * chi,
    }
    return {name: results[name]() for name in variables}


@pytest.fixture(autouse=True)
def _registered(monkeypatch):
    monkeypatch.setitem(physics.QUANTITIES, "toy", TOY)


@pytest.fixture
def loaded(tmp_path):
    def load(constants="", settings=""):
        path = tmp_path / "own.yaml"
        path.write_text(SURVEY % (constants, settings), encoding="utf-8")
        return load_survey(path)

    return load


def test_what_is_needed_is_that_of_the_variables():
    assert TOY.depends_on() == (("T", "chi"), ("tau",))
    assert TOY.depends_on(variables=["length"]) == (("T",), ("tau", "D"))
    assert TOY.depends_on(variables=TOY.names) == (("T", "chi"), ("tau", "D", "kFl"))
    assert TOY.depends_on({"kind": "bulk"}, ["both"])[1] == ("tau", "kFl", "D")


def test_a_call_computes_what_its_constants_allow():
    assert list(TOY(**POINT)) == ["rise"]
    assert TOY(**POINT, D=0.8)["length"] == pytest.approx((0.8 * 1e-9 * 2.0) ** 0.5)
    assert list(TOY(**POINT, D=0.1, kFl=100.0)) == list(TOY(**POINT, D=0.1, kFl=100.0, kind="bulk")) == list(TOY.names)


def test_a_named_variable_asks_for_its_constants():
    assert TOY(**POINT, variables=("rise",))["rise"] == 1e-9
    with pytest.raises(ParameterError, match=r"^toy needs D, kFl$"):
        TOY(**POINT, variables=("rise", "both"))
    with pytest.raises(ParameterError, match=r"does not depend on 'v_F'; it depends on T, chi, tau, D, kFl$"):
        TOY(**POINT, v_F=1e6)


def test_a_survey_stores_what_its_constants_allow(loaded):
    assert loaded().request("toy").variables == ("rise",)
    assert loaded(", D: 1 cm^2/s").request("toy").variables == ("rise", "length")
    survey = loaded(", D: 1 cm^2/s, kFl: 10", "options: {kind: bulk}")
    assert survey.request("toy").variables == TOY.names
    assert tiles_of(survey, "toy")[0].constants == {"tau": 1e-9, "kFl": 10.0, "D": 1e-4}


def test_a_survey_that_names_a_variable_needs_its_constants(loaded):
    with pytest.raises(SurveyError, match=r"the constant D \(.*\) is missing; toy depends on it"):
        loaded(settings="variables: [rise, length]")
    with pytest.raises(
        SurveyError, match=r"constants.kFl .*: no quantity of this survey depends on it; allowed: T, tau, D"
    ):
        loaded(", D: 1 cm^2/s, kFl: 10", "variables: [length]")
