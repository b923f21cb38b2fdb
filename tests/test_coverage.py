"""The page on what of the papers is here: every name on it exists, and it has every numbered equation."""

import re
from collections import Counter
from importlib import import_module
from pathlib import Path

import pytest

from physics import QUANTITIES
from physics.laws import LAWS
from survey.written.yaml import read

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "coverage.md").read_text(encoding="utf-8")
# Above the first paper the kinds of names are explained.
PAPERS = {part[:3]: part for part in PAGE.split("\n## Paper ")[1:]}
TABLES = "".join(PAPERS.values())
NAMES = sorted(set(re.findall(r"`([^`]+)`", TABLES)))
LINKS = sorted(set(re.findall(r"\[([^]]+)\]\(([^)]+)\)", TABLES)))
CHAPTERS = {2: 26, 3: 21, 4: 16, 5: 25, 6: 25, 7: 9}
EQUATIONS = {
    "000": [f"{n}" for n in range(1, 14)],
    "001": [f"{n}" for n in range(1, 58)] + [f"A{n}" for n in range(1, 7)],
    "002": [f"{n}" for n in range(1, 13)],
    "003": [f"{chapter}.{n}" for chapter, count in CHAPTERS.items() for n in range(1, count + 1)],
    "004": [f"{n}" for n in range(1, 25)],
}


def exists(name: str) -> bool:
    """Whether there is what a name on the page stands for."""
    if name.startswith("law "):
        quantity, _, law = name.removeprefix("law ").partition(".")
        return law in LAWS.get(quantity, {})
    if name.startswith("tests/"):
        path, _, test = name.partition("::")
        return (ROOT / path).is_file() and f"\ndef {test}" in (ROOT / path).read_text(encoding="utf-8")
    if ":" in name:
        module, function = name.split(":")
        try:
            return callable(getattr(import_module(f"physics.{module}"), function, None))
        except ModuleNotFoundError:
            return False
    if "/" in name:
        survey, diagram = name.split("/")
        path = ROOT / "config" / "surveys" / f"{survey}.yaml"
        return path.is_file() and diagram in read(path)[0].get("diagrams", {})
    found = re.fullmatch(r"(\w+)(?:\((\w+)=(\w+)\))?(?:\.(\w+))?", name)
    if not found or found[1] not in QUANTITIES:
        return False
    quantity = QUANTITIES[found[1]]
    variables = {variable.name for variable in quantity.variables}
    return (not found[2] or found[3] in quantity.options.get(found[2], {})) and (not found[4] or found[4] in variables)


def headings(page: str) -> dict[str, str]:
    """The anchors of a page, as GitHub makes them, with the text below each heading down to the next of its rank."""
    lines, seen, found = page.splitlines(), Counter(), {}
    for number, line in enumerate(lines):
        if rank := re.match(r"#+(?= )", line):
            slug = re.sub(r"[^\w\- ]", "", line[rank.end() + 1 :].lower()).replace(" ", "-")
            anchor = f"{slug}-{seen[slug]}" if seen[slug] else slug
            seen[slug] += 1
            ends = (n for n in range(number + 1, len(lines)) if re.match(rf"#{{1,{rank.end()}}} ", lines[n]))
            found[anchor] = "\n".join(lines[number : next(ends, len(lines))])
    return found


def equations(table: str) -> set[str]:
    """The numbers in the first column of a table, ranges written out."""
    found = set()
    for row in re.findall(r"^\| ([^|]*) \|", table, re.MULTILINE):
        for first, last in re.findall(r"\(([A-B]?\d+(?:\.\d+)?)\)(?:–\(([A-B]?\d+(?:\.\d+)?)\))?", row):
            stem = re.sub(r"\d+$", "", first)
            end = int((last or first).removeprefix(stem))
            found |= {f"{stem}{n}" for n in range(int(first.removeprefix(stem)), end + 1)}
    return found


def test_there_is_a_page():
    assert set(PAPERS) == set(EQUATIONS) and len(NAMES) > 100 and len(LINKS) > 60


@pytest.mark.parametrize("name", NAMES)
def test_what_is_named_exists(name):
    """What is planned does not exist yet: once it does, the word "planned" is to go."""
    assert exists(name.removeprefix("planned ")) != name.startswith("planned ")


NONE = """law dephasing.resonance; law heat.resonant; tests/test_laws.py::test_nothing; tests/test_none.py; a/b;
gold_wire/none; electrons.closed_forms:none; electrons.none:T_Lambda; laws:LAWS; phasing; dephasing tau_phi;
dephasing.tau; dephasing(model=none); dephasing(distribution=none).tau_phi"""


@pytest.mark.parametrize("name", re.split(r";\s", NONE))
def test_what_does_not_exist_is_found(name):
    assert not exists(name)


@pytest.mark.parametrize(("text", "target"), LINKS)
def test_links_lead_somewhere(text, target):
    file, _, anchor = target.partition("#")
    below = headings((ROOT / "docs" / file).read_text(encoding="utf-8"))
    assert not anchor or anchor in below
    if entry := re.fullmatch(r"(\d{3})-(\d+)", text):
        assert anchor == f"paper-{entry[1]}" and f"\n| {entry[2]} |" in below[anchor]
    elif re.fullmatch(r"\d{3}", text):
        assert below[anchor] in below[f"paper-{text}"]


@pytest.mark.parametrize("paper", EQUATIONS)
def test_every_numbered_equation_has_a_row(paper):
    assert equations(PAPERS[paper]) == set(EQUATIONS[paper])
