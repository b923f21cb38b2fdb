"""A scene for print: drawn by Matplotlib, with heading, slice and caption, as PNG and as SVG."""

import dataclasses
import textwrap
from pathlib import Path

import matplotlib
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure
from matplotlib.ticker import NullFormatter

from survey.draw.picture.captions import FONTS, caption, mark_texts
from survey.draw.picture.scene import FRAME, Band, Frame, Line, Mark, Mesh, Points, Scene, Sheet, panels
from survey.mathtext import number, unicode_text
from survey.store.files import replacing

RESOLUTION = 220
GREY = "#555555"
CAPTION_WIDTH = 140
MOST_VECTORS = 5000
HATCHES = {1: "////", -1: "\\\\\\\\", 2: "xxxx", 3: "//", -3: "\\\\"}


def draw(drawn: Scene | Sheet, width: int, height: int) -> Figure:
    """A scene, or those of a sheet, as a figure; width and height in pixels at 100 per inch."""
    figure = Figure(figsize=(width / 100, height / 100), dpi=RESOLUTION)
    FigureCanvasAgg(figure)
    for panel, frame in panels(drawn, width, height):
        axes = figure.add_axes(frame)
        for place, layer in enumerate(panel.layers):
            _LAYERS[type(layer)](axes, layer, place + 2)
        _span(axes, panel)
        _explain(axes, panel, frame)
    return figure


def write_print(drawn: Scene | Sheet, facts: dict[str, str], png: Path, svg: Path, width: int, height: int) -> None:
    """The diagram with heading, slice and caption as PNG and as SVG; neither holds a time stamp."""
    figure = draw(drawn, width, height)
    frames = [axes for axes in figure.axes if axes.get_label() != "bar"]
    for place, (axes, (panel, _)) in enumerate(zip(frames, panels(drawn, width, height), strict=True)):
        words = panel if isinstance(drawn, Scene) else dataclasses.replace(panel, title="", subtitle=panel.title)
        rise = _heading(axes, words)
        if place == 0 and isinstance(drawn, Sheet):
            _title(axes, drawn, rise + (20 if panel.title else 0))
    _caption(figure, frames, drawn.notes, facts)
    plain = {name: value for name, value in facts.items() if value}
    about = {
        "Title": facts["Title"],
        "Description": "\n".join(f"{name}: {value}" for name, value in plain.items()),
        "Date": None,
    }
    # `tight` would find what the figure takes with all its texts for each of the files.
    extent = figure.get_tightbbox(figure.canvas.get_renderer()).padded(0.15)
    shared = {"bbox_inches": extent, "facecolor": "white"}
    with matplotlib.rc_context({"svg.hashsalt": "tls-atlas", "svg.fonttype": "path"}):
        with replacing(png) as temporary:
            figure.savefig(temporary, format="png", dpi=RESOLUTION, metadata=plain | {"Software": None}, **shared)
        with replacing(svg) as temporary:
            figure.savefig(temporary, format="svg", metadata=about, **shared)


def _mesh(axes: Axes, mesh: Mesh, order: int) -> None:
    colours = ListedColormap(list(mesh.colours)).with_extremes(bad=(0, 0, 0, 0))
    lower, upper = mesh.limits
    # Cells get an outline of their own colour: without it the page shows through between them.
    drawn = axes.pcolormesh(
        mesh.x_edges, mesh.y_edges, mesh.values, cmap=colours, vmin=lower, vmax=upper, edgecolor="face", linewidth=0.5
    )
    drawn.set_zorder(order)
    # In SVG, too, so many cells are pixels.
    drawn.set_rasterized(mesh.values.size > MOST_VECTORS)
    if mesh.bar:
        left, below, width, height = axes.get_position().bounds
        beside = axes.figure.add_axes((left + width + 0.02, below, 0.03, height), label="bar")
        bar = axes.figure.colorbar(drawn, cax=beside, extend=mesh.extend)
        bar.set_ticks([value for value, _ in mesh.bar_ticks], labels=[text for _, text in mesh.bar_ticks])
        bar.ax.tick_params(labelsize=FONTS["ticks"])
        bar.ax.minorticks_off()
        bar.set_label(mesh.bar, fontsize=FONTS["labels"], labelpad=10)


def _line(axes: Axes, line: Line, order: int) -> None:
    style = {"color": line.colour, "linewidth": line.width, "linestyle": line.dash, "alpha": line.opacity}
    axes.plot(line.x, line.y, label=line.label or None, zorder=order, **style)


