"""Versions and fingerprints: numbers of one version come from code that is known to give them."""

import json
from dataclasses import replace

import netCDF4
import numpy as np
import pytest

import physics
from helpers import toy
from helpers.toy import one_tile, read
from survey.compute.tile import compute_tile
from survey.errors import SurveyError
from survey.store import stamps
from survey.upkeep.restamp import restamp


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
    toy.register(monkeypatch, "helpers.toy:changed")
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
    assert (
        len(list(stamps.carried(other_code, "dephasing"))) == len(list(stamps.carried(other_code, "dephasing", 1))) == 1
    )


def test_restamp_accepts_code_that_gives_the_same_numbers(other_code, monkeypatch):
    monkeypatch.setattr(changed, "small", True, raising=False)
    assert "420 cells of 1 tile compared" in restamp(other_code, "dephasing")
    assert stamps.check_stamp(other_code, "dephasing") == "0123456789abcdef"
    read(other_code, one_tile())
    assert "already accepted" in restamp(other_code, "dephasing")
    history = json.loads(stamps.stamp_path(other_code, "dephasing").read_text())["accepted"]
    assert [entry["reason"].split()[0] for entry in history] == ["computed", "420"]


def test_restamp_refuses_code_that_gives_other_numbers(other_code, monkeypatch):
    monkeypatch.setattr(changed, "small", False, raising=False)
    with pytest.raises(SurveyError, match=r"tau_phi is .*, was .* at T = .*chi = 0\.3.*bump version") as refusal:
        restamp(other_code, "dephasing")
    assert "420 cells of 1 tile" in str(refusal.value)
    assert len(stamps.accepted(other_code, "dephasing")) == 1


def test_two_first_jobs_agree_on_one_stamp(tmp_path):
    compute_tile(tmp_path, one_tile())
    first = stamps.accepted(tmp_path, "dephasing")
    stamps.stamp(tmp_path, "dephasing", *first)
    assert stamps.accepted(tmp_path, "dephasing") == first == [physics.QUANTITIES["dephasing"].fingerprint()]
    with pytest.raises(SurveyError, match="two versions of the code"):
        stamps.stamp(tmp_path, "dephasing", "0" * 16)


def lose(path):
    path.unlink()


def empty(path):
    path.write_bytes(b"")


def cut_off(path):
    path.write_bytes(path.read_bytes()[:-20])


def write_noise(path):
    path.write_bytes(bytes(range(256)))


def write_a_list(path):
    path.write_text("[]")


def name_another(path):
    path.write_text(path.read_text().replace('"version": 1', '"version": 7'))


def take_out_the_fingerprints(path):
    path.write_text(json.dumps(json.loads(path.read_text()) | {"accepted": []}))


def write_another_fingerprint(path):
    path.write_text(path.read_text().replace(physics.QUANTITIES["dephasing"].fingerprint(), "f" * 16))


DAMAGES = (
    lose,
    empty,
    cut_off,
    write_noise,
    write_a_list,
    name_another,
    take_out_the_fingerprints,
    write_another_fingerprint,
)


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_lost_or_damaged_stamp_is_written_again_from_the_tiles(tmp_path, damage):
    tile = one_tile()
    compute_tile(tmp_path, tile)
    path, fingerprint = stamps.stamp_path(tmp_path, "dephasing"), physics.QUANTITIES["dephasing"].fingerprint()
    damage(path)
    assert stamps.check_stamp(tmp_path, "dephasing") == fingerprint
    stamps.mend_stamp(tmp_path, "dephasing")
    assert stamps.recorded(tmp_path, "dephasing") == [fingerprint]
    read(tmp_path, tile)
    compute_tile(tmp_path, one_tile(dtype="float32"))
    assert [path.name for path in tmp_path.rglob("*") if "tmp" in path.name] == []


@pytest.mark.parametrize("damage", DAMAGES[:-1])
def test_without_a_stamp_changed_code_computes_nothing_under_the_old_version(other_code, damage):
    path = stamps.stamp_path(other_code, "dephasing")
    damage(path)
    for _ in range(2):
        with pytest.raises(SurveyError, match=r"the code of dephasing changed .* bump version") as refusal:
            compute_tile(other_code, one_tile(dtype="float32"))
        assert "delete" not in str(refusal.value)
        stamps.mend_stamp(other_code, "dephasing")
    assert stamps.recorded(other_code, "dephasing") == [
        fingerprint for _, fingerprint in stamps.carried(other_code, "dephasing")
    ]


def two_codes(store, monkeypatch):
    """Two tiles of two codes, and the stamp, which accepted both, lost; the present code is the second."""
    compute_tile(store, one_tile())
    first = physics.QUANTITIES["dephasing"].fingerprint()
    monkeypatch.setattr(physics.Quantity, "fingerprint", lambda quantity: "0123456789abcdef")
    stamps.accept(store, "dephasing", "0123456789abcdef", "agrees")
    compute_tile(store, one_tile(dtype="float32"))
    stamps.stamp_path(store, "dephasing").unlink()
    return first


