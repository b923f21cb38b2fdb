"""Survey files: read, held against the vocabulary and the registry, and made into a `Survey`."""

import re
from collections.abc import Sequence
from pathlib import Path

from survey.config import checks as resolve_drawing
from survey.config import crossovers as resolve_crossovers
from survey.config import quantities as resolve
from survey.config import yaml as documents
from survey.config.base import NAME, NAME_RULE
from survey.config.faults import Faults, validated
from survey.errors import SurveyError
from survey.survey import Survey
from survey.words import nearest_name


def load_survey(path: str | Path) -> Survey:
    """The survey in a YAML file. Raises SurveyError that names every fault of the file, one on a line."""
    path = Path(path)
    data, lines = documents.read(path)
    faults = Faults(path, lines)
    if not re.fullmatch(NAME, path.stem) or path.stem.lower() == "store":
        faults.add((), f"found the survey name {path.stem!r}, from the file's name; allowed: {NAME_RULE}; not `store`")
    file = validated(data, faults)
    resolve.refuse_alike(file, faults)
    requests = resolve.quantities(file, faults)
    grid = resolve.axes(file, faults)
    constants = resolve.constants(file, faults)
    resolve.fit(data, requests, faults)
    resolve.within_domains(grid, constants, requests, faults)
    resolve.refuse_empty_grid(grid, requests, faults)
    resolve.refuse_huge_grid(file, grid, requests, faults)
    crossovers = resolve_crossovers.crossovers(file, requests, grid, faults)
    diagrams = resolve_drawing.diagrams(file, requests, grid, crossovers, faults)
    faults.raise_if_any()
    return Survey(path.stem, path, file.title or path.stem, grid, constants, requests, crossovers, diagrams)


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
