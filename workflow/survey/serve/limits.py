"""How much one request may ask for."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """The largest answer by DAP (bytes), the most points of a query, and how long a request may take (seconds)."""

    bytes: int = 500_000_000
    points: int = 10_000
    seconds: float = 60.0
