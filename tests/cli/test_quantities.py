"""`survey quantities`: all that the registry knows, with units, for people and as JSON."""

import json

import pytest

from physics import PARAMETERS, QUANTITIES
from survey.cli import main


@pytest.fixture
def said(capsys):
    def run(*arguments):
        with pytest.raises(SystemExit) as ended:
            main(["quantities", *arguments])
        out, err = capsys.readouterr()
        return ended.value.code, out, err

    return run


def test_the_list_has_every_quantity(said):
    code, out, _ = said()
    assert code == 0
    for quantity in QUANTITIES.values():
        assert f"{quantity.name} " in out and quantity.long_name in out


@pytest.mark.parametrize("quantity", QUANTITIES.values(), ids=lambda quantity: quantity.name)
def test_a_page_says_all_that_a_survey_of_it_needs(said, quantity):
    code, out, _ = said(quantity.name)
    assert code == 0 and max(map(len, out.splitlines())) <= 120
    words = set(out.replace(",", " ").replace(";", " ").replace(":", " ").split())
    for option, allowed in quantity.options.items():
        assert option in words and set(allowed) <= words
        for choice in allowed.values():
            assert set(choice.adds) | set(choice.drops) <= words
    for names in quantity.depends_on():
        assert set(names) <= words
        for name in names:
            assert PARAMETERS[name].unit == "1" or PARAMETERS[name].unit in out
    for variable in quantity.variables:
        assert variable.name in words and set(variable.flags or ()) <= words
    assert quantity.cited().split(",")[0] in out


def test_json_is_for_programs(said):
    code, out, _ = said("dephasing", "--json")
    found = json.loads(out)
    assert code == 0 and found["options"]["distribution"]["glass"] == {
        "adds": ["p_min"],
        "drops": ["Lambda0"],
        "source": "paper 001, eq. (36)",
    }
    assert found["axes"][0] == {
        "name": "T",
        "unit": "K",
        "long_name": "temperature",
        "domain": list(QUANTITIES["dephasing"].limits("T")),
    }
    _, out, _ = said("--json")
    assert [each["name"] for each in json.loads(out)["quantities"]] == list(QUANTITIES)


def test_an_unknown_name_is_refused(said):
    code, _, err = said("dephasign")
    assert code == 2 and "there is no quantity 'dephasign'; did you mean 'dephasing'?" in err
