"""Numbers as people say them: counts, sizes, durations; and any text so that a terminal can show it."""

import re
from collections.abc import Iterable, Sequence
from difflib import get_close_matches

# Of a line of a message: what a person still reads. The list of all parameters, which some end with, is within it.
LONGEST_LINE = 1500
LONGEST_QUOTE = 200
# What a terminal obeys, or what turns the direction of a line, and halves of characters, which cannot be printed.
_COMMANDS = re.compile("[\\x00-\\x08\\x0b-\\x1f\\x7f-\\x9f\\u200e\\u200f\\u2028-\\u202e\\u2066-\\u2069\\ud800-\\udfff]")


def plain(text: str) -> str:
    """The text with every control character but the line feed and the tab as its code, \\u001b, which JSON reads as
    that character."""
    return _COMMANDS.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def quoted(value: object) -> str:
    """A value as it was written, without its middle where it is so long that the reason beside it would be lost."""
    text = repr(value)
    return text if len(text) <= LONGEST_QUOTE else f"{text[: LONGEST_QUOTE // 2]} … {text[-LONGEST_QUOTE // 2 :]}"


def bounded(text: str) -> str:
    """The text, plain, without the middle of its lines where they are too long."""
    end = LONGEST_LINE // 2 - 2
    lines = (line if len(line) <= LONGEST_LINE else f"{line[:end]} … {line[-end:]}" for line in text.split("\n"))
    return plain("\n".join(lines))


def count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" + ("" if number == 1 else "s")


def plural(noun: str) -> str:
    return noun if noun.endswith("s") else f"{noun}s"


def size(number: float) -> str:
    for unit in ("bytes", "kB", "MB", "GB"):
        if number < 1000:
            return f"{number:.3g} {unit}"
        number /= 1000
    return f"{number:.3g} TB"


def duration(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


def bar(done: float, width: int = 24) -> str:
    """A bar that is full at 1, and not before."""
    filled = min(int(done * width), width)
    return "█" * filled + "░" * (width - filled)


def table(rows: Iterable[Sequence[str]]) -> list[str]:
    """Lines of texts whose columns are aligned."""
    rows = list(rows)
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return ["  ".join(map(str.ljust, row, widths)).rstrip() for row in rows]


def nearest_name(name: str, known: Iterable[str]) -> str:
    """The end of a message about an unknown name: what may have been meant, and what there is."""
    known = list(known)
    near = get_close_matches(str(name), known, n=1)
    return f"{f'did you mean {near[0]!r}? ' if near else ''}allowed: {', '.join(known) or 'none'}"
