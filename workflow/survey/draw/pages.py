"""From a figure to files: a page that needs no network, PNG and SVG for print, each with its origin in its metadata."""

import dataclasses
import html
import re
import textwrap
from pathlib import Path

import matplotlib
from bokeh.embed import components
from bokeh.resources import Resources
from jinja2 import Template
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.ticker import NullFormatter

from survey.draw.backends import FONTS, mark_texts
from survey.draw.scene import FRAME, Frame, Scene, Sheet, panels
from survey.mathtext import unicode_text
from survey.store.files import replacing, write_text

RESOLUTION = 220
GREY = "#555555"
CAPTION_WIDTH = 140

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


def caption(facts: dict[str, str]) -> str:
    """The small line under a diagram: survey, cube, quantity with its version, digest of the configuration."""
    parts = [f"survey {facts['Survey']}", facts["Cube"], facts["Quantity"], f"configuration {facts['Configuration']}"]
    return " · ".join(filter(None, [*parts, facts["Source"]]))


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


def write_print(
    figure, scene: Scene | Sheet, facts: dict[str, str], png: Path, svg: Path, size: tuple[float, float]
) -> None:
    """The figure with heading, slice and caption as PNG and as SVG; neither holds a time stamp. `size` in inches."""
    figure.set_size_inches(size)
    parts = panels(scene, *(100 * inches for inches in size))
    bars = figure.axes[len(parts) :]
    for position, (axes, (panel, frame)) in enumerate(zip(figure.axes, parts, strict=False)):
        _arrange(figure, axes, panel, frame, bars)
        words = panel if isinstance(scene, Scene) else dataclasses.replace(panel, title="", subtitle=panel.title)
        rise = _heading(axes, words)
        if position == 0 and isinstance(scene, Sheet):
            _title(axes, scene, rise + (20 if panel.title else 0))
    lowest = _lowest(figure, figure.axes[: len(parts)])
    notes = [unicode_text(note).replace("$", r"\$") for note in scene.notes]
    text = "\n".join(
        [
            *(line for note in notes for line in textwrap.wrap(note, CAPTION_WIDTH)),
            *textwrap.wrap(caption(facts), CAPTION_WIDTH),
        ]
    )
    figure.text(FRAME[0], lowest - 0.02, text, va="top", ha="left", fontsize=8, color=GREY, linespacing=1.5)
    plain = {name: value for name, value in facts.items() if value}
    about = {
        "Title": facts["Title"],
        "Description": "\n".join(f"{name}: {value}" for name, value in plain.items()),
        "Date": None,
    }
    shared = {"bbox_inches": _extent(figure).padded(0.15), "facecolor": "white"}
    with matplotlib.rc_context({"svg.hashsalt": "tls-atlas", "svg.fonttype": "path"}):
        with replacing(png) as temporary:
            figure.savefig(temporary, format="png", dpi=RESOLUTION, metadata=plain | {"Software": None}, **shared)
        with replacing(svg) as temporary:
            figure.savefig(temporary, format="svg", metadata=about, **shared)


def _extent(figure):
    """What the figure takes with all its texts, in inches; `tight` would find it for each of the files."""
    before = figure.dpi
    figure.set_dpi(RESOLUTION)
    figure.draw_without_rendering()
    extent = figure.get_tightbbox(figure.canvas.get_renderer())
    figure.set_dpi(before)
    return extent


def _arrange(figure, axes, scene: Scene, frame: Frame, bars) -> None:
    """Frame, colour bar and legend side by side, without overlap, whatever their texts."""
    axes.set_aspect("auto")
    axes.set_position(frame)
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_minor_formatter(NullFormatter())
    right = frame[0] + frame[2]
    for spine in axes.spines.values():
        spine.set_zorder(100)
    for bar in bars:
        bar.set_position([right + 0.02, frame[1], 0.03, frame[3]])
        bar.set_ylabel(bar.get_ylabel(), fontsize=FONTS["labels"], labelpad=10)
    handles, labels = axes.get_legend_handles_labels()
    if axes.get_legend():
        axes.get_legend().remove()
    if handles:
        style = {"frameon": False, "fontsize": 12, "handlelength": 2.2, "labelspacing": 0.65, "borderaxespad": 0.0}
        if scene.legend == "right":
            axes.legend(handles, labels, loc="upper left", bbox_to_anchor=(1.03, 1.0), **style)
        else:
            columns = max(1, 72 // (max(len(unicode_text(label)) for label in labels) + 7))
            below = -52 / (72 * frame[3] * figure.get_figheight())
            axes.legend(handles, labels, loc="upper left", bbox_to_anchor=(0.0, below), ncols=columns, **style)


def _heading(axes, scene: Scene) -> float:
    """Write what stands above a frame; how high it reaches, in points."""
    placed = {"textcoords": "offset points", "va": "bottom", "annotation_clip": False}
    texts = mark_texts(scene)
    for place, text in texts:
        axes.annotate(text, (place, 1), (0, 4), xycoords=("data", "axes fraction"), ha="center", fontsize=13, **placed)
    rise = 30 if texts else 9
    axes.set_title("")
    _title(axes, scene, rise)
    return rise


def _title(axes, scene: Scene | Sheet, rise: float) -> None:
    """The subtitle so many points above a frame, and the title above it."""
    placed = {"textcoords": "offset points", "va": "bottom", "annotation_clip": False, "xycoords": "axes fraction"}
    axes.annotate(scene.subtitle, (0, 1), (0, rise), fontsize=13, color="#333333", **placed)
    rise += 16 * scene.subtitle.count("\n")
    # A title wider than the figure would shrink everything else.
    size = min(17.0, 17.0 * 8 * axes.figure.get_figwidth() / max(1, len(unicode_text(scene.title))))
    axes.annotate(scene.title, (0, 1), (0, rise + 23), fontsize=size, fontweight="bold", **placed)


def _lowest(figure, frames) -> float:
    """Where the axis labels and the legends of all frames end, as a fraction of the figure's height."""
    renderer = FigureCanvasAgg(figure).get_renderer()
    figure.draw_without_rendering()
    parts = [part for axes in frames for part in (axes, axes.get_legend()) if part]
    lowest = min(part.get_tightbbox(renderer).y0 for part in parts)
    return lowest / figure.bbox.height
