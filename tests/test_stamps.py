"""Versions and fingerprints: numbers of one version come from code that is known to give them."""

import json

import numpy as np
import pytest
import toy
from toy import one_tile, read

import physics
from survey import stamps
from survey.compute import compute_tile
from survey.errors import SurveyError
from survey.restamp import restamp
from survey.store import tiles_in


@pytest.fixture(autouse=True)
def _toy(monkeypatch):
    toy.register(monkeypatch)


def changed(T, chi, **others):
    results = toy.dephasing(T=T, chi=chi, **others)
    factor = 1 + 1e-12 * (chi > 0.2) if changed.small else 1 + 1e-6 * (np.asarray(chi) > 0.2)
    return results | {"tau_phi": results["tau_phi"] * factor}


@pytest.fixture
def other_code(tmp_path, monkeypatch):
    """A store with a tile, and code that has changed since."""
    compute_tile(tmp_path, one_tile())
    monkeypatch.setattr(toy, "changed", changed, raising=False)
    toy.register(monkeypatch, "toy:changed")
    monkeypatch.setattr(physics.Quantity, "fingerprint", lambda quantity: "0123456789abcdef")
    return tmp_path


def test_changed_code_under_the_same_version_stops(other_code):
    with pytest.raises(
        SurveyError, match=r"the code of dephasing changed .* but its version \(1\) did not: bump version"
    ):
        stamps.check_stamp(other_code, "dephasing")
    with pytest.raises(SurveyError, match="survey restamp dephasing"):
        compute_tile(other_code, one_tile(dtype="float32"))


def test_a_new_version_has_a_stamp_of_its_own(other_code, monkeypatch):
    toy.register(monkeypatch, version=2)
    compute_tile(other_code, one_tile())
    assert stamps.accepted(other_code, "dephasing") == ["0123456789abcdef"]
    assert [tile.version for tile in tiles_in(other_code, "dephasing")] == [2]


def test_restamp_accepts_code_that_gives_the_same_numbers(other_code, monkeypatch):
    monkeypatch.setattr(changed, "small", True, raising=False)
    assert "50 cells of 1 tiles compared" in restamp(other_code, "dephasing")
    assert stamps.check_stamp(other_code, "dephasing") == "0123456789abcdef"
    read(other_code, one_tile())
    assert "already accepted" in restamp(other_code, "dephasing")
    history = json.loads(stamps.stamp_path(other_code, "dephasing").read_text())["accepted"]
    assert [entry["reason"].split()[0] for entry in history] == ["computed", "50"]


def test_restamp_refuses_code_that_gives_other_numbers(other_code, monkeypatch):
    monkeypatch.setattr(changed, "small", False, raising=False)
    with pytest.raises(SurveyError, match=r"tau_phi is .*, was .* at T = .*chi = 0\.3.*bump version") as refusal:
        restamp(other_code, "dephasing", sample=1.0)
    assert "420 cells of 1 tiles" in str(refusal.value)
    assert len(stamps.accepted(other_code, "dephasing")) == 1


def test_a_tile_of_code_that_was_never_accepted_is_refused(tmp_path):
    tile = one_tile()
    compute_tile(tmp_path, tile)
    path = stamps.stamp_path(tmp_path, "dephasing")
    path.write_text(path.read_text().replace(physics.QUANTITIES["dephasing"].fingerprint(), "f" * 16))
    with pytest.raises(SurveyError, match="that is not known to give the numbers of version 1"):
        read(tmp_path, tile)


def test_two_first_jobs_agree_on_one_stamp(tmp_path):
    compute_tile(tmp_path, one_tile())
    first = stamps.accepted(tmp_path, "dephasing")
    stamps.stamp(tmp_path, "dephasing", *first)
    assert stamps.accepted(tmp_path, "dephasing") == first == [physics.QUANTITIES["dephasing"].fingerprint()]
    with pytest.raises(SurveyError, match="two versions of the code"):
        stamps.stamp(tmp_path, "dephasing", "0" * 16)


def test_a_stamp_that_is_not_one_is_refused(tmp_path):
    path = stamps.stamp_path(tmp_path, "dephasing")
    path.parent.mkdir()
    path.write_text("[]")
    with pytest.raises(SurveyError, match="not a stamp"):
        stamps.check_stamp(tmp_path, "dephasing")
