"""What a stamp is worth: its own name, against the tiles, and for versions that are gone."""

import json

import pytest

import physics
from helpers import toy
from helpers.toy import one_tile
from survey.compute.tile import compute_tile
from survey.store.stamps import accept, accepted, recorded, stamp, stamp_path, strange

PRESENT, OTHER = "0123456789abcdef", "f" * 16


@pytest.fixture(autouse=True)
def _toy(monkeypatch):
    toy.register(monkeypatch)
    monkeypatch.setattr(physics.Quantity, "fingerprint", lambda quantity: PRESENT)


def rewrite(store, **changes):
    path = stamp_path(store, "dephasing")
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))


@pytest.mark.parametrize("change", [{"quantity": "clusters"}, {"version": 99}, {"accepted": []}, {"accepted": [{}]}])
def test_a_stamp_of_something_else_is_none(tmp_path, change):
    compute_tile(tmp_path, one_tile())
    assert recorded(tmp_path, "dephasing") == [PRESENT]
    rewrite(tmp_path, **change)
    assert recorded(tmp_path, "dephasing") is None
    # The tile still says what the stamp said, and the next tile writes it.
    assert accepted(tmp_path, "dephasing") == [PRESENT]
    compute_tile(tmp_path, one_tile(dtype="float32"))
    assert recorded(tmp_path, "dephasing") == [PRESENT]


def test_recording_mends_what_was_lost(tmp_path):
    compute_tile(tmp_path, one_tile())
    stamp_path(tmp_path, "dephasing").unlink()
    stamp(tmp_path, "dephasing", PRESENT)
    content = json.loads(stamp_path(tmp_path, "dephasing").read_text())
    assert (content["quantity"], content["version"]) == ("dephasing", one_tile().version)
    (entry,) = content["accepted"]
    assert entry["fingerprint"] == PRESENT and entry["date"] and "carried by 1 tile" in entry["reason"]


def test_no_stamp_is_believed_against_all_tiles_of_the_present_code(tmp_path):
    compute_tile(tmp_path, one_tile())
    entry = {"fingerprint": OTHER, "date": "", "reason": ""}
    rewrite(tmp_path, accepted=[entry])
    assert recorded(tmp_path, "dephasing") == [OTHER]
    assert strange(tmp_path, "dephasing", [PRESENT]) == []
    assert strange(tmp_path, "dephasing", [OTHER]) == []
    assert strange(tmp_path, "dephasing", ["e" * 16, PRESENT]) == sorted(["e" * 16, PRESENT])
    assert strange(tmp_path, "dephasing", []) == []


def test_of_another_version_only_its_own_stamp_counts(tmp_path):
    """That all tiles of the present version come from the present code says nothing of those before."""
    tile = one_tile()
    compute_tile(tmp_path, tile)
    before = tile.version - 1
    path = stamp_path(tmp_path, "dephasing", before)
    entry = {"fingerprint": OTHER, "date": "", "reason": ""}
    path.write_text(json.dumps({"quantity": "dephasing", "version": before, "accepted": [entry]}))
    assert path != stamp_path(tmp_path, "dephasing") == stamp_path(tmp_path, "dephasing", tile.version)
    assert accepted(tmp_path, "dephasing", before) == [OTHER]
    assert strange(tmp_path, "dephasing", [OTHER, PRESENT], before) == [PRESENT]
    assert strange(tmp_path, "dephasing", [PRESENT], before) == [PRESENT]


def test_what_is_accepted_is_added_with_its_reason(tmp_path):
    compute_tile(tmp_path, one_tile())
    accept(tmp_path, "dephasing", OTHER, "compared")
    assert accepted(tmp_path, "dephasing") == recorded(tmp_path, "dephasing") == [PRESENT, OTHER]
    entries = json.loads(stamp_path(tmp_path, "dephasing").read_text())["accepted"]
    assert [entry["reason"] for entry in entries] == ["computed the first tile", "compared"]
    assert all(set(entry) == {"fingerprint", "date", "reason"} for entry in entries)
    assert not [path for path in (tmp_path / "dephasing").iterdir() if path.name.endswith(".tmp")]
