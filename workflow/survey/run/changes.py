"""What distinguishes two configurations: what a cube or a tile was made with, and what is asked for."""

from collections.abc import Mapping
from dataclasses import dataclass

from survey.grid import canonical

# So many values of an axis are named, then their number.
NAMED = 6


@dataclass(frozen=True)
class Change:
    """One difference: under `what` one side has `one` and the other `other`, None if it has nothing. For lists these
    are the entries that only that side has."""

    what: str
    one: object
    other: object

    def said(self, one: str, other: str) -> str:
        """The difference in words, the sides called `one` and `other`."""
        if not isinstance(self.one, list):
            return f"{self.what} is {_text(self.one)} in {one} and {_text(self.other)} in {other}"
        only = [f"only {side} has {_listed(entries)}" for side, entries in ((one, self.one), (other, self.other))]
        return f"{self.what}: " + "; ".join(
            part for part, entries in zip(only, (self.one, self.other), strict=True) if entries
        )


def changes(one: Mapping, other: Mapping) -> list[Change]:
    """Where two configurations (of a cube, or the identity of a tile) differ; numbers by their canonical decimals."""
    found = [
        Change(key, one.get(key), other.get(key))
        for key in ("quantity", "version", "dtype")
        if one.get(key) != other.get(key)
    ]
    found += _entries("options", one, other, str)
    found += _entries("constants", one, other, canonical)
    found += _lists("variables", one.get("variables", []), other.get("variables", []), str)
    mine, theirs = one.get("axes", {}), other.get("axes", {})
    for name in dict.fromkeys([*mine, *theirs]):
        found += _lists(f"axes.{name}", mine.get(name, []), theirs.get(name, []), canonical)
    return found


def _entries(key: str, one: Mapping, other: Mapping, identity) -> list[Change]:
    mine, theirs = one.get(key, {}), other.get(key, {})
    return [
        Change(f"{key}.{name}", _number(mine.get(name)), _number(theirs.get(name)))
        for name in dict.fromkeys([*mine, *theirs])
        if (name in mine) != (name in theirs) or identity(mine[name]) != identity(theirs[name])
    ]


def _lists(what: str, one, other, identity) -> list[Change]:
    mine, theirs = ({identity(entry): _number(entry) for entry in entries} for entries in (one, other))
    only = [[entry for key, entry in a.items() if key not in b] for a, b in ((mine, theirs), (theirs, mine))]
    return [Change(what, *only)] if any(only) else []


def _number(entry):
    """An entry as it is to be shown: identities of tiles hold their numbers as text."""
    try:
        return float(entry)
    except (TypeError, ValueError):
        return entry


def _text(entry) -> str:
    if entry is None:
        return "nothing"
    return f"{entry:.12g}" if isinstance(entry, float) else str(entry)


def _listed(entries: list) -> str:
    named = ", ".join(map(_text, entries[:NAMED]))
    return named if len(entries) <= NAMED else f"{named}, … ({len(entries)} in all)"
