"""Whether the files of a survey are what the survey asks for now, and if not, why.

A file is up to date if it exists, was made with the present settings, is not older than what it was made from, and if
that is up to date itself: what Snakemake goes by, and what the files say of themselves.
"""

import hashlib
import json
import os
from ast import literal_eval
from base64 import urlsafe_b64encode
from contextlib import suppress
from functools import cache
from pathlib import Path

import netCDF4

from survey.changes import changes
from survey.errors import SurveyError
from survey.jobs import DIAGRAM_FILES
from survey.netcdf import VIRTUAL, is_virtual
from survey.phrases import count
from survey.stamps import check_stamp, strange
from survey.tiles import configuration, kind_of_cube, tiles_of

# Of inputs up to this size Snakemake keeps a checksum, and goes by that rather than by the time.
CHECKED_BYTES = 1_000_000
RECORDS = Path(".snakemake/metadata")


class Freshness:
    """One survey, and its files as they were when they were first looked at: folders are listed once, and of each
    cube the attributes read once. Every answer is the list of what makes a file out of date, empty if nothing does."""

    def __init__(self, survey, results: Path):
        self.survey = survey
        self.results = Path(results)
        self.store = self.results / "store"
        self.folder = self.results / survey.name
        self.tiles = {label: tiles_of(survey, label) for label in survey.quantities}
        self.code = cache(self._code)
        self.cube = cache(self._cube)
        self.crossovers = cache(self._crossovers)
        self._listed = cache(_listed)

    def time(self, path: Path) -> float | None:
        """When a file was written; None if there is none."""
        return self._listed(path.parent).get(path.name)

    def missing(self, label: str) -> list:
        """The tiles of a quantity that are not in the store."""
        return [tile for tile in self.tiles[label] if self.time(tile.path(self.store)) is None]

    def cube_path(self, label: str) -> Path:
        return self.folder / f"{label}.nc"

    def _code(self, label: str) -> list[str]:
        """Why the present code cannot compute a quantity into the store."""
        try:
            check_stamp(self.store, self.survey.request(label).quantity)
        except SurveyError as error:
            return [str(error)]
        return []

    def _cube(self, label: str) -> list[str]:
        path = self.cube_path(label)
        reasons = [*self.code(label)]
        missing, absent = self.missing(label), []
        if missing:
            are = "is" if len(missing) == 1 else "are"
            absent = [f"{len(missing)} of its {count(len(self.tiles[label]), 'tile')} {are} not in the store"]
        if self.time(path) is None:
            return ["it does not exist", *reasons, *absent]
        try:
            with netCDF4.Dataset(path) as dataset:
                made, fingerprints = json.loads(dataset.configuration), dataset.quantity_fingerprint.split()
                kind = VIRTUAL if is_virtual(dataset) else "copied"
        except (OSError, RuntimeError, AttributeError, ValueError) as error:
            return [
                f"it is damaged ({error}); `survey verify {self.survey.name} --delete` removes it",
                *reasons,
                *absent,
            ]
        wanted = json.loads(configuration(self.survey, label))
        reasons += [each.said("the cube", "the survey") for each in changes(made, wanted)]
        if kind != (asked := kind_of_cube(self.survey, label)):
            reasons.append(f"the cube is {kind}, and the survey asks for a {asked} one")
        quantity = self.survey.request(label).quantity
        if made.get("version") == wanted["version"]:
            try:
                unknown = strange(self.store, quantity, fingerprints)
            except SurveyError:
                # Said by the check of the stamp.
                unknown = []
            reasons += [f"its code (fingerprint {each}) is none of those accepted for its version" for each in unknown]
        newer = [tile for tile in self.tiles[label] if (self.time(tile.path(self.store)) or 0) > self.time(path)]
        reasons += absent
        if newer:
            others = f" and {len(newer) - 1} more" if len(newer) > 1 else ""
            reasons.append(f"the tile {newer[0].digest}{others} is newer than it")
        return reasons

    def _crossovers(self) -> list[str]:
        path = self.folder / "crossovers.nc"
        crossovers = self.survey.crossovers
        wanted = {name: json.loads(each.model_dump_json(exclude_none=True)) for name, each in crossovers.items()}
        labels = sorted({settings.quantity for settings in crossovers.values()})
        inputs = self._inputs(path, {self.cube_path(label): self.cube(label) for label in labels})
        if self.time(path) is None:
            return ["it does not exist", *inputs]
        try:
            with netCDF4.Dataset(path) as dataset:
                made = {
                    name.removesuffix("_censoring"): json.loads(variable.settings)
                    for name, variable in dataset.variables.items()
                    if name.endswith("_censoring")
                }
        except (OSError, RuntimeError, AttributeError, ValueError) as error:
            return [f"it is damaged ({error}); `survey verify {self.survey.name} --delete` removes it", *inputs]
        return _changed("crossovers", made, wanted) + inputs

    def diagram(self, name: str) -> list[str]:
        """What makes the three files of a diagram out of date."""
        settings = self.survey.diagrams[name]
        paths = [self.folder / "diagrams" / f"{name}.{kind}" for kind in DIAGRAM_FILES]
        sources = {self.cube_path(label): self.cube(label) for label in settings.labels}
        if settings.uses_crossovers:
            sources[self.folder / "crossovers.nc"] = self.crossovers()
        missing = [path for path in paths if self.time(path) is None]
        if missing:
            absent = ", ".join(path.name for path in missing)
            return [f"{absent}: it does not exist", *self._inputs(missing[0], sources)]
        oldest = min(paths, key=self.time)
        drawn = _drawn_with(oldest)
        reasons = [] if drawn is None else _changed(f"diagrams.{name}", drawn, settings.model_dump(mode="json"))
        return reasons + self._inputs(oldest, sources)

    def _inputs(self, path: Path, sources: dict[Path, list[str]]) -> list[str]:
        """Which sources are out of date themselves, or newer than what was made from them."""
        reasons = []
        for source, why in sources.items():
            if why:
                reasons.append(f"its source {source} is out of date ({why[0]})")
            elif self.time(path) is not None and self.time(source) > self.time(path) and not _recorded(source, path):
                reasons.append(f"its source {source} is newer than it")
        return reasons


