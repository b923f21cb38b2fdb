"""Predictions and the ranking as steps: what they are made from, when they are out of date, and what is refused."""

from dataclasses import replace

import pytest
from click.testing import CliRunner

from survey.cli import commands
from survey.config.load import load_survey
from survey.errors import SurveyError
from survey.run.freshness import Freshness
from survey.run.jobs import Jobs
from tests.explain.conftest import written


def changed(tmp_path, *replacements):
    """The small survey with other text."""
    path = written(tmp_path)
    text = path.read_text()
    for old, new in replacements:
        assert old in text
        text = text.replace(old, new)
    path.write_text(text)
    return path


def test_both_are_made_from_the_tables_and_the_posteriors(small):
    jobs = Jobs(str(small.survey.path), small.results)
    cubes = {jobs.cube("small", f"wire_kondo_{kind}") for kind in ("dephasing", "heat", "relaxation")}
    posteriors = {jobs.finding("small", f"posterior_{rival}") for rival in small.survey.inference.rivals}
    assert cubes | posteriors <= set(jobs.finding_sources("small", "predictions"))
    assert {*jobs.finding_sources("small", "experiments")} == {
        *jobs.finding_sources("small", "predictions"),
        jobs.finding("small", "evidence"),
    }
    assert jobs.cube("small", "wire_kondo") not in jobs.finding_sources("small", "predictions")
    assert {jobs.finding("small", name) for name in ("predictions", "experiments")} <= set(jobs.targets())


def reasons(small, path):
    survey = replace(load_survey(path), name="small")
    fresh = Freshness(survey, small.results)
    return {name: fresh.finding(name) for name in survey.findings}


def test_what_was_made_is_what_is_asked_for(small):
    assert not any(reasons(small, small.survey.path).values())


def test_another_experiment_makes_the_ranking_alone_anew(small, tmp_path):
    found = reasons(small, changed(tmp_path, ("error: 10 %", "error: 20 %")))
    assert [name for name, why in found.items() if why] == ["experiments"]
    assert "experiments" in found["experiments"][0]


def test_another_temperature_makes_no_posterior_anew(small, tmp_path):
    found = reasons(small, changed(tmp_path, ("stop: 1 K, num: 3", "stop: 1 K, num: 4")))
    assert [name for name, why in found.items() if why] == ["predictions", "experiments"]


def test_experiments_add_their_conditions_to_the_axes(small):
    axes = small.survey.inference.consequences.axes
    assert 0.02 in axes["T"] and 1.0 in axes["t_exp"] and 0.005 in axes["T_dephasing"] and 0.005 not in axes["T"]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("observable: hooge", "observable: hoge", "experiments.noise.measure.0.observable"),
        ("observable: C,", "observable: W_over_glass,", "omega"),
        ("observable: C,", "observable: C, omega: 1e9 rad/s,", "allowed: T, t_exp"),
        ("T: 20 mK, error: 10 %", "T: 20 mK, error: 10 mK", "found '10 mK'"),
        ("observable: C,", "observable: C, floor: 1 s,", "floor"),
        ("cost: 2", "cost: 0", "cost"),
        ("T_dephasing:", "T_defasing:", "T_dephasing"),
        ("[1e9 rad/s]", "[1e9 rad/s, 1e9 rad/s]", "omega"),
        ("start: 10 mK, stop: 1 K", "start: 10 mK, stop: 1000 K", "T = 1000 K"),
    ],
)
def test_bad_settings_are_refused_in_one_line(tmp_path, old, new, said):
    with pytest.raises(SurveyError) as error:
        load_survey(changed(tmp_path, (old, new)))
    assert said in str(error.value)


def test_without_predictions_there_is_nothing_to_rank(tmp_path):
    path = written(tmp_path)
    head, _, _ = path.read_text().partition("  predictions:")
    path.write_text(f"{head}  predictions: null\n")
    assert "predictions" not in load_survey(path).findings
    found = CliRunner().invoke(commands, ["rank", str(path), "--results", str(tmp_path / "results")])
    assert isinstance(found.exception, SurveyError) and "it has no experiments" in str(found.exception)


def test_the_ranking_is_said_on_the_terminal(small, monkeypatch):
    monkeypatch.setattr("survey.explain.experiments.rank", lambda survey, results: small.file("experiments"))
    found = CliRunner().invoke(commands, ["rank", str(small.survey.path), "--results", str(small.results)])
    assert found.exit_code == 0 and "bits are open" in found.output
