"""What lies in the results and is of no use: tiles that no survey refers to, and what killed jobs left."""

import re
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from socket import gethostname

from survey.config import load_survey, load_surveys
from survey.errors import Damaged, SurveyError
from survey.jobs import SURVEYS
from survey.marks import failed, running
from survey.phrases import count, size
from survey.processes import alive
from survey.tiles import tiles_of

TILES, LEFT, MARKS = "tiles that no survey refers to", "left by killed jobs", "marks of jobs that ended"
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
    return surveys


def _load(path: Path) -> list:
    return [load_survey(path)]


def useless(surveys: Iterable, results: Path) -> list[Useless]:
    """The tiles that neither these surveys nor any virtual cube of the results refer to, each with its log and
    benchmark, and what is left over. SurveyError if a cube may not be read.

    Tiles that may hold cells of a tile that is still to be computed are kept: the cells are copied then.
    """
    store = Path(results) / "store"
    tiles = {tile.digest: tile for survey in surveys for label in survey.quantities for tile in tiles_of(survey, label)}
    stored = {path.stem: path for path in sorted(store.glob("*/*.nc"))}
    extended = {tile.family for digest, tile in tiles.items() if digest not in stored}
    marks = running(store)
    used = set(tiles) | {mark.key for mark in marks if mark.alive} | _in_virtual_cubes(Path(results))
    found = []
    for digest, path in stored.items():
        name = _TILE.fullmatch(digest)
        if name and digest not in used and name["family"] not in extended:
            beside = (path.parent / "logs" / f"{digest}.log", path.parent / "benchmarks" / f"{digest}.tsv")
            found.append(Useless(TILES, (path, *(each for each in beside if each.exists()))))
    found += [Useless(LEFT, (path,)) for path in sorted(Path(results).rglob(".*.tmp")) if _left(path)]
    found += [Useless(MARKS, (mark.path,)) for mark in marks if not mark.alive]
    for key, mark in failed(store).items():
        if _TILE.fullmatch(key) and (key in stored or key not in used):
            found.append(Useless(MARKS, (mark.path,)))
    return found


def _in_virtual_cubes(results: Path) -> set[str]:
    """The names of the tiles that hold the numbers of virtual cubes, whatever their surveys say by now."""
    from survey.virtual import tiles_of_cube

    used = set()
    for path in results.glob("*/*.nc"):
        # A damaged cube is made again from the tiles of its survey.
        with suppress(Damaged):
            used |= {tile.stem for tile in tiles_of_cube(path)}
    return used


def describe(found: list[Useless], results: Path) -> str:
    """A list for people: every file with its size, and the sums."""
    lines = []
    for kind in (TILES, LEFT, MARKS):
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
    own = re.fullmatch(rf".*\.{re.escape(gethostname())}\.(\d+)\.tmp", path.name)
    if own:
        return not alive(int(own[1]))
    try:
        return time.time() - path.stat().st_mtime > SILENCE
    except FileNotFoundError:
        return False
