"""Whether the files of a survey are what the survey asks for now, and if not, why.

What a file holds decides: each says itself what it was made from, under a seal or in its metadata. Times do not count,
as a file that was touched or copied is no other. Snakemake goes by the same answers (`workflow/rules/common.smk`).
"""

import json
import os
from contextlib import suppress
from functools import cache
from pathlib import Path

from physics import QUANTITIES
from survey.errors import Damaged, SurveyError
from survey.run.changes import changes
from survey.store import origins
from survey.store.netcdf import VIRTUAL, is_virtual
from survey.store.origins import DIAGRAM_FILES
from survey.store.sealed import damage_of, open_sealed
from survey.store.stamps import check_stamp, strange
from survey.store.tiles import configuration, kind_of_cube, tiles_of
from survey.survey import Survey
from survey.words import count


class Freshness:
    """One survey, and its files as they were when they were first looked at: folders are listed once, and of each
    cube the attributes read once. Every answer is the list of what makes a file out of date, empty if nothing does."""

    def __init__(self, survey: Survey, results: Path, tiles: dict[str, list] | None = None):
        """`tiles` are those of each label, if the caller has them."""
        self.survey = survey
        self.results = Path(results)
        self.store = self.results / "store"
        self.folder = self.results / survey.name
        self.tiles = tiles or {label: tiles_of(survey, label) for label in survey.quantities}
        self.code = cache(self._code)
        self.cube = cache(self._cube)
        self.crossovers = cache(self._crossovers)
        self.finding = cache(self._finding)
        self._listed = cache(_listed)

    def time(self, path: Path) -> float | None:
        """When a file was written; None if there is none."""
        return self._listed(path.parent).get(path.name)

    def missing(self, label: str) -> list:
        """The tiles of a quantity that are not in the store."""
        return [tile for tile in self.tiles[label] if self.time(tile.path(self.store)) is None]

    def cube_path(self, label: str) -> Path:
        return self.folder / f"{label}.nc"

    def page_path(self, label: str) -> Path:
        return self.folder / "explore" / f"{label}.html"

    def _code(self, label: str) -> list[str]:
        """Why the present code cannot compute a quantity into the store."""
        try:
            check_stamp(self.store, self.survey.request(label).quantity)
        except SurveyError as error:
            return [str(error)]
        return []

    def _cube(self, label: str) -> list[str]:
        path = self.cube_path(label)
        reasons, absent = [*self.code(label)], []
        if missing := self.missing(label):
            are = "is" if len(missing) == 1 else "are"
            absent = [f"{len(missing)} of its {count(len(self.tiles[label]), 'tile')} {are} not in the store"]
        if self.time(path) is None:
            return ["it does not exist", *reasons, *absent]
        try:
            with open_sealed(path) as dataset, damage_of(path):
                carried = {name: dataset.getncattr(name) for name in dataset.ncattrs()}
                fingerprints = dataset.quantity_fingerprint.split()
                made = json.loads(dataset.configuration)
                kind = VIRTUAL if is_virtual(dataset) else "copied"
                accuracy = float(dataset.promised_accuracy)
        except SurveyError as error:
            return [_unusable(error), *reasons, *absent]
        text = configuration(self.survey, label)
        wanted = json.loads(text)
        reasons += [each.said("the cube", "the survey") for each in changes(made, wanted)]
        if not reasons and carried["configuration"] != text:
            reasons.append("its configuration is written in another way")
        quantity = QUANTITIES[self.survey.request(label).quantity]
        if accuracy != quantity.accuracy:
            reasons.append(f"the promised accuracy is {accuracy:g} in the cube and {quantity.accuracy:g} in the code")
        if kind != (asked := kind_of_cube(self.survey, label)):
            reasons.append(f"the cube is {kind}, and the survey asks for a {asked} one")
        if made.get("version") == wanted["version"]:
            # That nobody knows what is accepted is said of the code.
            with suppress(SurveyError):
                unknown = strange(self.store, quantity.name, fingerprints)
                reasons += [
                    f"its code (fingerprint {each}) is none of those accepted for its version" for each in unknown
                ]
        return reasons + absent

    def _crossovers(self) -> list[str]:
        return self._sealed("crossovers", self.folder / "crossovers.nc", origins.of_crossovers(self.survey))

    def _finding(self, name: str) -> list[str]:
        return self._sealed("inference", self.folder / f"{name}.nc", origins.of_finding(self.survey, name))

    def _sealed(self, what: str, path: Path, wanted: dict) -> list[str]:
        if self.time(path) is None:
            return ["it does not exist", *self._sources(None, wanted)]
        try:
            with open_sealed(path) as dataset, damage_of(path):
                made = json.loads(getattr(dataset, origins.MADE_FROM, "{}"))
        except SurveyError as error:
            return [_unusable(error), *self._sources(None, wanted)]
        return self._differences(what, made, wanted)

    def diagram(self, name: str) -> list[str]:
        """What makes the three files of a diagram out of date."""
        wanted = origins.of_diagram(self.survey, name)
        paths = [self.folder / "diagrams" / f"{name}.{kind}" for kind in DIAGRAM_FILES]
        if missing := [path.name for path in paths if self.time(path) is None]:
            return [f"{', '.join(missing)}: it does not exist", *self._sources(None, wanted)]
        reasons = []
        for path in paths:
            try:
                made = origins.read_diagram(path)
            except OSError as error:
                reasons.append(f"{path.name} cannot be read ({error.strerror})")
            else:
                reasons += self._differences(f"diagrams.{name}", made, wanted)
        return list(dict.fromkeys(reasons))

    def page(self, label: str) -> list[str]:
        """What makes the page of a cube out of date."""
        wanted, path = origins.of_page(self.survey, label), self.page_path(label)
        if self.time(path) is None:
            return ["it does not exist", *self._sources(None, wanted)]
        try:
            made = origins.read_diagram(path)
        except OSError as error:
            return [f"it cannot be read ({error.strerror})"]
        return self._differences("page", made, wanted)

    def _differences(self, what: str, made: dict, wanted: dict) -> list[str]:
        """How what a file says that it was made from differs from what it is to be made from."""
        if not made:
            return ["it does not say what it was made from", *self._sources(None, wanted)]
        reasons = _changed(what, made.get("settings", {}), wanted["settings"]) + self._sources(made, wanted)
        return reasons or (["it was made from something else"] if made != wanted else [])

    def _sources(self, made: dict | None, wanted: dict) -> list[str]:
        """Which sources of a file do not exist, or are not those that it was made from; without anything made, which of
        them are out of date."""
        files = [(self.cube_path(label), self.cube, (label,)) for label in wanted["cubes"]]
        same = [
            made is not None and made.get("cubes", {}).get(label) == each for label, each in wanted["cubes"].items()
        ]
        if "crossovers" in wanted:
            files.append((self.folder / "crossovers.nc", self.crossovers, ()))
            same.append(made is not None and made.get("crossovers") == wanted["crossovers"])
        for name, each in wanted.get("findings", {}).items():
            files.append((self.folder / f"{name}.nc", self.finding, (name,)))
            same.append(made is not None and made.get("findings", {}).get(name) == each)
        reasons = []
        for (path, judge, which), equal in zip(files, same, strict=True):
            if equal and self.time(path) is not None:
                continue
            if why := judge(*which):
                reasons.append(f"its source {path} is out of date ({why[0]})")
            elif made is not None:
                reasons.append(f"it was made from another {path}")
        return reasons


def _unusable(error: SurveyError) -> str:
    return f"it is damaged ({error.found})" if isinstance(error, Damaged) else str(error)


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
