"""Names, sizes and places of tiles, each worked out here from what is written about them."""

import hashlib
import json
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from helpers import toy
from physics import QUANTITIES
from survey.errors import SurveyError
from survey.grid import canonical
from survey.store.tiles import (
    Tile,
    configuration,
    family_of,
    find_tile,
    kind_of_cube,
    placed,
    request_of,
    stored_dtype,
    tiles_of,
)

SURVEY = toy.Survey(axes=toy.AXES | {"T": np.geomspace(0.01, 1.0, 100), "chi": np.geomspace(1e-3, 1.0, 90)})


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


@pytest.fixture(scope="module")
def tiles() -> list[Tile]:
    return tiles_of(SURVEY, "dephasing")


def test_a_name_is_a_digest_of_everything_that_the_numbers_depend_on(tiles):
    """Names must never change by themselves: a store would be computed anew."""
    for tile in tiles:
        request = {
            "quantity": "dephasing",
            "version": tile.version,
            "options": dict(tile.options),
            "constants": {name: canonical(value) for name, value in toy.CONSTANTS.items()},
            "variables": list(toy.VARIABLES),
            "dtype": "float64",
        }
        axes = {name: [canonical(value) for value in values] for name, values in tile.axes.items()}
        assert tile.identity == json.dumps(request | {"axes": axes}, sort_keys=True, separators=(",", ":"))
        family, codes, digits = tile.digest.split("-")
        assert family == tile.family == sha256(json.dumps(request, sort_keys=True))[:8]
        assert codes == "".join(sha256(json.dumps(axes[name]))[:4] for name in toy.AXES)
        assert digits == sha256(tile.identity)[:16]
        assert tile.path("store") == Path("store") / "dephasing" / f"{tile.digest}.nc"
    assert tiles[0].options["distribution"] == "tunnelling_states"


def test_neighbours_share_the_codes_of_the_blocks_that_they_share(tiles):
    first, *others = tiles
    for other in others:
        same = [first.axes[name] == other.axes[name] for name in toy.AXES]
        codes = [tile.digest.split("-")[1] for tile in (first, other)]
        assert [codes[0][4 * n :][:4] == codes[1][4 * n :][:4] for n in range(5)] == same and not all(same)
        assert other.family == first.family


def test_blocks_of_axes_that_share_work_are_twice_as_long(tiles):
    lengths = {name: {len(tile.axes[name]) for tile in tiles} for name in toy.AXES}
    assert max(lengths["T"]) <= 40 and 40 < max(lengths["chi"]) <= 80
    shared = {
        name: max(len(tile.axes[name]) for tile in tiles_of(toy.Survey(axes=toy.AXES | {name: long}), "dephasing"))
        for name, long in {
            "Lambda0": np.geomspace(1e-4, 1e-2, 300),
            "Pd": np.geomspace(1e44, 1e47, 300),
            "Estar": np.geomspace(0.1, 1.0, 300),
        }.items()
    }
    assert shared["Lambda0"] <= 40 and shared["Estar"] <= 40 and 40 < shared["Pd"] <= 80


def test_size_of_a_tile():
    tile = toy.one_tile()
    cells = 7 * 2 * 5 * 3 * 2
    assert tile.shape == (7, 2, 5, 3, 2) and tile.cells == cells == tile.cells_of("status")
    # Three times and two flags.
    assert tile.bytes == cells * (3 * 8 + 2) and replace(tile, dtype="float32").bytes == cells * (3 * 4 + 2)
    assert replace(tile, variables=("status",)).bytes == cells
    assert tile.dimensions("tau_phi") == tuple(toy.AXES)


def test_flags_are_bytes_whatever_is_asked_for():
    quantity = QUANTITIES["dephasing"]
    for dtype in ("float32", "float64"):
        assert stored_dtype(quantity.variable("tau_phi"), dtype) == dtype
        assert stored_dtype(quantity.variable("regime"), dtype) == "uint8"


