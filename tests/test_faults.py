"""The short form of the attacks on real runs; `make torture` runs the long one."""

import pytest
from faults import concurrency, corruption, drawing, extension, invalidation, kill, requests, resources, surveys


def test_runs_go_on_after_a_kill(tmp_path):
    table = kill.attack(tmp_path, 5, seed=3)
    assert not table.failures and sum(row[2] for row in table.rows) == 5


def test_an_extended_grid_computes_its_new_cells_alone(tmp_path):
    table = extension.attack(tmp_path, ("insert a T in the middle", "split the survey in two along T"))
    assert not table.failures and len(table.rows) == 2


def test_an_edit_redoes_what_depends_on_it(tmp_path):
    edits = ("nothing", "a number in an imported module", "a comment of the kernel", "the promised accuracy")
    table = invalidation.attack(tmp_path, edits)
    assert not table.failures and len(table.rows) == 4


def test_damage_is_found_and_mended(tmp_path):
    table = corruption.attack(tmp_path, 60, 2)
    assert not table.failures and sum(row[2] for row in table.rows) >= 60


@pytest.mark.skipif(not resources.possible(), reason="needs root, to mount a small disk and to lower limits")
def test_shortages_are_named_and_harm_nothing(tmp_path):
    shortages = ("the disk of the log is full, too, in a run", "no permission to write the results")
    table = resources.attack(tmp_path, shortages)
    assert not table.failures and len(table.rows) == 2


def test_two_runs_at_once(tmp_path):
    table = concurrency.attack(tmp_path, 1, ("two runs of two surveys that share tiles",))
    assert not table.failures and len(table.rows) == 1


def test_mutated_surveys_are_valid_or_refused(tmp_path):
    table = surveys.attack(tmp_path, 60)
    assert not table.failures and sum(row[1] for row in table.rows) == 60


def test_any_request_is_answered_by_what_it_is(tmp_path):
    table = requests.attack(tmp_path, 300, seed=1)
    assert not table.failures and sum(row[1] for row in table.rows) == 300


# HoloViews looks for the largest value where there is none.
@pytest.mark.filterwarnings("ignore:All-NaN:RuntimeWarning")
def test_surveys_of_every_diagram_are_drawn_or_refused(tmp_path):
    table = drawing.attack(tmp_path, 9, seed=2)
    assert not table.failures and sum(row[3] for row in table.rows) >= 2
