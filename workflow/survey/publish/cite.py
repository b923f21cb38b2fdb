"""What to cite for a survey: this software, the works that its quantities rest on, and the measurements it weighs."""

from dataclasses import dataclass
from importlib.metadata import version

from physics.references import REFERENCES, Reference, joined, names_in
from survey.provenance import git_commit
from survey.survey import Survey, cited

TITLE = "TLS atlas: what two-level systems do to electrons, heat and sound in disordered metals"
AUTHORS = "The TLS atlas developers"
YEAR = 2026


@dataclass(frozen=True)
class Cited:
    """A work with the name that sources give it, its equations, and the labels of the survey that rest on it. A work
    that is not in `physics.references` has no `reference`."""

    name: str
    source: str
    labels: tuple[str, ...]
    reference: Reference | None


def works(survey: Survey) -> list[Cited]:
    """The works that the labels of a survey rest on, in the order of their names."""
    sources = {label: cited(request) for label, request in survey.quantities.items()}
    found = []
    for name in sorted({name for source in sources.values() for name in names_in(source)}):
        labels = tuple(label for label, source in sources.items() if name in names_in(source))
        parts = [part for label in labels for part in sources[label].split("; ") if names_in(part) == [name]]
        found.append(Cited(name, joined(parts), labels, REFERENCES.get(name)))
    return found


def measured(survey: Survey) -> dict[str, str]:
    """The source of each measurement that a survey weighs, by its name."""
    samples = survey.inference.measurements if survey.inference else ()
    return {sample.name: sample.source for sample in samples}


def as_text(survey: Survey) -> str:
    """What to cite, for people."""
    lines = ["software", f'  {AUTHORS}, "{TITLE}", version {version("tls-atlas")}, commit {git_commit()} ({YEAR})']
    for work in works(survey):
        full = [f"  {work.reference.text}"] if work.reference else []
        lines += ["", work.source, *full, f"  for {', '.join(work.labels)}"]
    if samples := measured(survey):
        lines += ["", "measurements", *(f"  {name}: {source}" for name, source in samples.items())]
    return "\n".join(lines)


def as_bibtex(survey: Survey) -> str:
    """What to cite as a BibTeX file. Sources of measurements are comments: they are text that people write."""
    software = [
        "@software{tls_atlas,",
        f"  author = {{{{{AUTHORS}}}}},",
        f"  title = {{{{TLS}} atlas: {TITLE.partition(': ')[2]}}},",
        f"  version = {{{version('tls-atlas')}}},",
        f"  note = {{commit {git_commit()}}},",
        f"  year = {{{YEAR}}},",
        "}",
    ]
    entries = ["\n".join(software), *(work.reference.bibtex for work in works(survey) if work.reference)]
    comments = [f"% measurement {name}: {' '.join(source.split())}" for name, source in measured(survey).items()]
    return "\n\n".join([*entries, *comments])


def as_data(survey: Survey) -> dict:
    """What to cite as plain data."""
    return {
        "software": {"title": TITLE, "authors": AUTHORS, "version": version("tls-atlas"), "commit": git_commit()},
        "works": [
            {
                "name": work.name,
                "source": work.source,
                "labels": list(work.labels),
                "text": work.reference.text if work.reference else None,
                "doi": (work.reference.doi or None) if work.reference else None,
            }
            for work in works(survey)
        ],
        "measurements": measured(survey),
    }
