"""The site: it is built without the network and without a warning, its links hold, and it has all that it promises."""

import inspect
import json
import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path

from helpers.docs import module
from helpers.workspace import ROOT
from physics import PARAMETERS, QUANTITIES
from survey.config.load import load_survey
from survey.config.template import schema_text

site_links, site_pages = module("site_links"), module("site_pages")


def text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def test_every_link_holds_and_nothing_is_fetched(site):
    assert not list(site_links.broken(site))
    assert len(list(site.rglob("*.html"))) > 50
    for path in site.rglob("*.html"):
        # Pages with formulas bear a class of this name.
        assert not re.search(r"cdn|unpkg|jsdelivr|googleapis|mathjax(?!_ignore)", text(path).lower()), path


def test_every_page_of_the_folder_and_the_readme_are_in_it(site):
    names = {path.stem for path in (ROOT / "docs").glob("*.md")} | {"generated/start", "generated/changelog"}
    names |= {f"notebooks/{path.stem}" for path in (ROOT / "docs" / "notebooks").glob("*.md")}
    assert len(names) > 25 and all((site / f"{name}.html").is_file() for name in names)


def test_the_reference_has_all_of_the_registry_and_of_the_schema(site):
    parameters = text(site / "generated" / "parameters.html")
    assert all(f">{name}<" in parameters for name in PARAMETERS) and parameters.count("<math") >= len(PARAMETERS)
    for quantity in QUANTITIES.values():
        page = text(site / "generated" / f"quantity-{quantity.name}.html")
        names = [*quantity.names, *quantity.options, *(name for part in quantity.depends_on() for name in part)]
        names += [value for allowed in quantity.options.values() for value in allowed]
        names += [flag for each in quantity.variables for flag in each.flags or ()]
        assert not [name for name in names if f">{name}<" not in page], quantity.name
        assert quantity.cited() in page
    page, models = text(site / "generated" / "survey-file.html"), json.loads(schema_text())
    keys = {*models["properties"], *(key for each in models["$defs"].values() for key in each.get("properties", ()))}
    assert len(keys) > 50 and not [key for key in keys if f">{key}<" not in page]


def test_a_formula_is_drawn_by_the_browser_itself(site):
    page = text(site / "generated" / "quantity-dephasing.html")
    assert re.search(r"<math.*?<msub>\s*<mi>τ</mi>|<math.*?φ", page, re.DOTALL)


def test_the_python_reference_has_each_name_with_its_parameters_and_its_text(site):
    page, written = text(site / "generated" / "python.html"), (ROOT / "README.md").read_text(encoding="utf-8")
    for room, names in site_pages.API.items():
        for name in names:
            (signature,) = re.findall(rf'<dt class="sig[^>]*id="{room}.{name}">(.*?)</dt>', page, re.DOTALL)
            found = getattr(import_module(site_pages.CALLED.get(f"{room}.{name}", room)), name)
            for parameter in inspect.signature(found).parameters:
                assert f'<span class="pre">{parameter}</span>' in signature, f"{name}: {parameter}"
    # A word that a docstring marks as code is code, and what the README imports is there.
    assert re.search(r'<code class="docutils literal notranslate"><span class="pre">crossovers</span></code>', page)
    for room, name in re.findall(r"^from (survey\S*|physics) import (\w+)$", written, re.MULTILINE):
        assert name in site_pages.API.get(room, ()) or name == "QUANTITIES"


def test_the_gallery_has_what_makes_each_diagram_and_shows_only_what_was_drawn(tmp_path):
    from PIL import Image

    results = tmp_path / "results"
    png = results / "gold_wire" / "diagrams" / "saturation_T.png"
    png.parent.mkdir(parents=True)
    Image.new("RGB", (1800, 1200), "#336699").save(png)
    (tmp_path / "generated").mkdir()
    pages = site_pages._gallery(tmp_path / "generated", results)
    for path in (ROOT / "config" / "surveys").glob("*.yaml"):
        page = pages[f"gallery-{path.stem}.md"]
        drawn = load_survey(path).diagrams
        assert re.findall(r"^## (\w+)$", page, re.MULTILINE) == list(drawn)
        assert page.count("Not drawn yet") == len(drawn) - (path.stem == "gold_wire")
        asked = re.findall(r"```yaml\ndiagrams:\n  (\w+):", page)
        assert asked == [name for name in drawn if re.search(rf"^  {name}:", text(path), re.MULTILINE)]
    assert "![saturation_T](pictures/gold_wire-saturation_T.png)" in pages["gallery-gold_wire.md"]
    with Image.open(tmp_path / "generated" / "pictures" / "gold_wire-saturation_T.png") as small:
        assert small.size == (900, 600)


BROKEN = {
    '<a href="nowhere.html">': "there is no such file",
    '<a href="other.html#there">': "there is no such place in the page",
    '<a href="#here">': "there is no such place in the page",
    '<a href="http://">': "is no whole address",
    '<a href="htp://a.b/c">': "is no whole address",
    '<script src="https://cdn.example.org/a.js">': "is fetched from the network",
    '<link rel="stylesheet" href="//example.org/a.css">': "is fetched from the network",
    '<img src="missing.png">': "there is no such file",
}
FINE = [
    '<a href="other.html#place">',
    '<a href="https://example.org/a">',
    '<a href="other.html">',
    '<img src="data:,x">',
]


def test_links_that_lead_nowhere_are_told(tmp_path):
    (tmp_path / "other.html").write_text('<p id="place">', encoding="utf-8")
    for number, (link, reason) in enumerate(BROKEN.items()):
        folder = tmp_path / str(number)
        folder.mkdir()
        (folder / "other.html").write_text('<p id="place">', encoding="utf-8")
        (folder / "page.html").write_text(link + "".join(FINE), encoding="utf-8")
        (told,) = site_links.broken(folder)
        assert told.startswith("page.html: ") and told.endswith(reason)
    styles = tmp_path / "styles"
    styles.mkdir()
    (styles / "a.css").write_text('@import url("https://fonts.example.org/x"); a {background: url(data:,)}')
    assert [each.rpartition(": ")[2] for each in site_links.broken(styles)] == ["is fetched from the network"]


def test_the_command_exits_with_one_where_a_link_is_broken(tmp_path):
    (tmp_path / "page.html").write_text("<a href='nowhere'>", encoding="utf-8")
    command = [sys.executable, ROOT / "docs" / "site_links.py", tmp_path]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 1 and "nowhere: there is no such file" in done.stdout


def test_notebooks_are_text_and_hold_no_answers():
    for path in sorted((ROOT / "docs" / "notebooks").iterdir()):
        assert path.suffix == ".md" and "```{code-cell} ipython3" in text(path) and "format_name: myst" in text(path)
