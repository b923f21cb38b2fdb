"""Survey files: read, held against the vocabulary and the registry, and made into a `Survey`."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from physics import QUANTITIES
from survey.config import axes, crossovers, defaults, diagrams, inference, levels, quantities
from survey.config.file import SurveyFile, validated
from survey.config.inferred import figures
from survey.errors import SurveyError
from survey.survey import Survey
from survey.words import nearest_name
from survey.written import yaml as documents
from survey.written.faults import Faults
from survey.written.settings import NAME, NAME_RULE


def load_survey(path: str | Path) -> Survey:
    """The survey in a YAML file. Raises SurveyError that names every fault of the file, one on a line."""
    path = Path(path)
    data, lines = documents.read(path)
    faults = Faults(path, lines)
    if not re.fullmatch(NAME, path.stem) or path.stem.lower() == "store":
        faults.add((), f"found the survey name {path.stem!r}, from the file's name; allowed: {NAME_RULE}; not `store`")
    file = validated(data, faults)
    _refuse_alike(file, faults)
    systems = levels.systems(file.levels, faults)
    if faults.below("levels"):
        # What the quantities depend on hangs on them: nothing else could be judged.
        faults.raise_if_any()
    if not file.quantities and file.inference is None and not faults.below("quantities"):
        faults.add(("quantities",), f"found no entries; allowed: at least one of {', '.join(QUANTITIES)}")
    requests = quantities.quantities(file.quantities, file.axes, file.constants, systems, faults)
    grid = axes.axes(file.axes, faults)
    constants = axes.constants_of(file.constants, ("constants",), faults)
    quantities.fit(data, requests, faults)
    quantities.within_domains(grid, constants, requests, systems, faults)
    if len(requests) == len(file.quantities):
        levels.refuse_unused(systems, requests, faults)
    quantities.refuse_empty_grid(grid, requests, faults)
    quantities.refuse_huge_grid(file.most_cells, grid, requests, faults)
    written = file.crossovers
    located = (
        defaults.defaults(requests, grid) if written is None else crossovers.crossovers(written, requests, grid, faults)
    )
    dropped = defaults.left_out(written, requests, grid)
    known = diagrams.Known(requests, grid, constants, file.axes, located, dropped)
    drawn, pictures = diagrams.diagrams(file.diagrams, known, faults)
    inferred, tables = inference.inference(file.inference, path, requests, faults)
    drawn |= figures.figures(inferred, file.diagrams, faults)
    faults.raise_if_any()
    title, notes = file.title or path.stem, _notes(dropped) if written is None else ()
    return Survey(
        path.stem, path, title, grid, constants, requests | pictures | tables, located, drawn, inferred, notes
    )


def _notes(dropped: Mapping[str, tuple[str, str]]) -> tuple[str, ...]:
    """One line for each quantity and reason of default crossovers that are not located."""
    names: dict[tuple[str, str], list[str]] = {}
    for name, why in dropped.items():
        names.setdefault(why, []).append(name)
    return tuple(
        f"no default crossovers {', '.join(each)} of {quantity}: {reason}; for any of them write an entry under "
        "`crossovers`, or `crossovers: {}` for none"
        for (quantity, reason), each in names.items()
    )


def _refuse_alike(file: SurveyFile, faults: Faults) -> None:
    """Names become names of files and of variables in them: on many disks `A` and `a` are one file."""
    for section in ("quantities", "crossovers", "diagrams"):
        known: dict[str, str] = {}
        for name in getattr(file, section) or ():
            other = known.setdefault(name.lower(), name)
            if other != name:
                found = f"found {other!r} and {name!r}, which are one file where case does not count"
                faults.add((section, name), f"{found}; allowed: names that differ in more than that")


def load_surveys(config: str | Path) -> list[Survey]:
    """The surveys that a configuration file names: `surveys: [gold_wire]` is surveys/gold_wire.yaml beside it."""
    config = Path(config)
    data, _ = documents.read(config)
    for key in data:
        if key != "surveys":
            raise SurveyError(f"{config}: {key}: unknown key; {nearest_name(key, ['surveys'])}")
    return surveys_named(data.get("surveys"), config.parent / "surveys")


def surveys_named(names: str | Sequence[str] | None, folder: str | Path) -> list[Survey]:
    """The surveys with these names in `folder`; a name that ends in .yaml or .yml is a path instead.

    `names` is a name, several names with commas between them, or a list of names. Raises SurveyError that names every
    fault of all the files.
    """
    names = [name.strip() for name in names.split(",")] if isinstance(names, str) else names
    if not isinstance(names, list | tuple) or not names or not all(isinstance(name, str) and name for name in names):
        raise SurveyError(f"surveys: found {names!r}, must be a list of names, e.g. [gold_wire]")
    surveys, messages = [], []
    for name in names:
        try:
            surveys.append(load_survey(_path_of(name, Path(folder))))
        except SurveyError as error:
            messages.append(str(error))
    if messages:
        raise SurveyError("\n".join(messages))
    paths: dict[str, Path] = {}
    for survey in surveys:
        other = paths.setdefault(survey.name.lower(), survey.path)
        if other is not survey.path:
            raise SurveyError(
                f"surveys: {other} and {survey.path} have the same name, or one that differs in case alone and is the "
                "same folder on many disks; allowed: each once"
            )
    return surveys


def _path_of(name: str, folder: Path) -> Path:
    if name.endswith((".yaml", ".yml")):
        return Path(name)
    path = folder / f"{name}.yaml"
    if not re.fullmatch(NAME, name) or not path.is_file():
        known = sorted(each.stem for each in folder.glob("*.yaml"))
        raise SurveyError(f"surveys: there is no survey {name!r} in {folder}; {nearest_name(name, known)}, or a path")
    return path