def record(path: Path) -> dict:
    """What Snakemake recorded of the job that made a file, {} if it recorded nothing that can be read."""
    name = urlsafe_b64encode(str(path).encode()).decode()
    try:
        found = json.loads((RECORDS / name).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) and found.get("record_format_version", 0) >= 6 else {}


def _recorded(source: Path, path: Path) -> bool:
    """Whether a small source still is, byte by byte, what it was when `path` was made from it."""
    checksum = (record(path).get("input_checksums") or {}).get(str(source))
    if not checksum or source.stat().st_size > CHECKED_BYTES:
        return False
    return checksum == "sha256:" + hashlib.sha256(source.read_bytes()).hexdigest()


def _drawn_with(path: Path) -> dict | None:
    """The settings that a diagram was drawn with, as Snakemake recorded them: JSON, as Python writes a text."""
    try:
        (parameter,) = record(path)["params"]
        return json.loads(literal_eval(parameter))
    except (KeyError, TypeError, ValueError, SyntaxError):
        return None


def _changed(what: str, made: dict, wanted: dict) -> list[str]:
    """The entries in which two settings differ, in words."""
    reasons = []
    for name in dict.fromkeys([*made, *wanted]):
        if name not in wanted:
            reasons.append(f"{what}.{name} is no longer in the survey")
        elif name not in made:
            reasons.append(f"{what}.{name} is new in the survey")
        elif made[name] != wanted[name]:
            reasons.append(f"{what}.{name} was {json.dumps(made[name])}, now {json.dumps(wanted[name])}")
    return reasons


def _listed(folder: Path) -> dict[str, float]:
    times = {}
    with suppress(FileNotFoundError), os.scandir(folder) as entries:
        for entry in entries:
            # A temporary file may go while it is looked at.
            with suppress(FileNotFoundError):
                times[entry.name] = entry.stat().st_mtime
    return times
