"""What lies in the results and is of no use: tiles that no survey refers to, cubes and diagrams that their survey no
longer makes, and what killed jobs and damage left.

Results may be shared: what is of a survey that is not known here is not judged, and what its cubes were made from
stays.
"""

import json
import re
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from survey.config.load import load_survey, load_surveys
from survey.errors import Damaged, SurveyError
from survey.run.jobs import SURVEYS
from survey.run.marks import failed, key_of, running
from survey.store.files import alive, maker_of
from survey.store.known import families
from survey.store.origins import DIAGRAM_FILES, labels_with_pages, read_diagram
from survey.store.owner import is_of
from survey.store.sealed import damage_of, open_sealed
from survey.store.tiles import family_of, tiles_of
from survey.survey import Survey
from survey.words import count, size

TILES, LEFT, MARKS = "tiles that no survey refers to", "left by killed jobs", "marks of jobs that ended"
OUTPUTS, DAMAGED = (
    "cubes, crossovers, pages and diagrams that their survey no longer makes",
    "set aside because they were damaged",
)
# A temporary file of another machine is taken for left over when it was not written to for a day.
SILENCE = 86_400.0
_TILE = re.compile(r"(?P<family>[0-9a-f]{8})-[0-9a-f]*-[0-9a-f]{16}")


@dataclass(frozen=True)
class Useless:
    """One thing that can go, with all of its files."""

    kind: str
    files: tuple[Path, ...]

    @property
    def bytes(self) -> int:
        return sum(file.stat().st_size for file in self.files if file.exists())


def surveys_in_use(given: Iterable[Path], store: Path, config: Path = SURVEYS.parent / "config.yaml") -> list:
    """The surveys whose tiles are kept: those in the folder of surveys, of the configuration, of runs and jobs that go
    on now, and those given. SurveyError if there is none or if one is at fault, as nobody knows then what it needs."""
    paths = {path.resolve() for path in [*config.parent.glob("surveys/*.yaml"), *given]}
    for said in (mark.said for mark in running(store) if mark.alive):
        paths |= {Path(path) for path in (said.get("survey"), *said.get("surveys", ())) if path}
    if not paths and not config.exists():
        raise SurveyError(f"{config.parent / 'surveys'}: no survey file found; run this where they are, or name them")
    surveys, messages = [], []
    for load in [partial(_load, path) for path in sorted(paths)] + [partial(load_surveys, config)] * config.exists():
        try:
            surveys += load()
        except SurveyError as error:
            messages.append(str(error))
    if messages:
        reason = "which tiles these surveys need is not known, so that no tile can be said to be of no use"
        raise SurveyError("\n".join([*dict.fromkeys(messages), reason]))
    return list({survey.path.resolve(): survey for survey in surveys}.values())


def _load(path: Path) -> list:
    return [load_survey(path)]


@dataclass(frozen=True)
class Others:
    """Cubes of surveys that are not known here: by each family of tiles those that were made from it, and those that
    cannot be read, so that nobody knows which tiles they need."""

    families: dict[str, list[Path]]
    unread: dict[Path, str]


def cubes_of_others(surveys: Iterable[Survey], results: Path) -> Others:
    """The cubes below the results that are of none of these surveys. SurveyError if a folder may not be read."""
    known = {survey.name for survey in surveys if is_of(survey, results)}
    found = Others({}, {})
    for path in _cubes(Path(results)):
        if path.parent.name not in known:
            try:
                with open_sealed(path) as cube, damage_of(path):
                    if "configuration" in cube.ncattrs():
                        found.families.setdefault(family_of(json.loads(cube.configuration)), []).append(path)
            except SurveyError as error:
                found.unread[path] = str(error).removeprefix(f"{path}: ").split(";")[0]
    return found


def useless(surveys: Iterable[Survey], results: Path, others: Others) -> list[Useless]:
    """The tiles that neither these surveys nor any virtual cube of the results refer to and that no cube of others was
    made from, each with its log and benchmark; what their surveys make no more; and what is left over. SurveyError if
    a cube may not be read.

    Tiles that may hold cells of a tile that is still to be computed are kept: the cells are copied then.
    """
    surveys, results = list(surveys), Path(results)
    store = results / "store"
    tiles = {tile.digest: tile for survey in surveys for label in survey.quantities for tile in tiles_of(survey, label)}
    stored = {path.stem: path for path in sorted(store.glob("*/*.nc"))}
    missing = {tile.family: tile for digest, tile in tiles.items() if digest not in stored}
    extended = missing.keys() | {family for tile in missing.values() for family in families(store, tile)}
    marks = running(store)
    used = set(tiles) | {mark.key for mark in marks if mark.alive} | _in_virtual_cubes(results)
    found = []
    for digest, path in stored.items():
        name = _TILE.fullmatch(digest)
        if name and digest not in used and name["family"] not in extended | others.families.keys():
            found.append(_with_log(TILES, [path], path.parent, digest))
    for survey in surveys:
        if is_of(survey, results):
            found += _no_more_made(survey, results / survey.name)
            found += _pages_no_more_made(survey, results / survey.name)
    found += [Useless(DAMAGED, (path,)) for path in sorted(results.rglob("*.nc.damaged")) if path.is_file()]
    found += [Useless(LEFT, (path,)) for path in sorted(results.rglob(".*.tmp")) if _left(path)]
    found += [Useless(MARKS, (mark.path,)) for mark in marks if not mark.alive]
    jobs = {str(Path(survey.path).resolve()): _jobs(survey) for survey in surveys}
    for key, mark in failed(store).items():
        succeeded = key in stored or key not in used
        if succeeded if _TILE.fullmatch(key) else key not in jobs.get(mark.said.get("survey"), {key}):
            found.append(Useless(MARKS, (mark.path,)))
    return found


