"""An extended grid: cells that the store knows are copied, the others computed, and the result is the same bits."""

from dataclasses import replace

import netCDF4
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import physics
from helpers import toy
from survey.compute.tile import compute_tile
from survey.errors import SurveyError
from survey.store.known import Part, neighbours
from survey.store.stamps import accept
from survey.store.tiles import Tile

computed = []
computed_variables = []


def counting(**given):
    """The toy kernel; keeps count of the cells that it computes."""
    values = toy.dephasing(**given)
    computed_variables.append(tuple(given["variables"]))
    computed.append(next(iter(values.values())).size)
    return values


@pytest.fixture
def cells(monkeypatch):
    """A function that tells how many cells were computed since it was last asked, without the first of a tile, which
    is computed once more than the others."""
    toy.register(monkeypatch, "test_known:counting")
    computed.clear()

    def count():
        total = sum(computed)
        computed.clear()
        computed_variables.clear()
        return max(total - 1, 0)

    return count


def extended(tile, **values):
    axes = {name: tuple(sorted({*old, *values.get(name, ())})) for name, old in tile.axes.items()}
    return replace(tile, axes=axes)


def equal(store, fresh, tile):
    mine, theirs = toy.read(store, tile), toy.read(fresh, tile)
    return all(mine[name].tobytes() == theirs[name].tobytes() for name in tile.variables)


@pytest.mark.parametrize(
    "values",
    [
        {"T": [0.05]},
        {"T": [2.0]},
        {"chi": [0.02, 0.2]},
        {"T": [0.05], "Pd": [3e45]},
        {"T": [2.0], "Lambda0": [0.5], "Pd": [5e47], "chi": [0.9], "Estar": [50.0]},
    ],
)
def test_only_new_cells_are_computed(tmp_path, cells, values):
    old = toy.one_tile()
    compute_tile(tmp_path / "store", old, cells=50)
    assert cells() == old.cells
    before = old.path(tmp_path / "store").read_bytes()
    new = extended(old, **values)
    told = []
    compute_tile(tmp_path / "store", new, threads=2, cells=50, progress=told.append)
    assert cells() == new.cells - old.cells
    assert told[-1] == new.cells and told == sorted(told)
    compute_tile(tmp_path / "fresh", new)
    assert equal(tmp_path / "store", tmp_path / "fresh", new)
    assert old.path(tmp_path / "store").read_bytes() == before


def test_a_smaller_grid_and_one_made_of_several_are_copied_whole(tmp_path, cells):
    whole = toy.one_tile()
    parts = [replace(whole, axes=whole.axes | {"T": whole.axes["T"][k : k + 3]}) for k in (0, 2, 4)]
    for part in parts:
        compute_tile(tmp_path / "store", part)
    cells()
    compute_tile(tmp_path / "store", whole)
    assert cells() == 0
    with netCDF4.Dataset(whole.path(tmp_path / "store")) as dataset:
        assert not hasattr(dataset, "compute_seconds")
    compute_tile(tmp_path / "store", replace(whole, axes=whole.axes | {"chi": whole.axes["chi"][1:2]}))
    assert cells() == 0
    compute_tile(tmp_path / "fresh", whole)
    assert equal(tmp_path / "store", tmp_path / "fresh", whole)


def test_other_constants_and_code_and_coarser_numbers_are_not_copied(tmp_path, cells, monkeypatch):
    old = replace(toy.one_tile(), dtype="float32")
    compute_tile(tmp_path, old)
    cells()
    for changes in ({"constants": old.constants | {"tau": 2e-14}}, {"dtype": "float64"}):
        compute_tile(tmp_path, replace(extended(old, T=[0.05]), **changes))
        assert cells() == extended(old, T=[0.05]).cells
    monkeypatch.setattr(physics.Quantity, "fingerprint", lambda self: "other")
    accept(tmp_path, "dephasing", "other", "agrees within its accuracy")
    compute_tile(tmp_path, extended(old, T=[0.06]))
    assert cells() == extended(old, T=[0.06]).cells


@pytest.mark.parametrize(
    "changes", [{"variables": ("tau_phi",)}, {"dtype": "float32"}, {"variables": ("status",), "dtype": "float32"}]
)
def test_fewer_variables_and_shorter_numbers_compute_nothing(tmp_path, cells, changes):
    old = toy.one_tile()
    compute_tile(tmp_path / "store", old)
    cells()
    new = replace(old, **changes)
    compute_tile(tmp_path / "store", new)
    assert computed == []
    compute_tile(tmp_path / "fresh", new)
    assert equal(tmp_path / "store", tmp_path / "fresh", new)


