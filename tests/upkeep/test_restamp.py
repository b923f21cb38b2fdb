"""Changed code is accepted only if it gives the same numbers, and what would not have been seen is said."""

import re
from dataclasses import replace

import numpy as np
import pytest

import physics
from helpers import toy, wires
from helpers.toy import one_tile
from helpers.wires import CROSSOVERS, CUBE, STORE
from survey.compute.tile import compute_tile
from survey.errors import SurveyError
from survey.grid import canonical_axis
from survey.store import stamps
from survey.upkeep.restamp import FEWEST, MOST, draws, picked_cells, restamp

# 9 x 4 x 3 combinations of Pd, chi and E*.
AXES = {
    "T": tuple(canonical_axis(np.geomspace(0.01, 1, 60))),
    "Lambda0": (1e-3, 3e-3, 1e-2),
    "Pd": tuple(canonical_axis(np.geomspace(1e45, 1e47, 9))),
    "chi": (0.01, 0.03, 0.1, 0.3),
    "Estar": (0.5, 5.0, 50.0),
}


@pytest.fixture(autouse=True)
def _toy(monkeypatch):
    toy.register(monkeypatch)


def tile(**changes):
    return replace(one_tile(), axes=AXES | changes)


def change(monkeypatch, fingerprint, factor, **place):
    """Let the code have another fingerprint, and multiply the times by a factor where the axes have these values."""

    def kernel(**given):
        found = toy.dephasing(**given)
        here = np.logical_and.reduce([np.asarray(given[axis]) == value for axis, value in place.items()] or [True])
        return found | {name: found[name] * np.where(here, factor, 1.0) for name in found if name == "tau_phi"}

    monkeypatch.setattr(toy, "changed", kernel, raising=False)
    toy.register(monkeypatch, "helpers.toy:changed")
    monkeypatch.setattr(physics.Quantity, "fingerprint", lambda quantity: fingerprint)


def test_one_cell_in_a_hundred_is_seen_whatever_the_draw(tmp_path, monkeypatch):
    compute_tile(tmp_path, tile())
    assert np.prod(tile().shape) == 180 * 108
    for number in range(20):
        change(monkeypatch, f"{number:016x}", 1.03, Pd=AXES["Pd"][4], chi=0.1, Estar=5.0)
        for _ in range(2):
            with pytest.raises(
                SurveyError, match=r"tau_phi is .* Pd = 1e\+46, chi = 0\.1, Estar = 5 of .*bump version"
            ):
                restamp(tmp_path, "dephasing")
    assert len(stamps.recorded(tmp_path, "dephasing")) == 1


