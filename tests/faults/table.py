"""What an attack found: rows to print, and what should not have happened."""

from collections.abc import Iterable
from dataclasses import dataclass, field


@dataclass
class Table:
    """Rows of a report under their header; `failures` says in words what broke a promise."""

    title: str
    header: tuple[str, ...]
    rows: list[tuple] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)

    def expect(self, condition: bool, otherwise: str) -> bool:
        """Note a broken promise; returns the condition."""
        if not condition:
            self.failures.append(otherwise)
        return condition

    def markdown(self) -> str:
        lines = [f"## {self.title}", "", _line(self.header), _line(["---"] * len(self.header)), *map(_line, self.rows)]
        return "\n".join([*lines, "", f"Broken promises: {len(self.failures)}.", *self.failures, ""])


def _line(cells: Iterable) -> str:
    return "| " + " | ".join(str(cell) for cell in cells) + " |"
