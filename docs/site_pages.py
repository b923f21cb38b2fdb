"""The pages of the site that are generated: from registry, schema of the survey file, results and docstrings."""

import inspect
import json
import re
from collections.abc import Callable, Iterable, Sequence
from importlib import import_module
from pathlib import Path

from PIL import Image

from physics import PARAMETERS, QUANTITIES, Quantity
from physics.laws import LAWS
from physics.references import REFERENCES, names_in
from survey.config.load import load_survey
from survey.config.template import schema_text
from survey.mathtext import number, unit_text

SECTIONS = ("generated/start", "generated/how-to", "generated/theory", "generated/reference", "generated/gallery")
SECTIONS += ("generated/notebooks",)
ROOT = Path(__file__).parent.parent
FURTHER = ("reliability", "performance", "scaling")
# Pages of the repository's root that are part of the site.
OF_ROOT = {"start": "README.md", "contributing": "CONTRIBUTING.md", "changelog": "CHANGELOG.md"}
API = {
    "survey": ("run", "infer"),
    "survey.query": ("query", "open_cube"),
    "survey.config.load": ("load_survey",),
    "survey.config.measured.load": ("measurement_of",),
    "survey.cubes.read": ("read_region",),
    "survey.publish.crate": ("publish", "read"),
    "physics": ("Quantity", "Variable", "Choice", "Parameter"),
    "physics.laws": ("evaluate",),
}
# A room that can be called, and where what it calls is defined.
CALLED = {"survey.run": "survey.cli.notebook"}
PICTURE = 900


def write(docs: Path, results: Path = ROOT / "results") -> None:
    """Write the pages below docs/generated; a file whose text is the same is left as it is, so that it is not built
    again, and one that is not made any more is removed."""
    folder = docs / "generated"
    folder.mkdir(exist_ok=True)
    pages = {f"{name}.md": _of_root(name, file) for name, file in OF_ROOT.items()}
    pages |= _sections(docs) | _quantities() | {"survey-file.md": _survey_file(), "python.md": _python()}
    pages |= _gallery(folder, results)
    for name, text in pages.items():
        path = folder / name
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
    for path in folder.glob("*.md"):
        if path.name not in pages:
            path.unlink()


def tree(*pages: str, hidden: bool = True) -> str:
    """A tree of contents."""
    option = ":hidden:\n" if hidden else ":maxdepth: 1\n"
    return "\n\n```{toctree}\n" + option + "\n" + "".join(f"/{page}\n" for page in pages) + "```\n"


def _of_root(name: str, file: str) -> str:
    """A page of the repository's root with its links as they are here."""
    text = (ROOT / file).read_text(encoding="utf-8")
    text = re.sub(r"\]\(docs/([^)]*)\)", r"](../\1)", text)
    for page, other in OF_ROOT.items():
        text = text.replace(f"]({other})", f"]({page}.md)")
    text = re.sub(r"\]\(config/surveys/(\w+)\.yaml\)", r"](gallery-\1.md)", text)
    text = re.sub(r"\[([^]]*)\]\((?:results|config)/[^)]*\)", r"\1", text)
    text = re.sub(r"^# .*", "# Start", text, count=1) if name == "start" else text
    return text + (tree("generated/contributing", "generated/changelog") if name == "start" else "")


def _sections(docs: Path) -> dict[str, str]:
    pages = {path.stem for path in docs.glob("*.md")} - {"index"}
    how_to = sorted(name for name in pages if name.startswith("how-to"))
    theory = sorted(name for name in pages if name.startswith("theory"))
    rest = sorted(pages - {*how_to, *theory, *FURTHER, "coverage", "errata"})
    notebooks = sorted(f"notebooks/{path.stem}" for path in (docs / "notebooks").glob("*.md"))
    about = "Each is run when this site is built. They are text: docs/notebooks of the repository."
    return {
        "how-to.md": "# How to\n" + tree(*how_to, *rest, *FURTHER, hidden=False),
        "theory.md": "# Theory\n" + tree(*theory, "coverage", "errata", hidden=False),
        "notebooks.md": f"# Notebooks\n\n{about}\n" + tree(*notebooks, hidden=False),
        "reference.md": "# Reference\n"
        + tree(
            "generated/quantities", "generated/parameters", "generated/survey-file", "generated/python", hidden=False
        ),
    }


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(cell.replace('|', '&#124;') for cell in line)} |" for line in lines) + "\n"


def _math(symbol: str) -> str:
    return f"{{math}}`{symbol}`" if symbol else ""


def _unit(unit: str) -> str:
    text = unit_text(unit)
    return _math(text[1:-1]) if text.startswith("$") else text


