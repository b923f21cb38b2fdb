"""Formulas as MathML, which browsers draw themselves: TeX goes in as pages have it, nothing is fetched to show it.

Docutils turns TeX into MathML. What browsers then set otherwise than TeX is mended here: the space about a function,
primes, brackets that grow, what stands beside a letter with an accent; and the number of an equation is added.
"""

import re
from collections.abc import Iterable
from html import unescape
from importlib.resources import files
from pathlib import Path
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from docutils import nodes
from docutils.utils.math import MathError
from docutils.utils.math.latex2mathml import accents, tex2mathml
from sphinx.util import logging

MATHML = "http://www.w3.org/1998/Math/MathML"
NUMBER = re.compile(r"\\tag\{([^}]*)\}")
SCRIPTS = {"msub", "msup", "msubsup", "munder", "mover", "munderover"}
# Characters that browsers set as TeX sets those of docutils.
WRITTEN = {"'": "′", "ˉ": "‾"}
ACCENTS = {*accents.values(), *WRITTEN.values()}
TIGHT = {"lspace": "0", "rspace": "0"}
ElementTree.register_namespace("", MATHML)


def font() -> Path:
    """A font with the measures that MathML needs; few systems but Windows and macOS have one."""
    return Path(str(files("ziamath.fonts") / "STIXTwoMath-Regular.ttf"))


def mathml(tex: str, block: bool = False) -> str:
    """A formula in TeX as an element of HTML, with the number of the equation beside it if it has one.

    Raises MathError where the formula has a command that is not known, or one without what it stands for.
    """
    number = NUMBER.search(tex)
    try:
        written = tex2mathml(NUMBER.sub("", tex), as_block=block)
    except IndexError as error:
        raise MathError("an index or a power of nothing") from error
    # Names of characters that HTML has and XML has not.
    tree = ElementTree.fromstring(re.sub(r"&(?!lt;|gt;|amp;)\w+;", lambda found: unescape(found[0]), written))
    for each in list(tree.iter()):
        _mend(each)
    text = ElementTree.tostring(tree, encoding="unicode")
    if not block:
        return text
    beside = f'<span class="number">({number[1]})</span>' if number else ""
    return f'<div class="math">{text}{beside}</div>'


def _kind(each: Element) -> str:
    return each.tag.rpartition("}")[2]


def _mend(each: Element) -> None:
    """An element and what stands in it, as TeX sets them."""
    # An index of a letter with an accent stands beside it, where docutils has it below; a power above the index.
    base = each[0] if _kind(each) == "msup" else each
    if _kind(base) == "munderover" and base[2].text in ACCENTS:
        letter, index, accent = base
        each[:] = [_element("mover", [letter, accent]), index, *(each[1:] if base is not each else ())]
        each.tag = _element("msub" if base is each else "msubsup").tag
    # As an accent it would touch a capital letter.
    each.attrib.pop("accent", None)
    ends = (each[0], each[-1]) if _kind(each) == "mrow" and len(each) else ()
    for child in each:
        child.text = WRITTEN.get(child.text or "", child.text)
        if child.text in {"/", "′", "|"}:
            child.attrib |= TIGHT
        # At the ends of a row stand those that grow with it.
        if child.text in {"|", "⟨", "⟩"} and child not in ends:
            child.set("stretchy", "false")
    if _kind(each) not in SCRIPTS:
        _space_functions(each)


def _core(each: Element) -> Element:
    """What bears the scripts."""
    return _core(each[0]) if _kind(each) in SCRIPTS else each


def _space_functions(row: Element) -> None:
    """A thin space before a function and between it and an argument without brackets."""
    children = [child for child in row if child.text != "\N{FUNCTION APPLICATION}"]
    for before, each, after in zip([None, *children], children, [*children[1:], None], strict=False):
        core = _core(each)
        if _kind(core) not in {"mi", "mo"} or not re.fullmatch("[A-Za-z]{2,}", core.text or ""):
            continue
        core.attrib |= TIGHT if _kind(core) == "mo" else {}
        if after is not None and _kind(_core(after)) not in {"mo", "mspace"} and not _bracketed(after):
            row.insert(list(row).index(after), _element("mspace", width="0.17em"))
        if before is not None and (
            _kind(_core(before)) not in {"mo", "mspace"} or (_core(before).text or "") in ")]|⟩"
        ):
            row.insert(list(row).index(each), _element("mspace", width="0.17em"))


def _bracketed(each: Element) -> bool:
    return _kind(_core(each)) == "mrow" and len(_core(each)) > 0 and _core(each)[0].text in {"(", "[", "{"}


def _element(kind: str, children: Iterable[Element] = (), **attributes: str) -> Element:
    each = Element(f"{{{MATHML}}}{kind}", attributes)
    each.extend(children)
    return each


def renderer(block: bool):
    """What writes the node of a formula; a formula that cannot be read is a warning, with its text in the page."""

    def visit(self, node: nodes.Node) -> None:
        try:
            self.body.append(mathml(node.astext(), block))
        except (MathError, ElementTree.ParseError) as error:
            logging.getLogger(__name__).warning("formula: %s: %s", error, node.astext(), location=node)
            self.body.append(self.encode(node.astext()))
        raise nodes.SkipNode

    return visit, None
