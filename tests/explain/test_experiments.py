"""The ranking of experiments in a survey: what is weighed for which rivals, and what is said of it."""

import numpy as np
import pytest

from survey.explain.besides import draws_of, numbers
from survey.explain.experiments import candidate, described, parameters, probabilities
from survey.explain.levels import DRAWS
from survey.inference import Experiment, Reading
from survey.store.trees import read_tree


@pytest.fixture(scope="module")
def ranked(small):
    return read_tree(small.file("experiments"))


def test_gains_are_between_nothing_and_what_is_open(ranked):
    attributes, groups = ranked
    chances = groups["rivals"].probability.values
    open_bits = -chances @ np.log2(chances)
    assert chances.sum() == pytest.approx(1)
    table = groups["experiments"]
    whole = table.gain_about_rival.sel(experiment=["heat", "both"])
    assert ((whole >= 0) & (whole <= open_bits + 1e-9)).all()
    assert (table.wrong_rival.sel(experiment=["heat", "both"]) <= 1 - chances.max() + 1e-9).all()
    assert f"{open_bits:.2f} bits are open" in attributes["summary"]


def test_more_numbers_tell_no_less(ranked):
    table = ranked[1]["experiments"]
    heat, both = (table.sel(experiment=name) for name in ("heat", "both"))
    error = np.hypot(heat.gain_about_rival_error, both.gain_about_rival_error)
    assert both.gain_about_rival > heat.gain_about_rival - 3 * error - 0.02


def test_an_experiment_without_a_law_of_a_rival_leaves_it_out(ranked):
    table = ranked[1]["experiments"].sel(experiment="noise")
    assert "kondo: there is no law of this" in table.left_out.item()
    assert table.probability_weighed < 1
    assert ranked[1]["experiments"].sel(experiment="heat").left_out.item() == ""


def test_sets_that_can_be_weighed_for_all_are_ranked_by_bits_for_their_cost(ranked):
    sets = ranked[1]["next"]
    names = list(map(str, sets.set.values))
    assert {"heat", "both", "heat + both"} == set(names)
    assert (np.diff(sets.gain_per_cost) <= 0).all()
    assert sets.cost.sel(set="heat + both") == 3
    assert sets.gain_per_cost.values == pytest.approx((sets.gain_about_rival / sets.cost).values)


def test_readings_are_of_one_draw(small):
    survey = small.survey
    draws = {"kondo": draws_of(survey, "kondo", small.results)}
    experiment = survey.inference.consequences.experiments["both"]
    besides = survey.inference.consequences
    found = candidate(
        besides, experiment, draws, lambda rival, name: numbers(survey, rival, name, draws[rival], small.results)
    )
    heat = numbers(survey, "kondo", "C_over_T", draws["kondo"], small.results)
    tau = numbers(survey, "kondo", "tau_phi", draws["kondo"], small.results)
    axes = survey.inference.consequences.axes
    i, j, k = axes["T"].index(0.02), axes["t_exp"].index(0.001), axes["T_dephasing"].index(0.005)
    assert (found.values["kondo"] == np.stack([heat[:, i, j], tau[:, k, 0]], axis=1)).all()
    first, second = found.measured(found.defined)
    assert (first.relative, second.relative) == (0.05, 0.05)


def test_a_survey_has_draws_enough_for_a_histogram():
    # Below 8,000 of each rival half of them give another gain.
    assert DRAWS >= 8000


def test_parameters_are_logarithms_of_the_outer_ones_and_the_density(small):
    draws = draws_of(small.survey, "tunnelling_states", small.results)
    expected = np.log(np.stack([draws[name] for name in ("Lambda0", "chi", "Estar", "Pd")], axis=1))
    assert (parameters("tunnelling_states", draws) == expected).all()
    assert parameters("background", draws_of(small.survey, "background", small.results)).shape[1] == 0


def test_rivals_are_equal_where_none_explains(small):
    evidence = read_tree(small.file("evidence"))[1]["evidence"]
    evidence["probability"] = evidence.probability * np.nan
    prior, equal = probabilities(evidence)
    assert equal and set(prior.values()) == {1 / 5}


def test_an_experiment_is_said_in_words(small):
    experiments = small.survey.inference.consequences.experiments
    assert described(experiments["heat"]) == "heat at 20 mK to 5 %"
    assert described(experiments["both"]) == "heat at 20 mK to 5 %; tau_phi at 5 mK to 5 %"
    friction = Reading("Q_inverse_resonant", {"T": 0.02, "omega": 1e9}, 0.05, 1e-7)
    assert described(Experiment((friction,))) == "weak sound at 20 mK and 159.2 MHz to 5 %"
