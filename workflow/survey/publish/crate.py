"""A survey as a Workflow Run RO-Crate: one zip file with inputs, code, results, and what was made from what.

The profiles are those of https://www.researchobject.org/workflow-run-crate/: process, workflow and Workflow RO-Crate.
"""

import hashlib
import json
import shutil
import sys
import tempfile
import zipfile
from collections.abc import Iterable
from importlib.metadata import version
from pathlib import Path

import netCDF4
from rocrate.model.contextentity import ContextEntity
from rocrate.model.file import File
from rocrate.rocrate import ROCrate

from survey.errors import SurveyError
from survey.provenance import git_commit
from survey.publish.cite import AUTHORS, TITLE, as_bibtex, measured, works
from survey.run.jobs import Jobs
from survey.store.files import replacing
from survey.store.netcdf import is_virtual
from survey.store.origins import labels_with_pages
from survey.survey import Survey
from survey.words import count

ROOT = Path(__file__).parents[3]
# The code that makes the results, beside the files of the survey.
CODE = (
    "Makefile",
    "pyproject.toml",
    "requirements.lock",
    "environment.yml",
    "README.md",
    "physics",
    "workflow",
    "profiles",
)
PROFILES = {
    "https://w3id.org/ro/wfrun/process/0.5": "Process Run Crate",
    "https://w3id.org/ro/wfrun/workflow/0.5": "Workflow Run Crate",
    "https://w3id.org/workflowhub/workflow-ro-crate/1.0": "Workflow RO-Crate",
}
# Its context has the word sha256.
CONTEXT = "https://w3id.org/ro/terms/workflow-run/context"
LICENSE = "https://spdx.org/licenses/BSD-3-Clause"
PACKAGES = ("snakemake", "numpy", "scipy", "numba", "xarray", "dask", "netCDF4", "h5py", "matplotlib", "bokeh")
MEDIA = {
    ".nc": "application/netcdf",
    ".html": "text/html",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".yaml": "application/yaml",
    ".csv": "text/csv",
    ".bib": "text/x-bibtex",
    ".cff": "application/yaml",
}


def publish(survey: Survey, results: Path, target: Path) -> str:
    """Write the crate of a survey whose results are whole and up to date, and say what it holds.

    SurveyError names what is missing or out of date, and a virtual cube, which is nothing without its store.
    """
    files = _results(survey, results)
    with tempfile.TemporaryDirectory(dir=target.parent if target.parent.is_dir() else None) as folder:
        crate = _crate(survey, results, files, Path(folder))
        with replacing(target) as temporary:
            written = temporary.with_name(f"{temporary.name}.zip")
            crate.write_zip(written)
            written.replace(temporary)
    held = count(len(files), "result")
    return f"{target}: {held} of {survey.name}, its inputs and code, {count(len(works(survey)), 'reference')}"


def _results(survey: Survey, results: Path) -> list[Path]:
    """The files of a survey; SurveyError unless all are there and what the survey asks for."""
    jobs = Jobs([str(survey.path)], results)
    files = [Path(file) for file in jobs.index_sources()]
    missing = [file for file in files if not file.is_file()]
    steps = [("cube", label) for label in survey.quantities] + ([("crossovers", "")] if survey.crossovers else [])
    steps += [("page", label) for label in labels_with_pages(survey)]
    steps += [("finding", name) for name in survey.findings] + [("diagram", name) for name in survey.diagrams]
    stale = [file for step in steps for file in jobs.out_of_date(survey.name, *step)] if not missing else []
    for state, found in (("missing", missing), ("out of date", stale)):
        if found:
            names = ", ".join(str(file) for file in found[:5]) + (", …" if len(found) > 5 else "")
            run = f"run `snakemake --config surveys={survey.path}` first"
            raise SurveyError(f"{survey.path}: {count(len(found), 'result')} {state} ({names}); {run}")
    for file in files:
        if file.suffix == ".nc":
            with netCDF4.Dataset(file) as dataset:
                if is_virtual(dataset):
                    raise SurveyError(f"{file}: is virtual; allowed: `cube: copied` in its quantity, then run again")
    return files


def _crate(survey: Survey, results: Path, files: list[Path], folder: Path) -> ROCrate:
    crate = ROCrate()
    crate.metadata.extra_contexts.append(CONTEXT)
    crate.name = survey.title
    crate.description = f"Survey {survey.name} of the TLS atlas: {', '.join(survey.quantities)}"
    profiles = [
        crate.add(
            ContextEntity(crate, address, {"@type": "CreativeWork", "name": name, "version": address.split("/")[-1]})
        )
        for address, name in PROFILES.items()
    ]
    crate.root_dataset["conformsTo"] = profiles
    about = {"@type": "CreativeWork", "name": "BSD 3-Clause License"}
    crate.license = terms = crate.add(ContextEntity(crate, LICENSE, about))
    makers = crate.add(ContextEntity(crate, "#developers", {"@type": "Organization", "name": AUTHORS}))
    workflow = crate.add_workflow(
        ROOT / "Snakefile", "Snakefile", main=True, lang="snakemake", lang_version=version("snakemake")
    )
    given = crate.add(
        ContextEntity(
            crate,
            "#survey",
            {"@type": "FormalParameter", "additionalType": "File", "name": "survey", "valueRequired": True}
            | {"conformsTo": {"@id": "https://bioschemas.org/profiles/FormalParameter/1.0-RELEASE"}},
        )
    )
    workflow["input"], workflow["creator"], workflow["license"] = given, makers, terms
    workflow["name"] = TITLE
    inputs = [_file(crate, survey.path, f"config/surveys/{survey.name}.yaml", f"survey {survey.name}")]
    inputs[0]["exampleOfWork"] = given
    inputs += [_file(crate, path, f"config/measurements/{path.name}", what) for path, what in _measured(survey)]
    config = folder / "config.yaml"
    config.write_text(f"surveys: [{survey.name}]\n", encoding="utf-8")
    inputs.append(_file(crate, config, "config/config.yaml", "which surveys are run"))
    made = [
        _file(crate, path, f"results/{path.relative_to(results).as_posix()}", _what(survey, path)) for path in files
    ]
    _code(crate, folder)
    bibliography = folder / "references.bib"
    bibliography.write_text(as_bibtex(survey) + "\n", encoding="utf-8")
    _file(crate, bibliography, "references.bib", "what to cite")
    crate.root_dataset["citation"] = [_article(crate, work.reference) for work in works(survey) if work.reference]
    times = sorted(_times(files))
    action = crate.add_action(
        workflow,
        identifier="#run",
        object=inputs,
        result=made,
        properties={
            "name": f"run of the survey {survey.name}",
            "actionStatus": "http://schema.org/CompletedActionStatus",
        }
        | {"startTime": times[0], "endTime": times[-1], "agent": {"@id": "#developers"}},
    )
    crate.root_dataset["mentions"] = [action]
    workflow["softwareRequirements"] = [_software(crate, *each) for each in _versions(files)]
    return crate


