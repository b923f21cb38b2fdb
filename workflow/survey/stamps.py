"""The stamp of a version: which code the tiles of a version of a quantity may have been computed with.

A quantity's version says when its numbers change; its fingerprint says when its code does. The stamp, one small JSON
file per version in the store, lists the fingerprints that are known to give the numbers of that version.
"""

import json
from pathlib import Path

from physics import QUANTITIES
from survey.atomic import write_text
from survey.errors import SurveyError
from survey.provenance import now


def stamp_path(store: Path, name: str, version: int | None = None) -> Path:
    """Where the stamp of a version of a quantity lies, the present version by default."""
    return Path(store) / name / f"version-{QUANTITIES[name].version if version is None else version}.json"


def accepted(store: Path, name: str, version: int | None = None) -> list[str]:
    """The fingerprints accepted for a version of a quantity, the present one by default; empty before its first
    tile."""
    path = stamp_path(store, name, version)
    try:
        return [entry["fingerprint"] for entry in json.loads(path.read_text(encoding="utf-8"))["accepted"]]
    except FileNotFoundError:
        return []
    except (ValueError, KeyError, TypeError) as error:
        raise SurveyError(f"{path}: not a stamp of a version ({error}); delete {path.parent} or restore it") from None


def check_stamp(store: Path, name: str) -> str:
    """The fingerprint of the quantity's code; SurveyError if the store holds tiles of this version by other code."""
    known = accepted(store, name)
    fingerprint = QUANTITIES[name].fingerprint()
    if known and fingerprint not in known:
        raise SurveyError(
            f"the code of {name} changed (fingerprint {fingerprint}, the tiles in {Path(store) / name} have "
            f"{', '.join(known)}) but its version ({QUANTITIES[name].version}) did not: bump version=... of {name} in "
            f"physics/quantities if its numbers changed, or run `survey restamp {name}`, which recomputes a sample "
            "of cells and accepts the code if they agree"
        )
    return fingerprint


def stamp(store: Path, name: str, fingerprint: str) -> None:
    """Record the fingerprint that the first tile of a version was computed with; SurveyError if the version meanwhile
    has another. Called when the tile is complete: code that never finished a tile leaves nothing to be in step with."""
    path = stamp_path(store, name)
    if not path.exists():
        write_text(path, _text(name, [_entry(fingerprint, "computed the first tile")]), keep=True)
    if fingerprint not in accepted(store, name):
        raise SurveyError(f"{path}: two versions of the code of {name} compute at the same time; stop one of them")


def accept(store: Path, name: str, fingerprint: str, reason: str) -> None:
    """Add a fingerprint to the stamp of the present version of a quantity."""
    path = stamp_path(store, name)
    entries = json.loads(path.read_text(encoding="utf-8"))["accepted"]
    write_text(path, _text(name, [*entries, _entry(fingerprint, reason)]))


def _entry(fingerprint: str, reason: str) -> dict[str, str]:
    return {"fingerprint": fingerprint, "date": now(), "reason": reason}


def _text(name: str, entries: list[dict[str, str]]) -> str:
    content = {"quantity": name, "version": QUANTITIES[name].version, "accepted": entries}
    return json.dumps(content, indent=2) + "\n"
