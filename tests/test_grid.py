import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey.grid import canonical, canonical_axis, open_grid, same

positive = st.floats(min_value=1e-300, max_value=1e300)


def test_canonical_joins_what_differs_by_rounding():
    assert 0.1 + 0.2 != 0.3
    assert canonical(0.1 + 0.2) == canonical(0.3) == "3.00000000000e-01"
    assert same(0.1 + 0.2, 0.3)


@pytest.mark.parametrize("scale", [1e-30, 1e-9, 1.0, 1e47])
def test_identity_is_relative_at_every_scale(scale):
    assert same(5 * scale, 5 * scale * (1 + 1e-14))
    assert not same(5 * scale, 5 * scale * (1 + 1e-10))
    assert not same(1 * scale, 5 * scale)


def test_zero_has_one_name():
    assert canonical(-0.0) == canonical(0.0)


@given(positive)
def test_canonical_is_a_fixed_point(value):
    rounded = float(canonical(value))
    assert canonical(rounded) == canonical(value)
    assert abs(rounded / value - 1) < 1e-11


@given(st.lists(positive, max_size=30))
def test_axis_is_sorted_and_holds_each_coordinate_once(values):
    axis = canonical_axis(values)
    assert axis.dtype == np.float64
    assert (np.diff(axis) > 0).all()
    assert {canonical(value) for value in values} == {canonical(value) for value in axis}


def test_axis_merges_rounding():
    np.testing.assert_array_equal(canonical_axis([0.3, 0.1, 0.1 + 0.2]), [0.1, 0.3])


def test_open_grid_broadcasts_in_the_order_of_the_axes():
    grid = open_grid({"T": [1.0, 2.0, 3.0], "chi": [0.1, 0.2], "Pd": (1e46,)})
    assert {name: array.shape for name, array in grid.items()} == {"T": (3, 1, 1), "chi": (1, 2, 1), "Pd": (1, 1, 1)}
    assert np.broadcast_shapes(*(array.shape for array in grid.values())) == (3, 2, 1)
    np.testing.assert_array_equal(grid["T"].ravel(), [1.0, 2.0, 3.0])
