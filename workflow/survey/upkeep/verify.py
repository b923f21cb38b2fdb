"""Hold every file of the results against its own checksums, seal and stamp, and name those that fail."""

import json
import os
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import netCDF4

from survey.cubes.read import read_region, regions
from survey.cubes.virtual import close_tiles, refuse_missing, tiles_of_cube
from survey.errors import Damaged, SurveyError
from survey.store.netcdf import is_virtual
from survey.store.sealed import digest_in, open_sealed
from survey.store.stamps import recorded, stamp_path
from survey.store.tiles import tiles_of
from survey.survey import Survey
from survey.words import count


@dataclass(frozen=True)
class Damage:
    """A file that is not what it should be, why, and what mends it. `removable`: the next run makes it again."""

    path: Path
    reason: str
    mend: str = "delete it (--delete does), and the next run of snakemake makes it again"
    removable: bool = True


def files_of(surveys: Iterable[Survey], results: Path) -> list[Path]:
    """The tiles, cubes and crossovers of some surveys, as far as they exist, and the tiles of their cubes."""
    results = Path(results)
    found = {}
    for survey in surveys:
        cubes = _netcdf(results / survey.name)
        tiles = [tile.path(results / "store") for label in survey.quantities for tile in tiles_of(survey, label)]
        for cube in cubes:
            # A cube that cannot be read is verified itself.
            with suppress(SurveyError):
                tiles += [results / "store" / tile.parent.name / tile.name for tile in tiles_of_cube(cube)]
        found |= dict.fromkeys([path for path in tiles if path.exists()] + cubes)
    return list(found)


def all_files(results: Path) -> list[Path]:
    """Every tile, cube and crossovers below a folder of results."""
    results = Path(results)
    folders = [folder for folder in sorted(results.glob("*")) if folder.is_dir() and folder.name != "store"]
    folders += [folder for folder in sorted((results / "store").glob("*")) if folder.is_dir()]
    return [path for folder in folders for path in _netcdf(folder)]


def verify(files: list[Path], results: Path, tell: Callable[[int], None] = lambda done: None) -> list[Damage]:
    """What is damaged among some files of the results; `tell` is told how many are checked. Memory stays bounded."""
    store = Path(results) / "store"
    found = {}
    close_tiles()
    for number, path in enumerate(files, start=1):
        damage = _checked(store, path)
        if damage:
            found[damage.path] = damage
        tell(number)
    return list(found.values())


def remove(damage: Iterable[Damage]) -> list[Path]:
    """Remove the damaged files that the next run makes again, and return them; SurveyError if one cannot be removed."""
    removed = []
    for each in damage:
        if each.removable:
            try:
                each.path.unlink(missing_ok=True)
            except OSError as error:
                raise SurveyError(f"{each.path}: cannot be removed ({error.strerror}); remove it by hand") from error
            removed.append(each.path)
    return removed


def describe(damage: list[Damage], removed: list[Path], checked: int) -> str:
    """Every damaged file for people, with what to do."""
    lines = []
    for each in damage:
        done = "removed; the next run of snakemake makes it again"
        lines += [f"{each.path}: {each.reason}", f"  {done if each.path in removed else each.mend}"]
    return "\n".join([*lines, f"{count(checked, 'file')} checked, {len(damage)} damaged"])


def _netcdf(folder: Path) -> list[Path]:
    """The netCDF files in a folder. OSError if it may not be looked into: what is in it is not sound unseen."""
    return sorted(path for path in folder.iterdir() if path.suffix == ".nc") if folder.exists() else []


def _checked(store: Path, path: Path) -> Damage | None:
    if path.is_dir():
        return Damage(path, "a folder, where a file belongs", "move it away, and the next run makes the file", False)
    if path.is_symlink() and not path.exists():
        return Damage(path, f"a link to {path.readlink()}, which does not exist")
    if not os.access(path, os.R_OK):
        # It may have gone meanwhile, and then there is nothing to check.
        return Damage(path, "no permission to read it", "let yourself read it", False) if path.exists() else None
    try:
        with open_sealed(path) as dataset:
            damage = _tile(store, path, dataset) if path.parent.parent == store else _output(store, path, dataset)
            for name, variable in dataset.variables.items():
                if is_virtual(dataset) and name not in dataset.dimensions:
                    # Its numbers are those of its tiles, which are verified themselves.
                    continue
                for region in regions(variable.shape, variable.chunking()):
                    read_region(dataset, name, region)
            for group in dataset.groups.values():
                for variable in group.variables.values():
                    variable[...]
            refuse_missing(path, tiles_of_cube(path))
            return damage
    except Damaged as error:
        return Damage(path, f"damaged ({error.found})")
    except SurveyError as error:
        # The file itself is whole: a tile that it refers to is missing, or it cannot be read now.
        reason, _, mend = str(error).removeprefix(f"{path}: ").partition("; ")
        return Damage(path, reason, mend or "see to that and verify again", False)
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        # HDF5's own structures are not under any checksum, and nonsense in them fails in many ways.
        return Damage(path, f"damaged ({type(error).__name__}: {error})")


def _tile(store: Path, path: Path, dataset: netCDF4.Dataset) -> Damage | None:
    name = digest_in(dataset)
    if name != path.stem.rpartition("-")[2]:
        mend = f"move it out of the store, or give it its own name, that ends in {name}.nc"
        return Damage(path, f"holds another tile than its name says ({dataset.identity})", mend, False)
    made = json.loads(dataset.identity)
    return _stamp(store, path, made["quantity"], made["version"], [dataset.quantity_fingerprint])


def _output(store: Path, path: Path, dataset: netCDF4.Dataset) -> Damage | None:
    if "quantity_fingerprint" not in dataset.ncattrs():
        return None
    name, version = dataset.quantity, int(dataset.quantity_version)
    # A cube outlives its tiles and their stamp; then there is nothing to hold it against.
    if not stamp_path(store, name, version).exists():
        return None
    return _stamp(store, path, name, version, dataset.quantity_fingerprint.split())


def _stamp(store: Path, path: Path, name: str, version: int, fingerprints: list[str]) -> Damage | None:
    known = recorded(store, name, version)
    if known is None:
        stamp = stamp_path(store, name, version)
        reason = f"{'no stamp' if stamp.exists() else 'there is no such stamp'}, and tiles of version {version}"
        mend = "the tiles say what it said: the next run, or `survey restamp`, writes that of the present version again"
        return Damage(stamp, reason, mend, False)
    strange = sorted(set(fingerprints) - set(known))
    if strange:
        reason = f"computed by code (fingerprint {', '.join(strange)}) that is not known to give the numbers of version"
        mend = f"`survey restamp {name}` compares its tiles and accepts them if they agree; a cube is made again"
        return Damage(path, f"{reason} {version} of {name}", mend, False)
    return None
