"""The stamp of a version: which code the tiles of a version of a quantity may have been computed with.

A quantity's version says when its numbers change; its fingerprint says when its code does. The stamp, one small JSON
file per version in the store, lists the fingerprints that are known to give the numbers of that version. Each tile
carries the fingerprint of its own code: where a stamp is lost or damaged the tiles say what it said.
"""

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from physics import QUANTITIES
from survey.errors import SurveyError
from survey.provenance import now
from survey.store.files import write_text
from survey.words import count


def stamp_path(store: Path, name: str, version: int | None = None) -> Path:
    """Where the stamp of a version of a quantity lies, the present version by default."""
    return Path(store) / name / f"version-{_number(name, version)}.json"


def accepted(store: Path, name: str, version: int | None = None) -> list[str]:
    """The fingerprints accepted for a version of a quantity, the present one by default; empty before its first tile.

    Without a stamp that can be read it is the one that all tiles carry; SurveyError if they carry several.
    """
    known = recorded(store, name, version)
    if known is not None:
        return known
    found = Counter(fingerprint for _, fingerprint in carried(store, name, version))
    if len(found) > 1:
        codes = ", ".join(f"{fingerprint} ({count(tiles, 'tile')})" for fingerprint, tiles in found.most_common())
        raise SurveyError(
            f"{stamp_path(store, name, version)}: there is no such stamp, or none that can be read, and the tiles come "
            f"from different code, {codes}; restore it, or run `survey restamp {name}`, which recomputes a sample of "
            "all tiles"
        )
    return list(found)


def strange(store: Path, name: str, fingerprints: Iterable[str], version: int | None = None) -> list[str]:
    """Those of some fingerprints of tiles that are not accepted for a version. No stamp is believed against all tiles
    of the present code."""
    unknown = sorted(set(fingerprints) - set(accepted(store, name, version)))
    if unknown and _number(name, version) == QUANTITIES[name].version:
        present = QUANTITIES[name].fingerprint()
        if unknown == [present] and _all_carry(store, name, present):
            return []
    return unknown


def recorded(store: Path, name: str, version: int | None = None) -> list[str] | None:
    """The fingerprints in the stamp of a version; None if there is no stamp or what is there is none."""
    try:
        return [entry["fingerprint"] for entry in _entries(store, name, version)]
    except (OSError, ValueError, LookupError, TypeError):
        return None


def carried(store: Path, name: str, version: int | None = None) -> Iterator[tuple[Path, str]]:
    """The sound tiles of a version, each with the fingerprint of the code that computed it.

    All tiles of a family (the first part of their names) are of one version, so that of other versions one tile per
    family is opened.
    """
    # Stamps are checked while Snakemake reads the rules; tiles are opened only where a stamp fails.
    from survey.store.sealed import digest_in, open_sealed

    wanted, versions = _number(name, version), {}
    for path in sorted((Path(store) / name).glob("*.nc")):
        family = path.name.partition("-")[0]
        if versions.get(family, wanted) != wanted:
            continue
        with suppress(SurveyError, AttributeError, ValueError, LookupError, TypeError):
            with open_sealed(path) as dataset:
                identity, fingerprint, digest = dataset.identity, dataset.quantity_fingerprint, digest_in(dataset)
            if digest == path.stem.rpartition("-")[2]:
                versions[family] = json.loads(identity)["version"]
                if versions[family] == wanted:
                    yield path, fingerprint


def check_stamp(store: Path, name: str) -> str:
    """The fingerprint of the quantity's code; SurveyError if the store holds tiles of this version by other code."""
    known = accepted(store, name)
    fingerprint = QUANTITIES[name].fingerprint()
    if known and fingerprint not in known and not _all_carry(store, name, fingerprint):
        raise SurveyError(
            f"the code of {name} changed (fingerprint {fingerprint}, the tiles in {Path(store) / name} have "
            f"{', '.join(known)}) but its version ({QUANTITIES[name].version}) did not: bump version=... of {name} in "
            f"physics/*/quantities.py if its numbers changed, or run `survey restamp {name}`, which recomputes a "
            "sample of cells and accepts the code if they agree"
        )
    return fingerprint


def mend_stamp(store: Path, name: str) -> None:
    """Write the stamp of the present version again from the tiles where it is lost, damaged, or not that of its tiles,
    which all come from the present code. Nothing happens where the tiles do not agree, or it cannot be written: then
    whoever needs the stamp asks the tiles. A stamp that has the present code costs one look at it."""
    known, fingerprint = recorded(store, name), QUANTITIES[name].fingerprint()
    if known is not None and (fingerprint in known or not _all_carry(store, name, fingerprint)):
        return
    found = Counter(carrier for _, carrier in carried(store, name))
    if len(found) == 1:
        ((only, tiles),) = found.items()
        with suppress(SurveyError, OSError):
            _write(store, name, [_entry(only, f"carried by {count(tiles, 'tile')}; the stamp was lost or damaged")])


def stamp(store: Path, name: str, fingerprint: str) -> None:
    """Record the fingerprint that the first tile of a version was computed with; SurveyError if the version meanwhile
    has another. Called when the tile is complete: code that never finished a tile leaves nothing to be in step with."""
    path = stamp_path(store, name)
    mend_stamp(store, name)
    if recorded(store, name) is None and not accepted(store, name):
        entries = [_entry(fingerprint, "computed the first tile")]
        # One that is there is none of this version; one that another process puts there meanwhile stays.
        write_text(path, _text(name, entries), keep=not path.exists())
    if fingerprint not in accepted(store, name):
        raise SurveyError(f"{path}: two versions of the code of {name} compute at the same time; stop one of them")


def accept(store: Path, name: str, fingerprint: str, reason: str) -> None:
    """Add a fingerprint to the stamp of the present version of a quantity, which begins anew if it was lost."""
    known = [] if recorded(store, name) is None else _entries(store, name)
    _write(store, name, [*known, _entry(fingerprint, reason)])


def _number(name: str, version: int | None) -> int:
    return QUANTITIES[name].version if version is None else version


def _all_carry(store: Path, name: str, fingerprint: str) -> bool:
    """Whether there are tiles of the present version and all of them come from this code."""
    first = False
    for _, carrier in carried(store, name):
        if carrier != fingerprint:
            return False
        first = True
    return first


def _entries(store: Path, name: str, version: int | None = None) -> list[dict[str, str]]:
    """What a stamp lists; one of the errors that `recorded` catches if it is no stamp of this version."""
    content = json.loads(stamp_path(store, name, version).read_text(encoding="utf-8"))
    if (content["quantity"], content["version"]) != (name, _number(name, version)):
        raise ValueError("a stamp of another quantity or version")
    if not content["accepted"] or not all(isinstance(entry["fingerprint"], str) for entry in content["accepted"]):
        raise ValueError("a stamp without fingerprints")
    return content["accepted"]


def _write(store: Path, name: str, entries: list[dict[str, str]]) -> None:
    write_text(stamp_path(store, name), _text(name, entries))


def _entry(fingerprint: str, reason: str) -> dict[str, str]:
    return {"fingerprint": fingerprint, "date": now(), "reason": reason}


def _text(name: str, entries: list[dict[str, str]]) -> str:
    content = {"quantity": name, "version": QUANTITIES[name].version, "accepted": entries}
    return json.dumps(content, indent=2) + "\n"