def test_tiles_of_different_code_without_a_stamp_are_compared_before_they_are_used(tmp_path, monkeypatch):
    first = two_codes(tmp_path, monkeypatch)
    for ask in (stamps.check_stamp, stamps.accepted):
        with pytest.raises(SurveyError, match=f"{first} .1 tile.*survey restamp dephasing") as refusal:
            ask(tmp_path, "dephasing")
        assert "0123456789abcdef (1 tile)" in str(refusal.value) and "delete" not in str(refusal.value)
    stamps.mend_stamp(tmp_path, "dephasing")
    assert stamps.recorded(tmp_path, "dephasing") is None
    assert "840 cells of 2 tiles" in restamp(tmp_path, "dephasing")
    assert sorted(stamps.recorded(tmp_path, "dephasing")) == sorted([first, "0123456789abcdef"])
    for dtype in ("float64", "float32"):
        read(tmp_path, one_tile(dtype=dtype))


def test_a_tile_of_other_code_is_compared_and_never_said_to_be_deleted(tmp_path, monkeypatch):
    first = two_codes(tmp_path, monkeypatch)
    compute_tile(tmp_path / "other", one_tile(variables=("tau_phi",)))
    stamps.stamp_path(tmp_path / "other", "dephasing").replace(stamps.stamp_path(tmp_path, "dephasing"))
    with pytest.raises(SurveyError, match="survey restamp dephasing` compares") as refusal:
        read(tmp_path, one_tile())
    assert "delete" not in str(refusal.value)
    assert "420 cells of 1 tile" in restamp(tmp_path, "dephasing")
    assert sorted(stamps.recorded(tmp_path, "dephasing")) == sorted([first, "0123456789abcdef"])
    read(tmp_path, one_tile())


def test_a_tile_of_other_code_with_other_numbers_is_to_be_moved_away(other_code, monkeypatch):
    monkeypatch.setattr(changed, "small", False, raising=False)
    stamps.stamp_path(other_code, "dephasing").write_text(
        json.dumps({"quantity": "dephasing", "version": 1, "accepted": [{"fingerprint": "0123456789abcdef"}]})
    )
    (path,) = (other_code / "dephasing").glob("*.nc")
    with pytest.raises(SurveyError, match=f"of {path} .* move it out of the store") as refusal:
        restamp(other_code, "dephasing")
    assert "delete" not in str(refusal.value) and "bump" not in str(refusal.value)


def test_a_version_without_tiles_begins_anew(other_code, monkeypatch):
    for path in (other_code / "dephasing").glob("*.nc"):
        path.unlink()
    with pytest.raises(SurveyError, match="survey restamp"):
        stamps.check_stamp(other_code, "dephasing")
    assert "no tile" in restamp(other_code, "dephasing")
    toy.register(monkeypatch)
    compute_tile(other_code, one_tile())
    assert stamps.recorded(other_code, "dephasing") == ["0123456789abcdef"]


def test_a_stamp_that_is_right_is_all_that_is_opened(tmp_path, monkeypatch):
    compute_tile(tmp_path, one_tile())
    monkeypatch.setattr(netCDF4, "Dataset", None)
    stamps.mend_stamp(tmp_path, "dephasing")
    assert stamps.check_stamp(tmp_path, "dephasing")


def test_of_other_versions_one_tile_of_each_family_is_opened(tmp_path, monkeypatch):
    whole = one_tile()
    for chi in whole.axes["chi"]:
        for dtype in ("float64", "float32"):
            compute_tile(tmp_path, replace(whole, dtype=dtype, axes=whole.axes | {"chi": (chi,)}))
    toy.register(monkeypatch, version=2)
    opened, real = [], netCDF4.Dataset
    monkeypatch.setattr(netCDF4, "Dataset", lambda path, *mode: opened.append(path) or real(path, *mode))
    assert stamps.accepted(tmp_path, "dephasing") == [] and len(opened) == 2
    assert len(stamps.accepted(tmp_path, "dephasing", 1)) == 1 and len(opened) == 2


def test_damaged_and_foreign_files_are_no_witnesses(tmp_path):
    tile = one_tile()
    compute_tile(tmp_path, tile)
    stamps.stamp_path(tmp_path, "dephasing").unlink()
    first = tile.path(tmp_path)
    first.with_name(first.name.replace(tile.digest[:8], "00000000")).write_bytes(first.read_bytes())
    first.with_name(f"{tile.family}-{'0' * 20}-{'0' * 16}.nc").write_bytes(b"")
    first.with_name("notes.nc").write_text("no tile")
    assert [path for path, _ in stamps.carried(tmp_path, "dephasing")] != []
    assert stamps.accepted(tmp_path, "dephasing") == [physics.QUANTITIES["dephasing"].fingerprint()]
    first.write_bytes(b"")
    first.with_name(first.name.replace(tile.digest[:8], "00000000")).unlink()
    assert stamps.accepted(tmp_path, "dephasing") == []
