"""The files that are served: under which names, opened once, opened anew when they were replaced, one reader at a time.

A name is the folder and the file without its suffix, `gold_wire/dephasing`: the same for the file
results/gold_wire/dephasing.nc, for the folder results/gold_wire and for the folder results. Nobody who asks learns
where the files lie.
"""

import os
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import TypeVar

import netCDF4

from survey.cubes.read import open_cube
from survey.errors import Damaged, SurveyError

# Open at the same time, at up to some megabytes each.
OPEN = 16
STORE = "store"
T = TypeVar("T")


class NotThere(SurveyError):
    """A request names something that is not served."""


class Cubes:
    """The netCDF files of some places, each a file or a folder of results.

    Files that a run adds to a folder are served as soon as somebody asks for them. netCDF4 and HDF5 are not safe for
    several threads: whoever reads holds the one lock, which is what `cube` is for.
    """

    def __init__(self, places: Iterable[str | Path]):
        """SurveyError if a place is missing or holds no netCDF file, or if two files have one name."""
        self._places = [Path(os.path.abspath(place)) for place in places]
        self._paths: dict[str, Path] = {}
        self._open: dict[str, tuple[tuple, netCDF4.Dataset]] = {}
        self._kept: dict[tuple[str, Callable], tuple[tuple, object]] = {}
        self._lock = Lock()
        for place in self._places:
            if not place.exists():
                raise SurveyError(
                    f"{place}: there is no such file or folder; allowed: netCDF files, folders of results"
                )
            if not _files(place):
                raise SurveyError(f"{place}: there is no netCDF file in it; allowed: a folder of results, after a run")
        self._look()

    def names(self) -> list[str]:
        """The names of all files that are there now."""
        self._look()
        return sorted(self._paths)

    def path(self, name: str) -> Path:
        """Where a file lies; NotThere if the name is not one of those that are served, or the file is gone."""
        if name not in self._paths:
            self._look()
        path = self._paths.get(name)
        if path is None or not path.is_file():
            raise NotThere(f"{name}: nothing of this name is served; allowed: the names that /cubes lists")
        return path

    def identity(self, name: str) -> tuple:
        """What changes when a file is replaced or rewritten."""
        try:
            found = self.path(name).stat()
        except FileNotFoundError:
            raise NotThere(f"{name}: the file is gone") from None
        return found.st_ino, found.st_mtime_ns, found.st_size

    @contextmanager
    def cube(self, name: str) -> Iterator[netCDF4.Dataset]:
        """The open file of a name, for this thread alone as long as the block lasts; without masks.

        NotThere for an unknown name, Damaged if the file is not what was written.
        """
        with self._lock:
            path, identity = self.path(name), self.identity(name)
            known, opened = self._open.pop(name, (None, None))
            if opened is not None and (known != identity or not opened.isopen()):
                opened.close()
                opened = None
            if opened is None:
                opened = _opened(path)
            self._open[name] = identity, opened
            while len(self._open) > OPEN:
                self._open.pop(next(iter(self._open)))[1].close()
            try:
                yield opened
            except (Damaged, OSError, RuntimeError) as error:
                # What HDF5 has cached of it is not asked again.
                self._open.pop(name)[1].close()
                if isinstance(error, Damaged):
                    raise
                raise Damaged(path, str(error)) from error

    def keep(self, name: str, make: Callable[[netCDF4.Dataset], T]) -> T:
        """What `make` says of an open file, made once as long as the file is not replaced."""
        identity = self.identity(name)
        known, made = self._kept.get((name, make), (None, None))
        if known != identity:
            with self.cube(name) as cube:
                made = make(cube)
            self._kept[name, make] = identity, made
        return made

    def public(self, text: str) -> str:
        """The text with names in place of the paths of this machine."""
        for name, path in sorted(self._paths.items(), key=lambda item: -len(str(item[1]))):
            for written in {str(path), os.path.realpath(path)}:
                text = text.replace(written, name)
        return _PATH.sub(lambda found: found[0].rstrip("/").rpartition("/")[2], text)

    def close(self) -> None:
        """Close all files."""
        with self._lock:
            while self._open:
                self._open.popitem()[1][1].close()

    def _look(self) -> None:
        """Find the files that are there now."""
        found: dict[str, Path] = {}
        for path in (path for place in self._places for path in _files(place)):
            name = "/".join(_plain(part) for part in (path.parent.name, path.stem))
            if found.setdefault(name, path) != path:
                raise SurveyError(
                    f"{found[name]} and {path} would both be served as {name}; rename one, or leave it out"
                )
        self._paths = found


def _opened(path: Path) -> netCDF4.Dataset:
    try:
        return open_cube(path)
    except Damaged:
        raise
    except SurveyError as error:
        raise Damaged(path, "it cannot be read as netCDF") from error


# An absolute path in a message: two parts at least, up to what ends a word.
_PATH = re.compile(r"(?<![\w./])(?:/[^/\s:;,'\"()]+){2,}/?")


def _plain(text: str) -> str:
    """A part of a name, of characters that an address and a DAP dataset may have."""
    return re.sub(r"[^A-Za-z0-9_-]", "_", text) or "_"


def _files(place: Path) -> list[Path]:
    """The netCDF files of a place: itself, or those in it and in its folders, without the tiles and temporaries."""
    if not place.is_dir():
        return [place]
    inner = (folder for folder in sorted(place.iterdir()) if folder.is_dir() and folder.name != STORE)
    found = [path for folder in (place, *inner) for path in sorted(folder.glob("*.nc"))]
    return [path for path in found if path.is_file() and not path.name.startswith(".")]


def parts_of(name: str) -> tuple[str, str | None]:
    """The name of a file and the group in it that a name with three parts means."""
    first, _, rest = name.partition("/")
    second, _, group = rest.partition("/")
    return f"{first}/{second}", group or None


def group_of(cube: netCDF4.Dataset, name: str, group: str | None) -> netCDF4.Dataset:
    """A group of an open file, or the file; NotThere if it has no such group."""
    if group is None:
        return cube
    if group not in cube.groups:
        raise NotThere(f"{name}: it has no group {group!r}; allowed: {', '.join(cube.groups) or 'none'}")
    return cube.groups[group]