def _names(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


# ---- the registry


def _quantities() -> dict[str, str]:
    """One page for each quantity, with lists of them and of the parameters."""
    rows = [
        (f"[{each.name}](quantity-{each.name}.md)", each.long_name, _names(each.axes)) for each in QUANTITIES.values()
    ]
    pages = {f"quantity-{each.name}.md": _quantity(each) for each in QUANTITIES.values()}
    listed = tree(*(f"generated/quantity-{name}" for name in QUANTITIES))
    text = "# Quantities\n\nWhat a survey computes under `quantities:`; in Python functions, `QUANTITIES[name]`.\n\n"
    pages["quantities.md"] = text + table(("name", "what it is", "axes"), rows) + listed
    parameters = [
        (f"`{each.name}`", _math(each.symbol), _unit(each.unit), each.long_name, _range(*each.domain))
        for each in PARAMETERS.values()
    ]
    header = ("name", "symbol", "unit", "meaning", "domain")
    text = "# Parameters\n\nThe vocabulary: all axes and constants. A quantity may have a domain of its own.\n\n"
    pages["parameters.md"] = text + table(header, parameters)
    return pages


def _range(low: float, high: float) -> str:
    return _math(rf"{number(low)} \ldots {number(high)}")


def _quantity(quantity: Quantity) -> str:
    axes, constants = quantity.depends_on()
    choices = [choice for allowed in quantity.options.values() for choice in allowed.values()]
    further = {name for each in (*choices, *quantity.variables) for name in each.adds} - {*axes, *constants}
    lines = [
        f"# {quantity.name}",
        f"{quantity.long_name[0].upper()}{quantity.long_name[1:]}.",
        f"Version {quantity.version}, relative accuracy {quantity.accuracy:g} within the domain. "
        f"By default it rests on {quantity.cited()}.",
    ]
    for title, names in (
        ("Axes", axes),
        ("Constants", constants),
        ("Constants of options and variables", [name for name in PARAMETERS if name in further]),
    ):
        if names:
            lines += [f"## {title}", _parameters(quantity, names)]
    if quantity.options:
        lines += ["## Options", "The first value of each is the default."]
        lines.append(table(("option", "value", "needs", "does not depend on", "source"), _options(quantity)))
    lines += ["## Variables", table(("name", "symbol", "unit", "meaning", "over"), _variables(quantity))]
    for each in quantity.variables:
        if each.flags:
            lines += [
                f"Flags of `{each.name}`:",
                table(("flag", "value"), ((f"`{n}`", str(v)) for n, v in each.flags.items())),
            ]
    if quantity.name in LAWS:
        rows = (
            (f"`{name}`", law.text.replace("$", ""), ", ".join(law.axes)) for name, law in LAWS[quantity.name].items()
        )
        lines += ["## Laws", "Closed forms that `curves` draws.", table(("law", "what it is", "along"), rows)]
    sources = [quantity.source, *(each.source for each in (*choices, *quantity.variables))]
    named = names_in("; ".join(filter(None, sources)))
    lines += ["## References", "\n".join(f"- {name}: {REFERENCES[name].text}" for name in named)]
    return "\n\n".join(lines) + "\n"


def _parameters(quantity: Quantity, names: Iterable[str]) -> str:
    rows = [
        (f"`{each.name}`", _math(each.symbol), _unit(each.unit), each.long_name, _range(*quantity.limits(each.name)))
        for each in map(PARAMETERS.__getitem__, names)
    ]
    return table(("name", "symbol", "unit", "meaning", "domain"), rows)


def _options(quantity: Quantity) -> Iterable[Sequence[str]]:
    for option, allowed in quantity.options.items():
        for value, choice in allowed.items():
            yield f"`{option}`", f"`{value}`", _names(choice.adds), _names(choice.drops), choice.source


def _variables(quantity: Quantity) -> Iterable[Sequence[str]]:
    for each in quantity.variables:
        needs = f"; needs {_names(each.adds)}" if each.adds else ""
        over = "all axes" if each.axes is None else _names(each.axes)
        yield f"`{each.name}`", _math(each.symbol), _unit(each.unit), each.long_name + needs, over


# ---- the survey file


def _survey_file() -> str:
    """Every model of the schema with its keys."""
    schema = json.loads(schema_text())
    lines = [
        "# The survey file",
        schema.get("description", ""),
        "`survey schema` prints the JSON schema for an editor.",
    ]
    lines += ["## A survey", _keys(schema)]
    for name, model in schema["$defs"].items():
        if "properties" in model:
            lines += [f"## {name}", model.get("description", "").split("\n\n")[0], _keys(model)]
    return "\n\n".join(filter(None, lines)) + "\n"


def _keys(model: dict) -> str:
    required = set(model.get("required", ()))
    rows = [
        (f"`{key}`" + (" (required)" if key in required else ""), _kind(each), _plain(each.get("description", "")))
        for key, each in model["properties"].items()
    ]
    return table(("key", "value", "meaning"), rows)


def _plain(text: str) -> str:
    """Text in which `<survey>` is no element of HTML."""
    return text.replace("<", "&lt;")


def _kind(each: dict) -> str:
    """What may stand under a key, in words."""
    if "$ref" in each:
        name = each["$ref"].rsplit("/", 1)[1]
        return f"[{name}](#{name.lower()})"
    if "const" in each:
        return f"`{each['const']}`"
    if "enum" in each:
        return " or ".join(f"`{value}`" for value in each["enum"])
    for key in ("anyOf", "oneOf"):
        if key in each:
            return " or ".join(dict.fromkeys(_kind(one) for one in each[key] if one.get("type") != "null"))
    if each.get("type") == "array":
        return f"list of {_kind(each.get('items', {}))}"
    if each.get("type") == "object":
        values = [*each.get("patternProperties", {}).values(), each.get("additionalProperties")]
        kinds = dict.fromkeys(_kind(value) for value in values if isinstance(value, dict))
        return f"names, each with {' or '.join(kinds) or 'a value'}"
    words = {"string": "text", "boolean": "true or false", "integer": "whole number", "number": "number"}
    return words.get(str(each.get("type")), "value")


# ---- gallery


def _gallery(folder: Path, results: Path) -> dict[str, str]:
    """One page for each shipped survey: each diagram with what makes it, and its picture where it was drawn."""
    pages, names = {}, []
    for path in sorted((ROOT / "config" / "surveys").glob("*.yaml")):
        survey, source = load_survey(path), path.read_text(encoding="utf-8")
        names.append(path.stem)
        lines = [
            f"# {survey.title}",
            f"`config/surveys/{path.name}`; draw it by `snakemake --config surveys={path.stem}`.",
        ]
        for name in survey.diagrams:
            lines += [f"## {name}", _picture(folder, results / path.stem / "diagrams" / f"{name}.png", path.stem)]
            written = _entry(source, name)
            lines.append(
                f"```yaml\n{written}\n```" if written else "Drawn by itself for the `inference:` of the survey."
            )
        lines += ["## The whole survey", f"```yaml\n{source}```"]
        pages[f"gallery-{path.stem}.md"] = "\n\n".join(filter(None, lines)) + "\n"
    text = "# Gallery\n\nThe shipped surveys, their diagrams, and the YAML that makes each.\n"
    pages["gallery.md"] = text + tree(*(f"generated/gallery-{name}" for name in names), hidden=False)
    return pages


def _entry(source: str, name: str) -> str:
    """The lines of a survey file that ask for a diagram; empty if none do."""
    section = re.search(r"^diagrams:\n((?:[ #].*\n|\n)*)", source, re.MULTILINE)
    found = re.search(rf"^  {name}:.*\n(?:    .*\n|\n(?=    ))*", section[1], re.MULTILINE) if section else None
    return f"diagrams:\n{found[0].rstrip()}" if found else ""


def _picture(folder: Path, png: Path, survey: str) -> str:
    """A smaller copy of a picture beside the pages; no picture is shown that was not drawn here."""
    if not png.is_file():
        return "*Not drawn yet: run the survey, then build the site again.*"
    copy = folder / "pictures" / f"{survey}-{png.name}"
    if not copy.exists() or copy.stat().st_mtime < png.stat().st_mtime:
        copy.parent.mkdir(exist_ok=True)
        with Image.open(png) as picture:
            picture.thumbnail((PICTURE, PICTURE))
            picture.convert("RGB").quantize(128).save(copy, optimize=True)
    return f"![{png.stem}](pictures/{copy.name})"


# ---- Python


def _python() -> str:
    """The public functions and classes, each with what its docstring says, which is Markdown but for angles."""
    lines = [
        "# Python",
        "What notebooks and programs import. Numbers are in the units of the [parameters](parameters.md).",
    ]
    for module, names in API.items():
        for name in names:
            found = getattr(import_module(CALLED.get(f"{module}.{name}", module)), name)
            kind = "class" if inspect.isclass(found) else "function"
            text = _plain(inspect.getdoc(found) or "")
            lines += [
                f"## {name}",
                f"```python\nfrom {module} import {name}\n```",
                f"````{{py:{kind}}} {module}.{name}{_signature(found)}\n\n{text}\n````",
            ]
    return "\n\n".join(lines) + "\n"


def _signature(found: Callable) -> str:
    """The signature on one line, its defaults as one would write them."""
    text = re.sub(r"\w*Path\(('[^']*')\)", r"\1", str(inspect.signature(found)))
    return re.sub(r"np\.float64\(([^)]*)\)", r"\1", text).replace("<factory>", "{}")
