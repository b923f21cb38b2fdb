"""Formulas of the pages: each is typeset, none is left as TeX, and a page is readable where nothing typesets it."""

import re
from html import unescape
from xml.etree import ElementTree

import pytest
from docutils.utils.math import MathError
from markdown_it import MarkdownIt

from helpers.docs import module
from helpers.workspace import ROOT

site_math = module("site_math")
PAGES = {path.stem: path.read_text(encoding="utf-8") for path in sorted((ROOT / "docs").glob("*.md"))}
BLOCK = re.compile(r"^```math\n(.*?)\n```$", re.MULTILINE | re.DOTALL)
FENCE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)


def blocks(page: str) -> list[str]:
    return BLOCK.findall(PAGES[page])


def in_lines(page: str) -> list[str]:
    return re.findall(r"\$([^$]+)\$", re.sub(r"`[^`]*`", "", FENCE.sub("", PAGES[page])))


WITH_FORMULAS = [page for page in PAGES if blocks(page) or in_lines(page)]


def written(tex: str, block: bool = False) -> str:
    """The text of a formula without its structure."""
    (found,) = re.findall("<math.*</math>", site_math.mathml(tex, block), re.DOTALL)
    return "".join(ElementTree.fromstring(found).itertext())


def test_every_theory_page_has_its_formulas_typeset():
    theory = [page for page in PAGES if page.startswith("theory")]
    assert len(theory) > 8 and set(theory) <= set(WITH_FORMULAS)
    assert all(blocks(page) for page in theory)
    assert sum(len(blocks(page)) for page in theory) > 70 and sum(len(in_lines(page)) for page in theory) > 1500
    # A block of code by indentation is how a formula is written that is not typeset.
    assert not [page for page in theory if re.search(r"\n\n {4,}\S", FENCE.sub("", PAGES[page]))]


@pytest.mark.parametrize("page", WITH_FORMULAS)
def test_no_formula_is_left_as_tex(page):
    for block, formulas in ((True, blocks(page)), (False, in_lines(page))):
        for tex in formulas:
            assert not re.search(r"[\\$&^]", written(tex, block)) and tex.count("{") == tex.count("}"), tex


@pytest.mark.parametrize("page", WITH_FORMULAS)
def test_markdown_that_knows_no_formulas_leaves_them_as_they_are(page):
    """No underscore of a formula is emphasis, no bracket a link, no backslash an escape."""
    found = []
    for token in MarkdownIt("commonmark").enable("table").parse(FENCE.sub("", PAGES[page])):
        pieces = ("\n" if each.type == "softbreak" else each.content for each in token.children or ())
        marks = [each.type for each in token.children or ()]
        if token.type == "inline":
            text = "".join(p if m in {"text", "softbreak"} else "\0" for p, m in zip(pieces, marks, strict=True))
            found += re.findall(r"\$([^$]+)\$", text)
    assert found == in_lines(page)


@pytest.mark.parametrize("page", WITH_FORMULAS)
def test_the_built_page_has_all_of_them(site, page):
    built = (site / f"{page}.html").read_text(encoding="utf-8")
    formulas = re.findall(r"<math .*?</math>", built, re.DOTALL)
    assert len(formulas) == len(blocks(page)) + len(in_lines(page))
    assert built.count('<div class="math">') == len(blocks(page))
    numbers = [number for tex in blocks(page) for number in re.findall(r"\\tag\{(.*?)\}", tex)]
    assert re.findall(r'<span class="number">\((.*?)\)</span>', built) == numbers
    prose = re.sub(r"<(pre|code|script|style|math)\b.*?</\1>", "", built, flags=re.DOTALL)
    assert not re.search(r"\$|\\[a-zA-Z]+", unescape(re.sub(r"<[^>]*>", "", prose)))


# What docutils and MathML do not do as TeX does: the elements as they have to be.
MENDED = {
    r"\tilde P_n": "<msub><mover><mi>P</mi><mo>~</mo></mover><mi>n</mi></msub>",
    r"\tilde P_n^2": "<msubsup><mover><mi>P</mi><mo>~</mo></mover><mi>n</mi><mn>2</mn></msubsup>",
    r"\bar\lambda^2": "<msup><mover><mi>λ</mi><mo>‾</mo></mover><mn>2</mn></msup>",
    r"\sum_n x": "<munder><mo>∑</mo><mi>n</mi></munder><mi>x</mi>",
    r"u'": "<mi>u</mi><mo>′</mo>",
    r"c \ln K": "<mi>c</mi><mspace /><mi>ln</mi><mo>\u2061</mo><mspace /><mi>K</mi>",
    r"\ln(x)": "<mi>ln</mi><mo>\u2061</mo><mo>(</mo><mi>x</mi><mo>)</mo>",
    r"= \ln x": "<mo>=</mo><mi>ln</mi><mo>\u2061</mo><mspace /><mi>x</mi>",
    r"a \max(x)": "<mi>a</mi><mspace /><mo>max</mo><mo>(</mo><mi>x</mi><mo>)</mo>",
}


@pytest.mark.parametrize("tex", MENDED)
def test_what_is_mended(tex):
    text = site_math.mathml(tex)
    elements = re.sub(r"<(\w+)[^>]*?( ?/?)>", r"<\1\2>", re.sub(r"\s*\n\s*", "", text))
    assert elements == f"<math>{MENDED[tex]}</math>"


def test_brackets_grow_where_they_are_told_to():
    plain, grown = (site_math.mathml(tex) for tex in (r"\langle x\rangle", r"\left\langle x\right\rangle"))
    assert plain.count('stretchy="false"') == 2 and "stretchy" not in grown


@pytest.mark.parametrize("tex", [r"\nosuchcommand x", r"\frac{a}", r"\tfrac12", "^d"])
def test_a_formula_that_cannot_be_read_is_told(tex):
    with pytest.raises(MathError):
        site_math.mathml(tex)


def test_the_font_lies_in_the_site_and_has_the_measures_of_formulas(site):
    from fontTools.ttLib import TTFont

    styles = (site / "_static" / "site.css").read_text(encoding="utf-8")
    (name,) = re.findall(r'url\("(.*?)"\)', styles)
    assert "MATH" in TTFont(site / "_static" / name)


@pytest.mark.browser
def test_a_browser_asks_for_nothing_but_files_of_the_site_and_shows_every_formula(site, browser):
    for page in (*WITH_FORMULAS, "index", "generated/quantity-dephasing", "generated/gallery-gold_wire"):
        tab, asked, said = browser.new_page(viewport={"width": 1300, "height": 900}), [], []
        tab.on("request", lambda request, asked=asked: asked.append(request.url))
        tab.on("pageerror", lambda error, said=said: said.append(str(error)))
        tab.goto((site / f"{page}.html").as_uri(), timeout=120_000)
        tab.evaluate("document.fonts.ready.then(() => null)")
        # Pictures that are written in a style ask for nothing.
        assert asked and not [url for url in asked if not url.startswith((site.as_uri(), "data:"))], page
        assert not said
        if page in WITH_FORMULAS:
            assert tab.evaluate("document.fonts.check('16px \"STIX Two Math\"')")
            sizes = tab.eval_on_selector_all("math", "all => all.map(each => each.getBoundingClientRect().height)")
            assert sizes and min(sizes) > 3
        wide = tab.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, f"{page} is wider than the window"
        tab.close()