def test_one_more_variable_is_computed_alone(tmp_path, cells):
    """Also where the grid grows at the same time: there all of them are."""
    old = replace(toy.one_tile(), variables=("tau_phi", "status"))
    compute_tile(tmp_path / "store", old)
    cells()
    more = replace(old, variables=("tau_phi", "regime", "status"))
    compute_tile(tmp_path / "store", more)
    assert set(computed_variables) == {("regime",)} and cells() == old.cells
    both = extended(replace(old, variables=toy.one_tile().variables), T=[0.05], chi=[0.2])
    compute_tile(tmp_path / "store", both, cells=50)
    assert set(computed_variables) == {both.variables, ("tau_phi_resonant", "tau_phi_relaxation")}
    assert cells() == both.cells
    for tile in (more, both):
        compute_tile(tmp_path / "fresh", tile)
        assert equal(tmp_path / "store", tmp_path / "fresh", tile)


def test_a_number_that_is_too_small_for_the_shorter_type_is_refused_as_if_computed(tmp_path, cells, monkeypatch):
    old = toy.one_tile()
    monkeypatch.setattr(toy, "dephasing", lambda original=toy.dephasing, **given: tiny(original(**given)))
    compute_tile(tmp_path, old)
    with pytest.raises(SurveyError, match="use `dtype: float64`"):
        compute_tile(tmp_path, replace(old, dtype="float32"))


def tiny(values):
    return values | {"tau_phi": np.full_like(values["tau_phi"], 1e-60)}


def test_variables_over_other_axes_are_each_taken_where_they_are(tmp_path):
    """Specific heat: what the levels give depends on Pd, and what phonons give on T alone."""
    axes = {"T": (0.1, 0.2, 0.4), "Lambda0": (1e-3,), "Pd": (1e45, 1e46), "Estar": (1.0, 2.0)}
    whole = tile_of("specific_heat", axes)
    few = tile_of("specific_heat", axes, whole.variables[:1])
    last = tile_of("specific_heat", axes, whole.variables[-1:])
    for first, second in ((whole, few), (whole, last), (few, whole), (last, whole)):
        store = tmp_path / f"{first.digest}{second.digest}"
        compute_tile(store, first)
        compute_tile(store, second)
        compute_tile(store / "fresh", second)
        assert equal(store, store / "fresh", second)


def tile_of(name, axes, variables=None):
    quantity = physics.QUANTITIES[name]
    options = quantity.choices()
    variables = variables or quantity.default_variables(options, axes)
    own, constants = quantity.depends_on(options, variables, axes)
    values = {each: np.sqrt(np.prod(quantity.limits(each))) for each in constants}
    return Tile(name, quantity.version, options, values, variables, "float64", {each: axes[each] for each in own})


def test_a_damaged_tile_is_not_copied(tmp_path, cells):
    old, new = toy.one_tile(), extended(toy.one_tile(), T=[0.05])
    compute_tile(tmp_path / "fresh", new)
    path = compute_tile(tmp_path / "store", old)
    whole = path.read_bytes()
    for place in range(len(whole) // 3, len(whole), len(whole) // 7):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 4]) + whole[place + 1 :])
        new.path(tmp_path / "store").unlink(missing_ok=True)
        compute_tile(tmp_path / "store", new)
        assert equal(tmp_path / "store", tmp_path / "fresh", new)


def test_neighbours_are_those_with_the_most_blocks_in_common(tmp_path, cells):
    tile = toy.one_tile()
    near, far = extended(tile, T=[0.05]), extended(tile, T=[0.06], chi=[0.2], Pd=[2e45])
    for each in (far, near):
        compute_tile(tmp_path, each)
    assert [path.stem for path in neighbours(tmp_path, tile)] == [near.digest, far.digest]


places = st.sets(st.integers(0, 5), min_size=1).map(lambda chosen: tuple(sorted(chosen)))
parts = st.tuples(places, places, places).map(Part)


@settings(deadline=None)
@given(parts, parts)
def test_a_part_without_another_is_the_cells_that_are_in_the_one_alone(one, other):
    def mask(part):
        inside = np.zeros((6, 6, 6), int)
        inside[np.ix_(*part.places)] += 1
        return inside

    left = sum((mask(part) for part in one.without(other)), np.zeros((6, 6, 6), int))
    np.testing.assert_array_equal(left, mask(one) * (1 - mask(other)))