def _with_log(kind: str, files: list[Path], folder: Path, job: str) -> Useless:
    """Files with the log and the benchmark of the job that made them, where there are any."""
    beside = (folder / "logs" / f"{job}.log", folder / "benchmarks" / f"{job}.tsv")
    return Useless(kind, (*files, *(each for each in beside if each.exists())))


def _jobs(survey: Survey) -> set[str]:
    """The keys of the jobs that make the cubes, crossovers, findings and diagrams of a survey."""
    keys = {key_of(survey.name, "cube", label) for label in survey.quantities}
    keys |= {key_of(survey.name, "crossovers")} if survey.crossovers else set()
    keys |= {key_of(survey.name, "finding", name) for name in survey.findings}
    keys |= {key_of(survey.name, "page", label) for label in labels_with_pages(survey)}
    return keys | {key_of(survey.name, "diagram", name) for name in survey.diagrams}


def _no_more_made(survey: Survey, folder: Path) -> Iterator[Useless]:
    """What a survey made in its folder under names that it has no more; not what others may have put there."""
    for path in sorted(folder.glob("*.nc")):
        crossovers = path.stem == "crossovers"
        wanted = survey.crossovers if crossovers else path.stem in {*survey.quantities, *survey.findings}
        if not wanted and _made_by(survey, path):
            logs = [path.stem, f"assemble_{path.stem}"]
            log = next((name for name in logs if (folder / "logs" / f"{name}.log").exists()), logs[-1])
            yield _with_log(OUTPUTS, [path], folder, log)
    names = {path.stem for kind in DIAGRAM_FILES for path in folder.glob(f"diagrams/*.{kind}")}
    for name in sorted(names - survey.diagrams.keys()):
        files = [folder / "diagrams" / f"{name}.{kind}" for kind in DIAGRAM_FILES]
        own = [path for path in files if path.exists() and _names_itself(path)]
        if own:
            yield _with_log(OUTPUTS, own, folder, f"diagram_{name}")


def _pages_no_more_made(survey: Survey, folder: Path) -> Iterator[Useless]:
    """Pages of cubes that the survey has no more; a file that does not say what it was made from is not ours."""
    for path in sorted(folder.glob("explore/*.html")):
        if path.stem not in labels_with_pages(survey) and read_diagram(path):
            yield _with_log(OUTPUTS, [path], folder, f"page_{path.stem}")


def _made_by(survey: Survey, path: Path) -> bool:
    with suppress(SurveyError), open_sealed(path) as dataset:
        return getattr(dataset, "survey", None) == survey.name
    return False


def _names_itself(path: Path) -> bool:
    """Whether a picture says that it is the diagram of its name: each of ours does, with its kind."""
    content = path.read_bytes()
    return b"Diagram" in content and f"{path.stem} (".encode() in content


def _cubes(results: Path) -> list[Path]:
    """The netCDF files of surveys. A folder that may not be looked into raises OSError: it may hold cubes."""
    folders = [path for path in results.iterdir() if path.is_dir() and path.name != "store"] if results.exists() else []
    return sorted(path for folder in folders for path in folder.iterdir() if path.suffix == ".nc")


def _in_virtual_cubes(results: Path) -> set[str]:
    """The names of the tiles that hold the numbers of virtual cubes, whatever their surveys say by now."""
    from survey.cubes.virtual import tiles_of_cube

    used = set()
    for path in _cubes(results):
        # A damaged cube is made again from the tiles of its survey.
        with suppress(Damaged):
            used |= {tile.stem for tile in tiles_of_cube(path)}
    return used


def describe(found: list[Useless], results: Path, others: Others) -> str:
    """A list for people: every file with its size, and the sums; and what of the results is not judged, and why."""
    lines = []
    for path in sorted({path for paths in others.families.values() for path in paths}):
        lines.append(f"{path}: of no survey that is known here; the tiles it was made from stay")
    for path, reason in others.unread.items():
        lines.append(f"{path}: of no survey that is known here, and {reason}: tiles that it needs may be listed")
    for kind in (TILES, OUTPUTS, DAMAGED, LEFT, MARKS):
        own = [each for each in found if each.kind == kind]
        if own:
            lines.append(f"{kind}: {len(own):,}, {size(sum(each.bytes for each in own))}")
            lines += [f"  {each.files[0]}  {size(each.bytes)}" for each in own]
    lines.append(
        f"{count(len(found), 'thing')} to remove, {size(sum(each.bytes for each in found))}"
        if found
        else f"{results}: nothing to remove"
    )
    return "\n".join(lines)


def remove(found: Iterable[Useless]) -> None:
    """Remove them; SurveyError if a file cannot be removed."""
    for each in found:
        for file in each.files:
            try:
                file.unlink(missing_ok=True)
            except OSError as error:
                raise SurveyError(f"{file}: cannot be removed ({error.strerror})") from error


def _left(path: Path) -> bool:
    """Whether nobody writes to a temporary file any more."""
    process = maker_of(path)
    if process is not None:
        return not alive(process)
    try:
        return time.time() - path.stat().st_mtime > SILENCE
    except FileNotFoundError:
        return False
