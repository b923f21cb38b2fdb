"""Measurements: their files read and held against the vocabulary, and made into a `Measurement`."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from physics import PARAMETERS, QUANTITIES
from survey.config.measured.cells import Row, TableFaults, read_rows, relative, rows_of, rows_of_square
from survey.config.measured.file import STAND_INS, Constant, MeasurementFile
from survey.config.measured.table import table_of
from survey.errors import SurveyError
from survey.measurement import OBSERVABLES, Measurement, Table, background_constants
from survey.units import parse
from survey.words import nearest_name, quoted
from survey.written import yaml as documents
from survey.written.faults import Faults, Refused
from survey.written.settings import NAME, NAME_RULE
from survey.written.validation import validated_as

# What says where a value was measured, and what the data are asked for.
_NOT_GIVEN = {
    **dict.fromkeys(("T", "omega", "t_exp"), "it says where a value was measured; allowed: with a table"),
    **dict.fromkeys(("Lambda0", "Pd", "chi", "Estar"), "it is what the data are asked for; allowed: the material"),
}
# Of every sample: they tie the cross-section of a level to its coupling, and set the shortest time.
_ALWAYS = ("eps_F", "v_F", "tau")


@dataclass(frozen=True)
class _Text:
    """Rows of text, which are read when they are asked for, and where they are."""

    path: Path
    rows: Callable[[Faults], list[Row]]


@dataclass(frozen=True)
class _Source:
    """A table before it is read: what was measured, its text, what all rows have in common, and the covariance."""

    observable: str
    text: _Text
    at: Mapping[str, float] = field(default_factory=dict)
    covariance: _Text | None = None


def load_measurement(path: str | Path) -> Measurement:
    """The measurement in a YAML file and the CSV files beside it. Raises SurveyError that names every fault of all the
    files, one on a line: file, line, column, found, allowed."""
    path = Path(path)
    data, lines = documents.read(path)
    faults = Faults(path, lines)
    if not re.fullmatch(NAME, path.stem):
        faults.add((), f"found the name {path.stem!r}, from the file's name; allowed: {NAME_RULE}")
    file = validated_as(MeasurementFile, data, faults, STAND_INS)

    def beside(name: str) -> _Text:
        return _Text(path.parent / name, partial(read_rows, path.parent / name))

    first = file.file or f"{path.stem}.csv"
    sources = [] if faults.below("file") else [_Source("tau_phi", beside(first), {}, _if(beside, file.covariance))]
    for position, each in enumerate(file.tables):
        at = _common(each.observable, each.at, ("tables", position, "at"), faults)
        sources.append(_Source(each.observable, beside(each.file), at, _if(beside, each.covariance)))
    return _measurement(path, path.stem, file, sources, faults)


def is_measurement(path: str | Path) -> bool:
    """Whether a file says how something was measured, as no survey does; what cannot be read says nothing."""
    try:
        keys = documents.read(Path(path))[0].keys()
    except SurveyError:
        return False
    return bool(keys & {"geometry", "definition"}) and not keys & {"axes", "quantities"}


def measurement_of(
    table: Any, *, name: str = "measurement", covariance: Any = None, tables: Mapping | None = None, **about: Any
) -> Measurement:
    """The measurement in a table of pandas, or a dict of columns, with the same headers as a CSV file.

    `table` is that of tau_phi, `covariance` the one of ln(tau_phi), a square of numbers in the order of the table, in
    place of its column sigma; `tables` are those of other observables by their names. `about` are the keys of a YAML
    file: title, source, geometry, definition, constants, known, synthetic. Raises SurveyError that names every fault,
    as `load_measurement` does, with the row, from 1, in place of the line.
    """
    faults = Faults(name, {})
    if not isinstance(name, str) or not re.fullmatch(NAME, name):
        faults.add(("name",), f"found {name!r}; allowed: {NAME_RULE}")
    if "file" in about:
        faults.add(("file",), "found the name of a file; allowed: the table as the first argument")
    file = validated_as(MeasurementFile, about, faults, STAND_INS)

    def text(content: Any, what: str, rows: Callable = rows_of) -> _Text:
        return _Text(Path(f"{name}, {what}"), partial(rows, content))

    square = None if covariance is None else text(covariance, "covariance", rows_of_square)
    sources = [_Source("tau_phi", text(table, "tau_phi"), {}, square)]
    allowed = [each for each in OBSERVABLES if each != "tau_phi"]
    if not isinstance(tables, Mapping | None):
        faults.add(("tables",), f"found {quoted(tables)}; allowed: a mapping from observable to table")
        tables = None
    for observable, each in (tables or {}).items():
        if observable in allowed:
            sources.append(_Source(observable, text(each, observable)))
        else:
            faults.add(("tables", observable), f"unknown observable; {nearest_name(observable, allowed)}")
    return _measurement(Path(f"{name}"), f"{name}", file, sources, faults, "row")


def measurements_named(names: str | Sequence[str] | None, folder: str | Path) -> list[Measurement]:
    """The measurements with these names in `folder`; a name that ends in .yaml or .yml is a path instead.

    `names` is a name, several names with commas between them, or a list of names. Raises SurveyError that names every
    fault of all the files.
    """
    names = [name.strip() for name in names.split(",")] if isinstance(names, str) else names
    if not isinstance(names, list | tuple) or not names or not all(isinstance(name, str) and name for name in names):
        raise SurveyError(f"measurements: found {names!r}, must be a list of names, e.g. [synthetic_gold_wire]")
    found: dict[str, Measurement] = {}
    messages = []
    for name in names:
        try:
            each = load_measurement(_path_of(name, Path(folder)))
        except SurveyError as error:
            messages.append(str(error))
            continue
        other = found.setdefault(each.name.lower(), each)
        if other is not each:
            messages.append(f"measurements: {other.path} and {each.path} have the same name; allowed: each once")
    if messages:
        raise SurveyError("\n".join(messages))
    return list(found.values())


def _path_of(name: str, folder: Path) -> Path:
    if name.endswith((".yaml", ".yml")):
        return Path(name)
    path = folder / f"{name}.yaml"
    if not re.fullmatch(NAME, name) or not path.is_file():
        hint = nearest_name(name, sorted(each.stem for each in folder.glob("*.yaml")))
        raise SurveyError(f"measurements: there is no measurement {name!r} in {folder}; {hint}, or a path")
    return path


def _if(made: Callable[[str], _Text], name: str | None) -> _Text | None:
    return None if name is None else made(name)


def _measurement(
    path: Path, name: str, file: MeasurementFile, sources: Sequence[_Source], faults: Faults, word: str = "line"
) -> Measurement:
    """The measurement that a file and its tables make; `word` says what is counted in a table."""
    constants, uncertainties = _constants(file.constants, "constants", faults)
    others, spread = _constants(file.known, "known", faults)
    for each in file.constants.keys() & file.known.keys():
        faults.add(("known", each), "it is under `constants` too; allowed: one of them")
    if file.truth and not file.synthetic:
        faults.add(("truth",), "found with what was measured; allowed: with `synthetic: true`")
    _refuse_incomplete(file, sources, faults)
    messages = _messages(faults)
    tables = [_table(source, word, messages) for source in sources]
    if messages:
        raise Refused("\n".join(messages))
    return Measurement(
        name=name,
        path=path,
        title=file.title,
        source=file.source,
        synthetic=file.synthetic,
        geometry=file.geometry,
        definition=file.definition,
        constants=constants,
        uncertainties=uncertainties,
        known={each: (value, spread.get(each, 0.0)) for each, value in others.items()},
        tables=tuple(table for table in tables if table),
    )


def _refuse_incomplete(file: MeasurementFile, sources: Sequence[_Source], faults: Faults) -> None:
    """Nothing can be predicted for a sample of which a constant is missing."""
    if not file.constants and faults.below("constants"):
        return
    needed: dict[str, str] = {}
    if not faults.below("geometry"):
        needed = dict.fromkeys(background_constants(file.geometry), f"a {file.geometry}")
    needed |= {name: source.observable for source in sources for name in OBSERVABLES[source.observable].needs}
    for name, what in (dict.fromkeys(_ALWAYS, "tau_phi") | needed).items():
        if name not in file.constants and not faults.below("constants", name):
            parameter = PARAMETERS[name]
            unit = "" if parameter.unit == "1" else f", in {parameter.unit}"
            faults.add(("constants",), f"found no {name}, needed for {what}; allowed: with {parameter.long_name}{unit}")


def _table(source: _Source, word: str, messages: list[str]) -> Table | None:
    """A table; None, with messages, if there is none."""
    faults, theirs = TableFaults(source.text.path, word), None
    try:
        rows, covariance = source.text.rows(faults), None
        if source.covariance is not None:
            theirs = TableFaults(source.covariance.path, word)
            covariance = source.covariance.rows(theirs), theirs
        table = table_of(source.observable, source.text.path, rows, faults, source.at, covariance)
    except SurveyError as error:
        messages.append(str(error))
        return None
    messages += _messages(faults) + ([] if theirs is None else _messages(theirs))
    return table


def _messages(faults: Faults) -> list[str]:
    try:
        faults.raise_if_any()
    except Refused as refused:
        return [str(refused)]
    return []


def _common(observable: str, written: Mapping, where: tuple, faults: Faults) -> dict[str, float]:
    """What all rows of a table have in common, in the vocabulary's units; without what is at fault."""
    common = {}
    allowed = OBSERVABLES[observable].at
    for name, text in written.items():
        if name not in allowed:
            faults.add((*where, name), f"{observable} is not measured at one; {nearest_name(name, allowed)}")
            continue
        with faults.at(*where, name):
            value = parse(text, PARAMETERS[name])
            OBSERVABLES[observable].predicted_by.check(name, value)
            common[name] = value
    return common


def _constants(written: Mapping[str, Constant], section: str, faults: Faults) -> tuple[dict, dict]:
    """Constants in the vocabulary's units, and the relative uncertainties of those that have one."""
    values, uncertainties = {}, {}
    for name, constant in written.items():
        if name not in PARAMETERS:
            faults.add((section, name), f"unknown constant; {nearest_name(name, PARAMETERS)}")
        elif name in _NOT_GIVEN:
            faults.add((section, name), _NOT_GIVEN[name])
        else:
            with faults.at(section, name):
                value = parse(constant.value, PARAMETERS[name])
                QUANTITIES["dephasing"].check(name, value)
                values[name] = value
            if constant.uncertainty is not None:
                with faults.at(section, name, "uncertainty"):
                    uncertainties[name] = relative(constant.uncertainty)
    return values, uncertainties
