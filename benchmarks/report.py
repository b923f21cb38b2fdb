"""Times and tables."""

from collections.abc import Callable, Iterable
from statistics import median
from time import perf_counter
from typing import Any


def seconds(function: Callable[[], Any], repeats: int) -> list[float]:
    """How long each of so many calls takes."""
    times = []
    for _ in range(repeats):
        started = perf_counter()
        function()
        times.append(perf_counter() - started)
    return times


def median_seconds(function: Callable[[], Any], repeats: int) -> float:
    """The median time of so many calls."""
    return median(seconds(function, repeats))


def duration(time: float) -> str:
    """A time with a unit that suits it, to three digits."""
    for unit, size in (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6)):
        if time >= size:
            return f"{_digits(time / size)} {unit}"
    return f"{_digits(time * 1e9)} ns"


def number(value: float) -> str:
    """A count or a rate: 3.1e6."""
    if value < 10_000:
        return _digits(value)
    mantissa, exponent = f"{value:.1e}".replace(".0e", "e").split("e")
    return f"{mantissa}e{int(exponent)}"


def ratio(value: float) -> str:
    """A ratio to two digits, in bold: **150**."""
    return f"**{float(f'{value:.2g}'):,.12g}**"


def size(count: float) -> str:
    """A number of bytes: 62 MB."""
    for unit in ("bytes", "kB", "MB"):
        if count < 1000:
            return f"{_digits(count)} {unit}"
        count /= 1000
    return f"{_digits(count)} GB"


def section(title: str, text: str, header: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """A title, a paragraph and a table, in Markdown."""
    header = list(header)
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join([f"## {title}", "", text, "", *(f"| {' | '.join(line)} |" for line in lines), ""])


def _digits(value: float) -> str:
    return f"{float(f'{value:.3g}'):,.15g}"