@pytest.mark.parametrize(
    ("axis", "value"), [(name, value) for name in AXES for value in AXES[name][:: len(AXES[name]) // 3]]
)
def test_what_is_wrong_at_one_value_of_an_axis_is_always_seen(tmp_path, monkeypatch, axis, value):
    compute_tile(tmp_path, tile())
    change(monkeypatch, "0" * 16, 1.03, **{axis: value})
    with pytest.raises(SurveyError, match=re.escape(f"{axis} = {value:.12g}")):
        restamp(tmp_path, "dephasing")


def test_every_tile_and_option_is_sampled(tmp_path, monkeypatch):
    (choice,) = (name for name in physics.QUANTITIES["dephasing"].options if name == "convention")
    other = next(
        value for value in physics.QUANTITIES["dephasing"].options[choice] if value != one_tile().options[choice]
    )
    for each in (tile(), tile(chi=(0.2,)), replace(tile(), options=tile().options | {choice: other})):
        compute_tile(tmp_path, each)
    change(monkeypatch, "0" * 16, 1.03, chi=0.2)
    with pytest.raises(SurveyError, match=r"chi = 0\.2"):
        restamp(tmp_path, "dephasing")
    plain = toy.dephasing

    def kernel(**given):
        return plain(**given | {"v_F": given["v_F"] * (1.03 if given[choice] == other else 1)})

    monkeypatch.setattr(toy, "changed", kernel)
    with pytest.raises(SurveyError, match=replace(tile(), options=tile().options | {choice: other}).digest):
        restamp(tmp_path, "dephasing")


@pytest.mark.parametrize("shape", [(60, 3, 9, 4, 3), (40, 80, 80), (5000,), (1, 1, 2000), (7, 2, 5, 3, 2)])
def test_every_value_of_every_axis_is_drawn(shape):
    axes = dict(zip(("T", "Pd", "chi", "Estar", "Lambda0"), (tuple(range(length)) for length in shape), strict=False))
    each = replace(one_tile(), axes=axes)
    picked = picked_cells(each, FEWEST, "seed")
    assert np.array_equal(picked, np.unique(picked)) and min(np.prod(shape), FEWEST * 0.8) <= picked.size
    for length, places in zip(shape, np.unravel_index(picked, shape), strict=True):
        assert set(places) == set(range(length))


def test_more_draws_add_cells_and_the_same_code_draws_the_same():
    each = tile()
    few, many = (picked_cells(each, drawn, "seed") for drawn in (FEWEST, 3 * FEWEST))
    assert set(few) < set(many)
    assert np.array_equal(few, picked_cells(each, FEWEST, "seed"))
    assert not np.array_equal(few, picked_cells(each, FEWEST, "another"))
    assert not np.array_equal(few, picked_cells(tile(chi=(0.01, 0.03, 0.1, 0.31)), FEWEST, "seed"))


def test_what_is_said_of_wrong_cells_holds(tmp_path, monkeypatch):
    """So many wrong cells as are said to be seen with 99 %, strewn or in one place, over 1,000 draws."""
    compute_tile(tmp_path, tile())
    change(monkeypatch, "0" * 16, 1.0)
    said = restamp(tmp_path, "dephasing")
    certain, part = map(float, re.search(r"seen with (\S+) % if they were more than (\S+) % of a tile", said).groups())
    cells = int(np.prod(tile().shape))
    wrong = int(np.ceil(cells * part / 100))
    assert certain == 99 and wrong < cells / 200
    random, seen = np.random.default_rng(3), {"strewn": 0, "together": 0}
    for number in range(1000):
        picked = picked_cells(tile(), draws(tile(), 0.01), f"{number}")
        start = int(random.integers(cells - wrong))
        places = {"strewn": random.choice(cells, wrong, replace=False), "together": np.arange(start, start + wrong)}
        for name, place in places.items():
            seen[name] += np.isin(place, picked, assume_unique=True).any()
    # 99 % of 1,000 less three standard deviations.
    assert min(seen.values()) >= 990 - 3 * np.sqrt(1000 * 0.99 * 0.01)


def test_where_all_cells_are_compared_it_is_said(tmp_path, monkeypatch):
    compute_tile(tmp_path, one_tile())
    change(monkeypatch, "0" * 16, 1.0)
    said = restamp(tmp_path, "dephasing")
    assert "420 cells of 1 tile compared" in said and "these are all" in said and "would have been seen" not in said


def test_a_part_of_large_tiles_is_drawn():
    large = tile(T=tuple(range(40)), Pd=tuple(range(80)), chi=tuple(range(80)))
    cells = np.prod(large.shape)
    assert draws(large, 0.001) == round(0.001 * cells) > FEWEST and draws(large, 1.0) == MOST
    assert draws(large, 1e-9) == FEWEST


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_twice_the_promised_accuracy_is_where_acceptance_ends(tmp_path, monkeypatch, dtype):
    compute_tile(tmp_path, one_tile(dtype=dtype))
    accuracy = physics.QUANTITIES["dephasing"].accuracy
    # A stored number is rounded by half a unit in the last place, which is allowed for once.
    rounding = {"float64": 2.0**-52, "float32": 2.0**-23}[dtype]
    for sign in (1, -1):
        change(monkeypatch, f"{sign:016d}", 1 + sign * (2.02 * accuracy + 1.6 * rounding))
        with pytest.raises(SurveyError, match="tau_phi"):
            restamp(tmp_path, "dephasing")
        change(monkeypatch, f"{sign:016d}", 1 + sign * (1.98 * accuracy + 0.4 * rounding))
        assert "now accepts" in restamp(tmp_path, "dephasing")


def test_a_flag_may_not_differ_at_all(tmp_path, monkeypatch):
    compute_tile(tmp_path, one_tile())
    change(monkeypatch, "0" * 16, 1.0)

    def kernel(**given):
        found = toy.dephasing(**given)
        return found | {"status": found["status"] + np.uint8(np.asarray(given["T"]) > 0.9)}

    monkeypatch.setattr(toy, "changed", kernel)
    with pytest.raises(SurveyError, match="status is 1, was 0 at T = 1"):
        restamp(tmp_path, "dephasing")


def test_a_store_of_an_earlier_layout_of_the_code_serves_after_one_restamp(tmp_path, monkeypatch, capsys):
    """Modules move: other fingerprints in every tile, cube and stamp, and the same numbers."""

    def survey(*arguments, code=0):
        return wires.run(capsys, *arguments, code=code)

    wires.enter(tmp_path, monkeypatch)
    with monkeypatch.context() as earlier:
        earlier.setattr(physics.Quantity, "fingerprint", lambda quantity: "0" * 16)
        wires.everything(capsys)
    made = [*STORE.glob("*/*.nc"), CUBE, CROSSOVERS]
    before = [path.read_bytes() for path in made]
    assert "survey restamp dephasing" in survey("why", CUBE, code=1)
    survey("restamp", "dephasing")
    assert stamps.accepted(STORE, "dephasing") == ["0" * 16, physics.QUANTITIES["dephasing"].fingerprint()]
    assert all("up to date" in survey("why", path) for path in made) and "wires: done" in survey("status")
    # What is computed from now on stands beside it.
    wires.change("chi: {values: [0.1, 0.3]}", "chi: {values: [0.1, 0.2, 0.3]}")
    wires.everything(capsys)
    assert "wires: done" in survey("status") and "0.2" in survey("query", CUBE, "tau_phi", "chi=0.2")
    assert [path.read_bytes() for path in made[:-2]] == before[:-2]
    survey("verify")