def _points(axes: Axes, points: Points, order: int) -> None:
    # Matplotlib wants the area in square points; a pixel of the scene is 1/100 inch.
    style = {"s": (0.72 * points.size) ** 2, "edgecolors": points.edge, "marker": points.marker}
    drawn = axes.scatter(points.x, points.y, color=points.colour, label=points.label or None, zorder=order, **style)
    if points.hatch:
        drawn.set_hatch(HATCHES[points.hatch])


def _band(axes: Axes, band: Band, order: int) -> None:
    axes.fill_between(band.x, band.lower, band.upper, color=band.colour, alpha=band.opacity, linewidth=0, zorder=order)


def _mark(axes: Axes, mark: Mark, order: int) -> None:
    axes.axvline(mark.x, color=GREY, linewidth=1.0, zorder=order)


_LAYERS = {Mesh: _mesh, Line: _line, Points: _points, Band: _band, Mark: _mark}


def _span(axes: Axes, scene: Scene) -> None:
    """Scales, ranges, ticks and labels."""
    axes.set(xscale=scene.x.scale, yscale=scene.y.scale)
    axes.set(xlim=(scene.x.lower, scene.x.upper), ylim=(scene.y.lower, scene.y.upper))
    for axis, own in ((axes.xaxis, scene.x), (axes.yaxis, scene.y)):
        axis.set_ticks(own.ticks, labels=own.names or list(map(_tick, own.ticks)))
        axis.set_minor_formatter(NullFormatter())
        axis.set_label_text(own.label, fontsize=FONTS["labels"])
    axes.tick_params(labelsize=FONTS["ticks"])
    for spine in axes.spines.values():
        spine.set_zorder(100)


def _tick(value: float) -> str:
    """A number as a formula only if it is one: formulas take most of the time."""
    text = number(value)
    return f"${text}$" if set(text) & set("\\^-") else text


def _explain(axes: Axes, scene: Scene, frame: Frame) -> None:
    """The legend right of the frame or below it, whatever its texts."""
    handles, labels = axes.get_legend_handles_labels()
    if not handles:
        return
    style = {"frameon": False, "fontsize": 12, "handlelength": 2.2, "labelspacing": 0.65, "borderaxespad": 0.0}
    if scene.legend == "right":
        axes.legend(handles, labels, loc="upper left", bbox_to_anchor=(1.03, 1.0), **style)
    else:
        columns = max(1, 72 // (max(len(unicode_text(label)) for label in labels) + 7))
        below = -52 / (72 * frame[3] * axes.figure.get_figheight())
        axes.legend(handles, labels, loc="upper left", bbox_to_anchor=(0.0, below), ncols=columns, **style)


def _heading(axes: Axes, scene: Scene) -> float:
    """Write what stands above a frame; how high it reaches, in points."""
    placed = {"textcoords": "offset points", "va": "bottom", "annotation_clip": False}
    texts = mark_texts(scene)
    for place, text in texts:
        axes.annotate(text, (place, 1), (0, 4), xycoords=("data", "axes fraction"), ha="center", fontsize=13, **placed)
    rise = 30 if texts else 9
    _title(axes, scene, rise)
    return rise


def _title(axes: Axes, scene: Scene | Sheet, rise: float) -> None:
    """The subtitle so many points above a frame, and the title above it."""
    placed = {"textcoords": "offset points", "va": "bottom", "annotation_clip": False, "xycoords": "axes fraction"}
    axes.annotate(scene.subtitle, (0, 1), (0, rise), fontsize=13, color="#333333", **placed)
    rise += 16 * scene.subtitle.count("\n")
    # A title wider than the figure would shrink everything else.
    size = min(17.0, 17.0 * 8 * axes.figure.get_figwidth() / max(1, len(unicode_text(scene.title))))
    axes.annotate(scene.title, (0, 1), (0, rise + 23), fontsize=size, fontweight="bold", **placed)


def _caption(figure: Figure, frames: list[Axes], notes: tuple[str, ...], facts: dict[str, str]) -> None:
    """Notes and origin below the axis labels and the legends of all frames."""
    renderer = figure.canvas.get_renderer()
    parts = [part for axes in frames for part in (axes, axes.get_legend()) if part]
    lowest = min(part.get_tightbbox(renderer).y0 for part in parts) / figure.bbox.height
    written = [unicode_text(note).replace("$", r"\$") for note in notes]
    lines = [line for text in (*written, caption(facts)) for line in textwrap.wrap(text, CAPTION_WIDTH)]
    style = {"va": "top", "ha": "left", "fontsize": 8, "color": GREY, "linespacing": 1.5}
    figure.text(FRAME[0], lowest - 0.02, "\n".join(lines), **style)
