"""Hold every link of the built site against what is there, without the network: `python docs/site_links.py FOLDER`.

A link within the site leads to a file of it, and to a place in that file; one that leads out is a whole address.
Nothing that a page needs to be shown is fetched: scripts, styles, pictures and fonts lie in the site.
"""

import re
import sys
from collections.abc import Iterator
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

# What a browser fetches by itself, by the element and its attribute.
FETCHED = {("script", "src"), ("img", "src"), ("iframe", "src"), ("source", "src"), ("video", "src"), ("audio", "src")}
FETCHED |= {("link", "href"), ("object", "data"), ("embed", "src")}
# Links of a page that name a relation and fetch nothing.
RELATIONS = {"canonical", "author", "license", "next", "prev", "search", "index", "genindex", "top", "up"}
IN_STYLES = re.compile(r"""(?:@import\s+(?:url\()?|url\()\s*['"]?([^'")\s]+)""")
SCHEMES = {"http", "https", "mailto"}


class Page(HTMLParser):
    """The links of a page, each with whether it is fetched, and the names of its places."""

    def __init__(self, text: str):
        super().__init__()
        self.links: list[tuple[str, bool]] = []
        self.places: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.places |= {name for name in (given.get("id"), given.get("name")) if name}
        for key in ("href", "src", "data"):
            if given.get(key) and (key != "data" or tag == "object"):
                related = tag == "link" and set((given.get("rel") or "").split()) & RELATIONS
                self.links.append((str(given[key]), (tag, key) in FETCHED and not related))


@cache
def page(path: Path) -> Page:
    return Page(path.read_text(encoding="utf-8"))


def broken(folder: Path) -> Iterator[str]:
    """A line for each link of a site that leads nowhere, or that is fetched from elsewhere."""
    # Pieces of pages that a theme is made from are no pages.
    pages = (path for path in sorted(folder.rglob("*.html")) if "_static" not in path.relative_to(folder).parts)
    for path in pages:
        for link, fetched in page(path).links:
            if reason := _fault(path, link, fetched):
                yield f"{path.relative_to(folder)}: {link}: {reason}"
    for path in sorted(folder.rglob("*.css")):
        for link in IN_STYLES.findall(path.read_text(encoding="utf-8")):
            if reason := "" if link.startswith("#") else _fault(path, link, True):
                yield f"{path.relative_to(folder)}: {link}: {reason}"


def _fault(path: Path, link: str, fetched: bool) -> str:
    """What is wrong with a link of a file; empty if nothing is."""
    try:
        parts = urlsplit(link)
    except ValueError as error:
        return f"no address ({error})"
    if parts.scheme == "data":
        return ""
    if parts.scheme or parts.netloc:
        if fetched:
            return "is fetched from the network"
        whole = parts.scheme == "mailto" or "." in parts.netloc
        return "" if parts.scheme in SCHEMES and whole and " " not in link else "is no whole address"
    target = path if not parts.path else (path.parent / unquote(parts.path)).resolve()
    if not target.exists():
        return "there is no such file"
    place = unquote(parts.fragment)
    if place and target.suffix == ".html" and place not in page(target).places:
        return "there is no such place in the page"
    return ""


if __name__ == "__main__":
    found = list(broken(Path(sys.argv[1]).resolve()))
    print("\n".join(found) or "every link leads somewhere, and nothing is fetched")
    sys.exit(bool(found))
