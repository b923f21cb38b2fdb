"""What is kept from one process to the next is never about something else, and never damaged."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from physics import PARAMETERS, kept
from physics.kept import Kept
from survey import units

ROOT = Path(__file__).parent.parent


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.setattr(kept, "FOLDER", tmp_path / "kept")
    return tmp_path / "kept"


def test_what_was_kept_is_found_under_what_it_depends_on_alone():
    first = Kept("facts", [b"one", b"two"])
    first["a"] = 1.5
    first.keep()
    assert Kept("facts", [b"one", b"two"]) == {"a": 1.5}
    assert Kept("facts", [b"one", b"three"]) == Kept("facts", [b"onetwo"]) == Kept("others", [b"one", b"two"]) == {}


@pytest.mark.parametrize("damage", ["", "[]", '["0123456789abcdef", "{}"]', '["", 1]', "null", "{}"])
def test_a_damaged_file_is_none(damage):
    known = Kept("facts", [b"one"])
    known["a"] = 1.5
    known.keep()
    known.path.write_text(damage, encoding="utf-8")
    assert Kept("facts", [b"one"]) == {}


def test_an_altered_number_is_seen():
    known = Kept("facts", [b"one"])
    known["a"] = 1.5
    known.keep()
    known.path.write_text(known.path.read_text(encoding="utf-8").replace("1.5", "2.5"), encoding="utf-8")
    assert Kept("facts", [b"one"]) == {}


def test_a_folder_that_cannot_be_written_stops_nothing(folder):
    folder.write_text("a file in the place of the folder")
    known = Kept("facts", [b"one"])
    known["a"] = 1.5
    known.keep()
    assert Kept("facts", [b"one"]) == {}


def test_a_file_takes_no_more_than_it_is_worth():
    known = Kept("facts", [b"one"])
    known.update({str(number): number for number in range(kept.MOST + 1)})
    known.keep()
    assert not known.path.exists()


def test_factors_of_units_are_those_of_pint(monkeypatch):
    units._kept.cache_clear()
    units._conversion.cache_clear()
    try:
        first = units.parse("0.86 ueV", PARAMETERS["T"])
        units._kept.cache_clear()
        units._conversion.cache_clear()
        monkeypatch.setattr(units, "_registry", None)
        assert units.parse("0.86 ueV", PARAMETERS["T"]) == first == pytest.approx(0.00998, rel=1e-3)
        (path,) = kept.FOLDER.glob("units-*.json")
        assert list(json.loads(json.loads(path.read_text(encoding="utf-8"))[1])) == ["ueV in K"]
    finally:
        units._kept.cache_clear()
        units._conversion.cache_clear()


def test_a_fingerprint_that_was_kept_is_that_of_the_code(tmp_path):
    """In a copy: asked for the first time, the second time, and when the code is another and is the first again."""
    package = tmp_path / "physics"
    shutil.copytree(ROOT / "physics", package, ignore=shutil.ignore_patterns("__pycache__"))
    code = "import sys; sys.path.insert(0, '.'); import physics; print(physics.QUANTITIES['kondo'].fingerprint())"

    def asked() -> str:
        command = [sys.executable, "-P", "-c", code]
        return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True).stdout

    def files() -> int:
        return len(list((package / "__pycache__").glob("fingerprints-*.json")))

    first = asked()
    assert (asked(), files()) == (first, 1)
    path = package / "impurities" / "kondo_averages.py"
    text = path.read_text(encoding="utf-8")
    path.write_text(text + "\n\nANOTHER = 1.0\n", encoding="utf-8")
    second = asked()
    assert second != first and files() == 2
    path.write_text(text, encoding="utf-8")
    assert (asked(), files()) == (first, 2)
