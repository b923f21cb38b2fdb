"""What a run of a survey would do: cells, tiles, bytes and about how long, before anything is computed."""

from dataclasses import dataclass
from pathlib import Path
from statistics import median

import netCDF4

from physics import QUANTITIES
from survey.stamps import check_stamp
from survey.tiles import Tile, tiles_of

# Cells per second on one core, assumed as long as the store holds no tile that was measured.
DEFAULT_RATE = 8e5
# Start of Python, imports and compiled code of one job.
SECONDS_PER_JOB = 4.0
# Gathering tiles into a cube.
BYTES_PER_SECOND = 2e8
# The rate is taken from so many of the newest tiles.
MEASURED_TILES = 50


@dataclass(frozen=True)
class Plan:
    """One quantity of a survey: the tiles it consists of, those not yet in the store, and how long they take."""

    label: str
    quantity: str
    shape: dict[str, int]
    tiles: list[Tile]
    missing: list[Tile]
    rate: float
    measured: int

    @property
    def cells(self) -> int:
        return sum(tile.cells for tile in self.tiles)

    @property
    def cells_missing(self) -> int:
        return sum(tile.cells for tile in self.missing)

    @property
    def cube_bytes(self) -> int:
        return sum(tile.bytes for tile in self.tiles)

    @property
    def tile_bytes(self) -> int:
        return sum(tile.bytes for tile in self.missing)

    def seconds(self, cores: int) -> float:
        """About how long the missing tiles and the cube take on so many cores."""
        parallel = min(cores, max(1, len(self.missing)))
        jobs = len(self.missing) * SECONDS_PER_JOB / parallel + SECONDS_PER_JOB
        return self.cells_missing / (self.rate * cores) + jobs + self.cube_bytes / BYTES_PER_SECOND


def plan(survey, label: str, store: Path) -> Plan:
    """Hold the quantity `label` of a survey against the store; SurveyError if its code changed without its version."""
    name = survey.quantities[label].quantity
    check_stamp(store, name)
    tiles = tiles_of(survey, label)
    rate, measured = _rate(Path(store) / name)
    return Plan(
        label=label,
        quantity=name,
        shape={axis: len(values) for axis, values in survey.grid(label).items()},
        tiles=tiles,
        missing=[tile for tile in tiles if not tile.path(store).exists()],
        rate=rate,
        measured=measured,
    )


def describe(survey, store: Path, cores: int, names: bool = False) -> str:
    """The plan of a survey as text for people; with `names`, every tile by its name."""
    lines = [survey.name if survey.title == survey.name else f"{survey.name}: {survey.title}"]
    for label in survey.quantities:
        planned = plan(survey, label, store)
        lines += _lines(planned, cores)
        lines += [_line(tile, planned) for tile in planned.tiles if names]
    return "\n".join(lines)


def _line(tile: Tile, planned: Plan) -> str:
    state = "to compute" if tile in planned.missing else "in the store"
    return f"    tile {tile.digest}  {state:12}  {' x '.join(str(length) for length in tile.shape)}"


def _lines(planned: Plan, cores: int) -> list[str]:
    quantity = QUANTITIES[planned.quantity]
    extent = " x ".join(f"{length} {name}" for name, length in planned.shape.items())
    stored = len(planned.tiles) - len(planned.missing)
    source = (
        f"measured, the median of {_count(planned.measured, 'tile')} in the store"
        if planned.measured
        else "assumed, since the store holds no tile that was measured"
    )
    lines = [
        f"  {planned.label}: {quantity.long_name}, version {quantity.version}",
        f"    grid         {extent} = {planned.cells:,} cells",
        f"    in the store {planned.cells - planned.cells_missing:,} cells in {_count(stored, 'tile')}",
        f"    to compute   {planned.cells_missing:,} cells in {_count(len(planned.missing), 'tile')}",
        f"    on disk      {_size(planned.tile_bytes)} of new tiles, {_size(planned.cube_bytes)} for the cube",
    ]
    if planned.missing:
        lines.append(
            f"    time         about {_duration(planned.seconds(cores))} on {_count(cores, 'core')}, the cube included "
            f"({planned.rate:.2g} cells per second and core: {source})"
        )
    return lines


def _rate(folder: Path) -> tuple[float, int]:
    """Cells per second and core, and the number of tiles that it is measured on."""
    newest = sorted(folder.glob("*.nc"), key=lambda path: path.stat().st_mtime)[-MEASURED_TILES:]
    rates = []
    for path in newest:
        try:
            with netCDF4.Dataset(path) as dataset:
                rates.append(float(dataset.cells / (dataset.compute_seconds * dataset.threads)))
        except (OSError, AttributeError):
            continue
    return (median(rates), len(rates)) if rates else (DEFAULT_RATE, 0)


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" + ("" if number == 1 else "s")


def _size(size: int) -> str:
    for unit in ("bytes", "kB", "MB"):
        if size < 1000:
            return f"{size:.3g} {unit}"
        size /= 1000
    return f"{size:.3g} GB"


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