def _file(crate: ROCrate, path: Path, place: str, name: str) -> File:
    """A file with its size and digest."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    about = {"name": name, "contentSize": str(path.stat().st_size), "sha256": digest}
    about |= {"encodingFormat": MEDIA[path.suffix]} if path.suffix in MEDIA else {}
    return crate.add_file(path, place, properties=about)


def _measured(survey: Survey) -> list[tuple[Path, str]]:
    """The files of the measurements that a survey weighs, each once."""
    found = {}
    for sample in survey.inference.measurements if survey.inference else ():
        source = measured(survey)[sample.name]
        beside = sorted(sample.path.parent.glob(f"{sample.path.stem}*.csv"))
        found |= {path: f"measurement {sample.name}: {source}" for path in [sample.path, *beside]}
        found |= {table.path: f"measurement {sample.name}: {source}" for table in sample.tables}
    return [(path, what) for path, what in found.items() if path.is_file()]


def _what(survey: Survey, path: Path) -> str:
    """What a file of the results is, in words."""
    if path.parent.name == "diagrams":
        return f"diagram {path.stem}"
    kind = "crossovers" if path.stem == "crossovers" else "cube" if path.stem in survey.quantities else "finding"
    return kind if kind == path.stem else f"{kind} {path.stem}"


def _code(crate: ROCrate, folder: Path) -> None:
    """The code as one folder of the crate, so that a run from the crate makes the same."""
    skip = shutil.ignore_patterns("__pycache__", "*.pyc", ".*")
    for name in CODE:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, folder / name, ignore=skip)
            crate.add_directory(folder / name, name, properties={"name": f"code: {name}"})
        elif source.is_file():
            _file(crate, source, name, f"code: {name}")
    for name in ("LICENSE", "CITATION.cff"):
        _file(crate, ROOT / name, name, name)


def _article(crate: ROCrate, reference) -> ContextEntity:
    address = f"https://doi.org/{reference.doi}" if reference.doi else f"#{reference.key}"
    about = {"@type": "ScholarlyArticle", "name": reference.title.replace("{", "").replace("}", "")}
    about |= {
        "author": ", ".join(reference.authors),
        "datePublished": str(reference.year),
        "description": reference.text,
    }
    return crate.add(ContextEntity(crate, address, about))


def _software(crate: ROCrate, name: str, number: str) -> ContextEntity:
    about = {"@type": "SoftwareApplication", "name": name, "softwareVersion": number}
    return crate.add(ContextEntity(crate, f"#{name}-{number}", about))


def _versions(files: Iterable[Path]) -> list[tuple[str, str]]:
    """The software that made the files as they say it themselves, each version, and what is installed."""
    said: dict[tuple[str, str], None] = {}
    for attributes in _attributes(files):
        if "package_version" in attributes:
            commit = attributes.get("git_commit", "unknown")
            said["tls-atlas", f"{attributes['package_version']}, commit {commit}"] = None
    installed = [(name, version(name)) for name in PACKAGES]
    here = ("tls-atlas", f"{version('tls-atlas')}, commit {git_commit()}")
    return [*dict.fromkeys([*said, here]), *installed, ("python", sys.version.split()[0])]


def _times(files: Iterable[Path]) -> list[str]:
    """When the cubes were made."""
    return [attributes["date_created"] for attributes in _attributes(files) if "date_created" in attributes]


def _attributes(files: Iterable[Path]) -> list[dict]:
    found = []
    for file in files:
        if file.suffix == ".nc":
            with netCDF4.Dataset(file) as dataset:
                found.append(dict(dataset.__dict__))
    return found


def read(path: Path) -> dict[str, dict]:
    """The entities of a crate by their names, once each file of it is seen to have its digest; SurveyError if not."""
    with zipfile.ZipFile(path) as crate:
        graph = {each["@id"]: each for each in json.loads(crate.read("ro-crate-metadata.json"))["@graph"]}
        for name, entity in graph.items():
            if "sha256" in entity:
                with crate.open(name) as file:
                    if hashlib.file_digest(file, "sha256").hexdigest() != entity["sha256"]:
                        raise SurveyError(f"{path}: {name} is not what the crate says (sha256)")
    return graph