def test_a_request_is_complete_and_canonical():
    found = request_of(replace(SURVEY, constants=toy.CONSTANTS | {"tau": 1e-14 * (1 + 1e-15)}), "dephasing")
    assert found["constants"] == toy.CONSTANTS and found["quantity"] == "dephasing"
    assert found["options"]["background"] == "none" and found["dtype"] == "float64"
    turned = replace(SURVEY, quantities={"dephasing": toy.Request(variables=("status", "tau_phi"))})
    assert request_of(turned, "dephasing")["variables"] == ("tau_phi", "status")
    text = configuration(SURVEY, "dephasing")
    content = json.loads(text)
    assert text == json.dumps(content, sort_keys=True, separators=(",", ":"))
    assert set(content) == {"axes", "constants", "dtype", "options", "quantity", "variables", "version"}
    assert content["axes"]["chi"] == [float(canonical(value)) for value in SURVEY.axes["chi"]]


def test_the_family_of_a_cube_is_that_of_its_tiles(tiles):
    assert family_of(json.loads(configuration(SURVEY, "dephasing"))) == tiles[0].family


@pytest.mark.parametrize(("cells", "kind"), [(1_923_000, "copied"), (1_924_000, "virtual")])
def test_a_cube_is_virtual_above_fifty_gigabytes(cells, kind):
    """26 bytes a cell: 50 GB are 1923 million cells."""
    shape = {"T": cells // 1000, "Pd": 100, "chi": 100}

    class Large(toy.Survey):
        def grid(self, label, *variables):
            return {name: range(shape.get(name, 10)) for name in toy.AXES}

    survey = Large(quantities={"dephasing": toy.Request(cube="auto")})
    assert np.prod([len(values) for values in survey.grid("dephasing").values()]) == cells * 1000
    assert kind_of_cube(survey, "dephasing") == kind
    for chosen in ("copied", "virtual"):
        assert kind_of_cube(Large(quantities={"dephasing": toy.Request(cube=chosen)}), "dephasing") == chosen


def test_tiles_by_their_place(tiles):
    axes = SURVEY.grid("dephasing")
    found = placed(tiles, axes, tuple(toy.AXES))
    assert len(found) == len(tiles)
    for place, tile in found.items():
        for (start, end), (name, values) in zip(place, tile.axes.items(), strict=True):
            assert axes[name][start:end].tolist() == list(values)
    along = placed(tiles, axes, ("chi",))
    # The first of the tiles that are at one place.
    assert list(along.values()) and all(
        tile == next(each for each in tiles if each.axes["chi"] == tile.axes["chi"]) for tile in along.values()
    )
    ends = sorted(place[0] for place in along)
    assert ends[0][0] == 0 and ends[-1][1] == 90 and all(a[1] == b[0] for a, b in pairwise(ends))


def test_a_tile_is_found_by_its_name_in_any_quantity(tiles):
    other = toy.Request(dtype="float32")
    both = replace(SURVEY, quantities={"first": toy.Request(variables=("status",)), "dephasing": other})
    for tile in [*tiles_of(both, "first"), *tiles_of(both, "dephasing")]:
        assert find_tile(both, tile.digest) == tile
    digest = tiles[0].digest
    for wrong in ("", "-", "--", digest[:-1], digest + "-", digest.replace("-", ""), digest.upper() + "x", "0" * 45):
        with pytest.raises(SurveyError, match="allowed: a name that `survey plan --tiles` lists"):
            find_tile(SURVEY, wrong)
    family, codes, digits = digest.split("-")
    for other in ("0" * 16, "f" * 16):
        with pytest.raises(SurveyError, match="no tile"):
            find_tile(SURVEY, f"{family}-{codes}-{other}")
    with pytest.raises(SurveyError, match="no tile"):
        find_tile(SURVEY, f"{'0' * 8}-{codes}-{digits}")
