"""From a figure of Bokeh to a page that needs no network, with its origin in its metadata."""

import html
import re
from pathlib import Path

from bokeh.embed import components
from bokeh.resources import Resources
from jinja2 import Template

from survey.draw.picture.captions import caption
from survey.draw.picture.scene import Scene, Sheet
from survey.mathtext import unicode_text
from survey.store.files import write_text

_IDENTIFIER = r"\b(?:p\d{4,}|[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12})\b"
_PAGE = Template(
    """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>{{ heading }}</title>
{% for name, content in facts %}<meta name="{{ name }}" content="{{ content }}">
{% endfor %}<style>
body { margin: 24px; font-family: Helvetica, Arial, "DejaVu Sans", sans-serif; color: #222; background: #fff; }
figure { margin: 0; } h1 { font-size: 21px; margin: 0 0 4px; } p { margin: 0 0 10px; font-size: 16px; }
figcaption { color: #555; font-size: 12px; margin-top: 10px; max-width: {{ width }}px; line-height: 1.5; }
</style>
{% for source in library %}<script>
{{ source }}
</script>
{% endfor %}</head>
<body>
<figure>
<h1>{{ heading }}</h1>
<p>{{ subtitle }}</p>
{{ container }}
<figcaption>{% for note in notes %}{{ note }}<br>{% endfor %}{{ caption }}</figcaption>
</figure>
{{ script }}
</body>
</html>
"""
)


def write_page(figure, scene: Scene | Sheet, facts: dict[str, str], path: Path, width: int) -> None:
    """A page with everything inlined; the identifiers that Bokeh draws by chance are numbered instead."""
    words = {
        "heading": html.escape(unicode_text(scene.title)),
        "subtitle": html.escape(unicode_text(scene.subtitle)),
        "notes": [html.escape(unicode_text(note)) for note in scene.notes],
        "caption": html.escape(caption(facts)),
        "facts": [(name, html.escape(value)) for name, value in facts.items()],
        "width": width,
    }
    script, container = components(figure)
    script, container = _numbered(script, container)
    library = Resources(mode="inline", components=["bokeh"]).js_raw
    write_text(path, _PAGE.render(library=library, script=script, container=container, **words))


def _numbered(*texts: str) -> list[str]:
    """The texts with Bokeh's identifiers, which chance and history decide, numbered in their order of appearance."""
    known: dict[str, str] = {}

    def renamed(found: re.Match) -> str:
        return known.setdefault(found[0], f"id{len(known)}")

    return [re.sub(_IDENTIFIER, renamed, text) for text in texts]
